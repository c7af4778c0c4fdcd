"""Gather what sources say of the archive: audited survey answers by account and field, registry entries by flat."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, cast, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.ledger import Ledger, batches
from core.ledger.batches import Batch
from core.model import Problem, Ref, ValueEvidence
from core.policy import Policy
from core.survey import Item, Theme
from core.tables import UNMAPPED
from core.words import Words
from matchers.columns import MISSING, Coded, encode, spread

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
    newest = _newest_by_account(tasks)
    problems: list[Problem] = list(unknown)
    answers: dict[str, Mapping[str, Answer]] = {}
    unmapped = 0
    for account, task in newest.items():
        found, strange, without_field = _answers(task, theme, policy)
        answers[account] = MappingProxyType(found)
        problems += strange
        unmapped += without_field
    everyone: dict[str, int] = {}
    for task in tasks:
        everyone[task.surveyor] = everyone.get(task.surveyor, 0) + 1
    waiting = sum(not task.audited for task in tasks)
    return Surveys(
        answers=answers, surveyors=everyone, waiting=waiting, unmapped_items=unmapped, problems=tuple(problems)
    )


def numbered(ledger: Ledger, batch: Batch) -> Iterable[tuple[int, Row]]:
    """The rows with their numbers in the file."""
    table, lines = batches.numbered(ledger, batch)
    columns = {name: _shared(table[name]) for name in table.column_names}
    return ((line, Row(columns, index)) for index, line in enumerate(lines.tolist()))


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


def _tasks(ledger: Ledger, number: Mapping[str, str]) -> tuple[list[_Task], list[Problem]]:
    """The highest revision of each task, account by account, with the problems of those whose account nobody knows.

    A surveyor's task may be a whole building. Who audited a revision, and whether, says its newest delivery.
    """
    grouped: dict[tuple[str, int, str], list[tuple[Batch, int, Row]]] = {}
    highest: dict[str, int] = {}
    problems: list[Problem] = []
    for batch in batches.of_kind(ledger, "survey", "rows"):
        for line, row in numbered(ledger, batch):
            given, task, visited = row.get("rev") or "1", row["task_no"] or "", row["cons_no"] or ""
            if not given.isdecimal():
                problems.append(Problem(code="no_revision", place=batch.name, row=line))
                continue
            highest[task] = max(int(given), highest.get(task, 0))
            grouped.setdefault((task, int(given), number.get(visited, visited)), []).append((batch, line, row))
    known, tasks = frozenset(number.values()), list[_Task]()
    for (task, revision, account), rows in sorted(grouped.items(), key=lambda entry: entry[0]):
        batch, _, last = rows[-1]
        if account not in known:
            problems.append(Problem(code="unknown_account", place=rows[0][0].name, row=rows[0][1]))
        elif revision == highest[task]:
            tasks.append(
                _Task(
                    account=account, task=task, revision=revision, at=_moment(last.get("survey_at")), audit=last.get("audit") or "",
                    surveyor=last.get("surveyor") or "", auditor=last.get("auditor") or "", source=batch.source, rows=tuple(rows),
                )
            )  # fmt: skip
    return tasks, problems


def _moment(text: str | None) -> str:
    """When a visit was made; nothing, which is before every other moment, where the source's text is no moment."""
    return "" if text is None or text.startswith(UNMAPPED) else text


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


@dataclass(frozen=True, slots=True, eq=False)
class Estates(Sequence[Estate]):
    """The registry's flats with entries in force, by number; a flat is put together when it is asked for: a city has a million."""

    batch_of: Sequence[Batch]
    # texts of the entries in force, those of a flat side by side
    entries: Mapping[str, "pa.StringArray"]
    batch: npt.NDArray[np.int32]
    line: npt.NDArray[np.int32]
    # where each flat's entries begin, and the end
    starts: npt.NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @overload
    def __getitem__(self, place: int) -> Estate: ...
    @overload
    def __getitem__(self, place: slice) -> list[Estate]: ...
    def __getitem__(self, place: int | slice) -> Estate | list[Estate]:
        """A flat with its owners."""
        if isinstance(place, slice):
            return [self[one] for one in range(len(self))[place]]
        at = range(len(self))[place]
        rows = range(int(self.starts[at]), int(self.starts[at + 1]))
        return Estate(
            number=self._cell("estate_no", rows[0]),
            address=self._cell("address", rows[0]),
            owners=tuple(map(self._owner, rows)),
            source=self.batch_of[self.batch[rows[0]]].source,
        )

    def addresses(self) -> Coded:
        """The address of each flat."""
        return encode(self.entries["address"].take(self.starts[:-1]))

    def owners(self, places: Sequence[int]) -> tuple[str, ...]:
        """The names of these flats' owners."""
        return tuple(
            self._cell("owner_name", row)
            for at in places
            for row in range(int(self.starts[at]), int(self.starts[at + 1]))
        )

    def _cell(self, name: str, row: int) -> str:
        return self.entries[name][row].as_py() or ""

    def _owner(self, row: int) -> Owner:
        batch = self.batch_of[self.batch[row]]
        return Owner(
            name=self._cell("owner_name", row),
            ident=self._cell("owner_id", row),
            as_of=_day(self._cell("updated_at", row)) or batch.as_of,
            ref=Ref(batch=batch.id, row=int(self.line[row]), column="owner_name"),
        )


_ESTATE = ("estate_no", "owner_name", "owner_id", "address", "updated_at", "state")


def estates(ledger: Ledger, current: str = "current") -> Estates:
    """The flats of the newest registry batches: of duplicates the newest, only entries that are in force."""
    delivered = batches.of_kind(ledger, "real_estate", "rows")
    read = [batches.numbered(ledger, batch) for batch in delivered]
    columns = {name: _column([table for table, _ in read], name) for name in _ESTATE}
    rows = _in_force(columns, current)
    lines = [numbers for _, numbers in read]
    entries = {name: column.take(rows) for name, column in columns.items()}
    starts = np.flatnonzero(np.diff(_ranks(entries["estate_no"]), prepend=-2))
    return Estates(
        delivered,
        entries,
        np.repeat(np.arange(len(read), dtype=np.int32), np.array([len(of) for of in lines], dtype=np.intp))[rows],
        np.concatenate([np.empty(0, dtype=np.int32), *lines])[rows],
        np.append(starts, len(rows)),
    )


def _column(tables: Sequence[pa.Table], name: str) -> "pa.StringArray":
    """A column's texts over several tables; none where a delivery has not got the column."""
    given = [t[name].cast(pa.string()) if name in t.column_names else pa.nulls(t.num_rows, pa.string()) for t in tables]
    parts = [part for one in given for part in (one.chunks if isinstance(one, pa.ChunkedArray) else [one])]
    return cast("pa.StringArray", pa.concat_arrays(parts or [pa.nulls(0, pa.string())]))


def _in_force(columns: Mapping[str, "pa.StringArray"], current: str) -> npt.NDArray[np.intp]:
    """The newest row of each flat and owner (of equal days the last), where it is in force: by flat, then as they first came."""
    number, owner = _ranks(columns["estate_no"]), _ranks(columns["owner_name"])
    entry = (number + 1) * (owner.max(initial=-1) + 2) + owner + 1
    order = np.lexsort((_ranks(columns["updated_at"]), entry))
    newest = order[np.flatnonzero(np.diff(entry[order], append=-1))]
    first = np.unique(entry, return_index=True)[1]
    kept = encode(columns["state"]).isin((current,))[newest]
    rows, came = newest[kept], first[kept]
    return rows[np.lexsort((came, number[rows]))]


def _ranks(texts: "pa.StringArray") -> npt.NDArray[np.intp]:
    """The place of each text among the sorted texts; a missing one comes first."""
    found: Any = texts.dictionary_encode()  # pyarrow's stubs do not know what a dictionary array holds
    place = np.empty(len(found.dictionary), dtype=np.intp)
    place[np.asarray(pc.array_sort_indices(found.dictionary))] = np.arange(len(place))
    place[np.asarray(pc.binary_length(found.dictionary)) == 0] = MISSING
    return spread(np.asarray(found.indices.fill_null(MISSING)), place, MISSING)
