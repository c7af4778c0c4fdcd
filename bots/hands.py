"""Type what a page's own script cannot: real keys, files, and the words of a picture that only a person reads."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Protocol

from bots.driver import BETWEEN, Target
from core.errors import ApplicationError

Person = Callable[[bytes], str]
"""Shows somebody a picture (PNG), and tells what he read in it."""

Entry = tuple[Target, str]
CHOSEN = ("select", "multiselect", "radio", "checkbox", "date", "moment", "time")
"""Kinds of controls whose value no key types in all languages; they are set at once."""
STEPS = ("cascade", "calendar", "lookup", "tree", "rows")


class Hand(Protocol):
    """What a browser can do besides running scripts in its pages."""

    person: Person | None

    def entries(self, op: str, entries: Sequence[Entry]) -> list[str]:
        """One round trip about entries."""
        ...

    def keys(self, target: Target, text: str) -> None:
        """Press real keys in the control that has the focus."""
        ...

    def choose(self, files: Sequence[Path]) -> None:
        """Put files into the control that was begun with."""
        ...

    def picture(self) -> bytes:
        """A picture of the element that was begun with."""
        ...


def needed(target: Target) -> bool:
    """Whether the target takes more than one call into the page."""
    return target.widget in ("file", "captcha") or (target.mode == "keys" and target.widget not in STEPS)


def write(hand: Hand, entries: Sequence[Entry]) -> list[str]:
    """Type the values in their order, and tell what the controls hold; nothing is typed unless all of them are there.

    Raises ApplicationError: `captcha` where nobody is there to read the picture, `option` for a file that is not there.
    """
    hand.entries("prove", entries)
    for target, text in entries:
        if target.widget == "file":
            _files(target, text)
        if target.widget == "captcha" and hand.person is None:
            raise ApplicationError(
                f"{target.words} asks for what a picture says, and no person is there", code="captcha"
            )
    groups = [(by_hand, list(group)) for by_hand, group in groupby(entries, key=lambda entry: needed(entry[0]))]
    held: list[str] = []
    for by_hand, group in groups:
        held += [_one(hand, entry) for entry in group] if by_hand else hand.entries("write", group)
    return held


def _one(hand: Hand, entry: Entry) -> str:
    target, text = entry
    if target.widget == "file":
        return _upload(hand, entry)
    if target.widget == "captcha":
        return _read_out(hand, target)
    (kind,) = hand.entries("begin", [entry])
    if kind in CHOSEN:
        return hand.entries("write", [(replace(target, mode="fill"), text)])[0]
    hand.keys(target, text)
    return hand.entries("write" if target.widget == "suggest" else "end", [entry])[0]


def _upload(hand: Hand, entry: Entry) -> str:
    target, text = entry
    hand.entries("begin", [entry])
    hand.choose(_files(target, text))
    names = BETWEEN.join(file.name for file in _files(target, text))
    held = hand.entries("end", [(target, names)])[0]
    return text if held == names else held


def _read_out(hand: Hand, target: Target) -> str:
    """Ask the person what the picture says, and type that."""
    hand.entries("begin", [(target.parts["picture"], "")])
    assert hand.person is not None
    return hand.entries("write", [(replace(target, widget="text", parts={}), hand.person(hand.picture()))])[0]


def _files(target: Target, text: str) -> list[Path]:
    files = [Path(name) for name in text.split(BETWEEN)] if text else []
    if not all(file.is_file() for file in files):
        raise ApplicationError(f"{target.words}: a file to be sent is not there", code="option")
    return files
