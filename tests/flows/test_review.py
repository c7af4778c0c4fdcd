"""Promises of the review loop: twenty decisions come back from a workbook, and each row that cannot be used is named."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import openpyxl
import pyarrow as pa
import pytest

from console.render import mismatch
from core import settings
from core.ledger import Ledger, proposals
from core.model import Class, Disposition, Draft, Kind, Operation, Proposal
from core.reference import Reference
from flows import report, review
from flows.archive import Current
from flows.review import PROBLEMS, Row, Taken, take
from tests.night import DAY, ROOT, Night, configured

REVIEWER = "审核员丁"
VERDICTS = ("采纳", "驳回", "改为", "暂缓")


def _fits(_kind: Kind, _field: str, value: str) -> str | None:
    return "length" if len(value) > 40 else None


def _rows(file: Path) -> list[Row]:
    return [
        Row(
            number=int(r["row"]), proposal=r["proposal"], version=r["version"], verdict=r["verdict"], value=r["value"],
            reviewer=r["reviewer"], note=r["note"],
        )
        for r in mismatch.read(file)
    ]  # fmt: skip


@pytest.fixture
def file(dark: Ledger, night: Night, tmp_path: Path) -> Path:
    """The workbook as a person has filled it in: twenty decisions, four kinds in turn."""
    mismatch.write(report.mismatches(dark, night.fields), tmp_path / "log.xlsx", "zh")
    book = openpyxl.load_workbook(tmp_path / "log.xlsx")
    sheet = book["待审"]
    head = {cell.value: cell.column or 0 for cell in sheet[1]}
    proposed = [
        row
        for row in range(2, sheet.max_row + 1)
        if sheet.cell(row, head["建议值(掩码)"]).value != mismatch.NO_VALUE.zh
    ]
    for place, row in enumerate(proposed[:20]):
        sheet.cell(row, head["决定"], VERDICTS[place % 4])
        sheet.cell(row, head["审核人"], REVIEWER)
        if VERDICTS[place % 4] == "改为":
            sheet.cell(row, head["新值"], f"新值{place}")
    book.save(tmp_path / "log.xlsx")
    return tmp_path / "log.xlsx"


def test_twenty_decisions_come_back(dark: Ledger, night: Night, file: Path) -> None:
    taken = take(dark, file.name, _rows(file), _fits)
    assert (taken.read, taken.decided, taken.undecided, taken.problems) == (
        len(night.waiting), 20, len(night.waiting) - 20, (),
    )  # fmt: skip
    decided = [d for p in night.waiting for d in proposals.decisions(dark, p.id) if d.reviewer == REVIEWER]
    states = {
        d.verdict: {proposals.get(dark, d.proposal).state for d in decided if d.verdict == d.verdict} for d in decided
    }
    assert set(states) == {"accept", "reject", "other", "defer"}
    for d in decided:
        found = proposals.get(dark, d.proposal)
        before = next(p for p in night.waiting if p.id == d.proposal)
        assert (
            found.state
            == {"accept": "decided", "other": "decided", "reject": "rejected", "defer": before.state}[d.verdict]
        )
        assert found.after == (d.value if d.verdict == "other" else before.after)
        assert d.via.startswith(f"{file.name} row ")


def test_the_same_file_again_changes_nothing_and_says_so(dark: Ledger, file: Path) -> None:
    take(dark, file.name, _rows(file), _fits)
    before = proposals.find(dark)
    again = take(dark, file.name, _rows(file), _fits)
    assert (again.decided, again.same, again.problems) == (0, 20, ())
    assert proposals.find(dark) == before


def test_what_was_decided_no_longer_waits_but_what_was_deferred_does(dark: Ledger, file: Path) -> None:
    before = {p.id for p in report.waiting(dark)}
    take(dark, file.name, _rows(file), _fits)
    decided = {int(r.proposal): r.verdict for r in _rows(file) if r.verdict}
    assert {p.id for p in report.waiting(dark)} == before - {n for n, verdict in decided.items() if verdict != "defer"}


# -- rows that cannot be used


def _row(p: Proposal, **changes: Any) -> Row:
    row = Row(
        number=2, proposal=str(p.id), version=str(p.version), verdict="accept", value="", reviewer=REVIEWER, note=""
    )
    return replace(row, **changes)


def _one(ledger: Ledger, row: Row, **more: Any) -> Taken:
    return take(ledger, "log.xlsx", [row], _fits, **more)


@pytest.fixture
def p(dark: Ledger, night: Night) -> Proposal:
    """One that waits and has a value."""
    return next(p for p in night.waiting if p.after is not None and p.state == "open")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"proposal": "P12"}, "no_number"),
        ({"version": ""}, "no_number"),
        ({"proposal": "999999"}, "unknown"),
        ({"version": "77"}, "stale"),
        ({"verdict": "同意"}, "no_verdict"),
        ({"verdict": "", "value": "x"}, "stray_value"),
        ({"value": "x"}, "stray_value"),
        ({"verdict": "other"}, "no_value"),
        ({"verdict": "other", "value": "1.39999198001011E+17"}, "lost_digits"),
        ({"verdict": "other", "value": "x" * 41}, "length"),
        ({"reviewer": ""}, "no_reviewer"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(dark: Ledger, p: Proposal, changes: dict[str, str], code: str) -> None:
    taken = _one(dark, _row(p, **changes))
    assert [(x.code, x.place, x.row) for x in taken.problems] == [(code, "log.xlsx", 2)]
    assert taken.decided == 0
    assert proposals.get(dark, p.id) == p
    for language in ("zh", "en"):
        assert "{" not in PROBLEMS[code].say(language, taken.problems[0].params)


def test_nothing_can_be_accepted_where_nothing_is_proposed(dark: Ledger, night: Night) -> None:
    empty = next(p for p in night.waiting if p.after is None)
    assert [x.code for x in _one(dark, _row(empty)).problems] == ["nothing_proposed"]


def test_what_no_longer_waits_is_named_with_its_state(dark: Ledger, p: Proposal) -> None:
    _one(dark, _row(p))
    now = proposals.get(dark, p.id)
    (problem,) = _one(dark, _row(now, verdict="reject")).problems
    assert (problem.code, problem.params["state"]) == ("settled", "decided")


def test_good_rows_go_on_beside_bad_ones(dark: Ledger, night: Night) -> None:
    one, other = [p for p in night.waiting if p.after is not None][:2]
    taken = take(dark, "log.xlsx", [_row(one, verdict="同意"), _row(other, number=3)], _fits)
    assert (taken.decided, [x.row for x in taken.problems]) == (1, [2])


def test_rows_that_contradict_each_other_are_none_of_them_taken(dark: Ledger, p: Proposal) -> None:
    taken = take(dark, "log.xlsx", [_row(p), _row(p, number=3, verdict="reject")], _fits)
    assert (taken.decided, [(x.code, x.row) for x in taken.problems]) == (0, [("double", 2), ("double", 3)])
    assert proposals.get(dark, p.id) == p


def test_the_same_row_twice_counts_once(dark: Ledger, p: Proposal) -> None:
    taken = take(dark, "log.xlsx", [_row(p), _row(p, number=3)], _fits)
    assert (taken.decided, taken.same, taken.problems) == (1, 1, ())


def test_the_commands_reviewer_stands_in_where_a_row_names_nobody(dark: Ledger, night: Night) -> None:
    one, other = [p for p in night.waiting if p.after is not None][:2]
    take(dark, "log.xlsx", [_row(one, reviewer=""), _row(other)], _fits, reviewer="审核员戊")
    assert [proposals.decisions(dark, p.id)[-1].reviewer for p in (one, other)] == ["审核员戊", REVIEWER]


def test_a_value_that_breaks_a_rule_is_refused_with_the_rules(dark: Ledger, p: Proposal) -> None:
    (problem,) = _one(dark, _row(p, verdict="other", value="x"), breaks=lambda *_: ("ID02", "ID03")).problems
    assert (problem.code, problem.params) == ("breaks", {"rules": "ID02 ID03"})


# -- what a typed value would break


@pytest.fixture(scope="module")
def judge() -> Callable[[Proposal, str], Any]:
    """One customer with one account and one contact, and the rules as they are delivered."""
    accounts = {
        "cons_no": "1000000001",
        "cust_no": "200000001",
        "cons_name": "测一帆",
        "cert_type_code": "01",
        "cert_no": None,
    }
    contacts = {"cons_no": "1000000001", "contact_name": "测一帆", "mobile": "19400010001"}
    now = SimpleNamespace(accounts=_table(accounts), contacts=_table(contacts))
    rules, fields = configured()
    reference = Reference.load(settings.read(ROOT / "config").path("reference"), marked=True)
    return review.judge(cast("Current", now), rules, reference, fields, DAY)


def _table(row: Mapping[str, str | None]) -> pa.Table:
    return pa.table({name: pa.array([value], pa.string()) for name, value in row.items()})


def _asked(kind: Kind, key: str, field: str, operation: Operation = Operation.SET, **row: str) -> Proposal:
    draft = Draft(
        kind=kind, key=key, org="", field=field, operation=operation, before=None, after=None, row=row, cls=Class.C,
        disposition=Disposition.REVIEW,
    )  # fmt: skip
    rest = {name: getattr(draft, name) for name in Draft.__dataclass_fields__}
    return Proposal(id=1, version=1, state="open", created=date(2026, 3, 16), **rest)


CERTIFICATE = _asked(Kind.CUSTOMER, "200000001", "cert_no")
CHANGED = _asked(Kind.CONTACTS, "1000000001", "mobile", Operation.CHANGE, contact_name="测一帆", mobile="19400010001")
ADDED = _asked(Kind.CONTACTS, "1000000001", "mobile", Operation.ADD, contact_name="测二宁")


@pytest.mark.parametrize(
    ("place", "value", "refused"),
    [
        (CERTIFICATE, "13020319850312043", True),
        (CERTIFICATE, "11010519491231002X", False),
        (CHANGED, "1940001000", True),
        (CHANGED, "19400010002", False),
        (ADDED, "1940001000", True),
        (ADDED, "19400010002", False),
        (_asked(Kind.CUSTOMER, "nobody", "cert_no"), "13020319850312043", False),
    ],
    ids=[
        "short ID",
        "valid ID",
        "short number",
        "valid number",
        "short number added",
        "valid number added",
        "unknown object",
    ],
)
def test_only_what_is_certainly_wrong_is_refused(
    judge: Callable[..., Any], place: Proposal, value: str, *, refused: bool
) -> None:
    assert bool(judge(place, value)) is refused
