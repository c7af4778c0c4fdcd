"""What holds for every address of a class, not only for the cases somebody thought of."""

from itertools import permutations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from core.reference import Reference
from matchers.comparators import load
from matchers.normal import addresses, numerals

BUILDING, UNIT = st.integers(1, 99), st.integers(1, 9)
FLOOR, DOOR = st.integers(1, 33), st.integers(1, 8)
PLACE = "河北省唐山市路北区"
QUARTER = st.sampled_from(["荣庆里", "凤城国贸", "锦绣江南", "七里香榭", "曹杨新村", "滨江壹号院", "九龙仓时代小镇"])
LETTERS = "河北省唐山市路北区荣庆里花园号楼单元室层栋幢座门排组队村弄巷街镇底商甲乙东西户AB#-0123456789(), /附"


def key(text: str, reference: Reference) -> str | None:
    return addresses.key(addresses.read(text, reference))


def parts(text: str, reference: Reference) -> list[str | None]:
    found = addresses.read(text, reference)
    return [getattr(found, part) for part in addresses.PARTS]


def spoken(room: str) -> str:
    return "".join("零一二三四五六七八九"[int(digit)] for digit in room)


@given(quarter=QUARTER, b=BUILDING, u=UNIT, floor=FLOOR, door=DOOR)
def test_all_spellings_of_a_flat_are_the_same_flat(
    reference: Reference, quarter: str, b: int, u: int, floor: int, door: int
) -> None:
    room = f"{floor}{door:02d}"
    spellings = [
        f"{b}号楼{u}单元{room}室", f"{b}-{u}-{room}", f"{b}#{u}单元{room}", f"{b}#-{u}-{room}", f"{b}栋{u}单元{room}", f"{b}幢{u}门{room}",
        f"{b}楼{u}门{room}", f"{b}号楼{u}单元{floor}层{door:02d}", f"{b}号楼{u}单元{int(room):04d}室", f"{b} 号楼 {u} 单元 {room} 室",
        f"{numerals.chinese(b)}号楼{numerals.chinese(u)}单元{spoken(room)}室", f"{b:02d}号楼{u:02d}单元{room}（东城）",
        "".join(chr(ord(c) + 0xFEE0) for c in f"{b}-{u}-{room}"),
    ]  # fmt: skip
    keys = {key(PLACE + quarter + spelling, reference) for spelling in spellings}
    assert len(keys) == 1
    assert None not in keys


@given(quarter=QUARTER, b=BUILDING, u=UNIT, floor=FLOOR, door=DOOR, other=st.sampled_from(["b", "u", "floor", "door"]))
def test_another_building_unit_or_room_is_another_flat(
    reference: Reference, quarter: str, b: int, u: int, floor: int, door: int, other: str
) -> None:
    parts = {"b": b, "u": u, "floor": floor, "door": door}
    changed = parts | {other: parts[other] + 1}
    ways = ["{b}号楼{u}单元{floor}{door:02d}室", "{b}-{u}-{floor}{door:02d}"]
    keys = [{key(PLACE + quarter + way.format(**p), reference) for way in ways} for p in (parts, changed)]
    assert not keys[0] & keys[1]


@given(quarter=QUARTER, b=BUILDING, phases=st.permutations(["", "一期", "二期", "A区", "东区"]))
def test_another_phase_is_another_place(reference: Reference, quarter: str, b: int, phases: list[str]) -> None:
    one, other = (key(f"{PLACE}{quarter}{phase}{b}号楼1单元101", reference) for phase in phases[:2])
    assert one != other


def test_every_old_county_is_todays_or_left_open(reference: Reference) -> None:
    for old in reference.successions:
        found = addresses.read(f"{old.city}{old.old}荣庆里3号楼2单元301", reference)
        assert found.county_code == (None if old.split else old.code)
        assert (found.quarter, found.building, found.room) == ("荣庆里", "3", "301")


def test_a_moved_town_decides_the_county(reference: Reference) -> None:
    for (old, town), code in reference.moves.items():
        county = reference.divisions[old][-1].name
        assert addresses.read(f"{county}{town}荣庆里3号楼2单元301", reference).county_code == code


@given(
    name=st.sampled_from(["河北大街", "北京路", "新疆大街", "上海路", "四平路", "五一路", "八达岭路"]),
    no=st.integers(1, 999),
)
def test_a_road_named_after_a_place_is_a_road(reference: Reference, name: str, no: int) -> None:
    found = addresses.read(f"{name}{no}号", reference)
    assert (found.province, found.road, found.road_no) == (None, name, str(no))


@given(code=st.sampled_from(["110105", "150622", "320106", "419001", "440309", "510107", "532901", "654002", "820001"]))
def test_a_region_written_twice_is_read_once(reference: Reference, code: str) -> None:
    assume(code in reference.divisions)
    divisions = {c: names[-1].name for c, names in reference.divisions.items()}
    city = "" if code[2:4] in {"01", "90"} and code[:2] in {"11", "41"} else divisions[code[:4] + "00"]
    head = divisions[code[:2] + "0000"] + city + divisions[code]
    once, twice = (addresses.read(f"{text}荣庆里3-2-301", reference).as_row() for text in (head, head + head))
    assert once == twice


@given(floor=st.integers(1, 33), room=st.integers(1, 33))
def test_a_number_that_may_be_floor_or_building_determines_no_flat(reference: Reference, floor: int, room: int) -> None:
    assert key(f"{PLACE}荣庆里{floor}楼{room}02", reference) is None


@pytest.mark.parametrize("words", ["5号楼对面", "3号楼2单元旁边", "5-3", "12号楼后面小房"])
def test_words_that_do_not_name_a_flat_leave_it_open(reference: Reference, words: str) -> None:
    row = addresses.read(PLACE + "荣庆里" + words, reference).as_row()
    assert (row["building"], row["unit"], row["room"]) == (None, None, None)
    assert row["quarter"] == "荣庆里"


@given(text=st.text(st.sampled_from(LETTERS), max_size=40))
@example(text="荣庆里3 A座501")
@example(text="荣庆里2(3栋)")
@example(text="荣庆里1(旧)3号楼")
@example(text="荣庆里3;5栋")
@example(text="荣庆里3,甲楼")
def test_no_building_or_unit_is_read_that_is_not_written(reference: Reference, text: str) -> None:
    found = addresses.read(text, reference)
    assert found.original == text
    for part in (found.building, found.unit):
        pieces = (part or "").removesuffix("排").lstrip("甲乙东西南北附新老副").split("-")
        assert all(piece in text for piece in pieces)


@given(text=st.text(max_size=30))
def test_any_text_is_read_without_an_error_and_kept(reference: Reference, text: str) -> None:
    found = addresses.read(text, reference)
    addresses.canonical(found)
    assert found.original == text


@given(
    head=st.sampled_from(["河北省唐山市", "唐山", "河北", "", "路北区", "桥西区", "北京市"]),
    text=st.text(LETTERS, max_size=20),
)
def test_a_city_is_only_assumed_where_none_is_written(reference: Reference, head: str, text: str) -> None:
    read = addresses.read(head + text, reference, "张家口市")
    assert read.assumed or read == addresses.read(head + text, reference)


def test_an_address_without_a_city_takes_that_of_its_organisation(reference: Reference) -> None:
    assert addresses.read("桥西区荣庆里1号楼1单元101", reference, "张家口市").assumed
    assert not addresses.read("张家口市桥西区荣庆里1号楼1单元101", reference, "张家口市").assumed
    assert not addresses.read("桥西区荣庆里1号楼1单元101", reference).assumed


@given(
    quarter=QUARTER,
    b=BUILDING,
    u=UNIT,
    floor=FLOOR,
    door=DOOR,
    heads=st.tuples(*[st.sampled_from([PLACE, "唐山市路北区", "唐山路北"])] * 2),
)
def test_addresses_with_equal_keys_never_contradict_each_other(
    reference: Reference, quarter: str, b: int, u: int, floor: int, door: int, heads: tuple[str, str]
) -> None:
    room = f"{floor}{door:02d}"
    spelt = (
        f"{b}号楼{u}单元{room}室",
        f"{b}-{u}-{room}",
        f"{b}栋{u}门{room}",
        f"{b}号楼{u}单元{floor}层{room}",
        f"新华道{b}号{quarter}",
    )
    texts = [heads[place % 2] + quarter + end for place, end in enumerate(spelt)]
    comparator = load("address")
    for one, two in permutations(texts, 2):
        if key(one, reference) == key(two, reference) is not None:
            level = int(comparator.compare([one], [two], reference)[0])
            assert not comparator.contradicts(level)
            assert comparator.called(level) != "SAME_UNIT_FUZZY"


@pytest.mark.parametrize("aside", ["10kV永西线12号杆", "3号台区", "2号配变", "5号表箱", "107国道62公里处"])
def test_a_number_on_the_grid_or_by_the_road_is_no_house(reference: Reference, aside: str) -> None:
    row = addresses.read("张家口市怀安县柴沟堡镇西街村" + aside, reference).as_row()
    assert (row["community"], row["road_no"], row["building"], row["room"]) == ("西街村", None, None, None)


@pytest.mark.parametrize(
    "name", ["变压器厂宿舍", "公变小区", "万科公园里", "十公里小区", "水表厂家属院", "和平小区", "水岸人家"]
)
def test_a_quarter_whose_name_sounds_like_a_pole_or_a_way_is_a_quarter(reference: Reference, name: str) -> None:
    row = addresses.read(f"唐山市路北区新华道{name}3号楼2单元301", reference).as_row()
    assert [row[part] for part in ("road", "quarter", "building", "unit", "room")] == ["新华道", name, "3", "2", "301"]


@given(floor=st.integers(1, 30), door=st.integers(1, 8), wing=st.sampled_from("ABCD"))
def test_a_tower_on_a_numbered_building_decides_no_flat(reference: Reference, floor: int, door: int, wing: str) -> None:
    assert key(f"{PLACE}荣庆里6号楼{wing}座{floor}{door:02d}", reference) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("唐山市路北区荣庆里2023-05-01", "date"), ("唐山市路北区荣庆里3月2日", "date"), ("唐山市路北区荣庆里2-Mar", "date"), ("5月1日", "date"), ("2023/5/1 0:00:00", "date"),
        ("45047", "serial"), ("唐山市路北区荣庆里45352", "serial"), ("唐山市路北区新华道45352", "serial"),
        ("Apt 1503, Tower B, 18 Jianshe Road, Tangshan", "latin"), ("tangshan shi lubei qu rongqingli 3-2-501", "latin"), ("北京市朝阳区Lido Garden 7 Building 502", "latin"),
        ("3号楼2单元1102室", "no_place"), ("唐山市路北区3号楼2单元1102室", "no_place"), ("唐山市路北区", "region_only"), ("四川省成都市", "region_only"), ("甲", "unread"),
        ("唐山市路北区荣庆里3-2", "undecided_house"), ("唐山市路北区荣庆里03-02", "ambiguous_building"), ("唐山市路北区荣庆里3-02", "ambiguous_building"), ("沈阳市铁西区兴华北街18号3-6-2", "ambiguous_building"), ("唐山市路北区荣庆里12月", ""),
    ],
)  # fmt: skip
def test_damage_and_foreign_writing_are_reasons_and_no_house(text: str, reason: str, reference: Reference) -> None:
    found = addresses.read(text, reference)
    assert found.has(reason) or not reason
    if reason not in {"no_place", "region_only", "unread"}:
        assert (found.building, found.unit, found.room) == (None, None, None)
    assert found.road_no in {None, "18"}


@given(st.text(max_size=30))
def test_what_is_not_read_says_why(reference: Reference, text: str) -> None:
    found = addresses.read(text, reference)
    assert found.parsed or found.reasons


@given(quarter=QUARTER, b=BUILDING, u=UNIT, floor=FLOOR, door=DOOR)
def test_what_stands_around_an_address_or_was_mistyped_in_it_changes_no_part(
    reference: Reference, quarter: str, b: int, u: int, floor: int, door: int
) -> None:
    room, place = f"{floor}{door:02d}", PLACE + quarter
    ways = [
        f"邮编063000 {place}{b}号楼{u}单元{room}室", f"063000{place}{b}号楼{u}单元{room}室", f"{place}{b}号楼{u}单元{room}室 邮政编码063000",
        f"{place}{b}号楼{u}单元{room}室，建筑面积89.5平方米", f"{place}{b}号楼{u}单元{room}室（98㎡）", f"{place}{b}号楼{u}单元{room}室、车库15号",
        f"坐落：{place}{b}号楼{u}单元{room}室", f"房屋座落于{place}{b}号楼{u}单元{room}室", f"河北省/唐山市/路北区/{quarter}/{b}号楼/{u}单元/{room}",
        f"河北省→唐山市→路北区→{quarter}→{b}号楼→{u}单元→{room}", f"河北省-唐山市-路北区-{quarter}-{b}号楼-{u}单元-{room}", f"河北省_唐山市_路北区_{quarter}_{b}号楼_{u}单元_{room}",
        f"省份：河北省 城市：唐山市 区县：路北区 小区：{quarter} 楼号：{b} 单元：{u} 房号：{room}", f"{b}号楼{u}单元{room}室，{quarter}，路北区，唐山市",
        f"{place}（{b}）号楼（{u}）单元（{room}）室", f"{place}[{b}]栋[{u}]单元[{room}]", f"{place}{b}号搂{u}单园{room}室", f"{place}{b}憧{u}单员{room}",
        f"*{place}{b}号楼{u}单元{room}*", f"{place} {b} # 楼 {u}单元 {room}", f"{place}《{b}号楼》{u}单元{room}", f"{place}{b}╱{u}╱{room}",
        f"{place}{b}号楼{u}单元{room}室 2023-05-01装表",
        f"{place}{b}号楼{u}单元{room}室*李先生*", f"{place}{b}号楼{b}号楼{u}单元{room}室", f"{place}{b}号楼{u}单元（{u}单元）{room}室",
    ]  # fmt: skip
    wanted = parts(f"{place}{b}号楼{u}单元{room}室", reference)
    assert [way for way in ways if parts(way, reference) != wanted] == []
