"""Make the environment of Robot Framework Browser: `python -m tests.bench.web.robot.setup` fills .venv-bench-web.

It needs pip, node and npm; the browser is the machine's own Chromium.
"""

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
PLACE = HERE.parents[3] / ".venv-bench-web"
BIN = PLACE / ("Scripts" if sys.platform == "win32" else "bin")


def main() -> None:
    """Create it, install requirements.txt, and let the library fetch its own node packages."""
    venv.create(PLACE, with_pip=True)
    subprocess.run(
        [BIN / "python", "-m", "pip", "install", "--quiet", "--requirement", HERE / "requirements.txt"], check=True
    )
    subprocess.run([BIN / "rfbrowser", "init", "--skip-browsers"], check=True)
    print(f"{PLACE} stands")


if __name__ == "__main__":
    main()
