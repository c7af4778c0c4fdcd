"""Sentences are said in the reader's language, and never fail because a parameter is missing."""

import pytest

from core.errors import MissingPart
from core.words import Words, language

WORDS = Words("缺：{lacks}", "lacks: {lacks}")


@pytest.mark.parametrize(("reader", "said"), [("zh", "缺：签名"), ("en", "lacks: 签名")])
def test_a_sentence_is_said_in_the_readers_language(reader: str, said: str) -> None:
    assert WORDS.say(language({"HEDANG_LANG": reader}), {"lacks": "签名", "other": 1}) == said


def test_a_parameter_that_was_not_given_stays_visible() -> None:
    assert WORDS.say("en") == "lacks: {lacks}"


@pytest.mark.parametrize(
    ("environ", "chosen"),
    [
        ({"HEDANG_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"HEDANG_LANG": "zh", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "EN"}, "en"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"HEDANG_LANG": "", "LANG": "zh_CN.UTF-8"}, "zh"),
    ],
)
def test_the_language_is_the_one_set_then_the_locales_then_chinese(environ: dict[str, str], chosen: str) -> None:
    assert language(environ) == chosen


def test_an_error_speaks_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    error = MissingPart(Words("没有浏览器 {x", "there is no browser {x"))
    monkeypatch.setenv("HEDANG_LANG", "zh")
    assert str(error) == "没有浏览器 {x"
    monkeypatch.setenv("HEDANG_LANG", "en")
    assert str(error) == "there is no browser {x"
