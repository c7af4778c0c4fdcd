"""What the other systems deliver: every file is one that the product's own readers take whole, and holds nobody."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bots import sources
from core.ports import Delivery
from core.settings import read
from core.site import Connection
from core.tables import UNMAPPED
from sandbox import __main__ as door
from sandbox import places, skins

TODAY = date(2026, 3, 16)
ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    "archive", "survey", "real_estate", "population", "collection", "pms", "prices", "staff", "civil", "positions", "statistics",
    "carrier", "payment",
}  # fmt: skip
Taken = dict[str, list[Delivery]]


def _taken(folder: Path, skin: str, site: str, accounts: int) -> tuple[door.Made, Taken, dict[str, str]]:
    made = door.make(accounts, 1, skins.load(skin), TODAY)
    door.write(made, folder, {})
    found = sources.load(read(ROOT / "config" / "sites" / site), {"drop": Connection(directory=folder / "drop")})
    kinds = {name: source.kind for name, source in found.items()}
    return made, {name: list(source.pull(None, frozenset())) for name, source in found.items()}, kinds


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[door.Made, Taken, dict[str, str]]:
    return _taken(tmp_path_factory.mktemp("world"), "a", "practice", 150)


@pytest.mark.parametrize(("skin", "site"), [("a", "practice"), ("b", "province_b")])
def test_delivers_every_kind_so_that_its_profile_takes_every_row(tmp_path: Path, skin: str, site: str) -> None:
    _, taken, kinds = _taken(tmp_path, skin, site, 60)
    assert set(kinds.values()) == KINDS
    for name, deliveries in taken.items():
        assert deliveries, name
        for one in deliveries:
            # the archive's export also names who changed a record, which no profile lets in
            expected = ["unknown_column"] if one.table == "accounts" else []
            assert (one.refused, [problem.code for problem in one.problems]) == (0, expected), name
            assert all(len(column) > 0 for column in one.columns.values()), name


def test_says_nothing_that_a_profile_cannot_map(world: tuple[door.Made, Taken, dict[str, str]]) -> None:
    _, taken, _ = world
    strange = {
        (name, column)
        for name, deliveries in taken.items()
        for one in deliveries
        for column, cells in one.columns.items()
        if any((cell or "").startswith(UNMAPPED) for cell in cells)
    }
    assert strange == {("archive", "note_type")}  # code_unknown of anomalies.yaml


def _rows(taken: Taken, name: str) -> list[dict[str, str | None]]:
    [one] = taken[name]
    return [dict(zip(one.columns, row, strict=True)) for row in zip(*one.columns.values(), strict=True)]


def test_knows_the_meters_that_the_archive_has(world: tuple[door.Made, Taken, dict[str, str]]) -> None:
    made, taken, _ = world
    meters = {account.row["cons_no"]: account.meter["asset_no"] for account in made.world.accounts}
    assert {row["cons_no"]: row["meter_asset_no"] for row in _rows(taken, "collection")} == meters
    areas = {row["tg_no"]: row["line_no"] for row in _rows(taken, "pms")}
    assert {a.row["tg_no"]: a.row["line_no"] for a in made.world.accounts} == areas


def test_masks_people_and_names_nobody_real(world: tuple[door.Made, Taken, dict[str, str]]) -> None:
    _, taken, _ = world
    people = _rows(taken, "population")
    resident = [row["cert_no"] or "" for row in people if row["cert_type_code"] == "01"]
    assert len(resident) > 50
    assert all(re.fullmatch(r"13990[1-5]\*{8}\d{3}[\dX]", number) for number in resident)
    numbers = [row["payer_mobile"] or "" for name in ("alipay", "wechat") for row in _rows(taken, name)]
    assert all(re.fullmatch(r"194(\*{4}\d{4}|\*{6}\d{2})", number) for number in numbers)


def test_puts_the_flats_of_a_quarter_close_together(world: tuple[door.Made, Taken, dict[str, str]]) -> None:
    made, taken, _ = world
    quarter = {account.row["cons_no"]: account.flat.quarter for account in made.world.accounts}
    by_quarter: dict[str, list[tuple[float, float]]] = {}
    for row in _rows(taken, "positions"):
        spot = float(row["lng"] or 0), float(row["lat"] or 0)
        by_quarter.setdefault(quarter[row["cons_no"] or ""].area, []).append(spot)
    assert len(by_quarter) == 2 * len(places.COUNTIES)
    for spots in by_quarter.values():
        for axis in range(2):
            values = [spot[axis] for spot in spots]
            assert max(values) - min(values) < 0.002 * 2
