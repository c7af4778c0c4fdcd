"""A map from what a person did once: the way to a record, the fields, the save and its success.

gestures (opened, typed, pressed) ──draft──▶ what they mean ──text──▶ the map's YAML

Pure: what was typed and shown is looked at here, and only the words of the page go into the map, never a value.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote, urlsplit

from bots.walk import KEY
from core.words import Words

SUCCESS = re.compile(
    r"成功|已保存|已提交|已更新|已修改|完成|success|saved|updated|changed|submitted|stored|done", re.IGNORECASE
)
"""How pages say that something was stored."""

Ways = Mapping[str, str]
"""A locator: label, name, css, text."""

LONGEST = 24
"""Characters of a part of an address; longer ones are the tokens of a session."""

LOST = {
    "shadow": Words("封闭的 shadow DOM：够不着", "a closed shadow root: out of reach"),
    "canvas": Words("canvas 画出来的：够不着", "drawn on a canvas: out of reach"),
    "frame": Words("别的域名的框架：够不着", "a frame of another site: out of reach"),
    "window": Words("在弹出的窗口里：请按 docs/widgets.md 补写 lookup", "in a window that opened: add a `lookup` as docs/widgets.md tells"),
    "nameless": Words("没有哪种定位只指向它", "no locator leads to it alone"),
    "locked": Words(
        "由页面写入的只读框（日历、选择窗？）：请按 docs/widgets.md 补写", "a locked box that the page filled (a calendar, a lookup?): add it as docs/widgets.md tells"
    ),
    "file": Words("文件：请写 widget: file，值是文件的路径", "a file: write `widget: file`, its value is a path"),
    "many": Words("填写途中按了不止一处", "more than one thing was pressed while typing"),
}  # fmt: skip
"""Why something that was touched is not in the map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Something that was touched, or that shows the key."""

    ways: Ways = field(default_factory=dict)
    place: tuple[str, ...] = ()
    words: str = ""  # how a person would call it
    kind: str = ""  # of bots.driver.PLAIN
    value: str = field(default="", repr=False)
    locked: bool = False

    @property
    def known(self) -> bool:
        """Whether any locator leads to it."""
        return bool(self.ways)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that the page showed."""

    text: str = field(repr=False)
    css: str
    place: tuple[str, ...] = ()
    whole: bool = True  # nothing stands between its words


@dataclass(frozen=True, slots=True, kw_only=True)
class Gesture:
    """One thing that a person did; `do` is open, type, enter, press, confirm, alert or lost."""

    do: str
    page: str = ""  # which load of which page
    address: str = field(default="", repr=False)  # of the window, when it was done
    on: Control = field(default_factory=Control)
    text: str = field(default="", repr=False)  # open: the address; confirm, alert: the dialog's words; lost: why
    headers: tuple[str, ...] = ()  # press in a list: its headers …
    cells: tuple[str, ...] = field(default=(), repr=False)  # … what the row says below them
    within: tuple[Ways, ...] = ()  # … and what is pressed, as found in the row
    set: tuple[Control, ...] = ()  # controls that the page itself has set since it was first touched
    shown: tuple[Line, ...] = ()  # what stood on the pages when it was pressed
    bears: Control | None = None  # where the page shows the key


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of the map."""

    on: Control
    open: Ways | None = None  # what is pressed before it can be typed into

    @property
    def words(self) -> str:
        """How the page calls it."""
        return self.on.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was recorded, before its fields have the names of a sheet's columns."""

    target: str
    login: tuple[Control, Control, Control, str] | None  # user, password, what is pressed, the page
    steps: tuple[Mapping[str, object], ...]
    fields: tuple[Field, ...]
    key: Control | None  # where the open record shows it
    column: str  # the header of the list's column with the key, where there was one
    save: Control | None
    enter: bool  # whether the save was the Enter key
    confirm: str
    alerts: tuple[str, ...]
    success: Control | None
    place: tuple[str, ...]
    lost: tuple[tuple[str, str], ...]  # what it is about, a key of LOST


def draft(start: str, key: str, gestures: Sequence[Gesture], after: Sequence[Line]) -> Draft:
    """What the gestures mean; `start` is the address they began at, `key` names the record that was opened, `after` is what stands there at last."""
    told = _once(gestures)
    login, rest = _login(told)
    presses = [i for i, g in enumerate(rest) if g.do in ("press", "enter")]
    last = presses[-1] if presses else len(rest)
    save = rest[last] if presses else None
    form = save.page if save else ""
    edits = [i for i, g in enumerate(rest[:last]) if g.do == "type" and g.page == form and g.on.value != key]
    first = edits[0] if edits else last
    way, body = rest[:first], rest[first:last]
    fields = _fields(body, save, key)
    bears = next((g.bears for g in (*body, *([save] if save else [])) if g.bears and g.page == form), None)
    steps, column = _steps(start, key, [*way, *rest[first : first + 1]])
    values = {key, *(f.on.value for f in fields), *(g.on.value for g in told)} - {""}
    return Draft(
        target=_origin(start),
        login=login,
        steps=tuple(steps),
        fields=tuple(f for f in fields if f.on.known and not _unfit(f.on)),
        key=bears,
        column=column,
        save=replace(save.on, value="") if save else None,
        enter=save is not None and save.do == "enter",
        confirm=next((g.text for g in rest[last:] if g.do == "confirm"), ""),
        alerts=tuple(dict.fromkeys(g.text for g in rest[last:] if g.do == "alert")),
        success=_success(save.shown if save else (), after, values),
        place=_place(fields, save),
        lost=tuple(dict.fromkeys(_lost(gestures, fields, save))),
    )


def _once(gestures: Iterable[Gesture]) -> list[Gesture]:
    """Each value once, as it was at last while its page was there; an Enter key has told the value already."""
    told: list[Gesture] = []
    for g in gestures:
        if g.do == "lost":
            continue
        same = [
            i
            for i, old in enumerate(told)
            if g.do == "type"
            and (old.do, old.page, old.on.ways) in ((do, g.page, g.on.ways) for do in ("type", "enter"))
        ]
        if not same:
            told.append(g)
        elif told[same[-1]].do == "type":
            told[same[-1]] = replace(told[same[-1]], on=g.on)
    return told


def _login(told: Sequence[Gesture]) -> tuple[tuple[Control, Control, Control, str] | None, list[Gesture]]:
    """The login, where a password was typed, and what came after it."""
    secret = next((i for i, g in enumerate(told) if g.do in ("type", "enter") and g.on.kind == "password"), None)
    if secret is None:
        return None, list(told)
    before = [g for g in told[:secret] if g.do == "type" and g.page == told[secret].page]
    sent = next((i for i, g in enumerate(told[secret:], secret) if g.do in ("press", "enter")), None)
    if not before or sent is None:
        return None, list(told)
    page = next((g.text for g in reversed(told[:secret]) if g.do == "open"), "")
    return (before[-1].on, told[secret].on, told[sent].on, page), list(told[sent + 1 :])


def _fields(body: Sequence[Gesture], save: Gesture | None, key: str) -> list[Field]:
    """The values that were typed, and the choices that the page set for the person; what a page reckons itself is no field."""
    found: list[Field] = []
    opener: Ways | None = None
    for g in body:
        if g.do == "press" and save and g.page == save.page:
            opener = g.on.ways or None
        if g.do == "type" and save and g.page == save.page:
            found.append(Field(on=g.on, open=opener))
    by_page = save.set if save else ()
    chosen = [Field(on=c) for c in by_page if c.kind in ("select", "multiselect") or c.locked]
    if save and save.do == "enter" and save.on.value != key:
        found.append(Field(on=save.on))
    return list({json.dumps(dict(f.on.ways), sort_keys=True) + f.on.words: f for f in (*chosen, *found)}.values())


def _unfit(on: Control) -> bool:
    return on.kind == "file" or on.locked


def _lost(gestures: Iterable[Gesture], fields: Sequence[Field], save: Gesture | None) -> Iterable[tuple[str, str]]:
    yield from (("", g.text) for g in gestures if g.do == "lost")
    for f in fields:
        if not f.on.known:
            yield f.words, "nameless"
        elif _unfit(f.on):
            yield f.words, "file" if f.on.kind == "file" else "locked"
    if save and not save.on.known:
        yield save.on.words, "nameless"


# -- the way


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _address(url: str, key: str) -> str:
    """The address below its host, with `{key}` where the key stands."""
    parts = urlsplit(url)
    said = parts.path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    for spelling in dict.fromkeys((quote(key, safe=""), quote(key), key)):
        if spelling and spelling in said:
            return said.replace(spelling, KEY)
    return said.replace(quote(unquote(key)), KEY) if key else said


def _steps(start: str, key: str, way: Sequence[Gesture]) -> tuple[list[dict[str, object]], str]:
    """The steps to the page of the last gesture, which is the first on the form; and the header of the list's column that said the key.

    From an address that names the record the way is shortest, and begins there.
    """
    steps: list[dict[str, object]] = []
    column = ""
    named = next((i for i, g in reversed(list(enumerate(way))) if _names(g.address, key)), None)
    if named is not None:
        steps.append({"open": _address(way[named].address, key)})
        way = way[named:]
    elif not any(g.do == "open" for g in way) and urlsplit(start).path.strip("/"):
        steps.append({"open": _address(start, key)})
    for g in way[:-1]:
        at = {"place": list(g.on.place)} if g.on.place else {}
        if g.do == "open":
            if named is None:
                steps.append({"open": _address(g.text, key)})
        elif g.do in ("type", "enter"):
            typed: dict[str, object] = {"type": {**g.on.ways, **at, **({"mode": "enter"} if g.do == "enter" else {})}}
            steps.append(typed if g.on.value == key else {**typed, "with": g.on.value})
        elif g.do == "press" and key in g.cells and g.within:
            column = g.headers[g.cells.index(key)]
            inside = next((ways for ways in g.within if key not in ways.values()), g.within[-1])
            steps.append({"row": {"column": column, "press": {**inside, **at}}})
        elif g.do == "press":
            steps.append({"press": {**{way: words.replace(key, KEY) for way, words in g.on.ways.items()}, **at}})
    return _needed(steps), column


def _names(address: str, key: str) -> bool:
    """Whether an address says the key as a whole part of it, and nothing that looks made for one session."""
    parts = [unquote(part) for part in re.split(r"[/?&=#;]", address.partition("://")[2])]
    return bool(key) and key in parts and not any(len(part) > LONGEST for part in parts if part != key)


def _needed(steps: list[dict[str, object]]) -> list[dict[str, object]]:
    """Without what came before the last address that was opened, unless a press led there."""
    opens = [i for i, step in enumerate(steps) if "open" in step]
    return steps[opens[-1] :] if opens and not any("row" in step for step in steps[: opens[-1]]) else steps


def _place(fields: Sequence[Field], save: Gesture | None) -> tuple[str, ...]:
    return fields[0].on.place if fields else save.on.place if save else ()


def _success(before: Iterable[Line], after: Iterable[Line], values: set[str]) -> Control | None:
    """The new line that says that it was stored: its words, or its element where the words name the record."""
    old = {(line.text, line.place) for line in before}
    said = [line for line in after if (line.text, line.place) not in old and SUCCESS.search(line.text)]
    plain = [line for line in said if line.whole and not any(value in line.text for value in values if len(value) > 1)]
    if plain:
        return Control(ways={"text": plain[0].text}, place=plain[0].place)
    named = [line for line in said if line.css and not any(value in line.css for value in values)]
    return Control(ways={"css": named[0].css}, place=named[0].place) if named else None


# -- as a file


def text(found: Draft, names: Mapping[str, str], key: str) -> str:
    """The map's YAML. `names`: what the page calls a field → the sheet's column; `key` is the column that names a record.

    Fields that are not in `names` are left out.
    """
    fields = {names[f.words]: _field(f, found.place) for f in found.fields if f.words in names}
    lines = [
        "# 录制而成；先 `screens check`，再 `enter --dry-run`。 Recorded: check it, then try it dry.",
        "schema: 1",
        f"target: {_flow(found.target)}",
        *_login_lines(found),
        *([f"place: {_flow(list(found.place))}"] if found.place else []),
        f"key: {_flow(_key(found, key, fields))}",
        "record:",
        *(f"  - {_flow(step)}" for step in found.steps),
        "# none: 没有这条记录时页面上出现的字 / what the page says when there is no such record",
        "fields:",
        *(f"  {_scalar(name)}: {_flow(locator)}" for name, locator in fields.items()),
        f"save: {_flow(_saving(found))}",
    ]
    return "\n".join(lines) + "\n"


def _login_lines(found: Draft) -> list[str]:
    if found.login is None:
        return []
    user, password, press, page = found.login
    said: dict[str, object] = {"open": _address(page, "")} if page else {}
    pressed = {**press.ways, "mode": "enter"} if press.kind else dict(press.ways)
    said |= {"user": _located(user), "password": _located(password), "press": _located(replace(press, ways=pressed))}
    return [
        f"login: {_flow({**said, 'as': 'clerk', 'secret': 'LEGACY'})}   # as: 登录名 / the user; secret: HEDANG_SECRET_LEGACY"
    ]


def _located(on: Control, here: tuple[str, ...] = ()) -> dict[str, object]:
    return {**on.ways, **({"place": list(on.place)} if on.place != here else {})}


def _key(found: Draft, key: str, fields: Mapping[str, object]) -> object:
    if key in fields or (found.key is None and found.column in ("", key)):
        return key
    said: dict[str, object] = {"id": key, "label": found.column or key}
    return {**said, "shown": [_located(found.key, found.place)]} if found.key else said


def _field(f: Field, place: tuple[str, ...]) -> object:
    said = _located(f.on, place)
    if f.open:
        said["parts"] = {"open": _pressed(f.open)}
    if f.on.kind in ("rich", "slider", "editable", "date", "number"):
        said["widget"] = f.on.kind
    return said["label"] if list(said) == ["label"] else said


def _pressed(ways: Ways) -> object:
    return ways["text"] if list(ways) == ["text"] else dict(ways)


def _saving(found: Draft) -> dict[str, object]:
    save = found.save or Control()
    ways = {**save.ways, **({"mode": "enter"} if found.enter else {})}
    here = _located(replace(save, ways=ways), found.place)
    said: dict[str, object] = {"press": here["text"] if list(here) == ["text"] else here}
    if found.confirm:
        said["confirm"] = found.confirm
    if found.alerts:
        said["alerts"] = list(found.alerts)
    if found.success:
        mark = _located(found.success, found.place)
        said["success"] = mark["text"] if list(mark) == ["text"] else mark
    return said


_PLAIN = re.compile(r"[\w\u4e00-\u9fff/.][\w\u4e00-\u9fff /.()（）-]*")


def _scalar(words: str) -> str:
    return words if _PLAIN.fullmatch(words) and words.strip() == words else json.dumps(words, ensure_ascii=False)


def _flow(value: object) -> str:
    """YAML in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(str(k))}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(str(value))
