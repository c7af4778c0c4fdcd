"""Read a page that goes on filling its fields after it came: how long it takes is learnt by watching the first records of a screen.

What is read too early looks empty, is taken for somebody else's change later, and a save may make it so.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from bots.driver import Shown

WATCHES = (1.0, 0.5, 0.5)
"""Seconds for which the first records of a screen are watched, each until it has not changed for so long."""
LOOK = 0.125
"""Seconds between two looks."""
LONGEST = 5.0
"""Seconds after which a field that still changes never comes to rest: a clock, a counter."""

Look = Callable[[], Sequence[Shown]]


class Rest:
    """When the pages of one screen have filled themselves."""

    def __init__(self) -> None:
        self._watches = list(WATCHES)
        self._late = 0.0  # seconds after which the last field was filled, at most
        self._ceaseless: set[str] = set()
        self.fields: set[str] = set()  # those that a page was seen to change by itself

    def read(self, look: Look, names: Sequence[str], *, watch: bool = False) -> Sequence[Shown]:
        """What the controls `names` show once they no longer change; `watch`: whatever is known, as if it were the first record."""
        first = self._watches.pop(0) if self._watches else 0.0
        quiet = max(WATCHES[0] if watch else first, 2 * self._late)
        shown, begun, moves = look(), time.monotonic(), dict[str, float]()
        while (now := time.monotonic() - begun) < min(max(moves.values(), default=0.0) + quiet, LONGEST):
            time.sleep(LOOK)
            before, shown = shown, look()
            pairs = zip(names, before, shown, strict=True)
            moves |= {name: now for name, one, other in pairs if name not in self._ceaseless and not _alike(one, other)}
        self._learn(moves)
        return shown

    def _learn(self, moves: dict[str, float]) -> None:
        self.fields |= moves.keys()
        self._ceaseless |= {name for name, at in moves.items() if at > LONGEST - 1}
        self._late = max([self._late, *(at + LOOK for name, at in moves.items() if name not in self._ceaseless)])

    def wait(self) -> None:
        """Give a form that nobody reads the time that the pages of its screen take."""
        time.sleep(2 * self._late)


def _alike(one: Shown, other: Shown) -> bool:
    """Whether both hold the same; that choices came says nothing of what is chosen."""
    return replace(one, options=(), labels=()) == replace(other, options=(), labels=())
