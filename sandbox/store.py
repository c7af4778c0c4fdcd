"""The legacy system's database: its tables, how to open it, and the effect log that nobody can rewrite.

Codes are stored as semantic keys and dates as ISO text; every column except the keys is text and never NULL.
An effect's detail holds, as {column: new value},
  update   the columns whose value changed (of a contact: also its contact_id); {} when a save changed nothing
  insert   the contact's columns          apply   the order's filled new_* columns
  archive  the customer's columns         return  the reason
  foreign  the column that somebody else changed
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

FILE = "legacy.db"

_TABLES = {
    "customer": "cust_id cust_no name cert_type cert_no cert_valid_to update_time operator",
    "account": "acct_id cons_no orgn_cons_no cust_id org_no elec_addr quarter phase building unit room sort_code"
    " status_code elec_type price_code volt_code contract_cap run_cap mr_sect pay_mode notify_mode note_type urban_rural"
    " build_date ps_date cancel_date mgr tg_no line_no remark multi_person update_time operator",
    "contact": "contact_id acct_id name relation mobile home_phone priority update_time operator",
    "meter": "mp_id acct_id mp_no asset_no box_no terminal_no in_use",
    "change_order": "order_id order_no cust_id applicant apply_time state reason new_name new_cert_type new_cert_no"
    " new_cert_valid_to handled_by handled_time",
    "login": "user_id password name role",
    "effect": "effect_id at login screen object kind detail",
}
COLUMNS: dict[str, tuple[str, ...]] = {table: tuple(names.split()) for table, names in _TABLES.items()}

UNIQUE = {("customer", "cust_no"), ("change_order", "order_no")}
INTEGER = {"cust_id", "acct_id"}
INDEXES = (
    "account(cons_no)",
    "account(orgn_cons_no)",
    "account(cust_id)",
    "contact(acct_id)",
    "meter(acct_id)",
    "change_order(state)",
    "change_order(cust_id)",
)


def schema() -> str:
    """The SQL that makes an empty legacy database."""
    lines = [
        f"CREATE TABLE {table}({', '.join(_declare(table, i, c) for i, c in enumerate(columns))});"
        for table, columns in COLUMNS.items()
    ]
    lines += [f"CREATE INDEX ix_{on.replace('(', '_').rstrip(')')} ON {on};" for on in INDEXES]
    lines += [
        f"CREATE TRIGGER effect_no_{verb.lower()} BEFORE {verb} ON effect BEGIN "
        f"SELECT RAISE(ABORT, 'the effect log is append-only'); END;"
        for verb in ("UPDATE", "DELETE")
    ]
    return "\n".join(lines)


def create(path: Path) -> sqlite3.Connection:
    """A new legacy database at `path`, open."""
    db = connect(path)
    db.executescript(schema())
    return db


def connect(path: Path) -> sqlite3.Connection:
    """Open `path` in WAL mode; statements commit by themselves unless inside `transaction`."""
    db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    # NORMAL is enough: only a power cut can take commits back, and a practice world may be rebuilt.
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=10000;")
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing; takes the write lock at once, so that what is read inside stays true until the commit."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def insert(db: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Add rows; columns that a row leaves out or has as None become empty text (a missing key is numbered)."""
    columns = COLUMNS[table]
    sql = f"INSERT INTO {table}({', '.join(columns)}) VALUES({', '.join('?' * len(columns))})"
    db.executemany(sql, (_values(columns, row, keyed=table != "login") for row in rows))


def record(
    db: sqlite3.Connection, *, at: str, login: str, screen: str, obj: str, kind: str, detail: Mapping[str, object]
) -> None:
    """Append one committed effect; call it inside the transaction of the effect itself."""
    insert(
        db,
        "effect",
        [
            {
                "at": at,
                "login": login,
                "screen": screen,
                "object": obj,
                "kind": kind,
                "detail": json.dumps(dict(detail), ensure_ascii=False),
            }
        ],
    )


def effects(db: sqlite3.Connection, since: int = 0) -> list[dict[str, object]]:
    """The effects after `since`, oldest first, with their detail as a mapping."""
    rows = db.execute("SELECT * FROM effect WHERE effect_id > ? ORDER BY effect_id", (since,))
    return [{**dict(row), "detail": json.loads(row["detail"])} for row in rows]


def _declare(table: str, position: int, column: str) -> str:
    if table == "login" and position == 0:
        return f"{column} TEXT PRIMARY KEY"
    if position == 0:
        return f"{column} INTEGER PRIMARY KEY" + (" AUTOINCREMENT" if table == "effect" else "")
    if column in INTEGER:
        return f"{column} INTEGER NOT NULL"
    return f"{column} TEXT NOT NULL DEFAULT ''" + (" UNIQUE" if (table, column) in UNIQUE else "")


def _values(columns: tuple[str, ...], row: Mapping[str, object], *, keyed: bool) -> tuple[object, ...]:
    unknown = row.keys() - set(columns)
    if unknown:
        raise KeyError(f"no column {sorted(unknown)}; there are: {', '.join(columns)}")
    first = row.get(columns[0]) if keyed else row[columns[0]]
    return (first, *("" if row.get(c) is None else row[c] for c in columns[1:]))
