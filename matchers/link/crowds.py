"""Link records that are equal in everything once, where they are too many for any key, and put the others beside them in the end.

Of n records of one file that agree in all fields there are n²/2 pairs, of n and m of two files n·m, and every key value of theirs has
as many: above the limit of a key value no key finds one of them. So the first record stands for the others while keys are chosen, the
model is learned and candidates are compared: a crowd is one thing then, whose values are as common as if it stood there once. Whether
it is one thing is told by what all fields together say of two such records, as of any other two; but no value of a crowd is rarer than
usual: what only a crowd has may stand where nothing is known. Records that say hardly anything are not one thing because they are equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matchers.link import block, score
from matchers.link.block import Rows
from matchers.link.encode import Encoded
from matchers.link.labels import Labels
from matchers.link.score import Bits
from matchers.link.train import Levels, Model

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The records of a file that others stand for: `others`, and for each of them the `first` one that is equal to it."""

    size: int  # records of the file
    first: Rows
    others: Rows

    @property
    def kept(self) -> Rows:
        """The records that are linked."""
        kept = np.ones(self.size, dtype=np.bool_)
        kept[self.others] = False
        return np.flatnonzero(kept).astype(np.int32)

    def members(self) -> tuple[Places, Rows]:
        """Of each record, where the records begin that it stands for (one more place at the end), and these: itself, then the others."""
        stands = np.arange(self.size, dtype=np.int32)
        stands[self.others] = self.first
        return np.searchsorted(np.sort(stands), np.arange(self.size + 1)), np.argsort(stands, kind="stable").astype(
            np.int32
        )


@dataclass(frozen=True, slots=True, eq=False)
class Crowds:
    """The crowds of one file (both sides are the same), or of two: each with its first record on the left and on the right."""

    sides: tuple[Side, Side]
    first: tuple[Rows, Rows]  # left ones in order

    def once(self, fields: Sequence[Encoded]) -> tuple[Encoded, ...]:
        """The fields of the records that are linked."""
        left, right = (side.kept for side in self.sides)
        return tuple(replace(one, left=one.left[left], right=one.right[right]) for one in fields)

    def labels(self, labels: Labels | None) -> Labels | None:
        """The same pairs, by the places of their records among those that are linked."""
        if labels is None:
            return None
        left, right = (side.kept for side in self.sides)
        return Labels(
            np.searchsorted(left, labels.left).astype(np.int32),
            np.searchsorted(right, labels.right).astype(np.int32),
            labels.yes,
        )

    def evidence(self, once: Sequence[Encoded], whole: Sequence[Encoded], model: Model) -> tuple[Levels, Bits]:
        """How the records of each crowd agree, and the log₂ odds that two of them are the same.

        `once`: the fields of the records that are linked; `whole`: of all.
        """
        rows = self.first[0]
        there = np.stack([one.left[rows] >= 0 for one in whole], axis=1)
        levels = np.where(there, np.asarray([one.kind.top for one in whole], dtype=np.int8), np.int8(-1))
        scorer = score.Scorer(once, model, (len(once[0].left), len(once[0].right)))
        return levels, scorer.exact(levels, np.minimum(score.rare_of(whole, scorer.rare, levels, rows), 0))

    def weighed(self, once: Sequence[Encoded], whole: Sequence[Encoded], model: Model) -> tuple[Encoded, ...]:
        """The fields of the records that are linked, with values as common as all records make them that are not one thing."""
        several = self.evidence(once, whole, model)[1] < 0
        if not several.any():
            return tuple(once)
        left, right = (
            np.concatenate([side.kept, side.others[np.isin(side.first, first[several])]])
            for side, first in zip(self.sides, self.first, strict=True)
        )
        return tuple(
            replace(one, counted=(all_.left[left], all_.right[right])) for one, all_ in zip(once, whole, strict=True)
        )

    def all(self, once: Sequence[Encoded], whole: Sequence[Encoded]) -> tuple[Encoded, ...]:
        """The fields of all records, with values as common as they were when records were linked."""
        return tuple(
            replace(all_, counted=(one.left, one.right) if one.counted is None else one.counted)
            for one, all_ in zip(once, whole, strict=True)
        )

    def joined(self, clusters: Rows, same: block.Flags) -> Rows:
        """The cluster of each record of one file; `clusters`: of those that were linked; `same`: whether each crowd is one thing."""
        side, one = self.sides[0], same[self.of(0)]
        found = np.arange(side.size, dtype=np.int32)
        found[side.kept] = clusters
        found[side.others[one]] = found[side.first[one]]
        return found

    def counts(self) -> Places:
        """How many records each crowd has on the left and, of two files, on the right: one row a crowd."""
        both = [1 + np.bincount(self.of(place), minlength=len(self.first[place])) for place in (0, 1)]
        return np.stack(both[:1] if self.sides[0] is self.sides[1] else both, axis=1)

    def of(self, place: int) -> Places:
        """The crowd of each of the others of a side."""
        order = np.argsort(self.first[place])
        return order[np.searchsorted(self.first[place], self.sides[place].first, sorter=order)]


def found(fields: Sequence[Encoded], limit: int, labels: Labels | None, *, one_file: bool) -> Crowds | None:
    """The crowds whose pairs are more than `limit`, the most of a key value; None where there is none.

    A record of which a person said something speaks for itself, and one without any value is like nothing.
    """
    codes = [[one.left for one in fields], [one.right for one in fields]][: 1 if one_file else 2]
    keys = [block.joint(side) for side in codes]
    free = _free([len(key) for key in keys], labels)
    values, counts = np.unique(np.concatenate([key[f] for key, f in zip(keys, free, strict=True)]), return_counts=True)
    values = values[counts**2 > (limit if one_file else 4 * limit)]  # n·m is (n + m)² / 4 at most
    if not len(values):
        return None
    having = [_having(values, key, f) for key, f in zip(keys, free, strict=True)]
    number = [np.bincount(place, minlength=len(values)) for _, place, _ in having]
    first = [rows for *_, rows in having]
    crowded = number[0] * number[-1] > limit
    crowded &= np.logical_or.reduce([one[first[0]] >= 0 for one in codes[0]])
    if not crowded.any():
        return None
    sides = []
    for columns, (rows, place, one) in zip(codes, having, strict=True):
        equal = np.logical_and.reduce([each[one[place]] == each[rows] for each in columns])
        others = equal & crowded[place] & (one[place] != rows)
        sides.append(Side(len(columns[0]), one[place][others], rows[others]))
    order = np.argsort(first[0][crowded])
    return Crowds((sides[0], sides[-1]), (first[0][crowded][order], first[-1][crowded][order]))


def _having(values: block.Packed, keys: block.Packed, free: block.Flags) -> tuple[Rows, Places, Rows]:
    """The free records that have one of these values, the place of it, and of each value the first such record."""
    rows = np.flatnonzero(np.isin(keys, values) & free).astype(np.int32)
    place = np.searchsorted(values, keys[rows])
    first = np.zeros(len(values), dtype=np.int32)
    first[place[::-1]] = rows[::-1]  # of records that have the same the first one is written last
    return rows, place, first


def _free(sizes: Sequence[int], labels: Labels | None) -> list[block.Flags]:
    """The records of each side of which nobody said anything."""
    free = [np.ones(size, dtype=np.bool_) for size in sizes]
    if labels:
        free[0][labels.left] = False
        free[-1][labels.right] = False
    return free


def several(left: Rows, right: Rows, sides: tuple[Side, Side], limit: int) -> Places:
    """How many pairs each of these pairs of two files stands for, see `expanded`."""
    mine, theirs = (
        1 + np.bincount(side.first, minlength=side.size)[rows] for side, rows in zip(sides, (left, right), strict=True)
    )
    return np.where(mine * theirs <= limit, mine * theirs, mine + theirs - 1)


def expanded(left: Rows, right: Rows, sides: tuple[Side, Side], limit: int) -> tuple[Places, Rows, Rows]:
    """All pairs of the records that these pairs of two files stand for: of which pair each is, and its records.

    Where they are more than `limit`, each left record stands with the first right one, and each right one with the first left one.
    """
    (starts, mine), (begins, theirs) = (side.members() for side in sides)
    across = begins[right + 1] - begins[right]
    whole = (starts[left + 1] - starts[left]) * across <= limit
    count = several(left, right, sides, limit)
    of = np.repeat(np.arange(len(left)), count)
    within = np.arange(len(of)) - (count.cumsum() - count)[of]
    wide, across = whole[of], across[of]
    one = np.where(wide, within // across, np.maximum(within - across + 1, 0))
    other = np.where(wide, within % across, np.where(within < across, within, 0))
    return of, mine[starts[left[of]] + one], theirs[begins[right[of]] + other]
