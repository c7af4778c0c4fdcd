"""The second pass: for what is still open, gather evidence that the first pass did not use, within the night's budget.

A paid answer is asked for about the *new* value, and a register is searched beyond the first pass's links: the holder wherever he is,
his name and number on other accounts (flows.witnesses). A row that the first pass has used is never counted again. What becomes
certain is written by `flows.fill`; the rest joins the mismatch log.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from loguru import logger

from core.errors import ApplicationError
from core.ledger import Ledger, calls
from core.model import Class, Draft
from core.ports import Verifier
from flows import reconcile, witnesses
from flows.book import Book, Candidate, Materials, Place
from flows.witnesses import QUESTION
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """What a second witness could still decide."""

    places: frozenset[Place]
    questions: Mapping[str, Mapping[str, str]]  # subject → the values to ask about


def recheck(
    ledger: Ledger,
    verifier: Verifier,
    questions: Mapping[str, Mapping[str, str]],
    day: date,
    run: int,
    budget_cents: int,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Asked:
    """Ask every question; an intent with its price and its key is on disk before the question leaves."""
    price = verifier.price(QUESTION)
    counts = {"calls": 0, "cached": 0, "fee_cents": 0, "failed": 0, "left": 0}
    for number, (subject, values) in enumerate(questions.items()):
        progress(number, len(questions))
        call = calls.intend(ledger, verifier.name, QUESTION, subject, day, run)
        if call.answered is not None:
            counts["cached"] += 1
            continue
        if calls.spent(ledger, verifier.name, day) + (not call.reserved) * price > budget_cents:
            counts["left"] = len(questions) - number
            logger.warning("the night's budget is used up: {} questions are left", counts["left"])
            break
        calls.reserve(ledger, call, price, day)
        try:
            answer = verifier.ask(QUESTION, values, call.key, subject)
        except ApplicationError as error:
            counts["failed"] += 1
            logger.bind(call=call.id).warning("no answer: {}", error)
            continue
        calls.answer(ledger, call, answer.evidence, answer.fee_cents, day, KEEP_DAYS)
        counts["calls"] += 1
        counts["fee_cents"] += answer.fee_cents
    progress(len(questions), len(questions))
    return Asked(**counts)


def undecided(ledger: Ledger, materials: Materials) -> Undecided:
    """The candidates that the gate sends to a person for want of a second witness, with the questions that may bring one."""
    book = Book.of(materials)
    found, about = reconcile.candidates(book), reconcile.ledger_subject(ledger)
    values = reconcile.wanted_values(found)
    places: set[Place] = set()
    questions: dict[str, Mapping[str, str]] = {}
    for candidate, draft in zip(found, reconcile.judge(ledger, book, found), strict=True):
        if not _open(candidate, draft):
            continue
        places.add((draft.kind, draft.key, draft.field))
        factors = witnesses.asked(book, candidate, values)
        if factors is not None:
            questions[about(factors)] = factors
    return Undecided(places=frozenset(places), questions=questions)


def _open(candidate: Candidate, draft: Draft) -> bool:
    """Whether a verdict could decide: nothing else speaks against the value, and nobody has confirmed it yet."""
    failed = {c.code for c in draft.conditions if not c.held}
    return candidate.draft.cls is Class.B and bool(failed & DECIDABLE) and failed <= DECIDABLE | gate.LADDER
