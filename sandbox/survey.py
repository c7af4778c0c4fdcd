"""The survey platform: results by an opaque cursor, with a token, a rate limit and its bad hours."""

from __future__ import annotations

import base64
import secrets
import sqlite3
import time
from collections.abc import Iterable
from datetime import date
from itertools import count
from pathlib import Path
from threading import Lock

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.answers import Result, as_json
from sandbox.faults import Faults, share
from sandbox.limit import Limit

FILE = "survey.db"
APP_ID, SECRET = "hedang-survey", "survey-secret-1"
PER_SECOND, LIFE, SIZE = 20, 600, 100
PAGE_SHARE, ERROR_SHARE = 0.05, 0.07


class Platform:
    """What the platform holds; results are only ever appended, and what was published stays so after a restart."""

    def __init__(self, path: Path, results: Iterable[Result], today: date) -> None:
        self.limit, self.served = Limit(PER_SECOND), count(1)
        self.tokens: dict[str, float] = {}
        every = list(results)
        self.results = [r for r in every if r.published <= today]
        self._late = [r for r in every if r.published > today]
        self._lock = Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("CREATE TABLE IF NOT EXISTS published(day TEXT PRIMARY KEY)")
        for (day,) in self._db.execute("SELECT day FROM published ORDER BY day").fetchall():
            self._append(date.fromisoformat(day))

    def publish(self, day: date) -> list[Result]:
        """The results up to `day`, at the end of every cursor; each comes once."""
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO published VALUES(?)", (day.isoformat(),))
            return self._append(day)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def _append(self, day: date) -> list[Result]:
        due = [r for r in self._late if r.published <= day]
        self._late = [r for r in self._late if r.published > day]
        self.results = [*self.results, *due]
        return due


def create(platform: Platform, faults: Faults) -> Flask:
    """The platform's application."""
    app = Flask(__name__)

    @app.post("/auth/token")
    def _token() -> ResponseReturnValue:
        body = request.get_json(silent=True) or {}
        if (body.get("appId"), body.get("secret")) != (APP_ID, SECRET):
            return jsonify(code=1001, msg="bad credentials"), 403
        token = secrets.token_hex(8)
        platform.tokens[token] = time.monotonic() + LIFE
        return jsonify(code=0, data={"token": token, "expiresIn": LIFE})

    @app.get("/openapi/results")
    def _results() -> ResponseReturnValue:
        if platform.tokens.get(request.headers.get("X-Token", ""), 0) < time.monotonic():
            return jsonify(code=1002, msg="token expired"), 401
        if platform.limit.busy():
            return jsonify(code=1003, msg="too many requests"), 429, {"Retry-After": "1"}
        trouble = _trouble(platform, faults)
        if trouble is not None:
            return trouble
        return _page(platform, request.args.get("cursor", ""), request.args.get("size", 50, type=int))

    return app


def _trouble(platform: Platform, faults: Faults) -> ResponseReturnValue | None:
    served = next(platform.served)
    if faults.profile not in ("usual", "storm"):
        return None
    chance = share(faults.seed, "survey", served)
    if chance < PAGE_SHARE:
        return "<html><body>502 Bad Gateway</body></html>", 200
    return (jsonify(code=500, msg="internal error"), 500) if chance < PAGE_SHARE + ERROR_SHARE else None


def _page(platform: Platform, cursor: str, size: int) -> ResponseReturnValue:
    try:
        begin = int(base64.urlsafe_b64decode(cursor).decode().removeprefix("r")) if cursor else 0
    except ValueError:
        return jsonify(code=1004, msg="bad cursor"), 400
    found = platform.results
    end = min(begin + max(1, min(size, SIZE)), len(found))
    following = base64.urlsafe_b64encode(f"r{end}".encode()).decode()
    rows = [as_json(r) for r in found[begin:end]]
    return jsonify(code=0, data={"rows": rows, "nextCursor": following, "hasMore": end < len(found)})
