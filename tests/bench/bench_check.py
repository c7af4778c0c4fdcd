"""How long a whole archive takes to be checked, and what it needs: `python -m tests.bench.bench_check --accounts 100000 [300000 …]`.

A world of each size is generated, pulled into a new ledger and checked twice with `run.py check` as a site does it: the first night
opens every finding, the second finds them known. Nothing is asserted. Memory is that of all processes of a step together; pages that
two of them share count once (Linux: proportional set size).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psutil

from doors import output

ROOT = Path(__file__).parents[2]
DAY = date(2026, 3, 16)
LOOK = 2.0
"""Seconds between two looks at the memory."""

SITE = """schema: 1
extends: {base}
connections:
  legacy: {{url: "http://127.0.0.1:9", user: nobody, secret: LEGACY}}
  survey: {{url: "http://127.0.0.1:9", user: nobody, secret: SURVEY}}
  verify: {{url: "http://127.0.0.1:9", user: nobody, secret: VERIFY}}
  drop: {{directory: {drop}}}
"""
"""A practice site whose services are not there: only what was dropped is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one command took."""

    name: str
    seconds: float
    peak_mb: int
    # of the machine, when it began and when it ended
    load: tuple[float, float]
    told: dict[str, Any]


def measured(name: str, *words: str) -> Step:
    """Run a command of this project and watch it; that the survey's service is not there is known, every other failure ends it."""
    secrets = dict.fromkeys(("HEDANG_SECRET_LEGACY", "HEDANG_SECRET_SURVEY", "HEDANG_SECRET_VERIFY"), "none")
    began, load = time.perf_counter(), os.getloadavg()[0]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        process = subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=out, env=os.environ | secrets)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _held(psutil.Process(process.pid)))
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK)
        seconds = time.perf_counter() - began
        out.seek(0)
        text = out.read()
    told = json.loads(text) if text.startswith("{") else {}
    if process.returncode and told.get("reason") != "survey":
        sys.exit(f"{name}: exit {process.returncode}")
    return Step(name=name, seconds=seconds, peak_mb=peak >> 20, load=(load, os.getloadavg()[0]), told=told)


def _held(process: psutil.Process) -> int:
    """Bytes that a process and those below it hold now."""
    total = 0
    with suppress(psutil.Error):
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                memory = one.memory_full_info()
                total += getattr(memory, "pss", memory.uss)
    return total


def measure(accounts: int, place: Path, say: Any) -> list[Step]:
    """Everything for one size; the ledger and the world stay in `place`."""
    world, data, config = place / "world", place / "data", place / "config"
    config.mkdir(parents=True)
    base = json.dumps(str(ROOT / "config" / "sites" / "practice"))
    text = SITE.format(base=base, drop=json.dumps(str(world / "drop")))
    (config / "hedang.yaml").write_text(text, encoding="utf-8")
    at = ("--data", str(data), "--config", str(config))
    steps: list[tuple[str, tuple[str, ...]]] = [
        ("generate", ("-m", "sandbox", "generate", "--dir", str(world), "--accounts", str(accounts))),
        ("init", ("run.py", "init", "--data", str(data))),
        ("import", ("run.py", "import", "org", str(world / "drop" / "org" / "供电单位.csv"), *at)),
        ("pull", ("run.py", "pull", "--date", DAY.isoformat(), *at, "--json")),
        ("check", ("run.py", "check", "--date", DAY.isoformat(), *at, "--json")),
        ("check again", ("run.py", "check", "--date", (DAY + timedelta(days=1)).isoformat(), *at, "--json")),
    ]
    found = []
    for done, (name, words) in enumerate(steps):
        say(f"{accounts:,} {name}", done, len(steps))
        found.append(measured(name, *words))
    say(f"{accounts:,}", len(steps), len(steps))
    return found


def show(accounts: int, steps: Sequence[Step], base: dict[str, float]) -> None:
    """A line for each step; growth is the time per account beside that of the smallest size (1 = linear)."""
    for step in steps:
        if step.name in ("init", "import"):
            continue
        each = step.seconds / accounts
        growth = each / base.setdefault(step.name, each)
        loads = "→".join(f"{load:.1f}" for load in step.load)
        print(
            f"{accounts:>9,}  {step.name:<12}{step.seconds:>8.1f} s{accounts / step.seconds:>12,.0f} accounts/s"
            f"{step.peak_mb:>8,} MiB  load {loads}  growth {growth:.2f}{_counted(step)}"
        )


def _counted(step: Step) -> str:
    told = step.told.get("counts", {}).get("check")
    return "" if told is None else f"  {told['evaluated']} rules, {told['open']:,} open, {told['opened']:,} new"


def main() -> None:
    """Measure every size that was asked for, the smallest first."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_check", description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[100_000])
    parser.add_argument(
        "--directory", type=Path, help="where worlds and ledgers are made (2 GB for a million accounts)"
    )
    asked = parser.parse_args()
    base: dict[str, float] = {}
    for accounts in sorted(asked.accounts):
        with tempfile.TemporaryDirectory(prefix="check-", dir=asked.directory) as place, output.progress() as say:
            steps = measure(accounts, Path(place), say)
        show(accounts, steps, base)


if __name__ == "__main__":
    main()
