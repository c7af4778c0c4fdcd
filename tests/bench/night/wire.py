"""A hand without a browser for the practice system: the same walk through the same pages, at the speed of plain HTTP.

`bots.legacy` walks with it as with the browser, so maps, read-back and outcomes are the real ones. What a browser would show and
this one cannot (layers over a page, pictures) is left out. Every request goes out once and is never sent again.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import quote_from_bytes, urljoin, urlsplit

from bots import screens
from bots.door import Login
from bots.driver import File, Heard, Place, Shown, Target
from bots.legacy import Legacy
from core.errors import ApplicationError
from core.settings import Config
from tests.bench.night.pages import Page, Press

POSTED = {"Content-Type": "application/x-www-form-urlencoded"}
MOVED, BROKEN = 302, 400
FORMS = ("query.do", "apply.do", "orders.do")
"""Empty search forms: the same all session long, so they are fetched once."""


def connect(config: Config, url: str, login: Login, samples: Mapping[str, Sequence[str]]) -> tuple[Legacy, "Wire"]:
    """The legacy system at `url` by its maps, over a wire; and the wire, which counts what it costs."""
    system, maps = screens.load(config)
    wire = Wire(timeout=system.timeout)
    return Legacy(system=system, maps=maps, driver=wire, address=url, login=login, samples=samples), wire


class Wire:
    """A `Driver`: the pages of one session by their frames; a frame's page is fetched when somebody looks at it."""

    def __init__(self, timeout: float = 10) -> None:
        self._timeout, self._host, self._cookie = timeout, "", ""
        self._pages: dict[Place, Page] = {}
        self._due: dict[Place, str] = {}  # frames whose page nobody has looked at
        self._forms: dict[str, Page] = {}
        self._heard: list[Heard] = []
        self.spent: dict[str, float] = defaultdict(float)  # page → seconds
        self.requests: Counter[str] = Counter()

    def open(self, address: str) -> None:
        """See `Driver`."""
        parts = urlsplit(address)
        self._host, self._cookie, self._forms = parts.netloc, "", {}
        self._show((), self._ask("GET", parts.path))

    def visit(self, address: str) -> None:
        """See `Driver`."""
        self._show((), self._ask("GET", urlsplit(address).path))

    def address(self) -> str:
        """See `Driver`."""
        return f"http://{self._host}{self._pages[()].path}"

    def arrive(self, marks: Sequence[Target], *, within: bool = True) -> int:
        """See `Driver`: a page is there as soon as it was asked for, so that what is missing now never comes."""
        for index, mark in enumerate(marks):
            if (page := self._page(mark.place)) is not None and page.says(mark):
                return index
        raise ApplicationError(f"no page with {marks[0].words} appeared", code="timeout")

    def read(self, targets: Sequence[Target]) -> Sequence[Shown]:
        """See `Driver`."""
        pages = ((self._page(t.place), t) for t in targets)
        return [page.read(t) if page is not None else Shown(count=0) for page, t in pages]

    def glance(self, address: str, place: Place, targets: Sequence[Target]) -> Sequence[Shown]:
        """See `Driver`; a wire opens pages as fast as it could fetch them, so it does not."""
        raise ApplicationError("this driver opens what it reads", code="absent")

    def table(self, target: Target) -> Sequence[Sequence[str]]:
        """See `Driver`."""
        return [cells for cells, _ in self._there(target).table(target.columns)]

    def turn(self, target: Target, mark: Target) -> bool:
        """See `Driver`; its lists have one page."""
        return False

    def write(self, entries: Sequence[tuple[Target, str]]) -> Sequence[str]:
        """See `Driver`."""
        controls = [self._there(target).control(target) for target, _ in entries]
        for control, (target, value) in zip(controls, entries, strict=True):
            if control.words and value not in control.words:
                raise ApplicationError(f"{target.words} does not offer the value", code="option")
        for control, (_, value) in zip(controls, entries, strict=True):
            control.value = value
        return [control.value for control in controls]

    def follow(
        self, target: Target, marks: Sequence[Target], *, entries: Sequence[tuple[Target, str]] = (),
        through: Sequence[Target] = (), within: bool = True,
    ) -> int:  # fmt: skip
        """See `Driver`; what opens a menu's heading is not needed, its links stand on the page."""
        self.write(entries)
        self.press(target, leaving=marks, accept=())
        return self.arrive(marks, within=within)

    def press(self, target: Target, *, leaving: Sequence[Target], accept: Sequence[str]) -> Sequence[Heard]:
        """See `Driver`."""
        page = self._there(target)
        found = page.press(target)
        self._heard = [Heard(kind="confirm", text=found.asks, accepted=found.asks in accept)] if found.asks else []
        if not found.asks or found.asks in accept:
            self._go(target.place, page, found)
        return self.heard()

    def noticed(self) -> Sequence[Heard]:
        """See `Driver`; the practice pages open nothing while they are read."""
        return ()

    def heard(self) -> Sequence[Heard]:
        """See `Driver`."""
        return tuple(self._heard)

    def download(self, target: Target, instead: Sequence[Target] = (), *, within: float = 0) -> File:
        """See `Driver`; the practice pages have no file to fetch."""
        raise ApplicationError(f"{target.words} leads to no file", code="absent")

    def keep(self) -> None:
        """See `Driver`; a session is never handed over here."""

    def outline(self, named: Mapping[str, Target], place: Place, blurred: Sequence[str]) -> bytes:
        """See `Driver`; there is nothing to photograph."""
        raise ApplicationError("there is no screen", code="closed")

    def shot(self) -> bytes:
        """See `Driver`; there is nothing to photograph."""
        raise ApplicationError("there is no screen", code="closed")

    def close(self) -> None:
        """See `Driver`."""
        self._pages, self._due, self._cookie = {}, {}, ""

    # -- pages and frames

    def _go(self, place: Place, page: Page, found: Press) -> None:
        if found.form >= 0:
            fresh = self._ask("POST", urljoin(page.path, page.forms[found.form][0]), page.posted(found.form))
        else:
            place = self._frame(place, found.target)
            fresh = self._got(urljoin(page.path, found.leads))
        self._show(place, fresh)

    def _got(self, path: str) -> Page:
        """A page by its address."""
        if not path.endswith(FORMS):
            return self._ask("GET", path)
        if path not in self._forms:
            self._forms[path] = self._ask("GET", path)
        return self._forms[path]

    def _frame(self, place: Place, name: str) -> Place:
        """The place of a link's target: the page itself, the whole window, or the frame of that name."""
        if not name:
            return place
        known = {here[-1]: here for here in (*self._pages, *self._due) if here}
        return () if name == "_top" else known[name]

    def _show(self, place: Place, page: Page) -> None:
        """Put a page into its place; the frames inside are fetched when somebody looks at them."""
        self._pages = {at: known for at, known in self._pages.items() if at[: len(place)] != place}
        self._due = {at: due for at, due in self._due.items() if at[: len(place)] != place}
        self._pages[place] = page
        self._due |= {(*place, name): urljoin(page.path, src) for name, src in page.frames.items()}
        self._heard += [Heard(kind="alert", text=words, accepted=True) for words in page.alerts]

    def _page(self, place: Place) -> Page | None:
        for depth in range(len(place) + 1):
            if (due := self._due.get(place[:depth])) is not None:
                self._show(place[:depth], self._ask("GET", due))
        return self._pages.get(place)

    def _there(self, target: Target) -> Page:
        page = self._page(target.place)
        if page is None:
            raise ApplicationError(f"{target.words} answers 0 controls", code="absent")
        return page

    # -- one request

    def _ask(self, method: str, path: str, form: Mapping[str, str] | None = None) -> Page:
        """One request, and the page that a redirect leads to. Raises ApplicationError: closed, http or session."""
        began, name = time.perf_counter(), f"{method} {path.partition('?')[0].rpartition('/')[2]}"
        body = None if form is None else "&".join(f"{_quoted(k)}={_quoted(v)}" for k, v in form.items())
        answer, raw = self._exchange(method, path, body)
        self.requests[name] += 1
        self.spent[name] += time.perf_counter() - began
        if answer.status >= BROKEN:
            raise ApplicationError(f"an error page came (HTTP {answer.status})", code="http")
        if answer.status == MOVED:
            self._cookie = (answer.headers["Set-Cookie"] or self._cookie).partition(";")[0]
            return self._ask("GET", answer.headers["Location"])
        page = Page(path=path, text=raw.decode("gb18030"))
        if page.left:
            raise ApplicationError("the session has ended", code="session")
        return page

    def _exchange(self, method: str, path: str, body: str | None) -> tuple[HTTPResponse, bytes]:
        connection = HTTPConnection(self._host, timeout=self._timeout)
        try:
            connection.request(method, path, body, {"Cookie": self._cookie, **(POSTED if body is not None else {})})
            answer = connection.getresponse()
            return answer, answer.read()
        except TimeoutError:
            raise ApplicationError("the page did not answer in time", code="timeout") from None
        except (OSError, HTTPException):
            raise ApplicationError("the connection was closed", code="closed") from None
        finally:
            connection.close()


def _quoted(text: str) -> str:
    return quote_from_bytes(text.encode("gbk", errors="xmlcharrefreplace"), safe="")
