"""What is known of strangers does not hang on which few of their near pairs were drawn."""

import numpy as np
import pyarrow as pa
import pytest

from matchers.link import Field, Part, Spec, block, choose, encode, kinds, score, strangers
from tests.bench.linking import foreign

SIZES = (1000, 1000)


def _titles() -> tuple[encode.Encoded, choose.Elements]:
    """Two lists of titles in families; no title is in both."""
    rng = np.random.default_rng(7)
    words = foreign.words(3000, rng)
    families = [" ".join(rng.choice(words, 3)) for _ in range(200)]
    titles = ([f"{families[n % 200]} {rng.choice(words)}" for n in range(size)] for size in SIZES)
    left, right = ({"title": pa.array(side, pa.string())} for side in titles)
    spec = Spec(left_id="", right_id="", fields=(Field(name="title", kind="text", left="title", right="title"),))
    fields = encode.columns(left, right, spec, {})
    return fields[0], choose.Elements(fields)


def test_near_pairs_are_counted_where_keys_find_them() -> None:
    one, elements = _titles()
    random = strangers.drawn([one], SIZES, np.random.default_rng(1))
    key = (Part("title", "words"),)
    found = block.join(key, elements, SIZES, 250_000)
    left, right = found.within(0, SIZES[0])
    pairs = block.once([block.pack(left, right)])
    levels = score.levels([one], *block.unpack(pairs))
    u = strangers.nearer(random, [one], elements, [found.blocked], levels, 1.0, float(SIZES[0] * SIZES[1]))[0]
    every = np.divmod(np.arange(SIZES[0] * SIZES[1]), SIZES[1])
    mine, theirs = (codes[rows].astype(np.int32) for codes, rows in zip((one.left, one.right), every, strict=True))
    true = np.bincount(kinds.compare(one.kind, one.prepared, mine, theirs), minlength=len(u)) / len(mine)
    near = np.flatnonzero(true * len(mine) > 100)[3:]  # levels that hundreds of the million pairs have
    assert len(near) > 5
    assert u[near] == pytest.approx(true[near], rel=0.05)
    assert random.u[0][near] != pytest.approx(true[near], rel=0.05)
