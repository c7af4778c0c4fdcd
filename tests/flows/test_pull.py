"""What a pull keeps and what becomes of it: also when it is killed, and when a source cannot be read."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.ledger import Ledger, batches, entities
from core.model import Kind
from core.ports import Delivery
from flows import nightly
from flows.pull import pull
from tests.practice import ROOT

MONDAY, TUESDAY, WEDNESDAY = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)

KILLED = """
import os, signal, sys
from pathlib import Path
from core.ledger import store
from flows.pull import pull
from tests.flows.test_pull import TUESDAY, Archive
def dying(self, since, known):
    yield from Archive.pull(self, since, known)
    os.kill(os.getpid(), signal.SIGKILL)  # the export is kept, and nobody has compared it
Dying = type("Dying", (Archive,), {"pull": dying})
pull(store.open(Path(sys.argv[1])), [Dying(TUESDAY, "402")], TUESDAY, None)
"""


class Archive:
    """A source with one export of one account."""

    name, kind = "archive", "archive"

    def __init__(self, day: date, room: str) -> None:
        self.day, self.room = day, room

    def pull(self, since: str | None, known: frozenset[str]) -> Iterator[Delivery]:
        columns: dict[str, list[str | None]] = {
            "cons_no": ["1"],
            "cust_no": ["C1"],
            "org_no": ["011"],
            "room_no": [self.room],
        }
        yield Delivery(
            name=f"{self.day}.csv", raw=repr(columns).encode(), as_of=self.day, columns=columns, table="accounts"
        )


@pytest.fixture
def killed(ledger: Ledger) -> Ledger:
    """Monday's export is kept and compared; on Tuesday another one was kept when the pull was killed."""
    assert pull(ledger, [Archive(MONDAY, "401")], MONDAY, None)["changed_cells"] == 0
    done = subprocess.run([sys.executable, "-c", KILLED, str(ledger.directory)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [batch.as_of for batch in batches.of_kind(ledger, "archive", "accounts")] == [MONDAY, TUESDAY]
    return ledger


def _changed(ledger: Ledger) -> dict[tuple[Kind, str, str], date]:
    with ledger.begin() as tx:
        return {place: change.day for place, change in entities.last_changes(tx).items()}


ROOM = {(Kind.ACCOUNT, "1", "room_no"): TUESDAY}


def test_what_a_killed_pull_has_kept_is_compared_by_the_next_one_whatever_its_day(killed: Ledger) -> None:
    """Else a survey from before Tuesday would be written over what somebody entered on that day."""
    assert _changed(killed) == {}
    assert pull(killed, [], WEDNESDAY, None)["changed_cells"] == 1
    assert _changed(killed) == ROOM
    assert pull(killed, [], WEDNESDAY, None)["changed_cells"] == 0


def test_no_step_judges_before_what_was_kept_is_compared(killed: Ledger) -> None:
    nightly.perform(cast("Any", SimpleNamespace(ledger=killed)), cast("Any", None), ())
    assert _changed(killed) == ROOM
