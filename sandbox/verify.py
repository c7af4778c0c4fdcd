"""The carriers' verification service: it answers yes or no about people it knows, for a fee, under a rate limit."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from datetime import date
from threading import Lock
from typing import Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox import anomalies
from sandbox.faults import Faults, share
from sandbox.people import Person

APP_ID, SECRET = "hedang-verify", "verify-secret-1"
PER_SECOND = 20
FEES = {"verify": 0.30, "status": 0.10, "reassigned": 0.20}


class Service:
    """What the carriers know, and what was asked of them."""

    def __init__(self, people: Iterable[Person], today: date, seed: int) -> None:
        self.by_mobile = {p.mobile: p for p in people}
        self.idents = {p.ident: p for p in self.by_mobile.values()}
        self.today, self.seed = today, seed
        self.answers: dict[str, dict[str, Any]] = {}
        self.calls, self.fees = 0, 0.0
        self.tried: set[str] = set()
        self._times: deque[float] = deque()
        self.lock = Lock()

    def busy(self) -> bool:
        """Whether this call is one too many in its second."""
        now = time.monotonic()
        with self.lock:
            while self._times and self._times[0] < now - 1:
                self._times.popleft()
            if len(self._times) >= PER_SECOND:
                return True
            self._times.append(now)
            return False

    def verify(self, name: str, ident: str, mobile: str) -> str:
        """The code for three factors."""
        owner = self.by_mobile.get(mobile)
        if share(self.seed, "none", mobile) < float(anomalies.RATES["verification"]["no_record"]) or owner is None:
            return "2001"
        if (owner.name, owner.ident) == (name, ident):
            return "0"
        return "1002" if owner.name == name else "1003" if owner.ident == ident else "1001"

    def status(self, mobile: str) -> str:
        """The code for a number's status."""
        if mobile not in self.by_mobile:
            return "2"
        return "1" if share(self.seed, "stopped", mobile) < float(anomalies.RATES["verification"]["stopped"]) else "0"


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
        return answer("reassigned", "0" if str(_body().get("mobile")) in service.by_mobile else "2")

    @app.get("/v1/bill")
    def _bill() -> ResponseReturnValue:
        return jsonify(calls=service.calls, fees=round(service.fees, 2))

    return app


def _body() -> dict[str, Any]:
    found = request.get_json(silent=True)
    return found if isinstance(found, dict) else {}


def _refused(service: Service) -> ResponseReturnValue | None:
    if (request.headers.get("X-App"), request.headers.get("X-Secret")) != (APP_ID, SECRET):
        return jsonify(code="4001", msg="bad credentials"), 403
    if not request.headers.get("Idempotency-Key"):
        return jsonify(code="4002", msg="Idempotency-Key is missing"), 400
    return (jsonify(code="4003", msg="too many requests"), 429, {"Retry-After": "1"}) if service.busy() else None


def _answered(service: Service, faults: Faults, kind: str, code: str, key: str) -> dict[str, Any]:
    """The same key gets the same answer without a second fee; some keys fail once, free of charge."""
    as_of = service.today.isoformat()
    rate = float(anomalies.RATES["verification"]["error_retry"])
    with service.lock:
        if key in service.answers:
            return service.answers[key]
        if faults.profile != "none" and key not in service.tried and share(service.seed, "retry", key) < rate:
            service.tried.add(key)
            return {"code": "5001", "msg": "try again", "fee": 0, "requestId": key, "asOf": as_of}
        service.calls += 1
        service.fees += FEES[kind]
        said = {"code": code, "msg": "", "fee": FEES[kind], "requestId": f"R{service.calls:08d}", "asOf": as_of}
        service.answers[key] = said
        return said
