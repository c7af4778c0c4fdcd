"""The quarter ledger on paper: the workbook of what waits for a person, how it is read back, and the two-way validation.

Columns up to 来源 are ours and locked; 决定, 并入/标准名, 完整, 确认人 and 备注 are filled in by whoever decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import xlsxwriter

from console.render import texts
from console.render.forms import EDGE, OPEN, OURS, YOURS, advise, ask, cells, ending, sheet, write_csv
from core.errors import InputError
from core.quarters import Coverage, Entry, Validation
from core.words import Language, Words

SHEET = Words("小区台账", "quarter ledger")
COLUMNS: dict[str, tuple[Words, int]] = {
    "id": (Words("编号", "no."), 8),
    "version": (Words("版本", "version"), 6),
    "state": (Words("状态", "state"), 9),
    "county": (Words("县代码", "county"), 9),
    "kind": (Words("类型", "kind"), 8),
    "quarter": (Words("小区", "quarter"), 22),
    "name": (Words("名称", "name"), 22),
    "detail": (Words("内容", "what it has"), 30),
    "support": (Words("依据", "what speaks for it"), 36),
    "source": (Words("来源", "source"), 10),
    "verdict": (Words("决定", "decision"), 10),
    "value": (Words("并入/标准名", "merge into / standard name"), 22),
    "whole": (Words("完整", "complete"), 8),
    "reviewer": (Words("确认人", "decided by"), 12),
    "note": (Words("备注", "note"), 24),
}
THEIRS = ("verdict", "value", "whole", "reviewer", "note")
VERDICTS = {
    "confirm": Words("确认", "confirm"),
    "refuse": Words("拒绝", "refuse"),
    "merge": Words("并入", "merge"),
}
FLAGS = {"yes": Words("是", "yes"), "no": Words("否", "no")}
KINDS = {
    "quarter": Words("小区", "quarter"),
    "alias": Words("别名", "other name"),
    "building": Words("楼栋", "building"),
}
STATES = {
    "proposed": Words("待确认", "proposed"),
    "confirmed": Words("已确认", "confirmed"),
    "refused": Words("已拒绝", "refused"),
    "merged": Words("已并入", "merged"),
}
ORIGINS = {"import": Words("导入", "imported"), "proposed": Words("由地址归纳", "from addresses")}
SUPPORT = {
    "accounts": Words("档案 {n} 户", "{n} accounts"),
    "surveys": Words("普查 {n} 户", "{n} surveys"),
    "registry": Words("不动产 {n} 套", "{n} flats of the registry"),
    "corrected": Words("普查更正 {n} 户", "put right by {n} surveys"),
    "surveyed": Words("该名共普查 {n} 户", "of {n} surveyed under it"),
    "alike": Words("名称相近，楼栋单元相同 {n} 处", "similar name, {n} houses shared"),
    "of": Words("（共 {n} 处）", "(of {n})"),
    "clashes": Words("同房不同户 {n} 处", "{n} rooms claimed twice"),
}
ALIASES = {
    "old": Words("旧名", "old name"),
    "popular": Words("俗名", "popular name"),
    "developer": Words("开发名", "developer's name"),
}
STRUCTURE = (Words("单元 {n}", "units {n}"), Words("{n} 层", "{n} floors"), Words("房号 {n} 个", "{n} rooms"))
ADVICE = (
    Words("每行是一条归纳出的小区、别名或楼栋。灰色列由系统填写并锁定，黄色列由确认人填写；决定从下拉框选，空着 = 以后再定。", "Each row is a quarter, another name or a building. Grey columns are ours and locked, yellow ones are yours; an empty decision stays open."),
    Words("小区：确认 = 计入台账，其下未单独填写决定的楼栋一并确认；拒绝 = 以后不再提出；并入 = 该名成为另一小区的别名，楼栋并过去，须在“并入/标准名”填目标小区名或编号。", "Quarter: confirm takes its buildings along, unless they have a decision of their own; refuse: never proposed again; merge: give the quarter (name or number) that it goes into, it becomes another name of it."),
    Words("确认小区时填了“并入/标准名”，则以所填为标准名，原名成为别名。", "A name given with 'confirm' becomes the standard name, and the old one another name."),
    Words("别名与楼栋只能确认或拒绝。", "Another name or a building is confirmed or refused, no more."),
    Words("完整：小区填“是”= 楼栋已列全，楼栋填“是”= 单元与房号已列全。只有列全的才会把台账以外的楼栋、单元、房号判为不存在；拿不准就空着。", "complete: yes for a quarter says that its buildings are all listed, for a building that its units and rooms are. Only then is anything else called non-existent. Leave it empty when in doubt."),
    Words("填好后执行：run.py quarters import 文件。有问题的行按文件、行、原因列出，其余照常生效；同一文件重复导入不会重复生效。", "Then: run.py quarters import FILE. Rows that cannot be used are named; importing the same file again changes nothing."),
)  # fmt: skip


def write(entries: Sequence[Entry], path: Path, language: Language) -> None:
    """What waits for a person, as a workbook to fill in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        ours, yours = book.add_format(OURS), book.add_format(YOURS)
        page = sheet(book, SHEET, list(COLUMNS.values()), len(entries), language)
        for number, entry in enumerate(entries, 1):
            for column, (name, text) in enumerate(row(entry, language).items()):
                if name in THEIRS:
                    page.write_blank(number, column, None, yours)
                else:
                    page.write_string(number, column, text, ours)
        for name, known in (("verdict", VERDICTS), ("whole", FLAGS)):
            ask(page, list(COLUMNS).index(name), len(entries), COLUMNS[name][0], known.values(), language)
        page.freeze_panes(1, list(COLUMNS).index("detail"))
        page.ignore_errors({"number_stored_as_text": f"A2:J{len(entries) + 1}"})
        page.protect("", OPEN)
        advise(book, ADVICE, language)


def row(entry: Entry, language: Language) -> dict[str, str]:
    """An entry in the reader's words, column by column."""
    said = {
        "id": entry.id, "version": str(entry.version), "state": texts.said(STATES, entry.state, language), "county": entry.county,
        "kind": texts.said(KINDS, entry.kind, language), "quarter": entry.quarter, "name": entry.name, "detail": detail(entry, language),
        "support": support(entry.support, language), "source": texts.said(ORIGINS, entry.source, language),
    }  # fmt: skip
    return {name: said.get(name, "") for name in COLUMNS}


def detail(entry: Entry, language: Language) -> str:
    """What a quarter or a building has, or what kind of name an alias is."""
    if entry.kind == "alias":
        return texts.said(ALIASES, entry.detail, language)
    if entry.kind == "quarter":
        return Words("{n} 栋", "{n} buildings").say(language, {"n": entry.detail})
    told = zip(STRUCTURE, entry.detail.split(" · "), strict=True)
    between = "，" if language == "zh" else ", "
    return between.join(words.say(language, {"n": count}) for words, count in told if count != "–")


def support(found: Mapping[str, int], language: Language) -> str:
    """What speaks for an entry, in the order of SUPPORT."""
    between = "，" if language == "zh" else ", "
    said = [words.say(language, {"n": found[name]}) for name, words in SUPPORT.items() if name in found]
    return between.join(said).replace("，（", "（").replace(", (", " (")


def read(path: Path) -> list[dict[str, str]]:
    """The filled-in rows: {column of COLUMNS: text, "row": number in the file}; decision and flag as their key, or as typed.

    Raises InputError when the file is no workbook of this kind.
    """
    header, *rows = cells(path, SHEET)
    titles = {text: name for name, (title, _) in COLUMNS.items() for text in (title.zh, title.en)}
    columns = [titles.get(cell, "") for cell in header]
    absent = [name for name in ("id", "version", *THEIRS) if name not in columns]
    if absent:
        names = ", ".join(f"{COLUMNS[name][0].zh} ({COLUMNS[name][0].en})" for name in absent)
        raise InputError(
            Words(
                f"{path.name}：工作表 {SHEET.zh}：缺少列：{names}",
                f"{path.name}: sheet {SHEET.zh}: columns are missing: {names}",
            )
        )
    keys = {
        name: {text: key for key, words in known.items() for text in (words.zh, words.en)}
        for name, known in (("verdict", VERDICTS), ("whole", FLAGS))
    }
    found = []
    for number, line in enumerate(rows, 2):
        told = {name: cell for name, cell in zip(columns, line, strict=False) if name}
        if any(told.values()):
            worded = {name: known.get(told[name], told[name]) for name, known in keys.items()}
            found.append(told | worded | {"row": str(number)})
    return found


# -- the two-way validation

Cell = str | int
Table = tuple[Words, Sequence[Words], Iterable[Sequence[Cell]]]

PLACED = {
    "exact": Words("标准名", "by standard name"),
    "alias": Words("别名", "by another name"),
    "fuzzy": Words("仅相近", "only similar"),
    "none": Words("台账无此小区", "no such quarter"),
    "unread": Words("未写小区或县", "no quarter or county"),
}


def totals(found: Validation) -> dict[str, object]:
    """The validation in figures, for programs and for a terminal, with its list by quarter."""
    c = found.coverage
    return {
        "accounts": found.accounts,
        "placed": dict(found.placed),
        "no_building": found.no_building,
        "buildings": sum(x.listed for x in c),
        "buildings_without_accounts": sum(x.listed and not x.accounts for x in c),
        "buildings_not_listed": sum(not x.listed for x in c),
        "flats_ledger": sum(x.ledger for x in c),
        "flats_archive": sum(x.archive for x in c),
        "only_ledger": sum(len(x.only_ledger) for x in c),
        "only_archive": sum(len(x.only_archive) for x in c),
        "strangers": len(found.strangers),
    }


def by_quarter(found: Validation) -> list[dict[str, Cell]]:
    """The counts of each quarter, those with most gaps first."""
    sums: dict[str, dict[str, Cell]] = {}
    for c in found.coverage:
        start: dict[str, Cell] = {"county": c.county, "quarter": c.name, **dict.fromkeys(_SUMMED, 0)}
        row = sums.setdefault(c.quarter, start)
        counted = (c.listed, not c.listed, c.accounts, c.ledger, c.archive, len(c.only_ledger), len(c.only_archive))
        row |= {name: int(row[name]) + int(n) for name, n in zip(_SUMMED, counted, strict=True)}
    return sorted(sums.values(), key=lambda row: (-int(row["only_ledger"]) - int(row["only_archive"]), row["quarter"]))


_SUMMED = (
    "buildings",
    "buildings_not_listed",
    "accounts",
    "flats_ledger",
    "flats_archive",
    "only_ledger",
    "only_archive",
)


def save_check(found: Validation, path: Path, language: Language, *, rooms: bool = False) -> None:
    """The validation as a workbook, or its buildings as csv, by the file's ending. Raises InputError for another one."""
    if ending(path) == ".xlsx":
        write_check(found, path, language, rooms=rooms)
        return
    write_csv(path, [words.say(language) for words in _BUILDINGS], (_counted(c, language) for c in found.coverage))


def write_check(found: Validation, path: Path, language: Language, *, rooms: bool = False) -> None:
    """The validation as a workbook: buildings, names that lead nowhere, how addresses were placed, and flats where asked for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        edge = book.add_format(EDGE)
        for name, head, lines in (*_tables(found, language), *(_flats(found) if rooms else ())):
            body = list(lines)
            page = sheet(book, name, [(words, 16) for words in head], len(body), language)
            for number, line in enumerate(body, 1):
                for column, cell in enumerate(line):
                    page.write(number, column, cell, edge)
            page.freeze_panes(1, 1)


_BUILDINGS = (
    Words("县代码", "county"), Words("小区", "quarter"), Words("期区", "phase"), Words("楼栋", "building"), Words("台账有", "listed"),
    Words("档案户数", "accounts"), Words("台账套数", "flats listed"), Words("档案套数", "flats in the archive"),
    Words("台账有档案无", "ledger only"), Words("档案有台账无", "archive only"),
)  # fmt: skip


def _tables(found: Validation, language: Language) -> tuple[Table, ...]:
    near = "、" if language == "zh" else ", "
    placed = Words("地址归属", "how addresses were placed")
    return (
        (Words("楼栋", "buildings"), _BUILDINGS, (_counted(c, language) for c in found.coverage)),
        (
            Words("台账外小区", "quarters not in the ledger"),
            (Words("县代码", "county"), Words("小区", "quarter"), Words("档案户数", "accounts"), Words("相近的标准名", "similar standard names")),
            ((s.county, s.name, s.accounts, near.join(s.near)) for s in found.strangers),
        ),
        (
            placed,
            (placed, Words("档案户数", "accounts")),
            ((words.say(language), found.placed.get(name, 0)) for name, words in PLACED.items()),
        ),
    )  # fmt: skip


def _counted(c: Coverage, language: Language) -> tuple[Cell, ...]:
    listed = FLAGS["yes" if c.listed else "no"].say(language)
    return (
        c.county, c.name, c.phase, c.building, listed, c.accounts, c.ledger if c.rooms_listed else "", c.archive,
        len(c.only_ledger), len(c.only_archive),
    )  # fmt: skip


def _flats(found: Validation) -> tuple[Table, ...]:
    """Every flat that one side lacks; only for whoever asked for it."""
    head = (*_BUILDINGS[:4], Words("单元", "unit"), Words("房号", "room"))
    sides = (
        (Words("台账有档案无", "ledger only"), "only_ledger"),
        (Words("档案有台账无", "archive only"), "only_archive"),
    )
    return tuple(
        (name, head, ((c.county, c.name, c.phase, c.building, *door) for c in found.coverage for door in getattr(c, side)))
        for name, side in sides
    )  # fmt: skip
