"""The lock names what is installed, to the byte, and no place to get it from."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt")


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_a_version_and_a_hash(name: str) -> None:
    lines = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
    packages = [line for line in lines if line and not line.lstrip().startswith("#")]
    assert packages
    assert [
        line for line in packages if not re.match(r"[a-z0-9-]+(\[[a-z]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ] == []


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_is_named(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "index-url" not in text


@pytest.mark.parametrize("name", LOCKS)
def test_everything_asked_for_is_locked(name: str) -> None:
    asked = re.findall(
        r"(?m)^([A-Za-z0-9._-]+)", (ROOT / name).with_suffix(".in").read_text().replace("-c requirements.txt", "")
    )
    locked = set(re.findall(r"(?m)^([a-z0-9-]+)", (ROOT / name).read_text()))
    assert {package.lower().replace("_", "-") for package in asked} <= locked


def test_both_locks_agree() -> None:
    versions: dict[str, set[str]] = {}
    for name in LOCKS:
        for pin in re.findall(r"(?m)^([a-z0-9-]+==[^\\\n]+)", (ROOT / name).read_text()):
            package, _, rest = pin.strip().partition("==")
            versions.setdefault(package + rest.partition(";")[2], set()).add(rest.partition(" ")[0])
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}
