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
    staff_numbers        frozenset of numbers of staff, agents and hotlines → PH08
    number_status        mapping number → in_use | stopped | cancelled | … as the carrier answered → PH11
    reassigned           mapping number → yes | no | unknown as the carrier answered → PH12
    price_table          mapping price_code → frozenset of elec_type codes it goes with → MT13
    orgs                 frozenset of valid org_no → AM03
    org_counties         mapping org_no → frozenset of county codes it serves → AD04, and the county of ID15
    org_city             mapping org_no → city name, for county names that stand in several cities
    person_status        mapping resident ID → status code of the population batch → ID14
    photos               one tuple of photo hashes for each account → SV03
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from core.errors import InputError
from matchers.columns import MISSING, Coded, Codes, encode, missing, spread

ACCOUNT_FIELDS = (
    "cons_no", "orgn_cons_no", "cust_no", "cons_name", "cert_type_code", "cert_no", "cert_valid_to", "elec_addr", "quarter_name",
    "phase_no", "building_no", "unit_no", "room_no", "org_no", "cons_sort_code", "cons_status_code", "elec_type_code",
    "price_code", "volt_code", "contract_cap", "run_cap", "mr_sect_no", "pay_mode", "notify_mode", "note_type",
    "urban_rural_flag", "build_date", "ps_date", "cancel_date", "mgr_grid", "tg_no", "line_no", "remark", "mp_no",
    "meter_asset_no", "box_asset_no", "terminal_asset_no", "update_time",
)  # fmt: skip

CONTACT_FIELDS = ("contact_name", "contact_relation", "mobile", "home_phone", "priority")

EXTRAS = (
    "open_orders", "real_estate_owners", "real_estate_address", "staff_numbers", "number_status", "reassigned", "price_table",
    "orgs", "org_counties", "org_city", "person_status", "photos",
)  # fmt: skip


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
            columns=MappingProxyType({n: encode(accounts[n]) for n in ACCOUNT_FIELDS if n in accounts.column_names}),
            contacts=MappingProxyType({n: encode(contacts[n]) for n in CONTACT_FIELDS if n in contacts.column_names}),
            contact_of=_accounts(keys, encode(contacts["cons_no"])),
            as_of=as_of,
            extra=MappingProxyType(dict(extra or {})),
        )


def _accounts(keys: Coded, wanted: Coded) -> Codes:
    """The first account row of each wanted 户号, −1 where there is none."""
    first = np.full(len(keys.values), MISSING, dtype=np.int32)
    present = np.flatnonzero(keys.codes != MISSING)[::-1]
    first[keys.codes[present]] = present
    row_of = dict(zip(keys.values, first.tolist(), strict=True))
    rows = np.fromiter((row_of.get(value, MISSING) for value in wanted.values), np.int32, len(wanted.values))
    return spread(wanted.codes, rows, MISSING)
