"""Read dates as archives write them, and tell a real day from a sentinel that means nothing or for ever."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from matchers.columns import Coded
from matchers.normal import numerals
from matchers.normal import text as texts

Kind = Literal["day", "missing", "forever", "invalid"]

_SENTINELS = {
    date(1899, 12, 30),
    date(1899, 12, 31),
    date(1900, 1, 1),
    date(1900, 1, 2),
    date(1, 1, 1),
    date(1000, 1, 1),  # MySQL's first day
    date(1601, 1, 1),  # Windows'
    date(1753, 1, 1),  # SQL Server's
    date(1970, 1, 1),
}
_EXCELS_ZERO = (1900, 1, 0)
_FAR = (2099, 2999, 3000, 9999)
"""Years that systems write for no end, together with the last day of December (9999 with any day)."""
_WORDS_MISSING = {"0", "00000000", "0000-00-00", "00-00-00", "1900", "待定"}
_WORDS_FOREVER = {"长期", "长期有效", "永久", "永久有效", "永远", "无期限", "终身", "至今"}
_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[AP]M)?"
_TIME = r"(?:(?:[ T]|(?: ?(?:上午|下午|凌晨|中午|晚上) ?))?\d{1,2}[:时]\d{1,2}(?:[:分]\d{1,2}(?:[.,]\d+)?秒?)?分?(?: ?[AP]M)?(?:Z| ?[+-]\d\d:?\d\d)?)?"
_PLAIN = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|(\d\d)(\d\d)|年(\d{1,2})月(\d{1,2})日)",
    re.ASCII,
)
_PLAIN_DAY_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", re.ASCII)
_SHAPES = (
    re.compile(rf"(\d{{4}})([-/.,、\\])(\d{{1,2}})\2(\d{{1,2}}){_TIME}[.,、]?", re.ASCII),
    re.compile(rf"(\d{{4}})(年)(\d{{1,2}})月(\d{{1,2}})[日号]?{_TIME}", re.ASCII),
    re.compile(rf"(\d{{4}})()(\d{{2}})(\d{{2}})(?:[ T]?(?:\d{{6}}|\d{{4}})(?:\.\d+)?|\.0|{_TIME})?", re.ASCII),
    re.compile(rf"(\d{{4}})( )(\d{{1,2}}) (\d{{1,2}}){_TIME}", re.ASCII),
)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: n for n, name in enumerate(_NAMES, start=1)}
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_ZONED = rf"(?: {_CLOCK}(?: (?:GMT|UTC)?(?:[+-]\d{{2}}:?\d{{2}})?(?: \(.*\))?)?)?"
_ENGLISH = tuple(re.compile(shape, re.ASCII | re.IGNORECASE) for shape in (
    rf"(?:[a-z]{{3}}, )?(?P<day>\d{{1,2}})[- ]{_MONTH}[-, ]+(?P<year>\d{{4}}){_ZONED}", rf"(?:[a-z]{{3}} )?{_MONTH} (?P<day>\d{{1,2}}),? (?P<year>\d{{4}}){_ZONED}",
    rf"(?P<year>\d{{4}})-{_MONTH}-(?P<day>\d{{1,2}})(?: {_CLOCK})?", rf"[a-z]{{3}},? {_MONTH} (?P<day>\d{{1,2}}) {_CLOCK}(?: [A-Z+:0-9]+)? (?P<year>\d{{4}})",
))  # fmt: skip
"""12-Mar-2025, Mar 12, 2025, 2025-Mar-12, and what programs print: Wed Mar 12 08:30:00 CST 2025, Wed, 12 Mar 2025 08:30:00 GMT."""
_LOOSE = re.compile(r" ?([-/.年月,]) ?| ?(日)")
_DASHES = str.maketrans("—–‐‑−－", "------")
_BY_NUMBER = re.compile(rf"(\d{{1,2}})-(\d{{1,2}})月 ?-(\d{{4}})(?: {_CLOCK})?", re.ASCII)
"""12-3月-1985: how Oracle shows a date in Chinese."""
_DAY_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}})(?: {_CLOCK})?", re.ASCII)
_SHORT = re.compile(
    rf"\d{{2}}[-/.年]\d{{1,2}}[-/.月]\d{{1,2}}日?|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2}}|\d{{6}}|[〇零一二三四五六七八九]{{2}}年.*|\d{{1,2}}-{_MONTH}-\d{{2}}|\d{{1,2}}-\d{{1,2}}月 ?-\d{{2}}",
    re.ASCII | re.IGNORECASE,
)
_PART = re.compile(
    r"约?\d{4}(?:[-/.]\d{1,2}|年?(?:\d{1,2}月)?|Q[1-4])(?:左右|前后|[上中下]旬|初|底|末|份)?|(?:19|20)\d\d(?:0[1-9]|1[0-2])|(?:\d{1,2}|十[一二]?|[一二三四五六七八九])月[\d一二三四五六七八九十]{1,3}[日号]?|[〇○零一二三四五六七八九]{4}年(?:[一二三四五六七八九十]{1,2}月)?",
    re.ASCII,
)
_SERIAL = re.compile(r"[1-5]\d{4}(?:\.\d+)?", re.ASCII)
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?|/Date\(-?\d+(?:[+-]\d{4})?\)/", re.ASCII)
_LUNAR = re.compile(r"[农阴旧]历|[正腊]月|月(?:初[一二三四五六七八九十])|闰.{1,2}月")
_SEVERAL = re.compile(r"\d{4}.*\d(?:日|号)? ?(?:[至到~～/,、;；]|--?) ?(?:\d{4}|长期|永久)")
_WEEKDAY = re.compile(r"[\s(]*(?:星期|周)[一二三四五六日天]\)?$")
_BORN = re.compile(r"出生(?:日期|于)?:?|生于|出?生$|^公元")
_REPUBLIC = re.compile(
    r"民国(?P<year>\d{1,3}|[〇零一二三四五六七八九十百]{1,5})年(?P<month>[\d一二三四五六七八九十]{1,2})月(?P<day>[\d一二三四五六七八九十]{1,3})日?"
)
_DIGITS = {**{c: n for n, c in enumerate("〇一二三四五六七八九")}, "零": 0, "○": 0, "O": 0, "两": 2, "元": 1, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5,
           "陆": 6, "柒": 7, "捌": 8, "玖": 9}  # fmt: skip
_CHINESE = re.compile(
    r"(?P<year>[〇○零O一二三四五六七八九壹贰叁肆伍陆柒捌玖]{4}|[0-9]{4})年(?P<month>[元零〇一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾]{1,3}|[0-9]{1,2})月"
    r"(?P<day>[零〇一二三四五六七八九十廿卅壹贰叁肆伍陆柒捌玖拾]{1,4}|[0-9]{1,2})[日号]?"
)
_LONGEST = 80
"""Characters in which a reason is looked for; no date is longer."""
_MONTHS_OF_A_YEAR = 12
_FOUNDED = 1911
"""The year before the first one of 民国."""
_TENS = str.maketrans("拾", "十")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A date as it was written, and what it means."""

    original: str
    # day: `value` holds; missing: a sentinel or a word for nothing; forever: no end; invalid: not a date
    kind: Kind
    value: date | None
    # why it is no day: not_given, none, ditto, sentinel; two_digit_year, part (a month or a year only), serial (a spreadsheet's
    # number of days), epoch (its seconds or milliseconds), order (day or month first), lunar, several, not_a_day; and what was
    # cleaned: chinese, english, republic (years of 民国)
    reasons: tuple[str, ...] = ()

    @property
    def normal(self) -> str | None:
        """ISO 8601; `9999-12-31` for no end; None where there is no date."""
        if self.kind == "forever":
            return "9999-12-31"
        return self.value.isoformat() if self.value else None

    def as_row(self) -> dict[str, object]:
        """For `run.py parse date`."""
        return {"kind": self.kind, "normal": self.normal, "reasons": list(self.reasons)}


def read(text: str) -> Day:
    """The day that a text means (ISO, yyyymmdd, y/m/d, 1985年3月12日, 一九八五年三月十二日).

    1899-12-31, 1900-01-01 and the like mean missing. Two digits never name a year, and a spreadsheet's count of days is refused,
    since nobody knows from which day it counts.
    """
    return _at_a_glance(text) or _read(text)


def _at_a_glance(text: str) -> Day | None:
    """A date in which nothing has to be cleaned, as most are."""
    if plain := _PLAIN.fullmatch(text):
        year, month, day = filter(None, plain.groups())
        return _judge(text, int(year), int(month), int(day), ())
    last = _PLAIN_DAY_LAST.fullmatch(text)
    return _day_last(text, last) if last else None


def _read(text: str) -> Day:
    cleaned = _WEEKDAY.sub("", _BORN.sub("", texts.plain(text).strip("'‘’\"")).strip()).translate(_DASHES)
    if said := texts.meaning(cleaned):
        return Day(original=text, kind="missing", value=None, reasons=(said,))
    if cleaned in _WORDS_MISSING:
        return Day(original=text, kind="missing", value=None, reasons=("sentinel",))
    if cleaned in _WORDS_FOREVER:
        return Day(original=text, kind="forever", value=None)
    if parts := _written(cleaned):
        return _judge(text, *parts, ())
    if chinese := _CHINESE.fullmatch(cleaned):
        return _judge(text, _year(chinese["year"]), _count(chinese["month"]), _count(chinese["day"]), ("chinese",))
    if republic := _REPUBLIC.fullmatch(cleaned):
        return _judge(
            text,
            _FOUNDED + _number(republic["year"]),
            _number(republic["month"]),
            _number(republic["day"]),
            ("republic",),
        )
    if english := next((found for shape in _ENGLISH if (found := shape.fullmatch(cleaned))), None):
        month = _MONTHS[english["month"].lower()]
        return _judge(text, int(english["year"]), month, int(english["day"]), ("english",))
    if numbered := _BY_NUMBER.fullmatch(cleaned):
        return _judge(text, int(numbered[3]), int(numbered[2]), int(numbered[1]), ("chinese",))
    if last := _DAY_LAST.fullmatch(cleaned):
        return _day_last(text, last)
    return Day(original=text, kind="invalid", value=None, reasons=(_refused(_LOOSE.sub(r"\1\2", cleaned[:_LONGEST])),))


def _day_last(text: str, found: re.Match[str]) -> Day:
    order = _only_order(int(found[1]), int(found[3]))
    if not order:
        return Day(original=text, kind="invalid", value=None, reasons=("order",))
    return _judge(text, int(found[4]), *order, ("english",))


def _only_order(one: int, other: int) -> tuple[int, int] | None:
    """Month and day of two numbers before a year, where one of them can be no month (25/12/1985); else nobody knows which is which."""
    if one > _MONTHS_OF_A_YEAR >= other:
        return other, one
    return (one, other) if other > _MONTHS_OF_A_YEAR >= one else None


def _written(cleaned: str) -> tuple[int, int, int] | None:
    tight = _LOOSE.sub(r"\1\2", cleaned)
    shape = next((found for pattern in _SHAPES if (found := pattern.fullmatch(tight))), None)
    return (int(shape[1]), int(shape[3]), int(shape[4])) if shape else None


def _judge(text: str, year: int, month: int, day: int, how: tuple[str, ...]) -> Day:
    if year == 9999 or (year in _FAR and (month, day) == (12, 31)):
        return Day(original=text, kind="forever", value=None, reasons=how)
    if year == month == day == 0 or (year, month, day) == _EXCELS_ZERO:
        return Day(original=text, kind="missing", value=None, reasons=("sentinel",))
    try:
        value = date(year, month, day)
    except ValueError:
        return Day(original=text, kind="invalid", value=None, reasons=(*how, "not_a_day"))
    if value in _SENTINELS:
        return Day(original=text, kind="missing", value=None, reasons=(*how, "sentinel"))
    return Day(original=text, kind="day", value=value, reasons=how)


def _refused(cleaned: str) -> str:
    for reason, shape in (("lunar", _LUNAR), ("several", _SEVERAL)):
        if shape.search(cleaned):
            return reason
    shapes = {"serial": _SERIAL, "epoch": _EPOCH, "part": _PART, "order": _DAY_LAST, "two_digit_year": _SHORT}
    return next((reason for reason, shape in shapes.items() if shape.fullmatch(cleaned)), "not_a_day")


def _number(written: str) -> int:
    """A number in digits or in Chinese; 0 where it is none."""
    return int(written) if written.isdigit() else numerals.number(written) or 0


def _year(characters: str) -> int:
    return int("".join(c if c in "0123456789" else str(_DIGITS[c]) for c in characters))


def _count(characters: str) -> int:
    """A month or a day in Chinese numerals (十二, 二十三, 廿一, 〇三); 0 where they are none."""
    if characters.isascii():
        return int(characters)
    plain = characters.replace("廿", "二十").replace("卅", "三十").translate(_TENS)
    tens, ten, ones = plain.rpartition("十")
    if not ten:
        return int("".join(str(_DIGITS[c]) for c in plain)) if "十" not in plain else 0
    first, last = tens.strip("零〇"), ones.strip("零〇")
    if len(first) > 1 or len(last) > 1 or "十" in first:
        return 0
    return 10 * (_DIGITS[first] if first else 1) + (_DIGITS[last] if last else 0)


def column(texts_: Coded) -> Coded:
    """The dates of a column in ISO form; what is no date is missing."""
    return texts_.map(lambda text: read(text).normal)
