"""The carriers' verification service: it answers yes or no about people it knows, for a fee, under a rate limit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox import anomalies
from sandbox.faults import Faults, share
from sandbox.limit import Limit
from sandbox.people import PREFIX, Person

FILE = "verify.db"
APP_ID, SECRET = "hedang-verify", "verify-secret-1"
PER_SECOND = 20
MOBILE_DIGITS = 11
FEES = {"verify": 0.30, "status": 0.10, "reassigned": 0.20}


class Carriers:
    """What the carriers know, and how they answer."""

    def __init__(self, people: Iterable[Person], seed: int) -> None:
        self.by_mobile = {p.mobile: p for p in people}
        self.seed = seed

    def verify(self, name: str, ident: str, mobile: str) -> str:
        """The code for three factors."""
        if self._below("no_record", mobile):
            return "2001"
        owner = self.by_mobile.get(mobile)
        if owner is None:
            return "1001" if self._reassigned(mobile) else "2001"
        if (owner.name, owner.ident) == (name, ident):
            return "0"
        return "1002" if owner.name == name else "1003" if owner.ident == ident else "1001"

    def status(self, mobile: str) -> str:
        """The code for a number's status; a number of nobody was given back, unless somebody else has it by now."""
        if mobile in self.by_mobile or self._reassigned(mobile):
            return "1" if self._below("stopped", mobile) else "0"
        return "3" if self._below("ending", mobile) else "2"

    def reassigned(self, mobile: str) -> str:
        """The code for whether the number has another holder since."""
        return "0" if mobile in self.by_mobile else "1" if self._reassigned(mobile) else "2"

    def _reassigned(self, mobile: str) -> bool:
        mark = mobile not in self.by_mobile and mobile.startswith(PREFIX) and len(mobile) == MOBILE_DIGITS
        return mark and self._below("reassigned", mobile)

    def _below(self, rate: str, of: str) -> bool:
        return share(self.seed, rate, of) < float(anomalies.RATES["verification"][rate])


class Service(Carriers):
    """What the carriers know, and what was asked of them; the bill and the given answers survive a restart."""

    def __init__(self, path: Path, people: Iterable[Person], today: date, seed: int) -> None:
        super().__init__(people, seed)
        self.today, self.limit, self.lock = today, Limit(PER_SECOND), Lock()
        self._tried: set[str] = set()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
            "CREATE TABLE IF NOT EXISTS answer("
            "number INTEGER PRIMARY KEY, key TEXT UNIQUE, kind TEXT, code TEXT, as_of TEXT);"
        )

    def given(self, key: str) -> tuple[str, str, int, str] | None:
        """What was answered under the key: kind, code, number of the call, date."""
        row: tuple[str, str, int, str] | None = self._db.execute(
            "SELECT kind, code, number, as_of FROM answer WHERE key = ?", (key,)
        ).fetchone()
        return row

    def charge(self, key: str, kind: str, code: str) -> None:
        """One more call on the bill."""
        self._db.execute("INSERT INTO answer VALUES(NULL,?,?,?,?)", (key, kind, code, self.today.isoformat()))

    def bill(self) -> tuple[int, float]:
        """Calls and fees so far."""
        counts = dict(self._db.execute("SELECT kind, count(*) FROM answer GROUP BY kind").fetchall())
        return sum(counts.values()), round(sum(FEES[kind] * n for kind, n in counts.items()), 2)

    def fails(self, key: str, profile: str) -> bool:
        """Whether the call fails this once."""
        if profile == "none" or key in self._tried or not self._below("error_retry", key):
            return False
        self._tried.add(key)
        return True

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()


def create(service: Service, faults: Faults) -> Flask:
    """The service's application."""
    app = Flask(__name__)

    def answer(kind: str, code: str) -> ResponseReturnValue:
        return jsonify(_answered(service, faults, kind, code, request.headers.get("Idempotency-Key", "")))

    @app.before_request
    def _door() -> ResponseReturnValue | None:
        return None if request.path == "/v1/bill" else _refused(service)

    @app.post("/v1/verify")
    def _verify() -> ResponseReturnValue:
        body = _body()
        return answer("verify", service.verify(str(body.get("name")), str(body.get("idNo")), str(body.get("mobile"))))

    @app.post("/v1/status")
    def _status() -> ResponseReturnValue:
        return answer("status", service.status(str(_body().get("mobile"))))

    @app.post("/v1/reassigned")
    def _reassigned() -> ResponseReturnValue:
        return answer("reassigned", service.reassigned(str(_body().get("mobile"))))

    @app.get("/v1/bill")
    def _bill() -> ResponseReturnValue:
        with service.lock:
            calls, fees = service.bill()
        return jsonify(calls=calls, fees=fees)

    return app


def _body() -> dict[str, Any]:
    found = request.get_json(silent=True)
    return found if isinstance(found, dict) else {}


def _refused(service: Service) -> ResponseReturnValue | None:
    if (request.headers.get("X-App"), request.headers.get("X-Secret")) != (APP_ID, SECRET):
        return jsonify(code="4001", msg="bad credentials"), 403
    if not request.headers.get("Idempotency-Key"):
        return jsonify(code="4002", msg="Idempotency-Key is missing"), 400
    return (jsonify(code="4003", msg="too many requests"), 429, {"Retry-After": "1"}) if service.limit.busy() else None


def _answered(service: Service, faults: Faults, kind: str, code: str, key: str) -> dict[str, Any]:
    """The same key gets the same answer without a second fee; some keys fail once, free of charge."""
    with service.lock:
        given = service.given(key)
        if given is None and service.fails(key, faults.profile):
            return _said("5001", "try again", 0, key, service.today.isoformat())
        if given is None:
            service.charge(key, kind, code)
            given = service.given(key)
    assert given is not None  # it was just written
    kind, code, number, as_of = given
    return _said(code, "", FEES[kind], f"R{number:08d}", as_of)


def _said(code: str, msg: str, fee: float, request_id: str, as_of: str) -> dict[str, Any]:
    return {"code": code, "msg": msg, "fee": fee, "requestId": request_id, "asOf": as_of}
