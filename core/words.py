"""Sentences that people read, in both languages, kept beside the code that owns them.

Findings, levels and problems are stored as a code with parameters; the sentence is made at the edge, in the reader's language.
"""

import locale
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in Chinese and in English; `{name}` marks a parameter."""

    zh: str
    en: str

    def say(self, language: Language, params: Mapping[str, object] | None = None) -> str:
        """The sentence with its parameters filled in, words among them in the same language; one that was not given stays as `{name}`."""
        said = {name: one.say(language) if isinstance(one, Words) else one for name, one in (params or {}).items()}
        return (self.zh if language == "zh" else self.en).format_map(_Visible(said))


class _Visible(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


def language(environ: Mapping[str, str] = os.environ) -> Language:
    """HEDANG_LANG if it is set, else the locale's language, else Chinese."""
    wanted = environ.get("HEDANG_LANG") or environ.get("LC_ALL") or environ.get("LANG") or locale.getlocale()[0] or "zh"
    return "en" if wanted.lower().startswith("en") else "zh"
