"""What kinds of columns can be linked: how each is cleaned, in which degrees two values agree, and by which parts records meet.

A kind works on columns of distinct values: `clean` makes spellings of one value equal (Arrow in, Arrow out), `prepare` turns the
distinct values into whatever `near` compares quickly, and `near` gives the level of pairs of *unequal* values. Levels are int8:
−1 missing, 0 different, and upwards to the last one, which is equality and costs no string work.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from core.words import Words
from matchers.link import flats, near, parts, wordy
from matchers.link.sounds import Readings

Levels = npt.NDArray[np.int8]
Codes = npt.NDArray[np.int32]
Column = Any
"""An Arrow array of texts (pyarrow's stubs do not know their element type)."""

DIFFERENT = Words("不同", "different")
EQUAL = Words("一致", "equal")
MASKED = Words("与掩码相容", "compatible with the mask")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one kind of column is cleaned, compared and blocked."""

    clean: Callable[[Column], Column]
    prepare: Callable[[Column, Readings, near.Cut], Any]
    near: Callable[[Any, Codes, Codes], Levels]
    levels: tuple[Words, ...]  # the sentence of each level, from 0
    cost: int  # dearer kinds are compared later, for fewer pairs
    parts: Mapping[str, Callable[[Column, Readings], Any]] = field(default_factory=dict)
    implied: Mapping[str, int] = field(
        default_factory=dict
    )  # part by which masked values meet → the level, beside equality, at which it always agrees
    titled: frozenset[str] = frozenset()  # parts for texts of which many are different
    many: frozenset[str] = frozenset()  # parts of which one value has several
    piecewise: bool = True  # whether a value is cleaned without a look at the others
    own: bool = False  # one person's own: those who share a home or a phone do not share it
    ordered: bool = False  # each level says at least as much for a match as the one below
    swaps: bool = False  # values of two such fields may have been exchanged
    agreement: float = 0.9  # what is assumed, before training, of how often matches agree exactly
    partial: float = 0.95  # … and in a part

    @property
    def top(self) -> int:
        """The level of equality."""
        return len(self.levels) - 1


def _name() -> Kind:
    return Kind(
        clean=near.masked,
        prepare=near.Names,
        near=near.names,
        levels=(
            DIFFERENT,
            Words("相近", "alike"),
            Words("一处不同", "one character differs"),
            Words("读音相同或缩写", "the same sound, or an initial"),
            MASKED,
            Words("两栏互换", "swapped with the other column"),
            EQUAL,
        ),
        own=True,
        cost=3,
        parts={"start": parts.start, "sound": parts.sound, "initial": parts.initial},
        swaps=True,
        agreement=0.85,
        partial=0.92,
    )


def _whole_name() -> Kind:
    return Kind(
        clean=near.masked,
        prepare=near.Names,
        near=near.whole_names,
        levels=(
            DIFFERENT,
            Words("相近", "alike"),
            Words("一处不同", "one character differs"),
            Words("读音相同", "the same sound"),
            MASKED,
            Words("词序不同", "the same words in another order"),
            EQUAL,
        ),
        own=True,
        cost=3,
        parts={"start": parts.start, "sound": parts.sound, "last": parts.last},
        agreement=0.85,
        partial=0.92,
    )


def _birth() -> Kind:
    return Kind(
        clean=near.days,
        piecewise=False,
        prepare=near.Digits,
        near=near.births,
        levels=(
            DIFFERENT,
            Words("同年", "the same year"),
            Words("年月日中两项相同", "two of year, month and day agree"),
            Words("一位数字不同，或日月颠倒", "one digit differs, or day and month are swapped"),
            EQUAL,
        ),
        own=True,
        cost=1,
        parts={"year": parts.year, "day": parts.month_day, "month": parts.year_month},
        agreement=0.9,
        partial=0.95,
    )


def _digits(tail: int) -> Kind:
    return Kind(
        clean=near.numbers_only,
        prepare=near.Digits,
        near=near.digit_strings,
        levels=(
            DIFFERENT,
            Words("末几位或开头一致", "the last digits or the beginning agree"),
            Words("一位不同或相邻两位颠倒", "one digit differs, or two neighbours are swapped"),
            MASKED,
            EQUAL,
        ),
        cost=1,
        parts={"end": parts.end(tail), "start": parts.beginning(tail), "shown": parts.shown},
        implied={"shown": 3},
        agreement=0.8,
        partial=0.88,
    )


def _code(*, own: bool) -> Kind:
    return Kind(
        own=own,
        clean=near.compact,
        prepare=near.Digits,
        near=near.digit_strings,
        levels=(
            DIFFERENT,
            Words("开头或末尾一致", "the beginning or the end agrees"),
            Words("一位不同或相邻两位颠倒", "one character differs, or two neighbours are swapped"),
            MASKED,
            EQUAL,
        ),
        cost=1,
        parts={"end": parts.end(4), "start": parts.beginning(3)},
        agreement=0.85,
        partial=0.9,
    )


def _address() -> Kind:
    return Kind(
        clean=near.plain,
        prepare=wordy.Lines,
        near=wordy.lines,
        levels=(
            DIFFERENT,
            Words("文字有些相近", "the words are somewhat alike"),
            Words("文字相近，数字不同", "alike, other numbers"),
            Words("数字一致，文字有些相近", "the numbers agree, the words are somewhat alike"),
            Words("数字一致，文字相近", "the numbers agree, the words are alike"),
            EQUAL,
        ),
        cost=4,
        parts={"numbers": parts.numbers, "house": parts.house, "start": parts.beginning(6), "end": parts.end(6)},
        agreement=0.6,
        partial=0.7,
    )


def _flat() -> Kind:
    return Kind(
        clean=flats.clean,
        prepare=flats.prepare,
        near=flats.near,
        levels=(*flats.levels(), EQUAL),
        ordered=True,
        cost=6,
        parts={"house": flats.house, "quarter": flats.quarter, "flat": flats.flat},
        agreement=0.3,
        partial=0.8,
    )


def _text() -> Kind:
    return Kind(
        clean=near.words,
        prepare=wordy.Tokens,
        near=wordy.tokens,
        levels=(
            DIFFERENT,
            *(
                Words(f"用词相同约 {cosine:.0%}", f"about {cosine:.0%} of the words' weight in common")
                for cosine in wordy.ALIKE
            ),
            EQUAL,
        ),
        ordered=True,
        cost=5,
        parts={"words": parts.rare_words, "rare": parts.rarest_words, "start": parts.beginning(8)},
        many=frozenset({"words", "rare"}),
        titled=frozenset({"rare"}),
        agreement=0.4,
        partial=0.9,
    )


def _number() -> Kind:
    return Kind(
        clean=near.figures,
        prepare=near.Amounts,
        near=near.close_numbers,
        levels=(
            DIFFERENT,
            Words("相近（两成以内；年份差五年以内）", "near (within 20 %, of years within five)"),
            Words("很近（百分之二以内；年份差一年）", "very near (within 2 %, of years one off)"),
            EQUAL,
        ),
        ordered=True,
        cost=1,
        agreement=0.6,
    )


def _category() -> Kind:
    return Kind(
        clean=near.signed,
        prepare=near.nothing,
        near=near.different,
        levels=(DIFFERENT, EQUAL),
        ordered=True,
        cost=0,
        agreement=0.95,
    )


def _coordinates() -> Kind:
    return Kind(
        clean=near.places,
        prepare=near.points,
        near=near.distances,
        levels=(
            Words("相距 2 公里以上", "more than 2 km apart"),
            Words("相距 2 公里以内", "within 2 km"),
            Words("相距 200 米以内", "within 200 m"),
            Words("相距 25 米以内", "within 25 m"),
            EQUAL,
        ),
        ordered=True,
        cost=1,
        parts={"square": parts.square},
        partial=0.8,
        agreement=0.5,
    )


def _set() -> Kind:
    return Kind(
        clean=near.elements,
        prepare=wordy.Sets,
        near=wordy.overlaps,
        levels=(
            DIFFERENT,
            Words("少数相同", "few in common"),
            Words("过半相同", "half or more in common"),
            Words("全部相同，有缩写", "all in common, with initials"),
            EQUAL,
        ),
        ordered=True,
        cost=4,
        parts={"one": parts.each_element},
        many=frozenset({"one"}),
        agreement=0.7,
        partial=0.9,
    )


KINDS: Mapping[str, Kind] = {
    "name": _whole_name(),
    "given": _name(),
    "family": replace(_name(), own=False),
    "birth": _birth(),
    "phone": _digits(7),
    "id": _code(own=True),
    "postcode": _code(own=False),
    "address": _address(),
    "flat": _flat(),
    "text": _text(),
    "number": _number(),
    "category": _category(),
    "coordinates": _coordinates(),
    "set": _set(),
}
"""Kind of a column → how it is handled."""

SWAPPED = 5
"""The level of two names that stand in each other's columns."""


def compare(kind: Kind, prepared: Any, one: Codes, other: Codes) -> Levels:
    """The level of each pair of codes of one table of distinct values; equality is seen by the codes alone."""
    levels = np.full(len(one), -1, dtype=np.int8)
    both = (one >= 0) & (other >= 0)
    same = both & (one == other)
    levels[same] = kind.top
    rows = np.flatnonzero(both & ~same)
    levels[rows] = kind.near(prepared, one[rows], other[rows])
    return levels
