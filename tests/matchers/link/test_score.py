"""Probabilities of pairs reckon with rivals, with rivals that are better off elsewhere, and with records that stay alone."""

from itertools import product

import numpy as np
import pyarrow as pa
import pytest

from matchers.link import encode, kinds, score, train

Rows = list[tuple[int, int]]


def _scored(pairs: Rows, bits: list[float]) -> score.Scored:
    rows = np.asarray(pairs, dtype=np.int32)
    return score.Scored(rows[:, 0], rows[:, 1], np.zeros((len(rows), 1), np.int8), np.asarray(bits, dtype=np.float32))


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
        ([(0, 0), (1, 0), (1, 1)], [2.0, 2.0, 6.0]),
        ([(0, 0), (1, 0), (1, 1), (2, 1), (2, 2)], [1.0, 4.0, 2.0, 3.0, -1.0]),
    ],
)
def test_without_circles_the_probability_is_the_exact_one(pairs: Rows, bits: list[float]) -> None:
    found = score.probability(_scored(pairs, bits), left_once=True, right_once=True)
    assert found.tolist() == pytest.approx(_counted(pairs, bits), abs=0.003)


def test_a_rival_that_is_better_off_elsewhere_hardly_counts() -> None:
    alone = score.probability(_scored([(0, 0), (1, 0)], [4.0, 4.0]), left_once=True, right_once=True)
    other = score.probability(_scored([(0, 0), (1, 0), (1, 1)], [4.0, 4.0, 20.0]), left_once=True, right_once=True)
    assert alone[0] < 0.5
    assert other[0] > 0.9


def test_where_most_records_have_a_match_a_pair_without_rivals_is_likelier() -> None:
    pair = _scored([(0, 0)], [0.0])
    few, most = (score.probability(pair, left_once=True, right_once=True, matched=(s, s))[0] for s in (0.0, 0.75))
    assert (few, most) == pytest.approx((1 / 2, 16 / 17))


def test_the_likeliest_rising_evidence_pools_what_falls() -> None:
    u = np.asarray([0.5, 0.3, 0.1, 0.1])
    fine = np.asarray([0.1, 0.2, 0.3, 0.4])
    assert train.rising(fine, u).tolist() == pytest.approx(fine.tolist())
    pooled = train.rising(np.asarray([0.1, 0.6, 0.05, 0.25]), u)
    assert (np.diff(pooled / u) >= -1e-12).all()
    assert pooled.sum() == pytest.approx(1.0)


def test_patterns_of_many_fields_are_told_apart() -> None:
    """One number for 30 fields of 8 levels would need 90 bits."""
    levels = np.full((3, 30), 6, dtype=np.int8)
    levels[1, 0] = levels[2, 29] = 0
    patterns, places = train.index(np.concatenate([levels, levels]))
    assert patterns.counts.tolist() == [2.0, 2.0, 2.0]
    assert (patterns.levels[places] == np.concatenate([levels, levels])).all()


def test_a_value_that_only_the_two_records_have_is_rarer_than_its_count() -> None:
    """Of what was seen once on each side, the pair itself is half; a value that many have is as common as it is counted."""
    seldom, often = range(1, 101), np.zeros(100, dtype=np.int32)
    codes = np.asarray([*often, *seldom], dtype=np.int32)
    values = pa.array([str(n) for n in range(101)], pa.string())
    one = encode.Encoded("", kinds.KINDS["name"], values, codes, codes, {})
    bits = score.rarity(one, u=1.0, total=400)
    assert bits[0] == pytest.approx(np.log2(400 / 199), abs=0.001)
    assert bits[1:] == pytest.approx(np.log2(400))
