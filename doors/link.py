"""`run.py link`: the records of two files that mean the same thing."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import InputError
from core.words import Words, language
from doors import output, wiring
from doors.options import CONFIG, AsJson, ConfigDir, _

commands = typer.Typer()


@commands.command()
def link(
    left: Annotated[Path, typer.Argument(help=_("左表：csv、xlsx、parquet", "the left file: csv, xlsx or parquet"))],
    right: Annotated[Path | None, typer.Argument(help=_("右表；不给则在左表内查重", "the right file; without it the left one is de-duplicated"))] = None,
    spec: Annotated[Path | None, typer.Option("--spec", help=_("怎样比较（YAML，见 docs/linking.md）", "what is compared, as YAML (docs/linking.md)"))] = None,
    out: Annotated[Path | None, typer.Option("--out", help=_("结果对：csv 或 parquet", "the pairs: csv or parquet"))] = None,
    truth: Annotated[Path | None, typer.Option("--truth", help=_("已知真值：left_id,right_id", "the known truth: left_id,right_id"))] = None,
    labels: Annotated[Path | None, typer.Option("--labels", help=_("人已判定的对：left_id,right_id,match（是/否）", "pairs that people decided: left_id,right_id,match (yes/no)"))] = None,
    report: Annotated[Path | None, typer.Option("--report", help=_("说明页（HTML，含样例原值）", "a page that explains (HTML; shows values)"))] = None,
    beside: Annotated[Path | None, typer.Option("--beside", help=_("每对两条记录并排，先看的在前（csv、xlsx、parquet，含原值）", "both records of each pair beside each other, what to check first on top (csv, xlsx or parquet; shows values)"))] = None,
    explain: Annotated[list[str] | None, typer.Option("--explain", help=_("说明页上要逐步拆开的一对：左编号,右编号；可写多次", "a pair that the page takes apart: LEFT_ID,RIGHT_ID; may be given again"))] = None,
    suggest: Annotated[bool, typer.Option("--suggest", help=_("由数据写一份 SPEC", "write a spec from the data"))] = False,
    memory: Annotated[str, typer.Option("--memory", help=_("大约可用的内存；不够时分批；可能的对还是放不下时只留最像的，并说明", "about the memory it may take; with less it works in more pieces, and says so where it keeps only the likeliest pairs"))] = "4GB",
    engine: Annotated[str, typer.Option("--engine", help="local")] = "local",
    config: ConfigDir = CONFIG,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """找出两个文件中是同一人、同一户的记录，或一个文件内的重复。 Find the records that mean the same thing.

    Example: run.py link 档案.csv 政务.csv --spec 关联.yaml --out 结果.csv --report 说明.html
    """
    from bots.sources import records
    from flows import link as linking

    if engine != "local":
        raise InputError(
            Words(f"--engine {engine}：没有；可选：local", f"--engine {engine}: there is none; there are: local")
        )
    bytes_held = linking.held(memory)
    linking.apart(left, right)
    one, other = records.read(left), records.read(right) if right else None
    if suggest:
        _suggested({left: one} if right is None else {left: one, right: other}, out or report or beside)
        return
    if spec is None or out is None:
        raise InputError(
            Words(
                "link 需要 --spec 与 --out；没有 SPEC 时先运行 link --suggest",
                "link needs --spec and --out; without a spec begin with link --suggest",
            )
        )
    from core import settings
    from core.reference import Reference
    from matchers.link import Lexicon, read

    given = [path for path in (left, right, spec, truth, labels) if path]
    linking.writable(out, given=given)
    if report:
        linking.writable(report, "--report", (".html", ".htm"), [*given, out])
    elif explain:
        raise InputError(
            Words("--explain 需要 --report：写在说明页上", "--explain needs --report: it is shown on the page")
        )
    asked = read(settings.load(spec))
    readings = Lexicon(Reference.load(wiring.config_of(config).path("reference")))
    if beside:
        linking.writable(beside, "--beside", (*linking.ENDINGS, ".xlsx"), [*given, out, *([report] if report else [])])
    known, said = (records.read(path) if path else None for path in (truth, labels))
    names = (str(left), str(right or left))
    with _linking() as progress:
        found = linking.run(
            one, other, asked, readings, names, known, progress, memory=bytes_held, labels=said, explain=explain or ()
        )
    linking.write(found.pairs, out)
    if report:
        from console.render import linked

        with linking.written(report) as partial:
            linked.write(partial, found, one, other, asked.fields, [path.name for path in (left, right) if path])
    if beside:
        from console.render import beside as side_by_side

        with linking.written(beside) as partial:
            side_by_side.write(partial, beside.suffix.lower(), found, one, other, asked.fields)
    _link_told(found, {"out": out, "report": report, "beside": beside}, engine, as_json)


def _suggested(tables: dict[Path, Any], to: Path | None) -> None:
    """Print a spec; a file to write something else `to` is refused, before somebody waits for it."""
    from console.render import linked
    from flows import link as linking
    from matchers.link import suggest as suggesting

    if to:
        raise InputError(
            Words(
                "--suggest 把 SPEC 写到屏幕，不用 --out、--report、--beside；要存成文件，末尾写 > 关联.yaml",
                "--suggest prints the spec and takes no --out, --report or --beside; to keep it, write > spec.yaml at the end",
            )
        )
    for path, table in tables.items():
        if sheets := linking.left_out(table):
            print(linked.sentence("sheets", {"file": path, "sheets": sheets}, language()), file=sys.stderr)
    left, *right = ({name: table[name] for name in table.column_names} for table in tables.values())
    print(suggesting.spec(left, right[0] if right else None), end="")


@contextmanager
def _linking() -> "Iterator[Callable[[str, float], None]]":
    """A line of progress on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    steps = {
        "encode": _("读取各列", "encode"), "keys": _("选择分块键", "choose keys"), "learn": _("学习", "learn"),
        "score": _("比较", "compare"), "assign": _("配对", "assign"),
    }  # fmt: skip
    screen = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=screen, disable=not screen.is_terminal, transient=True
    ) as bar:  # fmt: skip
        task = bar.add_task(steps["encode"], total=1.0)
        yield lambda step, share: bar.update(task, description=steps.get(step, step), completed=share)


def _link_told(found: Any, written: dict[str, Path | None], engine: str, as_json: bool) -> None:
    from console.render import linked
    from core import posix

    told = linked.figures(found) | {"peak_mb": posix.peak_mb(), "engine": engine}
    told |= {name: str(path) for name, path in written.items() if path}
    if as_json:
        output.show(told, True)
        return
    print(linked.told(told, language()))
