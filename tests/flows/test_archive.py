"""Promises of the archive's picture: the newest export, with our own verified writes since laid over it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from core.errors import MissingPart
from core.ledger import Ledger, batches, entities
from core.ledger.entities import Organisation, Organisations
from core.model import Kind
from core.ports import Delivery
from core.reference import Reference
from flows import archive
from matchers.archive import Archive
from tests.practice import ROOT

MONDAY, TUESDAY, WEDNESDAY = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)
PULLED = date(2026, 1, 8)
Column = list[str | None]
ACCOUNTS: Mapping[str, Column] = {
    "cons_no": ["1", "2", "3"], "cust_no": ["C1", "C1", "C2"], "org_no": ["011", "011", "012"],
    "cons_name": ["安", "安", "博"], "room_no": ["301", "302", None], "update_time": ["a", "a", "a"],
}  # fmt: skip
CONTACTS: Mapping[str, Column] = {"cons_no": ["1", "1", "2"], "mobile": ["11", "12", "21"]}


def _export(ledger: Ledger, day: date | None, table: str = "accounts", **columns: Column) -> None:
    base = ACCOUNTS if table == "accounts" else CONTACTS
    delivery = Delivery(
        name=f"{table}-{day}.csv", raw=f"{table} {day} {columns}".encode(), as_of=day, columns={**base, **columns}, table=table
    )  # fmt: skip
    assert batches.keep(ledger, "archive", "archive", delivery, PULLED, None) is not None


def _write(ledger: Ledger, kind: Kind, key: str, field: str, value: object, day: date) -> None:
    with ledger.begin() as tx:
        entities.written(tx, kind, key, "011", field, value, day, 1)


def _column(ledger: Ledger, name: str) -> list[object]:
    found: list[object] = archive.current(ledger).accounts[name].to_pylist()
    return found


@pytest.fixture
def exported(ledger: Ledger) -> Ledger:
    _export(ledger, MONDAY)
    _export(ledger, MONDAY, "contacts")
    return ledger


def test_without_an_export_it_is_said_what_to_do(ledger: Ledger) -> None:
    with pytest.raises(MissingPart, match=r"run.py pull"):
        archive.current(ledger)


def test_the_newest_export_counts(exported: Ledger) -> None:
    _export(exported, TUESDAY, room_no=["401", "402", "403"])
    assert archive.current(exported).exported == TUESDAY
    assert _column(exported, "room_no") == ["401", "402", "403"]


def test_the_newest_day_counts_whatever_came_last(exported: Ledger) -> None:
    _export(exported, WEDNESDAY, room_no=["401", "402", "403"])
    _export(exported, TUESDAY)
    assert archive.current(exported).exported == WEDNESDAY


def test_our_later_write_lies_over_the_export(exported: Ledger) -> None:
    _write(exported, Kind.ACCOUNT, "1", "room_no", "999", TUESDAY)
    assert _column(exported, "room_no") == ["999", "302", None]


def test_columns_of_few_texts_are_held_as_codes_and_say_the_same(
    exported: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = archive.current(exported).accounts
    monkeypatch.setattr(archive, "SAMPLE", plain.num_rows)
    monkeypatch.setattr(archive, "FEW", 0)
    held = archive.current(exported).accounts
    assert {str(held.schema.field(name).type) for name in held.column_names} == {
        "dictionary<values=string, indices=int32, ordered=0>"
    }
    assert held.to_pydict() == plain.to_pydict()


def test_our_write_lies_over_a_column_of_codes(exported: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "SAMPLE", 1)
    monkeypatch.setattr(archive, "FEW", 0)
    test_our_later_write_lies_over_the_export(exported)


def test_a_customers_write_lies_on_all_of_his_accounts(exported: Ledger) -> None:
    _write(exported, Kind.CUSTOMER, "C1", "cons_name", "安娜", TUESDAY)
    assert _column(exported, "cons_name") == ["安娜", "安娜", "博"]


def test_an_export_drawn_after_the_write_shows_the_truth_itself(exported: Ledger) -> None:
    _write(exported, Kind.ACCOUNT, "1", "room_no", "999", TUESDAY)
    _export(exported, WEDNESDAY)
    assert _column(exported, "room_no") == ["301", "302", None]


def test_a_contact_list_that_we_wrote_takes_the_exported_ones_place(exported: Ledger) -> None:
    _write(exported, Kind.CONTACTS, "1", "rows", [{"mobile": "13"}, {"mobile": ""}], TUESDAY)
    contacts = archive.current(exported).contacts.to_pylist()
    assert [(row["cons_no"], row["mobile"]) for row in contacts] == [("2", "21"), ("1", "13"), ("1", None)]


# -- differences between exports


def _changes(ledger: Ledger) -> dict[tuple[Kind, str, str], date]:
    archive.differences(ledger)
    with ledger.begin() as tx:
        return {place: change.day for place, change in entities.last_changes(tx).items()}


def test_one_export_differs_from_nothing(exported: Ledger) -> None:
    assert archive.differences(exported) == 0


def test_a_cell_that_differs_changed_at_the_latest_on_the_newer_day(exported: Ledger) -> None:
    _export(exported, TUESDAY, room_no=["301", "402", "403"])
    assert _changes(exported) == {
        (Kind.ACCOUNT, "2", "room_no"): TUESDAY, (Kind.ACCOUNT, "3", "room_no"): TUESDAY,
    }  # fmt: skip


def test_a_customers_cell_changes_with_the_customer(exported: Ledger) -> None:
    _export(exported, TUESDAY, cons_name=["安娜", "安娜", "博"])
    assert _changes(exported) == {(Kind.CUSTOMER, "C1", "cons_name"): TUESDAY}


def test_the_time_of_the_last_update_is_no_difference(exported: Ledger) -> None:
    _export(exported, TUESDAY, update_time=["b", "b", "b"])
    assert _changes(exported) == {}


def test_nothing_and_empty_are_the_same(exported: Ledger) -> None:
    _export(exported, TUESDAY, room_no=["301", "302", ""])
    assert _changes(exported) == {}


def test_an_account_that_is_new_has_changed_nothing(ledger: Ledger) -> None:
    one: dict[str, Any] = {name: values[:1] for name, values in ACCOUNTS.items()}
    _export(ledger, MONDAY, **one)
    _export(ledger, TUESDAY)
    assert _changes(ledger) == {}


def test_our_own_write_coming_back_keeps_the_day_of_the_write(exported: Ledger) -> None:
    _write(exported, Kind.ACCOUNT, "1", "room_no", "999", MONDAY)
    _export(exported, WEDNESDAY, room_no=["999", "302", None])
    assert _changes(exported) == {(Kind.ACCOUNT, "1", "room_no"): MONDAY}


def test_a_second_export_of_a_day_tells_what_changed_on_that_day(exported: Ledger) -> None:
    """Evidence from before it would otherwise be written over what somebody entered that day."""
    _export(exported, MONDAY, room_no=["301", "9", None])
    assert _changes(exported) == _changes(exported) == {(Kind.ACCOUNT, "2", "room_no"): MONDAY}


def test_a_second_export_of_the_day_of_our_write_leaves_it_ours(exported: Ledger) -> None:
    _write(exported, Kind.ACCOUNT, "1", "room_no", "999", MONDAY)
    _export(exported, MONDAY, room_no=["999", "302", None])
    archive.differences(exported)
    with exported.begin() as tx:
        assert entities.last_changes(tx)[Kind.ACCOUNT, "1", "room_no"].ours


def test_every_export_that_came_at_once_is_compared_with_the_one_before(exported: Ledger) -> None:
    """After a night without a pull two come together: what only the first of them changed has changed all the same."""
    _export(exported, TUESDAY, room_no=["401", "302", None])
    _export(exported, WEDNESDAY, room_no=["401", "402", None])
    assert _changes(exported) == {
        (Kind.ACCOUNT, "1", "room_no"): TUESDAY, (Kind.ACCOUNT, "2", "room_no"): WEDNESDAY,
    }  # fmt: skip


def test_looking_again_finds_no_other_days(exported: Ledger) -> None:
    _export(exported, TUESDAY, room_no=["401", "302", None])
    _export(exported, WEDNESDAY, room_no=["501", "302", None])
    assert _changes(exported) == _changes(exported) == {(Kind.ACCOUNT, "1", "room_no"): WEDNESDAY}


def test_an_export_is_compared_once(exported: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of a million accounts each night need not be read again."""
    _export(exported, TUESDAY, room_no=["401", "302", None])
    assert archive.differences(exported) == 1
    monkeypatch.setattr(batches, "read", None)
    assert archive.differences(exported) == 0


def test_an_export_whose_day_is_unknown_is_not_compared(ledger: Ledger) -> None:
    _export(ledger, None)
    _export(ledger, TUESDAY, room_no=["9", "9", "9"])
    assert archive.differences(ledger) == 0


@pytest.mark.parametrize(
    ("city", "company", "served"),
    [
        ("唐山", "唐山市路北区供电中心", {"130203"}),
        ("唐山", "国网唐山路北供电中心", {"130203"}),
        ("承德", "国网承德县供电公司", {"130821"}),
        ("承德", "承德市双桥区供电中心", {"130802"}),
        ("唐山", "唐山城区供电中心", None),
    ],
)
def test_a_unit_serves_the_county_that_its_company_names(city: str, company: str, served: set[str] | None) -> None:
    units = [Organisation("1", f"{city}供电公司", "city", ""), Organisation("11", company, "county", "1")]
    units.append(Organisation("111", "东风供电所", "station", "11"))
    found = archive.counties(Organisations({u.code: u for u in units}), Reference.load(ROOT / "config" / "reference"))
    assert found.get("111") == served


def test_an_export_without_a_usable_row_is_told_from_none_at_all(ledger: Ledger) -> None:
    with pytest.raises(MissingPart, match="no archive export"):
        archive.current(ledger)
    _export(ledger, MONDAY, "accounts", **{name: [] for name in ACCOUNTS})
    with pytest.raises(
        MissingPart, match=r"accounts-2026-01-05.csv: no row of the archive export \(accounts\) can be used"
    ):
        archive.current(ledger)


# -- numbers


def test_a_number_of_before_leads_to_todays_unless_it_is_or_was_another_accounts_too(ledger: Ledger) -> None:
    """1 was given away again: what is said of it is about 2, which bore it before, or about today's; 7 has become two accounts."""
    told: dict[str, Column] = {name: ["x"] * 5 for name in ACCOUNTS}
    told["cons_no"], told["orgn_cons_no"] = ["1", "2", "3", "4", "5"], [None, "1", "03", "7", "7"]
    _export(ledger, MONDAY, "contacts")
    _export(ledger, MONDAY, "accounts", **told)
    found = archive.numbers(archive.current(ledger))
    assert found == {"1": archive.SEVERAL, "2": "2", "3": "3", "03": "3", "4": "4", "5": "5", "7": archive.SEVERAL}


def test_an_account_that_bears_its_former_number_still_is_not_reused() -> None:
    none = pa.table({"cons_no": pa.array([], pa.string())})
    told = pa.table({"cons_no": ["1", "2", "3"], "orgn_cons_no": ["1", "3", None]})
    assert archive.reused(Archive.from_tables(told, none, MONDAY)) == {"3"}
    assert archive.reused(Archive.from_tables(pa.table({"cons_no": ["1"]}), none, MONDAY)) == set()
