"""A site's list of quarters comes in row by row; what cannot be used is named, and nothing else is lost."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from bots.sources import quarters, tables
from core.ledger import Ledger, store
from core.ledger import quarters as ledger_quarters
from core.quarters import Alias

COUNTIES = ("130203", "130302")
HEAD = ",".join(quarters.COLUMNS)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    store.create(tmp_path / "site")
    made = store.open(tmp_path / "site")
    yield made
    made.close()


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join((HEAD, *rows)) + "\n", encoding="utf-8-sig")
    return path


def take(ledger: Ledger, path: Path, **more: bool) -> tables.Taken:
    return tables.take("quarters", path, ledger, counties=COUNTIES, **more)


def test_the_template_can_be_imported_as_it_is(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "小区.csv"
    path.write_text(tables.template("quarters"), encoding="utf-8-sig")
    taken = take(ledger, path)
    assert (taken.read, taken.added, taken.changed, taken.problems) == (3, 5, 0, ())
    (quarter,) = ledger_quarters.confirmed(ledger)
    tower, other = quarter.buildings
    assert (tower.name, tower.units, tower.floors, len(tower.rooms)) == ("3", ("1", "2"), 18, 16)
    assert (other.phase, other.name, other.units) == ("二期", "5", ("1", "2", "3"))
    assert other.rooms == {("1", "101"), ("2", "101")}
    assert (quarter.whole, tower.whole, other.whole) == (True, True, False)
    assert [alias.kind for alias in quarter.aliases] == ["old", "developer"]


def test_a_workbook_gives_the_same_as_a_csv(ledger: Ledger, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(quarters.COLUMNS))
    sheet.append([130203, "凤城国贸", None, 3, 2, 18, 1102, "是", None, None, None])
    book.save(tmp_path / "小区.xlsx")
    assert take(ledger, tmp_path / "小区.xlsx").problems == ()
    (quarter,) = ledger_quarters.confirmed(ledger)
    (building,) = quarter.buildings
    assert (building.name, building.units, building.floors, set(building.rooms)) == ("3", ("2",), 18, {("2", "1102")})


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",凤城国贸,,,,,,,,,", "empty"),
        ("130203,,,3号楼,,,,,,,", "empty"),
        ("130230,凤城国贸,,,,,,,,,", "no_county"),
        ("130203,凤城国贸,,3号楼,,十八,,,,,", "no_number"),
        ("130203,凤城国贸,,,,,,,东经118,,", "no_number"),
        ("130203,凤城国贸,,3号楼,,,,也许,,,", "no_flag"),
        ("130203,凤城国贸,,3号楼,,,101-99,,,,", "no_range"),
        ("130203,凤城国贸,,3号楼,,,1-99999,,,,", "no_range"),
        ("130203,凤城国贸,,3号楼,一层大厅,,,,,,", "no_range"),
        ("130203,凤城国贸,,,,,,,,,老名:旧名", "no_alias"),
        ("130203,凤城国贸,,,,,,,,,老名:old:去年", "no_alias"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_the_others_are_taken(
    row: str, code: str, ledger: Ledger, tmp_path: Path
) -> None:
    taken = take(ledger, write(tmp_path / "q.csv", "130203,学府花园,,1,,,,,,,", row))
    assert [(p.code, p.place, p.row) for p in taken.problems] == [(code, "q.csv", 3)]
    assert taken.added == 2
    sentence = tables.PROBLEMS[code].say("zh", taken.problems[0].params)
    assert "{" not in sentence


def test_a_building_that_stands_twice_is_taken_once(ledger: Ledger, tmp_path: Path) -> None:
    rows = ("130203,学府花园,,1号楼,1,,,,,,", "130203,学府花园小区,,01栋,2,,,,,,")
    taken = take(ledger, write(tmp_path / "q.csv", *rows))
    assert [(p.code, p.row, p.params) for p in taken.problems] == [("twice", 3, {"other": "2"})]
    assert [b.units for b in ledger_quarters.confirmed(ledger)[0].buildings] == [("1",)]


def test_a_dry_run_keeps_nothing(ledger: Ledger, tmp_path: Path) -> None:
    taken = take(ledger, write(tmp_path / "q.csv", "130203,学府花园,,1,,,,,,,"), dry_run=True)
    assert (taken.read, taken.problems) == (1, ())
    assert ledger_quarters.confirmed(ledger) == ()


def test_importing_the_same_file_again_changes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    path = write(tmp_path / "q.csv", "130203,学府花园,,1,1-3,6,101-103,是,,,老名")
    assert take(ledger, path).added == 3
    again = take(ledger, path)
    assert (again.added, again.changed) == (0, 0)
    assert ledger_quarters.confirmed(ledger)[0].aliases == (Alias(name="老名", kind="popular"),)


def test_another_spelling_of_a_quarter_that_is_there_is_that_quarter(ledger: Ledger, tmp_path: Path) -> None:
    take(ledger, write(tmp_path / "a.csv", "130203,学府花园,,1,,,,,,,"))
    take(ledger, write(tmp_path / "b.csv", "130203,学府花园小区,,2,,,,,,,"))
    (quarter,) = ledger_quarters.confirmed(ledger)
    assert (quarter.name, [b.name for b in quarter.buildings]) == ("学府花园", ["1", "2"])
