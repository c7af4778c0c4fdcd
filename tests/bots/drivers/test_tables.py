"""Promises of lists: the row that a person sees below a header is found, however the page draws its table, and no other one."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from bots.driver import Target
from bots.drivers.web import Web
from core.errors import ApplicationError

pytestmark = pytest.mark.browser

PRESS = """<button onclick="said(this)">修改</button>"""
SAID = """<script>function said(b) { document.body.insertAdjacentHTML('beforeend', '<p id="said">' + (b.dataset.of || '1001') + '</p>'); }</script>"""
WIDE = "<style>table{border-collapse:collapse;table-layout:fixed}td,th{width:90px;padding:0;white-space:nowrap}</style>"
EMPTY = "<tr><td colspan=3>共 1 条</td></tr>"
KINDS = {
    "a header of plain cells in the body": f"<table><tr><td>编号</td><td>姓名</td><td></td></tr><tr><td>1001</td><td>安</td><td>{PRESS}</td></tr></table>",
    "a header of th in the body": f"<table><tr><th>编号</th><th>姓名</th></tr><tr><td>1001</td><td>安{PRESS}</td></tr></table>",
    "rows that begin with a th": f"<table><thead><tr><th>编号<th>姓名</thead><tr><th>1001<td>安{PRESS}</table>",
    "a title above, a sum below": f"<table><tr><td colspan=3>用户列表</td></tr><tr><th>编号<th>姓名<th></tr><tr><td>1001<td>安<td>{PRESS}</tr>{EMPTY}</table>",
    "a header that spans two columns": f"<table><tr><th>编号<th colspan=2>操作</tr><tr><td>1001<td><a>删除</a><td>{PRESS}</tr></table>",
    "a column of buttons without a header": f"<table><tr><th>编号<th>姓名</tr><tr><td>1001<td>安<td>{PRESS}</tr></table>",
    "a header of two rows": "<table><thead><tr><th rowspan=2>序号<th colspan=2>用户<th rowspan=2>操作</tr><tr><th>姓名<th>编号</tr></thead>"
    f"<tr><td>1<td>安<td>1001<td>{PRESS}</tr></table>",
    "a sort link with its place in the order": "<table><thead><tr><th><div><a title='不再排序'>x</a><span>1</span></div><div><a href='#'>编号</a></div>"
    f"<th>姓名</tr></thead><tr><td>1001<td>安{PRESS}</table>",
    "a sort sign": f"<table><tr><th>编号 ▲<th>姓名</tr><tr><td>1001<td>安{PRESS}</tr></table>",
    "a filter in the header": f"<table><tr><th>编号 <input><th>姓名 <select><option>全部</select></tr><tr><td>1001<td>安{PRESS}</tr></table>",
    "buttons in a table of their own": f"<table><tr><th>编号<th>操作</tr><tr><td>1001<td><table><tr><td>{PRESS}</table></table>",
    "a list in a table that frames the page": f"<table><tr><td>菜单<td><table><tr><th>编号<th>操作</tr><tr><td>1001<td>{PRESS}</table></table>",
    "a form with the same words": "<table><tr><td>编号<td><input><td>姓名<td><input></table>"
    f"<table><tr><td>编号<td>姓名<td>操作</tr><tr><td>1001<td>安<td>{PRESS}</tr></table>",
    "head and body as two tables, and a gutter": f"{WIDE}<div><div><table><thead><tr><th>编号<th>姓名<th style='width:9px'></tr></thead></table></div>"
    f"<div><table><tbody><tr><td>1001<td>安{PRESS}</tr></tbody></table></div></div>",
    "a body that keeps a flat copy of its header": f"{WIDE}<div><div><table><thead><tr><th>编号<th>姓名</tr></thead></table></div>"
    "<div><table><thead><tr style='height:0'><th style='height:0'><div style='height:0;overflow:hidden'>编号</div>"
    f"<th style='height:0'><div style='height:0;overflow:hidden'>姓名</div></tr></thead><tr><td>1001<td>安{PRESS}</tr></table></div></div>",
    "columns that are pinned as tables of their own": f"{WIDE}<div style='display:flex'><div><div><table><tr><td>操作</table></div><div><table>"
    f"<tr style='height:30px'><td>{PRESS}</table></div></div><div><div><table><tr><td>编号<td>姓名</table></div><div><table>"
    "<tr style='height:30px'><td>1001<td>安</table></div></div></div>",
    "pinned columns that lie over hidden copies": f"{WIDE}<div style='position:relative;width:270px'><div><table><thead><tr><th>编号<th>姓名"
    "<th style='visibility:hidden'>操作</tr></thead></table></div><div><table><tr style='height:30px'><td>1001<td>安"
    f"<td style='visibility:hidden'><button onclick='said(this)' data-of='a copy'>修改</button></table></div><div style='position:absolute;right:0;top:0;width:90px;overflow:hidden'>"
    "<div><table style='margin-left:-180px'><thead><tr><th style='visibility:hidden'>编号<th style='visibility:hidden'>姓名<th>操作</tr></thead></table></div>"
    f"<div><table style='margin-left:-180px'><tr style='height:30px'><td style='visibility:hidden'>1001<td style='visibility:hidden'>安<td>{PRESS}</table></div></div></div>",
    "pinned columns that lie over copies that can be seen": f"{WIDE}<div style='position:relative;width:270px'><div><table><thead><tr><th>编号<th>姓名<th>操作</tr></thead></table></div>"
    f"<div><table><tr style='height:30px'><td>1001<td>安<td><button onclick='said(this)' data-of='a copy'>修改</button></table></div>"
    "<div style='position:absolute;left:0;top:0;background:#fff'><div><table><thead><tr><th>编号</tr></thead></table></div><div><table><tr style='height:30px'><td>1001</table></div></div>"
    f"<div style='position:absolute;left:180px;top:0;background:#fff'><div><table><thead><tr><th>操作</tr></thead></table></div><div><table><tr style='height:30px'><td>{PRESS}</table></div></div></div>",
    "boxes that say they are a grid": "<div role=grid><div role=row><span role=columnheader>编号</span><span role=columnheader>姓名</span></div>"
    f"<div><div role=row><span role=gridcell>1001</span><span role=gridcell>安{PRESS}</span></div></div></div>",
    "a grid whose rows stand in several boxes": "<div role=treegrid><div role=row aria-rowindex=1><span role=columnheader aria-colindex=2>编号</span></div>"
    "<div role=row aria-rowindex=1><span role=columnheader aria-colindex=1>操作</span></div>"
    f"<div role=row aria-rowindex=2><span role=gridcell aria-colindex=2>1001</span></div><div role=row aria-rowindex=2><span role=gridcell aria-colindex=1>{PRESS}</span></div></div>",
}  # fmt: skip
NUMBER = Target(columns=("编号",))


@pytest.fixture(scope="module")
def browser() -> Iterator[Web]:
    driver = Web(timeout=2)
    yield driver
    driver.close()


def show(browser: Web, page: str) -> Web:
    browser.open(f"data:text/html;charset=utf-8,{quote(f'<!doctype html><body>{page}{SAID}')}")
    browser.arrive([Target(css="body")], within=False)
    return browser


@pytest.mark.parametrize("page", KINDS.values(), ids=KINDS)
def test_the_row_below_a_header_is_read_and_pressed(browser: Web, page: str) -> None:
    rows = show(browser, page).table(NUMBER)
    assert [index for index, (number,) in enumerate(rows) if number == "1001"] == [len(rows) - 1]
    press = Target(columns=("编号",), row=len(rows) - 1, cell="1001", text="修改")
    browser.follow(press, [Target(css="#said")])
    assert browser.read([Target(css="#said")])[0].value == "1001"


def test_two_lists_with_the_same_header_are_not_one(browser: Web) -> None:
    page = "<table><tr><th>编号<th>姓名</tr><tr><td>1<td>安</tr></table>"
    with pytest.raises(ApplicationError, match="2 controls"):
        show(browser, page * 2).table(NUMBER)


def test_lists_side_by_side_that_say_the_same_are_two(browser: Web) -> None:
    page = "<table style='display:inline-table'><tr><th>编号<th>姓名</tr><tr><td>1<td>安</tr></table>"
    with pytest.raises(ApplicationError, match="2 controls"):
        show(browser, page * 2).table(NUMBER)


LISTS = {
    "with a header of its own": "<tr><th>表号<th>姓名</tr><tr><td>1001<td>安</tr>",
    "with other columns": "<tr><td>1001<td>安<td>x</tr>",
    "whose cells stand elsewhere": "<tr><td style='width:300px'>安<td>1001</tr>",
}


@pytest.mark.parametrize("rows", LISTS.values(), ids=LISTS)
def test_an_empty_list_takes_no_rows_of_another_one(browser: Web, rows: str) -> None:
    page = f"{WIDE}<div><table><tr><th>姓名<th>编号</tr></table></div><div><table>{rows}</table></div>"
    assert show(browser, page).table(NUMBER) == []


def test_a_cell_below_another_header_is_not_the_key(browser: Web) -> None:
    page = "<table><tr><th>编号<th>旧编号</tr><tr><td>7<td>1001</tr></table>"
    assert show(browser, page).table(NUMBER) == [["7"]]
