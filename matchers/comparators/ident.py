"""Compare identity numbers: exactly or by mask, never by similarity (one wrong digit is another person)."""

from datetime import date

from core.reference import Reference
from core.words import Words
from matchers import masks
from matchers.comparators import BESIDE, Column, Comparator, Level, Levels, Params, by_pairs, ranked
from matchers.masks import Stars
from matchers.normal import ids
from matchers.normal.ids import Ident

_FAR = date(9998, 12, 31)
"""Comparing looks at characters only, so no date of birth is in the future."""

EXACT, EXACT_NORM, SAME_15, DISAGREE = 3, 2, 1, 0
MASK_COMPATIBLE, DAMAGED_COMPATIBLE, UNKNOWN = BESIDE, BESIDE + 1, BESIDE + 2

LEVELS = ranked(
    Level(name="EXACT", words=Words("证件号码完全一致", "the numbers are equal"), agrees=True, writes=True),
    Level(
        name="EXACT_NORM",
        words=Words("仅书写不同（全半角、大小写、空格）", "equal but for the way of writing"),
        agrees=True,
        writes=True,
    ),
    Level(name="SAME_15", words=Words("15 位旧号与 18 位号对应", "one is the 15-digit form of the other"), agrees=True),
    Level(name="DISAGREE", words=Words("证件号码不一致", "the numbers differ"), contradicts=True),
    beside=(
        Level(
            name="MASK_COMPATIBLE",
            words=Words("脱敏号码相容（已知 {known} 位一致）", "compatible with the mask ({known} characters known)"),
        ),
        Level(
            name="DAMAGED_COMPATIBLE", words=Words("损坏号码的前 15 位一致", "the 15 digits that survived are equal")
        ),
        Level(name="UNKNOWN", words=Words("号码无法识别", "the number cannot be read")),
    ),
)

_DOUBT = r"[^0-9X]|000$|^.{0,14}$|^.{16,17}$|^123456|^987654|" + "|".join(f"^{digit}{{15,}}$" for digit in "0123456789")
"""Anything but a plain number of a person: it may be a mask, a filler or what a spreadsheet left."""
_STRENGTH = (UNKNOWN, DISAGREE, DAMAGED_COMPATIBLE, MASK_COMPATIBLE, SAME_15, EXACT_NORM)
"""From the weakest to the strongest, for the best over a set."""


def compare(left: Column, right: Column, reference: Reference, stars: Stars) -> Levels:
    """EXACT > EXACT_NORM > SAME_15 > DISAGREE; beside them what masks and damage leave. Of several numbers the best pair counts."""
    return by_pairs(
        left, right, lambda text: _several(text, reference), EXACT, lambda a, b: _best(a, b, stars), doubt=_DOUBT
    )


def _several(text: str, reference: Reference) -> tuple[Ident, ...]:
    whole = ids.read(text, reference, _FAR)
    if not whole.wrong("several"):
        return (whole,)
    return tuple(ids.read(part, reference, _FAR) for part in whole.normal.split("/"))


def _best(one: tuple[Ident, ...], other: tuple[Ident, ...], stars: Stars) -> int:
    return max((_level(a, b, stars) for a in one for b in other), key=_STRENGTH.index)


def _level(one: Ident, other: Ident, stars: Stars) -> int:
    kinds = {one.kind, other.kind}
    if "placeholder" in kinds:
        return UNKNOWN
    if "masked" in kinds:
        return _masked(one, other, stars)
    if "excel" in kinds:
        return _damaged(one, other)
    if one.normal != other.normal:
        return DISAGREE
    return SAME_15 if (one.kind == "resident15") != (other.kind == "resident15") else EXACT_NORM


def _masked(one: Ident, other: Ident, stars: Stars) -> int:
    """The 15-digit form of a number may have been masked too; only the number as it stands can disagree."""
    pairs = [(a, b) for a in _forms(one) for b in _forms(other) if len(a) == len(b) or stars != "one"]
    if any(masks.fits(a, b, stars) for a, b in pairs):
        return MASK_COMPATIBLE
    whole = (one.normal, other.normal)
    return DISAGREE if whole in pairs and masks.fits(*whole, stars) is False else UNKNOWN


def compatible(one: str, other: str) -> bool | None:
    """Whether two numbers, stars standing for one character each, can be the same; None where their lengths do not compare."""
    return masks.fits(one, other, "one") if len(one) == len(other) else None


def _forms(ident: Ident) -> tuple[str, ...]:
    """The spellings of a number that a mask may have been made from: 18 characters, and the 15 of those born before 2000."""
    if ident.kind in {"resident", "resident15"} and ident.normal[6:8] == "19":
        return ident.normal, ident.normal[:6] + ident.normal[8:17]
    return (ident.normal,)


def _damaged(one: Ident, other: Ident) -> int:
    usable = [ident.usable if ident.kind == "excel" else ident.normal[:15] for ident in (one, other)]
    if not all(usable):
        return UNKNOWN
    return DAMAGED_COMPATIBLE if usable[0] == usable[1] else DISAGREE


def differ(level: int, left: str, right: str, reference: Reference) -> Params:
    """How many characters a mask shows."""
    if level != MASK_COMPATIBLE:
        return {}
    return {"known": masks.known(*(ids.read(text, reference, _FAR).normal for text in (left, right)))}


COMPARATOR = Comparator(name="ident", levels=LEVELS, run=compare, differ=differ)
