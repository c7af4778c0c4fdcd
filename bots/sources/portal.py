"""Read what a portal without an interface for programs exports: a browser logs in, asks for the days since the last pull, saves the file.

What comes instead of a whole file (a page, the login page, a part of it) is no delivery: it is asked for again from the login on,
and named in the end. The file goes through the same door as one that is dropped into a folder.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from urllib.parse import urljoin

from bots.door import Handover, Login, pass_through
from bots.driver import Driver
from bots.exports import Export, Fetched, export_of, fetch
from bots.kept import Papers
from bots.screens import System, shown_to, system_of
from bots.sources.cells import columns
from bots.sources.notes import Notes
from bots.sources.profile import Profile, Table
from bots.sources.sheets import open_sheet
from bots.sources.web import Sleep
from core.errors import ApplicationError, BusinessError, ConfigError, MissingPart
from core.ports import Delivery
from core.settings import Node
from core.site import Connection, Site
from core.words import Words

KEYS = ("encoding", "timeout", "browser", "interruptions", "login", "certificate", "begin", "date")
Start = Callable[[System, Papers], Driver]
Phrase = Callable[[System], str]
"""The passphrase of a system's certificate; raises MissingPart where it is not set."""


def browser(system: System, papers: Papers) -> Driver:
    """A browser without a window."""
    from bots.drivers import web

    return web.start(system, headless=True, papers=papers)


class Portal:
    """A `core.ports.Source`. Its cursor is the last day that was asked for, which is asked for once more: it was not over yet."""

    def __init__(
        self, profile: Profile, connection: Connection, site: Site, sleep: Sleep, *, start: Start = browser, today: Callable[[], date] | None = None,
        phrase: Phrase = lambda _: "",
    ) -> None:  # fmt: skip
        if profile.portal is None:
            raise ConfigError(
                Words(
                    f"config/sources/{profile.name}.yaml：缺少键 'portal'",
                    f"config/sources/{profile.name}.yaml: the key 'portal' is missing",
                )
            )
        root = profile.portal.only(*KEYS)
        self.name, self.kind, self.profile = profile.name, profile.kind, profile
        self._connection, self._site, self._sleep, self._start = connection, site, sleep, start
        self._today = today or (lambda: datetime.now(site.timezone).date())
        self._system, self._begin = shown_to(system_of(root), connection.url), _day(root["begin"])
        self._papers = Papers(phrase=phrase(self._system))
        if isinstance(self._system.door, Handover):
            raise root["login"]["handed"].wrong(
                Words(
                    "数据源每次自己登录，不能人工交接",
                    "a source logs in by itself; no session can be handed over to it",
                )
            )
        self._date = root["date"].text() if root.has("date") else "%Y-%m-%d"
        self._exports = [(table, self._export(table)) for table in profile.tables]

    def _export(self, table: Table) -> Export:
        if table.export is None:
            raise ConfigError(
                Words(
                    f"config/sources/{self.name}.yaml：tables.{table.name}：缺少键 'export'",
                    f"config/sources/{self.name}.yaml: tables.{table.name}: the key 'export' is missing",
                )
            )
        return export_of(table.export)

    def pull(self, since: str | None, known: frozenset[str]) -> Iterator[Delivery]:
        """One delivery a table, unless its very file is known or the portal has nothing of these days.

        Raises ApplicationError when the last attempt brought no whole file either.
        """
        first, last = date.fromisoformat(since) if since else self._begin, self._today()
        found = [self._patiently(table, export, first, last, known) for table, export in self._exports]
        new = [delivery for delivery in found if delivery is not None]
        for delivery in new:  # the next pull begins later only once everything of this one is kept
            yield delivery(last.isoformat() if delivery is new[-1] else None)

    def _patiently(self, table: Table, export: Export, first: date, last: date, known: frozenset[str]) -> "Kept | None":
        reason = ApplicationError("nothing was tried")
        for attempt in range(1, self._site.retry.attempts + 1):
            if attempt > 1:
                self._sleep(self._site.retry.pause(attempt - 1))
            try:
                got = self._fetched(export, first, last)
                if got is None or hashlib.sha256(got.file.content).hexdigest() in known:
                    return None
                return _read(table, got, last)
            except ApplicationError as error:
                reason = error
        said = reason.words
        raise ApplicationError(
            Words(f"数据源 {self.name}：{said.zh}", f"source {self.name}: {said.en}"), code=reason.code
        )

    def _fetched(self, export: Export, first: date, last: date) -> Fetched | None:
        there, door = self._connection, self._system.door
        with closing(self._start(self._system, self._papers)) as driver:
            driver.open(urljoin(there.url, door.start if door else ""))
            try:
                if door is not None:
                    pass_through(driver, door, Login(there.user, there.secret))
                return fetch(
                    driver, export, first.strftime(self._date), last.strftime(self._date), there.url, self._sleep
                )
            except MissingPart as error:
                raise ApplicationError(
                    Words("平台不让登录", "the portal refuses the login"), code=f"refused_{error.code}"
                ) from None
            except BusinessError as error:
                raise ApplicationError(error.words, code=error.code) from None


def _day(node: Node) -> date:
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        raise node.wrong(Words("此处应为日期 YYYY-MM-DD", "here a date YYYY-MM-DD is expected")) from None


Kept = Callable[[str | None], Delivery]


def _read(table: Table, got: Fetched, last: date) -> Kept:
    """The file as a delivery that waits for its cursor. Raises ApplicationError (`partial`) where it has fewer rows than the portal said."""
    notes = Notes(got.file.name)
    sheet = open_sheet(got.file.content, notes, table.sheet)
    found, lines = columns(sheet, table, notes) if sheet else ({}, [])
    if got.rows is not None and len(lines) + notes.refused < got.rows:
        there = len(lines) + notes.refused
        raise ApplicationError(
            Words(
                f"文件有 {there} 行，平台说有 {got.rows} 行",
                f"the file has {there} rows and the portal says {got.rows}",
            ),
            code="partial",
        )
    return lambda cursor: Delivery(
        name=got.file.name,
        raw=got.file.content,
        as_of=last,
        columns=found,
        lines=lines,
        problems=notes.problems(),
        refused=notes.refused,
        table=table.name,
        cursor=cursor,
    )
