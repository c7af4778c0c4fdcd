"""Promises of the figures' workbook: a sheet for each table, numbers as numbers, nothing unmasked, no text that becomes a formula."""

import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from console.render import xlsx
from core.figures import Report, Trouble
from core.words import Language, Words
from tests.night import Night


def _written(report: Report, tmp_path: Path, language: Language = "zh") -> openpyxl.Workbook:
    xlsx.write(report, tmp_path / "figures.xlsx", language)
    return openpyxl.load_workbook(tmp_path / "figures.xlsx")


def test_there_is_a_sheet_for_each_table(drawn: Report, tmp_path: Path) -> None:
    assert _written(drawn, tmp_path).sheetnames == [
        "单位", "规则", "异常分布", "建议值", "工单", "不一致", "普查员", "审核人", "问题", "指标",
    ]  # fmt: skip


def test_rows_of_units_carry_their_figures(drawn: Report, tmp_path: Path) -> None:
    sheet = _written(drawn, tmp_path)["单位"]
    rows = {row[1]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert len(rows) == len(drawn.units) + 1
    for unit in drawn.units:
        assert rows[unit.org.code][3] == unit.get("accounts")
        assert rows[unit.org.code][4] == pytest.approx(unit.rate("core", "before"))


def test_all_figures_of_the_ledger_are_there(drawn: Report, tmp_path: Path) -> None:
    rows = list(_written(drawn, tmp_path)["指标"].iter_rows(min_row=2, values_only=True))
    assert {(row[1], row[3]): row[4] for row in rows} == {
        (unit.org.code, metric): value for unit in (drawn.whole, *drawn.units) for metric, value in unit.metrics.items()
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_value_is_seen_without_a_mask(drawn: Report, night: Night, tmp_path: Path, language: Language) -> None:
    _written(drawn, tmp_path, language)
    with zipfile.ZipFile(tmp_path / "figures.xlsx") as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert [secret for secret in night.secrets if secret.encode() in content] == []


def test_text_of_a_source_is_no_formula(drawn: Report, tmp_path: Path) -> None:
    trouble = Trouble(place="=1+1", row=1, code="bad", sentence=Words("=2+2", ""), params={})
    sheet = _written(replace(drawn, problems=(trouble,)), tmp_path)["问题"]
    first = sheet[2][0]
    assert (first.value, first.data_type) == ("=1+1", "s")
