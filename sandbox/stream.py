"""Write a world of up to a million accounts as files: built block by block in two processes, so that its size costs no memory.

There is no legacy system, no survey and no service behind it: it is what a check of the archive reads, and the truth to judge it by.
truth.db holds `injected`, `tolerated` and `dirt` whole, and of cells and contacts those only in which archive and truth differ.
"""

from __future__ import annotations

import gc
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from sandbox import __main__ as door
from sandbox import anomalies, exports, inputs, skins, truth, world

BLOCK = 20_000
WORKERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to generate, and where."""

    directory: Path
    accounts: int
    seed: int
    skin: str
    today: date
    mix: str = anomalies.DEFAULT

    def size(self, number: int) -> int:
        """Accounts of a block."""
        return min(BLOCK, self.accounts - number * BLOCK)

    def part(self, number: int) -> Path:
        """Where a block is written before it joins the others."""
        return self.directory / "parts" / str(number)


def generate(order: Order) -> None:
    """All files under drop/ and truth.db; the same order writes the same bytes again."""
    order.directory.mkdir(parents=True, exist_ok=True)
    numbers = range(-(-order.accounts // BLOCK))
    with closing(sqlite3.connect(order.directory / truth.TRUTH)) as db, ProcessPoolExecutor(WORKERS) as pool:
        db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + truth.SCHEMA)
        for part in _in_order(pool, order, iter(numbers)):
            _join(order.directory / "drop", part / "drop")
            _merge(db, part)
            shutil.rmtree(part)
        meta = {
            "accounts": str(order.accounts),
            "seed": str(order.seed),
            "skin": order.skin,
            "date": order.today.isoformat(),
            "mix": order.mix,
        }
        db.executemany("INSERT INTO meta VALUES(?,?)", meta.items())
        db.commit()
    (order.directory / "parts").rmdir()


def _in_order(pool: ProcessPoolExecutor, order: Order, numbers: Iterator[int]) -> Iterator[Path]:
    """The blocks' parts one after the other; only so many are under way that no disk fills with parts."""
    waiting = [pool.submit(block, order, number) for number in islice(numbers, 2 * WORKERS)]
    while waiting:
        yield waiting.pop(0).result()
        waiting += [pool.submit(block, order, number) for number in islice(numbers, 1)]


def block(order: Order, number: int) -> Path:
    """Draw one block and write it as a world of its own."""
    gc.freeze()
    gc.disable()
    part, skin = order.part(number), skins.load(order.skin)
    drop = part / "drop"
    drop.mkdir(parents=True)
    place = world.Block(number=number, first=number * BLOCK) if order.accounts > BLOCK else None
    drawn = world.build(order.size(number), order.seed, skin.digits, order.today, place)
    archive = anomalies.dirty(drawn, order.seed + number, anomalies.mix(order.mix))
    made = door.Made(drawn, archive, [], skin, order.seed)
    exported = [
        row | archive.customers[archive.customer_of[n]] | archive.meters[n] for n, row in enumerate(archive.accounts)
    ]  # fmt: skip
    contacts = [
        {"cons_no": row["cons_no"], **c}
        for row, mine in zip(archive.accounts, archive.contacts, strict=True)
        for c in mine
    ]
    exports.archive_export(drop, skin, order.today - timedelta(days=1), exported, contacts)
    door.register(made, drop, exported)
    inputs.write(drop, door.scene(made))
    if number == 0:
        exports.lists(drop, drawn.orgs, skin)
    truth.spoilt(part, drawn, archive)
    return part


def _join(drop: Path, part: Path) -> None:
    """Append the files of a part to those of the parts before it."""
    once = {f"{d.file(Path(), date.min).parent}/{Path(d.path).name}" for d in inputs.DELIVERIES if d.shared}
    for path in sorted(p for p in part.rglob("*") if p.is_file()):
        name = path.relative_to(part)
        target = drop / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
        elif str(name).rpartition("_")[0] not in once:
            with path.open("rb") as more, target.open("ab") as whole:
                more.readline()
                shutil.copyfileobj(more, whole, 1 << 20)


def _merge(db: sqlite3.Connection, part: Path) -> None:
    """Take a part's truth over."""
    with closing(sqlite3.connect(part / truth.TRUTH)) as other:
        for table, columns in truth.STREAMED.items():
            marks = ",".join("?" * columns)
            verb = "INSERT OR IGNORE" if table == "org" else "INSERT"
            db.executemany(f"{verb} INTO {table} VALUES({marks})", other.execute(f"SELECT * FROM {table}"))  # noqa: S608  (names of our own)
