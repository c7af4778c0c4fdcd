"""Promises of deliveries: each is kept once, sealed, as it came, with what was wrong with it."""

from dataclasses import replace
from datetime import date

import pytest

from core.errors import InputError
from core.ledger import Ledger, batches
from core.model import Problem
from core.ports import Delivery

DAY = date(2026, 1, 5)
TORN = Problem(code="torn", place="a.csv", row=3, params={"n": 1})
DELIVERY = Delivery(
    name="a.csv", raw="张三丰".encode(), as_of=DAY, columns={"cons_name": ["张三丰", None]}, problems=(TORN,), cursor="7"
)  # fmt: skip


def _keep(ledger: Ledger, delivery: Delivery = DELIVERY, source: str = "survey") -> int | None:
    return batches.keep(ledger, source, "survey", delivery, DAY, None)


def test_the_same_delivery_is_kept_once(ledger: Ledger) -> None:
    assert _keep(ledger) is not None
    assert _keep(ledger) is None
    assert len(batches.of_kind(ledger, "survey", "rows")) == 1


def test_another_source_may_deliver_the_same(ledger: Ledger) -> None:
    assert _keep(ledger) != _keep(ledger, source="drop")
    assert batches.known(ledger, "survey") == batches.known(ledger, "drop")


def test_what_was_kept_is_read_as_it_came(ledger: Ledger) -> None:
    _keep(ledger)
    (batch,) = batches.of_kind(ledger, "survey", "rows")
    assert (batch.name, batch.as_of, batch.rows) == ("a.csv", DAY, 2)
    assert batches.read(ledger, batch).to_pydict() == {"cons_name": ["张三丰", None]}


def test_nothing_of_a_delivery_is_readable_on_disk(ledger: Ledger) -> None:
    _keep(ledger)
    files = [path.read_bytes() for path in (ledger.directory / "batches").iterdir()]
    assert len(files) == 2
    assert not any("张三丰".encode() in content or b"PAR1" in content for content in files)


def test_a_damaged_batch_is_named(ledger: Ledger) -> None:
    _keep(ledger)
    (batch,) = batches.of_kind(ledger, "survey", "rows")
    path = ledger.directory / batch.path
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match="damaged"):
        batches.read(ledger, batch)


def test_the_next_pull_begins_behind_the_last(ledger: Ledger) -> None:
    assert batches.cursor(ledger, "survey") is None
    _keep(ledger)
    _keep(ledger, replace(DELIVERY, raw=b"2", cursor="9"))
    _keep(ledger, replace(DELIVERY, raw=b"3", cursor=None))
    assert batches.cursor(ledger, "survey") == "9"
    assert batches.cursor(ledger, "drop") is None


def test_the_oldest_delivery_comes_first(ledger: Ledger) -> None:
    _keep(ledger, replace(DELIVERY, raw=b"2", name="late", as_of=date(2026, 1, 7)))
    _keep(ledger, replace(DELIVERY, raw=b"1", name="early"))
    assert [batch.name for batch in batches.of_kind(ledger, "survey", "rows")] == ["early", "late"]


def test_the_same_problem_is_kept_once(ledger: Ledger) -> None:
    from core.ledger import tables as t

    with ledger.begin() as tx:
        run = tx.insert(t.run, flow="nightly", business_date="2026-01-05", state="running")
        batches.complain(tx, [TORN, TORN], run)
        batches.complain(tx, [TORN, replace(TORN, row=4), replace(TORN, row=None), replace(TORN, row=None)], run)
    assert [problem.row for problem in batches.problems(ledger, run)] == [3, 4, None]
