"""Promises of the store: whole or not at all, sealed, and with a trail that shows every tampering."""

import contextlib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.errors import MissingPart
from core.ledger import Ledger, queue, runs, store
from core.ledger import tables as t
from core.ledger.queue import Worker
from core.ledger.store import verify_trail

NAME = "张三丰"


def _trail(ledger: Ledger, count: int) -> None:
    for number in range(count):
        with ledger.begin() as tx:
            tx.trail("tried", f"thing {number}", {"name": NAME})


def _tamper(ledger: Ledger, seq: int, **values: object) -> None:
    with ledger.begin() as tx:
        assert tx.update(t.trail.update().where(t.trail.c.seq == seq).values(**values)) == 1


# -- transactions


def test_a_transaction_that_fails_keeps_nothing(ledger: Ledger) -> None:
    with contextlib.suppress(ZeroDivisionError), ledger.begin() as tx:
        tx.insert(t.entity, kind="account", key="1")
        raise ZeroDivisionError
    with ledger.begin() as tx:
        assert tx.rows(sa.select(t.entity)) == []


def test_what_was_committed_is_seen_by_another_process(opening: Callable[[], Ledger]) -> None:
    one, other = opening(), opening()
    with one.begin() as tx:
        tx.insert(t.entity, kind="account", key="1")
    with other.begin() as tx:
        assert [r.key for r in tx.rows(sa.select(t.entity))] == ["1"]


def test_every_commit_of_a_file_is_on_disk(ledger: Ledger) -> None:
    if ledger.engine.dialect.name != "sqlite":
        return
    with ledger.begin() as tx:
        pragmas = {
            name: tx.scalar(sa.text(f"PRAGMA {name}")) for name in ("synchronous", "journal_mode", "foreign_keys")
        }
    assert pragmas == {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1}


def test_the_databases_clock_counts_seconds_since_1970(ledger: Ledger) -> None:
    import time

    with ledger.begin() as tx:
        assert abs(tx.now() - time.time()) < 5


def test_an_error_carries_no_value(ledger: Ledger) -> None:
    with pytest.raises(sa.exc.IntegrityError) as caught, ledger.begin() as tx:
        tx.insert(t.item, entity_id=None, origin=NAME)
    assert NAME not in str(caught.value)


# -- what is sealed


def test_a_sealed_column_is_unreadable_in_the_database(ledger: Ledger) -> None:
    with ledger.begin() as tx:
        tx.trail("tried", "thing", {"name": NAME})
        raw = bytes(tx.scalar(sa.text("SELECT detail FROM trail")))
        assert NAME.encode() not in raw
        assert b"\\u5f20" not in raw
        assert tx.scalar(sa.select(t.trail.c.detail)) == {"name": NAME}


def test_nothing_stays_nothing(ledger: Ledger) -> None:
    with ledger.begin() as tx:
        tx.trail("tried", "thing", None)
        assert tx.scalar(sa.text("SELECT detail FROM trail")) is None


# -- the trail


def test_a_whole_trail_is_in_order(ledger: Ledger) -> None:
    _trail(ledger, 3)
    assert verify_trail(ledger) == []


def test_each_process_has_a_chain_of_its_own(opening: Callable[[], Ledger]) -> None:
    one, other = opening(), opening()
    _trail(one, 2)
    _trail(other, 2)
    _trail(one, 1)
    with one.begin() as tx:
        chains = tx.rows(sa.select(t.trail.c.writer, sa.func.max(t.trail.c.seq)).group_by(t.trail.c.writer))
    assert dict(map(tuple, chains)) == {one.writer: 3, other.writer: 2}
    assert verify_trail(one) == []


@pytest.mark.parametrize(
    "values",
    [{"at": 1.0}, {"actor": "somebody"}, {"action": "x"}, {"object": "x"}, {"detail": {"name": "x"}}, {"detail": None}],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_row_is_named(ledger: Ledger, values: Mapping[str, Any]) -> None:
    _trail(ledger, 3)
    _tamper(ledger, 2, **values)
    assert verify_trail(ledger) == [f"{ledger.writer}:2"]


def test_a_removed_row_is_named_by_its_follower(ledger: Ledger) -> None:
    _trail(ledger, 3)
    with ledger.begin() as tx:
        tx.connection.execute(t.trail.delete().where(t.trail.c.seq == 2))
    assert verify_trail(ledger) == [f"{ledger.writer}:3"]


def test_a_row_taken_from_a_trails_end_is_missed_by_the_run_that_saw_it(ledger: Ledger, worker: Worker) -> None:
    run = runs.begin(ledger, "nightly", date(2026, 1, 2), worker, "", {}, lambda *_: False)
    _trail(ledger, 2)
    runs.end(ledger, run, "done", {})
    assert verify_trail(ledger) == []
    with ledger.begin() as tx:
        last = tx.scalar(sa.select(sa.func.max(t.trail.c.seq)))
        tx.connection.execute(t.trail.delete().where(t.trail.c.seq == last))
    assert verify_trail(ledger) == [f"run {run.id}: {ledger.writer}:{last}"]


def test_whoever_acted_is_named(ledger: Ledger) -> None:
    with ledger.begin() as tx:
        tx.trail("decided", "proposal 1", actor="reviewer")
        tx.trail("tried", "thing")
        assert [r.actor for r in tx.rows(sa.select(t.trail).order_by(t.trail.c.seq))] == ["reviewer", "hedang"]


# -- opening


def test_creating_again_loses_nothing(tmp_path: Path) -> None:
    store.create(tmp_path)
    ledger = store.open(tmp_path)
    number = queue.enlist(ledger, "one", "here", 1, 0.0).id
    ledger.close()
    store.create(tmp_path)
    ledger = store.open(tmp_path)
    with ledger.begin() as tx:
        assert [r.id for r in tx.rows(sa.select(t.worker))] == [number]
    ledger.close()


def test_a_missing_ledger_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingPart, match=r"run.py init"):
        store.open(tmp_path)


def test_a_missing_key_says_what_to_do(tmp_path: Path) -> None:
    store.create(tmp_path)
    store.key_file(tmp_path).unlink()
    with pytest.raises(MissingPart, match="key file"):
        store.open(tmp_path)


def test_a_ledger_of_another_version_is_not_opened(tmp_path: Path) -> None:
    store.create(tmp_path)
    engine = store.connect(store.place(tmp_path))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    engine.dispose()
    with pytest.raises(MissingPart, match=r"version 0000.*db upgrade"):
        store.open(tmp_path)


def test_a_database_that_is_no_ledger_is_not_opened(tmp_path: Path) -> None:
    store.create(tmp_path)
    (tmp_path / "ledger.db").write_bytes(b"")
    with pytest.raises(MissingPart, match="db upgrade"):
        store.open(tmp_path)


def test_the_migrations_make_what_the_tables_say(ledger: Ledger) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with ledger.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), t.metadata) == []


def test_a_ledger_of_before_knows_which_exports_its_nights_have_compared(tmp_path: Path) -> None:
    """All but the last night's: that one may have been killed before it did, and comparing again changes nothing."""
    store.create(tmp_path)
    before = store.open(tmp_path)
    with before.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE batch DROP COLUMN compared"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0003'"))
        for kind, day in (("archive", "2026-01-05"), ("archive", "2026-01-06"), ("survey", "2026-01-07")):
            columns = "source, kind, name, business_date, raw_sha256, raw_path, rows, refused, at"
            values = f"'{kind}', '{kind}', '{day}', '{day}', '{day}', '', 1, 0, 0"
            connection.execute(sa.text(f"INSERT INTO batch ({columns}) VALUES ({values})"))
    before.close()
    store.create(tmp_path)
    after = store.open(tmp_path)
    with after.begin() as tx:
        assert [r.compared for r in tx.rows(sa.select(t.batch).order_by(t.batch.c.id))] == [1, 0, 0]
    after.close()
