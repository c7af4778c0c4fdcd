"""Write addresses as people all over China write them, each with its parts, to hold the parser to; nothing here is shared with it.

`python -m tests.data.addresses.writer > tests/data/addresses/frozen.csv` writes the frozen set again, byte by byte.
What the text does not tell is empty; a province or city that the county's name alone determines is told. Conventions: a lane is a road number
(1234弄) and the number in it a building; a village's group is a phase in Chinese numerals; shops and cellars keep their kind (底商5).
"""

import csv
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

PARTS = (
    "province", "city", "county", "town", "community", "road", "road_no", "quarter", "phase", "building", "unit", "floor", "room",
)  # fmt: skip
Parts = dict[str, str]
Line = tuple[str, Parts]

# province | short | city | short | county | the county's name is unique in China | town | community | village | road
_PLACES = """
北京市|北京|||朝阳区||三里屯街道|中纺里社区||工人体育场北路
北京市|北京|||海淀区|1|中关村街道|科育社区||中关村南大街
北京市|北京|||延庆区|1|八达岭镇||营城子村|八达岭路
天津市|天津|||南开区|1|学府街道|四季村社区||卫津路
天津市|天津|||宁河区|1|七里海镇||任凤村|滨海路
上海市|上海|||静安区|1|江宁路街道|三乐里社区||延安中路
上海市|上海|||浦东新区|1|川沙新镇|城南社区|七灶村|浦东南路
重庆市|重庆|||渝中区|1|解放碑街道|民权社区||八一路
重庆市|重庆|||江北区||观音桥街道|塔坪社区||建新北路
河北省|河北|唐山市|唐山|路北区|1|文化路街道|荷花坑社区||建设北路
河北省|河北|石家庄市|石家庄|长安区||建安街道|谈北社区||中山东路
河北省|河北|廊坊市|廊坊|三河市|1|燕郊镇|潮白社区|马起乏村|迎宾路
山西省|山西|太原市|太原|小店区|1|坞城街道|学府社区|黄陵村|平阳路
内蒙古自治区|内蒙古|鄂尔多斯市|鄂尔多斯|准格尔旗|1|薛家湾镇|福兴社区|柳树塔村|迎泽街
内蒙古自治区|内蒙古|锡林郭勒盟|锡林郭勒|锡林浩特市|1|宝力根街道|爱民社区||那达慕大街
辽宁省|辽宁|沈阳市|沈阳|铁西区||凌空街道|艳粉社区||建设中路
吉林省|吉林|长春市|长春|二道区|1|吉林街道|十里堡社区|三道村|自由大路
黑龙江省|黑龙江|哈尔滨市|哈尔滨|道里区|1|兆麟街道|经纬社区||中央大街
江苏省|江苏|南京市|南京|鼓楼区||湖南路街道|傅厚岗社区||中山北路
江苏省|江苏|苏州市|苏州|昆山市|1|花桥镇|花安社区|星浜村|光明路
浙江省|浙江|杭州市|杭州|西湖区||翠苑街道|翠苑一区社区|龙井村|文一路
浙江省|浙江|金华市|金华|义乌市|1|佛堂镇|双林社区|倍磊村|大成路
安徽省|安徽|合肥市|合肥|蜀山区|1|三里庵街道|竹荫里社区||黄山路
福建省|福建|厦门市|厦门|思明区|1|中华街道|镇海社区||思明南路
江西省|江西|南昌市|南昌|青山湖区|1|湖坊镇|明珠社区|进顺村|北京东路
山东省|山东|济南市|济南|历下区|1|趵突泉街道|青龙街社区||泺源大街
山东省|山东|青岛市|青岛|市南区|1|香港中路街道|漳州路社区||南京路
河南省|河南|郑州市|郑州|二七区|1|五里堡街道|兴华社区|齐礼闫村|大学路
河南省|河南|||济源市|1|克井镇|克井社区|枣庙村|济水大街
湖北省|湖北|武汉市|武汉|武昌区|1|水果湖街道|放鹰台社区||中北路
湖北省|湖北|||仙桃市|1|彭场镇|新建社区|共和村|沔阳大道
湖南省|湖南|长沙市|长沙|岳麓区|1|望城坡街道|长华社区|含浦村|枫林一路
广东省|广东|广州市|广州|天河区|1|石牌街道|华师社区|员村|五山路
广东省|广东|东莞市|东莞|||长安镇|长盛社区|上沙村|德政中路
广西壮族自治区|广西|南宁市|南宁|青秀区|1|新竹街道|新竹社区|三岸村|民族大道
海南省|海南|||琼海市|1|博鳌镇|博鳌社区|朝烈村|东风路
四川省|四川|成都市|成都|武侯区|1|玉林街道|芳草街社区||人民南路
四川省|四川|凉山彝族自治州|凉山州|西昌市|1|礼州镇|桥东社区|同心村|三岔口东路
贵州省|贵州|贵阳市|贵阳|南明区|1|花果园街道|松花社区|云关村|遵义路
云南省|云南|昆明市|昆明|五华区|1|护国街道|文庙社区|十里铺村|五一路
西藏自治区|西藏|拉萨市|拉萨|城关区||八廓街道|鲁固社区|蔡公堂村|北京中路
陕西省|陕西|西安市|西安|雁塔区|1|小寨路街道|长延堡社区|北山门村|长安南路
甘肃省|甘肃|兰州市|兰州|七里河区|1|西园街道|五星坪社区|八里窑村|西津东路
青海省|青海|西宁市|西宁|城西区|1|胜利路街道|冷湖路社区|阴山堂村|五四大街
宁夏回族自治区|宁夏|银川市|银川|兴庆区|1|大新镇|上前城社区|塔桥村|解放东街
新疆维吾尔自治区|新疆|乌鲁木齐市|乌鲁木齐|天山区|1|二道桥街道|固原巷社区||新华南路
新疆维吾尔自治区|新疆|伊犁哈萨克自治州|伊犁州|伊宁市|1|巴彦岱镇|英阿亚提社区|铁厂沟村|斯大林街
"""
_QUARTERS = [
    "阳光花园",
    "万科城市花园",
    "荣庆里",
    "金色家园",
    "学府名苑",
    "绿地世纪城",
    "和谐家园小区",
    "铁路家属院",
    "机械厂宿舍",
    "曹杨新村",
    "锦绣江南",
    "幸福里小区",
    "御景湾",
    "七里香榭",
    "八一小区",
    "丽景苑",
    "水岸华庭",
    "滨江壹号院",
    "五星花园",
    "南苑小区",
    "华润橡树湾",
    "百合公寓",
    "九龙仓时代小镇",
    "四季青小区",
    "保利香槟国际",
    "兰亭雅居",
    "东方红小区",
    "鼎盛国际",
    "紫荆苑",
    "枫林绿洲",
]
_TOWERS = ["国际大厦", "环球金融中心", "财富广场", "创业大厦", "金茂大厦", "中银大厦", "时代广场", "电信大楼"]
_PARKS = ["科技工业园", "三一工业园", "生物医药产业园", "高新创业园", "软件园", "小微企业创业园", "物流园"]
_PEOPLE = ["张三", "李四", "王秀兰", "赵大勇", "陈小明"]
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Place:
    """One place of the list above."""

    province: str
    short: str
    city: str
    city_short: str
    county: str
    unique: bool
    town: str
    community: str
    village: str
    road: str

    @property
    def head(self) -> str:
        return self.province + self.city + self.county

    @property
    def parts(self) -> Parts:
        return {"province": self.province, "city": self.city, "county": self.county}


class Draw:
    """Everything a style draws: one seeded stream, so that the same seed writes the same lines."""

    def __init__(self, seed: int, places: str = _PLACES, quarters: list[str] = _QUARTERS) -> None:
        self.random = random.Random(seed)
        self._quarters = quarters
        self._places = [_place(line) for line in places.split()]

    def place(self, fits: Callable[[Place], bool] = lambda _: True) -> Place:
        return self.random.choice([place for place in self._places if fits(place)])

    def of(self, *choices: str) -> str:
        return self.random.choice(choices)

    def quarter(self) -> str:
        return self.random.choice(self._quarters)

    def n(self, low: int, high: int) -> str:
        return str(self.random.randint(low, high))

    def flat(self) -> tuple[str, str, str, str]:
        """Building, unit, floor and room, as they hang together."""
        floor = self.random.randint(1, 32)
        return self.n(1, 48), self.n(1, 6), str(floor), f"{floor}{self.random.randint(1, 4):02d}"


def _place(line: str) -> Place:
    province, short, city, city_short, county, unique, town, community, village, road = line.split("|")
    return Place(province, short, city, city_short, county, bool(unique), town, community, village, road)


def _house(building: str = "", unit: str = "", floor: str = "", room: str = "") -> Parts:
    return {"building": building, "unit": unit, "floor": floor, "room": room}


def spoken(number: str) -> str:
    """A number up to 99 as it is spoken."""
    tens, ones = divmod(int(number), 10)
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")


def digits(number: str) -> str:
    """A number digit by digit in Chinese."""
    return "".join(_DIGITS[int(digit)] for digit in number)


def wide(text: str) -> str:
    """Digits, letters and dashes in full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


STYLES: dict[str, Callable[[Draw], Line]] = {}


def style(write: Callable[[Draw], Line]) -> Callable[[Draw], Line]:
    STYLES[write.__name__] = write
    return write


# -- the region


@style
def full(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(), d.quarter(), d.flat()
    no = d.n(1, 800)
    text = f"{p.head}{p.town}{p.road}{no}号{q}{b}号楼{u}单元{r}室"
    return text, p.parts | {"town": p.town, "road": p.road, "road_no": no, "quarter": q} | _house(b, u, "", r)


@style
def full_with_community(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(lambda p: bool(p.community)), d.quarter(), d.flat()
    text = f"{p.head}{p.town}{p.community}{q}{b}号楼{u}单元{r}"
    return text, p.parts | {"town": p.town, "community": p.community, "quarter": q} | _house(b, u, "", r)


@style
def without_province(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(lambda p: bool(p.city)), d.quarter(), d.flat()
    no = d.n(1, 300)
    text = f"{p.city}{p.county}{p.road}{no}号{q}{b}栋{u}单元{r}室"
    return text, p.parts | {"road": p.road, "road_no": no, "quarter": q} | _house(b, u, "", r)


@style
def only_the_county(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(lambda p: bool(p.county)), d.quarter(), d.flat()
    known = p.parts if p.unique else {"county": p.county}
    return f"{p.county}{q}{b}号楼{u}单元{r}室", known | {"quarter": q} | _house(b, u, "", r)


@style
def without_city(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(lambda p: p.unique and bool(p.city)), d.quarter(), d.flat()
    return f"{p.province}{p.county}{p.town}{q}{b}幢{u}单元{r}室", p.parts | {"town": p.town, "quarter": q} | _house(
        b, u, "", r
    )


@style
def short_names(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(lambda p: bool(p.city)), d.quarter(), d.flat()
    text = f"{d.of(p.short, '')}{p.city_short}{p.county}{q}{b}号楼{u}单元{r}"
    return text, p.parts | {"quarter": q} | _house(b, u, "", r)


@style
def province_short_city_full(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(), d.quarter(), d.flat()
    no = d.n(1, 99)
    text = f"{p.short}{p.city}{p.county}{p.road}{no}号{q}{b}-{u}-{r}"
    return text, p.parts | {"road": p.road, "road_no": no, "quarter": q} | _house(b, u, "", r)


@style
def doubled_levels(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(lambda p: bool(p.city and p.county)), d.quarter(), d.flat()
    head = d.of(
        f"{p.province}{p.city}{p.city}{p.county}", f"{p.province}{p.city}{p.province}{p.city}{p.county}",
        f"{p.province}{p.city}{p.county}{p.county}", f"{p.head}{p.head}",
    )  # fmt: skip
    return f"{head}{q}{b}号楼{u}单元{r}室", p.parts | {"quarter": q} | _house(b, u, "", r)


@style
def directly_governed(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(lambda p: p.province.endswith("市")), d.quarter(), d.flat()
    head = d.of(p.province, p.province + p.province, p.province + "市辖区") + p.county
    return f"{head}{p.town}{q}{b}号楼{u}门{r}", p.parts | {"town": p.town, "quarter": q} | _house(b, u, "", r)


@style
def zones(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(lambda p: p.city.endswith("市") and p.city != "唐山市"), d.quarter(), d.flat()
    zone = d.of("高新区", "经济技术开发区", "高新技术产业开发区", "经开区")
    no, road = d.n(1, 200), d.of("科技路", "创新大道", "天府大道", "锦业一路")
    text = f"{p.province}{p.city}{zone}{road}{no}号{q}{b}号楼{u}单元{r}"
    parts = p.parts | {"county": zone, "road": road, "road_no": no, "quarter": q}
    return text, parts | _house(b, u, "", r)


@style
def spaces_and_marks(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(lambda p: bool(p.city and p.county)), d.quarter(), d.flat()
    gap = d.of(" ", "，", ",", "　", " / ", "、")
    text = gap.join([p.province, p.city, p.county, p.town, q, f"{b}号楼", f"{u}单元", f"{r}室"])
    return text, p.parts | {"town": p.town, "quarter": q} | _house(b, u, "", r)


# -- house numbers


@style
def dashes(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(), d.quarter(), d.flat()
    dash = d.of("-", "—", "－", "–", "--")
    return f"{p.head}{q}{b}{dash}{u}{dash}{r}", p.parts | {"quarter": q} | _house(b, u, "", r)


@style
def hash_marks(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(), d.quarter(), d.flat()
    sign = d.of("#", "＃", "#楼")
    text = f"{p.city or p.province}{p.county}{q}{b}{sign}{u}{d.of('单元', '-', '门')}{r}"
    return text, p.parts | {"quarter": q} | _house(b, u, "", r)


@style
def chinese_numerals(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(), d.quarter(), d.flat()
    text = f"{p.head}{q}{spoken(b)}号楼{spoken(u)}单元{digits(r)}室"
    return text, p.parts | {"quarter": q} | _house(b, u, "", r)


@style
def full_width(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(), d.quarter(), d.flat()
    no = d.n(1, 99)
    text = wide(f"{p.head}{p.road}{no}号{q}{b}号楼{u}单元{r}室")
    return text, p.parts | {"road": p.road, "road_no": no, "quarter": q} | _house(b, u, "", r)


@style
def doors(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(), d.quarter(), d.flat()
    return f"{p.head}{q}{b}{d.of('楼', '号楼', '栋', '幢')}{u}门{r}{d.of('', '室', '号')}", p.parts | {
        "quarter": q
    } | _house(b, u, "", r)


@style
def building_words(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(), d.quarter(), d.flat()
    word = d.of("幢", "栋", "座", "号楼", "号", "栋楼")
    return f"{p.head}{p.town}{q}{b}{word}{u}单元{r}{d.of('室', '号', '户', '房')}", p.parts | {
        "town": p.town,
        "quarter": q,
    } | _house(b, u, "", r)


@style
def without_unit(d: Draw) -> Line:
    p, q, (b, _, _, r) = d.place(), d.quarter(), d.flat()
    text = f"{p.head}{q}{b}{d.of('号楼', '栋', '幢', '#')}{r}{d.of('室', '', '房')}"
    return text, p.parts | {"quarter": q} | _house(b, "", "", r)


@style
def floors_and_rooms(d: Draw) -> Line:
    p, q, (b, u, f, r) = d.place(), d.quarter(), d.flat()
    text = f"{p.head}{q}{b}号楼{u}单元{f}{d.of('层', '楼')}{r}室"
    return text, p.parts | {"quarter": q} | _house(b, u, f, r)


@style
def short_room_on_a_floor(d: Draw) -> Line:
    p, q, (b, u, f, r) = d.place(), d.quarter(), d.flat()
    text = f"{p.head}{q}{b}号楼{u}单元{f}层{r[-2:]}{d.of('室', '号', '')}"
    return text, p.parts | {"quarter": q} | _house(b, u, f, r)


@style
def leading_zeros(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(), d.quarter(), d.flat()
    text = f"{p.head}{q}{int(b):02d}号楼{int(u):02d}单元{int(r):04d}室"
    return text, p.parts | {"quarter": q} | _house(b, u, "", r)


@style
def heavenly_stems(d: Draw) -> Line:
    p, q, (b, _, _, r) = d.place(), d.quarter(), d.flat()
    stem, unit = d.of("甲", "乙", "丙"), d.of("甲", "乙", "丙")
    return f"{p.head}{q}{stem}{b}号楼{unit}单元{r}", p.parts | {"quarter": q} | _house(stem + b, unit, "", r)


@style
def latin_buildings(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(), d.quarter(), d.flat()
    letter = d.of("A", "B", "C", "D", "a", "b")
    text, building, unit = d.random.choice([
        (f"{letter}座{r}", letter, ""), (f"{letter}{b}-{r}", letter + b, ""), (f"{letter}{b}栋{u}单元{r}", letter + b, u),
        (f"{letter}座{u}单元{r}室", letter, u), (f"{b}{letter}号楼{u}单元{r}", b + letter, u), (f"{letter}栋{r}房", letter, ""),
    ])  # fmt: skip
    return f"{p.head}{q}{text}", p.parts | {"quarter": q} | _house(building.upper(), unit, "", r)


@style
def sides(d: Draw) -> Line:
    p, q, (b, u, f, _) = d.place(), d.quarter(), d.flat()
    room = d.of("东户", "西户", "中户", "南室", "北室", "东门", "西室")
    text = f"{p.head}{q}{b}号楼{u}单元{f}层{room}"
    return text, p.parts | {"quarter": q} | _house(b, u, f, room)


@style
def ranges(d: Draw) -> Line:
    p, q, (b, u, _, _) = d.place(), d.quarter(), d.flat()
    first = d.random.randint(1, 9) * 100 + 1
    room = f"{first}-{first + d.random.randint(1, 4)}"
    return f"{p.head}{q}{b}号楼{u}单元{room}{d.of('', '室')}", p.parts | {"quarter": q} | _house(b, u, "", room)


@style
def phases(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(), d.quarter(), d.flat()
    written, phase = d.random.choice([
        ("二期", "二期"), ("2期", "二期"), ("一期", "一期"), ("A区", "A区"), ("东区", "东区"), ("三期", "三期"), ("(二期)", "二期"),
        ("3期", "三期"), ("北区", "北区"), ("B区", "B区"),
    ])  # fmt: skip
    return f"{p.head}{q}{written}{b}号楼{u}单元{r}", p.parts | {"quarter": q, "phase": phase} | _house(b, u, "", r)


@style
def no_unit_stated(d: Draw) -> Line:
    p, q, (b, _, _, r) = d.place(), d.quarter(), d.flat()
    return f"{p.head}{q}{b}号楼无单元{r}室", p.parts | {"quarter": q} | _house(b, "无", "", r)


# -- shops, cellars, towers, works


@style
def shops(d: Draw) -> Line:
    p, q, b, n = d.place(), d.quarter(), d.n(1, 30), d.n(1, 40)
    kind = d.of("底商", "商铺", "门市", "车库")
    text, room = d.random.choice([(f"{kind}{n}号", kind + n), (f"{kind}{n}", kind + n), (kind, kind)])
    return f"{p.head}{q}{b}号楼{text}", p.parts | {"quarter": q} | _house(b, "", "", room)


@style
def shops_on_roads(d: Draw) -> Line:
    p, no, n = d.place(), d.n(1, 500), d.n(1, 40)
    kind = d.of("底商", "商铺", "门市")
    return f"{p.head}{p.road}{no}号{kind}{n}号", p.parts | {"road": p.road, "road_no": no} | _house(
        "", "", "", kind + n
    )


@style
def below_ground(d: Draw) -> Line:
    p, q, b, n = d.place(), d.quarter(), d.n(1, 30), d.random.randint(1, 2)
    words = d.of(f"地下{n}层", f"负{_DIGITS[n]}层", f"地下{_DIGITS[n]}层", f"B{n}层", f"-{n}层", f"负{n}楼")
    room = d.of("", f"{d.n(101, 130)}室")
    text = f"{p.head}{q}{b}号楼{words}{room}"
    return text, p.parts | {"quarter": q} | _house(b, "", f"-{n}", room.removesuffix("室"))


@style
def towers(d: Draw) -> Line:
    p, q, (_, _, f, r), letter = d.place(), d.of(*_TOWERS), d.flat(), d.of("A", "B", "C", "东", "西")
    no = d.n(1, 999)
    text = f"{p.head}{p.road}{no}号{q}{letter}座{f}{d.of('层', '楼', 'F')}{r}{d.of('', '室', '号')}"
    return text, p.parts | {"road": p.road, "road_no": no, "quarter": q} | _house(letter, "", f, r)


@style
def towers_without_building(d: Draw) -> Line:
    p, q, (_, _, f, r) = d.place(), d.of(*_TOWERS), d.flat()
    no = d.n(1, 999)
    text = f"{p.head}{p.road}{no}号{q}{f}层{r}室"
    return text, p.parts | {"road": p.road, "road_no": no, "quarter": q} | _house("", "", f, r)


@style
def works(d: Draw) -> Line:
    p, q, b = d.place(), d.of(*_PARKS), d.n(1, 20)
    word = d.of("号厂房", "号车间", "号库房", "栋厂房", "号楼")
    floor = d.of("", d.n(1, 5))
    text = f"{p.head}{p.town}{q}{b}{word}{floor}{'层' if floor else ''}"
    return text, p.parts | {"town": p.town, "quarter": q} | _house(b, "", floor, "")


# -- villages and lanes


@style
def villages(d: Draw) -> Line:
    p, no = d.place(lambda p: bool(p.village)), d.n(1, 300)
    return f"{p.head}{p.town}{p.village}{no}号", p.parts | {"town": p.town, "community": p.village, "road_no": no}


@style
def village_groups(d: Draw) -> Line:
    p, no, g = d.place(lambda p: bool(p.village)), d.n(1, 300), d.n(1, 12)
    word = d.of("组", "队", "社", "村民小组")
    text = f"{p.head}{p.town}{p.village}{d.of(g, spoken(g), '第' + spoken(g))}{word}{no}号"
    phase = spoken(g) + ("组" if word == "村民小组" else word)
    return text, p.parts | {"town": p.town, "community": p.village, "phase": phase, "road_no": no}


@style
def village_rows(d: Draw) -> Line:
    p, no, row = d.place(lambda p: bool(p.village)), d.n(1, 30), d.n(1, 20)
    text = f"{p.head}{p.town}{p.village}{row}排{no}号"
    return text, p.parts | {"town": p.town, "community": p.village} | _house(f"{row}排", "", "", no)


@style
def tricky_villages(d: Draw) -> Line:
    p, no = d.place(lambda p: bool(p.village and p.county)), d.n(1, 99)
    village = d.of("十里河村", "一二三村", "七里庄村", "三道沟村", "五里墩村", "八家子村", "百家店村", "四合庄村")
    return f"{p.county}{p.town}{village}{no}号", (p.parts if p.unique else {"county": p.county}) | {
        "town": p.town,
        "community": village,
        "road_no": no,
    }


@style
def shanghai_lanes(d: Draw) -> Line:
    p, (b, _, _, r) = d.place(lambda p: p.province in {"上海市", "浙江省", "江苏省"}), d.flat()
    lane = d.n(12, 2400)
    return f"{p.head}{p.road}{lane}弄{b}号{r}室", p.parts | {"road": p.road, "road_no": f"{lane}弄"} | _house(
        b, "", "", r
    )


@style
def alleys(d: Draw) -> Line:
    p, no = d.place(), d.n(1, 99)
    road = d.of("南锣鼓巷", "东四十条胡同", "帽儿胡同", "三眼井巷", "羊肉胡同", "乌衣巷", "百花深处胡同", "五道营胡同")
    return f"{p.head}{road}{no}号", p.parts | {"road": road, "road_no": no}


@style
def branch_roads(d: Draw) -> Line:
    p, no = d.place(), d.n(1, 600)
    road = d.of(
        "人民路中段", "建设支路", "红旗大街北段", "解放路三巷", "一环路东五段", "中山一路", "黄河路西段", "劳动东路"
    )
    return f"{p.head}{road}{no}号", p.parts | {"road": road, "road_no": no}


@style
def courtyards(d: Draw) -> Line:
    p, no, (b, u, _, r) = d.place(), d.n(1, 99), d.flat()
    mark = d.of("", "", "甲", "乙")
    return f"{p.head}{p.road}{mark}{no}号院{b}号楼{u}单元{r}", p.parts | {
        "road": p.road,
        "road_no": mark + no,
    } | _house(b, u, "", r)


@style
def attached_numbers(d: Draw) -> Line:
    p, no, n = d.place(), d.n(1, 400), d.n(1, 30)
    text, road_no = d.random.choice(
        [(f"{no}号附{n}号", f"{no}附{n}"), (f"{no}-{n}号", f"{no}-{n}"), (f"甲{no}号", f"甲{no}")]
    )
    return f"{p.head}{p.road}{text}", p.parts | {"road": p.road, "road_no": road_no}


@style
def tricky_roads(d: Draw) -> Line:
    p, no = d.place(lambda p: bool(p.city)), d.n(1, 500)
    road = d.of(
        "八达岭路", "五一路", "河北大街", "三八路", "一号路", "北京路", "六一大街", "十一经路", "新疆大街", "四平路"
    )
    return f"{p.city}{road}{no}号", {"province": p.province, "city": p.city, "road": road, "road_no": no}


# -- remarks


@style
def remarks(d: Draw) -> Line:
    p, q, (b, u, _, r) = d.place(), d.quarter(), d.flat()
    note = d.of(
        "（东城）", "(老房)", "【已过户】", " 电话13800001111", "（张三家）", " 联系电话：0315-2812345", "(租户)"
    )
    return f"{p.head}{q}{b}号楼{u}单元{r}室{note}", p.parts | {"quarter": q} | _house(b, u, "", r)


@style
def peoples_homes(d: Draw) -> Line:
    p, no, who = d.place(lambda p: bool(p.village)), d.n(1, 99), d.of(*_PEOPLE)
    return f"{p.head}{p.town}{p.village}{no}号{who}家", p.parts | {
        "town": p.town,
        "community": p.village,
        "road_no": no,
    }


def lines(each: int, draw: Draw) -> Iterator[tuple[str, str, Parts]]:
    """Style, text and parts: `each` different lines of every style."""
    for name, write in STYLES.items():
        seen: set[str] = set()
        while len(seen) < each:
            text, parts = write(draw)
            if text not in seen:
                seen.add(text)
                yield name, text, parts


def main() -> None:
    """Write the frozen set to standard output."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("style", "text", *PARTS))
    for name, text, parts in lines(28, Draw(20260316)):
        writer.writerow((name, text, *(parts.get(part, "") for part in PARTS)))


if __name__ == "__main__":
    main()
