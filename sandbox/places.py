"""Where the practice world lies: five counties with stations, transformer areas, quarters, buildings and flats."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import cycle
from random import Random

PROVINCE = ("134", "冀北电力公司")
# city code, city, county code, county, landline area code, two stations, streets
COUNTIES = (
    (
        "13401",
        "唐山",
        "1340101",
        "路北区",
        "0315",
        ("河北路供电所", "机场路供电所"),
        ("建设北路", "新华西道", "北新道"),
    ),
    (
        "13402",
        "秦皇岛",
        "1340201",
        "海港区",
        "0335",
        ("文化路供电所", "海阳路供电所"),
        ("河北大街", "文化路", "红旗路"),
    ),
    (
        "13403",
        "张家口",
        "1340301",
        "桥东区",
        "0313",
        ("胜利路供电所", "工业路供电所"),
        ("胜利北路", "东兴街", "建国路"),
    ),
    (
        "13404",
        "承德",
        "1340401",
        "双桥区",
        "0314",
        ("南营子供电所", "石洞子沟供电所"),
        ("南营子大街", "翠桥路", "竹林寺路"),
    ),
    ("13405", "廊坊", "1340501", "三河市", "0316", ("泃阳供电所", "燕郊供电所"), ("泃阳西大街", "燕灵路", "迎宾路")),
)
QUARTERS = (
    "凤城国贸", "学府花园", "阳光嘉苑", "碧水家园", "锦绣新城", "御景华府", "龙泽雅苑", "翰林书苑", "金色港湾", "清华园",
    "紫金公馆", "和平里", "丽景苑", "滨河家园", "朝阳新村", "南湖春晓", "天赐园", "福乐园", "祥和嘉园", "东方明珠",
    "瑞宫花园", "祥荣里", "梧桐苑", "玉田里", "世纪花园", "银河小镇", "盛世豪庭", "万和雅居", "北岸江山", "润泽苑",
)  # fmt: skip
SYLLABLES = "瑞泽景泰恒安嘉禾德润宏盛佳怡永康福星"
OLD_NAMES = ("矿务局家属院", "纺织厂宿舍", "机车厂家属院", "供销社家属楼", "瓷厂生活区")


@dataclass(frozen=True, slots=True)
class Org:
    """A unit of the company; level is province, city, county or station."""

    code: str
    name: str
    level: str
    parent: str


@dataclass(frozen=True, slots=True)
class Quarter:
    """A residential quarter of a county."""

    county: int  # place in COUNTIES
    station: str
    name: str
    alias: str
    phase: str
    street: str
    number: int
    buildings: int
    area: str  # transformer area
    line: str


@dataclass(frozen=True, slots=True)
class Flat:
    """One flat of a quarter."""

    quarter: Quarter
    building: int
    unit: int
    floor: int
    door: int

    @property
    def room(self) -> str:
        """Floor and door, as on the door plate."""
        return f"{self.floor}{self.door:02d}"

    @property
    def address(self) -> str:
        """The whole address in its right spelling."""
        q = self.quarter
        city, county = COUNTIES[q.county][1], COUNTIES[q.county][3]
        where = f"河北省{city}市{county}{q.street}{q.number}号{q.name}小区{q.phase}"
        return f"{where}{self.building}号楼{self.unit}单元{self.room}室"


def orgs() -> tuple[Org, ...]:
    """The whole tree, parents first."""
    found = [Org(*PROVINCE, "province", "")]
    for city_code, city, county_code, county, _area, stations, _streets in COUNTIES:
        found.append(Org(city_code, f"{city}供电公司", "city", PROVINCE[0]))
        found.append(Org(county_code, f"{city}市{county}供电中心", "county", city_code))
        found += [Org(f"{county_code}{n:02d}", name, "station", county_code) for n, name in enumerate(stations, 1)]
    return tuple(found)


def quarters(rng: Random, accounts: int, first: int = 0) -> tuple[Quarter, ...]:
    """Quarters for so many accounts: about 60 flats each, at least one for every station; `first` were numbered before."""
    per_station = max(1, accounts // 600)
    found: list[Quarter] = []
    for county, (_c, _city, code, _name, _area, stations, streets) in enumerate(COUNTIES):
        for station in range(1, len(stations) + 1):
            for _ in range(per_station):
                found.append(_quarter(rng, county, f"{code}{station:02d}", streets, first + len(found)))
    return tuple(found)


def _quarter_name(serial: int) -> str:
    """The plain names, then their five parts, then those with two syllables in front, so that no two quarters share a name."""
    name, part = QUARTERS[serial % len(QUARTERS)], serial // len(QUARTERS)
    if part == 0:
        return name
    before = divmod(part // 5 - 1, len(SYLLABLES)) if part >= 5 else ()
    return "".join(SYLLABLES[n] for n in before) + name + "东南西北中"[part % 5] + "苑"


def _quarter(rng: Random, county: int, station: str, streets: tuple[str, ...], serial: int) -> Quarter:
    name = _quarter_name(serial)
    return Quarter(
        county=county,
        station=station,
        name=name,
        alias=OLD_NAMES[serial % len(OLD_NAMES)] if serial % 3 == 0 else name + "家园",
        phase=rng.choice(("", "", "一期", "二期")),
        street=rng.choice(streets),
        number=rng.randint(1, 199),
        buildings=rng.randint(4, 18),
        area=f"TQ{station}{serial:04d}",
        line=f"XL{station}{serial % 7:02d}",
    )


CENTRES = ((118.1812, 39.6305), (119.6000, 39.9350), (114.8930, 40.7880), (117.9430, 40.9740), (117.0780, 39.9830))
"""Degrees (WGS84) of the counties' middles, in the order of COUNTIES."""


def position(quarter: Quarter, building: int) -> tuple[float, float]:
    """Where a building stands: its quarter within 5 km of the county's middle, the building within 200 m of the quarter's."""
    raw = hashlib.blake2b(f"{quarter.area} {quarter.name}".encode(), digest_size=4).digest()
    east, north = (int.from_bytes(raw[:2]) / 65536 - 0.5) * 0.08, (int.from_bytes(raw[2:]) / 65536 - 0.5) * 0.06
    lng, lat = CENTRES[quarter.county]
    return round(lng + east + building % 5 * 0.0004, 6), round(lat + north + building // 5 * 0.0004, 6)


class Flats:
    """Endlessly flats, no flat twice, the quarters in turn."""

    def __init__(self, rng: Random, found: tuple[Quarter, ...]) -> None:
        self._rng = rng
        self._taken: set[tuple[str, int, str]] = set()
        self._turns = {None: cycle(found)} | {
            county: cycle([q for q in found if q.county == county]) for county in range(len(COUNTIES))
        }

    def next(self, county: int | None = None) -> Flat:
        """One more, where wanted in a county."""
        for quarter in self._turns[county]:
            rng = self._rng
            flat = Flat(
                quarter, rng.randint(1, quarter.buildings), rng.randint(1, 4), rng.randint(1, 18), rng.randint(1, 4)
            )
            place = quarter.area, flat.building * 4 + flat.unit, flat.room
            if place not in self._taken:
                self._taken.add(place)
                return flat
        raise AssertionError("a county without quarters")
