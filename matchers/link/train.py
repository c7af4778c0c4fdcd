"""Learn, without labels, how often matches and strangers agree in each degree (Fellegi and Sunter 1969).

u, the agreement of strangers, comes from random pairs; m, that of matches, from EM over *counts of level patterns* of the
candidates (Dempster, Laird and Rubin 1977). Candidates are not all pairs: a match that no key finds is never seen. EM therefore
treats unseen matches as missing data: how many there are, and how they agree, follows from how often matches of each pattern are
found by the keys. The same figure is the estimate of the keys' recall.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from matchers.link import rivals
from matchers.link import ties as tied
from matchers.link.calibrate import MATCHED
from matchers.link.spec import Key, Part
from matchers.link.ties import Tie

Levels = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]

ROUNDS = 60
ALONE = 2
"""Rounds where there is one field only: nothing beside it can teach how matches agree, so it stays near what was supposed."""
RIVALLED = 10
"""… but where its candidates exclude each other, the most alike of them being the one, in these rounds."""
SUPPOSED = 0.1
"""What is supposed of matches then weighs as much as this share of those that there can be; and that half of these are there, as
much as what was learned. For families of titles look alike, too, and nothing else tells them from matches."""
BEFORE_RELATIVES = 4
BEFORE_WAYS = 12
CLOSE = 5e-4
LEAST = 1e-3
"""Matches that are expected at least, so that odds stay odds where nothing was found."""
DRAWS = 20_000
DIFFERENT = 0.3
"""The share of matches, at most, that differ altogether in something of a person's own."""
STRANGE = 0.995
"""The share of strangers up to whose likeness two titles are called different."""
TURNS = 4
"""Turns in which rivals settle in each round; they go on from where the round before left them."""
_TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Distinct combinations of levels (one row each, −1 missing) and how many pairs have them."""

    levels: Levels
    counts: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way of being a match: as ever, or after a move, or badly taken down, when several fields differ together."""

    share: float
    m: tuple[Floats, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What was learned: per field the probability of each level among matches and among strangers."""

    names: tuple[str, ...]
    ways: tuple["Way", ...]
    u: tuple[Floats, ...]
    relatives: tuple[Floats, ...]  # the same among pairs that look like matches and are none (household, twins)
    kin: float  # share of all pairs that are such
    matches: float  # pairs that are matches, found or not
    pairs: float  # all pairs
    recall: float  # share of the matches that the keys find
    rounds: int
    converged: bool
    ties: tuple[Tie, ...] = ()  # where strangers agree in two fields together

    @property
    def m(self) -> tuple[Floats, ...]:
        """The probability of each level among all matches."""
        return blend(self.ways)

    @property
    def prior(self) -> float:
        """Log odds (base 2) that a random pair is a match."""
        return float(np.log2(self.matches / max(self.pairs - self.matches, 1.0)))

    def weights(self, place: int) -> Floats:
        """Log₂ (m / u) of a field's levels."""
        weights: Floats = np.log2(self.m[place] / self.u[place])
        return weights

    def speaks(self, name: str, level: int) -> bool:
        """Whether a field at this level (−1: missing, 0: different) makes a match likelier."""
        return level > 0 and bool(self.weights(self.names.index(name))[level] > 0)


def index(levels: Levels) -> tuple[Patterns, npt.NDArray[np.intp]]:
    """The distinct combinations of levels of pairs (rows), counted, and which of them each pair has."""
    radix = (levels.max(axis=0, initial=0).astype(np.int64) + 2).tolist()
    packed, room = np.zeros(len(levels), dtype=np.int64), 1
    for place in range(levels.shape[1]):
        if room * radix[place] >= 1 << 63:  # many fields: what there is so far is numbered anew, in the same order
            known, packed = np.unique(packed, return_inverse=True)
            room = len(known)
        packed = packed * radix[place] + (levels[:, place] + 1)
        room *= radix[place]
    _, first, places, counts = np.unique(packed, return_index=True, return_inverse=True, return_counts=True)
    return Patterns(levels[first], counts.astype(np.float64)), places


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """How the keys find matches: the probability that a part agrees, for each level of its field (0 = missing, then levels)."""

    keys: tuple[Key, ...]
    agree: Mapping[Part, Floats]
    lost: tuple[
        float, ...
    ] = ()  # of each key, the share of what it finds that is dropped because too many records share a value

    def hits(self, levels: Levels, names: Sequence[str], rng: np.random.Generator) -> npt.NDArray[np.bool_]:
        """Which drawn pairs (rows of levels) at least one key finds."""
        return np.asarray(self.each(levels, names, rng).any(axis=0), dtype=np.bool_)

    def each(self, levels: Levels, names: Sequence[str], rng: np.random.Generator) -> npt.NDArray[np.bool_]:
        """One row for each key: which drawn pairs it finds."""
        if () in self.keys:
            return np.ones((1, len(levels)), dtype=np.bool_)
        parts = sorted({part for key in self.keys for part in key})
        drawn = {
            part: rng.random(len(levels)) < self.agree[part][levels[:, names.index(part.field)] + 1] for part in parts
        }
        found = [np.logical_and.reduce([drawn[part] for part in key]) for key in self.keys]
        if any(
            self.lost
        ):  # one draw for all keys: what is common in one is mostly so in the others, so no key makes up for it
            luck = rng.random(len(levels))
            found = [hit & (luck >= gone) for hit, gone in zip(found, self.lost, strict=True)]
        return np.asarray(found, dtype=np.bool_).reshape(len(self.keys), len(levels))


def strangers(levels: Levels, tops: Sequence[float], sizes: Sequence[int]) -> tuple[Floats, ...]:
    """u of each field: equality from the values' frequencies (`tops`), lower levels from random pairs."""
    found = []
    for place, size in enumerate(sizes):
        column = levels[:, place]
        counts = np.bincount(column[column >= 0], minlength=size)[: size - 1].astype(np.float64) + 0.5
        found.append(np.append(counts / counts.sum() * (1 - tops[place]), tops[place]))
    return tuple(found)


def without(random: Floats, m: Floats, share: float) -> Floats:
    """Random pairs without the matches that are among them (`share`), which in small files are many; equality is told apart before."""
    lower = np.maximum(random[:-1] - share * m[:-1], 0.02 * random[:-1])
    return np.append(lower * ((1 - random[-1]) / lower.sum()), random[-1])


def start(sizes: Sequence[int], agreement: Sequence[float]) -> tuple[Floats, ...]:
    """m before anything is known: mostly equality, then the nearer the likelier."""
    found = []
    for size, top in zip(sizes, agreement, strict=True):
        lower = np.arange(1, size, dtype=np.float64)
        found.append(np.append(lower / lower.sum() * (1 - top), top))
    return tuple(found)


def likely(m: Floats, random: Floats, pairs: float, most: float, *, alone: bool) -> Floats:
    """A beginning that the data suggest: the best levels of random pairs are matches as far as there can be matches at all."""
    trust, there = (0.98, 0.9 * most) if alone else (0.5, most / 2)
    best = np.diff(np.minimum((random[::-1] * pairs).cumsum(), there), prepend=0.0)[::-1]
    begin: Floats = (1 - trust) * m + trust * best / max(float(best.sum()), _TINY)
    return begin


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Candidates to learn from: all those of some left records."""

    seen: Patterns  # counts are not used
    pattern: npt.NDArray[np.intp]  # of each pair
    group: npt.NDArray[np.intp]  # the record of each pair that has one match at most (the left one), numbered from 0
    rarity: Floats  # ln of how much rarer than usual the values are in which each pair agrees
    records: int  # such records in the sample
    other: (
        npt.NDArray[np.intp] | None
    )  # of each pair the other record, where that too has one match at most, and no pair of it is missing
    others: int  # such records
    share: float  # of all left records
    exclusive: bool  # whether there are such
    own: npt.NDArray[np.bool_]  # fields that people of one household do not share
    ordered: tuple[bool, ...]  # fields whose levels each say at least as much as the one below
    ties: tuple[Tie, ...] = ()
    titles: tuple[bool, ...] = ()  # texts that are hardly ever the same of two things


def fit(
    sample: Sample,
    first: tuple[Floats, ...],
    u: tuple[Floats, ...],
    finding: Finding,
    absent: Sequence[float],
    pairs: float,
    names: tuple[str, ...],
    seed: int,
    most: float,
    labels: Patterns | None = None,
    counted: float = 0.0,
) -> Model:
    """EM over the sample.

    Where a left record has one match at most, its candidates compete for it, and those that lose although they look like matches
    (people of one household, twins, branches of a firm) teach a third class: `relatives`. `absent`: share of matches that lack a
    field on a side. `most`: matches there can be at most; `counted`: there are at least. `labels`: pairs that people called matches, counted by pattern.
    """
    ways: tuple[Way, ...] = (Way(1.0, first),)
    relatives, kin = first, 0.0
    free = (np.ones(len(sample.pattern)), np.ones(len(sample.pattern)))
    recall, matches, rounds, change = 0.9, most / 2, 0, 1.0
    random = u
    together = tied.told(sample.ties, sample.seen.levels, [len(m) - 1 for m in first])
    unequal = _unequal(sample.seen.levels, first)
    rivalled = len(first) == 1 and sample.exclusive  # nothing but rivals teaches how matches agree
    limit = ROUNDS if len(first) > 1 else RIVALLED if rivalled else ALONE
    # without rivals, and with hardly anything of a thing's own, things of one sort would be taken for matches in another way
    several = sample.exclusive or int(sample.own.sum()) > 1
    while rounds < limit and (change > CLOSE or (several and rounds <= BEFORE_WAYS + 2)):
        rounds += 1
        u = tuple(without(drawn, m, matches / pairs) for drawn, m in zip(random, blend(ways), strict=True))
        strange = (log_likelihood(sample.seen.levels, u) + together)[sample.pattern] - sample.rarity
        each = np.asarray([np.log(w.share + _TINY) + log_likelihood(sample.seen.levels, w.m) for w in ways])
        alike = np.logaddexp.reduce(each)
        related = log_likelihood(sample.seen.levels, relatives)[sample.pattern] + np.log(kin + _TINY)
        odds = np.exp(
            np.clip(np.log(matches / pairs) + alike[sample.pattern] - np.logaddexp(strange, related), -500, 500)
        )
        found = matches * recall * sample.share
        alone = 1 - min(found / max(sample.records, 1), MATCHED) if sample.exclusive else 1.0
        likely = odds / (alone + odds)
        if sample.other is not None:
            odds = odds / (alone * (1 - min(found / max(sample.others, 1), MATCHED)))
            free = rivals.settle(odds, sample.group, sample.other, free, TURNS)
            odds *= free[0] * free[1]
            sure = odds / (1 + odds)
        else:
            sure = odds / (alone + _sum(odds, sample.group)) if sample.exclusive else likely
        weight = np.bincount(sample.pattern, weights=sure, minlength=len(sample.seen.levels))
        rng = np.random.default_rng(seed)
        drawn = draw(ways, absent, rng)
        hit = finding.hits(drawn, names, rng)
        recall = float(max(hit.mean(), 0.05))
        matches = max(min(max(float(sure.sum()) / sample.share / recall, counted), most), LEAST)
        if rivalled:
            matches = (matches + most / 2) / 2
        belongs = np.exp(each - alike)
        if len(ways) == 1 and rounds >= BEFORE_WAYS and several:
            belongs = np.where(unequal >= 2, 0.95, 0.05) * np.asarray([[-1.0], [1.0]]) + [[1.0], [0.0]]
        hidden = np.full(int((~hit).sum()), sure.sum() / recall / DRAWS)
        fresh = _ways(sample.seen.levels, weight * belongs, drawn[~hit], hidden, ways, labels)
        fresh = tuple(Way(w.share, _bounded(w.m, u, sample)) for w in fresh)
        if rivalled:
            supposed = SUPPOSED * most / (float(sure.sum()) / sample.share / recall + SUPPOSED * most)
            fresh = (Way(1.0, _between(fresh[0].m, first, supposed)),)
        change = _change(ways, fresh)
        ways = fresh
        if rounds >= BEFORE_RELATIVES and not rivalled:
            lost = _lost(sample, likely, sure, strange - related, begin=rounds == BEFORE_RELATIVES)
            kin = float(lost.sum()) / sample.share / pairs
            by_pattern = np.bincount(sample.pattern, weights=lost, minlength=len(weight))
            relatives = tuple(_shares(c) for c in _tallies(sample.seen.levels, by_pattern, first))
            if not sample.exclusive:
                relatives, kin = household(blend(ways), u, sample.own), kin * (0 < sample.own.sum() < len(first))
    return Model(names, ways, u, relatives, kin, max(matches, 1.0), pairs, recall, rounds, change <= CLOSE, sample.ties)


def _between(m: tuple[Floats, ...], first: tuple[Floats, ...], weight: float) -> tuple[Floats, ...]:
    """Between what was learned and what was supposed, which has this weight of 1."""
    return tuple((1 - weight) * learned + weight * supposed for learned, supposed in zip(m, first, strict=True))


def _lost(sample: Sample, likely: Floats, sure: Floats, apart: Floats, *, begin: bool) -> Floats:
    """The weight of each pair as one of relatives; `likely`: how likely it is a match if it had no rival; `apart`: ln odds that it is one of strangers instead.

    Where a record has one match at most, only what loses to a rival is known to be no match; records without a match, whose
    relatives lose to nobody, are reckoned in.
    """
    if begin:  # they begin with those that look like matches and lose; where nobody loses, with some
        return np.asarray(np.maximum(likely - sure, 0) if sample.exclusive else sure * 0.1, dtype=np.float64)
    related = 1 / (1 + np.exp(np.clip(apart, -500, 500)))
    if not sample.exclusive:
        return np.asarray((1 - sure) * related, dtype=np.float64)
    better = np.maximum(_sum(sure, sample.group) - sure, 0)
    # where both sides exclude rivals the share is not needed, and too low a one would make relatives of matches, round by round
    matched = max(float(sure.sum()) / max(sample.records, 1), 0.01) if sample.other is None else 1.0
    return np.asarray(related * better / matched, dtype=np.float64)


def _ways(
    levels: Levels, weight: Floats, missed: Levels, hidden: Floats, before: tuple[Way, ...], labels: Patterns | None
) -> tuple[Way, ...]:
    """The ways anew from the weight that each pattern gives to each of them; unseen matches are shared out as before."""
    like = before[0].m
    old = np.asarray([np.log(w.share + _TINY) + log_likelihood(missed, w.m) for w in before]) if len(missed) else None
    found = []
    for place, mine in enumerate(weight):
        counts = _tallies(levels, mine, like)
        total = mine.sum()
        if old is not None:
            part = hidden * (
                np.exp(old[place] - np.logaddexp.reduce(old)) if len(before) == len(weight) else 1 / len(weight)
            )
            counts = [c + h for c, h in zip(counts, _tallies(missed, part, like), strict=True)]
            total += part.sum()
        if labels is not None:
            counts = [
                c + k for c, k in zip(counts, _tallies(labels.levels, labels.counts / len(weight), like), strict=True)
            ]
        found.append((total, tuple(_shares(c) for c in counts)))
    whole = sum(total for total, _ in found)
    return tuple(Way(float(total / whole) if whole > _TINY else 1 / len(found), m) for total, m in found)


def _bounded(m: tuple[Floats, ...], u: tuple[Floats, ...], sample: Sample) -> tuple[Floats, ...]:
    """What is known of matches before any data: ordered levels tell more and more, and what is a person's own hardly ever differs."""
    found = [rising(a, b) if one else a for a, b, one in zip(m, u, sample.ordered, strict=True)]
    if not sample.exclusive:  # where nobody loses, households would be taken for matches in another way
        found = [_mostly(a) if own else a for a, own in zip(found, sample.own, strict=True)]
        found = [
            _alike(a, b) if one else a for a, b, one in zip(found, u, sample.titles or [False] * len(u), strict=True)
        ]
    return tuple(found)


def _mostly(m: Floats) -> Floats:
    if m[0] <= DIFFERENT:
        return m
    return np.append(DIFFERENT, m[1:] * ((1 - DIFFERENT) / max(float(m[1:].sum()), _TINY)))


def _alike(m: Floats, u: Floats) -> Floats:
    """A title of which matches agree hardly ever less than nearly all strangers do."""
    low = int(np.searchsorted(u.cumsum(), STRANGE)) + 1
    under, above = float(m[:low].sum()), float(m[low:].sum())
    if under <= DIFFERENT or low >= len(m):
        return m
    return np.concatenate([m[:low] * (DIFFERENT / under), m[low:] * ((1 - DIFFERENT) / max(above, _TINY))])


def rising(m: Floats, u: Floats) -> Floats:
    """The likeliest m of which no level tells less for a match than the one below: m/u rises (pooled adjacent violators).

    Robertson, Wright and Dykstra, Order Restricted Statistical Inference (1988), chapter 5.
    """
    pools: list[list[float]] = []  # m, u, levels
    for mine, theirs in zip(m.tolist(), u.tolist(), strict=True):
        pools.append([mine, theirs, 1])
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] > pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    ratio = np.repeat([a / b for a, b, _ in pools], [int(n) for *_, n in pools])
    shares: Floats = ratio * u
    return shares


def _unequal(levels: Levels, like: tuple[Floats, ...]) -> npt.NDArray[np.int_]:
    """How many fields of each pattern are there and not equal."""
    tops = np.asarray([len(chances) - 1 for chances in like])
    return np.asarray(((levels >= 0) & (levels < tops)).sum(axis=1), dtype=np.int64)


def household(m: tuple[Floats, ...], u: tuple[Floats, ...], own: npt.NDArray[np.bool_]) -> tuple[Floats, ...]:
    """People of one household by definition: alike in what they share, strangers in what is their own."""
    return tuple(strange if alone else alike for alike, strange, alone in zip(m, u, own, strict=True))


def _change(before: tuple[Way, ...], after: tuple[Way, ...]) -> float:
    if len(before) != len(after):
        return 1.0
    return max(
        float(np.abs(a - b).max()) for w, v in zip(before, after, strict=True) for a, b in zip(w.m, v.m, strict=True)
    )


def blend(ways: tuple[Way, ...]) -> tuple[Floats, ...]:
    """The levels' probabilities over all ways."""
    return tuple(np.sum([way.share * way.m[place] for way in ways], axis=0) for place in range(len(ways[0].m)))


def _sum(values: Floats, group: npt.NDArray[np.intp]) -> Floats:
    total: Floats = np.asarray(np.bincount(group, weights=values)[group], dtype=np.float64)
    return total


def _tallies(levels: Levels, weight: npt.NDArray[Any], like: tuple[Floats, ...]) -> list[Floats]:
    return [_counts(levels[:, place], weight, len(old)) for place, old in enumerate(like)]


def _shares(counts: Floats) -> Floats:
    smooth: Floats = (counts + 0.1) / (counts.sum() + 0.1 * len(counts))
    return smooth


def log_likelihood(levels: Levels, of: tuple[Floats, ...]) -> Floats:
    """The ln of the probability of each row of levels; a missing one says nothing."""
    total = np.zeros(len(levels), dtype=np.float64)
    for place, chances in enumerate(of):
        table = np.append(np.log(chances + _TINY), 0.0)  # a missing value (−1) says nothing
        total += table[levels[:, place]]
    return total


def _counts(column: Levels, weight: Floats, size: int) -> Floats:
    there = column >= 0
    return np.bincount(column[there], weights=weight[there], minlength=size).astype(np.float64)


def draw(ways: tuple[Way, ...], absent: Sequence[float], rng: np.random.Generator) -> Levels:
    """Made-up matches: `DRAWS` rows of levels, each way with its share."""
    counts = rng.multinomial(DRAWS, np.asarray([way.share for way in ways]) / sum(way.share for way in ways))
    return np.concatenate([_drawn(way.m, absent, count, rng) for way, count in zip(ways, counts, strict=True)])


def _drawn(m: tuple[Floats, ...], absent: Sequence[float], rows: int, rng: np.random.Generator) -> Levels:
    drawn = np.empty((rows, len(m)), dtype=np.int8)
    for place, (chances, gone) in enumerate(zip(m, absent, strict=True)):
        column = np.searchsorted(chances.cumsum() / chances.sum(), rng.random(rows)).astype(np.int8)
        column = np.minimum(column, len(chances) - 1).astype(np.int8)
        column[rng.random(rows) < gone] = -1
        drawn[:, place] = column
    return drawn
