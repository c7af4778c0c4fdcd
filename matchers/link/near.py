"""Clean columns of distinct values, and tell how near two unequal values are: whole columns at a time.

`one` and `other` are codes (places) into the prepared column, equal in length, never equal in value.

Each level answers questions. Those that the comparators ask as well have one function for both, and equal answers
(tests/matchers/link/test_same_answers.py holds the levels against each other and lists what differs on purpose):

    what hides a character              masks.in_name, masks.in_number
    may both be the same, masked        masks.fits, of the masked pairs
    may both sound the same             likeness.sounds_alike, of columns likeness.Spoken
    one slip of the pen                 likeness.one_slip, of columns one_slips
    the same words in another order     likeness.in_any_order
    which day is meant                  normal.dates.read
    the same year, month, day; crossed  likeness.in_days

What only linking asks is here: how alike Latin names are, whether initials or the ends of numbers agree, and whether one slip tells
two numbers apart. The last is `one_slip` once more, in bits and bytes: of texts it takes nine times as long, so a test holds one against
the other instead. Cleaning, too, is apart from `normal`, except for dates: the readers of names, IDs and phones know what Chinese
archives hold beside the value; linking takes the values of any country.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cpdist

from matchers import likeness, masks
from matchers.columns import distinct, uncollected
from matchers.link.sounds import Readings
from matchers.normal import dates

Levels = npt.NDArray[np.int8]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Ends = npt.NDArray[np.int64]
Column = Any
Cut = Callable[[str], Codes]
"""The code of a part (see `parts`) for each distinct value, −1 where it has none."""

WORKERS = 2
LONG = 240
"""Characters up to which a line is compared; of a longer one half of that at either end, because the time grows with the square."""
PIECE = 1 << 16
_HAN = r"\p{Han}"
_PLAIN = r"^(?:[0-9a-z]+(?: [0-9a-z]+)*|[0-9a-z\x{4E00}-\x{9FFF}]+)$"
"""Texts that cleaning leaves as they are: most of them, and it is the dearest step of all."""
_ACCENTS = r"[\x{0300}-\x{036F}\x{0591}-\x{05C7}\x{064B}-\x{065F}]+"
"""Marks that are left out in writing (Latin, Greek, Cyrillic, Hebrew, Arabic); those of other scripts are letters: が is not か."""
_WORDS = r"\p{L}\p{M}\p{N}*."
_SIGNED = _WORDS + r"\p{S}#%-"
_STAR = ord("*")
_LONGEST = 24
"""Characters of a number that are compared."""
_BOX = re.compile(f"[{masks.BOXES}]")
"""What could not be printed hides a character, too; whether a source meant to does not matter here."""
_HIDDEN_IN_NAMES = rf"[{masks.STARS}{masks.BOXES}〇]|\p{{Han}}[某Xx]"
"""Names in which something may be hidden (RE2), to be looked at by `masks`."""
SHOWN = 3
"""Characters of a number that a mask must show to say anything here."""
_MONTHS = {
    m: f"{n:02}"
    for n, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_NAMED = "\x00"
"""Stands before a month that was written as a word."""
_DAY = re.compile(rf"{_NAMED}?[0-9]+")
_FIGURE = re.compile(r"(-?\d+(?:[.,]\d+)*)\s*([万亿萬億]?)")
_TIMES = {"": 1.0, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8}
_DEGREES = re.compile(r"-?\d+(?:\.\d+)?")


# -- cleaning


def plain(column: Column) -> Column:
    """Width, case, accents and punctuation made equal; Chinese texts without blanks; stars kept."""
    return _tidied(column, _plain)


def masked(column: Column) -> Column:
    """As `plain`; whatever a source writes for a hidden character of a name (王×明, 王某某) is a star."""
    return plain(_replaced(column, _HIDDEN_IN_NAMES, lambda text: masks.in_name(_BOX.sub("*", text))))


def signed(column: Column) -> Column:
    """As `plain`, but signs are kept, which tell one category from another: A+ and A-, >60 and <60."""
    return _tidied(column, lambda rough: _signs(_plain(_dashes(rough), _SIGNED)))


def _tidied(column: Column, tidy: Callable[[Column], Column]) -> Column:
    text = pc.utf8_lower(column)
    rough: Any = pc.invert(pc.match_substring_regex(text, _PLAIN)).fill_null(False)
    if not pc.any(rough).as_py():
        return text
    return pc.replace_with_mask(text, rough, tidy(column.filter(rough)))


def _replaced(column: Column, pattern: str, replace: Callable[[str], str]) -> Column:
    """The column with the texts that match the pattern (RE2) replaced, one by one: for what is rare, and needs more than RE2 knows."""
    found: Any = pc.match_substring_regex(column, pattern)
    rows = found.fill_null(False)
    if not pc.any(rows).as_py():
        return column
    fresh = [replace(text) for text in column.filter(rows).to_pylist()]
    return pc.replace_with_mask(column, rows, pa.array(fresh, type=column.type))


def _numbered(column: Column) -> Column:
    """With a star for each hidden character of a number or code."""
    return _replaced(column, masks.IN_NUMBERS.pattern, masks.in_number)


def _dashes(column: Column) -> Column:
    return pc.replace_substring_regex(column, "[\u2010-\u2015\u2212]", "-")


def _signs(column: Column) -> Column:
    """Without hyphens between words, and without values that are nothing but hyphens."""
    text = column
    for _ in range(2):  # a-b-c: the second one shares its letter with the first
        text = pc.replace_substring_regex(text, r"([\p{L}\p{N}])-([\p{L}\p{N}])", r"\1 \2")
    return _filled(pc.replace_substring_regex(text, r"^[-. ]+$", ""))


def _plain(column: Column, kept: str = _WORDS) -> Column:
    text = column
    if not pc.all(pc.string_is_ascii(column)).as_py():
        text = _form(column, "NFKD")
        if pc.any(pc.match_substring_regex(text, _ACCENTS)).as_py():
            text = pc.replace_substring_regex(text, _ACCENTS, "")
        text = _form(text, "NFC")
    text = pc.replace_substring_regex(pc.utf8_lower(text), f"[^{kept}]+", " ")
    dotted = pc.match_substring(text, ".")
    if pc.any(dotted).as_py():
        text = pc.if_else(dotted, pc.replace_substring_regex(text, r"(\D)\.|\.(\D|$)", r"\1 \2"), text)
        text = pc.replace_substring_regex(text, r"\s+", " ")
    text = pc.utf8_trim_whitespace(text)
    mixed: Any = pc.and_(pc.match_substring(text, " "), pc.match_substring_regex(text, _HAN))
    if pc.any(mixed).as_py():
        joined = pc.replace_substring_regex(text.filter(mixed), r"(\p{Han}) ", r"\1")
        joined = pc.replace_substring_regex(joined, r" (\p{Han})", r"\1")  # 3-2-501 keeps three numbers
        text = pc.replace_with_mask(text, mixed, joined)
    return _filled(text)


def compact(column: Column) -> Column:
    """As `plain`, without any blank; whatever a source writes for a hidden character of a code is a star."""
    return _filled(pc.replace_substring(plain(_numbered(column)), " ", ""))


def words(column: Column) -> Column:
    """As `plain`, but Chinese texts become runs of two characters, so that they have words too."""
    text = plain(column)
    chinese = pc.match_substring_regex(text, _HAN)
    if not pc.any(chinese).as_py():
        return text
    cut = [" ".join(map("".join, pairwise(t))) if t and len(t) > 1 else t for t in text.to_pylist()]
    return pc.if_else(chinese, pa.array(cut, type=text.type), text)


def numbers_only(column: Column) -> Column:
    """Digits and stars; a country code in front of a Chinese mobile number is left out."""
    text = _numbered(_form(column, "NFKC"))
    digits = pc.replace_substring_regex(text, r"[^0-9*]", "")
    return _filled(pc.replace_substring_regex(digits, r"^(?:00)?86(1\d{10})$", r"\1"))


def days(column: Column) -> Column:
    """YYYYMMDD, whatever way the day is written; a sentinel (1900-01-01) is missing; what is no full date keeps its digits.

    What `normal.dates` reads is that day. It refuses what may be two days (3/12/1985): there the whole column tells, by values of
    which only one order is a day, whether the day or the month comes first.
    """
    with uncollected():
        read = [dates.read(text or "") for text in column.to_pylist()]
    groups = [_groups(day.original) if day.kind == "invalid" or "english" in day.reasons else [] for day in read]
    day_first = not any(len(g) == 3 and len(g[2]) == 4 and int(g[1]) > 12 for g in groups)
    meant = (
        _day(g, day_first) if day.kind == "invalid" else (day.normal or "").replace("-", "")
        for day, g in zip(read, groups, strict=True)
    )
    return _filled(pa.array(meant, type=pa.string()))


def _groups(text: str) -> list[str]:
    """The figures of a day; year, month, day where the month is a word."""
    lower = _european(text).strip().lower()
    for name, number in _MONTHS.items():
        if name in lower:
            lower = re.sub(rf"{name}[a-z]*", f" {_NAMED}{number} ", lower)
    found = _DAY.findall(re.split(r"(?<=\d)t(?=\d)", lower)[0])[:3]
    named = [group for group in found if group.startswith(_NAMED)]
    others = [group for group in found if not group.startswith(_NAMED)]
    if len(named) == 1 and len(others) == 2:
        day, year = sorted(others, key=len)
        return [year, named[0][1:], day] if len(year) == 4 else [others[0], named[0][1:], others[1]]
    return [group.lstrip(_NAMED) for group in found]


def _european(text: str) -> str:
    """With the digits 0 to 9 in place of all others (１９, ١٩)."""
    return text if text.isascii() else "".join(str(unicodedata.digit(c, c)) for c in text)


def _day(groups: list[str], day_first: bool) -> str:
    if len(groups) == 3 and len(groups[0]) == 4:
        return f"{groups[0]}{groups[1]:>02}{groups[2]:>02}"[:8]
    if len(groups) == 3 and len(groups[2]) == 4:
        day, month = groups[:2] if day_first else groups[1::-1]
        return f"{groups[2]}{month:>02}{day:>02}"[:8]
    return "".join(groups)[:8]


def figures(column: Column) -> Column:
    """The first number of each text, in its shortest form."""
    return _filled(pa.array([_figure(text) for text in column.to_pylist()], type=pa.string()))


def _figure(text: str | None) -> str:
    found = _FIGURE.search(text or "")
    if not found:
        return ""
    digits = found[1].replace(",", "") if "." in found[1] or re.fullmatch(r"-?\d{1,3}(,\d{3})+", found[1]) else found[1]
    try:
        figure = float(digits.replace(",", ".")) * _TIMES[found[2]]
    except ValueError:
        return ""
    return f"{figure:.15g}" if math.isfinite(figure) else ""


def places(column: Column) -> Column:
    """Latitude and longitude in degrees, to 0.1 m; what is no such pair of numbers is missing."""
    return _filled(pa.array([_place(text) for text in column.to_pylist()], type=pa.string()))


def _place(text: str | None) -> str:
    plain = re.sub("[\u2010-\u2015\u2212]", "-", unicodedata.normalize("NFKC", text or "")).lower()
    found = [float(part) for part in _DEGREES.findall(plain)]
    if len(found) != 2 or re.search("[sw南西]", plain):  # minutes, or a half of the earth in words
        return ""
    lat, lon = found if abs(found[0]) <= 90 else found[::-1]  # no latitude is above 90: the longitude stands first
    return f"{lat:.6f},{lon:.6f}" if abs(lat) <= 90 and abs(lon) <= 180 else ""


def elements(column: Column) -> Column:
    """The elements of a cell (see `_cut`), cleaned, sorted, each once."""
    cells = [_cut(text) for text in column.to_pylist()]
    flat = plain(pa.array([e for cell in cells for e in cell], type=pa.string())).to_pylist()
    rows, at = [], 0
    for cell in cells:
        rows.append("\x1f".join(sorted({e for e in flat[at : at + len(cell)] if e})))
        at += len(cell)
    return _filled(pa.array(rows, type=pa.string()))


def _cut(text: str | None) -> list[str]:
    """Between semicolons or bars, where a comma puts the family name first; else between commas, slashes and “and”."""
    if not text:
        return []
    if re.search(r"[;；|]", text):
        return [" ".join(reversed(element.split(",", 1))) for element in re.split(r"[;；|]+", text)]
    return re.split(r"[,、，/]+|\s(?:and|&|und|et)\s", text)


def _form(column: Column, form: str) -> Column:
    normalise: Any = getattr(pc, "utf8_normalize")  # noqa: B009  (the stubs do not know it)
    return normalise(column, form=form)


def _filled(column: Column) -> Column:
    return pc.if_else(pc.equal(column, pa.scalar("", pa.string())), pa.scalar(None, column.type), column)


# -- names


class Names:
    """Distinct names ready to be compared."""

    def __init__(self, column: Column, readings: Readings, cut: Cut) -> None:
        self.column = short(column)
        self.readings = readings
        self.chinese = flags(pc.match_substring_regex(column, _HAN))
        self.sounds = cut("sound")
        self.masked = flags(pc.match_substring(column, "*"))
        lengths: Any = pc.utf8_length(column)
        self.lengths = lengths.to_numpy(zero_copy_only=False).astype(np.int32)
        self.sorted: Codes | None = None
        self.heard: likeness.Spoken | None = None

    def orders(self) -> Codes:
        """Equal codes for names of the same words in any order."""
        if self.sorted is None:
            orders = np.arange(len(self.column), dtype=np.int32)
            several = np.flatnonzero(flags(pc.match_substring(self.column, " ")))
            names = [likeness.in_any_order(text) for text in self.column.take(pa.array(several)).to_pylist()]
            orders[several] = len(self.column) + coded(pa.array(names, type=pa.string()))
            self.sorted = orders  # whole: another thread may look for it meanwhile
        return self.sorted

    def spoken(self) -> likeness.Spoken:
        """How the names may sound, token by token."""
        if self.heard is None:
            self.heard = likeness.Spoken(self.column, self.readings)
        return self.heard


def names(prepared: Names, one: Codes, other: Codes) -> Levels:
    """Levels of given or family names: alike, one character differs, same sound or initial, mask."""
    levels = _spelling(prepared, one, other)
    short = np.minimum(prepared.lengths[one], prepared.lengths[other]) == 1
    initials = np.flatnonzero(short & ~prepared.chinese[one])
    a, b = texts(prepared.column, one[initials], other[initials])
    levels[initials[[x[0] == y[0] for x, y in zip(a, b, strict=True)]]] = 3
    return levels


def whole_names(prepared: Names, one: Codes, other: Codes) -> Levels:
    """Levels of names in one cell: as `names`, and the same words in another order."""
    levels = _spelling(prepared, one, other)
    order = prepared.orders()
    levels[order[one] == order[other]] = 5
    return levels


def _spelling(prepared: Names, one: Codes, other: Codes) -> Levels:
    one, other, places = distinct(*unordered(one, other))
    levels = np.zeros(len(one), dtype=np.int8)
    chinese = prepared.chinese[one] | prepared.chinese[other]
    masked = prepared.masked[one] | prepared.masked[other]
    sound = (prepared.sounds[one] == prepared.sounds[other]) & (prepared.sounds[one] >= 0)
    asked = ~chinese | masked  # of which the texts are needed
    if (rows := np.flatnonzero(chinese)).size:
        sound[rows] = prepared.spoken().alike(one[rows], other[rows])
        asked[rows] |= prepared.spoken().near(one[rows], other[rows])
    rows = np.flatnonzero(asked)
    a, b = texts(prepared.column, one[rows], other[rows])
    latin = np.flatnonzero(~chinese[rows])
    alike, typo, fits = np.zeros(len(one), dtype=np.float32), np.zeros_like(chinese), np.zeros_like(chinese)
    alike[rows[latin]] = cpdist(
        a[latin],
        b[latin],
        scorer=JaroWinkler.normalized_similarity,
        score_cutoff=0.8,
        dtype=np.float32,
        workers=WORKERS,
    )
    typo[rows] = likeness.one_slips(a, b, WORKERS)
    stars = np.flatnonzero(masked[rows])
    fits[rows[stars]] = _fits(a[stars], b[stars])
    long = np.minimum(prepared.lengths[one], prepared.lengths[other])
    levels[np.where(chinese, typo, (alike >= 0.85) | sound)] = 1
    levels[typo & (long >= np.where(chinese, 2, 3))] = 2
    levels[chinese & sound] = 3
    levels[fits] = 4
    return levels[places]


def _fits(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> Flags:
    """Whether masks fit, pair by pair (`masks.fits`); what a star stands for in their source is not known."""
    fits = map(masks.fits, one.tolist(), other.tolist())
    return np.fromiter((fit is True for fit in fits), np.bool_, len(one))


# -- digits


class Digits:
    """Distinct numbers as bytes (one row a value, zeros behind its end) and, where they are short, as four bits a character."""

    def __init__(self, column: Column, _readings: Readings, _cut: Cut) -> None:
        self.column = column
        lengths: Any = pc.binary_length(column)
        long: Any = pc.max(lengths)
        width = min(max(long.as_py() or 1, 8), _LONGEST)
        self.bytes = np.concatenate(
            [
                np.zeros((0, width), np.uint8),
                *(_bytes(column.slice(at, PIECE), width) for at in range(0, len(column), PIECE)),
            ]
        )
        self.lengths = (self.bytes != 0).sum(axis=1).astype(np.int8)
        hidden = (self.bytes == _STAR).sum(axis=1)
        self.masked, self.shown = hidden > 0, self.lengths - hidden
        self.last = self.bytes[np.arange(len(column)), np.maximum(self.lengths - 1, 0)]
        self.last[self.lengths == _LONGEST] = _STAR  # more may follow, which is not known here
        self.packed = np.zeros(len(column), dtype=np.uint64)
        self.plain = True
        for place in range(width):
            figures = self.bytes[:, place] - np.uint8(ord("0"))
            blank = self.bytes[:, place] == 0
            self.plain &= bool(((figures <= 9) | blank).all())
            if self.plain and width <= 16:
                self.packed |= np.where(blank, 0, figures + 1).astype(np.uint64) << np.uint64(4 * place)


def _bytes(column: Column, width: int) -> npt.NDArray[np.uint8]:
    """One row of bytes for each text, as far as there is room, zeros behind it; a character that is not ASCII is one byte."""
    if pc.all(pc.string_is_ascii(column)).as_py():
        texts = np.asarray(column.cast(pa.binary()).to_numpy(zero_copy_only=False), dtype=f"S{width}")
    else:
        marks = _Marks()
        texts = np.asarray([t.translate(marks).encode("latin-1") for t in column.to_pylist()], dtype=f"S{width}")
    return texts.view(np.uint8).reshape(len(texts), width)


class _Marks(dict[int, int]):
    """A byte for each character; different ones above ASCII may share one, which is rare in one place."""

    def __missing__(self, code: int) -> int:
        self[code] = mark = code if code < 128 else 128 + code % 127
        return mark


def digit_strings(prepared: Digits, one: Codes, other: Codes) -> Levels:
    """Levels of numbers: beginning or end agrees, one digit differs or two are swapped, mask."""
    if not prepared.plain or prepared.bytes.shape[1] > 16:
        levels = _by_bytes(prepared, one, other)
        rows = np.flatnonzero(prepared.masked[one] | prepared.masked[other])
        rows = rows[_may_fit(prepared, one[rows], other[rows])]
        levels[rows[_fits(*texts(prepared.column, one[rows], other[rows]))]] = 3
        return levels
    levels = np.zeros(len(one), dtype=np.int8)
    lengths = prepared.lengths[one]
    same = lengths == prepared.lengths[other]
    part = _part(prepared.bytes.shape[1])
    apart, marks, count = _apart(prepared, one, other)
    ends = np.uint64(4) * np.maximum(lengths - part, 0).astype(np.uint64)
    levels[same & (((apart & np.uint64((1 << 4 * part) - 1)) == 0) | (apart >> ends == 0))] = 1
    near = np.flatnonzero(same & ((count == 1) | ((count == 2) & _adjacent(marks))))
    levels[near] = np.maximum(levels[near], np.where(count[near] == 1, 2, levels[near]))
    rest = np.flatnonzero(~same | (same & (count == 2) & _adjacent(marks)))
    levels[rest] = np.maximum(levels[rest], _by_bytes(prepared, one[rest], other[rest]))
    return levels


def _part(width: int) -> int:
    """How many characters make a beginning or an end that says something."""
    return min(6, max(3, width // 2))


def _apart(prepared: Digits, one: Codes, other: Codes) -> tuple[Any, Any, Any]:
    """Where numbers differ: all bits, one mark for each character, and how many characters."""
    apart = prepared.packed[one] ^ prepared.packed[other]
    marks = apart | (apart >> np.uint64(1))
    marks = (marks | (marks >> np.uint64(2))) & np.uint64(0x1111111111111111)
    return apart, marks, np.bitwise_count(marks)


def _adjacent(marks: Any) -> Any:
    return (marks & (marks >> np.uint64(4))) != 0


def _by_bytes(prepared: Digits, one: Codes, other: Codes) -> Levels:
    a, b = prepared.bytes[one], prepared.bytes[other]
    ends = prepared.lengths[one].astype(np.int64), prepared.lengths[other].astype(np.int64)
    differs = a != b
    count = differs.sum(axis=1)
    levels = np.zeros(len(one), dtype=np.int8)
    part = _part(a.shape[1])
    levels[~differs[:, :part].any(axis=1) | _same_end(a, b, ends, part)] = 1
    levels[(count == 1) | _neighbours(a, b, differs, count) | _one_missing(a, b, ends)] = 2
    return levels


def _may_fit(prepared: Digits, one: Codes, other: Codes) -> Flags:
    """Whether enough is shown, and the first and last characters agree or are hidden, so that `masks.fits` is worth asking."""
    fit: Flags = np.minimum(prepared.shown[one], prepared.shown[other]) >= SHOWN
    for characters in (prepared.bytes[:, 0], prepared.last):
        a, b = characters[one], characters[other]
        fit &= (a == b) | (a == _STAR) | (b == _STAR)
    return fit


def births(prepared: Digits, one: Codes, other: Codes) -> Levels:
    """Levels of days of birth (YYYYMMDD): the same year, two parts of three, one digit or swapped."""
    a, b = prepared.packed[one], prepared.packed[other]
    _, marks, count = _apart(prepared, one, other)
    alike = likeness.in_days(_parts(a), _parts(b))
    levels = np.zeros(len(one), dtype=np.int8)
    levels[alike.year] = 1
    levels[alike.year.astype(np.int8) + alike.month + alike.day == 2] = 2
    levels[(count == 1) | (alike.year & alike.crossed)] = 3
    pairs = np.flatnonzero((count == 2) & _adjacent(marks))
    x, y = prepared.bytes[one[pairs]], prepared.bytes[other[pairs]]
    differs = x != y
    levels[pairs[_neighbours(x, y, differs, differs.sum(axis=1))]] = 3
    return levels


def _parts(packed: Any) -> tuple[Any, Any, Any]:
    """Year, month and day of YYYYMMDD, packed."""
    return packed & np.uint64(0xFFFF), (packed >> np.uint64(16)) & np.uint64(0xFF), packed >> np.uint64(24)


def _neighbours(
    a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8], differs: Flags, count: npt.NDArray[np.int_]
) -> Flags:
    """Whether exactly two neighbouring characters are swapped."""
    found = np.zeros(len(a), dtype=np.bool_)
    rows = np.flatnonzero(count == 2)
    first = differs[rows].argmax(axis=1)
    second = np.minimum(first + 1, a.shape[1] - 1)
    found[rows] = (a[rows, first] == b[rows, second]) & (a[rows, second] == b[rows, first]) & differs[rows, second]
    return found


def _one_missing(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8], ends: tuple[Ends, Ends]) -> Flags:
    """Whether one is the other without a single character."""
    found = np.zeros(len(a), dtype=np.bool_)
    lengths = ends[0] - ends[1]
    for sign, long, short in ((1, a, b), (-1, b, a)):
        rows = np.flatnonzero(lengths == sign)
        if not len(rows):
            continue
        x, y = long[rows], short[rows]
        gap = (x != y).argmax(axis=1)
        behind = np.arange(x.shape[1] - 1) >= gap[:, None]
        found[rows] = ~((x[:, 1:] != y[:, :-1]) & behind).any(axis=1)
    return found


def _same_end(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8], ends: tuple[Ends, Ends], part: int) -> Flags:
    """Whether the last characters agree, the lengths being equal or not."""
    width = a.shape[1]
    same = np.minimum(*ends) > part
    rows = np.flatnonzero(same)
    for back in range(1, part + 1):
        if not len(rows):
            break
        x = a[rows, np.clip(ends[0][rows] - back, 0, width - 1)]
        keep = x == b[rows, np.clip(ends[1][rows] - back, 0, width - 1)]
        rows = rows[keep]
    found = np.zeros(len(a), dtype=np.bool_)
    found[rows] = True
    return found


# -- numbers, places


YEARS = (6e-4, 2.75e-3)
"""What is near for years: one year off, and five."""


class Amounts:
    """Distinct numbers, and how near (relatively) is near: years of two decades are not alike because they are within 2 %."""

    def __init__(self, column: Column, _readings: Readings, _cut: Cut) -> None:
        self.values = np.asarray([float(text) for text in column.to_pylist()], dtype=np.float64)
        sizes = np.abs(self.values[self.values != 0])
        spread = float(np.subtract(*np.percentile(np.log(sizes), [75, 25]))) if len(sizes) >= 20 else 1.0
        years = len(sizes) > 0 and float(np.mean((self.values >= 1800) & (self.values < 2100))) > 0.95
        self.near = YEARS if years else (min(0.02, 0.1 * spread), min(0.2, 0.5 * spread))


def close_numbers(prepared: Amounts, one: Codes, other: Codes) -> Levels:
    """Levels of numbers by their relative difference, beside the spread of all numbers."""
    a, b = prepared.values[one], prepared.values[other]
    apart = np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-12)
    return np.where(apart <= prepared.near[0], 2, np.where(apart <= prepared.near[1], 1, 0)).astype(np.int8)


def points(column: Column, _readings: Readings, _cut: Cut) -> npt.NDArray[np.float64]:
    """Latitude and longitude in degrees, one row a value."""
    return np.asarray([text.split(",") for text in column.to_pylist()], dtype=np.float64).reshape(-1, 2)


def distances(prepared: npt.NDArray[np.float64], one: Codes, other: Codes) -> Levels:
    """Levels of points by metres on a sphere of 6,371 km, flat at this scale."""
    a, b = prepared[one], prepared[other]
    north = np.radians(a[:, 0] - b[:, 0])
    east = np.radians(a[:, 1] - b[:, 1]) * np.cos(np.radians(a[:, 0]))
    metres = 6_371_000 * np.hypot(north, east)
    return np.select([metres <= 25, metres <= 200, metres <= 2000], [3, 2, 1], 0).astype(np.int8)


def nothing(_column: Column, _readings: Readings, _cut: Cut) -> None:
    """Nothing to prepare."""


def different(_prepared: None, one: Codes, _other: Codes) -> Levels:
    """Unequal categories are different."""
    return np.zeros(len(one), dtype=np.int8)


# -- columns


def coded(column: Column) -> Codes:
    indices = column.dictionary_encode().indices
    codes: Codes = indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return codes


def flags(column: Column) -> Flags:
    return np.asarray(column.fill_null(False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def texts(column: Column, one: Codes, other: Codes) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The texts of both codes of each pair; a text is made once, however many pairs it is in."""
    known, places = np.unique(np.concatenate([one, other]), return_inverse=True)
    texts = column.take(pa.array(known)).to_numpy(zero_copy_only=False)
    a, b = np.split(texts[places], 2)
    return a, b


def short(column: Column) -> Column:
    """Lines that are no longer than `LONG`."""
    long: Any = pc.greater(pc.utf8_length(column), pa.scalar(LONG))
    if not pc.any(long).as_py():
        return column
    ends = pc.utf8_slice_codeunits(column, 0, LONG // 2), pc.utf8_slice_codeunits(column, -(LONG // 2), None)
    return pc.if_else(long, pc.binary_join_element_wise(*ends, ""), column)


def unordered(one: Codes, other: Codes) -> tuple[Codes, Codes]:
    """The smaller code of each pair, and the larger one."""
    return np.minimum(one, other), np.maximum(one, other)
