"""Screens that are read again in the second pass: what they show otherwise counts as the archive, what they repeat as nothing."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import cast

import pytest

from core.errors import ApplicationError, BusinessError
from core.ledger import Ledger, batches, entities
from core.ledger import tables as t
from core.model import Image, Kind, State
from core.ports import Delivery, LegacySystem
from flows import archive, reconcile, reread
from flows.book import Book
from flows.reread import CIRCUIT, Reread
from tests.flows.desk import ACCOUNT, CONTACT, OTHER, RIGHT, YESTERDAY, candidate, failed, keep, materials
from tests.flows.test_witnesses import PERSON, STYLES, SURVEYED

TODAY = date(2026, 3, 16)
HOLDER = (Kind.CUSTOMER, "C1", "cert_no")
LIST = (Kind.CONTACTS, "1", "mobile")


class Screens:
    """A legacy system that can only be looked at."""

    def __init__(self, shown: Mapping[tuple[str, str], Image | Exception]) -> None:
        self.shown, self.looks = shown, list[tuple[str, str]]()

    def fetch(self, screen: str, key: str) -> Image:
        self.looks.append((screen, key))
        found = self.shown.get((screen, key), BusinessError("no such object"))
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def exported(ledger: Ledger) -> Ledger:
    """Yesterday's export: one account with one contact."""
    for table, row in (("accounts", ACCOUNT), ("contacts", CONTACT)):
        delivery = Delivery(
            name=f"{table}.csv", raw=table.encode(), as_of=YESTERDAY, columns={n: [v or None] for n, v in row.items()}, table=table
        )  # fmt: skip
        assert batches.keep(ledger, "archive", "archive", delivery, TODAY, None)
    return ledger


def _look(ledger: Ledger, screens: Screens, *places: tuple[Kind, str, str], most: int = 300) -> Reread:
    system = cast("LegacySystem", screens)
    return reread.reread(ledger, system, str, archive.current(ledger), places, TODAY, most=most)


def _form(**cells: str) -> Screens:
    return Screens({("customer", "C1"): Image(screen="customer", key="C1", cells={"cons_name": "张三丰", **cells})})


def _list(*rows: Mapping[str, str]) -> Screens:
    return Screens({("contacts", "1"): Image(screen="contacts", key="1", rows=tuple(rows))})


def _held(ledger: Ledger, name: str) -> Sequence[object]:
    now = archive.current(ledger)
    return cast(
        "Sequence[object]", (now.accounts if name in now.accounts.column_names else now.contacts)[name].to_pylist()
    )


def test_what_somebody_mended_since_the_export_is_what_the_archive_holds(exported: Ledger) -> None:
    assert _look(exported, _form(cert_no=OTHER), HOLDER) == Reread(reread=1, moved=1, unread=0)
    assert _held(exported, "cert_no") == [OTHER]
    with exported.begin() as tx:
        assert entities.last_changes(tx)[HOLDER] == entities.Changed(TODAY, False, TODAY)


def test_a_screen_that_repeats_the_export_is_no_new_evidence(exported: Ledger) -> None:
    assert _look(exported, _form(cert_no=RIGHT + " "), HOLDER) == Reread(reread=1, moved=0, unread=0)
    with exported.begin() as tx:
        assert entities.last_changes(tx) == {}


def test_only_the_cells_in_question_are_held_against_the_screen(exported: Ledger) -> None:
    assert _look(exported, _form(cert_no=OTHER), (Kind.CUSTOMER, "C1", "cons_name")).moved == 0


def test_a_screen_that_hides_a_value_says_nothing(exported: Ledger) -> None:
    assert _look(exported, _form(cert_no=RIGHT[:6] + "*" * 8 + RIGHT[-4:]), HOLDER).moved == 0
    assert _look(exported, _form(cert_no=RIGHT[:6] + "●" * 8 + RIGHT[-4:]), HOLDER).moved == 0
    assert _look(exported, _list({"mobile": "194****5678", "contact_name": "张三丰"}), LIST).moved == 0
    assert _look(exported, _list({"mobile": CONTACT["mobile"], "contact_name": "张×丰"}), LIST).moved == 0


def test_a_contact_list_that_changed_takes_the_exported_ones_place(exported: Ledger) -> None:
    same = {"contact_name": "张三丰", "mobile": CONTACT["mobile"]}
    assert _look(exported, _list(same), LIST).moved == 0
    assert _look(exported, _list(same, {"contact_name": "李四", "mobile": "19400000001"}), LIST).moved == 1
    assert _held(exported, "mobile") == [CONTACT["mobile"], "19400000001"]


def test_a_list_that_shows_nothing_takes_nothing_away(exported: Ledger) -> None:
    assert _look(exported, _list(), LIST).moved == 0


def test_a_newer_export_ends_what_a_screen_showed(exported: Ledger) -> None:
    _look(exported, _form(cert_no=OTHER), HOLDER)
    later: dict[str, list[str | None]] = {name: [value] for name, value in (ACCOUNT | {"cert_no": "9"}).items()}
    delivery = Delivery(name="later.csv", raw=b"later", as_of=date(2026, 3, 17), columns=later, table="accounts")
    assert batches.keep(exported, "archive", "archive", delivery, TODAY, None)
    assert _held(exported, "cert_no") == ["9"]


def test_a_system_that_fails_again_and_again_is_left_alone(exported: Ledger) -> None:
    broken = Screens({("account", str(n)): ApplicationError("down") for n in range(20)})
    places = [(Kind.ACCOUNT, str(n), "elec_addr") for n in range(20)]
    assert _look(exported, broken, *places) == Reread(reread=0, moved=0, unread=CIRCUIT)
    assert len(broken.looks) == CIRCUIT


def test_an_object_that_is_gone_stops_nobody(exported: Ledger) -> None:
    gone = [(Kind.ACCOUNT, str(n), "elec_addr") for n in range(20)]
    assert _look(exported, _form(cert_no=OTHER), *gone, HOLDER) == Reread(reread=1, moved=1, unread=20)


def test_a_night_reads_so_many_and_another_night_others(exported: Ledger) -> None:
    places = [(Kind.ACCOUNT, str(n), "elec_addr") for n in range(40)]
    screens = Screens({})
    _look(exported, screens, *places, most=5)
    first = set(screens.looks)
    screens.looks.clear()
    reread.reread(
        exported, cast("LegacySystem", screens), str, archive.current(exported), places, date(2026, 3, 17), most=5
    )
    assert (len(first), len(screens.looks)) == (5, 5)
    assert first != set(screens.looks)


# -- through the same gate


def _number(ledger: Ledger) -> set[str]:
    """What fails of the surveyed number that the population register confirms, with what the screens have shown."""
    now = archive.current(ledger)
    held = now.accounts["cert_no"].to_pylist()[0]
    found = materials(ledger, [ACCOUNT | {"cert_no": held or ""}], [CONTACT], masks=STYLES)
    one = candidate("cert_no", held, RIGHT, evidence=(SURVEYED,))
    return failed(reconcile.judge(ledger, Book.of(found), [one])[0])


def test_evidence_from_before_the_mending_speaks_for_no_other_value(exported: Ledger) -> None:
    """Survey and register said it yesterday; today somebody has written another number: which is right, a person decides."""
    keep(exported, "population", "population", [PERSON])
    assert not _number(exported)
    _look(exported, _form(cert_no=OTHER), HOLDER)
    assert _number(exported) >= {"fresh", "corroborated"}


def test_our_own_unsettled_save_is_not_taken_for_somebody_elses(exported: Ledger) -> None:
    with exported.begin() as tx:
        entity = entities.ensure(tx, Kind.CUSTOMER, "C1")
        tx.insert(t.item, entity_id=entity, origin="proposal 1", revision=1, state=State.UNKNOWN, created=t.now())
    screens = _form(cert_no=OTHER)
    assert _look(exported, screens, HOLDER) == Reread(reread=0, moved=0, unread=0)
    assert screens.looks == []
