"""Rows before and after filling: read once each, planned as items, told in the order of the file."""

from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from core.errors import ApplicationError, BusinessError
from core.ledger import Ledger, queue
from core.model import Entry, Image, Kind, Operation, State
from core.ports import LegacySystem
from core.words import Words
from flows import enter

TASK = enter.Task(screen="account", kind=Kind.ACCOUNT, operation=Operation.SET, digest="ab" * 32)


@dataclass
class Records:
    """A system that shows records, knows no others, and is down for some."""

    shown: dict[str, dict[str, str]]
    down: frozenset[str] = frozenset()
    reads: list[str] = field(default_factory=list)

    def read(self, screen: str, key: str) -> Image:
        self.reads.append(key)
        if key in self.down:
            raise ApplicationError(code="timeout")
        if key not in self.shown:
            raise BusinessError(code="no_such_object")
        return Image(screen=screen, key=key, cells=self.shown[key])

    def spelt(self, screen: str, field: str, text: str) -> str:
        if text == "unfit":
            raise BusinessError(code="code", hint=Words("可选：甲", "there are: 甲"))
        return text


def _look(records: Records, *entries: Entry, circuit: int = 2) -> enter.Looked:
    legacy = cast("LegacySystem", cast("Any", records))
    return enter.look(legacy, TASK, entries, attempts=2, circuit=circuit, say=lambda *_: None)


def _entry(row: int, key: str, **values: str) -> Entry:
    return Entry(row=row, key=key, values=values)


def test_a_value_that_the_control_turns_out_not_to_offer_ends_its_row() -> None:
    entries = [_entry(2, "1", remark="unfit"), _entry(3, "2", remark="new")]
    looked = _look(Records({"1": {"remark": "old"}, "2": {"remark": "old"}}), *entries)
    told = enter.differences(entries, looked)
    assert [(line.state, line.reason, line.field, line.hint) for line in told] == [
        (State.REFUSED, "code", "remark", Words("可选：甲", "there are: 甲")),
        ("change", "", "", None),
    ]


def test_a_look_tells_what_would_change_and_what_is_not_there() -> None:
    entries = [_entry(2, "1", remark="new", elec_addr="same"), _entry(3, "2", remark="x"), _entry(4, "1")]
    looked = _look(Records({"1": {"remark": "old", "elec_addr": "same"}}), *entries)
    told = enter.differences(entries, looked)
    assert [(line.state, line.reason) for line in told] == [
        ("change", ""),
        ("business_error", "no_such_object"),
        ("unchanged", ""),
    ]
    assert (dict(told[0].before), dict(told[0].after)) == ({"remark": "old"}, {"remark": "new"})


def test_what_the_screen_cannot_hold_is_never_read() -> None:
    records = Records({"1": {}})
    looked = _look(records, Entry(row=2, key="1", values={"remark": "x"}, refusal="length", field="remark"))
    assert records.reads == []
    assert looked.ended[2].reason == "length"


def test_a_system_that_is_down_is_not_asked_row_after_row() -> None:
    records = Records({}, down=frozenset("123456"))
    looked = _look(records, *(_entry(n, str(n), remark="x") for n in range(1, 7)))
    assert records.reads == ["1", "1", "2", "2"]
    assert [line.reason for line in looked.ended.values()] == ["timeout"] * 2 + ["circuit"] * 4
    assert {line.state for line in looked.ended.values()} == {State.PARKED}


def test_the_same_file_is_entered_anew_and_its_newest_item_counts(ledger: Ledger) -> None:
    entries = [_entry(2, "1", remark="new")]
    looked = _look(Records({"1": {"remark": "old"}}), *entries)
    enter.plan(ledger, TASK, entries, looked)
    first = enter.standing(ledger, TASK, entries)[2]
    assert enter.open_rows({2: first}) == {2}
    enter.plan(ledger, TASK, entries, looked)
    second = enter.standing(ledger, TASK, entries)[2]
    assert second.id > first.id
    assert [row.state for row in queue.rows(ledger)] == [State.SUPERSEDED, State.READY]
    change = queue.item(ledger, second.id).steps[0].changes[0]
    assert (change.before, change.after) == ("old", "new")
    other = enter.Task(screen="account", kind=Kind.ACCOUNT, operation=Operation.SET, digest="cd" * 32)
    assert enter.standing(ledger, other, entries) == {}
    assert queue.due_in(ledger, other.origin) is None
    assert queue.due_in(ledger, TASK.origin) == 0.0


MAKES = enter.Task(
    screen="people", kind=Kind.RECORD, operation=Operation.SET, digest="ef" * 32, scope="people@here ", creates=True
)
ABSENT = enter.Looked(images={2: Image(screen="people", key="1")}, entries={2: _entry(2, "1", remark="new")}, ended={})


def _unfound(ledger: Ledger) -> queue.Row:
    """A record that was made, and then could not be found."""
    assert enter.plan(ledger, MAKES, ABSENT.entries.values(), ABSENT) == {}
    item = enter.standing(ledger, MAKES, ABSENT.entries.values())[2]
    worker = queue.enlist(ledger, "one", "here", 1, 0.0)
    claimed = queue.claim(ledger, worker, 60, lambda *_: False, origin=MAKES.origin)
    assert claimed is not None
    assert claimed.id == item.id
    queue.finish(ledger, claimed, State.PARKED, "unfound")
    return enter.standing(ledger, MAKES, ABSENT.entries.values())[2]


def test_a_record_that_may_have_been_made_is_not_made_by_another_run(ledger: Ledger) -> None:
    _unfound(ledger)
    other = replace(MAKES, digest="01" * 32)
    for task in (MAKES, other):
        (line,) = enter.plan(ledger, task, ABSENT.entries.values(), ABSENT).values()
        assert (line.row, line.state, line.reason) == (2, State.PARKED, "unfound")
    assert len(queue.rows(ledger)) == 1
    assert enter.plan(ledger, other, ABSENT.entries.values(), ABSENT, remake=True) == {}
    assert len(queue.rows(ledger)) == 2


@pytest.mark.parametrize("sent", [True, False])
def test_a_dialog_after_a_new_record_was_sent_lets_no_other_run_make_it(ledger: Ledger, sent: bool) -> None:
    """What the dialog hid is not known; before anything was sent it hides nothing, and the corrected map may try."""
    assert enter.plan(ledger, MAKES, ABSENT.entries.values(), ABSENT) == {}
    worker = queue.enlist(ledger, "one", "here", 1, 0.0)
    claimed = queue.claim(ledger, worker, 60, lambda *_: False, origin=MAKES.origin)
    assert claimed is not None
    if sent:
        queue.intend(ledger, claimed, claimed.steps[0], ABSENT.images[2], claimed.steps[0].changes, worker, None)
    queue.finish(ledger, claimed, State.PARKED, "dialog")
    held = enter.plan(ledger, replace(MAKES, digest="01" * 32), ABSENT.entries.values(), ABSENT)
    assert [line.reason for line in held.values()] == (["unfound"] if sent else [])


def test_a_record_that_may_have_been_made_is_not_taken_up_again_unless_a_person_says_so(ledger: Ledger) -> None:
    row = _unfound(ledger)
    enter.take_up(ledger, {2: row})
    assert [row.state for row in queue.rows(ledger)] == [State.PARKED]
    enter.take_up(ledger, {2: row}, remake=True)
    assert [row.state for row in queue.rows(ledger)] == [State.READY]


def test_the_figures_add_up_and_rows_that_had_no_turn_wait() -> None:
    states = [State.VERIFIED, State.UNCHANGED, State.CONFLICT, State.REFUSED, State.UNKNOWN, State.PARKED, State.READY]
    told = enter.figures(enter.Line(row=n, key=str(n), state=s, submits=1) for n, s in enumerate(states))
    ends = ("verified", "unchanged", "conflicts", "business_errors", "unknown", "parked")
    assert told["rows"] == sum(told[name] for name in ends) == 6
    assert (told["waiting"], told["filled"]) == (1, 7)


def test_a_row_that_waits_behind_another_files_item_says_behind_which(ledger: Ledger) -> None:
    entries = [_entry(2, "1", remark="new")]
    looked = enter.Looked(
        images={2: Image(screen="account", key="1", cells={"remark": "old"})}, entries={2: entries[0]}, ended={}
    )
    enter.plan(ledger, TASK, entries, looked)
    worker = queue.enlist(ledger, "one", "here", 1, 0.0)
    claimed = queue.claim(ledger, worker, 60, lambda *_: False, origin=TASK.origin)
    assert claimed is not None
    other = replace(TASK, digest="cd" * 32)
    enter.plan(ledger, other, entries, looked)
    (line,) = enter.lines(ledger, other, entries, {})
    (first, _) = queue.rows(ledger)
    assert (line.state, line.reason, line.field) == (State.WAITING, "behind", f"{first.name} ({TASK.origin}row 2)")
    (line,) = enter.lines(ledger, TASK, entries, {})
    assert (line.state, line.reason) == (State.WORKING, "")
