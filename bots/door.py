"""How somebody gets into a system: by a login on one page or several, or by a session that a person has handed over.

login: {user: 用户名, password: 密码, press: 登录, as: clerk, secret: CRM}
login: {user: 账号, next: 下一步, password: 密码, press: 登录, ready: {css: "#menu"}, …}       # the password on a page of its own
login: {handed: true, open: /login, ready: {css: "#menu"}, alive: /home, every: 240, as: clerk}  # a person logs in before the night
"""

from dataclasses import dataclass, field

from bots.driver import Driver, Target
from bots.targets import press_of, target_of
from core.errors import MissingPart, SessionOver
from core.settings import Node
from core.words import Words

ASKED_AGAIN = Target(css="body:has(input[type=password])")
"""After a login: a page that asks for a password again."""
LET_IN = Target(css="html > :is(body, frameset):not(:has(input[type=password]))")

BY_PASSWORD = ("open", "user", "next", "password", "captcha", "press", "failed", "ready", "leave")
BY_HAND = ("handed", "open", "ready", "ended", "alive", "every")
OWNER = ("as", "secret")
"""Who works there: read by whoever reads the map."""

ENDED = "handed_over"
"""The code of a SessionOver."""


OVER = Words(
    "人工交接的会话已结束：须有人重新登录（run.py screens login）",
    "the handed-over session ended: a person must log in again (run.py screens login)",
)


@dataclass(frozen=True, slots=True)
class Login:
    """Who works in the system."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A login with a password."""

    user: Target
    password: Target
    press: Target
    failed: Target
    ready: Target
    leave: Target | None = None
    open: str = ""  # where the login page is, if not at the start
    captcha: Target | None = None  # where the words of a picture are typed, which only a person reads
    next: tuple[
        Target, ...
    ] = ()  # what is pressed after the user's name, one page after the other, until the password can be typed

    @property
    def start(self) -> str:
        """Where a session begins."""
        return self.open

    @property
    def session(self) -> tuple[Target, ...]:
        """What a page shows that asks for the login; all of it together says that the session has ended."""
        return (self.user, self.next[0] if self.next else self.password)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A session that a person began and left to us; nothing here can begin it anew."""

    ready: Target  # what only somebody inside sees
    ended: Target  # what is seen instead once the session is over
    open: str = ""  # where the person logs in
    alive: str = ""  # a page inside: asked for quietly it keeps the session alive, and shows whether it still is
    every: float = 240  # seconds between two such looks
    leave: None = None  # what a person handed over is not thrown away

    @property
    def start(self) -> str:
        """Where a session begins."""
        return self.alive

    @property
    def session(self) -> tuple[Target, ...]:
        """What a page shows once the session has ended."""
        return (self.ended,)


def door_of(node: Node) -> Door | Handover:
    """The `login` of a map. Raises ConfigError with file, line, key and the choices."""
    if node.has("handed") and node["handed"].flag():
        return _handover(node)
    node.only(*BY_PASSWORD, "handed", *OWNER)
    pages = node.get("next")
    presses = () if pages is None else pages.list() if isinstance(pages.raw, tuple) else (pages,)
    return Door(
        open=node["open"].text() if node.has("open") else "",
        user=target_of(node["user"], (), "text"),
        next=tuple(press_of(one, ()) for one in presses),
        password=target_of(node["password"], (), "password"),
        press=press_of(node["press"], ()),
        failed=press_of(node["failed"], ()) if node.has("failed") else ASKED_AGAIN,
        ready=press_of(node["ready"], ()) if node.has("ready") else LET_IN,
        leave=press_of(node["leave"], ()) if node.has("leave") else None,
        captcha=target_of(node["captcha"], (), "captcha") if node.has("captcha") else None,
    )


def _handover(node: Node) -> Handover:
    node.only(*BY_HAND, *OWNER)
    return Handover(
        open=node["open"].text() if node.has("open") else "",
        ready=press_of(node["ready"], ()),
        ended=press_of(node["ended"], ()) if node.has("ended") else ASKED_AGAIN,
        alive=node["alive"].text() if node.has("alive") else "",
        every=node["every"].number(1, 3600) if node.has("every") else 240,
    )


def pass_through(driver: Driver, door: Door | Handover, login: Login | None) -> None:
    """Get in, from the page where the session begins.

    Raises MissingPart (`login`) without a login or when the system refuses it, SessionOver when the session that a person handed over
    has ended, another ApplicationError when a page does not come.
    """
    if isinstance(door, Handover):
        if driver.arrive([door.ready, door.ended], within=False) == 1:
            raise SessionOver(OVER, code=ENDED)
        return
    if login is None:
        raise MissingPart(Words("需要登录名与口令", "a user and a secret are needed"), code="login")
    driver.arrive([door.user], within=False)
    typed = [(door.user, login.user)]
    for pressed, target in zip(door.next, [*door.next[1:], door.password], strict=False):
        driver.follow(pressed, [target], entries=typed, within=False)
        typed = []
    typed += [(door.password, login.password), *([(door.captcha, "")] if door.captcha else [])]
    again = [door.user] if door.next and door.ready is LET_IN else []  # the first of several pages has come back
    found = [*again, door.ready, door.failed]
    if found[driver.follow(door.press, found, entries=typed, within=False)] is not door.ready:
        raise MissingPart(
            Words(
                "系统拒绝登录；请检查登录名与口令",
                "the legacy system refuses the login; check its user and its secret",
            ),
            code="login",
        )
