"""Find the pairs of records that are worth comparing: those that agree in all parts of at least one key.

A key is one integer per record; records are joined by sorting. Pairs come in chunks, so that memory stays flat however many
there are. A key value that half of a table shares is dropped, and counted: what is lost is said, never hidden.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matchers.link.encode import Element, Keys
from matchers.link.spec import Key, Part

Rows = npt.NDArray[np.int32]

GATHERED = 4_000_000
"""Pairs of all keys that are brought together, so that one that several keys find is looked at once."""
THIN = 4
CHUNK = 500_000
"""Pairs that are compared together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """What one key found."""

    key: Key
    pairs: int
    dropped: int  # pairs of key values that too many records share
    values: int  # how many such values
    covered: tuple[float, float]  # the share of records that have the key, left and right


@dataclass(frozen=True, eq=False)
class Join:
    """A key's records, joined: for each left record a run of right ones."""

    blocked: Blocked
    left: Rows
    first: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]
    right: Rows
    one_file: bool

    def weight(self, size: int) -> npt.NDArray[np.float64]:
        """How many pairs each of `size` left records has."""
        return np.bincount(self.left, weights=self.count, minlength=size).astype(np.float64)

    def pairs(self, chosen: npt.NDArray[np.bool_]) -> tuple[Rows, Rows]:
        """The pairs of the chosen left records."""
        some = np.flatnonzero(chosen[self.left])
        count = self.count[some]
        within = np.arange(int(count.sum())) - np.repeat(count.cumsum() - count, count)
        left = np.repeat(self.left[some], count)
        right = self.right[np.repeat(self.first[some], count) + within]
        if self.one_file:
            once = left < right
            return left[once], right[once]
        return left, right


def join(
    key: Key, elements: Mapping[Part, Element], sizes: tuple[int, int], limit: int, *, one_file: bool = False
) -> Join:
    """All pairs that agree in the key, but for values with more than `limit` pairs."""
    if key:
        (left_rows, left), (right_rows, right) = _keyed([elements[part] for part in key])
    else:  # everything against everything
        (left_rows, left), (right_rows, right) = ((np.arange(n, dtype=np.int32), np.zeros(n, np.int64)) for n in sizes)
        limit = sizes[0] * sizes[1]
    order = np.argsort(left)
    left_rows, left = left_rows[order], left[order]
    order = np.argsort(right)
    right_rows, right = right_rows[order], right[order]
    starts = (
        np.flatnonzero(np.concatenate([[True], left[1:] != left[:-1]])) if len(left) else np.zeros(0, dtype=np.int64)
    )
    mine = np.diff(np.concatenate([starts, [len(left)]]))
    first = np.searchsorted(right, left[starts])
    theirs = np.searchsorted(right, left[starts], side="right") - first
    pairs = mine * theirs
    over = pairs > limit
    blocked = Blocked(
        key=key,
        pairs=int(pairs[~over].sum()) // (2 if one_file else 1),
        dropped=int(pairs[over].sum()) // (2 if one_file else 1),
        values=int(over.sum()),
        covered=(_records(left_rows, sizes[0]), _records(right_rows, sizes[1])),
    )
    keep = ~over & (theirs > 0)
    wide = np.repeat(keep, mine)
    return Join(
        blocked,
        left_rows[wide],
        np.repeat(first[keep], mine[keep]),
        np.repeat(theirs[keep], mine[keep]),
        right_rows,
        one_file,
    )


def _records(rows: Rows, size: int) -> float:
    there = np.zeros(size, dtype=np.bool_)
    there[rows] = True
    return float(there.mean()) if size else 0.0


def estimate(key: Key, elements: Mapping[Part, Element]) -> float:
    """About how many pairs a key gives, from every fourth record of each side."""
    (_, left), (_, right) = _keyed([elements[part].thin(THIN) for part in key])
    some = np.sort(left), np.sort(right)
    return float(THIN**2) * float(
        (np.searchsorted(some[1], some[0], side="right") - np.searchsorted(some[1], some[0])).sum()
    )


def _keyed(elements: Sequence[Element]) -> tuple[tuple[Rows, Keys], tuple[Rows, Keys]]:
    """One integer per record and side; records that lack a part are left out."""
    head, *others = sorted(elements, key=lambda e: not e.several)
    rows = [head.left_rows, head.right_rows]
    keys = [head.left, head.right]
    width = head.width
    for one in others:
        if width * max(one.width, 1) >= 1 << 62:
            keys, width = _packed(keys)
        for side, (at, codes) in enumerate(((one.left_rows, one.left), (one.right_rows, one.right))):
            dense = np.full(int(max(rows[side].max(initial=-1), at.max(initial=-1))) + 1, -1, dtype=np.int64)
            dense[at] = codes
            found = dense[rows[side]]
            keep = found >= 0
            rows[side], keys[side] = rows[side][keep], keys[side][keep] * one.width + found[keep]
        width *= max(one.width, 1)
    return (rows[0], keys[0]), (rows[1], keys[1])


def _packed(keys: list[Keys]) -> tuple[list[Keys], int]:
    values, codes = np.unique(np.concatenate(keys), return_inverse=True)
    return [codes[: len(keys[0])].astype(np.int64), codes[len(keys[0]) :].astype(np.int64)], len(values)


def pairs(joins: Sequence[Join], size: int) -> Iterator[tuple[Rows, Rows]]:
    """The pairs of all keys for `size` left records, each once, some left records at a time."""
    ends = np.sum([one.weight(size) for one in joins], axis=0).cumsum() if joins else np.zeros(size)
    start = 0
    while start < size:
        done = ends[start - 1] if start else 0.0
        stop = max(int(np.searchsorted(ends, done + GATHERED, side="right")), start + 1)
        chosen = np.zeros(size, dtype=np.bool_)
        chosen[start:stop] = True
        packed = once([pack(*one.pairs(chosen)) for one in joins])
        for at in range(0, len(packed), CHUNK):
            yield unpack(packed[at : at + CHUNK])
        start = stop


def pack(left: Rows, right: Rows) -> npt.NDArray[np.int64]:
    """Pairs as one integer each."""
    packed: npt.NDArray[np.int64] = left.astype(np.int64) << 32 | right
    return packed


def unpack(packed: npt.NDArray[np.int64]) -> tuple[Rows, Rows]:
    """The rows of packed pairs."""
    return (packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32)


def once(packed: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Packed pairs in order, each once; sorting is several times as fast here as numpy's hashing `unique`."""
    everything = np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *packed]))
    each: npt.NDArray[np.int64] = everything[np.diff(everything, prepend=-1) != 0]
    return each
