"""Where memory has no room for all possible pairs the likeliest ones are kept, however they come, and it is said from which probability on."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.errors import InputError
from matchers.link import Field, Linked, Part, Spec, choose, encode, engine, judge, keep, link, score
from matchers.link.score import Rows, Scored

BITS: score.Bits = np.random.default_rng(7).integers(-40, 60, 5000).astype(np.float32) / np.float32(4)  # many are equal


def _score(left: Rows, right: Rows, least: float) -> Scored:
    some = BITS[left] >= least
    return Scored(left[some], right[some], np.zeros((int(some.sum()), 1), np.int8), BITS[left[some]])


def _chunks(size: int) -> Iterator[tuple[Rows, Rows]]:
    for at in range(0, len(BITS), size):
        rows = np.arange(at, min(at + size, len(BITS)), dtype=np.int32)
        yield rows, rows + 1


@pytest.mark.parametrize("size", [1, 77, 1000, 5000])
@pytest.mark.parametrize("most", [50, 1234])
def test_the_likeliest_pairs_are_kept_in_their_order_however_they_come(size: int, most: int) -> None:
    kept, floor = keep.gather(_chunks(size), _score, -5.0, most)
    first_without_room = np.sort(BITS)[::-1][most]
    assert floor == first_without_room
    assert kept.left.tolist() == np.flatnonzero(first_without_room < BITS).tolist()
    assert (kept.right == kept.left + 1).all()
    assert (kept.bits == BITS[kept.left]).all()


def test_where_all_have_room_all_are_kept() -> None:
    possible = np.flatnonzero(BITS >= -5.0)
    kept, floor = keep.gather(_chunks(300), _score, -5.0, len(possible))
    assert floor is None
    assert kept.left.tolist() == possible.tolist()


FIELDS = tuple(Field(name=name, kind="category", left=name, right=name) for name in "abcd")
CROWDS = Spec(
    left_id="#", right_id="#", fields=FIELDS, keys=((Part("a"),), (Part("b"),)), assign="many_to_many", possible=0.0
)


def _crowds(things: int = 12, each: int = 60) -> dict[str, pa.Array]:
    """A file in which every thing stands many times, with errors."""
    rng = np.random.default_rng(2)
    thing = rng.permutation(np.repeat(np.arange(things), each))
    wrong = rng.random((4, len(thing))) < 0.1
    other = rng.integers(0, 20 * things, (4, len(thing)))
    return {name: pa.array(np.where(wrong[n], other[n], thing * 20).astype(str)) for n, name in enumerate("abcd")}


def _room(monkeypatch: pytest.MonkeyPatch, pairs: int) -> None:
    monkeypatch.setattr(keep, "room", lambda *_: pairs)


def _probabilities(found: Linked) -> dict[tuple[int, int], float]:
    return dict(zip(zip(found.left.tolist(), found.right.tolist(), strict=True), found.probability.tolist(), strict=True))  # fmt: skip


@pytest.mark.parametrize("two", [False, True])
def test_what_has_no_room_is_said_with_the_probability_above_which_all_is_there(
    monkeypatch: pytest.MonkeyPatch, two: bool
) -> None:
    left = _crowds()
    right = {name: column[::2] for name, column in left.items()} if two else None
    everything = link(left, right, CROWDS, {})
    assert "cut" not in {w.code for w in everything.warnings}
    room = len(everything.left) // 2
    _room(monkeypatch, room)
    found, pieces = link(left, right, CROWDS, {}), link(left, right, CROWDS, {}, memory=1)
    (warned,) = (w for w in found.warnings if w.code == "cut")
    least = float(str(warned.params["probability"]))
    assert 0 < len(found.left) <= room
    kept, whole = _probabilities(found), _probabilities(everything)
    gone = [p for pair, p in whole.items() if pair not in kept]
    assert {pair: whole[pair] for pair in kept} == kept
    assert max(gone) < min(kept.values())
    assert max(gone) == pytest.approx(least, abs=1e-6)
    assert (found.left.tobytes(), found.probability.tobytes()) == (pieces.left.tobytes(), pieces.probability.tobytes())
    assert judge.estimated(found).recall < judge.estimated(everything).recall


def test_pairs_of_which_none_is_likelier_than_the_others_are_refused_where_they_have_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = {name: pa.array([str(n // 40) for n in range(1200)]) for name in "abcd"}
    _room(monkeypatch, 1000)
    with pytest.raises(InputError, match=r"a, b"):
        link(left, dict(left), CROWDS, {})


def test_clusters_without_the_weakest_pairs_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    left = _crowds()
    monkeypatch.setattr(engine, "LEAST_GROWN", 100)
    found = link(left, None, CROWDS, {}, memory=1)
    (warned,) = (w for w in found.warnings if w.code == "tangled")
    assert 0 < int(str(warned.params["pairs"]).replace(",", "")) < len(found.left)
    assert "tangled" not in {w.code for w in link(left, None, CROWDS, {}).warnings}


def _lists(rows: int, each: int) -> tuple[dict[str, Any], Spec]:
    rng = np.random.default_rng(9)
    columns: dict[str, Any] = {
        name: pa.array([";".join(f"w{n}" for n in rng.choice(4 * rows, each, replace=False)) for _ in range(rows)])
        for name in "ab"
    }
    fields = tuple(Field(name=name, kind="set", left=name, right=name) for name in "ab")
    return columns, Spec(left_id="#", right_id="#", fields=fields, keys=((Part("a", "one"), Part("b", "one")),))


def test_a_key_whose_combinations_have_no_room_is_refused_by_its_name() -> None:
    left, spec = _lists(50, 20)
    with pytest.raises(InputError, match=r"a:one\+b:one.*100 .*40,000 "):
        link(left, dict(left), spec, {}, memory=48 * 39_000)
    assert link(left, dict(left), spec, {}, memory=48 * 41_000).blocks


def test_a_key_with_too_many_combinations_is_not_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    left, spec = _lists(100, 9)
    (key,), fields = spec.keys, encode.columns(left, None, spec, {})
    assert choose.Elements(fields).estimate(key, 250_000)[0] < np.inf
    monkeypatch.setattr(choose, "COMBINED", 1000)
    assert choose.Elements(fields).estimate(key, 250_000)[0] == np.inf


def test_the_sample_for_learning_leaves_records_with_very_many_candidates_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SAMPLE", 100)
    monkeypatch.setattr(engine, "SAMPLED", 400)
    left = {name: pa.array(["crowd"] + [str(n % 300) for n in range(899)]) for name in "abcd"}
    right = {name: pa.array(["crowd"] * 600 + [str(n % 300) for n in range(300)]) for name in "abcd"}
    fields = encode.columns(left, right, CROWDS, {})
    elements = choose.Elements(fields)
    looked = engine.search(CROWDS.keys, elements, (900, 900), CROWDS, 1 << 30, one_file=False)
    everybody = np.ones(900, dtype=np.bool_)
    chosen, one, _ = looked.sample(everybody, np.random.default_rng(1))
    assert int(chosen.sum()) == 200  # each has one candidate, which both keys find
    assert not chosen[0]
    assert sorted(one.tolist()) == np.flatnonzero(chosen).tolist()
    alone = np.arange(900) == 0
    assert len(looked.sample(alone, np.random.default_rng(1))[1]) == 600
