"""Write a spec from the data: which columns mean the same, and of what kind they are."""

import math
import re
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from core.errors import InputError, choices
from core.words import Words
from matchers.link import columns, follows, persons
from matchers.link.spec import ROWS

LOOKED = 20_000
"""Rows of each file that are looked at."""

REPEATED = 200_000
"""Rows that are looked at for repetitions."""

START = 10
"""Letters and digits of a value in which records of the same thing agree, at least, where ends are mistyped or cut off."""

MOST = 0.75
"""Share of a usual title's letters and digits in which they agree."""

YEAR = 4.5
"""Characters on the average up to which a column that is called a birth holds years, which are compared as numbers."""

FEW = (0.05, 0.15)
"""Distinct values per value below which short texts are categories, in two files and in one: there is no rival that is more alike there."""

BEYOND = 3
"""How much oftener than by chance rows must agree: common names meet without being the same person."""

ASSIGN = "assign: {}   # one_to_one, one_to_many, many_to_one, many_to_many"
UNPAIRED = (
    "# 看不出两边哪些列含义相同：请在下面把 ? 换成右表的列，去掉行首的 #，不能比较的行删掉\n"
    "# no columns were seen to mean the same: put right columns in place of ?, take the # away, drop what cannot be compared"
)

SHARED = 0.02
"""Share of the values of one column that must be in the other, for the two to be taken for the same."""

MANY = 0.3
"""The same where the one column's header tells its kind, and the other's does not."""

READ = 100_000
"""Distinct addresses above which reading them by parts (about 0.1 ms each) is left to whoever asks for kind `flat`."""

_WORDS: Sequence[tuple[str, str]] = (
    ("id", r"id_?card|cert|ssn|soc_sec|证件|身份证|passport|tax"),
    ("birth", r"birth|dob|born|出生"),
    ("set", r"author|creator|keyword|tags|actors|cast$|genres|作者|共有人"),
    ("phone", r"phone|mobile|telef|(?<![a-z])tel(?![a-z])|手机|电话"),
    ("postcode", r"post_?code|zip|邮编"),
    ("given", r"given|first_?name|fname|forename|^first$|^名$"),
    ("family", r"family|sur_?name|last_?name|lname|^last$|^姓$"),
    ("address", r"addr|street|地址|住址|坐落"),
    ("text", r"title|descr|product|company|firm|企业|公司|单位|品名|题名|名称$"),
    ("name", r"name|姓名|户名|owner|用户名称|产权人|法人|代表人"),
    ("coordinates", r"coord|lat_?lon|经纬|坐标"),
    ("number", r"price|amount|cost|year|^age$|(^|_)age$|面积|价格|金额|年份|年龄"),
)
_TELLING = frozenset({"name", "given", "family", "birth", "phone", "address", "coordinates", "set", "text"})
"""Kinds of which one column on each side is surely the same."""
_WORDY = frozenset({"text", "name", "set", "address", "category"})
"""Kinds of words, of which the one column may be taken for this and the other for that."""
_HEADED = frozenset({"given", "family", "postcode"})
"""Kinds that hardly anything but a header tells."""
_BY_VALUES = "由两边的值配成，请看是否同一样东西 / paired by their values: see whether they mean the same"
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
    """A spec as YAML text, with a remark on whatever a person should look at. Raises InputError where no columns can be compared."""
    few = FEW[right is None]
    mine = [_seen(name, left[name], few) for name in left]
    theirs = [_seen(name, right[name], few) for name in right] if right is not None else mine
    ids = (_id(mine), _id(theirs))
    told, by_values = _pairs(mine, theirs, ids)
    pairs = [p for p in told if not (p[0].name == ids[0] and p[1].name == ids[1]) and p[0].kind]
    others = left if right is None else right
    lines = ["schema: 1", f"id: {_both(*ids)}{_why_rows(ids[: 1 if right is None else 2])}", "fields:"]
    if not pairs:
        rest = [[c for c in side if c.kind and c.name != own] for side, own in zip((mine, theirs), ids, strict=True)]
        if right is None or not all(rest):
            raise InputError(
                Words(
                    f"没有可以比较的列：两边没有含义相同且有值的列（表头应在第一行）；左表：{choices(left)}；右表：{choices(others)}",
                    f"nothing to compare: the files have no column with values in common (the header belongs into the first row);"
                    f" left: {choices(left)}; right: {choices(others)}",
                )
            )
        return "\n".join([UNPAIRED, *lines, *_skeleton(*rest), ASSIGN.format("one_to_one")]) + "\n"
    used: set[str] = set()
    twice = _told_twice([one for one, _ in pairs], left)
    after = {
        f.coarse: f
        for f in follows.found(
            [(one.name, one.kind, _codes(left[one.name])) for one, _ in pairs if one.name not in twice]
        )
    }
    for one, other in pairs:
        kind = _flat(one, other, left, right) if one.kind == "address" else one.kind
        line = f"{_free(_key(one.name), used)}: {{kind: {kind}, {_columns(one.name, other.name)}}}"
        parts = twice.get(one.name)
        remarks = [
            *([_BY_VALUES] if one.name in by_values else []),
            *(
                [f"由 {f.fine} 决定，合起来只算一件证据 / follows from {f.fine}, reckoned together"]
                if (f := after.get(one.name))
                else []
            ),
        ]
        remark = f"  # {'; '.join(remarks)}" if remarks else ""
        lines.append(f"  # {line}  # 由 {parts} 组成 / made of {parts}" if parts else f"  {line}{remark}")
    unused = _unused(mine, {ids[0], *(one.name for one, _ in pairs)}, "" if right is None else "（左 / left）")
    if right is not None:
        unused += _unused(theirs, {ids[1], *(other.name for _, other in pairs)}, "（右 / right）")
    if unused:
        lines.append(f"# 未使用 / not used: {', '.join(unused)}")
    if right is not None:
        lines.append(ASSIGN.format(_assign(pairs, left, right)))
    return "\n".join(lines) + "\n"


def _skeleton(mine: Sequence[Seen], theirs: Sequence[Seen]) -> list[str]:
    """The left columns as fields that wait for their right columns, and these, with the kinds that they look like."""
    used: set[str] = set()
    fields = [f'  # {_free(_key(c.name), used)}: {{kind: {c.kind}, left: {_quoted(c.name)}, right: "?"}}' for c in mine]
    return [*fields, "  # 右 / right: " + ", ".join(f"{_quoted(c.name)} ({c.kind})" for c in theirs)]


def _unused(columns: Sequence[Seen], used: set[str], side: str) -> list[str]:
    return [f"{c.name}{side}" for c in columns if c.name not in used]


def _why_rows(ids: Sequence[str]) -> str:
    """Why rows are named by their numbers."""
    places = [n for n, name in enumerate(ids) if name == ROWS]
    if not places:
        return ""
    zh = "、".join(("左表", "右表")[n] for n in places) if len(ids) > 1 else "这个文件"
    en = " and the ".join(("left", "right")[n] for n in places) + " file" if len(ids) > 1 else "file"
    return f"   # {zh}没有每行都有、又不重复的编号列，以行号为编号 / the {en} has no column that names each row once"


def _codes(column: Any) -> Any:
    """A number for each of a column's values, −1 where there is none."""
    values = [(v or "").strip().lower() for v in column.slice(0, follows.LOOKED).to_pylist()]
    known = {value: code for code, value in enumerate(sorted(set(values) - {""}))}
    return np.asarray([known.get(value, -1) for value in values], dtype=np.int32)


def _seen(name: str, column: Any, few: float) -> Seen:
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
    return Seen(name, seen.filled, seen.distinct, seen.words, seen.length, texts, _kind(seen, values, few))


def _kind(seen: Seen, values: Sequence[str], few: float) -> str:
    """The kind by what the values look like, helped by the column's name; empty: nothing to compare."""
    if not values:
        return ""
    shapes = _shapes(values)
    named = next((kind for kind, words in _WORDS if re.search(words, seen.name.lower())), "")
    chinese = bool(_HAN.search(values[0]))
    person = seen.words <= 4 and shapes["digits"] < 0.2 and persons.people(values[:2000], called=named == "name")
    rules = (
        ("birth", shapes["birth"] > 0.8 and named in ("birth", "")),
        ("coordinates", shapes["coordinates"] > 0.8),
        ("phone", (named == "phone" and shapes["digits"] > 0.5) or (shapes["phone"] > 0.8 and seen.distinct > 0.5 and named not in ("id", "number", "postcode"))),
        ("birth", named == "birth" and shapes["digits"] > 0.5 and seen.length > YEAR),
        (named, named in ("id", "postcode", "given", "family", "set")),
        ("set", shapes["list"] > 0.5 and shapes["digits"] < 0.1),
        ("address", named == "address" or (chinese and shapes["address"] > 0.5)),
        ("text", named == "name" and not person),
        ("name", named == "name"),
        ("number", shapes["year"] > 0.9 or (named == "birth" and shapes["number"] > 0.9)),
        ("category", shapes["number"] > 0.9 and seen.distinct <= 0.02 and named != "number"),
        ("number", shapes["number"] > 0.9),
        ("text", named == "text" and seen.distinct > 0.05),
        ("name", person and seen.words > 1.5),
        ("category", seen.distinct < few and seen.words < 4),
        ("name", person),
    )  # fmt: skip
    return next((kind for kind, fits in rules if fits), "text")


def _shapes(values: Sequence[str]) -> dict[str, float]:
    tests: Mapping[str, Callable[[str], object]] = {
        "birth": re.compile(
            r"(19|20)\d\d[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?(\s.*)?$|\d{1,2}[-/.]\d{1,2}[-/.](19|20)\d\d$"
        ).match,
        "coordinates": re.compile(r"-?\d{1,3}\.\d{2,}[,\s]+-?\d{1,3}\.\d{2,}$").match,
        "phone": re.compile(r"[+(]?\d[\d\s()\-*]{6,16}$").match,
        "year": re.compile(r"(18|19|20)\d\d(\.0)?$").match,
        "number": re.compile(r"[$¥￥€£]?\s*-?\d+([.,]\d+)*\s*[$¥￥€£元]?$").match,
        "address": re.compile(r".*(省|市|区|县|镇|乡|村|路|街|号|小区|栋|单元|室)").match,
        "digits": re.compile(r".*\d").match,
        "list": re.compile(r"[^;,、，；|]{2,40}([;,、，；|]\s*[^;,、，；|]{2,40})+$").match,
    }
    some = values[:2000]
    return {name: sum(1 for v in some if test(v.strip())) / len(some) for name, test in tests.items()}


def _id(columns: Sequence[Seen]) -> str:
    """The column that names a record: unique, and called so or the first; "#", the row's number, where there is none."""
    unique = [c for c in columns if c.distinct > 0.999 and c.filled > 0.999]
    called = [c for c in unique if re.search(r"(^|_)(id|rec_id|no|编号|户号|序号)$|id$|编号|户号", c.name.lower())]
    first = [c for c in unique if c.words < 1.5 and c.name == columns[0].name]
    return next((c.name for c in (*called, *first)), ROWS)


def _pairs(
    mine: Sequence[Seen], theirs: Sequence[Seen], ids: tuple[str, str]
) -> tuple[list[tuple[Seen, Seen]], frozenset[str]]:
    """Columns of the same name, then those whose values meet, then the only ones of a kind but the ids; and which of them values paired."""
    by_name = {_key(c.name): c for c in theirs}
    found = [
        (c, by_name[_key(c.name)]) for c in mine if c.kind and _key(c.name) in by_name and by_name[_key(c.name)].kind
    ]
    taken = {c.name for c, _ in found}, {c.name for _, c in found}
    by_values: set[str] = set()

    def take(shared: list[tuple[float, Seen, Seen]]) -> None:
        for _, one, other in sorted(shared, key=lambda each: -each[0]):
            if one.name not in taken[0] and other.name not in taken[1]:
                found.append((one, other))
                by_values.add(one.name)
                taken[0].add(one.name)
                taken[1].add(other.name)

    def left_over() -> list[list[Seen]]:
        sides = zip((mine, theirs), taken, ids, strict=True)
        return [[c for c in side if c.kind and c.name not in gone and c.name != own] for side, gone, own in sides]

    take([(o, a, b) for a in mine for b in theirs if a.kind and a.kind == b.kind and (o := _overlap(a, b)) > SHARED])
    take([(o, one, b) for a, b in product(*left_over()) if (one := _of_one_kind(a, b)) and (o := _meeting(one, b))])
    for kind in sorted(_TELLING):  # what is left of a kind on both sides, where there is no choice
        rest = [[c for c in side if c.kind == kind] for side in left_over()]
        if len(rest[0]) == len(rest[1]) == 1:
            found.append((rest[0][0], rest[1][0]))
    order = [c.name for c in mine]
    return sorted(found, key=lambda pair: order.index(pair[0].name)), frozenset(by_values)


def _of_one_kind(one: Seen, other: Seen) -> Seen | None:
    """The first column as of the kind by which the two can be compared; None where they cannot."""
    if one.kind == other.kind:
        return one
    if {one.kind, other.kind} <= _WORDY:
        return replace(one, kind="text")
    headed = sorted({one.kind, other.kind} & _HEADED)  # one header tells what the other does not
    return replace(one, kind=headed[0]) if len(headed) == 1 and _overlap(one, other) > MANY else None


def _meeting(one: Seen, other: Seen) -> float:
    """How far the values of two columns, which may have no value in common, are of the same things."""
    if one.kind == "number":
        return columns.numbers(one.texts, other.texts)
    words = columns.words(one.texts, other.texts) if one.kind in _WORDY else 0.0
    return max(words, o if (o := _overlap(one, other)) > SHARED else 0.0)


def _flat(one: Seen, other: Seen, left: Mapping[str, Any], right: Mapping[str, Any] | None) -> str:
    """Chinese addresses are read by parts where there are not too many to read."""
    rows = len(left[one.name]) * one.distinct + (len(right[other.name]) * other.distinct if right is not None else 0)
    chinese = sum(1 for text in sorted(one.texts)[:200] if _HAN.search(text))
    return "flat" if rows <= READ and chinese > 0.5 * min(len(one.texts), 200) else "address"


def _told_twice(columns: Sequence[Seen], left: Mapping[str, Any]) -> dict[str, str]:
    """Columns that are made of two others or more (a full name beside given name and surname), and of which: told twice, counted twice."""
    rows = {
        c.name: [frozenset((v or "").lower().split()) for v in left[c.name].slice(0, 2000).to_pylist()]
        for c in columns
        if c.kind in ("name", "given", "family", "text", "address")
    }
    found = {}
    for name, whole in rows.items():
        inside = [other for other, part in rows.items() if other != name and _within(part, whole)]
        if len(inside) > 1:
            found[name] = ", ".join(other for other in inside if not _within(rows[name], rows[other]))
    return found


def _within(part: Sequence[frozenset[str]], whole: Sequence[frozenset[str]]) -> bool:
    """Whether the words of one column nearly always stand in the other, too."""
    both = [(a, b) for a, b in zip(part, whole, strict=True) if a and b]
    return len(both) > 0.3 * len(part) and sum(a <= b for a, b in both) > 0.9 * len(both)


def _assign(pairs: Sequence[tuple[Seen, Seen]], left: Mapping[str, Any], right: Mapping[str, Any]) -> str:
    """By whether one of the files has the same thing several times: the two most telling columns together, texts by their beginnings."""
    telling = sorted((p for p in pairs if p[0].kind in _TELLING), key=lambda p: -p[0].distinct - p[1].distinct)[:2]
    if not telling:
        return "one_to_one"
    several = [
        _repeated(
            given, [p[side].name for p in telling], [_cut(p[side]) if len(telling) > 1 else None for p in telling]
        )
        for side, given in enumerate((left, right))
    ]
    return {(False, True): "one_to_many", (True, False): "many_to_one", (True, True): "many_to_many"}.get(
        (several[0], several[1]), "one_to_one"
    )


def _cut(column: Seen) -> int | None:
    """Letters and digits in which records of the same thing agree: most of a title, for those of one maker begin alike; of a list the first name; else all."""
    if column.kind == "set":
        return START
    if column.kind != "text":
        return None
    return max(START, int(MOST * statistics.median(len(_start(text, None)) for text in column.texts)))


def _repeated(given: Mapping[str, Any], columns: Sequence[str], cut: Sequence[int | None]) -> bool:
    """Whether rows agree in the columns (in so many characters) oftener than the columns' values, each for itself, let expect."""
    rows = zip(*(given[name].slice(0, REPEATED).to_pylist() for name in columns), strict=True)
    full = [starts for row in rows if all(starts := tuple(_start(v, n) for v, n in zip(row, cut, strict=True)))]
    alike = [_alike(Counter(values)) for values in (full, *zip(*full, strict=True))]
    chance = math.prod(alike[1:]) if len(columns) > 1 else 0.0
    return len(full) > 50 and len(set(full)) < 0.95 * len(full) and alike[0] > BEYOND * chance


def _start(text: str | None, length: int | None) -> str:
    return re.sub(r"[\W_]+", "", text.lower())[:length] if text and length else (text or "").strip().lower()


def _alike(counts: Counter[Any]) -> float:
    """The share of all pairs of rows that have the same value."""
    rows = counts.total()
    return sum(n * (n - 1) for n in counts.values()) / max(rows * (rows - 1), 1)


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
