"""Check the archive by the rules: findings open and close by the difference between nights; who passes is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.ledger import Ledger, findings
from core.model import Class, Kind
from core.policy import Policy
from core.reference import Reference
from matchers import rules
from matchers.archive import Archive
from matchers.columns import Flags
from matchers.rules import Breakages, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One evaluation of the archive: its breakages and, for each group, which accounts pass."""

    archive: Archive
    breakages: Breakages
    passes: dict[str, Flags]


def check(archive: Archive, configured: Sequence[Rule], reference: Reference, policy: Policy) -> Checked:
    """Evaluate all rules whose inputs are there; the others are counted as not evaluated, never as passed."""
    found = rules.evaluate(archive, configured, reference)
    return Checked(archive=archive, breakages=found, passes=rules.pass_rates(len(archive), found, policy.severities))


def settle(ledger: Ledger, checked: Checked, day: date, version: str) -> dict[str, int]:
    """Bring the ledger's findings up to date; answers how many were opened, closed and are open."""
    return findings.settle(ledger, _seen(checked), day, version)


def _seen(checked: Checked) -> list[findings.Breakage]:
    found, archive = checked.breakages, checked.archive
    orgs = archive.column("org_no")
    return [
        findings.Breakage(
            kind=Kind.ACCOUNT,
            key=archive.keys.at(one.row) or "",
            org=orgs.at(one.row) or "",
            rule=one.rule.code,
            field=one.field,
            value=one.value,
            group=one.rule.group,
            severity=one.rule.severity,
            cls=Class(one.cls),
            params=dict(one.params),
        )
        for one in map(found.one, range(len(found)))
    ]


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
