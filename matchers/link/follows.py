"""See which fields follow from another one, as the town from the postcode: they are no two witnesses of the same thing.

Of the strangers that share a value of the finer field nearly all share the coarser one, whatever the value. Their weights are
reckoned together (see `ties`); here it is told which fields these are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matchers.link import block
from matchers.link.block import Packed

Codes = npt.NDArray[np.int32]

SURE = 0.8
"""How much of what is unknown of the coarser field the finer one tells, at least: all of it, but for typing errors."""
CROWD = 5.0
"""People (or records, where nothing is a person's own) that share a value of the finer field, at least: fewer are a household."""
OWN = frozenset({"name", "given", "family", "birth", "id", "phone"})
"""Kinds that are somebody's own: what they have in common with others is how to tell people apart, and follows from nothing."""
LOOKED = 100_000
"""Records that are looked at."""


@dataclass(frozen=True, slots=True, order=True)
class Follows:
    """The coarser field, the finer one from which it follows, and how surely (0 … 1)."""

    coarse: str
    fine: str
    share: float


def found(fields: Sequence[tuple[str, str, Codes]]) -> tuple[Follows, ...]:
    """Each coarser field with the one that tells it best. `fields`: names, kinds, and the code of each record (−1: missing).

    What one thing has, when it stands in a file several times, follows from everything; so each person counts once.
    """
    looked = [(name, codes[:LOOKED]) for name, kind, codes in fields if kind not in OWN]
    own = [codes[:LOOKED] for _, kind, codes in fields if kind in OWN]
    who = block.joint(own) if own else None
    sizes = {name: len(np.unique(codes)) for name, codes in looked}
    told = [
        Follows(coarse, fine, share)
        for coarse, values in looked
        for fine, codes in looked
        if fine != coarse and sizes[fine] >= sizes[coarse]
        for share in [telling(codes, values, who)]
        if share >= SURE
    ]
    best: dict[str, Follows] = {}
    for one in sorted(told, key=lambda each: (-each.share, each.fine)):
        if (
            best.get(one.fine, one).coarse != one.fine or best[one.fine].fine != one.coarse
        ):  # two names of one thing: once
            best.setdefault(one.coarse, one)
    return tuple(sorted(best.values()))


def telling(fine: Codes, coarse: Codes, who: Packed | None = None) -> float:
    """How much surer the coarser value is where the finer one is known (Goodman and Kruskal's λ, each value of the finer field alike).

    `who`: a number for what each record is about; of those that are about the same, one is counted. 0 where values of the finer field are shared by
    too few to tell.
    """
    there = (fine >= 0) & (coarse >= 0)
    fine, coarse = fine[there], coarse[there]
    if not len(fine) or len(np.unique(fine)) * CROWD > len(fine) * 2:
        return 0.0
    if who is not None:
        once = np.unique(block.joint([fine, coarse, who[there]]), return_index=True)[1]
        fine, coarse = fine[once], coarse[once]
    pairs, counts = np.unique(fine.astype(np.int64) << 32 | coarse, return_counts=True)
    owner = pairs >> 32
    starts = np.flatnonzero(np.diff(owner, prepend=-1) != 0)
    sizes, modes = np.add.reduceat(counts, starts), np.maximum.reduceat(counts, starts)
    crowds = sizes >= CROWD
    if sizes[crowds].sum() < 0.5 * len(fine) or crowds.sum() < 2:
        return 0.0
    guess = float(np.bincount(coarse).max()) / len(coarse)
    known = float((modes[crowds] / sizes[crowds]).mean())
    return (known - guess) / (1 - guess) if guess < 1 else 0.0
