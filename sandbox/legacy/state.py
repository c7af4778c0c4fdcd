"""What the old system's pages share: its database, sessions, faults, clock and words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection, Row
from threading import Lock

from sandbox import store
from sandbox.faults import Faults
from sandbox.legacy.sessions import Sessions
from sandbox.mutations import Mutation
from sandbox.skins import Skin


class State:
    """The running old system, without its pages; the control port works on it too."""

    def __init__(self, path: Path, skin: Skin, faults: Faults, clock: Callable[[], datetime] = datetime.now) -> None:
        self.skin, self.faults, self.clock = skin, faults, clock
        self._plain, self._mutation = skin, Mutation(kind="none")
        self.sessions = Sessions()
        self._path, self._lock, self._serial = path, Lock(), 0
        self._idle: list[Connection] = []

    def mutate(self, mutation: Mutation) -> None:
        """Serve one screen as it is after a change of the vendor's, and store what it then means."""
        self._mutation, self.skin = mutation, mutation.skin(self._plain)

    def served(self, template: str, page: str) -> str:
        """A page as the clerk gets it."""
        return self._mutation.page(page) if template == self._mutation.template else page

    @contextmanager
    def db(self) -> Iterator[Connection]:
        """A connection that nobody else uses meanwhile."""
        with self._lock:
            db = self._idle.pop() if self._idle else None
        db = db or store.connect(self._path)
        try:
            yield db
        finally:
            with self._lock:
                self._idle.append(db)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def now(self) -> str:
        """The system's time as the database keeps it."""
        return self.clock().strftime("%Y-%m-%d %H:%M:%S")

    def order_no(self) -> str:
        """A new order number: 14 digits of time and 6 of a serial number."""
        with self._lock:
            self._serial += 1
            return self.clock().strftime("%Y%m%d%H%M%S") + f"{self._serial % 10**6:06d}"

    def record(self, db: Connection, login: str, screen: str, obj: str, kind: str, detail: dict[str, str]) -> None:
        """Append an effect inside the current transaction."""
        at = self.clock().isoformat(sep=" ", timespec="milliseconds")
        store.record(db, at=at, login=login, screen=screen, obj=obj, kind=kind, detail=detail)


def account(db: Connection, acct_id: int) -> Row | None:
    """An account with its customer's number and name."""
    sql = "SELECT a.*, c.cust_no, c.name FROM account a JOIN customer c USING(cust_id) WHERE a.acct_id = ?"
    row: Row | None = db.execute(sql, (acct_id,)).fetchone()
    return row


def customer(db: Connection, cust_id: int) -> Row | None:
    """A customer by key."""
    row: Row | None = db.execute("SELECT * FROM customer WHERE cust_id = ?", (cust_id,)).fetchone()
    return row


def update(db: Connection, table: str, key: int, values: dict[str, str]) -> None:
    """Set columns of the row whose first column is `key`."""
    sets = ", ".join(f"{column} = ?" for column in values)
    db.execute(f"UPDATE {table} SET {sets} WHERE {store.COLUMNS[table][0]} = ?", (*values.values(), key))  # noqa: S608 - names from this package
