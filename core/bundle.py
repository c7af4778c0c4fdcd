"""Pack what Hedang needs into one folder, so that a machine in an intranet without any package registry can install it.

The lock is read with the eyes of the target: its markers decide which packages it needs, its tags which files fit. What is
published only as source is built here, once, and must come out as pure Python. The folder's own list names the hash of every file
that lies in it.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from core.errors import ConfigError, InputError, MissingPart, choices
from core.words import Words

LOCK = Path(__file__).parents[1] / "requirements.txt"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A kind of machine: what pip calls it, newest tag first, and how it answers the lock's markers."""

    tags: tuple[str, ...]
    markers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A folder that installs without a network."""

    platform: str
    # major.minor of the Python that must be on the target
    python: str
    directory: Path
    wheels: int
    # bytes of all wheels
    size: int
    # packages that are published as source only and were built here
    built: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One package of the lock."""

    name: str
    version: str
    hashes: tuple[str, ...]

    def line(self) -> str:
        """The pin as pip reads it."""
        return " ".join([f"{self.name}=={self.version}", *(f"--hash={one}" for one in self.hashes)])


def _linux(machine: str) -> Platform:
    # glibc 2.28 is what RHEL 8, openEuler 20.03 and Kylin V10 have; a newer system takes everything that they take
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(28, 16, -1)]
    older = ["manylinux_2_12", "manylinux2010", "manylinux_2_5", "manylinux1"] if machine == "x86_64" else []
    tags += [f"manylinux2014_{machine}", *(f"{name}_{machine}" for name in older), f"linux_{machine}"]
    return Platform(tags=tuple(tags), markers=_markers("linux", "posix", "Linux", machine))


def _markers(sys_platform: str, os_name: str, system: str, machine: str) -> Mapping[str, str]:
    return {
        "sys_platform": sys_platform,
        "os_name": os_name,
        "platform_system": system,
        "platform_machine": machine,
        "platform_release": "",
        "platform_version": "",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }


PLATFORMS: Mapping[str, Platform] = {
    "win_amd64": Platform(tags=("win_amd64",), markers=_markers("win32", "nt", "Windows", "AMD64")),
    "manylinux_x86_64": _linux("x86_64"),
    "manylinux_aarch64": _linux("aarch64"),
}


def bundle(platform: str, out: Path, progress: Progress, *, python: str | None = None, lock: Path = LOCK) -> Bundle:
    """Write wheels, their list with hashes, installers and a page to read into `out`, which must be new or empty.

    `python` is the target's major.minor, by default this Python's. Raises ConfigError for an unknown platform, InputError for a
    folder in use or a package that the platform cannot have, MissingPart when the packages cannot be fetched.
    """
    target = PLATFORMS.get(platform)
    if target is None:
        raise ConfigError(f"no platform '{platform}'; there are: {choices(PLATFORMS)}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            Words(f"{out}：已有内容；请指定新的或空的文件夹", f"{out}: is in use; name a new or an empty folder")
        )
    python = python or f"{sys.version_info.major}.{sys.version_info.minor}"
    needed = pins(lock, target, python)
    wheels = out / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        fetched = Path(name)
        progress(f"fetching {len(needed)} packages for {platform}, Python {python}")
        _fetch(needed, target, python, fetched)
        built = tuple(_move(file, wheels, platform, progress) for file in sorted(fetched.iterdir()))
    _list(wheels, out / "requirements.txt")
    _explain(out, platform, python)
    files = list(wheels.iterdir())
    return Bundle(
        platform=platform,
        python=python,
        directory=out,
        wheels=len(files),
        size=sum(file.stat().st_size for file in files),
        built=tuple(name for name in built if name),
    )


def pins(lock: Path, target: Platform, python: str) -> list[Pin]:
    """The packages of a lock that the target needs, in its order."""
    answers = {**target.markers, "python_version": python, "python_full_version": f"{python}.0"}
    answers |= {"implementation_version": f"{python}.0"}
    found = []
    for line in _logical(lock.read_text(encoding="utf-8")):
        spec, *hashes = re.split(r"\s+--hash=", line)
        requirement = Requirement(spec)
        versions = [one.version for one in requirement.specifier if one.operator == "=="]
        if not hashes or len(versions) != 1:
            raise InputError(f"{lock}: {requirement.name}: no exact version with hashes; `make lock` writes them")
        if requirement.marker is None or requirement.marker.evaluate(answers):
            name = canonicalize_name(requirement.name)
            found.append(Pin(name=name, version=versions[0], hashes=tuple(one.strip() for one in hashes)))
    return found


def _logical(text: str) -> Iterable[str]:
    """The lines of a requirements file without comments, each with what was continued on the next ones."""
    bare = re.sub(r"(?m)^\s*#.*\n?|\s+#.*$", "", text)
    return filter(None, (line.strip() for line in bare.replace("\\\n", " ").splitlines()))


def _fetch(needed: list[Pin], target: Platform, python: str, into: Path) -> None:
    """Wheels where the target has one, sources where a package is published without; nothing that the lock does not know."""
    asked = into / "requirements.txt"
    asked.write_text("\n".join(pin.line() for pin in needed), encoding="utf-8")
    short = python.replace(".", "")
    abis = [word for abi in (f"cp{short}", "abi3", "none") for word in ("--abi", abi)]
    tags = [word for tag in target.tags for word in ("--platform", tag)]
    where = ["--python-version", python, "--implementation", "cp", *abis, *tags]
    _pip("download", "--no-deps", "--require-hashes", *where, "-r", str(asked), "-d", str(into))
    asked.unlink()


def _move(file: Path, wheels: Path, platform: str, progress: Progress) -> str:
    """Put a fetched file among the wheels; a source is built first, and its package's name returned."""
    if file.suffix == ".whl":
        shutil.move(file, wheels / file.name)
        return ""
    progress(f"building {file.name}")
    with tempfile.TemporaryDirectory() as name:
        _pip("wheel", "--no-deps", "-w", name, str(file))
        wheel = next(Path(name).glob("*.whl"))
        package, _, _, tags = parse_wheel_filename(wheel.name)
        if any(tag.platform != "any" for tag in tags):
            raise InputError(
                Words(
                    f"{package}：没有 {platform} 的安装包，其源码也不只有 Python",
                    f"{package}: has no wheel for {platform}, and its source holds more than Python",
                )
            )
        shutil.move(wheel, wheels / wheel.name)
    return package


def _pip(command: str, *args: str) -> None:
    """Run this environment's pip. Builds use the setuptools of the development lock instead of fetching one."""
    # a fixed date inside built wheels: the same lock gives the same hashes
    env = {**os.environ, "SOURCE_DATE_EPOCH": "1577836800", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    words = [sys.executable, "-m", "pip", command, "--quiet", "--no-build-isolation", "--use-pep517", *args]
    done = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingPart(f"pip {command} failed: {_last(done.stderr)}")


def _last(text: str) -> str:
    """The last complaint of pip, which is the one that names the package."""
    lines = [line for line in text.splitlines() if line.startswith("ERROR:")]
    return (lines or text.splitlines() or ["it said nothing"])[-1].removeprefix("ERROR: ")


def _list(wheels: Path, to: Path) -> None:
    """Every wheel by version and by the hash of the file that lies there."""
    lines = []
    for wheel in sorted(wheels.iterdir()):
        name, version, _, _ = parse_wheel_filename(wheel.name)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lines.append(Pin(name=name, version=str(version), hashes=(f"sha256:{digest}",)).line())
    to.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _explain(out: Path, platform: str, python: str) -> None:
    windows = platform.startswith("win")
    name, body = ("install.cmd", INSTALL_CMD) if windows else ("install.sh", INSTALL_SH)
    script = out / name
    script.write_text(body.replace("@PYTHON@", python), encoding="ascii", newline="\r\n" if windows else "\n")
    script.chmod(0o755)
    run = ".venv\\Scripts\\python" if windows else ".venv/bin/python"
    page = README
    for word, meaning in {"@PLATFORM@": platform, "@PYTHON@": python, "@SCRIPT@": name, "@RUN@": run}.items():
        page = page.replace(word, meaning)
    (out / "README.txt").write_text(page, encoding="utf-8", newline="\r\n" if windows else "\n")


README = """\
Hedang (核档): packages for @PLATFORM@, Python @PYTHON@

The machine needs Python @PYTHON@ with tkinter, and Chromium, Chrome or Edge.

1. Copy this folder and Hedang's own folder to the machine.
2. Run @SCRIPT@ with Hedang's folder as its argument. It makes .venv in it from the files in wheels, checks every hash against
   requirements.txt, and asks no network for anything.
3. In Hedang's folder, run: @RUN@ run.py doctor
"""

INSTALL_SH = """\
#!/bin/sh
# install.sh HEDANG [OPTION-OF-PIP]...: make HEDANG/.venv from the wheels beside this file, without a network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ -d "${1:-}" ] || { echo "usage: $0 FOLDER-OF-HEDANG [OPTION-OF-PIP]..." >&2; exit 2; }
hedang=$1
shift
python=${PYTHON:-python@PYTHON@}
command -v "$python" >/dev/null || { echo "$python is missing: install it, or name it: PYTHON=/path/to/python $0" >&2; exit 2; }
"$python" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "@PYTHON@")' ||
    { echo "$python is not Python @PYTHON@, for which these wheels are" >&2; exit 2; }
"$python" -m venv "$hedang/.venv"
"$hedang/.venv/bin/python" -m pip --isolated --disable-pip-version-check install --quiet \\
    --no-index --find-links "$here/wheels" --only-binary :all: --require-hashes -r "$here/requirements.txt" "$@"
echo "ready: $hedang/.venv"
"""

INSTALL_CMD = """\
@echo off
rem install.cmd HEDANG: make HEDANG\\.venv from the wheels beside this file, without a network.
setlocal
if "%~1"=="" goto usage
if not exist "%~1\\" goto usage
if not defined PYTHON set "PYTHON=py -@PYTHON@"
%PYTHON% -c "import sys; sys.exit('%%d.%%d' %% sys.version_info[:2] != '@PYTHON@')"
if errorlevel 1 goto nopython
%PYTHON% -m venv "%~1\\.venv"
if errorlevel 1 exit /b 1
"%~1\\.venv\\Scripts\\python" -m pip --isolated --disable-pip-version-check install --quiet ^
    --no-index --find-links "%~dp0wheels" --only-binary :all: --require-hashes -r "%~dp0requirements.txt"
if errorlevel 1 exit /b 1
echo ready: %~1\\.venv
exit /b 0

:usage
echo usage: %~nx0 FOLDER-OF-HEDANG 1>&2
exit /b 2

:nopython
echo Python @PYTHON@ is missing, for which these wheels are; install it, or name it by: set PYTHON=C:\\path\\to\\python.exe 1>&2
exit /b 2
"""
