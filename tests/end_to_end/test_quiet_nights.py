"""A night that has nothing new to do does nothing: no save, no new finding, no proposal, no paid call."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from core.ledger import calls, proposals
from tests.practice import Practice, practice


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with practice(tmp_path_factory.mktemp("quiet"), accounts=60, seed=3) as site:
        site.night()
        yield site


def _memory(site: Practice) -> tuple[int, int, int]:
    ledger = site.ledger()
    try:
        return (
            len(site.effects()),
            len(proposals.find(ledger)),
            sum(calls.count(ledger, site.world.day + timedelta(n)) for n in range(3)),
        )
    finally:
        ledger.close()


def test_first_night_writes_and_nothing_is_silently_wrong(site: Practice) -> None:
    said = site.score()
    assert said["effects"] > 0
    assert {key: said[key] for key in ("silent_wrong", "wrong_automatic", "lost", "doubled")} == dict.fromkeys(
        ("silent_wrong", "wrong_automatic", "lost", "doubled"), 0
    )
    assert said["accuracy_after"] > said["accuracy_before"]


def test_reopened_run_of_the_same_date_does_nothing(site: Practice) -> None:
    before = _memory(site)
    counts = site.night()["counts"]
    assert counts["check"]["opened"] == 0
    assert counts["reconcile"]["new"] == 0
    assert counts["recheck"]["calls"] == 0
    assert _memory(site) == before


def test_next_date_without_new_data_does_nothing(site: Practice) -> None:
    before = _memory(site)
    counts = site.night(site.world.day + timedelta(days=1))["counts"]
    assert counts["pull"]["batches"] == 0
    assert counts["check"]["opened"] == 0
    assert counts["reconcile"]["new"] == 0
    assert _memory(site) == before
