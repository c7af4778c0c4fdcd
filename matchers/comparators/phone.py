"""Compare telephone cells: number by number, exactly or by mask; the best pair of the two sets counts."""

from core.reference import Reference
from core.words import Words
from matchers import masks
from matchers.comparators import BESIDE, Column, Comparator, Level, Levels, Params, by_pairs, ranked
from matchers.masks import Stars
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
        Level(
            name="MASK_COMPATIBLE",
            words=Words("脱敏号码相容（已知 {known} 位一致）", "compatible with the mask ({known} digits known)"),
        ),
        Level(name="UNKNOWN", words=Words("没有可比的号码", "there is no number to compare")),
    ),
)

_DOUBT = r"[^0-9]|^.{0,10}$|^.{12,}|^1234567|0{7}$|^13800138000$|" + "|".join(f"{digit}{{7}}" for digit in "123456789")
"""Anything but a plain mobile number: it may be a mask or a filler."""
_ORDER = (UNKNOWN, DISAGREE, MASK_COMPATIBLE, LOCAL, EXACT_NORM)
"""From the weakest to the strongest, for the best over a set."""


def compare(left: Column, right: Column, reference: Reference, stars: Stars) -> Levels:
    """EXACT > EXACT_NORM > LOCAL > DISAGREE; beside them what masks leave."""

    def read(cell: str) -> Phones:
        return phones.read(cell, reference)

    return by_pairs(left, right, read, EXACT, lambda a, b: _level(a, b, stars), doubt=_DOUBT)


def _level(one: Phones, other: Phones, stars: Stars) -> int:
    found = [_numbers(a, b, stars) for a in one.numbers for b in other.numbers]
    return max(found, key=_ORDER.index, default=UNKNOWN)


def _numbers(one: Number, other: Number, stars: Stars) -> int:
    if "masked" in {one.kind, other.kind}:
        return _masked(_bare(one), _bare(other), stars)
    if "bad" in {one.kind, other.kind}:
        return UNKNOWN
    if one.normal == other.normal:
        return EXACT_NORM
    if {one.kind, other.kind} == {"local", "landline"}:
        return LOCAL if one.normal.rpartition("-")[2] == other.normal.rpartition("-")[2] else DISAGREE
    return DISAGREE


def _bare(number: Number) -> str:
    return number.normal.replace("-", "")


def _masked(one: str, other: str, stars: Stars) -> int:
    found = masks.fits(one, other, stars)
    return UNKNOWN if found is None else MASK_COMPATIBLE if found else DISAGREE


def differ(level: int, left: str, right: str, reference: Reference) -> Params:
    """How many digits the mask shows that fits."""
    if level != MASK_COMPATIBLE:
        return {}
    one, other = phones.read(left, reference).numbers, phones.read(right, reference).numbers
    pairs = [(_bare(a), _bare(b)) for a in one for b in other if "masked" in {a.kind, b.kind}]
    return {"known": max((masks.known(a, b) for a, b in pairs if masks.fits(a, b)), default=0)}


COMPARATOR = Comparator(name="phone", levels=LEVELS, run=compare, differ=differ)
