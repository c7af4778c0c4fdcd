"""Build the small archives that a rule's examples describe, so that one test can run every example under all rules.

An example starts from clean accounts (config/reference/example_accounts.yaml) and says only what is different:

    given: {cert_no: ""}                 # the first account; fields of its first contact too
    contacts: [{mobile: …}]              # its contacts instead
    accounts: [{cert_no: X}, {cert_no: X}]   # several accounts, each on a clean one of its own
    extra: {staff_numbers: […]}          # inputs that some rules need
    fires: [ID01]                        # the exact set of codes, under all rules
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any, cast

import pyarrow as pa

from core.reference import Reference
from matchers import rules
from matchers.archive import ACCOUNT_FIELDS, CONTACT_FIELDS, Archive
from matchers.columns import encode
from matchers.rules import Node, Rule

_SETS = ("staff_numbers", "open_orders", "orgs")
_MAPPED_SETS = ("price_table", "org_counties")
_LISTS = ("real_estate_owners", "photos")

_ELSEWHERE = ("194", ((1,), (1,), ("保定",)))
"""In examples the marked numbers 1940001xxxx belong to a city that is not served; no real number is needed for PH14."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Clean accounts, each with one contact."""

    as_of: date
    accounts: tuple[Mapping[str, str], ...]

    @classmethod
    def read(cls, root: Node) -> "Samples":
        """From the file of example accounts."""
        rows = tuple(
            cast("Mapping[str, str]", node.plain())
            for node in root.only("schema", "as_of", "accounts")["accounts"].list()
        )
        return cls(as_of=date.fromisoformat(root["as_of"].text()), accounts=rows)


def world(reference: Reference) -> Reference:
    """The reference as examples see it."""
    return replace(reference, segments=MappingProxyType(dict(reference.segments) | dict([_ELSEWHERE])))


def fires(
    example: Mapping[str, Any], samples: Samples, configured: Sequence[Rule], reference: Reference
) -> frozenset[str]:
    """The codes that fire on an example's archive under all rules."""
    found = rules.evaluate(archive(example, samples), configured, world(reference))
    return frozenset(code for code, count in found.counts().items() if count)


def archive(example: Mapping[str, Any], samples: Samples) -> Archive:
    """The archive an example describes."""
    changes = example.get("accounts") or [example.get("given") or {}]
    rows = [dict(sample) | dict(change) for sample, change in zip(samples.accounts, changes, strict=False)]
    contacts = [_contact(row, row) for row in rows]
    if "contacts" in example:
        contacts = [_contact(rows[0], contact) for contact in example["contacts"]]
    extra = {name: _extra(name, value) for name, value in (example.get("extra") or {}).items()}
    return Archive.from_tables(
        _table(rows, ACCOUNT_FIELDS), _table(contacts, ("cons_no", *CONTACT_FIELDS)), samples.as_of, extra
    )


def _contact(account: Mapping[str, str], contact: Mapping[str, str]) -> dict[str, str]:
    return {"cons_no": account["cons_no"]} | {name: contact.get(name, "") for name in CONTACT_FIELDS}


def _table(rows: Sequence[Mapping[str, str]], fields: Sequence[str]) -> pa.Table:
    return pa.table({name: pa.array([row.get(name) or None for row in rows], pa.string()) for name in fields})


def _extra(name: str, value: Any) -> object:
    if name in _SETS:
        return frozenset(value)
    if name in _MAPPED_SETS:
        return {key: frozenset(found) for key, found in value.items()}
    if name in _LISTS:
        return tuple(None if found == "" else tuple(found) for found in value)
    return encode(value) if name == "real_estate_address" else value
