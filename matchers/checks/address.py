"""Checks of supply addresses."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, cast

import numpy as np

from matchers.checks import Ceiling, Detail, Hits, OneOf, check, compared, each_row, flagged, placed
from matchers.columns import MISSING, Coded, Flags, differing, spread
from matchers.comparators import load
from matchers.comparators.address import levels as levels_of
from matchers.normal import addresses
from matchers.normal.addresses import NONE, Address, quarter_key
from matchers.normal.positions import Degrees, Positions, mistaken
from matchers.normal.positions import metres as metres_between
from matchers.quarters import ALIAS, FUZZY, UNKNOWN, House, Place, Quarters, part
from matchers.scene import Scene, group_medians, larger_groups

Judge = Callable[[Address], Detail | None]
_PARTS = ("building", "unit", "room", "floor")

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
    keys = np.where(scene.residential & scene.active, scene.flats, -1).astype(np.int32)
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
    same = cast("Flags", scene.archive.extra.get("real_estate_same", np.zeros(len(column), dtype=np.bool_)))
    registered = Coded(registered.values, np.where(same, MISSING, registered.codes).astype(np.int32))
    comparator = load("address")
    place = {text: place for place, text in enumerate(column.values)}

    def read(text: str) -> Address:
        """Of a text that names its city itself, the parts are known already."""
        known = scene.addresses[place[text]] if text in place else None
        return addresses.read(text, scene.reference) if known is None or known.assumed else known

    levels = compared(column, registered, lambda one, other: levels_of(one, other, scene.reference, read))
    against = np.isin(levels, [number for number, level in comparator.levels.items() if level.contradicts])
    alias = levels == comparator.level("SAME_UNIT_FUZZY")
    return [*flagged("elec_addr", column, against, Detail()), *flagged("elec_addr", column, alias, Detail(cls="B"))]


@check("elec_addr")
def has(scene: Scene, *, reason: Annotated[str, OneOf(addresses.REASONS)], cls: Ceiling = "C") -> list[Hits]:
    """An address of which the parser says this: placeholder, masked, lost …"""
    return _placed(scene, lambda address: Detail(value=address.original, cls=cls) if address.has(reason) else None)


def _placed(scene: Scene, judge: Judge) -> list[Hits]:
    return placed("elec_addr", scene.archive.column("elec_addr"), [judge(address) for address in scene.addresses])


# -- against the ledger of quarters


@check("elec_addr", extra=("quarters",))
def other_quarter_name(scene: Scene) -> list[Hits]:
    """A quarter under another of its names (the standard one can be corroborated), or under one that is only similar to a name."""

    def judge(text: str, place: Place | None) -> Detail | None:
        if place is None or place.how not in {ALIAS, FUZZY}:
            return None
        sure = place.how == ALIAS and place.quarter is not None
        right = place.quarter.name if place.quarter else None
        return Detail(
            value=text, cls="B" if sure else "C", repair=right, target="quarter_name", params={"how": place.how}
        )

    column = scene.archive.column("elec_addr")
    found = [judge(str(text), place) for text, place in zip(column.values, scene.places, strict=True)]
    return placed("elec_addr", column, found)


@check("elec_addr", extra=("quarters",))
def unknown_quarter(scene: Scene) -> list[Hits]:
    """A quarter that the ledger does not have in the county; counties of which it has none at all say nothing."""
    covered = {quarter.county for quarter in cast("Quarters", scene.archive.extra["quarters"]).all}
    column = scene.archive.column("elec_addr")
    unknown = (
        place is not None and place.how == UNKNOWN and address.county_code in covered
        for place, address in zip(scene.places, scene.addresses, strict=True)
    )  # fmt: skip
    return flagged("elec_addr", column, column.rows(unknown), Detail())


@check("elec_addr", extra=("quarters",))
def unknown_house(scene: Scene, *, parts: Annotated[tuple[str, ...], OneOf(_PARTS)]) -> list[Hits]:
    """A part (building, unit, floor) that cannot be in the quarter as the ledger has it."""
    column = scene.archive.column("elec_addr")
    found = [
        Detail(value=str(text), params={"parts": " ".join(wrong)}) if wrong else None
        for text, wrong in zip(column.values, (_impossible(house, parts) for house in scene.houses), strict=True)
    ]
    return placed("elec_addr", column, found)


def _impossible(house: House | None, parts: tuple[str, ...]) -> list[str]:
    return [part for part in parts if house is not None and getattr(house, part) is False]


@check("elec_addr", "quarter_name", "building_no", "unit_no", "room_no")
def against_parts(scene: Scene) -> list[Hits]:
    """An address whose quarter, building, unit or room is another one than the account's own fields have."""
    column = scene.archive.column("elec_addr")
    wrong = {}
    for field, name in (("building_no", "building"), ("unit_no", "unit"), ("room_no", "room")):
        read = column.renamed(_stated(getattr(address, name)) for address in scene.addresses)
        wrong[name] = differing(read, scene.archive.column(field).map(lambda text: _stated(part(text))))
    named = column.renamed(_stated(address.quarter) for address in scene.addresses).map(quarter_key)
    wrong["quarter"] = _unlike(named, scene.archive.column("quarter_name").map(lambda text: _stated(quarter_key(text))))
    hits, said = [], ~scene.active
    for name, rows in wrong.items():
        hits += flagged("elec_addr", column, rows & ~said, Detail(params={"part": name}))
        said = said | rows
    return hits


def _stated(text: str | None) -> str | None:
    return None if text is None or text == NONE or "*" in text else text


def _unlike(one: Coded, other: Coded) -> Flags:
    """Rows whose texts differ, and of which neither is a part of the other."""
    rows = np.flatnonzero(differing(one, other))
    a, b = one.take(rows).decode(), other.take(rows).decode()
    found = np.zeros(len(one), dtype=np.bool_)
    found[rows] = np.fromiter((x not in y and y not in x for x, y in zip(a, b, strict=True)), np.bool_, len(rows))
    return found


# -- positions


@check("elec_addr", extra=("positions",))
def far_from_its_quarter(scene: Scene, *, metres: float, fewest: int) -> list[Hits]:
    """A position farther from the middle of the address's quarter than this."""
    there = cast("Positions", scene.archive.extra["positions"])
    far = _apart(there, *_middles(scene, there, fewest)) > metres
    return flagged("lng", scene.archive.column("lng"), far & scene.active, Detail(params={"metres": f"{metres:g}"}))


@check("elec_addr", extra=("positions",))
def doubtful_position(
    scene: Scene, *, west: float, east: float, south: float, north: float, within: float, fewest: int
) -> list[Hits]:
    """No position, zeros, swapped, outside the site's box, or off its quarter's middle as another coordinate system would be."""
    there, column = cast("Positions", scene.archive.extra["positions"]), scene.archive.column("lng")
    given = there.present()
    inside = _within(there.lng, there.lat, west, east, south, north)
    swapped = given & ~inside & _within(there.lat, there.lng, west, east, south, north)
    middle = _middles(scene, there, fewest)
    shifted = given & inside & (_apart(there, *middle) > _SHIFTED[0]) & (_apart(there, *middle) < _SHIFTED[1])
    lng, lat = there.wgs84()
    shifted[shifted] = mistaken(lng[shifted], lat[shifted], middle[0][shifted], middle[1][shifted], within)
    return [
        *flagged("lng", column, ~given & scene.active, Detail(params={"why": "missing"})),
        *each_row(
            "lng", column, swapped, lambda row: Detail(cls="A", repair=repr(there.lat[row]), params={"why": "swapped"})
        ),
        *flagged("lng", column, given & ~inside & ~swapped, Detail(params={"why": "outside"})),
        *flagged("lng", column, shifted, Detail(params={"why": "system"})),
    ]


_SHIFTED = (400.0, 1500.0)
"""Metres by which a position is off where one coordinate system was taken for another."""


def _within(lng: Degrees, lat: Degrees, west: float, east: float, south: float, north: float) -> Flags:
    return np.asarray((lng >= west) & (lng <= east) & (lat >= south) & (lat <= north), dtype=np.bool_)


def _apart(there: Positions, lng: Degrees, lat: Degrees) -> Degrees:
    """Metres between each position and its quarter's middle; 0 where either is not known."""
    found = metres_between(*there.wgs84(), lng, lat)
    return np.where(there.present() & np.isfinite(found), found, 0.0)


def _middles(scene: Scene, there: Positions, fewest: int) -> tuple[Degrees, Degrees]:
    """The middle of each account's quarter: as the ledger has it, else the median of at least `fewest` positions in it."""
    known, (lng, lat) = there.present(), there.wgs84()
    keys = scene.quarter_keys.codes
    found = [group_medians(keys, np.where(known, axis, np.nan), fewest) for axis in (lng, lat)]
    if not scene.archive.extra.get("quarters"):
        return found[0], found[1]
    surveyed = [place.quarter if place is not None else None for place in scene.places]
    codes = scene.archive.column("elec_addr").codes
    for place, axis in enumerate(("lng", "lat")):
        stated = np.array([np.nan if q is None or getattr(q, axis) is None else getattr(q, axis) for q in surveyed])
        of_row = spread(codes, stated.astype(np.float64), np.nan)
        found[place] = np.where(np.isfinite(of_row), of_row, found[place])
    return found[0], found[1]


@check("elec_addr", "urban_rural_flag", extra=("urban_codes",))
def urban_or_rural(scene: Scene) -> list[Hits]:
    """The flag is not what the statistical class of the address's community (or of all of its town's) says."""
    classes = cast("Mapping[str, str]", scene.archive.extra["urban_codes"])

    def said(address: Address) -> str | None:
        if not address.county_code or not address.town:
            return None
        town = f"{address.county_code}/{address.town}/"
        return classes.get(town + (address.community or ""), classes.get(town))

    column = scene.archive.column("urban_rural_flag")
    expected = scene.archive.column("elec_addr").renamed(said(address) for address in scene.addresses)
    wrong = differing(column, expected) & ~column.rows(value.startswith("?") for value in column.values)
    return each_row("urban_rural_flag", column, wrong, lambda row: Detail(repair=expected.at(row)))
