"""The columns of every kind of delivery: what readers may give, and what flows may ask for.

    columns("survey", "rows", fields)        # {"task_no": "text", "rev": "number", …}: column → kind

A column that a source does not have is absent from its delivery, so that rules which need it are *not evaluated*; it is never
filled with blanks.
"""

from collections.abc import Mapping

from core.errors import ConfigError, choices
from core.fields import Fields
from core.words import Words

UNMAPPED = "?"
"""Marks a code or date that has no exact meaning here, and keeps it as the source spelt it; such a value is never written."""


SURVEY = {
    "task_no": "text",
    "rev": "number",
    "cons_no": "text",
    "surveyor": "text",
    "surveyor_name": "name",
    "survey_at": "moment",
    "audit": "text",
    "auditor": "text",
    "auditor_name": "name",
    "audit_at": "moment",
    "item": "text",
    "answer": "number",  # as the platform codes it (a small number, or a word); core.survey says what it means
    "value": "text",
    "photos": "text",  # kinds, joined by ;
    "photo_hashes": "text",  # SHA-256 of each, in the same order; folders do not carry them
    "signature": "flag",
    "lng": "number",  # where the surveyor stood, degrees
    "lat": "number",
}
"""Long form: one row per task, revision and answer."""

REAL_ESTATE = {
    "estate_no": "text",
    "owner_name": "name",
    "owner_id": "id",
    "address": "address",
    "share_kind": "text",
    "registered_at": "date",
    "updated_at": "date",
    "state": "text",
}
"""One row per owner of a flat."""

POPULATION = {
    "person_no": "text",
    "name": "name",
    "former_name": "name",
    "cert_type_code": "code",
    "cert_no": "id",
    "address": "address",
    "state": "text",
    "updated_at": "date",
}
"""One row per person."""

COLLECTION = {
    "cons_no": "text",
    "meter_asset_no": "text",
    "terminal_asset_no": "text",
    "tg_no": "text",
    "zero_months": "number",  # months in a row without any use, up to now
    "usage_kwh": "number",  # of the last twelve months
    "reading": "number",  # 表底, kWh; absent where the meter was never read
    "read_at": "date",
}
"""One row per account, as the system that reads the meters has it."""

PMS = {"tg_no": "text", "line_no": "text", "subs_no": "text"}
"""One row per transformer area: the line that feeds it, and that line's substation."""

PRICES = {"price_code": "code", "elec_type_code": "code"}
"""One row per price and kind of use that go together."""

STAFF = {"number": "phone", "org_no": "text", "remark": "text"}
"""One row per number of staff, agents and hotlines."""

CIVIL = {
    "name": "name",
    "cert_no": "id",
    "benefit": "text",
    "valid_to": "date",
    "state": "text",
}
"""One row per person whose household has a benefit (civil affairs)."""

POSITIONS = {"cons_no": "text", "lng": "number", "lat": "number", "crs": "text", "measured_at": "date"}
"""One row per account: degrees, in a coordinate system (absent = not said)."""

STATISTICS = {"division_code": "text", "county": "text", "town": "text", "community": "text", "class_code": "text"}
"""One row per community: its twelve-digit code for statistics and its class, 1xx urban, 2xx rural (NBS)."""

CARRIER = {
    "cons_no": "text",  # what we sent along
    "name": "name",
    "cert_no": "id",
    "mobile": "phone",
    "result": "text",
    "which": "text",  # of an inconsistent answer: the factors that differ, joined by blanks
    "number_status": "text",
    "reassigned": "text",
    "operator": "text",
    "answered_at": "date",
}
"""One row per question of a batch; it answers, and states nothing."""

PAYMENT = {"cons_no": "text", "payer_name": "name", "payer_mobile": "phone", "channel": "text", "bound_at": "date"}
"""One row per account that is bound to a payment service; name and number masked in the service's own style."""

_ROWS = {
    "survey": SURVEY, "real_estate": REAL_ESTATE, "population": POPULATION, "collection": COLLECTION, "pms": PMS, "prices": PRICES,
    "staff": STAFF, "civil": CIVIL, "positions": POSITIONS, "statistics": STATISTICS, "carrier": CARRIER, "payment": PAYMENT,
}  # fmt: skip

MEANINGS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("survey", "audit"): ("PASS", "WAIT", "BACK"),
    ("survey", "signature"): ("true", "false"),
    ("real_estate", "share_kind"): ("sole", "joint", "shares"),
    ("real_estate", "state"): ("current", "history"),
    ("population", "state"): ("valid", "cancelled", "locked", "moved", "dead"),
    ("civil", "benefit"): ("low_income", "many_people"),
    ("civil", "state"): ("valid", "ended"),
    ("positions", "crs"): ("wgs84", "gcj02", "bd09"),
    ("carrier", "result"): ("consistent", "inconsistent", "no_record", "error"),
    ("carrier", "which"): ("name", "id", "phone"),
    ("carrier", "number_status"): ("in_use", "stopped", "cancelled", "not_usable", "ending", "off"),
    ("carrier", "reassigned"): ("yes", "no", "unknown"),
}
"""Kind of source and column → the only words that flows understand in it; a source's own spellings are mapped to them."""

KINDS = ("archive", *_ROWS)

_ACCOUNTS = ("customer", "account", "meter", "flat", "household")


def tables(kind: str) -> tuple[str, ...]:
    """The tables that a kind of source has."""
    return ("accounts", "contacts") if kind == "archive" else ("rows",)


def columns(kind: str, table: str, fields: Fields) -> Mapping[str, str]:
    """The columns of a table with their kinds (those of core.fields, and `moment`: a date with a time).

    Raises ConfigError on a kind or table that there is not.
    """
    if kind not in KINDS:
        raise ConfigError(
            Words(
                f"没有数据源种类 '{kind}'；可选：{choices(KINDS)}",
                f"no kind of source '{kind}'; there are: {choices(KINDS)}",
            )
        )
    if table not in tables(kind):
        raise ConfigError(
            Words(
                f"{kind} 类数据源没有表 '{table}'；可选：{choices(tables(kind))}",
                f"a source of kind {kind} has no table '{table}'; there are: {choices(tables(kind))}",
            )
        )
    if kind != "archive":
        return _ROWS[kind]
    if table == "contacts":
        return {"cons_no": "text"} | {field.id: field.kind for field in fields.of("contacts")}
    return {field.id: field.kind for entity in _ACCOUNTS for field in fields.of(entity)} | {"update_time": "date"}
