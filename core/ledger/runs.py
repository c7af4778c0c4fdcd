"""Runs: a flow happens once for a business date, however often it is started.

due ──claim──▶ running ──▶ done | incomplete | failed      (a manual start of a finished date is a new attempt under the same row)

What an attempt sets out to do is on disk before it begins, so that what it leaves undone is `owed` until a later attempt has done it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from core.errors import HedangError
from core.ledger import tables as t
from core.ledger.queue import Worker
from core.ledger.store import Ledger

STEPS = ("pull", "check", "reconcile", "fill", "recheck")
REPORT = "report"
"""What a night does, in this order, and what it ends with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One flow on one business date."""

    id: int
    flow: str
    day: date
    state: str
    attempt: int
    fence: int
    counts: Mapping[str, Any]
    reason: str
    started: float | None
    ended: float | None


class Busy(HedangError):
    """This flow is running already for this date."""


def begin(
    ledger: Ledger,
    flow: str,
    day: date,
    worker: Worker,
    digest: str,
    versions: Mapping[str, str],
    gone: Callable[[Worker, bool], bool],
    lease: float = 6 * 3600,
    steps: Sequence[str] = (),
) -> Run:
    """Claim the run's row (made when absent) to do these steps. Raises Busy while a living process holds it."""
    where = (t.run.c.flow == flow) & (t.run.c.business_date == day.isoformat())
    with ledger.begin() as tx:
        if tx.one(sa.select(t.run.c.id).where(where)) is None:
            tx.insert(t.run, flow=flow, business_date=day.isoformat(), state="due")
        row = tx.one(sa.select(t.run, t.now().label("clock")).where(where))
        assert row is not None
        if row.state == "running" and row.worker_id != worker.id:
            owner = tx.one(sa.select(t.worker).where(t.worker.c.id == row.worker_id))
            late = (row.lease_until or 0) <= row.clock
            if owner is not None and not gone(
                Worker(id=owner.id, name=owner.name, host=owner.host, pid=owner.pid, started=owner.process_started),
                late,
            ):
                raise Busy(
                    f"{flow} of {day} is running (process {owner.pid} on {owner.host}); stop it or wait for its end"
                )
        values = {
            "state": "running", "attempt": row.attempt + 1, "fence": row.fence + 1, "worker_id": worker.id, "lease_until": t.now() + lease,
            "config_digest": digest, "rule_versions": dict(versions), "started": t.now(), "ended": None, "reason": "",
        }  # fmt: skip
        if not tx.update(t.run.update().where(where, t.run.c.fence == row.fence).values(**values)):
            raise Busy(f"{flow} of {day} was begun by another process in this moment")
        for name in steps:
            tx.insert(t.run_step, run_id=row.id, attempt=row.attempt + 1, name=name, state="due", started=t.now())
        tx.trail("run begun", f"run {row.id}", {"flow": flow, "date": day.isoformat(), "attempt": row.attempt + 1})
        return _run(tx.one(sa.select(t.run).where(where)))


def end(ledger: Ledger, run: Run, state: str, counts: Mapping[str, Any], reason: str = "") -> None:
    """Close the run with its counts and the trail's heads."""
    with ledger.begin() as tx:
        tx.trail(f"run {state}", f"run {run.id}", {"reason": reason})
        last = (
            sa.select(t.trail.c.writer, sa.func.max(t.trail.c.seq).label("seq")).group_by(t.trail.c.writer).subquery()
        )
        rows = tx.rows(
            sa.select(t.trail.c.writer, t.trail.c.seq, t.trail.c.hash).join(
                last, (t.trail.c.writer == last.c.writer) & (t.trail.c.seq == last.c.seq)
            )
        )
        values = {
            "state": state,
            "counts": dict(counts),
            "reason": reason,
            "ended": t.now(),
            "lease_until": None,
            "heads": {r.writer: [r.seq, r.hash] for r in rows},
        }
        tx.update(t.run.update().where(t.run.c.id == run.id, t.run.c.fence == run.fence).values(**values))


@contextmanager
def step(ledger: Ledger, run: Run, name: str, counts: dict[str, Any]) -> Iterator[None]:
    """Record that a step of the run began and how it ended; `counts` is kept as it is at the end."""
    mine = (t.run_step.c.run_id == run.id) & (t.run_step.c.attempt == run.attempt) & (t.run_step.c.name == name)
    with ledger.begin() as tx:
        due = tx.one(sa.select(t.run_step.c.id).where(mine, t.run_step.c.state == "due"))
        number = (
            due.id
            if due
            else tx.insert(t.run_step, run_id=run.id, attempt=run.attempt, name=name, state="due", started=t.now())
        )
        tx.update(t.run_step.update().where(t.run_step.c.id == number).values(state="running", started=t.now()))
    state = "failed"
    try:
        yield
        state = "done"
    finally:
        with ledger.begin() as tx:
            tx.update(
                t.run_step.update().where(t.run_step.c.id == number).values(state=state, counts=counts, ended=t.now())
            )


def owed(ledger: Ledger, run: Run) -> list[str]:
    """The steps that an attempt of the run has set out to do, and that none since then has brought to their end."""
    mine = sa.select(t.run_step.c.name, t.run_step.c.state).where(t.run_step.c.run_id == run.id)
    with ledger.begin() as tx:
        newest = {r.name: r.state for r in tx.rows(mine.order_by(t.run_step.c.id))}
    return [name for name, state in newest.items() if state != "done"]


def listing(ledger: Ledger, limit: int = 30) -> list[Run]:
    """The newest runs first."""
    with ledger.begin() as tx:
        return [
            _run(r)
            for r in tx.rows(sa.select(t.run).order_by(t.run.c.business_date.desc(), t.run.c.id.desc()).limit(limit))
        ]


def find(ledger: Ledger, flow: str, day: date) -> Run | None:
    """The run of a flow on a date."""
    with ledger.begin() as tx:
        row = tx.one(sa.select(t.run).where(t.run.c.flow == flow, t.run.c.business_date == day.isoformat()))
    return _run(row) if row else None


def previous(ledger: Ledger, run: Run) -> Run | None:
    """The run of the same flow before this one that came to an end."""
    earlier = (t.run.c.flow == run.flow) & (t.run.c.business_date < run.day.isoformat()) & t.run.c.ended.is_not(None)
    with ledger.begin() as tx:
        row = tx.one(sa.select(t.run).where(earlier).order_by(t.run.c.business_date.desc()).limit(1))
    return _run(row) if row else None


def steps(ledger: Ledger, run: Run) -> list[tuple[str, Mapping[str, Any]]]:
    """The steps that this run's attempts have finished, oldest first, with what they counted."""
    finished = (t.run_step.c.run_id == run.id) & (t.run_step.c.state == "done")
    with ledger.begin() as tx:
        return [
            (r.name, r.counts or {}) for r in tx.rows(sa.select(t.run_step).where(finished).order_by(t.run_step.c.id))
        ]


def _run(r: Any) -> Run:
    return Run(
        id=r.id, flow=r.flow, day=date.fromisoformat(r.business_date), state=r.state, attempt=r.attempt, fence=r.fence,
        counts=r.counts or {}, reason=r.reason, started=r.started, ended=r.ended,
    )  # fmt: skip


def store_figures(ledger: Ledger, day: date, figures: Mapping[tuple[str, str], float]) -> None:
    """Replace the figures of a date: (organisation, metric) → value."""
    with ledger.begin() as tx:
        tx.connection.execute(t.figure.delete().where(t.figure.c.business_date == day.isoformat()))
        rows = [
            {"business_date": day.isoformat(), "org": org, "metric": metric, "value": value}
            for (org, metric), value in figures.items()
        ]
        if rows:
            tx.connection.execute(t.figure.insert(), rows)


def figures(ledger: Ledger, day: date) -> dict[tuple[str, str], float]:
    """The figures of a date."""
    with ledger.begin() as tx:
        return {
            (r.org, r.metric): r.value
            for r in tx.rows(sa.select(t.figure).where(t.figure.c.business_date == day.isoformat()))
        }
