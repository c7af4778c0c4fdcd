"""Promises of the web driver, on small pages: exactly one control answers, nothing is half typed, no form leaves twice."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bots.door import ASKED_AGAIN, LET_IN
from bots.driver import Heard, Interruption, Target
from bots.drivers import web
from bots.drivers.web import Web
from core.errors import ApplicationError, MissingPart

pytestmark = pytest.mark.browser

FORM = """<table>
<tr><td>用电 地址：*</td><td><textarea name="addr"></textarea></td><td>小区</td><td><input name="quarter" value="旧"> 区</td></tr>
<tr><td>类别</td><td><select name="sort"><option value="">--</option><option value="01">01 高压</option></select></td>
<td>城乡</td><td><input type="radio" name="ur" value="1" checked>城镇 <input type="radio" name="ur" value="2">农村</td></tr>
<tr><td>编号：</td><td> 1001 </td><td>锁定</td><td><input name="fixed" value="x" readonly></td></tr>
<tr><td>重复</td><td><input name="d1"></td><td>重复</td><td><input name="d2"></td></tr>
<tr><td>两个</td><td><input name="e1"><input name="e2"></td></tr></table>
<input name="nameless"><p class="odd">奇</p>"""
ADDR = Target(label="用电地址", widget="textarea")
QUARTER = Target(label="小区", widget="text")
SORT = Target(label="类别", widget="select")
URBAN = Target(label="城乡", widget="radio")
LAYER = '<div id="layer" style="position:fixed;left:0;top:0;width:100%;height:100%;background:#ccc"><p>{}</p>{}</div>'
CLOSE = '<input type="button" value="关闭" onclick="document.getElementById(\'layer\').remove()">'


@dataclass
class Site:
    """Pages by path, and what was posted to them; a page None closes the connection without an answer."""

    url: str = ""
    pages: dict[str, str | None] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    delay: dict[str, float] = field(default_factory=dict)
    posted: list[bytes] = field(default_factory=list)


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(site.delay.get(self.path, 0))
            page = site.pages.get(self.path, "")
            if page is None:
                self.close_connection = True
                return
            body = f'<html><head><meta charset="gbk"></head>{page}</html>'.encode("gbk")
            self.send_response(site.status.get(self.path, 200))
            self.send_header("Content-Type", "text/html; charset=gbk")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            site.posted.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.do_GET()

        def log_message(self, *args: object) -> None:
            """Keep the test's output quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    site.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield site
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Web]:
    driver = Web(
        timeout=2, session=(Target(label="工号"),), interruptions=(Interruption(text="系统公告", press="关闭"),)
    )
    yield driver
    driver.close()


@pytest.fixture
def site(server: Site) -> Site:
    server.pages, server.status, server.delay, server.posted = {}, {}, {}, []
    return server


def show(browser: Web, site: Site, page: str) -> Web:
    """The browser on a page with this body."""
    site.pages["/"] = f"<body>{page}</body>"
    browser.open(site.url + "/")
    browser.arrive([Target(css="body")], within=False)
    return browser


# -- finding


def test_the_words_of_an_icon_are_no_words_of_its_button(browser: Web, site: Site) -> None:
    page = (
        "<button onclick=\"document.body.insertAdjacentHTML('beforeend', '<p id=said>x</p>')\">"
        "登录 <span class='material-symbols-outlined'>arrow_forward</span></button>"
    )
    assert show(browser, site, page).follow(Target(text="登录"), [Target(css="#said")]) == 0


def test_a_login_whose_button_is_not_there_says_so_and_not_that_the_session_ended(browser: Web, site: Site) -> None:
    hand = show(browser, site, "<label>工号<input></label>")
    with pytest.raises(ApplicationError) as caught:
        hand.follow(Target(text="登录"), [Target(css="#said")], within=False)
    assert caught.value.code == "absent"


def test_the_control_beside_the_label_answers(browser: Web, site: Site) -> None:
    number = Target(label="编号")
    shown = show(browser, site, FORM).read([ADDR, QUARTER, SORT, URBAN, number])
    assert [(s.count, s.value, s.text) for s in shown] == [
        (1, "", ""), (1, "旧", ""), (1, "", "--"), (1, "1", "城镇"), (1, "1001", ""),
    ]  # fmt: skip
    assert (shown[2].options, shown[3].options) == (("", "01"), ("1", "2"))


@pytest.mark.parametrize(
    ("target", "count"),
    [
        (Target(label="没有", widget="text"), 0),
        (Target(label="重复", widget="text"), 2),
        (Target(label="两个", widget="text"), 2),
        (Target(label="小区", widget="select"), 0),
        (Target(label="小区"), 0),
        (Target(label="没有", name="nameless", widget="text"), 1),
        (Target(label="没有", name="没有", css=".odd"), 1),
        (Target(label="重复", name="nameless", widget="text"), 3),  # two ways that disagree
        (Target(label="重复", name="d2", widget="text"), 1),  # … and two that agree on one
    ],
)
def test_a_target_is_told_by_its_count(browser: Web, site: Site, target: Target, count: int) -> None:
    assert show(browser, site, FORM).read([target])[0].count == count


@pytest.mark.parametrize(
    "page",
    [
        "<div><span>户名</span></div><div><label for=b>电话</label><input id=b></div>",
        "<span>户名</span><label>电话<input></label>",
        "<span>户名</span><input aria-label=电话>",
        "<div><span>户名</span></div><div><span>电话</span><input></div>",
        "<p>户名</p><p>电话：<input></p>",
        "<h3>户名</h3><table><tr><td>电话</td><td><input></td></tr></table>",
        "<table><tr><td colspan=2>户名</td></tr><tr><td>电话</td><td><input></td></tr></table>",
        "<span>户名</span><input placeholder=请输入电话>",
    ],
)
def test_a_label_without_its_control_does_not_take_that_of_another_label(browser: Web, site: Site, page: str) -> None:
    show(browser, site, page)
    name, phone = (Target(label=label, widget="auto") for label in ("户名", "电话"))
    told = [shown.count for shown in browser.read([name, phone])]
    assert told[0] == 0
    assert told[1] == (0 if "placeholder" in page else 1)


def test_a_control_that_two_labels_lead_to_is_neither_ones(browser: Web, site: Site) -> None:
    show(browser, site, "<p><span>户名</span><input placeholder=电话></p>")
    name, phone = (Target(label=label, widget="auto") for label in ("户名", "电话"))
    assert [shown.count for shown in browser.read([name])] == [1]
    assert [shown.count for shown in browser.read([name, phone])] == [2, 2]


def test_a_table_is_read_by_its_headers(browser: Web, site: Site) -> None:
    rows = "<tr><th>序号</th><th>姓名：</th><th>电话</th></tr><tr><td>1</td><td> 甲 </td><td>5</td></tr><tr><td colspan=3>共1行</td></tr>"
    show(browser, site, f"<table>{rows}</table>")
    assert browser.table(Target(columns=("电话", "姓名"))) == [["5", "甲"]]
    with pytest.raises(ApplicationError, match=r"table 电话\|地址 answers 0 controls"):
        browser.table(Target(columns=("电话", "地址")))


# -- typing


def test_values_are_typed_by_label_and_told_back(browser: Web, site: Site) -> None:
    entries = [(ADDR, "某路1号"), (QUARTER, "新"), (SORT, "01"), (URBAN, "2")]
    assert show(browser, site, FORM).write(entries) == ["某路1号", "新", "01", "2"]
    assert [s.value for s in browser.read([t for t, _ in entries])] == ["某路1号", "新", "01", "2"]


@pytest.mark.parametrize(
    ("target", "value", "code"),
    [
        (Target(label="重复", widget="text"), "x", "absent"),
        (Target(label="锁定", widget="text"), "x", "locked"),
        (SORT, "09", "option"),
        (URBAN, "9", "option"),
    ],
)
def test_nothing_is_typed_unless_everything_can_be(
    browser: Web, site: Site, target: Target, value: str, code: str
) -> None:
    show(browser, site, FORM)
    with pytest.raises(ApplicationError) as caught:
        browser.write([(QUARTER, "新"), (target, value)])
    assert caught.value.code == code
    assert browser.read([QUARTER])[0].value == "旧"


def test_the_page_hears_what_a_person_would_cause(browser: Web, site: Site) -> None:
    names = ("input", "keyup", "change", "blur")
    hears = " ".join(f"on{name}=\"document.getElementById('log').textContent+='{name} '\"" for name in names)
    show(browser, site, f"<table><tr><td>小区</td><td><input {hears}></td></tr></table><p id=log></p>")
    browser.write([(QUARTER, "新")])
    assert browser.read([Target(css="#log")])[0].value == "input keyup change blur"


def test_a_field_that_ignores_its_value_is_told(browser: Web, site: Site) -> None:
    show(browser, site, "<table><tr><td>小区</td><td><input onkeyup=\"this.value=''\"></td></tr></table>")
    assert browser.write([(QUARTER, "新")]) == [""]


# -- pressing and arriving


def test_a_gbk_form_is_posted_as_a_browser_posts_it(browser: Web, site: Site) -> None:
    site.pages["/save"] = "<body><p>好</p></body>"
    show(browser, site, f'<form method="post" action="/save">{FORM}<input type="submit" value="保存"></form>')
    assert browser.follow(Target(text="保存"), [Target(text="好")], entries=[(QUARTER, "区𬱖")]) == 0
    assert b"quarter=%C7%F8%26%23183382%3B" in site.posted[0]


def asking(question: str) -> str:
    """A form that asks before it posts."""
    return (
        f'<form method="post" action="/save"><input name="a" value="1">'
        f'<input type="button" value="保存" onclick="if(confirm(\'{question}\'))this.form.submit()"></form>'
    )


def test_only_the_expected_question_is_answered_with_yes(browser: Web, site: Site) -> None:
    site.pages["/save"] = "<body><p>好</p><script>alert('好！')</script></body>"
    save, done = Target(text="保存"), Target(text="好")
    show(browser, site, asking("确定？"))
    assert browser.press(save, leaving=[done], accept=["确定？"]) == (
        Heard(kind="confirm", text="确定？", accepted=True),
    )
    assert browser.arrive([done]) == 0
    assert browser.heard()[-1] == Heard(kind="alert", text="好！", accepted=True)
    show(browser, site, asking("删除？"))
    assert browser.press(save, leaving=[done], accept=["确定？"]) == (
        Heard(kind="confirm", text="删除？", accepted=False),
    )
    assert len(site.posted) == 1


def test_a_form_leaves_once_even_when_the_answer_is_lost(browser: Web, site: Site) -> None:
    site.pages["/save"] = None
    for _ in range(3):
        show(browser, site, asking("确定？"))
        browser.press(Target(text="保存"), leaving=[Target(text="好")], accept=["确定？"])
        with pytest.raises(ApplicationError) as caught:
            browser.arrive([Target(text="好")])
        assert caught.value.code == "closed"
    assert len(site.posted) == 3


def test_a_known_layer_is_closed_on_the_way(browser: Web, site: Site) -> None:
    show(browser, site, FORM + LAYER.format("系统公告", CLOSE))
    assert browser.write([(QUARTER, "新")]) == ["新"]


def test_a_layer_that_nobody_knows_stops_the_hand(browser: Web, site: Site) -> None:
    show(browser, site, FORM + LAYER.format("抽奖", CLOSE))
    with pytest.raises(ApplicationError) as caught:
        browser.write([(QUARTER, "新")])
    assert caught.value.code == "popup"
    assert browser.read([QUARTER])[0].value == "旧"


FRAMED = '<iframe name="main" src="/inner" width="600" height="300"></iframe>'
LINK = Target(place=("main",), text="下一页")
NEXT = Target(place=("main",), label="小区")


def framed(browser: Web, site: Site, following: str | None) -> Web:
    """A page whose frame has a link to the page `following`."""
    site.pages |= {"/inner": '<body><a href="/next">下一页</a></body>', "/next": following}
    show(browser, site, FRAMED)
    browser.arrive([LINK])
    return browser


def test_an_arrival_is_a_page_that_was_loaded_after_the_press(browser: Web, site: Site) -> None:
    assert framed(browser, site, f"<body>{FORM}</body>").follow(LINK, [Target(place=("main",), text="无"), NEXT]) == 1


@pytest.mark.parametrize(
    ("following", "status", "code"),
    [
        (f"<body>{FORM}</body>", 500, "http"),
        (None, 200, "closed"),
        ("<body>别的</body>", 200, "timeout"),
        ("<script>alert('会话已超时');top.location='/login'</script>", 200, "session"),
        ("<body><table><tr><td>工号：</td><td><input></td></tr></table></body>", 200, "session"),  # within its frame
    ],
)
def test_what_comes_instead_is_told_by_its_code(
    browser: Web, site: Site, following: str | None, status: int, code: str
) -> None:
    site.pages["/login"] = "<body><table><tr><td>工号：</td><td><input></td></tr></table></body>"
    site.status["/next"] = status
    with pytest.raises(ApplicationError) as caught:
        framed(browser, site, following).follow(LINK, [NEXT])
    assert caught.value.code == code


def test_a_hidden_link_is_reached_through_its_heading(browser: Web, site: Site) -> None:
    site.pages["/next"] = f"<body>{FORM}</body>"
    heading = "<p onclick=\"document.getElementById('m').style.display=''\">档案</p>"
    show(browser, site, f'{heading}<div id="m" style="display:none"><a href="/next">查询</a></div>')
    assert browser.follow(Target(text="查询"), [QUARTER], through=[Target(text="档案")]) == 0


# -- pages that fill themselves

EMPTY = Target(text="没有记录")
LOADING = """<p id="said">没有记录</p><form style="display:none"><label>备注<input name="note"></label></form>
<script>fetch('/data').then((r) => r.text()).then((note) => {
  document.getElementById('said').remove();
  document.forms[0].style.display = ''; document.forms[0].note.value = note; });</script>"""
NOTE = Target(label="备注", widget="text")


DRAWN = """<div role="checkbox" aria-checked="false" onclick="setTimeout(() => this.setAttribute('aria-checked', 'true'), 60)"><i></i>智能</div>
<div role="switch" aria-checked="true" aria-label="在用" aria-disabled="true"></div><label>编号<input value="1001" readonly></label>"""


def test_a_box_that_a_script_draws_is_ticked_and_read(browser: Web, site: Site) -> None:
    show(browser, site, DRAWN)
    smart, used = Target(label="智能", widget="auto"), Target(label="在用", widget="auto")
    assert [(s.kind, s.value, s.locked) for s in browser.read([smart, used])] == [
        ("checkbox", "false", False),
        ("checkbox", "true", True),
    ]
    assert browser.write([(smart, "true")]) == ["true"]
    assert browser.write([(smart, "false")]) == ["true"]  # it does not let go, and that is told


def test_a_box_that_takes_no_input_is_read_as_what_a_page_shows(browser: Web, site: Site) -> None:
    show(browser, site, DRAWN)
    assert [s.value for s in browser.read([Target(label="编号"), Target(label="编号", widget="text")])] == [
        "1001",
        "1001",
    ]


def test_a_page_that_still_waits_for_its_content_says_nothing(browser: Web, site: Site) -> None:
    site.pages |= {"/data": "stored", "/list": f"<body>{LOADING}</body>"}
    site.delay["/data"] = 0.4
    show(browser, site, "-")
    browser.visit(site.url + "/list")
    assert browser.arrive([EMPTY, NOTE]) == 1
    assert "stored" in browser.read([NOTE])[0].value


@pytest.mark.parametrize(
    "how", ["const s = document.createElement('script'); s.src = '/late'; document.body.append(s)", "f.src = '/late'"]
)
def test_what_nobody_can_hook_is_waited_for_before_a_record_counts_as_absent(
    browser: Web, site: Site, how: str
) -> None:
    site.pages["/late"] = "<body></body>"
    site.delay["/late"] = 0.5
    show(browser, site, f'<iframe id=f></iframe><p>没有记录</p><button onclick="{how}">查询</button>')
    began = time.monotonic()
    browser.press(Target(text="查询"), leaving=[], accept=[])
    browser.arrive([replace(EMPTY, settled=True)], within=False)
    assert time.monotonic() - began >= 0.5


def test_a_list_that_only_changes_its_looks_while_it_loads_is_the_old_one(browser: Web, site: Site) -> None:
    site.pages["/data"] = "new"
    site.delay["/data"] = 0.4
    press = """<button onclick="box.className='loading'; fetch('/data').then((r) => r.text()).then(() => {
      box.className=''; said.textContent='甲'; })">查询</button><div id="box"><p id="said">没有记录</p></div>"""
    show(browser, site, press)
    assert browser.follow(Target(text="查询"), [EMPTY, Target(text="甲")]) == 1


def test_a_login_whose_button_says_that_it_is_logging_in_is_not_refused(browser: Web, site: Site) -> None:
    busy = "setTimeout(() => { this.disabled = true; this.textContent = '登录中…' })"
    form = (
        '<form method="post" action="/in"><input name="word" type="password"><button onclick="{}">登录</button></form>'
    )
    site.pages["/in"], site.delay["/in"] = "<body><p>好</p></body>", 0.6
    assert show(browser, site, form.format(busy)).follow(Target(text="登录"), [LET_IN, ASKED_AGAIN]) == 0


def test_a_page_that_stays_because_nothing_came_instead_is_read_all_the_same(browser: Web, site: Site) -> None:
    site.status["/nothing"] = 204
    show(browser, site, """<a href="/nothing" onclick="this.after('好')">打印</a>""")
    assert browser.follow(Target(text="打印"), [Target(css="body")]) == 0


def test_a_page_that_waits_for_news_for_ever_is_ready_all_the_same(browser: Web, site: Site) -> None:
    site.pages["/news"] = "x"
    site.delay["/news"] = 20
    show(browser, site, "<script>fetch('/news')</script><p>没有记录</p>")
    assert browser.arrive([EMPTY], within=False) == 0
    with pytest.raises(ApplicationError) as caught:
        browser.arrive([replace(EMPTY, settled=True)], within=False)
    assert caught.value.code == "timeout"


def test_a_mark_that_nobody_sees_does_not_count(browser: Web, site: Site) -> None:
    show(browser, site, '<div class="none" style="display:none">没有记录</div><p>甲</p>')
    assert browser.arrive([Target(css=".none"), Target(text="甲")]) == 1


def test_another_record_of_a_page_made_by_scripts_is_loaded_anew(browser: Web, site: Site) -> None:
    site.pages["/app"] = "<body><p id=a></p><script>a.textContent = location.hash</script></body>"
    show(browser, site, "-")
    for number in ("1", "2", "2"):
        browser.visit(f"{site.url}/app#/people/{number}")
        assert browser.arrive([Target(text=f"#/people/{number}")]) == 0


def test_a_search_box_that_rewrites_the_key_is_not_searched_with(browser: Web, site: Site) -> None:
    show(browser, site, '<label>查找<input onblur="this.value=this.value.slice(0, 2)"></label><button>查询</button>')
    find = Target(label="查找", widget="text")
    with pytest.raises(ApplicationError) as caught:
        browser.follow(Target(text="查询"), [Target(css="body")], entries=[(find, "1001")])
    assert (caught.value.code, str(caught.value)) == ("ignored", "label '查找' made something else of what was typed")


def test_what_a_window_of_the_page_sends_leaves_once_as_well(browser: Web, site: Site) -> None:
    site.pages |= {
        "/window": "<title>新建</title><body><form method=post action=/save><input name=a></form></body>",
        "/save": None,
    }
    show(browser, site, "<button onclick=\"window.open('/window')\">新建</button><button onclick=\"other().submit()\">保存</button>"
         "<script>const other = () => window.hedangOpened[0].document.forms[0]</script>")  # fmt: skip
    inner = Target(place=("window:新建",), name="a", widget="text")
    browser.follow(Target(text="新建"), [inner])
    browser.press(Target(text="保存"), leaving=[inner], accept=[])
    with pytest.raises(ApplicationError):
        browser.arrive([Target(place=("window:新建",), text="好")])
    assert len(site.posted) == 1


# -- the browser itself


def test_no_error_carries_what_was_typed(browser: Web, site: Site) -> None:
    show(browser, site, FORM)
    with pytest.raises(ApplicationError) as caught:
        browser.write([(QUARTER, "秘密"), (Target(label="没有", widget="text"), "秘密")])
    assert (str(caught.value), caught.value.__cause__) == ("label '没有' answers 0 controls", None)


def test_a_server_that_is_not_there_is_told(browser: Web) -> None:
    with pytest.raises(ApplicationError) as caught:
        browser.open("http://127.0.0.1:9/")
    assert caught.value.code == "closed"


def test_a_picture_is_a_png(browser: Web, site: Site) -> None:
    assert show(browser, site, FORM).shot().startswith(b"\x89PNG")


def test_a_browser_that_is_named_but_missing_says_what_to_do() -> None:
    with pytest.raises(MissingPart, match="no browser /nowhere/chromium; set HEDANG_BROWSER"):
        web.find("", {"HEDANG_BROWSER": "/nowhere/chromium"})
    with pytest.raises(MissingPart, match="/elsewhere"):
        web.find("/elsewhere", {"HEDANG_BROWSER": "/nowhere/chromium"})
