"""Promises of paid questions: no question is paid twice, and every one that may have been paid is on disk."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.ledger import Ledger, calls
from core.ledger.calls import Call
from core.model import Verdict, VerdictEvidence

DAY = date(2026, 1, 5)
YES = VerdictEvidence(
    fields=("mobile",), subject="s", verdict=Verdict.CONSISTENT, subcode="0", source="carrier", as_of=DAY
)


def _intend(ledger: Ledger, subject: str = "s", day: date = DAY, question: str = "status") -> Call:
    return calls.intend(ledger, "carrier", question, subject, day, None)


def _answer(ledger: Ledger, call: Call, evidence: VerdictEvidence = YES, fee: int = 30) -> None:
    calls.answer(ledger, call, evidence, fee, DAY, 10)


def test_a_new_question_has_a_key_and_no_answer(ledger: Ledger) -> None:
    call = _intend(ledger)
    assert len(call.key) == 32
    assert call.answered is None


def test_a_question_without_an_answer_is_asked_again_under_its_key(ledger: Ledger) -> None:
    assert _intend(ledger) == _intend(ledger, day=DAY + timedelta(days=40))


def test_an_answer_is_kept(ledger: Ledger) -> None:
    call = _intend(ledger)
    _answer(ledger, call)
    assert _intend(ledger).answered == replace(YES, call=call.id)


@pytest.mark.parametrize(("days", "kept"), [(0, True), (10, True), (11, False)])
def test_an_answer_is_asked_for_again_when_it_has_expired(ledger: Ledger, days: int, kept: bool) -> None:
    call = _intend(ledger)
    _answer(ledger, call)
    again = _intend(ledger, day=DAY + timedelta(days=days))
    assert (again.answered is not None) is kept
    assert (again.key == call.key) is kept


@pytest.mark.parametrize(("subject", "question"), [("other", "status"), ("s", "reassigned")])
def test_another_question_or_subject_has_another_key(ledger: Ledger, subject: str, question: str) -> None:
    assert _intend(ledger).key != _intend(ledger, subject, question=question).key


def test_another_verifiers_answer_does_not_count(ledger: Ledger) -> None:
    _answer(ledger, _intend(ledger))
    assert calls.intend(ledger, "police", "status", "s", DAY, None).answered is None


def test_what_was_spent_is_the_sum_of_answered_calls(ledger: Ledger) -> None:
    _answer(ledger, _intend(ledger, "a"), fee=30)
    _answer(ledger, _intend(ledger, "b"), fee=12)
    _intend(ledger, "c")
    assert calls.spent(ledger, "carrier", DAY) == 42
    assert calls.count(ledger, DAY) == 3


def test_nothing_was_spent_on_other_days_or_other_services(ledger: Ledger) -> None:
    _answer(ledger, _intend(ledger))
    assert calls.spent(ledger, "carrier", DAY + timedelta(days=1)) == 0
    assert calls.spent(ledger, "police", DAY) == 0


def test_answers_that_count_are_found_by_question_and_subject(ledger: Ledger) -> None:
    call = _intend(ledger)
    _answer(ledger, call)
    _intend(ledger, "open")
    assert calls.answers(ledger, DAY) == {("status", "s"): replace(YES, call=call.id)}
    assert calls.answers(ledger, DAY + timedelta(days=11)) == {}


def test_the_newest_answer_counts(ledger: Ledger) -> None:
    _answer(ledger, _intend(ledger))
    later = DAY + timedelta(days=11)
    calls.answer(
        ledger, _intend(ledger, day=later), replace(YES, verdict=Verdict.REASSIGNED, as_of=later), 30, later, 10
    )
    assert calls.answers(ledger, later)["status", "s"].verdict is Verdict.REASSIGNED


def test_a_question_that_left_counts_at_its_price_until_its_answer_names_the_fee(ledger: Ledger) -> None:
    call = _intend(ledger)
    assert (call.reserved, calls.spent(ledger, "carrier", DAY)) == (False, 0)
    calls.reserve(ledger, call, 30, DAY)
    assert (calls.spent(ledger, "carrier", DAY), calls.fees(ledger, DAY)) == (30, 0)
    assert _intend(ledger).reserved
    assert not _intend(ledger, day=DAY + timedelta(days=1)).reserved
    _answer(ledger, call, fee=20)
    assert (calls.spent(ledger, "carrier", DAY), calls.fees(ledger, DAY)) == (20, 20)
