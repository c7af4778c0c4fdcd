"""What a rehearsal has shown, for a person at a terminal: the night, the oracle's verdict, the rules, and where to look next."""

from collections.abc import Mapping
from typing import Any

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from console.render.texts import percent
from core.words import Language, Words

NIGHT = {
    "accounts": Words("用电户", "accounts"),
    "pulled": Words("拉取行数", "rows pulled"),
    "findings": Words("发现异常", "findings"),
    "proposals": Words("建议值", "proposals"),
    "automatic": Words("　自动", "  automatic"),
    "for_review": Words("　待审", "  for review"),
    "never": Words("　不写入", "  never written"),
    "calls": Words("付费核验", "paid calls"),
}
ITEMS = {
    "items": Words("工单", "items"),
    "verified": Words("　已核实", "  verified"),
    "unchanged": Words("　原已一致", "  already right"),
    "awaiting_approval": Words("　待审批", "  awaiting approval"),
    "conflicts": Words("　冲突", "  conflicts"),
    "business_errors": Words("　业务异常", "  business errors"),
    "unknown": Words("　结果未知", "  unknown"),
    "parked": Words("　挂起", "  parked"),
    "waiting": Words("　排队", "  waiting"),
    "back_filled": Words("二次校验回填", "back-filled"),
}
ORACLE = {
    "silent_wrong": Words("静默错误写入", "silent wrong effects"),
    "wrong_automatic": Words("自动写错", "wrong automatic writes"),
    "lost": Words("丢失", "lost"),
    "doubled": Words("重复写入", "doubled"),
}


def demo(told: Mapping[str, Any], language: Language) -> None:
    """Print the result of `run.py demo`."""
    console = Console()

    def say(zh: str, en: str) -> str:
        return Words(zh, en).say(language)

    night = _counts(say("这一夜", "the night"), NIGHT, told, language)
    items = _counts(say("写入", "writing"), ITEMS, told, language)
    verdict = _counts(say("对照真相", "against the truth"), ORACLE, told, language, zero=True)
    before, after = told["pass_rate_before"], told["pass_rate_after"]
    rates = Table(
        title=say("前 → 后", "before → after"), show_header=False, title_justify="left", box=None, padding=(0, 2, 0, 0)
    )
    for name, one, other in (
        (say("准确率", "accuracy"), told["accuracy_before"], told["accuracy_after"]),
        (say("核心合格率", "core pass rate"), before["core"], after["core"]),
        (say("基础合格率", "basic pass rate"), before["basic"], after["basic"]),
    ):
        rates.add_row(name, f"{percent(one)} → {percent(other)}")
    console.print()
    console.print(Columns([night, items, Group(verdict, Text(), rates)], padding=(0, 6)))
    console.print()
    console.print(
        _rules(told["rules"], say("规则：注入 / 发现，精确率与召回率", "rules: injected / found, precision and recall"))
    )
    console.print()
    for name, key in (
        (say("日报", "report"), "report"),
        (say("不一致清单", "mismatch log"), "mismatch"),
        (say("台账", "ledger"), "place"),
    ):
        console.print(Text(f"{name}  {told[key]}"), soft_wrap=True)
    console.print(Text(f"{say('用时', 'took')}  {told['seconds']} s"))
    _further(console, told, say("接着可以看", "look further"))


def _further(console: Console, told: Mapping[str, Any], title: str) -> None:
    """Commands to paste: what waits, where one value came from, what was written."""
    data = f"--data {told['place']}/data"
    config = f"--config {told['place']}/config {data}"
    console.print(Text(f"\n{title}"))
    for command in (f"review ls {config}", f"explain {told['example']} {config}", f"queue ls {data}"):
        console.print(Text(f"  {told['python']} run.py {command}", style="dim"), soft_wrap=True)


def _counts(
    title: str, names: Mapping[str, Words], told: Mapping[str, Any], language: Language, *, zero: bool = False
) -> RenderableType:
    table = Table(title=title, show_header=False, title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    for key, words in names.items():
        style = ("bold green" if told[key] == 0 else "bold red") if zero else ""
        table.add_row(words.say(language), Text(str(told[key]), style=style))
    return table


def _rules(rules: Mapping[str, Mapping[str, float]], title: str) -> RenderableType:
    table = Table(title=title, show_header=False, title_justify="left", box=None, padding=(0, 2, 0, 0))
    cells = [
        Text(
            f"{code} {r['injected']}/{r['found']} {r['precision']:.0%} {r['recall']:.0%}",
            style="" if r["precision"] == r["recall"] == 1 else "yellow",
        )
        for code, r in rules.items()
    ]
    for start in range(0, len(cells), 4):
        table.add_row(*cells[start : start + 4])
    return table
