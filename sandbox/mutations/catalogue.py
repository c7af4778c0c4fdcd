"""All mutations of the account screen, in the proportions in which a clerk meets them: mostly words, order and looks."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.mutations import Mutation, fields, markup
from sandbox.skins import Skin

RELABELLED = {
    "elec_addr": "用电详细地址", "quarter": "小区", "building": "楼号", "room": "门牌号", "contract_cap": "合同约定容量",
    "remark": "备注信息", "mgr": "台区责任人", "sort_code": "客户分类", "volt_code": "电压等级", "urban_rural": "城乡标志",
    "phase": "期数", "unit": "单元", "run_cap": "运行中容量", "notify_mode": "告知方式", "mr_sect": "抄表段", "pay_mode": "付费方式",
}  # fmt: skip
RENAMED = {
    "elec_addr": "consAddr", "quarter": "communityName", "building": "bldgNo", "room": "doorNo", "contract_cap": "ratedCap",
    "remark": "memo", "mgr": "mgrName", "sort_code": "consSort", "volt_code": "voltGrade", "urban_rural": "ruralFlag",
    "phase": "phaseNo", "unit": "unitName", "run_cap": "runningCap", "notify_mode": "noticeMode", "mr_sect": "sectNo", "pay_mode": "payType",
}  # fmt: skip
NEIGHBOURS = (
    ("building", "unit"),
    ("quarter", "room"),
    ("contract_cap", "run_cap"),
    ("remark", "mgr"),
    ("phase", "unit"),
)
CODED = {"sort_code": "lv_resident", "volt_code": "v220", "notify_mode": "sms", "urban_rural": "urban"}
RETEXTED = {"sort_code": "低压居民用户", "volt_code": "220伏", "notify_mode": "短信提醒", "urban_rural": "城镇地区"}
TYPED = ("elec_addr", "room", "contract_cap", "remark")

KNOWN_LAYER = (
    '<div style="position:absolute;left:0;top:0;width:100%;height:100%;background:#B8C4D4;z-index:999"><p>系统公告</p>'
    '<input type="button" value="关闭" onclick="this.parentNode.style.display=\'none\'"></div>'
)
UNKNOWN_LAYER = (
    '<div style="position:absolute;left:0;top:0;width:100%;height:100%;background:#B8C4D4;z-index:999"><p>满意度调查</p>'
    '<input type="button" value="以后再说" onclick="this.parentNode.style.display=\'none\'"></div>'
)
CORNER = '<div style="position:fixed;right:0;bottom:0;width:90px;height:30px;background:#C6D5EA">在线客服</div>'
SEARCH = (
    '<form action="quick.do"><input type="text" name="{name}" size="10"><input type="submit" value="快速查找"></form>'
)
ASIDE = (
    '<tr><td class="lbl" width="15%">{label}：</td><td colspan="3"><input type="text" name="{name}" value=""></td></tr>'
)


def cases(skin: Skin) -> list[Mutation]:
    """Every mutation, each with a name of its own."""
    parts = (
        _whole(),
        _layers(skin),
        _named(),
        _looks(skin),
        _more(skin),
        _codes(),
        _meanings(),
        _taken(skin),
        _saving(skin),
    )
    return [mutation for part in parts for mutation in part]


def _whole() -> Iterator[Mutation]:
    """Order, ids and markup of the page as a whole."""
    for shape in ("x-{n}", "ext-gen{n}", "form1:j_id{n}", "c{n}_0"):
        yield Mutation(kind="ids", detail=shape, page=markup.ids(shape))
    for seed in range(1, 9):
        yield Mutation(kind="shuffle", detail=str(seed), skin=fields.shuffled(seed))
    shapes = {
        "no-colon": ("：", ""), "space": ("：", " ："), "ascii-colon": ("：", ":"), "nbsp": ("：", "&nbsp;:&nbsp;"),
        "bold": (r"^(.*)$", r"<b>\1</b>"), "star": (r"^(.*)$", r'<font color="red">*</font>\1'), "wide": ("地址", "地 址"),
    }  # fmt: skip
    for detail, (pattern, into) in shapes.items():
        yield Mutation(kind="labels", detail=detail, page=markup.labels(pattern, into))
    yield Mutation(
        kind="labels", detail="heads", page=markup.replaced('class="lbl" width="15%"', 'width="15%" align="right"')
    )


def _layers(skin: Skin) -> Iterator[Mutation]:
    """What covers or surrounds the form."""
    room = fields.field(skin, "room")
    yield Mutation(kind="layer", detail="known", page=markup.over(KNOWN_LAYER))
    yield Mutation(kind="layer", detail="unknown", page=markup.over(UNKNOWN_LAYER))
    yield Mutation(kind="layer", detail="corner", page=markup.over(CORNER))
    yield Mutation(kind="around", detail="heading", page=markup.before_form("<h3>基本信息维护</h3><hr>"))
    yield Mutation(
        kind="around", detail="box", page=markup.both(markup.before_form("<div><div>"), markup.in_form("</div></div>"))
    )
    yield Mutation(kind="around", detail="search", page=markup.before_form(SEARCH.format(name="q")))
    yield Mutation(kind="around", detail="same-name", page=markup.before_form(SEARCH.format(name=room.name)))
    yield Mutation(kind="frame", page=markup.framed)


def _named() -> Iterator[Mutation]:
    """Fields that lost one of the two ways in which a map finds them."""
    for column, label in RELABELLED.items():
        yield Mutation(kind="relabel", columns=(column,), skin=fields.changed(column, label=label))
    for column, name in RENAMED.items():
        yield Mutation(kind="rename", columns=(column,), skin=fields.changed(column, name=name))


def _looks(skin: Skin) -> Iterator[Mutation]:
    """Where and how a label or its control stands."""
    for column in TYPED:
        of = fields.field(skin, column)
        cell = f'<th width="15%" nowrap>{of.label}</th>'
        yield Mutation(kind="label-head", columns=(column,), page=markup.relabelled(of.label, cell))
        yield Mutation(kind="label-beside", columns=(column,), page=markup.moved_in(of.label))
        yield Mutation(kind="wrapped", columns=(column,), page=markup.inside(of.label, "<div><span>", "</span></div>"))
        yield Mutation(
            kind="hint",
            columns=(column,),
            page=markup.attribute(of.name, f'title="请填写{of.label}" placeholder="必填"'),
        )
        yield Mutation(kind="unit", columns=(column,), skin=fields.changed(column, unit="（必填）"))
    for column in ("quarter", "room", "remark"):
        of = fields.field(skin, column)
        area = '<textarea name="{name}" rows="1">{value}</textarea>'
        yield Mutation(kind="widget", columns=(column,), detail="area", page=markup.widget(of.name, area))


def _more(skin: Skin) -> Iterator[Mutation]:
    """A field more, that looks like one that was there."""
    for column in ("room", "quarter", "contract_cap", "remark"):
        of = fields.field(skin, column)
        similar, same = f"{of.label}（旧）", of.label
        yield Mutation(
            kind="add",
            columns=(column,),
            detail="similar",
            page=markup.one_more(ASIDE.format(label=similar, name="old1")),
        )
        yield Mutation(
            kind="add",
            columns=(column,),
            detail="same-label",
            page=markup.one_more(ASIDE.format(label=same, name="old1")),
        )
    for column in ("room", "remark"):
        of = fields.field(skin, column)
        twin = f'<input type="hidden" name="{of.name}" value="">'
        yield Mutation(kind="twin", columns=(column,), detail="hidden", page=markup.in_form(twin))


def _codes() -> Iterator[Mutation]:
    """Choices with other words, values, order; one more, one less."""
    for column, key in CODED.items():
        changes = {
            "retext": fields.retexted(key, RETEXTED[column]), "renumber": fields.renumbered(key, "77"),
            "reorder": fields.reordered, "more": fields.also("new", "88", "新增类别"),
        }  # fmt: skip
        for detail, change in changes.items():
            yield Mutation(kind="option", columns=(column,), detail=detail, skin=fields.recoded(column, change))
    for column in ("sort_code", "urban_rural"):
        yield Mutation(kind="option", columns=(column,), detail="rotate", skin=fields.recoded(column, fields.rotated))
    yield Mutation(
        kind="option",
        columns=("sort_code",),
        detail="gone",
        skin=fields.recoded("sort_code", fields.without("lv_resident")),
    )


def _meanings() -> Iterator[Mutation]:
    """Labels and names that no longer belong to the same field."""
    for one, other in NEIGHBOURS:
        yield Mutation(kind="swap-labels", columns=(one, other), skin=fields.swapped(one, other, "label"))
    yield Mutation(kind="swap-names", columns=("building", "unit"), skin=fields.swapped("building", "unit", "name"))
    for column, heir in (("room", "unit"), ("quarter", "building")):
        yield Mutation(kind="heir", columns=(column,), detail=heir, skin=fields.succeeded(column, heir))


def _taken(skin: Skin) -> Iterator[Mutation]:
    """Fields that are gone, take no input any more, or hold less."""
    for column in ("room", "remark"):
        of = fields.field(skin, column)
        yield Mutation(kind="drop", columns=(column,), skin=fields.dropped(column))
        yield Mutation(kind="read-only", columns=(column,), page=markup.attribute(of.name, "readonly"))
        yield Mutation(kind="shown-only", columns=(column,), skin=fields.changed(column, widget="readonly"))
        yield Mutation(
            kind="shorten", columns=(column,), detail="fits", page=markup.attribute(of.name, 'maxlength="12"')
        )
        yield Mutation(
            kind="shorten", columns=(column,), detail="too-short", page=markup.attribute(of.name, 'maxlength="2"')
        )
        yield Mutation(kind="lengthen", columns=(column,), page=markup.attribute(of.name, 'maxlength="500"'))
    yield Mutation(kind="disable", columns=("volt_code",), page=markup.attribute("voltCode", "disabled"))


def _saving(skin: Skin) -> Iterator[Mutation]:
    """The button and the answer."""
    words = skin.texts
    save = f'value="{words["save"]}"'
    extra = f'<input type="button" {save} onclick="ask(\'{words["confirm_save"]}\', this.form)">'
    yield Mutation(kind="save", detail="words", page=markup.replaced(save, 'value="确认修改"'))
    yield Mutation(kind="save", detail="two", page=markup.in_form(extra))
    yield Mutation(kind="save", detail="looks", page=markup.replaced('class="btn"', 'class="x-btn x-primary"'))
    yield Mutation(kind="question", page=markup.replaced(words["confirm_save"], "修改将立即生效，是否继续？"))
    yield Mutation(kind="answer", detail="words", page=markup.replaced(words["saved"] + "<", "操作成功<"))
    yield Mutation(kind="answer", detail="place", page=markup.replaced('id="msg"', 'id="tip"'))
