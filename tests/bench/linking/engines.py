"""Run one engine on two files in a process of its own, and measure it from start to end."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tests.bench.linking import measured, setup, truth
from tests.bench.linking.measured import Measured
from tests.bench.linking.population import HERE
from tests.bench.linking.truth import Worth

ROOT = HERE.parents[2]
OURS = "hedang"
BLOCKS = ("narrow", "wide")
SPLINK = tuple(f"splink-{blocks}" for blocks in BLOCKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One engine's run on one pair of files."""

    engine: str
    cost: Measured
    worth: Worth
    pairs: Path
    estimated: float | None  # recall, by the engine's own word


def run(engine: str, directory: Path, language: str, spec: Path | None = None) -> Run:
    """`engine` is hedang, splink-narrow or splink-wide; the directory holds left.parquet, right.parquet and truth.csv."""
    out = directory / f"{engine}.parquet"
    out.unlink(missing_ok=True)
    left, right = directory / "left.parquet", directory / "right.parquet"
    if engine in SPLINK:
        runner = HERE / "splink_runner.py"
        cost = measured.run([setup.python(), runner, left, right, language, engine.removeprefix("splink-"), out], ROOT)
    else:
        asked = spec or HERE / f"spec_{language}.yaml"
        cost = measured.run([sys.executable, "run.py", "link", left, right, "--spec", asked, "--out", out, "--json"], ROOT)  # fmt: skip
    known = truth.read(directory / "truth.csv")
    estimated = None if engine in SPLINK else json.loads(cost.out)["estimated_recall"]
    return Run(engine=engine, cost=cost, worth=truth.worth(matches(out), known), pairs=out, estimated=estimated)


def matches(path: Path) -> pd.DataFrame:
    """The pairs that the engine calls a match; Splink's file holds nothing else."""
    pairs = truth.read(path)
    return pairs[pairs.decision == "match"] if "decision" in pairs else pairs


def suggested(directory: Path) -> dict[str, object]:
    """Ours on left.csv and right.csv (or left.csv alone) by the suggested spec: figures of the run, and what it is worth."""
    files = [path for name in ("left", "right") if (path := directory / f"{name}.csv").exists()]
    command = [sys.executable, "run.py", "link", *map(str, files)]
    spec, out = directory / "spec.yaml", directory / "pairs.csv"
    spec.write_bytes(subprocess.run([*command, "--suggest"], cwd=ROOT, check=True, capture_output=True).stdout)
    more: list[str | Path] = ["--spec", spec, "--out", out, "--truth", directory / "truth.csv", "--json"]
    said = json.loads(subprocess.run([*command, *more], cwd=ROOT, check=True, capture_output=True).stdout)
    names = (
        "f1",
        "precision",
        "recall",
        "estimated_precision",
        "estimated_recall",
        "left",
        "right",
        "seconds",
        "peak_mb",
    )
    return {name: said[name] for name in names}
