"""Change orders: applying, looking up and reviewing."""

from __future__ import annotations

from sqlite3 import Row

from flask import Response

from sandbox import store
from sandbox.legacy import orders
from sandbox.legacy.saves import OrderSave, Outcome
from sandbox.legacy.state import customer
from sandbox.legacy.visit import Cut, Visit, failure
from sandbox.skins import Skin


def apply(visit: Visit) -> Response:
    """The search for a customer."""
    return visit.page("apply.html", customer=None, message="")


def apply_form(visit: Visit) -> Response:
    """The customer's current values and the form for new ones."""
    number = visit.form.get("custNo", "").strip()
    fault = visit.load("apply", number)
    with visit.state.db() as db:
        row = db.execute("SELECT * FROM customer WHERE cust_no = ?", (number,)).fetchone()
    if row is None:
        return visit.page("apply.html", customer=None, message=visit.state.skin.texts["none_found"], number=number)
    return _form(visit, row, visit.session.remember(row["cust_id"]), popup=fault == "popup")


def apply_save(visit: Visit) -> Response:
    """Open an order, and show the form again."""
    row = _row(visit)
    outcome = visit.submit(
        OrderSave(
            state=visit.state,
            login=visit.session.user_id,
            obj=row["cust_no"],
            key=row["cust_id"],
            form=visit.form,
            order_no=visit.state.order_no(),
        )
    )
    return _form(visit, row, visit.form["rid"], outcome=outcome)


def search(visit: Visit) -> Response:
    """The empty search for orders."""
    return visit.page("orders.html", rows=None, number="", customer="")


def found(visit: Visit) -> Response:
    """Orders by their number or the customer's."""
    number, cust_no = visit.form.get("orderNo", "").strip(), visit.form.get("custNo", "").strip()
    fault = visit.load("orders", number or cust_no)
    with visit.state.db() as db:
        rows = orders.find(db, order_no=number, cust_no=cust_no) if number or cust_no else []
    return visit.page(
        "orders.html",
        rows=[_shown(visit.state.skin, row) for row in rows],
        number=number,
        customer=cust_no,
        popup=fault == "popup",
    )


def review(visit: Visit, outcome: Outcome | None = None) -> Response:
    """The orders that wait for the approver."""
    with visit.state.db() as db:
        rows = orders.find(db, state="pending")
    return visit.page("review.html", rows=[_shown(visit.state.skin, row) for row in rows], outcome=outcome)


def decide(visit: Visit) -> Response:
    """Archive or return one order, and show what is left."""
    state, texts, login = visit.state, visit.state.skin.texts, visit.session.user_id
    reason, approved = visit.form.get("reason", ""), visit.form.get("decision") == "pass"
    if not approved and not reason:
        return review(visit, _refused(visit, "need_reason"))
    with state.db() as db, store.transaction(db):
        found = orders.find(db, order_no=visit.form.get("orderNo", "-"), state="pending")
        for order in found:
            if approved:
                orders.archive(state, db, order, login)
            else:
                orders.refuse(state, db, order, login, reason)
    done = Outcome(ok=True, banner=texts["reviewed"], alert=texts["reviewed"])
    return review(visit, done if found else _refused(visit, "not_pending"))


def _form(visit: Visit, row: Row, rid: str, *, outcome: Outcome | None = None, popup: bool = False) -> Response:
    fields = visit.state.skin.screens["apply"]
    current, new = ([f for f in fields if (f.widget == "readonly") is side] for side in (True, False))
    blank = dict.fromkeys((f.column for f in new), "")
    return visit.page(
        "apply.html",
        customer=row,
        current=current,
        new=new,
        blank=blank,
        rid=rid,
        message="",
        number=row["cust_no"],
        outcome=outcome,
        popup=popup,
    )


def _row(visit: Visit) -> Row:
    key = visit.session.rows.get(visit.form.get("rid", ""))
    with visit.state.db() as db:
        row = customer(db, key) if key is not None else None
    if row is None:
        raise Cut(failure(visit.state, 404, "none_found"))
    return row


def _shown(skin: Skin, row: Row) -> dict[str, str]:
    """An order's cells as texts, by column; what it changes in one sentence."""
    fields = {f.column: f for f in skin.screens["apply"]}
    changes = [
        f"{fields[old].label}→{skin.show(fields[old], row[new])}" for new, old in orders.WRITES.items() if row[new]
    ]
    cells = {f.column: skin.show(f, row[f.column]) for f in skin.screens["order_list"] if f.column != "change"}
    return {**cells, "change": "；".join(changes)}


def _refused(visit: Visit, text: str) -> Outcome:
    message = visit.state.skin.texts["review_refused"] + visit.state.skin.texts[text]
    return Outcome(ok=False, banner=message, alert=message)
