"""Find an address's quarter in the ledger of quarters, and say whether its building, unit, room and floor can exist.

    quarters = Quarters.of(confirmed)                       # core.quarters.Quarter values; Archive.extra["quarters"]
    place = quarters.find("130203", "凤城国贸小区", day)      # Place(how="exact" | "alias" | "fuzzy" | "none", …)
    places = quarters.places(addresses, day)                # a column: each distinct (county, quarter, phase) judged once
    house = quarters.house(address, day)                    # House(place, building=True | False | None, unit, room, floor)
    house.values                                            # {"quarter_name": "凤城国贸", "building_no": "3", …}

For rules: AD06 is `place.how in {"alias", "fuzzy"}`, AD07 `"none"`, AD08 `building is False or unit is False`, AD09
`floor is False`. None always means that the ledger does not know: it is no breakage.

For evidence: `house.confirmed` is true where the ledger lists building, unit and room of an address under the quarter's standard
name or a valid alias. That says that there is such a flat, not whose it is; `listing` answers which flats an address can mean at
all. A fuzzy place (a similar name, or an alias out of use) states nothing: it only helps a person to look.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from rapidfuzz.distance import Levenshtein

from core.quarters import Alias, Building, Quarter
from matchers.normal import addresses, numerals
from matchers.normal import text as texts
from matchers.normal.addresses import NONE, Address

EXACT, ALIAS, FUZZY, UNKNOWN = "exact", "alias", "fuzzy", "none"

_COUNTED = re.compile(r"\d+|[A-Z]|[零〇一二三四五六七八九十百甲乙丙丁东西南北中上下前后左右新老旧里期区院村]")
"""What tells neighbouring quarters apart: in two spellings of one name these must be equal, one by one."""
_SPELT = re.compile(r"[一二三四五六七八九十]+")
_PART = re.compile(r"(?:第)?0*(?P<bare>.+?)(?:号楼|号院|号|栋楼?|幢楼?|座|#楼?|楼|单元|门|室)?")
_SHORTEST = 4
"""A stem of fewer characters is similar to nothing but itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a quarter's name leads: `quarter` is None for `none`, and where several quarters fit equally well (`names`)."""

    how: str
    quarter: Quarter | None = None
    names: tuple[str, ...] = ()  # the standard names of all that fit
    phase_in_name: bool = False  # the ledger counts the phase as part of the name


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the ledger says of an address: True = it is listed, False = it cannot be, None = the ledger does not know."""

    place: Place
    building: bool | None = None
    unit: bool | None = None
    room: bool | None = None
    floor: bool | None = None
    values: Mapping[str, str]  # field id → what the ledger states, only for parts that it lists

    @property
    def confirmed(self) -> bool:
        """Whether building, unit and room are all listed, by standard name or valid alias."""
        return bool(self.building and self.unit and self.room)


@dataclass(frozen=True, eq=False)
class Quarters:
    """The confirmed quarters of a site, ready to be asked."""

    all: tuple[Quarter, ...]

    @classmethod
    def of(cls, quarters: Iterable[Quarter]) -> "Quarters":
        """The ledger of these quarters."""
        return cls(tuple(quarters))

    def __bool__(self) -> bool:
        return bool(self.all)

    def find(self, county: str, name: str, day: date, phase: str | None = None) -> Place:
        """The quarter of a name in a county: by its standard name, an alias valid on the day, or a similar name."""
        whole = key(name + phase) if phase else ""
        for wanted, inside in ((whole, True), (key(name), False)):
            if wanted and (place := self._named(county, wanted, day, inside)) is not None:
                return place
        return self._alike(county, name)

    def _named(self, county: str, wanted: str, day: date, inside: bool) -> Place | None:
        if (found := self._exact.get((county, wanted))) is not None:
            return Place(how=EXACT, quarter=found, names=(found.name,), phase_in_name=inside)
        meant = {q.id: q for alias, q in self._aliases.get((county, wanted), ()) if alias.valid(day)}
        return _one_of(ALIAS, tuple(meant.values()), inside) if meant else None

    def _alike(self, county: str, name: str) -> Place:
        stem = addresses.quarter_stem(key(name))
        found = (entry for short in shortened(stem) for entry in self._stems.get((county, short), ()))
        near = {q.id: q for other, q in found if alike(stem, other)}
        return _one_of(FUZZY, tuple(near.values()), False) if near else Place(how=UNKNOWN)

    def places(self, read: Sequence[Address], day: date) -> tuple[Place | None, ...]:
        """The place of each address; None where the address names no quarter, or its county is not known."""
        wanted = [_named_in(address) for address in read]
        known = {w: self.find(w[0], w[1], day, w[2]) for w in dict.fromkeys(wanted) if w is not None}
        return tuple(None if w is None else known[w] for w in wanted)

    def house(self, address: Address, day: date) -> House | None:
        """What the ledger says of an address; None where the address names no quarter, or its county is not known."""
        place = self.places((address,), day)[0]
        return None if place is None else judge(place, address)

    def names(self, day: date) -> dict[tuple[str, str], str]:
        """(county code, name or alias valid on the day) → quarter id, as `Reference.quarters` has it; what is ambiguous is left out."""
        meant: dict[tuple[str, str], set[str]] = {}
        for quarter in self.all:
            for name in (quarter.name, *(alias.name for alias in quarter.aliases if alias.valid(day))):
                for spelling in {name, key(name), addresses.quarter_key(name)}:
                    meant.setdefault((quarter.county, spelling), set()).add(quarter.id)
        return {place: next(iter(ids)) for place, ids in meant.items() if len(ids) == 1}

    @cached_property
    def _exact(self) -> Mapping[tuple[str, str], Quarter]:
        return {(q.county, key(q.name)): q for q in self.all}

    @cached_property
    def _aliases(self) -> Mapping[tuple[str, str], list[tuple[Alias, Quarter]]]:
        found: dict[tuple[str, str], list[tuple[Alias, Quarter]]] = {}
        for quarter in self.all:
            for alias in quarter.aliases:
                found.setdefault((quarter.county, key(alias.name)), []).append((alias, quarter))
        return found

    @cached_property
    def _stems(self) -> Mapping[tuple[str, str], list[tuple[str, Quarter]]]:
        found: dict[tuple[str, str], list[tuple[str, Quarter]]] = {}
        for quarter in self.all:
            for name in (quarter.name, *(alias.name for alias in quarter.aliases)):
                stem = addresses.quarter_stem(key(name))
                for short in shortened(stem):
                    found.setdefault((quarter.county, short), []).append((stem, quarter))
        return found


def _one_of(how: str, found: tuple[Quarter, ...], inside: bool) -> Place:
    quarter = found[0] if len(found) == 1 else None
    return Place(how=how, quarter=quarter, names=tuple(q.name for q in found), phase_in_name=inside)


def _named_in(address: Address) -> tuple[str, str, str | None] | None:
    if not address.county_code or not address.quarter or "*" in address.quarter:
        return None
    return address.county_code, address.quarter, address.phase


# -- names


def key(name: str) -> str:
    """A quarter's name as it is looked up: one width, digits for numerals before unit words, without 小区."""
    return addresses.quarter_key(numerals.arabic(texts.repair(name).normal.upper().replace(" ", "")))


def counted(name: str) -> tuple[str, ...]:
    """What tells neighbouring quarters apart in a name: digits, letters, numerals, sides, 期, 区, 里, 院, 村."""
    return tuple(_COUNTED.findall(name))


def alike(one: str, other: str) -> bool:
    """Whether two stems (names without 小区, 花园, 家属院) may be one name: equal, or one character wrong or lacking in four.

    Names that differ in what is counted are never alike.
    """
    if counted(one) != counted(other):
        return False
    return one == other or (
        min(len(one), len(other)) >= _SHORTEST and Levenshtein.distance(one, other, score_cutoff=1) == 1
    )


def shortened(stem: str) -> tuple[str, ...]:
    """The stem and what it becomes by losing one character: two stems that are alike share one of these."""
    if len(stem) < _SHORTEST:
        return (stem,)
    return tuple(dict.fromkeys((stem, *(stem[:place] + stem[place + 1 :] for place in range(len(stem))))))


def part(text: str) -> str:
    """A building, unit or room as the parser spells it: 03号楼 and 三号楼 are 3, 2单元 is 2, 1102室 is 1102; 3排 and 东户 stay."""
    written = numerals.arabic(texts.repair(text).normal.upper().replace(" ", ""))
    found = _PART.fullmatch(written)
    bare = found["bare"] if found else written
    return str(numerals.number(bare)) if _SPELT.fullmatch(bare) else bare


def phase(text: str) -> str:
    """A phase as the parser spells it: 2期 and 二期 are 二期."""
    written = texts.repair(text).normal.upper().replace(" ", "")
    return re.sub(r"\d+(?!\.)", lambda digits: numerals.chinese(int(digits[0])), written)


# -- houses


def judge(place: Place, address: Address) -> House:
    """What the ledger says of building, unit, room and floor of an address in its place."""
    if place.quarter is None or place.how == FUZZY:
        return House(place=place, values={})
    found = meant(place, address)
    building = _building(place.quarter, found, address)
    unit = _agreed(_unit(b, address.unit) for b in found)
    room = _agreed(_room(b, address) for b in found)
    floor = True if room else _agreed(_floor(b, address.storey) for b in found)
    values = _values(place.quarter, address, building, unit, room)
    return House(place=place, building=building, unit=unit, room=room, floor=floor, values=values)


def meant(place: Place, address: Address) -> list[Building]:
    """The buildings that an address may mean in its quarter: one of each phase where it states none."""
    named = [b for b in place.quarter.buildings if b.name == address.building] if place.quarter else []
    wanted = None if place.phase_in_name else address.phase
    return [b for b in named if not wanted or b.phase in ("", wanted)]


def listing(place: Place, address: Address) -> frozenset[tuple[str, str, str, str, str]]:
    """All flats that an address may mean: (quarter id, phase, building, unit, room); none where they are not all known.

    The quarter's list of buildings and theirs of rooms must be whole, and not made out of addresses; building and room be stated.
    """
    quarter, found = place.quarter, meant(place, address)
    if (
        quarter is None
        or not quarter.whole
        or not _stated(address.room)
        or any(b.derived or not b.whole for b in found)
    ):
        return frozenset()
    return frozenset(
        (quarter.id, building.phase, building.name, unit, room)
        for building in found
        for unit, room in building.rooms
        if room == address.room and (not _stated(address.unit) or unit == address.unit)
    )


def _building(quarter: Quarter, found: Sequence[Building], address: Address) -> bool | None:
    if found:
        return True
    doubtful = not _stated(address.building) or address.has("ambiguous_building")
    return None if doubtful or not quarter.whole else False


def _unit(building: Building, unit: str | None) -> bool | None:
    if not _stated(unit):
        return True if unit == NONE and building.whole and not building.units else None
    if unit in building.units:
        return True
    return False if building.whole and building.units else None


def _room(building: Building, address: Address) -> bool | None:
    if not _stated(address.room):
        return None
    doors = {room for unit, room in building.rooms if not _stated(address.unit) or unit == address.unit}
    if address.room in doors:
        return True
    return False if building.whole and building.rooms else None


def _floor(building: Building, floor: str | None) -> bool | None:
    if floor is None or not floor.isdecimal() or building.floors is None:
        return None
    return 0 < int(floor) <= building.floors


def _stated(part: str | None) -> bool:
    return part is not None and part != NONE and "*" not in part


def _agreed(verdicts: Iterable[bool | None]) -> bool | None:
    """The one verdict of all buildings that may be meant (the address may lack the phase); None where they differ."""
    said = set(verdicts)
    return said.pop() if len(said) == 1 else None


def _values(
    quarter: Quarter, address: Address, building: bool | None, unit: bool | None, room: bool | None
) -> dict[str, str]:
    said = {"quarter_name": quarter.name, "quarter_id": quarter.id}
    if address.phase in quarter.phases:
        said["phase_no"] = address.phase or ""
    parts = (
        ("building_no", building, address.building),
        ("unit_no", unit, address.unit),
        ("room_no", room, address.room),
    )
    return said | {field: value for field, listed, value in parts if listed and value and value != NONE}
