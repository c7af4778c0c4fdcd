"""More equal records than a key value may have pairs are one cluster where all fields together say enough, and are compared once."""

from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from matchers.link import Labels, Linked, block, crowds, encode, judge, keep, link
from tests.matchers.link import people

OTHERS, COPIES = 20_000, 1000
ONE: dict[str, str | None] = {
    "given": "annelotte", "family": "abel", "born": "1980-01-02", "phone": "0301234567", "street": "12 kern street",
}  # fmt: skip
WORN = ({"given": "anelotte"}, {"phone": None}, {"born": "1980-01-03", "street": "7 abel street"})
BARE = dict.fromkeys(ONE, None) | {"given": "anna"}

Rows = npt.NDArray[np.int64]


@cache
def _file() -> tuple[people.Table, Rows, Rows, Rows, set[tuple[int, int]]]:
    """A file; the rows of copies of one record, of worn ones, and of copies of one that says hardly anything; the pairs of the others."""
    left, right, truth = people.files(OTHERS // 2)
    rows = [ONE] * COPIES + [{**ONE, **worn} for worn in WORN] + [BARE] * COPIES
    columns = {name: left[name].to_pylist() + right[name].to_pylist() + [row[name] for row in rows] for name in left}
    order = np.random.default_rng(1).permutation(OTHERS + len(rows))
    place = np.argsort(order)
    both = {name: pa.array([values[n] for n in order], pa.string()) for name, values in columns.items()}
    copies, worn, bare = np.split(place[OTHERS:], [COPIES, COPIES + len(WORN)])
    pairs = [sorted((int(place[a]), int(place[OTHERS // 2 + b]))) for a, b in truth]
    return both, copies, worn, bare, {(a, b) for a, b in pairs}


@cache
def _found() -> Linked:
    return link(_file()[0], None, people.SPEC, {})


def _clusters(rows: Rows) -> set[int]:
    clusters = _found().clusters
    assert clusters is not None
    return set(clusters[rows].tolist())


def test_a_thousand_equal_records_are_one_cluster_with_those_that_are_nearly_equal() -> None:
    _, copies, worn, _, _ = _file()
    assert _clusters(np.concatenate([copies, worn])) == {int(min(copies.min(), worn.min()))}


def test_equal_records_that_say_hardly_anything_are_not_put_together_and_it_is_said() -> None:
    _, _, _, bare, _ = _file()
    assert len(_clusters(bare)) == COPIES
    (warned,) = (w for w in _found().warnings if w.code == "alike")
    assert warned.params == {"records": f"{COPIES:,}", "crowds": 1}


def test_the_others_are_found_as_if_the_crowd_were_not_there() -> None:
    _, copies, worn, bare, truth = _file()
    crowd = np.zeros(OTHERS + 2 * COPIES + len(WORN), dtype=np.bool_)
    crowd[np.concatenate([copies, worn, bare])] = True
    left, right = judge.matched(_found())
    some = ~crowd[left] & ~crowd[right]
    known = block.pack(*(np.asarray(side, dtype=np.int32) for side in zip(*sorted(truth), strict=True)))
    right_ones = np.isin(block.pack(left[some], right[some]), known)
    assert right_ones.mean() > 0.995
    assert right_ones.sum() > 0.99 * len(known)
    assert not (crowd[left] != crowd[right]).any()
    assert "dropped" not in {w.code for w in _found().warnings}
    assert judge.estimated(_found()).recall == pytest.approx(float(right_ones.sum()) / len(known), abs=0.02)


def test_each_of_a_crowd_stands_beside_its_first_record_and_no_other_pair_is_kept_of_it() -> None:
    both, copies, _, _, _ = _file()
    found, first = _found(), int(copies.min())
    assert found.sizes == (len(both["given"]), len(both["given"]))
    inside = np.isin(found.left, copies) & np.isin(found.right, copies)
    assert set(found.left[inside].tolist()) == {first}
    assert sorted(found.right[inside].tolist()) == sorted(set(copies.tolist()) - {first})
    assert (found.decision[inside] == 2).all()
    assert (found.levels[inside] == [one.kind.top for one in found.fields]).all()
    assert (np.diff(block.pack(found.left, found.right)) > 0).all()
    assert found.met[0][copies].all()


def test_a_record_of_which_a_person_said_something_speaks_for_itself() -> None:
    both, copies, worn, _, _ = _file()
    apart, joined = (int(row) for row in np.sort(copies)[[0, -1]])
    other = int(worn[2])
    labels = Labels(
        np.asarray([min(apart, other), min(joined, other)], np.int32),
        np.asarray([max(apart, other), max(joined, other)], np.int32),
        np.asarray([False, True]),
    )
    clusters = link(both, None, people.SPEC, {}, labels=labels).clusters
    assert clusters is not None
    assert clusters[apart] != clusters[other]
    assert clusters[joined] == clusters[other]


def test_crowds_that_a_key_can_find_are_compared_as_ever() -> None:
    columns = {name: pa.array([value] * 40 + [f"{n}" for n in range(20)], pa.string()) for name, value in ONE.items()}
    fields = encode.columns(columns, None, people.SPEC, {})
    assert crowds.found(fields, 40 * 40, None, one_file=True) is None
    crowd = crowds.found(fields, 40 * 40 - 1, None, one_file=True)
    assert crowd is not None
    assert crowd.sides[0].others.tolist() == list(range(1, 40))
    assert set(crowd.sides[0].first.tolist()) == {0}


def test_records_without_any_value_are_no_crowd() -> None:
    columns = {name: pa.array([None] * 40, pa.string()) for name in ONE}
    assert crowds.found(encode.columns(columns, None, people.SPEC, {}), 100, None, one_file=True) is None


MINE, THEIRS = 700, 800
MANY = replace(people.SPEC, assign="many_to_many")


@cache
def _two() -> tuple[people.Table, people.Table, set[tuple[int, int]]]:
    """Two files with crowds of one record behind the others: copies, a worn one on the left, and copies that say hardly anything."""
    left, right, truth = people.files(3000)
    mine = [ONE] * MINE + [{**ONE, "given": "anelotte"}] + [BARE] * MINE
    theirs = [ONE] * THEIRS + [BARE] * THEIRS
    sides = [
        {name: pa.array([*side[name].to_pylist(), *(row[name] for row in rows)], pa.string()) for name in side}
        for side, rows in ((left, mine), (right, theirs))
    ]
    return sides[0], sides[1], truth


def test_of_two_files_each_of_a_crowd_is_paired_with_the_other_files_first_one() -> None:
    left, right, truth = _two()
    found = link(left, right, MANY, {})
    matches = found.decision == 2
    pairs = set(zip(found.left[matches].tolist(), found.right[matches].tolist(), strict=True))
    first, copies = 3000, ((3000, 3000 + MINE), (3000, 3000 + THEIRS))
    star = {(row, first) for row in range(*copies[0])} | {(first, row) for row in range(*copies[1])}
    worn = {(3000 + MINE, row) for row in range(*copies[1])}
    assert {pair for pair in pairs if max(pair) >= 3000} == star | worn
    others = {pair for pair in pairs if max(pair) < 3000}
    assert len(others & truth) > 0.95 * len(truth)
    assert len(others & truth) > 0.97 * len(others)
    assert (np.diff(block.pack(found.left, found.right)) > 0).all()
    told = {w.code: w.params for w in found.warnings}
    assert told["beside_first"] == {"crowds": 1, "limit": "250,000"}
    assert told["alike"] == {"records": f"{MINE + THEIRS:,}", "crowds": 1}
    assert found.sizes == (3001 + 2 * MINE, 3000 + 2 * THEIRS)


def test_pairs_that_a_crowd_would_have_with_others_have_room_or_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right, _ = _two()
    whole = link(left, right, MANY, {})
    room = len(whole.left) - (MINE + THEIRS - 1) - 1
    monkeypatch.setattr(keep, "room", lambda *_: room)
    found = link(left, right, MANY, {})
    assert "cut" in {w.code for w in found.warnings}
    gone = np.setdiff1d(block.pack(whole.left, whole.right), block.pack(found.left, found.right))
    chance = dict(zip(block.pack(whole.left, whole.right).tolist(), whole.probability.tolist(), strict=True))
    assert 0 < len(gone) < 10
    assert max(chance[pair] for pair in gone.tolist()) < found.probability.min()


def test_pairs_stand_for_all_pairs_of_their_records_or_for_those_with_the_first_ones() -> None:
    rows = [np.asarray(each, dtype=np.int32) for each in ([0, 0], [3, 4], [1, 1, 1], [2, 3, 4])]
    sides = crowds.Side(5, rows[0], rows[1]), crowds.Side(5, rows[2], rows[3])
    given = np.asarray([0, 0, 2], np.int32), np.asarray([0, 1, 1], np.int32)
    of, left, right = crowds.expanded(*given, sides, 12)
    whole = [
        (0, 0),
        (3, 0),
        (4, 0),
        *((a, b) for a in (0, 3, 4) for b in (1, 2, 3, 4)),
        *((2, b) for b in (1, 2, 3, 4)),
    ]
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == whole
    assert of.tolist() == [0] * 3 + [1] * 12 + [2] * 4
    _, left, right = crowds.expanded(*given, sides, 11)
    first = [(0, 1), (0, 2), (0, 3), (0, 4), (3, 1), (4, 1)]
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == whole[:3] + first + whole[15:]
