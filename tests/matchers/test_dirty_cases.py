"""Every carried-over case of dirty data that a single value can show, by the case's id."""

import csv
from datetime import date
from pathlib import Path

import pytest

from core.errors import InputError
from core.reference import Reference
from matchers.comparators import load
from matchers.normal import addresses, ids, names, numerals, phones
from matchers.normal import text as texts

DAY = date(2026, 3, 16)
CASES = {
    row["id"]: row
    for row in csv.DictReader(
        (Path(__file__).parents[1] / "data" / "dirty_cases.csv").read_text(encoding="utf-8-sig").splitlines()
    )
}


def test_the_cases_are_all_here() -> None:
    assert len(CASES) == 48


def test_e01_gbk_read_as_latin1_is_put_right() -> None:
    found = texts.repair(CASES["E01"]["before"].split(": ", 1)[1])
    assert (found.normal, found.reasons) == (CASES["E01"]["after"], ("mojibake",))


def test_utf8_read_as_gbk_is_put_right() -> None:
    assert texts.repair("唐山市路".encode().decode("gb18030")).normal == "唐山市路"


def test_e03_lost_characters_are_said_and_never_guessed() -> None:
    found = texts.repair("唐\ufffd市")
    assert (found.normal, found.lost) == ("唐\ufffd市", True)


@pytest.mark.parametrize("code", ["\ue863", "&#19886;"])
def test_e04_private_use_and_form_entities_become_the_character(code: str) -> None:
    assert texts.repair("于" + code).normal == "于䶮"


def test_e06_e07_bytes_are_read_by_mark_then_utf8_then_gb18030() -> None:
    assert texts.read_bytes("\ufeff户号".encode()) == ("户号", "utf-8-sig")
    assert texts.read_bytes("户号,户名,用电地址".encode("gb18030")) == ("户号,户名,用电地址", "gb18030")


def test_bytes_in_no_known_encoding_are_refused() -> None:
    with pytest.raises(InputError, match="at byte"):
        texts.read_bytes(b"\xff\xff\x00")


@pytest.mark.parametrize(
    ("case", "before"),
    [("W01", None), ("W03", None), ("I01", None), ("I04", None), ("I06", "130223196001010027"), ("I07", "132529196507080037"),
     ("I08", "130230198001011233"), ("I09", "810000199408230021")],
)  # fmt: skip
def test_identity_numbers(case: str, before: str | None, reference: Reference) -> None:
    found = ids.read(before or CASES[case]["before"], reference, DAY)
    assert found.valid or case == "W03"  # the case's own check character is not right
    assert found.normal == (before or CASES[case]["after"])


def test_i02_a_number_damaged_by_excel_is_refused(reference: Reference) -> None:
    assert ids.read(CASES["I02"]["before"], reference, DAY).as_row()["reasons"] == ["excel"]


@pytest.mark.parametrize("text", ["三号楼二单元一一零二室"])
def test_n01_numerals_before_unit_words_become_digits(text: str) -> None:
    assert numerals.arabic(text) == "3号楼2单元1102室"


@pytest.mark.parametrize("text", ["三河市燕郊镇一号路", "七里海镇", "八达岭路", "五一道", "万达广场"])
def test_n02_n04_place_names_stay(text: str) -> None:
    assert numerals.arabic(text) == text


@pytest.mark.parametrize(
    ("text", "normal", "key"),
    [("张　晓　明", "张晓明", "张晓明"), ("張曉明(ZHANG XIAOMING)", "張曉明", "张晓明"), ("李乾", "李乾", "李乾"),
     ("阿卜杜拉.买买提", "阿卜杜拉·买买提", "阿卜杜拉买买提"), ("阿卜杜拉 买买提", "阿卜杜拉·买买提", "阿卜杜拉买买提")],
)  # fmt: skip
def test_w02_t01_t02_h07_names(text: str, normal: str, key: str, reference: Reference) -> None:
    found = names.read(text, reference)
    assert (found.normal, found.key) == (normal, key)


def test_two_people_in_one_cell_stay_two(reference: Reference) -> None:
    assert names.read("张晓明 李建国", reference).normal == "张晓明 李建国"


@pytest.mark.parametrize(
    ("kind", "one", "other", "level"),
    [("name", "王昇", "王升", "VARIANT"), ("name", "张*明", "张晓明", "MASK_COMPATIBLE"), ("name", "*晓明", "张晓明", "MASK_COMPATIBLE"),
     ("phone", "138****1234", "13812341234", "MASK_COMPATIBLE"), ("name", "陈一、陈二红", "陈二红", "ONE_OF_SEVERAL"),
     ("address", "唐山市**小区3号楼2单元1102", "唐山市凤城国贸小区3号楼2单元1102", "COMPATIBLE"),
     ("address", "路北区凤城国贸小区3号楼2单元1102", "路北区凤城国贸3-2-1102", "SAME_UNIT"),
     ("address", "路北区凤城国贸小区3号楼2单元1102", "路北区凤城国贸花园3-2-1102", "SAME_UNIT_FUZZY"),
     ("address", "路北区凤城国贸一期3-2-1102", "路北区凤城国贸二期3-2-1102", "SAME_COUNTY")],
)  # fmt: skip
def test_t03_m01_m03_m05_h05_a12_a13_comparisons(
    kind: str, one: str, other: str, level: str, reference: Reference
) -> None:
    comparator = load(kind)
    assert comparator.called(int(comparator.compare([one], [other], reference)[0])) == level


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("13831512345/0315-2812345", ["13831512345", "0315-2812345"]),
        ("2812345", ["0315-2812345"]),
        ("19212345678", ["19212345678"]),
    ],
)
def test_p01_p04_p08_phones(cell: str, numbers: list[str], reference: Reference) -> None:
    row = phones.read(cell, reference, "0315").as_row()
    assert (row["numbers"], row["valid"]) == (numbers, True)


@pytest.mark.parametrize("cell", ["00000000000", "13800000000", "12345678901"])
def test_p06_typed_fillers_are_not_numbers(cell: str, reference: Reference) -> None:
    assert not phones.read(cell, reference).valid


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("唐山路北凤城国贸3-2-1102", {"city": "唐山市", "county": "路北区", "quarter": "凤城国贸", "building": "3", "unit": "2", "room": "1102"}),
        ("路北区荣庆里5栋2单元301", {"building": "5"}), ("路北区荣庆里5幢2单元301", {"building": "5"}),
        ("路北区荣庆里5座2单元301", {"building": "5"}), ("路北区荣庆里5号楼2单元301", {"building": "5"}),
        ("路北区荣庆里5楼2单元301", {"building": "5"}), ("路北区荣庆里3号楼2门301", {"unit": "2", "room": "301"}),
        ("唐海县城关镇荣庆里2门301", {"county": "曹妃甸区"}), ("宣化县沙岭子镇荣庆里2门301", {"county": "张家口经济开发区"}),
        ("宣化县荣庆里3号楼2门301", {"county": None}), ("抚宁县石门寨镇荣庆里2门301", {"county": "海港区"}),
        ("平泉县平泉镇荣庆里2门301", {"county": "平泉市"}), ("滦县荣庆里2门301", {"county": "滦州市"}), ("丰润县荣庆里2门301", {"county": "丰润区"}),
        ("河北大街45号楼", {"province": None, "road": "河北大街", "building": "45"}), ("燕郊", {"county": "三河市", "town": "燕郊镇"}),
        ("燕郊开发区荣庆里2门301", {"county": "三河市", "town": "燕郊镇"}), ("三河市燕郊镇一号路12号", {"road": "一号路", "road_no": "12"}),
        ("路北区凤城国贸二期3-2-1102", {"quarter": "凤城国贸", "phase": "二期"}), ("路北区荣庆里3号楼无单元502", {"unit": "无"}),
        ("路北区荣庆里3号楼2单元0302", {"room": "302"}), ("路北区荣庆里3号楼2单元3层02", {"room": "302", "floor": "3"}),
        ("路北区荣庆里3号楼2单元东户", {"room": "东户"}), ("桥东区荣庆里3号楼2单元301", {"city": None, "county": "桥东区"}),
    ],
)  # fmt: skip
def test_a01_to_a16_addresses(text: str, parts: dict[str, str | None], reference: Reference) -> None:
    found = addresses.read(text, reference).as_row()
    assert {part: found[part] for part in parts} == parts


def test_the_organisations_city_settles_an_ambiguous_county(reference: Reference) -> None:
    assert addresses.read("桥东区荣庆里3号楼2单元301", reference, "张家口市").county_code == "130702"


@pytest.mark.parametrize("text", ["同上", "见附件", "无"])
def test_a17_placeholders_are_not_parsed(text: str, reference: Reference) -> None:
    assert not addresses.read(text, reference).parsed


def test_a_floor_that_may_be_a_building_is_said(reference: Reference) -> None:
    assert addresses.read("路北区荣庆里5楼502", reference).has("ambiguous_building")


@pytest.mark.parametrize("text", ["乱七八糟的内容abc???", "同上", "路北区荣庆里3-2-1102（东城）"])
def test_the_original_is_never_lost(text: str, reference: Reference) -> None:
    assert addresses.read(text, reference).original == text
