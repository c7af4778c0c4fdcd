"""The mix of every class of dirt: all of it appears, nothing of it dominates, and other systems say what they were told to."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
import yaml

from sandbox import __main__ as door
from sandbox import anomalies, answers, inputs, skins

TODAY = date(2026, 3, 16)
REPAIRS = {
    "ID02",
    "ID10",
    "NM09",
    "PH03",
    "PH05",
    "PH06",
    "AD12",
    "AM10",
    "AM11",
}  # rules whose findings are mostly of class A
UNSEEN = {
    "AD06", "AD07", "AD08", "AD09",  # need the site's ledger of quarters, which a person confirms
    "AD11", "AD16", "AD19", "AM01", "AM04", "ID06", "NM11", "NM14", "NM15", "PH10", "PH13", "PH14", "PH16",  # nothing makes them for sure
    "SV06", "SV07", "SV08",  # arise in the night itself
}  # fmt: skip
SHARE = 0.15


@pytest.fixture(scope="module")
def made() -> door.Made:
    return door.make(900, 1, skins.load("a"), TODAY, "everything")


def test_makes_every_class_of_the_mix(made: door.Made) -> None:
    assert {name for name, *_ in made.archive.spoilt} == set(anomalies.mix("everything"))
    assert set(anomalies.mix("everything")) == set(anomalies.kinds())


def test_lets_no_class_and_not_the_repairs_together_exceed_their_share(made: door.Made) -> None:
    wanted = anomalies.mix("everything")
    counts = Counter(name for name, *_ in made.archive.spoilt)
    repairs = sum(count for name, count in counts.items() if REPAIRS & set(wanted[name]["rules"]))
    assert max(counts.values()) / counts.total() < SHARE
    assert repairs / counts.total() < SHARE


def test_names_a_rule_for_everything_but_what_a_world_alone_cannot_provoke() -> None:
    said = {rule for spec in anomalies.mix("everything").values() for rule in spec["rules"]}
    groups = {"ID": 20, "NM": 16, "PH": 17, "AD": 19, "MT": 16, "AM": 12, "SV": 8}
    every = {f"{group}{n:02d}" for group, count in groups.items() for n in range(1, count + 1)}
    named_without_anomaly = {"NM13"}  # written down with the registry's batch
    assert every - said - UNSEEN == named_without_anomaly
    assert not said & UNSEEN


def test_leaves_the_default_as_it_was() -> None:
    assert anomalies.mix(anomalies.DEFAULT) == anomalies.RATES["archive"]
    plain = door.make(150, 1, skins.load("a"), TODAY)
    assert plain.archive.sources == {}
    with pytest.raises(ValueError, match="no mix 'nothing'; there are: default, everything"):
        anomalies.mix("nothing")


def _spoilt(made: door.Made, name: str) -> list[int]:
    return [place for dirt, _, place, _ in made.archive.spoilt if dirt == name]


def _delivered(made: door.Made, rows: Any, key: str) -> dict[str, dict[str, str]]:
    return {row[key]: row for row in rows(door.scene(made))}


@pytest.mark.parametrize(
    ("dirt", "rows", "cells"),
    [
        ("use_none", inputs.collection, {"零电量月数": "14"}),
        ("meter_unread", inputs.collection, {"表底": ""}),
        ("carrier_stopped", inputs.carrier, {"号码状态": "停机"}),
        ("position_zero", inputs.positions, {"经度": "0.000000"}),
    ],
)
def test_makes_the_other_systems_say_it(made: door.Made, dirt: str, rows: Any, cells: dict[str, str]) -> None:
    delivered = _delivered(made, rows, "户号")
    places = _spoilt(made, dirt)
    assert places
    for place in places:
        assert cells.items() <= delivered[made.archive.accounts[place]["cons_no"]].items()


def test_lets_surveyors_see_what_only_they_can(made: door.Made) -> None:
    results = {result.house: result for result in made.results}
    photos = Counter(photo["sha256"] for r in results.values() for photo in r.photos)
    for place in _spoilt(made, "photo_reused"):
        assert any(photos[p["sha256"]] > 1 for p in results[made.archive.accounts[place]["cons_no"]].photos)
    shops = [results[made.archive.accounts[place]["cons_no"]] for place in _spoilt(made, "shop")]
    assert shops
    assert all({"item": "JZ096", "ans": answers.WRONG, "val": "是"} in r.answers for r in shops)
    hurried = [results[made.archive.accounts[place]["cons_no"]] for place in _spoilt(made, "hurried")]
    assert len({(r.surveyor, r.at[:13]) for r in hurried}) * 9 == len(hurried)


def test_is_written_as_strictly_as_the_default() -> None:
    text = (anomalies.MIXES / "everything.yaml").read_text("utf-8")
    specs = yaml.load(text, Loader=yaml.BaseLoader)["archive"]
    assert all(set(spec) == {"rules", "share", "least"} for spec in specs.values())
