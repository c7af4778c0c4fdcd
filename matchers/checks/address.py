"""Checks of supply addresses."""

import re
from collections.abc import Callable, Mapping
from typing import cast

import numpy as np

from matchers.checks import Detail, Hits, check, flagged, placed
from matchers.columns import Coded
from matchers.comparators import load
from matchers.normal import addresses
from matchers.normal.addresses import NONE, Address
from matchers.scene import Scene, larger_groups

Judge = Callable[[Address], Detail | None]

_FOREIGN = re.compile(
    r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|电话|联系人|户主|先生|女士|对面|旁边|附近|隔壁|找[\u4e00-\u9fff]{2,3}"
)


@check("elec_addr")
def missing(scene: Scene) -> list[Hits]:
    """No address."""
    column = scene.archive.column("elec_addr")
    return flagged("elec_addr", column, ~column.present(), Detail(cls="B"))


@check("elec_addr")
def incomplete(scene: Scene) -> list[Hits]:
    """No county, no quarter or road, or no building or room; a village needs a number only."""

    def judge(address: Address) -> Detail | None:
        lacking = _lacking(address)
        return Detail(value=address.original, cls="B", params={"parts": " ".join(lacking)}) if lacking else None

    return _placed(scene, judge)


def _lacking(address: Address) -> list[str]:
    found = [] if address.county or address.has("undecided_county") else ["county"]
    if not (address.quarter or address.road or address.community):
        return [*found, "quarter"]
    if address.has("ambiguous_building") or (address.road_no and not address.quarter):
        return found
    if address.quarter or address.road:
        found += [part for part in ("building", "room") if getattr(address, part) is None]
    return found


@check("elec_addr")
def old_division(scene: Scene) -> list[Hits]:
    """A county's old name; a sure repair only where county and town give exactly one successor."""

    def judge(address: Address) -> Detail | None:
        if not (address.has("old_county") or address.has("town_elsewhere")):
            return None
        sure = (
            address.parsed
            and not address.rest
            and not address.has("undecided_county")
            and not address.has("town_unknown")
        )
        right = _canonical(address, scene) if sure and not address.has("masked") else None
        return Detail(value=address.original, cls="A" if right else "C", repair=right)

    return _placed(scene, judge)


def _canonical(address: Address, scene: Scene) -> str | None:
    """The canonical string, where reading it again gives the same flat; nothing may get lost on the way."""
    before = addresses.key(address)
    right = addresses.canonical(address)
    after = addresses.key(addresses.read(right, scene.reference, address.city))
    return right if before is not None and before == after and address.unit != NONE else None


@check("elec_addr", "org_no", extra=("org_counties",))
def outside_service_area(scene: Scene) -> list[Hits]:
    """An address in a county that the account's organisation does not serve."""
    served = cast("Mapping[str, frozenset[str]]", scene.archive.extra["org_counties"])
    column, orgs = scene.archive.column("elec_addr"), scene.archive.column("org_no")
    county = column.renamed(address.county_code for address in scene.addresses)
    outside = np.array(
        [[c not in served.get(o, frozenset((c,))) for c in county.values] for o in orgs.values], dtype=np.bool_
    )
    both = county.present() & orgs.present()
    rows = np.zeros(len(column), dtype=np.bool_)
    rows[both] = outside[orgs.codes[both], county.codes[both]]
    return flagged("elec_addr", column, rows, Detail())


@check("elec_addr")
def wrong_town(scene: Scene) -> list[Hits]:
    """A town that the gazetteer does not have in the county."""
    return _placed(
        scene, lambda a: Detail(value=a.original) if a.has("town_unknown") and not a.has("old_county") else None
    )


@check("elec_addr", "cons_sort_code", "cons_status_code")
def several_accounts(scene: Scene) -> list[Hits]:
    """One flat with more than one active residential account."""
    keys = np.where(scene.residential & scene.active, scene.address_keys.codes, -1).astype(np.int32)
    return flagged("elec_addr", scene.archive.column("elec_addr"), larger_groups(keys, 1) > 0, Detail())


@check("elec_addr")
def spelling(scene: Scene) -> list[Hits]:
    """Full width, Chinese numerals, # or 3-2-1102; the canonical string goes to a field of its own, the old text is kept."""

    def judge(address: Address) -> Detail | None:
        if not address.has("respelled") or not address.parsed:
            return None
        sure = address.located and not address.rest and set(address.reasons) == {"respelled"}
        right = _canonical(address, scene) if sure else None
        return Detail(value=address.original, cls="A" if sure else "C", repair=right, target="addr_canonical")

    return _placed(scene, judge)


@check("elec_addr")
def remarks(scene: Scene) -> list[Hits]:
    """A person, a phone number or directions in an address."""
    column = scene.archive.column("elec_addr")
    return placed("elec_addr", column, column.each(lambda text: Detail(value=text) if _FOREIGN.search(text) else None))


@check("elec_addr", extra=("real_estate_address",))
def not_registered(scene: Scene) -> list[Hits]:
    """An address that contradicts the real-estate register's; an equal house part under another quarter's name can be corroborated."""
    column = scene.archive.column("elec_addr")
    registered = cast("Coded", scene.archive.extra["real_estate_address"])
    comparator = load("address")
    levels = comparator.compare(column.decode(), registered.decode(), scene.reference)
    against = np.isin(levels, [number for number, level in comparator.levels.items() if level.contradicts])
    alias = levels == comparator.level("SAME_UNIT_FUZZY")
    return [*flagged("elec_addr", column, against, Detail()), *flagged("elec_addr", column, alias, Detail(cls="B"))]


@check("elec_addr")
def has(scene: Scene, *, reason: str, cls: str = "C") -> list[Hits]:
    """An address of which the parser says this: placeholder, masked, lost …"""
    return _placed(scene, lambda address: Detail(value=address.original, cls=cls) if address.has(reason) else None)


def _placed(scene: Scene, judge: Judge) -> list[Hits]:
    return placed("elec_addr", scene.archive.column("elec_addr"), [judge(address) for address in scene.addresses])
