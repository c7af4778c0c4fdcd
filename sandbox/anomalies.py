"""Turn the truth into an archive as one finds it: every anomaly is drawn at the committed rate and written down with its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

import yaml

from sandbox import people, places
from sandbox.world import Row, World

RATES: dict[str, Any] = yaml.load((Path(__file__).parent / "anomalies.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  (strings only)
MIXES, DEFAULT = Path(__file__).parent / "mixes", "default"
WHOLE = 150  # accounts of a world that has room for the least of everything; a smaller one gets its part
SHARING = 7  # accounts with the same mobile number


@dataclass(kw_only=True)
class Archive:
    """The archive as it becomes, beside the truth that it came from; both are rows of the legacy columns."""

    customers: list[Row]
    accounts: list[Row]
    contacts: list[list[Row]]  # per account
    customer_of: list[int]
    meters: list[Row]  # per account
    accounts_of: dict[int, list[int]] = field(default_factory=dict)
    truth_customers: list[Row]
    truth_accounts: list[Row]
    truth_contacts: list[list[Row]]
    aliases: list[str]
    spots: list[tuple[float, float]]  # where each account's house stands
    day: date
    injected: list[tuple[str, str, str]] = field(default_factory=list)  # rule, cons_no, column
    tolerated: list[tuple[str, str]] = field(default_factory=list)  # rule, cons_no: true, though nobody injected it
    spoilt: list[tuple[str, str, int, str]] = field(
        default_factory=list
    )  # dirt, scope, place, column; some break no rule
    touched: set[tuple[str, int, str]] = field(default_factory=set)
    sources: dict[tuple[str, int], Row] = field(
        default_factory=dict
    )  # (kind of delivery, account) → cells that it spoils

    def note(self, rules: Iterable[str], accounts: Iterable[int], column: str) -> None:
        """Write down what should be found."""
        for rule in rules:
            self.injected += [(rule, self.accounts[a]["cons_no"], column) for a in accounts]


def mix(name: str) -> dict[str, Any]:
    """The anomalies of a mix: sandbox/mixes/NAME.yaml, and `default` is anomalies.yaml's. Raises ValueError with the choices."""
    if name == DEFAULT:
        return dict(RATES["archive"])
    path = MIXES / f"{name}.yaml"
    if not path.exists():
        raise ValueError(
            f"no mix '{name}'; there are: {', '.join([DEFAULT, *sorted(p.stem for p in MIXES.glob('*.yaml'))])}"
        )
    return dict(yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)["archive"])  # noqa: S506  (strings only)


def dirty(world: World, seed: int, wanted: dict[str, Any] | None = None) -> Archive:
    """The archive of a world, with its anomalies; `wanted` are a mix's, of none the default's."""
    rng = Random(f"anomalies {seed}")
    archive = Archive(
        customers=[dict(c) for c in world.customers],
        accounts=[dict(a.row) for a in world.accounts],
        contacts=[[dict(c) for c in a.contacts] for a in world.accounts],
        customer_of=[a.customer for a in world.accounts],
        meters=[dict(a.meter) for a in world.accounts],
        truth_customers=[dict(c) for c in world.customers],
        truth_accounts=[dict(a.row) for a in world.accounts],
        truth_contacts=[[dict(c) for c in a.contacts] for a in world.accounts],
        aliases=[a.flat.quarter.alias for a in world.accounts],
        spots=[places.position(a.flat.quarter, a.flat.building) for a in world.accounts],
        day=world.today - timedelta(days=1),
    )
    for account, customer in enumerate(archive.customer_of):
        archive.accounts_of.setdefault(customer, []).append(account)
    size = len(archive.accounts)
    for name, spec in (wanted or RATES["archive"]).items():
        least = ceil(int(spec["least"]) * min(1, size / WHOLE))
        count = max(least, round(float(spec["share"]) * size))
        _inject(archive, rng, name, tuple(spec["rules"]), count)
    return archive


def _inject(archive: Archive, rng: Random, name: str, rules: tuple[str, ...], count: int) -> None:
    scope, column, spoil = kinds()[name]
    for place in _shuffled(rng, len(archive.customers if scope == "customer" else archive.accounts)):
        if count == 0:
            return
        if _free(archive, scope, place, column) and (hit := spoil(archive, rng, place)):
            count -= 1
            archive.touched.add((scope, place, column))
            archive.spoilt += [(name, scope, p, column) for p in hit]
            accounts = [a for p in hit for a in archive.accounts_of[p]] if scope == "customer" else hit
            archive.note(rules, accounts, f"{scope}.{column}")


def _shuffled(rng: Random, count: int) -> Iterator[int]:
    """The numbers below `count` in random order, drawn one by one, since few of a large world's are needed (Fisher and Yates)."""
    moved: dict[int, int] = {}
    for last in range(count - 1, -1, -1):
        drawn = rng.randint(0, last)
        yield moved.get(drawn, drawn)
        moved[drawn] = moved.pop(last, last)


def _free(archive: Archive, scope: str, place: int, column: str) -> bool:
    """One anomaly per cell; a customer with a spoilt number keeps his name, so that each cause stands alone."""
    if scope == "customer":
        return not any((scope, place, other) in archive.touched for other in ("cert_no", "name"))
    if any((scope, place, taken) in archive.touched for taken in ("status_code",)):
        return False
    return (scope, place, column) not in archive.touched


# -- customers: each gets the archive, the dice and a place, and answers the places that it spoilt ([] = not possible here)

Spoil = Callable[[Archive, Random, int], list[int]]


def _customer(column: str, change: Callable[[Random, str], str]) -> Spoil:
    def spoil(archive: Archive, rng: Random, place: int) -> list[int]:
        row = archive.customers[place]
        fresh = change(rng, row[column])
        if fresh == row[column]:
            return []
        row[column] = fresh
        return [place]

    return spoil


def _id_spelling(rng: Random, value: str) -> str:
    wide = value.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"})
    return (
        value.lower()
        if value.endswith("X")
        else rng.choice((wide, f" {value}", f"{value[:6]} {value[6:14]} {value[14:]}"))
    )


def _id_check(rng: Random, value: str) -> str:
    # not 0: a number that ends in 000 would look like a spreadsheet's damage
    return value[:17] + rng.choice([c for c in "0123456789X" if c not in (value[17], "0")])


def _id_type(archive: Archive, rng: Random, place: int) -> list[int]:
    passport = people.passport(rng)
    archive.truth_customers[place] |= {"cert_type": "passport", "cert_no": passport}
    archive.customers[place] |= {"cert_type": "id_card", "cert_no": passport}
    return [place]


def _id_shared(archive: Archive, rng: Random, place: int) -> list[int]:
    other = rng.randrange(len(archive.customers))
    if other == place or not _free(archive, "customer", other, "cert_no"):
        return []
    archive.customers[place]["cert_no"] = archive.customers[other]["cert_no"]
    archive.touched.add(("customer", other, "cert_no"))
    return [place, other]


def _id_company(archive: Archive, rng: Random, place: int) -> list[int]:
    archive.customers[place] |= {"cert_type": "uscc", "cert_no": people.company(rng)}
    return [place]


def _name_dot(archive: Archive, rng: Random, place: int) -> list[int]:
    right = rng.choice(("阿卜杜拉", "古丽", "买买提")) + "·" + rng.choice(("艾合买提", "吐尔逊", "依明"))
    old = archive.truth_customers[place]["name"]
    archive.truth_customers[place]["name"] = right
    for account in archive.accounts_of[place]:
        for row in (*archive.contacts[account], *archive.truth_contacts[account]):
            if row["name"] == old:
                row["name"] = right
    archive.customers[place]["name"] = right.replace("·", rng.choice((".", "•", "．")))
    return [place]


def typo(rng: Random, value: str) -> str:
    """One character replaced by another of its kind; the mark at a number's beginning stays, so that it is still nobody's."""
    marked = (
        len(people.MARK) + 1 if value.startswith(people.MARK) else len(people.PREFIX) if value.startswith("1") else 1
    )
    choices = [n for n in range(marked, len(value)) if value[n].isdigit() or not value[-2:].isdigit()]
    place = rng.choice(choices) if choices else 0
    kind = "0123456789" if value[place].isdigit() else people.GIVEN
    return value[:place] + rng.choice([c for c in kind if c != value[place]]) + value[place + 1 :]


# -- contacts and accounts


def _contact(change: Callable[[Random, str], str]) -> Spoil:
    def spoil(archive: Archive, rng: Random, place: int) -> list[int]:
        rows = archive.contacts[place]
        if not rows or not rows[0]["mobile"]:
            return []
        rows[0]["mobile"] = change(rng, rows[0]["mobile"])
        return [place]

    return spoil


def _phone_none(archive: Archive, _rng: Random, place: int) -> list[int]:
    archive.contacts[place] = []
    return [place]


def _phone_area(archive: Archive, rng: Random, place: int) -> list[int]:
    rows, right = archive.contacts[place], archive.truth_contacts[place]
    if not rows:
        return []
    org_no, local = archive.accounts[place]["org_no"], people.landline(rng)
    area = next(landline for city, _n, _c, _county, landline, *_ in places.COUNTIES if org_no.startswith(city))
    rows[0]["home_phone"], right[0]["home_phone"] = local, f"{area}-{local}"
    return [place]


def _phone_two(archive: Archive, rng: Random, place: int) -> list[int]:
    rows = archive.contacts[place]
    if len(rows) < 2:
        return []
    rows[0]["mobile"] += rng.choice(("/", "、", ",")) + rows[1]["mobile"]
    archive.contacts[place] = [rows[0], *rows[2:]]
    return [place]


def _phone_shared(archive: Archive, rng: Random, place: int) -> list[int]:
    """One number on seven accounts of different customers."""
    chosen: dict[int, int] = {}  # customer → account
    among = range(len(archive.accounts))
    for account in (place, *rng.sample(among, min(len(among), 20 * SHARING))):
        if archive.contacts[account] and _free(archive, "account", account, "mobile"):
            chosen.setdefault(archive.customer_of[account], account)
    found = list(chosen.values())[:SHARING]
    if len(found) < SHARING or place not in found:
        return []
    number = people.mobile(rng)
    for account in found:
        archive.contacts[account][0]["mobile"] = number
        archive.touched.add(("account", account, "mobile"))
    return found


def _account(column: str, change: Callable[[Random, Row], str]) -> Spoil:
    def spoil(archive: Archive, rng: Random, place: int) -> list[int]:
        row = archive.accounts[place]
        fresh = change(rng, row)
        if fresh == row[column]:
            return []
        row[column] = fresh
        return [place]

    return spoil


def _address_style(rng: Random, row: Row) -> str:
    where = row["elec_addr"].partition("小区")[0].removeprefix("河北省")
    b, u, r, phase = row["building"], row["unit"], row["room"], row["phase"]
    wide = row["elec_addr"].translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})
    return rng.choice(
        (f"{where}{phase}{b}-{u}-{r}", f"{where}小区{phase}{b}#{u}单元{r}", wide, f"{where}小区{phase}{b}栋{u}门{r}")
    )


def _address_twice(archive: Archive, rng: Random, place: int) -> list[int]:
    other = rng.randrange(len(archive.accounts))
    same_county = archive.accounts[other]["org_no"] == archive.accounts[place]["org_no"]
    different = archive.customer_of[other] != archive.customer_of[place]
    clean = _free(archive, "account", other, "elec_addr") and archive.truth_accounts[other] == archive.accounts[other]
    if other == place or not same_county or not different or not clean:
        return []
    for column in ("elec_addr", "quarter", "phase", "building", "unit", "room"):
        archive.accounts[place][column] = archive.accounts[other][column]
        archive.touched.add(("account", place, column))
    archive.touched.add(("account", other, "elec_addr"))
    return [place, other]


def _quarter_alias(archive: Archive, _rng: Random, place: int) -> list[int]:
    archive.accounts[place]["quarter"] = archive.aliases[place]
    return [place]


def _house_wrong(archive: Archive, rng: Random, place: int) -> list[int]:
    row = archive.accounts[place]
    column = rng.choice(("building", "unit"))
    if ("account", place, "quarter") in archive.touched:
        return []
    row[column] = str(int(row[column]) + 1)
    return [place]


def _code_old(archive: Archive, rng: Random, place: int) -> list[int]:
    choices = {
        "pay_mode": ("counter", "bank", "online"),
        "notify_mode": ("sms", "paper", "app"),
        "note_type": ("electronic", "paper_plain"),
    }
    column = rng.choice(sorted(choices))
    if ("account", place, column) in archive.touched:
        return []
    row = archive.accounts[place]
    row[column] = rng.choice([c for c in choices[column] if c != row[column]])
    archive.touched.add(("account", place, column))
    return [place]


KINDS: dict[str, tuple[str, str, Spoil]] = {
    "id_blank": ("customer", "cert_no", _customer("cert_no", lambda *_: "")),
    "id_spelling": ("customer", "cert_no", _customer("cert_no", _id_spelling)),
    "id_check": ("customer", "cert_no", _customer("cert_no", _id_check)),
    "id_fifteen": ("customer", "cert_no", _customer("cert_no", lambda _, v: v[:6] + v[8:17] if v[6:8] == "19" else v)),
    "id_excel": ("customer", "cert_no", _customer("cert_no", lambda _, v: f"{v[0]}.{v[1:6]}E+17")),
    "id_filler": ("customer", "cert_no", _customer("cert_no", lambda rng, _: rng.choice(("1" * 18, "123456789012345678", "0" * 18)))),
    "id_type": ("customer", "cert_no", _id_type),
    "id_masked": ("customer", "cert_no", _customer("cert_no", lambda _, v: v[:6] + "*" * 8 + v[-4:])),
    "id_shared": ("customer", "cert_no", _id_shared),
    "id_company": ("customer", "cert_no", _id_company),
    "name_blank": ("customer", "name", _customer("name", lambda *_: "")),
    "name_letters": ("customer", "name", _customer("name", lambda rng, v: v + rng.choice("12ABQ")),),
    "name_company": ("customer", "name", _customer("name", lambda rng, v: v[0] + rng.choice(("记物业公司", "氏加工厂", "家小卖店")))),
    "name_filler": ("customer", "name", _customer("name", lambda rng, _: rng.choice(("户主", "住户", "未知", "空房")))),
    "name_remark": ("customer", "name", _customer("name", lambda rng, v: v + rng.choice(("（东城）", "(2号表)", "（新）")))),
    "name_address": ("customer", "name", _customer("name", lambda _, v: v + "3号楼2单元")),
    "name_dot": ("customer", "name", _name_dot),
    "name_masked": ("customer", "name", _customer("name", lambda _, v: v[0] + "*" * (len(v) - 1))),
    "name_single": ("customer", "name", _customer("name", lambda _, v: v[0])),
    "name_typo": ("customer", "name", _customer("name", typo)),
    "phone_none": ("account", "mobile", _phone_none),
    "phone_filler": ("account", "mobile", _contact(lambda rng, _: rng.choice(("0", "00000000000", "11111111111")))),
    "phone_spelling": ("account", "mobile", _contact(lambda rng, v: rng.choice((f"{v[:3]}-{v[3:7]}-{v[7:]}", f"+86{v}", f"{v[:3]} {v[3:7]} {v[7:]}")))),
    "phone_short": ("account", "mobile", _contact(lambda _, v: v[:10])),
    "phone_area": ("account", "home_phone", _phone_area),
    "phone_two": ("account", "mobile", _phone_two),
    "phone_shared": ("account", "mobile", _phone_shared),
    "phone_old": ("account", "mobile", _contact(lambda rng, _: people.mobile(rng))),
    "address_blank": ("account", "elec_addr", _account("elec_addr", lambda *_: "")),
    "address_cut": ("account", "elec_addr", _account("elec_addr", lambda _, row: row["elec_addr"].partition("小区")[0] + "小区")),
    "address_twice": ("account", "elec_addr", _address_twice),
    "address_style": ("account", "elec_addr", _account("elec_addr", _address_style)),
    "address_filler": ("account", "elec_addr", _account("elec_addr", lambda rng, _: rng.choice(("同上", "无", "详见合同")))),
    "address_masked": ("account", "elec_addr", _account("elec_addr", lambda _, row: row["elec_addr"].replace(row["quarter"], "**"))),
    "quarter_alias": ("account", "quarter", _quarter_alias),
    "house_wrong": ("account", "building", _house_wrong),
    "pay_blank": ("account", "pay_mode", _account("pay_mode", lambda *_: "")),
    "manager_blank": ("account", "mgr", _account("mgr", lambda *_: "")),
    "text_broken": ("account", "quarter", _account("quarter", lambda _, row: row["quarter"][:1] + "??")),
    "code_unknown": ("account", "note_type", _account("note_type", lambda rng, _: rng.choice(("Z9", "77")))),
    "status_changing": ("account", "status_code", _account("status_code", lambda *_: "changing")),
    "capacity_zero": ("account", "contract_cap", _account("contract_cap", lambda *_: "0")),
    "voltage_high": ("account", "volt_code", _account("volt_code", lambda *_: "kv10")),
    "code_old": ("account", "code", _code_old),
}  # fmt: skip
"""Name → (scope, the cell that it takes, what it does)."""


def kinds() -> dict[str, tuple[str, str, Spoil]]:
    """All that a mix may ask for."""
    from sandbox import dirt  # it is written in terms of this module

    return KINDS | dirt.KINDS
