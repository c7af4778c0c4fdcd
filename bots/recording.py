"""A map from what a person did once: the way to a record, the fields, the save and its success.

gestures (opened, typed, pressed) ──draft──▶ what they mean ──text──▶ the map's YAML

Pure: what was typed and shown is looked at here, and only the words of the page go into the map, never a value.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_plus, urlsplit

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
    "captcha": Words("验证码的图片没有认出：请给 captcha 补写 parts 的 picture", "the picture of the captcha was not found: add `picture` to its parts"),
    "nameless": Words("没有哪种定位只指向它", "no locator leads to it alone"),
    "locked": Words(
        "由页面写入的只读框（日历、选择窗？）：请按 docs/widgets.md 补写", "a locked box that the page filled (a calendar, a lookup?): add it as docs/widgets.md tells"
    ),
    "drawn": Words("脚本画的下拉：请按 docs/widgets.md 补写 suggest", "a list that a script draws: add a `suggest` as docs/widgets.md tells"),
    "file": Words("文件：请写 widget: file，值是文件的路径", "a file: write `widget: file`, its value is a path"),
    "many": Words("保存之后还按了别的：若是页面里的确认，请补写 save 的 then", "more was pressed after the save: if it was a layer of the page, add `then` to `save`"),
    "typed": Words("路上录入的值没有写进映射：若每次都一样，请补写 with", "a value that was typed on the way is not in the map: where it is always the same, add `with`"),
    "value": Words("按下之处的字是这条记录的值，换一条就没有了：请补写定位", "what was pressed is called by a value of this record, and no other record has it: add a locator"),
    "dialog": Words("对话框里有这条记录的值，没有写进映射", "a dialog that names values of this record is not in the map"),
    "elsewhere": Words("在另一个框架里，不与保存同页：请补写 place", "in another frame than the save: add it with its `place`"),
    "doubled": Words("同名的列已有一个", "another field has this column already"),
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
    picture: str = ""  # CSS of the picture beside a box that asks what it says

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
    values: frozenset[str] = field(default=frozenset(), repr=False)  # what the page's boxes hold and held
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
class Entrance:
    """How the person logged in."""

    user: Control
    next: tuple[Control, ...]  # what was pressed from the user's page to that of the password
    password: Control
    captcha: Control | None
    press: Control
    page: str  # the address


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was recorded, before its fields have the names of a sheet's columns."""

    target: str
    login: Entrance | None
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
    told, values = _once(gestures), _values(key, gestures)
    login, rest, outside = _login(told)
    end = _saving_at(rest, key)
    save = rest[end] if end < len(rest) else None
    form = save.page if save else ""
    first = next((i for i, g in enumerate(rest[:end]) if g.do == "type" and g.page == form and g.on.value != key), end)
    body = rest[first:end]
    fields = _fields(body, save, key, values)
    steps, column, unsaid = _steps(start, key, [*rest[:first], *rest[first : first + 1]], values)
    asked = [g for g in rest[end:] if g.do in ("confirm", "alert")]
    known = [g for g in asked if not _tells(g.text, values)]
    lost = [
        *_lost(gestures, fields, save),
        *outside,
        *unsaid,
        *((g.on.words, "elsewhere") for g in body if g.do == "type" and g.page != form),
        *(("", "dialog") for g in asked if g not in known),
        *(("", "many") for g in rest[end + 1 :] if g.do == "press"),
    ]
    return Draft(
        target=_origin(start),
        login=login,
        steps=tuple(steps),
        fields=tuple(f for f in fields if f.on.known and not _unfit(f.on)),
        key=next((g.bears for g in (*body, *([save] if save else [])) if g.bears and g.page == form), None),
        column=column,
        save=replace(save.on, value="") if save else None,
        enter=save is not None and save.do == "enter",
        confirm=next((g.text for g in known if g.do == "confirm"), ""),
        alerts=tuple(dict.fromkeys(g.text for g in known if g.do == "alert")),
        success=_success(save.shown if save else (), after, values),
        place=_place(fields, save),
        lost=tuple(dict.fromkeys(lost)),
    )


def _saving_at(rest: Sequence[Gesture], key: str) -> int:
    """The first press behind the last value that was typed; without one the Enter key in that value's box."""
    presses = [i for i, g in enumerate(rest) if g.do in ("press", "enter")]
    typed = [i for i, g in enumerate(rest) if g.do in ("type", "enter") and g.on.value != key]
    if not typed:
        return presses[-1] if presses else len(rest)
    behind = [i for i in presses if i > typed[-1]]
    return behind[0] if behind else typed[-1] if rest[typed[-1]].do == "enter" else len(rest)


def _values(key: str, gestures: Iterable[Gesture]) -> frozenset[str]:
    """Everything that was typed, held or stood in a row that was opened: none of it may get into a map."""
    words = {word for g in gestures for ways in g.within for word in ways.values()}
    typed = {value for g in gestures for value in (g.on.value, *g.values, *(c.value for c in g.set))}
    cells = {cell for g in gestures for cell in g.cells if cell not in words}
    return frozenset(value for value in {key, *typed, *cells} if len(value) >= (4 if value.isascii() else 2)) | {key}


def _tells(words: str, values: Iterable[str]) -> bool:
    """Whether words carry a value, or a number that is one."""
    return bool(_NUMBER.search(words)) or any(value and value in words for value in values)


_NUMBER = re.compile(r"\d{4}")


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


CAPTCHA = re.compile(r"验证码|校验码|captcha|verif", re.IGNORECASE)


def _login(told: Sequence[Gesture]) -> tuple[Entrance | None, list[Gesture], list[tuple[str, str]]]:
    """The login, where a password was typed; what came after it; and what of it is left out.

    The user's name may have been typed on a page of its own: then it is the last that was typed before.
    """
    secret = next((i for i, g in enumerate(told) if g.do in ("type", "enter") and g.on.kind == "password"), None)
    sent = next(
        (i for i, g in enumerate(told) if secret is not None and i >= secret and g.do in ("press", "enter")), None
    )
    if secret is None or sent is None:
        return None, list(told), []
    typed = [i for i, g in enumerate(told[:sent]) if g.do in ("type", "enter") and i != secret]
    here = [i for i in typed if told[i].page == told[secret].page]
    asked = next((i for i in here if told[i].on.picture or CAPTCHA.search(told[i].on.words)), None)
    names = [i for i in here if i < secret and i != asked] or [i for i in typed if i < secret and i not in here]
    if not names:
        return None, list(told), []
    user = names[-1]
    between = [g.on for g in told[user:secret] if g.do in ("press", "enter") and g.page != told[secret].page]
    captcha = told[asked].on if asked is not None else None
    lost = [(told[i].on.words, "typed") for i in typed if i not in (user, asked)]
    lost += [(captcha.words, "captcha")] if captcha and not captcha.picture else []
    page = next((g.text for g in reversed(told[:user]) if g.do == "open"), "")
    entrance = Entrance(
        user=told[user].on, next=tuple(between), password=told[secret].on, captcha=captcha, press=told[sent].on, page=page
    )  # fmt: skip
    return entrance, list(told[sent + 1 :]), lost


def _fields(body: Sequence[Gesture], save: Gesture | None, key: str, values: Iterable[str]) -> list[Field]:
    """The values that were typed, and the choices that the page set for the person; what a page reckons itself is no field."""
    found: list[Field] = []
    opener: Ways | None = None
    for g in body:
        if g.do == "press" and save and g.page == save.page:
            opener = (
                g.on.ways if g.on.known and not any(_tells(words, values) for words in g.on.ways.values()) else None
            )
        if g.do == "type" and save and g.page == save.page:
            found.append(Field(on=g.on, open=opener))
    by_page = save.set if save else ()
    chosen = [Field(on=c) for c in by_page if c.kind in ("select", "multiselect", "drawn") or c.locked]
    if save and save.do == "enter" and save.on.value != key:
        found.append(Field(on=save.on))
    return list({json.dumps(dict(f.on.ways), sort_keys=True) + f.on.words: f for f in (*chosen, *found)}.values())


def _unfit(on: Control) -> bool:
    return on.kind in ("file", "drawn") or on.locked


def _lost(gestures: Iterable[Gesture], fields: Sequence[Field], save: Gesture | None) -> Iterable[tuple[str, str]]:
    yield from (("", g.text) for g in gestures if g.do == "lost")
    for f in fields:
        if f.on.kind in ("file", "drawn"):
            yield f.words, f.on.kind
        elif not f.on.known:
            yield f.words, "nameless"
        elif f.on.locked:
            yield f.words, "locked"
    if save and not save.on.known:
        yield save.on.words, "nameless"


# -- the way


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}/"


def _address(url: str, key: str) -> str:
    """The address below its host, `{key}` for the key; of what is asked for only the key and plain words are kept."""
    parts = urlsplit(url)
    path = "/".join(KEY if _is(part, key) else part.partition(";")[0] for part in parts.path.split("/"))
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    query = "&".join(f"{n}={KEY if _is(v, key) else v}" for n, _, v in pairs if _is(v, key) or _WORD.fullmatch(v))
    behind = re.sub(r"[^/?&=!]+", lambda part: KEY if _is(part[0], key) else part[0], parts.fragment)
    return path + (f"?{query}" if query else "") + (f"#{behind}" if behind else "")


_WORD = re.compile(r"[A-Za-z_.-]{0,24}|\d{1,3}")


def _is(part: str, key: str) -> bool:
    return bool(key) and unquote_plus(part) == key


def _steps(
    start: str, key: str, way: Sequence[Gesture], values: Iterable[str]
) -> tuple[list[dict[str, object]], str, list[tuple[str, str]]]:
    """The steps to the page of the last gesture, which is the first on the form; the header of the column that said the key; what is left out.

    From an address that names the record the way is shortest, and begins there.
    """
    steps: list[dict[str, object]] = []
    column, lost = "", list[tuple[str, str]]()
    named = next((i for i, g in reversed(list(enumerate(way))) if _names(g.address, key)), None)
    if named is not None:
        steps.append({"open": _address(way[named].address, key)})
        way = way[named:]
    elif not any(g.do == "open" for g in way) and urlsplit(start).path.strip("/"):
        steps.append({"open": _address(start, key)})
    for g in way[:-1]:
        if g.do == "open":
            steps += [{"open": _address(g.text, key)}] if named is None else []
            continue
        step, why = _step(g, key, values)
        steps += [step] if step else []
        lost += [(g.on.words if why == "typed" else "", why)] if why else []
        column = g.headers[g.cells.index(key)] if step and "row" in step else column
    return _needed(steps), column, lost


def _step(g: Gesture, key: str, values: Iterable[str]) -> tuple[dict[str, object] | None, str]:
    """A gesture as a step, or why it is none."""
    at = {"place": list(g.on.place)} if g.on.place else {}
    if g.do in ("type", "enter"):
        enter = {"mode": "enter"} if g.do == "enter" else {}
        return ({"type": {**g.on.ways, **at, **enter}}, "") if g.on.value == key else (None, "typed")
    if g.do != "press":
        return None, ""
    if key in g.cells and g.within:
        inside = next((ways for ways in g.within if key not in ways.values()), None)
        row = {"column": g.headers[g.cells.index(key)], "press": {**(inside or {}), **at}}
        return ({"row": row}, "") if inside else (None, "value")
    ways = {way: KEY if words == key else words for way, words in g.on.ways.items()}
    if not ways or any(_tells(words, values) for words in ways.values() if words != KEY):
        return None, "value" if ways else "nameless"
    return {"press": {**ways, **at}}, ""


def _names(address: str, key: str) -> bool:
    """Whether an address says the key as a whole part of it, once, and nothing that looks made for one session."""
    parts = [unquote_plus(part) for part in re.split(r"[/?&=#;]", address.partition("://")[2])]
    return bool(key) and parts.count(key) == 1 and not any(len(part) > LONGEST for part in parts if part != key)


def _needed(steps: list[dict[str, object]]) -> list[dict[str, object]]:
    """Without what came before the last address that was opened, unless a press led there."""
    opens = [i for i, step in enumerate(steps) if "open" in step]
    return steps[opens[-1] :] if opens and not any("row" in step for step in steps[: opens[-1]]) else steps


def _place(fields: Sequence[Field], save: Gesture | None) -> tuple[str, ...]:
    return fields[0].on.place if fields else save.on.place if save else ()


def _success(before: Iterable[Line], after: Iterable[Line], values: Iterable[str]) -> Control | None:
    """The new line that says that it was stored: its words, or its element where the words name the record."""
    old = {(line.text, line.place) for line in before}
    said = [line for line in after if (line.text, line.place) not in old and SUCCESS.search(line.text)]
    plain = [line for line in said if line.whole and not _tells(line.text, values)]
    if plain:
        return Control(ways={"text": plain[0].text}, place=plain[0].place)
    named = [line for line in said if line.css and not any(value and value in line.css for value in values)]
    return Control(ways={"css": named[0].css}, place=named[0].place) if named else None


# -- as a file


def text(found: Draft, names: Sequence[str], key: str) -> str:
    """The map's YAML. `names`: the sheet's column of each field, empty for one that is left out; `key` is the column that names a record."""
    fields = {name: _field(f, found.place) for name, f in zip(names, found.fields, strict=True) if name}
    lines = [
        "# 录制而成；先 `screens check`，再 `enter --dry-run`。 Recorded: check it, then try it dry.",
        "schema: 1",
        f"target: {_flow(found.target)}",
        *_login_lines(found),
        *([f"place: {_flow(list(found.place))}"] if found.place else []),
        f"key: {_flow(_key(found, key, fields))}",
        "record:",
        *(f"  - {_flow(_placed(step, found.place))}" for step in found.steps),
        "# none: 没有这条记录时页面上出现的字 / what the page says when there is no such record",
        "fields:",
        *(f"  {_scalar(name)}: {_flow(locator)}" for name, locator in fields.items()),
        f"save: {_flow(_saving(found))}",
    ]
    return "\n".join(lines) + "\n"


def _placed(step: Mapping[str, object], place: tuple[str, ...]) -> dict[str, object]:
    """The step of a map whose fields stand in `place`: what stands on the page itself says so."""
    if not place:
        return dict(step)

    def at(on: object) -> object:
        if not isinstance(on, Mapping):
            return on  # an address
        return {**on, "press": at(on["press"])} if "column" in on else {"place": [], **on}

    return {do: at(on) for do, on in step.items()}


def _login_lines(found: Draft) -> list[str]:
    if found.login is None:
        return []
    login = found.login
    said: dict[str, object] = {"open": _address(login.page, "")} if login.page else {}
    said["user"] = _located(login.user)
    if login.next:
        said["next"] = [_sending(one) for one in login.next]
    said["password"] = _located(login.password)
    if login.captcha:
        picture = {"parts": {"picture": login.captcha.picture}} if login.captcha.picture else {}
        said["captcha"] = {**_located(login.captcha), **picture}
    said["press"] = _sending(login.press)
    return [
        f"login: {_flow({**said, 'as': 'clerk', 'secret': 'LEGACY'})}   # as: 登录名 / the user; secret: HEDANG_SECRET_LEGACY"
    ]


def _sending(on: Control) -> dict[str, object]:
    """What was pressed; in a box it was the Enter key."""
    return _located(replace(on, ways={**on.ways, "mode": "enter"} if on.kind else on.ways))


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
