"""Compare addresses part by part: any conflict in building, unit or room caps the result, however alike the strings are."""

import re
from collections.abc import Callable, Mapping

from rapidfuzz.distance import Levenshtein

from core.reference import Reference
from core.words import Words
from matchers.comparators import BESIDE, Column, Comparator, Level, Levels, Params, by_pairs, ranked
from matchers.masks import Stars
from matchers.normal import addresses, houses
from matchers.normal.addresses import Address

CONFLICT, SAME_COUNTY, SAME_QUARTER, SAME_BUILDING, SAME_UNIT_FUZZY, SAME_UNIT_ALIAS, SAME_UNIT = range(7)
COMPATIBLE, NOT_PARSED = BESIDE, BESIDE + 1

LEVELS = ranked(
    Level(name="SAME_UNIT", words=Words("同一户", "the same flat"), agrees=True, writes=True),
    Level(
        name="SAME_UNIT_ALIAS",
        words=Words("同一户（小区为别名）", "the same flat, the quarter by another name"),
        agrees=True,
        writes=True,
    ),
    Level(
        name="SAME_UNIT_FUZZY",
        words=Words("楼栋、单元、房号一致，小区名相近", "the house part is equal, the quarter's name similar"),
    ),
    Level(name="SAME_BUILDING", words=Words("同一楼栋", "the same building")),
    Level(
        name="SAME_QUARTER",
        words=Words("同一小区，{parts}不同", "the same quarter, but another {parts}"),
        contradicts=True,
    ),
    Level(
        name="SAME_COUNTY",
        words=Words("同一县（市、区），{parts}不同", "the same county, but another {parts}"),
        contradicts=True,
    ),
    Level(name="CONFLICT", words=Words("不在同一县（市、区）", "not in the same county"), contradicts=True),
    beside=(
        Level(
            name="COMPATIBLE",
            words=Words(
                "相容，但{parts}有一方缺失、脱敏、说不准或写法不可比",
                "compatible, but on one side {parts} is missing, masked, open or told otherwise",
            ),
        ),
        Level(name="NOT_PARSED", words=Words("地址无法解析", "the address could not be read")),
    ),
)

Quarters = Mapping[tuple[str, str], str]

_HOUSE = ("building", "unit", "room")
_PART_WORDS = {
    "county": Words("县（市、区）", "county"), "road": Words("道路", "road"), "road_no": Words("门牌号", "road number"),
    "quarter": Words("小区", "quarter"), "phase": Words("期、区或组", "phase or group"), "building": Words("楼栋", "building"),
    "unit": Words("单元", "unit"), "floor": Words("楼层", "floor"), "room": Words("房号", "room"),
}  # fmt: skip
_SIDE = re.compile(r"(?:[东西南北中左右]{1,2}|中间)[户屋室门]")
_RANGE = re.compile(r"(\d+)-(\d+)")
_COUNTED = re.compile(r"\d+|[A-Z]|[里期区]")
_EXACT, _ALIAS, _FUZZY, _UNKNOWN, _OTHER = "exact", "alias", "fuzzy", "unknown", "other"


def compare(left: Column, right: Column, reference: Reference, _stars: Stars) -> Levels:
    """SAME_UNIT > SAME_UNIT_ALIAS > SAME_UNIT_FUZZY > SAME_BUILDING > SAME_QUARTER > SAME_COUNTY > CONFLICT; beside them COMPATIBLE
    (a part is missing or masked) and NOT_PARSED."""
    return levels(left, right, reference, lambda text: addresses.read(text, reference))


def levels(left: Column, right: Column, reference: Reference, read: Callable[[str], Address]) -> Levels:
    """As `compare`, for who knows the parts of some texts already; `read` must answer as without a city."""
    quarters = reference.quarters
    return by_pairs(left, right, read, None, lambda one, other: _level(one, other, quarters))


def _level(one: Address, other: Address, quarters: Quarters) -> int:
    if not (one.parsed and other.parsed):
        return NOT_PARSED
    if _region_conflict(one, other):
        return CONFLICT
    place = _place(one, other, quarters)
    if place == _OTHER or _differs(one.phase, other.phase):
        return SAME_COUNTY
    if _conflicts(one, other):
        return SAME_QUARTER if place != _UNKNOWN else SAME_COUNTY
    if place == _FUZZY and not (one.county_code and other.county_code):
        return SAME_COUNTY
    if place == _UNKNOWN or one.has("ambiguous_building") or other.has("ambiguous_building"):
        return COMPATIBLE
    if _gaps(one, other):
        return COMPATIBLE
    return _agreement(one, place)


def _conflicts(one: Address, other: Address) -> list[str]:
    """The parts of the house that cannot both be right."""
    found = [part for part in ("building", "unit") if _differs(getattr(one, part), getattr(other, part))]
    found += ["floor"] if _floors_differ(one, other) else []
    return found + (["room"] if _rooms_differ(one.room, other.room) else [])


def _floors_differ(one: Address, other: Address) -> bool:
    """Two floors that are stated, or told by a room's number; but of one and the same number nobody tells two floors."""
    told = (one.floor, other.floor) if one.room == other.room and one.room else (one.storey, other.storey)
    return _differs(*told) and not any(_RANGE.fullmatch(floor or "") for floor in told)


def _rooms_differ(one: str | None, other: str | None) -> bool:
    """东户 and 501 may be one room, and 301 is in 301-302; other rooms that differ are two."""
    if not _differs(one, other) or bool(_SIDE.fullmatch(one or "")) != bool(_SIDE.fullmatch(other or "")):
        return False
    return not (_within(one or "", other or "") or _within(other or "", one or ""))


def _within(room: str, rooms: str) -> bool:
    span = _RANGE.fullmatch(rooms)
    return span is not None and room.isdigit() and int(span[1]) <= int(room) <= int(span[2])


def _agreement(address: Address, place: str) -> int:
    """The level of two addresses that state the same parts and agree in all of them."""
    if address.room or (address.road_no and not address.building):
        return {_EXACT: SAME_UNIT, _ALIAS: SAME_UNIT_ALIAS}.get(place, SAME_UNIT_FUZZY)
    if address.building:
        return SAME_BUILDING if place != _FUZZY else COMPATIBLE
    return COMPATIBLE


def _region_conflict(one: Address, other: Address) -> bool:
    if one.county_code and other.county_code:
        return one.county_code != other.county_code
    return (
        _differs(one.city, other.city) or _differs(one.province, other.province) or _differs(one.county, other.county)
    )


def _place(one: Address, other: Address, quarters: Quarters) -> str:
    """How the quarters (or, without them, the roads with their numbers, or the villages) agree."""
    if one.quarter and other.quarter:
        return _quarter(one, other, quarters)
    if one.road and other.road and one.road_no and other.road_no:
        return _EXACT if (one.road, one.road_no) == (other.road, other.road_no) else _OTHER
    if one.road and other.road:
        return _OTHER if one.road != other.road else _EXACT if not (one.quarter or other.quarter) else _UNKNOWN
    if one.community and other.community:
        same_number = not _differs(one.road_no, other.road_no)
        return _OTHER if one.community != other.community or not same_number else _EXACT
    return _UNKNOWN


def _quarter(one: Address, other: Address, quarters: Quarters) -> str:
    a, b = one.quarter or "", other.quarter or ""
    if "*" in a or "*" in b:
        return _UNKNOWN
    first, second = addresses.quarter_key(a), addresses.quarter_key(b)
    if first == second:
        return _EXACT
    code = one.county_code or other.county_code or ""
    known = [quarters.get((code, name)) or quarters.get((code, key)) for name, key in ((a, first), (b, second))]
    if known[0] and known[1]:
        return _ALIAS if known[0] == known[1] else _OTHER
    return _FUZZY if _similar(addresses.quarter_stem(a), addresses.quarter_stem(b)) else _OTHER


def _similar(one: str, other: str) -> bool:
    """Equal, or one character wrong or lacking in a stem of at least four; numbers, letters, 期, 区 and 里 must be equal."""
    if _COUNTED.findall(one) != _COUNTED.findall(other):
        return False
    return one == other or (min(len(one), len(other)) >= 4 and Levenshtein.distance(one, other, score_cutoff=1) == 1)


def _differs(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other and "*" not in one and "*" not in other


def _gaps(one: Address, other: Address) -> list[str]:
    """Parts that one side states and the other does not; 无 is a statement."""
    parts = ("county", "phase", *_HOUSE, *(() if one.quarter else ("road_no",)))
    gaps = [p for p in parts if _given(getattr(one, p)) != _given(getattr(other, p))]
    gaps += ["room"] if one.room and other.room and one.room != other.room and "room" not in gaps else []
    return [*gaps, "floor"] if _floor_open(one, other) else gaps


def _floor_open(one: Address, other: Address) -> bool:
    """Whether one side tells a floor that the other does not; a room's number of three digits or more tells enough."""
    if one.floor == other.floor or not (one.building or one.room):
        return False
    if one.room and one.room == other.room and one.room.isdigit() and len(one.room) > 2:
        told = houses.floor_of(one.room)
        return told is not None and told != (one.floor or other.floor)
    return one.storey != other.storey


def _given(part: str | None) -> bool:
    return part is not None and "*" not in part


def differ(level: int, left: str, right: str, reference: Reference) -> Params:
    """The names of the parts that differ, or that one side lacks."""
    one, other = addresses.read(left, reference), addresses.read(right, reference)
    if level == COMPATIBLE:
        gaps = _gaps(one, other) or [
            p for p in ("quarter", "road") if _given(getattr(one, p)) != _given(getattr(other, p))
        ]
        return {"parts": _called(gaps or [_untold(one, other)])}
    if level in {SAME_QUARTER, SAME_COUNTY}:
        parts = ("quarter", "road", "road_no", "phase")
        differing = [p for p in parts if _differs(getattr(one, p), getattr(other, p))]
        return {"parts": _called([*differing, *_conflicts(one, other)])}
    return {}


def _untold(one: Address, other: Address) -> str:
    """The part that keeps two addresses from being one flat where both state the same: none of them tells it."""
    if one.has("ambiguous_building") or other.has("ambiguous_building"):
        return "building"
    return "quarter" if one.room and other.room else "room"


def _called(parts: list[str]) -> Words:
    words = [_PART_WORDS[part] for part in parts]
    return Words("、".join(word.zh for word in words), ", ".join(word.en for word in words))


COMPARATOR = Comparator(name="address", levels=LEVELS, run=compare, differ=differ)
