"""See whether a file has the same thing several times although the spec says that it has it once.

What was learned cannot tell: where each record has one counterpart at most, a second one loses, and teaches that relatives look
like matches. So the levels are asked before: a record has two counterparts if each agrees with it as matches do, if the two agree
so with each other, and if all three agree about equally well; people of one household differ in what is their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matchers.link import kinds, train
from matchers.link.encode import Encoded
from matchers.link.train import Levels

Rows = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

SURE = 7.0
"""Bits of evidence from which a pair is a match, beside strangers and beside people of one household."""
NEAR = 10.0
"""Bits by which the evidence of the three pairs may differ."""
FEW = 5
"""Records with several counterparts of which fewer may be chance."""
TELLING = 0.5
"""Share of first counterparts that are equal in a field beyond chance, from which it tells second ones that are other things."""
ALIKE = 0.5
"""Share of that, below which second counterparts are equal in it so seldom that they are other things."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What is supposed of matches (`m`) and known of strangers (`u`); `prior`: ln odds that any pair is a match."""

    fields: Sequence[Encoded]
    m: tuple[Floats, ...]
    u: tuple[Floats, ...]
    prior: float

    def bits(self, levels: Levels) -> Floats:
        """How each row of levels speaks for the same thing, against strangers or, where that is less, against a household."""
        own = np.asarray([one.kind.own for one in self.fields])
        match = train.log_likelihood(levels, self.m)
        odds = match - train.log_likelihood(levels, self.u) + self.prior
        if own.any():
            odds = np.minimum(odds, match - train.log_likelihood(levels, train.household(self.m, self.u, own)))
        return np.asarray(odds / np.log(2))


def share(evidence: Evidence, left: Rows, right: Rows, levels: Levels, side: int) -> float:
    """Of the records of a side (0 left, 1 right) with a sure counterpart among these pairs, the share with a second one that is the same."""
    mine, theirs = (left, right) if side == 0 else (right, left)
    bits = evidence.bits(levels)
    some = np.flatnonzero(bits >= SURE)
    some = some[np.lexsort((-bits[some], mine[some]))]
    first = np.flatnonzero(np.diff(mine[some], prepend=-1) != 0)
    second = first[first + 1 < len(some)]
    second = second[mine[some[second + 1]] == mine[some[second]]]
    best, other = some[second], some[second + 1]
    close = bits[other] >= bits[best] - NEAR
    best, other = best[close], other[close]
    between = np.empty((len(best), len(evidence.fields)), dtype=np.int8)
    for place, one in enumerate(evidence.fields):
        codes = one.right if side == 0 else one.left
        between[:, place] = kinds.compare(one.kind, one.prepared, codes[theirs[best]], codes[theirs[other]])
    same = evidence.bits(between) >= np.maximum(bits[best] - NEAR, SURE)
    if same.sum() < FEW or _apart(evidence, levels[some[first]], levels[other[same]]):
        return 0.0
    return float(same.sum()) / len(first)


def _apart(evidence: Evidence, firsts: Levels, seconds: Levels) -> bool:
    """Whether the second counterparts hardly ever agree in something in which the first ones do: yearly editorials differ in the year."""
    for place, one in enumerate(evidence.fields):
        there = [column[column >= 0] for column in (firsts[:, place], seconds[:, place])]
        if min(map(len, there)) < FEW:
            continue
        first, second = (float(np.mean(column == one.kind.top)) for column in there)
        chance = float(evidence.u[place][-1])
        if first - chance > TELLING and second - chance < ALIKE * (first - chance):
            return True
    return False
