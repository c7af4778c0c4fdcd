"""What is handed in damaged becomes a named problem with its place and reason; what is good goes on, and the raw input is kept."""

import hashlib
import io
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.ledger import batches, runs, store
from core.model import Problem
from tests.practice import Practice, practice

DAY = date(2026, 3, 16)
HEADER = ["任务号", "版本", "户号", "普查员工号", "普查员", "普查时间", "审核状态", "审核人工号", "审核人", "审核时间", "项目编码", "结果", "新值", "照片", "签名"]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with practice(tmp_path_factory.mktemp("bad"), accounts=20, until="pull") as site:
        yield site


_DAYS = count(1)


@pytest.fixture
def day() -> date:
    """A date of its own for each test, so that its run holds only its own problems."""
    return DAY + timedelta(days=next(_DAYS))


def _drop(site: Practice, name: str, content: bytes) -> bytes:
    (Path(site.world.told["drop_dir"]) / name).write_bytes(content)
    return content


def _row(account: str | int, **more: object) -> list[Any]:
    plain = dict(zip(HEADER, ["R1", "1", account, "S1", "普查甲", "2026-03-15 10:00:00", "通过", "S2", "审核乙", "2026-03-15 18:00:00", "JZ001", "0", "", "METER", "是"], strict=True))  # fmt: skip
    return list((plain | more).values())


def _workbook(*rows: list[Any], header: list[str] = HEADER) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (header, *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _account(site: Practice, number: int = 1) -> str:
    path = next((Path(site.world.told["drop_dir"]) / "archive").glob("档案导出_*.csv"))
    return path.read_text("gb18030").splitlines()[number].split(",")[0]


def _step(site: Practice, step: str, day: date, *, lacking: str = "") -> dict[str, int]:
    """What a step counted; it is done, or names the source that it lacks."""
    told = site.json(step, "--date", day.isoformat(), expect=1 if lacking else 0)
    assert (told["state"], told.get("reason", "")) == ("incomplete" if lacking else "done", lacking)
    counts: dict[str, int] = told["counts"][step]
    return counts


def _problems(site: Practice, day: date) -> list[Problem]:
    ledger = site.ledger()
    try:
        run = runs.find(ledger, "nightly", day)
        assert run is not None
        return batches.problems(ledger, run.id)
    finally:
        ledger.close()


def _said(site: Practice, day: date) -> set[tuple[str, str, int | None]]:
    return {(p.code, p.place, p.row) for p in _problems(site, day)}


def _kept(site: Practice, content: bytes) -> bool:
    """Whether the ledger can give back these very bytes."""
    ledger = site.ledger()
    try:
        path = site.data / "batches" / f"{hashlib.sha256(content).hexdigest()}.raw"
        return path.exists() and ledger.keys.open_bytes(path) == content
    finally:
        ledger.close()


# -- files


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


DAMAGED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "普查结果_cut_20260316.xlsx": ("damaged", lambda: _cut(_workbook(_row("1")))),
    "普查结果_none_20260316.xlsx": ("empty", lambda: b""),
    "普查结果_noise_20260316.xlsx": ("not_text", lambda: b"\xff\xff\xff\x81\xff" * 40),
    "普查结果_zip_20260316.xlsx": ("damaged", lambda: b"PK\x03\x04" + bytes(range(256))),
    "普查结果_key_20260316.xlsx": ("missing_key", lambda: _workbook(["R9", "1"], header=["任务号", "版本"])),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_file_is_named_kept_and_does_not_stop_the_good_one(site: Practice, day: date, name: str) -> None:
    code, make = DAMAGED[name]
    bad = _drop(site, f"survey/{name}", make())
    good = _drop(site, f"survey/普查结果_z{code}{len(bad)}_20260317.xlsx", _workbook(_row(_account(site), 任务号=name)))
    counts = _step(site, "pull", day)
    assert code in {problem for problem, place, _ in _said(site, day) if place == name}
    assert counts["rows"] == 1
    assert _kept(site, bad)
    assert _kept(site, good)


def test_broken_line_of_a_csv_is_refused_by_number_and_the_others_are_taken(site: Practice, day: date) -> None:
    header = "BDCDYH,ZL,QLR,ZJH,GYFS,DJSJ,GXSJ,ZT"
    line = "{},某处,甲,,单独所有,2020-01-01,2020-01-01,现势"
    lines = [header, *(line.format(f"B{n}") for n in range(4))]
    content = [one.encode("gb18030") for one in lines]
    content[2] = b"B\xff\xff,\x81"
    content[3] += b",surplus"
    raw = _drop(site, "government/不动产_20260316x.csv", b"\r\n".join(content) + b"\r\n")
    counts = _step(site, "pull", day)
    name = "不动产_20260316x.csv"
    assert {("not_text", name, 3), ("long_row", name, 4)} <= _said(site, day)
    assert (counts["rows"], counts["refused"]) == (2, 2)
    assert _kept(site, raw)


def test_missing_and_unknown_columns_are_named_and_the_rows_taken(site: Practice, day: date) -> None:
    header = [name for name in HEADER if name != "照片"] + ["随手备注"]
    row = _row(_account(site), 任务号="C1")
    _drop(site, "survey/普查结果_cols_20260316.xlsx", _workbook([*row[:13], row[14], "x"], header=header))
    counts = _step(site, "pull", day)
    said = {(p.code, str(dict(p.params))) for p in _problems(site, day) if p.place.startswith("普查结果_cols")}
    assert {code for code, _ in said} == {"missing_column", "unknown_column"}
    assert "随手备注" not in str(said), "a header that is not on the list may be a person's data"
    assert counts["rows"] == 1


def test_file_that_may_not_be_read_is_named_and_the_others_are_taken(site: Practice, day: date) -> None:
    drop = Path(site.world.told["drop_dir"]) / "survey"
    broken = drop / "普查结果_a_20260316.xlsx"
    os.mkfifo(drop / "普查结果_pipe_20260316.xlsx")  # no regular file: left alone, and never waited for
    broken.symlink_to("/proc/self/mem")  # opens, and cannot be read
    _drop(site, "survey/普查结果_after_20260319.xlsx", _workbook(_row(_account(site), 任务号="F1")))
    try:
        counts = _step(site, "pull", day, lacking="survey_drop")
    finally:
        broken.unlink()
    (problem,) = [p for p in _problems(site, day) if p.code == "source_failed"]
    assert (problem.place, broken.name in str(problem.params["reason"])) == ("survey_drop", True)
    assert counts["rows"] == 1


def test_later_steps_do_not_complete_a_date_that_lacks_a_source(site: Practice, day: date) -> None:
    """Only a pull that reads them all does; else `doctor --expect-nightly` would say that all is well."""
    broken = Path(site.world.told["drop_dir"]) / "survey" / "普查结果_a_20260316.xlsx"
    broken.symlink_to("/proc/self/mem")
    try:
        _step(site, "pull", day, lacking="survey_drop")
        _step(site, "check", day, lacking="survey_drop")
    finally:
        broken.unlink()
    _step(site, "pull", day)
    _step(site, "check", day)


def test_number_where_text_is_due_is_refused_with_its_row(site: Practice, day: date) -> None:
    account = _account(site)
    rows = [
        _row(account, 任务号="N1"),
        _row(account, 任务号="N2", 新值=13800001111, 结果="1"),
        _row(int(account), 任务号="N3"),
    ]
    _drop(site, "survey/普查结果_num_20260316.xlsx", _workbook(*rows))
    counts = _step(site, "pull", day)
    name = "普查结果_num_20260316.xlsx"
    assert {("number_for_text", name, 3), ("number_for_text", name, 4), ("no_key", name, 4)} <= _said(site, day)
    assert (counts["rows"], counts["refused"]) == (2, 1)


def test_unknown_account_item_answer_and_revision_are_named_with_their_row(site: Practice, day: date) -> None:
    account = _account(site)
    rows = [
        _row(account, 任务号="U1"),
        _row("9999999999", 任务号="U2"),
        _row(_account(site, 2), 任务号="U3", 项目编码="XX999", 普查时间="2026-03-16 23:00:00"),
        _row(account, 任务号="U4", 版本="一"),
    ]
    _drop(site, "survey/普查结果_unknown_20260318.xlsx", _workbook(*rows))
    _step(site, "pull", day)
    _step(site, "check", day)
    name = "普查结果_unknown_20260318.xlsx"
    found = {entry for entry in _said(site, day) if entry[1] == name}
    assert {("unknown_account", name, 3), ("unknown_item", name, 4), ("no_revision", name, 5)} <= found
    assert not [entry for entry in found if entry[2] == 2], "the good row is no problem"


# -- the survey platform


class _Api(ThreadingHTTPServer):
    """A platform that answers every question for results with the same status, headers and body."""

    daemon_threads = True
    answer: tuple[int, dict[str, str], bytes] = (200, {}, b"{}")
    asked = 0


class _Handler(BaseHTTPRequestHandler):
    server: _Api

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._send(200, {}, b'{"code":0,"data":{"token":"t","expiresIn":600}}')

    def do_GET(self) -> None:
        self.server.asked += 1
        self._send(*self.server.answer)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Be silent."""


@contextmanager
def _platform(site: Practice, answer: tuple[int, dict[str, str], bytes]) -> Iterator[_Api]:
    """The site, with its survey connection at a platform of our own and hardly any patience."""
    file = site.config / "hedang.yaml"
    before = file.read_text("utf-8")
    server = _Api(("127.0.0.1", 0), _Handler)
    server.answer = answer
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    lines = [
        f"  survey: {{url: {url}, user: app, secret: SURVEY}}" if line.startswith("  survey:") else line
        for line in before.splitlines()
    ]
    lines += ["retry: {attempts: 2, backoff_seconds: [0.01]}"]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    try:
        yield server
    finally:
        file.write_text(before, "utf-8")
        server.shutdown()
        server.server_close()
        thread.join()


def _page(*tasks: dict[str, Any], more: bool = True, following: str = "next") -> bytes:
    return json.dumps({"code": 0, "data": {"rows": tasks, "nextCursor": following, "hasMore": more}}).encode()


def _task(account: str, number: str, **more: Any) -> dict[str, Any]:
    plain = {"taskNo": number, "rev": 1, "houseNo": account, "surveyor": {"id": "S1", "name": "甲"}, "surveyTime": "2026-03-15 10:00:00",
             "auditState": "PASS", "auditor": {"id": "S2", "name": "乙"}, "auditTime": "2026-03-15 18:00:00",
             "answers": [{"item": "JZ001", "ans": "0", "val": None}], "photos": [], "signature": True}  # fmt: skip
    return plain | more


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((500, {}, b"oops"), "http_500"),
        ((429, {"Retry-After": "0"}, b""), "busy"),
        ((200, {}, "<html>系统维护</html>".encode()), "not_json"),
        ((200, {}, b'{"code":9,"data":null}'), "try_again"),
        ((200, {}, b"[]"), "not_json"),
    ],
)
def test_failing_platform_is_named_and_the_folders_go_on(
    site: Practice, day: date, answer: tuple[int, dict[str, str], bytes], reason: str
) -> None:
    _drop(site, f"survey/普查结果_{day:%Y%m%d}.xlsx", _workbook(_row(_account(site), 任务号=f"A{day}")))
    with _platform(site, answer) as server:
        counts = _step(site, "pull", day, lacking="survey")
        assert server.asked > 1, "it was asked again before it was given up"
    found = [p for p in _problems(site, day) if p.code == "source_failed"]
    assert [(p.place, p.params["reason"]) for p in found] == [("survey", reason)]
    assert counts["rows"] == 1


@pytest.mark.parametrize("following", ["next", ""])
def test_the_same_page_forever_is_stopped_named_and_taken_once(site: Practice, day: date, following: str) -> None:
    page = _page(_task(_account(site), f"P{day}"), following=following)
    with _platform(site, (200, {}, page)) as server:
        counts = _step(site, "pull", day)
        assert server.asked < 5
    assert ("same_page", "survey", None) in _said(site, day)
    assert counts["rows"] == 1
    assert _kept(site, page)


def test_strange_tasks_of_a_page_are_named_by_number_and_the_good_one_is_taken(site: Practice, day: date) -> None:
    good = _task(_account(site), f"G{day}")
    strange: list[Any] = [
        _task("1", "X1", answers="none"),
        "text",
        _task("1", "X2", answers=[]),
        good | {"houseNo": 17},
    ]
    strange += [_task("1", "half \ud800 a character"), good | {"rev": float("inf")}]
    page = _page(*strange, good, more=False, following=f"c{day}")
    with _platform(site, (200, {}, page)):
        counts = _step(site, "pull", day)
    places = {("bad_row", "survey", n) for n in (1, 2, 5)} | {("no_answers", "survey", 3)}
    places |= {("number_for_text", "survey", 4), ("wrong_type", "survey", 6)}
    assert places <= _said(site, day)
    assert counts["rows"] == 1
    assert _kept(site, page)


# -- what is missing


def _one_sentence(done: Any, *words: str) -> None:
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_missing_ledger_key_or_configuration_is_one_sentence(site: Practice, tmp_path: Path) -> None:
    key, moved = store.key_file(site.data), tmp_path / "key"
    key.rename(moved)
    try:
        _one_sentence(site.run("pull", expect=None), "run.py init", key.name)
    finally:
        moved.rename(key)
    nowhere = Practice(site.world, tmp_path / "none", site.secrets)
    _one_sentence(nowhere.run("pull", expect=None), "--config")
    _one_sentence(nowhere.run("runs", expect=None), "run.py init")


def test_damaged_key_database_or_configuration_is_one_sentence(site: Practice, tmp_path: Path) -> None:
    file = site.config / "hedang.yaml"
    before = {path: path.read_bytes() for path in (store.key_file(site.data), file)}
    for path, content, words in (
        (store.key_file(site.data), b"short\n", ("backup",)),
        (file, before[file] + b"paging: {size: many, pages: 1}\n", ("paging.size", "many")),
        (file, before[file] + b"pagign: 1\n", ("pagign", "paging")),
        (file, b"\xff\xfe\x00", (file.name,)),
    ):
        path.write_bytes(content)
        try:
            _one_sentence(site.run("pull", expect=None), *words)
        finally:
            path.write_bytes(before[path])
    other = Practice(site.world, tmp_path, site.secrets)
    other.run("init")
    (other.data / "ledger.db").write_bytes(b"no database" * 100)
    _one_sentence(other.run("runs", expect=None), "run.py")


def test_missing_secret_is_one_sentence_that_names_it(site: Practice) -> None:
    words = ["pull", "--date", "2026-03-16"]
    bare = Practice(site.world, site.place, {k: v for k, v in site.secrets.items() if not k.endswith("SURVEY")})
    _one_sentence(bare.run(*words, expect=None), "HEDANG_SECRET_SURVEY")


def test_missing_browser_is_one_sentence_and_no_night_that_looks_done(site: Practice, day: date) -> None:
    done = site.run("nightly", "--date", day.isoformat(), expect=None, env={"HEDANG_BROWSER": "/nowhere/chromium"})
    assert done.returncode == 2
    assert (
        "HEDANG_BROWSER" in done.stderr.splitlines()[-1]
    )  # before it stands the platform that went away with its test
    assert "Traceback" not in done.stderr
    ledger = site.ledger()
    run = runs.find(ledger, "nightly", day)
    ledger.close()
    assert run is not None
    assert (run.state, run.reason) == ("failed", "worker")
    for step in ("report", "check"):
        told = site.json(step, "--date", day.isoformat(), expect=1)
        assert (told["state"], told["reason"]) == ("failed", "undone fill recheck")


def test_what_nobody_foresaw_is_one_sentence_without_its_values(site: Practice, day: date) -> None:
    ledger = site.ledger()
    with ledger.begin() as tx:
        tx.connection.exec_driver_sql("ALTER TABLE problem RENAME TO problem_away")
    try:
        done = site.run("check", "--date", day.isoformat(), expect=None)
    finally:
        with ledger.begin() as tx:
            tx.connection.exec_driver_sql("ALTER TABLE problem_away RENAME TO problem")
        ledger.close()
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    logged = "".join(path.read_text("utf-8") for path in (site.data / "logs").glob("*.log"))
    assert "unforeseen OperationalError" in logged
    assert "Traceback" not in logged
