"""Days: every way of writing one is the same day, and what is no day says why."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.normal import dates

DAYS = st.dates(date(1901, 1, 1), date(2098, 12, 31)).filter(lambda day: day != date(1970, 1, 1))
DIGITS = "〇一二三四五六七八九"


def _spelled(number: int) -> str:
    """A month or a day in Chinese numerals."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else DIGITS[tens] + "十") + (DIGITS[ones] if ones else "")


def _chinese(day: date) -> str:
    return f"{''.join(DIGITS[int(c)] for c in str(day.year))}年{_spelled(day.month)}月{_spelled(day.day)}日"


WAYS = (
    lambda d: d.isoformat(),
    lambda d: f"{d:%Y%m%d}",
    lambda d: f"{d.year}/{d.month}/{d.day}",
    lambda d: f"{d.year}.{d.month}.{d.day}",
    lambda d: f"{d.year}年{d.month}月{d.day}日",
    lambda d: f"{d.year} 年 {d.month} 月 {d.day} 日",
    lambda d: f"'{d}",
    lambda d: f"{d} 08:30:00.000",
    lambda d: f"{d}T08:30:00+08:00",
    lambda d: f"{d:%Y%m%d}083000",
    lambda d: f"{d:%Y%m%d}T083000",
    lambda d: f"{d:%d-%b-%Y}",
    lambda d: f"{d:%B} {d.day}, {d.year}",
    lambda d: f"{d:%a %b %d} 08:30:00 CST {d.year}",
    lambda d: f"{d.year}年{d.month}月{d.day}日出生",
    _chinese,
    lambda d: _chinese(d).replace("〇", "零").replace("二十", "廿"),
)


@given(day=DAYS, way=st.sampled_from(WAYS), wide=st.booleans())
def test_every_way_of_writing_a_day_is_that_day(day: date, way: object, wide: bool) -> None:
    written = way(day)  # type: ignore[operator]
    table = {ord(c): ord(c) + 0xFEE0 for c in "0123456789/.-"} if wide else {}
    assert dates.read(written.translate(table)).value == day


@given(day=DAYS)
def test_a_year_of_two_digits_is_refused_and_never_guessed(day: date) -> None:
    for written in (f"{day:%y-%m-%d}", f"{day:%y/%m/%d}", f"{day:%d-%b-%y}", f"{day:%y}年{day.month}月{day.day}日"):
        assert (dates.read(written).kind, dates.read(written).reasons) == ("invalid", ("two_digit_year",))


@given(day=DAYS)
def test_whether_day_or_month_comes_first_is_not_guessed(day: date) -> None:
    for written in (f"{day:%d/%m/%Y}", f"{day:%m-%d-%Y}", f"{day:%d.%m.%Y}"):
        found = dates.read(written)
        if day.day > 12:  # no month: there is nothing to guess
            assert (found.kind, found.value) == ("day", day)
        else:
            assert (found.kind, found.reasons) == ("invalid", ("order",))


@given(st.text(max_size=20))
def test_any_text_is_a_day_or_says_why_not(text: str) -> None:
    found = dates.read(text)
    assert found.kind in {"day", "forever"} or found.reasons
    assert found.original == text
    assert (found.value is not None) == (found.kind == "day")


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("1899-12-31", "missing", "sentinel"), ("1900/1/0", "missing", "sentinel"), ("00000000", "missing", "sentinel"),
        ("不详", "missing", "not_given"), ("无", "missing", "none"), ("同上", "missing", "ditto"), ("", "missing", "not_given"),
        ("1985-03", "invalid", "part"), ("2012年5月", "invalid", "part"), ("1985", "invalid", "part"),
        ("41030", "invalid", "serial"), ("41030.5", "invalid", "serial"), ("202503", "invalid", "part"), ("约1985年", "invalid", "part"),
        ("2025年3月上旬", "invalid", "part"), ("1741737600000", "invalid", "epoch"), ("/Date(1741737600000)/", "invalid", "epoch"),
        ("农历1985年三月初五", "invalid", "lunar"), ("腊月初八", "invalid", "lunar"), ("2025-03-12至2026-03-12", "invalid", "several"),
        ("2025.03.12-长期", "invalid", "several"), ("民国七十四年十三月一日", "invalid", "not_a_day"),
        ("2026-02-30", "invalid", "not_a_day"), ("二〇一二年十三月一日", "invalid", "not_a_day"), ("2012-05/01", "invalid", "not_a_day"),
    ],
)  # fmt: skip
def test_what_is_no_day_says_why(text: str, kind: str, reason: str) -> None:
    found = dates.read(text)
    assert (found.kind, found.reasons[-1], found.value) == (kind, reason, None)


@pytest.mark.parametrize("text", ["民国74年3月12日", "民国七十四年三月十二日"])
def test_years_of_the_republic_are_counted_from_1912(text: str) -> None:
    assert (dates.read(text).normal, dates.read(text).reasons) == ("1985-03-12", ("republic",))


@pytest.mark.parametrize("text", ["9999-12-31", "9999/1/1", "2099-12-31", "永久有效", "长期", "至今"])
def test_no_end_is_for_ever(text: str) -> None:
    assert (dates.read(text).kind, dates.read(text).normal) == ("forever", "9999-12-31")
