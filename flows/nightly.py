"""One whole night, and each of its steps by itself: pull, check, reconcile, fill, recheck, report.

Every step reads the ledger and leaves its results there, so a night can be resumed after any of them.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from dataclasses import field as factory
from datetime import date
from typing import Any, cast

import numpy as np
import pyarrow as pa

from core import posix
from core.fields import Fields
from core.ledger import Ledger, batches, entities, queue, runs
from core.ledger.runs import Run
from core.model import Kind, State
from core.policy import Policy
from core.ports import Source, Verifier
from core.reference import Reference
from core.survey import Theme
from flows import archive, book, check, counterparts, evidence, history, inputs, pull, recheck, reconcile, surveys
from flows.archive import Current
from flows.book import Linking, Marks, Materials, Misfit, Place, Required
from flows.check import Checked
from flows.evidence import Estates
from flows.fill import summary
from flows.plan import plan
from flows.surveys import Surveys
from matchers import gate, rules
from matchers.archive import Archive
from matchers.columns import MISSING, Coded, Texts, spread, uncollected
from matchers.normal import addresses
from matchers.rules import Rule
from matchers.scene import Scene

Say = Callable[[str, int, int], None]
"""Progress: what, how much, of how much (0 = not known)."""


@dataclass(frozen=True, kw_only=True)
class House:
    """What a night works with; put together by run.py."""

    ledger: Ledger
    fields: Fields
    policy: Policy
    theme: Theme
    rules: tuple[Rule, ...]
    reference: Reference
    version: str  # of the rules: a hash of their files
    budget_cents: int
    sources: Sequence[Source]
    verifier: Verifier | None
    screen: Callable[[Kind], str]
    misfit: Misfit
    required: Required
    fill: Callable[
        [Run], Mapping[str, Any]
    ]  # fills in a process of its own; answers why it `ended`, and what a sweep saw
    # reads the screens of these cells again; answers what it read and what had moved
    reread: Callable[[Run, Collection[Place]], Mapping[str, int]] | None = None
    say: Say = lambda *_: None
    practice: bool = False  # what people decide here never counts on a site
    attended: bool = False  # a person started this run and watches it
    masks: Mapping[str, Mapping[str, str]] = factory(default_factory=dict)  # source → column → what a star stands for
    linking: Linking = factory(default_factory=dict)  # source → how its records find accounts without a key
    seen: "dict[object, Judged]" = factory(default_factory=dict)  # the archive as it was last evaluated


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The archive as it is now, and what the rules and the references say of it."""

    current: Current
    checked: Checked
    surveys: Surveys
    estates: Estates
    memory: dict[object, object] = factory(default_factory=dict)  # what was judged of it already


IDLE = "nothing to do"
"""Why a fill step ended that had nothing to fill."""


def troubled(done: Mapping[str, Any]) -> bool:
    """Whether a fill step of the night ended early, or a sweep saw what should not be."""
    steps = [done[name] for name in ("fill", "recheck") if "ended" in done.get(name, {})]
    return any(step["ended"] not in ("done", IDLE) or step.get("gaps") or step.get("doubles") for step in steps)


def standing(house: House, run: Run) -> tuple[str, str]:
    """How the run stands once its attempt has done its steps, and why: steps that an earlier one left undone are no night that is done."""
    owed, lacks = runs.owed(house.ledger, run), lacking(house, run)
    if owed:
        return "failed", f"undone {' '.join(owed)}"
    return ("incomplete" if lacks else "done"), " ".join(lacks)


def lacking(house: House, run: Run) -> Sequence[str]:
    """The sources that the run's last pull could not read: no later step of the date makes up for them."""
    pulls = [counts for name, counts in runs.steps(house.ledger, run) if name == "pull"]
    return pulls[-1].get("lacking", ()) if pulls else ()


def look(house: House, day: date) -> Judged:
    """Evaluate the archive of this moment; as long as nothing was delivered or written, what was seen before still holds."""
    state = (day, archive.state(house.ledger))
    if state not in house.seen:
        before = [counterparts.kept(seen.memory) for seen in house.seen.values()]
        house.seen.clear()
        with uncollected():
            house.seen[state] = _look(house, day)
        for found in before:
            house.seen[state].memory.update(found)
    return house.seen[state]


def _look(house: House, day: date) -> Judged:
    house.say("check", 0, STAGES)
    pa.set_memory_pool(pa.system_memory_pool())
    posix.lean()
    now = archive.current(house.ledger)
    estates = evidence.estates(house.ledger)
    delivered = batches.of_kind(house.ledger, "survey", "rows")
    surveyed = surveys.read(house.ledger, house.theme, house.policy, archive.numbers(now) if delivered else {})
    view = Archive.from_tables(now.accounts, now.contacts, day, _units(house))
    house.say("check", 1, STAGES)
    posix.give_back()
    told = inputs.delivered(house.ledger, view, surveyed) | history.known(house.ledger, view, surveyed, day)
    paid = history.answered(house.ledger, view, day, reconcile.ledger_subject(house.ledger))
    if paid:
        told["verdicts"] = history.laid_over(paid, cast("Mapping[str, Coded]", told.get("verdicts", {})))
    view = replace(view, extra={**view.extra, **told})
    with posix.ahead(_aside(view, estates, house), worth=len(view) >= check.WORTHWHILE) as aside:
        view, scene, own = _linked(view, estates, house.reference, lambda: next(aside))
        house.say("check", 2, STAGES)
        posix.give_back()
        checked = check.check(view, house.rules, house.reference, house.policy, scene, lambda: next(aside))
    house.say("check", 3, STAGES)
    known: dict[object, object] = {book.OWN_KEYS: own} if own is not None else {}
    return Judged(current=now, checked=checked, surveys=surveyed, estates=estates, memory=known)


STAGES = 4
"""Of a check, for who watches: reading, linking, judging, settling."""


def _units(house: House) -> dict[str, object]:
    """What the tree of units says, where the site has one."""
    orgs = entities.organisations(house.ledger)
    if not orgs.units:
        return {}
    served = archive.counties(orgs, house.reference)
    found: dict[str, object] = {
        "orgs": frozenset(orgs.units),
        "org_city": archive.cities(orgs, house.reference),
    }
    return found | ({"org_counties": served} if served else {})


def _aside(view: Archive, estates: Estates, house: House) -> Iterator[Any]:
    """What needs no address of the archive, for another process: the keys of the registry's addresses, then the rules that ask for neither."""
    yield _keys(estates.addresses(), house.reference) if estates else None
    posix.give_back()
    yield rules.without_places(view, house.rules, house.reference)


def _linked(
    view: Archive, estates: Estates, reference: Reference, registered: Callable[[], Texts]
) -> tuple[Archive, Scene, Marks | None]:
    """The archive with the registry's owners and address of each account, the scene that has read its addresses, and their keys' marks.

    `registered` answers the keys of the registry's addresses.
    """
    scene, texts = Scene(view, reference), estates.addresses()
    own = book.own_keys(scene) if estates else ()
    keys = registered()
    if not estates:
        return view, scene, None
    flats: dict[str, list[int]] = {}
    for place, key in enumerate(spread(texts.codes, keys, None)):
        if key:
            flats.setdefault(key, []).append(place)
    found = [flats.get(key or "") for key in own]
    plain = view.column("elec_addr").rows(not read.assumed for read in scene.addresses)
    extra = {
        "real_estate_owners": tuple(estates.owners(places) if places else None for places in found),
        "real_estate_address": texts.take(np.array([places[0] if places else MISSING for places in found])),
        "real_estate_same": plain & np.array([places is not None for places in found], dtype=np.bool_),
    }
    view = replace(view, extra={**view.extra, **extra})
    return view, scene.over(view), book.marks(own)


def _keys(texts: Coded, reference: Reference) -> Texts:
    """The address key of each distinct text, or None."""
    return np.array([*(addresses.key(addresses.read(t, reference)) for t in texts.values), None], dtype=object)[:-1]


def materials(house: House, seen: Judged, day: date, wider: frozenset[Place] = frozenset()) -> Materials:
    """What the judgement of references rests on; the cells `wider` are judged by wider links as well."""
    return reconcile.collect(
        house.ledger, archive=seen.checked.archive, current=seen.current, breakages=seen.checked.breakages, reference=house.reference,
        surveys=seen.surveys, estates=seen.estates, fields=house.fields, policy=house.policy, misfit=house.misfit, required=house.required, day=day,
        origin=gate.PRACTICE if house.practice else gate.SITE, attended=house.attended, masks=house.masks, wider=wider,
        memory=seen.memory, linking=house.linking,
    )  # fmt: skip


# -- the steps


def step_pull(house: House, run: Run) -> dict[str, Any]:
    """Fetch what the sources have."""
    return pull.pull(
        house.ledger, house.sources, run.day, run.id, lambda name, rows: house.say(f"pull {name}", rows, 0)
    )


def step_check(house: House, run: Run) -> dict[str, Any]:
    """Evaluate the rules and bring the findings up to date."""
    seen = look(house, run.day)
    counts: dict[str, Any] = check.settle(house.ledger, seen.checked, run.day, house.version)
    house.say("check", STAGES, STAGES)
    absent = seen.checked.breakages.not_evaluated
    with house.ledger.begin() as tx:
        batches.complain(tx, seen.surveys.problems, run.id)
    passing = check.passing(seen.checked)
    return counts | {
        "accounts": len(seen.checked.archive),
        "pass_rate": check.rate(seen.checked),
        "passing": passing,
        "not_evaluated": {code: list(needs) for code, needs in absent.items()},
        "unjudged": dict(seen.checked.breakages.unjudged),
        "evaluated": len(house.rules) - len(absent),
        "surveyors": dict(seen.surveys.surveyors),
        "unaudited": seen.surveys.waiting,
        "unmapped_items": seen.surveys.unmapped_items,
    }


def step_reconcile(house: House, run: Run) -> dict[str, Any]:
    """Judge every difference, record the proposals, plan items for what may be written."""
    return _reconcile(house, run, frozenset())


def _reconcile(house: House, run: Run, wider: frozenset[Place]) -> dict[str, Any]:
    seen = look(house, run.day)
    house.say("reconcile", 0, 0)
    counts: dict[str, Any] = reconcile.reconcile(house.ledger, materials(house, seen, run.day, wider), run.id, run.day)
    linked = counterparts.told(seen.memory)
    counts |= {"linked": linked} if linked else {}
    return counts | {"planned": plan(house.ledger, house.screen, _siblings(seen.current), run.id)}


def plan_decided(house: House) -> int:
    """Plan items for what people have accepted since; answers how many."""
    return plan(house.ledger, house.screen, _siblings(archive.current(house.ledger)), None)


def _siblings(now: Current) -> Mapping[str, Sequence[str]]:
    customers: dict[str, list[str]] = {}
    accounts = now.accounts
    for customer, account in zip(accounts["cust_no"].to_pylist(), accounts["cons_no"].to_pylist(), strict=True):
        customers.setdefault(str(customer), []).append(str(account))
    return customers


def step_fill(house: House, run: Run) -> dict[str, Any]:
    """Fill what is planned, in a worker process of its own."""
    if not queue.due(house.ledger) and not queue.unswept(house.ledger):
        return {"ended": IDLE}
    told = house.fill(run)
    return {**summary(queue.rows(house.ledger, run=run.id)), **told}


def step_recheck(house: House, run: Run) -> dict[str, Any]:
    """The second pass: what is still open is held against what the first one did not use; what became certain is back-filled."""
    before = {row.id for row in queue.rows(house.ledger)}
    todo = recheck.undecided(house.ledger, materials(house, look(house, run.day), run.day))
    counts: dict[str, Any] = {"calls": 0, "wider": len(todo.places)}
    if house.reread is not None and todo.places:
        counts |= house.reread(run, todo.places)
        if counts["moved"]:
            todo = recheck.undecided(house.ledger, materials(house, look(house, run.day), run.day))
    if house.verifier is not None:
        asked = recheck.recheck(
            house.ledger, house.verifier, todo.questions, run.day, run.id, house.budget_cents,
            lambda done, total: house.say("recheck", done, total),
        )  # fmt: skip
        counts |= asdict(asked)
    counts |= _reconcile(house, run, todo.places)
    ended = step_fill(house, run)
    late = [row for row in queue.rows(house.ledger, run=run.id) if row.id not in before]
    counts |= {key: ended[key] for key in ("ended", "gaps", "doubles") if key in ended}
    return counts | {"back_filled": sum(row.state in (State.VERIFIED, State.UNCHANGED) for row in late)}


def settle(house: House, run: Run) -> tuple[Judged, dict[str, Any]]:
    """The archive after the night's writes: what was put right closes its findings."""
    seen = look(house, run.day)
    counts: dict[str, Any] = check.settle(house.ledger, seen.checked, run.day, house.version)
    return seen, counts | {"pass_rate": check.rate(seen.checked), "passing": check.passing(seen.checked)}


STEPS: Mapping[str, Callable[[House, Run], dict[str, Any]]] = dict(
    zip(runs.STEPS, (step_pull, step_check, step_reconcile, step_fill, step_recheck), strict=True)
)
"""The steps of a night in their order; the report follows them."""


def perform(house: House, run: Run, names: Sequence[str] = tuple(STEPS)) -> dict[str, Any]:
    """Do these steps of a run; answers step → counts.

    What a pull has kept that was killed is compared first: no evidence is judged fresher than it is.
    """
    archive.differences(house.ledger)
    done: dict[str, Any] = {}
    for name in names:
        counts: dict[str, Any] = {}
        with runs.step(house.ledger, run, name, counts):
            counts |= STEPS[name](house, run)
        done[name] = counts
    return done
