"""Keep the likeliest pairs that memory has room for, and tell from which odds on they are there.

Pairs come in chunks. Once more are held than there is room for, the weakest go, and from then on nothing that is as weak is taken.
What is left in the end are the pairs above the odds of the first one that has no room, whatever the chunks were: pairs that are as
likely as that one stand or fall together.
"""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from matchers.link.beside import THREADS
from matchers.link.score import Rows, Scored

SHARE = 2
"""Part of the memory (a half) that is for pairs."""
PAIR = 120
"""Bytes that a kept pair takes until it is decided, beside a byte for each field."""
LEAST = 500_000
"""Pairs that are kept in any case."""
OVER = 1.25
"""How many times what there is room for is held, before the weakest go."""
MARGIN = 0.01
"""Bits by which stages may be mistaken in what they add up (see `score`)."""


def room(memory: int, fields: int) -> int:
    """Pairs of so many fields that `memory` bytes have room for."""
    return max(memory // SHARE // (PAIR + fields), LEAST)


class Kept:
    """The pairs so far."""

    def __init__(self, most: int) -> None:
        self._most, self._held = most, 0
        self._parts: list[Scored] = []
        self.floor: float | None = None  # bits above which every pair is there; None: nothing had to go

    def add(self, some: Scored) -> None:
        """Take the next ones."""
        some = some if self.floor is None else _above(some, self.floor)
        self._parts.append(some)
        self._held += len(some.bits)
        if self._held > OVER * self._most:
            self._cut()

    def all(self) -> Scored:
        """Those that have room, in their order; there was a part at least."""
        if self._held > self._most:
            self._cut()
        return Scored(
            *(np.concatenate([getattr(part, name) for part in self._parts]) for name in ("left", "right", "levels", "bits"))
        )  # fmt: skip

    def _cut(self) -> None:
        bits = np.concatenate([part.bits for part in self._parts])
        first = len(bits) - self._most - 1  # the likeliest one that has no room
        bits.partition(first)
        self.floor = floor = float(bits[first])
        for place, part in enumerate(self._parts):  # one after the other, so that none is held twice
            self._parts[place] = _above(part, floor)
        self._held = sum(len(part.bits) for part in self._parts)


def _above(some: Scored, floor: float) -> Scored:
    keep: npt.NDArray[np.bool_] = some.bits > np.float32(floor)
    return Scored(some.left[keep], some.right[keep], some.levels[keep], some.bits[keep])


def gather(
    chunks: Iterable[tuple[Rows, Rows]], score: Callable[[Rows, Rows, float], Scored], least: float, most: int
) -> tuple[Scored, float | None]:
    """The `most` likeliest pairs, that reach `least` bits, of all chunks (one at least), in their order; two chunks at a time.

    Beside them the bits above which every pair is there, where some had no room.
    """
    kept = Kept(most)
    with ThreadPoolExecutor(THREADS) as pool:
        waiting: deque[Future[Scored]] = deque()
        for left, right in chunks:
            waiting.append(pool.submit(score, left, right, _bound(kept, least)))
            if len(waiting) > THREADS:
                kept.add(waiting.popleft().result())
        for each in waiting:
            kept.add(each.result())
    return kept.all(), kept.floor


def _bound(kept: Kept, least: float) -> float:
    return least if kept.floor is None else max(least, kept.floor - MARGIN)
