"""Where a value in the legacy system came from: back to the raw source row and the person who decided."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from dataclasses import field as factory
from datetime import UTC, date, datetime
from typing import Any

from core.errors import InputError
from core.fields import Fields
from core.ledger import Ledger, batches, entities, findings, proposals, queue
from core.ledger.queue import Done
from core.model import Finding, Image, Kind, Proposal
from core.privacy import mask, mask_pair, scrub
from core.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of the chain, oldest first. No value in it is unmasked."""

    what: str  # finding | source | verdict | proposal | decision | item | intent
    field: str
    at: str  # a business date, or a moment (UTC)
    who: str  # rule, source, proposal, reviewer or item
    detail: Mapping[str, Any] = factory(default_factory=dict)


def chain(ledger: Ledger, number: str, fields: Fields, name: str | None = None) -> list[Link]:
    """Everything that the ledger knows of an account's (or customer's) values, oldest first; values are masked.

    Old and new account numbers are accepted. Raises InputError when the ledger knows nothing of the number.
    """
    with ledger.begin() as tx:
        known = entities.numbers(tx, number)
        keys = {*known, *(parent for one in known if (parent := entities.parent(tx, Kind.ACCOUNT, one)))}
    names = batches.names(ledger)
    links = [link for key in sorted(keys) for link in _links(ledger, key, fields, name, names)]
    if not links:
        raise InputError(
            Words(
                f"台账里没有 {number}" + (f" 的字段 {name}" if name else ""),
                f"the ledger knows nothing of {number}" + (f" and the field {name}" if name else ""),
            )
        )
    return sorted(links, key=lambda link: link.at)


def _links(ledger: Ledger, key: str, fields: Fields, name: str | None, names: Mapping[int, str]) -> Iterator[Link]:
    for f in findings.first_seen(ledger, key):
        if name in (None, f.field):
            yield _finding(f)
    for p in proposals.find(ledger, key=key):
        if name in (None, p.field):
            kind = fields[p.field].mask
            yield from _evidence(p, kind, names)
            yield _proposal(p, kind)
            yield from _decisions(ledger, p, kind)
            yield from (_done(done, p.field, kind) for done in queue.history(ledger, p.id))


def _finding(f: Finding) -> Link:
    detail = {"severity": f.severity, "class": f.cls, "closed": _day(f.closed)}
    return Link(what="finding", field=f.field, at=_day(f.opened), who=f.rule, detail=detail)


def _evidence(p: Proposal, kind: str, names: Mapping[int, str]) -> Iterator[Link]:
    for v in p.values:
        place = {"batch": names.get(v.ref.batch, ""), "row": v.ref.row, "column": v.ref.column} if v.ref else {}
        detail = {"value": mask(kind, v.value), "note": v.note, "batch": "", "row": None, "column": "", **place}
        if v.link is not None:
            shown = ("probability", "sure", "relation", "agreed", "spec")  # whom it names stays sealed
            detail["link"] = {name: value for name, value in asdict(v.link).items() if name in shown}
        yield Link(what="source", field=p.field, at=_day(v.as_of), who=v.source, detail=detail)
    for said in p.verdicts:
        detail = {"verdict": said.verdict, "subcode": said.subcode, "call": said.call}
        yield Link(what="verdict", field=p.field, at=_day(said.as_of), who=said.source, detail=detail)


def _proposal(p: Proposal, kind: str) -> Link:
    before, after = mask_pair(kind, p.before, p.after)
    failed = [c for c in p.conditions if not c.held]
    detail = {
        "before": before, "after": after, "class": p.cls, "disposition": p.disposition, "state": p.state, "rules": p.rules,
        "failed": [c.code for c in failed],
        "conditions": [{"code": c.code, "held": c.held, "params": dict(c.params)} for c in p.conditions],
    }  # fmt: skip
    return Link(what="proposal", field=p.field, at=_day(p.created), who=f"P{p.id}", detail=detail)


def _decisions(ledger: Ledger, p: Proposal, kind: str) -> Iterator[Link]:
    for d, moment in proposals.decided(ledger, p.id):
        detail = {
            "verdict": d.verdict,
            "value": mask(kind, d.value),
            "via": d.via,
            "note": scrub(d.note),
            "version": d.version,
        }
        yield Link(what="decision", field=p.field, at=_time(moment), who=d.reviewer, detail=detail)


def _done(done: Done, field: str, kind: str) -> Link:
    """An item, or a save with what stood there, what was typed and what was read back."""
    if done.what == "item":
        return Link(what="item", field=field, at=_time(done.at), who=done.item, detail=done.detail)
    typed = next((change.after for change in done.typed if change.field == field), None)
    detail = {
        **done.detail,
        **{name: _time(done.detail[name]) if done.detail[name] else "" for name in ("submitted", "read_back")},
        "fields": [change.field for change in done.typed],
        "before": _seen(done.before, field, kind),
        "typed": mask(kind, typed),
        "after": _seen(done.after, field, kind),
    }
    return Link(what="intent", field=field, at=_time(done.at), who=done.item, detail=detail)


def _seen(image: Image | None, field: str, kind: str) -> str:
    """What an image shows of a field: its cell, or its column where the screen is a list."""
    if image is None:
        return ""
    values = [row.get(field, "") for row in image.rows] if image.rows else [image.cells.get(field, "")]
    return " ".join(mask(kind, value) for value in values if value)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
