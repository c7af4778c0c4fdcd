"""Read a file that somebody hands in (csv, xlsx, xls, parquet) as columns of texts, whatever its columns are called."""

import codecs
import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet

from bots.sources.notes import Notes
from bots.sources.sheets import Cell, open_sheet, other_sheets
from core.errors import InputError, unread
from core.words import Words

Table = Any

_MAGIC = b"PAR1"
_NOTHING = ["", "\\N", "NULL", "null", "NaN", "nan", "None", "<NA>"]
_PROVEN = 8
"""Characters beyond ASCII after which a text that read well as UTF-8 is nothing else, only damaged; as GB18030 it would be read as other ones."""
_SEPARATORS = ",\t;|"
_SHEET_EXACT = 10.0**15
"""Whole numbers from here on have lost digits in a workbook, which keeps 15 of them."""
_FLOAT_EXACT = 2.0**53
"""From here on one float stands for several whole numbers."""
_ROUNDED = (
    r"^\s*-?[1-9](?:\.[0-9]{1,5})?E\+(?:1[1-9]|[2-9][0-9])\s*$|^\s*-?[1-9](?:\.[0-9]+)?e\+(?:1[6-9]|[2-9][0-9])\s*$"
)
"""A whole number as a spreadsheet saves it as text: from 12 digits on with six of them (1.23457E+17); or as programs write a float of as many."""


def _said(error: str) -> Words:
    """What Arrow says of a broken table, without the values that it quotes."""
    found = re.search(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)", error)
    if not found:
        said = error.partition("\n")[0].partition(":")[0]
        return Words(said, said)
    row, due, met = found.groups()
    return Words((f"第 {row} 行：" if row else "") + f"应有 {due} 列，却有 {met} 列", found[0])


class Parquet:
    """A parquet file as a table whose columns are read when they are asked for, so that nobody holds what nobody needs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        about = arrow_parquet.read_metadata(path)
        self.num_rows: int = about.num_rows
        self.column_names: list[str] = arrow_parquet.read_schema(path).names

    def __getitem__(self, name: str) -> Table:
        """The column as texts."""
        with arrow_parquet.ParquetFile(self._path) as file:
            column = file.read(columns=[name], use_threads=False)[name]
        if pa.types.is_floating(column.type):
            _held(column.to_pylist(), _FLOAT_EXACT, self._path, name)
        return _column(column)


class Sheet:
    """A workbook's first sheet as columns of texts; one whose numbers have lost digits is refused when it is asked for."""

    def __init__(self, path: Path, columns: Mapping[str, Sequence[Cell]], left_out: Sequence[str] = ()) -> None:
        self.left_out = left_out
        """The other sheets that hold something."""
        self._path = path
        self._columns = columns
        self._read: dict[str, Table] = {}
        self.column_names: list[str] = list(columns)
        self.num_rows: int = max(map(len, columns.values()), default=0)

    def __getitem__(self, name: str) -> Table:
        """The column as texts."""
        if name not in self._read:
            cells = self._columns[name]
            _held(cells, _SHEET_EXACT, self._path, name)
            self._read[name] = pa.chunked_array([pa.array(map(_cell, cells), type=pa.string())])
        return self._read[name]


class Text:
    """A text file as columns of texts; one with numbers of which a spreadsheet left six digits is refused when it is asked for."""

    def __init__(self, path: Path, table: Table) -> None:
        self._path = path
        self._table = table
        self.column_names: list[str] = table.column_names
        self.num_rows: int = table.num_rows

    def __getitem__(self, name: str) -> Table:
        """The column as texts."""
        column = self._table[name]
        row = pc.index(pc.match_substring_regex(column, _ROUNDED), True).as_py() + 1
        if row:
            raise InputError(
                Words(
                    f"{self._path}：列 {name} 第 {row} 条记录被电子表格改写成了科学记数（几点几 E+ 几），末尾几位已经丢失；"
                    "请把这一列设为文本，由原系统重新导出",
                    f"{self._path}: column {name}, record {row}: a number that a spreadsheet rounded (… E+ …), its last digits are lost;"
                    " export the column as text again",
                )
            )
        return column


def read(path: Path) -> Table:
    """The file's rows as a table of Arrow columns of texts (None: empty): `column_names`, `num_rows`, `[name]`.

    Raises InputError when there is no such file or no table in it.
    """
    try:
        with path.open("rb") as handle:
            head = handle.read(1 << 16)
    except OSError as error:
        raise InputError(unread(path, error)) from None
    if not head.strip():
        raise InputError(Words(f"{path}：文件是空的", f"{path}: the file is empty"))
    try:
        if head.startswith(_MAGIC):
            return Parquet(path)
        if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            return _sheet(path)
        return _text(path, head)
    except pa.ArrowInvalid as error:
        why = _said(str(error))
        raise InputError(
            Words(f"{path}：不是完整的表格（{why.zh}）", f"{path}: not a whole table ({why.en})")
        ) from None


def _column(column: Table) -> Table:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_floating(kind):  # a whole number with a missing neighbour has become a float
        whole = [None if v is None or v != v else f"{v:.0f}" if v.is_integer() else repr(v) for v in column.to_pylist()]
        return pa.chunked_array([pa.array(whole, type=pa.string())])
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.chunked_array(
            [pa.array([";".join(map(str, v)) if v else None for v in column.to_pylist()], pa.string())]
        )
    return column.cast(pa.string())


def _sheet(path: Path) -> Sheet:
    notes = Notes(str(path))
    content = path.read_bytes()
    sheet = open_sheet(content, notes)
    if sheet is None:
        raise InputError(Words(f"{path}：打不开这个工作簿", f"{path}: this workbook cannot be opened"))
    rows = [cells for _, cells in sheet.rows]
    named = [(place, name) for place, name in enumerate(sheet.header) if name]
    names = _told_apart([name for _, name in named])
    return Sheet(
        path,
        {
            name: [cells[place] if place < len(cells) else None for cells in rows]
            for (place, _), name in zip(named, names, strict=True)
        },
        other_sheets(content),
    )


def _held(cells: Iterable[Any], exact: float, path: Path, name: str) -> None:
    """Refuse a column where a whole number is too long for what holds it: an id or a card with other last digits is another's."""
    row = next(
        (row for row, cell in enumerate(cells, 1) if isinstance(cell, float) and exact <= abs(cell) < math.inf), 0
    )
    if row:
        raise InputError(
            Words(
                f"{path}：列 {name} 第 {row} 条记录是超过 15 位的数字，末尾几位已经丢失；请把这一列设为文本，由原系统重新导出",
                f"{path}: column {name}, record {row}: a number of more than 15 digits, of which the last are lost;"
                " export the column as text again",
            )
        )


def _cell(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _text(path: Path, head: bytes) -> Table:
    encoding = _encoding(path, head)
    line = head.decode(encoding, "ignore").lstrip("\ufeff").partition("\n")[0]
    separator = max(_SEPARATORS, key=line.count)
    # a reader with threads of its own may abort the process at its end, once a table was refused (apache/arrow#34314)
    options = arrow_csv.ReadOptions(encoding=encoding, use_threads=False)
    parse = arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True)
    names = next(csv.reader([line.rstrip("\r")], delimiter=separator), [])
    convert = arrow_csv.ConvertOptions(
        column_types={name: pa.string() for name in names},
        null_values=_NOTHING,
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    table = arrow_csv.read_csv(path, options, parse, convert)
    return Text(path, table.rename_columns(_told_apart(table.column_names)))


def _told_apart(names: list[str]) -> list[str]:
    """Columns of one name as name, name (2), …"""
    return [name if (n := names[:place].count(name)) == 0 else f"{name} ({n + 1})" for place, name in enumerate(names)]


def _encoding(path: Path, head: bytes) -> str:
    """UTF-16 by its mark, else UTF-8 where all of it is, else GB18030. Raises InputError, with lines, when it is none of them."""
    marks = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
    if marked := marks.get(head[:2]):
        tried = {marked: "UTF-16"}
    else:
        tried = {"utf-8": "UTF-8", "gb18030": "GB18030"}
    broken: dict[str, int] = {}
    for encoding, name in tried.items():
        line, before = _broken(path, encoding)
        if not line:
            return "utf-16" if marked else encoding
        broken[name] = line
        if before >= _PROVEN:
            break
    zh, en = (
        ", ".join(said.format(line=n, name=name) for name, n in broken.items())
        for said in ("第 {line} 行不是 {name}", "line {line} is not {name}")
    )
    raise InputError(
        Words(
            f"{path}：既不是表格也不是完整的文字（UTF-8、GB18030）：{zh}；请另存为 UTF-8",
            f"{path}: neither a table nor text (UTF-8, GB18030): {en}; save it as UTF-8",
        )
    )


def _broken(path: Path, encoding: str) -> tuple[int, int]:
    """The line (from 1; 0: none) whose bytes are the first that are not of the encoding, and how many characters beyond ASCII stand before them."""
    decoder, line, before = codecs.getincrementaldecoder(encoding)(), 1, 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            try:
                text, whole = decoder.decode(block), True
            except UnicodeDecodeError as error:
                text, whole = error.object[: error.start].decode(encoding), False
            line += text.count("\n")
            before += len(text) - len(text.encode("ascii", "ignore"))
            if not whole:
                return line, before
    try:
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return line, before
    return 0, before
