"""The gallery's server and a browser, shared by the tests of a file; each test opens the page that it is about."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bots.driver import Target
from bots.drivers.web import Web
from sandbox.gallery import app as gallery
from sandbox.serving import Server

SAVED = Target(text="保存成功")


@dataclass(frozen=True, slots=True)
class Gallery:
    """A hand on the gallery, and what the gallery stored."""

    hand: Web
    url: str
    store: gallery.Store

    def show(self, page: str) -> Web:
        """The hand on this page, after a fresh start."""
        self.hand.open(f"{self.url}/{page}.do")
        self.hand.arrive([Target(css="body")], within=False)
        return self.hand

    def save(self) -> dict[str, str]:
        """Press 保存; what the server stored."""
        self.hand.press(Target(text="保存"), leaving=[SAVED], accept=[])
        self.hand.arrive([SAVED], within=False)
        return {name: "；".join(values) for name, values in self.store.saved[-1].items()}


@pytest.fixture(scope="module")
def shared() -> Iterator[Gallery]:
    app = gallery.create()
    server = Server(app)
    hand = Web(timeout=3)
    yield Gallery(hand=hand, url=server.url, store=app.extensions["gallery"])
    hand.close()
    server.stop()


@pytest.fixture
def on(shared: Gallery) -> Gallery:
    shared.hand.person = None
    shared.store.saved.clear()
    shared.store.files.clear()
    return shared
