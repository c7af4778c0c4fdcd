"""Compare dates by the day they mean, whatever way they are written."""

from core.reference import Reference
from core.words import Words
from matchers import likeness
from matchers.comparators import BESIDE, Column, Comparator, Level, Levels, by_pairs, nothing, ranked
from matchers.masks import Stars
from matchers.normal import dates
from matchers.normal.dates import Day

EXACT, SWAPPED, SAME_MONTH, DISAGREE = 3, 2, 1, 0
UNKNOWN = BESIDE

LEVELS = ranked(
    Level(name="EXACT", words=Words("日期一致", "the same day"), agrees=True, writes=True),
    Level(name="SWAPPED", words=Words("日与月颠倒", "day and month are swapped"), contradicts=True),
    Level(name="SAME_MONTH", words=Words("同月不同日", "the same month, another day"), contradicts=True),
    Level(name="DISAGREE", words=Words("日期不同", "the days differ"), contradicts=True),
    beside=(Level(name="UNKNOWN", words=Words("日期无法识别或为占位值", "no date, or a sentinel")),),
)


def compare(left: Column, right: Column, _reference: Reference, _stars: Stars) -> Levels:
    """EXACT > SWAPPED > SAME_MONTH > DISAGREE; UNKNOWN for sentinels and what is no date."""
    return by_pairs(left, right, dates.read, None, _level)


def _level(one: Day, other: Day) -> int:
    if not one.normal or not other.normal:
        return UNKNOWN
    if one.normal == other.normal:
        return EXACT
    a, b = one.value, other.value
    if a is None or b is None:
        return DISAGREE
    alike = likeness.in_days((a.year, a.month, a.day), (b.year, b.month, b.day))
    if not alike.year:
        return DISAGREE
    return SWAPPED if alike.crossed else SAME_MONTH if alike.month else DISAGREE


COMPARATOR = Comparator(name="date", levels=LEVELS, run=compare, differ=nothing)
