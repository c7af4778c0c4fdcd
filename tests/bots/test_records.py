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


@pytest.mark.parametrize("written", ["3.2E+17", "1.23457E+17", "8.6138E+12", " 3.2E+17 ", "3.2010000000000001e+17"])
def test_numbers_that_a_spreadsheet_rounded_are_refused_in_a_text_file_where_they_are_used(
    tmp_path: Path, written: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"证件号,年\n,1990\n{written},1991\n{written},1992\n", encoding="utf-8")
    read = records.read(path)
    assert read["年"].to_pylist() == ["1990", "1991", "1992"]
    with pytest.raises(InputError, match=r"a\.csv: column 证件号, record 2: ") as refused:
        read["证件号"]
    assert written.strip() not in str(refused.value)


def test_other_texts_with_an_e_are_values(tmp_path: Path) -> None:
    values = ["E+17", "3.2E-17", "1.5E+06", "12E+17", "6.02e+05", "32010000000000000X", "1.5e+08"]
    (tmp_path / "a.csv").write_text("\n".join(["a", *values]), encoding="utf-8")
    assert records.read(tmp_path / "a.csv")["a"].to_pylist() == values


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (("姓名\n" + "王明\n" * 4).encode() + "张".encode()[:2] + "\n赵敏\n".encode(), "line 6 is not UTF-8; save"),
        (("姓名\n" + "王明\n" * 400_000).encode() + "张".encode()[:2], "line 400002 is not UTF-8; save"),
        ("n,t\nA,Ulm\nB,Orléans\nC,Ré\n".encode("latin-1"), "line 3 is not UTF-8, line 4 is not GB18030"),
        ("姓名\n王明\n".encode("gb18030") + b"\xff\xff\n", "line 1 is not UTF-8, line 3 is not GB18030"),
        ("姓名\n王明\n".encode("utf-16") + b"\x00", "line 3 is not UTF-16"),
    ],
)
def test_a_byte_that_is_no_text_is_told_with_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    """A damaged UTF-8 was read as the GB18030 of other characters."""
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(InputError, match="neither a table nor text") as refused:
        records.read(tmp_path / "a.csv")
    assert said in str(refused.value)


def test_text_is_read_in_each_encoding(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        (tmp_path / "a.csv").write_bytes("姓名,联通\n王明,联通\n".encode(encoding))
        read = records.read(tmp_path / "a.csv")
        assert [(name, read[name].to_pylist()) for name in read.column_names] == [
            ("姓名", ["王明"]),
            ("联通", ["联通"]),
        ]
