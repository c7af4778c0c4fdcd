"""Hold what the evidence says against pairs that are known to be wrong, and correct it where it says too much or too little.

Where each record has one match at most, a pair whose two records have their matches elsewhere is wrong, however alike it looks.
If a share f of the left records and a share g of the right ones are matched so, such losers are f·g of all wrong pairs, at every
degree of likeness; so they tell how many wrong pairs there are beside the right ones that look the same. (Lists that miss each
other by chance, Lincoln 1930; losers that tell false discoveries, Elias and Gygi, Nature Methods 4, 2007.) No label is needed, and fields
that err together, relatives of an unforeseen kind or a wrong share of matches are made up for, whatever the model supposed.

A second record of the same thing in one file loses, too, but only on one side: it is no such pair.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.float32]

FEW = 20.0
"""Losers, at least, by which the evidence of one degree is corrected (to about a third of a bit)."""
LOW, HIGH = -10, 40
"""Bits of evidence between which pairs are told apart, one bit at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """Bits to be added to the evidence: at some places, straight lines between, and the same beyond the first and the last."""

    places: Floats
    bits: Floats

    def at(self, evidence: Bits) -> Bits:
        """What is to be added to these bits of evidence."""
        return np.asarray(np.interp(evidence, self.places, self.bits), dtype=np.float32)


NONE = Correction(np.zeros(1), np.zeros(1))


def correction(evidence: Bits, before: Correction, lost: Sequence[Floats], matched: Sequence[float]) -> Correction:
    """A correction by which about as many pairs are wrong as the losers tell.

    `evidence`: log₂ odds of each pair, rivals aside; `before`: an earlier correction, with which was found: `lost`, of each side
    whose records have one match at most, the probability that the pair's record has it elsewhere; `matched`: the share of that
    side's records that have one. Where there are few losers, neighbouring degrees are taken together. The corrected evidence
    never falls where the evidence rises.

    What is held against each other are the wrong pairs, not the odds: where most pairs are wrong anyway, losers tell hardly
    how many of them are right.
    """
    degree = np.clip(np.floor(evidence), LOW, HIGH).astype(np.int64) - LOW

    def by_degree(weights: Floats) -> Floats:
        return np.bincount(degree, weights=weights, minlength=HIGH - LOW + 1).astype(np.float64)

    both = np.prod(lost, axis=0)
    losers, middles = by_degree(both), by_degree(both * evidence)
    expected = by_degree(1 / (1 + np.exp2((evidence + before.at(evidence)).astype(np.float64))))
    groups = _together(losers.tolist())
    if len(groups) < 2:  # what is as likely as not tells nothing of what is surer
        return before
    wrong = losers / _share(lost, both, matched)
    places = np.asarray([middles[some].sum() / losers[some].sum() for some in groups])
    bits = before.at(places) + [np.log2(expected[some].sum() / wrong[some].sum()) for some in groups]
    return Correction(places, np.maximum.accumulate(places + bits) - places)


def _share(lost: Sequence[Floats], both: Floats, matched: Sequence[float]) -> float:
    """The share of losers among all wrong pairs.

    Records that look alike may have their matches together, or miss them together (a household, a family of products); then
    those that lose on one side only are fewer than chance would have it. They are never taken to be more: a thing that stands
    twice in one file loses on one side, too.
    """
    beside = [(1 - share) / share for share in matched]
    if len(lost) == 2:
        halves = [float(((1 - one) * other).sum() / both.sum()) for one, other in (lost, lost[::-1])]
        beside = [min(pair) for pair in zip(halves, beside, strict=True)]
    return float(1 / np.prod([1 + each for each in beside]))


def _together(losers: Sequence[float]) -> list[slice]:
    """Degrees, the highest ones first as many together as have enough losers; what is left over at the bottom tells nothing."""
    found, end, there = [], len(losers), 0.0
    for start in range(len(losers) - 1, -1, -1):
        there += losers[start]
        if there >= FEW:
            found.append(slice(start, end))
            end, there = start, 0.0
    return found[::-1]
