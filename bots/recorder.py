"""Watch a person fill one record in a browser: what is opened, typed and pressed becomes `bots.recording.Gesture`s.

Nothing is typed or pressed here. What the person types is held in memory until the map is drafted; passwords are never told.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Dialog, Frame, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from bots.drivers import web
from bots.recording import Control, Gesture, Line
from core.errors import MissingPart
from core.words import Words

LISTENER = (web.FOLDER / "record.js").read_text("utf-8")
LOOK = 100  # milliseconds between two looks at whether the person has ended
VOICED = (
    "async () => JSON.stringify(await window.hedang({ op: 'voiced', session: [], interruptions: [], milliseconds: 0 }))"
)

Ask = Callable[[str], bool]
"""A question that the page asks (a confirm box) → the person's answer."""


@dataclass
class Watch:
    """What has been seen so far."""

    gestures: list[Gesture] = field(default_factory=list)
    after: Sequence[Line] = ()
    open: bool = True  # whether the window is still there


def record(
    url: str, key: str, ended: Callable[[], bool], ask: Ask, *, headless: bool = False, act: Callable[[Page], None] | None = None
) -> Watch:  # fmt: skip
    """Open `url` and watch until `ended` or until the window is closed. `act` is a person's part, played by a program.

    Raises MissingPart when there is no browser, or no screen for its window.
    """
    watch = Watch()
    with _window(headless=headless) as context:
        context.add_init_script(f"window.hedangWanted = {json.dumps(key)};")
        context.add_init_script(web.START)
        context.expose_binding("hedangTell", lambda source, told: _heard(watch, source["page"], page, json.loads(told)))
        context.add_init_script(LISTENER)
        page = context.new_page()
        page.on("framenavigated", lambda frame: _moved(watch, page, frame))
        page.on("close", lambda _: setattr(watch, "open", False))
        context.on("dialog", lambda dialog: _asked(watch, dialog, ask))
        try:
            page.goto(url)
        except PlaywrightError:
            raise MissingPart(Words("打不开这个地址", "the address does not open")) from None
        if act:
            act(page)
        while watch.open and not ended():
            page.wait_for_timeout(LOOK)
        if watch.open:
            watch.after = _lines(json.loads(page.evaluate(VOICED)))
    return watch


@contextmanager
def _window(*, headless: bool) -> Iterator[BrowserContext]:
    program = web.find(headless=headless)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=program or None, headless=headless, args=web.flags())
        except PlaywrightError:
            raise MissingPart(
                Words(
                    "浏览器的窗口打不开：需要 Chromium，以及一个屏幕（没有屏幕的机器可用 xvfb-run）",
                    "the browser's window does not open: a Chromium and a screen are needed (xvfb-run where there is none)",
                )
            ) from None
        try:
            yield browser.new_context(no_viewport=not headless)
        finally:
            with suppress(PlaywrightError):  # the person may have closed it
                browser.close()


def _moved(watch: Watch, page: Page, frame: Frame) -> None:
    """An address that no press led to was opened by the person."""
    if frame != page.main_frame or frame.url == "about:blank":
        return
    last = watch.gestures[-1] if watch.gestures else None
    if last is None or last.do == "open":
        watch.gestures.append(Gesture(do="open", text=frame.url, address=frame.url))


def _heard(watch: Watch, source: Page, page: Page, told: Mapping[str, Any]) -> None:
    if told["do"] == "lost":
        watch.gestures.append(Gesture(do="lost", text=told["why"]))
    elif source != page:
        watch.gestures.append(Gesture(do="lost", text="window"))
    else:
        watch.gestures.append(_gesture(told))


def _gesture(told: Mapping[str, Any]) -> Gesture:
    bears = told.get("bears")
    return Gesture(
        do=told["do"],
        page=told["page"],
        on=_control(told),
        headers=tuple(told.get("headers", ())),
        cells=tuple(told.get("cells", ())),
        within=tuple(told.get("within", ())),
        set=tuple(map(_control, told.get("set", ()))),
        values=frozenset(told.get("values", ())),
        shown=_lines(told.get("lines", ())),
        address=told["address"],
        bears=Control(ways=bears["ways"], place=tuple(bears["place"])) if bears else None,
    )


def _lines(told: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    return tuple(
        Line(text=one["text"], css=one["css"], place=tuple(one["place"] or ()), whole=one["whole"]) for one in told
    )


def _control(told: Mapping[str, Any]) -> Control:
    return Control(
        ways=told.get("ways") or {},
        place=tuple(told.get("place") or ()),
        words=told.get("words", ""),
        kind=told.get("kind", ""),
        value=(told.get("text") or told.get("value") or ""),
        locked=told.get("locked", False),
        picture=told.get("picture") or "",
    )


def _asked(watch: Watch, dialog: Dialog, ask: Ask) -> None:
    """An alert is noted; a question is the person's to answer."""
    watch.gestures.append(Gesture(do="confirm" if dialog.type == "confirm" else "alert", text=dialog.message))
    if dialog.type in ("alert", "beforeunload") or ask(dialog.message):
        dialog.accept()
    else:
        dialog.dismiss()
