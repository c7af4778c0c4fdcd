"""What became of a spreadsheet's rows: a table before and after for the terminal, and the result file beside the input."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.render import forms, texts
from console.render.xlsx import PLAIN
from core.words import Language, Words

HEADINGS = {
    "row": Words("行", "row"),
    "key": Words("主键", "key"),
    "state": Words("状态", "state"),
    "reason": Words("原因", "reason"),
    "before": Words("原值", "before"),
    "after": Words("新值", "after"),
}
WIDTHS = {"row": 6, "key": 18, "state": 12, "reason": 40, "before": 40, "after": 40}
LEFT = Words("没有轮到", "not reached")
STATES = {**texts.STATES, "change": Words("将修改", "would change"), "ready": LEFT, "waiting": LEFT, "working": LEFT}
COLOURS = {
    "verified": "green", "unchanged": "dim", "change": "yellow", "conflict": "red", "business_error": "red", "parked": "red",
    "unknown": "red",
}  # fmt: skip
SHOWN = 40
"""So many rows are shown at a terminal; the result file has them all."""

Mask = Callable[[str, str, str], tuple[str, str]]
"""(field, before, after) → both as they may be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One row, its values as they may be seen."""

    row: int
    key: str
    state: str
    reason: Words
    before: Mapping[str, str]  # label → value
    after: Mapping[str, str]

    def cells(self, language: Language, between: str = "；") -> list[str]:
        """The row's texts in the order of HEADINGS."""
        state = texts.said(STATES, self.state, language)
        values = [between.join(f"{k}={v}" for k, v in side.items()) for side in (self.before, self.after)]
        return [str(self.row), self.key, state, self.reason.say(language), *values]


def put_by(path: Path) -> None:
    """Keep the result of the run before under another name, so that it is not taken for one of this run."""
    if path.exists():
        path.replace(path.with_name(f"{path.stem}.old{path.suffix}"))


def table(rows: Sequence[Shown], language: Language) -> None:
    """Print the rows before and after, the first SHOWN of them."""
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name, words in HEADINGS.items():
        drawn.add_column(
            words.say(language), overflow="fold", no_wrap=name == "state", justify="right" if name == "row" else "left"
        )
    for row in rows[:SHOWN]:
        number, key, state, *rest = row.cells(language, "\n")
        drawn.add_row(number, Text(key), Text(state, style=COLOURS.get(row.state, "")), *map(Text, rest))
    console = Console()
    console.print(drawn)
    if len(rows) > SHOWN:
        more = len(rows) - SHOWN
        console.print(Words(f"……另有 {more} 行", f"… and {more} more rows").say(language), style="dim")


def write(rows: Sequence[Shown], path: Path, language: Language) -> None:
    """The result file, a workbook or a csv by its ending; only its owner may read it."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    head = [words.say(language) for words in HEADINGS.values()]
    body = [row.cells(language) for row in rows]
    if path.suffix != ".xlsx":
        forms.write_csv(path, head, body)
        return
    with xlsxwriter.Workbook(path, PLAIN) as book:
        page = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for column, (title, width) in enumerate(zip(head, WIDTHS.values(), strict=True)):
            page.set_column(column, column, width)
            page.write_string(0, column, title, bold)
        for number, cells in enumerate(body, 1):
            for column, text in enumerate(cells):
                page.write_string(number, column, text)
        page.freeze_panes(1, 0)
