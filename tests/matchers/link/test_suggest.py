"""A suggested spec says what columns mean, which of them tell the same twice, and how often a thing may stand in a file."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.errors import InputError
from matchers.link import suggest
from tests.bench.linking import foreign


def _columns(given: pa.Table | None) -> dict[str, Any]:
    return {name: given[name] for name in given.column_names} if given is not None else {}


def _suggested(files: foreign.Files) -> str:
    return suggest.spec(_columns(files.left), _columns(files.right) if files.right is not None else None)


def test_a_full_name_beside_its_parts_is_not_counted_twice() -> None:
    spec = _suggested(foreign.historical(np.random.default_rng(3)))
    assert "  # full_name:" in spec
    assert "  first_name: {kind: given" in spec
    assert "  birth_place: {kind: category" in spec


@pytest.mark.parametrize(("scholar", "assign"), [(False, "one_to_one"), (True, "one_to_many")])
def test_papers_that_stand_there_several_times_are_seen(scholar: bool, assign: str) -> None:
    spec = _suggested(foreign.bibliography(np.random.default_rng(3), scholar=scholar))
    assert f"assign: {assign}" in spec
    assert "authors: {kind: set" in spec


def test_common_names_are_no_people_who_stand_there_twice() -> None:
    rng = np.random.default_rng(3)
    names = {
        "given_name": pa.array([f"given{n}" for n in rng.integers(0, 20, 900)]),
        "surname": pa.array([f"family{n}" for n in rng.integers(0, 60, 900)]),
    }
    assert "assign: one_to_one" in suggest.spec(names, names)


def test_papers_that_are_mistyped_and_cut_off_are_seen_to_stand_there_several_times() -> None:
    rng = np.random.default_rng(3)
    titles, authors = (
        [" ".join(row) for row in rng.choice(foreign.words(900, rng), (400, length))] for length in (6, 2)
    )
    left = {"title": pa.array(titles), "authors": pa.array(authors)}
    right = {
        "title": pa.array([title[: len(title) - cut] for cut in range(3) for title in titles]),
        "authors": pa.array([author + " et al" * cut for cut in range(3) for author in authors]),
    }
    assert "assign: one_to_many" in suggest.spec(left, right)


def test_products_of_one_maker_are_no_product_that_stands_there_several_times() -> None:
    rng = np.random.default_rng(3)
    makers, codes = (
        foreign.words(12, rng),
        [f"{a}{n}" for a, n in zip("abcdefgh" * 50, rng.integers(100, 9999, 400), strict=True)],
    )
    kinds = [" ".join(row) for row in rng.choice(foreign.words(300, rng), (400, 3))]
    names = [f"{makers[n % 12]} wireless {kinds[n]} {codes[n]}" for n in range(400)]
    left = {"name": pa.array(names), "description": pa.array([f"{name} with remote control" for name in names])}
    right = {
        "name": pa.array(names[::-1]),
        "description": pa.array([f"{name}, {code}" for name, code in zip(names, codes, strict=True)]),
    }
    assert "assign: one_to_one" in suggest.spec(left, right)


def test_columns_of_other_names_and_no_common_value_find_each_other() -> None:
    spec = _suggested(foreign.flats(np.random.default_rng(3)))
    assert "{kind: flat, left: 用电地址, right: 坐落}" in spec
    firms = _suggested(foreign.firms(np.random.default_rng(3)))
    for line in (
        "kind: text, left: 企业名称, right: 公司",
        "left: 注册地址, right: 地址",
        "kind: phone, left: 联系电话, right: 电话",
    ):
        assert line in firms


def test_first_and_last_are_names_and_a_year_of_birth_is_a_number() -> None:
    names, years = ["ANNA", "BERT", "CARLA"] * 40, [str(1930 + n % 70) for n in range(120)]
    spec = suggest.spec({"first": pa.array(names), "last": pa.array(names[::-1]), "birth_year": pa.array(years)}, None)
    for line in ("first: {kind: given", "last: {kind: family", "birth_year: {kind: number"):
        assert line in spec


def test_a_year_of_birth_is_a_number_however_few_there_are() -> None:
    years = [str(1950 + n % 40) for n in range(4000)]
    spec = suggest.spec(
        {
            "name": pa.array([f"Anna Meier{n}" for n in range(4000)]),
            "birth_year": pa.array(years),
            "yob": pa.array(years),
        },
        None,
    )
    assert "birth_year: {kind: number" in spec
    assert "yob: {kind: number" in spec


@pytest.mark.parametrize("header", ["name", "title", "venue", "店名"])
def test_names_of_restaurants_are_texts_whatever_they_are_called(header: str) -> None:
    places = foreign.restaurants(np.random.default_rng(3)).left["name"].to_pylist()
    assert "kind: text" in suggest.spec({header: pa.array(places)}, None)


def test_names_of_people_are_names_whatever_they_are_called() -> None:
    names = [
        f"{first} {last}"
        for first in ("Mary", "John", "Wanda", "Luis")
        for last in ("Ibsen", "Okafor", "Stahl", "Roth")
    ] * 20
    for header in ("name", "who"):
        assert "kind: name" in suggest.spec({header: pa.array(names)}, None)


def test_a_column_that_follows_from_another_is_marked() -> None:
    spec = _suggested(foreign.movers(np.random.default_rng(3)))
    (line,) = (line for line in spec.splitlines() if "follows from" in line)
    assert line.strip().startswith("suburb: {kind: category")
    assert "follows from postcode" in line


def test_flats_of_one_street_are_no_flat_that_stands_there_twice() -> None:
    ids = pa.array([f"r{n}" for n in range(300)])
    flats = pa.array([f"江苏省南京市鼓楼区中山北路{n}号锦绣花园{n % 9}幢{n}室" for n in range(300)])
    assert "assign: one_to_one" in suggest.spec({"id": ids, "地址": flats}, {"id": ids, "地址": flats})


def test_rows_are_numbered_where_no_column_names_them() -> None:
    names = pa.array(["anna", "anna", "bert"] * 30)
    assert 'id: "#"' in suggest.spec({"name": names}, None)


def test_a_carriers_masked_columns_are_what_the_archive_calls_otherwise() -> None:
    names = [f"{a}{b}{c}" for a in "王李张刘陈杨" for b in "伟芳娜秀敏" for c in "明超兰霞"]
    phones = [f"138{n * 7919 % 10**8:08d}" for n in range(len(names))]
    left = {
        "户号": pa.array([f"0003{n:06d}" for n in range(len(names))]),
        "户名": pa.array(names),
        "联系电话": pa.array(phones),
    }
    right = {
        "回执号": pa.array([str(n) for n in range(len(names))]),
        "机主姓名": pa.array([name[0] + "**" if n % 2 else "*" + name[1:] for n, name in enumerate(names)]),
        "手机号": pa.array([phone[:3] + "****" + phone[7:] for phone in phones]),
        "状态": pa.array(["正常", "停机"] * (len(names) // 2)),
    }
    spec = suggest.spec(left, right)
    assert "户名: {kind: name, left: 户名, right: 机主姓名}" in spec
    assert "联系电话: {kind: phone, left: 联系电话, right: 手机号}" in spec
    assert "# 未使用 / not used: 状态（右 / right）" in spec


def test_an_id_is_no_phone_number_of_the_other_file() -> None:
    names = [f"王{a}{b}" for a in "伟芳娜秀敏英静丽强磊" for b in "明超兰霞"]
    left = {
        "编号": pa.array([str(n) for n in range(len(names))]),
        "姓名": pa.array(names),
        "电话": pa.array([f"138{n * 7919 % 10**8:08d}" for n in range(len(names))]),
    }
    right = {"户号": pa.array([f"0003{n:06d}" for n in range(len(names))]), "户名": left["姓名"]}
    spec = suggest.spec(left, right)
    assert "right: 户号}\nfields" in spec
    assert "phone" not in spec
    assert "# 未使用 / not used: 电话（左 / left）" in spec


def test_rows_stand_for_ids_with_a_reason() -> None:
    names = pa.array([f"王{a}{b}" for a in "伟芳娜秀敏英静丽强磊" for b in "明超兰霞"])
    doubled = pa.array(["1", *(str(n) for n in range(1, len(names)))])
    spec = suggest.spec(
        {"编号": doubled, "姓名": names}, {"id": pa.array([f"R{n}" for n in range(len(names))]), "姓名": names}
    )
    assert 'id: {left: "#", right: id}   # ' in spec
    assert "左表没有" in spec
    assert "the left file has no column" in spec


def test_where_nothing_can_be_compared_the_columns_are_named() -> None:
    with pytest.raises(InputError, match="left: 清单; right: 姓名"):
        suggest.spec({"清单": pa.array([None, None], pa.string())}, {"姓名": pa.array(["王明"])})


def _products(renamed: dict[str, str], price: str = "{}") -> str:
    """A suggestion for two catalogues, the left one under these headers and with prices so written."""
    files = foreign.products(np.random.default_rng(3))
    left = {
        new: pa.array(
            [price.format(v.replace(".", ",")) if old == "price" and v else v for v in files.left[old].to_pylist()]
        )
        for old, new in renamed.items()
    }
    return suggest.spec({"id": files.left["id"], **left}, _columns(files.right))


@pytest.mark.parametrize(
    ("title", "description", "maker", "price", "written"),
    [
        ("product_title", "blurb", "brand", "list_price", "{}"),
        ("Titel", "Beschreibung", "Hersteller", "Preis", "{} €"),
        ("品名", "说明", "厂商", "价格", "￥{}"),
    ],
)
def test_products_under_other_headers_are_paired_by_their_values(
    title: str, description: str, maker: str, price: str, written: str
) -> None:
    headers = {"title": title, "description": description, "manufacturer": maker, "price": price}
    spec = _products(headers, written)
    for left, right in zip(headers.values(), ("name", "description", "manufacturer", "price"), strict=True):
        (line,) = (line for line in spec.splitlines() if f"left: {left}, right: {right}" in line)
        assert ("by their values" in line) == (right != "description")
    assert _products(headers, written) == spec


def test_columns_of_the_same_words_and_other_things_are_not_paired() -> None:
    """Words of one language stand in both; only words that stand together tell."""
    rng = np.random.default_rng(3)
    vocabulary = foreign.words(60, rng)
    sides = [
        {
            "id": pa.array([f"r{n}" for n in range(900)]),
            f"{side}_slogan": pa.array([" ".join(row) for row in rng.choice(vocabulary, (900, 5))]),
            f"{side}_place": pa.array([" ".join(row) for row in rng.choice(vocabulary, (900, 5))]),
            f"{side}_count": pa.array([str(n) for n in rng.integers(*span, 900)]),
        }
        for side, span in (("a", (1, 40)), ("b", (5_000, 90_000)))
    ]
    spec = suggest.spec(*sides)
    assert 'kind: text, left: a_slogan, right: "?"}' in spec
    assert not [line for line in spec.splitlines() if "{kind" in line and "right: b_" in line]


def test_where_no_columns_pair_a_skeleton_names_them_all() -> None:
    left = {"id": pa.array(["1", "2"]), "品名": pa.array(["茶壶", "水杯"]), "a b": pa.array(["x1 y", "z2 w"])}
    right = {"id": pa.array(["1", "2"]), "price": pa.array(["3.5", "4.5"])}
    spec = suggest.spec(left, right)
    for line in ("id: id", '  # 品名: {kind: text, left: 品名, right: "?"}', "  # 右 / right: price (number)"):
        assert line in spec.splitlines()
    assert spec.startswith("# 看不出")
    assert 'left: "a b", right: "?"}' in spec


def test_what_one_header_tells_holds_for_the_column_of_the_same_values() -> None:
    files = foreign.voters(np.random.default_rng(7))
    right = {f"c{n}": column for n, column in enumerate(_columns(files.right).values())}
    spec = suggest.spec(_columns(files.left), right)
    for line in ("{kind: given, left: givenname, right: c1}", "{kind: family, left: surname, right: c2}", "{kind: postcode, left: postcode, right: c4}"):  # fmt: skip
        assert line in spec
