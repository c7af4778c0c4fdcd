"""Fetch what the sources have: raw deliveries are kept as they came, sealed, and read into columns with their provenance."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from loguru import logger

from core.errors import ApplicationError, HedangError, InputError
from core.ledger import Ledger, batches
from core.model import Problem
from core.ports import Source
from core.words import Words, language
from flows import archive

PROBLEMS = {
    "source_failed": Words("未拉取：{zh}", "not pulled: {en}"),
}


def pull(
    ledger: Ledger,
    sources: Iterable[Source],
    day: date,
    run: int | None,
    progress: Callable[[str, int], None] = lambda *_: None,
) -> dict[str, Any]:
    """Ask every source for what is new; a source that fails is a named problem, and the others go on.

    Answers counts, and under `lacking` the names of the sources that could not be read.
    """
    counts = {"batches": 0, "rows": 0, "refused": 0, "problems": 0}
    lacking: list[str] = []
    for source in sources:
        rows = 0
        try:
            for delivery in source.pull(batches.cursor(ledger, source.name), batches.known(ledger, source.name)):
                batch = batches.keep(ledger, source.name, source.kind, delivery, day, run)
                if batch is not None:
                    rows += max((len(column) for column in delivery.columns.values()), default=0)
                    counts["batches"] += 1
                    counts["refused"] += delivery.refused
                    counts["problems"] += len(delivery.problems)
                    progress(source.name, rows)
                del delivery  # two exports of a million accounts need not lie in memory at once
        except Exception as error:  # noqa: BLE001  (what no reader foresaw must not keep the other sources out)
            problem = _failed(source.name, error)
            logger.bind(source=source.name).error(PROBLEMS[problem.code].say(language(), problem.params))
            counts["problems"] += 1
            lacking.append(source.name)
            with ledger.begin() as tx:
                batches.complain(tx, [problem], run)
        counts["rows"] += rows
    counts["changed_cells"] = archive.differences(ledger)
    return counts | {"failed": len(lacking), "lacking": lacking}


def _failed(source: str, error: Exception) -> Problem:
    """What is told of a source that could not be read; what an unforeseen error says may quote a person's data."""
    known = isinstance(error, ApplicationError | InputError)
    told = (
        error.words if isinstance(error, HedangError) and known else Words(*[f"{source}: {type(error).__name__}"] * 2)
    )
    reason = (getattr(error, "code", "") or str(error)) if known else type(error).__name__
    return Problem(code="source_failed", place=source, params={"reason": reason, "zh": told.zh, "en": told.en})
