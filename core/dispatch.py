"""Whom to visit first, and why: the values that the dispatch list is drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.words import Words

PARTS = ("findings", "risk", "age", "neighbours")
"""What a score is the sum of; config/dispatch.yaml says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """An open finding that calls for a visit."""

    rule: str
    name: Words
    severity: str
    opened: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One account to be visited; holder and address are masked."""

    rank: int
    account: str
    holder: str
    address: str
    station: str
    area: str  # transformer area
    line: str
    score: float
    parts: Mapping[str, float]  # one of PARTS → its share of the score
    high_risk: bool
    surveyed: date | None
    reasons: tuple[Reason, ...]  # the gravest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """The visits of one transformer area, as one way."""

    rank: int
    station: str
    area: str
    line: str
    visits: int
    high_risk: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """The ranked list; `visits` may be its beginning only, the counts are those of the whole."""

    day: date
    visits: tuple[Visit, ...]
    trips: tuple[Trip, ...]
    accounts: int  # that are to be visited
    high_risk: int
