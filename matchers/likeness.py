"""How two values are alike, asked once: the questions that comparators ask of one pair, and the linking engine of columns of pairs.

    one_slip("张晓明", "张明晓")                          # a character wrong, missing, too many, or two neighbours swapped
    one_slips(left, right)                               # the same of each pair of two arrays of texts
    sounds_alike(one, other)                             # 单雄信 and 善雄信; `Spoken` asks it of columns
    in_days((1985, 3, 12), (1985, 12, 3)).crossed        # numbers, or arrays of them

A column function maps the function of one pair over all that is distinct, or is that function itself, where operators do with arrays
what they do with numbers. So the answer is the same in a single explanation and in a million pairs. Whether a mask fits is asked in
`masks`, what day a text means in `normal.dates`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from matchers.columns import Codes, Flags, distinct

Readings = Mapping[str, frozenset[str]]
"""Character → its syllables without tone."""

_TOKENS = re.compile(r"[A-Za-z]+|[^A-Za-z\s]")
_PIECE = 1 << 16
_BEHIND_UNICODE = 0x110000
"""The number of a run of Latin letters; a single character has its code point."""


# -- spelling


def one_slip(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one slip of the pen makes one text (or list of tokens) of the other: optimal string alignment distance 1, or 0."""
    return OSA.distance(one, other, score_cutoff=1) <= 1


def one_slips(one: npt.NDArray[Any], other: npt.NDArray[Any], workers: int = 1) -> Flags:
    """`one_slip` of each pair."""
    return np.asarray(cpdist(one, other, scorer=OSA.distance, score_cutoff=1, dtype=np.int32, workers=workers) <= 1)


def in_any_order(name: str) -> str:
    """What names of the same words have in common, whichever comes first."""
    return " ".join(sorted(name.split()))


# -- sound


class Heard(NamedTuple):
    """A name's tokens: its characters, a run of Latin letters (pinyin in place of a character) being one; and how each may sound."""

    tokens: tuple[str, ...]
    sounds: tuple[frozenset[str], ...]


def hear(name: str, readings: Readings) -> Heard:
    """The tokens of a name without its blanks, and how they may sound."""
    tokens = tuple(_TOKENS.findall(name))
    return Heard(tokens, tuple(_sounds(token, readings) for token in tokens))


def _sounds(token: str, readings: Readings) -> frozenset[str]:
    return readings.get(token) or frozenset([token.lower()] if token.isascii() else [])


def sounds_alike(one: Heard, other: Heard) -> bool:
    """Whether two names have as many tokens, and in each place the same one or one that may sound the same."""
    return len(one.tokens) == len(other.tokens) and all(
        a == b or _share(x, y) for a, x, b, y in zip(*one, *other, strict=True)
    )


def _share(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a reading is common to both. This is no key: 单 (dan, shan) sounds like 丹 and like 善, which do not sound alike."""
    return not one.isdisjoint(other)


class Spoken:
    """A column of names (Arrow, none missing or blank) as numbers of their tokens, one name behind the other, to ask `sounds_alike` of pairs."""

    def __init__(self, names: Any, readings: Readings) -> None:
        runs: dict[str, int] = {}
        letters: Any = pc.match_substring_regex(names, r"[A-Za-z\s]")
        lengths: Any = pc.utf8_length(names)
        self._mixed = mixed = letters.to_numpy(zero_copy_only=False)
        split = [_TOKENS.findall(name) for name in names.filter(letters).to_pylist()]
        self._lengths = np.array(lengths.to_numpy(zero_copy_only=False), dtype=np.int32)
        self._lengths[mixed] = [len(tokens) for tokens in split]
        self._starts = np.cumsum(self._lengths, dtype=np.int32) - self._lengths
        inside = np.repeat(mixed, self._lengths)
        whole = names.filter(pc.invert(letters))
        pieces = ("".join(whole.slice(at, _PIECE).to_pylist()) for at in range(0, len(whole), _PIECE))
        characters = b"".join(piece.encode("utf-32-le") for piece in pieces)
        self._tokens = np.empty(len(inside), dtype=np.int32)
        self._tokens[~inside] = np.frombuffer(characters, dtype="<i4")
        self._tokens[inside] = [_number(token, runs) for tokens in split for token in tokens]
        self._hear({number: run for run, number in runs.items()}, readings)

    def _hear(self, runs: Mapping[int, str], readings: Readings) -> None:
        there = np.zeros(int(self._tokens.max(initial=0)) + 1, dtype=np.bool_)
        there[self._tokens] = True
        numbers = np.flatnonzero(there).tolist()
        self._sounds = {number: _sounds(runs.get(number) or chr(number), readings) for number in numbers}
        self._signs = np.zeros(len(there), dtype=np.uint64)  # tokens without a bit in common have no reading in common
        self._signs[numbers] = [_sign(sounds) for sounds in self._sounds.values()]

    def near(self, one: Codes, other: Codes) -> Flags:
        """Whether `one_slip` may be all that tells two names apart, so that it is worth asking: an end of both is the same, then."""
        starts, ends = self._starts, self._starts + self._lengths - 1
        heads, tails = ([self._tokens[places[codes]] for codes in (one, other)] for places in (starts, ends))
        lengths = self._lengths[one], self._lengths[other]
        long = np.maximum(*lengths)
        same = (heads[0] == heads[1]) | (tails[0] == tails[1]) | (long == 1)
        same |= (long == 2) & (heads[0] == tails[1]) & (tails[0] == heads[1])
        same &= np.abs(lengths[0] - lengths[1]) <= 1
        return np.asarray(same | self._mixed[one] | self._mixed[other])

    def alike(self, one: Codes, other: Codes) -> Flags:
        """`sounds_alike` of each pair of names, by their places in the column: token by token, as long as all before may sound the same."""
        found = np.zeros(len(one), dtype=np.bool_)
        rows = np.flatnonzero((self._lengths[one] == self._lengths[other]) & (self._lengths[one] > 0))
        place = 0
        while len(rows):
            here = (self._tokens[self._starts[codes[rows]] + place] for codes in (one, other))
            rows = rows[self._places_alike(*here)]
            place += 1
            ended = self._lengths[one[rows]] == place
            found[rows[ended]] = True
            rows = rows[~ended]
        return found

    def _places_alike(self, one: Codes, other: Codes) -> Flags:
        alike = np.equal(one, other)
        rows = np.flatnonzero(~alike & ((self._signs[one] & self._signs[other]) != 0))
        first, second, places = distinct(one[rows], other[rows])
        pairs = zip(first.tolist(), second.tolist(), strict=True)
        shared = (_share(self._sounds[a], self._sounds[b]) for a, b in pairs)
        alike[rows] = np.fromiter(shared, np.bool_, len(first))[places]
        return alike


def _number(token: str, runs: dict[str, int]) -> int:
    return ord(token) if len(token) == 1 else runs.setdefault(token, _BEHIND_UNICODE + len(runs))


def _sign(sounds: Iterable[str]) -> int:
    """One bit of 64 for each syllable."""
    sign = 0
    for syllable in sounds:
        sign |= 1 << crc32(syllable.encode()) % 64
    return sign


# -- days


class Alike(NamedTuple):
    """In what two days agree: flags, or arrays of them."""

    year: Any
    month: Any
    day: Any
    crossed: Any  # the month of each is the day of the other


def in_days(one: tuple[Any, Any, Any], other: tuple[Any, Any, Any]) -> Alike:
    """In what two days agree, each given as year, month and day: numbers, or arrays of them."""
    (year, month, day), (other_year, other_month, other_day) = one, other
    return Alike(
        year == other_year,
        month == other_month,
        day == other_day,
        (month == other_day) & (day == other_month),
    )
