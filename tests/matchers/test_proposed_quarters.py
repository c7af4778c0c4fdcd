"""Quarters are proposed with what speaks for them, and two quarters are never taken for one."""

import pytest

from core.reference import Reference
from matchers import proposed_quarters
from matchers.normal import addresses
from matchers.proposed_quarters import Sighting, Standing, drafts
from matchers.quarters import key

COUNTY = "130203"


def seen(
    quarter: str, building: str = "1", unit: str = "1", room: str = "101", *, who: str = "", source: str = "accounts", phase: str = "",
    corrects: str = "",
) -> Sighting:  # fmt: skip
    return Sighting(
        source=source, who=who or f"{quarter}{building}{unit}{room}", county=COUNTY, quarter=quarter, phase=phase, building=building,
        unit=unit, room=room, corrects=corrects,
    )  # fmt: skip


def flats(quarter: str, buildings: int = 3, *, floor: int = 1, **more: str) -> list[Sighting]:
    return [
        seen(quarter, str(b), str(u), f"{floor}0{d}", **more)
        for b in range(1, buildings + 1)
        for u in (1, 2)
        for d in (1, 2)
    ]


def aliases(sightings: list[Sighting]) -> dict[str, dict[str, object]]:
    found, _ = drafts(sightings, {}, ())
    return {d.name: {alias.name: why for alias, why in d.aliases} for d in found if d.aliases}


def test_a_quarter_has_the_buildings_units_and_rooms_that_were_seen() -> None:
    registry = seen("凤城国贸小区", "2", "3", "901", source="registry")
    found, left_out = drafts([*flats("凤城国贸", 2), seen("凤城国贸", "10"), registry], {}, ())
    (draft,) = found
    assert (draft.name, draft.support, left_out) == ("凤城国贸", {"accounts": 9, "registry": 1}, 0)
    assert [b.name for b, _ in draft.buildings] == ["1", "2", "10"]
    two, support = draft.buildings[1]
    assert (two.units, support) == (("1", "2", "3"), {"accounts": 4, "registry": 1})
    assert two.rooms == {("1", "101"), ("1", "102"), ("2", "101"), ("2", "102"), ("3", "901")}
    assert not two.whole


def test_a_name_with_little_support_is_counted_and_not_proposed() -> None:
    found, left_out = drafts([*flats("凤城国贸"), seen("凤诚国茂")], {}, ())
    assert ([d.name for d in found], left_out) == (["凤城国贸"], 1)


def test_what_a_person_has_settled_is_not_asked_again() -> None:
    standing: Standing = {(COUNTY, "凤城国贸"): "凤城国贸", (COUNTY, "凤城公馆"): "凤城国贸", (COUNTY, "测试"): None}
    found, _ = drafts([*flats("凤城国贸"), *flats("凤城公馆", floor=2), *flats("测试小区")], standing, standing)
    assert [(d.name, d.support["accounts"], d.aliases) for d in found] == [("凤城国贸", 24, ())]


def test_a_name_that_was_proposed_before_keeps_its_spelling() -> None:
    standing: Standing = {(COUNTY, "凤城国贸"): "凤城国贸小区"}
    (draft,), _ = drafts(flats("凤城国贸"), standing, ())
    assert draft.name == "凤城国贸小区"


def test_a_quarter_that_a_person_has_confirmed_is_no_other_name_of_its_neighbour() -> None:
    standing: Standing = {(COUNTY, name): name for name in ("瑞宫花园", "瑞宫家属院")}
    sightings = [*flats("瑞宫花园", 4), *flats("瑞宫家属院", 2, floor=2)]
    assert all(d.aliases == () for d in drafts(sightings, standing, standing)[0])


def test_surveys_that_put_a_name_right_propose_it_as_another_name() -> None:
    archive = flats("矿务局家属院")
    surveys = flats("凤城国贸", source="surveys", corrects="矿务局家属院")[:4]
    assert aliases([*archive, *surveys]) == {"凤城国贸": {"矿务局家属院": {"corrected": 4, "surveyed": 4}}}


def test_a_single_account_in_the_wrong_quarter_proposes_nothing() -> None:
    assert (
        aliases(
            [*flats("矿务局家属院"), *flats("凤城国贸"), seen("凤城国贸", source="surveys", corrects="矿务局家属院")]
        )
        == {}
    )


@pytest.mark.parametrize("damaged", ["凤??", "凤城*贸", "凤城□贸", "凤"])
def test_a_damaged_name_is_nobodys_other_name(damaged: str) -> None:
    assert aliases(flats("凤城国贸", source="surveys", corrects=damaged)) == {}


def test_corrections_that_most_surveys_of_that_name_deny_propose_nothing() -> None:
    denied = flats("学府花园", source="surveys")
    wrong = flats("凤城国贸", 1, source="surveys", corrects="学府花园")[:3]
    assert aliases([*denied, *wrong]) == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("阳光一区", "阳光二区"),
        ("祥荣里", "祥荣"),
        ("阳光花园1期", "阳光花园2期"),
        ("A区花园", "B区花园"),
        ("滨河一号", "滨河二号"),
    ],
)
def test_names_that_differ_in_what_counts_are_never_proposed_as_one(one: str, other: str) -> None:
    surveys = flats(one, source="surveys", corrects=other)
    assert aliases([*flats(one), *flats(other, floor=2), *surveys]) == {}


def test_similar_names_with_the_same_structure_are_proposed_as_one() -> None:
    found = aliases([*flats("瑞宫花园", 4), *flats("瑞宫家属院", 2, floor=2)])
    assert found == {"瑞宫花园": {"瑞宫家属院": {"alike": 4, "of": 4, "clashes": 0}}}


def test_similar_names_of_which_each_has_its_own_people_in_the_same_rooms_are_two_quarters() -> None:
    assert aliases([*flats("瑞宫花园", 4, who=""), *flats("瑞宫家属院", 2)]) == {}


def test_similar_names_with_other_buildings_are_two_quarters() -> None:
    elsewhere = [seen("瑞宫家属院", str(b)) for b in range(20, 26)]
    assert aliases([*flats("瑞宫花园", 4), *elsewhere]) == {}


def test_an_address_is_a_sighting_only_where_it_names_county_and_quarter(reference: Reference) -> None:
    texts = {
        "河北省唐山市路北区凤城国贸小区二期3号楼2单元1102室": ("凤城国贸", "二期", "3", "2", "1102"),
        "唐山市路北区凤城国贸3号楼*单元**室": None,
        "凤城国贸3号楼2单元1102室": None,
        "唐山市路北区建设北路12号": None,
    }
    for text, parts in texts.items():
        found = proposed_quarters.sighting("accounts", "1", addresses.read(text, reference))
        got = found and (key(found.quarter), found.phase, found.building, found.unit, found.room)
        assert got == parts, text
