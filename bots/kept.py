"""The session that a person handed over: kept sealed beside the ledger, used by one process at a time, and shown to nobody."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bots.door import Handover
from bots.screens import System
from core import posix
from core.errors import InputError, MissingPart
from core.privacy import Keys
from core.words import Words

FOLDER = "sessions"
PATIENCE = 60.0
"""Seconds that a worker waits while the session is only looked at to keep it alive."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One session; what it holds is the browser's own (cookies, storage, and the name that the browser gave itself)."""

    path: Path
    keys: Keys = field(repr=False)

    def read(self) -> Mapping[str, Any] | None:
        """What was kept; None where nobody has handed a session over, or another key sealed it."""
        try:
            found: Mapping[str, Any] = json.loads(self.keys.open_bytes(self.path))
        except (FileNotFoundError, InputError):
            return None
        return found

    def write(self, state: Mapping[str, Any]) -> None:
        """Keep a session instead of the one before; its folder is for its owner alone."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.parent.chmod(0o700)
        self.keys.seal_bytes(json.dumps(state).encode(), self.path)
        self.path.chmod(0o600)

    @contextmanager
    def held(self, wait: float = PATIENCE) -> Iterator[None]:
        """While one process works with it. Raises MissingPart (`in_use`) when another one does for longer than `wait` seconds."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as lock:
            try:
                lock.enter_context(posix.locked(self.path.with_suffix(".lock"), wait))
            except TimeoutError:
                raise MissingPart(BUSY, code=IN_USE) from None
            yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What lets a browser in beside a name and a password."""

    kept: Kept | None = None  # where a handed-over session lies
    phrase: str = field(default="", repr=False)  # opens the file of the certificate

    @contextmanager
    def held(self) -> Iterator[None]:
        """While one process works with them; see `Kept.held`."""
        with self.kept.held() if self.kept else nullcontext():
            yield


IN_USE = "in_use"
BUSY = Words("交接的会话正被另一进程使用", "another process is using the handed-over session")


def papers(system: System, data: Path, keys: Keys, url: str, user: str, phrase: str) -> Papers:
    """The papers of a user of a system; a session of his lies in `data` where a person hands it over."""
    name = hashlib.sha256(f"{url} {user}".encode()).hexdigest()[:16]
    kept = Kept(data / FOLDER / name, keys) if isinstance(system.door, Handover) else None
    return Papers(kept=kept, phrase=phrase)
