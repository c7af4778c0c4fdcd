"""No identity of the practice world appears in any byte that a night leaves behind: logs, databases, archives, pictures."""

import gzip
import io
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.practice import Practice, practice

ENCODINGS = ("utf-8", "utf-16-le", "gb18030")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """A site after a night with the usual faults, and after a second one that lacked its browser."""
    with practice(tmp_path_factory.mktemp("canary"), accounts=40, seed=11) as site:
        site.control("/faults", profile="usual")
        site.night(expect=None)
        failed = site.run("nightly", "--date", "2026-03-17", expect=None, env={"HEDANG_BROWSER": "/nowhere/chromium"})
        assert "Traceback" not in failed.stderr
        site.run("report", "--date", site.world.day.isoformat(), expect=None)
        yield site


def _identities(site: Practice) -> dict[str, str]:
    """What must not be found → what it is: whole identities of the accounts, before and after the night."""
    found = dict.fromkeys(site.secrets.values(), "secret")
    asked = {
        "legacy.db": (
            ("name", "SELECT name FROM customer UNION SELECT name FROM contact"),
            ("certificate", "SELECT cert_no FROM customer"),
            ("phone", "SELECT mobile FROM contact"),
            ("address", "SELECT elec_addr FROM account"),
        ),
        "truth.db": (
            ("name", "SELECT value FROM truth_cell WHERE column = 'name' UNION SELECT name FROM truth_contact"),
            ("certificate", "SELECT value FROM truth_cell WHERE column = 'cert_no'"),
            ("phone", "SELECT mobile FROM truth_contact"),
            ("address", "SELECT value FROM truth_cell WHERE column = 'elec_addr'"),
        ),
    }
    for file, queries in asked.items():
        with closing(sqlite3.connect(site.world.directory / file)) as db:
            for what, query in queries:
                found |= {text: what for (text,) in db.execute(query) if _telling(text, what)}
    return found


def _telling(text: str | None, what: str) -> bool:
    """Whether it stands for one person: long enough, not masked at its source; an address down to the room."""
    least = {"name": 3, "certificate": 15, "phone": 11, "address": 16}[what]
    if not text or len(text) < least or "*" in text:
        return False
    return what != "address" or text[-1] in "0123456789室号户"


def _pieces(path: Path) -> Iterator[tuple[str, bytes]]:
    """A file's bytes, and what is inside it when it is an archive or a database."""
    content = path.read_bytes()
    yield str(path), content
    if content.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(path)) as db:
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for row in db.execute(f'SELECT * FROM "{table}"'):
                    yield f"{path} {table}", _cells(row)
    else:
        yield from _unpacked(str(path), content)


def _cells(row: tuple[object, ...]) -> bytes:
    return b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)


def _unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    if content.startswith(b"\x1f\x8b"):
        yield f"{name} gz", gzip.decompress(content)
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                inner = archive.read(member)
                yield f"{name} {member}", inner
                yield from _unpacked(f"{name} {member}", inner)


def _leaks(folder: Path, identities: dict[str, str]) -> set[str]:
    """Where an identity stands; named by its kind and length, never by itself."""
    signs = {text.encode(encoding): what for text, what in identities.items() for encoding in ENCODINGS}
    return {
        f"{place}: {what} ({len(sign)} bytes)"
        for path in sorted(p for p in folder.rglob("*") if p.is_file())
        for place, content in _pieces(path)
        for sign, what in signs.items()
        if sign in content
    }


def test_night_wrote_what_is_looked_for(site: Practice) -> None:
    assert len(site.effects()) > 20
    assert (site.data / "logs").is_dir()
    assert len(_identities(site)) > 150


def test_search_finds_what_is_hidden_in_databases_and_archives(site: Practice, tmp_path: Path) -> None:
    name = next(text for text, what in _identities(site).items() if what == "name")
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", name * 50)
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(name.encode() * 50))
    (tmp_path / "c.csv").write_bytes(name.encode("gb18030"))
    with closing(sqlite3.connect(tmp_path / "d.db")) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE t (v TEXT)")
        db.execute("INSERT INTO t VALUES (?)", (name,))
        db.commit()
    found = _leaks(tmp_path, {name: "name"})
    assert {Path(place.split(":")[0].split(" ")[0]).name for place in found} >= {"a.xlsx", "b.log.gz", "c.csv", "d.db"}


def test_no_identity_in_any_byte_that_the_nights_left(site: Practice) -> None:
    assert _leaks(site.data, _identities(site)) == set()


def test_unmasked_export_holds_them_and_leaves_a_trail(site: Practice, tmp_path: Path) -> None:
    target = tmp_path / "full.xlsx"
    site.run("review", "export", str(target), "--unmasked", "--reviewer", "审核员甲")
    assert _leaks(tmp_path, _identities(site)), "an unmasked export without a single value"
    assert _leaks(site.data, _identities(site)) == set()
    ledger = site.ledger()
    with ledger.begin() as tx:
        trails = tx.rows(sa.text("SELECT actor FROM trail WHERE action = 'unmasked export'"))
    ledger.close()
    assert [row.actor for row in trails] == ["审核员甲"]
