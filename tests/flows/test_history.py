"""Promises of the inputs that the ledger gives of itself: what stood there, how old evidence is, what was paid for."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import cast

import pyarrow as pa

from core.ledger import Ledger, batches, calls, entities
from core.ledger.calls import FIELDS
from core.model import Kind, Ref, ValueEvidence, Verdict, VerdictEvidence
from core.ports import Delivery
from flows import history
from flows.surveys import Answer, Surveys
from matchers.archive import Archive
from matchers.columns import Coded, encode
from tests.flows.desk import surveyed

SATURDAY, SUNDAY, MONDAY, TUESDAY = (date(2026, 1, day) for day in (3, 4, 5, 6))
HOLDER = {"cons_name": "安宁", "cert_no": "139901197001100316", "mobile": "19400000001"}


def _archive(room: str = "301") -> Archive:
    accounts = {"cons_no": ["1", "2"], "cust_no": ["C1", "C1"], "room_no": [room, "9"], "cons_name": ["安宁", "安宁"]}
    accounts["cert_no"] = [HOLDER["cert_no"], ""]
    contacts = pa.table({"cons_no": ["1", "2"], "mobile": [HOLDER["mobile"], HOLDER["mobile"]]})
    return Archive.from_tables(pa.table(accounts), contacts, TUESDAY)


def _export(ledger: Ledger, day: date, room: str) -> None:
    columns: dict[str, list[str | None]] = {"cons_no": ["1", "2"], "room_no": [room, "9"]}
    delivery = Delivery(name=f"export-{day}", raw=repr(columns).encode(), as_of=day, columns=columns, table="accounts")
    assert batches.keep(ledger, "archive", "archive", delivery, day, None) is not None


def _surveys(day: date, value: str = "302", *, wrong: bool = True) -> Surveys:
    evidence = ValueEvidence(
        field="room_no", value=value, source="survey", as_of=day, ref=Ref(batch=1, row=1, column="value")
    )
    answer = Answer(field="room_no", wrong=wrong, value=value, evidence=evidence, lacks=(), origin="T1/1")
    answers = MappingProxyType({"1": MappingProxyType({"room_no": answer})})
    return surveyed(answers)


def _known(ledger: Ledger, surveys: Surveys, room: str = "301") -> dict[str, object]:
    return history.known(ledger, _archive(room), surveys, TUESDAY)


def _before(ledger: Ledger, visited: date) -> list[str | None]:
    found = cast("Mapping[str, Coded]", _known(ledger, _surveys(visited))["survey_before"])
    return cast("list[str | None]", found["room_no"].decode().tolist())


def test_a_ledger_that_knows_nothing_gives_no_input(ledger: Ledger) -> None:
    nothing = surveyed({})
    assert _known(ledger, nothing) == {}


def test_what_stood_there_is_read_from_the_export_before_the_visit(ledger: Ledger) -> None:
    _export(ledger, SATURDAY, "201")
    _export(ledger, MONDAY, "302")
    assert _before(ledger, SUNDAY) == ["201", None]
    assert _before(ledger, TUESDAY) == ["302", None]


def test_a_visit_before_all_exports_is_compared_with_the_oldest(ledger: Ledger) -> None:
    _export(ledger, SUNDAY, "201")
    _export(ledger, TUESDAY, "302")
    assert _before(ledger, SATURDAY) == ["201", None]


def test_evidence_older_than_somebody_elses_change_stands_beside_its_day(ledger: Ledger) -> None:
    with ledger.begin() as tx:
        entities.changed(tx, [(Kind.ACCOUNT, "1", "011", "room_no", "301")], SUNDAY, MONDAY)
    dates = cast("Mapping[str, tuple[Coded, Coded]]", _known(ledger, _surveys(SATURDAY))["evidence_dates"])
    told, changed = dates["room_no"]
    assert (told.decode().tolist(), changed.decode().tolist()) == (["2026-01-03", None], ["2026-01-05", None])


def test_an_answer_that_the_archive_holds_already_is_no_stale_evidence(ledger: Ledger) -> None:
    with ledger.begin() as tx:
        entities.changed(tx, [(Kind.ACCOUNT, "1", "011", "room_no", "302")], SUNDAY, MONDAY)
    assert "evidence_dates" not in _known(ledger, _surveys(SATURDAY), room="302")
    assert "evidence_dates" not in _known(ledger, _surveys(SATURDAY, wrong=False))


def _subject(values: Mapping[str, str]) -> str:
    return "|".join(values[name] for name in FIELDS["three_factor"])


def test_a_paid_answer_about_what_the_archive_holds_becomes_a_verdict(ledger: Ledger) -> None:
    call = calls.intend(ledger, "carrier", "three_factor", _subject(HOLDER), MONDAY, None)
    said = VerdictEvidence(
        fields=FIELDS["three_factor"], subject=_subject(HOLDER), verdict=Verdict.INCONSISTENT, subcode="id",
        source="carrier", as_of=MONDAY,
    )  # fmt: skip
    assert history.answered(ledger, _archive(), TUESDAY, _subject) == {}
    calls.answer(ledger, call, said, 30, MONDAY, 7)
    found = history.answered(ledger, _archive(), TUESDAY, _subject)
    told = {name: column.decode().tolist() for name, column in found.items()}
    assert told["result"] == ["inconsistent", None]
    assert told["which"] == ["id", None]
    assert {name: cells[0] for name, cells in told.items() if name in HOLDER} == HOLDER


def test_a_paid_answer_stands_before_the_batches(ledger: Ledger) -> None:
    names = ("result", "which", *FIELDS["three_factor"])
    paid = {name: encode(["p", None]) for name in names}
    delivered = {name: encode(["b", "b"]) for name in ("result", "which")}
    over = history.laid_over(paid, delivered)
    assert over["result"].decode().tolist() == ["p", "b"]
    assert over["mobile"].decode().tolist() == ["p", None]
