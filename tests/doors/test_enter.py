"""Promises of what `enter` tells people: words instead of a program's spelling, and no result of another run."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bots import screens
from console.render import entered
from core.settings import Config
from core.site import Site
from core.words import Words
from doors.enter import Hall, _elsewhere, _reason, found_at, told
from flows.enter import Line

ROOT = Path(__file__).parents[2]


def test_what_is_wrong_with_a_screen_is_told_in_words() -> None:
    assert (
        told("absent", {"locator": "label '备注'", "count": 0}, "en")
        == "it is not on the screen (locator label '备注'; count 0)"
    )
    assert told("option", {"missing": ["1", "2"]}, "zh") == "界面上缺少映射里的选项 (缺少 1, 2)"


@pytest.mark.parametrize(("target", "kind", "scope"), [
    ("", "account", ""), ("http://127.0.0.1:8001/", "account", ""),
        ("http://127.0.0.1:8001/sgpms/login.do", "account", ""),
    ("http://127.0.0.1:9999", "record", "account@127.0.0.1:9999 "), ("http://127.0.0.1:8001/test", "record", "account@127.0.0.1:8001 "),
])  # fmt: skip
def test_a_shipped_screen_elsewhere_edits_records_that_no_night_takes_for_its_own(
    target: str, kind: str, scope: str
) -> None:
    config = Config((ROOT / "config",))
    site = Site.load(config)
    home = replace(site.connections["legacy"], url="http://127.0.0.1:8001")
    hall = SimpleNamespace(
        config=config, site=replace(site, connections={**site.connections, "legacy": home}), secrets=lambda _: "x"
    )
    screen = found_at(cast("Hall", hall), "account", target).screen
    assert (screen.kind, screen.scope) == (kind, scope)


@pytest.mark.parametrize(("home", "target", "other"), [
    ("http://mis.example", "HTTP://MIS.example:80/", False), ("https://mis.example:443", "https://mis.example/login.do", False),
    ("http://mis.example", "http://mis.example:8080", True), ("http://mis.example", "https://mis.example", True),
    ("http://mis.example/a", "http://mis.example/A", True),
])  # fmt: skip
def test_a_system_is_the_same_one_however_its_address_is_spelt(home: str, target: str, other: bool) -> None:
    """Else its records would have two numbers in the ledger, and each of them an open item at the same time."""
    assert _elsewhere(target, home, "/login.do") is other


def test_a_row_that_was_not_reached_says_so() -> None:
    row = entered.Shown(row=2, key="1", state="ready", reason=Words("", ""), before={}, after={})
    assert (row.cells("en")[2], row.cells("zh")[2]) == ("not reached", "没有轮到")


def test_the_result_of_the_run_before_is_put_by(tmp_path: Path) -> None:
    path = tmp_path / "rows.result.csv"
    entered.put_by(path)  # there is none
    path.write_text("one", "utf-8")
    entered.put_by(path)
    assert not path.exists()
    assert (tmp_path / "rows.result.old.csv").read_text("utf-8") == "one"


def test_a_refused_row_says_what_the_field_takes() -> None:
    screen = screens.load(Config((ROOT / "config",)))[1]["account"]
    read = Line(row=2, key="1", state="business_error", reason="code", field="notify_mode", after={"notify_mode": "x"})
    there = replace(read, hint=Words("可选：甲", "there are: 甲"))
    longer = replace(read, reason="length", field="remark", after={"remark": "长" * 65})
    known = "、".join(screen.fields["notify_mode"].codes.options)  # type: ignore[union-attr]
    assert [_reason(line, screen, "gbk").zh for line in (read, there, longer)] == [
        f"通知方式：选项不在界面的列表中（可选：{known}）",
        "通知方式：选项不在界面的列表中（可选：甲）",
        "备注：超过字段长度（最多 128 字节，这里有 130 字节）",
    ]
