"""Every promise of the ledger is tried on a real SQLite file, and on PostgreSQL 15 where it is installed."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.ledger import Ledger, queue, store
from core.ledger import tables as t
from core.ledger.queue import Worker

BINARIES = Path("/usr/lib/postgresql/15/bin")
BACKENDS = ("sqlite", "postgresql") if (BINARIES / "initdb").exists() else ("sqlite",)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a private PostgreSQL on a free loopback port, without unix sockets."""
    with tempfile.TemporaryDirectory(prefix="hedang-postgres-") as name, socket.socket() as free:
        home, password = Path(name), secrets.token_hex(16)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        (home / "password").write_text(password)
        if os.geteuid() == 0:
            shutil.chown(home, "postgres")
            shutil.chown(home / "password", "postgres")
        data = home / "data"
        _postgres("initdb", "-D", data, "-U", "hedang", "-A", "scram-sha-256", "--pwfile", home / "password",
                  "-E", "UTF8", "--locale=C", "--no-sync")  # fmt: skip
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
        _postgres("pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://hedang:{password}@127.0.0.1:{port}/postgres"
        finally:
            _postgres("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def _postgres(program: str, *arguments: str | Path) -> None:
    """Run a program of PostgreSQL, which refuses to run as root."""
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*user, str(BINARIES / program), *map(str, arguments)]
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="session", params=BACKENDS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str | None]:
    """A ledger as `create` leaves it: its directory, and its URL when it is not a file in there."""
    url = request.getfixturevalue("server") if request.param == "postgresql" else None
    directory = tmp_path_factory.mktemp("made")
    store.create(directory, url)
    return directory, url


@pytest.fixture
def opening(made: tuple[Path, str | None], tmp_path: Path) -> Iterator[Callable[[], Ledger]]:
    """Opens a new, empty ledger; every further call opens the same one, as another process would."""
    template, url = made
    directory = tmp_path / "site"
    shutil.copytree(template, directory)
    opened: list[Ledger] = []

    def another() -> Ledger:
        opened.append(store.open(directory, url))
        return opened[-1]

    if url is not None:
        with another().begin() as tx:
            for table in reversed(t.metadata.sorted_tables):
                tx.connection.execute(table.delete())
    yield another
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(opening: Callable[[], Ledger]) -> Ledger:
    return opening()


@pytest.fixture
def worker(ledger: Ledger) -> Worker:
    return queue.enlist(ledger, "one", "here", 1, 0.0)


@pytest.fixture
def rival(ledger: Ledger) -> Worker:
    return queue.enlist(ledger, "two", "here", 2, 0.0)
