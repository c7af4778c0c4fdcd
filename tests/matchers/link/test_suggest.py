"""A suggested spec says what columns mean, which of them tell the same twice, and how often a thing may stand in a file."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from matchers.link import suggest
from tests.bench.linking import foreign


def _columns(given: pa.Table | None) -> dict[str, Any]:
    return {name: given[name] for name in given.column_names} if given is not None else {}


def _suggested(files: foreign.Files) -> str:
    return suggest.spec(_columns(files.left), _columns(files.right) if files.right is not None else None)


def test_a_full_name_beside_its_parts_is_not_counted_twice() -> None:
    spec = _suggested(foreign.historical(np.random.default_rng(3)))
    assert "  # full_name:" in spec
    assert "  first_name: {kind: given" in spec
    assert "  birth_place: {kind: category" in spec


@pytest.mark.parametrize(("scholar", "assign"), [(False, "one_to_one"), (True, "one_to_many")])
def test_papers_that_stand_there_several_times_are_seen(scholar: bool, assign: str) -> None:
    spec = _suggested(foreign.bibliography(np.random.default_rng(3), scholar=scholar))
    assert f"assign: {assign}" in spec
    assert "authors: {kind: set" in spec


def test_columns_of_other_names_and_no_common_value_find_each_other() -> None:
    spec = _suggested(foreign.flats(np.random.default_rng(3)))
    assert "{kind: flat, left: 用电地址, right: 坐落}" in spec
    firms = _suggested(foreign.firms(np.random.default_rng(3)))
    for line in (
        "kind: text, left: 企业名称, right: 公司",
        "left: 注册地址, right: 地址",
        "kind: phone, left: 联系电话, right: 电话",
    ):
        assert line in firms


def test_rows_are_numbered_where_no_column_names_them() -> None:
    names = pa.array(["anna", "anna", "bert"] * 30)
    assert 'id: "#"' in suggest.spec({"name": names}, None)
