"""Candidates that exclude each other: how likely each of their records is free for another one (belief propagation, see `score`)."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Records = npt.NDArray[np.intp] | npt.NDArray[np.int32]
Free = tuple[Floats, Floats]
"""Of each pair, that its left, and its right, record has no other match."""


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
