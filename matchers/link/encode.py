"""Turn the columns of two files into codes of one table of distinct, cleaned values: everything else works on the codes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matchers.link import beside
from matchers.link.kinds import KINDS, Codes, Kind
from matchers.link.sounds import Readings
from matchers.link.spec import Field, Part, Spec

Column = Any
Keys = npt.NDArray[np.int64]

PIECE = 1 << 16
"""Values that are cleaned or cut together."""


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
    counted: tuple[Codes, Codes] | None = (
        None  # by what values are counted, where not every record counts (see `crowds`)
    )

    @cached_property
    def prepared(self) -> Any:
        """The distinct values as the kind compares them; made when the first unequal pair is."""
        return self.kind.prepare(self.values, self.readings, lambda part: part_codes(self, part)[:-1])

    @cached_property
    def masked(self) -> bool:
        """Whether any value is masked."""
        return bool(pc.any(pc.match_substring(self.values, "*")).as_py())

    @cached_property
    def varied(self) -> float:
        """Distinct values per record of both sides: high for titles, low for towns."""
        return len(self.values) / max(sum(int(side.sum()) for side in self.counts), 1)

    @cached_property
    def counts(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """How many records of each side have each value."""
        sides = self.counted or (self.left, self.right)
        left, right = (np.bincount(c[c >= 0], minlength=len(self.values)) for c in sides)
        return left, right

    @cached_property
    def meeting(self) -> float:
        """The probability that a random left record and a random right one have the same value, of those that have any."""
        left, right = (each.astype(np.float64) for each in self.counts)
        return float((left * right).sum() / max(left.sum() * right.sum(), 1.0))

    @cached_property
    def absent(self) -> tuple[float, float]:
        """The share of records without a value, left and right."""
        return float(np.mean(self.left < 0)), float(np.mean(self.right < 0))


@dataclass(frozen=True, eq=False)
class Element:
    """What a blocking key looks at: the code, or the codes, that each record's value has in it."""

    sides: tuple[Codes, Codes]  # the records' values, left and right
    place: Codes | None  # the code of each value and, last, of none; None: the value's own
    width: int  # codes are below it
    starts: Keys | None = (
        None  # where a value has several codes: where they begin in `place`, and where the last ones end
    )

    @property
    def several(self) -> bool:
        """Whether a record can have more than one code."""
        return self.starts is not None

    def codes(self, values: Codes) -> Codes:
        """The code of each value, −1 where it has none."""
        return values if self.place is None else self.place[values]

    def spread(self, values: Codes) -> tuple[Keys, Codes]:
        """How many codes each value has, and all of them in a row."""
        assert self.starts is not None
        assert self.place is not None
        count = self.many(values)
        within = np.arange(int(count.sum())) - np.repeat(count.cumsum() - count, count)
        return count, self.place[np.repeat(self.starts[values], count) + within]

    def many(self, values: Codes) -> Keys:
        """How many codes each value has, where it may have several."""
        assert self.starts is not None
        count: Keys = np.where(values >= 0, self.starts[values + 1] - self.starts[values], 0)
        return count

    def meet(self, left: Codes, right: Codes) -> npt.NDArray[np.bool_]:
        """Whether each pair of records agrees in it: in one of the codes, where a record has several."""
        mine, theirs = self.sides[0][left], self.sides[1][right]
        if not self.several:
            a, b = self.codes(mine), self.codes(theirs)
            return np.asarray((a == b) & (a >= 0), dtype=np.bool_)
        found = np.zeros(len(left), dtype=np.bool_)
        found[np.intersect1d(self._placed(mine), self._placed(theirs), assume_unique=True) >> 32] = True
        return found

    def _placed(self, values: Codes) -> Keys:
        """Every code of each value, packed behind the value's place."""
        count, codes = self.spread(values)
        return np.asarray(np.repeat(np.arange(len(values), dtype=np.int64), count) << 32 | codes, dtype=np.int64)

    def all(self, side: int) -> Codes:
        """Every code of every record of a side."""
        if self.several:
            return self.spread(self.sides[side])[1]
        codes = self.codes(self.sides[side])
        return codes[codes >= 0]

    @cached_property
    def meeting(self) -> float:
        """The probability that two random records agree in it."""
        left, right = (np.bincount(self.all(side), minlength=self.width).astype(np.float64) for side in (0, 1))
        return float((left * right).sum() / max(self.having(0) * self.having(1), 1))

    def having(self, side: int) -> int:
        """How many records of a side have a code."""
        values = self.sides[side]
        return int(np.count_nonzero(self.spread(values)[0] if self.several else self.codes(values) >= 0))


def columns(
    left: Mapping[str, Column], right: Mapping[str, Column] | None, spec: Spec, readings: Readings
) -> tuple[Encoded, ...]:
    """The spec's fields; `left` and `right` give Arrow columns of texts by name (no right: the left file against itself).

    A record's codes lie side by side, because they are looked at together.
    """
    swapping = [f.name for f in spec.fields if KINDS[f.kind].swaps]
    twins = dict(zip(swapping, swapping[::-1], strict=True)) if len(swapping) == 2 else {}
    places = {f.name: place for place, f in enumerate(spec.fields)}
    groups = [[f for f in spec.fields if f.name in twins]] if twins else []
    groups += [[f] for f in spec.fields if f.name not in twins]
    both = (left,) if right is None else (left, right)
    found: dict[str, Encoded] = {}
    codes: list[Codes] = []
    for group, (values, coded) in zip(groups, beside.each(partial(_coded, both), groups), strict=True):
        if not codes:
            codes = [np.empty((len(one), len(places)), dtype=np.int32) for one in coded[: len(both)]]
        for f in group:
            for side in codes:
                side[:, places[f.name]] = coded.pop(0)
            ends = codes[0][:, places[f.name]], codes[-1][:, places[f.name]]
            found[f.name] = Encoded(f.name, KINDS[f.kind], values, *ends, readings, twins.get(f.name, ""))
    return tuple(found[f.name] for f in spec.fields)


def _coded(both: Sequence[Mapping[str, Column]], group: Sequence[Field]) -> tuple[Column, list[Codes]]:
    """The table of fields that share one, and their codes."""
    sides = [partial(_texts, side, name) for f in group for side, name in zip(both, (f.left, f.right), strict=False)]
    return table(sides, KINDS[group[0].kind])


def together(fields: Sequence[Encoded]) -> tuple[Codes, Codes]:
    """The codes of all fields, one row a record, left and right; no copy where they lie so already."""
    return _side([one.left for one in fields]), _side([one.right for one in fields])


def _side(columns: Sequence[Codes]) -> Codes:
    base = columns[0].base
    lie = base is not None and base.shape == (len(columns[0]), len(columns)) and all(c.base is base for c in columns)
    return base if base is not None and lie else np.stack(columns, axis=1)


def table(sides: Sequence[Callable[[], Column]], kind: Kind) -> tuple[Column, list[Codes]]:
    """Distinct cleaned values of several columns, and the codes of each; a column is read when its turn comes."""
    lengths, chunks = [], []
    for side in sides:
        column = side()
        lengths.append(len(column))
        chunks += _cleaned(column, kind)
    cleaned: Any = pa.chunked_array(chunks, type=pa.string()).dictionary_encode()
    chunks.clear()
    values = cleaned.chunk(0).dictionary if cleaned.num_chunks else pa.array([], type=pa.string())  # one for all chunks
    codes = np.concatenate([np.zeros(0, np.int32), *(_int(chunk.indices) for chunk in cleaned.chunks)])
    return values, list(np.split(codes, np.cumsum(lengths)[:-1]))


def _cleaned(column: Column, kind: Kind) -> list[Column]:
    """The column's cleaned texts; some at a time, because each step of cleaning is a copy, and each distinct one once."""
    if not _repeats(column) and kind.piecewise:
        return [kind.clean(chunk.slice(at, PIECE)) for chunk in column.chunks for at in range(0, len(chunk), PIECE)]
    raw = column.dictionary_encode()
    if not raw.num_chunks:
        return []
    distinct = raw.chunk(0).dictionary
    step = PIECE if kind.piecewise else max(len(distinct), 1)
    pieces = [kind.clean(distinct.slice(at, step)) for at in range(0, len(distinct), step)]
    cleaned = pa.concat_arrays([*pieces, pa.nulls(0, pa.string())])
    return [cleaned.take(chunk.indices) for chunk in raw.chunks]


def _repeats(texts: Column) -> bool:
    some = texts.slice(0, 100_000)
    return len(texts) < 100_000 or len(some.unique()) < 0.5 * len(some)


def element(encoded: Encoded, part: Part) -> Element:
    """What a part of a field is in every record."""
    sides = encoded.left, encoded.right
    if not part.part:
        return Element(sides, None, len(encoded.values))
    if part.part in encoded.kind.many:
        rows, codes, width = encoded.kind.parts[part.part](encoded.values, encoded.readings)
        starts = np.searchsorted(rows, np.arange(len(encoded.values) + 1))
        return Element(sides, codes, width, starts)
    place = part_codes(encoded, part.part)
    return Element(sides, place, int(place.max(initial=-1)) + 1)


def part_codes(encoded: Encoded, part: str) -> Codes:
    """The code of a part for each distinct value, and one for no value (−1: it has none); parts with several codes have none."""
    if part not in encoded.parts:
        cut = encoded.kind.parts[part]
        slices = (encoded.values.slice(at, PIECE) for at in range(0, len(encoded.values), PIECE))
        pieces = list(beside.each(lambda piece: cut(piece, encoded.readings), slices))
        whole = _seen(pa.chunked_array(pieces, type=pa.string()).combine_chunks())
        encoded.parts[part] = np.append(_int(whole.dictionary_encode().indices), np.int32(-1))
    return encoded.parts[part]


def having(encoded: Encoded, part: str, most: int = 10_000) -> tuple[float, float]:
    """About the share of masked values that have a part (one of one code), and of records that have it, of the side that has it oftener.

    So of pairs that agree as far as a mask shows, and of equal ones, no more can meet in it. From `most` values at most.
    """

    def share(values: Column) -> float:
        missing: int = _seen(encoded.kind.parts[part](values, encoded.readings)).null_count
        return 1 - missing / max(len(values), 1)

    hidden = encoded.values.filter(pc.match_substring(encoded.values, "*")).slice(0, most)
    sides = (side[side >= 0] for side in (encoded.left, encoded.right))
    return share(hidden), max(share(encoded.values.take(pa.array(side[:: len(side) // most + 1]))) for side in sides)


def _seen(parts: Column) -> Column:
    """The same without the parts that a mask hides: "**" is no given name that two people share."""
    return pc.if_else(pc.match_substring(parts, "*"), pa.scalar(None, parts.type), parts)


def meeting(encoded: Encoded, part: Part, rows: int = 60_000) -> tuple[float, float]:
    """About the probability that two random records agree in a part, and the share of values that have it, from some records."""
    sides = [codes[:: max(len(codes) // rows, 1)] for codes in (encoded.left, encoded.right)]
    known, places = np.unique(np.concatenate(sides), return_inverse=True)
    places = (places + min(known[0], 0)).astype(np.int32)  # a missing value is −1 again
    left, right = np.split(places, [len(sides[0])])
    values = encoded.values.take(pa.array(known[known >= 0]))
    found = element(Encoded(encoded.name, encoded.kind, values, left, right, encoded.readings), part)
    return found.meeting, found.having(0) / max(int((left >= 0).sum()), 1)


def _texts(given: Mapping[str, Column], name: str) -> Column:
    side = given[name]
    column = side if isinstance(side, pa.ChunkedArray) else pa.chunked_array([side])
    return column.cast(pa.string())


def _int(indices: Column) -> Codes:
    return np.asarray(indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int32)
