"""Open the ledger's database, bring it up to date, and write to it in transactions that leave a trail."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import sqlalchemy as sa

from core import privacy
from core.errors import ConfigError, MissingPart
from core.ledger import tables as t
from core.privacy import Keys
from core.words import Words

T = TypeVar("T")

GENESIS = "0" * 32
_LAST = (
    sa.select(t.trail.c.seq, t.trail.c.hash)
    .where(t.trail.c.writer == sa.bindparam("writer"))
    .order_by(t.trail.c.seq.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One unit of work: everything in it is kept together, or nothing is."""

    connection: sa.Connection
    ledger: "Ledger"

    def rows(self, query: Any, params: Mapping[str, Any] | None = None) -> list[Any]:
        """All rows of a query."""
        return list(self.connection.execute(query, params or {}))

    def one(self, query: Any) -> Any | None:
        """The first row, or None."""
        return self.connection.execute(query).first()

    def scalar(self, query: Any) -> Any:
        """The first value of the first row, or None."""
        return self.connection.execute(query).scalar()

    def insert(self, table: sa.Table, **values: Any) -> int:
        """Insert a row; answers its id where it has one."""
        # only what the database computes is spelt into the statement: the rest are parameters, and the statement is one it knows
        spoken = {name: value for name, value in values.items() if isinstance(value, sa.ClauseElement)}
        given = {name: value for name, value in values.items() if name not in spoken}
        statement = table.insert().values(**spoken) if spoken else table.insert()
        key = self.connection.execute(statement, given).inserted_primary_key
        return int(key[0]) if key and isinstance(key[0], int) else 0

    def insert_all(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many rows that fill the same columns, in their order.

        The statement is compiled by hand and its parameters go to the driver as they are: it is several times faster, and
        nights insert millions. What a column does to its values (seal them) is done here.
        """
        if not rows:
            return
        names, dialect = list(rows[0]), self.connection.dialect
        compiled = table.insert().compile(dialect=dialect, column_keys=names)
        binds = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
        columns = [
            [row[name] for row in rows] if bind is None else [bind(row[name]) for row in rows]
            for name, bind in zip(names, binds, strict=True)
        ]
        cells = zip(*columns, strict=True)
        given = list(cells) if compiled.positional else [dict(zip(names, row, strict=True)) for row in cells]
        self.connection.exec_driver_sql(str(compiled), given)

    def update(self, query: Any) -> int:
        """Run an update; answers how many rows it changed."""
        return int(self.connection.execute(query).rowcount)

    def now(self) -> float:
        """Seconds since 1970 by the database's clock."""
        return float(self.scalar(sa.select(t.now())))

    def trail(self, action: str, object: str, detail: Mapping[str, Any] | None = None, *, actor: str = "") -> None:  # noqa: A002
        """Append who did what to what; the hash covers the row and its predecessor of the same writer."""
        ledger, who = self.ledger, actor or self.ledger.actor
        last = self.connection.execute(_LAST, {"writer": ledger.writer}).first()
        seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
        at = round(self.now(), 6)
        digest = link(ledger.keys, previous, ledger.writer, seq, at, who, action, object, detail)
        self.insert(
            t.trail, writer=ledger.writer, seq=seq, at=at, actor=who, action=action, object=object,
            detail=detail, previous=previous, hash=digest,
        )  # fmt: skip


def chunks(numbers: Iterable[T], size: int = 5000) -> Iterator[list[T]]:
    """The numbers (or keys) in lists that fit into one statement of either database."""
    left = list(numbers)
    for start in range(0, len(left), size):
        yield left[start : start + size]


def link(
    keys: Keys, previous: str, writer: str, seq: int, at: float, actor: str, action: str, object_: str, detail: Any
) -> str:
    """The chain's next hash: a keyed hash over the predecessor's and all of the row."""
    text = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    return keys.digest(previous, writer, seq, f"{at:.6f}", actor, action, object_, text)


@dataclass(frozen=True)
class Ledger:
    """An open ledger. `directory` is the site's data directory: sealed files live there beside the database."""

    engine: sa.Engine
    keys: Keys
    directory: Path
    actor: str = "hedang"
    writer: str = field(default_factory=lambda: uuid4().hex[:12])

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction: committed (and on disk) at the end of the block, rolled back on any error."""
        with self.engine.begin() as connection:
            yield Transaction(connection, self)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def connect(url: str) -> sa.Engine:
    """An engine whose errors carry no parameters; SQLite in WAL mode, each commit on disk, writers one after another.

    Raises ConfigError when the URL is none; it is not quoted, it may hold a password.
    """
    try:
        engine = sa.create_engine(url, hide_parameters=True)
    except (sa.exc.ArgumentError, ImportError):
        raise ConfigError(
            "HEDANG_DATABASE: not the URL of a database; for example postgresql+psycopg://user:password@host/name"
        ) from None
    sa.event.listen(engine, "handle_error", _shorten)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _shorten(context: sa.ExceptionContext) -> None:
    """Keep an error's first line: behind it PostgreSQL quotes the row, which `hide_parameters` knows nothing of."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).split("\n", 1)[0], *error.args[1:])


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself; see "begin" above
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=15000",
        "secure_delete=ON",
        "cache_size=-65536",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def place(directory: Path, url: str | None = None) -> str:
    """The database's URL: the one given, or the SQLite file of the data directory."""
    return url or f"sqlite:///{(directory / 'ledger.db').resolve()}"


def present(directory: Path, url: str | None = None) -> str:
    """The database's URL. Raises MissingPart when there is no data directory, or no file of a SQLite database."""
    address = place(directory, url)
    if not directory.is_dir() or (
        address.startswith("sqlite") and not Path(address.removeprefix("sqlite:///")).exists()
    ):
        raise MissingPart(
            Words(
                f"{directory} 里没有台账；`run.py init` 可新建",
                f"there is no ledger in {directory}; `run.py init` makes one",
            )
        )
    return address


def key_file(directory: Path) -> Path:
    """Where a site's key lies."""
    return directory / "keys" / "hedang.key"


def create(directory: Path, url: str | None = None) -> None:
    """Make the data directory, its key and its database, or bring the database up to date; nothing there is lost.

    Raises MissingPart when the directory cannot be made.
    """
    try:
        (directory / "batches").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MissingPart(
            Words(
                f"无法建立目录 {directory}（{error.strerror}）；请用 --data 指定可写的目录",
                f"the folder {directory} cannot be made ({error.strerror}); name one that can be written with --data",
            )
        ) from None
    privacy.create(key_file(directory))
    upgrade(place(directory, url))


def open(directory: Path, url: str | None = None, *, actor: str = "hedang") -> Ledger:  # noqa: A001  (ledger.open reads best)
    """The ledger of a data directory.

    Raises MissingPart when the directory, its key or its database is missing, or the database is of another version.
    """
    address = present(directory, url)
    keys = privacy.load(key_file(directory))
    t.Sealed.keys = keys
    engine = connect(address)
    _check_version(engine)
    return Ledger(engine, keys, directory, actor)


def _check_version(engine: sa.Engine) -> None:
    from core.ledger.migrations import NEWEST

    try:
        with engine.connect() as connection:
            found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    except sa.exc.DBAPIError:
        raise MissingPart(
            Words(
                "台账数据库读不了：它在运行吗？旧版本用 `run.py db upgrade` 升级，损坏的须从备份恢复",
                "the ledger's database cannot be read; is it running? `run.py db upgrade` brings an old one up to date,"
                " a backup a damaged one",
            )
        ) from None
    if found != NEWEST:
        raise MissingPart(
            Words(
                f"台账版本为 {found}，程序为 {NEWEST}；请执行 `run.py db upgrade`",
                f"the ledger is of version {found}, the program of {NEWEST}; run `run.py db upgrade`",
            )
        )


def upgrade(url: str) -> None:
    """Bring the database to the newest version (Alembic). Raises MissingPart when it does not answer or is damaged."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    try:
        command.upgrade(config, "head")
    except sa.exc.DBAPIError:
        raise MissingPart(
            Words(
                "台账数据库升级不了：它在运行吗？损坏的须从备份恢复",
                "the ledger's database cannot be brought up to date; is it running? A damaged one comes back from a backup",
            )
        ) from None


def verify_trail(ledger: Ledger) -> list[str]:
    """Walk every chain and name each row whose hash or place is wrong, and each head that a run recorded and that is gone."""
    wrong: list[str] = []
    heads: dict[str, tuple[int, str]] = {}
    seen: set[tuple[str, int, str]] = set()
    with ledger.begin() as tx:
        for row in tx.connection.execute(sa.select(t.trail).order_by(t.trail.c.writer, t.trail.c.seq)):
            seq, previous = heads.get(row.writer, (0, GENESIS))
            digest = link(
                ledger.keys, previous, row.writer, row.seq, row.at, row.actor, row.action, row.object, row.detail
            )
            if row.seq != seq + 1 or row.previous != previous or row.hash != digest:
                wrong.append(f"{row.writer}:{row.seq}")
            heads[row.writer] = (row.seq, row.hash)
            seen.add((row.writer, row.seq, row.hash))
        for recorded in tx.rows(sa.select(t.run.c.id, t.run.c.heads).where(t.run.c.heads.is_not(None))):
            wrong += [f"run {recorded.id}: {w}:{s}" for w, (s, h) in recorded.heads.items() if (w, s, h) not in seen]
    return wrong
