"""A sheet's rows for a screen: certain, or refused by row and reason."""

from pathlib import Path

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
