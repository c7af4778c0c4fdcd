"""The mismatch log as a workbook that people fill in, and how it is read back.

Columns up to 类别 are ours and locked; 决定, 新值, 审核人 and 备注 are the reviewer's. Values are masked so that only what differs shows.
"""

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter
from xlsxwriter.workbook import Workbook

from console.render import texts
from console.render.forms import EDGE, OPEN, OURS, YOURS, advise, ask, cells, height, sheet
from core.errors import InputError
from core.figures import Anomaly, Mismatch
from core.words import Language, Words

SHEET = Words("待审", "for review")
REST = Words("异常", "findings")
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
NO_VALUE = Words("（无建议值，请选“改为”）", "(no value; choose 'other value')")


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
        ours, yours = book.add_format(OURS), book.add_format(YOURS)
        page = sheet(book, SHEET, [(titles[name], width) for name, (_, width) in COLUMNS.items()], len(rows), language)
        for number, row in enumerate(rows, 1):
            for column, name in enumerate(COLUMNS):
                if name in THEIRS:
                    page.write_blank(number, column, None, yours)
                else:
                    page.write_string(number, column, _text(row, name, language), ours)
            page.set_row(number, height(_filled(row, language)))
        ask(page, list(COLUMNS).index("verdict"), len(rows), COLUMNS["verdict"][0], texts.VERDICTS.values(), language)
        page.freeze_panes(1, list(COLUMNS).index("station"))
        page.ignore_errors({"number_stored_as_text": f"A2:E{len(rows) + 1}"})
        page.protect("", OPEN)
        _findings(book, anomalies, language)
        advise(book, ADVICE, language)


def _filled(row: Mismatch, language: Language) -> list[tuple[str, int]]:
    """Our cells of a row, each with its column's width."""
    return [(_text(row, name, language), width) for name, (_, width) in COLUMNS.items() if name not in THEIRS]


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
        case "after":
            return row.after.say(language) or NO_VALUE.say(language)
        case "cls":
            return texts.said(texts.CLASSES, row.cls, language)
        case _:
            value = getattr(row, name)
            return value.say(language) if isinstance(value, Words) else str(value)


def _findings(book: Workbook, anomalies: Sequence[Anomaly], language: Language) -> None:
    cell = book.add_format(EDGE)
    page = sheet(book, REST, list(FINDINGS.values()), len(anomalies), language)
    for number, one in enumerate(anomalies, 1):
        for column, name in enumerate(FINDINGS):
            value = getattr(one, name)
            page.write_string(number, column, value.say(language) if isinstance(value, Words) else str(value), cell)
    page.freeze_panes(1, 1)
    page.protect("", OPEN)


# -- reading it back


def read(path: Path) -> list[dict[str, str]]:
    """The filled-in rows: {column of COLUMNS: text, "row": number in the file}; the decision as its key, or as it was typed.

    Raises InputError when the file is no workbook of this kind.
    """
    header, *rows = cells(path, SHEET)
    titles = {text: column for column, (title, _) in COLUMNS.items() for text in (title.zh, title.en)}
    columns = [titles.get(cell, "") for cell in header]
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
        told = {column: cell for column, cell in zip(columns, row, strict=False) if column}
        if any(told.values()):
            result.append(told | {"verdict": verdicts.get(told["verdict"], told["verdict"]), "row": str(number)})
    return result
