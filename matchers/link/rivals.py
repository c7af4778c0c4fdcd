"""Candidates that exclude each other: how likely each of them is, when a record has one match at most.

A candidate that has a better counterpart itself is no rival. This is the monomer–dimer model, solved by belief propagation, which
is exact where candidates form no circle (Heilmann and Lieb 1972; Zdeborová and Mézard 2006).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from matchers.link import calibrate
from matchers.link.calibrate import MATCHED, Bits, Correction

Floats = npt.NDArray[np.float64]
Records = npt.NDArray[np.intp] | npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Free = tuple[Floats, Floats]
"""Of each pair, that its left, and its right, record has no other match."""

LIMIT = 40
"""Bits beyond which nothing gets surer; sums of odds keep enough digits so."""
SAID = 2 * LIMIT + 12
"""Bits of a pair that a person decided: it stands against any evidence that its records have their matches elsewhere, both of them."""
PASSES = 40
SETTLED = 1.003
"""Times by which no chance still changes in a pass, where it has settled: a rival's odds are too large for differences to tell."""
CORRECTED = 2
"""Times that the evidence is corrected: what is known of losers is surer the second time."""
_TINY = 1e-15


def free(rows: Records, odds: Floats) -> Floats:
    """That the record (`rows`) of each pair has no other match, where the pairs have these odds."""
    others = np.bincount(rows, weights=odds)[rows] - odds
    return np.asarray(1 / (1 + np.maximum(others, 0)))


def settle(odds: Floats, left: Records, right: Records, before: Free, turns: int) -> Free:
    """The same of both records, some turns nearer to what agrees with itself; each goes halfway, so that circles do not swing."""
    mine, theirs = before
    for _ in range(turns):
        fresh = free(left, odds * theirs), free(right, odds * mine)
        mine, theirs = np.sqrt(mine * fresh[0]), np.sqrt(theirs * fresh[1])
    return mine, theirs


def probability(
    left: Records,
    right: Records,
    evidence: Bits,
    once: tuple[bool, bool],
    sizes: tuple[int, int],
    matches: float = 0.0,
    decided: Flags | None = None,
) -> tuple[Floats, Correction]:
    """The probability of each pair, and how the evidence was corrected for it (see `calibrate`).

    `evidence`: log₂ odds of each pair (unique), rivals aside; `once`: whether a left, and a right, record has one match at most;
    `matches`: about how many there are; `decided`: pairs of which a person said whether they match, which is the sign of their evidence: nothing
    corrects it, and they tell nothing of others. Beside matching each other, two records may both stay alone, which is the rarer the more
    records have a match.
    """
    pairs = _Pairs(left, right, once, sizes, decided)
    correction, others = calibrate.NONE, slice(None) if decided is None else ~decided
    chance = pairs.chance(evidence, correction, matches)
    for _ in range(CORRECTED if any(once) else 0):
        seen = float(chance.sum())
        lost = [one[others] for one in pairs.lost(chance)]
        correction = calibrate.correction(evidence[others], correction, 1 - chance[others], lost, pairs.matched(seen))
        # wrong pairs that look like matches must not, as if more records had one, make the others likelier
        chance = pairs.chance(evidence, correction, min(seen, matches))
    return chance, correction


class _Pairs:
    """Pairs of two files, with what of them excludes each other."""

    def __init__(
        self, left: Records, right: Records, once: tuple[bool, bool], sizes: Sequence[int], decided: Flags | None
    ) -> None:
        self.decided = decided
        self.sides = [(rows, size) for rows, size, one in zip((left, right), sizes, once, strict=True) if one]
        several = [np.bincount(rows, minlength=size)[rows] > 1 for rows, size in self.sides]
        # most pairs have no rival, and are left out of all the turns
        self.contested = np.flatnonzero(np.logical_or.reduce(several)) if several else np.zeros(0, np.intp)
        self.groups = [np.unique(rows[self.contested], return_inverse=True)[1] for rows, _ in self.sides]

    def chance(self, evidence: Bits, correction: Correction, matches: float) -> Floats:
        """The probability of each pair, where so many pairs are matches."""
        alone = np.prod([1 - min(matches / size, MATCHED) for _, size in self.sides])
        bits = (evidence + correction.at(evidence)).astype(np.float64) - np.log2(alone)
        bits = np.clip(bits, -LIMIT, LIMIT)
        if self.decided is not None:
            bits[self.decided] = np.copysign(SAID, evidence[self.decided])
        odds = np.exp2(bits)
        odds[self.contested] *= self._free(odds[self.contested])
        return np.asarray(odds / (1 + odds))

    def _free(self, odds: Floats) -> Floats:
        """That neither record of each contested pair has another match."""
        none = np.ones(len(odds))
        if len(self.groups) == 1:
            return free(self.groups[0], odds)
        if not len(odds) or not self.groups:
            return none
        before: Free = (none, none)
        for _ in range(PASSES):
            after = settle(odds, self.groups[0], self.groups[1], before, 1)
            ratios = [a / b for a, b in zip(after, before, strict=True)]
            before = after
            if all(each.max() < SETTLED and each.min() > 1 / SETTLED for each in ratios):
                break
        return before[0] * before[1]

    def lost(self, chance: Floats) -> list[Floats]:
        """Of each side that has one match at most, the probability that a pair's record, if the pair is wrong, has it elsewhere."""
        rivals = chance[self.contested]
        found = []
        for rows in self.groups:
            lost = np.zeros(len(chance))
            others = np.bincount(rows, weights=rivals)[rows] - rivals
            lost[self.contested] = np.clip(others / np.maximum(1 - rivals, _TINY), 0, 1)
            found.append(lost)
        return found

    def matched(self, matches: float) -> list[float]:
        """The share of records that have a match, of the same sides."""
        return [min(matches / size, 1.0) for _, size in self.sides]
