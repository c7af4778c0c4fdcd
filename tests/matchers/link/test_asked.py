"""Any pair can be asked about: one that linking kept as it stands there, another weighed by the same model."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from matchers.link import Linked, asked, judge, link
from tests.matchers.link import people

COLUMNS = ("left", "right", "levels", "bits", "probability", "decision")


@pytest.fixture(scope="module")
def one_file() -> Linked:
    left, right, _ = people.files(600)
    return link(
        {name: pa.chunked_array([*left[name].chunks, *right[name].chunks]) for name in left}, None, people.SPEC, {}
    )


@pytest.fixture(scope="module")
def two_files() -> Linked:
    left, right, _ = people.files(1200)
    return link(left, right, people.SPEC, {})


@pytest.fixture(params=["one_file", "two_files"])
def found(request: pytest.FixtureRequest) -> Linked:
    given: Linked = request.getfixturevalue(request.param)
    return given


def test_a_pair_that_was_kept_is_told_as_it_stands(found: Linked) -> None:
    places = np.flatnonzero(found.decision == 2)[::-7]
    more, told = asked.among(found, found.left[places], found.right[places])
    assert more.left.tobytes() == found.left.tobytes()
    assert told.tolist() == places.tolist()


def test_a_pair_that_was_not_kept_is_weighed_like_the_others(found: Linked) -> None:
    kept = np.arange(len(found.left)) % 3 > 0
    fewer = replace(found, **{name: getattr(found, name)[kept] for name in COLUMNS})
    more, told = asked.among(fewer, found.left, found.right)
    assert more.left[told].tolist() == found.left.tolist()
    assert more.right[told].tolist() == found.right.tolist()
    assert more.levels[told].tolist() == found.levels.tolist()
    assert more.bits[told] == pytest.approx(found.bits, abs=1e-3)
    assert set(told[~kept].tolist()) == set(range(len(fewer.left), len(found.left)))


def test_a_pair_that_was_not_kept_is_a_match_only_within_a_cluster(one_file: Linked, two_files: Linked) -> None:
    clusters = one_file.clusters
    assert clusters is not None
    left, right = judge.within(clusters)
    fewer = replace(one_file, **{name: getattr(one_file, name)[:0] for name in COLUMNS})
    more, told = asked.among(fewer, left, right)
    assert len(told) == len(left) > 100
    assert (more.decision[told] == 2).all()
    strangers, told = asked.among(two_files, np.zeros(1200, np.int32), np.arange(1200, dtype=np.int32))
    assert (strangers.decision[told[told >= len(two_files.left)]] == 0).all()
