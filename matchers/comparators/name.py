"""Compare names of people: only the same name, or the same name written otherwise, supports a write.

Several names in one cell (co-owners, separated by 、 , ; /) are a set: the best pair counts, and one of several is not all of them.
"""

import re
from dataclasses import dataclass
from itertools import product

from core.reference import Reference
from core.words import Words
from matchers import likeness, masks
from matchers.comparators import BESIDE, Column, Comparator, Level, Levels, Params, by_pairs, ranked
from matchers.likeness import Heard
from matchers.masks import Stars
from matchers.normal import names
from matchers.normal.names import DOT, Name

(
    DISAGREE, SAME_SURNAME, TRUNCATED, TRANSPOSED, ONE_CHAR, HOMOPHONE, PARTIAL_COMPOUND, VARIANT, ONE_OF_SEVERAL, EXACT_NORM, EXACT,
) = range(11)  # fmt: skip
MASK_COMPATIBLE, UNKNOWN, ORG_VS_PERSON, ROMANISED, REORDERED = range(BESIDE, BESIDE + 5)

LEVELS = ranked(
    Level(name="EXACT", words=Words("姓名完全一致", "the names are equal"), agrees=True, writes=True),
    Level(
        name="EXACT_NORM",
        words=Words("仅书写不同（全半角、大小写、空格、间隔号、括注）", "equal but for the way of writing"),
        agrees=True,
        writes=True,
    ),
    Level(
        name="ONE_OF_SEVERAL",
        words=Words("几人之中有一人一致，另有他人", "one of several is the same person, and there are others"),
        agrees=True,
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
            words=Words(
                "脱敏姓名相容（已知 {known} 字；陌生人偶然相容约 {chance}）",
                "compatible with the mask ({known} characters known; about {chance} of strangers would be)",
            ),
        ),
        Level(name="UNKNOWN", words=Words("姓名无法识别", "the name cannot be read")),
        Level(
            name="ORG_VS_PERSON",
            words=Words("一方为单位，一方为个人", "one is an organisation, the other a person"),
            contradicts=True,
        ),
        Level(name="ROMANISED", words=Words("一方为拼音，读音一致", "one is in pinyin, and sounds like the other")),
        Level(name="REORDERED", words=Words("拼音或外文姓名词序不同", "the same Latin words in another order")),
    ),
)

_SEPARATORS = re.compile(r"[、,，;；/|&]+|\s+(?=[\u3400-\u9fff]{2,}\s*$)")
_LATIN = re.compile(r"[A-Z\s]+")
_STRENGTH = (UNKNOWN, ORG_VS_PERSON, DISAGREE, SAME_SURNAME, TRUNCATED, TRANSPOSED, ONE_CHAR, HOMOPHONE, REORDERED, ROMANISED, MASK_COMPATIBLE,
             PARTIAL_COMPOUND, VARIANT, EXACT_NORM)  # fmt: skip
_SYLLABLES = 4
"""A Chinese name has no more characters than this, so that its readings can be tried out."""


@dataclass(frozen=True, slots=True)
class _Read:
    name: Name
    # of the key
    heard: Heard


def compare(left: Column, right: Column, reference: Reference, stars: Stars) -> Levels:
    """EXACT > EXACT_NORM > ONE_OF_SEVERAL > VARIANT > PARTIAL_COMPOUND > HOMOPHONE > ONE_CHAR > … > DISAGREE; beside them masks and organisations."""
    return by_pairs(
        left,
        right,
        lambda text: _several(text, reference),
        EXACT,
        lambda a, b: _together(a, b, stars),
        doubt=names.DOUBT,
    )


def _together(one: tuple[_Read, ...], other: tuple[_Read, ...], stars: Stars) -> int:
    """The level of the best pair, but that one of several people is not the same as all of them."""
    level = _best(one, other, stars)[0]
    if level != EXACT_NORM or len(one) == len(other) == 1:
        return level
    paired = all(
        _best((a,), those, stars)[0] == EXACT_NORM for these, those in ((one, other), (other, one)) for a in these
    )
    return EXACT_NORM if paired else ONE_OF_SEVERAL


def _several(text: str, reference: Reference) -> tuple[_Read, ...]:
    whole = names.read(text, reference)
    parts = [part for part in _SEPARATORS.split(text) if part.strip()] if whole.has("several") else []
    found = [names.read(part, reference) for part in parts] or [whole]
    return tuple(_Read(name, likeness.hear(name.key, reference.readings)) for name in found)


def _best(one: tuple[_Read, ...], other: tuple[_Read, ...], stars: Stars) -> tuple[int, _Read, _Read]:
    """The strongest level between any of one side and any of the other, and whose it is."""
    found = ((_level(a, b, stars), a, b) for a in one for b in other)
    return max(found, key=lambda pair: _STRENGTH.index(pair[0]))


def _level(one: _Read, other: _Read, stars: Stars) -> int:
    a, b = one.name, other.name
    if {"placeholder", "lost", "missing", "kin"} & {*a.reasons, *b.reasons}:
        return UNKNOWN
    if a.surname == b.surname and a.has("short") != b.has("short"):
        return UNKNOWN  # 王先生 may be any 王
    if a.has("masked") or b.has("masked"):
        fit = masks.fits(a.key, b.key, stars)
        return UNKNOWN if fit is None else MASK_COMPATIBLE if fit else DISAGREE
    if a.has("organisation") != b.has("organisation"):
        return ORG_VS_PERSON
    if a.normal == b.normal:
        return EXACT_NORM
    if a.key == b.key:
        written = (name.normal.replace(DOT, "").upper() for name in (a, b))
        return EXACT_NORM if next(written) == next(written) else VARIANT
    if a.has("organisation"):
        return TRUNCATED if a.key.startswith(b.key) or b.key.startswith(a.key) else DISAGREE
    if _compound(a.normal, b.normal):
        return PARTIAL_COMPOUND
    return _spoken(one, other)


def _spoken(one: _Read, other: _Read) -> int:
    """Two names, each in characters or in pinyin, which passports and banks write surname first or last."""
    a, b = one.name.key, other.name.key
    latin = bool(_LATIN.fullmatch(a)), bool(_LATIN.fullmatch(b))
    if latin[0] != latin[1]:
        return _romanised(one, other)
    return REORDERED if all(latin) and likeness.in_any_order(a) == likeness.in_any_order(b) else _spelling(one, other)


def _romanised(one: _Read, other: _Read) -> int:
    """A name in pinyin against a name in characters, surname first or last."""
    latin, chinese = (one, other) if _LATIN.fullmatch(one.name.key) else (other, one)
    sounds = chinese.heard.sounds
    if not 1 < len(sounds) <= _SYLLABLES or not all(sounds):
        return UNKNOWN
    written = latin.name.key.replace(" ", "").lower()
    readings = [reading | {syllable.replace("v", "yu") for syllable in reading} for reading in sounds]
    orders = (readings, (*readings[1:], readings[0]))  # passports write lyu for lü
    spoken = {"".join(syllables) for order in orders for syllables in product(*order)}
    return ROMANISED if written in spoken else DISAGREE


def _compound(one: str, other: str) -> bool:
    """One is the first part, or a run of parts, of the other's name with dots."""
    short, long = sorted((one, other), key=len)
    return DOT in long and short.split(DOT) == long.split(DOT)[: short.count(DOT) + 1]


def _spelling(one: _Read, other: _Read) -> int:
    a, b = one.heard.tokens, other.heard.tokens
    if len(a) == len(b) > 1:
        if a != b and sorted(a) == sorted(b) and likeness.one_slip(a, b):
            return TRANSPOSED
        if likeness.sounds_alike(one.heard, other.heard):
            return HOMOPHONE
        surname = len(one.name.surname)
        if len(a) > 2 and likeness.one_slip(a, b) and (_differing(one, other)[0] < surname or len(a) - surname > 1):
            return ONE_CHAR  # 司马光 and 司马懿 have nothing but the surname in common
    short, long = sorted((a, b), key=len)
    if 2 <= len(short) < len(long) and long[: len(short)] == short:
        return TRUNCATED
    same = one.name.surname and one.name.surname == other.name.surname
    return SAME_SURNAME if same else DISAGREE


def _differing(one: _Read, other: _Read) -> list[int]:
    both = zip(one.heard.tokens, other.heard.tokens, strict=False)
    return [place for place, (a, b) in enumerate(both) if a != b]


def differ(level: int, left: str, right: str, reference: Reference) -> Params:
    """Which character differs, or how many a mask shows and how often strangers would fit it."""
    _, one, other = _best(_several(left, reference), _several(right, reference), "either")
    if level in {HOMOPHONE, ONE_CHAR}:
        return {"position": next(iter(_differing(one, other)), 0) + 1}
    if level == MASK_COMPATIBLE:
        mask = next(read.name.key for read in (one, other) if read.name.has("masked"))
        chance = masks.magnitude(masks.name_chance(mask, reference))
        return {"known": masks.known(one.name.key, other.name.key), "chance": chance}
    return {}


COMPARATOR = Comparator(name="name", levels=LEVELS, run=compare, differ=differ)
