"""Promises of controls that take a value at once: typed, read, sent, and refused before anything is typed."""

from pathlib import Path
from typing import Any

import pytest

from bots.driver import Target
from core.errors import ApplicationError

pytestmark = pytest.mark.browser


def at(label: str, widget: str = "auto", **more: Any) -> Target:
    return Target(label=label, widget=widget, **more)


PLAIN = (
    ("numbers", at("户数", "number"), "12", "count"),
    ("numbers", at("建档日期", "date"), "2026-03-05", "built"),
    ("numbers", at("抄表比例", "slider"), "85", "share"),
    ("numbers", at("亮度", "slider"), "9", "light"),
    ("masks", at("起用日期", mode="keys"), "2026-03-05", "since"),
    ("masks", at("大写代码"), "AB1", "code"),
    ("masks", at("静默", mode="js"), "原样", "silent"),
    ("clicked", at("联系地址", "text", parts={"open": Target(name="addr")}), "某路1号", "addr"),
    ("clicked", at("备注", "text", parts={"open": Target(css="span")}), "急", "remark"),
    ("rich", at("情况说明", "rich"), "第一行", "text"),
    ("rich", at("便签", "editable"), "新", "note"),
    ("tabs", at("容量", "text", parts={"open": Target(text="用电")}), "50", "capacity"),
    ("tabs", at("电价", "text", parts={"open": Target(text="更多信息")}), "0.5", "price"),
)


@pytest.mark.parametrize(("page", "target", "value", "name"), PLAIN, ids=[f"{p}-{n}" for p, _, _, n in PLAIN])
def test_a_value_is_typed_read_and_sent(on: Any, page: str, target: Target, value: str, name: str) -> None:
    hand = on.show(page)
    assert hand.write([(target, value)]) == [value]
    shown = hand.read([target])[0]
    assert (shown.count, shown.value) == (1, value)
    assert on.save()[name] == value


REFUSED = (
    ("numbers", at("户数", "number"), "100", "option"),
    ("numbers", at("户数", "number"), "十二", "option"),
    ("numbers", at("户数", "number"), "1.5", "option"),
    ("numbers", at("建档日期", "date"), "2026-02-30", "option"),
    ("numbers", at("建档日期", "date"), "1999-01-01", "option"),
    ("numbers", at("抄表比例", "slider"), "101", "option"),
    ("numbers", at("抄表比例", "slider"), "83", "option"),
    ("numbers", at("亮度", "slider"), "11", "option"),
    ("numbers", at("户数", "date"), "2026-03-05", "absent"),
    ("masks", at("起用日期", mode="keys"), "2026-03-05 08", "option"),
    ("clicked", at("联系地址"), "某路1号", "locked"),
    ("clicked", at("户号", "text", parts={"open": Target(name="number")}), "2", "locked"),
    ("rich", at("公告", "rich"), "新", "locked"),
    ("tabs", at("电价"), "0.5", "absent"),
    ("shadow", at("封闭"), "x", "sealed"),
    ("shadow", at("画布"), "x", "sealed"),
    ("shadow", Target(css="canvas", widget="text"), "x", "sealed"),
    ("shuffled", at("联系人"), "甲", "absent"),
)


@pytest.mark.parametrize(("page", "target", "value", "code"), REFUSED, ids=[f"{p}-{v}-{c}" for p, _, v, c in REFUSED])
def test_what_a_control_does_not_take_is_refused_before_the_first_key(
    on: Any, page: str, target: Target, value: str, code: str
) -> None:
    hand = on.show(page)
    first = Target(css="[name=f] input:not([readonly])", widget="auto")
    before = [shown.value for shown in hand.read([first])]
    with pytest.raises(ApplicationError) as caught:
        hand.write([(target, value)])
    assert caught.value.code == code
    assert [shown.value for shown in hand.read([first])] == before


def test_nothing_is_typed_by_keys_either_unless_all_targets_take_their_values(on: Any) -> None:
    hand = on.show("masks")
    with pytest.raises(ApplicationError, match="起用日期"):
        hand.write([(at("手机号码", mode="keys"), "13800000001"), (at("起用日期", mode="keys"), "2026-03-05 08")])
    assert hand.read([at("手机号码")])[0].value == ""


def test_keys_reach_handlers_that_look_at_them(on: Any) -> None:
    hand = on.show("masks")
    mobile = at("手机号码", "text", mode="keys", options={"ignore": "-"})
    assert hand.write([(mobile, "138a0000b0001")]) == ["13800000001"]  # letters never arrive
    assert hand.read([mobile])[0].value == "13800000001"
    assert on.save()["mobile"] == "138-0000-0001"


def test_a_value_that_the_control_changes_is_told_as_it_stands(on: Any) -> None:
    hand = on.show("masks")
    assert hand.write([(at("大写代码"), "ab1")]) == ["AB1"]
    assert hand.write([(at("静默"), "原样")]) == ["被改写"]


def test_files_are_sent_whole_through_a_form_that_leaves_once(on: Any, tmp_path: Path) -> None:
    files = {tmp_path / "附件.txt": b"\xff\x00\r\n--x", tmp_path / "b.bin": bytes(range(256)) * 300}
    for file, content in files.items():
        file.write_bytes(content)
    hand = on.show("files")
    target, paths = at("附件", "file"), "；".join(map(str, files))
    assert hand.write([(target, paths), (at("说明"), "两个")]) == [paths, "两个"]
    assert hand.read([target])[0].value == "附件.txt；b.bin"
    assert on.save()["about"] == "两个"
    assert on.store.files == [(file.name, content) for file, content in files.items()]


def test_a_file_that_is_not_there_is_refused_before_the_first_key(on: Any, tmp_path: Path) -> None:
    hand = on.show("files")
    with pytest.raises(ApplicationError) as caught:
        hand.write([(at("说明"), "x"), (at("附件", "file"), str(tmp_path / "none"))])
    assert (caught.value.code, hand.read([at("说明")])[0].value) == ("option", "")


def test_controls_in_an_open_shadow_root_are_found(on: Any) -> None:
    hand = on.show("shadow")
    inner = at("开放")
    assert hand.write([(inner, "里面")]) == ["里面"]
    assert hand.read([inner])[0].value == "里面"
    assert hand.read([at("封闭")])[0].kind == "sealed"


def test_fields_are_found_by_label_wherever_they_stand(on: Any) -> None:
    labels = ("户名", "地址", "电话", "备注")
    hand = on.show("shuffled")
    assert hand.write([(at(label), label) for label in labels]) == list(labels)
    rows = hand.read([Target(xpath=f"//td[.='{label}：']/../td/input", widget="auto") for label in labels])
    assert [shown.value for shown in rows] == list(labels)


def test_a_captcha_is_for_a_person(on: Any) -> None:
    code = at("验证码", "captcha", parts={"picture": Target(css="#code")})
    hand = on.show("login")
    with pytest.raises(ApplicationError) as caught:
        hand.write([(at("工号"), "1001"), (code, "")])
    assert (caught.value.code, hand.read([at("工号")])[0].value) == ("captcha", "")
    seen: list[bytes] = []

    def person(picture: bytes) -> str:
        seen.append(picture)
        return "7K3P"

    hand.person = person
    assert hand.write([(at("工号"), "1001"), (code, "")]) == ["1001", "7K3P"]
    assert seen[0].startswith(b"\x89PNG")
    assert on.save()["code"] == "7K3P"
