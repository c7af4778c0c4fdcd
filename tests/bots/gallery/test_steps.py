"""Promises of controls that take several steps: set, read, sent, and refused where they do not offer the value."""

from typing import Any

import pytest

from bots.driver import Target
from core.errors import ApplicationError

pytestmark = pytest.mark.browser

LAYER = {"layer": Target(css="#cal")}
TURNED = {**LAYER, "title": Target(css="#calTitle"), "previous": Target(text="上月"), "next": Target(text="下月")}
FITTED = Target(label="装表日期", widget="calendar", parts=TURNED)
SELECTED = {**LAYER, "open": Target(text="选"), "year": Target(css="#calYear"), "month": Target(css="#calMonth")}
DUE = Target(label="到期", widget="calendar", parts=SELECTED)
PROVINCE, CITY, TOWN = (
    Target(label="省", widget="select"), Target(label="市", widget="cascade"), Target(label="区", widget="cascade")
)  # fmt: skip
HINTED = Target(label="小区", widget="suggest", parts={"list": Target(css="#hints")})
QUARTER = Target(
    label="小区",
    widget="lookup",
    parts={
        "open": Target(text="选择"),
        "search": Target(css="#box input[name=q]", widget="auto"),
        "press": Target(text="查询"),
        "pick": Target(text="选用"),
        "next": Target(text="下一页"),
        "close": Target(text="关闭"),
    },
    options={"column": "小区名称"},
)
WINDOW = ("window:查找",)
STATION = Target(
    label="变电站",
    widget="lookup",
    parts={
        "open": Target(text="查找"),
        "search": Target(name="q", place=WINDOW, widget="auto"),
        "press": Target(text="查询", place=WINDOW),
        "next": Target(text="下一页", place=WINDOW),
        "close": Target(text="关闭", place=WINDOW),
    },
    options={"column": "名称"},
)
UNIT = Target(label="所属单位", widget="tree", parts={"layer": Target(css="#units")})
PEOPLE = Target(
    widget="rows",
    parts={
        "add": Target(text="新增"),
        "edit": Target(text="修改"),
        "delete": Target(text="删除"),
        "first": Target(text="首页"),
        "next": Target(text="下页"),
        "done": Target(text="确定"),
    },
    options={"columns": "姓名|电话", "confirm": "确定删除？"},
)


@pytest.mark.parametrize(
    ("page", "target", "value", "shown", "sent"),
    [
        ("calendar", FITTED, "2026-03-31", "2026-03-31", {"fitted": "2026-03-31"}),
        ("calendar", FITTED, "2025-11-01", "2025-11-01", {"fitted": "2025-11-01"}),
        ("calendar", DUE, "2024-02-29", "2024-02-29", {"due": "2024-02-29"}),
        ("suggest", HINTED, "锦绣花园", "锦绣花园", {"quarter_id": "Q-锦绣花园"}),
        ("lookup", QUARTER, "金桂公寓", "金桂公寓", {"quarter_id": "0008"}),
        ("lookup", STATION, "金桂小区", "金桂小区", {"station": "金桂小区"}),
        ("tree", UNIT, "省公司/西城供电所/抄表一班", "抄表一班", {"unit": "抄表一班"}),
    ],
    ids=["next", "previous", "selects", "suggest", "layer", "window", "tree"],
)
def test_a_value_is_picked_read_and_sent(
    on: Any, page: str, target: Target, value: str, shown: str, sent: dict[str, str]
) -> None:
    hand = on.show(page)
    assert hand.write([(target, value)]) == [value]
    assert [(s.count, s.value, s.locked) for s in hand.read([target])] == [(1, shown, False)]
    assert sent.items() <= on.save().items()


@pytest.mark.parametrize(
    ("page", "target", "value", "code"),
    [
        ("calendar", FITTED, "2026-02-30", "option"),
        ("calendar", FITTED, "2028-05-01", "option"),  # the calendar ends with 2027
        ("calendar", DUE, "1998-05-01", "option"),
        ("cascade", CITY, "杭州", "option"),
        ("suggest", HINTED, "锦绣别墅", "option"),
        ("lookup", QUARTER, "没有小区", "option"),
        ("lookup", QUARTER, "阳光小区", "option"),  # there are two, on two pages
        ("lookup", STATION, "没有站", "option"),
        ("tree", UNIT, "省公司/北城供电所", "option"),
        ("rows", PEOPLE, "王建国", "option"),
        ("rows", PEOPLE, "王建国|1；王建国|2", "option"),
    ],
)
def test_what_is_not_offered_is_refused_and_nothing_is_held(
    on: Any, page: str, target: Target, value: str, code: str
) -> None:
    hand = on.show(page)
    before = hand.read([target])[0].value
    with pytest.raises(ApplicationError) as caught:
        hand.write([(target, value)])
    assert caught.value.code == code
    assert hand.read([target])[0].value == before


def test_each_list_of_a_cascade_waits_for_the_one_before(on: Any) -> None:
    hand = on.show("cascade")
    wanted = [(PROVINCE, "浙江"), (CITY, "宁波"), (TOWN, "海曙")]
    assert hand.write(wanted) == ["浙江", "宁波", "海曙"]
    assert hand.write([(PROVINCE, "江苏"), (CITY, "宁波")]) == ["江苏", "宁波"]  # both provinces offer it
    assert [s.value for s in hand.read([PROVINCE, CITY, TOWN])] == ["江苏", "宁波", ""]
    with pytest.raises(ApplicationError) as caught:
        hand.write([(PROVINCE, "浙江"), (CITY, "苏州")])
    assert caught.value.code == "option"


def test_suggestions_come_to_real_keys_too(on: Any) -> None:
    hand = on.show("suggest")
    keyed = Target(label="小区", widget="suggest", mode="keys", parts={"list": Target(css="#hints")})
    assert hand.write([(keyed, "金桂小区")]) == ["金桂小区"]
    assert on.save()["quarter_id"] == "Q-金桂小区"


def test_rows_are_added_changed_and_deleted_over_all_pages(on: Any) -> None:
    hand = on.show("rows")
    assert hand.read([PEOPLE])[0].value == "王建国|13800000001；李秀英|13800000002；张伟|13800000003"
    wanted = "王建国|13800000001；张伟|13900000009；赵敏|13700000004"
    assert hand.write([(PEOPLE, wanted)]) == [wanted]
    assert on.save()["people"] == "王建国,13800000001;张伟,13900000009;赵敏,13700000004"


def test_a_row_is_not_deleted_over_a_question_that_nobody_expected(on: Any) -> None:
    hand = on.show("rows")
    unasked = Target(widget="rows", parts=PEOPLE.parts, options={"columns": "姓名|电话"})
    held = hand.write([(unasked, "王建国|13800000001；李秀英|13800000002")])
    assert held == ["王建国|13800000001；李秀英|13800000002；张伟|13800000003"]


def test_plain_and_stepwise_controls_are_checked_together(on: Any) -> None:
    hand = on.show("calendar")
    with pytest.raises(ApplicationError) as caught:
        hand.write([(FITTED, "2026-03-05"), (DUE, "2026-13-05")])
    assert caught.value.code == "option"
    assert hand.read([FITTED])[0].value == ""
