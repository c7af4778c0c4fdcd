"""Drive web pages through Playwright, with whichever Chromium the machine has.

What happens inside a page stands in page/*.js: each call is one round trip. Playwright's own errors carry typed values and page
text, so none leaves this file: they are told in our words, without a cause.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urldefrag

from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Dialog,
    Download,
    ElementHandle,
    Page,
    Playwright,
    Request,
    Route,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from bots import hands, uploads
from bots.driver import Driver, File, Heard, Interruption, Place, Shown, Target
from bots.hands import Person
from bots.kept import Papers
from bots.screens import Certificate, System
from core.errors import ApplicationError, MissingPart, choices
from core.words import Words

T = TypeVar("T")

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-auto-reload",  # a page that failed must not be asked for again behind our back
)

HEADLESS = ("chromium-headless-shell",)
"""Without a window this one does the same with two thirds of the processor time (docs/adr/0005)."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
WINDOWS = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
ROOTS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")

PARTS = ("find", "tables", "widgets", "steps", "rows", "outline", "describe", "walk")
FOLDER = Path(__file__).with_name("page")
SCRIPT = f"async (call) => {{\n{''.join((FOLDER / f'{part}.js').read_text('utf-8') for part in PARTS)}}}"
START = f"{(FOLDER / 'start.js').read_text('utf-8')}\nif (window === window.top) window.hedang = {SCRIPT};"
"""Runs before the scripts of every page, so that a call brings no more than its own words."""
CALL = "async (call) => JSON.stringify(window.hedang ? await window.hedang(JSON.parse(call)) : { trouble: 'closed' })"

TROUBLE = {
    "absent": Words("{words} 应答的控件有 {count} 个", "{words} answers {count} controls"),
    "locked": Words("{words} 不可录入", "{words} takes no input"),
    "option": Words("{words} 没有这个选项", "{words} does not offer the value"),
    "several": Words("{words} 有不止一个这样的选项", "{words} offers the value more than once"),
    "sealed": Words(
        "{words} 画在 canvas 或封闭的 shadow root 里，读不到",
        "{words} is a canvas or a closed shadow root, which nobody can look into",
    ),
    "captcha": Words("{words} 要看图输入，而没有人在", "{words} asks for what a picture says, and no person is there"),
    "ignored": Words("{words} 没有照原样收下所输入的", "{words} made something else of what was typed"),
    "popup": Words("有未知的东西盖住了 {words}", "something unknown covers {words}"),
    "session": Words("会话已失效", "the session has ended"),
    "http": Words("来的是错误页（HTTP {status}）", "an error page came (HTTP {status})"),
    "closed": Words("连接或浏览器已关闭", "the connection or the browser was closed"),
    "timeout": Words("一直没有出现有 {words} 的页面", "no page with {words} appeared in time"),
    "lost": Words("{words} 的文件没有传完", "the file of {words} broke off on its way"),
    "page": Words("来的不是 {words} 的文件，而是一个页面", "a page came instead of the file of {words}"),
    "refused": Words("页面说没有 {words} 的文件", "the page says that there is no file of {words}"),
}


CONTENT = ("document", "script", "xhr", "fetch", "other")
"""Kinds of requests that may bring what a page says."""
LOOK = 100
"""Milliseconds between two looks at whether a page has all that it asked for."""

BEYOND = "找到了，但滚出了画面 found, rolled out of sight: "
"""Stands in a picture before the names of what is found where the picture does not reach."""

NEVER = Target(css="html:not(html)")
"""A mark that stands nowhere: whoever waits for it hears only what went wrong."""

NO_BROWSER = Words("没有浏览器", "there is no browser")


def find(named: str = "", environ: Mapping[str, str] = os.environ, *, headless: bool = False) -> str:
    """The browser's program: the one that is named, else Debian's Chromium, Chrome, Edge; empty = Playwright's own.

    Without a window Debian's headless shell is taken before Chromium.

    Raises MissingPart when the one that is named is not there.
    """
    wanted = named or environ.get("HEDANG_BROWSER", "")
    if wanted:
        found = shutil.which(wanted)
        if found is None:
            raise MissingPart(
                Words(
                    f"没有浏览器 {wanted}；请把 HEDANG_BROWSER 设为 Chromium、Chrome 或 Edge 的程序",
                    f"there is no browser {wanted}; set HEDANG_BROWSER to the program of a Chromium, Chrome or Edge",
                )
            )
        return found
    installed = (Path(environ[root], part) for part in WINDOWS for root in ROOTS if environ.get(root))
    places = [
        *filter(None, map(shutil.which, (*HEADLESS, *NAMES) if headless else NAMES)),
        *(str(path) for path in installed if path.exists()),
    ]
    return next(iter(places), "")


def flags() -> list[str]:
    """The command line of every browser that is started."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*FLAGS, *(["--no-sandbox"] if root else [])]  # Chromium refuses to run as root inside its own sandbox


def start(system: System, *, headless: bool, person: Person | None = None, papers: Papers | None = None) -> Driver:
    """A hand for a web system; its browser starts with the first page. `person` reads captchas, where one is there."""
    return Web(
        timeout=system.timeout,
        session=system.session,
        interruptions=system.interruptions,
        browser=system.browser,
        headless=headless,
        person=person,
        papers=papers,
        certificate=system.certificate,
    )


class Web:
    """A `Driver` on one tab of a browser of its own; the browser starts with the first `open`."""

    def __init__(
        self,
        *,
        timeout: float = 10,
        session: Sequence[Target] = (),
        interruptions: Sequence[Interruption] = (),
        browser: str = "",
        headless: bool = True,
        person: Person | None = None,
        papers: Papers | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        self._papers, self._certificate, self._keeping = papers or Papers(), certificate, False
        self._timeout, self._browser, self._headless = timeout, browser, headless
        self.person = person
        self._files: list[Path] = []  # what was chosen for upload since the page was opened
        self._session = [asdict(mark) for mark in session]
        self._interruptions = [asdict(known) for known in interruptions if known.press]
        self._playwright: Playwright | None = None
        self._process: Browser | None = None
        self._context: BrowserContext | None = None
        self._tab: Page | None = None
        self._heard: list[Heard] = []
        self._noticed: list[Heard] = []
        self._accept: tuple[str, ...] = ()
        self._posting = self._leaving = False
        self._asked_for: set[Request] = set()  # what the pages wait for from their server
        self._came = 0.0  # when the last of it came

    def open(self, address: str) -> None:
        """A fresh context: no cookie, no page and no cache of an earlier session, but of one that is kept."""
        browser = self._started()
        self._go_on()
        if self._context is not None:
            with suppress(PlaywrightError):  # what is already gone need not be closed
                self._context.close()
        self._context, self._tab = self._told(lambda: _tab(browser, self._identity()))
        self._tab.set_default_timeout(self._timeout * 1000)
        self._context.on("dialog", self._answer)
        self._heard, self._files, self._posting, self._asked_for = [], [], False, set()
        self._context.on("request", self._asks)
        for end in ("requestfinished", "requestfailed"):
            self._context.on(end, self._got)
        answer = self._told(lambda: self._page.goto(address, wait_until="commit"))
        if answer is not None and answer.status >= 400:
            raise _trouble({"trouble": "http", "status": answer.status}, ())

    def visit(self, address: str) -> None:
        """See `Driver`; a page that asks whether it may be left is left."""
        self._release()
        self._heard, self._leaving = [], True
        try:
            here, there = urldefrag(self._page.url), urldefrag(address)
            if there.fragment and here.url == there.url:  # else a browser stays on the page, with all that it shows
                self._told(lambda: self._page.goto("about:blank"))
            answer = self._told(lambda: self._page.goto(address, wait_until="commit"))
        finally:
            self._leaving = False
        if answer is not None and answer.status >= 400:
            raise _trouble({"trouble": "http", "status": answer.status}, ())

    def address(self) -> str:
        """See `Driver`."""
        return self._told(lambda: self._page.url)

    def arrive(self, marks: Sequence[Target], *, within: bool = True) -> int:
        """See `Driver`: the page asks itself every few milliseconds."""
        try:
            return self._wait({"op": "arrive"}, marks, within)
        finally:
            self._release()

    def follow(
        self,
        target: Target,
        marks: Sequence[Target],
        *,
        entries: Sequence[tuple[Target, str]] = (),
        through: Sequence[Target] = (),
        within: bool = True,
    ) -> int:
        """See `Driver`; one round trip."""
        self._release()
        self._heard, self._accept = [], ()
        if any(hands.needed(t) for t, _ in entries):
            for (typed, text), held in zip(entries, self.write(entries), strict=True):
                if held != text and typed.widget != "captcha":  # whose words only the page knows
                    raise _trouble({"trouble": "ignored"}, [typed])
            entries = ()
        call = {"op": "follow", "entries": _plain(entries), **_pressing(target, marks, through)}
        return self._wait(call, marks, within, [*(t for t, _ in entries), target])

    def _wait(
        self, call: Mapping[str, Any], marks: Sequence[Target], within: bool, before: Sequence[Target] = ()
    ) -> int:
        """Ask the page; when it is left as a whole, the next one goes on asking, and nothing is pressed again."""
        until = time.monotonic() + self._timeout
        self._came = time.monotonic()  # a browser tells of what a press asks for a moment after the press
        while True:
            left = max(0.0, until - time.monotonic())
            waits = {"marks": [asdict(m) for m in marks], "milliseconds": left * 1000, "within": within}
            try:
                answer = self._ask({**call, **waits})
            except _Left:
                call, before = {"op": "arrive"}, ()
                if left:
                    continue
                answer = {"trouble": "timeout"}
            if "trouble" in answer:
                raise _trouble(answer, [*before, *marks])
            if marks[answer["mark"]].settled and self._waits():
                if time.monotonic() > until:
                    raise _trouble({"trouble": "timeout"}, marks)
                self._told(lambda: self._page.wait_for_timeout(LOOK))
                call, before = {"op": "arrive"}, ()
                continue
            return int(answer["mark"])

    def _waits(self) -> bool:
        """Whether something is still asked for, however a page asks (scripts, frames and workers too), or has only just come."""
        return bool(self._asked_for) or time.monotonic() - self._came < LOOK / 1000

    def _asks(self, request: Request) -> None:
        if request.resource_type in CONTENT:
            self._asked_for.add(request)

    def _got(self, request: Request) -> None:
        self._asked_for.discard(request)
        self._came = time.monotonic()

    def read(self, targets: Sequence[Target]) -> Sequence[Shown]:
        """See `Driver`; one round trip."""
        answer = self._act({"op": "read", "targets": [asdict(t) for t in targets]}, targets)
        return [_shown(one) for one in answer]

    def glance(self, address: str, place: Place, targets: Sequence[Target]) -> Sequence[Shown]:
        """See `Driver`; one round trip, and one of the page's to its server."""
        call = {"op": "glance", "address": address, "place": place, "targets": [asdict(t) for t in targets]}
        return [_shown(one) for one in self._act(call, targets)]

    def table(self, target: Target) -> Sequence[Sequence[str]]:
        """See `Driver`; one round trip."""
        return self._rows(target)

    def _rows(self, target: Target, *, whole: bool = False) -> Sequence[Sequence[str]]:
        """The rows' texts below the target's columns, or all that they say."""
        call = {"op": "table", "target": asdict(target), "whole": whole}
        rows: Sequence[Sequence[str]] = self._act(call, [target])
        return rows

    def turn(self, target: Target, mark: Target) -> bool | None:
        """See `Driver`."""
        self._release()
        self._heard, self._accept = [], ()
        before = self._rows(mark, whole=True)
        try:
            answer = self._ask({"op": "turn", "target": asdict(target)})
        except _Left:
            answer = {"pressed": True}
        if "trouble" in answer:
            raise _trouble(answer, [target])
        if not answer["pressed"]:
            return False if answer["seen"] else None
        self._wait({"op": "arrive"}, [replace(mark, settled=True)], True)
        return self._rows(mark, whole=True) != before

    def write(self, entries: Sequence[tuple[Target, str]]) -> Sequence[str]:
        """See `Driver`; one round trip, unless real keys, files or a person are needed."""
        self._accept = tuple(t.options["confirm"] for t, _ in entries if "confirm" in t.options)
        try:
            if any(hands.needed(target) for target, _ in entries):
                return hands.write(self, entries)
            return self.entries("write", entries)
        finally:
            self._accept = ()

    def press(self, target: Target, *, leaving: Sequence[Target], accept: Sequence[str]) -> Sequence[Heard]:
        """See `Driver`; dialogs that open during the click are answered before this returns."""
        self._heard, self._accept = [], tuple(accept)
        if not self._posting:
            self._told(lambda: self._tabs.route("**/*", self._post))  # what windows of the page send counts as well
            self._posting = True
        try:
            answer = self._ask({"op": "press", **_pressing(target, leaving, ())})
        except _Left:
            return self.heard()  # the click took the whole page away
        if "trouble" in answer:
            raise _trouble(answer, [target])
        return self.heard()

    def noticed(self) -> Sequence[Heard]:
        """See `Driver`."""
        found, self._noticed = tuple(self._noticed), []
        return found

    def heard(self) -> Sequence[Heard]:
        """See `Driver`."""
        return tuple(self._heard)

    def download(self, target: Target, instead: Sequence[Target] = (), *, within: float = 0) -> File:
        """See `Driver`; nothing of it stays on the disk."""
        self._release()
        self._heard, self._accept = [], ()
        with _Arriving(self._tabs) as files:
            call: dict[str, Any] = {"op": "press", **_pressing(target, instead, ())}
            until, left = time.monotonic() + (within or self._timeout), False
            while not files.begun:
                marks = [asdict(m) for m in (*instead, replace(NEVER, place=target.place))]
                try:
                    answer = self._ask({**call, "marks": marks, "milliseconds": LOOK, "within": True})
                except _Left:
                    answer, left = {}, True
                if call["op"] == "press" and "trouble" in answer:
                    raise _trouble(answer, [target])
                call = {"op": "arrive"}
                trouble = "refused" if "mark" in answer else answer.get("trouble", "timeout")
                if trouble != "timeout":
                    raise _trouble({**answer, "trouble": trouble, "index": 0}, [target])
                if time.monotonic() > until:
                    raise _trouble({"trouble": "page" if left or files.pages else "timeout"}, [target])
            return self._taken(files, target)

    def _taken(self, files: "_Arriving", target: Target) -> File:
        """The file that has begun to come, once it is whole; one that stands still for as long as a page may take is given up."""
        file = files.begun[0]
        while not files.ended and time.monotonic() - files.moved < self._timeout:
            self._told(lambda: self._page.wait_for_timeout(LOOK))
        try:
            if not files.ended:
                self._told(file.cancel)
            if self._told(file.failure) is not None:
                raise _trouble({"trouble": "lost"}, [target])
            return File(name=file.suggested_filename, content=self._told(file.path).read_bytes())
        finally:
            with suppress(PlaywrightError):  # there may be nothing of it
                file.delete()

    def outline(self, named: Mapping[str, Target], place: Place, blurred: Sequence[str]) -> bytes:
        """See `Driver`; what was drawn is taken away again."""
        call = {
            "named": [[name, asdict(t)] for name, t in named.items()],
            "place": place,
            "blurred": list(blurred),
            "beyond": BEYOND,
        }
        self._ask({"op": "outline", **call})
        try:
            return self._told(lambda: self._page.screenshot(full_page=True))
        finally:
            self._ask({"op": "erase", **call})

    def shot(self) -> bytes:
        """See `Driver`; the part of the page that the window shows."""
        return self._told(self._page.screenshot)

    def keep(self) -> None:
        """See `Driver`; what a page holds in its own tab only (sessionStorage) does not outlive it."""
        if self._papers.kept is not None:
            agent = self._told(lambda: self._page.evaluate("navigator.userAgent"))
            state = self._told(lambda: self._tabs.storage_state(indexed_db=True))
            self._papers.kept.write({"state": state, "agent": agent})
            self._keeping = True

    def _go_on(self) -> None:
        """What the session has become since is what goes on."""
        if self._keeping:
            with suppress(ApplicationError):  # the page may be gone, and what was kept before stands
                self.keep()
        self._keeping = False

    def _identity(self) -> dict[str, Any]:
        """What a fresh context is given."""
        kept = self._papers.kept.read() if self._papers.kept else None
        told: dict[str, Any] = {"storage_state": kept["state"], "user_agent": kept["agent"]} if kept else {}
        if shown := self._certificate:
            files = {
                "pfxPath": shown.pfx,
                "certPath": shown.cert,
                "keyPath": shown.key,
                "passphrase": self._papers.phrase,
            }
            told["client_certificates"] = [{"origin": shown.origin, **{name: v for name, v in files.items() if v}}]
        return told

    def close(self) -> None:
        """See `Driver`; may be called twice."""
        self._go_on()
        if self._process is not None:
            with suppress(PlaywrightError):  # it may have ended before us
                self._process.close()
        if self._playwright is not None:
            self._playwright.stop()
        self._playwright = self._process = self._context = self._tab = None

    # -- what `bots.hands` needs

    def entries(self, op: str, entries: Sequence[tuple[Target, str]]) -> list[str]:
        """One round trip about entries; `op` is write, prove, begin or end."""
        told: list[str] = self._act({"op": op, "entries": _plain(entries)}, [target for target, _ in entries])
        return told

    def keys(self, target: Target, text: str) -> None:
        """Press real keys in the control that has the focus."""
        window = target.place[0].partition(":") if target.place else ("", "", "")
        keyboard = self._window(window[2]).keyboard if window[0] == "window" else self._page.keyboard
        self._told(lambda: keyboard.type(text) if text else keyboard.press("Delete"))
        if not text.isascii():  # what has no key of its own arrives without one; an input method releases keys too
            self._told(lambda: keyboard.press("Shift"))

    def choose(self, files: Sequence[Path]) -> None:
        """Put files into the control that was begun with."""
        self._told(lambda: self._node().set_input_files(list(files)))
        self._files.extend(files)

    def picture(self) -> bytes:
        """A picture of the element that was begun with (PNG)."""
        return self._told(lambda: self._node().screenshot())

    def _node(self) -> ElementHandle:
        element = self._page.evaluate_handle("window.hedangNode").as_element()
        if element is None:
            raise ApplicationError("the control is gone", code="absent")
        return element

    def _window(self, title: str) -> Page:
        """The newest window that a page opened, or the newest with the title."""
        others = [page for page in self._page.context.pages if page is not self._page and not page.is_closed()]
        found = [page for page in others if not title or page.title().strip() == title]
        if not found:
            raise ApplicationError("the window is gone", code="absent")
        return found[-1]

    # -- the browser

    @property
    def _page(self) -> Page:
        if self._tab is None:
            raise ApplicationError("no page is open", code="closed")
        return self._tab

    @property
    def _tabs(self) -> BrowserContext:
        if self._context is None:
            raise ApplicationError("no page is open", code="closed")
        return self._context

    def _started(self) -> Browser:
        if self._process is not None and self._process.is_connected():
            return self._process
        program = find(self._browser, headless=self._headless)
        self.close()
        with _trusting(self._certificate):
            self._playwright = sync_playwright().start()
        try:
            self._process = self._playwright.chromium.launch(
                executable_path=program or None,
                headless=self._headless,
                args=flags(),
                handle_sigint=False,  # Ctrl+C asks us to stop between two steps, not the browser in the middle of one
            )
        except PlaywrightError:
            self.close()
            hint = Words(f"{program} 启动不了", f"{program} does not start") if program else NO_BROWSER
            raise MissingPart(
                Words(
                    f"{hint.zh}；请安装 chromium，或用 HEDANG_BROWSER 指明浏览器的程序",
                    f"{hint.en}; install chromium, or set HEDANG_BROWSER to the program of one",
                )
            ) from None
        return self._process

    def _answer(self, dialog: Dialog) -> None:
        # an alert has only one answer; a question that nobody expected is answered with no
        leaving = dialog.type == "beforeunload" and self._leaving
        accepted = leaving or dialog.type == "alert" or (dialog.type == "confirm" and dialog.message in self._accept)
        said = Heard(kind=dialog.type, text=dialog.message, accepted=accepted)
        self._heard.append(said)
        if not leaving:
            self._noticed.append(said)
        with suppress(PlaywrightError):  # the page may be gone before it hears the answer
            (dialog.accept if accepted else dialog.dismiss)()

    def _release(self) -> None:
        """What is posted goes its ordinary way again."""
        if self._posting:
            self._posting = False
            with suppress(PlaywrightError):  # the tab may be gone, and its interception with it
                self._tabs.unroute_all(behavior="ignoreErrors")

    def _post(self, route: Route) -> None:
        """Let a form go out exactly once.

        Chromium sends a request again, a POST too, when a connection that it kept or opened ahead breaks before the answer
        (net/http: ShouldResendRequest): a save whose answer was lost would be stored twice. Measured: 10 of 10.
        """
        with suppress(PlaywrightError):  # the page may be gone before it hears the answer
            if route.request.method in ("GET", "HEAD"):
                route.continue_()
                return
            try:
                body = uploads.whole(route.request.post_data_buffer, self._files)
                answer = route.fetch(max_retries=0, max_redirects=0, timeout=self._timeout * 1000, post_data=body)
            except PlaywrightError:
                route.abort("connectionreset")
                return
            route.fulfill(response=answer)

    # -- one round trip

    def _act(self, call: Mapping[str, Any], targets: Sequence[Target]) -> Any:
        try:
            answer = self._ask(call)
        except _Left:
            # what asked was taken away with its page: the caller sees where it stands by arriving somewhere
            answer = {"trouble": "closed"}
        if isinstance(answer, dict):
            raise _trouble(answer, targets)
        return answer

    def _ask(self, call: Mapping[str, Any]) -> Any:
        milliseconds = self._timeout * 1000
        asked = {"session": self._session, "interruptions": self._interruptions, "milliseconds": milliseconds, **call}
        return json.loads(self._told(lambda: self._page.evaluate(CALL, json.dumps(asked))))

    def _told(self, action: Callable[[], T]) -> T:
        """What Playwright answers; its errors are told in our words."""
        try:
            return action()
        except PlaywrightTimeout:
            raise ApplicationError("the page did not answer in time", code="timeout") from None
        except PlaywrightError as error:
            if "context was destroyed" in error.message or "frame was detached" in error.message.lower():
                raise _Left("the page was left", code="closed") from None
            raise ApplicationError("the connection or the browser was closed", code="closed") from None


class _Arriving:
    """Downloads while they come; a browser tells of them to whoever asks each of its pages."""

    def __init__(self, tabs: BrowserContext) -> None:
        self._tabs = tabs
        self.begun: list[Download] = []
        self.pages = 0  # that were loaded meanwhile
        self.moved = time.monotonic()  # when something last came
        self.ended = False
        self._watched: list[tuple[Page, CDPSession]] = []

    def __enter__(self) -> "_Arriving":
        self._tabs.on("page", self._watch)
        for page in self._tabs.pages:
            self._watch(page)
        return self

    def __exit__(self, *_: object) -> None:
        self._tabs.remove_listener("page", self._watch)
        for page, session in self._watched:
            page.remove_listener("download", self._begins)
            page.remove_listener("framenavigated", self._loads)
            with suppress(PlaywrightError):  # it may be gone already
                session.detach()

    def _watch(self, page: Page) -> None:
        with suppress(PlaywrightError):
            session = self._tabs.new_cdp_session(page)
            session.on("Page.downloadProgress", self._comes)
            session.send("Page.enable")
            page.on("download", self._begins)
            page.on("framenavigated", self._loads)
            self._watched.append((page, session))

    def _begins(self, download: Download) -> None:
        self.begun.append(download)
        self.moved = time.monotonic()

    def _loads(self, _: object) -> None:
        self.pages += 1

    def _comes(self, told: Mapping[str, Any]) -> None:
        self.moved, self.ended = time.monotonic(), told["state"] != "inProgress"


class _Left(ApplicationError):
    """The page that was asked has been left as a whole."""


@contextmanager
def _trusting(certificate: Certificate | None) -> Iterator[None]:
    """Where a certificate is shown, Playwright speaks to the server itself, and is told of an authority by its environment."""
    name, before = "NODE_EXTRA_CA_CERTS", os.environ.get("NODE_EXTRA_CA_CERTS")
    if certificate and certificate.ca:
        os.environ[name] = certificate.ca
    try:
        yield
    finally:
        if certificate and certificate.ca:
            os.environ.pop(name)
            os.environ |= {name: before} if before is not None else {}


def _tab(browser: Browser, identity: Mapping[str, Any]) -> tuple[BrowserContext, Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **identity)
    context.add_init_script(START)
    return context, context.new_page()


def _shown(told: Mapping[str, Any]) -> Shown:
    plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in told.items()}
    return Shown(**plain)


def _plain(entries: Sequence[tuple[Target, str]]) -> list[list[Any]]:
    return [[asdict(target), value] for target, value in entries]


def _pressing(target: Target, leaving: Sequence[Target], through: Sequence[Target]) -> dict[str, Any]:
    return {
        "target": asdict(target),
        "leaving": [asdict(m) for m in leaving],
        "through": [asdict(t) for t in through],
    }


def _trouble(answer: Mapping[str, Any], about: Sequence[Target]) -> ApplicationError:
    code = str(answer["trouble"])
    words = named = about[answer.get("index", 0)].words if about else ""
    if answer.get("part"):
        words = f"{words}: {answer['part']}"
    told = {"words": words, "count": answer.get("count"), "status": answer.get("status")}
    zh, en = (said.format(**told) for said in (TROUBLE[code].zh, TROUBLE[code].en))
    instead = _instead(answer)
    return ApplicationError(
        Words(zh + instead.zh, en + instead.en), code="option" if code == "several" else code, about=named
    )


def _instead(answer: Mapping[str, Any]) -> Words:
    """What is there in place of a frame or of columns that never came."""
    if "frames" in answer:
        there, name = choices(answer["frames"]), answer["name"]
        return Words(f"：没有框架“{name}”，现有：{there}", f": there is no frame '{name}', there are: {there}")
    if answer.get("columns"):
        there = choices(answer["columns"])
        return Words(f"；现有的列：{there}", f"; the columns there are: {there}")
    return Words("", "")
