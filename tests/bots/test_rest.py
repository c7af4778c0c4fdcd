"""Promises on pages that fill themselves: nothing is read before it is there, and no save changes what nobody asked for."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from bots import maps, rest
from bots.driver import Shown
from bots.legacy import Legacy, hand
from bots.rest import Rest
from core.errors import BusinessError
from core.model import Change, Operation

PAGE = """<form method="post"><p>编号 <b id="no">{key}</b></p><label>备注<input name="note" value="{note}"></label>
<label>班组<input name="team"></label><label>城市<select name="city"><option>南京<option>苏州</select></label>
<label>邮编<input name="zip" value="{zip}"></label><button>保存</button></form><p id="said">{said}</p>
<script>
const [team, city, zip] = ['team', 'city', 'zip'].map((name) => document.forms[0][name]);
setTimeout(() => fetch('/team').then((r) => r.text()).then((text) => (team.value = text)), 250);
city.onchange = () => fetch('/zip').then((r) => r.text()).then((text) => (zip.value = text));
</script>"""
MAP = """schema: 1
key: {{id: 编号, shown: [{{css: "#no"}}]}}
record: /{{key}}
timeout: 3
fields: {{备注: 备注, 班组: 班组, 城市: 城市, 邮编: {{label: 邮编, derived: {derived}}}}}
save: {{press: 保存, success: 已保存}}
quiet: 0
"""
OLD = {"note": "旧", "team": "一班", "city": "南京", "zip": "210000", "said": ""}


class Site:
    """One record, whose page asks for one value after it came and for another when a third is chosen."""

    def __init__(self) -> None:
        self.url, self.record = "", dict(OLD)

    def answer(self, path: str) -> str:
        if path in ("/team", "/zip"):
            return self.record["team"] if path == "/team" else "215000"
        return PAGE.format(key=path[1:], **{name: self.record[name] for name in ("note", "zip", "said")})


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = site.answer(self.path).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            site.record.update(dict(parse_qsl(sent, keep_blank_values=True)) | {"said": "已保存"})
            self.do_GET()

        def log_message(self, *args: object) -> None:
            """Keep the test's output quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    site.url = f"http://127.0.0.1:{http.server_port}/"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield site
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def site(server: Site) -> Site:
    server.record = dict(OLD)
    return server


def by(site: Site, folder: Path, derived: str = "false") -> Legacy:
    path = folder / "map.yaml"
    path.write_text(MAP.format(derived=derived), "utf-8")
    found = maps.read(path)
    return hand(found.system, {"map": maps.at(found, site.url)}, site.url, None)


def key(site: Site) -> str:
    return f"map@{urlsplit(site.url).netloc} 7"


def set_to(field: str, value: str) -> list[Change]:
    return [Change(field=field, before=None, after=value, proposal=1)]


@pytest.mark.browser
def test_a_field_that_a_page_fills_later_is_neither_missed_nor_emptied(site: Site, tmp_path: Path) -> None:
    legacy = by(site, tmp_path)
    try:
        for value in "123456":  # more records than are watched
            assert legacy.read("map", key(site)).cells["班组"] == "一班"
            legacy.enter("map", key(site), Operation.SET, set_to("备注", value), {})
            assert (site.record["note"], site.record["team"]) == (value, "一班")
        assert legacy.restless("map", key(site)) == {"班组"}
    finally:
        legacy.close()


@pytest.mark.browser
def test_a_value_that_moves_another_one_is_not_saved_unless_the_map_expects_it(site: Site, tmp_path: Path) -> None:
    for derived in ("false", "true"):
        legacy = by(site, tmp_path, derived)
        try:
            legacy.read("map", key(site))
            if derived == "true":
                legacy.enter("map", key(site), Operation.SET, set_to("城市", "苏州"), {})
                continue
            with pytest.raises(BusinessError) as caught:
                legacy.enter("map", key(site), Operation.SET, set_to("城市", "苏州"), {})
            assert (caught.value.reason, caught.value.sent, site.record) == ("moved 邮编", False, OLD)
        finally:
            legacy.close()
    assert (site.record["city"], site.record["zip"]) == ("苏州", "215000")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time passes only while somebody sleeps."""
    passed = [0.0]

    def sleep(seconds: float) -> None:
        passed[0] += seconds

    monkeypatch.setattr("bots.rest.time.sleep", sleep)
    monkeypatch.setattr("bots.rest.time.monotonic", lambda: passed[0])
    return passed


def _slept(clock: list[float], pages: Rest, value: str = "x") -> float:
    begun = clock[0]
    pages.read(lambda: [Shown(count=1, value=value)], ["a"])
    return clock[0] - begun


def test_pages_that_never_change_are_waited_for_only_at_first(clock: list[float]) -> None:
    pages = Rest()
    assert [round(_slept(clock, pages), 1) for _ in range(4)] == [1.0, 0.5, 0.5, 0.0]


def test_a_field_that_never_rests_costs_no_more_than_one_watch(clock: list[float]) -> None:
    pages = Rest()
    pages.read(lambda: [Shown(count=1, value=str(clock[0]))], ["clock"])
    assert round(clock[0], 1) == rest.LONGEST
    assert pages.fields == {"clock"}
    assert [round(_slept(clock, pages), 1) for _ in range(3)] == [0.5, 0.5, 0.0]
