"""Load the public facts that judgement leans on (divisions, towns, phone prefixes, surnames, variants, our code tables) once, frozen.

reference = Reference.load(config / "reference")                # a site
reference = Reference.load(config / "reference", marked=True)   # a practice site, by its settings
"""

import csv
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from core.errors import ConfigError, choices, unread
from core.settings import Node, load
from core.words import Words

MARKED_DIVISIONS = frozenset(f"13990{number}" for number in range(1, 6))
"""Division codes that were never assigned: the practice world's people carry them, and nobody real does."""

MARKED_PREFIX = "194"
"""A mobile prefix that was never allocated, for the same reason."""

_ALWAYS = (0, 9999)


@dataclass(frozen=True, slots=True)
class Division:
    """One name that a division code had, with the years in which it was valid (inclusive)."""

    code: str
    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class County:
    """A county, district or county-level city of the gazetteer as it is today."""

    code: str
    name: str
    city: str


@dataclass(frozen=True, slots=True)
class Succession:
    """What a county's old name stands for today; `split` means that its towns went different ways."""

    city: str
    old: str
    code: str
    split: bool


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code table."""

    words: Words
    synonyms: frozenset[str]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Reference:
    """Everything that is looked up; nothing in it changes while the program runs."""

    # division code → the names it had
    divisions: Mapping[str, tuple[Division, ...]]
    # today's counties of the served cities, by code
    counties: Mapping[str, County]
    # (county code, town) → villages and communities
    towns: Mapping[tuple[str, str], frozenset[str]]
    # old county names of the served cities
    successions: tuple[Succession, ...]
    # (old county code, town) → today's county code
    moves: Mapping[tuple[str, str], str]
    # (city, popular name) → county code
    county_aliases: Mapping[tuple[str, str], str]
    # (county code, popular name) → town
    town_aliases: Mapping[tuple[str, str], str]
    # area code → cities
    area_codes: Mapping[str, tuple[str, ...]]
    # mobile prefixes that are not allocated
    unallocated: frozenset[str]
    # first three digits → (starts, ends, cities) of the next four, ascending
    segments: Mapping[str, tuple[tuple[int, ...], tuple[int, ...], tuple[str, ...]]]
    # surname → share of the population
    surnames: Mapping[str, float]
    # traditional or variant character → the character used in match keys
    variants: Mapping[int, str]
    # character → its readings, without tones
    readings: Mapping[str, frozenset[str]]
    # code table → code → label
    codes: Mapping[str, Mapping[str, Code]]
    # field id → code table
    code_fields: Mapping[str, str]
    # (county code, quarter name or alias) → quarter id; the site's ledger of quarters, empty until it is imported
    quarters: Mapping[tuple[str, str], str] = field(default_factory=dict)
    # the practice world's marked division codes and phone prefix count as real
    marked: bool = False

    @classmethod
    def load(cls, directory: Path, *, codes: Path | None = None, marked: bool = False) -> "Reference":
        """The tables of `config/reference/` and of codes.yaml (default: beside that folder).

        Raises ConfigError when a file or a column is missing.
        """
        code_root = load(codes or directory.parent / "codes.yaml").only("schema", "fields", "tables")
        tables = {name: _code_table(node) for name, node in code_root["tables"].items()}
        for node in code_root["fields"].mapping().values():
            node.choice(*tables)
        communities = tuple(_rows(directory, "communities.csv", "city", "county", "county_code", "town", "community"))
        return cls(
            divisions=_divisions(directory, marked=marked),
            counties=MappingProxyType({code: County(code, county, city) for city, county, code, _, _ in communities}),
            towns=_towns(communities),
            successions=tuple(
                Succession(city, old, code, extent == "split")
                for city, old, code, extent in _rows(
                    directory, "county_successors.csv", "city", "county", "successor", "extent"
                )
            ),
            moves=_pairs(directory, "town_moves.csv", "old_county", "town", "county_code"),
            county_aliases=_pairs(directory, "county_aliases.csv", "city", "alias", "county_code"),
            town_aliases=_pairs(directory, "town_aliases.csv", "county_code", "alias", "town"),
            area_codes=_area_codes(directory),
            unallocated=frozenset(
                prefix
                for prefix, state in _rows(directory, "prefixes.csv", "prefix", "state")
                if state == "unallocated" and not (marked and prefix == MARKED_PREFIX)
            ),
            segments=_segments(directory),
            surnames=MappingProxyType(
                {s: float(p) / 100 for s, p in _rows(directory, "surnames.csv", "surname", "percent")}
            ),
            variants=MappingProxyType({ord(c): key for c, key in _rows(directory, "variants.csv", "character", "key")}),
            readings=MappingProxyType(
                {c: frozenset(r.split()) for c, r in _rows(directory, "readings.csv", "character", "readings")}
            ),
            codes=MappingProxyType(tables),
            code_fields=MappingProxyType({name: node.text() for name, node in code_root["fields"].items()}),
            marked=marked,
        )

    # -- divisions

    def division_ever(self, code: str) -> bool:
        """Whether the six digits were a county's code at some time, or a city's that has no counties (东莞); codes on IDs stay for life."""
        return code in self.divisions and (not code.endswith("00") or code in self._undivided)

    @cached_property
    def _undivided(self) -> frozenset[str]:
        """The codes of cities that never had a county: their own code stands on their people's IDs."""
        cities = {code for code in self.divisions if code.endswith("00") and not code.endswith("0000")}
        divided = {code[:4] for code in self.divisions if not code.endswith("00")}
        return frozenset(code for code in cities if code[:4] not in divided)

    def division_last(self, code: str) -> int:
        """The last year in which the code was valid; 9999 while it still is."""
        return max((division.last for division in self.divisions.get(code, ())), default=0)

    # -- phones

    def home_city(self, mobile: str) -> str | None:
        """The city whose segment the mobile number was allocated to, where the table knows it (Hebei only)."""
        found = self.segments.get(mobile[:3])
        if found is None:
            return None
        starts, ends, cities = found
        number = int(mobile[3:7])
        place = bisect_right(starts, number) - 1
        return cities[place] if place >= 0 and number <= ends[place] else None

    @cached_property
    def cities(self) -> tuple[str, ...]:
        """The served cities, with their suffix."""
        return tuple(dict.fromkeys(county.city for county in self.counties.values()))

    @cached_property
    def all_cities(self) -> tuple[str, ...]:
        """Every city of today's division table, those among them that are provinces too; the served ones first."""
        today = {
            d.name for found in self.divisions.values() for d in found if d.last == _ALWAYS[1] and d.code.endswith("00")
        }
        named = (name for name in sorted(today) if name.endswith(("市", "州", "盟", "地区")))
        return tuple(dict.fromkeys((*self.cities, *named)))

    @cached_property
    def area_code_of(self) -> Mapping[str, str]:
        """City name (with and without its suffix) → area code."""
        return {name: code for code, names in self.area_codes.items() for city in names for name in (city, city + "市")}

    @cached_property
    def syllables(self) -> frozenset[str]:
        """Every pinyin syllable, without tones."""
        return frozenset(reading for readings in self.readings.values() for reading in readings)

    # -- codes

    def canonical(self, table: str, value: str) -> str | None:
        """The code that a code, label or synonym means in the table; None when it means nothing, or not exactly one thing."""
        if value in self.codes[table]:
            return value
        return self._synonyms[table].get(value)

    def coded(self, table: str, value: str) -> str:
        """The code that a value means, or the value behind `?` where the table has nothing, or not exactly one thing, for it."""
        return self.canonical(table, value) or f"?{value}"

    @cached_property
    def _synonyms(self) -> Mapping[str, Mapping[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for table, entries in self.codes.items():
            names = [(name, code) for code, entry in entries.items() for name in {entry.words.zh, *entry.synonyms}]
            once = [name for name, _ in names]
            found[table] = {name: code for name, code in names if once.count(name) == 1}
        return found


def _rows(directory: Path, name: str, *columns: str) -> Iterator[tuple[str, ...]]:
    path = directory / name
    try:
        handle = path.open(encoding="utf-8-sig", newline="")
    except FileNotFoundError:
        raise ConfigError(Words(f"{path}：没有这个文件", f"{path}: there is no such file")) from None
    except OSError as error:
        raise ConfigError(unread(path, error)) from None
    with handle:
        reader = csv.reader(handle)
        head = next(reader, [])
        absent = [column for column in columns if column not in head]
        if absent:
            raise ConfigError(
                Words(
                    f"{path}:1：缺少列 '{absent[0]}'；现有：{choices(head)}",
                    f"{path}:1: the column '{absent[0]}' is missing; there are: {choices(head)}",
                )
            )
        places = [head.index(column) for column in columns]
        for row in reader:
            yield tuple(row[place] for place in places)


def _pairs(directory: Path, name: str, *columns: str) -> Mapping[tuple[str, str], str]:
    return MappingProxyType({(first, second): value for first, second, value in _rows(directory, name, *columns)})


def _divisions(directory: Path, *, marked: bool) -> Mapping[str, tuple[Division, ...]]:
    found: dict[str, tuple[Division, ...]] = {}
    for code, name, first, last in _rows(directory, "divisions.csv", "code", "name", "first_year", "last_year"):
        division = Division(code, name, int(first or _ALWAYS[0]), int(last or _ALWAYS[1]))
        found[code] = (*found.get(code, ()), division)
    if marked:
        found |= {code: (Division(code, "演练", *_ALWAYS),) for code in MARKED_DIVISIONS}
    return MappingProxyType(found)


def _towns(communities: tuple[tuple[str, ...], ...]) -> Mapping[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for _, _, code, town, community in communities:
        found.setdefault((code, town), set()).add(community)
    return MappingProxyType({key: frozenset(names) for key, names in found.items()})


def _area_codes(directory: Path) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, province, city in _rows(directory, "area_codes.csv", "area_code", "province", "city"):
        found[code] = (*found.get(code, ()), city or province)
    return MappingProxyType(found)


def _segments(directory: Path) -> Mapping[str, tuple[tuple[int, ...], tuple[int, ...], tuple[str, ...]]]:
    found: dict[str, list[tuple[int, int, str]]] = {}
    for prefix, ranges, city in _rows(directory, "segments.csv", "prefix", "ranges", "city"):
        for piece in ranges.split():
            first, _, last = piece.partition("-")
            found.setdefault(prefix, []).append((int(first), int(last or first), city))
    columns = {prefix: tuple(zip(*sorted(pieces), strict=True)) for prefix, pieces in found.items()}
    return MappingProxyType({prefix: (starts, ends, cities) for prefix, (starts, ends, cities) in columns.items()})


def _code_table(table: Node) -> Mapping[str, Code]:
    entries: dict[str, Code] = {}
    for code, node in table.items():
        node.only("zh", "en", "synonyms")
        synonyms = node.get("synonyms")
        words = Words(node["zh"].text(), node["en"].text())
        entries[code] = Code(words, frozenset(synonyms.texts()) if synonyms else frozenset())
    return MappingProxyType(entries)
