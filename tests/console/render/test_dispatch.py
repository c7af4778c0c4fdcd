"""The dispatch list on paper: a workbook of visits and trips, a csv that runs no formula, one line a visit in a terminal."""

import csv
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from console.render import dispatch
from core.dispatch import Dispatch, Reason, Trip, Visit
from core.errors import InputError
from core.words import Words

REASONS = (
    Reason(rule="PH01", name=Words("电话为空", "no phone"), severity="S1", opened=date(2026, 3, 1)),
    Reason(rule="AD05", name=Words("层级自相矛盾", "town not in county"), severity="S3", opened=date(2026, 3, 2)),
)
VISIT = Visit(
    rank=1, account="0100000001", holder="张*丰", address="=路北区凤城国贸3号楼***", station="河西供电所", area="TQ1", line="XL1", score=36.5,
    parts={"findings": 11.0, "risk": 20.0, "age": 5.0, "neighbours": 0.5}, high_risk=True, surveyed=None, reasons=REASONS,
)  # fmt: skip
TRIP = Trip(rank=1, station="河西供电所", area="TQ1", line="XL1", visits=2, high_risk=1, score=52.0)
FOUND = Dispatch(day=date(2026, 3, 16), visits=(VISIT,), trips=(TRIP,), accounts=2, high_risk=1)


def test_the_workbook_has_visits_trips_and_how_they_are_scored(tmp_path: Path) -> None:
    dispatch.save(FOUND, tmp_path / "d.xlsx", "zh")
    with CalamineWorkbook.from_path(tmp_path / "d.xlsx") as book:
        assert book.sheet_names == ["派单清单", "台区汇总", "说明"]
        (head, row), (_, trip) = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names[:2])
    told = dict(zip(head, row, strict=True))
    assert (told["户号"], told["得分"], told["高风险"], told["上次普查"]) == ("0100000001", 36.5, "是", "从未")
    assert told["原因"] == "S1 PH01 电话为空\nS3 AD05 层级自相矛盾"
    assert [told[part] for part in ("异常分", "风险分", "时效分", "同台区分")] == [11, 20, 5, 0.5]
    assert trip == [1, 52, "河西供电所", "TQ1", "XL1", 2, 1]


def test_a_csv_runs_no_formula(tmp_path: Path) -> None:
    dispatch.save(FOUND, tmp_path / "d.csv", "en")
    with (tmp_path / "d.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["address (to the building)"].startswith("'=")
    assert row["reasons"] == "S1 PH01 no phone\nS3 AD05 town not in county"


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"d\.doc"):
        dispatch.save(FOUND, tmp_path / "d.doc", "zh")


def test_a_terminal_shows_area_line_and_rules() -> None:
    (row,) = dispatch.rows(FOUND, "zh")
    assert (row["area"], row["why"]) == ("TQ1\nXL1", "高风险\nS1 PH01\nS3 AD05")


def test_programs_get_the_parts_and_the_rules() -> None:
    told = dispatch.listing(FOUND)
    assert told["visits"] == [
        {"rank": 1, "account": "0100000001", "score": 36.5, "parts": dict(VISIT.parts), "high_risk": True, "station": "河西供电所",
         "area": "TQ1", "line": "XL1", "surveyed": None, "rules": ["PH01", "AD05"]}
    ]  # fmt: skip
