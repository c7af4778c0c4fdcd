"""Columns: encoding loses nothing, and what became equal shares a code."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from matchers.columns import encode, pairs

CELLS = st.lists(st.one_of(st.none(), st.text(max_size=4), st.text(" \t\u3000\xa0", max_size=2)), max_size=30)


@given(CELLS)
def test_decoding_gives_back_what_was_encoded_with_blank_as_missing(cells: list[str | None]) -> None:
    assert encode(cells).decode().tolist() == [cell if cell and not cell.isspace() else None for cell in cells]


@given(CELLS)
def test_mapping_equals_mapping_each_row(cells: list[str | None]) -> None:
    mapped = encode(cells).map(str.upper)
    assert mapped.decode().tolist() == [cell.upper() if cell and not cell.isspace() else None for cell in cells]
    assert len(set(mapped.values)) == len(mapped.values)


def test_a_column_of_nothing_has_no_values() -> None:
    column = encode(pa.chunked_array([pa.nulls(3)]))
    assert (len(column), column.present().tolist(), len(column.values)) == (3, [False] * 3, 0)


def test_taking_row_minus_one_gives_a_missing_value() -> None:
    assert encode(["a", "b"]).take(np.array([1, -1])).decode().tolist() == ["b", None]


def test_pairs_are_equal_where_all_columns_are_and_missing_where_any_is() -> None:
    found = pairs(encode(["a", "a", "b", None]), encode(["x", "x", "x", "x"]))
    assert found[0] == found[1] != found[2]
    assert found[3] == -1
