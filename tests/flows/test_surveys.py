"""Whose answers a survey's rows are, which delivery of them counts, and what a visit without a day is worth."""

from collections.abc import Mapping
from datetime import date

import pytest

from core import settings
from core.ledger import Ledger
from core.survey import Theme
from flows import evidence
from flows.evidence import Answer, Surveys
from tests.flows.desk import CONFIG, DAY, YESTERDAY, config, keep

ROW = {
    "task_no": "T1", "rev": "1", "cons_no": "1", "surveyor": "S1", "survey_at": "2026-03-15T10:00:00", "audit": "PASS",
    "auditor": "S2", "item": "JZ016", "answer": "1", "value": "1102", "photos": "DOOR", "signature": "是",
}  # fmt: skip
NUMBERS = {"1": "1", "2": "2"}


@pytest.fixture(scope="module")
def theme() -> Theme:
    fields, _, _ = config()
    return Theme.load(settings.read(CONFIG / "sites" / "practice"), fields, "residential")


def _read(ledger: Ledger, theme: Theme) -> Surveys:
    return evidence.surveys(ledger, theme, config()[1], NUMBERS)


def _rooms(found: Surveys) -> Mapping[str, str | None]:
    return {account: answers["room_no"].value for account, answers in found.answers.items()}


def _room(ledger: Ledger, theme: Theme) -> Answer | None:
    return _read(ledger, theme).answers.get("1", {}).get("room_no")


def test_a_task_that_visits_several_accounts_gives_each_its_own_answers(ledger: Ledger, theme: Theme) -> None:
    """One task is one surveyor's building: what he wrote down next door is no value of the first account's."""
    keep(ledger, "survey", "survey", [ROW, ROW | {"cons_no": "2", "value": "1103"}])
    assert _rooms(_read(ledger, theme)) == {"1": "1102", "2": "1103"}


def test_a_higher_revision_replaces_the_whole_task(ledger: Ledger, theme: Theme) -> None:
    """A visit that was noted under the wrong account is corrected by its next revision: the first account keeps nothing of it."""
    keep(ledger, "survey", "survey", [ROW, ROW | {"rev": "2", "cons_no": "2"}])
    assert _rooms(_read(ledger, theme)) == {"2": "1102"}


@pytest.mark.parametrize(("audit", "heard"), [("PASS", True), ("BACK", False), ("WAIT", False)])
def test_what_was_delivered_last_says_whether_a_revision_is_audited(
    ledger: Ledger, theme: Theme, audit: str, heard: bool
) -> None:
    """An audit that was taken back comes as the same revision once more."""
    keep(ledger, "survey", "survey", [ROW], YESTERDAY)
    keep(ledger, "survey", "survey", [ROW | {"audit": audit}], DAY)
    assert (_room(ledger, theme) is not None) is heard


@pytest.mark.parametrize("moment", ["?某日", ""])
def test_a_visit_without_a_day_is_older_than_any_with_one(ledger: Ledger, theme: Theme, moment: str) -> None:
    undated = ROW | {"task_no": "T0", "survey_at": moment, "value": "999"}
    keep(ledger, "survey", "survey", [ROW, undated])
    found = _room(ledger, theme)
    assert found is not None
    assert (found.value, found.evidence.as_of) == ("1102", date(2026, 3, 15))
