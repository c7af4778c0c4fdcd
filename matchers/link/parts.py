"""Parts of values by which records can meet although the whole values differ; each is a function over a column of distinct values."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from matchers.link import sounds
from matchers.link.sounds import Readings

Column = Any
"""An Arrow array of texts, cleaned."""


def start(column: Column, _readings: Readings) -> Column:
    """The first three characters of a Latin name, the first of a Chinese one."""
    chinese = pc.match_substring_regex(column, r"\p{Han}")
    return pc.if_else(chinese, pc.utf8_slice_codeunits(column, 0, 1), pc.utf8_slice_codeunits(column, 0, 3))


def initial(column: Column, _readings: Readings) -> Column:
    """The first character."""
    return pc.utf8_slice_codeunits(column, 0, 1)


def last(column: Column, _readings: Readings) -> Column:
    """The last word of a Latin name; of a Chinese one what follows the first character."""
    chinese = pc.match_substring_regex(column, r"\p{Han}")
    word = pc.replace_substring_regex(column, r"^.*\s", "")
    return pc.if_else(chinese, pc.utf8_slice_codeunits(column, 1, None), word)


def sound(column: Column, readings: Readings) -> Column:
    """How a name sounds: a consonant code for Latin letters, syllables without tones for Chinese characters."""
    return sounds.column(column, readings)


def year(column: Column, _readings: Readings) -> Column:
    """YYYY of a cleaned date."""
    return pc.utf8_slice_codeunits(column, 0, 4)


def year_month(column: Column, _readings: Readings) -> Column:
    """YYYYMM of a cleaned date."""
    return pc.utf8_slice_codeunits(column, 0, 6)


def month_day(column: Column, _readings: Readings) -> Column:
    """MMDD of a cleaned date, the smaller of month and day first, so that swapped ones meet."""
    month, day = pc.utf8_slice_codeunits(column, 4, 6), pc.utf8_slice_codeunits(column, 6, 8)
    swapped = pc.greater(month, day)
    low, high = pc.if_else(swapped, day, month), pc.if_else(swapped, month, day)
    return pc.binary_join_element_wise(low, high, "")


def beginning(length: int) -> Callable[[Column, Readings], Column]:
    """The first characters; shorter values and masked parts do not count."""

    def cut(column: Column, _readings: Readings) -> Column:
        return _long(column, length, pc.utf8_slice_codeunits(column, 0, length))

    return cut


def end(length: int) -> Callable[[Column, Readings], Column]:
    """The last characters; shorter values and masked parts do not count."""

    def cut(column: Column, _readings: Readings) -> Column:
        return _long(column, length, pc.utf8_slice_codeunits(column, -length, None))

    return cut


def numbers(column: Column, _readings: Readings) -> Column:
    """All digit runs of a line, in order; a line without any has no such part."""
    runs = pc.utf8_trim_whitespace(pc.replace_substring_regex(column, r"[^0-9]+", " "))
    return pc.if_else(pc.equal(runs, pa.scalar("", pa.string())), pa.scalar(None, column.type), runs)


def square(column: Column, _readings: Readings) -> Column:
    """The cell of a grid of 0.005 degrees in which a point lies."""
    return pa.array([_cell(text) for text in column.to_pylist()], type=pa.string())


def _cell(text: str | None) -> str | None:
    try:
        lat, lon = (round(float(part) / 0.005) for part in (text or "").replace(",", " ").split())
    except ValueError:
        return None
    return f"{lat},{lon}"


def rare_words(column: Column, _readings: Readings) -> list[list[str]]:
    """The rarest words of each text (up to four), and of these the pairs that stand for it when a word alone is common."""
    rows = [sorted(set((text or "").split())) for text in column.to_pylist()]
    counts: dict[str, int] = {}
    for row in rows:
        for word in row:
            counts[word] = counts.get(word, 0) + 1
    return [sorted(row, key=lambda w: (counts[w], w))[:4] for row in rows]


def each_element(column: Column, _readings: Readings) -> list[list[str]]:
    """The elements of a set."""
    return [(text or "").split("\x1f") if text else [] for text in column.to_pylist()]


def _long(column: Column, length: int, cut: Column) -> Column:
    enough: Any = pc.utf8_length(column)
    usable = pc.and_(pc.greater_equal(enough, pa.scalar(length)), pc.invert(pc.match_substring(cut, "*")))
    return pc.if_else(usable, cut, pa.scalar(None, column.type))
