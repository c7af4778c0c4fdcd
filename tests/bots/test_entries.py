"""A sheet's rows for a screen: certain, or refused by row and reason."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from bots import screens
from bots.screens import Screen
from bots.sources import entries
from core.errors import InputError
from core.settings import read

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def maps() -> dict[str, Screen]:
    return dict(screens.load(read(CONFIG))[1])


def _sheet(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _codes(found: entries.Entries) -> list[tuple[str, int | None]]:
    return [(p.code, p.row) for p in found.problems]


def test_words_codes_dates_and_numbers_become_our_values_and_empty_cells_nothing(
    maps: dict[str, Screen], tmp_path: Path
) -> None:
    path = _sheet(tmp_path / "a.csv", "用户编号,通知方式,contract_cap,remark", "0012,短信,12.50,", "0013,paper,,好")
    found = entries.read(path, maps["account"], "gbk")
    assert found.problems == ()
    assert [(e.row, e.key, dict(e.values), e.refusal) for e in found.rows] == [
        (2, "0012", {"notify_mode": "sms", "contract_cap": "12.5"}, ""),
        (3, "0013", {"notify_mode": "paper", "remark": "好"}, ""),
    ]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("notify_mode", "传真", "code"),
        ("remark", "长" * 65, "length"),
        ("remark", "𠮷", "charset"),
        ("contract_cap", "十二", "format"),
    ],
)
def test_what_the_screen_cannot_hold_is_the_rows_own_fault(
    maps: dict[str, Screen], tmp_path: Path, column: str, value: str, reason: str
) -> None:
    found = entries.read(_sheet(tmp_path / "a.csv", f"cons_no,{column}", f"1,{value}"), maps["account"], "gbk")
    assert found.problems == ()
    assert [(e.refusal, e.field) for e in found.rows] == [(reason, column)]


def test_a_code_that_means_one_thing_here_and_another_there_is_not_guessed(
    maps: dict[str, Screen], tmp_path: Path
) -> None:
    path = _sheet(tmp_path / "a.csv", "客户编号,cert_type_code", "C1,06", "C2,户口簿", "C3,01")
    rows = entries.read(path, maps["customer"], "gbk").rows
    assert [(e.refusal, e.values["cert_type_code"]) for e in rows] == [
        ("ambiguous_code", "06"),
        ("", "06"),
        ("", "01"),
    ]


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (["cons_no,remark", "1,a", "2,b", "1,c"], [("same_key", 4)]),
        (["cons_no,remark", ",a", "2,b"], [("no_key", 2)]),
        (["cons_no,remark", "1.23E+12,a"], [("scientific", 2)]),
        (["cons_no,remark", "1001.0,a"], [("number_for_text", 2)]),
        (["cons_no,remark", "1,1e5"], [("scientific", 2)]),
        (["cons_no,remark,用户编号", "1,a,2"], [("same_column", 1)]),
        (["cons_no,remark,备注", "1,a,b"], [("same_column", 1)]),
        (["cons_no,remark", "1,a,b"], [("merged_header", 1)]),
        (["cons_no,,remark", "1,x,b"], [("merged_header", 1)]),
        (["cons_no,nothing", "1,a"], [("strange_column", 1)]),
        (["cons_no,cust_no", "1,a"], [("shown_only", 1)]),
        (["remark", "a"], [("no_key_column", 1)]),
        (["cons_no", "1"], [("nothing_to_enter", 1)]),
        (["cons_no,remark,elec_addr", "1,a"], [("short_row", 2)]),
        (["cons_no,remark", "1,#N/A", "2,#DIV/0!", "#REF!,x", "3,#1"], [("error_cell", n) for n in (2, 3, 4)]),
        (["cons_no,remark"], [("no_rows", None)]),
    ],
)
def test_a_doubtful_sheet_names_the_row_and_the_reason(
    maps: dict[str, Screen], tmp_path: Path, lines: list[str], wrong: list[tuple[str, int]]
) -> None:
    assert _codes(entries.read(_sheet(tmp_path / "a.csv", *lines), maps["account"], "gbk")) == wrong


def test_a_workbooks_numbers_pass_only_where_numbers_are_due(maps: dict[str, Screen], tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["cons_no", "contract_cap", "remark"])
        page.write_row(1, 0, ["001", 12.0, "x"])
        page.write_row(2, 0, [1301000000001.0, 5, "x"])
        page.write_row(3, 0, ["003", 5, 7])
    found = entries.read(path, maps["account"], "gbk")
    assert _codes(found) == [("number_for_text", 3), ("number_for_text", 4)]
    assert dict(found.rows[0].values) == {"contract_cap": "12", "remark": "x"}


def test_a_list_and_a_file_that_is_no_table_are_refused_in_one_sentence(
    maps: dict[str, Screen], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="contacts"):
        entries.read(_sheet(tmp_path / "a.csv", "x", "1"), maps["contacts"], "gbk")
    with pytest.raises(InputError, match=r"nothing\.xlsx"):
        entries.read(tmp_path / "nothing.xlsx", maps["account"], "gbk")


def _book(path: Path, *rows: list[object], change: Callable[[Any, Any], None] | None = None) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    if change:
        change(book, page)
    book.save(path)
    return path


def _rewrite(path: Path, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content.replace(old, new))


def _hide(_book: Any, page: Any) -> None:
    for row in (2, 4, 9):  # nothing stands in the last
        page.row_dimensions[row].hidden = True


def _other(book: Any, page: Any) -> None:
    book.active = book.create_sheet("另一张")
    page.sheet_state = "hidden"


@pytest.mark.parametrize(
    ("cells", "change", "wrong"),
    [
        ([["1", "#N/A"]], None, [("error_cell", 2)]),
        ([["1", "a"], [None, "#REF!"]], None, [("error_cell", 3)]),  # the row is not blank
        ([["1", "=1+1"]], None, [("unreckoned", 2)]),
        ([["1", "a"], ["2", None]], lambda _, page: page.merge_cells("B2:B3"), [("merged_cells", 2)]),
        ([["1", "a"], ["2", "b"], ["3", "c"]], _hide, [("hidden_rows", None)]),
        ([["1", "a"]], _other, [("hidden_sheet", None)]),
    ],
)  # fmt: skip
def test_what_only_looks_empty_or_is_not_seen_keeps_a_workbook_from_being_used(
    maps: dict[str, Screen], tmp_path: Path, cells: list[list[object]], change: Any, wrong: list[tuple[str, int | None]]
) -> None:
    path = _book(tmp_path / "a.xlsx", ["cons_no", "remark"], *cells, change=change)
    found = entries.read(path, maps["account"], "gbk")
    assert _codes(found) == wrong
    assert [p.params.get("column", "remark") for p in found.problems] == ["remark"] * len(wrong)
    assert [p.params.get("rows") for p in found.problems if p.code == "hidden_rows"] in ([], ["2, 4"])


def test_a_formula_that_was_reckoned_and_an_empty_text_of_one_are_values(
    maps: dict[str, Screen], tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("客户")
        page.write_row(0, 0, ["cons_no", "remark", "elec_addr"])
        page.write_string(1, 0, "1")
        page.write_formula(1, 1, '="好"', None, "好")
        page.write_formula(1, 2, '=""', None, "")
    _rewrite(path, b'r="C2"', b'r="C2" t="str"')  # as Excel writes it
    found = entries.read(path, maps["account"], "gbk")
    assert (found.problems, found.sheet) == ((), "客户")
    assert dict(found.rows[0].values) == {"remark": "好"}


def test_a_workbook_that_does_not_tell_what_is_hidden_is_refused(maps: dict[str, Screen], tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", ["cons_no", "remark"], ["1", "a"])
    _rewrite(path, b"<workbook ", b"<!DOCTYPE workbook><workbook ")
    with pytest.raises(InputError, match="cannot be seen"):
        entries.read(path, maps["account"], "gbk")


def test_a_time_of_day_is_not_lost_in_a_field_of_days(maps: dict[str, Screen], tmp_path: Path) -> None:
    account = maps["account"]
    field = replace(account.fields["remark"], date="%Y/%m/%d")
    screen = replace(account, fields={**account.fields, field.id: field})
    rows = [["1", datetime(2026, 5, 1, 13, 5)], ["2", datetime(2026, 5, 1)]]
    found = entries.read(_book(tmp_path / "a.xlsx", ["cons_no", field.id], *rows), screen, "gbk")
    assert _codes(found) == [("time_of_day", 2)]
    assert dict(found.rows[1].values) == {field.id: "2026-05-01"}


@pytest.mark.parametrize("key", ["cons_no", "用户编号"])
def test_a_problem_names_the_column_as_the_sheet_does(maps: dict[str, Screen], tmp_path: Path, key: str) -> None:
    found = entries.read(_sheet(tmp_path / "a.csv", f"{key},备注", ",a", "1,1e5"), maps["account"], "gbk")
    assert [p.params["column"] for p in found.problems] == [key, "备注"]
