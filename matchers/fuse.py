"""Weigh evidence: which sources support a candidate value, which oppose it, and how probable that makes it.

Values are compared by the comparator of the field's kind, in bulk: all pairs of one kind in one call. A register that names several
values for one field (co-owners) supports the candidate when any of them agrees, and opposes it only when none does; surveyors look
at the cell itself, and one who found it otherwise opposes whatever another of them has found. A masked value
supports a full one when it fits and shows enough of it; whether a star stands for one character or for many is the source's matter.

Each source is believed by its own record, per field. With r the mean of its Beta counts (prior + how often it was right or wrong,
by reviewers' decisions and by agreement with independent sources), a candidate's odds are those of even money times r/(1−r) for
each source that supports it and (1−r)/r for each that opposes it: Dawid and Skene (1979) with one reliability per source and two
outcomes. Of sources that copy one another only the strongest counts, so an agreement among them adds nothing.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.model import NEUTRAL as SILENT
from core.model import ValueEvidence, Verdict, VerdictEvidence
from core.policy import Policy
from core.reference import Reference
from matchers import comparators
from matchers.comparators import Comparator
from matchers.gate import SURVEY, Weighed, refutes
from matchers.masks import Stars, stars

SUPPORTS, OPPOSES, NEUTRAL = 1, -1, 0

Counts = tuple[float, float]
"""How often a source was right, and wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A candidate value and everything that was said of its cell. `kind` names the comparator."""

    kind: str
    value: str | None
    evidence: tuple[ValueEvidence, ...]
    verdicts: tuple[VerdictEvidence, ...] = ()
    field: str = ""
    # what may speak against the value, and no more for it: its day is past
    old: frozenset[ValueEvidence | VerdictEvidence] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """How far each source is believed, and what the policy makes of sources."""

    policy: Policy
    record: Mapping[tuple[str, str], Counts] = field(default_factory=dict)  # (source, field) → counts

    def reliability(self, source: str, name: str) -> float:
        """The chance that the source is right about the field (mean of its Beta counts)."""
        right, wrong = self.record.get((source, name), (0.0, 0.0))
        before, against = self.policy.prior
        return (before + right) / (before + against + right + wrong)

    def weight(self, source: str, name: str) -> float:
        """The logarithm of the odds that its word brings."""
        r = self.reliability(source, name)
        return math.log(r / (1 - r))


def weigh(questions: Sequence[Question], reference: Reference, belief: Belief) -> list[Weighed]:
    """The evidence of each question, sorted by what it says of the candidate, with its posterior; same length and order."""
    stances = _stances(questions, reference, belief.policy)
    said = [_said(question, stance, belief.policy) for question, stance in zip(questions, stances, strict=True)]
    belief = Belief(policy=belief.policy, record=_added(belief.record, agreements(questions, said, belief.policy)))
    return [
        _sorted(question, stance, one, belief) for question, stance, one in zip(questions, stances, said, strict=True)
    ]


def experience(
    questions: Sequence[Question], right: Sequence[bool], reference: Reference, policy: Policy
) -> dict[tuple[str, str], Counts]:
    """What decided values tell of their sources: (source, field) → how often it was right and wrong.

    `right` says of each question whether its value turned out to be right.
    """
    found: dict[tuple[str, str], Counts] = {}
    for question, stances, true in zip(questions, _stances(questions, reference, policy), right, strict=True):
        for source, stance in _said(question, stances, policy).items():
            if stance != NEUTRAL:
                _count(found, (source, question.field), 1.0, right=(stance == SUPPORTS) is true)
    return found


def agreements(
    questions: Sequence[Question], said: Sequence[Mapping[str, int]], policy: Policy
) -> dict[tuple[str, str], Counts]:
    """How often each source agreed with an independent one, each time counted as the policy says."""
    found: dict[tuple[str, str], Counts] = {}
    for question, stances in zip(questions, said, strict=True):
        spoke = [(source, stance) for source, stance in stances.items() if stance != NEUTRAL]
        for source, stance in spoke:
            others = [s for other, s in spoke if policy.independent(source, other)]
            if others and sum(others):
                _count(found, (source, question.field), policy.agreement, right=stance * sum(others) > 0)
    return found


def _count(found: dict[tuple[str, str], Counts], place: tuple[str, str], much: float, *, right: bool) -> None:
    was, wasnt = found.get(place, (0.0, 0.0))
    found[place] = (was + much, wasnt) if right else (was, wasnt + much)


def _added(
    one: Mapping[tuple[str, str], Counts], other: Mapping[tuple[str, str], Counts]
) -> dict[tuple[str, str], Counts]:
    nothing = (0.0, 0.0)
    return {
        place: (one.get(place, nothing)[0] + other.get(place, nothing)[0], one.get(place, nothing)[1] + other.get(place, nothing)[1])
        for place in {**one, **other}
    }  # fmt: skip


# -- stances


def _stances(questions: Sequence[Question], reference: Reference, policy: Policy) -> list[list[int]]:
    """For each question one stance per piece of value evidence."""
    stances = [[NEUTRAL] * len(q.evidence) for q in questions]
    pairs: dict[tuple[str, Stars], list[tuple[int, int, str, ValueEvidence]]] = defaultdict(list)
    for index, question in enumerate(questions):
        for place, piece in enumerate(question.evidence):
            if question.value is not None and piece.value is not None and piece.counts:
                pairs[question.kind, stars(piece.mask)].append((index, place, question.value, piece))
    for (kind, style), found in pairs.items():
        comparator = comparators.load(kind)
        levels = comparator.compare([v for _, _, v, _ in found], [p.value for *_, p in found], reference, style)
        for (index, place, value, piece), level in zip(found, levels.tolist(), strict=True):
            stances[index][place] = _stance(comparator, level, kind, value, piece.value or "", policy, reference)
    return stances


def _stance(
    comparator: Comparator, level: int, kind: str, value: str, text: str, policy: Policy, reference: Reference
) -> int:
    if comparator.agrees(level):
        return SUPPORTS
    if comparator.contradicts(level):
        return OPPOSES
    called = comparator.called(level) if level >= comparators.BESIDE else ""
    if called == "DAMAGED_COMPATIBLE":
        return SUPPORTS
    if called != "MASK_COMPATIBLE":
        return NEUTRAL
    shown = comparator.differ(level, value, text, reference)[
        "known"
    ]  # whatever character the source hides others behind
    least = policy.mask_supports.get(_KINDS.get(kind, kind))
    return SUPPORTS if least is not None and isinstance(shown, int) and shown >= least else NEUTRAL


_KINDS = {"ident": "id"}
"""Comparators that are called otherwise than the kind of field."""


def _said(question: Question, stances: Sequence[int], policy: Policy) -> dict[str, int]:
    """What each source says of the candidate: its best word, of a survey its worst, and the verdicts."""
    best: dict[str, int] = {}
    for piece, stance in zip(question.evidence, stances, strict=True):
        if stance == OPPOSES or (stance == SUPPORTS and piece not in question.old):
            prevails = min if policy.roles.get(piece.source) == SURVEY else max
            best[piece.source] = prevails(best.get(piece.source, stance), stance)
    for answer in question.verdicts:
        if answer.verdict is Verdict.CONSISTENT and answer not in question.old:
            best.setdefault(answer.source, SUPPORTS)
        elif answer.verdict not in SILENT and refutes(answer, question.field):
            best[answer.source] = OPPOSES
    return best


def _sorted(question: Question, stances: Sequence[int], said: Mapping[str, int], belief: Belief) -> Weighed:
    pieces = list(zip(question.evidence, stances, strict=True))
    supporting = tuple(p for p, s in pieces if s == SUPPORTS and p not in question.old)
    agreed = {p.source for p in supporting if belief.policy.roles.get(p.source) != SURVEY}
    weights = _weights(question.field, said, belief)
    return Weighed(
        supporting=supporting,
        opposing=tuple(p for p, s in pieces if s == OPPOSES and p.source not in agreed),
        neutral=tuple(p for p, s in pieces if s == NEUTRAL or (s == OPPOSES and p.source in agreed)),
        stale=tuple(p for p, s in pieces if s == SUPPORTS and p in question.old),
        verdicts=question.verdicts,
        posterior=_posterior(weights.values()) if weights else None,
        weights=weights,
    )


def _weights(name: str, said: Mapping[str, int], belief: Belief) -> dict[str, float]:
    """What each source adds to the logarithm of the candidate's odds; of those that copy one another the strongest speaks."""
    counted: dict[str, float] = {}
    unknown = said.keys() - belief.policy.roles.keys()
    for source in sorted(said, key=lambda source: (source in unknown, -belief.weight(source, name), source)):
        if all(belief.policy.independent(source, other) for other in counted):
            counted[source] = said[source] * belief.weight(source, name)
    return counted


def _posterior(weights: Iterable[float]) -> float:
    return 1 / (1 + math.exp(-math.fsum(weights)))
