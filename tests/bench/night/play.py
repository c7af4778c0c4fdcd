"""Play nights of the practice site with the wire for a hand, and ask the oracle; every step is timed."""

import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bots import screens
from bots.door import Login
from core import settings
from core.ledger import Ledger, findings, proposals, queue, runs
from core.ledger.runs import Run
from core.model import Draft, Kind
from core.settings import Config
from core.site import Site, environment
from doors import demo, night, wiring
from flows import archive, fill, nightly, rehearsal, reread
from flows.book import Place
from flows.nightly import House
from tests.bench.night import wire
from tests.practice import Practice

KILO = 1024
Say = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """What one step took."""

    night: int
    name: str
    seconds: float
    busy: float  # seconds of this process's own CPU
    peak: float  # MiB that this process has needed so far
    load: float  # of the machine, in the last minute


@dataclass(kw_only=True)
class Rehearsal:
    """What the nights have shown."""

    steps: list[Timed] = field(default_factory=list)
    counts: list[Mapping[str, Any]] = field(default_factory=list)  # per night
    pages: dict[str, tuple[int, float]] = field(default_factory=dict)  # page → requests, seconds
    passing: list[Mapping[str, Mapping[str, float]]] = field(
        default_factory=list
    )  # before, after: rates by group and field
    ends: Counter[str] = field(default_factory=Counter)  # how items stand at last, and why
    said: Mapping[str, Any] = field(default_factory=dict)  # the oracle's answer


def play(site: Practice, nights: int, say: Say, budget_cents: int | None = None) -> Rehearsal:
    """The nights, one business day after the other, with late results published in between; then the oracle.

    `budget_cents` is what paid questions may cost in a night; None: what the site's configuration says.
    """
    house, config, known = wiring.house_of(site.config, site.data, say)
    shown = Rehearsal()
    house = replace(house, reread=_rereading(house.ledger, config, known, house.screen))
    house = replace(house, budget_cents=house.budget_cents if budget_cents is None else budget_cents)
    for number in range(1, nights + 1):
        day = site.world.day + timedelta(days=number - 1)
        if number > 1:
            site.control("/publish", date=day.isoformat())
        _night(site, replace(house, fill=_filling(house.ledger, config, known, shown, say)), config, day, number, shown)
    shown.ends.update(f"{row.state} {row.reason}".strip() for row in queue.rows(house.ledger))
    with _step(shown, nights, "oracle"):
        said = claims(house.ledger, site.config, house.rules) | {"day": day.isoformat()}
        shown.said = rehearsal.score(site.world, said)
    return shown


def _night(site: Practice, house: House, config: Config, day: date, number: int, shown: Rehearsal) -> None:
    worker = wiring.worker_of(house.ledger, "night")
    run = runs.begin(house.ledger, "nightly", day, worker, config.digest, {"rules": house.version}, wiring.gone)
    counts: dict[str, Any] = {}
    for name in nightly.STEPS:
        with _step(shown, number, name):
            counts |= nightly.perform(house, run, (name,))
        if name == "check" and number == 1:
            shown.passing.append(_passing(house, counts["check"]))
    with _step(shown, number, "report"):
        counts["report"] = night._report(house, run, counts, site.data)
    runs.end(house.ledger, run, "done", counts)
    shown.counts.append(night._brief(counts))
    shown.passing[1:] = [_passing(house, {**counts["check"], **counts["report"]})]


@contextmanager
def _step(shown: Rehearsal, night: int, name: str) -> Iterator[None]:
    began, busy = time.monotonic(), time.process_time()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILO
    seconds, spent, load = time.monotonic() - began, time.process_time() - busy, os.getloadavg()[0]
    took = Timed(night=night, name=name, seconds=seconds, busy=spent, peak=peak, load=load)
    shown.steps.append(took)
    sys.stderr.write(f"night {night}: {name}: {took.seconds:.1f} s, {took.busy:.1f} s busy, {took.peak:.0f} MiB\n")


def _filling(
    ledger: Ledger, config: Config, site: Site, shown: Rehearsal, say: Say
) -> Callable[[Run], Mapping[str, Any]]:
    """Fill as `run.py fill` does, in this process and over a wire."""

    def work(run: Run) -> Mapping[str, Any]:
        found = site.connect("legacy", environment())
        legacy, hand = wire.connect(config, found.url, Login(found.user, found.secret), queue.samples(ledger))
        total, done = queue.due(ledger), [0]

        def progress(*_what: object) -> None:
            done[0] += 1
            say("fill", done[0], max(total, done[0]))

        terms = fill.Terms(
            lease=site.lease_seconds, attempts=site.retry.attempts, pause=site.retry.pause, circuit=site.circuit
        )
        desk = fill.Desk(
            ledger=ledger, legacy=legacy, worker=wiring.worker_of(ledger, "fill"), terms=terms, clock=wiring.Clock(), day=run.day,
            gone=wiring.gone, run=run.id, progress=progress,
        )  # fmt: skip
        if problems := fill.preflight(ledger, legacy, run.id):
            return {"ended": f"preflight: {len(problems)} problems"}
        ended, last = fill.fill(desk), fill.sweep(ledger, legacy)
        for page, times in hand.requests.items():
            before = shown.pages.get(page, (0, 0.0))
            shown.pages[page] = (before[0] + times, before[1] + hand.spent[page])
        return {"ended": ended, "swept": last.read, "gaps": last.gaps, "doubles": last.doubles}

    return work


def _rereading(
    ledger: Ledger, config: Config, site: Site, screen: Callable[[Kind], str]
) -> Callable[[Run, Collection[Place]], Mapping[str, int]]:
    """Read screens again as `run.py recheck` does, over a wire."""

    def look(run: Run, places: Collection[Place]) -> Mapping[str, int]:
        found = site.connect("legacy", environment())
        legacy, _hand = wire.connect(config, found.url, Login(found.user, found.secret), queue.samples(ledger))
        return asdict(reread.reread(ledger, legacy, screen, archive.current(ledger), places, run.day))

    return look


def _passing(house: House, counts: Mapping[str, Any]) -> Mapping[str, Mapping[str, float]]:
    """The pass rates of the groups, and for each field the share of accounts without an open grave finding on it."""
    accounts = sum(total for _, total in next(iter(counts["passing"].values())).values())
    failing: dict[str, set[str]] = {}
    for one in findings.open_ones(house.ledger):
        if one.severity in house.policy.severities[one.group]:
            failing.setdefault(one.field, set()).add(one.key)
    return {
        "groups": counts["pass_rate"],
        "fields": {name: round(1 - len(keys) / accounts, 5) for name, keys in sorted(failing.items())},
    }


def claims(ledger: Ledger, site: Path, rules: Sequence[Any]) -> dict[str, Any]:
    """What the ledger says it did, with its proposals' classes and the rules' severities."""
    _system, maps = screens.load(settings.read(site))
    screen_of = {screen.kind: screen for screen in maps.values()}
    said = rehearsal.claims(ledger, demo._spell(site))
    told = [
        {
            "kind": str(p.kind),
            "object": p.key,
            "label": screen_of[p.kind].fields[p.field].label,
            "cls": str(p.cls),
            "why": _why(p),
        }
        for p in proposals.find(ledger)
        if p.state != "superseded" and p.field in screen_of[p.kind].fields
    ]
    return said | {"proposals": told, "severities": {rule.code: rule.severity for rule in rules}}


def _why(proposal: Draft) -> str:
    """What kept a proposal from being written: the conditions that failed, with the rules and sources that spoke against it."""
    failed = [c for c in proposal.conditions if not c.held]
    told = ((c.code, c.params.get("rules") if c.code == "rules" else c.params.get("sources")) for c in failed)
    return " ".join(f"{code}({said})" if said else code for code, said in told)
