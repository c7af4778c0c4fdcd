"""The one door: every command is listed, explains itself with an example, and answers wrong use in one sentence."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

import run
from doors import wiring
from tests.practice import ROOT


def _leaves(group: TyperGroup, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _leaves(command, (*path, name))
        else:
            yield (*path, name), command


_TOP = typer.main.get_command(run.app)
assert isinstance(_TOP, TyperGroup)
TOP: TyperGroup = _TOP
COMMANDS = dict(_leaves(TOP))


def _typed(*words: str, data: Path | None = None, lang: str = "en") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "run.py"), *words, *(["--data", str(data)] if data else [])]
    environ = {**os.environ, "HEDANG_LANG": lang}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ)


def _help(*words: str) -> str:
    shown = CliRunner().invoke(run.app, [*words, "--help"], terminal_width=200)
    assert shown.exit_code == 0, shown.output
    return shown.output


# -- help


def test_help_lists_every_command() -> None:
    listed = _help()
    assert [name for name in TOP.commands if not re.search(rf"^ *{name} ", listed, re.MULTILINE)] == []


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example_that_names_it(path: tuple[str, ...]) -> None:
    shown = _help(*path)
    assert f"Example: run.py {' '.join(path)}" in " ".join(shown.split())
    assert re.search(r"[一-鿿]", shown), "no Chinese"


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_examples_use_only_options_that_exist(path: tuple[str, ...]) -> None:
    known = {name for parameter in COMMANDS[path].params for name in parameter.opts}
    example = (COMMANDS[path].help or "").partition("Example: run.py ")[2]
    assert set(re.findall(r"--[a-z-]+", example)) <= known


@pytest.mark.parametrize(("lang", "word"), [("zh", "普查"), ("en", "survey")])
def test_help_speaks_the_readers_language(lang: str, word: str) -> None:
    assert word in _typed("--help", lang=lang).stdout


@pytest.mark.parametrize("module", ["sqlalchemy", "pandas", "pyarrow", "playwright", "numpy", "httpx", "fastapi"])
def test_help_imports_nothing_heavy(module: str) -> None:
    asked = f"import sys, run; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], cwd=ROOT, check=False).returncode == 0


# -- wrong use


@pytest.mark.parametrize(
    "words",
    [
        ["no-such-command"],
        ["nightly", "--no-such-option"],
        ["queue", "retry"],
        ["demo", "--accounts", "three"],
        ["demo", "--accounts", "1"],
        ["sandbox", "--faults", "some"],
        ["import", "nothing", "file.csv"],
        ["review", "export", "x.xlsx", "--unmasked"],
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_2_and_no_traceback(words: list[str], tmp_path: Path) -> None:
    data = tmp_path if words[0] != "no-such-command" else None
    done = _typed(*words, data=data)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert not done.stdout.strip()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no-such-command"], "没有命令 no-such-command"),
        (["nightly", "--no-such-option"], "没有选项 --no-such-option"),
        (["queue", "retry"], "缺少参数 item"),
        (["bundle", "--platform", "x"], "缺少选项 --out"),
        (["demo", "--accounts", "three"], "--accounts 的值不对：应为整数"),
        (["demo", "--accounts", "1"], "--accounts 的值不对：应不小于 20"),
        (["init", "more"], "多余的参数：more"),
        (["nightly", "--date"], "选项 --date 须带一个值"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_said_in_chinese_first(words: list[str], said: str) -> None:
    done = _typed(*words, lang="zh")
    first, *rest = done.stderr.splitlines()
    assert (done.returncode, first) == (2, f"出错：{said}")
    assert any(line.startswith("Error: ") for line in rest)
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in _typed(*words, lang="en").stderr)


@pytest.fixture
def without_drop(tmp_path: Path) -> Path:
    """A site whose drop folder is not there."""
    (tmp_path / "site").mkdir()
    lines = f"schema: 1\nextends: {ROOT / 'config'}\nconnections:\n  drop: {{directory: {tmp_path / 'nowhere'}}}\n"
    (tmp_path / "site" / "hedang.yaml").write_text(lines, encoding="utf-8")
    assert _typed("init", data=tmp_path / "data").returncode == 0
    return tmp_path


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", "未拉取：数据源 staff：没有投递文件夹 {folder}；请建立，或在 hedang.yaml 的 connections.drop 另行指定"),
        ("en", "not pulled: source staff: there is no folder {folder}; make it, or name another one under connections.drop in hedang.yaml"),
    ],
)  # fmt: skip
def test_a_pull_that_could_not_read_a_source_says_so_and_is_not_done(without_drop: Path, lang: str, said: str) -> None:
    """Who reads `done` and exit 0 takes the archive of the day before yesterday for today's."""
    site, data = str(without_drop / "site"), without_drop / "data"
    done = _typed("pull", "--config", site, "--date", "2026-03-16", "--json", data=data, lang=lang)
    told = json.loads(done.stdout)
    assert (done.returncode, told["state"]) == (1, "incomplete")
    assert "staff" in told["reason"].split()
    assert told["counts"]["pull"]["failed"] == len(told["reason"].split())
    assert said.format(folder=without_drop / "nowhere") in done.stderr
    shown = _typed("runs", data=data, lang=lang).stdout
    assert {"zh": "未完整", "en": "incomplete"}[lang] in shown


def test_wrong_date_is_named(tmp_path: Path) -> None:
    assert _typed("init", data=tmp_path).returncode == 0
    done = _typed("check", "--date", "16.3.2026", data=tmp_path)
    assert (done.returncode, "16.3.2026" in done.stderr, len(done.stderr.splitlines())) == (2, True, 1)


@pytest.mark.parametrize("words", [["nightly"], ["fill"], ["runs"], ["review", "ls"], ["db", "upgrade"]], ids=" ".join)
def test_without_a_ledger_one_sentence_says_how_to_make_one(words: list[str], tmp_path: Path) -> None:
    done = _typed(*words, data=tmp_path / "none")
    assert done.returncode == 2
    assert "run.py init" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


@pytest.mark.parametrize("words", [["runs"], ["init"], ["db", "upgrade"]], ids=" ".join)
@pytest.mark.parametrize("url", ["nonsense", "nosuch://user:pass@host/x", "postgresql+psycopg://u:pass@127.0.0.1:9/x"])
def test_database_that_does_not_answer_is_one_sentence_without_its_password(
    words: list[str], url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _typed("init", data=tmp_path).returncode == 0
    monkeypatch.setenv("HEDANG_DATABASE", url)
    done = _typed(*words, data=tmp_path)
    assert done.returncode == 2
    assert "pass@" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_wrong_configuration_names_file_key_value_and_choices(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "hedang.yaml").write_text(f"schema: 1\nextends: {ROOT / 'config'}\nlanguage: fr\n", "utf-8")
    assert _typed("init", data=tmp_path / "data").returncode == 0
    done = _typed("check", "--config", str(config), data=tmp_path / "data")
    assert done.returncode == 2
    assert [word for word in ("hedang.yaml:3", "language", "fr", "en, reader, zh") if word not in done.stderr] == []


# -- doctor


def _doctor(*words: str, data: Path, **environ: str) -> tuple[int, bool, dict[str, dict[str, object]]]:
    command = [sys.executable, str(ROOT / "run.py"), "doctor", "--json", *words, "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environ})
    told = json.loads(done.stdout)
    return done.returncode, told["ok"], {check["name"]: check for check in told["checks"]}


def _site(place: Path, url: str = "http://127.0.0.1:9/x") -> Path:
    place.mkdir()
    lines = ["schema: 1", f"extends: {ROOT / 'config'}", "connections:", f"  drop: {{directory: {place}}}"]
    lines += [f"  legacy: {{url: {url}, user: u, secret: LEGACY}}"]
    (place / "hedang.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    return place


def test_doctor_is_content_with_a_whole_site(tmp_path: Path) -> None:
    config = _site(tmp_path / "config")
    assert _typed("init", data=tmp_path / "data").returncode == 0
    code, ok, checks = _doctor("--config", str(config), data=tmp_path / "data", HEDANG_SECRET_LEGACY="x")
    assert (code, ok) == (0, True), [check for check in checks.values() if not check["ok"]]


@pytest.mark.parametrize(
    ("missing", "name", "word"),
    [
        ("browser", "browser", "HEDANG_BROWSER"),
        ("secret", "connection legacy", "HEDANG_SECRET_LEGACY"),
        ("ledger", "ledger", "run.py init"),
        ("rule", "rules", "names.yaml"),
        ("night", "last_night", "run.py nightly --date"),
    ],
)
def test_doctor_says_what_is_missing_and_what_to_do(tmp_path: Path, missing: str, name: str, word: str) -> None:
    config = _site(tmp_path / "config")
    if missing != "ledger":
        assert _typed("init", data=tmp_path / "data").returncode == 0
    if missing == "rule":
        (config / "rules").mkdir()
        (config / "rules" / "names.yaml").write_text("schema: 1\nruels: []\n", "utf-8")
    environ = {} if missing == "secret" else {"HEDANG_SECRET_LEGACY": "x"}
    environ |= {"HEDANG_BROWSER": "/nowhere/chromium"} if missing == "browser" else {}
    words = ["--expect-nightly"] if missing == "night" else []
    code, ok, checks = _doctor("--config", str(config), *words, data=tmp_path / "data", **environ)
    assert (code, ok) == (1, False)
    assert [check["name"] for check in checks.values() if check["needed"] and not check["ok"]] == [name]
    assert word in str(checks[name]["sentence"])


def test_a_sites_rule_file_of_a_shipped_name_hides_no_shipped_rule(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "rules").mkdir(parents=True)
    (site / "hedang.yaml").write_text(f"schema: 1\nextends: {os.path.relpath(ROOT / 'config', site)}\n", "utf-8")
    (site / "rules" / "names.yaml").write_text("schema: 1\nrules:\n  - {code: NM14, off: true}\n", "utf-8")
    listed = _typed("rules", "--json", "--config", str(site))
    shipped = _typed("rules", "--json")
    assert (listed.returncode, shipped.returncode) == (0, 0), listed.stderr
    states = {row["code"]: row["state"] for row in json.loads(listed.stdout)["rules"]}
    assert states == {row["code"]: "on" for row in json.loads(shipped.stdout)["rules"]} | {"NM14": "off"}


def test_the_second_pass_leaves_a_login_alone_that_somebody_works_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_: object) -> NoReturn:
        raise AssertionError("a second session was begun")

    site = cast("Any", SimpleNamespace(connections={"legacy": SimpleNamespace(user="1001")}))
    ledger = cast("Any", SimpleNamespace(directory=tmp_path))
    monkeypatch.setattr(wiring, "legacy", taken)
    with wiring.login(tmp_path, site):
        told = wiring._reread(cast("Any", None), site, ledger, {}, cast("Any", None), [])
    assert told == {"reread": 0, "moved": 0, "unread": 0}


# -- another policy


def test_another_policy_is_tried_without_the_secrets_of_those_who_are_not_asked(tmp_path: Path) -> None:
    data, config, missing = tmp_path / "data", tmp_path / "config", tmp_path / "new.yaml"
    config.mkdir()
    (config / "hedang.yaml").write_text(
        f'schema: 1\nextends: "{ROOT / "config"}"\nconnections: {{survey: {{url: "http://127.0.0.1:9", user: u, secret: UNSET}}}}\n',
        encoding="utf-8",
    )
    assert _typed("init", data=data).returncode == 0
    refused = _typed("policy", "diff", str(missing), "--config", str(config), data=data)
    assert (refused.returncode, str(missing) in refused.stderr, "UNSET" in refused.stderr) == (2, True, False)


def test_doctor_runs_the_sites_own_examples(tmp_path: Path) -> None:
    """Whoever adds a rule asks the doctor; one that finds something else than it was written for is named with its place."""
    site = tmp_path / "mine"
    (site / "rules").mkdir(parents=True)
    (site / "hedang.yaml").write_text(f"schema: 1\nextends: {ROOT / 'config'}\n", encoding="utf-8")
    rule = """schema: 1
rules:
  - {code: XX02, name: {zh: 备注, en: remark}, group: basic, severity: S3, field: remark, check: archive.empty, params: {field: remark},
     ceiling: C, message: {zh: 句, en: sentence}, reason: why, examples: [{given: {remark: 有}, fires: [XX02]}]}
"""
    (site / "rules" / "ours.yaml").write_text(rule, encoding="utf-8")
    done = _typed("doctor", "--config", str(site), "--json", data=tmp_path / "data", lang="zh")
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert (done.returncode, found["rules"]["ok"], found["examples"]["ok"]) == (1, True, False)
    place = f"{site / 'rules' / 'ours.yaml'}:4: rules.0.examples.0.fires: "
    assert found["examples"]["sentence"] == place + "规则 XX02 的样例应触发 XX02，实际触发 无"
