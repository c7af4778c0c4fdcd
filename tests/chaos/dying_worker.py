"""A fill worker that is killed at one boundary of an item's walk, or that looks at a screen only once: started by test_kills.

    python -m tests.chaos.dying_worker BOUNDARY OPERATION ITEMS COMMAND…      BOUNDARY: see DIES, or `BOUNDARY:FILE` for the blind

It works on ITEMS (numbers, joined by commas) only, so that a test does not wait for the others.

The product has no switch for any of this: the worker's LegacySystem is replaced in this process alone.
"""

import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import run
from core.ledger import Ledger, queue
from core.model import Change, Image, Operation, State
from core.ports import LegacySystem
from doors import wiring

ENDS = (State.VERIFIED, State.UNCHANGED, State.CONFLICT, State.REFUSED, State.PARKED)
DIES = ("claim", "read", "intent", "submit", "read_back")


class Dying:
    """A LegacySystem that ends this process, as kill -9 does, the first time the boundary is reached."""

    def __init__(self, inner: LegacySystem, boundary: str, operation: str) -> None:
        self._inner, self._boundary, self._operation = inner, boundary, operation
        self._entered = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _die(self, boundary: str) -> None:
        if boundary == self._boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    def read(self, screen: str, key: str) -> Image:
        self._die("claim")
        image = self._inner.read(screen, key)
        self._die("read")
        return image

    def enter(self, screen: str, key: str, operation: Operation, changes: Sequence[Change], row: Any) -> Any:
        wanted = operation == self._operation
        if wanted:
            self._die("intent")
        receipt = self._inner.enter(screen, key, operation, changes, row)
        if wanted:
            self._die("submit")
        self._entered = wanted
        return receipt

    def fetch(self, screen: str, key: str) -> Image:
        if self._entered:
            self._die("read_back")
        return self._inner.fetch(screen, key)


class Blind(Dying):
    """A LegacySystem whose `read` shows for ever what it showed first: the read-first guard is taken away."""

    def __init__(self, inner: LegacySystem, memory: Path, boundary: str, operation: str) -> None:
        super().__init__(inner, boundary, operation)
        self._memory = memory
        self._seen: dict[str, Any] = json.loads(memory.read_text()) if memory.exists() else {}

    def read(self, screen: str, key: str) -> Image:
        now = super().read(screen, key).plain()
        first = self._seen.setdefault(f"{screen} {key}", now)
        self._memory.write_text(json.dumps(self._seen))
        return Image.of(first)


def _due_in(only: Sequence[int], ledger: Ledger, _origin: str = "") -> float | None:
    """The items are looked at again soon, until they are settled."""
    return None if all(queue.item(ledger, item).state in ENDS for item in only) else 0.5


def main() -> None:
    """Replace the worker's hands and run the command."""
    boundary, operation, items, *command = sys.argv[1:]
    only = [int(item) for item in items.split(",")]
    kind, _, memory = boundary.partition(":")
    honest = wiring.legacy

    @contextmanager
    def replaced(*args: Any, **options: Any) -> Any:
        with honest(*args, **options) as inner:
            yield Blind(inner, Path(memory), kind, operation) if memory else Dying(inner, kind, operation)

    wiring.legacy = replaced
    queue.claim = partial(queue.claim, only=only)
    queue.due_in = partial(_due_in, only)
    sys.argv = ["run.py", *command]
    run.main()


if __name__ == "__main__":
    main()
