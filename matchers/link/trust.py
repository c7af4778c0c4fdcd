"""Say when probabilities are not to be trusted: too few matches to learn from, one field alone, fields that hardly tell, learning gone astray."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matchers.link.encode import Encoded
from matchers.link.train import Model

Floats = npt.NDArray[np.float64]

FEW = 150.0
"""Matches below which the model was learned from too few."""
BITS = 3.0
"""Evidence of all fields but the best, in bits on the average of matches, below which only one field tells anything."""
SURE = 0.9
"""Precision, and recall, that are expected; below it fields tell too little apart."""
ASTRAY = 0.5
"""Share of matches that differ altogether in something of a person's own, from which what was learned are no matches."""
IDLE = 0.98
"""Share of matches that differ altogether in any field, from which its columns hold two different things."""
ALL = 0.98
"""Share of the matches that there can be at most, from which learning has run to its bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something that the user should know before trusting the figures."""

    code: str  # a key of console.render.linked.WARNINGS
    params: Mapping[str, object]


def doubts(model: Model, fields: Sequence[Encoded]) -> Iterator[Warned]:
    """What is wrong with what was learned."""
    if model.matches < FEW:
        yield Warned(code="few", params={"matches": round(model.matches)})
    bits = sorted((_bits(model, place), one.name) for place, one in enumerate(fields))
    if sum(b for b, _ in bits[:-1]) < BITS:
        yield Warned(code="alone", params={"field": bits[-1][1]})
    for place, one in enumerate(fields):
        share = model.m[place][0] if 1.0 not in one.absent else 0.0
        if share > (ASTRAY if one.kind.own else IDLE):
            code = "astray" if one.kind.own else "idle"
            yield Warned(code=code, params={"field": one.name, "share": f"{share:.0%}"})


def cut(floor: float | None, pairs: int) -> Iterator[Warned]:
    """Whether memory had room for those pairs only that are likelier than `floor` (bits)."""
    if floor is not None:
        yield Warned(code="cut", params={"probability": f"{1 / (1 + 2.0**-floor):.6f}", "pairs": f"{pairs:,}"})


def tangled(pairs: int) -> Iterator[Warned]:
    """Whether so many records hang together that clusters were made without the weakest pairs between them."""
    if pairs:
        yield Warned(code="tangled", params={"pairs": f"{pairs:,}"})


def alike(counts: npt.NDArray[np.int64]) -> Iterator[Warned]:
    """Whether crowds of equal records say too little to be one thing; `counts`: how many records each has, a row a crowd."""
    if len(counts):
        yield Warned(code="alike", params={"records": f"{counts.sum():,}", "crowds": len(counts)})


def beside_first(counts: npt.NDArray[np.int64], limit: int) -> Iterator[Warned]:
    """Whether of crowds of two files each record is paired with the other file's first one only."""
    if some := int((counts.prod(axis=1) > limit).sum()):
        yield Warned(code="beside_first", params={"crowds": some, "limit": f"{limit:,}"})


def unclear(chance: Floats, decision: npt.NDArray[np.int8], total: float, *, bound: bool) -> Iterator[Warned]:
    """Whether the probabilities themselves expect much to be wrong, or missed; `total`: matches that there are thought to be.

    `bound`: whether what was learned has as many matches as there can be; that is well where all of them are sure.
    """
    kept = chance[decision == 2]
    right = float(kept.sum())
    if len(kept) and right / len(kept) < SURE:
        yield Warned(code="unsure", params={"precision": f"{right / len(kept):.2f}"})
    if bound and right < SURE * total:
        yield Warned(code="bound", params={"matches": round(total)})
    if len(chance) and total >= 1.0 and right < SURE * total:
        yield Warned(code="missed", params={"recall": f"{right / max(total, 1e-9):.2f}", "matches": round(total)})


def _bits(model: Model, place: int) -> float:
    """Bits that a field gives for a match on the average, where it is there."""
    return float((model.m[place] * model.weights(place)).sum())
