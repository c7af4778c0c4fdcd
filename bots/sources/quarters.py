"""Read a site's own list of quarters: one row a building, or a row without a building for what holds of the whole quarter.

county_code,quarter,phase,building,units,floors,rooms,whole,lng,lat,aliases
130203,凤城国贸,,,,,,是,118.1801,39.6312,矿务局家属院:old::2020-12-31;凤城公馆:developer
130203,凤城国贸,,3号楼,1-2,18,101-104 1801-1804,是,,,

`units` and `rooms` are lists and ranges; rooms hold for every unit, `2/1102` for unit 2 alone. `whole` says that the list is complete:
of buildings in a row without one, of units and rooms in a building's row. Only what is complete can show that something does not exist.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from core.ledger import Transaction, quarters
from core.model import Problem
from core.quarters import ALIAS_KINDS, Alias, Building, Quarter
from core.words import Words
from matchers.quarters import key, part, phase

COLUMNS = ("county_code", "quarter", "phase", "building", "units", "floors", "rooms", "whole", "lng", "lat", "aliases")
NEEDED = COLUMNS[:2]
EXAMPLES = (
    "130203,示例小区,,,,,,是,118.1801,39.6312,示例家属院:old::2020-12-31;示例公馆:developer",
    "130203,示例小区,,3号楼,1-2,18,101-104 201-204,是,,,",
    "130203,示例小区,二期,5号楼,1 2 3,6,1/101 2/101,否,,,",
)
PROBLEMS = {
    "no_county": Words("县（市、区）代码 {county} 不存在", "there is no county {county}"),
    "no_number": Words("列 {column} 不是数字", "the column {column} is no number"),
    "no_flag": Words("列 whole 只能填 是 或 否", "the column whole is 是 or 否 (yes or no)"),
    "no_alias": Words(
        "别名“{alias}”写法不对，应为 名称:类型:起始日:终止日，类型为 {kinds}",
        "the alias '{alias}' is not name:kind:from:to, with one of the kinds {kinds}",
    ),
    "no_range": Words(
        "列 {column} 中“{piece}”不是编号或范围", "'{piece}' in the column {column} is no number or range"
    ),
    "twice": Words("同一楼栋在第 {other} 行已出现", "the same building stands in row {other}"),
}

Line = Mapping[str, str]
Lines = Sequence[tuple[int, Line]]

_YES, _NO = frozenset({"是", "1", "y", "yes", "true"}), frozenset({"", "否", "0", "n", "no", "false"})
_RANGE = re.compile(
    r"(?:(?P<unit>\w{1,3})/)?(?P<first>[A-Z]?\d{1,5}|[A-Z]|[东西南北中甲乙丙丁]{1,2}[户门]?)(?:-(?P<last>\d{1,5}))?"
)
_MOST = 400
"""Numbers that one range may stand for: more is a slip of the pen."""


def judge(file: str, lines: Lines, counties: Collection[str]) -> list[Problem]:
    """What is wrong with the rows of a file; a row with a problem is refused. `counties` are the codes that there are."""
    first: dict[tuple[str, ...], int] = {}
    found = []
    for number, line in lines:
        other = first.setdefault(_place(line), number) if line.get("building") else number
        problems = [*_wrong(line, counties), *([("twice", {"other": str(other)})] if other < number else [])]
        found += [Problem(code=code, place=file, row=number, params=params) for code, params in problems]
    return found


def _wrong(line: Line, counties: Collection[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The code and the parameters of each problem that a row has by itself."""
    empty = [name for name in NEEDED if not line.get(name)]
    yield from (("empty", {"column": name}) for name in empty)
    if "county_code" not in empty and not _county(line["county_code"], counties):
        yield "no_county", {"county": line["county_code"]}
    for name in ("floors", "lng", "lat"):
        if not _numeric(line.get(name, ""), name):
            yield "no_number", {"column": name}
    if line.get("whole", "").lower() not in _YES | _NO:
        yield "no_flag", {}
    for name in ("units", "rooms"):
        yield from (("no_range", {"column": name, "piece": piece}) for piece in _strange(line.get(name, "")))
    for text in _pieces(line):
        if _alias(text) is None:
            yield "no_alias", {"alias": text, "kinds": " ".join(ALIAS_KINDS)}


def keep(tx: Transaction, lines: Sequence[Line]) -> dict[str, int]:
    """Bring the rows into the ledger as confirmed quarters; answers how many rows there were added and changed."""
    standing = {(k.county, key(k.name)): k.name for k in quarters.known(tx) if k.quarter == k.name}
    return quarters.take(tx, gather(lines, standing), tx.ledger.actor)


def gather(lines: Iterable[Line], standing: Mapping[tuple[str, str], str]) -> list[Quarter]:
    """The quarters of these rows; a name with and without 小区 is one quarter, under the spelling that is there or came first."""
    found: dict[tuple[str, str], Quarter] = {}
    for line in lines:
        place = line["county_code"], key(line["quarter"])
        quarter = found.get(place) or Quarter(id="", county=place[0], name=standing.get(place, line["quarter"]))
        found[place] = _with(quarter, line)
    return list(found.values())


def _with(quarter: Quarter, line: Line) -> Quarter:
    """The quarter with what one more row says of it."""
    aliases = tuple(alias for text in _pieces(line) if (alias := _alias(text)) is not None)
    lng, lat = (float(line[n]) if line.get(n) else None for n in ("lng", "lat"))
    building = line.get("building", "")
    return replace(
        quarter,
        aliases=quarter.aliases + aliases,
        buildings=quarter.buildings + ((_building(line),) if building else ()),
        whole=quarter.whole or (not building and _yes(line)),
        lng=quarter.lng if lng is None else lng,
        lat=quarter.lat if lat is None else lat,
    )


def _building(line: Line) -> Building:
    units = tuple(dict.fromkeys(part(unit) for _, unit in _numbers(line.get("units", ""))))
    rooms = frozenset(
        (where, part(room))
        for unit, room in _numbers(line.get("rooms", ""))
        for where in ((part(unit),) if unit else units or ("",))
    )
    floors = int(float(line["floors"])) if line.get("floors") else None
    return Building(
        name=part(line["building"]), phase=phase(line.get("phase", "")), units=units, floors=floors, rooms=rooms, whole=_yes(line)
    )  # fmt: skip


def _yes(line: Line) -> bool:
    return line.get("whole", "").lower() in _YES


def _county(code: str, counties: Collection[str]) -> bool:
    return code in counties if counties else bool(re.fullmatch(r"\d{6}", code))


def _numeric(text: str, column: str) -> bool:
    number = re.fullmatch(r"\d{1,2}(?:\.0)?" if column == "floors" else r"\d{1,3}(?:\.\d+)?", text)
    return not text or number is not None


def _pieces(line: Line) -> list[str]:
    return [piece.strip() for piece in re.split("[;；]", line.get("aliases", "")) if piece.strip()]


def _alias(text: str) -> Alias | None:
    """An alias of name:kind:from:to; the last three may be left out."""
    name, kind, first, last = (*re.split("[:：]", text), "", "", "")[:4]
    if not name or (kind or "popular") not in ALIAS_KINDS:
        return None
    try:
        days = [date.fromisoformat(day) if day else None for day in (first, last)]
    except ValueError:
        return None
    return Alias(name=name, kind=kind or "popular", first=days[0], last=days[1])


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    """(unit, number) of each number that a list of numbers and ranges stands for; what is none is left out."""
    for piece in re.split(r"[\s,，、]+", text.strip()):
        found = _RANGE.fullmatch(piece.upper())
        if found is None or found["last"] is None:
            yield from [(found["unit"] or "", found["first"])] if found else []
        elif found["first"].isdecimal():
            first, last = int(found["first"]), int(found["last"])
            yield from ((found["unit"] or "", str(n)) for n in range(first, min(last, first + _MOST) + 1))


def _strange(text: str) -> list[str]:
    """The pieces of a list that are no number and no range."""
    pieces = [piece for piece in re.split(r"[\s,，、]+", text.strip()) if piece]
    return [piece for piece in pieces if not _sound(_RANGE.fullmatch(piece.upper()))]


def _sound(found: re.Match[str] | None) -> bool:
    if found is None or found["last"] is None:
        return found is not None
    return found["first"].isdecimal() and 0 <= int(found["last"]) - int(found["first"]) < _MOST


def _place(line: Line) -> tuple[str, ...]:
    name = key(line.get("quarter", ""))
    return line.get("county_code", ""), name, phase(line.get("phase", "")), part(line.get("building", ""))
