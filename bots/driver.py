"""The narrow hand: what a screen map may ask of a browser (or, elsewhere, of a desktop), in groups of cells.

A driver finds, shows, types and presses. It knows no field, no code table and no record; `bots.legacy` does.
Every method raises ApplicationError when the screen does not do what was asked; its code says why:

    absent    a target answers no control, or several         option   a select does not offer the value
    locked    the control takes no input                      popup    something unknown covers the control
    session   the session has ended                           http     an error page came instead
    closed    the connection or the browser is gone           timeout  nothing that was waited for appeared
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Place = tuple[str, ...]
"""The names of the frames from the outermost to the one that is meant; () is the page itself."""

WIDGETS = ("text", "textarea", "select", "radio", "readonly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """How one control, text or mark is found; exactly one must answer."""

    place: Place = ()
    label: str = ""  # a table cell with this text; the target is in the next cell
    name: str = ""  # if no label answers: the control of this name
    css: str = ""  # if that does not answer either
    text: str = ""  # a button, link or line with this text
    widget: str = "readonly"
    columns: tuple[str, ...] = ()  # the table with these headers …
    row: int = -1  # … and the row in it where `text` is looked for

    @property
    def words(self) -> str:
        """The target in an error message."""
        kinds = {"label": self.label, "name": self.name, "css": self.css, "text": self.text}
        return next((f"{kind} '{value}'" for kind, value in kinds.items() if value), f"table {'|'.join(self.columns)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one target shows."""

    count: int  # controls that answer; 1 unless the screen changed
    value: str = ""
    text: str = ""  # of a select or radio: the words beside the value
    options: tuple[str, ...] = ()  # the values that a select or radio offers
    locked: bool = False  # takes no input


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A dialog that the page opened, and what it was answered."""

    kind: str  # alert | confirm | prompt | beforeunload
    text: str
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """A layer that may cover any page: how it is known, and the button that closes it."""

    text: str
    press: str


class Driver(Protocol):
    """A hand on one screen of one login."""

    def open(self, address: str) -> None:
        """Start anew at an address, without anything that an earlier session left."""
        ...

    def arrive(self, marks: Sequence[Target], *, within: bool = True) -> int:
        """Wait until one of the marks stands on a page that was loaded after the last press; its index.

        Known interruptions are closed on the way. `within` = False: before the login, where the login page is no surprise.
        """
        ...

    def read(self, targets: Sequence[Target]) -> Sequence[Shown]:
        """What the targets show; a target that is not there once is told by its count."""
        ...

    def table(self, target: Target) -> Sequence[Sequence[str]]:
        """The rows of the table, each with the texts of the target's columns."""
        ...

    def write(self, entries: Sequence[tuple[Target, str]]) -> Sequence[str]:
        """Type the values, and tell what the controls hold afterwards; nothing is typed unless all of them are there."""
        ...

    def follow(
        self,
        target: Target,
        marks: Sequence[Target],
        *,
        entries: Sequence[tuple[Target, str]] = (),
        through: Sequence[Target] = (),
        within: bool = True,
    ) -> int:
        """Type, press once, and wait for one of the marks, as `write`, `press` and `arrive` do; its index.

        `through` are pressed first while the target is hidden.
        """
        ...

    def press(self, target: Target, *, leaving: Sequence[Target], accept: Sequence[str]) -> Sequence[Heard]:
        """Press once to send something, and tell the dialogs that opened.

        `leaving` are the marks that `arrive` will wait for; `accept` are the only questions that are answered with yes.
        Until then, whatever the page posts leaves this machine once, also where a program would send it again by itself.
        """
        ...

    def heard(self) -> Sequence[Heard]:
        """The dialogs since the last press."""
        ...

    def shot(self) -> bytes:
        """A picture of the screen (PNG)."""
        ...

    def close(self) -> None:
        """End everything that was started."""
        ...
