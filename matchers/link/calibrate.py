"""Hold what the evidence says against pairs that are known to be wrong, and correct it.

Where each record has one match at most, a pair whose two records have their matches elsewhere is wrong, however alike it looks.
If a share f of the left records and a share g of the right ones are matched so, such losers are f·g of all wrong pairs, at every
degree of likeness; so they tell how many wrong pairs there are beside the right ones that look the same. (Lists that miss each
other by chance, Lincoln 1930; losers that tell false discoveries, Elias and Gygi, Nature Methods 4, 2007.) No label is needed, and fields
that err together, relatives of an unforeseen kind or a wrong share of matches are made up for, whatever the model supposed.

A second record of the same thing in one file loses, too, but only on one side: it is no such pair. And nothing becomes sure because
few are seen to lose: of a husband in one file and his wife in the other, each the only one of the home there, neither loses. So the
evidence may fall as far as losers tell, but rises no further than to odds of four to one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.float32]

MATCHED = 0.95
"""Share of records with a match that is reckoned with at most."""
FEW = 20.0
"""Losers, at least, by which the evidence of one degree is corrected (to about a third of a bit)."""
RAISED = 2.0
"""Bits, with what staying alone is worth, up to which evidence may be raised: odds of four to one."""
LOW, HIGH = -10, 40
"""Bits of evidence between which pairs are told apart, one bit at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """Bits to be added to the evidence: at some places, straight lines between, and the same beyond the first and the last."""

    places: Floats
    bits: Floats

    def at(self, evidence: Bits | Floats) -> Bits:
        """What is to be added to these bits of evidence."""
        return np.asarray(np.interp(evidence, self.places, self.bits), dtype=np.float32)


NONE = Correction(np.zeros(1), np.zeros(1))


def correction(
    evidence: Bits, before: Correction, wrong: Floats, lost: Sequence[Floats], matched: Sequence[float]
) -> Correction:
    """A correction by which about as many pairs are wrong as the losers tell.

    `evidence`: log₂ odds of each pair, rivals aside; `before`: an earlier correction, with which was found: `wrong`, the probability
    that a pair is; `lost`, of each side whose records have one match at most, the probability that the record of a pair, if that is
    wrong, has its match elsewhere; `matched`: the share of that side's records that have one. Where there are few losers, neighbouring
    degrees are taken together. The corrected evidence never falls where the evidence rises.

    What is held against each other are the wrong pairs, not the odds: where most pairs are wrong anyway, losers tell hardly
    how many of them are right.
    """
    degree = np.clip(np.floor(evidence), LOW, HIGH).astype(np.int64) - LOW

    def by_degree(weights: Floats) -> Floats:
        return np.bincount(degree, weights=weights, minlength=HIGH - LOW + 1).astype(np.float64)

    both = wrong * np.prod(lost, axis=0)
    starts = _together(by_degree(both).tolist())
    if len(starts) < 2:  # what is as likely as not tells nothing of what is surer
        return before

    def together(weights: Floats) -> Floats:
        return np.add.reduceat(by_degree(weights), starts)

    losers = together(both)
    # Beside them are wrong pairs whose record of one side has no match: as many as chance has it, or fewer, where records that look
    # alike have their matches together, or miss them together (a household, a family of products). They are never taken to be
    # more: a thing that stands twice in one file loses on one side, too.
    beside = [losers * (1 - share) / share for share in matched]
    if len(lost) == 2:
        halves = [together(wrong * (1 - one) * other) for one, other in (lost, lost[::-1])]
        beside = [np.minimum(*pair) for pair in zip(halves, beside, strict=True)]
    told = losers * np.prod([1 + each / losers for each in beside], axis=0)
    expected = together(1 / (1 + np.exp2((evidence + before.at(evidence)).astype(np.float64))))
    places = together(both * evidence) / losers
    alone = float(np.log2(np.prod([1 - min(share, MATCHED) for share in matched])))
    bits = np.minimum(before.at(places) + np.log2(expected / told), np.maximum(RAISED + alone - places, 0))
    return Correction(places, np.maximum.accumulate(places + bits) - places)


def _together(losers: Sequence[float]) -> list[int]:
    """Where degrees begin, the highest ones first as many together as have enough losers; what is left over at the bottom tells nothing."""
    found, there = [], 0.0
    for start in range(len(losers) - 1, -1, -1):
        there += losers[start]
        if there >= FEW:
            found.append(start)
            there = 0.0
    return found[::-1]
