"""`run.py screens record`: a person fills one record in a browser, and the map of it lies ready to be checked."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bots import maps, recording
from bots.recording import LOST, Draft
from core.errors import ConfigError, InputError
from core.words import Words

if TYPE_CHECKING:
    from playwright.sync_api import Page

Name = Callable[[str, str], str]
"""(what the page calls it, the likeliest column) → the sheet's column; empty: leave it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was typed on the command line."""

    url: str
    key: str  # of the record that the person will open
    out: Path
    columns: Sequence[str] = ()  # of the sheet that will be entered
    headless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What came of it."""

    path: Path
    found: Draft
    names: Sequence[str]  # the sheet's column of each field; empty: it was left out
    problems: Sequence[tuple[str, Words]]  # what it is about, and what must be done by hand

    def rows(self) -> list[dict[str, str]]:
        """The fields as a table."""
        return [
            {"column": name, "field": f.words, "widget": f.on.kind, "locator": "; ".join(f"{k} {v}" for k, v in f.on.ways.items())}
            for name, f in zip(self.names, self.found.fields, strict=True)
            if name
        ]  # fmt: skip


def allowed(wish: Wish) -> None:
    """Raises InputError for an address that is none, a missing key, or a map that is there already."""
    if urlsplit(wish.url).scheme not in ("http", "https"):
        raise InputError(Words(f"不是网址：{wish.url}", f"not an address of a page: {wish.url}"))
    if not wish.key.strip():
        raise InputError(Words("请用 --key 说明要打开哪条记录", "name the record that you will open with --key"))
    if not maps.is_map(wish.out.name):
        raise InputError(Words(f"{wish.out}：映射的名字以 .yaml 结尾", f"{wish.out}: the name of a map ends in .yaml"))
    if wish.out.exists():
        raise InputError(Words(f"{wish.out} 已经存在，不覆盖", f"{wish.out} is there already; it is not overwritten"))


def record(
    wish: Wish, ended: Callable[[], bool], ask: Callable[[str], bool], name: Name, act: "Callable[[Page], None] | None" = None
) -> Recorded:  # fmt: skip
    """Watch the person, ask for the columns, and write the map.

    Raises InputError as `allowed` does, and where nothing was typed and saved; MissingPart without a browser or a screen.
    """
    from bots.recorder import record as watched

    allowed(wish)
    watch = watched(wish.url, wish.key, ended, ask, headless=wish.headless, act=act)
    found = recording.draft(wish.url, wish.key, watch.gestures, watch.after)
    lost = [(about, LOST[why]) for about, why in found.lost]
    if not found.fields or found.save is None:
        reasons = (
            [*(f"{about} {words.zh}" for about, words in lost)],
            [*(f"{about} {words.en}" for about, words in lost)],
        )
        raise InputError(
            Words(
                "没有录到字段和保存：请打开一条记录，改几个字段，保存，再按回车。" + "；".join(reasons[0]),
                "no field and no save was recorded: open a record, change fields, save, then press Enter."
                + " ".join(["", *reasons[1]]),
            )
        )
    key = name(found.column or _label(found) or "key", _key_column(found, wish)) or "key"
    names, doubled = _columns(found, wish, name, key)
    wish.out.write_text(recording.text(found, names, key), encoding="utf-8")
    problems = [*lost, *((words, LOST["doubled"]) for words in doubled), *_unsound(wish.out), *_silent(found)]
    return Recorded(path=wish.out, found=found, names=names, problems=problems)


def _columns(found: Draft, wish: Wish, name: Name, key: str) -> tuple[list[str], list[str]]:
    """The column of each field, and the fields whose column another one has already."""
    names, doubled = list[str](), list[str]()
    for number, f in enumerate(found.fields, 1):
        words = f.words or f"{number}"
        told = name(words, likeliest(words, wish.columns))
        if told in (*names, key) and told:
            doubled.append(words)
        names.append("" if told in (*names, key) else told)
    return names, doubled


def _label(found: Draft) -> str:
    return found.key.ways.get("label", "") if found.key else ""


def likeliest(words: str, columns: Sequence[str]) -> str:
    """The column that is called as the page calls the field, else what the page calls it."""
    return next((c for c in columns if c.strip().casefold() == words.casefold()), words)


def _key_column(found: Draft, wish: Wish) -> str:
    words = found.column or _label(found) or (wish.columns[0] if wish.columns else "key")
    return likeliest(words, wish.columns)


def _unsound(path: Path) -> list[tuple[str, Words]]:
    """What the map still lacks."""
    try:
        maps.read(path)
    except ConfigError as error:
        return [("", Words(str(error), str(error)))]
    return []


def _silent(found: Draft) -> list[tuple[str, Words]]:
    if found.success is None:
        return [("save", Words("没有看到保存成功的字样：只凭回读判断，或补写 success", "nothing was seen to say that it was saved: the read-back alone decides, or add `success`"))]  # fmt: skip
    return []


def told(done: Recorded) -> str:
    """The result as one line of JSON."""
    said = [{"about": about, "what": words.en} for about, words in done.problems]
    return json.dumps({"map": str(done.path), "fields": done.rows(), "problems": said}, ensure_ascii=False)
