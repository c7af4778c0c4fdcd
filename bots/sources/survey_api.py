"""Read a survey platform page by page, behind a token and a cursor.

token ──▶ page ──hasMore──▶ page … ──▶ cursor for the next pull
            ├──401──▶ new token, once per page
            ├──429──▶ wait as told
            ├──500, HTML, no answer──▶ again with backoff, then what came so far and ApplicationError
            └──the same cursor or the same rows──▶ same_page, stop
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bots.sources.cells import columns
from bots.sources.notes import Notes
from bots.sources.profile import Profile
from bots.sources.sheets import Cell, Row, Sheet
from bots.sources.web import Reply, Sleep, Web
from core.errors import ApplicationError
from core.ports import Delivery
from core.site import Connection, Site
from core.words import Words

_UNAUTHORIZED = 401


class SurveyApi:
    """A `core.ports.Source` over HTTP. A delivery holds some pages, so that a long pull is kept piece by piece."""

    def __init__(self, profile: Profile, connection: Connection, site: Site, sleep: Sleep) -> None:
        self.name, self.kind, self.profile = profile.name, profile.kind, profile
        self._connection, self._site = connection, site
        self._web = Web(profile.name, connection, site.retry, sleep)
        self._token = ""

    def pull(self, since: str | None, known: frozenset[str]) -> Iterator[Delivery]:
        """Deliveries after the cursor. Raises ApplicationError once what came before has been handed over."""
        cursor, seen = since or "", _Seen(since or "")
        bundle = _Bundle(self.profile, cursor)
        for _ in range(self._site.pages):
            try:
                reply = self._page(cursor)
            except ApplicationError as error:
                if bundle.pages:
                    bundle.notes.add("unreachable", reason=error.code)
                    yield bundle.delivery()
                raise
            data = reply.body["data"]
            following = str(data.get("nextCursor") or cursor)
            more = data.get("hasMore") is True
            if more and seen.page(data["rows"]):
                bundle.notes.add("same_page")
                break
            bundle.add(reply.content, data["rows"], following)
            cursor = following
            if more and seen.cursor(cursor):
                bundle.notes.add("same_page")
            if not more or bundle.notes.met("same_page"):
                break
            if len(bundle.pages) >= self.profile.batch_pages:
                yield bundle.delivery()
                bundle = _Bundle(self.profile, cursor)
        else:
            bundle.notes.add("too_many_pages", pages=self._site.pages)
        if bundle.tasks or bundle.notes.problems():
            yield bundle.delivery()

    def _page(self, cursor: str) -> Reply:
        reply = self._ask(cursor)
        if reply.status == _UNAUTHORIZED:
            self._token = ""
            reply = self._ask(cursor)
        if reply.status == _UNAUTHORIZED:
            raise ApplicationError(
                Words(
                    f"{self.name}：服务不认它刚发的令牌",
                    f"{self.name}: the service refuses the token that it just gave",
                ),
                code="refused_login",
            )
        return reply

    def _ask(self, cursor: str) -> Reply:
        self._token = self._token or self._login()
        parameters: dict[str, str | int] = {"cursor": cursor, "size": self._site.page_size}
        return self._web.ask(
            "GET", "/openapi/results", params=parameters, headers={"X-Token": self._token}, again=_no_page
        )

    def _login(self) -> str:
        body = {"appId": self._connection.user, "secret": self._connection.secret}
        answer = self._web.ask("POST", "/auth/token", body=body).body
        data = answer.get("data")
        token = data.get("token") if isinstance(data, dict) else None
        if not token:
            raise ApplicationError(
                Words(
                    f"{self.name}：服务不认应用编号或口令",
                    f"{self.name}: the service refuses the application's id or secret",
                ),
                code="refused_login",
            )
        return str(token)


def _no_page(reply: Reply) -> bool:
    data = reply.body.get("data")
    return reply.status != _UNAUTHORIZED and not (isinstance(data, dict) and isinstance(data.get("rows"), list))


class _Seen:
    """The cursors and pages of one pull."""

    def __init__(self, start: str) -> None:
        self._cursors = {start}
        self._pages: set[str] = set()

    def cursor(self, cursor: str) -> bool:
        """Whether the cursor came before."""
        return _again(self._cursors, cursor)

    def page(self, rows: Sequence[object]) -> bool:
        """Whether exactly these rows came before."""
        return _again(self._pages, hashlib.sha256(repr(rows).encode()).hexdigest())


def _again(seen: set[str], one: str) -> bool:
    if one in seen:
        return True
    seen.add(one)
    return False


class _Bundle:
    """The pages that make one delivery."""

    def __init__(self, profile: Profile, since: str) -> None:
        self.pages: list[bytes] = []
        self.tasks: list[object] = []
        self.notes = Notes(profile.name)
        self._profile, self._since, self._until = profile, since, since

    def add(self, content: bytes, tasks: Sequence[object], until: str) -> None:
        """Take a page in."""
        self.pages.append(content)
        self.tasks.extend(tasks)
        self._until = until

    def delivery(self) -> Delivery:
        """What came, in long form; the row number of a problem is the task's number in the delivery."""
        table = self._profile.tables[0]
        paths = list(table.columns)
        rows = (row for number, task in enumerate(self.tasks, 1) for row in _long(task, number, paths, self.notes))
        found, lines = columns(Sheet(paths, rows), table, self.notes)
        return Delivery(
            name=f"{self._since or 'start'}..{self._until}",
            raw=b"\n".join(self.pages),
            as_of=None,
            columns=found,
            lines=lines,
            problems=self.notes.problems(),
            refused=self.notes.refused,
            table=table.name,
            cursor=self._until,
        )


def _long(task: object, number: int, paths: Sequence[str], notes: Notes) -> Iterator[Row]:
    """One row for each answer of a task: `answers.ans` of each answer, `photos.kind` of all photos joined by `;`."""
    if not isinstance(task, dict) or not isinstance(task.get("answers"), list) or not _storable(task):
        notes.refuse("bad_row", number)
        return
    if not task["answers"]:
        notes.add("no_answers", number)
    shared = {path: _at(task, path) for path in paths if not path.startswith("answers.")}
    for answer in task["answers"]:
        own = {"answers": answer if isinstance(answer, dict) else {}}
        yield number, [shared[path] if path in shared else _at(own, path) for path in paths]


def _storable(task: object) -> bool:
    """Whether its texts are texts: JSON can spell half a character, which no file can hold."""
    try:
        return bool(json.dumps(task, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        return False


def _at(node: Mapping[str, Any], path: str) -> Cell:
    found: Any = node
    for part in path.split("."):
        if isinstance(found, list):
            found = ";".join(str(one.get(part) or "") for one in found if isinstance(one, dict))
        else:
            found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, str | int | float | None) else None
