"""The night's figures as a workbook: a sheet for each table of the page, and all figures as they lie in the ledger."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from xlsxwriter.workbook import Workbook

from console.render import texts
from core.figures import Report, Unit
from core.words import Language, Words

Cell = str | int | float | None
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""What comes from a source stays text, whatever it begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table."""

    name: Words
    head: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    shares: frozenset[int] = frozenset()  # columns of shares (0 … 1)
    indent: Sequence[int] = ()  # of the first column, row by row


def write(report: Report, path: Path, language: Language) -> None:
    """The workbook as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, PLAIN) as book:
        for sheet in _sheets(report, language):
            _draw(book, sheet, language)


def _sheets(report: Report, language: Language) -> Iterator[Sheet]:
    def heads(*titles: tuple[str, str]) -> list[str]:
        return [Words(zh, en).say(language) for zh, en in titles]

    rule = [("规则", "rule"), ("名称", "name")]
    found = [("新开", "opened"), ("消除", "closed"), ("未结", "open")]
    yield _units(report, language)
    yield Sheet(
        name=Words("规则", "rules"),
        head=heads(*rule, ("组", "group"), ("级", "severity"), *found, ("未评估，缺少", "not evaluated, lacks")),
        rows=(
            [r.code, r.name.say(language), texts.said(texts.GROUPS, r.group, language), r.severity, r.opened, r.closed, r.open, " ".join(texts.said(texts.NEEDS, need, language) for need in r.missing)]
            for r in report.rules
        ),
    )  # fmt: skip
    yield _spread(report, language)
    yield Sheet(
        name=Words("建议值", "proposals"),
        head=[*heads(("类别", "class")), *(words.say(language) for words in texts.DISPOSITIONS.values())],
        rows=(
            [words.say(language), *(report.whole.get(f"proposals.{c}.{d}") for d in texts.DISPOSITIONS)]
            for c, words in texts.CLASSES.items()
        ),
    )
    yield Sheet(
        name=Words("工单", "items"),
        head=heads(("去向", "state"), ("数量", "count")),
        rows=([texts.said(texts.STATES, s, language), n] for s, n in report.whole.under("items.").items()),
    )
    yield _log(report, language)
    yield Sheet(
        name=Words("普查员", "surveyors"),
        head=heads(("普查员", "surveyor"), ("普查结果", "results")),
        rows=report.surveyors,
    )
    yield Sheet(
        name=Words("审核人", "reviewers"),
        head=[*heads(("审核人", "reviewer")), *(words.say(language) for words in texts.VERDICTS.values())],
        rows=([who, *(done.get(verdict, 0) for verdict in texts.VERDICTS)] for who, done in report.reviewers),
    )
    yield Sheet(
        name=Words("问题", "problems"),
        head=heads(("文件或接口", "file or service"), ("行", "row"), ("代码", "code"), ("原因", "reason")),
        rows=(
            [p.place, p.row, p.code, p.sentence.say(language, p.params) if p.sentence else ""] for p in report.problems
        ),
    )
    yield Sheet(
        name=Words("指标", "figures"),
        head=heads(("日期", "date"), ("编码", "code"), ("单位", "unit"), ("指标", "metric"), ("值", "value")),
        rows=(
            [report.day.isoformat(), unit.org.code, _unit_name(unit, language), metric, value]
            for unit in (report.whole, *report.units)
            for metric, value in sorted(unit.metrics.items())
        ),
    )


def _unit_name(unit: Unit, language: Language) -> str:
    if unit.org.level == "whole":
        return texts.company(unit.org.name, language)
    return texts.unit(unit.org.name, language)


def _units(report: Report, language: Language) -> Sheet:
    rates = [(group, moment) for group in texts.GROUPS for moment in texts.MOMENTS]
    head = (Words("单位", "unit"), Words("编码", "code"), Words("层级", "level"), texts.ACCOUNTS)
    tail = (
        Words("新开异常", "opened"), Words("消除异常", "closed"), Words("未结异常", "open"), Words("待审", "for review"),
        Words("工单", "items"), Words("已核实", "verified"),
    )  # fmt: skip
    return Sheet(
        name=Words("单位", "organisations"),
        head=[
            *(words.say(language) for words in head),
            *(f"{texts.RATES[g].say(language)} {texts.MOMENTS[m].say(language)}" for g, m in rates),
            *(words.say(language) for words in tail),
        ],
        rows=(
            [_unit_name(u, language), u.org.code, texts.said(texts.LEVELS, u.org.level, language), u.get("accounts"), *(u.rate(g, m) for g, m in rates),
             *(u.total(f"findings.{fate}.") for fate in ("opened", "closed", "open")), u.get("waiting"), u.total("items."), u.get("items.verified")]
            for u in (report.whole, *report.units)
        ),
        shares=frozenset(range(4, 8)),
        indent=[0, *(unit.depth for unit in report.units)],
    )  # fmt: skip


def _spread(report: Report, language: Language) -> Sheet:
    """Open findings of every unit by rule."""
    codes = [rule.code for rule in report.rules if report.whole.get(f"findings.open.{rule.code}")]
    return Sheet(
        name=Words("异常分布", "findings by unit"),
        head=[Words("单位", "unit").say(language), *codes],
        rows=(
            [_unit_name(u, language), *(u.get(f"findings.open.{code}") or None for code in codes)] for u in report.units
        ),
        indent=[unit.depth for unit in report.units],
    )


def _log(report: Report, language: Language) -> Sheet:
    titles = (
        Words("编号", "no."), Words("户号", "account"), Words("供电所", "station"), Words("字段", "field"), Words("规则", "rules"),
        Words("档案值(掩码)", "archive (masked)"), Words("建议值(掩码)", "proposed (masked)"), Words("未满足条件", "conditions that failed"),
    )  # fmt: skip
    return Sheet(
        name=Words("不一致", "mismatches"),
        head=[words.say(language) for words in titles],
        rows=(
            [m.proposal, m.account or m.customer, m.station, m.field.say(language), " ".join(m.rules), m.before.say(language), m.after.say(language),
             "；".join(texts.told(words, params, language) for words, params in m.missing)]
            for m in report.mismatches
        ),
    )  # fmt: skip


def _draw(book: Workbook, table: Sheet, language: Language) -> None:
    """A sheet with a frozen bold header, fitting widths and a filter."""
    sheet = book.add_worksheet(table.name.say(language))
    bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F0F3F6"})
    count, share = book.add_format({"num_format": "#,##0"}), book.add_format({"num_format": "0.0%"})
    depths = [book.add_format({"indent": depth}) for depth in range(max(table.indent, default=0) + 1)]
    widths, last = [_width(text) + 2 for text in table.head], 0
    sheet.write_row(0, 0, table.head, bold)
    for last, row in enumerate(table.rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(
                    last, column, cell, depths[table.indent[last - 1]] if table.indent and not column else None
                )
            elif cell is not None:
                sheet.write_number(last, column, cell, share if column in table.shares else count)
            widths[column] = max(widths[column], _width(cell))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(width + 2 + (2 * max(table.indent, default=0) if not column else 0), 60))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(last, 1), len(table.head) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _width(cell: Cell) -> int:
    if isinstance(cell, float):
        return len(f"{cell:,.0f}")
    return texts.width(str(cell if cell is not None else ""))
