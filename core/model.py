"""The nouns that all rooms share: frozen values for whatever one person looks at."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as factory
from datetime import date
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The entities of an archive, and the legacy objects that screens edit."""

    CUSTOMER = "customer"  # 客户: name and certificate hang here; key = cust_no
    ACCOUNT = "account"  # 用电户: key = cons_no
    CONTACTS = "contacts"  # the contact list of an account, edited as one object; key = cons_no
    METER = "meter"  # 计量点
    QUARTER = "quarter"  # 小区
    BUILDING = "building"
    UNIT = "unit"
    FLAT = "flat"
    RECORD = "record"  # whatever a map that stands alone edits; key = map, host and the record's own key


class Class(StrEnum):
    """Why a value may be written (domain: the gate)."""

    S = "S"  # an audited survey entry
    A = "A"  # a deterministic repair
    B = "B"  # corroborated by independent sources
    C = "C"  # a person decides
    N = "N"  # never written


class Disposition(StrEnum):
    """What the gate said of a proposal."""

    AUTOMATIC = "automatic"
    REVIEW = "for_review"
    NEVER = "never"


class Operation(StrEnum):
    """What a step does to its legacy object; a row is never deleted."""

    SET = "set"  # change cells of a form
    ADD = "add"  # add a row to a list
    CHANGE = "change"  # change cells of one row of a list
    APPLY = "apply"  # open a change order


class State(StrEnum):
    """Where a work item stands.

    waiting ──▶ ready ──claim──▶ working ──▶ verified | unchanged | conflict | refused
                  ▲                 │ ├──order opened──▶ awaiting ──later night──▶ verified | refused (returned)
                  │                 │ └──surprise after the intent──▶ unknown ──quiet period, read──▶ verified | ready | parked
                  └──backoff────────┘        (three application errors, or undecidable: parked)
    """

    WAITING = "waiting"  # behind another open item of the same object
    READY = "ready"
    WORKING = "working"  # leased by one worker
    UNKNOWN = "unknown"  # read first, never retried as it stands
    AWAITING = "awaiting_approval"  # a change order is open in the legacy system
    VERIFIED = "verified"
    UNCHANGED = "unchanged"  # the legacy system already held the values
    CONFLICT = "conflict"  # changed since planned; nothing was overwritten
    REFUSED = "business_error"  # the legacy system or its limits refuse the value; a person acts
    PARKED = "parked"  # waits for a person because of the system
    SUPERSEDED = "superseded"  # a later proposal replaced it before it started


OPEN = (State.READY, State.WORKING, State.UNKNOWN, State.AWAITING, State.PARKED)
"""At most one item of a legacy object may be in one of these."""

FINAL = (State.VERIFIED, State.UNCHANGED, State.CONFLICT, State.REFUSED, State.SUPERSEDED)


class Verdict(StrEnum):
    """The canonical answers of verification services."""

    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"
    NO_RECORD = "no_record"
    NOT_IN_SERVICE = "not_in_service"
    REASSIGNED = "reassigned"
    UNSUPPORTED = "unsupported"
    ERROR_RETRY = "error_retry"
    ERROR_FINAL = "error_final"
    LISTED = "listed"  # there is such a thing; whose it is the source cannot say


NEUTRAL = (Verdict.NO_RECORD, Verdict.UNSUPPORTED, Verdict.ERROR_RETRY, Verdict.ERROR_FINAL, Verdict.LISTED)
"""Answers that count neither against the archive nor for a new value."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One place in the archive: what is written is named by it everywhere."""

    kind: Kind
    key: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """Where a value came from: a row of a batch (the snapshot holds the value itself)."""

    batch: int
    row: int  # its number in the file
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How a record without a shared key was found to belong to an account."""

    probability: float
    sure: bool  # wrong less often than is tolerated; otherwise only a person may judge by it
    agreed: tuple[
        tuple[str, str, int], ...
    ]  # the fields that it was judged by: name, kind of comparison, level (−1: missing)
    relation: str  # of whom the record speaks: holder | contact | co_owner | resident
    spec: str  # the file of config/linking/
    account: str
    record: str  # the source's own number of it

    @property
    def by(self) -> frozenset[str]:
        """The fields that it was judged by."""
        return frozenset(name for name, _, _ in self.agreed)

    def witnesses(self, field: str) -> bool:
        """Whether the record is evidence on a field: the link is sure, and does not rest on that very field."""
        return self.sure and field not in self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueEvidence:
    """A source states a value."""

    field: str
    value: str | None
    masked: bool = False
    explicit_none: bool = False  # the source says "there is none"
    source: str
    as_of: date | None  # an interval of one day in Asia/Shanghai; None = the source does not say
    ref: Ref | None = None
    note: str = ""  # who: surveyor and auditor, or how the record was linked
    mask: str = ""  # of a masked value: a star stands for `one` character, or for `many`
    link: Link | None = None  # of a record that no key has found

    @property
    def counts(self) -> bool:
        """Whether it may speak for or against a value; what rests on an uncertain link is shown to a person only."""
        return self.link is None or self.link.witnesses(self.field)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictEvidence:
    """A service answered a question about values; it can confirm or refute, never supply."""

    fields: tuple[str, ...]
    subject: str  # keyed hash of the values that were asked about
    verdict: Verdict
    subcode: str = ""
    source: str
    as_of: date | None
    call: int | None = None
    ref: Ref | None = None  # of an answer that came in a batch
    note: str = ""  # how the answer was found


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of the gate, kept with the proposal whether it held or failed."""

    code: str
    held: bool
    params: Mapping[str, object] = factory(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One breakage of one rule on one field, alive from the night that opened it to the night that closed it."""

    id: int
    kind: Kind
    key: str
    org: str
    rule: str
    field: str
    group: str
    severity: str
    cls: Class
    params: Mapping[str, object]
    opened: date
    closed: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A proposal before it is in the ledger."""

    kind: Kind
    key: str
    org: str
    field: str
    operation: Operation
    before: str | None
    after: str | None  # None: something is wrong, and no source states a value
    row: Mapping[str, str] = factory(
        default_factory=dict
    )  # list fields: the row to add, or the row to change as it is now
    siblings: int = 0  # other accounts that the save touches
    cls: Class
    disposition: Disposition
    conditions: tuple[Condition, ...] = ()
    values: tuple[ValueEvidence, ...] = ()
    verdicts: tuple[VerdictEvidence, ...] = ()
    rules: tuple[str, ...] = ()  # the open findings that it would settle
    posterior: float | None = None
    origin: str = ""  # survey task and revision, where the value comes from a survey
    changed: date | None = None  # when somebody else last changed the cell: the same proposal after that is another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal(Draft):
    """A value to write, with its frozen evidence."""

    id: int
    version: int  # grows with every change of state; a workbook row must name the current one
    state: str  # open | decided | itemised | settled | superseded | rejected
    created: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person said of a proposal."""

    proposal: int
    version: int
    verdict: str  # accept | other | reject | defer
    value: str | None  # with `other`
    reviewer: str
    note: str = ""
    via: str = ""  # workbook and row, or console


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One cell of a step: from what to what, and the proposal that says so."""

    field: str
    before: str | None
    after: str
    proposal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One save on one screen."""

    id: int
    seq: int
    screen: str
    operation: Operation
    changes: tuple[Change, ...]
    row: Mapping[str, str]  # CHANGE: the row as it was when planned
    state: str  # ready | intent | submitted | verified | unchanged | awaiting
    order: str = ""  # the change order's number


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """What has to be done to one legacy object because of one origin."""

    id: int
    kind: Kind
    key: str
    org: str
    origin: str
    revision: int
    state: State
    fence: int
    attempts: int
    canary: bool
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """How the item is called in logs, workbooks and pages: carries no personal data."""
        return f"I{self.id:06d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What a screen shows of one object, in our canonical values.

    `cells` for a form; `rows` for a list, in the screen's order. `derived` fields are left out by the screen map.
    """

    screen: str
    key: str
    cells: Mapping[str, str] = factory(default_factory=dict)
    rows: tuple[Mapping[str, str], ...] = ()
    stamp: str = ""  # what every save moves, where the map names such a field; not stored

    def plain(self) -> dict[str, Any]:
        """For storing."""
        return {"screen": self.screen, "key": self.key, "cells": dict(self.cells), "rows": [dict(r) for r in self.rows]}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Image":
        """From what `plain` gave."""
        return cls(screen=plain["screen"], key=plain["key"], cells=plain["cells"], rows=tuple(plain["rows"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A change order as the legacy system shows it."""

    number: str
    key: str
    state: str  # pending | archived | returned
    reason: str = ""
    cells: Mapping[str, str] = factory(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the screen said after the save; it proves nothing, the read-back does."""

    message: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of a spreadsheet that a person wants to stand on a screen; an absent field stays as it is there."""

    row: int  # its number in the file
    key: str
    values: Mapping[str, str]  # field → our canonical value
    refusal: str = ""  # why the screen cannot hold it: a code of LegacySystem.refuse, or ambiguous_code
    field: str = ""  # … and which field that is


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in the input or on a screen that a person should know, named by place and reason."""

    code: str
    place: str  # file, or screen
    row: int | None = None
    params: Mapping[str, object] = factory(default_factory=dict)
