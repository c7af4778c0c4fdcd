"""The practice world's control port: faults, approvals, foreign edits and the effect log, unknown to the product."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Timer
from typing import Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox import store
from sandbox.faults import Faults
from sandbox.legacy import orders, saves
from sandbox.legacy.state import State

EDITABLE = {*store.COLUMNS["account"], *store.COLUMNS["customer"]} - {"acct_id", "cust_id", "cons_no", "cust_no"}
# time for the answer to leave before the process ends
STOP_SECONDS = 0.1


def create(
    world_dir: Path,
    faults: Faults,
    legacy_state: State,
    publish: Callable[[str], Any],
    stop: Callable[[], None] = lambda: os.kill(os.getpid(), signal.SIGTERM),
) -> Flask:
    """The control application; `publish` gets the date, `stop` ends the serving process."""
    app = Flask(__name__)

    @app.post("/faults")
    def _faults() -> ResponseReturnValue:
        try:
            faults.switch(str(_body().get("profile", "")))
        except ValueError as error:
            return jsonify(error=str(error)), 400
        return jsonify(profile=faults.profile)

    @app.post("/approve")
    def _approve() -> ResponseReturnValue:
        return jsonify(handled=orders.handle(legacy_state))

    @app.post("/expire")
    def _expire() -> ResponseReturnValue:
        return jsonify(ended=legacy_state.sessions.end_all())

    @app.post("/foreign")
    def _foreign() -> ResponseReturnValue:
        cons_no, column, value = (str(_body().get(key, "")) for key in ("cons_no", "column", "value"))
        if column not in EDITABLE:
            return jsonify(error=f"no column '{column}'; there are: {', '.join(sorted(EDITABLE))}"), 400
        with legacy_state.db() as db, store.transaction(db):
            changed = saves.foreign(legacy_state, db, cons_no, column, value)
        return jsonify(changed=changed), 200 if changed else 404

    @app.post("/publish")
    def _publish() -> ResponseReturnValue:
        return jsonify(published=publish(str(_body().get("date", ""))))

    @app.get("/effects")
    def _effects() -> ResponseReturnValue:
        with closing(store.connect(world_dir / store.FILE)) as db:
            return jsonify(effects=store.effects(db, request.args.get("since", 0, type=int)))

    @app.post("/stop")
    def _stop() -> ResponseReturnValue:
        Timer(STOP_SECONDS, stop).start()
        return jsonify(stopping=True)

    return app


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}
