"""Read the maps of the legacy system: where its screens stand, and how their values are spelt there.

config/systems/legacy.yaml   one system: login, menu, interruptions, the province's codes        → `System`
config/screens/<name>.yaml   one screen: how a record is found, shown, typed into and saved      → `Screen`

Maps are data: an unknown key, widget, field or table is a ConfigError that names file, line, key and the choices.
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bots.driver import WIDGETS, Interruption, Place, Shown, Target
from core.errors import choices
from core.model import Kind
from core.settings import Config, Node

SYSTEM = "systems/legacy.yaml"
STATES = ("pending", "archived", "returned")
NUMBER = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """One code table of the province beside ours."""

    options: Mapping[str, str]  # our code → the value that is chosen on the screen
    shown: Mapping[str, str]  # value, label, or `value label` as the screen shows it → our code


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a screen, and how its values are spelt there."""

    id: str
    label: str
    show: Target
    entry: Target | None  # where it is typed; None: the screen only shows it
    codes: Codes | None = None
    date: str = ""  # strftime format
    number: bool = False
    bytes: int = 0  # what the column holds, in the target encoding; 0 = not known
    derived: bool = False  # the legacy system itself sets it on a save
    required: bool = False  # a new row is refused without it

    def canonical(self, shown: Shown) -> str:
        """Our value of what the screen shows; a code that is not mapped is `?` and the words beside it."""
        if self.codes is None:
            return self._plain(shown.value)
        if not shown.value:  # nothing chosen, whatever words the empty choice has
            return ""
        known = self.codes.shown.get(shown.value) or self.codes.shown.get(shown.text)
        return known or f"?{shown.text or shown.value}"

    def typed(self, value: str) -> str:
        """What is typed or chosen for our value.

        Raises KeyError for a code that is not mapped, ValueError for a date that is not ISO; `refuse` tells beforehand.
        """
        if self.codes is not None:
            return self.codes.options[value]
        return datetime.fromisoformat(value).strftime(self.date) if self.date and value else value

    def refuse(self, value: str, encoding: str) -> str | None:
        """Why the screen cannot hold our value: readonly, code, format, charset or length; None when it can."""
        if self.entry is None or self.derived:
            return "readonly"
        try:
            size = len(self.typed(value).encode(encoding))
        except KeyError:
            return "code"
        except UnicodeEncodeError:
            return "charset"
        except ValueError:
            return "format"
        if not value.isprintable():
            return "charset"
        if self.number and value and not NUMBER.fullmatch(value):
            return "format"
        return "length" if self.bytes and size > self.bytes else None

    def _plain(self, text: str) -> str:
        if self.number and NUMBER.fullmatch(text):
            whole, _, part = text.partition(".")
            part = part.rstrip("0")
            return f"{whole.lstrip('0') or '0'}.{part}" if part else whole.lstrip("0") or "0"
        if not self.date:
            return text
        try:
            at = datetime.strptime(text, self.date)  # noqa: DTZ007  the screen's wall clock, as the screen shows it
        except ValueError:
            return text  # not a date to the screen either: shown as it stands
        return at.isoformat(sep=" ") if "%H" in self.date else at.date().isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How a list of records or orders is asked for by number."""

    menu: tuple[str, ...]
    number: Target
    press: Target
    none: Target  # the mark of an empty answer
    column: str = ""  # the results' column with the number; empty: the search opens the record itself
    open: str = ""  # what is pressed in a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """How a form is sent, and how its answer is told apart."""

    press: Target
    confirm: str  # the only question that is answered with yes
    banner: Target
    saved: str  # how the banner begins when it went well; a change order's number follows
    refused: str  # … and when it did not; the message follows
    alerts: tuple[str, ...]
    messages: tuple[str, ...]  # known ends of refusals; they carry no personal data


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Where change orders are looked up."""

    search: Search
    columns: tuple[str, ...]  # order, key, state, reason, changed cells
    states: Mapping[str, str]
    arrow: str  # between a changed field's label and its new value
    between: str  # between two changed fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One screen: finding a record, showing it, typing into it, saving it."""

    name: str
    kind: str
    workflow: bool  # a save opens a change order
    quiet: float  # seconds after which a save that went missing can no longer arrive
    search: Search
    tab: Target | None  # what is pressed on the opened record before its fields show
    place: Place
    numbers: tuple[Target, ...]  # where the record shows its own number
    save: Save
    fields: Mapping[str, Field]
    add: Target | None = None  # lists: the button of a new row
    change: str = ""  # lists: what is pressed in a row to change it
    orders: Orders | None = None

    @property
    def is_list(self) -> bool:
        """Whether the screen shows rows instead of one form."""
        return self.add is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """A list's headers, in the order of the fields."""
        return tuple(f.label for f in self.fields.values())

    @property
    def mark(self) -> Target:
        """What proves that the record is there."""
        if self.is_list:
            return Target(place=self.place, columns=self.columns)
        return next(iter(self.fields.values())).show

    @property
    def form(self) -> Target:
        """What proves that a form to type into is there."""
        return next(f.entry for f in self.fields.values() if f.entry)

    @property
    def derived(self) -> frozenset[str]:
        """The fields that the legacy system itself sets on a save."""
        return frozenset(f.id for f in self.fields.values() if f.derived)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What all screens of the legacy system share."""

    driver: str
    start: str  # path of the login page, for an address that names none
    encoding: str
    timeout: float  # seconds for any page
    browser: str
    session: tuple[Target, ...]  # what a page shows that asks for the login
    user: Target
    password: Target
    enter: Target
    failed: Target
    ready: Target
    leave: Target
    menu: Place
    interruptions: tuple[Interruption, ...]
    codes: Mapping[str, Codes] = field(default_factory=dict)


def load(config: Config) -> tuple[System, Mapping[str, Screen]]:
    """The system and its screens by name.

    Raises ConfigError for anything that the schema does not know.
    """
    system = _system(config.load(SYSTEM), config.load("codes.yaml")["tables"])
    known = tuple(config.load("fields.yaml")["fields"].mapping())
    names = config.folder("screens")
    return system, {name: _screen(name, config.load(f"screens/{name}.yaml"), system, known) for name in names}


# -- the system


def _system(root: Node, tables: Node) -> System:
    root.only("schema", "driver", "start", "encoding", "timeout", "browser", "login", "menu", "interruptions", "codes")
    login = root["login"].only("user", "password", "press", "failed", "ready", "leave")
    return System(
        driver=root["driver"].text(),
        start=root["start"].text(),
        encoding=_encoding(root["encoding"]),
        timeout=root["timeout"].number(0.1, 600),
        browser=node.text() if (node := root.get("browser")) else "",
        session=(_target(login["user"], (), "text"), _target(login["password"], (), "text")),
        user=_target(login["user"], (), "text"),
        password=_target(login["password"], (), "text"),
        enter=Target(text=login["press"].text()),
        failed=Target(text=login["failed"].text()),
        ready=_target(login["ready"], ()),
        leave=_target(login["leave"], ()),
        menu=root["menu"].texts(),
        interruptions=tuple(_interruption(node) for node in root["interruptions"].list()),
        codes={name: _codes(name, node, tables) for name, node in root["codes"].items()},
    )


def _encoding(node: Node) -> str:
    try:
        return codecs.lookup(node.text()).name
    except LookupError:
        raise node.wrong(f"there is no character set '{node.text()}'") from None


def _interruption(node: Node) -> Interruption:
    node.only("text", "press")
    return Interruption(text=node["text"].text(), press=node["press"].text())


def _codes(name: str, node: Node, tables: Node) -> Codes:
    """`our code: [value, label]`; every code is one of config/codes.yaml."""
    if name not in tables.mapping():
        raise node.wrong(f"no code table '{name}'; there are: {choices(tables.mapping())}")
    options: dict[str, str] = {}
    shown: dict[str, str] = {}
    for code, pair in node.items():
        if code not in tables[name].mapping():
            raise pair.wrong(f"no code '{code}' in {name}; there are: {choices(tables[name].mapping())}")
        if len(pair.list()) != 2:
            raise pair.wrong("here [value, label] is expected")
        value, label = (part.text() for part in pair.list())
        for spelling in {value, label, f"{value} {label}"}:
            if spelling in shown:
                raise pair.wrong(f"'{spelling}' is {shown[spelling]} already")
            shown[spelling] = code
        options[code] = value
    return Codes(options=options, shown=shown)


# -- a screen


def _screen(name: str, root: Node, system: System, known: tuple[str, ...]) -> Screen:
    root.only("schema", "kind", "commit", "quiet", "menu", "search", "record", "save", "list", "orders", "fields")
    record = root["record"].only("place", "tab", "number")
    place = record["place"].texts()
    rows = root.get("list")
    tab = record.get("tab")
    fields = {key: _field(key, node, place, system, known) for key, node in root["fields"].items()}
    if not any(f.entry for f in fields.values()):
        raise root["fields"].wrong("no field can be typed into")
    return Screen(
        name=name,
        kind=root["kind"].choice(*Kind),
        workflow=root["commit"].choice("direct", "workflow") == "workflow",
        quiet=root["quiet"].number(0, 3600),
        search=_search(root["search"], root["menu"].texts()),
        tab=_press(tab, place[:-1]) if tab else None,
        place=place,
        numbers=tuple(_target(node, place) for node in record["number"].list()),
        save=_save(root["save"], place),
        fields=fields,
        add=_press(rows.only("add", "change")["add"], place) if rows else None,
        change=rows["change"].text() if rows else "",
        orders=_orders(node) if (node := root.get("orders")) else None,
    )


def _search(node: Node, menu: tuple[str, ...]) -> Search:
    node.only("place", "number", "press", "none", "row")
    place = node["place"].texts()
    row = node.get("row")
    return Search(
        menu=menu,
        number=_target(node["number"], place, "text"),
        press=_press(node["press"], place),
        none=_press(node["none"], place),
        column=row.only("number", "press")["number"].text() if row else "",
        open=row["press"].text() if row else "",
    )


def _save(node: Node, place: Place) -> Save:
    node.only("press", "confirm", "banner", "saved", "refused", "alerts", "messages")
    return Save(
        press=_press(node["press"], place),
        confirm=node["confirm"].text(),
        banner=Target(place=place, css=node["banner"].text()),
        saved=node["saved"].text(),
        refused=node["refused"].text(),
        alerts=node["alerts"].texts(),
        messages=node["messages"].texts(),
    )


def _orders(node: Node) -> Orders:
    node.only("menu", "place", "number", "press", "none", "columns", "states", "arrow", "between")
    place = node["place"].texts()
    columns = node["columns"].only("order", "key", "state", "reason", "cells")
    return Orders(
        search=Search(
            menu=node["menu"].texts(),
            number=_target(node["number"], place, "text"),
            press=_press(node["press"], place),
            none=_press(node["none"], place),
        ),
        columns=tuple(columns[key].text() for key in ("order", "key", "state", "reason", "cells")),
        states={shown: state.choice(*STATES) for shown, state in node["states"].items()},
        arrow=node["arrow"].text(),
        between=node["between"].text(),
    )


def _field(key: str, node: Node, place: Place, system: System, known: tuple[str, ...]) -> Field:
    node.only(
        "label", "name", "css", "widget", "place", "entry", "codes", "date", "number", "bytes", "derived", "required"
    )
    derived = "derived" in node.mapping() and node["derived"].flag()
    if key not in known and not derived:
        raise node.wrong(f"no field '{key}'; there are: {choices(known)}")
    table = node.get("codes")
    if table and table.text() not in system.codes:
        raise table.wrong(f"no code table '{table.text()}' in {SYSTEM}; there are: {choices(system.codes)}")
    target = _target(node, place, shape=("entry", "codes", "date", "number", "bytes", "derived", "required"))
    entry = _target(node["entry"], place, "text") if node.has("entry") else target
    return Field(
        id=key,
        label=node["label"].text(),
        show=target,
        entry=entry if entry.widget != "readonly" else None,
        codes=system.codes[table.text()] if table else None,
        date=node["date"].text() if node.has("date") else "",
        number=node.has("number") and node["number"].flag(),
        bytes=node["bytes"].integer(1) if node.has("bytes") else 0,
        derived=derived,
        required=node.has("required") and node["required"].flag(),
    )


def _target(node: Node, place: Place, widget: str = "readonly", shape: tuple[str, ...] = ()) -> Target:
    node.only("label", "name", "css", "text", "widget", "place", *shape)
    label, name, css, text = (node[key].text() if node.has(key) else "" for key in ("label", "name", "css", "text"))
    if not (label or name or css or text):
        raise node.wrong("no locator; there are: css, label, name, text")
    return Target(
        label=label,
        name=name,
        css=css,
        text=text,
        place=node["place"].texts() if "place" in node.mapping() else place,
        widget=_widget(node["widget"]) if node.has("widget") else widget,
    )


def _widget(node: Node) -> str:
    if node.text() not in WIDGETS:
        raise node.wrong(f"no widget '{node.text()}'; there are: {choices(WIDGETS)}")
    return node.text()


def _press(node: Node, place: Place) -> Target:
    return Target(place=place, text=node.text())
