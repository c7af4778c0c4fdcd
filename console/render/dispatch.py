"""The dispatch list as a workbook or csv: whom to visit first and why, and which transformer areas make a trip that pays."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import xlsxwriter

from console.render import texts
from console.render.forms import EDGE, advise, ending, height, sheet, write_csv
from core.dispatch import PARTS, Dispatch, Visit
from core.words import Language, Words

VISITS: dict[str, tuple[Words, int]] = {
    "rank": (Words("次序", "rank"), 6),
    "score": (Words("得分", "score"), 8),
    "high_risk": (Words("高风险", "high risk"), 8),
    "station": (Words("供电所", "station"), 18),
    "area": (Words("台区", "transformer area"), 20),
    "line": (Words("线路", "line"), 16),
    "account": (Words("户号", "account"), 15),
    "holder": (Words("户名(掩码)", "holder (masked)"), 12),
    "address": (Words("地址(到楼栋)", "address (to the building)"), 40),
    "surveyed": (Words("上次普查", "last surveyed"), 12),
    "reasons": (Words("原因", "reasons"), 48),
    "findings": (Words("异常分", "findings"), 8),
    "risk": (Words("风险分", "risk"), 8),
    "age": (Words("时效分", "age"), 8),
    "neighbours": (Words("同台区分", "neighbours"), 9),
}
TRIPS: dict[str, tuple[Words, int]] = {
    "rank": (Words("次序", "rank"), 6),
    "score": (Words("得分合计", "sum of scores"), 10),
    "station": (Words("供电所", "station"), 18),
    "area": (Words("台区", "transformer area"), 20),
    "line": (Words("线路", "line"), 16),
    "visits": (Words("待访户数", "visits"), 10),
    "high_risk": (Words("其中高风险", "of high risk"), 11),
}
YES, NEVER = Words("是", "yes"), Words("从未", "never")
NAMES = {"visits": Words("派单清单", "visits"), "trips": Words("台区汇总", "trips")}
ADVICE = (
    Words("得分 = 异常分 + 风险分 + 时效分 + 同台区分；权重见 config/dispatch.yaml。", "score = findings + risk + age + neighbours; the weights stand in config/dispatch.yaml."),
    Words("异常分：该户未结规则按级别计分，每条规则计一次；已有无需人工的建议值的不计。", "findings: each open rule once, by its severity; what a proposal settles without a person does not count."),
    Words("风险分：身份、电话或计量类规则有 S1 级未结。", "risk: a rule on identity, phone or meter of severity S1 is open."),
    Words("时效分：距上次普查的年数，从未普查按最高计。", "age: years since the last survey; never surveyed counts as the most."),
    Words("同台区分：同一台区还有待访户，走一趟更值得。", "neighbours: other accounts of the same transformer area are to be visited, so the trip pays."),
    Words("“台区汇总”按得分合计排列台区，便于按台区、线路安排行程。", "'trips' ranks the transformer areas by the sum of their scores."),
)  # fmt: skip

Cell = str | int | float


def save(found: Dispatch, path: Path, language: Language) -> None:
    """The list as .xlsx or .csv, by the file's ending. Raises InputError for another one."""
    if ending(path) == ".xlsx":
        _workbook(found, path, language)
        return
    head = [title.say(language) for title, _ in VISITS.values()]
    write_csv(path, head, ([*visit(v, language).values()] for v in found.visits))


def _workbook(found: Dispatch, path: Path, language: Language) -> None:
    visits = [list(visit(v, language).values()) for v in found.visits]
    trips: list[list[Cell]] = [[getattr(trip, name) for name in TRIPS] for trip in found.trips]
    tables = (("visits", VISITS, visits), ("trips", TRIPS, trips))
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        edge = book.add_format(EDGE)
        for name, columns, rows in tables:
            page = sheet(book, NAMES[name], list(columns.values()), len(rows), language)
            for number, cells in enumerate(rows, 1):
                for column, cell in enumerate(cells):
                    write = page.write_string if isinstance(cell, str) else page.write_number
                    write(number, column, cell, edge)
                widths = (width for _, width in columns.values())
                page.set_row(number, height(zip(map(str, cells), widths, strict=True)))
            page.freeze_panes(1, 1)
            page.ignore_errors({"number_stored_as_text": f"A2:O{len(rows) + 1}"})
        advise(book, ADVICE, language)


def visit(v: Visit, language: Language) -> dict[str, Cell]:
    """A visit in the reader's words, column by column."""
    said: Mapping[str, Cell] = {
        "rank": v.rank, "score": v.score, "high_risk": YES.say(language) if v.high_risk else "", "station": texts.unit(v.station, language),
        "area": v.area, "line": v.line, "account": v.account, "holder": v.holder, "address": v.address,
        "surveyed": v.surveyed.isoformat() if v.surveyed else NEVER.say(language), "reasons": "\n".join(_told(v, language)),
        **{part: v.parts[part] for part in PARTS},
    }  # fmt: skip
    return {name: said[name] for name in VISITS}


def _told(v: Visit, language: Language) -> Iterator[str]:
    for r in v.reasons:
        yield f"{r.severity} {r.rule} {r.name.say(language)}"


def rows(found: Dispatch, language: Language) -> list[dict[str, Cell]]:
    """The visits as a terminal shows them: rules by their code, the workbook has their names."""
    told = (
        visit(v, language) | {"area": f"{v.area}\n{v.line}", "why": "\n".join(_codes(v, language))}
        for v in found.visits
    )
    return [
        {name: row[name] for name in ("rank", "score", "station", "area", "account", "surveyed", "why")} for row in told
    ]


def _codes(v: Visit, language: Language) -> Iterator[str]:
    """The rules of each severity in a line, the gravest first."""
    if v.high_risk:
        yield VISITS["high_risk"][0].say(language)
    for severity, reasons in groupby(v.reasons, key=lambda r: r.severity):
        yield " ".join((severity, *(r.rule for r in reasons)))


def listing(found: Dispatch) -> dict[str, object]:
    """The list for programs."""
    visits: Sequence[Mapping[str, object]] = [
        {
            "rank": v.rank, "account": v.account, "score": v.score, "parts": dict(v.parts), "high_risk": v.high_risk, "station": v.station,
            "area": v.area, "line": v.line, "surveyed": v.surveyed, "rules": [r.rule for r in v.reasons],
        }
        for v in found.visits
    ]  # fmt: skip
    trips = [{name: getattr(trip, name) for name in TRIPS} for trip in found.trips]
    return {
        "date": found.day,
        "accounts": found.accounts,
        "high_risk": found.high_risk,
        "visits": visits,
        "trips": trips,
    }
