"""Tell of each cell what came of filling it in: which showed something else, which rules it was filled in for, whose order stood before it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

import sqlalchemy as sa

from core.ledger import tables as t
from core.ledger.store import Ledger, Transaction, chunks
from core.model import Change, Image, Kind, State

OTHERWISE = ("partial", "foreign")
"""Outcomes of a save whose read-back showed something else than was typed."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a legacy object."""

    kind: Kind
    key: str
    field: str


def read_otherwise(ledger: Ledger) -> frozenset[Cell]:
    """The cells whose last save was read back as something else than was typed; a later verified save settles a cell."""
    last: dict[Cell, bool] = {}
    with ledger.begin() as tx:
        for row in _saves(tx, (*OTHERWISE, "verified")):
            shown = Image.of(row.after_image).cells if row.after_image else {}
            for change in _changes(row.typed):
                wrong = row.outcome != "verified" and shown.get(change.field, "") != change.after
                last[Cell(Kind(row.kind), row.key, change.field)] = wrong
    return frozenset(cell for cell, wrong in last.items() if wrong)


def filled_for(ledger: Ledger) -> dict[Cell, frozenset[str]]:
    """The codes of the rules because of which a cell was filled in, where nobody else has changed the cell since."""
    found: dict[Cell, set[int]] = {}
    with ledger.begin() as tx:
        for row in _saves(tx, ("verified",)):
            for change in _changes(row.typed):
                found.setdefault(Cell(Kind(row.kind), row.key, change.field), set()).add(change.proposal)
        ours, why = _ours(tx), _reasons(tx, {number for numbers in found.values() for number in numbers})
    return {
        cell: frozenset(code for number in numbers for code in why.get(number, ()))
        for cell, numbers in found.items()
        if cell in ours
    }


def foreign_orders(ledger: Ledger, day: date, days: int = 1) -> frozenset[tuple[Kind, str]]:
    """The objects whose newest item met somebody else's change order, where a night of the `days` before `day` had created it.

    After that the object may be tried again: filling looks at the orders before it applies.
    """
    since = (day - timedelta(days=days)).isoformat()
    columns = (t.entity.c.kind, t.entity.c.key, t.item.c.state, t.item.c.reason, t.run.c.business_date)
    joined = t.item.join(t.entity, t.item.c.entity_id == t.entity.c.id).outerjoin(t.run, t.item.c.run_id == t.run.c.id)
    with ledger.begin() as tx:
        rows = tx.rows(sa.select(*columns).select_from(joined).order_by(t.item.c.id))
    newest = {(Kind(row.kind), row.key): row for row in rows}
    met = (State.CONFLICT, "open_order")
    return frozenset(w for w, r in newest.items() if (r.state, r.reason) == met and (r.business_date or "") >= since)


def _saves(tx: Transaction, outcomes: tuple[str, ...]) -> Iterator[Any]:
    """The concluded saves with their object, oldest first."""
    columns = (t.entity.c.kind, t.entity.c.key, t.intent.c.outcome, t.intent.c.typed, t.intent.c.after_image)
    joined = t.intent.join(t.step).join(t.item).join(t.entity, t.item.c.entity_id == t.entity.c.id)
    query = sa.select(*columns).select_from(joined).where(t.intent.c.outcome.in_(outcomes))
    yield from tx.rows(query.order_by(t.intent.c.id))


def _changes(typed: Any) -> tuple[Change, ...]:
    return tuple(Change(**change) for change in typed)


def _ours(tx: Transaction) -> frozenset[Cell]:
    """The cells that we were the last to change."""
    columns = (t.entity.c.kind, t.entity.c.key, t.cell.c.field)
    rows = tx.rows(sa.select(*columns).select_from(t.cell.join(t.entity)).where(t.cell.c.by == "hedang"))
    return frozenset(Cell(Kind(row.kind), row.key, row.field) for row in rows)


def _reasons(tx: Transaction, proposals: set[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for some in chunks(sorted(proposals)):
        rows = tx.rows(sa.select(t.proposal.c.id, t.proposal.c.rules).where(t.proposal.c.id.in_(some)))
        found |= {row.id: tuple(cast("list[str]", row.rules)) for row in rows}
    return found
