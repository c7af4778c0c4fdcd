"""Deliveries of sources: the raw file as it came and its columns, both sealed on disk, and what was wrong with them."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from core.ledger import tables as t
from core.ledger.store import Ledger, Transaction
from core.model import Problem
from core.ports import Delivery

_LINE = "#line"
"""Beside the columns of a sealed batch: the row's number in the file. No column of a source is called that."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One delivery that was kept."""

    id: int
    source: str
    kind: str
    name: str
    as_of: date | None
    rows_of: str
    path: str
    rows: int
    kept: date  # the business date on which it was taken in
    compared: bool  # of an export of the archive: with the one before it


def cursor(ledger: Ledger, source: str) -> str | None:
    """Where the next pull of a source begins."""
    with ledger.begin() as tx:
        query = sa.select(t.batch.c.cursor).where(t.batch.c.source == source, t.batch.c.cursor.is_not(None))
        value = tx.scalar(query.order_by(t.batch.c.id.desc()).limit(1))
    return None if value is None else str(value)


def known(ledger: Ledger, source: str) -> frozenset[str]:
    """SHA-256 of the raw deliveries that a source has already made."""
    with ledger.begin() as tx:
        return frozenset(
            r.raw_sha256 for r in tx.rows(sa.select(t.batch.c.raw_sha256).where(t.batch.c.source == source))
        )


def keep(ledger: Ledger, source: str, kind: str, delivery: Delivery, day: date, run: int | None) -> int | None:
    """Seal a delivery on disk and record it; answers the batch's id, or None when this very delivery is there already.

    The files are whole on disk before the row names them; a crash in between leaves files that nothing refers to.
    """
    digest = hashlib.sha256(delivery.raw).hexdigest()
    if digest in known(ledger, source):
        return None
    raw, columns = f"batches/{digest}.raw", _parquet(delivery)
    inside = hashlib.sha256(columns).hexdigest()
    path = f"batches/{inside}.parquet"
    ledger.keys.seal_bytes(delivery.raw, ledger.directory / raw)
    ledger.keys.seal_bytes(columns, ledger.directory / path)
    rows = max((len(values) for values in delivery.columns.values()), default=0)
    with ledger.begin() as tx:
        batch = tx.insert(
            t.batch, source=source, kind=kind, name=delivery.name, business_date=day.isoformat(),
            as_of=delivery.as_of and delivery.as_of.isoformat(), raw_sha256=digest, raw_path=raw, rows=rows,
            refused=delivery.refused, cursor=delivery.cursor, at=t.now(),
        )  # fmt: skip
        tx.insert(t.snapshot, batch_id=batch, rows_of=delivery.table, path=path, sha256=inside, rows=rows)
        complain(tx, delivery.problems, run, batch)
        tx.trail("batch kept", f"batch {batch}", {"source": source, "rows": rows, "sha256": digest})
    return batch


def _parquet(delivery: Delivery) -> bytes:
    table = pa.table({name: pa.array(values, pa.string()) for name, values in delivery.columns.items()})
    if delivery.lines and delivery.columns:
        table = table.append_column(_LINE, pa.array(delivery.lines, pa.int32()))
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


def complain(tx: Transaction, problems: Iterable[Problem], run: int | None, batch: int | None = None) -> None:
    """Keep problems for the run's figures; the same one is not kept twice in a run."""
    for p in problems:
        row = {
            "run_id": run,
            "batch_id": batch,
            "code": p.code,
            "place": p.place,
            "row": p.row,
            "params": dict(p.params),
        }
        same = sa.and_(
            *(t.problem.c[name].is_not_distinct_from(row[name]) for name in ("run_id", "code", "place", "row"))
        )
        if tx.one(sa.select(t.problem.c.id).where(same)) is None:
            tx.insert(t.problem, **row, at=t.now())


def problems(ledger: Ledger, run: int) -> list[Problem]:
    """What a run complained of."""
    with ledger.begin() as tx:
        rows = tx.rows(sa.select(t.problem).where(t.problem.c.run_id == run).order_by(t.problem.c.id))
    return [Problem(code=r.code, place=r.place, row=r.row, params=r.params) for r in rows]


def of_kind(ledger: Ledger, kind: str, rows_of: str) -> list[Batch]:
    """All kept batches of a kind, oldest first."""
    with ledger.begin() as tx:
        rows = tx.rows(
            sa.select(t.batch, t.snapshot.c.path, t.snapshot.c.rows_of)
            .join(t.snapshot)
            .where(t.batch.c.kind == kind, t.snapshot.c.rows_of == rows_of)
            .order_by(t.batch.c.as_of.nulls_first(), t.batch.c.id)
        )
    return [_batch(r) for r in rows]


def compared(tx: Transaction, batch: Batch) -> None:
    """What an export changed is known: it is not compared again."""
    tx.update(t.batch.update().where(t.batch.c.id == batch.id).values(compared=1))


def newest(tx: Transaction) -> int:
    """The number of the last delivery that was kept, 0 before the first."""
    return int(tx.scalar(sa.select(sa.func.max(t.batch.c.id))) or 0)


def _batch(row: sa.Row[tuple[object, ...]]) -> Batch:
    as_of = date.fromisoformat(row.as_of) if row.as_of else None
    return Batch(
        row.id,
        row.source,
        row.kind,
        row.name,
        as_of,
        row.rows_of,
        row.path,
        row.rows,
        date.fromisoformat(row.business_date),
        bool(row.compared),
    )


def names(ledger: Ledger) -> dict[int, str]:
    """Batch → the file or cursor range that it came as."""
    with ledger.begin() as tx:
        return {
            r.id: f"{r.source}: {r.name}" for r in tx.rows(sa.select(t.batch.c.id, t.batch.c.source, t.batch.c.name))
        }


def read(ledger: Ledger, batch: Batch, names: Sequence[str] | None = None) -> pa.Table:
    """The columns of a batch: all, or those of these names that it has. Raises InputError when the file is damaged."""
    return numbered(ledger, batch, names)[0]


def numbered(
    ledger: Ledger, batch: Batch, names: Sequence[str] | None = None
) -> tuple[pa.Table, npt.NDArray[np.int32]]:
    """The columns of a batch, and the number of each row in the file that it came as."""
    content = ledger.keys.open_bytes(ledger.directory / Path(batch.path))
    # the plain reader on Arrow's own buffer: read_table's scanner leaves threads that may end the process when it exits (apache/arrow#34314)
    file = pq.ParquetFile(pa.BufferReader(content))
    kept = [name for name in file.schema_arrow.names if names is None or name in names or name == _LINE]
    table = file.read(kept)
    if _LINE not in table.column_names:
        return table, np.arange(1, table.num_rows + 1, dtype=np.int32)
    return table.drop_columns([_LINE]), np.asarray(table[_LINE], dtype=np.int32)
