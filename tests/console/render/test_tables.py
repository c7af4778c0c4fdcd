"""Promises of the terminal's tables: words instead of keys, numbers unbroken, nothing but what there is."""

import pytest

from console.render import tables


def test_headings_and_states_are_in_the_readers_words(capsys: pytest.CaptureFixture[str]) -> None:
    tables.listing([{"item": "I000001", "state": "verified", "object": "1000007919"}], "zh")
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("工单", "状态", "已核实", "1000007919"))
    assert "verified" not in shown
    tables.listing([{"item": "I000001", "state": "verified", "object": "1000007919"}], "en")
    assert "verified" in capsys.readouterr().out


def test_an_account_number_is_never_broken(capsys: pytest.CaptureFixture[str]) -> None:
    tables.listing([{"account": "1000007919", "after": "很长的建议值" * 20}], "zh")
    assert "1000007919" in capsys.readouterr().out


def test_nothing_to_list_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    tables.listing([], "en")
    assert capsys.readouterr().out == "(none)\n"


def test_one_answer_has_a_line_for_each_key(capsys: pytest.CaptureFixture[str]) -> None:
    tables.single({"read": 3, "refused": 0, "unheard_of": ["a", "b"]}, "导入", "zh")
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("导入", "读入", "3", "拒收", "unheard_of", "a b"))


def test_where_a_problem_is_has_nothing_to_do_with_transformer_areas(capsys: pytest.CaptureFixture[str]) -> None:
    tables.listing([{"place": "customer.cert_no", "problem": "找不到控件", "why": ""}], "zh")
    shown = capsys.readouterr().out
    assert ("位置" in shown, "台区" in shown) == (True, False)
