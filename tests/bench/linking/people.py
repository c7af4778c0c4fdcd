"""Two files of made-up people and the truth between them: `python -m tests.bench.linking.people SETTING --rows 1000000 --out DIRECTORY`.

Writes left.parquet, right.parquet and truth.csv (left_id, right_id; one to one); the same setting, size and version write the same bytes.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import yaml

from tests.bench.linking import field_noise, population, record_noise
from tests.bench.linking.population import HERE, Column, Columns, Life

CHUNK = 100_000  # rows whose texts are in memory at once, and drawn from one seed


def settings() -> dict[str, dict[str, Any]]:
    """settings.yaml without its defaults."""
    read = yaml.safe_load((HERE / "settings.yaml").read_text(encoding="utf-8"))
    return {name: setting for name, setting in read.items() if name != "defaults"}


def write(setting: dict[str, Any], rows: int, out: Path, suffix: str = "parquet") -> None:
    """The two files and the truth; `suffix` parquet or csv."""
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(setting["seed"])
    shared = round(rows * setting["overlap"])
    life = Life(**setting["life"])
    before = population.world(2 * rows - shared, setting["language"], life, rng)
    after = population.years_later(before, setting["language"], life, rng)
    people = rng.permutation(2 * rows - shared)
    left, right = rng.permutation(people[:rows]), rng.permutation(people[rows - shared :])
    for name, world, chosen in (("left", before, left), ("right", after, right)):
        columns = _taken_down(world, chosen, setting, np.random.SeedSequence([setting["seed"], ord(name[0])]))
        table = columns.add_column(0, "id", _ids(name, np.arange(rows)))
        (_write_csv if suffix == "csv" else _write_parquet)(table, out / f"{name}.{suffix}")
    _write_csv(_truth(left, right), out / "truth.csv")


def _taken_down(world: population.World, chosen: Column, setting: dict[str, Any], seed: np.random.SeedSequence) -> pa.Table:  # fmt: skip
    parts = [chosen[begin : begin + CHUNK] for begin in range(0, len(chosen), CHUNK)]
    tables = []
    for rows, one in zip(parts, seed.spawn(len(parts)), strict=True):
        noisy = _noisy(world, rows, setting, np.random.default_rng(one))
        tables.append(pa.table({name: pa.array(values, pa.string()) for name, values in noisy.items()}))
    return pa.concat_tables(tables)


def _noisy(world: population.World, rows: Column, setting: dict[str, Any], rng: np.random.Generator) -> Columns:
    right = population.texts(world, rows, setting["language"])
    if setting["noise"] == "records":
        return record_noise.blurred(right, setting["language"], setting["classes"], rng)
    return field_noise.blurred(right, setting["language"], setting["errors"], setting["missing"], rng)


def _ids(side: str, numbers: Column) -> pa.Array:
    return pa.array([f"{side[0].upper()}{number:08d}" for number in numbers.tolist()])


def _truth(left: Column, right: Column) -> pa.Table:
    """Rows that are the same person; (left_id, right_id), in the order of the left file."""
    place = np.full(int(max(left.max(), right.max())) + 1, -1)
    place[right] = np.arange(len(right))
    known = np.flatnonzero(place[left] >= 0)
    return pa.table({"left_id": _ids("left", known), "right_id": _ids("right", place[left[known]])})


def _write_parquet(table: pa.Table, path: Path) -> None:
    pa.parquet.write_table(table, path, row_group_size=CHUNK)


def _write_csv(table: pa.Table, path: Path) -> None:
    pa.csv.write_csv(table, path)


def main() -> None:
    """Write, and say how long it took."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.linking.people", description=__doc__)
    parser.add_argument("setting", choices=sorted(settings()))
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    asked = parser.parse_args()
    began = time.perf_counter()
    write(settings()[asked.setting], asked.rows, asked.out, asked.format)
    print(f"{asked.setting}: {asked.rows:,} a side in {time.perf_counter() - began:.1f} s under {asked.out}")


if __name__ == "__main__":
    main()
