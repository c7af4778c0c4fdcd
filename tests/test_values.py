"""`run.py parse` and `run.py compare`: whatever bytes a value has, one answer a line; every level with its sentence."""

import json
import os
import random
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import run
from matchers import comparators
from matchers.normal import addresses, ids, names, phones
from tests.practice import ROOT

KEYS = {
    "address": {"province", "city", "county", "town", "community", "road", "road_no", "quarter", "phase", "building", "unit", "floor",
                "room", "parsed", "rest", "reasons"},
    "name": {"normal", "key", "remark", "reasons"},
    "id": {"valid", "kind", "normal", "reasons"},
    "phone": {"numbers", "valid", "rest", "reasons"},
    "text": {"normal", "reasons"},
    "date": {"kind", "normal", "reasons"},
}  # fmt: skip


def _typed(*words: str, language: str = "en", given: str = "") -> "subprocess.CompletedProcess[str]":
    environ = {**os.environ, "HEDANG_LANG": language}
    command = [sys.executable, str(ROOT / "run.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ, input=given)


def _run(*words: str, given: bytes = b"") -> str:
    done = CliRunner().invoke(run.app, list(words), input=given)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def _parsed(kind: str, given: bytes, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _run("parse", kind, "-", *words, given=given).split("\n")[:-1]]


@pytest.fixture(scope="module")
def noise() -> bytes:
    """Lines of any bytes, of bytes that look like text, and of values cut in the middle of a character."""
    draw = random.Random(5)
    lines = [draw.randbytes(draw.randint(0, 40)).replace(b"\n", b"") for _ in range(300)]
    for value in (
        "唐山市路北区凤城国贸3-2-1102",
        "张三13812345678/妻李四",
        "130203198503120430",
        "一九八五年三月十二日",
    ):
        for encoding in ("utf-8", "gb18030", "utf-16-le", "big5"):
            whole = value.encode(encoding, "replace").replace(b"\n", b"")
            lines += [whole[:cut] for cut in range(0, len(whole), 3)]
    return b"\n".join([*lines, b"\x00" * 50, b"9" * 5000, b"(" * 3000, "１".encode() * 2000]) + b"\n"


@pytest.mark.parametrize("kind", KEYS)
def test_any_bytes_get_one_answer_a_line_with_the_contracts_keys(kind: str, noise: bytes) -> None:
    rows = _parsed(kind, noise)
    assert len(rows) == noise.count(b"\n")
    assert [row for row in rows if not KEYS[kind] <= set(row)] == []


def test_answers_stand_in_the_order_of_the_lines_and_the_last_needs_no_line_end() -> None:
    rows = _parsed("text", b"a\r\n\r\nb\na\nc")
    assert [row["normal"] for row in rows] == ["a", "", "b", "a", "c"]


@pytest.mark.parametrize(
    ("given", "normal", "reasons"),
    [
        ("唐山市".encode(), "唐山市", []),
        ("\ufeff户号".encode(), "户号", ["bom"]),
        ("唐山市".encode("gb18030"), "唐山市", ["gb18030"]),
        ("唐山市".encode("gb18030")[:-1], "唐山\ufffd", ["undecodable", "lost"]),
        ("唐山市".encode()[:-1], "唐山\ufffd", ["undecodable", "lost"]),
    ],
    ids=["utf-8", "bom", "gb18030", "gb18030 cut", "utf-8 cut"],
)
def test_bytes_are_read_strictly_and_what_was_done_is_said(given: bytes, normal: str, reasons: list[str]) -> None:
    assert _parsed("text", given) == [{"normal": normal, "reasons": reasons}]


def test_the_city_completes_local_landlines() -> None:
    assert _parsed("phone", b"2812345\n", "--city", "唐山市")[0]["numbers"] == ["0315-2812345"]


@pytest.mark.parametrize(
    ("city", "county"),
    [("石家庄市", ("石家庄市", "桥西区")), ("石家庄", ("石家庄市", "桥西区")), ("张家口", ("张家口市", "桥西区"))],
)
def test_the_city_settles_a_county_that_stands_in_several_whether_it_is_served_or_not(
    city: str, county: tuple[str, str]
) -> None:
    (row,) = _parsed("address", "桥西区和平路12号\n".encode(), "--city", city)
    assert (row["city"], row["county"]) == county


def test_a_city_that_is_not_served_changes_nothing_that_an_address_says_itself() -> None:
    (row,) = _parsed("address", "唐山市路北区新华道12号\n".encode(), "--city", "成都市")
    assert (row["city"], row["county"], row["road"]) == ("唐山市", "路北区", "新华道")


def test_a_file_is_read_like_standard_input(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("张 三\n", "utf-8")
    assert json.loads(_run("parse", "name", str(tmp_path / "names.txt")))["normal"] == "张三"


def test_a_file_in_utf_16_has_lines_too(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("张三\n李四\n", "utf-16")
    answers = _run("parse", "name", str(tmp_path / "names.txt")).splitlines()
    assert [json.loads(answer)["normal"] for answer in answers] == ["张三", "李四"]


GUIDE = (ROOT / "docs" / "parse.md").read_text("utf-8")
SHOWN = re.findall(r"^\$ (?:echo '(.*)' \| )?run\.py (.*)\n(.*)$", GUIDE, re.MULTILINE)


def test_the_guide_shows_every_kind_and_every_way_to_compare() -> None:
    assert len(SHOWN) == GUIDE.count("\n$ ")
    assert {words.split()[1] for _, words, _ in SHOWN if words.startswith("parse")} == set(KEYS)
    levels = {level.name for name in comparators.NAMES for level in comparators.load(name).levels.values()}
    assert [level for level in sorted(levels) if level not in GUIDE] == []
    reasons = {*addresses.REASONS, *names.REASONS, *ids.REASONS, *phones.PROBLEMS}
    assert [reason for reason in sorted(reasons) if f"`{reason}`" not in GUIDE] == []


@pytest.mark.parametrize(("given", "words", "answer"), SHOWN, ids=[words for _, words, _ in SHOWN])
def test_what_the_guide_shows_is_what_is_answered(
    given: str, words: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEDANG_LANG", "zh")
    if answer.startswith("出错"):
        assert _typed(*shlex.split(words), language="zh", given=given).stderr.strip() == answer
    else:
        assert CliRunner().invoke(run.app, shlex.split(words), input=f"{given}\n".encode()).output.strip() == answer


def test_a_file_in_utf_16_that_ends_within_a_character_loses_only_that(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_bytes("张三\n李".encode("utf-16") + b"\x00")
    answers = [json.loads(line) for line in _run("parse", "name", str(tmp_path / "names.txt")).splitlines()]
    assert [answer["normal"] for answer in answers] == ["张三", "李\ufffd"]


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text("张三\n" * 200_000, "utf-8")
    command = f"{sys.executable} {ROOT / 'run.py'} parse text {tmp_path / 'many.txt'} | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, check=False)
    assert (len(done.stdout.splitlines()), done.stderr) == (1, b"")


@pytest.mark.parametrize(
    ("words", "choice"),
    [
        (("parse", "adress"), "address"),
        (("parse", "name", "/no/such/file"), "/no/such/file"),
        (("parse", "address", "--city", "火星"), "served cities: 唐山市, 廊坊市, 张家口市, 承德市, 秦皇岛市"),
        (("parse", "phone", "--city", "塘山"), "similar names: 唐山市"),
        (("compare", "cons_nam", "a", "b"), "cons_name"),
    ],
)
def test_wrong_use_names_the_choices(words: tuple[str, ...], choice: str) -> None:
    done = _typed(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert choice in done.stderr


@pytest.mark.parametrize(
    ("field", "one", "other", "level"),
    [
        ("cons_name", "张晓明", "张小明", "HOMOPHONE"),
        ("name", "张晓明", "张 晓 明", "EXACT_NORM"),
        ("cert_no", "130203198503120430", "130203********0430", "MASK_COMPATIBLE"),
        ("mobile", "13812345678", "13812345679", "DISAGREE"),
        ("elec_addr", "唐山路北凤城国贸3-2-1102", "唐山市路北区凤城国贸3号楼2单元1102室", "SAME_UNIT"),
        ("cert_type_code", "身份证", "01", "EXACT"),
        ("ps_date", "1985年3月12日", "19850312", "EXACT"),
        ("contract_cap", "8kW", "8.0", "EXACT"),
    ],
)
def test_a_comparison_tells_its_level_and_why(field: str, one: str, other: str, level: str) -> None:
    told = json.loads(_run("compare", field, one, other, "--json"))
    assert told["level"] == level
    assert told["explanation"]


@pytest.mark.parametrize(("lang", "word"), [("zh", "读音相同"), ("en", "same sound")])
def test_a_level_explains_itself_in_the_readers_language(lang: str, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDANG_LANG", lang)
    assert word in _run("compare", "name", "张晓明", "张小明")


@pytest.mark.parametrize("kind", KEYS)
def test_a_line_that_is_far_too_long_is_read_as_far_as_a_value_can_go(kind: str) -> None:
    rows = _parsed(kind, "一十1-".encode() * 100_000 + b"\n1\n")
    assert len(rows) == 2
    assert "cut" in rows[0].get("reasons", ["cut"])
