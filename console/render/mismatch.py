"""The mismatch log as a workbook that people fill in, and how it is read back.

Columns up to 类别 are ours and locked; 决定, 新值, 审核人 and 备注 are the reviewer's. Values are masked so that only what differs shows.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from console.render import texts
from core.errors import InputError, choices
from core.figures import Mismatch
from core.words import Language, Words

SHEET = Words("待审", "for review")
HOW = Words("说明", "how to")
COLUMNS: dict[str, tuple[Words, int]] = {
    "proposal": (Words("编号", "no."), 8),
    "version": (Words("版本", "version"), 6),
    "account": (Words("户号", "account"), 15),
    "station": (Words("供电所", "station"), 16),
    "field": (Words("字段", "field"), 12),
    "rules": (Words("规则", "rules"), 14),
    "before": (Words("档案值(掩码)", "archive (masked)"), 26),
    "after": (Words("建议值(掩码)", "proposed (masked)"), 26),
    "evidence": (Words("证据", "evidence"), 38),
    "missing": (Words("未满足条件", "conditions that failed"), 38),
    "cls": (Words("类别", "class"), 14),
    "verdict": (Words("决定", "decision"), 10),
    "value": (Words("新值", "new value"), 22),
    "reviewer": (Words("审核人", "reviewer"), 12),
    "note": (Words("备注", "note"), 24),
}
THEIRS = ("verdict", "value", "reviewer", "note")
ADVICE = (
    Words("每行是一个等待人工决定的建议值。灰色列由系统填写，请勿修改；黄色列由审核人填写。", "Each row waits for a person. Grey columns are ours, yellow ones yours."),
    Words("决定：采纳 = 写入建议值；改为 = 写入“新值”列；驳回 = 保留档案值，证据不变时不再提出；暂缓 = 以后再定。", "accept writes the proposal; other value writes the new value; reject keeps the archive until the evidence changes; defer leaves it."),
    Words("填好后：run.py review import 文件。版本不符的行会被指出并跳过，其余照常生效。", "Then: run.py review import FILE. Rows of an old version are named and left out."),
    Words("值已脱敏：相同的字符以 * 显示，相异处可见。全值导出需具名申请并留痕。", "Values are masked: equal characters are starred. An unmasked export is asked for by name and leaves a trail."),
)  # fmt: skip


def write(rows: Sequence[Mismatch], path: Path, language: Language) -> None:
    """The workbook as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet(SHEET.say(language))
        base = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#DFE4EA"}
        head = book.add_format(
            {"bold": True, "bg_color": "#1F6F8B", "font_color": "#FFFFFF", "valign": "vcenter", "border": 1}
        )
        ours = book.add_format({**base, "bg_color": "#F5F7F9"})
        yours = book.add_format({**base, "bg_color": "#FFFBE6", "locked": False, "num_format": "@"})
        for column, (name, (title, width)) in enumerate(COLUMNS.items()):
            sheet.set_column(column, column, width)
            sheet.write(0, column, title.say(language), head)
            for number, row in enumerate(rows, 1):
                sheet.write_string(
                    number,
                    column,
                    "" if name in THEIRS else _text(row, name, language),
                    yours if name in THEIRS else ours,
                )
        place = list(COLUMNS).index("verdict")
        known = [words.say(language) for words in texts.VERDICTS.values()]
        sheet.data_validation(
            1,
            place,
            max(len(rows), 1),
            place,
            {"validate": "list", "source": known, "error_message": " / ".join(known)},
        )
        sheet.freeze_panes(1, 5)
        sheet.autofilter(0, 0, max(len(rows), 1), len(COLUMNS) - 1)
        sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        how = book.add_worksheet(HOW.say(language))
        how.set_column(0, 0, 110)
        for number, line in enumerate(ADVICE):
            how.write(number, 0, line.say(language), book.add_format({"text_wrap": True}))


def _text(row: Mismatch, name: str, language: Language) -> str:
    match name:
        case "field":
            return row.field.say(language)
        case "rules":
            return " ".join(row.rules)
        case "evidence":
            return "\n".join(f"{texts.said(texts.SOURCES, source, language)} {text}" for source, text in row.evidence)
        case "missing":
            return "\n".join(words.say(language, params) for words, params in row.missing)
        case "cls":
            return texts.said(texts.CLASSES, row.cls, language)
        case _:
            return str(getattr(row, name))


def read(path: Path) -> list[dict[str, str]]:
    """The filled-in rows: {column of COLUMNS: text, "row": number in the file}; the decision as its key, or as it was typed.

    Raises InputError when the file is no workbook of this kind.
    """
    try:
        with CalamineWorkbook.from_path(path) as book:
            name = next((n for n in book.sheet_names if n in (SHEET.zh, SHEET.en)), None)
            if name is None:
                raise InputError(
                    f"{path.name}: the sheet {SHEET.zh} is missing; there are: {choices(book.sheet_names)}"
                )
            header, *rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError):
        raise InputError(f"{path.name}: cannot be read as a workbook") from None
    titles = {title.zh: column for column, (title, _) in COLUMNS.items()} | {
        title.en: column for column, (title, _) in COLUMNS.items()
    }
    columns = [titles.get(str(cell), "") for cell in header]
    absent = {"proposal", "version", *THEIRS} - set(columns)
    if absent:
        raise InputError(f"{path.name}: the column {COLUMNS[min(absent)][0].zh} is missing")
    verdicts = {words.zh: key for key, words in texts.VERDICTS.items()} | {
        words.en: key for key, words in texts.VERDICTS.items()
    }
    result = []
    for number, row in enumerate(rows, 2):
        cells = {column: _cell(cell) for column, cell in zip(columns, row, strict=False) if column}
        cells["verdict"] = verdicts.get(cells["verdict"], cells["verdict"])
        result.append(cells | {"row": str(number)})
    return result


def _cell(cell: Any) -> str:
    """A cell as text: spreadsheets turn typed numbers into floating point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell if cell is not None else "").strip()
