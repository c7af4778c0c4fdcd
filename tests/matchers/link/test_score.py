"""Evidence rises with the level, patterns of many fields are told apart, and rare values count for more."""

import numpy as np
import pyarrow as pa
import pytest

from matchers.link import encode, kinds, score, train


def test_the_likeliest_rising_evidence_pools_what_falls() -> None:
    u = np.asarray([0.5, 0.3, 0.1, 0.1])
    fine = np.asarray([0.1, 0.2, 0.3, 0.4])
    assert train.rising(fine, u).tolist() == pytest.approx(fine.tolist())
    pooled = train.rising(np.asarray([0.1, 0.6, 0.05, 0.25]), u)
    assert (np.diff(pooled / u) >= -1e-12).all()
    assert pooled.sum() == pytest.approx(1.0)


def test_patterns_of_many_fields_are_told_apart() -> None:
    """One number for 30 fields of 8 levels would need 90 bits."""
    levels = np.full((3, 30), 6, dtype=np.int8)
    levels[1, 0] = levels[2, 29] = 0
    patterns, places = train.index(np.concatenate([levels, levels]))
    assert patterns.counts.tolist() == [2.0, 2.0, 2.0]
    assert (patterns.levels[places] == np.concatenate([levels, levels])).all()


def test_a_value_that_only_the_two_records_have_is_rarer_than_its_count() -> None:
    """Of what was seen once on each side, the pair itself is half; a value that many have is as common as it is counted."""
    seldom, often = range(1, 101), np.zeros(100, dtype=np.int32)
    codes = np.asarray([*often, *seldom], dtype=np.int32)
    values = pa.array([str(n) for n in range(101)], pa.string())
    one = encode.Encoded("", kinds.KINDS["name"], values, codes, codes, {})
    bits = score.rarity(one, u=1.0, total=400)
    assert bits[0] == pytest.approx(np.log2(400 / 199), abs=0.001)
    assert bits[1:] == pytest.approx(np.log2(400))


def test_a_title_that_each_file_has_once_is_as_rare_as_titles_that_come_back() -> None:
    """Of 1,000 titles none stands in a file twice: that a stranger has the same one is far below one in 2,000 records."""
    codes = np.arange(1000, dtype=np.int32)
    values = pa.array([f"t{n}" for n in range(1000)], pa.string())
    titles = encode.Encoded("", kinds.KINDS["text"], values, codes, codes, {})
    assert score.rarity(titles, u=1.0, total=2000) == pytest.approx(np.log2(2000 * 2000))
    towns = encode.Encoded("", kinds.KINDS["text"], values, codes // 2, codes // 2, {})
    assert score.rarity(towns, u=1.0, total=2000)[:500] == pytest.approx(np.log2(2000 / 4))
