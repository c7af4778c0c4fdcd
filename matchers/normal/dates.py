"""Read dates as archives write them, and tell a real day from a sentinel that means nothing or for ever."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from matchers.columns import Coded
from matchers.normal import text as texts

Kind = Literal["day", "missing", "forever", "invalid"]

_SENTINELS = {
    date(1899, 12, 30),
    date(1899, 12, 31),
    date(1900, 1, 1),
    date(1900, 1, 2),
    date(1, 1, 1),
    date(1970, 1, 1),
}
_WORDS_MISSING = {"", "-", "--", "无", "空", "不详", "\\N", "NULL", "null", "/", "0"}
_WORDS_FOREVER = {"长期", "长期有效", "永久"}
_SHAPES = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?: \d{1,2}:\d{2}(?::\d{2})?)?"),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日?"),
    re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A date as it was written, and what it means."""

    original: str
    # day: `value` holds; missing: a sentinel or a word for nothing; forever: no end; invalid: not a date
    kind: Kind
    value: date | None

    @property
    def normal(self) -> str | None:
        """ISO 8601; `9999-12-31` for no end; None where there is no date."""
        if self.kind == "forever":
            return "9999-12-31"
        return self.value.isoformat() if self.value else None

    def as_row(self) -> dict[str, object]:
        """For `run.py parse date`."""
        return {"kind": self.kind, "normal": self.normal}


def read(text: str) -> Day:
    """The day that a text means (ISO, yyyymmdd, y/m/d, 1985年3月12日); 1899-12-31, 1900-01-01 and the like mean missing."""
    cleaned = texts.plain(text)
    if cleaned in _WORDS_MISSING:
        return Day(original=text, kind="missing", value=None)
    if cleaned in _WORDS_FOREVER:
        return Day(original=text, kind="forever", value=None)
    shape = next((found for pattern in _SHAPES if (found := pattern.fullmatch(cleaned))), None)
    if shape is None:
        return Day(original=text, kind="invalid", value=None)
    year, month, day = (int(part) for part in shape.groups())
    if year in (9999, 2999, 3000):
        return Day(original=text, kind="forever", value=None)
    if year == month == day == 0:
        return Day(original=text, kind="missing", value=None)
    try:
        value = date(year, month, day)
    except ValueError:
        return Day(original=text, kind="invalid", value=None)
    if value in _SENTINELS:
        return Day(original=text, kind="missing", value=None)
    return Day(original=text, kind="day", value=value)


def column(texts_: Coded) -> Coded:
    """The dates of a column in ISO form; what is no date is missing."""
    return texts_.map(lambda text: read(text).normal)
