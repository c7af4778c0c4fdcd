"""Link made-up people with ours and with Splink in one go, and print ratios: `python -m tests.bench.linking [--rows 1000000] [--setting latin_a …]`.

`all` does everything in turn, for a quiet hour. Further: `archives`, `blocking`, `calibration`, `ceiling`, `febrl`, `foreign`, `growth` and `same` (see --help). Splink gets the better of its two blocking sets. Nothing is asserted.
"""

import argparse
import hashlib
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.bench.linking import archives, engines, foreign, measured, people, setup, truth
from tests.bench.linking.engines import OURS, SPLINK, Run
from tests.bench.linking.population import HERE

REPORTING = ("latin_a", "chinese_a", "latin_records", "chinese_records")
GROWTH = (100_000, 200_000, 500_000, 1_000_000, 2_000_000)
ARCHIVES = 5150505
FOREIGN = (20260601, 20260602)  # seeds that report; what is mended is looked at with others
OTHER = 1000  # what is added to a seed for the draw that the ceiling's learner is taught with
KEPT = 0.01  # the probability below which the engine keeps no pair
Row = dict[str, Any]


def files(setting: str, rows: int, place: Path) -> Path:
    """Where the two files of this setting are; made unless they are there already."""
    directory = place / f"{setting}-{rows}"
    if not (directory / "truth.csv").exists():
        people.write(people.settings()[setting], rows, directory)
    return directory


def compared(setting: str, rows: int, place: Path, wanted: Sequence[str]) -> list[Row]:
    """One row for each engine, with what it needs and errs in shares of the better Splink."""
    directory, language = files(setting, rows, place), people.settings()[setting]["language"]
    runs = [engines.run(engine, directory, language) for engine in wanted]
    best = max((run for run in runs if run.engine in SPLINK), key=lambda run: run.worth.f1, default=None)
    return [_row(setting, rows, run, best) for run in runs]


def _row(setting: str, rows: int, run: Run, best: Run | None) -> Row:
    row: Row = {
        "setting": setting, "rows": rows, "engine": run.engine, "f1": round(run.worth.f1, 5), "precision": round(run.worth.precision, 5),
        "recall": round(run.worth.recall, 5), "estimated_recall": run.estimated, "seconds": round(run.cost.seconds, 1),
        "peak_mb": round(run.cost.peak_mb), "load": round(run.cost.load, 1),
    }  # fmt: skip
    if best is None:
        return row
    return row | {
        "error_ratio": round((1 - run.worth.f1) / (1 - best.worth.f1), 3) if best.worth.f1 < 1 else None,
        "seconds_ratio": round(run.cost.seconds / best.cost.seconds, 3),
        "memory_ratio": round(run.cost.peak_mb / best.cost.peak_mb, 3),
    }


def compare(asked: argparse.Namespace) -> list[Row]:
    """Ours beside Splink with both its blocking sets."""
    wanted = asked.engine or (OURS, *SPLINK)
    return [row for setting in asked.setting for row in compared(setting, asked.rows, asked.place, wanted)]


def growth(asked: argparse.Namespace) -> list[Row]:
    """Seconds and memory per row, from 100,000 to 2,000,000 rows a side."""
    engine = (asked.engine or (OURS,))[0]
    rows = [row for setting in asked.setting for size in GROWTH for row in compared(setting, size, asked.place, (engine,))]  # fmt: skip
    return [
        row | {"µs_per_row": round(row["seconds"] * 1e6 / row["rows"], 2), "bytes_per_row": round(row["peak_mb"] * 2**20 / row["rows"])}
        for row in rows
    ]  # fmt: skip


def calibration(asked: argparse.Namespace) -> list[Row]:
    """Claimed precision beside the real one, at 0.9, 0.99 and 0.999 and by bins, of all pairs that the engine keeps."""
    engine, found = (asked.engine or (OURS,))[0], []
    for setting in asked.setting:
        directory, language = files(setting, asked.rows, asked.place), people.settings()[setting]["language"]
        run = _as_asked(engine, directory, language, _spec(language, "proposed") + f"possible: {KEPT}\n")
        pairs, known = truth.read(run.pairs), truth.read(directory / "truth.csv")
        for table in (truth.claims(pairs, known), truth.calibration(pairs, known)):
            found += [
                {"setting": setting, "engine": engine, **dict(zip(table.columns, map(str, row), strict=True))}
                for row in table.itertuples(index=False)
            ]
    return found


def blocking(asked: argparse.Namespace) -> list[Row]:
    """Ours with Splink's narrow and wide keys, and with those that it proposes."""
    found = []
    for setting in asked.setting:
        directory, language = files(setting, asked.rows, asked.place), people.settings()[setting]["language"]
        for keys in ("proposed", *engines.BLOCKS):
            run = _as_asked(OURS, directory, language, _spec(language, keys))
            found.append(_row(setting, asked.rows, run, None) | {"keys": keys})
    return found


def _as_asked(engine: str, directory: Path, language: str, text: str) -> Run:
    """A run by this spec."""
    with tempfile.TemporaryDirectory() as scratch:
        spec = Path(scratch) / "spec.yaml"
        spec.write_text(text, encoding="utf-8")
        return engines.run(engine, directory, language, spec)


def _spec(language: str, keys: str) -> str:
    """The committed spec, with the keys that keys.yaml names so."""
    text = (HERE / f"spec_{language}.yaml").read_text(encoding="utf-8")
    if keys == "proposed":
        return text
    chosen = yaml.safe_load((HERE / "keys.yaml").read_text(encoding="utf-8"))[language][keys]
    return text + f"keys: {json.dumps(chosen)}\n"


def same(asked: argparse.Namespace) -> list[Row]:
    """The same input twice: the digests of what was written."""
    engine, found = (asked.engine or (OURS,))[0], []
    for setting in asked.setting:
        directory = files(setting, asked.rows, asked.place)
        for number in (1, 2):
            run = engines.run(engine, directory, people.settings()[setting]["language"])
            digest = hashlib.sha256(run.pairs.read_bytes()).hexdigest()
            found.append({"setting": setting, "run": number, "engine": engine, "sha256": digest[:16]})
    return found


def archived(asked: argparse.Namespace) -> list[Row]:
    """The practice world's archives against a register of their true holders: recall, precision, and what is claimed."""
    directory = asked.place / f"archives-{asked.rows}"
    if not (directory / "truth.csv").exists():
        archives.write(asked.rows, ARCHIVES, directory)
    return [_row("archives", asked.rows, engines.run(OURS, directory, "archives"), None)]


def foreigners(asked: argparse.Namespace) -> list[Row]:
    """Files as other people have them, by the spec that `--suggest` writes, as it stands."""
    found = []
    for name in foreign.MADE:
        for seed in FOREIGN:
            directory = asked.place / f"foreign-{name}-{seed}"
            run = engines.suggested(foreign.write(name, seed, directory))
            found.append({"files": name, "seed": seed, **run})
    return found


def febrl(asked: argparse.Namespace) -> list[Row]:
    """The four FEBRL sets: ours by the suggested spec, recordlinkage and Splink as their documentation shows."""
    found: list[Row] = []
    for number in (1, 2, 3, 4):
        directory = asked.place / f"febrl{number}"
        directory.mkdir(parents=True, exist_ok=True)
        runner = [setup.python(), HERE / "febrl_runner.py"]
        subprocess.run([*runner, "files", str(number), directory], check=True, capture_output=True)
        run = engines.suggested(directory)
        shown = {name: run[name] for name in ("f1", "precision", "recall", "seconds", "peak_mb")}
        found.append({"set": f"FEBRL{number}", "engine": OURS, **shown})
        known = truth.unordered(truth.read(directory / "truth.csv"))
        for engine in ("recordlinkage", "splink"):
            cost = measured.run([*runner, engine, str(number), directory], engines.ROOT)
            worth = truth.worth(truth.unordered(truth.read(directory / f"{engine}.csv")), known)
            found.append(
                {"set": f"FEBRL{number}", "engine": engine, "f1": round(worth.f1, 5), "precision": round(worth.precision, 5),
                 "recall": round(worth.recall, 5), "seconds": round(cost.seconds, 1), "peak_mb": round(cost.peak_mb)}
            )  # fmt: skip
    return found


def ceiling(asked: argparse.Namespace) -> list[Row]:
    """The best F1 that the fields allow a learner who is told the truth of another draw (see ceiling_runner.py)."""
    found = []
    for setting in asked.setting:
        about = people.settings()[setting]
        other = asked.place / f"{setting}-{asked.rows}-other"
        people.write({**about, "seed": about["seed"] + OTHER}, asked.rows, other)
        directory = files(setting, asked.rows, asked.place)
        command = [setup.python(), HERE / "ceiling_runner.py", other, directory, about["language"]]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found.append({"setting": setting, "rows": asked.rows, **json.loads(done.stdout)})
    return found


WORK = {  # in the order of `all`
    "compare": compare,
    "growth": growth,
    "calibration": calibration,
    "blocking": blocking,
    "ceiling": ceiling,
    "same": same,
    "archives": archived,
    "foreign": foreigners,
    "febrl": febrl,
}


def markdown(rows: Sequence[Row]) -> str:
    """A table whose columns are all keys that occur, in the order of their first use."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, ["---"] * len(names), *([str(row.get(name, "")) for name in names] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Measure, print, and keep the result where asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.linking", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("all", *sorted(WORK)), default="compare")
    parser.add_argument("--setting", nargs="+", choices=sorted(people.settings()), default=REPORTING)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--engine", nargs="+", choices=(OURS, *SPLINK))
    parser.add_argument(
        "--place", type=Path, default=HERE.parents[2] / ".bench", help="where the made-up files are kept"
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    asked = parser.parse_args()
    rows: list[Row] = []
    for what in WORK if asked.what == "all" else (asked.what,):
        found = WORK[what](asked)
        print(f"{what}\n\n{markdown(found)}", flush=True)
        rows += [{"what": what, **row} for row in found] if asked.what == "all" else found
    if asked.json:
        asked.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    if asked.markdown:
        asked.markdown.write_text(markdown(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
