"""Sheets that people fill in: a header that stays in sight, a drop-down list of answers, advice, and the cells read back as text."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from math import ceil
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, ZipError
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from console.render import texts
from core.errors import InputError, choices
from core.words import Language, Words

HOW = Words("说明", "how to")
EDGE = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#DFE4EA"}
OURS = {**EDGE, "bg_color": "#F5F7F9"}
YOURS = {**EDGE, "bg_color": "#FFFBE6", "locked": False, "num_format": "@"}
RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a text of a csv begins with that a spreadsheet may run as a formula."""
OPEN = {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True}
"""What the protection, which has no password, lets everybody do."""


def sheet(
    book: Workbook, name: Words, columns: Sequence[tuple[Words, int]], rows: int, language: Language
) -> Worksheet:
    """A sheet with its header, which stays in sight and is repeated in print, and a filter."""
    made = book.add_worksheet(name.say(language))
    style = {"bold": True, "bg_color": "#0B5C8E", "font_color": "#FFFFFF", "valign": "vcenter", "border": 1}
    head = book.add_format({**style, "border_color": "#FFFFFF"})
    for column, (title, width) in enumerate(columns):
        made.set_column(column, column, width)
        made.write_string(0, column, title.say(language), head)
    made.set_row(0, 22)
    made.autofilter(0, 0, max(rows, 1), len(columns) - 1)
    made.set_landscape()
    made.set_paper(9)
    made.fit_to_pages(1, 0)
    made.repeat_rows(0)
    return made


def ask(made: Worksheet, column: int, rows: int, title: Words, known: Iterable[Words], language: Language) -> None:
    """A drop-down list of answers in a column."""
    said = [words.say(language) for words in known]
    asked = {"validate": "list", "source": said, "error_title": title.say(language)}
    made.data_validation(1, column, max(rows, 1), column, {**asked, "error_message": " / ".join(said)})


def height(filled: Iterable[tuple[str, int]]) -> float:
    """The height of a row (points) whose tallest cell shows in full; cells are (text, width of the column)."""
    counts = (sum(max(1, ceil(texts.width(line) * 1.1 / width)) for line in text.split("\n")) for text, width in filled)
    return 15.5 * max(counts, default=1)


def write_csv(path: Path, head: Sequence[str], rows: Iterable[Sequence[str | float]]) -> None:
    """A csv that spreadsheets open as it is meant: UTF-8 with a mark, and no text that runs as a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(head)
        lines.writerows([_inert(cell) for cell in row] for row in rows)


def _inert(cell: str | float) -> str | float:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in RUNS else cell


def ending(path: Path) -> str:
    """.xlsx or .csv; the folder is made. Raises InputError for another ending."""
    found = path.suffix.lower()
    if found not in (".xlsx", ".csv"):
        raise InputError(
            Words(f"{path.name}：请写到 .xlsx 或 .csv 文件", f"{path.name}: write to an .xlsx or a .csv file")
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    return found


def advise(book: Workbook, advice: Sequence[Words], language: Language) -> None:
    """A sheet that says how to fill the others in."""
    made = book.add_worksheet(HOW.say(language))
    made.set_column(0, 0, 4)
    made.set_column(1, 1, 110)
    number, text = book.add_format({"valign": "top"}), book.add_format({"text_wrap": True, "valign": "top"})
    for place, line in enumerate(advice):
        made.write_number(place, 0, place + 1, number)
        made.write_string(place, 1, line.say(language), text)
    made.protect("")


def cells(path: Path, name: Words) -> list[list[str]]:
    """The rows of a sheet as texts, the header first.

    Raises InputError when the file is no workbook or lacks the sheet.
    """
    if not path.is_file():
        raise InputError(Words(f"{path}：没有这个文件", f"{path}: there is no such file"))
    try:
        with CalamineWorkbook.from_path(path) as book:
            found = next((n for n in book.sheet_names if n in (name.zh, name.en)), None)
            if found is None:
                there = choices(book.sheet_names)
                raise InputError(
                    Words(
                        f"{path.name}：没有工作表 {name.zh}；现有：{there}",
                        f"{path.name}: the sheet {name.zh} is missing; there are: {there}",
                    )
                )
            rows: list[list[Any]] = book.get_sheet_by_name(found).to_python(skip_empty_area=False)
    except (CalamineError, ZipError, OSError):
        raise InputError(
            Words(
                f"{path.name}：不是可读的工作簿；请另存为 .xlsx 再试",
                f"{path.name}: cannot be read as a workbook; save it as .xlsx and try again",
            )
        ) from None
    return [[_text(cell) for cell in row] for row in rows] or [[]]


_EXACT = 10**15
"""From here on a spreadsheet's numbers have lost digits."""


def _text(cell: Any) -> str:
    """A cell as text: spreadsheets turn typed numbers into floating point, and texts that look like dates into dates.

    A number with lost digits stays in scientific notation, so that nobody takes it for the value.
    """
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)) if abs(cell) < _EXACT else f"{cell:.14E}"
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell if cell is not None else "").strip()
