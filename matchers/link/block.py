"""Find the pairs of records that are worth comparing: those that agree in all parts of at least one key.

A key is one number per record, packed with the record's place; sorting brings those that agree together. Pairs come in chunks, so
that memory stays flat however many there are. A key value that half of a table shares is dropped, and counted: what is lost is
said, never hidden.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from matchers.link import beside
from matchers.link.encode import Element
from matchers.link.spec import Key, Part

Rows = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Packed = npt.NDArray[np.uint64]

GATHERED = 1_000_000
"""Pairs of all keys that are brought together, so that one that several keys find is looked at once."""
LISTED = 64
"""Numbers of a key per record from which it is one of combinations of long lists."""
THIN = 4
CHUNK = 100_000
"""Pairs that are compared together."""
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio (Knuth, The Art of Computer Programming 3, 6.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """What one key found."""

    key: Key
    pairs: int
    dropped: int  # pairs of key values that too many records share
    values: int  # how many such values
    covered: tuple[float, float]  # the share of records that have the key, left and right
    lost: float = 0.0  # about the share of the matches agreeing in the key that are among the dropped pairs


@dataclass(frozen=True, eq=False)
class Join:
    """A key's records, joined: for each left record, in order, a run of right ones."""

    blocked: Blocked
    left: Rows
    first: Rows
    count: Rows
    right: Rows
    one_file: bool

    def within(self, start: int, stop: int) -> tuple[Rows, Rows]:
        """The pairs of the left records from `start` on, before `stop`."""
        a, b = np.searchsorted(self.left, [start, stop])
        return self._pairs(self.left[a:b], self.first[a:b], self.count[a:b])

    def of(self, chosen: Flags) -> tuple[Rows, Rows]:
        """The pairs of the chosen left records."""
        some = np.flatnonzero(chosen[self.left])
        return self._pairs(self.left[some], self.first[some], self.count[some])

    def _pairs(self, left: Rows, first: Rows, count: Rows) -> tuple[Rows, Rows]:
        ends = count.cumsum(dtype=np.int64)
        each = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(first - ends + count, count)
        left, right = np.repeat(left, count), self.right[each]
        if not self.one_file:
            return left, right
        once = left < right
        return left[once], right[once]


def join(
    key: Key,
    elements: Mapping[Part, Element],
    sizes: tuple[int, int],
    limit: int,
    *,
    one_file: bool = False,
    wanted: Flags | None = None,
) -> Join:
    """All pairs that agree in the key, but for values with more than `limit` pairs; `wanted`: only those of these left records."""
    limit = limit if key else sizes[0] * sizes[1]  # no key: everything against everything
    sides = [_keyed([elements[part] for part in key], side, sizes[side]) for side in (0, 1)]
    covered = (_share(sides[0][0], sizes[0]), _share(sides[1][0], sizes[1]))
    place, starts, length = _together(sides, sizes)
    mine = place < sizes[0]
    theirs = length - np.add.reduceat(mine, starts, dtype=np.int64) if len(starts) else length
    pairs = (length - theirs) * theirs
    over = pairs > limit
    blocked = Blocked(
        key=key,
        pairs=int(pairs[~over].sum()) // (2 if one_file else 1),
        dropped=int(pairs[over].sum()) // (2 if one_file else 1),
        values=int(over.sum()),
        covered=covered,
        lost=_lost(length - theirs, theirs, over),
    )
    if wanted is not None:
        mine[mine] = wanted[place[mine]]
    here = np.add.reduceat(mine, starts, dtype=np.int64) if len(starts) else length
    keep = ~over & (theirs > 0) & (here > 0)
    wide = np.repeat(keep, length)
    first = (theirs[keep].cumsum() - theirs[keep]).astype(np.int32)
    left, first, count = (
        place[wide & mine],
        np.repeat(first, here[keep]),
        np.repeat(theirs[keep].astype(np.int32), here[keep]),
    )
    order = _order(left)
    right = place[wide & (place >= sizes[0])] - np.int32(sizes[0])
    return Join(blocked, left[order], first[order], count[order], right, one_file)


def entries(key: Key, elements: Mapping[Part, Element], sizes: tuple[int, int]) -> tuple[int, int]:
    """How many numbers the left, and the right, records have in the key at most: every combination of what they have several of."""
    lists = [one for one in (elements[part] for part in key) if one.several]
    if not lists:
        return sizes
    left, right = (int(np.prod([one.many(one.sides[side]) for one in lists], axis=0).sum()) for side in (0, 1))
    return left, right


def _lost(mine: npt.NDArray[np.int64], theirs: npt.NDArray[np.int64], over: Flags) -> float:
    """The share of the matches in values that are dropped: a value holds as many as it has records on its smaller side, at most."""
    there = np.minimum(mine, theirs)
    return float(there[over].sum() / max(int(there.sum()), 1))


def estimate(key: Key, elements: Mapping[Part, Element], limit: int) -> tuple[float, float]:
    """About how many pairs a key gives, and `Blocked.lost`, from every fourth record of each side.

    Of one file other ones are taken for each side, so that none meets itself.
    """
    sizes = [len(codes) for codes in elements[key[0]].sides] if key else [0, 0]
    asked = [elements[part] for part in key]
    sides = list(beside.each(lambda side: _keyed(asked, side, sizes[side], THIN, side % THIN), (0, 1)))
    place, starts, length = _together(sides, (sizes[0], sizes[1]))
    if not len(starts):
        return 0.0, 0.0
    mine = np.add.reduceat(place < sizes[0], starts, dtype=np.int64)
    pairs = mine * (length - mine)
    return float(THIN**2) * float(pairs[pairs <= limit].sum()), _lost(mine, length - mine, pairs * THIN**2 > limit)


def _together(
    sides: Sequence[tuple[Rows, Packed]], sizes: tuple[int, int]
) -> tuple[Rows, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The records in order of their keys (right ones counted on from the left ones), where each key value begins, and its length."""
    bits = np.uint64(max(int(sum(sizes)).bit_length(), 1))
    packed = np.concatenate(
        [keys >> bits << bits | (rows.astype(np.uint64) + np.uint64(side * sizes[0])) for side, (rows, keys) in enumerate(sides)]
    )  # fmt: skip
    packed.sort()
    place = (packed & np.uint64((1 << int(bits)) - 1)).astype(np.int32)
    packed >>= bits
    starts = (
        np.flatnonzero(np.concatenate([[True], packed[1:] != packed[:-1]])) if len(packed) else np.zeros(0, np.int64)
    )
    return place, starts, np.diff(starts, append=len(packed))


def _keyed(elements: Sequence[Element], side: int, size: int, step: int = 1, start: int = 0) -> tuple[Rows, Packed]:
    """The records of a side that have all parts, and one number for each; a record may stand there more than once."""
    rows = np.arange(start, size, step, dtype=np.int32)
    keys = np.zeros(len(rows), dtype=np.uint64)
    for one in sorted(elements, key=lambda e: e.several):
        values = one.sides[side][rows]
        if one.several:
            count, codes = one.spread(values)
            rows, keys = np.repeat(rows, count), np.repeat(keys, count)
        else:
            codes = one.codes(values)
            if len(codes) and codes.min() < 0:
                there = codes >= 0
                rows, keys, codes = rows[there], keys[there], codes[there]
        keys = _mixed(keys, codes)
    return rows, keys


def _mixed(keys: Packed, codes: npt.NDArray[Any]) -> Packed:
    """Numbers that differ where keys or codes do (but for a chance of one in billions, which costs one more comparison)."""
    keys = (keys ^ (keys >> np.uint64(29))) + codes.astype(np.uint64) + np.uint64(1)
    keys *= _MIX
    keys ^= keys >> np.uint64(32)
    keys *= _MIX
    return keys


def joint(columns: Sequence[npt.NDArray[Any]]) -> Packed:
    """One number for each record, by its codes in all columns."""
    keys = np.zeros(len(columns[0]), dtype=np.uint64)
    for codes in columns:
        keys = _mixed(keys, codes)
    return keys


def _order(rows: Rows) -> npt.NDArray[np.int64]:
    """As `argsort`; packed numbers are sorted several times as fast."""
    packed = rows.astype(np.int64) << 32 | np.arange(len(rows))
    packed.sort()
    packed &= 0xFFFFFFFF
    return packed


def _share(rows: Rows, size: int) -> float:
    return float(np.count_nonzero(np.diff(rows, prepend=-1))) / size if size else 0.0


def pairs(joins: Sequence[Join], size: int) -> Iterator[tuple[Rows, Rows]]:
    """The pairs of all keys for `size` left records, each once, some left records at a time."""
    ends = np.zeros(size)
    for one in joins:
        ends += np.bincount(one.left, weights=one.count, minlength=size)
    ends = ends.cumsum()
    start = 0
    while start < size:
        done = ends[start - 1] if start else 0.0
        stop = max(int(np.searchsorted(ends, done + GATHERED, side="right")), start + 1)
        packed = once([pack(*one.within(start, stop)) for one in joins])
        for at in range(0, len(packed), CHUNK):
            yield unpack(packed[at : at + CHUNK])
        start = stop


def pack(left: Rows, right: Rows) -> npt.NDArray[np.int64]:
    """Pairs as one integer each."""
    packed: npt.NDArray[np.int64] = left.astype(np.int64)
    packed <<= 32
    packed |= right
    return packed


def unpack(packed: npt.NDArray[np.int64]) -> tuple[Rows, Rows]:
    """The rows of packed pairs."""
    return (packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32)


def once(packed: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Packed pairs in order, each once; sorting is several times as fast here as numpy's hashing `unique`."""
    everything = np.concatenate([np.zeros(0, dtype=np.int64), *packed])
    everything.sort()
    each: npt.NDArray[np.int64] = everything[np.diff(everything, prepend=-1) != 0]
    return each
