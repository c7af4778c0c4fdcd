"""The nouns of the quarter ledger: quarters with their other names and their buildings, as a site has confirmed them.

Parts are spelt as the address parser spells them: building 3 (not 3号楼), unit 2, room 1102, phase 二期. Nothing known is an empty
tuple or None; it never means "there is none".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

ALIAS_KINDS = ("old", "popular", "developer")
"""A former name, what people say, and what the developer sold it as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """Another name of a quarter; the dates are inclusive, None = without end."""

    name: str
    kind: str  # one of ALIAS_KINDS
    first: date | None = None
    last: date | None = None

    def valid(self, day: date) -> bool:
        """Whether the name was in use on that day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """One building of a quarter; `whole` says that its units and rooms are all listed."""

    name: str
    phase: str = ""
    units: tuple[str, ...] = ()
    floors: int | None = None
    rooms: frozenset[tuple[str, str]] = frozenset()  # (unit, room); the unit is empty where a building has none
    whole: bool = False
    derived: bool = (
        False  # made out of addresses of the archive and the survey: it only repeats them, and confirms none
    )
    as_of: date | None = None  # the day on which it was imported or confirmed last


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """One quarter of a county; `whole` says that its buildings are all listed."""

    id: str
    county: str  # six digits
    name: str  # the standard name
    aliases: tuple[Alias, ...] = ()
    buildings: tuple[Building, ...] = ()
    whole: bool = False
    lng: float | None = None  # of its middle, degrees
    lat: float | None = None
    derived: bool = False  # as of a building
    as_of: date | None = None  # as of a building

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases that its buildings stand in."""
        return tuple(dict.fromkeys(b.phase for b in self.buildings if b.phase))


# -- what a person settles

STATES = ("proposed", "confirmed", "refused", "merged")
SUPPORT = ("accounts", "surveys", "registry")
"""What speaks for a proposal: archive addresses, audited survey results, entries of the registry of real estate."""

Support = Mapping[str, int]
"""One of SUPPORT → how many; beside them what an alias was found by (`corrected`, `alike`) and what speaks against it (`clashes`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A quarter as addresses show it, with what speaks for each of its parts."""

    county: str
    name: str
    support: Support
    buildings: tuple[tuple[Building, Support], ...] = ()
    aliases: tuple[tuple[Alias, Support], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the quarter ledger, as a person sees and settles it; `id` is Q (quarter), A (alias) or B (building) and a number."""

    id: str
    version: int
    state: str  # one of STATES
    county: str
    quarter: str  # the standard name of the quarter that it is, or belongs to
    name: str  # its own: the quarter's, the other name, or phase and building
    detail: str  # of a quarter how many buildings, of an alias its kind, of a building units · floors · how many rooms
    support: Support
    source: str  # import | proposed
    whole: bool
    decided_by: str

    @property
    def kind(self) -> str:
        """quarter, alias or building."""
        return {"Q": "quarter", "A": "alias", "B": "building"}[self.id[0]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What a person said of one entry."""

    entry: str
    version: int
    verdict: str  # confirm | refuse | merge
    value: str = ""  # merge: the quarter to go into; confirm: the standard name to take instead
    whole: bool | None = None  # whether the list of buildings, or of units and rooms, is complete; None = as it was
    reviewer: str
    note: str = ""
    via: str = ""


# -- ledger and archive held against each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A building of the ledger (or one that only the archive has: `listed` is False) and how its flats stand in the archive."""

    quarter: str  # its id
    county: str
    name: str  # the quarter's standard name
    phase: str
    building: str
    listed: bool
    rooms_listed: bool  # without a list of rooms, flats cannot be compared
    accounts: int
    ledger: int  # flats that the ledger lists
    archive: int  # flats that accounts have
    only_ledger: tuple[tuple[str, str], ...]  # (unit, room)
    only_archive: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A name in addresses that leads to no confirmed quarter; `near` are standard names that look like it."""

    county: str
    name: str
    accounts: int
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Ledger and archive held against each other."""

    coverage: tuple[Coverage, ...]
    strangers: tuple[Stranger, ...]
    accounts: int
    placed: Mapping[str, int]  # exact | alias | fuzzy | none | unread → accounts
    no_building: int  # placed, but the address names no building
