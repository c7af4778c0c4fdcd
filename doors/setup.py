"""Setting a site up: `run.py init`, `db`, `audit`, `import`, `template` and `bundle`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from core.words import language
from doors import output, wiring
from doors.options import CONFIG, DATA, AsJson, ConfigDir, DataDir, _

commands = typer.Typer()
db = typer.Typer(help=_("数据库", "the database"), no_args_is_help=True)
audit = typer.Typer(help=_("留痕", "the trail"), no_args_is_help=True)


@commands.command()
def init(data: DataDir = DATA, as_json: AsJson = False) -> None:
    """建立台账目录、密钥与数据库（已有的不动）。 Make the data directory, its key and its database.

    Example: run.py init
    """
    from core.ledger import store

    store.create(data, os.environ.get("HEDANG_DATABASE"))
    output.show({"data": str(data), "key": str(store.key_file(data))}, as_json)


@db.command("upgrade")
def db_upgrade(data: DataDir = DATA, as_json: AsJson = False) -> None:
    """把数据库升级到最新版本。 Bring the database to the newest version.

    Example: run.py db upgrade
    """
    from core.ledger import store
    from core.ledger.migrations import NEWEST

    store.upgrade(store.present(data, os.environ.get("HEDANG_DATABASE")))
    output.show({"version": NEWEST}, as_json)


@audit.command("verify")
def audit_verify(data: DataDir = DATA, as_json: AsJson = False) -> None:
    """核验留痕链条是否完整。 Walk the hash chains of the trail.

    Example: run.py audit verify
    """
    from core.ledger import store

    wrong = store.verify_trail(wiring.ledger_of(data))
    output.show({"ok": not wrong, "wrong": wrong}, as_json)
    raise typer.Exit(1 if wrong else 0)


@commands.command("import")
def import_(
    kind: Annotated[str, typer.Argument(help="org | codes | numbers | quarters")], file: Path, config: ConfigDir = CONFIG, data: DataDir = DATA,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("只读入并清点，不写入", "read and count, keep nothing"))] = False, as_json: AsJson = False,
) -> None:  # fmt: skip
    """导入组织、代码表、户号变更表或小区台账（csv、xlsx）。 Import organisations, codes, number changes or quarters.

    Example: run.py import quarters 小区.xlsx --dry-run
    """
    from bots.sources import tables
    from core.reference import Reference

    counties = Reference.load(wiring.config_of(config).path("reference")).counties
    result = tables.take(kind, file, wiring.ledger_of(data, actor=wiring.person()), dry_run=dry_run, counties=counties)
    for problem in result.problems:
        sentence = tables.PROBLEMS[problem.code].say(language(), problem.params)
        print(f"{problem.place}:{problem.row}: {sentence}", file=sys.stderr)
    output.show(
        {"read": result.read, "added": result.added, "changed": result.changed, "refused": len(result.problems)},
        as_json,
    )


@commands.command()
def template(
    kind: Annotated[str, typer.Argument(help="org | codes | numbers | quarters")],
    out: Annotated[Path | None, typer.Option("--out", help=_("写入文件", "write to a file"))] = None,
) -> None:
    """打印（或写出）导入文件的表头与示例行（csv）。 The columns of a file to import, with example rows.

    Example: run.py template quarters --out 小区.csv
    """
    from bots.sources import tables

    text = tables.template(kind)
    if out is None:
        print(text, end="")
        return
    out.write_text(text, encoding="utf-8-sig")
    output.show({"file": str(out)}, False)


@commands.command()
def bundle(
    platform: Annotated[str, typer.Option("--platform")],
    out: Annotated[Path, typer.Option("--out")],
    as_json: AsJson = False,
) -> None:
    """为无外网的内网打包全部依赖（含哈希）。 Wheels and hashes for an intranet without a registry.

    Example: run.py bundle --platform win_amd64 --out bundle/
    """
    from core.bundle import bundle as build

    with output.progress() as say:
        made = build(platform, out, lambda sentence: say(sentence, 0, 0))
    output.show({"platform": platform, "out": str(out), "wheels": made.wheels}, as_json)
