"""Tell how often strangers agree in each degree: in random pairs and, where few of those are near, in all pairs that keys found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matchers.link import block, score, train
from matchers.link.block import Rows
from matchers.link.encode import Element, Encoded
from matchers.link.spec import Key, Part
from matchers.link.train import Floats, Levels

DRAWN = 300_000
"""Random pairs from which the near agreement of strangers is learned."""
DROPPED = 0.1
"""Share of the keys' pairs that is dropped, above which what keys found does not tell how many pairs are near."""


@dataclass(frozen=True, slots=True, eq=False)
class Random:
    """Random pairs of records, their levels, and how often strangers agree in them."""

    left: Rows
    right: Rows
    levels: Levels
    tops: tuple[float, ...]  # by the values' frequencies
    u: tuple[Floats, ...]


def drawn(fields: Sequence[Encoded], sizes: tuple[int, int], rng: np.random.Generator) -> Random:
    """Random pairs; u of each field, matches among them or not (see `train.without`)."""
    left, right = (rng.integers(0, size, DRAWN).astype(np.int32) for size in sizes)
    apart = left != right
    left, right = left[apart], right[apart]
    levels = score.levels(fields, left, right)
    tops = []
    for one in fields:
        mine, theirs = one.counts
        present = max(float(mine.sum()) * theirs.sum(), 1.0)
        same = float((mine.astype(np.float64) * theirs).sum())
        # equal pairs that are matches are no strangers: at most one for each record of the smaller file
        strange = max(same - one.kind.agreement * min(mine.sum(), theirs.sum()), 0.02 * same, 0.5)
        tops.append(min(strange / present, 0.999))
    u = train.strangers(levels, tops, [len(one.kind.levels) for one in fields])
    return Random(left, right, levels, tuple(tops), u)


def nearer(
    random: Random,
    fields: Sequence[Encoded],
    elements: Mapping[Part, Element],
    found: Sequence[block.Blocked],
    levels: Levels,
    share: float,
    pairs: float,
) -> tuple[Floats, ...]:
    """u, where that of texts reckons with the pairs that keys found, of which `share` has these levels; `pairs`: all there are.

    Of millions of pairs the few that read nearly alike are hardly in a draw, and chance decides how much it tells that two titles
    are. Nearly all of them meet in a key; what meets in none is told by the random pairs that do so neither. Two files only: there
    matches exclude each other, so that they are told from strangers who read as they do.
    """
    texts = [place for place, one in enumerate(fields) if one.kind.ordered and one.kind.many]
    dropped = sum(one.dropped for one in found) > DROPPED * sum(one.pairs for one in found)
    if not texts or dropped or pairs <= len(random.left):
        return random.u
    unmet = ~np.logical_or.reduce([_meet(elements, one.key, random) for one in found])
    u = list(random.u)
    for place in texts:
        size = len(random.u[place])
        counts = _counts(levels[:, place], size) / share
        counts += _counts(random.levels[unmet, place], size) * (pairs / len(random.left))
        lower = counts[:-1] + 0.5
        u[place] = np.append(lower / lower.sum() * (1 - random.tops[place]), random.tops[place])
    return tuple(u)


def _meet(elements: Mapping[Part, Element], key: Key, random: Random) -> block.Flags:
    met = np.ones(len(random.left), dtype=np.bool_)
    for part in key:
        met &= elements[part].meet(random.left, random.right)
    return met


def _counts(column: Levels, size: int) -> Floats:
    return np.bincount(column[column >= 0], minlength=size).astype(np.float64)
