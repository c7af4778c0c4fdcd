"""Split a cell into telephone numbers and judge each one; nothing that stood in the cell is dropped."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from core.reference import Reference
from matchers import masks
from matchers.columns import Coded
from matchers.normal import text as texts

_MASKED = re.compile(
    rf"[{masks.STARS}{masks.BOXES}•…]|_(?=_)|(?<=_)_|[Xx](?=[Xx*])|(?<=[Xx*])[Xx]|#(?=#)|(?<=#)#|\.(?=\.)|(?<=\.)\."
)
_BRACKETS = str.maketrans("[]【】〔〕{}—–‐‒―−－", "()()()()-------")
_CHUNK = re.compile(
    r"""(?<![\d*])(?:
      (?P<science>1\.(?P<mantissa>\d+)[Ee]\+?10)(?!\d)
    | (?P<foreign>(?:(?:\+|00)(?!86|[01]86)[1-9]\d{0,2}|(?:852|853|886)(?=[\s-]))[\s-]*\(?\d[\d\s()-]{4,13}\d)(?!\d)
    | (?P<mobile>(?P<before>\(?(?:\+|00)?\(?86\)?[\s-]*|(?:179\d\d|12593)[\s-]?|0(?=1[3-9]\d{9}(?!\d)))*
        1(?:[\s.-]?\d){10})(?:\.0+)?(?![\d*])
    | (?P<hotline>\(?[48]00\)?[\s-]?(?:\d{3}[\s-]?\d{4}|\d{4}[\s-]?\d{3}))(?![\d*])
    | (?P<landline>(?:\(?(?:\+|00)?86\)?[\s-]*|(?:179\d\d|12593)[\s-]?(?=\(?0))*\(?(?P<area>0(?:10|2\d|[3-9]\d\d)|(?<=86)(?:10|2\d|[3-9]\d\d)|(?<=86[\s-])(?:10|2\d|[3-9]\d\d)
            |(?:10|2\d)(?=-[2-9]\d{7}(?!\d))|[3-9]\d\d(?=-[2-9]\d{6,7}(?!\d))|(?<=\()(?:10|2\d|[3-9]\d\d)(?=\)[\s-]*[2-9]\d{6,7}(?!\d)))\)?[\s./-]*
        (?P<number>[2-9]\d{2,3}[\s.-]?\d{4}))(?:\.0+)?(?![\d*])(?P<extension>(?:\s*(?:[-#转]|分机|内线|ext\.?|EXT\.?)[\s:]*)+\d{1,5}(?!\d))?
    | (?P<masked>(?:\(?0\d{2,3}\)?[\s-]?)?(?:\d[\s-]?){0,11}\*(?:[\s-]?[\d*])*)
    | (?P<local>(?<![\dA-Z][A-Z])[2-9]\d{2,3}[-\s]?\d{4})(?:\.0+)?(?![\d*])(?P<local_extension>-\d{1,5}(?!\d))?
    | (?P<lookalike>(?=[\doOIlBSZ|]{11}(?![\dA-Za-z]))(?=\d{0,10}[oOIlBSZ|])[1Il|][\doOIlBSZ|]{10})
    | (?P<digits>\d+(?:[\s-]\d{1,6}(?![\d*]))*)(?:\.0+)?
    )""",
    re.VERBOSE | re.ASCII,
)
_SPELT_DIGITS = "零〇○一二三四五六七八九幺"
_SPELT = re.compile(
    rf"(?:(?<![\u4e00-\u9fff])|(?<=[话机号码式]))(?<!\d)[{_SPELT_DIGITS}](?:[\s-]?[{_SPELT_DIGITS}]){{6,11}}(?![{_SPELT_DIGITS}\d])"
)
"""A number in Chinese numerals, digit by digit; one in the name before it (李四) is not of it."""
_AS_DIGITS = str.maketrans(_SPELT_DIGITS, "0001234567891")
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_PREFIX_IN_BRACKETS = re.compile(r"\((?P<prefix>1[3-9]\d)\)(?=[\s-]?\d{4}[\s-]?\d{4}(?!\d))", re.ASCII)
"""(138)3151-2345"""
_MOBILES = r"1[3-9]\d{9}"
_LANDLINES = r"0(?:(?:10|2\d)-?[2-9]\d|[3-9]\d\d-?[2-9]\d?)\d{6}"
_JOINED = re.compile(
    rf"(?<![\d*-])(?:(?:{_MOBILES}){{2,3}}|{_MOBILES}{_LANDLINES}|{_LANDLINES}{_MOBILES})(?![\d*-])", re.ASCII
)
"""Numbers without anything between them; a meter's number has as many digits, so a person decides."""
_APART = re.compile(rf"{_MOBILES}|{_LANDLINES}(?=(?:{_MOBILES})?$)", re.ASCII)
_THOUSANDS = re.compile(r"1\d(?:,\d{3}){3}", re.ASCII)
"""A spreadsheet's way of showing eleven digits."""
_ENUMERATED = re.compile(r"[①-⒛❶-❿⓫-⓴]")
"""Signs that number the items of a list; as digits they would run into the number behind them."""
_ACCOUNT = re.compile(r"(?:QQ|[VW]X|微信|扣扣)号?码?[\s:]*$", re.IGNORECASE)
"""Before the number of somebody's account elsewhere, which nobody can call (微信 before a mobile number: both)."""
_TWO = 22
_CLEAN = re.compile(r"1[3-9](?!(\d)\1{8})\d(?!(\d)\2{7})\d{8}", re.ASCII)
_SEPARATORS = re.compile(r"[\s/、,，;；|:：()\\&+~.·。<>《》\"'-]+")
_JOINING = frozenset(["和", "或", "及", "与", "或者", "以及"])
_SERVICE = re.compile(r"95\d{3,6}|1[01]\d{1,3}|12\d{3}|1[02]0\d{2}|[48]00\d{7}", re.ASCII)
_THING = re.compile(r"1(?:064\d|4[01468]\d\d)\d{8}", re.ASCII)
"""Thirteen digits of a card in a meter or a terminal: nobody answers there."""
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_LONG = re.compile(r"\d{7,}", re.ASCII)
_HAN = re.compile(r"[\u3400-\u9fff]")
_ABROAD = re.compile(r"\(?(?:\+|00)?86")
_LOCAL = re.compile(r"[2-9]\d{6,7}")
_BIG, _EIGHT = 3, 8
"""Cities with an area code of three digits (010, 02x) have numbers of eight digits; of the others some have seven."""
_NO_DIGIT = re.compile(r"\D")
_AROUND_A_MASK = re.compile(r"[\s()-]")
_FILLERS = frozenset(["12345678901", "12345678910", "01234567890", "13800138000"])
"""Digits that are typed where none are known; the last is an operator's own number that everybody knows."""
_SHORT = 5
"""Fewer digits than this beside words or a number are a remark (2号楼, 转802, 2019年), not a number."""


PROBLEMS = (
    "placeholder",
    "length",
    "unallocated",
    "area_code",
    "no_area_code",
    "excel",
    "lookalike",
    "joined",
    "masked",
    "service",
    "thing",
    "foreign",
)
"""Why a number is none that can be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One telephone number."""

    # mobile: 11 digits; landline: area-number; otherwise the digits as they stood
    normal: str
    # mobile | landline | local (no area code) | service | thing (a machine's card) | masked | foreign | bad
    kind: str
    # why the number is not valid, of PROBLEMS; otherwise empty
    problem: str = ""
    # for a local number, the number with the area code of the landline before it in the cell, or of its account
    completed: str = ""

    @property
    def valid(self) -> bool:
        """A mobile or landline number that can exist."""
        return not self.problem and self.kind in {"mobile", "landline"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phones:
    """A cell with all its numbers and whatever else stood there."""

    original: str
    numbers: tuple[Number, ...]
    # what is no number: names, relations, remarks
    rest: str
    # several, width, invisible, separator, country_code, extension, rest, no_number, what a word for no value means, and the
    # problems of the numbers
    reasons: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """There is a number, and every number is valid."""
        return bool(self.numbers) and all(number.valid for number in self.numbers)

    def as_row(self) -> dict[str, object]:
        """For `run.py parse phone`."""
        return {
            "numbers": [number.completed or number.normal for number in self.numbers],
            "valid": self.valid or (bool(self.numbers) and all(n.valid or n.completed for n in self.numbers)),
            "rest": self.rest,
            "reasons": list(self.reasons),
        }


def read(text: str, reference: Reference, area_code: str | None = None) -> Phones:
    """The numbers of one cell; `area_code` (of the account's city) completes a landline that has none."""
    if _CLEAN.fullmatch(text) and text[:3] not in reference.unallocated and text not in _FILLERS:
        return Phones(original=text, numbers=(Number(normal=text, kind="mobile"),), rest="", reasons=())
    repaired = texts.repair(_ENUMERATED.sub(" ", text))
    cell = _MASKED.sub("*", repaired.normal).translate(_BRACKETS)
    cell = _PREFIX_IN_BRACKETS.sub(r"\g<prefix>", cell)
    cell = _SPELT.sub(lambda spelt: spelt[0].translate(_AS_DIGITS), cell)
    cell = cell.replace(",", "") if _THOUSANDS.fullmatch(cell) else cell
    joined = [piece for run in _JOINED.finditer(cell) for piece in _APART.findall(run[0])] if len(cell) >= _TWO else []
    cell = _JOINED.sub(lambda run: "/".join(_APART.findall(run[0])), cell) if joined else cell
    cell = text if cell == text else cell  # a number that needs no repair is kept once
    chunks = list(_CHUNK.finditer(cell))
    remarks = _remarks(chunks, cell)
    chunks = [chunk for chunk in chunks if chunk.start() not in remarks]
    numbers, area = [], area_code
    for chunk in chunks:
        area = _area(chunk) if chunk["area"] else area
        number = _number(chunk, reference, area)
        numbers.append(replace(number, problem="joined") if number.valid and _among(number, joined) else number)
    rest = _rest(cell, chunks) if chunks else repaired.normal
    reasons = [reason for reason in repaired.reasons if reason in {"width", "invisible"}]
    if len(numbers) > len(set(numbers)):  # told twice
        first = [numbers.index(number) for number in dict.fromkeys(numbers)]
        numbers, chunks = [numbers[at] for at in first], [chunks[at] for at in first]
        reasons.append("separator")
    reasons += _found(chunks, numbers, rest, texts.meaning(repaired.normal))
    return Phones(original=text, numbers=tuple(numbers), rest=rest, reasons=_shared(tuple(dict.fromkeys(reasons))))


def _among(number: Number, joined: Sequence[str]) -> bool:
    """Whether a number stood in a run of digits that was taken apart."""
    return bool(joined) and _digits(number.normal) in map(_digits, joined)


@lru_cache(maxsize=1 << 10)
def _shared(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """One tuple for all that are equal: a million cells have some dozen."""
    return reasons


def _found(chunks: list[re.Match[str]], numbers: list[Number], rest: str, meaning: str) -> list[str]:
    """What is to be said of a cell besides its text."""
    pairs = list(zip(chunks, numbers, strict=True))
    rewritten = any(number.kind in {"mobile", "landline"} and chunk[0] != number.normal for chunk, number in pairs)
    abroad = any(chunk["before"] or _abroad(chunk) for chunk in chunks)
    facts = {
        "several": len(numbers) > 1,
        "country_code": abroad,
        "separator": rewritten and not abroad,
        "extension": any(_extension(chunk) for chunk in chunks),
        "rest": bool(rest),
    }
    said = [fact for fact, true in facts.items() if true]
    said += [n.problem or n.kind for n in numbers if n.problem or n.kind in {"masked", "local", "service"}]
    return said if numbers else [*said, "no_number", *([meaning] if meaning else [])]


def _abroad(chunk: re.Match[str]) -> bool:
    """Whether a landline is written with the country's code."""
    return bool(chunk["landline"]) and bool(_ABROAD.match(chunk["landline"]))


def _extension(chunk: re.Match[str]) -> str:
    return _digits(chunk["extension"] or chunk["local_extension"] or "")


def _remarks(chunks: list[re.Match[str]], cell: str) -> set[int]:
    """Which runs of digits (by where they start) belong to the words or to the numbers around them."""
    worded = bool(_HAN.search(cell)) or len(_LONG.findall(cell)) > 1
    total = len(_digits(cell))
    found = set()
    for chunk in chunks:
        digits = _digits(chunk["digits"] or chunk["local"] or "")
        others = total - len(digits) >= 7
        short = len(digits) < _SHORT and (worded or others)
        elsewhere = digits and (_ACCOUNT.search(cell, 0, chunk.start()) or cell.startswith("@", chunk.end()))
        if digits and chunk[0] != cell and (short or elsewhere or (others and _DAY.fullmatch(digits))):
            found.add(chunk.start())
    return found


def _rest(cell: str, chunks: list[re.Match[str]]) -> str:
    """What stands in the cell beside the numbers, extensions among it."""
    pieces, at = [], 0
    for chunk in chunks:
        extension = _extension(chunk)
        pieces += [cell[at : chunk.start()], f" 转{extension} " if extension else " "]
        at = chunk.end()
    words = _SEPARATORS.sub(" ", "".join([*pieces, cell[at:]])).split()
    return " ".join(word for word in words if word not in _JOINING)


def column(cells: Coded, reference: Reference) -> Coded:
    """The first valid number of each cell, for keys; cells without one are missing."""
    return cells.map(lambda cell: next((n.normal for n in read(cell, reference).numbers if n.valid), None))


def dummy(digits: str) -> bool:
    """Whether digits were typed to fill the cell: 0, one digit over and over, 12345678901, or a block's number all of zeros."""
    tail = digits[3:] if len(digits) == 11 else digits[-7:]
    return (
        len(set(digits)) == 1
        or digits in _FILLERS
        or (len(digits) >= 7 and (len(set(tail)) == 1 or digits.startswith("1234567")))
    )


def _number(chunk: re.Match[str], reference: Reference, area_code: str | None) -> Number:
    if chunk["masked"]:
        return Number(normal=_AROUND_A_MASK.sub("", chunk["masked"]), kind="masked", problem="masked")
    if chunk["landline"]:
        return _landline(_area(chunk), _digits(chunk["number"]), reference)
    if chunk["foreign"]:
        return Number(normal="+" + _digits(chunk["foreign"]).lstrip("0"), kind="foreign", problem="foreign")
    if chunk["lookalike"]:
        return Number(normal=chunk["lookalike"], kind="bad", problem="lookalike")
    if chunk["science"]:
        return _from_spreadsheet(chunk, reference)
    digits = _digits(chunk["mobile"] or chunk["hotline"] or chunk["local"] or chunk["digits"])[_skip(chunk) :]
    return _plain(chunk.string if digits == chunk.string else digits, reference, area_code)


def _skip(chunk: re.Match[str]) -> int:
    """How many digits stand before a mobile number proper."""
    return len(_digits(chunk["mobile"])) - 11 if chunk["mobile"] else 0


def _area(chunk: re.Match[str]) -> str:
    return "0" + chunk["area"].removeprefix("0")


def _digits(text: str) -> str:
    return _NO_DIGIT.sub("", text) if text else ""


def _from_spreadsheet(chunk: re.Match[str], reference: Reference) -> Number:
    """A number that a spreadsheet shows as 1.38E+10; only where all its digits are there it is still one."""
    if len(chunk["mantissa"]) != 10:
        return Number(normal=chunk["science"], kind="bad", problem="excel")
    return _plain("1" + chunk["mantissa"], reference, None)


def _plain(digits: str, reference: Reference, area_code: str | None) -> Number:
    if dummy(digits):
        return Number(normal=digits, kind="bad", problem="placeholder")
    if _MOBILE.fullmatch(digits):
        problem = "unallocated" if digits[:3] in reference.unallocated else ""
        return Number(normal=digits, kind="mobile", problem=problem)
    if _SERVICE.fullmatch(digits):
        return Number(normal=digits, kind="service", problem="service")
    if _THING.fullmatch(digits):
        return Number(normal=digits, kind="thing", problem="thing")
    if _LOCAL.fullmatch(digits):
        completed = f"{area_code}-{digits}" if area_code else ""
        return Number(normal=digits, kind="local", problem="no_area_code", completed=completed)
    return Number(normal=digits, kind="bad", problem="length")


def _landline(area: str, local: str, reference: Reference) -> Number:
    normal = f"{area}-{local}"
    if dummy(local):
        return Number(normal=normal, kind="bad", problem="placeholder")
    if len(area) == _BIG and len(local) != _EIGHT:
        return Number(normal=normal, kind="bad", problem="length")
    known = area in reference.area_codes
    return Number(normal=normal, kind="landline", problem="" if known else "area_code")
