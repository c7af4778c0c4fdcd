"""Get a file that a portal exports: walk to where it is asked for, wait until it is prepared, press once and take it.

steps ({since}, {until}) ──▶ nothing there ──▶ None
                         ├──▶ download ──▶ File
                         └──▶ asked for: its number ({task}) ──▶ list of exports ──not done──▶ again … ──▶ download ──▶ File
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from bots.driver import WAYS, Driver, File, Target
from bots.maps import steps_of
from bots.targets import press_of
from bots.walk import KEY, Step, Way, walk
from core.errors import ApplicationError, BusinessError
from core.settings import Node
from core.words import Words

KEYS = ("place", "steps", "none", "prepared", "download", "rows", "failure", "within")
PREPARED = ("press", "number", "steps", "again", "every", "within")
SINCE, UNTIL, TASK = "{since}", "{until}", "{task}"
PAGE = (b"<html", b"<!doctype html", b"<head", b"<body", b"<meta", b"<script")
"""How a file begins that is a page, whatever it is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """How an export is waited for that is not there at once."""

    press: Target  # what asks for it
    number: Target  # where the page then shows the number that it was given
    way: Way  # from there to the list of exports
    again: Target  # what is pressed to see the list anew
    every: float  # seconds between two looks
    within: float  # seconds after which it is given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """How one file is asked for."""

    way: Way
    download: Step  # press; or row: in the row that names the prepared export
    prepared: Prepared | None
    rows: Target | None  # where the page says how many rows the file has
    failure: tuple[Target, ...]  # what says that there is no file after all
    within: float  # seconds until the file begins to come; 0: as long as any page may take


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole file, and how many rows the portal says that it has (None: it says nothing)."""

    file: File
    rows: int | None


def export_of(node: Node) -> Export:
    """The `export` of a table. Raises ConfigError with file, line, key and the choices."""
    node.only(*KEYS)
    place = node["place"].texts() if node.has("place") else ()
    prepared = node.get("prepared")
    steps = steps_of(node["steps"], place, begun=True)  # the login leads to a page
    none = press_of(node["none"], place) if node.has("none") else None
    if none and not any(UNTIL in text for step in steps for text in (step.text, *_words(step.target))):
        raise node["none"].wrong(
            Words(
                f"没有一步用到 {UNTIL}，无从判断何时算没有",
                f"no step says {UNTIL}, so nothing tells when there is none",
            )
        )
    return Export(
        way=Way(steps=_keyed(steps, UNTIL), none=none),
        download=_download(node["download"], place, named=prepared is not None),
        prepared=_prepared(prepared, place) if prepared else None,
        rows=press_of(node["rows"], place) if node.has("rows") else None,
        failure=(press_of(node["failure"], place),) if node.has("failure") else (),
        within=node["within"].number(0, 3600) if node.has("within") else 0,
    )


def _prepared(node: Node, place: tuple[str, ...]) -> Prepared:
    node.only(*PREPARED)
    return Prepared(
        press=press_of(node["press"], place),
        number=press_of(node["number"], place),
        way=Way(steps=_keyed(steps_of(node["steps"], place, begun=True), TASK)),
        again=press_of(node["again"], place),
        every=node["every"].number(0.1, 600) if node.has("every") else 5,
        within=node["within"].number(1, 7200) if node.has("within") else 600,
    )


def _download(node: Node, place: tuple[str, ...], *, named: bool) -> Step:
    if isinstance(node.raw, str) or not node.has("row"):
        return Step(do="press", target=press_of(node, place))
    if not named:
        raise node["row"].wrong(
            Words("只有 prepared 的任务才有编号可找", "only what is `prepared` has a number to look for")
        )
    (step,) = steps_of(Node((node,), node.file, node.line, node.key), place, begun=True)
    return step


def _words(target: Target) -> tuple[str, ...]:
    return tuple(getattr(target, way) for way in WAYS)


def _keyed(steps: tuple[Step, ...], word: str) -> tuple[Step, ...]:
    """The steps with `word` for what the walk calls the key."""
    return tuple(_said(step, {word: KEY}) for step in steps)


def _said(step: Step, words: Mapping[str, str]) -> Step:
    def said(text: str, *, address: bool = False) -> str:
        for word, meant in words.items():
            text = text.replace(word, quote(meant, safe="{}") if address else meant)
        return text

    def there(target: Target) -> Target:
        ways: dict[str, Any] = {way: said(getattr(target, way)) for way in WAYS}
        return replace(target, **ways)

    wait = there(step.wait) if step.wait else None
    return replace(step, text=said(step.text, address=step.do == "open"), target=there(step.target), wait=wait)


# -- to the file


def fetch(
    driver: Driver, export: Export, since: str, until: str, base: str, sleep: Callable[[float], None] = time.sleep
) -> Fetched | None:
    """The file of the days `since` to `until`, as the portal spells them; None where it has nothing. The driver is inside already.

    Raises ApplicationError: a code of `bots.driver`, `unprepared` when it was not done in time, `page` for a page that is called a file.
    """
    goal = export.prepared.press if export.prepared else export.download.target
    way = replace(export.way, steps=tuple(_said(step, {SINCE: since}) for step in export.way.steps))
    if not walk(driver, way, until, goal, base):
        return None
    rows = _count(driver, export.rows) if export.rows else None
    button = _prepare(driver, export, export.prepared, base, sleep) if export.prepared else export.download.target
    file = driver.download(button, export.failure, within=export.within)
    if file.content.lstrip(b"\xef\xbb\xbf \t\r\n")[:20].lower().startswith(PAGE):
        raise ApplicationError(Words("来的是网页，不是文件", "a page came instead of the file"), code="page")
    return Fetched(file, rows)


def _count(driver: Driver, target: Target) -> int:
    """The number that the page says."""
    (shown,) = driver.read([target])
    found = re.findall(r"\d+", shown.value.replace(",", ""))
    if shown.count != 1 or len(found) != 1:
        raise ApplicationError(
            Words(f"{target.words} 没有写明行数", f"{target.words} says no number of rows"), code="absent"
        )
    return int(found[0])


def _prepare(driver: Driver, export: Export, how: Prepared, base: str, sleep: Callable[[float], None]) -> Target:
    """Ask for the export and wait until it is done; what is pressed for its file."""
    driver.follow(how.press, [how.number])
    (shown,) = driver.read([how.number])
    number = shown.value.strip()
    if shown.count != 1 or not number:
        raise ApplicationError(
            Words(f"{how.number.words} 没有显示导出编号", f"{how.number.words} shows no number of the export"),
            code="absent",
        )
    until = time.monotonic() + how.within
    walk(driver, how.way, number, how.again, base)
    while True:
        button = _button(driver, export.download, number)
        if button is not None:
            return button
        if time.monotonic() > until:
            raise ApplicationError(Words("导出没有按时做好", "the export was not prepared in time"), code="unprepared")
        sleep(how.every)
        driver.follow(how.again, [how.again])


def _button(driver: Driver, download: Step, number: str) -> Target | None:
    """What is pressed for the file, once it stands there."""
    target = _said(download, {TASK: number}).target
    if download.do == "row":
        found = [index for index, (told, *_) in enumerate(driver.table(download.goals[0])) if told == number]
        if len(found) > 1:
            raise BusinessError(f"{len(found)} exports have exactly this number", code="ambiguous")
        if not found:
            return None
        target = replace(target, row=found[0], cell=number)
    (shown,) = driver.read([target])
    if shown.count > 1:
        raise ApplicationError(f"{target.words} answers {shown.count} controls", code="absent")
    return target if shown.count else None
