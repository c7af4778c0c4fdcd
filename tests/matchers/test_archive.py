"""Promises of the snapshot: its columns are what the export holds, whenever they are asked for."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from matchers.archive import Archive, Columns
from matchers.columns import encode


def _archive() -> Archive:
    accounts = pa.table(
        {
            "cons_no": ["1", "2"],
            "cons_name": ["王五", ""],
            "pay_mode": pa.array(["1", "1"]).dictionary_encode(),
            "of_nobody": ["x", "y"],
        }
    )
    return Archive.from_tables(accounts, pa.table({"cons_no": ["2", "9"], "mobile": ["1", None]}), date(2026, 3, 16))


def test_a_column_is_read_when_it_is_asked_for_and_once() -> None:
    archive = _archive()
    assert archive.columns["cons_name"].decode().tolist() == ["王五", None]
    assert archive.columns["cons_name"] is archive.columns["cons_name"]
    assert archive.column("pay_mode").decode().tolist() == ["1", "1"]
    assert archive.contact_of.tolist() == [1, -1]


def test_only_fields_of_an_archive_are_columns() -> None:
    archive = _archive()
    assert set(archive.columns) == {"cons_no", "cons_name", "pay_mode"}
    assert set(archive.contacts) == {"mobile"}
    assert not archive.has("of_nobody")
    with pytest.raises(KeyError):
        archive.columns["of_nobody"]


def test_a_column_that_was_let_go_is_read_again_and_a_given_one_stays() -> None:
    archive = _archive()
    before, columns = archive.columns["cons_name"], archive.columns
    assert isinstance(columns, Columns)
    columns.keep({"pay_mode"})
    assert archive.columns["cons_name"] is not before
    assert archive.columns["cons_name"].decode().tolist() == ["王五", None]
    assert archive.columns["cons_no"] is archive.keys


def test_rows_of_another_order_are_columns_of_this_one() -> None:
    table, known = pa.table({"reading": ["7", "9"]}), encode(["1", None, "1"])
    columns = Columns(table, ("reading", "usage"), {"known": known}, np.array([1, -1, 0], dtype=np.int32))
    assert set(columns) == {"reading", "known"}
    assert columns["reading"].decode().tolist() == ["9", None, "7"]
    assert columns["known"] is known
