"""Gather what sources say of the archive: audited survey answers by account and field, registry entries by flat."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from core.ledger import Ledger, batches
from core.ledger.batches import Batch
from core.model import Problem, Ref, ValueEvidence
from core.policy import Policy
from core.survey import Item, Theme
from core.tables import UNMAPPED
from core.words import Words

PROBLEMS = {
    "unknown_account": Words("普查结果的户号不在档案中", "the survey result's account is not in the archive"),
    "no_revision": Words("普查结果的版本不是整数", "the survey result's revision is not a whole number"),
    "unknown_item": Words("普查项目编码未配置：{item}", "the survey item is not configured: {item}"),
    "unmapped_code": Words("普查项目 {item} 的取值没有对应代码", "the answer to survey item {item} maps to no code"),
    "unknown_answer": Words("普查项目 {item} 的结果代码无法识别", "the answer code of survey item {item} is not known"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an audited survey says of one field of one account."""

    field: str
    wrong: bool  # wrong + new value; otherwise *unchanged*: the surveyor confirms what stands there
    value: str | None
    evidence: ValueEvidence
    lacks: tuple[str, ...]  # what the policy asks for and the answer does not carry
    origin: str  # task/revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveys:
    """The newest audited result of every account: account → field → answer."""

    answers: Mapping[str, Mapping[str, Answer]]
    surveyors: Mapping[str, int]  # surveyor → results
    waiting: int  # results that are not audited: never written
    unmapped_items: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a batch, read where it lies: a year has millions of answers, and a mapping for each would fill the memory."""

    columns: Mapping[str, Sequence[str | None]]
    index: int

    def __getitem__(self, name: str) -> str | None:
        """A cell. Raises KeyError for a column that the batch has not."""
        return self.columns[name][self.index]

    def get(self, name: str) -> str | None:
        """A cell, or None."""
        return self[name] if name in self.columns else None


def surveys(ledger: Ledger, theme: Theme, policy: Policy, number: Mapping[str, str]) -> Surveys:
    """Read all survey deliveries; a higher revision of a task replaces the lower one, and of two tasks the later counts.

    `number` maps old and new account numbers to the archive's.
    """
    tasks, unknown = _tasks(ledger, number)
    newest = _newest_by_account(tasks.values())
    problems: list[Problem] = list(unknown)
    answers: dict[str, Mapping[str, Answer]] = {}
    unmapped = 0
    for account, task in newest.items():
        found, strange, without_field = _answers(task, theme, policy)
        answers[account] = MappingProxyType(found)
        problems += strange
        unmapped += without_field
    everyone: dict[str, int] = {}
    for task in tasks.values():
        everyone[task.surveyor] = everyone.get(task.surveyor, 0) + 1
    waiting = sum(not task.audited for task in tasks.values())
    return Surveys(
        answers=answers, surveyors=everyone, waiting=waiting, unmapped_items=unmapped, problems=tuple(problems)
    )


def numbered(ledger: Ledger, batch: Batch) -> Iterable[tuple[int, Row]]:
    """The rows with their numbers in the file."""
    table, lines = batches.numbered(ledger, batch)
    columns = {name: _shared(table[name]) for name in table.column_names}
    return ((line, Row(columns, index)) for index, line in enumerate(lines))


def _shared(column: "pa.ChunkedArray[Any]") -> list[str | None]:
    """The texts of a column; equal ones are one object."""
    encoded = column.combine_chunks().dictionary_encode()
    words = encoded.dictionary.to_pylist()
    return [None if index is None else words[index] for index in encoded.indices.to_pylist()]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    account: str
    task: str
    revision: int
    at: str
    audit: str
    surveyor: str
    auditor: str
    source: str
    rows: tuple[tuple[Batch, int, Row], ...]

    @property
    def audited(self) -> bool:
        return self.audit == "PASS"


def _tasks(ledger: Ledger, number: Mapping[str, str]) -> tuple[dict[str, _Task], list[Problem]]:
    """The highest revision of each task, with the problems of those whose account nobody knows."""
    grouped: dict[tuple[str, int], list[tuple[Batch, int, Row]]] = {}
    tasks: dict[str, _Task] = {}
    problems: list[Problem] = []
    for batch in batches.of_kind(ledger, "survey", "rows"):
        for line, row in numbered(ledger, batch):
            given = row.get("rev") or "1"
            if not given.isdecimal():
                problems.append(Problem(code="no_revision", place=batch.name, row=line))
                continue
            grouped.setdefault((row["task_no"] or "", int(given)), []).append((batch, line, row))
    for (task, revision), rows in sorted(grouped.items()):
        batch, line, first = rows[0]
        account = number.get(first["cons_no"] or "")
        if account is None:
            problems.append(Problem(code="unknown_account", place=batch.name, row=line))
            continue
        tasks[task] = _Task(
            account=account, task=task, revision=revision, at=first.get("survey_at") or "", audit=first.get("audit") or "",
            surveyor=first.get("surveyor") or "", auditor=first.get("auditor") or "", source=batch.source, rows=tuple(rows),
        )  # fmt: skip
    return tasks, problems


def _newest_by_account(tasks: Iterable[_Task]) -> dict[str, _Task]:
    newest: dict[str, _Task] = {}
    for task in sorted(tasks, key=lambda task: (task.at, task.task)):
        if task.audited:
            newest[task.account] = task
    return newest


def _answers(task: _Task, theme: Theme, policy: Policy) -> tuple[dict[str, Answer], list[Problem], int]:
    found: dict[str, Answer] = {}
    problems: list[Problem] = []
    without_field = 0
    for batch, line, row in task.rows:
        code = row["item"] or ""
        item = theme.items.get(code)
        kind = theme.answer(row.get("answer"))
        if item is None or kind is None:
            what = "unknown_item" if item is None else "unknown_answer"
            problems.append(Problem(code=what, place=batch.name, row=line, params={"item": code}))
        elif item.field is None:
            without_field += 1
        elif kind in ("wrong", "unchanged"):
            answer = _answer(task, theme, policy, item, kind == "wrong", batch, line, row)
            if answer.wrong and (answer.value or "").startswith(UNMAPPED):
                problems.append(Problem(code="unmapped_code", place=batch.name, row=line, params={"item": code}))
            else:
                found[item.field] = answer
    return found, problems, without_field


def _answer(
    task: _Task, theme: Theme, policy: Policy, item: Item, wrong: bool, batch: Batch, line: int, row: Row
) -> Answer:
    assert item.field is not None
    value = theme.value(item, row.get("value")) if wrong else None
    evidence = ValueEvidence(
        field=item.field,
        value=value,
        source=task.source,
        as_of=_day(task.at),
        ref=Ref(batch=batch.id, row=line, column="value"),
        note=f"{task.surveyor}/{task.auditor}",
    )
    return Answer(
        field=item.field,
        wrong=wrong,
        value=value,
        evidence=evidence,
        lacks=_lacks(task, theme, policy, item, row),
        origin=f"{task.task}/{task.revision}",
    )


def _lacks(task: _Task, theme: Theme, policy: Policy, item: Item, row: Row) -> tuple[str, ...]:
    photos = (row.get("photos") or "").split(";")
    missing = {
        "surveyor": () if task.surveyor else ("surveyor",),
        "auditor": () if task.auditor else ("auditor",),
        "other_auditor": ("other_auditor",) if task.auditor == task.surveyor else (),
        "item_evidence": theme.lacks(item, photos, row.get("signature") in ("true", "1", "是", "True")),
    }
    return tuple(name for asked in policy.survey_evidence for name in missing[asked])


def _day(moment: str) -> date | None:
    try:
        return date.fromisoformat(moment[:10])
    except ValueError:
        return None


# -- the real-estate registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One owner of a flat, as the registry names him."""

    name: str
    ident: str  # masked
    as_of: date | None
    ref: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """One flat of the registry with its present owners."""

    number: str
    address: str
    owners: tuple[Owner, ...]
    source: str


def estates(ledger: Ledger, current: str = "current") -> tuple[Estate, ...]:
    """The flats of the newest registry batches: of duplicates the newest, only entries that are in force."""
    newest: dict[tuple[str, str], tuple[str, Batch, int, Row]] = {}
    for batch in batches.of_kind(ledger, "real_estate", "rows"):
        for line, row in numbered(ledger, batch):
            key, updated = (row["estate_no"] or "", row.get("owner_name") or ""), row.get("updated_at") or ""
            if key not in newest or updated >= newest[key][0]:
                newest[key] = (updated, batch, line, row)
    flats: dict[str, list[tuple[Batch, int, Row]]] = {}
    for (number, _), (_, batch, line, row) in newest.items():
        if row.get("state") == current:
            flats.setdefault(number, []).append((batch, line, row))
    return tuple(_estate(number, rows) for number, rows in sorted(flats.items()))


def _estate(number: str, rows: Sequence[tuple[Batch, int, Row]]) -> Estate:
    batch, _, first = rows[0]
    owners = tuple(
        Owner(
            name=row.get("owner_name") or "",
            ident=row.get("owner_id") or "",
            as_of=_day(row.get("updated_at") or "") or b.as_of,
            ref=Ref(batch=b.id, row=line, column="owner_name"),
        )
        for b, line, row in rows
    )
    return Estate(number=number, address=first.get("address") or "", owners=owners, source=batch.source)
