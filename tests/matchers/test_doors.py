"""Numbers of buildings, units and rooms compare by what they mean, and a number that cannot be told is never called another one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reference import Reference
from matchers.comparators import load
from matchers.normal import doors, numerals

BUILDINGS = [
    ("3号楼", "三栋", "EXACT_NORM"), ("3", "３＃", "EXACT_NORM"), ("3幢", "03", "EXACT_NORM"), ("第三栋", "3座", "EXACT_NORM"),
    ("A座", "a", "EXACT_NORM"), ("Ａ栋", "A座", "EXACT_NORM"), ("甲楼", "甲", "EXACT_NORM"), ("十二号楼", "12栋", "EXACT_NORM"),
    ("B-1号楼", "B1", "EXACT_NORM"), ("7排", "七排", "EXACT_NORM"), ("3#楼", "3号", "EXACT_NORM"), ("3号住宅楼", "3", "EXACT_NORM"),
    ("3号楼", "3号楼", "EXACT"), ("3号楼", "13号楼", "DISAGREE"), ("A座", "B座", "DISAGREE"), ("甲楼", "乙楼", "DISAGREE"),
    ("A座", "1号楼", "DISAGREE"), ("甲3号楼", "3号楼", "DISAGREE"), ("甲3", "3甲", "OTHERWISE"), ("东楼", "3号楼", "OTHERWISE"),
    ("3号楼2单元", "3栋", "PARTLY"), ("3号楼2单元", "2栋", "DISAGREE"), ("3、5号楼", "5栋", "PARTLY"), ("3月2日", "3号楼", "DAMAGED"), ("45047", "3", "DAMAGED"),
    ("2-Mar", "2-Mar", "DAMAGED"), ("无", "3", "STATED_NONE"), ("无", "没有", "EXACT_NORM"), ("不详", "3", "UNKNOWN"), ("0", "3", "UNKNOWN"),
    ("紫金阁", "紫金阁", "EXACT"), ("紫金阁", "3", "UNKNOWN"), ("*号楼", "3号楼", "UNKNOWN"), ("1*号楼", "12栋", "MASK_COMPATIBLE"), ("1*号楼", "32栋", "DISAGREE"),
]  # fmt: skip
UNITS = [
    ("2单元", "二单元", "EXACT_NORM"), ("2", "２门", "EXACT_NORM"), ("02", "2单元", "EXACT_NORM"), ("乙单元", "乙", "EXACT_NORM"),
    ("A单元", "a", "EXACT_NORM"), ("东单元", "东", "EXACT_NORM"), ("Ⅱ单元", "II单元", "EXACT_NORM"), ("2单元", "3单元", "DISAGREE"),
    ("东单元", "西单元", "DISAGREE"), ("东单元", "1单元", "OTHERWISE"), ("无单元", "1单元", "STATED_NONE"), ("2单元501", "2", "PARTLY"), ("-", "2", "UNKNOWN"),
]  # fmt: skip
ROOMS = [
    ("501", "五零一", "EXACT_NORM"), ("501室", "０５０１", "EXACT_NORM"), ("501", "五〇一号", "EXACT_NORM"), ("1102", "一千一百零二室", "EXACT_NORM"),
    ("5层01", "501", "EXACT_NORM"), ("12a", "12A室", "EXACT_NORM"), ("东户", "东", "EXACT_NORM"), ("501.0", "501", "EXACT_NORM"),
    ("501-502", "501、502", "EXACT_NORM"), ("501-503", "502", "PARTLY"), ("2-501", "501", "PARTLY"), ("A1203", "1203", "PARTLY"),
    ("501", "502", "DISAGREE"), ("501", "5010", "DISAGREE"), ("501-503", "504", "DISAGREE"), ("2-501", "502", "DISAGREE"), ("东户", "西户", "DISAGREE"),
    ("东户", "501", "OTHERWISE"), ("底商5", "商铺5号", "OTHERWISE"), ("底商5", "5", "OTHERWISE"), ("底商5", "底商6", "DISAGREE"), ("底商5", "6", "DISAGREE"), ("11**", "1102", "MASK_COMPATIBLE"), ("11**", "1202", "DISAGREE"), ("****", "1102", "UNKNOWN"), ("1×02", "1102", "MASK_COMPATIBLE"),
    ("5月1日", "501", "DAMAGED"), ("2023-05-01", "501", "DAMAGED"), ("45047", "501", "DAMAGED"), ("无", "501", "STATED_NONE"), ("同上", "501", "UNKNOWN"),
    ("21902", "21902室", "EXACT_NORM"), ("501", "", "MISSING"),
]  # fmt: skip
PHASES = [
    ("1期", "一期", "EXACT_NORM"), ("Ⅰ期", "一期", "EXACT_NORM"), ("第二期", "II期", "EXACT_NORM"), ("1", "一期", "EXACT_NORM"), ("２区", "二区", "EXACT_NORM"),
    ("a区", "A区", "EXACT_NORM"), ("A", "A区", "EXACT_NORM"), ("东区", "东", "EXACT_NORM"), ("十二期", "12期", "EXACT_NORM"), ("二期工程", "二期", "EXACT_NORM"),
    ("一期A区", "1期A区", "EXACT_NORM"), ("1.5期", "1.5期", "EXACT"), ("三组", "3组", "EXACT_NORM"), ("紫云苑", "紫云苑", "EXACT"),
    ("一期", "二期", "DISAGREE"), ("A区", "B区", "DISAGREE"), ("东区", "西区", "DISAGREE"), ("1", "2期", "DISAGREE"), ("二期A区", "二期B区", "DISAGREE"),
    ("一期", "十一期", "DISAGREE"), ("1期", "1.5期", "DISAGREE"), ("A1区", "A2区", "DISAGREE"),
    ("A期", "1期", "OTHERWISE"), ("一期", "A区", "OTHERWISE"), ("一期", "一区", "OTHERWISE"), ("东区", "一区", "OTHERWISE"), ("甲区", "A区", "OTHERWISE"), ("老区", "西区", "OTHERWISE"),
    ("二期", "二期A区", "PARTLY"), ("2", "二期A区", "PARTLY"), ("一期、二期", "二期", "PARTLY"), ("3", "二期A区", "OTHERWISE"),
    ("紫云苑", "一期", "UNKNOWN"), ("不详", "一期", "UNKNOWN"), ("无", "一期", "STATED_NONE"), ("*期", "一期", "UNKNOWN"), ("1月2日", "一期", "DAMAGED"), ("", "一期", "MISSING"),
]  # fmt: skip
_OF_PART = {"building": BUILDINGS, "unit": UNITS, "room": ROOMS, "phase": PHASES}
CASES = [(name, *case) for name, cases in _OF_PART.items() for case in cases]


@pytest.mark.parametrize(("part", "one", "other", "level"), CASES)
def test_a_number_is_compared_by_what_it_means(
    part: str, one: str, other: str, level: str, reference: Reference
) -> None:
    comparator = load(part)
    for left, right in ((one, other), (other, one)):
        found = int(comparator.compare([left], [right], reference)[0])
        assert comparator.called(found) == level
        words, params = comparator.explain(found, left, right, reference)
        told = words.say("zh", params), words.say("en", params)
        assert all(told)
        assert "{" not in "".join(told)


@given(number=st.integers(1, 9999), part=st.sampled_from(["building", "room"]))
def test_every_spelling_of_a_number_is_that_number(number: int, part: doors.Part, reference: Reference) -> None:
    word = {"building": "号楼", "room": "室"}[part]
    spelt = "".join("零一二三四五六七八九"[int(digit)] for digit in str(number))
    ways = [str(number), f"{number:05d}"[-max(4, len(str(number))) :], f"{number}{word}", f"{spelt}{word}", spelt]
    assert {doors.read(way, part).numbers for way in ways} == {frozenset([str(number)])}


@given(number=st.integers(1, 99))
def test_numerals_with_tens_are_numbers_too(number: int) -> None:
    assert doors.read(numerals.chinese(number) + "单元", "unit").numbers == {str(number)}


@given(one=st.integers(1, 9999), other=st.integers(1, 9999), part=st.sampled_from(["building", "room"]))
def test_two_numbers_never_agree(one: int, other: int, part: str, reference: Reference) -> None:
    comparator = load(part)
    level = int(comparator.compare([f"{one:04d}"], [str(other)], reference)[0])
    assert comparator.agrees(level) == (one == other)


@given(text=st.text(max_size=12), part=st.sampled_from(["building", "unit", "room"]))
def test_any_text_is_read_and_agrees_with_nothing_but_itself(text: str, part: doors.Part, reference: Reference) -> None:
    comparator = load(part)
    level = int(comparator.compare([text], [text + "7"], reference)[0])
    assert not comparator.agrees(level) or not text.strip("0 \u3000") or doors.read(text, part).kind == "numbers"
