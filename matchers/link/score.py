"""Score candidates in stages: equality first, which costs nothing; then the cheap fields; strings only where they can still decide.

A pair leaves as soon as even the best outcome of its open fields cannot make it possible. So most candidates never reach a string
comparison, and keys can be wide without being dear.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matchers.link import beside, encode, kinds
from matchers.link import ties as tied
from matchers.link.encode import Encoded
from matchers.link.train import Floats, Levels, Model

Rows = npt.NDArray[np.int32]
Bits = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Pairs with the level of each field and the log₂ odds of a match."""

    left: Rows
    right: Rows
    levels: Levels
    bits: Bits


def levels(fields: Sequence[Encoded], left: Rows, right: Rows) -> Levels:
    """All levels of all pairs (rows: pairs, columns: fields)."""
    found = np.empty((len(left), len(fields)), dtype=np.int8)

    def compared(place: int) -> None:
        one = fields[place]
        for at in range(0, len(left), PIECE):
            some = slice(at, at + PIECE)
            found[some, place] = kinds.compare(one.kind, one.prepared, one.left[left[some]], one.right[right[some]])

    for _ in beside.each(compared, range(len(fields))):
        pass
    swap(fields, found, left, right)
    return found


def swap(fields: Sequence[Encoded], found: Levels, left: Rows, right: Rows) -> None:
    """Two names in each other's columns are one level, told once: at the first; the second says nothing."""
    places = [place for place, one in enumerate(fields) if one.twin]
    if len(places) != 2:
        return
    one, other = (fields[place] for place in places)
    a, b, c, d = one.left[left], one.right[right], other.left[left], other.right[right]
    crossed = (a == d) & (b == c) & (a != b) & (a >= 0) & (b >= 0)
    found[crossed, places[0]] = kinds.SWAPPED
    found[crossed, places[1]] = -1


def rarity(one: Encoded, u: float, total: int) -> Bits:
    """Log₂ of how much rarer than the field's usual agreement each distinct value is among strangers.

    Of a person's own values, the two records that are compared count as one, for they may be one person. Of a home's values the
    others who have them are no strangers, and relatives are reckoned with in their own way.
    """
    left, right = one.counts
    count = np.maximum(left + right - int(one.kind.own), 1).astype(np.float64)
    if one.kind.many:  # texts and lists
        count[np.maximum(left, right) == 1] = _again(left, right)
    return np.asarray(np.log2(u * total / count), dtype=np.float32)


def _again(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> float:
    """How often what a file has once is expected there again: hardly ever, where hardly anything is there twice (Good 1953).

    A title is nearly always seen for the first time; it would be as common as a count of one says only if others came back.
    """
    once, twice = (sum(int(np.count_nonzero(side == times)) for side in (left, right)) for times in (1, 2))
    return min(2 * (twice + 0.5) / max(once, 1), 1.0)


def rarities(fields: Sequence[Encoded], u: Sequence[Floats], sizes: tuple[int, int]) -> list[Bits]:
    """The same of all fields."""
    return [rarity(one, float(mine[-1]), sum(sizes)) for one, mine in zip(fields, u, strict=True)]


def rare_of(fields: Sequence[Encoded], tables: Sequence[Bits], found: Levels, left: Rows) -> Bits:
    """Log₂ of how much rarer than usual the value is in which a pair agrees: a row a pair, a column a field."""
    rare = np.zeros(found.shape, dtype=np.float32)
    for place, one in enumerate(fields):
        same = np.flatnonzero(found[:, place] == one.kind.top)
        rare[same, place] = tables[place][one.left[left[same]]]
    return rare


class Scorer:
    """The odds of pairs under a model."""

    def __init__(self, fields: Sequence[Encoded], model: Model, sizes: tuple[int, int]) -> None:
        self.fields, self.model = fields, model
        ways = [np.log2(way.m[p] / model.u[p]) for p in range(len(fields)) for way in model.ways]
        count = len(model.ways)
        # no way of being a match gives more: what the stages add up is a bound; `exact` tells the odds themselves
        bounds = [np.maximum.reduce(ways[p * count : (p + 1) * count]) for p in range(len(fields))]
        self.tables = [np.append(bound, 0.0).astype(np.float32) for bound in bounds]
        self.rare = rarities(fields, model.u, sizes)
        # swapped names are seen by their codes, so an open field cannot become that any more
        near = [
            np.delete(t[:-2], kinds.SWAPPED) if one.twin else t[:-2] for t, one in zip(self.tables, fields, strict=True)
        ]
        self.best = [float(table.max(initial=0.0)) for table in near]
        twins = [p for p, one in enumerate(fields) if one.twin]
        self.left, self.right = encode.together(fields)
        self.tops = np.asarray([one.kind.top for one in fields], dtype=np.int8)
        self.order = sorted(range(len(fields)), key=lambda p: (fields[p].kind.cost, p))
        self.twins = twins if len(twins) == 2 else []
        self.slack = sum(max(float(-tie.gain.min()), 0.0) for tie in model.ties) / np.log(2)  # what ties may add

    def score(self, left: Rows, right: Rows, least: float) -> Scored:
        """The pairs that reach `least` bits, with their levels; the others are left out before they cost anything."""
        certain, least = least, least - self.slack
        found, bits, room = self._equal(left, right)
        keep = bits + room >= least
        left, right, found, bits, room = left[keep], right[keep], found[keep], bits[keep], room[keep]
        for place in self.order:
            rows = np.flatnonzero(found[:, place] == _OPEN)
            one = self.fields[place]
            near = (
                one.kind.near(one.prepared, one.left[left[rows]], one.right[right[rows]])
                if len(rows)
                else np.zeros(0, np.int8)
            )
            found[rows, place] = near
            bits[rows] += self.tables[place][near]
            room[rows] -= self.best[place]
            keep = bits + room >= least
            left, right, found, bits, room = left[keep], right[keep], found[keep], bits[keep], room[keep]
        bits = self.exact(found, rare_of(self.fields, self.rare, found, left))
        keep = (bits >= certain) & (found >= 0).any(axis=1)  # where all is missing, nothing was said
        return Scored(left[keep], right[keep], found[keep], bits[keep])

    def exact(self, found: Levels, rare: Bits) -> Bits:
        """Log₂ odds of a match against strangers and relatives together; `rare`: see `rare_of`."""
        model = self.model
        match = _likelihood(found, model.ways[0].m) + np.float32(np.log2(model.ways[0].share))
        for way in model.ways[1:]:
            match = np.logaddexp2(match, _likelihood(found, way.m) + np.float32(np.log2(way.share)))
        strange = _likelihood(found, model.u) - rare.sum(axis=1)
        if model.ties:
            strange += (tied.told(model.ties, found, self.tops.tolist()) / np.log(2)).astype(np.float32)
        if model.kin:
            strange = np.logaddexp2(strange, self._related(found, rare) + np.float32(np.log2(model.kin)))
        return np.asarray(match - strange + np.float32(model.prior), dtype=np.float32)

    def _related(self, found: Levels, rare: Bits) -> Bits:
        """Log₂ of the probability of each row among relatives: a value is common to them, or equal by chance as among strangers."""
        total = _likelihood(found, self.model.relatives)
        for place, one in enumerate(self.fields):
            top, u = float(self.model.relatives[place][-1]), float(self.model.u[place][-1])
            common = 0.0 if one.kind.own else max(top - u, 0.0) / (1 - u)
            rows = np.flatnonzero(found[:, place] == one.kind.top)
            total[rows] += np.log2((common + (top - common) * np.exp2(-rare[rows, place])) / top)
        return total

    def _equal(self, left: Rows, right: Rows) -> tuple[Levels, Bits, Bits]:
        """What codes alone say: equal, missing, or open; the bits so far; and what open fields could add."""
        mine, theirs = self.left[left], self.right[right]  # a record's codes lie side by side: one place in memory each
        there = (mine >= 0) & (theirs >= 0)
        same = there & (mine == theirs)
        found = np.where(same, self.tops, np.where(there, _OPEN, np.int8(-1)))
        crossed = self._crossed(mine, theirs)
        bits = np.full(len(left), self.model.prior, dtype=np.float32)
        if crossed is not None:
            found[crossed, self.twins[0]], found[crossed, self.twins[1]] = kinds.SWAPPED, -1
            for place in self.twins:
                bits[crossed] += self.tables[place][found[crossed, place]]
        for place in range(len(self.fields)):
            rows = np.flatnonzero(same[:, place])
            bits[rows] += self.tables[place][-2] + self.rare[place][mine[rows, place]]
        room = (found == _OPEN).astype(np.float32) @ np.asarray(self.best, dtype=np.float32)
        return found, bits, room

    def _crossed(self, mine: Rows, theirs: Rows) -> "npt.NDArray[np.bool_] | None":
        if not self.twins:
            return None
        one, other = self.twins
        a, b, c, d = mine[:, one], theirs[:, one], mine[:, other], theirs[:, other]
        return np.asarray((a == d) & (b == c) & (a != b) & (a >= 0) & (b >= 0), dtype=np.bool_)

    def posterior(self, found: Levels, rare: Bits) -> Floats:
        """The probability of pairs whose levels are all known, rivals aside."""
        bits = self.exact(found, rare).astype(np.float64)
        sure: Floats = 1 / (1 + np.exp2(-np.clip(bits, -300, 300)))
        return sure


def _likelihood(found: Levels, of: tuple[Floats, ...]) -> Bits:
    """Log₂ of the probability of each row of levels."""
    total = np.zeros(len(found), dtype=np.float32)
    for place, chances in enumerate(of):
        total += np.append(np.log2(chances + 1e-12), 0.0).astype(np.float32)[found[:, place]]
    return total


_OPEN = np.int8(-2)
PIECE = 100_000
"""Pairs that are compared together."""
