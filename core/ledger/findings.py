"""Findings and their life: opened and closed by the difference between nights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from core.ledger import entities
from core.ledger import tables as t
from core.ledger.store import Ledger
from core.model import Class, Finding, Kind


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


def settle(ledger: Ledger, seen: Sequence[Breakage], day: date, rule_version: str) -> dict[str, int]:
    """Open what is new, keep what is still there, reopen what came back, close what is gone; answers the counts."""
    counts = {"opened": 0, "closed": 0, "open": 0}
    today = day.isoformat()
    with ledger.begin() as tx:
        alive = {
            (r.kind, r.key, r.rule, r.field, r.value_hash): (r.id, r.closed)
            for r in tx.rows(
                sa.select(t.entity.c.kind, t.entity.c.key, t.finding.c.id, t.finding.c.rule, t.finding.c.field, t.finding.c.value_hash, t.finding.c.closed).join(t.entity)
            )
        }  # fmt: skip
        current = set()
        for b in seen:
            identity = (str(b.kind), b.key, b.rule, b.field, ledger.keys.digest(b.value))
            if identity in current:
                continue
            current.add(identity)
            if identity not in alive:
                entity = entities.ensure(tx, b.kind, b.key, b.org)
                tx.insert(
                    t.finding, entity_id=entity, rule=b.rule, field=b.field, value_hash=identity[4], group=b.group,
                    severity=b.severity, params=b.params, opened=today, last_seen=today, rule_version=rule_version,
                    **{"class": b.cls},
                )  # fmt: skip
                counts["opened"] += 1
            elif alive[identity][1] is not None:
                tx.update(
                    t.finding.update().where(t.finding.c.id == alive[identity][0]).values(closed=None, last_seen=today)
                )
                counts["opened"] += 1
        gone = [found for identity, (found, closed) in alive.items() if closed is None and identity not in current]
        for found in gone:
            tx.update(t.finding.update().where(t.finding.c.id == found).values(closed=today))
        tx.update(t.finding.update().where(t.finding.c.closed.is_(None)).values(last_seen=today))
        counts |= {"closed": len(gone), "open": len(current)}
        if counts["opened"] or counts["closed"]:
            tx.trail("findings settled", f"date {today}", dict(counts))
    return counts


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
