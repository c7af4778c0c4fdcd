"""The practice world as a process: its one line, its two services, its files, and the control port behind them."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from python_calamine import CalamineWorkbook

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = "60"
HEADERS = {
    "legacy.db": "customer account contact meter change_order login effect",
    "truth.db": "org truth_cell truth_contact initial_cell injected meta",
}


def serve(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sandbox", "serve", "--dir", str(folder), "--accounts", ACCOUNTS, *words]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def end(process: subprocess.Popen[str]) -> int:
    """Close its standard input, as a parent that is gone."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        return process.wait(10)
    finally:
        process.kill()
        assert process.stdout is not None
        process.stdout.close()


class World:
    """A running practice world, and the ways in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = serve(folder, "--stdin-guard", "--no-approver")
        assert self.process.stdout is not None
        self.told: dict[str, Any] = json.loads(self.process.stdout.readline())

    def ask(self, service: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, Any]]:
        data = None if body is None else json.dumps(body).encode()
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        request = Request(self.told[f"{service}_url"] + path, data, {"Content-Type": "application/json", **named})
        try:
            with urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except HTTPError as refused:
            return refused.code, json.load(refused)

    def verify(self, path: str, key: str, **body: str) -> dict[str, Any]:
        who = self.told["verify"]
        named = {"X_App": who["app_id"], "X_Secret": who["secret"], "Idempotency_Key": key}
        while (said := self.ask("verify", path, body, **named))[0] == 429:
            time.sleep(1)
        assert said[0] == 200
        return said[1]

    def token(self) -> str:
        who = self.told["survey"]
        _, said = self.ask("survey", "/auth/token", {"appId": who["app_id"], "secret": who["secret"]})
        return str(said["data"]["token"])

    def results(self, token: str, cursor: str = "") -> tuple[list[dict[str, Any]], str]:
        rows: list[dict[str, Any]] = []
        while True:
            status, said = self.ask("survey", f"/openapi/results?cursor={cursor}&size=20", X_Token=token)
            if status == 429:
                time.sleep(1)
                continue
            rows += said["data"]["rows"]
            cursor = said["data"]["nextCursor"]
            if not said["data"]["hasMore"]:
                return rows, cursor

    def truth(self, sql: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.told["truth"])) as db:
            return db.execute(sql).fetchall()

    def drop(self, pattern: str) -> list[Path]:
        return sorted(Path(self.told["drop_dir"]).glob(pattern))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found = World(tmp_path_factory.mktemp("world"))
    yield found
    assert end(found.process) == 0


def table(path: Path, encoding: str = "gb18030") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def test_tells_in_one_line_where_everything_is(world: World) -> None:
    assert json.loads((world.folder / "sandbox.json").read_text("utf-8")) == world.told
    assert set(world.told) == {
        "legacy_url", "survey_url", "verify_url", "control_url", "drop_dir", "truth", "pid", "login", "approver",
        "survey", "verify", "date", "skin", "seed", "accounts",
    }  # fmt: skip
    assert all(world.told[f"{name}_url"].startswith("http://127.0.0.1:") for name in ("legacy", "survey", "control"))
    assert world.told["pid"] == world.process.pid


@pytest.mark.parametrize(("name", "tables"), HEADERS.items())
def test_keeps_the_tables_of_the_specification(world: World, name: str, tables: str) -> None:
    with closing(sqlite3.connect(world.folder / name)) as db:
        found = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert found >= set(tables.split())


def test_does_not_let_another_world_into_its_folder(world: World) -> None:
    process = serve(world.folder, "--seed", "2")
    assert process.wait(20) != 0
    assert end(process) != 0


def test_hands_out_results_page_by_page_to_whoever_has_a_token(world: World) -> None:
    assert world.ask("survey", "/openapi/results?cursor=&size=5", X_Token="guessed")[0] == 401
    assert world.ask("survey", "/auth/token", {"appId": "hedang-survey", "secret": "guessed"})[0] == 403
    rows, cursor = world.results(world.token())
    assert len(rows) > 20
    assert world.results(world.token(), cursor) == ([], cursor)
    assert set(rows[0]) == {"taskNo", "rev", "houseNo", "surveyor", "surveyTime", "auditState", "auditor", "auditTime",
                            "answers", "photos", "position", "signature", "updatedAt"}  # fmt: skip
    assert {a["ans"] for row in rows for a in row["answers"]} <= {"0", "1", "2", "3"}
    assert {row["auditState"] for row in rows} <= {"PASS", "WAIT", "BACK"}


def test_waits_between_calls_that_come_too_fast(world: World) -> None:
    token = world.token()
    answers = [world.ask("survey", "/openapi/results?cursor=&size=1", X_Token=token)[0] for _ in range(30)]
    assert set(answers) == {200, 429} or set(answers) == {200}, "a slow machine is never too fast"


def test_publishes_late_results_and_a_fresh_export_on_command(world: World) -> None:
    token = world.token()
    _, cursor = world.results(token)
    status, said = world.ask("control", "/publish", {"date": "2026-03-17"})
    assert status == 200
    late, _ = world.results(token, cursor)
    assert len(late) <= said["published"]
    assert [path.name for path in world.drop("archive/档案导出_*.csv")][-1] == "档案导出_2026-03-16.csv"
    world.ask("control", "/publish", {"date": "2026-03-17"})
    assert world.results(token, cursor)[0] == late


def test_verifies_three_factors_of_one_person(world: World) -> None:
    people = world.truth(
        "SELECT DISTINCT n.value, i.value, c.mobile FROM truth_cell n JOIN truth_cell i ON i.object = n.object"
        " JOIN truth_contact c ON c.name = n.value AND c.relation = 'self'"
        " WHERE n.kind = 'customer' AND n.column = 'name' AND i.kind = 'customer' AND i.column = 'cert_no' LIMIT 12"
    )
    codes = [
        world.verify("/v1/verify", f"a{n}", name=p[0], idNo=p[1], mobile=p[2])["code"] for n, p in enumerate(people)
    ]
    assert codes.count("0") >= 10
    name, ident, mobile = people[codes.index("0")]
    other = people[codes.index("0") + 1]
    assert world.verify("/v1/verify", "b1", name=name, idNo=other[1], mobile=mobile)["code"] == "1002"
    assert world.verify("/v1/verify", "b2", name=other[0], idNo=ident, mobile=mobile)["code"] == "1003"
    assert world.verify("/v1/verify", "b3", name=other[0], idNo=other[1], mobile=mobile)["code"] == "1001"
    assert world.verify("/v1/status", "b4", mobile=mobile)["code"] in ("0", "1")
    assert world.verify("/v1/reassigned", "b5", mobile=mobile, since="2020-01-01")["code"] == "0"


def test_charges_a_key_once(world: World) -> None:
    calls = world.ask("verify", "/v1/bill")[1]["calls"]
    said = [world.verify("/v1/status", "once", mobile="19410000001") for _ in range(3)]
    assert said[0] == said[1] == said[2]
    assert world.ask("verify", "/v1/bill")[1]["calls"] == calls + 1
    assert world.ask("verify", "/v1/status", {"mobile": "19410000001"}, Idempotency_Key="x")[0] == 403


def test_exports_the_archive_of_the_day_before_in_the_words_of_the_province(world: World) -> None:
    [path] = world.drop("archive/档案导出_2026-03-15.csv")
    rows = table(path)
    numbers = [row["户号"] for row in rows]
    opened = {row[0] for row in world.truth("SELECT object FROM truth_cell WHERE kind = 'account'")} - set(numbers)
    assert len(opened) == 2
    assert len(set(numbers)) == len(rows) == int(ACCOUNTS) - 2
    assert {row["用户分类"] for row in rows} == {"03"}
    assert all(re.fullmatch(r"\d{4}/\d\d/\d\d \d\d:\d\d:00", row["最后修改时间"]) for row in rows)
    assert all(re.fullmatch(r"\d{4}/\d\d/\d\d", row["立户日期"]) for row in rows)
    contacts = table(world.drop("archive/联系人导出_2026-03-15.csv")[0])
    assert set(contacts[0]) == {"户号", "姓名", "关系", "手机", "固话", "优先级"}
    assert {row["户号"] for row in contacts} <= set(numbers)


def test_delivers_the_registrys_batch_and_the_counties_workbooks(world: World) -> None:
    [path], [other] = world.drop("government/不动产_*.csv"), world.drop("government/产权登记_*.csv")
    rows, others = table(path), table(other, "utf-8")
    assert list(rows[0]) == ["BDCDYH", "ZL", "QLR", "ZJH", "GYFS", "DJSJ", "GXSJ", "ZT"]
    assert {row["Location"][:3] for row in others} == {"廊坊市"}
    masked = [row["ZJH"] for row in rows] + [row["HolderID"] for row in others]
    assert all(number[6:14] == "*" * 8 for number in masked)
    flats = {row["BDCDYH"] for row in rows} | {row["UnitNo"] for row in others}
    assert 0.6 < len(flats) / int(ACCOUNTS) < 0.95
    books = world.drop("survey/普查结果_*_2026-03-16.xlsx")
    assert books
    cells = CalamineWorkbook.from_path(books[0]).get_sheet_by_index(0).to_python()
    assert cells[0][:3] == ["任务号", "版本", "户号"]
    assert all(isinstance(cell, str) for row in cells[1:] for cell in row)
