"""Read a Chinese address into its parts, so that flats are compared part by part and never as strings.

Whole-string similarity puts the flat next door above the same flat in another spelling; parts do not. What cannot be read is said
(`parsed`), a part that is stated not to exist is 无, and the original is always kept. Element types after GA/T 2000.32-2014.
"""

import re
from collections.abc import Iterable
from sys import intern
from typing import NamedTuple

from core.reference import Reference
from matchers.columns import Coded
from matchers.normal import houses, lines, places, spreadsheets
from matchers.normal.gazetteer import gazetteer
from matchers.normal.houses import House
from matchers.normal.places import Found

PARTS = (
    "province", "city", "county", "town", "community", "road", "road_no", "quarter", "phase", "building", "unit", "floor", "room",
)  # fmt: skip

NONE = houses.NONE
"""A part that is stated not to exist; not the same as one that is not given."""

_PLACEHOLDER = re.compile(
    r"(?:同上|同前|见附件|详见.*|见.*附.*|无|不详|地址不详|未知|测试.*|待定|待查|空|暂无|-+|/+|\\N|NULL|null|x+|X+|\?+|0+|1+|某某.*)"
)
_ENDS_IN_FIVE = re.compile(r"(?<![\dA-Z#-])\d{5}\Z")
_FOREIGN = re.compile(r"[A-Z]{4}")
_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[A-Z]")
_LETTERS_OR_HAN = re.compile(r"[A-Z\u4e00-\u9fff]")

_BODY = re.compile(r"[\dA-Z*#-]")
_COUNT = "[一二三四五六七八九十]"
_GROUP = re.compile(
    r"第?(?P<number>\d{1,2}|[一二三四五六七八九十]{1,4})(?P<kind>村民小组|居民小组|居民组|村民组|小组|组(?!团)|生产队|大队|队|屯|社(?!区))"
    r"|(?P<named>[\u4e00-\u9fff]{1,5}?)(?<![一二三四五六七八九十])(?P<of>村民小组|村民组|小组|(?<![班机])组(?!团)|(?<![销作用旅报杂诊合])社|(?<![防工作装警球车商部支军])队)(?=\d|$|[\u4e00-\u9fff]{2,3}(?:私宅|家|宅)$|[\u4e00-\u9fff]{2,5}(?:路|街|巷)\d)"
)
_GROUPED = frozenset("组社队屯")
_STREETS = frozenset("路街道巷")
_HAMLET = re.compile(
    r"[\u4e00-\u9fff]{1,6}?(?=(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:村民小组|小组|组|社(?!区)|队))"
)
"""The part of a village that a numbered group belongs to: 檀树片3组."""
_NEW_VILLAGE = re.compile(
    r"[\u4e00-\u9fff]{1,6}新村(?=(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:村民小组|小组|组|社|队))"
)
_WARD = re.compile(
    rf"(?:第?(?:\d{{1,3}}|{_COUNT}{{1,3}})|[\u4e00-\u9fff]{{1,4}}?)委(?=第?(?:\d{{1,3}}|{_COUNT}{{1,4}})(?:组|居民组|小组))"
)
"""A residents' committee that the north-east calls by a number or a name: 三委18组, 松山委三组."""
_GROUP_KINDS = {"村民小组": "组", "居民小组": "组", "居民组": "组", "村民组": "组", "小组": "组", "生产队": "队"}
_ROAD_MORE = re.compile(
    r"[东西南北]?\d{1,3}(?:支路|支弄|横路|横巷|巷|条|胡同|路|街(?![区坊])|道(?!桥))|[东西南北中]?\d{1,2}段"
)
_MORE_STREET = re.compile(r"[^\d]+?[路街道巷村社]")
_ROAD_NO = re.compile(
    r"(?P<no>[甲乙丙附特副临新]?\d{1,5}(?:-\d{1,3}(?:-\d{1,2}(?=号[\u4e00-\u9fff]{2}))?|[甲乙丙丁](?=号))?)(?:(?:号|(?=之[一二三四五六七八九十]))(?P<attached>附\d{1,3}(?:号?附\d{1,3})?(?=号(?!楼)|$)|之(?:\d{1,2}(?!\d)|[一二三四五六七八九十]{1,2})|[甲乙丙丁]\d{1,2}(?=号?\Z)|-\d{1,2}\Z|[甲乙丙丁](?![\d座栋幢楼单号字]))?号?(?:院|大院)?(?![楼栋幢住公库车]|路(?![东西南北口边旁灯])|桥(?![\u4e00-\u9fff]{2})|厂(?!房\d)|街坊|门(?![市面脸卫]))"
    r"|院(?=\d{1,3}(?:号楼|栋|幢))|(?P<lane>弄(?:[甲乙丙丁\d]{1,3}支弄)?)|(?=$|[\u4e00-\u9fff])(?!号|楼|栋|幢|座|单元|门|层|室|排|组|队|社|屯|委|巷|条|段|期|区|户|年|塔|中|小|医|院|路|街|道|厂|库|里|园(?![林艺])|公里|[东西南北]户))"
)
_HIGHWAY = re.compile(
    r"[GSXYC]?\d{1,4}(?:国道|省道|县道|乡道|高速|(?<=[GSXYC]\d\d\d)线?|(?<=\d\d\d)线|号(?:大?[路街](?![坊区东西南北口边旁灯])|大道))"
)
_NUMBERED_VILLAGE = re.compile(r"\d{1,3}(?:村(?!路|街|小区|\d*号楼)|社区)")
"""Villages and communities that have numbers in place of names: 10村1组, 3社区6组."""
_NUMBERED_STREET = re.compile(r"[东西南北]\d{1,2}街(?=\d{1,2}组)")
"""东1街2组: a street of a small town, with the group that lives there."""
_HAMLET_PLATE = re.compile(
    r"(?P<hamlet>[\u4e00-\u9fff]{1,6}[屯庄堡沟营坡岭洼坝寨塬坪圩])(?<!山庄)(?P<plate>\d{1,4}-\d{1,3})号"
)
"""满店屯3-16号: in a hamlet of a village a number in two parts is the number of a plate, and no building's."""
_INSIDE = re.compile(r"内(?![环街衣蒙科分])(?=[\u4e00-\u9fff]{3}|\d{1,3}(?:号楼|栋|幢))")
"""吉福巷内博苑小区: a quarter off a road."""
_BUILDING_FIRST = re.compile(
    r"(?P<building>[A-Z]座|\d{1,2}(?:号楼|栋|座))(?P<tower>[\u4e00-\u9fff]{2,8}?(?:大厦|广场|中心|国际|大楼|花园|小区|公寓))(?=[\dA-Z])"
)
"""19号A座中汇广场21层: a building that stands before the tower or quarter that it belongs to."""
_LANE_OF_A_VILLAGE = re.compile(r"[东西南北]?\d{1,2}(?:巷|条|街|路|胡同)(?=\d)")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_LANE_HOUSE = re.compile(r"(\d{1,4})号([甲乙丙丁]?)(?=\d|$|[前后]楼|[前后]客堂|亭子间|[二三]层阁|[前后]厢)")
_TWO_HOUSES = re.compile(r"\d{1,4}(?:-\d{1,4})?号\d{1,3}(?:号楼|栋|幢|座)|\d{1,4}-\d{1,3}-\d{3,4}室?\Z")
"""215弄99号4号楼: which of the two is the building, nobody can tell."""
_ROAD_SIDE = re.compile(r"[东西南北](?=\d{1,5}(?:-\d{1,3})?号(?![楼院]))")
"""东流路西999号: a section of a road that is called by its side."""
_NAME = re.compile(r"[\u4e00-\u9fff]{1,2}[^\W\d_园苑区院里庄村寓厦楼舍场城湾屯坊宅沟坡岭]")
_QUARTER_FIRST = re.compile(
    r"(?P<quarter>[\u4e00-\u9fff]{2,8}?(?:(?:\d{1,2}|[一二三四五六七八九])期|花园|小区|[家嘉]园))(?P<road>[\u4e00-\u9fff]{2,6}?(?:路|街|大道))(?P<plate>\d{1,5}(?:-\d{1,3})?(?:号(?!楼)|之[一二三四五六七八九十]{1,2}))"
)
"""软件园二期望海路55号: the quarter may stand before its road."""
_INNER_STREET = re.compile(r"[\u4e00-\u9fff]{1,8}(?:[路街巷弄条]|胡同|[路街道][东西南北中]?段)(?=[甲乙附特]?\d)")
_QUARTER_SUFFIX = re.compile(r"(?:住宅|居民|生活)?小区$")
_QUARTER_KIND = re.compile(r"(?:花园|家属[院楼区]|公寓|[家嘉]园|住宅区|生活区|宿舍楼?|大院|小区)$")


REASONS = (
    "placeholder", "masked", "lost", "old_county", "undecided_county", "ambiguous_county", "ambiguous_building", "town_elsewhere", "town_unknown",
    "traditional", "respelled", "typo", "date", "serial", "latin", "no_place", "region_only", "unread",
    "undecided_house",
)  # fmt: skip
"""What may be said of an address.

typo: a mistyped word of a house was put right; date, serial: a day or a spreadsheet's number of one stands in the text; and why nothing
was read: latin (English or pinyin), no_place (a house, but no quarter, road or village), region_only (nothing below the town), unread.
undecided_house: a number stands where the house should be, and nobody can tell what it means (3-2).
"""


class Address(NamedTuple):
    """An address in its parts; a part that is not given is None, one that is stated not to exist is 无.

    A tuple, because a million are made and a frozen dataclass takes three times as long to make.
    """

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
    # of REASONS
    reasons: tuple[str, ...] = ()
    # no city is written, and that of the account's organisation was taken: by itself the text may say less
    assumed: bool = False

    def has(self, reason: str) -> bool:
        """Whether this was found."""
        return reason in self.reasons

    @property
    def storey(self) -> str | None:
        """The floor that is written, or else the one that a room number of three or four digits says."""
        return self.floor or (houses.floor_of(self.room) if self.room else None)

    @property
    def located(self) -> bool:
        """There is a place that a house number can belong to."""
        return bool(self.quarter or self.community or (self.road and (self.road_no or self.building)))

    def as_row(self) -> dict[str, object]:
        """For `run.py parse address`."""
        said = {"parsed": self.parsed, "rest": self.rest, "reasons": list(self.reasons)}
        return {part: getattr(self, part) for part in PARTS} | said


def read(text: str, reference: Reference, city: str | None = None) -> Address:
    """The parts of an address; `city` (of the account's organisation) settles county names that stand in several cities."""
    written, reasons, remarks = lines.clean(text, reference)
    if not written or _PLACEHOLDER.fullmatch(written):
        said = reasons if "date" in reasons else [*reasons, "placeholder"]
        return Address(original=text, rest=" ".join(filter(None, (written, *remarks))), reasons=tuple(said))
    body = _BODY.search(written)
    start = body.start() if body else len(written)
    # What follows the beginning matters by its kind only: any digit is as good as another.
    mark = "" if body is None else "0" if body[0].isdigit() else body[0]
    begins = written[:start] + mark
    found, rest = places.read(begins, reference, city)
    rest = rest[: len(rest) - len(mark)] + written[start:]
    assumed = city is not None and not places.names_its_city(begins, reference)
    if body and (start == 0 or body[0] >= "A") and _FOREIGN.search(written) and _is_foreign(written):
        parts = _Parts(found, None, None, (None, None, rest), houses.NOTHING)
        return _assembled(text, parts, [*reasons, "latin"], remarks, assumed)
    parts = _numbered(found, rest, reference)
    if written[-5:].isdigit() and _ENDS_IN_FIVE.search(written) and spreadsheets.is_serial(written[-5:]):
        parts = _without_serial(parts, written[-5:])
        reasons.append("serial")
    return _assembled(text, parts, reasons, remarks, assumed)


def read_all(distinct: Iterable[str], reference: Reference, city: str | None = None) -> list[Address]:
    """The parts of many distinct texts, in their order."""
    return [read(text, reference, city) for text in distinct]


def _assembled(text: str, parts: "_Parts", reasons: list[str], remarks: list[str], assumed: bool) -> Address:
    found, house, (quarter, phase, aside) = parts.found, parts.house, parts.quarter
    if house.ambiguous:
        reasons.append("ambiguous_building")
    elif house.rest and not (house.building or house.unit or house.room) and _DIGIT.search(house.rest):
        reasons.append("undecided_house")
    if _is_respelled(text, house):
        reasons.append("respelled")
    rest = " ".join(filter(None, (found.crossing, (aside + house.rest).lstrip("、"), *remarks)))
    parsed = bool(quarter or found.road or found.community)
    if not parsed and not found.reasons and not reasons:
        reasons.append(_why_not(found, house))
    return Address(
        original=text, province=found.province, city=found.city, county=found.county, county_code=found.code, town=found.town,
        community=found.community, road=found.road, road_no=_same(parts.road_no or house.plate), quarter=quarter, phase=parts.group or phase,
        building=house.building, unit=house.unit, floor=house.floor, room=_same(house.room), rest=rest,
        parsed=parsed, reasons=(*found.reasons, *reasons),
        assumed=assumed,
    )  # fmt: skip


def _why_not(found: Found, house: House) -> str:
    """Why no place below the town was read."""
    if house.building or house.unit or house.room or house.plate or house.floor:
        return "no_place"
    return "region_only" if found.province or found.city or found.county or found.town else "unread"


def _without_serial(parts: "_Parts", serial: str) -> "_Parts":
    """The parts without the number of a day, which is no plate's, building's or room's."""
    house = parts.house
    rest = house.rest if house.rest.endswith(serial) else f"{house.rest} {serial}".strip()
    building, unit, room, plate = (
        None if part == serial else part for part in (house.building, house.unit, house.room, house.plate)
    )
    road_no = None if parts.road_no == serial else parts.road_no
    return parts._replace(
        road_no=road_no, house=house._replace(building=building, unit=unit, room=room, plate=plate, rest=rest)
    )


def _is_foreign(written: str) -> bool:
    """Whether an address is written in letters: most of it, numbers and signs aside."""
    return 2 * len(_LETTERS.findall(written)) > len(_LETTERS_OR_HAN.findall(written))


def _same(number: str | None) -> str | None:
    """One string for all that are equal: a million addresses have some hundred different numbers."""
    return intern(number) if number else number


def _is_respelled(text: str, house: House) -> bool:
    """Whether building, unit and room are written in another way than 3号楼2单元1102室 (室 may be missing, 座 may stand for 号楼)."""
    building, unit, room = house.building, house.unit, house.room
    spelt = f"{building}{_building_word(building)}" if building and building != NONE else ""
    spelt += f"{unit}单元" if unit and unit != NONE else ""
    spelt += room if room and room != NONE else ""
    if not spelt or spelt in text:
        return False
    written = text.replace(" ", "").upper()
    return spelt not in written and spelt.replace("号楼", "座") not in written


def canonical(address: Address) -> str:
    """The one spelling of an address that was read: parts in order, digits, 号楼, 单元, 室."""
    region = (address.province, address.city, address.county, address.town, address.community, address.road)
    group = address.phase if address.phase and address.phase[-1] in "组队社" else None
    house = [
        (group, ""), (address.road_no, _plate_word(address.road_no)), (address.quarter, ""), (None if group else address.phase, ""),
        (address.building, _building_word(address.building)), (address.unit, "单元"), (_floor_written(address), "层"),
        (address.room, _room_word(address.room)),
    ]  # fmt: skip
    return "".join(part for part in region if part) + "".join(
        f"{part}{word}" for part, word in house if part and part != NONE
    )


def _building_word(building: str | None) -> str:
    """排 is part of a row's number; other buildings are 号楼."""
    return "" if building and building.endswith("排") else "号楼"


def _plate_word(road_no: str | None) -> str:
    return "" if road_no and road_no.endswith("弄") else "号"


def _room_word(room: str | None) -> str:
    """Rooms that are named by a word (东户, 底商5) need none behind."""
    return "" if room and ("\u4e00" <= room[0] <= "\u9fff" or room[-1] in "户屋门室") else "室"


def _floor_written(address: Address) -> str | None:
    """A floor that the room does not say, as 负2 where it is below the ground."""
    floor, room = address.floor, address.room
    if not floor or (room and room.isdigit() and room.startswith(floor) and len(room) == len(floor) + 2):
        return None
    return "负" + floor[1:] if floor.startswith("-") else floor


def key(address: Address) -> str | None:
    """`county/place/phase/building/unit/room`, equal for spellings of one flat; None where a flat is not determined."""
    place = quarter_key(address.quarter) if address.quarter else _street_key(address)
    if not address.county_code or not place or not (address.room or address.road_no) or "*" in address.original:
        return None
    if address.has("ambiguous_building") or (address.quarter and not (address.building and address.room)):
        return None
    floor = _floor_written(address)
    if floor and not address.room:
        return None
    house = (address.phase, address.building, address.unit, f"{floor}层{address.room}" if floor else address.room)
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


# -- numbers behind a road or village


class _Parts(NamedTuple):
    """What was read, before it becomes an address."""

    found: Found
    group: str | None
    road_no: str | None
    quarter: houses.Quarter
    house: House


def _numbered(found: Found, text: str, reference: Reference) -> _Parts:
    """Group and plate number behind a road or village, and the house behind them."""
    found, text = _named_on(found, text, reference)
    road_no, street = None, ""
    group, text = _grouped(found, text)
    if group and not found.road and not _STREETS.isdisjoint(text[:8]):
        found, text = places.street(found, text, gazetteer(reference))
    if found.community and not found.road and (lane := _LANE_OF_A_VILLAGE.match(text)):
        found, text = found._replace(road=lane[0]), text[lane.end() :]
    if (
        found.community
        and found.community[-1] in "村查"
        and not found.road
        and (hamlet := _HAMLET_PLATE.fullmatch(text))
    ):
        return _Parts(found, group, hamlet["plate"], (hamlet["hamlet"], None, ""), houses.NOTHING)
    if found.road or found.community:
        found, road_no, street, text = _plated(found, text, reference)
        text = text[1:] if found.road and text[:1] == "内" and _INSIDE.match(text) else text
    if road_no is None:
        return _Parts(found, group, None, *houses.read(text))
    if found.community and _is_somebody(text, reference):
        return _Parts(found, group, road_no, (None, None, text), houses.NOTHING)
    if (text[1:2] in "座栋号" or text[2:3] in "座栋号") and (turned := _BUILDING_FIRST.match(text)):
        text = f"{turned['tower']}{turned['building']}{text[turned.end() :]}"
    if road_no[-1] == "弄" and _TWO_HOUSES.match(text):
        return _Parts(found, group, road_no, (None, None, text), houses.NOTHING)
    quarter, house = houses.read(_lane_house(text) if road_no[-1] == "弄" else text, plated=True)
    if street:
        quarter = (street + (quarter[0] or ""), *quarter[1:])
    return _Parts(found, group, road_no, quarter, houses.with_one_plate(house))


def _grouped(found: Found, text: str) -> tuple[str | None, str]:
    """The group of a village, or of a numbered street, and what stands beside it."""
    lived_in = found.community or (found.road and found.road[-2:-1].isdigit())
    if not lived_in or _GROUPED.isdisjoint(text):
        return None, text
    if said := _GROUP.match(text):
        return _group(said), text[said.end() :]
    if (hamlet := _HAMLET.match(text)) and (said := _GROUP.match(text, hamlet.end())):
        return _group(said), hamlet[0] + text[said.end() :]
    return None, text


def _named_on(found: Found, text: str, reference: Reference) -> tuple[Found, str]:
    """Names that have a number in them: 解放路12巷, 红旗新村3组, 121团3连."""
    if found.province == places.XINJIANG and not found.road:
        before, (found, text) = text, places.regiment(found, text)
        found, text = places.street(found, text, gazetteer(reference)) if text != before else (found, text)
    streets = "路" in text or "街" in text or "大道" in text
    if streets and not (found.road or found.community) and (first := _QUARTER_FIRST.match(text)):
        found, text = places.street(
            found, f"{first['road']}{first['plate']}{first['quarter']}{text[first.end() :]}", gazetteer(reference)
        )
    if not found.road and text[:1] < "\u4e00" and (highway := _HIGHWAY.match(text)):
        return places.along(found, highway[0], text[highway.end() :])
    if found.road and (more := _ROAD_MORE.match(text)):
        return found._replace(road=f"{found.road}{more[0]}"), text[more.end() :]
    if found.town and not (found.road or found.community) and (village := _NUMBERED_VILLAGE.match(text)):
        return found._replace(community=village[0]), text[village.end() :]
    if found.town and not found.road and (numbered := _NUMBERED_STREET.match(text)):
        return found._replace(road=numbered[0]), text[numbered.end() :]
    if found.road and text[:1] in "东西南北" and (side := _ROAD_SIDE.match(text)):
        return found._replace(road=f"{found.road}{side[0]}"), text[side.end() :]
    if not found.community and "委" in text and (ward := _WARD.match(text)):
        return found._replace(community=houses.spelt_phase(ward[0].removeprefix("第"))), text[ward.end() :]
    if "新村" in text and not (found.road or found.community) and (village := _NEW_VILLAGE.match(text)):
        return found._replace(community=village[0]), text[village.end() :]
    return found, text


def _plated(found: Found, text: str, reference: Reference) -> tuple[Found, str | None, str, str]:
    """The number of a plate behind the road or village, or behind a street inside, which is told as part of the quarter; what follows."""
    if plate := _ROAD_NO.match(text):
        text = text[plate.end() :]
        if not (found.road and found.community) and _MORE_STREET.match(text):
            found, text = places.street(found, text, gazetteer(reference))
        return found, _plate(plate), "", text
    inner = _INNER_STREET.match(text) if found.road else None
    if inner and (plate := _ROAD_NO.match(text, inner.end())):
        return found, _plate(plate), inner[0], text[plate.end() :]
    return found, None, "", text


def _is_somebody(text: str, reference: Reference) -> bool:
    """Whether a villager's name stands behind the number of a house."""
    return bool(_NAME.fullmatch(text)) and text[0] in reference.surnames


def _group(said: re.Match[str]) -> str:
    """A village's group: 3组 and 第三村民小组 are 三组; some have names."""
    kind = said["kind"] or said["of"]
    return (said["named"] or houses.spelt_phase(said["number"])) + _GROUP_KINDS.get(kind, kind)


def _plate(plate: re.Match[str]) -> str:
    """12号附3号 is 12附3; a lane keeps its 弄."""
    return f"{_ZEROS.sub('', plate['no'])}{plate['attached'] or ''}{plate['lane'] or ''}"


def _lane_house(text: str) -> str:
    """In a lane the number with 号 is the building."""
    return _LANE_HOUSE.sub(r"\1\2号楼", text, count=1)
