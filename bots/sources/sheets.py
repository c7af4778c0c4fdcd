"""Open csv, xlsx and xls files as a header and rows, and lose nothing silently.

A text file is decoded strictly: byte order mark, else UTF-8, else GB18030; never guessed. Where some lines are broken, those
rows are refused by number and the others go on. Cells of a workbook keep their type, so that a number where text is due shows.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from bots.sources.notes import Notes

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Row = tuple[int, Sequence[Cell]]
"""A row with its number in the file (the header of a csv is row 1)."""

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The header of a table and its rows."""

    header: Sequence[str]
    rows: Iterator[Row]
    at: int = 1  # the header's row in the file


class _UnreadableError(ValueError):
    """There is no table; the message is a code of bots.sources.notes.PROBLEMS."""


def open_sheet(content: bytes, notes: Notes, sheet: str = "") -> Sheet | None:
    """The table in a file's content, by what it is and not by what it is called; None (and a note) where there is none."""
    try:
        rows = _workbook(content, sheet) if content.startswith((ZIP, OLE)) else _text(content, notes)
        header = next(rows, None)
    except _UnreadableError as reason:
        notes.add(str(reason))
        return None
    if header is None:
        notes.add("empty")
        return None
    return Sheet([str(cell).strip() for cell in header[1]], rows, header[0])


def _workbook(content: bytes, name: str) -> Iterator[Row]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            wanted = name or next(iter(book.sheet_names), "")
            if wanted not in book.sheet_names:
                raise _UnreadableError("no_sheet")
            cells = book.get_sheet_by_name(wanted).to_python(skip_empty_area=False)
    except PasswordError:
        raise _UnreadableError("locked") from None
    except (CalamineError, OSError):
        raise _UnreadableError("damaged") from None
    return ((number, row) for number, row in enumerate(cells, 1) if any(cell not in ("", None) for cell in row))


def other_sheets(content: bytes) -> tuple[str, ...]:
    """The sheets of a workbook that hold something, but for the first, which is the one that is opened."""
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        return tuple(name for name in book.sheet_names[1:] if book.get_sheet_by_name(name).height)


def _text(content: bytes, notes: Notes) -> Iterator[Row]:
    encoding = next((name for bom, name in _BOMS.items() if content.startswith(bom)), None)
    candidates = [encoding] if encoding else ["utf-8", "gb18030"]
    for candidate in candidates:
        if _decodes(content, candidate):
            return _parse(content, candidate, frozenset(), notes)
    if encoding == "utf-16":
        raise _UnreadableError("not_text")
    return _broken_text(content, candidates, notes)


def _broken_text(content: bytes, candidates: Sequence[str], notes: Notes) -> Iterator[Row]:
    """Line by line in the encoding that breaks fewer lines: in neither is a line's end ever part of a character."""
    lines = content.split(b"\n")
    broken = {name: frozenset(n for n, line in enumerate(lines, 1) if not _decodes(line, name)) for name in candidates}
    best = min(candidates, key=lambda name: len(broken[name]))
    if 1 in broken[best]:
        raise _UnreadableError("not_text")
    readable = b"\n".join(line.decode(best, "replace").encode() for line in lines)
    return _parse(readable, "utf-8", broken[best], notes)


def _decodes(content: bytes, encoding: str) -> bool:
    """Whether every byte makes sense; a million rows are not made a text for it."""
    reader = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _PIECE):
            reader.decode(content[start : start + _PIECE])
        reader.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


_PIECE = 1 << 20


def _parse(content: bytes, encoding: str, broken: frozenset[int], notes: Notes) -> Iterator[Row]:
    """Rows by the number of their first line; a row with a broken line, or one that is no csv, is refused."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding, newline=""), strict=True)
    while True:
        start = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            notes.refuse("bad_row", start, rows=max(reader.line_num - start + 1, 1))
            continue
        if not broken.isdisjoint(range(start, reader.line_num + 1)):
            notes.refuse("not_text", start)
        elif row:
            yield start, row
