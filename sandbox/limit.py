"""So many calls a second and no more, as a service's contract says."""

from __future__ import annotations

import time
from collections import deque
from threading import Lock


class Limit:
    """A sliding window of one second."""

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._calls: deque[float] = deque()
        self._lock = Lock()

    def busy(self) -> bool:
        """Whether this call is one too many in its second; a refused call does not count."""
        now = time.monotonic()
        with self._lock:
            while self._calls and self._calls[0] < now - 1:
                self._calls.popleft()
            if len(self._calls) >= self._per_second:
                return True
            self._calls.append(now)
            return False
