"""Applications that others wrote are filled by the maps of docs/examples, and hold exactly what was asked afterwards."""

import csv
import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from socket import socket
from typing import Any

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"


@contextmanager
def served(script: Path, folder: Path, page: str) -> Iterator[str]:
    """The application in a process of its own; its address."""
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    log = (folder / "log").open("wb")
    process = subprocess.Popen([sys.executable, str(script), str(folder), str(port)], stdout=log, stderr=log)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(url + page, timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text("utf-8")
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def enter(screen: Path, rows: Path, url: str, *more: str) -> dict[str, Any]:
    """`run.py enter`, as somebody types it; its figures."""
    environment = os.environ | {"HEDANG_SECRET_DJANGO": "practice", "HEDANG_LANG": "en"}
    data = rows.parent / "data"
    told = subprocess.run(
        [sys.executable, "run.py", "enter", screen, rows, "--target", url, "--data", data, "--json", *more],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert told.stdout, told.stderr
    figures: dict[str, Any] = json.loads(told.stdout)
    return figures


def sheet(path: Path, *rows: Sequence[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def stored(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def reasons(rows: Path) -> dict[str, tuple[str, str]]:
    with rows.with_name(f"{rows.stem}.result.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["key"]: (row["state"], row["reason"]) for row in csv.DictReader(file)}


def test_the_stock_admin_of_django_is_filled_and_a_second_run_sends_nothing(tmp_path: Path) -> None:
    rows = sheet(
        tmp_path / "rows.csv",
        ["Email", "First name", "Phone", "Level", "Active", "Birthday", "Team", "Visits", "Note"],
        ["p1@example.com", "Ann", "123", "Gold", "no", "2001-02-03", "South", "7", "two words"],
        ["p2@example.com", "Bob", "", "Silver", "", "", "", "", ""],
        ["new@example.com", "Eve", "1", "Silver", "yes", "1999-01-01", "North", "1", "made"],
        ["p3@example.com", "Cat", "1" * 21, "", "", "", "", "", ""],
        ["p4@example.com", "Dan", "", "c", "", "", "", "", ""],
        ["p5@example.com", "Fay", "", "", "", "soon", "", "", ""],
    )
    everything = "SELECT email, first_name, phone, level, active, birthday, team_id, visits, note FROM crm_person"
    example = EXAMPLES / "django_admin"
    with served(example / "serve.py", tmp_path, "/admin/login/") as url:
        before = stored(tmp_path / "django.sqlite", everything)
        dry = enter(example / "person.yaml", rows, url + "/admin/", "--dry-run")
        assert (dry["changes"], dry["business_errors"], dry["filled"]) == (4, 2, 0)
        assert stored(tmp_path / "django.sqlite", everything) == before
        told = enter(example / "person.yaml", rows, url + "/admin/")
        after = stored(tmp_path / "django.sqlite", everything)
        again = enter(example / "person.yaml", sheet(tmp_path / "well.csv", *_first(rows, 4)), url + "/admin/")
    assert (told["verified"], told["business_errors"], told["unknown"], told["parked"]) == (3, 3, 0, 0)
    changed = {
        "p1@example.com": ("p1@example.com", "Ann", "123", "c", 0, "2001-02-03", 2, 7, "two words"),
        "p2@example.com": ("p2@example.com", "Bob", "", "b", 1, None, 1, 0, ""),
    }
    made = ("new@example.com", "Eve", "1", "b", 1, "1999-01-01", 1, 1, "made")
    assert after == [*(changed.get(row[0], row) for row in before), made]
    said = reasons(rows)
    assert "Phone" in said["p3@example.com"][1]
    assert "Level" in said["p4@example.com"][1]
    assert (again["unchanged"], again["filled"]) == (3, 0)


def _first(rows: Path, lines: int) -> list[list[str]]:
    with rows.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[:lines]


def test_a_page_of_flask_admin_is_filled_though_scripts_hide_its_selects(tmp_path: Path) -> None:
    rows = sheet(
        tmp_path / "rows.csv",
        ["Number", "Owner", "Mobile", "Phase", "Installed", "Smart", "Remark", "Station"],
        ["M001", "Ann Lee", "13800000001", "three", "2021-05-06", "yes", "first line", "South"],
        ["M999", "New One", "", "single", "2022-01-01", "no", "made", "South"],
        ["M002", "Bob", "", "", "", "", "", "West"],
        ["M003", "Cat", "", "", "not-a-date", "", "", ""],
    )
    everything = "SELECT number, owner, mobile, phase, installed, smart, remark, station_id FROM meter"
    example = EXAMPLES / "flask_admin"
    with served(example / "serve.py", tmp_path, "/admin/") as url:
        before = stored(tmp_path / "flask_admin.sqlite", everything)
        told = enter(example / "meter.yaml", rows, url)
        after = stored(tmp_path / "flask_admin.sqlite", everything)
    assert (told["verified"], told["business_errors"], told["unknown"], told["parked"]) == (2, 2, 0, 0)
    changed = {"M001": ("M001", "Ann Lee", "13800000001", "three", "2021-05-06", 1, "first line", 2)}
    made = ("M999", "New One", None, "single", "2022-01-01", 0, "made", 2)
    assert after == [*(changed.get(row[0], row) for row in before), made]
    assert "Station" in reasons(rows)["M002"][1]
    assert "did not take" in reasons(rows)["M003"][1]
