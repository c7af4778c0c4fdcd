"""Where Hedang touches what is truly outside: sources, verifiers, the legacy system, the clock."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from core.model import Change, Image, Operation, Order, Problem, Receipt, VerdictEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery of a source, as it came: bytes to keep, rows to read, problems met on the way.

    `columns` are lists of equal length, one per field (canonical field ids, values still as the source spelt them).
    """

    name: str  # the file's name or the cursor's range
    raw: bytes
    as_of: date | None
    columns: Mapping[str, list[str | None]]
    lines: Sequence[int] = ()  # the number of each row in the file, so that people find it; empty = counted from 1
    problems: tuple[Problem, ...] = ()
    refused: int = 0
    table: str = "rows"  # an archive has two: accounts and contacts
    cursor: str | None = None  # where the next pull begins, kept with the batch in one transaction


class Source(Protocol):
    """Where records come from."""

    name: str
    kind: str  # one of core.tables.KINDS

    def pull(self, since: str | None, known: frozenset[str]) -> Iterator[Delivery]:
        """Deliveries after the cursor `since`; files whose raw SHA-256 is in `known` are left out.

        Raises ApplicationError when the source cannot be reached after its retries; what came before is kept.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a verification call gave."""

    evidence: VerdictEvidence
    fee_cents: int


class Verifier(Protocol):
    """A service that answers questions and states nothing."""

    name: str

    def price(self, question: str) -> int:
        """Fee of one call in cents."""
        ...

    def ask(self, question: str, values: Mapping[str, str], key: str, subject: str) -> Answer:
        """Ask `question` (three_factor | status | reassigned) about the values, under an idempotency key.

        Raises ApplicationError when there is no answer after the retries (the call may have been paid: the same
        idempotency key asks again without a second fee).
        """
        ...


class LegacySystem(Protocol):
    """The screens of the system that cannot undo. It walks and types; it decides nothing and guards nothing."""

    def screens(self, kind: str) -> Sequence[str]:
        """The mapped screens that edit a kind of object, in order."""
        ...

    def refuse(self, screen: str, field: str, value: str) -> str | None:
        """Why the target field cannot hold the value (character set, length, code), or None."""
        ...

    def spelt(self, screen: str, field: str, text: str) -> str:
        """Our value of what a person wrote, by the control that the last `read` found.

        Raises BusinessError when that control cannot hold it; its code says why.
        """
        ...

    def drift(self) -> Sequence[Problem]:
        """Where controls were not found as their map says first, each once; the map should be mended."""
        ...

    def read(self, screen: str, key: str) -> Image:
        """Search the object anew, open it, and read what the screen shows; the record stays open.

        Raises BusinessError when there is no such object, ApplicationError when the system fails.
        """
        ...

    def enter(
        self, screen: str, key: str, operation: Operation, changes: Sequence[Change], row: Mapping[str, str]
    ) -> Receipt:
        """Type into the record that `read` left open, and save.

        Raises BusinessError when the screen refuses the value, OutcomeUnknown on anything unexpected.
        """
        ...

    def fetch(self, screen: str, key: str) -> Image:
        """What another query shows now; never the page that was saved."""
        ...

    def restless(self, screen: str, key: str) -> frozenset[str]:
        """Fields that the screen was seen to fill or change by itself after it came, this object's screen looked at anew."""
        ...

    def glances(self, screen: str) -> str:
        """What a proof of `glance` is kept under: this map on this system; empty where the map names no fetch."""
        ...

    def glance(self, screen: str, key: str) -> Image | None:
        """What the session is told when it asks for the record by its address, unopened; None where that cannot be had.

        It may be what this session remembers: only `flows.fill` knows when it counts.
        """
        ...

    def orders(self, screen: str, key: str) -> Sequence[Order]:
        """The change orders of an object, newest first."""
        ...

    def quiet(self, screen: str) -> float:
        """Seconds after which a save that went missing can no longer arrive."""
        ...

    def derived(self, screen: str) -> frozenset[str]:
        """Fields that the legacy system itself sets on a save."""
        ...

    def renew(self) -> None:
        """Log in anew."""
        ...

    def preflight(self, screens: Sequence[str]) -> Sequence[Problem]:
        """Whether every control of the screens answers exactly once and offers the mapped codes; types nothing."""
        ...

    def shot(self) -> bytes:
        """A picture of what is on the screen (PNG), personal data and all: seal it."""
        ...

    def close(self) -> None:
        """End the session and the browser."""
        ...


class Clock(Protocol):
    """The time, so that tests can hold it."""

    def now(self) -> datetime:
        """Now, with a time zone."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...
