"""Proofs that a quick read-back tells the truth: of a changed record, a fetch and another session said the same.

A proof holds for one map on one system and one login (`mark`), and for the worker that made it; a refutation holds for all, until the
map changes.
"""

from enum import StrEnum

import sqlalchemy as sa

from core.ledger import tables as t
from core.ledger.queue import Worker
from core.ledger.store import Ledger
from core.model import WorkItem


class Trust(StrEnum):
    """How far a fetch is believed."""

    REFUTED = "refuted"  # it has told something else than another session: never again
    PROVEN = "proven"
    OPEN = "open"  # not yet


def trust(ledger: Ledger, mark: str, enough: int, worker: Worker | None = None) -> Trust:
    """Whether `enough` changed records of the worker (or of any worker) were read alike both ways, and none ever otherwise."""
    of = sa.true() if worker is None else t.proof.c.worker_id == worker.id
    agreed = sa.func.sum(sa.case((of, t.proof.c.agreed), else_=0))
    with ledger.begin() as tx:
        found = tx.one(sa.select(agreed, sa.func.min(t.proof.c.agreed)).where(t.proof.c.mark == mark))
    if found is None or found[0] is None:
        return Trust.OPEN
    if not found[1]:
        return Trust.REFUTED
    return Trust.PROVEN if found[0] >= enough else Trust.OPEN


def note(ledger: Ledger, mark: str, worker: Worker, item: WorkItem, *, agreed: bool) -> None:
    """Keep how a changed record read both ways."""
    with ledger.begin() as tx:
        tx.insert(t.proof, mark=mark, worker_id=worker.id, item_id=item.id, agreed=int(agreed), at=t.now())
        tx.trail("fetch agreed" if agreed else "fetch refuted", f"item {item.id}", {"mark": mark})
