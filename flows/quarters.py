"""The quarter ledger's work: propose it from addresses, take what people decided, hold it and the archive against each other."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.errors import InputError
from core.ledger import Ledger
from core.ledger import quarters as kept
from core.model import Problem
from core.quarters import Building, Coverage, Quarter, Settlement, Stranger, Validation
from core.reference import Reference
from core.words import Words
from flows.archive import Current
from flows.evidence import Estate
from flows.surveys import Answer, Surveys
from matchers.normal import addresses
from matchers.normal.addresses import Address
from matchers.proposed_quarters import Sighting, drafts, sighting
from matchers.quarters import FUZZY, UNKNOWN, Place, Quarters, key, part, phase

Say = Callable[[str, int, int], None]

PROBLEMS = {
    "no_entry": Words("没有编号为 {entry} 的条目", "there is no entry {entry}"),
    "no_version": Words("版本不是数字", "the version is not a number"),
    "stale": Words("{entry} 的版本已过期；请重新导出", "the version of {entry} is out of date; export again"),
    "no_verdict": Words(
        "决定“{verdict}”无法识别；可选：确认、拒绝、并入",
        "the decision '{verdict}' is not known; there are: confirm, refuse, merge",
    ),
    "no_merge": Words("别名和楼栋只能确认或拒绝", "another name or a building is confirmed or refused, no more"),
    "no_target": Words("同县没有可并入的小区“{value}”", "its county has no quarter '{value}' to merge into"),
    "taken": Words("同县已有小区“{value}”，请选“并入”", "its county has a quarter '{value}'; merge into it instead"),
    "no_reviewer": Words("缺少确认人", "who decided is missing"),
    "no_flag": Words("“完整”只能填 是 或 否", "'complete' is yes or no"),
    "double": Words("{entry} 在文件中出现多次，均未采用", "{entry} stands more than once; none was taken"),
    "stray": Words("填了“并入/标准名”或“完整”，却没有决定", "a name or 'complete' is given without a decision"),
}


def ledger_of(ledger: Ledger) -> Quarters:
    """The confirmed quarters, ready to be asked: what rules and evidence get as `Archive.extra["quarters"]`."""
    return Quarters.of(kept.confirmed(ledger))


# -- proposing


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What came of a proposal: what was read, what is new in the ledger, and what was left out."""

    read: int  # addresses
    sightings: int  # of them, those that name a quarter in a known county
    quarters: int
    buildings: int
    aliases: int
    weak: int  # names with too little support


def propose(
    ledger: Ledger, now: Current, surveys: Surveys, estates: Sequence[Estate], reference: Reference, cities: Mapping[str, str], *,
    least: int, say: Say,
) -> Proposed:  # fmt: skip
    """Read every address that there is and keep what it shows as proposals. `cities`: organisation → city."""
    count: Counter[str] = Counter()
    with ledger.begin() as tx:
        known = kept.known(tx)
    standing = {(k.county, key(k.name)): k.quarter for k in known}
    settled = {(k.county, key(k.name)) for k in known if k.settled}
    every = _sightings(now, surveys, estates, _reading(reference), cities, say)
    found, weak = drafts(_named(every, count), standing, settled, least)
    counts = kept.propose(ledger, found, say)
    return Proposed(read=count["read"], sightings=count["named"], weak=weak, **counts)


Read = Callable[[str, str | None], Address]
"""Text and city → its parts."""


def _reading(reference: Reference) -> Read:
    return lambda text, city: addresses.read(text, reference, city)


def _named(every: Iterable[Sighting | None], count: Counter[str]) -> Iterator[Sighting]:
    """The sightings that there are; all are counted on the way."""
    for seen in every:
        count["read"] += 1
        if seen is not None:
            count["named"] += 1
            yield seen


def _sightings(
    now: Current, surveys: Surveys, estates: Sequence[Estate], read: Read, cities: Mapping[str, str], say: Say
) -> Iterator[Sighting | None]:
    """What every address says of its quarter: archive, surveys, registry."""
    total = now.accounts.num_rows
    for done, one in enumerate(_accounts(now, cities), 1):
        yield from _of_account(read, one, surveys.answers.get(one.key, {}))
        if done % 1000 == 0 or done == total:
            say("read", done, total)
    for estate in estates:
        yield sighting("registry", estate.number, read(estate.address, None))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    key: str
    city: str | None
    cells: Mapping[str, str]


_FIELDS = ("elec_addr", "quarter_name", "phase_no", "building_no", "unit_no", "room_no")
_PARTS = {"quarter_name": "quarter", "phase_no": "phase", "building_no": "building", "unit_no": "unit", "room_no": "room"}  # fmt: skip


def _accounts(now: Current, cities: Mapping[str, str]) -> Iterator[_Account]:
    names = [name for name in _FIELDS if name in now.accounts.column_names]
    columns = [now.accounts[name].to_pylist() for name in names]
    orgs, keys = now.accounts["org_no"].to_pylist(), now.accounts["cons_no"].to_pylist()
    for account, org, *cells in zip(keys, orgs, *columns, strict=True):
        stated = {name: str(cell) for name, cell in zip(names, cells, strict=True) if cell}
        yield _Account(key=str(account), city=cities.get(str(org)), cells=stated)


def _of_account(read: Read, one: _Account, answers: Mapping[str, Answer]) -> list[Sighting | None]:
    """What the archive says of an account's flat, and what an audited survey says."""
    address = read(one.cells.get("elec_addr", ""), one.city)
    archive = _as_kept(sighting("accounts", one.key, address), one.cells.get("quarter_name", ""))
    if not answers.keys() & {"elec_addr", *_PARTS}:
        return [archive]
    return [archive, _surveyed(read, one, address, answers)]


def _as_kept(seen: Sighting | None, name: str) -> Sighting | None:
    """The quarter in the spelling of the archive's own field, where that is the same name: it is what the field would hold."""
    return replace(seen, quarter=name) if seen is not None and name and key(name) == key(seen.quarter) else seen


def _surveyed(read: Read, one: _Account, archive: Address, answers: Mapping[str, Answer]) -> Sighting | None:
    """The flat as the survey leaves it: its address, else the archive's, with every part that it has put right."""
    told = answers.get("elec_addr")
    whole = read(told.value, one.city) if told is not None and told.wrong and told.value else archive
    said = {part: a.value for field, part in _PARTS.items() if (a := answers.get(field)) and a.wrong and a.value}
    base = sighting("surveys", one.key, whole)
    county = whole.county_code or archive.county_code
    if county is None or (base is None and "quarter" not in said):
        return None
    spelt = {name: phase(v) if name == "phase" else v if name == "quarter" else part(v) for name, v in said.items()}
    stated = {name: getattr(base, name) for name in _PARTS.values()} if base else {}
    parts = stated | spelt
    before = one.cells.get("quarter_name") or archive.quarter or ""
    corrects = before if before and key(before) != key(parts["quarter"]) else ""
    return Sighting(source="surveys", who=one.key, county=county, corrects=corrects, **parts)


# -- taking what people decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a workbook as a person left it; `number` is its row in the file."""

    number: int
    entry: str
    version: str
    verdict: str  # confirm | refuse | merge, empty = not decided
    value: str
    whole: str  # yes | no, empty = as it was
    reviewer: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of an import."""

    read: int
    decided: int
    same: int  # decided the same way before
    undecided: int
    problems: tuple[Problem, ...]


def take(ledger: Ledger, file: str, rows: Sequence[Row], reviewer: str = "") -> Taken:
    """Keep the decisions of a file; a row that cannot be used is a named problem, and the others go on.

    Buildings come first, then other names, then quarters: what has a word of its own does not go along with its quarter.
    """
    counts: Counter[str] = Counter()
    problems: list[Problem] = []
    times = Counter(row.entry for row in rows if row.verdict)
    beside = frozenset(row.entry for row in rows if row.verdict)
    for row in sorted(rows, key=lambda row: ("BAQ".find(row.entry[:1]), row.number)):
        if not (row.verdict or row.value or row.whole):
            counts["undecided"] += 1
            continue
        code = "double" if times[row.entry] > 1 else _unusable(row, reviewer)
        if code is None:
            try:
                counts[
                    "decided" if kept.settle(ledger, _settlement(row, file, reviewer), beside=beside) else "same"
                ] += 1
            except InputError as error:
                code = error.code
        if code is not None:
            params = {"entry": row.entry, "verdict": row.verdict, "value": row.value}
            problems.append(Problem(code=code, place=file, row=row.number, params=params))
    problems.sort(key=lambda p: p.row or 0)
    return Taken(
        read=len(rows), decided=counts["decided"], same=counts["same"], undecided=counts["undecided"], problems=tuple(problems)
    )  # fmt: skip


def _unusable(row: Row, reviewer: str) -> str | None:
    """Why the row cannot be used, as far as the file alone can tell."""
    if not row.verdict:
        return "stray"
    if row.verdict not in kept.VERDICTS:
        return "no_verdict"
    if not row.version.isdecimal():
        return "no_version"
    if row.whole not in ("", "yes", "no"):
        return "no_flag"
    return None if row.reviewer or reviewer else "no_reviewer"


def _settlement(row: Row, file: str, reviewer: str) -> Settlement:
    return Settlement(
        entry=row.entry, version=int(row.version), verdict=row.verdict, value=row.value, whole=row.whole == "yes" if row.whole else None,
        reviewer=row.reviewer or reviewer, note=row.note, via=f"{file} row {row.number}",
    )  # fmt: skip


# -- holding ledger and archive against each other

_Door = tuple[str, str]
_House = tuple[str, str, str]
"""Quarter's id, phase, building."""


def validate(
    now: Current, ledger: Quarters, reference: Reference, cities: Mapping[str, str], day: date, say: Say
) -> Validation:
    """Flats that the ledger has and the archive has not, and the reverse; addresses are placed by standard name or alias."""
    read, placed = _reading(reference), Counter[str]()
    known: dict[tuple[str | None, str | None, str | None], Place | None] = {}
    strangers: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
    found: dict[_House, _Found] = defaultdict(_Found)
    total, without = now.accounts.num_rows, 0
    for done, one in enumerate(_accounts(now, cities), 1):
        address = read(one.cells.get("elec_addr", ""), one.city)
        named = address.county_code, address.quarter, address.phase
        if named not in known:
            known[named] = ledger.places((address,), day)[0]
        place = known[named]
        placed[_how(place)] += 1
        if place is not None and (place.how in (FUZZY, UNKNOWN) or place.quarter is None):
            strangers[address.county_code or "", address.quarter or "", place.names] += 1
        elif place is not None and place.quarter is not None:
            house = _house(place.quarter, place, address)
            without += house is None
            if house is not None:
                found[house].take(address)
        if done % 1000 == 0 or done == total:
            say("check", done, total)
    return Validation(
        coverage=tuple(_coverage(ledger.all, found)), strangers=tuple(_strangers(strangers)), accounts=total,
        placed=dict(placed), no_building=without,
    )  # fmt: skip


def _how(place: Place | None) -> str:
    return "unread" if place is None else place.how


@dataclass(slots=True)
class _Found:
    """What the archive has of one building."""

    accounts: int = 0
    doors: set[_Door] | None = None

    def take(self, address: Address) -> None:
        """One more account."""
        self.accounts += 1
        if address.room:
            unit = "" if address.unit in (None, addresses.NONE) else str(address.unit)
            self.doors = (self.doors or set()) | {(unit, address.room)}


def _house(quarter: Quarter, place: Place, address: Address) -> _House | None:
    """The building that an address means; where it lacks the phase, the one building of that number."""
    if not address.building or address.building == addresses.NONE or address.has("ambiguous_building"):
        return None
    stated = "" if place.phase_in_name else address.phase or ""
    phases = {b.phase for b in quarter.buildings if b.name == address.building}
    meant = phases if not stated else phases & {"", stated}
    return quarter.id, next(iter(meant)) if len(meant) == 1 else stated, address.building


def _coverage(ledger: Iterable[Quarter], found: Mapping[_House, _Found]) -> Iterator[Coverage]:
    """Every building of the ledger, and those that only the archive has, quarter by quarter."""
    strays: dict[str, list[_House]] = defaultdict(list)
    for house in found:
        strays[house[0]].append(house)
    for quarter in ledger:
        listed = {(quarter.id, b.phase, b.name): b for b in quarter.buildings}
        for house, building in listed.items():
            yield _compared(quarter, house, building, found.get(house, _Found()))
        for house in sorted(h for h in strays[quarter.id] if h not in listed):
            yield _compared(quarter, house, None, found[house])


def _compared(quarter: Quarter, house: _House, building: Building | None, seen: _Found) -> Coverage:
    doors, rooms = seen.doors or set(), building.rooms if building else frozenset()
    theirs = doors - rooms if rooms or building is None else set()
    return Coverage(
        quarter=quarter.id, county=quarter.county, name=quarter.name, phase=house[1], building=house[2], listed=building is not None,
        rooms_listed=bool(rooms), accounts=seen.accounts, ledger=len(rooms), archive=len(doors),
        only_ledger=tuple(sorted(rooms - doors)), only_archive=tuple(sorted(theirs)),
    )  # fmt: skip


def _strangers(found: Counter[tuple[str, str, tuple[str, ...]]]) -> Iterator[Stranger]:
    for (county, name, near), accounts in sorted(found.items(), key=lambda entry: (-entry[1], entry[0])):
        yield Stranger(county=county, name=name, accounts=accounts, near=near)
