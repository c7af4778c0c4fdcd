"""The register of forty fields in one run: `python -m tests.bench.web.robot [RECORDS]`; nothing is asserted.

Robot Framework Browser (which reads nothing before and nothing after), a script by hand (the same, all cells by one call), and our
hand: read, type and save, read back. Each goes the same way and saves the same; browsers start before the clock does.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Page

from bots.drivers import web
from bots.legacy import Legacy
from core.model import Change, Operation
from tests.bench.web.register import connect, served, values
from tests.bench.web.robot.setup import BIN, HERE

PUT = """(values) => { for (const [name, value] of Object.entries(values)) {
  const control = document.querySelector(`[name=${name}]`);
  control.value = value; for (const event of ['input', 'change', 'blur']) control.dispatchEvent(new Event(event, {bubbles: true}));
} }"""
PARTS = ("open and read", "type and save", "fetch", "read back")


def by_robot(url: str, records: int, start: int) -> float:
    """Seconds by its own clock."""
    with tempfile.TemporaryDirectory() as folder:
        told = {
            "URL": url,
            "PROGRAM": web.find(headless=True),
            "RECORDS": records,
            "ROUND": start,
            "OUT": f"{folder}/seconds",
        }
        words = [part for name, value in told.items() for part in ("--variable", f"{name}:{value}")]
        quiet = ["--output", "NONE", "--log", "NONE", "--report", "NONE", "--outputdir", folder]
        command = [str(BIN / "python"), "-m", "robot", *words, *quiet, str(HERE / "fill.robot")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stdout[-2000:] + done.stderr[-1000:])
        return float(Path(f"{folder}/seconds").read_text())


def by_script(page: Page, url: str, records: int, start: int) -> float:
    began = time.perf_counter()
    for number in range(1, records + 1):
        page.goto(url)
        page.fill("[name=q]", f"{number + 1:06}")
        page.get_by_text("查询").click()
        page.get_by_text("修改").click()
        page.locator("[name=栏目01]").wait_for()
        page.evaluate(PUT, values(start + number))
        page.locator("[value=保存]").click()
        page.get_by_text("保存成功").wait_for()
    return time.perf_counter() - began


def by_hand(legacy: Legacy, scope: str, records: int, start: int) -> dict[str, float]:
    """Seconds per part."""
    spent: dict[str, float] = defaultdict(float)
    for number in range(1, records + 1):
        key, wanted = f"{scope}{number + 1:06}", values(start + number)
        changes = [Change(field=f, before=None, after=v, proposal=0) for f, v in wanted.items()]
        marks = [time.perf_counter()]
        for act in (
            lambda k=key: legacy.read("register", k),
            lambda k=key, c=changes: legacy.enter("register", k, Operation.SET, c, {}),
            lambda k=key: legacy.glance("register", k),
            lambda k=key: legacy.fetch("register", k),
        ):
            last = act()
            marks.append(time.perf_counter())
        if {f: last.cells[f] for f in wanted} != wanted:  # type: ignore[union-attr]
            raise SystemExit("the read-back does not hold what was typed")
        for part, begun, end in zip(PARTS, marks, marks[1:], strict=False):
            spent[part] += end - begun
    return spent


def told(spent: Mapping[str, float], total: int) -> None:
    """Milliseconds a record, and the ratios."""
    typed = spent["open and read"] + spent["type and save"]
    ways = {
        "without read-back": typed,
        "read back by a search": typed + spent["read back"],
        "fetched twice": typed + 2 * spent["fetch"],
    }
    for part, seconds in spent.items():
        print(f"{part:14} {seconds / total * 1000:7.1f} ms a record")
    for way, seconds in ways.items():
        print(
            f"{way:22} / robot {seconds / spent['robot']:.2f}   / script {seconds / spent['script']:.2f}   {60 * total / seconds:.0f} a minute"
        )


def main(records: int, rounds: int = 2) -> None:
    """Each in turn, round after round."""
    spent: dict[str, float] = defaultdict(float)
    with served() as url:
        legacy, scope = connect(url)
        legacy.read("register", f"{scope}000001")
        browser = legacy._driver._process  # type: ignore[attr-defined]
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        for turn in range(rounds):
            spent["robot"] += by_robot(url, records, 9 * turn + 1)
            spent["script"] += by_script(page, url, records, 9 * turn + 4)
            for part, seconds in by_hand(legacy, scope, records, 9 * turn + 7).items():
                spent[part] += seconds
        legacy.close()
    told(spent, records * rounds)


if __name__ == "__main__":
    print(f"load {os.getloadavg()[0]:.1f}")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
    print(f"load {os.getloadavg()[0]:.1f}")
