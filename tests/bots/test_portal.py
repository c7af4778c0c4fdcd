"""A portal's export is pulled whole, or named as missing: no page, part or old task is ever taken for it."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bots import exports
from bots.drivers.web import Web
from bots.kept import Papers
from bots.screens import Certificate, System
from bots.sources.portal import Portal
from bots.sources.profile import profile
from core import settings
from core.errors import ApplicationError, ConfigError
from core.fields import Fields
from core.ledger import batches, store
from core.ports import Delivery
from core.site import Connection, Site
from flows.pull import pull
from sandbox.portal import app
from sandbox.serving import Server

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
CONFIG = settings.read(ROOT / "config")
SHIPPED = ROOT / "config/sources/survey_portal.yaml"
LOGIN = """  login:
    open: /portal/login.do
    user: 账号
    password: 口令
    press: 登录
    failed: 账号或口令错误
    ready: {place: [menu], text: 普查结果}
"""
AT_ONCE = "      download: 导出\n"
PREPARED = """      prepared:
        press: 后台导出
        number: {css: "#task"}
        steps: [{press: {place: [menu], text: 导出任务}}]
        again: 刷新
        every: 0.1
        within: WITHIN
      download: {row: {column: 任务编号, press: 下载}}
"""


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, app.Portal, Web]]:
    application = app.create()
    server, browser = Server(application), Web()
    browser.open("about:blank")
    yield server.url, application.extensions["portal"], browser
    browser.close()
    server.stop()


class Hand(Web):
    """A hand that leaves its browser open."""

    def close(self) -> None:
        """Close the pages only."""
        if self._context:
            self._context.close()


class Place:
    """The portal, and sources on it."""

    def __init__(self, url: str, held: app.Portal, browser: Web, folder: Path) -> None:
        self.url, self.held, self.browser, self.folder = url, held, browser, folder
        self.pauses: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.shown: list[tuple[Certificate | None, str]] = []

    def pause(self, seconds: float) -> None:
        """The source waits, and something may happen meanwhile."""
        self.pauses.append(seconds)
        self.meanwhile()

    def source(self, *changes: tuple[str, str], attempts: int = 1, secret: str = app.PASSWORD) -> Portal:
        """The shipped source with other words, which tries so often."""
        text = SHIPPED.read_text("utf-8").replace("timeout: 10", "timeout: 2")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = self.folder / "survey_portal.yaml"
        path.write_text(text, "utf-8")
        described = profile("survey_portal", settings.load(path), Fields.load(CONFIG), CONFIG)
        site = Site.load(CONFIG)
        site = replace(site, retry=replace(site.retry, attempts=attempts))
        there = Connection(url=self.url, user=app.USER, secret=secret)
        return Portal(
            described, there, site, self.pause, start=self.start, today=lambda: date(2026, 3, 16), phrase=self.phrase
        )

    def phrase(self, system: System) -> str:
        """What opens the certificate that a description names."""
        return f"opens {system.certificate.secret}" if system.certificate else ""

    def start(self, system: System, papers: Papers) -> Web:
        """A hand of the source's own on the browser of all tests."""
        self.shown.append((system.certificate, papers.phrase))
        hand = Hand(timeout=system.timeout, session=system.session)
        hand._process = self.browser._process
        return hand


@pytest.fixture
def site(served: tuple[str, app.Portal, Web], tmp_path: Path) -> Place:
    url, held, browser = served
    held.fault, held.looks = "", 2
    held.tasks.clear()
    held.seen.clear()
    held.asked.clear()
    return Place(url, held, browser, tmp_path)


def pulled(source: Portal, since: str | None = None, known: frozenset[str] = frozenset()) -> list[Delivery]:
    return list(source.pull(since, known))


def test_the_days_since_the_last_pull_come_through_the_door_of_the_folders(site: Place) -> None:
    (delivery,) = pulled(site.source(), "2026-03-15")
    assert (delivery.name, delivery.cursor, delivery.as_of) == (
        "results_2026-03-16.csv",
        "2026-03-16",
        date(2026, 3, 16),
    )
    assert delivery.columns["task_no"] == ["T0002", "T0003"]
    assert delivery.columns["audit"] == ["PASS", "PASS"]
    assert (delivery.problems, delivery.refused) == ((), 0)


def test_the_first_pull_asks_from_the_first_day_on_and_a_known_file_is_no_delivery(site: Place) -> None:
    (delivery,) = pulled(site.source())
    assert len(delivery.lines) == 3
    assert pulled(site.source(), None, frozenset({hashlib.sha256(delivery.raw).hexdigest()})) == []


def test_days_without_results_are_no_delivery(site: Place) -> None:
    assert pulled(site.source(("2026-01-01", "2026-03-17"))) == []
    assert "export" not in site.held.asked


def test_what_was_pulled_is_sealed_and_the_next_pull_goes_on_from_its_day(site: Place, tmp_path: Path) -> None:
    store.create(tmp_path / "data", None)
    ledger = store.open(tmp_path / "data")
    try:
        told = pull(ledger, [site.source()], date(2026, 3, 16), None)
        again = pull(ledger, [site.source()], date(2026, 3, 16), None)
        site.held.fault = "short"
        lost = pull(ledger, [site.source()], date(2026, 3, 16), None)
        raws = list((tmp_path / "data/batches").glob("*.raw"))
        assert (told["batches"], told["rows"], told["problems"]) == (1, 3, 0)
        assert (again["batches"], again["rows"], again["problems"]) == (1, 1, 0)  # the last day once more
        assert (lost["batches"], lost["problems"]) == (0, 1)
        assert batches.cursor(ledger, "survey_portal") == "2026-03-16"
        assert len(raws) == 2
        assert not any(b"T0003" in raw.read_bytes() for raw in raws)
    finally:
        ledger.close()


def test_an_export_that_is_prepared_is_waited_for_and_found_by_its_number(site: Place) -> None:
    site.held.tasks["0001"] = ("2026-01-01", "2026-01-02")  # an old one, done long ago
    site.held.seen["0001"] = 99
    source = site.source((AT_ONCE, PREPARED.replace("WITHIN", "20")))
    (delivery,) = pulled(source, "2026-03-16")
    assert (delivery.columns["task_no"], site.held.asked.count("submit")) == (["T0003"], 1)
    assert site.held.asked.count("tasks") == 3


def test_an_export_that_is_not_prepared_in_time_is_named(site: Place) -> None:
    site.held.looks = 10**6
    source = site.source((AT_ONCE, PREPARED.replace("WITHIN", "1")))
    with pytest.raises(ApplicationError) as caught:
        pulled(source)
    assert caught.value.code == "unprepared"


@pytest.mark.parametrize(
    ("fault", "code"), [("lost", "lost"), ("short", "partial"), ("page", "page"), ("expired", "session"), ("error", "http")]
)  # fmt: skip
def test_what_comes_instead_of_the_whole_file_is_named_and_never_taken(site: Place, fault: str, code: str) -> None:
    site.held.fault = fault
    with pytest.raises(ApplicationError) as caught:
        pulled(site.source())
    assert caught.value.code == code
    assert "survey_portal" in str(caught.value)


def test_a_file_that_stands_still_on_its_way_is_given_up(site: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        site.held, "days", ["2026-03-16"] * 300
    )  # a browser begins to tell of a file after its first kilobyte
    site.held.fault = "stalled"
    with pytest.raises(ApplicationError) as caught:
        pulled(site.source())
    assert caught.value.code == "lost"


def test_a_page_that_is_called_a_file_is_no_file(site: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "HEADER", "\ufeff<HTML><body>系统繁忙</body></HTML>".replace("\ufeff", " "))
    with pytest.raises(ApplicationError) as caught:
        pulled(site.source())
    assert caught.value.code == "page"


def test_what_failed_is_asked_for_again_from_the_login_on(site: Place) -> None:
    site.held.fault = "expired"
    site.meanwhile = lambda: setattr(site.held, "fault", "")
    (delivery,) = pulled(site.source(attempts=2))
    assert (len(delivery.lines), site.held.asked.count("in")) == (3, 2)
    assert site.pauses == [1.0]


def test_a_login_that_the_portal_refuses_is_asked_for_once(site: Place) -> None:
    with pytest.raises(ApplicationError) as caught:
        pulled(site.source(secret="wrong"))
    assert caught.value.code == "refused_login"
    assert site.held.asked.count("in") == 1


def test_a_portal_that_asks_for_a_certificate_is_shown_it_with_its_phrase(site: Place) -> None:
    (site.folder / "clerk.pfx").write_bytes(b"not looked into here")
    pulled(site.source(("  login:\n", "  certificate: {pfx: clerk.pfx, secret: PORTAL_PFX}\n  login:\n")))
    shown = Certificate(pfx=str(site.folder / "clerk.pfx"), secret="PORTAL_PFX", origin=site.url.rstrip("/"))
    assert site.shown[-1] == (shown, "opens PORTAL_PFX")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("  begin: 2026-01-01", "  begin: gestern", "portal.begin: here a date YYYY-MM-DD is expected"),
        ("      download: 导出\n", "      download: {row: {column: 编号, press: 下载}}\n", "only what is `prepared`"),
        ('with: "{until}"', 'with: "2026"', "no step says {until}"),
        ("      rows: {css", "      row: {css", "unknown key"),
        ("  login:\n", "  certificate: {pfx: x.pfx}\n  login:\n", "there is no such file"),
        (LOGIN, '  login: {handed: true, ready: {css: "#menu"}}\n', "no session can be handed over"),
    ],
)
def test_a_wrong_description_names_its_place(
    site: Place, monkeypatch: pytest.MonkeyPatch, old: str, new: str, complaint: str
) -> None:
    monkeypatch.setenv("HEDANG_LANG", "en")
    with pytest.raises(ConfigError) as caught:
        site.source((old, new))
    assert complaint in str(caught.value)
    assert "survey_portal.yaml:" in str(caught.value)


@pytest.mark.parametrize("key", [*exports.KEYS, *exports.PREPARED, "begin", "date", "login"])
def test_the_guide_tells_every_key(key: str) -> None:
    assert f"{key}:" in (ROOT / "docs/extend.md").read_text("utf-8")
