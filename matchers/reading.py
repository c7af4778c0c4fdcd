"""Read a stream of values of one kind, one a line, into what each of them says; no line stops the stream.

for answer in reading.answers("phone", lines, Setting(reference=reference, as_of=today)): …   # one JSON text a line, in order
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from core.reference import Reference
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
