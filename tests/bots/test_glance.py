"""A fetch that answers from what its session remembers verifies nothing, whatever the database holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask, Response, redirect, request, session

from bots import maps
from bots.legacy import Legacy, hand
from core.ledger import proofs, queue
from core.ledger import store as ledgers
from core.ledger.proofs import Trust
from core.model import Entry, Image, Operation, State
from flows import enter
from flows.fill import Desk, Terms
from sandbox.serving import Server

pytestmark = pytest.mark.browser

MAP = """schema: 1
key: 户号
record: /meters/{key}
fields:
  户号: {label: 户号, widget: readonly}
  备注: {label: 备注, name: note}
  保存时间: {label: 保存时间, widget: readonly, derived: true}
save: {press: 保存, success: 保存成功}
quiet: 0
fetch: {open: "/meters/{key}?print=1", stamp: 保存时间}
"""
PAGE = """<!doctype html><meta charset="gbk"><table><tr><td>户号</td><td>%s</td></tr><tr><td>保存时间</td><td>%s</td></tr>
<tr><td>备注</td><td><form method="post" action="/meters/%s"><input name="note" value="%s"><button>保存</button></form></td></tr></table>%s"""


@dataclass
class Register:
    """A system whose pages for print come from the session's memory: what was posted, and with `stamped` a new time as well."""

    remembers: bool = False
    stamped: bool = False
    cuts: bool = False  # the database keeps two characters
    rows: dict[str, tuple[str, int]] = field(default_factory=dict)

    def app(self) -> Flask:
        """The system as a WSGI application."""
        app = Flask(__name__)
        app.secret_key = "practice"
        app.add_url_rule("/meters/<key>", "show", self.show)
        app.add_url_rule("/meters/<key>", "save", self.save, methods=["POST"])
        return app

    def show(self, key: str) -> Response:
        note, at = self.rows[key]
        posted = session.get(key)
        if request.args.get("print") and self.remembers and posted is not None:
            note, at = posted, at + self.stamped
        page = PAGE % (key, at, key, note, "<p>保存成功</p>" if request.args.get("done") else "")
        return Response(page.encode("gbk"), content_type="text/html")

    def save(self, key: str) -> Response:
        session[key] = note = request.get_data(as_text=True).removeprefix("note=")
        self.rows[key] = (note[:2] if self.cuts else note, self.rows[key][1] + 1)
        return redirect(f"/meters/{key}?done=1")  # type: ignore[return-value]


class Clock:
    """Waits for nobody."""

    def now(self) -> datetime:
        return datetime(2026, 3, 16, tzinfo=UTC)

    def sleep(self, seconds: float) -> None:
        del seconds


@dataclass
class Room:
    """The system, the hand on it and the worker's desk."""

    register: Register
    legacy: Legacy
    desk: Desk
    task: enter.Task

    def fill(self, *keys: str) -> list[tuple[str, str]]:
        """How rows end whose note shall be `new1`."""
        entries = [Entry(row=n, key=key, values={"备注": "new1"}) for n, key in enumerate(keys, 1)]
        looked = enter.look(self.legacy, self.task, entries, attempts=1, circuit=1, say=lambda *_: None)
        enter.plan(self.desk.ledger, self.task, entries, looked)
        enter.enter(self.desk, self.task)
        return [(line.state, line.reason) for line in enter.lines(self.desk.ledger, self.task, entries, looked.ended)]

    def trust(self) -> Trust:
        """How far the fetch is believed."""
        return proofs.trust(self.desk.ledger, self.legacy.glances("meters"), 2)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    ledgers.create(tmp_path / "ledger")
    ledger = ledgers.open(tmp_path / "ledger")
    path = tmp_path / "meters.yaml"
    path.write_text(MAP, "utf-8")
    found = maps.read(path)
    register = Register(rows={str(n): ("old", 1) for n in range(1, 6)})
    server = Server(register.app())
    screen = maps.at(found, server.url)
    legacy = hand(replace(found.system, timeout=4), {screen.name: screen}, server.url, None)
    terms = Terms(lease=60, attempts=1, pause=lambda _: 0.0, circuit=9, patience=0.5, submits=1, canaries=2)
    worker = queue.enlist(ledger, "one", "here", 1, 0.0)
    desk = Desk(
        ledger=ledger, legacy=legacy, worker=worker, terms=terms, clock=Clock(), day=date(2026, 3, 16), gone=lambda *_: False
    )  # fmt: skip
    task = enter.Task(screen="meters", kind=screen.kind, operation=Operation.SET, digest="0" * 16, scope=screen.scope)  # type: ignore[arg-type]
    yield Room(register, legacy, desk, task)
    ledger.close()
    legacy.close()
    server.stop()


@pytest.mark.parametrize("read", [(), ("2",)], ids=["nothing was read", "another record was read last"])
def test_the_preflight_compares_a_fetch_with_the_record_that_it_opens_itself(room: Room, read: tuple[str, ...]) -> None:
    for key in read:
        room.legacy.read("meters", room.task.scope + key)
    room.legacy._samples = {"meters": [room.task.scope + "1"]}
    assert (list(room.legacy.preflight(["meters"])), list(room.legacy.drift())) == ([], [])


def test_a_fetch_of_a_gbk_page_is_proven_and_then_counts(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    fetch = room.legacy.fetch

    def opens(screen: str, key: str) -> Image:
        opened.append(key)
        return fetch(screen, key)

    monkeypatch.setattr(room.legacy, "fetch", opens)
    assert room.fill("1", "2", "3", "4", "5") == [(State.VERIFIED, "")] * 5
    assert (room.trust(), len(opened)) == (Trust.PROVEN, 2 + 1)  # a new session has no page yet that could ask
    assert {note for note, _ in room.register.rows.values()} == {"new1"}


@pytest.mark.parametrize("stamped", [False, True])
def test_a_session_that_remembers_what_it_posted_verifies_nothing(room: Room, stamped: bool) -> None:
    room.register.remembers, room.register.cuts, room.register.stamped = True, True, stamped
    assert room.fill("1", "2") == [(State.REFUSED, "truncated")] * 2
    assert room.trust() is Trust.REFUTED


@pytest.mark.parametrize("stamped", [False, True])
def test_a_session_that_begins_to_err_once_it_is_proven_is_caught_by_another(room: Room, stamped: bool) -> None:
    room.register.remembers, room.register.stamped = True, False
    assert room.fill("1", "2") == [(State.VERIFIED, "")] * 2
    room.register.cuts, room.register.stamped = True, stamped
    room.task = replace(room.task, digest="1" * 16)
    assert room.fill("3") == [(State.REFUSED, "truncated")]
    assert room.trust() is Trust.REFUTED
