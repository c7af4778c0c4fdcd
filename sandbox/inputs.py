"""What the other systems of the practice world deliver: people, meters, lines, prices, benefits, places, carriers' answers, payers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sandbox import exports, places
from sandbox.anomalies import Archive
from sandbox.places import COUNTIES, Quarter
from sandbox.skins import Skin
from sandbox.verify import Carriers
from sandbox.world import Row, World

NUMBER = 18  # characters of a resident ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a delivery is written from; a large world comes in several scenes, one for each block of accounts."""

    world: World
    archive: Archive
    carriers: Carriers
    skin: Skin
    seed: int

    def chance(self, kind: str, place: int) -> float:
        """A number in [0, 1) that belongs to the account and the kind, and to nothing else."""
        raw = hashlib.blake2b(f"{self.seed} {kind} {self.world.first + place}".encode(), digest_size=6).digest()
        return int.from_bytes(raw) / 2**48

    def day(self, kind: str, place: int, within: int) -> str:
        """A day of the last `within` days."""
        return (self.world.today - timedelta(days=int(self.chance(f"{kind} day", place) * within))).isoformat()

    def said(self, kind: str, place: int, right: Row) -> Row:
        """A row as the system delivers it: what the mix spoilt of it stands over what is right."""
        return right | self.archive.sources.get((kind, place), {})


def mask_number(ident: str) -> str:
    """A resident ID as the government masks it: six, eight stars, four."""
    return ident[:6] + "*" * 8 + ident[-4:] if len(ident) == NUMBER else ident


# -- the rows, one function per kind: column → cell

CERT_TYPES = {"id_card": "111", "passport": "414"}


def population(scene: Scene) -> Iterator[Row]:
    """The police's entries of the holders, each at his first account's flat; a few have another status, a former name, an older entry."""
    for customer, accounts in scene.archive.accounts_of.items():
        place, right = accounts[0], scene.archive.truth_customers[customer]
        chance = scene.chance("population", place)
        if chance < 0.1 and ("population", place) not in scene.archive.sources:
            continue
        row = {
            "RYBH": f"P{scene.world.first + place:09d}", "XM": right["name"], "CYM": f"{right['name'][0]}小{right['name'][-1]}" if chance > 0.97 else "",
            "ZJLX": CERT_TYPES.get(right["cert_type"], "990"), "GMSFHM": mask_number(right["cert_no"]), "JTZZ": _registered(scene, place),
            "ZXBS": "6" if 0.10 < chance < 0.12 else "0",
            "GXSJ": "9999-12-31" if 0.12 < chance < 0.13 else scene.day("population", place, 300),
        }  # fmt: skip
        if 0.13 < chance < 0.16:
            yield row | {"GXSJ": "1900-01-01", "ZXBS": "0"}
        yield scene.said("population", place, row)


def _registered(scene: Scene, place: int) -> str:
    """The flat as registers write it."""
    flat = scene.world.accounts[place].flat
    q = flat.quarter
    where = f"{COUNTIES[q.county][1]}市{COUNTIES[q.county][3]}{q.street}{q.number}号{q.name}{q.phase}"
    return f"{where}{flat.building}号楼{flat.unit}单元{flat.room}"


def collection(scene: Scene) -> Iterator[Row]:
    """The archive of the system that reads the meters, with the last reading."""
    for place, account in enumerate(scene.world.accounts):
        used = 600 + int(scene.chance("usage", place) * 3000)
        row = {
            "户号": account.row["cons_no"], "表资产号": account.meter["asset_no"], "终端资产号": account.meter["terminal_no"], "台区编号": account.row["tg_no"],
            "零电量月数": "0", "年用电量": str(used), "表底": f"{used * 3 + place % 97}.{place % 100:02d}",
            "抄表日期": (scene.world.today - timedelta(days=1 + place % 3)).isoformat(),
        }  # fmt: skip
        yield scene.said("collection", place, row)


def lines(scene: Scene) -> Iterator[Row]:
    """Every transformer area with its line and substation."""
    for quarter in _quarters(scene):
        yield {"TQBH": quarter.area, "XLBH": quarter.line, "BDZBH": f"BDZ{quarter.station[:7]}"}


def _quarters(scene: Scene) -> Iterable[Quarter]:
    return {account.flat.quarter.area: account.flat.quarter for account in scene.world.accounts}.values()


TOGETHER = (
    ("resident_step", "resident"), ("resident_flat", "resident"), ("business_general", "business"), ("agriculture", "agriculture"),
)  # fmt: skip


def prices(scene: Scene) -> Iterator[Row]:
    """Which price goes with which kind of use, in the legacy system's codes."""
    for price, use in TOGETHER:
        yield {"电价代码": scene.skin.code("price_code", price), "用电类别代码": scene.skin.code("elec_type", use)}


BENEFITS = ("低保", "五保", "多人口")


def civil(scene: Scene) -> Iterator[Row]:
    """Households with a benefit; who has one marked in the archive is among them."""
    for place, account in enumerate(scene.world.accounts):
        chance = scene.chance("civil", place)
        marked = account.row.get("multi_person") == "true"
        if not marked and chance > 0.03:
            continue
        holder = scene.archive.truth_customers[scene.archive.customer_of[place]]
        row = {
            "姓名": holder["name"], "身份证号": holder["cert_no"], "优惠类别": "多人口" if marked else BENEFITS[int(chance * 1000) % 2],
            "有效期至": (scene.world.today + timedelta(days=200)).isoformat(), "状态": "有效",
        }  # fmt: skip
        yield scene.said("civil", place, row)


def positions(scene: Scene) -> Iterator[Row]:
    """Where the meter boxes hang, in WGS84."""
    for place, account in enumerate(scene.world.accounts):
        lng, lat = places.position(account.flat.quarter, account.flat.building)
        row = {
            "户号": account.row["cons_no"], "经度": f"{lng:.6f}", "纬度": f"{lat:.6f}", "坐标系": "WGS84",
            "采集日期": scene.day("positions", place, 700),
        }  # fmt: skip
        yield scene.said("positions", place, row)


DIVISIONS = ("130203", "130302", "130702", "130802", "131082")
"""The counties' codes for statistics, in the order of COUNTIES."""


def statistics(scene: Scene) -> Iterator[Row]:
    """Every quarter's community with its twelve-digit code and class (111 = urban)."""
    for quarter in _quarters(scene):
        station, serial = int(quarter.station[-2:]), int(quarter.area.removeprefix("TQ" + quarter.station))
        yield {
            "统计用区划代码": f"{DIVISIONS[quarter.county]}{station * 100 + serial // 1000:03d}{serial % 1000:03d}", "县": COUNTIES[quarter.county][3],
            "乡镇街道": f"{quarter.street}街道", "社区村": f"{quarter.name}社区", "城乡分类代码": "111",
        }  # fmt: skip


WHICH = {"1001": "户名 证件", "1002": "证件", "1003": "户名"}
RESULTS = {"0": "一致", "2001": "查无"}
STATES = {"0": "在用", "1": "停机", "2": "销号", "3": "即将销号"}
REASSIGNED = {"0": "否", "1": "是", "2": "未知"}
OPERATORS = ("移动", "联通", "电信", "广电")


def carrier(scene: Scene) -> Iterator[Row]:
    """A batch that the carriers sent back: a fifth of the accounts that have a name, a whole number and a mobile."""
    for place, row in enumerate(scene.archive.accounts):
        contacts, holder = scene.archive.contacts[place], scene.archive.customers[scene.archive.customer_of[place]]
        mobile = contacts[0]["mobile"] if contacts else ""
        asked = (
            len(mobile) == len("19400000000")
            and mobile.isdigit()
            and holder["name"]
            and len(holder["cert_no"]) == NUMBER
        )
        if not asked or (("carrier", place) not in scene.archive.sources and scene.chance("carrier", place) > 0.2):
            continue
        code = scene.carriers.verify(holder["name"], holder["cert_no"], mobile)
        answer = {
            "户号": row["cons_no"], "户名": holder["name"], "证件号码": holder["cert_no"], "手机号": mobile, "核验结果": RESULTS.get(code, "不一致"),
            "不一致项": WHICH.get(code, ""), "号码状态": STATES[scene.carriers.status(mobile)], "二次放号": REASSIGNED[scene.carriers.reassigned(mobile)],
            "运营商": _operator(scene, place), "核验日期": scene.day("carrier", place, 20),
        }  # fmt: skip
        yield scene.said("carrier", place, answer)


PORTED = 0.03
"""The share of numbers that went to another operator than the one their prefix was given to."""


def _operator(scene: Scene, place: int) -> str:
    """Who serves a number of the marked prefix: 电信 as the rules' table has it, unless it was ported."""
    chance = scene.chance("operator", place)
    others = [name for name in OPERATORS if name != "电信"]
    return others[int(chance / PORTED * len(others))] if chance < PORTED else "电信"


def _payers(scene: Scene, kind: str, since: float, until: float) -> Iterator[tuple[int, Row, str, str]]:
    """Accounts that a service knows: their place, number, the first true contact's name and mobile."""
    for place, account in enumerate(scene.world.accounts):
        first = scene.archive.truth_contacts[place][0]
        if since <= scene.chance("payer", place) < until and first["mobile"]:
            yield (
                place,
                {"户号": account.row["cons_no"], "绑定日期": scene.day(kind, place, 900)},
                first["name"],
                first["mobile"],
            )


def alipay(scene: Scene) -> Iterator[Row]:
    """Who pays through Alipay: one star for each hidden character of a name, four in the middle of a number."""
    for place, row, name, mobile in _payers(scene, "alipay", 0.0, 0.3):
        shown = {"付款人": "*" * (len(name) - 1) + name[-1], "手机": f"{mobile[:3]}****{mobile[-4:]}", "渠道": "支付宝"}
        yield scene.said("alipay", place, row | shown)


def wechat(scene: Scene) -> Iterator[Row]:
    """Who pays through WeChat: the surname and two stars however long the name, six stars in a number."""
    for place, row, name, mobile in _payers(scene, "wechat", 0.25, 0.55):
        shown = {"付款人": name[0] + "**", "手机": f"{mobile[:3]}******{mobile[-2:]}", "渠道": "微信"}
        yield scene.said("wechat", place, row | shown)


# -- the files


@dataclass(frozen=True, slots=True)
class Delivery:
    """One kind of file: its place under drop/ without the day, its columns, its rows, its encoding."""

    path: str
    header: tuple[str, ...]
    rows: Callable[[Scene], Iterator[Row]]
    encoding: str = "gb18030"
    shared: bool = False  # says the same of every block: its rows are written once

    def file(self, drop: Path, day: date) -> Path:
        """Where it stands on a day."""
        return drop / f"{self.path}_{day.isoformat()}.csv"

    def lines(self, scene: Scene) -> Iterator[Sequence[str]]:
        """Its rows as cells."""
        return ([row[name] for name in self.header] for row in self.rows(scene))


DELIVERIES = (
    Delivery("government/人口", ("RYBH", "XM", "CYM", "ZJLX", "GMSFHM", "JTZZ", "ZXBS", "GXSJ"), population),
    Delivery("collection/采集档案", ("户号", "表资产号", "终端资产号", "台区编号", "零电量月数", "年用电量", "表底", "抄表日期"), collection, "utf-8-sig"),
    Delivery("pms/台区线路", ("TQBH", "XLBH", "BDZBH"), lines),
    Delivery("price/电价表", ("电价代码", "用电类别代码"), prices, shared=True),
    Delivery("civil/优惠名单", ("姓名", "身份证号", "优惠类别", "有效期至", "状态"), civil),
    Delivery("gis/户坐标", ("户号", "经度", "纬度", "坐标系", "采集日期"), positions, "utf-8"),
    Delivery("statistics/统计用区划", ("统计用区划代码", "县", "乡镇街道", "社区村", "城乡分类代码"), statistics),
    Delivery("carrier/核验回执", ("户号", "户名", "证件号码", "手机号", "核验结果", "不一致项", "号码状态", "二次放号", "运营商", "核验日期"), carrier),
    Delivery("payment/支付宝", ("户号", "付款人", "手机", "渠道", "绑定日期"), alipay, "utf-8-sig"),
    Delivery("payment/微信", ("户号", "付款人", "手机", "渠道", "绑定日期"), wechat, "utf-8"),
)  # fmt: skip


def write(drop: Path, scene: Scene) -> None:
    """All deliveries of a world that is one scene."""
    for delivery in DELIVERIES:
        exports.write(delivery.file(drop, scene.world.today), delivery.header, delivery.lines(scene), delivery.encoding)
