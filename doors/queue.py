"""`run.py runs` and `run.py queue …`: what was done at night, and what is to be done."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import InputError, choices
from core.words import Words
from doors import output, wiring
from doors.options import DATA, ZH, AsJson, DataDir, _

commands = typer.Typer()
group = typer.Typer(help=_("工单队列", "the queue of work items"), no_args_is_help=True)


@commands.command()
def runs(data: DataDir = DATA, as_json: AsJson = False) -> None:
    """各业务日的批次。 The runs, newest first.

    Example: run.py runs
    """
    from core.ledger import runs as ledger_runs

    found = ledger_runs.listing(wiring.ledger_of(data))
    rows = [
        {
            "run": r.id,
            "flow": r.flow,
            "date": r.day.isoformat(),
            "state": r.state,
            "attempt": r.attempt,
            "reason": r.reason,
        }
        for r in found
    ]
    output.listing(rows, as_json, "runs")


@group.command("ls")
def queue_ls(
    data: DataDir = DATA,
    as_json: AsJson = False,
    state: Annotated[str, typer.Option("--state", help="ready|unknown|parked|…")] = "",
) -> None:
    """列出工单。 List the items.

    Example: run.py queue ls --state parked
    """
    from core.ledger import queue
    from core.model import State
    from flows.fill import worded

    if state and state not in list(State):
        raise InputError(
            Words(
                f"--state {state}：没有这个状态；可选：{choices(State)}",
                f"--state {state}: there is no such state; there are: {choices(State)}",
            )
        )
    rows = queue.rows(wiring.ledger_of(data), states=(State(state),) if state else ())
    shown = [
        {"item": r.name, "state": str(r.state), "kind": str(r.kind), "object": r.key, "submits": r.submits, "attempts": r.attempts,
         "reason": worded(r.reason).say("zh" if ZH else "en"), "origin": r.origin}
        for r in rows
    ]  # fmt: skip
    output.listing(shown, as_json, "items")


@group.command("retry")
def queue_retry(item: str, data: DataDir = DATA) -> None:
    """把挂起、冲突或被拒的工单放回队列（先读后写）。 Give an item back to the queue; it is read first.

    Example: run.py queue retry I000042
    """
    _release(data, item, "ready")


@group.command("release")
def queue_release(item: str, data: DataDir = DATA) -> None:
    """结束一个工单，不再处理。 End an item without writing.

    Example: run.py queue release I000042
    """
    _release(data, item, "superseded")


def _release(data: Path, item: str, state: str) -> None:
    from core.ledger import queue
    from core.model import State

    queue.release(wiring.ledger_of(data, actor=wiring.person()), _numbered(item), State(state))


def _numbered(item: str) -> int:
    number = item.removeprefix("I").lstrip("0")
    if not number.isdigit():
        raise InputError(Words(f"{item}：工单编号形如 I000042", f"{item}: an item is named like I000042"))
    return int(number)


@group.command("picture")
def queue_picture(
    item: str,
    out: Annotated[Path, typer.Option("--out", help=_("放在哪个文件夹；仅本人可读", "the folder they go to; only its owner may read them"))],
    data: DataDir = DATA,
) -> None:  # fmt: skip
    """打开一个工单出意外时的屏幕照片（含个人信息，打开会留痕）。 Open the pictures of an item's surprises; that is recorded.

    Example: run.py queue picture I000042 --out pictures
    """
    from core.ledger import queue

    found = queue.pictures(wiring.ledger_of(data, actor=wiring.person()), _numbered(item))
    if not found:
        raise InputError(Words(f"{item}：没有照片", f"{item}: there is no picture"))
    out.mkdir(parents=True, exist_ok=True)
    for count, content in enumerate(found, 1):
        path = out / f"{item}-{count}.png"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)
        print(path)
