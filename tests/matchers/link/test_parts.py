"""Parts by which records meet: those that too many share bring nobody together."""

import numpy as np
import pyarrow as pa

from matchers.link import Field, Spec, choose, encode, link, parts
from matchers.link.spec import Part


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


def test_parts_for_masks_and_for_titles_are_only_asked_where_there_are_any() -> None:
    """Keys are few: one for masks, or for rare words of town names, takes the place of one that finds more."""
    fields = (("plain", "phone"), ("masked", "phone"), ("town", "text"), ("title", "text"))
    spec = Spec(left_id="id", right_id="id", fields=tuple(Field(name=n, kind=k, left=n, right=n) for n, k in fields))
    table = {
        "plain": pa.array([f"1380000{n:04}" for n in range(400)]),
        "masked": pa.array([f"138****{n:04}" for n in range(400)]),
        "town": pa.array([f"ash city {n % 7}" for n in range(400)]),
        "title": pa.array([f"the price of tea {n}" for n in range(400)]),
    }
    asked = {str(part) for part in choose.Elements(encode.columns(table, None, spec, {}))}
    assert asked & {"plain:shown", "masked:shown", "town:rare", "title:rare"} == {"masked:shown", "title:rare"}


def test_a_part_that_masks_hide_finds_no_masked_value() -> None:
    """138****1234 shows three digits at its beginning, and a key on seven never finds it: the keys' recall must not say so (it said 0.999)."""
    rng, size = np.random.default_rng(5), 4000
    family, given = (
        np.asarray(list("王李张刘陈杨赵黄周吴")),
        np.asarray(list("伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超兰霞")),
    )
    chosen = [rng.integers(len(some), size=size) for some in (family, given, given)]
    names = ["".join(row) for row in zip(*(some[n] for some, n in zip((family, given, given), chosen, strict=True)), strict=True)]  # fmt: skip
    born = [f"{1940 + n % 60}{1 + n // 60 % 12:02}{1 + n // 720 % 28:02}" for n in rng.permutation(size * 4)[:size]]
    phones = [f"138{n:08}" for n in rng.integers(10**8, size=size)]
    # of the right records every second one has a masked phone, every fifth another name, every seventh another day
    left = {"name": pa.array(names), "born": pa.array(born), "phone": pa.array(phones)}
    right = {
        "name": pa.array([name[:2] + "国" if n % 5 == 0 else name for n, name in enumerate(names)]),
        "born": pa.array([day[:6] + "29" if n % 7 == 0 else day for n, day in enumerate(born)]),
        "phone": pa.array([phone[:3] + "****" + phone[7:] if n % 2 else phone for n, phone in enumerate(phones)]),
    }
    kinds = (("name", "name"), ("born", "birth"), ("phone", "phone"))
    keys = ((Part("phone", "start"),), (Part("name"), Part("born")))
    fields = tuple(Field(name=n, kind=k, left=n, right=n) for n, k in kinds)
    found = link(left, right, Spec(left_id="id", right_id="id", fields=fields, keys=keys), {})
    missed = sum(1 for n in range(size) if n % 2 and (n % 5 == 0 or n % 7 == 0)) / size
    assert missed > 0.05
    assert 0.9 - missed < found.model.recall < 1.02 - missed
