"""Compare telephone cells: number by number, exactly or by mask; the best pair of the two sets counts."""

from core.reference import Reference
from core.words import Words
from matchers.comparators import BESIDE, Column, Comparator, Level, Levels, by_pairs, nothing, ranked
from matchers.comparators.ident import compatible
from matchers.normal import phones
from matchers.normal.phones import Number, Phones

EXACT, EXACT_NORM, LOCAL, DISAGREE = 3, 2, 1, 0
MASK_COMPATIBLE, UNKNOWN = BESIDE, BESIDE + 1

LEVELS = ranked(
    Level(name="EXACT", words=Words("电话完全一致", "the numbers are equal"), agrees=True, writes=True),
    Level(
        name="EXACT_NORM",
        words=Words("其中一个号码一致，仅书写不同", "a number is equal but for the way of writing"),
        agrees=True,
        writes=True,
    ),
    Level(
        name="LOCAL",
        words=Words("固话一致，一方缺区号", "the landline is equal, one side lacks the area code"),
        agrees=True,
    ),
    Level(name="DISAGREE", words=Words("没有一个号码一致", "no number is equal"), contradicts=True),
    beside=(
        Level(name="MASK_COMPATIBLE", words=Words("脱敏号码相容（已知位一致）", "compatible with the mask")),
        Level(name="UNKNOWN", words=Words("没有可比的号码", "there is no number to compare")),
    ),
)

_ORDER = (UNKNOWN, DISAGREE, MASK_COMPATIBLE, LOCAL, EXACT_NORM)
"""From the weakest to the strongest, for the best over a set."""


def compare(left: Column, right: Column, reference: Reference) -> Levels:
    """EXACT > EXACT_NORM > LOCAL > DISAGREE; beside them what masks leave."""
    return by_pairs(left, right, lambda cell: phones.read(cell, reference), EXACT, _level)


def _level(one: Phones, other: Phones) -> int:
    found = [_numbers(a, b) for a in one.numbers for b in other.numbers]
    return max(found, key=_ORDER.index, default=UNKNOWN)


def _numbers(one: Number, other: Number) -> int:
    if "masked" in {one.kind, other.kind}:
        fits = compatible(one.normal.replace("-", ""), other.normal.replace("-", ""))
        return MASK_COMPATIBLE if fits else UNKNOWN if fits is None else DISAGREE
    if "bad" in {one.kind, other.kind}:
        return UNKNOWN
    if one.normal == other.normal:
        return EXACT_NORM
    if {one.kind, other.kind} == {"local", "landline"}:
        return LOCAL if one.normal.rpartition("-")[2] == other.normal.rpartition("-")[2] else DISAGREE
    return DISAGREE


COMPARATOR = Comparator(name="phone", levels=LEVELS, run=compare, differ=nothing)
