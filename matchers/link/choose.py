"""Propose blocking keys from the data: cheap enough, and such that nearly every match agrees in at least one of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np

from matchers.link import block, encode, train
from matchers.link.block import Rows
from matchers.link.encode import Element, Encoded
from matchers.link.kinds import MASKED
from matchers.link.spec import Key, Part
from matchers.link.train import Finding, Floats, Levels, Way

BUDGET = 1.2
"""Candidates that one proposed key may give, per record of both files."""
ALL = 1_000_000
"""Pairs that are all compared; no key can lose one of them."""
LOOKED = 6000
"""Made-up matches on which keys are tried."""
TOGETHER = 8
"""How much oftener than by chance two parts may agree together, and still count as two."""
FEW = 200_000.0
"""Candidates that any key may give; small files can afford wider keys."""
MOST = 12
"""Keys that are proposed at most."""
WIDER = (1.0, 4.0, 16.0, 64.0)
"""How many times the candidates are afforded, one after the other."""
HALF = 0.5
"""Share of the matches that proposed keys should find, before more candidates are afforded."""
COMBINED = 8_000_000
"""Combinations of what records list, above which a key of long lists is not proposed."""
VARIED = 0.1
"""Distinct texts per record from which their rarer words say more than the text does; towns have fewer."""
GAIN = 0.0005
"""A key that finds less than this share of the matches that no other key finds is not worth its candidates."""


class Elements(Mapping[Part, Element]):
    """The parts of all fields, each made when it is first asked for."""

    def __init__(self, fields: Sequence[Encoded]) -> None:
        self._fields = {one.name: one for one in fields}
        self.names = tuple(self._fields)
        self.sizes = len(fields[0].left), len(fields[0].right)
        self._made: dict[Part, Element] = {}
        self._meeting: dict[Part, tuple[float, float]] = {}
        self._estimated: dict[tuple[Key, int], tuple[float, float]] = {}

    def meeting(self, part: Part) -> tuple[float, float]:
        """About the probability that two random records agree in the part, and the share of values that have it."""
        if part not in self._meeting:
            self._meeting[part] = encode.meeting(self._fields[part.field], part)
        return self._meeting[part]

    def estimate(self, key: Key, limit: int) -> tuple[float, float]:
        """See `block.estimate`; no limit to the pairs of a key with too many combinations to try it."""
        if (key, limit) not in self._estimated:
            combined = sum(block.entries(key, self, self.sizes)) > max(COMBINED, block.LISTED * sum(self.sizes))
            self._estimated[key, limit] = (np.inf, 0.0) if combined else block.estimate(key, self, limit)
        return self._estimated[key, limit]

    def __getitem__(self, part: Part) -> Element:
        if part not in self._made:
            self._made[part] = encode.element(self._fields[part.field], part)
        return self._made[part]

    def __iter__(self) -> Iterator[Part]:
        for one in self._fields.values():
            yield Part(one.name)
            yield from (Part(one.name, name) for name in one.kind.parts if _serves(one, name))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _serves(one: Encoded, part: str) -> bool:
    """Whether a part is for values like these: one for masks where some are masked, one for titles where many are different."""
    if part in one.kind.implied:
        return one.masked
    return part not in one.kind.titled or one.varied > VARIED


def assumed(fields: Sequence[Encoded]) -> dict[Part, Floats]:
    """How often a part agrees at each level (missing first), before anything was seen."""
    found = {}
    for one in fields:
        size = len(one.kind.levels)
        for name in ("", *one.kind.parts):
            table = np.zeros(size + 1)
            table[-1] = 1.0
            if name:
                table[1:-1] = np.linspace(0.05, 0.7, size - 1)
            if name in one.kind.implied:
                table[1 + one.kind.implied[name]] = 1.0
            if name and one.masked and MASKED in one.kind.levels and name not in one.kind.many:
                hidden, all_ = encode.having(one, name)  # 138****1234 does not begin with seven digits
                table[1 + one.kind.levels.index(MASKED)] *= hidden
                table[-1] = all_
            found[Part(one.name, name)] = table
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Supposed:
    """From what keys are proposed: the parts of both files, and what is supposed, or was learned, of matches."""

    elements: Elements
    ways: tuple[Way, ...]
    agree: Mapping[Part, Floats]  # how often a part agrees at each level, see `assumed`
    absent: Sequence[float]  # of each field, the share of matches that lack it on a side
    limit: int  # pairs of a key value above which it is dropped
    seed: int

    @property
    def budget(self) -> float:
        """Candidates that one key may give, if no more are afforded."""
        return max(BUDGET * sum(self.elements.sizes), FEW)


def propose(of: Supposed) -> tuple[Key, ...]:
    """Keys, the most useful first: greedily, each finds the largest share of the matches that those before it miss.

    Where each thing stands there many times, its own pairs are more than a key may give; so where what is affordable finds hardly
    half of the matches, more is afforded.
    """
    if prod(of.elements.sizes) <= ALL:
        return ((),)
    best: tuple[Key, ...] = ()
    share = -1.0
    for times in WIDER:
        chosen, found = _greedily(of, times * of.budget)
        if found > share:
            best, share = chosen, found
        if share >= HALF:
            break
    return best


def _greedily(of: Supposed, budget: float) -> tuple[tuple[Key, ...], float]:
    """The keys, and the share of made-up matches that they find; `budget`: candidates that one of them may give."""
    rng = np.random.default_rng(of.seed)
    drawn = train.draw(of.ways, of.absent, rng)
    drawn = drawn[rng.permutation(len(drawn))[:LOOKED]]
    keys = tuple(_affordable(of.elements, budget))
    having = {part: _having(of.agree[part], of.elements.meeting(part)[1]) for part in of.elements}
    hits = Finding(keys, having).each(drawn, of.elements.names, rng)
    found = np.zeros(hits.shape[1], dtype=np.int8)
    luck = rng.random(hits.shape[1])  # who stands in a crowded value of one key does so in others, too
    chosen: list[Key] = []
    for often in (1, 2):  # found twice: errors come together, which the drawn matches know only in part
        while len(chosen) < MOST:
            gains = (hits & (found < often)).mean(axis=1)
            best = int(gains.argmax()) if len(gains) else -1
            if best < 0 or gains[best] < GAIN * often**3:
                break
            hit, hits[best] = hits[best].copy(), False
            cost, lost = of.elements.estimate(keys[best], of.limit)
            if cost > budget or _go_together(keys[best], of):
                continue
            hit &= luck >= lost
            if (hit & (found < often)).mean() < GAIN * often**3:
                continue
            chosen.append(keys[best])
            found += hit
    return tuple(chosen), float((found > 0).mean())


def _having(agree: Floats, share: float) -> Floats:
    """How often a part agrees where this share of values has it; of equal values what is supposed may know that already."""
    return np.append(agree[:-1] * share, min(float(agree[-1]), share))


def _go_together(key: Key, of: Supposed) -> bool:
    """Whether strangers agree in the parts far more often together than each alone: a town and its postcode tell the same."""
    for pair in combinations(key, 2):
        apart = float(np.prod([of.elements.meeting(part)[0] for part in pair])) * prod(of.elements.sizes)
        if apart > of.budget and of.elements.estimate(pair, of.limit)[0] > TOGETHER * apart:
            return True
    return False


def _affordable(elements: Elements, most: float) -> Iterator[Key]:
    """Keys of one to three parts of different fields whose candidates are within the budget, none wider than needed."""
    meeting = {part: elements.meeting(part)[0] for part in elements}
    total = float(prod(elements.sizes))
    done: list[frozenset[Part]] = []
    for length in (1, 2, 3):
        for parts in combinations(sorted(meeting), length):
            one = frozenset(parts)
            if len({part.field for part in parts}) < length or any(other <= one for other in done):
                continue
            chance = float(np.prod([meeting[part] for part in parts]))
            if 0 < chance * total <= most:
                done.append(one)
                yield tuple(sorted(parts))


def shared(
    fields: Sequence[Encoded],
    elements: Mapping[Part, Element],
    keys: Sequence[Key],
    left: Rows,
    right: Rows,
    levels: Levels,
    before: Mapping[Part, Floats],
) -> dict[Part, Floats]:
    """How often words or elements meet at each level, by the pairs that keys of other fields found; whether two texts share a rare word follows from how near they are, matches or not."""
    found = dict(before)
    for place, one in enumerate(fields):
        others = [key for key in keys if key and all(part.field != one.name for part in key)]
        used = [
            part
            for part in (Part(one.name, name) for name in sorted(one.kind.many))
            if any(part in key for key in keys)
        ]
        if not others or not used:
            continue
        rows = np.flatnonzero(np.logical_or.reduce([_meet(elements, key, left, right) for key in others]))
        for part in used:
            same = elements[part].meet(left[rows], right[rows])
            found[part] = _rates(levels[rows, place], same, found[part])
    return found


def _meet(elements: Mapping[Part, Element], key: Key, left: Rows, right: Rows) -> block.Flags:
    return np.asarray(np.logical_and.reduce([elements[part].meet(left, right) for part in key]), dtype=np.bool_)


def _rates(column: Levels, same: block.Flags, before: Floats) -> Floats:
    """The share that agrees at each level below equality; one that was hardly seen keeps what was assumed."""
    table = before.copy()
    for level in range(len(table) - 2):
        rows = column == level
        table[level + 1] = (same[rows].sum() + 20 * table[level + 1]) / (float(rows.sum()) + 20)
    return table


def agreement(
    fields: Sequence[Encoded],
    left: Rows,
    right: Rows,
    levels: Levels,
    sure: Floats,
    before: Mapping[Part, Floats],
) -> dict[Part, Floats]:
    """How often a part agrees at each level among the likely matches; a level that was hardly seen keeps what was assumed."""
    found = dict(before)
    likely = np.flatnonzero(sure > 0.9)
    for place, one in enumerate(fields):
        column = levels[likely, place]
        for name in one.kind.parts:
            part = Part(one.name, name)
            if name in one.kind.many or not len(one.values):
                continue
            codes = encode.part_codes(one, name)
            mine, theirs = codes[one.left[left[likely]]], codes[one.right[right[likely]]]
            same = (mine == theirs) & (mine >= 0)
            found[part] = _rates(column, same, found[part])
    return found
