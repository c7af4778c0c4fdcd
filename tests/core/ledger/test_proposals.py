"""Promises of proposals: the same is proposed once, and what a person decides was what he saw."""

from dataclasses import replace
from datetime import date

import pytest

from core.errors import InputError
from core.ledger import Ledger, proposals
from core.model import (
    Class,
    Condition,
    Decision,
    Disposition,
    Draft,
    Kind,
    Operation,
    Proposal,
    Ref,
    ValueEvidence,
    Verdict,
    VerdictEvidence,
)  # fmt: skip

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)
SURVEY = ValueEvidence(
    field="room", value="302", source="survey", as_of=MONDAY, ref=Ref(batch=1, row=2, column="room"), note="a"
)
CARRIER = VerdictEvidence(
    fields=("cons_name", "mobile"), subject="s", verdict=Verdict.CONSISTENT, source="carrier", as_of=MONDAY, call=7
)
DRAFT = Draft(
    kind=Kind.ACCOUNT, key="1", org="011", field="room", operation=Operation.SET, before="301", after="302", cls=Class.S,
    disposition=Disposition.AUTOMATIC, conditions=(Condition(code="value", held=True, params={"x": 1}),), values=(SURVEY,),
    verdicts=(CARRIER,), rules=("AD01",), posterior=0.5, siblings=2, origin="task 1",
)  # fmt: skip


@pytest.fixture
def run(ledger: Ledger) -> int:
    from core.ledger import tables as t

    with ledger.begin() as tx:
        return tx.insert(t.run, flow="nightly", business_date="2026-01-05", state="running")


def _record(ledger: Ledger, run: int, *drafts: Draft) -> dict[str, int]:
    return proposals.record(ledger, drafts, run, MONDAY)


def _only(ledger: Ledger, run: int, draft: Draft = DRAFT) -> Proposal:
    _record(ledger, run, draft)
    (found,) = proposals.find(ledger, states=["open"])
    return found


def _decide(
    ledger: Ledger, seen: Proposal, verdict: str, value: str | None = None, version: int | None = None
) -> Proposal:
    decision = Decision(
        proposal=seen.id, version=seen.version if version is None else version, verdict=verdict, value=value,
        reviewer="lin", note="ok", via="book 3",
    )  # fmt: skip
    proposals.decide(ledger, decision)
    return proposals.get(ledger, seen.id)


def _move(ledger: Ledger, proposal: Proposal, state: str) -> None:
    with ledger.begin() as tx:
        proposals.move(tx, [proposal.id], state)


# -- recording


def test_a_proposal_keeps_all_of_its_draft(ledger: Ledger, run: int) -> None:
    found = _only(ledger, run)
    kept = {name: getattr(found, name) for name in DRAFT.__dataclass_fields__}
    assert kept == {name: getattr(DRAFT, name) for name in DRAFT.__dataclass_fields__}
    assert (found.version, found.state, found.created) == (1, "open", MONDAY)


def test_the_same_is_proposed_once(ledger: Ledger, run: int) -> None:
    assert _record(ledger, run, DRAFT) == {"new": 1, "same": 0, "superseded": 0}
    assert _record(ledger, run, DRAFT) == {"new": 0, "same": 1, "superseded": 0}


def test_the_same_twice_in_a_night_is_one(ledger: Ledger, run: int) -> None:
    assert _record(ledger, run, DRAFT, DRAFT) == {"new": 1, "same": 1, "superseded": 0}


@pytest.mark.parametrize(
    "same",
    [
        replace(DRAFT, values=(replace(SURVEY, as_of=TUESDAY, ref=Ref(batch=9, row=9, column="room")),)),
        replace(DRAFT, values=(SURVEY, SURVEY)),
        replace(DRAFT, verdicts=(replace(CARRIER, as_of=TUESDAY, call=9),)),
        replace(DRAFT, rules=("AD02",), posterior=0.6),
        replace(DRAFT, cls=Class.C),
    ],
    ids=["another batch", "twice", "asked again", "another rule", "another class"],
)
def test_the_same_evidence_of_another_day_is_the_same_proposal(ledger: Ledger, run: int, same: Draft) -> None:
    _record(ledger, run, DRAFT)
    assert _record(ledger, run, same) == {"new": 0, "same": 1, "superseded": 0}


@pytest.mark.parametrize(
    "other",
    [
        replace(DRAFT, before="300"),
        replace(DRAFT, after="303"),
        replace(DRAFT, values=(replace(SURVEY, source="real_estate"),)),
        replace(DRAFT, values=(replace(SURVEY, value="3O2"),)),
        replace(DRAFT, verdicts=(replace(CARRIER, verdict=Verdict.NO_RECORD),)),
        replace(DRAFT, verdicts=()),
        replace(DRAFT, key="2"),
        replace(DRAFT, field="unit_no"),
    ],
    ids=["before", "after", "source", "value", "verdict", "no verdict", "object", "field"],
)
def test_another_value_or_other_evidence_takes_an_open_proposals_place(ledger: Ledger, run: int, other: Draft) -> None:
    old = _only(ledger, run)
    assert _record(ledger, run, other) == {"new": 1, "same": 0, "superseded": 1}
    assert proposals.get(ledger, old.id).state == "superseded"


def test_an_open_proposal_that_no_draft_repeats_is_superseded(ledger: Ledger, run: int) -> None:
    old = _only(ledger, run)
    _record(ledger, run)
    assert proposals.get(ledger, old.id).state == "superseded"


def test_a_superseded_proposal_that_comes_back_is_open_again_under_a_new_version(ledger: Ledger, run: int) -> None:
    old = _only(ledger, run)
    _record(ledger, run)
    back = _only(ledger, run)
    assert (back.id, back.version) == (old.id, old.version + 2)


def test_a_proposal_that_comes_back_is_judged_as_the_gate_judges_now(ledger: Ledger, run: int) -> None:
    _record(ledger, run, DRAFT)
    _record(ledger, run)
    failed = (Condition(code="normal", held=False),)
    assert (
        _only(ledger, run, replace(DRAFT, disposition=Disposition.NEVER, conditions=failed)).disposition
        is Disposition.NEVER
    )


@pytest.mark.parametrize("state", ["decided", "held", "rejected", "itemised", "settled"])
def test_what_was_decided_written_or_refused_stays_as_it_is(ledger: Ledger, run: int, state: str) -> None:
    old = _only(ledger, run)
    _move(ledger, old, state)
    _record(ledger, run, DRAFT)
    _record(ledger, run)
    assert proposals.get(ledger, old.id).state == state


def test_an_open_proposal_follows_the_gate(ledger: Ledger, run: int) -> None:
    old = _only(ledger, run)
    _record(ledger, run, replace(DRAFT, disposition=Disposition.REVIEW))
    found = proposals.get(ledger, old.id)
    assert (found.disposition, found.version) == (Disposition.REVIEW, 2)


def test_a_proposal_that_nothing_changed_keeps_its_version(ledger: Ledger, run: int) -> None:
    _record(ledger, run, DRAFT)
    _record(ledger, run, DRAFT)
    assert [p.version for p in proposals.find(ledger)] == [1]


def test_moving_to_the_same_state_keeps_the_version(ledger: Ledger, run: int) -> None:
    old = _only(ledger, run)
    _move(ledger, old, "open")
    assert proposals.get(ledger, old.id).version == old.version


# -- deciding


@pytest.mark.parametrize(
    ("verdict", "value", "state", "after"),
    [("accept", None, "decided", "302"), ("other", "303", "decided", "303"), ("reject", None, "rejected", "302"), ("defer", None, "open", "302")],
)  # fmt: skip
def test_a_decision_is_followed(
    ledger: Ledger, run: int, verdict: str, value: str | None, state: str, after: str
) -> None:
    found = _decide(ledger, _only(ledger, run), verdict, value)
    assert (found.state, found.after, found.version) == (state, after, 2)


def test_a_decision_is_kept_with_who_and_where(ledger: Ledger, run: int) -> None:
    found = _decide(ledger, _only(ledger, run), "other", "303")
    assert proposals.decisions(ledger, found.id) == [
        Decision(proposal=found.id, version=1, verdict="other", value="303", reviewer="lin", note="ok", via="book 3")
    ]


def test_a_decision_on_a_version_that_is_gone_is_refused(ledger: Ledger, run: int) -> None:
    seen = _only(ledger, run)
    _record(ledger, run, replace(DRAFT, disposition=Disposition.REVIEW))
    with pytest.raises(InputError, match="version 2, decided on 1"):
        _decide(ledger, seen, "accept")
    assert proposals.decisions(ledger, seen.id) == []


def test_two_people_cannot_decide_the_same_version(ledger: Ledger, run: int) -> None:
    seen = _only(ledger, run)
    _decide(ledger, seen, "defer")
    with pytest.raises(InputError, match="changed since"):
        _decide(ledger, seen, "accept")


@pytest.mark.parametrize("state", ["decided", "rejected", "itemised", "settled", "superseded"])
def test_what_does_not_wait_is_not_decided(ledger: Ledger, run: int, state: str) -> None:
    seen = _only(ledger, run)
    _move(ledger, seen, state)
    with pytest.raises(InputError, match=f"it is {state}"):
        _decide(ledger, seen, "accept", version=2)


def test_what_the_system_refused_can_be_decided(ledger: Ledger, run: int) -> None:
    seen = _only(ledger, run)
    _move(ledger, seen, "held")
    assert _decide(ledger, seen, "other", "303", version=2).state == "decided"


def test_nothing_cannot_be_accepted(ledger: Ledger, run: int) -> None:
    seen = _only(ledger, run, replace(DRAFT, after=None, disposition=Disposition.REVIEW))
    with pytest.raises(InputError, match="no value to accept"):
        _decide(ledger, seen, "accept")


@pytest.mark.parametrize("value", [None, ""])
def test_another_value_must_be_given(ledger: Ledger, run: int, value: str | None) -> None:
    with pytest.raises(InputError, match="value"):
        _decide(ledger, _only(ledger, run), "other", value)


def test_a_verdict_that_is_none_is_named(ledger: Ledger, run: int) -> None:
    with pytest.raises(InputError, match="perhaps"):
        _decide(ledger, _only(ledger, run), "perhaps")


def test_a_proposal_that_is_not_there_is_named(ledger: Ledger, run: int) -> None:
    seen = _only(ledger, run)
    with pytest.raises(InputError, match="no proposal 9999"):
        _decide(ledger, replace(seen, id=9999), "accept")
    with pytest.raises(InputError, match="no proposal 9999"):
        proposals.get(ledger, 9999)


# -- looking


def test_proposals_are_found_by_state_disposition_object_and_run(ledger: Ledger, run: int) -> None:
    _record(ledger, run, DRAFT, replace(DRAFT, key="2", disposition=Disposition.REVIEW))
    assert len(proposals.find(ledger, run=run)) == 2
    assert [p.key for p in proposals.find(ledger, disposition=Disposition.REVIEW)] == ["2"]
    assert [p.key for p in proposals.find(ledger, key="1", states=["open"])] == ["1"]
    assert proposals.find(ledger, states=["decided"]) == []


def test_a_rejected_value_stays_rejected_when_the_gate_thinks_better_of_it(ledger: Ledger, run: int) -> None:
    old = _only(ledger, run)
    proposals.decide(
        ledger, Decision(proposal=old.id, version=old.version, verdict="reject", value=None, reviewer="审核员")
    )
    _record(ledger, run, replace(DRAFT, cls=Class.S, disposition=Disposition.AUTOMATIC))
    assert proposals.get(ledger, old.id).state == "rejected"


def test_a_proposal_that_rests_on_a_second_look_is_found_by_how_it_was_found(ledger: Ledger, run: int) -> None:
    """By a value's note or a verdict's: its next nights look as far."""
    value = ValueEvidence(field="x", value="v", source="population", as_of=None, note="person")
    answer = VerdictEvidence(
        fields=("x",), subject="s", verdict=Verdict.CONSISTENT, source="quarter_ledger", as_of=None, note="listed"
    )
    _record(ledger, run, replace(DRAFT, values=(value,)), replace(DRAFT, key="2", values=(), verdicts=(answer,)))
    assert {key for _, key, _ in proposals.resting_on(ledger, {"person"})} == {"1"}
    assert {key for _, key, _ in proposals.resting_on(ledger, {"listed", "owner"})} == {"2"}


# -- labels


def _ruled(origin: str = "site", labels: int = 0, **failed: bool) -> Draft:
    params = {"stratum": "B/ID11/population+survey", "origin": origin, "labels": labels, "rung": "shadow"}
    return replace(
        DRAFT,
        after="乙",
        conditions=(
            Condition(code="rung", held=False, params=params),
            *(Condition(code=code, held=held) for code, held in failed.items()),
        ),
    )


@pytest.mark.parametrize(
    ("verdict", "value", "told"),
    [("accept", None, (1, 0)), ("other", "丙", (0, 1)), ("reject", None, (0, 1)), ("defer", None, None)],
)
def test_a_decision_labels_what_the_gate_would_have_written(
    ledger: Ledger, run: int, verdict: str, value: str | None, told: tuple[int, int] | None
) -> None:
    _decide(ledger, _only(ledger, run, _ruled(rules=True)), verdict, value)
    found = proposals.labels(ledger, "site", {"rung", "sample"})
    assert found == ({"B/ID11/population+survey": told} if told else {})


def test_a_proposal_that_was_decided_again_is_one_label(ledger: Ledger, run: int) -> None:
    """Its write was refused, and it came back to the reviewer: the same value is no second proof."""
    old = _only(ledger, run, _ruled(rules=True))
    for verdict, told in (("accept", (1, 0)), ("accept", (1, 0)), ("reject", (0, 1))):
        _decide(ledger, proposals.get(ledger, old.id), verdict)
        with ledger.begin() as tx:
            proposals.move(tx, [old.id], "held")
        assert proposals.labels(ledger, "site", {"rung", "sample"}) == {"B/ID11/population+survey": told}


def test_what_the_gate_would_not_have_written_is_no_label(ledger: Ledger, run: int) -> None:
    _decide(ledger, _only(ledger, run, _ruled(unopposed=False)), "accept")
    assert proposals.labels(ledger, "site", {"rung", "sample"}) == {}


def test_the_practice_worlds_labels_never_count_on_a_site(ledger: Ledger, run: int) -> None:
    _decide(ledger, _only(ledger, run, _ruled("practice")), "accept")
    assert proposals.labels(ledger, "site", {"rung"}) == {}
    assert proposals.judgements(ledger, 0, "site") == []
    assert proposals.labels(ledger, "practice", {"rung"}) == {"B/ID11/population+survey": (1, 0)}
    assert [j.right for j in proposals.judgements(ledger, 0, "practice")] == [True]


def test_a_count_that_moves_leaves_a_workbook_good(ledger: Ledger, run: int) -> None:
    seen = _only(ledger, run, _ruled(labels=7))
    counted = _only(ledger, run, replace(_ruled(labels=8), posterior=0.7))
    assert (counted.version, counted.posterior) == (seen.version, 0.7)
    assert counted.conditions[0].params["labels"] == 8
    assert _only(ledger, run, _ruled(labels=8, unopposed=False)).version == seen.version + 1
