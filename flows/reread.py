"""Read the legacy screens again for what is still open: who mended a cell since the export, or what the export never showed.

A cell that shows what the export showed says nothing new, and is no evidence. One that shows something else is what the archive holds
from now on, until a newer export: a value that stands there already is no anomaly any more, and evidence from before the change no
longer speaks for another one (`flows.reconcile`, condition `fresh`).
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc
from loguru import logger

from core.errors import ApplicationError, BusinessError
from core.ledger import Ledger, entities, queue
from core.model import OPEN, Image, Kind, State
from core.ports import LegacySystem
from flows.archive import Current
from flows.book import Place
from matchers.masks import HIDDEN

MOST = 300
"""Objects that one night reads again; another night begins with others."""

CIRCUIT = 5
"""Application errors in a row after which the screens are left alone."""

ROWS = "rows"
KEY = {Kind.CUSTOMER: "cust_no", Kind.ACCOUNT: "cons_no", Kind.CONTACTS: "cons_no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """What the second reading brought."""

    reread: int  # objects
    moved: int  # cells and lists that show something else than the export
    unread: int  # objects whose screen could not be read


def reread(
    ledger: Ledger, legacy: LegacySystem, screen: Callable[[Kind], str], current: Current, places: Collection[Place], day: date, *,
    most: int = MOST, progress: Callable[[int, int], None] = lambda *_: None,
) -> Reread:  # fmt: skip
    """Look at the screens of these cells' objects; what they show otherwise is kept with its day.

    Objects on which an item of ours is under way are left out: whether its save arrived is for filling to find out.
    """
    wanted = _objects(ledger, places, day)[:most]
    read = moved = unread = in_a_row = 0
    for number, (kind, key) in enumerate(wanted):
        progress(number, len(wanted))
        try:
            now = legacy.fetch(screen(kind), key)
        except (ApplicationError, BusinessError) as error:
            logger.warning("not read again: {}", error)
            unread, in_a_row = unread + 1, in_a_row + isinstance(error, ApplicationError)
            if in_a_row >= CIRCUIT:
                break
            continue
        read, in_a_row = read + 1, 0
        fields = {field for k, object_, field in places if (k, object_) == (kind, key)}
        found = _otherwise(current, kind, key, now, fields)
        with ledger.begin() as tx:
            for field, value in found.items():
                entities.seen(tx, kind, key, field, value, current.exported, day)
        moved += len(found)
    progress(len(wanted), len(wanted))
    return Reread(reread=read, moved=moved, unread=unread)


def _objects(ledger: Ledger, places: Iterable[Place], day: date) -> list[tuple[Kind, str]]:
    """The objects in an order of the day's own, without those on which an item of ours is under way."""
    busy = {(row.kind, row.key) for row in queue.rows(ledger, states=(*OPEN, State.WAITING))}
    objects = {(kind, key) for kind, key, _ in places if kind in KEY} - busy
    return sorted(objects, key=lambda o: blake2b(f"{day}/{o[0]}/{o[1]}".encode(), digest_size=8).digest())


def _otherwise(current: Current, kind: Kind, key: str, now: Image, fields: Collection[str]) -> Mapping[str, object]:
    """What the screen shows of these fields that the archive, as we know it, does not; a list as a whole."""
    if kind is Kind.CONTACTS:
        held = _of(current.contacts, "cons_no", key)
        shown = [{n: v for n, v in row.items() if n in current.contacts.column_names} for row in now.rows]
        seen = {name for row in shown for name in row}
        same = _counted(shown, seen) == _counted(held, seen)
        return {} if same or (held and not shown) or _masked(shown, held) else {ROWS: shown}
    (first, *_) = _of(current.accounts, KEY[kind], key) or [{}]
    told = {name: now.cells[name] for name in fields if name in now.cells and name in first}
    return {
        name: value or None
        for name, value in told.items()
        if value.strip() != (first[name] or "").strip()
        and not (HIDDEN.search(value) and not HIDDEN.search(first[name] or ""))
    }


Row = Mapping[str, str | None]


def _of(table: pa.Table, column: str, key: str) -> list[Row]:
    mine = table.filter(pc.is_in(table[column].cast(pa.string()), pa.array([key], pa.string())))
    return cast("list[Row]", mine.to_pylist())


def _counted(rows: Sequence[Row], names: Collection[str]) -> Counter[frozenset[tuple[str, str]]]:
    return Counter(frozenset((n, (row.get(n) or "").strip()) for n in names if row.get(n)) for row in rows)


def _masked(shown: Sequence[Row], held: Sequence[Row]) -> bool:
    """Whether the screen hides what the export tells: then it says nothing."""
    here, there = (any(HIDDEN.search(value or "") for row in rows for value in row.values()) for rows in (shown, held))
    return here and not there
