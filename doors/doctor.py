"""`run.py doctor`: is everything there, and what to do about what is not."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.errors import HedangError, MissingPart
from core.words import Words, language
from doors import output, wiring
from doors.options import CONFIG, DATA, ROOT, AsJson, ConfigDir, DataDir, _

if TYPE_CHECKING:
    from core.settings import Config

commands = typer.Typer()


@commands.command()
def doctor(
    config: ConfigDir = CONFIG, data: DataDir = DATA, as_json: AsJson = False,
    expect_nightly: Annotated[bool, typer.Option("--expect-nightly", help=_("昨夜批次未完成即算不合格", "last night must be done"))] = False,
) -> None:  # fmt: skip
    """检查所需的一切是否齐备，缺什么、怎么办。 Whether everything is there, and what to do about what is not.

    Example: run.py doctor --expect-nightly
    """
    from flows import doctor as examining

    checks = [
        examining.packages(ROOT / "requirements.in"),
        examining.ask("browser", _browser),
        examining.display(),
        examining.font(),
        *_settings_checked(config),
        examining.ask("ledger", lambda: _ledger_checked(data)),
    ]
    if checks[-1].ok:
        today = datetime.now(_timezone(config)).date()
        checks.append(examining.last_night(wiring.ledger_of(data), today, expected=expect_nightly))
    ok = examining.well(checks)
    rows = [{"name": c.name, "ok": c.ok, "needed": c.needed, "sentence": c.sentence.say(language())} for c in checks]
    if as_json:
        print(json.dumps({"ok": ok, "checks": rows}, ensure_ascii=False))
    else:
        output.listing(rows, as_json, "checks")
    raise typer.Exit(0 if ok else 1)


def _browser() -> Words:
    from bots.drivers import web

    program = web.find(headless=True)
    own = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    if not program and not any(own.glob("chromium*")):
        raise MissingPart(
            _(
                "没有浏览器：安装 Chromium、Chrome 或 Edge，或用 HEDANG_BROWSER 指明其程序",
                "there is no browser: install Chromium, Chrome or Edge, or name its program in HEDANG_BROWSER",
            )
        )
    return Words(program or str(own), program or str(own))


def _timezone(directory: Path) -> Any:
    """The site's, or the machine's while the configuration is wrong."""
    try:
        return wiring.site_of(directory)[1].timezone
    except HedangError:
        return None


def _settings_checked(directory: Path) -> "Iterator[Any]":
    """Every file of the configuration by the room that reads it, then addresses and secrets."""
    from functools import partial

    from bots import screens, sources
    from core.policy import Policy
    from core.site import Connection, environment
    from core.survey import Theme
    from flows.doctor import ask

    def counted(found: Any) -> Words:
        return Words(f"{len(found)} 项", f"{len(found)} read")

    first = ask("site", lambda: Words(str(directory), str(wiring.site_of(directory)[0].directories[0])))
    yield first
    if not first.ok:
        return
    config, site, fields = wiring.site_of(directory)
    anywhere = {
        name: Connection(url=a.url or "http://127.0.0.1", directory=a.directory) for name, a in site.connections.items()
    }
    yield ask("fields", lambda: counted(fields))
    yield ask("policy", lambda: counted(Policy.load(config, fields).roles))
    known = ask("rules", lambda: counted(wiring.rules_of(config)[0]))
    yield known
    if known.ok:
        yield ask("examples", lambda: _examples(config))
    yield ask("screens", lambda: counted(screens.load(config)[1]))
    yield ask("survey", lambda: counted([Theme.load(config, fields, name) for name in config.folder("survey")]))
    yield ask("sources", lambda: counted({**sources.load(config, anywhere), **sources.verifiers(config, anywhere)}))

    def reachable(name: str) -> Words:
        found = site.connect(name, environment())
        if found.directory is not None and not found.directory.is_dir():
            raise MissingPart(
                Words(
                    f"连接 {name}：没有文件夹 {found.directory}；请建立或另行指定",
                    f"connection {name}: there is no folder {found.directory}; make it or name another one",
                )
            )
        return Words(found.url or str(found.directory), found.url or str(found.directory))

    for name, a in site.connections.items():
        needed = name == "legacy" or bool(a.url or a.directory)  # a source without an address is left out of the night
        yield ask(f"connection {name}", partial(reachable, name), needed=needed)


def _examples(config: "Config") -> Words:
    """Run the examples of the site's own rules; those that were shipped hold for the shipped rules, which a test sees to."""
    from core import settings
    from core.errors import ConfigError
    from core.reference import Reference
    from matchers import examples, rules

    layers = [[settings.load(path) for path in layer] for layer in config.layers("rules")]
    own, place = [root for layer in layers[1:] or layers for root in layer], config.path("reference")
    samples = examples.Samples.read(settings.load(place / "example_accounts.yaml"))
    staged = examples.world(Reference.load(place, marked=True))
    wrong = [error.words for error in examples.misfires(own, samples, rules.build(*layers), staged)]
    if wrong:
        raise ConfigError(Words("\n".join(one.zh for one in wrong), "\n".join(one.en for one in wrong)))
    return Words("本站规则的样例都如所写", "the site's own rules find what their examples say")


def _ledger_checked(data: Path) -> Words:
    ledger = wiring.ledger_of(data)
    ledger.close()
    return Words(str(data), str(data))
