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
        chosen = list(group)
        with ledger.begin() as tx:
            chosen += _taken_over(tx, queue.unstarted(tx, kind, key), chosen)
            origin = "proposal " + ",".join(str(p.id) for p in sorted(chosen, key=_place))
            if kind is Kind.CUSTOMER:
                entities.adopt(tx, key, siblings.get(key, ()), chosen[0].org)
            item = queue.plan(tx, kind, key, chosen[0].org, origin, 1, steps(screen(kind), chosen), run)
            if item is not None:
                proposals.move(tx, [p.id for p in chosen], "itemised")
                planned += 1
    return planned


def _taken_over(tx: Transaction, earlier: set[int], chosen: Sequence[Proposal]) -> list[Proposal]:
    """What an item that nobody has begun was to write, and the new one does not: it is written with it."""
    places = {(p.field, *sorted(p.row.items())) for p in chosen}
    found = [proposals.load(tx, number) for number in sorted(earlier - {p.id for p in chosen})]
    return [p for p in found if p.state == "itemised" and (p.field, *sorted(p.row.items())) not in places]


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
