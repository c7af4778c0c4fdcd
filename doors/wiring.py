"""What commands are built from: configuration, ledger, legacy system, night."""

import json
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import HedangError, InputError, MissingPart
from doors.options import ROOT, _

if TYPE_CHECKING:
    from bots.legacy import Legacy
    from core.fields import Fields
    from core.ledger import Ledger
    from core.ledger.queue import Worker
    from core.ledger.runs import Run
    from core.model import Kind
    from core.reference import Reference
    from core.settings import Config
    from core.site import Site
    from flows.book import Place
    from flows.nightly import House


def config_of(directory: Path) -> "Config":
    from core import settings

    return settings.read(directory)


def site_of(directory: Path) -> "tuple[Config, Site, Fields]":
    from core.fields import Fields
    from core.site import Site

    config = config_of(directory)
    return config, Site.load(config), Fields.load(config)


def ledger_of(data: Path, actor: str = "hedang") -> "Ledger":
    from core.ledger import store

    return store.open(data, os.environ.get("HEDANG_DATABASE"), actor=actor)


def worker_of(ledger: "Ledger", name: str) -> "Worker":
    from core import posix
    from core.ledger import queue

    me = posix.own()
    return queue.enlist(ledger, name, me.host, me.pid, me.started)


def person() -> str:
    import getpass

    return getpass.getuser()


def gone(owner: "Worker", late: bool) -> bool:
    """Whether a worker can no longer act: dead, or late and now ended with everything that it had started."""
    from core import posix

    who = posix.ProcessIdentity(pid=owner.pid, started=owner.started, host=owner.host)
    if owner.host != posix.identity().host:
        return False  # nobody here can make sure that it is dead
    if posix.alive(who) and not late:
        return False
    return owner.pid == os.getpid() or posix.end_group(owner.pid, owner.started)


def day_of(text: str, site: "Site") -> date:
    if not text:
        return datetime.now(site.timezone).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(_(f"日期 {text} 不是 YYYY-MM-DD", f"the date {text} is not YYYY-MM-DD")) from None


class Clock:
    def now(self) -> datetime:
        from datetime import UTC

        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        import time

        time.sleep(seconds)


def stop_flag() -> list[int]:
    """Filled by the first SIGTERM or Ctrl-C: the worker stops between two steps, never between a submit and its read-back."""
    import signal

    flag: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _frame: flag.append(number))
    return flag


def rules_of(config: "Config") -> "tuple[tuple[Any, ...], str]":
    import hashlib

    from core import codes, settings
    from matchers import rules

    layers = config.layers("rules")
    version = hashlib.sha256(b"".join(path.read_bytes() for layer in layers for path in layer)).hexdigest()[:12]
    return rules.build(
        *([settings.load(path) for path in layer] for layer in layers), codes=codes.tables(config)
    ), version


def reference_of(config: "Config", site: "Site") -> "Reference":
    from core.reference import Reference

    return Reference.load(config.path("reference"), marked=site.practice)


def informed(config: "Config", site: "Site", ledger: "Ledger") -> "Reference":
    """What judgement leans on, with the names that the site's confirmed quarters have today."""
    from dataclasses import replace

    from flows import quarters

    known, plain = quarters.ledger_of(ledger), reference_of(config, site)
    return replace(plain, quarters=known.names(day_of("", site))) if known else plain


@contextmanager
def login(data: Path, site: "Site") -> "Iterator[None]":
    """One session per legacy login: a second worker with the same login would end the first one's session."""
    import hashlib

    from core import posix

    name = hashlib.sha256(site.connections["legacy"].user.encode()).hexdigest()[:12]
    try:
        with posix.locked(data / f"login-{name}.lock"):
            yield
    except TimeoutError:
        raise MissingPart(_("该登录名正被另一进程使用", "another process is using this legacy login")) from None


@contextmanager
def legacy(config: "Config", site: "Site", ledger: "Ledger", data: Path, *, headed: bool = False) -> "Iterator[Legacy]":
    """The legacy system. Raises MissingPart where a person must hand a session over first."""
    from bots import kept, legacy, screens
    from bots.door import Login
    from core.ledger import queue
    from core.site import environment
    from doors.enter import phrase_of

    found, (system, maps) = site.connect("legacy", environment()), screens.load(config)
    papers = kept.papers(system, data, ledger.keys, found.url, found.user, phrase_of(environment(), system))
    login = Login(found.user, found.secret)
    with papers.held():
        hand = legacy.hand(
            system, maps, found.url, login, headless=not headed, samples=queue.samples(ledger), papers=papers
        )
        try:
            hand.wake()
            yield hand
        finally:
            hand.close()


def house_of(
    directory: Path,
    data: Path,
    say: "Callable[[str, int, int], None]",
    *,
    attended: bool = False,
    outside: bool = True,
) -> "tuple[House, Config, Site]":
    """Everything a night needs, from the configuration; without `outside` nobody is asked, and no secret is needed."""
    from bots import screens, sources
    from core.model import Kind
    from core.policy import Policy
    from core.site import environment
    from core.survey import Theme
    from doors.enter import phrase_of
    from flows import counterparts
    from flows.nightly import House

    config, site, fields = site_of(directory)
    ledger = ledger_of(data)
    connections = {
        name: site.connect(name, environment())
        for name, a in site.connections.items()
        if outside and name != "legacy" and (a.url or a.directory)
    }
    system, maps = screens.load(config)
    configured, version = rules_of(config)
    screen_of = {Kind(screen.kind): name for name, screen in maps.items()}

    def misfit(kind: Kind, field: str, value: str) -> str | None:
        entry = maps[screen_of[kind]].fields.get(field) if kind in screen_of else None
        return "no_screen" if entry is None else entry.refuse(value, system.encoding)

    def required(kind: Kind) -> list[str]:
        return [field.id for field in maps[screen_of[kind]].fields.values() if field.required]

    asks, policy = sources.verifiers(config, connections), Policy.load(config, fields)
    house = House(
        ledger=ledger, fields=fields, policy=policy, theme=Theme.load(config, fields, "residential"), rules=configured,
        reference=informed(config, site, ledger), version=version, budget_cents=site.budget_cents,
        sources=tuple(sources.load(config, connections, phrase=lambda system: phrase_of(environment(), system)).values()), verifier=next(iter(asks.values()), None),
        screen=screen_of.__getitem__, required=required, misfit=misfit, fill=lambda run: _fill_process(directory, data, run), say=say,
        reread=(lambda run, places: _reread(config, site, ledger, screen_of, run, places)) if outside else None,
        practice=site.practice, attended=attended, masks=sources.masks(config),
        linking=counterparts.load(config, sources.linking(config), policy),
    )  # fmt: skip
    return house, config, site


def _reread(
    config: "Config",
    site: "Site",
    ledger: "Ledger",
    screen_of: "Mapping[Kind, str]",
    run: "Run",
    places: "Collection[Place]",
) -> dict[str, int]:
    """Read the screens of what is still open, in a session of its own; a system that cannot be reached, or whose login is in use, tells nothing."""
    from dataclasses import asdict

    from loguru import logger

    from flows import archive, reread

    try:
        with login(ledger.directory, site), legacy(config, site, ledger, ledger.directory) as hand:
            return asdict(reread.reread(ledger, hand, screen_of.__getitem__, archive.current(ledger), places, run.day))
    except HedangError as error:
        logger.warning("the screens were not read again: {}", error)
        return {"reread": 0, "moved": 0, "unread": len(places)}


def _fill_process(directory: Path, data: Path, run: "Run") -> dict[str, Any]:
    """Fill in a worker of its own: its process group can be ended without ours, and it needs no tables in memory."""
    import subprocess

    from core import posix

    command = [
        sys.executable,
        str(ROOT / "run.py"),
        "fill",
        "--config",
        str(directory),
        "--data",
        str(data),
        "--date",
        run.day.isoformat(),
        "--json",
    ]
    process = posix.spawn(command, stdout=subprocess.PIPE, cwd=ROOT)
    me = posix.identity(process.pid)
    try:
        out, _err = process.communicate()
    except BaseException:
        posix.end_group(me.pid, me.started)
        raise
    if process.returncode == 2:
        raise Told(code="worker")
    if process.returncode not in (0, 1) or not out:
        return {"ended": f"worker ended with {process.returncode}"}
    told: dict[str, Any] = json.loads(out)
    return {key: told[key] for key in ("ended", "swept", "gaps", "doubles") if key in told}


class Told(MissingPart):
    """A worker has said on standard error what is missing."""
