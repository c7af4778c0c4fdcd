"""Each kind of value is compared in the degrees that it has, whichever way it is written."""

import time

import numpy as np
import pyarrow as pa
import pytest

from core.reference import Reference
from matchers.link import Lexicon, encode, kinds, near
from tests.practice import ROOT

REFERENCE = Reference.load(ROOT / "config" / "reference")


def _level(kind: str, one: str, other: str) -> int:
    found = kinds.KINDS[kind]
    values = found.clean(pa.array([one, other], pa.string())).to_pylist()
    table = list(dict.fromkeys(v for v in values if v is not None))
    codes = [np.asarray([table.index(v) if v is not None else -1], dtype=np.int32) for v in values]
    encoded = encode.Encoded("", found, pa.array(table, pa.string()), codes[0], codes[1], Lexicon(REFERENCE))
    return int(kinds.compare(found, encoded.prepared, *codes)[0])


@pytest.mark.parametrize(
    ("kind", "one", "other", "level"),
    [
        ("given", "José", "jose", 6),
        ("given", "Martha", "Marhta", 2),
        ("given", "J", "John", 3),
        ("given", "张炜", "张伟", 3),
        ("given", "张*", "张伟", 4),
        ("given", "Anna", "Bertram", 0),
        ("family", "O'Brien", "O Brien", 6),
        ("name", "Smith John", "John Smith", 5),
        ("birth", "1990-03-12", "12/03/1990", 4),
        ("birth", "1990年3月12日", "19900312", 4),
        ("birth", "1990-03-12", "1990-12-03", 3),
        ("birth", "1990-03-12", "1990-03-21", 3),
        ("birth", "1990-03-12", "1990-03-25", 2),
        ("birth", "1990-03-12", "1990-07-25", 1),
        ("birth", "1990-03-12", "1951-07-25", 0),
        ("phone", "+86 139 1234 5678", "13912345678", 4),
        ("phone", "13912345678", "13912345679", 2),
        ("phone", "13912345678", "13912354678", 2),
        ("phone", "13912345678", "1391235678", 2),
        ("phone", "139****5678", "13912345678", 3),
        ("phone", "13912345678", "13700000000", 0),
        ("phone", "139xxxx5678", "13912345678", 3),
        ("name", "王×明", "王小明", 4),
        ("name", "王●●", "王小明", 4),
        ("name", "張偉", "张伟", 3),
        ("name", "ばんど", "はんど", 2),
        ("name", "Иван Петров", "Сергей Сидоров", 0),
        ("name", "พิมพ์", "พมพ", 1),
        ("birth", "１９９０年３月１２日", "1990-03-12", 4),
        ("birth", "Aug 12, 1990", "1990-08-12", 4),
        ("birth", "12th August 1990", "1990-08-12", 4),
        ("birth", "1990-03-12T08:30:00", "1990-03-12", 4),
        ("id", "甲A1", "乙A2", 0),
        ("number", "12.5万", "125,000", 3),
        ("number", "9" * 400, "1", -1),
        ("category", "A+", "A-", 0),
        ("category", ">60", "<60", 0),
        ("category", "-1", "1", 0),
        ("category", "Vice-President", "vice president", 1),
        ("category", "-", "A", -1),
        ("coordinates", "51.5,-0.12", "51.5,0.12", 0),
        ("coordinates", "-33.86, 151.21", "－33.860 151.210", 4),
        ("coordinates", "116.4074,39.9042", "39.9042,116.4074", 4),
        ("coordinates", "n/a", "51.5,0.12", -1),
        ("coordinates", "39°54'15\"", "39.9,116.4", -1),
        ("set", "A A; B", "a a、b", 4),
        ("id", "11010119900307123X", "11010119900307123x", 4),
        ("id", "11010119900307123X", "110101********123X", 3),
        ("address", "Flat 3, 12 High Street", "flat 3 12 high street", 5),
        ("address", "3049 20th Street, San Francisco, CA", "3049 20th St, San Francisco, CA 94110", 4),
        ("address", "3051 20th Street, San Francisco, CA", "3049 20th St, San Francisco, CA 94110", 1),
        ("address", "12 High Street", "12 Hihg Street", 4),
        ("address", "12 High Street", "13 High Street", 2),
        ("address", "幸福小区3号楼201", "幸福小区3号楼202", 2),
        ("address", "苑3-2-501", "苑3 2 501", 5),
        ("flat", "阳光小区3栋2单元501室", "阳光小区3幢2单元501", 8),
        ("flat", "阳光小区3栋2单元501室", "阳光小区3栋2单元502室", 2),
        ("flat", "江苏省南京市玄武区中德路292号湖瑞花园16幢1单元301室", "玄武湖瑞16-1-301", 6),
        ("flat", "江苏省南京市鼓楼区海翠街162号丰泰城16幢2单元702室", "丰泰16栋702", 6),
        ("flat", "江苏省南京市玄武区德江路151号丽泰苑11幢1单元803室", "玄武丽泰11-1-803", 6),
        ("flat", "江苏省南京市玄武区中德路292号湖瑞花园16幢1单元301室", "玄武湖瑞16-2-301", 1),
        ("flat", "江苏省南京市玄武区中德路292号湖瑞花园16幢1单元301室", "玄武丰泰16-1-301", 1),
        ("number", "1,299.00", "1299", 3),
        ("number", "100", "101", 2),
        ("category", "Male", "male ", 1),
        ("coordinates", "39.9042,116.4074", "39.9043,116.4075", 3),
        ("set", "a; b", "b、a", 4),
        ("set", "Silberschatz, Abraham; Doe, Jane", "A Silberschatz and J. Doe", 3),
        ("set", "a;b;c", "c;d;e", 1),
    ],
)
def test_levels(kind: str, one: str, other: str, level: int) -> None:
    assert _level(kind, one, other) == level
    assert _level(kind, other, one) == level


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Ｆｌａｔ 3，  12 High St.", "flat 3 12 high st"),
        ("王 小明", "王小明"),
        ("王小明", "王小明"),
        ("v2.0 Café", "v2.0 cafe"),
        ("バンド", "バンド"),
        ("किरण", "किरण"),
        ("苑3-2-501", "苑3 2 501"),
        (" - ", None),
        ("", None),
        (None, None),
    ],
)
def test_cleaned(text: str | None, clean: str | None) -> None:
    assert near.plain(pa.array([text, "as it is"], pa.string())).to_pylist() == [clean, "as it is"]


@pytest.mark.parametrize(
    ("one", "other", "level"), [("1957", "1958", 2), ("1957", "1959", 1), ("1957", "1962", 1), ("1957", "1963", 0)]
)
def test_a_year_is_near_by_years_and_not_by_percents(one: str, other: str, level: int) -> None:
    assert _level("number", one, other) == level


def test_missing_is_a_level_of_its_own() -> None:
    assert _level("name", "", "Anna") == -1


def test_the_model_tells_more_of_a_product_than_its_colour() -> None:
    colour = _level("text", "acme router x100 black", "acme router x100 white")
    assert colour > _level("text", "acme router x100 black", "acme router x200 black")


def test_a_mistyped_word_is_still_alike() -> None:
    assert _level("text", "wireless keyboard", "wireles keybord") > 0
    assert _level("text", "wireless keyboard", "garden chair") == 0


def test_one_date_in_wide_digits_spoils_no_other() -> None:
    birth = kinds.KINDS["birth"]
    values = birth.clean(pa.array(["１９９０年３月１２日", "1951-07-25", "1990-03-12"], pa.string()))
    one, other = (np.asarray([place], dtype=np.int32) for place in (1, 2))
    assert birth.near(near.Digits(values, {}, lambda _: one), one, other).tolist() == [0]


@pytest.mark.parametrize("kind", ["address", "name", "text", "set", "flat"])
def test_very_long_texts_cost_no_more_than_their_length(kind: str) -> None:
    """Lines of 4,000 characters took 40 ms a pair: the square of their length."""
    rng = np.random.default_rng(0)
    lines = ["".join(rng.choice(list("abcdefgh     12"), 4000)) for _ in range(20)]
    found = kinds.KINDS[kind]
    values = found.clean(pa.array(lines, pa.string()))
    one = rng.integers(0, 20, 1000).astype(np.int32)
    encoded = encode.Encoded("", found, values, one, one, Lexicon(REFERENCE))
    began = time.process_time()
    found.near(encoded.prepared, one, (one + 1) % 20)
    assert time.process_time() - began < 5


def test_long_lines_with_the_same_ends_are_alike() -> None:
    middle = "word " * 200
    assert _level("address", f"12 high street {middle} springfield 3", f"12 high street {middle}x springfield 3") == 4
