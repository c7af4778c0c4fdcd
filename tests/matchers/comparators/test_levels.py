"""Comparators: the order of their levels, what supports a write, and that explanations hold nothing personal."""

from dataclasses import replace

import pytest

from core.errors import ConfigError
from core.reference import Reference
from matchers import comparators
from matchers.comparators import Comparator, load

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
     ("张晓明", "张明晓", "TRANSPOSED"), ("欧阳小明", "欧阳小", "TRUNCATED"), ("王刚", "王大力", "SAME_SURNAME"), ("王刚", "赵大力", "DISAGREE"),
     ("张*明", "张晓明", "MASK_COMPATIBLE"), ("张**", "李晓明", "DISAGREE"), ("**", "李晓明", "UNKNOWN"), ("户主", "李晓明", "UNKNOWN"),
     ("荣庆里物业有限公司", "李晓明", "ORG_VS_PERSON")],
)  # fmt: skip
def test_name_levels(one: str, other: str, expected: str, reference: Reference) -> None:
    assert level("name", one, other, reference) == expected


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
