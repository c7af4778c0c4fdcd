"""How fast a hundred thousand accounts are judged: run by hand, `python -m tests.bench.bench_rules [ACCOUNTS]`; nothing is asserted."""

import os
import random
import sys
import time
from datetime import date
from pathlib import Path

import pyarrow as pa

from core.reference import Reference
from core.settings import load
from matchers import rules
from matchers.archive import Archive
from matchers.normal import addresses, ids

ROOT = Path(__file__).parents[2]


def archive(size: int, seed: int = 1) -> Archive:
    """Accounts of nobody: marked division codes and prefixes, about one in ten with some dirt."""
    draw = random.Random(seed)
    rows = [_account(draw, number) for number in range(size)]
    accounts = pa.table(
        {name: [row[name] for row in rows] for name in rows[0] if name not in {"mobile", "contact_name"}}
    )
    contacts = pa.table(
        {
            "cons_no": [r["cons_no"] for r in rows],
            "mobile": [r["mobile"] for r in rows],
            "contact_name": [r["contact_name"] for r in rows],
        }
    )
    return Archive.from_tables(accounts, contacts, date(2026, 3, 16))


def _account(draw: random.Random, number: int) -> dict[str, str | None]:
    body = f"13990{draw.randint(1, 5)}{draw.randint(1940, 2005)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}{draw.randint(0, 999):03d}"
    cert = body + ids.check_digit(body)
    name = (
        draw.choice("王李张刘陈杨赵黄周吴") + draw.choice("建国明秀英丽华伟芳军") + draw.choice("国明秀英丽华伟芳军平")
    )
    quarter = draw.choice(["荣庆里", "凤城国贸小区", "幸福花园", "祥富里", "阳光家园", "龙泽苑"]) + draw.choice(
        ["", "", "一期", "二期"]
    )
    where = f"{draw.randint(1, 90)}号楼{draw.randint(1, 6)}单元{draw.randint(1, 28)}0{draw.randint(1, 4)}室"
    if draw.random() < 0.1:
        cert, name, where = (
            "'" + cert,
            name[0] + " " + name[1:],
            f"{draw.randint(1, 90)}-{draw.randint(1, 6)}-{draw.randint(1, 28)}02",
        )
    return {
        "cons_no": f"{number:010d}", "cons_name": name, "cert_type_code": "01", "cert_no": cert if draw.random() > 0.03 else None,
        "elec_addr": f"唐山市路北区{quarter}{where}", "quarter_name": quarter, "org_no": "13402", "cons_sort_code": "03",
        "cons_status_code": "normal", "elec_type_code": "200", "price_code": "resident_step", "volt_code": "v220", "contract_cap": "8",
        "pay_mode": "online", "notify_mode": "app", "mgr_grid": "网格一", "build_date": "2012-05-01", "ps_date": "2012-05-08",
        "cancel_date": None, "mp_no": f"9{number:011d}", "meter_asset_no": f"1330001{number:015d}", "contact_name": name,
        "mobile": f"194{draw.randint(10000000, 99999999)}",
    }  # fmt: skip


def main(size: int) -> None:
    """Print what was measured."""
    reference = Reference.load(ROOT / "config" / "reference", marked=True)
    configured = rules.build(load(path) for path in sorted((ROOT / "config" / "rules").glob("*.yaml")))
    made = archive(size)
    texts = made.columns["elec_addr"].values
    start = time.perf_counter()
    for text in texts:
        addresses.read(text, reference)
    read = time.perf_counter() - start
    _say(f"{len(texts)} distinct addresses in {read:.2f} s, {len(texts) / read:,.0f}/s; load {os.getloadavg()[0]:.1f}")
    start = time.perf_counter()
    found = rules.evaluate(made, configured, reference)
    spent = time.perf_counter() - start
    done = len(configured) - len(found.not_evaluated)
    _say(
        f"{done} rules x {size} accounts in {spent:.2f} s, {done * size / spent:,.0f} rule-accounts/s, {len(found)} breakages"
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
