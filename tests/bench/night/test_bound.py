"""The bound is the exact one."""

import pytest

from tests.bench.night.bound import upper


@pytest.mark.parametrize(
    ("wrong", "of", "expected"),
    [
        (0, 3000, 1 - 0.05 ** (1 / 3000)),
        (0, 10, 0.2588656),
        (1, 10, 0.3941633),
        (5, 100, 0.1022530),
        (10, 10, 1.0),
        (0, 0, 1.0),
    ],
)
def test_is_the_bound_of_clopper_and_pearson(wrong: int, of: int, expected: float) -> None:
    assert upper(wrong, of) == pytest.approx(expected, abs=1e-6)


def test_shrinks_with_more_labels_and_grows_with_more_errors() -> None:
    assert upper(0, 6000) < upper(0, 3000) < upper(1, 3000)
