"""Parts of values by which records can meet although the whole values differ; each is a function over a column of distinct values."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matchers.link import sounds
from matchers.link.sounds import Readings

Column = Any
"""An Arrow array of texts, cleaned."""
MEETING = 150_000
"""Pairs of texts that may meet in a rare word: as many as a key may give in small files."""
Cut = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], int]
"""Where a value has several codes: the place of the value, in order, and the code, one row each; codes are below the last figure."""


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
    """The first characters; shorter values do not count."""

    def cut(column: Column, _readings: Readings) -> Column:
        return _long(column, length, pc.utf8_slice_codeunits(column, 0, length))

    return cut


def end(length: int) -> Callable[[Column, Readings], Column]:
    """The last characters; shorter values do not count."""

    def cut(column: Column, _readings: Readings) -> Column:
        return _long(column, length, pc.utf8_slice_codeunits(column, -length, None))

    return cut


def shown(column: Column, _readings: Readings) -> Column:
    """What is left of a masked phone number (138****5678): its first three digits and its last four."""
    whole = pc.greater_equal(pc.utf8_length(column), pa.scalar(8))
    ends = pc.utf8_slice_codeunits(column, 0, 3), pc.utf8_slice_codeunits(column, -4, None)
    return pc.if_else(whole, pc.binary_join_element_wise(*ends, ""), pa.scalar(None, column.type))


def numbers(column: Column, _readings: Readings) -> Column:
    """All digit runs of a line, in order, without leading zeros; a line without any has no such part."""
    runs = pc.utf8_trim_whitespace(pc.replace_substring_regex(column, r"[^0-9]+", " "))
    runs = pc.replace_substring_regex(runs, r"(^|\s)0+", r"\1")
    return pc.if_else(pc.equal(runs, pa.scalar("", pa.string())), pa.scalar(None, column.type), runs)


def house(column: Column, readings: Readings) -> Column:
    """The last three numbers of a line, or its last two: building, unit and room, whatever stands before them."""
    runs = numbers(column, readings)
    last = pc.replace_substring_regex(runs, r"^.*?(\d+ \d+ \d+)$", r"\1")
    return pc.if_else(pc.match_substring(runs, " "), last, pa.scalar(None, column.type))


def square(column: Column, _readings: Readings) -> Column:
    """The cell of a grid of 0.005 degrees in which a point lies."""
    return pa.array([_cell(text) for text in column.to_pylist()], type=pa.string())


def _cell(text: str | None) -> str | None:
    try:
        lat, lon = (round(float(part) / 0.005) for part in (text or "").replace(",", " ").split())
    except ValueError:
        return None
    return f"{lat},{lon}"


def words(column: Column, separator: str = " ") -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], Column]:
    """The words of each text, each once, in order of the texts: the place of the text, the code of the word; and all words."""
    lists = pc.split_pattern(column, separator)
    lengths: Any = pc.list_value_length(lists).fill_null(0)
    flat = lists.flatten().dictionary_encode()
    rows = np.repeat(np.arange(len(column), dtype=np.int64), lengths.to_numpy(zero_copy_only=False))
    codes = flat.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    empty = pc.index(flat.dictionary, pa.scalar("", pa.string())).as_py()
    packed = np.unique(rows[codes != empty] << 32 | codes[codes != empty])
    return packed >> 32, (packed & 0xFFFFFFFF).astype(np.int32), flat.dictionary


def rare_words(column: Column, _readings: Readings) -> Cut:
    """The rarest words of each text, up to four."""
    rows, codes, known = words(column)
    counts = np.bincount(codes, minlength=len(known))
    order = np.lexsort((codes, counts[codes], rows))
    first = np.flatnonzero(np.diff(rows, prepend=-1) != 0)
    rank = np.arange(len(rows)) - np.repeat(first, np.diff(first, append=len(rows)))
    chosen = np.sort(order[rank < 4])
    return rows[chosen], codes[chosen], max(len(known), 1)


def rarest_words(column: Column, readings: Readings) -> Cut:
    """The same without the words in which too many texts would meet: nearly all are of a university."""
    rows, codes, width = rare_words(column, readings)
    some = _seldom(codes, len(column))
    return rows[some], codes[some], width


def _seldom(codes: npt.NDArray[np.int32], texts: int) -> npt.NDArray[np.bool_]:
    """Where the words stand, the rarest first, in which `MEETING` pairs of texts meet altogether, or some for each text."""
    counts = np.bincount(codes).astype(np.int64)
    ordered = np.sort(counts)
    some = int(np.searchsorted((ordered**2).cumsum(), max(MEETING, 2 * texts), side="right"))
    most = ordered[some] - 1 if some < len(ordered) else len(codes)  # all words of one frequency, or none of them
    return np.asarray(counts[codes] <= max(most, 2), dtype=np.bool_)


def each_element(column: Column, _readings: Readings) -> Cut:
    """The elements of a set, as their signatures."""
    cells = ["\x1f".join(map(signature, text.split("\x1f"))) if text else None for text in column.to_pylist()]
    rows, codes, known = words(pa.array(cells, type=pa.string()), "\x1f")
    return rows, codes, max(len(known), 1)


def signature(element: str) -> str:
    """What remains of a name with initials: the last word (the longest, where that is an initial) and the first letter."""
    split = element.split()
    if len(split) < 2:
        return element
    place = len(split) - 1 if len(split[-1]) > 2 else max(range(len(split)), key=lambda n: len(split[n]))
    return f"{split[place]} {(split[:place] + split[place + 1 :])[0][0]}"


def _long(column: Column, length: int, cut: Column) -> Column:
    enough: Any = pc.utf8_length(column)
    return pc.if_else(pc.greater_equal(enough, pa.scalar(length)), cut, pa.scalar(None, column.type))
