"""What becomes of change orders: a clerk of another shift archives most and returns a few."""

from __future__ import annotations

from datetime import timedelta
from sqlite3 import Connection, Row
from threading import Event, Thread

from sandbox import store
from sandbox.faults import share
from sandbox.legacy.state import State, update

RETURNED_SHARE = 0.03
SHIFT_SECONDS = 2
LOOK_SECONDS = 0.2
# order column → customer column
WRITES = {f"new_{c}": c for c in ("name", "cert_type", "cert_no", "cert_valid_to")}
SELECT = "SELECT o.*, c.cust_no FROM change_order o JOIN customer c USING(cust_id)"


def find(db: Connection, *, order_no: str = "", cust_no: str = "", state: str = "") -> list[Row]:
    """Orders that match every filled condition, the newest first."""
    filled = {"order_no": order_no, "cust_no": cust_no, "state": state}
    filled = {column: value for column, value in filled.items() if value}
    where = " AND ".join(f"{column} = ?" for column in filled) or "1"
    return db.execute(f"{SELECT} WHERE {where} ORDER BY order_id DESC", tuple(filled.values())).fetchall()


def archive(state: State, db: Connection, order: Row, login: str) -> None:
    """Write the order's values to the customer and close it."""
    values = {column: order[new] for new, column in WRITES.items() if order[new]}
    update(db, "customer", order["cust_id"], {**values, "update_time": state.now(), "operator": login})
    _close(state, db, order, login, "archived", state.skin.texts["approved"])
    state.record(db, login, "workflow", order["cust_no"], "archive", values)


def refuse(state: State, db: Connection, order: Row, login: str, reason: str) -> None:
    """Close the order without writing anything to the customer."""
    _close(state, db, order, login, "returned", reason)
    state.record(db, login, "workflow", order["cust_no"], "return", {"reason": reason})


def handle(state: State, *, before: str = "9999") -> int:
    """Handle every pending order applied before an ISO time, as the seed decides; answers how many."""
    with state.db() as db, store.transaction(db):
        login = approver(db)
        pending = [o for o in reversed(find(db, state="pending")) if o["apply_time"] < before]
        for order in pending:
            if share(state.faults.seed, "order", order["cust_no"]) < RETURNED_SHARE:
                refuse(state, db, order, login, state.skin.texts["returned"])
            else:
                archive(state, db, order, login)
    return len(pending)


def approver(db: Connection) -> str:
    """The login that handles orders."""
    row = db.execute("SELECT user_id FROM login WHERE role = 'approver' ORDER BY user_id").fetchone()
    return str(row["user_id"]) if row else "approver"


def start(state: State) -> Event:
    """Handle orders that are two seconds old until the answered event is set."""
    done = Event()
    Thread(target=_shift, args=(state, done), name="approver", daemon=True).start()
    return done


def _shift(state: State, done: Event) -> None:
    while not done.wait(LOOK_SECONDS):
        with state.db() as db:
            waiting = find(db, state="pending")
        if waiting:
            cutoff = state.clock() - timedelta(seconds=SHIFT_SECONDS)
            handle(state, before=cutoff.strftime("%Y-%m-%d %H:%M:%S"))


def _close(state: State, db: Connection, order: Row, login: str, ends: str, reason: str) -> None:
    update(
        db,
        "change_order",
        order["order_id"],
        {"state": ends, "reason": reason, "handled_by": login, "handled_time": state.now()},
    )
