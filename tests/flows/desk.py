"""A small archive with its deliveries, as a judgement gets them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa

from core.fields import Fields
from core.ledger import Ledger, batches
from core.model import Class, Disposition, Draft, Kind, Operation, Ref
from core.policy import Policy
from core.ports import Delivery
from core.reference import Reference
from core.settings import read
from flows import reconcile
from flows.archive import Current
from flows.book import Book, Candidate, Materials
from flows.surveys import Answer, Answers, Surveys, Visit
from matchers import rules
from matchers.archive import Archive
from matchers.columns import encode
from matchers.rules import Rule

CONFIG = Path(__file__).parents[2] / "config"
DAY = date(2026, 3, 16)
YESTERDAY = date(2026, 3, 15)
FLAT = "河北省唐山市路北区建设路1号凤城国贸小区3号楼2单元1102"
RIGHT, OTHER = "139901198503120434", "139901197001010011"
MASKED = RIGHT[:6] + "*" * 8 + RIGHT[-4:]
MOBILE = "19412345678"

ACCOUNT = {
    "cons_no": "1", "cust_no": "C1", "cons_name": "张三丰", "cert_type_code": "01", "cert_no": RIGHT, "elec_addr": FLAT,
    "org_no": "0131", "cons_status_code": "normal", "cons_sort_code": "03",
}  # fmt: skip
CONTACT = {
    "cons_no": "1", "contact_name": "张三丰", "contact_relation": "self", "mobile": MOBILE, "home_phone": "", "priority": "1",
}  # fmt: skip


def config() -> tuple[Fields, Policy, Reference]:
    """The practice site's configuration."""
    site = read(CONFIG / "sites" / "practice")
    fields = Fields.load(site)
    policy = replace(Policy.load(site, fields), sampling_start=0.0, sampling_floor=0.0)
    return fields, policy, Reference.load(CONFIG / "reference", marked=True)


def keep(
    ledger: Ledger, source: str, kind: str, rows: Sequence[Mapping[str, str]], as_of: date | None = YESTERDAY
) -> None:
    """A delivery of rows."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns: dict[str, list[str | None]] = {name: [row.get(name) for row in rows] for name in names}
    raw = repr((source, kind, rows, as_of)).encode()
    delivery = Delivery(name=f"{source}.csv", raw=raw, as_of=as_of, columns=columns)
    assert batches.keep(ledger, source, kind, delivery, DAY, None) is not None


def materials(
    ledger: Ledger, accounts: Sequence[Mapping[str, str]], contacts: Sequence[Mapping[str, str]] = (), *,
    answers: Mapping[str, Mapping[str, Answer]] | None = None, configured: Sequence[Rule] = (), extra: Mapping[str, object] | None = None,
    **more: Any,
) -> Materials:  # fmt: skip
    """What a judgement of these accounts rests on, with whatever the ledger was given before."""
    fields, policy, reference = config()
    tables = [
        pa.table(
            {
                name: pa.array([row.get(name) or None for row in side], pa.string())
                for name in dict.fromkeys(chain(columns, *side))
            }
        )
        for side, columns in ((accounts, ACCOUNT), (contacts, CONTACT))
    ]
    archive = Archive.from_tables(tables[0], tables[1], DAY, extra)
    batch = cast("Any", None)  # the tables are here already
    current = Current(accounts=tables[0], contacts=tables[1], exported=DAY, batch=batch, contacts_batch=batch)
    return reconcile.collect(
        ledger, archive=archive, current=current, breakages=rules.evaluate(archive, configured, reference), reference=reference,
        surveys=surveyed(answers or {}), fields=fields, policy=policy, misfit=lambda *_: None, required=lambda _: (), day=DAY,
        **({"estates": ()} | more),
    )  # fmt: skip


def surveyed(answers: Mapping[str, Mapping[str, Answer]]) -> Surveys:
    """What audited surveys said, laid out as they are read."""
    told = [answer for of in answers.values() for answer in of.values()]
    first = [next(iter(of.values()), None) for of in answers.values()]
    visits = [
        Visit(account=number, source=a.evidence.source, day=a.evidence.as_of, note=a.evidence.note, origin=a.origin)
        if a else Visit(account=number, source="", day=None, note="", origin="")
        for number, a in zip(answers, first, strict=True)
    ]  # fmt: skip
    columns = Answers(
        visits=visits,
        starts=np.cumsum([0, *(len(of) for of in answers.values())]),
        field=encode([answer.field for answer in told]),
        wrong=np.array([answer.wrong for answer in told], dtype=np.bool_),
        value=encode([answer.value for answer in told]),
        lacks=encode([";".join(answer.lacks) for answer in told]),
        batch=np.array([_of(answer).batch for answer in told], dtype=np.int32),
        line=np.array([_of(answer).row for answer in told], dtype=np.int32),
        places={number: place for place, number in enumerate(answers)},
    )
    assert {number: dict(of) for number, of in columns.items()} == {n: dict(of) for n, of in answers.items()}
    return Surveys(answers=columns, surveyors={}, waiting=0, unmapped_items=0, problems=())


def _of(answer: Answer) -> Ref:
    assert isinstance(answer.evidence.ref, Ref)
    return answer.evidence.ref


def candidate(field: str, before: str | None, after: str, **changes: Any) -> Candidate:
    """A corroborated value for the first account's holder."""
    contact = field == "mobile"
    draft = Draft(
        kind=Kind.CONTACTS if contact else Kind.CUSTOMER, key="1" if contact else "C1", org="0131", field=field,
        operation=Operation.CHANGE if contact else Operation.SET, before=before, after=after, cls=Class.B,
        disposition=Disposition.REVIEW, row=dict(CONTACT) if contact else {},
    )  # fmt: skip
    return Candidate(draft=draft, row=0, contact=0 if contact else None, **changes)


def judged(ledger: Ledger, found: Materials, *candidates: Candidate) -> list[Draft]:
    """The candidates after the gate."""
    return reconcile.judge(ledger, Book.of(found), candidates)


def failed(draft: Draft) -> set[str]:
    """The conditions that do not hold."""
    return {c.code for c in draft.conditions if not c.held}
