"""Promises of planning: one item for each legacy object, one step for each save."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from core.ledger import Ledger, entities, proposals, queue
from core.ledger import tables as t
from core.model import Class, Decision, Disposition, Draft, Kind, Operation, State, ValueEvidence, WorkItem
from flows.plan import plan

DAY = date(2026, 1, 5)
ROOM = Draft(
    kind=Kind.ACCOUNT, key="1", org="011", field="room_no", operation=Operation.SET, before="301", after="302",
    cls=Class.S, disposition=Disposition.AUTOMATIC,
)  # fmt: skip
UNIT = replace(ROOM, field="unit_no", before="1", after="2")
NAME = replace(ROOM, kind=Kind.CUSTOMER, key="C1", field="cons_name", before="安", after="安娜")
CERT = replace(NAME, field="cert_no", before="1", after="2")
ANN, BOB, NEW = (
    {"contact_name": "安", "mobile": "1"},
    {"contact_name": "博", "mobile": "2"},
    {"contact_name": "新", "mobile": "3"},
)
ADD = replace(ROOM, kind=Kind.CONTACTS, field="mobile", operation=Operation.ADD, before=None, after="3", row=NEW)
RENAME = replace(
    ROOM, kind=Kind.CONTACTS, field="contact_name", operation=Operation.CHANGE, before="安", after="安娜", row=ANN
)
DIAL = replace(RENAME, field="mobile", before="1", after="9")
RENAME_BOB = replace(RENAME, before="博", after="波", row=BOB)


@pytest.fixture
def run(ledger: Ledger) -> int:
    with ledger.begin() as tx:
        return tx.insert(t.run, flow="nightly", business_date=DAY.isoformat(), state="running")


def _record(ledger: Ledger, run: int, *drafts: Draft) -> None:
    proposals.record(ledger, drafts, run, DAY)


def _planned(ledger: Ledger, run: int, siblings: Mapping[str, list[str]] | None = None) -> list[WorkItem]:
    count = plan(ledger, lambda kind: f"{kind} screen", siblings or {}, run)
    ready = [queue.item(ledger, row.id) for row in queue.rows(ledger, states=[State.READY])]
    assert count == len(ready)
    return ready


def test_all_cells_of_a_form_are_one_save(ledger: Ledger, run: int) -> None:
    _record(ledger, run, ROOM, UNIT)
    (item,) = _planned(ledger, run)
    (step,) = item.steps
    assert (item.kind, item.key, step.screen, step.operation) == (Kind.ACCOUNT, "1", "account screen", Operation.SET)
    assert [(c.field, c.before, c.after) for c in step.changes] == [("room_no", "301", "302"), ("unit_no", "1", "2")]


def test_each_object_has_an_item_of_its_own(ledger: Ledger, run: int) -> None:
    _record(ledger, run, ROOM, replace(ROOM, key="2"), NAME, RENAME)
    assert {(item.kind, item.key) for item in _planned(ledger, run)} == {
        (Kind.ACCOUNT, "1"), (Kind.ACCOUNT, "2"), (Kind.CUSTOMER, "C1"), (Kind.CONTACTS, "1"),
    }  # fmt: skip


def test_a_customer_is_changed_by_one_order(ledger: Ledger, run: int) -> None:
    _record(ledger, run, NAME, CERT)
    (item,) = _planned(ledger, run)
    assert [(s.operation, [c.field for c in s.changes]) for s in item.steps] == [
        (Operation.APPLY, ["cons_name", "cert_no"])
    ]


def test_the_accounts_of_a_customer_are_remembered(ledger: Ledger, run: int) -> None:
    _record(ledger, run, NAME)
    _planned(ledger, run, {"C1": ["1", "2"], "C2": ["3"]})
    with ledger.begin() as tx:
        assert entities.children(tx, Kind.CUSTOMER, "C1") == ["1", "2"]
        assert entities.children(tx, Kind.CUSTOMER, "C2") == []


def test_each_row_of_a_list_is_a_save_of_its_own(ledger: Ledger, run: int) -> None:
    _record(ledger, run, RENAME, DIAL, RENAME_BOB, ADD)
    (item,) = _planned(ledger, run)
    assert [(s.operation, s.row, {c.field: c.after for c in s.changes}) for s in item.steps] == [
        (Operation.CHANGE, ANN, {"contact_name": "安娜", "mobile": "9"}),
        (Operation.CHANGE, BOB, {"contact_name": "波"}),
        (Operation.ADD, {}, {"mobile": "3", "contact_name": "新"}),
    ]


def test_empty_cells_of_an_added_row_are_not_typed(ledger: Ledger, run: int) -> None:
    _record(ledger, run, replace(ADD, row=NEW | {"relation": ""}))
    (item,) = _planned(ledger, run)
    assert {c.field for c in item.steps[0].changes} == {"mobile", "contact_name"}


@pytest.mark.parametrize("disposition", [Disposition.REVIEW, Disposition.NEVER])
def test_what_needs_a_person_is_not_planned(ledger: Ledger, run: int, disposition: Disposition) -> None:
    _record(ledger, run, replace(ROOM, disposition=disposition))
    assert _planned(ledger, run) == []


@pytest.mark.parametrize(
    ("verdict", "value", "after"), [("accept", None, ["302"]), ("other", "303", ["303"]), ("reject", None, []), ("defer", None, [])]
)  # fmt: skip
def test_what_a_person_said_is_planned(
    ledger: Ledger, run: int, verdict: str, value: str | None, after: list[str]
) -> None:
    _record(ledger, run, replace(ROOM, disposition=Disposition.REVIEW))
    (seen,) = proposals.find(ledger)
    proposals.decide(
        ledger, Decision(proposal=seen.id, version=seen.version, verdict=verdict, value=value, reviewer="lin")
    )
    assert [item.steps[0].changes[0].after for item in _planned(ledger, run)] == after


def test_what_was_planned_is_not_planned_again(ledger: Ledger, run: int) -> None:
    _record(ledger, run, ROOM)
    _planned(ledger, run)
    assert plan(ledger, str, {}, run) == 0
    assert [p.state for p in proposals.find(ledger)] == ["itemised"]


def test_every_change_names_its_proposal(ledger: Ledger, run: int) -> None:
    _record(ledger, run, ROOM, ADD)
    numbers = {p.field: p.id for p in proposals.find(ledger)}
    changes = [c for item in _planned(ledger, run) for step in item.steps for c in step.changes]
    assert {c.field: c.proposal for c in changes} == {
        "room_no": numbers["room_no"], "mobile": numbers["mobile"], "contact_name": numbers["mobile"],
    }  # fmt: skip


def test_proposals_whose_item_was_replaced_are_written_all_the_same(ledger: Ledger, run: int) -> None:
    _record(ledger, run, ROOM)
    _planned(ledger, run)
    _record(ledger, run, replace(UNIT, values=(ValueEvidence(field="unit_no", value="2", source="survey", as_of=DAY),)))
    (item,) = _planned(ledger, run)
    assert {c.field for c in item.steps[0].changes} == {"room_no", "unit_no"}
