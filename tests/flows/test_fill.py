"""Promises of the only routine that writes: whatever the legacy system does, no item ends in a wrong state."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import ApplicationError, BusinessError, OutcomeUnknown, SessionOver
from core.ledger import Ledger, entities, proofs, queue
from core.ledger import tables as t
from core.ledger.proofs import Trust
from core.ledger.queue import StepPlan
from core.model import Change, Image, Kind, Operation, Order, Problem, Receipt, State
from flows import fill as filling
from flows.fill import Desk, Terms, worded

DAY = date(2026, 1, 5)
ANN, NEW = {"name": "安", "mobile": "1"}, {"name": "新", "mobile": "3"}


@dataclass
class Legacy:
    """A legacy system in memory. `faults` are played one a save, `failures` one a read, and then all goes well."""

    database: Path
    forms: dict[str, dict[str, str]] = field(default_factory=dict)
    lists: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    change_orders: list[Order] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    misfit: str | None = None
    after_save: Callable[[], object] = lambda: None
    saves: int = 0
    renewed: int = 0
    intents: list[int] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)
    late: frozenset[str] = frozenset()
    mark: str = ""  # of the fetch that its map names
    told: Callable[[Image], Image | None] = lambda image: image
    remembers: str = (
        ""  # the session answers with what it posted, whatever is stored; with `all` it counts its saves as well
    )
    posted: dict[str, dict[str, str]] = field(default_factory=dict)
    stored: int = 0
    glanced: int = 0
    fetched: int = 0

    def screens(self, kind: str) -> Sequence[str]:
        return [kind]

    def refuse(self, screen: str, field: str, value: str) -> str | None:
        return self.misfit

    def read(self, screen: str, key: str) -> Image:
        match self.failures.pop(0) if self.failures else "":
            case "lost session":
                raise ApplicationError(code="session")
            case "session over":
                raise SessionOver(code="handed_over")
            case "says something":
                raise ApplicationError(code="dialog")
            case "not there":
                raise BusinessError(code="not_found")
        return self._show(screen, key)

    def fetch(self, screen: str, key: str) -> Image:
        self.fetched += 1
        if screen == "account" and key in self.accounts:
            return Image(screen=screen, key=key, cells={"cons_name": self.accounts[key]})
        return self._show(screen, key)

    def glances(self, screen: str) -> str:
        return self.mark

    def glance(self, screen: str, key: str) -> Image | None:
        self.glanced += 1
        image = self._show(screen, key)
        if self.remembers and key in self.posted:
            stamp = str(self.saves) if self.remembers == "all" else image.stamp
            image = replace(image, cells={**image.cells, **self.posted[key]}, stamp=stamp)
        return self.told(image)

    def _show(self, screen: str, key: str) -> Image:
        rows = tuple(dict(row) for row in self.lists.get(key, ()))
        stamp = str(self.stored) if self.mark else ""
        return Image(screen=screen, key=key, cells=dict(self.forms.get(key, {})), rows=rows, stamp=stamp)

    def enter(
        self, screen: str, key: str, operation: Operation, changes: Sequence[Change], row: Mapping[str, str]
    ) -> Receipt:
        self.saves += 1
        self.intents.append(self._open_intents())
        values = self.posted[key] = {c.field: c.after for c in changes}
        fault = self.faults.pop(0) if self.faults else ""
        receipt = self._store(fault, key, operation, values, row)
        self.after_save()
        if fault.startswith("lost"):
            raise OutcomeUnknown(code="timeout")
        if fault.startswith("asks"):
            raise OutcomeUnknown(code="dialog")
        if fault.startswith("refused"):
            raise BusinessError(code="rule")
        if fault == "denied":
            raise BusinessError(code="refused")
        if fault == "ignored":
            raise BusinessError(code="ignored", sent=False)
        if fault == "jammed":
            raise OutcomeUnknown(code="option", sent=False)
        if fault == "crash":
            raise RuntimeError("席位")
        return receipt

    def _store(
        self, fault: str, key: str, operation: Operation, values: Mapping[str, str], row: Mapping[str, str]
    ) -> Receipt:
        if fault in ("asks", "lost before", "swallowed", "refused", "denied", "crash", "ignored", "jammed"):
            return Receipt(message="保存成功")
        self.stored += 1
        if fault in ("half", "lost half"):
            values = dict(list(values.items())[:1])
        if fault == "truncated":
            values = {name: value[:2] for name, value in values.items()}
        if fault == "garbled":
            values = {name: "?" + value[1:] for name, value in values.items()}
        if fault == "foreign":
            self.forms[key]["remark"] = "他人"
        if operation is Operation.APPLY:
            number = f"W{len(self.change_orders) + 1}"
            self.change_orders.insert(0, Order(number=number, key=key, state="pending", cells=values))
            return Receipt(order="" if fault == "no number" else number)
        if operation is Operation.ADD:
            self.lists[key] += [dict(values)] * (2 if fault == "twice" else 1)
        elif operation is Operation.CHANGE:
            self.lists[key] = [{**r, **values} if r == row else r for r in self.lists[key]]
        else:
            self.forms[key].update(values)
        return Receipt()

    def _open_intents(self) -> int:
        """As another process sees the disk at the first key press."""
        with sqlite3.connect(self.database) as connection:
            found = connection.execute("SELECT count(*) FROM intent WHERE outcome = 'open'").fetchone()[0]
        connection.close()
        return int(found)

    def settle_order(self, state: str) -> None:
        order = self.change_orders[0]
        self.change_orders[0] = replace(order, state=state)
        if state == "archived":
            self.forms[order.key].update(order.cells)

    def orders(self, screen: str, key: str) -> Sequence[Order]:
        return [order for order in self.change_orders if order.key == key]

    def quiet(self, screen: str) -> float:
        return 0.05

    def spelt(self, screen: str, field: str, text: str) -> str:
        return text

    def drift(self) -> Sequence[Problem]:
        return ()

    def restless(self, screen: str, key: str) -> frozenset[str]:
        return self.late

    def derived(self, screen: str) -> frozenset[str]:
        return frozenset({"time"})

    def renew(self) -> None:
        self.renewed += 1
        self.posted.clear()

    def preflight(self, screens: Sequence[str]) -> Sequence[Problem]:
        return ()

    def shot(self) -> bytes:
        return b"PNG"

    def close(self) -> None:
        pass


class Clock:
    """Keeps the real time: what waits here waits for fractions of a second."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        import time

        time.sleep(min(seconds, 0.06))


@pytest.fixture
def legacy(ledger: Ledger) -> Legacy:
    return Legacy(
        ledger.directory / "ledger.db", forms={"1": {"room": "301", "unit": "1", "remark": "旧"}}, lists={"1": [ANN]}
    )


@pytest.fixture
def desk(ledger: Ledger, legacy: Legacy) -> Desk:
    terms = Terms(lease=60, attempts=3, pause=lambda _: 0.0, circuit=5, order_pause=0.0, order_looks=2, patience=0.5)
    worker = queue.enlist(ledger, "one", "here", 1, 0.0)
    return Desk(ledger=ledger, legacy=legacy, worker=worker, terms=terms, clock=Clock(), day=DAY, gone=lambda *_: False)


def _change(name: str, before: str | None, after: str) -> Change:
    return Change(field=name, before=before, after=after, proposal=0)


ROOM, UNIT = _change("room", "301", "302"), _change("unit", "1", "2")
FORM = StepPlan(screen="account", operation=Operation.SET, changes=(ROOM, UNIT), row={})
ROW = StepPlan(
    screen="contacts", operation=Operation.ADD, changes=tuple(_change(f, None, v) for f, v in NEW.items()), row={}
)
RENAME = StepPlan(screen="contacts", operation=Operation.CHANGE, changes=(_change("name", "安", "安娜"),), row=ANN)
APPLY = StepPlan(screen="customer", operation=Operation.APPLY, changes=(_change("cons_name", "安", "安娜"),), row={})


SHEET = "sheet people@here "
"""How the origin of what `enter` makes by a map that stands alone begins."""


def _plan(desk: Desk, *steps: StepPlan, key: str = "1", kind: Kind = Kind.ACCOUNT) -> int:
    with desk.ledger.begin() as tx:
        item = queue.plan(tx, kind, key, "011", SHEET if kind is Kind.RECORD else "proposal 0", 1, steps, None)
    assert item is not None
    return item


def _ended(desk: Desk) -> tuple[State, str]:
    (row,) = queue.rows(desk.ledger)
    return row.state, row.reason


@pytest.fixture
def customer(desk: Desk, legacy: Legacy) -> int:
    """A planned change of the name of a customer, who has two accounts."""
    legacy.forms["C1"] = {"cons_name": "安"}
    with desk.ledger.begin() as tx:
        entities.adopt(tx, "C1", ["1", "2"], "011")
    return _plan(desk, APPLY, key="C1", kind=Kind.CUSTOMER)


# -- each fault ends in the right state

FORM_FAULTS: dict[str, tuple[list[str], State, str, int]] = {
    "all goes well": ([], State.VERIFIED, "", 1),
    "stored, answer lost": (["lost after"], State.VERIFIED, "", 1),
    "not stored, answer lost": (["lost before"], State.VERIFIED, "", 2),
    "half stored, answer lost": (["lost half"], State.VERIFIED, "", 2),
    "half stored, says saved": (["half"], State.VERIFIED, "", 2),
    "nothing stored, says saved": (["swallowed"], State.VERIFIED, "", 2),
    "an error that nobody foresaw": (["crash"], State.VERIFIED, "", 2),
    "cut off": (["truncated"], State.REFUSED, "truncated", 1),
    "garbled": (["garbled"], State.PARKED, "undecided", 1),
    "refused": (["refused"], State.REFUSED, "rule", 1),
    "says refused, and stored": (["refused after"], State.VERIFIED, "", 1),
    "somebody else saved as well": (["foreign"], State.CONFLICT, "foreign remark", 1),
    "asks what nobody has mapped": (["asks"], State.PARKED, "dialog", 1),
    "asks, and stores": (["asks after"], State.VERIFIED, "", 1),
    "never stores anything": (["swallowed"] * 9, State.PARKED, "undecided", 5),
}


@pytest.mark.parametrize(("faults", "state", "reason", "saves"), FORM_FAULTS.values(), ids=FORM_FAULTS)
def test_a_form_ends_where_it_should(
    desk: Desk, legacy: Legacy, faults: list[str], state: State, reason: str, saves: int
) -> None:
    legacy.faults = list(faults)
    _plan(desk, FORM)
    assert filling.fill(desk) == "done"
    assert (*_ended(desk), legacy.saves) == (state, reason, saves)
    if state is State.VERIFIED:
        assert legacy.forms["1"] == {"room": "302", "unit": "2", "remark": "旧"}


ROW_FAULTS: dict[str, tuple[StepPlan, list[str], State, str, list[dict[str, str]]]] = {
    "added": (ROW, [], State.VERIFIED, "", [ANN, NEW]),
    "added, answer lost": (ROW, ["lost after"], State.VERIFIED, "", [ANN, NEW]),
    "not added, answer lost": (ROW, ["lost before"], State.VERIFIED, "", [ANN, NEW]),
    "added twice": (ROW, ["twice"], State.PARKED, "doubled", [ANN, NEW, NEW]),
    "changed": (RENAME, [], State.VERIFIED, "", [ANN | {"name": "安娜"}]),
    "changed, answer lost": (RENAME, ["lost after"], State.VERIFIED, "", [ANN | {"name": "安娜"}]),
}


@pytest.mark.parametrize(("step", "faults", "state", "reason", "rows"), ROW_FAULTS.values(), ids=ROW_FAULTS)
def test_a_list_ends_where_it_should(
    desk: Desk, legacy: Legacy, step: StepPlan, faults: list[str], state: State, reason: str, rows: list[dict[str, str]]
) -> None:
    legacy.faults = list(faults)
    _plan(desk, step, kind=Kind.CONTACTS)
    filling.fill(desk)
    assert _ended(desk) == (state, reason)
    assert legacy.lists["1"] == rows


def test_a_new_record_that_cannot_be_found_is_never_made_again(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["lost before"]
    _plan(desk, ROW, kind=Kind.RECORD)
    filling.fill(replace(desk, origin=SHEET))
    assert (*_ended(desk), legacy.lists["1"], legacy.saves) == (State.PARKED, "unfound", [ANN], 1)


def test_what_never_left_this_machine_is_no_save(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["ignored", "jammed"]
    legacy.forms["2"] = dict(legacy.forms["1"])
    for key in "12":
        _plan(desk, FORM, key=key)
    filling.fill(desk)
    saved = {row.key: (row.state, row.submits) for row in queue.rows(desk.ledger)}
    assert saved == {"1": (State.REFUSED, 0), "2": (State.VERIFIED, 1)}


def test_an_item_that_never_comes_to_a_save_is_parked_in_the_end(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["jammed"] * 9
    _plan(desk, FORM)
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.PARKED, "undecided", 5)


def test_what_a_page_fills_by_itself_is_nobodys_change(desk: Desk, legacy: Legacy) -> None:
    legacy.faults, legacy.late = ["foreign"], frozenset({"remark"})
    _plan(desk, FORM)
    filling.fill(desk)
    assert _ended(desk) == (State.PARKED, "late remark")


class Late(Clock):
    """While somebody waits for the whole quiet period, what was sent arrives."""

    def __init__(self, arrives: Callable[[], object], quiet: float) -> None:
        self.arrives, self.quiet = arrives, quiet

    def sleep(self, seconds: float) -> None:
        if seconds >= self.quiet:
            self.arrives()
        super().sleep(seconds)


def test_a_save_that_arrives_after_it_was_refused_is_seen(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["denied"]
    desk.clock = Late(lambda: legacy.forms["1"].update(room="302", unit="2"), legacy.quiet("account"))
    _plan(desk, FORM)
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.VERIFIED, "", 1)


def test_a_screen_that_does_not_show_what_was_sent_has_refused_nothing(
    desk: Desk, legacy: Legacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(screen: str, key: str) -> Image:
        raise BusinessError(code="unlisted")

    monkeypatch.setattr(legacy, "fetch", fetch)
    _plan(desk, ROW, kind=Kind.RECORD)
    filling.fill(replace(desk, origin=SHEET))
    assert (_ended(desk)[0], legacy.saves) == (State.VERIFIED, 1)


# -- the night's first items, and its shares

BANDS: dict[str, tuple[dict[State, int], str]] = {
    "a calm night": ({State.VERIFIED: 95, State.CONFLICT: 4, State.PARKED: 1}, ""),
    "too few to tell": ({State.VERIFIED: 5, State.CONFLICT: 5}, ""),
    "somebody else is at work": ({State.VERIFIED: 30, State.CONFLICT: 10}, "breaker: conflicts 10 of 40"),
    "what is read back is not what was typed": ({State.VERIFIED: 36, State.PARKED: 4}, "breaker: mismatches 4 of 40"),
    "nothing works from the start": ({State.PARKED: 3}, "canary: the first items could not be verified"),
    "one bad object among the first": ({State.PARKED: 1, State.VERIFIED: 2}, ""),
}


@pytest.mark.parametrize(("ended", "reason"), BANDS.values(), ids=BANDS)
def test_data_out_of_their_band_end_the_night(desk: Desk, ended: dict[State, int], reason: str) -> None:
    assert filling.tripped(ended, desk.terms) == reason


def test_a_system_that_garbles_every_save_is_left_after_the_canaries(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["garbled"] * 9
    for key in "12345":
        legacy.forms[key] = {"room": "301", "unit": "1", "remark": "旧"}
        _plan(desk, FORM, key=key)
    assert filling.fill(desk).startswith("canary")
    assert legacy.saves == 3


def test_what_an_earlier_run_left_undecided_does_not_stop_this_one(desk: Desk, legacy: Legacy) -> None:
    legacy.faults, patient = ["lost before"] * 3, desk.terms
    desk.terms = replace(patient, canaries=0, patience=0.0)
    for key in "1234":
        legacy.lists[key] = []
        _plan(desk, ROW, key=key, kind=Kind.RECORD)
        if key == "3":
            filling.fill(replace(desk, origin=SHEET))  # which leaves what it sent unread
    later = replace(desk, origin=SHEET, terms=patient, begun=set(), ended=Counter())
    assert filling.fill(later) == "done"
    ended = [(row.key, row.state, row.reason) for row in queue.rows(desk.ledger)]
    assert ended == [*((key, State.PARKED, "unfound") for key in "123"), ("4", State.VERIFIED, "")]


def test_no_new_item_starts_beside_a_canary_that_is_not_settled(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["lost after"]
    legacy.forms["2"] = dict(legacy.forms["1"])
    first, second = _plan(desk, FORM), _plan(desk, FORM, key="2")
    order: list[str] = []
    desk.progress = lambda item, state: order.append(f"{item.id} {state}")
    assert filling.fill(desk) == "done"
    assert order == [f"{first} verified", f"{second} verified"]


# -- before anything is typed


@pytest.mark.parametrize("faults", [[], ["lost before"], ["half"]])
def test_an_intent_is_on_disk_before_the_first_key_press(desk: Desk, legacy: Legacy, faults: list[str]) -> None:
    legacy.faults = list(faults)
    _plan(desk, FORM)
    filling.fill(desk)
    assert legacy.intents == [1] * (len(faults) + 1)


def test_an_intent_holds_what_stood_there_and_only_what_differs(desk: Desk, legacy: Legacy) -> None:
    legacy.forms["1"]["unit"] = "2"
    _plan(desk, FORM)
    filling.fill(desk)
    with desk.ledger.begin() as tx:
        (intent,) = tx.rows(sa.select(t.intent))
    assert intent.before_image["cells"] == {"room": "301", "unit": "2", "remark": "旧"}
    assert [change["field"] for change in intent.typed] == ["room"]


def test_nothing_is_typed_when_the_screen_holds_the_values_already(desk: Desk, legacy: Legacy) -> None:
    legacy.forms["1"].update(room="302", unit="2")
    _plan(desk, FORM)
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.UNCHANGED, "", 0)


def test_nothing_that_changed_since_the_plan_is_overwritten(desk: Desk, legacy: Legacy) -> None:
    legacy.forms["1"]["room"] = "999"
    _plan(desk, FORM)
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.CONFLICT, "changed", 0)


def test_a_row_that_stands_there_twice_is_a_conflict(desk: Desk, legacy: Legacy) -> None:
    legacy.lists["1"] = [ANN, ANN]
    _plan(desk, RENAME, kind=Kind.CONTACTS)
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.CONFLICT, "ambiguous", 0)


def test_a_value_that_does_not_fit_is_not_typed(desk: Desk, legacy: Legacy) -> None:
    legacy.misfit = "length"
    _plan(desk, FORM)
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.REFUSED, "length", 0)


def test_an_object_that_is_not_there_is_a_matter_for_a_person(desk: Desk, legacy: Legacy) -> None:
    legacy.failures = ["not there"]
    _plan(desk, FORM)
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.REFUSED, "not_found", 0)


def test_a_record_that_opens_with_an_unknown_dialog_is_a_matter_for_a_person(desk: Desk, legacy: Legacy) -> None:
    """Before a save as after it: it would say it again, and nobody has read it."""
    legacy.failures = ["says something"]
    _plan(desk, FORM)
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.PARKED, "dialog", 0)


def test_a_dialog_before_a_lost_save_can_be_read_leaves_it_to_a_person(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["lost after"]
    legacy.after_save = lambda: legacy.failures.append("says something")
    _plan(desk, FORM)
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.PARKED, "dialog", 1)


# -- after a save


def test_after_an_unknown_outcome_the_worker_logs_in_anew(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["lost after"]
    _plan(desk, FORM)
    filling.fill(desk)
    assert legacy.renewed == 1


def test_a_save_that_arrives_late_is_not_typed_again(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["lost before"]
    _plan(desk, FORM)
    renew = legacy.renew

    def late() -> None:
        legacy.forms["1"].update(room="302", unit="2")
        renew()

    legacy.renew = late  # type: ignore[method-assign]
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.VERIFIED, "", 1)


def test_what_was_verified_lies_over_older_exports(desk: Desk) -> None:
    _plan(desk, FORM)
    filling.fill(desk)
    with desk.ledger.begin() as tx:
        written = entities.overlay(tx, date(2026, 1, 4))
    assert [(w.field, w.value) for w in written] == [("room", "302"), ("unit", "2")]


def test_steps_are_done_in_order_each_verified(desk: Desk, legacy: Legacy) -> None:
    _plan(desk, RENAME, ROW, kind=Kind.CONTACTS)
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.VERIFIED, "", 2)
    assert legacy.lists["1"] == [ANN | {"name": "安娜"}, NEW]


def test_a_step_that_ended_badly_ends_the_item(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["refused"]
    _plan(desk, RENAME, ROW, kind=Kind.CONTACTS)
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.REFUSED, "rule", 1)


# -- stopping and failing


def test_stop_takes_effect_between_steps_and_never_inside_one(desk: Desk, legacy: Legacy) -> None:
    asked = {"stop": False}
    legacy.after_save = lambda: asked.update(stop=True)
    desk.stop = lambda: asked["stop"]
    item = _plan(desk, RENAME, ROW, kind=Kind.CONTACTS)
    assert filling.fill(desk) == "stopped"
    assert [step.state for step in queue.item(desk.ledger, item).steps] == ["verified", "ready"]
    assert _ended(desk)[0] is State.READY


def test_an_item_that_was_stopped_is_finished_later(desk: Desk, legacy: Legacy) -> None:
    asked = {"stop": False}
    legacy.after_save = lambda: asked.update(stop=True)
    desk.stop = lambda: asked["stop"]
    _plan(desk, RENAME, ROW, kind=Kind.CONTACTS)
    filling.fill(desk)
    desk.stop = lambda: False
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.VERIFIED, "", 2)


def test_a_session_lost_on_reading_is_tried_again(desk: Desk, legacy: Legacy) -> None:
    legacy.failures = ["lost session"]
    _plan(desk, FORM)
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.VERIFIED, "", 1)


def test_a_poison_item_is_parked_after_three_errors(desk: Desk, legacy: Legacy) -> None:
    legacy.failures = ["lost session"] * 3
    _plan(desk, FORM)
    assert filling.fill(desk) == "done"
    assert (*_ended(desk), legacy.saves) == (State.PARKED, "poison", 0)


def test_five_errors_in_a_row_open_the_circuit(desk: Desk, legacy: Legacy) -> None:
    legacy.failures = ["lost session"] * 9
    for key in "123":
        _plan(desk, FORM, key=key)
    assert filling.fill(desk) == "session"
    assert len(legacy.failures) == 4


def test_a_session_that_only_a_person_can_begin_ends_the_run_and_is_no_failure_of_the_item(
    desk: Desk, legacy: Legacy
) -> None:
    for number in range(1, 4):  # as often as items are tried
        legacy.failures = ["session over"]
        if number == 1:
            _plan(desk, FORM)
        assert filling.fill(desk) == "handed_over"
        assert (_ended(desk)[0], legacy.saves) == (State.READY, 0)
    assert filling.fill(desk) == "done"
    assert (_ended(desk)[0], legacy.saves) == (State.VERIFIED, 1)


def test_an_unknown_item_waits_for_the_next_session_that_a_person_begins(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["lost after"]
    legacy.after_save = lambda: legacy.failures.append("session over")
    _plan(desk, FORM)
    assert filling.fill(desk) == "handed_over"
    assert (_ended(desk)[0], legacy.saves) == (State.UNKNOWN, 1)


def test_an_order_that_was_opened_ends_a_row_of_errors(desk: Desk, legacy: Legacy, customer: int) -> None:
    for _ in range(4):
        queue.failed(desk.ledger, filling.SYSTEM, 5, "http")
    filling.fill(replace(desk, terms=replace(desk.terms, order_looks=1)))
    assert queue.failed(desk.ledger, filling.SYSTEM, 2, "http") is False


def test_a_new_start_tries_anew_after_a_circuit_was_opened(desk: Desk, legacy: Legacy) -> None:
    queue.failed(desk.ledger, filling.SYSTEM, 1, "session")
    _plan(desk, FORM)
    assert filling.fill(desk) == "done"
    assert (_ended(desk)[0], legacy.saves) == (State.VERIFIED, 1)


def test_an_unknown_item_is_never_typed_again_while_it_cannot_be_read(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["lost after"]
    legacy.after_save = lambda: legacy.failures.extend(["lost session"] * 9)
    _plan(desk, FORM)
    assert filling.fill(desk) == "session"
    assert (_ended(desk)[0], legacy.saves) == (State.UNKNOWN, 1)


def test_a_worker_whose_item_was_taken_over_writes_no_more(desk: Desk, legacy: Legacy) -> None:
    def taken_over() -> None:
        other = queue.enlist(desk.ledger, "two", "here", 2, 0.0)
        queue.claim(desk.ledger, other, 60, lambda *_: True, only=[-1])  # looks after the dead, and takes nothing

    legacy.after_save = taken_over
    desk.stop = lambda: legacy.saves > 0
    _plan(desk, FORM)
    assert filling.fill(desk) == "stopped"
    assert (_ended(desk), legacy.saves) == ((State.UNKNOWN, "owner_died"), 1)


def test_a_dead_workers_save_is_read_before_anything_else(desk: Desk, legacy: Legacy) -> None:
    _plan(desk, FORM)
    dead = queue.enlist(desk.ledger, "dead", "here", 3, 0.0)
    item = queue.claim(desk.ledger, dead, 60, lambda *_: False)
    assert item is not None
    queue.intend(desk.ledger, item, item.steps[0], legacy.fetch("account", "1"), (ROOM, UNIT), dead, None)
    legacy.forms["1"].update(room="302", unit="2")
    desk.gone = lambda *_: True
    filling.fill(desk)
    assert (_ended(desk)[0], legacy.saves) == (State.VERIFIED, 0)


# -- change orders


def test_an_order_is_awaited(desk: Desk, legacy: Legacy, customer: int) -> None:
    filling.fill(desk)
    assert (_ended(desk), legacy.saves) == ((State.AWAITING, ""), 1)
    assert queue.item(desk.ledger, customer).steps[0].order == "W1"


@pytest.mark.parametrize(
    ("fate", "state", "reason"), [("archived", State.VERIFIED, ""), ("returned", State.REFUSED, "returned")]
)
@pytest.mark.usefixtures("customer")
def test_a_later_night_follows_the_order_by_its_number(
    desk: Desk, legacy: Legacy, fate: str, state: State, reason: str
) -> None:
    filling.fill(desk)
    legacy.settle_order(fate)
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (state, reason, 1)


@pytest.mark.usefixtures("customer")
def test_an_order_opened_without_a_number_is_found_and_taken_up(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["no number"]
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (State.AWAITING, "", 1)


@pytest.mark.parametrize(("fault", "saves"), [("lost after", 1), ("lost before", 2)])
@pytest.mark.usefixtures("customer")
def test_an_order_whose_answer_was_lost_is_opened_once(desk: Desk, legacy: Legacy, fault: str, saves: int) -> None:
    legacy.faults = [fault]
    filling.fill(desk)
    assert (_ended(desk)[0], legacy.saves, len(legacy.change_orders)) == (State.AWAITING, saves, 1)


@pytest.mark.parametrize(
    ("name", "state", "reason"), [("安娜", State.AWAITING, ""), ("别人", State.CONFLICT, "open_order")]
)
@pytest.mark.usefixtures("customer")
def test_an_open_order_is_taken_up_when_it_is_ours_and_a_conflict_when_not(
    desk: Desk, legacy: Legacy, name: str, state: State, reason: str
) -> None:
    legacy.change_orders = [Order(number="X1", key="C1", state="pending", cells={"cons_name": name})]
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves) == (state, reason, 0)


@pytest.mark.usefixtures("customer")
def test_an_order_that_was_taken_up_is_followed_to_its_end(desk: Desk, legacy: Legacy) -> None:
    legacy.change_orders = [Order(number="X1", key="C1", state="pending", cells={"cons_name": "安娜"})]
    filling.fill(desk)
    legacy.settle_order("archived")
    filling.fill(desk)
    assert _ended(desk) == (State.VERIFIED, "")


@pytest.mark.usefixtures("customer")
def test_an_order_that_was_archived_with_another_value_is_not_verified(desk: Desk, legacy: Legacy) -> None:
    filling.fill(desk)
    legacy.settle_order("archived")
    legacy.forms["C1"]["cons_name"] = "安那"
    filling.fill(desk)
    assert _ended(desk) == (State.PARKED, "undecided")


@pytest.mark.parametrize(
    ("other", "state", "reason"), [("安娜", State.VERIFIED, ""), ("安", State.CONFLICT, "siblings")]
)
@pytest.mark.usefixtures("customer")
def test_the_customers_other_accounts_must_show_the_new_name(
    desk: Desk, legacy: Legacy, other: str, state: State, reason: str
) -> None:
    filling.fill(desk)
    legacy.settle_order("archived")
    legacy.accounts = {"1": "安娜", "2": other}
    filling.fill(desk)
    assert _ended(desk) == (state, reason)


# -- the last look


def test_a_sweep_finds_nothing_wrong_after_a_good_night(desk: Desk, legacy: Legacy) -> None:
    _plan(desk, FORM)
    legacy.lists["5"] = [ANN]
    _plan(desk, ROW, key="5", kind=Kind.CONTACTS)
    filling.fill(desk)
    found = filling.sweep(desk.ledger, legacy)
    assert (found.read, found.gaps, found.doubles) == (2, 0, 0)


def test_a_sweep_counts_what_went_missing_and_what_came_twice(desk: Desk, legacy: Legacy) -> None:
    _plan(desk, FORM)
    legacy.lists["5"] = [ANN]
    _plan(desk, ROW, key="5", kind=Kind.CONTACTS)
    filling.fill(desk)
    legacy.forms["1"]["room"] = "301"
    legacy.lists["5"].append(NEW)
    found = filling.sweep(desk.ledger, legacy)
    assert (found.gaps, found.doubles) == (1, 1)


def test_every_item_is_counted_under_one_heading(desk: Desk, legacy: Legacy) -> None:
    legacy.forms["2"] = {"room": "302", "unit": "2"}
    legacy.forms["3"] = {"room": "9", "unit": "9"}
    for key in "123":
        _plan(desk, FORM, key=key)
    filling.fill(desk)
    counts = filling.summary(queue.rows(desk.ledger))
    assert counts.pop("filled") == 1
    assert counts.pop("items") == sum(counts.values()) == 3
    assert (counts["verified"], counts["unchanged"], counts["conflicts"]) == (1, 1, 1)


@pytest.mark.usefixtures("customer")
def test_an_order_that_was_returned_before_its_number_reached_us_is_not_opened_again(
    desk: Desk, legacy: Legacy
) -> None:
    legacy.faults = ["lost after"]
    legacy.after_save = lambda: legacy.settle_order("returned")
    filling.fill(desk)
    assert (*_ended(desk), legacy.saves, len(legacy.change_orders)) == (State.REFUSED, "returned", 1, 1)


@pytest.mark.usefixtures("customer")
def test_an_old_order_with_the_same_cells_is_not_taken_for_ours(desk: Desk, legacy: Legacy) -> None:
    legacy.change_orders = [Order(number="X1", key="C1", state="archived", cells={"cons_name": "安娜"})]
    legacy.faults = ["lost before"]
    filling.fill(desk)
    assert (_ended(desk)[0], legacy.saves, len(legacy.change_orders)) == (State.AWAITING, 2, 2)


@pytest.mark.usefixtures("customer")
def test_a_refusal_is_not_believed_while_an_order_of_ours_is_open(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["refused, stored"]
    filling.fill(desk)
    assert (_ended(desk)[0], legacy.saves, len(legacy.change_orders)) == (State.AWAITING, 1, 1)


@pytest.mark.usefixtures("customer")
def test_an_order_that_cannot_be_found_any_more_goes_to_a_person(desk: Desk, legacy: Legacy) -> None:
    filling.fill(desk)
    legacy.change_orders = []
    filling.fill(desk)
    filling.fill(desk)
    assert _ended(desk) == (State.PARKED, "order_gone")


def test_a_record_that_is_not_shown_while_a_save_is_unknown_decides_nothing(desk: Desk, legacy: Legacy) -> None:
    number = _plan(desk, FORM)
    legacy.faults = ["lost after"]
    legacy.after_save = lambda: legacy.failures.append("not there")
    filling.fill(desk)
    assert _ended(desk) == (State.PARKED, "undecided")
    assert queue.item(desk.ledger, number).steps[0].state == "intent"


def test_a_blank_that_the_form_hides_is_no_proof_that_an_order_was_archived(desk: Desk, legacy: Legacy) -> None:
    legacy.forms["C1"] = {"cons_name": "安"}  # the system holds a blank before it that the page does not show
    hidden = StepPlan(
        screen="customer", operation=Operation.APPLY, changes=(_change("cons_name", " 安", "安"),), row={}
    )
    _plan(desk, hidden, key="C1", kind=Kind.CUSTOMER)
    legacy.faults = ["lost before"]
    filling.fill(desk)
    assert (_ended(desk)[0], legacy.saves, len(legacy.change_orders)) == (State.AWAITING, 2, 1)


# -- what a session is told of its own saves


def _forms(desk: Desk, legacy: Legacy, count: int, first: int = 1) -> None:
    """Items of a screen whose map names a fetch, of which two have to be read both ways."""
    legacy.mark, desk.terms = "map", replace(desk.terms, canaries=2)
    for key in map(str, range(first, first + count)):
        legacy.forms[key] = {"room": "301", "unit": "1", "remark": "旧"}
        _plan(desk, FORM, key=key)


def _trust(desk: Desk) -> Trust:
    return proofs.trust(desk.ledger, "map", desk.terms.canaries)


def test_a_fetch_counts_once_the_first_saves_were_read_alike_in_another_session(desk: Desk, legacy: Legacy) -> None:
    _forms(desk, legacy, 5)
    assert filling.fill(desk) == "done"
    assert {row.state for row in queue.rows(desk.ledger)} == {State.VERIFIED}
    assert (legacy.fetched, legacy.glanced) == (
        2,
        5 + 3,
    )  # two are opened; the other three are read by another session at the end
    assert legacy.renewed == 3
    assert (_trust(desk), queue.told(desk.ledger)) == (Trust.PROVEN, [])


@pytest.mark.parametrize("remembers", ["posted", "all"])
@pytest.mark.parametrize("fault", ["swallowed", "garbled", "truncated", "half"])
def test_a_session_that_answers_with_what_it_posted_verifies_nothing(
    desk: Desk, legacy: Legacy, remembers: str, fault: str
) -> None:
    _forms(desk, legacy, 4)
    legacy.remembers, legacy.faults = remembers, ["", "", fault]  # its first saves are stored, and prove it
    filling.fill(desk)
    stored = {key: (form["room"], form["unit"]) for key, form in legacy.forms.items()}
    verified = {row.key for row in queue.rows(desk.ledger) if row.state is State.VERIFIED}
    assert {stored[key] for key in verified} == {("302", "2")}
    assert verified == ({"1", "2", "4"} if fault in ("garbled", "truncated") else {"1", "2", "3", "4"})
    assert queue.told(desk.ledger) == []


def test_a_save_that_another_session_reads_otherwise_is_unknown_and_refutes_the_fetch(
    desk: Desk, legacy: Legacy
) -> None:
    _forms(desk, legacy, 3)
    legacy.remembers, legacy.faults = "all", ["", "", "garbled"]
    filling.fill(desk)
    last = queue.rows(desk.ledger)[-1]
    assert (last.state, last.reason, _trust(desk)) == (State.PARKED, "undecided", Trust.REFUTED)
    with desk.ledger.begin() as tx:
        assert {cell.key for cell in entities.overlay(tx, DAY)} == {"1", "2"}  # nobody knows what the third holds


def test_what_a_killed_worker_left_untold_is_read_by_the_next(
    desk: Desk, legacy: Legacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    _forms(desk, legacy, 3)
    legacy.remembers, legacy.faults = "all", ["", "", "garbled"]
    with monkeypatch.context() as dying:
        dying.setattr(filling, "_confirm", lambda _: 0)
        filling.fill(desk)
    assert [save.item.key for save in queue.told(desk.ledger)] == ["3"]
    legacy.renew()
    filling.fill(replace(desk, worker=queue.enlist(desk.ledger, "two", "here", 2, 0.0)))
    assert queue.rows(desk.ledger)[-1].state is State.PARKED


def test_a_doubted_save_whose_object_is_in_other_hands_goes_to_a_person(
    desk: Desk, legacy: Legacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    _forms(desk, legacy, 3)
    legacy.remembers, legacy.faults = "all", ["", "", "garbled"]
    with monkeypatch.context() as dying:
        dying.setattr(filling, "_confirm", lambda _: 0)
        filling.fill(desk)
    with desk.ledger.begin() as tx:
        queue.plan(tx, Kind.ACCOUNT, "3", "011", "another", 1, [FORM], None)
    legacy.renew()
    assert filling._confirm(desk) == 1
    assert {(row.state, row.reason) for row in queue.rows(desk.ledger, key="3")} == {
        (State.CONFLICT, "doubted"),
        (State.READY, ""),
    }


def _told_only(desk: Desk, monkeypatch: pytest.MonkeyPatch, *more: StepPlan) -> None:
    """Fill, and die before another session has read anything; `more`: further saves of the third object."""
    with monkeypatch.context() as dying:
        dying.setattr(filling, "_confirm", lambda _: 0)
        filling.fill(desk)
        for number, step in enumerate(more):
            with desk.ledger.begin() as tx:
                queue.plan(tx, Kind.ACCOUNT, "3", "011", f"another {number}", 1, [step], None)
            filling.fill(desk)


def test_a_later_save_vouches_for_no_cell_that_it_has_not_typed(
    desk: Desk, legacy: Legacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    _forms(desk, legacy, 3)
    steps = [
        StepPlan(screen="account", operation=Operation.SET, changes=(change,), row={})
        for change in (_change("remark", "旧", "新"), _change("unit", "2", "3"))
    ]
    _told_only(desk, monkeypatch, *steps)
    assert [[c.field for c in save.typed] for save in queue.told(desk.ledger)] == [["room"], ["remark"], ["unit"]]


def test_what_a_killed_worker_left_is_read_before_anything_new_is_typed(
    desk: Desk, legacy: Legacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    _forms(desk, legacy, 3)
    _told_only(desk, monkeypatch)
    left: list[int] = []
    legacy.after_save = lambda: left.append(len(queue.told(desk.ledger)))
    _forms(desk, legacy, 1, first=9)
    filling.fill(desk)
    assert left == [0]


def test_a_system_that_answers_nothing_refutes_no_fetch_and_is_not_asked_for_each_save(
    desk: Desk, legacy: Legacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    _forms(desk, legacy, 9)
    _told_only(desk, monkeypatch)
    asked: list[str] = []

    def down(_: str, key: str) -> Image:
        asked.append(key)
        raise ApplicationError(code="timeout")

    monkeypatch.setattr(legacy, "glance", down)
    monkeypatch.setattr(legacy, "fetch", down)
    assert filling._confirm(desk) == 7
    assert len(set(asked)) == desk.terms.circuit
    states = Counter(row.state for row in queue.rows(desk.ledger))
    assert (_trust(desk), states) == (Trust.PROVEN, {State.VERIFIED: 2, State.UNKNOWN: 7})


@pytest.mark.parametrize("stamp", ["posted", "all"])
def test_a_first_save_that_is_not_stored_as_posted_proves_nothing(desk: Desk, legacy: Legacy, stamp: str) -> None:
    _forms(desk, legacy, 1)
    legacy.remembers, legacy.faults = stamp, ["garbled"]
    filling.fill(desk)
    assert _ended(desk) == (State.PARKED, "undecided")
    assert _trust(desk) is Trust.REFUTED


def test_a_refuted_fetch_is_not_asked_again_by_anybody(desk: Desk, legacy: Legacy) -> None:
    _forms(desk, legacy, 3)
    legacy.told = lambda image: replace(image, cells={**image.cells, "remark": "别的"})
    filling.fill(desk)
    assert (legacy.glanced, legacy.fetched, legacy.renewed) == (1, 3, 1)
    assert {row.state for row in queue.rows(desk.ledger)} == {State.VERIFIED}
    desk.worker = queue.enlist(desk.ledger, "two", "here", 2, 0.0)
    _forms(desk, legacy, 1, first=9)
    legacy.told = lambda image: image
    filling.fill(desk)
    assert (legacy.glanced, legacy.forms["9"]["room"]) == (1, "302")


def test_every_worker_proves_a_fetch_for_itself(desk: Desk, legacy: Legacy) -> None:
    _forms(desk, legacy, 2)
    filling.fill(desk)
    other = queue.enlist(desk.ledger, "two", "here", 2, 0.0)
    assert proofs.trust(desk.ledger, "map", 2, desk.worker) is Trust.PROVEN
    assert proofs.trust(desk.ledger, "map", 2, other) is Trust.OPEN


def test_a_record_that_cannot_be_fetched_is_opened_in_the_same_session(desk: Desk, legacy: Legacy) -> None:
    _forms(desk, legacy, 1)
    legacy.told = lambda _: None
    filling.fill(desk)
    assert (_ended(desk)[0], legacy.fetched, legacy.renewed) == (State.VERIFIED, 1, 0)


def test_a_save_that_stored_nothing_proves_no_fetch(desk: Desk, legacy: Legacy) -> None:
    _forms(desk, legacy, 1)
    legacy.faults = ["swallowed"] * 9
    filling.fill(desk)
    assert _ended(desk) == (State.PARKED, "undecided")
    assert _trust(desk) is Trust.OPEN


# -- pictures


def test_the_first_items_of_a_run_are_photographed_and_the_others_are_not(desk: Desk, legacy: Legacy) -> None:
    _forms(desk, legacy, 4)
    filling.fill(desk)
    taken = [len(queue.pictures(desk.ledger, row.id)) for row in queue.rows(desk.ledger)]
    assert taken == [1, 1, 0, 0]


def test_what_the_system_says_when_it_refuses_is_photographed(desk: Desk, legacy: Legacy) -> None:
    legacy.faults = ["refused"]
    number = _plan(desk, FORM)
    filling.fill(desk)
    assert _ended(desk) == (State.REFUSED, "rule")
    assert queue.pictures(desk.ledger, number) == [b"PNG"]


def test_the_picture_of_a_refusal_that_is_not_believed_is_kept(
    desk: Desk, legacy: Legacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = iter([b"refusal", *[b"later"] * 9])
    monkeypatch.setattr(legacy, "shot", lambda: next(taken))
    legacy.faults = ["refused, but stored"]
    number = _plan(desk, FORM)
    filling.fill(desk)
    assert queue.pictures(desk.ledger, number)[0] == b"refusal"


@pytest.mark.parametrize("code", ["goes_on", "unlisted", "wrong_record", "pager", "timeout", "absent", "sealed"])
def test_codes_of_the_screen_are_told_in_words(code: str) -> None:
    """A queue and a report that say `goes_on` tell nobody what to do."""
    said = worded(f"{code} 备注")
    assert said.zh.startswith("备注：")
    assert code not in said.zh
    assert said.zh != said.en
