"""How many things two files share is counted without a model, and never said where the fields cannot tell it."""

import numpy as np
import pyarrow as pa
import pytest

from matchers.link import Field, Spec, encode, overlap

NAMES = ("given", "family", "place")
SPEC = Spec(left_id="", right_id="", fields=tuple(Field(name=n, kind="category", left=n, right=n) for n in NAMES))
NONE: frozenset[tuple[int, int]] = frozenset()


def _files(size: int, same: int, values: int, kept: float) -> tuple[encode.Encoded, ...]:
    """Files of so many records, so many of which are in both; a value of the right one is as it was with the probability `kept`."""
    rng = np.random.default_rng(7)
    left = rng.integers(0, values, (3, size))
    right = np.concatenate([left[:, :same], rng.integers(0, values, (3, size - same))], axis=1)
    right = np.where(rng.random(right.shape) < kept, right, rng.integers(0, values, right.shape))
    sides = [
        {n: pa.chunked_array([pa.array(map(str, row), pa.string())]) for n, row in zip(NAMES, side, strict=True)}
        for side in (left, right)
    ]
    return encode.columns(sides[0], sides[1], SPEC, {})


@pytest.mark.parametrize("kept", [0.95, 0.7])
def test_the_matches_are_counted_however_many_values_are_wrong(kept: float) -> None:
    assert overlap.matches(_files(8000, 5000, 300, kept), [0.9] * 3, NONE) == pytest.approx(5000, rel=0.05)


def test_files_without_a_common_record_have_no_figure() -> None:
    assert overlap.matches(_files(8000, 0, 300, 1.0), [0.9] * 3, NONE) is None


def test_fields_that_follow_from_one_another_are_no_two_witnesses() -> None:
    assert overlap.matches(_files(8000, 5000, 300, 0.9), [0.9] * 3, frozenset({(0, 2)})) is None


def test_large_files_are_counted_by_some_of_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "COUNTED", 2000)
    assert overlap.matches(_files(8000, 5000, 300, 0.9), [0.9] * 3, NONE) == pytest.approx(5000, rel=0.12)
