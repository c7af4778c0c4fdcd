"""A spreadsheet into the practice world's account screen: typed, read back, told row by row, or refused whole."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import xlsxwriter

from core.ledger import queue
from core.model import Kind
from flows import archive
from tests.practice import ROOT, Practice, practice

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with practice(tmp_path_factory.mktemp("enter"), accounts=30, seed=2, until="pull") as site:
        yield site


@pytest.fixture(scope="module")
def keys(site: Practice) -> list[str]:
    ledger = site.ledger()
    try:
        accounts = archive.current(ledger).accounts
    finally:
        ledger.close()
    open_ = [str(s) == "normal" for s in accounts["cons_status_code"].to_pylist()]
    return [str(k) for k, usual in zip(accounts["cons_no"].to_pylist(), open_, strict=True) if usual]


def _csv(path: Path, head: Sequence[str], *rows: Sequence[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def _results(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _sum(told: Mapping[str, int]) -> int:
    return sum(told[k] for k in ("verified", "unchanged", "conflicts", "business_errors", "unknown", "parked"))


def test_rows_are_entered_verified_and_told_and_a_second_run_sends_nothing(
    site: Practice, keys: list[str], tmp_path: Path
) -> None:
    rows = _csv(
        tmp_path / "rows.csv",
        ["用户编号", "备注", "notify_mode", "contract_cap"],
        [keys[0], "已核", "短信", "12"],
        [keys[1], "已核二", "paper", ""],
        ["9999999999999", "查无此户", "", ""],
        [keys[2], "长" * 65, "", ""],
        [keys[3], "好", "传真", ""],
    )
    before = len(site.effects())
    dry = site.json("enter", "account", str(rows), "--dry-run")
    assert dry["rows"] == 5
    assert dry["changes"] == 2
    assert dry["business_errors"] == 3
    assert len(site.effects()) == before

    told = site.json("enter", "account", str(rows))
    assert told["rows"] == _sum(told) == 5
    assert (told["verified"], told["business_errors"], told["filled"]) == (2, 3, 2)
    assert len(site.effects()) == before + 2
    results = _results(tmp_path / "rows.result.csv")
    assert [r["state"] for r in results] == ["verified"] * 2 + ["business error"] * 3
    assert "备注=已*" in results[0]["after"]  # masked as everywhere
    assert [bool(r["reason"]) for r in results] == [False, False, True, True, True]
    assert ["备注" in results[3]["reason"], "通知方式" in results[4]["reason"]] == [True, True]

    again = site.json("enter", "account", str(rows))
    assert (again["unchanged"], again["filled"], again["verified"]) == (2, 0, 0)
    assert len(site.effects()) == before + 2


def test_what_is_entered_at_another_address_is_no_nights_business(
    site: Practice, keys: list[str], tmp_path: Path
) -> None:
    rows = _csv(tmp_path / "rows.csv", ["用户编号", "备注"], [keys[6], "别处"])
    elsewhere = site.world.told["legacy_url"].replace("127.0.0.1", "localhost")
    told = site.json("enter", "account", str(rows), "--target", elsewhere)
    again = site.json("enter", "account", str(rows), "--target", elsewhere)
    assert [(t["verified"], t["unchanged"], t["filled"]) for t in (told, again)] == [(1, 0, 1), (0, 1, 0)]
    ledger = site.ledger()
    try:
        items = [row for row in queue.rows(ledger) if row.key.endswith(f" {keys[6]}")]
    finally:
        ledger.close()
    assert [(row.kind, row.key.startswith("account@localhost:")) for row in items] == [(Kind.RECORD, True)] * 2


def test_a_sheet_with_anything_doubtful_is_refused_whole_with_row_and_reason(
    site: Practice, keys: list[str], tmp_path: Path
) -> None:
    before = len(site.effects())
    book = tmp_path / "numbers.xlsx"
    with xlsxwriter.Workbook(book) as made:
        page = made.add_worksheet()
        page.write_row(0, 0, ["cons_no", "remark"])
        page.write_string(1, 0, keys[4])
        page.write_string(1, 1, "甲")
        page.write_number(2, 0, float(keys[5]))
        page.write_string(2, 1, "乙")
    merged = tmp_path / "merged.xlsx"
    with xlsxwriter.Workbook(merged) as made:
        page = made.add_worksheet()
        page.merge_range(0, 0, 0, 1, "cons_no")
        page.write_row(1, 0, [keys[4], "甲"])
    sheets = {
        book: ("row 3", "number"),
        merged: ("column 2", "header"),
        _csv(tmp_path / "a.csv", ["cons_no", "beizhu"], [keys[4], "x"]): ("beizhu", "remark"),
        _csv(tmp_path / "b.csv", ["cons_no", "remark"], [keys[4], "x"], [keys[4], "y"]): ("row 3", "row 2"),
        _csv(tmp_path / "c.csv", ["cons_no", "remark"], ["", "x"]): ("row 2", "cons_no"),
        _csv(tmp_path / "d.csv", ["cons_no", "remark"], ["1.301E+12", "x"]): ("row 2", "scientific"),
        _csv(tmp_path / "e.csv", ["cons_no", "cons_name"], [keys[4], "x"]): ("cons_name", "only shows"),
        _csv(tmp_path / "f.csv", ["remark"], ["x"]): ("cons_no", "missing"),
    }
    for path, words in sheets.items():
        refused = site.run("enter", "account", str(path), expect=2)
        assert [word in refused.stderr for word in words] == [True, True], (path.name, refused.stderr)
        assert not path.with_name(f"{path.stem}.result{path.suffix}").exists()
    assert len(site.effects()) == before


def test_a_run_that_was_killed_is_resumed_without_a_second_effect(
    site: Practice, keys: list[str], tmp_path: Path
) -> None:
    rows = _csv(tmp_path / "many.csv", ["cons_no", "remark"], *([key, f"第{n}"] for n, key in enumerate(keys[6:14])))
    before = len(site.effects())
    words = ["enter", "account", str(rows), "--config", str(site.config), "--data", str(site.data)]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "run.py"), *words], env=site.environ(), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while len(site.effects()) < before + 2 and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    told = site.json("enter", "account", str(rows), "--resume")
    assert told["rows"] == _sum(told) == 8
    assert told["verified"] + told["unchanged"] == 8
    assert len(site.effects()) == before + 8


def test_limit_takes_the_first_rows_and_the_ledger_makes_itself(
    site: Practice, keys: list[str], tmp_path: Path
) -> None:
    rows = _csv(tmp_path / "some.csv", ["cons_no", "remark"], [keys[16], "一"], [keys[17], "二"])
    done = site.run(
        "enter", "account", str(rows), "--limit", "1", "--json", "--data", str(tmp_path / "fresh")
    )  # the last --data counts
    assert '"rows": 1' in done.stdout
    assert (tmp_path / "some.result.csv").exists()


def test_a_map_that_does_not_fit_stops_before_anything_is_typed(
    site: Practice, keys: list[str], tmp_path: Path
) -> None:
    shutil.copytree(site.config, tmp_path / "config")
    (tmp_path / "config" / "screens").mkdir()
    wrong = (ROOT / "config" / "screens" / "account.yaml").read_text(encoding="utf-8")
    wrong = wrong.replace("{label: 备注, name: remark", "{label: 附注, name: note").replace(
        "codes: pay_mode", "codes: volt"
    )
    (tmp_path / "config" / "screens" / "account.yaml").write_text(wrong, encoding="utf-8")
    there = Practice(site.world, tmp_path, site.secrets)
    before = len(site.effects())
    problems = there.json("screens", "check", "account", "--key", keys[0], expect=1)["problems"]
    assert {"account.remark", "account.pay_mode"} <= {p["place"] for p in problems}
    assert "account.remark" in there.run("screens", "check", "account", "--key", keys[0], expect=1).stdout
    rows = _csv(tmp_path / "rows.csv", ["cons_no", "room_no"], [keys[0], "101"])
    assert "nothing was typed" in there.run("enter", "account", str(rows), expect=2).stderr
    assert len(site.effects()) == before


def test_a_screen_is_examined_and_listed(site: Practice, keys: list[str]) -> None:
    told = site.json("screens", "check", "account", "--key", keys[0])
    assert told["ok"] is True
    assert told["problems"] == []
    assert told["fields"] > 20
    assert site.json("screens", "check", "account", "--key", "1", expect=1)["problems"][0]["code"] == "no_such_object"
    assert "account" in site.run("enter", "accounts", "none.csv", expect=2).stderr
