"""What was linked can be judged again as if one field were missing, and that field then has no say."""

from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from matchers.link import Linked, Part, keep, link
from matchers.link.apart import Pairs, without
from tests.matchers.link import people


@cache
def _found() -> tuple[Linked, frozenset[tuple[int, int]]]:
    left, right, truth = people.files(seed=5)
    return link(left, right, people.SPEC, {}), frozenset(truth)


def _stand(pairs: Pairs, least: float) -> set[tuple[int, int]]:
    kept = pairs.stands & (pairs.probability >= least)
    return set(zip(pairs.left[kept].tolist(), pairs.right[kept].tolist(), strict=True))


@pytest.mark.parametrize("name", ["born", "phone", "street"])
def test_the_others_still_find_most_people_and_hardly_anybody_wrongly(name: str) -> None:
    found, truth = _found()
    sure = _stand(without(found, name, people.SPEC), 0.99)
    assert len(sure & truth) > 0.6 * len(truth)
    assert len(sure - truth) <= 0.005 * len(sure)


def test_the_field_has_no_say() -> None:
    found, _ = _found()
    judged = without(found, "phone", people.SPEC)
    assert judged.names == ("given", "family", "born", "street")
    phone = found.fields[3]
    scrambled = replace(phone, left=phone.left[::-1].copy())
    other = without(replace(found, fields=(*found.fields[:3], scrambled, *found.fields[4:])), "phone", people.SPEC)
    assert np.array_equal(judged.left, other.left)
    assert np.array_equal(judged.probability, other.probability)


def test_keys_with_the_field_are_not_looked_at() -> None:
    found, _ = _found()
    by_phone, by_name = (Part("phone"),), (Part("family"), Part("born"))
    narrow = without(found, "phone", people.SPEC, (by_phone, by_name))
    born = found.fields[2]
    assert len(narrow.left)
    assert (born.left[narrow.left] == born.right[narrow.right]).all()


def test_people_who_stand_there_twice_are_found_twice_whatever_the_spec_says() -> None:
    left, right, truth = people.files()
    twice = {name: pa.chunked_array([*column.chunks, *column.chunks]) for name, column in right.items()}
    found = link(left, twice, people.SPEC, {})
    judged = without(found, "phone", people.SPEC)
    sure = set(zip(*(rows[judged.probability >= 0.95].tolist() for rows in (judged.left, judged.right)), strict=True))
    both = {(a, b) for a, b in truth if {(a, b), (a, b + 3000)} <= sure}
    assert len(both) > 0.6 * len(truth)


def test_where_rivals_may_have_had_no_room_nothing_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = _found()
    monkeypatch.setattr(keep, "room", lambda *_: 1500)
    judged = without(found, "phone", people.SPEC)
    assert 0 < len(judged.left) <= 1500
    assert not judged.stands.any()
