"""What may be written without a person: a case that passes for each class, and each condition failing alone."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.fields import Field, Fields
from core.model import (
    NEUTRAL,
    Class,
    Disposition,
    Draft,
    Kind,
    Operation,
    ValueEvidence,
    Verdict,
    VerdictEvidence,
)  # fmt: skip
from core.policy import Policy
from core.settings import read
from matchers.gate import CONDITIONS, Facts, Weighed, admit
from matchers.ladder import Labels, Stratum

CONFIG = Path(__file__).parents[2] / "config"
MONDAY, TUESDAY, WEDNESDAY = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)
CHANGED = Facts(changed=MONDAY)


@pytest.fixture(scope="module")
def fields() -> Fields:
    return Fields.load(read(CONFIG))


@pytest.fixture(scope="module")
def policy(fields: Fields) -> Policy:
    """The site's policy, with every class on the top of its ladder."""
    policy = Policy.load(read(CONFIG), fields)
    start = dict.fromkeys((Class.S, Class.A, Class.B), "automatic")
    return replace(policy, start=start, sampling_start=0.0, sampling_floor=0.0)


def _says(source: str, day: date | None = TUESDAY) -> ValueEvidence:
    return ValueEvidence(field="x", value="v", source=source, as_of=day)


def _answers(verdict: Verdict, day: date | None = TUESDAY) -> VerdictEvidence:
    return VerdictEvidence(fields=("cons_name",), subject="s", verdict=verdict, source="carrier", as_of=day)


def _draft(cls: Class, field: str, before: str = "甲", after: str | None = "乙") -> Draft:
    return Draft(
        kind=Kind.ACCOUNT, key="1", org="011", field=field, operation=Operation.SET, before=before, after=after,
        cls=cls, disposition=Disposition.REVIEW,
    )  # fmt: skip


GOOD: Mapping[Class, tuple[Draft, Weighed]] = {
    Class.S: (_draft(Class.S, "room_no"), Weighed(supporting=(_says("survey"),))),
    Class.A: (_draft(Class.A, "room_no"), Weighed()),
    Class.B: (_draft(Class.B, "cons_name"), Weighed(supporting=(_says("population"), _says("survey")), posterior=0.99)),
}


def _judge(cls: Class, fields: Fields, policy: Policy, facts: Facts = CHANGED, **changes: Any) -> Draft:
    """The good case of a class, with the draft or the evidence changed."""
    draft, weighed = GOOD[cls]
    evidence = {
        name: changes.pop(name) for name in ("supporting", "opposing", "verdicts", "posterior") if name in changes
    }
    draft = replace(draft, **changes)
    return admit(draft, replace(weighed, **evidence), facts, policy, fields[draft.field])


def _failed(draft: Draft) -> set[str]:
    return {condition.code for condition in draft.conditions if not condition.held}


@pytest.mark.parametrize("cls", GOOD)
def test_the_good_case_of_a_class_is_written_without_a_person(fields: Fields, policy: Policy, cls: Class) -> None:
    found = _judge(cls, fields, policy)
    assert (_failed(found), found.cls, found.disposition) == (set(), cls, Disposition.AUTOMATIC)


# -- each condition fails alone: (class, condition, what is changed in facts, what in draft or evidence)

ALONE: list[tuple[Class, str, dict[str, Any], dict[str, Any]]] = [
    *((cls, "value", {}, {"after": None}) for cls in GOOD),
    *((cls, "rules", {"breaks": ("ID02",)}, {}) for cls in GOOD),
    *((cls, "fits", {"misfit": "length"}, {}) for cls in GOOD),
    *(
        (cls, "not_blank", {}, {"after": blank})
        for cls in GOOD
        for blank in ("", " \u3000", "不详", "-", "\\N", "无", "同上")
    ),
    *((cls, "whole", {}, {"after": masked}) for cls in GOOD for masked in ("张*", "1＊", "***1", "张×丰", "1●2", "3□")),
    *((Class.B, "whole", {}, {"after": masked}) for masked in ("张某", "王xx")),
    *((cls, "holder", {"holder_changes": True}, {}) for cls in GOOD),
    *((cls, "together", {"torn": True}, {}) for cls in GOOD),
    *((cls, "ceiling", {"ceilings": (Class.C,)}, {}) for cls in GOOD),
    (Class.S, "audited", {"lacks": ("auditor",)}, {}),
    (Class.B, "audited", {"lacks": ("auditor",)}, {}),
    (Class.S, "unopposed", {}, {"opposing": (_says("real_estate"),)}),
    (Class.B, "unopposed", {}, {"opposing": (_says("real_estate"),)}),
    (Class.S, "unopposed", {}, {"verdicts": (_answers(Verdict.INCONSISTENT),)}),
    (Class.B, "unopposed", {}, {"verdicts": (_answers(Verdict.REASSIGNED),)}),
    (Class.S, "fresh", {}, {"supporting": (_says("survey", MONDAY),)}),
    (Class.S, "fresh", {}, {"supporting": (_says("survey", None),)}),
    (Class.B, "corroborated", {}, {"supporting": (_says("population"),)}),
    (Class.B, "corroborated", {}, {"supporting": (_says("population"), _says("population"))}),
    (Class.B, "probable", {}, {"posterior": 0.94}),
    (Class.B, "probable", {}, {"posterior": None}),
    (Class.B, "authoritative", {}, {"supporting": (_says("survey"), _says("real_estate"))}),
]


@pytest.mark.parametrize(("cls", "code", "facts", "changes"), ALONE, ids=lambda v: v if isinstance(v, str) else "")
def test_a_condition_that_fails_alone_calls_a_person(
    fields: Fields, policy: Policy, cls: Class, code: str, facts: dict[str, Any], changes: dict[str, Any]
) -> None:
    found = _judge(cls, fields, policy, replace(CHANGED, **facts), **changes)
    assert (_failed(found), found.cls, found.disposition) == ({code}, Class.C, Disposition.REVIEW)


@pytest.mark.parametrize("cls", GOOD)
@pytest.mark.parametrize(("code", "facts"), [("normal", {"normal": False}), ("no_order", {"order_open": True})])
def test_an_account_that_is_not_normal_or_has_an_order_is_never_written(
    fields: Fields, policy: Policy, cls: Class, code: str, facts: dict[str, Any]
) -> None:
    found = _judge(cls, fields, policy, replace(CHANGED, **facts))
    assert (_failed(found), found.disposition) == ({code}, Disposition.NEVER)


@pytest.mark.parametrize("cls", GOOD)
@pytest.mark.parametrize("rung", ["shadow", "attended"])
def test_a_class_that_has_not_climbed_calls_a_person_and_keeps_its_class(
    fields: Fields, policy: Policy, cls: Class, rung: str
) -> None:
    found = _judge(cls, fields, replace(policy, start={cls: rung}))
    assert (_failed(found), found.cls, found.disposition) == ({"rung"}, cls, Disposition.REVIEW)


def test_a_class_without_a_rung_is_in_the_shadow(fields: Fields, policy: Policy) -> None:
    assert _failed(_judge(Class.B, fields, replace(policy, start={}))) == {"rung"}


def test_what_needs_judgement_is_a_persons(fields: Fields, policy: Policy) -> None:
    found = admit(_draft(Class.C, "room_no"), Weighed(), CHANGED, policy, fields["room_no"])
    assert (found.cls, found.disposition) == (Class.C, Disposition.REVIEW)
    assert "certain" in _failed(found)


def test_what_is_never_written_is_never_written(fields: Fields, policy: Policy) -> None:
    found = admit(_draft(Class.N, "room_no"), Weighed(), CHANGED, policy, fields["room_no"])
    assert (found.cls, found.disposition) == (Class.N, Disposition.NEVER)


def test_every_condition_is_seen_to_fail() -> None:
    assert {code for _, code, _, _ in ALONE} | {"normal", "no_order", "rung", "sample", "certain"} == set(CONDITIONS)


def test_a_letter_that_hides_nothing_is_whole(fields: Fields, policy: Policy) -> None:
    assert _failed(_judge(Class.S, fields, policy, after="XX座")) == set()
    assert _failed(_judge(Class.B, fields, policy, field="cert_no", after="13990119700110031X")) == set()


def test_there_is_none_may_be_said_where_nothing_stood(fields: Fields, policy: Policy) -> None:
    assert _failed(_judge(Class.S, fields, policy, before=None, after="无")) == set()
    assert _failed(_judge(Class.S, fields, policy, before=None, after="不详")) == {"not_blank"}


def test_a_code_may_spell_what_it_likes(fields: Fields, policy: Policy) -> None:
    assert _failed(_judge(Class.S, fields, policy, field="notify_mode", after="none")) == set()


@pytest.mark.parametrize(("cell", "code"), [("李*", "whole"), ("-", "not_blank")])
def test_what_a_new_row_holds_beside_the_value_is_judged_with_it(
    fields: Fields, policy: Policy, cell: str, code: str
) -> None:
    row = {"room_no": "乙", "contact_name": cell}
    assert _failed(_judge(Class.S, fields, policy, operation=Operation.ADD, before=None, row=row)) == {code}
    assert _failed(_judge(Class.S, fields, policy, operation=Operation.CHANGE, row=row)) == set()


# -- ceilings


@pytest.mark.parametrize("cls", GOOD)
@pytest.mark.parametrize("ceiling", [Class.A, Class.B, Class.C, Class.N])
def test_a_rules_ceiling_lets_this_class_through(fields: Fields, policy: Policy, cls: Class, ceiling: Class) -> None:
    through = {Class.A: {Class.S, Class.A}, Class.B: {Class.S, Class.A, Class.B}}.get(ceiling, set())
    assert ("ceiling" not in _failed(_judge(cls, fields, policy, replace(CHANGED, ceilings=(ceiling,))))) is (
        cls in through
    )


def test_the_stricter_of_two_ceilings_counts(fields: Fields, policy: Policy) -> None:
    found = _judge(Class.B, fields, policy, replace(CHANGED, ceilings=(Class.B, Class.C, Class.A)))
    (ceiling,) = (c for c in found.conditions if c.code == "ceiling")
    assert (ceiling.held, ceiling.params) == (False, {"ceiling": Class.C})


@pytest.mark.parametrize(("cls", "held"), [(Class.S, True), (Class.A, False), (Class.B, False)])
def test_a_fields_ceiling_binds_all_but_the_survey(fields: Fields, policy: Policy, cls: Class, held: bool) -> None:
    draft, weighed = GOOD[cls]
    strict: Field = replace(fields[draft.field], ceiling=Class.C)
    assert ("ceiling" not in _failed(admit(draft, weighed, CHANGED, policy, strict))) is held


# -- evidence


@pytest.mark.parametrize("verdict", NEUTRAL)
@pytest.mark.parametrize("cls", [Class.S, Class.B])
def test_no_answer_speaks_neither_for_nor_against(fields: Fields, policy: Policy, cls: Class, verdict: Verdict) -> None:
    assert _failed(_judge(cls, fields, policy, verdicts=(_answers(verdict, WEDNESDAY),))) == set()
    alone = _judge(Class.B, fields, policy, supporting=(_says("population"),), verdicts=(_answers(verdict),))
    assert _failed(alone) == {"corroborated"}


@pytest.mark.parametrize("verdict", [v for v in Verdict if v not in NEUTRAL and v is not Verdict.CONSISTENT])
def test_every_other_answer_speaks_against(fields: Fields, policy: Policy, verdict: Verdict) -> None:
    assert _failed(_judge(Class.B, fields, policy, verdicts=(_answers(verdict),))) == {"unopposed"}


def test_a_verdict_is_a_second_witness(fields: Fields, policy: Policy) -> None:
    found = _judge(Class.B, fields, policy, supporting=(_says("population"),), verdicts=(_answers(Verdict.CONSISTENT),))
    assert _failed(found) == set()


def test_a_source_that_copies_another_is_no_second_witness(fields: Fields, policy: Policy) -> None:
    found = _judge(Class.B, fields, policy, supporting=(_says("survey"), _says("survey_drop")))
    assert _failed(found) == {"corroborated", "authoritative"}


def test_a_copy_of_both_witnesses_lends_them_no_authority(fields: Fields, policy: Policy) -> None:
    three = (_says("alipay"), _says("wechat"), _says("population"))
    assert _judge(Class.B, fields, policy, supporting=three).disposition is Disposition.AUTOMATIC
    copying = replace(policy, copies={"population": frozenset({"alipay", "wechat"})})
    failed = {c.code for c in _judge(Class.B, fields, copying, supporting=three).conditions if not c.held}
    assert failed == {"authoritative"}


def test_a_cell_that_never_changed_makes_no_evidence_stale(fields: Fields, policy: Policy) -> None:
    assert _failed(_judge(Class.S, fields, policy, Facts(), supporting=(_says("survey", None),))) == set()


def test_evidence_without_a_day_is_not_known_to_be_young_enough(fields: Fields, policy: Policy) -> None:
    """A source whose word grows old must say when it was given; one whose word never does need not."""
    said = (_says("survey", None),)
    assert _failed(_judge(Class.S, fields, policy, Facts(today=WEDNESDAY), supporting=said)) == {"fresh"}
    lasting = replace(policy, freshness_days={})
    assert _failed(_judge(Class.S, fields, lasting, Facts(today=WEDNESDAY), supporting=said)) == set()


def test_what_somebody_changed_after_the_survey_is_a_persons(fields: Fields, policy: Policy) -> None:
    """A clerk has entered another holder since the visit; that register and carrier still know the former one lifts nothing."""
    said: dict[str, Any] = {
        "supporting": (_says("population"), _says("survey", MONDAY)),
        "verdicts": (_answers(Verdict.CONSISTENT),),
    }
    assert _failed(_judge(Class.B, fields, policy, **said)) == {"fresh"}
    assert _failed(_judge(Class.B, fields, policy, Facts(), **said)) == set()


OLD = date(2024, 1, 1)


@pytest.mark.parametrize(
    ("day", "facts"),
    [
        (MONDAY, CHANGED),  # of the change's own day
        (None, CHANGED),
        (OLD, Facts(today=WEDNESDAY)),
        (date(2026, 1, 8), Facts(today=WEDNESDAY)),  # of a day that is yet to come
    ],
)
def test_stale_evidence_adds_nothing(fields: Fields, policy: Policy, day: date | None, facts: Facts) -> None:
    said = (_says("population", day), _says("survey"))
    found = _judge(Class.B, fields, policy, facts, supporting=said)
    assert _failed(found) == {"corroborated", "authoritative"}
    assert {v.source for v in found.values} == {"population", "survey"}
    answered = _judge(
        Class.B, fields, policy, facts, supporting=(_says("survey"),), verdicts=(_answers(Verdict.CONSISTENT, day),)
    )
    assert _failed(answered) == {"corroborated", "authoritative"}


def test_stale_evidence_takes_nothing_from_what_is_newer(fields: Fields, policy: Policy) -> None:
    """One payer's binding of long ago cannot undo what survey and carrier say today; it is named beside them."""
    said = (_says("population"), _says("survey"), _says("alipay", OLD))
    found = _judge(Class.B, fields, policy, Facts(today=WEDNESDAY), supporting=said)
    assert (_failed(found), found.disposition) == (set(), Disposition.AUTOMATIC)
    (fresh,) = (c for c in found.conditions if c.code == "fresh")
    assert fresh.params == {"sources": "alipay"}
    (rung,) = (c for c in found.conditions if c.code == "rung")
    assert "alipay" not in str(rung.params["stratum"])


def test_nobody_elses_fresh_word_makes_a_survey_entry_fresh(fields: Fields, policy: Policy) -> None:
    """The quarter ledger says that there is such a room, not that it is this account's: whose cell has changed since is a person's."""
    listed = replace(_answers(Verdict.CONSISTENT, WEDNESDAY), fields=("room_no",), source="quarter_ledger")
    for beside in ({"verdicts": (listed,)}, {"supporting": (_says("survey", MONDAY), _says("real_estate", WEDNESDAY))}):
        found = _judge(Class.S, fields, policy, **({"supporting": (_says("survey", MONDAY),)} | beside))
        assert (_failed(found), found.disposition) == ({"fresh"}, Disposition.REVIEW)


def test_what_speaks_against_a_value_is_heard_however_old_it_is(fields: Fields, policy: Policy) -> None:
    assert _failed(_judge(Class.B, fields, policy, opposing=(_says("real_estate", OLD),))) == {"unopposed"}


def test_nothing_but_stale_evidence_is_none(fields: Fields, policy: Policy) -> None:
    said = (_says("population", MONDAY), _says("survey", MONDAY))
    assert _failed(_judge(Class.B, fields, policy, supporting=said)) == {"corroborated", "authoritative", "fresh"}


def test_all_evidence_and_every_condition_is_kept(fields: Fields, policy: Policy) -> None:
    against, answer = _says("real_estate"), _answers(Verdict.NO_RECORD)
    found = _judge(Class.B, fields, policy, opposing=(against,), verdicts=(answer,))
    assert {v.source for v in found.values} == {"population", "survey", "real_estate"}
    assert found.verdicts == (answer,)
    assert len(found.conditions) == len({c.code for c in found.conditions}) == 18


def test_a_verdict_on_the_new_value_settles_what_the_policy_lists(fields: Fields, policy: Policy) -> None:
    said: dict[str, Any] = {"supporting": (_says("survey"),), "verdicts": (_answers(Verdict.CONSISTENT),)}
    assert _failed(_judge(Class.B, fields, policy, **said)) == set()
    assert _failed(_judge(Class.B, fields, replace(policy, verdicts_settle=frozenset()), **said)) == {"authoritative"}


@pytest.mark.parametrize(
    ("name", "subcode", "held"),
    [
        ("cons_name", "name_and_id", True),
        ("cons_name", "name", False),
        ("cert_no", "id", False),
        ("mobile", "id", False),
    ],
)
def test_a_number_of_somebody_else_says_nothing_of_the_holder(
    fields: Fields, policy: Policy, name: str, subcode: str, held: bool
) -> None:
    answer = replace(_answers(Verdict.INCONSISTENT), subcode=subcode)
    draft, weighed = _draft(Class.B, name), replace(GOOD[Class.B][1], verdicts=(answer,))
    found = admit(draft, weighed, CHANGED, policy, fields[name])
    assert ("unopposed" not in _failed(found)) is held


# -- the ladder


def test_an_attended_run_writes_what_is_on_the_attended_rung(fields: Fields, policy: Policy) -> None:
    attended = replace(policy, start=dict.fromkeys(policy.start, "attended"))
    assert _failed(_judge(Class.B, fields, attended)) == {"rung"}
    assert _failed(_judge(Class.B, fields, attended, replace(CHANGED, attended=True))) == set()


def test_the_rung_says_how_many_labels_are_missing(fields: Fields, policy: Policy) -> None:
    labels = {Stratum("B", "cons_name", "population+survey"): Labels(right=412)}
    found = _judge(Class.B, fields, replace(policy, start={}), replace(CHANGED, labels=labels))
    (rung,) = (c for c in found.conditions if c.code == "rung")
    assert (rung.held, rung.params["rung"]) == (False, "attended")
    assert "412 labels, 2995 needed" in CONDITIONS["rung"].say("en", rung.params)
    assert "已有标注 412 条，需 2995 条" in CONDITIONS["rung"].say("zh", rung.params)


def test_a_proven_stratum_is_written_whatever_its_class_starts_on(fields: Fields, policy: Policy) -> None:
    labels = {Stratum("B", "cons_name", "population+survey"): Labels(right=2995)}
    assert _failed(_judge(Class.B, fields, replace(policy, start={}), replace(CHANGED, labels=labels))) == set()


@pytest.mark.parametrize("cls", GOOD)
def test_what_is_drawn_for_a_check_keeps_its_class(fields: Fields, policy: Policy, cls: Class) -> None:
    found = _judge(cls, fields, replace(policy, sampling_start=1.0, sampling_floor=1.0))
    assert (_failed(found), found.cls, found.disposition) == ({"sample"}, cls, Disposition.REVIEW)
