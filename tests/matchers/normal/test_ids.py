"""Identity numbers: every way in which people, spreadsheets and systems leave one, and never a silent guess."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.reference import Reference
from matchers.columns import encode
from matchers.normal import ids

DAY = date(2026, 3, 16)
HOLDER = "139901198503120434"  # a marked division: nobody's


@st.composite
def residents(draw: st.DrawFn, first: int = 1910, last: int = 2025) -> str:
    """Right numbers of nobody."""
    born = draw(st.dates(date(first, 1, 1), date(last, 12, 31)))
    body = f"13990{draw(st.integers(1, 5))}{born:%Y%m%d}{draw(st.integers(1, 999)):03d}"
    return body + ids.check_digit(body)


@st.composite
def codes(draw: st.DrawFn) -> str:
    """Right unified social credit codes, with letters inside, so that none is a person's number."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    inner = "MA" + draw(st.text(st.sampled_from(alphabet), min_size=6, max_size=6))
    body = (
        draw(st.sampled_from(["91", "92", "93", "12", "51", "31"])) + "130203" + inner + ids.organisation_check(inner)
    )
    return body + ids.uscc_check(body)


CLEANED = {
    "'{}": "apostrophe",
    '"{}"': "apostrophe",
    '="{}"': "apostrophe",
    "`{}": "apostrophe",
    " {}\u3000": "blank",
    "\ufeff{}\u200b": "blank",
    "身份证号：{}": "label",
    "身份证{}": "label",
}


@given(number=residents(), dirt=st.sampled_from(sorted(CLEANED)))
def test_what_stands_around_a_number_is_cleaned_and_said(marked: Reference, number: str, dirt: str) -> None:
    found = ids.read(dirt.format(number), marked, DAY)
    assert (found.kind, found.normal, found.valid) == ("resident", number, True)
    assert CLEANED[dirt] in found.reasons


@given(number=residents(), mark=st.sampled_from(" -–—.·_\t"))
def test_separators_inside_a_number_are_cleaned(marked: Reference, number: str, mark: str) -> None:
    found = ids.read(mark.join([number[:6], number[6:14], number[14:]]), marked, DAY)
    assert (found.kind, found.normal, found.valid) == ("resident", number, True)
    assert {"separator", "blank"} & set(found.reasons)


@given(number=residents())
def test_width_and_case_are_cleaned(marked: Reference, number: str) -> None:
    wide = number.lower().translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789x"})
    found = ids.read(wide, marked, DAY)
    assert (found.normal, found.valid) == (number, True)
    assert "width" in found.reasons


@given(number=residents(last=1999))
def test_fifteen_digits_become_eighteen_and_stay_usable(marked: Reference, number: str) -> None:
    old = number[:6] + number[8:17]
    for written in (old, old + ".0", "'" + old):
        found = ids.read(written, marked, DAY)
        if found.kind != "placeholder":
            assert (found.kind, found.normal, found.usable) == ("resident15", number, old)


@given(number=residents())
def test_what_a_spreadsheet_shows_of_a_number_is_refused(marked: Reference, number: str) -> None:
    shown = [f"{int(number[:17]):.5E}", f"{number[0]}.{number[1:15]}E+17", number[:15] + "000", f"{number[:15]}000.0"]
    for written in shown:
        found = ids.read(written, marked, DAY)
        by_chance = written.endswith("000") and ids.check_digit(written[:17]) == "0" and written[14:17] != "000"
        assert by_chance or (found.kind, found.valid) == ("excel", False), written
    assert ids.read(shown[1], marked, DAY).usable == number[:15]


MASKS = "*＊×●○■#?_."


@given(
    number=residents(),
    star=st.sampled_from(MASKS),
    shown=st.sampled_from([(6, 4), (3, 4), (4, 4), (10, 4), (1, 1), (6, 3)]),
)
def test_every_style_of_mask_is_a_mask_of_the_same_characters(
    marked: Reference, number: str, star: str, shown: tuple[int, int]
) -> None:
    first, last = shown
    hidden = 18 - first - last
    found = ids.read(number[:first] + star * hidden + number[18 - last :], marked, DAY)
    assert (found.kind, found.valid) == ("masked", False)
    assert found.normal == number[:first] + "*" * hidden + number[18 - last :]


@given(number=residents(), place=st.integers(1, 16))
def test_lookalike_letters_are_said_and_never_repaired(marked: Reference, number: str, place: int) -> None:
    looks = {"0": "O", "1": "l", "5": "S", "2": "Z", "8": "B"}.get(number[place])
    assume(looks is not None)
    found = ids.read(number[:place] + str(looks) + number[place + 1 :], marked, DAY)
    assume(
        not (found.kind == "uscc" and found.valid)
    )  # both check characters right by chance: then it is a credit code
    assert (found.kind, found.valid) == ("unknown", False)
    assert "lookalike" in found.reasons
    assert found.normal != number


@given(one=residents(), other=residents(), mark=st.sampled_from(["/", "、", ",", "，", ";", " ", "\n", " 和 "]))
def test_two_numbers_in_a_cell_stay_two(marked: Reference, one: str, other: str, mark: str) -> None:
    found = ids.read(one + mark + other, marked, DAY)
    assert (found.valid, found.normal) == (False, "/".join(dict.fromkeys([one, other])))
    assert ("several" if one != other else "extra") in found.reasons


@given(number=residents(), dirt=st.sampled_from(["张三{}", "{}(张三)", "{}张三", "张三:{}", "{} 已过期"]))
def test_a_name_beside_a_number_is_said(marked: Reference, number: str, dirt: str) -> None:
    found = ids.read(dirt.format(number), marked, DAY)
    assert (found.normal, found.valid) == (number, False)
    assert "extra" in found.reasons


@given(code=codes())
def test_credit_codes_are_checked_outside_and_inside(marked: Reference, code: str) -> None:
    assume(ids.read(code, marked, DAY).kind != "placeholder")  # all one digit, and the like
    assert (ids.read(code.lower(), marked, DAY).kind, ids.read(code, marked, DAY).valid) == ("uscc", True)
    other = "Y" if code[16] != "Y" else "W"
    assert ids.read(code[:16] + other + code[17], marked, DAY).reasons == ("check_digit", "inner_code")


@given(
    born=st.dates(date(1920, 1, 1), date(2025, 12, 31)),
    sequence=st.integers(1, 999),
    region=st.sampled_from(["810000", "820000", "830000"]),
)
def test_residence_permits_are_permits(reference: Reference, born: date, sequence: int, region: str) -> None:
    body = f"{region}{born:%Y%m%d}{sequence:03d}"
    found = ids.read(body + ids.check_digit(body), reference, DAY)
    assert (found.kind, found.valid, found.birth) == ("permit", True, born)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("911124198108030024", "permanent"), ("USA110000000001", "permanent"), ("E12345678", "passport"), ("EA1234567", "passport"),
        ("G12345678", "passport"), ("H12345678", "home_return"), ("M1234567801", "home_return"), ("军字第1234567号", "officer"),
        ("武字第20101234号", "officer"), ("91350100M000100Y43", "uscc"),
    ],
)  # fmt: skip
def test_other_certificates_are_known_by_their_shape(text: str, kind: str, reference: Reference) -> None:
    found = ids.read(text, reference, DAY)
    assert (found.kind, found.valid) == (kind, True)


@pytest.mark.parametrize(
    "text",
    ["", "无", "不详", "同上", "\\N", "无证件", "111111111111111111", "123456789012345678", "130203000000000000"],
)
def test_fillers_are_placeholders(text: str, reference: Reference) -> None:
    assert ids.read(text, reference, DAY).kind == "placeholder"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("13020319850312043", "shape"), ("1302031985031204301", "shape"), ("130203198502300436", "birth_date"),
        ("130299198503120438", "division"), ("130203203003120437", "birth_date"), ("130203188503120437", "birth_date"),
        ("9135O1OOM000100Y43", "lookalike"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(text: str, reason: str, reference: Reference) -> None:
    found = ids.read(text, reference, DAY)
    assert reason in found.reasons
    assert not found.valid


@pytest.mark.parametrize("cross", "xΧХ×Ⅹ")
def test_a_cross_behind_seventeen_digits_is_the_check_character(cross: str, marked: Reference) -> None:
    number = next(f"1399011985031{n:04d}" for n in range(2001, 2999) if ids.check_digit(f"1399011985031{n:04d}") == "X")
    assert ids.read(number + cross, marked, DAY).valid


@given(number=residents())
def test_the_glance_and_the_long_look_agree(marked: Reference, number: str) -> None:
    glance, look = ids.read(number, marked, DAY), ids.read(number + " ", marked, DAY)
    assert (glance.normal, glance.birth, glance.male, glance.division) == (
        look.normal,
        look.birth,
        look.male,
        look.division,
    )
    assert glance.male == (int(number[16]) % 2 == 1)


def test_a_column_has_one_key_for_every_spelling(marked: Reference) -> None:
    column = ids.column(encode([HOLDER, "'" + HOLDER, None, HOLDER[:6] + HOLDER[8:17]]), marked, DAY)
    assert column.codes.tolist() == [0, 0, -1, 0]


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_says_why_not(marked: Reference, text: str) -> None:
    found = ids.read(text, marked, DAY)
    assert found.original == text
    assert found.valid or found.reasons


def test_a_permanent_residents_number_names_a_province_that_exists(reference: Reference) -> None:
    for head, valid in (("911124", True), ("931840", True), ("980124", False), ("999999", False)):
        body = head + "19810803002"
        assert ids.read(body + ids.check_digit(body), reference, DAY).valid is valid


def test_the_words_before_a_passports_number_are_a_label(reference: Reference) -> None:
    found = ids.read("护照E12345678", reference, DAY)
    assert (found.kind, found.normal, found.reasons) == ("passport", "E12345678", ("label",))
