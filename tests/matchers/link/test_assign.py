"""Pairs are assigned, and records of one file put into clusters by the average of what is known between them, in a time that grows with the pairs."""

import time

import numpy as np
import numpy.typing as npt

from matchers.link import assign


def _pairs(rows: range, others: range) -> npt.NDArray[np.int32]:
    return np.array([(a, b) for a in rows for b in others if a < b], dtype=np.int32).reshape(-1, 2)


def _clusters(size: int, *scored: tuple[npt.NDArray[np.int32], float]) -> list[int]:
    rows = np.concatenate([pairs for pairs, _ in scored])
    score = np.concatenate([np.full(len(pairs), bits, dtype=np.float32) for pairs, bits in scored])
    return assign.clusters(size, rows[:, 0], rows[:, 1], score, against=-3.0).tolist()


def test_a_chain_is_not_joined_into_one() -> None:
    links = np.array([(0, 1), (1, 2), (2, 3)], dtype=np.int32)
    assert _clusters(5, (links, 2.0)) == [0, 0, 2, 2, 4]


def test_two_pairs_join_a_third_record_where_the_average_speaks_for_it() -> None:
    assert _clusters(4, (np.array([(1, 3)], np.int32), 6.0), (np.array([(1, 2), (2, 3)], np.int32), 4.0)) == [
        0,
        1,
        1,
        1,
    ]


def test_two_crowds_that_are_refused_again_and_again_cost_no_more_than_their_pairs() -> None:
    """Each of 90,000 pairs between two crowds of 300 speaks for joining them or against it: a look at all for each took hours."""
    one, other = range(300), range(300, 600)
    between = _pairs(one, other)
    odd = between.sum(axis=1) % 2 == 1
    crowds = ((_pairs(one, one), 9.0), (_pairs(other, other), 9.0))
    assert _clusters(600, *crowds, (between[odd], 1.0), (between[~odd], -2.0)) == [0] * 300 + [300] * 300


def test_a_long_chain_of_equals_is_assigned_from_its_beginning_in_a_time_that_grows_with_it() -> None:
    """Each pair of a chain waits for the one before: a look at all of them for each took minutes."""
    size = 100_000
    left, right = (np.repeat(np.arange(size, dtype=np.int32), 2)[cut] for cut in (slice(1, None), slice(0, -1)))
    began = time.process_time()
    stands = assign.best(left, right, np.ones(len(left), np.float32), "one_to_one")
    assert time.process_time() - began < 20
    assert (left[stands] == right[stands]).all()
    assert int(stands.sum()) == size


def test_the_pairs_that_stand_are_those_of_taking_the_best_one_by_one() -> None:
    rng = np.random.default_rng(3)
    left, right = (rng.integers(0, 300, 4000).astype(np.int32) for _ in range(2))
    score = rng.integers(0, 9, 4000).astype(np.float32)
    mine, theirs, expected = set(), set(), np.zeros(4000, dtype=np.bool_)
    for place in np.argsort(-score, kind="stable").tolist():
        if left[place] not in mine and right[place] not in theirs:
            mine.add(left[place])
            theirs.add(right[place])
            expected[place] = True
    assert (assign.best(left, right, score, "one_to_one") == expected).all()


def test_clusters_are_the_same_however_many_pairs_are_held() -> None:
    rng = np.random.default_rng(4)
    pairs = np.unique(np.sort(rng.integers(0, 400, (900, 2)), axis=1).astype(np.int32), axis=0)
    pairs = pairs[(pairs[:, 0] != pairs[:, 1]) & (pairs[:, 1] - pairs[:, 0] < 40)]
    score = rng.integers(-9, 9, len(pairs)).astype(np.float32)
    all_at_once, *others = (
        assign.clusters(450, pairs[:, 0], pairs[:, 1], score, -3.0, held) for held in (10**6, 1, 50)
    )
    assert len(np.unique(all_at_once)) < 400
    assert (all_at_once[400:] == np.arange(400, 450)).all()
    for other in others:
        assert (other == all_at_once).all()


def test_of_what_hangs_together_with_more_pairs_than_have_room_the_best_are_looked_at() -> None:
    one, other = _pairs(range(20), range(20)), _pairs(range(20, 25), range(20, 25))
    left, right = np.concatenate([one, other]).T
    score = np.random.default_rng(5).random(len(left)).astype(np.float32) + np.float32(0.1)
    fit = assign.fitting(25, left, right, score, 60)
    assert fit[len(one) :].all()
    assert int(fit.sum()) == 60 + len(other)
    assert score[: len(one)][fit[: len(one)]].min() > score[: len(one)][~fit[: len(one)]].max()
    assert assign.fitting(25, left, right, score, len(left)).all()
    assert assign.clusters(25, left[fit], right[fit], score[fit]).tolist() == [0] * 20 + [20] * 5
