"""Promises of the mismatch workbook: masked, locked but for four columns, and read back as people left it."""

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from console.render import mismatch
from core.errors import InputError
from core.figures import Report
from core.ledger import Ledger
from core.words import Language
from flows import report
from tests.night import Night

HEAD = (
    "编号", "版本", "户号", "客户编号", "供电所", "字段", "规则", "档案值(掩码)", "建议值(掩码)", "证据", "未满足条件", "类别", "决定", "新值", "审核人", "备注",
)  # fmt: skip


@pytest.fixture
def file(drawn: Report, tmp_path: Path) -> Path:
    mismatch.write(drawn.mismatches, tmp_path / "log.xlsx", "zh", drawn.anomalies)
    return tmp_path / "log.xlsx"


def _column(sheet: Worksheet, title: str) -> int:
    return next(cell.column or 0 for cell in sheet[1] if cell.value == title)


def _edit(file: Path, change: Callable[[Worksheet], Any]) -> list[dict[str, str]]:
    book = openpyxl.load_workbook(file)
    change(book["待审"])
    book.save(file)
    return mismatch.read(file)


def test_there_is_a_row_for_everything_that_waits(file: Path, night: Night) -> None:
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["待审", "异常", "说明"]
    assert tuple(cell.value for cell in book["待审"][1]) == HEAD
    assert [row[0] for row in book["待审"].iter_rows(min_row=2, values_only=True)] == [str(p.id) for p in night.waiting]


def test_only_what_people_fill_in_is_open(file: Path) -> None:
    sheet = openpyxl.load_workbook(file)["待审"]
    assert sheet.protection.sheet
    assert not sheet.protection.password
    assert {sheet.cell(1, cell.column or 0).value for cell in sheet[2] if not cell.protection.locked} == {
        "决定", "新值", "审核人", "备注",
    }  # fmt: skip
    assert sheet.freeze_panes
    assert sheet.auto_filter.ref


def test_the_decision_is_picked_from_a_list(file: Path) -> None:
    sheet = openpyxl.load_workbook(file)["待审"]
    (rule,) = sheet.data_validations.dataValidation
    assert rule.formula1 == '"采纳,改为,驳回,暂缓"'
    assert sheet.cell(2, _column(sheet, "决定")).coordinate in rule.sqref
    assert sheet.cell(sheet.max_row, _column(sheet, "决定")).coordinate in rule.sqref


def test_a_reviewer_reads_words_and_not_codes(file: Path) -> None:
    sheet = openpyxl.load_workbook(file)["待审"]
    places = [_column(sheet, title) - 1 for title in ("证据", "未满足条件")]
    text = " ".join(str(row[place] or "") for row in sheet.iter_rows(min_row=2, values_only=True) for place in places)
    assert "系统未接受：超过字段长度" in text
    assert "现为 值守级" in text
    assert not [code for code in ("attended", "length", "survey", "carrier", "{") if code in text]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_value_is_seen_without_a_mask(drawn: Report, night: Night, tmp_path: Path, language: Language) -> None:
    mismatch.write(drawn.mismatches, tmp_path / "log.xlsx", language, drawn.anomalies)
    assert _found(tmp_path / "log.xlsx", night) == []


def test_a_full_export_holds_the_values_and_says_so(dark: Ledger, night: Night, tmp_path: Path) -> None:
    rows = report.mismatches(dark, night.fields, unmasked=True)
    mismatch.write(rows, tmp_path / "full.xlsx", "zh", unmasked=True)
    assert len(_found(tmp_path / "full.xlsx", night)) > 10
    titles = [cell.value for cell in openpyxl.load_workbook(tmp_path / "full.xlsx")["待审"][1]]
    assert "建议值(全值)" in titles
    assert len(mismatch.read(tmp_path / "full.xlsx")) == len(rows)


def _found(path: Path, night: Night) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    return [secret for secret in night.secrets if secret.encode() in content]


# -- reading back


def test_what_nobody_touched_is_undecided(file: Path, night: Night) -> None:
    rows = mismatch.read(file)
    assert len(rows) == len(night.waiting)
    assert {(r["verdict"], r["value"], r["reviewer"], r["note"]) for r in rows} == {("", "", "", "")}
    assert [(int(r["proposal"]), int(r["version"])) for r in rows] == [(p.id, p.version) for p in night.waiting]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("采纳", "accept"),
        ("改为", "other"),
        ("驳回 ", "reject"),
        ("defer", "defer"),
        ("同意", "同意"),
    ],
)
def test_a_decision_is_read_as_its_key_or_as_it_was_typed(file: Path, typed: str, read: str) -> None:
    rows = _edit(file, lambda sheet: sheet.cell(2, _column(sheet, "决定"), typed))
    assert (rows[0]["verdict"], rows[0]["row"]) == (read, "2")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (19400010001, "19400010001"),
        ("019400010001", "019400010001"),
        (139999198001011234, "1.39999198001011E+17"),
        (4.5, "4.5"),
        (datetime(2026, 3, 1), "2026-03-01"),
        (date(2026, 3, 1), "2026-03-01"),
        (" 样例里 ", "样例里"),
    ],
    ids=["number", "text", "long number", "fraction", "moment", "date", "blanks"],
)
def test_a_value_is_read_as_a_person_meant_it(file: Path, typed: object, read: str) -> None:
    assert (
        _edit(file, lambda sheet: sheet.cell(2, _column(sheet, "新值")).__setattr__("value", typed))[0]["value"] == read
    )


def test_columns_may_be_moved_and_added(file: Path) -> None:
    def change(sheet: Worksheet) -> None:
        sheet.insert_cols(1)
        sheet.cell(1, 1, "我的列")
        sheet.cell(2, _column(sheet, "审核人"), "审核员乙")

    assert _edit(file, change)[0]["reviewer"] == "审核员乙"


def test_rows_may_be_removed_and_blank_rows_are_nothing(file: Path, night: Night) -> None:
    def change(sheet: Worksheet) -> None:
        sheet.delete_rows(2)
        sheet.insert_rows(3)

    rows = _edit(file, change)
    assert len(rows) == len(night.waiting) - 1
    assert [r["row"] for r in rows[:2]] == ["2", "4"]


def test_an_english_workbook_is_read_as_well(drawn: Report, night: Night, tmp_path: Path) -> None:
    mismatch.write(drawn.mismatches, tmp_path / "log.xlsx", "en")
    assert len(mismatch.read(tmp_path / "log.xlsx")) == len(night.waiting)


def _nothing(path: Path) -> None:
    openpyxl.Workbook().save(path)


def _empty(path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("待审", 0)
    book.save(path)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b"not a workbook"), "cannot be read"),
        (lambda path: path.write_bytes(b""), "cannot be read"),
        (lambda path: None, "no such file"),
        (_nothing, "sheet 待审 is missing"),
        (_empty, r"columns are missing: 编号"),
    ],
    ids=["text", "empty file", "no file", "another workbook", "no header"],
)
def test_what_is_no_such_workbook_is_refused_by_name(tmp_path: Path, make: Callable[[Path], Any], said: str) -> None:
    make(tmp_path / "log.xlsx")
    with pytest.raises(InputError, match=said) as caught:
        mismatch.read(tmp_path / "log.xlsx")
    assert "log.xlsx" in str(caught.value)


def test_nothing_that_waits_is_a_workbook_too(tmp_path: Path) -> None:
    mismatch.write([], tmp_path / "log.xlsx", "zh")
    assert mismatch.read(tmp_path / "log.xlsx") == []
