"""Tell values that belong together: half of a flat's parts, or a relation without the person, would be a new mistake of our own."""

from collections.abc import Collection, Sequence

from core.model import Class, Disposition, Draft, Kind

FLAT = frozenset({"quarter_name", "phase_no", "building_no", "unit_no", "room_no"})
"""The parts of one flat."""

WAITS_FOR = {**dict.fromkeys(FLAT, FLAT), "contact_relation": frozenset({"contact_name", "mobile", "home_phone"})}
"""Field → those beside which it is right: a relation is that of the person who is named and called in the same row."""

Home = tuple[Kind, str, tuple[tuple[str, str], ...]]


def torn(drafts: Sequence[Draft]) -> set[int]:
    """The admitted drafts beside which another one of the same account, or row, waits for a person.

    A repair says what stood there already, and waits for nobody.
    """
    waiting: dict[Home, set[str]] = {}
    for draft in drafts:
        if draft.after is not None and draft.disposition is not Disposition.AUTOMATIC:
            waiting.setdefault(_home(draft), set()).add(draft.field)
    return {place for place, draft in enumerate(drafts) if _waits(draft, waiting.get(_home(draft), ()))}


def _waits(draft: Draft, others: Collection[str]) -> bool:
    admitted = draft.disposition is Disposition.AUTOMATIC and draft.cls is not Class.A
    return admitted and not WAITS_FOR.get(draft.field, frozenset()).isdisjoint(others)


def _home(draft: Draft) -> Home:
    return draft.kind, draft.key, tuple(sorted(draft.row.items()))
