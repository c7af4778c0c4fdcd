"""The old system behaves like the ones it stands for, faults included."""

from __future__ import annotations

import atexit
import functools
import http.client
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote_from_bytes, urlsplit

import pytest
from jinja2 import FileSystemBytecodeCache

from sandbox import control, serving, skins, store
from sandbox.faults import KINDS, Faults
from sandbox.legacy import app, forms, orders
from sandbox.legacy.sessions import Sessions
from sandbox.legacy.state import State

OLD_TIME = "2020-01-02 08:00:00"
ACCOUNT = {
    "elec_addr": "示范市东城区幸福路1号幸福小区3幢2单元501室", "quarter": "幸福小区", "building": "3幢", "unit": "2单元",
    "room": "501", "sort_code": "lv_resident", "status_code": "normal", "elec_type": "resident",
    "price_code": "resident_step", "volt_code": "v220", "contract_cap": "8", "run_cap": "8", "pay_mode": "online",
    "notify_mode": "sms", "note_type": "electronic", "urban_rural": "urban", "build_date": "2010-05-06", "mgr": "王五",
    "update_time": OLD_TIME, "operator": "1000",
}  # fmt: skip


def build(folder: Path, digits: int = 10) -> None:
    """Three accounts of two customers, one of them being opened, and two logins."""
    db = store.create(folder / store.FILE)
    customers = [("张三", "7"), ("李四", "8")]
    store.insert(db, "customer", [
        {"cust_id": i, "cust_no": number.ljust(digits, "0"), "name": name, "cert_type": "id_card",
         "cert_no": "139901199001011237", "cert_valid_to": "2030-01-31"} for i, (name, number) in enumerate(customers, 1)
    ])  # fmt: skip
    for i, (cust, status) in enumerate([(1, "normal"), (1, "normal"), (2, "opening")], 1):
        number = f"1{i}".ljust(digits, "0")
        store.insert(db, "account", [{**ACCOUNT, "acct_id": i, "cons_no": number, "orgn_cons_no": f"9{i}",
                                      "cust_id": cust, "status_code": status}])  # fmt: skip
    store.insert(db, "contact", [{"acct_id": 1, "name": "张三", "relation": "self", "mobile": "19400000001",
                                  "priority": 1}])  # fmt: skip
    store.insert(db, "login", [
        {"user_id": "1001", "password": "pw", "name": "普查录入", "role": "clerk"},
        {"user_id": "9001", "password": "pw", "name": "审核员", "role": "approver"},
    ])  # fmt: skip
    db.close()


class Planned(Faults):
    """Faults that a test asks for by name, each once."""

    def __init__(self) -> None:
        super().__init__(seed=1)
        self.plan: dict[tuple[str, str], str] = {}

    def next(self, screen: str, obj: str, phase: str) -> str | None:
        return self.plan.pop((screen, phase), None)


class Browser:
    """What a browser does: cookies, GBK forms, and the fields that a page came with."""

    def __init__(self, url: str, skin: skins.Skin) -> None:
        self.host, self.skin, self.cookie = urlsplit(url).netloc, skin, ""
        self.status = 0

    def fetch(self, path: str, fields: dict[str, str] | None = None) -> str:
        connection = http.client.HTTPConnection(self.host, timeout=5)
        body = None if fields is None else "&".join(f"{k}={quote_from_bytes(forms.gbk(v))}" for k, v in fields.items())
        try:
            connection.request("GET" if body is None else "POST", f"{self.skin.prefix}/{path}", body,
                               {"Cookie": self.cookie})  # fmt: skip
            answer = connection.getresponse()
            self.status = answer.status
            self.cookie = (answer.getheader("Set-Cookie") or self.cookie).split(";")[0]
            return answer.read().decode("gb18030")
        finally:
            connection.close()

    def login(self, user: str = "1001") -> Browser:
        self.fetch("login.do", {"userId": user, "pwd": "pw"})
        return self

    def search(self, number: str) -> list[str]:
        return re.findall(r"detail\.do\?rid=(\w+)", self.fetch("arch/list.do", {"consNo": number}))

    def open(self, number: str = "11") -> dict[str, str]:
        """The basic tab's fields as the form would post them."""
        [rid] = self.search(number)
        return posted(self.fetch(f"arch/basic.do?rid={rid}"))

    def save(self, number: str = "11", **changes: str) -> str:
        return self.fetch("arch/save.do", {**self.open(number), **changes})

    def contact(self, **fields: str) -> str:
        [rid] = self.search("11")
        return self.fetch("contact/save.do", {"rid": rid, **fields})

    def customer(self, number: str) -> dict[str, str]:
        return posted(self.fetch("wf/apply.do", {"custNo": number}))

    def apply(self, number: str, **changes: str) -> str:
        return self.fetch("wf/save.do", {**self.customer(number), **changes})


def posted(html: str) -> dict[str, str]:
    """The fields that a browser would post from the page's last form."""
    form = html[html.rindex("<form") :]
    found = dict(re.findall(r'type="(?:text|hidden)"[^>]* name="(\w+)" value="([^"]*)"', form))
    found |= dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    found |= dict(re.findall(r'type="radio"[^>]* name="(\w+)" value="([^"]*)" checked', form))
    found |= dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n([^<]*)</textarea>', form))
    for name, options in re.findall(r'<select[^>]* name="(\w+)">(.*?)</select>', form):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


@functools.cache
def compiled() -> Path:
    """A folder for compiled templates, for this run."""
    folder = tempfile.TemporaryDirectory(prefix="hedang-legacy-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


class World:
    """A running old system and a look into its database."""

    def __init__(self, folder: Path, skin: str) -> None:
        self.skin, self.faults, self.folder = skins.load(skin), Planned(), folder
        build(folder, self.skin.digits)
        self.app = app.create(folder, self.skin, self.faults)
        self.app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled()))  # or each test compiles them anew
        self.state: State = self.app.extensions["legacy"]
        self.server = serving.Server(self.app)
        self.browser = Browser(self.server.url, self.skin).login()

    def rows(self, sql: str) -> list[dict[str, str]]:
        with self.state.db() as db:
            return [dict(row) for row in db.execute(sql)]

    def cell(self, column: str, acct_id: int = 1) -> str:
        return str(self.rows(f"SELECT {column} FROM account WHERE acct_id = {acct_id}")[0][column])

    def effects(self) -> list[tuple[object, ...]]:
        with self.state.db() as db:
            return [(e["login"], e["screen"], e["object"], e["kind"], e["detail"]) for e in store.effects(db)]

    def hit(self, kind: str, screen: str = "account", phase: str = "submit") -> None:
        self.faults.plan[screen, phase] = kind


def running(folder: Path, skin: str) -> Iterator[World]:
    world = World(folder, skin)
    yield world
    world.server.stop()
    world.state.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from running(tmp_path, "a")


@pytest.fixture
def world_b(tmp_path: Path) -> Iterator[World]:
    yield from running(tmp_path, "b")


# -- the door


def test_a_wrong_password_is_told_in_red(world: World) -> None:
    html = Browser(world.server.url, world.skin).fetch("login.do", {"userId": "1001", "pwd": "no"})
    assert '<font color="red">工号或密码错误</font>' in html


def test_pages_are_gbk_and_say_so(world: World) -> None:
    html = world.browser.fetch("main.do")
    assert "charset=gbk" in html
    assert [f'name="{n}"' in html for n in ("topFrame", "menuFrame", "mainFrame")] == [True] * 3


def test_without_a_session_every_page_is_the_time_out_script(world: World) -> None:
    html = Browser(world.server.url, world.skin).fetch("arch/query.do")
    assert "alert('会话已超时');top.location='/sgpms/login.do';" in html


def test_a_second_login_ends_the_first(world: World) -> None:
    Browser(world.server.url, world.skin).login()
    assert "会话已超时" in world.browser.fetch("main.do")


def test_a_session_ends_after_twenty_idle_minutes() -> None:
    now = [0.0]
    sessions = Sessions(now=lambda: now[0])
    token = sessions.open("1001", "n", "clerk").token
    now[0] = 1200
    assert sessions.find(token)
    now[0] = 2401
    assert sessions.find(token) is None


# -- search and open


def test_search_is_by_prefix_over_both_numbers(world: World) -> None:
    assert [len(world.browser.search(n)) for n in ("1", "13", "92", "5")] == [3, 1, 1, 0]
    assert "没有符合条件的记录" in world.browser.fetch("arch/list.do", {"consNo": "5"})


def test_a_search_by_address_line_is_not_offered(world: World) -> None:
    world.browser.fetch("arch/list.do?consNo=11")
    assert world.browser.status == 405


def test_a_record_is_reached_by_its_row_only(world: World) -> None:
    world.browser.fetch("arch/detail.do?rid=1")
    assert world.browser.status == 404


def test_control_numbers_are_new_on_each_load(world: World) -> None:
    [rid] = world.browser.search("11")
    pages = {tuple(re.findall(r"ctl_\d+", world.browser.fetch(f"arch/basic.do?rid={rid}"))) for _ in range(8)}
    assert len(pages) > 1


def test_read_only_cells_are_shown_in_the_skins_words(world: World) -> None:
    [rid] = world.browser.search("11")
    html = world.browser.fetch(f"arch/basic.do?rid={rid}")
    assert [text in html for text in ("2010/05/06", "正常用电客户", "2020/01/02 08:00:00")] == [True] * 3


# -- the basic tab


def test_saving_stores_what_was_posted_with_its_effect(world: World) -> None:
    html = world.browser.save(quarter="平安里", payMode="1")
    assert '<span id="msg">保存成功</span>' in html
    assert "alert('保存成功！')" in html
    assert (world.cell("quarter"), world.cell("pay_mode"), world.cell("operator")) == ("平安里", "counter", "1001")
    assert world.cell("update_time") > OLD_TIME
    detail = {"quarter": "平安里", "pay_mode": "counter"}
    assert world.effects() == [("1001", "account", "1100000000", "update", detail)]


def test_a_save_without_a_change_leaves_an_empty_effect(world: World) -> None:
    world.browser.save()
    assert world.effects() == [("1001", "account", "1100000000", "update", {})]


def test_what_gbk_lacks_is_stored_as_the_browser_sends_it(world: World) -> None:
    world.browser.save(quarter="𠮷祥里", mgr="王喆")
    assert (world.cell("quarter"), world.cell("mgr")) == ("&#134071;祥里", "王喆")
    assert world.browser.open()["quarter"] == "&amp;#134071;祥里"


@pytest.mark.parametrize(
    ("typed", "kept"), [("十" * 8, "十" * 8), ("十" * 9, "十" * 8), ("a" + "十" * 8, "a" + "十" * 7)]
)
def test_long_text_is_cut_by_bytes(world: World, typed: str, kept: str) -> None:
    assert "保存成功" in world.browser.save(building=typed)
    assert world.cell("building") == kept


def test_a_field_error_stores_nothing(world: World) -> None:
    html = world.browser.save(contractCap="八千瓦", quarter="平安里")
    assert '<span id="msg" class="err">保存失败：合同容量必须为数字</span>' in html
    assert (world.cell("quarter"), world.effects()) == ("幸福小区", [])


def test_an_account_that_is_not_normal_refuses(world: World) -> None:
    assert "保存失败：该用户当前状态不允许修改" in world.browser.save("13", quarter="平安里")
    assert world.effects() == []


def test_bytes_outside_gbk_are_refused() -> None:
    assert forms.parse(b"a=%C4%E3+x%80&b=%26%23134071%3B") == {"a": "你 x€", "b": "&#134071;"}
    for bad in (b"a=%zz", b"a=%FF"):
        with pytest.raises(ValueError, match=r"percent|decode"):
            forms.parse(bad)


# -- contacts


def test_a_contact_posted_twice_stands_there_twice(world: World) -> None:
    row = {"contactId": "", "name": "李梅", "relation": "02", "mobile": "19400000002", "homePhone": "", "priority": "2"}
    for _ in range(2):
        assert "保存成功" in world.browser.contact(**row)
    assert len(world.rows("SELECT * FROM contact WHERE name = '李梅' AND relation = 'spouse'")) == 2
    assert [kind for _, _, _, kind, _ in world.effects()] == ["insert", "insert"]


def test_a_contact_is_changed_in_place(world: World) -> None:
    row = {"contactId": "1", "name": "张三", "relation": "01", "mobile": "", "homePhone": "", "priority": "1"}
    world.browser.contact(**row)
    assert world.effects()[0][3:] == ("update", {"contact_id": "1", "mobile": ""})


@pytest.mark.parametrize(
    ("changes", "words"), [({"mobile": "123"}, "移动电话必须为11位数字"), ({"name": ""}, "联系人姓名不能为空")]
)
def test_a_bad_contact_is_refused(world: World, changes: dict[str, str], words: str) -> None:
    assert f"保存失败：{words}" in world.browser.contact(**{"name": "李梅", "mobile": "", **changes})
    assert world.effects() == []


def test_a_contact_of_another_account_is_out_of_reach(world: World) -> None:
    [rid] = world.browser.search("12")
    assert "保存失败" in world.browser.fetch("contact/save.do", {"rid": rid, "contactId": "1", "name": "张三"})


# -- change orders


def applied(html: str) -> str:
    found = re.search(r'<span id="msg">申请已提交，工单号：(\d{20})</span>', html)
    assert found
    return found[1]


def test_an_order_lives_from_application_to_archive(world: World) -> None:
    number = applied(world.browser.apply("7000000000", newName="张三丰", newCertValidTo="2040/12/31"))
    assert "待审核" in world.browser.fetch("wf/orders.do", {"orderNo": number})
    assert orders.handle(world.state) == 1
    shown = world.browser.fetch("wf/orders.do", {"custNo": "7000000000"})
    assert "已归档" in shown
    assert "客户名称→张三丰；证件有效期→2040/12/31" in shown
    customer = world.rows("SELECT * FROM customer WHERE cust_id = 1")[0]
    assert (customer["name"], customer["cert_type"], customer["cert_valid_to"]) == ("张三丰", "id_card", "2040-12-31")
    values = {"name": "张三丰", "cert_valid_to": "2040-12-31"}
    assert world.effects() == [
        ("1001", "workflow", "7000000000", "apply", {f"new_{c}": v for c, v in values.items()}),
        ("9001", "workflow", "7000000000", "archive", values),
    ]


def test_applying_again_opens_a_second_order(world: World) -> None:
    assert len({applied(world.browser.apply("7000000000", newName="张三丰")) for _ in range(2)}) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "变更内容不能为空"),
        ({"newCertNo": "1" * 19}, "不能超过18位"),
        ({"newCertValidTo": "2040-1-1"}, "日期格式不正确"),
    ],
)
def test_a_bad_application_is_refused(world: World, changes: dict[str, str], words: str) -> None:
    html = world.browser.apply("7000000000", **changes)
    assert "申请失败：" in html
    assert words in html
    assert world.effects() == []


def test_the_approver_returns_an_order_with_a_reason(world: World) -> None:
    number = applied(world.browser.apply("7000000000", newName="张三丰"))
    approver = Browser(world.server.url, world.skin).login("9001")
    assert number in approver.fetch("wf/review.do")
    assert "必须填写处理意见" in approver.fetch("wf/review.do", {"orderNo": number, "decision": "back", "reason": ""})
    approver.fetch("wf/review.do", {"orderNo": number, "decision": "back", "reason": "证件不清"})
    assert "证件不清" in world.browser.fetch("wf/orders.do", {"orderNo": number})
    assert world.rows("SELECT name FROM customer WHERE cust_id = 1")[0]["name"] == "张三"


def test_roles_keep_to_their_pages(world: World) -> None:
    approver = Browser(world.server.url, world.skin).login("9001")
    for browser, path in ((approver, "arch/query.do"), (world.browser, "wf/review.do")):
        browser.fetch(path)
        assert browser.status == 403


def test_another_shift_handles_an_order_that_is_two_seconds_old(world: World) -> None:
    world.browser.apply("7000000000", newName="张三丰")
    assert orders.handle(world.state, before=world.state.now()) == 0
    done = orders.start(world.state)
    world.state.clock = lambda: datetime.now() + timedelta(seconds=3)
    until(lambda: world.rows("SELECT 1 FROM change_order WHERE state = 'archived'"), 2)
    done.set()


# -- faults


def until(met: object, seconds: float) -> float:
    """Wait until `met` answers something; how long it took."""
    assert callable(met)
    started = time.monotonic()
    while not met():
        assert time.monotonic() - started < seconds
        time.sleep(0.02)
    return time.monotonic() - started


@pytest.mark.parametrize(("kind", "stored"), [("reset", False), ("lost_answer", True)])
def test_the_connection_is_cut(world: World, kind: str, stored: bool, capfd: pytest.CaptureFixture[str]) -> None:
    world.hit(kind)
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        world.browser.save(quarter="平安里")
    assert (world.cell("quarter") == "平安里", len(world.effects()) == 1) == (stored, stored)
    assert capfd.readouterr() == ("", "")


def test_a_late_commit_comes_after_the_time_out(world: World) -> None:
    world.hit("late_commit", "contact")
    world.browser.contact(name="李梅")
    assert (world.browser.status, world.effects()) == (504, [])
    assert 1.2 < until(world.effects, 3) < 2


def test_error_500_stores_nothing(world: World) -> None:
    world.hit("error_500")
    world.browser.save(quarter="平安里")
    assert (world.browser.status, world.effects()) == (500, [])


def test_an_expired_session_stores_nothing(world: World) -> None:
    world.hit("expired")
    assert "会话已超时" in world.browser.save(quarter="平安里")
    assert world.effects() == []
    assert "会话已超时" in world.browser.fetch("main.do")


@pytest.mark.parametrize("phase", ["load", "submit"])
def test_slow_takes_more_than_half_a_second(world: World, phase: str) -> None:
    world.hit("slow", {"load": "basic", "submit": "account"}[phase], phase)
    started = time.monotonic()
    assert "保存成功" in world.browser.save(quarter="平安里")
    assert time.monotonic() - started > 0.6


def test_partial_keeps_the_first_half(world: World) -> None:
    world.hit("partial")
    assert "保存成功" in world.browser.save(quarter="平安里", building="9幢", room="101", mgr="赵六")
    assert world.effects()[0][4] == {"quarter": "平安里", "building": "9幢"}
    assert (world.cell("building"), world.cell("room")) == ("9幢", "501")


def test_truncated_loses_a_last_character(world: World) -> None:
    world.hit("truncated")
    assert "保存成功" in world.browser.save(quarter="平安里", payMode="1")
    assert world.cell("quarter") == "平安"
    assert world.effects()[0][4] == {"quarter": "平安", "pay_mode": "counter"}


@pytest.mark.parametrize("screen", ["account", "contact", "workflow"])
def test_false_success_stores_nothing(world: World, screen: str) -> None:
    world.hit("false_success", screen)
    save = {"account": world.browser.save, "contact": lambda: world.browser.contact(name="李梅"),
            "workflow": lambda: world.browser.apply("7000000000", newName="张三丰")}[screen]  # fmt: skip
    assert '<span id="msg">' in save()
    assert world.effects() == []


def test_stale_lets_somebody_else_in_first(world: World) -> None:
    world.hit("stale")
    assert "保存成功" in world.browser.save(quarter="平安里")
    assert [(e[0], e[3], e[4]) for e in world.effects()] == [
        ("2088", "foreign", {"remark": "外勤已核实"}),
        ("1001", "update", {"quarter": "平安里", "remark": ""}),
    ]


def test_twice_stores_an_account_twice(world: World) -> None:
    world.hit("twice")
    world.browser.save(quarter="平安里")
    assert [e[4] for e in world.effects()] == [{"quarter": "平安里"}, {}]


def test_a_popup_covers_the_page(world: World) -> None:
    world.hit("popup", "basic", "load")
    [rid] = world.browser.search("11")
    html = world.browser.fetch(f"arch/basic.do?rid={rid}")
    assert "系统公告" in html
    assert 'value="关闭"' in html


def test_the_wrong_record_is_opened(world: World) -> None:
    world.hit("wrong_record", "detail", "load")
    [rid] = world.browser.search("11")
    html = world.browser.fetch(f"arch/detail.do?rid={rid}")
    assert "1200000000" in html
    assert "1100000000" not in html
    assert rid not in html


def test_faults_depend_on_nothing_but_seed_screen_object_and_attempt() -> None:
    one, other = Faults(7, "storm"), Faults(7, "storm")
    drawn = [one.next("account", str(n), "submit") for n in range(300)]
    assert drawn == [other.decide("account", str(n), "submit", 1) for n in range(300)]
    assert drawn != [Faults(8, "storm").next("account", str(n), "submit") for n in range(300)]


@pytest.mark.parametrize(
    ("profile", "submit", "load", "clean"), [("none", 0, 0, 1), ("usual", 0.08, 0.01, 3), ("storm", 0.3, 0.04, 5)]
)
def test_profiles_keep_their_rates_and_end(profile: str, submit: float, load: float, clean: int) -> None:
    faults, numbers = Faults(3, profile), range(2000)
    for phase, rate in (("submit", submit), ("load", load)):
        hits = sum(faults.decide("account", str(n), phase, 1) is not None for n in numbers)
        assert abs(hits / len(numbers) - rate) < 0.025
        assert not any(faults.decide("account", str(n), phase, clean) for n in numbers)


def test_a_storm_knows_every_kind() -> None:
    faults = Faults(1, "storm")
    drawn = {
        faults.decide(s, str(n), p, 1) for s, p in (("account", "submit"), ("detail", "load")) for n in range(5000)
    }
    assert drawn == {None, *KINDS}


def test_one_kind_may_be_asked_for() -> None:
    faults = Faults(1, "reset")
    assert [faults.next("contact", "1", "submit"), faults.next("contact", "1", "submit")] == ["reset", None]
    assert faults.next("basic", "1", "load") is None
    with pytest.raises(ValueError, match="no fault profile 'x'; there are: none, usual"):
        faults.switch("x")


# -- the log, the control port, the other skin


@pytest.mark.parametrize("sql", ["DELETE FROM effect", "UPDATE effect SET kind = 'x'"])
def test_the_effect_log_cannot_be_rewritten(world: World, sql: str) -> None:
    world.browser.save(quarter="平安里")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        world.rows(sql)


def test_the_control_port_does_what_it_is_told(world: World) -> None:
    told: list[object] = []
    client = control.create(world.folder, world.faults, world.state, told.append, stop=lambda: told.append("stop"))
    port = client.test_client()
    assert port.post("/faults", json={"profile": "storm"}).json == {"profile": "storm"}
    assert port.post("/faults", json={"profile": "no"}).status_code == 400
    edit = {"cons_no": "1100000000", "column": "quarter", "value": "新里"}
    assert port.post("/foreign", json=edit).json == {"changed": True}
    assert port.post("/foreign", json={**edit, "cons_no": "5"}).status_code == 404
    assert port.post("/foreign", json={**edit, "column": "x"}).status_code == 400
    world.browser.apply("7000000000", newName="张三丰")
    assert port.post("/approve").json == {"handled": 1}
    listed = port.get("/effects?since=1").json
    assert listed
    assert [e["kind"] for e in listed["effects"]] == ["apply", "archive"]
    assert port.post("/expire").json == {"ended": 1}
    port.post("/publish", json={"date": "2026-03-17"})
    port.post("/stop")
    until(lambda: told == ["2026-03-17", "stop"], 1)


def test_skin_b_differs_in_words_codes_and_order_only(world_b: World) -> None:
    browser = world_b.browser
    [rid] = browser.search("11")
    html = browser.fetch(f"arch/basic.do?rid={rid}")
    assert [text in html for text in ("住宅小区", "20100506", "WL 网络渠道", "在用")] == [True] * 4
    assert '<span id="msg">提交完成</span>' in browser.save(quarter="平安里", payMode="GT")
    assert (world_b.cell("quarter"), world_b.cell("pay_mode")) == ("平安里", "counter")
    assert "流程已发起" in browser.apply("7".ljust(13, "0"), newCertValidTo="20401231")


def test_skins_say_the_same_things() -> None:
    a, b = skins.load("a"), skins.load("b")
    assert a.texts.keys() == b.texts.keys()
    assert {t: {c.key for c in cs} for t, cs in a.codes.items()} == {
        t: {c.key for c in cs} for t, cs in b.codes.items()
    }
    for screen, fields in a.screens.items():
        bare = [{(f.column, f.name, f.widget, f.bytes, f.rule) for f in skin} for skin in (fields, b.screens[screen])]
        assert bare[0] == bare[1]
        assert not {f.label for f in fields if f.widget in ("text", "select")} & {
            f.label for f in b.screens[screen] if f.widget in ("text", "select")
        }
