"""Turn what may be written into work items: one item per legacy object, one step per save."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from core.ledger import Ledger, Transaction, entities, proposals, queue
from core.ledger.queue import StepPlan
from core.model import Change, Disposition, Kind, Operation, Proposal

ScreenOf = Callable[[Kind], str]
"""Which screen edits a kind of object."""


def plan(ledger: Ledger, screen: ScreenOf, siblings: Mapping[str, Sequence[str]], run: int | None) -> int:
    """Plan an item for every object with admitted or accepted proposals; answers how many were planned.

    `siblings` names the accounts of each customer: what a save of the customer touches as well.
    """
    admitted = proposals.find(ledger, states=["open"], disposition=Disposition.AUTOMATIC) + proposals.find(
        ledger, states=["decided"]
    )
    planned = 0
    for (kind, key), group in groupby(sorted(admitted, key=_place), key=lambda p: (p.kind, p.key)):
        with ledger.begin() as tx:
            chosen, dropped = _one_each(tx, [*group, *_taken_over(tx, kind, key)])
            proposals.move(tx, dropped, "superseded")
            origin = "proposal " + ",".join(str(p.id) for p in chosen)
            if kind is Kind.CUSTOMER:
                entities.adopt(tx, key, siblings.get(key, ()), chosen[0].org)
            revision = max(p.version for p in chosen)  # grows with every decision
            item = queue.plan(tx, kind, key, chosen[0].org, origin, revision, steps(screen(kind), chosen), run)
            if item is not None:
                proposals.move(tx, [p.id for p in chosen], "itemised")
                planned += 1
    return planned


def _taken_over(tx: Transaction, kind: Kind, key: str) -> list[Proposal]:
    """What an item that nobody has begun was to write: it is written with the new one."""
    found = [proposals.load(tx, number) for number in sorted(queue.unstarted(tx, kind, key))]
    return [p for p in found if p.state == "itemised"]


def _one_each(tx: Transaction, wanted: Sequence[Proposal]) -> tuple[list[Proposal], list[int]]:
    """One proposal for each cell, a person's word before everything, then the newest; and the numbers of the others."""
    people = proposals.by_person(tx, [p.id for p in wanted])
    best: dict[tuple[object, ...], Proposal] = {}
    for p in sorted(wanted, key=lambda p: (p.id in people, p.id)):
        added = p.after if p.operation is Operation.ADD else None
        best[p.field, p.operation, added, *sorted(p.row.items())] = p
    chosen = sorted(best.values(), key=_place)
    kept = {p.id for p in chosen}
    return chosen, [p.id for p in wanted if p.id not in kept]


def _place(p: Proposal) -> tuple[str, str, int]:
    return str(p.kind), p.key, p.id


def steps(screen: str, chosen: Sequence[Proposal]) -> tuple[StepPlan, ...]:
    """The saves of one object: all cells of a form or an order together, one row of a list at a time."""
    kind = chosen[0].kind
    if kind is not Kind.CONTACTS:
        operation = Operation.APPLY if kind is Kind.CUSTOMER else Operation.SET
        changes = tuple(_change(p) for p in chosen)
        return (StepPlan(screen=screen, operation=operation, changes=changes, row={}),)
    rows: dict[tuple[Operation, tuple[tuple[str, str], ...]], list[Proposal]] = {}
    for p in chosen:
        rows.setdefault((p.operation, tuple(sorted(p.row.items()))), []).append(p)
    return tuple(_row_step(screen, operation, dict(row), ps) for (operation, row), ps in rows.items())


def _row_step(screen: str, operation: Operation, row: Mapping[str, str], ps: Sequence[Proposal]) -> StepPlan:
    changes = tuple(_change(p) for p in ps)
    if operation is Operation.CHANGE:
        return StepPlan(screen=screen, operation=operation, changes=changes, row=row)
    named = {c.field for c in changes}
    rest = tuple(
        Change(field=f, before=None, after=v, proposal=ps[0].id) for f, v in row.items() if f not in named and v
    )
    return StepPlan(screen=screen, operation=operation, changes=changes + rest, row={})


def _change(p: Proposal) -> Change:
    assert p.after is not None  # the gate admits no proposal without a value, and no decision accepts one
    return Change(field=p.field, before=p.before, after=p.after, proposal=p.id)
