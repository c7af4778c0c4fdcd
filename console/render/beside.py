"""The pairs with both records beside each other, as people check them: a workbook, a csv or a parquet, what needs a look first."""

import codecs
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet
from xlsxwriter.exceptions import FileCreateError, FileSizeError
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from console.render import texts
from console.render.forms import EDGE, RUNS, sheet
from console.render.linked import MISSING
from console.render.xlsx import PLAIN
from core.errors import InputError
from core.words import Language, Words, language
from matchers.link import Linked, score
from matchers.link.block import Rows
from matchers.link.judge import Outcome
from matchers.link.kinds import KINDS, SWAPPED
from matchers.link.spec import Field

Table = Any

ENDINGS = (".csv", ".xlsx", ".parquet")
MOST = 1_048_575
"""Rows that a sheet has below its header."""
LONG = 16_000
"""Characters that are left of a text that a cell has no room for (32,767 UTF-16 units)."""
CHUNK, BATCH = 50_000, 5_000
"""Pairs that are put together, and of these that are Python's values, at a time."""
SEEN, NARROW, WIDE = 200, 10, 40
"""Rows by which columns get their width, and the least and the most of it."""

SHEET = Words("并排对照", "side by side")
HEAD = {
    "left_id": Words("左编号", "left_id"),
    "right_id": Words("右编号", "right_id"),
    "probability": Words("概率", "probability"),
    "decision": Words("判断", "decision"),
    "cluster": Words("组", "cluster"),
}
OF_FIELD = (
    Words("{name}（左）", "{name} (left)"),
    Words("{name}（右）", "{name} (right)"),
    Words("{name}（一致程度）", "{name} (agreement)"),
)
BETWEEN = {**EDGE, "bg_color": "#FFF6DA"}
DIFFERENT = {**EDGE, "bg_color": "#FBE3E0"}
ABSENT = {**EDGE, "font_color": "#8A94A0"}


def write(path: Path, ending: str, outcome: Outcome, left: Table, right: Table | None, fields: Sequence[Field]) -> None:
    """The pairs of the result and, of each field, both values and how they agree; original values, because they were asked for by name.

    `ending`: one of ENDINGS; `left`, `right`: the files' columns by name. Raises InputError for a workbook that has no room for them.
    """
    to = language()
    names = [HEAD[name].say(to) for name in outcome.pairs.column_names]
    names += [words.say(to, {"name": field.name}) for field in fields for words in OF_FIELD]
    schema = pa.schema([(name, pa.string()) for name in names]).set(2, pa.field(names[2], pa.float64()))
    pieces = _pieces(outcome, left, right, fields, schema, to)
    if ending == ".parquet":
        with arrow_parquet.ParquetWriter(path, schema) as rows:
            for piece in pieces:
                rows.write_table(piece)
    elif ending == ".csv":
        _csv(path, schema, pieces)
    elif outcome.pairs.num_rows > MOST:
        raise _too_large(outcome)
    else:
        try:
            _workbook(path, outcome, fields, pieces, to)
        except FileSizeError:
            raise _too_large(outcome) from None


def ordered(pairs: Table, threshold: float) -> Any:
    """The places of pairs as they should be looked at: possible ones, the nearest to the threshold first; then matches, the least sure first."""
    chance = pairs["probability"].to_numpy()
    match = pc.equal(pairs["decision"], pa.scalar("match", pa.string())).to_numpy()
    return np.lexsort((np.where(match, chance, np.abs(chance - threshold)), match))


def _pieces(
    outcome: Outcome, left: Table, right: Table | None, fields: Sequence[Field], schema: Any, to: Language
) -> Iterator[Table]:
    """The rows in their order, so many at a time; one table at least."""
    found, pairs = outcome.found, outcome.pairs
    order = ordered(pairs, found.threshold if found else 0.5)
    rows = [
        pc.index_in(pairs[name], value_set=ids).to_numpy()
        for name, ids in (("left_id", outcome.left_ids), ("right_id", outcome.right_ids))
    ]
    mine = [left[field.left] for field in fields]
    theirs = mine if right is None else [right[field.right] for field in fields]
    for at in range(0, max(len(order), 1), CHUNK):
        some = order[at : at + CHUNK]
        a, b = (side[some] for side in rows)
        columns = [pairs[name].take(pa.array(some)) for name in pairs.column_names]
        for one, other, said in zip(mine, theirs, _said(found, a, b, to) if found else [[]] * len(fields), strict=True):
            columns += [_taken(one, a), _taken(other, b), said]
        yield pa.table(columns, schema=schema)


def _said(found: Linked, left: Rows, right: Rows, to: Language) -> Iterator[Table]:
    """Field by field how each pair agrees, in words; of two values in each other's columns both fields say so."""
    for one, levels in zip(found.fields, score.levels(found.fields, left, right).T, strict=True):
        words = pa.array([level.say(to) for level in (*one.kind.levels, MISSING)])
        there = (one.left[left] >= 0) & (one.right[right] >= 0)
        untold = np.where(there, SWAPPED, len(words) - 1)  # the second of two swapped fields has no level of its own
        place: Any = pa.array(np.where(levels >= 0, levels, untold))
        yield words.take(place)


def _taken(column: Table, rows: Rows) -> Table:
    """The values of these rows. Arrow's own `take` would copy the whole column each time, where it lies in pieces."""
    order = np.argsort(rows, kind="stable")
    starts = np.cumsum([0, *map(len, column.chunks)])
    cuts = np.searchsorted(rows[order], starts)
    parts = [
        chunk.take(pa.array(rows[order[cuts[n] : cuts[n + 1]]] - starts[n]))
        for n, chunk in enumerate(column.chunks)
        if cuts[n] < cuts[n + 1]
    ]
    back: Any = pa.array(np.argsort(order))
    return pa.chunked_array(parts, type=pa.string()).take(back)


def _csv(path: Path, schema: Any, pieces: Iterator[Table]) -> None:
    """UTF-8 with a mark, and no text that a spreadsheet runs as a formula."""
    head = pa.schema([one.with_name(_inert(pa.array([one.name]))[0].as_py()) for one in schema])
    with path.open("wb") as file:
        file.write(codecs.BOM_UTF8)
        with arrow_csv.CSVWriter(file, head) as rows:
            for piece in pieces:
                inert = [_inert(column) if column.type == pa.string() else column for column in piece.columns]
                rows.write_table(pa.table(inert, schema=head))


def _inert(column: Table) -> Table:
    runs = pc.is_in(pc.utf8_slice_codeunits(column, 0, 1), value_set=pa.array(RUNS))
    return pc.if_else(runs, pc.binary_join_element_wise("'", column, ""), column)


def _workbook(path: Path, outcome: Outcome, fields: Sequence[Field], pieces: Iterator[Table], to: Language) -> None:
    """A sheet whose rows lie on disk, beside the workbook, until it is whole. Raises OSError where they cannot be written."""
    with (
        tempfile.TemporaryDirectory(dir=path.parent, prefix=".", ignore_cleanup_errors=True) as folder,
        path.open("wb") as file,
    ):
        book = Workbook(file, {**PLAIN, "constant_memory": True, "tmpdir": folder})
        first = next(pieces)
        columns = [(Words(name, name), _width(name, first[name][:SEEN])) for name in first.column_names]
        page = sheet(book, SHEET, columns, outcome.pairs.num_rows, to)
        try:  # not `with book`, which would put it together after an error, too
            _fill(book, page, outcome, fields, chain([first], pieces), to)
            book.close()
        except FileCreateError as error:
            raise OSError(*error.args[0].args) from None
        finally:
            page.row_data_fh.close()


def _fill(
    book: Workbook, page: Worksheet, outcome: Outcome, fields: Sequence[Field], pieces: Iterator[Table], to: Language
) -> None:
    """The rows, with a look that tells where fields differ."""
    before = len(outcome.pairs.column_names)
    edge, chance = book.add_format(EDGE), book.add_format({**EDGE, "num_format": "0.0000"})
    different, between, absent = (book.add_format(look) for look in (DIFFERENT, BETWEEN, ABSENT))
    looks = {
        before + 3 * n + 2: {levels[-1].say(to): edge, levels[0].say(to): different, MISSING.say(to): absent}
        for n, levels in enumerate(KINDS[field.kind].levels for field in fields)
    }
    page.freeze_panes(1, 2)
    page.ignore_errors({"number_stored_as_text": f"A2:XFD{outcome.pairs.num_rows + 1}"})
    for number, cells in enumerate(_cells(pieces), 1):
        for column, cell in enumerate(cells):
            if cell is None:
                page.write_blank(number, column, None, edge)
            elif column == 2:
                page.write_number(number, column, cell, chance)
            else:
                look = looks[column].get(cell, between) if column in looks else edge
                _text(page, number, column, cell, look)


def _cells(pieces: Iterator[Table]) -> Iterator[tuple[Any, ...]]:
    for piece in pieces:
        for batch in piece.to_batches(BATCH):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _text(page: Worksheet, row: int, column: int, text: str, look: Any) -> None:
    """A text as it is; one that a cell has no room for ends in …, and what looks like XlsxWriter's own markup is set off from it."""
    if page.write_string(row, column, f" {text}" if text.startswith("<r>") else text, look) == -2:
        page.write_string(row, column, f"{text[:LONG]}…", look)


def _width(name: str, column: Table) -> int:
    widest = max((texts.width(str(cell)) for cell in column.to_pylist() if cell is not None), default=0)
    return min(max(widest + 2, texts.width(name) + 4, NARROW), WIDE)


def _too_large(outcome: Outcome) -> InputError:
    size = outcome.pairs.num_rows
    return InputError(
        Words(
            f"--beside：{size:,} 对放不进一个工作簿（一张工作表最多 {MOST:,} 行，2 GB）；结果对已写好，并排的请写到 .csv 或 .parquet",
            f"--beside: {size:,} pairs have no room in a workbook (a sheet has {MOST:,} rows and 2 GB at most); the pairs themselves are"
            " written, for this one give a .csv or a .parquet",
        )
    )
