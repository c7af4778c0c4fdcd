"""Weigh evidence: which sources support a candidate value, which oppose it, and which say nothing of it.

Values are compared by the comparator of the field's kind, in bulk: all pairs of one kind in one call. A source that names several
values for one field (co-owners) supports the candidate when any of them agrees, and opposes it only when none does.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.model import ValueEvidence, VerdictEvidence
from core.reference import Reference
from matchers import comparators
from matchers.gate import Weighed

SUPPORTS, OPPOSES, NEUTRAL = 1, -1, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A candidate value and everything that was said of its cell. `kind` names the comparator."""

    kind: str
    value: str | None
    evidence: tuple[ValueEvidence, ...]
    verdicts: tuple[VerdictEvidence, ...] = ()


def weigh(questions: Sequence[Question], reference: Reference) -> list[Weighed]:
    """The evidence of each question, sorted by what it says of the candidate; same length and order."""
    stances = _stances(questions, reference)
    return [_sorted(question, stances[index]) for index, question in enumerate(questions)]


def _stances(questions: Sequence[Question], reference: Reference) -> dict[int, list[int]]:
    """For each question one stance per piece of evidence."""
    pairs: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
    stances = {index: [NEUTRAL] * len(q.evidence) for index, q in enumerate(questions)}
    for index, question in enumerate(questions):
        for place, piece in enumerate(question.evidence):
            if question.value is not None and piece.value is not None:
                pairs[question.kind].append((index, place, question.value, piece.value))
    for kind, found in pairs.items():
        comparator = comparators.load(kind)
        levels = comparator.compare([a for _, _, a, _ in found], [b for _, _, _, b in found], reference)
        for (index, place, _, _), level in zip(found, levels.tolist(), strict=True):
            stances[index][place] = (
                SUPPORTS if comparator.agrees(level) else OPPOSES if comparator.contradicts(level) else NEUTRAL
            )
    return stances


def _sorted(question: Question, stances: Sequence[int]) -> Weighed:
    by_source: dict[str, list[int]] = defaultdict(list)
    for piece, stance in zip(question.evidence, stances, strict=True):
        by_source[piece.source].append(stance)
    best = {source: max(found) for source, found in by_source.items()}
    said = [(piece, stance) for piece, stance in zip(question.evidence, stances, strict=True)]
    return Weighed(
        supporting=tuple(p for p, s in said if s == SUPPORTS),
        opposing=tuple(p for p, s in said if s == OPPOSES and best[p.source] != SUPPORTS),
        neutral=tuple(p for p, s in said if s == NEUTRAL or (s == OPPOSES and best[p.source] == SUPPORTS)),
        verdicts=question.verdicts,
    )
