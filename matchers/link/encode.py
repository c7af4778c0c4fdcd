"""Turn the columns of two files into codes of one table of distinct, cleaned values: everything else works on the codes."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matchers.link.kinds import KINDS, Codes, Kind
from matchers.link.sounds import Readings
from matchers.link.spec import Field, Part, Spec

Column = Any
Keys = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Encoded:
    """One field of both files: distinct values, and a code for each record (−1 = missing)."""

    name: str
    kind: Kind
    values: Column
    left: Codes
    right: Codes
    readings: Readings = field(repr=False)
    twin: str = ""  # the field with which values may have been exchanged; both share one table
    parts: dict[str, Codes] = field(default_factory=dict, repr=False)  # codes of parts that were asked for

    @cached_property
    def prepared(self) -> Any:
        """The distinct values as the kind compares them; made when the first unequal pair is."""
        return self.kind.prepare(self.values, self.readings)

    @cached_property
    def counts(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """How many records of each side have each value."""
        left, right = (np.bincount(c[c >= 0], minlength=len(self.values)) for c in (self.left, self.right))
        return left, right

    @cached_property
    def absent(self) -> tuple[float, float]:
        """The share of records without a value, left and right."""
        return float(np.mean(self.left < 0)), float(np.mean(self.right < 0))


@dataclass(frozen=True, eq=False)
class Element:
    """What a blocking key looks at: rows of each side and their codes; a row may stand there several times or not at all."""

    left_rows: Codes
    left: Keys
    right_rows: Codes
    right: Keys
    width: int  # codes are below it
    several: bool  # whether a row can stand there more than once

    def thin(self, step: int) -> "Element":
        """The same of every so many records; of one file other ones on each side, so that none meets itself."""
        mine, theirs = self.left_rows % step == 0, self.right_rows % step == 1 % step
        return Element(
            self.left_rows[mine], self.left[mine], self.right_rows[theirs], self.right[theirs], self.width, self.several
        )

    @cached_property
    def meeting(self) -> float:
        """The probability that two random records agree in it."""
        left, right = (np.bincount(c, minlength=self.width) for c in (self.left, self.right))
        total = max(_records(self.left_rows), 1) * max(_records(self.right_rows), 1)
        return float((left.astype(np.float64) * right).sum() / total)


def _records(rows: Codes) -> int:
    """How many records stand there; rows are in order."""
    return int((np.diff(rows, prepend=-1) != 0).sum())


def columns(
    left: Mapping[str, Column], right: Mapping[str, Column] | None, spec: Spec, readings: Readings
) -> tuple[Encoded, ...]:
    """The spec's fields; `left` and `right` are Arrow columns of texts by name (no right: the left file against itself)."""
    swapping = [f.name for f in spec.fields if KINDS[f.kind].swaps]
    twins = dict(zip(swapping, swapping[::-1], strict=True)) if len(swapping) == 2 else {}
    groups = [[f for f in spec.fields if f.name in twins]] if twins else []
    groups += [[f] for f in spec.fields if f.name not in twins]
    found: dict[str, Encoded] = {}

    def coded(group: list[Field]) -> tuple[Column, list[Codes]]:
        sides = [left[f.left] for f in group] + ([right[f.right] for f in group] if right is not None else [])
        return table(sides, KINDS[group[0].kind])

    with ThreadPoolExecutor(2) as pool:  # Arrow lets go of the interpreter while it works
        tables = list(pool.map(coded, groups))
    for group, (values, codes) in zip(groups, tables, strict=True):
        for place, f in enumerate(group):
            other = codes[len(group) + place] if right is not None else codes[place]
            twin = twins.get(f.name, "")
            found[f.name] = Encoded(f.name, KINDS[f.kind], values, codes[place], other, readings, twin)
    return tuple(found[f.name] for f in spec.fields)


def table(sides: Sequence[Column], kind: Kind) -> tuple[Column, list[Codes]]:
    """Distinct cleaned values of several columns, and the codes of each."""
    chunks = [chunk for side in sides for chunk in _chunks(side)]
    texts = pa.chunked_array(chunks, type=pa.string()).combine_chunks()
    if _repeats(texts):
        raw = texts.dictionary_encode()
        cleaned = kind.clean(raw.dictionary).dictionary_encode()
        place, rows = _int(cleaned.indices), _int(raw.indices)
        codes = np.full(len(rows), -1, dtype=np.int32)
        codes[rows >= 0] = place[rows[rows >= 0]]
    else:  # nearly every text is another one: cleaned where they stand
        cleaned = kind.clean(texts).dictionary_encode()
        codes = _int(cleaned.indices)
    ends = np.cumsum([len(side) for side in sides])[:-1]
    return cleaned.dictionary, list(np.split(codes, ends))


def _repeats(texts: Column) -> bool:
    some = texts.slice(0, 100_000)
    return len(texts) < 100_000 or len(some.unique()) < 0.5 * len(some)


def element(encoded: Encoded, part: Part) -> Element:
    """What a part of a field is in every record."""
    if not part.part:
        return _single(encoded.left, encoded.right, np.arange(len(encoded.values)))
    if part.part in encoded.kind.many:
        return _many(encoded, encoded.kind.parts[part.part](encoded.values, encoded.readings))
    return _single(encoded.left, encoded.right, part_codes(encoded, part.part))


def part_codes(encoded: Encoded, part: str) -> Codes:
    """The code of a part for each distinct value (−1: it has none); parts with several codes have no such column."""
    if part not in encoded.parts:
        cut = encoded.kind.parts[part](encoded.values, encoded.readings)
        encoded.parts[part] = _int(cut.dictionary_encode().indices)
    return encoded.parts[part]


def meeting(encoded: Encoded, part: Part, rows: int = 60_000) -> tuple[float, float]:
    """About the probability that two random records agree in a part, and the share of values that have it, from some records."""
    sides = [codes[:: max(len(codes) // rows, 1)] for codes in (encoded.left, encoded.right)]
    known, places = np.unique(np.concatenate(sides), return_inverse=True)
    places = (places + min(known[0], 0)).astype(np.int32)  # a missing value is −1 again
    left, right = np.split(places, [len(sides[0])])
    values = encoded.values.take(pa.array(known[known >= 0]))
    found = element(Encoded(encoded.name, encoded.kind, values, left, right, encoded.readings), part)
    have = _records(found.left_rows) / max(int((left >= 0).sum()), 1)
    return found.meeting, have


def _single(left: Codes, right: Codes, place: npt.NDArray[np.integer[Any]]) -> Element:
    sides = []
    for codes in (left, right):
        rows = np.flatnonzero(codes >= 0).astype(np.int32)
        found = place[codes[rows]].astype(np.int64)
        sides.append((rows[found >= 0], found[found >= 0]))
    return Element(*sides[0], *sides[1], int(place.max(initial=-1)) + 1, several=False)


def _many(encoded: Encoded, cut: Sequence[Sequence[str]]) -> Element:
    """Each value has several codes: a record stands there once for each."""
    vocabulary: dict[str, int] = {}
    flat = np.asarray([vocabulary.setdefault(text, len(vocabulary)) for texts in cut for text in texts], dtype=np.int64)
    counts = np.asarray([len(texts) for texts in cut], dtype=np.int64)
    starts = np.concatenate([[0], counts.cumsum()])[:-1]
    sides = []
    for codes in (encoded.left, encoded.right):
        rows = np.flatnonzero(codes >= 0).astype(np.int32)
        each = counts[codes[rows]]
        within = np.arange(each.sum()) - np.repeat(each.cumsum() - each, each)
        sides.append((np.repeat(rows, each), flat[np.repeat(starts[codes[rows]], each) + within]))
    return Element(*sides[0], *sides[1], len(vocabulary), several=True)


def _chunks(side: Column) -> Sequence[Column]:
    column = side if isinstance(side, pa.ChunkedArray) else pa.chunked_array([side])
    return column.cast(pa.string()).chunks or [pa.array([], type=pa.string())]


def _int(indices: Column) -> Codes:
    return np.asarray(indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int32)
