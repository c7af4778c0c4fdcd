"""Masks: what a star stands for decides what fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reference import Reference
from matchers import masks

WORD = st.text(st.sampled_from("0123456789张晓明"), min_size=2, max_size=18)


@given(word=WORD, cut=st.tuples(st.integers(0, 18), st.integers(0, 18)), style=st.sampled_from(masks.STYLES))
def test_a_value_fits_every_mask_of_itself(word: str, cut: tuple[int, int], style: masks.Stars) -> None:
    first, last = sorted(place % (len(word) + 1) for place in cut)
    mask = word[:first] + "*" * (last - first) + word[last:]
    assert masks.fits(mask, word, style) in {True, None}
    assert masks.fits(word, mask, style) == masks.fits(mask, word, style)


@pytest.mark.parametrize(
    ("one", "other", "style", "fit"),
    [
        ("张*", "张晓明", "one", False), ("张*", "张晓明", "many", True), ("张*", "张晓明", "either", True), ("张*", "李晓明", "either", False),
        ("张**", "张晓明", "one", True), ("张**", "张明", "one", False), ("张**", "张明", "many", True), ("*明", "张晓明", "many", True),
        ("130203*0430", "130203198503120430", "many", True), ("130203*0430", "130203198503120430", "one", False),
        ("张*明", "*晓*", "one", None), ("张*明", "张*丰", "many", False), ("张*", "张晓*", "many", True), ("***", "张晓明", "one", None),
        ("13*", "13", "many", False),
    ],
)  # fmt: skip
def test_styles(one: str, other: str, style: masks.Stars, fit: bool | None) -> None:
    assert masks.fits(one, other, style) is fit


def test_a_frequent_surname_proves_less_than_a_rare_one_and_a_given_name_more(reference: Reference) -> None:
    chances = [masks.name_chance(mask, reference) for mask in ("张**", "欧阳**", "张*明", "张晓*")]
    assert chances[0] > chances[1] > 0
    assert chances[0] > chances[2] == chances[3]
    assert masks.name_chance("*晓明", reference) == masks.GIVEN**2


@pytest.mark.parametrize(
    ("chance", "said"), [(0.0717, "1/10"), (0.0674, "1/10"), (0.0005, "1/1,000"), (0.0014, "1/100"), (1.0, "1")]
)
def test_a_chance_is_told_too_coarsely_to_name_the_surname(chance: float, said: str) -> None:
    assert masks.magnitude(chance) == said
