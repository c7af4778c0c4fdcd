"""What another policy would change, before it is switched: today's proposals judged by both, and nothing written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from core.ledger import proposals
from core.model import Draft
from core.policy import Policy
from flows import nightly, reconcile
from flows.nightly import House

Place = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One proposal that the two policies see otherwise; it holds no value."""

    proposal: int | None  # None: not recorded yet
    state: str
    kind: str
    key: str
    field: str
    rules: tuple[str, ...]
    before: tuple[str, str]  # class, disposition
    after: tuple[str, str]
    failed: tuple[str, ...]  # conditions that fail under the new policy

    def plain(self) -> dict[str, Any]:
        """For a table or JSON."""
        return {
            "proposal": self.proposal, "state": self.state, "kind": self.kind, "key": self.key, "field": self.field,
            "rules": " ".join(self.rules), "before": " ".join(self.before), "after": " ".join(self.after), "failed": " ".join(self.failed),
        }  # fmt: skip


def diff(house: House, new: Policy, day: date) -> list[Shift]:
    """The proposals whose class or disposition would be another one, by object and field. Reads the ledger only."""
    now, then = _drafts(house, day), _drafts(replace(house, policy=new, seen={}), day)
    known = _recorded(house)
    return [
        _shift(known.get(place), now[place], then[place])
        for place in sorted(now.keys() & then.keys(), key=str)
        if _judged(now[place]) != _judged(then[place])
    ]


def counts(shifts: Sequence[Shift]) -> dict[str, int]:
    """How many change from what to what, per class and first rule."""
    found = Counter(f"{s.rules[0] if s.rules else s.field}: {' '.join(s.before)} → {' '.join(s.after)}" for s in shifts)
    return dict(sorted(found.items()))


def _drafts(house: House, day: date) -> dict[Place, Draft]:
    seen = nightly.look(house, day)
    return {_place(draft): draft for draft in reconcile.drafts(house.ledger, nightly.materials(house, seen, day))}


def _place(draft: Draft) -> Place:
    return draft.kind, draft.key, draft.field, draft.operation, draft.after, *sorted(draft.row.items())


def _judged(draft: Draft) -> tuple[str, str]:
    return str(draft.cls), str(draft.disposition)


def _recorded(house: House) -> Mapping[Place, tuple[int, str]]:
    living = proposals.find(house.ledger, states=("open", "held", "decided", "itemised"))
    return {_place(p): (p.id, p.state) for p in living}


def _shift(recorded: tuple[int, str] | None, now: Draft, then: Draft) -> Shift:
    number, state = recorded or (None, "")
    return Shift(
        proposal=number, state=state, kind=str(now.kind), key=now.key, field=now.field, rules=now.rules, before=_judged(now),
        after=_judged(then), failed=tuple(c.code for c in then.conditions if not c.held),
    )  # fmt: skip
