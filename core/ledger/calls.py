"""Paid questions: an intent and an idempotency key on disk before each leaves, answers kept until they expire."""

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from core.ledger import tables as t
from core.ledger.store import Ledger
from core.model import Verdict, VerdictEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A question that may be sent (again) under its key."""

    id: int
    key: str
    answered: VerdictEvidence | None
    reserved: bool = False  # its price is in the night's sum already


FIELDS = {"three_factor": ("cons_name", "cert_no", "mobile"), "status": ("mobile",), "reassigned": ("mobile",)}
"""Which fields a question is about."""


def intend(ledger: Ledger, verifier: str, question: str, subject: str, day: date, run: int | None) -> Call:
    """The call for this subject: an answer that has not expired, an unfinished one with its old key, or a new one."""
    with ledger.begin() as tx:
        where = (t.call.c.verifier == verifier) & (t.call.c.question == question) & (t.call.c.subject == subject)
        row = tx.one(sa.select(t.call).where(where).order_by(t.call.c.id.desc()).limit(1))
        if row is not None and row.state == "answered" and (row.expires or "") >= day.isoformat():
            return Call(id=row.id, key=row.key, answered=_evidence(row))
        if row is not None and row.state == "intended":
            held = row.business_date == day.isoformat() and row.fee_cents > 0
            return Call(id=row.id, key=row.key, answered=None, reserved=held)
        key = ledger.keys.digest("call", verifier, question, subject, row.id if row else 0)
        number = tx.insert(
            t.call, verifier=verifier, question=question, subject=subject, key=key, state="intended",
            business_date=day.isoformat(), run_id=run, at=t.now(),
        )  # fmt: skip
    return Call(id=number, key=key, answered=None)


def reserve(ledger: Ledger, call: Call, price_cents: int, day: date) -> None:
    """Set a question's price aside before it leaves: it may have been paid even when no answer comes. The answer's fee replaces it."""
    with ledger.begin() as tx:
        price = {"fee_cents": price_cents, "business_date": day.isoformat()}
        tx.update(t.call.update().where(t.call.c.id == call.id).values(**price))


def answer(ledger: Ledger, call: Call, evidence: VerdictEvidence, fee_cents: int, day: date, keep_days: int) -> None:
    """Keep an answer with its fee."""
    with ledger.begin() as tx:
        tx.update(
            t.call.update()
            .where(t.call.c.id == call.id)
            .values(
                state="failed" if evidence.verdict is Verdict.ERROR_FINAL else "answered",
                business_date=day.isoformat(),  # the night that pays
                verdict=evidence.verdict,
                subcode=evidence.subcode,
                as_of=(evidence.as_of or day).isoformat(),
                expires=(day + timedelta(days=keep_days)).isoformat(),
                fee_cents=fee_cents,
            )
        )
        tx.trail("call answered", f"call {call.id}", {"verdict": evidence.verdict, "fee_cents": fee_cents})


def spent(ledger: Ledger, verifier: str, day: date) -> int:
    """Cents spent or set aside on a business date; a call without an answer counts at its price."""
    with ledger.begin() as tx:
        query = sa.select(sa.func.sum(t.call.c.fee_cents)).where(
            t.call.c.verifier == verifier, t.call.c.business_date == day.isoformat()
        )
        return int(tx.scalar(query) or 0)


def count(ledger: Ledger, day: date) -> int:
    """Calls made on a business date."""
    with ledger.begin() as tx:
        return int(
            tx.scalar(sa.select(sa.func.count()).select_from(t.call).where(t.call.c.business_date == day.isoformat()))
            or 0
        )


def fees(ledger: Ledger, day: date) -> int:
    """Cents spent on a business date, on all verifiers; what is only set aside is left out."""
    with ledger.begin() as tx:
        query = sa.select(sa.func.sum(t.call.c.fee_cents)).where(
            t.call.c.business_date == day.isoformat(), t.call.c.state != "intended"
        )
        return int(tx.scalar(query) or 0)


def answers(ledger: Ledger, day: date) -> dict[tuple[str, str], VerdictEvidence]:
    """All answers that have not expired: (question, subject) → evidence."""
    with ledger.begin() as tx:
        rows = tx.rows(
            sa.select(t.call)
            .where(t.call.c.state == "answered", t.call.c.expires >= day.isoformat())
            .order_by(t.call.c.id)
        )
    return {(r.question, r.subject): _evidence(r) for r in rows}


def _evidence(row: sa.Row[tuple[object, ...]]) -> VerdictEvidence:
    as_of = date.fromisoformat(row.as_of) if row.as_of else None
    return VerdictEvidence(
        fields=FIELDS[row.question], subject=row.subject, verdict=Verdict(row.verdict), subcode=row.subcode,
        source=row.verifier, as_of=as_of, call=row.id,
    )  # fmt: skip
