"""Make the environment of the engines that ours is measured against: `python -m tests.bench.linking.setup` fills .venv-bench."""

import subprocess
import sys
import venv
from pathlib import Path

from tests.bench.linking.population import HERE

PLACE = HERE.parents[2] / ".venv-bench"
PYTHON = PLACE / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def python() -> Path:
    """The environment's interpreter. Ends the program with the command that makes it where it is not there."""
    if not PYTHON.exists():
        sys.exit(f"no {PLACE}: make it with `python -m tests.bench.linking.setup` (a minute)")
    return PYTHON


def main() -> None:
    """Create it, and install requirements.txt."""
    venv.create(PLACE, with_pip=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--requirement", HERE / "requirements.txt"], check=True)
    print(f"{PLACE} stands")


if __name__ == "__main__":
    main()
