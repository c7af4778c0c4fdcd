"""Promises of the way to a record: the one exact record, or a clear word that there is none or that it is not certain."""

import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from bots import maps
from bots.driver import Target
from bots.drivers.web import BEYOND
from bots.legacy import Legacy, hand
from core.errors import ApplicationError, BusinessError, OutcomeUnknown
from core.model import Change, Operation

pytestmark = pytest.mark.browser

FORM = '<form method="post"><p>编号 <b id="no">{0}</b></p><label>备注<input name="note" value="{1}"></label><button>保存</button></form>'
SCRIPTED = """<label>查找<input id="q"></label><button onclick="find()">查询</button><div id="rows"></div><div id="form"></div><p id="said"></p>
<script>
const show = (html, where) => setTimeout(() => (document.getElementById(where).innerHTML = html), 60);
function find() {
  const key = document.getElementById('q').value;
  document.getElementById('rows').innerHTML = '<table><tr><th>编号</th><th></th></tr></table>';
  setTimeout(() => fetch('/has?key=' + encodeURIComponent(key)).then((r) => r.text()).then((rows) => show(rows, 'rows')), 60);
}
function edit(key) { fetch('/note?key=' + key).then((r) => r.text()).then((note) => show(
  '编号 <b id="no">' + key + '</b><label>备注<input id="note" value="' + note + '"></label><button onclick="save(\\'' + key + '\\')">保存</button>', 'form')); }
function save(key) { fetch('/' + key, {method: 'POST', body: 'note=' + encodeURIComponent(document.getElementById('note').value)})
  .then(() => show('已保存', 'said')); }
</script>"""
DIRECT = """schema: 1
key: {{id: 编号, shown: [{{css: "#no"}}]}}
record: {record}
timeout: 2
fields: {{备注: 备注}}
save: {{press: 保存, success: 已保存}}
quiet: 0
"""
SINGLE = """schema: 1
key: {{id: 编号, shown: [{{css: "#no"}}]}}
record: [{{open: /app}}, {{type: 查找}}, {{press: 查询}}, {{row: {{column: 编号, press: {row}}}}}]
timeout: 3
fields: {{备注: 备注}}
save: {{press: 保存, success: {{css: "#said"}}}}
quiet: 0
"""


class Site:
    """Records by number, on pages of the usual kinds."""

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}
        self.posts = 0
        self.url = ""

    def page(self, address: str) -> tuple[int, str]:
        parts = urlsplit(address)
        key = parse_qs(parts.query).get("key", [""])[0]
        if parts.path == "/app":
            return 200, SCRIPTED
        if parts.path == "/has":
            rows = "".join(
                f"<tr><td>{k}</td><td><a onclick=\"edit('{k}')\">改</a></td></tr>" for k in self.notes if key in k
            )
            return 200, f"<table><tr><th>编号</th><th></th></tr>{rows}</table>"
        if parts.path == "/note":
            return 200, self.notes[key]
        number = unquote(parts.path).removeprefix("/")
        if number == "swapped":
            return 200, FORM.format("other", "")
        if number not in self.notes:
            return 404, "没有"
        return 200, FORM.format(number, self.notes[number])


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = site.page(self.path)
            self._say(status, body)

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            site.notes[unquote(self.path).removeprefix("/")] = parse_qs(text, keep_blank_values=True)["note"][0]
            site.posts += 1
            self._say(200, "已保存")

        def _say(self, status: int, body: str) -> None:
            content = f'<html><head><meta charset="utf-8"></head><body>{body}</body></html>'.encode()
            if self.path.startswith(("/has", "/note")):
                content = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

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
    server.notes, server.posts = {"甲/1": "旧", "12": "旧", "123": "旧"}, 0
    return server


class Hands:
    """Hands on the site by a map; each ends with its test."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site, self.folder, self.open = site, folder, list[Legacy]()

    def by(self, text: str) -> Legacy:
        path = self.folder / "map.yaml"
        path.write_text(text, "utf-8")
        found = maps.read(path)
        screen = maps.at(found, self.site.url)
        self.open.append(hand(found.system, {screen.name: screen}, self.site.url, None))
        return self.open[-1]

    def key(self, number: str) -> str:
        return f"map@{urlsplit(self.site.url).netloc} {number}"


@pytest.fixture
def hands(site: Site, tmp_path: Path) -> Iterator[Hands]:
    made = Hands(site, tmp_path)
    yield made
    for one in made.open:
        one.close()


def note(value: str) -> list[Change]:
    return [Change(field="备注", before=None, after=value, proposal=1)]


def test_a_record_with_an_address_of_its_own_is_opened_and_saved(hands: Hands, site: Site) -> None:
    legacy = hands.by(DIRECT.format(record="/{key}"))
    for number in ("12", "甲/1"):
        assert legacy.read("map", hands.key(number)).cells == {"备注": "旧"}
        legacy.enter("map", hands.key(number), Operation.SET, note("新"), {})
    assert site.notes == {"甲/1": "新", "12": "新", "123": "旧"}
    with pytest.raises(BusinessError) as caught:
        legacy.read("map", hands.key("404"))
    assert caught.value.code == "no_such_object"


def test_another_record_behind_the_address_is_not_typed_into(hands: Hands, site: Site) -> None:
    legacy = hands.by(DIRECT.format(record="/{key}"))
    with pytest.raises(ApplicationError) as caught:
        legacy.read("map", hands.key("swapped"))
    assert (caught.value.code, site.posts) == ("wrong_record", 0)


def test_a_page_that_was_left_since_it_was_read_is_not_typed_into(hands: Hands, site: Site) -> None:
    legacy = hands.by(DIRECT.format(record="/{key}").replace(', shown: [{css: "#no"}]', ""))
    legacy.read("map", hands.key("12"))
    legacy._driver.visit(site.url + "123")
    with pytest.raises(OutcomeUnknown) as caught:
        legacy.enter("map", hands.key("12"), Operation.SET, note("新"), {})
    assert (caught.value.code, site.posts) == ("wrong_record", 0)


def test_a_page_that_is_never_left_is_searched_saved_and_searched_again(hands: Hands, site: Site) -> None:
    legacy = hands.by(SINGLE.format(row="改"))
    for value in ("新", "更新"):  # the answer to the second save says the same words as the first
        legacy.read("map", hands.key("12"))
        legacy.enter("map", hands.key("12"), Operation.SET, note(value), {})
        assert legacy.fetch("map", hands.key("12")).cells == {"备注": value}
    assert site.notes["123"] == "旧"
    with pytest.raises(BusinessError) as caught:
        legacy.read("map", hands.key("1"))
    assert caught.value.code == "no_such_object"


def test_a_choice_that_a_list_does_not_have_is_the_values_fault(
    hands: Hands, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(entries: Sequence[tuple[Target, str]]) -> Sequence[str]:
        raise ApplicationError("the list does not offer the value", code="option", about=entries[0][0].words)

    legacy = hands.by(DIRECT.format(record="/{key}"))
    legacy.read("map", hands.key("12"))
    monkeypatch.setattr(legacy._driver, "write", write)
    with pytest.raises(BusinessError) as caught:
        legacy.enter("map", hands.key("12"), Operation.SET, note("新"), {})
    assert (caught.value.reason, caught.value.sent, site.posts) == ("option 备注", False, 0)


def test_a_key_that_would_change_a_locator_is_refused(hands: Hands, site: Site) -> None:
    legacy = hands.by(SINGLE.format(row="{css: \"[title='{key}']\"}"))
    with pytest.raises(BusinessError) as caught:
        legacy.read("map", hands.key("1'],*"))
    assert (caught.value.code, site.posts) == ("key", 0)


def test_no_message_tells_whose_record_it_was(hands: Hands) -> None:
    legacy = hands.by(SINGLE.format(row='"{key}的资料"'))
    with pytest.raises(ApplicationError) as caught:
        legacy.read("map", hands.key("12"))
    assert ("12" in str(caught.value), "{key}" in str(caught.value)) == (False, True)


def test_the_preflight_draws_what_it_finds_and_leaves_the_page_as_it_was(hands: Hands, site: Site) -> None:
    legacy = hands.by(DIRECT.format(record="/{key}"))
    legacy._samples, legacy.draw = {"map": [hands.key("12")]}, True
    legacy.read("map", hands.key("12"))
    page = legacy._driver._page  # type: ignore[attr-defined]
    bare = page.screenshot(full_page=True)
    assert legacy.preflight(["map"]) == []
    assert legacy.pictures["map"].startswith(b"\x89PNG")
    assert legacy.pictures["map"] != bare
    assert (page.locator("[data-hedang]").count(), page.locator("input").get_attribute("style") or "") == (0, "")
    assert site.posts == 0


def test_a_list_that_shows_others_does_not_prove_that_a_record_is_absent(hands: Hands, site: Site) -> None:
    text = (
        SINGLE.format(row="改")
        .replace("key: {id: 编号,", "none: 没有\ncreate: /new\nkey: {id: 备注,")
        .replace(', shown: [{css: "#no"}]', "")
    )
    legacy = hands.by(text)
    with pytest.raises(BusinessError) as caught:
        legacy.read("map", hands.key("1"))
    assert (caught.value.code, site.posts) == ("unlisted", 0)


def test_the_picture_says_what_it_does_not_reach(hands: Hands, site: Site) -> None:
    legacy = hands.by(DIRECT.format(record="/{key}"))
    legacy._samples = {"map": [hands.key("12")]}
    legacy.read("map", hands.key("12"))
    page = legacy._driver._page  # type: ignore[attr-defined]
    rolled = (
        "<div style='height:60px;overflow-y:auto'><input name=near><p style='height:300px'></p><input name=far></div>"
    )
    page.evaluate("(html) => { document.body.innerHTML = html; }", rolled)
    drawn: list[str] = []
    screenshot = page.screenshot

    def look(**how: bool) -> bytes:
        drawn.extend(page.locator("[data-hedang]").all_inner_texts())
        return bytes(screenshot(**how))

    page.screenshot = look
    legacy._driver.outline({"近": Target(name="near"), "远": Target(name="far"), "无": Target(name="none")}, (), [])
    assert [text for text in drawn if text] == ["近", "无 ×0", f"{BEYOND}远"]


@pytest.mark.parametrize(("shown", "code"), [('{css: "label"}', "wrong_record"), ('{css: "#nowhere"}', "absent")])
def test_the_preflight_says_where_a_record_does_not_show_its_own_number(hands: Hands, shown: str, code: str) -> None:
    legacy = hands.by(DIRECT.format(record="/{key}").replace('{css: "#no"}', shown))
    legacy._samples = {"map": [hands.key("12")]}
    assert [(p.code, p.place) for p in legacy.preflight(["map"])] == [(code, "map.编号")]


def test_the_preflight_says_where_nothing_opens_a_control(hands: Hands) -> None:
    parts = '{备注: {label: 备注, widget: suggest, parts: {open: {css: "#nowhere"}, list: .list}}}'
    legacy = hands.by(DIRECT.format(record="/{key}").replace("{备注: 备注}", parts))
    legacy._samples = {"map": [hands.key("12")]}
    assert [(p.code, p.place) for p in legacy.preflight(["map"])] == [("absent", "map.备注")]


def test_the_box_that_a_record_was_asked_for_in_proves_nothing(hands: Hands, site: Site) -> None:
    legacy = hands.by(SINGLE.format(row="改").replace('{css: "#no"}', "{label: 查找, widget: auto}"))
    legacy._samples = {"map": [hands.key("12")]}
    assert [p.code for p in legacy.preflight(["map"])] == ["wrong_record"]
    with pytest.raises(ApplicationError) as caught:
        legacy.read("map", hands.key("12"))
    assert (caught.value.code, site.posts) == ("wrong_record", 0)


@pytest.mark.parametrize(("turns", "told"), [("", ""), (", next: 查询", "seen"), (", next: 下一面", "unseen")])
def test_the_preflight_tells_whether_a_list_showed_what_turns_its_pages(hands: Hands, turns: str, told: str) -> None:
    legacy = hands.by(SINGLE.format(row=f"改{turns}"))
    legacy._samples = {"map": [hands.key("12")]}
    assert legacy.preflight(["map"]) == []
    assert legacy.pager("map") == told


def test_what_a_walk_says_names_the_screen_in_both_languages(hands: Hands) -> None:
    lost = hands.by(SINGLE.format(row="改, next: 下一面"))
    with pytest.raises(ApplicationError) as caught:
        lost.read("map", hands.key("99"))
    assert caught.value.words.zh == "map：列表里没有它，翻页的 text '下一面' 也没有见到"
    assert caught.value.words.en.startswith("map: the list has no such row, and text '下一面'")


@pytest.mark.parametrize(
    ("map_", "zh", "en"),
    [
        (SINGLE.format(row="改").replace("column: 编号", "column: 号码"),
         "一直没有出现有 table 号码 的页面；现有的列：编号", "no page with table 号码 appeared in time; the columns there are: 编号"),
        (SINGLE.format(row="改").replace("{column: 编号", "{place: mian, column: 编号"),
         "没有框架“mian”，现有：none", "there is no frame 'mian', there are: none"),
    ],
    ids=["column", "frame"],
)  # fmt: skip
def test_what_does_not_appear_is_told_with_what_is_there(hands: Hands, map_: str, zh: str, en: str) -> None:
    """The system did answer: a list with another column, a page with other frames."""
    with pytest.raises(ApplicationError) as caught:
        hands.by(map_).read("map", hands.key("12"))
    assert caught.value.code == "timeout"
    assert zh in caught.value.words.zh
    assert en in caught.value.words.en
