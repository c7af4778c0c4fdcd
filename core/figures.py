"""A night in figures: what the ledger holds, counted per organisation, and everything a report shows.

Every report, page and bulletin draws these and computes none. Stations are counted; a parent is the sum of what lies under it,
and `WHOLE` the sum of all, stations that no tree knows included.

metric                                what it counts
accounts, accounts.before             accounts of the archive after and before the night's writes
pass.<group>.<before|after>           those of them without a counted finding
findings.<opened|closed|open>.<rule>  findings of a rule, by what became of them on the date
proposals.<class>.<disposition>       proposals by class and by what the gate said
waiting                               proposals that wait for a person
items.<state>                         work items of the night by what became of them
and for the whole company only:
surveyed.<surveyor>                   survey results
reviewed.<reviewer>.<verdict>         decisions since the night before
coverage.<before|after>.<evaluated|not_evaluated>   rules
calls.sent, calls.fee_cents           paid questions
problems, seconds                     complaints about the input; how long the night took
silent.<gaps|doubles>                 what the last sweep found different from what was verified, where there was one
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from core.ledger.entities import Organisation, Organisations
from core.words import Words

WHOLE = "*"
"""Where the figures of the whole company stand."""

Figures = Mapping[tuple[str, str], float]
"""(organisation, metric) → value."""

Passing = Mapping[str, Mapping[str, Sequence[int]]]
"""Group → station → (accounts that pass, accounts)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is counted. A station comes first in each row, the count last."""

    passing: Mapping[str, Passing] = field(default_factory=dict)  # before | after
    findings: Iterable[tuple[str, str, str, int]] = ()  # (station, opened | closed | open, rule, count)
    proposals: Iterable[tuple[str, str, str, int]] = ()  # (station, class, disposition, count)
    waiting: Iterable[str] = ()  # the station of each proposal that waits for a person
    items: Iterable[tuple[str, str, int]] = ()  # (station, state, count)
    whole: Mapping[str, float] = field(default_factory=dict)  # metrics that belong to no station


def figures(facts: Facts, orgs: Organisations) -> dict[tuple[str, str], float]:
    """Count the facts by station and sum them up the tree; a station that no tree knows counts under its own code."""
    counted: Counter[tuple[str, str]] = Counter()
    for station, metric, count in _counts(facts):
        for code in (*(orgs.above(station) or (station,)), WHOLE):
            counted[code, metric] += count
    return {place: float(value) for place, value in counted.items() if value} | {
        (WHOLE, metric): float(value) for metric, value in facts.whole.items()
    }


def _counts(facts: Facts) -> Iterator[tuple[str, str, int]]:
    for moment, groups in facts.passing.items():
        yield from _passing(moment, groups)
    for station, fate, rule, count in facts.findings:
        yield station, f"findings.{fate}.{rule}", count
    for station, cls, disposition, count in facts.proposals:
        yield station, f"proposals.{cls}.{disposition}", count
    for station in facts.waiting:
        yield station, "waiting", 1
    for station, state, count in facts.items:
        yield station, f"items.{state}", count


def _passing(moment: str, groups: Passing) -> Iterator[tuple[str, str, int]]:
    for group, stations in groups.items():
        for station, (good, total) in stations.items():
            yield station, f"pass.{group}.{moment}", good
            if group == "core":
                yield station, "accounts" if moment == "after" else f"accounts.{moment}", total


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
        accounts = self.get("accounts" if moment == "after" else f"accounts.{moment}")
        return self.get(f"pass.{group}.{moment}") / accounts if accounts else None

    def under(self, prefix: str) -> dict[str, float]:
        """The figures whose name begins so, by the rest of their name."""
        return {m.removeprefix(prefix): value for m, value in self.metrics.items() if m.startswith(prefix)}

    def total(self, prefix: str) -> float:
        """The sum of all figures whose name begins so."""
        return sum(self.under(prefix).values())


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
    account: str  # all of the customer's accounts, where the value hangs on the customer
    customer: str  # empty where it does not
    station: str
    field: Words
    rules: tuple[str, ...]
    before: Words
    after: Words
    evidence: tuple[tuple[str, Words], ...]  # (source or verifier, what it says)
    missing: tuple[tuple[Words, Mapping[str, object]], ...]  # why a person is needed
    cls: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """An open finding for which nobody has proposed a value."""

    account: str
    station: str
    field: Words
    rule: str
    name: Words
    severity: str
    opened: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something in the input that a person should know, with its sentence where the code has one."""

    place: str  # file, or service
    row: int | None
    code: str
    sentence: Words | None
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that the renderers draw."""

    day: date
    run: int
    whole: Unit  # the company's own figures
    units: tuple[Unit, ...]  # the tree, parents before children
    rules: tuple[RuleLine, ...]
    mismatches: tuple[Mismatch, ...]
    anomalies: tuple[Anomaly, ...]
    problems: tuple[Trouble, ...]

    @property
    def surveyors(self) -> list[tuple[str, int]]:
        """(surveyor, results), the most first."""
        return sorted(((who, int(n)) for who, n in self.whole.under("surveyed.").items()), key=lambda p: (-p[1], p[0]))

    @property
    def reviewers(self) -> list[tuple[str, Mapping[str, int]]]:
        """(reviewer, verdict → decisions), by name."""
        found: dict[str, dict[str, int]] = {}
        for metric, count in self.whole.under("reviewed.").items():
            who, _, verdict = metric.rpartition(".")
            found.setdefault(who, {})[verdict] = int(count)
        return sorted(found.items())


def whole(counted: Figures, name: str) -> Unit:
    """The figures of the whole company under a name of its own."""
    metrics = {metric: value for (code, metric), value in counted.items() if code == WHOLE}
    return Unit(org=Organisation(WHOLE, name, "whole", None), depth=0, metrics=metrics)


def tree(orgs: Organisations, counted: Figures) -> tuple[Unit, ...]:
    """The organisations with their figures, parents before children, those without figures left out."""
    metrics: dict[str, dict[str, float]] = {}
    for (code, metric), value in counted.items():
        if code != WHOLE:
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
    strangers = (Organisation(code, code, "station", None) for code in sorted(set(metrics) - set(orgs.units)))
    return (*found, *(Unit(org=org, depth=0, metrics=metrics[org.code]) for org in strangers))
