"""Checks of metering points, meters, capacity, voltage and price."""

import re
from collections.abc import Mapping
from typing import Annotated, cast

import numpy as np
import numpy.typing as npt

from matchers.checks import Ceiling, CodeOf, Detail, Hits, OneOf, check, each_row, flagged, judged
from matchers.columns import Coded, differing, encode, pairs, spread
from matchers.comparators.number import read
from matchers.normal import text as texts
from matchers.scene import Scene, larger_groups

_COLLECTED = ("meter_asset_no", "terminal_asset_no", "tg_no")
"""What both the archive and the collection system say of an account."""


@check("mp_no", "cons_status_code")
def no_metering_point(scene: Scene) -> list[Hits]:
    """An account in use without a metering point."""
    column = scene.archive.column("mp_no")
    return flagged("mp_no", column, scene.active & ~column.present(), Detail())


@check("mp_no", "meter_asset_no", "cons_status_code")
def no_meter(scene: Scene) -> list[Hits]:
    """A metering point in use without a meter, or with one that the collection system knows and never read."""
    column = scene.archive.column("meter_asset_no")
    bare = scene.archive.column("mp_no").present() & ~column.present()
    read_once, known = scene.collected("reading"), scene.collected("known").present()
    unread = column.present() & known & ~read_once.present() if len(read_once.values) else np.zeros_like(bare)
    return flagged("meter_asset_no", column, scene.active & (bare | unread), Detail())


@check("meter_asset_no", "cons_status_code")
def shared_meter(scene: Scene) -> list[Hits]:
    """One meter on several active accounts."""
    column = scene.archive.column("meter_asset_no")
    keys = np.where(scene.active, column.codes, -1).astype(np.int32)
    return flagged("meter_asset_no", column, larger_groups(keys, 1) > 0, Detail())


@check("meter_asset_no")
def asset_number(scene: Scene, *, digits: int) -> list[Hits]:
    """A meter asset number that is not the configured number of digits."""
    shape = re.compile(rf"\d{{{digits}}}")
    return judged(
        "meter_asset_no",
        scene.archive.column("meter_asset_no"),
        lambda text: (
            None
            if shape.fullmatch(text)
            else Detail(value=text, params={"digits": digits, "length": len(texts.compact(text))})
        ),
    )


@check("contract_cap", "volt_code", "cons_sort_code")
def capacity(scene: Scene, *, single_phase_kw: float) -> list[Hits]:
    """A contract capacity that is missing, not above zero, or above the limit of a single-phase account."""
    column = scene.archive.column("contract_cap")
    single = scene.archive.column("volt_code").isin(("v220",))
    value = [read(text) for text in column.values]
    broken = column.rows(number is None or number <= 0 for number in value)
    large = (
        column.rows(number is not None and number > single_phase_kw for number in value) & single & scene.residential
    )
    return [
        *flagged("contract_cap", column, ~column.present() & scene.active, Detail(params={"why": "empty"})),
        *flagged("contract_cap", column, broken, Detail(params={"why": "not_positive"})),
        *flagged("contract_cap", column, large, Detail(params={"why": "above_limit", "limit": f"{single_phase_kw:g}"})),
    ]


@check("volt_code", "cons_sort_code")
def voltage(scene: Scene, *, allowed: Annotated[tuple[str, ...], CodeOf("volt")]) -> list[Hits]:
    """A residential account at a voltage that homes do not have."""
    column = scene.archive.column("volt_code")
    odd = column.present() & ~column.isin(allowed) & ~column.rows(value.startswith("?") for value in column.values)
    return flagged("volt_code", column, odd & scene.residential, Detail())


@check("elec_type_code", "price_code", extra=("price_table",))
def price(scene: Scene) -> list[Hits]:
    """A price that does not go with the kind of use."""
    table = cast("Mapping[str, frozenset[str]]", scene.archive.extra["price_table"])
    prices, kinds = scene.archive.column("price_code"), scene.archive.column("elec_type_code")
    fits = np.array([[k in table.get(p, frozenset((k,))) for k in kinds.values] for p in prices.values], dtype=np.bool_)
    both = prices.present() & kinds.present()
    rows = np.zeros(len(prices), dtype=np.bool_)
    rows[both] = ~fits[prices.codes[both], kinds.codes[both]]
    return flagged("price_code", prices, rows, Detail())


@check("meter_asset_no", "cons_status_code", extra=("survey_values",))
def other_meter(scene: Scene) -> list[Hits]:
    """The meter that was scanned on site is another one than the archive's."""
    column = scene.archive.column("meter_asset_no")
    other = differing(column, scene.surveyed("meter_asset_no")) & scene.active
    return flagged("meter_asset_no", column, other, Detail())


@check("meter_asset_no", "cons_status_code", extra=("survey_values",))
def swapped_meters(scene: Scene) -> list[Hits]:
    """Two accounts of which each has the other's meter on site."""
    column, scanned = scene.archive.column("meter_asset_no"), scene.surveyed("meter_asset_no")
    here, there = _joint(column, scanned)
    rows = np.flatnonzero((here >= 0) & (there >= 0) & (here != there) & scene.active)
    width = int(max(here.max(initial=0), there.max(initial=0))) + 1
    mine, theirs = here[rows] * width + there[rows], there[rows] * width + here[rows]
    swapped = np.zeros(len(column), dtype=np.bool_)
    swapped[rows[np.isin(mine, theirs)]] = True
    return flagged("meter_asset_no", column, swapped, Detail(cls="N"))


def _joint(one: Coded, other: Coded) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The codes of two columns in one numbering (−1 = missing)."""
    both = encode([*one.values, *other.values]).codes
    first = spread(one.codes, both[: len(one.values)], -1)
    return first.astype(np.int64), spread(other.codes, both[len(one.values) :], -1).astype(np.int64)


@check(extra=("collection",))
def collected_otherwise(scene: Scene, *, field: Annotated[str, OneOf(_COLLECTED)], cls: Ceiling = "C") -> list[Hits]:
    """The collection system has another transformer area, or another terminal, than the archive."""
    column = scene.archive.column(field)
    other = differing(column, scene.collected(field)) & scene.active
    return flagged(field, column, other, Detail(cls=cls))


@check("tg_no", "line_no", extra=("pms",))
def other_line(scene: Scene, *, cls: Ceiling = "C") -> list[Hits]:
    """A line that does not feed the transformer area; an area that the grid's system does not know says nothing."""
    fed = cast("Mapping[str, frozenset[str]]", scene.archive.extra["pms"])
    areas, lines = scene.archive.column("tg_no"), scene.archive.column("line_no")
    groups = pairs(areas, lines)
    first = np.unique(groups, return_index=True)[1]
    wrong = {
        int(groups[row])
        for row in first.tolist()
        if groups[row] >= 0 and lines.at(row) not in fed.get(areas.at(row) or "", frozenset((lines.at(row),)))
    }
    return flagged("line_no", lines, np.isin(groups, list(wrong)), Detail(cls=cls))


@check("box_asset_no", "cons_status_code", extra=("survey_values",))
def box(scene: Scene, *, most: int) -> list[Hits]:
    """An account without a meter box, or a box with more meters than it can hold; a scanned box can settle the first."""
    column, scanned = scene.archive.column("box_asset_no"), scene.surveyed("box_asset_no")
    crowded = larger_groups(np.where(scene.active, column.codes, -1).astype(np.int32), most) > 0
    without = scene.active & ~column.present()
    found = each_row(
        "box_asset_no",
        column,
        without & scanned.present(),
        lambda row: Detail(cls="B", repair=scanned.at(row), params={"why": "missing"}),
    )
    return [
        *found,
        *flagged("box_asset_no", column, without & ~scanned.present(), Detail(params={"why": "missing"})),
        *flagged("box_asset_no", column, crowded, Detail(params={"why": "crowded", "most": most})),
    ]


@check("price_code", "cons_status_code", extra=("survey_values",))
def shop_at_home_price(
    scene: Scene,
    *,
    prices: Annotated[tuple[str, ...], CodeOf("price")],
    uses: Annotated[tuple[str, ...], CodeOf("elec_type")],
    shop: tuple[str, ...] = (),
) -> list[Hits]:
    """A residential price where the surveyor found a shop or a workshop: by the kind of use, or asked whether it is a shop."""
    column = scene.archive.column("price_code")
    business = scene.surveyed("elec_type_code").isin(uses) | scene.surveyed("shop_use").isin(shop)
    found = column.isin(prices) & business & scene.active
    return flagged("price_code", column, found, Detail(cls="N"))


@check("cons_status_code", extra=("collection",))
def unused(scene: Scene, *, months: int) -> list[Hits]:
    """An account in normal use that has used nothing for longer than this."""
    still = scene.collected("zero_months")
    long = still.rows((read(text) or 0) > months for text in still.values) & scene.normal
    return flagged(
        "cons_status_code", scene.archive.column("cons_status_code"), long, Detail(params={"months": months})
    )


@check("cons_status_code", extra=("collection",))
def closed_but_used(scene: Scene) -> list[Hits]:
    """A closed account whose meter was read with a use after its last day (on any day where that is not known)."""
    column, usage = scene.archive.column("cons_status_code"), scene.collected("usage_kwh")
    used = usage.rows((read(text) or 0) > 0 for text in usage.values)
    ended, seen = scene.ordinals(scene.archive.column("cancel_date")), scene.ordinals(scene.collected("read_at"))
    later = (ended == 0) | (seen > ended)
    return flagged("cons_status_code", column, column.isin(("closed",)) & used & later, Detail())
