"""Build the small archives that a rule's examples describe, so that one test can run every example under all rules.

An example starts from clean accounts (config/reference/example_accounts.yaml) and says only what is different:

    given: {cert_no: ""}                 # the first account; fields of its first contact too
    contacts: [{mobile: …}]              # its contacts instead
    accounts: [{cert_no: X}, {cert_no: X}]   # several accounts, each on a clean one of its own
    extra: {staff_numbers: […]}          # inputs that some rules need
    fires: [ID01]                        # the exact set of codes, under all rules

Another name is also the contact's, and another address leaves the account's building, unit and room empty, unless the example
says more.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import pyarrow as pa

from core.errors import ConfigError, choices
from core.quarters import Alias, Building, Quarter
from core.reference import Reference
from core.words import Words
from matchers import rules
from matchers.archive import ACCOUNT_FIELDS, CONTACT_FIELDS, LISTS, Archive
from matchers.columns import Coded, encode
from matchers.normal.positions import Positions
from matchers.quarters import Quarters
from matchers.rules import Node, Rule

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
    """The codes that fire on an example's archive under all rules; `reference` is the examples' `world`, made once for many."""
    found = rules.evaluate(archive(example, samples), configured, reference)
    return frozenset(code for code, count in found.counts().items() if count)


def misfires(
    roots: Iterable[Node], samples: Samples, configured: Sequence[Rule], reference: Reference
) -> Iterator[ConfigError]:
    """Each example of these files that fires other codes than it names, as an error that names its place.

    What a rule finds in the clean accounts themselves (a site's meters carry fewer digits) is asked of its own examples only.
    """
    always = fires({"accounts": [{}] * len(samples.accounts)}, samples, configured, reference)
    on = {rule.code for rule in configured}
    for entry in (entry for root in roots for entry in root["rules"].list()):
        code, listed = entry["code"].text(), entry.get("examples")
        for example in listed.list() if listed is not None and code in on else ():
            wanted = frozenset(example["fires"].texts())
            try:
                fired = fires(cast("Mapping[str, Any]", example.plain()), samples, configured, reference)
            except (AttributeError, KeyError, TypeError, ValueError):
                yield example.wrong(
                    Words(
                        f"规则 {code} 的样例无法变成用户与输入",
                        f"the example of rule {code} cannot be made into accounts",
                    )
                )
                continue
            found = fired - (always - wanted - {code})
            if found != wanted:
                zh, en = ([choices(codes) if codes else none for codes in (wanted, found)] for none in ("无", "none"))
                yield example["fires"].wrong(
                    Words(
                        f"规则 {code} 的样例应触发 {zh[0]}，实际触发 {zh[1]}",
                        f"the example of rule {code} should fire {en[0]}, and fires {en[1]}",
                    )
                )


def archive(example: Mapping[str, Any], samples: Samples) -> Archive:
    """The archive an example describes."""
    changes = example.get("accounts") or [example.get("given") or {}]
    rows = [_changed(sample, change) for sample, change in zip(samples.accounts, changes, strict=False)]
    contacts = [_contact(row, row) for row in rows]
    if "contacts" in example:
        contacts = [_contact(rows[0], contact) for contact in example["contacts"]]
    extra = {name: _extra(name, value) for name, value in (example.get("extra") or {}).items()}
    return Archive.from_tables(
        _table(rows, ACCOUNT_FIELDS), _table(contacts, ("cons_no", *CONTACT_FIELDS)), samples.as_of, extra
    )


def _changed(sample: Mapping[str, str], change: Mapping[str, str]) -> dict[str, str]:
    """The account with the change; what repeats a changed value follows it, unless the change names it too."""
    row = dict(sample)
    if "cons_name" in change:
        row["contact_name"] = change["cons_name"]
    if "elec_addr" in change:
        row |= dict.fromkeys(("building_no", "unit_no", "room_no"), "")
    return row | dict(change)


def _contact(account: Mapping[str, str], contact: Mapping[str, str]) -> dict[str, str]:
    return {"cons_no": account["cons_no"]} | {name: contact.get(name, "") for name in CONTACT_FIELDS}


def _table(rows: Sequence[Mapping[str, str]], fields: Sequence[str]) -> pa.Table:
    return pa.table({name: pa.array([row.get(name) or None for row in rows], pa.string()) for name in fields})


def _extra(name: str, value: Any) -> object:
    shape = _SHAPES.get(name)
    return value if shape is None else shape(value)


def _positions(value: Any) -> Positions:
    lng, lat = (np.array([float(degrees or "nan") for degrees in value[axis]]) for axis in ("lng", "lat"))
    return Positions(lng=lng, lat=lat, crs=encode(value.get("crs") or [None] * len(lng)))


def _quarters(value: Any) -> Quarters:
    """Quarters whose buildings are all listed: `{county, name, aliases, lng, lat, buildings: {"3": {units, floors}}}`."""
    return Quarters.of(
        Quarter(
            id=f"{one['county']}-{place}", county=one["county"], name=one["name"], whole=True,
            aliases=tuple(Alias(name=name, kind="popular") for name in one.get("aliases", ())),
            lng=float(one["lng"]) if "lng" in one else None, lat=float(one["lat"]) if "lat" in one else None,
            buildings=tuple(
                Building(name=name, units=tuple(b["units"]), floors=int(b["floors"]), whole=True)
                for name, b in one.get("buildings", {}).items()
            ),
        )
        for place, one in enumerate(value)
    )  # fmt: skip


def _columns(value: Any) -> Mapping[str, Coded]:
    return {name: encode(cells) for name, cells in value.items()}


_SHAPES: Mapping[str, Callable[[Any], object]] = {
    **dict.fromkeys(("staff_numbers", "open_orders", "orgs"), frozenset),
    **dict.fromkeys(
        ("price_table", "org_counties", "pms"), lambda value: {key: frozenset(found) for key, found in value.items()}
    ),
    **dict.fromkeys(LISTS, lambda value: tuple(None if found == "" else tuple(found) for found in value)),
    **dict.fromkeys(("verdicts", "collection", "survey_answers", "survey_values", "survey_before"), _columns),
    **dict.fromkeys(("positions", "survey_positions"), _positions),
    **dict.fromkeys(("readbacks", "rewritten"), lambda value: frozenset(map(tuple, value))),
    "real_estate_address": encode,
    "quarters": _quarters,
    "population": lambda value: {key: tuple(names) for key, names in value.items()},
    "benefits": lambda value: {key: tuple(map(tuple, found)) for key, found in value.items()},
    "survey_log": lambda value: (encode(value["surveyor"]), np.array([int(minute) for minute in value["minute"]])),
    "evidence_dates": lambda value: {key: (encode(told), encode(changed)) for key, (told, changed) in value.items()},
}
"""How an example's plain texts become the input of that name; the others are taken as they stand."""
