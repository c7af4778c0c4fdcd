"""How many labels a rate needs, and how a stratum climbs, falls and is sampled."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.fields import Fields
from core.model import Class
from core.policy import Policy
from core.settings import read
from matchers.ladder import Labels, Stratum, drawn, lower, needed, standing, upper

CONFIG = Path(__file__).parents[2] / "config"
MINE = Stratum("B", "ID11", "population+survey")
KIN = Stratum("B", "NM10", "population+survey")


@pytest.fixture(scope="module")
def policy() -> Policy:
    config = read(CONFIG)
    return Policy.load(config, Fields.load(config))


@pytest.mark.parametrize(
    ("wrong", "count", "bound"),
    [(0, 2995, 0.001), (0, 10, 0.2589), (1, 10, 0.3942), (2, 100, 0.0616), (10, 10, 1.0), (0, 0, 1.0)],
)
def test_the_upper_bound_is_clopper_and_pearsons(wrong: int, count: int, bound: float) -> None:
    assert upper(wrong, count, 0.95) == pytest.approx(bound, abs=5e-5)


@pytest.mark.parametrize(("wrong", "count", "bound"), [(0, 10, 0.0), (1, 10, 0.0051), (2, 100, 0.0036)])
def test_the_lower_bound_is_clopper_and_pearsons(wrong: int, count: int, bound: float) -> None:
    assert lower(wrong, count, 0.95) == pytest.approx(bound, abs=5e-5)


@pytest.mark.parametrize(("wrong", "count"), [(0, 2995), (1, 4742), (2, 6294)])
def test_errors_raise_the_number_of_labels_that_is_needed(wrong: int, count: int) -> None:
    assert needed(wrong, 0.001, 0.95) == count
    assert upper(wrong, count, 0.95) <= 0.001 < upper(wrong, count - 1, 0.95)


def test_an_unknown_stratum_stands_where_its_class_starts(policy: Policy) -> None:
    assert standing(MINE, {}, policy).rung == "shadow"
    assert standing(MINE._replace(cls="A"), {}, policy).rung == "automatic"
    assert not standing(MINE._replace(cls="A"), {}, policy).proven


@pytest.mark.parametrize(
    ("right", "rung"), [(298, "shadow"), (299, "attended"), (2994, "attended"), (2995, "automatic")]
)
def test_a_stratum_climbs_with_its_labels(policy: Policy, right: int, rung: str) -> None:
    assert standing(MINE, {MINE: Labels(right=right)}, policy).rung == rung


def test_a_stratum_that_is_proven_bad_falls_into_the_shadow(policy: Policy) -> None:
    bad = MINE._replace(cls="A")
    assert standing(bad, {bad: Labels(right=49, wrong=1)}, policy).rung == "shadow"
    assert standing(bad, {bad: Labels(right=52, wrong=1)}, policy).rung == "automatic"


def test_kin_lend_at_most_what_a_stratum_has_itself(policy: Policy) -> None:
    alone = standing(MINE, {KIN: Labels(right=100_000)}, policy)
    assert (alone.rung, alone.bound) == ("shadow", 1.0)
    half = standing(MINE, {MINE: Labels(right=1500), KIN: Labels(right=100_000)}, policy)
    assert half.rung == "automatic"


def test_kin_lend_their_errors_as_well(policy: Policy) -> None:
    clean = standing(MINE, {MINE: Labels(right=1500), KIN: Labels(right=3000)}, policy)
    erring = standing(MINE, {MINE: Labels(right=1500), KIN: Labels(right=3000, wrong=1)}, policy)
    assert erring.bound > clean.bound
    assert erring.rung == "attended"


def test_strata_of_other_sources_lend_nothing(policy: Policy) -> None:
    other = KIN._replace(sources="payment+survey")
    assert standing(MINE, {MINE: Labels(right=300), other: Labels(wrong=50)}, policy).bound == pytest.approx(
        upper(0, 300, 0.95)
    )


def test_sampling_falls_with_the_labels_and_stays_on_its_floor(policy: Policy) -> None:
    rates = [standing(MINE, {MINE: Labels(right=n)}, policy).sampling for n in (0, 1000, 2000, 2995, 100_000)]
    assert rates == sorted(rates, reverse=True)
    assert (rates[0], rates[-2], rates[-1]) == (policy.sampling_start, policy.sampling_floor, policy.sampling_floor)


def test_errors_beyond_the_bound_raise_the_sampling_again(policy: Policy) -> None:
    policy = replace(policy, start={Class.B: "automatic"})
    before = standing(MINE, {MINE: Labels(right=2995)}, policy).sampling
    assert standing(MINE, {MINE: Labels(right=2995, wrong=1)}, policy).sampling > before


def test_the_draw_is_the_same_every_night_and_near_its_rate() -> None:
    keys = [str(number) for number in range(20_000)]
    chosen = {key for key in keys if drawn("account", key, 0.03)}
    assert chosen == {key for key in keys if drawn("account", key, 0.03)}
    assert 500 < len(chosen) < 700
    assert {key for key in keys if drawn("account", key, 0.01)} < chosen


def test_a_stratum_is_read_as_it_is_written() -> None:
    assert Stratum.of(str(MINE)) == MINE
