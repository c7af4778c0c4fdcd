"""Bring in what a site hands over once: organisations, the legacy system's codes, changes of account numbers.

    take("org", Path("供电单位.csv"), ledger)        # columns code, name, level, parent
    take("codes", Path("代码表.csv"), ledger)        # columns table, code, label, and ours where it is known
    take("numbers", Path("户号变更.xlsx"), ledger)   # columns old, new, changed
    take("quarters", Path("小区.xlsx"), ledger)      # see bots.sources.quarters
    template("quarters")                           # the columns with example rows, as csv

Rows that cannot be used are named and refused; the others are taken.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bots.sources import quarters
from bots.sources.notes import Notes
from bots.sources.sheets import Cell, open_sheet
from core.errors import InputError, choices, unread
from core.ledger import Ledger, Transaction, entities
from core.ledger.entities import LEVELS, Organisation
from core.model import Problem
from core.words import Words

PROBLEMS = {
    "empty": Words("必填列 {column} 为空", "the column {column} is empty"),
    "no_such_level": Words(
        "层级 {level} 不在 province、city、county、station 之中",
        "no level {level}; there are: province, city, county, station",
    ),
    "no_such_parent": Words("上级单位 {parent} 不存在", "the parent {parent} does not exist"),
    "no_date": Words("日期不是 YYYY-MM-DD", "the date is not YYYY-MM-DD"),
    **quarters.PROBLEMS,
}

Line = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of a file."""

    read: int
    added: int
    changed: int
    problems: tuple[Problem, ...]


class _Rehearsed(Exception):
    """Ends the transaction of a dry run."""


def take(kind: str, path: Path, ledger: Ledger, *, dry_run: bool = False, counties: Collection[str] = ()) -> Taken:
    """Import a file of a kind; a dry run reads and counts, and keeps nothing. `counties` are the county codes that there are.

    Raises InputError for an unknown kind, a file that cannot be read, or a missing column.
    """
    if kind not in _KINDS:
        raise InputError(
            Words(
                f"没有可导入的种类 '{kind}'；可选：{choices(_KINDS)}",
                f"no kind '{kind}' to import; there are: {choices(_KINDS)}",
            )
        )
    needed, judge, keep, _ = _KINDS[kind]
    lines = _lines(path, needed)
    units = frozenset(entities.organisations(ledger).units)
    problems = judge(path.name, lines, units if kind == "org" else counties)
    refused = {p.row for p in problems}
    good = [line for number, line in lines if number not in refused]
    counts = {"added": 0, "changed": 0}
    with suppress(_Rehearsed), ledger.begin() as tx:
        counts = keep(tx, good)
        if dry_run:  # what would be kept is counted, and taken back
            raise _Rehearsed
        tx.trail("imported", f"{kind} {path.name}", {"rows": len(good), **counts})
    return Taken(read=len(lines), added=counts["added"], changed=counts["changed"], problems=tuple(problems))


def _lines(path: Path, needed: Sequence[str]) -> list[tuple[int, Line]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(unread(path, error)) from None
    notes = Notes(path.name)
    sheet = open_sheet(content, notes)
    if sheet is None:
        raise InputError(Words(f"{path}：读不出表格", f"{path}: no table can be read from it"))
    missing = [name for name in needed if name not in sheet.header]
    if missing:
        raise InputError(
            Words(
                f"{path}：缺少列 '{missing[0]}'；现有：{choices(sheet.header)}",
                f"{path}: the column '{missing[0]}' is missing; there are: {choices(sheet.header)}",
            )
        )
    return [
        (
            number,
            {name: _cell(cell) for name, cell in zip(sheet.header, row, strict=False)},
        )
        for number, row in sheet.rows
    ]


def _cell(cell: Cell) -> str:
    """A cell as text; a workbook keeps 3 as 3.0."""
    whole = int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    return str(whole if whole is not None else "").strip()


def template(kind: str) -> str:
    """The columns of a kind and example rows, as csv. Raises InputError for an unknown kind."""
    if kind not in _KINDS:
        raise InputError(
            Words(
                f"没有可导入的种类 '{kind}'；可选：{choices(_KINDS)}",
                f"no kind '{kind}' to import; there are: {choices(_KINDS)}",
            )
        )
    return "\n".join(_KINDS[kind][3]) + "\n"


Lines = Sequence[tuple[int, Line]]


def _empty(file: str, number: int, line: Line, needed: Iterable[str]) -> list[Problem]:
    return [
        Problem(code="empty", place=file, row=number, params={"column": name}) for name in needed if not line.get(name)
    ]


def _rows(
    judge: Callable[[str, int, Line, Lines], list[Problem]],
) -> Callable[[str, Lines, Collection[str]], list[Problem]]:
    """Judges a file row by row."""
    return lambda file, lines, _counties: [p for number, line in lines for p in judge(file, number, line, lines)]


def _judge_orgs(file: str, lines: Lines, units: Collection[str]) -> list[Problem]:
    """A unit whose parent is neither known nor in the file is refused, and so is all that hangs on it."""
    found = [problem for number, line in lines for problem in _judge_org(file, number, line)]
    parents = {line["code"]: line.get("parent", "") for number, line in lines if number not in {p.row for p in found}}
    for number, line in lines:
        lost = _unknown(line.get("parent", ""), parents, units)
        if lost and line["code"] in parents:
            found.append(Problem(code="no_such_parent", place=file, row=number, params={"parent": lost}))
    return found


def _unknown(unit: str, parents: Mapping[str, str], units: Collection[str]) -> str:
    """The unit above that nobody knows, or an empty text; `parents` are those of the file, `units` those of the ledger."""
    seen: set[str] = set()
    while unit and unit not in units:
        if unit not in parents or unit in seen:
            return unit
        seen.add(unit)
        unit = parents[unit]
    return ""


def _judge_org(file: str, number: int, line: Line) -> list[Problem]:
    found = _empty(file, number, line, ("code", "name", "level"))
    if not found and line["level"] not in LEVELS:
        found.append(Problem(code="no_such_level", place=file, row=number, params={"level": line["level"]}))
    return found


def _judge_code(file: str, number: int, line: Line, _lines: Lines) -> list[Problem]:
    return _empty(file, number, line, ("table", "code", "label"))


def _judge_number(file: str, number: int, line: Line, _lines: Lines) -> list[Problem]:
    found = _empty(file, number, line, ("old", "new", "changed"))
    try:
        date.fromisoformat(line["changed"])
    except ValueError:
        found.append(Problem(code="no_date", place=file, row=number))
    return found


def _keep_org(tx: Transaction, lines: Sequence[Line]) -> dict[str, int]:
    return entities.import_organisations(
        tx, (Organisation(x["code"], x["name"], x["level"], x["parent"] or None) for x in lines)
    )


def _keep_codes(tx: Transaction, lines: Sequence[Line]) -> dict[str, int]:
    return entities.import_codes(
        tx,
        [
            {"code_table": x["table"], "code": x["code"], "label": x["label"], "ours": x.get("ours") or None}
            for x in lines
        ],
    )


def _keep_numbers(tx: Transaction, lines: Sequence[Line]) -> dict[str, int]:
    return entities.import_numbers(tx, [{name: x[name] for name in ("old", "new", "changed")} for x in lines])


_KINDS: Mapping[
    str,
    tuple[
        Sequence[str],
        Callable[[str, Lines, Collection[str]], list[Problem]],
        Callable[[Transaction, Sequence[Line]], dict[str, Any]],
        Sequence[str],
    ],
] = {
    "org": (
        ("code", "name", "level", "parent"),
        _judge_orgs,
        _keep_org,
        (
            "code,name,level,parent",
            "134,示例省公司,province,",
            "13401,示例供电公司,city,134",
            "1340101,示例供电中心,county,13401",
        ),
    ),
    "codes": (
        ("table", "code", "label"),
        _rows(_judge_code),
        _keep_codes,
        ("table,code,label,ours", "notify_mode,01,短信,sms"),
    ),
    "numbers": (
        ("old", "new", "changed"),
        _rows(_judge_number),
        _keep_numbers,
        ("old,new,changed", "0100000001,1301000000001,2025-01-01"),
    ),
    "quarters": (quarters.NEEDED, quarters.judge, quarters.keep, (",".join(quarters.COLUMNS), *quarters.EXAMPLES)),
}
"""Kind → columns that must be there, what judges a row, what keeps the good ones, and a template."""
