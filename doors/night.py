"""`run.py nightly` and its steps: a whole night, or one step of it, under the date's one row."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from core.errors import HedangError
from core.words import Words, language
from doors import logs, output, wiring
from doors.options import CONFIG, DATA, AsJson, Attended, ConfigDir, DataDir, Day, _

if TYPE_CHECKING:
    from core.ledger.runs import Run
    from flows.nightly import House

commands = typer.Typer()


@commands.command()
def nightly(
    config: ConfigDir = CONFIG, data: DataDir = DATA, day: Day = "", as_json: AsJson = False, attended: Attended = False
) -> None:
    """一整夜：拉取、校验、核对、填录、复核、报告。 One whole night.

    Example: run.py nightly --date 2026-03-16
    """
    _perform(config, data, day, None, as_json, attended=attended)


def _step(name: str, text: str) -> None:
    def command(
        config: ConfigDir = CONFIG,
        data: DataDir = DATA,
        day: Day = "",
        as_json: AsJson = False,
        attended: Attended = False,
    ) -> None:
        _perform(config, data, day, (name,), as_json, attended=attended)

    command.__doc__ = f"{text}\n\nExample: run.py {name} --date 2026-03-16"
    commands.command(name)(command)


for _name, _text in {
    "pull": "从各数据源拉取。 Fetch what the sources have.",
    "check": "按规则校验档案。 Evaluate the rules.",
    "reconcile": "与比对数据核对，生成建议值与工单。 Judge differences and plan items.",
    "recheck": "二次校验：付费核验与回填。 The second pass: paid verification and back-fill.",
    "report": "生成日报、表格与不一致清单。 Write the report, its workbook and the mismatch log.",
}.items():
    _step(_name, _text)


def _perform(
    directory: Path, data: Path, day: str, names: "tuple[str, ...] | None", as_json: bool, *, attended: bool = False
) -> None:
    """Run steps of the date's night under its one row, and print what they counted.

    A step by itself does not make good what an earlier attempt has left undone: the date stays failed until that is done, too.
    """
    from core.ledger import runs
    from flows import nightly

    logs.begin(data)
    names = names or (*runs.STEPS, runs.REPORT)
    with output.progress() as say:
        asking = bool({"pull", "recheck"} & set(names))
        house, config, site = wiring.house_of(directory, data, say, attended=attended, outside=asking)
        worker = wiring.worker_of(house.ledger, "night")
        run = runs.begin(
            house.ledger,
            "nightly",
            wiring.day_of(day, site),
            worker,
            config.digest,
            {"rules": house.version},
            wiring.gone,
            steps=names,
        )
        counts: dict[str, Any] = {}
        state, reason = "failed", "interrupted"
        try:
            counts |= nightly.perform(house, run, [name for name in runs.STEPS if name in names])
            if runs.REPORT in names:
                with runs.step(house.ledger, run, runs.REPORT, {}):
                    counts[runs.REPORT] = _report(house, run, counts, data)
            state, reason = nightly.standing(house, run)
        except HedangError as error:
            reason = error.code or str(error)
            raise
        finally:
            runs.end(house.ledger, run, state, counts, reason)
        troubled = nightly.troubled(counts) or _troubled(house, run) or state != "done"
    why = {"reason": reason} if reason else {}
    output.show(
        {"run": run.id, "date": run.day.isoformat(), "state": state, **why, "counts": _brief(counts)},
        as_json,
        _("夜间批次", "night"),
    )
    raise typer.Exit(1 if troubled else 0)


def _report(house: "House", run: "Run", counts: dict[str, Any], data: Path) -> dict[str, Any]:
    """Figures, page, workbook and mismatch log of the date."""
    import time

    from console.render import html, mismatch, xlsx
    from flows import nightly, report

    _seen, after = nightly.settle(house, run)
    seconds = time.time() - (run.started or time.time())
    drawn = report.gather(
        house.ledger, run, counts | {"report": after}, house.rules, house.fields, _sentences(), seconds
    )
    folder, name = logs.folder(data), run.day.isoformat()
    paths = {
        "html": folder / "reports" / f"{name}.html",
        "xlsx": folder / "reports" / f"{name}.xlsx",
        "mismatch": folder / "mismatch" / f"{name}.xlsx",
    }
    html.write(drawn, paths["html"], language())
    xlsx.write(drawn, paths["xlsx"], language())
    mismatch.write(drawn.mismatches, paths["mismatch"], language(), drawn.anomalies)
    return after | {key: str(path) for key, path in paths.items()}


def _sentences() -> dict[str, Words]:
    """The sentences of all problems, from the rooms that own them."""
    from bots.sources import notes, tables
    from flows import pull, surveys
    from flows import review as reviewing

    return {**notes.PROBLEMS, **tables.PROBLEMS, **surveys.PROBLEMS, **pull.PROBLEMS, **reviewing.PROBLEMS}


def _brief(counts: dict[str, Any]) -> dict[str, Any]:
    """Counts without the tables that only the report needs."""
    return {
        name: {k: v for k, v in step.items() if k not in ("passing", "surveyors", "not_evaluated", "lacking")}
        if isinstance(step, dict)
        else step
        for name, step in counts.items()
    }


def _troubled(house: "House", run: "Run") -> bool:
    """Whether more items than the policy allows are unknown or parked, or a circuit is open."""
    from collections import Counter

    from core.ledger import queue
    from flows.fill import SYSTEM

    found: Counter[str] = Counter()
    for _org, state, count in queue.tally(house.ledger, run.id):
        found[state] += count
    return (
        any(found[name] > limit for name, limit in house.policy.exit_limits.items())
        or queue.circuit(house.ledger, SYSTEM) is not None
    )
