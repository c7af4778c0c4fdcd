"""Where a value in the legacy system came from: back to the raw source row and the person who decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as factory
from datetime import UTC, datetime
from typing import Any

from core.errors import InputError
from core.fields import Fields
from core.ledger import Ledger, batches, entities, findings, proposals, queue
from core.model import Kind, Proposal
from core.privacy import mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of the chain, oldest first."""

    what: str  # source | verdict | finding | proposal | decision | step | intent
    field: str
    at: str
    who: str
    detail: Mapping[str, Any] = factory(default_factory=dict)


def chain(ledger: Ledger, number: str, fields: Fields, name: str | None = None) -> list[Link]:
    """Everything that the ledger knows of an account's (or customer's) values, oldest first; values are masked.

    Old and new account numbers are accepted. Raises InputError when the ledger knows nothing of the number.
    """
    with ledger.begin() as tx:
        known = entities.numbers(tx, number)
        keys = {*known, *(parent for one in known if (parent := entities.parent(tx, Kind.ACCOUNT, one)))}
    links = [link for key in sorted(keys) for link in _links(ledger, key, fields, name)]
    if not links:
        raise InputError(f"the ledger knows nothing of {number}" + (f" and the field {name}" if name else ""))
    return sorted(links, key=lambda link: link.at)


def _links(ledger: Ledger, key: str, fields: Fields, name: str | None) -> Iterable[Link]:
    for f in findings.open_ones(ledger, key):
        if name in (None, f.field):
            yield Link(
                what="finding",
                field=f.field,
                at=f.opened.isoformat(),
                who=f.rule,
                detail={"severity": f.severity, "class": f.cls},
            )
    for p in proposals.find(ledger, key=key):
        if name in (None, p.field):
            yield from _proposal(ledger, p, fields[p.field].mask)


def _proposal(ledger: Ledger, p: Proposal, kind: str) -> Iterable[Link]:
    names = batches.names(ledger)
    for v in p.values:
        place = {"batch": names.get(v.ref.batch, ""), "row": v.ref.row} if v.ref else {}
        at = v.as_of.isoformat() if v.as_of else ""
        yield Link(
            what="source",
            field=p.field,
            at=at,
            who=v.source,
            detail={"value": mask(kind, v.value), "note": v.note, **place},
        )
    for said in p.verdicts:
        at = said.as_of.isoformat() if said.as_of else ""
        yield Link(
            what="verdict",
            field=p.field,
            at=at,
            who=said.source,
            detail={"verdict": said.verdict, "subcode": said.subcode},
        )
    failed = [c.code for c in p.conditions if not c.held]
    detail = {
        "before": mask(kind, p.before),
        "after": mask(kind, p.after),
        "class": p.cls,
        "disposition": p.disposition,
        "state": p.state,
        "failed": failed,
        "rules": p.rules,
    }
    yield Link(what="proposal", field=p.field, at=p.created.isoformat(), who=f"P{p.id}", detail=detail)
    for d, moment in proposals.decided(ledger, p.id):
        yield Link(
            what="decision",
            field=p.field,
            at=_time(moment),
            who=d.reviewer,
            detail={"verdict": d.verdict, "via": d.via, "note": d.note},
        )
    for done in queue.history(ledger, p.id):
        yield Link(what=done.what, field=p.field, at=_time(done.at), who=done.item, detail=done.detail)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
