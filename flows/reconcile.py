"""Hold the archive against its references: every cell for which a source or a rule has another value becomes a judged proposal.

survey answers ─┐
class-A repairs ┼─▶ candidates ─▶ evidence for and against ─▶ rules on the new values ─▶ gate ─▶ proposals
open findings  ─┘
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from core.fields import Fields
from core.ledger import Ledger, calls, entities, proposals, queue
from core.ledger.entities import Changed
from core.model import Class, Disposition, Draft, Kind, Operation, ValueEvidence, VerdictEvidence
from core.policy import Policy
from core.reference import Reference
from flows.archive import CUSTOMER_FIELDS, Current
from flows.evidence import Answer, Estate, Surveys
from matchers import fuse, gate, rules
from matchers.archive import CONTACT_FIELDS, Archive
from matchers.gate import Facts, Weighed
from matchers.normal import addresses
from matchers.rules import Breakage, Breakages, Rule

Misfit = Callable[[Kind, str, str], str | None]
"""Why the screen's field cannot hold a value, or None."""

Required = Callable[[Kind], Sequence[str]]
"""The fields without which the screen refuses a new row."""

BLANK = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """Everything a night's judgement rests on."""

    archive: Archive
    current: Current
    breakages: Breakages
    rules: tuple[Rule, ...]
    reference: Reference
    surveys: Surveys
    estates: Sequence[Estate]
    verdicts: Mapping[tuple[str, str], VerdictEvidence]  # (question, subject) → answer
    changes: Mapping[tuple[Kind, str, str], Changed]
    fields: Fields
    policy: Policy
    misfit: Misfit
    required: Required


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
        for row in range(len(archive)):
            book.row_of.setdefault(archive.keys.at(row) or "", row)
            book.rows_of_customer.setdefault(archive.column("cust_no").at(row) or "", []).append(row)
        found = materials.breakages
        for rule, row, name in zip(found.rule.tolist(), found.row.tolist(), found.field.tolist(), strict=True):
            book.rules_at.setdefault((row, found.fields[name]), set()).add(found.rules[rule].code)
        priorities = archive.contacts["priority"].decode() if "priority" in archive.contacts else None
        for contact, row in enumerate(archive.contact_of.tolist()):
            book.contacts_of.setdefault(row, []).append(contact)
        if priorities is not None:
            for mine in book.contacts_of.values():
                mine.sort(key=lambda contact: (str(priorities[contact] or "9"), contact))
        return book

    def value(self, row: int, name: str) -> str | None:
        """A cell of an account."""
        return self.materials.archive.column(name).at(row)

    def contact(self, contact: int) -> dict[str, str]:
        """A contact row with its filled cells."""
        contacts = self.materials.archive.contacts
        return {name: contacts[name].at(contact) or BLANK for name in CONTACT_FIELDS if name in contacts}

    def siblings(self, row: int) -> list[int]:
        """The accounts of the same customer, this one included."""
        return self.rows_of_customer.get(self.value(row, "cust_no") or "", [row])

    def address_key(self, row: int) -> str | None:
        """The key of an account's address, its city known from its organisation."""
        cities = cast("Mapping[str, str]", self.materials.archive.extra.get("org_city", {}))
        return address_keys(
            [self.value(row, "elec_addr")], [cities.get(self.value(row, "org_no") or "")], self.materials.reference
        )[0]

    def place(self, name: str, row: int) -> tuple[Kind, str]:
        """The legacy object that a field belongs to."""
        if name in CUSTOMER_FIELDS:
            return Kind.CUSTOMER, self.value(row, "cust_no") or ""
        kind = Kind.CONTACTS if name in CONTACT_FIELDS else Kind.ACCOUNT
        return kind, self.materials.archive.keys.at(row) or ""


def address_keys(texts: Sequence[str | None], cities: Sequence[str | None], reference: Reference) -> list[str | None]:
    """The key of each address; equal texts of one city are read once."""
    known: dict[tuple[str, str | None], str | None] = {}
    for text, city in zip(texts, cities, strict=True):
        if text and (text, city) not in known:
            known[text, city] = addresses.key(addresses.read(text, reference, city))
    return [known.get((text or "", city)) for text, city in zip(texts, cities, strict=True)]


def reconcile(ledger: Ledger, materials: Materials, run: int, day: date) -> dict[str, int]:
    """Draw up and record the night's proposals; answers the counts of new, unchanged and superseded ones."""
    found = drafts(ledger, materials)
    counts = proposals.record(ledger, found, run, day, queue.withdraw)
    _adopt(ledger, materials.current.accounts, found)
    return counts


def _adopt(ledger: Ledger, accounts: pa.Table, found: Sequence[Draft]) -> None:
    """Which accounts hang on the customers in question: a reviewer, and who asks for the chain, knows the account's number."""
    orgs = {d.key: d.org for d in found if d.kind is Kind.CUSTOMER}
    mine = accounts.filter(pc.is_in(accounts["cust_no"], pa.array(list(orgs), pa.string())))
    of: dict[str, list[str]] = {}
    for customer, account in zip(mine["cust_no"].to_pylist(), mine["cons_no"].to_pylist(), strict=True):
        of.setdefault(str(customer), []).append(str(account))
    with ledger.begin() as tx:
        known = entities.families(tx)
        for customer, numbers in of.items():
            if set(numbers) - set(known.get(customer, ())):
                entities.adopt(tx, customer, numbers, orgs[customer])


def drafts(ledger: Ledger, materials: Materials) -> list[Draft]:
    """All proposals that the evidence supports today, judged by the gate."""
    book = Book.of(materials)
    return judge(ledger, book, candidates(book))


def candidates(book: Book) -> list[Candidate]:
    """Every cell for which a source, a repair or a finding wants another value; one candidate for each place."""
    return _unique([*_from_surveys(book), *_from_repairs(book), *_from_findings(book)])


def judge(ledger: Ledger, book: Book, found: Sequence[Candidate]) -> list[Draft]:
    """The candidates after the gate; same length and order."""
    weighed, broken = _weigh(ledger, book, found), _broken(book, found)
    renamed = {
        c.draft.key for c in found if c.draft.field == "cons_name" and c.draft.cls is not Class.A and c.draft.before
    }
    return [_judge(book, c, w, b, renamed) for c, w, b in zip(found, weighed, broken, strict=True)]


def _judge(book: Book, candidate: Candidate, weighed: Weighed, breaks: tuple[str, ...], renamed: set[str]) -> Draft:
    m, draft = book.materials, candidate.draft
    rows = book.siblings(candidate.row) if draft.kind is Kind.CUSTOMER else [candidate.row]
    orders = cast("frozenset[str] | None", m.archive.extra.get("open_orders"))
    changed = _last_change(m, draft)
    if changed is not None and not changed.ours:
        draft = replace(draft, changed=changed.day)
    facts = Facts(
        normal=all(book.value(row, "cons_status_code") == "normal" for row in rows),
        order_open=None if orders is None else any(m.archive.keys.at(row) in orders for row in rows),
        breaks=breaks,
        misfit=_misfit(m, draft),
        changed=changed.day if changed else None,
        today=m.archive.as_of,
        holder_changes=draft.cls is not Class.A and draft.field in ("cons_name", "cert_no") and draft.key in renamed,
        lacks=candidate.lacks,
        ceilings=candidate.ceilings,
    )
    return gate.admit(draft, weighed, facts, m.policy, m.fields[draft.field])


def _last_change(m: Materials, draft: Draft) -> Changed | None:
    """A list changes as a whole; our own write to one of its cells does not make the others' evidence stale."""
    if draft.kind is not Kind.CONTACTS:
        return m.changes.get((draft.kind, draft.key, draft.field))
    found = m.changes.get((draft.kind, draft.key, "rows"))
    return None if found is None or found.ours else found


def _misfit(m: Materials, draft: Draft) -> str | None:
    """Why the screen would not take the value, or the new row."""
    if draft.after is None:
        return None
    cells = draft.row if draft.operation is Operation.ADD else {draft.field: draft.after}
    if draft.operation is Operation.ADD and any(not cells.get(name) for name in m.required(draft.kind)):
        return "required"
    return next(
        (reason for name, value in cells.items() if value and (reason := m.misfit(draft.kind, name, value))), None
    )


# -- candidates


def _from_surveys(book: Book) -> Iterable[Candidate]:
    for account, answers in sorted(book.materials.surveys.answers.items()):
        row = book.row_of[account]
        listed = {name: a for name, a in answers.items() if name in CONTACT_FIELDS and a.wrong and a.value}
        yield from _contact_candidates(book, row, listed)
        for name, answer in answers.items():
            fits = name in book.materials.fields and book.materials.fields[name].screen and name not in CONTACT_FIELDS
            if fits and answer.wrong and answer.value and answer.value != book.value(row, name):
                yield _candidate(book, row, answer, Operation.SET, book.value(row, name), {})


def _contact_candidates(book: Book, row: int, answers: Mapping[str, Answer]) -> Iterable[Candidate]:
    """The survey speaks of the first contact: its row is changed; where there is none, one is added."""
    contacts = book.contacts_of.get(row, [])
    if not answers:
        return
    if not contacts:
        first = answers.get("mobile") or answers.get("home_phone")
        if first is not None:
            new = {name: a.value or BLANK for name, a in answers.items()}
            if new.get("contact_relation") == "self":
                new.setdefault("contact_name", book.value(row, "cons_name") or BLANK)
            yield _candidate(book, row, first, Operation.ADD, None, new)
        return
    now = book.contact(contacts[0])
    numbers = {book.contact(contact).get("mobile") for contact in contacts}
    for name, answer in answers.items():
        if answer.value != now.get(name) and not (name == "mobile" and answer.value in numbers):
            yield replace(
                _candidate(book, row, answer, Operation.CHANGE, now.get(name) or None, now), contact=contacts[0]
            )


def _candidate(
    book: Book, row: int, answer: Answer, operation: Operation, before: str | None, cells: Mapping[str, str]
) -> Candidate:
    claim = Class.S if book.materials.policy.survey_suffices(answer.field) else Class.B
    draft = _draft(book, row, answer.field, operation, before, answer.value, claim, cells)
    findings = _rules_on(book, row, answer.field)
    draft = replace(draft, origin=answer.origin, rules=tuple(sorted(findings)))
    return Candidate(draft=draft, row=row, evidence=(answer.evidence,), lacks=answer.lacks)


def _draft(
    book: Book,
    row: int,
    name: str,
    operation: Operation,
    before: str | None,
    after: str | None,
    claim: Class,
    cells: Mapping[str, str],
) -> Draft:
    kind, key = book.place(name, row)
    return Draft(
        kind=kind, key=key, org=book.value(row, "org_no") or "", field=name, operation=operation, before=before, after=after,
        row=dict(cells), siblings=len(book.siblings(row)) - 1 if kind is Kind.CUSTOMER else 0, cls=claim,
        disposition=Disposition.REVIEW,
    )  # fmt: skip


def _rules_on(book: Book, row: int, name: str) -> set[str]:
    return book.rules_at.get((row, name), set())


def _from_repairs(book: Book) -> Iterable[Candidate]:
    """Values that follow from the archive's own value: class A as the check says it."""
    found = book.materials.breakages
    for index in range(len(found)):
        one = found.one(index)
        if one.repair is None or one.cls != Class.A or not book.materials.fields[one.target].screen:
            continue
        ceilings = (Class(one.rule.ceiling),)
        if one.contact is None:
            draft = _draft(
                book, one.row, one.target, Operation.SET, book.value(one.row, one.target), one.repair, Class.A, {}
            )
            yield Candidate(draft=replace(draft, rules=(one.rule.code,)), row=one.row, ceilings=ceilings)
            continue
        yield from _contact_repairs(book, one, one.contact, ceilings)


def _contact_repairs(book: Book, one: Breakage, contact: int, ceilings: tuple[Class, ...]) -> Iterable[Candidate]:
    """The row is changed; where several numbers stood in the cell, each further one gets a row of its own."""
    now = book.contact(contact)
    repair = one.repair or BLANK
    first, *others = repair.split(" ") if book.materials.fields[one.target].kind == "phone" else [repair]
    draft = _draft(book, one.row, one.target, Operation.CHANGE, now.get(one.target), first, Class.A, now)
    yield Candidate(draft=replace(draft, rules=(one.rule.code,)), row=one.row, contact=contact, ceilings=ceilings)
    for number in others:
        same = {name: value for name, value in now.items() if name in ("contact_name", "contact_relation") and value}
        added = _draft(book, one.row, one.target, Operation.ADD, None, number, Class.A, same | {one.target: number})
        yield Candidate(draft=replace(added, rules=(one.rule.code,)), row=one.row, ceilings=ceilings)


def _from_findings(book: Book) -> Iterable[Candidate]:
    """What is certainly wrong and has no value yet: a person is asked for one."""
    found = book.materials.breakages
    for index in range(len(found)):
        one = found.one(index)
        known = one.field in book.materials.fields and book.materials.fields[one.field].screen
        if not known or one.rule.severity not in ("S1", "S2") or (one.repair and one.cls == Class.A):
            continue
        claim = Class.N if one.cls == Class.N else Class.C
        if one.contact is None:
            operation = Operation.SET if one.field not in CONTACT_FIELDS else Operation.ADD
            draft = _draft(book, one.row, one.field, operation, one.value or None, None, claim, {})
        else:
            now = book.contact(one.contact)
            draft = _draft(book, one.row, one.field, Operation.CHANGE, now.get(one.field) or None, None, claim, now)
        yield Candidate(draft=replace(draft, rules=(one.rule.code,)), row=one.row, contact=one.contact)


def _unique(found: Iterable[Candidate]) -> list[Candidate]:
    """One candidate for each place, the first in the order of trust; the rules of the others are added to it."""
    chosen: dict[tuple[object, ...], Candidate] = {}
    added: set[tuple[Kind, str, str]] = set()
    for c in found:
        d = c.draft
        if not d.key:
            continue  # an account without a customer: there is nothing to open, the finding stands
        if d.operation is Operation.ADD and d.after is None and (d.kind, d.key, d.field) in added:
            continue  # somebody knows a row to add
        if d.operation is Operation.ADD and d.after is not None:
            added.add((d.kind, d.key, d.field))
        row = tuple(sorted(d.row.items())) if d.row else d.operation
        place = (d.kind, d.key, d.field, row)
        first = chosen.get(place)
        chosen[place] = c if first is None else _joined(first, c)
    return list(chosen.values())


def _joined(first: Candidate, other: Candidate) -> Candidate:
    """Two candidates for one place: the first one's value; where both say the same, a repair needs no further witness."""
    rules_ = tuple(sorted({*first.draft.rules, *other.draft.rules}))
    if first.draft.after != other.draft.after:
        apart = bool(first.draft.origin and other.draft.origin)  # two audited surveys disagree: a person decides
        claim = Class.C if apart else first.draft.cls
        evidence = tuple(dict.fromkeys(first.evidence + other.evidence))
        return replace(first, draft=replace(first.draft, rules=rules_, cls=claim), evidence=evidence)
    claim = Class.A if Class.A in (first.draft.cls, other.draft.cls) else first.draft.cls
    evidence = tuple(dict.fromkeys(first.evidence + other.evidence))
    ceilings = first.ceilings + other.ceilings
    return replace(first, draft=replace(first.draft, rules=rules_, cls=claim), evidence=evidence, ceilings=ceilings)


# -- evidence


def _weigh(ledger: Ledger, book: Book, found: Sequence[Candidate]) -> list[Weighed]:
    """What every source says of each candidate value."""
    estates = _linked(book)
    questions = [
        fuse.Question(
            kind=_comparator(book, c.draft.field),
            value=c.draft.after,
            evidence=(*c.evidence, *_registry_says(book, c, estates)),
            verdicts=tuple(_verdicts(ledger, book, c)),
        )
        for c in found
    ]
    return fuse.weigh(questions, book.materials.reference)


def _comparator(book: Book, name: str) -> str:
    return {"name": "name", "id": "ident", "phone": "phone"}.get(book.materials.fields[name].kind, "text")


def _linked(book: Book) -> dict[str, list[Estate]]:
    """Registry entries by the key of their address."""
    found: dict[str, list[Estate]] = {}
    for estate in book.materials.estates:
        key = addresses.key(addresses.read(estate.address, book.materials.reference))
        if key:
            found.setdefault(key, []).append(estate)
    return found


def _registry_says(book: Book, candidate: Candidate, linked: Mapping[str, Sequence[Estate]]) -> Iterable[ValueEvidence]:
    """The owners of the flat at the account's address, for the holder's name and number."""
    name = candidate.draft.field
    if name not in ("cons_name", "cert_no"):
        return
    key = book.address_key(candidate.row)
    for estate in linked.get(key or "", ()):
        for owner in estate.owners:
            value = owner.name if name == "cons_name" else owner.ident
            if value:
                yield ValueEvidence(
                    field=name,
                    value=value,
                    masked="*" in value,
                    source=estate.source,
                    as_of=owner.as_of,
                    ref=owner.ref,
                    note="address_key",
                )


QUESTIONS = {"mobile": "three_factor"}
"""Which paid question tells whether a new value of a field is right."""


def subject(ledger: Ledger, values: Mapping[str, str]) -> str:
    """The keyed hash under which an answer about these values is kept."""
    return ledger.keys.digest(*(part for item in sorted(values.items()) for part in item))


def asked(book: Book, candidate: Candidate) -> dict[str, str] | None:
    """The three factors for a candidate's new number, or None where one of them is missing or visibly bad."""
    if candidate.draft.field != "mobile" or not candidate.draft.after:
        return None
    values = {
        "cons_name": book.value(candidate.row, "cons_name"),
        "cert_no": book.value(candidate.row, "cert_no"),
        "mobile": candidate.draft.after,
    }
    surveyed = book.materials.surveys.answers.get(book.materials.archive.keys.at(candidate.row) or "", {})
    relation = surveyed.get("contact_relation")
    person = candidate.draft.row.get("contact_name") or values["cons_name"]
    if relation is not None and relation.wrong and relation.value not in (None, "self"):
        return None
    if person != values["cons_name"] or any(not v or "*" in v for v in values.values()):
        return None
    return {name: value for name, value in values.items() if value}


def _verdicts(ledger: Ledger, book: Book, candidate: Candidate) -> Iterable[VerdictEvidence]:
    values = asked(book, candidate)
    if values is not None:
        found = book.materials.verdicts.get((QUESTIONS["mobile"], subject(ledger, values)))
        if found is not None:
            yield found


# -- the rules on the new values


def _broken(book: Book, found: Sequence[Candidate]) -> list[tuple[str, ...]]:
    """For each candidate the rules that its cell would break if all candidates were written."""
    m = book.materials
    accounts, contacts, contact_row = _written(book, found)
    later = rules.evaluate(
        Archive.from_tables(accounts, contacts, m.archive.as_of, m.archive.extra), m.rules, m.reference
    )
    hits: dict[tuple[int, int, str], set[str]] = {}
    for index in range(len(later)):
        rule = later.rules[later.rule[index]]
        cell = (int(later.row[index]), int(later.contact[index]), later.fields[later.field[index]])
        if rule.severity != "S4":
            hits.setdefault(cell, set()).add(rule.code)
    places = ((c.row, contact_row.get(i, -1), c.draft.field) for i, c in enumerate(found))
    return [
        tuple(sorted(hits.get(place, ()))) if c.draft.after is not None else ()
        for c, place in zip(found, places, strict=True)
    ]


def _written(book: Book, found: Sequence[Candidate]) -> tuple[pa.Table, pa.Table, dict[int, int]]:
    """The archive's tables with every candidate's value in its place, and the contact row of each candidate."""
    m = book.materials
    accounts = {name: m.current.accounts[name].to_pylist() for name in m.current.accounts.column_names}
    contacts = {name: m.current.contacts[name].to_pylist() for name in m.current.contacts.column_names}
    contact_row: dict[int, int] = {}
    for index, c in enumerate(found):
        d = c.draft
        if d.after is None:
            continue
        if d.operation is Operation.ADD:
            contact_row[index] = len(contacts["cons_no"])
            for name, column in contacts.items():
                column.append(d.key if name == "cons_no" else d.row.get(name) or None)
        elif c.contact is not None:
            contact_row[index] = c.contact
            contacts[d.field][c.contact] = d.after
        else:
            for row in book.siblings(c.row) if d.kind is Kind.CUSTOMER else [c.row]:
                accounts[d.field][row] = d.after
    tables = (
        pa.table({name: pa.array(column, pa.string()) for name, column in side.items()})
        for side in (accounts, contacts)
    )
    return next(tables), next(tables), contact_row


# -- collecting


def collect(
    ledger: Ledger, *, archive: Archive, current: Current, breakages: Breakages, reference: Reference, surveys: Surveys, estates: Sequence[Estate],
    fields: Fields, policy: Policy, misfit: Misfit, required: Required, day: date,
) -> Materials:  # fmt: skip
    """Put together what a judgement needs, with the answers and changes that the ledger remembers."""
    with ledger.begin() as tx:
        changes = entities.last_changes(tx)
    return Materials(
        archive=archive, current=current, breakages=breakages, rules=breakages.rules, reference=reference, surveys=surveys, estates=estates,
        verdicts=calls.answers(ledger, day), changes=changes, fields=fields, policy=policy, misfit=misfit, required=required,
    )  # fmt: skip
