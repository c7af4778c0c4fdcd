"""Write down how names sound, as a key: syllables without tones for Chinese characters, a consonant code for Latin letters.

Of a character's readings the key holds the first in the alphabet, because equal keys need one; whether two names may sound the same,
by any of their readings, is asked in `likeness`. Names that the key parts meet by other keys.
A name in another script has no sound here (null), which is not the same sound as another one's.
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from matchers import likeness

Column = Any
Readings = likeness.Readings

_FOLDS = (
    (r"^(kn|gn|pn|wr)", "n"),
    (r"^x", "s"),
    (r"ph", "f"),
    (r"(sch|sh|ch|tch|cz|tz)", "x"),
    (r"(ck|q|c|g|k)", "k"),
    (r"[dt]h?", "t"),
    (r"[bp]", "p"),
    (r"[vf]", "f"),
    (r"[szx]", "s"),
    (r"[mn]", "n"),
    (r"[aeiouyhw]+", "a"),
)
"""Letters that are heard or typed for one another, in this order; vowels count only by standing there."""


def column(names: Column, readings: Readings) -> Column:
    """The sound of each distinct name; a character without a reading stands for itself."""
    told: Any = pc.match_substring_regex(names, r"\p{Han}")
    chinese = told.fill_null(False)
    if not pc.any(chinese).as_py():
        return _latin(names)
    heard = _chinese(names.filter(chinese), readings)
    if pc.all(chinese).as_py():
        return heard
    others = pc.invert(chinese)
    return pc.replace_with_mask(pc.replace_with_mask(names, others, _latin(names.filter(others))), chinese, heard)


def _chinese(names: Column, readings: Readings) -> Column:
    text: str = "\n".join(names.to_pylist())
    heard = text.translate(_Heard(readings)).split("\n")
    return pc.ascii_rtrim_whitespace(pa.array(heard, type=names.type))


class _Heard(dict[int, str]):
    """What each character becomes: asked for once, however often it stands there."""

    def __init__(self, readings: Readings) -> None:
        super().__init__({ord("\n"): "\n"})
        self._readings = readings

    def __missing__(self, code: int) -> str:
        self[code] = heard = f"{min(self._readings.get(chr(code), chr(code)))} "
        return heard


def _latin(names: Column) -> Column:
    sound = names
    for pattern, letter in _FOLDS:
        sound = pc.replace_substring_regex(sound, pattern, letter)
    sound = pc.replace_substring_regex(sound, r"[^a-z\s]", "")
    for double in "aknpstfrlj":
        sound = pc.replace_substring_regex(sound, f"{double}{{2,}}", double)
    unheard = pc.equal(pc.utf8_trim_whitespace(sound), pa.scalar("", sound.type))
    return pc.if_else(unheard, pa.scalar(None, sound.type), sound)
