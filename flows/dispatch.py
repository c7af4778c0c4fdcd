"""Rank the accounts that a surveyor should visit: what is wrong with them, how old their last survey is, and who lives nearby.

The score is a sum of four parts, each of which is shown beside it; config/dispatch.yaml says what they are and holds their weights.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa

from core.dispatch import PARTS, Dispatch, Reason, Trip, Visit
from core.errors import InputError, choices
from core.ledger import Ledger, batches, entities, findings, proposals
from core.ledger.entities import Organisations
from core.model import Disposition, Finding
from core.privacy import mask
from core.settings import Config, Node
from core.words import Words
from flows import archive
from flows.archive import Current
from matchers.rules import SEVERITIES, Rule

_YEAR = 365.25
_CLOSED = "closed"
"""Accounts in this state are not visited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What a score is made of."""

    severities: Mapping[str, float]
    high_risk: tuple[str, ...]  # beginnings of rule codes
    risk: float
    per_year: float
    most_years: float
    neighbour: float
    most_neighbours: int

    @classmethod
    def load(cls, config: Config, rules: Sequence[Rule]) -> "Weights":
        """The weights in config/dispatch.yaml. Raises ConfigError with file, line, key and the choices."""
        numbers = ("risk", "per_year", "most_years", "neighbour", "most_neighbours")
        root = config.load("dispatch.yaml").only("schema", "severities", "high_risk", *numbers)
        severities = root["severities"].only(*SEVERITIES)
        found = {name: root[name].number(low=0) for name in numbers[:-1]}
        return cls(
            severities={name: severities[name].number(low=0) for name in SEVERITIES},
            high_risk=_beginnings(root["high_risk"], [rule.code for rule in rules]), most_neighbours=root["most_neighbours"].integer(low=0), **found,
        )  # fmt: skip


def _beginnings(node: Node, codes: Sequence[str]) -> tuple[str, ...]:
    """Beginnings of rule codes; one that no rule begins with would make nobody's risk high."""
    for one in node.texts():
        if not any(code.startswith(one) for code in codes):
            there = choices({code.rstrip("0123456789") for code in codes})
            raise node.wrong(
                Words(f"没有以 '{one}' 开头的规则；现有：{there}", f"no rule begins with '{one}'; there are: {there}")
            )
    return node.texts()


def dispatch(
    ledger: Ledger, rules: Sequence[Rule], weights: Weights, day: date, *, org: str = "", limit: int = 0
) -> Dispatch:
    """The ranked list for an organisation and all below it (all without one), its first `limit` visits (0 = all of them).

    Raises InputError for an organisation that there is not, MissingPart where no archive was pulled yet.
    """
    orgs, now = entities.organisations(ledger), archive.current(ledger)
    if org and org not in orgs.units:
        raise InputError(Words(f"--org {org}：没有这个单位", f"--org {org}: there is no such organisation"))
    reasons = _reasons(ledger, {rule.code: rule.name for rule in rules})
    visits = list(_visits(now, orgs, org, reasons, last_surveys(ledger, now), weights, day))
    ranked = _ranked(_with_neighbours(visits, weights))
    return Dispatch(
        day=day, visits=tuple(ranked[: limit or None]), trips=tuple(_trips(ranked)), accounts=len(ranked),
        high_risk=sum(v.high_risk for v in ranked),
    )  # fmt: skip


# -- what calls for a visit


def _reasons(ledger: Ledger, names: Mapping[str, Words]) -> dict[str, list[Reason]]:
    """Account → its open rules, the gravest first; what an automatic proposal settles is left out."""
    settled = _settled(ledger)
    found: dict[str, dict[str, Reason]] = defaultdict(dict)
    for f in findings.open_ones(ledger):
        if (f.key, f.rule) not in settled:
            found[f.key].setdefault(f.rule, _reason(f, names))
    return {key: sorted(rules.values(), key=lambda r: (r.severity, r.rule)) for key, rules in found.items()}


def _reason(f: Finding, names: Mapping[str, Words]) -> Reason:
    return Reason(rule=f.rule, name=names.get(f.rule, Words(f.rule, f.rule)), severity=f.severity, opened=f.opened)


def _settled(ledger: Ledger) -> set[tuple[str, str]]:
    """(account, rule) for which a value stands that needs nobody."""
    with ledger.begin() as tx:
        families = entities.families(tx)
    standing = proposals.find(ledger, states=("open", "decided", "itemised"), disposition=Disposition.AUTOMATIC)
    return {(key, rule) for p in standing for key in (p.key, *families.get(p.key, ())) for rule in p.rules}


def last_surveys(ledger: Ledger, now: Current) -> dict[str, date]:
    """Account → the day on which a surveyor was last there, audited or not."""
    numbers, found = archive.numbers(now), dict[str, date]()
    for batch in batches.of_kind(ledger, "survey", "rows"):
        table = batches.read(ledger, batch)
        if {"cons_no", "survey_at"} <= set(table.column_names):
            for account, at in _distinct(table):
                day = _day(at)
                known = numbers.get(account)
                if known and day is not None:
                    found[known] = max(found.get(known, day), day)
    return found


def _distinct(table: pa.Table) -> set[tuple[str, str]]:
    """A survey has a row for every answer; one for each account and moment is enough."""
    pairs = zip(table["cons_no"].to_pylist(), table["survey_at"].to_pylist(), strict=True)
    return {(str(account), str(at)) for account, at in pairs if account and at}


def _day(moment: str) -> date | None:
    try:
        return date.fromisoformat(moment[:10])
    except ValueError:
        return None


# -- scoring


def _visits(
    now: Current, orgs: Organisations, org: str, reasons: Mapping[str, Sequence[Reason]], surveyed: Mapping[str, date],
    weights: Weights, day: date,
) -> Iterator[Visit]:  # fmt: skip
    names = ("cons_no", "org_no", "cons_name", "elec_addr", "tg_no", "line_no", "cons_status_code")
    for account, station, holder, address, area, line, status in zip(
        *(_texts(now.accounts, n) for n in names), strict=True
    ):
        told = reasons.get(account, ())
        if not told or status == _CLOSED or (org and org not in orgs.above(station)):
            continue
        high, last = risky(told, weights), surveyed.get(account)
        parts = {
            "findings": sum(weights.severities[r.severity] for r in told),
            "risk": weights.risk if high else 0.0,
            "age": age(last, day, weights),
            "neighbours": 0.0,
        }
        yield Visit(
            rank=0, account=account, holder=mask("name", holder or None), address=mask("address", address or None),
            station=orgs.units[station].name if station in orgs.units else station, area=area, line=line, score=0.0, parts=parts,
            high_risk=high, surveyed=last, reasons=tuple(told),
        )  # fmt: skip


def _texts(table: pa.Table, name: str) -> list[str]:
    if name not in table.column_names:
        return [""] * table.num_rows
    return [str(value) if value is not None else "" for value in table[name].to_pylist()]


def risky(reasons: Iterable[Reason], weights: Weights) -> bool:
    """Whether an S1 rule of a high-risk family is open."""
    return any(r.severity == "S1" and r.rule.startswith(weights.high_risk) for r in reasons)


def age(last: date | None, day: date, weights: Weights) -> float:
    """What the years since the last survey weigh; never surveyed weighs the most."""
    years = weights.most_years if last is None else min((day - last).days / _YEAR, weights.most_years)
    return round(max(years, 0.0) * weights.per_year, 2)


def _with_neighbours(visits: Sequence[Visit], weights: Weights) -> Iterator[Visit]:
    """The visits with what their neighbours add, and their whole score."""
    here = Counter((v.station, v.area) for v in visits if v.area)
    for v in visits:
        others = max(here[v.station, v.area] - 1, 0)
        parts = {**v.parts, "neighbours": weights.neighbour * min(others, weights.most_neighbours)}
        yield replace(v, parts=parts, score=round(sum(parts[name] for name in PARTS), 2))


def _ranked(visits: Iterable[Visit]) -> list[Visit]:
    """Best first; of equal scores those with the riskier account, then by account number, so that the list is always the same."""
    found = sorted(visits, key=lambda v: (-v.score, not v.high_risk, v.account))
    return [replace(v, rank=rank) for rank, v in enumerate(found, 1)]


def _trips(visits: Iterable[Visit]) -> list[Trip]:
    """The transformer areas by the sum of their scores; accounts without one make no trip."""
    areas: dict[tuple[str, str, str], list[Visit]] = defaultdict(list)
    for v in visits:
        if v.area:
            areas[v.station, v.area, v.line].append(v)
    scored = sorted(areas.items(), key=lambda entry: (-sum(v.score for v in entry[1]), entry[0]))
    return [
        Trip(
            rank=rank, station=station, area=area, line=line, visits=len(found), high_risk=sum(v.high_risk for v in found),
            score=round(sum(v.score for v in found), 2),
        )
        for rank, ((station, area, line), found) in enumerate(scored, 1)
    ]  # fmt: skip
