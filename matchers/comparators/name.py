"""Compare names of people: only the same name, or the same name written otherwise, supports a write.

Several names in one cell (co-owners, separated by 、 , ; /) are a set: the best pair counts.
"""

import re
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from core.reference import Reference
from core.words import Words
from matchers.comparators import BESIDE, Column, Comparator, Level, Levels, Params, by_pairs, ranked
from matchers.normal import names
from matchers.normal.names import DOT, Name

(
    DISAGREE, SAME_SURNAME, TRUNCATED, TRANSPOSED, ONE_CHAR, HOMOPHONE, PARTIAL_COMPOUND, VARIANT, EXACT_NORM, EXACT,
) = range(10)  # fmt: skip
MASK_COMPATIBLE, UNKNOWN, ORG_VS_PERSON = BESIDE, BESIDE + 1, BESIDE + 2

LEVELS = ranked(
    Level(name="EXACT", words=Words("姓名完全一致", "the names are equal"), agrees=True, writes=True),
    Level(
        name="EXACT_NORM",
        words=Words("仅书写不同（全半角、空格、间隔号、括注）", "equal but for the way of writing"),
        agrees=True,
        writes=True,
    ),
    Level(name="VARIANT", words=Words("繁体或异体字之差", "a traditional or variant form")),
    Level(
        name="PARTIAL_COMPOUND", words=Words("少数民族姓名的一部分一致", "one is a part of the other's compound name")
    ),
    Level(
        name="HOMOPHONE",
        words=Words("读音相同，第 {position} 字不同", "same sound, character {position} differs"),
        contradicts=True,
    ),
    Level(name="ONE_CHAR", words=Words("第 {position} 字不同", "character {position} differs"), contradicts=True),
    Level(name="TRANSPOSED", words=Words("字序颠倒", "two characters are swapped"), contradicts=True),
    Level(name="TRUNCATED", words=Words("一方缺字", "one is cut short"), contradicts=True),
    Level(name="SAME_SURNAME", words=Words("同姓不同名", "same surname, another name"), contradicts=True),
    Level(name="DISAGREE", words=Words("姓名不同", "the names differ"), contradicts=True),
    beside=(
        Level(
            name="MASK_COMPATIBLE",
            words=Words("脱敏姓名相容（已知 {known} 字）", "compatible with the mask ({known} characters known)"),
        ),
        Level(name="UNKNOWN", words=Words("姓名无法识别", "the name cannot be read")),
        Level(
            name="ORG_VS_PERSON",
            words=Words("一方为单位，一方为个人", "one is an organisation, the other a person"),
            contradicts=True,
        ),
    ),
)

_SEPARATORS = re.compile(r"[、,，;；/|]+")
_STRENGTH = (UNKNOWN, ORG_VS_PERSON, DISAGREE, SAME_SURNAME, TRUNCATED, TRANSPOSED, ONE_CHAR, HOMOPHONE, MASK_COMPATIBLE,
             PARTIAL_COMPOUND, VARIANT, EXACT_NORM)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Read:
    name: Name
    readings: tuple[frozenset[str], ...]


def compare(left: Column, right: Column, reference: Reference) -> Levels:
    """EXACT > EXACT_NORM > VARIANT > PARTIAL_COMPOUND > HOMOPHONE > ONE_CHAR > … > DISAGREE; beside them masks and organisations."""
    return by_pairs(left, right, lambda text: _several(text, reference), EXACT, _best)


def _several(text: str, reference: Reference) -> tuple[_Read, ...]:
    found = (names.read(part, reference) for part in _SEPARATORS.split(text) if part.strip())
    return tuple(_Read(name, tuple(reference.readings.get(c, frozenset()) for c in name.key)) for name in found)


def _best(one: tuple[_Read, ...], other: tuple[_Read, ...]) -> int:
    return max((_level(a, b) for a in one for b in other), key=_STRENGTH.index, default=UNKNOWN)


def _level(one: _Read, other: _Read) -> int:
    a, b = one.name, other.name
    if {"placeholder", "lost", "missing"} & {*a.reasons, *b.reasons}:
        return UNKNOWN
    if a.has("masked") or b.has("masked"):
        return _masked(a.key, b.key)
    if a.has("organisation") != b.has("organisation"):
        return ORG_VS_PERSON
    if a.normal == b.normal:
        return EXACT_NORM
    if a.key == b.key:
        return EXACT_NORM if a.normal.replace(DOT, "") == b.normal.replace(DOT, "") else VARIANT
    if _compound(a.normal, b.normal):
        return PARTIAL_COMPOUND
    return _spelling(one, other)


def _masked(one: str, other: str) -> int:
    """A star stands for one character or, where the lengths differ, for any number of them."""
    if len(one) == len(other):
        known = [(a, b) for a, b in zip(one, other, strict=True) if "*" not in (a, b)]
        return UNKNOWN if not known else MASK_COMPATIBLE if all(a == b for a, b in known) else DISAGREE
    mask, full = (one, other) if "*" in one else (other, one)
    if "*" in full or not mask.strip("*"):
        return UNKNOWN
    pattern = "".join(".+" if part.startswith("*") else re.escape(part) for part in re.split(r"(\*+)", mask) if part)
    return MASK_COMPATIBLE if re.fullmatch(pattern, full) else DISAGREE


def _compound(one: str, other: str) -> bool:
    """One is the first part, or a run of parts, of the other's name with dots."""
    short, long = sorted((one, other), key=len)
    return DOT in long and short.split(DOT) == long.split(DOT)[: short.count(DOT) + 1]


def _spelling(one: _Read, other: _Read) -> int:
    a, b = one.name.key, other.name.key
    if len(a) == len(b) and sorted(a) == sorted(b) and OSA.distance(a, b, score_cutoff=1) == 1:
        return TRANSPOSED
    if len(a) == len(b) > 1:
        differing = [place for place, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
        if all(one.readings[place] & other.readings[place] for place in differing):
            return HOMOPHONE
        if len(differing) == 1 and len(a) > 2:
            return ONE_CHAR
    if min(len(a), len(b)) >= 2 and len(a) != len(b) and (a.startswith(b) or b.startswith(a)):
        return TRUNCATED
    same = one.name.surname and one.name.surname == other.name.surname
    return SAME_SURNAME if same else DISAGREE


def differ(level: int, left: str, right: str, reference: Reference) -> Params:
    """Which character differs, or how many a mask shows."""
    a, b = names.read(left, reference).key, names.read(right, reference).key
    if level in {HOMOPHONE, ONE_CHAR}:
        return {"position": next((place + 1 for place, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 1)}
    if level == MASK_COMPATIBLE:
        return {"known": min(len(a.replace("*", "")), len(b.replace("*", "")))}
    return {}


COMPARATOR = Comparator(name="name", levels=LEVELS, run=compare, differ=differ)
