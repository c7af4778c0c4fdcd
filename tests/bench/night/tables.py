"""What a rehearsal of many accounts has shown: tables for a terminal and the same as one JSON object."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.night.bound import upper
from tests.bench.night.play import Rehearsal

COUNTS = ("injected", "cells", "detected", "solved", "wrong", "decidable", "asked", "answered")
HEADS = (
    "注入 injected",
    "错值 wrong cells",
    "发现 detected",
    "解决 solved",
    "写错 wrong",
    "可裁定 decidable",
    "S1/S2 可裁定 asked",
    "已解决 answered",
)
GOAL, TOLERATED, EASY = 0.70, 0.001, 0.15
CONFIDENCE = 0.95


def result(shown: Rehearsal, about: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that was measured, as one object."""
    cells, writes = shown.said["cells"], shown.said["cells"]["writes"]
    asked, answered = cells["target"]["asked"], cells["target"]["answered"]
    injected = sum(row["injected"] for row in cells["dirt"].values())
    easy = sum(row["injected"] for name, row in cells["classes"].items() if name == "A")
    before, after = shown.passing[0], shown.passing[-1]
    return {
        **about, "load": os.getloadavg()[0], "machine": platform.platform(),
        "solved_of_decidable": round(answered / asked, 4) if asked else None, "target": {"asked": asked, "answered": answered},
        "automatic_writes": writes["judged"], "wrong_automatic": writes["wrong"], "rate": writes["wrong"] / writes["judged"] if writes["judged"] else None,
        "bound": upper(writes["wrong"], writes["judged"], CONFIDENCE), "class_a_share": round(easy / injected, 4) if injected else None,
        **{key: shown.said[key] for key in ("silent_wrong", "lost", "doubled", "accuracy_before", "accuracy_after")},
        "pass_rate_before": before["groups"], "pass_rate_after": after["groups"],
        "dirt": cells["dirt"], "classes": cells["classes"], "evidence": cells["evidence"], "wrong_by_dirt": writes["by_dirt"],
        "fields": cells["fields"], "fields_passing": {"before": before["fields"], "after": after["fields"]},
        "nights": shown.counts, "steps": [asdict(step) for step in shown.steps],
        "pages": {page: {"requests": n, "milliseconds": round(1000 * spent / n, 2)} for page, (n, spent) in shown.pages.items()},
        "rules": shown.said["rules"], "details": {**shown.said["details"], "wrong_writes": writes["places"]},
    }  # fmt: skip


def show(told: Mapping[str, Any], console: Console | None = None) -> None:
    """Print the tables."""
    out = console or Console(width=170)
    out.print(_counts("按脏数据类 by class of dirt", "类 class", told["dirt"]))
    out.print(_counts("按准入类 by class of the gate", "类 class", told["classes"]))
    out.print(_counts("按可裁定依据 by what could decide", "依据 evidence", told["evidence"]))
    out.print(_fields(told))
    out.print(_steps(told["steps"]))
    for line in _sentences(told):
        out.print(line)


def _counts(title: str, first: str, rows: Mapping[str, Mapping[str, int]]) -> Table:
    table = Table(first, *HEADS, title=title, title_justify="left")
    for name, row in rows.items():
        table.add_row(name, *(str(row[count]) for count in COUNTS))
    table.add_section()
    table.add_row("合计 all", *(str(sum(row[count] for row in rows.values())) for count in COUNTS))
    return table


def _fields(told: Mapping[str, Any]) -> Table:
    heads = ("字段 field", "准确率前 accuracy before", "后 after")
    table = Table(*heads, title="逐字段准确率 accuracy by field", title_justify="left")
    for name, one in told["fields"].items():
        table.add_row(name, _percent(one["before"]), _percent(one["after"]))
    table.add_section()
    table.add_row("合计 all", _percent(told["accuracy_before"]), _percent(told["accuracy_after"]))
    for group in ("core", "basic"):
        rates = (told["pass_rate_before"][group], told["pass_rate_after"][group])
        table.add_row(f"合格率 pass rate {group}", *map(_percent, rates))
    before, after = (told["fields_passing"][side] for side in ("before", "after"))
    for name in sorted({*before, *after}):
        table.add_row(f"合格率 pass rate {name}", _percent(before.get(name, 1.0)), _percent(after.get(name, 1.0)))
    return table


def _steps(steps: Sequence[Mapping[str, Any]]) -> Table:
    heads = ("夜 night", "步骤 step", "秒 seconds", "CPU 秒 busy", "峰值 MiB peak")
    table = Table(*heads, title="耗时 time and memory", title_justify="left")
    for s in steps:
        table.add_row(str(s["night"]), s["name"], f"{s['seconds']:.1f}", f"{s['busy']:.1f}", f"{s['peak']:.0f}")
    return table


def _sentences(told: Mapping[str, Any]) -> Iterable[str]:
    share, target = told["solved_of_decidable"], told["target"]
    yield (
        f"可裁定的 S1/S2 异常无人解决 grave and decidable, solved without a person: {target['answered']} / {target['asked']}"
        f" = {_percent(share)}（目标 goal ≥ {_percent(GOAL)}）"
    )
    yield (
        f"自动写错 wrong automatic writes: {told['wrong_automatic']} / {told['automatic_writes']} = {_percent(told['rate'], 3)}"
        f"，95 % 上界 bound {_percent(told['bound'], 3)}（目标 goal ≤ {_percent(TOLERATED)}）"
    )
    yield f"A 类占比 share of class A: {_percent(told['class_a_share'])}（上限 limit {_percent(EASY)}）"
    yield f"静默错误 silent {told['silent_wrong']}，丢失 lost {told['lost']}，重复 doubled {told['doubled']}；负载 load {told['load']:.1f}"


def _percent(share: float | None, digits: int = 2) -> str:
    return "-" if share is None else f"{100 * share:.{digits}f} %"
