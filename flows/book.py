"""The archive as a judgement leafs through it: rows by number and by customer, contacts by account, and what was delivered beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import cast

import numpy as np
import numpy.typing as npt

from core.fields import Fields
from core.ledger.entities import Changed
from core.ledger.proposals import Judgement
from core.model import Class, Draft, Kind, ValueEvidence, VerdictEvidence
from core.policy import Policy
from core.reference import Reference
from flows.archive import CUSTOMER_FIELDS, Current
from flows.evidence import Estate
from flows.registers import EITHER, Entry, Masks
from flows.surveys import Answer, Surveys
from matchers import gate
from matchers.archive import CONTACT_FIELDS, Archive
from matchers.columns import spread
from matchers.fuse import Counts
from matchers.ladder import Labels, Stratum
from matchers.link.spec import Spec
from matchers.normal import addresses, ids, names, phones
from matchers.normal.addresses import Address
from matchers.rules import Breakages, Rule
from matchers.scene import Scene

Misfit = Callable[[Kind, str, str], str | None]
"""Why the screen's field cannot hold a value, or None."""

Required = Callable[[Kind], Sequence[str]]
"""The fields without which the screen refuses a new row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How records of some sources find accounts without a shared key: a file of config/linking/."""

    name: str
    spec: Spec
    tolerated: float  # a pair that is wrong oftener is no evidence


Linking = Mapping[str, Profile]
"""Source → its profile."""

BLANK = ""
SHORTEST = 2
"""Characters of a person's name."""

OWN_KEYS = "address_keys"
"""Where a judgement's memory holds the marks of the accounts' address keys."""

Marks = npt.NDArray[np.int64]
"""Texts by their hashes of this process, 0 for none: a million take 8 MB, and are only held against each other."""

Place = tuple[Kind, str, str]
"""Kind, key and field of a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """Everything a night's judgement rests on."""

    archive: Archive
    current: Current
    breakages: Breakages
    rules: tuple[Rule, ...]
    reference: Reference
    surveys: Surveys
    exported: date  # the day of the archive's export
    estates: Sequence[Estate]
    people: Sequence[Entry] = ()  # of the population register
    payers: Mapping[str, Sequence[Entry]] = field(default_factory=dict)  # account → who pays it
    delivered: Mapping[str, VerdictEvidence] = field(
        default_factory=dict
    )  # subject → what carriers answered in batches
    masks: Masks = field(default_factory=dict)
    verdicts: Mapping[tuple[str, str], VerdictEvidence]  # (question, subject) → answer
    changes: Mapping[tuple[Kind, str, str], Changed]
    fields: Fields
    policy: Policy
    misfit: Misfit
    required: Required
    labels: Mapping[Stratum, Labels] = field(default_factory=dict)  # what people said of each stratum
    taught: Sequence[Judgement] = ()  # what people decided, with the evidence that they saw
    record: Mapping[tuple[str, str], Counts] = field(
        default_factory=dict
    )  # (source, field) → how often it was right, and wrong
    origin: str = gate.SITE  # where labels that are won now count
    attended: bool = False  # a person watches this run
    linking: Linking = field(default_factory=dict)  # source → how its records find accounts without a key
    wider: frozenset[Place] = frozenset()  # cells for which the second pass has looked beyond the first one's links
    memory: dict[object, object] = field(default_factory=dict)  # what was judged of this archive already in this run


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A value that a cell might get, with the account rows that it concerns."""

    draft: Draft
    row: int  # the account that it was seen on
    contact: int | None = None
    evidence: tuple[ValueEvidence, ...] = ()
    lacks: tuple[str, ...] = ()
    ceilings: tuple[Class, ...] = ()


@dataclass(frozen=True)
class Book:
    """The archive as a person leafs through it: rows by number, by customer, contacts by account."""

    materials: Materials
    row_of: dict[str, int] = field(default_factory=dict)
    rows_of_customer: dict[str, list[int]] = field(default_factory=dict)
    contacts_of: dict[int, list[int]] = field(default_factory=dict)
    rules_at: dict[tuple[int, str], set[str]] = field(
        default_factory=dict
    )  # (account row, field) → rules that are broken

    @classmethod
    def of(cls, materials: Materials) -> "Book":
        """Index the archive once."""
        book, archive = cls(materials), materials.archive
        for row, key in enumerate(archive.keys.decode().tolist()):
            book.row_of.setdefault(key or "", row)
        for row, customer in enumerate(archive.column("cust_no").decode().tolist()):
            book.rows_of_customer.setdefault(customer or "", []).append(row)
        found = materials.breakages
        for rule, row, name in zip(found.rule.tolist(), found.row.tolist(), found.field.tolist(), strict=True):
            book.rules_at.setdefault((row, found.fields[name]), set()).add(found.rules[rule].code)
        for contact in _in_order(archive).tolist():
            book.contacts_of.setdefault(int(archive.contact_of[contact]), []).append(contact)
        return book

    def value(self, row: int, name: str) -> str | None:
        """A cell of an account."""
        return self.materials.archive.column(name).at(row)

    def contact(self, contact: int) -> dict[str, str]:
        """A contact row with its filled cells."""
        contacts = self.materials.archive.contacts
        return {name: contacts[name].at(contact) or BLANK for name in CONTACT_FIELDS if name in contacts}

    def key(self, row: int) -> str:
        """The number of an account."""
        return self.materials.archive.keys.at(row) or BLANK

    def answers(self, row: int) -> Mapping[str, Answer]:
        """What an audited survey said of an account, by field."""
        return self.materials.surveys.answers.get(self.key(row), {})

    def concerned(self, candidate: Candidate) -> list[int]:
        """The accounts whose archive a candidate would change."""
        return self.siblings(candidate.row) if candidate.draft.kind is Kind.CUSTOMER else [candidate.row]

    def style(self, source: str, name: str) -> str:
        """What a star stands for in a source's values of a field: one character, or many."""
        column = {"cons_name": "owner_name", "cert_no": "owner_id"}[name]
        return self.materials.masks.get(source, {}).get(column, EITHER)

    def sound(self, name: str, ident: str, mobile: str) -> dict[str, str] | None:
        """The three factors where each can be right as it stands, else None: no fee is paid for what is visibly bad."""
        reference, day = self.materials.reference, self.materials.archive.as_of
        who, number = names.read(name, reference), ids.read(ident, reference, day)
        called = phones.read(mobile, reference)
        if not (name and ident and mobile and number.valid and number.kind == "resident" and called.valid):
            return None
        if len(who.normal) < SHORTEST or who.reasons or len(called.numbers) != 1 or "*" in name + ident + mobile:
            return None
        return {"cons_name": name, "cert_no": number.normal, "mobile": called.numbers[0].normal}

    def siblings(self, row: int) -> list[int]:
        """The accounts of the same customer, this one included."""
        customer = self.value(row, "cust_no")
        return self.rows_of_customer[customer] if customer else [row]

    def address_key(self, row: int) -> str | None:
        """The key of an account's address, its city known from its organisation."""
        return address_keys([self.value(row, "elec_addr")], [self._city(row)], self.materials.reference)[0]

    def address(self, row: int, text: str) -> Address:
        """An address of an account in its parts, its city known from the account's organisation."""
        return addresses.read(text, self.materials.reference, self._city(row))

    def _city(self, row: int) -> str | None:
        cities = cast("Mapping[str, str]", self.materials.archive.extra.get("org_city", {}))
        return cities.get(self.value(row, "org_no") or "")

    def address_marks(self) -> Marks:
        """The mark of the key of every account's address; worked out once for an archive, by the check already where a registry is there."""
        memory = self.materials.memory
        if OWN_KEYS not in memory:
            memory[OWN_KEYS] = marks(own_keys(Scene(self.materials.archive, self.materials.reference)))
        return cast("Marks", memory[OWN_KEYS])

    def place(self, name: str, row: int) -> tuple[Kind, str]:
        """The legacy object that a field belongs to."""
        if name in CUSTOMER_FIELDS:
            return Kind.CUSTOMER, self.value(row, "cust_no") or ""
        kind = Kind.CONTACTS if name in CONTACT_FIELDS else Kind.ACCOUNT
        return kind, self.materials.archive.keys.at(row) or ""


def _in_order(archive: Archive) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    """The contact rows such that those of one account follow its priorities, then the export's order."""
    if "priority" not in archive.contacts:
        return np.arange(len(archive.contact_of))
    shown = archive.contacts["priority"].decode()
    priority = np.array([text if text is not None else "9" for text in shown.tolist()], dtype=str)
    return np.lexsort((np.arange(len(priority)), priority))


def address_keys(texts: Sequence[str | None], cities: Sequence[str | None], reference: Reference) -> list[str | None]:
    """The key of each address; equal texts of one city are read once."""
    known: dict[tuple[str, str | None], str | None] = {}
    for text, city in zip(texts, cities, strict=True):
        if text and (text, city) not in known:
            known[text, city] = addresses.key(addresses.read(text, reference, city))
    return [known.get((text or "", city)) for text, city in zip(texts, cities, strict=True)]


def marks(keys: Sequence[str | None]) -> Marks:
    """Equal where the texts are."""
    return np.fromiter((hash(key) if key else 0 for key in keys), np.int64, len(keys))


def own_keys(scene: Scene) -> list[str | None]:
    """The address key of each account, its city known from its organisation; the scene keeps the distinct addresses' parts."""
    archive = scene.archive
    address, org = archive.column("elec_addr"), archive.column("org_no")
    known = cast("Mapping[str, str]", archive.extra.get("org_city", {}))
    city_of = np.array([*(known.get(unit) for unit in org.values), None], dtype=object)
    cities = spread(org.codes, city_of, None)
    keys = scene.address_keys.decode()
    # one text under two cities was read for the first of them
    others = np.flatnonzero(address.present() & (spread(address.codes, scene.text_cities, None) != cities))
    keys[others] = address_keys([address.at(row) for row in others.tolist()], cities[others].tolist(), scene.reference)
    return list(keys)
