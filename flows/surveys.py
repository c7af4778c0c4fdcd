"""Read what audited surveys say of the archive's fields: columns over the answers, because a county has millions of them.

told = surveys.read(ledger, theme, policy, archive.numbers(now))
told.answers["0111000001"]["room_no"].value       # an answer is put together when somebody asks
for account, wrong in told.answers.corrections(): …
for field, rows, of in told.answers.by_field(): …  # all answers on a field, without putting any together
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core.ledger import Ledger, batches
from core.ledger.batches import Batch
from core.model import Problem, Ref, ValueEvidence
from core.policy import Policy
from core.survey import Item, Theme
from core.tables import UNMAPPED
from core.words import Words
from matchers.columns import MISSING, Coded, Codes, Flags, encode, pairs, spread, stacked

Places = npt.NDArray[np.intp]

PROBLEMS = {
    "unknown_account": Words("普查结果的户号不在档案中", "the survey result's account is not in the archive"),
    "reused_account": Words(
        "普查结果的户号现在是一户、从前是另一户的，说不准是哪一户",
        "the survey result's number is one account's and was another's: nobody can tell whose",
    ),
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
class Visit:
    """The result that counts for an account: the highest revision of a task, and of two tasks the later."""

    account: str
    source: str
    day: date | None
    note: str  # who surveyed and who audited
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Visited(Mapping[str, Answer]):
    """Field → answer of one visit; an answer is put together when it is asked for: most of a hundred confirm what stands there."""

    answers: "Answers"
    visit: Visit
    rows: Mapping[str, int]

    def __getitem__(self, field: str) -> Answer:
        """The answer on a field. Raises KeyError for one that was not asked about."""
        return self.answers.answer(self.visit, self.rows[field])

    def __iter__(self) -> Iterator[str]:
        """The fields."""
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers(Mapping[str, Mapping[str, Answer]]):
    """Account → field → answer. The columns hold one entry an answer, those of a visit side by side in the order they came.

    A later answer of a visit on the same field takes the place of an earlier one.
    """

    visits: Sequence[Visit]
    starts: Places  # where each visit's answers begin, and the end
    field: Coded
    wrong: Flags
    value: Coded
    lacks: Coded  # names joined by ;
    batch: Codes  # the delivery's id
    line: Codes
    places: Mapping[str, int]  # account → its place among the visits

    def __getitem__(self, account: str) -> Mapping[str, Answer]:
        """An account's answers. Raises KeyError for one that nobody surveyed."""
        place = self.places[account]
        rows = range(int(self.starts[place]), int(self.starts[place + 1]))
        return Visited(answers=self, visit=self.visits[place], rows={str(self.field.at(row)): row for row in rows})

    def __iter__(self) -> Iterator[str]:
        """The surveyed accounts."""
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)

    def visit_of(self) -> Places:
        """The place of each answer's visit."""
        return np.repeat(np.arange(len(self.visits)), np.diff(self.starts))

    def by_field(self) -> Iterator[tuple[str, Places]]:
        """Each field with the answers that count on it, at most one for a visit."""
        visit = self.visit_of()
        for code, name in enumerate(self.field.values):
            rows = np.flatnonzero(self.field.codes == code)
            last = np.flatnonzero(np.diff(visit[rows], append=-1))
            if len(last):
                yield str(name), rows[last]

    def corrections(self) -> Iterator[tuple[str, Mapping[str, Answer]]]:
        """The accounts of which a surveyor called something wrong and said what is right, with these answers alone."""
        visit = self.visit_of()
        place = visit.astype(np.int64) * len(self.field.values) + self.field.codes
        first = np.unique(place, return_index=True)[1]
        last = len(place) - 1 - np.unique(place[::-1], return_index=True)[1]
        told = np.flatnonzero(self.wrong[last] & self.value.present()[last])
        told = told[np.argsort(first[told])]  # in the order in which the fields came
        for one, rows in groupby(last[told].tolist(), key=lambda row: int(visit[row])):
            of = {str(self.field.at(row)): self.answer(self.visits[one], row) for row in rows}
            yield self.visits[one].account, of

    def answer(self, visit: Visit, row: int) -> Answer:
        """The answer of a row, put together."""
        field, value = str(self.field.at(row)), self.value.at(row)
        ref = Ref(batch=int(self.batch[row]), row=int(self.line[row]), column="value")
        evidence = ValueEvidence(
            field=field, value=value, source=visit.source, as_of=visit.day, ref=ref, note=visit.note
        )
        lacks = tuple(filter(None, (self.lacks.at(row) or "").split(";")))
        return Answer(
            field=field,
            wrong=bool(self.wrong[row]),
            value=value,
            evidence=evidence,
            lacks=lacks,
            origin=visit.origin,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveys:
    """The newest audited result of every account."""

    answers: Answers
    surveyors: Mapping[str, int]  # surveyor → results
    waiting: int  # results that are not audited: never written
    unmapped_items: int
    problems: tuple[Problem, ...]


def read(ledger: Ledger, theme: Theme, policy: Policy, number: Mapping[str, str]) -> Surveys:
    """Read all survey deliveries; a higher revision of a task replaces the lower one, and of two tasks the later counts.

    `number` maps old and new account numbers to the archive's, and those that do not tell whose they are to the empty text.
    """
    delivered = batches.of_kind(ledger, "survey", "rows")
    results, of_row, unread = _results(ledger, delivered, number)
    valid, unknown = _valid(results, number)
    chosen = _newest_by_account(valid)
    visit_of = np.full(len(results), MISSING, dtype=np.int32)
    visit_of[[result.place for result in chosen]] = np.arange(len(chosen))
    parts = [
        _told(ledger, batch, spread(rows, visit_of, MISSING), chosen, theme, policy)
        for batch, rows in zip(delivered, of_row, strict=True)
    ]
    return Surveys(
        answers=_joined(parts, chosen),
        surveyors=dict(Counter(result.surveyor for result in valid)),
        waiting=sum(not result.audited for result in valid),
        unmapped_items=sum(part.without_field for part in parts),
        problems=(*unread, *unknown, *(problem for part in parts for problem in part.problems)),
    )


# -- results: what one revision of a task says of one account


_ABOUT = ("task_no", "rev", "cons_no", "survey_at", "audit", "surveyor", "auditor")


@dataclass(slots=True, kw_only=True)
class _Result:
    """The rows of one task, revision and account; a surveyor's task may be a whole building.

    Who audited it, and whether, says its newest delivery: one row of it that is not audited holds all of them.
    """

    place: int
    task: str
    revision: int
    account: str  # as the archive has it; a number that leads to none behind NOBODYS
    batch: Batch  # of its first row
    line: int
    source: str  # of its last row, as everything below
    at: str
    audited: bool
    surveyor: str
    auditor: str


def _results(
    ledger: Ledger, delivered: Sequence[Batch], number: Mapping[str, str]
) -> tuple[list[_Result], list[Codes], list[Problem]]:
    """Every result, for each delivery the place of each row's result (−1: none), and rows without a revision."""
    known: dict[tuple[str, int, str], _Result] = {}
    of_row: list[Codes] = []
    problems: list[Problem] = []
    for batch in delivered:
        table, lines = batches.numbered(ledger, batch, _ABOUT)
        said = {name: _column(table, name) for name in _ABOUT}
        said |= _unified(said, number)
        group = pairs(*(said[name] for name in _UNIFIED))
        last = len(group) - 1 - np.unique(group[::-1], return_index=True)[1]
        _, first, of_group = np.unique(group, return_index=True, return_inverse=True)
        found = np.full(len(first), MISSING, dtype=np.int32)
        open_rows = np.bincount(of_group[~said["audit"].isin(("PASS",))], minlength=len(first))
        for one in np.argsort(last).tolist():
            row, begins = int(last[one]), int(lines[first[one]])
            task, revision, account = (said[name].at(row) or "" for name in _UNIFIED)
            if not revision.isdecimal():
                continue
            key = task, int(revision), account
            result = known.get(key)
            if result is None:
                result = known[key] = _Result(
                    place=len(known), task=key[0], revision=key[1], account=key[2], batch=batch, line=begins, source="", at="",
                    audited=False, surveyor="", auditor="",
                )  # fmt: skip
            result.source = batch.source
            result.at = _moment(said["survey_at"].at(row))
            result.audited = not open_rows[one]
            result.surveyor = said["surveyor"].at(row) or ""
            result.auditor = said["auditor"].at(row) or ""
            found[one] = result.place
        of_row.append(found[of_group].astype(np.int32))
        lost = np.flatnonzero(of_row[-1] == MISSING)
        problems += [Problem(code="no_revision", place=batch.name, row=int(lines[row])) for row in lost]
    return list(known.values()), of_row, problems


def _moment(text: str | None) -> str:
    """When a visit was made; nothing, which is before every other moment, where the source's text is no moment."""
    return "" if text is None or text.startswith(UNMAPPED) else text


def _column(table: pa.Table, name: str) -> Coded:
    """A column; nothing but blanks where the delivery has not got it."""
    return encode(table[name] if name in table.column_names else pa.nulls(table.num_rows, pa.string()))


_UNIFIED = ("task_no", "rev", "cons_no")
"""What tells results apart."""


def _unified(said: Mapping[str, Coded], number: Mapping[str, str]) -> dict[str, Coded]:
    """These columns in one spelling each: an account by the archive's number, and 01 or nothing as revision 1.

    Rows of one result are one result however they spell it: one of them that is not audited holds all.
    """
    return {
        "task_no": _filled(said["task_no"], ""),
        "rev": _filled(said["rev"], "1").map(_revision),
        "cons_no": _filled(said["cons_no"], "").map(lambda text: number.get(text) or NOBODYS + text),
    }


NOBODYS = "\0"
"""Before a number that leads to no account."""


def _revision(text: str) -> str:
    return str(int(text)) if text.isdecimal() and len(text) <= LONGEST else NOBODYS + text


LONGEST = 9
"""Digits of a revision."""


def _filled(column: Coded, text: str) -> Coded:
    """The column with a text in place of missing cells."""
    codes = np.where(column.present(), column.codes, len(column.values)).astype(np.int32)
    return Coded(np.append(column.values, text).astype(object), codes)


def _valid(results: Sequence[_Result], number: Mapping[str, str]) -> tuple[list[_Result], list[Problem]]:
    """The results of each task's highest revision, with the problems of those whose account nobody knows."""
    highest = dict[str, int]()
    for result in results:
        highest[result.task] = max(result.revision, highest.get(result.task, 0))
    ordered = sorted(results, key=lambda result: (result.task, result.revision, result.account))
    problems = [
        Problem(code=_lost(result.account[1:], number), place=result.batch.name, row=result.line)
        for result in ordered
        if result.account.startswith(NOBODYS)
    ]
    valid = [r for r in ordered if not r.account.startswith(NOBODYS) and r.revision == highest[r.task]]
    return valid, problems


def _lost(visited: str, number: Mapping[str, str]) -> str:
    return "reused_account" if visited in number else "unknown_account"


def _newest_by_account(results: Sequence[_Result]) -> list[_Result]:
    ordered = sorted(results, key=lambda result: (result.at, result.task))
    newest = {result.account: result for result in ordered if result.audited}
    return list(newest.values())


# -- answers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Told:
    """The answers of one batch that count, in the order of its rows."""

    visit: Codes
    field: Coded
    wrong: Flags
    value: Coded
    lacks: Coded
    batch: Codes
    line: Codes
    problems: tuple[Problem, ...]
    without_field: int


_ASKED = ("item", "answer", "value", "photos", "signature")


def _told(
    ledger: Ledger, batch: Batch, visit_of: Codes, chosen: Sequence[_Result], theme: Theme, policy: Policy
) -> _Told:
    table, lines = batches.numbered(ledger, batch, _ASKED)
    rows = np.flatnonzero(visit_of != MISSING)
    said = {name: _column(table, name).take(rows) for name in _ASKED}
    visit, lines = visit_of[rows], lines[rows]
    items = [theme.items.get(code) for code in said["item"].values]
    asked = said["item"].rows(item is not None for item in items)
    names = said["item"].renamed(item.field if item else None for item in items)
    understood = _where(said["answer"], lambda given: theme.answer(given) is not None)
    wrong = _where(said["answer"], lambda given: theme.answer(given) == "wrong")
    weighed = names.present() & (wrong | _where(said["answer"], lambda given: theme.answer(given) == "unchanged"))
    value = _values(said["item"], said["value"], weighed & wrong, items, theme)
    unmapped = value.rows(text.startswith(UNMAPPED) for text in value.values)
    kept = np.flatnonzero(weighed & ~unmapped)
    evidence = {name: said[name].take(kept) for name in ("item", "photos", "signature")}
    return _Told(
        visit=visit[kept],
        field=names.take(kept),
        wrong=wrong[kept],
        value=value.take(kept),
        lacks=_lacks(visit[kept], evidence, chosen, items, theme, policy),
        batch=np.full(len(kept), batch.id, dtype=np.int32),
        line=lines[kept],
        problems=tuple(_strange(batch, lines, said["item"], asked, understood, unmapped)),
        without_field=int(np.sum(asked & understood & ~names.present())),
    )


def _where(column: Coded, holds: Callable[[str], bool]) -> Flags:
    """Which rows hold such a text; a missing cell counts as the empty one."""
    return column.rows(map(holds, column.values)) | (~column.present() if holds("") else False)


def _strange(
    batch: Batch, lines: Codes, item: Coded, asked: Flags, understood: Flags, unmapped: Flags
) -> Iterator[Problem]:
    for row in np.flatnonzero(~asked | ~understood | unmapped).tolist():
        what = "unmapped_code" if unmapped[row] else "unknown_answer" if asked[row] else "unknown_item"
        yield Problem(code=what, place=batch.name, row=int(lines[row]), params={"item": item.at(row) or ""})


def _values(item: Coded, given: Coded, rows: Flags, items: Sequence[Item | None], theme: Theme) -> Coded:
    """The new value of these rows, in canonical spelling; none in the others."""
    width = len(given.values) + 1
    number = np.where(rows, item.codes.astype(np.int64) * width + given.codes + 1, MISSING)
    distinct, place = np.unique(number, return_inverse=True)
    texts: list[str | None] = []
    for one in distinct.tolist():
        about = None if one == MISSING else items[one // width]
        text = given.values[one % width - 1] if one % width else None
        texts.append(None if about is None else theme.value(about, text))
    fresh = encode(texts)
    return Coded(fresh.values, fresh.codes[place])


_SIGNED = ("true", "1", "是", "True")


def _lacks(
    visit: Codes, said: Mapping[str, Coded], chosen: Sequence[_Result], items: Sequence[Item | None], theme: Theme, policy: Policy
) -> Coded:  # fmt: skip
    """For each answer what the policy asks for and the answer does not carry: names joined by ;, missing where all is there."""
    missing = [_unattested(task) for task in chosen]
    who = encode(" ".join(sorted(names)) for names in missing)
    of_visit = dict(zip(who.codes.tolist(), missing, strict=True))
    columns = (said["item"], said["photos"], said["signature"], who.take(visit))
    numbers = np.stack([column.codes for column in columns], axis=1) if len(visit) else np.empty((0, 4), np.int32)
    distinct, place = np.unique(numbers, axis=0, return_inverse=True)
    texts: list[str] = []
    for item_code, photo_code, sign_code, who_code in distinct.tolist():
        item = items[item_code]
        assert item is not None
        photos = "" if photo_code == MISSING else str(columns[1].values[photo_code])
        signed = sign_code != MISSING and columns[2].values[sign_code] in _SIGNED
        lacking = of_visit[who_code] | {"item_evidence": theme.lacks(item, photos.split(";"), signed)}
        texts.append(";".join(name for asked in policy.survey_evidence for name in lacking.get(asked, ())))
    fresh = encode(texts)
    return Coded(fresh.values, fresh.codes[place.reshape(-1)])


def _unattested(task: _Result) -> dict[str, tuple[str, ...]]:
    """What a result lacks of the people who vouch for it."""
    missing = {
        "surveyor": not task.surveyor,
        "auditor": not task.auditor,
        "other_auditor": task.auditor == task.surveyor,
    }
    return {name: (name,) for name, lacks in missing.items() if lacks}


def _joined(parts: Sequence[_Told], chosen: Sequence[_Result]) -> Answers:
    """The answers of all batches, those of a visit side by side."""
    visit = np.concatenate([np.empty(0, dtype=np.int32), *(part.visit for part in parts)])
    order = np.argsort(visit, kind="stable")
    visits = [
        Visit(
            account=task.account,
            source=task.source,
            day=_day(task.at),
            note=f"{task.surveyor}/{task.auditor}",
            origin=f"{task.task}/{task.revision}",
        )
        for task in chosen
    ]
    return Answers(
        visits=visits,
        starts=np.searchsorted(visit[order], np.arange(len(visits) + 1)),
        field=stacked([part.field for part in parts]).take(order),
        wrong=np.concatenate([np.empty(0, dtype=np.bool_), *(part.wrong for part in parts)])[order],
        value=stacked([part.value for part in parts]).take(order),
        lacks=stacked([part.lacks for part in parts]).take(order),
        batch=np.concatenate([np.empty(0, dtype=np.int32), *(part.batch for part in parts)])[order],
        line=np.concatenate([np.empty(0, dtype=np.int32), *(part.line for part in parts)])[order],
        places={visit.account: place for place, visit in enumerate(visits)},
    )


def _day(moment: str) -> date | None:
    try:
        return date.fromisoformat(moment[:10])
    except ValueError:
        return None
