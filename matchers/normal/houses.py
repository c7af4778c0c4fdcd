"""Read the end of an address, from the quarter's name to the room: phase, building, unit, floor and room in every way they are written.

A number whose meaning the text does not tell is left in the rest; it never becomes a building, unit or room.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from matchers.normal import numerals

NONE = "无"
"""A part that is stated not to exist; not the same as one that is not given."""

_HAN = "[\u4e00-\u9fff]"
_SIDE = "[东西南北中]"
_STEM = "[甲乙丙丁戊]"
_TRADE = "商(?<![华电客微招工农晋徽浙粤台港海苏闽湘川陕豫鲁经财通外侨]商)"
"""商2栋: a building for trade, where no name ends in 商."""
_ENDS = "[园苑区院里庄村寓厦楼舍场城心坊学校号^]"
_SHOP = r"(?:底商|底店|商铺|商网|网点|商服|商业|门市房?|门面房?|门脸房?|店铺|店面房?|铺面|铺位|商屋|(?<=[\dA-Z层楼元号商门^])铺|摊位|档口|车库|车位|车房|地下室|储藏[室间]|仓房|库房|小房|煤棚|柴房|阁楼|传达室|门卫室?|配电室|泵房|换热站)"

_BUILDING = (
    rf"(?P<building>(?:{_STEM}|(?<={_ENDS})[附新老副小高续负]|{_TRADE})?\d{{1,4}}[A-Z甲乙丙丁]?(?:-\d{{1,2}}(?=号楼|栋|幢))?|(?<={_ENDS}){_SIDE}\d{{1,3}}|[A-Z]{{2}}(?<={_ENDS}[A-Z]{{2}})\d{{1,3}}(?=号楼|栋|幢|座)|(?<![A-Z])[A-Z]\d{{0,3}}(?:-[A-Z]?\d{{0,2}}(?=号楼|栋|幢|座))?"
    rf"|{_STEM}|(?:{_SIDE}{{1,2}}|{_SIDE}?[主副裙附配]|[前后])(?=座|楼|栋|幢|塔)|{_STEM}(?=字楼)|{NONE}(?=号?楼|栋|幢))"
    r"(?:(?<=[甲乙丙丁戊])字楼|号?(?:住宅|商住|公寓|商业|办公|综合|宿舍|居民|家属|教学|科研|写字)楼|号楼|号(?:厂房|车间|仓库|库房|库(?!区)|栋|幢|座|塔楼?|别墅)|栋(?:楼|厂房|别墅)?|幢(?:楼|厂房|别墅)?|座楼?|塔楼?|#(?:楼|厂房|库房?|车间|栋|座)?"
    r"|号(?=\d{1,2}(?:单元|门|[层楼](?:\d|$))|\d{3,5}(?:室|房|$))|楼(?<=\d{3}楼)|楼(?=\d{1,2}(?:单元|门|-\d)|[A-Z]单元|[甲乙东西]单元)|(?<=[A-Z甲乙丙丁东西南北中前后主副裙附配])楼|(?:(?<=[A-Z]\d)|(?<=[A-Z]\d\d))楼|(?<=\d)(?=[甲乙丙丁]单元))"
)
_USE = "(?:(?:写字楼|办公楼|公寓楼?|商务楼|裙楼|主楼|商业)-?(?=[\\dA-Z负])|(?:底商|商铺|商业)(?=\\d{1,2}层)|(?:小?高层|多层|洋房)-?(?=\\d{1,2}(?:单元|门)))?"
"""What a building is used for, between its number and the rest of a house."""
_UNIT = rf"(?P<unit>(?<![A-Z])\d{{1,2}}|[A-Z]\d?(?=单元)|[A-Z]|{_STEM}|{_SIDE}\d{{0,2}}|{NONE})(?:单元|门洞|号门|梯|#(?=\d{{3,4}}(?:[室号])?\Z)|门(?=[\dA-Z]|{_SIDE}|$))"
_FLOOR = r"(?<!小)(?P<floor>负?\d{1,2}(?:-\d{1,2})?)(?P<floor_word>层|楼|F)"
_ROOM = (
    rf"(?P<room>{_SHOP}(?:[A-Z]\d?-?)?\d{{0,4}}(?:-\d{{1,4}})?[A-Z]?|(?P<number>(?:[A-Z](?=\d{{1,3}}号))?\d{{1,5}}(?:(?<!-\d)-\d{{1,5}})?)[号门]?(?P<shop>{_SHOP})|负\d{{1,2}}-\d{{1,2}}|[A-Z]?\d{{1,5}}[A-Z]?(?:-[A-Z]?\d{{1,5}}[A-Z]?)?|\d{{1,2}}[A-Z]\d{{1,4}}"
    rf"|(?(floor_word)[A-Z](?:-\d{{2,5}}|[A-Z]\d{{1,4}}|(?:-[A-Z])?(?=室|房|号\Z|户|座\Z|单位|\Z)|[A-Z]{{0,2}}(?=单元\Z))|(?!))"
    rf"|(?:{_SIDE}{{1,2}}|中间|[左右])[户屋室门]|{_SIDE}\d户\Z|{NONE}(?=室|房号))(?P<room_word>号房间?|号室|室|号|房间?|商?户|房号|铺|座(?<=[A-Z]座)|门(?<=[服铺商店库]\d门)|(?(unit)门(?<=[层楼]\d门)\Z|(?!))|单位|(?<=\d{{3}})单元|(?<=[层楼]\d)单元|(?<=[层楼]\d\d)单元|(?<=[层楼][A-Z])单元|(?<=[A-Z]{{2}})单元|(?<=[A-Z]-[A-Z])单元)?"
)
_WING = r"(?P<wing>(?<=[楼栋幢#座])(?:[A-Z][座区栋幢塔]|[东西南北][塔座区]|(?<=栋)\d座)(?=[\dA-Z负])|(?<=[楼栋幢#座])之(?:[一二三四五六七八九十]|\d{1,2})(?=-?\d))?"
"""A tower on one building, or a zone in it: it may be called a unit or a building of its own, so the flat stays undecided."""
_WORDED = re.compile(
    rf"(?:{_BUILDING}(?:{_SIDE}侧(?=\d))?)?-?{_WING}{_USE}(?:{_UNIT}(?:{_SIDE}侧(?=\d))?)?-?(?:{_FLOOR})?-?(?:{_SIDE}户(?=\d{{3,4}}[室号]?\Z))?(?:{_ROOM})?\Z"
)
_STARTS = re.compile(
    rf"[\dA-Z甲乙丙丁戊附新老副小高续商{_SIDE[1:-1]}左右前后{NONE}负底商网门店铺摊档车地储仓库小煤柴阁传配泵换主裙]"
)

_ALONE = r"(?<![\dA-Z#之])(?<![^\u4e00-\u9fff]-)(?<![元门层楼栋幢座号铺商]-)"
"""Not the rest of a longer number; a dash may stand behind a quarter's name (香堤-3-1-1502)."""
_NUMBERED = r"(?P<building>[甲乙丙丁]?[A-Z]?\d{1,3}[A-EG-Z]?|[A-Z])(?:[#栋幢座]|号楼?|楼)?"
_LAST = rf"(?:{_SIDE}{{1,2}}户|[A-Z]?\d{{2,5}}[A-Z]?(?:-\d{{3,5}})?)"
_TRIPLE = re.compile(
    rf"{_ALONE}(?!\d+-[1-9]\d-\d{{1,2}}(?:室|号|户)?\Z){_NUMBERED}-(?P<unit>\d{{1,2}}|[A-Z])(?:单元|门)?-(?P<room>\d{{1,5}}[A-Z]?|{_LAST})(?:室|号|户)?\Z"
)
_FOURFOLD = re.compile(
    rf"(?<![\dA-Z#-]){_NUMBERED}-(?P<unit>\d{{1,2}}|[A-Z])(?:单元|门)?-(?P<floor>[1-9]\d?)(?:层|楼)?-(?P<room>(?P=floor)\d\d|0?[1-9]|{_SIDE}{{1,2}}户|1\d)(?:室|号|户)?\Z"
)
_UNIT_ROOM = re.compile(
    rf"{_BUILDING}-?{_USE}(?P<unit>0?\d|1\d(?=-\d{{3}}))-(?:(?P<floor>\d{{1,2}})(?:层|楼)?-)?(?P<room>{_LAST})(?:室|号|户)?\Z"
)
_UNIT_FLOOR_FLAT = re.compile(rf"{_BUILDING}-?(?P<unit>[1-9])-(?P<floor>[1-9]\d?)-(?P<room>[1-9])(?:室|号|户)?\Z")
_PAIR = re.compile(rf"(?<![\dA-Z元门层楼栋幢座号铺商负库位店口室之#-]){_NUMBERED}-(?P<room>{_LAST})(?:室|号|户)?\Z")
_ROWS = re.compile(r"(?P<building>[东西南北]?\d{1,3}排)(?:-?(?P<room>[东西]?\d{1,4}[A-Z]?)(?:室|号|户)?)?\Z")
_BUILDING_UNIT = re.compile(rf"{_ALONE}(?P<building>[A-Z]?\d{{1,3}}[A-Z]?)-(?P<unit>\d{{1,2}})单元\Z")
_DASHED = (_UNIT_FLOOR_FLAT, _TRIPLE, _FOURFOLD, _UNIT_ROOM, _PAIR, _BUILDING_UNIT)

_TRAILS = re.compile(
    rf"(?=(?:(?<=[室号户层元楼栋幢座门])|(?<=\d)(?![室号户层楼栋幢座门单房排组队社弄巷期区年月日段片坊寨湾村园]))(?!(?<=楼)[上下]|(?<=号)(?:桥|门(?![市面脸卫])|路(?![东西南北口边旁灯])))(?P<remark>{_HAN}{{1,8}})\Z)"
)
_BESIDE = re.compile(r"(?<!手)边|[旁对近隔壁前后斜]|(?<!\d[层楼][东西南北])侧|以[东西南北]")
_OPEN = re.compile(
    r"\d[室铺]?-?\Z|附\Z|[\dA-Z][和及与]\Z|\d[+&]\Z|[A-Z]-\Z|\d(?:号?楼|栋|幢|单元|#(?!街坊))|(?<![A-Z])[A-Z](?:栋|幢)|[\d号铺室]、"
)
_NO_QUARTER = re.compile(
    rf"{_HAN}{{2,4}}(?<![人名世之])[家宅]|[路村街道]?[东西南北]{{1,2}}[侧头口边面]?|院内|{_HAN}{{1,2}}层|.*台区|[公专配箱]变|[东西南北村口头边]{{0,2}}(?:机井|水井|深井|路灯|公厕|泵站|基站|大棚|鱼塘)|.*(?:斜?对[面过门]|[旁侧附]边?近?|隔壁|路口|岔口|交[汇叉]处)"
)
"""Somebody's house, which side of the road, or what is near."""
_NO_QUARTER_ENDS = frozenset("家宅东西南北侧头口边面内层区变井灯厕站棚塘过门旁附近壁处")
_TOWERS = (
    "大厦", "大楼", "中心", "广场", "写字楼", "国际", "商城", "商场", "市场", "酒店", "宾馆", "办公楼", "公寓",
    "百货", "商厦", "超市", "卖场", "馆", "会所", "商贸城", "农贸城", "建材城", "家居城", "装饰城", "家居", "居然之家", "美凯龙", "裙楼", "汽贸", "影城", "影院", "银行", "饭店", "酒楼", "门面", "商屋", "店面", "候车厅",
)  # fmt: skip
"""Where these stand in front of a number with 楼, it is a floor."""
_TOWER_ENDS = frozenset(word[-1] for word in _TOWERS)
_LEAD = re.compile(
    rf"{_SHOP}|(?:{_SIDE}{{1,2}}|[甲乙丙丁戊左右前后主副裙附配]|{NONE}|中间)(?:座|塔|字?楼|号?楼|栋|幢|单元|门|梯|[户屋室])|[甲乙丙丁戊负]?[\dA-Z]|(?<={_ENDS})(?:{_SIDE}|[附新老副小高续负])\d|{_TRADE}\d|{_SIDE}(?:\d+排|\d{{1,2}}单元|[主副裙附配]楼)"
)
"""Where a house may begin; what stands before it is a name, but for the character in front, which may tell what follows."""
_SURE = re.compile(
    rf"(?<![\dA-Z-])(?P<building>{_STEM}?\d{{1,3}}|[A-Z]\d{{0,3}})(?:号楼|栋|幢|座)(?=[\dA-Z负附-]|{_SIDE}\d)(?!.*(?:号楼|(?<!\d)楼|栋|幢|座|(?<!\d{{3}})#))"
)
"""A building that is certain, whatever the rest may mean."""
_DOUBLED = re.compile(
    rf"(?<![\dA-Z])((?:\d{{1,4}}|[A-Z]|{_STEM}|{_SIDE})(?:号楼|栋|幢|座|单元|层|室))({_HAN}{{2,10}})?\1+"
)
_UNIT_FIRST = re.compile(r"(?<![\dA-Z号楼栋幢座#-])(\d{1,2}单元)(\d{1,3}(?:号楼|栋|幢))")
"""2单元11栋: some write the unit before its building."""
_INSIDE = re.compile(rf"(?<=号楼|.栋|.幢|.座)(?P<name>{_HAN}{{2,14}})(?=\d{{1,2}}[层楼F](?:[\dA-Z]|$))")
"""What fills a building or its lower floors: 3号楼购物中心1层38号."""
_ZONE_OF_FLOOR = re.compile(r"(?<=\d[层楼])(?:[A-Z]|[东西南北])区\Z")
_STOREY = re.compile(r"(?<![\dA-Z-])负?\d{1,2}(?P<word>层|楼)(?=[\dA-Z东西南北中]|$)")
"""A floor in a tower, whatever the code of the shop behind it means."""
_ATTACHED = re.compile(r"附\d{1,4}号?\Z|(?<=楼)之\d{1,2}\Z")
"""A number beside the number of a plate or a house; whose it is, the text does not tell."""
_TAIL = re.compile(r"(?<=[\u4e00-\u9fff])\d{4,}\Z")
_TOWER_USE = re.compile(r"(?<=大厦|广场|中心|国际|商城)(?:写字楼|办公楼)$")
_BLOCK = re.compile(
    r"(?P<quarter>.{1,10}(?:小区|花园|[家嘉]园|新村|公寓|苑|里|华府))(?P<block>(?:综合|商住|办公|沿街|临街|商业)楼)"
)
"""荣庆里综合楼: a block of a quarter that has no number, so no building is told."""
_HOMES = tuple("园苑区里村庭府院期居庄寓舍城湾都轩邸")
"""Ends of names of homes: behind them a number with 楼 is rather a building's."""
_STREETS = ("路", "街", "巷", "大道")
_VILLAS = ("别墅", "别墅区")
_THREE_SHORT = re.compile(r"[A-Z]?\d{1,2}-\d{1,2}-[1-9](?:号|室|户)?")
"""3-6-2: a building, a unit and a room, or, as the north-east writes it, a unit, a floor and a flat."""
_FLATS_OF_A_FLOOR = 12
"""18楼67号: hardly a floor has more flats, and the number may run on from floor to floor."""
_LEVEL = re.compile(r"[BFLM]\d")
_MARKETS = (
    "市场",
    "商场",
    "商业广场",
    "美凯龙",
    "居然之家",
    "馆",
    "家居",
    "家居城",
    "建材城",
    "装饰城",
    "商贸城",
    "卖场",
    "百货",
)
_STALL = re.compile(r"[A-Z]-\d{1,4}号?")
"""A-28号: in a market a stall of a row."""
_TWO_SHORT = re.compile(r"\d{1,4}-\d{1,2}号?")
"""1-21: behind a street a range of plates, behind a plate a floor and a door, or a building and a room."""
_HASHED = re.compile(r"\d{3,4}#")
"""1403#: a room where a tower's name stands before it, and nothing that is told elsewhere."""
_LIKE_A_DAY = re.compile(r"\d{1,2}-0[1-9]|0[1-9]-(?:[12]\d|3[01])")
"""03-02: a building and a room, a floor and a flat, or 3-2 as a spreadsheet shows a day."""
_DIGIT = re.compile(r"\d")
_CODE = re.compile(r"\d[A-Z]\Z")
_OF_A_HOUSE = re.compile(r"[号#栋幢单元层室户-]|房(?![车产地])|铺(?!路)")
_LETTER = re.compile(r"[A-Z]-?\Z")
"""The letter in front of a number."""
_NUMBER_BEHIND = re.compile(rf"(?P<name>.*{_HAN}{{2}})(?P<number>\d{{1,4}}号)")
"""金凤名都8号: a number behind a name, whose meaning the text does not tell where another follows."""
_NO_NAME = re.compile(rf"(?!.*{_HAN}{{2}})[\dA-Z]+-.*")
"""1F-2383弄62号: numbers, and no name."""
_HALL = re.compile(r"(?:[A-Z]|\d{1,2}号?)馆(?=负?\d|[A-Z-]|\Z)")
"""A馆, 12号馆: a hall of a market, which is no building's number."""
_PHASED = re.compile(r"(?:\d{1,2}|[一二三四五六七八九十A-Z])[期区]\Z")
_GATE = re.compile(r"(?:[东西南北]|\d{1,2}号)门")
"""五号门, 南门66号: without a building, a gate rather than a unit."""
_PHASE_ENDS = frozenset("期区地块团段")
_PHASE = re.compile(
    rf"(?P<quarter>.*?)(?P<phase>(?:(?:\d{{1,2}}(?:\.\d)?|[一二三四五六七八九十]+)期|(?:\d{{1,2}}|(?<![A-Z])[A-Z]{{2}}|[A-Z]\d{{0,2}}|[一二三四五六七八九十]|{_SIDE}(?:\d|{_SIDE})?)区|(?:\d{{1,2}}|[一二三四五六七八九十])(?:号地块?|地块)|(?:\d{{1,2}}|[A-Z]\d{{0,2}}|[一二三四五六七八九十]{{1,2}})组团|(?<=[区村园里院]){_SIDE}段)+)(?P<suffix>小区)?"
)


class House(NamedTuple):
    """What stands behind a quarter's name; None where it is not told."""

    # where it begins in the text that was read
    start: int
    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    room: str | None = None
    # a number with 号 and no word of a building: the plate number of a house
    plate: str | None = None
    rest: str = ""
    ambiguous: bool = False


Quarter = tuple[str | None, str | None, str]
"""Quarter, phase, and what is neither."""

NOTHING = House(start=0)
"""No house."""


def read(text: str, *, plated: bool = False) -> tuple[Quarter, House]:
    """Quarter and house of the end of an address (repaired, digits for numerals, no blanks).

    Right behind a plate (`plated`) a number with 楼 is a floor, as in a tower.

    Houses of many quarters are written alike, so they are remembered apart from the names before them.
    """
    if not text:
        return (None, None, ""), NOTHING
    if "馆" in text and (inside := _in_a_hall(text)):
        return inside
    lead = _LEAD.search(text)
    start = (lead.start() - 1 if lead else 0) or -1
    tower = plated if start < 0 else _is_tower(text[: start + 1])
    house = _house(text[start:] if start >= 0 else "^" + text, tower)
    if house is None:
        return _told_once(text, plated) or _unsure(text, tower)
    name = text[: start + house.start]
    if house.room and "-" in text and _is_undecided_behind(name, text, plated):
        return quarter(name), NOTHING._replace(rest=text[len(name) :])
    if not plated and house.building and house.plate is None and name.endswith(_STREETS):
        return quarter(name), _on_a_street(house, text[len(name) :])
    if plated and house.ambiguous and house.building and not name.endswith(_HOMES):
        storey = f"{house.building}楼"
        house = house._replace(building=None, rest=f"{storey} {house.rest}".strip()) if text.endswith(storey) else house
    if name.endswith(_VILLAS):
        return quarter(name), _villa(house)
    if name.endswith("地下"):
        return quarter(name[:-2]), house._replace(rest=f"地下 {house.rest}".strip())
    if house.unit and house.building and name.endswith(("家", "宅")):
        return (name, None, ""), house
    return quarter(name), house


def _is_undecided_behind(name: str, text: str, plated: bool) -> bool:
    """Whether all behind the name is a code that may mean anything there: 1-21 behind a street or plate, A-28号 in a market."""
    shape = (
        _STALL if name.endswith(_MARKETS) else _TWO_SHORT if name.endswith(_STREETS) or (plated and not name) else None
    )
    return shape is not None and bool(shape.fullmatch(text, len(name)))


def _is_tower(name: str) -> bool:
    """Whether a number with 楼 behind the name is a floor: it is a tower's or a market's, or a zone's of one."""
    last = name[-1]
    if last in "期区":
        return _PHASED.sub("", name).endswith(_TOWERS)
    return last in _TOWER_ENDS and name.endswith(_TOWERS)


def _in_a_hall(text: str) -> tuple[Quarter, House] | None:
    """The floor and the rest of what lies in a hall of a market; the hall's own number stays in the rest."""
    hall = _HALL.search(text)
    if hall is None:
        return None
    (name, phase, aside), house = read(text[hall.end() :], plated=True)
    beside = (hall[0], name, phase, f"{house.plate}号" if house.plate else None, aside, house.rest)
    return quarter(text[: hall.start()]), house._replace(plate=None, rest=" ".join(filter(None, beside)))


def _on_a_street(house: House, text: str) -> House:
    """Behind a street's name a number with nothing but 号 is a plate's: 钱王街3号1楼."""
    number = house.building or ""
    worded = text.startswith(f"{number}号") and text[len(number) + 1 : len(number) + 2].isdigit()
    return house._replace(building=None, plate=number) if worded else house


def _villa(house: House) -> House:
    """Among villas a number alone is a building's."""
    number = house.plate or house.room
    if number is None or house.building or house.unit or house.floor or not number.isalnum() or not number.isascii():
        return house
    return house._replace(building=number, room=None, plate=None)


@lru_cache(maxsize=1 << 16)
def _house(text: str, tower: bool) -> House | None:
    """The house, where all of the text's end belongs to it; in a tower a number with 楼 is a floor."""
    found = _found(text)
    if found is None or _OPEN.search(text, 0, found.start()) or _is_coded(found):
        return None
    return _parts(found, tower)


def _is_coded(found: re.Match[str]) -> bool:
    """Whether a code stands before a word without a number: 1010B商铺."""
    before = found.string[found.start() - 1]
    coded = "A" <= before <= "Z" and not _DIGIT.search(found[0])
    return coded and bool(_CODE.search(found.string, 0, found.start()))


def _found(text: str) -> re.Match[str] | None:
    if "-" in text:
        dashed = next((m for pattern in _DASHED if (m := pattern.search(text))), None)
        if dashed:
            return dashed
    if "排" in text and (rows := _ROWS.search(text)):
        return rows
    for start in _STARTS.finditer(text):
        if (found := _WORDED.match(text, start.start())) and found.end() > found.start():
            return found
    return None


def _told_once(text: str, plated: bool) -> tuple[Quarter, House] | None:
    """The house of a text that tells a part twice (2单元2单元), or the zone of a floor behind it (8楼B区)."""
    zone = _ZONE_OF_FLOOR.search(text)
    once = _UNIT_FIRST.sub(r"\2\1", _DOUBLED.sub(r"\2\1", text[: zone.start()] if zone else text))
    inside = _INSIDE.search(once)
    if inside and inside["name"].endswith((*_TOWERS, "步行街")):
        once = once[: inside.start("name")] + once[inside.end() :]
    if once == text:
        return None
    found, house = read(once, plated=plated)
    aside = " ".join(part[0] for part in (inside, zone) if part and part[0] not in once)
    return found, house._replace(rest=f"{house.rest} {aside}".strip())


def _unsure(text: str, tower: bool) -> tuple[Quarter, House]:
    """No house, or one with words behind it: a name stays (王家) in the rest, and beside a building is not in it."""
    attached = _ATTACHED.search(text)
    if attached and (found := _found(text[: attached.start()])) and not _OPEN.search(text, 0, found.start()):
        house = _parts(found, tower)
        return quarter(text[: found.start()]), house._replace(rest=f"{house.rest} {attached[0]}".strip())
    if trailed := _trailed(text, tower):
        return trailed
    sure = _SURE.search(text)
    if sure and not _OPEN.search(text, 0, sure.start()) and not _BESIDE.search(text, sure.end()):
        return quarter(text[: sure.start()]), NOTHING._replace(
            building=_bare(sure["building"]), rest=text[sure.end() :]
        )
    storey = _STOREY.search(text)
    if storey and not _OPEN.search(text, 0, storey.start()) and text[: storey.start()].endswith(_TOWERS):
        level, _, behind = storey[0].partition(storey["word"])
        return quarter(text[: storey.start()]), NOTHING._replace(
            floor=_level(level), rest=behind + text[storey.end() :]
        )
    digit = _DIGIT.search(text)
    if digit is None or not _OF_A_HOUSE.search(text, digit.start()):
        tail = _TAIL.search(text)
        return quarter(text[: tail.start()] if tail else text), NOTHING._replace(rest=tail[0] if tail else "")
    coded = _LETTER.search(text, 0, digit.start())
    start = coded.start() if coded else digit.start()
    return quarter(text[:start]), NOTHING._replace(rest=text[start:])


def _trailed(text: str, tower: bool) -> tuple[Quarter, House] | None:
    """A house with words behind it, as few as may be: 3楼西户李明 is the flat 西户."""
    remarks = list(_TRAILS.finditer(text))
    if not remarks or _BESIDE.search(text, remarks[0].start("remark")):
        return None
    for trail in reversed(remarks):
        found = _found(text[: trail.start()])
        if found and not _OPEN.search(text, 0, found.start()):
            name, house = text[: found.start()], _parts(found, tower)
            house = _on_a_street(house, text[len(name) :]) if name.endswith(_STREETS) else house
            return quarter(name), house._replace(rest=f"{house.rest} {trail['remark']}".strip())
    return None


def _parts(found: re.Match[str], tower: bool) -> House:
    parts = found.groupdict()
    tower = tower or (found.start() > 1 and _is_tower(found.string[: found.start()]))
    building, unit, floor = _bare(parts["building"]), _bare(parts.get("unit")), _level(parts.get("floor"))
    room = _room(parts, floor) if parts.get("room") else None
    wing = parts.get("wing")
    rest, ambiguous, plate = wing or "", bool(wing), None
    if tower and building and building.isdigit() and _bare_storey(found):
        building, unit, floor, rest = _on_a_floor(found, building, unit, room) or (building, unit, floor, rest)
    if floor and not building and parts.get("floor_word") == "楼" and not (tower or unit):
        ambiguous = True
        if floor.isdigit() and not (room and (floor_of(room) == floor or len(room) < 3 or not room[0].isdigit())):
            building, floor = floor, None
    elif room and not (building or unit or floor) and parts.get("room_word") == "号" and room.isdigit():
        plate, room = room, None
    if odd := _odd(found, building, floor, tower):
        return odd
    if room and floor and not tower and _runs_on(parts["room"]):
        rest, room = f"{rest} {parts['room']}号".strip(), None
    if found.re is _PAIR and _LIKE_A_DAY.fullmatch(f"{parts['building']}-{parts['room']}"):
        rest, building, room, ambiguous = f"{parts['building']}-{parts['room']}", None, None, True
    elif found.re is _PAIR and building and building.isdigit() and len(building) > 2 and room:
        building, room, rest, ambiguous = _apart(building, room)
    if room and "-" in room and (split := _short_range(room, floor)):
        rest = room if split == (floor, None) else rest
        floor, room = split
    return House(
        start=found.start(), building=building, unit=unit, floor=floor, room=room, plate=plate, rest=rest, ambiguous=ambiguous,
    )  # fmt: skip


def _on_a_floor(
    found: re.Match[str], number: str, unit: str | None, room: str | None
) -> tuple[None, None, str, str] | None:
    """No building and no unit, but a floor: a flat (大厦10楼F单元) or stalls (商城2楼27-33号) in a tower."""
    if unit and unit.isascii() and unit.isalpha():
        return None, None, number, f"{unit}单元"
    stalls = not unit and found.re is _WORDED and room and "-" in room
    return (None, None, number, "") if stalls else None


def _odd(found: re.Match[str], building: str | None, floor: str | None, tower: bool) -> House | None:
    """What only looks like a building and its flat: left in the rest, but for a room behind a tower's name (大厦1403#)."""
    if found.re is _TRIPLE and _THREE_SHORT.fullmatch(found[0]):
        return House(start=found.start(), rest=found[0], ambiguous=True)
    if found.re is _PAIR and _is_a_stall(found):
        return House(start=found.start(), rest=found[0])
    if (floor or found.re is _PAIR) and _is_undecided(found, floor, tower):
        return House(start=found.start(), rest=found[0])
    if found.re is _UNIT_ROOM and len(room := found["room"]) == 3 and room[0] == "0":
        return House(start=found.start(), building=building, rest=f"{found['unit']}-{room}")  # 1栋3-045: a stall
    if found.re is _WORDED and found["unit"] and not building and _is_a_gate(found):
        return House(start=found.start(), rest=found[0])
    if building and found[0][-1] == "#" and _HASHED.fullmatch(found[0]):
        return House(start=found.start(), room=building) if tower else House(start=found.start(), rest=found[0])
    return None


def _is_a_stall(found: re.Match[str]) -> bool:
    """Whether a pair is the code of a stall: its three digits begin with a nought (A-020)."""
    first = found["room"].partition("-")[0]
    return len(first) == 3 and first[0] == "0"


def _is_undecided(found: re.Match[str], floor: str | None, tower: bool) -> bool:
    """Numbers that only look like a house: floors that go down (5-4楼), a shop on the level of a mall (L1-110), a row of plates (13-30号)."""
    if floor and floor[0] != "-" and "-" in floor:
        first, _, last = floor.partition("-")
        return int(first) >= int(last)
    if found.re is not _PAIR:
        return False
    building, room = found["building"], found["room"]
    if _LEVEL.fullmatch(building) and len(room) <= 3 and (tower or building[0] != "B"):
        return True
    return found[0].endswith("号") and len(room) == 2 and building.isdigit() and room.isdigit()


def _is_a_gate(found: re.Match[str]) -> bool:
    """Whether what looks like a unit is a gate: a number's with nothing behind it, or a side's."""
    gate = _GATE.match(found.string, found.start("unit"))
    return gate is not None and (gate.end() == found.end() or not gate[0][0].isdigit())


def _bare_storey(found: re.Match[str]) -> bool:
    """Whether only 楼 follows what was read as a building."""
    return found.string[found.end("building") : found.end("building") + 1] == "楼"


def _room(parts: dict[str, str | None], floor: str | None) -> str | None:
    """The room: shops and cellars with their kind in front, two digits behind their floor's."""
    room = parts["room"]
    if room and parts.get("shop"):
        return f"{parts['shop']}{_bare(parts['number'])}"
    short = room is not None and len(room) <= 2
    room = _bare(room)
    if short and room and floor and room.isdigit() and floor.isdigit():
        return f"{floor}{int(room):02d}"
    return room


def _runs_on(room: str | None) -> bool:
    """Whether a short number is too high for the flats of one floor, so that it may count those of the building."""
    return room is not None and room.isdigit() and len(room) == 2 and int(room) > _FLATS_OF_A_FLOOR


def _apart(building: str, room: str) -> tuple[str | None, str | None, str, bool]:
    """701-704 are rooms of one floor; other long pairs may be anything."""
    if building.isdigit() and room.isdigit() and building[:-2] == room[:-2] and int(building) < int(room):
        return None, f"{building}-{room}", "", False
    if len(room) >= 4 and building.isdigit():
        return building, room, "", False
    return None, None, f"{building}-{room}", True


def _short_range(room: str, floor: str | None) -> tuple[str | None, str | None] | None:
    """None for a range of rooms; 11-02 is room 1102, and what is neither is not read."""
    first, _, last = room.partition("-")
    if first.startswith("负"):
        return floor, None
    if len(first) > 2 or not first[:1].isdigit() or floor is not None:
        return None
    if len(last) == 2 and first.isdigit() and last.isdigit() and last[0] == "0":
        return first, first + last
    return floor, None


def _level(floor: str | None) -> str | None:
    """负2 is -2."""
    if floor is None:
        return None
    return "-" + floor[1:] if floor.startswith("负") else "-".join(_bare(part) or "" for part in floor.split("-"))


def with_one_plate(house: House) -> House:
    """The house behind a plate's number: a second number of the kind is a room's, or its meaning is not told."""
    if house.plate is None:
        return house
    room = house.plate if len(house.plate) >= 3 else None
    rest = house.rest if room else f"{house.plate}号 {house.rest}".strip()
    return house._replace(plate=None, room=room, rest=rest)


@lru_cache(maxsize=1 << 15)
def quarter(name: str) -> Quarter:
    """A quarter's name and phase, or the name as a rest where it is no quarter's."""
    name = _TOWER_USE.sub("", name.strip("-"))
    if not name.strip("*"):
        return name or None, None, ""
    if len(name) < 2 or not re.search(_HAN, name):
        return None, None, name
    if name[-1] in _NO_QUARTER_ENDS and _NO_QUARTER.fullmatch(name):
        return None, None, name
    if name[-1] == "号" and (numbered := _NUMBER_BEHIND.fullmatch(name)):
        return (*quarter(numbered["name"])[:2], numbered["number"])
    if name[0] < "\u4e00" and _NO_NAME.fullmatch(name):
        return None, None, name
    if name[-1] == "楼" and (block := _BLOCK.fullmatch(name)):
        return (*quarter(block["quarter"])[:2], block["block"])
    phase = _PHASE.fullmatch(name) if name.removesuffix("小区")[-1:] in _PHASE_ENDS else None
    if phase is None or len(phase["quarter"]) == 1:
        return name, None, ""
    whole = phase["quarter"] + (phase["suffix"] or "") if phase["quarter"] else None
    return whole, spelt_phase(phase["phase"]), ""


def spelt_phase(written: str) -> str:
    """Phase, section or group in Chinese numerals, as archives write them: 2期 and 二期 are 二期; A区 stays."""
    return re.sub(
        r"(?<![A-Z\d])\d+(?:\.\d)?",
        lambda spelt: spelt[0] if "." in spelt[0] else numerals.chinese(int(spelt[0])),
        written,
    )


def _bare(part: str | None) -> str | None:
    """A number without leading zeros; letters and sides as they are."""
    if not part or part[0] != "0":
        return part or None
    return part.lstrip("0") or "0"


def floor_of(room: str) -> str | None:
    """The floor that a room number of three or four digits says."""
    return room[:-2] if room.isdigit() and 3 <= len(room) <= 4 else None
