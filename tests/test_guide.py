"""What docs/extend.md shows works as a newcomer would do it: each block in the one file that its first line names, and nothing else."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.practice import ROOT

BLOCK = re.compile(r"```(?:yaml|python)\n# (\S+)\n(.*?)```", re.DOTALL)
ROOMS = ("core", "matchers", "bots", "config")

RULES = """
from pathlib import Path
from core.reference import Reference
from core.settings import load, read
from matchers import examples, rules
from matchers.examples import Samples
config = read(Path("config/sites/mine"))
found = {r.code: r for r in rules.build(*([load(p) for p in layer] for layer in config.layers("rules")))}
assert (found["PH07"].params["limit"], "NM14" in found, found["MT12"].ceiling) == (8, False, "N")
staged = examples.world(Reference.load(Path("config/reference"), marked=True))
samples = Samples.read(load(Path("config/reference/example_accounts.yaml")))
for code in ("XX01", "XX02"):
    (example,) = found[code].examples
    beside = [rule for rule in found.values() if rule.code == code or not rule.code.startswith("XX")]
    assert examples.fires(example, samples, beside, staged) == frozenset(example["fires"]), code
"""
COMPARATOR = """
from pathlib import Path
from core.reference import Reference
from matchers import comparators
plate = comparators.load("plate")
levels = plate.compare(["TQ-0012", "TQ12", None], ["tq12", "TQ102", "TQ1"], Reference.load(Path("config/reference")))
assert levels.tolist() == [plate.level("EXACT"), plate.level("DISAGREE"), -1]
assert "plate" in comparators.KINDS
"""
SOURCE = """
from pathlib import Path
from bots.sources import load
from core.settings import read
from core.site import Connection
Path("drop/org").mkdir(parents=True)
Path("drop/org/热线_2026-03-16.csv").write_text("热线,单位,工号\\n95598,1300000000000000,7\\n", "utf-8")
(delivery,) = load(read(Path("config")), {"drop": Connection(directory=Path("drop"))})["hotlines"].pull(None, frozenset())
assert {name: list(cells) for name, cells in delivery.columns.items()} == {"number": ["95598"], "org_no": ["1300000000000000"]}
"""


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the guide's files in it."""
    here = tmp_path_factory.mktemp("newcomer")
    for room in ROOMS:
        shutil.copytree(ROOT / room, here / room, ignore=shutil.ignore_patterns("__pycache__"))
    site = here / "config" / "sites" / "mine"
    (site / "rules").mkdir(parents=True)
    (site / "hedang.yaml").write_text("schema: 1\nextends: ../..\n", encoding="utf-8")
    for name, text in BLOCK.findall((ROOT / "docs" / "extend.md").read_text(encoding="utf-8")):
        assert name.endswith("phones.yaml") or not (here / name).exists(), f"{name}: the guide overwrites a file"
        (here / name).write_text(text, encoding="utf-8")
    return here


def test_every_block_of_the_guide_names_its_file() -> None:
    guide = (ROOT / "docs" / "extend.md").read_text(encoding="utf-8")
    assert len(BLOCK.findall(guide)) == len(re.findall(r"```(?:yaml|python)", guide))


@pytest.mark.parametrize("script", [RULES, COMPARATOR, SOURCE], ids=["rules and checks", "comparator", "source"])
def test_what_the_guide_shows_works(newcomer: Path, script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=newcomer, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
