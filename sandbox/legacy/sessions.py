"""Who is logged in: one session per login, ended by idle time, by a second login or by the control port."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

IDLE_SECONDS = 20 * 60
# more open rows than any clerk keeps; older links simply stop working
ROWS_KEPT = 1000


@dataclass(slots=True, kw_only=True)
class Session:
    """One login's stay, and the rows it may open."""

    token: str
    user_id: str
    name: str
    role: str
    seen: float
    # opaque row id → key of the record
    rows: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def remember(self, key: int) -> str:
        """A new opaque id for a record, so that it can only be reached from what this session searched."""
        rid = secrets.token_hex(8)
        self.rows[rid] = key
        while len(self.rows) > ROWS_KEPT:
            self.rows.popitem(last=False)
        return rid


class Sessions:
    """All sessions, in memory."""

    def __init__(self, now: Callable[[], float] = time.monotonic, idle: float = IDLE_SECONDS) -> None:
        self._now, self._idle, self._lock = now, idle, Lock()
        self._by_token: dict[str, Session] = {}

    def open(self, user_id: str, name: str, role: str) -> Session:
        """A new session; an earlier one of the same login ends."""
        session = Session(token=secrets.token_hex(16), user_id=user_id, name=name, role=role, seen=self._now())
        with self._lock:
            self._by_token = {t: s for t, s in self._by_token.items() if s.user_id != user_id}
            self._by_token[session.token] = session
        return session

    def find(self, token: str) -> Session | None:
        """The living session behind a cookie; its idle time starts anew."""
        with self._lock:
            session = self._by_token.get(token)
            if session is None:
                return None
            if self._now() - session.seen > self._idle:
                del self._by_token[token]
                return None
            session.seen = self._now()
            return session

    def end(self, token: str) -> None:
        """End one session."""
        with self._lock:
            self._by_token.pop(token, None)

    def end_all(self) -> int:
        """End every session; answers how many there were."""
        with self._lock:
            count = len(self._by_token)
            self._by_token.clear()
            return count
