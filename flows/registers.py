"""Read what other registers deliver: people by the flat that they live in, answers of carriers' batches, payers by account.

Every value keeps its source, its day, and whether a star in it stands for one character or for many (the source's own style).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.ledger import Ledger, batches
from core.ledger.batches import Batch
from core.model import Ref, ValueEvidence, Verdict, VerdictEvidence
from core.reference import Reference
from flows.evidence import Row, numbered
from matchers import comparators
from matchers.masks import stars

Masks = Mapping[str, Mapping[str, str]]
"""Source → column → what a star stands for: one character, or many."""

EITHER = ""
"""The style of a source that does not say what its stars stand for."""

Subject = Callable[[Mapping[str, str]], str]
"""The keyed hash of the values that a question was about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a register, read where it lies."""

    batch: Batch
    line: int
    row: Row
    updated: str  # ISO, as the source has it
    masks: Mapping[str, str]  # column → what a star stands for

    def text(self, column: str) -> str:
        """A cell; empty where there is nothing."""
        return self.row.get(column) or ""

    def says(self, field: str, column: str, note: str = "") -> ValueEvidence:
        """A cell as evidence on a field of ours."""
        value = self.text(column)
        masked = "*" in value
        return ValueEvidence(
            field=field, value=value or None, masked=masked, mask=self.masks.get(column, EITHER) if masked else "", source=self.batch.source,
            as_of=_day(self.updated) or self.batch.as_of, ref=Ref(batch=self.batch.id, row=self.line, column=column), note=note,
        )  # fmt: skip


def fits(said: ValueEvidence, value: str, reference: Reference) -> bool:
    """Whether what a register says of a name, a certificate or a number, masked or not, can be this one."""
    kind = {"cons_name": "name", "cert_no": "ident"}.get(said.field, "phone")
    comparator = comparators.load(kind)
    (level,) = comparator.compare([value], [said.value], reference, stars(said.mask)).tolist()
    return comparator.agrees(level) or (level >= comparators.BESIDE and comparator.called(level) == "MASK_COMPATIBLE")


def people(ledger: Ledger, masks: Masks) -> tuple[Entry, ...]:
    """The population register's valid entries; of several of a person the newest counts, and who moved or died is none."""
    found = _newest(ledger, "population", "person_no", "updated_at", masks)
    return tuple(entry for entry in found if entry.text("state") == "valid")


def payers(ledger: Ledger, masks: Masks) -> dict[str, list[Entry]]:
    """Account → who pays it; of each service the newest binding."""
    found: dict[str, list[Entry]] = {}
    for entry in _newest(ledger, "payment", "cons_no", "bound_at", masks):
        found.setdefault(entry.text("cons_no"), []).append(entry)
    return found


def _newest(ledger: Ledger, kind: str, key: str, dated: str, masks: Masks) -> Iterable[Entry]:
    """Of the rows with the same key in the same source the one that was updated last; rows without a key stand alone."""
    newest: dict[tuple[str, str], Entry] = {}
    for batch in batches.of_kind(ledger, kind, "rows"):
        styles = masks.get(batch.source, {})
        for line, row in numbered(ledger, batch):
            entry = Entry(batch=batch, line=line, row=row, updated=row.get(dated) or "", masks=styles)
            place = (batch.source, row.get(key) or f"{batch.id}/{line}")
            if place not in newest or entry.updated >= newest[place].updated:
                newest[place] = entry
    return newest.values()


RESULTS = {
    "consistent": Verdict.CONSISTENT,
    "inconsistent": Verdict.INCONSISTENT,
    "no_record": Verdict.NO_RECORD,
    "error": Verdict.ERROR_FINAL,
}
WHICH = {frozenset({"name"}): "name", frozenset({"id"}): "id"}
"""Of an inconsistent answer: the factor that alone differs; anything else is against the number."""


def answers(ledger: Ledger, subject: Subject) -> dict[str, VerdictEvidence]:
    """What carriers answered in batches: the subject of name, certificate and number → the newest answer."""
    found: dict[str, tuple[str, VerdictEvidence]] = {}
    for batch in batches.of_kind(ledger, "carrier", "rows"):
        for line, row in numbered(ledger, batch):
            asked = {"cons_name": row.get("name"), "cert_no": row.get("cert_no"), "mobile": row.get("mobile")}
            values = {name: value for name, value in asked.items() if value}
            verdict = RESULTS.get(row.get("result") or "")
            if len(values) == len(asked) and verdict is not None:
                about, day = subject(values), row.get("answered_at") or ""
                if about not in found or day >= found[about][0]:
                    found[about] = (day, _verdict(batch, line, row, about, verdict))
    return {about: verdict for about, (_, verdict) in found.items()}


def _verdict(batch: Batch, line: int, row: Row, about: str, verdict: Verdict) -> VerdictEvidence:
    which = WHICH.get(frozenset((row.get("which") or "").split()), "name_and_id")
    return VerdictEvidence(
        fields=("cons_name", "cert_no", "mobile"), subject=about, verdict=verdict,
        subcode=which if verdict is Verdict.INCONSISTENT else "", source=batch.source,
        as_of=_day(row.get("answered_at") or "") or batch.as_of, ref=Ref(batch=batch.id, row=line, column="result"),
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
