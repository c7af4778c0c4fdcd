"""`run.py screens login`: a person logs in before the night, and the session is kept alive until the night has used it.

window: log in (picture, key, message) ──what only somebody inside sees──▶ sealed in --data ──▶ looked at quietly, again and again
                                                                                                └──ended──▶ said at once
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

from loguru import logger

from bots.door import Handover
from bots.driver import Driver
from bots.kept import IN_USE, Papers
from bots.legacy import drive
from core.errors import ApplicationError, InputError, MissingPart, SessionOver
from core.ports import Clock
from core.words import Words
from doors.enter import Hall, Place, connect, found_at, papers_of

SLICE = 0.5
"""Seconds after which a wish to stop is heard."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is kept alive."""

    place: Place
    door: Handover
    papers: Papers
    stop: Callable[[], bool]
    clock: Clock
    say: Callable[[str, int, int], None]


def hand_over(hall: Hall, name: str, target: str, *, login: bool, stay: bool) -> dict[str, object]:
    """Let a person log in, keep the session alive, or both: `handed`, why it `ended` (stopped, handed_over), `looks` at it.

    Raises InputError where the map hands none over, MissingPart where nobody logged in.
    """
    on = session(hall, found_at(hall, name, target))
    if login:
        begin(on)
    ended, looks = keep(on) if stay else ("stopped", 0)
    return {"handed": login, "ended": ended, "looks": looks}


def session(hall: Hall, place: Place) -> Session:
    """The session of a place. Raises InputError where the map hands none over."""
    door = place.system.door
    if not isinstance(door, Handover):
        raise InputError(
            Words(
                "这个映射的登录不是人工交接的：login 里没有 handed: true",
                "nobody hands a session over here: the map's login does not say `handed: true`",
            )
        )
    return Session(place, door, papers_of(hall, place), hall.stop, hall.clock, hall.say)


def begin(on: Session, *, headless: bool = False, act: Callable[[Driver], None] | None = None) -> None:
    """Open the window and wait until the person is inside; then the session is kept. `act` is a person's part, played by a program.

    Raises MissingPart when the window is closed before, or cannot be opened.
    """
    driver = drive(on.place.system, on.place.url, headless=headless, papers=on.papers)
    with on.papers.held():
        try:
            driver.open(urljoin(on.place.url, on.door.open))
            if act:
                act(driver)
            while not _inside(driver, on.door):
                if on.stop():
                    raise MissingPart(NOT_INSIDE)
            driver.keep()
        finally:
            driver.close()


NOT_INSIDE = Words("没有登录成功：窗口已关闭", "nobody has logged in: the window was closed")


def _inside(driver: Driver, door: Handover) -> bool:
    try:
        driver.arrive([door.ready], within=False)
    except ApplicationError as error:
        if error.code == "closed":
            raise MissingPart(NOT_INSIDE) from None
        return False  # a person takes longer than a page
    return True


def keep(on: Session) -> tuple[str, int]:
    """Look at the session every so often, until it ends (`handed_over`) or nobody wants it any longer (`stopped`); with the number of looks.

    Raises MissingPart when no look is possible: there is no browser.
    """
    looks = 0
    while not _waited(on):
        try:
            _look(on)
        except SessionOver as error:
            logger.error("{}", error)
            return error.code, looks
        except MissingPart as error:
            if error.code != IN_USE:
                raise
            continue  # somebody works with it, which keeps it alive
        except ApplicationError as error:
            logger.warning("not looked at: {}", error)  # a system that does not answer says nothing of the session
            continue
        looks += 1
        on.say("alive", looks, looks)
    return "stopped", looks


def _waited(on: Session) -> bool:
    """Whether somebody wants to stop before the next look is due."""
    left = on.door.every
    while left > 0 and not on.stop():
        on.clock.sleep(min(SLICE, left))
        left -= SLICE
    return on.stop()


def _look(on: Session) -> None:
    assert on.papers.kept is not None
    with on.papers.kept.held(0):
        legacy = connect(on.place, (), headed=False, papers=on.papers)
        try:
            legacy.renew()
        finally:
            legacy.close()
