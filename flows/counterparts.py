"""Find an account's counterpart in a register where no key does: by all that both sides say of a person, with a probability.

accounts in question ──┐
others, as a yardstick ┼─▶ matchers.link ─▶ judged again without the field in question ─▶ sure: evidence
records without account┘                                                                 possible: for a reviewer's eyes

A source names its spec (`linking:` in config/sources/), and the spec is one of config/linking/. The people of an account are its holder
and its contacts; whoever of them is found, the flat is found, and with it its other owners and residents. What reviewers decided of
proposals that showed a linked record comes back as labels.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as factory
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core import settings
from core.errors import ConfigError, choices
from core.ledger.proposals import Judgement
from core.model import Link
from core.policy import Policy
from core.settings import Config
from flows.book import Book, Linking, Profile, marks
from flows.evidence import Estate, Owner
from flows.registers import Entry
from matchers import comparators
from matchers.link import Labels, Lexicon, Linked, Spec, link, read
from matchers.link.apart import Pairs, without

LEFT = ("cons_name", "cert_no", "elec_addr", "mobile")
"""What the archive says of a person."""

SPEAKING = 2
"""Fields that must speak for a link before it is sure: one alone, a rare name, is no evidence of a person."""
YARDSTICK = 20_000
"""Accounts that are linked beside those in question: from them it is learned how records of the same person agree."""
MEMORY = 1 << 30
LEARNT = 50
"""Records with a counterpart from which it must have been learned how such agree, before any link is sure."""
SHOWN = 3
"""Uncertain counterparts of an account that a reviewer sees at most."""

HOLDER, CONTACT, CO_OWNER, RESIDENT = "holder", "contact", "co_owner", "resident"
"""Of whom a counterpart speaks: who was found as the account's holder, or contact, and who else has or lives in the flat that he has."""


def load(config: Config, sources: Mapping[str, tuple[str, frozenset[str]]], policy: Policy) -> Linking:
    """Source → its profile, from source → (its file of config/linking/, the columns that it delivers).

    Raises ConfigError for a column that there is not. A spec that does not say what error is tolerated follows the policy.
    """
    files = config.folder("linking")
    return {
        source: _profile(read(settings.load(files[name])), name, source, columns, policy)
        for source, (name, columns) in sources.items()
    }


def _profile(spec: Spec, name: str, source: str, columns: frozenset[str], policy: Policy) -> Profile:
    for mine, known, whose in ((False, LEFT, "left"), (True, sorted(columns), f"right ({source})")):
        for one in spec.fields:
            column = one.right if mine else one.left
            if column not in known:
                raise ConfigError(
                    f"config/linking/{name}.yaml: fields.{one.name}: {whose}: no column '{column}'; there are: {choices(known)}"
                )
    return Profile(name=name, spec=spec, tolerated=spec.tolerated or policy.tolerated_error_rate)


# -- the two sides


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person of an account: its holder, or a contact with another name."""

    row: int
    relation: str
    says: Mapping[str, str | None]


def people(book: Book, row: int) -> Iterator[Person]:
    """The holder, then the contacts under other names."""
    name, address = book.value(row, "cons_name"), book.value(row, "elec_addr")
    contacts = [book.contact(contact) for contact in book.contacts_of.get(row, ())]
    own = next((c["mobile"] for c in contacts if c.get("contact_relation") in ("", "self")), None)
    said = {"cons_name": name, "cert_no": book.value(row, "cert_no"), "elec_addr": address, "mobile": own}
    yield Person(row=row, relation=HOLDER, says=said)
    for cells in contacts:
        if cells.get("contact_name") and cells["contact_name"] != name:
            said = {"cons_name": cells["contact_name"], "elec_addr": address, "mobile": cells.get("mobile")}
            yield Person(row=row, relation=CONTACT, says=said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One person as a register has him: an owner with his flat, or a resident."""

    of: Estate | Entry
    key: str | None  # of the address
    owner: Owner | None = None

    @property
    def source(self) -> str:
        """Who delivered it."""
        return self.of.source if isinstance(self.of, Estate) else self.of.batch.source

    @property
    def number(self) -> str:
        """What the source calls it from delivery to delivery."""
        if isinstance(self.of, Entry):
            return self.of.text("person_no") or f"{self.of.batch.id}/{self.of.line}"
        return f"{self.of.number}/{self.owner.name if self.owner else ''}"

    def says(self, column: str) -> str | None:
        """A cell of the source."""
        if isinstance(self.of, Entry):
            return self.of.text(column) or None
        owner = self.owner
        told = {"estate_no": self.of.number, "address": self.of.address}
        told |= {"owner_name": owner.name, "owner_id": owner.ident} if owner else {}
        return told.get(column) or None


def records(of: Estate | Entry, key: str | None) -> Iterator[Record]:
    """The persons of a flat, or the one person."""
    if isinstance(of, Estate):
        yield from (Record(of=of, key=key, owner=owner) for owner in of.owners)
    else:
        yield Record(of=of, key=key)


# -- linking


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """A register's record that means an account's person, or lives or owns where he does."""

    record: Record
    link: Link


@dataclass(frozen=True, eq=False)
class Linkage:
    """The people of accounts and the records of a profile's sources, linked."""

    profile: Profile
    rows: frozenset[int]  # of the accounts
    left: Sequence[Person]
    right: Sequence[Record]
    numbers: Mapping[int, str]  # row → account
    labels: Labels | None
    found: Linked | None  # None: a side is empty
    judged: dict[str, Pairs] = factory(default_factory=dict)  # field → the pairs without it, by their left rows
    looked: dict[tuple[int, str], list[Counterpart]] = factory(default_factory=dict)

    def of(self, row: int, field: str) -> list[Counterpart]:
        """The counterparts of an account, the likeliest first, as they are found whatever the field says."""
        if (row, field) not in self.looked:
            self.looked[row, field] = list(self._found(row, field))
        return self.looked[row, field]

    def _found(self, row: int, field: str) -> Iterator[Counterpart]:
        """Of several people of the account who find the same flat or person the likeliest."""
        if self.found is None or all(one.name == field for one in self.found.fields):
            return
        if field not in self.judged:
            spec = self.profile.spec
            self.judged[field] = without(self.found, field, spec, spec.keys, labels=self.labels, memory=MEMORY)
        pairs = self.judged[field]
        ends = np.searchsorted(self._row_of[pairs.left], [row, row + 1])  # people, and pairs, are in the order of rows
        places = np.arange(*ends)[pairs.probability[ends[0] : ends[1]] >= self.profile.spec.possible]
        flats: set[int] = set()
        for place in places[np.argsort(-pairs.probability[places], kind="stable")].tolist():
            person, record = self.left[pairs.left[place]], self.right[pairs.right[place]]
            if id(record.of) not in flats and len(flats) < SHOWN:
                flats.add(id(record.of))
                yield Counterpart(record=record, link=self._link(pairs, place, person, record))

    @cached_property
    def _row_of(self) -> npt.NDArray[np.int64]:
        return np.array([person.row for person in self.left], dtype=np.int64)

    def _link(self, pairs: Pairs, place: int, person: Person, record: Record) -> Link:
        chance = float(pairs.probability[place])
        known = self.found is not None and self.found.model.matches >= LEARNT
        kinds = (self.profile.spec.named(name).kind for name in pairs.names)
        return Link(
            probability=round(chance, 6),
            sure=known and bool(pairs.stands[place]) and chance >= 1 - self.profile.tolerated and self._speaking(pairs, place) >= SPEAKING,
            agreed=tuple(zip(pairs.names, kinds, map(int, pairs.levels[place]), strict=True)), relation=person.relation,
            spec=self.profile.name, account=self.numbers[person.row], record=record.number,
        )  # fmt: skip

    def _speaking(self, pairs: Pairs, place: int) -> int:
        """How many fields speak for a pair: those whose level is likelier where two records are the same than where they are not."""
        assert self.found is not None
        levels = zip(pairs.names, map(int, pairs.levels[place]), strict=True)
        return sum(self.found.model.speaks(name, level) for name, level in levels)

    def told(self) -> dict[str, Any]:
        """What came of it, for the run's result."""
        counts: dict[str, Any] = {"accounts": len({row for row, _ in self.looked}), "records": len(self.right)}
        for name in sorted(self.judged):
            links = [one.link.sure for (_, field), found in self.looked.items() if field == name for one in found]
            counts[name] = {"sure": sum(links), "possible": len(links) - sum(links)}
        taught = self.found.taught if self.found is not None else None
        if taught is not None:
            counts["labels"] = {
                "yes": taught.yes, "no": taught.no, "otherwise": taught.otherwise,
                "moved": {name: round(bits, 2) for name, bits in taught.moved},
            }  # fmt: skip
        return counts


Things = Sequence[tuple[Estate | Entry, str | None]]
"""What registers hold, each with the key of its address."""


def linkages(
    book: Book, asked: frozenset[int], things: Callable[[], Iterable[tuple[Estate | Entry, str | None]]]
) -> tuple[Linkage, ...]:
    """What registers hold, linked with the accounts in question (rows) by each profile; remembered while nothing new is delivered."""
    m = book.materials
    if not asked or not m.linking:
        return ()
    key = (REMEMBERED, m.archive.as_of, len(m.archive), m.exported, len(m.estates), len(m.people), len(m.taught))
    known = cast("tuple[Linkage, ...]", m.memory.get(key, ()))
    if not known or not all(asked <= one.rows for one in known):
        by_profile: dict[str, list[tuple[Estate | Entry, str | None]]] = {}
        for thing, address in things():
            source = thing.source if isinstance(thing, Estate) else thing.batch.source
            if source in m.linking:
                by_profile.setdefault(m.linking[source].name, []).append((thing, address))
        profiles = {profile.name: profile for profile in m.linking.values()}
        m.memory[key] = known = tuple(
            _linkage(book, asked, profiles[n], found) for n, found in sorted(by_profile.items())
        )
    return known


def kept(memory: Mapping[object, object]) -> dict[object, object]:
    """What of a judgement's memory outlives a write of ours: who is whose counterpart."""
    return {key: value for key, value in memory.items() if isinstance(key, tuple) and key[:1] == (REMEMBERED,)}


def _linkage(book: Book, asked: frozenset[int], profile: Profile, things: Things) -> Linkage:
    """Linked with the accounts in question are the records at no account's address, and, for learning, others with theirs.

    What two sources say of the same person counts once.
    """
    decided = decisions(book, profile.name)
    here = book.address_marks()
    rows = asked | {book.row_of[account] for account, _ in decided if account in book.row_of}
    rows |= set(range(0, len(here), max(len(here) // YARDSTICK, 1)))
    theirs = marks([key for _, key in things])
    loose = (theirs == 0) | ~np.isin(theirs, here) | np.isin(theirs, here[sorted(rows)])
    free = (
        one
        for (thing, key), is_free in zip(things, loose.tolist(), strict=True)
        if is_free
        for one in records(thing, key)
    )
    right = list({one.number: one for one in free}.values())
    left = [person for row in sorted(rows) for person in people(book, row)]
    labels = _labels(book, decided, left, right)
    found = _learn(book, profile, left, right, labels) if left and right else None
    return Linkage(profile, rows, left, right, {row: book.key(row) for row in rows}, labels, found)


def _learn(
    book: Book, profile: Profile, left: Sequence[Person], right: Sequence[Record], labels: Labels | None
) -> Linked:
    spec = replace(profile.spec, tolerated=None)
    mine = {f.left: pa.array([one.says.get(f.left) or None for one in left], pa.string()) for f in spec.fields}
    theirs = {f.right: pa.array([one.says(f.right) for one in right], pa.string()) for f in spec.fields}
    return link(mine, theirs, spec, Lexicon(book.materials.reference), memory=MEMORY, labels=labels)


# -- what reviewers decided


def decisions(book: Book, spec: str) -> dict[tuple[str, str], bool]:
    """(account, record) → whether they are the same person, by what reviewers decided of values that the record speaks of."""
    found: dict[tuple[str, str], bool] = {}
    for judgement in book.materials.taught:
        for piece in judgement.values:
            if piece.link is not None and piece.link.spec == spec and piece.link.relation == HOLDER:
                said = _same(book, judgement, piece.value)
                if said is not None:
                    found[piece.link.account, piece.link.record] = said
    return found


def _same(book: Book, judgement: Judgement, told: str | None) -> bool | None:
    """A record that has the value which a person called right is the holder's; that has another, or one called wrong, is not."""
    kind = book.materials.fields[judgement.field].kind
    comparator = comparators.load({"name": "name", "id": "ident", "phone": "phone"}.get(kind, "text"))
    (level,) = comparator.compare([judgement.after], [told], book.materials.reference).tolist()
    fits = comparator.agrees(level) or (level >= comparators.BESIDE and comparator.called(level) == "MASK_COMPATIBLE")
    if fits:
        return judgement.right
    return False if judgement.right and comparator.contradicts(level) else None


def _labels(
    book: Book, decided: Mapping[tuple[str, str], bool], left: Sequence[Person], right: Sequence[Record]
) -> Labels | None:
    holders = {book.key(one.row): place for place, one in enumerate(left) if one.relation == HOLDER} if decided else {}
    numbers = {one.number: place for place, one in enumerate(right)} if decided else {}
    there = [
        (holders[account], numbers[record], yes)
        for (account, record), yes in decided.items()
        if account in holders and record in numbers
    ]
    if not there:
        return None
    rows = np.array([one[:2] for one in there], dtype=np.int32)
    return Labels(rows[:, 0], rows[:, 1], np.array([yes for *_, yes in there], dtype=np.bool_))


def told(memory: Mapping[object, object]) -> dict[str, Any]:
    """What the linkages that a judgement remembers have brought: profile → counts."""
    return {
        one.profile.name: one.told() for found in kept(memory).values() for one in cast("tuple[Linkage, ...]", found)
    }


REMEMBERED = "linkages"
