"""Errors that come together: each record was taken down in one of five ways, and the way decides what is wrong with all its fields.

Shares no code with field_noise.py on purpose: an engine tuned on one is judged on the other.
"""

from collections.abc import Callable, Mapping
from functools import cache
from random import Random

import numpy as np
import pandas as pd

from tests.bench.linking.population import REFERENCE, Columns, words

Record = dict[str, str | None]
Way = Callable[[Record, Random], None]
SCANNED = {"o": "c", "i": "l", "a": "o", "n": "ri", "t": "f", "5": "6", "1": "7", "8": "3", "0": "6", "S": "5", "B": "8", "u": "v", "k": "lc", "g": "q"}  # fmt: skip
MISHEARD = (("ou", "u"), ("ey", "y"), ("gh", ""), ("mb", "m"), ("x", "ks"), ("v", "f"), ("d", "t"), ("b", "p"), ("er", "a"), ("qu", "kw"), ("h", ""))  # fmt: skip
GAPS = {"clean": 0.02, "typed": 0.06, "scanned": 0.08, "heard": 0.20, "hurried": 0.45}
"""Chance that the contact block (phone, address, postcode) was left out, by way."""
LEFT_OUT = 0.85  # of the contact block's fields, where it has a gap
TEXTS = ("given", "surname", "name", "city", "address")
FEBRUARY = 28  # every month has it


def blurred(columns: Columns, language: str, classes: Mapping[str, float], rng: np.random.Generator) -> Columns:
    """These records as they were taken down; the clean ones have gaps only."""
    size = len(columns["dob"])
    kinds = rng.choice(len(classes), p=list(classes.values()), size=size)
    columns = {name: values.copy() for name, values in columns.items()}
    draw = Random(int(rng.integers(2**60)))
    ways = _ways(language)
    for code, kind in enumerate(classes):
        for place in np.flatnonzero(kinds == code) if kind in ways else ():
            record: Record = {name: values[place] for name, values in columns.items()}
            ways[kind](record, draw)
            for name, value in record.items():
                columns[name][place] = value
    gap = rng.random(size) < np.array([GAPS[kind] for kind in classes])[kinds]
    for name in ("phone", "address", "postcode"):
        if name in columns:
            columns[name][gap & (rng.random(size) < LEFT_OUT)] = None
    return columns


def _ways(language: str) -> dict[str, Way]:
    if language == "chinese":
        return {"typed": _input_method, "scanned": _scanned_characters, "heard": _heard_characters, "hurried": _hurried}
    return {"typed": _typed, "scanned": _scanned, "heard": _heard, "hurried": _hurried}


def _each(record: Record, chance: float, change: Callable[[str, Random], str], draw: Random, names: tuple[str, ...] = TEXTS) -> None:  # fmt: skip
    for name in names:
        value = record.get(name)
        if value and draw.random() < chance:
            record[name] = change(value, draw)


def _typed(record: Record, draw: Random) -> None:
    """A tired typist: doubled, dropped and swapped letters in a quarter of the fields, now and then names in the wrong boxes."""
    _each(record, 0.25, _fumbled, draw)
    _each(record, 0.08, _digit, draw, ("phone", "postcode"))
    _each(record, 0.08, _date, draw, ("dob",))
    if draw.random() < 0.04:
        record["given"], record["surname"] = record["surname"], record["given"]


def _fumbled(value: str, draw: Random) -> str:
    letters = list(value)
    place = draw.randrange(len(letters))
    match draw.randrange(3):
        case 0:
            letters.insert(place, letters[place])
        case 1 if len(letters) > 3:
            del letters[place]
        case _ if place:
            letters[place - 1 : place + 1] = letters[place], letters[place - 1]
    return "".join(letters)


def _digit(value: str, draw: Random) -> str:
    place = draw.randrange(len(value))
    return value[:place] + str(draw.randrange(10)) + value[place + 1 :]


def _date(value: str, draw: Random) -> str:
    year, month, day = value.split("-")
    match draw.randrange(4):
        case 0 if int(day) <= 12:
            return f"{year}-{day}-{month}"
        case 1:
            return f"{year}-{month}-{min(FEBRUARY, max(1, int(day) + draw.choice((-1, 1, 10, -10)))):02d}"
        case 2:
            return f"{int(year) + draw.choice((-1, 1)):04d}-{month}-{min(int(day), FEBRUARY):02d}"
        case _:
            return f"{year}-{draw.randint(1, 12):02d}-{min(int(day), FEBRUARY):02d}"


def _scanned(record: Record, draw: Random) -> None:
    """A bad scan: every character of the record is misread at the record's own rate."""
    rate = draw.uniform(0.01, 0.12)
    for name, value in record.items():
        if value and name not in {"sex", "dob"}:
            record[name] = "".join(SCANNED.get(one, one) if draw.random() < rate else one for one in value)
    _each(record, rate, _date, draw, ("dob",))
    if record.get("phone"):
        record["phone"] = "".join(one for one in record["phone"] or "" if one.isdigit())


def _heard(record: Record, draw: Random) -> None:
    """On the telephone: names by ear, pet names, the house without the flat, the household's number."""
    given = record.get("given")
    if given and draw.random() < 0.3:
        record["given"] = words()["latin"]["nicknames"].get(given, given)
    _each(record, 0.4, _misheard, draw, ("given", "surname", "city"))
    _each(record, 0.5, lambda value, _: value.rpartition(", ")[2].replace("Street", "St").replace("Road", "Rd"), draw, ("address",))  # fmt: skip
    _each(record, 0.10, _date, draw, ("dob",))
    _each(record, 0.06, _digit, draw, ("phone",))


def _misheard(value: str, draw: Random) -> str:
    for old, new in draw.sample(MISHEARD, len(MISHEARD)):
        if old in value[1:]:
            return value[0] + value[1:].replace(old, new, 1)
    return value + "e"


def _hurried(record: Record, draw: Random) -> None:
    """Filled in on the way out: initials, first of January, sex as it was preset, address cut off."""
    given, dob = record.get("given"), record["dob"]
    if given and draw.random() < 0.3:
        record["given"] = given[0]
    if dob and draw.random() < 0.25:
        record["dob"] = dob[:4] + "-01-01"
    elif draw.random() < 0.2:
        record["dob"] = None
    if draw.random() < 0.1:
        record["sex"] = None
    _each(record, 0.3, lambda value, _: value[: max(6, len(value) * 2 // 3)], draw, ("address",))
    _each(record, 0.05, lambda value, _: value[:-1] if len(value) > 2 else value, draw, ("name", "surname"))


@cache
def _by_sound() -> tuple[dict[str, str], dict[str, list[str]]]:
    """(character → a reading, reading → characters a keyboard offers first)."""
    table = pd.read_csv(REFERENCE / "readings.csv")
    part = words()["chinese"]
    offered = set(part["male"] + part["female"]) | set("".join(pd.read_csv(REFERENCE / "surnames.csv").surname))
    reading = {letter: str(readings).split()[-1] for letter, readings in zip(table.character, table.readings, strict=True)}  # fmt: skip
    choices: dict[str, list[str]] = {}
    for letter in sorted(offered & reading.keys()):
        choices.setdefault(reading[letter], []).append(letter)
    return reading, choices


def _input_method(record: Record, draw: Random) -> None:
    """The wrong one of the characters that the input method offers, in names and addresses; digits hit twice or beside."""
    _each(record, 0.25, _offered, draw, ("name", "address"))
    _each(record, 0.08, _digit, draw, ("phone",))
    _each(record, 0.08, _date, draw, ("dob",))


def _offered(value: str, draw: Random) -> str:
    reading, choices = _by_sound()
    place = draw.randrange(len(value))
    other = choices.get(reading.get(value[place], ""), [value[place]])
    return value[:place] + draw.choice(other) + value[place + 1 :]


@cache
def _by_look() -> dict[str, str]:
    return {one: other for pair in words()["chinese"]["shapes"] for one, other in (pair, pair[::-1])}


def _scanned_characters(record: Record, draw: Random) -> None:
    """A scanned form: characters and digits are misread at the record's own rate."""
    rate, looks = draw.uniform(0.02, 0.2), _by_look()
    for name in ("name", "address", "phone", "dob"):
        value = record.get(name)
        if value and name == "dob":
            record[name] = _date(value, draw) if draw.random() < rate else value
        elif value:
            record[name] = "".join(
                looks.get(one, SCANNED[one] if one.isdigit() and one in SCANNED else one) if draw.random() < rate else one
                for one in value
            )  # fmt: skip


def _heard_characters(record: Record, draw: Random) -> None:
    """By telephone: every character of the name is a guess at its sound, the address is said in short."""
    name = record.get("name")
    if name and draw.random() < 0.4:
        reading, choices = _by_sound()
        record["name"] = name[0] + "".join(draw.choice(choices.get(reading.get(one, ""), [one])) for one in name[1:])
    _each(record, 0.5, lambda value, _: value[max(value.find("县"), value.find("区"), value.find("市")) + 1 :].replace("号楼", "楼").replace("单元", "门"), draw, ("address",))  # fmt: skip
    _each(record, 0.10, _date, draw, ("dob",))
    _each(record, 0.06, _digit, draw, ("phone",))
