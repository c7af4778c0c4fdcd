"""Small files as other people have them, and their truth: products, bibliographies, restaurants, lists of people, Chinese firms and addresses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

Row = dict[str, str | None]
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Files:
    """Two files (or one, to be de-duplicated) and the pairs of rows that are the same thing."""

    left: pa.Table
    right: pa.Table | None
    truth: frozenset[tuple[int, int]]


_SYLLABLES = [
    "ba",
    "co",
    "di",
    "fu",
    "ga",
    "ho",
    "ji",
    "ka",
    "lo",
    "mi",
    "nu",
    "pa",
    "qui",
    "ro",
    "sa",
    "te",
    "va",
    "wo",
    "xe",
    "zu",
    "an",
    "el",
    "ir",
    "on",
    "ur",
    "stra",
    "plen",
    "tri",
    "kro",
    "mex",
    "lin",
    "dor",
    "vel",
]
_FIRST = ["james", "mary", "john", "patricia", "robert", "jennifer", "michael", "linda", "william", "elizabeth", "david", "barbara", "richard", "susan", "joseph", "jessica", "thomas", "sarah", "charles", "karen", "henry", "emma", "george", "alice", "arthur", "edith"]  # fmt: skip
_LAST = ["smith", "johnson", "williams", "brown", "jones", "garcia", "miller", "davis", "rodriguez", "martinez", "hernandez", "lopez", "gonzalez", "wilson", "anderson", "taylor", "moore", "jackson", "martin", "lee", "walker", "hall", "allen", "young", "king", "wright", "scott", "torres", "nguyen", "hill"]  # fmt: skip


def words(count: int, rng: Random) -> list[str]:
    """Made-up words."""
    return ["".join(rng.choice(_SYLLABLES, rng.integers(2, 4))) for _ in range(count)]


def often(choices: Sequence[str], size: int, rng: Random) -> list[str]:
    """Some of these, the first ones much oftener (Zipf)."""
    weights = 1 / np.arange(2, len(choices) + 2)
    return [str(one) for one in rng.choice(np.asarray(choices), size, p=weights / weights.sum())]


def mistyped(text: str, rng: Random) -> str:
    """One letter left out, doubled, exchanged or put elsewhere."""
    if len(text) < 3:
        return text
    at = int(rng.integers(len(text) - 1))
    ways = (text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:], text[:at] + str(rng.choice(list("aeirstn"))) + text[at + 1 :],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :])  # fmt: skip
    return ways[int(rng.integers(4))]


def reworded(text: str, rng: Random, lost: float, more: Sequence[str] = (), added: float = 0.0) -> str:
    """Words left out, mistyped and added."""
    kept = [mistyped(w, rng) if rng.random() < 0.03 else w for w in text.split() if rng.random() >= lost]
    kept += [str(rng.choice(list(more))) for _ in range(rng.poisson(added))] if more else []
    return " ".join(kept or text.split()[:1])


def _model(rng: Random) -> str:
    return f"{rng.integers(1, 12)}.0" if rng.random() < 0.5 else f"{rng.choice(list('abcdx'))}{rng.integers(100, 9999)}"


def products(rng: Random) -> Files:
    """Software and devices of two shops: titles, descriptions, makers that one shop hardly names, prices that differ."""
    brands, common = (
        words(60, rng),
        [*words(300, rng), "software", "deluxe", "edition", "professional", "windows", "black"],
    )
    made = []
    for _ in range(1500):
        brand, kinds = often(brands, 1, rng)[0], often(common, int(rng.integers(2, 5)), rng)
        base = float(np.round(np.exp(rng.normal(4, 1)), 2))
        made += [
            (brand, [*kinds, _model(rng)], base * (1 + 0.3 * n)) for n in range(int(rng.integers(1, 4)))
        ]  # a family of products
    made = [made[i] for i in rng.permutation(len(made))]

    def left(one: tuple[str, list[str], float]) -> Row:
        brand, kinds, price = one
        return {"title": reworded(" ".join([brand, *kinds]), rng, 0.03, common, 0.3), "description": " ".join(often(common, 14, rng) + kinds) if rng.random() < 0.9 else None,
                "manufacturer": brand, "price": f"{price:.2f}" if rng.random() < 0.9 else "0"}  # fmt: skip

    def right(one: tuple[str, list[str], float]) -> Row:
        brand, kinds, price = one
        return {"name": reworded(" ".join([brand, *kinds] if rng.random() < 0.8 else kinds), rng, 0.1, common, 1.2), "description": " ".join(often(common, 9, rng) + kinds[:2]) if rng.random() < 0.8 else None,
                "manufacturer": brand if rng.random() < 0.1 else None, "price": f"{price * rng.uniform(0.7, 1.05):.2f}"}  # fmt: skip

    return _two([left(one) for one in made[:1300]], [right(one) for one in made[:1100] + made[1300:]], 1100, rng)


def bibliography(rng: Random, *, scholar: bool = False) -> Files:
    """Papers in two indexes: initials, venues by other names, missing years; one index may have a paper several times."""
    topics = [
        *words(400, rng),
        "query",
        "database",
        "mining",
        "efficient",
        "data",
        "systems",
        "of",
        "for",
        "the",
        "in",
        "a",
        "web",
        "parallel",
    ][::-1]
    venues = [(f"{w} conference", f"international conference on {w} of data") for w in words(5, rng)]
    papers = []
    for _ in range(2600):
        authors = [
            f"{str(rng.choice(_FIRST)).title()} {str(rng.choice(_LAST)).title()}"
            for _ in range(int(rng.integers(1, 5)))
        ]
        papers.append(
            (
                " ".join(often(topics, int(rng.integers(4, 11)), rng)),
                authors,
                venues[int(rng.integers(5))],
                str(rng.integers(1994, 2004)),
            )
        )

    def left(one: tuple[str, list[str], tuple[str, str], str]) -> Row:
        return {"title": one[0].capitalize() + ".", "authors": ", ".join(one[1]), "venue": one[2][0], "year": one[3]}

    def right(one: tuple[str, list[str], tuple[str, str], str]) -> Row:
        short = [f"{n.split()[0][0]} {n.split()[1]}" if scholar else n for n in one[1]]
        kept = short if rng.random() < 0.8 else short[: max(len(short) - 1, 1)]
        title = reworded(one[0], rng, 0.06 if scholar else 0.01)
        return {"title": title.title(), "authors": ", ".join(kept), "venue": one[2][1] if rng.random() < (0.6 if scholar else 0.95) else None,
                "year": one[3] if rng.random() < (0.5 if scholar else 0.98) else None}  # fmt: skip

    if not scholar:
        return _two(
            [left(one) for one in papers[:2300]], [right(one) for one in papers[:2000] + papers[2300:]], 2000, rng
        )
    lefts = [left(one) for one in papers[:1600]]
    rights: list[Row] = []
    truth: set[tuple[int, int]] = set()
    for place, one in enumerate(papers):
        for _ in range(int(rng.choice([0, 1, 2, 4], p=[0.3, 0.4, 0.2, 0.1])) if place < 1600 else 4):
            truth |= {(place, len(rights))} if place < 1600 else set()
            rights.append(right(one))
    return Files(_table(lefts), _table(rights), frozenset(truth))


def restaurants(rng: Random) -> Files:
    """Two guides: name, address, town, telephone, type of food."""
    streets, towns, food = words(80, rng), words(12, rng), words(25, rng)
    made = [
        {"name": " ".join(often([*words(2, rng), "cafe", "grill", "the"], 2, rng)) + " " + words(1, rng)[0], "addr": f"{rng.integers(1, 9999)} {rng.choice(streets)} {rng.choice(['st.', 'ave.', 'blvd.'])}",
         "city": str(rng.choice(towns)), "phone": f"{rng.integers(200, 999)}/{rng.integers(200, 999)}-{rng.integers(1000, 9999)}", "type": str(rng.choice(food))} for _ in range(700)
    ]  # fmt: skip

    def right(one: Mapping[str, str]) -> Row:
        return {"name": reworded(one["name"], rng, 0.1), "addr": one["addr"].replace("st.", "street").replace("ave.", "avenue") if rng.random() < 0.6 else one["addr"].split(" ", 1)[1],
                "city": one["city"] if rng.random() < 0.85 else str(rng.choice(towns)), "phone": one["phone"].replace("/", "-") if rng.random() < 0.9 else None, "type": str(rng.choice(food))}  # fmt: skip

    return _two([dict(one) for one in made[:530]], [right(one) for one in made[:110] + made[530:]], 110, rng)


def historical(rng: Random) -> Files:
    """One list in which a person stands one to fifteen times, with names in several columns, many errors and gaps."""
    places, trades = words(300, rng), words(60, rng)
    rows: list[Row] = []
    groups: list[list[int]] = []
    names = [*_FIRST, *words(250, rng)], [*_LAST, *words(900, rng)]
    for _ in range(2500):
        first, last = often(names[0], 1, rng)[0], often(names[1], 1, rng)[0]
        middle = f"{often(names[0], 1, rng)[0]} " if rng.random() < 0.4 else ""
        born, place = (
            f"{rng.integers(1700, 1900)}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}",
            often(places, 1, rng)[0],
        )
        code, trade, sex = f"{rng.choice(list('abcdeghlmnpst'))!s}{rng.integers(1, 30)} {rng.integers(1, 9)}{''.join(rng.choice(list('abdefghj'), 2))}", str(rng.choice(trades)), str(rng.choice(["male", "female"]))  # fmt: skip
        groups.append([])
        for _ in range(int(rng.integers(1, 16))):
            one = mistyped(first, rng) if rng.random() < 0.15 else first[:3] if rng.random() < 0.08 else first
            two = (
                mistyped(last, rng)
                if rng.random() < 0.15
                else str(rng.choice(names[1]))
                if rng.random() < 0.05
                else last
            )
            day = (
                f"{born[:4]}-01-01"
                if rng.random() < 0.25
                else born[:-1] + str(rng.integers(10))
                if rng.random() < 0.1
                else born
            )
            groups[-1].append(len(rows))
            rows.append({
                "full_name": f"{one} {middle}{two}", "first_and_surname": f"{one} {two}", "first_name": one, "surname": two,
                "dob": day if rng.random() < 0.75 else None, "birth_place": place if rng.random() < 0.7 else None,
                "postcode_fake": (code if rng.random() < 0.8 else mistyped(code, rng)) if rng.random() < 0.75 else None,
                "gender": sex if rng.random() < 0.8 else None, "occupation": trade if rng.random() < 0.5 else None,
            })  # fmt: skip
    return _one(rows, groups, rng)


def voters(rng: Random) -> Files:
    """Two lists with little to go by: given name, surname, suburb, postcode."""
    suburbs = [(w, f"{27000 + n}") for n, w in enumerate(words(200, rng))]
    names = [*_FIRST, *words(400, rng)], [*_LAST, *words(3000, rng)]
    made = []
    for _ in range(14000):
        suburb, code = suburbs[int(rng.integers(200))]
        made.append(
            {
                "givenname": often(names[0], 1, rng)[0],
                "surname": str(rng.choice(names[1])),
                "suburb": suburb,
                "postcode": code,
            }
        )

    def right(one: Mapping[str, str]) -> Row:
        row: Row = dict(one)
        for name in rng.choice(list(one), int(rng.choice([0, 1, 2], p=[0.4, 0.4, 0.2])), replace=False):
            row[str(name)] = mistyped(str(row[str(name)]), rng) if rng.random() < 0.8 else None
        return row

    return _two([dict(one) for one in made[:10000]], [right(one) for one in made[:6000] + made[10000:]], 6000, rng)


def movers(rng: Random) -> Files:
    """Two lists as `voters`, some years apart: four in ten have moved, and then suburb and postcode (which tells the suburb) change together."""
    places = [(w, f"{27000 + 7 * n + m}") for n, w in enumerate(words(150, rng)) for m in range(1 + n % 3)]
    names = [*_FIRST, *words(400, rng)], [*_LAST, *words(600, rng)]
    made = []
    for _ in range(14000):
        suburb, code = places[int(rng.integers(len(places)))]
        made.append({"givenname": often(names[0], 1, rng)[0], "surname": str(rng.choice(names[1])), "suburb": suburb, "postcode": code})  # fmt: skip

    def right(one: Mapping[str, str]) -> Row:
        row: Row = dict(one)
        if rng.random() < 0.4:
            row["suburb"], row["postcode"] = places[int(rng.integers(len(places)))]
        if rng.random() < 0.5:
            for name in rng.choice(list(one), int(rng.integers(1, 3)), replace=False):
                row[str(name)] = mistyped(str(row[str(name)]), rng)
        return row

    return _two([dict(one) for one in made[:10000]], [right(one) for one in made[:6000] + made[10000:]], 6000, rng)


_TOWNS = ["上海", "深圳", "广州", "杭州", "苏州", "武汉", "成都", "南京", "青岛", "宁波"]
_MARKS = "华鑫达盛宏信泰恒瑞通安博科创联远嘉力德润丰源诚宇天海金新中东方正大同明"
_TRADES = ["电子科技", "贸易", "建筑工程", "物流", "餐饮管理", "信息技术", "机械设备", "服装", "文化传媒", "房地产开发"]


def firms(rng: Random) -> Files:
    """Chinese firms: (town) in brackets or not, short forms, one character off, addresses and agents."""
    made = []
    for _ in range(3500):
        town, mark = str(rng.choice(_TOWNS)), "".join(rng.choice(list(_MARKS), int(rng.integers(2, 4))))
        trade, agent = str(rng.choice(_TRADES)), str(rng.choice(list("王李张刘陈杨赵黄周吴"))) + "".join(rng.choice(list("伟芳娜敏静丽强磊军洋勇艳杰涛明"), int(rng.integers(1, 3))))  # fmt: skip
        where = f"{town}市{rng.choice(list('东西南北新'))}{rng.choice(list('城湖山江'))}区{''.join(rng.choice(list(_MARKS), 2))}路{rng.integers(1, 999)}号"
        made.append((town, mark, trade, agent, where, f"0{rng.integers(20, 99)}{rng.integers(10**7, 10**8)}"))

    def left(one: tuple[str, ...]) -> Row:
        return {
            "企业名称": f"{one[0]}{one[1]}{one[2]}有限公司",
            "法定代表人": one[3],
            "注册地址": one[4],
            "联系电话": one[5],
        }

    def right(one: tuple[str, ...]) -> Row:
        name = str(
            rng.choice(
                [
                    f"{one[0]}市{one[1]}{one[2]}有限责任公司",
                    f"{one[1]}（{one[0]}）{one[2]}有限公司",
                    f"{one[0]}{one[1]}{one[2]}有限公司",
                    f"{one[0]}{one[1]}",
                ]
            )
        )
        where = (
            one[4].replace("市", "市 ")
            if rng.random() < 0.3
            else one[4] + f"{rng.integers(1, 20)}楼"
            if rng.random() < 0.4
            else one[4][3:]
        )
        return {
            "公司": name,
            "法人": one[3] if rng.random() < 0.7 else None,
            "地址": where if rng.random() < 0.85 else None,
            "电话": one[5] if rng.random() < 0.5 else None,
        }

    return _two([left(one) for one in made[:2500]], [right(one) for one in made[:1800] + made[2500:]], 1800, rng)


def flats(rng: Random) -> Files:
    """Chinese addresses alone, as two offices write them; neighbours differ in one figure."""
    quarters = [
        f"{''.join(rng.choice(list(_MARKS), 2))}{rng.choice(['小区', '花园', '新村', '苑', '家园'])}" for _ in range(60)
    ]
    streets = [f"{''.join(rng.choice(list(_MARKS), 2))}路" for _ in range(30)]
    seen = sorted({(int(rng.integers(60)), int(rng.integers(1, 20)), int(rng.integers(1, 5)), int(rng.integers(1, 19)) * 100 + int(rng.integers(1, 5))) for _ in range(5000)})  # fmt: skip
    made = [seen[i] for i in rng.permutation(len(seen))][:4000]

    def left(one: tuple[int, int, int, int]) -> Row:
        return {
            "用电地址": f"江城市东湖区{streets[one[0] % 30]}{one[0] * 3 + 1}号{quarters[one[0]]}{one[1]}栋{one[2]}单元{one[3]}室"
        }

    def right(one: tuple[int, int, int, int]) -> Row:
        q, b, u, r = quarters[one[0]], *one[1:]
        return {
            "坐落": str(
                rng.choice(
                    [
                        f"东湖区{q}{b}幢{u}单元{r}",
                        f"江城市{streets[one[0] % 30]}{one[0] * 3 + 1}号{q}{b}号楼{u}单元{r}室",
                        f"{q}{b}-{u}-{r}",
                        f"{streets[one[0] % 30]}{q}{b}栋{u}门{r}房",
                    ]
                )
            )
        }

    return _two([left(one) for one in made[:3000]], [right(one) for one in made[:2200] + made[3000:]], 2200, rng)


def music(rng: Random) -> Files:
    """Songs of five sources in one file: numbers before titles, artists in the title, lengths in several units, missing years."""
    vocabulary = [*words(700, rng), "love", "the", "you", "of"][::-1]
    rows: list[Row] = []
    groups: list[list[int]] = []
    for _ in range(2000):
        title, artist, album = (" ".join(often(vocabulary, int(rng.integers(1, 5)), rng)) for _ in range(3))
        number, seconds, year = int(rng.integers(1, 20)), int(rng.integers(120, 400)), int(rng.integers(1960, 2015))
        groups.append([])
        for source in rng.choice(5, int(rng.integers(1, 6)), replace=False):
            groups[-1].append(len(rows))
            noisy = reworded(title, rng, 0.05)
            rows.append({
                "number": f"{number:02}" if source % 2 else str(number), "title": f"{number:03}-{noisy}" if source == 1 else f"{artist} - {noisy}" if source == 2 else noisy,
                "length": str(seconds * 1000 + int(rng.integers(999))) if source == 3 else f"{seconds // 60}:{seconds % 60:02}" if source == 4 else str(seconds),
                "artist": None if source == 2 else reworded(artist, rng, 0.03), "album": reworded(album, rng, 0.1, vocabulary, 0.2) if rng.random() < 0.9 else None,
                "year": None if rng.random() < 0.3 else str(year) if source != 0 else f"'{year % 100:02}",
            })  # fmt: skip
    return _one(rows, groups, rng)


def _two(left: list[Row], right: list[Row], same: int, rng: Random) -> Files:
    """Files whose first `same` rows are the same things; the right one shuffled."""
    order = rng.permutation(len(right))
    place = np.argsort(order)
    return Files(_table(left), _table([right[i] for i in order]), frozenset((n, int(place[n])) for n in range(same)))


def _one(rows: list[Row], groups: list[list[int]], rng: Random) -> Files:
    order = rng.permutation(len(rows))
    place = np.argsort(order)
    pairs = {tuple(sorted((int(place[a]), int(place[b])))) for g in groups for n, a in enumerate(g) for b in g[:n]}
    return Files(_table([rows[i] for i in order]), None, frozenset((a, b) for a, b in pairs))


def _table(rows: list[Row]) -> pa.Table:
    ids = pa.array([f"r{n}" for n in range(len(rows))], pa.string())
    return pa.table({"id": ids} | {name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]})


MADE: Mapping[str, Callable[[Random], Files]] = {
    "products": products, "bibliography": bibliography, "scholar": lambda rng: bibliography(rng, scholar=True), "restaurants": restaurants,
    "historical": historical, "voters": voters, "movers": movers, "firms": firms, "flats": flats, "music": music,
}  # fmt: skip


def write(name: str, seed: int, directory: Path) -> Path:
    """left.csv, right.csv (of two files) and truth.csv; the directory again."""
    files = MADE[name](np.random.default_rng(seed))
    directory.mkdir(parents=True, exist_ok=True)
    arrow_csv.write_csv(files.left, directory / "left.csv")
    if files.right is not None:
        arrow_csv.write_csv(files.right, directory / "right.csv")
    sides = zip(*sorted(files.truth), strict=True)
    known = pa.table({side: [f"r{n}" for n in rows] for side, rows in zip(("left_id", "right_id"), sides, strict=True)})
    arrow_csv.write_csv(known, directory / "truth.csv")
    return directory
