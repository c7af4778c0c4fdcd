"""The practice world's archives, dirt on, beside a register of the people who truly hold them: masked numbers, addresses in another spelling."""

import csv
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as parquet

from sandbox import __main__ as world
from sandbox import skins
from sandbox.anomalies import Archive

REGISTERED = 0.85
"""Share of the accounts whose holder is in the register."""
SKIN = "a"


def write(rows: int, seed: int, directory: Path) -> None:
    """left.parquet (archives as exported), right.parquet (the register) and truth.csv."""
    archive = world.make(rows, seed, skins.load(SKIN), world.DAY).archive
    directory.mkdir(parents=True, exist_ok=True)
    registered = _register(archive, Random(f"register {seed}"))
    left = [
        {"id": a["cons_no"], "name": c["name"], "cert_no": c["cert_no"], "address": a["elec_addr"], "mobile": _mobile(archive, n)}
        for n, a in enumerate(archive.accounts) for c in (archive.customers[archive.customer_of[n]],)
    ]  # fmt: skip
    parquet.write_table(pa.Table.from_pylist(left), directory / "left.parquet")
    parquet.write_table(pa.Table.from_pylist([row for _, row in registered]), directory / "right.parquet")
    with (directory / "truth.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(
            [("left_id", "right_id"), *((archive.accounts[place]["cons_no"], row["id"]) for place, row in registered)]
        )


def _mobile(archive: Archive, place: int) -> str:
    return next((str(c["mobile"]) for c in archive.contacts[place] if c["relation"] == "self"), "")


def _register(archive: Archive, rng: Random) -> list[tuple[int, dict[str, str]]]:
    found = []
    for place, account in enumerate(archive.truth_accounts):
        holder = archive.truth_customers[archive.customer_of[place]]
        if rng.random() > REGISTERED:
            continue
        number = holder["cert_no"]
        where = f"{account['quarter']}{account['phase']}{account['building']}幢{account['unit']}单元{account['room']}"
        row = {
            "name": holder["name"],
            "cert_no": f"{number[:6]}********{number[-4:]}" if rng.random() < 0.5 else number,
            "address": where,
        }
        found.append((place, {"id": f"G{rng.randrange(10**12):012}", **row}))
    rng.shuffle(found)
    return found
