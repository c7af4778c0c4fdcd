"""Parts by which records meet: those that too many share bring nobody together."""

import numpy as np
import pyarrow as pa

from matchers.link import Field, Spec, link, parts


def test_texts_meet_in_their_rare_words_and_not_in_those_of_all() -> None:
    column = pa.array([f"university of town{n // 3}" for n in range(1500)])
    rows, codes, _ = parts.rarest_words(column, {})
    assert (np.bincount(rows, minlength=1500) == 1).all()
    assert (np.unique(codes, return_counts=True)[1] == 3).all()


def test_all_words_of_few_texts_bring_them_together() -> None:
    rows, _, _ = parts.rarest_words(pa.array(["university of ulm", "university of bonn"]), {})
    assert np.bincount(rows).tolist() == [3, 3]


def test_one_column_of_names_that_all_hold_the_same_words_is_looked_at_by_the_other_words() -> None:
    names = [f"{'department of physics, ' * (n % 2)}university of town{n // 4}" for n in range(1400)]
    spec = Spec(left_id="id", right_id="id", fields=(Field(name="name", kind="text", left="name", right="name"),))
    found = link({"name": pa.array(names)}, None, spec, {})
    assert "name:rare" in {str(part) for one in found.blocks for part in one.key}
