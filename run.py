#!/usr/bin/env python3
"""The one door: the command line of Hedang (核档), and the only file that wires rooms together.

Nothing heavy is imported before a command needs it, so that `--help` answers at once.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Annotated, Any

try:
    import typer
    from typer.exceptions import TyperException
except ModuleNotFoundError:
    sys.exit(
        "先执行 make setup，再用 .venv/bin/python run.py。 Run `make setup` first, then `.venv/bin/python run.py`."
    )

from core.errors import HedangError, InputError, MissingPart, choices, unread
from core.words import Words, language

if TYPE_CHECKING:
    from bots.legacy import Legacy
    from core.fields import Fields
    from core.ledger import Ledger
    from core.ledger.queue import Worker
    from core.ledger.runs import Run
    from core.model import Kind
    from core.quarters import Entry
    from core.reference import Reference
    from core.settings import Config
    from core.site import Site
    from doors.enter import Hall
    from flows.book import Place
    from flows.nightly import House
    from flows.rehearsal import World

ROOT = Path(__file__).resolve().parent
ZH = language() == "zh"


def _(zh: str, en: str) -> str:
    return Words(zh, en).say("zh" if ZH else "en")


app = typer.Typer(
    help=_("核档：普查结果回填与档案核查", "Hedang: fills survey results in and cross-checks archives"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

ConfigDir = Annotated[Path, typer.Option("--config", help=_("配置目录", "the configuration directory"))]
DataDir = Annotated[Path, typer.Option("--data", help=_("台账目录", "the ledger's directory"))]
AsJson = Annotated[bool, typer.Option("--json", help=_("输出一个 JSON 对象", "print one JSON object"))]
Attended = Annotated[
    bool,
    typer.Option(
        "--attended",
        help=_("有人值守：“值守”级也写入", "a person watches: what is on the rung `attended` is written too"),
    ),
]
Day = Annotated[
    str, typer.Option("--date", help=_("业务日期 YYYY-MM-DD，默认今天", "the business date YYYY-MM-DD, default today"))
]
CONFIG, DATA, LOGS = ROOT / "config", ROOT / "data", ROOT / "logs"


# -- what commands are built from


def _config(directory: Path) -> "Config":
    from core import settings

    return settings.read(directory)


def _site(directory: Path) -> "tuple[Config, Site, Fields]":
    from core.fields import Fields
    from core.site import Site

    config = _config(directory)
    return config, Site.load(config), Fields.load(config)


def _ledger(data: Path, actor: str = "hedang") -> "Ledger":
    from core.ledger import store

    return store.open(data, os.environ.get("HEDANG_DATABASE"), actor=actor)


def _worker(ledger: "Ledger", name: str) -> "Worker":
    from core import posix
    from core.ledger import queue

    me = posix.own()
    return queue.enlist(ledger, name, me.host, me.pid, me.started)


def _gone(owner: "Worker", late: bool) -> bool:
    """Whether a worker can no longer act: dead, or late and now ended with everything that it had started."""
    from core import posix

    who = posix.ProcessIdentity(pid=owner.pid, started=owner.started, host=owner.host)
    if owner.host != posix.identity().host:
        return False  # nobody here can make sure that it is dead
    if posix.alive(who) and not late:
        return False
    return owner.pid == os.getpid() or posix.end_group(owner.pid, owner.started)


def _day(text: str, site: "Site") -> date:
    if not text:
        return datetime.now(site.timezone).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(_(f"日期 {text} 不是 YYYY-MM-DD", f"the date {text} is not YYYY-MM-DD")) from None


def _logs(data: Path) -> Path:
    """Where a run leaves what people read: logs/ for the site's own ledger, beside the data for any other."""
    return LOGS if data.resolve() == DATA.resolve() else data / "logs"


def _clean(record: Any) -> None:
    """The last line of defence: nothing shaped like a number of a person, and no traceback, reaches a log."""
    from core.privacy import scrub

    record["message"], record["exception"] = scrub(record["message"]), None


def _log_to(data: Path, *, quiet: bool = False) -> None:
    from loguru import logger

    logger.remove()
    logger.configure(patcher=_clean)
    folder = _logs(data)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise InputError(
            _(f"--data {data}：不能在其中建立日志目录", f"--data {data}: no folder of logs can be made in it")
        ) from None
    shape = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level:<7} {name}: {message} {extra}"
    logger.add(
        folder / "hedang-{time:YYYYMMDD}.log",
        format=shape,
        level="INFO",
        rotation="50 MB",
        diagnose=False,
        backtrace=False,
        encoding="utf-8",
    )
    if not quiet:
        logger.add(
            sys.stderr, format="<level>{level:<7}</level> {message}", level="ERROR", diagnose=False, backtrace=False
        )


def _show(result: dict[str, Any], as_json: bool, title: str = "") -> None:
    """One JSON object for programs, a table for people."""
    if as_json:
        print(json.dumps(result, ensure_ascii=False, default=str))
        return
    from console.render import tables

    tables.single(result, title, language())


def _list(rows: list[dict[str, Any]], as_json: bool, key: str) -> None:
    if as_json:
        print(json.dumps({key: rows}, ensure_ascii=False, default=str))
        return
    from console.render import tables

    tables.listing(rows, language())


@contextmanager
def _bar() -> "Iterator[Callable[[str, int, int], None]]":
    """A progress bar on standard error when it is a terminal; silence otherwise."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bar:
        tasks: dict[str, Any] = {}

        def say(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total or None)
            bar.update(tasks[what], completed=done, total=total or None)

        yield say


def _rules(config: "Config") -> "tuple[tuple[Any, ...], str]":
    import hashlib

    from core import codes, settings
    from matchers import rules

    layers = config.layers("rules")
    version = hashlib.sha256(b"".join(path.read_bytes() for layer in layers for path in layer)).hexdigest()[:12]
    return rules.build(
        *([settings.load(path) for path in layer] for layer in layers), codes=codes.tables(config)
    ), version


def _house(
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

    config, site, fields = _site(directory)
    ledger = _ledger(data)
    connections = {
        name: site.connect(name, environment())
        for name, a in site.connections.items()
        if outside and name != "legacy" and (a.url or a.directory)
    }
    system, maps = screens.load(config)
    configured, version = _rules(config)
    screen_of = {Kind(screen.kind): name for name, screen in maps.items()}

    def misfit(kind: Kind, field: str, value: str) -> str | None:
        entry = maps[screen_of[kind]].fields.get(field) if kind in screen_of else None
        return "no_screen" if entry is None else entry.refuse(value, system.encoding)

    def required(kind: Kind) -> list[str]:
        return [field.id for field in maps[screen_of[kind]].fields.values() if field.required]

    asks, policy = sources.verifiers(config, connections), Policy.load(config, fields)
    house = House(
        ledger=ledger, fields=fields, policy=policy, theme=Theme.load(config, fields, "residential"), rules=configured,
        reference=_informed(config, site, ledger), version=version, budget_cents=site.budget_cents,
        sources=tuple(sources.load(config, connections, phrase=lambda system: phrase_of(environment(), system)).values()), verifier=next(iter(asks.values()), None),
        screen=screen_of.__getitem__, required=required, misfit=misfit, fill=lambda run: _fill_process(directory, data, run), say=say,
        reread=(lambda run, places: _reread(config, site, ledger, screen_of, run, places)) if outside else None,
        practice=site.practice, attended=attended, masks=sources.masks(config),
        linking=counterparts.load(config, sources.linking(config), policy),
    )  # fmt: skip
    return house, config, site


def _informed(config: "Config", site: "Site", ledger: "Ledger") -> "Reference":
    """What judgement leans on, with the names that the site's confirmed quarters have today."""
    from dataclasses import replace

    from flows import quarters

    known, plain = quarters.ledger_of(ledger), _reference(config, site)
    return replace(plain, quarters=known.names(_day("", site))) if known else plain


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
        with _login(ledger.directory, site), _legacy(config, site, ledger, ledger.directory) as legacy:
            return asdict(
                reread.reread(ledger, legacy, screen_of.__getitem__, archive.current(ledger), places, run.day)
            )
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
        raise _Told(code="worker")
    if process.returncode not in (0, 1) or not out:
        return {"ended": f"worker ended with {process.returncode}"}
    told: dict[str, Any] = json.loads(out)
    return {key: told[key] for key in ("ended", "swept", "gaps", "doubles") if key in told}


@contextmanager
def _legacy(
    config: "Config", site: "Site", ledger: "Ledger", data: Path, *, headed: bool = False
) -> "Iterator[Legacy]":
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


def _perform(
    directory: Path, data: Path, day: str, names: "tuple[str, ...] | None", as_json: bool, *, attended: bool = False
) -> None:
    """Run steps of the date's night under its one row, and print what they counted.

    A step by itself does not make good what an earlier attempt has left undone: the date stays failed until that is done, too.
    """
    from core.ledger import runs
    from flows import nightly

    _log_to(data)
    names = names or (*runs.STEPS, runs.REPORT)
    with _bar() as say:
        asking = bool({"pull", "recheck"} & set(names))
        house, config, site = _house(directory, data, say, attended=attended, outside=asking)
        worker = _worker(house.ledger, "night")
        run = runs.begin(
            house.ledger,
            "nightly",
            _day(day, site),
            worker,
            config.digest,
            {"rules": house.version},
            _gone,
            steps=names,
        )
        counts: dict[str, Any] = {}
        state, reason = "failed", "interrupted"
        try:
            counts |= nightly.perform(house, run, [name for name in runs.STEPS if name in names])
            if runs.REPORT in names:
                with runs.step(house.ledger, run, runs.REPORT, {}):
                    counts[runs.REPORT] = _report(house, run, counts, data)
            state, reason = nightly.standing(house, run)
        except HedangError as error:
            reason = error.code or str(error)
            raise
        finally:
            runs.end(house.ledger, run, state, counts, reason)
        troubled = nightly.troubled(counts) or _troubled(house, run) or state != "done"
    why = {"reason": reason} if reason else {}
    _show(
        {"run": run.id, "date": run.day.isoformat(), "state": state, **why, "counts": _brief(counts)},
        as_json,
        _("夜间批次", "night"),
    )
    raise typer.Exit(1 if troubled else 0)


def _report(house: "House", run: "Run", counts: dict[str, Any], data: Path) -> dict[str, Any]:
    """Figures, page, workbook and mismatch log of the date."""
    import time

    from console.render import html, mismatch, xlsx
    from flows import nightly, report

    _seen, after = nightly.settle(house, run)
    seconds = time.time() - (run.started or time.time())
    drawn = report.gather(
        house.ledger, run, counts | {"report": after}, house.rules, house.fields, _sentences(), seconds
    )
    folder, name = _logs(data), run.day.isoformat()
    paths = {
        "html": folder / "reports" / f"{name}.html",
        "xlsx": folder / "reports" / f"{name}.xlsx",
        "mismatch": folder / "mismatch" / f"{name}.xlsx",
    }
    html.write(drawn, paths["html"], language())
    xlsx.write(drawn, paths["xlsx"], language())
    mismatch.write(drawn.mismatches, paths["mismatch"], language(), drawn.anomalies)
    return after | {key: str(path) for key, path in paths.items()}


def _sentences() -> dict[str, Words]:
    """The sentences of all problems, from the rooms that own them."""
    from bots.sources import notes, tables
    from flows import pull, surveys
    from flows import review as reviewing

    return {**notes.PROBLEMS, **tables.PROBLEMS, **surveys.PROBLEMS, **pull.PROBLEMS, **reviewing.PROBLEMS}


def _brief(counts: dict[str, Any]) -> dict[str, Any]:
    """Counts without the tables that only the report needs."""
    return {
        name: {k: v for k, v in step.items() if k not in ("passing", "surveyors", "not_evaluated", "lacking")}
        if isinstance(step, dict)
        else step
        for name, step in counts.items()
    }


def _troubled(house: "House", run: "Run") -> bool:
    """Whether more items than the policy allows are unknown or parked, or a circuit is open."""
    from collections import Counter

    from core.ledger import queue
    from flows.fill import SYSTEM

    found: Counter[str] = Counter()
    for _org, state, count in queue.tally(house.ledger, run.id):
        found[state] += count
    return (
        any(found[name] > limit for name, limit in house.policy.exit_limits.items())
        or queue.circuit(house.ledger, SYSTEM) is not None
    )


# -- a night and its steps


@app.command()
def nightly(
    config: ConfigDir = CONFIG, data: DataDir = DATA, day: Day = "", as_json: AsJson = False, attended: Attended = False
) -> None:
    """一整夜：拉取、校验、核对、填录、复核、报告。 One whole night.

    Example: run.py nightly --date 2026-03-16
    """
    _perform(config, data, day, None, as_json, attended=attended)


def _step(name: str, text: str) -> None:
    def command(
        config: ConfigDir = CONFIG,
        data: DataDir = DATA,
        day: Day = "",
        as_json: AsJson = False,
        attended: Attended = False,
    ) -> None:
        _perform(config, data, day, (name,), as_json, attended=attended)

    command.__doc__ = f"{text}\n\nExample: run.py {name} --date 2026-03-16"
    app.command(name)(command)


for _name, _text in {
    "pull": "从各数据源拉取。 Fetch what the sources have.",
    "check": "按规则校验档案。 Evaluate the rules.",
    "reconcile": "与比对数据核对，生成建议值与工单。 Judge differences and plan items.",
    "recheck": "二次校验：付费核验与回填。 The second pass: paid verification and back-fill.",
    "report": "生成日报、表格与不一致清单。 Write the report, its workbook and the mismatch log.",
}.items():
    _step(_name, _text)


@app.command()
def fill(
    config: ConfigDir = CONFIG, data: DataDir = DATA, day: Day = "", as_json: AsJson = False,
    headed: Annotated[bool, typer.Option("--headed", help=_("显示浏览器", "show the browser"))] = False,
) -> None:  # fmt: skip
    """把到期的工单填入营销系统并回读。 Fill the due items into the legacy screens and read them back.

    Example: run.py fill --date 2026-03-16
    """
    from core.ledger import queue, runs
    from core.policy import Policy
    from flows.fill import SYSTEM, Desk, Terms, summary, sweep
    from flows.fill import fill as work
    from flows.fill import preflight as examine

    _log_to(data)
    settings, site, fields = _site(config)
    ledger = _ledger(data)
    worker = _worker(ledger, "fill")
    run = runs.find(ledger, "nightly", _day(day, site))
    stopping = _stop_flag()
    with _login(data, site), _bar() as say, _legacy(settings, site, ledger, data, headed=headed) as legacy:
        policy = Policy.load(settings, fields)
        terms = Terms(
            lease=site.lease_seconds, attempts=site.retry.attempts, pause=site.retry.pause, circuit=site.circuit,
            canaries=site.canary, conflicts=policy.breaker["conflicts"], mismatches=policy.breaker["mismatches"],
        )  # fmt: skip
        total, done = queue.due(ledger), [0]

        def progress(*_what: object) -> None:
            done[0] += 1
            say("fill", done[0], max(total, done[0]))

        desk = Desk(
            ledger=ledger, legacy=legacy, worker=worker, terms=terms, clock=_Clock(), day=_day(day, site), gone=_gone,
            run=run.id if run else None, stop=lambda: bool(stopping), progress=progress,
        )  # fmt: skip
        ended = examined = _examined(examine(ledger, legacy, desk.run))
        swept: dict[str, int] = {}
        if not examined:
            ended = work(desk)
            last = sweep(ledger, legacy, desk.stop)
            swept = {"swept": last.read, "gaps": last.gaps, "doubles": last.doubles}
    counts = summary(queue.rows(ledger, run=run.id if run else None))
    if ended == "done" and run is not None and run.state != "running":  # a night that runs notes its own step
        with runs.step(ledger, run, "fill", {"ended": ended, **counts, **swept}):
            pass
    _say_why(ended)
    _show({"ended": ended, **counts, **swept}, as_json, _("填录", "fill"))
    raise typer.Exit(1 if ended not in ("done", "stopped") or queue.circuit(ledger, SYSTEM) else 0)


def _say_why(ended: str) -> None:
    """Why filling ended early, where it is known in words."""
    from flows.fill import REASONS

    if ended in REASONS:
        print(REASONS[ended].say(language()), file=sys.stderr)


def _examined(problems: Any) -> str:
    for problem in problems:
        print(f"preflight: {problem.place}: {problem.code} {dict(problem.params)}", file=sys.stderr)
    return f"preflight: {len(problems)} problems" if problems else ""


def _stop_flag() -> list[int]:
    """Filled by the first SIGTERM or Ctrl-C: the worker stops between two steps, never between a submit and its read-back."""
    import signal

    flag: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _frame: flag.append(number))
    return flag


@contextmanager
def _login(data: Path, site: "Site") -> "Iterator[None]":
    """One session per legacy login: a second worker with the same login would end the first one's session."""
    import hashlib

    from core import posix

    name = hashlib.sha256(site.connections["legacy"].user.encode()).hexdigest()[:12]
    try:
        with posix.locked(data / f"login-{name}.lock"):
            yield
    except TimeoutError:
        raise MissingPart(_("该登录名正被另一进程使用", "another process is using this legacy login")) from None


# -- a spreadsheet into a screen

screens_app = typer.Typer(help=_("界面映射", "the maps of screens"), no_args_is_help=True)
app.add_typer(screens_app, name="screens")
Target = Annotated[
    str, typer.Option("--target", help=_("系统地址，默认取配置", "the system's address, default: as configured"))
]
Headed = Annotated[bool, typer.Option("--headed", help=_("显示浏览器", "show the browser"))]


@app.command()
def enter(
    screen: Annotated[str, typer.Argument(help=_("界面名（见 screens list），或一份映射的路径", "a screen of `screens list`, or the path of a map"))],
    rows: Annotated[Path, typer.Argument(help=_("表格 xlsx 或 csv", "the spreadsheet, xlsx or csv"))],
    config: ConfigDir = CONFIG, data: DataDir = DATA, target: Target = "", headed: Headed = False, as_json: AsJson = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("只读取并对比，不录入", "read and compare, type nothing"))] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help=_("最多几行，0 = 全部", "at most so many rows, 0 = all"))] = 0,
    attended: Annotated[bool, typer.Option("--attended", help=_("有人值守：缺口令时询问", "a person is there: a missing secret is asked for"))] = False,
    resume: Annotated[bool, typer.Option("--resume", help=_("接着上次，只做未结束的行", "go on with the rows that have not ended"))] = False,
    remake: Annotated[bool, typer.Option("--remake", help=_("重做建后查不到的记录（先到系统里看过，确未建成）", "make records again that could not be found after they were made; look into the system first"))] = False,
) -> None:  # fmt: skip
    """把表格逐行录入界面并回读；结果文件在表格旁边。 Enter a spreadsheet's rows into a screen and read them back.

    Example: run.py enter account rows.xlsx --dry-run
    """
    from console.render import entered
    from doors import enter as door

    _log_to(data)
    wish = door.Wish(
        screen=screen,
        rows=rows,
        target=target,
        dry_run=dry_run,
        limit=limit,
        headed=headed,
        resume=resume,
        remake=remake,
    )
    with _bar() as say:
        done = door.enter(_hall(config, data, say, attended=attended), wish)
    if not as_json:
        entered.table(done.rows, language())
    _say_why(done.figures[door.ENDED])
    for one in done.figures[door.DRIFT]:
        print(door.sentence(one, language()), file=sys.stderr)
    hidden = () if as_json else (door.DRIFT,)
    figures = {name: value for name, value in done.figures.items() if name not in hidden}
    _show(figures, as_json, _("录入", "enter"))
    raise typer.Exit(0 if done.ok else 1)


@screens_app.command("list")
def screens_list(config: ConfigDir = CONFIG, as_json: AsJson = False) -> None:
    """有哪些界面映射。 The screens that are mapped.

    Example: run.py screens list
    """
    from doors import enter as door

    _list(door.listing(_config(config)), as_json, "screens")


@screens_app.command("check")
def screens_check(
    screen: Annotated[str, typer.Argument(help=_("界面名，或一份映射的路径", "a screen of `screens list`, or the path of a map"))],
    config: ConfigDir = CONFIG, data: DataDir = DATA, target: Target = "", headed: Headed = False, as_json: AsJson = False,
    key: Annotated[list[str] | None, typer.Option("--key", help=_("用来打开的样本记录", "a record to open, as a sample"))] = None,
    attended: Annotated[bool, typer.Option("--attended", help=_("有人值守：缺口令时询问", "a person is there: a missing secret is asked for"))] = False,
    picture: Annotated[Path | None, typer.Option("--picture", help=_("标出控件的图片放在哪里，默认在 --data 里", "where the picture with the controls goes, default: in --data"))] = None,
) -> None:  # fmt: skip
    """预检一个界面：逐个找到控件，比对选项，不录入。 Find every control of a screen and compare its options; types nothing.

    Example: run.py screens check account --key 1301000000001
    """
    from doors import enter as door

    _log_to(data)
    with _bar() as say:
        found = door.check(
            _hall(config, data, say, attended=attended), screen, target, key or [], headed=headed, picture=picture
        )
    if as_json:
        _show(found, as_json)
    else:
        _show({"ok": found["ok"], "fields": found["fields"]}, as_json, Path(screen).stem)
        _list([_told(problem) for problem in (*found["problems"], *found["drift"])], as_json, "problems")
        if found["fetch"]:
            known = {
                "open": ("尚未证明", "not proven yet"),
                "proven": ("已证明", "proven"),
                "refuted": ("已推翻，不再使用", "refuted, not used"),
            }
            print(_(f"取回（fetch）：{known[found['fetch']][0]}", f"fetch: {known[found['fetch']][1]}"))
        if found["next"]:
            known = {
                "seen": ("列表上见到了", "seen on the list"),
                "unseen": (
                    "没有见到；列表只有一页时如此，否则是写错了，请用一条要翻页的记录再查",
                    "not seen; so it is where the list has one page, else it is misspelt: check a record of a longer list",
                ),
            }
            print(_(f"翻页（next）：{known[found['next']][0]}", f"next: {known[found['next']][1]}"))
        if found["picture"]:
            print(_(f"图片：{found['picture']}", f"picture: {found['picture']}"))
    raise typer.Exit(0 if found["ok"] else 1)


@screens_app.command("login")
def screens_login(
    screen: Annotated[str, typer.Argument(help=_("界面名或映射", "a screen of `screens list`, or a map"))],
    config: ConfigDir = CONFIG, data: DataDir = DATA, target: Target = "", as_json: AsJson = False,
    leave: Annotated[bool, typer.Option("--leave", help=_("登录后即退出，不保持会话", "end once logged in; nothing keeps the session alive"))] = False,
    keep: Annotated[bool, typer.Option("--keep", help=_("不再登录，只保持已交接的会话", "no new login: keep the session that was handed over alive"))] = False,
) -> None:  # fmt: skip
    """人先登录（验证码、U 盾、短信），会话交给夜里用，并一直保持到 Ctrl-C。 A person logs in, and the session is kept alive for the night until Ctrl-C.

    Example: run.py screens login account
    """
    from doors import handover

    _log_to(data)
    with _bar() as say:
        done = handover.hand_over(
            _hall(config, data, say, attended=True), screen, target, login=not keep, stay=not leave
        )
    _say_why(str(done["ended"]))
    _show(done, as_json, _("会话", "session"))
    raise typer.Exit(0 if done["ended"] == "stopped" else 1)


@screens_app.command("record")
def screens_record(
    url: Annotated[str, typer.Argument(help=_("从哪个地址开始", "the address to begin at"))],
    key: Annotated[str, typer.Option("--key", help=_("将要打开的那条记录的主键", "the key of the record that you will open"))],
    out: Annotated[Path, typer.Option("--out", help=_("写到哪里", "where the map goes"))] = Path("screen.yaml"),
    rows: Annotated[Path | None, typer.Option("--rows", help=_("将要录入的表格，列名由它来", "the spreadsheet that will be entered; names the columns"))] = None,
    yes: Annotated[bool, typer.Option("--yes", help=_("不问列名，界面上怎么叫就怎么叫", "ask for no columns: they are called as on the page"))] = False,
    data: DataDir = DATA, as_json: AsJson = False,
) -> None:  # fmt: skip
    """录制：人做一遍，得到映射。 Record: you fill one record, and its map is written.

    Example: run.py screens record http://127.0.0.1:8000/admin/ --key 1001 --out meter.yaml
    """
    from doors import record as door

    _log_to(data)
    wish = door.Wish(url=url, key=key, out=out, columns=_columns(rows))
    door.allowed(wish)
    terminal = _Terminal()
    print(
        _(
            "请在打开的窗口里：登录，打开这条记录，改要录的每个字段，保存；看到成功之后回到这里按回车。",
            "In the window that opens: log in, open the record, change every field that will be entered, save; when it says so, press Enter here.",
        ),
        file=sys.stderr,
    )
    done = door.record(
        wish, terminal.ended, terminal.agrees, lambda words, likely: likely if yes else terminal.column(words, likely)
    )
    if as_json:
        print(door.told(done))
        return
    _list(done.rows(), as_json, "fields")
    for about, words in done.problems:
        print(f"! {about} {words.say(language())}".replace("  ", " "))
    print(_("映射", "map") + f": {done.path}")
    print(f"run.py screens check {done.path} --key {key}")


def _columns(rows: Path | None) -> list[str]:
    from bots.sources import entries

    return entries.columns(rows) if rows else []


class _Terminal:
    """Questions and the Enter key at one terminal: a single reader takes every line, whoever waits for it."""

    def __init__(self) -> None:
        self._lines: Queue[str | None] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            self._lines.put(line.strip())
        self._lines.put(None)  # nobody is there any more

    def _line(self) -> str:
        line = self._lines.get()
        if line is None:
            self._lines.put(None)
        return line or ""

    def ended(self) -> bool:
        """Whether Enter was pressed since the last question, whatever was typed before it."""
        if self._lines.empty() or self._lines.queue[0] is None:
            return False
        self._line()
        return True

    def agrees(self, text: str) -> bool:
        """A question of the page, answered here."""
        print(_(f"页面问：{text}  回答“是”吗？[y/N]", f"the page asks: {text}  Answer yes? [y/N]"), file=sys.stderr)
        return self._line().lower() in ("y", "yes", "是")

    def column(self, words: str, likely: str) -> str:
        """The column that a field is filled from; empty: none."""
        print(
            _(
                f"“{words}”来自表格的哪一列（- = 不要）[{likely}]：",
                f"which column fills '{words}' (- = none) [{likely}]:",
            ),
            file=sys.stderr,
        )
        told = self._line() or likely
        return "" if told == "-" else told


def _told(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem of a screen as a row of a table: whatever it says beside its place and code stands in one column."""
    rest = {name: value for name, value in problem.items() if name not in ("place", "code")}
    from doors.enter import PREFLIGHT, details
    from flows.refusals import REFUSALS

    said = PREFLIGHT.get(problem["code"]) or REFUSALS.get(problem["code"])
    return {
        "place": problem["place"],
        "problem": said.say(language()) if said else problem["code"],
        "why": details(rest, language()),
    }


def _hall(directory: Path, data: Path, say: "Callable[[str, int, int], None]", *, attended: bool) -> "Hall":
    """What the commands of doors/ work with."""
    from core.site import environment
    from doors.enter import Hall

    config, site, fields = _site(directory)
    stopping = _stop_flag()
    data.mkdir(parents=True, exist_ok=True)
    return Hall(
        config=config, site=site, fields=fields, data=data, database=os.environ.get("HEDANG_DATABASE"), language=language(),
        secrets=_asked if attended else environment(), say=say, worker=_worker, gone=_gone, login=lambda: _login(data, site),
        stop=lambda: bool(stopping), clock=_Clock(), day=_day("", site), person=_reader(data) if attended else None,
    )  # fmt: skip


def _asked(name: str) -> str | None:
    """A secret of the environment, or what the person at the terminal types for it."""
    from getpass import getpass

    from core.site import environment

    found = environment()(name)
    if found is not None or not sys.stdin.isatty():
        return found
    return getpass(_(f"口令 {name}：", f"secret {name}: "))


def _reader(data: Path) -> "Callable[[bytes], str] | None":
    """Shows the person at the terminal where a picture lies, and takes what he reads in it; the picture is removed."""
    if not sys.stdin.isatty():
        return None

    def read(picture: bytes) -> str:
        path = data / "captcha.png"
        try:
            path.write_bytes(picture)
            return input(_(f"请看 {path}，验证码：", f"look at {path}; what does it say: "))
        finally:
            path.unlink(missing_ok=True)

    return read


class _Clock:
    def now(self) -> datetime:
        from datetime import UTC

        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        import time

        time.sleep(seconds)


# -- setting a site up

db = typer.Typer(help=_("数据库", "the database"), no_args_is_help=True)
audit = typer.Typer(help=_("留痕", "the trail"), no_args_is_help=True)
review = typer.Typer(
    help=_("不一致清单的导出与导入", "the mismatch log and its Excel round trip"), no_args_is_help=True
)
quarters_app = typer.Typer(
    help=_("小区台账：归纳、确认、双向校验", "the quarter ledger: propose, confirm, validate"), no_args_is_help=True
)
policy_app = typer.Typer(help=_("准入策略", "the policy of what may be written"), no_args_is_help=True)
queue_app = typer.Typer(help=_("工单队列", "the queue of work items"), no_args_is_help=True)
for _sub, _group in {
    "db": db,
    "audit": audit,
    "review": review,
    "policy": policy_app,
    "queue": queue_app,
    "quarters": quarters_app,
}.items():
    app.add_typer(_group, name=_sub)


@app.command()
def init(data: DataDir = DATA, as_json: AsJson = False) -> None:
    """建立台账目录、密钥与数据库（已有的不动）。 Make the data directory, its key and its database.

    Example: run.py init
    """
    from core.ledger import store

    store.create(data, os.environ.get("HEDANG_DATABASE"))
    _show({"data": str(data), "key": str(store.key_file(data))}, as_json)


@db.command("upgrade")
def db_upgrade(data: DataDir = DATA, as_json: AsJson = False) -> None:
    """把数据库升级到最新版本。 Bring the database to the newest version.

    Example: run.py db upgrade
    """
    from core.ledger import store
    from core.ledger.migrations import NEWEST

    store.upgrade(store.present(data, os.environ.get("HEDANG_DATABASE")))
    _show({"version": NEWEST}, as_json)


@audit.command("verify")
def audit_verify(data: DataDir = DATA, as_json: AsJson = False) -> None:
    """核验留痕链条是否完整。 Walk the hash chains of the trail.

    Example: run.py audit verify
    """
    from core.ledger import store

    wrong = store.verify_trail(_ledger(data))
    _show({"ok": not wrong, "wrong": wrong}, as_json)
    raise typer.Exit(1 if wrong else 0)


@app.command("import")
def import_(
    kind: Annotated[str, typer.Argument(help="org | codes | numbers | quarters")], file: Path, config: ConfigDir = CONFIG, data: DataDir = DATA,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("只读入并清点，不写入", "read and count, keep nothing"))] = False, as_json: AsJson = False,
) -> None:  # fmt: skip
    """导入组织、代码表、户号变更表或小区台账（csv、xlsx）。 Import organisations, codes, number changes or quarters.

    Example: run.py import quarters 小区.xlsx --dry-run
    """
    from bots.sources import tables
    from core.reference import Reference

    counties = Reference.load(_config(config).path("reference")).counties
    result = tables.take(kind, file, _ledger(data, actor=_person()), dry_run=dry_run, counties=counties)
    for problem in result.problems:
        sentence = tables.PROBLEMS[problem.code].say(language(), problem.params)
        print(f"{problem.place}:{problem.row}: {sentence}", file=sys.stderr)
    _show(
        {"read": result.read, "added": result.added, "changed": result.changed, "refused": len(result.problems)},
        as_json,
    )


@app.command()
def template(
    kind: Annotated[str, typer.Argument(help="org | codes | numbers | quarters")],
    out: Annotated[Path | None, typer.Option("--out", help=_("写入文件", "write to a file"))] = None,
) -> None:
    """打印（或写出）导入文件的表头与示例行（csv）。 The columns of a file to import, with example rows.

    Example: run.py template quarters --out 小区.csv
    """
    from bots.sources import tables

    text = tables.template(kind)
    if out is None:
        print(text, end="")
        return
    out.write_text(text, encoding="utf-8-sig")
    _show({"file": str(out)}, False)


@app.command()
def bundle(
    platform: Annotated[str, typer.Option("--platform")],
    out: Annotated[Path, typer.Option("--out")],
    as_json: AsJson = False,
) -> None:
    """为无外网的内网打包全部依赖（含哈希）。 Wheels and hashes for an intranet without a registry.

    Example: run.py bundle --platform win_amd64 --out bundle/
    """
    from core.bundle import bundle as build

    with _bar() as say:
        made = build(platform, out, lambda sentence: say(sentence, 0, 0))
    _show({"platform": platform, "out": str(out), "wheels": made.wheels}, as_json)


# -- looking and deciding


@app.command()
def runs(data: DataDir = DATA, as_json: AsJson = False) -> None:
    """各业务日的批次。 The runs, newest first.

    Example: run.py runs
    """
    from core.ledger import runs as ledger_runs

    found = ledger_runs.listing(_ledger(data))
    rows = [
        {
            "run": r.id,
            "flow": r.flow,
            "date": r.day.isoformat(),
            "state": r.state,
            "attempt": r.attempt,
            "reason": r.reason,
        }
        for r in found
    ]
    _list(rows, as_json, "runs")


@app.command()
def rules(
    config: ConfigDir = CONFIG, as_json: AsJson = False,
    markdown: Annotated[bool, typer.Option("--markdown", help=_("docs/rules.md 的全文", "the text of docs/rules.md"))] = False,
) -> None:  # fmt: skip
    """列出全部规则。 List the rules.

    Example: run.py rules --markdown
    """
    from console.render import rules as drawing
    from core import settings
    from matchers.rules import known

    layers = _config(config).layers("rules")
    configured, off = known(*([settings.load(path) for path in layer] for layer in layers))
    if markdown:
        print(drawing.markdown(configured, off), end="")
        return
    _list(drawing.rows(configured, language(), off), as_json, "rules")


@queue_app.command("ls")
def queue_ls(
    data: DataDir = DATA,
    as_json: AsJson = False,
    state: Annotated[str, typer.Option("--state", help="ready|unknown|parked|…")] = "",
) -> None:
    """列出工单。 List the items.

    Example: run.py queue ls --state parked
    """
    from core.ledger import queue
    from core.model import State
    from flows.fill import worded

    if state and state not in list(State):
        raise InputError(
            Words(
                f"--state {state}：没有这个状态；可选：{choices(State)}",
                f"--state {state}: there is no such state; there are: {choices(State)}",
            )
        )
    rows = queue.rows(_ledger(data), states=(State(state),) if state else ())
    shown = [
        {"item": r.name, "state": str(r.state), "kind": str(r.kind), "object": r.key, "submits": r.submits, "attempts": r.attempts,
         "reason": worded(r.reason).say("zh" if ZH else "en"), "origin": r.origin}
        for r in rows
    ]  # fmt: skip
    _list(shown, as_json, "items")


def _release(data: Path, item: str, state: str) -> None:
    from core.ledger import queue
    from core.model import State

    queue.release(_ledger(data, actor=_person()), _numbered(item), State(state))


def _numbered(item: str) -> int:
    number = item.removeprefix("I").lstrip("0")
    if not number.isdigit():
        raise InputError(Words(f"{item}：工单编号形如 I000042", f"{item}: an item is named like I000042"))
    return int(number)


def _person() -> str:
    import getpass

    return getpass.getuser()


@queue_app.command("retry")
def queue_retry(item: str, data: DataDir = DATA) -> None:
    """把挂起、冲突或被拒的工单放回队列（先读后写）。 Give an item back to the queue; it is read first.

    Example: run.py queue retry I000042
    """
    _release(data, item, "ready")


@queue_app.command("release")
def queue_release(item: str, data: DataDir = DATA) -> None:
    """结束一个工单，不再处理。 End an item without writing.

    Example: run.py queue release I000042
    """
    _release(data, item, "superseded")


@queue_app.command("picture")
def queue_picture(
    item: str,
    out: Annotated[Path, typer.Option("--out", help=_("放在哪个文件夹；仅本人可读", "the folder they go to; only its owner may read them"))],
    data: DataDir = DATA,
) -> None:  # fmt: skip
    """打开一个工单出意外时的屏幕照片（含个人信息，打开会留痕）。 Open the pictures of an item's surprises; that is recorded.

    Example: run.py queue picture I000042 --out pictures
    """
    from core.ledger import queue

    found = queue.pictures(_ledger(data, actor=_person()), _numbered(item))
    if not found:
        raise InputError(Words(f"{item}：没有照片", f"{item}: there is no picture"))
    out.mkdir(parents=True, exist_ok=True)
    for count, content in enumerate(found, 1):
        path = out / f"{item}-{count}.png"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)
        print(path)


# -- the policy


@policy_app.command("diff")
def policy_diff(
    new: Annotated[Path, typer.Argument(help="policy.yaml")], config: ConfigDir = CONFIG, data: DataDir = DATA, day: Day = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """换策略前先看会改变哪些建议值；只读，不写。 Which proposals another policy would see otherwise; writes nothing.

    Example: run.py policy diff new-policy.yaml --date 2026-03-16
    """
    from core import settings
    from core.policy import Policy
    from flows import policies

    with _bar() as say:
        house, _settings, site = _house(config, data, say, outside=False)
        other = Policy.read(settings.load(new), house.fields)
        shifts = policies.diff(house, other, _day(day, site))
    counts, rows = policies.counts(shifts), [shift.plain() for shift in shifts]
    if as_json:
        print(json.dumps({"changed": len(rows), "counts": counts, "proposals": rows}, ensure_ascii=False))
        return
    _show(counts, as_json, _("会改变的建议值", "proposals that would change"))
    _list(rows, as_json, "proposals")


# -- the review loop


@review.command("ls")
def review_ls(config: ConfigDir = CONFIG, data: DataDir = DATA, as_json: AsJson = False) -> None:
    """列出等待人工决定的建议值（已脱敏）。 List what waits for a person, masked.

    Example: run.py review ls
    """
    from flows import report

    _settings, _where, fields = _site(config)
    rows = [
        {"proposal": m.proposal, "version": m.version, "account": m.account, "field": m.field.say(language()), "rules": " ".join(m.rules),
         "before": m.before.say(language()), "after": m.after.say(language()), "class": m.cls, "state": m.state}
        for m in report.mismatches(_ledger(data), fields)
    ]  # fmt: skip
    _list(rows, as_json, "waiting")


@review.command("export")
def review_export(
    file: Path, config: ConfigDir = CONFIG, data: DataDir = DATA, as_json: AsJson = False,
    unmasked: Annotated[bool, typer.Option("--unmasked", help=_("全值导出，须具名并留痕", "full values; asked for by name, leaves a trail"))] = False,
    reviewer: Annotated[str, typer.Option("--reviewer", help=_("申请人", "who asks"))] = "",
) -> None:  # fmt: skip
    """导出不一致清单供填写。 Write the mismatch log as a workbook to fill in.

    Example: run.py review export mismatch.xlsx
    """
    from console.render import mismatch
    from flows import report

    _settings, _where, fields = _site(config)
    if unmasked and not reviewer:
        raise InputError(_("全值导出须用 --reviewer 具名", "an unmasked export needs --reviewer"))
    ledger = _ledger(data, actor=reviewer or _person())
    rows = report.mismatches(ledger, fields, unmasked=unmasked)
    if unmasked:
        with ledger.begin() as tx:
            tx.trail("unmasked export", file.name, {"rows": len(rows)})
    mismatch.write(rows, file, language(), unmasked=unmasked)
    _show({"file": str(file), "rows": len(rows)}, as_json)


@review.command("import")
def review_import(
    file: Path, config: ConfigDir = CONFIG, data: DataDir = DATA, as_json: AsJson = False,
    reviewer: Annotated[str, typer.Option("--reviewer", help=_("行内未填审核人时用", "where a row names nobody"))] = "",
) -> None:  # fmt: skip
    """导入填好的清单：有问题的行被指出，其余生效并生成工单。 Take the decisions; bad rows are named, the others become items.

    Example: run.py review import mismatch.xlsx --reviewer 张三
    """
    from console.render import mismatch
    from flows import archive, nightly
    from flows import review as reviewing

    _log_to(data)
    rows = [
        reviewing.Row(
            number=int(r["row"]), proposal=r["proposal"], version=r["version"], verdict=r["verdict"], value=r["value"], reviewer=r["reviewer"],
            note=r["note"],
        )
        for r in mismatch.read(file)
    ]  # fmt: skip
    house, _settings, site = _house(config, data, lambda *_: None, outside=False)
    now, today = archive.current(house.ledger), datetime.now(site.timezone).date()
    breaks = reviewing.judge(now, house.rules, house.reference, house.fields, today)
    taken = reviewing.take(house.ledger, file.name, rows, house.misfit, reviewer, breaks)
    for problem in taken.problems:
        print(
            f"{problem.place}:{problem.row}: {reviewing.PROBLEMS[problem.code].say(language(), problem.params)}",
            file=sys.stderr,
        )
    planned = nightly.plan_decided(house)
    counts = {
        "read": taken.read,
        "decided": taken.decided,
        "same": taken.same,
        "undecided": taken.undecided,
        "refused": len(taken.problems),
    }
    _show(counts | {"planned": planned}, as_json)


# -- whom to visit first


@app.command()
def dispatch(
    config: ConfigDir = CONFIG, data: DataDir = DATA, day: Day = "", as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option("--out", help=_("写入 xlsx 或 csv", "write to an xlsx or csv file"))] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help=_("只列前 N 户（屏幕默认 20）", "the first N accounts (a terminal shows 20)"))] = None,
    org: Annotated[str, typer.Option("--org", help=_("只列该单位及下级", "this organisation and all below it"))] = "",
) -> None:  # fmt: skip
    """按得分排出待访户：供电所、台区、线路与原因（已脱敏）。 Whom a surveyor should visit first, and why.

    Example: run.py dispatch --org 1340101 --out 派单.xlsx
    """
    from dataclasses import replace

    from console.render import dispatch as render
    from flows import dispatch as dispatching

    settings, site, _fields = _site(config)
    rules, _version = _rules(settings)
    weights = dispatching.Weights.load(settings, rules)
    ledger = _ledger(data, actor=_person())
    found = dispatching.dispatch(ledger, rules, weights, _day(day, site), org=org, limit=limit or 0)
    if out is not None:
        render.save(found, out, language())
    if as_json:
        _show(render.listing(found), as_json)
        return
    shown = found if limit else replace(found, visits=found.visits[:20])
    _list(render.rows(shown, language()), False, "visits")
    _show({"accounts": found.accounts, "high_risk": found.high_risk} | ({"file": str(out)} if out else {}), False)


# -- the quarter ledger

Least = Annotated[int, typer.Option("--least", min=1, help=_("少于此数的小区名不提出", "fewer addresses than this propose nothing"))]  # fmt: skip


@quarters_app.command("propose")
def quarters_propose(
    config: ConfigDir = CONFIG, data: DataDir = DATA, least: Least = 3, as_json: AsJson = False
) -> None:
    """由档案、普查与不动产地址归纳小区、楼栋与别名，待人确认。 Propose quarters from all addresses.

    Example: run.py quarters propose
    """
    from dataclasses import asdict

    from core.ledger import entities
    from core.policy import Policy
    from core.survey import Theme
    from flows import archive, evidence, quarters, surveys

    settings, site, fields = _site(config)
    ledger = _ledger(data, actor=_person())
    now, reference = archive.current(ledger), _informed(settings, site, ledger)
    policy, theme = Policy.load(settings, fields), Theme.load(settings, fields, "residential")
    cities = archive.cities(entities.organisations(ledger), reference)
    with _bar() as say:
        told = surveys.read(ledger, theme, policy, archive.numbers(now))
        estates = evidence.estates(ledger)
        done = quarters.propose(ledger, now, told, estates, reference, cities, least=least, say=say)
    _show(asdict(done), as_json)


def _entries(data: Path, state: str) -> "list[Entry]":
    from core.ledger import quarters
    from core.quarters import STATES

    if state and state not in (*STATES, "all"):
        known = choices((*STATES, "all"))
        raise InputError(
            Words(
                f"--state {state}：没有这个状态；可选：{known}",
                f"--state {state}: there is no such state; there are: {known}",
            )
        )
    return quarters.entries(_ledger(data), () if state == "all" else (state,))


QuarterState = Annotated[str, typer.Option("--state", help="proposed | confirmed | refused | merged | all")]


@quarters_app.command("ls")
def quarters_ls(
    data: DataDir = DATA, as_json: AsJson = False, state: QuarterState = "proposed",
    buildings: Annotated[bool, typer.Option("--buildings", help=_("也列楼栋", "list the buildings too"))] = False,
) -> None:  # fmt: skip
    """列出小区台账（默认只列待确认的小区与别名）。 List quarters and other names, by default those that wait.

    Example: run.py quarters ls --state confirmed
    """
    from dataclasses import asdict

    from console.render import quarters

    found = _entries(data, state)
    listed = [entry for entry in found if buildings or entry.kind != "building"]
    shown = ("id", "version", "state", "county", "kind", "quarter", "name", "detail", "support")
    rows = [{**asdict(e), "kind": e.kind} if as_json else quarters.row(e, language()) for e in listed]
    titles = {} if as_json else {"name": "title", "kind": "part"}
    _list([{titles.get(name, name): row[name] for name in shown} for row in rows], as_json, "quarters")


@quarters_app.command("export")
def quarters_export(
    file: Path, data: DataDir = DATA, as_json: AsJson = False, state: QuarterState = "proposed"
) -> None:
    """导出待确认的小区、别名与楼栋供填写。 Write what waits for a person as a workbook to fill in.

    Example: run.py quarters export 小区待确认.xlsx
    """
    from console.render import quarters

    found = _entries(data, state)
    quarters.write(found, file, language())
    _show({"file": str(file), "rows": len(found)}, as_json)


@quarters_app.command("import")
def quarters_import(
    file: Path, data: DataDir = DATA, as_json: AsJson = False,
    reviewer: Annotated[str, typer.Option("--reviewer", help=_("行内未填确认人时用", "where a row names nobody"))] = "",
) -> None:  # fmt: skip
    """导入填好的确认表：有问题的行被指出，其余生效并留痕。 Take the decisions; bad rows are named, the others count.

    Example: run.py quarters import 小区待确认.xlsx --reviewer 张三
    """
    from console.render import quarters as render
    from flows import quarters

    rows = [
        quarters.Row(
            number=int(r["row"]), entry=r["id"], version=r["version"], verdict=r["verdict"], value=r["value"], whole=r["whole"],
            reviewer=r["reviewer"], note=r["note"],
        )
        for r in render.read(file)
    ]  # fmt: skip
    taken = quarters.take(_ledger(data, actor=_person()), file.name, rows, reviewer)
    for problem in taken.problems:
        sentence = quarters.PROBLEMS[problem.code].say(language(), problem.params)
        print(f"{problem.place}:{problem.row}: {sentence}", file=sys.stderr)
    counts = {"read": taken.read, "decided": taken.decided, "same": taken.same, "undecided": taken.undecided}
    _show(counts | {"refused": len(taken.problems)}, as_json)


@quarters_app.command("check")
def quarters_check(
    config: ConfigDir = CONFIG, data: DataDir = DATA, as_json: AsJson = False, day: Day = "",
    out: Annotated[Path | None, typer.Option("--out", help=_("写入 xlsx 或 csv", "write to an xlsx or csv file"))] = None,
    rooms: Annotated[bool, typer.Option("--rooms", help=_("xlsx 中列出房号", "list the rooms in the xlsx"))] = False,
) -> None:  # fmt: skip
    """双向校验：台账有档案无，档案有台账无。 Flats that the ledger has and the archive has not, and the reverse.

    Example: run.py quarters check --out 小区校验.xlsx
    """
    from console.render import quarters as render
    from core.ledger import entities
    from flows import archive, quarters

    settings, site, _fields = _site(config)
    ledger = _ledger(data, actor=_person())
    now, reference, known = archive.current(ledger), _informed(settings, site, ledger), quarters.ledger_of(ledger)
    cities = archive.cities(entities.organisations(ledger), reference)
    with _bar() as say:
        found = quarters.validate(now, known, reference, cities, _day(day, site), say)
    if out is not None:
        render.save_check(found, out, language(), rooms=rooms)
    if rooms and out is not None:
        with ledger.begin() as tx:
            tx.trail("rooms exported", out.name, {"quarters": len(known.all)})
    if as_json:
        _show(render.totals(found) | {"quarters": render.by_quarter(found)}, as_json)
        return
    _show(render.totals(found), as_json, _("小区台账与档案", "quarter ledger and archive"))
    _list(render.by_quarter(found), as_json, "quarters")


@app.command()
def explain(
    number: Annotated[str, typer.Argument(help=_("户号或客户编号", "an account or customer number"))],
    field: Annotated[str, typer.Argument(help=_("字段", "a field"))] = "",
    config: ConfigDir = CONFIG, data: DataDir = DATA, as_json: AsJson = False,
) -> None:  # fmt: skip
    """一个值从哪里来：回溯到原始数据行与决定的人。 Where a value came from, back to the source row and the person.

    Example: run.py explain 1000079190 mobile
    """
    from console.render.chain import sentence as said
    from flows import explain as explaining

    _settings, _where, fields = _site(config)
    if field and field not in fields:
        raise InputError(
            Words(
                f"{field}：没有这个字段；可选：{choices(fields)}",
                f"{field}: there is no such field; there are: {choices(fields)}",
            )
        )
    links = explaining.chain(_ledger(data), number, fields, field or None)
    if as_json:
        rows = [{"at": x.at, "what": x.what, "field": x.field, "who": x.who, "detail": dict(x.detail)} for x in links]
    else:
        rows = [
            {"at": x.at, "field": fields[x.field].label.say(language()), "what": said(x, language())} for x in links
        ]
    _list(rows, as_json, "chain")


# -- reading and comparing single values


@app.command()
def parse(
    kind: Annotated[str, typer.Argument(help="address | name | id | phone | text | date")],
    file: Annotated[str, typer.Argument(help=_("每行一个值；- 为标准输入", "one value a line; - is standard input"))] = "-",
    city: Annotated[str, typer.Option("--city", help=_("所在地市：定县名、补区号", "the city: settles counties and area codes"))] = "",
    config: ConfigDir = CONFIG,
) -> None:  # fmt: skip
    """读懂每行一个值，逐行输出一个 JSON 对象；任何字节都有答复。 Read one value a line into one JSON object a line.

    Example: run.py parse address addresses.txt --city 唐山市
    """
    from matchers import reading

    if kind not in reading.KINDS:
        raise InputError(
            Words(
                f"parse {kind}：没有这个种类；可选：{choices(reading.KINDS)}",
                f"parse {kind}: there is no such kind; there are: {choices(reading.KINDS)}",
            )
        )
    settings, site, _fields = _site(config)
    reference = _reference(settings, site)
    setting = reading.Setting(
        reference=reference,
        as_of=datetime.now(site.timezone).date(),
        city=reading.city(city, reference) if city else None,
    )
    with _lines(file) as lines:
        _say_all(reading.answers(kind, lines, setting))


@contextmanager
def _lines(file: str) -> "Iterator[Iterator[bytes]]":
    """The lines of a file or of standard input as bytes; UTF-16 (Notepad's "Unicode") as UTF-8, since its line ends are no bytes."""
    import codecs
    import io

    try:
        handle = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115  (closed below)
    except OSError as error:
        raise InputError(unread(file, error)) from None
    with handle:
        wide = getattr(handle, "peek", lambda _: b"")(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        if not wide:
            yield iter(handle)
            return
        with io.TextIOWrapper(handle, encoding="utf-16", errors="replace", newline="\n") as texts:
            yield (text.encode("utf-8", "replace") for text in texts)


def _say_all(answers: "Iterator[str]") -> None:
    """One answer a line, as UTF-8 whatever the terminal's encoding; a reader that has seen enough ends it."""
    try:
        for answer in answers:
            sys.stdout.buffer.write(answer.encode("utf-8", "replace") + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.command()
def compare(
    field: Annotated[str, typer.Argument(help=_("字段名，或值的种类", "a field, or a kind of value"))],
    left: Annotated[str, typer.Argument(metavar="A")],
    right: Annotated[str, typer.Argument(metavar="B")],
    stars: Annotated[str, typer.Option("--stars", help=_("脱敏星号：one 一星一字，many 一星多字，either 不确定", "a star is one character, or many, or either"))] = "either",
    config: ConfigDir = CONFIG,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """比较两个值：等级与说明。 The level of two values, and what it means.

    Example: run.py compare cons_name 张晓明 张小明
    """
    from matchers import comparators, masks

    settings, site, fields = _site(config)
    kinds = {name: name for name in comparators.KINDS} | {name: found.kind for name, found in fields.items()}
    if field not in kinds:
        raise InputError(
            Words(
                f"compare {field}：没有这个字段或种类；可选：{choices(kinds)}",
                f"compare {field}: there is no such field or kind; there are: {choices(kinds)}",
            )
        )
    reference = _reference(settings, site)
    table = fields[field].codes if field in fields else None
    one, other = (reference.coded(table, value) if table else value for value in (left, right))
    comparator = comparators.load(kinds[field])
    _choice("--stars", stars, *masks.STYLES)
    level = int(comparator.compare([one], [other], reference, masks.stars(stars))[0])
    words, params = comparator.explain(level, one, other, reference)
    _show({"level": comparator.called(level), "explanation": words.say(language(), params)}, as_json)


def _reference(config: "Config", site: "Site") -> "Reference":
    from core.reference import Reference

    return Reference.load(config.path("reference"), marked=site.practice)


# -- records of two files


@app.command()
def link(
    left: Annotated[Path, typer.Argument(help=_("左表：csv、xlsx、parquet", "the left file: csv, xlsx or parquet"))],
    right: Annotated[Path | None, typer.Argument(help=_("右表；不给则在左表内查重", "the right file; without it the left one is de-duplicated"))] = None,
    spec: Annotated[Path | None, typer.Option("--spec", help=_("怎样比较（YAML，见 docs/linking.md）", "what is compared, as YAML (docs/linking.md)"))] = None,
    out: Annotated[Path | None, typer.Option("--out", help=_("结果对：csv 或 parquet", "the pairs: csv or parquet"))] = None,
    truth: Annotated[Path | None, typer.Option("--truth", help=_("已知真值：left_id,right_id", "the known truth: left_id,right_id"))] = None,
    labels: Annotated[Path | None, typer.Option("--labels", help=_("人已判定的对：left_id,right_id,match（是/否）", "pairs that people decided: left_id,right_id,match (yes/no)"))] = None,
    report: Annotated[Path | None, typer.Option("--report", help=_("说明页（HTML，含样例原值）", "a page that explains (HTML; shows values)"))] = None,
    explain: Annotated[list[str] | None, typer.Option("--explain", help=_("说明页上要逐步拆开的一对：左编号,右编号；可写多次", "a pair that the page takes apart: LEFT_ID,RIGHT_ID; may be given again"))] = None,
    suggest: Annotated[bool, typer.Option("--suggest", help=_("由数据写一份 SPEC", "write a spec from the data"))] = False,
    memory: Annotated[str, typer.Option("--memory", help=_("大约可用的内存；不够时分批，结果相同", "about the memory it may take; with less it works in more pieces, to the same result"))] = "4GB",
    engine: Annotated[str, typer.Option("--engine", help="local")] = "local",
    config: ConfigDir = CONFIG,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """找出两个文件中是同一人、同一户的记录，或一个文件内的重复。 Find the records that mean the same thing.

    Example: run.py link 档案.csv 政务.csv --spec 关联.yaml --out 结果.csv --report 说明.html
    """
    from bots.sources import records
    from flows import link as linking

    if engine != "local":
        raise InputError(
            Words(f"--engine {engine}：没有；可选：local", f"--engine {engine}: there is none; there are: local")
        )
    bytes_held = linking.held(memory)
    one, other = records.read(left), records.read(right) if right else None
    if suggest:
        from matchers.link import suggest as suggesting

        by_name = [{c: t[c] for c in t.column_names} if t is not None else None for t in (one, other)]
        print(suggesting.spec(by_name[0] or {}, by_name[1]), end="")
        return
    if spec is None or out is None:
        raise InputError(
            Words(
                "link 需要 --spec 与 --out；没有 SPEC 时先运行 link --suggest",
                "link needs --spec and --out; without a spec begin with link --suggest",
            )
        )
    from core import settings
    from core.reference import Reference
    from matchers.link import Lexicon, read

    given = [path for path in (left, right, spec, truth, labels) if path]
    linking.writable(out, given=given)
    if report:
        linking.writable(report, "--report", (".html", ".htm"), [*given, out])
    elif explain:
        raise InputError(
            Words("--explain 需要 --report：写在说明页上", "--explain needs --report: it is shown on the page")
        )
    asked = read(settings.load(spec))
    readings = Lexicon(Reference.load(_config(config).path("reference")))
    known, said = (records.read(path) if path else None for path in (truth, labels))
    names = (str(left), str(right or left))
    with _linking() as progress:
        found = linking.run(
            one, other, asked, readings, names, known, progress, memory=bytes_held, labels=said, explain=explain or ()
        )
    linking.write(found.pairs, out)
    if report:
        from console.render import linked

        with linking.written(report) as partial:
            linked.write(partial, found, one, other, asked.fields)
    _link_told(found, out, report, engine, as_json)


@contextmanager
def _linking() -> "Iterator[Callable[[str, float], None]]":
    """A line of progress on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    steps = {
        "encode": _("读取各列", "encode"), "keys": _("选择分块键", "choose keys"), "learn": _("学习", "learn"),
        "score": _("比较", "compare"), "assign": _("配对", "assign"),
    }  # fmt: skip
    screen = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=screen, disable=not screen.is_terminal, transient=True
    ) as bar:  # fmt: skip
        task = bar.add_task(steps["encode"], total=1.0)
        yield lambda step, share: bar.update(task, description=steps.get(step, step), completed=share)


def _link_told(found: Any, out: Path, report: Path | None, engine: str, as_json: bool) -> None:
    from console.render import linked
    from core import posix

    told = linked.figures(found) | {"peak_mb": posix.peak_mb(), "engine": engine, "out": str(out)}
    if report:
        told["report"] = str(report)
    if as_json:
        _show(told, True)
        return
    print(linked.told(told, language()))


# -- is everything there


@app.command()
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
        checks.append(examining.last_night(_ledger(data), today, expected=expect_nightly))
    ok = examining.well(checks)
    rows = [{"name": c.name, "ok": c.ok, "needed": c.needed, "sentence": c.sentence.say(language())} for c in checks]
    if as_json:
        print(json.dumps({"ok": ok, "checks": rows}, ensure_ascii=False))
    else:
        _list(rows, as_json, "checks")
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
        return _site(directory)[1].timezone
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

    first = ask("site", lambda: Words(str(directory), str(_site(directory)[0].directories[0])))
    yield first
    if not first.ok:
        return
    config, site, fields = _site(directory)
    anywhere = {
        name: Connection(url=a.url or "http://127.0.0.1", directory=a.directory) for name, a in site.connections.items()
    }
    yield ask("fields", lambda: counted(fields))
    yield ask("policy", lambda: counted(Policy.load(config, fields).roles))
    known = ask("rules", lambda: counted(_rules(config)[0]))
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
    ledger = _ledger(data)
    ledger.close()
    return Words(str(data), str(data))


# -- the practice world

Accounts = Annotated[int, typer.Option("--accounts", min=20, help=_("户数", "accounts"))]
Seed = Annotated[int, typer.Option("--seed", help=_("随机种子", "the seed"))]
Faults = Annotated[str, typer.Option("--faults", help="none | usual | storm")]
Skin = Annotated[str, typer.Option("--skin", help=_("a，或外省 b", "a, or the other province b"))]


@app.command()
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

    stopping = _stop_flag()
    with rehearsal.world(
        _fresh(data / "sandbox"), accounts=accounts, seed=seed, faults=_faults(faults), skin=_skin(skin), port=port
    ) as world:
        print(json.dumps(world.told, ensure_ascii=False), flush=True)
        while not stopping:
            _Clock().sleep(0.2)


def _choice(option: str, given: str, *known: str) -> str:
    if given not in known:
        raise InputError(
            Words(
                f"{option} {given}：没有这个选项；可选：{choices(known)}",
                f"{option} {given}: there is no such choice; there are: {choices(known)}",
            )
        )
    return given


def _faults(given: str) -> str:
    return _choice("--faults", given, "none", "usual", "storm")


def _skin(given: str) -> str:
    return _choice("--skin", given, "a", "b")


def _fresh(folder: Path) -> Path:
    """A folder of its own for each start, named by the moment."""
    return folder / f"{datetime.now():%Y%m%d-%H%M%S-%f}"  # noqa: DTZ005  (the clock on the reader's wall)


@app.command()
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
        _show(result, as_json)
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
    ledger = _ledger(data)
    said = rehearsal.score(world, rehearsal.claims(ledger, _spell(config)))
    return _figures(told, said, ledger, place)


_LISTS = (("org", "供电单位.csv"), ("codes", "代码表.csv"))


def _spell(directory: Path) -> "Callable[[str, str, str], tuple[str, str]]":
    from bots import screens

    _system, maps = screens.load(_config(directory))

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


def main() -> None:
    """The command line; every error becomes one sentence, never a traceback with data in it.

    Exit code 2 where the operator can put it right, 1 for what nobody foresaw.
    """
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except TyperException as error:
        sys.exit(_misused(error))
    except typer.Abort:
        print(_("已中止", "aborted"), file=sys.stderr)
        sys.exit(1)
    except _Told:
        sys.exit(2)
    except HedangError as error:
        print(_("出错：", "error: ") + str(error), file=sys.stderr)
        sys.exit(2)
    except Exception as error:  # noqa: BLE001  (the one place that turns the unforeseen into a sentence)
        print(_("内部错误：", "internal error: ") + _unforeseen(error), file=sys.stderr)
        sys.exit(1)


def _misused(error: TyperException) -> int:
    """Say what was typed wrongly, Chinese first, and answer the exit code; a group without a command shows its help."""
    from console.render import misuse

    message = error.format_message()
    if ZH and not message.startswith("Usage:"):
        print(f"出错：{misuse.sentence(message)}", file=sys.stderr)
    show: Callable[[], None] = getattr(error, "show", lambda: print(message, file=sys.stderr))
    show()
    return error.exit_code


class _Told(MissingPart):
    """A worker has said on standard error what is missing."""


def _unforeseen(error: BaseException) -> str:
    """Log where it happened, and answer a sentence. What the error says stays out of both: it may quote a person's data."""
    import traceback

    from loguru import logger

    frames = traceback.extract_tb(error.__traceback__)
    way = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    words = sys.argv[1:]
    data = Path(words[words.index("--data") + 1]) if "--data" in words[:-1] else DATA
    if not _logs(data).is_dir() and not data.is_dir():
        return f"{type(error).__name__}: {way}"
    _log_to(data, quiet=True)
    logger.error("unforeseen {}: {}", type(error).__name__, way)
    where = f"{_logs(data)}/hedang-{datetime.now():%Y%m%d}.log"  # noqa: DTZ005  (the clock on the reader's wall)
    return f"{type(error).__name__}" + _(f"；经过见 {where}", f"; the way to it is in {where}")


if __name__ == "__main__":
    main()
