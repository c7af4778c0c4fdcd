"""Findings and their life: opened and closed by the difference between nights."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa

from core import posix
from core.ledger import entities
from core.ledger import tables as t
from core.ledger.entities import Place
from core.ledger.store import Ledger, Transaction, chunks
from core.model import Class, Finding, Kind
from core.privacy import Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakage:
    """One breakage as a night's check saw it, before it is known whether it is new."""

    kind: Kind
    key: str
    org: str
    rule: str
    field: str
    value: str
    group: str
    severity: str
    cls: Class
    params: dict[str, Any]


class _Ready(NamedTuple):
    """A breakage as it will lie in the ledger: its value hashed, its parameters sealed."""

    kind: Kind
    key: str
    org: str
    rule: str
    field: str
    digest: str  # of the value
    group: str
    severity: str
    cls: str
    params: bytes

    @property
    def place(self) -> Place:
        return self.kind, self.key


def settle(
    ledger: Ledger, seen: Iterable[Breakage], day: date, rule_version: str, *, beside: bool = False
) -> dict[str, int]:
    """Open what is new, keep what is still there, reopen what came back, close what is gone; answers the counts.

    `seen` is walked once and in slices, so that a million breakages need not lie in memory; of equal ones the first counts.
    `beside`: the next slice is hashed and sealed by a copy of this process (`core.posix.ahead`) while one is written.
    """
    counts = {"opened": 0, "closed": 0, "open": 0}
    today = day.isoformat()
    with posix.ahead(_slices(seen, ledger.keys), worth=beside) as parts, ledger.begin() as tx:
        gone = set(tx.connection.execute(sa.select(t.finding.c.id).where(t.finding.c.closed.is_(None))).scalars())
        for part in parts:
            counts["opened"] += _settled(tx, part, gone, today, rule_version)
        _mark(tx, gone, closed=today)
        tx.update(t.finding.update().where(t.finding.c.closed.is_(None)).values(last_seen=today))
        open_now = sa.select(sa.func.count()).select_from(t.finding).where(t.finding.c.closed.is_(None))
        counts |= {"closed": len(gone), "open": int(tx.scalar(open_now))}
        if counts["opened"] or counts["closed"]:
            tx.trail("findings settled", f"date {today}", dict(counts))
    return counts


def _slices(seen: Iterable[Breakage], keys: Keys) -> Iterator[list[tuple[Any, ...]]]:
    """SLICE breakages at a time, as plain values, which travel fastest from one process to another."""
    left = iter(seen)
    while part := list(islice(left, SLICE)):
        yield [
            (b.kind, b.key, b.org, b.rule, b.field, keys.digest(b.value), b.group, b.severity, str(b.cls), t.Sealed.sealed(b.params))
            for b in part
        ]  # fmt: skip


SLICE = 5000
"""Breakages that are looked up at once: their keys fit into one statement of either database."""

_Identity = tuple[Place, str, str, str]
"""Kind and key, rule, field, and the hash of the value."""


def _settled(tx: Transaction, part: Sequence[tuple[Any, ...]], gone: set[int], today: str, rule_version: str) -> int:
    """Open and reopen a slice's findings and take those that are still there out of `gone`; answers how many were opened."""
    breakages = [_Ready(*one) for one in part]
    there = entities.known(tx, (b.place for b in breakages))
    old = _old(tx, there, {b.rule for b in breakages})
    fresh: dict[_Identity, _Ready] = {}
    back: set[int] = set()
    for b in breakages:
        identity = (b.place, b.rule, b.field, b.digest)
        found = old.get(identity)
        if found is None:
            fresh.setdefault(identity, b)
        elif found[1] is None:
            gone.discard(found[0])
        else:
            back.add(found[0])
    _mark(tx, back, closed=None)
    _open(tx, fresh, there, today, rule_version)
    return len(fresh) + len(back)


def _old(
    tx: Transaction, there: Mapping[Place, tuple[int, str]], rules: Collection[str]
) -> dict[_Identity, tuple[int, str | None]]:
    """The findings that these objects have by these rules: identity → id, and the day they were closed."""
    f, place_of = t.finding.c, {number: place for place, (number, _) in there.items()}
    query = sa.select(f.entity_id, f.rule, f.field, f.value_hash, f.id, f.closed).where(f.rule.in_(rules))
    found: dict[_Identity, tuple[int, str | None]] = {}
    for some in chunks(place_of):
        for entity, rule, field, digest, number, closed in tx.connection.execute(query.where(f.entity_id.in_(some))):
            found[place_of[entity], rule, field, digest] = number, closed
    return found


def _open(
    tx: Transaction,
    fresh: Mapping[_Identity, _Ready],
    there: Mapping[Place, tuple[int, str]],
    today: str,
    rule_version: str,
) -> None:
    """Insert new findings, in their order, with the objects that the ledger does not know yet."""
    orgs: dict[Place, str] = {}
    for (place, *_), b in fresh.items():
        orgs[place] = b.org or orgs.get(place, "")
    ids = entities.ensure_all(tx, orgs, there)
    rows = [
        {
            "entity_id": ids[identity[0]], "rule": b.rule, "field": b.field, "value_hash": identity[-1], "group": b.group,
            "severity": b.severity, "class": b.cls, "params": b.params, "opened": today, "last_seen": today,
            "rule_version": rule_version,
        }
        for identity, b in fresh.items()
    ]  # fmt: skip
    tx.insert_all(t.finding, rows)


def _mark(tx: Transaction, ids: Iterable[int], *, closed: str | None) -> None:
    """Close findings, or open them again."""
    for some in chunks(sorted(ids)):
        tx.update(t.finding.update().where(t.finding.c.id.in_(some)).values(closed=closed))


def open_ones(ledger: Ledger, key: str | None = None) -> list[Finding]:
    """The findings that are open now, of one object or of all."""
    query = (
        sa.select(t.finding, t.entity.c.kind, t.entity.c.key, t.entity.c.org)
        .join(t.entity)
        .where(t.finding.c.closed.is_(None))
    )
    if key is not None:
        query = query.where(t.entity.c.key == key)
    with ledger.begin() as tx:
        return [_finding(r) for r in tx.rows(query.order_by(t.finding.c.rule, t.entity.c.key))]


def first_seen(ledger: Ledger, key: str | None = None) -> list[Finding]:
    """Every finding of one object or of all that was ever opened, whether it is closed by now or not."""
    query = (
        sa.select(t.finding, t.entity.c.kind, t.entity.c.key, t.entity.c.org).join(t.entity).order_by(t.finding.c.id)
    )
    if key is not None:
        query = query.where(t.entity.c.key == key)
    with ledger.begin() as tx:
        return [_finding(r) for r in tx.rows(query)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How the findings of one rule in one organisation stand on a date."""

    org: str
    rule: str
    opened: int
    closed: int
    open: int


def tally(ledger: Ledger, day: date) -> list[Tally]:
    """Findings by organisation and rule: opened and closed on the date, and open now."""

    def many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    f, org = t.finding.c, t.entity.c.org
    counts = (
        many(f.opened == day.isoformat()).label("opened"),
        many(f.closed == day.isoformat()).label("closed"),
        many(f.closed.is_(None)).label("open"),
    )
    query = sa.select(org, f.rule, *counts).select_from(t.finding).join(t.entity).group_by(org, f.rule)
    with ledger.begin() as tx:
        return [Tally(org=r.org, rule=r.rule, opened=r.opened, closed=r.closed, open=r.open) for r in tx.rows(query)]


def _finding(r: Any) -> Finding:
    closed = date.fromisoformat(r.closed) if r.closed else None
    return Finding(
        id=r.id, kind=Kind(r.kind), key=r.key, org=r.org, rule=r.rule, field=r.field, group=r.group, severity=r.severity,
        cls=Class(getattr(r, "class")), params=r.params, opened=date.fromisoformat(r.opened), closed=closed,
    )  # fmt: skip
