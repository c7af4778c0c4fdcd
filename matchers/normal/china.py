"""Read province, city and county of any place in China from the division table, so that addresses outside the served cities are read too.

The served cities have a gazetteer of their own, with towns, popular names and successors: see `gazetteer`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from core.reference import Division, Reference

_DIRECT = ("11", "12", "31", "50")
"""Provinces that are cities: no city stands between them and their counties."""

_FORMERLY = {"51": ("重庆市",), "13": ("天津市", "北京市")}
"""Cities that were, or are taken to be, of a province and are provinces themselves: 四川省重庆市."""

_ABROAD = ("71", "81", "82")
"""Whose cities and counties the division table does not hold."""

_PEOPLES = (
    "[壮回侗苗彝傣白羌黎满瑶畲土藏佤怒]族|维吾尔|蒙古族?|哈萨克|柯尔克孜|朝鲜族|土家族|布依族|景颇族|傈僳族|哈尼族|各族|仡佬族|撒拉族|保安族|东乡族|裕固族|"
    "达斡尔族|鄂温克族|拉祜族|纳西族|布朗族|独龙族|普米族|仫佬族|毛南族|锡伯|塔吉克"
)
_PEOPLE = re.compile(f"(?:{_PEOPLES})+(?=自治[州县旗])|(?:壮族|回族|维吾尔)(?=自治区)")
_KIND = re.compile(r"(?:特别行政区|自治[区州县旗]|地区|林区|(?<=..)新区|[省市盟区县旗州])$")
_DISTRICT_OF = re.compile(f"(?:{_PEOPLES})+区$")
"""管城回族区 is called 管城区."""
_GOES_ON = re.compile(
    r"(?<=市)(?:场|政(?:府|协|务(?!新?区|文化)|法|工|设|管|建|处|公|园|局|[路街小大])|民(?![族主权生])|委)|(?<=县)(?:城(?!关)|政|医|府(?![前后东西南北街路])|委|局|社)|(?<=区)(?:间|政府|委)"
)
_SHORT_ENDS = re.compile(
    r"(?![路街道巷站里小市县区州盟旗]|[东西南北中]?大?[路街道巷区站])(?:[\u4e00-\u9fff]{1,5}?(?:镇|乡|街道)|[\u4e00-\u9fff]{2,5}?(?:路|街|大道|胡同|巷)(?![北南东西]?[区站]))"
)
"""A name without its kind counts only in front of a town or a road of its own: 昆山花桥镇, 杭州文一路, but not 南京路 or 上海花园."""
_SHORT_GOES_ON = re.compile(r"[路街道巷站里小市县区]|[东西南北中]?大?[路街道巷区站]")
_NEAR_GOES_ON = re.compile(
    r"(?![路街道巷站里小市县区州盟旗门桥医公大广花家山江湖河海新中苑园城村宾酒饭学]|综合|经济|高新|开发|保税|旅游|度假|机场|车站|火车|国际|走廊)[\u4e00-\u9fff]{4}"
)
"""Two short names in a row (北京朝阳望京西园) are a city and its county, where they do not go on as a name of another thing (朝阳门)."""
_ZONE = re.compile(
    r"(?:[\u4e00-\u9fff]{0,5}?)(?:高新技术产业开发区|高新技术开发区|高新开发区|高新区|经济技术开发区|经济开发区|技术开发区|经开区|开发区|综合保税区|保税区|保税港区|自由贸易试验区|自贸试验区|自贸区|"
    r"度假区|风景名胜区|风景区|示范区|管理区|新区|新城区?(?=[\u4e00-\u9fff]*(?:街道|镇|路|街|大道)))"
    r"|工业园区"
)
_NEW_AREA = re.compile(r"[\u4e00-\u9fff]{2,4}新区(?=[\u4e00-\u9fff])")
_TOWN_ENDS = re.compile(r"[\u4e00-\u9fff]{1,5}?(?:镇|街道)(?![路街巷]|小区)")
_ROAD_ENDS = re.compile(
    r"(?![路街道巷站里小市县区州盟旗]|[东西南北中]?大?[路街道巷区站])[\u4e00-\u9fff]{2,4}?(?:路|大道)[\d0]"
)
_ISLANDS = re.compile("九龙|新界|香港岛|港岛|[东南西中]区|澳门半岛|氹仔|路环|[^市县区路街]{2}[市县区]")
_TAIWAN = ("71", "83")
_ISLAND_SHAPE = re.compile(
    r"(?P<city>[\u4e00-\u9fff]{2}[市县])(?P<county>[\u4e00-\u9fff]{1,3}?(?:[区市]|[镇乡](?!区))(?=[\u4e00-\u9fff]{2}))?"
)
"""A city or county of Taiwan and its district."""
_OF_THE_CITY = frozenset(("市北", "市南", "市中"))
_LEAGUES = {
    "呼市": "1501", "哲盟": "1505", "伊盟": "1506", "呼盟": "1507", "巴盟": "1508", "乌盟": "1509", "锡盟": "1525", "阿盟": "1529",
}  # fmt: skip
"""What leagues and cities of Inner Mongolia are called for short, also under their former names."""
_CORPS = re.compile("(?:生产建设)?兵团(?:农?第?[一二三四五六七八九十0-9]{1,3}师)?")
_OF_THE_CORPS = re.compile(
    "(?:农?第?[一二三四五六七八九十0-9]{1,3}师[\u4e00-\u9fff]{0,4}?)?[〇零一二三四五六七八九十0-9]{1,4}团(?![结路])"
)
"""第五师中心团场八十三团: a regiment, with its division or without."""
_ZONE_AT_ONCE = re.compile(
    "(?:国家(?:级)?)?(?:高新|经济|技术|工业|综合|保税|自贸|自由贸易|经开|开发)[\u4e00-\u9fff]{0,9}?(?:区|园)(?![\u4e00-\u9fff]?[路街])"
    "|[\u4e00-\u9fff]{2,4}(?:旅游度假区|风景名胜区|旅游区)"
)
"""苏州工业园区, 北京经济技术开发区: a zone right behind the short name of its city."""
_COUNTY_SHAPE = re.compile(
    r"[\u4e00-\u9fff]{1,6}?(?:自治县|自治旗|(?<![小园社住厂校地矿东西南北学厦港期])区(?![\d一二三四五六七八九十])|县|旗|(?<!城|门|超|夜|都)市(?!场))"
    r"(?=[\u4e00-\u9fff])"
)
_NO_COUNTY = re.compile(r"[路街镇乡村道巷]|小区|园区")
_FOR_EVER = 9999
_RECENT = 2010
"""A name that another city gave up after this year still stands in archives, and makes the name ambiguous."""


@dataclass(frozen=True, slots=True)
class Region:
    """What an address begins with, down to the county; names as they are today."""

    province: str | None = None
    city: str | None = None
    county: str | None = None
    code: str | None = None
    # ambiguous_county, old_county
    reason: str = ""


class Names:
    """Names by their first two characters, longest first, so that one look-up finds the longest name a text starts with."""

    __slots__ = ("_by_head",)

    def __init__(self, names: Iterable[str]) -> None:
        heads: dict[str, list[str]] = {}
        for name in dict.fromkeys(names):
            heads.setdefault(name[:2], []).append(name)
        self._by_head = {head: tuple(sorted(found, key=len, reverse=True)) for head, found in heads.items()}

    def at(self, text: str) -> str | None:
        """The longest name that the text starts with."""
        for name in self._by_head.get(text[:2], ()):
            if text.startswith(name):
                return name
        return None


class _Level:
    """The names of one level in one place, with and without their kind, each with its codes."""

    __slots__ = ("_names", "_shorts", "codes")

    def __init__(self, divisions: Iterable[Division]) -> None:
        self.codes: dict[str, tuple[str, ...]] = {}
        shorts: set[str] = set()
        for division in divisions:
            short = _short(division.name)
            shorts |= {short} - {""}
            for name in (*_called(division.name), _DISTRICT_OF.sub("区", division.name)):
                self.codes[name] = tuple(dict.fromkeys((*self.codes.get(name, ()), division.code)))
        self._names = Names(name for name in self.codes if name not in shorts)
        self._shorts = Names(shorts)

    def full(self, text: str) -> str | None:
        """The full name that the text starts with, where it does not go on as another word (三河市场)."""
        name = self._names.at(text)
        return None if name is None or _GOES_ON.match(text, len(name)) else name

    def short(self, text: str) -> str | None:
        """The name without its kind that the text starts with."""
        return self._shorts.at(text)


class China:
    """All provinces, cities and counties, with today's names and earlier ones."""

    def __init__(self, reference: Reference) -> None:
        divisions = [d for found in reference.divisions.values() for d in found if _is_named(d)]
        self._within: dict[tuple[str, str], list[Division]] = {}
        for division in divisions:
            for length in (0, 2, 4):
                self._within.setdefault((division.code[:length], _kind(division.code)), []).append(division)
        self._today = {d.code: d.name for d in divisions if d.last >= _FOR_EVER}
        self._by_code = {code: tuple(filter(_is_named, found)) for code, found in reference.divisions.items()}
        # each is asked with few different arguments, and for every address
        self._level = cache(self._level_of)
        self._said = cache(self._said_of)
        self._found = cache(self._found_for)
        self._likely = cache(self._likely_of)

    def read(self, text: str) -> tuple[Region, str]:
        """The region that the text begins with, and what follows it; levels may be missing, without their kind, or written twice."""
        province, rest = self._province(text)
        if province and (direct := self._level("", "province").full(rest)) in _FORMERLY.get(province, ()):
            province, rest = self._province(direct)[0], rest[len(direct) :]
        if province in _TAIWAN and (shape := _ISLAND_SHAPE.match(rest)):
            return Region(self._today[f"{province}0000"], shape["city"], shape["county"]), rest[shape.end() :]
        rest = again(rest, *self._said(province))
        city, rest = self._city(rest, province)
        said = self._said(province, city)
        rest = again(rest, *said).removeprefix("市辖区")
        region, rest = self._county(rest, province, city)
        if region.county and region.city:
            rest = again(rest, _short(region.city) + region.county)
        return region, again(rest, *said, *([region.county] if region.county else []))

    def starts(self, text: str) -> bool:
        """Whether a province's name stands at the beginning."""
        return bool(self._level("", "province").short(text))

    def elsewhere(self, text: str, province: str) -> bool:
        """Whether the text begins with the full name of another province."""
        name = self._level("", "province").full(text)
        return name is not None and name != province

    def _said_of(self, *places: str | None) -> tuple[str, ...]:
        """The full names of places that were read, which may be written a second time."""
        return tuple(self._today.get(place.ljust(6, "0"), place) for place in places if place)

    # -- province and city

    def _province(self, text: str) -> tuple[str | None, str]:
        provinces = self._level("", "province")
        if name := provinces.full(text):
            return provinces.codes[name][0][:2], text[len(name) :]
        if not (short := provinces.short(text)):
            return None, text
        code, rest = provinces.codes[short][0][:2], text[len(short) :]
        rest = _CORPS.sub("", rest, count=1) if rest.startswith(("生产", "兵团")) else rest
        counties = self._level(code, "county")
        near = counties.short(rest) if code in _DIRECT else None
        known = self._city(rest, code)[0] or counties.full(rest) or rest.startswith(self._said(code))
        fits = (_SHORT_ENDS, _ZONE_AT_ONCE) if code in _DIRECT else (_ISLANDS,) if code in _ABROAD else ()
        shaped = any(shape.match(rest) for shape in fits) or bool(near and _is_near(rest, near))
        shaped = shaped or (code == "65" and "团" in rest and bool(self._of_the_corps(rest)))
        return (code, rest) if known or shaped else (None, text)

    def _of_the_corps(self, text: str) -> bool:
        """Whether a regiment of the corps stands here, behind a county's short name or at once."""
        short = self._level("65", "county").short(text) or ""
        return bool(_OF_THE_CORPS.match(text, len(short)))

    def _city(self, text: str, province: str | None) -> tuple[str | None, str]:
        if province in _DIRECT:
            return None, text
        if province == "15" and text[1:2] in ("盟", "市") and (league := _LEAGUES.get(text[:2])):
            return league, text[2:]
        cities = self._level(province or "", "city")
        if name := cities.full(text):
            code = self._likely(cities.codes[name], name)[-1]
            if text[len(name) - 1 : len(name) + 1] in _OF_THE_CITY and self._level(code[:4], "county").full(
                text[len(name) - 1 :]
            ):
                return code[:4], text[len(name) - 1 :]  # 青岛市北区: its 市 is the county's
            county = code not in self._today and self._level(code[:2], "county").full(text) == name
            return (None, text) if county else (code[:4], text[len(name) :])
        if not (short := cities.short(text)) or self._level(province or "", "county").full(text):
            return None, text
        rest = text[len(short) :]
        if province and rest and not _SHORT_GOES_ON.match(rest):
            return self._likely(cities.codes[short], short)[-1][:4], rest
        for code in reversed(self._likely(cities.codes[short], short)):
            counties = self._level(code[:4], "county")
            near = counties.short(rest)
            if (
                rest.startswith(self._said(code[:4]))
                or counties.full(rest)
                or _SHORT_ENDS.match(rest)
                or _ZONE_AT_ONCE.match(rest)
                or (near and _is_near(rest, near))
            ):
                return code[:4], rest
        return None, text

    # -- county

    def _county(self, text: str, province: str | None, city: str | None) -> tuple[Region, str]:
        place = city or province or ""
        counties = self._level(place, "county")
        name = counties.full(text)
        if name and (place or len(name) > 2):
            if name[-1] == "市" and self._county_behind(text[len(name) :], counties.codes[name]):
                return self._county(text[len(name) :], province, counties.codes[name][-1][:4])
            return self._found(name, counties.codes[name], place), text[len(name) :]
        above = Region(self._today.get(place[:2] + "0000"), self._today.get(f"{city}00"))
        if (area := _NEW_AREA.match(text)) and counties.full(text[area.end() :]):
            return self._county(text[area.end() :], province, city)
        if not place:
            return self._county_city(text) or (above, text)
        short = counties.short(text)
        if short and (_is_near(text, short) or (province == "65" and _OF_THE_CORPS.match(text, len(short)))):
            return self._found(short, counties.codes[short], place), text[len(short) :]
        shape = _ZONE.match(text) or _COUNTY_SHAPE.match(text)
        if shape is None or _NO_COUNTY.search(shape[0]):
            return above, text
        return Region(above.province, above.city, shape[0]), text[shape.end() :]

    def _county_behind(self, text: str, codes: tuple[str, ...]) -> bool:
        """Whether a county of the same prefecture follows, whose name was written like its seat's: 阿克苏市拜城县."""
        name = self._level(codes[-1][:4], "county").full(text) if "县" in text[:8] or "旗" in text[:8] else None
        return name is not None and name[-1] in "县旗"

    def _county_city(self, text: str) -> tuple[Region, str] | None:
        """A county-level city or new area that is called without its kind and alone, in front of a town or road: 昆山花桥镇, 浦东张东路."""
        counties = self._level("", "county")
        short = counties.short(text)
        if short is None or not (_TOWN_ENDS.match(text, len(short)) or _ROAD_ENDS.match(text, len(short))):
            return None
        codes = tuple(code for code in counties.codes[short] if self._today.get(code, "").endswith(("市", "新区")))
        return (self._found(short, codes, ""), text[len(short) :]) if len(codes) == 1 else None

    def _found_for(self, name: str, codes: tuple[str, ...], place: str) -> Region:
        """The county of a name; where several cities have it, or had it not long ago, only what they share."""
        likely = self._likely(codes, name)
        if len({code[:4] for code in likely}) > 1 and not (likely := self._moved(likely, name)):
            province = self._today.get(place[:2] + "0000") if place else None
            return Region(province, None, name, reason="ambiguous_county")
        code = likely[-1]
        today = self._today.get(code)
        return Region(
            self._today[code[:2] + "0000"], self._today.get(code[:4] + "00"), today or name, code if today else None,
            reason="" if today in {None, name} or name == _short(today or "") else "old_county",
        )  # fmt: skip

    def _moved(self, codes: tuple[str, ...], name: str) -> tuple[str, ...]:
        """The one county of today that has the name in its province, where the other codes are what it had under another city."""
        today = tuple(code for code in codes if code in self._today)
        alone = len(today) == 1 and len({code[:2] for code in codes}) == 1 and name[-1] in "县旗"
        return today if alone else ()

    def _likely_of(self, codes: tuple[str, ...], name: str) -> tuple[str, ...]:
        """The codes that a name stands for today or stood for not long ago; counties directly under their province before others."""
        named = [d for code in codes for d in self._by_code[code] if name in _called(d.name)]
        recent = {d.code for d in named if d.last >= _RECENT} or {d.code for d in named} or set(codes)
        direct = {code for code in recent if code[2:4] == "90"}
        return tuple(sorted(direct or recent, key=lambda code: code in self._today))

    def _level_of(self, place: str, kind: str) -> _Level:
        """The names of a kind in a province (two digits), a city (four) or the whole country, indexed when first asked for."""
        return _Level(self._within.get((place, kind), ()))


def _is_near(text: str, short: str) -> bool:
    """Whether a county's name without its kind stands for the county."""
    return bool(_SHORT_ENDS.match(text, len(short)) or _NEAR_GOES_ON.match(text, len(short)))


def _is_named(division: Division) -> bool:
    return division.name not in {"市辖区", "县", "省直辖县级行政单位", "自治区直辖县级行政单位", "演练"}


def _kind(code: str) -> str:
    return "province" if code.endswith("0000") else "city" if code.endswith("00") else "county"


@lru_cache(maxsize=16384)
def _short(name: str) -> str:
    """A name without its kind and the peoples in it (凉山彝族自治州: 凉山); empty where one character would remain."""
    short = _KIND.sub("", _PEOPLE.sub("", name))
    return short if len(short) > 1 else ""


def _called(name: str) -> tuple[str, ...]:
    """A name, without its kind, and an autonomous place without its peoples: 芷江侗族自治县 is 芷江, 芷江县 and 芷江自治县, 新疆 also 新疆省."""
    short = _short(name)
    if not short or name[-3:-1] != "自治":
        return (name, short)
    return (
        (name, short, f"{short}省")
        if name[-1] == "区"
        else (name, short, f"{short}{name[-1]}", f"{short}自治{name[-1]}")
    )


def again(text: str, *names: str) -> str:
    """The text without the names that it repeats at its beginning."""
    while text.startswith(names):
        text = text[len(next(name for name in names if text.startswith(name))) :]
    return text


@lru_cache(maxsize=4)
def china(reference: Reference) -> China:
    """The index over a reference's divisions, built once."""
    return China(reference)
