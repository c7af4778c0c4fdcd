"""Fill the legacy screens from ready work items, then read back what was stored. The only routine that writes.

ready ──read──▶ unchanged | conflict | intent ──▶ submitted ──read back agrees──▶ verified
  ▲                                      └────────────┴──anything unexpected──▶ unknown
  └── nothing stored ◀── quiet period, log in anew, read ─────────────────────────┘ └──▶ verified | conflict | parked
verified by a fetch within its own session ──another session reads otherwise──▶ unknown
a change order: intent ──▶ awaiting approval ──read by its number──▶ verified | refused (returned)
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from dataclasses import field as factory
from datetime import date

from loguru import logger

from core.errors import ApplicationError, BusinessError, HedangError, OutcomeUnknown, SessionOver
from core.ledger import Ledger, Transaction, entities, proofs, queue
from core.ledger.proofs import Trust
from core.ledger.queue import LostClaim, Told, Worker
from core.model import Change, Image, Kind, Operation, Order, Problem, State, Step, WorkItem
from core.ports import Clock, LegacySystem
from core.words import Words
from flows.compare import Outcome, Standing, judge, moved, outcome
from flows.refusals import REFUSALS

SYSTEM = "legacy"
"""The circuit's name."""

TOMORROW = 24 * 3600.0
"""Seconds after which an order that is still pending is looked at again; a new start looks at once."""

UNFOUND = "unfound"
"""The reason of a new record that was sent and cannot be found: only a person may have it made again."""

DIALOG = "dialog"
"""A dialog that nobody has mapped: what it says is for a person, and it will say it again."""

REASONS = {
    "": Words("", ""),
    "changed": Words(
        "界面上的值与计划时不同，未覆盖", "the screen holds another value than when it was planned; not overwritten"
    ),
    "ambiguous": Words("要修改的行出现不止一次", "the row to change stands there more than once"),
    "open_order": Words("该客户已有他人的在途工单", "somebody else's change order is open for this customer"),
    "foreign": Words("回读时发现他人同时修改了其他字段", "somebody else changed other fields at the same time"),
    "truncated": Words("系统只保存了值的前一部分", "the system kept only the beginning of the value"),
    "refused": Words("系统拒绝保存", "the system refused to save"),
    "returned": Words("变更工单被退回", "the change order was returned"),
    "doubled": Words("新增的行出现不止一次", "the added row stands there more than once"),
    "undecided": Words("回读结果无法判定", "the read-back cannot be decided"),
    DIALOG: Words(
        "页面弹出了映射里没有的对话框；请看过它说什么，写进映射的 confirm、alerts、refused 或 interruptions",
        "a dialog opened that the map does not know: see what it says, and put it into the map (confirm, alerts, refused or interruptions)",
    ),
    "order_gone": Words("变更工单查不到了", "the change order cannot be found any more"),
    "siblings": Words("同一客户的其他用户未显示新值", "other accounts of the customer do not show the new value"),
    "late": Words(
        "所录的都已保存；这一项是页面随后自己填上的，读早了，说不清保存前是什么，请看一眼",
        "what was typed is saved; the page fills this one by itself and it was read too early: look at what it says now",
    ),
    "moved": Words(
        "录入时页面自己改了它，没有保存；请把它也写进表格，或在映射里写 derived",
        "the page itself changed it while others were typed, nothing was saved; enter it as well, or mark it `derived`",
    ),
    "ignored": Words("控件没有收下这个值，没有保存", "the control did not take the value; nothing was saved"),
    "exists": Words("记录已经存在，没有再建", "the record exists already; none was made"),
    UNFOUND: Words(
        "新建之后查不到这条记录，也可能已经建成：请先在系统里看过，确未建成再用 --remake 重做",
        "the new record cannot be found, and may have been made: look into the system; if it is not there, make it again with --remake",
    ),
    "handed_over": Words(
        "人工交接的会话已结束，须有人重新登录（run.py screens login）",
        "the handed-over session ended: a person must log in again (run.py screens login)",
    ),
    "poison": Words("多次系统异常，已挂起", "too many application errors"),
    "doubted": Words(
        "另一会话读到的与本会话回读的不同", "another session read something else than the session of the save"
    ),
    "behind": Words(
        "同一条记录的这张工单还没有了结，没有轮到：请先对它那张表 enter --resume，再录这张",
        "this item of the same record has not ended: enter its file with --resume first, then this one",
    ),
    "replaced": Words("已被新的工单取代", "replaced by a later item"),
    "withdrawn": Words("准入不再成立，已撤回", "taken back: the gate admits it no more"),
    "owner_died": Words("执行进程中断，已接管", "the worker died; taken over"),
    "released": Words("由人工放回", "given back by a person"),
}
"""Why an item stands where it stands; codes of the screens themselves (charset, length, code …) join them."""


def worded(reason: str) -> Words:
    """A reason in words: a code, and behind a blank the field that it is about."""
    code, _, about = reason.partition(" ")
    words = REASONS.get(code) or REFUSALS.get(code) or Words(code, code)
    return Words(f"{about}：{words.zh}", f"{about}: {words.en}") if about else words


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How patient the worker is."""

    lease: float  # seconds
    attempts: int  # application errors after which an item is parked
    pause: Callable[[int], float]  # seconds before the next attempt, from the number of the last
    circuit: int  # application errors in a row that end the run
    submits: int = 5  # intents of one item without a result after which it is parked
    order_pause: float = 2.0  # seconds between two looks at a change order
    order_looks: int = 4  # looks in one night
    patience: float = 30.0  # how long the worker waits for items that are not due yet
    canaries: int = 3  # items that must be settled well before a new one starts beside an unsettled one
    conflicts: float = 0.2  # share of a run's items above which it ends; so that of items which cannot be decided
    mismatches: float = 0.05
    told: int = 200  # saves that only their own session has read back, after which another one reads them
    band: int = 20  # items that must have ended before a share says anything


@dataclass(kw_only=True)
class Desk:
    """What one worker has before it while it fills."""

    ledger: Ledger
    legacy: LegacySystem
    worker: Worker
    terms: Terms
    clock: Clock
    day: date
    gone: Callable[[Worker, bool], bool]
    run: int | None = None
    stop: Callable[[], bool] = lambda: False
    progress: Callable[[WorkItem, State], None] = lambda *_: None
    origin: str = ""  # only items whose origin begins so; empty: whatever is due
    told: int = 0  # saves since another session last read
    looks: dict[int, int] = factory(default_factory=dict)
    begun: set[int] = factory(default_factory=set)  # items that this run typed
    ended: Counter[State] = factory(default_factory=Counter)  # how this run's items ended


def fill(desk: Desk) -> str:
    """Work until nothing is due any more. Answers why it ended: `done`, `stopped`, or the circuit's reason."""
    queue.wake(desk.ledger, State.AWAITING)
    queue.close_circuit(desk.ledger, SYSTEM)
    _confirm(desk)  # what a run before has left
    while True:
        ended = _fill(desk)
        if not _confirm(desk) or ended != "done":  # what is doubted is settled
            return ended


def _fill(desk: Desk) -> str:
    while True:
        if desk.told >= desk.terms.told:
            _confirm(desk)
        if desk.stop():
            return "stopped"
        if reason := queue.circuit(desk.ledger, SYSTEM) or tripped(desk.ended, desk.terms):
            logger.error("filling ends early: {}", reason)
            return reason
        item = queue.claim(
            desk.ledger, desk.worker, desk.terms.lease, desk.gone, fresh=not _held(desk), origin=desk.origin
        )
        if item is not None:
            _work(desk, item)
            continue
        wait = queue.due_in(desk.ledger, desk.origin)
        if wait is None or wait > desk.terms.patience:
            return "done"
        desk.clock.sleep(min(max(wait, 0.05), 1.0))


def tripped(ended: Mapping[State, int], terms: Terms) -> str:
    """Why the data themselves say that filling must end, or an empty text."""
    total = sum(ended.values())
    well = ended.get(State.VERIFIED, 0) + ended.get(State.UNCHANGED, 0)
    shares = {
        "conflicts": (ended.get(State.CONFLICT, 0), terms.conflicts),
        "mismatches": (ended.get(State.PARKED, 0), terms.mismatches),
    }
    if ended.get(State.PARKED, 0) >= terms.canaries > well:
        return "canary: the first items could not be verified"
    over = [f"{name} {count} of {total}" for name, (count, most) in shares.items() if count > most * total]
    return f"breaker: {over[0]}" if over and total >= terms.band else ""


def _held(desk: Desk) -> bool:
    """Whether a canary is not settled yet: until it is, no new item starts."""
    return _well(desk) < desk.terms.canaries and queue.unsettled(desk.ledger, desk.origin)


def _well(desk: Desk) -> int:
    return desk.ended[State.VERIFIED] + desk.ended[State.UNCHANGED]


def _work(desk: Desk, item: WorkItem) -> None:
    try:
        _turn(desk, item)
    except LostClaim:
        logger.bind(item=item.name).warning("given up: another worker has taken it over")


def _turn(desk: Desk, item: WorkItem) -> None:
    outside = item.state in (State.UNKNOWN, State.AWAITING)  # something is still out there
    try:
        match item.state:
            case State.AWAITING:
                _follow(desk, item)
            case State.UNKNOWN:
                _settle(desk, item)
            case _:
                _advance(desk, item)
    except BusinessError as error:
        logger.bind(item=item.name).info("refused: {}", error)
        if outside:  # a refusal to show the record proves nothing of what was sent
            _end(desk, item, State.PARKED, "undecided")
        else:
            _end(desk, item, State.REFUSED, error.reason or "refused")
    except ApplicationError as error:
        _failed(desk, item, error)


def _failed(desk: Desk, item: WorkItem, error: HedangError) -> None:
    """The system failed while nothing was under way: later, with backoff, and not for ever.

    A session that only a person can begin anew is no failure of the item, and ends the run.
    """
    logger.bind(item=item.name).warning("not filled: {}", error)
    if isinstance(error, SessionOver):
        outside = item.state in (State.UNKNOWN, State.AWAITING)
        queue.back(desk.ledger, item, item.state if outside else State.READY, 0)
        queue.failed(desk.ledger, SYSTEM, 1, error.code)
        return
    if error.code == DIALOG:
        _end(desk, item, State.PARKED, DIALOG)
        return
    if item.state in (State.UNKNOWN, State.AWAITING):  # read again, never retry
        queue.back(desk.ledger, item, item.state, desk.terms.pause(1))
    elif item.attempts + 1 >= desk.terms.attempts:
        _end(desk, item, State.PARKED, "poison")
    else:
        queue.again(desk.ledger, item, desk.terms.pause(item.attempts + 1), error.code or "application_error")
    queue.failed(desk.ledger, SYSTEM, desk.terms.circuit, error.code or "application_error")


def _photograph(desk: Desk, item: WorkItem) -> None:
    """What is on the screen, sealed: at a surprise, and of the first items; a system that cannot be photographed any more is no further surprise."""
    try:
        picture = desk.legacy.shot()
    except HedangError:
        return
    queue.photograph(desk.ledger, item, picture)


def _unknown(desk: Desk, item: WorkItem, step: Step, reason: str) -> None:
    _photograph(desk, item)
    queue.unknown(desk.ledger, item, step, desk.legacy.quiet(step.screen), reason)


def _end(desk: Desk, item: WorkItem, state: State, reason: str = "") -> None:
    if state is State.PARKED:
        _photograph(desk, item)
    queue.finish(desk.ledger, item, state, reason)
    # what an earlier run sent, and this one has only read, says nothing of how well this one works
    desk.ended[state] += state is not State.PARKED or item.state is not State.UNKNOWN or item.id in desk.begun
    desk.progress(item, state)


def _advance(desk: Desk, item: WorkItem) -> None:
    """What is left of the item; a failure here counts as one of its attempts, whatever state it was claimed in."""
    try:
        _steps(desk, item)
    except ApplicationError as error:
        _failed(desk, replace(item, state=State.WORKING), error)


def _steps(desk: Desk, item: WorkItem) -> None:
    """The steps in order; the first that does not end well ends the item's turn."""
    for step in item.steps:
        if step.state in ("verified", "unchanged"):
            continue
        if desk.stop():
            queue.back(desk.ledger, item, State.READY, 0)
            return
        queue.renew(desk.ledger, item, desk.terms.lease)
        if not _step(desk, item, step):
            return
    with desk.ledger.begin() as tx:
        states = [step.state for step in queue.load(tx, item.id).steps]
    state = State.VERIFIED if "verified" in states else State.UNCHANGED
    if (
        state is State.VERIFIED and _well(desk) < desk.terms.canaries
    ):  # how the first items of a run looked, for a person
        _photograph(desk, item)
    _end(desk, item, state)


def _step(desk: Desk, item: WorkItem, step: Step) -> bool:
    """One save: read, decide, intent on disk, type, save, read back. True when the step is settled well."""
    orders = desk.legacy.orders(step.screen, item.key) if step.operation is Operation.APPLY else ()
    before = desk.legacy.read(step.screen, item.key)
    if _order_is_open(desk, item, step, orders, before):
        return False
    if orders:  # which orders were there before ours
        before = replace(before, rows=tuple({"order": order.number} for order in orders))
    found = judge(step.operation, step.changes, step.row, before)
    if found.standing is Standing.DONE:
        queue.conclude(desk.ledger, item, step, None, "unchanged", before, "unchanged")
        queue.worked(desk.ledger, SYSTEM)
        return True
    if found.standing is not Standing.OPEN:
        _end(desk, item, State.CONFLICT, str(found.standing))
        return False
    if reason := _refusal(desk.legacy, step, found.todo):
        _end(desk, item, State.REFUSED, reason)
        return False
    return _write(desk, item, step, before, found.todo)


def _refusal(legacy: LegacySystem, step: Step, todo: Sequence[Change]) -> str | None:
    return next((reason for c in todo if (reason := legacy.refuse(step.screen, c.field, c.after))), None)


def _order_is_open(desk: Desk, item: WorkItem, step: Step, orders: Sequence[Order], now: Image) -> bool:
    """Before applying, look for an open order: ours is taken up, somebody else's is a conflict."""
    pending = [order for order in orders if order.state == "pending"]
    ours = next((order for order in pending if _is_ours(order, step.changes, now)), None)
    if ours is not None:
        _await(desk, item, step, ours.number)
    elif pending:
        _end(desk, item, State.CONFLICT, "open_order")
    return bool(pending)


def _is_ours(order: Order, changes: Sequence[Change], now: Image | None = None) -> bool:
    """Whether an order asks for what we want: nothing else, and nothing less but what the screen shows already."""
    wanted = {c.field: c.after for c in changes}
    left = {field: value for field, value in wanted.items() if field not in order.cells}
    there = now.cells if now is not None else {}
    return bool(order.cells) and order.cells.items() <= wanted.items() and left.items() <= there.items()


def _await(desk: Desk, item: WorkItem, step: Step, number: str, intent: int | None = None) -> None:
    queue.conclude(desk.ledger, item, step, intent, "order open", None, "awaiting", number)
    queue.await_order(desk.ledger, item, desk.terms.order_pause)
    queue.worked(desk.ledger, SYSTEM)


def _write(desk: Desk, item: WorkItem, step: Step, before: Image, todo: Sequence[Change]) -> bool:
    desk.begun.add(item.id)
    intent = queue.intend(desk.ledger, item, step, before, todo, desk.worker, desk.run)
    try:
        receipt = desk.legacy.enter(step.screen, item.key, step.operation, todo, step.row)
    except LostClaim:
        raise
    except BusinessError as error:
        _uncounted(desk, item, error)
        return _refused(desk, item, step, intent, before, todo, error)
    except Exception as error:  # noqa: BLE001  from the intent on any surprise is *unknown*: this is where it is recorded
        _uncounted(desk, item, error)
        return _surprised(desk, item, step, error)
    try:
        queue.submitted(desk.ledger, item, step, intent, receipt.order)
        after, told = _read_back(desk, item, step, before, todo)
    except LostClaim:
        raise
    except Exception as error:  # noqa: BLE001  it was sent: that the screen will not show it is no refusal
        return _surprised(desk, item, step, error)
    if after is None:
        return _opened(desk, item, step, receipt.order)
    found = outcome(step.operation, todo, step.row, before, after, desk.legacy.derived(step.screen))
    if found is Outcome.VERIFIED:
        _verified(desk, item, step, intent, after, told)
        return True
    if found is Outcome.FOREIGN:
        queue.conclude(desk.ledger, item, step, intent, found, after, "ready")
        _end(desk, item, *_disturbed(desk, item, step, before, todo, after))
        return False
    _unknown(desk, item, step, str(found))
    return False


def _uncounted(desk: Desk, item: WorkItem, error: Exception) -> None:
    """An attempt that ended before anything was sent is no save."""
    if isinstance(error, HedangError) and not error.sent:
        queue.unsent(desk.ledger, item)


def _disturbed(
    desk: Desk, item: WorkItem, step: Step, before: Image, typed: Sequence[Change], after: Image
) -> tuple[State, str]:
    """What we typed stands, and something else has moved: somebody did that, unless the page fills it by itself after it came."""
    fields = moved(typed, before, after, desk.legacy.derived(step.screen))
    try:
        late = desk.legacy.restless(step.screen, item.key).intersection(fields)
    except (ApplicationError, BusinessError):
        late = frozenset()
    if late:
        return State.PARKED, f"late {min(late)}"
    return State.CONFLICT, " ".join(["foreign", *fields[:1]])


def _read_back(
    desk: Desk, item: WorkItem, step: Step, before: Image, todo: Sequence[Change]
) -> tuple[Image | None, str]:
    """What a fresh query shows (None where only a change order can tell), and the fetch's mark where only the session itself was told it.

    That counts only where this worker's first saves have proven it, only when it says that all is well and that the system has stored
    something since, and only until another session has read the record (`_confirm`). Whatever else it says, the record is opened anew.
    """
    if step.operation is Operation.APPLY:
        return None, ""
    mark = desk.legacy.glances(step.screen) if step.operation is Operation.SET else ""
    trust = proofs.trust(desk.ledger, mark, desk.terms.canaries, desk.worker) if mark else Trust.REFUTED
    quick = desk.legacy.glance(step.screen, item.key) if trust is not Trust.REFUTED else None
    if quick is None:
        return desk.legacy.fetch(step.screen, item.key), ""
    stamped = bool(before.stamp) and quick.stamp not in ("", before.stamp)
    well = outcome(step.operation, todo, step.row, before, quick, desk.legacy.derived(step.screen)) is Outcome.VERIFIED
    if trust is Trust.PROVEN and stamped and well:
        desk.told += 1
        return quick, mark
    if trust is Trust.PROVEN:
        return desk.legacy.fetch(step.screen, item.key), ""
    desk.legacy.renew()  # what another session reads
    after = desk.legacy.fetch(step.screen, item.key)
    if quick != after or (stamped and well):
        proofs.note(desk.ledger, mark, desk.worker, item, agreed=quick == after)
    if quick != after:
        logger.bind(item=item.name).warning(
            "{}: a fetch told something else than another session; no longer used", step.screen
        )
    return after, ""


def _confirm(desk: Desk) -> int:
    """Let another session read what only the session of the save was told of; answers how many saves are doubted now.

    A system that does not answer has said nothing against the fetch, and is not asked for every one of them.
    """
    known = [save for save in queue.told(desk.ledger, desk.origin) if _glanced(desk.legacy, save)]
    desk.told = 0
    if not known:
        return 0
    with suppress(ApplicationError):  # a system that is down is told by the reads
        desk.legacy.renew()
    doubted = silent = 0
    for save in known:
        stands = _stands(desk.legacy, save) if silent < desk.terms.circuit else None
        silent = silent + 1 if stands is None else 0
        if stands:
            queue.confirm(desk.ledger, save)
            continue
        if stands is False:
            proofs.note(desk.ledger, save.mark, desk.worker, save.item, agreed=False)
        queue.doubt(desk.ledger, save, desk.legacy.quiet(save.step.screen))
        doubted += 1
        desk.ended[State.VERIFIED] -= save.item.id in desk.begun
        logger.bind(item=save.item.name).warning("another session did not read the same: outcome unknown")
    return doubted


def _glanced(legacy: LegacySystem, save: Told) -> bool:
    """Whether it was this system's map that fetched it."""
    return save.step.screen in legacy.screens(save.item.kind) and legacy.glances(save.step.screen) == save.mark


def _stands(legacy: LegacySystem, save: Told) -> bool | None:
    """Whether the session, which has not saved it, reads the values; what a fetch does not show is looked for by opening.

    None: the system has not answered.
    """
    looks: tuple[Callable[[str, str], Image | None], ...] = (legacy.glance, legacy.fetch)
    stands: bool | None = None
    for look in looks:
        try:
            now = look(save.step.screen, save.item.key)
        except ApplicationError:
            continue
        except BusinessError:  # the record is gone
            return False
        if now is not None:
            stands = all(now.cells.get(c.field) == c.after for c in save.typed)
        if stands:
            return True
    return stands


def _surprised(desk: Desk, item: WorkItem, step: Step, error: Exception) -> bool:
    reason = error.code if isinstance(error, HedangError) and error.code else type(error).__name__
    said = f"{reason}, {error}" if isinstance(error, HedangError) else reason  # others may carry values
    logger.bind(item=item.name).warning("outcome unknown: {}", said)
    _unknown(desk, item, step, reason)
    return False


def _opened(desk: Desk, item: WorkItem, step: Step, number: str) -> bool:
    """A change order is open now; without its number nobody knows."""
    if number:
        _await(desk, item, step, number)
    else:
        _unknown(desk, item, step, "no_order")
    return False


def _refused(
    desk: Desk, item: WorkItem, step: Step, intent: int, before: Image, todo: Sequence[Change], error: BusinessError
) -> bool:
    """The screen said no; it is believed only when a fresh query shows that nothing was stored.

    What was sent may arrive late even so: then the query waits until it cannot any more. A form never shows an open order,
    so for a change order the orders are asked.
    """
    _photograph(desk, item)  # what it said; no other word of it is kept
    try:
        if error.code == "refused" or step.operation is Operation.APPLY:
            desk.clock.sleep(desk.legacy.quiet(step.screen))
        if step.operation is Operation.APPLY and _adopt(desk, item, step, intent, before, todo):
            return False
        after = desk.legacy.fetch(step.screen, item.key)
        found = outcome(step.operation, todo, step.row, before, after, desk.legacy.derived(step.screen))
    except (ApplicationError, BusinessError, OutcomeUnknown):
        found = Outcome.UNDECIDED
    if found is not Outcome.NOTHING:  # with the picture of what it said
        queue.unknown(desk.ledger, item, step, desk.legacy.quiet(step.screen), "refused")
        return False
    queue.conclude(desk.ledger, item, step, intent, "refused", after, "ready")
    queue.worked(desk.ledger, SYSTEM)
    _end(desk, item, State.REFUSED, error.reason or "refused")
    return False


def _verified(desk: Desk, item: WorkItem, step: Step, intent: int | None, after: Image, told: str = "") -> None:
    """Keep the after-image and, in the same breath, what the archive now holds until an export shows it."""

    def remember(tx: Transaction) -> None:
        if step.operation in (Operation.ADD, Operation.CHANGE):
            cells: dict[str, object] = {"rows": [dict(row) for row in after.rows]}
        else:
            cells = {change.field: change.after for change in step.changes}
        for field, value in cells.items():
            entities.written(tx, item.kind, item.key, item.org, field, value, desk.day, step.id)

    queue.conclude(desk.ledger, item, step, intent, "verified", after, "verified", told=told, also=remember)
    queue.worked(desk.ledger, SYSTEM)


# -- unknown outcomes and change orders


ENDS = {
    Outcome.TRUNCATED: (State.REFUSED, "truncated"),
    Outcome.DOUBLED: (State.PARKED, "doubled"),
    Outcome.UNDECIDED: (State.PARKED, "undecided"),
}
"""How an item ends that was read after its quiet period, where that needs no further look."""


def _settle(desk: Desk, item: WorkItem) -> None:
    """After the quiet period: log in anew, read, decide."""
    step = next((s for s in item.steps if s.state in ("intent", "submitted")), None)
    pending = queue.pending(desk.ledger, step) if step else None
    if step is None or pending is None:
        _advance(desk, item)
        return
    left = desk.legacy.quiet(step.screen) - pending.waits
    if left > 0:
        queue.back(desk.ledger, item, State.UNKNOWN, left)
        return
    desk.legacy.renew()
    if step.operation is Operation.APPLY and _adopt(desk, item, step, pending.intent, pending.before, pending.typed):
        return
    now = desk.legacy.read(step.screen, item.key)
    if step.operation is Operation.APPLY:
        found = Outcome.NOTHING  # only an order changes a customer, and there is none; the form may hide the difference
    else:
        found = outcome(step.operation, pending.typed, step.row, pending.before, now, desk.legacy.derived(step.screen))
    logger.bind(item=item.name).info("settled: {}", found)
    if found is Outcome.VERIFIED:
        _verified(desk, item, step, pending.intent, now)
    elif found in (Outcome.NOTHING, Outcome.PARTIAL):
        queue.conclude(desk.ledger, item, step, pending.intent, found, now, "ready")
        if why := _not_again(desk, item, step, pending):
            _end(desk, item, State.PARKED, why)
            return
    else:
        queue.conclude(desk.ledger, item, step, pending.intent, found, now, "ready")
    if found in (*ENDS, Outcome.FOREIGN):
        _end(desk, item, *(ENDS.get(found) or _disturbed(desk, item, step, pending.before, pending.typed, now)))
        return
    with desk.ledger.begin() as tx:
        fresh = queue.load(tx, item.id)
    _advance(desk, fresh)


def _not_again(desk: Desk, item: WorkItem, step: Step, pending: queue.Pending) -> str:
    """Why what was not stored is not sent once more; empty where it is."""
    if item.kind is Kind.RECORD and step.operation is Operation.ADD:
        return UNFOUND  # its search may be late, or find it by another name: never a second one
    if pending.reason == DIALOG:
        return DIALOG
    return "undecided" if queue.intents(desk.ledger, item) >= desk.terms.submits else ""


def _adopt(desk: Desk, item: WorkItem, step: Step, intent: int, before: Image, typed: Sequence[Change]) -> bool:
    """An order of ours that was opened although its number never reached us: it says what we typed and is new since.

    It may have been archived or returned meanwhile; following it by its number tells.
    """
    old = {row["order"] for row in before.rows}
    orders = desk.legacy.orders(step.screen, item.key)
    order = next((o for o in orders if o.number not in old and _is_ours(o, typed)), None)
    if order is None:
        return False
    _await(desk, item, step, order.number, intent)
    return True


def _follow(desk: Desk, item: WorkItem) -> None:
    """Look a change order up by its number."""
    step = next((s for s in item.steps if s.state == "awaiting"), None)
    if step is None:
        _advance(desk, item)
        return
    order = next((o for o in desk.legacy.orders(step.screen, item.key) if o.number == step.order), None)
    if order is None or order.state == "pending":
        _look_again(desk, item, gone=order is None)
        return
    if order.state == "returned":
        queue.conclude(desk.ledger, item, step, queue.last_intent(desk.ledger, step), "returned", None, "ready")
        _end(desk, item, State.REFUSED, "returned")
        return
    after = desk.legacy.fetch(step.screen, item.key)
    if any(after.cells.get(c.field) != c.after for c in step.changes):
        _end(desk, item, State.PARKED, "undecided")
        return
    if not _siblings_agree(desk, item, after):
        _end(desk, item, State.CONFLICT, "siblings")
        return
    _verified(desk, item, step, queue.last_intent(desk.ledger, step), after)
    with desk.ledger.begin() as tx:
        fresh = queue.load(tx, item.id)
    _advance(desk, fresh)


def _look_again(desk: Desk, item: WorkItem, *, gone: bool) -> None:
    """A pending order is looked at a few times a night; one that is nowhere to be found goes to a person."""
    queue.worked(desk.ledger, SYSTEM)  # it has answered, whatever it said
    looks = desk.looks[item.id] = desk.looks.get(item.id, 0) + 1
    if looks < desk.terms.order_looks:
        queue.back(desk.ledger, item, State.AWAITING, desk.terms.order_pause)
    elif gone:
        _end(desk, item, State.PARKED, "order_gone")
    else:
        queue.back(desk.ledger, item, State.AWAITING, TOMORROW)


def _siblings_agree(desk: Desk, item: WorkItem, after: Image) -> bool:
    """The customer's accounts show the customer's name as well."""
    with desk.ledger.begin() as tx:
        accounts = entities.children(tx, item.kind, item.key)
    screen = next(iter(desk.legacy.screens(Kind.ACCOUNT)), None)
    name = after.cells.get("cons_name")
    if screen is None or name is None:
        return True
    for key in accounts:
        queue.renew(desk.ledger, item, desk.terms.lease)
        if desk.legacy.fetch(screen, key).cells.get("cons_name", name) != name:
            return False
    return True


# -- before and after


def preflight(ledger: Ledger, legacy: LegacySystem, run: int | None) -> Sequence[Problem]:
    """Whether every screen that waiting items need is as mapped; nothing is typed. With problems nothing may be filled."""
    from core.ledger import batches

    screens = sorted(queue.screens(ledger))
    problems = legacy.preflight(screens) if screens else ()
    if problems:
        with ledger.begin() as tx:
            batches.complain(tx, problems, run)
    return problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What a last look at everything that the run wrote has shown."""

    read: int
    gaps: int  # a written value does not stand there
    doubles: int  # a written row stands there more than once


def sweep(ledger: Ledger, legacy: LegacySystem, stop: Callable[[], bool] = lambda: False) -> Sweep:
    """Read again everything that was written and not swept yet, whatever the ledger calls it; count gaps and doubles."""
    gaps = doubles = read = 0
    seen: list[int] = []
    left = _written(queue.verified_images(ledger, unswept=True))
    if left:
        with suppress(ApplicationError):  # a system that is down is told by the reads
            legacy.renew()  # nothing that the session of the saves remembers
    for (screen, key), written in left.items():
        if stop():
            break
        try:
            now = legacy.fetch(screen, key)
        except SessionOver:
            break
        except ApplicationError as error:
            logger.warning("not swept: {}", error)
            continue
        except BusinessError as error:  # the record is gone: what we wrote does not stand there
            logger.warning("swept in vain: {}", error)
            now = Image(screen=screen, key=key)
        read += 1
        seen += written.steps
        counts = [(now.rows.count(row), written.rows.count(row)) for row in written.rows]
        doubles += any(there > wanted for there, wanted in counts)
        moved = any(now.cells.get(field) != value for field, value in written.cells.items())
        gaps += moved or any(there < wanted for there, wanted in counts)
    queue.swept(ledger, seen, gaps, doubles)
    return Sweep(read=read, gaps=gaps, doubles=doubles)


@dataclass(kw_only=True)
class _Written:
    """What stands in one object because of us, by our newest word on each cell."""

    steps: list[int] = factory(default_factory=list)
    cells: dict[str, str] = factory(default_factory=dict)
    rows: tuple[Mapping[str, str], ...] = ()


def _written(images: Iterable[tuple[WorkItem, Step, Image]]) -> dict[tuple[str, str], _Written]:
    found: dict[tuple[str, str], _Written] = {}
    for item, step, image in images:
        one = found.setdefault((step.screen, item.key), _Written())
        one.steps.append(step.id)
        one.rows = image.rows
        if step.operation in (Operation.SET, Operation.APPLY):
            one.rows = ()
            one.cells |= {change.field: change.after for change in step.changes}
    return found


def summary(rows: Iterable[queue.Row]) -> dict[str, int]:
    """Items by what became of them: `items` is the sum of all others but `filled` (submits sent)."""
    names = {
        State.VERIFIED: "verified", State.UNCHANGED: "unchanged", State.CONFLICT: "conflicts", State.AWAITING: "awaiting_approval",
        State.REFUSED: "business_errors", State.UNKNOWN: "unknown", State.PARKED: "parked",
    }  # fmt: skip
    counts = {"items": 0, "filled": 0, **dict.fromkeys(names.values(), 0), "waiting": 0}
    for row in rows:
        if row.state is State.SUPERSEDED:
            continue
        counts["items"] += 1
        counts["filled"] += row.submits
        counts[names.get(row.state, "waiting")] += 1
    return counts
