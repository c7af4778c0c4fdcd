"""What a screen says of a plan and of a save, as a table; and two things that are never called verified."""

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Change, Image, Operation
from flows.compare import Outcome, Standing, judge, outcome

Cells = Mapping[str, str]
Rows = list[dict[str, str]]
SET, ADD, CHANGE, APPLY = Operation.SET, Operation.ADD, Operation.CHANGE, Operation.APPLY
ANN, BOB = {"name": "安", "mobile": "1"}, {"name": "博", "mobile": "2"}
NEW, ANNA = {"name": "新", "mobile": "3"}, {"name": "安娜", "mobile": "1"}


def _change(field: str, before: str | None, after: str) -> Change:
    return Change(field=field, before=before, after=after, proposal=0)


def _form(**cells: str) -> Image:
    return Image(screen="account", key="1", cells=cells)


def _list(*rows: Cells) -> Image:
    return Image(screen="contacts", key="1", rows=rows)


ROOM, UNIT = _change("room", "301", "302"), _change("unit", "1", "2")
ADDED = (_change("name", None, "新"), _change("mobile", None, "3"))
RENAMED = (_change("name", "安", "安娜"),)

FORMS: dict[str, tuple[tuple[Change, ...], Image, Standing, tuple[str, ...], tuple[str, ...]]] = {
    "as planned": ((ROOM,), _form(room="301"), Standing.OPEN, ("room",), ()),
    "already there": ((ROOM,), _form(room="302"), Standing.DONE, (), ()),
    "half there": ((ROOM, UNIT), _form(room="302", unit="1"), Standing.OPEN, ("unit",), ()),
    "somebody else's value": ((ROOM,), _form(room="303"), Standing.CHANGED, (), ("room",)),
    "emptied by somebody": ((ROOM,), _form(), Standing.CHANGED, (), ("room",)),
    "one of two overtaken": ((ROOM, UNIT), _form(room="301", unit="9"), Standing.CHANGED, (), ("unit",)),
    "planned blindly, empty": ((_change("room", None, "302"),), _form(room=""), Standing.OPEN, ("room",), ()),
    "planned blindly, not empty": ((_change("room", None, "302"),), _form(room="9"), Standing.CHANGED, (), ("room",)),
    "planned as empty": ((_change("room", "", "302"),), _form(), Standing.OPEN, ("room",), ()),
    "blanks that no page shows": ((_change("room", " 302", "302"),), _form(room="302"), Standing.OPEN, ("room",), ()),
}


@pytest.mark.parametrize(("changes", "now", "standing", "todo", "fields"), FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("operation", [SET, APPLY])
def test_a_form_that_was_just_read_says(
    operation: Operation,
    changes: tuple[Change, ...],
    now: Image,
    standing: Standing,
    todo: tuple[str, ...],
    fields: tuple[str, ...],
) -> None:
    found = judge(operation, changes, {}, now)
    assert (found.standing, tuple(c.field for c in found.todo), found.fields) == (standing, todo, fields)


LISTS: dict[str, tuple[Operation, tuple[Change, ...], Cells, Image, Standing]] = {
    "add to an empty list": (ADD, ADDED, {}, _list(), Standing.OPEN),
    "add beside others": (ADD, ADDED, {}, _list(ANN, BOB), Standing.OPEN),
    "added already": (ADD, ADDED, {}, _list(ANN, NEW), Standing.DONE),
    "added already with more": (ADD, ADDED, {}, _list(NEW | {"relation": "self"}), Standing.DONE),
    "number taken by another name": (ADD, ADDED, {}, _list(NEW | {"name": "旧"}), Standing.CHANGED),
    "change as planned": (CHANGE, RENAMED, ANN, _list(ANN, BOB), Standing.OPEN),
    "changed already": (CHANGE, RENAMED, ANN, _list(ANNA, BOB), Standing.DONE),
    "row is gone": (CHANGE, RENAMED, ANN, _list(BOB), Standing.CHANGED),
    "row changed by somebody": (CHANGE, RENAMED, ANN, _list(ANN | {"name": "安安"}), Standing.CHANGED),
    "row there twice": (CHANGE, RENAMED, ANN, _list(ANN, ANN), Standing.AMBIGUOUS),
    "changed row there twice": (CHANGE, RENAMED, ANN, _list(ANNA, ANNA), Standing.CHANGED),
}


@pytest.mark.parametrize(("operation", "changes", "row", "now", "standing"), LISTS.values(), ids=LISTS)
def test_a_list_that_was_just_read_says(
    operation: Operation, changes: tuple[Change, ...], row: Cells, now: Image, standing: Standing
) -> None:
    assert judge(operation, changes, row, now).standing is standing


SAVES: dict[str, tuple[tuple[Change, ...], Cells, Cells, Outcome]] = {
    "stored": ((ROOM,), {"room": "301", "x": "1"}, {"room": "302", "x": "1"}, Outcome.VERIFIED),
    "derived moved": ((ROOM,), {"room": "301", "time": "1"}, {"room": "302", "time": "2"}, Outcome.VERIFIED),
    "derived appeared": ((ROOM,), {"room": "301"}, {"room": "302", "time": "2"}, Outcome.VERIFIED),
    "nothing stored": ((ROOM,), {"room": "301"}, {"room": "301"}, Outcome.NOTHING),
    "nothing but the time": ((ROOM,), {"room": "301", "time": "1"}, {"room": "301", "time": "2"}, Outcome.NOTHING),
    "half stored": ((ROOM, UNIT), {"room": "301", "unit": "1"}, {"room": "302", "unit": "1"}, Outcome.PARTIAL),
    "another field moved": ((ROOM,), {"room": "301", "x": "1"}, {"room": "302", "x": "2"}, Outcome.FOREIGN),
    "another field vanished": ((ROOM,), {"room": "301", "x": "1"}, {"room": "302"}, Outcome.FOREIGN),
    "only another field moved": ((ROOM,), {"room": "301", "x": "1"}, {"room": "301", "x": "2"}, Outcome.UNDECIDED),
    "cut off": ((ROOM,), {"room": "301"}, {"room": "30"}, Outcome.TRUNCATED),
    "stored and cut off": (
        (ROOM, _change("unit", "1", "234")),
        {"room": "301", "unit": "1"},
        {"room": "302", "unit": "23"},
        Outcome.TRUNCATED,
    ),
    "the beginning of another field's value": (
        (ROOM, _change("unit", "1", "999")),
        {"room": "301", "unit": "1"},
        {"room": "302", "unit": "30"},
        Outcome.UNDECIDED,
    ),
    "a strange value": ((ROOM,), {"room": "301"}, {"room": "3?2"}, Outcome.UNDECIDED),
    "emptied": ((ROOM,), {"room": "301"}, {"room": ""}, Outcome.UNDECIDED),
    "gone": ((ROOM,), {"room": "301"}, {}, Outcome.UNDECIDED),
}


@pytest.mark.parametrize(("typed", "before", "after", "expected"), SAVES.values(), ids=SAVES)
@pytest.mark.parametrize("operation", [SET, APPLY])
def test_a_form_after_a_save_says(
    operation: Operation, typed: tuple[Change, ...], before: Cells, after: Cells, expected: Outcome
) -> None:
    assert outcome(operation, typed, {}, _form(**before), _form(**after), ["time"]) is expected


ROW_SAVES: dict[str, tuple[Operation, Rows, Rows, Outcome]] = {
    "added": (ADD, [ANN], [ANN, NEW], Outcome.VERIFIED),
    "added in front": (ADD, [ANN, BOB], [NEW, BOB, ANN], Outcome.VERIFIED),
    "added with more": (ADD, [], [NEW | {"relation": "self"}], Outcome.VERIFIED),
    "not added": (ADD, [ANN], [ANN], Outcome.NOTHING),
    "not added, only moved": (ADD, [ANN, BOB], [BOB, ANN], Outcome.NOTHING),
    "added twice": (ADD, [ANN], [ANN, NEW, NEW], Outcome.DOUBLED),
    "added with somebody else's": (ADD, [ANN], [ANN, NEW, BOB], Outcome.FOREIGN),
    "added while another vanished": (ADD, [ANN], [NEW], Outcome.FOREIGN),
    "another row added": (ADD, [ANN], [ANN, BOB], Outcome.UNDECIDED),
    "another row vanished": (ADD, [ANN], [], Outcome.UNDECIDED),
    "added cut off": (ADD, [], [{"name": "新", "mobile": ""}], Outcome.UNDECIDED),
    "changed": (CHANGE, [ANN, BOB], [ANNA, BOB], Outcome.VERIFIED),
    "not changed": (CHANGE, [ANN, BOB], [ANN, BOB], Outcome.NOTHING),
    "changed and doubled": (CHANGE, [ANN], [ANNA, ANNA], Outcome.DOUBLED),
    "added instead of changed": (CHANGE, [ANN], [ANN, ANNA], Outcome.UNDECIDED),
    "changed while another vanished": (CHANGE, [ANN, BOB], [ANNA], Outcome.FOREIGN),
    "another row changed": (CHANGE, [ANN, BOB], [ANN, BOB | {"name": "安娜"}], Outcome.UNDECIDED),
    "row vanished": (CHANGE, [ANN], [], Outcome.UNDECIDED),
}


@pytest.mark.parametrize(("operation", "before", "after", "expected"), ROW_SAVES.values(), ids=ROW_SAVES)
def test_a_list_after_a_save_says(operation: Operation, before: Rows, after: Rows, expected: Outcome) -> None:
    typed, row = (ADDED, {}) if operation is ADD else (RENAMED, ANN)
    stamped = [r | {"time": str(number)} for number, r in enumerate(after)]
    assert outcome(operation, typed, row, _list(*before), _list(*stamped), ["time"]) is expected


def test_every_standing_and_every_outcome_stands_in_the_tables() -> None:
    assert {row[2] for row in FORMS.values()} | {row[4] for row in LISTS.values()} == set(Standing)
    assert {row[3] for row in SAVES.values()} | {row[3] for row in ROW_SAVES.values()} == set(Outcome)


# -- properties

FIELDS = st.sampled_from(["a", "b", "c", "d"])
VALUES = st.sampled_from(["", "1", "12", "2", "电"])
CELLS = st.dictionaries(FIELDS, VALUES)
ROWS = st.lists(st.dictionaries(st.sampled_from(["name", "mobile"]), VALUES, min_size=1), max_size=4)


@st.composite
def _typed(draw: st.DrawFn, before: Cells) -> tuple[Change, ...]:
    wanted = draw(st.dictionaries(FIELDS, VALUES, min_size=1))
    planned = tuple(_change(field, before.get(field, ""), value) for field, value in wanted.items())
    return judge(SET, planned, {}, _form(**before)).todo


@given(st.data(), CELLS)
def test_a_form_that_stayed_as_it_was_is_never_verified(data: st.DataObject, before: Cells) -> None:
    typed = data.draw(_typed(before))
    if typed:
        assert outcome(SET, typed, {}, _form(**before), _form(**before), []) is Outcome.NOTHING


@given(st.data(), CELLS, CELLS)
def test_a_form_is_verified_only_when_it_holds_all_that_was_typed_and_the_rest_as_before(
    data: st.DataObject, before: Cells, after: Cells
) -> None:
    typed = data.draw(_typed(before))
    expected = dict(before) | {c.field: c.after for c in typed}
    verified = outcome(SET, typed, {}, _form(**before), _form(**after), []) is Outcome.VERIFIED
    assert verified == (after == expected)


@given(st.data(), CELLS, FIELDS, VALUES)
def test_an_untouched_field_that_moved_is_never_verified(
    data: st.DataObject, before: Cells, field: str, value: str
) -> None:
    typed = data.draw(_typed(before))
    stored = dict(before) | {c.field: c.after for c in typed}
    if field not in {c.field for c in typed} and stored.get(field) != value:
        stored[field] = value
        assert outcome(SET, typed, {}, _form(**before), _form(**stored), []) is not Outcome.VERIFIED


@given(ROWS, st.randoms())
def test_a_list_that_stayed_as_it_was_is_never_verified(rows: Rows, random: Random) -> None:
    mixed = random.sample(rows, len(rows))
    assert outcome(ADD, ADDED, {}, _list(*rows), _list(*mixed), []) is Outcome.NOTHING


@given(ROWS, ROWS)
def test_a_row_is_verified_only_when_it_is_all_that_came_and_nothing_went(before: Rows, after: Rows) -> None:
    if outcome(ADD, ADDED, {}, _list(*before), _list(*after), []) is Outcome.VERIFIED:
        assert len(after) == len(before) + 1
        assert all(after.count(row) >= before.count(row) for row in before)
