"""Every spoilt cell is known by its class, and only what was delivered decides it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sandbox import __main__ as door
from sandbox import anomalies, cells, score, skins, truth
from sandbox.cells import Archive, Cell, Evidence, Family

NUMBER, MOBILE, OTHER = "139901199003072316", "19412345678", "19487654321"
FAMILY = Family(customer={"11": "8", "12": "8"}, accounts={"8": ("11", "12")}, serial={"11": 0, "12": 1})
NOTHING = Evidence(surveyed={}, owners={}, holders={}, unknown=frozenset())


def cell(column: str, before: str, right: str, *more: str) -> Cell:
    kind, number = (
        ("contacts", "11")
        if column in cells.PHONES
        else ("customer", "8")
        if column in ("name", "cert_no")
        else ("account", "11")
    )
    place = (kind, number, column)
    return Cell(
        place=place, dirt="", rules=frozenset(), accounts=FAMILY.of(place), before=(before,), right=(right, *more)
    )


def archive(name: str = "甲乙丙", cert_no: str = NUMBER, mobile: str = MOBILE) -> Archive:
    rows = [{"mobile": mobile, "home_phone": ""}]
    return Archive(cells={("customer", "8"): {"name": name, "cert_no": cert_no}}, contacts={"11": rows, "12": []})


def decides(known: Evidence, one: Cell, before: Archive | None = None) -> str:
    return known.decides(one, FAMILY, before or archive(), archive())


@pytest.mark.parametrize(
    ("column", "before", "right"),
    [
        ("cert_no", f" {NUMBER}", (NUMBER,)),
        ("cert_no", "１３９９０１１９９００３０７２３１６", (NUMBER,)),
        ("cert_no", "13990119900307231x", ("13990119900307231X",)),
        ("name", "古丽.依明", ("古丽·依明",)),
        ("name", "甲 乙丙", ("甲乙丙",)),
        ("mobile", f"+86{MOBILE}", (MOBILE,)),
        ("mobile", "194-1234-5678", (MOBILE,)),
        ("mobile", f"{MOBILE}、{OTHER}", (MOBILE, OTHER)),
        ("home_phone", "98123456", ("0315-98123456",)),
    ],
)
def test_a_spelling_is_repaired_without_any_witness(column: str, before: str, right: tuple[str, ...]) -> None:
    assert decides(NOTHING, cell(column, before, *right)) == "repair"


@pytest.mark.parametrize(
    ("column", "before", "right"),
    [
        ("cert_no", "", NUMBER),
        ("cert_no", NUMBER[:6] + NUMBER[8:17], NUMBER),
        ("name", "甲*", "甲乙"),
        ("mobile", OTHER, MOBILE),
        ("quarter", "凤??", "凤城"),
    ],
)
def test_nothing_decides_what_nobody_has_stated(column: str, before: str, right: str) -> None:
    assert decides(NOTHING, cell(column, before, right)) == ""


def test_one_complete_survey_answer_decides_a_house_and_not_a_person() -> None:
    house, person = cell("building", "4", "3"), cell("name", "甲乙", "甲乙丙")
    known = replace(NOTHING, surveyed={house.place: {"3"}, person.place: {"甲乙丙"}})
    assert decides(known, house) == "survey"
    assert decides(known, person) == ""
    assert decides(replace(NOTHING, surveyed={house.place: {"5"}}), house) == ""


def test_a_name_takes_a_second_witness_with_authority_whom_the_registry_does_not_contradict() -> None:
    one = cell("name", "甲乙", "甲乙丙")
    known = replace(NOTHING, surveyed={one.place: {"甲乙丙"}}, owners={"12": {("甲乙丙", "139901********2316")}})
    assert decides(known, one) == "sources"
    assert decides(replace(known, owners={"12": {("丁某", "139902********1111")}}), one) == ""


def test_a_number_takes_the_police_even_when_a_formula_gives_it() -> None:
    one = cell("cert_no", NUMBER[:6] + NUMBER[8:17], NUMBER)
    known = replace(NOTHING, police={"11": {("甲乙丙", "139901********2316")}})
    assert decides(known, one) == "sources"
    assert decides(replace(known, police={"11": {("甲乙丙", "139901********9999")}}), one) == ""


def test_masked_numbers_that_agree_state_no_number() -> None:
    one, masked = cell("cert_no", "", NUMBER), {("甲乙丙", "139901********2316")}
    known = replace(NOTHING, police={"11": masked}, owners={"11": masked})
    assert decides(known, one) == ""
    assert decides(replace(known, surveyed={one.place: {NUMBER}}), one) == "sources"


def test_the_carrier_vouches_only_beside_two_factors_that_are_right() -> None:
    one = cell("mobile", OTHER, MOBILE)
    known = replace(NOTHING, surveyed={one.place: {MOBILE}}, holders={MOBILE: ("甲乙丙", NUMBER)})
    assert decides(known, one, archive(mobile=OTHER)) == "sources"
    assert decides(known, one, archive(mobile=OTHER, cert_no="")) == ""
    assert decides(replace(known, unknown=frozenset({MOBILE})), one, archive(mobile=OTHER)) == ""


def test_a_number_is_put_right_when_the_lost_one_stands_and_the_wrong_one_does_not() -> None:
    one = cell("mobile", OTHER, MOBILE)
    assert one.put_right((MOBILE,))
    assert not one.put_right((MOBILE, OTHER))
    missing = replace(one, before=(), right=(MOBILE, OTHER))
    assert missing.put_right((MOBILE,))
    assert not missing.put_right(())


def test_every_class_of_dirt_and_every_wrong_cell_of_a_world_is_listed_once(tmp_path: Path) -> None:
    made = door.make(200, 1, skins.load("a"), date(2026, 3, 16))
    door.write(made, tmp_path, {"accounts": "200", "seed": "1", "skin": "a", "date": "2026-03-16"})
    with closing(sqlite3.connect(tmp_path / truth.TRUTH)) as db:
        right, before = (_archive(db, side) for side in ("truth", "initial"))
        family = score._legacy(tmp_path).family
        found = cells.spoilt(db, family, before, right)
        witness = cells.evidence(tmp_path, db, family, made.skin, "2026-03-16")
    assert {one.dirt for one in found} >= set(anomalies.RATES["archive"])
    places = [one.place for one in found]
    assert len(places) == len(set(places))
    wrong = {place for place in cells._places(right) if before.at(place) != right.at(place)}
    assert {one.place for one in found if one.wrong} == wrong
    assert witness.surveyed
    assert witness.owners
    assert witness.police


def _archive(db: sqlite3.Connection, side: str) -> Archive:
    of_cells = score._by_place(db.execute(f"SELECT kind, object, column, value FROM {side}_cell"))
    rows = score._by_account(db.execute(f"SELECT cons_no, name, relation, mobile, home_phone FROM {side}_contact"))
    return Archive(cells=of_cells, contacts=rows)
