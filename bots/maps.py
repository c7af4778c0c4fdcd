"""Read a map that stands alone: one YAML file that takes a spreadsheet into any web page, without Python.

    schema: 1
    target: http://127.0.0.1:8000/admin/                 # where the application is; `--target` takes another
    login: {user: {name: username}, password: {name: password}, press: Log in, as: clerk, secret: CRM}
    key: Email                                           # what names a record, in the sheet and on the screen
    record:                                              # the way to it, step by step
      - open: /admin/crm/person/?q={key}
      - row: {column: Email, press: {css: th a}}
    none: 0 persons
    fields: {Email: Email, First name: First name, Active: {label: Active, widget: checkbox}}
    save: {press: Save, success: {css: .success}, failure: {css: .errornote}}

docs/screens.md tells every key. An unknown one is a ConfigError that names file, line, key and the choices.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from bots.door import Door, Handover
from bots.driver import WAYS, Place, Target
from bots.fields import Codes, Field
from bots.screens import Save, Screen, System, fetch_of, secret_name, system_of, whole
from bots.targets import LOCATORS, press_of, target_of
from bots.walk import KEY, PAGES, STEPS, Step, Way
from core import settings
from core.errors import choices
from core.model import Kind
from core.privacy import MASKS
from core.settings import Node
from core.words import Words

SUFFIXES = (".yaml", ".yml")
KEYS = (
    "schema", "name", "target", "encoding", "timeout", "browser", "interruptions", "login", "certificate", "key", "place", "record", "none",
    "fields", "create", "save", "quiet", "fetch",
)  # fmt: skip
FIELD = ("codes", "date", "number", "bytes", "length", "derived", "required", "mask", "entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """A map that stands alone."""

    system: System
    screen: Screen
    target: str  # where the application is; empty: it must be told
    user: str
    secret: str  # the name of the password, HEDANG_SECRET_… in the environment
    digest: str  # SHA-256 of the file


def is_map(name: str) -> bool:
    """Whether a screen's name is the path of a map instead."""
    return name.endswith(SUFFIXES)


def read(path: Path) -> Map:
    """The map in a file. Raises ConfigError for anything that the schema does not know."""
    root = settings.load(path).only(*KEYS)
    login = root.get("login")
    name = root["name"].text() if root.has("name") else path.stem
    system = system_of(root)
    return Map(
        system=system,
        screen=_screen(name, root, system.door),
        target=root["target"].text() if root.has("target") else "",
        user=login["as"].text() if login and login.has("as") else "",
        secret=(secret_name(login["secret"]) if login.has("secret") else "LEGACY") if login else "",
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


# -- the screen


def _screen(name: str, root: Node, door: Door | Handover | None) -> Screen:
    place = root["place"].texts() if root.has("place") else ()
    fields = {key: _field(key, node, place) for key, node in root["fields"].items()}
    if not any(f.entry for f in fields.values()):
        raise root["fields"].wrong(Words("没有可录入的字段", "no field can be typed into"))
    key, shown = _key(root["key"], fields, place)
    none = press_of(root["none"], place) if root.has("none") else None
    way = Way(steps=steps_of(root["record"], place), none=none, patient=True, strict=root.has("create"))
    if not any(step.names for step in way.steps):
        raise root["record"].wrong(Words(f"没有一步用到 {KEY}", f"no step says which record is meant by {KEY}"))
    if not shown and not _proven(way):
        raise root["key"].wrong(
            Words(
                "打开之后无从核对是不是这条记录：主键应是 fields 里的字段，或写明 shown（界面上何处显示它）",
                "nothing proves which record is open: let the key be one of `fields`, or say with `shown` where the screen shows it",
            )
        )
    create = Way(steps=steps_of(root["create"], place)) if root.has("create") else None
    if create and none is None:
        raise root["create"].wrong(
            Words(
                "新建之前须能看出记录不存在：请写 none",
                "whether a record is absent must show before one is made: write `none`",
            )
        )
    if create and key.entry is None:
        raise root["create"].wrong(
            Words(
                "新记录须能按主键找回：主键要是可录入的字段",
                "a new record must be found again by its key: the key has to be a field that is typed",
            )
        )
    return Screen(
        name=name,
        kind=Kind.RECORD,
        workflow=False,
        quiet=root["quiet"].number(0, 3600) if root.has("quiet") else 2,
        key=key,
        way=way,
        place=place,
        numbers=shown,
        save=_save(root["save"], place),
        fields=fields,
        create=create,
        fetch=fetch_of(node, fields, place, shown, door) if (node := root.get("fetch")) else None,
    )


def _proven(way: Way) -> bool:
    """Whether the way itself proves which record it leads to: by a row that says so, or by an address of the record's own."""
    last = way.steps[-1]
    return last.do == "row" or (last.do == "open" and KEY in last.text)


def _key(node: Node, fields: Mapping[str, Field], place: Place) -> tuple[Field, tuple[Target, ...]]:
    """What names a record, and where the open record shows it."""
    if isinstance(node.raw, str):
        known = fields.get(node.text())
        if known is not None:
            return known, (known.show,)
        return Field(id=node.text(), label=node.text(), show=Target(), entry=None), ()
    node.only("id", "label", "shown")
    name = node["id"].text()
    known = fields.get(name)
    label = node["label"].text() if node.has("label") else (known.label if known else name)
    shown = tuple(target_of(one, place) for one in node["shown"].list()) if node.has("shown") else ()
    if known is not None:
        return known, shown or (known.show,)
    return Field(id=name, label=label, show=Target(), entry=None), shown


def steps_of(node: Node, place: Place, *, begun: bool = False) -> tuple[Step, ...]:
    """The steps of a way; where nothing is `begun` yet, it begins by opening an address. Raises ConfigError."""
    if isinstance(node.raw, str):
        return (Step(do="open", text=node.text()),)
    steps = [step for one in node.list() for step in _step(one, place)]
    if not steps:
        raise node.wrong(Words("没有步骤", "there are no steps"))
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        if step.do == "type" and (after is None or after.do not in ("type", "press")):
            raise node.wrong(
                Words(
                    "输入之后没有按下什么：请加一步 press，或在 type 里写 mode: enter（按回车）",
                    "nothing is pressed after a `type` step: add `press`, or write `mode: enter` in it",
                )
            )
    for one, step, after in zip(node.list(), steps, steps[1:], strict=False):
        if after.do == "open" and step.do in ("press", "row") and step.wait is None:
            raise one.wrong(
                Words("此步之后须写 wait：出现什么才算完成", "this step needs `wait`: what shows that it has ended")
            )
    return tuple(steps if begun or steps[0].do == "open" else [Step(do="open"), *steps])


def _step(node: Node, place: Place) -> list[Step]:
    """One step; typing with `mode: enter` presses the Enter key as a step of its own."""
    node.only(*STEPS, "wait", "with", "through")
    found = [do for do in STEPS if node.has(do)]
    if len(found) != 1:
        there = choices(STEPS)
        raise node.wrong(Words(f"每一步恰有一个动作；可用：{there}", f"a step does one thing; there are: {there}"))
    do = found[0]
    wait = press_of(node["wait"], place) if node.has("wait") else None
    if do == "open":
        return [Step(do=do, text=node[do].text(), wait=wait)]
    if do == "row":
        return [replace(_row(node[do], place), wait=wait)]
    if do == "press":
        through = tuple(press_of(one, place) for one in node["through"].list()) if node.has("through") else ()
        return [Step(do=do, target=press_of(node[do], place), through=through, wait=wait)]
    target = target_of(node[do], place, "auto")
    typed = Step(do=do, target=replace(target, mode="fill"), text=node["with"].text() if node.has("with") else KEY)
    return [typed, Step(do="press", target=target, wait=wait)] if target.mode == "enter" else [typed]


def _row(node: Node, place: Place) -> Step:
    """The step that presses in the one row which names the record; with `next` the list's further pages are looked at as well."""
    node.only("column", "press", "next", "pages", "place")
    here = node["place"].texts() if node.has("place") else place
    target = replace(press_of(node["press"], here), columns=(node["column"].text(),))
    if not node.has("next"):
        if node.has("pages"):
            raise node["pages"].wrong(Words("只与 next 同写", "it goes with `next` only"))
        return Step(do="row", target=target)
    pages = node["pages"].integer(1) if node.has("pages") else PAGES
    return Step(do="row", target=target, next=press_of(node["next"], target.place), pages=pages)


def _field(key: str, node: Node, place: Place) -> Field:
    if isinstance(node.raw, str):
        target = Target(label=node.raw or key, place=place, widget="auto")
        return Field(id=key, label=node.raw or key, show=target, entry=target)
    node.only(*LOCATORS, *FIELD)
    located = any(node.has(way) for way in WAYS)
    target = target_of(node, place, "auto", FIELD) if located else _by_label(key, node, place)
    entry = target_of(node["entry"], place, "auto") if node.has("entry") else target
    derived = node.has("derived") and node["derived"].flag()
    return Field(
        id=key,
        label=node["label"].text() if node.has("label") else key,
        show=target,
        entry=entry if entry.widget != "readonly" and not derived else None,
        codes=_codes(node["codes"]) if node.has("codes") else None,
        date=node["date"].text() if node.has("date") else "",
        number=node.has("number") and node["number"].flag(),
        bytes=node["bytes"].integer(1) if node.has("bytes") else 0,
        length=node["length"].integer(1) if node.has("length") else 0,
        derived=derived,
        required=node.has("required") and node["required"].flag(),
        mask=node["mask"].choice(*MASKS) if node.has("mask") else "none",
    )


def _by_label(key: str, node: Node, place: Place) -> Target:
    """A field that says nothing of how it is found has its own name for a label."""
    spoken = Node(
        {**node.mapping(), "label": Node(key, node.file, node.line, f"{node.key}.label")},
        node.file,
        node.line,
        node.key,
    )
    return target_of(spoken, place, "auto", FIELD)


def _codes(node: Node) -> Codes:
    """`what a sheet says: what the screen sends, or [what it sends, its words]`."""
    options: dict[str, str] = {}
    shown: dict[str, str] = {}
    for ours, theirs in node.items():
        pair = theirs.texts() if isinstance(theirs.raw, tuple) else (theirs.text(),)
        for spelling in pair:
            if shown.get(spelling, ours) != ours:
                raise theirs.wrong(
                    Words(f"“{spelling}”已是 {shown[spelling]}", f"'{spelling}' is {shown[spelling]} already")
                )
            shown[spelling] = ours
        options[ours] = pair[0]
    return Codes(options=options, shown=shown)


def _save(node: Node, place: Place) -> Save:
    node.only("press", "then", "confirm", "success", "failure", "saved", "refused", "alerts", "messages", "place")
    here = node["place"].texts() if "place" in node.mapping() else place
    return Save(
        press=press_of(node["press"], here),
        then=tuple(press_of(one, here) for one in node["then"].list()) if node.has("then") else (),
        done=press_of(node["success"], here) if node.has("success") else Target(css="body", place=here),
        failed=press_of(node["failure"], here) if node.has("failure") else None,
        confirm=whole(node["confirm"]) if node.has("confirm") else (),
        saved=node["saved"].text() if node.has("saved") else "",
        refused=node["refused"].text() if node.has("refused") else "",
        alerts=whole(node["alerts"]) if node.has("alerts") else (),
        messages=node["messages"].texts() if node.has("messages") else (),
    )


def at(found: Map, url: str) -> Screen:
    """The map's screen on the application at `url`: its records are others than those of the same map elsewhere."""
    return replace(found.screen, scope=scope(found.screen.name, url))


def scope(name: str, url: str) -> str:
    """How the keys of a screen's records begin in the ledger where they are not the configured system's."""
    return f"{name}@{urlsplit(url).netloc} "
