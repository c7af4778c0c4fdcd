"""Promises of the surveys: which result counts for an account, what an answer says and lacks, and what nobody understands."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.fields import Fields
from core.ledger import Ledger, batches
from core.policy import Policy
from core.ports import Delivery
from core.settings import read as settled
from core.survey import Theme
from flows import surveys
from flows.surveys import Answer, Surveys
from matchers.columns import encode, stacked

DAY = date(2026, 3, 16)
NUMBERS = {"1": "1", "2": "2", "old1": "1", "again": ""}
COLUMNS = (
    "task_no", "rev", "cons_no", "survey_at", "audit", "surveyor", "auditor", "item", "answer", "value", "photos", "signature",
)  # fmt: skip
ROOM = {
    "task_no": "T1", "rev": "1", "cons_no": "1", "survey_at": "2026-03-01T08:00:00", "audit": "PASS", "surveyor": "S1", "auditor": "A1",
    "item": "JZ016", "answer": "1", "value": "302", "photos": "DOOR", "signature": "false",
}  # fmt: skip


@pytest.fixture(scope="module")
def judged_by() -> tuple[Theme, Policy]:
    config = settled(Path(__file__).parents[2] / "config")
    fields = Fields.load(config)
    return Theme.load(config, fields, "residential"), Policy.load(config, fields)


def _keep(ledger: Ledger, name: str, *rows: Mapping[str, str], source: str = "survey") -> None:
    columns: dict[str, list[str | None]] = {c: [row.get(c) or None for row in rows] for c in COLUMNS}
    delivery = Delivery(name=name, raw=(name + repr(rows)).encode(), as_of=DAY, columns=columns, table="rows")
    assert batches.keep(ledger, source, "survey", delivery, DAY, None) is not None


def _read(ledger: Ledger, judged_by: tuple[Theme, Policy]) -> Surveys:
    return surveys.read(ledger, *judged_by, NUMBERS)


def _told(found: Surveys) -> dict[str, dict[str, str | None]]:
    return {number: {name: a.value for name, a in of.items()} for number, of in found.answers.items()}


def test_nothing_delivered_says_nothing(ledger: Ledger, judged_by: tuple[Theme, Policy]) -> None:
    found = _read(ledger, judged_by)
    assert (_told(found), found.surveyors, found.waiting, found.problems) == ({}, {}, 0, ())


def test_a_higher_revision_replaces_a_lower_one_in_whatever_order_they_came(
    ledger: Ledger, judged_by: tuple[Theme, Policy]
) -> None:
    _keep(ledger, "a", ROOM | {"rev": "10", "value": "310"}, ROOM | {"rev": "2", "value": "302"})
    _keep(ledger, "b", ROOM | {"rev": "9", "value": "309"}, ROOM | {"rev": "", "value": "301"})
    assert _told(_read(ledger, judged_by)) == {"1": {"room_no": "310"}}


def test_of_two_tasks_the_later_counts_and_what_is_not_audited_waits(
    ledger: Ledger, judged_by: tuple[Theme, Policy]
) -> None:
    later = {"task_no": "T0", "survey_at": "2026-03-02", "cons_no": "old1", "value": "402"}
    waits = {"task_no": "T9", "survey_at": "2026-03-09", "audit": "WAIT", "value": "909"}
    _keep(ledger, "a", ROOM | later, ROOM, ROOM | waits)
    found = _read(ledger, judged_by)
    assert _told(found) == {"1": {"room_no": "402"}}
    assert (found.waiting, found.surveyors) == (1, {"S1": 3})


def test_an_answer_keeps_where_it_was_read_when_and_by_whom(ledger: Ledger, judged_by: tuple[Theme, Policy]) -> None:
    _keep(ledger, "a", ROOM | {"cons_no": "2", "task_no": "T2"})
    _keep(ledger, "b", ROOM | {"item": "JZ014", "answer": "0", "value": "7"}, ROOM)
    found = _read(ledger, judged_by).answers
    assert list(found["1"]) == ["building_no", "room_no"]
    confirmed, wrong = found["1"].values()
    assert (confirmed.wrong, confirmed.value) == (False, None)
    assert (wrong.wrong, wrong.value, wrong.origin, wrong.evidence.note) == (True, "302", "T1/1", "S1/A1")
    assert wrong.evidence.ref is not None
    assert (wrong.evidence.as_of, wrong.evidence.ref.batch, wrong.evidence.ref.row) == (date(2026, 3, 1), 2, 2)
    with pytest.raises(KeyError):
        found["3"]


def test_the_last_answer_of_a_visit_on_a_field_counts_also_over_deliveries(
    ledger: Ledger, judged_by: tuple[Theme, Policy]
) -> None:
    _keep(ledger, "a", ROOM, ROOM | {"value": "303"}, ROOM | {"cons_no": "2", "task_no": "T2", "value": "5"})
    _keep(ledger, "b", ROOM | {"value": "304"})
    found = _read(ledger, judged_by).answers
    assert {n: of["room_no"].value for n, of in found.items()} == {"1": "304", "2": "5"}
    ((name, rows),) = found.by_field()
    assert (name, [found.value.at(row) for row in rows.tolist()]) == ("room_no", ["304", "5"])


@pytest.mark.parametrize(
    ("given", "lacks"),
    [
        ({}, ()),
        ({"photos": "METER"}, ("DOOR",)),
        ({"photos": ""}, ("DOOR",)),
        ({"surveyor": "", "auditor": ""}, ("surveyor", "auditor", "other_auditor")),
        ({"auditor": "S1"}, ("other_auditor",)),
        ({"item": "JZ001", "photos": "DOOR;ID_CARD"}, ("signature",)),
        ({"item": "JZ001", "photos": "ID_CARD", "signature": "是"}, ()),
    ],
)
def test_an_answer_says_what_evidence_it_lacks(
    ledger: Ledger, judged_by: tuple[Theme, Policy], given: dict[str, str], lacks: tuple[str, ...]
) -> None:
    _keep(ledger, "a", ROOM | {"cons_no": "2", "task_no": "T2"}, ROOM | given)
    (answer,) = _read(ledger, judged_by).answers["1"].values()
    assert isinstance(answer, Answer)
    assert answer.lacks == lacks


def test_what_nobody_understands_is_told_with_its_place_and_never_becomes_an_answer(
    ledger: Ledger, judged_by: tuple[Theme, Policy]
) -> None:
    strange: list[dict[str, str]] = [
        {"item": "JZ999"}, {"answer": "7"}, {"item": "JZ033", "value": "贝壳"}, {"rev": "一"}, {"rev": "9" * 5000}, {"cons_no": "8", "task_no": "T8"},
    ]  # fmt: skip
    _keep(ledger, "a", *(ROOM | one for one in strange), ROOM | {"item": "JZ033", "value": ""})
    found = _read(ledger, judged_by)
    assert {(p.code, p.row) for p in found.problems} == {
        ("unknown_item", 1), ("unknown_answer", 2), ("unmapped_code", 3), ("no_revision", 4), ("no_revision", 5), ("unknown_account", 6),
    }  # fmt: skip
    assert _told(found) == {"1": {"pay_mode": None}}


def test_items_without_a_field_are_counted(ledger: Ledger, judged_by: tuple[Theme, Policy]) -> None:
    theme, _ = judged_by
    without = next(code for code, item in theme.items.items() if item.field is None)
    _keep(ledger, "a", ROOM | {"item": without}, ROOM | {"item": without, "answer": "0"})
    found = _read(ledger, judged_by)
    assert (found.unmapped_items, _told(found)) == (2, {"1": {}})


def _rooms(found: Surveys) -> Mapping[str, str | None]:
    return {account: answers["room_no"].value for account, answers in found.answers.items()}


def _room(ledger: Ledger, judged_by: tuple[Theme, Policy]) -> Answer | None:
    return _read(ledger, judged_by).answers.get("1", {}).get("room_no")


def test_a_task_that_visits_several_accounts_gives_each_its_own_answers(
    ledger: Ledger, judged_by: tuple[Theme, Policy]
) -> None:
    """One task is one surveyor's building: what he wrote down next door is no value of the first account's."""
    _keep(ledger, "a", ROOM, ROOM | {"cons_no": "2", "value": "303"})
    assert _rooms(_read(ledger, judged_by)) == {"1": "302", "2": "303"}


def test_a_higher_revision_replaces_the_whole_task(ledger: Ledger, judged_by: tuple[Theme, Policy]) -> None:
    """A visit that was noted under the wrong account is corrected by its next revision: the first account keeps nothing of it."""
    _keep(ledger, "a", ROOM, ROOM | {"rev": "2", "cons_no": "2"})
    assert _rooms(_read(ledger, judged_by)) == {"2": "302"}


@pytest.mark.parametrize(("audit", "heard"), [("PASS", True), ("BACK", False), ("WAIT", False)])
def test_what_was_delivered_last_says_whether_a_revision_is_audited(
    ledger: Ledger, judged_by: tuple[Theme, Policy], audit: str, heard: bool
) -> None:
    """An audit that was taken back comes as the same revision once more."""
    _keep(ledger, "a", ROOM)
    _keep(ledger, "b", ROOM | {"audit": audit})
    assert (_room(ledger, judged_by) is not None) is heard


@pytest.mark.parametrize("audits", [("BACK", "PASS"), ("PASS", "BACK"), ("PASS", "")], ids=str)
def test_a_result_of_which_a_row_is_not_audited_is_not(
    ledger: Ledger, judged_by: tuple[Theme, Policy], audits: tuple[str, str]
) -> None:
    """Nobody can say which of the rows the auditor has looked at, and what was not audited is never written."""
    one, other = audits
    _keep(ledger, "a", ROOM | {"audit": one}, ROOM | {"audit": other, "item": "JZ014", "value": "7"})
    found = _read(ledger, judged_by)
    assert (_told(found), found.waiting) == ({}, 1)


@pytest.mark.parametrize("spelt", [{"cons_no": "old1"}, {"rev": "01"}, {"rev": ""}, {"rev": "１"}], ids=str)
@pytest.mark.parametrize("audits", [("BACK", "PASS"), ("PASS", "BACK")], ids=str)
def test_rows_of_one_result_are_one_however_they_are_spelt(
    ledger: Ledger, judged_by: tuple[Theme, Policy], audits: tuple[str, str], spelt: dict[str, str]
) -> None:
    """A number of before and today's are one account: what a later row says of its own audit audits no other one."""
    one, other = audits
    _keep(ledger, "a", ROOM | {"audit": one}, ROOM | spelt | {"audit": other, "item": "JZ014", "value": "7"})
    found = _read(ledger, judged_by)
    assert (_told(found), found.waiting) == ({}, 1)


def test_corrections_are_the_answers_that_count_and_say_what_is_right(
    ledger: Ledger, judged_by: tuple[Theme, Policy]
) -> None:
    """Of two answers on a field the later: one that was taken back corrects nothing; who confirms, or knows nothing better, neither."""
    back = ROOM | {"item": "JZ014", "value": "7"}
    _keep(
        ledger, "a", back, ROOM | {"value": "301"}, ROOM, back | {"answer": "0"}, ROOM | {"item": "JZ015", "value": ""}
    )
    _keep(ledger, "b", ROOM | {"cons_no": "2", "task_no": "T2", "answer": "0"})
    found = _read(ledger, judged_by).answers
    assert {n: {f: a.value for f, a in of.items()} for n, of in found.corrections()} == {"1": {"room_no": "302"}}
    assert set(found) == {"1", "2"}


def test_a_number_that_was_given_away_again_leads_to_no_account(
    ledger: Ledger, judged_by: tuple[Theme, Policy]
) -> None:
    _keep(ledger, "a", ROOM | {"cons_no": "again"}, ROOM | {"cons_no": "2", "task_no": "T2"})
    found = _read(ledger, judged_by)
    assert (_told(found), [(p.code, p.row) for p in found.problems]) == (
        {"2": {"room_no": "302"}},
        [("reused_account", 1)],
    )


@pytest.mark.parametrize("moment", ["?某日", ""])
def test_a_visit_without_a_day_is_older_than_any_with_one(
    ledger: Ledger, judged_by: tuple[Theme, Policy], moment: str
) -> None:
    undated = ROOM | {"task_no": "T0", "survey_at": moment, "value": "999"}
    _keep(ledger, "a", ROOM, undated)
    found = _room(ledger, judged_by)
    assert found is not None
    assert (found.value, found.evidence.as_of) == ("302", date(2026, 3, 1))


@given(st.lists(st.lists(st.sampled_from(["", "甲", "乙", "丙"]))))
def test_stacked_columns_hold_the_rows_of_all(columns: list[list[str]]) -> None:
    below = stacked([encode(column) for column in columns]).decode().tolist()
    assert below == [text or None for column in columns for text in column]
