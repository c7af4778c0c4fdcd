"""Pairs that lose on both sides tell how many pairs are wrong, so that probabilities hold where the evidence does not."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from matchers.link import calibrate, rivals

SIZE, MATCHED = 60_000, 0.7
ONCE = (True, True)


@dataclass(frozen=True)
class Drawn:
    """Pairs of two files of `SIZE` records, one to one, and their log₂ odds."""

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    evidence: npt.NDArray[np.float32]
    true: npt.NDArray[np.bool_]

    def chance(self, times: float, once: tuple[bool, bool] = ONCE) -> npt.NDArray[np.float64]:
        """The probability of each pair where the evidence is so many times what it should be."""
        evidence = (self.evidence * times).astype(np.float32)
        return rivals.probability(self.left, self.right, evidence, once, (SIZE, SIZE), SIZE * MATCHED)[0]


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    """Evidence is normal, the same way for matches and for wrong pairs, so that its odds are known."""
    rng = np.random.default_rng(1)
    matches = np.arange(int(SIZE * MATCHED), dtype=np.int32)
    pairs = np.unique(rng.integers(0, SIZE, (30_000, 2)).astype(np.int32), axis=0)
    pairs = pairs[(pairs[:, 0] != pairs[:, 1]) | (pairs[:, 0] >= len(matches))]
    score = np.concatenate([rng.normal(6, 3, len(matches)), rng.normal(-6, 3, len(pairs))])
    odds = 12 * score / 9 / np.log(2) + np.log2(len(matches) / len(pairs))
    left, right = (np.concatenate([matches, side]) for side in pairs.T)
    return Drawn(left, right, odds.astype(np.float32), np.arange(len(left)) < len(matches))


@pytest.mark.parametrize("times", [1.0, 1.6, 2.0])
@pytest.mark.parametrize("claim", [0.9, 0.99])
def test_what_is_claimed_holds_although_the_evidence_says_too_much(drawn: Drawn, times: float, claim: float) -> None:
    chance = drawn.chance(times)
    some = chance >= claim
    assert float(chance[some].mean()) == pytest.approx(float(drawn.true[some].mean()), abs=0.0007)


def test_where_few_lose_evidence_rises_but_to_no_more_than_four_to_one(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = np.where(drawn.evidence > 0, drawn.evidence, drawn.evidence - 2).astype(np.float32)
    chance, correction = rivals.probability(drawn.left, drawn.right, told, ONCE, (SIZE, SIZE), SIZE * MATCHED)
    alone = float(np.log2((1 - MATCHED) ** 2))
    raised = correction.bits > 0
    assert raised.any()
    assert ((correction.places + correction.bits)[raised] <= calibrate.RAISED + alone + 0.1).all()
    monkeypatch.setattr(rivals, "CORRECTED", 0)
    plain, _ = rivals.probability(drawn.left, drawn.right, told, ONCE, (SIZE, SIZE), SIZE * MATCHED)
    some = (told > -6) & (told < -3)
    apart = [float(abs(claimed[some].mean() - drawn.true[some].mean())) for claimed in (chance, plain)]
    assert apart[0] < 0.9 * apart[1]


@pytest.mark.parametrize("times", [0.6, 1.0])
def test_few_losers_make_nothing_surer(drawn: Drawn, times: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file holds the husband, the other one the wife: neither has a match, so neither loses."""
    matches = int(SIZE * MATCHED)
    homes = np.arange(matches, matches + 600, dtype=np.int32)
    left, right = np.concatenate([drawn.left, homes]), np.concatenate([drawn.right, homes])
    evidence = np.concatenate([drawn.evidence, np.random.default_rng(2).normal(5, 2, 600)]).astype(np.float32)
    evidence *= np.float32(times)
    chance, correction = rivals.probability(left, right, evidence, ONCE, (SIZE, SIZE), matches)
    monkeypatch.setattr(rivals, "CORRECTED", 0)
    alone, _ = rivals.probability(left, right, evidence, ONCE, (SIZE, SIZE), matches)
    assert len(correction.places) > 2
    assert float(chance[-600:].mean()) < float(alone[-600:].mean()) + 5e-4


def test_where_few_have_a_match_those_of_households_do_not_make_the_others_unlikely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 6,000 people of both files 200 live with another one: pairs of theirs lose on both sides, those of strangers hardly ever."""
    rng = np.random.default_rng(2)
    matches, homes = np.arange(6000, dtype=np.int32), np.arange(0, 200, 2, dtype=np.int32)
    strangers = np.unique(rng.integers(0, SIZE, (30_000, 2)).astype(np.int32), axis=0)
    strangers = strangers[(strangers[:, 0] != strangers[:, 1]) & (strangers.max(axis=1) >= 200)]
    left = np.concatenate([matches, homes, homes + 1, strangers[:, 0]])
    right = np.concatenate([matches, homes + 1, homes, strangers[:, 1]])
    sizes = len(matches), 2 * len(homes), len(strangers)
    score = np.concatenate([rng.normal(m, s, n) for m, s, n in zip((18, 6, -6), (5, 3, 3), sizes, strict=True)])
    degree, true = np.floor(score).astype(np.int64) + 50, np.arange(len(score)) < len(matches)
    right_ones, wrong_ones = (np.bincount(degree[some], minlength=100) + 0.5 for some in (true, ~true))
    evidence = np.log2(right_ones / wrong_ones)[degree].astype(np.float32)
    chance, correction = rivals.probability(left, right, evidence, ONCE, (SIZE, SIZE), len(matches))
    monkeypatch.setattr(rivals, "CORRECTED", 0)
    alone, _ = rivals.probability(left, right, evidence, ONCE, (SIZE, SIZE), len(matches))
    assert len(correction.places) > 2
    assert float((chance[true] > 0.99).mean()) == pytest.approx(float((alone[true] > 0.99).mean()), abs=0.03)


def test_twins_that_look_alike_are_one_wrong_pair_each_way() -> None:
    """Their four pairs are as likely as not, and two of them are wrong: here 200 pairs, and 7,000 right ones, at each degree."""
    matches, twins = np.arange(42_000, dtype=np.int32), np.arange(0, 42_000, 70, dtype=np.int32)
    left, right = np.concatenate([matches, twins, twins + 1]), np.concatenate([matches, twins + 1, twins])
    evidence = np.linspace(11, 17, len(matches), endpoint=False).astype(np.float32)
    evidence[twins + 1] = evidence[twins]
    evidence = np.concatenate([evidence, evidence[twins], evidence[twins]])
    _, correction = rivals.probability(left, right, evidence, ONCE, (SIZE, SIZE), len(matches))
    some = np.arange(11.5, 17, dtype=np.float32)
    assert some + correction.at(some) == pytest.approx(np.log2(7000 / 200), abs=0.1)


@pytest.mark.parametrize("once", [(True, False), (False, True)])
def test_losers_of_one_side_tell_where_only_that_side_has_one_match(drawn: Drawn, once: tuple[bool, bool]) -> None:
    chance = drawn.chance(2.0, once)
    some = chance >= 0.9
    assert float(chance[some].mean()) == pytest.approx(float(drawn.true[some].mean()), abs=0.0007)


def test_things_that_stand_twice_in_one_file_do_not_make_the_others_unlikely(drawn: Drawn) -> None:
    """They lose to their first record; the pairs of all others are as sure as before."""
    again = np.flatnonzero(drawn.true)[::33]
    left = np.concatenate([drawn.left, drawn.left[again]])
    right = np.concatenate([drawn.right, SIZE + np.arange(len(again), dtype=np.int32)])
    evidence = np.concatenate([drawn.evidence, drawn.evidence[again] - 3])
    sizes = SIZE, SIZE + len(again)
    twice, _ = rivals.probability(left, right, evidence, ONCE, sizes, SIZE * MATCHED)
    alone = np.setdiff1d(np.flatnonzero(drawn.true), again)
    assert float(twice[alone].mean()) == pytest.approx(float(drawn.chance(1.0)[alone].mean()), abs=0.002)


def test_few_losers_correct_nothing(drawn: Drawn) -> None:
    some = np.flatnonzero(drawn.left % 700 == 0)
    left, right, evidence = drawn.left[some], drawn.right[some], drawn.evidence[some]
    _, correction = rivals.probability(left, right, evidence, ONCE, (SIZE, SIZE), len(some) * MATCHED)
    assert correction is calibrate.NONE


def test_corrected_evidence_never_falls_where_the_evidence_rises(drawn: Drawn) -> None:
    evidence = drawn.evidence * np.float32(2)
    _, correction = rivals.probability(drawn.left, drawn.right, evidence, ONCE, (SIZE, SIZE), SIZE * MATCHED)
    steps = np.linspace(-40, 60, 1001).astype(np.float32)
    assert (np.diff(steps + correction.at(steps)) > -1e-4).all()
    assert len(correction.places) > 5
