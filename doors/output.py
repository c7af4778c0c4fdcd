"""What a command answers: one JSON object for programs, tables and progress for people."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.words import language


def show(result: dict[str, Any], as_json: bool, title: str = "") -> None:
    """One JSON object for programs, a table for people."""
    if as_json:
        print(json.dumps(result, ensure_ascii=False, default=str))
        return
    from console.render import tables

    tables.single(result, title, language())


def listing(rows: list[dict[str, Any]], as_json: bool, key: str) -> None:
    if as_json:
        print(json.dumps({key: rows}, ensure_ascii=False, default=str))
        return
    from console.render import tables

    tables.listing(rows, language())


@contextmanager
def progress() -> "Iterator[Callable[[str, int, int], None]]":
    """A progress bar on standard error when it is a terminal; silence otherwise."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bar:
        tasks: dict[str, Any] = {}

        def say(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total or None)
            bar.update(tasks[what], completed=done, total=total or None)

        yield say


def why(ended: str) -> None:
    """Why filling ended early, where it is known in words."""
    from flows.fill import REASONS

    if ended in REASONS:
        print(REASONS[ended].say(language()), file=sys.stderr)
