"""Read a spreadsheet whose rows are to be entered into a mapped screen: whole and certain, or refused by row and reason.

    sheet = entries.read(Path("rows.xlsx"), screen, "gbk")     # a header of field ids or of the map's labels
    sheet.problems                                             # with any of these nothing may be typed

A cell that is empty leaves its field as it is. What the screen itself cannot hold is no fault of the sheet: the row carries
the reason, and the others go on.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path

from bots.driver import Shown
from bots.fields import Field
from bots.screens import Screen
from bots.sources.layout import Layout, column_name, layout_of
from bots.sources.notes import PROBLEMS as READING
from bots.sources.notes import Notes
from bots.sources.sheets import OLE, ZIP, Cell, Row, Sheet, open_sheet
from core.errors import InputError, choices, unread
from core.model import Entry, Problem
from core.privacy import scrub
from core.words import Words

PROBLEMS: Mapping[str, Words] = {
    **READING,
    "merged_header": Words(
        "第 {position} 列没有表头（表头有合并单元格，或首行不是表头），请让每列各有一个表头",
        "column {position} has no header (merged cells, or the first row is no header); give each column its own",
    ),
    "strange_column": Words(
        "界面上没有字段“{column}”；可用：{known}", "the screen has no field '{column}'; there are: {known}"
    ),
    "same_column": Words("字段 {column} 在表头出现多次", "the field {column} stands in the header more than once"),
    "shown_only": Words(
        "字段 {column} 在界面上只读，不能录入；请删去此列", "the screen only shows {column}; take the column out"
    ),
    "no_key_column": Words("缺少主键列 {column}", "the key's column {column} is missing"),
    "nothing_to_enter": Words("除主键外没有可录入的列", "there is no column to enter beside the key"),
    "same_key": Words("主键与第 {first} 行重复", "the key stands in row {first} already"),
    "number_for_text": Words(
        "{column} 是编号或文本，单元格里却是数字，前导零或位数可能已丢失；请把该列设为文本后重新填写",
        "{column} is text and the cell holds a number, zeros or digits may be lost; make the column text and fill it anew",
    ),
    "error_cell": Words(
        "{column} 的单元格是错误值（例如 #N/A），不是空白；请改正或清空",
        "{column} holds an error such as #N/A, which is not an empty cell; mend or empty it",
    ),
    "unreckoned": Words(
        "{column} 是公式，文件里没有它的结果；请用表格软件打开、保存一次，或改为值",
        "{column} is a formula without a value in the file; open and save it in a spreadsheet program, or write the value",
    ),
    "merged_cells": Words(
        "{column} 是合并单元格（到第 {last} 行），其余各格是空的；请取消合并，逐格填写",
        "{column} is merged (down to row {last}), the other cells of it are empty; unmerge it and fill every cell",
    ),
    "hidden_rows": Words(
        "有 {count} 行是隐藏的（或被筛选）：第 {rows} 行；请取消隐藏或筛选，或删去这些行",
        "{count} rows are hidden, by hand or by a filter: {rows}; show them or delete them",
    ),
    "hidden_sheet": Words(
        "要读的第一张工作表“{sheet}”是隐藏的；请取消隐藏，或把要录入的表放在最前",
        "the first sheet '{sheet}', which would be read, is hidden; show it, or put the sheet to enter first",
    ),
    "old_workbook": Words(
        "不是 xlsx：这种工作簿里的错误值、隐藏行看不出来；请另存为 xlsx",
        "no xlsx workbook: errors and hidden rows of this kind cannot be seen; save it as xlsx",
    ),
    "no_rows": Words("表格只有表头，没有要录入的行", "the sheet has a header and no rows to enter"),
    "time_of_day": Words(
        "{column} 只有日期，单元格里却还有时刻，会丢失；请只写日期",
        "{column} holds days and the cell has a time of day, which would be lost; write the day alone",
    ),
    "scientific": Words(
        "{column} 是科学计数法，位数已丢失；请用文本重新填写",
        "{column} stands in scientific notation, its digits are lost; fill it anew as text",
    ),
}
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+")
_ERROR = re.compile(r"#(N/A|[A-Z]+[!?]|DIV/0!|GETTING_DATA|#+)")
"""What spreadsheets write where they have no value (Excel, the function ERROR.TYPE), or no room for it."""
_FLOAT = re.compile(r"\d+\.0+")


class _Unfit(ValueError):
    """What is wrong with a cell: a code of PROBLEMS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """The rows of one file, and what keeps it from being used."""

    digest: str  # SHA-256 of the file
    rows: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    sheet: str = ""  # which of a workbook's sheets was read


def key_of(screen: Screen) -> Field:
    """The column that names a record: what the search asks for. Raises InputError for a screen of rows."""
    if screen.is_list:
        raise InputError(
            Words(
                f"界面 {screen.name} 编辑的是列表，不能按表格录入",
                f"the screen {screen.name} edits a list; a spreadsheet cannot be entered into it",
            )
        )
    return screen.key


def read(path: Path, screen: Screen, encoding: str) -> Entries:
    """The file's rows for the screen, whose character set is `encoding`.

    Raises InputError when there is no such file, or no table in it.
    """
    key, content, notes = key_of(screen), _content(path), Notes(path.name)
    digest = hashlib.sha256(content).hexdigest()
    sheet = _sheet(path, content, notes)
    layout = _layout(content, path)
    rows = list(sheet.rows)
    found = [*notes.problems(), *(_unseen(layout, sheet, path.name) if layout else ())]
    header, wrong = _header(sheet.header, rows, screen, key, path.name)
    found += wrong or ([] if found or rows else [_problem("no_rows", path.name, None)])
    if found:
        return Entries(digest=digest, rows=(), problems=tuple(found))
    columns = list(zip(sheet.header, header, strict=False))
    taken = [_entry(number, row, columns, key.id, path.name) for number, row in rows]
    entries = [entry for entry, _ in taken if entry]
    problems = [problem for _, some in taken for problem in some] + _doubles(entries, path.name)
    return Entries(
        digest=digest,
        rows=tuple(_fitted(e, screen, encoding) for e in entries),
        problems=tuple(problems),
        sheet=layout.name if layout else "",
    )


def columns(path: Path) -> list[str]:
    """The headers of a file that have words. Raises InputError when there is no such file, or no table in it."""
    return [name for name in _sheet(path, _content(path), Notes(path.name)).header if name.strip()]


def _sheet(path: Path, content: bytes, notes: Notes) -> Sheet:
    sheet = open_sheet(content, notes)
    if sheet is None:
        reason = notes.problems()[0].code
        raise InputError(Words(f"{path}：{READING[reason].zh}", f"{path}: {READING[reason].en}"))
    return sheet


def _layout(content: bytes, path: Path) -> Layout | None:
    """How the workbook looks to a person; None for a text. Raises InputError for a workbook that does not tell."""
    if not content.startswith((ZIP, OLE)):
        return None
    try:
        return layout_of(content)
    except ValueError:
        words = PROBLEMS["old_workbook"]
        raise InputError(Words(f"{path}：{words.zh}", f"{path}: {words.en}")) from None


def _unseen(layout: Layout, sheet: Sheet, file: str) -> list[Problem]:
    """What would be taken for an empty cell and is none, and what a person who looks at the sheet does not see."""

    def named(column: int) -> str:
        return scrub(sheet.header[column - 1] if column <= len(sheet.header) else "") or column_name(column)

    blank = [("error_cell", spot) for spot in layout.errors] + [("unreckoned", spot) for spot in layout.unreckoned]
    found = [
        _problem(code, file, row, column=named(column)) for code, (row, column) in sorted(blank, key=lambda b: b[1])
    ]
    found += [
        _problem("merged_cells", file, max(top, sheet.at), column=named(left), last=last)
        for (top, left), (last, _) in layout.merged
        if last > sheet.at
    ]
    hidden = [row for row in layout.hidden if row > sheet.at]
    if hidden:
        some = ", ".join(map(str, hidden[:20])) + ("…" if len(hidden) > 20 else "")
        found.append(_problem("hidden_rows", file, None, count=len(hidden), rows=some))
    return found if layout.seen else [_problem("hidden_sheet", file, None, sheet=scrub(layout.name)), *found]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(unread(path, error)) from None


# -- the header


def _header(
    names: Sequence[str], rows: Sequence[Row], screen: Screen, key: Field, file: str
) -> tuple[list[Field | None], list[Problem]]:
    """The field of each column (None: an empty column), and what is wrong with the header."""
    width = max((len(row) for _, row in rows), default=0)
    padded = [*names, *[""] * (width - len(names))]
    used = [any(_filled(row, i) for _, row in rows) for i in range(len(padded))]
    known = [key, *(f for f in screen.fields.values() if f.id != key.id)]
    header = [_named(name, known) for name in padded]
    problems = [
        problem
        for i, (name, field) in enumerate(zip(padded, header, strict=True))
        if (problem := _column(i, name, field, screen, key.id, used[i], file))
    ]
    ids = [field.id for field in header if field]
    problems += [_problem("same_column", file, column=one) for one in sorted({i for i in ids if ids.count(i) > 1})]
    if key.id not in ids:
        problems.append(_problem("no_key_column", file, column=f"{key.id} ({key.label})"))
    elif not problems and len(ids) == 1:
        problems.append(_problem("nothing_to_enter", file))
    return header, problems


def _filled(row: Sequence[Cell], index: int) -> bool:
    return index < len(row) and row[index] not in ("", None)


def _named(name: str, known: Sequence[Field]) -> Field | None:
    found = [f for f in known if name in (f.id, f.label)]
    return found[0] if len(found) == 1 else None


def _column(
    index: int, name: str, field: Field | None, screen: Screen, key: str, used: bool, file: str
) -> Problem | None:
    if not name:
        return _problem("merged_header", file, position=index + 1) if used else None
    if field is None:
        known = choices(f"{f.id} ({f.label})" for f in screen.fields.values() if f.entry and not f.derived)
        return _problem("strange_column", file, column=scrub(name), known=known)
    if field.id != key and (field.entry is None or field.derived):
        return _problem("shown_only", file, column=name)
    return None


def _problem(code: str, file: str, row: int | None = 1, **params: object) -> Problem:
    return Problem(code=code, place=file, row=row, params=params)


# -- the rows


def _entry(
    number: int, row: Sequence[Cell], header: Sequence[tuple[str, Field | None]], key: str, file: str
) -> tuple[Entry | None, list[Problem]]:
    """A row by the columns, which are named in what is wrong with it as the sheet itself names them."""
    if len(row) < sum(field is not None for _, field in header):
        return None, [_problem("short_row", file, number, cells=len(row), width=len(header))]
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for (column, field), cell in zip(header, row, strict=False):
        if field is None:
            continue
        try:
            values[field.id] = _text(cell, field)
        except _Unfit as reason:
            problems.append(_problem(str(reason), file, number, column=column))
    name = values.pop(key, "")
    if not name and not problems:
        problems.append(_problem("no_key", file, number, column=next(n for n, f in header if f and f.id == key)))
    return Entry(row=number, key=name, values={f: v for f, v in values.items() if v}), problems


def _text(cell: Cell, field: Field) -> str:
    """A cell as text. Raises _Unfit with a code of PROBLEMS when it cannot be told what was meant."""
    if cell is None or isinstance(cell, str):
        text = (cell or "").strip()
        if _ERROR.fullmatch(text):
            raise _Unfit("error_cell")
        if not field.number and _SCIENTIFIC.fullmatch(text):
            raise _Unfit("scientific")
        if field.entry is None and _FLOAT.fullmatch(text):  # a key that went through a spreadsheet as a number
            raise _Unfit("number_for_text")
        return text
    if isinstance(cell, datetime | date):
        if not field.date:
            raise _Unfit("date_for_text")
        if isinstance(cell, datetime) and cell.time() != time.min and "%H" not in field.date:
            raise _Unfit("time_of_day")
        return cell.isoformat(sep=" ") if isinstance(cell, datetime) and "%H" in field.date else cell.isoformat()[:10]
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise _Unfit("wrong_type")
    if not field.number:
        raise _Unfit("number_for_text")
    return str(int(cell)) if float(cell).is_integer() else repr(cell)


def _doubles(entries: Iterable[Entry], file: str) -> list[Problem]:
    first: dict[str, int] = {}
    return [
        _problem("same_key", file, e.row, first=first[e.key])
        for e in entries
        if e.key and first.setdefault(e.key, e.row) != e.row
    ]


def _fitted(entry: Entry, screen: Screen, encoding: str) -> Entry:
    """The row in our canonical values, with the first reason why the screen cannot hold it."""
    values, refusal = {}, ""
    for name, text in entry.values.items():
        field = screen.fields[name]
        found = _canonical(field, text)
        reason = "ambiguous_code" if found is None else _refusal(screen, field, found, encoding)
        if reason and not refusal:
            refusal, where = reason, name
            entry = replace(entry, field=where)
        values[name] = text if found is None else found
    return replace(entry, values=values, refusal=refusal)


def _refusal(screen: Screen, field: Field, value: str, encoding: str) -> str | None:
    return "empty" if screen.workflow and not value else field.refuse(value, encoding)


def _canonical(field: Field, text: str) -> str | None:
    """Our value of what a person wrote: our code or the screen's words, a date in either spelling; None: it means two codes."""
    if field.codes is None:
        return field.canonical(Shown(count=1, value=text, text=text))
    meant = {text} & field.codes.options.keys() | {field.codes.shown.get(text, text)} & field.codes.options.keys()
    return None if len(meant) > 1 else next(iter(meant), text)
