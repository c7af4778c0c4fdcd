"""Turn a table's rows into columns of text with canonical names: codes mapped, dates ISO, wrong cells refused one by one."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from bots.sources.notes import Notes
from bots.sources.profile import Table
from bots.sources.sheets import Cell, Row, Sheet
from core.tables import UNMAPPED

Columns = dict[str, list[str | None]]
_BLOCK = 20_000


class RefusedError(ValueError):
    """A cell that cannot be used; the message is a code of bots.sources.notes.PROBLEMS."""


def columns(sheet: Sheet, table: Table, notes: Notes) -> Columns:
    """The allowed columns of a sheet. A column that the sheet lacks is absent; without a required one there is nothing."""
    places = _places(sheet.header, table, notes)
    missing = [column for column in table.required if column not in places]
    if missing:
        notes.refuse("missing_key", rows=sum(1 for _ in sheet.rows), columns=_joined(missing))
        return {}
    absent = [column for column in dict.fromkeys(table.columns.values()) if column not in places]
    if absent:
        notes.add("missing_column", columns=_joined(absent))
    taken = [_Column(name, place, _converter(name, table)) for name, place in places.items()]
    keys = [column for column in taken if column.name in table.required]
    found: Columns = {name: [] for name in places}
    while block := list(islice(sheet.rows, _BLOCK)):
        kept = [row for row in block if _usable(row, len(sheet.header), keys, notes)]
        for column in taken:
            found[column.name].extend(_convert(kept, column, notes))
    return found


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that is taken: its name here, its place in the sheet, and what becomes of a cell."""

    name: str
    place: int
    convert: Callable[[Cell], str | None]


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


def _usable(row: Row, width: int, keys: Iterable[_Column], notes: Notes) -> bool:
    number, cells = row
    if len(cells) != width:
        notes.refuse("short_row" if len(cells) < width else "long_row", number, cells=len(cells), width=width)
        return False
    for key in keys:
        try:
            reason = "" if key.convert(cells[key.place]) else "no_key"
        except RefusedError as refusal:
            reason = str(refusal)
        if reason:
            notes.refuse(reason, number, column=key.name)
            return False
    return True


def _convert(rows: Iterable[Row], column: _Column, notes: Notes) -> Iterator[str | None]:
    for number, cells in rows:
        try:
            yield column.convert(cells[column.place])
        except RefusedError as refusal:
            notes.add(str(refusal), number, column=column.name)
            yield None


# -- one cell


def _converter(column: str, table: Table) -> Callable[[Cell], str | None]:
    """What a cell of the column becomes; equal cells share one text."""
    kind, codes = table.kinds[column], table.codes.get(column)
    known: dict[str, str | None] = {}

    def meaning(text: str) -> str | None:
        if kind in ("date", "moment"):
            iso = iso_date(text) if kind == "date" else iso_moment(text)
            return None if iso in table.sentinels else iso or UNMAPPED + text
        if kind == "code" or codes is not None:
            return (codes or {}).get(text.strip(), UNMAPPED + text.strip()) or None
        return text

    def convert(cell: Cell) -> str | None:
        given = cell if isinstance(cell, str) else text_of(cell, kind)
        if given is None or not given.strip():
            return None
        if given not in known:
            known[given] = meaning(given)
        return known[given]

    return convert


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
        if kind == "number":
            return _plain(cell)
        raise RefusedError("number_for_text")
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
