"""Compare canonical code values: equal or not; a value that is in no code table says nothing."""

from core.reference import Reference
from core.words import Words
from matchers.comparators import BESIDE, Column, Comparator, Level, Levels, by_pairs, nothing, ranked
from matchers.masks import Stars

EXACT, DISAGREE = 1, 0
UNKNOWN = BESIDE

LEVELS = ranked(
    Level(name="EXACT", words=Words("代码一致", "the same code"), agrees=True, writes=True),
    Level(name="DISAGREE", words=Words("代码不同", "the codes differ"), contradicts=True),
    beside=(Level(name="UNKNOWN", words=Words("代码不在代码表中", "the code is in no table")),),
)


def compare(left: Column, right: Column, _reference: Reference, _stars: Stars) -> Levels:
    """EXACT > DISAGREE; UNKNOWN for values carried with `?` because no code table has them."""
    return by_pairs(left, right, str.strip, None, _level)


def _level(one: str, other: str) -> int:
    if one.startswith("?") or other.startswith("?"):
        return UNKNOWN
    return EXACT if one == other else DISAGREE


COMPARATOR = Comparator(name="code", levels=LEVELS, run=compare, differ=nothing)
