"""Proposals, and what people decided.

open ──automatic──▶ itemised ──verified──▶ settled
  │                    └──refused, conflict, parked──▶ held ──decision──▶ decided | rejected
  ├──decision──▶ decided ──▶ itemised …   or   rejected
  └──other evidence──▶ superseded
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from core.errors import InputError, choices
from core.ledger import entities
from core.ledger import tables as t
from core.ledger.store import Ledger, Transaction, chunks
from core.model import (
    Class,
    Condition,
    Decision,
    Disposition,
    Draft,
    Kind,
    Link,
    Operation,
    Proposal,
    Ref,
    ValueEvidence,
    Verdict,
    VerdictEvidence,
)  # fmt: skip

WAITING = ("open", "held")
"""States in which a person may decide."""

VERDICTS = ("accept", "other", "reject", "defer")


def identity(ledger: Ledger, draft: Draft) -> str:
    """What makes two drafts the same: where, what, the evidence's substance (not its day or its batch), and since when.

    The class is not in it: what a person has rejected stays rejected when the gate thinks better of it. Nor is what was linked
    without a key: a link gets surer or less sure from night to night, by that very decision too.
    """
    values = sorted({(v.source, v.value, v.explicit_none) for v in draft.values if v.link is None}, key=str)
    verdicts = sorted({(v.source, v.fields, v.subject, v.verdict, v.subcode) for v in draft.verdicts}, key=str)
    row = sorted(draft.row.items())
    return ledger.keys.digest(
        draft.field, draft.operation, row, draft.before, draft.after, values, verdicts, draft.changed
    )


Withdraw = Callable[[Transaction, Collection[int]], None]


def record(
    ledger: Ledger, drafts: Sequence[Draft], run: int, day: date, withdraw: Withdraw = lambda *_: None
) -> dict[str, int]:
    """Keep a night's drafts: new ones are added, and an open proposal that no draft repeats is superseded.

    What was decided, written or refused stays as it is until the value or the evidence changes. `withdraw` takes back the
    items of admitted proposals that no draft repeats, or that the gate admits no more.
    """
    counts = {"new": 0, "same": 0, "superseded": 0}
    seen: set[int] = set()
    with ledger.begin() as tx:
        places = [(entities.ensure(tx, d.kind, d.key, d.org), identity(ledger, d)) for d in drafts]
        _take_back(tx, drafts, places, withdraw)
        known = {(r.entity_id, r.hash): r for r in tx.rows(sa.select(*_STANDING))}
        for draft, place in zip(drafts, places, strict=True):
            entity = place[0]
            found = known.get(place)
            if found is None:
                number = _insert(tx, entity, draft, run, day)
                known[place] = tx.one(sa.select(*_STANDING).where(t.proposal.c.id == number))
                counts["new"] += 1
                seen.add(number)
                continue
            counts["same"] += found.state != "superseded"
            _refresh(tx, found, draft)
            seen.add(found.id)
        gone = [
            r.id for r in tx.rows(sa.select(t.proposal.c.id).where(t.proposal.c.state == "open")) if r.id not in seen
        ]
        move(tx, gone, "superseded", only="open")
        counts["superseded"] = len(gone)
        if counts["new"] or gone:
            tx.trail("proposals recorded", f"run {run}", dict(counts))
    return counts


_STANDING = tuple(
    t.proposal.c[name]
    for name in ("id", "entity_id", "hash", "state", "disposition", "conditions", "version", "class", "posterior")
)
"""What is compared with a draft; nothing sealed is opened for it."""


def _take_back(tx: Transaction, drafts: Sequence[Draft], places: Sequence[tuple[int, str]], withdraw: Withdraw) -> None:
    """Planned without a person, and not admitted any more."""
    admitted = {p for p, d in zip(places, drafts, strict=True) if d.disposition is Disposition.AUTOMATIC}
    planned = (t.proposal.c.state == "itemised") & (t.proposal.c.disposition == Disposition.AUTOMATIC)
    rows = tx.rows(sa.select(t.proposal.c.id, t.proposal.c.entity_id, t.proposal.c.hash).where(planned))
    gone = {r.id for r in rows if (r.entity_id, r.hash) not in admitted}
    gone -= by_person(tx, gone)
    if gone:
        withdraw(tx, gone)


def by_person(tx: Transaction, numbers: Collection[int]) -> set[int]:
    """Those of the proposals that a person has accepted, as they are or with another value."""
    spoken = sa.select(t.decision.c.proposal_id).where(t.decision.c.verdict.in_(("accept", "other")))
    return {
        r.proposal_id for some in chunks(numbers) for r in tx.rows(spoken.where(t.decision.c.proposal_id.in_(some)))
    }


def in_state(tx: Transaction, numbers: Collection[int], states: Collection[str]) -> set[int]:
    """Those of the proposals that are in one of the states."""
    there = sa.select(t.proposal.c.id).where(t.proposal.c.state.in_(states))
    return {r.id for some in chunks(numbers) for r in tx.rows(there.where(t.proposal.c.id.in_(some)))}


def _insert(tx: Transaction, entity: int, draft: Draft, run: int, day: date) -> int:
    proposal = tx.insert(
        t.proposal, entity_id=entity, field=draft.field, operation=draft.operation, hash=identity(tx.ledger, draft),
        before=draft.before, after=draft.after, row=dict(draft.row), evidence=_freeze(draft), disposition=draft.disposition,
        conditions=[asdict(c) for c in draft.conditions], rules=list(draft.rules), posterior=draft.posterior,
        siblings=draft.siblings, origin=draft.origin, state="open", created=day.isoformat(), run_id=run,
        **{"class": draft.cls},
    )  # fmt: skip
    tx.trail(
        "proposed", f"proposal {proposal}", {"field": draft.field, "class": draft.cls, "disposition": draft.disposition}
    )
    return proposal


def _refresh(tx: Transaction, found: Any, draft: Draft) -> None:
    """The gate may see the same evidence otherwise (another policy, an order that ended): an open proposal follows it.

    One that was superseded is open again, as the gate sees it now. What was linked without a key is written anew.
    """
    conditions = [asdict(c) for c in draft.conditions]
    before = (found.disposition, getattr(found, "class"), _steady(found.conditions))
    moved = before != (draft.disposition, draft.cls, _steady(conditions))
    counted = (found.conditions, found.posterior) != (conditions, draft.posterior)
    linked = any(v.link is not None for v in draft.values)
    if found.state == "superseded" or (found.state == "open" and (moved or counted or linked)):
        now: dict[str, Any] = {"state": "open", "disposition": draft.disposition, "conditions": conditions}
        now |= {"class": draft.cls, "evidence": _freeze(draft)}
        same = (t.proposal.c.id == found.id) & (t.proposal.c.version == found.version)  # nobody has decided meanwhile
        version = found.version + (moved or found.state == "superseded")
        tx.update(t.proposal.update().where(same).values(**now, posterior=draft.posterior, version=version))


COUNTED = frozenset({"labels", "wrong", "needed", "bound", "proven", "rate", "posterior", "weights"})
"""Parameters that move with every night's labels: a workbook that was sent out stays good."""


def _steady(conditions: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """What a reviewer would want to know of, were it to change."""
    return [(c["code"], c["held"], {k: v for k, v in c["params"].items() if k not in COUNTED}) for c in conditions]


def _freeze(draft: Draft) -> dict[str, Any]:
    def plain(evidence: ValueEvidence | VerdictEvidence) -> dict[str, Any]:
        return {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(evidence).items()}

    return {"values": [plain(v) for v in draft.values], "verdicts": [plain(v) for v in draft.verdicts]}


def _thaw(r: Any) -> Proposal:
    def day(text: str | None) -> date | None:
        return date.fromisoformat(text) if text else None

    def ref(plain: Mapping[str, Any] | None) -> Ref | None:
        return Ref(**plain) if plain else None

    def link(plain: Mapping[str, Any] | None) -> Link | None:
        return Link(**{**plain, "agreed": tuple(map(tuple, plain["agreed"]))}) if plain else None

    values = tuple(
        ValueEvidence(**{**v, "as_of": day(v["as_of"]), "ref": ref(v["ref"]), "link": link(v.get("link"))})
        for v in r.evidence["values"]
    )
    verdicts = tuple(
        VerdictEvidence(
            **{
                **v,
                "as_of": day(v["as_of"]),
                "fields": tuple(v["fields"]),
                "verdict": Verdict(v["verdict"]),
                "ref": ref(v.get("ref")),
            }
        )
        for v in r.evidence["verdicts"]
    )
    return Proposal(
        id=r.id, version=r.version, state=r.state, created=date.fromisoformat(r.created), kind=Kind(r.kind), key=r.key, org=r.org,
        field=r.field, operation=Operation(r.operation), before=r.before, after=r.after, row=r.row, siblings=r.siblings,
        cls=Class(getattr(r, "class")), disposition=Disposition(r.disposition),
        conditions=tuple(Condition(**c) for c in r.conditions), values=values, verdicts=verdicts, rules=tuple(r.rules),
        posterior=r.posterior, origin=r.origin,
    )  # fmt: skip


_SELECT = (
    sa.select(t.proposal, t.entity.c.kind, t.entity.c.key, t.entity.c.org).join(t.entity).order_by(t.proposal.c.id)
)


def find(
    ledger: Ledger,
    *,
    states: Iterable[str] = (),
    disposition: Disposition | None = None,
    key: str | None = None,
    run: int | None = None,
) -> list[Proposal]:
    """Proposals by state, disposition, object or run."""
    query = _SELECT
    if states := tuple(states):
        query = query.where(t.proposal.c.state.in_(states))
    if disposition is not None:
        query = query.where(t.proposal.c.disposition == disposition)
    if key is not None:
        query = query.where(t.entity.c.key == key)
    if run is not None:
        query = query.where(t.proposal.c.run_id == run)
    with ledger.begin() as tx:
        return [_thaw(r) for r in tx.rows(query)]


def tally(ledger: Ledger, day: date) -> list[tuple[str, str, str, int]]:
    """Proposals made on a date or not settled yet: (organisation, class, disposition, how many)."""
    alive = sa.or_(
        t.proposal.c.state.in_(("open", "held", "decided", "itemised")),
        sa.and_(t.proposal.c.created == day.isoformat(), t.proposal.c.state != "superseded"),
    )
    by = (t.entity.c.org, t.proposal.c["class"], t.proposal.c.disposition)
    query = sa.select(*by, sa.func.count().label("n")).select_from(t.proposal).join(t.entity).where(alive).group_by(*by)
    with ledger.begin() as tx:
        return [(r[0], r[1], r[2], r[3]) for r in tx.rows(query)]


def reviewers(ledger: Ledger, since: float) -> dict[tuple[str, str], int]:
    """Who decided how often since a moment (seconds since 1970): (reviewer, verdict) → decisions."""
    by = (t.decision.c.reviewer, t.decision.c.verdict)
    query = sa.select(*by, sa.func.count().label("n")).where(t.decision.c.at >= since).group_by(*by)
    with ledger.begin() as tx:
        return {(r.reviewer, r.verdict): r.n for r in tx.rows(query)}


def get(ledger: Ledger, proposal: int) -> Proposal:
    """One proposal. Raises InputError when there is none with this number."""
    with ledger.begin() as tx:
        return load(tx, proposal)


def load(tx: Transaction, proposal: int) -> Proposal:
    """As `get`, inside a transaction."""
    found = tx.one(_SELECT.where(t.proposal.c.id == proposal))
    if found is None:
        raise InputError(f"there is no proposal {proposal}")
    return _thaw(found)


def move(tx: Transaction, proposals: Iterable[int], state: str, *, only: str = "") -> None:
    """Put proposals into another state; with `only`, those of them that are in that state now."""
    for some in chunks(proposals):
        chosen = t.proposal.c.id.in_(some) & (t.proposal.c.state != state)
        if only:
            chosen &= t.proposal.c.state == only
        tx.update(t.proposal.update().where(chosen).values(state=state, version=t.proposal.c.version + 1))


def decide(ledger: Ledger, decision: Decision) -> None:
    """Keep a person's decision.

    Raises InputError when the proposal is unknown, was changed since the person saw it, or does not wait for a decision.
    """
    with ledger.begin() as tx:
        found = tx.one(
            sa.select(t.proposal.c.version, t.proposal.c.state, t.proposal.c.after).where(
                t.proposal.c.id == decision.proposal
            )
        )
        if found is None:
            raise InputError(f"there is no proposal {decision.proposal}")
        if found.state not in WAITING:
            raise InputError(f"proposal {decision.proposal} does not wait for a decision: it is {found.state}")
        if found.version != decision.version:
            raise InputError(
                f"proposal {decision.proposal} was changed since: version {found.version}, decided on {decision.version}"
            )
        if decision.verdict not in VERDICTS:
            raise InputError(f"there is no verdict '{decision.verdict}'; there are: {choices(VERDICTS)}")
        if decision.verdict == "other" and not decision.value:
            raise InputError(f"proposal {decision.proposal}: 'other' needs a value")
        if decision.verdict == "accept" and found.after is None:
            raise InputError(f"proposal {decision.proposal} has no value to accept; give one with 'other'")
        tx.insert(
            t.decision, proposal_id=decision.proposal, version=decision.version, verdict=decision.verdict, value=decision.value,
            reviewer=decision.reviewer, note=decision.note, via=decision.via, at=t.now(),
        )  # fmt: skip
        state = {"accept": "decided", "other": "decided", "reject": "rejected", "defer": found.state}[decision.verdict]
        changes: dict[str, Any] = {"state": state, "version": found.version + 1}
        if decision.verdict == "other":
            changes["after"] = decision.value
        tx.update(t.proposal.update().where(t.proposal.c.id == decision.proposal).values(**changes))
        detail = {"verdict": decision.verdict, "via": decision.via}
        tx.trail("decided", f"proposal {decision.proposal}", detail, actor=decision.reviewer)


def decisions(ledger: Ledger, proposal: int) -> list[Decision]:
    """What people said of a proposal, oldest first."""
    return [decision for decision, _at in decided(ledger, proposal)]


def decided(ledger: Ledger, proposal: int) -> list[tuple[Decision, float]]:
    """What people said of a proposal and when (seconds since 1970), oldest first."""
    with ledger.begin() as tx:
        rows = tx.rows(sa.select(t.decision).where(t.decision.c.proposal_id == proposal).order_by(t.decision.c.id))
    return [
        (
            Decision(
                proposal=r.proposal_id, version=r.version, verdict=r.verdict, value=r.value, reviewer=r.reviewer,
                note=r.note or "", via=r.via,
            ),
            r.at,
        )
        for r in rows
    ]  # fmt: skip


# -- what people's words teach


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A person's word on a value, with the evidence that he saw; `other` is a word for the value that he gave."""

    field: str
    after: str
    right: bool
    values: tuple[ValueEvidence, ...]
    verdicts: tuple[VerdictEvidence, ...]


_TOLD = ("accept", "other", "reject")
"""Verdicts that say whether a value was right; who defers has said nothing."""


def labels(ledger: Ledger, origin: str, only: Collection[str]) -> dict[str, tuple[int, int]]:
    """What people said of values that the gate would have written but for the conditions `only`: stratum → (right, wrong).

    Only proposals of this origin count, each once: by the last word on it. A value is right when it was accepted as it stood.
    """
    query = (
        sa.select(t.proposal.c.id, t.proposal.c.conditions, t.decision.c.verdict)
        .join(t.decision, t.decision.c.proposal_id == t.proposal.c.id)
        .where(t.decision.c.verdict.in_(_TOLD))
        .order_by(t.decision.c.id)
    )
    found: dict[str, tuple[int, int]] = {}
    with ledger.begin() as tx:
        last = {r.id: r for r in tx.rows(query)}
    for _, conditions, verdict in last.values():
        rung: Mapping[str, Any] = next((c["params"] for c in conditions if c["code"] == "rung"), {})
        held = all(c["held"] or c["code"] in only for c in conditions)
        if held and rung.get("origin") == origin:
            right, wrong = found.get(rung["stratum"], (0, 0))
            found[rung["stratum"]] = (right + (verdict == "accept"), wrong + (verdict != "accept"))
    return found


def judgements(ledger: Ledger, since: float, origin: str) -> list[Judgement]:
    """The decisions of this origin since a moment (seconds since 1970) on proposals that had a value."""
    query = (
        _SELECT.add_columns(t.decision.c.verdict.label("said"))
        .join(t.decision, t.decision.c.proposal_id == t.proposal.c.id)
        .where(t.decision.c.verdict.in_(_TOLD), t.decision.c.at >= since)
    )
    with ledger.begin() as tx:
        rows = tx.rows(query)
    told = [(_thaw(r), r.said) for r in rows]
    return [
        Judgement(field=p.field, after=p.after, right=said != "reject", values=p.values, verdicts=p.verdicts)
        for p, said in told
        if p.after is not None and any(c.params.get("origin") == origin for c in p.conditions)
    ]


def resting_on(ledger: Ledger, notes: Collection[str]) -> frozenset[tuple[Kind, str, str]]:
    """The cells (kind, key, field) whose living proposals carry evidence with one of these notes."""
    query = (
        sa.select(t.entity.c.kind, t.entity.c.key, t.proposal.c.field, t.proposal.c.evidence)
        .join(t.entity, t.proposal.c.entity_id == t.entity.c.id)
        .where(t.proposal.c.state.in_(("open", "held", "itemised")))
    )
    with ledger.begin() as tx:
        rows = tx.rows(query)
    return frozenset(
        (Kind(r.kind), r.key, r.field)
        for r in rows
        if any(e.get("note") in notes for e in (*r.evidence["values"], *r.evidence["verdicts"]))
    )
