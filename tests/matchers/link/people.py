"""Two small files of made-up people, with errors, households and people that only one file knows."""

from typing import Any

import numpy as np
import pyarrow as pa

from matchers.link import Field, Part, Spec

GIVEN = [
    "anna",
    "berta",
    "carl",
    "dora",
    "emil",
    "frida",
    "georg",
    "hanna",
    "ida",
    "jonas",
    "karla",
    "lena",
    "max",
    "nora",
    "otto",
    "paula",
    "rosa",
    "sven",
    "tom",
    "ute",
    "vera",
    "willi",
]
FAMILY = [
    "abel",
    "brandt",
    "claus",
    "dreher",
    "ebert",
    "franke",
    "gruber",
    "heller",
    "ihle",
    "jung",
    "kern",
    "lorenz",
    "meier",
    "nolte",
    "otten",
    "peters",
    "quast",
    "reuter",
]
FIELDS = (
    Field(name="given", kind="given", left="given", right="given"),
    Field(name="family", kind="family", left="family", right="family"),
    Field(name="born", kind="birth", left="born", right="born"),
    Field(name="phone", kind="phone", left="phone", right="phone"),
    Field(name="street", kind="address", left="street", right="street"),
)
SPEC = Spec(left_id="id", right_id="id", fields=FIELDS)
NARROW = Spec(left_id="id", right_id="id", fields=FIELDS, keys=((Part("phone"),),))

Table = dict[str, Any]


def files(count: int = 3000, overlap: float = 0.75, seed: int = 5) -> tuple[Table, Table, set[tuple[int, int]]]:
    """Left, right, and the pairs of rows that are the same person."""
    rng = np.random.default_rng(seed)
    everybody = _people(round(count * (2 - overlap)), rng)
    mine = rng.permutation(len(everybody))[:count]
    others = np.setdiff1d(np.arange(len(everybody)), mine)
    theirs = rng.permutation(np.concatenate([rng.choice(mine, round(count * overlap), replace=False), others[: count - round(count * overlap)]]))  # fmt: skip
    place = {int(person): row for row, person in enumerate(theirs)}
    truth = {(row, place[int(person)]) for row, person in enumerate(mine) if int(person) in place}
    left = _columns([everybody[p] for p in mine])
    right = _columns([_worn(everybody[p], rng) for p in theirs])
    return left, right, truth


def _people(count: int, rng: np.random.Generator) -> list[list[str | None]]:
    people: list[list[str | None]] = []
    while len(people) < count:
        family, street = str(rng.choice(FAMILY)), f"{rng.integers(1, 400)} {rng.choice(FAMILY)} street"
        phone = f"0{rng.integers(10**8, 10**9)}"
        for given in rng.choice(GIVEN, rng.integers(1, 5), replace=False):
            own = phone if rng.random() < 0.5 else f"0{rng.integers(10**8, 10**9)}"
            born = f"{rng.integers(1930, 2015)}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}"
            people.append([f"{given}{rng.choice(['', 'e', 'marie', 'lotte'])}", family, born, own, street])
    return people[:count]


def _worn(person: list[str | None], rng: np.random.Generator) -> list[str | None]:
    given, family, born, phone, street = person
    if rng.random() < 0.08 and given:
        place = int(rng.integers(len(given)))
        given = given[:place] + given[place + 1 :]
    if rng.random() < 0.03:
        given, family = family, given
    if rng.random() < 0.04 and born:
        born = born[:-1] + str(int(rng.integers(10)))
    phone = None if rng.random() < 0.15 else f"0{rng.integers(10**8, 10**9)}" if rng.random() < 0.15 else phone
    street = f"{rng.integers(1, 400)} {rng.choice(FAMILY)} street" if rng.random() < 0.12 else street
    return [given, family, born, phone, street]


def _columns(people: list[list[str | None]]) -> Table:
    names = [field.name for field in FIELDS]
    return {name: pa.chunked_array([pa.array([p[n] for p in people], pa.string())]) for n, name in enumerate(names)}
