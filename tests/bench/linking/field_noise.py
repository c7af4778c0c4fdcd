"""Errors that strike every field for itself: slips of the keyboard, of the ear, of the scanner and of the input method, each at a rate of its own."""

from collections.abc import Callable, Mapping
from functools import cache
from random import Random

import numpy as np
import pandas as pd

from tests.bench.linking.population import REFERENCE, Column, Columns, words

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
BESIDE = {key: row[max(place - 1, 0) : place] + row[place + 1 : place + 2] for row in ROWS for place, key in enumerate(row)}  # fmt: skip
SOUNDS = (("ph", "f"), ("ck", "k"), ("ie", "y"), ("ee", "ea"), ("s", "z"), ("c", "k"), ("th", "t"), ("y", "i"), ("nn", "n"), ("l", "ll"), ("tt", "t"), ("e", "a"), ("o", "u"))  # fmt: skip
GLYPHS = (("m", "rn"), ("l", "1"), ("o", "0"), ("h", "b"), ("cl", "d"), ("e", "c"), ("i", "l"), ("n", "u"), ("vv", "w"))
Slip = Callable[[str, Random], str]


def blurred(columns: Columns, language: str, errors: Mapping[str, float], missing: Mapping[str, float], rng: np.random.Generator) -> Columns:  # fmt: skip
    """These records as they were taken down, with errors and gaps."""
    columns = {name: values.copy() for name, values in columns.items()}
    draw = Random(int(rng.integers(2**60)))
    for name, field, slip in _slips(language):
        _spoil(columns[field], rng.random(len(columns[field])) < errors.get(name, 0.0), slip, draw)
    if "swap_names" in errors:
        swapped = rng.random(len(columns["given"])) < errors["swap_names"]
        first, last = columns["given"], columns["surname"]
        columns["given"], columns["surname"] = np.where(swapped, last, first), np.where(swapped, first, last)
    for name, values in columns.items():
        values[rng.random(len(values)) < missing.get(name, 0.0)] = None
    return columns


def _spoil(values: Column, where: Column, slip: Slip, draw: Random) -> None:
    places = np.flatnonzero(where)
    values[places] = [slip(value, draw) for value in values[places]]


def _slips(language: str) -> tuple[tuple[str, str, Slip], ...]:
    """(name of the rate, field, slip)."""
    shared: tuple[tuple[str, str, Slip], ...] = (
        ("dob", "dob", wrong_day),
        ("swap_days", "dob", swapped_days),
        ("phone", "phone", wrong_digit),
    )
    if language == "chinese":
        return (
            *shared,
            ("sex", "sex", lambda value, _: "女" if value == "男" else "男"),
            ("name", "name", wrong_character),
            ("district", "district", lambda value, draw: value[:-1] if len(value) > 2 else value + "县"),
            ("address", "address", wrong_place),
            ("style", "address", other_style),
        )
    return (
        *shared,
        ("sex", "sex", lambda value, _: "F" if value == "M" else "M"),
        ("nickname", "given", lambda value, _: words()["latin"]["nicknames"].get(value, value)),
        ("given", "given", slip_of_the_pen),
        ("surname", "surname", slip_of_the_pen),
        ("city", "city", slip_of_the_pen),
        ("postcode", "postcode", wrong_digit),
        ("address", "address", slip_of_the_pen),
        ("style", "address", abbreviated),
    )


def slip_of_the_pen(value: str, draw: Random) -> str:
    """One slip of the keyboard, the ear or the scanner."""
    kind = draw.random()
    if kind < 0.2:
        return _replaced(value, SOUNDS, draw)
    if kind < 0.35:
        return _replaced(value, GLYPHS, draw)
    return _keyed(value, draw)


def _replaced(value: str, pairs: tuple[tuple[str, str], ...], draw: Random) -> str:
    fitting = [(old, new) for one, other in pairs for old, new in ((one, other), (other, one)) if old in value[1:]]
    if not fitting:
        return _keyed(value, draw)
    old, new = draw.choice(fitting)
    place = draw.choice([at for at in range(1, len(value)) if value.startswith(old, at)])
    return value[:place] + new + value[place + len(old) :]


def _keyed(value: str, draw: Random) -> str:
    place = draw.randrange(len(value))
    near = draw.choice(BESIDE.get(value[place].lower()) or "aeiou0123456789")
    head, here, tail = value[:place], value[place], value[place + 1 :]
    kind = draw.randrange(4)
    if kind == 0 and len(value) > 1:
        return head + tail
    if kind == 1 and tail:
        return head + tail[0] + here + tail[1:]
    return head + near + tail if kind == 2 else head + here + near + tail


def wrong_digit(value: str, draw: Random) -> str:
    """Two neighbours swapped, or one digit wrong; the length stays."""
    place = draw.randrange(1, len(value))
    if draw.random() < 0.4:
        return value[: place - 1] + value[place] + value[place - 1] + value[place + 1 :]
    return value[:place] + draw.choice("0123456789") + value[place + 1 :]


def wrong_day(value: str, draw: Random) -> str:
    """A date with another day, month or year near by."""
    year, month, day = (int(part) for part in value.split("-"))
    kind = draw.random()
    if kind < 0.45:
        day = draw.randint(1, 28)
    elif kind < 0.7:
        month, day = draw.randint(1, 12), min(day, 28)
    else:
        year, day = year + draw.choice((-10, -2, -1, 1, 2, 10)), min(day, 28)
    return f"{year:04d}-{month:02d}-{day:02d}"


def swapped_days(value: str, _draw: Random) -> str:
    """Day and month in each other's place, where the day could be a month."""
    year, month, day = value.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 else value


def abbreviated(value: str, draw: Random) -> str:
    """Kinds of street in short, or in capitals, or without the flat."""
    if draw.random() < 0.1:
        return value.upper()
    if value.startswith("Flat") and draw.random() < 0.2:
        return value.partition(", ")[2]
    for full, short in words()["latin"]["short"].items():
        value = value.replace(full, short)
    return value


@cache
def _alike() -> tuple[dict[str, str], dict[str, str]]:
    """(character → those that sound like it, character → those that look like it), among name characters."""
    table = pd.read_csv(REFERENCE / "readings.csv")
    part = words()["chinese"]
    common = set(part["male"] + part["female"] + "".join(part["shapes"]) + "".join(pd.read_csv(REFERENCE / "surnames.csv").surname))  # fmt: skip
    sounds: dict[str, list[str]] = {}
    for letter, reading in zip(table.character, table.readings, strict=True):
        if letter in common:
            sounds.setdefault(str(reading).split()[0], []).append(letter)
    heard = {one: "".join(other for other in group if other != one) for group in sounds.values() for one in group}
    seen: dict[str, str] = {}
    for one, other in part["shapes"]:
        seen[one] = seen.get(one, "") + other
        seen[other] = seen.get(other, "") + one
    return heard, seen


def wrong_character(value: str, draw: Random) -> str:
    """A name with one character that sounds or looks like the right one, one left out, one too many, or two swapped."""
    heard, seen = _alike()
    place = draw.randrange(len(value)) if draw.random() < 0.2 else draw.randrange(1, len(value))
    here, kind = value[place], draw.random()
    if kind < 0.55 and heard.get(here):
        return value[:place] + draw.choice(heard[here]) + value[place + 1 :]
    if kind < 0.8 and seen.get(here):
        return value[:place] + draw.choice(seen[here]) + value[place + 1 :]
    if kind < 0.92 and len(value) > 2:
        return value[:place] + value[place + 1 :]
    if len(value) == 3 and draw.random() < 0.5:
        return value[0] + value[2] + value[1]
    return value[:place] + draw.choice(words()["chinese"]["male"]) + value[place + 1 :]


def wrong_place(value: str, draw: Random) -> str:
    """An address with one number or one character of the quarter wrong, or without its room."""
    kind = draw.random()
    if kind < 0.15 and "单元" in value:
        return value.partition("单元")[0] + "单元"
    digits = [place for place, letter in enumerate(value) if letter.isdigit()]
    if kind < 0.65 and digits:
        place = draw.choice(digits)
        return value[:place] + draw.choice("123456789") + value[place + 1 :]
    place = value.find("号楼") - 4
    return value[:place] + draw.choice(words()["chinese"]["quarters"]) + value[place + 1 :]


def other_style(value: str, draw: Random) -> str:
    """The same flat written otherwise: without province, or with dashes, or with other words for building and room."""
    kind = draw.randrange(4)
    if kind == 0:
        return value.removeprefix("河北省")
    if kind == 1:
        return value.replace("号楼", "-").replace("单元", "-").removesuffix("室")
    if kind == 2:
        return value.replace("号楼", "栋").removesuffix("室")
    return value[value.find("市") + 1 :].replace("号楼", "#")
