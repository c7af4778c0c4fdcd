"""Linking finds the same people without a label, says how sure it is, and never loses matches in silence."""

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from matchers.link import Field, Labels, Linked, Part, Spec, encode, judge, link
from matchers.link.labels import SURE
from tests.bench.linking import foreign
from tests.matchers.link import people


@cache
def _found(seed: int = 5) -> tuple[Linked, set[tuple[int, int]]]:
    left, right, truth = people.files(seed=seed)
    return link(left, right, people.SPEC, {}), truth


def _quality(found: Linked, truth: set[tuple[int, int]]) -> judge.Quality:
    pairs = np.asarray(sorted(truth), dtype=np.int32)
    return judge.against(found, pairs[:, 0], pairs[:, 1])


def test_nearly_everybody_is_found_and_hardly_anybody_wrongly() -> None:
    quality = _quality(*_found())
    assert quality.precision > 0.985
    assert quality.recall > 0.95


def test_a_record_has_one_counterpart_at_most() -> None:
    found, _ = _found()
    for rows in (found.left, found.right):
        assert np.bincount(rows[found.decision == 2]).max() == 1


def test_the_same_input_gives_the_same_bytes() -> None:
    one, _ = _found()
    left, right, _ = people.files()
    other = link(left, right, people.SPEC, {})
    for name in ("left", "right", "probability", "bits", "levels", "decision"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name


def test_little_memory_means_more_pieces_and_the_same_pairs() -> None:
    one, _ = _found()
    left, right, _ = people.files()
    other = link(left, right, people.SPEC, {}, memory=1)
    for name in ("left", "right", "probability", "levels", "decision"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    assert one.blocks == other.blocks


def test_recall_is_estimated_without_labels() -> None:
    found, truth = _found()
    assert judge.estimated(found).recall == pytest.approx(_quality(found, truth).recall, abs=0.03)


def test_narrow_keys_are_warned_of_with_the_recall_they_lose() -> None:
    left, right, truth = people.files()
    found = link(left, right, people.NARROW, {})
    assert _quality(found, truth).recall < 0.8
    (warned,) = (w for w in found.warnings if w.code == "recall")
    keys = [(a, b) for a, b in truth if left["phone"][a].as_py() == right["phone"][b].as_py() is not None]
    assert float(str(warned.params["recall"])) == pytest.approx(len(keys) / len(truth), abs=0.06)


def test_keys_that_nobody_wrote_are_not_told_to_be_left_out() -> None:
    left, right, _ = people.files()
    fields = tuple(f for f in people.FIELDS if f.name in ("given", "phone"))
    spec = replace(people.SPEC, keys=(), fields=fields, block=1)
    codes = {w.code for w in link(left, right, spec, {}).warnings}
    assert "recall_proposed" in codes
    assert "recall" not in codes


def test_a_key_value_of_half_the_table_is_dropped_and_counted() -> None:
    left, right, _ = people.files()
    crowd = pa.array(["0800"] * 1500 + left["phone"].to_pylist()[1500:], pa.string())
    found = link(
        {**left, "phone": pa.chunked_array([crowd])}, {**right, "phone": pa.chunked_array([crowd])}, people.NARROW, {}
    )
    (blocked,) = found.blocks
    assert blocked.values == 1
    assert blocked.dropped == 1500 * 1500
    assert "dropped" in {w.code for w in found.warnings}


def test_matches_that_are_dropped_with_a_common_value_are_missing_from_the_estimate() -> None:
    left, right, truth = people.files()
    limit = 26_000
    found = link(left, right, replace(people.SPEC, keys=((Part("family"),),), block=limit), {})
    sides = [Counter(side["family"].to_pylist()) for side in (left, right)]
    kept = [
        left["family"][a].as_py() == right["family"][b].as_py() == family
        and sides[0][family] * sides[1][family] <= limit
        for a, b in sorted(truth)
        for family in [left["family"][a].as_py()]
    ]
    assert 0.2 < np.mean(kept) < 0.7
    assert found.model.recall == pytest.approx(float(np.mean(kept)), abs=0.06)
    (warned,) = (w for w in found.warnings if w.code == "dropped")
    assert warned.params["keys"] == "family"
    assert float(str(warned.params["share"]).rstrip("%")) / 100 == pytest.approx(0.97 - float(np.mean(kept)), abs=0.06)


@cache
def _moved() -> tuple[Linked, judge.Quality]:
    files = foreign.movers(np.random.default_rng(12))
    kinds = {"givenname": "given", "surname": "family", "suburb": "category", "postcode": "postcode"}
    fields = tuple(Field(name=name, kind=kind, left=name, right=name) for name, kind in kinds.items())
    assert files.right is not None
    sides = [{name: side[name] for name in kinds} for side in (files.left, files.right)]
    found = link(sides[0], sides[1], Spec(left_id="", right_id="", fields=fields), {})
    return found, _quality(found, set(files.truth))


def test_people_who_move_do_not_vanish_from_the_estimate_of_recall() -> None:
    found, quality = _moved()
    assert quality.recall < 0.9
    assert judge.estimated(found).recall == pytest.approx(quality.recall, abs=0.08)
    assert "missed" in {w.code for w in found.warnings}


def test_a_town_that_follows_from_the_postcode_is_named() -> None:
    (warned,) = (w for w in _moved()[0].warnings if w.code == "follows")
    assert (warned.params["coarse"], warned.params["fine"]) == ("suburb", "postcode")


def test_what_was_learned_from_few_pairs_or_one_field_is_not_to_be_trusted() -> None:
    left, right, _ = people.files(60)
    assert "few" in {w.code for w in link(left, right, people.SPEC, {}).warnings}
    left, right, _ = people.files()
    one = replace(people.SPEC, fields=people.FIELDS[:1])
    assert {"alone", "missed"} <= {w.code for w in link(left, right, one, {}).warnings}
    assert not {w.code for w in _found()[0].warnings} & {"few", "alone", "astray", "bound", "unsure", "missed"}


def test_a_field_of_two_columns_that_hold_different_things_is_named() -> None:
    left, right, _ = people.files()
    fields = tuple(replace(one, right="born") if one.name == "phone" else one for one in people.FIELDS)
    warned = link(left, right, replace(people.SPEC, fields=fields), {}).warnings
    assert [w.params["field"] for w in warned if w.code == "idle"] == ["phone"]
    assert "idle" not in {w.code for w in _found()[0].warnings}


def test_files_of_the_very_same_people_are_no_doubtful_thing() -> None:
    left, _, _ = people.files()
    found = link(left, left, people.SPEC, {})
    assert judge.estimated(found).recall == pytest.approx(1.0, abs=0.03)
    assert not {w.code for w in found.warnings} & {"bound", "missed", "unsure"}


def test_exchanged_names_are_one_level_told_once() -> None:
    found, truth = _found()
    swapped = found.levels[:, 0] == 5
    assert swapped.any()
    assert (found.levels[swapped, 1] == -1).all()
    pairs = list(zip(found.left[swapped].tolist(), found.right[swapped].tolist(), strict=True))
    assert np.mean([pair in truth for pair in pairs]) > 0.9


def test_many_to_one_lets_several_left_records_share_a_right_one() -> None:
    left, right, _ = people.files(600)
    doubled = {name: pa.chunked_array([*column.chunks, *column.chunks]) for name, column in left.items()}
    found = link(doubled, right, replace(people.SPEC, assign="many_to_one"), {})
    matches = found.decision == 2
    assert np.bincount(found.left[matches]).max() == 1
    assert np.median(np.bincount(found.right[matches])[np.unique(found.right[matches])]) == 2


def test_a_file_that_has_people_twice_is_told_to_be_linked_otherwise() -> None:
    left, right, truth = people.files()
    twice = {name: pa.chunked_array([*column.chunks, *column.slice(0, 1200).chunks]) for name, column in right.items()}
    found = link(left, twice, people.SPEC, {})
    (warned,) = (w for w in found.warnings if w.code == "repeated")
    assert (warned.params["assign"], warned.params["better"]) == ("one_to_one", "one_to_many")
    fitting = link(left, twice, replace(people.SPEC, assign="one_to_many"), {})
    assert "repeated" not in {w.code for w in fitting.warnings}
    again = {(a, b + 3000) for a, b in truth if b < 1200}
    assert _quality(fitting, truth | again).f1 > 0.97
    turned = link(twice, left, people.SPEC, {})
    assert {w.params["better"] for w in turned.warnings if w.code == "repeated"} == {"many_to_one"}


def test_households_and_twins_are_not_taken_for_people_who_stand_there_twice() -> None:
    assert "repeated" not in {w.code for w in _found()[0].warnings}


def test_editorials_of_every_year_are_no_paper_that_stands_there_twice() -> None:
    rng = np.random.default_rng(4)
    titles = [" ".join(row) for row in rng.choice(foreign.words(600, rng), (1200, 6))]
    authors = [" ".join(row) for row in rng.choice(foreign.words(300, rng), (1200, 2))]
    papers = [(titles[n], authors[n], str(1994 + n % 9)) for n in range(1200)]
    papers += [(f"editors notes {authors[n]}", authors[n], str(1994 + year)) for n in range(70) for year in range(3)]
    left, right = (
        {name: pa.array([papers[n][place] for n in order]) for place, name in enumerate(("title", "authors", "year"))}
        for order in (rng.permutation(len(papers)), rng.permutation(len(papers)))
    )
    kinds = {"title": "text", "authors": "set", "year": "number"}
    fields = tuple(Field(name=name, kind=kind, left=name, right=name) for name, kind in kinds.items())
    found = link(left, right, Spec(left_id="id", right_id="id", fields=fields), {})
    assert "repeated" not in {w.code for w in found.warnings}


def test_products_that_nearly_all_have_a_counterpart_are_as_sure_as_they_say() -> None:
    """Three draws are judged together: of one with 1,100 matches, chance alone moves the figures by a hundredth or two."""
    pairs = [_products(seed) for seed in (101, 102, 103)]
    for real, claimed in pairs:
        assert real.recall > 0.6
        assert claimed.precision < real.precision + 0.03
    real, claimed = (np.mean([quality.recall for quality in some]) for some in zip(*pairs, strict=True))
    assert claimed == pytest.approx(real, abs=0.15)


def _products(seed: int) -> tuple[judge.Quality, judge.Quality]:
    """What linking shops' lists is worth, and what it claims."""
    files = foreign.products(np.random.default_rng(seed))
    assert files.right is not None
    columns = {"title": ("text", "name"), "description": ("text", "description"), "price": ("number", "price")}
    fields = tuple(Field(name=name, kind=kind, left=name, right=other) for name, (kind, other) in columns.items())
    left, right = ({name: side[name] for name in side.column_names} for side in (files.left, files.right))
    found = link(left, right, Spec(left_id="id", right_id="id", fields=fields), {})
    return _quality(found, set(files.truth)), judge.estimated(found)


def test_titles_alone_are_told_by_their_rivals() -> None:
    """Of 600 titles each has another word than its counterpart; no other of 3,000 is as near to it."""
    rng = np.random.default_rng(5)
    words = foreign.words(1500, rng)
    titles = rng.choice(words, (3000, 3))
    chosen = rng.permutation(3000)[:600]
    others = titles[chosen].copy()
    others[np.arange(600), rng.integers(3, size=600)] = rng.choice(words, 600)
    left, right = ({"title": pa.array([" ".join(row) for row in side], pa.string())} for side in (titles, others))
    spec = Spec(left_id="id", right_id="id", fields=(Field(name="title", kind="text", left="title", right="title"),))
    quality = _quality(link(left, right, spec, {}), set(zip(chosen.tolist(), range(600), strict=True)))
    assert quality.precision > 0.98
    assert quality.recall > 0.95


def test_one_file_is_put_into_clusters() -> None:
    left, right, truth = people.files(1500)
    both = {name: pa.chunked_array([*left[name].chunks, *right[name].chunks]) for name in left}
    found = link(both, None, people.SPEC, {})
    assert found.clusters is not None
    quality = _quality(found, {(a, b + 1500) for a, b in truth})
    assert quality.precision > 0.93
    assert quality.recall > 0.9


def test_columns_without_any_value_say_nothing_and_harm_nothing() -> None:
    left, right, truth = people.files()
    empty = pa.chunked_array([pa.nulls(3000, pa.string())])
    spec = replace(people.SPEC, fields=(*people.FIELDS, Field(name="fax", kind="phone", left="fax", right="fax")))
    found = link({**left, "fax": empty}, {**right, "fax": empty}, spec, {})
    assert _quality(found, truth).f1 > 0.96
    assert (found.levels[:, -1] == -1).all()


@pytest.mark.parametrize("size", [1, 2, 7])
def test_tiny_files_end_without_a_crash(size: int) -> None:
    left, right, _ = people.files()
    found = link(
        {k: v.slice(0, size) for k, v in left.items()}, {k: v.slice(0, size) for k, v in right.items()}, people.SPEC, {}
    )
    assert found.sizes == (size, size)


def test_chinese_names_are_compared_by_characters_and_sounds() -> None:
    names = ["王小明", "李建国", "张伟", "赵敏"] * 50
    left = {
        "name": pa.array([f"{n}{chr(0x4E00 + i)}" for i, n in enumerate(names)]),
        "code": pa.array([str(10000 + i * 37) for i in range(200)]),
    }
    right = {
        "name": pa.array([f"{n}{chr(0x4E00 + i)}".replace("明", "名") for i, n in enumerate(names)]),
        "code": left["code"],
    }
    fields = (
        Field(name="name", kind="name", left="name", right="name"),
        Field(name="code", kind="id", left="code", right="code"),
    )
    found = link(
        left,
        right,
        Spec(left_id="", right_id="", fields=fields),
        {"明": frozenset(["ming"]), "名": frozenset(["ming"])},
    )
    assert _quality(found, {(n, n) for n in range(200)}).f1 == 1.0
    assert 3 in found.levels[:, 0]


def test_labels_teach_and_bring_pairs_that_no_key_finds() -> None:
    left, right, truth = people.files()
    lost = [(a, b) for a, b in sorted(truth) if left["phone"][a].as_py() != right["phone"][b].as_py()][:200]
    rows = np.asarray(lost, dtype=np.int32)
    labels = Labels(rows[:, 0], rows[:, 1], np.ones(len(rows), dtype=np.bool_))
    alone, found = link(left, right, people.NARROW, {}), link(left, right, people.NARROW, {}, labels=labels)
    assert set(zip(*(side.tolist() for side in judge.matched(found)), strict=True)) >= set(lost)
    assert found.taught is not None
    assert found.taught.yes == 200
    phone = [field.name for field in people.FIELDS].index("phone")
    assert found.model.m[phone][-1] < alone.model.m[phone][-1]


def test_what_a_person_said_stands_against_any_evidence() -> None:
    rng = np.random.default_rng(4)
    columns = {name: pa.array(rng.integers(0, 500, 2000).astype(str)) for name in "abcdefghij"}
    fields = tuple(Field(name=name, kind="category", left=name, right=name) for name in columns)
    label = Labels(np.asarray([0], np.int32), np.asarray([1], np.int32), np.ones(1, dtype=np.bool_))
    found = link(columns, dict(columns), Spec(left_id="", right_id="", fields=fields), {}, labels=label)
    chance = dict(zip(zip(found.left.tolist(), found.right.tolist(), strict=True), found.probability.tolist(), strict=True))  # fmt: skip
    assert found.bits.max() > SURE
    assert chance[0, 1] > 0.99
    assert chance[0, 0] < 0.01


def _doubled(count: int = 800, copies: int = 0) -> tuple[people.Table, set[tuple[int, int]]]:
    """One file of two, and the pairs that are the same person; behind them copies of one record more."""
    left, right, truth = people.files(count)
    more = dict(zip(left, ("anna", "abel", "1980-01-02", "0301234567", "12 kern street"), strict=True))
    both = {name: pa.chunked_array([*left[name].chunks, *right[name].chunks, pa.array([more[name]] * copies, pa.string())]) for name in left}  # fmt: skip
    return both, {(a, b + count) for a, b in truth}


def test_of_one_file_clusters_keep_to_the_tolerated_error() -> None:
    both, truth = _doubled()
    loose, strict = (link(both, None, replace(people.SPEC, tolerated=share), {}) for share in (None, 0.0002))
    assert strict.threshold > 0.9
    assert len(judge.matched(strict)[0]) < len(judge.matched(loose)[0])
    assert _quality(strict, truth).precision >= _quality(loose, truth).precision
    for found in (loose, strict):
        assert found.clusters is not None
        same = found.clusters[found.left] == found.clusters[found.right]
        assert (same == (found.decision == 2)).all()


def test_a_cluster_never_holds_two_records_that_a_person_called_different() -> None:
    both, _ = _doubled(copies=30)
    no = np.zeros(1, dtype=np.bool_)
    apart = Labels(np.asarray([1600], np.int32), np.asarray([1629], np.int32), no)
    clusters = link(both, None, people.SPEC, {}, labels=apart).clusters
    assert clusters is not None
    assert clusters[1600] != clusters[1629]


def test_a_no_counts_also_for_a_pair_that_no_key_finds() -> None:
    """One that was not looked at would be put together by a third record."""
    both, _ = _doubled(copies=3)
    both["phone"] = pa.chunked_array([both["phone"].slice(0, 1600), pa.array(["0301", None, "0302"], pa.string())])
    both["given"] = pa.chunked_array([both["given"].slice(0, 1600), pa.array(["anna", "anna", "berta"], pa.string())])
    label = Labels(np.asarray([1600], np.int32), np.asarray([1602], np.int32), np.zeros(1, dtype=np.bool_))
    narrow = replace(people.SPEC, keys=((Part("phone"), Part("given")), (Part("street"), Part("given"))))
    found = link(both, None, narrow, {}, labels=label)
    packed = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert (1600, 1602) in packed
    assert found.clusters is not None
    assert found.clusters[1600] != found.clusters[1602]


def test_a_yes_joins_two_records_however_many_stand_beside_them() -> None:
    both, _ = _doubled(copies=30)
    other = dict(zip(both, ("otto", "quast", "1950-05-05", "0309999999", "77 ihle street"), strict=True))
    both = {name: pa.chunked_array([*column.chunks, pa.array([other[name]] * 30, pa.string())]) for name, column in both.items()}  # fmt: skip
    label = Labels(np.asarray([1600], np.int32), np.asarray([1659], np.int32), np.ones(1, dtype=np.bool_))
    clusters = link(both, None, people.SPEC, {}, labels=label).clusters
    assert clusters is not None
    assert clusters[1600] == clusters[1659]


def test_a_file_in_which_everybody_stands_ten_times_still_gets_keys() -> None:
    """Their own pairs are more than a key may give where each stands there once or twice."""
    left, _, _ = people.files(3000)
    rows = pa.array(np.random.default_rng(1).permutation(np.repeat(np.arange(3000), 10)))
    many = {name: column.combine_chunks().take(rows) for name, column in left.items()}
    found = link(many, None, people.SPEC, {})
    assert found.blocks
    matched = judge.matched(found)
    same = np.asarray(rows)[matched[0]] == np.asarray(rows)[matched[1]]
    assert same.sum() > 0.99 * 3000 * 45
    assert same.mean() > 0.95


MASKED = Spec(
    left_id="id",
    right_id="id",
    fields=tuple(Field(name=kind, kind=kind, left=kind, right=kind) for kind in ("name", "phone")),
)


def test_a_carriers_answers_of_masked_names_and_numbers_are_found_by_what_the_masks_show() -> None:
    rng = np.random.default_rng(8)
    size = 2400
    surnames, given = "王李张刘陈杨黄赵吴周徐孙", "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂"
    names = [str(rng.choice(list(surnames))) + "".join(rng.choice(list(given), 2)) for _ in range(size)]
    phones = [f"1{rng.integers(30, 90)}{rng.integers(0, 10**8):08d}" for _ in range(size)]
    order = rng.permutation(size)
    left = {"name": pa.chunked_array([names]), "phone": pa.chunked_array([phones])}
    right = {
        "name": pa.chunked_array([[names[n][0] + "**" if n % 2 else "*" + names[n][1:] for n in order]]),
        "phone": pa.chunked_array([[phones[n][:3] + "****" + phones[n][7:] for n in order]]),
    }
    found = link(left, right, MASKED, {})
    quality = _quality(found, {(int(n), place) for place, n in enumerate(order)})
    assert quality.recall > 0.98
    assert quality.precision > 0.98
    assert found.model.recall == pytest.approx(quality.recall, abs=0.03)


def test_a_part_that_a_mask_hides_is_no_part() -> None:
    column = {
        "name": pa.chunked_array([["王小明", "王**", "*小明"]]),
        "phone": pa.chunked_array([["13812345678", "138****5678", "*******5678"]]),
    }
    name, phone = encode.columns(column, None, MASKED, {})
    for one, part, codes in ((name, "start", [0, 0, -1]), (name, "last", [0, -1, 0]), (phone, "shown", [0, 0, -1])):
        assert encode.part_codes(one, part)[one.left].tolist() == codes
