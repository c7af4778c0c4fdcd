"""Nights over a wire do what nights in a browser do: nothing silently wrong, lost or doubled, and every spoilt cell accounted for."""

from pathlib import Path

import pytest

from tests.bench.night import tables
from tests.bench.night.play import play
from tests.practice import practice

ZERO = ("silent_wrong", "wrong_automatic", "lost", "doubled")


@pytest.mark.matrix
def test_a_night_with_the_usual_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with practice(tmp_path, accounts=60, seed=3, faults="usual", mix="everything") as site:
        for name, value in site.secrets.items():
            monkeypatch.setenv(name, value)
        shown = play(site, 1, lambda *_: None)
        told = tables.result(shown, {"accounts": 60})
    assert {key: told[key] for key in ZERO} == dict.fromkeys(ZERO, 0), told["details"]
    assert all(night["fill"]["ended"] in ("done", "nothing to do") for night in shown.counts)
    assert told["accuracy_after"] > told["accuracy_before"]
    assert told["automatic_writes"] > 0
    _adds_up(told["dirt"])
    _adds_up(told["classes"])
    assert sum(row["asked"] for row in told["dirt"].values()) == told["target"]["asked"] > 0
    assert {"GET basic.do", "POST save.do", "POST orders.do"} <= told["pages"].keys()


def _adds_up(table: dict[str, dict[str, int]]) -> None:
    for row in table.values():
        assert row["solved"] <= row["cells"] <= row["injected"]
        assert row["answered"] <= row["asked"] <= row["decidable"] <= row["cells"]
    assert sum(row["solved"] for row in table.values()) > 0
    assert not sum(table[name]["solved"] for name in ("C", "N") if name in table)
