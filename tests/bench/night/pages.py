"""Read the practice system's pages without a browser: labelled cells, controls, buttons, lists, and what a form would post."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bots.driver import Shown, Target
from core.errors import ApplicationError

INSIDE = r"([^<]*(?:<(?!/t[dh]>)[^<]*)*)"
LABELLED = re.compile(rf'<td (?:class="lbl"|align="right")[^>]*>{INSIDE}</td>\s*<td[^>]*>{INSIDE}</td>')
ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.DOTALL)
CELL = re.compile(rf"<t[dh][^>]*>{INSIDE}</t[dh]>")
TAG = re.compile(r"<[^>]*>")
NOISE = re.compile(r"[\s\u00a0\u3000：:*＊]")
INPUT = re.compile(r'<input type="(\w+)"([^>]*)>([^<]*)')
NAMED = re.compile(r' (name|value|onclick|href|target|src)="([^"]*)"')
AREA = re.compile(r"<textarea([^>]*)>\n?([^<]*)</textarea>")
SELECT = re.compile(r"<select([^>]*)>(.*?)</select>", re.DOTALL)
OPTION = re.compile(r'<option value="([^"]*)"( selected)?>([^<]*)</option>')
FORM = re.compile(r'<form method="post" action="([^"]*)">(.*?)</form>', re.DOTALL)
FRAME = re.compile(r"<i?frame([^>]*)>")
LINK = re.compile(r"<a([^>]*)>(.*?)</a>", re.DOTALL)
ASKED = re.compile(r"ask\('([^']*)', this\.form\)")
PLACED = re.compile(r"location='([^']*)'")
ALERT = re.compile(r"alert\('([^']*)'\)")
BANNER = re.compile(r'<span id="msg"[^>]*>(.*?)</span>', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What a click on a link or a button would do."""

    asks: str = ""  # the question that comes first
    leads: str = ""  # the address it goes to …
    target: str = ""  # … in the frame of this name, or where it stands
    form: int = -1  # the form that it sends


@dataclass(slots=True)
class Control:
    """One control: the name it is posted under, and what it holds."""

    name: str
    widget: str
    value: str
    words: Mapping[str, str] = field(default_factory=dict)  # of a select or radio: option → its words

    def shown(self) -> Shown:
        """As a reader sees it."""
        return Shown(
            count=1,
            value=self.value,
            text=self.words.get(self.value, ""),
            options=tuple(self.words),
            labels=tuple(self.words.values()),
        )


@dataclass(kw_only=True)
class Page:
    """One page of the system in one frame; typing changes what its controls hold."""

    path: str
    text: str

    @cached_property
    def labels(self) -> dict[str, list[str | Control]]:
        """Label → what stands in the cells beside it: a control, or a text."""
        found: dict[str, list[str | Control]] = {}
        for label, cell in LABELLED.findall(self.text):
            found.setdefault(bare(plain(label)), []).append(_control(cell) or plain(cell))
        return found

    @cached_property
    def forms(self) -> list[tuple[str, str]]:
        """Where each form goes, and what is in it."""
        return FORM.findall(self.text)

    @property
    def frames(self) -> dict[str, str]:
        """The frames inside: name → address."""
        named = (_attributes(words) for words in FRAME.findall(self.text))
        return {frame["name"]: frame["src"] for frame in named if "name" in frame}

    @property
    def alerts(self) -> list[str]:
        """What the page says in dialogs as soon as it is there."""
        return [html.unescape(words) for words in ALERT.findall(self.text)]

    @property
    def left(self) -> bool:
        """Whether the page only says that the session has ended."""
        return "top.location=" in self.text

    def read(self, target: Target) -> Shown:
        """What the target shows, or how many answer to it."""
        found = self._found(target)
        if len(found) != 1:
            return Shown(count=len(found))
        (one,) = found
        return one.shown() if isinstance(one, Control) else Shown(count=1, value=one, text=one)

    def control(self, target: Target) -> Control:
        """The one control to type into. Raises ApplicationError with the driver's codes."""
        found = self._found(target)
        if len(found) != 1:
            raise ApplicationError(f"{target.words} answers {len(found)} controls", code="absent")
        if isinstance(found[0], str):
            raise ApplicationError(f"{target.words} takes no input", code="locked")
        return found[0]

    def _found(self, target: Target) -> Sequence[str | Control]:
        if target.label:
            here = self.labels.get(bare(target.label), [])
            return [one for one in here if target.widget == (one.widget if isinstance(one, Control) else "readonly")]
        if target.css == "#msg":
            return [plain(words) for words in BANNER.findall(self.text)]
        return ["" for _ in self._presses(target)]

    def table(self, columns: Sequence[str]) -> list[tuple[list[str], str]]:
        """The rows of the table with these headers: the texts of the columns, and the row's own markup.

        Raises ApplicationError when no table has them.
        """
        wanted, at, width = [bare(c) for c in columns], None, 0
        found: list[tuple[list[str], str]] = []
        for row in ROW.findall(self.text):
            cells = [plain(cell) for cell in CELL.findall(row)]
            if at is None:
                names = [bare(cell) for cell in cells]
                if set(wanted) <= set(names):
                    at, width = [names.index(name) for name in wanted], len(names)
            elif len(cells) == width:
                found.append(([cells[i] for i in at], row))
        if at is None:
            raise ApplicationError(f"no table {'|'.join(columns)}", code="absent")
        return found

    def press(self, target: Target) -> Press:
        """What pressing the target does. Raises ApplicationError when there is not exactly one to press."""
        found = self._presses(target)
        if len(found) != 1:
            raise ApplicationError(f"{target.words} answers {len(found)} controls", code="absent")
        return found[0]

    def _presses(self, target: Target) -> list[Press]:
        where, words = self.table(target.columns)[target.row][1] if target.columns else self.text, bare(target.text)
        links = [_followed(about) for about, text in LINK.findall(where) if bare(plain(text)) == words]
        buttons = [about for kind, about, _ in INPUT.findall(where) if kind in ("submit", "button")]
        return links + [self._button(about) for about in buttons if bare(_attributes(about).get("value", "")) == words]

    def _button(self, words: str) -> Press:
        does = _attributes(words).get("onclick", "")
        if placed := PLACED.search(does):
            return Press(leads=placed[1])
        asked = ASKED.search(does)
        form = next((i for i, (_, inside) in enumerate(self.forms) if words in inside), -1)
        return Press(asks=asked[1] if asked else "", form=form)

    def posted(self, form: int) -> dict[str, str]:
        """What a browser would post of a form: hidden values, and every control as it stands."""
        inside = self.forms[form][1]
        hidden = (_attributes(words) for kind, words, _ in INPUT.findall(inside) if kind == "hidden")
        names = set(re.findall(r' name="([^"]*)"', inside))
        held = (c for cells in self.labels.values() for c in cells if isinstance(c, Control) and c.name in names)
        values = {c.name: c.value for c in held if c.value or c.widget != "radio"}  # no button chosen: nothing is sent
        return {h["name"]: h["value"] for h in hidden} | values

    def says(self, target: Target) -> bool:
        """Whether the mark stands on the page."""
        if target.columns:
            return bool(self.headed(target.columns))
        if target.label:
            return bare(target.label) in self.labels
        return bool(BANNER.search(self.text)) if target.css else target.text in self.text

    def headed(self, columns: Sequence[str]) -> bool:
        """Whether a table has these headers."""
        wanted = {bare(c) for c in columns}
        return any(wanted <= {bare(plain(cell)) for cell in CELL.findall(row)} for row in ROW.findall(self.text))


def bare(text: str) -> str:
    """A label without the marks that go with it."""
    return NOISE.sub("", text)


def plain(markup: str) -> str:
    """The text of a piece of a page."""
    return html.unescape(TAG.sub("", markup)).strip(" \t\r\n\u00a0")


def _attributes(words: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in NAMED.findall(words)}


def _followed(words: str) -> Press:
    named = _attributes(words)
    return Press(leads=named["href"], target=named.get("target", ""))


def _control(cell: str) -> Control | None:
    """The control of a cell, a group of radio buttons being one; None for a text."""
    if "<" not in cell:
        return None
    if found := SELECT.search(cell):
        options = [(html.unescape(value), chosen, plain(words)) for value, chosen, words in OPTION.findall(found[2])]
        value = next((value for value, chosen, _ in reversed(options) if chosen), options[0][0])
        return Control(_attributes(found[1])["name"], "select", value, {value: words for value, _, words in options})
    if found := AREA.search(cell):
        return Control(_attributes(found[1])["name"], "textarea", html.unescape(found[2]))
    inputs = [
        (kind, _attributes(words), " checked" in words, plain(after)) for kind, words, after in INPUT.findall(cell)
    ]
    radios = [one for one in inputs if one[0] == "radio"]
    if radios:
        value = next((named["value"] for _, named, checked, _ in radios if checked), "")
        return Control(radios[0][1]["name"], "radio", value, {n["value"]: words for _, n, _, words in radios})
    texts = [(kind, named) for kind, named, *_ in inputs if kind in ("text", "password")]
    return Control(texts[0][1]["name"], texts[0][0], texts[0][1].get("value", "")) if texts else None
