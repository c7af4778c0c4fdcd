"""Whether thousands of records grow anything: `python -m tests.bench.web.growth [RECORDS] [SLICES]`; nothing is asserted.

One sheet's worth of rows on the register of forty fields, planned at once and filled by `flows.fill` with a ledger on disk. For each
slice: milliseconds a record as the clock and as the processor counts them (ours, the driver's, the browser's and the served pages';
other work on the machine slows the clock and hardly these), and the memory of our process and of the browser's (resident; for the
browser proportional, so that shared pages count once).
"""

import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import psutil
from loguru import logger

from core.ledger import Ledger, queue, store
from core.ledger.queue import StepPlan
from core.model import Change, Kind, Operation, State, WorkItem
from flows.fill import Desk, Terms, fill
from tests.bench.web.register import connect, served, values

MIB = 2**20
ORIGIN = "sheet bench "
HEADER = "records   ms a record   busy ms   python MiB   browser MiB   browser processes   ledger MiB   load"


class Clock:
    """The real one."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def plan(ledger: Ledger, scope: str, records: int) -> None:
    """One item a record: ten of forty cells."""
    for number in range(records):
        changes = tuple(Change(field=f, before="", after=v, proposal=0) for f, v in values(number).items())
        step = StepPlan(screen="register", operation=Operation.SET, changes=changes, row={})
        with ledger.begin() as tx:
            queue.plan(tx, Kind.RECORD, f"{scope}{number + 1:06}", "", f"{ORIGIN}row {number}", 1, [step], None)


def busy() -> float:
    """Seconds of the processor that this process and those it started have used."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return sum(each.user + each.system for each in times) + sum(times[0][2:4])


def line(place: Path, done: int, took: float, spent: float, many: int) -> str:
    """One slice."""
    own = psutil.Process()
    inner = [p for p in own.children(recursive=True) if "chrom" in p.name() or "headless" in p.name()]
    browser = sum(p.memory_full_info().pss for p in inner) / MIB
    disk = sum(f.stat().st_size for f in place.glob("ledger.db*")) / MIB
    python, load = own.memory_info().rss / MIB, os.getloadavg()[0]
    return f"{done:7} {took * 1000 / many:13.1f} {spent * 1000 / many:9.1f} {python:12.0f} {browser:13.0f} {len(inner):19} {disk:12.1f} {load:6.1f}"


def main(records: int, slices: int) -> None:
    """Plan, fill, and tell each slice as it ends."""
    logger.remove()
    each = max(1, records // slices)
    with tempfile.TemporaryDirectory() as folder, served() as url:
        place = Path(folder) / "data"
        store.create(place)
        ledger = store.open(place)
        legacy, scope = connect(url)
        plan(ledger, scope, records)
        ended, since, worked = 0, time.perf_counter(), busy()

        def progress(_: WorkItem, state: State) -> None:
            nonlocal ended, since, worked
            assert state is State.VERIFIED, state
            ended += 1
            if ended % each == 0:
                took, spent = time.perf_counter() - since, busy() - worked
                print(line(place, ended, took, spent, each), flush=True)
                since, worked = time.perf_counter(), busy()

        terms = Terms(lease=600, attempts=3, pause=lambda _: 1.0, circuit=5)
        worker = queue.enlist(ledger, "bench", "here", os.getpid(), 0.0)
        desk = Desk(
            ledger=ledger, legacy=legacy, worker=worker, terms=terms, clock=Clock(), day=date(2026, 3, 16),
            gone=lambda *_: False, progress=progress, origin=ORIGIN,
        )  # fmt: skip
        print(HEADER)
        print(fill(desk), ended)
        legacy.close()
        ledger.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000, int(sys.argv[2]) if len(sys.argv) > 2 else 10)
