"""Promises of the pairs beside each other: all of the result and nothing else, values as they stand there, what needs a look first."""

import codecs
import csv
import errno
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import xlsxwriter.workbook
import xlsxwriter.worksheet

from console.render import beside
from core.errors import InputError
from flows import link as linking
from matchers.link import Field, Spec
from matchers.link.judge import Outcome
from matchers.link.kinds import KINDS, SWAPPED
from tests.matchers.link import people

Rows = list[dict[str, Any]]
HEAD = ["left_id", "right_id", "probability", "decision"]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDANG_LANG", "en")


def _table(columns: dict[str, Any], name: str) -> pa.Table:
    """The columns with ids that begin with noughts and are longer than a number may be in a spreadsheet."""
    size = len(columns["given"])
    return pa.table({"id": [f"0{name}1010119850312{n:05d}" for n in range(size)], **columns})


@cache
def _linked(several: bool = False) -> tuple[Outcome, pa.Table, pa.Table | None]:
    """The outcome, and the files: two, or one in which somebody stands three times."""
    left, right, _ = people.files(400)
    if not several:
        one, other = _table(left, "1"), _table(right, "2")
        spec = Spec(left_id="id", right_id="id", fields=people.FIELDS, possible=0.01)
        return linking.run(one, other, spec, {}, ("left", "right")), one, other
    thrice = {name: [*left[name].to_pylist(), *right[name].to_pylist(), *left[name].to_pylist()[:50]] for name in left}
    one = _table(thrice, "1")
    spec = Spec(left_id="id", right_id="id", fields=people.FIELDS)
    return linking.run(one, None, spec, {}, ("left", "left")), one, None


def _written(folder: Path, ending: str, of: tuple[Outcome, pa.Table, pa.Table | None], fields: Any = None) -> Rows:
    path = folder / f"beside{ending}"
    beside.write(path, ending, *of, fields or people.FIELDS)
    return {".csv": _csv, ".xlsx": _sheet, ".parquet": lambda path: parquet.read_table(path).to_pylist()}[ending](path)


def _csv(path: Path) -> Rows:
    assert path.read_bytes().startswith(codecs.BOM_UTF8)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(file)]
    return [row | {"probability": float(row["probability"] or "nan")} for row in rows]


def _sheet(path: Path) -> Rows:
    head, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("ending", beside.ENDINGS)
def test_every_pair_of_the_result_is_there_once_with_the_values_of_both_records(
    tmp_path: Path, ending: str, several: bool
) -> None:
    outcome, left, right = _linked(several)
    rows = _written(tmp_path, ending, (outcome, left, right))
    names = outcome.pairs.column_names
    assert names == [*HEAD, "cluster"] if several else HEAD
    assert list(rows[0])[: len(names)] == names
    told = sorted(tuple(row[name] for name in names) for row in rows)
    assert told == sorted(tuple(row.values()) for row in outcome.pairs.to_pylist())
    sides = [{row["id"]: row for row in table.to_pylist()} for table in (left, left if right is None else right)]
    for row in rows:
        for field in people.FIELDS:
            one, other = (side[row[name]][field.name] for side, name in zip(sides, HEAD[:2], strict=True))
            assert (row[f"{field.name} (left)"], row[f"{field.name} (right)"]) == (one, other)
            if one is None or other is None:
                assert row[f"{field.name} (agreement)"] == "missing"
            elif one == other:
                assert row[f"{field.name} (agreement)"] == "equal"


def test_how_fields_agree_is_what_linking_saw(tmp_path: Path) -> None:
    outcome, left, right = _linked()
    found = outcome.found
    assert found is not None
    rows = {(row["left_id"], row["right_id"]): row for row in _written(tmp_path, ".parquet", (outcome, left, right))}
    seen = set()
    for place in np.flatnonzero(found.decision > 0):
        ids = outcome.left_ids[int(found.left[place])].as_py(), outcome.right_ids[int(found.right[place])].as_py()
        for one, level in zip(found.fields, found.levels[place].tolist(), strict=True):
            if level >= 0:
                assert rows[ids][f"{one.name} (agreement)"] == one.kind.levels[level].en
                seen.add((one.name, level))
    assert len(seen) > 12


def test_of_exchanged_names_both_fields_say_so(tmp_path: Path) -> None:
    rows = _written(tmp_path, ".parquet", _linked())
    swapped = KINDS["given"].levels[SWAPPED].en
    some = [row for row in rows if row["given (agreement)"] == swapped]
    assert some
    for row in some:
        assert (row["given (left)"], row["family (left)"]) == (row["family (right)"], row["given (right)"])
        assert row["family (agreement)"] == swapped


def test_what_needs_a_look_stands_first() -> None:
    chances = [0.9, 0.2, 1.0, 0.55, 0.45, 0.7, 0.2]
    decisions = ["match", "possible", "match", "match", "possible", "possible", "possible"]
    pairs = pa.table({"probability": chances, "decision": decisions})
    assert beside.ordered(pairs, 0.5).tolist() == [4, 5, 1, 6, 3, 0, 2]


def test_rows_stand_in_that_order(tmp_path: Path) -> None:
    _, left, right = _linked()
    fields = people.FIELDS[:3]
    spec = Spec(left_id="id", right_id="id", fields=fields, possible=0.01)
    outcome = linking.run(left, right, spec, {}, ("left", "right"))
    rows = _written(tmp_path, ".csv", (outcome, left, right), fields)
    assert outcome.found is not None
    first = outcome.count("possible")
    assert first > 1
    margins = [abs(row["probability"] - outcome.found.threshold) for row in rows[:first]]
    assert margins == sorted(margins)
    assert {row["decision"] for row in rows[first:]} == {"match"}
    assert (chances := [row["probability"] for row in rows[first:]]) == sorted(chances)


@pytest.mark.parametrize("ending", beside.ENDINGS)
def test_pieces_are_not_to_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    """Neither of the pairs, nor of the columns as they were read."""
    outcome, left, right = _linked()
    assert right is not None
    whole = _written(tmp_path, ending, (outcome, left, right))
    monkeypatch.setattr(beside, "CHUNK", 7)
    monkeypatch.setattr(beside, "BATCH", 3)
    broken = [pa.concat_tables([t.slice(at, 33) for at in range(0, t.num_rows, 33)]) for t in (left, right)]
    assert _written(tmp_path, ending, (outcome, broken[0], broken[1])) == whole


@pytest.mark.parametrize(("language", "head"), [("zh", ["左编号", "右编号", "概率", "判断"]), ("en", HEAD)])
@pytest.mark.parametrize("ending", beside.ENDINGS)
def test_of_no_pair_there_is_the_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, language: str, head: list[str]
) -> None:
    monkeypatch.setenv("HEDANG_LANG", language)
    bare = _table({field.name: pa.array([], pa.string()) for field in people.FIELDS}, "1")
    bare = bare.set_column(0, "id", pa.array([], pa.string()))
    spec = Spec(left_id="id", right_id="id", fields=people.FIELDS)
    assert _written(tmp_path, ending, (linking.run(bare, bare, spec, {}, ("a", "b")), bare, bare)) == []
    path = tmp_path / f"beside{ending}"
    heads: dict[str, Callable[[], list[Any]]] = {
        ".csv": lambda: next(csv.reader([path.read_text(encoding="utf-8-sig")])),
        ".xlsx": lambda: [cell.value for cell in openpyxl.load_workbook(path).worksheets[0][1]],
        ".parquet": lambda: parquet.read_schema(path).names,
    }
    names = heads[ending]()
    assert names[:4] == head
    assert len(names) == 4 + 3 * len(people.FIELDS)


WILD = ["=1+1", "+861390000", "@sum", "-5", "\tx", "000123", "110101198503120012", "<r>x</r>", 'a "b", c\nd', "a\x01b"]


def _wild(tmp_path: Path, ending: str, values: list[str]) -> list[Any]:
    """What stands in a file for these values, of which each is in one pair."""
    name, shown = "x", f"{'x'} (left)"
    table = pa.table({"id": [f"{n:03d}" for n in range(len(values))], name: values})
    fields = (Field(name=name, kind="category", left=name, right=name),)
    outcome = linking.run(table, table, Spec(left_id="id", right_id="id", fields=fields, possible=0.0), {}, ("a", "b"))
    rows = _written(tmp_path, ending, (outcome, table, table), fields)
    told = {row["left_id"]: row[shown] for row in rows if row["left_id"] == row["right_id"]}
    return [told[key] for key in sorted(told)]


def test_texts_of_a_workbook_stay_texts(tmp_path: Path) -> None:
    told = _wild(tmp_path, ".xlsx", WILD)
    assert told == [" <r>x</r>" if value.startswith("<r>") else value.replace("\x01", "_x0001_") for value in WILD]
    page = openpyxl.load_workbook(tmp_path / "beside.xlsx").worksheets[0]
    kinds = {(cell.column, cell.data_type) for row in page.iter_rows(min_row=2) for cell in row}
    assert kinds == {(3, "n"), *((column, "s") for column in (1, 2, 4, 5, 6, 7))}


def test_texts_of_a_csv_do_not_run(tmp_path: Path) -> None:
    told = _wild(tmp_path, ".csv", WILD)
    assert told == [f"'{value}" if value[0] in "=+-@\t" else value for value in WILD]


def test_a_text_that_a_cell_has_no_room_for_says_so(tmp_path: Path) -> None:
    fits, long = "村" * 32_767, "村" * 32_768
    told = _wild(tmp_path, ".xlsx", [fits, long])
    assert told == [fits, "村" * beside.LONG + "…"]


def test_a_workbook_that_has_no_room_for_the_pairs_names_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, left, right = _linked()
    monkeypatch.setattr(beside, "MOST", outcome.pairs.num_rows - 1)
    with (
        pytest.raises(InputError, match=r"have no room in a workbook .* give a \.csv"),
        linking.written(tmp_path / "b.xlsx") as partial,
    ):
        beside.write(partial, ".xlsx", outcome, left, right, people.FIELDS)
    assert list(tmp_path.iterdir()) == []
    assert len(_written(tmp_path, ".csv", (outcome, left, right))) == outcome.pairs.num_rows


@pytest.mark.parametrize(
    ("owner", "name"),
    [(xlsxwriter.workbook, "ZipFile"), (xlsxwriter.worksheet.Worksheet, "_write_single_row")],
)
def test_a_disk_that_is_full_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> None:
    """While rows are laid aside, and when the workbook is put together."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(owner, name, full)
    (tmp_path / "b.xlsx").write_text("of yesterday", encoding="utf-8")
    with (
        pytest.raises(InputError, match="could not be written"),
        linking.written(tmp_path / "b.xlsx") as partial,
    ):
        beside.write(partial, ".xlsx", *_linked(), people.FIELDS)
    assert [path.name for path in tmp_path.iterdir()] == ["b.xlsx"]
    assert (tmp_path / "b.xlsx").read_text(encoding="utf-8") == "of yesterday"


def test_of_one_file_both_records_have_the_columns_of_the_left(tmp_path: Path) -> None:
    """A spec written for two files may name other columns on the right."""
    fields = [replace(field, right=f"other {field.name}") for field in people.FIELDS]
    rows = _written(tmp_path, ".csv", _linked(several=True), fields)
    assert rows == _written(tmp_path, ".csv", _linked(several=True))
