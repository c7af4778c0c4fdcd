"""What the web hand's safety costs: `python -m tests.bench.bench_web [RECORDS]`; nothing is asserted.

The same records of the practice account screen, in turns of ten: by a script as somebody would write it by hand (the same way and the
same save, all cells put in by one call, nothing read), and by `bots.legacy` (read, type, save, read back by a search of its own; beside
that the quick way: fetched within the session, and once more by another session, whose login is shared by 200). Then a round of small
forms whose labels move, by label.
"""

import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from playwright.sync_api import Dialog, Page, Playwright

from bots import legacy as hands
from bots.door import Login
from bots.driver import Target
from bots.drivers import web
from core import settings
from core.errors import BusinessError
from core.model import Change, Operation
from flows import archive
from sandbox.serving import Server
from tests.practice import Practice, practice

TURN = 10
SHARED = 200
"""Records that another session reads after one login (flows.fill.Terms)."""
PARTS = ("open and read", "type and save", "read back", "fetch")
CELLS = {
    "remark": "remark", "room_no": "room", "unit_no": "unit", "building_no": "building", "phase_no": "phase",
    "quarter_name": "quarter", "mgr_grid": "mgr", "mr_sect_no": "mrSect", "contract_cap": "contractCap", "run_cap": "runCap",
}  # fmt: skip
PUT = """(values) => { for (const [name, value] of Object.entries(values)) {
  const control = document.querySelector(`[name=${name}]`);
  control.value = value; for (const event of ['input', 'keyup', 'change', 'blur']) control.dispatchEvent(new Event(event, {bubbles: true}));
} }"""


def values(number: int) -> dict[str, str]:
    """Ten cells, other ones each time."""
    return {f: str(number % 89 + 10) for f in CELLS}


class Script:
    """What somebody would write by hand for this one screen."""

    def __init__(self, page: Page, site: Practice) -> None:
        self._page, self._site = page, site
        page.on("dialog", Dialog.accept)

    def enter(self) -> None:
        """Log in."""
        page, login = self._page, self._site.world.told["login"]
        page.goto(self._site.world.told["legacy_url"])
        page.locator("input[type=text]").first.fill(login["user_id"])
        page.locator("input[type=password]").fill(login["password"])
        page.get_by_text("登录", exact=True).or_(page.locator("input[value=登录]")).first.click()
        page.frame_locator("[name=menuFrame]").get_by_text("客户档案").wait_for()

    def fill(self, key: str, cells: Mapping[str, str]) -> None:
        """Search, open, put the cells in, save, wait for the answer."""
        menu, main = self._page.frame_locator("[name=menuFrame]"), self._page.frame_locator("[name=mainFrame]")
        item = menu.get_by_text("档案查询")
        if not item.is_visible():
            menu.get_by_text("客户档案").click()
        item.click()
        main.locator("[name=consNo]").fill(key)
        main.locator("[value=查询],button:has-text('查询')").first.click()
        main.get_by_text("明细").first.click()
        detail = main.frame_locator("[name=detail]")
        detail.locator("[name=remark]").wait_for()
        frame = self._page.frame("detail")
        assert frame is not None
        frame.evaluate(PUT, {CELLS[f]: v for f, v in cells.items()})
        detail.locator("[value=保存],button:has-text('保存')").first.click()
        detail.locator("#msg", has_text="保存成功").wait_for()


@contextmanager
def script(site: Practice, player: Playwright) -> Iterator[Script]:
    """The script in a browser like ours; Playwright can be started once only."""
    browser = player.chromium.launch(executable_path=web.find(headless=True) or None, args=web.flags())
    yield Script(browser.new_page(viewport={"width": 1280, "height": 900}), site)
    browser.close()


def by_script(one: Script, keys: Sequence[str], number: int) -> dict[str, float]:
    one.enter()  # a login has one session: each turn begins with it, and it does not count
    began = time.perf_counter()
    for key in keys:
        one.fill(key, values(number))
    return {"script": time.perf_counter() - began}


def by_hand(legacy: hands.Legacy, keys: Sequence[str], number: int) -> dict[str, float]:
    """Seconds per part of a verified record."""
    spent: dict[str, float] = defaultdict(float)
    for key in keys:
        wanted = values(number)
        marks = [time.perf_counter()]
        legacy.read("account", key)
        marks.append(time.perf_counter())
        changes = [Change(field=f, before=None, after=v, proposal=0) for f, v in wanted.items()]
        legacy.enter("account", key, Operation.SET, changes, {})
        marks.append(time.perf_counter())
        after = legacy.fetch("account", key)
        marks.append(time.perf_counter())
        quick = legacy.glance("account", key)
        marks.append(time.perf_counter())
        if quick != after or {f: after.cells[f] for f in wanted} != wanted:
            raise SystemExit(f"{key}: the read-back does not hold what was typed")
        for part, start, end in zip(PARTS, marks, marks[1:], strict=False):
            spent[part] += end - start
    return spent


def by_another(legacy: hands.Legacy, keys: Sequence[str]) -> dict[str, float]:
    """Seconds of a login, and of the same records fetched after it."""
    marks = [time.perf_counter()]
    legacy.renew()
    marks.append(time.perf_counter())
    if None in [legacy.glance("account", key) for key in keys]:
        raise SystemExit("a record cannot be fetched")
    marks.append(time.perf_counter())
    return {"login": marks[1] - marks[0], "fetch again": marks[2] - marks[1]}


def anew(legacy: hands.Legacy, keys: Sequence[str], number: int) -> dict[str, float]:
    """The same after a login, which does not count."""
    legacy.renew()
    return {**by_hand(legacy, keys, number), **by_another(legacy, keys)}


def accepts(legacy: hands.Legacy, key: str) -> bool:
    """Whether the record takes changes; the export may be older than its state."""
    try:
        by_hand(legacy, [key], 0)
    except BusinessError:
        return False
    return True


def records(total: int) -> None:
    """Both in turns over the same records."""
    with tempfile.TemporaryDirectory() as folder, practice(Path(folder), accounts=120, seed=3, until="pull") as site:
        ledger = site.ledger()
        table = archive.current(ledger).accounts
        ledger.close()
        numbers, states = (table[name].to_pylist() for name in ("cons_no", "cons_status_code"))
        normal = [str(n) for n, state in zip(numbers, states, strict=True) if str(state) == "normal"]
        login = site.world.told["login"]
        legacy = hands.connect(
            settings.read(site.config), site.world.told["legacy_url"], Login(login["user_id"], login["password"])
        )
        legacy.renew()
        usual = cycle([key for key in normal[:40] if accepts(legacy, key)])
        spent: dict[str, float] = defaultdict(float)
        with script(site, legacy._driver._playwright) as one:  # type: ignore[attr-defined]
            for turn in range(total // TURN):
                keys = list(islice(usual, TURN))
                both = [
                    lambda k=keys, t=turn: by_script(one, k, 2 * t),
                    lambda k=keys, t=turn: anew(legacy, k, 2 * t + 1),
                ]
                for side in both if turn % 2 else both[::-1]:
                    for part, seconds in side().items():
                        spent[part] += seconds
        legacy.close()
    told(spent, total)


def told(spent: dict[str, float], total: int) -> None:
    """Milliseconds a record, and the ratios."""
    ours = spent["open and read"] + spent["type and save"]
    login = spent.pop("login") / (total / TURN)
    ways = {"read back": spent["read back"], "fetched": spent["fetch"] + spent["fetch again"] + login * total / SHARED}
    for part, seconds in spent.items():
        print(f"{part:14} {seconds / total * 1000:7.1f} ms a record")
    print(f"{'login':14} {login * 1000:7.1f} ms")
    print(f"without read-back / script   {ours / spent['script']:.2f}")
    for way, seconds in ways.items():
        print(f"{way} / script".ljust(28), f"{(ours + seconds) / spent['script']:.2f}")
        print(f"verified a minute, {way}".ljust(28), f"{60 * total / (ours + seconds):.0f}")


FIELDS = ("First Name", "Last Name", "Company Name", "Role in Company", "Address", "Email", "Phone Number")
FORM = """<html><body><form method="get" action="/next"><div id="f"></div><button>Submit</button></form><script>
const fields = %s; fields.sort(() => Math.random() - 0.5);
document.getElementById('f').innerHTML = fields.map((f) => `<div><label>${f}</label><div><input name="x${Math.random()}"></div></div>`).join('');
</script><p class="round">round</p></body></html>"""


def challenge(rounds: int = 10) -> None:
    """Ten records of seven fields whose labels and names move each round, found by label alone."""
    from flask import Flask

    app = Flask(__name__)
    page = FORM % list(FIELDS)
    app.add_url_rule("/", "start", lambda: page)
    app.add_url_rule("/next", "next", lambda: page)
    server = Server(app)
    driver = web.Web(timeout=5)
    targets = [Target(label=f, widget="auto") for f in FIELDS]
    press, mark = Target(text="Submit"), Target(css=".round")
    driver.open(server.url)
    driver.arrive([mark], within=False)
    began = time.perf_counter()
    for number in range(rounds):
        driver.follow(press, [mark], entries=[(t, f"{t.label} {number}") for t in targets])
    seconds = time.perf_counter() - began
    driver.close()
    server.stop()
    print(f"{rounds} records x {len(FIELDS)} fields by label: {seconds:.2f} s")


if __name__ == "__main__":
    print(f"load {os.getloadavg()[0]:.1f}")
    records(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    challenge()
    print(f"load {os.getloadavg()[0]:.1f}")
