"""`run.py fill`: one pair of hands works through the items that are due."""

import sys
from typing import Any

import typer

from doors import logs, output, wiring
from doors.options import CONFIG, DATA, AsJson, ConfigDir, DataDir, Day, Headed, _

commands = typer.Typer()


@commands.command()
def fill(
    config: ConfigDir = CONFIG, data: DataDir = DATA, day: Day = "", as_json: AsJson = False,
    headed: Headed = False,
) -> None:  # fmt: skip
    """把到期的工单填入营销系统并回读。 Fill the due items into the legacy screens and read them back.

    Example: run.py fill --date 2026-03-16
    """
    from core.ledger import queue, runs
    from core.policy import Policy
    from flows.fill import SYSTEM, Desk, Terms, summary, sweep
    from flows.fill import fill as work
    from flows.fill import preflight as examine

    logs.begin(data)
    settings, site, fields = wiring.site_of(config)
    ledger = wiring.ledger_of(data)
    worker = wiring.worker_of(ledger, "fill")
    run = runs.find(ledger, "nightly", wiring.day_of(day, site))
    stopping = wiring.stop_flag()
    with (
        wiring.login(data, site),
        output.progress() as say,
        wiring.legacy(settings, site, ledger, data, headed=headed) as legacy,
    ):
        policy = Policy.load(settings, fields)
        terms = Terms(
            lease=site.lease_seconds, attempts=site.retry.attempts, pause=site.retry.pause, circuit=site.circuit,
            canaries=site.canary, conflicts=policy.breaker["conflicts"], mismatches=policy.breaker["mismatches"],
        )  # fmt: skip
        total, done = queue.due(ledger), [0]

        def progress(*_what: object) -> None:
            done[0] += 1
            say("fill", done[0], max(total, done[0]))

        desk = Desk(
            ledger=ledger, legacy=legacy, worker=worker, terms=terms, clock=wiring.Clock(), day=wiring.day_of(day, site), gone=wiring.gone,
            run=run.id if run else None, stop=lambda: bool(stopping), progress=progress,
        )  # fmt: skip
        ended = examined = _examined(examine(ledger, legacy, desk.run))
        swept: dict[str, int] = {}
        if not examined:
            ended = work(desk)
            last = sweep(ledger, legacy, desk.stop)
            swept = {"swept": last.read, "gaps": last.gaps, "doubles": last.doubles}
    counts = summary(queue.rows(ledger, run=run.id if run else None))
    if ended == "done" and run is not None and run.state != "running":  # a night that runs notes its own step
        with runs.step(ledger, run, "fill", {"ended": ended, **counts, **swept}):
            pass
    output.why(ended)
    output.show({"ended": ended, **counts, **swept}, as_json, _("填录", "fill"))
    raise typer.Exit(1 if ended not in ("done", "stopped") or queue.circuit(ledger, SYSTEM) else 0)


def _examined(problems: Any) -> str:
    for problem in problems:
        print(f"preflight: {problem.place}: {problem.code} {dict(problem.params)}", file=sys.stderr)
    return f"preflight: {len(problems)} problems" if problems else ""
