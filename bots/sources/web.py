"""Ask a service over HTTP, patiently and within bounds: one place for time-outs, backoff, `Retry-After` and pace.

What is raised names the service, the path and the reason; bodies and parameters never appear, they hold personal data.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from core.errors import ApplicationError
from core.site import Connection, Retry
from core.words import Words

TIMEOUT = 30.0
"""Seconds without an answer after which a call counts as failed."""
_BUSY_ANSWERS = 60
_LONGEST_PAUSE = 60.0
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is a JSON object."""

    status: int
    content: bytes
    body: Mapping[str, Any]


class Web:
    """One service. It is spoken to directly: a proxy variable of the shell must not carry personal data elsewhere."""

    def __init__(
        self,
        name: str,
        connection: Connection,
        retry: Retry,
        sleep: Sleep,
        *,
        rate: float = 0.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._retry, self._sleep, self._now = retry, sleep, now
        self._pause = 1 / rate if rate else 0.0
        self._next = 0.0
        self._http = httpx.Client(base_url=connection.url, timeout=TIMEOUT, trust_env=False, follow_redirects=False)

    def ask(
        self,
        method: str,
        path: str,
        *,
        again: Callable[[Reply], bool] | None = None,
        params: Mapping[str, str | int] | None = None,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """The first answer that is JSON, below 500, and for which `again` does not ask for another attempt;
        or a 401, whatever it holds.

        Raises ApplicationError (code: unreachable, http_500 …, not_json, busy, try_again) after the last attempt.
        """
        reason = "unreachable"
        for attempt in range(1, self._retry.attempts + 1):
            if attempt > 1:
                self._sleep(self._retry.pause(attempt - 1))
            request = self._http.build_request(method, path, params=params, json=body, headers=headers)
            reply = self._once(request, path)
            if isinstance(reply, Reply) and not (again and again(reply)):
                return reply
            reason = "try_again" if isinstance(reply, Reply) else reply
        times = self._retry.attempts
        raise ApplicationError(
            Words(
                f"{self.name}：{path}：试了 {times} 次都不成：{_chinese(reason)}",
                f"{self.name}: {path}: {reason} after {times} attempts",
            ),
            code=reason,
        )

    def _once(self, request: httpx.Request, path: str) -> Reply | str:
        """The answer, or the code of what went wrong."""
        try:
            answer = self._patiently(request, path)
        except httpx.HTTPError:
            return "unreachable"
        if answer.status_code >= 500:
            return f"http_{answer.status_code}"
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            return Reply(answer.status_code, answer.content, {})
        try:
            body = answer.json()
        except (ValueError, RecursionError):
            return "not_json"
        return Reply(answer.status_code, answer.content, body) if isinstance(body, dict) else "not_json"

    def _patiently(self, request: httpx.Request, path: str) -> httpx.Response:
        """Send at the service's pace; a service that is busy is asked again when it says so, which is no failed attempt."""
        for _ in range(_BUSY_ANSWERS):
            self._keep_pace()
            answer = self._http.send(request)
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                return answer
            self._sleep(_seconds(answer.headers.get("Retry-After", "")))
        raise ApplicationError(
            Words(
                f"{self.name}：{path}：连续 {_BUSY_ANSWERS} 次答复繁忙",
                f"{self.name}: {path}: busy, {_BUSY_ANSWERS} times in a row",
            ),
            code="busy",
        )

    def _keep_pace(self) -> None:
        wait = self._next - self._now()
        if wait > 0:
            self._sleep(wait)
        self._next = max(self._next, self._now()) + self._pause


def _chinese(reason: str) -> str:
    known = {"unreachable": "连不上", "not_json": "答复不是 JSON", "try_again": "一直答复稍后再试"}
    return known.get(reason, f"服务出错（{reason.upper().replace('_', ' ')}）")


def _seconds(given: str) -> float:
    """What Retry-After asks for, within a minute; one second where it says nothing readable."""
    try:
        return min(max(float(given), 0.0), _LONGEST_PAUSE)
    except ValueError:
        return 1.0
