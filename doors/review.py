"""`run.py review …`: what waits for a person's decision, and its round trip through a workbook."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from core.errors import InputError
from core.words import language
from doors import logs, output, wiring
from doors.options import CONFIG, DATA, AsJson, ConfigDir, DataDir, _

group = typer.Typer(help=_("不一致清单的导出与导入", "the mismatch log and its Excel round trip"), no_args_is_help=True)


@group.command("ls")
def review_ls(config: ConfigDir = CONFIG, data: DataDir = DATA, as_json: AsJson = False) -> None:
    """列出等待人工决定的建议值（已脱敏）。 List what waits for a person, masked.

    Example: run.py review ls
    """
    from flows import report

    _settings, _where, fields = wiring.site_of(config)
    rows = [
        {"proposal": m.proposal, "version": m.version, "account": m.account, "field": m.field.say(language()), "rules": " ".join(m.rules),
         "before": m.before.say(language()), "after": m.after.say(language()), "class": m.cls, "state": m.state}
        for m in report.mismatches(wiring.ledger_of(data), fields)
    ]  # fmt: skip
    output.listing(rows, as_json, "waiting")


@group.command("export")
def review_export(
    file: Path, config: ConfigDir = CONFIG, data: DataDir = DATA, as_json: AsJson = False,
    unmasked: Annotated[bool, typer.Option("--unmasked", help=_("全值导出，须具名并留痕", "full values; asked for by name, leaves a trail"))] = False,
    reviewer: Annotated[str, typer.Option("--reviewer", help=_("申请人", "who asks"))] = "",
) -> None:  # fmt: skip
    """导出不一致清单供填写。 Write the mismatch log as a workbook to fill in.

    Example: run.py review export mismatch.xlsx
    """
    from console.render import mismatch
    from flows import report

    _settings, _where, fields = wiring.site_of(config)
    if unmasked and not reviewer:
        raise InputError(_("全值导出须用 --reviewer 具名", "an unmasked export needs --reviewer"))
    ledger = wiring.ledger_of(data, actor=reviewer or wiring.person())
    rows = report.mismatches(ledger, fields, unmasked=unmasked)
    if unmasked:
        with ledger.begin() as tx:
            tx.trail("unmasked export", file.name, {"rows": len(rows)})
    mismatch.write(rows, file, language(), unmasked=unmasked)
    output.show({"file": str(file), "rows": len(rows)}, as_json)


@group.command("import")
def review_import(
    file: Path, config: ConfigDir = CONFIG, data: DataDir = DATA, as_json: AsJson = False,
    reviewer: Annotated[str, typer.Option("--reviewer", help=_("行内未填审核人时用", "where a row names nobody"))] = "",
) -> None:  # fmt: skip
    """导入填好的清单：有问题的行被指出，其余生效并生成工单。 Take the decisions; bad rows are named, the others become items.

    Example: run.py review import mismatch.xlsx --reviewer 张三
    """
    from console.render import mismatch
    from flows import archive, nightly
    from flows import review as reviewing

    logs.begin(data)
    rows = [
        reviewing.Row(
            number=int(r["row"]), proposal=r["proposal"], version=r["version"], verdict=r["verdict"], value=r["value"], reviewer=r["reviewer"],
            note=r["note"],
        )
        for r in mismatch.read(file)
    ]  # fmt: skip
    house, _settings, site = wiring.house_of(config, data, lambda *_: None, outside=False)
    now, today = archive.current(house.ledger), datetime.now(site.timezone).date()
    breaks = reviewing.judge(now, house.rules, house.reference, house.fields, today)
    taken = reviewing.take(house.ledger, file.name, rows, house.misfit, reviewer, breaks)
    for problem in taken.problems:
        print(
            f"{problem.place}:{problem.row}: {reviewing.PROBLEMS[problem.code].say(language(), problem.params)}",
            file=sys.stderr,
        )
    planned = nightly.plan_decided(house)
    counts = {
        "read": taken.read,
        "decided": taken.decided,
        "same": taken.same,
        "undecided": taken.undecided,
        "refused": len(taken.problems),
    }
    output.show(counts | {"planned": planned}, as_json)
