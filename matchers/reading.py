"""Read a stream of values of one kind, one a line, into what each of them says; no line stops the stream.

for answer in reading.answers("phone", lines, Setting(reference=reference, as_of=today)): …   # one JSON text a line, in order
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rapidfuzz import fuzz, process

from core.errors import InputError, choices
from core.reference import Reference
from core.words import Words
from matchers.normal import addresses, dates, ids, names, phones
from matchers.normal import text as texts

Row = dict[str, object]

_LONGEST = 4096
"""Characters; what is longer is no value, and is read as far as this."""

_REMEMBERED = 1 << 16
"""How many distinct lines are remembered: repeated values are judged once, and a million lines need no more memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What values are read against."""

    reference: Reference
    # the day against which a date of birth is in the future
    as_of: date
    # settles counties that stand in several cities, and gives local landlines their area code
    city: str | None = None

    @property
    def area_code(self) -> str | None:
        """The area code of the city."""
        return self.reference.area_code_of.get(self.city) if self.city else None


KINDS: Mapping[str, Callable[[str, Setting], Row]] = {
    "address": lambda text, s: addresses.read(text, s.reference, s.city).as_row(),
    "name": lambda text, s: names.read(text, s.reference).as_row(),
    "id": lambda text, s: ids.read(text, s.reference, s.as_of).as_row(),
    "phone": lambda text, s: phones.read(text, s.reference, s.area_code).as_row(),
    "text": lambda text, _: texts.read(text).as_row(),
    "date": lambda text, _: dates.read(text).as_row(),
}


def city(name: str, reference: Reference) -> str:
    """The city that a name means, with or without its suffix (唐山 is 唐山市).

    Raises InputError, naming the cities whose names are near and the served ones, for a name that is no city's.
    """
    known = reference.all_cities
    found = next((full for full in known if name in (full, full[:-1])), None)
    if found:
        return found
    near = _near(name, known, reference)
    raise InputError(
        Words(
            f"--city {name}：没有这个城市；相近的：{'、'.join(near) or '无'}；服务的城市：{'、'.join(reference.cities)}",
            f"--city {name}: there is no such city; similar names: {', '.join(near) or 'none'}; served cities: {choices(reference.cities)}",
        )
    )


def _near(name: str, known: Sequence[str], reference: Reference) -> list[str]:
    """The cities that a name may have been meant for: of the same sound first, then those that share most of its characters."""
    short = name.removesuffix("市")
    alike = [full for full in known if _sounds(full[:-1], reference) == _sounds(short, reference)]
    stems = {full: full[:-1] for full in known}
    found = process.extract(short, stems, scorer=fuzz.ratio, score_cutoff=_NEAR, limit=_CHOICES)
    return list(dict.fromkeys([*alike, *(full for _, _, full in found)]))[:_CHOICES]


def _sounds(name: str, reference: Reference) -> list[frozenset[str]]:
    return [reference.readings.get(character, frozenset(character)) for character in name]


_NEAR = 45
"""Of 100, as rapidfuzz counts: one of two characters is shared."""

_CHOICES = 5


def read(kind: str, line: bytes, setting: Setting) -> Row:
    """What one line says: the keys of `run.py parse KIND`; how its bytes had to be read stands among the reasons."""
    text, how = texts.read_line(line)
    if len(text) > _LONGEST:
        text, how = text[:_LONGEST], (*how, "cut")
    row = KINDS[kind](text, setting)
    if how and isinstance(found := row.get("reasons"), list):
        row["reasons"] = [*how, *found]
    return row


def answers(kind: str, lines: Iterable[bytes], setting: Setting) -> Iterator[str]:
    """One JSON object for each line (with or without its line end), in the order of the lines."""

    @lru_cache(maxsize=_REMEMBERED)
    def answer(line: bytes) -> str:
        return json.dumps(read(kind, line, setting), ensure_ascii=False)

    return (answer(line.removesuffix(b"\n").removesuffix(b"\r")) for line in lines)
