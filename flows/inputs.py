"""Turn what sources have delivered into the inputs that some rules need beside the archive (`Archive.extra`).

    archive = Archive.from_tables(accounts, contacts, day, extra)
    archive = replace(archive, extra={**archive.extra, **inputs.delivered(ledger, archive, surveys)})

A kind of source that has delivered nothing leaves its inputs out, so that the rules which need them are not evaluated. Registers that
come whole count by their newest delivery; answers and people add up over deliveries.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.ledger import Ledger, batches
from core.ledger import quarters as kept
from core.ledger.batches import Batch
from core.quarters import Quarter
from flows import archive as numbers
from flows.surveys import Answers, Surveys
from matchers import masks
from matchers.archive import Archive, Columns
from matchers.columns import MISSING, Coded, encode, missing, spread
from matchers.normal.positions import Positions
from matchers.normal.text import compact
from matchers.quarters import Quarters

Extra = dict[str, object]


def delivered(ledger: Ledger, archive: Archive, surveys: Surveys) -> Extra:
    """Every input that the kept batches, the survey and the quarter ledger give."""
    found: Extra = {}
    plain = _plain(archive)
    for kind, read in _READERS.items():
        table = _newest(ledger, kind)
        if table is not None:
            found |= read(table, plain)
    for kind, (read, only) in _GROWING.items():
        table = _all(ledger, kind, only)
        if table is not None:
            found |= read(table, plain)
    told, people = _surveyed(surveys, archive), _all(ledger, "population", batches.read)
    if people is not None:
        found |= _population(people, archive, cast("Mapping[str, Coded]", told.get("survey_values", {})))
    return found | told | _quarters(kept.confirmed(ledger))


def _plain(archive: Archive) -> Archive:
    """The archive, whose accounts are found by their numbers unless a number was another account's before."""
    reused, keys = numbers.reused(archive), archive.keys
    if not reused:
        return archive
    return replace(archive, keys=Coded(keys.values, np.where(keys.isin(reused), MISSING, keys.codes).astype(np.int32)))


# -- reading batches


def _newest(ledger: Ledger, kind: str) -> pa.Table | None:
    """The rows of each source's newest day of delivery."""
    found = [batch for batch in batches.of_kind(ledger, kind, "rows") if batch.rows]
    last = {batch.source: batch.as_of for batch in found}
    return _joined([batches.read(ledger, batch) for batch in found if batch.as_of == last[batch.source]])


def _all(ledger: Ledger, kind: str, only: Callable[[Ledger, Batch], pa.Table]) -> pa.Table | None:
    """The rows of all deliveries that count, oldest first."""
    return _joined([only(ledger, b) for b in batches.of_kind(ledger, kind, "rows") if b.rows])


def _last_visits(ledger: Ledger, batch: Batch) -> pa.Table:
    """A delivery's last row of each account's newest visit in it: a visit has a hundred rows, and each says the same of it."""
    table = batches.read(ledger, batch, _OF_VISIT)
    if "cons_no" not in table.column_names:
        return table
    last_first = _by_time(table, "survey_at")[::-1]
    newest = last_first[np.unique(encode(table["cons_no"]).codes[last_first], return_index=True)[1]]
    return table.take(np.sort(newest))


def _by_time(table: pa.Table, name: str) -> npt.NDArray[np.intp]:
    """The rows by a column of moments; rows without one come first, equal ones as they came."""
    if name not in table.column_names:
        return np.arange(table.num_rows)
    moments = encode(table[name])
    rank = np.empty(len(moments.values), dtype=np.int32)
    rank[np.argsort(moments.values)] = np.arange(len(rank))
    return np.argsort(spread(moments.codes, rank, MISSING), kind="stable")


_OF_VISIT = ("cons_no", "survey_at", "surveyor", "lng", "lat", "crs", "photos", "photo_hashes")


def _joined(tables: list[pa.Table]) -> pa.Table | None:
    return pa.concat_tables(tables, promote_options="default") if tables else None


def _texts(table: pa.Table, name: str) -> list[str]:
    """A column's texts; blanks for missing cells, and for a column that the delivery has not."""
    if name not in table.column_names:
        return [""] * table.num_rows
    return [str(text or "") for text in table[name].to_pylist()]


def _rows(table: pa.Table, archive: Archive) -> npt.NDArray[np.int32]:
    """For each account the delivery's last row about it, −1 where there is none."""
    if "cons_no" not in table.column_names:
        return np.full(len(archive), MISSING, dtype=np.int32)
    last_first = table["cons_no"].cast(pa.string()).take(np.arange(table.num_rows)[::-1])
    found = pc.index_in(pa.array(archive.keys.values, pa.string()), value_set=last_first)
    rows = pc.subtract(table.num_rows - 1, found).fill_null(MISSING).to_numpy(zero_copy_only=False)
    return spread(archive.keys.codes, rows.astype(np.int32), MISSING)


def _of_persons(table: pa.Table, archive: Archive) -> npt.NDArray[np.int32]:
    """For each account the delivery's last row without an account number about the holder, by name and certificate; −1: none."""
    numbered, idents, names = (_texts(table, name) for name in ("cons_no", "cert_no", "name"))
    last = {
        (ident, name): row
        for row, (number, ident, name) in enumerate(zip(numbered, idents, names, strict=True))
        if not number and ident and name
    }
    if not last:
        return np.full(len(archive), MISSING, dtype=np.int32)
    holders = zip(archive.column("cert_no").decode(), archive.column("cons_name").decode(), strict=True)
    return np.fromiter((last.get(who, MISSING) for who in holders), np.int32, len(archive))


def _over_accounts(table: pa.Table, rows: npt.NDArray[np.int32], *names: str) -> dict[str, Coded]:
    return {name: encode(table[name]).take(rows) for name in names if name in table.column_names}


def _positions(table: pa.Table, rows: npt.NDArray[np.int32]) -> Positions:
    axes = _over_accounts(table, rows, "lng", "lat", "crs")
    nowhere = encode([None] * len(rows))
    degrees = {name: _degrees(axes.get(name, nowhere)) for name in ("lng", "lat")}
    return Positions(lng=degrees["lng"], lat=degrees["lat"], crs=axes.get("crs", nowhere))


def _degrees(column: Coded) -> npt.NDArray[np.float64]:
    numbers = np.array([_number(str(text)) for text in column.values] or [np.nan])
    return np.where(column.codes >= 0, numbers[np.maximum(column.codes, 0)], np.nan)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


# -- one function for each kind of source


def _collection(table: pa.Table, archive: Archive) -> Extra:
    rows = _rows(table, archive)
    names = ("meter_asset_no", "terminal_asset_no", "tg_no", "zero_months", "usage_kwh", "reading", "read_at")
    known = Coded(np.array(["1"], dtype=object), np.where(rows == MISSING, MISSING, 0).astype(np.int32))
    return {"collection": Columns(table, names, {"known": known}, rows)}


def _pms(table: pa.Table, _archive: Archive) -> Extra:
    return {"pms": _sets(_texts(table, "tg_no"), _texts(table, "line_no"))}


def _prices(table: pa.Table, _archive: Archive) -> Extra:
    return {"price_table": _sets(_texts(table, "price_code"), _texts(table, "elec_type_code"))}


def _sets(keys: list[str], values: list[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, value in zip(keys, values, strict=True):
        if key and value:
            found.setdefault(key, set()).add(value)
    return {key: frozenset(values) for key, values in found.items()}


def _staff(table: pa.Table, _archive: Archive) -> Extra:
    return {"staff_numbers": frozenset(number for number in _texts(table, "number") if number)}


def _civil(table: pa.Table, _archive: Archive) -> Extra:
    found: dict[str, list[tuple[str, str, str]]] = {}
    columns = (_texts(table, name) for name in ("cert_no", "benefit", "valid_to", "state"))
    for number, benefit, last, state in zip(*columns, strict=True):
        found.setdefault(number, []).append((benefit, last, state))
    return {"benefits": {number: tuple(entries) for number, entries in found.items() if number}}


def _placed(table: pa.Table, archive: Archive) -> Extra:
    return {"positions": _positions(table, _rows(table, archive))}


def _statistics(table: pa.Table, _archive: Archive) -> Extra:
    """County/town/community → urban | rural, and county/town/ where all communities of the town are alike."""
    columns = (_texts(table, name) for name in ("division_code", "town", "community", "class_code"))
    found, towns = {}, dict[str, set[str]]()
    for division, town, community, code in zip(*columns, strict=True):
        kind = {"1": "urban", "2": "rural"}.get(code[:1])
        if kind is not None:
            found[f"{division[:6]}/{town}/{community}"] = kind
            towns.setdefault(f"{division[:6]}/{town}/", set()).add(kind)
    return {"urban_codes": found | {town: next(iter(kinds)) for town, kinds in towns.items() if len(kinds) == 1}}


_STATES = {"cancelled": "1", "locked": "2", "moved": "8", "dead": "9"}


def _population(table: pa.Table, archive: Archive, told: Mapping[str, Coded]) -> Extra:
    """Names and states by unmasked ID; of several entries of a person the one that was updated last counts.

    Where the register masks its numbers, a holder is called as the one entry calls him that his number fits, and his state is that
    of the one entry which his name fits too.
    """
    newest: dict[str, tuple[str, str, str]] = {}
    masked: dict[str, tuple[str, str, str, str]] = {}
    columns = (_texts(table, name) for name in ("cert_no", "name", "state", "updated_at", "person_no"))
    for line, (number, name, state, updated, person) in enumerate(zip(*columns, strict=True)):
        if "*" in number:
            who = person or str(line)
            if who not in masked or updated >= masked[who][3]:
                masked[who] = (number, name, state, updated)
        elif number and (number not in newest or updated >= newest[number][2]):
            newest[number] = (name, state, updated)
    known = {n: _STATES[state] for n, (_, state, _) in newest.items() if state in _STATES}
    by_ends: dict[str, list[tuple[str, str, str]]] = {}
    for number, name, state, _ in masked.values():
        by_ends.setdefault(_ends(number), []).append((number, name, state))
    named = {number: (name,) for number, (name, _, _) in newest.items() if name and "*" not in name}
    return {
        "population": {**_called(by_ends, archive), **named},
        "person_status": {**_gone(by_ends, archive, told), **known},
    }


def _called(by_ends: "Entries", archive: Archive) -> dict[str, tuple[str, ...]]:
    """The name of each holder whose number one masked entry fits, and no other."""
    found: dict[str, tuple[str, ...]] = {}
    for text in archive.column("cert_no").values if by_ends else ():
        number = str(text).strip().upper()
        those = by_ends.get(_ends(number), ()) if len(number) == _WHOLE else ()
        if len(those) == 1 and masks.fits(number, those[0][0], "one") and those[0][1] and "*" not in those[0][1]:
            found[number] = (those[0][1],)
    return found


Entries = Mapping[str, Sequence[tuple[str, str, str]]]
"""What every mask leaves of a number → the entries with it: masked number, name and state."""


def _gone(by_ends: Entries, archive: Archive, told: Mapping[str, Coded]) -> dict[str, str]:
    """The state of each holder, present or found by a survey, of whom a masked entry, and no other one beside it, says that he is gone."""
    gone = {ends for ends, those in by_ends.items() if any(state in _STATES for _, _, state in those)}
    if not gone:
        return {}
    people = ((number, name) for number, name in _holders(archive, told, gone) if _ends(number) in gone)
    states = ((number, _state(by_ends[_ends(number)], number, name)) for number, name in people)
    return {number: state for number, state in states if state}


def _holders(archive: Archive, told: Mapping[str, Coded], gone: Collection[str]) -> Iterator[tuple[str, str]]:
    """Number and name of the accounts' holders with such ends, and of those whom audited surveys (`told`) would make of them."""
    numbers, names = archive.column("cert_no"), archive.column("cons_name")
    wanted = [text for text in numbers.values if len(text.strip()) == _WHOLE and _ends(text.strip().upper()) in gone]
    for row in np.flatnonzero(numbers.isin(tuple(wanted))).tolist():
        yield (numbers.at(row) or "").strip().upper(), compact(names.at(row) or "")
    number_told, name_told = (told.get(field, missing(len(archive))) for field in ("cert_no", "cons_name"))
    for row in np.flatnonzero(number_told.present() | name_told.present()).tolist():
        number = (number_told.at(row) or numbers.at(row) or "").strip().upper()
        if len(number) == _WHOLE:
            yield number, compact(name_told.at(row) or names.at(row) or "")


def _state(entries: Sequence[tuple[str, str, str]], number: str, name: str) -> str:
    """Why somebody is gone, by the one entry that fits number and name; empty where several do, or none, or he is not."""
    mine = [
        state
        for masked, called, state in entries
        if masks.fits(number, masked, "one")
        and (compact(called) == name or ("*" in called and masks.fits(name, called)))
    ]
    return _STATES.get(mine[0], "") if len(mine) == 1 else ""


def _ends(number: str) -> str:
    """What every mask leaves of a number."""
    return number[:6] + number[-4:]


_WHOLE = 18
"""Characters of a resident ID."""


def _carrier(table: pa.Table, archive: Archive) -> Extra:
    """The newest answer on each account, and what is known of each number.

    An answer without an account number is one on every account of the person whom it was about.
    """
    table = table.take(_by_time(table, "answered_at"))
    rows = _rows(table, archive)
    rows = np.where(rows == MISSING, _of_persons(table, archive), rows)
    verdicts = _over_accounts(table, rows, "result", "which", "cert_no", "mobile")
    if "name" in table.column_names:
        verdicts["cons_name"] = encode(table["name"]).take(rows)
    numbers = _texts(table, "mobile")

    def by_number(name: str) -> dict[str, str]:
        return {number: told for number, told in zip(numbers, _texts(table, name), strict=True) if number and told}

    told = {
        "number_status": "number_status",
        "reassigned": "reassigned",
        "operators": "operator",
        "verified_at": "answered_at",
    }
    return {"verdicts": verdicts} | {name: by_number(c) for name, c in told.items() if c in table.column_names}


def _visits(table: pa.Table, archive: Archive) -> Extra:
    """Where and when the newest visit of each account took place, and by whom."""
    table = table.take(_by_time(table, "survey_at"))
    rows = _rows(table, archive)
    found: Extra = {}
    if {"surveyor", "survey_at"} <= set(table.column_names):
        at = encode(table["survey_at"]).take(rows)
        minutes = np.array([_minute(str(text)) for text in at.values] or [MISSING], dtype=np.int64)
        when = np.where(at.codes >= 0, minutes[np.maximum(at.codes, 0)], MISSING)
        found["survey_log"] = (encode(table["surveyor"]).take(rows), when)
    if {"lng", "lat"} <= set(table.column_names):
        found["survey_positions"] = _positions(table, rows)
    if "photos" in table.column_names:
        photos = _photos(table, rows)
        if any(not handed or any(handed) for handed in photos if handed is not None):
            found["photos"] = photos
    return found


def _photos(table: pa.Table, rows: npt.NDArray[np.int32]) -> tuple[tuple[str, ...] | None, ...]:
    """The hashes of each account's newest visit, empty ones for photos that came without: () without a photo, None without a visit."""
    handed, hashes = _texts(table, "photos"), _texts(table, "photo_hashes")
    told = [_hashes(kinds, known) for kinds, known in zip(handed, hashes, strict=True)]
    return tuple(None if row == MISSING else told[row] for row in rows.tolist())


def _hashes(kinds: str, known: str) -> tuple[str, ...]:
    """One for each photo, as far as there are hashes."""
    found = tuple(known.split(";")) if known else ()
    return found + ("",) * (len(kinds.split(";")) - len(found) if kinds else 0)


def _minute(moment: str) -> int:
    """Minutes of a moment as the source writes it; −1 for a bare day, which says nothing of the speed."""
    try:
        read = datetime.fromisoformat(moment)
    except ValueError:
        return MISSING
    return MISSING if len(moment) <= _BARE_DAY else read.toordinal() * 1440 + read.hour * 60 + read.minute


_BARE_DAY = len("2026-03-16")


_READERS: Mapping[str, Callable[[pa.Table, Archive], Extra]] = {
    "collection": _collection, "pms": _pms, "prices": _prices, "staff": _staff, "civil": _civil, "positions": _placed,
    "statistics": _statistics,
}  # fmt: skip
_GROWING: Mapping[str, tuple[Callable[[pa.Table, Archive], Extra], Callable[[Ledger, Batch], pa.Table]]] = {
    "carrier": (_carrier, batches.read), "survey": (_visits, _last_visits),
}  # fmt: skip


# -- what the ledger has understood already


def _surveyed(surveys: Surveys, archive: Archive) -> Extra:
    """The audited answers on fields of the account, as columns."""
    told = surveys.answers
    if not told:
        return {}
    rows = placed(archive, told)[told.visit_of()]
    said = Coded(np.array(["unchanged", "wrong"], dtype=object), told.wrong.astype(np.int32))
    answers: dict[str, Coded] = {}
    values: dict[str, Coded] = {}
    for name, every in told.by_field():
        of = every[rows[every] != MISSING]
        if len(of):
            answers[name] = laid(said.take(of), rows[of], len(archive))
            values[name] = laid(told.value.take(of), rows[of], len(archive))
    return {"survey_answers": answers, "survey_values": values}


def placed(archive: Archive, told: Answers) -> npt.NDArray[np.int32]:
    """The account row of each visit, −1 where the archive has none."""
    numbers = pa.array([visit.account for visit in told.visits], pa.string())
    code = pc.index_in(numbers, value_set=pa.array(archive.keys.values, pa.string())).fill_null(MISSING)
    last = np.full(len(archive.keys.values), MISSING, dtype=np.int32)
    last[archive.keys.codes[archive.keys.present()]] = np.flatnonzero(archive.keys.present())
    return spread(np.asarray(code, dtype=np.int32), last, MISSING)


def laid(column: Coded, rows: npt.NDArray[np.integer], length: int) -> Coded:
    """A column of `length` rows with these texts at `rows`; it keeps only texts that it holds."""
    used, codes = np.unique(column.codes, return_inverse=True)
    present = used != MISSING
    place = np.where(present, np.cumsum(present) - 1, MISSING).astype(np.int32)
    over = np.full(length, MISSING, dtype=np.int32)
    over[rows] = place[codes]
    return Coded(column.values[used[present]], over)


def _quarters(confirmed: tuple[Quarter, ...]) -> Extra:
    return {"quarters": Quarters.of(confirmed)} if confirmed else {}
