"""The queue of work items: planned once, claimed by one worker at a time, with an intent on disk before anything is typed.

Every change after a claim carries the claim's fence; a worker whose claim was taken over gets `LostClaim` and stops.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.errors import HedangError
from core.ledger import entities, proposals
from core.ledger import tables as t
from core.ledger.store import Ledger, Transaction, chunks
from core.model import OPEN, Change, Image, Kind, Operation, State, Step, WorkItem


class LostClaim(HedangError):
    """Another worker has taken this item over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """One save, before it is in the ledger."""

    screen: str
    operation: Operation
    changes: tuple[Change, ...]
    row: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A process that works through items."""

    id: int
    name: str
    host: str
    pid: int
    started: float


def enlist(ledger: Ledger, name: str, host: str, pid: int, started: float) -> Worker:
    """Register a worker process."""
    with ledger.begin() as tx:
        number = tx.insert(t.worker, name=name, host=host, pid=pid, process_started=started, at=t.now(), seen=t.now())
    return Worker(id=number, name=name, host=host, pid=pid, started=started)


def plan(
    tx: Transaction,
    kind: Kind,
    key: str,
    org: str,
    origin: str,
    revision: int,
    steps: Sequence[StepPlan],
    run: int | None,
    *,
    canary: bool = False,
) -> int | None:
    """Put an item into the queue; answers its id, or None when this origin's revision has one already.

    An open item of the same object that has not started is replaced; behind one that has started the new one waits.
    """
    entity = entities.ensure(tx, kind, key, org)
    same = sa.and_(t.item.c.entity_id == entity, t.item.c.origin == origin, t.item.c.revision == revision)
    if tx.one(sa.select(t.item.c.id).where(same)) is not None:
        return None
    state = State.READY
    for old in tx.rows(
        sa.select(t.item.c.id, t.item.c.state)
        .where(t.item.c.entity_id == entity, t.item.c.state.in_((*OPEN, State.WAITING)))
        .with_for_update()  # no worker claims what is being replaced
    ):
        if old.state == State.WAITING or _replaceable(tx, old.id, State(old.state)):
            tx.update(
                t.item.update()
                .where(t.item.c.id == old.id)
                .values(state=State.SUPERSEDED, ended=t.now(), reason="replaced")
            )
        else:
            state = State.WAITING
    item = tx.insert(
        t.item,
        entity_id=entity,
        origin=origin,
        revision=revision,
        state=state,
        canary=int(canary),
        run_id=run,
        created=t.now(),
    )
    for seq, step in enumerate(steps, 1):
        changes = [asdict(change) for change in step.changes]
        tx.insert(
            t.step,
            item_id=item,
            seq=seq,
            screen=step.screen,
            operation=step.operation,
            changes=changes,
            row=dict(step.row),
            state="ready",
        )
    tx.trail("item planned", f"item {item}", {"origin": origin, "steps": len(steps), "state": state})
    return item


def _replaceable(tx: Transaction, item: int, state: State) -> bool:
    """A ready item that nobody has begun, or a parked one of which nothing may be under way."""
    if state is State.PARKED:
        return _left_as(tx, item, mark=False) is State.READY
    return state is State.READY and not _touched(tx, item)


def withdraw(tx: Transaction, numbers: Collection[int]) -> None:
    """Take back items that nobody has begun and that would write one of these proposals, which the gate admits no more.

    All proposals of such an item are open again (decided, where a person has spoken): what still may be written is planned anew.
    """
    chosen = frozenset(numbers)
    for row in tx.rows(sa.select(t.item.c.id, t.item.c.state).where(t.item.c.state.in_((State.READY, State.WAITING)))):
        ours = {change.proposal for step in load(tx, row.id).steps for change in step.changes}
        if not ours & chosen or (row.state == State.READY and _touched(tx, row.id)):
            continue
        tx.update(
            t.item.update()
            .where(t.item.c.id == row.id)
            .values(state=State.SUPERSEDED, ended=t.now(), reason="withdrawn")
        )
        people = proposals.by_person(tx, ours)
        proposals.move(tx, ours - people, "open")
        proposals.move(tx, people, "decided")
        tx.trail("item withdrawn", f"item {row.id}", None)


def unstarted(tx: Transaction, kind: Kind, key: str) -> set[int]:
    """The proposals of an object's items that nobody has begun; a new item of the object takes them over."""
    rows = tx.rows(
        sa.select(t.item.c.id, t.item.c.state)
        .join(t.entity, t.entity.c.id == t.item.c.entity_id)
        .where(t.entity.c.kind == kind, t.entity.c.key == key, t.item.c.state.in_((State.READY, State.WAITING)))
    )
    items = [load(tx, row.id) for row in rows if row.state == State.WAITING or not _touched(tx, row.id)]
    return {change.proposal for item in items for step in item.steps for change in step.changes}


def _touched(tx: Transaction, item: int) -> bool:
    return tx.one(sa.select(t.intent.c.id).join(t.step).where(t.step.c.item_id == item)) is not None


# -- claiming

_UNSWEPT = (t.intent.c.outcome == "verified") & t.intent.c.swept.is_(None)
_DUE = sa.or_(t.item.c.not_before.is_(None), t.item.c.not_before <= t.now())


def _of(origin: str) -> sa.ColumnElement[bool]:
    """Items whose origin begins so; without one all that a night may touch, which are not the records of maps that stand alone."""
    if origin:
        return t.item.c.origin.startswith(origin, autoescape=True)
    return ~sa.exists().where((t.entity.c.id == t.item.c.entity_id) & (t.entity.c.kind == Kind.RECORD))


def claim(
    ledger: Ledger,
    worker: Worker,
    lease: float,
    gone: Callable[[Worker, bool], bool],
    only: Sequence[int] = (),
    *,
    fresh: bool = True,
    origin: str = "",
) -> WorkItem | None:
    """Take the next item: compare-and-set on the fence just read, lease until now + `lease` seconds.

    An item whose lease ran out, or whose owner is dead, is taken over only after `gone(owner, late)` made sure that the old
    owner's process group is dead; if it had begun to type it becomes *unknown*, and its quiet period begins now.
    Without `fresh` only what was begun before is taken: unknown outcomes and awaited orders. With `origin` only items whose
    origin begins so.
    """
    with ledger.begin() as tx:
        _recover(tx, worker, gone)
        query = (
            sa.select(t.item.c.id, t.item.c.fence, t.item.c.state)
            .where(
                t.item.c.state.in_((*((State.READY,) if fresh else ()), State.UNKNOWN, State.AWAITING)),
                _DUE,
                _of(origin),
            )
            .order_by(t.item.c.state == State.AWAITING, t.item.c.canary.desc(), t.item.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if only:
            query = query.where(t.item.c.id.in_(only))
        found = tx.one(query)
        if found is None:
            return None
        taken = tx.update(
            t.item.update()
            .where(t.item.c.id == found.id, t.item.c.fence == found.fence)
            .values(
                fence=found.fence + 1,
                worker_id=worker.id,
                lease_until=t.now() + lease,
                state=State.WORKING,
            )
        )
        return load(tx, found.id, was=State(found.state)) if taken else None


def _recover(tx: Transaction, worker: Worker, gone: Callable[[Worker, bool], bool]) -> None:
    """Give back the items of owners that are dead or late."""
    late = t.item.c.lease_until < t.now()
    owners = tx.rows(
        sa.select(t.worker, sa.func.max(sa.case((late, 1), else_=0)).label("late"))
        .join(t.item)
        .where(t.item.c.state == State.WORKING, t.worker.c.id != worker.id)
        .group_by(t.worker.c.id)
    )
    for row in owners:
        owner = Worker(id=row.id, name=row.name, host=row.host, pid=row.pid, started=row.process_started)
        if not gone(owner, bool(row.late)):
            continue
        for item in tx.rows(
            sa.select(t.item.c.id, t.item.c.fence).where(t.item.c.state == State.WORKING, t.item.c.worker_id == row.id)
        ):
            state = _left_as(tx, item.id)
            tx.update(
                t.item.update()
                .where(t.item.c.id == item.id, t.item.c.fence == item.fence)
                .values(state=state, fence=item.fence + 1, lease_until=None, reason="owner_died", not_before=None)
            )
            tx.trail("taken over", f"item {item.id}", {"state": state})


def _left_as(tx: Transaction, item: int, *, mark: bool = True) -> State:
    """How a dead owner left the item: a begun save is unknown from now on, an open order is still awaited."""
    steps = {
        row.state: row.id for row in tx.rows(sa.select(t.step.c.id, t.step.c.state).where(t.step.c.item_id == item))
    }
    begun = steps.get("intent") or steps.get("submitted")
    if begun is not None:
        if mark:
            _mark_unknown(tx, begun)
        return State.UNKNOWN
    return State.AWAITING if "awaiting" in steps else State.READY


def _mark_unknown(tx: Transaction, step: int) -> None:
    where = (t.intent.c.step_id == step) & (t.intent.c.outcome == "open") & t.intent.c.unknown_since.is_(None)
    tx.update(t.intent.update().where(where).values(unknown_since=t.now()))


def load(tx: Transaction, item: int, was: State | None = None) -> WorkItem:
    """The item with its steps; `was` is the state before the claim."""
    row = tx.one(
        sa.select(t.item, t.entity.c.kind, t.entity.c.key, t.entity.c.org).join(t.entity).where(t.item.c.id == item)
    )
    assert row is not None
    steps = tx.rows(sa.select(t.step).where(t.step.c.item_id == item).order_by(t.step.c.seq))
    return WorkItem(
        id=row.id, kind=Kind(row.kind), key=row.key, org=row.org, origin=row.origin, revision=row.revision,
        state=was or State(row.state), fence=row.fence, attempts=row.attempts, canary=bool(row.canary), steps=tuple(_step(s) for s in steps),
    )  # fmt: skip


def _step(row: Any) -> Step:
    return Step(
        id=row.id, seq=row.seq, screen=row.screen, operation=Operation(row.operation), row=row.row, state=row.state,
        order=row.order_no, changes=tuple(Change(**change) for change in row.changes),
    )  # fmt: skip


# -- working on a claimed item


def _hold(tx: Transaction, item: WorkItem, **values: Any) -> None:
    """Change the item under its fence (without values: only make sure of it). Raises LostClaim when somebody took it over."""
    held = (t.item.c.id == item.id) & (t.item.c.fence == item.fence) & (t.item.c.state == State.WORKING)
    if not tx.update(t.item.update().where(held).values(**{"fence": item.fence, **values})):
        raise LostClaim


def renew(ledger: Ledger, item: WorkItem, lease: float) -> None:
    """Lengthen the lease."""
    with ledger.begin() as tx:
        _hold(tx, item, lease_until=t.now() + lease)


def intend(
    ledger: Ledger, item: WorkItem, step: Step, before: Image, typed: Sequence[Change], worker: Worker, run: int | None
) -> int:
    """Put on disk what is about to be typed, before the first key press; answers the intent's id."""
    with ledger.begin() as tx:
        _hold(tx, item, submits=t.item.c.submits + 1)
        tx.update(t.step.update().where(t.step.c.id == step.id).values(state="intent"))
        number = tx.insert(
            t.intent, step_id=step.id, fence=item.fence, worker_id=worker.id, run_id=run, before_image=before.plain(),
            typed=[asdict(change) for change in typed], at=t.now(),
        )  # fmt: skip
        tx.trail("intent", f"item {item.id} step {step.seq}", {"fields": [change.field for change in typed]})
    return number


def unsent(ledger: Ledger, item: WorkItem) -> None:
    """The intent came to nothing before anything was sent: it is no save."""
    with ledger.begin() as tx:
        _hold(tx, item, submits=t.item.c.submits - 1)


def submitted(ledger: Ledger, item: WorkItem, step: Step, intent: int, order: str) -> None:
    """The screen has answered the save; an order's number is kept at once."""
    with ledger.begin() as tx:
        _hold(tx, item)
        tx.update(t.intent.update().where(t.intent.c.id == intent).values(submitted=t.now()))
        tx.update(t.step.update().where(t.step.c.id == step.id).values(state="submitted", order_no=order or step.order))


def conclude(
    ledger: Ledger,
    item: WorkItem,
    step: Step,
    intent: int | None,
    outcome: str,
    after: Image | None,
    state: str,
    order: str = "",
    told: str = "",
    also: Callable[[Transaction], None] = lambda _tx: None,
) -> None:
    """Close an intent with what the read-back showed, put the step into its new state, and do `also` with it.

    `told`: the mark of a fetch, where only the session of the save has read it back.
    """
    with ledger.begin() as tx:
        _hold(tx, item)
        also(tx)
        if intent is not None:
            tx.update(
                t.intent.update()
                .where(t.intent.c.id == intent)
                .values(outcome=outcome, after_image=after and after.plain(), read_back=t.now(), told=told)
            )
        number = {"order_no": order} if order else {}
        tx.update(t.step.update().where(t.step.c.id == step.id).values(state=state, **number))
        tx.trail(outcome, f"item {item.id} step {step.seq}", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An intent whose outcome nobody knows yet."""

    intent: int
    before: Image
    typed: tuple[Change, ...]
    waits: float  # seconds since the outcome became unknown
    reason: str  # why it is unknown


def pending(ledger: Ledger, step: Step) -> Pending | None:
    """The open intent of a step."""
    with ledger.begin() as tx:
        where = (t.intent.c.step_id == step.id) & (t.intent.c.outcome == "open")
        query = (
            sa.select(t.intent, t.item.c.reason, t.now().label("clock"))
            .select_from(t.intent)
            .join(t.step, t.step.c.id == t.intent.c.step_id)
            .join(t.item, t.item.c.id == t.step.c.item_id)
            .where(where)
        )
        row = tx.one(query.order_by(t.intent.c.id.desc()))
    if row is None:
        return None
    since = row.unknown_since or row.at
    return Pending(
        intent=row.id,
        before=Image.of(row.before_image),
        typed=tuple(Change(**c) for c in row.typed),
        waits=row.clock - since,
        reason=row.reason,
    )


def unknown(ledger: Ledger, item: WorkItem, step: Step, quiet: float, reason: str) -> None:
    """Nobody knows what became of the save: read after the quiet period."""
    with ledger.begin() as tx:
        _mark_unknown(tx, step.id)
        _hold(tx, item, state=State.UNKNOWN, reason=reason, lease_until=None, not_before=t.now() + quiet)
        tx.trail("outcome unknown", f"item {item.id} step {step.seq}", {"reason": reason})


def photograph(ledger: Ledger, item: WorkItem, picture: bytes) -> None:
    """Keep what was on the screen: sealed, beside the database."""
    name = f"{PICTURES}/{item.name}-{item.fence}.png.sealed"
    ledger.keys.seal_bytes(picture, ledger.directory / name)
    with ledger.begin() as tx:
        tx.trail("photographed", f"item {item.id}", {"path": name})


def pictures(ledger: Ledger, number: int) -> list[bytes]:
    """The pictures (PNG) of an item, oldest first; that they were looked at stands in the trail."""
    found = sorted((ledger.directory / PICTURES).glob(f"{_name(number)}-*.png.sealed"), key=_fence)
    if found:
        with ledger.begin() as tx:
            tx.trail("pictures opened", f"item {number}", {"count": len(found)})
    return [ledger.keys.open_bytes(path) for path in found]


PICTURES = "pictures"
"""The folder of sealed pictures in the data directory."""


def _name(number: int) -> str:
    return f"I{number:06d}"


def _fence(path: Path) -> int:
    return int(path.name.partition("-")[2].partition(".")[0])


def again(ledger: Ledger, item: WorkItem, delay: float, reason: str) -> None:
    """Back to ready after a delay; nothing was sent, and the failure counts."""
    with ledger.begin() as tx:
        values = {"state": State.READY, "reason": reason, "lease_until": None, "not_before": t.now() + delay}
        _hold(tx, item, **values, attempts=t.item.c.attempts + 1)


def back(ledger: Ledger, item: WorkItem, state: State, delay: float) -> None:
    """Give a claimed item back as it was, to be looked at after a delay."""
    with ledger.begin() as tx:
        _hold(tx, item, state=state, lease_until=None, not_before=t.now() + delay)


def finish(ledger: Ledger, item: WorkItem, state: State, reason: str = "") -> None:
    """End the item (or park it); its proposals follow, and an item that waited behind it becomes ready."""
    with ledger.begin() as tx:
        _hold(
            tx,
            item,
            state=state,
            reason=reason,
            lease_until=None,
            not_before=None,
            ended=None if state in OPEN else t.now(),
        )
        follow = {
            State.VERIFIED: "settled",
            State.UNCHANGED: "settled",
            State.CONFLICT: "held",
            State.REFUSED: "held",
            State.PARKED: "held",
        }
        if state in follow:
            steps = load(tx, item.id).steps
            done = {c.proposal for s in steps if s.state in ("verified", "unchanged") for c in s.changes}
            rest = {c.proposal for s in steps for c in s.changes} - done
            proposals.move(tx, done, "settled")
            proposals.move(tx, rest, follow[state])
        tx.trail(f"item {state}", f"item {item.id}", {"reason": reason})
        if state not in OPEN:
            _promote(tx, item.id)


def _promote(tx: Transaction, item: int) -> None:
    entity = sa.select(t.item.c.entity_id).where(t.item.c.id == item).scalar_subquery()
    if tx.one(sa.select(t.item.c.id).where(t.item.c.entity_id == entity, t.item.c.state.in_(OPEN))) is not None:
        return
    following = tx.one(
        sa.select(t.item.c.id)
        .where(t.item.c.entity_id == entity, t.item.c.state == State.WAITING)
        .order_by(t.item.c.id)
    )
    if following is not None:
        tx.update(t.item.update().where(t.item.c.id == following.id).values(state=State.READY))


def await_order(ledger: Ledger, item: WorkItem, delay: float) -> None:
    """A change order is open: look again after a delay."""
    with ledger.begin() as tx:
        _hold(tx, item, state=State.AWAITING, reason="", lease_until=None, not_before=t.now() + delay, attempts=0)


# -- looking


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An item as a list shows it."""

    id: int
    kind: Kind
    key: str
    org: str
    state: State
    reason: str
    attempts: int
    submits: int
    origin: str
    canary: bool

    @property
    def name(self) -> str:
        """As in WorkItem."""
        return _name(self.id)


def rows(ledger: Ledger, *, states: Sequence[State] = (), run: int | None = None, key: str | None = None) -> list[Row]:
    """Items by state, by the run that planned them, or by object."""
    query = sa.select(t.item, t.entity.c.kind, t.entity.c.key, t.entity.c.org).join(t.entity).order_by(t.item.c.id)
    if states:
        query = query.where(t.item.c.state.in_(states))
    if run is not None:
        query = query.where(t.item.c.run_id == run)
    if key is not None:
        query = query.where(t.entity.c.key == key)
    with ledger.begin() as tx:
        return [
            Row(
                id=r.id, kind=Kind(r.kind), key=r.key, org=r.org, state=State(r.state), reason=r.reason, attempts=r.attempts,
                submits=r.submits, origin=r.origin, canary=bool(r.canary),
            )
            for r in tx.rows(query)
        ]  # fmt: skip


def tally(ledger: Ledger, run: int) -> list[tuple[str, str, int]]:
    """The items that a run planned, ended or left open: (organisation, state, how many)."""
    begun = sa.select(sa.func.min(t.run_step.c.started)).where(t.run_step.c.run_id == run).scalar_subquery()
    touched = sa.or_(t.item.c.run_id == run, t.item.c.state.in_((*OPEN, State.WAITING)), t.item.c.ended >= begun)
    by = (t.entity.c.org, t.item.c.state)
    query = (
        sa.select(*by, sa.func.count().label("n"))
        .select_from(t.item)
        .join(t.entity)
        .where(touched, t.item.c.state != State.SUPERSEDED)
        .group_by(*by)
    )
    with ledger.begin() as tx:
        return [(r.org, r.state, r.n) for r in tx.rows(query)]


def setbacks(ledger: Ledger) -> dict[int, tuple[State, str]]:
    """Proposal → the state and the reason's code of its newest item, where that item did not write it."""
    stuck = (State.CONFLICT, State.REFUSED, State.PARKED)
    query = sa.select(t.item.c.state, t.item.c.reason, t.step.c.changes).select_from(t.step).join(t.item)
    with ledger.begin() as tx:
        return {
            change["proposal"]: (State(r.state), r.reason)
            for r in tx.rows(query.where(t.item.c.state.in_(stuck)).order_by(t.item.c.id))
            for change in r.changes
        }


def item(ledger: Ledger, number: int) -> WorkItem:
    """One item with its steps."""
    with ledger.begin() as tx:
        return load(tx, number)


def wake(ledger: Ledger, state: State) -> None:
    """Items in this state are due at once."""
    with ledger.begin() as tx:
        tx.update(t.item.update().where(t.item.c.state == state).values(not_before=None))


def intents(ledger: Ledger, item: WorkItem) -> int:
    """How often an item was begun, whether it came to a save or not."""
    with ledger.begin() as tx:
        steps = sa.select(t.step.c.id).where(t.step.c.item_id == item.id)
        return int(tx.scalar(sa.select(sa.func.count()).where(t.intent.c.step_id.in_(steps))))


def last_intent(ledger: Ledger, step: Step) -> int | None:
    """The newest intent of a step."""
    with ledger.begin() as tx:
        value = tx.scalar(sa.select(sa.func.max(t.intent.c.id)).where(t.intent.c.step_id == step.id))
    return None if value is None else int(value)


def screens(ledger: Ledger) -> set[str]:
    """The screens that a night's open items still have to visit."""
    with ledger.begin() as tx:
        where = t.item.c.state.in_((*OPEN, State.WAITING)) & _of("")
        rows = tx.rows(sa.select(t.step.c.screen).join(t.item).where(where).distinct())
    return {row.screen for row in rows}


def samples(ledger: Ledger, most: int = 3) -> dict[str, tuple[str, ...]]:
    """For each screen that open items have to visit, the numbers of up to `most` objects that are there to be opened."""
    query = (
        sa.select(t.step.c.screen, t.entity.c.key)
        .distinct()
        .join(t.item, t.item.c.id == t.step.c.item_id)
        .join(t.entity, t.entity.c.id == t.item.c.entity_id)
        .where(t.item.c.state.in_((*OPEN, State.WAITING)))
        .order_by(t.step.c.screen, t.entity.c.key)
    )
    with ledger.begin() as tx:
        found: dict[str, list[str]] = {}
        for row in tx.rows(query):
            found.setdefault(row.screen, []).append(row.key)
    return {screen: tuple(keys[:most]) for screen, keys in found.items()}


def unswept(ledger: Ledger) -> bool:
    """Whether something was written that no sweep of a night has looked at yet."""
    query = sa.select(t.intent.c.id).join(t.step).join(t.item)
    with ledger.begin() as tx:
        return tx.one(query.where(_UNSWEPT, _of("")).limit(1)) is not None


def unsettled(ledger: Ledger, origin: str = "") -> bool:
    """Whether the outcome of a save is not known yet; with `origin` only of items whose origin begins so."""
    with ledger.begin() as tx:
        query = sa.select(t.item.c.id).where(t.item.c.state == State.UNKNOWN, _of(origin))
        return tx.one(query.limit(1)) is not None


def due(ledger: Ledger) -> int:
    """How many items of a night wait for a worker."""
    with ledger.begin() as tx:
        states = (State.READY, State.UNKNOWN, State.AWAITING, State.WORKING)
        query = sa.select(sa.func.count()).select_from(t.item)
        return int(tx.scalar(query.where(t.item.c.state.in_(states), _of(""))))


def due_in(ledger: Ledger, origin: str = "") -> float | None:
    """Seconds until the next item can be claimed (0 = now), or None when nothing (of this origin) waits for a worker."""
    with ledger.begin() as tx:
        where = t.item.c.state.in_((State.READY, State.UNKNOWN, State.AWAITING)) & _of(origin)
        found = tx.one(
            sa.select(sa.func.count(), sa.func.min(sa.func.coalesce(t.item.c.not_before, 0.0)), t.now()).where(where)
        )
    return None if found is None or not found[0] else max(0.0, found[1] - found[2])


def release(ledger: Ledger, number: int, state: State) -> None:
    """A person gives a parked, refused or conflicting item back to the queue (`ready`) or ends it (`superseded`)."""
    with ledger.begin() as tx:
        row = tx.one(sa.select(t.item.c.state, t.item.c.fence, t.item.c.entity_id).where(t.item.c.id == number))
        if row is None:
            raise HedangError(f"there is no item {number}")
        if row.state not in (State.PARKED, State.CONFLICT, State.REFUSED, State.UNKNOWN):
            raise HedangError(
                f"item {number} is {row.state}; only parked, unknown, conflict and business_error items can be released"
            )
        other = (t.item.c.entity_id == row.entity_id) & t.item.c.state.in_(OPEN) & (t.item.c.id != number)
        if state == State.READY and tx.one(sa.select(t.item.c.id).where(other)) is not None:
            raise HedangError(f"item {number} stays as it is: another item of the same object is open")
        begun = tx.one(
            sa.select(t.step.c.id).where(t.step.c.item_id == number, t.step.c.state.in_(("intent", "submitted")))
        )
        if begun and state == State.READY:
            state = State.UNKNOWN  # something may have been sent: it is read before anything else
        ended = None if state in OPEN else t.now()
        if not tx.update(
            t.item.update()
            .where(t.item.c.id == number, t.item.c.fence == row.fence)
            .values(state=state, fence=row.fence + 1, attempts=0, not_before=None, ended=ended, reason="released")
        ):
            raise HedangError(f"item {number} was taken by a worker in this moment")
        _follow_release(tx, number, state)
        if state not in OPEN:
            _promote(tx, number)
        tx.trail("item released", f"item {number}", {"state": state})


def _follow_release(tx: Transaction, number: int, state: State) -> None:
    """Proposals of a released item: in work again, or waiting for a person; what a person has rejected is not written."""
    left = {c.proposal for s in load(tx, number).steps if s.state not in ("verified", "unchanged") for c in s.changes}
    if state not in OPEN:
        proposals.move(tx, left, "held")
        return
    against = proposals.in_state(tx, left, ("rejected", "superseded"))
    if against:
        raise HedangError(f"item {number} would write what was rejected or overtaken: proposal {min(against)}")
    proposals.move(tx, left, "itemised")


def verified_images(ledger: Ledger, *, unswept: bool = False) -> list[tuple[WorkItem, Step, Image]]:
    """The verified after-image of every written step, oldest first; all, or those that a night's sweep has yet to look at."""
    query = (
        sa.select(t.step.c.item_id, t.step.c.id, t.intent.c.after_image)
        .join(t.intent)
        .where(t.intent.c.outcome == "verified")
        .order_by(t.intent.c.read_back)
    )
    if unswept:
        query = query.join(t.item, t.item.c.id == t.step.c.item_id).where(_UNSWEPT, _of(""))
    with ledger.begin() as tx:
        found = []
        for row in tx.rows(query):
            work = load(tx, row.item_id)
            found.append((work, next(s for s in work.steps if s.id == row.id), Image.of(row.after_image)))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A save that so far only its own session has read back."""

    intent: int
    item: WorkItem
    step: Step
    mark: str
    typed: tuple[Change, ...]


def told(ledger: Ledger, origin: str = "") -> list[Told]:
    """What no other session has read yet, oldest first: of each save the cells that no later one of the object has typed anew."""
    columns = (t.intent.c.id, t.intent.c.told, t.intent.c.typed, t.step.c.item_id, t.step.c.seq)
    query = sa.select(*columns).join_from(t.intent, t.step).join(t.item).where(t.intent.c.told != "", _of(origin))
    with ledger.begin() as tx:
        found = [_told(tx, row) for row in tx.rows(query.order_by(t.intent.c.id))]
    return [save for save in found if save.typed]


def _told(tx: Transaction, row: Any) -> Told:
    item = load(tx, row.item_id)
    step = next(s for s in item.steps if s.seq == row.seq)
    entity = sa.select(t.item.c.entity_id).where(t.item.c.id == item.id).scalar_subquery()
    later = sa.select(t.intent.c.typed).join_from(t.intent, t.step).join(t.item)
    later = later.where(t.item.c.entity_id == entity, t.step.c.screen == step.screen, t.intent.c.id > row.id)
    anew = {c["field"] for r in tx.rows(later.where(t.intent.c.outcome == "verified")) for c in r.typed}
    typed = tuple(Change(**c) for c in row.typed if c["field"] not in anew)
    return Told(intent=row.id, item=item, step=step, mark=row.told, typed=typed)


def confirm(ledger: Ledger, save: Told) -> None:
    """Another session has read the same."""
    with ledger.begin() as tx:
        tx.update(t.intent.update().where(t.intent.c.id == save.intent).values(told=""))


def doubt(ledger: Ledger, save: Told, quiet: float) -> None:
    """Another session has read something else, or nothing: the item is *unknown* again, and is settled as such.

    Where another item of the object is open by now, it ends as a conflict: a person looks.
    """
    number = save.item.id
    with ledger.begin() as tx:
        entity = sa.select(t.item.c.entity_id).where(t.item.c.id == number).scalar_subquery()
        other = tx.one(sa.select(t.item.c.id).where(t.item.c.entity_id == entity, t.item.c.state.in_(OPEN)).limit(1))
        state = State.UNKNOWN if other is None else State.CONFLICT
        outcome = "open" if other is None else "undecided"
        lost = {"told": "", "outcome": outcome, "after_image": None, "unknown_since": t.now()}
        tx.update(t.intent.update().where(t.intent.c.id == save.intent).values(**lost))
        tx.update(
            t.step.update().where(t.step.c.id == save.step.id).values(state="submitted" if other is None else "ready")
        )
        again = {"ended": None, "not_before": t.now() + quiet} if other is None else {}
        where = t.item.c.id == number
        tx.update(t.item.update().where(where).values(state=state, fence=t.item.c.fence + 1, reason="doubted", **again))
        planned = {c.proposal for c in save.step.changes if c.proposal}
        proposals.move(tx, planned, "itemised" if other is None else "held")
        entities.unwritten(tx, save.step.id)
        tx.trail("read-back doubted", f"item {number}", {"state": state})


def swept(ledger: Ledger, steps: Sequence[int], gaps: int, doubles: int) -> None:
    """Record that a sweep has looked at these steps again, and what it found."""
    with ledger.begin() as tx:
        for some in chunks(steps):
            chosen = t.intent.c.step_id.in_(some) & (t.intent.c.outcome == "verified")
            tx.update(t.intent.update().where(chosen).values(swept=t.now()))
        tx.trail("swept", f"{len(steps)} steps", {"gaps": gaps, "doubles": doubles})


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One thing that was done because of a proposal; images and changes are the values themselves, unmasked."""

    what: str  # item | intent
    item: str
    at: float
    detail: Mapping[str, Any]
    typed: tuple[Change, ...] = ()  # an intent's changes that this proposal asked for
    before: Image | None = None
    after: Image | None = None


def history(ledger: Ledger, proposal: int) -> list[Done]:
    """The items and saves that a proposal led to, oldest first."""
    found: list[Done] = []
    of_object = sa.select(t.proposal.c.entity_id).where(t.proposal.c.id == proposal).scalar_subquery()
    steps = sa.select(t.step, t.item.c.state.label("item_state"), t.item.c.created, t.item.c.reason).join(t.item)
    with ledger.begin() as tx:
        for row in tx.rows(steps.where(t.item.c.entity_id == of_object).order_by(t.item.c.id, t.step.c.seq)):
            if not any(change["proposal"] == proposal for change in row.changes):
                continue
            name = _name(row.item_id)
            detail = {"state": row.item_state, "reason": row.reason, "screen": row.screen, "order": row.order_no}
            found.append(Done(what="item", item=name, at=row.created, detail=detail))
            intents = tx.rows(sa.select(t.intent).where(t.intent.c.step_id == row.id).order_by(t.intent.c.id))
            found += [_save(name, intent, proposal) for intent in intents]
    return found


def _save(item: str, row: Any, proposal: int) -> Done:
    changes = tuple(Change(**change) for change in row.typed)
    detail = {"outcome": row.outcome, "run": row.run_id, "submitted": row.submitted, "read_back": row.read_back}
    return Done(
        what="intent", item=item, at=row.at, detail=detail, typed=tuple(c for c in changes if c.proposal == proposal),
        before=Image.of(row.before_image), after=Image.of(row.after_image) if row.after_image else None,
    )  # fmt: skip


# -- the circuit


def failed(ledger: Ledger, name: str, limit: int, reason: str) -> bool:
    """Count a failure of a system; answers True when its circuit is open (`limit` failures in a row)."""
    with ledger.begin() as tx:
        row = tx.one(sa.select(t.circuit).where(t.circuit.c.name == name))
        count = (row.failures if row else 0) + 1
        opened = t.now() if count >= limit else None
        if row is None:
            tx.insert(t.circuit, name=name, failures=count, opened=opened, reason=reason)
        else:
            tx.update(
                t.circuit.update().where(t.circuit.c.name == name).values(failures=count, opened=opened, reason=reason)
            )
        if count == limit:
            tx.trail("circuit opened", name, {"reason": reason})
    return count >= limit


def worked(ledger: Ledger, name: str) -> None:
    """The system answered: the count of failures in a row begins anew."""
    with ledger.begin() as tx:
        tx.update(
            t.circuit.update()
            .where(t.circuit.c.name == name, t.circuit.c.failures > 0)
            .values(failures=0, opened=None, reason="")
        )


def close_circuit(ledger: Ledger, name: str) -> None:
    """A new start tries the system anew."""
    with ledger.begin() as tx:
        closed = tx.update(
            t.circuit.update()
            .where(t.circuit.c.name == name, t.circuit.c.failures > 0)
            .values(failures=0, opened=None, reason="")
        )
        if closed:
            tx.trail("circuit closed", name, None)


def circuit(ledger: Ledger, name: str) -> str | None:
    """Why the circuit is open, or None when it is closed."""
    with ledger.begin() as tx:
        row = tx.one(sa.select(t.circuit).where(t.circuit.c.name == name, t.circuit.c.opened.is_not(None)))
    return row.reason if row else None
