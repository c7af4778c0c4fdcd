"""May a value be written without a person? Every condition that held or failed is kept with the proposal.

class   what it takes                                     (ceilings of rule and field: A allows A; B allows A and B; C and N allow none)
S       an audited survey entry for a field of the policy's survey_authority, with the evidence that its item asks for
A       key(before) = key(after), or exactly one successor in an ordered table
B       two independent sources agree on the value, one of them authoritative for the field
C       a person decides      N   never written
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from core.fields import PERSONAL, Field
from core.model import NEUTRAL, Class, Condition, Disposition, Draft, Operation, ValueEvidence, Verdict, VerdictEvidence
from core.policy import Policy
from core.words import Words
from matchers import ladder
from matchers.ladder import Labels, Stratum
from matchers.masks import HIDDEN
from matchers.normal import text

CONDITIONS = {
    "value": Words("有建议值", "there is a value to propose"),
    "normal": Words("相关用户均为正常状态", "every account that the save touches is in normal status"),
    "no_order": Words("无他人在途工单", "no open work order of somebody else"),
    "rules": Words(
        "新值通过全部规则（违反：{rules}；缺输入未评估：{unjudged}）",
        "the new value passes every rule (breaks: {rules}; not evaluated for want of an input: {unjudged})",
    ),
    "fits": Words("目标字段容得下新值（{reason}）", "the target field can hold the new value ({reason})"),
    "not_blank": Words("不清空已有值", "nothing is blanked"),
    "whole": Words("新值完整，没有脱敏字符", "the new value is whole: no character of it is masked"),
    "holder": Words("不变更户主身份", "the holder's identity does not change"),
    "together": Words(
        "与它成套的值也可写入（同一户的楼栋、单元、房号，或同一联系人）",
        "what it belongs together with may be written too (the parts of one flat, one contact)",
    ),
    "ceiling": Words("字段与规则允许该类回填（上限 {ceiling}）", "field and rule allow this class (ceiling {ceiling})"),
    "fresh": Words(
        "有晚于该单元最近变化的证据（过旧不计：{sources}）",
        "there is evidence newer than the cell's last change (too old to count: {sources})",
    ),
    "audited": Words(
        "普查结果已审核且佐证齐全（缺：{lacks}）", "the survey entry is audited with its evidence (lacks: {lacks})"
    ),
    "unopposed": Words("无相反证据（{sources}）", "no evidence speaks against it ({sources})"),
    "corroborated": Words("两个独立来源一致（{sources}）", "two independent sources agree ({sources})"),
    "authoritative": Words("其中有该字段的权威来源", "one of them is authoritative for the field"),
    "probable": Words(
        "新值可信度足够（{posterior}；各来源权重 {weights}）",
        "the new value is probable enough ({posterior}; weights of the sources: {weights})",
    ),
    "rung": Words(
        "该层级已获准自动写入（现为 {rung}；已有标注 {labels} 条，需 {needed} 条）",
        "this stratum may be written without a person (now: {rung}; {labels} labels, {needed} needed)",
    ),
    "sample": Words("未被抽中人工核定", "not drawn for a person's check"),
    "certain": Words("无需人工判断", "no judgement by a person is needed"),
}
"""The sentence of every condition code."""

ALLOWED = {Class.A: (Class.S, Class.A), Class.B: (Class.S, Class.A, Class.B), Class.C: (), Class.N: ()}
"""What a ceiling lets through. S is the policy's matter: `survey_authority` lists its fields, whatever their ceiling."""

SITE, PRACTICE = "site", "practice"
"""Where labels come from."""

LADDER = frozenset({"rung", "sample"})
"""Conditions that say nothing against the value: a person looks because too few have looked yet."""

SURVEY = "survey"
"""The authority (`roles` of the policy) on which class S rests."""

ARCHIVE = "archive"
"""What the cell itself still shows of the value (a mask, an old form), as a source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The evidence for one candidate value, sorted by what it says of that value."""

    supporting: tuple[ValueEvidence, ...] = ()
    opposing: tuple[ValueEvidence, ...] = ()
    neutral: tuple[ValueEvidence, ...] = ()
    stale: tuple[ValueEvidence | VerdictEvidence, ...] = ()  # would support, but its day lets it count no more
    verdicts: tuple[VerdictEvidence, ...] = ()
    posterior: float | None = None  # of the candidate; None where nobody said anything of it
    weights: Mapping[str, float] = field(default_factory=dict)  # source → what it adds to the logarithm of the odds

    @property
    def values(self) -> tuple[ValueEvidence, ...]:
        """All value evidence."""
        old = tuple(e for e in self.stale if isinstance(e, ValueEvidence))
        return self.supporting + self.opposing + self.neutral + old


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What else is known of the place at the moment of the judgement."""

    normal: bool = True
    order_open: bool | None = None  # None: this site cannot tell, and the condition is left out rather than held
    breaks: tuple[str, ...] = ()  # rules that the new value would break, or that failed on its account
    unjudged: tuple[str, ...] = ()  # rules about the field that lack an input: no pass, and told with the proposal
    misfit: str | None = None  # why the target field cannot hold it
    changed: date | None = None  # the last day on which the cell may have changed
    today: date | None = None  # the business date: evidence grows old
    holder_changes: bool = False
    torn: bool = False  # it is right only beside another value that is not written without a person
    lacks: tuple[str, ...] = ()  # what the survey entry's evidence lacks
    ceilings: tuple[Class, ...] = ()  # of the rules whose findings it would settle
    labels: Mapping[Stratum, Labels] = field(default_factory=dict)  # what people said of each stratum
    attended: bool = False  # a person started the run and watches it
    origin: str = (
        SITE  # where a person's word on it counts: what is learnt in the practice world never counts on a site
    )


def admit(draft: Draft, weighed: Weighed, facts: Facts, policy: Policy, spec: Field) -> Draft:
    """The draft with its class, disposition, conditions, posterior and evidence.

    `draft.cls` says what the value claims to be (S, A or B); what cannot hold the claim becomes C, with the reasons.
    """
    counted = _counted(weighed, facts, policy)
    conditions = tuple(_common(draft, facts, policy, spec) + _by_class(draft, counted, facts, policy, spec))
    failed = {c.code for c in conditions if not c.held}
    if draft.cls is Class.N or failed & {"normal", "no_order"}:
        disposition = Disposition.NEVER
    else:
        disposition = Disposition.REVIEW if failed else Disposition.AUTOMATIC
    persons = disposition is Disposition.REVIEW and draft.cls is not Class.N and failed - LADDER
    return replace(
        draft, cls=Class.C if persons else draft.cls, disposition=disposition, conditions=conditions,
        values=weighed.values, verdicts=weighed.verdicts, posterior=weighed.posterior,
    )  # fmt: skip


def _common(draft: Draft, facts: Facts, policy: Policy, spec: Field) -> list[Condition]:
    written = _written(draft)
    known = [] if facts.order_open is None else [Condition(code="no_order", held=not facts.order_open)]
    ceilings = (*facts.ceilings, *(() if draft.cls is Class.S else (spec.ceiling,)))
    barred = [c for c in ceilings if draft.cls not in ALLOWED[c]]
    if draft.cls is Class.S and not policy.survey_suffices(spec.id):
        barred.append(Class.C)
    return [
        Condition(code="value", held=draft.after is not None),
        Condition(code="normal", held=facts.normal),
        *known,
        Condition(
            code="rules",
            held=not facts.breaks,
            params={"rules": " ".join(facts.breaks), "unjudged": " ".join(facts.unjudged)},
        ),
        Condition(code="fits", held=facts.misfit is None, params={"reason": facts.misfit or ""}),
        Condition(code="not_blank", held=not any(_blanks(value, draft.before, spec) for value in written)),
        Condition(code="whole", held=not any(_hides(value, spec) for value in written)),
        Condition(code="holder", held=not facts.holder_changes),
        Condition(code="together", held=not facts.torn),
        Condition(code="certain", held=draft.cls in (Class.S, Class.A, Class.B)),
        Condition(code="ceiling", held=not barred, params={"ceiling": min(barred, key="NCBA".index, default="")}),
    ]


def _written(draft: Draft) -> tuple[str, ...]:
    """The values that the save would leave: the new one, and what a new row holds beside it."""
    beside = (
        (v for name, v in draft.row.items() if v and name != draft.field) if draft.operation is Operation.ADD else ()
    )
    return (*(() if draft.after is None else (draft.after,)), *beside)


def _blanks(value: str, before: str | None, spec: Field) -> bool:
    """Whether a value says nothing, or puts "there is none" in the place of one; codes are told by their table, whatever they spell."""
    said = "" if spec.kind == "code" else text.meaning(text.plain(value))
    return not value.strip() or (bool(said) and (said != "none" or bool(before)))


_HIDDEN_OF_A_PERSON = re.compile(HIDDEN.pattern + r"|[Xx]{2}|某")


def _hides(value: str, spec: Field) -> bool:
    """Whether a character of the value is hidden, as sources write that; two X are letters where no person is meant."""
    shape = _HIDDEN_OF_A_PERSON if spec.kind in PERSONAL else HIDDEN
    return bool(shape.search(text.plain(value)))


def _by_class(draft: Draft, weighed: Weighed, facts: Facts, policy: Policy, spec: Field) -> list[Condition]:
    against = sorted({e.source for e in weighed.opposing} | _refuting(weighed, draft.field))
    unopposed = Condition(code="unopposed", held=not against, params={"sources": " ".join(against)})
    rungs = _ladder(draft, weighed, facts, policy)
    audited = Condition(code="audited", held=not facts.lacks, params={"lacks": " ".join(facts.lacks)})
    if draft.cls is Class.A:
        return rungs
    if draft.cls is Class.S:
        entries = [e.source for e in weighed.supporting if policy.roles.get(e.source) == SURVEY]
        return [audited, unopposed, _fresh(weighed, entries), *rungs]
    if draft.cls is Class.B:
        witnesses = [*_corroborated(draft, weighed, policy, spec), _probable(weighed, policy)]
        left = [] if _overtaken_survey(weighed, facts, policy) else supporters(weighed)
        return [audited, *witnesses, unopposed, _fresh(weighed, left), *rungs]
    return [unopposed]


# -- the ladder


def stratum(draft: Draft, weighed: Weighed) -> Stratum:
    """What the draft is judged together with: its class, the rule that found it (else its field) and who supports it."""
    return Stratum(str(draft.cls), draft.rules[0] if draft.rules else draft.field, "+".join(supporters(weighed)))


def _ladder(draft: Draft, weighed: Weighed, facts: Facts, policy: Policy) -> list[Condition]:
    here = stratum(draft, weighed)
    now = ladder.standing(here, facts.labels, policy)
    climbed = now.rung == ladder.AUTOMATIC or (now.rung == ladder.ATTENDED and facts.attended)
    params = {
        "rung": now.rung, "stratum": str(here), "labels": now.labels.count, "wrong": now.labels.wrong, "needed": now.needed,
        "bound": round(now.bound, 5), "proven": now.proven, "origin": facts.origin,
    }  # fmt: skip
    blind = ladder.drawn(draft.kind, draft.key, now.sampling)
    return [
        Condition(code="rung", held=climbed, params=params),
        Condition(code="sample", held=not blind, params={"rate": round(now.sampling, 4)}),
    ]


# -- witnesses


def refutes(verdict: VerdictEvidence, name: str = "") -> bool:
    """Whether the answer speaks against the value of a field; no record and errors never do.

    A number that belongs to somebody else says nothing of the holder's name and certificate.
    """
    if verdict.verdict in NEUTRAL or verdict.verdict is Verdict.CONSISTENT:
        return False
    return name not in HOLDER or verdict.subcode in ("", HOLDER[name])


HOLDER = {"cons_name": "name", "cert_no": "id"}
"""What an inconsistent answer is called that speaks of just this field."""


def _refuting(weighed: Weighed, name: str) -> set[str]:
    return {v.source for v in weighed.verdicts if refutes(v, name)}


def confirming(weighed: Weighed) -> set[str]:
    """The services that answered `consistent`."""
    return {v.source for v in _consistent(weighed)}


def _consistent(weighed: Weighed) -> tuple[VerdictEvidence, ...]:
    return tuple(v for v in weighed.verdicts if v.verdict is Verdict.CONSISTENT)


def supporters(weighed: Weighed) -> list[str]:
    """Everybody who speaks for the value."""
    return sorted({e.source for e in weighed.supporting} | confirming(weighed))


def _corroborated(draft: Draft, weighed: Weighed, policy: Policy, spec: Field) -> list[Condition]:
    """Two independent sources, one of these two authoritative: a third that copies one of them lends it no authority."""
    sources = supporters(weighed)
    pairs = [{one, other} for one in sources for other in sources if one < other and policy.independent(one, other)]
    settling = confirming(weighed) if draft.field in policy.verdicts_settle else set[str]()
    best = settling | {source for source in sources if policy.authoritative(spec, source)}
    return [
        Condition(code="corroborated", held=bool(pairs), params={"sources": " ".join(sources)}),
        Condition(code="authoritative", held=any(best & pair for pair in pairs) if pairs else bool(best)),
    ]


def _probable(weighed: Weighed, policy: Policy) -> Condition:
    posterior = weighed.posterior or 0.0
    told = " ".join(f"{source} {weight:+.2f}" for source, weight in sorted(weighed.weights.items()))
    held = posterior >= policy.least_posterior
    return Condition(code="probable", held=held, params={"posterior": round(posterior, 4), "weights": told})


def _fresh(weighed: Weighed, left: Sequence[str]) -> Condition:
    """Whether of those on whom the class rests any is left that counts; a survey entry is not made fresh by another's word.

    The sources that are too old are named, for they would have spoken for the value.
    """
    old = sorted({e.source for e in weighed.stale})
    return Condition(code="fresh", held=bool(left), params={"sources": " ".join(old)})


def _overtaken_survey(weighed: Weighed, facts: Facts, policy: Policy) -> bool:
    """Whether a surveyor stated the value before somebody else changed the cell: which of the two is right, a person decides.

    Registers and carriers that still know what the surveyor saw (a former holder, his number) tell nothing of the change.
    """
    surveyed = (e for e in weighed.stale if isinstance(e, ValueEvidence) and policy.roles.get(e.source) == SURVEY)
    return any(_overtaken(e.as_of, facts.changed) for e in surveyed)


# -- how old evidence may be


def stale(evidence: ValueEvidence | VerdictEvidence, facts: Facts, policy: Policy) -> bool:
    """Whether evidence is not newer than the cell's last change, too old, or of a day that is yet to come: it speaks for no value.

    A day is an interval: evidence of the change's own day is not newer. What the archive itself still shows is as new as the cell.
    """
    if evidence.source == ARCHIVE:
        return False
    return _overtaken(evidence.as_of, facts.changed) or _old(evidence, facts.today, policy)


def _counted(weighed: Weighed, facts: Facts, policy: Policy) -> Weighed:
    """What speaks for the value and may count, apart from what is stale; what speaks against it is heard however old it is."""
    spoke: tuple[ValueEvidence | VerdictEvidence, ...] = (*weighed.supporting, *_consistent(weighed))
    old = tuple(e for e in spoke if stale(e, facts, policy))
    return replace(
        weighed,
        supporting=tuple(e for e in weighed.supporting if e not in old),
        verdicts=tuple(v for v in weighed.verdicts if v not in old),
        stale=tuple(dict.fromkeys((*weighed.stale, *old))),
    )


def _overtaken(as_of: date | None, changed: date | None) -> bool:
    return changed is not None and (as_of is None or as_of <= changed)


def _old(evidence: ValueEvidence | VerdictEvidence, today: date | None, policy: Policy) -> bool:
    if today is None:
        return False
    if evidence.as_of is None:
        return evidence.source in policy.freshness_days  # of what grows old the day must be known
    age = (today - evidence.as_of).days
    return age < 0 or not policy.fresh(evidence.source, age)
