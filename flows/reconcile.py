"""Hold the archive against its references: every cell for which a source or a rule has another value becomes a judged proposal.

survey answers ─┐
class-A repairs ┼─▶ candidates ─▶ evidence for and against ─▶ rules on the new values ─▶ gate ─▶ proposals
open findings  ─┘
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from core.fields import Fields
from core.ledger import Ledger, calls, entities, proposals, queue
from core.ledger.entities import Changed
from core.ledger.proposals import Judgement
from core.model import Class, Disposition, Draft, Kind, Operation, ValueEvidence, VerdictEvidence
from core.policy import Policy
from core.reference import Reference
from flows import archive as numbers
from flows import holders, registers, sets, trial, witnesses
from flows.archive import Current
from flows.book import BLANK, Book, Candidate, Linking, Materials, Misfit, Place, Required
from flows.evidence import Estate
from flows.registers import Masks
from flows.surveys import Answer, Surveys
from flows.trial import Tried
from flows.witnesses import FACTORS, Linked
from matchers import fuse, gate
from matchers.archive import CONTACT_FIELDS, Archive
from matchers.comparators.ident import compatible
from matchers.fuse import Belief, Counts
from matchers.gate import Facts, Weighed
from matchers.ladder import Labels, Stratum
from matchers.normal import ids
from matchers.rules import Breakage, Breakages


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
    return _unique([*_from_surveys(book), *_from_repairs(book), *_from_owners(book), *_from_findings(book)])


def judge(ledger: Ledger, book: Book, found: Sequence[Candidate]) -> list[Draft]:
    """The candidates after the gate; same length and order.

    What belongs together is admitted together, and what is left is tried once more without the others: a value that is right only
    beside one that waits for a person waits with it. Each trial judges the whole archive, so what is torn apart goes before it.
    """
    wanted = wanted_values(found)
    weighed, tried = _weigh(ledger, book, found, wanted), trial.tried(book, found)
    others = holders.changed(book, found, wanted)
    drafts = [
        _judge(book, c, w, t, others, torn=holders.unlike(book, c, wanted))
        for c, w, t in zip(found, weighed, tried, strict=True)
    ]
    while True:
        while torn := sets.torn(drafts):
            for i in torn:
                drafts[i] = _judge(book, found[i], weighed[i], tried[i], others, torn=True)
        admitted = [i for i, draft in enumerate(drafts) if draft.disposition is Disposition.AUTOMATIC]
        waiting = [
            draft for draft in drafts if draft.after is not None and draft.disposition is not Disposition.AUTOMATIC
        ]
        if not (admitted and waiting):
            return drafts
        alone = dict(zip(admitted, trial.tried(book, [found[i] for i in admitted]), strict=True))
        refused = [i for i in admitted if alone[i].breaks]
        if not refused:
            return drafts
        for i in refused:
            drafts[i] = _judge(book, found[i], weighed[i], alone[i], others)


def _judge(
    book: Book, candidate: Candidate, weighed: Weighed, tried: Tried, others: set[str], *, torn: bool = False
) -> Draft:
    m, draft = book.materials, candidate.draft
    rows = book.siblings(candidate.row) if draft.kind is Kind.CUSTOMER else [candidate.row]
    orders = cast("frozenset[str] | None", m.archive.extra.get("open_orders"))
    changed = _last_change(book, candidate)
    if changed is not None and not changed.ours:
        draft = replace(draft, changed=changed.day)
    facts = Facts(
        normal=all(book.value(row, "cons_status_code") == "normal" for row in rows),
        order_open=None if orders is None else any(m.archive.keys.at(row) in orders for row in rows),
        breaks=tried.breaks,
        unjudged=tried.unjudged,
        misfit=_misfit(m, draft),
        changed=changed.day if changed else None,
        today=m.archive.as_of,
        holder_changes=draft.cls is not Class.A and draft.field in FACTORS and _customer(book, candidate) in others,
        torn=torn,
        lacks=candidate.lacks,
        ceilings=candidate.ceilings,
        labels=m.labels,
        attended=m.attended,
        origin=m.origin,
    )
    return gate.admit(draft, weighed, facts, m.policy, m.fields[draft.field])


def _customer(book: Book, candidate: Candidate) -> str:
    """Whose account it is: a number that was confirmed for another holder waits with him."""
    return book.value(candidate.row, "cust_no") or ""


def _last_change(book: Book, candidate: Candidate) -> Changed | None:
    """When the cell last changed; what is about the holder, or reaches him, also when somebody else changed his name or number.

    An account is transferred by such a change, and who was seen there before is another person.
    """
    changes, draft = book.materials.changes, candidate.draft
    own = _own_change(changes, draft)
    if draft.kind not in (Kind.CUSTOMER, Kind.CONTACTS):
        return own
    halves = (changes.get((Kind.CUSTOMER, _customer(book, candidate), half)) for half in witnesses.HOLDER_FIELDS)
    other = max((half.theirs for half in halves if half is not None and half.theirs is not None), default=None)
    return own if other is None or (own is not None and other <= own.day) else Changed(other, ours=False)


def _own_change(changes: Mapping[Place, Changed], draft: Draft) -> Changed | None:
    """A list changes as a whole; our own write to one of its cells does not make the others' evidence stale."""
    if draft.kind is not Kind.CONTACTS:
        return changes.get((draft.kind, draft.key, draft.field))
    found = changes.get((draft.kind, draft.key, "rows"))
    return None if found is None or found.theirs is None else Changed(found.theirs, ours=False)


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
    for account, answers in sorted(book.materials.surveys.answers.corrections()):
        row = book.row_of[account]
        listed = {name: answer for name, answer in answers.items() if name in CONTACT_FIELDS}
        yield from _contact_candidates(book, row, listed)
        for name, answer in answers.items():
            fits = name in book.materials.fields and book.materials.fields[name].screen and name not in CONTACT_FIELDS
            if fits and answer.value != book.value(row, name):
                yield _candidate(book, row, answer, Operation.SET, book.value(row, name), {})


def _contact_candidates(book: Book, row: int, answers: Mapping[str, Answer]) -> Iterable[Candidate]:
    """The survey speaks of the first contact: its row is changed; where there is none, one is added."""
    contacts = book.contacts_of.get(row, [])
    if not answers:
        return
    if not contacts:
        first = answers.get("mobile") or answers.get("home_phone")
        if first is not None:
            new = _new_contact(book, row, answers, first.field)
            yield _candidate(book, row, first, Operation.ADD, None, new)
        return
    now = book.contact(contacts[0])
    numbers = {book.contact(contact).get("mobile") for contact in contacts}
    for name, answer in answers.items():
        if answer.value != now.get(name) and not (name == "mobile" and answer.value in numbers):
            yield replace(
                _candidate(book, row, answer, Operation.CHANGE, now.get(name) or None, now), contact=contacts[0]
            )


def _new_contact(book: Book, row: int, answers: Mapping[str, Answer], judged: str) -> dict[str, str]:
    """The row to add with the number that is judged; another number waits for witnesses of its own, as a change of the row.

    A holder who is his own contact is called as the archive calls him, unless the survey found just that wrong.
    """
    personal = {name for name in answers if book.materials.fields[name].kind == "phone" and name != judged}
    new = {name: answer.value or BLANK for name, answer in answers.items() if name not in personal}
    called = book.answers(row).get("cons_name")
    if new.get("contact_relation") == "self" and not (called is not None and called.wrong):
        new.setdefault("contact_name", book.value(row, "cons_name") or BLANK)
    return new


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
    """Values that follow from the archive's own value, as the check says it: class A, or B where a witness must confirm them."""
    for one in _breakages(book):
        if one.repair is None or one.cls not in (Class.A, Class.B) or not _on_screen(book, one.target):
            continue
        ceilings = (Class(one.rule.ceiling),)
        if one.contact is not None:
            if one.cls == Class.A:
                yield from _contact_repairs(book, one, one.contact, ceilings)
            continue
        before = book.value(one.row, one.target)
        draft = _draft(book, one.row, one.target, Operation.SET, before, one.repair, Class(one.cls), {})
        yield Candidate(draft=replace(draft, rules=(one.rule.code,)), row=one.row, ceilings=ceilings)


def _breakages(book: Book) -> Iterable[Breakage]:
    found = book.materials.breakages
    return map(found.one, range(len(found)))


def _on_screen(book: Book, name: str) -> bool:
    return name in book.materials.fields and book.materials.fields[name].screen is not None


def _from_owners(book: Book) -> Iterable[Candidate]:
    """Names that the real-estate registry writes out for the very number that the archive holds."""
    m = book.materials
    owners = cast("Sequence[tuple[str, ...] | None]", m.archive.extra.get("real_estate_owners", ()))
    named = m.archive.column("cons_name").decode().tolist()
    rows = [row for row, (who, flat) in enumerate(zip(named, owners, strict=False)) if flat and who not in flat]
    if not rows:
        return
    linked, numbers = Linked.of(book), m.archive.column("cert_no")
    for row in rows:
        number = ids.read(numbers.at(row) or "", m.reference, m.archive.as_of)
        fits = _owner_of(book, row, number.normal, linked) if number.valid and number.kind == "resident" else None
        if fits is not None and fits != named[row]:
            draft = _draft(book, row, "cons_name", Operation.SET, named[row], fits, Class.B, {})
            yield Candidate(draft=replace(draft, rules=tuple(sorted(_rules_on(book, row, "cons_name")))), row=row)


def _owner_of(book: Book, row: int, number: str, linked: Linked) -> str | None:
    """The one owner of the account's flat whose masked number is this one."""
    found = {
        owner.name
        for estate in linked.estates.get(book.address_key(row) or "", ())
        for owner in estate.owners
        if owner.name and "*" not in owner.name and compatible(number, owner.ident)
    }
    return found.pop() if len(found) == 1 else None


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
    for one in _breakages(book):
        repaired = one.repair and (one.cls == Class.A or (one.cls == Class.B and one.contact is None))
        if not _on_screen(book, one.field) or one.rule.severity not in ("S1", "S2") or repaired:
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
    places: dict[tuple[object, ...], list[Candidate]] = {}
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
        places.setdefault((d.kind, d.key, d.field, row), []).append(c)
    return [_joined(*some) for some in places.values()]


def _joined(first: Candidate, *others: Candidate) -> Candidate:
    """The candidates for one place: the first one's value; where another says the same, a repair needs no further witness.

    A customer has as many as accounts: all are put together at once.
    """
    if not others:
        return first
    draft, ceilings = first.draft, list(first.ceilings)
    for other in others:
        if draft.after != other.draft.after:
            claim = Class.C if _apart(draft, other.draft) else draft.cls
        else:
            claim = Class.A if Class.A in (draft.cls, other.draft.cls) else draft.cls
            ceilings += other.ceilings
        draft = replace(draft, cls=claim) if claim is not draft.cls else draft
    rules_ = tuple(sorted({code for c in (first, *others) for code in c.draft.rules}))
    evidence = tuple(dict.fromkeys(piece for c in (first, *others) for piece in c.evidence))
    draft, kept = replace(draft, rules=rules_), tuple(dict.fromkeys(ceilings))
    return replace(first, draft=draft, evidence=evidence, ceilings=kept)


def _apart(one: Draft, other: Draft) -> bool:
    """Whether a person must choose: two audited surveys that disagree, and two values that each follow from the same text."""
    surveyed, repaired = one.origin and other.origin, one.cls is Class.A and other.cls is Class.A
    return bool(surveyed) or (repaired and other.after is not None)


# -- evidence


def _weigh(ledger: Ledger, book: Book, found: Sequence[Candidate], wanted: Mapping[Place, str]) -> list[Weighed]:
    """What every source says of each candidate value."""
    linked = witnesses.without_key(book, found, Linked.of(book), wanted)
    m = book.materials
    questions = [_question(ledger, book, c, linked, wanted) for c in found]
    return fuse.weigh(questions, m.reference, Belief(policy=m.policy, record=m.record))


def _question(
    ledger: Ledger, book: Book, candidate: Candidate, linked: Linked, wanted: Mapping[Place, str]
) -> fuse.Question:
    m, draft = book.materials, candidate.draft
    values = witnesses.values(book, candidate, linked, wanted)
    verdicts = witnesses.verdicts(book, candidate, linked, wanted, ledger_subject(ledger))
    said: list[ValueEvidence | VerdictEvidence] = [*values, *verdicts]
    changed = _last_change(book, candidate)
    then = Facts(changed=changed.day if changed else None, today=m.archive.as_of)
    return fuse.Question(
        kind=comparator(m.fields, draft.field), field=draft.field, value=draft.after, evidence=values, verdicts=verdicts,
        old=frozenset(e for e in said if gate.stale(e, then, m.policy)),
    )  # fmt: skip


def wanted_values(found: Iterable[Candidate]) -> dict[Place, str]:
    """What each cell would hold; of a list the first row that is named."""
    wanted: dict[Place, str] = {}
    for c in found:
        if c.draft.after is not None:
            wanted.setdefault((c.draft.kind, c.draft.key, c.draft.field), c.draft.after)
    return wanted


_OWN = frozenset(("name", "id", "phone", "address", "phase", "building", "unit", "room"))
"""Kinds of fields whose values are more than their text when they are held against each other."""


def comparator(fields: Fields, name: str) -> str:
    """By which comparator values of a field are held against each other."""
    kind = fields[name].kind
    return {"id": "ident"}.get(kind, kind) if kind in _OWN else "text"


def ledger_subject(ledger: Ledger) -> Callable[[Mapping[str, str]], str]:
    """The keyed hash under which an answer about values is kept."""
    return lambda values: ledger.keys.digest(*(part for item in sorted(values.items()) for part in item))


# -- collecting


def collect(
    ledger: Ledger, *, archive: Archive, current: Current, breakages: Breakages, reference: Reference, surveys: Surveys, estates: Sequence[Estate],
    fields: Fields, policy: Policy, misfit: Misfit, required: Required, day: date, origin: str = gate.SITE, attended: bool = False,
    masks: Masks | None = None, wider: frozenset[Place] = frozenset(), memory: dict[object, object] | None = None,
    linking: Linking | None = None,
) -> Materials:  # fmt: skip
    """Put together what a judgement needs, with the deliveries, answers, changes and decisions that the ledger remembers."""
    with ledger.begin() as tx:
        changes = entities.last_changes(tx)
    told, styles = proposals.labels(ledger, origin, gate.LADDER), masks or {}
    reused = numbers.reused(archive)
    taught = judgements(ledger, policy, day, origin)
    return Materials(
        archive=archive, current=current, exported=current.exported, breakages=breakages, rules=breakages.rules, reference=reference,
        surveys=surveys, estates=estates, people=registers.people(ledger, styles), payers={number: some for number, some in registers.payers(ledger, styles).items() if number not in reused},
        delivered=registers.answers(ledger, ledger_subject(ledger)), masks=styles, verdicts=calls.answers(ledger, day), changes=changes,
        fields=fields, policy=policy, misfit=misfit, required=required,
        labels={Stratum.of(text): Labels(right=right, wrong=wrong) for text, (right, wrong) in told.items()},
        taught=taught, record=record(taught, fields, policy, reference), origin=origin, attended=attended, linking=linking or {},
        wider=wider | proposals.resting_on(ledger, witnesses.WIDER), memory={} if memory is None else memory,
    )  # fmt: skip


def judgements(ledger: Ledger, policy: Policy, day: date, origin: str) -> list[Judgement]:
    """What people have decided within the policy's time."""
    since = datetime.combine(day - timedelta(days=policy.reliability_days), time(), UTC).timestamp()
    return proposals.judgements(ledger, since, origin)


def record(
    told: Sequence[Judgement], fields: Fields, policy: Policy, reference: Reference
) -> dict[tuple[str, str], Counts]:
    """How often each source was right about each field, by what people have decided."""
    questions = [
        fuse.Question(
            kind=comparator(fields, j.field), field=j.field, value=j.after, evidence=j.values, verdicts=j.verdicts
        )
        for j in told
    ]
    return fuse.experience(questions, [j.right for j in told], reference, policy)
