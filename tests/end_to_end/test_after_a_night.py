"""After a night: nothing new to do means nothing is done; what people accept in the workbook, and only that, is written."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from console.render.mismatch import NO_VALUE
from core.ledger import calls, proposals
from tests.practice import Practice, practice

REVIEWER = "审核员甲"
FIELDS = {
    "用电地址": ("account", "elec_addr"),
    "户名": ("customer", "name"),
    "证件号码": ("customer", "cert_no"),
    "合同容量": ("account", "contract_cap"),
    "小区名称": ("account", "quarter"),
    "楼栋号": ("account", "building"),
}
"""Fields whose proposals wait for a person, and where the legacy system keeps them."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with practice(tmp_path_factory.mktemp("after"), accounts=90, seed=4, language="zh") as site:
        site.night()
        yield site


def _memory(site: Practice) -> tuple[int, int, int]:
    ledger = site.ledger()
    try:
        return (
            len(site.effects()),
            len(proposals.find(ledger)),
            sum(calls.count(ledger, site.world.day + timedelta(n)) for n in range(3)),
        )
    finally:
        ledger.close()


def test_first_night_writes_and_nothing_is_silently_wrong(site: Practice) -> None:
    said = site.score()
    assert said["effects"] > 0
    assert {key: said[key] for key in ("silent_wrong", "wrong_automatic", "lost", "doubled")} == dict.fromkeys(
        ("silent_wrong", "wrong_automatic", "lost", "doubled"), 0
    )
    assert said["accuracy_after"] > said["accuracy_before"]


def test_reopened_run_of_the_same_date_does_nothing(site: Practice) -> None:
    before = _memory(site)
    counts = site.night()["counts"]
    assert counts["check"]["opened"] == 0
    assert counts["reconcile"]["new"] == 0
    assert counts["recheck"]["calls"] == 0
    assert _memory(site) == before


def test_the_report_can_be_made_again_by_itself(site: Practice) -> None:
    told = site.json("report", "--date", site.world.day.isoformat())
    assert told["state"] == "done"
    assert (site.data / "logs" / "reports" / f"{site.world.day}.html").exists()


def test_next_date_without_new_data_does_nothing(site: Practice) -> None:
    before = _memory(site)
    counts = site.night(site.world.day + timedelta(days=1))["counts"]
    assert counts["pull"]["batches"] == 0
    assert counts["check"]["opened"] == 0
    assert counts["reconcile"]["new"] == 0
    assert _memory(site) == before


def _legacy(site: Practice, kind: str, number: str, column: str) -> str:
    table = {"account": "account WHERE cons_no", "customer": "customer WHERE cust_no"}[kind]
    with closing(sqlite3.connect(site.world.directory / "legacy.db")) as db:
        return str(db.execute(f"SELECT {column} FROM {table} = ?", (number,)).fetchone()[0])


def _true(site: Practice, kind: str, number: str, column: str) -> str:
    with closing(sqlite3.connect(site.world.directory / "truth.db")) as db:
        sql = "SELECT value FROM truth_cell WHERE kind = ? AND object = ? AND column = ?"
        return str(db.execute(sql, (kind, number, column)).fetchone()[0])


def _returned(site: Practice) -> set[str]:
    return {row["object"] for row in site.json("queue", "ls")["items"] if row["state"] == "business_error"}


def test_decided_rows_are_written_and_only_they(site: Practice) -> None:
    file = site.data / "logs" / "mismatch" / f"{site.world.day}.xlsx"
    book = openpyxl.load_workbook(file)
    sheet = book["待审"]
    head = {cell.value: cell.column or 0 for cell in sheet[1]}
    rows = [row for row in range(2, sheet.max_row + 1) if sheet.cell(row, head["字段"]).value in FIELDS]
    chosen = {}
    for place, row in enumerate(rows[:20]):
        kind, column = FIELDS[str(sheet.cell(row, head["字段"]).value)]
        number = str(sheet.cell(row, head["客户编号" if kind == "customer" else "户号"]).value)
        proposed = sheet.cell(row, head["建议值(掩码)"]).value != NO_VALUE.zh
        right = _true(site, kind, number, column)  # what the reviewer has found out
        known = column != "cert_no" and right != _legacy(site, kind, number, column)
        yes = "采纳" if proposed else "改为" if known else "驳回"
        verdict = (yes, "驳回", yes, "暂缓")[place % 4]
        sheet.cell(row, head["决定"]).value = verdict
        sheet.cell(row, head["审核人"]).value = REVIEWER
        if verdict == "改为":
            sheet.cell(row, head["新值"]).value = right
        chosen[kind, number, column] = (verdict, _legacy(site, kind, number, column))
    assert len(chosen) == 20
    book.save(file)
    done = site.run("review", "import", str(file), "--json")
    taken = json.loads(done.stdout)
    assert (taken["decided"], taken["refused"]) == (20, 0), done.stderr
    since = len(site.effects())
    filled = site.json("fill", "--date", site.world.day.isoformat())
    assert filled["ended"] == "done"
    assert len(site.effects()) > since
    accepted = {place for place, (verdict, _before) in chosen.items() if verdict in ("采纳", "改为")}
    changed = {place for place, (_verdict, before) in chosen.items() if _legacy(site, *place) != before}
    returned = {place for place in accepted if place[1] in _returned(site)}  # the other system's approver said no
    assert changed == accepted - returned
    assert len(changed) >= 5
    said = site.score()
    assert (said["silent_wrong"], said["lost"], said["doubled"]) == (0, 0, 0), said["details"]
    for _kind, number, _column in accepted:
        links = site.json("explain", number)["chain"]
        assert REVIEWER in {link["who"] for link in links if link["what"] == "decision"}


def test_every_row_names_the_accounts_that_it_is_about(site: Practice) -> None:
    sheet = openpyxl.load_workbook(site.data / "logs" / "mismatch" / f"{site.world.day}.xlsx")["待审"]
    head = [cell.value for cell in sheet[1]]
    rows = [dict(zip(head, row, strict=True)) for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [row["编号"] for row in rows if not row["户号"]] == []
    row = next(row for row in rows if row["客户编号"])
    account = str(row["户号"]).split()[0]
    assert f"P{row['编号']}" in {link["who"] for link in site.json("explain", account)["chain"]}


def test_the_same_workbook_again_changes_nothing(site: Practice) -> None:
    file = site.data / "logs" / "mismatch" / f"{site.world.day}.xlsx"
    taken = site.json("review", "import", str(file))
    assert (taken["decided"], taken["same"], taken["planned"]) == (0, 20, 0)


def test_a_row_that_was_overtaken_is_named(site: Practice, tmp_path: Path) -> None:
    old = tmp_path / "old.xlsx"
    book = openpyxl.load_workbook(site.data / "logs" / "mismatch" / f"{site.world.day}.xlsx")
    sheet = book["待审"]
    head = {cell.value: cell.column or 0 for cell in sheet[1]}
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, head["决定"]).value == "采纳")
    sheet.cell(row, head["决定"]).value = "驳回"
    book.save(old)
    done = site.run("review", "import", str(old), "--json")
    assert f"{old.name}:{row}:" in done.stderr
    assert '"refused": 1' in done.stdout
