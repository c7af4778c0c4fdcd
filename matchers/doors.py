"""One comparator for the numbers of buildings, units, rooms and phases: what differs between them is what they are called, and how two numbers differ."""

from collections.abc import Callable, Sequence

from core.reference import Reference
from core.words import Words
from matchers import masks
from matchers.comparators import BESIDE, Column, Comparator, Level, Levels, Params, by_pairs, ranked
from matchers.masks import Stars
from matchers.normal import doors
from matchers.normal.doors import Door, Part

EXACT, EXACT_NORM, STATED_NONE, DISAGREE = 3, 2, 1, 0
MASK_COMPATIBLE, PARTLY, OTHERWISE, DAMAGED, UNKNOWN = range(BESIDE, BESIDE + 5)


Judge = Callable[[Door, Door], int]
"""The level of two fields that both hold numbers."""


def comparator(part: Part, called: Words, beside: str, judge: Judge | None = None) -> Comparator:
    """The comparator of a part; `called` is its name, `beside` the words that may stand beside its number."""
    of_numbers = judge or _of_numbers

    def compare(left: Column, right: Column, _reference: Reference, stars: Stars) -> Levels:
        return by_pairs(
            left,
            right,
            lambda text: doors.read(text, part),
            None,
            lambda one, other: _level(one, other, stars, of_numbers),
        )

    def differ(level: int, left: str, right: str, _reference: Reference) -> Params:
        if level != MASK_COMPATIBLE:
            return {}
        return {"known": masks.known(*(doors.read(text, part).number for text in (left, right)))}

    return Comparator(name=part, levels=_levels(called, beside), run=compare, differ=differ)


def _levels(called: Words, beside: str) -> dict[int, Level]:
    zh, en = called.zh, called.en
    return ranked(
        Level(name="EXACT", words=Words(f"{zh}完全一致", f"the same {en}"), agrees=True, writes=True),
        Level(
            name="EXACT_NORM",
            words=Words(
                f"同一{zh}，仅写法不同（{beside}、汉字数字、全半角、大小写、前导零）",
                f"the same {en}, written otherwise (the word beside it, Chinese numerals, width, case, leading zeros)",
            ),
            agrees=True,
            writes=True,
        ),
        Level(
            name="STATED_NONE",
            words=Words(f"一方写明没有{zh}，另一方有", f"one side says that there is no {en}, the other has one"),
            contradicts=True,
        ),
        Level(name="DISAGREE", words=Words(f"{zh}不同", f"another {en}"), contradicts=True),
        beside=_not_ranked(zh, en),
    )


def _not_ranked(zh: str, en: str) -> Sequence[Level]:
    return (
        Level(
            name="MASK_COMPATIBLE",
            words=Words(f"脱敏后的{zh}相容（已知 {{known}} 位）", f"fits the masked {en} ({{known}} characters known)"),
        ),
        Level(
            name="PARTLY",
            words=Words(
                f"{zh}相容：一方是几个{zh}，或还写了别的部分",
                f"compatible: one side names several, or says more than the {en}",
            ),
        ),
        Level(
            name="OTHERWISE",
            words=Words(
                f"{zh}的命名方式不同（方位与数字、字母在前或在后、底商与号码），无法比较",
                f"the {en} is named in two ways (by side or by number, the letter before or behind, as a shop or not): not comparable",
            ),
        ),
        Level(
            name="DAMAGED",
            words=Words(
                f"一方像是被电子表格改成了日期或日期序号，原来的{zh}无法还原",
                f"a spreadsheet seems to have made a day of one side; the {en} cannot be told back",
            ),
        ),
        Level(
            name="UNKNOWN",
            words=Words(f"一方没有给出{zh}，或读不懂", f"one side gives no {en}, or none that can be read"),
        ),
    )


def _level(one: Door, other: Door, stars: Stars, of_numbers: Judge) -> int:
    kinds = {one.kind, other.kind}
    if "damaged" in kinds:
        return DAMAGED
    if "empty" in kinds:
        return UNKNOWN
    if one.original == other.original:
        return EXACT
    if "unread" in kinds:
        return EXACT_NORM if one.numbers == other.numbers else UNKNOWN
    if "none" in kinds:
        return EXACT_NORM if kinds == {"none"} else STATED_NONE
    if "masked" in kinds:
        fits = masks.fits(one.number, other.number, stars) if one.number and other.number else None
        return UNKNOWN if fits is None else MASK_COMPATIBLE if fits else DISAGREE
    return of_numbers(one, other)


def _of_numbers(one: Door, other: Door) -> int:
    if one.numbers == other.numbers:
        return PARTLY if one.wider != other.wider else EXACT_NORM
    if one.numbers & other.numbers or doors.lettered(one.number, other.number):
        return PARTLY
    if (
        one.side != other.side
        or doors.turned(one.number, other.number)
        or doors.called_otherwise(one.number, other.number)
    ):
        return OTHERWISE
    return DISAGREE
