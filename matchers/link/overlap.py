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

Codes = npt.NDArray[np.int32]
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
    told = [
        _told([fields[place] for place in three])
        for three in combinations(sorted(asked), 3)
        if not any(pair in apart for pair in combinations(three, 2))
    ]
    sure = [each for each in told if each and each[1] <= SURE]
    return max(sure, key=lambda each: each[0] * (1 - 2 * each[1]))[0] if sure else None


def _told(three: Sequence[Encoded]) -> tuple[float, float] | None:
    """N by three fields, from the records that have all of them, and its standard error as a share of it."""
    sides = [np.stack([one.left for one in three]), np.stack([one.right for one in three])]
    there = [side[:, (side >= 0).all(axis=0)] for side in sides]
    counts = [_beyond(there, which) for which in ((0, 1), (0, 2), (1, 2), (0, 1, 2))]
    if min(n for n, _ in counts) <= 0:
        return None
    *two, (all_three, noise) = counts
    error = float(np.sqrt(sum(v / n**2 for n, v in two) + 4 * noise / all_three**2))
    shares = [some.shape[1] / side.shape[1] for some, side in zip(there, sides, strict=True)]
    return float(np.prod([n for n, _ in two])) / all_three**2 / (shares[0] * shares[1]), error


def _beyond(sides: Sequence[Codes], which: Sequence[int]) -> tuple[float, float]:
    """Pairs across the sides that agree in these fields beyond what agrees within each of them; and the variance of that."""
    sizes = [float(side.shape[1]) for side in sides]
    thin = max(int(max(sizes)) // COUNTED, 1)
    keys = [np.unique(block.joint([side[place] for place in which], thin), return_counts=True) for side in sides]
    (mine, many), (theirs, much) = keys
    _, a, b = np.intersect1d(mine, theirs, assume_unique=True, return_indices=True)
    across = float((many[a].astype(np.float64) * much[b]).sum())
    within = [
        float((n.astype(np.float64) * (n - 1)).sum()) / max(s * (s - 1), 1.0)
        for (_, n), s in zip(keys, sizes, strict=True)
    ]
    chance = float(np.sqrt(within[0] * within[1])) * sizes[0] * sizes[1]
    return thin * (across - chance), float(thin**2) * (across + chance)
