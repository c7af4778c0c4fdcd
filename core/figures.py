"""A night in figures: what the ledger holds, counted per organisation, and everything a report shows.

Every report, page and bulletin draws these and computes none. Stations are counted; a parent is the sum of its stations.

metric                              what it counts
accounts                            accounts of the archive
pass.<group>.<before|after>         accounts without a counted finding, before and after the night's writes
findings.<rule>                     open findings of a rule
proposals.<class>.<disposition>     proposals by class and by what the gate said
items.<state>                       work items by what became of them
surveyed                            audited survey results
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from core.ledger.entities import Organisation, Organisations
from core.words import Words

Figures = Mapping[tuple[str, str], float]
"""(organisation, metric) → value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is counted: one entry per thing, each with its station."""

    passing: Mapping[
        str, Mapping[str, Mapping[str, tuple[int, int]]]
    ]  # before|after → group → station → (pass, accounts)
    findings: Iterable[tuple[str, str]]  # (station, rule)
    proposals: Iterable[tuple[str, str, str]]  # (station, class, disposition)
    items: Iterable[tuple[str, str]]  # (station, state)


def figures(facts: Facts, orgs: Organisations) -> dict[tuple[str, str], float]:
    """Count the facts by station and sum them up the tree; a station that no tree knows counts under its own code."""
    counted: Counter[tuple[str, str]] = Counter()
    for moment, groups in facts.passing.items():
        for group, stations in groups.items():
            for station, (good, total) in stations.items():
                _add(counted, orgs, station, f"pass.{group}.{moment}", good)
                if group == "core" and moment == "before":
                    _add(counted, orgs, station, "accounts", total)
    for station, rule in facts.findings:
        _add(counted, orgs, station, f"findings.{rule}", 1)
    for station, cls, disposition in facts.proposals:
        _add(counted, orgs, station, f"proposals.{cls}.{disposition}", 1)
    for station, state in facts.items:
        _add(counted, orgs, station, f"items.{state}", 1)
    return {place: float(value) for place, value in counted.items()}


def _add(counted: Counter[tuple[str, str]], orgs: Organisations, station: str, metric: str, value: int) -> None:
    for code in orgs.above(station) or (station,):
        counted[code, metric] += value


# -- what a report shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One organisation of the tree with its figures."""

    org: Organisation
    depth: int
    metrics: Mapping[str, float]

    def get(self, metric: str) -> float:
        """A figure, 0 where nothing was counted."""
        return self.metrics.get(metric, 0.0)

    def rate(self, group: str, moment: str) -> float | None:
        """The share of accounts that pass (0 … 1); None where there are none."""
        accounts = self.get("accounts")
        return self.get(f"pass.{group}.{moment}") / accounts if accounts else None

    def total(self, prefix: str) -> float:
        """The sum of all figures whose name begins so."""
        return sum(value for metric, value in self.metrics.items() if metric.startswith(prefix))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A rule with what it found."""

    code: str
    name: Words
    group: str
    severity: str
    opened: int
    closed: int
    open: int
    missing: tuple[str, ...] = ()  # inputs without which it was not evaluated


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A proposal that waits for a person, as the log shows it: masked."""

    proposal: int
    version: int
    account: str
    station: str
    field: Words
    rules: tuple[str, ...]
    before: str
    after: str
    evidence: tuple[tuple[str, str], ...]  # (source or verifier, what it says)
    missing: tuple[tuple[Words, Mapping[str, object]], ...]  # conditions that failed
    cls: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that the renderers draw."""

    day: date
    run: int
    units: tuple[Unit, ...]  # the tree, parents before children
    rules: tuple[RuleLine, ...]
    classes: Mapping[tuple[str, str], int]  # (class, disposition) → proposals
    states: Mapping[str, int]  # state → items
    mismatches: tuple[Mismatch, ...]
    surveyors: Sequence[tuple[str, int]]
    problems: Sequence[
        tuple[str, int | None, str, Words | None, Mapping[str, object]]
    ]  # place, row, code, sentence, parameters
    calls: int
    fee_cents: int
    seconds: float
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def top(self) -> Unit | None:
        """The whole company."""
        return self.units[0] if self.units else None

    @property
    def evaluated(self) -> int:
        """How many rules were evaluated."""
        return sum(not line.missing for line in self.rules)


def tree(orgs: Organisations, counted: Figures) -> tuple[Unit, ...]:
    """The organisations with their figures, parents before children, those without accounts left out."""
    metrics: dict[str, dict[str, float]] = {}
    for (code, metric), value in counted.items():
        metrics.setdefault(code, {})[metric] = value
    children: dict[str | None, list[Organisation]] = {}
    for org in orgs.units.values():
        parent = org.parent if org.parent in orgs.units else None
        children.setdefault(parent, []).append(org)
    found: list[Unit] = []

    def visit(parent: str | None, depth: int) -> None:
        for org in sorted(children.get(parent, ()), key=lambda o: o.code):
            if org.code in metrics:
                found.append(Unit(org=org, depth=depth, metrics=metrics[org.code]))
                visit(org.code, depth + 1)

    visit(None, 0)
    known = {unit.org.code for unit in found}
    strangers = (Organisation(code, code, "station", None) for code in sorted(set(metrics) - known - set(orgs.units)))
    return (*found, *(Unit(org=org, depth=0, metrics=metrics[org.code]) for org in strangers))
