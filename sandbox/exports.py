"""The files that the other systems deliver: yesterday's archive, the registry's batch, organisations, codes, survey workbooks."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random

import xlsxwriter

from sandbox import anomalies, people, store
from sandbox.anomalies import Archive
from sandbox.answers import Result
from sandbox.places import COUNTIES, Org
from sandbox.semantics import DATES, KEYS
from sandbox.skins import Skin
from sandbox.world import Row, World

AUDIT = {"PASS": "通过", "WAIT": "待审", "BACK": "退回"}
HEADER = (
    "任务号", "版本", "户号", "普查员工号", "普查员", "普查时间", "审核状态", "审核人工号", "审核人", "审核时间", "项目编码", "结果", "新值", "照片", "签名", "经度", "纬度",
)  # fmt: skip


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], encoding: str = "gb18030") -> None:
    """A csv file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(rows)
    partial.rename(path)


def archive_export(
    drop: Path, skin: Skin, day: date, accounts: Iterable[Mapping[str, str]], contacts: Iterable[Mapping[str, str]]
) -> None:
    """The archive's two files as of `day`; rows are legacy columns, of an account joined with its customer and meter."""
    for table, name, rows in (("accounts", "档案导出", accounts), ("contacts", "联系人导出", contacts)):
        columns = [(column, _Spelt(skin, column) if _spelt(column) else None) for column, _ in skin.export[table]]
        lines = (
            [row.get(column, "") if spelt is None else spelt[row.get(column, "")] for column, spelt in columns] for row in rows
        )  # fmt: skip
        write(drop / "archive" / f"{name}_{day.isoformat()}.csv", [header for _, header in skin.export[table]], lines)


def _spelt(column: str) -> bool:
    return column in KEYS or column in DATES or column == "update_time"


class _Spelt(dict[str, str]):
    """How the export spells the codes or dates of a column, worked out once for each: there are few, written many times."""

    def __init__(self, skin: Skin, column: str) -> None:
        super().__init__()
        self._skin, self._column = skin, column

    def __missing__(self, value: str) -> str:
        code = self._column in KEYS
        self[value] = shown = self._skin.code(self._column, value) if code else self._skin.date(value)
        return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """Yesterday's archive: rows of the export, and the accounts by which the screens are ahead of it."""

    accounts: list[Row]
    contacts: list[Row]
    opened: frozenset[int]
    closed: frozenset[int]


def stale(world: World, archive: Archive, seed: int) -> Stale:
    """The archive before some accounts were opened, closed and renamed; accounts with an anomaly are not among them."""
    rng, rates = Random(f"export {seed}"), {k: int(v) for k, v in anomalies.RATES["export"].items()}
    spoilt = {cons_no for _rule, cons_no, _column in archive.injected} | world.tenants
    every = range(len(archive.accounts))
    clean = [place for place in every if archive.accounts[place]["cons_no"] not in spoilt]
    places = iter(rng.sample(clean if len(clean) >= sum(rates.values()) else every, sum(rates.values())))
    opened, closed, moved = (frozenset(islice(places, rates[kind])) for kind in ("opened", "closed", "renamed"))
    former = {archive.customer_of[place]: {"name": people.name(rng)} for place in sorted(moved)}
    kept = [place for place in every if place not in opened]
    accounts = [
        archive.accounts[p]
        | archive.customers[archive.customer_of[p]]
        | former.get(archive.customer_of[p], {})
        | archive.meters[p]
        for p in kept
    ]
    contacts = [{"cons_no": archive.accounts[p]["cons_no"], **row} for p in kept for row in archive.contacts[p]]
    return Stale(accounts=accounts, contacts=contacts, opened=opened, closed=closed)


def fresh(directory: Path, skin: Skin, day: date) -> None:
    """The archive's two files as the legacy system stands now, delivered as of `day`."""
    with closing(store.connect(directory / store.FILE)) as db:
        sql = "SELECT c.*, m.*, a.* FROM account a JOIN customer c USING(cust_id) JOIN meter m USING(acct_id) ORDER BY acct_id"
        accounts = [dict(row) for row in db.execute(sql)]
        sql = "SELECT a.cons_no, c.* FROM contact c JOIN account a USING(acct_id) ORDER BY c.contact_id"
        contacts = [dict(row) for row in db.execute(sql)]
    archive_export(directory / "drop", skin, day, accounts, contacts)


ESTATES = ("BDCDYH", "ZL", "QLR", "ZJH", "GYFS", "DJSJ", "GXSJ", "ZT")
OTHER_LAYOUT = "廊坊市"
"""The city whose register writes the same in another layout."""
LAYOUT = {
    "UnitNo": "BDCDYH", "Ownership": "GYFS", "Holder": "QLR", "HolderID": "ZJH", "Location": "ZL", "Status": "ZT", "Registered": "DJSJ",
    "Updated": "GXSJ",
}  # fmt: skip
OTHERWISE = {"单独所有": "1", "共同共有": "2", "现势": "0", "历史": "1"}


def _other(row: Sequence[str]) -> list[str]:
    """A row of the register in the other layout: other columns and codes, dates without dashes."""
    cells = dict(zip(ESTATES, row, strict=True))
    shown = ((name, OTHERWISE.get(cells[ours], cells[ours])) for name, ours in LAYOUT.items())
    return [cell.replace("-", "") if name in ("Registered", "Updated") else cell for name, cell in shown]


def registry(drop: Path, world: World, names: Mapping[str, str], seed: int) -> set[str]:
    """The real-estate batch: owners by flat, numbers masked, duplicates and old entries among them; `names` by resident ID.

    Answers the numbers of the accounts whose flat is in it.
    """
    rng, rates = Random(f"registry {seed}"), anomalies.RATES["registry"]
    rows: list[list[str]] = []
    covered: set[str] = set()
    for serial, account in enumerate(world.accounts, world.first):
        if rng.random() > float(rates["flats"]):
            continue
        flat = account.flat
        covered.add(account.row["cons_no"])
        q = flat.quarter
        where = f"{COUNTIES[q.county][1]}市{COUNTIES[q.county][3]}{q.street}{q.number}号{q.name}{q.phase}{flat.building}号楼{flat.unit}单元{flat.room}"
        since = (
            "1900-01-01"
            if rng.random() < float(rates["sentinel"])
            else (world.today - timedelta(days=rng.randint(300, 6000))).isoformat()
        )
        updated = (world.today - timedelta(days=rng.randint(5, 200))).isoformat()
        shared = "共同共有" if len(account.owner) > 1 else "单独所有"
        for owner in account.owner:
            line = [
                f"1399{serial:08d}F",
                where,
                names.get(owner.ident, owner.name),
                owner.ident[:6] + "*" * 8 + owner.ident[-4:],
                shared,
                since,
                updated,
                "现势",
            ]
            rows.append(line)
            if rng.random() < float(rates["duplicates"]):
                rows.append([*line[:6], (world.today - timedelta(days=400)).isoformat(), "现势"])
        if rng.random() < float(rates["historical"]):
            former = people.person(rng, q.county + 1, world.today)
            rows.append(
                [
                    f"1399{serial:08d}F",
                    where,
                    former.name,
                    former.ident[:6] + "*" * 8 + former.ident[-4:],
                    "单独所有",
                    "1900-01-01",
                    "2015-01-01",
                    "历史",
                ]
            )
    rng.shuffle(rows)
    day = world.today.isoformat()
    near, far = ([row for row in rows if OTHER_LAYOUT.startswith(row[1][:2]) is other] for other in (False, True))
    write(drop / "government" / f"不动产_{day}.csv", ESTATES, near)
    write(drop / "government" / f"产权登记_{day}.csv", list(LAYOUT), (_other(row) for row in far), "utf-8")
    return covered


def lists(drop: Path, orgs: Sequence[Org], skin: Skin) -> None:
    """Organisations, the staff's own numbers, and code tables."""
    write(
        drop / "org" / "供电单位.csv",
        ("code", "name", "level", "parent"),
        ((o.code, o.name, o.level, o.parent) for o in orgs),
    )
    staff = Random("staff")
    numbers = ((people.mobile(staff), o.code, f"{o.name}值班") for o in orgs if o.level == "station")
    write(drop / "org" / "内部号码.csv", ("number", "org", "remark"), numbers)
    codes = ((table, c.code, c.label, c.key) for table, values in skin.codes.items() for c in values)
    write(drop / "org" / "代码表.csv", ("table", "code", "label", "key"), codes)


def workbooks(drop: Path, results: Iterable[Result], day: date) -> None:
    """The survey results that came by folder: one workbook for each county."""
    by_county: dict[str, list[Result]] = {}
    for result in results:
        by_county.setdefault(result.county, []).append(result)
    (drop / "survey").mkdir(parents=True, exist_ok=True)
    for county, found in by_county.items():
        path = drop / "survey" / f"普查结果_{county}_{day.isoformat()}.xlsx"
        partial = path.with_name("." + path.name)
        with xlsxwriter.Workbook(partial, {"strings_to_numbers": False, "constant_memory": True}) as book:
            sheet = book.add_worksheet("普查结果")
            for number, line in enumerate([HEADER, *(line for result in found for line in _lines(result))]):
                for place, text in enumerate(line):
                    sheet.write_string(number, place, text)
        partial.rename(path)


def _lines(r: Result) -> Iterable[Sequence[str]]:
    auditor = r.auditor or ("", "")
    kinds = ";".join(photo["kind"] for photo in r.photos)
    where = tuple(f"{degree:.6f}" for degree in r.spot)
    head = (r.task, str(r.rev), r.house, *r.surveyor, r.at, AUDIT[r.audit], *auditor, r.audited_at or "")
    return ((*head, a["item"], a["ans"], a["val"], kinds, "是" if r.signature else "否", *where) for a in r.answers)
