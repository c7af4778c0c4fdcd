"""What the three forms store: each save says why it would be refused, and stores itself with its effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Connection, Row
from typing import Protocol

from sandbox import store
from sandbox.faults import share
from sandbox.legacy import forms
from sandbox.legacy.state import State, account, customer, update
from sandbox.skins import Field

STRANGER = "2088"
# what somebody else writes just before a save (fault `stale`)
STALE = {"remark": "外勤已核实", "mgr": "代班人员", "mr_sect": "9999"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the page tells the clerk."""

    ok: bool
    banner: str
    alert: str


class Save(Protocol):
    """One posted form on its way into the database."""

    @property
    def screen(self) -> str:
        """The screen's name in the effect log."""

    @property
    def obj(self) -> str:
        """The object's number in the effect log."""

    def refusal(self, db: Connection) -> str:
        """Why the form is refused, empty when it is not."""

    def store(self, db: Connection, fault: str | None) -> None:
        """Store it with its effect, inside the caller's transaction."""

    def outcome(self, refusal: str) -> Outcome:
        """The words of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What every save knows."""

    state: State
    login: str
    # number of the account or customer
    obj: str
    # key of the account or customer
    key: int
    form: Mapping[str, str]

    def _says(self, refusal: str, refused: str, done: str) -> Outcome:
        texts = self.state.skin.texts
        if refusal:
            return Outcome(ok=False, banner=texts[refused] + refusal, alert=texts[refused] + refusal)
        return Outcome(ok=True, banner=texts[done], alert=texts[f"{done}_alert"])

    def _account_refusal(self, db: Connection, fields: list[Field], stored: Mapping[str, str]) -> str:
        row = account(db, self.key)
        if row is None or row["status_code"] != "normal":
            return self.state.skin.texts["not_normal"]
        return self._problem(fields, stored)

    def _problem(self, fields: list[Field], stored: Mapping[str, str]) -> str:
        checked = (
            forms.problem(self.state.skin, f, self.form.get(f.name, ""), stored.get(f.column, "")) for f in fields
        )
        return next(filter(None, checked), "")

    def _values(self, fields: list[Field]) -> dict[str, str]:
        return {f.column: forms.value(self.state.skin, f, self.form.get(f.name, "")) for f in fields}

    def _stamp(self) -> dict[str, str]:
        return {"update_time": self.state.now(), "operator": self.login}


class AccountSave(Posted):
    """The basic tab: one UPDATE of all its fields as posted."""

    __slots__ = ()
    screen = "account"

    def refusal(self, db: Connection) -> str:
        return self._account_refusal(db, self._fields(), _texts(account(db, self.key)))

    def store(self, db: Connection, fault: str | None) -> None:
        if fault == "stale":
            self._meddle(db)
        before = _texts(account(db, self.key))
        changed = {c: v for c, v in self._values(self._fields()).items() if v != before[c]}
        kept = self._twist(changed, fault)
        update(db, "account", self.key, {**kept, **self._stamp()})
        self.state.record(db, self.login, self.screen, self.obj, "update", kept)

    def outcome(self, refusal: str) -> Outcome:
        return self._says(refusal, "refused", "saved")

    def _fields(self) -> list[Field]:
        return editable(self.state.skin.screens["basic"])

    def _twist(self, changed: dict[str, str], fault: str | None) -> dict[str, str]:
        if fault == "partial":
            return dict(list(changed.items())[: len(changed) // 2])
        texts = [f.column for f in self._fields() if not f.table and changed.get(f.column)]
        if fault != "truncated" or not texts:
            return changed
        victim = texts[int(share(self.state.faults.seed, "victim", self.obj) * len(texts))]
        return {**changed, victim: changed[victim][:-1]}

    def _meddle(self, db: Connection) -> None:
        before, posted = _texts(account(db, self.key)), self._values(self._fields())
        for column, value in STALE.items():
            if before[column] == posted[column] != value:
                foreign(self.state, db, self.obj, column, value)
                return


class ContactSave(Posted):
    """A contact form: without a number it adds a row, however often it is posted."""

    __slots__ = ()
    screen = "contact"

    def refusal(self, db: Connection) -> str:
        number = self.form.get("contactId", "")
        row = contact(db, self.key, number)
        if number and row is None:
            return self.state.skin.texts["none_found"]
        return self._account_refusal(db, self._fields(), _texts(row))

    def store(self, db: Connection, fault: str | None) -> None:
        values = self._values(self._fields())
        row = contact(db, self.key, self.form.get("contactId", ""))
        if row is None:
            store.insert(db, "contact", [{"acct_id": self.key, **values, **self._stamp()}])
            self.state.record(db, self.login, self.screen, self.obj, "insert", values)
            return
        changed = {c: v for c, v in values.items() if v != row[c]}
        update(db, "contact", row["contact_id"], {**values, **self._stamp()})
        detail = {"contact_id": str(row["contact_id"]), **changed}
        self.state.record(db, self.login, self.screen, self.obj, "update", detail)

    def outcome(self, refusal: str) -> Outcome:
        return self._says(refusal, "refused", "saved")

    def _fields(self) -> list[Field]:
        return editable(self.state.skin.screens["contacts"])


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSave(Posted):
    """An application for a change of name or certificate: a new order each time."""

    order_no: str
    screen = "workflow"

    def refusal(self, db: Connection) -> str:
        texts, fields, row = self.state.skin.texts, self._fields(), customer(db, self.key)
        problem = self._problem(fields, {})
        if problem or row is None:
            return problem or texts["none_found"]
        values = self._values(fields)
        if not any(values.values()):
            return texts["nothing_new"]
        cert_type = values["new_cert_type"] or row["cert_type"]
        too_long = cert_type == "id_card" and len(values["new_cert_no"]) > forms.ID_CARD_LENGTH
        return texts["bad_id_card"] if too_long else ""

    def store(self, db: Connection, fault: str | None) -> None:
        values = self._values(self._fields())
        store.insert(
            db,
            "change_order",
            [
                {
                    "order_no": self.order_no,
                    "cust_id": self.key,
                    "applicant": self.login,
                    "apply_time": self.state.now(),
                    "state": "pending",
                    **values,
                }
            ],
        )
        self.state.record(db, self.login, self.screen, self.obj, "apply", {c: v for c, v in values.items() if v})

    def outcome(self, refusal: str) -> Outcome:
        said = self._says(refusal, "apply_refused", "applied")
        return Outcome(ok=said.ok, banner=said.banner + (self.order_no if said.ok else ""), alert=said.alert)

    def _fields(self) -> list[Field]:
        return editable(self.state.skin.screens["apply"])


def editable(fields: tuple[Field, ...]) -> list[Field]:
    """The fields that a form posts."""
    return [f for f in fields if f.widget != "readonly"]


def contact(db: Connection, acct_id: int, contact_id: str) -> Row | None:
    """A contact of the account by its number, None for a new one."""
    sql = "SELECT * FROM contact WHERE acct_id = ? AND contact_id = ?"
    row: Row | None = db.execute(sql, (acct_id, contact_id or None)).fetchone()
    return row


def commit(state: State, save: Save, fault: str | None = None) -> Outcome:
    """Check and store in one transaction."""
    with state.db() as db, store.transaction(db):
        refusal = save.refusal(db)
        if not refusal:
            save.store(db, fault)
    return save.outcome(refusal)


def foreign(state: State, db: Connection, cons_no: str, column: str, value: str) -> bool:
    """Let somebody else change one column of an account or its customer; False when there is no such account."""
    row = db.execute(
        "SELECT acct_id, cust_id, cust_no FROM account JOIN customer USING(cust_id) WHERE cons_no = ?", (cons_no,)
    ).fetchone()
    if row is None:
        return False
    of_account = column in store.COLUMNS["account"]
    table, key = ("account", row["acct_id"]) if of_account else ("customer", row["cust_id"])
    update(db, table, key, {column: value, "update_time": state.now(), "operator": STRANGER})
    screen, obj = ("account", cons_no) if of_account else ("workflow", row["cust_no"])
    state.record(db, STRANGER, screen, obj, "foreign", {column: value})
    return True


def _texts(row: Row | None) -> dict[str, str]:
    return {key: str(value) for key, value in zip(row.keys(), row, strict=True)} if row else {}
