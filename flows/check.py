"""Check the archive by the rules: findings open and close by the difference between nights; who passes is counted."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.ledger import Ledger, findings
from core.model import Class, Kind
from core.policy import Policy
from core.reference import Reference
from matchers import rules
from matchers.archive import Archive
from matchers.columns import Codes, Flags, uncollected
from matchers.rules import Breakages, Rule
from matchers.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One evaluation of the archive: its breakages and, for each group, which accounts pass."""

    archive: Archive
    breakages: Breakages
    passes: dict[str, Flags]


def check(
    archive: Archive,
    configured: Sequence[Rule],
    reference: Reference,
    policy: Policy,
    read: Scene | None = None,
    others: Callable[[], rules.Runs] | None = None,
) -> Checked:
    """Evaluate all rules whose inputs are there; the others are counted as not evaluated, never as passed.

    `read` is a scene of the same accounts of which somebody has read the addresses already, `others` what another process judges.
    """
    found = rules.evaluate(archive, configured, reference, read, others)
    return Checked(archive=archive, breakages=found, passes=rules.pass_rates(len(archive), found, policy.severities))


WORTHWHILE = 5000
"""Accounts from which on a second process pays."""


def settle(ledger: Ledger, checked: Checked, day: date, version: str) -> dict[str, int]:
    """Bring the ledger's findings up to date; answers how many were opened, closed and are open."""
    with uncollected():
        return findings.settle(ledger, _seen(checked), day, version, beside=len(checked.breakages.rule) >= WORTHWHILE)


def _seen(checked: Checked) -> Iterator[findings.Breakage]:
    """The breakages one after the other: a million of them need not lie in memory."""
    found, archive = checked.breakages, checked.archive
    keys, orgs = archive.keys.decode(), archive.column("org_no").decode()
    classes = {(one, other): Class(rules.stricter(one, other)) for one in rules.CLASSES for other in rules.CLASSES}
    for rule, row, name, place in _rows(found.rule, found.row, found.field, found.detail):
        broken, detail = found.rules[rule], found.details[place]
        yield findings.Breakage(
            kind=Kind.ACCOUNT,
            key=keys[row] or "",
            org=orgs[row] or "",
            rule=broken.code,
            field=found.fields[name],
            value=detail.value,
            group=broken.group,
            severity=broken.severity,
            cls=classes[detail.cls, broken.ceiling],
            params=dict(detail.params),
        )


def _rows(*columns: Codes) -> Iterator[tuple[int, ...]]:
    """The rows of equally long columns as plain numbers, some thousands of them at a time."""
    for start in range(0, len(columns[0]), _AT_ONCE):
        yield from zip(*(column[start : start + _AT_ONCE].tolist() for column in columns), strict=True)


_AT_ONCE = 10_000


def passing(checked: Checked) -> dict[str, dict[str, tuple[int, int]]]:
    """Group → station → (accounts that pass, accounts)."""
    orgs = checked.archive.column("org_no")
    result: dict[str, dict[str, tuple[int, int]]] = {}
    for group, flags in checked.passes.items():
        total = np.bincount(orgs.codes + 1, minlength=len(orgs.values) + 1)
        good = np.bincount(orgs.codes[flags] + 1, minlength=len(orgs.values) + 1)
        names = ["", *map(str, orgs.values)]
        result[group] = {name: (int(g), int(n)) for name, g, n in zip(names, good, total, strict=True) if n}
    return result


def rate(checked: Checked) -> dict[str, float]:
    """The share of accounts that pass, per group (0 … 1)."""
    return {group: round(float(flags.mean()), 4) if len(flags) else 1.0 for group, flags in checked.passes.items()}
