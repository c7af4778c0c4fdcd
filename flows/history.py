"""Turn what the ledger itself knows into inputs of rules: our own saves and what came of them, kept exports, paid answers.

    extra |= history.known(ledger, archive, surveys, day)

An input of which the ledger knows nothing yet is left out, so that the rules which need it are not evaluated.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa

from core.ledger import Ledger, batches, calls, entities, fills
from core.ledger.batches import Batch
from core.model import Kind, VerdictEvidence
from flows.archive import CUSTOMER_FIELDS
from flows.evidence import Surveys
from matchers.archive import Archive
from matchers.columns import Coded, encode

Extra = dict[str, object]
Column = list[str | None]
FACTORS = ("cons_name", "cert_no", "mobile")


def known(ledger: Ledger, archive: Archive, surveys: Surveys, day: date) -> Extra:
    """Every input that the ledger gives of itself."""
    accounts_of = _accounts_of(archive)
    found = _saves(ledger, accounts_of) | {
        "open_orders": frozenset(
            number for kind, key in fills.foreign_orders(ledger, day) for number in accounts_of(kind, key)
        ),
        "survey_before": _before(ledger, archive, surveys),
        "evidence_dates": _evidence_dates(ledger, archive, surveys),
    }
    return {name: value for name, value in found.items() if value}


def _accounts_of(archive: Archive) -> Callable[[Kind, str], tuple[str, ...]]:
    """The account numbers that a legacy object belongs to: a customer's are all of his accounts'."""

    @cache
    def of_customers() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for number, customer in zip(archive.keys.decode(), archive.column("cust_no").decode(), strict=True):
            if number and customer:
                found.setdefault(str(customer), []).append(str(number))
        return found

    return lambda kind, key: tuple(of_customers().get(key, ())) if kind is Kind.CUSTOMER else (key,)


def _saves(ledger: Ledger, accounts_of: Callable[[Kind, str], tuple[str, ...]]) -> Extra:
    filled = fills.filled_for(ledger)
    return {
        "readbacks": frozenset(
            (number, cell.field) for cell in fills.read_otherwise(ledger) for number in accounts_of(cell.kind, cell.key)
        ),
        "rewritten": frozenset(
            (number, cell.field, rule)
            for cell, rules in filled.items()
            for rule in rules
            for number in accounts_of(cell.kind, cell.key)
        ),
    }


# -- what stood there when a visit was made


def _before(ledger: Ledger, archive: Archive, surveys: Surveys) -> dict[str, Coded]:
    """For each answer the cell in the newest export of a day before the visit's; where there is none, in the oldest one kept.

    The oldest export cannot show a write of ours, so what it shows is what stood there.
    """
    exports = [b for b in batches.of_kind(ledger, "archive", "accounts") if b.rows and b.as_of]
    wanted: dict[int, set[str]] = {}
    for number, answers in surveys.answers.items():
        for answer in answers.values():
            if exports and answer.evidence.as_of is not None:
                wanted.setdefault(_export_of(exports, answer.evidence.as_of), set()).add(number)
    row_of = {str(key): row for row, key in enumerate(archive.keys.decode()) if key} if wanted else {}
    found: dict[str, Column] = {}
    for place, numbers in wanted.items():
        _lay(found, batches.read(ledger, exports[place]), numbers, surveys, row_of)
    return {field: encode(column) for field, column in found.items()}


def _export_of(exports: list[Batch], visited: date) -> int:
    """The place of the export that shows what stood there when the visit was made."""
    earlier = [place for place, export in enumerate(exports) if export.as_of is not None and export.as_of < visited]
    return earlier[-1] if earlier else 0


def _lay(
    found: dict[str, Column], table: pa.Table, numbers: set[str], surveys: Surveys, row_of: Mapping[str, int]
) -> None:
    """Put the export's cells of these accounts into the columns of the fields that their answers are about."""
    fields = {name for number in numbers for name in surveys.answers[number]} & set(table.column_names)
    cells = {name: table[name].to_pylist() for name in fields}
    for place, number in enumerate(table["cons_no"].to_pylist()):
        if number in numbers and number in row_of:
            for name in fields & surveys.answers[number].keys():
                found.setdefault(name, [None] * len(row_of))[row_of[number]] = cells[name][place]


# -- how old evidence is


def _evidence_dates(ledger: Ledger, archive: Archive, surveys: Surveys) -> dict[str, tuple[Coded, Coded]]:
    """For each answer that would change its cell: its day, and the day somebody else last changed the cell."""
    with ledger.begin() as tx:
        changes = {where: change.theirs for where, change in entities.last_changes(tx).items()}
    told: dict[str, tuple[Column, Column]] = {}
    for row, number in enumerate(archive.keys.decode() if surveys.answers else ()):
        for name, answer in surveys.answers.get(str(number), {}).items():
            customer = name in CUSTOMER_FIELDS
            key = archive.column("cust_no").at(row) if customer else str(number)
            change = changes.get((Kind.CUSTOMER if customer else Kind.ACCOUNT, key or "", name))
            if answer.wrong and change and answer.evidence.as_of and answer.value != archive.column(name).at(row):
                blank: Column = [None] * len(archive)
                days, changed = told.setdefault(name, (blank, list(blank)))
                days[row], changed[row] = answer.evidence.as_of.isoformat(), change.isoformat()
    return {name: (encode(days), encode(changed)) for name, (days, changed) in told.items()}


# -- what was paid for


def answered(
    ledger: Ledger, archive: Archive, day: date, subject: Callable[[Mapping[str, str]], str]
) -> dict[str, Coded]:
    """The paid answers about what the archive holds now: result, which, and what was asked, as the batches' answers are given."""
    paid = {about: said for (question, about), said in calls.answers(ledger, day).items() if question == "three_factor"}
    if not paid:
        return {}
    columns: dict[str, Column] = {name: [None] * len(archive) for name in ("result", "which", *FACTORS)}
    for row, values in _factors(archive):
        said = paid.get(subject(values))
        if said is not None:
            told = {"result": str(said.verdict), "which": _which(said), **values}
            for name, value in told.items():
                columns[name][row] = value
    return {name: encode(column) for name, column in columns.items()}


def laid_over(paid: Mapping[str, Coded], delivered: Mapping[str, Coded]) -> dict[str, Coded]:
    """The batches' answers, with the paid ones in place of them on accounts that have one."""
    if not paid or not delivered:
        return dict(paid or delivered)
    rows = paid["result"].present()
    nothing = encode([None] * len(rows))
    return {
        name: encode(np.where(rows, paid[name].decode(), delivered.get(name, nothing).decode()).tolist())
        for name in paid
    }


WHICH = {"name": "name", "id": "id", "name_and_id": "name id"}


def _which(said: VerdictEvidence) -> str | None:
    return WHICH.get(said.subcode)


def _factors(archive: Archive) -> Iterable[tuple[int, dict[str, str]]]:
    """The account rows with each of their contacts' numbers, beside name and certificate."""
    names, idents = archive.column("cons_name").decode(), archive.column("cert_no").decode()
    if "mobile" not in archive.contacts:
        return
    for row, mobile in zip(archive.contact_of.tolist(), archive.contacts["mobile"].decode(), strict=True):
        if row >= 0 and mobile and names[row] and idents[row]:
            yield row, {"cons_name": str(names[row]), "cert_no": str(idents[row]), "mobile": str(mobile)}
