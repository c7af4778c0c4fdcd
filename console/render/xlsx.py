"""The night's figures as a workbook: one sheet each for organisations, rules, proposals, items, surveyors and problems."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from console.render import texts
from core.figures import Report
from core.words import Language, Words

Cell = str | int | float | None


def write(report: Report, path: Path, language: Language) -> None:
    """The workbook as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)

    def say(zh: str, en: str) -> str:
        return Words(zh, en).say(language)

    with xlsxwriter.Workbook(path) as book:
        heads = Heads(book)
        groups = [(g, m) for g in ("core", "basic") for m in ("before", "after")]
        names = {
            "core": say("核心", "core"),
            "basic": say("基础", "basic"),
            "before": say("前", "before"),
            "after": say("后", "after"),
        }
        heads.sheet(
            say("单位", "organisations"),
            [say("编码", "code"), say("单位", "unit"), say("层级", "level"), say("用电户", "accounts"), *(f"{names[g]}{names[m]}" for g, m in groups),
             say("未结异常", "open findings"), say("已核实", "verified")],
            (
                [u.org.code, u.org.name, texts.said(texts.LEVELS, u.org.level, language), u.get("accounts"), *(u.rate(g, m) for g, m in groups),
                 u.total("findings."), u.get("items.verified")]
                for u in report.units
            ),
            share=range(4, 8),
        )  # fmt: skip
        heads.sheet(
            say("规则", "rules"),
            [say("规则", "rule"), say("名称", "name"), say("组", "group"), say("级", "severity"), say("新开", "opened"), say("消除", "closed"), say("未结", "open"), say("未评估缺少", "lacks")],
            ([r.code, r.name.say(language), texts.said(texts.GROUPS, r.group, language), r.severity, r.opened, r.closed, r.open, " ".join(r.missing)] for r in report.rules),
        )  # fmt: skip
        heads.sheet(
            say("建议值", "proposals"),
            [say("类别", "class"), *(texts.said(texts.DISPOSITIONS, d, language) for d in texts.DISPOSITIONS)],
            (
                [texts.said(texts.CLASSES, c, language), *(report.classes.get((c, d), 0) for d in texts.DISPOSITIONS)]
                for c in texts.CLASSES
            ),
        )
        heads.sheet(
            say("工单", "items"),
            [say("去向", "state"), say("数量", "count")],
            ([texts.said(texts.STATES, s, language), n] for s, n in report.states.items()),
        )
        heads.sheet(
            say("普查员", "surveyors"),
            [say("普查员", "surveyor"), say("结果", "results")],
            (list(pair) for pair in report.surveyors),
        )
        heads.sheet(
            say("问题", "problems"),
            [say("位置", "place"), say("行", "row"), say("代码", "code"), say("原因", "reason")],
            (
                [place, row, code, sentence.say(language, params) if sentence else ""]
                for place, row, code, sentence, params in report.problems
            ),
        )


class Heads:
    """Sheets with a frozen bold header, fitting widths and a filter."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._bold: Format = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F0F3F6"})
        self._share: Format = book.add_format({"num_format": "0.0%"})

    def sheet(
        self, name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], share: Iterable[int] = ()
    ) -> None:
        """One sheet; columns in `share` hold shares (0 … 1)."""
        sheet = self._book.add_worksheet(name)
        sheet.write_row(0, 0, header, self._bold)
        widths, count, shares = [_width(text) for text in header], 0, frozenset(share)
        for number, row in enumerate(rows, 1):
            count = number
            for column, cell in enumerate(row):
                sheet.write(number, column, cell, self._share if column in shares else None)
                widths[column] = max(widths[column], _width(cell))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 2, 60))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(count, 1), len(header) - 1)


def _width(cell: Cell) -> int:
    """Columns of text: a Chinese character takes two."""
    return sum(2 if ord(c) > 0x2E80 else 1 for c in str(cell if cell is not None else ""))
