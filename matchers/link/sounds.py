"""Hear how names sound: syllables without tones for Chinese characters, a consonant code for Latin letters."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

Column = Any
Readings = Mapping[str, str]
"""Character → its usual syllable without tone."""

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
    latin = names
    for pattern, letter in _FOLDS:
        latin = pc.replace_substring_regex(latin, pattern, letter)
    latin = pc.replace_substring_regex(latin, r"[^a-z\s]", "")
    for double in "aknpstfrlj":
        latin = pc.replace_substring_regex(latin, f"{double}{{2,}}", double)
    chinese = pc.match_substring_regex(names, r"\p{Han}")
    if not pc.any(chinese).as_py():
        return latin
    heard = [" ".join(readings.get(c, c) for c in text) if text else None for text in names.to_pylist()]
    return pc.if_else(chinese, pa.array(heard, type=names.type), latin)
