"""Texts: damage that can be undone is undone in every usual direction, and what is lost is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.normal import text as texts

EVERYDAY = st.text(
    st.sampled_from("唐山市路北区凤城国贸小区号楼单元室张王李晓明建国芳丽华荣庆里幸福花园阳光家祥富东西南北新村镇"),
    min_size=2,
    max_size=20,
)
TIDY = st.text(st.sampled_from("唐山市路北区张王李晓明0123456789ABab-"), min_size=1, max_size=20)


def _cp1252(content: bytes) -> str:
    """What a Western Windows shows: undefined bytes stay controls."""
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in content)


WRONG = {"latin-1": lambda b: b.decode("latin-1"), "cp1252": _cp1252, "cp437": lambda b: b.decode("cp437")}


@given(text=EVERYDAY, right=st.sampled_from(["utf-8", "gb18030"]), wrong=st.sampled_from(sorted(WRONG)))
def test_bytes_read_as_western_text_are_put_right(text: str, right: str, wrong: str) -> None:
    found = texts.repair(WRONG[wrong](text.encode(right)))
    assert (found.normal, found.reasons) == (text, ("mojibake",))


@given(text=EVERYDAY.filter(lambda text: len(text) > 3))
def test_utf8_read_as_gbk_is_put_right_or_a_lost_byte_is_said(text: str) -> None:
    damaged = text.encode().decode("gb18030", "replace")
    found = texts.repair(damaged)
    assert found.lost or found.normal == text


@given(text=EVERYDAY, wrong=st.sampled_from(["latin-1", "cp1252"]))
def test_text_damaged_twice_is_put_right(text: str, wrong: str) -> None:
    once = WRONG[wrong](text.encode())
    assert texts.repair(WRONG[wrong](once.encode())).normal == text


@given(text=EVERYDAY)
def test_a_lost_byte_is_said_and_nothing_is_invented(text: str) -> None:
    damaged = text.encode("gb18030")[:-1].decode("gb18030", "replace")
    found = texts.repair(damaged)
    assert (found.lost, found.normal) == (True, damaged)


@given(text=TIDY)
def test_width_and_invisible_characters_change_nothing_but_the_reasons(text: str) -> None:
    wide = text.translate({c: c + 0xFEE0 for c in range(0x21, 0x7F)})
    plain = texts.repair(text).normal
    assert texts.repair(wide).normal == plain
    assert texts.repair("\u200b".join(["\ufeff", *text, "\u2060"])).normal == plain


@given(text=TIDY)
def test_repairing_twice_repairs_no_more(text: str) -> None:
    once = texts.repair(text).normal
    assert texts.repair(once).normal == once


@given(st.text(max_size=30))
def test_any_text_is_read_and_its_original_kept(text: str) -> None:
    found = texts.read(text)
    assert found.original == text
    assert "\u200b" not in found.normal


@given(st.binary(max_size=40))
def test_any_bytes_are_a_line(line: bytes) -> None:
    text, how = texts.read_line(line)
    assert isinstance(text, str)
    assert ("\ufffd" not in text) or "undecodable" in how or "\ufffd".encode() in line or "gb18030" in how


@pytest.mark.parametrize(
    "text", ["Conceição", "Müller", "Иван", "김철수", "張曉明", "䶮", "O'Brien", "李乾", "ñé", "瀋陽路", "二〇〇一"]
)
def test_real_names_of_other_scripts_are_left_alone(text: str) -> None:
    assert texts.repair(text).normal == text


@pytest.mark.parametrize(
    ("text", "normal", "reason"),
    [
        ("于\ue863", "于䶮", "private_use"), ("于&#19886;", "于䶮", "entity"), ("A&amp;B", "A&B", "entity"), ("于&#x4dae;", "于䶮", "entity"),
        ("张•三", "张·三", "dot"), ("张・三", "张·三", "dot"), ("⻓安", "长安", "width"), ("①号", "1号", "width"), ("a\tb\r\nc", "a b c", "blank"),
        ("唐\ufffd市", "唐\ufffd市", "lost"), ("锟斤拷", "锟斤拷", "lost"), ("于\ue000", "于\ue000", "private_use"),
    ],
)  # fmt: skip
def test_single_damage(text: str, normal: str, reason: str) -> None:
    found = texts.repair(text)
    assert found.normal == normal
    assert reason in found.reasons


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("\\N", "not_given"), ("空", "not_given"), ("－", "not_given"), ("不详", "not_given"), ("NULL", "not_given"), ("", "not_given"),
        ("   ", "not_given"), ("无", "none"), ("没有", "none"), ("（无）", "none"), ("同上", "ditto"), ("〃", "ditto"), ("见附件", "elsewhere"),
    ],
)  # fmt: skip
def test_words_for_no_value_are_told_apart(text: str, meaning: str) -> None:
    assert texts.read(text).reasons[-1] == meaning


@pytest.mark.parametrize("text", ["无锡", "空港小区", "同安里", "0", "不详路"])
def test_words_that_only_begin_like_one_mean_themselves(text: str) -> None:
    assert texts.read(text).reasons == ()


@pytest.mark.parametrize(
    ("damaged", "text"),
    [("å¼ å»ºå›½", "张建国"), ("涓戒附涓戒附", "丽丽丽丽"), ("涓戒附瀹や附", "丽丽室丽"), ("¶«¶«", "东东")],
)
def test_damage_that_looks_like_everyday_text_is_put_right(damaged: str, text: str) -> None:
    assert (texts.repair(damaged).normal, texts.repair(damaged).reasons) == (text, ("mojibake",))
