"""A bundle holds what its platform needs, proves it by hashes, and installs where nothing can be fetched."""

import hashlib
import io
import platform as machine
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from core import bundle
from core.errors import ConfigError, InputError, MissingPart

SETUP = "from setuptools import setup, Extension\nsetup(name={name!r}, version='1.0', {more})\n"


class Shop:
    """A folder of packages that stands for the registry, and a lock over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = folder / "lock.txt"
        self.lines: list[str] = []

    def wheel(self, name: str, tag: str) -> Path:
        path = self.folder / f"{name}-1.0-{tag}.whl"
        info = f"{name}-1.0.dist-info"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
            archive.writestr(f"{info}/RECORD", "")
        return path

    def source(self, name: str, more: str = "") -> Path:
        path = self.folder / f"{name}-1.0.tar.gz"
        members = {"setup.py": SETUP.format(name=name, more=more), "PKG-INFO": f"Name: {name}\nVersion: 1.0\n"}
        with tarfile.open(path, "w:gz") as archive:
            for member, text in {**members, "odd.c": "int main;"}.items():
                entry = tarfile.TarInfo(f"{name}-1.0/{member}")
                entry.size = len(text.encode())
                archive.addfile(entry, io.BytesIO(text.encode()))
        return path

    def pin(self, name: str, *files: Path, marker: str = "") -> None:
        hashes = " \\\n".join(f"    --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files)
        self.lines += [f"{name}==1.0{f' ; {marker}' if marker else ''} \\", hashes, "    # via somebody"]
        self.lock.write_text("# made by hand\n" + "\n".join(self.lines) + "\n")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return Shop(folder)


def quiet(_: str) -> None:
    """Nobody watches."""


def make(shop: Shop, platform: str, out: Path) -> bundle.Bundle:
    return bundle.bundle(platform, out, quiet, python="3.11", lock=shop.lock)


def names(made: bundle.Bundle) -> set[str]:
    return {file.name for file in (made.directory / "wheels").iterdir()}


@pytest.mark.parametrize(
    ("platform", "tag"),
    [
        ("win_amd64", "cp311-cp311-win_amd64"),
        ("manylinux_x86_64", "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64"),
        ("manylinux_aarch64", "cp311-abi3-manylinux_2_28_aarch64"),
    ],
)
def test_each_platform_gets_its_own_files(shop: Shop, tmp_path: Path, platform: str, tag: str) -> None:
    windows = shop.wheel("fast", "cp311-cp311-win_amd64")
    intel = shop.wheel("fast", "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64")
    arm = shop.wheel("fast", "cp311-abi3-manylinux_2_28_aarch64")
    shop.pin("fast", windows, intel, arm)

    assert names(make(shop, platform, tmp_path / "out")) == {f"fast-1.0-{tag}.whl"}


@pytest.mark.parametrize(
    ("platform", "wanted"),
    [
        ("win_amd64", {"everywhere", "windows"}),
        ("manylinux_x86_64", {"everywhere", "x"}),
        ("manylinux_aarch64", {"everywhere", "x"}),
    ],
)
def test_the_lock_is_read_with_the_eyes_of_the_target(shop: Shop, platform: str, wanted: set[str]) -> None:
    plain = shop.wheel("plain", "py3-none-any")
    for name, marker in {
        "everywhere": "",
        "windows": "sys_platform == 'win32'",
        "x": "sys_platform == 'linux'",
        "apple": "sys_platform == 'darwin'",
        "later": "python_full_version >= '3.12'",
        "pypy": "implementation_name == 'pypy'",
    }.items():
        shop.pin(name, plain, marker=marker)

    assert {pin.name for pin in bundle.pins(shop.lock, bundle.PLATFORMS[platform], "3.11")} == wanted


def test_the_list_names_the_hash_of_every_file(shop: Shop, tmp_path: Path) -> None:
    shop.pin("one", shop.wheel("one", "py3-none-any"))
    shop.pin("two", shop.source("two"))

    made = make(shop, "win_amd64", tmp_path / "out")

    listed = (made.directory / "requirements.txt").read_text()
    for file in (made.directory / "wheels").iterdir():
        assert hashlib.sha256(file.read_bytes()).hexdigest() in listed
    assert made.wheels == 2


def test_what_is_published_as_source_is_built(shop: Shop, tmp_path: Path) -> None:
    shop.pin("two", shop.source("two"))

    made = make(shop, "manylinux_aarch64", tmp_path / "out")

    assert made.built == ("two",)
    assert names(made) == {"two-1.0-py3-none-any.whl"}


def test_building_twice_gives_the_same_hash(shop: Shop, tmp_path: Path) -> None:
    shop.pin("two", shop.source("two"))

    first = make(shop, "win_amd64", tmp_path / "first").directory / "requirements.txt"
    again = make(shop, "win_amd64", tmp_path / "again").directory / "requirements.txt"

    assert first.read_text() == again.read_text()


def test_a_source_with_more_than_python_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.pin("odd", shop.source("odd", more="ext_modules=[Extension('odd', ['odd.c'], optional=True)]"))

    with pytest.raises(InputError, match="odd: has no wheel for win_amd64, and its source holds more than Python"):
        make(shop, "win_amd64", tmp_path / "out")


def test_a_file_that_was_exchanged_is_refused(shop: Shop, tmp_path: Path) -> None:
    genuine = shop.wheel("one", "py3-none-any")
    shop.pin("one", genuine)
    genuine.write_bytes(genuine.read_bytes() + b"more")

    with pytest.raises(MissingPart, match="pip download failed"):
        make(shop, "win_amd64", tmp_path / "out")


def test_a_package_that_cannot_be_fetched_is_named(shop: Shop, tmp_path: Path) -> None:
    shop.pin("absent", shop.wheel("other", "py3-none-any"))

    with pytest.raises(MissingPart, match="absent"):
        make(shop, "win_amd64", tmp_path / "out")


def test_an_unknown_platform_is_answered_with_the_choices(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match="no platform 'sparc'; there are: manylinux_aarch64, manylinux_x86_64, win_amd64"
    ):
        bundle.bundle("sparc", tmp_path, quiet)


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()

    with pytest.raises(InputError, match="is in use"):
        bundle.bundle("win_amd64", tmp_path, quiet)


def test_a_lock_without_hashes_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.lock.write_text("one==1.0\n")

    with pytest.raises(InputError, match="one: no exact version with hashes"):
        make(shop, "win_amd64", tmp_path / "out")


@pytest.mark.parametrize("platform", bundle.PLATFORMS)
def test_scripts_have_the_line_ends_of_their_system(shop: Shop, tmp_path: Path, platform: str) -> None:
    shop.pin("one", shop.wheel("one", "py3-none-any"))

    made = make(shop, platform, tmp_path / "out")

    windows = platform == "win_amd64"
    script = (made.directory / ("install.cmd" if windows else "install.sh")).read_bytes()
    assert (b"\r\n" in script) is windows
    assert b"@PYTHON@" not in script
    assert b"@" not in (made.directory / "README.txt").read_bytes()


def unreachable() -> list[str]:
    """A prefix under which a command has no network at all, if this machine allows it."""
    prefix = ["unshare", "--map-root-user", "--net"]
    allowed = (
        shutil.which("unshare") and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    )
    return prefix if allowed else []


@pytest.mark.matrix
@pytest.mark.skipif(sys.platform != "linux", reason="installs the Linux bundle")
def test_the_bundle_of_this_machine_installs_without_a_network(tmp_path: Path) -> None:
    made = bundle.bundle(f"manylinux_{machine.machine()}", tmp_path / "out", quiet)
    hedang = tmp_path / "hedang"
    hedang.mkdir()
    nowhere = "http://127.0.0.1:9/"
    closed = {"PATH": "/usr/bin:/bin", "PYTHON": sys.executable, "http_proxy": nowhere, "https_proxy": nowhere}

    # compiled on import, as far as imported: a quarter of the time
    install = [str(made.directory / "install.sh"), str(hedang), "--no-compile"]
    subprocess.run([*unreachable(), *install], env=closed, check=True)

    python = hedang / ".venv" / "bin" / "python"
    imports = "import alembic, fastapi, httpx, pandas, playwright, psycopg, pyarrow, rapidfuzz, sqlalchemy"
    subprocess.run([python, "-c", imports], env=closed, check=True)
    subprocess.run([python, "-m", "pip", "check"], env=closed, check=True)
