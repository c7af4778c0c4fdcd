"""Every cell that was spoilt: what spoilt it, and whether the evidence that the world itself delivered could decide it.

What decides is told in README.md ("Decidable"); it is drawn from the truth and the deliveries, never from what anybody claims.
"""

from __future__ import annotations

import csv
import re
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import anomalies
from sandbox.faults import share
from sandbox.semantics import DATES, KEYS
from sandbox.skins import Skin

Place = tuple[str, str, str]
"""Kind (customer, account or contacts), number, column."""

PHONES = ("mobile", "home_phone")
ALONE = frozenset(
    {"quarter", "phase", "building", "unit", "room", "pay_mode", "notify_mode", "note_type", "urban_rural", "mgr"}
)
"""Columns for which one audited survey answer with its evidence is enough."""
STATED = {
    "cert_no": {"survey", "formula"},
    "mobile": {"survey"},
    "name": {"survey", "registry", "police"},
    "elec_addr": {"survey", "registry"},
}
"""Who can say the whole value; the others only agree with it."""
AUTHORITY = {
    "name": {"police", "registry", "carrier"},
    "cert_no": {"police", "carrier"},
    "mobile": {"carrier"},
    "elec_addr": {"registry"},
}
"""Who must be among two that agree."""
CODES, HOUSE = ("code",), ("building", "elec_addr")
BESIDE = {"pay_mode": CODES, "notify_mode": CODES, "note_type": CODES, "unit": HOUSE, "building": HOUSE, "room": HOUSE, "phase": HOUSE,
          "quarter": ("elec_addr",), "cert_type": ("cert_no",), "home_phone": ("mobile",)}  # fmt: skip
"""Columns that a class of dirt may spoil although it is noted for another one."""
OTHER = "other"
DOTS = str.maketrans(dict.fromkeys(".•．・‧∙", "·"))
DIGITS = re.compile(r"\d+")
HIDDEN = re.compile(r"[\s'`‘’\-]")
FIFTEEN, CENTURY = 15, "19"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One spoilt cell; of phones the numbers of the account, otherwise one value."""

    place: Place
    dirt: str
    rules: frozenset[str]  # that should find it
    accounts: tuple[str, ...]
    before: tuple[str, ...]
    right: tuple[str, ...]

    @property
    def wrong(self) -> bool:
        """Whether the archive held another value than the truth; a status or a shared number may be a finding without that."""
        return self.before != self.right

    def put_right(self, after: tuple[str, ...]) -> bool:
        """Whether what was lost stands there now and what was wrong does not; of an account without contacts the first counts."""
        if self.place[0] != "contacts":
            return after == self.right
        lost = [v for v in self.right if v not in self.before]
        lost = lost if self.before else lost[:1]
        return set(lost) <= set(after) and not set(self.before) - set(self.right) & set(after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The archive at one moment: cells of customers and accounts, and the contact rows of accounts."""

    cells: Mapping[tuple[str, str], Mapping[str, str]]
    contacts: Mapping[str, Iterable[Mapping[str, str]]]

    def at(self, place: Place) -> tuple[str, ...]:
        """What stands at a place; of phones every number that is not blank."""
        kind, number, column = place
        if kind == "contacts":
            return tuple(row[column] for row in self.contacts.get(number, ()) if row[column])
        return (self.cells.get((kind, number), {}).get(column, ""),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Which accounts hang on which customer, in the legacy system's order."""

    customer: Mapping[str, str]  # cons_no → cust_no
    accounts: Mapping[str, tuple[str, ...]]  # cust_no → cons_no
    serial: Mapping[str, int]  # cons_no → place in the registry's numbering, from 0

    def of(self, place: Place) -> tuple[str, ...]:
        """The accounts that a place belongs to."""
        return self.accounts.get(place[1], ()) if place[0] == "customer" else (place[1],)

    def place(self, cons_no: str, scope: str, column: str) -> Place:
        """Where a column of an account, its customer or its contacts stands."""
        if column in PHONES or scope == "contact":
            return "contacts", cons_no, column
        return (scope, self.customer.get(cons_no, ""), column) if scope == "customer" else (scope, cons_no, column)


def spoilt(truth: sqlite3.Connection, family: Family, before: Archive, right: Archive) -> list[Cell]:
    """All spoilt cells: those that differ from the truth, and those that a rule should find although they do not."""
    named: dict[Place, str] = {}
    for name, kind, number, column in truth.execute("SELECT name, kind, object, column FROM dirt"):
        named["contacts" if column in PHONES else kind, number, column] = name
    expected: dict[Place, set[str]] = defaultdict(set)
    for rule, cons_no, where in truth.execute("SELECT rule, cons_no, column FROM injected WHERE rule != ''"):
        scope, _, column = where.partition(".")
        expected[family.place(cons_no, scope, column)].add(rule)
    wrong = {place for place in _places(right) if before.at(place) != right.at(place)}
    return [
        Cell(
            place=place,
            dirt=_dirt(named, place),
            rules=frozenset(expected.get(place, ())),
            accounts=family.of(place),
            before=before.at(place),
            right=right.at(place) if place in wrong else before.at(place),
        )
        for place in sorted(wrong | set(expected))
    ]


def _places(archive: Archive) -> Iterable[Place]:
    for (kind, number), columns in archive.cells.items():
        yield from ((kind, number, column) for column in columns)
    for number in archive.contacts:
        yield from (("contacts", number, column) for column in PHONES)


def _dirt(named: Mapping[Place, str], place: Place) -> str:
    """What spoilt a cell: the class noted for its column, or for the column that stands for it; else nobody's."""
    kind, number, column = place
    return next((name for c in (column, *BESIDE.get(column, ())) if (name := named.get((kind, number, c)))), OTHER)


# -- what could decide a cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the world has delivered by a day, and what its carriers would answer."""

    surveyed: Mapping[Place, Set[str]]  # values of audited, complete answers
    owners: Mapping[str, Set[tuple[str, str]]]  # cons_no → (name, masked number) of the flat's present owners
    police: Mapping[str, Set[tuple[str, str]]] = field(default_factory=dict)  # likewise, of the registered holder
    holders: Mapping[str, tuple[str, str]]  # mobile → name and number of whom the carriers know it by
    unknown: Set[str]  # mobiles that the carriers have no record of

    def decides(self, cell: Cell, family: Family, before: Archive, right: Archive) -> str:
        """`repair`, `survey` or `sources`; empty when nothing that was delivered decides the cell."""
        if not cell.wrong:
            return ""
        if follows(cell):
            return "repair"
        column = cell.place[2]
        says = self._supporters(cell, family, before, right)
        if column in ALONE:
            return "survey" if "survey" in says else ""
        best, whole = AUTHORITY.get(column, set()), STATED.get(column, set())
        return "sources" if len(says) > 1 and says & best and says & whole and not self._opposed(cell) else ""

    def _supporters(self, cell: Cell, family: Family, before: Archive, right: Archive) -> set[str]:
        lost = {v for v in cell.right if v not in cell.before}
        says = {"survey"} if lost & self.surveyed.get(cell.place, set()) else set()
        says |= {"police"} if cell.place[2] != "elec_addr" and _named(self.police, cell) else set()
        says |= {"registry"} if _named(self.owners, cell) else set()
        says |= {"formula"} if widened(cell) else set()
        return says | ({"carrier"} if self._confirmed(cell, lost, family, before, right) else set())

    def _opposed(self, cell: Cell) -> bool:
        """Whether a register knows the flat or the holder and names somebody else."""
        asked = cell.place[2] in ("name", "cert_no")
        knows = (any(account in register for account in cell.accounts) for register in (self.owners, self.police))
        names = (_named(register, cell) for register in (self.owners, self.police))
        return asked and any(known and not named for known, named in zip(knows, names, strict=True))

    def _confirmed(self, cell: Cell, lost: Set[str], family: Family, before: Archive, right: Archive) -> bool:
        """Whether the carriers would call the right name, number and mobile consistent, the other two standing in the archive."""
        if cell.place[2] not in ("name", "cert_no", "mobile"):
            return False
        for account in cell.accounts:
            customer = family.customer[account]
            of = {column: right.at(("customer", customer, column))[0] for column in ("name", "cert_no")}
            clean = [c for c in of if c != cell.place[2] and before.at(("customer", customer, c))[0] != of[c]] == []
            mobiles = lost if cell.place[2] == "mobile" else set(before.at(("contacts", account, "mobile")))
            if clean and any(self.holders.get(m) == (of["name"], of["cert_no"]) for m in mobiles - self.unknown):
                return True
        return False


def _named(register: Mapping[str, Set[tuple[str, str]]], cell: Cell) -> bool:
    """Whether one of the people whom the register has for the cell's accounts has the true name, or a number that fits the true one."""
    people = {person for account in cell.accounts for person in register.get(account, ())}
    (value, *_) = (*cell.right, "")
    if cell.place[2] == "name":
        return any(name == value for name, _ in people)
    if cell.place[2] == "cert_no":
        return any(masked[:6] == value[:6] and masked[-4:] == value[-4:] for _, masked in people)
    return cell.place[2] == "elec_addr" and bool(people)


def evidence(directory: Path, truth: sqlite3.Connection, family: Family, skin: Skin, day: str) -> Evidence:
    """What was delivered until the end of an ISO day."""
    seed = dict(truth.execute("SELECT key, value FROM meta"))["seed"]
    holders = _holders(truth, family)
    rate = float(anomalies.RATES["verification"]["no_record"])
    return Evidence(
        surveyed=_surveyed(truth, family, skin, day),
        owners=_register(directory, family, "不动产", ("BDCDYH", "QLR", "ZJH"), ("ZT", "现势")),
        police=_register(directory, family, "人口", ("RYBH", "XM", "GMSFHM"), ("ZXBS", "0")),
        holders=holders,
        unknown={mobile for mobile in holders if share(seed, "no_record", mobile) < rate},
    )


def _surveyed(truth: sqlite3.Connection, family: Family, skin: Skin, day: str) -> dict[Place, set[str]]:
    """The values that the newest audited result of each house states, where its photos and signature are all there."""
    found: dict[Place, set[str]] = defaultdict(set)
    newest = (
        "SELECT task, max(rev) AS rev, cons_no, complete FROM surveyed WHERE audited AND published <= ? GROUP BY task"
    )
    sql = (
        f"SELECT n.cons_no, s.kind, s.column, s.value FROM stated s JOIN ({newest}) n USING(task, rev) WHERE n.complete"  # noqa: S608
    )
    for cons_no, kind, column, value in truth.execute(sql, (day,)):
        place = family.place(cons_no, kind, column)
        found[place].add(stored(skin, column, value))
    return found


REGISTERS = (
    ("不动产_*.csv", "gb18030", "BDCDYH", "QLR", "ZJH", "ZT", "现势"),
    ("产权登记_*.csv", "utf-8", "UnitNo", "Holder", "HolderID", "Status", "0"),
)
"""The registry's two layouts: files, encoding, columns of flat, owner, number and state, and the state in force."""


def _register(
    directory: Path, family: Family, name: str, columns: tuple[str, str, str], valid: tuple[str, str]
) -> dict[str, set[tuple[str, str]]]:
    """The people of a register's valid rows (name, masked number), by the account whose place in the world its number ends with."""
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    number, person, ident = columns
    for path in sorted((directory / "drop" / "government").glob(f"{name}_*.csv")):
        with path.open(encoding="gb18030", newline="") as file:
            for row in csv.DictReader(file):
                if row[valid[0]] == valid[1]:
                    found[int(DIGITS.findall(row[number])[0][-8:])].add((row[person], row[ident]))
    return {cons_no: found[serial] for cons_no, serial in family.serial.items() if serial in found}


def _holders(truth: sqlite3.Connection, family: Family) -> dict[str, tuple[str, str]]:
    """Whom the carriers know a holder's own mobile by."""
    sql = "SELECT object, column, value FROM truth_cell WHERE kind = 'customer' AND column IN ('name', 'cert_no')"
    people: dict[str, dict[str, str]] = defaultdict(dict)
    for number, column, value in truth.execute(sql):
        people[number][column] = value
    own = truth.execute("SELECT cons_no, mobile FROM truth_contact WHERE relation = 'self'")
    holders = ((mobile, people[family.customer[cons_no]]) for cons_no, mobile in own)
    return {mobile: (person["name"], person["cert_no"]) for mobile, person in holders}


def follows(cell: Cell) -> bool:
    """Whether the truth follows from the spoilt value alone: it is only spelt otherwise, or one step of a fixed table away."""
    column = cell.place[2]
    if column == "mobile":
        return bool(cell.before) and {n for text in cell.before for n in _mobiles(text)} == set(cell.right)
    if column == "home_phone":
        return bool(cell.before) and {v.partition("-")[2] for v in cell.right} == set(cell.before)
    (before,), (right,) = cell.before, cell.right
    if column == "cert_no":
        return bool(before) and HIDDEN.sub("", _folded(before)).upper() == right
    return column == "name" and bool(before) and HIDDEN.sub("", _folded(before).translate(DOTS)) == right


def widened(cell: Cell) -> bool:
    """Whether the number is the old one of fifteen digits: a formula gives the new one, and nobody vouches for it."""
    (before, right) = (cell.before[0], cell.right[0]) if cell.place[2] == "cert_no" else ("", "")
    return len(before) == FIFTEEN and right[6:8] == CENTURY and before == right[:6] + right[8:17]


def _mobiles(text: str) -> list[str]:
    return re.findall(r"(?<!\d)(?:\+?86)?(1\d{10})(?!\d)", HIDDEN.sub("", _folded(text)))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def stored(skin: Skin, column: str, shown: str) -> str:
    """What a person sees, as the legacy database keeps it."""
    if column in KEYS:
        return skin.key(column, shown)
    return (skin.iso(shown) or shown) if column in DATES else shown
