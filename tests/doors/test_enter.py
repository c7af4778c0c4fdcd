"""Promises of what `enter` tells people: words instead of a program's spelling, and no result of another run."""

from pathlib import Path

from console.render import entered
from core.words import Words
from doors.enter import told


def test_what_is_wrong_with_a_screen_is_told_in_words() -> None:
    assert (
        told("absent", {"locator": "label '备注'", "count": 0}, "en")
        == "it is not on the screen (locator label '备注'; count 0)"
    )
    assert told("option", {"missing": ["1", "2"]}, "zh") == "界面上缺少映射里的选项 (missing 1, 2)"


def test_a_row_that_was_not_reached_says_so() -> None:
    row = entered.Shown(row=2, key="1", state="ready", reason=Words("", ""), before={}, after={})
    assert (row.cells("en")[2], row.cells("zh")[2]) == ("not reached", "没有轮到")


def test_the_result_of_the_run_before_is_put_by(tmp_path: Path) -> None:
    path = tmp_path / "rows.result.csv"
    entered.put_by(path)  # there is none
    path.write_text("one", "utf-8")
    entered.put_by(path)
    assert not path.exists()
    assert (tmp_path / "rows.result.old.csv").read_text("utf-8") == "one"
