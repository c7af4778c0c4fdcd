"""Promises of the registry's flats: what is in force now, of each flat and owner the newest word."""

from datetime import date

import pytest

from core.ledger import Ledger, batches
from core.ports import Delivery
from flows import evidence

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)
COLUMNS = ("estate_no", "owner_name", "updated_at", "state", "address")
Entry = tuple[str, str, str, str, str]


def _keep(ledger: Ledger, day: date, *entries: Entry) -> None:
    columns: dict[str, list[str | None]] = {
        name: [entry[place] or None for entry in entries] for place, name in enumerate(COLUMNS)
    }
    delivery = Delivery(name=f"estates-{day}", raw=repr(entries).encode(), as_of=day, columns=columns, table="rows")
    assert batches.keep(ledger, "registry", "real_estate", delivery, day, None) is not None


def _owners(ledger: Ledger) -> dict[str, list[str]]:
    return {flat.number: [owner.name for owner in flat.owners] for flat in evidence.estates(ledger)}


def test_nothing_delivered_is_no_flat(ledger: Ledger) -> None:
    assert list(evidence.estates(ledger)) == []


def test_a_flat_has_all_its_owners_in_the_order_in_which_they_came(ledger: Ledger) -> None:
    _keep(
        ledger, MONDAY,
        ("E2", "乙", "2026-01-01", "current", "二号"), ("E1", "丙", "2026-01-01", "current", "一号"), ("E2", "甲", "2025-01-01", "current", "二号"),
    )  # fmt: skip
    assert list(_owners(ledger).items()) == [("E1", ["丙"]), ("E2", ["乙", "甲"])]


def test_the_newest_word_on_an_owner_counts_and_of_equal_days_the_last(ledger: Ledger) -> None:
    _keep(
        ledger, MONDAY,
        ("E1", "甲", "2026-01-02", "past", "一号"), ("E1", "甲", "2026-01-01", "current", "一号"),
        ("E2", "乙", "2026-01-01", "current", "旧址"), ("E3", "丙", "", "current", "三号"),
    )  # fmt: skip
    _keep(ledger, TUESDAY, ("E2", "乙", "2026-01-01", "current", "新址"), ("E3", "丙", "2026-01-01", "past", "三号"))
    (flat,) = evidence.estates(ledger)
    assert (flat.number, flat.address, [owner.name for owner in flat.owners]) == ("E2", "新址", ["乙"])


def test_an_owner_keeps_where_he_was_read_and_the_day_of_the_entry(ledger: Ledger) -> None:
    _keep(ledger, MONDAY, ("E1", "甲", "2025-05-05", "past", "一号"), ("E2", "乙", "", "current", "二号"))
    (flat,) = evidence.estates(ledger)
    (owner,) = flat.owners
    assert (owner.ref.row, owner.ref.column, owner.as_of, flat.source) == (2, "owner_name", MONDAY, "registry")
    assert evidence.estates(ledger)[-1] == evidence.estates(ledger)[:1][0] == flat


def _registered(ledger: Ledger, day: date, *entries: tuple[str, str, str | None]) -> None:
    """Owners of one flat: (owner, how he owns it, since when)."""
    names, shares, since = (list(column) for column in zip(*entries, strict=True))
    same: dict[str, list[str | None]] = {
        "estate_no": ["E1"] * len(names),
        "address": ["一号"] * len(names),
        "state": ["current"] * len(names),
    }
    columns = {**same, "owner_name": names, "share_kind": shares, "registered_at": since, "updated_at": since}
    delivery = Delivery(name=f"estates-{day}", raw=repr(columns).encode(), as_of=day, columns=columns, table="rows")
    assert batches.keep(ledger, "registry", "real_estate", delivery, day, None) is not None


@pytest.mark.parametrize(
    ("sold", "owners"),
    [
        (("乙", "sole", "2026-01-06"), ["乙"]),
        (("乙", "joint", "2026-01-06"), ["甲", "乙"]),  # he may have come beside him
        (("乙", "sole", "2024-01-01"), ["甲"]),  # he had it before
        (("乙", "sole", None), ["甲", "乙"]),  # nobody can tell
    ],
)
def test_who_has_sold_his_flat_is_no_owner_though_nobody_delivered_the_end_of_his_entry(
    ledger: Ledger, sold: tuple[str, str, str | None], owners: list[str]
) -> None:
    """A registry that hands over what is in force says nothing more of the seller: a later sole owner puts him out."""
    _registered(ledger, MONDAY, ("甲", "sole", "2025-01-01"))
    _registered(ledger, TUESDAY, sold)
    assert _owners(ledger) == {"E1": owners}


def test_addresses_and_owners_of_flats_can_be_asked_for_as_columns(ledger: Ledger) -> None:
    _keep(
        ledger, MONDAY,
        ("E1", "甲", "", "current", "一号"), ("E2", "乙", "", "current", ""), ("E2", "丙", "", "current", ""),
    )  # fmt: skip
    found = evidence.estates(ledger)
    assert found.addresses().decode().tolist() == ["一号", None]
    assert found.owners([1, 0]) == ("乙", "丙", "甲")
