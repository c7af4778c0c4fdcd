"""Telephone cells: every number is found whatever stands around it, and whatever stands around it is kept."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.reference import Reference
from matchers.columns import encode
from matchers.normal import phones

MOBILE = st.integers(0, 99_999_999).map(lambda tail: f"194{tail:08d}").filter(lambda number: not phones.dummy(number))
LOCAL = st.integers(2_000_000, 8_999_999).map(str).filter(lambda number: not phones.dummy(number))
AREAS = st.sampled_from(["0315", "0335", "0313", "0314", "0316"])
RELATIONS = ["本人", "妻", "丈夫", "儿子", "女儿", "父亲", "租户", "妻子"]


@given(number=MOBILE, way=st.sampled_from(["{}-{}-{}", "{} {} {}", "{}.{}.{}", "{}\u3000{}\u3000{}"]))
def test_separators_inside_a_mobile_number(marked: Reference, number: str, way: str) -> None:
    found = phones.read(way.format(number[:3], number[3:7], number[7:]), marked)
    assert ([n.normal for n in found.numbers], found.valid, found.rest) == ([number], True, "")
    assert "separator" in found.reasons


@given(
    number=MOBILE,
    prefix=st.sampled_from(
        ["+86", "+86 ", "+86-", "86", "86-", "0086", "0086 ", "(+86)", "(86)", "17951", "17951 ", "17909", "12593", "0"]
    ),
)
def test_prefixes_of_dialling_are_taken_off_and_said(marked: Reference, number: str, prefix: str) -> None:
    found = phones.read(prefix + number, marked)
    assert ([n.normal for n in found.numbers], found.valid, found.reasons) == ([number], True, ("country_code",))


@given(
    area=AREAS, local=LOCAL,
    way=st.sampled_from(["{}-{}", "({}){}", "（{}）{}", "{} {}", "{}{}", "{}—{}", "【{}】{}", "{} - {}", "+86-{}-{}", "{}/{}", "0086 {} {}"]),
)  # fmt: skip
def test_every_way_of_writing_an_area_code(marked: Reference, area: str, local: str, way: str) -> None:
    found = phones.read(way.format(area, local), marked)
    assert ([n.normal for n in found.numbers], found.valid, found.rest) == ([f"{area}-{local}"], True, "")


@given(area=AREAS, local=LOCAL)
def test_a_landline_with_the_countrys_code_needs_no_nought(marked: Reference, area: str, local: str) -> None:
    assert phones.read(f"+86 {area[1:]} {local}", marked).numbers[0].normal == f"{area}-{local}"


@given(area=AREAS, local=LOCAL, way=st.sampled_from(["{}-{}", "({}){}", "（{}）{}", "({})-{}", "{}—{}"]))
def test_an_area_code_without_its_nought_is_one_where_a_sign_parts_it(
    marked: Reference, area: str, local: str, way: str
) -> None:
    found = phones.read(way.format(area[1:], local), marked)
    assert ([n.normal for n in found.numbers], found.valid, found.rest) == ([f"{area}-{local}"], True, "")


@given(
    number=MOBILE,
    before=st.sampled_from(["", "电话", "手机：", "/"]),
    naught=st.sampled_from("零〇"),
    one=st.sampled_from("一幺"),
)
def test_digits_may_be_spelt_in_chinese(marked: Reference, number: str, before: str, naught: str, one: str) -> None:
    spelt = number.translate(str.maketrans("0123456789", f"{naught}{one}二三四五六七八九"))
    assert [n.normal for n in phones.read(before + spelt, marked).numbers] == [number]


def test_spelt_digits_behind_a_name_are_not_guessed(marked: Reference) -> None:
    assert phones.read("李四二八一二三四五", marked).numbers == ()
    assert [n.normal for n in phones.read("李四2812345", marked).numbers] == ["2812345"]
    assert [n.normal for n in phones.read("零三一五-二八一二三四五", marked).numbers] == ["0315-2812345"]
    assert [n.problem for n in phones.read("302-2812345", marked).numbers] == ["area_code"]


@given(
    local=st.integers(60_000_000, 88_999_999).map(str).filter(lambda n: not phones.dummy(n)),
    area=st.sampled_from(["010", "021", "022"]),
)
def test_short_area_codes_are_not_taken_for_long_ones(marked: Reference, area: str, local: str) -> None:
    for written in (f"{area}{local}", f"{area}-{local}", f"({area}){local[:4]}-{local[4:]}"):
        assert phones.read(written, marked).numbers[0].normal == f"{area}-{local}"


@given(
    area=AREAS,
    local=LOCAL,
    extension=st.integers(1, 9999),
    way=st.sampled_from(["转{}", "-{}", " 转 {}", "#{}", "分机{}", "ext{}"]),
)
def test_extensions_are_kept_beside_the_number(
    marked: Reference, area: str, local: str, extension: int, way: str
) -> None:
    found = phones.read(f"{area}-{local}{way.format(extension)}", marked)
    assert ([n.normal for n in found.numbers], found.rest) == ([f"{area}-{local}"], f"转{extension}")
    assert "extension" in found.reasons


@given(
    first=MOBILE, second=MOBILE, area=AREAS, local=LOCAL,
    mark=st.sampled_from(["/", "、", ",", "，", ";", "；", " ", "|", "\\", "\n", "\t", " / ", "或", "和", "&"]),
)  # fmt: skip
def test_numbers_of_every_kind_stand_in_one_cell(
    marked: Reference, first: str, second: str, area: str, local: str, mark: str
) -> None:
    found = phones.read(mark.join([first, f"{area}-{local}", second]), marked)
    assert [n.normal for n in found.numbers] == list(dict.fromkeys([first, f"{area}-{local}", second]))
    assert (found.valid, found.rest) == (True, "")
    assert "several" in found.reasons


@given(
    numbers=st.lists(MOBILE, min_size=1, max_size=3),
    said=st.sampled_from(RELATIONS),
    way=st.sampled_from(["{1}{0}", "{1}:{0}", "{0}({1})", "{0}{1}", "{1}李四{0}"]),
)
def test_names_and_relations_are_kept_in_the_rest(marked: Reference, numbers: list[str], said: str, way: str) -> None:
    found = phones.read("/".join(way.format(number, said) for number in numbers), marked)
    assert [n.normal for n in found.numbers] == list(dict.fromkeys(numbers))
    assert found.rest.count(said) == len(numbers)


@given(
    number=MOBILE,
    star=st.sampled_from("*＊×●○•■#_.x"),
    shown=st.sampled_from([(3, 4), (3, 3), (3, 2), (7, 0), (0, 4), (4, 4), (2, 2)]),
)
def test_every_style_of_mask_is_one_mask(marked: Reference, number: str, star: str, shown: tuple[int, int]) -> None:
    first, last = shown
    hidden = 11 - first - last
    found = phones.read(number[:first] + star * hidden + number[11 - last :], marked)
    assert [(n.kind, n.normal) for n in found.numbers] == [
        ("masked", number[:first] + "*" * hidden + number[11 - last :])
    ]
    assert not found.valid


@given(number=MOBILE, digit=st.integers(0, 9), place=st.integers(3, 11))
def test_one_digit_too_many_or_too_few_is_no_number(marked: Reference, number: str, digit: int, place: int) -> None:
    for written in (number[:place] + str(digit) + number[place:], number[: place - 1] + number[place:]):
        found = phones.read(written, marked)
        assert not found.valid
        assert len(found.numbers) == 1


@given(number=MOBILE)
def test_a_spreadsheets_number_is_kept_only_while_all_its_digits_are_there(marked: Reference, number: str) -> None:
    whole = f"{number[0]}.{number[1:]}E+10"
    assert phones.read(whole, marked).numbers[0].normal == number
    assert phones.read(number + ".0", marked).numbers[0].normal == number
    assert phones.read(f"{int(number):.4E}", marked).numbers[0].problem == "excel"


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("95598", "service"), ("10086", "service"), ("400-810-8888", "service"), ("8008108888", "service"), ("12345", "service"),
        ("13800000000", "placeholder"), ("11111111111", "placeholder"), ("00000000000", "placeholder"), ("0315-8888888", "placeholder"),
        ("138123456789", "length"), ("1381234567", "length"), ("138 1234 567", "length"), ("130203198503120438", "length"),
        ("15412345679", "unallocated"), ("14212345679", "unallocated"), ("0399-2345678", "area_code"),
        ("1381234567O", "lookalike"), ("l3812345678", "lookalike"), ("+852 9123 4567", "foreign"), ("1.38E+10", "excel"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(cell: str, problem: str, reference: Reference) -> None:
    found = phones.read(cell, reference)
    assert [n.problem for n in found.numbers] == [problem]
    assert not found.valid


@pytest.mark.parametrize(
    ("cell", "numbers", "rest"),
    [
        ("张三13812345678/妻李四 0315-2345678转802", ["13812345678", "0315-2345678"], "张三 妻李四 转802"),
        ("13812345678 2019年停机", ["13812345678"], "2019年停机"),
        ("2号楼张三13812345678", ["13812345678"], "2号楼张三"),
        ("13812345678/79", ["13812345678"], "79"),
        ("妻子/李四", [], "妻子/李四"),
    ],
)
def test_what_is_no_number_is_never_dropped(cell: str, numbers: list[str], rest: str, reference: Reference) -> None:
    found = phones.read(cell, reference)
    assert ([n.normal for n in found.numbers], found.rest) == (numbers, rest)


@pytest.mark.parametrize(
    "cell",
    [
        "19012345679",
        "19112345679",
        "19212345679",
        "19312345679",
        "19612345679",
        "19712345679",
        "16212345679",
        "17112345679",
    ],
)
def test_young_prefixes_are_valid(cell: str, reference: Reference) -> None:
    assert phones.read(cell, reference).valid


def test_a_second_landline_has_the_area_code_of_the_first(reference: Reference) -> None:
    assert phones.read("0335-2812345/2812346", reference, "0315").as_row()["numbers"] == [
        "0335-2812345",
        "0335-2812346",
    ]


def test_a_column_keeps_the_first_right_number(reference: Reference) -> None:
    column = phones.column(encode(["无/138 1234 5678", "13812345678", "无"]), reference)
    assert column.decode().tolist() == ["13812345678", "13812345678", None]


@given(st.text(max_size=40))
def test_any_text_is_a_cell(marked: Reference, text: str) -> None:
    found = phones.read(text, marked)
    assert found.original == text
    assert found.valid or found.reasons


@given(st.text(st.sampled_from("0123456789-*.()+ /转E张妻x"), max_size=40))
def test_every_digit_of_a_cell_is_in_its_numbers_or_its_rest(marked: Reference, text: str) -> None:
    found = phones.read(text, marked)
    kept = "".join(number.normal for number in found.numbers) + found.rest
    assert set("123456789") & set(text) <= set(kept)


@pytest.mark.parametrize("text", ["+1 (212) 555-1234", "852-91234567", "00853-66123456", "+886-912345678"])
def test_a_number_of_another_country_is_never_taken_for_a_local_one(marked: Reference, text: str) -> None:
    found = phones.read(text, marked, "0315")
    assert ([n.kind for n in found.numbers], found.valid, found.rest) == (["foreign"], False, "")


@given(head=st.sampled_from(["10648", "1440", "1410", "1480"]), tail=st.integers(10**8, 10**9 - 1))
def test_the_card_of_a_machine_is_nobodys_phone(marked: Reference, head: str, tail: int) -> None:
    digits = (head + str(tail))[:13]
    assume(not phones.dummy(digits))
    assert [(n.kind, n.valid) for n in phones.read(digits, marked).numbers] == [("thing", False)]


def test_an_underscore_in_a_word_hides_no_digit(marked: Reference) -> None:
    assert phones.read("微信:wxid_abc123", marked).numbers == ()
