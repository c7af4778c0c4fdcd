"""Records: search, open, and the two tabs that clerks fill."""

from __future__ import annotations

from sqlite3 import Connection, Row

from flask import Response

from sandbox.legacy.saves import AccountSave, ContactSave, Outcome, contact
from sandbox.legacy.state import account
from sandbox.legacy.visit import Cut, Visit, failure
from sandbox.skins import Field

LIST = """SELECT a.*, c.cust_no, c.name FROM account a JOIN customer c USING(cust_id)
WHERE (a.cons_no GLOB :number OR a.orgn_cons_no GLOB :number) AND c.name LIKE :name ORDER BY a.cons_no LIMIT 200"""


def query(visit: Visit) -> Response:
    """The empty search form."""
    return visit.page("query.html", message="")


def found(visit: Visit) -> Response:
    """The rows of a prefix search; each gets a row id of its own."""
    number, name = visit.form.get("consNo", "").strip(), visit.form.get("consName", "").strip()
    if not number and not name:
        return visit.page("query.html", message=visit.state.skin.texts["need_condition"])
    fault = visit.load("list", number or name)
    with visit.state.db() as db:
        rows = db.execute(LIST, {"number": f"{_literal(number)}*", "name": f"%{name}%"}).fetchall()
    shown = [(visit.session.remember(row["acct_id"]), row) for row in rows]
    return visit.page("list.html", rows=shown, popup=fault == "popup")


def detail(visit: Visit) -> Response:
    """The record page, whose tabs load into its inner frame."""
    row = _row(visit)
    fault = visit.load("detail", row["cons_no"])
    rid = visit.args["rid"]
    if fault == "wrong_record":
        row = _neighbour(visit, row)
        rid = visit.session.remember(row["acct_id"])
    return visit.page("detail.html", row=row, rid=rid, popup=fault == "popup")


def basic(visit: Visit) -> Response:
    """The tab of the account's own columns."""
    row = _row(visit)
    fault = visit.load("basic", row["cons_no"])
    return _basic(visit, row, popup=fault == "popup")


def printed(visit: Visit) -> Response:
    """The same columns for print, by the account's number."""
    number = visit.args.get("consNo", "")
    with visit.state.db() as db:
        keys = [row["acct_id"] for row in db.execute("SELECT acct_id FROM account WHERE cons_no = ?", (number,))]
        row = account(db, keys[0]) if len(keys) == 1 else None
    if row is None:
        raise Cut(failure(visit.state, 404, "none_found"))
    return _basic(visit, row)


def save(visit: Visit) -> Response:
    """Store the basic tab, and show it again."""
    row = _row(visit)
    outcome = visit.submit(
        AccountSave(
            state=visit.state, login=visit.session.user_id, obj=row["cons_no"], key=row["acct_id"], form=visit.form
        )
    )
    return _basic(visit, _row(visit), outcome=outcome)


def contacts(visit: Visit) -> Response:
    """The tab of the account's contacts."""
    row = _row(visit)
    fault = visit.load("contacts", row["cons_no"])
    return _contacts(visit, row, popup=fault == "popup")


def contact_form(visit: Visit) -> Response:
    """The form of a new contact, or of one of the account's."""
    row = _row(visit)
    fault = visit.load("contact", row["cons_no"])
    number = visit.args.get("contactId", "")
    with visit.state.db() as db:
        values = contact(db, row["acct_id"], number)
    if number and values is None:
        raise Cut(failure(visit.state, 404, "none_found"))
    return visit.page(
        "contact.html",
        rid=visit.args["rid"],
        number=number,
        popup=fault == "popup",
        values=values or dict.fromkeys((f.column for f in _fields(visit)), ""),
    )


def contact_save(visit: Visit) -> Response:
    """Store a contact, and show the list."""
    row = _row(visit)
    outcome = visit.submit(
        ContactSave(
            state=visit.state, login=visit.session.user_id, obj=row["cons_no"], key=row["acct_id"], form=visit.form
        )
    )
    return _contacts(visit, row, outcome=outcome)


def _basic(visit: Visit, row: Row, *, outcome: Outcome | None = None, popup: bool = False) -> Response:
    lines = pairs(visit.state.skin.screens["basic"])
    return visit.page("basic.html", values=row, lines=lines, rid=_rid(visit), outcome=outcome, popup=popup)


def _contacts(visit: Visit, row: Row, *, outcome: Outcome | None = None, popup: bool = False) -> Response:
    with visit.state.db() as db:
        rows = db.execute(
            "SELECT * FROM contact WHERE acct_id = ? ORDER BY priority = '', priority, contact_id", (row["acct_id"],)
        ).fetchall()
    return visit.page("contacts.html", rows=rows, rid=_rid(visit), outcome=outcome, popup=popup)


def pairs(fields: tuple[Field, ...]) -> list[list[Field]]:
    """Fields two by two, a text area in a line of its own."""
    lines: list[list[Field]] = []
    for field in fields:
        room = lines and len(lines[-1]) == 1 and "textarea" not in (field.widget, lines[-1][0].widget)
        if room:
            lines[-1].append(field)
        else:
            lines.append([field])
    return lines


def _fields(visit: Visit) -> tuple[Field, ...]:
    return visit.state.skin.screens["contacts"]


def _rid(visit: Visit) -> str:
    return visit.form.get("rid") or visit.args.get("rid", "")


def _row(visit: Visit) -> Row:
    key = visit.session.rows.get(_rid(visit))
    with visit.state.db() as db:
        row = account(db, key) if key is not None else None
    if row is None:
        raise Cut(failure(visit.state, 404, "none_found"))
    return row


def _neighbour(visit: Visit, row: Row) -> Row:
    with visit.state.db() as db:
        key = _next_key(db, row["acct_id"])
        return account(db, key) or row


def _next_key(db: Connection, key: int) -> int:
    sql = "SELECT acct_id FROM account WHERE acct_id != ? ORDER BY acct_id < ?, acct_id LIMIT 1"
    row = db.execute(sql, (key, key)).fetchone()
    return int(row["acct_id"]) if row else key


def _literal(number: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in number)
