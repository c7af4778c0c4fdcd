"""Read the maps of the legacy system: where its screens stand, and how their values are spelt there.

config/systems/legacy.yaml   one system: login, menu, interruptions, the province's codes        → `System`
config/screens/<name>.yaml   one screen: how a record is found, shown, typed into and saved      → `Screen`

Maps are data: an unknown key, widget, field or table is a ConfigError that names file, line, key and the choices.
"""

import codecs
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from bots.door import Door, Handover, door_of
from bots.driver import Interruption, Place, Target
from bots.fields import Codes, Field
from bots.targets import LOCATORS, press_of, target_of
from bots.walk import KEY, Step, Way
from core.errors import choices
from core.model import Kind
from core.settings import Config, Node
from core.words import Words

SYSTEM = "systems/legacy.yaml"
STATES = ("pending", "archived", "returned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """How a form is sent, and how its answer is told apart."""

    press: Target
    done: Target  # the mark of an answer
    failed: Target | None = None  # the mark of a refusal, where it stands elsewhere
    confirm: tuple[str, ...] = ()  # the only questions that are answered with yes
    then: tuple[Target, ...] = ()  # what else is pressed, in layers of the page, until it is sent
    saved: str = ""  # how the answer begins when it went well; a change order's number follows
    refused: str = ""  # … and when it did not; the message follows
    alerts: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()  # known ends of refusals; they carry no personal data


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Where change orders are looked up."""

    way: Way
    columns: tuple[str, ...]  # order, key, state, reason, changed cells
    states: Mapping[str, str]
    arrow: str  # between a changed field's label and its new value
    between: str  # between two changed fields
    place: Place = ()

    @property
    def mark(self) -> Target:
        """What proves that the orders are listed."""
        return Target(place=self.place, columns=self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """How a record is asked for without opening its screen."""

    open: str  # its own address, with `{key}` in it
    stamp: str  # the derived field that every save moves


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One screen: finding a record, showing it, typing into it, saving it."""

    name: str
    kind: str
    workflow: bool  # a save opens a change order
    quiet: float  # seconds after which a save that went missing can no longer arrive
    key: Field  # what names a record, in a list of records and in a spreadsheet
    way: Way  # to a record
    place: Place
    numbers: tuple[Target, ...]  # where the record shows its own number
    save: Save
    fields: Mapping[str, Field]
    create: Way | None = None  # to the form of a new record, where one may be made
    scope: str = ""  # how the keys of this map's records begin in the ledger
    fetch: Fetch | None = None  # for a quick read-back, once a run has proven it
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
    def end(self) -> Target:
        """What ends the way to a record."""
        opened = any(step.do == "row" for step in self.way.steps) or self.is_list
        return self.mark if opened else self.form

    @property
    def address(self) -> str:
        """Where every record has an address of its own: that address, with `{key}` in it; else empty."""
        last = self.way.steps[-1]
        return last.text if last.do == "open" and KEY in last.text else ""

    @property
    def form(self) -> Target:
        """What proves that a form to type into is there."""
        return next(f.entry for f in self.fields.values() if f.entry)

    @property
    def derived(self) -> frozenset[str]:
        """The fields that the legacy system itself sets on a save."""
        return frozenset(f.id for f in self.fields.values() if f.derived)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The certificate that a browser shows instead of asking a person for one: a pfx file, or a certificate and its key in PEM."""

    pfx: str = ""
    cert: str = ""
    key: str = ""
    secret: str = ""  # the name of the passphrase, HEDANG_SECRET_… in the environment
    ca: str = ""  # whom the server's own certificate is signed by, in PEM, where this machine does not know it
    origin: str = ""  # which server asks for it; empty: the system's own


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What all screens of the legacy system share."""

    driver: str = "web"
    start: str = ""  # path of the login page, for an address that names none
    encoding: str = "utf-8"
    timeout: float = 10  # seconds for any page
    browser: str = ""
    door: Door | Handover | None = None  # None: nobody logs in
    certificate: Certificate | None = None
    interruptions: tuple[Interruption, ...] = ()
    codes: Mapping[str, Codes] = field(default_factory=dict)

    @property
    def session(self) -> tuple[Target, ...]:
        """What a page shows that asks for the login; all of it together says that the session has ended."""
        return self.door.session if self.door else ()


def load(config: Config) -> tuple[System, Mapping[str, Screen]]:
    """The system and its screens by name.

    Raises ConfigError for anything that the schema does not know.
    """
    root = config.load(SYSTEM)
    system, menu = _system(root, config.load("codes.yaml")["tables"]), root["menu"].texts()
    known = tuple(config.load("fields.yaml")["fields"].mapping())
    names = config.folder("screens")
    return system, {name: _screen(name, config.load(f"screens/{name}.yaml"), system, menu, known) for name in names}


# -- the system


def _system(root: Node, tables: Node) -> System:
    root.only(
        "schema",
        "driver",
        "start",
        "encoding",
        "timeout",
        "browser",
        "login",
        "certificate",
        "menu",
        "interruptions",
        "codes",
    )
    return System(
        driver=root["driver"].text(),
        start=root["start"].text(),
        encoding=encoding(root["encoding"]),
        timeout=root["timeout"].number(0.1, 600),
        browser=node.text() if (node := root.get("browser")) else "",
        door=door_of(root["login"]),
        certificate=_certificate(node) if (node := root.get("certificate")) else None,
        interruptions=tuple(interruption(node) for node in root["interruptions"].list()),
        codes={name: _codes(name, node, tables) for name, node in root["codes"].items()},
    )


def system_of(root: Node) -> System:
    """The system of a file that says only what differs: `encoding`, `timeout`, `browser`, `login`, `certificate`, `interruptions`. Raises ConfigError."""
    login = root.get("login")
    return System(
        encoding=encoding(root["encoding"]) if root.has("encoding") else "utf-8",
        timeout=root["timeout"].number(0.1, 600) if root.has("timeout") else 10,
        browser=root["browser"].text() if root.has("browser") else "",
        door=door_of(login) if login else None,
        certificate=_certificate(node) if (node := root.get("certificate")) else None,
        interruptions=tuple(interruption(n) for n in root["interruptions"].list()) if root.has("interruptions") else (),
    )


def shown_to(system: System, url: str) -> System:
    """The system at `url`: its certificate is shown to that server, where it names no other."""
    if not system.certificate or system.certificate.origin:
        return system
    own = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    return replace(system, certificate=replace(system.certificate, origin=own))


def _certificate(node: Node) -> Certificate:
    node.only("pfx", "cert", "key", "secret", "ca", "origin")
    if node.has("pfx") == (node.has("cert") and node.has("key")):
        raise node.wrong(Words("须写 pfx，或写 cert 与 key", "a `pfx` is expected, or `cert` and `key`"))

    def file(name: str) -> str:
        path = node.file.parent / node[name].text() if node.has(name) else None
        if path and not path.is_file():
            raise node[name].wrong(Words(f"没有这个文件：{path}", f"there is no such file: {path}"))
        return str(path or "")

    return Certificate(
        pfx=file("pfx"),
        cert=file("cert"),
        key=file("key"),
        ca=file("ca"),
        secret=secret_name(node["secret"]) if node.has("secret") else "",
        origin=node["origin"].text() if node.has("origin") else "",
    )


def secret_name(node: Node) -> str:
    """The name of a secret. Raises ConfigError for what looks like the secret itself."""
    name = node.text()
    if not name.replace("_", "").isalnum() or name != name.upper():
        raise node.wrong(
            Words(
                "此处应为口令的名字（大写字母、数字、_），绝不是口令本身",
                "the name of a secret is expected (capitals, digits, _), never the secret itself",
            )
        )
    return name


CHARSETS = "gb18030, gbk, gb2312, utf-8, big5"


def encoding(node: Node) -> str:
    """The name of a character set. Raises ConfigError when there is none of that name."""
    try:
        return codecs.lookup(node.text()).name
    except LookupError:
        raise node.wrong(
            Words(
                f"没有字符集“{node.text()}”；常用的有：{CHARSETS}",
                f"there is no character set '{node.text()}'; usual ones are: {CHARSETS}",
            )
        ) from None


def interruption(node: Node) -> Interruption:
    """A layer that may cover any page, or a notice of the browser's that a page may open."""
    node.only("text", "press", "alert")
    if node.has("alert"):
        node.only("alert")
        return Interruption(alert=node["alert"].text())
    return Interruption(text=node["text"].text(), press=node["press"].text())


def whole(node: Node) -> tuple[str, ...]:
    """One sentence or a list of them; a sentence may have blanks in it."""
    return (node.text(),) if isinstance(node.raw, str) else node.texts()


def _codes(name: str, node: Node, tables: Node) -> Codes:
    """`our code: [value, label]`; every code is one of config/codes.yaml."""
    if name not in tables.mapping():
        raise node.wrong(
            Words(
                f"没有代码表 '{name}'；现有：{choices(tables.mapping())}",
                f"no code table '{name}'; there are: {choices(tables.mapping())}",
            )
        )
    options: dict[str, str] = {}
    shown: dict[str, str] = {}
    for code, pair in node.items():
        if code not in tables[name].mapping():
            raise pair.wrong(
                Words(
                    f"{name} 中没有代码 '{code}'；现有：{choices(tables[name].mapping())}",
                    f"no code '{code}' in {name}; there are: {choices(tables[name].mapping())}",
                )
            )
        if len(pair.list()) != 2:
            raise pair.wrong(Words("此处应为 [值, 文字]", "here [value, label] is expected"))
        value, label = (part.text() for part in pair.list())
        for spelling in dict.fromkeys((value, label, f"{value} {label}")):
            if spelling in shown:
                raise pair.wrong(
                    Words(f"'{spelling}' 已经是 {shown[spelling]}", f"'{spelling}' is {shown[spelling]} already")
                )
            shown[spelling] = code
        options[code] = value
    return Codes(options=options, shown=shown)


# -- a screen


def _screen(name: str, root: Node, system: System, menu: Place, known: tuple[str, ...]) -> Screen:
    root.only(
        "schema", "kind", "commit", "quiet", "menu", "search", "record", "save", "list", "orders", "fetch", "fields"
    )
    record = root["record"].only("place", "tab", "number")
    place = record["place"].texts()
    rows = root.get("list")
    fields = {key: _field(key, node, place, system, known) for key, node in root["fields"].items()}
    if not any(f.entry for f in fields.values()):
        raise root["fields"].wrong(Words("没有一个字段可以录入", "no field can be typed into"))
    search = root["search"].only("place", "number", "press", "none", "row")
    way = _way(search, root["menu"].texts(), menu)
    if tab := record.get("tab"):
        way = replace(way, steps=(*way.steps, Step(do="press", target=press_of(tab, place[:-1]))))
    numbers = tuple(target_of(node, place) for node in record["number"].list())
    return Screen(
        name=name,
        kind=root["kind"].choice(*Kind),
        workflow=root["commit"].choice("direct", "workflow") == "workflow",
        quiet=root["quiet"].number(0, 3600),
        key=_key(search["number"], fields.values()),
        way=way,
        place=place,
        numbers=numbers,
        save=_save(root["save"], place),
        fields=fields,
        fetch=fetch_of(node, fields, place, numbers, system.door) if (node := root.get("fetch")) else None,
        add=press_of(rows.only("add", "change")["add"], place) if rows else None,
        change=rows["change"].text() if rows else "",
        orders=_orders(node, menu) if (node := root.get("orders")) else None,
    )


def fetch_of(
    node: Node, fields: Mapping[str, Field], place: Place, numbers: Iterable[Target], door: Door | Handover | None
) -> Fetch | None:
    """How a record's page is fetched; None where a person hands the session over: no other session could prove the fetch.

    Raises ConfigError where the page alone could not prove which record it shows, or that the system has stored something.
    """
    node.only("open", "stamp")
    found = Fetch(open=node["open"].text(), stamp=node["stamp"].text())
    derived = sorted(f.id for f in fields.values() if f.derived)
    if found.stamp not in derived:
        there = choices(derived)
        raise node["stamp"].wrong(
            Words(
                f"stamp 须是系统每次保存都会改的字段（derived: true）；现有：{there}",
                f"the stamp has to be a field that every save moves (derived: true); there are: {there}",
            )
        )
    if KEY not in found.open:
        raise node["open"].wrong(Words(f"地址里须有 {KEY}", f"the address needs {KEY}"))
    if not any(number.place == place for number in numbers):
        raise node.wrong(
            Words("取回的页面里须有这条记录的编号", "the fetched page has to show the record's own number")
        )
    if away := next((f for f in fields.values() if f.show.place != place or f.show.parts), None):
        raise node.wrong(
            Words(f"字段 {away.id} 不在取回的页面里", f"field {away.id} does not stand in the fetched page")
        )
    return None if isinstance(door, Handover) else found


def _key(asked: Node, fields: Iterable[Field]) -> Field:
    """The field whose label the search asks for, or one that only the search knows."""
    target = target_of(asked, (), "text")
    found = next((f for f in fields if f.label == target.label), None)
    return found or Field(id=target.name or target.label, label=target.label, show=target, entry=None)


def _way(node: Node, menu: tuple[str, ...], place: Place) -> Way:
    """The menu, the number, the search's button, and the row of the answer if it is a list."""
    here = node["place"].texts()
    *headings, item = (Target(place=place, text=text) for text in menu)
    steps = [
        Step(do="press", target=item, through=tuple(headings)),
        Step(do="type", target=target_of(node["number"], here, "text"), text=KEY),
        Step(do="press", target=press_of(node["press"], here)),
    ]
    if row := node.get("row"):
        row.only("number", "press")
        steps.append(Step(do="row", target=replace(press_of(row["press"], here), columns=(row["number"].text(),))))
    return Way(steps=tuple(steps), none=press_of(node["none"], here))


def _save(node: Node, place: Place) -> Save:
    node.only("press", "confirm", "banner", "saved", "refused", "alerts", "messages")
    return Save(
        press=press_of(node["press"], place),
        done=Target(place=place, css=node["banner"].text()),
        confirm=whole(node["confirm"]),
        saved=node["saved"].text(),
        refused=node["refused"].text(),
        alerts=node["alerts"].texts(),
        messages=node["messages"].texts(),
    )


def _orders(node: Node, menu: Place) -> Orders:
    node.only("menu", "place", "number", "press", "none", "columns", "states", "arrow", "between")
    columns = node["columns"].only("order", "key", "state", "reason", "cells")
    return Orders(
        way=_way(node, node["menu"].texts(), menu),
        columns=tuple(columns[key].text() for key in ("order", "key", "state", "reason", "cells")),
        states={shown: state.choice(*STATES) for shown, state in node["states"].items()},
        arrow=node["arrow"].text(),
        between=node["between"].text(),
        place=node["place"].texts(),
    )


def _field(key: str, node: Node, place: Place, system: System, known: tuple[str, ...]) -> Field:
    node.only(*LOCATORS, "entry", "codes", "date", "number", "bytes", "derived", "required")
    derived = "derived" in node.mapping() and node["derived"].flag()
    if key not in known and not derived:
        raise node.wrong(
            Words(f"没有字段 '{key}'；现有：{choices(known)}", f"no field '{key}'; there are: {choices(known)}")
        )
    table = node.get("codes")
    if table and table.text() not in system.codes:
        raise table.wrong(
            Words(
                f"{SYSTEM} 中没有代码表 '{table.text()}'；现有：{choices(system.codes)}",
                f"no code table '{table.text()}' in {SYSTEM}; there are: {choices(system.codes)}",
            )
        )
    target = target_of(node, place, shape=("entry", "codes", "date", "number", "bytes", "derived", "required"))
    entry = target_of(node["entry"], place, "text") if node.has("entry") else target
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
