"""Turn what the ledger itself knows into inputs of rules: our own saves and what came of them, kept exports, paid answers.

    extra |= history.known(ledger, archive, surveys, day)

An input of which the ledger knows nothing yet is left out, so that the rules which need it are not evaluated.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.ledger import Ledger, batches, calls, entities, fills
from core.ledger.batches import Batch
from core.model import Kind, VerdictEvidence
from flows.archive import CUSTOMER_FIELDS
from flows.inputs import laid, placed
from flows.surveys import Answers, Surveys
from matchers.archive import Archive
from matchers.columns import MISSING, Coded, encode, stacked

Extra = dict[str, object]
Column = list[str | None]
Rows = npt.NDArray[np.integer]
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
    told = surveys.answers
    if not exports or not told:
        return {}
    answers, rows = dict(told.by_field()), placed(archive, told)
    export_of = np.array([MISSING if v.day is None else _export_of(exports, v.day) for v in told.visits])
    visit_of = told.visit_of()
    found: dict[str, list[tuple[Coded, Rows]]] = {}
    for place in np.unique(export_of[export_of != MISSING]).tolist():
        table = batches.read(ledger, exports[place], ["cons_no", *answers])
        line = np.where((export_of == place) & (rows != MISSING), _lines(table, told), MISSING)
        for name in answers.keys() & set(table.column_names):
            visits = visit_of[answers[name]]
            visits = visits[line[visits] != MISSING]
            if len(visits):
                found.setdefault(name, []).append((encode(table[name].take(line[visits])), rows[visits]))
    return {
        name: laid(stacked([cells for cells, _ in parts]), np.concatenate([of for _, of in parts]), len(archive))
        for name, parts in found.items()
    }


def _export_of(exports: list[Batch], visited: date) -> int:
    """The place of the export that shows what stood there when the visit was made."""
    earlier = [place for place, export in enumerate(exports) if export.as_of is not None and export.as_of < visited]
    return earlier[-1] if earlier else 0


def _lines(table: pa.Table, told: Answers) -> Rows:
    """The export's last line of each visited account, −1 where it has none."""
    numbers = pa.array([visit.account for visit in told.visits], pa.string())
    last_first = table["cons_no"].take(np.arange(table.num_rows)[::-1])
    line = pc.subtract(table.num_rows - 1, pc.index_in(numbers, value_set=last_first)).fill_null(MISSING)
    return line.to_numpy(zero_copy_only=False)


# -- how old evidence is


def _evidence_dates(ledger: Ledger, archive: Archive, surveys: Surveys) -> dict[str, tuple[Coded, Coded]]:
    """For each answer that would change its cell: its day, and the day somebody else last changed the cell."""
    with ledger.begin() as tx:
        changes = {where: change.theirs for where, change in entities.last_changes(tx).items() if change.theirs}
    told = surveys.answers
    if not changes or not told:
        return {}
    rows, visit_of = placed(archive, told), told.visit_of()
    found: dict[str, list[tuple[int, str, str]]] = {}
    for name, of in told.by_field():
        customer = name in CUSTOMER_FIELDS
        for answer in of[told.wrong[of] & (rows[visit_of[of]] != MISSING)].tolist():
            visit = told.visits[visit_of[answer]]
            row = int(rows[visit_of[answer]])
            key = archive.column("cust_no").at(row) if customer else visit.account
            change = changes.get((Kind.CUSTOMER if customer else Kind.ACCOUNT, key or "", name))
            if change and visit.day and told.value.at(answer) != archive.column(name).at(row):
                found.setdefault(name, []).append((row, visit.day.isoformat(), change.isoformat()))
    return {name: _days(cells, len(archive)) for name, cells in found.items()}


def _days(cells: Sequence[tuple[int, str, str]], length: int) -> tuple[Coded, Coded]:
    rows, days, changed = zip(*cells, strict=True)
    return laid(encode(days), np.array(rows), length), laid(encode(changed), np.array(rows), length)


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
