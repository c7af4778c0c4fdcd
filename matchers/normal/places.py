"""Read the beginning of an address: region, town, village or community, and road."""

import re
from functools import lru_cache
from typing import NamedTuple

from core.reference import Reference
from matchers.normal.china import again, china
from matchers.normal.gazetteer import PROVINCE, Gazetteer, Place, gazetteer

XINJIANG = "新疆维吾尔自治区"
TIANJIN = "天津市"

_HAN = "[\u4e00-\u9fff]"
_COUNT = r"[\d〇零一二三四五六七八九十]"
_REGIMENT = re.compile(rf"第?{_COUNT}{{1,4}}团(?:场(?!所))?")
_DIVISION = re.compile(rf"(?:兵团)?农?第?{_COUNT}{{1,3}}师(?:{_HAN}{{2}}团场)?(?={_COUNT}{{1,4}}团)")
"""第五师中心团场八十三团: the division that a regiment of the corps belongs to."""
_COMPANY = re.compile(rf"{_COUNT}{{1,3}}连(?:队)?")
_ROAD = re.compile(
    rf"(?P<road>(?:{_HAN}{{2,9}}?|{_HAN}(?=(?:大?[路街道]|巷)[\d0]))(?:大街|大道|(?:(?<![天金])|(?=街\d))街(?![道区坊])|路(?!口)|(?<![通隧车街])道(?![桥街])|胡同|巷|里弄|弄(?=\d)|公路|线(?=\d)|条(?=\d))"
    r"(?:[东西南北中]?(?:支路|支弄|(?<=[路街道])[东西南北]?[一二三四五六七八九十]{1,2}[巷条弄]|(?<=[路街道])[一二三四五六七八九十][路街]|[一二三四五六七八九十]?段|(?<=[路街道])[\u4e00-\u9fff]{2,3}段(?=\d))|(?<=大道)[东西南北]路|(?<=大[道街])[东西南北中](?=\d))?)"
    r"(?P<tail>.*)"
)
_NOT_A_ROAD = re.compile(
    r"(?:小区|家属|花园|公寓|局|站(?![前东西南北])|段|处|平房|公司|大厦|广场|新村|社区|里|苑|家园|嘉园|小镇|新城|院|房(?![管建产地])|医(?!药)|学(?!府)|货(?!运)|桥(?!梁)|心|中心|办|村|北区|南区|号楼|栋|幢|期|国际|名[苑城]|\*)"
)
_QUARTER_AHEAD = re.compile(rf"{_HAN}{{2,4}}(?:花园|小区|[家嘉]园)(?={_HAN}{{2,4}}[路街道巷])")
"""保利花园保康路7号: a quarter that stands before its road."""
_PARK_BEFORE = re.compile(
    rf"(?:{_HAN}{{0,4}}(?:园区|新区|片区|景区|科技园|工业园|产业园|软件园|创业园|工业区|保税区)|[东西南北]区)(?={_HAN}{{2}})"
)
_NO_ROAD_HEAD = re.compile(
    r"(?:铁路|公路|道桥|街心|铁道|路桥)|[一二三四五六七八九十]{1,3}(?:村民小组|组|社(?!区)|队)|[\u4e00-\u9fff]{1,4}(?:小|民)?(?<![班机])组(?=[\u4e00-\u9fff]{2,5}(?:路|街|巷))"
)
_TOWN = re.compile(
    rf"(?![环绕]镇)(?:{_HAN}{{1,7}}?|{_HAN}{{4,9}}?族)(?:(?:街道办事处|街道办|街办(?!小区|公|事处)|街道|办事处(?=[{_HAN[1:-1]}]))(?!路|街|巷)|(?:(?<!小)(?<!{_HAN}{_HAN}古)镇(?!新村)|乡(?=[{_HAN[1:-1]}\d])(?!镇|大[街道])|苏木)"
    r"(?!路|街|巷|道路|小区|小学|花园(?![路村])|家园|家属|新村|新区(?!政府)|新城(?![\u4e00-\u9fff]{2})|苑|园))"
)
_ZONE_OF_TOWNS = re.compile(
    rf"{_HAN}{{2,5}}?(?:新城|新区|开发区|片区|园区|管理区|管委会)(?={_HAN}{{2,5}}?(?:街道|镇|乡))"
)
_PARK_TOWN = re.compile(
    rf"{_HAN}{{2,7}}?(?:园区|开发区|新区|新城|片区|度假区|试验区|示范区|合作区|贸易区|高教区|工业区|保税区|加工区)(?={_HAN}{{2,6}}?(?:路|街|大道)[\d0])"
)
"""A zone in place of a town: 张江高科技园区郭守敬路351号."""
_SEAT = re.compile(rf"城区(?![路街道中大小新老公一二三四五六七八九十东西南北])(?={_HAN}{{2}})")
"""秦州区城区坚家河: that a place is in the town proper, where forms ask for a town."""
_NAMED_ZONE = re.compile(
    rf"{_HAN}{{2,4}}(?:高新技术产业开发区|高新区|经济技术开发区|经济开发区|经开区|工业园区)(?={_HAN}{{2,6}}?(?:路|街|大道))"
)
"""蜀山经济开发区井岗路: a zone that bears its county's name."""
_BEFORE_A_ROAD = re.compile(rf"(?:{_HAN}{{1,3}}[墟圩]|[东西南北中]区)(?={_HAN}{{2,5}}?(?:路|街|大道)[\d0])")
"""上埇墟阳昌街5号: a market town, or a part of a zone, in front of its road."""
_ZONE_OF_VILLAGES = re.compile(
    rf"{_HAN}{{1,5}}?(?:开发区|管理区|工业园区|风景区|旅游区|示范区|[林农牧渔]场)(?={_HAN}{{1,8}}?村)"
)
"""A zone or a farm in place of a town: 八家子经济开发区梨树沟村."""
_SECOND_TOWN = re.compile(rf"{_HAN}{{1,4}}?街道(?:办事处)?(?={_HAN}{{2,5}}?(?:路|街|大道|巷)[\d0])")
"""薛家湾镇友谊街道民和路21号: the street office of a town that was one itself."""
_LONE_TOWN = re.compile(
    rf"{_HAN}{{2,4}}?(?:街道(?=(?!口){_HAN}{{2}})|(?<!小)镇)(?={_HAN}{{2,5}}[\d0]|{_HAN}{{2,6}}?(?:路|街|巷|大道|社区|村)(?!口))"
)
"""A town without the region before it, in front of a road or village of its own."""
_OFFICE = re.compile("(?:街道办事处|街道办|街办|办事处)$")
_TOWN_ZONE = re.compile(r"(?:高新技术产业开发区|高新区|经济技术开发区|经济开发区|经开区|开发区|工业园区)")
_VILLAGE = re.compile(
    rf"{_HAN}{{1,8}}?(?:社区居民委员会|社区居委会|社区|居民委员会|居委会|居委(?!会)|村委会|村民委员会|嘎查(?:村(?:委会|民委员会)?)?"
    r"|(?<![新假])村(?!社区|委会|居委会|民委员会|村(?![民东西南北口委])|(?:[一二三四五六七八九十][横直纵]|[东西南北中])?大?[路街道]))"
    r"(?!小区|花园(?![路街巷])|家属|公寓|新村|城区|\d*期|大?[路街]|大道|道(?![\u4e00-\u9fff]{1,2}小区)|[东西南北]里)"
)
_VILLAGE_OF_A_STREET = re.compile(rf"{_HAN}{{1,4}}[庄屯沟营堡寨洼坡湾]村(?=[东西南北中前后]大?街)")
"""李家庄村北街: what is called after a hamlet is a village also inside a city."""
_VILLAGE_WITH_STREETS = re.compile(
    rf"{_HAN}{{1,5}}?(?<![新农])村(?=[东西南北中前后]大?[路街][\d0一二三四五六七八九十]|新村)"
)
"""上坎头村东路28号: in a rural town a village has streets, while 中关村东路 is a road of a city."""
_NEW_VILLAGE = re.compile(
    rf"{_HAN}{{1,3}}新村(?={_HAN}(?:{_HAN}(?:{_HAN})?)?[\d0])(?!{_HAN}*[区街路里巷弄排组队园苑院楼栋幢段期]0?)"
)
"""万新村双元8号: in a rural town a village may be called 新村, where a hamlet stands behind it."""
_NO_VILLAGE = re.compile(
    r"国际社区$|(?:路(?!口)|[街巷]|(?<![一二三四五六七八九十头])道)(?!社区)[^路街道巷]+社区$|胡同.+社区$|.(?:路(?![口边家])|大道|街(?!道))[^路街道巷]{2,}村$|.[东西南北中](?:路|大?街)(?![东西南北中上下前后]村)[^路街道巷]村$"
)
_NAMED_AFTER = re.compile("小区|花园(?![路街巷])|家属|公寓|(?<!社区)新村(?!屯)")
"""A quarter that is called after a village, not the village."""
_BEHIND_A_ROAD = re.compile(rf"{_HAN}{{2,5}}(?:社区|居委会|(?<![新一二三四五六七八九十])村(?={_HAN}))")
_AT_CORNER = re.compile(r"(?:口|交[汇会]处|[东西南北]{1,2}[角侧])$")
_CORNER = re.compile(
    r"(?:[与和](?=[\u4e00-\u9fff]{2,6}?(?:路|街|道|巷|线|桥)(?:与|交|路?口|[东西南北]{1,2}[角侧]|附近|旁|[\d0]|$)))?(?:交叉口|交叉路口|交口|交[汇会]处?|路口)?(?:[东西南北]{1,2}[角侧])?"
)


_ROAD_OF_AN_OFFICE = re.compile(
    rf"(?P<office>{_HAN}{{2,4}}(?<!大)街)(?P<road>{_HAN}{{2,6}}?(?:道|路|大街|胡同))(?=[\d0])"
)
"""小白楼街唐山道64号: street offices are called 街 in Tianjin, and the number is the road's."""
_LOCAL = re.compile(
    rf"{_HAN}{{2}}[峁沟庄屯堡坡湾岭塬梁坝塘坪铺岗窑寨营崖嘴滩坳冲垸埠渡圩墟洼桥店台](?![东西南北中上下前后]{{1,2}}[大正小]?[路街道巷])(?={_HAN}{{2,5}}[路街道巷]\Z)(?!大[道街])"
)
"""尤家峁祥安巷: the place where a road is, before its name."""
_ROAD_TO_CORNER = re.compile(rf"(?P<road>{_HAN}{{2,5}}?(?:路|街|大道))口(?={_HAN}{{3}})")


class Found(NamedTuple):
    """What an address begins with; the names as in `Address`."""

    province: str | None = None
    city: str | None = None
    county: str | None = None
    code: str | None = None
    town: str | None = None
    community: str | None = None
    road: str | None = None
    crossing: str = ""
    reasons: tuple[str, ...] = ()


@lru_cache(maxsize=1 << 17)
def read(text: str, reference: Reference, hint: str | None) -> tuple[Found, str]:
    """Region, town, village and road that the text begins with, and what follows them.

    Addresses share their beginnings, so this is remembered; `hint` is the city that settles ambiguous county names.
    """
    names = gazetteer(reference)
    found, rest = _region(text, names, hint)
    if (found.town or found.crossing) and found.province and rest[:2] in (found.province[:2], (found.city or "")[:2]):
        rest = _once(found, rest, names)
    return street(found, rest, names)


def _once(found: Found, rest: str, names: Gazetteer) -> str:
    """What follows a region that is told again behind its town: forms put one before what people write."""
    told, left = _region(rest, names, found.city)
    same = told.code == found.code or (told.county or "")[:2] == (found.county or "")[:2]
    if not (told.city or told.code) or told.city != found.city or not same or told.town not in {None, found.town}:
        return rest
    return again(left, found.town) if found.town else left


# -- province to town


def _region(text: str, names: Gazetteer, hint: str | None) -> tuple[Found, str]:
    country = china(names.reference)
    text = text[2:] if text.startswith("中国") and country.starts(text[2:]) else text
    if hint and hint not in names.cities:
        return _elsewhere(text, names, hint)
    served, rest = (Found(), text) if country.elsewhere(text, PROVINCE) else _served(text, names, hint)
    if served.code or served.county or served.reasons:
        return served, rest
    region, left = country.read(text)
    if region.county or (region.city and region.city not in names.cities) or (region.province not in {None, PROVINCE}):
        found = Found(
            province=region.province, city=region.city, county=region.county, code=region.code,
            reasons=(region.reason,) if region.reason else (),
        )  # fmt: skip
        return _town(found, left)
    if served == Found() and (town := _LONE_TOWN.match(rest)):
        return Found(town=town[0]), rest[town.end() :]
    return served, rest


def _elsewhere(text: str, names: Gazetteer, hint: str) -> tuple[Found, str]:
    """The region of a text of an organisation whose city is not served: in that city, where the text names none itself."""
    country = china(names.reference)
    alone, left = country.read(text)
    if alone.city is None:
        within, rest = country.read(hint + text)
        if within.county:
            alone, left = within, rest
    if not (alone.province or alone.county):
        return _region(text, names, None)
    found = Found(
        province=alone.province, city=alone.city, county=alone.county, code=alone.code,
        reasons=(alone.reason,) if alone.reason else (),
    )  # fmt: skip
    return _town(found, left)


def _served(text: str, names: Gazetteer, hint: str | None) -> tuple[Found, str]:
    """The region where it lies in a served city."""
    said, city, rest = _city(text, names)
    place, length = names.county(rest, city or hint)
    if place is None and city is None:
        place, length = names.county(rest, None)
    elif place is None:
        place, length = _after_city(names, rest)
    rest = rest[length:]
    found = Found(province=PROVINCE if said or city or place else None, city=city)
    if place is None:
        return _town_only(found, rest, names, city or hint)
    rest = again(rest, *([PROVINCE, city] if city else [PROVINCE]), place.written)
    if city is None and hint is None and place.written in names.ambiguous:
        return found._replace(county=place.written, reasons=("ambiguous_county",)), rest
    return _in_county(found, rest, names, place)


def _city(text: str, names: Gazetteer) -> tuple[bool, str | None, str]:
    """Whether the province is written, the served city that is, and what follows them."""
    said = text.startswith(PROVINCE)
    rest = again(text, PROVINCE)
    if not said and text.startswith("河北") and (names.city(text[2:])[0] or names.county(text[2:], None)[0]):
        rest = text[2:]
    city, length = names.city(rest)
    return said, city, again(rest[length:], PROVINCE, *([city] if city else [])).removeprefix("市辖区")


@lru_cache(maxsize=1 << 17)
def names_its_city(text: str, reference: Reference) -> bool:
    """Whether the text writes its served city itself, so that no hint changes what is read."""
    return _city(text, gazetteer(reference))[1] is not None


def _after_city(names: Gazetteer, rest: str) -> tuple[Place | None, int]:
    """A county that the address puts behind the wrong city, or behind its city's name as a region."""
    place, length = names.county(rest, None)
    return (place, length) if place and rest.startswith(place.written) and place.written[-1] in "区县市" else (None, 0)


def _in_county(found: Found, rest: str, names: Gazetteer, place: Place) -> tuple[Found, str]:
    reasons = ["old_county"] if place.old else []
    code: str | None = place.codes[0]
    town, length = names.town(rest, place.codes[0])
    if town is None:
        town, length = _shape(rest)
    if place.split:
        code = names.moved(place, town) if town else None
        reasons += [] if code else ["undecided_county"]
    elif town and (moved := names.moved(place, town)) and moved != code:
        code = moved
        reasons.append("town_elsewhere")
    elif town and (code, town) not in names.reference.towns:
        reasons.append("town_unknown")
    county = names.counties[code] if code else None
    rest = again(rest[length:], town) if town else rest
    return found._replace(
        city=county.city if county else found.city, county=county.name if county else None, code=code, town=town,
        reasons=tuple(reasons),
    ), rest  # fmt: skip


def _town_only(found: Found, rest: str, names: Gazetteer, city: str | None) -> tuple[Found, str]:
    code, town, length = names.town_anywhere(rest, city)
    if code is None:
        return found._replace(city=found.city or city), rest
    county = names.counties[code]
    return found._replace(province=PROVINCE, city=county.city, county=county.name, code=code, town=town), rest[length:]


def _town(found: Found, rest: str) -> tuple[Found, str]:
    """Outside the served cities a town is what has a town's shape."""
    if found.province == XINJIANG and (regiment_ := regiment(found, rest))[0] != found:
        return regiment_
    if found.county and (seat := _SEAT.match(rest)):
        found, rest = found._replace(crossing=seat[0]), rest[seat.end() :]
    zone = _TOWN_ZONE.match(rest)
    zone = zone or ("区" in rest and found.code and _NAMED_ZONE.match(rest)) or None
    town, length = (zone[0], zone.end()) if zone and found.code else _shape(rest)
    if town is None and (park := _PARK_TOWN.match(rest) or ("村" in rest and _ZONE_OF_VILLAGES.match(rest))):
        town, length = park[0], park.end()
    return (found._replace(town=town), again(rest[length:], town)) if town else (found, rest)


def regiment(found: Found, rest: str) -> tuple[Found, str]:
    """A regiment of the corps is a town, and its company a village."""
    rest = _DIVISION.sub("", rest, count=1) if "师" in rest[:6] and _DIVISION.match(rest) else rest
    if found.town is None and (town := _REGIMENT.match(rest)):
        found, rest = found._replace(town=town[0]), rest[town.end() :]
    if found.town and found.community is None and (company := _COMPANY.match(rest)):
        found, rest = found._replace(community=company[0]), rest[company.end() :]
    return found, rest


def _shape(rest: str) -> tuple[str | None, int]:
    zone = _ZONE_OF_TOWNS.match(rest)
    shape = _TOWN.match(rest, zone.end() if zone else 0)
    if shape is None or re.search(r"[路街巷村].{2,}(?:镇|乡)$", shape[0]):
        return None, 0
    name = _OFFICE.sub("街道", shape[0])
    if len(name) == 2 and rest.startswith("镇镇", shape.end() - 1):
        return name + "镇", shape.end() + 1  # 乌镇镇: a town that is called so without its kind
    return name, shape.end()


# -- village and road


def street(found: Found, text: str, names: Gazetteer) -> tuple[Found, str]:
    """Village and road in either order, as far as they are not known yet; behind a road, the road that crosses it."""
    for _ in range(2):
        before = text
        if not found.community and not found.road:
            found, text = _community(found, text, names)
        if not found.road:
            found, text = _road(found, text)
            if found.road and not found.community and _BEHIND_A_ROAD.match(text):
                found, text = _community(found, text, names)
        if text == before:
            break
    return _crossing(found, text) if found.road and not found.crossing else (found, text)


def along(found: Found, road: str, text: str) -> tuple[Found, str]:
    """A road that was read elsewhere, with the corner and the road that cross it."""
    found = found._replace(road=road)
    text = _CORNER.sub("", text, count=1)
    return _crossing(found, text)


def _community(found: Found, text: str, names: Gazetteer) -> tuple[Found, str]:
    known = names.village(text, found.code) if found.code else None
    shape = _VILLAGE.match(text)
    if not shape and "村" in text:
        rural = found.town and found.town[-1] in "镇乡"
        shape = (_VILLAGE_WITH_STREETS if rural else _VILLAGE_OF_A_STREET).match(text)
        shape = shape or (_NEW_VILLAGE.match(text) if rural else None)
    fits = shape and len(shape[0]) > 1 and not _NO_VILLAGE.search(shape[0])
    name = known or (shape[0] if shape and fits else None)
    if name is None or _NAMED_AFTER.match(text, len(name)):
        return found, text
    return found._replace(community=name), text[len(name) :]


def _road(found: Found, text: str) -> tuple[Found, str]:
    inside = _PARK_TOWN.match(text) if found.town and ("区" in text or "城" in text) else None
    inside = inside or (_SECOND_TOWN.match(text) if found.town and "街道" in text else None)
    inside = inside or (_BEFORE_A_ROAD.match(text) if found.town else None)
    shape = _ROAD.match(text, inside.end() if inside else 0)
    if shape is None or _NO_ROAD_HEAD.match(text):
        return found, text
    tail = shape["tail"]
    if _NOT_A_ROAD.match(tail) or (len(shape["road"]) < 3 and not tail[:1].isdigit()):
        return found, text
    if len(shape["road"]) > 6 and tail[:1].isdigit() and _QUARTER_AHEAD.match(shape["road"]):
        return found, text
    tail = _CORNER.sub("", tail, count=1) if tail[:1] in "与和交路东西南北" else tail
    if found.province == TIANJIN and (own := _ROAD_OF_AN_OFFICE.match(text)):
        return found._replace(road=own["road"], crossing=own["office"]), text[own.end() :]
    if len(shape["road"]) > 5 and (local := _LOCAL.match(shape["road"])):
        return found._replace(road=shape["road"][local.end() :], crossing=local[0]), tail
    park = None if found.town else _PARK_BEFORE.match(shape["road"])
    town, road = (park[0], shape["road"][park.end() :]) if park else (found.town, shape["road"])
    return found._replace(town=town, road=road, crossing=inside[0] if inside else found.crossing), tail


def _crossing(found: Found, text: str) -> tuple[Found, str]:
    """A second road behind the first, with the corner: it says where, and is not part of the quarter's name."""
    if corner := _ROAD_TO_CORNER.match(text):
        return found._replace(crossing=corner["road"]), text[corner.end() :]
    second, rest = _road(found._replace(road=None), text)
    ends = not rest and _AT_CORNER.search(text)
    plated = rest[:1].isdigit() and not _AT_CORNER.search(text, 0, len(text) - len(rest))
    if second.road is None or not (rest or ends) or plated:
        return found, text
    return found._replace(crossing=second.road), rest.removeprefix("口") if len(rest) > 3 else rest
