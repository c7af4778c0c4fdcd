"""Compare plain texts: equal, equal but for the way of writing, one inside the other, or different."""

from core.reference import Reference
from core.words import Words
from matchers.comparators import BESIDE, Column, Comparator, Level, Levels, by_pairs, nothing, ranked
from matchers.masks import Stars
from matchers.normal import text as texts
from matchers.normal.text import Text

EXACT, EXACT_NORM, CONTAINED, DISAGREE = 3, 2, 1, 0
UNKNOWN = BESIDE

LEVELS = ranked(
    Level(name="EXACT", words=Words("完全一致", "equal"), agrees=True, writes=True),
    Level(
        name="EXACT_NORM",
        words=Words("仅书写不同（全半角、空格、大小写）", "equal but for the way of writing"),
        agrees=True,
        writes=True,
    ),
    Level(name="CONTAINED", words=Words("一方包含另一方", "one contains the other")),
    Level(name="DISAGREE", words=Words("内容不同", "different"), contradicts=True),
    beside=(
        Level(
            name="UNKNOWN",
            words=Words(
                "文字已损坏，或只是“不详”“同上”一类的词", "the text is damaged, or a word that stands for no value"
            ),
        ),
    ),
)

_DOUBT = r"^.{0,8}$|\x{fffd}|\?\?|锟斤拷|烫烫|屯屯"
"""No word that stands for no value is longer."""
_SAYS_NOTHING = frozenset(["lost", "not_given", "ditto", "elsewhere"])


def compare(left: Column, right: Column, _reference: Reference, _stars: Stars) -> Levels:
    """EXACT > EXACT_NORM > CONTAINED > DISAGREE; UNKNOWN where characters were lost or nothing was given (无 is a statement)."""
    return by_pairs(left, right, texts.read, EXACT, _level, doubt=_DOUBT)


def _level(one: Text, other: Text) -> int:
    if _SAYS_NOTHING & {*one.reasons, *other.reasons}:
        return UNKNOWN
    a, b = (text.normal.replace(" ", "").casefold() for text in (one, other))
    if a == b:
        return EXACT_NORM
    return CONTAINED if a and b and (a in b or b in a) else DISAGREE


COMPARATOR = Comparator(name="text", levels=LEVELS, run=compare, differ=nothing)
