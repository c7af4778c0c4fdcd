"""Enter the rows of a spreadsheet into a mapped screen: every row is read first, becomes a work item, and `flows.fill` fills it.

row ──read──▶ what stands there ──plan──▶ item (origin: the file's hash and the row) ──flows.fill──▶ its end, with before and after

Nothing here types. A row that the screen cannot hold, or whose record is not there, ends without an item; a row whose
record cannot be read because the system fails is parked.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as factory

from loguru import logger

from core.errors import ApplicationError, BusinessError, SessionOver
from core.ledger import Ledger, queue
from core.ledger.queue import StepPlan
from core.model import FINAL, OPEN, Change, Entry, Image, Kind, Operation, State, WorkItem
from core.ports import LegacySystem
from core.words import Words
from flows.fill import DIALOG, UNFOUND, Desk, fill

Say = Callable[[str, int, int], None]
"""Progress: what, how much, of how much."""

CHANGE = "change"
"""What a dry run calls a row that would be typed."""

COUNTED = {
    State.VERIFIED: "verified", State.UNCHANGED: "unchanged", State.CONFLICT: "conflicts", State.REFUSED: "business_errors",
    State.UNKNOWN: "unknown", State.PARKED: "parked", State.AWAITING: "awaiting_approval",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one row; `before` and `after` hold the fields that differ, or were asked for."""

    row: int
    key: str
    state: str  # a core.model.State, or CHANGE in a dry run
    reason: str = ""  # a code of flows.fill.REASONS, or of the screen
    field: str = ""  # which field the reason is about
    before: Mapping[str, str] = factory(default_factory=dict)
    after: Mapping[str, str] = factory(default_factory=dict)
    submits: int = 0
    hint: Words | None = None  # what would be right


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One file for one screen."""

    screen: str
    kind: Kind
    operation: Operation
    digest: str  # SHA-256 of the file
    scope: str = ""  # how the keys of its records begin in the ledger
    creates: bool = False  # a record that is not there is made
    named: str = ""  # the field that a new record's key is typed into

    @property
    def origin(self) -> str:
        """How the origins of all its items begin."""
        return f"sheet {self.scope or self.screen} {self.digest[:16]} "

    def key(self, entry: Entry) -> str:
        """The record's key in the ledger."""
        return self.scope + entry.key

    def row(self, entry: Entry) -> str:
        """The origin of one row."""
        return f"{self.origin}row {entry.row}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The rows after a first look at their records, in which nothing was typed."""

    images: Mapping[int, Image]  # by row
    entries: Mapping[int, Entry]  # the same rows, spelt as the controls that were found spell their values
    ended: Mapping[int, Line]  # rows that are at their end already


# -- before anything is typed


def look(
    legacy: LegacySystem, task: Task, entries: Sequence[Entry], *, attempts: int, circuit: int, say: Say
) -> Looked:
    """Read the record of every row that the screen could hold; after `circuit` failures in a row the rest is parked unread."""
    images: dict[int, Image] = {}
    spelt: dict[int, Entry] = {}
    ended: dict[int, Line] = {}
    failures = 0
    for count, entry in enumerate(entries, 1):
        found = _look(legacy, task, entry, attempts if failures < circuit else 0)
        if isinstance(found, Line):
            ended[entry.row] = found
            failures += found.state == State.PARKED
        else:
            spelt[entry.row], images[entry.row] = found
            failures = 0
        say("read", count, len(entries))
    return Looked(images=images, entries=spelt, ended=ended)


def _look(legacy: LegacySystem, task: Task, entry: Entry, attempts: int) -> tuple[Entry, Image] | Line:
    if entry.refusal:
        return _ended(entry, State.REFUSED, entry.refusal)
    found = _read(legacy, task, entry, attempts)
    return found if isinstance(found, Line) else _spelt(legacy, task, entry, found)


def _spelt(legacy: LegacySystem, task: Task, entry: Entry, image: Image) -> tuple[Entry, Image] | Line:
    """The row as the controls spell it; one of them may turn out not to hold its value."""
    values: dict[str, str] = {}
    for name, text in entry.values.items():
        try:
            values[name] = legacy.spelt(task.screen, name, text)
        except BusinessError as error:
            return replace(_ended(replace(entry, field=name), State.REFUSED, error.code), hint=error.hint)
    return replace(entry, values=values), image


def _read(legacy: LegacySystem, task: Task, entry: Entry, attempts: int) -> Image | Line:
    code, about = "circuit", ""
    for attempt in range(1, attempts + 1):
        try:
            return legacy.read(task.screen, task.key(entry))
        except BusinessError as error:
            return _ended(entry, State.REFUSED, error.code)
        except SessionOver:
            raise
        except ApplicationError as error:
            logger.warning("row {} not read, attempt {}: {}", entry.row, attempt, error)
            code, about = error.code, error.about
    return _ended(replace(entry, field=about), State.PARKED, code or "poison")


def _ended(entry: Entry, state: State, reason: str) -> Line:
    return Line(row=entry.row, key=entry.key, state=state, reason=reason, field=entry.field, after=entry.values)


def differences(entries: Iterable[Entry], looked: Looked) -> list[Line]:
    """What a dry run tells: for each row what would change, or why it would not."""
    return [looked.ended.get(e.row) or _difference(looked.entries[e.row], looked.images[e.row]) for e in entries]


def _difference(entry: Entry, image: Image) -> Line:
    changed = {f: v for f, v in entry.values.items() if image.cells.get(f, "") != v}
    before = {f: image.cells.get(f, "") for f in changed}
    state = CHANGE if changed else State.UNCHANGED
    return Line(row=entry.row, key=entry.key, state=state, before=before, after=changed)


# -- items


def standing(ledger: Ledger, task: Task, entries: Iterable[Entry]) -> dict[int, queue.Row]:
    """The newest item of every row that has one, from this run of the file or an earlier one."""
    newest = {row.origin: row for row in queue.rows(ledger) if row.origin.startswith(task.origin)}
    return {e.row: found for e in entries if (found := newest.get(task.row(e)))}


def plan(
    ledger: Ledger, task: Task, entries: Iterable[Entry], looked: Looked, *, remake: bool = False
) -> Mapping[int, Line]:
    """Put an item into the queue for every row whose record was read; a row that was entered before is entered anew.

    Answers the rows whose record may have been made before without being found: those are made again only with `remake`.
    """
    known = queue.rows(ledger)
    times = Counter((row.origin, row.key) for row in known if row.origin.startswith(task.origin))
    going = {_at_home(row.key) for row in known if row.kind is task.kind and row.state in UNDER_WAY}
    unfound = {_at_home(row.key) for row in known if row.kind is task.kind and _is_unfound(row)}
    made = going if remake else going | unfound
    ended: dict[int, Line] = {}
    for row in (e.row for e in entries):
        image, entry = looked.images.get(row), looked.entries.get(row)
        if image is None or entry is None or not (entry.values or (task.creates and not image.cells)):
            continue
        origin, key = task.row(entry), task.key(entry)
        if task.creates and not image.cells and _at_home(key) in made:
            ended[row] = _ended(entry, State.PARKED, UNFOUND)
            continue
        with ledger.begin() as tx:
            planned = {number for number in queue.unstarted(tx, task.kind, key) if number}
            if planned:  # what the night had in mind for the object is judged anew after us
                queue.withdraw(tx, planned)
            revision = times[origin, key] + 1
            queue.plan(tx, task.kind, key, "", origin, revision, [_step(task, entry, image)], None)
    return ended


UNDER_WAY = (State.UNKNOWN, State.WORKING)
"""Something may be on its way to the system."""


def _is_unfound(row: queue.Row) -> bool:
    """Whether something was sent for the record, and nobody knows what became of it."""
    asked = row.reason == DIALOG and row.submits > 0  # a dialog before anything was sent leaves nothing behind
    return row.state is State.PARKED and (row.reason in (UNFOUND, "undecided") or asked)


def _at_home(key: str) -> str:
    """The record on its host, whichever map it was entered by."""
    return key.partition("@")[2] or key


def _step(task: Task, entry: Entry, image: Image) -> StepPlan:
    made = task.creates and not image.cells
    values = {task.named: entry.key, **entry.values} if made and task.named else entry.values
    changes = tuple(Change(field=f, before=image.cells.get(f, ""), after=v, proposal=0) for f, v in values.items())
    operation = Operation.ADD if made else task.operation
    return StepPlan(screen=task.screen, operation=operation, changes=changes, row={})


def take_up(ledger: Ledger, found: Mapping[int, queue.Row], *, remake: bool = False) -> None:
    """Give the parked rows of an earlier run back to the queue: what may be under way is read first.

    A record that may have been made and cannot be found stays parked, unless it is to be made again.
    """
    for row in found.values():
        if row.state is State.PARKED and (remake or row.reason != UNFOUND):
            queue.release(ledger, row.id, State.READY)


def open_rows(found: Mapping[int, queue.Row]) -> set[int]:
    """The rows whose items have not ended."""
    return {number for number, row in found.items() if row.state not in FINAL}


def enter(desk: Desk, task: Task) -> str:
    """Fill the file's items. Answers why it ended, as `flows.fill.fill` does."""
    return fill(replace(desk, origin=task.origin))


# -- afterwards


def lines(ledger: Ledger, task: Task, entries: Sequence[Entry], ended: Mapping[int, Line]) -> list[Line]:
    """What became of every row, in the order of the file."""
    found = standing(ledger, task, entries)
    told = (ended.get(e.row) or _told(ledger, e, found.get(e.row)) for e in entries)
    return [_behind(ledger, line, found.get(line.row)) for line in told if line]


def _behind(ledger: Ledger, line: Line, row: queue.Row | None) -> Line:
    """The line; one that waits says behind which item of the same record."""
    if row is None or line.state != State.WAITING or line.reason:
        return line
    of_record = queue.rows(ledger, key=row.key)
    before = [o for o in of_record if o.kind is row.kind and o.state in OPEN]
    return replace(line, reason="behind", field=f"{before[0].name} ({before[0].origin})") if before else line


def _told(ledger: Ledger, entry: Entry, row: queue.Row | None) -> Line | None:
    if row is None:
        return None if entry.values else Line(row=entry.row, key=entry.key, state=State.UNCHANGED)
    before, after = _values(queue.item(ledger, row.id))
    reason, _, about = row.reason.partition(" ")
    return Line(
        row=entry.row, key=entry.key, state=row.state, reason=reason, field=about, before=before, after=after, submits=row.submits
    )  # fmt: skip


def _values(item: WorkItem) -> tuple[dict[str, str], dict[str, str]]:
    changes = [c for step in item.steps for c in step.changes if c.before != c.after]
    return {c.field: c.before or "" for c in changes}, {c.field: c.after for c in changes}


def figures(told: Iterable[Line]) -> dict[str, int]:
    """Rows by their end: `rows` is the sum of those that have one; `filled` the submits sent; `waiting` the others."""
    counts = {"rows": 0, "filled": 0, **dict.fromkeys(COUNTED.values(), 0), "waiting": 0}
    for line in told:
        name = COUNTED.get(State(line.state), "waiting")
        counts[name] += 1
        counts["rows"] += name not in ("waiting", "awaiting_approval")
        counts["filled"] += line.submits
    return counts
