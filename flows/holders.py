"""Tell a corrected holder from another one: which customers would be somebody else if all candidates were written."""

from collections.abc import Mapping, Sequence

from core.model import Class, Kind
from flows.book import Book, Candidate, Place
from matchers import comparators
from matchers.normal import ids, names

SAME_NAME = frozenset({"EXACT", "EXACT_NORM", "VARIANT"})
SAME_NUMBER = frozenset({"EXACT", "EXACT_NORM", "SAME_15", "MASK_COMPATIBLE", "DAMAGED_COMPATIBLE"})
"""Levels at which the new value is the old one, written in full or otherwise."""


def changed(book: Book, found: Sequence[Candidate], wanted: Mapping[Place, str]) -> set[str]:
    """The customers whose identity would not stay: name and number both become others, or one does and the other was never known.

    A repair in class A changes nobody.
    """
    rows = {
        c.draft.key: c.row
        for c in found
        if c.draft.field in ("cons_name", "cert_no") and c.draft.cls is not Class.A and c.draft.after is not None
    }
    return {customer for customer, row in rows.items() if not _same(book, customer, row, wanted)}


def unlike(book: Book, candidate: Candidate, wanted: Mapping[Place, str]) -> bool:
    """Whether a relation contradicts the name beside it: somebody else as the holder himself, or the holder as his own relative."""
    draft = candidate.draft
    if draft.field != "contact_relation" or draft.cls is Class.A:
        return False
    called = wanted.get((draft.kind, draft.key, "contact_name"), draft.row.get("contact_name") or "")
    holder = (Kind.CUSTOMER, book.value(candidate.row, "cust_no") or "", "cons_name")
    names_ = {wanted.get(holder, ""), book.value(candidate.row, "cons_name") or ""} - {""}
    if not _named(book, called) or not names_:
        return False
    himself = any(_level(book, "name", name, called) in SAME_NAME for name in names_)
    return himself != (draft.after == SELF)


SELF = "self"
"""The relation of a holder who is his own contact."""


def _same(book: Book, customer: str, row: int, wanted: Mapping[Place, str]) -> bool:
    """Whether the name or the number stays what it was; what never named anybody cannot stay."""
    name, number = book.value(row, "cons_name") or "", book.value(row, "cert_no") or ""
    new_name = wanted.get((Kind.CUSTOMER, customer, "cons_name"), name)
    new_number = wanted.get((Kind.CUSTOMER, customer, "cert_no"), number)
    if not _named(book, name) and not _numbered(book, number):
        return False
    stays = _named(book, name) and _level(book, "name", name, new_name) in SAME_NAME
    return stays or (_numbered(book, number) and _level(book, "ident", number, new_number) in SAME_NUMBER)


def _telling(book: Book, number: str) -> bool:
    """Whether a number shows enough of itself: a mask that hides nearly all of it fits many people's."""
    return len(number.replace("*", "")) >= book.materials.policy.mask_supports["id"]


def _named(book: Book, name: str) -> bool:
    read = names.read(name, book.materials.reference)
    return bool(name) and not {"placeholder", "lost", "missing", "organisation"} & set(read.reasons)


def _numbered(book: Book, number: str) -> bool:
    read = ids.read(number, book.materials.reference, book.materials.archive.as_of)
    return read.valid or read.kind in ("resident15", "excel") or (read.kind == "masked" and _telling(book, read.normal))


def _level(book: Book, kind: str, old: str, new: str) -> str:
    comparator = comparators.load(kind)
    (level,) = comparator.compare([old], [new], book.materials.reference).tolist()
    return comparator.called(level)
