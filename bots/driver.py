"""The narrow hand: what a screen map may ask of a browser (or, elsewhere, of a desktop), in groups of cells.

A driver finds, shows, types and presses. It knows no field, no code table and no record; `bots.legacy` does.
Every method raises ApplicationError when the screen does not do what was asked; its code says why:

    absent    a target answers no control, or several         option   a select does not offer the value
    locked    the control takes no input                      popup    something unknown covers the control
    session   the session has ended                           http     an error page came instead
    closed    the connection or the browser is gone           timeout  nothing that was waited for appeared
    sealed    a canvas or a closed shadow root stands there   captcha  a picture must be read, and no person is there
    ignored   a control that leads somewhere holds something else than what was typed
    lost      a file broke off on its way               page      a page came instead of a file
    refused   a page says that there is no file
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Place = tuple[str, ...]
"""The names of the frames from the outermost to the one that is meant; () is the page itself.

The first may be `window`, the newest window that a page opened, or `window:标题`, the one with this title.
"""

WAYS = ("label", "role", "name", "css", "xpath", "text")
"""How a control may be found; every way that is given and answers must answer with the same control."""

PLAIN = (
    "auto",
    "text",
    "password",
    "textarea",
    "number",
    "date",
    "select",
    "multiselect",
    "radio",
    "checkbox",
    "slider",
    "editable",
    "rich",
    "readonly",
)
"""Controls that take a value at once; several of them cost one round trip."""

PARTS: Mapping[str, tuple[str, ...]] = {
    "calendar": ("open", "layer", "title", "previous", "next", "year", "month", "press"),
    "suggest": ("list", "open", "search", "chosen"),
    "lookup": ("open", "search", "press", "pick", "next", "close"),
    "tree": ("open", "layer"),
    "rows": ("add", "edit", "delete", "first", "next", "done"),
    "captcha": ("picture",),
}
"""What a widget of several steps is made of; every other one has `open`: what is pressed first while it is hidden or locked."""

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "calendar": ("format",),
    "lookup": ("column",),
    "tree": ("between",),
    "suggest": ("between",),
    "rows": ("columns", "confirm"),
    "text": ("ignore",),
}
"""What else is said of a widget, as a text (docs/widgets.md)."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "calendar": ("layer",),
    "suggest": ("list",),
    "lookup": ("column",),
    "rows": ("columns",),
    "captcha": ("picture",),
}
"""The parts and options without which a widget cannot be set."""

WIDGETS = (*PLAIN, "cascade", "calendar", "suggest", "lookup", "tree", "rows", "file", "captcha")
"""What kind of control it is; `auto` is whichever plain one stands there."""

MODES = ("fill", "keys", "js", "enter")
"""How something is typed or pressed: `fill` at once with the events that typing causes, `keys` by the keyboard, `js` without any event;
`enter` presses the Enter key in the control."""

BETWEEN = "；"
"""Stands between the values of a control that holds several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """How one control, text or mark is found; exactly one must answer."""

    place: Place = ()
    label: str = (
        ""  # what a person reads beside or in it: label, the cell before it, legend, aria-label, placeholder, title
    )
    role: str = ""  # its ARIA role, and after a blank its name: `button 保存`
    name: str = ""  # the name that it is sent under
    css: str = ""
    xpath: str = ""
    text: str = ""  # a button, link or line with this text
    widget: str = "readonly"
    mode: str = "fill"
    columns: tuple[str, ...] = ()  # the table with these headers …
    row: int = -1  # … and the row in it where the target is looked for
    cell: str = ""  # … whose first of these columns must say this
    alias: str = ""  # its words in messages, where its own would tell whose record it is
    settled: bool = False  # as a mark: it counts only once its page waits for nothing more from its server
    parts: Mapping[str, "Target"] = field(default_factory=dict, hash=False)  # PARTS of the widget
    options: Mapping[str, str] = field(default_factory=dict, hash=False)  # OPTIONS of the widget

    @property
    def words(self) -> str:
        """The target in an error message."""
        if self.alias:
            return self.alias
        named = next((f"{way} '{value}'" for way in WAYS if (value := getattr(self, way))), "")
        return named or f"table {'|'.join(self.columns) or self.options.get('columns', '')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one target shows."""

    count: int  # controls that answer; 1 unless the screen changed
    value: str = ""  # a check box says true or false; several values stand with `；` between them
    text: str = ""  # of a select or radio: the words beside the value
    options: tuple[str, ...] = ()  # the values that a select or radio offers
    labels: tuple[str, ...] = ()  # … and the words beside them
    locked: bool = False  # takes no input
    longest: int = 0  # characters that it takes; 0 = no limit is known
    kind: str = ""  # what kind of control answered
    lost: tuple[str, ...] = ()  # the ways of its locator that no longer answer
    asked: bool = False  # the box that a record was asked for in: what it says proves nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A dialog that the page opened, and what it was answered."""

    kind: str  # alert | confirm | prompt | beforeunload
    text: str
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that a page sent."""

    name: str  # as the page calls it
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """A layer that may cover any page, with the button that closes it; or the words of an alert that a page may open."""

    text: str = ""
    press: str = ""
    alert: str = ""


class Driver(Protocol):
    """A hand on one screen of one login."""

    def open(self, address: str) -> None:
        """Start anew at an address, without anything that an earlier session left."""
        ...

    def visit(self, address: str) -> None:
        """Go to an address within the session; what was not saved is left."""
        ...

    def address(self) -> str:
        """Where the page is."""
        ...

    def arrive(self, marks: Sequence[Target], *, within: bool = True) -> int:
        """Wait until one of the marks stands on a page that was loaded, or came or changed, after the last press; its index.

        Known interruptions are closed on the way. `within` = False: before the login, where the login page is no surprise.
        """
        ...

    def read(self, targets: Sequence[Target]) -> Sequence[Shown]:
        """What the targets show; a target that is not there once is told by its count."""
        ...

    def glance(self, address: str, place: Place, targets: Sequence[Target]) -> Sequence[Shown]:
        """What the targets show in the page at `address`, which the page in `place` fetches within its session; nothing is left."""
        ...

    def table(self, target: Target) -> Sequence[Sequence[str]]:
        """The rows of the table, each with the texts of the target's columns."""
        ...

    def turn(self, target: Target, mark: Target) -> bool | None:
        """Press what leads to the next page of the list `mark`, and wait until its page asks for nothing more.

        False where it takes no press, or where all that the rows say stays as it is: pages may have the same numbers. None where
        nothing of the kind is to be seen.
        """
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

    def noticed(self) -> Sequence[Heard]:
        """The dialogs since this was asked last, whatever was done in between."""
        ...

    def heard(self) -> Sequence[Heard]:
        """The dialogs since the last press."""
        ...

    def download(self, target: Target, instead: Sequence[Target] = (), *, within: float = 0) -> File:
        """Press once, and take the file that the page sends; never a part of one.

        `instead`: marks that say that there is none. `within`: seconds until it begins to come, 0 = as long as any page may take.
        """
        ...

    def outline(self, named: Mapping[str, Target], place: Place, blurred: Sequence[str]) -> bytes:
        """A picture (PNG) of the whole page with a box and a name around each control that is found.

        Those that are not found once are listed at the top of the page in `place`, and so are those that boxes which roll keep out of the
        picture; the values of `blurred` cannot be read.
        """
        ...

    def keep(self) -> None:
        """From now on the session outlives the page, where there is a place for it: a later `open` goes on with it."""
        ...

    def shot(self) -> bytes:
        """A picture of the screen (PNG)."""
        ...

    def close(self) -> None:
        """End everything that was started."""
        ...
