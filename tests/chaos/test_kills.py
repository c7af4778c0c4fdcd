"""kill -9 at every boundary of an item's walk: the oracle finds nothing lost, doubled or silently wrong; blind, it does."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from core.ledger import queue
from core.model import Operation, State, WorkItem
from tests.practice import ROOT, Practice, practice

CASES = {
    "claim": Operation.SET,
    "read": Operation.SET,
    "intent": Operation.CHANGE,
    "submit": Operation.ADD,
    "read_back": Operation.CHANGE,
}
"""Boundary → the operation at which the worker dies there (claim and read: the first item's)."""

killed: dict[str, int] = {}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with _planned(tmp_path_factory.mktemp("kills")) as site:
        yield site


def _planned(place: Path) -> AbstractContextManager[Practice]:
    return practice(place, accounts=40, seed=2, until="reconcile")


def _fill(site: Practice, boundary: str, operation: Operation, *items: int) -> int:
    worker = [sys.executable, "-m", "tests.chaos.dying_worker", boundary, operation, ",".join(map(str, items))]
    words = [
        *worker,
        "fill",
        "--date",
        site.world.day.isoformat(),
        "--config",
        str(site.config),
        "--data",
        str(site.data),
    ]
    return subprocess.run(words, cwd=ROOT, env=site.environ(), check=False, capture_output=True).returncode


def _ready(site: Practice, operation: Operation) -> int:
    """The first item that nobody has begun with a step of this kind; those that add rows are few, and kept for that case."""
    ledger = site.ledger()
    try:
        ready = [queue.item(ledger, row.id) for row in queue.rows(ledger, states=(State.READY,))]
        kinds = {
            item.id: {step.operation for step in item.steps} - {operation} for item in ready if _has(item, operation)
        }
        return next(number for number, others in kinds.items() if Operation.ADD not in others)
    finally:
        ledger.close()


def _has(item: WorkItem, operation: Operation) -> bool:
    return any(step.operation is operation for step in item.steps)


def _in_hand(site: Practice) -> list[int]:
    ledger = site.ledger()
    try:
        return [row.id for row in queue.rows(ledger, states=(State.WORKING,))]
    finally:
        ledger.close()


def _clean(site: Practice) -> None:
    said = site.score()
    assert (said["silent_wrong"], said["lost"], said["doubled"]) == (0, 0, 0), said["details"]


@pytest.mark.parametrize("boundary", CASES)
def test_a_kill_leaves_nothing_lost_or_doubled(site: Practice, boundary: str) -> None:
    """Each case also takes over what the case before it left behind."""
    item = _ready(site, CASES[boundary])
    assert _fill(site, boundary, CASES[boundary], *killed.values(), item) == -9
    (killed[boundary],) = _in_hand(site)
    _clean(site)


def test_afterwards_every_killed_item_is_settled(site: Practice) -> None:
    assert site.json("fill", "--date", site.world.day.isoformat())["ended"] == "done"
    ledger = site.ledger()
    states = {boundary: queue.item(ledger, number).state for boundary, number in killed.items()}
    ledger.close()
    assert set(states) == set(CASES)
    assert set(states.values()) <= {State.VERIFIED, State.UNCHANGED}
    _clean(site)


def test_without_reading_first_a_row_is_doubled(tmp_path: Path) -> None:
    """The guard is what keeps the figure at zero: with it taken away the oracle sees the double."""
    with _planned(tmp_path) as site:
        memory = tmp_path / "first_seen.json"
        item = _ready(site, Operation.ADD)
        assert _fill(site, f"submit:{memory}", Operation.ADD, item) == -9
        _fill(site, f"never:{memory}", Operation.ADD, item)
        assert site.score()["doubled"] > 0
