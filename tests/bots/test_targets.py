"""Promises of locators in YAML: parts and options become targets and texts, and what does not exist is named with its line."""

import textwrap
from pathlib import Path

import pytest

from bots.driver import OPTIONS, PARTS, WIDGETS, Target
from bots.targets import target_of
from core import settings
from core.errors import ConfigError

LOOKUP = """\
label: 小区
widget: lookup
place: work
parts:
  open: 选择
  search: {name: q}
  press: {text: 查询, place: window}
options: {column: 名称}
"""


def node(folder: Path, text: str) -> settings.Node:
    """The node of one field; line 1 of its text is line 3 of the file."""
    (folder / "map.yaml").write_text("schema: 1\nfield:\n" + textwrap.indent(text, "  "), "utf-8")
    return settings.load(folder / "map.yaml")["field"]


def test_parts_stand_where_their_control_stands_unless_they_say_otherwise(tmp_path: Path) -> None:
    target = target_of(node(tmp_path, LOOKUP), ())
    assert target == Target(
        label="小区",
        widget="lookup",
        place=("work",),
        parts={
            "open": Target(text="选择", place=("work",)),
            "search": Target(name="q", widget="auto", place=("work",)),
            "press": Target(text="查询", place=("window",)),
        },
        options={"column": "名称"},
    )
    assert hash(target) == hash(target_of(node(tmp_path, LOOKUP), ()))


def test_a_layer_is_named_by_css_and_a_table_by_its_columns(tmp_path: Path) -> None:
    calendar = target_of(node(tmp_path, "{label: 日期, widget: calendar, parts: {layer: '#cal'}}"), ())
    assert calendar.parts["layer"] == Target(css="#cal")
    rows = target_of(node(tmp_path, "{widget: rows, options: {columns: 姓名|电话}}"), ())
    assert (rows.widget, rows.words) == ("rows", "table 姓名|电话")


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        (LOOKUP.replace("search", "seek"), 6, ".parts.seek: unknown key; there are: close, next, open, pick, press, search"),
        (LOOKUP.replace("column", "row"), 8, ".options.row: unknown key; there are: column"),
        (LOOKUP.replace("widget: lookup", "widget: lookups"), 2, ".widget: no widget 'lookups'; there are: auto, "),
        (LOOKUP.replace("widget: lookup", "widget: select"), 6, ".parts.search: unknown key; there are: open"),
        (LOOKUP + "mode: type\n", 9, ".mode: "),
        ("{widget: rows}", 1, ": a rows needs the option 'columns'"),
        ("{label: 小区, widget: suggest}", 1, ": a suggest needs the part 'list'"),
        ("{label: 日期, widget: calendar}", 1, ": a calendar needs the part 'layer'"),
        ("{label: 小区, widget: lookup, parts: {open: 选择}}", 1, ": a lookup needs the option 'column'"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_named_with_its_line_and_the_choices(
    tmp_path: Path, text: str, line: int, complaint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        target_of(node(tmp_path, text), ())
    said = str(caught.value)
    assert f"map.yaml:{line + 2}: field{complaint}" in said


def test_parts_and_options_belong_to_widgets_that_exist() -> None:
    assert {*PARTS, *OPTIONS} <= set(WIDGETS)
