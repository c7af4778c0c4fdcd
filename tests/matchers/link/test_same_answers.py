"""Linking and the comparators give equal answers to equal questions; where their levels differ on purpose, `DIFFER` says why."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import pyarrow as pa
import pytest

from core.reference import Reference
from matchers.comparators import load
from matchers.link import Lexicon, encode, kinds
from matchers.normal import ids, names, phones
from tests.bench import bench_parsing as made

PAIRS = 6000
BELOW = frozenset({0, 1, 2})
"""Less than a sound or a mask: here linking weighs finer steps, by how often they are seen."""
ANY = frozenset(range(-1, 7))

AGREED: Mapping[str, Mapping[str, frozenset[int]]] = {
    "name": {
        "EXACT": frozenset({6}),
        "EXACT_NORM": frozenset({6}),
        "REORDERED": frozenset({5}),
        "MASK_COMPATIBLE": frozenset({4}),
        "HOMOPHONE": frozenset({3}),
        "VARIANT": frozenset({3}),  # 張 is read as 张 is
        "TRANSPOSED": frozenset({2}),
        "ONE_CHAR": frozenset({2}),
        "TRUNCATED": BELOW,
        "SAME_SURNAME": BELOW,
        "DISAGREE": BELOW,
    },
    "id": {
        "EXACT": frozenset({4}),
        "EXACT_NORM": frozenset({4}),
        "MASK_COMPATIBLE": frozenset({3}),
        "DISAGREE": BELOW,
    },
    "phone": {
        "EXACT": frozenset({4}),
        "EXACT_NORM": frozenset({4}),
        "MASK_COMPATIBLE": frozenset({3}),
        "DISAGREE": BELOW,
    },
    "birth": {
        "EXACT": frozenset({4}),
        "SWAPPED": frozenset({3}),
        "SAME_MONTH": frozenset({2, 3}),  # 3: but one digit differs
        "DISAGREE": frozenset({0, 1, 2, 3}),
    },
}
"""Kind → the comparator's level → the levels of linking that answer the same questions the same way."""

Pair = tuple[str, str]
Where = Callable[[str, str, Reference], bool]


def _always(_one: str, _other: str, _reference: Reference) -> bool:
    return True


def _read(*reasons: str) -> Where:
    def where(one: str, other: str, reference: Reference) -> bool:
        return any(names.read(text, reference).has(reason) for text in (one, other) for reason in reasons)

    return where


def _wrong(*reasons: str) -> Where:
    def where(one: str, other: str, reference: Reference) -> bool:
        found = [ids.read(text, reference, made.DAY) for text in (one, other)]
        return any(number.wrong(reason) for number in found for reason in reasons)

    return where


def _equal_names(one: str, other: str, reference: Reference) -> bool:
    return names.read(one, reference).normal == names.read(other, reference).normal


def _equal_ids(one: str, other: str, reference: Reference) -> bool:
    return ids.read(one, reference, made.DAY).normal == ids.read(other, reference, made.DAY).normal


def _equal_phones(one: str, other: str, reference: Reference) -> bool:
    return phones.read(one, reference).numbers == phones.read(other, reference).numbers


def _two_phones(one: str, other: str, reference: Reference) -> bool:
    return any(len(phones.read(text, reference).numbers) > 1 for text in (one, other))


def _variant(one: str, other: str, reference: Reference) -> bool:
    return any(names.read(text, reference).normal != names.read(text, reference).key for text in (one, other))


def _latin(one: str, other: str, _reference: Reference) -> bool:
    return any(character.isascii() and character.isalpha() for character in one + other)


def _same_sounds(one: str, other: str, reference: Reference) -> bool:
    keys = zip(*(names.read(text, reference).key for text in (one, other)), strict=True)
    return all(a == b or reference.readings[a] & reference.readings[b] for a, b in keys)


def _few_shown(one: str, other: str, _reference: Reference) -> bool:
    return min(sum(map(str.isdigit, text)) for text in (one, other)) < 3


def _old(one: str, other: str, _reference: Reference) -> bool:
    return any(len(text) <= 15 for text in (one, other))


@dataclass(frozen=True)
class Differ:
    """Where linking may answer otherwise than `AGREED`, which levels it may give there, and why."""

    kind: str
    levels: str  # the comparator's, between blanks
    to: frozenset[int]
    why: str
    where: Where = _always


_NAMED = "EXACT_NORM MASK_COMPATIBLE HOMOPHONE VARIANT TRANSPOSED ONE_CHAR SAME_SURNAME REORDERED TRUNCATED DISAGREE"
DIFFER = (
    Differ("name", _NAMED, ANY, "linking reads no remarks, labels, or several people in a cell: these are habits of our archives", _read("remark", "several")),
    Differ("name", "ONE_OF_SEVERAL", ANY, "as before"),
    Differ("name", "ONE_CHAR TRANSPOSED MASK_COMPATIBLE", BELOW, "linking folds no variants (張): it only hears that they sound alike", _variant),
    Differ("name", "MASK_COMPATIBLE", frozenset({6}), "linking takes equal masks as equal, and weighs them by how many people share them", _equal_names),
    Differ("name", "TRANSPOSED", frozenset({3}), "both are true of 张晓小 and 张小晓; linking has the sound first, because it says more", _same_sounds),
    Differ("name", "ONE_CHAR", BELOW, "a run of pinyin is one character to the comparator; linking counts slips by letters", _latin),
    Differ("name", "PARTIAL_COMPOUND", BELOW, "linking does not ask for parts of a minority name"),
    Differ("name", "ORG_VS_PERSON", BELOW, "linking does not tell firms from people"),
    Differ("name", "ROMANISED", BELOW | {3}, "linking hears pinyin in the place of a character, not a whole name run together or in another order"),
    Differ("name", "UNKNOWN", ANY, "the comparator will not judge fillers and titles (户主, 王先生); linking learns how little they say"),
    Differ("id", "EXACT_NORM MASK_COMPATIBLE", ANY, "linking reads no labels and no second number in a cell", _wrong("label", "several", "extra")),
    Differ("id", "MASK_COMPATIBLE", frozenset({4}), "equal masks, as of names", _equal_ids),
    Differ("id", "MASK_COMPATIBLE", BELOW, "linking does not ask for the 15-digit form of a number", _old),
    Differ("id", "SAME_15", BELOW, "as before"),
    Differ("id", "DAMAGED_COMPATIBLE", BELOW | {4}, "linking does not know what a spreadsheet did to 18 digits"),
    Differ("id", "UNKNOWN", ANY, "the comparator will not judge fillers and torn numbers"),
    Differ("phone", "EXACT_NORM MASK_COMPATIBLE", ANY, "linking takes a cell as one number", _two_phones),
    Differ("phone", "MASK_COMPATIBLE", frozenset({4}), "equal masks, as of names", _equal_phones),
    Differ("phone", "MASK_COMPATIBLE", BELOW, "fewer than three digits are no evidence to linking", _few_shown),
    Differ("phone", "LOCAL", BELOW, "linking does not know area codes"),
    Differ("phone", "UNKNOWN", ANY, "the comparator will not judge fillers"),
    Differ("birth", "UNKNOWN", ANY, "linking compares the digits of what is no day, or may be two (1985-02-30, 3/12/1985); sentinels are missing"),
)  # fmt: skip
"""All that differs on purpose."""


def linked(kind: str, pairs: Sequence[Pair], reference: Reference) -> list[int]:
    """The level of linking of each pair."""
    found = kinds.KINDS[kind]
    cleaned = found.clean(pa.array([text for pair in pairs for text in pair], pa.string())).dictionary_encode()
    codes = cleaned.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    one, other = codes[::2], codes[1::2]
    encoded = encode.Encoded("", found, cleaned.dictionary, one, other, Lexicon(reference))
    levels: list[int] = kinds.compare(found, encoded.prepared, one, other).tolist()
    return levels


def allowed(kind: str, level: str, pair: Pair, reference: Reference) -> frozenset[int]:
    """The levels of linking that go with the comparator's."""
    about = (each for each in DIFFER if each.kind == kind and level in each.levels.split())
    more = (each.to for each in about if each.where(*pair, reference))
    return AGREED[kind].get(level, frozenset()).union(*more)


# -- values of nobody


def a_name(draw: Random, reference: Reference) -> str:
    """With compound surnames and characters of several readings; some in pinyin."""
    if draw.random() < 0.03:
        return " ".join(draw.choices(["ZHANG", "Wang", "Xiao", "MING", "Jianguo", "li"], k=draw.choice([2, 3])))
    given = made.GIVEN + "单曾乐朝长重行参解盖查仇区晓小"
    surname = draw.choice(["欧阳", "司马", "诸葛"]) if draw.random() < 0.1 else made.person(draw, reference)[0]
    return surname + "".join(draw.choices(given, k=draw.choice([1, 2, 2, 2])))


def _at(name: str, place: int, character: str) -> str:
    return name[:place] + character + name[place + 1 :]


def a_name_again(name: str, draw: Random, reference: Reference) -> str:
    """The same name, or one near it, as somebody else would write it."""
    if name.isascii():
        first, *others = name.split()
        return draw.choice([name, name.upper(), " ".join([*others, first]), a_name(draw, reference)])
    place = draw.randrange(len(name))
    like = [
        c for c in made.GIVEN + "乐朝长重行参单晓小" + name if reference.readings[c] & reference.readings[name[place]]
    ]
    traditional = {key: chr(code) for code, key in reference.variants.items() if key in reference.readings}
    first = next(iter(sorted(reference.readings[name[place]])))
    spelt = [next(iter(sorted(reference.readings[c]))) for c in name]
    return draw.choice([
        name, a_name(draw, reference), " ".join(name), name + "（东城）", f"户主：{name}", f"{name}、李建国",
        _at(name, place, draw.choice(like)), _at(name, place, draw.choice(like)), _at(name, place, draw.choice(made.GIVEN)),
        _at(name, place, traditional.get(name[place], name[place])), _at(name, place, first), name[:-1], name[:1] + name[2:],
        name[:-2] + name[-1] + name[-2], name + draw.choice(made.GIVEN),
        name[0] + "*" * (len(name) - 1), name[0] + "*", "*" + name[1:], name[0] + "×" + name[2:], name[0] + "某" * (len(name) - 1),
        name[0] + "XX", name[0] + "●●", "*" * (len(name) - 1) + name[-1],
        " ".join(spelt), " ".join([*spelt[1:], spelt[0]]), name + "公司", "户主", name[0] + "先生",
        f"{name}·买买提", f"{name}•买买提", name.translate(str.maketrans("0", "0")),
    ])  # fmt: skip


def an_id_again(number: str, draw: Random, _reference: Reference) -> str:
    """An ID written otherwise, masked, or mistyped."""
    place = draw.randrange(16)
    star = draw.choice("*×●█#x")
    return draw.choice([
        number, made.number(draw, _reference), "'" + number, f"{number[:6]} {number[6:]}", number.lower(), f"身份证：{number}", f"{number}/139901850312051",
        number[:6] + number[8:17], number[:6] + star * 8 + number[14:], number[:6] + star * 8 + number[14:], number[:3] + "*" * 11 + number[14:],
        number[:6] + "*" + number[14:], number[:6] + "*" * 8 + number[14:17] + "5", number[:6] + "*" * 6 + number[14:17], number[:14] + "0000",
        number[:place] + number[place + 1] + number[place] + number[place + 2 :], number[:17] + ("1" if number[17] != "1" else "2"),
        number.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)}), "1" * 18,
    ])  # fmt: skip


def a_phone_again(number: str, draw: Random, reference: Reference) -> str:
    """A phone number written otherwise, masked, or mistyped."""
    star = draw.choice("*×●█x")
    return draw.choice([
        number, made.mobile(draw, reference), f"{number[:3]}-{number[3:7]}-{number[7:]}", f"+86 {number}", f"0086{number}", f"86-{number}",
        f"妻{number}", f"{number}/19412345678", number[:3] + star * 4 + number[7:], number[:3] + star * 4 + number[7:], number[:3] + "*" + number[7:],
        number[:2] + "*" * 9, "*" * 7 + number[7:], number[:10] + ("1" if number[10] != "1" else "2"), number[:9] + number[10] + number[9], number[:10],
        number.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)}), "11111111111", "2812345",
    ])  # fmt: skip


def a_day(draw: Random, _reference: Reference) -> str:
    """A date in ISO form."""
    return f"{draw.randint(1950, 2005)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"


def a_day_again(day: str, draw: Random, reference: Reference) -> str:
    """A date in another spelling, or another day."""
    other = draw.choice([day, day, day, _at(day, 9, draw.choice("123")), _at(day, 3, draw.choice("456")), f"{day[:5]}{day[8:]}-{day[5:7]}", a_day(draw, reference)])  # fmt: skip
    year, month, date = other.split("-")
    m, d = int(month), int(date)
    digits = str.maketrans("0123456789", "〇一二三四五六七八九")
    count = ["", *"一二三四五六七八九十"]

    def spoken(n: int) -> str:
        return count[n] if n <= 10 else (count[n // 10] if n >= 20 else "") + "十" + count[n % 10]

    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    named = months[m - 1] if m <= 12 else "Jan"
    return draw.choice([
        other, other.replace("-", ""), other.replace("-", "/"), f"{year}.{m}.{d}", f"{year}年{m}月{d}日", f"{year}年{month}月{date}日生",
        f"{year.translate(digits)}年{spoken(m)}月{spoken(d)}日", f"{d} {named} {year}", f"{named} {d}, {year}", f"{d}-{m}月-{year}", f"{d}/{m}/{year}",
        f"{other} 08:30:00", f"{other}T08:30:00Z", f"Wed {named} {d:02d} 08:30:00 CST {year}", "1900-01-01", "无", year, f"{year}-02-30",
    ])  # fmt: skip


KINDS: Mapping[str, tuple[str, Callable[[Random, Reference], str], Callable[[str, Random, Reference], str]]] = {
    "name": ("name", a_name, a_name_again),
    "id": ("ident", made.number, an_id_again),
    "phone": ("phone", made.mobile, a_phone_again),
    "birth": ("date", a_day, a_day_again),
}


def pairs(kind: str, reference: Reference) -> list[Pair]:
    """Pairs of values of which at least one side is tidy, half of them turned round; and pairs of two untidy ones."""
    draw, found = Random(7), []
    _, make, again = KINDS[kind]
    for place in range(PAIRS):
        value = make(draw, reference)
        pair = (again(value, draw, reference) if place % 5 == 0 else value, again(value, draw, reference))
        found.append(pair if place % 2 else pair[::-1])
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_equal_questions_have_equal_answers(kind: str, marked: Reference) -> None:
    comparator = load(KINDS[kind][0])
    asked = pairs(kind, marked)
    levels = comparator.compare([one for one, _ in asked], [other for _, other in asked], marked).tolist()
    wrong, seen = Counter[tuple[str, int]](), Counter[str]()
    for pair, level, said in zip(asked, map(comparator.called, levels), linked(kind, asked, marked), strict=True):
        seen[level] += 1
        if said not in allowed(kind, level, pair, marked):
            wrong[level, said] += 1
            print(pair, level, said)
    assert not wrong
    assert all(seen[level] >= 20 for level in AGREED[kind]), seen


@pytest.mark.parametrize("kind", KINDS)
def test_every_difference_is_of_a_level_that_there_is(kind: str) -> None:
    known = {level.name for level in load(KINDS[kind][0]).levels.values()}
    told = {level for each in DIFFER if each.kind == kind for level in each.levels.split()}
    assert {*AGREED[kind], *told} == known - {"MISSING"}
