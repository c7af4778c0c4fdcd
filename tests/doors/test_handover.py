"""A session that cannot be looked at is said to be so, and never taken for one that somebody works with."""

from pathlib import Path
from typing import Any, cast

import pytest

from bots.door import Handover
from bots.driver import Target
from bots.kept import Kept, Papers
from core.errors import MissingPart
from doors import handover
from doors.handover import Session, keep


class Clock:
    """Waits for nobody."""

    def now(self) -> Any:
        raise NotImplementedError

    def sleep(self, seconds: float) -> None:
        del seconds


def _session(folder: Path, rounds: int) -> Session:
    left = iter([False] * rounds)
    papers = Papers(kept=Kept(folder / "session", cast("Any", None)))
    door = Handover(ready=Target(), ended=Target(), every=0.5)
    return Session(cast("Any", None), door, papers, lambda: next(left, True), Clock(), lambda *_: None)


def test_a_browser_that_is_missing_ends_the_keeping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_browser(*_: object, **__: object) -> None:
        raise MissingPart("no browser")

    monkeypatch.setattr(handover, "connect", no_browser)
    with pytest.raises(MissingPart, match="no browser"):
        keep(_session(tmp_path, 9))


def test_a_session_that_another_process_works_with_is_left_to_it(tmp_path: Path) -> None:
    on = _session(tmp_path, 9)
    assert on.papers.kept is not None
    with on.papers.kept.held():
        assert keep(on) == ("stopped", 0)
