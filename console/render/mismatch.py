"""The mismatch log as a workbook that people fill in, and how it is read back.

Columns up to 类别 are ours and locked; 决定, 新值, 审核人 and 备注 are the reviewer's. Values are masked so that only what differs shows.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from math import ceil
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook, ZipError
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from console.render import texts
from core.errors import InputError, choices
from core.figures import Anomaly, Mismatch
from core.words import Language, Words

SHEET = Words("待审", "for review")
REST = Words("异常", "findings")
HOW = Words("说明", "how to")
COLUMNS: dict[str, tuple[Words, int]] = {
    "proposal": (Words("编号", "no."), 8),
    "version": (Words("版本", "version"), 6),
    "account": (Words("户号", "account"), 15),
    "customer": (Words("客户编号", "customer"), 13),
    "station": (Words("供电所", "station"), 18),
    "field": (Words("字段", "field"), 12),
    "rules": (Words("规则", "rules"), 11),
    "before": (Words("档案值(掩码)", "archive (masked)"), 26),
    "after": (Words("建议值(掩码)", "proposed (masked)"), 26),
    "evidence": (Words("证据", "evidence"), 42),
    "missing": (Words("未满足条件", "conditions that failed"), 40),
    "cls": (Words("类别", "class"), 14),
    "verdict": (Words("决定", "decision"), 10),
    "value": (Words("新值", "new value"), 24),
    "reviewer": (Words("审核人", "reviewer"), 12),
    "note": (Words("备注", "note"), 26),
}
THEIRS = ("verdict", "value", "reviewer", "note")
FULL = {"before": Words("档案值(全值)", "archive (in full)"), "after": Words("建议值(全值)", "proposed (in full)")}
FINDINGS: dict[str, tuple[Words, int]] = {
    "account": (Words("户号", "account"), 15),
    "station": (Words("供电所", "station"), 18),
    "field": (Words("字段", "field"), 14),
    "rule": (Words("规则", "rule"), 8),
    "name": (Words("名称", "name"), 34),
    "severity": (Words("级", "severity"), 6),
    "opened": (Words("发现日期", "opened"), 12),
}
ADVICE = (
    Words("“待审”表每行是一个等待人工决定的建议值。灰色列由系统填写并锁定；黄色列由审核人填写。", "On the sheet 'for review' each row waits for a person. Grey columns are ours and locked, yellow ones are yours."),
    Words("决定从下拉框选：采纳 = 写入建议值；改为 = 写入“新值”列的值；驳回 = 保留档案值，证据不变就不再提出；暂缓 = 以后再定。空着 = 未处理，下次仍在表中。", "The decision is picked from the list. accept writes the proposal; other value writes what stands under 'new value'; reject keeps the archive's until the evidence changes; defer leaves it for later. An empty one stays open."),
    Words("审核人必填；整批由一人审核时，可在导入命令用 --reviewer 给出。", "The reviewer must be named, in the row or for the whole file with --reviewer."),
    Words("证件号、电话等请按文本填写，不要让表格软件改成数字或科学计数；失去末位的值会被指出并退回。", "Enter certificate and phone numbers as text. A value that the spreadsheet has turned into a rounded number is refused."),
    Words("填好后执行：run.py review import 文件。编号或版本不符、缺少新值、新值放不进目标字段的行会按文件、行、原因列出，其余照常生效并成为工单。", "Then: run.py review import FILE. Rows of another version, without a value or with one that does not fit are named by file, row and reason; the others become items."),
    Words("同一文件重复导入不会重复生效。", "Importing the same file again changes nothing."),
    Words("值已脱敏：相同的字符以 * 显示，相异处可见。需要全值时用 run.py review export 文件 --unmasked --reviewer 姓名，导出会留痕。", "Values are masked: equal characters are starred, what differs is shown. run.py review export FILE --unmasked --reviewer NAME gives full values and leaves a trail row."),
    Words("“异常”表列出未结且无人给出建议值的异常，仅供参考，不读回。", "The sheet 'findings' lists open findings for which nobody has a value. It is for reading only."),
)  # fmt: skip

EDGE = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#DFE4EA"}
OPEN = {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True}
"""What the protection, which has no password, lets everybody do."""


def write(
    rows: Sequence[Mismatch],
    path: Path,
    language: Language,
    anomalies: Sequence[Anomaly] = (),
    *,
    unmasked: bool = False,
) -> None:
    """The workbook as a file; `unmasked` says that the rows carry full values, so that the header does not lie."""
    path.parent.mkdir(parents=True, exist_ok=True)
    titles = {name: title for name, (title, _) in COLUMNS.items()} | (FULL if unmasked else {})
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        ours = book.add_format({**EDGE, "bg_color": "#F5F7F9"})
        yours = book.add_format({**EDGE, "bg_color": "#FFFBE6", "locked": False, "num_format": "@"})
        sheet = _sheet(
            book, SHEET, [(titles[name], width) for name, (_, width) in COLUMNS.items()], len(rows), language
        )
        for number, row in enumerate(rows, 1):
            for column, name in enumerate(COLUMNS):
                if name in THEIRS:
                    sheet.write_blank(number, column, None, yours)
                else:
                    sheet.write_string(number, column, _text(row, name, language), ours)
            sheet.set_row(number, 15.5 * _lines(row, language))
        _ask(sheet, len(rows), language)
        sheet.freeze_panes(1, list(COLUMNS).index("station"))
        sheet.ignore_errors({"number_stored_as_text": f"A2:E{len(rows) + 1}"})
        sheet.protect("", OPEN)
        _findings(book, anomalies, language)
        _advice(book, language)


def _sheet(
    book: Workbook, name: Words, columns: Sequence[tuple[Words, int]], rows: int, language: Language
) -> Worksheet:
    """A sheet with its header, which stays in sight and is repeated in print, and a filter."""
    sheet = book.add_worksheet(name.say(language))
    style = {"bold": True, "bg_color": "#0B5C8E", "font_color": "#FFFFFF", "valign": "vcenter", "border": 1}
    head: Format = book.add_format({**style, "border_color": "#FFFFFF"})
    for column, (title, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title.say(language), head)
    sheet.set_row(0, 22)
    sheet.autofilter(0, 0, max(rows, 1), len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    return sheet


def _ask(sheet: Worksheet, rows: int, language: Language) -> None:
    """The drop-down list of decisions."""
    place = list(COLUMNS).index("verdict")
    known = [words.say(language) for words in texts.VERDICTS.values()]
    asked = {"validate": "list", "source": known, "error_title": COLUMNS["verdict"][0].say(language)}
    sheet.data_validation(1, place, max(rows, 1), place, {**asked, "error_message": " / ".join(known)})


def _lines(row: Mismatch, language: Language) -> int:
    """How many lines the tallest cell of a row takes, each line of a cell broken at its column's width."""
    cells = ((_text(row, name, language), width) for name, (_, width) in COLUMNS.items() if name not in THEIRS)
    return max(sum(max(1, ceil(texts.width(line) * 1.1 / width)) for line in text.split("\n")) for text, width in cells)


def _text(row: Mismatch, name: str, language: Language) -> str:
    match name:
        case "field":
            return row.field.say(language)
        case "rules":
            return " ".join(row.rules)
        case "account":
            return row.account.replace(" ", "\n")
        case "evidence":
            lines = ((texts.said(texts.SOURCES, source, language), said.say(language)) for source, said in row.evidence)
            return "\n".join(f"{source} {said}" for source, said in lines)
        case "missing":
            return "\n".join(texts.told(words, params, language) for words, params in row.missing)
        case "cls":
            return texts.said(texts.CLASSES, row.cls, language)
        case _:
            value = getattr(row, name)
            return value.say(language) if isinstance(value, Words) else str(value)


def _findings(book: Workbook, anomalies: Sequence[Anomaly], language: Language) -> None:
    cell = book.add_format(EDGE)
    sheet = _sheet(book, REST, list(FINDINGS.values()), len(anomalies), language)
    for number, one in enumerate(anomalies, 1):
        for column, name in enumerate(FINDINGS):
            value = getattr(one, name)
            sheet.write_string(number, column, value.say(language) if isinstance(value, Words) else str(value), cell)
    sheet.freeze_panes(1, 1)
    sheet.protect("", OPEN)


def _advice(book: Workbook, language: Language) -> None:
    sheet = book.add_worksheet(HOW.say(language))
    sheet.set_column(0, 0, 4)
    sheet.set_column(1, 1, 110)
    number, text = book.add_format({"valign": "top"}), book.add_format({"text_wrap": True, "valign": "top"})
    for place, line in enumerate(ADVICE):
        sheet.write_number(place, 0, place + 1, number)
        sheet.write_string(place, 1, line.say(language), text)
    sheet.protect("")


# -- reading it back


def read(path: Path) -> list[dict[str, str]]:
    """The filled-in rows: {column of COLUMNS: text, "row": number in the file}; the decision as its key, or as it was typed.

    Raises InputError when the file is no workbook of this kind.
    """
    header, *rows = _cells(path)
    titles = {text: column for column, (title, _) in COLUMNS.items() for text in (title.zh, title.en)}
    columns = [titles.get(_cell(cell), "") for cell in header]
    absent = [name for name in ("proposal", "version", *THEIRS) if name not in columns]
    if absent:
        names = ", ".join(f"{COLUMNS[name][0].zh} ({COLUMNS[name][0].en})" for name in absent)
        raise InputError(
            Words(
                f"{path.name}：工作表 {SHEET.zh}：缺少列：{names}",
                f"{path.name}: sheet {SHEET.zh}: columns are missing: {names}",
            )
        )
    verdicts = {text: key for key, words in texts.VERDICTS.items() for text in (words.zh, words.en)}
    result = []
    for number, row in enumerate(rows, 2):
        cells = {column: _cell(cell) for column, cell in zip(columns, row, strict=False) if column}
        if any(cells.values()):
            result.append(cells | {"verdict": verdicts.get(cells["verdict"], cells["verdict"]), "row": str(number)})
    return result


def _cells(path: Path) -> list[list[Any]]:
    """The sheet's rows, the header first."""
    if not path.is_file():
        raise InputError(Words(f"{path}：没有这个文件", f"{path}: there is no such file"))
    try:
        with CalamineWorkbook.from_path(path) as book:
            name = next((n for n in book.sheet_names if n in (SHEET.zh, SHEET.en)), None)
            if name is None:
                raise InputError(
                    Words(
                        f"{path.name}：没有工作表 {SHEET.zh}；现有：{choices(book.sheet_names)}",
                        f"{path.name}: the sheet {SHEET.zh} is missing; there are: {choices(book.sheet_names)}",
                    )
                )
            rows: list[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, ZipError, OSError):
        raise InputError(
            Words(
                f"{path.name}：不是可读的工作簿；请另存为 .xlsx 再试",
                f"{path.name}: cannot be read as a workbook; save it as .xlsx and try again",
            )
        ) from None
    return rows or [[]]


_EXACT = 10**15
"""From here on a spreadsheet's numbers have lost digits."""


def _cell(cell: Any) -> str:
    """A cell as text: spreadsheets turn typed numbers into floating point, and texts that look like dates into dates.

    A number with lost digits stays in scientific notation, so that nobody takes it for the value.
    """
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)) if abs(cell) < _EXACT else f"{cell:.14E}"
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell if cell is not None else "").strip()
