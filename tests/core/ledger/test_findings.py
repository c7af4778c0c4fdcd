"""Promises of findings: a breakage is one finding over all nights, however often it comes and goes."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from core.ledger import Ledger, findings
from core.ledger import tables as t
from core.ledger.findings import Breakage
from core.model import Class, Kind

MONDAY, TUESDAY, WEDNESDAY = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)
WRONG = Breakage(
    kind=Kind.ACCOUNT, key="1000000001", org="011", rule="ID02", field="cert_no", value="13020319900101043",
    group="core", severity="S1", cls=Class.B, params={"length": 17},
)  # fmt: skip


def _night(ledger: Ledger, day: date, *seen: Breakage) -> dict[str, int]:
    return findings.settle(ledger, seen, day, "1")


def test_a_new_breakage_is_opened(ledger: Ledger) -> None:
    assert _night(ledger, MONDAY, WRONG) == {"opened": 1, "closed": 0, "open": 1}
    (found,) = findings.open_ones(ledger)
    assert (found.rule, found.field, found.cls, found.params) == ("ID02", "cert_no", Class.B, {"length": 17})
    assert (found.key, found.opened, found.closed) == ("1000000001", MONDAY, None)


def test_what_a_copy_has_sealed_lies_in_the_ledger_as_if_it_were_sealed_here(ledger: Ledger) -> None:
    many = [replace(WRONG, key=f"{number}", value=f"{number % 7}", params={"length": number}) for number in range(6000)]
    assert findings.settle(ledger, many, MONDAY, "1", beside=True) == {"opened": 6000, "closed": 0, "open": 6000}
    assert {f.key: f.params for f in findings.open_ones(ledger)} == {b.key: b.params for b in many}
    assert _night(ledger, TUESDAY, *many) == {"opened": 0, "closed": 0, "open": 6000}


def test_a_breakage_that_stays_is_still_the_same(ledger: Ledger) -> None:
    _night(ledger, MONDAY, WRONG)
    assert _night(ledger, TUESDAY, WRONG) == {"opened": 0, "closed": 0, "open": 1}
    assert [found.opened for found in findings.open_ones(ledger)] == [MONDAY]


def test_a_breakage_that_is_gone_is_closed(ledger: Ledger) -> None:
    _night(ledger, MONDAY, WRONG)
    assert _night(ledger, TUESDAY) == {"opened": 0, "closed": 1, "open": 0}
    assert findings.open_ones(ledger) == []
    assert [found.closed for found in findings.first_seen(ledger)] == [TUESDAY]


def test_a_breakage_is_closed_once(ledger: Ledger) -> None:
    _night(ledger, MONDAY, WRONG)
    _night(ledger, TUESDAY)
    assert _night(ledger, WEDNESDAY) == {"opened": 0, "closed": 0, "open": 0}
    assert [found.closed for found in findings.first_seen(ledger)] == [TUESDAY]


def test_a_breakage_that_came_back_is_reopened_and_keeps_its_first_day(ledger: Ledger) -> None:
    _night(ledger, MONDAY, WRONG)
    _night(ledger, TUESDAY)
    assert _night(ledger, WEDNESDAY, WRONG) == {"opened": 1, "closed": 0, "open": 1}
    (found,) = findings.first_seen(ledger)
    assert (found.opened, found.closed) == (MONDAY, None)


def test_the_same_night_twice_changes_nothing(ledger: Ledger) -> None:
    _night(ledger, MONDAY, WRONG)
    assert _night(ledger, MONDAY, WRONG) == {"opened": 0, "closed": 0, "open": 1}


def test_the_same_breakage_twice_in_a_night_is_one(ledger: Ledger) -> None:
    assert _night(ledger, MONDAY, WRONG, WRONG)["opened"] == 1


def test_more_breakages_than_one_statement_holds_are_settled_as_few_are(ledger: Ledger) -> None:
    many = [replace(WRONG, key=f"{number:010d}") for number in range(findings.SLICE + 2)]
    assert _night(ledger, MONDAY, *many, many[0]) == {"opened": len(many), "closed": 0, "open": len(many)}
    assert _night(ledger, TUESDAY, *many[2:]) == {"opened": 0, "closed": 2, "open": len(many) - 2}
    assert _night(ledger, WEDNESDAY, *many, many[0]) == {"opened": 2, "closed": 0, "open": len(many)}


def test_what_is_known_of_a_breakage_stays_as_it_was_first_seen(ledger: Ledger) -> None:
    _night(ledger, MONDAY, WRONG, replace(WRONG, severity="S3"))
    _night(ledger, TUESDAY, replace(WRONG, cls=Class.C, params={}))
    (found,) = findings.open_ones(ledger)
    assert (found.severity, found.cls, found.params) == ("S1", Class.B, {"length": 17})


def test_a_new_finding_moves_its_object_to_the_station_where_it_was_found(ledger: Ledger) -> None:
    _night(ledger, MONDAY, WRONG)
    _night(ledger, TUESDAY, WRONG, replace(WRONG, rule="ID03", org="012"), replace(WRONG, rule="ID04", org=""))
    assert {found.org for found in findings.open_ones(ledger)} == {"012"}


def test_a_night_without_a_change_leaves_no_trail(ledger: Ledger) -> None:
    _night(ledger, MONDAY, WRONG)
    with ledger.begin() as tx:
        before = tx.scalar(sa.select(sa.func.count()).select_from(t.trail))
    _night(ledger, TUESDAY, WRONG)
    with ledger.begin() as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(t.trail)) == before == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(WRONG, key="1000000002"),
        replace(WRONG, kind=Kind.CUSTOMER),
        replace(WRONG, rule="ID03"),
        replace(WRONG, field="cons_name"),
        replace(WRONG, value="1302031990010104"),
    ],
    ids=["key", "kind", "rule", "field", "value"],
)
def test_another_place_rule_or_value_is_another_finding(ledger: Ledger, other: Breakage) -> None:
    _night(ledger, MONDAY, WRONG)
    assert _night(ledger, TUESDAY, other) == {"opened": 1, "closed": 1, "open": 1}


def test_the_findings_of_one_object_can_be_asked_for(ledger: Ledger) -> None:
    _night(ledger, MONDAY, WRONG, replace(WRONG, key="1000000002"))
    assert [found.key for found in findings.open_ones(ledger, "1000000002")] == ["1000000002"]
