"""Probabilities of pairs reckon with rivals, with rivals that are better off elsewhere, and with records that stay alone."""

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest

from matchers.link import rivals
from matchers.link.labels import SURE

Rows = list[tuple[int, int]]


def _probability(pairs: Rows, bits: list[float]) -> npt.NDArray[np.float64]:
    """Of files that are so large that staying alone is no surprise."""
    rows = np.asarray(pairs, dtype=np.int32)
    evidence = np.asarray(bits, dtype=np.float32)
    return rivals.probability(rows[:, 0], rows[:, 1], evidence, (True, True), (10**6, 10**6))[0]


def _counted(pairs: Rows, bits: list[float]) -> list[float]:
    """By trying out every set of pairs in which no record stands twice."""
    weights = np.zeros(len(pairs))
    total = 0.0
    for chosen in product((False, True), repeat=len(pairs)):
        some = [pair for pair, there in zip(pairs, chosen, strict=True) if there]
        if len({a for a, _ in some}) < len(some) or len({b for _, b in some}) < len(some):
            continue
        weight = float(np.prod([2.0**b for b, there in zip(bits, chosen, strict=True) if there]))
        total += weight
        weights[list(chosen)] += weight
    return [float(w) for w in weights / total]


@pytest.mark.parametrize(
    ("pairs", "bits"),
    [
        ([(0, 0)], [2.0]),
        ([(0, 0), (0, 1)], [3.0, 1.0]),
        ([(0, 0), (0, 1)], [25.0, 20.0]),
        ([(0, 0), (0, 1)], [30.0, 25.0]),
        ([(0, 0), (0, 1)], [40.0, 30.0]),
        ([(0, 0), (1, 0), (1, 1)], [2.0, 2.0, 6.0]),
        ([(0, 0), (1, 0), (1, 1), (2, 1), (2, 2)], [1.0, 4.0, 2.0, 3.0, -1.0]),
    ],
)
def test_without_circles_the_probability_is_the_exact_one(pairs: Rows, bits: list[float]) -> None:
    found = _probability(pairs, bits)
    assert found.tolist() == pytest.approx(_counted(pairs, bits), abs=0.003)


def test_a_rival_that_is_better_off_elsewhere_hardly_counts() -> None:
    alone = _probability([(0, 0), (1, 0)], [4.0, 4.0])
    other = _probability([(0, 0), (1, 0), (1, 1)], [4.0, 4.0, 20.0])
    assert alone[0] < 0.5
    assert other[0] > 0.9


def test_where_most_records_have_a_match_a_pair_without_rivals_is_likelier() -> None:
    """It is taken against both records' staying alone, of which a quarter do."""
    rows = np.arange(751, dtype=np.int32)
    evidence = np.append(np.full(750, 30), 0).astype(np.float32)
    most, _ = rivals.probability(rows, rows, evidence, (True, True), (1000, 1000), 750)
    assert _probability([(0, 0)], [0.0])[0] == pytest.approx(1 / 2, abs=1e-5)
    assert most[-1] == pytest.approx(16 / 17, abs=0.001)


def test_what_a_person_said_stands_against_any_evidence() -> None:
    rows = np.asarray([(0, 0), (0, 1), (2, 0), (1, 2), (1, 3)], dtype=np.int32)
    evidence = np.asarray([SURE, 90, 90, -SURE, 5], dtype=np.float32)
    decided = np.abs(evidence) == SURE
    chance, _ = rivals.probability(rows[:, 0], rows[:, 1], evidence, (True, True), (10**6, 10**6), 1.0, decided)
    assert chance.tolist() == pytest.approx([1, 0, 0, 0, 32 / 33], abs=0.001)
