"""The survey platform: results by an opaque cursor, with a token, a rate limit and its bad hours."""

from __future__ import annotations

import base64
import secrets
import time
from collections import deque
from threading import Lock

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.answers import Result, as_json
from sandbox.faults import Faults, share

APP_ID, SECRET = "hedang-survey", "survey-secret-1"
PER_SECOND, LIFE = 20, 600


class Platform:
    """What the platform holds; results are only ever appended."""

    def __init__(self, results: list[Result]) -> None:
        self.results = results
        self.tokens: dict[str, float] = {}
        self.lock = Lock()
        self._calls: deque[float] = deque()
        self.served = 0

    def publish(self, results: list[Result]) -> None:
        """More results, at the end of every cursor."""
        with self.lock:
            self.results = [*self.results, *results]

    def busy(self) -> bool:
        """Whether this call is one too many in its second."""
        now = time.monotonic()
        with self.lock:
            while self._calls and self._calls[0] < now - 1:
                self._calls.popleft()
            if len(self._calls) >= PER_SECOND:
                return True
            self._calls.append(now)
            return False


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
        if platform.busy():
            return jsonify(code=1003, msg="too many requests"), 429, {"Retry-After": "1"}
        trouble = _trouble(platform, faults)
        if trouble is not None:
            return trouble
        return _page(platform, request.args.get("cursor", ""), request.args.get("size", 50, type=int))

    return app


def _trouble(platform: Platform, faults: Faults) -> ResponseReturnValue | None:
    platform.served += 1
    if faults.profile not in ("usual", "storm"):
        return None
    chance = share(faults.seed, "survey", platform.served)
    if chance < 0.05:
        return "<html><body>502 Bad Gateway</body></html>", 200
    return (jsonify(code=500, msg="internal error"), 500) if chance < 0.12 else None


def _page(platform: Platform, cursor: str, size: int) -> ResponseReturnValue:
    try:
        begin = int(base64.urlsafe_b64decode(cursor).decode().removeprefix("r")) if cursor else 0
    except ValueError:
        return jsonify(code=1004, msg="bad cursor"), 400
    found = platform.results
    end = min(begin + max(1, min(size, 100)), len(found))
    following = base64.urlsafe_b64encode(f"r{end}".encode()).decode()
    return jsonify(
        code=0,
        data={"rows": [as_json(r) for r in found[begin:end]], "nextCursor": following, "hasMore": end < len(found)},
    )
