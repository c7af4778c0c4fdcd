"""What the quarter ledger and the real-estate registry say of the flat that a new address, quarter, building, unit or room names.

The ledger answers whether there is such a flat, and refutes one that a whole list lacks. That a flat is listed says nothing of who
lives in it: a room that a surveyor has misread is mostly listed, too. Its word is a witness's only where the archive itself names the
account's flat: where what stands there already can, of all that is listed, be no other one. The registry states where its owner's
flat lies, and refutes an address that it has under somebody else's name. What refutes is heard in both passes; what confirms belongs
to the second one, for the first has looked no further than the address that the archive holds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import cast

from core.model import Draft, Kind, ValueEvidence, Verdict, VerdictEvidence
from flows.book import Book, Candidate, Place
from flows.evidence import Estate, Owner
from flows.registers import fits
from matchers import comparators
from matchers.normal import addresses
from matchers.normal.addresses import Address
from matchers.quarters import ALIAS, EXACT, House, Quarters, judge, key, listing, meant, part, phase

LEDGER = "quarter_ledger"
LISTED, BY_OWNER = "listed", "owner"
"""How it was found, as the evidence's note: the flat in the quarter ledger, the holder's own flat in the registry."""

ADDRESS = "elec_addr"
FIELDS = frozenset((ADDRESS, "quarter_name", "building_no", "unit_no", "room_no"))

Subject = Callable[[Mapping[str, str]], str]


# -- the quarter ledger


def listed(
    book: Book, candidate: Candidate, wanted: Mapping[Place, str], subject: Subject, wider: bool
) -> Iterable[VerdictEvidence]:
    """The confirmed quarter ledger's answer about a new address or a part of one: it is the account's, there is such a flat, or there cannot be."""
    draft, m = candidate.draft, book.materials
    ledger = cast("Quarters | None", m.archive.extra.get("quarters"))
    if not ledger or draft.field not in FIELDS or not draft.after:
        return
    flat = _flat(book, candidate, wanted)
    said, stated = _answer(ledger, flat, book, draft)
    if said is Verdict.LISTED and _named(ledger, book, candidate, flat):
        said = Verdict.CONSISTENT
    if said is Verdict.INCONSISTENT or (said is not None and wider):
        about = subject({ADDRESS: draft.key, draft.field: draft.after})
        as_of = min(stated, m.exported) if stated else None  # it was read beside the archive of that day
        yield VerdictEvidence(
            fields=(draft.field,), subject=about, verdict=said, source=LEDGER, as_of=as_of, note=LISTED
        )


def _flat(book: Book, candidate: Candidate, wanted: Mapping[Place, str]) -> Address:
    """The flat as it would be once all candidates are written: by its address, or by its parts in the county of the address."""
    draft, row = candidate.draft, candidate.row

    def cell(name: str) -> str:
        return wanted.get((draft.kind, draft.key, name), book.value(row, name) or "")

    address = book.address(row, draft.after or "" if draft.field == ADDRESS else cell(ADDRESS))
    if draft.field == ADDRESS:
        return address
    building, unit, room = (part(cell(name)) or None for name in ("building_no", "unit_no", "room_no"))
    return Address(
        original="", county=address.county, county_code=address.county_code, quarter=cell("quarter_name") or None,
        phase=phase(cell("phase_no")) or None, building=building, unit=unit, room=room, parsed=True,
    )  # fmt: skip


Answer = tuple[Verdict | None, date | None]
"""What the ledger says, and the day of the entry that it rests on."""


def _answer(ledger: Quarters, address: Address, book: Book, draft: Draft) -> Answer:
    """A flat is listed by the one building that the address can mean, not by what was proposed out of addresses."""
    day, field, after = book.materials.archive.as_of, draft.field, draft.after or ""
    house = ledger.house(address, day)
    quarter = None if house is None else house.place.quarter
    if house is None or quarter is None:
        return None, None
    if field == "quarter_name" and key(draft.before or "") == key(quarter.name) != key(after):
        return Verdict.INCONSISTENT, quarter.as_of  # another name of it in place of the standard one
    if house.place.how not in (EXACT, ALIAS):
        return None, None
    if _denied(house, field):
        return Verdict.INCONSISTENT, quarter.as_of
    if field == "quarter_name":
        named = not quarter.derived and key(after) == key(quarter.name)
        return (Verdict.LISTED, quarter.as_of) if named else (None, None)
    own = replace(house.place, quarter=replace(quarter, buildings=tuple(b for b in quarter.buildings if not b.derived)))
    buildings, found = meant(own, address), judge(own, address)
    known = {"building_no": found.building, "unit_no": found.unit, "room_no": found.room, ADDRESS: found.confirmed}
    listed = len(buildings) == 1 and known.get(field)
    return (Verdict.LISTED, buildings[0].as_of) if listed else (None, None)


def _named(ledger: Quarters, book: Book, candidate: Candidate, flat: Address) -> bool:
    """Whether the archive's own address of the account can mean no other listed flat, or quarter, than the new value does."""
    day = book.materials.archive.as_of
    here = book.address(candidate.row, book.value(candidate.row, ADDRESS) or "")
    there, new = ledger.places((here, flat), day)
    if there is None or new is None or not {there.how, new.how} <= {EXACT, ALIAS}:
        return False
    if candidate.draft.field == "quarter_name":
        return there.quarter is not None and there.quarter == new.quarter
    known = listing(there, here)
    return len(known) == 1 and known == listing(new, flat)


def _denied(house: House, field: str) -> bool:
    """Whether a list that is whole lacks the part; an address is denied with any of its parts."""
    parts = {"building_no": (house.building,), "unit_no": (house.unit,), "room_no": (house.room, house.floor)}
    parts[ADDRESS] = (house.building, house.unit, house.room, house.floor)
    return any(said is False for said in parts.get(field, ()))


# -- the real-estate registry


def registered(
    book: Book, candidate: Candidate, by_owner: Mapping[str, Sequence[tuple[Estate, Owner]]], ends: Callable[[str], str]
) -> Iterable[ValueEvidence]:
    """The holder's own flat, where a new address names it: his name and his number, as the archive has them, both fit the owner's.

    Another flat of his is no contradiction.
    """
    m, row = book.materials, candidate.row
    name, number = book.value(row, "cons_name") or "", book.value(row, "cert_no") or ""
    if candidate.draft.field != ADDRESS or not (name and number):
        return
    for estate, owner in by_owner.get(ends(number), ()):
        shown = len(owner.ident.replace("*", "")) >= m.policy.mask_supports["id"]
        if shown and _owns(book, estate, owner, "cons_name", name) and _owns(book, estate, owner, "cert_no", number):
            (level,) = _BY_PARTS.compare([candidate.draft.after], [estate.address], m.reference).tolist()
            if _BY_PARTS.agrees(level):
                yield ValueEvidence(
                    field=ADDRESS,
                    value=estate.address,
                    source=estate.source,
                    as_of=owner.as_of,
                    ref=owner.ref,
                    note=BY_OWNER,
                )


_BY_PARTS = comparators.load("address")


def _owns(book: Book, estate: Estate, owner: Owner, field: str, value: str) -> bool:
    said = owner.name if field == "cons_name" else owner.ident
    style = book.style(estate.source, field)
    return fits(
        ValueEvidence(field=field, value=said, source=estate.source, as_of=None, mask=style),
        value,
        book.materials.reference,
    )


def refuted(
    book: Book,
    candidate: Candidate,
    estates: Mapping[str, Sequence[Estate]],
    wanted: Mapping[Place, str],
    subject: Subject,
) -> Iterable[VerdictEvidence]:
    """A new address that the registry has, and under nobody who can be the holder."""
    draft, row = candidate.draft, candidate.row
    if draft.field != ADDRESS or not draft.after:
        return
    holder = (Kind.CUSTOMER, book.value(row, "cust_no") or "", "cons_name")
    names = {wanted.get(holder), book.value(row, "cons_name")} - {None, ""}
    for estate in estates.get(addresses.key(book.address(row, draft.after)) or "", ()):
        mine = any(_owns(book, estate, owner, "cons_name", name or "") for owner in estate.owners for name in names)
        if estate.owners and not mine:
            yield VerdictEvidence(
                fields=(ADDRESS,), subject=subject({ADDRESS: draft.key, "flat": estate.number}), verdict=Verdict.INCONSISTENT,
                source=estate.source, as_of=estate.owners[0].as_of, ref=estate.owners[0].ref,
            )  # fmt: skip
