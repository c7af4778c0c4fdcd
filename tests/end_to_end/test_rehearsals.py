"""Whole nights against the practice world: nothing silently wrong, lost or doubled; both provinces, calm and stormy."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.practice import ROOT

ZERO = ("silent_wrong", "wrong_automatic", "lost", "doubled")


def _demo(place: Path, *words: str) -> dict[str, Any]:
    command = [sys.executable, str(ROOT / "run.py"), "demo", "--json", "--data", str(place), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _holds(told: dict[str, Any], verified: float, left: float) -> None:
    assert {key: told[key] for key in ZERO} == dict.fromkeys(ZERO, 0), told["details"]
    assert told["verified"] + told["unchanged"] >= verified * told["items"]
    assert told["unknown"] + told["parked"] <= left * told["items"]
    assert told["accuracy_after"] > told["accuracy_before"]
    for group in ("core", "basic"):
        assert told["pass_rate_after"][group] > told["pass_rate_before"][group]
    sums = (
        "verified",
        "unchanged",
        "conflicts",
        "awaiting_approval",
        "business_errors",
        "unknown",
        "parked",
        "waiting",
    )
    assert told["items"] == sum(told[key] for key in sums)


def test_the_other_province_works_by_configuration_alone(tmp_path: Path) -> None:
    _holds(_demo(tmp_path, "--accounts", "40", "--seed", "5", "--skin", "b", "--faults", "usual"), 0.9, 0.05)


@pytest.mark.matrix
@pytest.mark.parametrize("faults", ["none", "usual"])
@pytest.mark.parametrize("seed", range(1, 6))
def test_seeds(tmp_path: Path, seed: int, faults: str) -> None:
    verified, left = {"none": (0.98, 0.02), "usual": (0.90, 0.05)}[faults]
    _holds(_demo(tmp_path, "--seed", str(seed), "--faults", faults), verified, left)


@pytest.mark.matrix
@pytest.mark.parametrize("skin", ["a", "b"])
def test_storm(tmp_path: Path, skin: str) -> None:
    told = _demo(tmp_path, "--accounts", "150", "--seed", "7", "--faults", "storm", "--skin", skin)
    assert {key: told[key] for key in ZERO} == dict.fromkeys(ZERO, 0), told["details"]
