"""What survey answers cost a night: `python -m tests.bench.bench_surveys [VISITS …]`; nothing is asserted.

Visits of 121 items each, in deliveries of fifty thousand rows as they are kept; then everything that a check makes of them. Each
size runs in a process of its own, so that its peak is its own.
"""

import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa

from core.fields import Fields
from core.ledger import Ledger, batches, store
from core.policy import Policy
from core.ports import Delivery
from core.settings import read
from core.survey import Theme
from flows import history, inputs, surveys
from matchers.archive import Archive

ITEMS = 121
TOGETHER = 50_000 // ITEMS
DAY, VISITED = date(2026, 3, 16), "2026-03-10T09:00:00"
CONFIG = Path(__file__).parents[2] / "config"
WRONG = 0.1
MIB = 2**10


def deliveries(visits: int, items: list[str], draw: random.Random) -> Iterator[Delivery]:
    """The answers, in long form; one in ten says that a cell is wrong."""
    for start in range(0, visits, TOGETHER):
        numbers = [f"{n:010d}" for n in range(start, min(start + TOGETHER, visits)) for _ in items]
        wrong = [draw.random() < WRONG for _ in numbers]
        size = len(numbers)
        columns: dict[str, list[str | None]] = {
            "task_no": [f"T{n}" for n in numbers], "rev": ["1"] * size, "cons_no": list(numbers), "survey_at": [VISITED] * size,
            "audit": ["PASS"] * size, "surveyor": [f"S{n[-2:]}" for n in numbers], "auditor": ["A1"] * size,
            "item": [*items * (size // len(items))], "answer": ["1" if w else "0" for w in wrong],
            "value": [str(draw.randrange(10**6)) if w else None for w in wrong], "photos": ["DOOR;METER;BOX;ID_CARD"] * size,
            "photo_hashes": [";".join([f"{n}{k}" * 3 for k in range(4)]) for n in numbers], "signature": ["true"] * size,
        }  # fmt: skip
        yield Delivery(name=f"{start}", raw=f"{start}".encode(), as_of=DAY, columns=columns, table="rows")


def measure(visits: int) -> None:
    """Keep, read, lay out; print seconds of the processor and the peak."""
    config = read(CONFIG)
    fields = Fields.load(config)
    theme, policy = Theme.load(config, fields, "residential"), Policy.load(config, fields)
    items = list(theme.items)[:ITEMS]
    with tempfile.TemporaryDirectory() as folder:
        store.create(Path(folder))
        ledger = store.open(Path(folder))
        for delivery in deliveries(visits, items, random.Random(1)):
            batches.keep(ledger, "survey", "survey", delivery, DAY, None)
        keys = [f"{n:010d}" for n in range(visits)]
        accounts = pa.table({"cons_no": keys, "cust_no": keys, "room_no": ["1"] * visits})
        archive = Archive.from_tables(accounts, pa.table({"cons_no": pa.array([], pa.string())}), DAY)
        before = _peak()
        began = time.process_time()
        answers = _used(ledger, archive, theme, policy)
        spent = time.process_time() - began
        ledger.close()
    print(
        f"{visits:>9,} visits  {visits * ITEMS:>11,} rows  {answers:>10,} answers  {spent:7.1f} s of the processor"
        f"  {visits * ITEMS / spent:>10,.0f} rows/s  peak {before:,.0f} → {_peak():,.0f} MiB  load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def _used(ledger: Ledger, archive: Archive, theme: Theme, policy: Policy) -> int:
    numbers = {str(key): str(key) for key in archive.keys.values}
    found = surveys.read(ledger, theme, policy, numbers)
    inputs.delivered(ledger, archive, found)
    history.known(ledger, archive, found, DAY)
    return len(found.answers.field)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB


def main() -> None:
    """One size after the other."""
    for visits in [int(text) for text in sys.argv[1:]] or [2_000, 10_000, 50_000]:
        one = multiprocessing.get_context("spawn").Process(target=measure, args=(visits,))
        one.start()
        one.join()


if __name__ == "__main__":
    main()
