"""Fetch what the sources have: raw deliveries are kept as they came, sealed, and read into columns with their provenance."""

from collections.abc import Callable, Iterable
from datetime import date

from loguru import logger

from core.errors import ApplicationError, InputError
from core.ledger import Ledger, batches
from core.model import Problem
from core.ports import Source
from core.words import Words
from flows import archive

PROBLEMS = {
    "source_failed": Words("数据源无法读取：{reason}", "the source cannot be read: {reason}"),
}


def pull(
    ledger: Ledger,
    sources: Iterable[Source],
    day: date,
    run: int | None,
    progress: Callable[[str, int], None] = lambda *_: None,
) -> dict[str, int]:
    """Ask every source for what is new; a source that fails is a named problem, and the others go on."""
    counts = {"batches": 0, "rows": 0, "refused": 0, "problems": 0}
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
            known = isinstance(error, ApplicationError | InputError)
            logger.bind(source=source.name).error("not pulled: {}", error if known else type(error).__name__)
            counts["problems"] += 1
            reason = (getattr(error, "code", "") or str(error)) if known else type(error).__name__
            problem = Problem(code="source_failed", place=source.name, params={"reason": reason})
            with ledger.begin() as tx:
                batches.complain(tx, [problem], run)
        counts["rows"] += rows
    counts["changed_cells"] = archive.differences(ledger)
    return counts
