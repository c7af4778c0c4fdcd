"""One pair and a column of pairs are asked the same questions."""

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reference import Reference
from matchers import likeness
from matchers.link import Lexicon, near

NAMES = st.lists(st.text(st.sampled_from("单善丹张章曉晓xiao *𠮷"), min_size=1, max_size=5).filter(str.strip), min_size=2, max_size=8, unique=True)  # fmt: skip
NUMBERS = st.lists(st.text(st.sampled_from("0123"), min_size=1, max_size=12), min_size=2, max_size=8, unique=True)
CODES = st.lists(st.text(st.sampled_from("01aé"), min_size=1, max_size=20), min_size=2, max_size=8, unique=True)


def _pairs(texts: list[str]) -> tuple[near.Codes, near.Codes]:
    one, other = zip(*combinations(range(len(texts)), 2), strict=True)
    return np.asarray(one, dtype=np.int32), np.asarray(other, dtype=np.int32)


@given(names=NAMES)
def test_names_that_may_sound_the_same_do_in_a_column(reference: Reference, names: list[str]) -> None:
    readings = Lexicon(reference)
    one, other = _pairs(names)
    heard = [likeness.hear(name, readings) for name in names]
    alone = [likeness.sounds_alike(heard[a], heard[b]) for a, b in zip(one, other, strict=True)]
    assert likeness.Spoken(pa.array(names), readings).alike(one, other).tolist() == alone


@given(names=NAMES)
def test_no_slip_is_overlooked_by_the_ends_of_names(names: list[str]) -> None:
    one, other = _pairs(names)
    texts = np.asarray(names, dtype=object)
    slips = likeness.one_slips(texts[one], texts[other])
    assert slips.tolist() == [likeness.one_slip(names[a], names[b]) for a, b in zip(one, other, strict=True)]
    assert likeness.Spoken(pa.array(names), {}).near(one, other)[slips].all()


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("单雄信", "善雄信", True), ("丹雄信", "善雄信", False), ("张晓明", "张xiao明", True), ("张晓明", "张Xiao明", True), ("张晓", "张晓明", False),
        ("于䶮", "于yan", True), ("a〇", "b〇", False), ("𠮷", "𠮷", True),
    ],
)  # fmt: skip
def test_any_reading_counts(reference: Reference, one: str, other: str, alike: bool) -> None:
    heard = (likeness.hear(name, reference.readings) for name in (one, other))
    assert likeness.sounds_alike(*heard) is alike


@given(numbers=st.one_of(NUMBERS, CODES))
def test_numbers_are_a_slip_apart_by_bits_as_by_characters(numbers: list[str]) -> None:
    one, other = _pairs(numbers)
    column = pa.array(numbers, pa.string())
    levels = near.digit_strings(near.Digits(column, {}, lambda _: one), one, other)
    assert (levels == 2).tolist() == [
        likeness.one_slip(numbers[a], numbers[b]) for a, b in zip(one, other, strict=True)
    ]


@given(days=st.lists(st.dates().map(lambda day: f"{day:%Y%m%d}".zfill(8)), min_size=2, max_size=8, unique=True))
def test_days_are_a_slip_apart_or_crossed_in_a_column_as_alone(days: list[str]) -> None:
    one, other = _pairs(days)
    levels = near.births(near.Digits(pa.array(days), {}, lambda _: one), one, other)
    for a, b, level in zip(one, other, levels, strict=True):
        alike = likeness.in_days(*((d[:4], d[4:6], d[6:]) for d in (days[a], days[b])))
        assert (level == 3) == (likeness.one_slip(days[a], days[b]) or (alike.year and alike.crossed))
        assert level >= (2 if alike.year + alike.month + alike.day == 2 else 1 if alike.year else 0)


def test_elements_are_asked_as_arrays_as_they_are_as_numbers() -> None:
    days = np.asarray([[1985, 3, 12], [1985, 12, 3], [1985, 3, 21]])
    together = likeness.in_days(tuple(days[0][:, None]), tuple(days[1:].T))
    alone = [likeness.in_days(tuple(days[0].tolist()), tuple(day.tolist())) for day in days[1:]]
    assert [list(part) for part in zip(*(np.broadcast_to(p, 2).tolist() for p in together), strict=True)] == [list(each) for each in alone]  # fmt: skip
