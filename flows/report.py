"""Turn a finished night into figures, keep them, and gather what the renderers draw."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from core.fields import Fields
from core.figures import Facts, Mismatch, Report, RuleLine, figures, tree
from core.ledger import Ledger, batches, calls, entities, findings, proposals, queue, runs
from core.ledger.runs import Run
from core.model import Disposition, Finding, Proposal, State
from core.privacy import mask, mask_pair
from core.words import Words
from matchers import gate
from matchers.rules import Rule

Sentences = Mapping[str, Words]


def gather(
    ledger: Ledger,
    run: Run,
    counts: Mapping[str, Any],
    rules: Iterable[Rule],
    fields: Fields,
    sentences: Sentences,
    seconds: float,
) -> Report:
    """The night's report; its figures are stored for the date. `sentences` are those of the problems' codes."""
    orgs = entities.organisations(ledger)
    found, every = findings.first_seen(ledger), proposals.find(ledger)
    items = [row for row in queue.rows(ledger) if row.state is not State.SUPERSEDED]
    standing = [p for p in every if p.state != "superseded"]
    checked, after = counts.get("check", {}), counts.get("report", {})
    counted = figures(
        Facts(
            passing={"before": checked.get("passing", {}), "after": after.get("passing", checked.get("passing", {}))},
            findings=[(f.org, f.rule) for f in found if f.closed is None],
            proposals=[(p.org, p.cls, p.disposition) for p in standing],
            items=[(row.org, row.state) for row in items],
        ),
        orgs,
    )
    runs.store_figures(ledger, run.day, counted)
    recheck = counts.get("recheck", {})
    return Report(
        day=run.day,
        run=run.id,
        units=tree(orgs, counted),
        rules=_lines(rules, found, checked.get("not_evaluated", {}), run),
        classes=Counter((str(p.cls), str(p.disposition)) for p in standing),
        states=Counter(str(row.state) for row in items),
        mismatches=mismatches(ledger, fields),
        surveyors=sorted(checked.get("surveyors", {}).items(), key=lambda pair: -pair[1]),
        problems=[(p.place, p.row, p.code, sentences.get(p.code), p.params) for p in batches.problems(ledger, run.id)],
        calls=calls.count(ledger, run.day),
        fee_cents=recheck.get("fee_cents", 0),
        seconds=seconds,
        counts={name: value for name, value in _flat(counts).items() if isinstance(value, int)},
    )


def _flat(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{step}.{name}": value
        for step, part in counts.items()
        if isinstance(part, Mapping)
        for name, value in part.items()
    }


def _lines(
    rules: Iterable[Rule], found: Iterable[Finding], absent: Mapping[str, list[str]], run: Run
) -> tuple[RuleLine, ...]:
    opened, closed, still = Counter[str](), Counter[str](), Counter[str]()
    for f in found:
        opened[f.rule] += f.opened == run.day
        closed[f.rule] += f.closed == run.day
        still[f.rule] += f.closed is None
    return tuple(
        RuleLine(
            code=r.code, name=r.name, group=r.group, severity=r.severity, opened=opened[r.code], closed=closed[r.code], open=still[r.code],
            missing=tuple(absent.get(r.code, ())),
        )
        for r in rules
    )  # fmt: skip


def waiting(ledger: Ledger) -> list[Proposal]:
    """The proposals that wait for a person: for review, or held after the legacy system refused them."""
    found = proposals.find(ledger, states=proposals.WAITING)
    return [p for p in found if p.state == "held" or p.disposition is Disposition.REVIEW]


def mismatches(ledger: Ledger, fields: Fields, *, unmasked: bool = False) -> tuple[Mismatch, ...]:
    """The mismatch log. Masked, so that only what differs is seen; unmasked only for a person who asked by name."""
    orgs = entities.organisations(ledger)
    result = []
    for p in waiting(ledger):
        spec = fields[p.field]
        before, after = (p.before or "", p.after or "") if unmasked else mask_pair(spec.mask, p.before, p.after)
        unit = orgs.units.get(p.org)
        result.append(
            Mismatch(
                proposal=p.id, version=p.version, account=p.key, station=unit.name if unit else p.org, field=spec.label,
                rules=p.rules, before=before, after=after, evidence=tuple(evidence(p, spec.mask, unmasked)), cls=str(p.cls), state=p.state,
                missing=tuple((gate.CONDITIONS[c.code], c.params) for c in p.conditions if not c.held),
            )
        )  # fmt: skip
    return tuple(result)


def evidence(p: Proposal, kind: str, unmasked: bool = False) -> Iterable[tuple[str, str]]:
    """What each source said of it, in short."""
    for v in p.values:
        value = (v.value or "") if unmasked else mask(kind, v.value)
        yield v.source, " ".join(part for part in (value, v.as_of.isoformat() if v.as_of else "", v.note) if part)
    for said in p.verdicts:
        day = said.as_of.isoformat() if said.as_of else ""
        yield said.source, " ".join(part for part in (str(said.verdict), said.subcode, day) if part)
