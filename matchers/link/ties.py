"""Tell which fields of strangers agree together: of one district, more live in one quarter; of one sex, more have one name.

Without it such agreements are counted as if each came by chance alone, and probabilities are too high, the more so in large files,
where there are many strangers to agree. A tie says, for a field whose agreement is common (the sex, the district), how much
likelier than among all strangers each level of another field is where it agrees.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matchers.link import beside, kinds
from matchers.link.encode import Encoded
from matchers.link.kinds import Codes

Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int8]

COMMON = 5e-4
"""The chance from which on an agreement of strangers is common."""
CROWD = 30
"""Agreeing strangers for each match that there may be, so that what is drawn among them tells of strangers."""
DRAWN = 60_000
COUNTED = 100_000
"""Records of each side by which equality in both fields is counted."""
SEEN = 20.0
"""Pairs that are expected with a level before it is believed to be likelier than elsewhere by more than by half."""
WORTH = 0.1
"""Overstatement (in nats, on the average of matches) from which a tie is told."""
LEAST = 0.5
FOREIGN = 0.5
"""Share of a level's pairs that may be matches, where it is to tell of strangers."""


@dataclass(frozen=True, slots=True, eq=False)
class Tie:
    """Where strangers agree in the field at `parent`, ln of how much likelier each level of the one at `child` is."""

    parent: int
    child: int
    gain: Floats


def found(
    fields: Sequence[Encoded],
    u: Sequence[Floats],
    m: Sequence[Floats],
    sizes: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[Tie, ...]:
    """The ties among these fields, for each child the strongest; `m`: about how matches agree, by which they are told apart."""
    pairs, most = float(sizes[0]) * sizes[1], float(min(sizes))
    tops = [float(mine[-1]) for mine in u]
    strongest: dict[int, tuple[float, Tie]] = {}
    for parent, top in enumerate(tops):
        if top < COMMON or top * pairs < CROWD * most:
            continue
        left, right = _agreeing(fields[parent].left, fields[parent].right, rng)
        if not len(left):
            continue
        rarer = [child for child, one in enumerate(fields) if tops[child] < top and len(one.values)]
        expected = most / (top * pairs)  # the share of matches in the drawn pairs
        asked = [(fields[parent], fields[child], left, right, u[child], expected * m[child]) for child in rarer]
        for child, gain in zip(rarer, beside.each(lambda each: _gain(*each), asked), strict=True):
            worth = float((m[child] * gain).sum())
            if worth > max(WORTH, strongest[child][0] if child in strongest else 0.0):
                strongest[child] = worth, Tie(parent, child, gain)
    return tuple(strongest[child][1] for child in sorted(strongest))


def told(ties: Sequence[Tie], levels: Levels, tops: Sequence[int]) -> Floats:
    """ln of how much likelier each row of levels is among strangers than its fields alone say."""
    total = np.zeros(len(levels), dtype=np.float64)
    for tie in ties:
        rows = np.flatnonzero(levels[:, tie.parent] == tops[tie.parent])
        total[rows] += np.append(tie.gain, 0.0)[levels[rows, tie.child]]
    return total


def _agreeing(mine: Codes, theirs: Codes, rng: np.random.Generator) -> tuple[Codes, Codes]:
    """Random pairs of records with the same code, each such pair as likely as any other."""
    orders = [np.argsort(side, kind="stable") for side in (mine, theirs)]
    width = int(max(mine.max(initial=0), theirs.max(initial=0))) + 1
    counts = [np.bincount(side[side >= 0], minlength=width) for side in (mine, theirs)]
    starts = [(side < 0).sum() + np.cumsum(n) - n for side, n in zip((mine, theirs), counts, strict=True)]
    chances = np.cumsum(counts[0].astype(np.float64) * counts[1])
    if not chances[-1]:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    code = np.searchsorted(chances, rng.random(DRAWN) * chances[-1], side="right").clip(max=width - 1)
    one, other = (
        order[first[code] + (rng.random(DRAWN) * n[code]).astype(np.int64)].astype(np.int32)
        for order, first, n in zip(orders, starts, counts, strict=True)
    )
    apart = one != other  # of one file, no record with itself
    return one[apart], other[apart]


def _gain(parent: Encoded, child: Encoded, left: Codes, right: Codes, u: Floats, matches: Floats) -> Floats:
    levels = kinds.compare(child.kind, child.prepared, child.left[left], child.right[right])
    there = levels[levels >= 0]
    if not len(there):
        return np.zeros(len(u))
    seen = np.bincount(there, minlength=len(u)) / len(there)
    sizes = np.full(len(u), float(len(there)))
    seen[-1], sizes[-1] = _both(parent, child)
    ratio = ((seen - matches) * sizes + SEEN) / (u * sizes + SEEN)  # nearer to 1 where few pairs tell
    ratio[matches > FOREIGN * seen] = 1.0
    return np.asarray(np.log(np.maximum(ratio, LEAST)))


def _both(parent: Encoded, child: Encoded) -> tuple[float, float]:
    """The share of the pairs that agree in the parent which are equal in the child, too; and how many such pairs."""
    sides = []
    for mine, theirs in ((parent.left, child.left), (parent.right, child.right)):
        step = max(len(mine) // COUNTED, 1)
        a, b = mine[::step].astype(np.int64), theirs[::step]
        sides.append((a[(a >= 0) & (b >= 0)] << 32 | b[(a >= 0) & (b >= 0)], a[(a >= 0) & (b >= 0)]))
    same, agreeing = (_pairs(sides[0][n], sides[1][n]) for n in (0, 1))
    return same / max(agreeing, 1.0), agreeing


def _pairs(mine: npt.NDArray[np.int64], theirs: npt.NDArray[np.int64]) -> float:
    known, places = np.unique(np.concatenate([mine, theirs]), return_inverse=True)
    counts = [np.bincount(side, minlength=len(known)).astype(np.float64) for side in np.split(places, [len(mine)])]
    return float((counts[0] * counts[1]).sum())
