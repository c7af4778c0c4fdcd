"""Promises about what stands around a form: frames, windows, questions of the page, downloads."""

from pathlib import Path
from typing import Any

import pytest

from bots import maps
from bots.door import Door, Login
from bots.driver import Heard, Target
from bots.hands import Person
from bots.legacy import hand
from bots.screens import System
from core.errors import ApplicationError

pytestmark = pytest.mark.browser

SAVED = Target(text="保存成功")
NAME = Target(label="户名", widget="auto")


def test_a_form_in_a_frameset_is_filled(on: Any) -> None:
    on.hand.open(f"{on.url}/?page=numbers")
    count = Target(label="户数", widget="number", place=("work",))
    on.hand.arrive([count], within=False)
    assert on.hand.write([(count, "7")]) == ["7"]
    assert (
        on.hand.follow(
            Target(text="masks", place=("menu",)), [Target(label="起用日期", widget="auto", place=("work",))]
        )
        == 0
    )


@pytest.mark.parametrize(("press", "label", "value"), [("新窗口", "起用日期", "2026-03-05"), ("另一页", "户数", "3")])
def test_a_window_that_the_page_opened_is_a_place(on: Any, press: str, label: str, value: str) -> None:
    hand = on.show("windows")
    target = Target(label=label, widget="auto", place=("window",))
    hand.follow(Target(text=press), [target])
    assert hand.write([(target, value)]) == [value]
    titled = Target(label=label, widget="auto", place=("window:控件",))
    assert hand.read([titled])[0].value == value
    assert hand.read([Target(label=label, widget="auto", place=("window:别的",))])[0].count == 0


def test_ids_that_are_numbered_anew_are_no_locator_and_a_label_beside_them_is(on: Any) -> None:
    node = on.show("windows")._page.evaluate("document.f.name.id")
    target = Target(css=f"#{node}", widget="auto")
    assert on.hand.read([target])[0].count == 1
    on.show("windows")
    stale, both = on.hand.read([target, Target(label="户名", css=f"#{node}", widget="auto")])
    assert (stale.count, both.count, both.lost) == (0, 1, ("css",))
    with pytest.raises(ApplicationError, match="answers 0 controls"):
        on.hand.write([(target, "x")])


def test_keys_go_to_the_window_that_is_meant(on: Any) -> None:
    hand = on.show("windows")
    mobile = Target(label="手机号码", widget="text", mode="keys", place=("window",))
    hand.follow(Target(text="新窗口"), [mobile])
    assert hand.write([(mobile, "13800000001")]) == ["138-0000-0001"]


def test_questions_are_answered_with_no_and_told(on: Any) -> None:
    hand = on.show("windows")
    assert hand.press(Target(text="问"), leaving=[], accept=[]) == (
        Heard(kind="prompt", text="户名？", accepted=False),
    )
    assert hand.read([NAME])[0].value == "没有回答"


def test_a_page_is_left_although_it_asks_about_what_was_not_saved(on: Any) -> None:
    hand = on.show("windows")
    hand.write([(Target(label="户名", widget="text", mode="keys"), "x")])  # a page asks only once a person touched it
    hand.visit(f"{on.url}/numbers.do")
    hand.arrive([Target(label="户数", widget="auto")])
    assert [(heard.kind, heard.accepted) for heard in hand.heard()] == [("beforeunload", True)]


def test_an_alert_while_typing_is_told_and_the_value_is_as_it_stands(on: Any) -> None:
    hand = on.show("masks")
    assert hand.write([(Target(label="起用日期", widget="text"), "2026-0")]) == [""]
    assert [heard.text for heard in hand.heard()] == ["日期格式不正确"]


def test_a_download_is_taken_as_it_came(on: Any) -> None:
    file = on.show("windows").download(Target(text="导出"))
    assert (file.name, file.content.decode("gbk").splitlines()[0]) == ("export.csv", "户号,姓名")
    with pytest.raises(ApplicationError, match="answers 0 controls"):
        on.hand.download(Target(text="没有"))


def test_what_gbk_holds_is_sent_as_it_was_typed(on: Any) -> None:
    hand = on.show("windows")
    hand.write([(NAME, "镕镕·1号")])
    assert on.save()["name"] == "镕镕·1号"


CAPTCHA = Target(label="验证码", widget="captcha", parts={"picture": Target(css="#code")})
DOOR = Door(
    user=Target(label="工号", widget="text"),
    password=Target(label="口令", widget="password"),
    captcha=CAPTCHA,
    press=Target(text="保存"),
    ready=SAVED,
    failed=Target(text="失败"),
    open="/login.do",
)


@pytest.mark.parametrize("person", [None, lambda picture: "7K3P" if picture.startswith(b"\x89PNG") else ""])
def test_a_login_with_a_picture_needs_a_person(on: Any, person: Person | None) -> None:
    system = System(door=DOOR, timeout=3, start="/login.do")
    legacy = hand(system, {}, on.url, Login("1001", "secret"), person=person)
    legacy._driver = on.hand  # one browser for the file
    on.hand.person = person
    if person is None:
        with pytest.raises(ApplicationError) as caught:
            legacy._enter_system()
        assert (caught.value.code, on.store.saved) == ("captcha", [])
    else:
        legacy._enter_system()
        assert on.store.saved == [{"user": ["1001"], "word": ["secret"], "code": ["7K3P"]}]


MAP = """schema: 1
key: 户号
record: [{open: "/windows.do?of={key}"}]
fields: {户名: {name: name}}
save: {press: 保存, success: 保存成功ALERTS}
"""


@pytest.mark.parametrize(("alerts", "stops"), [("", True), (", alerts: [户名已存在]", False)])
def test_a_dialog_that_typing_opens_stops_the_item_unless_the_map_knows_it(
    on: Any, tmp_path: Path, alerts: str, stops: bool
) -> None:
    (tmp_path / "windows.yaml").write_text(MAP.replace("ALERTS", alerts), "utf-8")
    found = maps.read(tmp_path / "windows.yaml")
    legacy = hand(found.system, {"windows": found.screen}, on.url, None)
    legacy._driver = on.show("windows")
    if not stops:
        legacy._type(found.screen, {"户名": "重名"})
        assert on.hand.read([NAME])[0].value == "重名"
        return
    with pytest.raises(ApplicationError) as caught:
        legacy._type(found.screen, {"户名": "重名"})
    assert caught.value.code == "dialog"
