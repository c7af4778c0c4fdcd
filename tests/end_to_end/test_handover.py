"""A person logs in before the night: the session is used, kept alive, and its end is said before anything is half typed."""

import csv
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bots import kept, screens
from bots.door import ENDED, Handover, Login
from bots.driver import Driver, Target
from core import privacy, settings
from core.ledger import store as ledgers
from doors import handover
from doors.enter import Place
from doors.handover import Session
from sandbox import skins, store
from sandbox.faults import Faults
from sandbox.legacy import app
from sandbox.legacy.state import State
from sandbox.serving import Server
from tests.practice import ROOT

pytestmark = pytest.mark.browser

BY_PASSWORD = """login:
  user: {label: 工号}   # its page is also the mark of a session that has ended
  password: {label: 密码}
  press: 登录
  failed: 工号或密码错误
  ready: {place: [menuFrame], text: 功能菜单}
  leave: {place: [topFrame], text: 退出}
"""
BY_HAND = """login:
  handed: true
  ready: {place: [menuFrame], text: 功能菜单}
  alive: /sgpms/main.do
  every: 1
"""
KEYS = [f"100000000{number}" for number in range(1, 7)]


@dataclass(frozen=True)
class Town:
    """A system that a person logs into, and a site that is handed the session."""

    url: str
    state: State
    place: Path

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def config(self) -> Path:
        return self.place / "config"

    def session(self, stop: Any = lambda: False) -> Session:
        system, maps = screens.load(settings.read(self.config))
        assert isinstance(system.door, Handover)
        there = Place(system=system, screen=maps["account"], url=self.url, login=Login("1001", ""))
        keys = privacy.load(ledgers.key_file(self.data))
        return Session(there, system.door, there.papers(self.data, keys), stop, Clock(), lambda *_: None)

    def hand_over(self) -> None:
        handover.begin(self.session(), headless=True, act=person)

    def enter(self, rows: Path, *more: str) -> tuple[int, dict[str, Any], str]:
        done = subprocess.run(
            [sys.executable, "run.py", "enter", "account", rows, "--config", self.config, "--data", self.data, "--json", *more],
            cwd=ROOT, env=os.environ | {"HEDANG_LANG": "en"}, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr

    def stored(self) -> dict[str, str]:
        with self.state.db() as db:
            return dict(db.execute("SELECT cons_no, remark FROM account").fetchall())

    def effects(self) -> list[str]:
        with self.state.db() as db:
            return [str(effect["object"]) for effect in store.effects(db) if effect["kind"] == "update"]


class Clock:
    """A clock whose seconds are short."""

    def now(self) -> Any:
        raise NotImplementedError

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / 20)


def person(driver: Driver) -> None:
    entries = [(Target(label="工号", widget="text"), "1001"), (Target(label="密码", widget="password"), "sesame")]
    inside = Target(place=("menuFrame",), text="功能菜单")
    driver.arrive([entries[0][0]], within=False)
    driver.follow(Target(text="登录"), [inside], entries=entries, within=False)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    db = store.create(tmp_path / store.FILE)
    store.insert(db, "login", [{"user_id": "1001", "password": "sesame", "name": "甲", "role": "clerk"}])
    store.insert(db, "customer", [{"cust_id": 1, "cust_no": "C1", "name": "艾达", "cert_type": "id_card"}])
    home = {"cust_id": 1, "org_no": "1", "status_code": "normal", "remark": "旧"}
    store.insert(db, "account", [{**home, "acct_id": i, "cons_no": key} for i, key in enumerate(KEYS, 1)])
    db.close()
    application = app.create(tmp_path, skins.load("a"), Faults(1))
    server = Server(application)
    config = tmp_path / "config" / "systems"
    config.mkdir(parents=True)
    text = (ROOT / "config/systems/legacy.yaml").read_text("utf-8")
    assert BY_PASSWORD in text
    (config / "legacy.yaml").write_text(text.replace(BY_PASSWORD, BY_HAND), "utf-8")
    (config.parent / "hedang.yaml").write_text(
        f"schema: 1\nextends: {ROOT / 'config'}\nconnections: {{legacy: {{url: {server.url}, user: '1001'}}}}\n",
        "utf-8",
    )
    ledgers.create(tmp_path / "data", None)
    yield Town(server.url, application.extensions["legacy"], tmp_path)
    server.stop()


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["用户编号", "备注"], *([key, f"新{key[-1]}"] for key in KEYS)])
    return path


def test_without_a_living_session_nothing_is_begun_and_a_person_is_asked_for(town: Town, rows: Path) -> None:
    code, told, said = town.enter(rows)
    assert (code, told) == (2, {})
    assert "a person must log in again (run.py screens login)" in said
    town.hand_over()
    town.state.sessions.end_all()
    code, told, said = town.enter(rows)
    assert (code, told, "a person must log in again" in said) == (2, {}, True)
    assert town.effects() == []


def test_a_session_that_ends_in_the_middle_ends_the_run_and_the_next_one_goes_on(town: Town, rows: Path) -> None:
    town.hand_over()

    def interrupt() -> None:
        while not town.effects():
            time.sleep(0.02)
        town.state.sessions.end_all()

    meanwhile = threading.Thread(target=interrupt)
    meanwhile.start()
    code, told, said = town.enter(rows)
    meanwhile.join()
    assert (code, told["ended"]) == (1, ENDED)
    assert "a person must log in again" in said
    assert 1 <= told["filled"] < len(KEYS)
    assert told["parked"] == told["business_errors"] == 0
    assert set(town.stored().values()) <= {"旧", *(f"新{key[-1]}" for key in KEYS)}
    town.hand_over()
    code, told, _ = town.enter(rows, "--resume")
    assert (code, told["verified"]) == (0, len(KEYS))
    assert town.stored() == {key: f"新{key[-1]}" for key in KEYS}
    assert sorted(town.effects()) == KEYS


def test_a_kept_session_is_looked_at_until_it_ends(town: Town) -> None:
    town.hand_over()
    on = town.session()
    looks: list[int] = []

    def said(_: str, done: int, __: int) -> None:
        looks.append(done)
        if done == 2:
            town.state.sessions.end_all()

    assert handover.keep(replace(on, say=said)) == (ENDED, 2)
    assert looks == [1, 2]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["account", "--keep"], 1, "a person must log in again"),
        ([ROOT / "docs/examples/django_admin/person.yaml", "--keep"], 2, "the map's login does not say `handed: true`"),
    ],
)
def test_the_command_says_what_a_person_must_do(town: Town, words: list[Any], code: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "run.py", "screens", "login", *words, "--config", town.config, "--data", town.data, "--json"],
        cwd=ROOT, env=os.environ | {"HEDANG_LANG": "en", "HEDANG_SECRET_DJANGO": "x"}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


def test_what_is_kept_is_sealed_and_for_its_owner_alone(town: Town) -> None:
    town.hand_over()
    (path,) = [p for p in (town.data / kept.FOLDER).iterdir() if p.suffix != ".lock"]
    assert ((town.data / kept.FOLDER).stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    assert b"cookies" not in path.read_bytes()
