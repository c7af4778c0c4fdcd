"""Turn a finished night into figures, keep them, and gather what the renderers draw."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from core.fields import Field, Fields
from core.figures import (
    WHOLE,
    Anomaly,
    Facts,
    Figures,
    Mismatch,
    Passing,
    Report,
    RuleLine,
    Trouble,
    figures,
    tree,
    whole,
)
from core.ledger import Ledger, batches, calls, entities, findings, proposals, queue, runs
from core.ledger.entities import Organisations
from core.ledger.findings import Tally
from core.ledger.runs import Run
from core.model import Disposition, Kind, Proposal, State, Verdict
from core.privacy import mask, mask_pair
from core.words import Words
from flows import flats, witnesses
from flows.fill import REASONS, worded
from flows.refusals import REFUSALS
from matchers import gate
from matchers.link import told
from matchers.rules import Rule

Sentences = Mapping[str, Words]

Counts = Mapping[str, Mapping[str, Any]]
"""Step → what it counted."""

SETBACKS = {
    State.CONFLICT: Words("写入时冲突：{reason}", "conflict on writing: {reason}"),
    State.REFUSED: Words("系统未接受：{reason}", "the system did not take it: {reason}"),
    State.PARKED: Words("工单已挂起：{reason}", "the item is parked: {reason}"),
}
"""Why a value that needed nobody waits for a person after all."""

ANSWERS = {
    Verdict.CONSISTENT: Words("核验一致", "consistent"),
    Verdict.INCONSISTENT: Words("核验不一致", "inconsistent"),
    Verdict.NO_RECORD: Words("查无记录", "no record"),
    Verdict.NOT_IN_SERVICE: Words("号码不在用", "number not in service"),
    Verdict.REASSIGNED: Words("号码已二次放号", "number was reassigned"),
    Verdict.UNSUPPORTED: Words("不支持核验", "not supported"),
    Verdict.ERROR_RETRY: Words("暂无应答", "no answer yet"),
    Verdict.ERROR_FINAL: Words("无法核验", "cannot be verified"),
    Verdict.LISTED: Words("台账列有此处，但未说明属于哪一户", "the ledger lists it, and says nothing of whose it is"),
}
ANSWER_DETAILS = {
    "name_and_id": Words("姓名与证件均不符", "neither name nor certificate"),
    "id": Words("证件不符", "not the certificate"),
    "name": Words("姓名不符", "not the name"),
    "in_use": Words("在用", "in use"),
    "stopped": Words("停机", "stopped"),
    "cancelled": Words("已销号", "cancelled"),
    "ending": Words("即将销号", "about to be cancelled"),
    "same_holder": Words("机主未变", "same holder"),
    "unknown": Words("未知", "unknown"),
}
LINKS = {
    witnesses.BY_ADDRESS: Words("按地址关联", "linked by its address"),
    witnesses.BY_ACCOUNT: Words("按户号关联", "linked by the account"),
    witnesses.BY_RECORD: Words("档案现值仍可见部分", "what the archive's value still shows"),
    witnesses.BY_PERSON: Words("按本人关联", "linked by the person"),
    witnesses.BY_CUSTOMER: Words("按同一客户的其他户关联", "linked by another account of the customer"),
    flats.BY_OWNER: Words("按户主自己的房关联", "linked by the holder's own flat"),
}
"""How a source's record was found, where the evidence's note is such a code and no name."""


def gather(
    ledger: Ledger,
    run: Run,
    counts: Mapping[str, Any],
    rules: Sequence[Rule],
    fields: Fields,
    sentences: Sentences,
    seconds: float,
) -> Report:
    """The night's report; its figures are stored for the date. `sentences` are those of the problems' codes.

    What `counts` lacks is taken from the steps that this run has finished before, so the report can be made anew by itself.
    """
    known = _counts(ledger, run, counts)
    orgs, tallies = entities.organisations(ledger), findings.tally(ledger, run.day)
    waits, troubles = waiting(ledger), _troubles(ledger, run, sentences)
    absent = known.get("check", {}).get("not_evaluated", {})
    facts = Facts(
        passing=_passing(known),
        findings=[(x.org, fate, x.rule, getattr(x, fate)) for x in tallies for fate in ("opened", "closed", "open")],
        proposals=proposals.tally(ledger, run.day),
        waiting=[p.org for p in waits],
        items=queue.tally(ledger, run.id),
        whole={**_whole(ledger, run, known, rules), "problems": len(troubles), "seconds": seconds},
    )
    counted = figures(facts, orgs)
    runs.store_figures(ledger, run.day, counted)
    return Report(
        day=run.day,
        run=run.id,
        whole=whole(counted, _name(orgs, counted)),
        units=tree(orgs, counted),
        rules=_lines(rules, tallies, absent),
        mismatches=mismatches(ledger, fields),
        anomalies=anomalies(ledger, fields, rules),
        problems=troubles,
    )


# -- what is counted


def _counts(ledger: Ledger, run: Run, counts: Mapping[str, Any]) -> Counts:
    """Step → counts: as handed in, else as the run's steps have left them; of several checks the first saw the archive before."""
    kept: dict[str, Mapping[str, Any]] = {}
    for name, found in runs.steps(ledger, run):
        kept[name] = kept[name] if name == "check" and name in kept else found
    given = {name: found for name, found in counts.items() if isinstance(found, Mapping)}
    return {**kept, **given, **({"check": kept["check"]} if "check" in kept else {})}


def _passing(known: Counts) -> dict[str, Passing]:
    before = known.get("check", {}).get("passing", {})
    return {"before": before, "after": known.get("report", {}).get("passing", before)}


def _whole(ledger: Ledger, run: Run, known: Counts, rules: Sequence[Rule]) -> dict[str, float]:
    """What belongs to the company as a whole."""
    checked, before = known.get("check", {}), runs.previous(ledger, run)
    absent = len(checked.get("not_evaluated", {}))
    coverage = {"evaluated": len(rules) - absent, "not_evaluated": absent} if checked else {}
    return {
        **{f"surveyed.{who}": n for who, n in checked.get("surveyors", {}).items()},
        **{f"reviewed.{who}.{verdict}": n for (who, verdict), n in _reviewed(ledger, before).items()},
        **{f"coverage.{moment}.{name}": n for moment in ("before", "after") for name, n in coverage.items()},
        "calls.sent": calls.count(ledger, run.day),
        "calls.fee_cents": calls.fees(ledger, run.day),
        **{f"silent.{name}": known["fill"][name] for name in ("gaps", "doubles") if name in known.get("fill", {})},
    }


def _reviewed(ledger: Ledger, before: Run | None) -> dict[tuple[str, str], int]:
    return proposals.reviewers(ledger, before.started or 0.0 if before else 0.0)


def _name(orgs: Organisations, counted: Figures) -> str:
    """The one unit on top gives the company its name."""
    tops = [o.name for o in orgs.units.values() if o.parent not in orgs.units and (o.code, "accounts") in counted]
    strangers = {code for code, _ in counted if code not in orgs.units} - {WHOLE}
    return tops[0] if len(tops) == 1 and not strangers else ""


def _lines(
    rules: Iterable[Rule], tallies: Iterable[Tally], absent: Mapping[str, Sequence[str]]
) -> tuple[RuleLine, ...]:
    sums: dict[str, tuple[int, int, int]] = {}
    for x in tallies:
        opened, closed, still = sums.get(x.rule, (0, 0, 0))
        sums[x.rule] = (opened + x.opened, closed + x.closed, still + x.open)
    return tuple(
        RuleLine(
            code=r.code, name=r.name, group=r.group, severity=r.severity, opened=opened, closed=closed, open=still,
            missing=tuple(absent.get(r.code, ())),
        )
        for r in rules
        for opened, closed, still in (sums.get(r.code, (0, 0, 0)),)
    )  # fmt: skip


def _troubles(ledger: Ledger, run: Run, sentences: Sentences) -> tuple[Trouble, ...]:
    return tuple(
        Trouble(place=p.place, row=p.row, code=p.code, sentence=sentences.get(p.code), params=p.params)
        for p in batches.problems(ledger, run.id)
    )


# -- what waits for a person


def waiting(ledger: Ledger) -> list[Proposal]:
    """The proposals that wait for a person: for review, or held after the legacy system refused them."""
    found = proposals.find(ledger, states=proposals.WAITING)
    return [p for p in found if p.state == "held" or p.disposition is Disposition.REVIEW]


def mismatches(ledger: Ledger, fields: Fields, *, unmasked: bool = False) -> tuple[Mismatch, ...]:
    """The mismatch log. Masked, so that only what differs is seen; unmasked only for a person who asked by name."""
    orgs, setbacks = entities.organisations(ledger), queue.setbacks(ledger)
    with ledger.begin() as tx:
        families = entities.families(tx)
    result = []
    for p in waiting(ledger):
        spec = fields[p.field]
        before, after = (p.before or "", p.after or "") if unmasked else mask_pair(spec.mask, p.before, p.after)
        of_customer = p.kind is Kind.CUSTOMER
        result.append(
            Mismatch(
                proposal=p.id, version=p.version, account=" ".join(families.get(p.key, ())) if of_customer else p.key,
                customer=p.key if of_customer else "", station=_station(orgs, p.org), field=spec.label, rules=p.rules,
                before=spec.worded(before), after=spec.worded(after), evidence=tuple(evidence(p, spec, unmasked)), cls=str(p.cls), state=p.state,
                missing=tuple(_reasons(p, setbacks.get(p.id))),
            )
        )  # fmt: skip
    return tuple(result)


def _station(orgs: Organisations, code: str) -> str:
    return orgs.units[code].name if code in orgs.units else code


def _reasons(p: Proposal, setback: tuple[State, str] | None) -> Iterator[tuple[Words, Mapping[str, object]]]:
    """The gate's conditions that failed, and for a held proposal what became of its item."""
    for c in p.conditions:
        if not c.held:
            yield gate.CONDITIONS[c.code], c.params
    if p.state == "held" and setback is not None:
        state, reason = setback
        words = worded(reason) if reason.partition(" ")[0] in {**REASONS, **REFUSALS} else Words("{reason}", "{reason}")
        yield (
            Words(SETBACKS[state].zh.format(reason=words.zh), SETBACKS[state].en.format(reason=words.en)),
            {"reason": reason},
        )


def evidence(p: Proposal, spec: Field, unmasked: bool = False) -> Iterator[tuple[str, Words]]:
    """What each source said of it, in short: (source, day, value or answer, who or how)."""
    for v in p.values:
        value = (v.value or "") if unmasked else mask(spec.mask, v.value)
        none = Words("称没有", "says there is none") if v.explicit_none else spec.worded(value)
        how = told.link(v.link) if v.link is not None else LINKS.get(v.note, Words(v.note, v.note))
        yield v.source, _told(v.as_of, none, how)
    for said in p.verdicts:
        detail = ANSWER_DETAILS.get(said.subcode, Words(said.subcode, said.subcode))
        yield said.source, _told(said.as_of, ANSWERS[said.verdict], detail)


def _told(day: date | None, what: Words, more: Words) -> Words:
    when = day.isoformat() if day else ""
    return Words(
        f"{when}：{what.zh}" + (f"（{more.zh}）" if more.zh else ""),
        f"{when}: {what.en}" + (f" ({more.en})" if more.en else ""),
    )


def anomalies(ledger: Ledger, fields: Fields, rules: Iterable[Rule]) -> tuple[Anomaly, ...]:
    """The open findings for which no proposal stands."""
    orgs, names = entities.organisations(ledger), {rule.code: rule.name for rule in rules}
    with ledger.begin() as tx:
        families = entities.families(tx)
    proposed = {
        (key, rule)
        for p in proposals.find(ledger, states=("open", "held", "decided", "itemised"))
        for key in (p.key, *families.get(p.key, ()))
        for rule in p.rules
    }
    return tuple(
        Anomaly(
            account=f.key, station=_station(orgs, f.org), field=fields[f.field].label if f.field in fields else Words(f.field, f.field),
            rule=f.rule, name=names.get(f.rule, Words("", "")), severity=f.severity, opened=f.opened,
        )
        for f in findings.open_ones(ledger)
        if (f.key, f.rule) not in proposed
    )  # fmt: skip
