"""What people decided comes back: each row is checked against the proposal that it was made for, and becomes a decision."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import InputError
from core.ledger import Ledger, proposals
from core.model import Decision, Kind, Problem
from core.words import Words

VERDICTS = ("accept", "other", "reject", "defer")

PROBLEMS = {
    "no_number": Words("编号不是数字", "the number is not one"),
    "no_verdict": Words("决定“{verdict}”无法识别", "the decision '{verdict}' is not known"),
    "no_value": Words("选择“改为”但没有新值", "'other' without a new value"),
    "no_reviewer": Words("缺少审核人", "the reviewer is missing"),
    "refused": Words("{reason}", "{reason}"),
    "misfit": Words("目标字段容不下新值：{reason}", "the target field cannot hold the value: {reason}"),
}


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


def take(ledger: Ledger, file: str, rows: Sequence[Row], misfit: Misfit, reviewer: str = "") -> Taken:
    """Keep the decisions of a file; a row that cannot be used is a named problem, and the others go on.

    `reviewer` stands in where a row names nobody. A file that was taken before changes nothing.
    """
    decided = same = undecided = 0
    problems: list[Problem] = []
    for row in rows:
        if not row.verdict:
            undecided += 1
            continue
        try:
            decision = _decision(row, file, reviewer)
            if _known(ledger, decision):
                same += 1
                continue
            _fits(ledger, decision, misfit)
            proposals.decide(ledger, decision)
            decided += 1
        except InputError as error:
            params = {"reason": str(error), "verdict": row.verdict}
            problems.append(Problem(code=error.code or "refused", place=file, row=row.number, params=params))
    return Taken(read=len(rows), decided=decided, same=same, undecided=undecided, problems=tuple(problems))


def _decision(row: Row, file: str, reviewer: str) -> Decision:
    who = row.reviewer or reviewer
    if not (row.proposal.isdigit() and row.version.isdigit()):
        raise InputError("the number or the version is not a number", code="no_number")
    if row.verdict not in VERDICTS:
        raise InputError("the decision is not known", code="no_verdict")
    if row.verdict == "other" and not row.value:
        raise InputError("no value", code="no_value")
    if not who:
        raise InputError("no reviewer", code="no_reviewer")
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


def _fits(ledger: Ledger, decision: Decision, misfit: Misfit) -> None:
    if decision.value is None:
        return
    proposal = proposals.get(ledger, decision.proposal)
    reason = misfit(proposal.kind, proposal.field, decision.value)
    if reason is not None:
        raise InputError(reason, code="misfit")
