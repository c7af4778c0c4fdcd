"""The quarter ledger's workbook comes back as it was filled in; the validation shows counts, and rooms only where asked for."""

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from console.render import quarters
from core.errors import InputError
from core.quarters import Coverage, Entry, Stranger, Validation
from core.words import Language

LANGUAGES: tuple[Language, ...] = ("zh", "en")
ENTRIES = (
    Entry(
        id="Q1", version=2, state="proposed", county="130203", quarter="凤城国贸", name="凤城国贸", detail="12",
        support={"accounts": 640, "surveys": 31}, source="proposed", whole=False, decided_by="",
    ),
    Entry(
        id="A3", version=1, state="proposed", county="130203", quarter="凤城国贸", name="矿务局家属院", detail="popular",
        support={"corrected": 8, "surveyed": 9}, source="proposed", whole=False, decided_by="",
    ),
    Entry(
        id="B7", version=1, state="proposed", county="130203", quarter="凤城国贸", name="二期3", detail="1 2 · – · 72",
        support={"accounts": 70}, source="proposed", whole=False, decided_by="",
    ),
)  # fmt: skip


def filled(path: Path, answers: Mapping[int, Mapping[str, str]]) -> Path:
    """The workbook with cells typed in: row → title → value."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    titles = [str(cell.value) for cell in sheet[1]]
    for row, cells in answers.items():
        for title, value in cells.items():
            sheet.cell(row, titles.index(title) + 1, value)
    book.save(path)
    return path


@pytest.mark.parametrize(("language", "decision", "verdict"), [("zh", "决定", "并入"), ("en", "decision", "merge")])
def test_what_was_filled_in_comes_back(language: Language, decision: str, verdict: str, tmp_path: Path) -> None:
    path = tmp_path / "q.xlsx"
    quarters.write(ENTRIES, path, language)
    target, who, whole = {"zh": ("并入/标准名", "确认人", "完整"), "en": ("merge into / standard name", "decided by", "complete")}[language]  # fmt: skip
    yes = {"zh": "是", "en": "yes"}[language]
    filled(path, {2: {decision: verdict, target: "Q9", who: "张三", whole: yes}, 4: {decision: "？"}})
    one, _, three = quarters.read(path)
    given = [one[name] for name in ("row", "id", "version", "verdict", "value", "whole", "reviewer")]
    assert given == ["2", "Q1", "2", "merge", "Q9", "yes", "张三"]
    assert (three["id"], three["verdict"]) == ("B7", "？")


def test_an_entry_says_what_speaks_for_it_in_the_readers_words() -> None:
    chinese, english = ([quarters.row(e, language) for e in ENTRIES] for language in LANGUAGES)
    assert [r["support"] for r in chinese] == [
        "档案 640 户，普查 31 户",
        "普查更正 8 户，该名共普查 9 户",
        "档案 70 户",
    ]
    assert [r["detail"] for r in chinese] == ["12 栋", "俗名", "单元 1 2，房号 72 个"]
    assert [r["kind"] for r in english] == ["quarter", "other name", "building"]


def test_another_workbook_is_refused_by_name(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    with pytest.raises(InputError, match=r"other\.xlsx: the sheet 小区台账 is missing"):
        quarters.read(tmp_path / "other.xlsx")


def coverage(building: str, **more: object) -> Coverage:
    cells: dict[str, object] = {
        "quarter": "Q1", "county": "130203", "name": "凤城国贸", "phase": "", "building": building, "listed": True, "rooms_listed": True,
        "accounts": 3, "ledger": 4, "archive": 3, "only_ledger": (("1", "1102"), ("2", "909")), "only_archive": (("1", "808"),),
    }  # fmt: skip
    return Coverage(**{**cells, **more})  # type: ignore[arg-type]


FOUND = Validation(
    coverage=(coverage("3"), coverage("9", listed=False, rooms_listed=False, ledger=0, only_ledger=())),
    strangers=(Stranger(county="130203", name="凤诚国贸", accounts=2, near=("凤城国贸",)),),
    accounts=10, placed={"exact": 6, "fuzzy": 2, "unread": 2}, no_building=0,
)  # fmt: skip


def test_the_validation_counts_by_quarter() -> None:
    assert quarters.by_quarter(FOUND) == [
        {"county": "130203", "quarter": "凤城国贸", "buildings": 1, "buildings_not_listed": 1, "accounts": 6, "flats_ledger": 4,
         "flats_archive": 6, "only_ledger": 2, "only_archive": 2}
    ]  # fmt: skip
    told = quarters.totals(FOUND)
    assert (told["only_ledger"], told["only_archive"], told["strangers"]) == (2, 2, 1)


@pytest.mark.parametrize("rooms", [False, True])
def test_rooms_are_in_the_workbook_only_where_asked_for(rooms: bool, tmp_path: Path) -> None:
    path = tmp_path / "check.xlsx"
    quarters.save_check(FOUND, path, "zh", rooms=rooms)
    with CalamineWorkbook.from_path(path) as book:
        cells = {str(cell) for n in book.sheet_names for row in book.get_sheet_by_name(n).to_python() for cell in row}
    assert {"凤城国贸", "凤诚国贸"} <= cells
    assert bool({"1102", "808"} & cells) is rooms


def test_a_csv_holds_the_buildings(tmp_path: Path) -> None:
    quarters.save_check(FOUND, tmp_path / "check.csv", "zh")
    lines = (tmp_path / "check.csv").read_text(encoding="utf-8-sig").splitlines()
    assert (len(lines), lines[1]) == (3, "130203,凤城国贸,,3,是,3,4,3,2,1")


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"check\.pdf"):
        quarters.save_check(FOUND, tmp_path / "check.pdf", "zh")
