"""Promises of the registry's flats: what is in force now, of each flat and owner the newest word."""

from datetime import date

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


def test_addresses_and_owners_of_flats_can_be_asked_for_as_columns(ledger: Ledger) -> None:
    _keep(
        ledger, MONDAY,
        ("E1", "甲", "", "current", "一号"), ("E2", "乙", "", "current", ""), ("E2", "丙", "", "current", ""),
    )  # fmt: skip
    found = evidence.estates(ledger)
    assert found.addresses().decode().tolist() == ["一号", None]
    assert found.owners([1, 0]) == ("乙", "丙", "甲")
