"""Read the number of a building, a unit, a room or a phase that stands in a field of its own: 三号楼, 3#, ０３栋 and 3 are one building."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from matchers.normal import houses, numerals, spreadsheets
from matchers.normal import text as texts

Part = Literal["building", "unit", "room", "phase"]
Kind = Literal["numbers", "none", "masked", "damaged", "unread", "empty"]

_SIDE = "[东西南北中左右]"
_WORDS: dict[Part, str] = {
    "building": r"号(?:住宅|商住|公寓|综合|办公|宿舍|家属|教学|商业)?楼|号[院栋幢座]?|[栋幢座塔#]楼?|楼",
    "unit": r"号?单元|号门|门洞?|梯",
    "room": r"号房间?|号室|号|室|房间?|户|#",
    "phase": r"期|区|组团|组|队|社|院|地块|街坊|段|季",
}
_BARE: dict[Part, str] = {
    "building": rf"[甲乙丙丁戊附副新老小高续商负]?[A-Z]?-?\d{{1,4}}[A-Z甲乙丙丁]?(?:-\d{{1,2}})?|[A-Z]{{1,2}}|[甲乙丙丁戊]|{_SIDE}{{1,2}}|[主副裙前后]|{_SIDE}?\d{{1,3}}排",
    "unit": rf"\d{{1,2}}|[A-Z]\d?|[甲乙丙丁戊]|{_SIDE}{{1,2}}|[东西南北]\d{{1,2}}",
    "room": rf"[A-Z]{{0,2}}-?\d{{1,5}}[A-Z]?|\d{{1,2}}[A-Z]\d{{1,3}}|{_SIDE}{{1,2}}\d?|中间",
    "phase": rf"\d{{1,2}}(?:\.\d)?|[A-Z]\d{{0,2}}|[甲乙丙丁戊新老]|{_SIDE}{{1,2}}",
}
_SHAPES = {part: re.compile(rf"第?(?P<bare>{_BARE[part]})(?:{_WORDS[part]})?") for part in _WORDS}
_SPELT = {
    part: re.compile(rf"第?(?P<number>[零〇○一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾幺]+)(?=(?:{words}|排)?$)")
    for part, words in _WORDS.items()
}
_SIDED = re.compile(rf"(?P<side>{_SIDE}{{1,2}}\d?|中间)[户屋室房门]")
_NONE = re.compile(r"[无没](?:有)?(?:号?楼|楼号|楼栋号?|栋|单元号?|房号?|室|门牌号?)?")
_MASKS = str.maketrans("×✱✳﹡＃", "****#")
_MASK_LETTERS = re.compile(r"X{2,}|(?<=\*)X|X(?=\*)|\?{2,}")
_BELOW = re.compile(r"^负(?=\d)")
"""负101 and -101 are one room below ground."""
_DECIMAL = re.compile(r"(?<=\d)\.0+$")
_SEPARATORS = re.compile(r"[、,;/&+和与及]")
_RANGE = re.compile(r"(\d{1,5})(?:[室号]?[-~至到])(\d{1,5})")
_TITLE: dict[Part, str] = {
    "building": r"(?:楼号|楼栋号?|栋号|幢号)",
    "unit": r"(?:单元号?)",
    "room": r"(?:房号|室号|房间号|门牌号?)",
    "phase": r"(?:期区|分期|期数)",
}
_WIDEST = 60
"""A longer range is no row of flats."""
_CALLED = re.compile(r"[\u4e00-\u9fff]{2,}(?=\d)")
_FIRST_LETTERS = re.compile(r"[A-Z]+-?(?=\d)")
_SECTION = re.compile(rf"第?(?P<label>{_BARE['phase']})(?:(?P<word>{_WORDS['phase']})|$)")
_SECTION_SPELT = re.compile(rf"(?P<number>[一二三四五六七八九十]{{1,3}})(?={_WORDS['phase']}|$)")
_TURNED = re.compile(r"(?P<number>\d+)(?P<stem>[A-Z甲乙丙丁戊])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What a field says of one part of a house."""

    original: str
    # numbers | none (it says that there is none) | masked | damaged (a spreadsheet made a day of it) | unread | empty (not given)
    kind: Kind
    # one spelling of each number that is meant (of a phase, with the word that tells its kind: 1期, A区); of a mask, and of what
    # cannot be read, the text alone
    numbers: frozenset[str] = frozenset()
    # the field says more than its part: a unit or a room beside the building
    wider: bool = False

    @property
    def number(self) -> str:
        """The number, where it is one; '' otherwise."""
        return next(iter(self.numbers)) if len(self.numbers) == 1 else ""

    @property
    def side(self) -> bool:
        """The part is named by where it lies (东户, 西单元, 北楼)."""
        return bool(self.number) and self.number[0] in "东西南北中左右前后主副裙"


@lru_cache(maxsize=1 << 14)
def read(text: str, part: Part) -> Door:
    """The number of a `part` in whatever way it is written; a number that cannot be told is not guessed."""
    written = re.sub(
        rf"^{_TITLE[part]}[:：]?(?=.)", "", texts.compact(text).upper().translate(_MASKS).strip("'\"()[]:;,.")
    )
    written = _BELOW.sub("-", written)
    meant = texts.meaning(written)
    if meant == "none" or _NONE.fullmatch(written):
        return Door(original=text, kind="none")
    if meant or not written.strip("0-"):
        return Door(original=text, kind="empty")
    if spreadsheets.is_day(written) or spreadsheets.is_serial(written):
        return Door(original=text, kind="damaged")
    masked = _MASK_LETTERS.sub(lambda run: "*" * len(run[0]), written)
    if "*" in masked:
        shown = re.sub(rf"(?:{_WORDS[part]})$", "", masked)
        return Door(original=text, kind="masked", numbers=frozenset([] if part == "phase" else [shown]))
    numbers, wider = _numbers(_DECIMAL.sub("", written), part)
    if not numbers:
        return Door(original=text, kind="unread", numbers=frozenset([written]))
    return Door(original=text, kind="numbers", numbers=numbers, wider=wider)


def _numbers(written: str, part: Part) -> tuple[frozenset[str], bool]:
    """All numbers that the field means, and whether it says more than its part."""
    if part == "phase":
        return _sections(written), False
    if number := _one(written, part):
        return frozenset([number]), False
    span = _RANGE.fullmatch(re.sub(rf"(?:{_WORDS[part]})$", "", written))
    if span and (between := _between(span[1], span[2])):
        return between, False
    pieces = [_one(piece, part) for piece in _SEPARATORS.split(written)]
    if len(pieces) > 1 and all(pieces):
        return frozenset(filter(None, pieces)), False
    return _inside(written, part)


def _one(written: str, part: Part) -> str | None:
    """The number of a text that is nothing but a number with its word."""
    digits = _SPELT[part].sub(lambda found: str(numerals.number(found["number"])), written)
    if side := _SIDED.fullmatch(digits) if part == "room" else None:
        return side["side"] + "户"
    found = _SHAPES[part].fullmatch(digits)
    if found is None:
        return None
    bare = re.sub(r"(?<=[A-Z])-(?=\d)", "", found["bare"])
    if part == "room" and (bare[0] in "东西南北中左右"):
        return bare + "户"
    return re.sub(r"(?<!\d)0+(?=\d)", "", bare)


def _sections(written: str) -> frozenset[str]:
    """Phase and sections, as 二期A区 names two of them; none where anything else is written."""
    written = re.sub(r"(?:工程|小区)$", "", numerals.without_romans(_SEPARATORS.sub("", written)))
    digits = _SECTION_SPELT.sub(lambda found: str(numerals.number(found["number"])), written)
    found = list(_SECTION.finditer(digits))
    if "".join(section[0] for section in found) != digits:
        return frozenset()
    return frozenset(f"{section['label']}{section['word'] or ''}" for section in found)


def _between(first: str, last: str) -> frozenset[str]:
    """The numbers of a range of neighbours (501-503); none where the two are no such range (2-501)."""
    if len(first) != len(last) or not 0 < int(last) - int(first) <= _WIDEST:
        return frozenset()
    return frozenset(str(number) for number in range(int(first), int(last) + 1))


def _inside(written: str, part: Part) -> tuple[frozenset[str], bool]:
    """The part out of a longer piece of an address (3号楼2单元501室), where it is told beyond doubt."""
    (quarter, phase, aside), house = houses.read(numerals.arabic(written))
    number = getattr(house, part)
    if not number or number == houses.NONE or quarter or phase or aside or house.rest or house.ambiguous or house.plate:
        return frozenset(), False
    others = {name for name in ("building", "unit", "floor", "room") if getattr(house, name)} - {part}
    told_by_room = others == {"floor"} and number.isdigit() and houses.floor_of(number) == house.floor
    return frozenset([number]), bool(others) and not told_by_room


def sections(door: Door) -> dict[str, frozenset[str]]:
    """The labels of a phase by the word that tells their kind: 二期A区 is {期: 2, 区: A}; a number alone stands under ''."""
    told: dict[str, frozenset[str]] = {}
    for number in door.numbers:
        if found := _SECTION.fullmatch(number):
            word = found["word"] or ""
            told[word] = told.get(word, frozenset()) | {found["label"]}
    return told


def turned(one: str, other: str) -> bool:
    """Whether one is the other with its letter or stem on the other side (甲3 and 3甲): nobody knows whether that is one house."""
    for a, b in ((one, other), (other, one)):
        found = _TURNED.fullmatch(a)
        if found and f"{found['stem']}{found['number']}" == b:
            return True
    return False


def called_otherwise(one: str, other: str) -> bool:
    """Whether both have the same number and one of them another word (底商5 and 商铺5, or 5): nobody knows whether that is one door."""
    bare = [_CALLED.sub("", number) for number in (one, other)]
    return (
        one != other
        and bare[0] == bare[1]
        and any(number != left for number, left in zip((one, other), bare, strict=True))
    )


def lettered(one: str, other: str) -> bool:
    """Whether one is the other with letters of a tower in front (A1203 and 1203)."""
    return one != other and (_FIRST_LETTERS.sub("", one) == other or _FIRST_LETTERS.sub("", other) == one)
