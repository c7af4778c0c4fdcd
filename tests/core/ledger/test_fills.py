"""Promises of what came of filling a cell in: a save read back otherwise is named until a verified one settles it."""

from datetime import UTC, datetime, timedelta

from core.ledger import Ledger, Transaction, entities, fills, queue, runs
from core.ledger import tables as t
from core.ledger.fills import Cell
from core.ledger.queue import StepPlan, Worker
from core.model import Change, Image, Kind, Operation, State

TODAY = datetime.now(UTC).date()
ROOM = Cell(Kind.ACCOUNT, "1", "room_no")


def _change(proposal: int) -> Change:
    return Change(field="room_no", before="301", after="302", proposal=proposal)


def _saved(ledger: Ledger, worker: Worker, outcome: str, shown: str, proposal: int = 0, revision: int = 1) -> None:
    """One item whose save was read back as `shown`."""
    plan = StepPlan(screen="account", operation=Operation.SET, changes=(_change(proposal),), row={})
    with ledger.begin() as tx:
        queue.plan(tx, Kind.ACCOUNT, "1", "011", "a", revision, (plan,), None)
    item = queue.claim(ledger, worker, 60.0, lambda _owner, _late: False)
    assert item is not None
    step, before = item.steps[0], Image(screen="account", key="1", cells={"room_no": "301"})
    intent = queue.intend(ledger, item, step, before, (_change(proposal),), worker, None)
    after = Image(screen="account", key="1", cells={"room_no": shown})

    def also(tx: Transaction) -> None:
        entities.written(tx, Kind.ACCOUNT, "1", "011", "room_no", shown, TODAY, step.id)

    queue.conclude(
        ledger, item, step, intent, outcome, after, "verified" if outcome == "verified" else "ready", also=also
    )
    queue.finish(ledger, item, State.VERIFIED if outcome == "verified" else State.REFUSED)


def _proposal(ledger: Ledger) -> int:
    with ledger.begin() as tx:
        entity = entities.ensure(tx, Kind.ACCOUNT, "1", "011")
        values = {
            "field": "room_no", "operation": "set", "hash": "h", "row": {}, "evidence": {}, "class": "S", "disposition": "auto",
            "conditions": [], "rules": ["AD02"], "state": "settled", "created": TODAY.isoformat(),
        }  # fmt: skip
        return tx.insert(t.proposal, entity_id=entity, **values)


def test_a_save_that_was_read_back_otherwise_is_named_until_a_verified_one(ledger: Ledger, worker: Worker) -> None:
    assert fills.read_otherwise(ledger) == frozenset()
    _saved(ledger, worker, "partial", "303")
    assert fills.read_otherwise(ledger) == {ROOM}
    _saved(ledger, worker, "verified", "302", revision=2)
    assert fills.read_otherwise(ledger) == frozenset()


def test_a_cell_that_holds_what_was_typed_is_not_named(ledger: Ledger, worker: Worker) -> None:
    _saved(ledger, worker, "partial", "302")
    assert fills.read_otherwise(ledger) == frozenset()


def test_a_filled_cell_remembers_its_rules_until_somebody_else_changes_it(ledger: Ledger, worker: Worker) -> None:
    _saved(ledger, worker, "verified", "302", _proposal(ledger))
    assert fills.filled_for(ledger) == {ROOM: {"AD02"}}
    with ledger.begin() as tx:
        tx.update(t.cell.update().values(by="snapshot"))
    assert fills.filled_for(ledger) == {}


def test_somebody_elses_order_counts_until_the_object_may_be_tried_again(ledger: Ledger, worker: Worker) -> None:
    plan = StepPlan(screen="account", operation=Operation.SET, changes=(_change(0),), row={})
    night = runs.begin(ledger, "nightly", TODAY, worker, "", {}, lambda _owner, _late: False)
    with ledger.begin() as tx:
        queue.plan(tx, Kind.ACCOUNT, "1", "011", "a", 1, (plan,), night.id)
    item = queue.claim(ledger, worker, 60.0, lambda _owner, _late: False)
    assert item is not None
    queue.finish(ledger, item, State.CONFLICT, "open_order")
    assert fills.foreign_orders(ledger, TODAY + timedelta(days=1)) == {(Kind.ACCOUNT, "1")}
    assert fills.foreign_orders(ledger, TODAY + timedelta(days=2)) == frozenset()
