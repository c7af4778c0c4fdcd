"""The anomalies that only some mixes ask for: what other systems see of an account, and rarer faults of the archive."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from random import Random

from sandbox import people, places
from sandbox.anomalies import Archive, Spoil
from sandbox.world import Row

CROWD = 6  # accounts with one name, or one certificate, that are too many
HURRIED = 9  # houses of one surveyor within the hour, that are too many
NUMBER, MOBILE = 18, 11  # characters of a resident ID, and of a mobile
TRADITIONAL = dict(zip("张刘陈杨赵黄吴孙马罗郑谢韩冯邓许苏卢蒋贾叶阎钟谭邹陆万钱汤龙贺赖龚", "張劉陳楊趙黃吳孫馬羅鄭謝韓馮鄧許蘇盧蔣賈葉閻鍾譚鄒陸萬錢湯龍賀賴龔", strict=True))  # fmt: skip
NEIGHBOURS = {"路北区": "路南区", "海港区": "山海关区", "桥东区": "桥西区", "双桥区": "双滦区", "三河市": "香河县"}
FOREIGN = "泃阳镇"  # a town of 三河
STAFF = [people.mobile(rng) for rng in [Random("staff")] for _ in range(10)]
"""The numbers of org/内部号码.csv."""


def _number(archive: Archive, change: Callable[[str], str], place: int, *, true: bool) -> list[int]:
    """Another resident ID with its right check character; where `true`, the holder really has it."""
    body = change(archive.customers[place]["cert_no"][:-1])
    if len(body) != NUMBER - 1:
        return []
    for rows in (archive.customers, archive.truth_customers) if true else (archive.customers,):
        rows[place]["cert_no"] = body + people.check_digit(body)
    return [place]


def _id_birth(archive: Archive, _rng: Random, place: int) -> list[int]:
    return _number(archive, lambda body: body[:10] + "0231" + body[14:], place, true=False)


def _id_division(archive: Archive, _rng: Random, place: int) -> list[int]:
    return _number(archive, lambda body: "139999" + body[6:], place, true=False)


def _id_minor(archive: Archive, _rng: Random, place: int) -> list[int]:
    return _number(archive, lambda body: body[:6] + "20150312" + body[14:], place, true=True)


def _id_expired(archive: Archive, rng: Random, place: int) -> list[int]:
    ended = date(2019, rng.randint(1, 12), rng.randint(1, 28)).isoformat()
    archive.customers[place]["cert_valid_to"] = ended
    return [place]


def _name_traditional(archive: Archive, _rng: Random, place: int) -> list[int]:
    """The police spell the name otherwise; they have an entry for him."""
    name = archive.customers[place]["name"]
    if name[:1] not in TRADITIONAL or TRADITIONAL[name[0]] == name[0]:
        return []
    archive.customers[place]["name"] = TRADITIONAL[name[0]] + name[1:]
    archive.sources[("population", archive.accounts_of[place][0])] = {}
    return [place]


def _name_pinyin(archive: Archive, _rng: Random, place: int) -> list[int]:
    archive.customers[place]["name"] = archive.customers[place]["name"][0] + "yan"
    return [place]


def _state(states: tuple[str, ...]) -> Spoil:
    """The police's entry has another status."""

    def spoil(archive: Archive, rng: Random, place: int) -> list[int]:
        if archive.truth_customers[place]["cert_type"] != "id_card":
            return []
        archive.sources[("population", archive.accounts_of[place][0])] = {"ZXBS": rng.choice(states)}
        return [place]

    return spoil


# -- many accounts at once


def _crowd(archive: Archive, place: int, fits: Callable[[Row, Row], bool]) -> list[int]:
    """`place` and five more untouched customers with one account each that fit it; [] where there are too few."""
    own = archive.accounts[archive.accounts_of[place][0]]
    among: Iterable[int] = (
        other
        for other in range(len(archive.customers))
        if len(archive.accounts_of[other]) == 1
        and not any(("customer", other, column) in archive.touched for column in ("cert_no", "name"))
        and fits(own, archive.accounts[archive.accounts_of[other][0]])
    )
    chosen = [other for other, _ in zip(among, range(CROWD), strict=False)]
    return chosen if len(chosen) == CROWD and place in chosen else []


def _developer(archive: Archive, _rng: Random, place: int) -> list[int]:
    """Six flats of one quarter under one name without a certificate."""
    chosen = _crowd(archive, place, lambda a, b: a["tg_no"] == b["tg_no"])
    for other in chosen:
        archive.customers[other] |= {"name": archive.truth_customers[place]["name"], "cert_no": ""}
    return _taken(archive, chosen)


def _id_many(archive: Archive, _rng: Random, place: int) -> list[int]:
    """Six accounts of one county under one person's name and certificate."""
    chosen = _crowd(archive, place, lambda a, b: a["org_no"][:7] == b["org_no"][:7])
    own = {column: archive.truth_customers[place][column] for column in ("name", "cert_no")}
    for other in chosen:
        archive.customers[other] |= own
    return _taken(archive, chosen)


def _taken(archive: Archive, chosen: list[int]) -> list[int]:
    archive.touched.update(("customer", other, "cert_no") for other in chosen)
    return chosen


# -- contacts


def _mobile(change: Callable[[Archive, Random, int, str], str]) -> Spoil:
    def spoil(archive: Archive, rng: Random, place: int) -> list[int]:
        rows = archive.contacts[place]
        if len(rows) != 1 or len(rows[0]["mobile"]) != MOBILE:
            return []
        rows[0]["mobile"] = change(archive, rng, place, rows[0]["mobile"])
        return [place]

    return spoil


def _silent(archive: Archive, _rng: Random, place: int) -> list[int]:
    """Notices go out as text messages, and there is nobody to read them."""
    archive.contacts[place], archive.accounts[place]["notify_mode"] = [], "sms"
    archive.truth_accounts[place]["notify_mode"] = "sms"
    return [place]


def _answered(**cells: str) -> Spoil:
    """The carriers' batch says something else; without a number they were asked about name and certificate only."""

    def spoil(archive: Archive, _rng: Random, place: int) -> list[int]:
        customer, rows = archive.customer_of[place], archive.contacts[place]
        whole = (
            bool(rows) and len(rows[0]["mobile"]) == MOBILE and len(archive.customers[customer]["cert_no"]) == NUMBER
        )
        if not whole or any(("customer", customer, column) in archive.touched for column in ("cert_no", "name")):
            return []
        archive.sources[("carrier", place)] = dict(cells)
        archive.touched |= {("account", place, "mobile"), ("customer", customer, "cert_no")}
        return [place]

    return spoil


# -- accounts


def _row(change: Callable[[Row], Row]) -> Spoil:
    def spoil(archive: Archive, _rng: Random, place: int) -> list[int]:
        fresh = change(archive.accounts[place])
        if all(archive.accounts[place][column] == value for column, value in fresh.items()):
            return []
        archive.accounts[place] |= fresh
        return [place]

    return spoil


def _before(iso: str, days: int) -> str:
    return (date.fromisoformat(iso) - timedelta(days=days)).isoformat()


def _county(row: Row) -> Row:
    county = next(name for code, _c, number, name, *_ in places.COUNTIES if row["org_no"].startswith(number))
    return {"elec_addr": row["elec_addr"].replace(county, NEIGHBOURS[county], 1)}


def _town(row: Row) -> Row:
    if "三河市" in row["elec_addr"]:
        return {}
    return {"elec_addr": row["elec_addr"].replace("区", "区" + FOREIGN, 1)}


def _area(row: Row) -> Row:
    return {"tg_no": f"{row['tg_no'][:-4]}9{row['tg_no'][-3:]}"}


# -- meters, and what other systems say of an account


def _meter(change: Callable[[Row], Row]) -> Spoil:
    def spoil(archive: Archive, _rng: Random, place: int) -> list[int]:
        archive.meters[place] |= change(archive.meters[place])
        return [place]

    return spoil


def _meter_twice(archive: Archive, rng: Random, place: int) -> list[int]:
    other = rng.randrange(len(archive.accounts))
    if other == place or ("account", other, "meter") in archive.touched:
        return []
    archive.meters[place]["asset_no"] = archive.meters[other]["asset_no"]
    archive.touched.add(("account", other, "meter"))
    return [place, other]


def _meters_swapped(archive: Archive, rng: Random, place: int) -> list[int]:
    """Of two flats in one transformer area, each meter hangs at the other's door."""
    other = rng.randrange(len(archive.accounts))
    near = archive.accounts[other]["tg_no"] == archive.accounts[place]["tg_no"]
    if other == place or not near or ("account", other, "meter") in archive.touched:
        return []
    for here, there in ((place, other), (other, place)):
        _add(archive, "survey", here, {"JZ043": archive.meters[there]["asset_no"]})
    archive.touched.add(("account", other, "meter"))
    return [place, other]


def _add(archive: Archive, kind: str, place: int, cells: Row) -> None:
    archive.sources[(kind, place)] = archive.sources.get((kind, place), {}) | cells


def _said(kind: str, change: Callable[[Archive, Random, int], Row]) -> Spoil:
    """Another system, or the surveyor, says this of the account."""

    def spoil(archive: Archive, rng: Random, place: int) -> list[int]:
        _add(archive, kind, place, change(archive, rng, place))
        return [place]

    return spoil


def _position(change: Callable[[float, float], Row]) -> Spoil:
    def spoil(archive: Archive, _rng: Random, place: int) -> list[int]:
        lng, lat = archive.spots[place]
        _add(archive, "positions", place, change(lng, lat))
        return [place]

    return spoil


def _at(lng: float, lat: float, crs: str = "WGS84") -> Row:
    return {"经度": f"{lng:.6f}", "纬度": f"{lat:.6f}", "坐标系": crs}


def _closed(archive: Archive, _rng: Random, place: int) -> list[int]:
    """An account without any other fault: most rules leave closed accounts alone."""
    customer = archive.customer_of[place]
    pairs = (
        (archive.accounts[place], archive.truth_accounts[place]),
        (archive.customers[customer], archive.truth_customers[customer]),
        (archive.contacts[place], archive.truth_contacts[place]),
    )
    if any(found != right for found, right in pairs):
        return []
    archive.accounts[place] |= {"status_code": "closed", "cancel_date": archive.accounts[place]["update_time"][:10]}
    return [place]


def _photo_reused(archive: Archive, rng: Random, place: int) -> list[int]:
    other = rng.randrange(len(archive.accounts))
    if other == place or ("account", other, "photos") in archive.touched:
        return []
    for one in (place, other):
        _add(archive, "survey", one, {"photos_of": archive.accounts[place]["cons_no"]})
    archive.touched.add(("account", other, "photos"))
    return [place, other]


def _hurried(archive: Archive, _rng: Random, place: int) -> list[int]:
    """So many houses of one station, by one surveyor in one hour."""
    station = archive.accounts[place]["org_no"]
    free = (
        n for n in range(place, len(archive.accounts))
        if archive.accounts[n]["org_no"] == station and ("account", n, "hour") not in archive.touched
    )  # fmt: skip
    chosen = [n for n, _ in zip(free, range(HURRIED), strict=False)]
    if len(chosen) < HURRIED:
        return []
    for minute, n in enumerate(chosen):
        _add(archive, "survey", n, {"at": f"{archive.day} 06:{minute * 3:02d}:00", "by": str(place)})
        archive.touched.add(("account", n, "hour"))
    return chosen


KINDS: dict[str, tuple[str, str, Spoil]] = {
    "id_birth": ("customer", "cert_no", _id_birth),
    "id_division": ("customer", "cert_no", _id_division),
    "id_minor": ("customer", "cert_no", _id_minor),
    "id_expired": ("customer", "cert_valid_to", _id_expired),
    "id_many": ("customer", "cert_no", _id_many),
    "person_gone": ("customer", "cert_no", _state(("1", "8", "9"))),
    "name_traditional": ("customer", "name", _name_traditional),
    "name_pinyin": ("customer", "name", _name_pinyin),
    "name_developer": ("customer", "name", _developer),
    "phone_prefix": ("account", "mobile", _mobile(lambda *a: "154" + a[3][3:])),
    "phone_staff": ("account", "mobile", _mobile(lambda *a: a[1].choice(STAFF))),
    "phone_masked": ("account", "mobile", _mobile(lambda *a: f"{a[3][:3]}****{a[3][-4:]}")),
    "phone_account": ("account", "mobile", _mobile(lambda *a: a[0].accounts[a[2]]["cons_no"])),
    "notice_unread": ("account", "mobile", _silent),
    "carrier_differs": ("account", "mobile", _answered(核验结果="不一致", 不一致项="户名 证件")),
    "carrier_stopped": ("account", "mobile", _answered(号码状态="停机")),
    "carrier_reassigned": ("account", "mobile", _answered(二次放号="是")),
    "person_differs": ("account", "mobile", _answered(手机号="", 核验结果="不一致", 不一致项="证件", 号码状态="", 二次放号="", 运营商="")),
    "person_unknown": ("account", "mobile", _answered(手机号="", 核验结果="查无", 不一致项="", 号码状态="", 二次放号="", 运营商="")),
    "address_old": ("account", "elec_addr", _row(lambda row: {"elec_addr": row["elec_addr"].replace("三河市", "三河县", 1)})),
    "address_county": ("account", "elec_addr", _row(_county)),
    "address_town": ("account", "elec_addr", _row(_town)),
    "address_remark": ("account", "elec_addr", _row(lambda row: {"elec_addr": row["elec_addr"] + "(电话19431512345)"})),
    "position_far": ("account", "position", _position(lambda lng, lat: _at(lng + 0.05, lat))),
    "position_none": ("account", "position", _position(lambda *_: {"经度": "", "纬度": "", "坐标系": ""})),
    "position_zero": ("account", "position", _position(lambda *_: _at(0, 0))),
    "position_swapped": ("account", "position", _position(lambda lng, lat: _at(lat, lng))),
    "position_gcj": ("account", "position", _position(lambda lng, lat: _at(lng + 0.0060, lat + 0.0013))),
    "position_bd": ("account", "position", _position(lambda lng, lat: _at(lng + 0.0125, lat + 0.0072))),
    "meter_none": ("account", "meter", _meter(lambda _: {"mp_no": ""})),
    "meter_unread": ("account", "meter", _said("collection", lambda *_: {"表底": "", "抄表日期": ""})),
    "meter_twice": ("account", "meter", _meter_twice),
    "meter_shape": ("account", "meter", _meter(lambda row: {"asset_no": row["asset_no"][:-3]})),
    "meter_scan": ("account", "meter", _said("survey", lambda *a: {"JZ043": f"1330001{a[1].randint(10**14, 10**15 - 1)}"})),
    "meters_swapped": ("account", "meter", _meters_swapped),
    "area_wrong": ("account", "tg_no", _row(_area)),
    "line_wrong": ("account", "line_no", _row(lambda row: {"line_no": row["line_no"][:-2] + "88"})),
    "terminal_wrong": ("account", "meter", _meter(lambda row: {"terminal_no": row["terminal_no"][:-2] + "99"})),
    "box_none": ("account", "meter", _meter(lambda _: {"box_no": ""})),
    "price_wrong": ("account", "elec_type", _row(lambda _: {"elec_type": "business"})),
    "shop": ("account", "shop", _said("survey", lambda *_: {"JZ096": "是"})),
    "use_none": ("account", "usage", _said("collection", lambda *_: {"零电量月数": "14", "年用电量": "0"})),
    "use_closed": ("account", "status_code", _closed),
    "dates_order": ("account", "ps_date", _row(lambda row: {"ps_date": _before(row["build_date"], 10)})),
    "org_gone": ("account", "org_no", _row(lambda row: {"org_no": row["org_no"][:-2] + "09"})),
    "benefit_ended": ("account", "multi_person", _row(lambda row: {} if row["multi_person"] else {"multi_person": "true"})),
    "record_old": ("account", "update_time", _row(lambda row: {"update_time": "2009" + row["update_time"][4:]})),
    "photo_reused": ("account", "photos", _photo_reused),
    "spot_far": ("account", "spot", _said("survey", lambda *_: {"east": "0.01"})),
    "hurried": ("account", "hour", _hurried),
    "answer_same": ("account", "mr_sect", _said("survey", lambda *a: {"JZ032": a[0].accounts[a[2]]["mr_sect"]})),
    "answer_blank": ("account", "mr_sect", _said("survey", lambda *_: {"JZ032": ""})),
}  # fmt: skip
"""Name → (scope, the cell that it takes, what it does)."""
