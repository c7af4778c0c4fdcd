"""What happens between the gate, people and the queue: nothing that was admitted once is lost, nothing refused is written."""

from dataclasses import replace
from datetime import date

import pytest

from core.errors import HedangError
from core.ledger import Ledger, proposals, queue, runs
from core.model import Class, Decision, Disposition, Draft, Kind, Operation, State
from flows.plan import plan

DAY = date(2026, 3, 16)
ROOM = Draft(
    kind=Kind.ACCOUNT, key="1000000001", org="134", field="room_no", operation=Operation.SET, before="301", after="302", cls=Class.S,
    disposition=Disposition.AUTOMATIC,
)  # fmt: skip


def _record(ledger: Ledger, *drafts: Draft) -> None:
    worker = queue.enlist(ledger, "test", "here", 1, 1.0)
    run = runs.begin(ledger, "nightly", DAY, worker, "", {}, lambda *_: True)
    proposals.record(ledger, drafts, run.id, DAY, queue.withdraw)


def _plan(ledger: Ledger) -> int:
    return plan(ledger, lambda _kind: "account", {}, None)


def _states(ledger: Ledger) -> list[State]:
    return [row.state for row in queue.rows(ledger)]


def _finish(ledger: Ledger, state: State) -> None:
    worker = queue.enlist(ledger, "fill", "here", 2, 1.0)
    item = queue.claim(ledger, worker, 60, lambda *_: True)
    assert item is not None
    queue.finish(ledger, item, state, "changed")


def test_a_planned_item_is_taken_back_when_the_gate_admits_it_no_more(ledger: Ledger) -> None:
    _record(ledger, ROOM)
    assert _plan(ledger) == 1
    _record(ledger, replace(ROOM, disposition=Disposition.REVIEW, cls=Class.C))
    assert _states(ledger) == [State.SUPERSEDED]
    (found,) = proposals.find(ledger)
    assert (found.state, found.disposition) == ("open", Disposition.REVIEW)
    assert _plan(ledger) == 0


@pytest.mark.parametrize("ended", [State.REFUSED, State.CONFLICT, State.PARKED])
def test_what_a_person_decides_on_a_held_proposal_is_planned(ledger: Ledger, ended: State) -> None:
    _record(ledger, ROOM)
    _plan(ledger)
    _finish(ledger, ended)
    (held,) = proposals.find(ledger, states=["held"])
    proposals.decide(
        ledger, Decision(proposal=held.id, version=held.version, verdict="other", value="305", reviewer="审核员")
    )
    assert _plan(ledger) == 1
    (row,) = queue.rows(ledger, states=(State.READY,))
    assert queue.item(ledger, row.id).steps[0].changes[0].after == "305"


def test_a_persons_word_wins_over_a_later_admitted_value(ledger: Ledger) -> None:
    _record(ledger, ROOM)
    _plan(ledger)
    _finish(ledger, State.REFUSED)
    (held,) = proposals.find(ledger, states=["held"])
    proposals.decide(
        ledger, Decision(proposal=held.id, version=held.version, verdict="accept", value=None, reviewer="审核员")
    )
    _record(ledger, replace(ROOM, after="303"))
    assert _plan(ledger) == 1
    (row,) = queue.rows(ledger, states=(State.READY,))
    assert [c.after for c in queue.item(ledger, row.id).steps[0].changes] == ["302"]
    assert sorted(p.state for p in proposals.find(ledger)) == ["itemised", "superseded"]


def test_a_released_item_never_writes_what_a_person_has_rejected(ledger: Ledger) -> None:
    _record(ledger, ROOM)
    _plan(ledger)
    _finish(ledger, State.PARKED)
    (held,) = proposals.find(ledger, states=["held"])
    proposals.decide(
        ledger, Decision(proposal=held.id, version=held.version, verdict="reject", value=None, reviewer="审核员")
    )
    (row,) = queue.rows(ledger)
    with pytest.raises(HedangError, match="rejected"):
        queue.release(ledger, row.id, State.READY)
