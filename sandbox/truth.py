"""Write a world down: the legacy system's database as the night finds it, and the truth that only the oracle reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from sandbox import store
from sandbox.anomalies import Archive
from sandbox.answers import PHOTOS, WRONG, Result, questionnaire
from sandbox.world import Row, World

TRUTH = "truth.db"
CUSTOMER = ("name", "cert_type", "cert_no", "cert_valid_to")
ACCOUNT = (
    "elec_addr", "quarter", "phase", "building", "unit", "room", "sort_code", "elec_type", "price_code", "volt_code", "contract_cap", "run_cap",
    "mr_sect", "pay_mode", "notify_mode", "note_type", "urban_rural", "mgr",
)  # fmt: skip
"""Columns that have a truth."""
LOGINS = (
    {"user_id": "1001", "password": "clerk-1001", "name": "演练员", "role": "clerk"},
    {"user_id": "2001", "password": "approve-2001", "name": "审批员", "role": "approver"},
)
SCHEMA = """
CREATE TABLE org(code TEXT PRIMARY KEY, name TEXT, level TEXT, parent TEXT);
CREATE TABLE truth_cell(kind TEXT, object TEXT, column TEXT, value TEXT, PRIMARY KEY(kind, object, column)) WITHOUT ROWID;
CREATE TABLE truth_contact(cons_no TEXT, name TEXT, relation TEXT, mobile TEXT, home_phone TEXT);
CREATE INDEX ix_truth_contact ON truth_contact(cons_no);
CREATE TABLE initial_cell(kind TEXT, object TEXT, column TEXT, value TEXT, PRIMARY KEY(kind, object, column)) WITHOUT ROWID;
CREATE TABLE initial_contact(cons_no TEXT, name TEXT, relation TEXT, mobile TEXT, home_phone TEXT);
CREATE TABLE injected(rule TEXT, cons_no TEXT, column TEXT);
CREATE TABLE tolerated(rule TEXT, cons_no TEXT);
CREATE TABLE dirt(name TEXT, kind TEXT, object TEXT, column TEXT);
CREATE TABLE surveyed(task TEXT, rev INTEGER, cons_no TEXT, published TEXT, audited INTEGER, complete INTEGER);
CREATE TABLE stated(task TEXT, rev INTEGER, kind TEXT, column TEXT, value TEXT);
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT);
"""


def legacy(directory: Path, archive: Archive, closed: Iterable[int]) -> None:
    """legacy.db: the dirty archive; accounts in `closed` were closed after the export."""
    gone = set(closed)
    with closing(store.create(directory / store.FILE)) as db, store.transaction(db):
        store.insert(db, "login", LOGINS)
        store.insert(
            db, "customer", ({"cust_id": n, "operator": "9000", **row} for n, row in enumerate(archive.customers, 1))
        )
        store.insert(
            db,
            "account",
            (
                {
                    "acct_id": n,
                    "cust_id": archive.customer_of[n - 1] + 1,
                    "operator": "9000",
                    **row,
                    **({"status_code": "closed"} if n - 1 in gone else {}),
                }
                for n, row in enumerate(archive.accounts, 1)
            ),
        )
        rows = (
            {"acct_id": n, "operator": "9000", **c} for n, contacts in enumerate(archive.contacts, 1) for c in contacts
        )
        store.insert(db, "contact", rows)
        store.insert(db, "meter", ({"acct_id": n, **m} for n, m in enumerate(archive.meters, 1)))


def truth(directory: Path, world: World, archive: Archive, results: Iterable[Result], meta: dict[str, str]) -> None:
    """truth.db: what is right, what the night found, what was done to it, and what surveyors said of it."""
    with closing(sqlite3.connect(directory / TRUTH)) as db:
        # written once and whole: nothing of it needs to outlive a power cut half done
        db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        db.executemany("INSERT INTO org VALUES(?,?,?,?)", ((o.code, o.name, o.level, o.parent) for o in world.orgs))
        _cells(db, "truth_cell", archive.truth_customers, archive.truth_accounts)
        _cells(db, "initial_cell", archive.customers, archive.accounts)
        _contacts(db, "truth_contact", archive, archive.truth_contacts)
        _contacts(db, "initial_contact", archive, archive.contacts)
        db.executemany("INSERT INTO injected VALUES(?,?,?)", archive.injected)
        db.executemany("INSERT INTO tolerated VALUES(?,?)", archive.tolerated)
        db.executemany("INSERT INTO dirt VALUES(?,?,?,?)", _dirt(archive))
        _surveys(db, results)
        db.executemany("INSERT INTO meta VALUES(?,?)", meta.items())
        db.commit()


STREAMED = {
    "org": 4,
    "truth_cell": 4,
    "initial_cell": 4,
    "truth_contact": 5,
    "initial_contact": 5,
    "injected": 3,
    "tolerated": 2,
    "dirt": 4,
}
"""Tables of a block, with their columns."""


def spoilt(directory: Path, world: World, archive: Archive) -> None:
    """The truth.db of a block: what was done to it, and of cells and contacts those only that differ."""
    pairs = zip(archive.truth_contacts, archive.contacts, strict=True)
    accounts = [n for n, (right, found) in enumerate(pairs) if right != found]
    with closing(sqlite3.connect(directory / TRUTH)) as db:
        db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        db.executemany("INSERT INTO org VALUES(?,?,?,?)", ((o.code, o.name, o.level, o.parent) for o in world.orgs))
        both = (archive.truth_customers, archive.customers), (archive.truth_accounts, archive.accounts)
        for kind, number, columns, (right, found) in (
            ("customer", "cust_no", CUSTOMER, both[0]), ("account", "cons_no", ACCOUNT, both[1]),
        ):  # fmt: skip
            wrong = [
                (kind, r[number], c, r[c], f[c])
                for r, f in zip(right, found, strict=True) if r != f
                for c in columns if r[c] != f[c]
            ]  # fmt: skip
            db.executemany("INSERT INTO truth_cell VALUES(?,?,?,?)", (cell[:4] for cell in wrong))
            db.executemany("INSERT INTO initial_cell VALUES(?,?,?,?)", ((*cell[:3], cell[4]) for cell in wrong))
        for table, contacts in (("truth_contact", archive.truth_contacts), ("initial_contact", archive.contacts)):
            _contacts(db, table, archive, contacts, accounts)
        db.executemany("INSERT INTO injected VALUES(?,?,?)", archive.injected)
        db.executemany("INSERT INTO tolerated VALUES(?,?)", archive.tolerated)
        db.executemany("INSERT INTO dirt VALUES(?,?,?,?)", _dirt(archive))
        db.commit()


def _dirt(archive: Archive) -> Iterator[tuple[str, str, str, str]]:
    for name, scope, place, column in archive.spoilt:
        rows, number = (archive.customers, "cust_no") if scope == "customer" else (archive.accounts, "cons_no")
        yield name, scope, rows[place][number], column


def _surveys(db: sqlite3.Connection, results: Iterable[Result]) -> None:
    """Every result, and of its answers those that name a new value of a legacy column, in the platform's own spelling."""
    columns = {item.code: item for item in questionnaire() if item.column}
    for r in results:
        complete = r.signature and len(r.photos) == len(PHOTOS)
        head = (r.task, r.rev, r.house, r.published.isoformat(), r.audit == "PASS" and r.auditor is not None, complete)
        db.execute("INSERT INTO surveyed VALUES(?,?,?,?,?,?)", head)
        said = ((columns[a["item"]], a["val"]) for a in r.answers if a["ans"] == WRONG and a["item"] in columns)
        db.executemany(
            "INSERT INTO stated VALUES(?,?,?,?,?)", ((r.task, r.rev, i.table, i.name, value) for i, value in said)
        )


def _cells(db: sqlite3.Connection, table: str, customers: list[Row], accounts: list[Row]) -> None:
    sql = f"INSERT INTO {table} VALUES(?,?,?,?)"
    db.executemany(sql, (("customer", row["cust_no"], c, row[c]) for row in customers for c in CUSTOMER))
    db.executemany(sql, (("account", row["cons_no"], c, row[c]) for row in accounts for c in ACCOUNT))


def _contacts(
    db: sqlite3.Connection,
    table: str,
    archive: Archive,
    contacts: list[list[Row]],
    accounts: Iterable[int] | None = None,
) -> None:
    """The contacts of these accounts, or of all."""
    every = range(len(archive.accounts)) if accounts is None else accounts
    rows = (
        (archive.accounts[n]["cons_no"], c["name"], c["relation"], c["mobile"], c["home_phone"]) for n in every for c in contacts[n]
    )  # fmt: skip
    db.executemany(f"INSERT INTO {table} VALUES(?,?,?,?,?)", rows)
