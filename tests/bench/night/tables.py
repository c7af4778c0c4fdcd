"""What a rehearsal of many accounts has shown: one JSON object, and its tables for a terminal or a page of Markdown."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.night.bound import upper
from tests.bench.night.play import Rehearsal

COUNTS = {
    "injected": "注入 injected", "cells": "错值 wrong cells", "detected": "发现 detected", "solved": "解决 solved", "wrong": "写错 wrong",
    "decidable": "可裁定 decidable", "asked": "其中 S1/S2 asked", "answered": "其中解决 answered",
}  # fmt: skip
GOAL, TOLERATED, EASY = 0.70, 0.001, 0.15
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One table, however it is printed; the last row may be a sum."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def result(shown: Rehearsal, about: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that was measured, as one object."""
    cells = shown.said["cells"]
    before, after = shown.passing[0], shown.passing[-1]
    return {
        **about, "load": os.getloadavg()[0], "machine": platform.platform(), **_verdict(cells),
        **{key: shown.said[key] for key in ("silent_wrong", "lost", "doubled", "accuracy_before", "accuracy_after")},
        "pass_rate_before": before["groups"], "pass_rate_after": after["groups"],
        **{key: cells[key] for key in ("dirt", "classes", "evidence", "open", "fields")},
        "fields_passing": {"before": before["fields"], "after": after["fields"]},
        "ends": dict(shown.ends), "nights": shown.counts, "steps": [asdict(step) for step in shown.steps],
        "pages": {page: {"requests": n, "milliseconds": round(1000 * spent / n, 2)} for page, (n, spent) in shown.pages.items()},
        "rules": shown.said["rules"], "not_evaluated": shown.said["not_evaluated"], "details": {**shown.said["details"], "wrong_writes": cells["writes"]["places"], "left": cells["left"]},
    }  # fmt: skip


def _verdict(cells: Mapping[str, Any]) -> dict[str, Any]:
    """The figures that have a goal."""
    writes, target = cells["writes"], cells["target"]
    easy, injected = (
        cells["classes"].get("A", {}).get("injected", 0),
        sum(row["injected"] for row in cells["dirt"].values()),
    )
    return {
        "target": target, "solved_of_decidable": _share(target["answered"], target["asked"]),
        "automatic_writes": writes["judged"], "wrong_automatic": writes["wrong"], "wrong_rate": _share(writes["wrong"], writes["judged"]),
        "bound": upper(writes["wrong"], writes["judged"], CONFIDENCE), "wrong_by_dirt": writes["by_dirt"], "class_a_share": _share(easy, injected),
    }  # fmt: skip


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


# -- the tables


def grids(told: Mapping[str, Any]) -> list[Grid]:
    """All tables of a result."""
    return [
        _counts("按脏数据类 by class of dirt", "类 class", told["dirt"]),
        _counts("按准入类 by class of the gate", "类 class", told["classes"]),
        _counts("按可裁定依据 by what could decide", "依据 evidence", told["evidence"]),
        _open(told["open"]), _accuracy(told), _passing(told), _steps(told["steps"]),
    ]  # fmt: skip


def _counts(title: str, first: str, rows: Mapping[str, Mapping[str, int]]) -> Grid:
    body = [(name, *(str(row[count]) for count in COUNTS)) for name, row in rows.items()]
    total = ("合计 all", *(str(sum(row[count] for row in rows.values())) for count in COUNTS))
    return Grid(title=title, heads=(first, *COUNTS.values()), rows=[*body, total])


def _open(rows: Mapping[str, Mapping[str, int]]) -> Grid:
    """What was grave and decidable and nobody solved, by what kept it; the most frequent first."""
    most = sorted(rows.items(), key=lambda row: (-row[1]["asked"], row[0]))
    body = [(*name.split(" / "), str(row["asked"])) for name, row in most]
    heads = ("字段 field", "类 class", "未过的条件 conditions that failed", "个 cells")
    return Grid(title="可裁定而未解决 decidable and not solved", heads=heads, rows=body)


def _accuracy(told: Mapping[str, Any]) -> Grid:
    body = [(name, percent(one["before"]), percent(one["after"])) for name, one in told["fields"].items()]
    total = ("合计 all", percent(told["accuracy_before"]), percent(told["accuracy_after"]))
    return Grid(title="准确率 accuracy", heads=("字段 field", "前 before", "后 after"), rows=[*body, total])


def _passing(told: Mapping[str, Any]) -> Grid:
    """A field without an open finding of the severities that count in its group passes; all others pass everywhere."""
    before, after = (told["fields_passing"][side] for side in ("before", "after"))
    body = [(name, percent(before.get(name, 1.0)), percent(after.get(name, 1.0))) for name in sorted({*before, *after})]
    groups = [
        (group, percent(told["pass_rate_before"][group]), percent(told["pass_rate_after"][group]))
        for group in ("core", "basic")
    ]
    return Grid(title="合格率 pass rate", heads=("字段 field", "前 before", "后 after"), rows=[*body, *groups])


def _steps(steps: Sequence[Mapping[str, Any]]) -> Grid:
    body = [
        (str(s["night"]), s["name"], f"{s['seconds']:.1f}", f"{s['busy']:.1f}", f"{s['peak']:.0f}", f"{s['load']:.1f}")
        for s in steps
    ]
    heads = ("夜 night", "步骤 step", "秒 seconds", "CPU 秒 busy", "峰值 MiB peak", "负载 load")
    return Grid(title="耗时与内存 time and memory", heads=heads, rows=body)


def sentences(told: Mapping[str, Any]) -> Iterable[str]:
    """The figures that have a goal, and what must be nought."""
    target, judged = told["target"], told["automatic_writes"]
    yield (
        f"可裁定的 S1/S2 异常无人解决 grave and decidable, solved without a person: {target['answered']} / {target['asked']}"
        f" = {percent(told['solved_of_decidable'])}（目标 goal ≥ {percent(GOAL)}）"
    )
    yield (
        f"自动写错 wrong automatic writes: {told['wrong_automatic']} / {judged} = {percent(told['wrong_rate'], 3)}，"
        f"95 % 单侧上界 one-sided bound {percent(told['bound'], 3)}（目标 goal ≤ {percent(TOLERATED)}）"
    )
    yield f"未计入的错值（保存途中出错，已交人处理）wrong values of failed saves, left to a person: {len(told['details']['left'])}"
    yield f"A 类占比 share of class A: {percent(told['class_a_share'])}（上限 limit {percent(EASY)}）"
    yield f"静默错误 silent {told['silent_wrong']}，丢失 lost {told['lost']}，重复 doubled {told['doubled']}；负载 load {told['load']:.1f}"


def percent(share: float | None, digits: int = 2) -> str:
    """A share (0 … 1) for a reader."""
    return "-" if share is None else f"{100 * share:.{digits}f} %"


# -- printing


def show(told: Mapping[str, Any], out: Console) -> None:
    """Print the tables for a person at a terminal."""
    for grid in grids(told):
        table = Table(*grid.heads, title=grid.title, title_justify="left")
        for row in grid.rows:
            table.add_row(*row)
        out.print(table)
    for line in sentences(told):
        out.print(line)


def markdown(told: Mapping[str, Any]) -> str:
    """The same as a page."""
    about = "，".join(
        f"{key} {told[key]}"
        for key in ("accounts", "seed", "faults", "mix", "played", "budget_cents", "seconds")
        if key in told
    )
    return "\n\n".join([about, *sentences(told), *map(_page, grids(told))]) + "\n"


def _page(grid: Grid) -> str:
    lines = [grid.heads, ["---"] * len(grid.heads), *grid.rows]
    return f"### {grid.title}\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)
