"""Promises of lists of several pages: the one row that names the record is found wherever it stands, or a clear word is said."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import quote

import pytest

from bots.driver import Target
from bots.drivers.web import Web
from bots.walk import Step, Way, walk
from core.errors import ApplicationError, BusinessError

pytestmark = pytest.mark.browser

# the next page comes a moment later; on the last one the button only looks as if it could be pressed
LIST = """<table id="list"></table><button id="on">下一页</button><p id="told"></p><script>
const PAGES = %s; let at = 0;
const draw = () => { list.innerHTML = '<tr><th>编号<th>户名<th>操作</tr>' + PAGES[at].map((n, i) => `<tr><td>${n}<td>${'甲乙丙丁'[at]}<td><button onclick="told.innerHTML = 'P${at} R${i}'">修改</button></tr>`).join('');
  const last = at === PAGES.length - 1; %s; };
on.onclick = () => { if (at < PAGES.length - 1) setTimeout(() => { at += 1; draw(); }, 100); };
draw(); </script>"""
ENDS = {
    "disabled": "on.disabled = last",
    "said to be": "on.ariaDisabled = last",
    "looks so": "on.className = last ? 'page-disabled' : ''",
    "gone": "on.hidden = last",
    "does nothing": "",
}
ROW = Step(do="row", target=Target(columns=("编号",), text="修改"), next=Target(text="下一页"), pages=4)


@pytest.fixture(scope="module")
def browser() -> Iterator[Web]:
    driver = Web(timeout=3)
    yield driver
    driver.close()


def sought(
    browser: Web,
    pages: Sequence[Sequence[str]],
    key: str,
    *,
    ends: str = ENDS["disabled"],
    row: Step = ROW,
    none: str = "",
    paged: Callable[[], None] = lambda: None,
) -> str:
    """Where the record's button stood that was pressed; empty where there is no such record."""
    browser.open("about:blank")
    address = f"data:text/html;charset=utf-8,{quote('<!doctype html><body>' + LIST % ([list(p) for p in pages], ends))}"
    opens = Step(do="open", text=address.replace("{", "%7B").replace("}", "%7D"))
    way = Way(steps=(opens, row), none=Target(text=none) if none else None)
    if not walk(browser, way, key, Target(css="#told:not(:empty)"), "", paged):
        return ""
    return browser.read([Target(css="#told")])[0].value


@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS)
def test_a_record_is_found_on_whichever_page_it_stands(browser: Web, ends: str) -> None:
    pages = [["1", "2"], ["3", "4"], ["5"]]
    assert [sought(browser, pages, key, ends=ends) for key in ("2", "3", "5", "6")] == ["P0 R1", "P1 R0", "P2 R0", ""]


@pytest.mark.parametrize("pages", [[["1"], ["2"], ["1"]], [["1"], ["1"]], [["1"], ["2"], ["2"], ["1"]]], ids=str)
def test_the_same_number_on_two_pages_is_nobodys(browser: Web, pages: Sequence[Sequence[str]]) -> None:
    """Also where a page has the numbers of the one before it: it is another one, by what else its rows say."""
    with pytest.raises(BusinessError) as caught:
        sought(browser, pages, "1")
    assert caught.value.code == "ambiguous"


def test_a_list_that_goes_on_after_the_bound_is_told(browser: Web) -> None:
    with pytest.raises(BusinessError, match="after 4 pages") as caught:
        sought(browser, [["1"], ["2"], ["3"], ["4"], ["5"]], "1")
    assert caught.value.code == "goes_on"


def test_a_list_that_never_showed_its_pager_does_not_say_that_there_is_no_record(browser: Web) -> None:
    """A misspelt `next` finds nothing on any page, and the record may stand on the second."""
    with pytest.raises(ApplicationError, match="下一面") as caught:
        sought(browser, [["1"], ["2"]], "2", row=replace(ROW, next=Target(text="下一面")))
    assert caught.value.code == "pager"
    assert sought(browser, [["1"], ["2"]], "1", row=replace(ROW, next=Target(text="下一面"))) == "P0 R0"


def test_the_mark_that_there_is_none_is_believed_without_a_pager(browser: Web) -> None:
    """A list of one page may have nothing that turns it."""
    gone = ENDS["gone"]
    none = "if (!PAGES[0].length) list.insertAdjacentHTML('afterend', '<p>没有数据</p>'); "
    with pytest.raises(ApplicationError, match="下一页"):
        sought(browser, [["1"]], "9", ends=gone, none="没有数据")
    assert sought(browser, [[]], "9", ends=none + gone, none="没有数据") == ""


def test_whether_a_list_showed_its_pager_is_told(browser: Web) -> None:
    told: list[int] = []
    sought(browser, [["1"], ["2"]], "1", paged=lambda: told.append(1))
    assert told == [1]
    sought(browser, [["1"]], "1", ends=ENDS["gone"], paged=lambda: told.append(2))
    assert told == [1]
