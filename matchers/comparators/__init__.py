"""Compare two columns of values pair by pair: each comparator answers a level, never a bare number.

    comparator = load("name")                                   # name, ident, phone, address, date, code, number, text
    levels = comparator.compare(left, right, reference)         # equal-length columns → int8, one level for each pair
    levels = comparator.compare(left, right, reference, "many")  # a source that hides any number of characters behind one star
    comparator.supports_write(level), comparator.agrees(level), comparator.contradicts(level)
    comparator.explain(level, left[i], right[i], reference)     # sentence and parameters; they never hold personal data

Within a comparator a higher level is a better agreement; levels from `BESIDE` on say something else than how well values agree
(masked, unknown, not parsed), and −1 is a missing value. A level is the same number in a single comparison and in a million.
A new file here with a `COMPARATOR` is a new comparator: nothing else names it.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import ConfigError, choices
from core.reference import Reference
from core.words import Words
from matchers.columns import MISSING, Coded, Codes, Texts, distinct, encode
from matchers.masks import Stars

Levels = npt.NDArray[np.int8]
Params = Mapping[str, object]
Column = Sequence[str | None] | npt.NDArray[np.object_]
Parsed = TypeVar("Parsed")

NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))
BESIDE = 20
"""Levels from here on are not degrees of agreement."""

_ALSO = {"id": "ident", "flag": "code"}
"""Kinds of fields whose comparator is called otherwise."""

KINDS = tuple(sorted({*NAMES, *_ALSO} - {"ident"}))
"""What `load` knows, as fields call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What one level means, and what it allows."""

    name: str
    words: Words
    # the two values are the same thing
    agrees: bool = False
    # the two values cannot both be right
    contradicts: bool = False
    # agreement is exact enough that a value may be written on it
    writes: bool = False


MISSING_LEVEL = Level(name="MISSING", words=Words("至少一方为空", "at least one side is empty"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparator:
    """Levels and the function that assigns them."""

    name: str
    levels: Mapping[int, Level]
    run: Callable[[Column, Column, Reference, Stars], Levels]
    differ: Callable[[int, str, str, Reference], Params]

    def compare(self, left: Column, right: Column, reference: Reference, stars: Stars = "either") -> Levels:
        """The level of each pair (int8, same length and order); −1 where a side is None or empty.

        `stars` is what a star stands for in the source of a masked side (see matchers.masks).
        """
        return self.run(left, right, reference, stars)

    def explain(self, level: int, left: str | None, right: str | None, reference: Reference) -> tuple[Words, Params]:
        """The level's sentence, and which parts differ; no parameter holds a part of the values."""
        if level == MISSING or not left or not right:
            return MISSING_LEVEL.words, {}
        return self.levels[level].words, self.differ(level, left, right, reference)

    def level(self, name: str) -> int:
        """The number of a level by its name."""
        return next(number for number, level in self.levels.items() if level.name == name)

    def called(self, level: int) -> str:
        """The name of a level by its number."""
        return self.levels[level].name

    def agrees(self, level: int) -> bool:
        """Whether the level says that both values are the same thing."""
        return self.levels[level].agrees

    def contradicts(self, level: int) -> bool:
        """Whether the level says that both values cannot be right."""
        return self.levels[level].contradicts

    def supports_write(self, level: int) -> bool:
        """Whether the level is exact enough to write on."""
        return self.levels[level].writes


@cache
def load(name: str) -> Comparator:
    """The comparator of that name (or of that kind of field).

    Raises ConfigError, naming the choices, for an unknown one, and naming the file where it holds none.
    """
    name = _ALSO.get(name, name)
    if name not in NAMES:
        raise ConfigError(
            Words(
                f"没有比较器 '{name}'；现有：{choices(NAMES)}", f"no comparator '{name}'; there are: {choices(NAMES)}"
            )
        )
    found = getattr(importlib.import_module(f"matchers.comparators.{name}"), "COMPARATOR", None)
    if not isinstance(found, Comparator):
        place = f"matchers/comparators/{name}.py"
        raise ConfigError(
            Words(f"{place}：没有 COMPARATOR = Comparator(…)", f"{place}: there is no COMPARATOR = Comparator(…)")
        )
    return found


def ranked(*levels: Level, beside: Sequence[Level] = ()) -> dict[int, Level]:
    """Numbers for levels given best first, and for those that are no degree of agreement."""
    numbered = {len(levels) - 1 - place: level for place, level in enumerate(levels)}
    return {MISSING: MISSING_LEVEL} | numbered | {BESIDE + place: level for place, level in enumerate(beside)}


def by_pairs(
    left: Column,
    right: Column,
    parse: Callable[[str], Parsed],
    same: int | None,
    judge: Callable[[Parsed, Parsed], int],
    doubt: str = "",
) -> Levels:
    """Levels of pairs: every distinct text that has a counterpart is parsed once, and every distinct pair judged once.

    Equal texts get the level `same` without being judged, unless that is None; but those that match `doubt` (RE2) may be a mask or
    a word for nothing (张**, 无), which are nobody's, and get the level beside agreement that judging them gives.
    """
    both = encode([*left, *right])
    one, two = both.codes[: len(left)], both.codes[len(left) :]
    levels = np.full(len(one), MISSING, dtype=np.int8)
    present = (one != MISSING) & (two != MISSING)
    if same is not None:
        equal = present & (one == two)
        present &= ~equal
        levels[equal] = _alike(both.values, one[equal], parse, same, judge, doubt) if doubt else same
    rows = np.flatnonzero(present)
    asked, places = np.unique(np.concatenate([one[rows], two[rows]]), return_inverse=True)
    parsed = Coded(both.values[asked], asked).each(parse)
    first, second, of_row = distinct(places[: len(rows)], places[len(rows) :])
    pairs = zip(first.tolist(), second.tolist(), strict=True)
    judged = np.fromiter((judge(parsed[a], parsed[b]) for a, b in pairs), np.int8, len(first))
    levels[rows] = judged[of_row]
    return levels


def _alike(
    values: Texts,
    codes: Codes,
    parse: Callable[[str], Parsed],
    same: int,
    judge: Callable[[Parsed, Parsed], int],
    doubt: str,
) -> Levels:
    """The level of each row whose two sides are the text of this code."""
    asked, places = np.unique(codes, return_inverse=True)
    found = pc.match_substring_regex(pa.array(values[asked], pa.large_string()), doubt)
    doubtful = np.flatnonzero(found.to_numpy(zero_copy_only=False))
    levels = np.full(len(asked), same, dtype=np.int8)
    for place, read in zip(doubtful.tolist(), map(parse, values[asked[doubtful]]), strict=True):
        level = judge(read, read)
        levels[place] = level if level >= BESIDE else same
    return levels[places]


def nothing(_level: int, _left: str, _right: str, _reference: Reference) -> Params:
    """For levels whose sentence says it all."""
    return {}
