"""The columns of every kind of delivery: what readers may give, and what flows may ask for.

    columns("survey", "rows", fields)        # {"task_no": "text", "rev": "number", …}: column → kind

A column that a source does not have is absent from its delivery, so that rules which need it are *not evaluated*; it is never
filled with blanks.
"""

from collections.abc import Mapping

from core.errors import ConfigError, choices
from core.fields import Fields

UNMAPPED = "?"
"""Marks a code or date that has no exact meaning here, and keeps it as the source spelt it; such a value is never written."""

KINDS = ("archive", "survey", "real_estate", "population")

SURVEY = {
    "task_no": "text",
    "rev": "number",
    "cons_no": "text",
    "surveyor": "text",
    "surveyor_name": "name",
    "survey_at": "moment",
    "audit": "text",  # PASS | WAIT | BACK
    "auditor": "text",
    "auditor_name": "name",
    "audit_at": "moment",
    "item": "text",
    "answer": "number",  # as the platform codes it (a small number, or a word); core.survey says what it means
    "value": "text",
    "photos": "text",  # kinds, joined by ;
    "photo_hashes": "text",  # SHA-256 of each, in the same order; folders do not carry them
    "signature": "flag",
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
    "state": "text",  # current | history
}
"""One row per owner of a flat."""

POPULATION = {
    "person_no": "text",
    "name": "name",
    "former_name": "name",
    "cert_type_code": "code",
    "cert_no": "id",
    "address": "address",
    "state": "text",  # valid | cancelled | locked | moved | dead
    "updated_at": "date",
}
"""One row per person."""

_ACCOUNTS = ("customer", "account", "meter", "flat", "household")


def tables(kind: str) -> tuple[str, ...]:
    """The tables that a kind of source has."""
    return ("accounts", "contacts") if kind == "archive" else ("rows",)


def columns(kind: str, table: str, fields: Fields) -> Mapping[str, str]:
    """The columns of a table with their kinds (those of core.fields, and `moment`: a date with a time).

    Raises ConfigError on a kind or table that there is not.
    """
    if kind not in KINDS:
        raise ConfigError(f"no kind of source '{kind}'; there are: {choices(KINDS)}")
    if table not in tables(kind):
        raise ConfigError(f"a source of kind {kind} has no table '{table}'; there are: {choices(tables(kind))}")
    if kind != "archive":
        return {"survey": SURVEY, "real_estate": REAL_ESTATE, "population": POPULATION}[kind]
    if table == "contacts":
        return {"cons_no": "text"} | {field.id: field.kind for field in fields.of("contacts")}
    return {field.id: field.kind for entity in _ACCOUNTS for field in fields.of(entity)} | {"update_time": "date"}
