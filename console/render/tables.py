"""Rows and counts as tables in a terminal, with headings and states in the reader's words."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.render.texts import STATES, said
from core.words import Language, Words

HEADINGS = {
    "run": Words("批次", "run"),
    "flow": Words("流程", "flow"),
    "date": Words("业务日", "date"),
    "state": Words("状态", "state"),
    "attempt": Words("次数", "attempt"),
    "reason": Words("原因", "reason"),
    "item": Words("工单", "item"),
    "kind": Words("对象", "kind"),
    "object": Words("编号", "number"),
    "submits": Words("提交", "saves"),
    "attempts": Words("重试", "tries"),
    "origin": Words("来由", "origin"),
    "proposal": Words("建议", "proposal"),
    "version": Words("版本", "version"),
    "account": Words("户号", "account"),
    "field": Words("字段", "field"),
    "rules": Words("规则", "rules"),
    "before": Words("现值", "before"),
    "after": Words("建议值", "after"),
    "class": Words("类", "class"),
    "at": Words("时间", "at"),
    "what": Words("经过", "what happened"),
    "name": Words("项目", "part"),
    "ok": Words("结果", "ok"),
    "needed": Words("必需", "needed"),
    "sentence": Words("说明", "about it"),
    "read": Words("读入", "read"),
    "added": Words("新增", "added"),
    "changed": Words("变更", "changed"),
    "refused": Words("拒收", "refused"),
    "file": Words("文件", "file"),
    "decided": Words("已决定", "decided"),
    "same": Words("未变", "same"),
    "planned": Words("转为工单", "planned"),
    "ended": Words("结束", "ended"),
    "items": Words("工单", "items"),
    "filled": Words("提交次数", "saves"),
    "sheet": Words("工作表", "sheet"),
    "verified": Words("已核实", "verified"),
    "unchanged": Words("原已一致", "already right"),
    "conflicts": Words("冲突", "conflicts"),
    "business_errors": Words("业务异常", "business errors"),
    "awaiting_approval": Words("待审批", "awaiting approval"),
    "unknown": Words("结果未知", "unknown"),
    "parked": Words("挂起", "parked"),
    "waiting": Words("排队", "waiting"),
    "swept": Words("复扫", "swept"),
    "gaps": Words("缺失", "gaps"),
    "doubles": Words("重复", "doubles"),
    "wrong": Words("有误", "wrong"),
    "platform": Words("平台", "platform"),
    "out": Words("目录", "folder"),
    "wheels": Words("安装包", "wheels"),
    "data": Words("台账目录", "data"),
    "key": Words("密钥文件", "key file"),
    "rows": Words("行数", "rows"),
    "undecided": Words("未填", "undecided"),
    "id": Words("编号", "no."),
    "county": Words("县代码", "county"),
    "quarter": Words("小区", "quarter"),
    "detail": Words("内容", "what it has"),
    "part": Words("类型", "kind"),
    "title": Words("名称", "name"),
    "support": Words("依据", "what speaks for it"),
    "sightings": Words("指明小区的地址", "addresses that name a quarter"),
    "quarters": Words("新增小区", "new quarters"),
    "buildings": Words("楼栋", "buildings"),
    "aliases": Words("新增别名", "new other names"),
    "weak": Words("依据不足的小区名", "names with too little support"),
    "accounts": Words("用电户", "accounts"),
    "placed": Words("地址归属", "addresses placed"),
    "exact": Words("标准名", "by standard name"),
    "alias": Words("别名", "by another name"),
    "fuzzy": Words("仅相近", "only similar"),
    "none": Words("台账无此小区", "no such quarter"),
    "unread": Words("未写小区或县", "no quarter or county"),
    "no_building": Words("未写楼栋", "without a building"),
    "buildings_without_accounts": Words("无户楼栋", "buildings without accounts"),
    "buildings_not_listed": Words("台账外楼栋", "buildings not in the ledger"),
    "flats_ledger": Words("台账套数", "flats in the ledger"),
    "flats_archive": Words("档案套数", "flats in the archive"),
    "only_ledger": Words("台账有档案无", "ledger only"),
    "only_archive": Words("档案有台账无", "archive only"),
    "strangers": Words("台账外小区名", "names not in the ledger"),
    "rank": Words("次序", "rank"),
    "score": Words("得分", "score"),
    "high_risk": Words("高风险", "high risk"),
    "station": Words("供电所", "station"),
    "place": Words("位置", "where"),
    "area": Words("台区 / 线路", "area / line"),
    "surveyed": Words("上次普查", "surveyed"),
    "why": Words("原因", "why"),
    "changes": Words("将修改", "would change"),
    "problem": Words("问题", "problem"),
    "seconds": Words("用时（秒）", "seconds"),
    "result": Words("结果文件", "result file"),
    "screen": Words("界面", "screen"),
    "commit": Words("提交方式", "commit"),
    "fields": Words("字段数", "fields"),
    "typed": Words("可录入", "typed"),
    "encoding": Words("字符集", "character set"),
}
"""Key of a command's answer → what a person reads; a key without words is shown as it is."""

LIFE = {
    "open": Words("待处理", "open"),
    "held": Words("暂缓", "held"),
    "decided": Words("已决定", "decided"),
    "itemised": Words("已转工单", "itemised"),
    "settled": Words("已落实", "settled"),
    "superseded": Words("已被取代", "superseded"),
    "rejected": Words("已驳回", "rejected"),
    "done": Words("完成", "done"),
    "incomplete": Words("未完整", "incomplete"),
    "running": Words("进行中", "running"),
    "failed": Words("失败", "failed"),
    "stopped": Words("已停止", "stopped"),
    "skipped": Words("跳过", "skipped"),
    "dry_run": Words("试读，未录入", "dry run, nothing typed"),
}
"""The states of proposals and runs."""
KINDS = {
    "account": Words("用电户", "account"),
    "customer": Words("客户", "customer"),
    "contacts": Words("联系人", "contacts"),
}
FLOWS = {"nightly": Words("夜间", "nightly")}
PARTS = {
    "packages": Words("软件包", "packages"),
    "browser": Words("浏览器", "browser"),
    "display": Words("屏幕", "display"),
    "font": Words("字体", "font"),
    "site": Words("站点", "site"),
    "fields": Words("字段", "fields"),
    "policy": Words("策略", "policy"),
    "rules": Words("规则", "rules"),
    "examples": Words("规则样例", "rules' examples"),
    "screens": Words("界面", "screens"),
    "survey": Words("普查题目", "survey"),
    "sources": Words("数据源", "sources"),
    "ledger": Words("台账", "ledger"),
    "last_night": Words("昨夜", "last night"),
}
_WORDED = {"state": LIFE | STATES, "ended": LIFE, "kind": KINDS, "flow": FLOWS, "name": PARTS}
_WHOLE = ("code", "account", "object", "field", "item", "date", "place", "area", "surveyed")
"""Columns that are never broken: people look for them, or copy them."""


def listing(rows: Sequence[Mapping[str, object]], language: Language) -> None:
    """Print rows of the same keys as a table."""
    if not rows:
        print(Words("（空）", "(none)").say(language))  # noqa: T201 - a terminal is what this module is for
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in rows[0]:
        numbers = all(isinstance(row[name], int) and not isinstance(row[name], bool) for row in rows)
        table.add_column(
            said(HEADINGS, name, language),
            overflow="fold",
            justify="right" if numbers else "left",
            no_wrap=name in _WHOLE,
        )
    for row in rows:
        table.add_row(*(_cell(name, value, language) for name, value in row.items()))
    Console().print(table)


def single(result: Mapping[str, object], title: str, language: Language) -> None:
    """Print one answer, a line for each of its keys."""
    table = Table(
        title=title or None, show_header=False, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0)
    )
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in result.items():
        table.add_row(Text(said(HEADINGS, name, language), style="dim"), _cell(name, value, language))
    Console().print(table)


def _cell(name: str, value: object, language: Language) -> Text:
    if isinstance(value, bool):
        return Text("✓", style="green") if value else Text("" if name == "needed" else "✗", style="red")
    if isinstance(value, Mapping):
        return Text("  ".join(f"{said(HEADINGS, str(k), language)} {v}" for k, v in value.items()))
    if isinstance(value, list | tuple):
        return Text(" ".join(map(str, value)))
    text = said(_WORDED.get(name, {}), str(value), language)
    return Text(text.replace(" ", "\n") if name == "account" else text)
