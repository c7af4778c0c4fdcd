"""Which sources support a value, which oppose it, and which say nothing of it."""

import pytest

from core.model import ValueEvidence, Verdict, VerdictEvidence
from core.reference import Reference
from matchers.fuse import Question, weigh
from matchers.gate import Weighed


def _says(source: str, value: str | None) -> ValueEvidence:
    return ValueEvidence(field="x", value=value, source=source, as_of=None)


def _weigh(reference: Reference, kind: str, value: str | None, *evidence: ValueEvidence) -> Weighed:
    (found,) = weigh([Question(kind=kind, value=value, evidence=evidence)], reference)
    return found


def _stance(weighed: Weighed, piece: ValueEvidence) -> list[str]:
    return [name for name in ("supporting", "opposing", "neutral") if piece in getattr(weighed, name)]


@pytest.mark.parametrize(
    ("kind", "value", "said", "stance"),
    [
        ("name", "张三", "张三", "supporting"),
        ("name", "张三", "李四", "opposing"),
        ("name", "张三", "张*", "neutral"),
        ("name", "张三", None, "neutral"),
        ("name", None, "张三", "neutral"),
        ("phone", "19400000001", "19400000001", "supporting"),
        ("phone", "19400000001", "19400000002", "opposing"),
        ("phone", "19400000001", "194****0001", "neutral"),
        ("text", "三单元", "三单元", "supporting"),
        ("text", "三单元", "四单元", "opposing"),
    ],
)
def test_a_source_stands_like_this(
    reference: Reference, kind: str, value: str | None, said: str | None, stance: str
) -> None:
    piece = _says("survey", said)
    assert _stance(_weigh(reference, kind, value, piece), piece) == [stance]


def test_one_agreeing_co_owner_is_enough_and_the_others_are_no_veto(reference: Reference) -> None:
    owner, other = _says("real_estate", "张三"), _says("real_estate", "李四")
    found = _weigh(reference, "name", "张三", other, owner)
    assert (found.supporting, found.opposing, found.neutral) == ((owner,), (), (other,))


def test_co_owners_of_whom_none_agrees_oppose(reference: Reference) -> None:
    owners = (_says("real_estate", "王五"), _says("real_estate", "李四"))
    assert _weigh(reference, "name", "张三", *owners).opposing == owners


def test_another_sources_agreement_lifts_no_veto(reference: Reference) -> None:
    owner, other = _says("real_estate", "李四"), _says("survey", "张三")
    found = _weigh(reference, "name", "张三", owner, other)
    assert (found.supporting, found.opposing) == ((other,), (owner,))


def test_a_co_owner_whose_name_is_masked_lifts_no_veto(reference: Reference) -> None:
    masked, other = _says("real_estate", "张*"), _says("real_estate", "李四")
    found = _weigh(reference, "name", "张三", masked, other)
    assert (found.neutral, found.opposing) == ((masked,), (other,))


def test_verdicts_are_handed_on_as_they_are(reference: Reference) -> None:
    verdict = VerdictEvidence(fields=("x",), subject="s", verdict=Verdict.NO_RECORD, source="carrier", as_of=None)
    (found,) = weigh([Question(kind="name", value="张三", evidence=(), verdicts=(verdict,))], reference)
    assert (found.verdicts, found.values) == ((verdict,), ())


def test_each_question_gets_its_own_answer_in_order(reference: Reference) -> None:
    names = ["张三", "李四", "王五"]
    questions = [
        Question(kind=kind, value=value, evidence=(_says("survey", "李四"),))
        for value in names
        for kind in ("name", "text")
    ]
    assert [bool(found.supporting) for found in weigh(questions, reference)] == [False, False, True, True, False, False]


def test_nothing_asked_is_nothing_answered(reference: Reference) -> None:
    assert weigh([], reference) == []
