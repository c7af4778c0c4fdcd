"""Promises of runs: a night happens once, whoever starts it and however often."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from core.ledger import Ledger, runs
from core.ledger import tables as t
from core.ledger.queue import Worker
from core.ledger.runs import Busy, Run

DAY = date(2026, 1, 5)


def _gone(answer: bool) -> Callable[[Worker, bool], bool]:
    return lambda owner, late: answer


def _begin(ledger: Ledger, worker: Worker, *, gone: bool = False, day: date = DAY) -> Run:
    return runs.begin(ledger, "nightly", day, worker, "digest", {"ID02": "1"}, _gone(gone))


def test_a_run_begins_with_its_first_attempt(ledger: Ledger, worker: Worker) -> None:
    run = _begin(ledger, worker)
    assert (run.flow, run.day, run.state, run.attempt, run.ended) == ("nightly", DAY, "running", 1, None)


def test_a_date_has_one_run(ledger: Ledger, worker: Worker) -> None:
    first = _begin(ledger, worker)
    runs.end(ledger, first, "done", {})
    again = _begin(ledger, worker)
    assert (again.id, again.attempt) == (first.id, 2)
    assert len(runs.listing(ledger)) == 1


def test_the_database_itself_refuses_a_second_row_for_a_date(ledger: Ledger, worker: Worker) -> None:
    _begin(ledger, worker)
    with pytest.raises(sa.exc.IntegrityError), ledger.begin() as tx:
        tx.insert(t.run, flow="nightly", business_date=DAY.isoformat(), state="due")


def test_another_date_is_another_run(ledger: Ledger, worker: Worker) -> None:
    assert _begin(ledger, worker).id != _begin(ledger, worker, day=date(2026, 1, 6)).id


def test_a_run_of_a_living_process_is_not_taken(ledger: Ledger, worker: Worker, rival: Worker) -> None:
    _begin(ledger, worker)
    with pytest.raises(Busy, match=r"nightly of 2026-01-05 is running \(process 1 on here\)"):
        _begin(ledger, rival)
    found = runs.find(ledger, "nightly", DAY)
    assert found is not None
    assert found.attempt == 1


def test_a_run_of_a_dead_process_is_taken_over(ledger: Ledger, worker: Worker, rival: Worker) -> None:
    _begin(ledger, worker)
    assert _begin(ledger, rival, gone=True).attempt == 2


@pytest.mark.parametrize(("lease", "late"), [(-1.0, True), (3600.0, False)])
def test_gone_is_told_whether_the_lease_ran_out(
    ledger: Ledger, worker: Worker, rival: Worker, lease: float, late: bool
) -> None:
    runs.begin(ledger, "nightly", DAY, worker, "", {}, _gone(False), lease)
    asked: list[tuple[Worker, bool]] = []

    def gone(owner: Worker, is_late: bool) -> bool:
        asked.append((owner, is_late))
        return True

    runs.begin(ledger, "nightly", DAY, rival, "", {}, gone)
    assert asked == [(worker, late)]


def test_a_run_that_was_taken_over_cannot_be_ended_by_its_first_owner(
    ledger: Ledger, worker: Worker, rival: Worker
) -> None:
    first = _begin(ledger, worker)
    _begin(ledger, rival, gone=True)
    runs.end(ledger, first, "failed", {"items": 1}, "late")
    found = runs.find(ledger, "nightly", DAY)
    assert found is not None
    assert (found.state, found.reason) == ("running", "")


@pytest.mark.parametrize("state", ["done", "failed", "skipped"])
def test_a_run_ends_with_its_counts_and_reason(ledger: Ledger, worker: Worker, state: str) -> None:
    runs.end(ledger, _begin(ledger, worker), state, {"items": 3}, "because")
    (found,) = runs.listing(ledger)
    assert (found.state, found.counts, found.reason) == (state, {"items": 3}, "because")
    assert found.ended is not None


def test_the_newest_runs_come_first(ledger: Ledger, worker: Worker) -> None:
    for day in (5, 7, 6):
        _begin(ledger, worker, day=date(2026, 1, day))
    assert [run.day.day for run in runs.listing(ledger, 2)] == [7, 6]


def test_a_run_that_never_was_is_not_found(ledger: Ledger) -> None:
    assert runs.find(ledger, "nightly", DAY) is None


def _steps(ledger: Ledger) -> list[tuple[Any, ...]]:
    with ledger.begin() as tx:
        rows = tx.rows(sa.select(t.run_step.c.name, t.run_step.c.state, t.run_step.c.counts, t.run_step.c.attempt))
        return [tuple(row) for row in rows]


def test_a_step_is_kept_with_what_it_counted(ledger: Ledger, worker: Worker) -> None:
    counts: dict[str, Any] = {}
    with runs.step(ledger, _begin(ledger, worker), "pull", counts):
        counts["rows"] = 3
    assert _steps(ledger) == [("pull", "done", {"rows": 3}, 1)]


def test_a_step_that_failed_says_so_and_the_error_goes_on(ledger: Ledger, worker: Worker) -> None:
    counts: dict[str, Any] = {}
    with pytest.raises(ZeroDivisionError), runs.step(ledger, _begin(ledger, worker), "pull", counts):
        raise ZeroDivisionError
    assert _steps(ledger) == [("pull", "failed", {}, 1)]


def _attempt(ledger: Ledger, worker: Worker, *names: str, until: str = "") -> list[str]:
    """What the run still owes after an attempt at these steps, which was killed before `until` had begun."""
    run = runs.begin(ledger, "nightly", DAY, worker, "", {}, _gone(True), steps=names)
    for name in names[: names.index(until)] if until else names:
        with runs.step(ledger, run, name, {}):
            pass
    return runs.owed(ledger, run)


def test_what_an_attempt_left_undone_is_owed_until_a_later_one_has_done_it(ledger: Ledger, worker: Worker) -> None:
    assert _attempt(ledger, worker, "pull", "check", "fill", until="check") == ["check", "fill"]
    assert _attempt(ledger, worker, "report") == ["check", "fill"]
    assert _attempt(ledger, worker, "check") == ["fill"]
    assert _attempt(ledger, worker, "pull", "check", "fill") == []


def test_a_step_that_failed_is_owed_though_an_earlier_attempt_had_done_it(ledger: Ledger, worker: Worker) -> None:
    assert _attempt(ledger, worker, "pull", "check") == []
    run = runs.begin(ledger, "nightly", DAY, worker, "", {}, _gone(True), steps=["pull"])
    with pytest.raises(ZeroDivisionError), runs.step(ledger, run, "pull", {}):
        raise ZeroDivisionError
    assert runs.owed(ledger, run) == ["pull"]
    assert _attempt(ledger, worker, "check") == ["pull"]


def test_figures_of_a_date_are_replaced_as_a_whole(ledger: Ledger) -> None:
    runs.store_figures(ledger, DAY, {("011", "core"): 0.5, ("012", "core"): 0.25})
    runs.store_figures(ledger, DAY, {("011", "core"): 0.75})
    assert runs.figures(ledger, DAY) == {("011", "core"): 0.75}


def test_figures_of_other_dates_stay(ledger: Ledger) -> None:
    runs.store_figures(ledger, DAY, {("011", "core"): 0.5})
    runs.store_figures(ledger, date(2026, 1, 6), {})
    assert runs.figures(ledger, DAY) == {("011", "core"): 0.5}
