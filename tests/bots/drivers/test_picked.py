"""Promises of lists that scripts draw: pressed, searched where there is a box for it, and the one exact choice taken; else nothing."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest

from bots.driver import Target
from bots.drivers.web import Web
from core.errors import ApplicationError

pytestmark = pytest.mark.browser

# as select2 draws a select: what is chosen stands beside it; what the list offers comes from a server, a moment after something is typed
REMOTE = """<label for="team">班组</label><select id="team" name="team" style="width:1px;height:1px"><option value="1" selected>一班</option></select>
<span id="box" style="border:1px solid">一班</span>
<script>
const NAMES = ['一班', '二班', '二班甲组', '同名', '同名'];
box.onmousedown = () => { if (window.drop) return;
  document.body.insertAdjacentHTML('beforeend', '<div id="drop"><input class="search"><ul class="list"><li>正在查询</li></ul></div>');
  document.querySelector('.search').oninput = (e) => setTimeout(() => list(NAMES.filter((n) => n.includes(e.target.value))), 120); };
const list = (names) => { document.querySelector('.list').innerHTML = names.map((n) => `<li>${n}</li>`).join('') || '<li>没有</li>';
  document.querySelectorAll('.list li').forEach((li, i) => (li.onmouseup = () => { team.innerHTML = `<option value="${i + 7}">${li.textContent}</option>`;
    box.textContent = li.textContent; drop.remove(); })); };
</script>"""
SEARCHED = Target(
    label="班组", widget="suggest",
    parts={"open": Target(css="#box"), "search": Target(css=".search", widget="auto"), "list": Target(css=".list")},
)  # fmt: skip
# as component libraries draw it: an empty input below the choice, and one list for each control, which goes away slowly
DRAWN = """<style>.pick{position:relative;width:120px;height:24px;border:1px solid}.pick input,.pick b{position:absolute;left:0;top:0;width:100%;height:100%;border:0}
.layer{position:absolute;left:0;top:60px;width:200px;height:60px;overflow-y:auto;background:#eee}.layer li{height:20px}</style>
<div><label for="level">级别</label><div class="pick" id="p1"><input id="level" role="combobox" aria-haspopup="listbox" readonly><b>金牌</b></div></div>
<div><label for="phase">相位</label><div class="pick" id="p2"><input id="phase" role="combobox" aria-haspopup="listbox" readonly><b></b></div></div>
<ul class="layer" id="l1" style="display:none"></ul><ul class="layer" id="l2" style="display:none"></ul>
<script>
const NAMES = ['金牌', '银牌', ...Array.from({length: 60}, (_, i) => `第${i + 1}级`)];
[1, 2].forEach((n) => { const pick = document.getElementById('p' + n), layer = document.getElementById('l' + n);
  const draw = () => { const first = Math.floor(layer.scrollTop / 20), shown = NAMES.slice(first, first + 4); // only what can be seen
    layer.innerHTML = `<div style="height:${NAMES.length * 20}px;padding-top:${first * 20}px;box-sizing:border-box">` + shown.map((n) => `<li>${n}</li>`).join('') + '</div>';
    layer.querySelectorAll('li').forEach((li) => (li.onclick = () => { pick.querySelector('b').textContent = li.textContent; setTimeout(() => (layer.style.display = 'none'), 150); })); };
  pick.onclick = () => { layer.style.display = 'block'; draw(); }; layer.onscroll = draw; });
</script>"""


def _drawn(label: str, number: int) -> Target:
    return Target(
        label=label, widget="suggest", parts={"open": Target(css=f"#p{number}"), "list": Target(css=".layer")}
    )


LEVEL, PHASE = _drawn("级别", 1), _drawn("相位", 2)


@pytest.fixture(scope="module")
def browser() -> Iterator[Web]:
    driver = Web(timeout=3)
    yield driver
    driver.close()


def show(browser: Web, page: str) -> Web:
    browser.open(f"data:text/html;charset=utf-8,{quote(f'<!doctype html><body>{page}')}")
    browser.arrive([Target(css="body")], within=False)
    return browser


def test_a_choice_is_searched_for_and_taken_by_its_exact_words(browser: Web) -> None:
    hand = show(browser, REMOTE)
    assert hand.write([(SEARCHED, "二班")]) == ["二班"]
    (now,) = hand.read([SEARCHED])
    assert (now.count, now.value, now.text, now.locked) == (1, "7", "二班", False)


def test_choices_of_several_lists_are_taken_one_after_the_other(browser: Web) -> None:
    hand = show(browser, DRAWN)
    assert [s.value for s in hand.read([LEVEL, PHASE])] == ["金牌", ""]
    assert hand.write([(LEVEL, "银牌"), (PHASE, "第57级")]) == [
        "银牌",
        "第57级",
    ]  # which shows only when the list is rolled
    assert [(s.count, s.value, s.locked) for s in hand.read([LEVEL, PHASE])] == [
        (1, "银牌", False),
        (1, "第57级", False),
    ]


# choices of several: each stands in a box of its own, and is chosen and left by the same press; the list stays open
MANY = """<label for="pay">缴费方式</label><div id="box" style="width:300px;border:1px solid"><input id="pay" role="combobox" style="width:20px"><span id="tags"></span></div>
<ul class="list" style="display:none"></ul><button onclick="said.textContent = tags.textContent">保存</button><p id="said"></p>
<script>let on = %s; const list = document.querySelector('.list');
const draw = () => { tags.innerHTML = on.map((n) => `<b class="tag">${n}</b>`).join(''); list.innerHTML = ['现金', '微信', '支付宝', '银行'].map((n) => `<li>${n}</li>`).join(''); };
box.onclick = () => (list.style.display = 'block'); document.addEventListener('pointerdown', (e) => e.target.closest('.list,#box') || (list.style.display = 'none'));
list.onclick = (e) => setTimeout(() => { const n = e.target.textContent; if (n !== '银行') on = on.includes(n) ? on.filter((o) => o !== n) : [...on, n]; draw(); }, 60); draw();</script>"""
PAID = Target(
    label="缴费方式", widget="suggest",
    parts={"open": Target(css="#box"), "list": Target(css=".list"), "chosen": Target(css="#box .tag")},
)  # fmt: skip


def test_several_choices_are_those_that_are_asked_for_and_no_others(browser: Web) -> None:
    hand = show(browser, MANY % ["微信", "现金"])
    (before,) = hand.read([PAID])
    assert (before.count, before.kind, before.value) == (1, "several", "微信；现金")
    assert hand.write([(PAID, "支付宝；现金")]) == ["支付宝；现金"]
    hand.follow(Target(text="保存"), [Target(css="#said:not(:empty)")])  # the list covers nothing any more
    assert hand.read([Target(css="#said")])[0].value == "现金支付宝"
    assert hand.write([(PAID, "")]) == [""]


@pytest.mark.parametrize(("value", "code"), [("现金；支票", "option"), ("银行；微信", "ignored")])
def test_several_choices_that_a_list_lacks_or_does_not_take_are_refused(browser: Web, value: str, code: str) -> None:
    hand = show(browser, MANY % ["微信"])
    with pytest.raises(ApplicationError) as caught:
        hand.write([(PAID, value)])
    assert caught.value.code == code


def test_a_box_that_is_no_input_tells_its_choice_and_is_found_by_its_label(browser: Web) -> None:
    page = """<label for="kind">类别</label><div id="open"><span id="kind" class="p-select-label placeholder" role="combobox" tabindex="0">请选择</span></div>
<label for="team">班组</label><div role="combobox" aria-haspopup="listbox"><div><span>第2班</span><input id="team"></div></div>
<ul class="list" style="display:none"><li>居民</li><li>商业</li></ul><script>const list = document.querySelector('.list'), span = document.getElementById('kind');
document.getElementById('open').onpointerdown = () => (list.style.display = 'block');
list.onclick = (e) => { span.textContent = e.target.textContent; span.className = 'p-select-label'; list.style.display = 'none'; };</script>"""
    sort = Target(label="类别", widget="suggest", parts={"open": Target(css="#open"), "list": Target(css=".list")})
    hand = show(browser, page)
    assert [s.value for s in hand.read([sort, Target(label="班组", widget="suggest")])] == ["", "第2班"]
    assert hand.write([(sort, "商业")]) == ["商业"]
    assert hand.read([sort])[0].value == "商业"


@pytest.mark.parametrize(
    ("page", "target", "value"),
    [(REMOTE, SEARCHED, "二"), (REMOTE, SEARCHED, "三班"), (REMOTE, SEARCHED, "同名"), (DRAWN, LEVEL, "白金"), (DRAWN, LEVEL, "")],
)  # fmt: skip
def test_what_a_list_does_not_offer_once_is_refused(browser: Web, page: str, target: Target, value: str) -> None:
    hand = show(browser, page)
    before = hand.read([target])
    with pytest.raises(ApplicationError) as caught:
        hand.write([(target, value)])
    assert (caught.value.code, caught.value.about) == ("option", target.words)
    assert hand.read([target]) == before


# the second list comes once the first is set; what its choices are sent as are the words of others
CASCADE = """<label for="p">省</label><select id="p" onchange="c.disabled = false; c.innerHTML = '<option value=04>05</option><option value=06>07</option>'">
<option value="">无</option><option value="1">甲</option></select><label for="c">市</label><select id="c" disabled></select>"""


def test_the_choice_of_a_later_list_is_not_taken_by_what_it_is_sent_as(browser: Web) -> None:
    hand = show(browser, CASCADE)
    first = Target(label="省", widget="select")
    then = Target(label="市", widget="cascade", options={"by": "words"})
    with pytest.raises(ApplicationError) as caught:
        hand.write([(first, "甲"), (then, "06")])
    assert (caught.value.code, hand.read([then])[0].text) == ("option", "05")
    assert hand.write([(first, "甲"), (then, "07")]) == ["甲", "07"]
    assert hand.read([then])[0].value == "06"


GRID = """<table><tr><th>名称</th><th>类型</th></tr>
<tr><td><input value="一"></td><td><select><option value="04">05<option value="06">07</select></td></tr></table>"""


def test_a_choice_in_a_row_is_not_taken_by_what_it_is_sent_as(browser: Web) -> None:
    hand = show(browser, GRID)
    rows = Target(widget="rows", options={"columns": "名称|类型"})
    with pytest.raises(ApplicationError) as caught:
        hand.write([(rows, "一|06")])
    assert caught.value.code == "option"
    assert hand.write([(rows, "一|07")]) == ["一|07"]


@pytest.mark.parametrize("nowhere", ["#nowhere", "#box .tags"])
def test_chosen_things_that_are_found_nowhere_while_words_stand_are_not_read_as_nothing(
    browser: Web, nowhere: str
) -> None:
    """Else emptiness would be `held` while a choice stands."""
    wrong = replace(PAID, parts={**PAID.parts, "chosen": Target(css=nowhere)})
    hand = show(browser, MANY % ["微信"])
    assert hand.read([wrong])[0].count == 0
    for value in ("", "现金"):
        with pytest.raises(ApplicationError) as caught:
            hand.write([(wrong, value)])
        assert (caught.value.code, caught.value.about) == ("absent", wrong.words)
    assert hand.read([PAID])[0].value == "微信"
    wrapped = (MANY % ["微信"]).replace('<div id="box"', '<label><div id="box"').replace("</div>", "</div></label>", 1)
    assert show(browser, wrapped).read([wrong])[0].count == 0


@pytest.mark.parametrize(
    "beside",
    [
        "<span class='x-placeholder'>请选择</span>",
        "<label>缴费方式</label>",
        "<i>▾</i>",
        "<i aria-hidden='true'>arrow_down</i>",
        "<b style='display:none'>微信</b>",
    ],
)
def test_a_box_in_which_nothing_is_chosen_reads_as_nothing(browser: Web, beside: str) -> None:
    hand = show(browser, (MANY % []).replace('<span id="tags">', f'{beside}<span id="tags">'))
    assert [(s.count, s.value) for s in hand.read([PAID])] == [(1, "")]
    assert hand.write([(PAID, "现金")]) == ["现金"]


def test_a_button_beside_the_chosen_things_has_words_of_its_own(browser: Web) -> None:
    page = MANY.replace('<div id="box"', '<button id="on">选择</button><div id="box"') + "<script>document.getElementById('on').onclick = box.onclick</script>"  # fmt: skip
    beside = replace(PAID, parts={**PAID.parts, "open": Target(css="#on")})
    assert [(s.count, s.value) for s in show(browser, page % []).read([beside])] == [(1, "")]
