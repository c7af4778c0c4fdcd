"""Comparators: the order of their levels, what supports a write, and that explanations hold nothing personal."""

import re
import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from core.reference import Reference
from matchers import comparators
from matchers.comparators import Comparator, load
from matchers.masks import stars

FLAT = "河北省唐山市路北区凤城国贸小区3号楼2单元1102室"


def level(name: str, one: str, other: str, reference: Reference) -> str:
    comparator = load(name)
    return comparator.called(int(comparator.compare([one], [other], reference)[0]))


@pytest.mark.parametrize(
    "same",
    ["唐山路北凤城国贸3-2-1102", "唐山市路北区凤城国贸小区三号楼二单元一一零二室", "唐山市路北区凤城国贸3#2单元1102"],
)
@pytest.mark.parametrize(
    "other",
    [
        FLAT.replace("1102", "1103"),
        FLAT.replace("3号楼2单元", "2号楼3单元"),
        FLAT.replace("小区", "一期"),
        FLAT.replace("路北", "路南"),
    ],
)
def test_the_same_flat_in_another_spelling_is_above_every_flat_next_door(
    same: str, other: str, reference: Reference
) -> None:
    comparator = load("address")
    one, two = comparator.compare([FLAT, FLAT], [same, other], reference)
    assert comparator.agrees(int(one))
    assert not comparator.agrees(int(two))
    assert comparator.called(int(one)) == "SAME_UNIT"


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (FLAT.replace("1102", "1103"), "SAME_QUARTER"),
        (FLAT.replace("3号楼2单元", "2号楼3单元"), "SAME_QUARTER"),
        (FLAT.replace("凤城国贸小区", "荣庆里"), "SAME_COUNTY"),
        (FLAT.replace("路北", "路南"), "CONFLICT"),
        (FLAT.replace("凤城国贸", "凤诚国贸"), "SAME_UNIT_FUZZY"),
        (FLAT.replace("2单元1102室", ""), "COMPATIBLE"),
        ("同上", "NOT_PARSED"),
    ],
)
def test_address_levels(other: str, expected: str, reference: Reference) -> None:
    assert level("address", FLAT, other, reference) == expected


HOUSE = "唐山市路北区凤城国贸3号楼2单元"


@pytest.mark.parametrize(
    ("one", "other", "expected", "part"),
    [
        (HOUSE + "5层东户", HOUSE + "6层东户", "SAME_QUARTER", "floor"), (HOUSE + "负1层101", HOUSE + "1层101", "SAME_QUARTER", "floor"),
        (HOUSE + "负1层101", HOUSE + "101", "COMPATIBLE", "floor"), (HOUSE + "1102室", HOUSE + "12层", "SAME_QUARTER", "floor"),
        (HOUSE + "1102室", HOUSE + "11层", "COMPATIBLE", "room"), (HOUSE + "1102室", HOUSE + "11层02", "SAME_UNIT", ""),
        (HOUSE + "5层东户", HOUSE + "501", "COMPATIBLE", "room"), (HOUSE + "5层东户", HOUSE + "601", "SAME_QUARTER", "floor"),
        (HOUSE + "5层东户", HOUSE + "东户", "COMPATIBLE", "floor"), (HOUSE + "301-302", HOUSE + "302", "COMPATIBLE", "room"),
        (HOUSE + "301-302", HOUSE + "303", "SAME_QUARTER", "room"), (HOUSE + "8层10803", HOUSE + "10803", "SAME_UNIT", ""),
        ("唐山市路北区荣庆里3-6-2", "唐山市路北区荣庆里3-6-3", "COMPATIBLE", "building"), ("唐山市路北区荣庆里3月2日", "唐山市路北区荣庆里3月5日", "COMPATIBLE", "room"),
        (HOUSE + "1102", "唐山市路北区**小区3号楼2单元1102", "COMPATIBLE", "quarter"), (HOUSE + "1102", "唐山市路北区**小区3号楼2单元1103", "SAME_COUNTY", "room"),
        ("上海市徐汇区漕溪路251弄8号1203室", "上海徐汇漕溪路251弄8号楼1203", "SAME_UNIT", ""),
        ("上海市徐汇区漕溪路251弄8号1203室", "上海市徐汇区漕溪路253弄8号1203室", "SAME_COUNTY", "road number"),
        ("遵化市兴旺寨乡何家峪村3组15号", "遵化市兴旺寨乡何家峪村三组15号", "SAME_UNIT", ""), ("遵化市兴旺寨乡何家峪村3组15号", "遵化市兴旺寨乡何家峪村4组15号", "SAME_COUNTY", "phase or group"),
    ],
)  # fmt: skip
def test_floors_ranges_and_named_rooms(one: str, other: str, expected: str, part: str, reference: Reference) -> None:
    assert level("address", one, other, reference) == level("address", other, one, reference) == expected
    comparator = load("address")
    words, params = comparator.explain(comparator.level(expected), one, other, reference)
    assert part in words.say("en", params)
    assert "{" not in words.say("en", params) + words.say("zh", params)


def test_parts_are_named_in_the_readers_language(reference: Reference) -> None:
    comparator = load("address")
    words, params = comparator.explain(
        comparator.level("SAME_QUARTER"), FLAT, FLAT.replace("2单元1102", "3单元1103"), reference
    )
    assert words.say("zh", params) == "同一小区，单元、房号不同"
    assert words.say("en", params) == "the same quarter, but another unit, room"


def test_two_buildings_without_rooms_are_the_same_building(reference: Reference) -> None:
    assert level("address", "路北区荣庆里3号楼", "唐山市路北区荣庆里3栋", reference) == "SAME_BUILDING"


def test_an_alias_needs_the_ledger_of_quarters(reference: Reference) -> None:
    other = FLAT.replace("凤城国贸小区", "矿务局大楼")
    ledger = {("130203", "凤城国贸"): "Q1", ("130203", "矿务局大楼"): "Q1"}
    assert level("address", FLAT, other, reference) == "SAME_COUNTY"
    assert level("address", FLAT, other, replace(reference, quarters=ledger)) == "SAME_UNIT_ALIAS"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("张晓明", "张晓明", "EXACT"), ("张晓明", "张 晓 明", "EXACT_NORM"), ("张晓明（东城）", "张晓明", "EXACT_NORM"), ("張曉明", "张晓明", "VARIANT"),
     ("阿卜杜拉·买买提", "阿卜杜拉", "PARTIAL_COMPOUND"), ("张晓明", "张小明", "HOMOPHONE"), ("张建国", "张建军", "ONE_CHAR"),
     ("张晓明", "张明晓", "TRANSPOSED"), ("欧阳小明", "欧阳小", "TRUNCATED"), ("王刚", "王大力", "SAME_SURNAME"), ("王刚", "赵大力", "DISAGREE"), ("王先生", "王刚", "UNKNOWN"), ("王先生", "赵大力", "DISAGREE"),
     ("张*明", "张晓明", "MASK_COMPATIBLE"), ("张**", "李晓明", "DISAGREE"), ("**", "李晓明", "UNKNOWN"), ("户主", "李晓明", "UNKNOWN"),
     ("荣庆里物业有限公司", "李晓明", "ORG_VS_PERSON")],
)  # fmt: skip
def test_name_levels(one: str, other: str, expected: str, reference: Reference) -> None:
    assert level("name", one, other, reference) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("于yan", "于䶮", "HOMOPHONE"), ("张xiao明", "张晓明", "HOMOPHONE"), ("张xiao明", "张大明", "ONE_CHAR"),
        ("ZHANG XIAOMING", "张晓明", "ROMANISED"), ("Xiaoming Zhang", "張曉明", "ROMANISED"), ("Wang Gang", "张晓明", "DISAGREE"),
        ("Zhang Xiaoming", "ZHANG XIAOMING", "EXACT_NORM"), ("Xiaoming Zhang", "ZHANG XIAOMING", "REORDERED"), ("Zhang Xiao Ming", "Xiao Ming Zhang", "REORDERED"), ("Zhang Xiaoming", "Xiaohong Zhang", "DISAGREE"),
        ("单雄信", "善雄信", "HOMOPHONE"), ("曾国强", "层国强", "HOMOPHONE"), ("于?", "于䶮", "UNKNOWN"), ("张某某", "张晓明", "MASK_COMPATIBLE"),
        ("陈一、陈二红", "陈二红/王三", "ONE_OF_SEVERAL"), ("陈一、陈二红", "陈二红/陈一", "EXACT_NORM"), ("陈一、陈*红", "陈二红", "MASK_COMPATIBLE"), ("张晓明 李建国", "李建国", "ONE_OF_SEVERAL"),
        ("荣庆里物业有限公司", "荣庆里商贸有限公司", "DISAGREE"), ("荣庆里物业有限公司", "荣庆里物业有限公司（唐山）", "EXACT_NORM"),
        ("荣庆里物业有限公司唐山分公司", "荣庆里物业有限公司", "TRUNCATED"), ("欧阳晓明", "欧阳建国", "SAME_SURNAME"), ("无", "张晓明", "UNKNOWN"),
    ],
)  # fmt: skip
def test_name_levels_of_pinyin_sets_and_organisations(
    one: str, other: str, expected: str, reference: Reference
) -> None:
    assert level("name", one, other, reference) == expected


NUMBER = "139901198503120434"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (NUMBER, "'" + NUMBER, "EXACT_NORM"), (NUMBER, "139901850312043", "SAME_15"), (NUMBER, "139901********0434", "MASK_COMPATIBLE"),
        (NUMBER, "139901xxxxxxxx0434", "MASK_COMPATIBLE"), (NUMBER, "139901*0434", "MASK_COMPATIBLE"), (NUMBER, "139901******043", "MASK_COMPATIBLE"),
        (NUMBER, "139901********0435", "DISAGREE"), (NUMBER, "139901198503120000", "DAMAGED_COMPATIBLE"), (NUMBER, "1.39901E+17", "UNKNOWN"),
        ("139901850312043", "139901198503120000", "DAMAGED_COMPATIBLE"), (NUMBER, "139902198503120000", "DISAGREE"), (NUMBER, "无", "UNKNOWN"),
        (NUMBER, f"{NUMBER}/139901850312051", "EXACT_NORM"), ("张三" + NUMBER, NUMBER, "EXACT_NORM"),
    ],
)  # fmt: skip
def test_identity_levels(one: str, other: str, expected: str, reference: Reference) -> None:
    assert level("ident", one, other, reference) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("13812345678", "138-1234-5678", "EXACT_NORM"), ("13812345678/0315-2812345", "妻13912345678,0315-2812345", "EXACT_NORM"),
        ("0315-2812345", "2812345", "LOCAL"), ("0315-2812345转8", "0315-2812345", "EXACT_NORM"), ("13812345678", "138****5678", "MASK_COMPATIBLE"),
        ("13812345678/13912345678", "139****5678", "MASK_COMPATIBLE"), ("13812345678", "138*5678", "MASK_COMPATIBLE"), ("13812345678", "139****5678", "DISAGREE"),
        ("13812345678", "11111111111", "UNKNOWN"), ("13812345678", "无", "UNKNOWN"),
    ],
)  # fmt: skip
def test_phone_levels(one: str, other: str, expected: str, reference: Reference) -> None:
    assert level("phone", one, other, reference) == expected


@pytest.mark.parametrize(
    ("name", "one", "other", "levels"),
    [
        ("name", "张*", "张晓明", ("DISAGREE", "MASK_COMPATIBLE")), ("phone", "138*5678", "13812345678", ("DISAGREE", "MASK_COMPATIBLE")),
        ("ident", "139901*0434", NUMBER, ("UNKNOWN", "MASK_COMPATIBLE")),
    ],
)  # fmt: skip
def test_the_sources_style_of_stars_decides(
    name: str, one: str, other: str, levels: tuple[str, str], reference: Reference
) -> None:
    comparator = load(name)
    for style, expected in zip(("one", "many"), levels, strict=True):
        assert comparator.called(int(comparator.compare([one], [other], reference, stars(style))[0])) == expected


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"),
    [
        ("date", "1985年3月12日", "19850312", "EXACT"), ("date", "1985-03-12", "1985-12-03", "SWAPPED"), ("date", "1985-03-12", "1985-03-13", "SAME_MONTH"),
        ("date", "一九八五年三月十二日", "1985/3/12", "EXACT"), ("date", "1900-01-01", "1985-03-12", "UNKNOWN"), ("date", "1985-03-12", "1986-03-12", "DISAGREE"),
        ("text", "Ａ座 ", "a座", "EXACT_NORM"), ("text", "凤城国贸小区", "凤城国贸", "CONTAINED"), ("text", "不详", "凤城", "UNKNOWN"), ("text", "无", "2", "DISAGREE"),
        ("number", "8kW", "８.0", "EXACT"), ("number", "1,000", "1000", "EXACT"), ("number", "1000", "1005", "CLOSE"), ("number", "八", "8", "UNKNOWN"),
        ("code", "01", "02", "DISAGREE"), ("code", "?99", "01", "UNKNOWN"),
    ],
)  # fmt: skip
def test_levels_of_the_other_kinds(name: str, one: str, other: str, expected: str, reference: Reference) -> None:
    assert level(name, one, other, reference) == expected


@pytest.mark.parametrize("name", comparators.NAMES)
def test_every_level_has_a_sentence_of_its_own_in_both_languages(name: str) -> None:
    words = [found.words for found in load(name).levels.values()]
    assert len({w.zh for w in words}) == len({w.en for w in words}) == len(words)
    assert all(re.search("[一-鿿]", w.zh) and not re.search("[一-鿿]", w.en) for w in words)


VALUES = st.text(st.sampled_from("张晓明李建国0123456789*X-/ 、年月日省市区号楼单元室"), max_size=20)


@given(pairs=st.lists(st.tuples(VALUES, VALUES), max_size=5), name=st.sampled_from(comparators.NAMES))
def test_any_two_columns_are_compared_the_same_from_both_sides_and_explained(
    reference: Reference, pairs: list[tuple[str, str]], name: str
) -> None:
    comparator = load(name)
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    levels = comparator.compare(left, right, reference)
    assert levels.dtype == np.int8
    assert levels.tolist() == comparator.compare(right, left, reference).tolist()
    for found, one, other in zip(levels.tolist(), left, right, strict=True):
        words, params = comparator.explain(found, one, other, reference)
        assert "{" not in words.say("zh", params) + words.say("en", params)


@pytest.mark.parametrize("name", comparators.NAMES)
def test_a_missing_side_is_minus_one_and_says_nothing(name: str, reference: Reference) -> None:
    comparator = load(name)
    assert comparator.compare([None, "", "a"], ["a", "a", None], reference).tolist() == [-1, -1, -1]
    assert not comparator.agrees(-1)
    assert not comparator.contradicts(-1)


@pytest.mark.parametrize("name", comparators.NAMES)
def test_no_level_both_agrees_and_contradicts_and_only_agreement_writes(name: str) -> None:
    for found in load(name).levels.values():
        assert not (found.agrees and found.contradicts)
        assert found.agrees or not found.writes


@pytest.mark.parametrize("name", ["name", "ident", "phone", "address"])
def test_comparing_is_symmetric(name: str, reference: Reference) -> None:
    values = [
        "张晓明",
        "张小明",
        "139901198503120430",
        "139901850312043",
        "19431512345",
        "194****2345",
        FLAT,
        "唐山路北凤城国贸3-2-1102",
        "同上",
    ]
    left, right = [a for a in values for _ in values], values * len(values)
    comparator = load(name)
    assert comparator.compare(left, right, reference).tolist() == comparator.compare(right, left, reference).tolist()


@pytest.mark.parametrize("name", ["ident", "phone"])
def test_one_wrong_digit_is_disagreement(name: str, reference: Reference) -> None:
    one, other = ("139901198503120430", "139901198503120431") if name == "ident" else ("19431512345", "19431512346")
    assert level(name, one, other, reference) == "DISAGREE"


def _sentences(comparator: Comparator, reference: Reference) -> list[str]:
    pairs = [
        ("张晓明", "张小明"),
        (FLAT, FLAT.replace("1102", "1103")),
        ("139901198503120430", "139901********0430"),
        ("8", "9"),
    ]
    found = []
    for one, other in pairs:
        words, params = comparator.explain(int(comparator.compare([one], [other], reference)[0]), one, other, reference)
        found += [words.say("zh", params), words.say("en", params)]
    return found


@pytest.mark.parametrize("name", comparators.NAMES)
def test_explanations_are_complete_and_hold_no_value(name: str, reference: Reference) -> None:
    for sentence in _sentences(load(name), reference):
        assert "{" not in sentence
        assert not any(secret in sentence for secret in ("晓明", "小明", "凤城", "1102", "0430"))


def test_an_unknown_comparator_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="no comparator 'soundex'; there are: address"):
        load("soundex")


def test_a_file_without_a_comparator_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparators, "NAMES", (*comparators.NAMES, "half"))
    monkeypatch.setitem(sys.modules, "matchers.comparators.half", ModuleType("half"))
    with pytest.raises(ConfigError, match=r"matchers/comparators/half\.py: there is no COMPARATOR"):
        load("half")


@pytest.mark.parametrize(
    ("name", "column", "levels"),
    [
        ("name", ["王建国", "张**", "户主", "张**", "王店", "***", "无"], ["EXACT", "MASK_COMPATIBLE", "UNKNOWN", "MASK_COMPATIBLE", "EXACT", "UNKNOWN", "UNKNOWN"]),
        ("ident", [NUMBER, "139901********0434", "111111111111111111", "1.39901E+17", "139901850312043"], ["EXACT", "MASK_COMPATIBLE", "UNKNOWN", "UNKNOWN", "EXACT"]),
        ("phone", ["13812345678", "138****5678", "00000000000", "2812345", "13800138000"], ["EXACT", "MASK_COMPATIBLE", "UNKNOWN", "EXACT", "UNKNOWN"]),
        ("text", ["荣庆里", "不详", "无", "唐\ufffd"], ["EXACT", "UNKNOWN", "EXACT", "UNKNOWN"]),
    ],
)  # fmt: skip
def test_equal_texts_that_may_be_anybodys_are_not_equal_values(
    marked: Reference, name: str, column: list[str], levels: list[str]
) -> None:
    """Two sources that hide a name behind the same stars, or fill it with the same word, do not speak of one person."""
    comparator = load(name)
    assert [comparator.called(int(level)) for level in comparator.compare(column, column, marked)] == levels
