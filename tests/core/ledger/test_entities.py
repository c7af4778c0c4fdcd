"""Promises of entities: one row for each object, with what hangs on it and when its cells last changed."""

from datetime import date

from core.ledger import Ledger, entities
from core.ledger.entities import Organisation
from core.model import Kind

MONDAY, TUESDAY, WEDNESDAY = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)


def test_an_object_has_one_entity_that_follows_its_station(ledger: Ledger) -> None:
    with ledger.begin() as tx:
        first = entities.ensure(tx, Kind.ACCOUNT, "1", "011")
        assert entities.ensure(tx, Kind.ACCOUNT, "1", "012") == first
        assert entities.ensure(tx, Kind.CUSTOMER, "1") != first


def test_accounts_hang_on_their_customer(ledger: Ledger) -> None:
    with ledger.begin() as tx:
        entities.adopt(tx, "C1", ["2", "1"], "011")
        assert entities.children(tx, Kind.CUSTOMER, "C1") == ["1", "2"]
        assert entities.children(tx, Kind.CUSTOMER, "C2") == []


def test_the_units_above_a_station_are_named_nearest_first_even_in_a_circle(ledger: Ledger) -> None:
    units = [Organisation("1", "省", "province", None), Organisation("11", "市", "city", "1")]
    with ledger.begin() as tx:
        entities.import_organisations(tx, units)
    tree = entities.organisations(ledger)
    assert (tree.above("11"), tree.above("99")) == (("11", "1"), ())
    circle = {code: Organisation(code, code, "city", other) for code, other in (("a", "b"), ("b", "a"))}
    assert entities.Organisations(circle).above("a") == ("a", "b")


def test_importing_again_changes_only_what_differs(ledger: Ledger) -> None:
    one, other = Organisation("1", "省", "province", None), Organisation("2", "市", "city", "1")
    with ledger.begin() as tx:
        assert entities.import_organisations(tx, [one, other]) == {"added": 2, "changed": 0}
        moved = Organisation("2", "城", "city", "1")
        assert entities.import_organisations(tx, [one, moved]) == {"added": 0, "changed": 1}


def test_an_account_number_is_known_by_all_that_it_ever_had(ledger: Ledger) -> None:
    rows = [{"old": old, "new": new, "changed": "2020-01-01"} for old, new in (("1", "2"), ("2", "3"), ("8", "9"))]
    with ledger.begin() as tx:
        entities.import_numbers(tx, rows)
        assert entities.numbers(tx, "2") == ("1", "2", "3")
        assert entities.numbers(tx, "7") == ("7",)


def test_a_write_of_ours_lies_over_exports_of_its_own_day_and_before(ledger: Ledger) -> None:
    with ledger.begin() as tx:
        entities.written(tx, Kind.ACCOUNT, "1", "011", "room", "302", TUESDAY, 1)
        for day in (MONDAY, TUESDAY):
            assert [(w.key, w.field, w.value) for w in entities.overlay(tx, day)] == [("1", "room", "302")]
        assert entities.overlay(tx, WEDNESDAY) == []


def test_a_later_change_by_somebody_else_ends_our_write(ledger: Ledger) -> None:
    with ledger.begin() as tx:
        entities.written(tx, Kind.ACCOUNT, "1", "011", "room", "302", TUESDAY, 1)
        assert entities.changed(tx, [(Kind.ACCOUNT, "1", "011", "room", "303")], TUESDAY, WEDNESDAY) == 1
        assert entities.overlay(tx, MONDAY) == []


def test_an_export_drawn_before_our_write_leaves_it_standing(ledger: Ledger) -> None:
    with ledger.begin() as tx:
        entities.written(tx, Kind.ACCOUNT, "1", "011", "room", "302", TUESDAY, 1)
        assert entities.changed(tx, [(Kind.ACCOUNT, "1", "011", "room", "303")], MONDAY, TUESDAY) == 0
        assert len(entities.overlay(tx, MONDAY)) == 1


def test_our_own_write_coming_back_is_no_change(ledger: Ledger) -> None:
    with ledger.begin() as tx:
        entities.written(tx, Kind.ACCOUNT, "1", "011", "room", "302", MONDAY, 1)
        assert entities.changed(tx, [(Kind.ACCOUNT, "1", "011", "room", "302")], MONDAY, TUESDAY) == 0


def test_our_write_does_not_hide_when_somebody_else_last_changed_the_cell(ledger: Ledger) -> None:
    place = (Kind.CONTACTS, "1", "rows")
    with ledger.begin() as tx:
        entities.changed(tx, [(Kind.CONTACTS, "1", "011", "rows", "theirs")], MONDAY, TUESDAY)
        assert entities.last_changes(tx)[place] == entities.Changed(TUESDAY, False, TUESDAY)
        for value in ("ours", "ours again"):
            entities.written(tx, Kind.CONTACTS, "1", "011", "rows", value, WEDNESDAY, 1)
            assert entities.last_changes(tx)[place] == entities.Changed(WEDNESDAY, True, TUESDAY)
        entities.written(tx, Kind.ACCOUNT, "1", "011", "room", "302", WEDNESDAY, 1)
        assert entities.last_changes(tx)[Kind.ACCOUNT, "1", "room"] == entities.Changed(WEDNESDAY, True, None)


def test_an_export_that_comes_late_moves_no_change_to_an_earlier_day(ledger: Ledger) -> None:
    with ledger.begin() as tx:
        entities.changed(tx, [(Kind.ACCOUNT, "1", "011", "room", "303")], MONDAY, WEDNESDAY)
        assert entities.changed(tx, [(Kind.ACCOUNT, "1", "011", "room", "302")], MONDAY, TUESDAY) == 0
        assert entities.last_changes(tx)[Kind.ACCOUNT, "1", "room"].day == WEDNESDAY
