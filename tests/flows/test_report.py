"""Promises of the report: it shows stored figures, can be made again by itself, and lists what waits for a person, masked."""

from dataclasses import replace
from datetime import timedelta

from core.figures import WHOLE, Mismatch, Report
from core.ledger import Ledger, findings, queue, runs
from core.model import Disposition, State
from flows import report
from tests.night import DAY, LACKING, Night


def _rates(drawn: Report) -> list[float | None]:
    return [drawn.whole.rate(group, moment) for group in ("core", "basic") for moment in ("before", "after")]


def test_the_report_shows_what_is_stored_for_the_date(dark: Ledger, night: Night) -> None:
    drawn = night.gather(dark)
    stored = runs.figures(dark, DAY)
    assert {(u.org.code, m): v for u in (drawn.whole, *drawn.units) for m, v in u.metrics.items()} == stored
    assert runs.figures(dark, DAY + timedelta(1)) == {}


def test_the_same_report_twice_is_the_same(dark: Ledger, night: Night) -> None:
    assert night.gather(dark) == night.gather(dark)


def test_counts_are_those_of_the_ledger(dark: Ledger, night: Night) -> None:
    drawn = night.gather(dark)
    rows = [row for row in queue.rows(dark) if row.state is not State.SUPERSEDED]
    seen = findings.first_seen(dark)
    assert drawn.whole.total("items.") == len(rows)
    assert drawn.whole.get("items.verified") == sum(row.state is State.VERIFIED for row in rows)
    assert (
        drawn.whole.total("findings.open.") == sum(f.closed is None for f in seen) == sum(r.open for r in drawn.rules)
    )
    assert drawn.whole.total("findings.opened.") == sum(f.opened == DAY for f in seen)
    assert drawn.whole.get("waiting") == len(drawn.mismatches) == len(night.waiting)
    assert (drawn.whole.get("calls.sent"), drawn.whole.get("calls.fee_cents")) == (9, 315)


def test_people_and_coverage_are_named(dark: Ledger, night: Night) -> None:
    drawn = night.gather(dark)
    assert drawn.surveyors == [("普查员甲", 61), ("普查员乙", 48), ("普查员丙", 7)]
    assert [who for who, _ in drawn.reviewers] == ["审核员甲"]
    assert sum(n for _, decided in drawn.reviewers for n in decided.values()) == 3
    assert drawn.whole.get("coverage.before.not_evaluated") == len(LACKING)
    assert {r.code: r.missing for r in drawn.rules if r.missing} == {code: tuple(x) for code, x in LACKING.items()}


def test_a_report_made_by_itself_finds_what_the_steps_have_counted(dark: Ledger, night: Night) -> None:
    with runs.step(dark, night.run, "check", dict(night.counts["check"])):
        pass
    whole_night = _rates(night.gather(dark))
    alone = replace(night, counts={"report": night.counts["report"]})
    assert None not in whole_night
    assert _rates(alone.gather(dark)) == whole_night


def test_a_second_check_of_the_date_does_not_change_what_was_before(dark: Ledger, night: Night) -> None:
    with runs.step(dark, night.run, "check", dict(night.counts["check"])):
        pass
    before = _rates(night.gather(dark))
    later = {**night.counts["check"], "passing": night.counts["report"]["passing"]}
    with runs.step(dark, night.run, "check", dict(later)):
        pass
    assert _rates(replace(night, counts={**night.counts, "check": later}).gather(dark)) == before


def test_items_of_earlier_nights_that_ended_then_are_not_counted_again(dark: Ledger, night: Night) -> None:
    following = runs.begin(dark, "nightly", DAY + timedelta(1), night.worker, "digest", {}, lambda *_: True)
    with runs.step(dark, following, "pull", {}):
        pass
    drawn = replace(night, run=following).gather(dark)
    assert set(drawn.whole.under("items.")) <= {"parked", "awaiting_approval", "ready", "waiting"}


def test_what_waits_is_for_review_or_held(dark: Ledger, night: Night) -> None:
    found = report.waiting(dark)
    assert {p.state for p in found} == {"open", "held"}
    assert all(p.state == "held" or p.disposition is Disposition.REVIEW for p in found)


def test_a_held_proposal_says_why_its_item_did_not_write(dark: Ledger, night: Night) -> None:
    held = [m for m in report.mismatches(dark, night.fields) if m.state == "held"]
    said = {sentence.zh for m in held for sentence, _ in m.missing}
    assert said >= {
        "写入时冲突：界面上的值与计划时不同，未覆盖",
        "系统未接受：超过字段长度",
        "工单已挂起：多次系统异常，已挂起",
    }


def _text(m: Mismatch) -> str:
    return " ".join((m.before.zh, m.after.zh, *(said.zh for _, said in m.evidence)))


def test_no_value_is_seen_without_a_mask(dark: Ledger, night: Night) -> None:
    shown = [_text(m) for m in report.mismatches(dark, night.fields)]
    assert not [secret for secret in night.secrets if any(secret in text for text in shown)]
    full = [_text(m) for m in report.mismatches(dark, night.fields, unmasked=True)]
    assert [secret for secret in night.secrets if any(secret in text for text in full)]


def test_a_mask_leaves_the_difference_visible(dark: Ledger, night: Night) -> None:
    pairs = [
        (m.before, m.after)
        for m in report.mismatches(dark, night.fields)
        if m.field.zh == "移动电话" and m.before and m.after
    ]
    assert pairs
    assert all(before != after for before, after in pairs)


def test_a_customers_value_names_his_accounts_where_they_are_known(dark: Ledger, night: Night) -> None:
    of_customers = [m for m in report.mismatches(dark, night.fields) if m.customer]
    known = {m.customer: m.account for m in of_customers if m.account}
    assert 0 < len(known) < len(of_customers)
    assert all(account[-5:] == customer[-5:] for customer, account in known.items())


def test_an_anomaly_is_an_open_finding_without_a_proposal(dark: Ledger, night: Night) -> None:
    drawn = night.gather(dark)
    open_ones = {(f.key, f.rule) for f in findings.open_ones(dark)}
    listed = {(a.account, a.rule) for a in drawn.anomalies}
    assert listed < open_ones or listed == open_ones
    proposed = {(m.account, rule) for m in drawn.mismatches for rule in m.rules}
    assert not listed & proposed


def test_the_whole_bears_the_name_of_the_only_top(dark: Ledger, night: Night) -> None:
    assert night.gather(dark).whole.org.name == "冀北电力有限公司"
    assert (WHOLE, "accounts") in runs.figures(dark, DAY)
