"""The ledger of quarters answers by name and by structure, and says nothing of what it does not know."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.quarters import Alias, Building, Quarter
from core.reference import Reference
from matchers import quarters
from matchers.normal import addresses
from matchers.quarters import Quarters

DAY = date(2026, 3, 16)
LUBEI, HAIGANG = "130203", "130302"
TOWER = Building(name="3", units=("1", "2"), floors=18, rooms=frozenset({("1", "101"), ("2", "1102")}), whole=True)
LEDGER = Quarters.of((
    Quarter(
        id="Q1", county=LUBEI, name="凤城国贸", whole=True, buildings=(TOWER, Building(name="5")),
        aliases=(Alias(name="矿务局家属院", kind="old", last=date(2020, 12, 31)), Alias(name="凤城公馆", kind="developer")),
    ),
    Quarter(id="Q2", county=LUBEI, name="学府花园二期", buildings=(Building(name="1", units=("1",)),)),
    Quarter(id="Q3", county=LUBEI, name="祥荣里"),
    Quarter(id="Q4", county=LUBEI, name="祥和嘉园", aliases=(Alias(name="老供销社", kind="popular"),)),
    Quarter(id="Q5", county=LUBEI, name="御景华府", aliases=(Alias(name="老供销社", kind="popular"),)),
    Quarter(
        id="Q6", county=LUBEI, name="银河湾", whole=True,
        buildings=(Building(name="1", phase="一期", units=("1",), whole=True), Building(name="1", phase="二期", units=("1", "2"), whole=True)),
    ),
))  # fmt: skip


@pytest.mark.parametrize(
    ("name", "phase", "how", "found"),
    [
        ("凤城国贸", None, "exact", "Q1"),
        ("凤城国贸小区", None, "exact", "Q1"),
        ("凤城公馆", None, "alias", "Q1"),
        ("凤城國贸", None, "fuzzy", "Q1"),
        ("学府花园", "二期", "exact", "Q2"),
        ("学府花园2期", None, "exact", "Q2"),
        ("学府花园", "一期", "none", None),
        ("祥荣里小区", None, "exact", "Q3"),
        ("祥荣", None, "none", None),
        ("矿务局家属院", None, "fuzzy", "Q1"),  # given up before that day: a hint for a person, no more
        ("老供销社", None, "alias", None),  # two quarters are called so
        ("桃花源", None, "none", None),
    ],
)
def test_a_name_leads_to_one_quarter_or_to_none(name: str, phase: str | None, how: str, found: str | None) -> None:
    place = LEDGER.find(LUBEI, name, DAY, phase)
    assert (place.how, place.quarter and place.quarter.id) == (how, found)


def test_a_quarter_is_looked_for_in_its_own_county() -> None:
    assert LEDGER.find(HAIGANG, "凤城国贸", DAY).how == "none"


def test_an_alias_counts_on_the_days_it_was_in_use() -> None:
    assert LEDGER.find(LUBEI, "矿务局家属院", date(2020, 12, 31)).how == "alias"
    assert LEDGER.find(LUBEI, "矿务局家属院", date(2021, 1, 1)).how == "fuzzy"


def test_an_ambiguous_alias_names_all_that_it_may_mean() -> None:
    assert LEDGER.find(LUBEI, "老供销社", DAY).names == ("祥和嘉园", "御景华府")


@given(
    st.sampled_from(["1", "2", "一", "二", "A", "B", "东", "西", "南", "北", "新", "老"]),
    st.sampled_from(["1", "2", "一", "二", "A", "B", "东", "西", "南", "北", "新", "老"]),
    st.sampled_from(["期", "区", "里", "院", "苑"]),
)
def test_names_that_differ_in_what_is_counted_are_never_alike(one: str, other: str, word: str) -> None:
    names = [f"红星家园{which}{word}" for which in (one, other)]
    assert quarters.alike(*names) == (one == other)


_STEMS = st.text("凤城国贸一东", min_size=1, max_size=6)


@given(_STEMS, _STEMS)
def test_stems_that_are_alike_are_found_by_what_they_share(one: str, other: str) -> None:
    if quarters.alike(one, other):
        assert set(quarters.shortened(one)) & set(quarters.shortened(other))


@pytest.mark.parametrize(
    ("text", "building", "unit", "room", "floor"),
    [
        ("河北省唐山市路北区凤城国贸小区3号楼2单元1102室", True, True, True, True),
        ("河北省唐山市路北区凤城公馆3-2-1102", True, True, True, True),
        ("河北省唐山市路北区凤城国贸小区3号楼2单元1103室", True, True, False, True),
        ("河北省唐山市路北区凤城国贸小区3号楼2单元2502室", True, True, False, False),
        ("河北省唐山市路北区凤城国贸小区3号楼4单元101室", True, False, False, True),
        ("河北省唐山市路北区凤城国贸小区9号楼1单元101室", False, None, None, None),
        ("河北省唐山市路北区凤城国贸小区5号楼1单元101室", True, None, None, None),
        ("河北省唐山市路北区祥荣里小区5号楼1单元101室", None, None, None, None),
        ("河北省唐山市路北区学府花园二期1号楼1单元101室", True, True, None, None),
        ("河北省唐山市路北区学府花园二期8号楼1单元101室", None, None, None, None),
        ("河北省唐山市路北区银河湾1号楼1单元101室", True, True, None, None),
        ("河北省唐山市路北区银河湾1号楼2单元101室", True, None, None, None),
        ("河北省唐山市路北区银河湾一期1号楼2单元101室", True, False, None, None),
        ("河北省唐山市路北区银河湾三期1号楼2单元101室", False, None, None, None),
    ],
)  # fmt: skip
def test_a_part_is_denied_only_where_the_list_is_whole(
    text: str, building: bool | None, unit: bool | None, room: bool | None, floor: bool | None, reference: Reference
) -> None:
    house = LEDGER.house(addresses.read(text, reference), DAY)
    assert house is not None
    assert (house.building, house.unit, house.room, house.floor) == (building, unit, room, floor)


def test_the_ledger_states_the_standard_name_and_only_what_it_lists(reference: Reference) -> None:
    house = LEDGER.house(addresses.read("唐山市路北区凤城公馆3号楼2单元1102室", reference), DAY)
    assert house is not None
    assert house.confirmed
    assert house.values == {
        "quarter_name": "凤城国贸", "quarter_id": "Q1", "building_no": "3", "unit_no": "2", "room_no": "1102",
    }  # fmt: skip
    other = LEDGER.house(addresses.read("唐山市路北区凤城公馆3号楼2单元1109室", reference), DAY)
    assert other is not None
    assert not other.confirmed
    assert "room_no" not in other.values


def test_a_similar_name_states_nothing(reference: Reference) -> None:
    house = LEDGER.house(addresses.read("唐山市路北区凤城國贸3号楼2单元1102室", reference), DAY)
    assert house is not None
    assert (house.place.how, house.building, dict(house.values)) == ("fuzzy", None, {})


def test_an_address_without_a_quarter_or_a_county_has_no_place(reference: Reference) -> None:
    texts = ("凤城国贸3号楼", "唐山市路北区建设北路12号", "唐山市路北区凤城国贸")
    places = LEDGER.places([addresses.read(text, reference) for text in texts], DAY)
    assert [place and place.how for place in places] == [None, None, "exact"]


def test_names_for_the_comparator_leave_out_what_is_ambiguous() -> None:
    names = LEDGER.names(DAY)
    assert names[LUBEI, "凤城公馆"] == names[LUBEI, "凤城国贸"] == "Q1"
    assert (LUBEI, "老供销社") not in names
    assert (LUBEI, "矿务局家属院") not in names


@pytest.mark.parametrize(
    ("text", "bare"),
    [("03号楼", "3"), ("三号楼", "3"), ("12#", "12"), ("A座", "A"), ("2单元", "2"), ("1102室", "1102"), ("3排", "3排"), ("东户", "东户"), ("B3", "B3"), ("十二", "12")],
)  # fmt: skip
def test_parts_of_a_file_are_spelt_as_the_parser_spells_them(text: str, bare: str) -> None:
    assert quarters.part(text) == bare


def test_a_phase_is_spelt_as_the_parser_spells_it() -> None:
    assert [quarters.phase(text) for text in ("2期", "二期", "A区", "")] == ["二期", "二期", "A区", ""]
