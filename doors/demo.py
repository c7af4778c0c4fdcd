"""`run.py demo` and `run.py sandbox`: a night against the practice world, or that world alone."""

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.errors import MissingPart
from core.words import language
from doors import output, wiring
from doors.options import CONFIG, DATA, ROOT, AsJson, ConfigDir, DataDir, _, choice

if TYPE_CHECKING:
    from core.ledger import Ledger
    from flows.rehearsal import World

commands = typer.Typer()

Accounts = Annotated[int, typer.Option("--accounts", min=20, help=_("户数", "accounts"))]
Seed = Annotated[int, typer.Option("--seed", help=_("随机种子", "the seed"))]
Faults = Annotated[str, typer.Option("--faults", help="none | usual | storm")]
Skin = Annotated[str, typer.Option("--skin", help=_("a，或外省 b", "a, or the other province b"))]


@commands.command()
def sandbox(
    accounts: Accounts = 300,
    seed: Seed = 1,
    faults: Faults = "none",
    skin: Skin = "a",
    port: int = 0,
    data: DataDir = DATA,
) -> None:
    """只启动演练世界，直到 Ctrl-C。 Only the practice world, until stopped.

    Example: run.py sandbox --accounts 300
    """
    from flows import rehearsal

    stopping = wiring.stop_flag()
    with rehearsal.world(
        _fresh(data / "sandbox"), accounts=accounts, seed=seed, faults=_faults(faults), skin=_skin(skin), port=port
    ) as world:
        print(json.dumps(world.told, ensure_ascii=False), flush=True)
        while not stopping:
            wiring.Clock().sleep(0.2)


def _faults(given: str) -> str:
    return choice("--faults", given, "none", "usual", "storm")


def _skin(given: str) -> str:
    return choice("--skin", given, "a", "b")


def _fresh(folder: Path) -> Path:
    """A folder of its own for each start, named by the moment."""
    return folder / f"{datetime.now():%Y%m%d-%H%M%S-%f}"  # noqa: DTZ005  (the clock on the reader's wall)


@commands.command()
def demo(
    accounts: Accounts = 300,
    seed: Seed = 1,
    faults: Faults = "usual",
    skin: Skin = "a",
    config: ConfigDir = CONFIG,
    data: DataDir = DATA,
    as_json: AsJson = False,
) -> None:
    """演练一整夜：启动演练世界，用真实浏览器填录，给出数字与报告位置。 Play one whole night against the practice world.

    Example: run.py demo --accounts 300 --faults usual
    """
    import time

    from flows import rehearsal

    place, began = _fresh(data / "demo"), time.monotonic()
    with rehearsal.world(
        place / "world", accounts=accounts, seed=seed, faults=_faults(faults), skin=_skin(skin)
    ) as world:
        base = config / "sites" / ("practice" if skin == "a" else "province_b")
        os.environ.update(rehearsal.site(place / "config", base, world))
        result = _play(place, world)
        result["seconds"] = round(time.monotonic() - began, 1)
    if as_json:
        output.show(result, as_json)
    else:
        from console.render import terminal

        terminal.demo(result, language())
    clean = not (result["silent_wrong"] or result["lost"] or result["doubled"])
    raise typer.Exit(0 if clean else 1)


def _play(place: Path, world: "World") -> dict[str, Any]:
    """One night of the practice site, in the commands that a site uses, and the oracle's answer."""
    import subprocess

    from flows import rehearsal

    config, data = place / "config", place / "data"
    common = ["--config", str(config), "--data", str(data)]
    for words in (
        ["init", "--data", str(data)],
        *(["import", kind, str(Path(world.told["drop_dir"]) / "org" / name), *common] for kind, name in _LISTS),
    ):
        subprocess.run([sys.executable, str(ROOT / "run.py"), *words], check=True, stdout=subprocess.DEVNULL)
    night = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), "nightly", *common, "--date", world.day.isoformat(), "--json"],
        check=False, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    if night.returncode not in (0, 1):
        raise MissingPart(_("演练的夜间批次没有完成", "the rehearsed night did not finish"))
    told = json.loads(night.stdout)
    ledger = wiring.ledger_of(data)
    said = rehearsal.score(world, rehearsal.claims(ledger, _spell(config)))
    return _figures(told, said, ledger, place)


_LISTS = (("org", "供电单位.csv"), ("codes", "代码表.csv"))


def _spell(directory: Path) -> "Callable[[str, str, str], tuple[str, str]]":
    from bots import screens

    _system, maps = screens.load(wiring.config_of(directory))

    def spell(screen: str, field: str, value: str) -> tuple[str, str]:
        entry = maps[screen].fields[field]
        return entry.label, entry.typed(value)

    return spell


def _figures(told: dict[str, Any], said: dict[str, Any], ledger: "Ledger", place: Path) -> dict[str, Any]:
    """The contract's keys, and what the night cost."""
    from core.ledger import proposals, queue
    from core.model import Disposition
    from flows.fill import summary

    counts = told["counts"]
    found = proposals.find(ledger)
    of = {kind: sum(p.disposition is kind for p in found if p.state != "superseded") for kind in Disposition}
    report = counts.get("report", {})
    return {
        "accounts": counts["check"]["accounts"], "pulled": counts["pull"]["rows"], "findings": counts["check"]["opened"],
        "proposals": sum(of.values()), "automatic": of[Disposition.AUTOMATIC], "for_review": of[Disposition.REVIEW],
        "never": of[Disposition.NEVER], "example": next((row.key for row in queue.rows(ledger)), ""),
        **summary(queue.rows(ledger)), "back_filled": counts["recheck"]["back_filled"], "calls": counts["recheck"]["calls"],
        "fee_cents": counts["recheck"].get("fee_cents", 0),
        **{key: said[key] for key in ("silent_wrong", "wrong_automatic", "lost", "doubled", "accuracy_before", "accuracy_after", "effects")},
        "pass_rate_before": counts["check"]["pass_rate"], "pass_rate_after": report.get("pass_rate", {}),
        "rules": said["rules"], "not_evaluated": said["not_evaluated"], "details": said["details"], "report": report.get("html", ""), "mismatch": report.get("mismatch", ""),
        "place": str(place), "python": os.path.relpath(sys.executable) if Path(sys.executable).is_relative_to(ROOT) else sys.executable,
    }  # fmt: skip
