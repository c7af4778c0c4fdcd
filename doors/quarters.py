"""`run.py quarters …`: the quarter ledger, proposed, confirmed and held against the archive."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import InputError, choices
from core.words import Words, language
from doors import output, wiring
from doors.options import CONFIG, DATA, AsJson, ConfigDir, DataDir, Day, _

if TYPE_CHECKING:
    from core.quarters import Entry

group = typer.Typer(
    help=_("小区台账：归纳、确认、双向校验", "the quarter ledger: propose, confirm, validate"), no_args_is_help=True
)
Least = Annotated[int, typer.Option("--least", min=1, help=_("少于此数的小区名不提出", "fewer addresses than this propose nothing"))]  # fmt: skip
QuarterState = Annotated[str, typer.Option("--state", help="proposed | confirmed | refused | merged | all")]


@group.command("propose")
def quarters_propose(
    config: ConfigDir = CONFIG, data: DataDir = DATA, least: Least = 3, as_json: AsJson = False
) -> None:
    """由档案、普查与不动产地址归纳小区、楼栋与别名，待人确认。 Propose quarters from all addresses.

    Example: run.py quarters propose
    """
    from dataclasses import asdict

    from core.ledger import entities
    from core.policy import Policy
    from core.survey import Theme
    from flows import archive, evidence, quarters, surveys

    settings, site, fields = wiring.site_of(config)
    ledger = wiring.ledger_of(data, actor=wiring.person())
    now, reference = archive.current(ledger), wiring.informed(settings, site, ledger)
    policy, theme = Policy.load(settings, fields), Theme.load(settings, fields, "residential")
    cities = archive.cities(entities.organisations(ledger), reference)
    with output.progress() as say:
        told = surveys.read(ledger, theme, policy, archive.numbers(now))
        estates = evidence.estates(ledger)
        done = quarters.propose(ledger, now, told, estates, reference, cities, least=least, say=say)
    output.show(asdict(done), as_json)


@group.command("ls")
def quarters_ls(
    data: DataDir = DATA, as_json: AsJson = False, state: QuarterState = "proposed",
    buildings: Annotated[bool, typer.Option("--buildings", help=_("也列楼栋", "list the buildings too"))] = False,
) -> None:  # fmt: skip
    """列出小区台账（默认只列待确认的小区与别名）。 List quarters and other names, by default those that wait.

    Example: run.py quarters ls --state confirmed
    """
    from dataclasses import asdict

    from console.render import quarters

    found = _entries(data, state)
    listed = [entry for entry in found if buildings or entry.kind != "building"]
    shown = ("id", "version", "state", "county", "kind", "quarter", "name", "detail", "support")
    rows = [{**asdict(e), "kind": e.kind} if as_json else quarters.row(e, language()) for e in listed]
    titles = {} if as_json else {"name": "title", "kind": "part"}
    output.listing([{titles.get(name, name): row[name] for name in shown} for row in rows], as_json, "quarters")


@group.command("export")
def quarters_export(
    file: Path, data: DataDir = DATA, as_json: AsJson = False, state: QuarterState = "proposed"
) -> None:
    """导出待确认的小区、别名与楼栋供填写。 Write what waits for a person as a workbook to fill in.

    Example: run.py quarters export 小区待确认.xlsx
    """
    from console.render import quarters

    found = _entries(data, state)
    quarters.write(found, file, language())
    output.show({"file": str(file), "rows": len(found)}, as_json)


def _entries(data: Path, state: str) -> "list[Entry]":
    from core.ledger import quarters
    from core.quarters import STATES

    if state and state not in (*STATES, "all"):
        known = choices((*STATES, "all"))
        raise InputError(
            Words(
                f"--state {state}：没有这个状态；可选：{known}",
                f"--state {state}: there is no such state; there are: {known}",
            )
        )
    return quarters.entries(wiring.ledger_of(data), () if state == "all" else (state,))


@group.command("import")
def quarters_import(
    file: Path, data: DataDir = DATA, as_json: AsJson = False,
    reviewer: Annotated[str, typer.Option("--reviewer", help=_("行内未填确认人时用", "where a row names nobody"))] = "",
) -> None:  # fmt: skip
    """导入填好的确认表：有问题的行被指出，其余生效并留痕。 Take the decisions; bad rows are named, the others count.

    Example: run.py quarters import 小区待确认.xlsx --reviewer 张三
    """
    from console.render import quarters as render
    from flows import quarters

    rows = [
        quarters.Row(
            number=int(r["row"]), entry=r["id"], version=r["version"], verdict=r["verdict"], value=r["value"], whole=r["whole"],
            reviewer=r["reviewer"], note=r["note"],
        )
        for r in render.read(file)
    ]  # fmt: skip
    taken = quarters.take(wiring.ledger_of(data, actor=wiring.person()), file.name, rows, reviewer)
    for problem in taken.problems:
        sentence = quarters.PROBLEMS[problem.code].say(language(), problem.params)
        print(f"{problem.place}:{problem.row}: {sentence}", file=sys.stderr)
    counts = {"read": taken.read, "decided": taken.decided, "same": taken.same, "undecided": taken.undecided}
    output.show(counts | {"refused": len(taken.problems)}, as_json)


@group.command("check")
def quarters_check(
    config: ConfigDir = CONFIG, data: DataDir = DATA, as_json: AsJson = False, day: Day = "",
    out: Annotated[Path | None, typer.Option("--out", help=_("写入 xlsx 或 csv", "write to an xlsx or csv file"))] = None,
    rooms: Annotated[bool, typer.Option("--rooms", help=_("xlsx 中列出房号", "list the rooms in the xlsx"))] = False,
) -> None:  # fmt: skip
    """双向校验：台账有档案无，档案有台账无。 Flats that the ledger has and the archive has not, and the reverse.

    Example: run.py quarters check --out 小区校验.xlsx
    """
    from console.render import quarters as render
    from core.ledger import entities
    from flows import archive, quarters

    settings, site, _fields = wiring.site_of(config)
    ledger = wiring.ledger_of(data, actor=wiring.person())
    now, reference, known = archive.current(ledger), wiring.informed(settings, site, ledger), quarters.ledger_of(ledger)
    cities = archive.cities(entities.organisations(ledger), reference)
    with output.progress() as say:
        found = quarters.validate(now, known, reference, cities, wiring.day_of(day, site), say)
    if out is not None:
        render.save_check(found, out, language(), rooms=rooms)
    if rooms and out is not None:
        with ledger.begin() as tx:
            tx.trail("rooms exported", out.name, {"quarters": len(known.all)})
    if as_json:
        output.show(render.totals(found) | {"quarters": render.by_quarter(found)}, as_json)
        return
    output.show(render.totals(found), as_json, _("小区台账与档案", "quarter ledger and archive"))
    output.listing(render.by_quarter(found), as_json, "quarters")
