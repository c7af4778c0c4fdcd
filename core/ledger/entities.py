"""What matters are about, how their cells changed, and the organisations they belong to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from core.ledger import tables as t
from core.ledger.store import Ledger, Transaction, chunks
from core.model import Kind

# built once: a night asks it for every proposal and item
_FIND = sa.select(t.entity.c.id, t.entity.c.org).where(
    t.entity.c.kind == sa.bindparam("kind"), t.entity.c.key == sa.bindparam("key")
)


def ensure(tx: Transaction, kind: Kind, key: str, org: str = "", parent: int | None = None) -> int:
    """The entity's id; made when it has none yet. A new organisation (a station was moved) is taken over."""
    found = tx.connection.execute(_FIND, {"kind": kind, "key": key}).first()
    if found is None:
        return tx.insert(t.entity, kind=kind, key=key, org=org, parent_id=parent)
    if org and found.org != org:
        tx.update(t.entity.update().where(t.entity.c.id == found.id).values(org=org))
    return int(found.id)


Place = tuple[Kind, str]
"""Kind and key: what an entity is to others."""


def known(tx: Transaction, places: Iterable[Place]) -> dict[Place, tuple[int, str]]:
    """The ids and organisations of those entities that the ledger has."""
    keys: dict[Kind, list[str]] = {}
    for kind, key in dict.fromkeys(places):
        keys.setdefault(kind, []).append(key)
    e, found = t.entity.c, dict[Place, tuple[int, str]]()
    for kind, some in ((kind, some) for kind, every in keys.items() for some in chunks(every)):
        rows = tx.connection.execute(sa.select(e.key, e.id, e.org).where(e.kind == kind, e.key.in_(some)))
        found |= {(kind, key): (number, org) for key, number, org in rows}
    return found


def ensure_all(tx: Transaction, orgs: Mapping[Place, str], there: Mapping[Place, tuple[int, str]]) -> dict[Place, int]:
    """The ids of many entities, made and moved to their organisations as `ensure` does; `there` are those that are `known`."""
    lacking = [place for place in orgs if place not in there]
    tx.insert_all(t.entity, [{"kind": str(kind), "key": key, "org": orgs[kind, key]} for kind, key in lacking])
    for place, org in orgs.items():
        if org and place in there and there[place][1] != org:
            tx.update(t.entity.update().where(t.entity.c.id == there[place][0]).values(org=org))
    return {place: number for place, (number, _) in {**there, **known(tx, lacking)}.items()}


def children(tx: Transaction, kind: Kind, key: str) -> list[str]:
    """The keys of the accounts that hang on a customer."""
    parent = sa.select(t.entity.c.id).where(t.entity.c.kind == kind, t.entity.c.key == key).scalar_subquery()
    query = sa.select(t.entity.c.key).where(t.entity.c.parent_id == parent, t.entity.c.kind == Kind.ACCOUNT)
    return [r.key for r in tx.rows(query.order_by(t.entity.c.key))]


def parent(tx: Transaction, kind: Kind, key: str) -> str | None:
    """The key of what an entity hangs on: an account's customer."""
    mine = sa.select(t.entity.c.parent_id).where(t.entity.c.kind == kind, t.entity.c.key == key).scalar_subquery()
    value = tx.scalar(sa.select(t.entity.c.key).where(t.entity.c.id == mine))
    return None if value is None else str(value)


def families(tx: Transaction) -> dict[str, tuple[str, ...]]:
    """Customer → the accounts that hang on him, for all customers that the ledger knows."""
    child = t.entity.alias("child")
    query = (
        sa.select(t.entity.c.key, child.c.key.label("account"))
        .join(child, child.c.parent_id == t.entity.c.id)
        .where(t.entity.c.kind == Kind.CUSTOMER, child.c.kind == Kind.ACCOUNT)
        .order_by(t.entity.c.key, child.c.key)
    )
    found: dict[str, list[str]] = {}
    for r in tx.rows(query):
        found.setdefault(r.key, []).append(r.account)
    return {customer: tuple(accounts) for customer, accounts in found.items()}


def adopt(tx: Transaction, customer: str, accounts: Iterable[str], org: str) -> None:
    """Record which accounts hang on a customer."""
    parent = ensure(tx, Kind.CUSTOMER, customer, org)
    for key in accounts:
        child = ensure(tx, Kind.ACCOUNT, key, org)
        tx.update(t.entity.update().where(t.entity.c.id == child).values(parent_id=parent))


@dataclass(frozen=True, slots=True)
class Organisation:
    """A unit of the company; `level` is province, city, county or station."""

    code: str
    name: str
    level: str
    parent: str | None


LEVELS = ("province", "city", "county", "station")


@dataclass(frozen=True)
class Organisations:
    """The tree of units."""

    units: Mapping[str, Organisation]

    def above(self, code: str) -> tuple[str, ...]:
        """The unit and all above it, nearest first; empty for an unknown code."""
        chain: list[str] = []
        while code in self.units and code not in chain:
            chain.append(code)
            code = self.units[code].parent or ""
        return tuple(chain)


def organisations(ledger: Ledger) -> Organisations:
    """All units that are in the ledger."""
    with ledger.begin() as tx:
        rows = tx.rows(sa.select(t.organisation).order_by(t.organisation.c.code))
    return Organisations({r.code: Organisation(r.code, r.name, r.level, r.parent) for r in rows})


def import_organisations(tx: Transaction, rows: Iterable[Organisation]) -> dict[str, int]:
    """Add and change units; answers how many were added and changed."""
    return _upsert(
        tx,
        t.organisation,
        ("code",),
        [{"code": r.code, "name": r.name, "level": r.level, "parent": r.parent} for r in rows],
    )


def import_codes(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Add and change the legacy system's code values (keys code_table, code, label, ours)."""
    return _upsert(tx, t.code_value, ("code_table", "code"), rows)


def import_numbers(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Add changes of account numbers (keys old, new, changed)."""
    return _upsert(tx, t.number_change, ("old", "new"), rows)


def _upsert(tx: Transaction, table: sa.Table, keys: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    counts = {"added": 0, "changed": 0}
    for row in rows:
        where = sa.and_(*(table.c[key] == row[key] for key in keys))
        old = tx.one(sa.select(*(table.c[name] for name in row)).where(where))
        if old is None:
            tx.insert(table, **row)
            counts["added"] += 1
        elif tuple(old) != tuple(row.values()):
            tx.update(table.update().where(where).values(**row))
            counts["changed"] += 1
    return counts


def numbers(tx: Transaction, number: str) -> tuple[str, ...]:
    """The account number with all older and newer ones that the number map knows."""
    found, todo = {number}, [number]
    while todo:
        this = todo.pop()
        changed = sa.or_(t.number_change.c.old == this, t.number_change.c.new == this)
        for row in tx.rows(sa.select(t.number_change).where(changed)):
            todo += [other for other in (row.old, row.new) if other not in found]
            found |= {row.old, row.new}
    return tuple(sorted(found))


# -- cells


def written(tx: Transaction, kind: Kind, key: str, org: str, field: str, value: Any, day: date, step: int) -> None:
    """Our own verified write: until an export shows it, this is what the archive holds.

    The last day on which somebody else had changed the cell is kept beside it.
    """
    entity = ensure(tx, kind, key, org)
    found = tx.one(sa.select(t.cell).where(t.cell.c.entity_id == entity, t.cell.c.field == field))
    theirs = None if found is None else found.changed_from if found.by == "hedang" else found.changed_to
    row = {"changed_from": theirs, "changed_to": day.isoformat(), "by": "hedang", "value": value, "step_id": step}
    _cell(tx, entity, field, row | {"value_hash": tx.ledger.keys.digest(value)})


def unwritten(tx: Transaction, step: int) -> None:
    """Take back what a step wrote, since it is in doubt: what the archive holds there is not known; when somebody else changed it is."""
    ours = t.cell.c.step_id == step
    theirs = {"changed_to": t.cell.c.changed_from, "changed_from": None, "by": "snapshot"}
    gone = {"value": None, "value_hash": None, "step_id": None}
    tx.update(t.cell.update().where(ours, t.cell.c.changed_from.is_not(None)).values(**theirs, **gone))
    tx.connection.execute(t.cell.delete().where(ours))


def seen(tx: Transaction, kind: Kind, key: str, field: str, value: Any, since: date, day: date) -> None:
    """What a screen shows and the export of `since` does not: until an export shows more, this is what the archive holds."""
    entity = ensure(tx, kind, key)
    row = {
        "changed_from": since.isoformat(),
        "changed_to": day.isoformat(),
        "by": "screen",
        "value": value,
        "step_id": None,
    }
    _cell(tx, entity, field, row | {"value_hash": tx.ledger.keys.digest(value)})


def changed(tx: Transaction, rows: Iterable[tuple[Kind, str, str, str, str | None]], since: date, until: date) -> int:
    """Differences between two exports: (kind, key, org, field, value) changed after `since` and not after `until`.

    A difference that is nothing but our own write coming back, or what a screen showed before, leaves the cell as it is, and so does an export that was
    drawn before our write, or before a change that is known already.
    """
    count = 0
    for kind, key, org, field, value in rows:
        entity, digest = ensure(tx, kind, key, org), tx.ledger.keys.digest(value)
        last = tx.one(
            sa.select(t.cell.c.value_hash, t.cell.c.changed_to, t.cell.c.by).where(
                t.cell.c.entity_id == entity, t.cell.c.field == field
            )
        )
        known = last is not None and last.by != "snapshot" and last.value_hash == digest
        if known or (last is not None and last.changed_to >= until.isoformat()):
            continue
        stay = {
            "changed_from": since.isoformat(),
            "changed_to": until.isoformat(),
            "by": "snapshot",
            "value": None,
            "step_id": None,
        }
        _cell(tx, entity, field, stay | {"value_hash": digest})
        count += 1
    return count


def _cell(tx: Transaction, entity: int, field: str, row: Mapping[str, Any]) -> None:
    where = (t.cell.c.entity_id == entity) & (t.cell.c.field == field)
    if not tx.update(t.cell.update().where(where).values(**row)):
        tx.insert(t.cell, entity_id=entity, field=field, **row)


@dataclass(frozen=True, slots=True)
class Written:
    """A cell that we wrote, or saw on its screen, and that no export shows yet."""

    kind: Kind
    key: str
    field: str
    value: Any
    day: date


def overlay(tx: Transaction, as_of: date) -> list[Written]:
    """Our verified writes and what screens showed, as far as the export of `as_of` may not show it: its own day's may have come after it."""
    rows = tx.rows(
        sa.select(t.entity.c.kind, t.entity.c.key, t.cell.c.field, t.cell.c.value, t.cell.c.changed_to)
        .join(t.entity)
        .where(t.cell.c.by != "snapshot", t.cell.c.changed_to >= as_of.isoformat())
        .order_by(t.cell.c.id)
    )
    return [Written(Kind(r.kind), r.key, r.field, r.value, date.fromisoformat(r.changed_to)) for r in rows]


def touched(tx: Transaction) -> tuple[int, int, int]:
    """How many cells are known to have changed, the sum of our steps' numbers, which grows with every write of ours, and how many
    cells were seen on a screen."""
    screens = sa.func.count().filter(t.cell.c.by == "screen")
    row = tx.one(sa.select(sa.func.count(), sa.func.sum(t.cell.c.step_id), screens).select_from(t.cell))
    return (0, 0, 0) if row is None else (int(row[0]), int(row[1] or 0), int(row[2]))


@dataclass(frozen=True, slots=True)
class Changed:
    """When a cell last changed: the last day on which it may have happened, and whether it was us."""

    day: date
    ours: bool
    theirs: date | None = None  # when somebody else last changed it; None where nobody is known to have


def last_changes(tx: Transaction) -> dict[tuple[Kind, str, str], Changed]:
    """The last change of every cell that is known to have changed."""
    columns = (t.entity.c.kind, t.entity.c.key, *(t.cell.c[n] for n in ("field", "changed_from", "changed_to", "by")))
    rows = tx.rows(sa.select(*columns).join(t.entity))
    return {(Kind(r.kind), r.key, r.field): _changed(r) for r in rows}


def _changed(r: Any) -> Changed:
    ours, day = r.by == "hedang", date.fromisoformat(r.changed_to)
    before = date.fromisoformat(r.changed_from) if r.changed_from else None
    return Changed(day, ours, before if ours else day)
