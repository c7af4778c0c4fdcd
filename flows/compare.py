"""What a screen shows, held against what was planned and what stood there before: pure judgement of images.

A list is compared as a set of rows with counts; `derived` fields, which the legacy system sets by itself, count nowhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.model import Change, Image, Operation

Row = Mapping[str, str]
NATURAL_KEY = ("mobile", "home_phone")
"""What makes a contact row the same contact: its numbers."""


class Standing(StrEnum):
    """What a screen that was just read says of a plan."""

    DONE = "done"  # it already holds what was planned
    OPEN = "open"  # it holds what stood there when it was planned, or part of the plan
    CHANGED = "changed"  # it holds something else
    AMBIGUOUS = "ambiguous"  # the row to change stands there twice


@dataclass(frozen=True, slots=True)
class Judgement:
    """The standing, the changes that are still to be typed, and the fields that stand in the way."""

    standing: Standing
    todo: tuple[Change, ...] = ()
    fields: tuple[str, ...] = ()


def judge(operation: Operation, changes: Sequence[Change], row: Row, now: Image) -> Judgement:
    """Read before write: is the plan done already, still right, or overtaken?

    A change whose `before` is None was planned without knowing what stood there, and overwrites nothing that is not empty.
    """
    if operation is Operation.ADD:
        return _judge_add(changes, now.rows)
    if operation is Operation.CHANGE:
        return _judge_row(changes, row, now.rows)
    todo = tuple(c for c in changes if now.cells.get(c.field) != c.after or _unseen(c))
    in_the_way = tuple(c.field for c in todo if now.cells.get(c.field, "") != (c.before or "") and not _unseen(c))
    if in_the_way:
        return Judgement(Standing.CHANGED, fields=in_the_way)
    return Judgement(Standing.OPEN, todo) if todo else Judgement(Standing.DONE)


def _unseen(change: Change) -> bool:
    """Blanks at the ends that a page does not show: it cannot tell whether the change was made, so it is made."""
    return change.before is not None and change.before != change.after and change.before.strip() == change.after


def _judge_add(changes: Sequence[Change], rows: Sequence[Row]) -> Judgement:
    new = {c.field: c.after for c in changes}
    if any(_holds(row, new) for row in rows):
        return Judgement(Standing.DONE)
    key = [(field, new[field]) for field in NATURAL_KEY if new.get(field)]
    clash = tuple(field for row in rows for field, value in key if row.get(field) == value)
    return Judgement(Standing.CHANGED, fields=clash) if clash else Judgement(Standing.OPEN, tuple(changes))


def _judge_row(changes: Sequence[Change], row: Row, rows: Sequence[Row]) -> Judgement:
    wanted = dict(row) | {c.field: c.after for c in changes}
    old, new = sum(_holds(r, row) for r in rows), sum(_holds(r, wanted) for r in rows)
    if old > 1:
        return Judgement(Standing.AMBIGUOUS)
    if old == 1:
        return Judgement(Standing.OPEN, tuple(c for c in changes if row.get(c.field, "") != c.after))
    return Judgement(Standing.DONE) if new == 1 else Judgement(Standing.CHANGED, fields=tuple(c.field for c in changes))


def _holds(row: Row, part: Row) -> bool:
    return all(row.get(field, "") == value for field, value in part.items())


class Outcome(StrEnum):
    """What a fresh query shows after a save."""

    VERIFIED = "verified"  # every written cell holds its value, nothing else moved
    NOTHING = "nothing"  # all is as before
    PARTIAL = "partial"  # each written cell holds its old or its new value
    FOREIGN = "foreign"  # our cells stand, and something that we did not write has moved
    TRUNCATED = "truncated"  # a written cell holds the beginning of its value
    DOUBLED = "doubled"  # the added row stands there more than once
    UNDECIDED = "undecided"


def outcome(
    operation: Operation, typed: Sequence[Change], row: Row, before: Image, after: Image, derived: Iterable[str]
) -> Outcome:
    """Hold the read-back against the before-image and the cells that were typed."""
    left_out = frozenset(derived)
    if operation in (Operation.ADD, Operation.CHANGE):
        return _rows_outcome(operation, typed, row, before.rows, after.rows, left_out)
    written = {c.field: c.after for c in typed}
    foreign = moved(typed, before, after, left_out)
    stands = {f: after.cells.get(f) == v for f, v in written.items()}
    if all(stands.values()):
        return Outcome.FOREIGN if foreign else Outcome.VERIFIED
    if foreign:
        return Outcome.UNDECIDED
    left = [f for f, ok in stands.items() if not ok]
    if all(after.cells.get(f) == before.cells.get(f) for f in left):
        return Outcome.PARTIAL if len(left) < len(written) else Outcome.NOTHING
    cut = [f for f in left if after.cells.get(f) != before.cells.get(f)]
    begun = all(after.cells.get(f) and written[f].startswith(after.cells[f]) for f in cut)
    return Outcome.TRUNCATED if begun else Outcome.UNDECIDED


def moved(typed: Sequence[Change], before: Image, after: Image, derived: Iterable[str]) -> list[str]:
    """The cells that nobody typed and that are others now, by name."""
    others = (before.cells.keys() | after.cells.keys()) - {c.field for c in typed} - frozenset(derived)
    return sorted(f for f in others if before.cells.get(f) != after.cells.get(f))


def _rows_outcome(
    operation: Operation,
    typed: Sequence[Change],
    row: Row,
    before: Sequence[Row],
    after: Sequence[Row],
    derived: frozenset[str],
) -> Outcome:
    old, new = _count(before, derived), _count(after, derived)
    gone, come = list((old - new).elements()), [dict(r) for r in (new - old).elements()]
    if not gone and not come:
        return Outcome.NOTHING
    wanted = (dict(row) if operation is Operation.CHANGE else {}) | {c.field: c.after for c in typed}
    ours = [r for r in come if _holds(r, wanted)]
    left = [dict(r) for r in gone if not (operation is Operation.CHANGE and _holds(dict(r), row))]
    if len(ours) > 1:
        return Outcome.DOUBLED
    if len(ours) == 1 and (operation is Operation.ADD or len(gone) - len(left) == 1):
        return Outcome.VERIFIED if len(come) == 1 and not left else Outcome.FOREIGN
    return Outcome.UNDECIDED


def _count(rows: Sequence[Row], derived: frozenset[str]) -> Counter[frozenset[tuple[str, str]]]:
    return Counter(frozenset((f, v) for f, v in row.items() if f not in derived) for row in rows)
