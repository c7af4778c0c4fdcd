"""Try new values on the rules before anybody writes them: what would each break, and what could not be judged?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pyarrow as pa

from core.model import Operation
from flows.book import Book, Candidate
from matchers import rules
from matchers.archive import Archive
from matchers.columns import MISSING
from matchers.rules import Rule


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
    later = rules.evaluate(
        Archive.from_tables(accounts, contacts, m.archive.as_of, m.archive.extra), m.rules, m.reference
    )
    hits: dict[tuple[int, int, str], set[str]] = {}
    failed: dict[int, set[str]] = {}  # account row → rules that failed on it
    for index in range(len(later)):
        one = later.one(index)
        if one.rule is rules.UNEVALUATED:
            failed.setdefault(one.row, set()).add(str(one.params["rule"]))
        elif one.rule.severity != "S4":
            cell = (one.row, MISSING if one.contact is None else one.contact, one.field)
            hits.setdefault(cell, set()).add(one.rule.code)
    of = {rule.code: rule for rule in m.rules if rule.severity != "S4"}
    return [
        Tried()
        if c.draft.after is None
        else Tried(
            breaks=tuple(sorted(_hit(book, c, contact_row.get(i, MISSING), hits) | _failed_on(book, c, failed, of))),
            unjudged=tuple(code for code in sorted(later.not_evaluated) if code in of and _reads(of[code], c)),
        )
        for i, c in enumerate(found)
    ]


def _hit(book: Book, c: Candidate, contact: int, hits: Mapping[tuple[int, int, str], set[str]]) -> set[str]:
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
