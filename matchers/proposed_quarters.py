"""Propose the ledger of quarters from addresses: names, other names and buildings, each with what speaks for it; a person confirms.

    drafts(sightings, standing, settled, least=3)   # Sighting: a flat as one source names it → core.quarters.Draft

Names that differ in digits, numerals, letters, 期, 区 or 里 are never proposed as names of one quarter. Another name is proposed where
`corrected`: surveys have put it right, for at least two accounts and at least half of those of that name that were surveyed;
`alike`: the names are similar, most buildings and units of the smaller one stand in the larger one too, and hardly a room is claimed
         by different accounts under both names (`clashes`), for then they are two quarters.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from core.quarters import Alias, Building, Draft
from matchers.normal import addresses
from matchers.quarters import alike, key, shortened

Place = tuple[str, str]
"""County code and key of a name."""

Standing = Mapping[Place, str | None]
"""Place → the standard name it leads to in the ledger; None = a person has refused it."""

House = tuple[str, str, str]
"""Phase, building, unit; empty where it is not stated."""

_MARKS = re.compile(r"\d+|[A-Z]|[零〇一二三四五六七八九十]|[期区里]")
_SOUND = re.compile(r"[\u4e00-\u9fff0-9A-Z.·-]{2,}")
"""A name that came whole: no mask, no lost character, no word in other letters."""
_FEWEST = 2
"""Accounts that must have been put right before another name is proposed."""
_SHARED, _CLASHING = 0.5, 0.1
"""How much of the smaller quarter must stand in the larger one; how many of its rooms may be claimed twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A flat as one source names it; parts that are not stated are empty."""

    source: str  # one of core.quarters.SUPPORT
    who: str  # the account, or the registry's number
    county: str
    quarter: str
    phase: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""
    corrects: str = ""  # a survey: the quarter's name as the archive had it, where it was put right


@dataclass(slots=True)
class _Group:
    """What was seen under one name."""

    county: str
    spellings: Counter[str] = field(default_factory=Counter)
    support: Counter[str] = field(default_factory=Counter)
    houses: dict[House, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    rooms: dict[tuple[House, str], set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )  # → accounts that claim it
    corrected: Counter[str] = field(default_factory=Counter)  # the archive's name → accounts

    def take(self, seen: Sighting) -> None:
        """One more sighting."""
        self.spellings[seen.quarter] += 1
        self.support[seen.source] += 1
        if seen.corrects:
            self.corrected[key(seen.corrects)] += 1
        if not seen.building:
            return
        house = seen.phase, seen.building, seen.unit
        self.houses[house][seen.source] += 1
        if seen.room:
            self.rooms[house, seen.room].update(() if seen.source == "registry" else (seen.who,))

    @property
    def total(self) -> int:
        return sum(self.support.values())


def drafts(
    sightings: Iterable[Sighting], standing: Standing, settled: Container[Place], least: int = 3
) -> tuple[list[Draft], int]:
    """The drafts, best supported first, and how many names are left out because fewer than `least` sightings speak for them.

    Names that stand in the ledger go under their standard name, refused ones nowhere; for those `settled` by a person no other
    home is proposed.
    """
    groups = _groups(sightings, standing)
    kept = {place: g for place, g in groups.items() if g.total >= least or place in settled}
    names = {place: standing.get(place) or _spelling(group) for place, group in kept.items()}
    others = _aliases(kept, names, settled)
    found = [_draft(group, names[place], others[place]) for place, group in kept.items()]
    return sorted(found, key=lambda d: (-sum(d.support.values()), d.county, d.name)), len(groups) - len(kept)


def _groups(sightings: Iterable[Sighting], standing: Standing) -> dict[Place, _Group]:
    found: dict[Place, _Group] = {}
    for seen in sightings:
        place = seen.county, key(seen.quarter)
        if place in standing:
            leads = standing[place]
            if leads is None:
                continue
            place = seen.county, key(leads)
        found.setdefault(place, _Group(seen.county)).take(seen)
    return found


def _spelling(group: _Group) -> str:
    """The most frequent spelling; of equally frequent ones the longest, then the first by code point."""
    return min(group.spellings, key=lambda name: (-group.spellings[name], -len(name), name))


def _draft(group: _Group, name: str, aliases: Mapping[str, Mapping[str, int]]) -> Draft:
    support = dict(group.support)
    buildings = tuple(_buildings(group))
    named = tuple((Alias(name=alias, kind="popular"), dict(why)) for alias, why in aliases.items())
    return Draft(county=group.county, name=name, support=support, buildings=buildings, aliases=named)


def _buildings(group: _Group) -> Iterator[tuple[Building, Mapping[str, int]]]:
    """Each building with its units and rooms, in the order of people: 2 before 10."""
    joined: dict[tuple[str, str], list[House]] = defaultdict(list)
    rooms: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for house in group.houses:
        joined[house[:2]].append(house)
    for house, room in group.rooms:
        rooms[house[:2]].add((house[2], room))
    for (phase, name), houses in sorted(joined.items(), key=lambda entry: (entry[0][0], _order(entry[0][1]))):
        support: Counter[str] = sum((group.houses[house] for house in houses), Counter())
        units = tuple(sorted({house[2] for house in houses if house[2]}, key=_order))
        doors = frozenset(rooms[phase, name])
        yield Building(name=name, phase=phase, units=units, rooms=doors), dict(support)


def _order(name: str) -> tuple[int, str]:
    digits = re.match(r"\d+", name)
    return (int(digits[0]) if digits else 0, name)


# -- other names


def _aliases(
    groups: Mapping[Place, _Group], names: Mapping[Place, str], settled: Container[Place]
) -> dict[Place, dict[str, dict[str, int]]]:
    """Place → another name → what speaks for it."""
    found: dict[Place, dict[str, dict[str, int]]] = defaultdict(dict)
    surveyed = _surveyed(groups)
    for place, group in groups.items():
        for other, count in group.corrected.items():
            source = place[0], other
            if _worth(place, source, settled) and _corrects(count, surveyed[source]):
                found[place][names.get(source, other)] = {"corrected": count, "surveyed": surveyed[source]}
    for larger, smaller, why in _pairs(groups, names):
        if _worth(larger, smaller, settled):
            entry = found[larger].setdefault(names[smaller], {})
            entry.update(why)
    return found


def _surveyed(groups: Mapping[Place, _Group]) -> Counter[tuple[str, str]]:
    """The archive's name → accounts of that name whose quarter a survey has confirmed or put right."""
    found: Counter[tuple[str, str]] = Counter()
    for place, group in groups.items():
        corrected = sum(group.corrected.values())
        found[place] += group.support["surveys"] - corrected
        for other, count in group.corrected.items():
            found[place[0], other] += count
    return found


def _corrects(count: int, surveyed: int) -> bool:
    return count >= _FEWEST and count * 2 >= surveyed


def _worth(home: Place, other: Place, settled: Container[Place]) -> bool:
    """Whether the other name may be one of home: it is not settled by a person, and nothing that counts differs."""
    known = other == home or other in settled
    return not known and _SOUND.fullmatch(other[1]) is not None and marks(home[1]) == marks(other[1])


def marks(name: str) -> tuple[str, ...]:
    """Digits, numerals, letters, 期, 区 and 里 of a name: where they differ, no alias is proposed."""
    return tuple(_MARKS.findall(name))


def _pairs(groups: Mapping[Place, _Group], names: Mapping[Place, str]) -> Iterator[tuple[Place, Place, dict[str, int]]]:
    """(larger, smaller, support) of similar names whose structure agrees."""
    stems = {place: addresses.quarter_stem(key(name)) for place, name in names.items()}
    blocks: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place, stem in stems.items():
        for short in shortened(stem):
            blocks[place[0], short].append(place)
    near = {tuple(sorted(pair)) for block in blocks.values() for pair in combinations(block, 2)}
    for one, other in sorted(near):
        if alike(stems[one], stems[other]):
            smaller, larger = sorted((one, other), key=lambda place: (groups[place].total, place))
            why = _structure(groups[larger], groups[smaller])
            if why is not None:
                yield larger, smaller, why


def _structure(larger: _Group, smaller: _Group) -> dict[str, int] | None:
    """How far the smaller quarter's houses stand in the larger one; None where they tell two quarters apart."""
    houses = set(smaller.houses)
    shared = len(houses & set(larger.houses))
    both = smaller.rooms.keys() & larger.rooms.keys()
    clashes = sum(_others(smaller.rooms[door], larger.rooms[door]) for door in both)
    if not houses or shared < _SHARED * len(houses) or clashes > _CLASHING * len(smaller.rooms):
        return None
    return {"alike": shared, "of": len(houses), "clashes": clashes}


def _others(one: set[str], other: set[str]) -> bool:
    """Whether different accounts claim a room."""
    return bool(one and other and not one & other)


def sighting(source: str, who: str, address: addresses.Address, corrects: str = "") -> Sighting | None:
    """What an address says of its quarter; None where it names none, or its county is not known, or a part is masked."""
    whole = address.quarter is not None and _SOUND.fullmatch(key(address.quarter)) is not None
    if not address.county_code or not address.quarter or not whole or "*" in address.original or address.has("lost"):
        return None
    parts: Sequence[str] = [_part(p) for p in (address.phase, address.building, address.unit, address.room)]
    building = "" if address.has("ambiguous_building") else parts[1]
    return Sighting(
        source=source, who=who, county=address.county_code, quarter=address.quarter, phase=parts[0], building=building,
        unit=parts[2], room=parts[3], corrects=corrects,
    )  # fmt: skip


def _part(part: str | None) -> str:
    return "" if part is None or part == addresses.NONE else part
