"""One request to the old system: who asks, what was posted, and how the answer may go wrong."""

from __future__ import annotations

import itertools
import random
import socket
import struct
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from typing import Any

from flask import Response, render_template

from sandbox.legacy import forms
from sandbox.legacy.saves import Outcome, Save, commit
from sandbox.legacy.sessions import Session
from sandbox.legacy.state import State

LATE_SECONDS = 1.5
SLOW_SECONDS = 0.6
SLOW_FACTOR = 10
HANG_UP_STATUS = 444


class Cut(Exception):
    """The request ends here with this answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request of a logged-in clerk."""

    state: State
    session: Session
    args: Mapping[str, str]
    form: Mapping[str, str]
    environ: Mapping[str, Any]

    def page(self, template: str, **values: Any) -> Response:
        """A page in the skin's words."""
        return page(self.state, template, session=self.session, **values)

    def load(self, screen: str, obj: str) -> str | None:
        """Meet the load's fault; answers the kind when the page itself has to play it (popup, wrong_record)."""
        fault = self.state.faults.next(screen, obj, "load")
        if fault == "slow":
            time.sleep(SLOW_SECONDS)
        self._fail_early(fault)
        return fault

    def submit(self, save: Save) -> Outcome:
        """Store a form, or do what the submit's fault does instead."""
        fault = self.state.faults.next(save.screen, save.obj, "submit")
        self._fail_early(fault)
        played: Callable[[Save], Outcome] | None = getattr(self, f"_{fault}", None)
        return played(save) if played else commit(self.state, save, fault)

    def _fail_early(self, fault: str | None) -> None:
        if fault == "error_500":
            raise Cut(failure(self.state, 500, "server_error"))
        if fault == "expired":
            self.state.sessions.end(self.session.token)
            raise Cut(expired(self.state))

    def _slow(self, save: Save) -> Outcome:
        started = time.monotonic()
        outcome = commit(self.state, save)
        taken = time.monotonic() - started
        time.sleep(max(SLOW_SECONDS, SLOW_FACTOR * taken) - taken)
        return outcome

    def _reset(self, _: Save) -> Outcome:
        raise Cut(hang_up(self.environ))

    def _lost_answer(self, save: Save) -> Outcome:
        commit(self.state, save)
        raise Cut(hang_up(self.environ))

    def _late_commit(self, save: Save) -> Outcome:
        later = Timer(LATE_SECONDS, commit, (self.state, save))
        later.daemon = True
        later.start()
        raise Cut(failure(self.state, 504, "gateway_timeout"))

    def _false_success(self, save: Save) -> Outcome:
        with self.state.db() as db:
            return save.outcome(save.refusal(db))

    def _twice(self, save: Save) -> Outcome:
        commit(self.state, save)
        return commit(self.state, save)


def page(state: State, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page as GBK bytes, its controls numbered anew."""
    html = render_template(template, skin=state.skin, t=state.skin.texts, ctl=_numbers(), **values)
    return Response(forms.gbk(state.served(template, html)), status, content_type="text/html; charset=GBK")


def expired(state: State) -> Response:
    """What every page answers without a session: a script that leads back to the login."""
    return page(state, "expired.html")


def failure(state: State, status: int, text: str) -> Response:
    """A bare error page."""
    return page(state, "failure.html", status=status, message=state.skin.texts[text])


def hang_up(environ: Mapping[str, Any]) -> Response:
    """Close the caller's connection at once; the answer is for the server only, nobody receives it."""
    caller: socket.socket | None = environ.get("werkzeug.socket")
    if caller is not None:
        with suppress(OSError):
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            caller.shutdown(socket.SHUT_RDWR)
    return Response(status=HANG_UP_STATUS)


def _numbers() -> Callable[[], str]:
    numbers = itertools.count(random.randrange(3, 60), random.randrange(1, 4))
    return lambda: f"ctl_{next(numbers)}"
