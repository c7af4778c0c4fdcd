"""Turn a table's rows into columns of text with canonical names: codes mapped, dates ISO, wrong cells refused one by one."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from math import isfinite
from typing import cast

from bots.sources.notes import Notes
from bots.sources.profile import Table
from bots.sources.sheets import Cell, Row, Sheet
from core.tables import UNMAPPED

Columns = dict[str, list[str | None]]
_BLOCK = 20_000


class RefusedError(ValueError):
    """A cell that cannot be used; the message is a code of bots.sources.notes.PROBLEMS."""


def columns(sheet: Sheet, table: Table, notes: Notes) -> tuple[Columns, list[int]]:
    """The allowed columns of a sheet, and the number of each row in the file.

    A column that the sheet lacks is absent; without a required one there is nothing.
    """
    places = _places(sheet.header, table, notes)
    missing = [column for column in table.required if column not in places]
    if missing:
        notes.refuse("missing_key", rows=sum(1 for _ in sheet.rows), columns=_joined(missing))
        return {}, []
    absent = [column for column in dict.fromkeys(table.columns.values()) if column not in places]
    if absent:
        notes.add("missing_column", columns=_joined(absent))
    taken = [_Column(name, place, table.kinds[name], _meanings(name, table)) for name, place in places.items()]
    keys = [column for column in taken if column.name in table.required]
    found: Columns = {name: [] for name in places}
    lines: list[int] = []
    while block := list(islice(sheet.rows, _BLOCK)):
        kept = _keyed([row for row in block if _whole(row, len(sheet.header), notes)], keys, notes)
        lines.extend(number for number, _ in kept)
        for column in taken:
            found[column.name].extend(column.values(kept, notes))
    return found, lines


def _places(header: Sequence[str], table: Table, notes: Notes) -> dict[str, int]:
    """Column → position. A header that is not allowed is counted and never named: without a header row it is data."""
    places: dict[str, int] = {}
    doubled: set[str] = set()
    dropped: list[int] = []
    for position, name in enumerate(header):
        column = table.columns.get(name)
        if column is None:
            dropped.append(position + 1)
        elif column in places:
            doubled.add(column)
        else:
            places[column] = position
    for column in sorted(doubled):
        notes.add("double_column", column=column)
        del places[column]
    if dropped:
        notes.add("unknown_column", count=len(dropped), positions=_joined(dropped))
    return places


def _joined(names: Iterable[object]) -> str:
    return ", ".join(str(name) for name in names)


def _whole(row: Row, width: int, notes: Notes) -> bool:
    number, cells = row
    if len(cells) == width:
        return True
    notes.refuse("short_row" if len(cells) < width else "long_row", number, cells=len(cells), width=width)
    return False


def _keyed(rows: Sequence[Row], keys: "Iterable[_Column]", notes: Notes) -> Sequence[Row]:
    """The rows that have a value in every key column."""
    for key in keys:
        values = key.values(rows, notes)
        for (number, _), value in zip(rows, values, strict=True):
            if value is None:
                notes.refuse("no_key", number, column=key.name)
        rows = [row for row, value in zip(rows, values, strict=True) if value is not None]
    return rows


# -- one column


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that is taken: its name here, its place in the sheet, and what its texts mean."""

    name: str
    place: int
    kind: str
    meanings: Mapping[str, str | None] | None  # None: a text means itself

    def values(self, rows: Sequence[Row], notes: Notes) -> list[str | None]:
        """One value per row; a blank cell or a refused one is None."""
        texts = [cells[self.place] for _, cells in rows]
        if set(map(type, texts)) - {str}:
            texts = [self._text(number, cells[self.place], notes) for number, cells in rows]
        given = [text if text and not text.isspace() else None for text in cast("list[str | None]", texts)]
        if self.meanings is None:
            once = {text: text for text in given}  # a million rows say the same few things in most columns
            return [once[text] for text in given]
        return [text and self.meanings[text] for text in given]

    def _text(self, row: int, cell: Cell, notes: Notes) -> str | None:
        try:
            return text_of(cell, self.kind)
        except RefusedError as refusal:
            notes.add(str(refusal), row, column=self.name)
            return None


class _Meanings(dict[str, str | None]):
    """What the texts of a column mean, worked out once for each text."""

    def __init__(self, meaning: Callable[[str], str | None]) -> None:
        super().__init__()
        self._meaning = meaning

    def __missing__(self, text: str) -> str | None:
        self[text] = found = self._meaning(text)
        return found


def _meanings(name: str, table: Table) -> _Meanings | None:
    kind, codes = table.kinds[name], table.codes.get(name)
    if kind in ("date", "moment"):
        read = iso_date if kind == "date" else iso_moment
        return _Meanings(lambda text: _dated(text, read(text), table.sentinels))
    if kind == "code" or codes is not None:
        return _Meanings(lambda text: (codes or {}).get(text.strip(), UNMAPPED + text.strip()) or None)
    return None


def _dated(text: str, iso: str | None, sentinels: frozenset[str]) -> str | None:
    return None if iso in sentinels else iso or UNMAPPED + text


# -- one cell


def text_of(cell: Cell, kind: str) -> str | None:
    """A typed cell as text, where that loses nothing. Raises RefusedError with the reason's code.

    A number in a text column has lost its leading zeros and every digit after the fifteenth; a date there was a building
    and unit before the spreadsheet made a date of `3-2`.
    """
    if cell is None or isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        if kind == "flag":
            return "true" if cell else "false"
        raise RefusedError("wrong_type")
    if isinstance(cell, int | float):
        if kind != "number":
            raise RefusedError("number_for_text")
        if isfinite(cell):
            return _plain(cell)
        raise RefusedError("wrong_type")
    if isinstance(cell, date):
        if kind == "moment":
            return cell.isoformat()
        if kind == "date":
            return cell.isoformat()[:10]
        raise RefusedError("date_for_text")
    raise RefusedError("wrong_type")


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else format(Decimal(repr(number)).normalize(), "f")


_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))(?![\d])")
_TIME = re.compile(r"[T ]*(\d{1,2}):(\d{2})(?::(\d{2}))?")


def iso_date(text: str) -> str | None:
    """ISO of 2026-03-16, 2026/3/16, 20260316 or 2026年3月16日, with or without a time; None for anything else."""
    found = _DATE.match(text.strip())
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2] or found[4]), int(found[3] or found[5])
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def iso_moment(text: str) -> str | None:
    """ISO of a date with a time to the second (midnight where there is none); a time zone is left out: it is local time."""
    day, found = iso_date(text), _DATE.match(text.strip())
    if day is None or found is None:
        return None
    clock = _TIME.match(text.strip()[found.end() :])
    try:
        time = (int(clock[1]), int(clock[2]), int(clock[3] or 0)) if clock else (0, 0, 0)
        return datetime.fromisoformat(day).replace(hour=time[0], minute=time[1], second=time[2]).isoformat()
    except ValueError:
        return None
