"""Find the administrative names that an address begins with: city, county (old names too), town, village."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.reference import County, Reference
from matchers.normal.china import Names

PROVINCE = "河北省"

_SUFFIXES = ("满族蒙古族自治县", "满族自治县", "回族自治县", "自治县", "矿区", "新区", "区", "县", "市")
_TOWN_TAILS = ("街道办事处", "街道办", "街办", "办事处", "街道")
_NO_SHORT_BEFORE = re.compile("[路道街巷站里]|大[街道路]|小[区学]|$")
"""A short name in front of one of these is part of a road's or a quarter's name."""


@dataclass(frozen=True, slots=True)
class Place:
    """A county that an address names."""

    # as written, without suffix repair
    written: str
    # today's codes it can stand for; more than one where only the town decides
    codes: tuple[str, ...]
    # the name is no longer in use, or never was official
    old: str = ""
    # its town decides which of the codes it is
    split: bool = False


class Gazetteer:
    """The served cities' names, indexed for reading addresses from the left."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.counties: Mapping[str, County] = reference.counties
        self.cities = reference.cities
        self._places = {city: self._places_of(city) for city in self.cities}
        self._county_names = {city: Names(places) for city, places in self._places.items()}
        self._shorts = {city: self._shorts_of(places) for city, places in self._places.items()}
        self._short_names = {city: Names(shorts) for city, shorts in self._shorts.items()}
        self._everywhere = self._unique()
        self._all_names = Names(self._everywhere)
        self.ambiguous = self._elsewhere()
        self._towns = self._towns_by_county()
        self._town_names = {code: Names(towns) for code, towns in self._towns.items()}
        self._villages: dict[str, Names] = {}
        self._town_homes = self._homes()
        self._all_towns = Names(self._town_homes)

    # -- counties

    def _places_of(self, city: str) -> dict[str, Place]:
        found: dict[str, Place] = {}
        for (owner, alias), code in self.reference.county_aliases.items():
            if owner == city:
                found[alias] = Place(alias, (code,))
        for succession in self.reference.successions:
            if succession.city == city:
                found[succession.old] = Place(succession.old, (succession.code,), succession.old, succession.split)
        for code, county in self.counties.items():
            if county.city == city:
                found[county.name] = Place(county.name, (code,))
        return found

    def _shorts_of(self, places: Mapping[str, Place]) -> dict[str, Place]:
        """Names without their suffix (路北 for 路北区), of today's official names only."""
        official = {name: place for name, place in places.items() if self.counties[place.codes[0]].name == name}
        return {
            _stem(name): Place(_stem(name), place.codes) for name, place in official.items() if len(_stem(name)) > 1
        }

    def _unique(self) -> dict[str, Place]:
        """Full names that stand for one place in all served cities."""
        found: dict[str, list[Place]] = {}
        for city, places in self._places.items():
            for name, place in places.items():
                if (city, name) not in self.reference.county_aliases:
                    found.setdefault(name, []).append(place)
        return {name: places[0] for name, places in found.items() if len(places) == 1}

    def _elsewhere(self) -> frozenset[str]:
        """County names that also stood, or stand, in a city of the province that is not served."""
        served = {code[:4] for code in self.counties}
        return frozenset(
            division.name
            for code, found in self.reference.divisions.items()
            if "1301" <= code[:4] <= "1311" and code[:4] not in served
            for division in found
            if division.name in self._everywhere
        )

    def city(self, text: str) -> tuple[str | None, int]:
        """The served city that the text starts with, and how many characters it takes."""
        for city in self.cities:
            short = city[:-1]
            if not text.startswith(short):
                continue
            if text.startswith(city):
                return city, len(city)
            rest = text[len(short) :]
            if self.county(text, None)[0] and not self.county(rest, city)[0]:
                return None, 0
            if self.county(rest, city)[0] or (
                len(rest) > 3 and not _NO_SHORT_BEFORE.match(rest) and rest[0] not in "市县区"
            ):
                return city, len(short)
        return None, 0

    def county(self, text: str, city: str | None) -> tuple[Place | None, int]:
        """The county that the text starts with (in the city, where one is known), and how many characters it takes."""
        if city is None:
            name = self._all_names.at(text)
            return (self._everywhere[name], len(name)) if name else self._short(text, tuple(self.cities), sure=True)
        name = self._county_names[city].at(text)
        if name:
            return self._places[city][name], len(name)
        return self._short(text, (city,), sure=False)

    def _short(self, text: str, cities: tuple[str, ...], *, sure: bool) -> tuple[Place | None, int]:
        """A county's name without its suffix; where the city is not known, only in front of one of its towns."""
        for city in cities:
            short = self._short_names[city].at(text)
            if short is None:
                continue
            place, rest = self._shorts[city][short], text[len(short) :]
            if not _NO_SHORT_BEFORE.match(rest) and (not sure or self.town(rest, place.codes[0])[0]):
                return place, len(short)
        return None, 0

    # -- towns and villages

    def _towns_by_county(self) -> dict[str, dict[str, str]]:
        """County code → name as written → official town name."""
        found: dict[str, dict[str, str]] = {}
        for code, town in self.reference.towns:
            names = found.setdefault(code, {})
            names[town] = town
            if town.endswith("街道"):
                names |= {town[:-2] + tail: town for tail in _TOWN_TAILS}
        for (code, alias), town in self.reference.town_aliases.items():
            found.setdefault(code, {})[alias] = town
        return found

    def _homes(self) -> dict[str, str]:
        """Town names as written that stand in exactly one county → its code."""
        homes: dict[str, set[str]] = {}
        for code, towns in self._towns.items():
            for name in towns:
                homes.setdefault(name, set()).add(code)
        popular = {alias for _, alias in self.reference.town_aliases}
        return {n: next(iter(codes)) for n, codes in homes.items() if len(codes) == 1 and (len(n) > 2 or n in popular)}

    def town(self, text: str, code: str) -> tuple[str | None, int]:
        """The town of the county that the text starts with."""
        name = self._town_names[code].at(text) if code in self._town_names else None
        return (self._towns[code][name], len(name)) if name else (None, 0)

    def town_anywhere(self, text: str, city: str | None) -> tuple[str | None, str | None, int]:
        """County code and town, where the text starts with a town's name that stands in one county only."""
        name = self._all_towns.at(text)
        if name is None or (len(text) > len(name) and _NO_SHORT_BEFORE.match(text, len(name))):
            return None, None, 0
        code = self._town_homes[name]
        if city is not None and self.counties[code].city != city:
            return None, None, 0
        return code, self._towns[code][name], len(name)

    def moved(self, place: Place, town: str) -> str | None:
        """Where a town of an old county lies today; None where neither the moves nor the successor know it."""
        for (old, name), code in self.reference.moves.items():
            if name == town and any(d.name == place.written for d in self.reference.divisions.get(old, ())):
                return code
        return next((code for code in place.codes if (code, town) in self.reference.towns), None)

    def village(self, text: str, code: str) -> str | None:
        """The village or community of the county that the text starts with."""
        names = self._villages.get(code)
        if names is None:
            found = (v for (county, _), villages in self.reference.towns.items() if county == code for v in villages)
            names = self._villages[code] = Names(found)
        return names.at(text)


@lru_cache(maxsize=4)
def gazetteer(reference: Reference) -> Gazetteer:
    """The index over a reference's names, built once."""
    return Gazetteer(reference)


def _stem(name: str) -> str:
    return next((name[: -len(suffix)] for suffix in _SUFFIXES if name.endswith(suffix)), name)
