"""Which sources support a value, which oppose it, and which say nothing of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.fields import Fields
from core.model import ValueEvidence, Verdict, VerdictEvidence
from core.policy import Policy
from core.reference import Reference
from core.settings import read
from matchers.fuse import Belief, Question, agreements, experience, weigh
from matchers.gate import Weighed

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def policy() -> Policy:
    config = read(CONFIG)
    return Policy.load(config, Fields.load(config))


@pytest.fixture(scope="module")
def belief(policy: Policy) -> Belief:
    return Belief(policy=policy)


Ask = Callable[..., Weighed]


def _says(source: str, value: str | None) -> ValueEvidence:
    return ValueEvidence(field="x", value=value, source=source, as_of=None)


@pytest.fixture(scope="module")
def ask(reference: Reference, belief: Belief) -> Ask:
    def one(kind: str, value: str | None, *evidence: ValueEvidence) -> Weighed:
        (found,) = weigh([Question(kind=kind, value=value, evidence=evidence)], reference, belief)
        return found

    return one


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
        ("phone", "19400000001", "194****0001", "supporting"),
        ("text", "三单元", "三单元", "supporting"),
        ("text", "三单元", "四单元", "opposing"),
    ],
)
def test_a_source_stands_like_this(ask: Ask, kind: str, value: str | None, said: str | None, stance: str) -> None:
    piece = _says("survey", said)
    assert _stance(ask(kind, value, piece), piece) == [stance]


def test_one_agreeing_co_owner_is_enough_and_the_others_are_no_veto(ask: Ask) -> None:
    owner, other = _says("real_estate", "张三"), _says("real_estate", "李四")
    found = ask("name", "张三", other, owner)
    assert (found.supporting, found.opposing, found.neutral) == ((owner,), (), (other,))


def test_co_owners_of_whom_none_agrees_oppose(ask: Ask) -> None:
    owners = (_says("real_estate", "王五"), _says("real_estate", "李四"))
    assert ask("name", "张三", *owners).opposing == owners


def test_another_sources_agreement_lifts_no_veto(ask: Ask) -> None:
    owner, other = _says("real_estate", "李四"), _says("survey", "张三")
    found = ask("name", "张三", owner, other)
    assert (found.supporting, found.opposing) == ((other,), (owner,))


def test_a_co_owner_whose_name_is_masked_lifts_no_veto(ask: Ask) -> None:
    masked, other = _says("real_estate", "张*"), _says("real_estate", "李四")
    found = ask("name", "张三", masked, other)
    assert (found.neutral, found.opposing) == ((masked,), (other,))


def test_verdicts_are_handed_on_as_they_are(reference: Reference, belief: Belief) -> None:
    verdict = VerdictEvidence(fields=("x",), subject="s", verdict=Verdict.NO_RECORD, source="carrier", as_of=None)
    (found,) = weigh([Question(kind="name", value="张三", evidence=(), verdicts=(verdict,))], reference, belief)
    assert (found.verdicts, found.values) == ((verdict,), ())


def test_each_question_gets_its_own_answer_in_order(reference: Reference, belief: Belief) -> None:
    names = ["张三", "李四", "王五"]
    questions = [
        Question(kind=kind, value=value, evidence=(_says("survey", "李四"),))
        for value in names
        for kind in ("name", "text")
    ]
    assert [bool(found.supporting) for found in weigh(questions, reference, belief)] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]


def test_nothing_asked_is_nothing_answered(reference: Reference, belief: Belief) -> None:
    assert weigh([], reference, belief) == []


# -- masks


FULL = "130203198504300430"


@pytest.mark.parametrize(
    ("kind", "value", "said", "stars", "stance"),
    [
        ("ident", FULL, "130203********0430", "one", "supporting"),
        ("ident", FULL, "130203********0431", "one", "opposing"),
        ("ident", FULL, "130203*****0430", "one", "neutral"),
        ("ident", FULL, "**************0430", "one", "neutral"),
        ("name", "张三丰", "张*丰", "one", "supporting"),
        ("name", "张三丰", "张*", "one", "opposing"),
        ("name", "张三丰", "张*", "many", "neutral"),
        ("phone", "19412345678", "194****5678", "one", "supporting"),
        ("phone", "19412345678", "194****5679", "one", "opposing"),
        # whatever a source hides characters behind, they are hidden
        ("ident", FULL, "130203XXXXXXXX0430", "one", "supporting"),
        ("ident", FULL, "1302XXXXXXXXXX0430", "one", "neutral"),
        ("name", "张三丰", "张×丰", "one", "supporting"),
        ("name", "张三丰", "张××", "one", "neutral"),
        ("name", "张三丰", "张某某", "one", "neutral"),
        ("phone", "19412345678", "194●●●●●●78", "one", "neutral"),
    ],
)
def test_a_masked_value_supports_what_it_fits_when_it_shows_enough(
    ask: Ask, kind: str, value: str, said: str, stars: str, stance: str
) -> None:
    piece = replace(_says("population", said), masked=True, mask=stars)
    assert _stance(ask(kind, value, piece), piece) == [stance]


# -- posterior


def test_two_independent_witnesses_are_worth_more_than_one(ask: Ask) -> None:
    one = ask("name", "张三", _says("survey", "张三"))
    two = ask("name", "张三", _says("survey", "张三"), _says("population", "张三"))
    assert one.posterior is not None
    assert two.posterior is not None
    assert (round(one.posterior, 3), round(two.posterior, 3)) == (0.9, 0.988)


def test_a_copy_adds_nothing(ask: Ask) -> None:
    one = ask("name", "张三", _says("survey", "张三"))
    both = ask("name", "张三", _says("survey", "张三"), _says("survey_drop", "张三"))
    assert both.posterior == one.posterior
    assert set(both.weights) == {"survey"}


@pytest.mark.parametrize("sources", [("survey",), ("survey", "population")])
def test_a_source_that_nobody_knows_takes_no_others_place(ask: Ask, sources: tuple[str, ...]) -> None:
    known = tuple(_says(source, "张三") for source in sources)
    assert ask("name", "张三", _says("a_list", "张三"), *known).weights == ask("name", "张三", *known).weights


def test_a_contradiction_takes_back_what_an_agreement_gave(ask: Ask) -> None:
    found = ask("name", "张三", _says("survey", "张三"), _says("population", "李四"))
    assert found.posterior == pytest.approx(0.5)
    assert found.weights["population"] == pytest.approx(-found.weights["survey"])


def test_silence_has_no_posterior(ask: Ask) -> None:
    assert ask("name", "张三").posterior is None


def test_a_source_that_people_have_refuted_is_believed_less(reference: Reference, policy: Policy) -> None:
    questions = [Question(kind="name", field="cons_name", value="张三", evidence=(_says("survey", "张三"),))] * 10
    record = experience(questions, [True] * 2 + [False] * 8, reference, policy)
    assert record == {("survey", "cons_name"): (2.0, 8.0)}
    assert Belief(policy=policy, record=record).reliability("survey", "cons_name") == pytest.approx(11 / 20)
    assert Belief(policy=policy, record=record).reliability("survey", "cert_no") == pytest.approx(9 / 10)


def test_who_opposed_a_value_that_was_wrong_was_right(reference: Reference, policy: Policy) -> None:
    question = Question(kind="name", field="cons_name", value="张三", evidence=(_says("population", "李四"),))
    assert experience([question], [False], reference, policy) == {("population", "cons_name"): (1.0, 0.0)}


def test_agreement_counts_between_independent_sources_only(policy: Policy) -> None:
    question = Question(kind="name", field="cons_name", value="张三", evidence=())
    with_a_copy = agreements([question], [{"survey": 1, "survey_drop": 1}], policy)
    assert with_a_copy == {}
    found = agreements([question], [{"survey": 1, "population": 1, "carrier": 1, "real_estate": -1}], policy)
    right, wrong = (policy.agreement, 0.0), (0.0, policy.agreement)
    assert found == {
        (source, "cons_name"): wrong if source == "real_estate" else right
        for source in ("survey", "population", "carrier", "real_estate")
    }


def test_old_evidence_makes_no_value_more_probable_and_none_less(reference: Reference, belief: Belief) -> None:
    survey, payer = _says("survey", "19400000001"), _says("alipay", "194****0001")
    said = VerdictEvidence(fields=("mobile",), subject="s", verdict=Verdict.CONSISTENT, source="carrier", as_of=None)
    one = Question(kind="phone", value="19400000001", evidence=(survey, payer), verdicts=(said,), field="mobile")
    fresh, old = weigh([one, replace(one, old=frozenset((payer, said)))], reference, Belief(policy=belief.policy))
    assert (old.supporting, old.stale, set(old.weights)) == ((survey,), (payer,), {"survey"})
    assert fresh.posterior is not None
    assert old.posterior is not None
    assert old.posterior < fresh.posterior


def test_an_old_contradiction_still_opposes(reference: Reference, belief: Belief) -> None:
    other = _says("real_estate", "李四")
    one = Question(kind="name", value="张三", evidence=(other,), old=frozenset((other,)))
    (found,) = weigh([one], reference, belief)
    assert (found.opposing, found.stale) == ((other,), ())
