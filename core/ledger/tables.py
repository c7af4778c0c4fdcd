"""The whole shape of the ledger: what has a life, and who did what to it.

organisation ─ code_value ─ number_change            what a site imports
quarter ─ quarter_alias ─ quarter_building           where people live, as imported, or proposed and settled by a person
batch ─ snapshot ─ problem                           deliveries: raw file and columns, sealed, on disk
entity ─ cell                                        what matters are about, and when a cell last changed
finding                                              one breakage of a rule, over nights
proposal ─ evidence(sealed, frozen) ─ decision       a value to write, and what a person said
item ─ step ─ intent                                 what is to be done on a screen, and what was done
proof                                                whether a fetch told of a changed record what another session read
call                                                 a paid question to a verification service
run ─ run_step                                       UNIQUE(flow, business_date): a night happens once
figure                                               per date × organisation × metric
trail                                                append-only, one hash chain per writer
login ─ circuit ─ worker                             who may use the legacy system now

Times are seconds since 1970 (UTC) by the database's clock; dates are ISO texts of the business calendar (Asia/Shanghai).
"""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from core.model import OPEN
from core.privacy import Keys

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True)

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Sealed(sa.types.TypeDecorator[Any]):
    """A JSON value that is encrypted before it reaches the database; the keys are set once per process."""

    impl = sa.LargeBinary
    cache_ok = True
    keys: Keys | None = None

    def process_bind_param(self, value: Any, _dialect: Dialect) -> bytes | None:
        """Seal on the way in, unless it was sealed beforehand."""
        if value is None or isinstance(value, bytes):
            return value
        return self.sealed(value)

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> Any:
        """Open on the way out."""
        return None if value is None else json.loads(self._keys().open(value))

    @classmethod
    def sealed(cls, value: Any) -> bytes:
        """The value as it will lie in the database: for those who seal before they write."""
        return cls._keys().seal(_ENCODER.encode(value))

    @classmethod
    def _keys(cls) -> Keys:
        if cls.keys is None:
            raise RuntimeError("the ledger was used before it was opened with its keys")
        return cls.keys


class now(sa.sql.functions.FunctionElement[float]):  # noqa: N801  (reads as the SQL function that it is)
    """Seconds since 1970 by the database's clock: leases of several hosts are compared with one clock."""

    type = sa.Float()
    inherit_cache = True


@compiles(now, "sqlite")
def _now_sqlite(_element: now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _now_postgresql(_element: now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "extract(epoch from clock_timestamp())::double precision"


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def _at(name: str = "at", *, null: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Float, nullable=null)


def _text(name: str, default: str | None = None, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null, server_default=default)


def _int(name: str, default: int | None = None, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null, server_default=None if default is None else str(default))


def _ref(name: str, target: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{target}.id"), nullable=null)


# -- what a site imports

organisation = sa.Table(
    "organisation",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    _text("name"),
    _text("level"),  # province | city | county | station
    _text("parent", null=True),
    _text("valid_from", null=True),
    _text("valid_to", null=True),
    _text("merged_into", null=True),
)

code_value = sa.Table(
    "code_value",
    metadata,
    sa.Column("code_table", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),  # the legacy system's
    _text("label"),
    _text("ours", null=True),  # our canonical code; NULL = not mapped: a write with it is refused
)

number_change = sa.Table(
    "number_change",
    metadata,
    sa.Column("old", sa.Text, primary_key=True),
    sa.Column("new", sa.Text, primary_key=True),
    _text("changed"),
)

# -- quarters: imported, or proposed from addresses and settled by a person


def _settled() -> tuple[sa.Column[Any], ...]:
    """Where a row of the quarter ledger comes from, what speaks for it, and what a person said of it."""
    return (
        _text("source"),  # import | proposed
        _text("state"),  # proposed | confirmed | refused | merged
        sa.Column("support", sa.JSON, nullable=False),  # accounts, surveys, registry: how many speak for it
        _int("version", 1),
        _text("decided_by", null=True),
        _at("decided", null=True),
    )


quarter = sa.Table(
    "quarter",
    metadata,
    _id(),
    _text("county"),  # six digits
    _text("name"),
    _int("whole", 0),  # its buildings are all listed
    sa.Column("lng", sa.Float, nullable=True),
    sa.Column("lat", sa.Float, nullable=True),
    _ref("merged_into", "quarter", null=True),
    *_settled(),
    sa.UniqueConstraint("county", "name"),
)

quarter_alias = sa.Table(
    "quarter_alias",
    metadata,
    _id(),
    _ref("quarter_id", "quarter"),
    _text("name"),
    _text("kind"),  # old | popular | developer
    _text("valid_from", null=True),
    _text("valid_to", null=True),
    *_settled(),
    sa.UniqueConstraint("quarter_id", "name"),
)

quarter_building = sa.Table(
    "quarter_building",
    metadata,
    _id(),
    _ref("quarter_id", "quarter"),
    _text("phase", ""),
    _text("name"),
    sa.Column("units", sa.JSON, nullable=False),
    _int("floors", null=True),
    sa.Column("rooms", Sealed, nullable=False),  # [unit, room] …
    _int("whole", 0),  # its units and rooms are all listed
    *_settled(),
    sa.UniqueConstraint("quarter_id", "phase", "name"),
)

# -- deliveries

batch = sa.Table(
    "batch",
    metadata,
    _id(),
    _text("source"),
    _text("kind"),  # archive | survey | real_estate | population
    _text("name"),  # the file's name, or the cursor's range
    _text("business_date"),
    _text("as_of", null=True),
    _text("raw_sha256"),
    _text("raw_path"),  # sealed, as it came
    _int("rows"),
    _int("refused"),
    _text("cursor", null=True),  # where the next pull of this source begins
    _int("compared", 0),  # of an export of the archive: whether it was compared with the one before it
    _at(),
    sa.UniqueConstraint("source", "raw_sha256"),
)

snapshot = sa.Table(
    "snapshot",
    metadata,
    _id(),
    _ref("batch_id", "batch"),
    _text("rows_of"),  # accounts | contacts | rows
    _text("path"),  # sealed parquet
    _text("sha256"),
    _int("rows"),
    sa.UniqueConstraint("batch_id", "rows_of"),
)

problem = sa.Table(
    "problem",
    metadata,
    _id(),
    _ref("run_id", "run", null=True),
    _ref("batch_id", "batch", null=True),
    _text("code"),
    _text("place"),
    _int("row", null=True),
    sa.Column("params", sa.JSON, nullable=False),
    _at(),
)

# -- entities and cells

entity = sa.Table(
    "entity",
    metadata,
    _id(),
    _text("kind"),
    _text("key"),
    _text("org", ""),
    _ref("parent_id", "entity", null=True),  # account → its customer
    sa.UniqueConstraint("kind", "key"),
)

cell = sa.Table(
    "cell",
    metadata,
    _id(),
    _ref("entity_id", "entity"),
    _text("field"),
    _text("value_hash", null=True),  # keyed hash of the value after the change
    _text(
        "changed_from", null=True
    ),  # the change lies after this date (of our own write: when somebody else last changed it) …
    _text("changed_to"),  # … and not after this one
    _text("by"),  # snapshot | hedang | screen
    sa.Column(
        "value", Sealed, nullable=True
    ),  # our own verified write, or what a screen showed, until an export shows it
    _int("step_id", null=True),
    sa.UniqueConstraint("entity_id", "field"),
)

# -- findings

finding = sa.Table(
    "finding",
    metadata,
    _id(),
    _ref("entity_id", "entity"),
    _text("rule"),
    _text("field"),
    _text("value_hash"),
    _text("group"),
    _text("severity"),
    _text("class"),
    sa.Column("params", Sealed, nullable=False),
    _text("opened"),
    _text("last_seen"),
    _text("closed", null=True),
    _text("rule_version"),
    sa.UniqueConstraint("entity_id", "rule", "field", "value_hash"),
)
sa.Index(
    "ix_finding_open",
    finding.c.rule,
    sqlite_where=finding.c.closed.is_(None),
    postgresql_where=finding.c.closed.is_(None),
)

# -- proposals and decisions

proposal = sa.Table(
    "proposal",
    metadata,
    _id(),
    _ref("entity_id", "entity"),
    _text("field"),
    _text("operation"),
    _text(
        "hash"
    ),  # keyed hash of entity, field, operation, row, after, evidence and policy: the same is never proposed twice
    sa.Column("before", Sealed, nullable=True),
    sa.Column("after", Sealed, nullable=True),
    sa.Column("row", Sealed, nullable=False),
    sa.Column("evidence", Sealed, nullable=False),  # values and verdicts, frozen
    _text("class"),
    _text("disposition"),
    sa.Column("conditions", sa.JSON, nullable=False),
    sa.Column("rules", sa.JSON, nullable=False),
    sa.Column("posterior", sa.Float, nullable=True),
    _int("siblings", 0),
    _text("origin", ""),
    _text("state"),  # open | decided | itemised | settled | superseded | rejected
    _int("version", 1),
    _text("created"),
    _ref("run_id", "run", null=True),
    sa.UniqueConstraint("entity_id", "hash"),
)
sa.Index("ix_proposal_state", proposal.c.state, proposal.c.disposition)

decision = sa.Table(
    "decision",
    metadata,
    _id(),
    _ref("proposal_id", "proposal"),
    _int("version"),
    _text("verdict"),  # accept | other | reject | defer
    sa.Column("value", Sealed, nullable=True),
    _text("reviewer"),
    sa.Column("note", Sealed, nullable=True),
    _text("via"),
    _at(),
    sa.UniqueConstraint("proposal_id", "version"),
)

# -- work

item = sa.Table(
    "item",
    metadata,
    _id(),
    _ref("entity_id", "entity"),
    _text("origin"),
    _int("revision"),
    _text("state"),
    _text("reason", ""),  # a code; its sentence belongs to flows.fill
    _int("fence", 0),
    _ref("worker_id", "worker", null=True),
    _at("lease_until", null=True),
    _at("not_before", null=True),  # backoff, or the end of the quiet period
    _int("attempts", 0),
    _int("canary", 0),
    _int("submits", 0),
    _ref("run_id", "run", null=True),  # the run that created it
    _at("created"),
    _at("ended", null=True),
    sa.UniqueConstraint("entity_id", "origin", "revision"),
)
_OPEN = sa.text("state IN (" + ", ".join(f"'{state}'" for state in OPEN) + ")")
sa.Index("uq_item_open", item.c.entity_id, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
sa.Index("ix_item_state", item.c.state, item.c.not_before)

step = sa.Table(
    "step",
    metadata,
    _id(),
    _ref("item_id", "item"),
    _int("seq"),
    _text("screen"),
    _text("operation"),
    sa.Column("changes", Sealed, nullable=False),
    sa.Column("row", Sealed, nullable=False),
    _text("state"),  # ready | intent | submitted | awaiting | verified | unchanged
    _text("order_no", ""),
    sa.UniqueConstraint("item_id", "seq"),
)

intent = sa.Table(
    "intent",
    metadata,
    _id(),
    _ref("step_id", "step"),
    _int("fence"),
    _ref("worker_id", "worker"),
    _ref("run_id", "run", null=True),
    sa.Column("before_image", Sealed, nullable=False),
    sa.Column("typed", Sealed, nullable=False),  # the cells that differ
    sa.Column("after_image", Sealed, nullable=True),
    _text("outcome", "open"),  # open | verified | nothing | partial | foreign | refused | undecided
    _at(),
    _at("submitted", null=True),
    _at("unknown_since", null=True),
    _at("read_back", null=True),
    _text("told", ""),  # the mark of the fetch that verified it, as long as no other session has read it
    _at("swept", null=True),  # the last look after the run, whatever the ledger calls the item
)

sa.Index("ix_intent_step", intent.c.step_id)  # else every item looks through all that was ever typed

proof = sa.Table(
    "proof",
    metadata,
    _id(),
    _text("mark"),  # hash of a screen's map, its system and its login: what was proven or refuted
    _ref("worker_id", "worker"),
    _ref("item_id", "item"),  # whose changed record was read both ways
    _int("agreed"),
    _at(),
)
sa.Index("ix_proof_mark", proof.c.mark)

call = sa.Table(
    "call",
    metadata,
    _id(),
    _text("verifier"),
    _text("question"),
    _text("subject"),  # keyed hash of the values that were asked about
    _text("key"),  # idempotency key
    _text("state"),  # intended | answered | failed
    _text("verdict", ""),
    _text("subcode", ""),
    _text("as_of", null=True),
    _text("expires", null=True),
    _int("fee_cents", 0),
    _text("business_date"),
    _ref("run_id", "run", null=True),
    _at(),
    sa.UniqueConstraint("key"),
)
sa.Index("ix_call_subject", call.c.verifier, call.c.question, call.c.subject)

# -- runs and figures

run = sa.Table(
    "run",
    metadata,
    _id(),
    _text("flow"),
    _text("business_date"),
    _text("state"),  # due | running | done | incomplete (a source was not read) | failed | skipped
    _int("attempt", 0),
    _int("fence", 0),
    _ref("worker_id", "worker", null=True),
    _at("lease_until", null=True),
    _text("config_digest", ""),
    sa.Column("rule_versions", sa.JSON, nullable=True),
    sa.Column("counts", sa.JSON, nullable=True),
    _text("reason", ""),
    sa.Column("heads", sa.JSON, nullable=True),  # the trail's chain heads at its end
    _at("started", null=True),
    _at("ended", null=True),
    sa.UniqueConstraint("flow", "business_date"),
)

run_step = sa.Table(
    "run_step",
    metadata,
    _id(),
    _ref("run_id", "run"),
    _int("attempt"),
    _text("name"),
    _text("state"),  # due | running | done | failed
    sa.Column("counts", sa.JSON, nullable=True),
    _at("started"),
    _at("ended", null=True),
)

figure = sa.Table(
    "figure",
    metadata,
    sa.Column("business_date", sa.Text, primary_key=True),
    sa.Column("org", sa.Text, primary_key=True),
    sa.Column("metric", sa.Text, primary_key=True),
    sa.Column("value", sa.Float, nullable=False),
)

# -- trail, workers, logins

trail = sa.Table(
    "trail",
    metadata,
    _id(),
    _text("writer"),
    _int("seq"),
    _at(),
    _text("actor"),
    _text("action"),
    _text("object"),
    sa.Column("detail", Sealed, nullable=True),
    _text("previous"),
    _text("hash"),
    sa.UniqueConstraint("writer", "seq"),
)

worker = sa.Table(
    "worker",
    metadata,
    _id(),
    _text("name"),
    _text("host"),
    _int("pid"),
    sa.Column("process_started", sa.Float, nullable=False),
    _at(),
    _at("seen"),
)

login = sa.Table(
    "login",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    _int("fence", 0),
    _ref("worker_id", "worker", null=True),
    _at("lease_until", null=True),
)

circuit = sa.Table(
    "circuit",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),  # the legacy system, or a verifier
    _int("failures", 0),
    _at("opened", null=True),
    _text("reason", ""),
)
