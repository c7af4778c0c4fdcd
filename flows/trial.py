"""Try new values on the rules before anybody writes them: what would each break, and what could not be judged?

A value counts for what it breaks in its own cell, and for what its account breaks elsewhere only because of it. A rule that lacks an
input is no pass and no bar: it is told with the proposal. What the input would be is one more witness, and without it a value rests
on those that its class asks for anyway; to wait for every input would let a site without a carrier write nothing that two
registers agree on. Where a rule is what such a witness rests on (`GUARDS`), it needs no input and no setting switches it off.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pyarrow as pa

from core.model import Operation
from flows.book import Book, Candidate
from matchers import rules
from matchers.archive import FLAT_FIELDS, Archive
from matchers.checks import registry
from matchers.columns import MISSING
from matchers.rules import Breakages, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What the rules say of a candidate's value: which it breaks, and which could not be evaluated for want of an input."""

    breaks: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()


def tried(book: Book, found: Sequence[Candidate]) -> list[Tried]:
    """For each candidate what the rules say if all candidates were written; the same candidates are tried once."""
    these = tuple(
        (c.row, c.contact, c.draft.field, c.draft.operation, c.draft.after, *c.draft.row.items()) for c in found
    )
    known = book.materials.memory.get(these)
    if known is None:
        known = book.materials.memory[these] = _tried(book, found)
    return cast("list[Tried]", known)


def _tried(book: Book, found: Sequence[Candidate]) -> list[Tried]:
    m = book.materials
    accounts, contacts, contact_row = _written(book, found)
    archive = Archive.from_tables(accounts, contacts, m.archive.as_of, m.archive.extra)
    later = rules.evaluate(archive, _guarded(m.rules), m.reference)
    rows = _rows(book, found)
    hits: dict[Cell, set[str]] = {}
    failed: dict[int, set[str]] = {}  # account row → rules that failed on it
    for index, cell, rule in _breakages(later, rows):
        if rule is rules.UNEVALUATED:
            failed.setdefault(cell[0], set()).add(str(later.one(index).params["rule"]))
        elif _counts(rule):
            hits.setdefault(cell, set()).add(rule.code)
    before = {(cell, rule.code) for _, cell, rule in _breakages(m.breakages, rows)}
    fresh = [(cell, code) for cell, codes in hits.items() for code in codes if (cell, code) not in before]
    of = {rule.code: rule for rule in later.rules if _counts(rule)}
    blamed = _blamed(rows, found, fresh, of)
    return [
        Tried()
        if c.draft.after is None
        else Tried(
            breaks=tuple(
                sorted(_hit(book, c, contact_row.get(i, MISSING), hits) | blamed[i] | _failed_on(book, c, failed, of))
            ),
            unjudged=tuple(code for code in sorted(later.not_evaluated) if code in of and _reads(of[code], c)),
        )
        for i, c in enumerate(found)
    ]


GUARDS = {"AD10": "address.several_accounts", "AD19": "address.urban_or_rural"}
"""Checks on which the gate rests whatever a site makes of their rules, with the codes under which they are told.

The quarter ledger's word on a new address rests on nobody else's account being there, and the statistics are the first authority of
the flag that a survey alone may set.
"""

Cell = tuple[int, int, str]
"""Account row, contact row (−1: of the account) and field."""


def _guarded(configured: Sequence[Rule]) -> tuple[Rule, ...]:
    there = {rule.check.name for rule in configured}
    lacking = {code: name for code, name in GUARDS.items() if name not in there}
    guards = (replace(rules.UNEVALUATED, code=code, check=registry()[name]) for code, name in lacking.items())
    return (*configured, *guards)


def _counts(rule: Rule) -> bool:
    return rule.severity != "S4" or rule.check.name in GUARDS.values()


def _rows(book: Book, found: Sequence[Candidate]) -> dict[int, list[int]]:
    """Account row → the candidates that concern it."""
    rows: dict[int, list[int]] = {}
    for place, c in enumerate(found):
        for row in book.concerned(c) if c.draft.after is not None else ():
            rows.setdefault(row, []).append(place)
    return rows


def _breakages(found: Breakages, rows: Collection[int]) -> Iterator[tuple[int, Cell, Rule]]:
    """The breakages of these accounts: number, place and rule."""
    chosen = np.flatnonzero(np.isin(found.row, list(rows)))
    columns = (column[chosen].tolist() for column in (found.rule, found.row, found.contact, found.field))
    for index, rule, row, contact, name in zip(chosen.tolist(), *columns, strict=True):
        yield index, (row, contact, found.fields[name]), found.rules[rule]


def _blamed(
    rows: Mapping[int, Sequence[int]],
    found: Sequence[Candidate],
    fresh: Iterable[tuple[Cell, str]],
    of: Mapping[str, Rule],
) -> dict[int, set[str]]:
    """Candidate → the rules that its account breaks only with the new values, wherever: those that read its field.

    Where no new value is of a field that the rule reads, all of the account's are blamed. What carriers answered is no rule on
    another cell: which of the three factors an answer refutes is weighed as evidence (matchers.gate). Nor is a light finding on a
    position, which has no cell: an offset of a kilometre is the coordinate system's, not the address's.
    """
    blamed: dict[int, set[str]] = {place: set() for place in range(len(found))}
    for (row, _, name), code in fresh:
        rule = of[code]
        of_a_position = name in FLAT_FIELDS and rule.severity not in ("S1", "S2")
        if not of_a_position and "verdicts" not in (*rule.needs, *rule.check.extra):
            readers = [i for i in rows[row] if found[i].draft.field == name or _reads(rule, found[i])]
            for place in readers or rows[row]:
                blamed[place].add(code)
    return blamed


def _hit(book: Book, c: Candidate, contact: int, hits: Mapping[Cell, set[str]]) -> set[str]:
    """The rules that the candidate's cells break on any account that it concerns: of a new row all that it holds."""
    names = {c.draft.field, *c.draft.row} if c.draft.operation is Operation.ADD else {c.draft.field}
    return {code for row in book.concerned(c) for name in names for code in hits.get((row, contact, name), ())}


def _failed_on(book: Book, c: Candidate, failed: Mapping[int, set[str]], of: Mapping[str, Rule]) -> set[str]:
    """The rules about the candidate's field whose check stumbled over one of its accounts: that is no pass."""
    return {code for row in book.concerned(c) for code in failed.get(row, ()) if code in of and _reads(of[code], c)}


def _reads(rule: Rule, candidate: Candidate) -> bool:
    return candidate.draft.field in (rule.field, *rule.check.fields)


def _written(book: Book, found: Sequence[Candidate]) -> tuple[pa.Table, pa.Table, dict[int, int]]:
    """The archive's tables with every candidate's value in its place, and the contact row of each candidate.

    Only columns in which something changes are copied.
    """
    accounts: dict[str, dict[int, str]] = {}
    contacts: dict[str, dict[int, str]] = {}
    added: list[dict[str, str]] = []
    contact_row: dict[int, int] = {}
    here = book.materials.current
    for index, c in enumerate(found):
        d = c.draft
        if d.after is None:
            continue
        if d.operation is Operation.ADD:
            contact_row[index] = here.contacts.num_rows + len(added)
            added.append({**d.row, "cons_no": d.key})
        elif c.contact is not None:
            contact_row[index] = c.contact
            contacts.setdefault(d.field, {})[c.contact] = d.after
        else:
            accounts.setdefault(d.field, {}).update(dict.fromkeys(book.concerned(c), d.after))
    lists = _laid(here.contacts, contacts)
    fresh = {name: pa.array([row.get(name) or None for row in added], pa.string()) for name in lists.column_names}
    return _laid(here.accounts, accounts), pa.concat_tables([lists, pa.table(fresh)]), contact_row


def _laid(table: pa.Table, cells: Mapping[str, Mapping[int, str]]) -> pa.Table:
    """The table with these cells: column → row → value; a column that the export lacks is made."""
    for name, values in cells.items():
        there = name in table.column_names
        column: list[str | None] = table[name].to_pylist() if there else [None] * table.num_rows
        for row, value in values.items():
            column[row] = value
        told = pa.array(column, pa.string())
        table = (
            table.set_column(table.column_names.index(name), name, told) if there else table.append_column(name, told)
        )
    return table.cast(pa.schema([(name, pa.string()) for name in table.column_names]))
