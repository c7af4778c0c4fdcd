"""A screen that its vendor changed is filled right, or nothing is written and what changed is named: never another field."""

import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest
from loguru import logger

from bots import screens
from bots.door import Login
from bots.legacy import Legacy, hand
from core import settings
from core.ledger import Ledger, queue
from core.ledger import store as ledgers
from core.model import Entry, Kind, Operation, State
from flows import enter
from flows.fill import Desk, Terms
from sandbox import skins, store
from sandbox.faults import Faults
from sandbox.legacy import app
from sandbox.legacy.state import State as Served
from sandbox.mutations import Mutation, catalogue
from sandbox.serving import Server

pytestmark = pytest.mark.browser

CONFIG = Path(__file__).parents[2] / "config"
SKIN = skins.load("a")
CASES = {mutation.name: mutation for mutation in catalogue.cases(SKIN)}
SAMPLE = 20
SEED = int(os.environ.get("HEDANG_MUTATIONS", date.today().toordinal()))
"""Another sample every day; the seed is printed with the outcome, and HEDANG_MUTATIONS brings a day back."""

ACCOUNT = "1000000001"
BEFORE = {
    "elec_addr": "某路1号", "quarter": "花园", "phase": "1", "building": "11", "unit": "1", "room": "301", "contract_cap": "8",
    "run_cap": "7", "mgr": "李某", "remark": "旧", "sort_code": "lv_business", "volt_code": "v380", "notify_mode": "paper",
    "urban_rural": "rural", "elec_type": "resident", "price_code": "resident_step", "pay_mode": "bank", "note_type": "vat",
    "mr_sect": "0001",
}  # fmt: skip
# column → our field, our value, what is stored
WANTED = {
    "elec_addr": ("elec_addr", "某路2号", "某路2号"), "quarter": ("quarter_name", "桂园", "桂园"), "phase": ("phase_no", "2", "2"),
    "building": ("building_no", "12", "12"), "unit": ("unit_no", "3", "3"), "room": ("room_no", "402", "402"),
    "contract_cap": ("contract_cap", "10", "10"), "run_cap": ("run_cap", "9", "9"), "mgr": ("mgr_grid", "王某", "王某"),
    "remark": ("remark", "已核对", "已核对"), "sort_code": ("cons_sort_code", "03", "lv_resident"),
    "volt_code": ("volt_code", "v220", "v220"), "notify_mode": ("notify_mode", "sms", "sms"),
    "urban_rural": ("urban_rural_flag", "urban", "urban"), "mr_sect": ("mr_sect_no", "0007", "0007"),
    "pay_mode": ("pay_mode", "counter", "counter"),
}  # fmt: skip
COMPANIONS = ("phase", "mgr", "sort_code")
PAGE = {
    "layer": "something unknown covers",
    "frame": "no page with",
    "save": "account.save",
    "question": "a dialog opened",
}
"""What a stop names where no field has changed."""


@dataclass
class World:
    """The practice system, Hedang's hand on it, and the ledger that the rows go through."""

    legacy: Legacy
    state: Served
    ledger: Ledger
    cases: Iterator[int]

    def reset(self, mutation: Mutation) -> None:
        """The same record as before every case, on the changed screen."""
        with self.state.db() as db, store.transaction(db):
            db.execute("DELETE FROM account")
            row = {"acct_id": 1, "cust_id": 1, "org_no": "1", "cons_no": ACCOUNT, "status_code": "normal", **BEFORE}
            store.insert(db, "account", [row])
            self.mark = len(store.effects(db))
        self.state.mutate(mutation)

    def stored(self) -> dict[str, str]:
        """The columns that are not as they were."""
        with self.state.db() as db:
            row = db.execute("SELECT * FROM account").fetchone()
        return {column: row[column] for column, before in BEFORE.items() if row[column] != before}

    def saves(self) -> int:
        """How many saves were stored."""
        with self.state.db() as db:
            return len(store.effects(db)) - self.mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a case ended: recovered, stopped, late (stopped after a save) or wrong, and what was said."""

    how: str
    said: str


class Clock:
    """Waits for nobody: the practice system stores at once."""

    def now(self) -> datetime:
        return datetime(2026, 3, 16, tzinfo=UTC)

    def sleep(self, seconds: float) -> None:
        del seconds


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    place = tmp_path_factory.mktemp("mutations")
    db = store.create(place / store.FILE)
    store.insert(db, "login", [{"user_id": "1001", "password": "sesame", "name": "甲", "role": "clerk"}])
    store.insert(db, "customer", [{"cust_id": 1, "cust_no": "C0001", "name": "艾达"}])
    db.close()
    application = app.create(place, SKIN, Faults(1))
    server = Server(application)
    system, maps = screens.load(settings.read(CONFIG))
    mapped = {"account": replace(maps["account"], quiet=0.0)}
    samples = {"account": [ACCOUNT]}
    legacy = hand(replace(system, timeout=4), mapped, server.url, Login("1001", "sesame"), samples=samples)
    ledgers.create(place / "ledger")
    ledger = ledgers.open(place / "ledger")
    yield World(legacy=legacy, state=application.extensions["legacy"], ledger=ledger, cases=count(1))
    ledger.close()
    legacy.close()
    server.stop()


def _wanted(mutation: Mutation) -> list[str]:
    """The columns that a case fills: those that the mutation is about, and others."""
    return [*mutation.columns, *(c for c in COMPANIONS if c not in mutation.columns)][:3]


def _filled(world: World, values: Mapping[str, str]) -> str:
    """What is said of a row that goes the whole way: look, examine, plan, fill; empty when it was verified."""
    number = next(world.cases)
    task = enter.Task(screen="account", kind=Kind.ACCOUNT, operation=Operation.SET, digest=f"{number:016d}")
    entries = [Entry(row=1, key=ACCOUNT, values=values)]
    looked = enter.look(world.legacy, task, entries, attempts=1, circuit=1, say=lambda *_: None)
    problems = world.legacy.preflight(["account"])
    if problems or looked.ended:
        return "; ".join(
            [*(f"{p.place} {p.code} {dict(p.params)}" for p in problems), *map(repr, looked.ended.values())]
        )
    enter.plan(world.ledger, task, entries, looked)
    enter.enter(_desk(world), task)
    (line,) = enter.lines(world.ledger, task, entries, looked.ended)
    return "" if line.state == State.VERIFIED else f"{line.state} {line.reason} {line.field}"


def _desk(world: World) -> Desk:
    terms = Terms(lease=60, attempts=1, pause=lambda _: 0.0, circuit=9, patience=0.5, submits=1)
    worker = queue.enlist(world.ledger, f"worker {next(world.cases)}", "here", 1, 0.0)
    return Desk(
        ledger=world.ledger, legacy=world.legacy, worker=worker, terms=terms, clock=Clock(), day=date(2026, 3, 16),
        gone=lambda *_: False,
    )  # fmt: skip


def _played(world: World, mutation: Mutation) -> Ending:
    world.reset(mutation)
    wanted = _wanted(mutation)
    heard: list[str] = []
    sink = logger.add(lambda message: heard.append(str(message.record["message"])), level="INFO")
    try:
        said = _filled(world, {WANTED[c][0]: WANTED[c][1] for c in wanted})
    finally:
        logger.remove(sink)
    stored = world.stored()
    if stored == {c: WANTED[c][2] for c in wanted}:
        return Ending(how="recovered", said=said)
    if stored:
        return Ending(how="wrong", said=f"{said}: {sorted(stored)} instead of {wanted}")
    return Ending(how="late" if world.saves() else "stopped", said=" ".join([said, *heard]))


def _names(mutation: Mutation, said: str) -> bool:
    """Whether what was said names what has changed: the field by our name, its label or its control's name."""
    known = {f.column: (f.label, f.name) for f in SKIN.screens["basic"]}
    fields = [word for c in mutation.columns for word in (WANTED[c][0], *known[c])]
    return any(word in said for word in fields or [PAGE[mutation.kind]])


def _sample() -> list[str]:
    return sorted(random.Random(SEED).sample(sorted(CASES), SAMPLE))


def _told(endings: Mapping[str, Ending]) -> str:
    """The outcome as a person wants to see it."""
    counts = Counter(ending.how for ending in endings.values())
    others = [f"  {e.how:9} {name}: {e.said}" for name, e in endings.items() if e.how != "recovered"]
    return "\n".join([f"seed {SEED}, {len(endings)} mutations: {dict(counts)}", *others])


def _kept(endings: Mapping[str, Ending]) -> None:
    """Nothing wrong, nothing saved by a case that stopped, and every stop names what has changed."""
    print(_told(endings))
    assert {name: e.said for name, e in endings.items() if e.how in ("wrong", "late")} == {}
    stops = {name: e.said for name, e in endings.items() if e.how == "stopped"}
    assert {name: said for name, said in stops.items() if not _names(CASES[name], said)} == {}


def test_there_are_a_hundred_ways_and_more_in_which_a_screen_changes() -> None:
    assert len(CASES) >= 100
    assert len(CASES) == len(catalogue.cases(SKIN))  # no two of one name


def test_a_sample_of_changed_screens_is_filled_right_or_not_at_all(world: World) -> None:
    _kept({name: _played(world, CASES[name]) for name in _sample()})


@pytest.mark.matrix
def test_every_changed_screen_is_filled_right_or_not_at_all_and_four_of_five_are_filled(world: World) -> None:
    endings = {name: _played(world, mutation) for name, mutation in CASES.items()}
    _kept(endings)
    assert sum(e.how == "recovered" for e in endings.values()) >= 0.8 * len(endings)
