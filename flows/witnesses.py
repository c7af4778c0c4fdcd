"""What every source says of a candidate value: other surveyed houses, registries, payers, the cell itself, and paid answers.

A registry's record is found by the key of the flat's address; where that finds none, by what else both sides say, if the site's linking
is sure of it (flows.counterparts). A person of the population register speaks of a holder's name only
where his number fits the holder's, and of the number only where his name fits: a co-resident is no contradiction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from core.model import Kind, Operation, ValueEvidence, Verdict, VerdictEvidence
from flows import counterparts, flats
from flows.book import Book, Candidate, Place
from flows.counterparts import CO_OWNER, RESIDENT, Counterpart, Linkage
from flows.evidence import Estate, Owner
from flows.registers import Entry, Subject, fits
from matchers.gate import ARCHIVE
from matchers.normal import addresses, ids
from matchers.normal.text import compact

HOLDER_FIELDS = ("cons_name", "cert_no")
FACTORS = ("cons_name", "cert_no", "mobile")
QUESTION = "three_factor"
"""Which paid question tells whether a new value of one of the factors is right."""

BY_ADDRESS, BY_ACCOUNT, BY_RECORD = "address_key", "account", "own_value"
"""How a source's record was found, as the evidence's note."""

BY_LINK = "linked"
"""Found without a key, with a probability (flows.counterparts)."""

BY_PERSON, BY_CUSTOMER = "person", "customer"
WIDER = frozenset({BY_PERSON, BY_CUSTOMER, flats.BY_OWNER, flats.LISTED})
"""Links of the second pass: the holder anywhere in a register, who pays another account of his, his own flat, the quarter ledger."""


E = TypeVar("E", ValueEvidence, VerdictEvidence)


@dataclass(frozen=True)
class Linked:
    """Registry entries by the key of their address."""

    estates: Mapping[str, list[Estate]]
    people: Mapping[str, list[Entry]]
    by_number: Mapping[
        str, list[Entry]
    ]  # people by the digits of their number that every mask leaves: first six, last four
    by_name: Mapping[str, list[Entry]]  # people by their whole name
    by_owner: Mapping[str, list[tuple[Estate, Owner]]]  # flats by what every mask leaves of an owner's number
    unread: Sequence[Estate | Entry] = ()  # those whose address gives no key
    more: tuple[Linkage, ...] = ()  # records without a key, linked with the accounts in question

    @classmethod
    def of(cls, book: Book) -> "Linked":
        """Index what was delivered, once for each archive and reach; equal addresses are read once."""
        memory, reach = book.materials.memory, ("linked", bool(book.materials.wider))
        if reach not in memory:
            memory[reach] = cls._of(book)
        return cast("Linked", memory[reach])

    @classmethod
    def _of(cls, book: Book) -> "Linked":
        m = book.materials
        estates: dict[str, list[Estate]] = {}
        people: dict[str, list[Entry]] = {}
        unread: list[Estate | Entry] = []
        for estate, key in zip(m.estates, _keys(book, (e.address for e in m.estates)), strict=True):
            (estates.setdefault(key, []) if key else unread).append(estate)
        for person, key in zip(m.people, _keys(book, (p.text("address") for p in m.people)), strict=True):
            (people.setdefault(key, []) if key else unread).append(person)
        by_number: dict[str, list[Entry]] = {}
        by_name: dict[str, list[Entry]] = {}
        by_owner: dict[str, list[tuple[Estate, Owner]]] = {}
        if m.wider:
            for estate in m.estates:
                for owner in estate.owners:
                    by_owner.setdefault(_ends(owner.ident), []).append((estate, owner))
            by_number |= _people_by_number(book)
            for person in m.people:
                by_name.setdefault(compact(person.text("name")), []).append(person)
        return cls(estates, people, by_number, by_name, by_owner, unread)

    def all(self) -> Iterator[tuple[Estate | Entry, str | None]]:
        """Every flat and person, with the key of its address."""
        for found in (self.estates, self.people):
            yield from ((one, key) for key, some in found.items() for one in some)
        yield from ((one, None) for one in self.unread)


def _ends(number: str) -> str:
    return number[:6] + number[-4:]


def _keys(book: Book, texts: Iterable[str]) -> list[str | None]:
    known: dict[str, str | None] = {"": None}
    found = []
    for text in texts:
        if text not in known:
            known[text] = addresses.key(addresses.read(text, book.materials.reference))
        found.append(known[text])
    return found


def without_key(book: Book, found: Sequence[Candidate], linked: Linked, wanted: Mapping[Place, str]) -> Linked:
    """The same, and the registers' records linked with the accounts of candidates of which what lies at their address says nothing."""
    asked = frozenset(
        row
        for one in found
        if one.draft.field in HOLDER_FIELDS and one.draft.after is not None and book.materials.linking
        for row in book.concerned(one)
        if not (any(_owners(book, one, linked, [row])) and any(_residents(book, one, linked, wanted, [row])))
    )
    return replace(linked, more=counterparts.linkages(book, asked, linked.all))


def values(book: Book, candidate: Candidate, linked: Linked, wanted: Mapping[Place, str]) -> tuple[ValueEvidence, ...]:
    """Everything that was stated of the candidate's cell, what brought it up first."""
    if candidate.draft.after is None:
        return candidate.evidence
    said = [*candidate.evidence, *_unchanged(book, candidate), *_itself(book, candidate)]
    if candidate.draft.field in HOLDER_FIELDS:
        said += _owners(book, candidate, linked)
        said += _residents(book, candidate, linked, wanted)
        said += _counterparts(book, candidate, linked, wanted)
    elif candidate.draft.field == "mobile":
        said += _payers(book, candidate, book.materials.payers.get(candidate.draft.key, ()), BY_ACCOUNT, wanted)
    if (candidate.draft.kind, candidate.draft.key, candidate.draft.field) in book.materials.wider:
        said += unused(_beyond(book, candidate, linked, wanted), [piece for piece in said if piece.counts])
    return tuple(dict.fromkeys(said))


def unused(found: Iterable[E], used: Iterable[ValueEvidence | VerdictEvidence]) -> list[E]:
    """The evidence whose row, or answer, in its source nobody has used yet: a second pass never counts the first one's witness again.

    What cannot be told apart from others of its source is refused.
    """
    taken = {_origin(e) for e in used}
    return [e for e in found if _origin(e) is not None and _origin(e) not in taken]


def _origin(evidence: ValueEvidence | VerdictEvidence) -> tuple[object, ...] | None:
    """The row of a delivery that it stands in, or the question that it answers."""
    if evidence.ref is not None:
        return evidence.source, evidence.ref.batch, evidence.ref.row
    return (evidence.source, evidence.subject) if isinstance(evidence, VerdictEvidence) else None


def _beyond(book: Book, candidate: Candidate, linked: Linked, wanted: Mapping[Place, str]) -> Iterable[ValueEvidence]:
    """The holder wherever a register has him, and who pays another account of his."""
    draft = candidate.draft
    if draft.field == "mobile":
        customer, payers = book.value(candidate.row, "cust_no") or "", _payers_of_customers(book)
        for tail in dict.fromkeys((_tail(draft.after or ""), HIDDEN)):
            yield from _payers(book, candidate, payers.get((customer, tail), ()), BY_CUSTOMER, wanted)
    yield from flats.registered(book, candidate, linked.by_owner, _ends)
    if draft.field in HOLDER_FIELDS:
        yield from _anywhere(book, candidate, linked, wanted)


def _anywhere(book: Book, candidate: Candidate, linked: Linked, wanted: Mapping[Place, str]) -> Iterable[ValueEvidence]:
    """The one entry that the holder's other half finds: in a province many fit a masked number, and who is picked among them by the
    very value in question confirms it by chance."""
    draft, reference = candidate.draft, book.materials.reference
    name, number = (
        wanted.get((draft.kind, draft.key, half), book.value(candidate.row, half) or "") for half in HOLDER_FIELDS
    )
    if draft.field == "cons_name":
        here = [
            p for p in linked.by_number.get(_ends(number), ()) if fits(p.says("cert_no", "cert_no"), number, reference)
        ]
    else:
        here = list(linked.by_name.get(compact(name), ())) if name and "*" not in name else []
    for person in here if len(here) == 1 else ():
        name_fits = fits(person.says("cons_name", "name"), name, reference)
        if name_fits and fits(person.says("cert_no", "cert_no"), number, reference):
            yield person.says(draft.field, "name" if draft.field == "cons_name" else "cert_no", BY_PERSON)


def _unchanged(book: Book, candidate: Candidate) -> Iterable[ValueEvidence]:
    """Surveyors who found the cell right as it stands: they speak for the old value."""
    draft = candidate.draft
    if not draft.before or draft.operation is not Operation.SET:
        return
    for row in book.concerned(candidate):
        answer = book.answers(row).get(draft.field)
        if answer is not None and not answer.wrong and draft.cls != "A":
            e = answer.evidence
            yield ValueEvidence(
                field=e.field, value=draft.before, source=e.source, as_of=e.as_of, ref=e.ref, note=e.note
            )


def _itself(book: Book, candidate: Candidate) -> Iterable[ValueEvidence]:
    """What the cell still shows of the value: a mask, the old form of a number, digits that a spreadsheet left."""
    draft = candidate.draft
    if draft.field == "cert_no" and draft.before:
        read = ids.read(draft.before, book.materials.reference, book.materials.archive.as_of)
        if read.kind not in ("masked", "resident15", "excel"):
            return
    elif draft.field != "cons_name" or "*" not in (draft.before or ""):
        return
    masked = "*" in (draft.before or "")
    yield ValueEvidence(
        field=draft.field, value=draft.before, masked=masked, source=ARCHIVE,
        as_of=book.materials.exported, note=BY_RECORD,
    )  # fmt: skip


def _owners(
    book: Book, candidate: Candidate, linked: Linked, rows: Sequence[int] | None = None
) -> Iterable[ValueEvidence]:
    """The owners of the flats at the addresses of the holder's accounts, or of these of them."""
    for row in book.concerned(candidate) if rows is None else rows:
        for estate in linked.estates.get(book.address_key(row) or "", ()):
            for owner in estate.owners:
                yield from _owner(book, candidate.draft.field, estate, owner, BY_ADDRESS)


def _owner(book: Book, name: str, estate: Estate, owner: Owner, note: str) -> Iterator[ValueEvidence]:
    """What the registry says of an owner, if it does."""
    value = owner.name if name == "cons_name" else owner.ident
    if value:
        masked = "*" in value
        yield ValueEvidence(
            field=name, value=value, masked=masked, mask=book.style(estate.source, name) if masked else "",
            source=estate.source, as_of=owner.as_of, ref=owner.ref, note=note,
        )  # fmt: skip


def _residents(
    book: Book, candidate: Candidate, linked: Linked, wanted: Mapping[Place, str], rows: Sequence[int] | None = None
) -> Iterable[ValueEvidence]:
    """Who lives there and can be the holder by his other half: by the number for a name, by the name for a number."""
    for row in book.concerned(candidate) if rows is None else rows:
        for person in linked.people.get(book.address_key(row) or "", ()):
            yield from _resident(book, candidate, person, wanted, BY_ADDRESS)


def _resident(
    book: Book, candidate: Candidate, person: Entry, wanted: Mapping[Place, str], note: str
) -> Iterator[ValueEvidence]:
    """What the register says of a person who can be the holder."""
    name = candidate.draft.field
    column, other, half = ("name", "cert_no", "cert_no") if name == "cons_name" else ("cert_no", "name", "cons_name")
    place = (candidate.draft.kind, candidate.draft.key, half)
    known = {wanted.get(place), book.value(candidate.row, half)} - {None, ""}
    if any(fits(person.says(half, other), value or "", book.materials.reference) for value in known):
        yield person.says(name, column, note)


def _counterparts(
    book: Book, candidate: Candidate, linked: Linked, wanted: Mapping[Place, str]
) -> Iterator[ValueEvidence]:
    """What records say that were linked without a key and without this field: of the holder, and of who has or lives in the same flat.

    A register that has the account's own address is asked there alone.
    """
    for row in book.concerned(candidate) if linked.more else ():
        flat = any(_owners(book, candidate, linked, [row]))
        person = any(_residents(book, candidate, linked, wanted, [row]))
        if flat and person:
            continue
        for one in (found for linkage in linked.more for found in linkage.of(row, candidate.draft.field)):
            if isinstance(one.record.of, Estate):
                yield from _of_flat(book, candidate, one, one.record.of) if not flat else ()
            else:
                yield from _of_people(book, candidate, one, one.record.of, linked, wanted) if not person else ()


def _of_flat(book: Book, candidate: Candidate, one: Counterpart, estate: Estate) -> Iterator[ValueEvidence]:
    for owner in estate.owners:
        link = one.link if owner is one.record.owner else replace(one.link, relation=CO_OWNER)
        said = _owner(book, candidate.draft.field, estate, owner, BY_LINK)
        yield from (replace(piece, link=link) for piece in said)


def _of_people(
    book: Book, candidate: Candidate, one: Counterpart, found: Entry, linked: Linked, wanted: Mapping[Place, str]
) -> Iterator[ValueEvidence]:
    place = (found.batch.id, found.line)
    others = (p for p in linked.people.get(one.record.key or "", ()) if (p.batch.id, p.line) != place)
    for person in (found, *others):
        link = one.link if person is found else replace(one.link, relation=RESIDENT)
        said = _resident(book, candidate, person, wanted, BY_LINK)
        yield from (replace(piece, link=link) for piece in said)


def _payers(
    book: Book, candidate: Candidate, payers: Iterable[Entry], note: str, wanted: Mapping[Place, str]
) -> Iterable[ValueEvidence]:
    """Who pays under the holder's name with this number; another number of his is no contradiction."""
    draft, reference = candidate.draft, book.materials.reference
    holder = (Kind.CUSTOMER, book.value(candidate.row, "cust_no") or "", "cons_name")
    names = {wanted.get(holder), book.value(candidate.row, "cons_name"), draft.row.get("contact_name")} - {None, ""}
    for payer in payers:
        same = any(fits(payer.says("cons_name", "payer_name"), name or "", reference) for name in names)
        if same and fits(payer.says("mobile", "payer_mobile"), draft.after or "", reference):
            yield payer.says("mobile", "payer_mobile", note)


def _payers_of_customers(book: Book) -> Mapping[tuple[str, str], list[Entry]]:
    """Who pays any account of a customer, by the last digits of his number; who says the same of several accounts is heard once."""
    memory = book.materials.memory
    if PAYERS not in memory:
        found: dict[tuple[str, str], dict[tuple[str, ...], Entry]] = {}
        for account, entries in book.materials.payers.items():
            row = book.row_of.get(account)
            customer = None if row is None else book.value(row, "cust_no")
            for entry in entries if customer else ():
                told = (entry.batch.source, entry.text("payer_name"), entry.text("payer_mobile"))
                found.setdefault((customer or "", _tail(told[2])), {})[told] = entry
        memory[PAYERS] = {place: list(some.values()) for place, some in found.items()}
    return cast("Mapping[tuple[str, str], list[Entry]]", memory[PAYERS])


PAYERS = "payers of customers"
"""Where a judgement's memory holds them."""


HIDDEN = ""
"""The last digits of a number that does not show them."""


def _tail(number: str) -> str:
    """The last four digits of a number, as most masks leave them."""
    shown = number.strip()[-4:]
    return shown if shown.isdecimal() else HIDDEN


# -- verdicts


def asked(book: Book, candidate: Candidate, wanted: Mapping[Place, str]) -> dict[str, str] | None:
    """The three factors as they would be once all candidates are written, or None where one is missing or visibly bad."""
    draft = candidate.draft
    if draft.field not in FACTORS or not draft.after:
        return None
    if draft.field == "mobile":
        return _factors(book, candidate.row, draft.after, _contact_of(draft.row), wanted)
    for row in book.concerned(candidate):
        for mobile, person in _numbers(book, row, wanted):
            found = _factors(book, row, mobile, person, wanted)
            if found is not None:
                return found
    return None


def _contact_of(row: Mapping[str, str]) -> tuple[str, str]:
    return row.get("contact_name") or "", row.get("contact_relation") or ""


def _numbers(book: Book, row: int, wanted: Mapping[Place, str]) -> Iterable[tuple[str, tuple[str, str]]]:
    """The numbers on an account that may be the holder's own, as they would be: (number, whose)."""
    key = (Kind.CONTACTS, book.key(row), "mobile")
    if key in wanted:
        contacts = book.contacts_of.get(row, [])
        yield wanted[key], _contact_of(book.contact(contacts[0])) if contacts else ("", RESIDENT)
    for contact in book.contacts_of.get(row, [])[:2]:
        cells = book.contact(contact)
        if cells.get("mobile"):
            yield cells["mobile"], _contact_of(cells)


def _factors(
    book: Book, row: int, mobile: str, whose: tuple[str, str], wanted: Mapping[Place, str]
) -> dict[str, str] | None:
    """Name, certificate and number of the holder; None where the number is somebody else's or a factor cannot be right."""
    customer = book.value(row, "cust_no") or ""
    old = book.value(row, "cons_name") or ""
    name = wanted.get((Kind.CUSTOMER, customer, "cons_name"), old)
    ident = wanted.get((Kind.CUSTOMER, customer, "cert_no"), book.value(row, "cert_no") or "")
    surveyed = book.answers(row).get("contact_relation")
    if surveyed is not None and surveyed.wrong and surveyed.value not in (None, "self"):
        return None
    person, relation = whose
    if relation not in ("", "self", RESIDENT) or (person and person not in (old, name)):
        return None
    return book.sound(name, ident, mobile)


def verdicts(
    book: Book, candidate: Candidate, linked: Linked, wanted: Mapping[Place, str], subject: Subject
) -> tuple[VerdictEvidence, ...]:
    """What services, the registry and the quarter ledger have answered about the candidate."""
    draft, m = candidate.draft, book.materials
    wider = (draft.kind, draft.key, draft.field) in m.wider
    said = [
        *_answered(book, candidate, wanted, subject),
        *flats.refuted(book, candidate, linked.estates, wanted, subject),
        *_namesakes(book, candidate, subject),
    ]
    return (*said, *unused(flats.listed(book, candidate, wanted, subject, wider), said))


def _namesakes(book: Book, candidate: Candidate, subject: Subject) -> Iterator[VerdictEvidence]:
    """A register that knows a living person of the holder's name with the very number that another one is to replace.

    Then the archive's number is no mistake, and who lives there under the same name may be another person.
    """
    draft, m = candidate.draft, book.materials
    number, new = (ids.read(text or "", m.reference, m.archive.as_of) for text in (draft.before, draft.after))
    if draft.field != "cert_no" or not number.valid or number.kind != "resident" or number.normal == new.normal:
        return
    name = book.value(candidate.row, "cons_name") or ""
    for person in _people_by_number(book).get(_ends(number.normal), ()):
        said = person.says("cert_no", "cert_no")
        if fits(said, number.normal, m.reference) and fits(person.says("cons_name", "name"), name, m.reference):
            yield VerdictEvidence(
                fields=("cert_no",), subject=subject({"cert_no": number.normal, "cons_name": name}), verdict=Verdict.INCONSISTENT,
                source=said.source, as_of=said.as_of, ref=said.ref,
            )  # fmt: skip


def _people_by_number(book: Book) -> Mapping[str, list[Entry]]:
    """The population register's people by what every mask leaves of their number; put together when first asked for."""
    memory = book.materials.memory
    if PEOPLE not in memory:
        found: dict[str, list[Entry]] = {}
        for person in book.materials.people:
            found.setdefault(_ends(person.text("cert_no")), []).append(person)
        memory[PEOPLE] = found
    return cast("Mapping[str, list[Entry]]", memory[PEOPLE])


PEOPLE = "people by number"
"""Where a judgement's memory holds them."""


def _answered(
    book: Book, candidate: Candidate, wanted: Mapping[Place, str], subject: Subject
) -> Iterable[VerdictEvidence]:
    """What services have answered about the three factors."""
    about = asked(book, candidate, wanted)
    if about is None:
        return
    key, m = subject(about), book.materials
    for verdict in (m.verdicts.get((QUESTION, key)), m.delivered.get(key)):
        if verdict is not None:
            yield verdict
