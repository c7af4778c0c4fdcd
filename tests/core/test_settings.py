"""Configuration is read as text, and every complaint names file, line, key and choices."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from core.settings import Node, load, read


def _file(directory: Path, text: str, name: str = "hedang.yaml") -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return path


def _root(tmp_path: Path, text: str) -> Node:
    return load(_file(tmp_path, "schema: 1\n" + text))


@pytest.mark.parametrize("text", ["0123", "no", "1e3", "2026-03-16", "~x", "0x1F", "1_000"])
def test_a_value_stays_as_it_was_written(tmp_path: Path, text: str) -> None:
    assert _root(tmp_path, f"value: {text}")["value"].text() == text


def test_an_unknown_key_names_its_line_and_the_choices(tmp_path: Path) -> None:
    root = _root(tmp_path, "rules:\n  - code: A\n    cieling: B\n")
    with pytest.raises(ConfigError) as error:
        root["rules"].list()[0].only("code", "ceiling")
    assert str(error.value) == f"{tmp_path}/hedang.yaml:4: rules.0.cieling: unknown key; there are: ceiling, code"


def test_a_wrong_choice_lists_the_choices(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"hedang.yaml:2: ceiling: no such choice 'D'; there are: A, B"):
        _root(tmp_path, "ceiling: D")["ceiling"].choice("A", "B")


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the key 'rate' is missing"):
        _root(tmp_path, "price: 3")["rate"]


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"hedang.yaml:3: a: the key stands twice"):
        _root(tmp_path, "a: 1\na: 2\n")


@pytest.mark.parametrize(
    ("text", "reason"), [("12", "outside 0 … 10"), ("many", "not a number"), ("1.5", "not a whole")]
)
def test_a_number_outside_its_bounds_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        _root(tmp_path, f"n: {text}")["n"].integer(0, 10)


@pytest.mark.parametrize("text", ["NaN", "-inf", "Infinity", "sNaN", "1e999", "1e99999999999999999999"])
def test_what_is_no_finite_number_is_none(tmp_path: Path, text: str) -> None:
    """Nothing is smaller or larger than NaN: it would pass every bound, and a pause without end would wait for ever."""
    for read_as in (Node.number, Node.integer):
        with pytest.raises(ConfigError, match=r"hedang.yaml:2: n: '.*' is not a number"):
            read_as(_root(tmp_path, f"n: {text}")["n"], 0)


def test_only_true_and_false_are_flags(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there are: false, true"):
        _root(tmp_path, "practice: yes")["practice"].flag()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("a: 1\n", "the key 'schema' is missing"),
        ("schema: 2\n", "only schema 1 is known"),
        ("schema: 1\na: [1\n", "not YAML"),
        ("schema: 1\na: &a [*a]\n", r"hedang.yaml:2: lists and mappings within each other too deep"),
        ("schema: 1\na: " + "[" * 9000 + "]" * 9000, "lists and mappings within each other too deep"),
        ("schema: 1\n? [a, b]\n: 1\n", r"hedang.yaml:2: a key is a single value"),
    ],
)
def test_a_file_that_is_no_configuration_says_why(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        load(_file(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a:\n\tb: 1\n", "有不能这样用的字符（缩进只用空格，不用制表符）"),
        ("a: b: 1\n", "这里不能再有冒号"),
        ('a: "b\n', "引号没有结束"),
        ("a: {b: 1\n", "花括号没有结束"),
        ("a: [b\n", "方括号没有结束"),
        ("a:\n  b: 1\n c: 1\n", "缩进不齐"),
    ],
)
def test_what_is_no_yaml_says_in_chinese_what_people_get_wrong(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(_file(tmp_path, "schema: 1\n" + text))
    assert why in error.value.words.zh


@pytest.mark.parametrize("text", ["a:\n  b:1\n", "a:\n  b：1\n"])
def test_a_colon_without_its_blank_is_hinted_at(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"hedang.yaml:3: a: here a mapping \(key: value, with a blank"):
        _root(tmp_path, text)["a"].mapping()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_a_file_in_another_encoding_names_the_byte(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes("schema: 1\na: 唐山".encode("gb18030"))
    with pytest.raises(ConfigError, match="not UTF-8 at byte 13"):
        load(tmp_path / "a.yaml")


def test_a_site_falls_back_to_what_it_extends(tmp_path: Path) -> None:
    _file(tmp_path / "base", "schema: 1\n")
    _file(tmp_path / "base", "schema: 1\na: base\n", "policy.yaml")
    _file(tmp_path / "base", "schema: 1\na: base\n", "fields.yaml")
    _file(tmp_path / "site", "schema: 1\nextends: ../base\n")
    _file(tmp_path / "site", "schema: 1\na: site\n", "policy.yaml")
    config = read(tmp_path / "site")
    assert [config.load(name)["a"].text() for name in ("policy.yaml", "fields.yaml")] == ["site", "base"]


def test_a_nearer_file_of_a_folder_hides_a_farther_one(tmp_path: Path) -> None:
    for place in ("base", "site"):
        _file(tmp_path / place, "schema: 1\n" + ("extends: ../base\n" if place == "site" else ""))
        _file(tmp_path / place / "sources", "schema: 1\n", "archive.yaml")
    _file(tmp_path / "base" / "sources", "schema: 1\n", "survey.yaml")
    found = read(tmp_path / "site").folder("sources")
    assert {stem: path.parent.parent.name for stem, path in found.items()} == {"archive": "site", "survey": "base"}


def test_layers_hold_every_file_of_a_folder_farthest_first(tmp_path: Path) -> None:
    for place in ("base", "site"):
        _file(tmp_path / place, "schema: 1\n" + ("extends: ../base\n" if place == "site" else ""))
        _file(tmp_path / place / "rules", "schema: 1\n", "names.yaml")
    found = read(tmp_path / "site").layers("rules")
    assert [[path.parent.parent.name for path in layer] for layer in found] == [["base"], ["site"]]


def test_directories_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    _file(tmp_path / "a", "schema: 1\nextends: ../b\n")
    _file(tmp_path / "b", "schema: 1\nextends: ../a\n")
    with pytest.raises(ConfigError, match="circle"):
        read(tmp_path / "a")


def test_the_digest_follows_every_file(tmp_path: Path) -> None:
    _file(tmp_path, "schema: 1\n")
    _file(tmp_path / "rules", "schema: 1\n", "phones.yaml")
    before = read(tmp_path).digest
    _file(tmp_path / "rules", "schema: 1\n# changed\n", "phones.yaml")
    assert read(tmp_path).digest != before
