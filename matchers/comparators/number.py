"""Compare quantities by their value: 8, 8.0 and ８ are one number."""

from decimal import Decimal, InvalidOperation

from core.reference import Reference
from core.words import Words
from matchers.comparators import BESIDE, Column, Comparator, Level, Levels, by_pairs, nothing, ranked
from matchers.masks import Stars
from matchers.normal import text as texts

EXACT, CLOSE, DISAGREE = 2, 1, 0
UNKNOWN = BESIDE
_CLOSE = Decimal("0.01")

LEVELS = ranked(
    Level(name="EXACT", words=Words("数值相等", "the same number"), agrees=True, writes=True),
    Level(name="CLOSE", words=Words("数值相差不到 1%", "less than 1 % apart"), contradicts=True),
    Level(name="DISAGREE", words=Words("数值不同", "the numbers differ"), contradicts=True),
    beside=(Level(name="UNKNOWN", words=Words("不是数值", "not a number")),),
)


def compare(left: Column, right: Column, _reference: Reference, _stars: Stars) -> Levels:
    """EXACT > CLOSE (within 1 % of the larger) > DISAGREE; UNKNOWN for what is no number."""
    return by_pairs(left, right, read, None, _level)


def read(text: str) -> Decimal | None:
    """The number a text means, units and thousands separators aside; None when it is none."""
    try:
        found = Decimal(texts.compact(text).replace(",", "").upper().removesuffix("KW").removesuffix("KVA"))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _level(one: Decimal | None, other: Decimal | None) -> int:
    if one is None or other is None:
        return UNKNOWN
    if one == other:
        return EXACT
    return CLOSE if abs(one - other) <= _CLOSE * max(abs(one), abs(other)) else DISAGREE


COMPARATOR = Comparator(name="number", levels=LEVELS, run=compare, differ=nothing)
