"""Promises of reading whatever is handed in: columns as texts, no value altered on the way, no column lost."""

from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from bots.sources import records
from core.errors import InputError


def _workbook(path: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


def test_numbers_longer_than_a_workbook_holds_are_refused_where_they_are_used(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "a.xlsx", ["户号", "年"], [3201000000000001, 1990], ["0012", 1991])
    read = records.read(path)
    assert read["年"].to_pylist() == ["1990", "1991"]
    with pytest.raises(InputError, match=r"a\.xlsx: column 户号, record 1: .*15 digits"):
        read["户号"]


def test_whole_numbers_up_to_fifteen_digits_and_texts_of_any_length_are_kept(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "a.xlsx", ["a", "b"], [320100000000001, "00320100000000000017"], [7.25, None])
    read = records.read(path)
    assert read["a"].to_pylist() == ["320100000000001", "7.25"]
    assert read["b"].to_pylist() == ["00320100000000000017", None]


def test_floats_that_can_stand_for_several_numbers_are_refused_in_parquet_too(tmp_path: Path) -> None:
    parquet.write_table(
        pa.table({"n": [2.0**53 - 1, None], "id": [2.0**60, 1.0], "x": [1e300, 0.5], "y": [float("inf"), 0.5]}),
        tmp_path / "a",
    )
    read = records.read(tmp_path / "a")
    assert read["n"].to_pylist() == ["9007199254740991", None]
    assert read["y"].to_pylist() == ["inf", "0.5"]
    for column in ("id", "x"):
        with pytest.raises(InputError, match=f"column {column}, record 1"):
            read[column]


def test_columns_of_one_name_are_told_apart_in_a_workbook_as_in_a_text_file(tmp_path: Path) -> None:
    rows = ["编号", "电话", "电话"], ["1", "13800000001", "02584210000"]
    path = _workbook(tmp_path / "a.xlsx", *rows)
    (tmp_path / "a.csv").write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    for one in (path, tmp_path / "a.csv"):
        read = records.read(one)
        assert list(read.column_names) == ["编号", "电话", "电话 (2)"]
        assert [read[name].to_pylist() for name in read.column_names] == [[v] for v in rows[1]]
