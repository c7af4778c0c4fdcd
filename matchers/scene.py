"""Judge each distinct text of an archive once, however many rules ask for it."""

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from core.reference import Reference
from matchers import quarters
from matchers.archive import Archive, Columns
from matchers.columns import Coded, Codes, Flags, differing, equal, missing, spread
from matchers.normal import addresses, dates, ids, names, phones
from matchers.normal.addresses import Address
from matchers.normal.dates import Day
from matchers.normal.ids import Ident
from matchers.normal.names import Name
from matchers.normal.phones import Phones
from matchers.quarters import House, Place, Quarters

if TYPE_CHECKING:
    from matchers.checks import Hits

RESIDENTIAL = "03"
"""Canonical account sort: low voltage, residential."""

JOINT = "、"
"""Between the names of several people."""

ACTIVE = ("normal", "changing")


_READINGS = ("certs", "names", "addresses", "_phones", "places", "houses")
"""What a scene keeps of each distinct text."""


class Scene:
    """An archive with what its values mean; everything is computed when first asked for, over distinct texts."""

    def __init__(self, archive: Archive, reference: Reference) -> None:
        self.archive = archive
        self.reference = reference
        # (code, hits) of the rules that have run so far, for checks that ask what the others found
        self.found: list[tuple[str, Hits]] = []

    def over(self, archive: Archive) -> "Scene":
        """The same archive with other inputs beside it (but the same cities); what was read of its addresses stays read."""
        other = Scene(archive, self.reference)
        if "addresses" in self.__dict__:
            other.__dict__ |= {"addresses": self.addresses, "flats": self.flats}
        return other

    def keep(self, fields: Collection[str]) -> None:
        """Let go of all that was read of texts, and of the columns of other fields: a million readings take a gigabyte.

        What was derived from them over accounts stays. Who asks for a reading again has it read again.
        """
        for name in _READINGS:
            self.__dict__.pop(name, None)
        for columns in (self.archive.columns, self.archive.contacts):
            if isinstance(columns, Columns):
                columns.keep(fields)

    # -- one entry for each distinct text of the column

    @cached_property
    def certs(self) -> tuple[Ident, ...]:
        """The meaning of every distinct `cert_no`."""
        return self.archive.column("cert_no").each(lambda text: ids.read(text, self.reference, self.archive.as_of))

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The meaning of every distinct `cons_name`."""
        return self.archive.column("cons_name").each(lambda text: names.read(text, self.reference))

    @cached_property
    def addresses(self) -> tuple[Address, ...]:
        """The parts of every distinct `elec_addr`; the organisation's city settles ambiguous county names."""
        return tuple(
            addresses.read(text, self.reference, city)
            for text, city in zip(self.archive.column("elec_addr").values, self.text_cities, strict=True)
        )

    def days(self, field: str) -> tuple[Day, ...]:
        """The days of every distinct text of a date field."""
        return self.archive.column(field).each(dates.read)

    def phones(self, field: str) -> tuple[Phones, ...]:
        """The numbers in every distinct cell of `mobile` or `home_phone`."""
        return self._phones[field]

    @cached_property
    def _phones(self) -> Mapping[str, tuple[Phones, ...]]:
        present = [field for field in ("mobile", "home_phone") if field in self.archive.contacts]
        return {f: self.archive.contacts[f].each(lambda cell: phones.read(cell, self.reference)) for f in present}

    # -- columns derived from them

    @cached_property
    def cert_keys(self) -> Coded:
        """The key of each account's certificate; masked, damaged and placeholder numbers are missing."""
        usable = (c.normal if c.kind not in {"masked", "excel", "placeholder", "unknown"} else None for c in self.certs)
        return self.archive.column("cert_no").renamed(usable)

    @cached_property
    def name_keys(self) -> Coded:
        """The match key of each account's holder; masked names and placeholders are missing."""
        usable = (n.key if n.person and not n.has("masked") and not n.has("lost") else None for n in self.names)
        return self.archive.column("cons_name").renamed(usable)

    @cached_property
    def address_keys(self) -> Coded:
        """The address key of each account; missing where no flat is determined."""
        return self.archive.column("elec_addr").renamed(addresses.key(address) for address in self.addresses)

    @cached_property
    def flats(self) -> Codes:
        """A number for each account, equal where the flat is the same; −1 where no flat is determined."""
        return self.address_keys.codes

    @cached_property
    def places(self) -> tuple[Place | None, ...]:
        """Where the ledger of quarters has the quarter of every distinct `elec_addr`."""
        return cast("Quarters", self.archive.extra["quarters"]).places(self.addresses, self.archive.as_of)

    @cached_property
    def houses(self) -> tuple[House | None, ...]:
        """What the ledger of quarters says of the house of every distinct `elec_addr`."""
        read = zip(self.places, self.addresses, strict=True)
        return tuple(None if place is None else quarters.judge(place, address) for place, address in read)

    @cached_property
    def quarter_keys(self) -> Coded:
        """County and quarter (with its phase) of each account; missing where the address names none."""
        return self.archive.column("elec_addr").renamed(
            f"{a.county_code}/{addresses.quarter_key(a.quarter)}/{a.phase or ''}"
            if a.county_code and a.quarter
            else None
            for a in self.addresses
        )

    @cached_property
    def counties(self) -> Coded:
        """The county code of each account: its address's, else its organisation's where that serves only one."""
        found = self.archive.column("elec_addr").renamed(address.county_code for address in self.addresses)
        served = cast("Mapping[str, frozenset[str]]", self.archive.extra.get("org_counties", {}))
        by_org = self.archive.column("org_no").renamed(
            next(iter(served[org])) if len(served.get(org, ())) == 1 else org[:6]
            for org in self.archive.column("org_no").values
        )
        return _first_of(found, by_org)

    @cached_property
    def cities(self) -> Coded:
        """The city of each account: its organisation's, else its address's."""
        org = self.archive.column("org_no")
        cities = cast("Mapping[str, str]", self.archive.extra.get("org_city", {}))
        told = org.renamed(cities.get(number) for number in org.values)
        if told.present().all():
            return told
        return _first_of(told, self.archive.column("elec_addr").renamed(address.city for address in self.addresses))

    # -- inputs beside the archive, as columns over its accounts

    def surveyed(self, field: str) -> Coded:
        """What the newest audited visit states of a field instead of the archive's value."""
        return self._told("survey_values", field)

    def collected(self, column: str) -> Coded:
        """What the collection system has."""
        return self._told("collection", column)

    def _told(self, name: str, column: str) -> Coded:
        found = cast("Mapping[str, Coded]", self.archive.extra.get(name, {})).get(column)
        return missing(len(self.archive)) if found is None else found

    def verdict(self, column: str) -> Coded:
        """What a carrier answered on an account (result, which), and on what (cons_name, cert_no, mobile)."""
        return self._told("verdicts", column)

    @cached_property
    def asked(self) -> Flags:
        """Accounts whose name and certificate are still the ones that the carrier was asked about."""
        numbers = self.verdict("cert_no").map(lambda text: ids.read(text, self.reference, self.archive.as_of).normal)
        holders = self.verdict("cons_name").map(lambda text: names.read(text, self.reference).normal)
        here = self.archive.column("cert_no").renamed(cert.normal for cert in self.certs)
        called = self.archive.column("cons_name").renamed(name.normal for name in self.names)
        return equal(numbers, here) & equal(holders, called)

    @cached_property
    def registered_names(self) -> Coded:
        """The names that the population register has for each account's ID."""
        known = cast("Mapping[str, tuple[str, ...]]", self.archive.extra.get("population", {}))
        found = (JOINT.join(known.get(cert.normal, ())) or None for cert in self.certs)
        return self.archive.column("cert_no").renamed(found)

    @cached_property
    def strangers(self) -> Flags:
        """Contact rows whose person has another name than the account's holder, as far as both can be read."""
        column = self.archive.contacts["contact_name"]
        read = column.each(lambda text: names.read(text, self.reference))
        persons = column.renamed(
            n.key if n.person and not n.has("masked") and not n.has("lost") else None for n in read
        )
        return differing(persons, self.name_keys.take(self.archive.contact_of))

    def ordinals(self, column: Coded) -> npt.NDArray[np.int64]:
        """The day of each row of a column of dates as a number (proleptic Gregorian ordinal), 0 where there is none."""
        days = column.each(dates.read)
        numbers = np.array([day.value.toordinal() if day.value else 0 for day in days], dtype=np.int64)
        return spread(column.codes, numbers, 0)

    # -- which accounts

    @cached_property
    def residential(self) -> Flags:
        """Low-voltage residential accounts."""
        return self.archive.column("cons_sort_code").isin((RESIDENTIAL,))

    @cached_property
    def normal(self) -> Flags:
        """Accounts in normal use."""
        return self.archive.column("cons_status_code").isin(("normal",))

    @cached_property
    def active(self) -> Flags:
        """Accounts that are not closed and not still being opened."""
        return self.archive.column("cons_status_code").isin(ACTIVE)

    def of_contacts(self, rows: Flags) -> Flags:
        """Which contact rows belong to the flagged accounts."""
        owners = self.archive.contact_of
        return (owners >= 0) & rows[np.maximum(owners, 0)] if len(rows) else np.zeros(len(owners), dtype=np.bool_)

    @cached_property
    def text_cities(self) -> npt.NDArray[np.object_]:
        """For each distinct address, the city of the first account that has it."""
        address, org = self.archive.column("elec_addr"), self.archive.column("org_no")
        known = cast("Mapping[str, str]", self.archive.extra.get("org_city", {}))
        city_of = np.array([known.get(number) for number in org.values], dtype=object)
        found = np.full(len(address.values), None, dtype=object)
        present = np.flatnonzero(address.codes >= 0)[::-1]
        found[address.codes[present]] = spread(org.codes, city_of, None)[present] if len(city_of) else None
        return found


def _first_of(first: Coded, second: Coded) -> Coded:
    """The first column's value, else the second's."""
    values = np.concatenate([first.values, second.values])
    codes = np.where(first.codes >= 0, first.codes, np.where(second.codes >= 0, second.codes + len(first.values), -1))
    merged = Coded(values, codes.astype(np.int32))
    return merged.renamed(values)


def larger_groups(keys: Codes, limit: int) -> npt.NDArray[np.int64]:
    """The size of each row's group where it is above the limit, else 0; rows with key −1 are in no group."""
    sizes = np.bincount(keys[keys >= 0], minlength=1)
    size = np.where(keys >= 0, sizes[np.maximum(keys, 0)], 0)
    return np.where(size > limit, size, 0)


def kinds_per_group(keys: Codes, other: Codes) -> npt.NDArray[np.int64]:
    """How many different values of `other` the group of each row has; rows where either is −1 count for nothing."""
    known, width = (keys >= 0) & (other >= 0), int(other.max(initial=0)) + 1
    distinct = np.unique(keys[known].astype(np.int64) * width + other[known]) // width
    counts = np.bincount(distinct, minlength=int(keys.max(initial=0)) + 1)
    return np.where(keys >= 0, counts[np.maximum(keys, 0)], 0)


def group_medians(keys: Codes, values: npt.NDArray[np.float64], fewest: int) -> npt.NDArray[np.float64]:
    """The (lower) median of each row's group; NaN where fewer than `fewest` rows of the group have a value."""
    rows = np.flatnonzero((keys >= 0) & np.isfinite(values))
    order = rows[np.lexsort((values[rows], keys[rows]))]
    groups, starts, sizes = np.unique(keys[order], return_index=True, return_counts=True)
    middle = np.full(int(keys.max(initial=0)) + 1, np.nan)
    if len(groups):
        middle[groups] = np.where(sizes >= fewest, values[order[starts + (sizes - 1) // 2]], np.nan)
    return np.where(keys >= 0, middle[np.maximum(keys, 0)], np.nan)
