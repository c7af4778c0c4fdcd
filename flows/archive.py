"""What the archive holds now: the newest export, with our own verified writes since laid over it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import MissingPart
from core.ledger import Ledger, batches, entities
from core.ledger.batches import Batch
from core.ledger.entities import Organisations, Written
from core.model import Kind
from core.reference import County, Reference
from core.words import Words
from matchers.archive import Archive
from matchers.columns import differing

CUSTOMER_FIELDS = ("cons_name", "cert_type_code", "cert_no", "cert_valid_to")
"""Fields that hang on the customer: one save changes all of his accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """Two tables of texts: one row per account, one row per contact; `exported` is the export's day."""

    accounts: pa.Table
    contacts: pa.Table
    exported: date
    batch: Batch
    contacts_batch: Batch


def current(ledger: Ledger) -> Current:
    """The archive as far as we know it.

    Raises MissingPart when no export has been pulled yet.
    """
    accounts, contacts = _newest(ledger, "accounts"), _newest(ledger, "contacts")
    exported = accounts.as_of or contacts.as_of
    if exported is None:
        raise MissingPart(
            Words(
                "档案导出没有说明日期；其数据源须配置 `as_of`",
                "the archive export says nothing of its day; its source needs `as_of`",
            )
        )
    with ledger.begin() as tx:
        written = entities.overlay(tx, exported)
    one, many = _compact(batches.read(ledger, accounts)), batches.read(ledger, contacts)
    return Current(
        accounts=_lay_cells(one, written),
        contacts=_lay_rows(many, written),
        exported=exported,
        batch=accounts,
        contacts_batch=contacts,
    )


def state(ledger: Ledger) -> tuple[int, ...]:
    """A mark that moves whenever something is delivered or written; equal marks mean the same archive."""
    with ledger.begin() as tx:
        return (batches.newest(tx), *entities.touched(tx))


def _compact(table: pa.Table) -> pa.Table:
    """The table with each column of few distinct texts as a dictionary: two thirds of an export's columns are codes and flags."""
    for place, name in enumerate(table.column_names):
        column = table[name]
        if len(column) >= SAMPLE and pc.count_distinct(column.slice(0, SAMPLE)).as_py() * FEW < SAMPLE:
            table = table.set_column(place, name, column.dictionary_encode())
    return table


SAMPLE, FEW = 10_000, 8
"""A column has few texts when of so many rows less than an eighth differ."""


def _newest(ledger: Ledger, rows_of: str) -> Batch:
    kept = batches.of_kind(ledger, "archive", rows_of)
    found = [batch for batch in kept if batch.rows]
    if kept and not found:
        raise MissingPart(
            Words(
                f"{kept[-1].name}：档案导出（{rows_of}）里没有一行可用；更正后再执行 `run.py pull`",
                f"{kept[-1].name}: no row of the archive export ({rows_of}) can be used; put it right and run `run.py pull` again",
            )
        )
    if not found:
        raise MissingPart(
            Words(
                f"还没有拉取过档案导出（{rows_of}）；把它放进投递目录，再执行 `run.py pull`",
                f"no archive export ({rows_of}) has been pulled yet; run `run.py pull` with one in the drop folder",
            )
        )
    return found[-1]


def _lay_cells(accounts: pa.Table, written: Iterable[Written]) -> pa.Table:
    """Our verified cells over the accounts; a customer's cell lies on all of his accounts."""
    by_field: dict[str, dict[tuple[str, str], str]] = {}
    for w in written:
        if w.kind in (Kind.ACCOUNT, Kind.CUSTOMER) and w.field in accounts.column_names:
            key = "cust_no" if w.kind is Kind.CUSTOMER else "cons_no"
            by_field.setdefault(w.field, {})[key, w.key] = w.value
    for field, values in by_field.items():
        old = accounts[field].to_pylist()
        for key in {key for key, _ in values}:
            old = [values.get((key, whose), v) for whose, v in zip(_texts(accounts, key), old, strict=True)]
        accounts = accounts.set_column(accounts.column_names.index(field), field, pa.array(old, pa.string()))
    return accounts


def _lay_rows(contacts: pa.Table, written: Iterable[Written]) -> pa.Table:
    """The contact lists that we wrote take the place of the exported ones."""
    lists = {w.key: w.value for w in written if w.kind is Kind.CONTACTS}
    if not lists:
        return contacts
    kept = contacts.filter(pc.invert(pc.is_in(contacts["cons_no"], pa.array(list(lists), pa.string()))))
    fresh = [{"cons_no": key, **row} for key, rows in lists.items() for row in rows]
    columns = {name: pa.array([row.get(name) or None for row in fresh], pa.string()) for name in contacts.column_names}
    return pa.concat_tables([kept, pa.table(columns)])


def numbers(now: Current) -> dict[str, str]:
    """Old and new account numbers → the number that the archive has now; `SEVERAL` for one that is, or was, several accounts'.

    A number that was given to another account once more says of no evidence whose it is.
    """
    accounts = [str(number) for number in now.accounts["cons_no"].to_pylist()]
    found = {number: number for number in accounts}
    if "orgn_cons_no" not in now.accounts.column_names:
        return found
    for old, new in zip(now.accounts["orgn_cons_no"].to_pylist(), accounts, strict=True):
        if old and found.setdefault(old, new) != new:
            found[old] = SEVERAL
    return found


SEVERAL = ""
"""Stands for the account of a number that does not tell which."""


def reused(view: Archive) -> frozenset[str]:
    """The account numbers that were another account's before: what other systems say of one may be about either."""
    own, former = view.keys, view.column("orgn_cons_no")
    others = former.take(np.flatnonzero(differing(own, former)))
    before = frozenset(others.values[np.unique(others.codes)].tolist())
    return frozenset(text for text in own.values if text in before) if before else frozenset()


def cities(orgs: Organisations, reference: Reference) -> dict[str, str]:
    """The city of every unit, read off its city company's name; a unit whose company names no city is left out."""
    names = {county.city for county in reference.counties.values()}
    found: dict[str, str] = {}
    for code in orgs.units:
        company = next((orgs.units[above] for above in orgs.above(code) if orgs.units[above].level == "city"), None)
        city = next((name for name in names if company is not None and name.removesuffix("市") in company.name), None)
        if city is not None:
            found[code] = city
    return found


def counties(orgs: Organisations, reference: Reference) -> dict[str, frozenset[str]]:
    """The county codes that every unit serves, read off the nearest name above it that names a county of its city.

    A unit of which no name names a county is left out. Only a county's full name counts, or its stem after the city's name.
    """
    found: dict[str, frozenset[str]] = {}
    for unit, city in cities(orgs, reference).items():
        here = [county for county in reference.counties.values() if county.city == city]
        named = (_named(orgs.units[above].name, city, here) for above in orgs.above(unit))
        codes = next((codes for codes in named if codes), None)
        if codes:
            found[unit] = codes
    return found


def _named(company: str, city: str, counties: Sequence[County]) -> frozenset[str]:
    whole = frozenset(county.code for county in counties if county.name in company)
    if whole:
        return whole
    rest = company.replace(city, "").replace(city.removesuffix("市"), "")
    stems = {county.code: county.name[:-1] for county in counties}
    return frozenset(code for code, stem in stems.items() if len(stem) >= SHORTEST_STEM and stem in rest)


SHORTEST_STEM = 2


def differences(ledger: Ledger) -> int:
    """Record which cells and contact lists changed up to each export that nobody has compared yet; answers how many.

    Several may have come at once after nights without any, and one may have been kept by a pull that was killed: each is compared
    with the one before it, once, and its changes and that it was compared are on disk together. Evidence older than a cell's last
    change does not count.
    """
    count = 0
    for rows_of, compare in (("accounts", _changed_cells), ("contacts", _changed_lists)):
        found = [batch for batch in batches.of_kind(ledger, "archive", rows_of) if batch.rows and batch.as_of]
        for before, after in pairwise(found):
            since, until = before.as_of, after.as_of
            assert since is not None
            assert until is not None
            if not after.compared:
                old, new = batches.read(ledger, before), batches.read(ledger, after)
                with ledger.begin() as tx:
                    count += entities.changed(tx, compare(old, new), since, until)
                    batches.compared(tx, after)
    return count


def _changed_lists(old: pa.Table, new: pa.Table) -> Iterator[tuple[Kind, str, str, str, str | None]]:
    """Contact lists that differ as sets of rows: (kind, account, "", "rows", the new list)."""
    then, now = _lists(old), _lists(new)
    for account in then.keys() | now.keys():
        if then.get(account) != now.get(account):
            yield Kind.CONTACTS, account, "", "rows", repr(now.get(account, []))


def _lists(contacts: pa.Table) -> dict[str, list[tuple[tuple[str, str], ...]]]:
    found: dict[str, list[tuple[tuple[str, str], ...]]] = {}
    for row in contacts.to_pylist():
        cells = sorted((name, value) for name, value in row.items() if name != "cons_no" and value)
        found.setdefault(row["cons_no"] or "", []).append(tuple(cells))
    return {account: sorted(rows) for account, rows in found.items()}


def _changed_cells(old: pa.Table, new: pa.Table) -> Iterator[tuple[Kind, str, str, str, str | None]]:
    """Cells of accounts in both exports that differ: (kind, key, organisation, field, new value)."""
    place = {key: row for row, key in enumerate(_texts(old, "cons_no"))}
    keys, customers, orgs = (_texts(new, name) for name in ("cons_no", "cust_no", "org_no"))
    for field in new.column_names:
        if field not in old.column_names or field == "update_time":
            continue
        then, now = _texts(old, field), _texts(new, field)
        for row, key in enumerate(keys):
            before = place.get(key)
            if before is not None and then[before] != now[row]:
                customer = field in CUSTOMER_FIELDS
                kind, whose = (Kind.CUSTOMER, customers[row]) if customer else (Kind.ACCOUNT, key)
                yield kind, whose, orgs[row], field, now[row] or None


def _texts(table: pa.Table, name: str) -> list[str]:
    return [str(value) if value is not None else "" for value in table[name].to_pylist()]
