"""How fast distinct values are read on one core: run by hand, `python -m tests.bench.bench_parsing [COUNT] [KIND …]`; nothing is asserted.

Each kind is measured twice: tidy values, and values of which one in ten carries the dirt of an archive.
"""

import os
import random
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from core.reference import Reference
from matchers.columns import Coded, encode
from matchers.normal import addresses, ids, names, phones
from tests.data.addresses import writer

ROOT = Path(__file__).parents[2]
DAY = date(2026, 3, 16)
GIVEN = "建国明秀英丽华伟芳军平强磊洋艳勇杰娟涛超敏静霞刚红玉兰桂海文志春梅新永安东辉云龙佳怡子涵"

Draw = random.Random
Maker = Callable[[Draw, Reference], str]
Reader = Callable[[Coded, Reference], object]


def person(draw: Draw, reference: Reference) -> str:
    """A name of two to four characters, surnames as frequent as they are."""
    surname = draw.choices(list(reference.surnames), list(reference.surnames.values()))[0]
    return surname + "".join(draw.choices(GIVEN, k=draw.choice([1, 2, 2, 2, 3])))


def number(draw: Draw, _reference: Reference) -> str:
    """A right resident ID of nobody (marked division)."""
    body = f"13990{draw.randint(1, 5)}{draw.randint(1940, 2005)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}{draw.randint(1, 999):03d}"
    return body + ids.check_digit(body)


def mobile(draw: Draw, _reference: Reference) -> str:
    """A number of nobody (marked prefix)."""
    return f"194{draw.randint(0, 99_999_999):08d}"


def address(draw: Draw, _reference: Reference) -> str:
    """An address of nobody, in any of the frozen set's styles of writing."""
    return writer.STYLES[draw.choice(list(writer.STYLES))](writer.Draw(draw.getrandbits(64)))[0]


DIRT: dict[str, tuple[Callable[[str], str], ...]] = {
    "id": (lambda n: "'" + n, lambda n: n[:6] + " " + n[6:], lambda n: n[:6] + n[8:17], lambda n: n[:6] + "*" * 8 + n[14:],
           lambda n: n[:17] + ("1" if n[17] != "1" else "2")),
    "name": (" ".join, lambda n: n + "（东城）", lambda n: n + "2号表", lambda n: n[0] + "*" + n[2:], lambda n: n.translate(str.maketrans("张陈刘", "張陳劉"))),
    "phone": (lambda n: f"{n[:3]}-{n[3:7]}-{n[7:]}", lambda n: f"{n}/0315-2{n[5:]}", lambda n: "妻" + n, lambda n: "+86" + n,
              lambda n: n[:3] + "****" + n[7:]),
    "address": (writer.wide, lambda a: a + "（东城）", lambda a: a[:3] + " " + a[3:], lambda a: a[:6] + "\u3000" + a[6:]),
}  # fmt: skip

KINDS: dict[str, tuple[Maker, Reader]] = {
    "id": (number, lambda column, reference: column.each(lambda text: ids.read(text, reference, DAY))),
    "name": (person, lambda column, reference: column.each(lambda text: names.read(text, reference))),
    "address": (address, lambda column, reference: column.each(lambda text: addresses.read(text, reference))),
    "phone": (mobile, lambda column, reference: column.each(lambda text: phones.read(text, reference))),
}


def column(kind: str, count: int, dirty: float, reference: Reference, seed: int = 1) -> Coded:
    """About `count` distinct values of the kind, the given share of them with dirt."""
    draw, made = random.Random(seed), set[str]()
    for _ in range(count):
        value = KINDS[kind][0](draw, reference)
        made.add(draw.choice(DIRT[kind])(value) if draw.random() < dirty else value)
    return encode(sorted(made))


def main(count: int, kinds: list[str]) -> None:
    """Print what was measured: wall and processor time, since a loaded machine stretches the first."""
    reference = Reference.load(ROOT / "config" / "reference", marked=True)
    for kind in kinds:
        for dirty in (0.0, 0.1):
            values = column(kind, count, dirty, reference)
            KINDS[kind][1](
                column(kind, 100, dirty, reference, seed=2), reference
            )  # the tables that are built when first asked for
            wall, busy = time.perf_counter(), time.process_time()
            KINDS[kind][1](values, reference)
            wall, busy = time.perf_counter() - wall, time.process_time() - busy
            n = len(values.values)
            line = f"{kind:8} {dirty:4.0%} dirty  {n:8,} distinct  {n / wall:10,.0f}/s wall  {n / busy:10,.0f}/s processor  load {os.getloadavg()[0]:.1f}"
            sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000, sys.argv[2:] or list(KINDS))
