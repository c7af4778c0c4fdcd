"""From addresses to a quarter ledger and back, as a person types the commands; and whom to visit first."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

import run
from core.ledger import Ledger, batches, entities, findings, store
from core.ledger.entities import Organisation
from core.ledger.findings import Breakage
from core.model import Class, Kind
from core.ports import Delivery

DAY = date(2026, 3, 16)
ROOMS = ("3号楼1单元101室", "3号楼1单元102室", "3号楼2单元1102室", "5号楼1单元201室")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A ledger with an archive of nine accounts in two quarters and one address that nobody can read."""
    store.create(tmp_path / "data")
    ledger = store.open(tmp_path / "data")
    with ledger.begin() as tx:
        entities.import_organisations(
            tx, [Organisation("01", "唐山供电公司", "city", None), Organisation("0101", "河西供电所", "station", "01")]
        )
    texts: list[str | None] = [f"河北省唐山市路北区{name}{room}" for name in ("凤城国贸", "学府花园") for room in ROOMS]
    texts.append("不详")
    keep(ledger, "accounts", {
        "cons_no": [f"010000000{row}" for row in range(9)], "cust_no": [f"C{row}" for row in range(9)], "org_no": ["0101"] * 9,
        "cons_name": ["张三丰"] * 9, "elec_addr": texts, "tg_no": ["TQ1"] * 9, "line_no": ["XL1"] * 9, "cons_status_code": ["normal"] * 9,
    })  # fmt: skip
    keep(ledger, "contacts", {"cons_no": ["0100000000"], "mobile": ["19400000001"]})
    opened = Breakage(
        kind=Kind.ACCOUNT, key="0100000008", org="0101", rule="ID02", field="cert_no", value="1", group="core", severity="S1", cls=Class.C,
        params={},
    )  # fmt: skip
    findings.settle(ledger, [opened], DAY, "1")
    ledger.close()
    return tmp_path / "data"


def keep(ledger: Ledger, table: str, columns: dict[str, list[str | None]] | dict[str, Any]) -> None:
    delivery = Delivery(name=f"{table}.csv", raw=table.encode(), as_of=DAY, columns=columns, table=table)
    assert batches.keep(ledger, "archive", "archive", delivery, DAY, None)


def typed(data: Path, *words: str) -> dict[str, Any]:
    """What a command prints with --json."""
    done = CliRunner().invoke(run.app, [*words, "--data", str(data), "--json"])
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def decide(path: Path, answers: dict[str, str]) -> None:
    """Fill the workbook in: name → decision."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    titles = [str(cell.value) for cell in sheet[1]]
    place = {name: next(n for n, title in enumerate(titles, 1) if title in words) for name, words in {
        "name": ("名称", "name"), "verdict": ("决定", "decision"), "whole": ("完整", "complete"), "reviewer": ("确认人", "decided by"),
    }.items()}  # fmt: skip
    for row in range(2, sheet.max_row + 1):
        verdict = answers.get(str(sheet.cell(row, place["name"]).value))
        if verdict is not None:
            for name, value in (("verdict", verdict), ("whole", "是"), ("reviewer", "审核员甲")):
                sheet.cell(row, place[name], value)
    book.save(path)


def test_quarters_are_proposed_settled_and_held_against_the_archive(data: Path, tmp_path: Path) -> None:
    done = typed(data, "quarters", "propose")
    assert (done["read"], done["sightings"], done["quarters"], done["buildings"]) == (9, 8, 2, 4)
    assert [row["name"] for row in typed(data, "quarters", "ls")["quarters"]] == ["凤城国贸", "学府花园"]
    path = tmp_path / "q.xlsx"
    assert typed(data, "quarters", "export", str(path))["rows"] == 6
    decide(path, {"凤城国贸": "确认", "学府花园": "拒绝"})
    assert typed(data, "quarters", "import", str(path)) == {
        "read": 6,
        "decided": 2,
        "same": 0,
        "undecided": 4,
        "refused": 0,
    }
    assert typed(data, "quarters", "import", str(path))["same"] == 2
    told = typed(data, "quarters", "check")
    assert (told["placed"], told["flats_ledger"], told["only_ledger"], told["only_archive"], told["strangers"]) == (
        {"exact": 4, "none": 4, "unread": 1}, 4, 0, 0, 1,
    )  # fmt: skip
    assert [row["quarter"] for row in told["quarters"]] == ["凤城国贸"]


def test_a_sites_own_list_shows_the_flats_that_the_archive_lacks(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "小区.csv"
    path.write_text(
        "county_code,quarter,building,units,rooms\n130203,凤城国贸,3号楼,1-2,101-103\n130203,,4,,\n", encoding="utf-8"
    )
    assert typed(data, "import", "quarters", str(path), "--dry-run") == {
        "read": 2,
        "added": 2,
        "changed": 0,
        "refused": 1,
    }  # what would be kept
    assert typed(data, "import", "quarters", str(path)) == {"read": 2, "added": 2, "changed": 0, "refused": 1}
    told = typed(data, "quarters", "check", "--out", str(tmp_path / "check.csv"))
    assert (told["flats_ledger"], told["only_ledger"], told["only_archive"]) == (6, 4, 2)
    assert len((tmp_path / "check.csv").read_text(encoding="utf-8-sig").splitlines()) == 3


def test_the_riskiest_account_is_dispatched_first(data: Path, tmp_path: Path) -> None:
    told = typed(data, "dispatch", "--date", DAY.isoformat(), "--org", "01", "--out", str(tmp_path / "d.xlsx"))
    assert (told["accounts"], told["high_risk"], told["trips"][0]["area"]) == (1, 1, "TQ1")
    assert (told["visits"][0]["account"], told["visits"][0]["rules"]) == ("0100000008", ["ID02"])
    assert (tmp_path / "d.xlsx").stat().st_size > 0


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["quarters", "ls", "--state", "done"], "--state done"),
        (["quarters", "import", "none.xlsx"], "none.xlsx"),
        (["quarters", "check", "--out", "x.pdf"], "x.pdf"),
        (["dispatch", "--org", "99"], "--org 99"),
        (["template", "nothing"], "nothing"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_wrong_use_is_named(words: list[str], named: str, data: Path) -> None:
    place = [] if words[0] == "template" else ["--data", str(data)]
    done = CliRunner().invoke(run.app, [*words, *place])
    assert done.exit_code != 0
    assert named in str(done.exception)
