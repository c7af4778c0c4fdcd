"""Promises of recorded maps: the shortest way, label-first locators, no value in them, and every omission said."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from bots import recording
from bots.recording import Control, Gesture, Line, draft, text

START = "http://host/app/"
KEY = "M-1001"


def typed(label: str, value: str, page: str = "form", **more: Any) -> Gesture:
    on = Control(ways={"label": label}, words=label, kind="text", value=value)
    return Gesture(do="type", page=page, on=replace(on, **more))


def pressed(words: str, page: str = "form", **more: Any) -> Gesture:
    return replace(Gesture(do="press", page=page, on=Control(ways={"text": words}, words=words)), **more)


SEARCHED = [
    typed("查找", KEY, "list"),
    pressed("查询", "list"),
    pressed(
        "修改",
        "list",
        headers=("编号", "", "户名"),
        cells=(KEY, "修改", "王芳"),
        within=({"text": "修改"}, {"css": "td a"}),
    ),
]
OLD, SAVED = Line(text="编辑", css="h1"), Line(text="保存成功", css="p")


def map_of(gestures: list[Gesture], after: list[Line] | None = None, start: str = START) -> dict[str, Any]:
    found = draft(start, KEY, gestures, after or [OLD, SAVED])
    read: dict[str, Any] = yaml.safe_load(text(found, [f.words for f in found.fields], "编号"))
    return read


def test_a_search_a_row_fields_and_a_save_become_a_map() -> None:
    told = map_of([*SEARCHED, typed("户名", "李秀英"), typed("电话", "138"), pressed("保存", shown=(OLD,))])
    assert told["record"] == [
        {"open": "/app/"},
        {"type": {"label": "查找"}},
        {"press": {"text": "查询"}},
        {"row": {"column": "编号", "press": {"text": "修改"}}},
    ]
    assert told["fields"] == {"户名": "户名", "电话": "电话"}
    assert told["save"] == {"press": "保存", "success": "保存成功"}
    assert told["key"] == "编号"


def test_no_value_that_was_typed_or_shown_is_in_the_map() -> None:
    found = draft(
        START, KEY, [*SEARCHED, typed("户名", "李秀英"), pressed("保存")], [Line(text="李秀英 已保存", css="p.ok")]
    )
    written = text(found, ["户名"], "编号")
    assert not any(value in written for value in (KEY, "李秀英", "王芳"))
    assert "success: {css: p.ok}" in written
    assert "李秀英" not in repr(found)


@pytest.mark.parametrize(
    ("address", "record"),
    [
        (
            "http://host/list?q=M-1001",
            [{"open": "/list?q={key}"}, {"row": {"column": "编号", "press": {"text": "修改"}}}],
        ),
        ("http://host/list?q=M-1001&token=0123456789abcdef0123456789", None),
        ("http://host/list?q=M-10012", None),
    ],
)
def test_an_address_that_names_the_record_shortens_the_way(address: str, record: list[object] | None) -> None:
    way = [*SEARCHED[:2], replace(SEARCHED[2], address=address)]
    told = map_of([*way, typed("户名", "李"), pressed("保存")])
    assert told["record"] == (record or map_of([*SEARCHED, typed("户名", "李"), pressed("保存")])["record"])


def test_a_form_with_an_address_of_its_own_is_opened_by_it() -> None:
    edit = replace(typed("户名", "李"), address="http://host/meters/M-1001/edit")
    assert map_of([*SEARCHED, edit, pressed("保存")])["record"] == [{"open": "/meters/{key}/edit"}]


def test_a_login_is_told_apart_and_its_password_is_not_kept() -> None:
    login = [Gesture(do="open", text="http://host/login", address="http://host/login"), typed("工号", "clerk", "door"), typed("口令", "", "door", kind="password"), pressed("登录", "door")]  # fmt: skip
    told = map_of([*login, *SEARCHED, typed("户名", "李"), pressed("保存")])
    assert told["login"] == {
        "open": "/login", "user": {"label": "工号"}, "password": {"label": "口令"}, "press": {"text": "登录"}, "as": "clerk", "secret": "LEGACY",
    }  # fmt: skip
    assert list(told["fields"]) == ["户名"]


def test_a_login_over_two_pages_names_what_leads_from_one_to_the_other() -> None:
    way = [
        typed("账号", "clerk", "one"),
        pressed("下一步", "one"),
        typed("口令", "", "two", kind="password"),
        pressed("登录", "two"),
    ]
    told = map_of([*way, *SEARCHED, typed("户名", "李"), pressed("保存")])
    assert told["login"] == {
        "user": {"label": "账号"}, "next": [{"text": "下一步"}], "password": {"label": "口令"}, "press": {"text": "登录"},
        "as": "clerk", "secret": "LEGACY",
    }  # fmt: skip
    assert list(told["fields"]) == ["户名"]


@pytest.mark.parametrize("late", [False, True], ids=["before the password", "after it"])
def test_a_captcha_is_for_a_person_and_not_the_users_name(late: bool) -> None:
    code = typed("验证码", "7K3P", "door", picture="#code")
    word = typed("口令", "", "door", kind="password")
    way = [typed("工号", "clerk", "door"), *([word, code] if late else [code, word]), pressed("登录", "door")]
    told = map_of([*way, *SEARCHED, typed("户名", "李"), pressed("保存")])
    assert told["login"]["user"] == {"label": "工号"}
    assert told["login"]["captcha"] == {"label": "验证码", "parts": {"picture": "#code"}}
    assert list(told["fields"]) == ["户名"]


def test_what_a_login_asks_for_beside_is_said() -> None:
    way = [typed("单位", "1301", "door"), typed("工号", "clerk", "door"), typed("口令", "", "door", kind="password"), typed("验证码", "7K3P", "door"), pressed("登录", "door")]  # fmt: skip
    found = draft(START, KEY, [*way, *SEARCHED, typed("户名", "李"), pressed("保存")], [OLD, SAVED])
    assert found.lost == (("单位", "typed"), ("验证码", "captcha"))
    assert found.login is not None
    assert found.login.user.words == "工号"


def test_the_last_of_several_values_counts_and_a_tab_is_opened_for_what_follows() -> None:
    told = map_of(
        [
            *SEARCHED,
            typed("户名", "李"),
            typed("户名", "李秀"),
            pressed("联系方式"),
            typed("电话", "138"),
            pressed("保存"),
        ]
    )
    assert told["fields"] == {"户名": "户名", "电话": {"label": "电话", "parts": {"open": "联系方式"}}}


def test_the_questions_and_alerts_of_the_save_are_known_later() -> None:
    asked = [Gesture(do="confirm", text="确定要保存吗？"), Gesture(do="alert", text="好")]
    told = map_of([*SEARCHED, typed("户名", "李"), pressed("保存"), *asked], [OLD])
    assert told["save"] == {"press": "保存", "confirm": "确定要保存吗？", "alerts": ["好"]}


def test_where_the_record_shows_its_key_is_said() -> None:
    bears = Control(ways={"css": "#no"}, place=("main",))
    save = pressed("保存", bears=bears, on=Control(ways={"text": "保存"}, place=("main",)))
    told = map_of([*SEARCHED, typed("户名", "李", place=("main",)), save])
    assert (told["place"], told["key"]) == (["main"], {"id": "编号", "label": "编号", "shown": [{"css": "#no"}]})


def test_what_cannot_be_in_a_map_is_said() -> None:
    gestures = [
        *SEARCHED,
        Gesture(do="lost", text="canvas"),
        typed("户名", "李"),
        typed("日期", "1", ways={}),
        typed("附件", "a.png", kind="file"),
        pressed("保存", set=(Control(ways={"label": "供电所"}, words="供电所", kind="text", locked=True),)),
    ]
    found = draft(START, KEY, gestures, [])
    assert set(found.lost) == {("", "canvas"), ("日期", "nameless"), ("附件", "file"), ("供电所", "locked")}
    assert [f.words for f in found.fields] == ["户名"]


def test_a_choice_that_the_page_set_for_the_person_is_a_field() -> None:
    save = pressed("保存", set=(Control(ways={"name": "station"}, words="供电所", kind="select", value="南"),))
    assert list(map_of([*SEARCHED, typed("户名", "李"), save])["fields"]) == ["供电所", "户名"]


def test_values_that_the_page_held_are_in_no_mark_dialog_step_or_address() -> None:
    held = frozenset({"王芳", "13812345678"})
    way = [
        Gesture(do="press", page="list", on=Control(ways={"text": "王芳"}, words="王芳"), values=held),
        typed("证件", "110101199003071234", "list"),
        pressed("查询", "list"),
    ]
    asked = [Gesture(do="confirm", text="确定修改 王芳 吗？"), Gesture(do="alert", text="王芳 的档案已保存")]
    edit = replace(
        typed("备注", "新"), address="http://u:pw@host/edit?id=M-1001&name=%E7%8E%8B&tel=13812345678&view=full"
    )
    found = draft(
        "http://u:pw@host/app/",
        KEY,
        [*way, edit, pressed("保存", values=held), *asked],
        [Line(text="客户王芳的档案已保存", css="p.ok")],
    )
    written = text(found, ["备注"], "编号")
    assert not any(value in written for value in ("王芳", "138", "1101", "u:pw", "%E7"))
    assert ("", "dialog") in found.lost
    assert yaml.safe_load(written)["record"] == [{"open": "/edit?id={key}&view=full"}]
    unsaid = draft(START, KEY, [*way, typed("备注", "新"), pressed("保存", values=held)], [])
    assert {("", "value"), ("证件", "typed")} <= set(unsaid.lost)
    assert "王芳" not in text(unsaid, ["备注"], "编号")


def test_the_save_is_the_first_press_behind_the_last_value_and_what_follows_is_said() -> None:
    found = draft(START, KEY, [*SEARCHED, typed("户名", "李秀英"), pressed("保存"), pressed("返回")], [])
    assert found.save is not None
    assert (found.save.ways, found.lost) == ({"text": "保存"}, (("", "many"),))


def test_a_short_key_is_put_where_it_stands_whole_and_nowhere_else() -> None:
    edit = replace(typed("户名", "李"), address="http://host/2017/people/7/edit?v=17")
    found = draft(START, "7", [replace(edit, page="form"), pressed("保存")], [])
    assert found.steps == ({"open": "/2017/people/{key}/edit?v=17"},)
    twice = draft(START, "1", [replace(edit, address="http://host/p?page=1&id=1"), pressed("保存")], [])
    assert twice.steps == ({"open": "/app/"},)


def test_what_was_typed_in_another_frame_is_said_and_two_fields_of_one_name_stay_two() -> None:
    other = replace(typed("附注", "x", "frame 2"), page="frame 2")
    two = [
        typed("电话", "138"),
        replace(typed("电话", "139"), on=Control(ways={"name": "b"}, words="电话", kind="text", value="139")),
    ]
    found = draft(START, KEY, [*SEARCHED, *two, other, typed("户名", "李"), pressed("保存")], [])
    assert ("附注", "elsewhere") in found.lost
    assert [f.words for f in found.fields] == ["电话", "电话", "户名"]


def test_what_is_pressed_outside_of_the_forms_frame_says_where_it_stands() -> None:
    steps = ({"open": "/"}, {"press": {"text": "档案"}}, {"row": {"column": "编号", "press": {"text": "改"}}}, {"type": {"name": "q", "place": ["list"]}})  # fmt: skip
    placed = [
        {"open": "/"},
        {"press": {"place": [], "text": "档案"}},
        {"row": {"column": "编号", "press": {"place": [], "text": "改"}}},
        {"type": {"place": ["list"], "name": "q"}},
    ]
    assert [recording._placed(step, ("list", "form")) for step in steps] == placed
    assert [recording._placed(step, ()) for step in steps] == list(steps)
