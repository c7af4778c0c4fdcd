"""`run.py enter`: a spreadsheet into a mapped screen, with the whole safety of the night."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from loguru import logger

from bots import kept, maps, screens
from bots import legacy as hands
from bots.door import Door, Handover, Login
from bots.driver import Shown
from bots.fields import Field
from bots.hands import Person
from bots.kept import Papers
from bots.legacy import Legacy
from bots.screens import Screen, System
from bots.sources import entries as sheets
from console.render import entered
from core.errors import InputError, MissingPart, choices
from core.fields import Fields
from core.ledger import Ledger, proofs, queue, store
from core.ledger.queue import Worker
from core.model import Entry, Kind, Operation, Problem
from core.policy import Policy
from core.ports import Clock
from core.privacy import Keys, mask_pair
from core.settings import Config
from core.site import Secrets, Site
from core.words import Language, Words
from flows import enter as flow
from flows.enter import Line, Task
from flows.fill import REASONS, Desk, Terms
from flows.refusals import REFUSALS

ENDED, DRIFT = "ended", "drift"
PREFLIGHT = {
    "absent": Words("界面上找不到它", "it is not on the screen"),
    "ambiguous": Words("不止一个控件应答，或几种定位各指一处", "several controls answer, or the locators disagree"),
    "locked": Words("它不可录入", "it takes no input"),
    "option": Words("界面上缺少映射里的选项", "the screen lacks options of the map"),
    "no_sample": Words("没有样本记录：请用 --key 给出一条", "no record to open: name one with --key"),
    "fetch": Words(
        "按 fetch 取回的页面与打开的不同：回读仍逐条打开界面",
        "what `fetch` brings differs from the open record: read-backs open the screen",
    ),
    "drift": Words(
        "第一种定位不再应答，用了其余的：请更新映射", "its first locator no longer answers, others did: mend the map"
    ),
}
"""What the preflight says, beside the codes of REFUSALS."""


@dataclass(frozen=True, kw_only=True)
class Hall:
    """What screens.py builds for `enter` and the commands of `screens`."""

    config: Config
    site: Site
    fields: Fields
    data: Path
    database: str | None
    language: Language
    secrets: Secrets
    say: Callable[[str, int, int], None]
    worker: Callable[[Ledger, str], Worker]
    gone: Callable[[Worker, bool], bool]
    login: Callable[[], AbstractContextManager[None]]
    stop: Callable[[], bool]
    clock: Clock
    day: date
    person: Person | None = None  # reads pictures that a login shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was typed on the command line."""

    screen: str
    rows: Path
    target: str
    dry_run: bool
    limit: int
    headed: bool
    resume: bool
    remake: bool = False  # records that were made without being found are made again


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of it: figures for programs, rows for people."""

    figures: Mapping[str, Any]
    rows: Sequence[entered.Shown]
    ok: bool


def result_file(rows: Path) -> Path:
    """Where the result of a file of rows lies: beside it."""
    return rows.with_name(f"{rows.stem}.result{'.xlsx' if rows.suffix.lower() == '.xlsx' else '.csv'}")


def named(known: Mapping[str, Screen], name: str) -> Screen:
    """The map of a screen. Raises InputError with the choices."""
    if name not in known:
        there = choices(known)
        raise InputError(Words(f"没有界面“{name}”；现有：{there}", f"there is no screen '{name}'; there are: {there}"))
    return known[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A screen, where its system is, and who works there."""

    system: System
    screen: Screen
    url: str
    login: Login | None
    phrase: str = field(default="", repr=False)  # opens the file of the certificate

    @property
    def handed(self) -> bool:
        """Whether a person begins its sessions."""
        return isinstance(self.system.door, Handover)

    def papers(self, data: Path, keys: Keys) -> Papers:
        """What its browsers are given beside a name and a password."""
        user = self.login.user if self.login else ""
        return kept.papers(self.system, data, keys, self.url, user, self.phrase)


def found_at(hall: Hall, name: str, target: str) -> Place:
    """The place of a screen of config/, or of a map that stands alone when the name is the path of one.

    Raises InputError for a name that is not there, MissingPart where an address, a user or a secret is missing.
    """
    if maps.is_map(name):
        return _alone(hall, maps.read(Path(name)), target)
    system, known = screens.load(hall.config)
    screen = named(known, name)
    there = hall.site.connections["legacy"]
    if target and _elsewhere(target, there.url, system.start):
        screen = replace(screen, kind=Kind.RECORD, scope=maps.scope(screen.name, target))
    phrase = phrase_of(hall.secrets, system)
    if not target:
        connection = hall.site.connect("legacy", hall.secrets)
        login = Login(there.user, connection.secret)
        return Place(system=system, screen=screen, url=connection.url, login=login, phrase=phrase)
    secret = hall.secrets(there.secret) if there.secret else ""
    if secret is None:
        hall.site.connect("legacy", hall.secrets)  # says which secret is missing
    return Place(system=system, screen=screen, url=target, login=Login(there.user, secret or ""), phrase=phrase)


def _elsewhere(url: str, home: str, start: str) -> bool:
    """Whether an address is not the configured system's, whose login page is at `start`: its records are others, and no night may take them for its own."""
    return _spelt(url, start) != _spelt(home, start)


def _spelt(url: str, start: str) -> tuple[str, ...]:
    """An address in one spelling: a server's name has no capitals, and the usual port need not be said."""
    at = urlsplit(url)
    server = at.netloc.lower().removesuffix({"http": ":80", "https": ":443"}.get(at.scheme, ""))
    return at.scheme, server, (at.path.strip("/") or start.strip("/")), at.query, at.fragment


def phrase_of(secrets: Secrets, system: System) -> str:
    """The passphrase of the certificate that the system's browsers show; empty where there is none. Raises MissingPart."""
    certificate = system.certificate
    return _secret(secrets, certificate.secret) if certificate and certificate.secret else ""


def _secret(secrets: Secrets, name: str) -> str:
    found = secrets(name)
    if found is None:
        raise MissingPart(
            Words(
                f"没有设置口令 {name}；请放进环境变量 HEDANG_SECRET_{name}，或加 --attended",
                f"the secret {name} is not set; put it into the environment as HEDANG_SECRET_{name}, or add --attended",
            )
        )
    return found


def _alone(hall: Hall, found: maps.Map, target: str) -> Place:
    url = target or found.target
    if not url:
        raise MissingPart(
            Words(
                "不知道系统的地址：请写 target，或用 --target",
                "the system's address is missing: write `target`, or use --target",
            )
        )
    there = hall.site.connections.get("legacy")
    user = found.user or (there.user if there else "")
    door = found.system.door
    secret = _secret(hall.secrets, found.secret) if isinstance(door, Door) else ""  # a handed-over session needs none
    login = Login(user, secret) if door else None
    phrase = phrase_of(hall.secrets, found.system)
    return Place(system=found.system, screen=maps.at(found, url), url=url, login=login, phrase=phrase)


def enter(hall: Hall, wish: Wish) -> Done:
    """Enter the rows and write the result file.

    Raises InputError when the sheet, MissingPart when something else is not fit for it; then nothing was typed.
    """
    begun = time.monotonic()
    path = result_file(wish.rows)
    entered.put_by(path)
    place = found_at(hall, wish.screen, wish.target)
    screen = place.screen
    sheet = sheets.read(wish.rows, screen, place.system.encoding)
    if sheet.problems:
        raise InputError(_refused(wish.rows, sheet.problems))
    task = _task(screen, sheet.digest)
    ledger = _ledger(hall)
    papers = place.papers(hall.data, ledger.keys)
    with hall.login(), papers.held():
        found: list[str] = []
        legacy = connect(place, found, headed=wish.headed, person=hall.person, papers=papers)
        try:
            legacy.wake()
            ended, lines = _perform(hall, wish, ledger, legacy, task, sheet.rows, found)
            drift = [_problem(problem) for problem in legacy.drift()]
        finally:
            legacy.close()
            ledger.close()
    for one in drift:
        logger.warning("{}", sentence(one, "en"))
    shown = [_shown(line, screen, hall.fields, place.system.encoding) for line in lines]
    entered.write(shown, path, hall.language)
    seconds = round(time.monotonic() - begun, 2)
    figures = {
        **_figures(lines, wish),
        "seconds": seconds,
        ENDED: ended,
        "result": str(path),
        "sheet": sheet.sheet,
        DRIFT: drift,
    }
    return Done(figures=figures, rows=shown, ok=_ok(hall, figures, ended))


def _task(screen: Screen, digest: str) -> Task:
    operation = Operation.APPLY if screen.workflow else Operation.SET
    return Task(
        screen=screen.name, kind=Kind(screen.kind), operation=operation, digest=digest, scope=screen.scope,
        creates=screen.create is not None, named=screen.key.id if screen.key.entry is not None else "",
    )  # fmt: skip


def _ledger(hall: Hall) -> Ledger:
    """The ledger in --data; made when there is none."""
    try:
        store.present(hall.data, hall.database)
    except MissingPart:
        store.create(hall.data, hall.database)
    return store.open(hall.data, hall.database)


def connect(
    place: Place, samples: Sequence[str], *, headed: bool, person: Person | None = None, papers: Papers | None = None
) -> Legacy:
    """The hand on the system; `samples` may be filled later, with records that are known to open."""
    screen = place.screen
    return hands.hand(
        place.system,
        {screen.name: screen},
        place.url,
        place.login,
        headless=not headed,
        samples={screen.name: samples},
        person=person,
        papers=papers,
    )


def _perform(
    hall: Hall, wish: Wish, ledger: Ledger, legacy: Legacy, task: Task, rows: Sequence[Entry], samples: list[str]
) -> tuple[str, list[Line]]:
    """Look, examine the screen, plan, fill; answers why it ended, and what became of the rows."""
    old = flow.standing(ledger, task, rows) if wish.resume else {}
    going = flow.open_rows(old)
    todo = [e for e in rows if e.row not in old or e.row in going][: wish.limit or None]
    chosen = {e.row for e in todo} | {row for row in old if row not in going}
    fresh = [e for e in todo if e.row not in going]
    retry = hall.site.retry
    looked = flow.look(legacy, task, fresh, attempts=retry.attempts, circuit=hall.site.circuit, say=hall.say)
    lacking = [task.key(e) for e in fresh if e.row in looked.ended and looked.ended[e.row].reason == "absent"]
    there = [task.key(e) for e in fresh if e.row in looked.images and (looked.images[e.row].cells or not task.creates)]
    samples += lacking[:1] or there[:3]  # what a map has wrong shows best there
    _examine(legacy, task, samples)
    if wish.dry_run:
        return "dry_run", flow.differences(fresh, looked)
    flow.take_up(ledger, {row: item for row, item in old.items() if row in chosen}, remake=wish.remake)
    doubted = flow.plan(ledger, task, fresh, looked, remake=wish.remake)
    ended = flow.enter(_desk(hall, ledger, legacy, len(todo)), task)
    return ended, flow.lines(ledger, task, [e for e in rows if e.row in chosen], {**looked.ended, **doubted})


def _examine(legacy: Legacy, task: Task, samples: Sequence[str]) -> None:
    """The preflight on a record that is known to open. Raises MissingPart: the screen is not as mapped, nothing is typed."""
    problems = legacy.preflight([task.screen]) if samples or task.creates else ()
    if problems:
        zh, en = (
            "; ".join(f"{p.place}: {told(p.code, p.params, language)}" for p in problems[:5]) for language in LANGUAGES
        )
        raise MissingPart(
            Words(f"界面与映射不符，未录入任何内容：{zh}", f"the screen is not as mapped, nothing was typed: {en}")
        )


LANGUAGES: tuple[Language, Language] = ("zh", "en")


def told(code: str, params: Mapping[str, Any], language: Language) -> str:
    """What is wrong with a screen, in words."""
    said = PREFLIGHT.get(code) or REFUSALS.get(code) or Words(code, code)
    rest = details(params, language)
    return f"{said.say(language)} ({rest})" if rest else said.say(language)


def sentence(problem: Mapping[str, Any], language: Language) -> str:
    """What is wrong with a screen, and where."""
    rest = {name: value for name, value in problem.items() if name not in ("place", "code")}
    return f"{problem['place']}: {told(problem['code'], rest, language)}"


def _problem(problem: Problem) -> dict[str, Any]:
    return {"place": problem.place, "code": problem.code, **dict(problem.params)}


NAMES = {
    "locator": Words("定位", "locator"),
    "count": Words("应答的个数", "count"),
    "reason": Words("原因", "reason"),
    "missing": Words("缺少", "missing"),
    "lost": Words("不再应答的", "lost"),
}


def details(params: Mapping[str, Any], language: Language) -> str:
    """What else is known of a problem: names and values, several of them with commas."""
    spelt = {name: ", ".join(map(str, v)) if isinstance(v, list | tuple) else str(v) for name, v in params.items()}
    return "; ".join(f"{NAMES[name].say(language) if name in NAMES else name} {value}" for name, value in spelt.items())


def _desk(hall: Hall, ledger: Ledger, legacy: Legacy, total: int) -> Desk:
    site, policy = hall.site, Policy.load(hall.config, hall.fields)
    terms = Terms(
        lease=site.lease_seconds, attempts=site.retry.attempts, pause=site.retry.pause, circuit=site.circuit,
        canaries=site.canary, conflicts=policy.breaker["conflicts"], mismatches=policy.breaker["mismatches"],
    )  # fmt: skip
    count = iter(range(1, total + 1000))
    return Desk(
        ledger=ledger, legacy=legacy, worker=hall.worker(ledger, "enter"), terms=terms, clock=hall.clock, day=hall.day,
        gone=hall.gone, stop=hall.stop, progress=lambda *_: hall.say("enter", next(count), total),
    )  # fmt: skip


# -- what people see


def _refused(path: Path, problems: Sequence[Problem]) -> Words:
    """All that is wrong with a sheet, row by row."""

    def sentence(language: Language) -> str:
        head = Words(f"{path}：未录入任何内容", f"{path}: nothing was typed").say(language)
        row = Words("第 {row} 行：", "row {row}: ")
        said = [
            (row.say(language, {"row": p.row}) if p.row else "") + sheets.PROBLEMS[p.code].say(language, p.params)
            for p in problems[:20]
        ]
        more = [Words(f"……另有 {len(problems) - 20} 处", f"… and {len(problems) - 20} more").say(language)]
        return "\n  ".join([head, *said, *(more if len(problems) > 20 else [])])

    return Words(sentence("zh"), sentence("en"))


def _shown(line: Line, screen: Screen, fields: Fields, encoding: str) -> entered.Shown:
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for name, new in line.after.items():
        field = screen.fields[name]
        kind = fields[name].mask if name in fields else field.mask
        one, other = mask_pair(kind, line.before.get(name, ""), new)
        if name in line.before:
            before[field.label] = one
        after[field.label] = other
    key = mask_pair(screen.key.mask, line.key, line.key)[0]
    return entered.Shown(
        row=line.row, key=key, state=line.state, reason=_reason(line, screen, encoding), before=before, after=after
    )  # fmt: skip


def _reason(line: Line, screen: Screen, encoding: str) -> Words:
    said = REFUSALS.get(line.reason) or REASONS.get(line.reason) or Words(line.reason, line.reason)
    field = screen.fields.get(line.field)
    hint = line.hint or (_hint(field, line, encoding) if field else Words("", ""))
    said = Words(f"{said.zh}（{hint.zh}）", f"{said.en} ({hint.en})") if hint.zh else said
    label = field.label if field else line.field
    return Words(f"{label}：{said.zh}", f"{label}: {said.en}") if label else said


def _hint(field: Field, line: Line, encoding: str) -> Words:
    """What the map alone says that the field takes, of a row whose record was not read."""
    return field.hint(line.reason, line.after.get(line.field, ""), Shown(count=0), encoding)


def _figures(told: Sequence[Line], wish: Wish) -> dict[str, Any]:
    if not wish.dry_run:
        return dict(flow.figures(told))
    plain = [line for line in told if line.state != flow.CHANGE]
    counts = flow.figures(plain)
    changes = len(told) - len(plain)
    return {**counts, "rows": counts["rows"] + changes, "changes": changes}


def _ok(hall: Hall, figures: Mapping[str, Any], ended: str) -> bool:
    limits = Policy.load(hall.config, hall.fields).exit_limits
    over = any(figures[name] > limit for name, limit in limits.items())
    return ended in ("done", "stopped", "dry_run") and not over and not figures["waiting"]


def check(
    hall: Hall, name: str, target: str, keys: Sequence[str], *, headed: bool = False, picture: Path | None = None
) -> dict[str, Any]:
    """Examine one screen on the first of the records `keys` that opens; types nothing.

    `ok`; `fields`: how many are mapped; `problems`: place, code, params; `drift`: controls that only a fallback found; `picture`:
    where the drawn page lies (empty: no record opened), in --data unless a place is given; `fetch`: open, proven or refuted, by the
    saves that the ledger knows (empty: the map names none); `next`: seen or unseen, whether a list showed what turns its pages
    (empty: the map names none).
    """
    place = found_at(hall, name, target)
    screen = place.screen
    samples = [screen.scope + key for key in keys] or _samples(hall, screen)
    papers = papers_of(hall, place)
    with hall.login(), papers.held():
        legacy = connect(place, samples, headed=headed, person=hall.person, papers=papers)
        legacy.draw = True
        try:
            legacy.wake()
            found, drift = legacy.preflight([screen.name]), legacy.drift()
            fetch, pager = _trust(hall, legacy.glances(screen.name)), legacy.pager(screen.name)
        finally:
            legacy.close()
    drawn = _drawn(legacy.pictures.get(screen.name), picture or hall.data / "screens" / f"{screen.name}.png")
    problems, moved = ([_problem(p) for p in some] for some in (found, drift))
    return {
        "ok": not problems,
        "fields": len(screen.fields),
        "problems": problems,
        "drift": moved,
        "picture": drawn,
        "fetch": fetch,
        "next": pager,
    }


def papers_of(hall: Hall, place: Place) -> Papers:
    """The papers, where nothing else needs a ledger."""
    if not place.handed:
        return Papers(phrase=place.phrase)
    ledger = _ledger(hall)
    try:
        return place.papers(hall.data, ledger.keys)
    finally:
        ledger.close()


def _drawn(content: bytes | None, path: Path) -> str:
    if content is None:
        return ""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # another's file would keep its own permissions
    path.touch(mode=0o600)
    path.write_bytes(content)
    return str(path)


def _samples(hall: Hall, screen: Screen) -> list[str]:
    """Records that the ledger knows and open items will visit."""
    with _known(hall) as ledger:
        found = queue.samples(ledger).get(screen.name, ()) if ledger else ()
    return [key for key in found if key.startswith(screen.scope)]


def _trust(hall: Hall, mark: str) -> str:
    """What saves so far say of a map's fetch."""
    with _known(hall) as ledger:
        return str(
            proofs.trust(ledger, mark, hall.site.canary) if ledger and mark else proofs.Trust.OPEN if mark else ""
        )


@contextmanager
def _known(hall: Hall) -> Iterator[Ledger | None]:
    """The ledger in --data; None where there is none."""
    try:
        store.present(hall.data, hall.database)
    except MissingPart:
        yield None
        return
    ledger = store.open(hall.data, hall.database)
    try:
        yield ledger
    finally:
        ledger.close()


def listing(config: Config) -> list[dict[str, Any]]:
    """Every mapped screen: its name, kind, whether a save opens a change order, how many fields it shows and takes."""
    system, known = screens.load(config)
    return [_listed(screen, system) for screen in known.values()]


def _listed(screen: Screen, system: System) -> dict[str, Any]:
    return {
        "screen": screen.name, "kind": screen.kind, "commit": "workflow" if screen.workflow else "direct",
        "fields": len(screen.fields), "typed": sum(f.entry is not None and not f.derived for f in screen.fields.values()),
        "encoding": system.encoding,
    }  # fmt: skip
