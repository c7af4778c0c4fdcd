"""Promises of getting in: each page of a login is answered once, and a refusal is told as one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bots.door import ASKED_AGAIN, BY_HAND, BY_PASSWORD, OWNER, Door, Handover, Login, door_of, pass_through
from bots.driver import Target
from bots.drivers.web import Web
from core import settings
from core.errors import ConfigError, MissingPart
from sandbox.portal import app
from sandbox.serving import Server

ROOT = Path(__file__).parents[2]
TWO_PAGES = "{open: /portal/account.do, user: 账号, next: 下一步, password: 口令, press: 登录}"
CHECKED = '{open: /portal/checked.do, user: 账号, password: 口令, press: 登录, captcha: {label: 验证码, parts: {picture: "#picture"}}}'
INSIDE = Target(place=("menu",), text="普查结果")


def door(folder: Path, text: str) -> Door | Handover:
    path = folder / "map.yaml"
    path.write_text(f"schema: 1\nlogin: {text}\n", "utf-8")
    return door_of(settings.load(path)["login"])


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, app.Portal, Web]]:
    application = app.create()
    server, hand = Server(application), Web(timeout=3)
    yield server.url, application.extensions["portal"], hand
    hand.close()
    server.stop()


@pytest.mark.browser
def test_a_login_over_two_pages_is_passed(served: tuple[str, app.Portal, Web], tmp_path: Path) -> None:
    url, _, hand = served
    hand.open(url + "/portal/account.do")
    pass_through(hand, door(tmp_path, TWO_PAGES), Login(app.USER, app.PASSWORD))
    assert hand.arrive([INSIDE]) == 0


@pytest.mark.browser
def test_a_login_over_two_pages_that_begins_anew_was_refused(
    served: tuple[str, app.Portal, Web], tmp_path: Path
) -> None:
    url, held, hand = served
    held.asked.clear()
    hand.open(url + "/portal/account.do")
    with pytest.raises(MissingPart) as caught:
        pass_through(hand, door(tmp_path, TWO_PAGES), Login(app.USER, "wrong"))
    assert (caught.value.code, held.asked.count("in")) == ("login", 1)


@pytest.mark.browser
@pytest.mark.parametrize(("read", "inside"), [(app.CODE, True), ("xxxx", False)])
def test_a_picture_is_read_by_a_person(
    served: tuple[str, app.Portal, Web], tmp_path: Path, read: str, inside: bool
) -> None:
    url, _, hand = served
    hand.person = lambda _: read
    hand.open(url + "/portal/checked.do")
    way = door(tmp_path, CHECKED)
    if inside:
        pass_through(hand, way, Login(app.USER, app.PASSWORD))
        return
    with pytest.raises(MissingPart, match="login"):
        pass_through(hand, way, Login(app.USER, app.PASSWORD))


HANDED = "{handed: true, open: /login, ready: 欢迎, alive: /home, every: 60, as: clerk}"


def test_a_session_that_a_person_hands_over_is_described(tmp_path: Path) -> None:
    found = door(tmp_path, HANDED)
    assert isinstance(found, Handover)
    assert (found.open, found.start, found.every, found.session) == ("/login", "/home", 60, (ASKED_AGAIN,))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("ready: 欢迎", "ended: 请登录", "the key 'ready' is missing"),
        ("every: 60", "user: 账号", "login.user: unknown key"),
        ("every: 60", "every: 0", "login.every: 0 is outside"),
        ("handed: true", "handed: yes", "login.handed: no such choice"),
    ],
)
def test_what_is_wrong_with_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, complaint: str
) -> None:
    monkeypatch.setenv("HEDANG_LANG", "en")
    with pytest.raises(ConfigError) as caught:
        door(tmp_path, HANDED.replace(old, new))
    assert complaint in str(caught.value)


@pytest.mark.parametrize("key", [*BY_PASSWORD, *BY_HAND, *OWNER])
def test_the_guide_tells_every_key(key: str) -> None:
    section = (ROOT / "docs/screens.md").read_text("utf-8").split("## 登录")[1].split("\n## ")[0]
    assert f"`{key}`" in section or f"{key}:" in section


def test_the_first_page_of_several_is_the_mark_of_a_session_that_has_ended(tmp_path: Path) -> None:
    assert [mark.words for mark in door(tmp_path, TWO_PAGES).session] == ["label '账号'", "text '下一步'"]
