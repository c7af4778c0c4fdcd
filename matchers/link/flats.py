"""Compare Chinese addresses part by part, by the judgement of the address comparator, and find them by quarter and house."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.words import Words
from matchers.columns import MISSING, distinct
from matchers.comparators import address as judge
from matchers.link.lexicon import known
from matchers.link.near import Codes, Column, Cut, Levels, texts, unordered
from matchers.link.sounds import Readings
from matchers.normal import addresses
from matchers.normal.addresses import Address

ORDER = (
    judge.CONFLICT, judge.SAME_COUNTY, judge.SAME_QUARTER, judge.NOT_PARSED, judge.COMPATIBLE, judge.SAME_BUILDING,
    judge.SAME_UNIT_FUZZY, judge.SAME_UNIT_ALIAS, judge.SAME_UNIT,
)  # fmt: skip
"""The comparator's levels, from different to equal; equality of the texts comes on top."""

_PLACES = np.full(max(ORDER) + 2, 0, dtype=np.int8)
_PLACES[list(ORDER)] = np.arange(len(ORDER))
_PLACES[MISSING] = -1


def levels() -> tuple[Words, ...]:
    """The comparator's sentence of each level."""
    said = (judge.LEVELS[n].words for n in ORDER)
    return tuple(Words(one.zh.replace("{parts}", "一部分"), one.en.replace("{parts}", "parts")) for one in said)


def clean(column: Column) -> Column:
    """As it was written, but for blanks at its ends: the parts are read from the original."""
    text = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(text, pa.scalar("", pa.string())), pa.scalar(None, text.type), text)


def prepare(column: Column, readings: Readings, _cut: Cut) -> tuple[Column, Readings]:
    """Nothing is read before it is asked for."""
    return column, readings


def near(prepared: tuple[Column, Readings], one: Codes, other: Codes) -> Levels:
    """The comparator's levels; every distinct pair is judged once."""
    column, readings = prepared
    lexicon = known(readings)
    a, b, places = distinct(*unordered(one, other))
    left, right = texts(column, a, b)
    judged = judge.levels(left, right, lexicon.reference, lexicon.address)
    found: Levels = _PLACES[judged]
    rest = np.flatnonzero(found < ORDER.index(judge.COMPATIBLE))
    short = [_abbreviated(lexicon.address(x), lexicon.address(y)) for x, y in zip(left[rest], right[rest], strict=True)]
    found[rest[np.asarray(short, dtype=np.bool_)]] = ORDER.index(judge.SAME_UNIT_FUZZY)
    return found[places]


def _abbreviated(one: Address, other: Address) -> bool:
    """Whether two addresses may be of one flat whose quarter is written short in one of them: 玄武湖瑞16-1-301 is 湖瑞花园16幢1单元301室.

    Building and room agree, nothing else contradicts, and the name of one quarter, without its kind, begins or ends that of the other.
    """
    if not (one.quarter and other.quarter and one.building and one.room):
        return False
    if (one.building, one.room) != (other.building, other.room):
        return False
    both = ((one.unit, other.unit), (one.county, other.county), (one.phase, other.phase), (one.road_no, other.road_no))
    if any(a and b and a != b for a, b in both):
        return False
    short, long = sorted((_core(one.quarter), _core(other.quarter)), key=len)
    return len(short) > 1 and (long.startswith(short) or long.endswith(short))


def _core(quarter: str) -> str:
    """A quarter's name without its kind, and without the one character that also stands for one: 丰泰 of 丰泰城."""
    stem = addresses.quarter_stem(quarter)
    return stem[:-1] if len(stem) > 2 and stem[-1] in "城府苑园庭居庄坊里湾" else stem


def house(column: Column, readings: Readings) -> Column:
    """Building and room."""
    return _parts(column, readings, lambda a: f"{a.building or ''}-{a.room}" if a.room else None)


def quarter(column: Column, readings: Readings) -> Column:
    """The quarter's name without its kind, or the street and number."""
    return _parts(column, readings, _place)


def flat(column: Column, readings: Readings) -> Column:
    """The end of the quarter's name, building and room: what stands before the name may be left out, or run into it."""
    return _parts(
        column,
        readings,
        lambda a: f"{_core(_place(a) or '')[-2:]}/{a.building or ''}/{a.room}" if a.room and _place(a) else None,
    )


def _place(address: Address) -> str | None:
    if address.quarter:
        return addresses.quarter_stem(address.quarter)
    return f"{address.road}{address.road_no}" if address.road and address.road_no else address.road


def _parts(column: Column, readings: Readings, cut: Callable[[Address], str | None]) -> Column:
    lexicon = known(readings)
    return pa.array([cut(lexicon.address(text)) if text else None for text in column.to_pylist()], type=pa.string())
