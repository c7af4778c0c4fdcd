"""Before a policy is switched: what it would change is listed without a value, and nothing is written."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.ledger import proposals
from core.model import Class, Disposition
from tests.practice import Practice, practice

POLICY = Path(__file__).resolve().parents[2] / "config" / "sites" / "practice" / "policy.yaml"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with practice(tmp_path_factory.mktemp("policy"), accounts=40, seed=4, until="reconcile") as site:
        yield site


def _other(folder: Path, old: str, new: str) -> str:
    text = POLICY.read_text(encoding="utf-8")
    assert old in text
    (folder / "new.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return str(folder / "new.yaml")


def _day(site: Practice) -> tuple[str, str]:
    return "--date", site.world.day.isoformat()


def _kept(site: Practice) -> dict[int, tuple[Class, Disposition, str, int]]:
    ledger = site.ledger()
    try:
        return {p.id: (p.cls, p.disposition, p.state, p.version) for p in proposals.find(ledger)}
    finally:
        ledger.close()


def test_the_same_policy_changes_nothing(site: Practice) -> None:
    assert site.json("policy", "diff", str(POLICY), *_day(site)) == {"changed": 0, "counts": {}, "proposals": []}


def test_what_a_stricter_policy_would_send_to_a_person_is_listed_and_nothing_is_written(
    site: Practice, tmp_path: Path
) -> None:
    before = _kept(site)
    automatic = {n for n, (cls, d, *_) in before.items() if (cls, d) == (Class.S, Disposition.AUTOMATIC)}
    stricter = _other(tmp_path, "start: {S: automatic,", "start: {S: shadow,")
    said = site.json("policy", "diff", stricter, *_day(site))
    assert automatic
    assert {p["proposal"] for p in said["proposals"]} == automatic
    assert {(p["before"], p["after"], p["failed"]) for p in said["proposals"]} == {
        ("S automatic", "S for_review", "rung")
    }
    assert sum(said["counts"].values()) == said["changed"] == len(automatic)
    assert _kept(site) == before


def test_the_list_holds_no_value(site: Practice, tmp_path: Path) -> None:
    said = json.dumps(
        site.json("policy", "diff", _other(tmp_path, "start: {S: automatic,", "start: {S: shadow,"), *_day(site))
    )
    ledger = site.ledger()
    try:
        values = {p.after for p in proposals.find(ledger) if p.after and len(p.after) > len("B automatic")}
    finally:
        ledger.close()
    assert values
    assert not [value for value in values if value in said]


def test_a_mistake_in_the_new_policy_names_its_place_and_the_choices(site: Practice, tmp_path: Path) -> None:
    wrong = _other(tmp_path, "start: {S: automatic,", "start: {S: sometimes,")
    said = site.run("policy", "diff", wrong, *_day(site), expect=2, env={"HEDANG_LANG": "en"}).stderr
    assert "new.yaml:" in said
    assert "error_budget.start.S" in said
    assert all(rung in said for rung in ("shadow", "attended", "automatic"))
