"""Compare identity numbers: exactly or by mask, never by similarity (one wrong digit is another person)."""

from datetime import date

from core.reference import Reference
from core.words import Words
from matchers.comparators import BESIDE, Column, Comparator, Level, Levels, by_pairs, nothing, ranked
from matchers.normal import ids
from matchers.normal.ids import Ident

_FAR = date(9998, 12, 31)
"""Comparing looks at characters only, so no date of birth is in the future."""

EXACT, EXACT_NORM, SAME_15, DISAGREE = 3, 2, 1, 0
MASK_COMPATIBLE, DAMAGED_COMPATIBLE, UNKNOWN = BESIDE, BESIDE + 1, BESIDE + 2

LEVELS = ranked(
    Level(name="EXACT", words=Words("证件号码完全一致", "the numbers are equal"), agrees=True, writes=True),
    Level(
        name="EXACT_NORM",
        words=Words("仅书写不同（全半角、大小写、空格）", "equal but for the way of writing"),
        agrees=True,
        writes=True,
    ),
    Level(name="SAME_15", words=Words("15 位旧号与 18 位号对应", "one is the 15-digit form of the other"), agrees=True),
    Level(name="DISAGREE", words=Words("证件号码不一致", "the numbers differ"), contradicts=True),
    beside=(
        Level(name="MASK_COMPATIBLE", words=Words("脱敏号码相容（已知位一致）", "compatible with the mask")),
        Level(
            name="DAMAGED_COMPATIBLE", words=Words("损坏号码的前 15 位一致", "the 15 digits that survived are equal")
        ),
        Level(name="UNKNOWN", words=Words("号码无法识别", "the number cannot be read")),
    ),
)


def compare(left: Column, right: Column, reference: Reference) -> Levels:
    """EXACT > EXACT_NORM > SAME_15 > DISAGREE; beside them what masks and damage leave."""
    return by_pairs(left, right, lambda text: ids.read(text, reference, _FAR), EXACT, _level)


def _level(one: Ident, other: Ident) -> int:
    kinds = {one.kind, other.kind}
    if "masked" in kinds:
        fits = compatible(one.normal, other.normal)
        return MASK_COMPATIBLE if fits else UNKNOWN if fits is None else DISAGREE
    if "excel" in kinds:
        return _damaged(one, other)
    if "placeholder" in kinds:
        return UNKNOWN
    if one.normal != other.normal:
        return DISAGREE
    return SAME_15 if (one.kind == "resident15") != (other.kind == "resident15") else EXACT_NORM


def compatible(one: str, other: str) -> bool | None:
    """Whether two numbers, stars standing for one character each, can be the same; None where their lengths do not compare."""
    if len(one) != len(other):
        return None
    known = [(a, b) for a, b in zip(one, other, strict=True) if "*" not in (a, b)]
    return all(a == b for a, b in known) if known else None


def _damaged(one: Ident, other: Ident) -> int:
    usable = [ident.usable or ("" if ident.kind == "excel" else ident.normal[:15]) for ident in (one, other)]
    if not all(usable):
        return UNKNOWN
    return DAMAGED_COMPATIBLE if usable[0] == usable[1] else DISAGREE


COMPARATOR = Comparator(name="ident", levels=LEVELS, run=compare, differ=nothing)
