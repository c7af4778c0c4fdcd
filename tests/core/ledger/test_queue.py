"""Promises of the queue: one open item per object, one worker per item, and no save without an intent on disk."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from core.errors import HedangError
from core.ledger import Ledger, Transaction, queue
from core.ledger import tables as t
from core.ledger.queue import LostClaim, StepPlan, Worker
from core.model import Change, Image, Kind, Operation, State, WorkItem

LEASE, OVER = 60.0, -1.0
CHANGE = Change(field="room", before="301", after="302", proposal=0)
STEP = StepPlan(screen="account", operation=Operation.SET, changes=(CHANGE,), row={})
SHOWN = Image(screen="account", key="1", cells={"room": "301"})


def _plan(ledger: Ledger, key: str = "1", origin: str = "a", revision: int = 1, *, canary: bool = False) -> int:
    with ledger.begin() as tx:
        item = queue.plan(tx, Kind.ACCOUNT, key, "011", origin, revision, (STEP,), None, canary=canary)
    assert item is not None
    return item


def _alive(owner: Worker, late: bool) -> bool:
    return False


def _dead(owner: Worker, late: bool) -> bool:
    return True


def _dead_when_late(owner: Worker, late: bool) -> bool:
    return late


def _claim(
    ledger: Ledger, worker: Worker, lease: float = LEASE, gone: Callable[[Worker, bool], bool] = _alive
) -> WorkItem:
    item = queue.claim(ledger, worker, lease, gone)
    assert item is not None
    return item


def _intend(ledger: Ledger, item: WorkItem, worker: Worker) -> int:
    return queue.intend(ledger, item, item.steps[0], SHOWN, (CHANGE,), worker, None)


def _state(ledger: Ledger, item: int) -> State:
    return queue.item(ledger, item).state


# -- planning


def test_an_item_keeps_what_was_planned(ledger: Ledger) -> None:
    item = queue.item(ledger, _plan(ledger))
    assert (item.kind, item.key, item.org, item.state) == (Kind.ACCOUNT, "1", "011", State.READY)
    assert [(s.seq, s.screen, s.operation, s.changes, s.state) for s in item.steps] == [
        (1, "account", Operation.SET, (CHANGE,), "ready")
    ]


def test_the_same_revision_of_an_origin_is_planned_once(ledger: Ledger) -> None:
    _plan(ledger)
    with ledger.begin() as tx:
        assert queue.plan(tx, Kind.ACCOUNT, "1", "011", "a", 1, (STEP,), None) is None


def test_a_later_item_replaces_one_that_has_not_started(ledger: Ledger) -> None:
    old, new = _plan(ledger), _plan(ledger, revision=2)
    assert [_state(ledger, old), _state(ledger, new)] == [State.SUPERSEDED, State.READY]


def test_a_later_item_waits_behind_one_that_has_started(ledger: Ledger, worker: Worker) -> None:
    old = _plan(ledger)
    _claim(ledger, worker)
    new = _plan(ledger, revision=2)
    assert [_state(ledger, old), _state(ledger, new)] == [State.WORKING, State.WAITING]


def test_an_item_that_was_typed_before_is_not_replaced(ledger: Ledger, worker: Worker) -> None:
    old = _plan(ledger)
    item = _claim(ledger, worker)
    _intend(ledger, item, worker)
    queue.back(ledger, item, State.READY, 0)
    new = _plan(ledger, revision=2)
    assert [_state(ledger, old), _state(ledger, new)] == [State.READY, State.WAITING]


def test_only_the_latest_item_waits(ledger: Ledger, worker: Worker) -> None:
    _plan(ledger)
    _claim(ledger, worker)
    second, third = _plan(ledger, revision=2), _plan(ledger, revision=3)
    assert [_state(ledger, second), _state(ledger, third)] == [State.SUPERSEDED, State.WAITING]


@pytest.mark.parametrize("end", [State.VERIFIED, State.UNCHANGED, State.CONFLICT, State.REFUSED])
def test_an_item_that_waited_is_ready_when_the_first_has_ended(ledger: Ledger, worker: Worker, end: State) -> None:
    _plan(ledger)
    item = _claim(ledger, worker)
    new = _plan(ledger, revision=2)
    queue.finish(ledger, item, end)
    assert _state(ledger, new) is State.READY


def test_an_item_goes_on_waiting_behind_a_parked_one(ledger: Ledger, worker: Worker) -> None:
    _plan(ledger)
    item = _claim(ledger, worker)
    new = _plan(ledger, revision=2)
    queue.finish(ledger, item, State.PARKED, "poison")
    assert _state(ledger, new) is State.WAITING


def test_the_database_itself_refuses_a_second_open_item(ledger: Ledger) -> None:
    item = _plan(ledger)
    _plan(ledger, revision=2)
    with pytest.raises(sa.exc.IntegrityError), ledger.begin() as tx:
        tx.update(t.item.update().where(t.item.c.id == item).values(state=State.READY))


def test_items_of_other_objects_are_apart(ledger: Ledger) -> None:
    assert [_state(ledger, _plan(ledger, key)) for key in ("1", "2")] == [State.READY, State.READY]


# -- claiming


def test_an_item_is_claimed_once(ledger: Ledger, worker: Worker, rival: Worker) -> None:
    _plan(ledger)
    assert _claim(ledger, worker).state is State.READY
    assert queue.claim(ledger, rival, LEASE, _alive) is None


def test_of_many_workers_at_once_one_wins(opening: Callable[[], Ledger], worker: Worker, rival: Worker) -> None:
    ledgers = [opening() for _ in range(6)]
    for key in range(4):
        _plan(ledgers[0], str(key))
    won: list[int] = []
    start = threading.Barrier(len(ledgers))

    def take(ledger: Ledger, who: Worker) -> None:
        start.wait()
        while (item := queue.claim(ledger, who, LEASE, _alive)) is not None:
            won.append(item.id)

    threads = [
        threading.Thread(target=take, args=(one, who)) for one, who in zip(ledgers, (worker, rival) * 3, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == sorted(set(won))
    assert len(won) == 4


def test_a_claim_on_a_fence_that_moved_fails(ledger: Ledger, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    item = _plan(ledger)
    seen = Transaction.one

    def moved(tx: Transaction, query: object) -> object:
        found = seen(tx, query)
        tx.connection.execute(t.item.update().where(t.item.c.id == item).values(fence=t.item.c.fence + 1))
        return found

    monkeypatch.setattr(Transaction, "one", moved)
    assert queue.claim(ledger, worker, LEASE, _alive) is None


def test_an_item_that_is_being_replaced_is_not_claimed(
    opening: Callable[[], Ledger], worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, other = opening(), opening()
    if ledger.engine.dialect.name == "sqlite":  # writers come one after another: the worker would wait
        return
    _plan(ledger)
    touched, claimed = queue._touched, []

    def meanwhile(tx: Transaction, item: int) -> bool:
        claimed.append(queue.claim(other, worker, LEASE, _alive))
        return touched(tx, item)

    monkeypatch.setattr(queue, "_touched", meanwhile)
    _plan(ledger, revision=2)
    assert claimed == [None]


def test_canaries_come_first_and_open_orders_last(ledger: Ledger, worker: Worker) -> None:
    waiting, plain, canary = _plan(ledger, "1"), _plan(ledger, "2"), _plan(ledger, "3", canary=True)
    with ledger.begin() as tx:
        tx.update(t.item.update().where(t.item.c.id == waiting).values(state=State.AWAITING))
    assert [_claim(ledger, worker).id for _ in range(3)] == [canary, plain, waiting]


def test_an_item_is_not_claimed_before_it_is_due(ledger: Ledger, worker: Worker) -> None:
    _plan(ledger)
    queue.again(ledger, _claim(ledger, worker), 60, "slow")
    assert queue.claim(ledger, worker, LEASE, _alive) is None
    assert 50 < (queue.due_in(ledger) or 0) <= 60


def test_a_worker_may_ask_for_certain_items_only(ledger: Ledger, worker: Worker) -> None:
    _plan(ledger, "1")
    second = _plan(ledger, "2")
    found = queue.claim(ledger, worker, LEASE, _alive, only=[second])
    assert found is not None
    assert found.id == second


@pytest.mark.parametrize("state", [State.PARKED, State.WAITING, State.VERIFIED, State.CONFLICT, State.REFUSED])
def test_what_waits_for_a_person_or_has_ended_is_not_claimed(ledger: Ledger, worker: Worker, state: State) -> None:
    item = _plan(ledger)
    with ledger.begin() as tx:
        tx.update(t.item.update().where(t.item.c.id == item).values(state=state))
    assert queue.claim(ledger, worker, LEASE, _alive) is None
    assert queue.due_in(ledger) is None


# -- taking over


def test_an_item_of_a_living_worker_stays_his_even_when_its_lease_ran_out(
    ledger: Ledger, worker: Worker, rival: Worker
) -> None:
    _plan(ledger)
    item = _claim(ledger, worker, OVER)
    assert queue.claim(ledger, rival, LEASE, _alive) is None
    queue.renew(ledger, item, LEASE)


@pytest.mark.parametrize(("lease", "taken"), [(OVER, True), (LEASE, False)])
def test_gone_is_told_whether_the_lease_ran_out(
    ledger: Ledger, worker: Worker, rival: Worker, lease: float, taken: bool
) -> None:
    _plan(ledger)
    _claim(ledger, worker, lease)
    assert (queue.claim(ledger, rival, LEASE, _dead_when_late) is not None) is taken


def test_gone_is_asked_about_the_owner(ledger: Ledger, worker: Worker, rival: Worker) -> None:
    _plan(ledger)
    _claim(ledger, worker)
    asked: list[Worker] = []

    def gone(owner: Worker, late: bool) -> bool:
        asked.append(owner)
        return False

    queue.claim(ledger, rival, LEASE, gone)
    assert asked == [worker]


def test_a_worker_never_takes_over_from_itself(ledger: Ledger, worker: Worker) -> None:
    _plan(ledger)
    _claim(ledger, worker, OVER)
    assert queue.claim(ledger, worker, LEASE, _dead) is None


def test_an_item_without_an_intent_is_ready_after_a_takeover(ledger: Ledger, worker: Worker, rival: Worker) -> None:
    _plan(ledger)
    _claim(ledger, worker)
    assert _claim(ledger, rival, gone=_dead).state is State.READY


def test_an_item_with_an_intent_is_unknown_after_a_takeover(ledger: Ledger, worker: Worker, rival: Worker) -> None:
    _plan(ledger)
    _intend(ledger, _claim(ledger, worker), worker)
    assert _claim(ledger, rival, gone=_dead).state is State.UNKNOWN


def test_an_item_that_was_submitted_is_unknown_after_a_takeover(ledger: Ledger, worker: Worker, rival: Worker) -> None:
    _plan(ledger)
    item = _claim(ledger, worker)
    queue.submitted(ledger, item, item.steps[0], _intend(ledger, item, worker), "")
    assert _claim(ledger, rival, gone=_dead).state is State.UNKNOWN


def test_an_item_whose_step_was_settled_is_ready_after_a_takeover(
    ledger: Ledger, worker: Worker, rival: Worker
) -> None:
    _plan(ledger)
    item = _claim(ledger, worker)
    queue.conclude(ledger, item, item.steps[0], _intend(ledger, item, worker), "verified", SHOWN, "verified")
    assert _claim(ledger, rival, gone=_dead).state is State.READY


def test_the_quiet_period_begins_with_the_takeover(ledger: Ledger, worker: Worker, rival: Worker) -> None:
    _plan(ledger)
    item = _claim(ledger, worker)
    intent = _intend(ledger, item, worker)
    with ledger.begin() as tx:
        tx.update(t.intent.update().where(t.intent.c.id == intent).values(at=t.now() - 3600))
    _claim(ledger, rival, gone=_dead)
    pending = queue.pending(ledger, item.steps[0])
    assert pending is not None
    assert pending.waits < 60


# -- working


Act = Callable[[Ledger, WorkItem, Worker], object]
ACTS: dict[str, Act] = {
    "renew": lambda ledger, item, worker: queue.renew(ledger, item, LEASE),
    "intend": _intend,
    "submitted": lambda ledger, item, worker: queue.submitted(ledger, item, item.steps[0], 1, ""),
    "conclude": lambda ledger, item, worker: queue.conclude(ledger, item, item.steps[0], None, "x", None, "verified"),
    "unknown": lambda ledger, item, worker: queue.unknown(ledger, item, item.steps[0], 0, "x"),
    "again": lambda ledger, item, worker: queue.again(ledger, item, 0, "x"),
    "back": lambda ledger, item, worker: queue.back(ledger, item, State.READY, 0),
    "finish": lambda ledger, item, worker: queue.finish(ledger, item, State.VERIFIED),
    "await_order": lambda ledger, item, worker: queue.await_order(ledger, item, 0),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_worker_whose_item_was_taken_over_changes_nothing_more(
    ledger: Ledger, worker: Worker, rival: Worker, act: Act
) -> None:
    _plan(ledger)
    mine = _claim(ledger, worker)
    _claim(ledger, rival, gone=_dead)
    before = _everything(ledger)
    with pytest.raises(LostClaim):
        act(ledger, mine, worker)
    assert _everything(ledger) == before


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_an_item_that_was_given_back_can_no_longer_be_changed(ledger: Ledger, worker: Worker, act: Act) -> None:
    _plan(ledger)
    mine = _claim(ledger, worker)
    queue.back(ledger, mine, State.READY, 0)
    with pytest.raises(LostClaim):
        act(ledger, mine, worker)


def _everything(ledger: Ledger) -> list[list[tuple[object, ...]]]:
    with ledger.begin() as tx:
        return [[tuple(r) for r in tx.rows(sa.select(table))] for table in (t.item, t.step, t.intent, t.trail)]


def test_an_intent_keeps_what_stood_there_and_what_is_typed(ledger: Ledger, worker: Worker) -> None:
    _plan(ledger)
    item = _claim(ledger, worker)
    intent = _intend(ledger, item, worker)
    pending = queue.pending(ledger, item.steps[0])
    assert pending is not None
    assert (pending.intent, pending.before, pending.typed) == (intent, SHOWN, (CHANGE,))


def test_an_intent_counts_as_a_save_unless_nothing_was_sent(ledger: Ledger, worker: Worker) -> None:
    _plan(ledger)
    item = _claim(ledger, worker)
    _intend(ledger, item, worker)
    assert [row.submits for row in queue.rows(ledger)] == [1]
    queue.unsent(ledger, item)  # nothing left this machine
    assert [row.submits for row in queue.rows(ledger)] == [0]
    assert queue.intents(ledger, item) == 1


def test_a_concluded_intent_is_no_longer_pending(ledger: Ledger, worker: Worker) -> None:
    _plan(ledger)
    item = _claim(ledger, worker)
    queue.conclude(ledger, item, item.steps[0], _intend(ledger, item, worker), "nothing", SHOWN, "ready")
    assert queue.pending(ledger, item.steps[0]) is None


def test_an_unknown_item_is_read_only_after_its_quiet_period(ledger: Ledger, worker: Worker) -> None:
    _plan(ledger)
    item = _claim(ledger, worker)
    _intend(ledger, item, worker)
    queue.unknown(ledger, item, item.steps[0], 60, "timeout")
    assert queue.claim(ledger, worker, LEASE, _alive) is None
    assert 50 < (queue.due_in(ledger) or 0) <= 60


def test_the_first_unknown_moment_counts(ledger: Ledger, worker: Worker) -> None:
    _plan(ledger)
    item = _claim(ledger, worker)
    intent = _intend(ledger, item, worker)
    queue.unknown(ledger, item, item.steps[0], 0, "timeout")
    with ledger.begin() as tx:
        tx.update(t.intent.update().where(t.intent.c.id == intent).values(unknown_since=t.now() - 3600))
    item = _claim(ledger, worker)
    queue.unknown(ledger, item, item.steps[0], 0, "timeout")
    pending = queue.pending(ledger, item.steps[0])
    assert pending is not None
    assert pending.waits > 3000


def test_a_failure_before_anything_was_sent_counts_as_an_attempt(ledger: Ledger, worker: Worker) -> None:
    _plan(ledger)
    queue.again(ledger, _claim(ledger, worker), 0, "slow")
    assert _claim(ledger, worker).attempts == 1


def test_an_orders_number_is_kept_with_the_step(ledger: Ledger, worker: Worker) -> None:
    number = _plan(ledger)
    item = _claim(ledger, worker)
    queue.submitted(ledger, item, item.steps[0], _intend(ledger, item, worker), "W1")
    queue.conclude(ledger, item, item.steps[0], None, "order open", None, "awaiting")
    assert queue.item(ledger, number).steps[0].order == "W1"


def test_awaited_orders_can_be_made_due_at_once(ledger: Ledger, worker: Worker) -> None:
    _plan(ledger)
    queue.await_order(ledger, _claim(ledger, worker), 3600)
    queue.wake(ledger, State.AWAITING)
    assert _claim(ledger, worker).state is State.AWAITING


# -- a person steps in


@pytest.mark.parametrize("end", [State.PARKED, State.CONFLICT, State.REFUSED])
def test_a_person_gives_an_item_back(ledger: Ledger, worker: Worker, end: State) -> None:
    number = _plan(ledger)
    queue.finish(ledger, _claim(ledger, worker), end)
    queue.release(ledger, number, State.READY)
    assert _claim(ledger, worker).id == number


def test_an_item_given_back_after_it_was_typed_is_read_first(ledger: Ledger, worker: Worker) -> None:
    number = _plan(ledger)
    item = _claim(ledger, worker)
    _intend(ledger, item, worker)
    queue.finish(ledger, item, State.PARKED)
    queue.release(ledger, number, State.READY)
    assert _state(ledger, number) is State.UNKNOWN


@pytest.mark.parametrize("state", [State.WORKING, State.VERIFIED, State.READY, State.AWAITING])
def test_an_item_that_nobody_waits_for_is_not_given_back(ledger: Ledger, state: State) -> None:
    number = _plan(ledger)
    with ledger.begin() as tx:
        tx.update(t.item.update().where(t.item.c.id == number).values(state=state))
    with pytest.raises(HedangError, match="can be released"):
        queue.release(ledger, number, State.READY)


def test_an_item_that_is_not_there_is_named(ledger: Ledger) -> None:
    with pytest.raises(HedangError, match="no item 77"):
        queue.release(ledger, 77, State.READY)


def test_an_item_that_a_person_ended_lets_the_next_one_go(ledger: Ledger, worker: Worker) -> None:
    number = _plan(ledger)
    item = _claim(ledger, worker)
    following = _plan(ledger, revision=2)
    queue.finish(ledger, item, State.PARKED)
    queue.release(ledger, number, State.SUPERSEDED)
    assert [_state(ledger, number), _state(ledger, following)] == [State.SUPERSEDED, State.READY]


def test_an_item_whose_object_has_another_open_one_is_not_given_back(ledger: Ledger, worker: Worker) -> None:
    number = _plan(ledger)
    queue.finish(ledger, _claim(ledger, worker), State.CONFLICT)
    _plan(ledger, revision=2)
    with pytest.raises(HedangError, match="another"):
        queue.release(ledger, number, State.READY)


# -- looking


def test_items_are_listed_by_state_and_object(ledger: Ledger) -> None:
    first, second = _plan(ledger, "1"), _plan(ledger, "2")
    assert [row.id for row in queue.rows(ledger, states=[State.READY])] == [first, second]
    assert [row.id for row in queue.rows(ledger, key="2")] == [second]
    assert [row.name for row in queue.rows(ledger, key="2")] == [f"I{second:06d}"]


def test_open_items_name_their_screens_and_an_object_each(ledger: Ledger) -> None:
    _plan(ledger, "1")
    _plan(ledger, "2")
    assert queue.screens(ledger) == {"account"}
    assert queue.samples(ledger) == {"account": ("1", "2")}
    assert queue.samples(ledger, most=1) == {"account": ("1",)}


def test_a_night_leaves_the_records_of_maps_that_stand_alone_alone(ledger: Ledger, worker: Worker) -> None:
    with ledger.begin() as tx:
        for key in ("crm@host 1", "crm@host 2"):
            queue.plan(tx, Kind.RECORD, key, "", "sheet crm@host ", 1, (replace(STEP, screen="crm"),), None)
    item = queue.claim(ledger, worker, LEASE, _alive, origin="sheet crm@host ")
    assert item is not None
    queue.conclude(ledger, item, item.steps[0], _intend(ledger, item, worker), "verified", SHOWN, "verified")
    assert queue.claim(ledger, worker, LEASE, _alive) is None
    assert (queue.screens(ledger), queue.due(ledger), queue.due_in(ledger)) == (set(), 0, None)
    assert not queue.unswept(ledger)
    assert queue.verified_images(ledger, unswept=True) == []
    assert queue.due_in(ledger, "sheet crm@host ") == 0.0


def test_what_was_written_is_swept_once(ledger: Ledger, worker: Worker) -> None:
    _plan(ledger)
    item = _claim(ledger, worker)
    queue.conclude(ledger, item, item.steps[0], _intend(ledger, item, worker), "verified", SHOWN, "verified")
    assert [image for _, _, image in queue.verified_images(ledger, unswept=True)] == [SHOWN]
    queue.swept(ledger, [item.steps[0].id], 0, 0)
    assert queue.verified_images(ledger, unswept=True) == []
    assert len(queue.verified_images(ledger)) == 1


# -- the circuit


def test_a_circuit_opens_after_so_many_failures_in_a_row(ledger: Ledger) -> None:
    assert [queue.failed(ledger, "legacy", 3, "slow") for _ in range(4)] == [False, False, True, True]
    assert queue.circuit(ledger, "legacy") == "slow"


def test_an_answer_in_between_begins_the_count_anew(ledger: Ledger) -> None:
    queue.failed(ledger, "legacy", 2, "slow")
    queue.worked(ledger, "legacy")
    assert not queue.failed(ledger, "legacy", 2, "slow")
    assert queue.circuit(ledger, "legacy") is None


def test_each_system_has_a_circuit_of_its_own(ledger: Ledger) -> None:
    queue.failed(ledger, "carrier", 1, "slow")
    assert queue.circuit(ledger, "legacy") is None


# -- what was on the screen


def test_pictures_of_surprises_are_sealed_come_in_their_order_and_leave_a_trail(ledger: Ledger, worker: Worker) -> None:
    number = _plan(ledger)
    item = _claim(ledger, worker)
    for fence, content in ((2, b"\x89PNG one"), (10, b"\x89PNG two")):
        queue.photograph(ledger, replace(item, fence=fence), content)
    assert not any(b"PNG" in path.read_bytes() for path in (ledger.directory / queue.PICTURES).iterdir())
    assert queue.pictures(ledger, number) == [b"\x89PNG one", b"\x89PNG two"]
    assert queue.pictures(ledger, number + 1) == []
    with ledger.begin() as tx:
        told = [row.action for row in tx.rows(sa.select(t.trail.c.action).order_by(t.trail.c.seq))]
    assert told[-3:] == ["photographed", "photographed", "pictures opened"]
