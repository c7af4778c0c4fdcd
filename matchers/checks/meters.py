"""Checks of metering points, meters, capacity, voltage and price."""

import re
from collections.abc import Mapping
from typing import cast

import numpy as np

from matchers.checks import Detail, Hits, check, flagged, judged
from matchers.comparators.number import read
from matchers.normal import text as texts
from matchers.scene import Scene, larger_groups


@check("mp_no", "cons_status_code")
def no_metering_point(scene: Scene) -> list[Hits]:
    """An account in use without a metering point."""
    column = scene.archive.column("mp_no")
    return flagged("mp_no", column, scene.active & ~column.present(), Detail())


@check("mp_no", "meter_asset_no", "cons_status_code")
def no_meter(scene: Scene) -> list[Hits]:
    """A metering point in use without a meter."""
    column = scene.archive.column("meter_asset_no")
    return flagged(
        "meter_asset_no", column, scene.active & scene.archive.column("mp_no").present() & ~column.present(), Detail()
    )


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
def voltage(scene: Scene, *, allowed: tuple[str, ...]) -> list[Hits]:
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
