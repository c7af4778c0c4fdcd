"""Properties that hold for every identity number, phone number and date, not only for the cases somebody thought of."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reference import Reference
from matchers.normal import dates, ids, phones

DAY = date(2026, 3, 16)
BORN = st.dates(date(1910, 1, 1), date(2025, 12, 31))
SEQUENCE = st.integers(1, 999)


def number(born: date, sequence: int, division: str = "139901") -> str:
    body = f"{division}{born:%Y%m%d}{sequence:03d}"
    return body + ids.check_digit(body)


@given(born=BORN, sequence=SEQUENCE)
def test_a_number_with_its_check_character_is_valid_and_says_its_birth(
    marked: Reference, born: date, sequence: int
) -> None:
    found = ids.read(number(born, sequence), marked, DAY)
    assert (found.valid, found.birth, found.normal) == (True, born, number(born, sequence))


@given(born=BORN, sequence=SEQUENCE, place=st.integers(0, 16), other=st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(
    marked: Reference, born: date, sequence: int, place: int, other: int
) -> None:
    right = number(born, sequence)
    wrong = f"{right[:place]}{(int(right[place]) + other) % 10}{right[place + 1 :]}"
    assert not ids.read(wrong, marked, DAY).valid


@given(born=st.dates(date(1910, 1, 1), date(1999, 12, 31)), sequence=SEQUENCE)
def test_lengthening_an_old_number_gives_the_new_one(marked: Reference, born: date, sequence: int) -> None:
    new = number(born, sequence)
    found = ids.read(new[:6] + new[8:17], marked, DAY)
    assert found.normal == new or found.kind == "placeholder"


@given(born=BORN, sequence=SEQUENCE, dirt=st.sampled_from(["'{}", " {} ", "{}\u3000", "\ufeff{}"]))
def test_dirt_around_a_number_changes_nothing_but_the_reasons(
    marked: Reference, born: date, sequence: int, dirt: str
) -> None:
    assert ids.read(dirt.format(number(born, sequence)), marked, DAY).normal == number(born, sequence)


def test_codes_that_ended_stay_valid_for_life(marked: Reference) -> None:
    assert ids.read(number(date(1960, 1, 1), 2, "130223"), marked, DAY).valid


def test_a_code_that_ended_before_the_birth_is_only_a_warning(marked: Reference) -> None:
    found = ids.read(number(date(2013, 1, 1), 1, "130230"), marked, DAY)
    assert (found.valid, found.reasons) == (True, ("division_abolished",))


@given(st.text(max_size=25))
def test_any_text_is_read_without_an_error(marked: Reference, text: str) -> None:
    ids.read(text, marked, DAY)
    phones.read(text, marked, "0315")
    dates.read(text)


MOBILE = st.integers(0, 99_999_999).map(lambda tail: f"194{tail:08d}").filter(lambda number: not phones.dummy(number))


@given(
    numbers=st.lists(MOBILE, min_size=1, max_size=3, unique=True),
    mark=st.sampled_from(["/", "、", ",", "；", " ", "，"]),
)
def test_a_cell_is_split_into_all_its_numbers(marked: Reference, numbers: list[str], mark: str) -> None:
    found = phones.read(mark.join(numbers), marked)
    assert [number.normal for number in found.numbers] == numbers
    assert found.valid


@given(
    number=MOBILE,
    before=st.sampled_from(["", "妻子", "+86", "86-", "电话:"]),
    after=st.sampled_from(["", "(儿子)", " 家"]),
)
def test_words_around_a_number_do_not_hide_it_and_are_kept(
    marked: Reference, number: str, before: str, after: str
) -> None:
    found = phones.read(before + number + after, marked)
    assert [n.normal for n in found.numbers] == [number]
    assert all(word in found.rest for word in ("妻子", "儿子") if word in before + after)


def test_an_unallocated_prefix_is_refused_and_the_mark_only_counts_in_practice(
    reference: Reference, marked: Reference
) -> None:
    assert phones.read("15412345679", marked).numbers[0].problem == "unallocated"
    assert phones.read("19412345679", reference).numbers[0].problem == "unallocated"
    assert phones.read("19412345679", marked).valid


@given(st.dates(date(1901, 1, 1), date(2098, 12, 31)).filter(lambda day: day != date(1970, 1, 1)))
def test_every_way_of_writing_a_day_is_the_same_day(day: date) -> None:
    ways = [
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day:%Y/%m/%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day} 00:00:00",
    ]
    assert {dates.read(way).value for way in ways} == {day}


@pytest.mark.parametrize("text", ["1899-12-31", "1900-01-01", "0000-00-00", "无", "\\N", "-"])
def test_sentinels_mean_missing(text: str) -> None:
    assert dates.read(text).kind == "missing"


@pytest.mark.parametrize("text", ["9999-12-31", "99991231", "长期"])
def test_the_far_future_means_for_ever(text: str) -> None:
    assert (dates.read(text).kind, dates.read(text).normal) == ("forever", "9999-12-31")


@pytest.mark.parametrize("text", ["2026-02-30", "20261301", "昨天"])
def test_what_is_no_day_is_invalid(text: str) -> None:
    assert dates.read(text).kind == "invalid"


def test_a_day_after_tomorrow_is_no_date_of_birth(marked: Reference) -> None:
    assert ids.read(number(DAY + timedelta(days=1), 1), marked, DAY).wrong("birth_date")


def test_credit_codes_check_outside_and_inside() -> None:
    assert ids.uscc_check("91350100M000100Y4") == "3"  # the standard's own example
    assert ids.organisation_check("D2143569") == "X"  # GB 11714's example
