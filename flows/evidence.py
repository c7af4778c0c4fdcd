"""Gather what sources say of the archive: audited survey answers by account and field, registry entries by flat."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.ledger import Ledger, batches
from core.ledger.batches import Batch
from core.model import Ref
from matchers.columns import MISSING, Coded, encode, spread


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a batch, read where it lies: a year has millions of answers, and a mapping for each would fill the memory."""

    columns: Mapping[str, Sequence[str | None]]
    index: int

    def __getitem__(self, name: str) -> str | None:
        """A cell. Raises KeyError for a column that the batch has not."""
        return self.columns[name][self.index]

    def get(self, name: str) -> str | None:
        """A cell, or None."""
        return self[name] if name in self.columns else None


def numbered(ledger: Ledger, batch: Batch) -> Iterable[tuple[int, Row]]:
    """The rows with their numbers in the file."""
    table, lines = batches.numbered(ledger, batch)
    columns = {name: _shared(table[name]) for name in table.column_names}
    return ((line, Row(columns, index)) for index, line in enumerate(lines.tolist()))


def _shared(column: "pa.ChunkedArray[Any]") -> list[str | None]:
    """The texts of a column; equal ones are one object."""
    encoded = column.combine_chunks().dictionary_encode()
    words = encoded.dictionary.to_pylist()
    return [None if index is None else words[index] for index in encoded.indices.to_pylist()]


def _day(moment: str) -> date | None:
    try:
        return date.fromisoformat(moment[:10])
    except ValueError:
        return None


# -- the real-estate registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One owner of a flat, as the registry names him."""

    name: str
    ident: str  # masked
    as_of: date | None
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """One flat of the registry with its present owners."""

    number: str
    address: str
    owners: tuple[Owner, ...]
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Estates(Sequence[Estate]):
    """The registry's flats with entries in force, by number; a flat is put together when it is asked for: a city has a million."""

    batch_of: Sequence[Batch]
    # texts of the entries in force, those of a flat side by side
    entries: Mapping[str, "pa.StringArray"]
    batch: npt.NDArray[np.int32]
    line: npt.NDArray[np.int32]
    # where each flat's entries begin, and the end
    starts: npt.NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @overload
    def __getitem__(self, place: int) -> Estate: ...
    @overload
    def __getitem__(self, place: slice) -> list[Estate]: ...
    def __getitem__(self, place: int | slice) -> Estate | list[Estate]:
        """A flat with its owners."""
        if isinstance(place, slice):
            return [self[one] for one in range(len(self))[place]]
        at = range(len(self))[place]
        rows = range(int(self.starts[at]), int(self.starts[at + 1]))
        return Estate(
            number=self._cell("estate_no", rows[0]),
            address=self._cell("address", rows[0]),
            owners=tuple(map(self._owner, rows)),
            source=self.batch_of[self.batch[rows[0]]].source,
        )

    def addresses(self) -> Coded:
        """The address of each flat."""
        return encode(self.entries["address"].take(self.starts[:-1]))

    def owners(self, places: Sequence[int]) -> tuple[str, ...]:
        """The names of these flats' owners."""
        return tuple(
            self._cell("owner_name", row)
            for at in places
            for row in range(int(self.starts[at]), int(self.starts[at + 1]))
        )

    def _cell(self, name: str, row: int) -> str:
        return self.entries[name][row].as_py() or ""

    def _owner(self, row: int) -> Owner:
        batch = self.batch_of[self.batch[row]]
        return Owner(
            name=self._cell("owner_name", row),
            ident=self._cell("owner_id", row),
            as_of=_day(self._cell("updated_at", row)) or batch.as_of,
            ref=Ref(batch=batch.id, row=int(self.line[row]), column="owner_name"),
        )


_ESTATE = ("estate_no", "owner_name", "owner_id", "address", "share_kind", "registered_at", "updated_at", "state")


def estates(ledger: Ledger, current: str = "current") -> Estates:
    """The flats of the newest registry batches: of duplicates the newest, only entries that are in force."""
    delivered = batches.of_kind(ledger, "real_estate", "rows")
    read = [batches.numbered(ledger, batch) for batch in delivered]
    columns = {name: _column([table for table, _ in read], name) for name in _ESTATE}
    rows = _in_force(columns, current)
    lines = [numbers for _, numbers in read]
    entries = {name: column.take(rows) for name, column in columns.items()}
    starts = np.flatnonzero(np.diff(_ranks(entries["estate_no"]), prepend=-2))
    return Estates(
        delivered,
        entries,
        np.repeat(np.arange(len(read), dtype=np.int32), np.array([len(of) for of in lines], dtype=np.intp))[rows],
        np.concatenate([np.empty(0, dtype=np.int32), *lines])[rows],
        np.append(starts, len(rows)),
    )


def _column(tables: Sequence[pa.Table], name: str) -> "pa.StringArray":
    """A column's texts over several tables; none where a delivery has not got the column."""
    given = [t[name].cast(pa.string()) if name in t.column_names else pa.nulls(t.num_rows, pa.string()) for t in tables]
    parts = [part for one in given for part in (one.chunks if isinstance(one, pa.ChunkedArray) else [one])]
    return cast("pa.StringArray", pa.concat_arrays(parts or [pa.nulls(0, pa.string())]))


def _in_force(columns: Mapping[str, "pa.StringArray"], current: str) -> npt.NDArray[np.intp]:
    """The newest row of each flat and owner (of equal days the last), where it is in force: by flat, then as they first came.

    A registry that hands over only what is in force never says that a seller's entry has ended: a later sole owner does.
    """
    number, owner = _ranks(columns["estate_no"]), _ranks(columns["owner_name"])
    entry = (number + 1) * (owner.max(initial=-1) + 2) + owner + 1
    order = np.lexsort((_ranks(columns["updated_at"]), entry))
    newest = order[np.flatnonzero(np.diff(entry[order], append=-1))]
    first = np.unique(entry, return_index=True)[1]
    kept = encode(columns["state"]).isin((current,))[newest]
    rows, came = newest[kept], first[kept]
    there = ~_sold(columns, number[rows] + 1, rows)
    rows, came = rows[there], came[there]
    return rows[np.lexsort((came, number[rows]))]


def _sold(
    columns: Mapping[str, "pa.StringArray"], flat: npt.NDArray[np.intp], rows: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """Which of these rows (each of a flat, from 0) were registered before somebody became the sole owner."""
    day, sole = _ranks(columns["registered_at"])[rows], encode(columns["share_kind"]).isin((SOLE,))[rows]
    latest = np.full(flat.max(initial=0) + 1, MISSING, dtype=np.intp)
    np.maximum.at(latest, flat[sole], day[sole])
    before: npt.NDArray[np.bool_] = (day != MISSING) & (day < latest[flat])
    return before


SOLE = "sole"
"""How somebody owns a flat beside whom there is no other owner."""


def _ranks(texts: "pa.StringArray") -> npt.NDArray[np.intp]:
    """The place of each text among the sorted texts; a missing one comes first."""
    found: Any = texts.dictionary_encode()  # pyarrow's stubs do not know what a dictionary array holds
    place = np.empty(len(found.dictionary), dtype=np.intp)
    place[np.asarray(pc.array_sort_indices(found.dictionary))] = np.arange(len(place))
    place[np.asarray(pc.binary_length(found.dictionary)) == 0] = MISSING
    return spread(np.asarray(found.indices.fill_null(MISSING)), place, MISSING)
