"""Examine whether everything is there that a night needs, and say for each thing that is missing what to do.

checks = [doctor.packages(root / "requirements.in"), doctor.ask("ledger", lambda: …), …]
doctor.well(checks)                     # False when something is missing that a night cannot do without
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

from core.errors import HedangError
from core.ledger import Ledger, runs
from core.words import Words

Trial = Callable[[], Words]
"""Answers what is there; raises HedangError, whose sentence says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    sentence: Words
    needed: bool = True  # False: good to know, and no reason to wait


def ask(name: str, trial: Trial, *, needed: bool = True) -> Check:
    """The check that a trial makes."""
    try:
        return Check(name=name, ok=True, sentence=trial(), needed=needed)
    except HedangError as error:
        return Check(name=name, ok=False, sentence=error.words, needed=needed)


def well(checks: Iterable[Check]) -> bool:
    """Whether nothing is missing that is needed."""
    return all(check.ok for check in checks if check.needed)


def packages(listed: Path) -> Check:
    """Whether every Python package of a requirements.in is installed."""
    lines = (line.partition("#")[0].strip() for line in listed.read_text(encoding="utf-8").splitlines())
    wanted = [Requirement(line).name for line in lines if line]
    missing = ", ".join(name for name in wanted if not _installed(name))
    if missing:
        sentence = Words(f"缺少 Python 包：{missing}；运行 make setup", f"not installed: {missing}; run `make setup`")
        return Check(name="packages", ok=False, sentence=sentence)
    return Check(
        name="packages", ok=True, sentence=Words(f"{len(wanted)} 个 Python 包齐全", f"all {len(wanted)} there")
    )


def _installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def display(environ: Mapping[str, str] = os.environ) -> Check:
    """Whether there is a screen; only the desktop driver asks for one."""
    there = sys.platform in ("win32", "darwin") or bool(environ.get("DISPLAY"))
    said = (
        Words("有屏幕", "there is a screen")
        if there
        else Words(
            "没有屏幕；只有桌面程序需要，可用 xvfb-run 提供",
            "there is no screen; only desktop programs need one, `xvfb-run` provides it",
        )
    )
    return Check(name="display", ok=there, sentence=said, needed=False)


def font() -> Check:
    """Whether pages and pictures can show Chinese."""
    found = sys.platform in ("win32", "darwin") or bool(_fonts())
    said = (
        Words("有中文字体", "there is a Chinese font")
        if found
        else Words(
            "没有中文字体，截图会缺字；安装 fonts-noto-cjk（apt-get install fonts-noto-cjk fontconfig）",
            "no Chinese font, pictures will lack text; `apt-get install fonts-noto-cjk fontconfig`",
        )
    )
    return Check(name="font", ok=found, sentence=said)


def _fonts() -> str:
    program = shutil.which("fc-list")
    if program is None:
        return ""
    return subprocess.run([program, ":lang=zh", "family"], capture_output=True, text=True, check=False).stdout.strip()


def last_night(ledger: Ledger, today: date, *, expected: bool) -> Check:
    """Whether the night of the date before this one is done; needed only where one is expected."""
    day = today - timedelta(days=1)
    run = runs.find(ledger, "nightly", day)
    state = run.state if run else "none"
    if run and state == "done" and not {*runs.STEPS} <= {name for name, _ in runs.steps(ledger, run)}:
        state = "part"
    zh = {
        "none": "没有夜间批次",
        "running": "夜间批次还在运行",
        "failed": "夜间批次失败",
        "incomplete": "夜间批次缺数据源",
        "part": "只执行了夜间批次的几个步骤",
        "done": "夜间批次已完成",
    }
    en = {
        "none": "no night was run",
        "running": "the night still runs",
        "failed": "the night failed",
        "incomplete": "the night lacks sources",
        "part": "only some steps of the night were run",
    }
    beside = f" ({run.reason})" if run and run.reason and state in ("incomplete", "failed") else ""
    said = Words(f"{day} {zh.get(state, state)}{beside}", f"{day}: {en.get(state, 'the night is ' + state)}{beside}")
    if state == "done":
        return Check(name="last_night", ok=True, sentence=said)
    again = f"run.py nightly --date {day}"
    said = Words(f"{said.zh}；可补跑 {again}", f"{said.en}; `{again}` makes up for it")
    return Check(name="last_night", ok=False, sentence=said, needed=expected)
