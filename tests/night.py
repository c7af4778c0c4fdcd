"""A made-up night in a real ledger: five counties, ten stations, three hundred accounts, findings, proposals, items, decisions.

Nobody in it is real: names are put together from two lists, numbers carry the marks of the practice world.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from core import settings
from core.fields import Fields
from core.figures import Report
from core.ledger import Ledger, batches, calls, entities, findings, proposals, queue, runs
from core.ledger.entities import Organisation
from core.ledger.findings import Breakage
from core.ledger.queue import StepPlan, Worker
from core.ledger.runs import Run
from core.model import (
    Change,
    Class,
    Condition,
    Decision,
    Disposition,
    Draft,
    Image,
    Kind,
    Operation,
    Problem,
    Proposal,
    Ref,
    State,
    ValueEvidence,
    Verdict,
    VerdictEvidence,
    WorkItem,
)  # fmt: skip
from core.ports import Delivery
from flows import report
from matchers import rules
from matchers.rules import Rule

ROOT = Path(__file__).resolve().parent.parent
DAY, BEFORE = date(2026, 3, 16), date(2026, 3, 15)
COUNTIES = {"唐山供电公司": ("路北区", "丰润区", "滦州市"), "张家口供电公司": ("桥东区", "宣化区")}
STATIONS = ("城关供电所", "河西供电所")
SURNAMES, GIVEN = (
    "测试样例练演虚拟假设",
    ("一帆", "二宁", "三省", "四海", "五岳", "六合", "七弦", "八方", "九歌", "十里"),
)
FIELDS = ("cons_name", "cert_no", "mobile", "elec_addr", "contract_cap", "building_no")
LACKING = {"NM13": ["real_estate_owners"], "PH11": ["number_status"]}


@dataclass(frozen=True)
class Night:
    """What was put into the ledger, and what a night hands to the report."""

    run: Run
    counts: Mapping[str, Any]
    rules: tuple[Rule, ...]
    fields: Fields
    stations: tuple[str, ...]
    secrets: frozenset[str]  # every name, number and address: none may be seen without a mask
    waiting: tuple[Proposal, ...]
    worker: Worker

    def gather(self, ledger: Ledger) -> Report:
        """The night's report."""
        return report.gather(ledger, self.run, self.counts, self.rules, self.fields, {}, 127.0)


def configured() -> tuple[tuple[Rule, ...], Fields]:
    """The rules and fields as they are delivered."""
    config = settings.read(ROOT / "config")
    return rules.build(settings.load(path) for path in config.folder("rules").values()), Fields.load(config)


def units() -> list[Organisation]:
    """A province, two cities, five counties, ten stations."""
    found = [Organisation("13", "冀北电力有限公司", "province", None)]
    for c, (city, counties) in enumerate(COUNTIES.items(), 1):
        found.append(Organisation(f"13{c}", city, "city", "13"))
        for d, county in enumerate(counties, 1):
            code = f"13{c}{d:02}"
            found.append(Organisation(code, f"{county}供电公司", "county", f"13{c}"))
            found += [Organisation(f"{code}{n}", county + name, "station", code) for n, name in enumerate(STATIONS, 1)]
    return found


def night(ledger: Ledger, accounts: int = 300, seed: int = 1) -> Night:
    """Fill an empty ledger."""
    draw = random.Random(seed)
    configured_rules, fields = configured()
    with ledger.begin() as tx:
        entities.import_organisations(tx, units())
    stations = tuple(o.code for o in units() if o.level == "station")
    people = [_person(draw, number, stations) for number in range(accounts)]
    worker = queue.enlist(ledger, "night", "here", 1, 0.0)
    _findings(ledger, draw, people, configured_rules)
    run = runs.begin(ledger, "nightly", DAY, worker, "digest", {}, lambda *_: True)
    with runs.step(ledger, run, "pull", {}):
        batch = batches.keep(
            ledger, "survey", "survey", Delivery(name="普查-0316.csv", raw=b"x", as_of=DAY, columns={}), DAY, run.id
        )
        assert batch
    _complain(ledger, run)
    drafts = [
        _draft(draw, person, configured_rules, batch) for person in people for _ in range(draw.choice((0, 0, 1, 1)))
    ]
    proposals.record(ledger, _once(drafts), run.id, DAY)
    with ledger.begin() as tx:
        for person in people[::3]:
            entities.adopt(tx, person["cust_no"], [person["cons_no"]], person["org"])
    _work(ledger, draw, run, worker)
    _ask(ledger, run)
    waits = tuple(report.waiting(ledger))
    for p, verdict in zip(waits, ("accept", "reject", "defer"), strict=False):
        ledger_verdict = "reject" if verdict == "accept" and p.after is None else verdict
        proposals.decide(
            ledger, Decision(proposal=p.id, version=p.version, verdict=ledger_verdict, value=None, reviewer="审核员甲")
        )
    counts = {
        "check": {
            "passing": _passing(draw, people, 0.66),
            "not_evaluated": LACKING,
            "surveyors": {"普查员甲": 61, "普查员乙": 48, "普查员丙": 7},
        },
        "report": {"passing": _passing(random.Random(seed), people, 0.84)},
    }
    secrets = frozenset(person[name] for person in people for name in ("cons_name", "cert_no", "mobile", "elec_addr"))
    return Night(run, counts, configured_rules, fields, stations, secrets, tuple(report.waiting(ledger)), worker)  # fmt: skip


Person = Mapping[str, str]


def _person(draw: random.Random, number: int, stations: Sequence[str]) -> Person:
    return {
        "cons_no": f"10000{number:05}",
        "cust_no": f"2000{number:05}",
        "org": stations[min(draw.randrange(len(stations)), draw.randrange(len(stations)))],
        "cons_name": draw.choice(SURNAMES) + draw.choice(GIVEN),
        "cert_no": f"139999{draw.randrange(1950, 2005)}0{draw.randrange(1, 10)}1{draw.randrange(10)}{number:03}X",
        "mobile": f"1940001{number:04}",
        "elec_addr": f"唐山市路北区样例里{draw.randrange(1, 30)}号楼{draw.randrange(1, 5)}单元{draw.randrange(101, 2500)}室{number}",
        "contract_cap": str(draw.choice((4, 8, 12, 16))),
        "building_no": str(draw.randrange(1, 30)),
    }


def _findings(ledger: Ledger, draw: random.Random, people: Sequence[Person], known: Sequence[Rule]) -> None:
    """Two nights: some findings are old, some new, some closed."""
    chosen = [rule for rule in known if rule.code not in LACKING][::2][:30]
    weights = [1 / (1 + place) for place in range(len(chosen))]
    draw.shuffle(chosen)
    found = [
        _breakage(person, draw.choices(chosen, weights)[0])
        for person in people
        for _ in range(draw.choice((0, 0, 1, 1, 2)))
    ]
    findings.settle(ledger, [b for b in found if draw.random() < 0.6], BEFORE, "1")
    findings.settle(ledger, [b for b in found if draw.random() < 0.7], DAY, "1")


def _breakage(person: Person, rule: Rule) -> Breakage:
    return Breakage(
        kind=Kind.ACCOUNT, key=person["cons_no"], org=person["org"], rule=rule.code, field=rule.field, value=person["cert_no"],
        group=rule.group, severity=rule.severity, cls=Class.C, params={"value": person["cert_no"]},
    )  # fmt: skip


def _draft(draw: random.Random, person: Person, known: Sequence[Rule], batch: int) -> Draft:
    field = draw.choice(FIELDS)
    kind = {"cons_name": Kind.CUSTOMER, "cert_no": Kind.CUSTOMER, "mobile": Kind.CONTACTS}.get(field, Kind.ACCOUNT)
    before, cls = person[field], draw.choice((Class.S, Class.S, Class.A, Class.B, Class.C))
    after = before[:-2] + str(draw.randrange(10, 99)) if draw.random() < 0.9 else None
    cls = cls if after else Class.C
    failing = {Class.C: ("certain", "authoritative"), Class.B: ("rung",)}.get(cls, ()) if draw.random() < 0.8 else ()
    conditions = [Condition(code="value", held=after is not None), Condition(code="normal", held=True)]
    conditions += [
        Condition(code=code, held=False, params={"rung": "attended", "labels": 412, "needed": 2995}) for code in failing
    ]
    automatic = all(c.held for c in conditions) and cls is not Class.C
    told = ValueEvidence(
        field=field,
        value=after,
        source="survey",
        as_of=DAY,
        ref=Ref(batch=batch, row=7, column="value"),
        note="普查员甲/审核员乙",
    )
    said = VerdictEvidence(
        fields=("mobile",),
        subject="s",
        verdict=draw.choice(list(Verdict)[:4]),
        subcode="name",
        source="carrier",
        as_of=DAY,
    )
    return Draft(
        kind=kind, key=person["cust_no"] if kind is Kind.CUSTOMER else person["cons_no"], org=person["org"], field=field,
        operation=Operation.CHANGE if kind is Kind.CONTACTS else Operation.SET, before=before, after=after,
        row={"mobile": before} if kind is Kind.CONTACTS else {}, cls=cls,
        disposition=Disposition.AUTOMATIC if automatic else Disposition.REVIEW, conditions=tuple(conditions), values=(told,) if after else (),
        verdicts=(said,) if field == "mobile" else (), rules=(draw.choice(known).code,),
    )  # fmt: skip


def _once(drafts: Sequence[Draft]) -> list[Draft]:
    return list({(d.kind, d.key, d.field): d for d in drafts}.values())


def _work(ledger: Ledger, draw: random.Random, run: Run, worker: Worker) -> None:
    """Items for what is automatic; every end stands for some of them, and most end well."""
    for p in proposals.find(ledger, disposition=Disposition.AUTOMATIC):
        assert p.after is not None
        step = StepPlan(
            screen=str(p.kind),
            operation=p.operation,
            changes=(Change(field=p.field, before=p.before, after=p.after, proposal=p.id),),
            row=p.row,
        )
        with ledger.begin() as tx:
            queue.plan(tx, p.kind, p.key, p.org, f"proposal {p.id}", 1, (step,), run.id)
            proposals.move(tx, [p.id], "itemised")
    rare = [State.UNCHANGED, State.CONFLICT, State.REFUSED, State.PARKED, State.AWAITING] * 4
    ends = (State.VERIFIED,) * 12 + tuple(rare[:5])
    while (item := queue.claim(ledger, worker, 60, lambda *_: False)) is not None:
        end = rare.pop() if rare else draw.choice(ends)
        if end is State.AWAITING:
            queue.await_order(ledger, item, 9999)
            continue
        if end is State.VERIFIED:
            write(ledger, item, worker, run)
        queue.finish(
            ledger, item, end, {State.CONFLICT: "changed", State.REFUSED: "length", State.PARKED: "poison"}.get(end, "")
        )


def write(ledger: Ledger, item: WorkItem, worker: Worker, run: Run) -> None:
    """Each step of an item as if a screen had taken it."""
    for step in item.steps:
        cells = {c.field: c.before or "" for c in step.changes}
        before = Image(screen=step.screen, key=item.key, cells=cells)
        intent = queue.intend(ledger, item, step, before, step.changes, worker, run.id)
        queue.submitted(ledger, item, step, intent, "")
        after = replace(before, cells={c.field: c.after for c in step.changes})
        queue.conclude(ledger, item, step, intent, "verified", after, "verified")


def _passing(draw: random.Random, people: Sequence[Person], share: float) -> dict[str, dict[str, tuple[int, int]]]:
    found: dict[str, dict[str, tuple[int, int]]] = {"core": {}, "basic": {}}
    for group, more in (("core", 0.0), ("basic", 0.06)):
        for person in people:
            good, total = found[group].get(person["org"], (0, 0))
            found[group][person["org"]] = (good + (draw.random() < share + more), total + 1)
    return found


def _complain(ledger: Ledger, run: Run) -> None:
    with ledger.begin() as tx:
        batches.complain(
            tx,
            [
                Problem(code="bad_row", place="不动产-0316.xlsx", row=14),
                Problem(code="no_key", place="普查-0316.csv", row=3),
            ],
            run.id,
        )


def _ask(ledger: Ledger, run: Run) -> None:
    for number in range(9):
        call = calls.intend(ledger, "carrier", "three_factor", f"subject {number}", DAY, run.id)
        said = VerdictEvidence(
            fields=("mobile",), subject=f"subject {number}", verdict=Verdict.CONSISTENT, source="carrier", as_of=DAY
        )
        calls.answer(ledger, call, said, 35, DAY, 30)
