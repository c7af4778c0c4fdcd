"""Carry millions of values as a table of distinct texts plus one small integer per row, so that each text is judged once."""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
Texts = npt.NDArray[np.object_]
Values: TypeAlias = "Iterable[str | None] | pa.Array[Any] | pa.ChunkedArray[Any]"

T = TypeVar("T")
N = TypeVar("N", bound=np.generic)

MISSING = -1


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column: distinct texts and, for each row, the place of its text among them (int32, −1 = missing)."""

    values: Texts
    codes: Codes

    def __len__(self) -> int:
        return len(self.codes)

    def at(self, row: int) -> str | None:
        """The text of one row."""
        code = self.codes[row]
        return None if code == MISSING else str(self.values[code])

    def decode(self) -> Texts:
        """One text or None for each row."""
        return spread(self.codes, self.values, None)

    def present(self) -> Flags:
        """Which rows have a value."""
        return np.not_equal(self.codes, MISSING)

    def counts(self) -> npt.NDArray[np.int64]:
        """How many rows each distinct text has."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))

    def each(self, judge: Callable[[str], T]) -> tuple[T, ...]:
        """What `judge` says of every distinct text, in the order of `values`."""
        with uncollected():
            return tuple(map(judge, self.values))

    def map(self, normalise: Callable[[str], str | None]) -> "Coded":
        """The column with every distinct text replaced; texts that became equal share one code, None becomes missing."""
        return self.renamed(self.each(normalise))

    def renamed(self, names: Iterable[str | None]) -> "Coded":
        """The column with its distinct texts replaced one by one (None or empty = missing)."""
        fresh = encode(names)
        return Coded(fresh.values, spread(self.codes, fresh.codes, MISSING))

    def rows(self, flags: Iterable[bool]) -> Flags:
        """Which rows hold a text that is flagged (one flag for each distinct text); missing rows are not."""
        chosen = np.fromiter(flags, dtype=np.bool_, count=len(self.values))
        return spread(self.codes, chosen, False)

    def isin(self, texts: Iterable[str]) -> Flags:
        """Which rows hold one of the texts."""
        wanted = frozenset(texts)
        return self.rows(value in wanted for value in self.values)

    def take(self, rows: npt.NDArray[np.integer]) -> "Coded":
        """The column at these rows, in this order; −1 gives a missing value."""
        return Coded(self.values, spread(rows.astype(np.int32), self.codes, MISSING))


@contextmanager
def uncollected() -> Iterator[None]:
    """For making millions of values without a cycle: looking for cycles among them takes half of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def encode(values: Values) -> Coded:
    """The column of these texts; None and a text of nothing but blanks are missing."""
    if not isinstance(values, pa.Array | pa.ChunkedArray):
        values = pa.array(list(values), type=pa.large_string())
    distinct, codes, empty = _factorised(values)
    if not empty.any():
        return Coded(distinct, codes)
    place = np.where(empty, MISSING, np.cumsum(~empty) - 1).astype(np.int32)
    return Coded(distinct[~empty], spread(codes, place, MISSING))


def _factorised(column: Any) -> tuple[Texts, Codes, Flags]:
    """Distinct texts, codes, and which texts are blank, of an Arrow column (pyarrow's stubs do not know dictionary arrays, hence Any)."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_null(array.type):
        array = array.cast(pa.string())
    if not isinstance(array, pa.DictionaryArray):
        array = array.dictionary_encode()
    codes = array.indices.fill_null(MISSING).to_numpy(zero_copy_only=False).astype(np.int32)
    told = array.dictionary
    blank = pc.or_(pc.utf8_is_space(told), pc.equal(told, pa.scalar("", told.type)))
    return told.to_numpy(zero_copy_only=False).astype(object), codes, blank.to_numpy(zero_copy_only=False)


def missing(length: int) -> Coded:
    """A column without any value."""
    return Coded(np.empty(0, dtype=object), np.full(length, MISSING, dtype=np.int32))


def spread(codes: Codes, per_value: npt.NDArray[N], absent: object) -> npt.NDArray[N]:
    """One entry for each row from one entry for each distinct value; `absent` where the code is −1."""
    rows = np.full(len(codes), absent, dtype=per_value.dtype)
    present = codes != MISSING
    rows[present] = per_value[codes[present]]
    return rows


def stacked(columns: Sequence[Coded]) -> Coded:
    """The rows of all columns, one column after the other."""
    fresh = encode([str(value) for column in columns for value in column.values])
    starts = np.cumsum([0, *(len(column.values) for column in columns)]).tolist()
    parts = [
        spread(column.codes, fresh.codes[start:end], MISSING)
        for column, start, end in zip(columns, starts, starts[1:], strict=False)
    ]
    return Coded(fresh.values, np.concatenate([np.empty(0, dtype=np.int32), *parts]))


def pairs(*columns: Coded) -> Codes:
    """One group number for each row such that equal numbers mean equal texts in all columns; −1 where any is missing."""
    group = np.zeros(len(columns[0]), dtype=np.int64)
    absent = np.zeros(len(columns[0]), dtype=np.bool_)
    for column in columns:
        group = group * (len(column.values) + 1) + column.codes
        absent |= column.codes == MISSING
        group = np.unique(group, return_inverse=True)[1].astype(np.int64)
    group[absent] = MISSING
    return group.astype(np.int32)


def distinct(one: npt.NDArray[np.integer[Any]], other: npt.NDArray[np.integer[Any]]) -> tuple[Codes, Codes, Rows]:
    """Each pair of codes once (int32 each, no code negative), and where it stands for each row."""
    packed, places = np.unique(one.astype(np.int64) << 32 | other, return_inverse=True)
    return (packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32), places


def equal(one: Coded, other: Coded) -> Flags:
    """Which rows have the same text in both columns; missing is equal to nothing."""
    place = {text: code for code, text in enumerate(one.values)}
    same = np.fromiter((place.get(text, MISSING) for text in other.values), np.int32, len(other.values))
    return np.asarray((one.codes != MISSING) & (one.codes == spread(other.codes, same, MISSING)), dtype=np.bool_)


def differing(one: Coded, other: Coded) -> Flags:
    """Which rows have a text in both columns, and not the same one."""
    return np.asarray(one.present() & other.present() & ~equal(one, other), dtype=np.bool_)
