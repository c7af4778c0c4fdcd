"""What people decided comes back: each row is checked against the proposal that it was made for, and becomes a decision."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from core.errors import InputError
from core.fields import Fields
from core.ledger import Ledger, proposals
from core.model import Decision, Kind, Operation, Problem, Proposal
from core.reference import Reference
from core.words import Words
from flows.archive import Current
from matchers import rules
from matchers.archive import Archive
from matchers.rules import Rule

VERDICTS = ("accept", "other", "reject", "defer")

PROBLEMS = {
    "no_number": Words("编号或版本不是数字", "the number or the version is not a number"),
    "unknown": Words("没有编号为 {proposal} 的建议值", "there is no proposal {proposal}"),
    "settled": Words(
        "建议值 {proposal} 已不再等待决定（{state}）", "proposal {proposal} no longer waits for a decision ({state})"
    ),
    "stale": Words(
        "版本 {given} 已过期，现为 {version}；请重新导出",
        "version {given} is out of date, it is {version} now; export again",
    ),
    "no_verdict": Words(
        "决定“{verdict}”无法识别；可选：采纳、改为、驳回、暂缓",
        "the decision '{verdict}' is not known; there are: accept, other value, reject, defer",
    ),
    "no_value": Words("选择“改为”但没有新值", "'other value' without a new value"),
    "stray_value": Words("填了新值，决定却不是“改为”", "there is a new value, but the decision is not 'other value'"),
    "lost_digits": Words(
        "新值被表格软件改成了数字，末位已丢失；请按文本重填",
        "the spreadsheet has turned the new value into a number and lost digits; enter it as text",
    ),
    "nothing_proposed": Words(
        "没有建议值可采纳；请选“改为”并填写新值", "no value was proposed; choose 'other value' and give one"
    ),
    "no_reviewer": Words("缺少审核人", "the reviewer is missing"),
    "double": Words(
        "编号 {proposal} 在文件中出现多次且决定不同，均未采用",
        "proposal {proposal} stands more than once with different decisions; none was taken",
    ),
    "breaks": Words("新值违反规则 {rules}", "the new value breaks the rules {rules}"),
    "misfit": Words("目标字段容不下新值：{reason}", "the target field cannot hold the value: {reason}"),
    "charset": Words("目标字段的字符集容不下新值", "the target field's character set cannot hold the new value"),
    "length": Words("新值超出目标字段的长度", "the new value is longer than the target field"),
    "code": Words("新值不在目标字段的代码表中", "the new value is not in the target field's code table"),
    "format": Words("新值的格式不对", "the new value has the wrong format"),
    "readonly": Words("目标字段在界面上只读", "the target field is read-only"),
    "refused": Words("{reason}", "{reason}"),
}

_ROUNDED = re.compile(r"-?\d(?:\.\d+)?[eE]\+?\d+")
"""How a spreadsheet writes a long number that it has rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a workbook as a person left it; `number` is its row in the file."""

    number: int
    proposal: str
    version: str
    verdict: str  # one of VERDICTS, empty = not decided
    value: str
    reviewer: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of an import."""

    read: int
    decided: int
    same: int  # decided the same way before
    undecided: int  # rows that nobody has filled in
    problems: tuple[Problem, ...]


Misfit = Callable[[Kind, str, str], str | None]
"""Why the screen's field cannot hold a value, or None."""

Breaks = Callable[[Proposal, str], Sequence[str]]
"""The rules that a value would break in a proposal's place."""


class Unusable(InputError):
    """The row cannot be used; `code` and `params` say why."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(PROBLEMS[code].say("en", params), code=code)
        self.params = params


def take(
    ledger: Ledger,
    file: str,
    rows: Sequence[Row],
    misfit: Misfit,
    reviewer: str = "",
    breaks: Breaks = lambda *_: (),
) -> Taken:
    """Keep the decisions of a file; a row that cannot be used is a named problem, and the others go on.

    `reviewer` stands in where a row names nobody. A file that was taken before changes nothing.
    """
    decided = same = undecided = 0
    problems: list[Problem] = []
    contradicted = _contradicted(rows)
    for row in rows:
        if not (row.verdict or row.value):
            undecided += 1
            continue
        try:
            decision = _decision(row, file, reviewer, contradicted)
            if _known(ledger, decision):
                same += 1
                continue
            _check(ledger, decision, misfit, breaks)
            proposals.decide(ledger, decision)
            decided += 1
        except Unusable as error:
            problems.append(Problem(code=error.code, place=file, row=row.number, params=error.params))
        except InputError as error:  # somebody else decided in this very moment
            problems.append(Problem(code="refused", place=file, row=row.number, params={"reason": str(error)}))
    return Taken(read=len(rows), decided=decided, same=same, undecided=undecided, problems=tuple(problems))


def _contradicted(rows: Sequence[Row]) -> frozenset[str]:
    """The numbers that stand more than once with different decisions."""
    said: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        if row.verdict:
            said.setdefault(row.proposal, set()).add((row.verdict, row.value))
    return frozenset(number for number, decisions in said.items() if len(decisions) > 1)


def _decision(row: Row, file: str, reviewer: str, contradicted: frozenset[str]) -> Decision:
    """The row as a decision, as far as the file alone can tell. Raises Unusable."""
    who = row.reviewer or reviewer
    if not (row.proposal.isdecimal() and row.version.isdecimal()):
        raise Unusable("no_number")
    if row.value and row.verdict in ("", "accept"):
        raise Unusable("stray_value")
    if row.verdict not in VERDICTS:
        raise Unusable("no_verdict", verdict=row.verdict)
    if row.verdict == "other" and not row.value:
        raise Unusable("no_value")
    if _ROUNDED.fullmatch(row.value):
        raise Unusable("lost_digits")
    if not who:
        raise Unusable("no_reviewer")
    if row.proposal in contradicted:
        raise Unusable("double", proposal=row.proposal)
    return Decision(
        proposal=int(row.proposal), version=int(row.version), verdict=row.verdict, value=row.value if row.verdict == "other" else None,
        reviewer=who, note=row.note, via=f"{file} row {row.number}",
    )  # fmt: skip


def _known(ledger: Ledger, decision: Decision) -> bool:
    """Whether this very decision was taken before."""
    return any(
        (d.version, d.verdict, d.value, d.reviewer)
        == (decision.version, decision.verdict, decision.value, decision.reviewer)
        for d in proposals.decisions(ledger, decision.proposal)
    )


def _check(ledger: Ledger, decision: Decision, misfit: Misfit, breaks: Breaks) -> None:
    """Hold the decision to the proposal as it is now. Raises Unusable."""
    try:
        proposal = proposals.get(ledger, decision.proposal)
    except InputError:
        raise Unusable("unknown", proposal=decision.proposal) from None
    if proposal.state not in proposals.WAITING:
        raise Unusable("settled", proposal=proposal.id, state=proposal.state)
    if proposal.version != decision.version:
        raise Unusable("stale", given=decision.version, version=proposal.version)
    if decision.verdict == "accept" and proposal.after is None:
        raise Unusable("nothing_proposed")
    if decision.value is not None:
        _fits(proposal, decision.value, misfit, breaks)


def _fits(proposal: Proposal, value: str, misfit: Misfit, breaks: Breaks) -> None:
    reason = misfit(proposal.kind, proposal.field, value)
    if reason is not None:
        raise Unusable(reason) if reason in PROBLEMS else Unusable("misfit", reason=reason)
    broken = breaks(proposal, value)
    if broken:
        raise Unusable("breaks", rules=" ".join(broken))


# -- what a value that a person typed would break


def judge(now: Current, configured: Sequence[Rule], reference: Reference, fields: Fields, day: date) -> Breaks:
    """Tries a typed value in its place, on the object's own rows: the rules that it would certainly break.

    These are the rules of severity S1, and for certificate and phone numbers those of S2: of the milder ones a person may know
    better. Rules that compare accounts, or ask for other inputs, see nothing here and are the night's matter.
    """
    severity = {rule.code: rule.severity for rule in configured}

    def breaks(proposal: Proposal, value: str) -> tuple[str, ...]:
        accounts, contacts = _own_rows(now, proposal)
        if not accounts.num_rows:
            return ()
        if proposal.kind is Kind.CONTACTS:
            contacts = _typed_row(contacts, proposal, value)
        else:
            accounts = _typed_column(accounts, proposal.field, value)
        found = rules.evaluate(Archive.from_tables(accounts, contacts, day), configured, reference)
        hits = (found.one(index) for index in range(len(found)))
        strict = ("S1", "S2") if fields[proposal.field].kind in ("id", "phone") else ("S1",)
        mine = {hit.rule.code for hit in hits if hit.field == proposal.field and hit.value == value}
        return tuple(sorted(code for code in mine if severity[code] in strict))

    return breaks


def _own_rows(now: Current, proposal: Proposal) -> tuple[pa.Table, pa.Table]:
    """The accounts that a proposal is about, and their contacts."""
    key = "cust_no" if proposal.kind is Kind.CUSTOMER else "cons_no"
    accounts = now.accounts.filter(pc.is_in(now.accounts[key], pa.array([proposal.key])))
    return accounts, now.contacts.filter(
        pc.is_in(now.contacts["cons_no"], pa.array(accounts["cons_no"].to_pylist(), pa.string()))
    )


def _typed_column(table: pa.Table, field: str, value: str) -> pa.Table:
    if field not in table.column_names:
        return table
    return table.set_column(table.column_names.index(field), field, pa.array([value] * table.num_rows, pa.string()))


def _typed_row(contacts: pa.Table, proposal: Proposal, value: str) -> pa.Table:
    """The contacts with the value in the row that the proposal changes, or in the row that it adds."""
    rows = contacts.to_pylist()
    typed = {**proposal.row, "cons_no": proposal.key, proposal.field: value}
    if proposal.operation is Operation.ADD:
        rows.append(typed)
    else:
        rows = [{**row, proposal.field: value} if _is(row, proposal.row) else row for row in rows]
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in contacts.column_names}
    return pa.table(columns)


def _is(row: Mapping[str, str | None], wanted: Mapping[str, str]) -> bool:
    return all((row.get(name) or "") == text for name, text in wanted.items() if name in row)
