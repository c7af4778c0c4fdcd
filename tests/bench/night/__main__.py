"""Rehearse a night of many accounts over a wire: `python -m tests.bench.night [--accounts 20000] [--json FILE]`; nothing is asserted."""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from doors import logs, output
from tests.bench.night import tables
from tests.bench.night.play import play
from tests.practice import practice

CENTS = 10
"""What paid questions may cost in a night, for each account: the budget of a site of that size."""


def main() -> None:
    """Play, print, and keep the result where --json says."""
    asked = _arguments()
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="night-", dir=asked.directory) as place,
        practice(Path(place), accounts=asked.accounts, seed=asked.seed, faults=asked.faults, mix=asked.mix) as site,
        output.progress() as say,
    ):
        sys.stderr.write(f"the world stands after {time.monotonic() - began:.0f} s\n")
        os.environ.update(site.secrets)
        logs.begin(site.data, quiet=True)
        site.run("import", "codes", str(Path(site.world.told["drop_dir"]) / "org" / "代码表.csv"))
        shown = play(site, asked.nights, say, asked.budget)
    about = {
        "accounts": asked.accounts,
        "seed": asked.seed,
        "faults": asked.faults,
        "mix": asked.mix,
        "played": asked.nights,
        "budget_cents": asked.budget,
    }
    told = tables.result(shown, about | {"seconds": round(time.monotonic() - began, 1)})
    if asked.json is not None:
        asked.json.write_text(json.dumps(told, ensure_ascii=False, indent=1, default=str), encoding="utf-8")
    if asked.markdown is not None:
        asked.markdown.write_text(tables.markdown(told), encoding="utf-8")
    tables.show(told, Console(width=170))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.night", description=__doc__)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", choices=("none", "usual", "storm"), default="usual")
    parser.add_argument("--mix", default="everything", help="which anomalies: a file of sandbox/mixes/, or default")
    parser.add_argument(
        "--nights", type=int, default=1, help="late results and orders of the first night end in the second"
    )
    parser.add_argument("--budget", type=int, help="cents for paid questions in a night; default: 10 for each account")
    parser.add_argument("--json", type=Path, help="keep the result as one JSON object")
    parser.add_argument("--markdown", type=Path, help="keep the tables as a page")
    parser.add_argument("--directory", type=Path, help="where the world and the ledger are made")
    asked = parser.parse_args()
    asked.budget = CENTS * asked.accounts if asked.budget is None else asked.budget
    return asked


if __name__ == "__main__":
    main()
