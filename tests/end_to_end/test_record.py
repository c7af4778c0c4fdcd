"""A person fills one record once, and the map of it fills the next ones."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page

from core.errors import InputError
from doors import record as door
from tests.end_to_end.test_foreign import EXAMPLES, ROOT, enter, served, sheet, stored

pytestmark = pytest.mark.browser


@contextmanager
def served_folder(folder: Path) -> Iterator[str]:
    """The files of a folder; the address of its index."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}/"
        finally:
            http.shutdown()
            thread.join()


def _type(page: Page, control: str, text: str) -> None:
    page.click(control)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def _recorded(url: str, key: str, out: Path, act: Any, *columns: str) -> door.Recorded:
    wish = door.Wish(url=url, key=key, out=out, columns=columns, headless=True)
    return door.record(wish, lambda: True, lambda _: True, lambda _, likely: likely, act)


def _person_of_django(page: Page) -> None:
    """Logs in, looks the person up, changes four fields and saves."""
    _type(page, "#id_username", "clerk")
    _type(page, "#id_password", "practice")
    page.click("text=Log in")
    page.click("text=Persons >> nth=0")
    _type(page, "#searchbar", "p1@example.com")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    page.click("#result_list tbody th a")
    _type(page, "#id_first_name", "Zoe")
    page.focus("#id_level")
    page.keyboard.type("Gold")
    page.click("#id_active")
    _type(page, "#id_birthday", "2001-02-03")
    page.click("[name=_save]")
    page.wait_for_selector(".success")


def _checked(screen: Path, url: str, key: str, data: Path) -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, "run.py", "screens", "check", screen, "--target", url, "--key", key, "--data", data, "--json"],
        cwd=ROOT, env=os.environ | {"HEDANG_SECRET_LEGACY": "practice"}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_a_recorded_map_passes_its_check_and_fills_the_next_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEDANG_SECRET_LEGACY", "practice")
    out, example = tmp_path / "person.yaml", EXAMPLES / "django_admin"
    columns = ["email", "First name", "LEVEL", "Active", "Birthday"]
    rows = sheet(
        tmp_path / "rows.csv", columns,
        ["p2@example.com", "Ann", "Silver", "no", "2002-03-04"], ["p3@example.com", "Bob", "Platinum", "", ""],
    )  # fmt: skip
    query = "SELECT first_name, level, active, birthday FROM crm_person WHERE email = '{}'"
    with served(example / "serve.py", tmp_path, "/admin/login/") as url:
        done = _recorded(url + "/admin/", "p1@example.com", out, _person_of_django, *columns)
        found = _checked(out, url + "/", "p2@example.com", tmp_path / "data")
        untouched = stored(tmp_path / "django.sqlite", query.format("p3@example.com"))
        told = enter(out, rows, url + "/")
        after = [stored(tmp_path / "django.sqlite", query.format(f"{key}@example.com")) for key in ("p1", "p2", "p3")]
    assert done.problems == []
    assert "practice" not in out.read_text("utf-8")
    assert found["ok"]
    assert (told["verified"], told["business_errors"], told["unknown"]) == (1, 1, 0)
    assert after == [[("Zoe", "c", 0, "2001-02-03")], [("Ann", "b", 0, "2002-03-04")], untouched]


EYED = """<form method=post action=/in><label>工号<input name=u></label><label>口令<input id=p type=password name=p></label>
<button type=button onclick="p.type='text'">看</button><button type=button onclick="document.body.innerHTML=filled">登录</button></form>
<script>const filled = '<table><thead><tr><th>编号</th><th></th></tr></thead></table><table><tr><td>1000</td><td>王芳</td></tr><tr><td>1001</td><td>李秀英</td></tr></table>'
  + '<label>备注<input></label><button onclick="document.body.append(1)">保存</button>'</script>"""


def test_a_password_that_an_eye_shows_is_not_in_the_map(tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text(f'<meta charset="utf-8">{EYED}', "utf-8")

    def act(window: Page) -> None:
        _type(window, "[name=u]", "clerk")
        window.click("text=看")
        _type(window, "[name=p]", "hunter2")
        window.click("text=登录")
        _type(window, "label input", "new")
        window.click("text=保存")

    with served_folder(page) as url:
        done = _recorded(url, "1001", tmp_path / "map.yaml", act)
    written = (tmp_path / "map.yaml").read_text("utf-8")
    assert not any(value in written for value in ("hunter2", "王芳", "李秀英", "1000"))
    assert "login:" in written
    assert done.rows() == [{"column": "备注", "field": "备注", "widget": "text", "locator": "label 备注"}]


# as component libraries draw it: a list beside a search box, a form that comes later, choices that are no controls, a frame named anew
SCRIPTED = """<input id=q placeholder=查找编号><button onclick="list.hidden=false">查询</button>
<table id=list hidden><thead><tr><th>编号<th>操作</thead><tr><td>1001<td><button onclick="sheet.hidden=false">编辑</button></table>
<div id=sheet hidden><p>编号 <b id=no>1001</b></p><div><label for=name>户名</label><input id=name value=旧名></div>
<div>城乡类别 <span><input type=radio name=area id=a1 value=1><label for=a1>城镇</label></span><span><input type=radio name=area id=a2 value=2 checked><label for=a2>农村</label></span></div>
<div><label id=kl for=kind>用电类别</label><span id=kind role=combobox tabindex=0 aria-labelledby=kl onclick="drop.hidden=false">居民生活</span></div>
<ul id=drop role=listbox hidden><li role=option onclick="kind.textContent='农业生产';drop.hidden=true">农业生产</ul>
<div><label for=note>备注</label><input id=note></div><button onclick="said.textContent='保存成功'">保存</button><p id=said></p></div>
<script>window.name = 'tab_' + Math.random();</script>"""


def test_a_page_that_scripts_make_is_drafted_and_what_they_draw_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "index.html").write_text(
        "<script>document.write(`<iframe name=tab${Math.random()} src=app.html></iframe>`)</script>", "utf-8"
    )
    (folder / "app.html").write_text(f'<meta charset="utf-8">{SCRIPTED}', "utf-8")

    def act(window: Page) -> None:
        window.set_default_timeout(5000)
        page = window.frame_locator("iframe")
        page.locator("#q").click()
        window.keyboard.type("1001")
        page.locator("text=查询").click()
        page.locator("text=编辑").click()
        page.locator("#name").fill("")
        page.locator("#name").click()
        window.keyboard.type("新名字")
        page.locator("#kind").click()
        page.locator("[role=option]").click()
        page.locator("#a1").click()
        page.locator("#note").click()
        window.keyboard.type("写过的")
        page.locator("text=保存").click()

    with served_folder(folder) as url:
        done = _recorded(url, "1001", tmp_path / "map.yaml", act)
    written = (tmp_path / "map.yaml").read_text("utf-8")
    found = yaml.safe_load(written)
    assert found["place"] == ['frame:iframe[src^="app.html"]']  # its name is another one on each load
    assert found["key"] == "编号"  # the row proves it, and not the box that asked for it
    assert found["record"][-1]["row"]["column"] == "编号"
    assert found["fields"] == {"户名": "户名", "城乡类别": {"label": "城乡类别", "name": "area"}, "备注": "备注"}
    assert [(about, words.zh.partition("：")[0]) for about, words in done.problems] == [("用电类别", "脚本画的下拉")]
    assert not any(
        value in written for value in ("1001", "旧名", "新名字", "农业生产", "居民生活", "农村", "城镇", "写过的")
    )


@pytest.mark.parametrize("at", ["1001", "880012345"], ids=["its key", "a number of its own"])
def test_a_frame_is_not_told_by_the_address_of_one_record(tmp_path: Path, at: str) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "index.html").write_text(f"<iframe name=tab1 src={at}.html></iframe>", "utf-8")
    (folder / f"{at}.html").write_text(f'<meta charset="utf-8">{PAGES["form"]}', "utf-8")

    def act(window: Page) -> None:
        page = window.frame_locator("iframe")
        page.locator("input").click()
        window.keyboard.type("新")
        page.locator("text=保存").click()

    with served_folder(folder) as url:
        _recorded(url, "1001", tmp_path / "map.yaml", act)
    written = (tmp_path / "map.yaml").read_text("utf-8")
    assert yaml.safe_load(written)["place"] == ["tab1"]
    assert at not in written


PAGES = {
    "index": "<form action=word.html><label>账号<input name=u></label><button>下一步</button></form>",
    "word": """<form action=form.html><label>口令<input type=password name=p></label><div><label>验证码<input name=c></label>
      <img id=code src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='60' height='20'/%3E"></div><button>登录</button></form>""",
    "form": "<p>编号 <b id=no>1001</b></p><label>备注<input></label><button onclick=\"document.body.append('保存成功')\">保存</button>",
}


def test_a_login_over_two_pages_with_a_captcha_is_drafted(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name, page in PAGES.items():
        (folder / f"{name}.html").write_text(f'<meta charset="utf-8">{page}', "utf-8")

    def act(window: Page) -> None:
        _type(window, "[name=u]", "clerk")
        window.click("text=下一步")
        _type(window, "[name=p]", "hunter2")
        _type(window, "[name=c]", "7K3P")
        window.click("text=登录")
        _type(window, "label input", "new")
        window.click("text=保存")

    with served_folder(folder) as url:
        _recorded(url + "index.html", "1001", tmp_path / "map.yaml", act)
    written = (tmp_path / "map.yaml").read_text("utf-8")
    login = yaml.safe_load(written)["login"]
    assert (login["user"]["label"], login["password"]["label"]) == ("账号", "口令")
    assert login["next"] == [{"text": "下一步"}]
    assert login["captcha"] == {"label": "验证码", "name": "c", "parts": {"picture": "#code"}}
    assert not any(value in written for value in ("hunter2", "7K3P", "new"))


def test_nothing_is_written_where_nothing_was_saved(tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<p id=host></p><canvas></canvas><script>host.attachShadow({mode: 'closed'}).innerHTML = '<input>'</script>", "utf-8")  # fmt: skip

    def act(window: Page) -> None:
        window.click("canvas")
        window.click("#host")

    with served_folder(page) as url, pytest.raises(InputError, match="no field and no save was recorded") as caught:
        _recorded(url, "1", tmp_path / "map.yaml", act)
    assert "a closed shadow root: out of reach" in str(caught.value)
    assert "drawn on a canvas: out of reach" in str(caught.value)
    assert not (tmp_path / "map.yaml").exists()


@pytest.mark.parametrize(
    ("url", "key", "name", "complaint"),
    [
        ("ftp://x/", "1", "a.yaml", "not an address of a page"),
        ("http://x/", " ", "a.yaml", "name the record that you will open with --key"),
        ("http://x/", "1", "a.txt", "the name of a map ends in .yaml"),
        ("http://x/", "1", "there.yaml", "is there already; it is not overwritten"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_before_a_window_opens(
    tmp_path: Path, url: str, key: str, name: str, complaint: str
) -> None:
    (tmp_path / "there.yaml").write_text("", "utf-8")
    with pytest.raises(InputError, match=complaint):
        door.allowed(door.Wish(url=url, key=key, out=tmp_path / name))
