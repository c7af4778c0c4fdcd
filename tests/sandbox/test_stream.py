"""A large world as files: the same bytes again, no number twice, and a small one as it always was."""

from __future__ import annotations

import csv
import hashlib
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from sandbox import __main__ as door
from sandbox import skins, stream, truth, world

TODAY = date(2026, 3, 16)


def _order(folder: Path, accounts: int) -> stream.Order:
    return stream.Order(directory=folder, accounts=accounts, seed=1, skin="a", today=TODAY)


def _sums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in (folder / "drop").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _rows(folder: Path, pattern: str, encoding: str = "gb18030") -> list[dict[str, str]]:
    [path] = (folder / "drop").glob(pattern)
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BLOCK", 700)  # the worker processes are forked and see it


@pytest.mark.usefixtures("small_blocks")
def test_writes_the_same_files_again_from_blocks_that_share_nothing(tmp_path: Path) -> None:
    for name in ("one", "two"):
        stream.generate(_order(tmp_path / name, 1500))
    assert _sums(tmp_path / "one") == _sums(tmp_path / "two")
    accounts = _rows(tmp_path / "one", "archive/档案导出_*.csv")
    assert len(accounts) == 1500
    assert len({row["户号"] for row in accounts}) == 1500
    readings = _rows(tmp_path / "one", "collection/采集档案_*.csv", "utf-8-sig")
    assert {row["户号"] for row in readings} == {row["户号"] for row in accounts}
    areas = [row["TQBH"] for row in _rows(tmp_path / "one", "pms/台区线路_*.csv")]
    assert len(areas) == len(set(areas)) == len({row["台区编号"] for row in accounts})
    with closing(sqlite3.connect(tmp_path / "one" / truth.TRUTH)) as db:
        [(found,)] = db.execute("SELECT count(DISTINCT cons_no) FROM injected")
        strange = {number for (number,) in db.execute("SELECT cons_no FROM injected")} - {
            row["户号"] for row in accounts
        }
    assert 300 < found < 900
    assert not strange


def test_writes_a_world_of_one_block_as_the_served_one_is(tmp_path: Path) -> None:
    stream.generate(_order(tmp_path, 200))
    served = door.make(200, 1, skins.load("a"), TODAY)
    assert [row["户号"] for row in _rows(tmp_path, "archive/档案导出_*.csv")] == [
        row["cons_no"] for row in served.archive.accounts
    ]
    assert {row["户名"] for row in _rows(tmp_path, "archive/档案导出_*.csv")} == {
        row["name"] for row in served.archive.customers
    }


def test_gives_no_two_holders_of_a_large_world_one_number() -> None:
    blocks = [world.build(400, 1, 10, TODAY, world.Block(number=n, first=400 * n)) for n in range(3)]
    numbers = [customer["cert_no"] for block in blocks for customer in block.customers]
    assert len(numbers) == len(set(numbers))
    names = [{account.flat.quarter.name for account in block.accounts} for block in blocks]
    assert not names[0] & names[1]
