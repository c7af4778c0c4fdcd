"""Promises of figures: stations are counted once, parents are sums, and nothing falls out of the whole."""

from collections.abc import Iterable

import pytest

from core.figures import WHOLE, Facts, figures, tree, whole
from core.ledger import Ledger, entities, runs
from core.ledger.entities import Organisation, Organisations
from tests.night import DAY, Night

ORGS = Organisations(
    {
        o.code: o
        for o in (
            Organisation("13", "冀北", "province", None),
            Organisation("131", "唐山", "city", "13"),
            Organisation("13101", "路北", "county", "131"),
            Organisation("131011", "城关", "station", "13101"),
            Organisation("131012", "河西", "station", "13101"),
        )
    }
)


def _items(*rows: tuple[str, str, int]) -> Facts:
    return Facts(items=rows)


def test_a_parent_is_the_sum_of_its_stations() -> None:
    counted = figures(_items(("131011", "verified", 2), ("131012", "verified", 3)), ORGS)
    assert [counted[code, "items.verified"] for code in ("131011", "131012", "13101", "131", "13", WHOLE)] == [
        2, 3, 5, 5, 5, 5,
    ]  # fmt: skip


def test_what_a_parent_holds_itself_counts_beside_its_stations() -> None:
    counted = figures(_items(("131011", "verified", 2), ("13101", "verified", 1)), ORGS)
    assert (counted["131011", "items.verified"], counted["13101", "items.verified"]) == (2, 3)


@pytest.mark.parametrize("stranger", ["99", ""], ids=["unknown", "none"])
def test_a_station_that_no_tree_knows_counts_by_itself_and_in_the_whole(stranger: str) -> None:
    counted = figures(_items((stranger, "verified", 2), ("131011", "verified", 1)), ORGS)
    assert (counted[stranger, "items.verified"], counted["13", "items.verified"]) == (2, 1)
    assert counted[WHOLE, "items.verified"] == 3
    assert [unit.org.code for unit in tree(ORGS, counted)] == ["13", "131", "13101", "131011", stranger]


def test_units_that_go_in_a_circle_end() -> None:
    circle = Organisations({"a": Organisation("a", "a", "station", "b"), "b": Organisation("b", "b", "county", "a")})
    assert figures(_items(("a", "verified", 1)), circle)["b", "items.verified"] == 1


def test_before_and_after_have_accounts_of_their_own() -> None:
    facts = Facts(
        passing={
            "before": {"core": {"131011": (5, 10)}, "basic": {"131011": (6, 10)}},
            "after": {"core": {"131011": (9, 12)}, "basic": {"131011": (12, 12)}},
        }
    )
    unit = whole(figures(facts, ORGS), "")
    assert (unit.get("accounts.before"), unit.get("accounts")) == (10, 12)
    assert [unit.rate(group, moment) for group in ("core", "basic") for moment in ("before", "after")] == [
        0.5, 0.75, 0.6, 1.0,
    ]  # fmt: skip


def test_a_rate_of_no_accounts_is_none() -> None:
    assert whole({}, "").rate("core", "after") is None


def test_every_figure_of_a_night_is_the_sum_of_its_children(dark: Ledger, night: Night) -> None:
    night.gather(dark)
    orgs, counted = entities.organisations(dark), runs.figures(dark, DAY)
    metrics = {metric for code, metric in counted if code in night.stations}
    assert {metric.split(".")[0] for metric in metrics} == {
        "accounts", "pass", "findings", "proposals", "waiting", "items",
    }  # fmt: skip
    for metric in metrics:
        for unit in orgs.units.values():
            if unit.level != "station":
                children = _children(orgs, unit.code)
                assert counted.get((unit.code, metric), 0) == sum(counted.get((c, metric), 0) for c in children)
        assert counted[WHOLE, metric] == counted["13", metric]


def _children(orgs: Organisations, code: str) -> Iterable[str]:
    return (o.code for o in orgs.units.values() if o.parent == code)
