"""Promises of a field's spelling: what a screen writes is read as ours, and ours is written as the screen writes it."""

import pytest

from bots.driver import Shown, Target
from bots.fields import Field


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("%Y/%m/%d", "2020/02/03"),
        ("%B %-d, %Y", "February 3, 2020"),
        ("%Y年%-m月%-d日", "2020年2月3日"),
        ("", "2020-02-03"),
    ],
)
def test_a_date_is_spelt_as_the_screen_spells_it_and_read_back(form: str, written: str) -> None:
    field = Field(id="bought", label="Bought", show=Target(label="Bought"), entry=Target(label="Bought"), date=form)
    assert field.typed("2020-02-03") == written
    assert field.canonical(Shown(count=1, value=written)) == "2020-02-03"


def test_an_x_says_nothing_of_a_box() -> None:
    field = Field(id="on", label="On", show=Target(label="On"), entry=Target(label="On"))
    box = Shown(count=1, value="false", kind="checkbox")
    assert [field.meant(text, box) for text in ("√", "×", "x")] == [("true", ""), ("false", ""), ("x", "format")]
