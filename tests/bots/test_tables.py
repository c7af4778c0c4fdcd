"""Promises of what a site hands over once: units hang on what is known, a dry run counts and keeps nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bots.sources import tables
from core.ledger import Ledger, store


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    store.create(tmp_path / "data")
    opened = store.open(tmp_path / "data")
    yield opened
    opened.close()


def test_units_hang_on_what_the_ledger_knows_and_on_nothing_else(ledger: Ledger, tmp_path: Path) -> None:
    first, later = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(tables.template("org"), encoding="utf-8")
    assert tables.take("org", first, ledger, dry_run=True).added == 3
    assert tables.take("org", first, ledger).added == 3
    later.write_text(
        "code,name,level,parent\n1340102,又一中心,county,13401\n1349901,无主中心,county,13499\n134990101,无主所,station,1349901\n",
        encoding="utf-8",
    )
    taken = tables.take("org", later, ledger)
    assert (taken.added, [(p.code, p.row) for p in taken.problems]) == (
        1,
        [("no_such_parent", 3), ("no_such_parent", 4)],
    )
