"""Promises of labels: the control that a person reads the words beside answers, and what only looks like it does not."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from bots.driver import Target
from bots.drivers.web import Web
from core.errors import ApplicationError

pytestmark = pytest.mark.browser

HEAD = "<table><thead><tr><th>户号<th>户名</tr></thead><tr><td>1001<td>安</tr></table>"
SHOWN = {
    "a locked box with a label of its own, below a list with the same header": (
        f"{HEAD}<label for=n>户号</label><input id=n readonly value=1001><p>户号</p><p>别的</p>"
    ),
    "a locked box beside words": "<div><label>户号</label><div><input readonly value=1001></div></div>",
    "a locked box in the next cell": "<table><tr><td>户号<td><input disabled value=1001></table>",
    "words after words in the same line": "<p>户号 <b>1001</b></p>",
}
TYPED = {
    "words in the line of the box": "<td>户名：<input name=a value=安> 电话：<input name=b value=1>",
    "a box that scripts draw over a hidden select": "<label>户名</label><div><select name=a style='display:none'><option selected>安</select>"
    "<div class=drawn><div><input readonly value=安></div></div></div>",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Web]:
    driver = Web(timeout=2)
    yield driver
    driver.close()


def show(browser: Web, page: str) -> Web:
    browser.open(f"data:text/html;charset=utf-8,{quote(f'<!doctype html><body>{page}')}")
    browser.arrive([Target(css="body")], within=False)
    return browser


@pytest.mark.parametrize("page", SHOWN.values(), ids=SHOWN)
def test_what_is_only_shown_is_read_beside_its_label(browser: Web, page: str) -> None:
    (shown,) = show(browser, page).read([Target(label="户号")])
    assert (shown.count, shown.value) == (1, "1001")


@pytest.mark.parametrize("page", TYPED.values(), ids=TYPED)
def test_what_is_typed_stands_beside_its_label(browser: Web, page: str) -> None:
    (shown,) = show(browser, page).read([Target(label="户名", widget="auto")])
    assert (shown.count, shown.value) == (1, "安")


def test_what_stands_below_the_head_of_a_column_is_not_its_control(browser: Web) -> None:
    page = "<label>户号</label><div><input name=q></div><div><div><table><tr><th><th>户号</table></div><div><table><tr><td><input type=checkbox><td>1001</table></div></div>"
    assert show(browser, page).read([Target(label="户号", widget="auto")])[0].count == 1


def test_boxes_to_tick_are_not_locked_by_readonly(browser: Web) -> None:
    hand = show(
        browser,
        "<p>城乡 <span><input type=radio name=a value=1 readonly>城镇<input type=radio name=a value=2 readonly checked>农村</span></p>",
    )
    (shown,) = hand.read([Target(name="a", widget="auto")])
    assert (shown.value, shown.locked) == ("2", False)
    assert hand.write([(Target(name="a", widget="auto"), "1")]) == ["1"]


def test_the_head_of_a_column_is_nobodys_label(browser: Web) -> None:
    assert [s.count for s in show(browser, HEAD).read([Target(label="户号"), Target(label="户号", widget="auto")])] == [
        0,
        0,
    ]


@pytest.mark.parametrize(("page", "taken"), [
    ("<input id=n type=number value=-1.25>", True), ("<form novalidate><input id=n type=number></form>", True),
    ("<form><input id=n type=number></form>", False), ("<input id=n type=number min=0>", False),
])  # fmt: skip
def test_how_far_arrows_go_bounds_a_number_only_where_a_form_checks_it(browser: Web, page: str, taken: bool) -> None:
    hand = show(browser, page)
    number = Target(css="#n", widget="auto")
    if taken:
        assert hand.write([(number, "-8.5")]) == ["-8.5"]
        return
    with pytest.raises(ApplicationError) as caught:
        hand.write([(number, "-8.5")])
    assert caught.value.code == "option"


def test_a_calendar_that_stays_open_is_left_before_what_it_covers_is_pressed(browser: Web) -> None:
    page = """<input id=day><div id=cal style="position:absolute;left:0;top:0;width:400px;height:300px;background:#ccc;display:none"></div>
<button onclick="said.textContent = 'sent'">保存</button><p id=said></p><script>day.onfocus = () => (cal.style.display = 'block');
document.addEventListener('pointerdown', (e) => e.target === day || setTimeout(() => (cal.style.display = 'none'), 150));</script>"""
    hand = show(browser, page)
    assert hand.write([(Target(css="#day", widget="text"), "2024-02-29")]) == ["2024-02-29"]
    hand.follow(Target(text="保存"), [Target(text="sent")])
    assert hand.read([Target(css="#said")])[0].value == "sent"


@pytest.mark.parametrize(("lays", "code"), [("once", ""), ("always", "ignored")])
def test_a_page_that_is_laid_anew_while_it_is_asked_is_asked_once_more(browser: Web, lays: str, code: str) -> None:
    page = """<div id=box></div><button onclick="said.textContent = q.value">查询</button><p id=said></p><script>
let laid = 0; const lay = () => { laid += 1; box.innerHTML = '<input id=q>'; q.onfocus = () => (laid < 2 || '%s' === 'always') && lay(); }; lay();</script>"""
    hand = show(browser, page % lays)
    entries = [(Target(css="#q", widget="text"), "1001")]
    if code:
        with pytest.raises(ApplicationError) as caught:
            hand.follow(Target(text="查询"), [Target(css="#said:not(:empty)")], entries=entries)
        assert (caught.value.code, hand.read([Target(css="#said")])[0].value) == (code, "")
        return
    hand.follow(Target(text="查询"), [Target(css="#said:not(:empty)")], entries=entries)
    assert hand.read([Target(css="#said")])[0].value == "1001"


def test_a_box_that_cannot_be_asked_in_says_why(browser: Web) -> None:
    hand = show(browser, "<input id=q disabled><button>查询</button>")
    with pytest.raises(ApplicationError) as caught:
        hand.follow(Target(text="查询"), [Target(css="#never")], entries=[(Target(css="#q", widget="text"), "1001")])
    assert caught.value.code == "locked"
