"""The ledger of quarters: what a site imported, what was proposed from addresses, and what a person settled."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from core.errors import InputError, choices
from core.ledger import tables as t
from core.ledger.store import Ledger, Transaction
from core.quarters import Alias, Building, Draft, Entry, Quarter, Settlement, Support

VERDICTS = ("confirm", "refuse", "merge")
_TABLES = {"Q": t.quarter, "A": t.quarter_alias, "B": t.quarter_building}
_OUTCOME = {"confirm": "confirmed", "refuse": "refused", "merge": "merged"}


def confirmed(ledger: Ledger) -> tuple[Quarter, ...]:
    """The quarters that count: confirmed ones with their confirmed aliases and buildings."""
    with ledger.begin() as tx:
        rows = tx.rows(sa.select(t.quarter).where(t.quarter.c.state == "confirmed").order_by(t.quarter.c.id))
        aliases = _by_quarter(tx, t.quarter_alias)
        buildings = _by_quarter(tx, t.quarter_building)
    return tuple(
        Quarter(
            id=f"Q{r.id}", county=r.county, name=r.name, whole=bool(r.whole), lng=r.lng, lat=r.lat,
            aliases=tuple(map(_alias, aliases.get(r.id, ()))), buildings=tuple(map(_building, buildings.get(r.id, ()))),
            derived=r.source != "import", as_of=_stated(r),
        )
        for r in rows
    )  # fmt: skip


def _by_quarter(tx: Transaction, table: sa.Table) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in tx.rows(sa.select(table).where(table.c.state == "confirmed").order_by(table.c.id)):
        found.setdefault(row.quarter_id, []).append(row)
    return found


def _alias(r: Any) -> Alias:
    return Alias(name=r.name, kind=r.kind, first=_day(r.valid_from), last=_day(r.valid_to))


def _stated(r: Any) -> date | None:
    """The day in UTC of the word that a row rests on: never later than the calendar's."""
    return None if r.decided is None else datetime.fromtimestamp(r.decided, UTC).date()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _building(r: Any) -> Building:
    rooms = frozenset((unit, room) for unit, room in r.rooms)
    return Building(
        name=r.name, phase=r.phase, units=tuple(r.units), floors=r.floors, rooms=rooms, whole=bool(r.whole), derived=r.source != "import",
        as_of=_stated(r),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A name that the ledger has in any state; `quarter` is the standard name it leads to, None where it was refused."""

    county: str
    name: str
    quarter: str | None
    settled: bool  # a person has confirmed or refused it, or it was imported


def known(tx: Transaction) -> list[Known]:
    """Every name that stands in the ledger, and where it leads."""
    rows = {r.id: r for r in tx.rows(sa.select(t.quarter).order_by(t.quarter.c.id))}
    aliases = tx.rows(sa.select(t.quarter_alias).where(t.quarter_alias.c.state == "confirmed"))
    found = [
        Known(county=r.county, name=r.name, quarter=_leads(rows, r), settled=r.state != "proposed")
        for r in rows.values()
    ]
    homes = [(a.name, rows[a.quarter_id]) for a in aliases]
    return found + [Known(county=h.county, name=name, quarter=_leads(rows, h), settled=True) for name, h in homes]


def _leads(rows: Mapping[int, Any], row: Any) -> str | None:
    """The standard name at the end of a chain of mergers."""
    while row.merged_into is not None:
        row = rows[row.merged_into]
    return None if row.state == "refused" else str(row.name)


# -- what a site imports


def take(tx: Transaction, quarters: Iterable[Quarter], who: str) -> dict[str, int]:
    """Bring quarters in as confirmed, with their buildings and aliases; answers how many rows were added and changed.

    What a file does not state stays as it is; a quarter that was proposed or refused before becomes a confirmed one.
    """
    counts = {"added": 0, "changed": 0}
    for quarter in quarters:
        values = {"whole": int(quarter.whole), "lng": quarter.lng, "lat": quarter.lat}
        number = _upsert(tx, t.quarter, {"county": quarter.county, "name": quarter.name}, values, who, counts)
        for alias in quarter.aliases:
            dates = {"valid_from": _iso(alias.first), "valid_to": _iso(alias.last)}
            place = {"quarter_id": number, "name": alias.name}
            _upsert(tx, t.quarter_alias, place, {"kind": alias.kind, **dates}, who, counts)
        for b in quarter.buildings:
            place = {"quarter_id": number, "phase": b.phase, "name": b.name}
            _upsert(tx, t.quarter_building, place, _structure(b), who, counts)
    return counts


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _structure(b: Building) -> dict[str, Any]:
    return {"units": list(b.units), "floors": b.floors, "rooms": _rooms(b), "whole": int(b.whole)}


def _rooms(b: Building) -> list[list[str]]:
    return [list(door) for door in sorted(b.rooms)]


def _upsert(
    tx: Transaction,
    table: sa.Table,
    place: Mapping[str, Any],
    values: Mapping[str, Any],
    who: str,
    counts: dict[str, int],
) -> int:
    """One confirmed row; answers its id. What the file does not state stays, and stays what addresses have proposed."""
    fresh = {**values, "state": "confirmed", "source": "import"}
    old = tx.one(sa.select(table).where(*(table.c[name] == value for name, value in place.items())))
    if old is None:
        counts["added"] += 1
        return tx.insert(table, **place, **fresh, support={}, decided_by=who, decided=t.now())
    stated = {name: value for name, value in fresh.items() if value not in (None, [], 0)}
    if any(getattr(old, name, None) and name not in stated for name in ("units", "rooms")):
        stated["source"] = old.source
    if any(getattr(old, name) != value for name, value in stated.items()):
        counts["changed"] += 1
        _update(tx, table, old, stated, who)
    else:
        tx.update(table.update().where(table.c.id == old.id).values(decided_by=who, decided=t.now()))
    return int(old.id)


def _update(tx: Transaction, table: sa.Table, row: Any, values: Mapping[str, Any], who: str) -> None:
    """Settle a row: its version goes up, and who did it when is kept."""
    settled = {"version": row.version + 1, "decided_by": who, "decided": t.now()}
    tx.update(table.update().where(table.c.id == row.id).values(**values, **settled))


# -- proposing


def propose(ledger: Ledger, drafts: Sequence[Draft], say: Callable[[str, int, int], None]) -> dict[str, int]:
    """Keep what addresses show as proposals; what a person has settled stays, only its support is brought up to date.

    Answers how many quarters, buildings and aliases are new. A draft's name must be the one that the ledger has (see `known`).
    """
    counts = {"quarters": 0, "buildings": 0, "aliases": 0}
    for start in range(0, len(drafts), _AT_ONCE):
        with ledger.begin() as tx:
            for draft in drafts[start : start + _AT_ONCE]:
                _draft(tx, draft, counts)
        say("propose", min(start + _AT_ONCE, len(drafts)), len(drafts))
    if any(counts.values()):
        with ledger.begin() as tx:
            tx.trail("quarters proposed", "quarters", dict(counts))
    return counts


_AT_ONCE = 50
"""Quarters in one transaction: others may write in between, and a proposal that was cut off is simply made again."""


def _draft(tx: Transaction, draft: Draft, counts: dict[str, int]) -> None:
    place = {"county": draft.county, "name": draft.name}
    number, new, state = _seen(tx, t.quarter, place, {}, draft.support)
    counts["quarters"] += new
    if state == "refused":
        return
    for building, support in draft.buildings:
        where = {"quarter_id": number, "phase": building.phase, "name": building.name}
        counts["buildings"] += _seen(tx, t.quarter_building, where, _structure(building), support)[1]
    for alias, support in draft.aliases:
        where = {"quarter_id": number, "name": alias.name}
        counts["aliases"] += _seen(tx, t.quarter_alias, where, {"kind": alias.kind}, support)[1]


def _seen(
    tx: Transaction, table: sa.Table, place: Mapping[str, Any], values: Mapping[str, Any], support: Support
) -> tuple[int, bool, str]:
    """(id, whether it is new, its state) of one proposal; one that still waits follows what the addresses show."""
    old = tx.one(sa.select(table).where(*(table.c[name] == value for name, value in place.items())))
    if old is None:
        proposed = {**place, **values, "source": "proposed", "state": "proposed", "support": dict(support)}
        return tx.insert(table, **proposed), True, "proposed"
    fresh = {**(values if old.state == "proposed" else {}), "support": dict(support)}
    changed = {name: value for name, value in fresh.items() if getattr(old, name) != value}
    if changed:  # a person who has the old figures on paper must look again only where the structure differs
        version = old.version + (1 if changed.keys() - {"support"} else 0)
        tx.update(table.update().where(table.c.id == old.id).values(**changed, version=version))
    return int(old.id), False, str(old.state)


# -- looking


def entries(ledger: Ledger, states: Sequence[str] = ()) -> list[Entry]:
    """The rows of the ledger in any of the states (all without one): each quarter, then its aliases and its buildings."""
    with ledger.begin() as tx:
        quarters = tx.rows(sa.select(t.quarter).order_by(t.quarter.c.county, t.quarter.c.name))
        aliases = _children(tx, t.quarter_alias)
        buildings = _children(tx, t.quarter_building)
    found: list[Entry] = []
    for q in quarters:
        houses = buildings.get(q.id, [])
        found.append(_entry(f"Q{q.id}", q, q, q.name, str(len(houses))))
        found += [_entry(f"A{a.id}", q, a, a.name, a.kind) for a in aliases.get(q.id, ())]
        found += [_entry(f"B{b.id}", q, b, f"{b.phase} {b.name}".strip(), _described(b)) for b in houses]
    return [entry for entry in found if not states or entry.state in states]


def _children(tx: Transaction, table: sa.Table) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in tx.rows(sa.select(table).order_by(table.c.id)):
        found.setdefault(row.quarter_id, []).append(row)
    return found


def _entry(number: str, quarter: Any, row: Any, name: str, detail: str) -> Entry:
    return Entry(
        id=number, version=row.version, state=row.state, county=quarter.county, quarter=quarter.name, name=name, detail=detail,
        support=row.support, source=row.source, whole=bool(getattr(row, "whole", 0)), decided_by=row.decided_by or "",
    )  # fmt: skip


def _described(b: Any) -> str:
    """Units, floors and the number of rooms: "1 2 · 18 · 72"."""
    return f"{' '.join(b.units) or '–'} · {b.floors or '–'} · {len(b.rooms) or '–'}"


# -- settling


def settle(ledger: Ledger, said: Settlement, *, beside: frozenset[str] = frozenset()) -> bool:
    """Keep what a person said of an entry, with its trail row; answers False when the very same was said before.

    A confirmed or refused quarter takes its proposed buildings along, but for those `beside` (they have a word of their own).
    Raises InputError, code one of no_entry, stale, no_merge, no_target, taken.
    """
    with ledger.begin() as tx:
        table, row = _row(tx, said)
        if (row.version, row.state, row.decided_by) == (said.version + 1, _OUTCOME[said.verdict], said.reviewer):
            return False
        if row.version != said.version:
            raise InputError(
                f"{said.entry}: version {said.version} is out of date, it is {row.version} now", code="stale"
            )
        _ACTS[said.entry[0], said.verdict](tx, row, said, beside)
        detail = {"version": said.version, "value": said.value, "note": said.note, "via": said.via}
        tx.trail(f"{table.name} {_OUTCOME[said.verdict]}", said.entry, detail, actor=said.reviewer)
    return True


def _row(tx: Transaction, said: Settlement) -> tuple[sa.Table, Any]:
    table, number = _TABLES.get(said.entry[:1]), said.entry[1:]
    found = None
    if table is not None and number.isdecimal():
        found = tx.one(sa.select(table).where(table.c.id == int(number)))
    if table is None or found is None:
        raise InputError(f"there is no entry {said.entry}", code="no_entry")
    if (said.entry[0], said.verdict) not in _ACTS:
        raise InputError(
            f"{said.entry}: '{said.verdict}' is nothing to say of it; there are: {choices(VERDICTS)}", code="no_merge"
        )
    return table, found


def _confirm_quarter(tx: Transaction, row: Any, said: Settlement, beside: frozenset[str]) -> None:
    whole = row.whole if said.whole is None else int(said.whole)
    name = said.value or row.name
    if name != row.name:
        if tx.one(sa.select(t.quarter.c.id).where(t.quarter.c.county == row.county, t.quarter.c.name == name)):
            raise InputError(f"{said.entry}: the county has a quarter of that name; merge it instead", code="taken")
        _also_called(tx, row.id, row.name, said.reviewer)
    _update(tx, t.quarter, row, {"state": "confirmed", "name": name, "whole": whole}, said.reviewer)
    _along(tx, row.id, "confirmed", said.reviewer, beside)


def _refuse_quarter(tx: Transaction, row: Any, said: Settlement, beside: frozenset[str]) -> None:
    _update(tx, t.quarter, row, {"state": "refused"}, said.reviewer)
    _along(tx, row.id, "refused", said.reviewer, beside)


def _along(tx: Transaction, quarter: int, state: str, who: str, beside: frozenset[str]) -> None:
    """The proposed buildings of a quarter go its way."""
    b = t.quarter_building
    for row in tx.rows(sa.select(b).where(b.c.quarter_id == quarter, b.c.state == "proposed")):
        if f"B{row.id}" not in beside:
            _update(tx, b, row, {"state": state}, who)


def _merge_quarter(tx: Transaction, row: Any, said: Settlement, _beside: frozenset[str]) -> None:
    """The quarter's name becomes another name of the target; its buildings and aliases go there."""
    target = _target(tx, row, said.value)
    _also_called(tx, target.id, row.name, said.reviewer)
    _move(tx, row.id, target.id, said.reviewer)
    _update(tx, t.quarter, row, {"state": "merged", "merged_into": target.id}, said.reviewer)


def _target(tx: Transaction, row: Any, value: str) -> Any:
    """The quarter that a name or number of the same county means."""
    q = t.quarter.c
    number = value[1:] if value[:1] == "Q" and value[1:].isdecimal() else ""
    wanted = q.id == int(number) if number else q.name == value
    found = tx.one(sa.select(t.quarter).where(wanted, q.county == row.county, q.state.in_(("proposed", "confirmed"))))
    if found is None or found.id == row.id:
        raise InputError(f"Q{row.id}: there is no quarter '{value}' to merge into in its county", code="no_target")
    return found


def _also_called(tx: Transaction, quarter: int, name: str, who: str) -> None:
    a = t.quarter_alias
    old = tx.one(sa.select(a).where(a.c.quarter_id == quarter, a.c.name == name))
    if old is not None:
        _update(tx, a, old, {"state": "confirmed"}, who)
        return
    tx.insert(
        a, quarter_id=quarter, name=name, kind="popular", source="proposed", state="confirmed", support={}, decided_by=who,
        decided=t.now(),
    )  # fmt: skip


def _move(tx: Transaction, source: int, target: int, who: str) -> None:
    """Buildings and aliases of one quarter go to another; a building that both have is joined."""
    b, a = t.quarter_building, t.quarter_alias
    there = {(r.phase, r.name): r for r in tx.rows(sa.select(b).where(b.c.quarter_id == target))}
    for row in tx.rows(sa.select(b).where(b.c.quarter_id == source)):
        same = there.get((row.phase, row.name))
        if same is None:
            _update(tx, b, row, {"quarter_id": target}, who)
        elif row.state != "refused":
            _update(tx, b, same, _joined(same, row), who)
            _update(tx, b, row, {"state": "merged"}, who)
    named = {r.name for r in tx.rows(sa.select(a.c.name).where(a.c.quarter_id == target))}
    for row in tx.rows(sa.select(a).where(a.c.quarter_id == source)):
        if row.name not in named:
            _update(tx, a, row, {"quarter_id": target}, who)


def _joined(one: Any, other: Any) -> dict[str, Any]:
    floors = [f for f in (one.floors, other.floors) if f]
    rooms = sorted({(unit, room) for unit, room in (*one.rooms, *other.rooms)})
    units = list(dict.fromkeys((*one.units, *other.units)))
    return {"units": units, "rooms": [list(door) for door in rooms], "floors": max(floors, default=None)}


def _confirm_alias(tx: Transaction, row: Any, said: Settlement, _beside: frozenset[str]) -> None:
    """The name leads to its quarter from now on; a quarter that was proposed under this very name goes into it."""
    _update(tx, t.quarter_alias, row, {"state": "confirmed"}, said.reviewer)
    q = t.quarter
    home = tx.rows(sa.select(q).where(q.c.id == row.quarter_id))[0]
    twin = tx.one(sa.select(q).where(q.c.county == home.county, q.c.name == row.name, q.c.state == "proposed"))
    if twin is not None and twin.id != home.id:
        _move(tx, twin.id, home.id, said.reviewer)
        _update(tx, q, twin, {"state": "merged", "merged_into": home.id}, said.reviewer)


def _refuse_alias(tx: Transaction, row: Any, said: Settlement, _beside: frozenset[str]) -> None:
    _update(tx, t.quarter_alias, row, {"state": "refused"}, said.reviewer)


def _confirm_building(tx: Transaction, row: Any, said: Settlement, _beside: frozenset[str]) -> None:
    whole = row.whole if said.whole is None else int(said.whole)
    _update(tx, t.quarter_building, row, {"state": "confirmed", "whole": whole}, said.reviewer)


def _refuse_building(tx: Transaction, row: Any, said: Settlement, _beside: frozenset[str]) -> None:
    _update(tx, t.quarter_building, row, {"state": "refused"}, said.reviewer)


_ACTS: Mapping[tuple[str, str], Callable[[Transaction, Any, Settlement, frozenset[str]], None]] = {
    ("Q", "confirm"): _confirm_quarter,
    ("Q", "refuse"): _refuse_quarter,
    ("Q", "merge"): _merge_quarter,
    ("A", "confirm"): _confirm_alias,
    ("A", "refuse"): _refuse_alias,
    ("B", "confirm"): _confirm_building,
    ("B", "refuse"): _refuse_building,
}
