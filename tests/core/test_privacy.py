"""Promises of the seals, the keyed hashes and the masks: nobody without the key reads or forges a value."""

import io
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import privacy
from core.errors import InputError, MissingPart
from core.privacy import Keys, mask, mask_pair, scrub

KEYS = Keys(b"a" * 32, b"b" * 32)
OTHER = Keys(b"c" * 32, b"d" * 32)
MAGIC = len(b"HDSEAL1\n")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of four bytes, so that a short file has several."""
    monkeypatch.setattr(privacy, "_CHUNK", 4)


def _sealed(content: bytes, path: Path) -> list[bytes]:
    """The sealed chunks of a file, each with its length."""
    KEYS.seal_bytes(content, path)
    rest, chunks = path.read_bytes()[MAGIC:], []
    while rest:
        end = 4 + 12 + int.from_bytes(rest[:4], "big")
        chunks.append(rest[:end])
        rest = rest[end:]
    return chunks


# -- short values


@given(st.text())
def test_what_was_sealed_opens_again(text: str) -> None:
    assert KEYS.open(KEYS.seal(text)) == text


def test_the_same_text_is_never_sealed_alike() -> None:
    assert KEYS.seal("张三") != KEYS.seal("张三")


def test_a_seal_hides_the_text() -> None:
    assert "张三".encode() not in KEYS.seal("张三")


def test_another_key_opens_nothing() -> None:
    with pytest.raises(InputError, match="another key"):
        OTHER.open(KEYS.seal("张三"))


@given(st.integers(min_value=0))
def test_a_changed_byte_opens_nothing(place: int) -> None:
    sealed = bytearray(KEYS.seal("张三"))
    sealed[place % len(sealed)] ^= 1
    with pytest.raises(InputError, match="changed"):
        KEYS.open(bytes(sealed))


@pytest.mark.parametrize("length", [0, 7, 12, 20])
def test_a_cut_value_opens_nothing(length: int) -> None:
    with pytest.raises(InputError):
        KEYS.open(KEYS.seal("张三")[:length])


def test_keys_are_never_printed() -> None:
    assert repr(KEYS) == "Keys(…)"
    assert str(KEYS) == "Keys(…)"


# -- keyed hashes


def test_equal_parts_hash_alike() -> None:
    assert KEYS.digest("三", 3, None) == KEYS.digest("三", "3", None)


def test_a_hash_stays_the_same_over_versions() -> None:
    assert KEYS.digest("cons_no", "1234567890", 1, None) == "5190adf67884e7da1045e6c9a237b4a0"


@pytest.mark.parametrize("other", [("ab", "c"), ("a", "bc", ""), ("a", "bc", None), ("bc", "a"), ("abc",)])
def test_parts_do_not_run_together(other: tuple[object, ...]) -> None:
    assert KEYS.digest("a", "bc") != KEYS.digest(*other)


def test_nothing_and_empty_differ() -> None:
    assert KEYS.digest(None) != KEYS.digest("")


def test_without_the_key_nobody_can_try_out_values() -> None:
    assert KEYS.digest("13800000000") != OTHER.digest("13800000000")


# -- files


@pytest.mark.parametrize("content", [b"", b"abc", b"abcd", b"abcde", b"abcdefgh", "电".encode() * 50])
@pytest.mark.usefixtures("small")
def test_a_file_of_any_length_opens_again(tmp_path: Path, content: bytes) -> None:
    KEYS.seal_bytes(content, tmp_path / "deep" / "sealed")
    assert KEYS.open_bytes(tmp_path / "deep" / "sealed") == content


def test_sealing_a_file_answers_the_hash_of_what_was_read(tmp_path: Path) -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert KEYS.seal_file(io.BytesIO(b""), io.BytesIO()) == empty


def test_a_sealed_file_is_whole_or_not_there(tmp_path: Path) -> None:
    KEYS.seal_bytes(b"abc", tmp_path / "sealed")
    assert [path.name for path in tmp_path.iterdir()] == ["sealed"]


def test_a_file_sealed_with_another_key_is_refused(tmp_path: Path) -> None:
    KEYS.seal_bytes(b"abc", tmp_path / "sealed")
    with pytest.raises(InputError, match="sealed: sealed with another key"):
        OTHER.open_bytes(tmp_path / "sealed")


def test_a_plain_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"abc")
    with pytest.raises(InputError, match="plain: not a sealed file"):
        KEYS.open_bytes(tmp_path / "plain")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "order",
    [(0, 1), (0,), (1, 0, 2), (0, 2), (0, 1, 2, 2), (0, 0, 1, 2), ()],
    ids=lambda order: "".join(map(str, order)),
)
def test_chunks_that_were_cut_off_moved_or_repeated_are_refused(tmp_path: Path, order: tuple[int, ...]) -> None:
    path = tmp_path / "sealed"
    chunks = _sealed(b"aaaabbbbcc", path)
    assert len(chunks) == 3
    path.write_bytes(b"HDSEAL1\n" + b"".join(chunks[number] for number in order))
    with pytest.raises(InputError):
        KEYS.open_bytes(path)


@pytest.mark.usefixtures("small")
def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    _sealed(b"aaaabbbbcc", path)
    whole = path.read_bytes()
    opened = []
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with suppress(InputError):
            opened.append((length, KEYS.open_bytes(path)))
    assert opened == []


# -- the key file


def test_a_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    privacy.create(tmp_path / "keys" / "key")
    assert stat.S_IMODE((tmp_path / "keys" / "key").stat().st_mode) == 0o600


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    privacy.create(tmp_path / "key")
    first = privacy.load(tmp_path / "key")
    privacy.create(tmp_path / "key")
    assert privacy.load(tmp_path / "key") == first


def test_sealing_and_hashing_use_different_keys(tmp_path: Path) -> None:
    privacy.create(tmp_path / "key")
    keys = privacy.load(tmp_path / "key")
    assert keys.sealing != keys.hashing


def test_a_missing_key_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingPart, match=r"run.py init"):
        privacy.load(tmp_path / "key")


@pytest.mark.parametrize("content", [b"", b"YWJj\n", b"abcde", b"\xff\xfe"])
def test_a_damaged_key_file_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(MissingPart, match="damaged; bring it back"):
        privacy.load(tmp_path / "key")


# -- masks


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("name", "张三", "张*"),
        ("name", "张小明", "张*明"),
        ("name", "欧阳小明", "欧**明"),
        ("name", "张", "*"),
        ("name", "", ""),
        ("name", "某某供电公司", "某*****"),
        ("id", "130203199001010430", "130203********0430"),
        ("id", "1302030430", "**********"),
        ("phone", "13800001234", "138****1234"),
        ("phone", "2345678", "*******"),
        ("address", "某市某路12号院3号楼2单元301", "某市某路12号院3号楼***"),
        ("address", "花园小区3栋2单元301", "花园小区3栋***"),
        ("none", "电", "电"),
        ("name", None, ""),
    ],
)
def test_a_mask_shows_this_much(kind: str, value: str | None, shown: str) -> None:
    assert mask(kind, value) == shown


@given(st.sampled_from(["name", "id", "phone", "address"]), st.text(alphabet="0123456789张李号楼栋", min_size=1))
def test_a_mask_never_shows_the_whole_value(kind: str, value: str) -> None:
    assert mask(kind, value) != value


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("130203199001010430", "130203199001010439", ("*" * 17 + "0", "*" * 17 + "9")),
        ("130203199001010430", "130203198001010430", ("*" * 8 + "9" + "*" * 9, "*" * 8 + "8" + "*" * 9)),
        ("130203199001010430", "130203199001010430", ("130203********0430", "130203********0430")),
        ("130203199001010430", None, ("130203********0430", "")),
        ("130203199001010430", "130203900101043", ("130203********0430", "130203*****1043")),
        ("111111111111111111", "222222222222222222", ("111111********1111", "222222********2222")),
        ("130203********0430", "130203199001010430", ("130203＊＊＊＊＊＊＊＊0430", "130203********0430")),
    ],
    ids=["last", "middle", "equal", "missing", "length", "all", "masked in the archive"],
)
def test_a_pair_shows_only_what_differs(one: str, other: str | None, shown: tuple[str, str]) -> None:
    assert mask_pair("id", one, other) == shown


@given(st.integers(0, 10), st.sampled_from("0123456789"))
def test_equal_characters_of_a_pair_stay_hidden(place: int, digit: str) -> None:
    one = "13800001234"
    other = one[:place] + digit + one[place + 1 :]
    if one == other:
        return
    shown = mask_pair("phone", one, other)
    assert [sum(c != "*" for c in text) for text in shown] == [1, 1]


# -- the log


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("id 130203199001010430 refused", "id 130*************** refused"),
        ("id 13020319900101043X", "id 130***************"),
        ("old id 130203900101043", "old id 130************"),
        ("phone 13800001234,", "phone 138********,"),
        ("手机13800001234号", "手机138********号"),
        ("item I000123 of 2026-01-01", "item I000123 of 2026-01-01"),
        ("account 1000000001", "account 1000000001"),
    ],
)
def test_a_log_line_keeps_no_number_of_a_person(line: str, kept: str) -> None:
    assert scrub(line) == kept
