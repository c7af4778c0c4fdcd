"""`run.py policy …`: what may be written without a person."""

import json
from pathlib import Path
from typing import Annotated

import typer

from doors import output, wiring
from doors.options import CONFIG, DATA, AsJson, ConfigDir, DataDir, Day, _

group = typer.Typer(help=_("准入策略", "the policy of what may be written"), no_args_is_help=True)


@group.command("diff")
def policy_diff(
    new: Annotated[Path, typer.Argument(help="policy.yaml")], config: ConfigDir = CONFIG, data: DataDir = DATA, day: Day = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """换策略前先看会改变哪些建议值；只读，不写。 Which proposals another policy would see otherwise; writes nothing.

    Example: run.py policy diff new-policy.yaml --date 2026-03-16
    """
    from core import settings
    from core.policy import Policy
    from flows import policies

    with output.progress() as say:
        house, _settings, site = wiring.house_of(config, data, say, outside=False)
        other = Policy.read(settings.load(new), house.fields)
        shifts = policies.diff(house, other, wiring.day_of(day, site))
    counts, rows = policies.counts(shifts), [shift.plain() for shift in shifts]
    if as_json:
        print(json.dumps({"changed": len(rows), "counts": counts, "proposals": rows}, ensure_ascii=False))
        return
    output.show(counts, as_json, _("会改变的建议值", "proposals that would change"))
    output.listing(rows, as_json, "proposals")
