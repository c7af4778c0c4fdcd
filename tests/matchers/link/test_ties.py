"""Fields that strangers share together are not counted as if each agreed by chance alone."""

import numpy as np
import pyarrow as pa
import pytest

from matchers.link import Field, Spec, encode, kinds, ties, train

LEVELS = {"sex": 2, "name": 7, "town": 2}
SPEC = Spec(
    left_id="id",
    right_id="id",
    fields=tuple(
        Field(name=n, kind=k, left=n, right=n)
        for n, k in (("sex", "category"), ("name", "given"), ("town", "category"))
    ),
)


def _side(rng: np.random.Generator, size: int = 20_000) -> dict[str, pa.ChunkedArray]:
    """Names of either sex, two hundred each; towns that have nothing to do with them."""
    sex = rng.integers(0, 2, size)
    columns = {
        "sex": np.array(["f", "m"])[sex],
        "name": np.array([f"{'ab'[s]}{n}" for s in (0, 1) for n in range(200)])[sex * 200 + rng.integers(0, 200, size)],
        "town": np.array([f"town {n}" for n in range(50)])[rng.integers(0, 50, size)],
    }
    return {name: pa.chunked_array([pa.array(values.tolist(), pa.string())]) for name, values in columns.items()}


@pytest.fixture(scope="module", name="found")
def _found() -> tuple[ties.Tie, ...]:
    rng = np.random.default_rng(3)
    fields = encode.columns(_side(rng), _side(rng), SPEC, {})
    u = (np.asarray([0.5, 0.5]), np.asarray([0.9, 0.02, 0.03, 0.02, 0.02, 0.0075, 0.0025]), np.asarray([0.98, 0.02]))
    m = train.start([len(one.kind.levels) for one in fields], [one.kind.agreement for one in fields])
    return ties.found(fields, u, m, (20_000, 20_000), rng)


def test_a_name_is_twice_as_likely_among_people_of_one_sex(found: tuple[ties.Tie, ...]) -> None:
    (tie,) = found
    assert (tie.parent, tie.child) == (0, 1)
    assert float(np.exp(tie.gain[-1])) == pytest.approx(2.0, rel=0.1)


def test_it_counts_where_the_other_field_agrees_only(found: tuple[ties.Tie, ...]) -> None:
    top = kinds.KINDS["given"].top
    levels = np.asarray([[1, top, 0], [0, top, 1], [-1, top, 1], [1, -1, 1]], dtype=np.int8)
    told = ties.told(found, levels, [1, top, 1])
    assert told.tolist() == pytest.approx([np.log(2), 0, 0, 0], abs=0.1)
