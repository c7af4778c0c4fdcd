"""What a workbook tells beside its values: cells whose value is missing, and rows that a person does not see.

    layout = layout_of(content)      # of the sheet that bots.sources.sheets reads: the first

A reader of values gives an empty text for an error, for a formula that nobody has reckoned and for all but one cell of a merged
range; whoever takes an empty cell for "leave as it is" must know the difference.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

_RANGE = re.compile(r"([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?")

Spot = tuple[int, int]
"""Row and column of a cell, both from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One sheet of a workbook."""

    name: str
    seen: bool  # whether its tab is shown
    errors: tuple[Spot, ...]  # #N/A and the like
    unreckoned: tuple[Spot, ...]  # formulas that no program has put a value beside
    merged: tuple[tuple[Spot, Spot], ...]  # first and last cell of each range
    hidden: tuple[int, ...]  # rows with cells that are hidden, by hand or by a filter


def layout_of(content: bytes) -> Layout:
    """The first sheet's layout. Raises ValueError where the content is no xlsx workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            first = _named(_read(book, "xl/workbook.xml"), "sheet")[0]
            return _layout(first, _read(book, _path(book, first)))
    except (zipfile.BadZipFile, LookupError, StopIteration, ET.ParseError, NotImplementedError, zlib.error):
        raise ValueError("no xlsx workbook") from None


def column_name(column: int) -> str:
    """A column as a spreadsheet calls it: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _read(book: zipfile.ZipFile, path: str) -> Element:
    """A part of the workbook; one that declares entities is none, since no program writes such."""
    text = book.read(path)
    if b"<!DOCTYPE" in text or b"\0" in text:  # nor one in another encoding, in which that would not be seen
        raise KeyError(path)
    return ET.fromstring(text)  # noqa: S314  without a document type there is nothing to expand


def _named(root: Element, name: str) -> list[Element]:
    """All parts of this name; there are two name spaces for one format."""
    return [one for one in root.iter() if one.tag.rpartition("}")[2] == name]


def _path(book: zipfile.ZipFile, sheet: Element) -> str:
    """Where in the file a sheet lies."""
    wanted = next(value for name, value in sheet.attrib.items() if name.endswith("}id"))
    links = _named(_read(book, "xl/_rels/workbook.xml.rels"), "Relationship")
    target = next(link.get("Target", "") for link in links if link.get("Id") == wanted)
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _layout(sheet: Element, page: Element) -> Layout:
    rows = [(number, row, _cells(row)) for number, row in _rows(page)]
    spots = [((number, column), cell) for number, _, cells in rows for column, cell in cells]
    return Layout(
        name=sheet.get("name", ""),
        seen=sheet.get("state", "visible") == "visible",
        errors=tuple(spot for spot, cell in spots if cell.get("t") == "e"),
        unreckoned=tuple(spot for spot, cell in spots if _is_unreckoned(cell)),
        merged=tuple(_corners(one.get("ref", "")) for one in _named(page, "mergeCell")),
        hidden=tuple(number for number, row, cells in rows if _is_hidden(row) and any(len(cell) for _, cell in cells)),
    )


def _rows(page: Element) -> Iterator[tuple[int, Element]]:
    """Rows by their numbers; one that names none follows the one before."""
    number = 0
    for row in _named(page, "row"):
        number = int(row.get("r", number + 1))
        yield number, row


def _cells(row: Element) -> list[tuple[int, Element]]:
    """Cells by their columns; one that names none follows the one before."""
    found: list[tuple[int, Element]] = []
    for cell in _named(row, "c"):
        before = found[-1][0] if found else 0
        found.append((_corners(cell.get("r", ""))[0][1] if cell.get("r") else before + 1, cell))
    return found


def _is_hidden(row: Element) -> bool:
    return row.get("hidden") in ("1", "true")


def _is_unreckoned(cell: Element) -> bool:
    """A formula without a value; an empty text that a program has put there is one."""
    return bool(_named(cell, "f")) and cell.get("t") != "str" and not any(one.text for one in _named(cell, "v"))


def _corners(reference: str) -> tuple[Spot, Spot]:
    """`B3:C4` or `B3` as its first and last cell. Raises KeyError for anything else."""
    found = _RANGE.fullmatch(reference.replace("$", ""))
    if not found:
        raise KeyError(reference)
    first = (int(found[2]), _column(found[1]))
    return first, (int(found[4]), _column(found[3])) if found[3] else first


def _column(name: str) -> int:
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
