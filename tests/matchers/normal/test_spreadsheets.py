"""Days and counts of days are told from numbers of houses; what may be a flat is never called a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.normal import spreadsheets

DAYS = st.dates(date(2000, 1, 1), date(2039, 12, 31))


@given(DAYS)
def test_every_way_a_spreadsheet_shows_a_day_is_a_day(day: date) -> None:
    ways = [
        day.isoformat(), f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日", f"{day.month}月{day.day}日",
        f"{day} 00:00:00", f"{day.day}-{day:%b}".upper(), f"{day:%b}-{day:%y}".upper(),
    ]  # fmt: skip
    assert [way for way in ways if not spreadsheets.is_day(way)] == []


@pytest.mark.parametrize(
    "text", ["3-2-501", "2011-2-301", "12-3", "2-1101", "A-2-301", "3月", "13月2日", "501", "2023"]
)
def test_numbers_of_a_house_are_no_day(text: str) -> None:
    assert spreadsheets.DAY.search(text) is None


@given(st.integers(1, 4), st.integers(1, 40), st.integers(1, 12))
def test_a_flat_of_five_digits_is_no_serial(unit: int, floor: int, flat: int) -> None:
    assert not spreadsheets.is_serial(f"{unit}{floor:02d}{flat:02d}")


def test_most_days_of_these_years_are_known_by_their_count() -> None:
    first = date(2015, 1, 1)
    days = [first + timedelta(days=n) for n in range(4000)]
    known = [spreadsheets.is_serial(str((day - date(1899, 12, 30)).days)) for day in days]
    assert sum(known) / len(known) > 0.9
