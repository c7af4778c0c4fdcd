"""Hold one snapshot of the archive as columns: accounts, their contacts, and whatever else some rules need.

    archive = Archive.from_tables(accounts, contacts, as_of=date(2026, 3, 16), extra={"staff_numbers": frozenset({"0315…"})})
    archive.keys[row], archive.columns["cert_no"].at(row)
    archive.contacts["mobile"].at(contact), archive.contact_of[contact]      # the contact's account row

Column names are the field ids of the project. A column that the export does not have is absent, and rules that need it are
not evaluated. Code fields hold our canonical codes; a value that is in no code table is carried as it was, prefixed `?`.

`extra` may hold (name: shape → which rules ask for it):
    open_orders          frozenset of cons_no with an open work order that is not ours → AM12
    real_estate_owners   one tuple of owners' names for each account (None = not linked) → NM13
    real_estate_address  Coded, the registry's address for each account → AD16
    real_estate_same     boolean array, accounts whose address says by itself the same flat as the registry's (equal keys, no city
                         assumed): AD16 need not compare them
    staff_numbers        frozenset of numbers of staff, agents and hotlines → PH08
    number_status        mapping number → in_use | stopped | cancelled | … as the carrier answered → PH11
    reassigned           mapping number → yes | no | unknown as the carrier answered → PH12
    price_table          mapping price_code → frozenset of elec_type codes it goes with → MT13
    orgs                 frozenset of valid org_no → AM03
    org_counties         mapping org_no → frozenset of county codes it serves → AD04, and the county of ID15
    org_city             mapping org_no → city name, for county names that stand in several cities
    person_status        mapping resident ID → status code of the population batch → ID14
    photos               one tuple of photo hashes for each account, empty for a photo without one → SV03
    verdicts             mapping of Coded over accounts: result and which = the newest answer of a carrier; cons_name, cert_no,
                         mobile = what it was asked about (no mobile: name and ID only) → ID12, ID13, PH09
    operators            mapping number → operator as the carrier answered → PH13
    verified_at          mapping number → ISO day of the carrier's last answer → PH16
    population           mapping resident ID → names in the population register → NM07, NM11
    quarters             matchers.quarters.Quarters, the ledger of quarters → AD06 … AD09, and places for AD14, AD15
    positions            matchers.normal.positions.Positions, one for each account → AD14, AD15, SV04
    urban_codes          mapping county code/town/community → urban | rural; the community is empty where all of a town's
                         are alike → AD19
    collection           mapping of Coded over accounts: meter_asset_no, terminal_asset_no, tg_no, zero_months, usage_kwh,
                         reading, read_at as the collection system has them; `known` where it knows the account
                         → MT02, MT07, MT09, MT15, MT16
    pms                  mapping tg_no → frozenset of line_no → MT08
    survey_answers       mapping field → Coded over accounts: wrong | unchanged in the newest audited visit → SV01, SV02
    survey_values        mapping field → Coded over accounts: the value that the visit states instead (a scan for meter and
                         box) → MT05, MT06, MT10, MT14, SV01, SV02
    survey_before        mapping field → Coded over accounts: what the archive had when the visit was made → SV02
    survey_positions     Positions: where the surveyor stood → SV04
    survey_log           (Coded of surveyors, int64 minutes since 1970 or −1), one for each account → SV05
    benefits             mapping resident ID → tuple of (benefit, last ISO day or "", state) → AM07
    readbacks            frozenset of (cons_no, field) whose screen showed something else after a write → SV06
    rewritten            frozenset of (cons_no, field, rule) that were filled in because of that rule → SV07
    evidence_dates       mapping field → (Coded, Coded) over accounts: ISO day of the evidence, and of the cell's last change
                         → SV08
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import InputError
from matchers.columns import MISSING, Coded, Codes, encode, missing, spread
from matchers.normal.positions import Positions

ACCOUNT_FIELDS = (
    "cons_no", "orgn_cons_no", "cust_no", "cons_name", "cert_type_code", "cert_no", "cert_valid_to", "elec_addr", "quarter_name",
    "phase_no", "building_no", "unit_no", "room_no", "org_no", "cons_sort_code", "cons_status_code", "elec_type_code",
    "price_code", "volt_code", "contract_cap", "run_cap", "mr_sect_no", "pay_mode", "notify_mode", "note_type",
    "urban_rural_flag", "build_date", "ps_date", "cancel_date", "mgr_grid", "tg_no", "line_no", "remark", "mp_no",
    "meter_asset_no", "box_asset_no", "terminal_asset_no", "multi_person_flag",
    "update_time",
)  # fmt: skip

FLAT_FIELDS = ("lng",)
"""Fields that no export has, and that findings are about all the same."""

CONTACT_FIELDS = ("contact_name", "contact_relation", "mobile", "home_phone", "priority")

EXTRAS = (
    "open_orders", "real_estate_owners", "real_estate_address", "real_estate_same", "staff_numbers", "number_status", "reassigned", "price_table",
    "orgs", "org_counties", "org_city", "person_status", "photos", "verdicts", "operators", "verified_at", "population", "quarters",
    "positions", "urban_codes", "collection", "pms", "survey_answers", "survey_values", "survey_before", "survey_positions", "survey_log", "benefits",
    "readbacks", "rewritten", "evidence_dates",
)  # fmt: skip

LISTS = ("real_estate_owners", "photos")
"""Inputs with one tuple for each account."""


class Columns(Mapping[str, Coded]):
    """The columns of a table of texts that are among `fields`, each encoded when it is first asked for.

    A million accounts have far more texts than the rules of one process read. `known` are columns that are encoded already;
    `rows` brings the table's rows into another order (−1 = missing).
    """

    def __init__(
        self,
        table: pa.Table,
        fields: Sequence[str],
        known: Mapping[str, Coded] = MappingProxyType({}),
        rows: Codes | None = None,
    ) -> None:
        self._table, self._rows = table, rows
        self._names = dict.fromkeys(name for name in (*fields, *known) if name in table.column_names or name in known)
        self._given, self._known = frozenset(known), dict(known)

    def __getitem__(self, name: str) -> Coded:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._known:
            column = encode(self._table[name])
            self._known[name] = column if self._rows is None else column.take(self._rows)
        return self._known[name]

    def keep(self, names: Collection[str]) -> None:
        """Let go of what was encoded of other columns; who asks for one has it encoded again."""
        self._known = {name: column for name, column in self._known.items() if name in self._given or name in names}

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Archive:
    """One snapshot: row i of every column in `columns` is the account `keys[i]`."""

    # 户号 of each account, as text
    keys: Coded
    # field id → column over accounts
    columns: Mapping[str, Coded]
    # field id → column over contact rows
    contacts: Mapping[str, Coded]
    # contact row → account row
    contact_of: Codes
    # the business date the snapshot is judged on
    as_of: date
    # inputs that only some rules need; see the module's docstring
    extra: Mapping[str, object] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys)

    def has(self, name: str) -> bool:
        """Whether the snapshot carries the field."""
        return name in self.columns or name in self.contacts

    def column(self, name: str) -> Coded:
        """The column over accounts; all missing where the export does not have it."""
        found = self.columns.get(name)
        return missing(len(self)) if found is None else found

    def subset(self, rows: npt.NDArray[np.intp]) -> "Archive":
        """The archive of these account rows only, with their contacts and inputs."""
        place = np.full(len(self) + 1, MISSING, dtype=np.int32)
        place[rows] = np.arange(len(rows))
        owners = place[self.contact_of]
        kept = np.flatnonzero(owners != MISSING)
        extra = {
            name: tuple(cast("Sequence[Any]", value)[row] for row in rows) if name in LISTS else _taken(value, rows)
            for name, value in self.extra.items()
        }
        return replace(
            self,
            keys=self.keys.take(rows),
            columns={name: column.take(rows) for name, column in self.columns.items()},
            contacts={name: column.take(kept) for name, column in self.contacts.items()},
            contact_of=owners[kept],
            extra=extra,
        )

    @classmethod
    def from_tables(
        cls, accounts: pa.Table, contacts: pa.Table, as_of: date, extra: Mapping[str, object] | None = None
    ) -> "Archive":
        """The snapshot of two tables of texts: accounts (with `cons_no`) and contacts (with the `cons_no` they belong to).

        Columns that are no archive field are left out. A contact whose 户号 is not in the snapshot keeps its row with
        `contact_of` −1; where a 户号 stands twice, contacts go to its first row. Raises InputError when `cons_no` is missing.
        """
        for name, table in (("accounts", accounts), ("contacts", contacts)):
            if "cons_no" not in table.column_names:
                raise InputError(f"{name}: the column 'cons_no' is missing")
        keys = encode(accounts["cons_no"])
        return cls(
            keys=keys,
            columns=Columns(accounts, ACCOUNT_FIELDS, {"cons_no": keys}),
            contacts=Columns(contacts, CONTACT_FIELDS),
            contact_of=_accounts(keys, encode(contacts["cons_no"])),
            as_of=as_of,
            extra=MappingProxyType(dict(extra or {})),
        )


def _accounts(keys: Coded, wanted: Coded) -> Codes:
    """The first account row of each wanted 户号, −1 where there is none."""
    first = np.full(len(keys.values), MISSING, dtype=np.int32)
    present = np.flatnonzero(keys.codes != MISSING)[::-1]
    first[keys.codes[present]] = present
    found = pc.index_in(pa.array(wanted.values, pa.string()), value_set=pa.array(keys.values, pa.string()))
    places = found.fill_null(MISSING).to_numpy(zero_copy_only=False)
    return spread(wanted.codes, spread(places, first, MISSING), MISSING)


def _taken(value: Any, rows: npt.NDArray[np.intp]) -> Any:
    """An input at these account rows: columns are cut, what is looked up by a key stays."""
    if isinstance(value, Coded):
        return value.take(rows)
    if isinstance(value, np.ndarray):
        return value[rows]
    if isinstance(value, Positions):
        return Positions(lng=value.lng[rows], lat=value.lat[rows], crs=value.crs.take(rows))
    if isinstance(value, Mapping) and any(isinstance(_first(part), Coded) for part in value.values()):
        return {name: _taken(part, rows) for name, part in value.items()}
    if isinstance(value, tuple) and value and isinstance(value[0], Coded):
        return tuple(_taken(part, rows) for part in value)
    return value


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) and value else value
