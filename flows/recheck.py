"""The second pass: for what is still open, ask for evidence that the first pass did not use, within the night's budget.

A verdict is asked on the *new* value. What it makes certain is written by `flows.fill`; the rest joins the mismatch log.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from loguru import logger

from core.errors import ApplicationError
from core.ledger import Ledger, calls
from core.model import Class, Draft
from core.ports import Verifier
from flows import reconcile, witnesses
from flows.book import Book, Candidate, Materials
from matchers import gate

KEEP_DAYS = 30
"""How long a carrier's answer is not asked for again."""

DECIDABLE = frozenset({"corroborated", "authoritative", "probable"})
"""Conditions of the gate that a verdict can make hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the second pass cost and brought."""

    calls: int  # sent now
    cached: int  # answered by an earlier call
    fee_cents: int
    failed: int
    left: int  # not asked: the budget was used up


def recheck(
    ledger: Ledger,
    verifier: Verifier,
    materials: Materials,
    day: date,
    run: int,
    budget_cents: int,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Asked:
    """Ask about every open candidate that a verdict can decide; an intent and its key are on disk before a question leaves."""
    todo, about = _questions(ledger, materials), reconcile.ledger_subject(ledger)
    counts = {"calls": 0, "cached": 0, "fee_cents": 0, "failed": 0, "left": 0}
    for number, (question, values) in enumerate(todo):
        progress(number, len(todo))
        subject = about(values)
        call = calls.intend(ledger, verifier.name, question, subject, day, run)
        if call.answered is not None:
            counts["cached"] += 1
            continue
        if calls.spent(ledger, verifier.name, day) + verifier.price(question) > budget_cents:
            counts["left"] = len(todo) - number
            logger.warning("the night's budget is used up: {} questions are left", counts["left"])
            break
        try:
            answer = verifier.ask(question, values, call.key, subject)
        except ApplicationError as error:
            counts["failed"] += 1
            logger.bind(call=call.id).warning("no answer: {}", error)
            continue
        calls.answer(ledger, call, answer.evidence, answer.fee_cents, day, KEEP_DAYS)
        counts["calls"] += 1
        counts["fee_cents"] += answer.fee_cents
    progress(len(todo), len(todo))
    return Asked(**counts)


def _questions(ledger: Ledger, materials: Materials) -> Sequence[tuple[str, Mapping[str, str]]]:
    """Which questions could still decide something: candidates that the gate sends to a person for want of a second witness."""
    book = Book.of(materials)
    found, about = reconcile.candidates(book), reconcile.ledger_subject(ledger)
    values = reconcile.wanted_values(found)
    wanted: dict[str, tuple[str, Mapping[str, str]]] = {}
    for candidate, draft in zip(found, reconcile.judge(ledger, book, found), strict=True):
        factors = witnesses.asked(book, candidate, values) if _open(candidate, draft) else None
        if factors is not None:
            wanted[about(factors)] = (witnesses.QUESTION, factors)
    return list(wanted.values())


def _open(candidate: Candidate, draft: Draft) -> bool:
    """Whether a verdict could decide: nothing else speaks against the value, and nobody has confirmed it yet."""
    failed = {c.code for c in draft.conditions if not c.held}
    return candidate.draft.cls is Class.B and bool(failed & DECIDABLE) and failed <= DECIDABLE | gate.LADDER
