"""Count how many things two files have in common without a model: by what agrees across them beyond what agrees within each.

Three fields that err independently tell it (capture and recapture with three lists): of N matches that agree in the fields with the
probabilities a, b and c, N·a·b, N·a·c and N·b·c pairs agree in two of them, and N·a·b·c in all three. Strangers, and people of one
household, agree within a file as they do across, and are subtracted; so each file must have each thing once. Fields that err
together (a move changes several) make the figure too small, never too large: it is the least there is.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from matchers.link import block
from matchers.link.encode import Encoded

Flags = npt.NDArray[np.bool_]
Packed = npt.NDArray[np.uint64]

SURE = 0.12
"""The standard error, as a share of the figure, up to which a figure is believed."""
FIELDS = 4
"""Fields that are asked at most."""
COUNTED = 100_000
"""Records of each side that are counted about; of larger files only those with some of the values."""
COMMON = 0.05
"""The chance of strangers to agree above which a field is no witness."""


def matches(fields: Sequence[Encoded], tops: Sequence[float], apart: frozenset[tuple[int, int]]) -> float | None:
    """About the least number of matches there are; None where the fields do not tell. `tops`: how often matches are thought to be equal.

    `apart`: pairs of fields of which one follows from the other, so that they are no two witnesses.
    """
    asked = [place for place, one in enumerate(fields) if 0 < one.meeting < COMMON]
    asked = sorted(asked, key=lambda place: -tops[place] * np.prod(1 - np.asarray(fields[place].absent)))[:FIELDS]
    thin = max(max(len(fields[0].left), len(fields[0].right)) // COUNTED, 1)
    looked = {place: Witness(fields[place], place) for place in asked}
    told = [
        _told([looked[place] for place in three], thin)
        for three in combinations(sorted(asked), 3)
        if not any(pair in apart for pair in combinations(three, 2))
    ]
    sure = [each for each in told if each and each[1] <= SURE]
    return max(sure, key=lambda each: each[0] * (1 - 2 * each[1]))[0] if sure else None


class Witness:
    """A field on each side: which records have a value, and a number for each value."""

    def __init__(self, field: Encoded, place: int) -> None:
        sides = (field.left, field.right)
        self.there = [side >= 0 for side in sides]
        self.numbers = [block.joint([np.full(len(side), place), side]) for side in sides]


def _told(three: Sequence[Witness], thin: int) -> tuple[float, float] | None:
    """N by three fields, from the records that have all of them, and its standard error as a share of it."""
    there = [np.logical_and.reduce([one.there[side] for one in three]) for side in (0, 1)]
    counts = [_beyond([three[place] for place in which], there, thin) for which in ((0, 1), (0, 2), (1, 2), (0, 1, 2))]
    if min(n for n, _ in counts) <= 0:
        return None
    *two, (all_three, noise) = counts
    error = float(np.sqrt(sum(v / n**2 for n, v in two) + 4 * noise / all_three**2))
    shares = [float(some.mean()) for some in there]
    return float(np.prod([n for n, _ in two])) / all_three**2 / (shares[0] * shares[1]), error


def _beyond(witnesses: Sequence[Witness], there: Sequence[Flags], thin: int) -> tuple[float, float]:
    """Pairs across the sides that agree in these fields beyond what agrees within each of them; and the variance of that.

    `there`: the records that are looked at, of which one in `thin` combinations of values is counted.
    """
    sizes = [float(np.count_nonzero(some)) for some in there]
    keys = [np.unique(_some(witnesses, side, there[side], thin), return_counts=True) for side in (0, 1)]
    (mine, many), (theirs, much) = keys
    _, a, b = np.intersect1d(mine, theirs, assume_unique=True, return_indices=True)
    across = float((many[a].astype(np.float64) * much[b]).sum())
    within = [
        float((n.astype(np.float64) * (n - 1)).sum()) / max(s * (s - 1), 1.0)
        for (_, n), s in zip(keys, sizes, strict=True)
    ]
    chance = float(np.sqrt(within[0] * within[1])) * sizes[0] * sizes[1]
    return thin * (across - chance), float(thin**2) * (across + chance)


def _some(witnesses: Sequence[Witness], side: int, there: Flags, thin: int) -> Packed:
    """One number for each combination of values of these records; only one combination in `thin`, the same ones on either side."""
    keys: Packed = np.add.reduce([one.numbers[side] for one in witnesses])[there]
    some: Packed = keys[keys % np.uint64(thin) == 0]
    return some
