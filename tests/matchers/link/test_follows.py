"""A town follows from its postcode; what members of a household share, and what a thing repeats, does not."""

import numpy as np

from matchers.link import follows


def _coded(values: "np.ndarray[tuple[int], np.dtype[np.int_]]") -> follows.Codes:
    return values.astype(np.int32)


def test_a_town_follows_from_its_postcode_although_some_are_mistyped() -> None:
    rng = np.random.default_rng(1)
    postcode = rng.integers(0, 150, 8000)
    town = np.where(rng.random(8000) < 0.1, rng.integers(0, 60, 8000), postcode // 3)
    (found,) = follows.found([("town", "category", _coded(town)), ("postcode", "postcode", _coded(postcode))])
    assert (found.coarse, found.fine) == ("town", "postcode")
    assert follows.SURE < found.share < 1


def test_what_is_independent_follows_from_nothing() -> None:
    rng = np.random.default_rng(2)
    fields = [
        (name, "category", _coded(rng.integers(0, size, 8000))) for name, size in (("a", 2), ("b", 50), ("c", 300))
    ]
    assert follows.found(fields) == ()


def test_one_thing_that_stands_in_a_file_many_times_makes_nothing_follow() -> None:
    rng = np.random.default_rng(3)
    person = np.repeat(np.arange(400), 20)
    fields = [
        ("name", "name", _coded(person)),
        ("firm", "text", _coded(rng.integers(0, 300, 400)[person])),
        ("trade", "category", _coded(rng.integers(0, 40, 400)[person])),
    ]
    assert follows.found(fields) == ()


def test_two_names_of_one_thing_are_told_once() -> None:
    town = _coded(np.random.default_rng(4).integers(0, 50, 4000))
    assert len(follows.found([("town", "category", town), ("code", "category", town[:] + 7)])) == 1
