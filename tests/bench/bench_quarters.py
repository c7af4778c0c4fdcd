"""How fast quarters are proposed and addresses placed: run by hand, `python -m tests.bench.bench_quarters [ACCOUNTS] [QUARTERS]`."""

import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from core.quarters import Draft, Quarter
from matchers.proposed_quarters import Sighting, drafts
from matchers.quarters import Quarters

DAY = date(2026, 3, 16)
COUNTIES = ("130203", "130302", "130702", "130802", "131082")
SYLLABLES = "凤城国贸学府阳光碧水锦绣新御景华龙泽雅翰林金色港湾清紫公和平丽滨河朝南湖春晓天赐福乐祥瑞宫荣梧桐玉田世纪银盛豪庭万居北岸江山润"
KINDS = ("", "", "花园", "家属院", "公寓", "嘉园", "一区", "二区", "里")
T = TypeVar("T")


def names(size: int, draw: random.Random) -> list[tuple[str, str]]:
    """(county, quarter's name), each once."""
    found: dict[tuple[str, str], None] = {}
    while len(found) < size:
        name = "".join(draw.choices(SYLLABLES, k=draw.choice((2, 3, 4)))) + draw.choice(KINDS)
        found[draw.choice(COUNTIES), name] = None
    return list(found)


def sightings(size: int, quarters: Sequence[tuple[str, str]], draw: random.Random) -> list[Sighting]:
    """Flats of these quarters; one name in a hundred has a slip of the pen."""
    return [_sighting(number, *draw.choice(quarters), draw) for number in range(size)]


def _sighting(number: int, county: str, name: str, draw: random.Random) -> Sighting:
    if draw.random() < 0.01:
        place = draw.randrange(len(name))
        name = name[:place] + draw.choice(SYLLABLES) + name[place + 1 :]
    return Sighting(
        source="accounts", who=f"{number:010d}", county=county, quarter=name, building=str(draw.randint(1, 20)),
        unit=str(draw.randint(1, 4)), room=f"{draw.randint(1, 28)}0{draw.randint(1, 4)}",
    )  # fmt: skip


def timed(what: str, count: int, work: Callable[[], T]) -> T:
    """Do it, and print how many a second."""
    begun = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - begun
    print(f"{what:<34}{count:>10,}{seconds:>9.2f} s{count / seconds:>14,.0f} /s")
    return done


def main() -> None:
    """Print rates, with the machine's load beside them."""
    accounts, size = (int(text) for text in (*sys.argv[1:], "200000", "5000")[:2])
    draw = random.Random(1)
    quarters = names(size, draw)
    seen = sightings(accounts, quarters, draw)
    print(f"{accounts:,} sightings of {size:,} quarters; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    found, weak = timed("propose", accounts, lambda: drafts(seen, {}, ()))
    aliases = sum(len(draft.aliases) for draft in found)
    print(f"  {len(found):,} quarters, {aliases:,} other names, {weak:,} names with too little support")
    ledger = Quarters.of(_confirmed(n, draft) for n, draft in enumerate(found))
    asked = {(s.county, s.quarter) for s in seen}
    timed("place a distinct name", len(asked), lambda: [ledger.find(county, name, DAY) for county, name in asked])


def _confirmed(number: int, draft: Draft) -> Quarter:
    buildings = tuple(building for building, _ in draft.buildings)
    return Quarter(id=f"Q{number}", county=draft.county, name=draft.name, buildings=buildings)


if __name__ == "__main__":
    main()
