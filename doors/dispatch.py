"""`run.py dispatch`: whom to visit first."""

from pathlib import Path
from typing import Annotated

import typer

from core.words import language
from doors import output, wiring
from doors.options import CONFIG, DATA, AsJson, ConfigDir, DataDir, Day, _

commands = typer.Typer()


@commands.command()
def dispatch(
    config: ConfigDir = CONFIG, data: DataDir = DATA, day: Day = "", as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option("--out", help=_("写入 xlsx 或 csv", "write to an xlsx or csv file"))] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help=_("只列前 N 户（屏幕默认 20）", "the first N accounts (a terminal shows 20)"))] = None,
    org: Annotated[str, typer.Option("--org", help=_("只列该单位及下级", "this organisation and all below it"))] = "",
) -> None:  # fmt: skip
    """按得分排出待访户：供电所、台区、线路与原因（已脱敏）。 Whom a surveyor should visit first, and why.

    Example: run.py dispatch --org 1340101 --out 派单.xlsx
    """
    from dataclasses import replace

    from console.render import dispatch as render
    from flows import dispatch as dispatching

    settings, site, _fields = wiring.site_of(config)
    rules, _version = wiring.rules_of(settings)
    weights = dispatching.Weights.load(settings, rules)
    ledger = wiring.ledger_of(data, actor=wiring.person())
    found = dispatching.dispatch(ledger, rules, weights, wiring.day_of(day, site), org=org, limit=limit or 0)
    if out is not None:
        render.save(found, out, language())
    if as_json:
        output.show(render.listing(found), as_json)
        return
    shown = found if limit else replace(found, visits=found.visits[:20])
    output.listing(render.rows(shown, language()), False, "visits")
    output.show({"accounts": found.accounts, "high_risk": found.high_risk} | ({"file": str(out)} if out else {}), False)
