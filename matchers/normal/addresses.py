"""Read a Chinese address into its parts, so that flats are compared part by part and never as strings.

Whole-string similarity puts the flat next door above the same flat in another spelling; parts do not. What cannot be read is said
(`parsed`), a part that is stated not to exist is 无, and the original is always kept. Element types after GA/T 2000.32-2014.
"""

import re
from dataclasses import dataclass, replace

from core.reference import Reference
from matchers.columns import Coded
from matchers.normal import numerals
from matchers.normal import text as texts
from matchers.normal.gazetteer import PROVINCE, Gazetteer, Place, gazetteer

PARTS = (
    "province", "city", "county", "town", "community", "road", "road_no", "quarter", "phase", "building", "unit", "floor", "room",
)  # fmt: skip

NONE = "无"
"""A part that is stated not to exist; not the same as one that is not given."""

_PLACEHOLDER = re.compile(
    r"(?:同上|同前|见附件|详见.*|见.*附.*|无|不详|地址不详|未知|测试.*|待定|待查|空|暂无|-+|/+|\\N|NULL|null|x+|X+|\?+|0+|1+|某某.*)"
)
_BRACKETS = re.compile(r"[(\[【<](?P<inside>[^)\]】>]*)[)\]】>]?")
_SEPARATED = re.compile(r"(?<=[\dA-Za-z])\s*[_/\\.、,，—–－~～]+\s*(?=\d)(?!\d{1,2}期)")
_MASKS = str.maketrans("＊×✱●#＃", "****##")
_NOISE = re.compile(r"[\s,，、;；。:：\"'“”]+")
_DASHES = re.compile(r"[—–－‐−]+")
_SPELT = re.compile(r"(?<=[元门楼层栋幢座])(?P<number>[零〇一二三四五六七八九]{2,4})(?=$|室|号)")

_ROAD = re.compile(
    r"(?P<road>[\u4e00-\u9fff]{1,9}?(?:大街|大道|街|路(?!口)|道(?!桥)|胡同|巷|公路|线(?=\d)|条(?=\d))(?:[东西南北中]段|[东西南北]侧)?)"
    r"(?P<tail>.*)"
)
_NOT_A_ROAD = re.compile(
    r"(?:小区|家属|花园|公寓|局|站|段|处|公司|大厦|广场|新村|社区|里|苑|家园|嘉园|小镇|新城|院|房|医|学|货|桥|心|办|村|北区|南区|号楼|栋|幢|期|\*)"
)
_NO_ROAD_HEAD = re.compile(r"(?:铁路|公路|道桥|街心|铁道|路桥)")
_ROAD_NO = re.compile(r"(?P<no>[甲乙丙附]?\d{1,5}(?:-\d{1,3})?)号(?:院|附\d+号)?(?![楼栋幢门住公])")
_TOWN_SHAPE = re.compile(r"[\u4e00-\u9fff]{1,5}?(?:镇|乡|街道办事处|街道)(?![路街道巷小花家新])")
_VILLAGE_SHAPE = re.compile(
    r"[\u4e00-\u9fff]{1,7}?(?:社区|居委会|村委会|村民委员会|(?<!新)村)(?!小区|花园|家属|公寓|\d*期)"
)
_COUNTY_SHAPE = re.compile(
    r"(?P<city>[\u4e00-\u9fff]{2,5}?(?:市|地区|自治州|盟))?(?P<county>[\u4e00-\u9fff]{1,7}?(?:区|县|旗|市))?"
)

_SIDE = "东西南北中"
_BUILDING = (
    rf"(?P<building>[甲乙丙丁{_SIDE}]?\d{{1,4}}[A-Z]?(?:-\d{{1,2}}(?=号楼|栋|幢))?|[A-Z]\d{{0,3}}(?:-\d{{1,2}}(?=号楼|栋|幢|座))?|[甲乙丙丁]|{NONE})"
    r"(?:号住宅楼|号商住楼|号公寓楼|号楼|号栋|号(?=\d{1,2}(?:单元|门))|栋楼?|幢楼?|座|#楼?|楼(?=\d{1,2}(?:单元|门|-\d)|[A-Z甲乙东西]单元))"
)
_UNIT = rf"(?P<unit>\d{{1,2}}|[A-Z]|[甲乙丙丁{_SIDE}]|{NONE})(?:单元|门洞|号门|门(?=[\dA-Z{_SIDE}]|$))"
_FLOOR = r"(?P<floor>-?\d{1,2})(?P<floor_word>层|楼|F)"
_ROOM = rf"(?P<room>[A-Z]?\d{{1,5}}[A-Z]?|[{_SIDE}]{{1,2}}[户屋室]|[{_SIDE}]门|{NONE}(?=室|房号))(?:号房间?|号室|室|号|房间?|户|房号)?"
_HOUSE = re.compile(rf"(?P<name>.*?)(?:{_BUILDING})?-?(?:{_UNIT})?-?(?:{_FLOOR})?-?(?:{_ROOM})?")
_UNIT_ROOM = re.compile(
    rf"(?P<name>.*?){_BUILDING}-?(?P<unit>\d{{1,2}})-(?:(?P<floor>\d{{1,2}})-)?(?P<room>\d{{2,5}}[A-Z]?)(?:室|号|户)?"
)
_DASHED = re.compile(
    r"(?P<name>.*?)(?<![\dA-Z])(?P<building>[A-Z]?\d{1,3}[A-Z]?|[A-Z])[#栋幢]?-(?:(?P<unit>\d{1,2}|[A-Z])(?:单元|门)?-)?(?:(?P<floor>\d{1,2})(?:层|楼)?-)?"
    rf"(?P<room>\d{{2,5}}[A-Z]?|[{_SIDE}]{{1,2}}户)(?:室|号|户)?"
)
_THREE = re.compile(
    r"(?P<name>.*?)(?<![\dA-Z])(?P<building>[A-Z]?\d{1,3}[A-Z]?)-(?P<unit>\d{1,2})-(?P<room>\d{1,5}[A-Z]?)(?:室|号|户)?"
)
_ROWS = re.compile(r"(?P<name>.*?)(?P<building>\d{1,3}排)(?P<room>\d{1,4}[A-Z]?)(?:室|号|户)?")
_CORNER = re.compile(r"(?:与|和)?(?:交叉口|交口|路口)?(?:[东西南北]{1,2}[角侧])?")
_PHASE = re.compile(
    rf"(?P<quarter>.*?)(?P<phase>(?:(?:\d{{1,2}}(?:\.\d)?|[一二三四五六七八九十]+)期|(?:\d{{1,2}}|[A-Z]|[一二三四五六七八九十]|[{_SIDE}])区)+)(?P<suffix>小区)?"
)
_QUARTER_SUFFIX = re.compile(r"(?:住宅|居民|生活)?小区$")
_QUARTER_KIND = re.compile(r"(?:花园|家属[院楼区]|公寓|[家嘉]园|住宅区|生活区|宿舍楼?|大院|小区)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address in its parts; a part that is not given is None, one that is stated not to exist is 无."""

    original: str
    province: str | None = None
    city: str | None = None
    # today's name; None where an old name may have become several counties and the town does not decide
    county: str | None = None
    county_code: str | None = None
    town: str | None = None
    community: str | None = None
    road: str | None = None
    road_no: str | None = None
    quarter: str | None = None
    phase: str | None = None
    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    room: str | None = None
    # what no part took
    rest: str = ""
    # a place below the town was read
    parsed: bool = False
    # placeholder, masked, lost, old_county, undecided_county, ambiguous_county, ambiguous_building, town_elsewhere, respelled
    reasons: tuple[str, ...] = ()

    def has(self, reason: str) -> bool:
        """Whether this was found."""
        return reason in self.reasons

    @property
    def located(self) -> bool:
        """There is a place that a house number can belong to."""
        return bool(self.quarter or self.community or (self.road and (self.road_no or self.building)))

    def as_row(self) -> dict[str, object]:
        """For `run.py parse address`."""
        return {part: getattr(self, part) for part in PARTS} | {"parsed": self.parsed}


def read(text: str, reference: Reference, city: str | None = None) -> Address:
    """The parts of an address; `city` (of the account's organisation) settles county names that stand in several cities."""
    written, reasons, remarks = _clean(text)
    if _PLACEHOLDER.fullmatch(written) or not written:
        return Address(original=text, rest=written, reasons=(*reasons, "placeholder"))
    names = gazetteer(reference)
    found, rest = _region(Address(original=text, reasons=tuple(reasons)), written, names, city)
    found, rest = _streets(found, rest, names)
    found = _house(found, rest)
    return replace(
        found,
        rest=" ".join(piece for piece in (found.rest, *remarks) if piece),
        parsed=bool(found.quarter or found.road or found.community),
        reasons=(*found.reasons, *(["respelled"] if _respelled(found) else [])),
    )


def _respelled(address: Address) -> bool:
    """Whether building, unit and room are written in another way than 3号楼2单元1102室 (室 may be missing, 座 may stand for 号楼)."""
    parts = ((address.building, _building_word(address)), (address.unit, "单元"), (address.room, ""))
    house = "".join(f"{part}{word}" for part, word in parts if part and part != NONE)
    written = address.original.replace(" ", "").upper()
    return bool(house) and house not in written and house.replace("号楼", "座") not in written


def canonical(address: Address) -> str:
    """The one spelling of an address that was read: parts in order, digits, 号楼, 单元, 室."""
    house = [
        (address.road_no, "号"), (address.quarter, ""), (address.phase, ""), (address.building, _building_word(address)), (address.unit, "单元"),
        (address.room, "" if address.room and address.room[-1] in "户屋门室" else "室"),
    ]  # fmt: skip
    region = (address.province, address.city, address.county, address.town, address.community, address.road)
    return "".join(part for part in region if part) + "".join(
        f"{part}{word}" for part, word in house if part and part != NONE
    )


def _building_word(address: Address) -> str:
    """排 is part of a row's number; other buildings are 号楼."""
    return "" if address.building and address.building.endswith("排") else "号楼"


def key(address: Address) -> str | None:
    """`county/place/phase/building/unit/room`, equal for spellings of one flat; None where a flat is not determined."""
    place = quarter_key(address.quarter) if address.quarter else _street_key(address)
    if not address.county_code or not place or not (address.room or address.road_no) or "*" in address.original:
        return None
    if address.has("ambiguous_building") or (address.quarter and not (address.building and address.room)):
        return None
    house = (address.phase, address.building, address.unit, address.room)
    return "/".join((address.county_code, place, *("" if part in {None, NONE} else str(part) for part in house)))


def quarter_key(quarter: str) -> str:
    """A quarter's name without 小区, which is written or left out at will."""
    return _QUARTER_SUFFIX.sub("", quarter) or quarter


def quarter_stem(quarter: str) -> str:
    """A quarter's name without its kind (花园, 家属院 …): only for finding similar names, since 阳光花园 and 阳光小区 may be two quarters."""
    stem = _QUARTER_KIND.sub("", quarter_key(quarter))
    return stem if len(stem) > 1 else quarter


def column(addresses: Coded, reference: Reference) -> Coded:
    """The address keys of a column; what does not determine a flat is missing."""
    return addresses.map(lambda text: key(read(text, reference)))


def _street_key(address: Address) -> str | None:
    if address.road and (address.road_no or address.building):
        return f"{address.road}{address.road_no or ''}"
    return f"{address.community}{address.road_no or ''}" if address.community else None


# -- cleaning


def _clean(text: str) -> tuple[str, list[str], list[str]]:
    """The text in one spelling, what was found on the way, and what stood in brackets."""
    repaired = texts.repair(text)
    reasons = ["lost"] if repaired.lost else []
    written = repaired.normal.upper().translate(_MASKS)
    if "*" in written:
        reasons.append("masked")
    remarks = [inside["inside"] for inside in _BRACKETS.finditer(written)]
    written = _BRACKETS.sub("", written)
    written = _NOISE.sub("", _SEPARATED.sub("-", _DASHES.sub("-", written)))
    arabic = _SPELT.sub(lambda spelt: str(numerals.number(spelt["number"])), numerals.arabic(written))
    return arabic, reasons, remarks


# -- province to town


def _region(address: Address, text: str, names: Gazetteer, hint: str | None) -> tuple[Address, str]:
    other = names.province(text)
    if other is not None:
        return _far(address, other, text[len(other) :])
    said = text.startswith(PROVINCE)
    rest = text[len(PROVINCE) :] if said else text
    if not said and text.startswith("河北") and (names.city(text[2:])[0] or names.county(text[2:], None)[0]):
        rest = text[2:]
    city, length = names.city(rest)
    rest = rest[length:].removeprefix("市辖区")
    place, length = names.county(rest, city or hint)
    if place is None and city is None:
        place, length = names.county(rest, None)
    elif place is None:
        place, length = _after_city(names, rest)
    rest = rest[length:]
    found = replace(address, province=PROVINCE if said or city or place else None, city=city)
    if place is None:
        return _town_only(found, rest, names, city or hint)
    if city is None and hint is None and place.written in names.ambiguous:
        return replace(found, county=place.written, reasons=(*found.reasons, "ambiguous_county")), rest
    return _in_county(found, rest, names, place)


def _after_city(names: Gazetteer, rest: str) -> tuple[Place | None, int]:
    """A county that the address puts behind the wrong city, or behind its city's name as a region."""
    place, length = names.county(rest, None)
    return (place, length) if place and rest.startswith(place.written) and place.written[-1] in "区县市" else (None, 0)


def _in_county(address: Address, rest: str, names: Gazetteer, place: Place) -> tuple[Address, str]:
    reasons = [*address.reasons, *(["old_county"] if place.old else [])]
    code: str | None = place.codes[0]
    town, length = names.town(rest, place.codes[0])
    if town is None:
        shape = _TOWN_SHAPE.match(rest)
        town, length = (shape[0], len(shape[0])) if shape else (None, 0)
    if place.split:
        code = names.moved(place, town) if town else None
        reasons += [] if code else ["undecided_county"]
    elif town and (moved := names.moved(place, town)) and moved != code:
        code = moved
        reasons.append("town_elsewhere")
    elif town and (code, town) not in names.reference.towns:
        reasons.append("town_unknown")
    county = names.counties[code] if code else None
    return replace(
        address, city=county.city if county else address.city, county=county.name if county else None, county_code=code,
        town=town, reasons=tuple(reasons),
    ), rest[length:]  # fmt: skip


def _town_only(address: Address, rest: str, names: Gazetteer, city: str | None) -> tuple[Address, str]:
    code, town, length = names.town_anywhere(rest, city)
    if code is None:
        return replace(address, city=address.city or city), rest
    county = names.counties[code]
    return replace(address, province=PROVINCE, city=county.city, county=county.name, county_code=code, town=town), rest[
        length:
    ]


def _far(address: Address, province: str, rest: str) -> tuple[Address, str]:
    """Another province: city and county by their suffixes only."""
    shape = _COUNTY_SHAPE.match(rest)
    if shape is None:
        return replace(address, province=province), rest
    return replace(address, province=province, city=shape["city"], county=shape["county"]), rest[shape.end() :]


# -- village, road, number


def _streets(address: Address, text: str, names: Gazetteer) -> tuple[Address, str]:
    found, rest = address, text
    for _ in range(3):
        before = rest
        if not found.community and not found.road:
            found, rest = _community(found, rest, names)
        if not found.road:
            found, rest = _road(found, rest)
        if (found.road or found.community) and not found.road_no and (number := _ROAD_NO.match(rest)):
            found, rest = replace(found, road_no=number["no"]), rest[number.end() :]
        if rest == before:
            break
    return _crossing(found, rest) if found.road and not found.road_no else (found, rest)


def _community(address: Address, text: str, names: Gazetteer) -> tuple[Address, str]:
    known = names.village(text, address.county_code) if address.county_code else None
    shape = _VILLAGE_SHAPE.match(text)
    name = known or (shape[0] if shape and len(shape[0]) > 2 else None)
    if name is None or re.match(r"小区|花园|家属|公寓|新村", text[len(name) :]):
        return address, text
    return replace(address, community=name), text[len(name) :]


def _road(address: Address, text: str) -> tuple[Address, str]:
    found = _ROAD.match(text)
    if found is None or _NO_ROAD_HEAD.match(text):
        return address, text
    tail = found["tail"]
    if _NOT_A_ROAD.match(tail) or (len(found["road"]) < 3 and not tail[:1].isdigit()):
        return address, text
    crossing = _CORNER.sub("", tail, count=1) if tail[:1] in "与和交路东西南北" else tail
    return replace(address, road=found["road"]), crossing


def _crossing(address: Address, text: str) -> tuple[Address, str]:
    """A second road behind the first, with the corner: it says where, and is not part of the quarter's name."""
    second, rest = _road(replace(address, road=None), text)
    if second.road is None or not rest or rest[0].isdigit():
        return address, text
    return replace(address, rest=second.road), rest


# -- quarter and house


def _house(address: Address, text: str) -> Address:
    """Quarter, phase, building, unit, floor and room from what follows the road."""
    found = next(
        (m for pattern in (_UNIT_ROOM, _THREE, _DASHED, _ROWS, _HOUSE) if (m := pattern.fullmatch(text))), None
    )
    if found is None:
        return _quarter(address, text)
    parts = found.groupdict()
    placed = _quarter(address, parts["name"])
    building, unit = _bare(parts.get("building")), _bare(parts.get("unit"))
    floor, room = _bare(parts.get("floor")), _bare(parts.get("room"))
    reasons = placed.reasons
    if floor and not building and parts.get("floor_word") == "楼":
        reasons = (*reasons, "ambiguous_building")
        if not (room and _floor_of(room) == floor):
            building, floor = floor, None
    if room and floor and room.isdigit() and len(room) <= 2:
        room = f"{floor}{int(room):02d}"
    return replace(
        placed, building=building, unit=unit, floor=floor or _floor_of(room), room=room,
        reasons=reasons,
    )  # fmt: skip


def _quarter(address: Address, name: str) -> Address:
    name = name.strip("-*") if not name.strip("*-") else name.strip("-")
    if not name:
        return address
    if len(name) < 2 or not re.search(r"[\u4e00-\u9fff]", name):
        return replace(address, rest=name)
    phase = _PHASE.fullmatch(name)
    if phase is None or len(phase["quarter"]) == 1:
        return replace(address, quarter=name)
    if not phase["quarter"]:
        return replace(address, phase=_phase(phase["phase"]))
    return replace(address, quarter=phase["quarter"] + (phase["suffix"] or ""), phase=_phase(phase["phase"]))


def _phase(written: str) -> str:
    """Phase and section in Chinese numerals, as archives write them: 2期 and 二期 are 二期; A区 stays."""
    return re.sub(
        r"\d+(?:\.\d)?", lambda spelt: spelt[0] if "." in spelt[0] else numerals.chinese(int(spelt[0])), written
    )


def _bare(part: str | None) -> str | None:
    """A number without leading zeros; letters and sides as they are."""
    if not part or not part[0].isdigit():
        return part or None
    return part.lstrip("0") or "0"


def _floor_of(room: str | None) -> str | None:
    """The floor that a room number of three or four digits says."""
    return room[:-2] if room and room.isdigit() and 3 <= len(room) <= 4 else None
