"""Write a spec from the data: which columns mean the same, and of what kind they are."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LOOKED = 20_000
"""Rows of each file that are looked at."""

_WORDS: Sequence[tuple[str, str]] = (
    ("id", r"id_?card|cert|ssn|soc_sec|证件|身份证|passport|tax"),
    ("birth", r"birth|dob|born|出生"),
    ("phone", r"phone|mobile|tel|手机|电话"),
    ("postcode", r"post_?code|zip|邮编"),
    ("given", r"given|first_?name|fname|forename|givenname|^名$"),
    ("family", r"family|sur_?name|last_?name|lname|^姓$"),
    ("address", r"addr|street|地址|住址|坐落"),
    ("name", r"name|姓名|户名|owner|用户名称|产权人"),
    ("coordinates", r"coord|lat_?lon|经纬|坐标"),
    ("number", r"price|amount|cost|year|面积|价格|金额|年份"),
)
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Seen:
    """A column as far as it was looked at."""

    name: str
    filled: float  # share of rows with a value
    distinct: float  # distinct values per value
    words: float  # mean words per value
    length: float  # mean characters
    texts: frozenset[str]
    kind: str


def spec(left: Mapping[str, Any], right: Mapping[str, Any] | None) -> str:
    """A spec as YAML text, with a remark on whatever a person should look at."""
    mine = [_seen(name, left[name]) for name in left]
    theirs = [_seen(name, right[name]) for name in right] if right is not None else mine
    ids = (_id(mine), _id(theirs))
    pairs = [p for p in _pairs(mine, theirs) if not (p[0].name == ids[0] and p[1].name == ids[1]) and p[0].kind]
    lines = ["schema: 1", f"id: {_both(*ids)}", "fields:"]
    used: set[str] = set()
    for one, other in pairs:
        name = _free(_key(one.name), used)
        lines.append(f"  {name}: {{kind: {one.kind}, {_columns(one.name, other.name)}}}")
    left_out = [c.name for c in mine if c.name not in {ids[0], *(p[0].name for p in pairs)}]
    if left_out:
        lines.append(f"# 未使用 / not used: {', '.join(left_out)}")
    lines.append("assign: one_to_one   # one_to_many, many_to_one, many_to_many")
    return "\n".join(lines) + "\n"


def _seen(name: str, column: Any) -> Seen:
    values = [v for v in column.slice(0, LOOKED).to_pylist() if v is not None and v.strip()]
    rows = max(min(len(column), LOOKED), 1)
    texts = frozenset(v.strip().lower() for v in values)
    count = max(len(values), 1)
    seen = Seen(
        name,
        len(values) / rows,
        len(texts) / count,
        sum(len(v.split()) for v in values) / count,
        sum(map(len, values)) / count,
        texts,
        "",
    )
    return Seen(name, seen.filled, seen.distinct, seen.words, seen.length, texts, _kind(seen, values))


def _kind(seen: Seen, values: Sequence[str]) -> str:
    """The kind by what the values look like, helped by the column's name; empty: nothing to compare."""
    if not values:
        return ""
    shapes = _shapes(values)
    named = next((kind for kind, words in _WORDS if re.search(words, seen.name.lower())), "")
    for kind in ("birth", "coordinates"):
        if shapes[kind] > 0.8 and (kind != "birth" or named in ("birth", "")):
            return kind
    if named == "phone" or (
        shapes["phone"] > 0.8 and seen.distinct > 0.5 and named not in ("id", "number", "postcode")
    ):
        return "phone"
    if named in ("id", "postcode", "given", "family", "birth"):
        return named
    if named == "address" or (_HAN.search(values[0]) and shapes["address"] > 0.5):
        return "address" if seen.words <= 12 else "text"
    if named == "name":
        return "name" if seen.words <= 3.5 and shapes["number"] < 0.1 and shapes["digits"] < 0.2 else "text"
    if shapes["number"] > 0.9:
        return "number" if seen.distinct > 0.02 or named == "number" else "category"
    if seen.distinct < 0.05 and seen.words < 4:
        return "category"
    return "text" if seen.words > 2.2 or seen.length > 24 else "name"


def _shapes(values: Sequence[str]) -> dict[str, float]:
    tests: Mapping[str, Callable[[str], object]] = {
        "birth": re.compile(
            r"(19|20)\d\d[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?(\s.*)?$|\d{1,2}[-/.]\d{1,2}[-/.](19|20)\d\d$"
        ).match,
        "coordinates": re.compile(r"-?\d{1,3}\.\d{2,}[,\s]+-?\d{1,3}\.\d{2,}$").match,
        "phone": re.compile(r"[+(]?\d[\d\s()\-*]{6,16}$").match,
        "number": re.compile(r"[$¥€£]?\s*-?\d+([.,]\d+)*$").match,
        "address": re.compile(r".*(省|市|区|县|镇|乡|村|路|街|号|小区|栋|单元|室)").match,
        "digits": re.compile(r".*\d").match,
    }
    some = values[:2000]
    return {name: sum(1 for v in some if test(v.strip())) / len(some) for name, test in tests.items()}


def _id(columns: Sequence[Seen]) -> str:
    """The column that names a record: unique, and called so or the first."""
    unique = [c for c in columns if c.distinct > 0.999 and c.filled > 0.999]
    called = [c for c in unique if re.search(r"(^|_)(id|rec_id|no|编号|户号|序号)$|id$|编号|户号", c.name.lower())]
    return next((c.name for c in (*called, *unique)), columns[0].name if columns else "id")


def _pairs(mine: Sequence[Seen], theirs: Sequence[Seen]) -> list[tuple[Seen, Seen]]:
    """Columns of the same name, then those of the same kind that share most values."""
    by_name = {_key(c.name): c for c in theirs}
    found = [(c, by_name[_key(c.name)]) for c in mine if _key(c.name) in by_name]
    taken = {c.name for c, _ in found}, {c.name for _, c in found}
    shared = sorted(
        ((_overlap(a, b), a, b) for a in mine for b in theirs if a.kind and a.kind == b.kind),
        key=lambda each: -each[0],
    )
    for overlap, one, other in shared:
        if overlap > 0.02 and one.name not in taken[0] and other.name not in taken[1]:
            found.append((one, other))
            taken[0].add(one.name)
            taken[1].add(other.name)
    order = [c.name for c in mine]
    return sorted(found, key=lambda pair: order.index(pair[0].name))


def _overlap(one: Seen, other: Seen) -> float:
    return len(one.texts & other.texts) / max(min(len(one.texts), len(other.texts)), 1)


def _key(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().lower()).strip("_") or "field"


def _free(name: str, used: set[str]) -> str:
    free = name if name not in used else next(f"{name}_{n}" for n in range(2, 1000) if f"{name}_{n}" not in used)
    used.add(free)
    return free


def _both(left: str, right: str) -> str:
    return _quoted(left) if left == right else f"{{left: {_quoted(left)}, right: {_quoted(right)}}}"


def _columns(left: str, right: str) -> str:
    return f"column: {_quoted(left)}" if left == right else f"left: {_quoted(left)}, right: {_quoted(right)}"


def _quoted(name: str) -> str:
    return (
        name
        if re.fullmatch(r"[\w\u3400-\u9fff]+", name) and not name.isdigit()
        else '"' + name.replace('"', '\\"') + '"'
    )
