"""Sources bring in what is good, name what is not, and lose nothing silently."""

import hashlib
import io
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest

from bots.sources import load, verifiers
from bots.sources.cells import iso_date, iso_moment
from bots.sources.notes import PROBLEMS, SHOWN, Notes
from core.errors import ApplicationError, ConfigError
from core.model import Verdict
from core.ports import Delivery, Source, Verifier
from core.settings import read
from core.site import Connection

CONFIG = Path(__file__).parents[2] / "config"
Script = Callable[[str, Mapping[str, str], dict[str, Any]], tuple[int, dict[str, str], bytes]]


class Service(ThreadingHTTPServer):
    """A service on loopback that answers as a function says, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script, self.calls = script, list[tuple[str, Mapping[str, str], dict[str, Any]]]()
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, path: str, headers: Mapping[str, str], body: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        self.calls.append((path, headers, body))
        return self.script(path, headers, body)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(b"{}")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body: bytes) -> None:
        assert isinstance(self.server, Service)
        status, headers, content = self.server.answer(self.path, dict(self.headers), json.loads(body))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Be silent."""


@pytest.fixture
def serve() -> Iterator[Callable[[Script], Service]]:
    started: list[Service] = []

    def start(script: Script) -> Service:
        started.append(Service(script))
        return started[-1]

    yield start
    for service in started:
        service.shutdown()
        service.server_close()


# -- the survey platform


def _json(body: object, status: int = 200) -> tuple[int, dict[str, str], bytes]:
    return status, {}, json.dumps(body).encode()


def _task(number: int, **more: object) -> dict[str, object]:
    return {
        "taskNo": f"T{number:04d}",
        "rev": 1,
        "houseNo": f"{number:010d}",
        "surveyor": {"id": "S1", "name": "甲"},
        "surveyTime": "2026-03-15 10:20:30",
        "auditState": "PASS",
        "auditor": None,
        "auditTime": None,
        "answers": [{"item": "JZ001", "ans": "0", "val": None}, {"item": "JZ002", "ans": "1", "val": "0302"}],
        "photos": [{"kind": "DOOR", "sha256": "aa"}, {"kind": "BOX", "sha256": "bb"}],
        "signature": True,
        "position": {"lng": 118.181234, "lat": 39.63},
        "secretNote": "never passes the door",
    } | more


class Platform:
    """Pages of one task each; faults are answered first, in order."""

    def __init__(self, pages: int = 3, *, stuck: str = "") -> None:
        self.pages, self.stuck = pages, stuck
        self.faults: list[tuple[int, dict[str, str], bytes]] = []

    def __call__(
        self, path: str, headers: Mapping[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        if path == "/auth/token":
            good = body == {"appId": "app", "secret": "open"}
            return _json({"code": 0, "data": {"token": "t", "expiresIn": 600}} if good else {"code": 4, "data": None})
        if self.faults:
            return self.faults.pop(0)
        page = int(parse_qs(urlsplit(path).query).get("cursor", ["0"])[0] or 0)
        number = 0 if self.stuck == "rows" else page
        following = "0" if self.stuck == "cursor" else str(page + 1)
        more = bool(self.stuck) or page + 1 < self.pages
        rows = [_task(number)] if page < self.pages or self.stuck else []
        return _json({"code": 0, "data": {"rows": rows, "nextCursor": following, "hasMore": more}})


def _survey(url: str, waited: list[float] | None = None, secret: str = "open") -> Source:
    waits = waited if waited is not None else []
    connection = Connection(url=url, user="app", secret=secret)
    return load(read(CONFIG), {"survey": connection}, sleep=waits.append)["survey"]


def test_a_survey_comes_in_long_form_with_its_cursor(serve: Callable[[Script], Service]) -> None:
    (delivery,) = _survey(serve(Platform(1)).url).pull(None, frozenset())
    assert {name: values[1] for name, values in delivery.columns.items()} == {
        "task_no": "T0000",
        "rev": "1",
        "cons_no": "0000000000",
        "surveyor": "S1",
        "surveyor_name": "甲",
        "survey_at": "2026-03-15T10:20:30",
        "audit": "PASS",
        "auditor": None,
        "auditor_name": None,
        "audit_at": None,
        "item": "JZ002",
        "answer": "1",
        "value": "0302",
        "photos": "DOOR;BOX",
        "photo_hashes": "aa;bb",
        "signature": "true",
        "lng": "118.181234",
        "lat": "39.63",
    }
    assert (delivery.cursor, delivery.problems) == ("1", ())


def test_a_pull_goes_on_where_the_last_one_ended(serve: Callable[[Script], Service]) -> None:
    (delivery,) = _survey(serve(Platform(3)).url).pull("2", frozenset())
    assert set(delivery.columns["task_no"]) == {"T0002"}
    assert not list(_survey(serve(Platform(3)).url).pull("3", frozenset()))


def test_an_expired_token_is_renewed(serve: Callable[[Script], Service]) -> None:
    platform = Platform(2)
    platform.faults = [(401, {}, b"<html>expired</html>")]
    service = serve(platform)
    (delivery,) = _survey(service.url).pull(None, frozenset())
    assert set(delivery.columns["task_no"]) == {"T0000", "T0001"}
    assert [path for path, _, _ in service.calls].count("/auth/token") == 2


def test_a_wrong_secret_ends_the_pull_without_naming_it(serve: Callable[[Script], Service]) -> None:
    with pytest.raises(ApplicationError) as error:
        list(_survey(serve(Platform()).url, secret="guessed").pull(None, frozenset()))
    assert error.value.code == "refused_login"
    assert "guessed" not in str(error.value)


def test_a_busy_service_is_asked_again_when_it_says_so(serve: Callable[[Script], Service]) -> None:
    platform, waited = Platform(1), list[float]()
    platform.faults = [(429, {"Retry-After": "0.7"}, b"")] * 5
    (delivery,) = _survey(serve(platform).url, waited).pull(None, frozenset())
    assert (len(delivery.columns["item"]), waited) == (2, [0.7] * 5)


@pytest.mark.parametrize("fault", [(500, {}, b"oops"), (200, {}, b"<html>maintenance</html>"), _json({"code": 9})])
def test_a_passing_fault_is_outlasted_with_growing_pauses(
    serve: Callable[[Script], Service], fault: tuple[int, dict[str, str], bytes]
) -> None:
    platform, waited = Platform(1), list[float]()
    platform.faults = [fault] * 2
    (delivery,) = _survey(serve(platform).url, waited).pull(None, frozenset())
    assert (len(delivery.columns["item"]), waited) == (2, [1, 5])


def test_a_lasting_fault_keeps_what_came_before(serve: Callable[[Script], Service]) -> None:
    def broken_later(path: str, headers: Mapping[str, str], body: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        return (500, {}, b"") if "cursor=1" in path else Platform(3)(path, headers, body)

    pulled = _survey(serve(broken_later).url).pull(None, frozenset())
    first = next(pulled)
    assert (first.cursor, [p.code for p in first.problems]) == ("1", ["unreachable"])
    with pytest.raises(ApplicationError, match="http_500 after 3 attempts"):
        next(pulled)


def test_nobody_there_is_an_application_error() -> None:
    with pytest.raises(ApplicationError, match="unreachable") as raised:
        list(_survey("http://127.0.0.1:9").pull(None, frozenset()))
    assert raised.value.words.zh == "survey：/auth/token：试了 3 次都不成：连不上"


@pytest.mark.parametrize("stuck", ["cursor", "rows"])
def test_the_same_page_for_ever_is_noticed(serve: Callable[[Script], Service], stuck: str) -> None:
    service = serve(Platform(stuck=stuck))
    (delivery,) = _survey(service.url).pull(None, frozenset())
    assert "same_page" in [problem.code for problem in delivery.problems]
    assert len(service.calls) <= 4
    assert set(delivery.columns["task_no"]) == {"T0000"}


def test_a_broken_task_does_not_stop_the_others(serve: Callable[[Script], Service]) -> None:
    rows = ["nonsense", _task(1, houseNo=42), _task(2, answers=[]), _task(3)]

    def mixed(path: str, headers: Mapping[str, str], body: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        page = _json({"code": 0, "data": {"rows": rows, "nextCursor": "", "hasMore": False}})
        return page if path.startswith("/openapi") else Platform()(path, headers, body)

    (delivery,) = _survey(serve(mixed).url).pull("7", frozenset())
    assert delivery.columns["task_no"] == ["T0003", "T0003"]
    assert sorted({problem.code for problem in delivery.problems}) == [
        "bad_row",
        "no_answers",
        "no_key",
        "number_for_text",
    ]
    assert (delivery.refused, delivery.cursor) == (3, "7")


# -- folders

ARCHIVE = ["户号", "户名", "用户分类", "证件类型", "立户日期", "合同容量"]


def _csv(*rows: list[str]) -> str:
    return "".join(",".join(row) + "\r\n" for row in (ARCHIVE, *rows))


def _drop(directory: Path, name: str, content: bytes) -> Path:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _pull(directory: Path, name: str, content: bytes, source: str = "archive") -> Delivery:
    _drop(directory, name, content)
    return _one(directory, source)


def _one(directory: Path, source: str) -> Delivery:
    (delivery,) = load(read(CONFIG), {"drop": Connection(directory=directory)})[source].pull(None, frozenset())
    return delivery


def _archive(directory: Path, content: bytes) -> Delivery:
    return _pull(directory, "archive/档案导出_20260315.csv", content)


def _codes(delivery: Delivery) -> dict[str, int | None]:
    """The problems but those of columns that these small files leave out."""
    return {problem.code: problem.row for problem in delivery.problems if problem.code != "missing_column"}


def _workbook(*rows: Sequence[object]) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_an_export_is_read_in_any_of_its_encodings(tmp_path: Path, encoding: str) -> None:
    delivery = _archive(tmp_path, _csv(["0012345678", "㛃某", "03", "02", "2016/03/05", "8"]).encode(encoding))
    assert delivery.columns == {
        "cons_no": ["0012345678"],
        "cons_name": ["㛃某"],
        "cons_sort_code": ["03"],
        "cert_type_code": ["06"],
        "build_date": ["2016-03-05"],
        "contract_cap": ["8"],
    }
    assert (delivery.table, delivery.as_of) == ("accounts", date(2026, 3, 15))


def test_a_code_without_an_exact_mapping_is_marked(tmp_path: Path) -> None:
    delivery = _archive(tmp_path, _csv(["1", "甲", "3", " 02 ", "昨天", ""]).encode())
    row = {name: values[0] for name, values in delivery.columns.items()}
    assert (row["cons_sort_code"], row["cert_type_code"], row["build_date"], row["contract_cap"]) == (
        "?3",
        "06",
        "?昨天",
        None,
    )


def test_the_raw_file_is_delivered_and_a_known_one_left_out(tmp_path: Path) -> None:
    content = _csv(["1", "甲", "03", "01", "", ""]).encode("gb18030")
    delivery = _archive(tmp_path, content)
    source = load(read(CONFIG), {"drop": Connection(directory=tmp_path)})["archive"]
    assert delivery.raw == content
    assert not list(source.pull(None, frozenset({hashlib.sha256(content).hexdigest()})))


def test_exports_come_oldest_first(tmp_path: Path) -> None:
    for day in ("20260316", "20260314", "2026-03-15"):
        _drop(tmp_path, f"archive/档案导出_{day}.csv", _csv([day, "", "", "", "", ""]).encode())
    pulled = load(read(CONFIG), {"drop": Connection(directory=tmp_path)})["archive"].pull(None, frozenset())
    assert [delivery.as_of and delivery.as_of.day for delivery in pulled] == [14, 15, 16]


def test_a_number_where_text_is_due_costs_that_cell_only(tmp_path: Path) -> None:
    header = ["任务号", "版本", "户号", "项目编码", "结果", "新值", "审核状态", "签名"]
    rows: list[list[object]] = [
        ["T1", 2, "0000000001", "JZ001", 1, 130203198503120430, "通过", "是"],
        ["T2", 1, "0000000002", "JZ002", "1", date(2026, 3, 2), "待审", "否"],
    ]
    delivery = _pull(tmp_path, "survey/普查结果_1_20260316.xlsx", _workbook(header, *rows), "survey_drop")
    assert delivery.columns["value"] == [None, None]
    assert delivery.columns["task_no"] == ["T1", "T2"]
    assert [delivery.columns[name][0] for name in ("rev", "answer", "audit", "signature")] == ["2", "1", "PASS", "true"]
    assert _codes(delivery) == {"number_for_text": 2, "date_for_text": 3}
    assert "1302" not in str(delivery.problems)


@pytest.mark.parametrize("cut", [10, 400, -30])
def test_a_truncated_workbook_is_named_and_kept(tmp_path: Path, cut: int) -> None:
    content = _workbook(["任务号", "版本"], ["T1", 1])[:cut]
    delivery = _pull(tmp_path, "survey/普查结果_1_20260316.xlsx", content, "survey_drop")
    assert (delivery.raw, delivery.columns, _codes(delivery)) == (content, {}, {"damaged": None})
    assert delivery.problems[0].place == "普查结果_1_20260316.xlsx"


def test_a_broken_line_costs_that_row_only(tmp_path: Path) -> None:
    lines = _csv(*([str(n), "张某", "03", "01", "", ""] for n in range(1, 6))).encode("gb18030").split(b"\r\n")
    lines[3] = lines[3].replace("张".encode("gb18030"), b"\xff")
    delivery = _archive(tmp_path, b"\r\n".join(lines))
    assert delivery.columns["cons_no"] == ["1", "2", "4", "5"]
    assert (_codes(delivery), delivery.refused) == ({"not_text": 4}, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_large_file_is_read_in_pieces_that_cut_no_character(tmp_path: Path, encoding: str) -> None:
    rows = [[str(n), "张" * (50 + n % 3), "03", "01", "", ""] for n in range(10_000)]
    content = _csv(*rows).encode(encoding)
    delivery = _archive(tmp_path, content)
    assert len(content) > 1 << 20
    assert delivery.columns["cons_name"] == [name for _, name, *_ in rows]
    assert (_codes(delivery), delivery.refused) == ({}, 0)


def test_a_file_that_is_no_text_is_named_and_kept(tmp_path: Path) -> None:
    delivery = _archive(tmp_path, b"\xff\xff\x81\x00" * 20)
    assert (delivery.columns, _codes(delivery), len(delivery.raw)) == ({}, {"not_text": None}, 80)


def test_rows_of_another_width_are_refused(tmp_path: Path) -> None:
    delivery = _archive(
        tmp_path, _csv(["1", "甲"], ["2", "甲", "03", "01", "", ""], ["3"] * 9, ["", "x", "", "", "", ""]).encode()
    )
    assert delivery.columns["cons_no"] == ["2"]
    assert (_codes(delivery), delivery.refused) == ({"short_row": 2, "long_row": 4, "no_key": 5}, 3)


def test_a_stray_quote_is_refused_with_the_lines_it_took(tmp_path: Path) -> None:
    text = _csv(["1", "甲", "03", "01", "", ""], ["2", '"乙', "03", "01", "", ""], ["3", "丙", "03", "01", "", ""])
    delivery = _archive(tmp_path, text.encode())
    assert delivery.columns["cons_no"] == ["1"]
    assert (_codes(delivery), delivery.refused) == ({"bad_row": 3}, 2)


def test_without_its_key_column_nothing_of_a_file_is_used(tmp_path: Path) -> None:
    delivery = _archive(tmp_path, "户名,户号 2\n甲,1\n乙,2\n".encode())
    assert (delivery.columns, delivery.refused) == ({}, 2)
    assert "missing_key" in _codes(delivery)


def test_a_missing_column_is_absent_and_not_blank(tmp_path: Path) -> None:
    delivery = _archive(tmp_path, "户号,户名\n1,甲\n".encode())
    (problem,) = delivery.problems
    assert set(delivery.columns) == {"cons_no", "cons_name"}
    assert "cert_no" in str(problem.params["columns"])


def test_columns_that_are_not_allowed_are_dropped_and_counted(tmp_path: Path) -> None:
    delivery = _archive(tmp_path, "户号,银行账号,户名,张三\n1,622,甲,1\n".encode())
    unknown = next(problem for problem in delivery.problems if problem.code == "unknown_column")
    assert set(delivery.columns) == {"cons_no", "cons_name"}
    assert unknown.params == {"count": 2, "positions": "2, 4"}


def test_a_column_that_stands_twice_is_not_guessed(tmp_path: Path) -> None:
    delivery = _archive(tmp_path, "户号,户名,户名\n1,甲,乙\n".encode())
    assert set(delivery.columns) == {"cons_no"}
    assert _codes(delivery) == {"double_column": None}


def test_sentinel_dates_mean_none(tmp_path: Path) -> None:
    text = "BDCDYH,DJSJ,GXSJ,ZT\nA,1900-01-01,2025-12-01 10:00:00,现势\n"
    delivery = _pull(tmp_path, "government/不动产_20260316.csv", text.encode("gb18030"), "real_estate")
    row = {name: values[0] for name, values in delivery.columns.items()}
    assert (row["registered_at"], row["updated_at"], row["state"]) == (None, "2025-12-01", "current")


def test_a_folder_that_is_not_there_is_an_application_error(tmp_path: Path) -> None:
    with pytest.raises(ApplicationError, match=r"there is no folder .*/nowhere; make it"):
        _one(tmp_path / "nowhere", "archive")


def test_many_problems_of_one_kind_are_counted() -> None:
    notes = Notes("a.csv")
    for row in range(SHOWN + 7):
        notes.add("no_key", row, column="cons_no")
    assert notes.problems()[-1].params == {"code": "no_key", "count": 7}


def test_every_problem_speaks_both_languages() -> None:
    assert all(words.zh and words.en and words.zh != words.en for words in PROBLEMS.values())


def test_another_province_has_other_headers_and_codes(tmp_path: Path) -> None:
    _drop(tmp_path, "archive/档案导出_20260315.csv", b"YHBH,ZJLX,CXLB,SDRQ\n0000000000001,P4,N,20160305\n")
    config = read(CONFIG / "sites" / "province_b")
    (delivery,) = load(config, {"drop": Connection(directory=tmp_path)})["archive"].pull(None, frozenset())
    assert {name: values[0] for name, values in delivery.columns.items()} == {
        "cons_no": "0000000000001",
        "cert_type_code": "06",
        "urban_rural_flag": "rural",
        "ps_date": "2016-03-05",
    }


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("20160305", "2016-03-05"),
        ("2016/3/5", "2016-03-05"),
        ("2016年3月5日", "2016-03-05"),
        ("2016-03-05 08:01", "2016-03-05"),
        ("20160230", None),
        ("201603051", None),
        ("五月", None),
    ],
)
def test_dates_are_read_in_their_usual_spellings(text: str, iso: str | None) -> None:
    assert iso_date(text) == iso


def test_a_moment_keeps_its_time() -> None:
    assert iso_moment("2026/3/5 8:01") == "2026-03-05T08:01:00"


# -- profiles


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("户名: cons_name", "户名: name", r"archive.yaml:\d+: tables.accounts.columns.户名: no such choice 'name'"),
        ("kind: archive", "kind: archiv", r"kind: no such choice 'archiv'; there are: archive, carrier"),
        ("reader: folder", "reader: ftp", r"reader: no such choice 'ftp'; there are: folder, portal, survey_api"),
        (
            "connection: drop",
            "connection: dropp",
            r"archive.yaml:\d+: connection: no such choice 'dropp'; there are: drop, legacy",
        ),
        ("legal_basis:", "legal_base:", r"legal_base: unknown key"),
        ("  contacts:", "  people:", r"tables.people: a source of kind archive has no such table"),
        ("    pattern: archive/档案导出_*.csv\n", "", r"tables.accounts: the key 'pattern' is missing"),
    ],
)
def test_a_wrong_profile_names_its_place(tmp_path: Path, old: str, new: str, reason: str) -> None:
    text = (CONFIG / "sources" / "archive.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "archive.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    (tmp_path / "hedang.yaml").write_text(f"schema: 1\nextends: {CONFIG}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=reason):
        load(read(tmp_path), {"drop": Connection(directory=tmp_path)})


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        (
            "survey_drop",
            "通过: PASS",
            "通过: PASSED",
            r"codes.audit.通过: no code 'PASSED'; there are: BACK, PASS, WAIT",
        ),
        (
            "real_estate",
            "现势: current",
            "现势: curent",
            r"codes.state.现势: no code 'curent'; there are: current, history",
        ),
        ("population", '"414": "04"', '"414": "4"', r"codes.cert_type_code.414: no code '4'; there are: 01, 02"),
        ("carrier_batch", "户名 证件: name id", "户名 证件: name ids", r"no code 'ids'; there are: id, name, phone"),
    ],
)
def test_a_code_that_means_nothing_here_is_named_with_the_known_ones(
    tmp_path: Path, name: str, old: str, new: str, reason: str
) -> None:
    """Of a survey nothing would be audited, and of a registry no flat would have an owner, without a word."""
    text = (CONFIG / "sources" / f"{name}.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / f"{name}.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    (tmp_path / "hedang.yaml").write_text(f"schema: 1\nextends: {CONFIG}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"{name}.yaml:\d+: tables.rows.*{reason}"):
        load(read(tmp_path), {"drop": Connection(directory=tmp_path)})


# -- verification


def test_a_service_at_an_unknown_connection_names_the_known_ones(tmp_path: Path) -> None:
    text = (CONFIG / "sources" / "carrier.yaml").read_text(encoding="utf-8")
    assert "connection: verify" in text
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "carrier.yaml").write_text(
        text.replace("connection: verify", "connection: verfy"), encoding="utf-8"
    )
    (tmp_path / "hedang.yaml").write_text(f"schema: 1\nextends: {CONFIG}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"carrier.yaml:\d+: connection: no such choice 'verfy'; there are: drop"):
        verifiers(read(tmp_path), {})


def _carrier(url: str, waited: list[float] | None = None) -> Verifier:
    waits = waited if waited is not None else []
    return verifiers(read(CONFIG), {"verify": Connection(url=url, user="app", secret="open")}, sleep=waits.append)[
        "carrier"
    ]


VALUES = {"cons_name": "某某", "cert_no": "139901198503120439", "mobile": "19400000001"}


def _answering(*bodies: tuple[int, dict[str, str], bytes]) -> Script:
    left = list(bodies)
    return lambda path, headers, body: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize(
    ("code", "verdict", "subcode"),
    [
        ("0", Verdict.CONSISTENT, ""),
        ("1002", Verdict.INCONSISTENT, "id"),
        ("2001", Verdict.NO_RECORD, ""),
        ("4004", Verdict.UNSUPPORTED, ""),
        ("777", Verdict.ERROR_FINAL, "unmapped"),
    ],
)
def test_an_answer_becomes_a_verdict(
    serve: Callable[[Script], Service], code: str, verdict: Verdict, subcode: str
) -> None:
    service = serve(_answering(_json({"code": code, "fee": 0.3, "requestId": "r", "asOf": "2026-03-16"})))
    answer = _carrier(service.url).ask("three_factor", VALUES, "k1", "hash")
    assert (answer.evidence.verdict, answer.evidence.subcode, answer.fee_cents) == (verdict, subcode, 30)
    assert (answer.evidence.subject, answer.evidence.source, answer.evidence.as_of) == (
        "hash",
        "carrier",
        date(2026, 3, 16),
    )


def test_a_call_carries_only_what_the_question_needs(serve: Callable[[Script], Service]) -> None:
    service = serve(_answering(_json({"code": "0"})))
    _carrier(service.url).ask("status", VALUES, "k1", "hash")
    ((path, headers, body),) = service.calls
    assert (path, body) == ("/v1/status", {"mobile": "19400000001"})
    assert (headers["X-App"], headers["Idempotency-Key"]) == ("app", "k1")


def test_a_failed_call_is_repeated_under_the_same_key(serve: Callable[[Script], Service]) -> None:
    service = serve(_answering((503, {}, b""), _json({"code": "5001", "fee": 0}), _json({"code": "0", "fee": 0.1})))
    answer = _carrier(service.url).ask("status", VALUES, "k1", "hash")
    assert answer.fee_cents == 10
    assert [headers["Idempotency-Key"] for _, headers, _ in service.calls] == ["k1"] * 3


def test_a_call_without_an_answer_is_an_application_error_without_values(serve: Callable[[Script], Service]) -> None:
    service = serve(_answering(_json({"code": "5001", "fee": 0})))
    with pytest.raises(ApplicationError) as error:
        _carrier(service.url).ask("three_factor", VALUES, "k1", "hash")
    assert (len(service.calls), error.value.code) == (3, "try_again")
    assert not [value for value in VALUES.values() if value in str(error.value)]


def test_the_service_is_not_asked_faster_than_agreed(serve: Callable[[Script], Service]) -> None:
    url = serve(_answering(_json({"code": "0"}))).url
    found = verifiers(read(CONFIG), {"verify": Connection(url=url, user="app", secret="open")})
    began = time.monotonic()
    for number in range(4):
        found["carrier"].ask("status", VALUES, str(number), "hash")
    assert time.monotonic() - began >= 3 / 20  # no more than twenty a second, however long an answer takes


def test_the_price_is_known_before_the_call(serve: Callable[[Script], Service]) -> None:
    carrier = _carrier("http://127.0.0.1:9")
    assert [carrier.price(question) for question in ("three_factor", "status", "reassigned")] == [30, 10, 20]
