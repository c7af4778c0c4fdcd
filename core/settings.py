"""Read config/: YAML as texts that know their file and line, so that every complaint can name its place.

Nothing is converted on reading (`0123` stays `0123`, `no` stays `no`); the room that owns a file asks for the type it wants:

    root = load(config / "rules" / "phones.yaml")
    for rule in root.only("schema", "rules")["rules"].list():
        code, ceiling = rule["code"].text(), rule["ceiling"].choice("A", "B", "C", "N")

A site's directory may hold only what differs: `extends: ../base` in its hedang.yaml names the directory to fall back to.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path

import yaml

from core.errors import ConfigError, choices, unread
from core.words import Words

_ABSENT = "~absent~"


@dataclass(frozen=True)
class Node:
    """One value of a YAML file with its place; `raw` is a text, a list of nodes or a mapping of nodes."""

    raw: "str | tuple[Node, ...] | Mapping[str, Node]"
    file: Path
    line: int
    key: str = ""

    def wrong(self, reason: str | Words) -> ConfigError:
        """An error that names this place, for the caller to raise."""
        where = f"{self.file}:{self.line}: " + (f"{self.key}: " if self.key else "")
        both = reason if isinstance(reason, Words) else Words(reason, reason)
        return ConfigError(Words(where + both.zh, where + both.en))

    # -- mappings

    def mapping(self) -> "Mapping[str, Node]":
        """The entries; an empty value counts as an empty mapping."""
        if isinstance(self.raw, Mapping):
            return self.raw
        if self.raw == "":
            return {}
        raise self.wrong(
            Words(
                "此处应为映射（键: 值；冒号是半角的，后面有空格）",
                "here a mapping (key: value, with a blank behind the colon) is expected",
            )
        )

    def items(self) -> "Iterator[tuple[str, Node]]":
        """The entries in the order of the file."""
        return iter(self.mapping().items())

    def only(self, *known: str) -> "Node":
        """This node, after making sure that it has no key but these."""
        for key, node in self.items():
            if key not in known:
                raise node.wrong(
                    Words(f"不认识的键；可用：{choices(known)}", f"unknown key; there are: {choices(known)}")
                )
        return self

    def has(self, key: str) -> bool:
        """Whether the mapping has the key with a value."""
        return key in self.mapping() and self.mapping()[key].raw != ""

    def __getitem__(self, key: str) -> "Node":
        found = self.mapping().get(key)
        if found is None:
            raise self.wrong(Words(f"缺少键 '{key}'", f"the key '{key}' is missing"))
        return found

    def get(self, key: str) -> "Node | None":
        """The entry, or None where it is absent or empty."""
        return self.mapping()[key] if self.has(key) else None

    # -- lists

    def list(self) -> "tuple[Node, ...]":
        """The elements; an empty value counts as an empty list."""
        if isinstance(self.raw, tuple):
            return self.raw
        if self.raw == "":
            return ()
        raise self.wrong(Words("此处应为列表", "here a list is expected"))

    def texts(self) -> tuple[str, ...]:
        """The elements of a list as texts; one text written by itself counts as a list of one."""
        if isinstance(self.raw, str):
            return tuple(self.raw.split()) if self.raw else ()
        return tuple(node.text() for node in self.list())

    # -- scalars

    def text(self, default: str = _ABSENT) -> str:
        """The text; an empty one is an error unless a default is given."""
        if not isinstance(self.raw, str):
            raise self.wrong(Words("此处应为单个值", "here a single value is expected"))
        if self.raw == "" and default is _ABSENT:
            raise self.wrong(Words("值为空", "the value is empty"))
        return self.raw or default

    def choice(self, *known: str) -> str:
        """The text, which must be one of these."""
        if self.text() not in known:
            raise self.wrong(
                Words(
                    f"没有选项 '{self.text()}'；可选：{choices(known)}",
                    f"no such choice '{self.text()}'; there are: {choices(known)}",
                )
            )
        return self.text()

    def number(self, low: float | None = None, high: float | None = None) -> float:
        """The value as a number within the closed bounds."""
        try:
            value = float(Decimal(self.text()))
        except (InvalidOperation, ValueError, OverflowError):
            value = math.nan
        if not math.isfinite(value):
            raise self.wrong(Words(f"'{self.text()}' 不是数字", f"'{self.text()}' is not a number"))
        if (low is not None and value < low) or (high is not None and value > high):
            most = "∞" if high is None else high
            raise self.wrong(
                Words(f"{self.text()} 超出范围 {low} … {most}", f"{self.text()} is outside {low} … {most}")
            )
        return value

    def integer(self, low: int | None = None, high: int | None = None) -> int:
        """The value as a whole number within the closed bounds."""
        value = self.number(low, high)
        if value != int(value):
            raise self.wrong(Words(f"'{self.text()}' 不是整数", f"'{self.text()}' is not a whole number"))
        return int(value)

    def flag(self) -> bool:
        """`true` or `false`, written out."""
        return self.choice("true", "false") == "true"

    def plain(self) -> object:
        """The same as str, list and dict, for storing."""
        if isinstance(self.raw, tuple):
            return [node.plain() for node in self.raw]
        if isinstance(self.raw, Mapping):
            return {key: node.plain() for key, node in self.raw.items()}
        return self.raw


def load(path: Path) -> Node:
    """The file as a tree of nodes.

    Raises ConfigError when the file is missing, is not YAML, repeats a key or does not start with `schema: 1`.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(Words(f"{path}：没有这个文件", f"{path}: there is no such file")) from None
    except OSError as error:
        raise ConfigError(unread(path, error)) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            Words(
                f"{path}：第 {error.start} 字节起不是 UTF-8；请另存为 UTF-8",
                f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8",
            )
        ) from None
    try:
        tree = yaml.compose(content, Loader=yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader)
    except RecursionError:
        raise _too_deep(path) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        why = _IN_CHINESE.get(error.problem or "", error.problem)
        raise ConfigError(
            Words(f"{path}:{line}：不是合法的 YAML：{why}", f"{path}:{line}: not YAML: {error.problem}")
        ) from None
    if tree is None:
        raise ConfigError(Words(f"{path}：文件是空的", f"{path}: the file is empty"))
    root = _node(tree, path, "", DEEPEST)
    if root["schema"].text() != "1":
        raise root["schema"].wrong(Words("只认识 schema 1", "only schema 1 is known"))
    return root


_IN_CHINESE = {
    "found character that cannot start any token": "有不能这样用的字符（缩进只用空格，不用制表符）",
    "mapping values are not allowed in this context": "这里不能再有冒号（值里有冒号时，整个值加引号；看上一行的缩进）",
    "found unexpected end of stream": "引号没有结束",
    "did not find expected ',' or '}'": "花括号没有结束，或少了逗号",
    "did not find expected ',' or ']'": "方括号没有结束，或少了逗号",
    "did not find expected key": "缩进不齐",
}
"""What people most often get wrong, by how the parser says it."""

DEEPEST = 50
"""Lists and mappings within each other; one that refers to itself has no end."""


def _too_deep(file: Path, line: int = 1) -> ConfigError:
    return ConfigError(
        Words(
            f"{file}:{line}：列表与映射套得太深（或引用了自己）",
            f"{file}:{line}: lists and mappings within each other too deep, or within themselves",
        )
    )


def _node(tree: yaml.Node, file: Path, key: str, left: int) -> Node:
    line = tree.start_mark.line + 1
    if not left:
        raise _too_deep(file, line)
    if isinstance(tree, yaml.ScalarNode):
        empty = tree.tag == "tag:yaml.org,2002:null"
        return Node("" if empty else str(tree.value), file, line, key)
    if isinstance(tree, yaml.SequenceNode):
        children = (
            _node(child, file, f"{key}.{index}".lstrip("."), left - 1) for index, child in enumerate(tree.value)
        )
        return Node(tuple(children), file, line, key)
    entries: dict[str, Node] = {}
    for name, child in tree.value:
        if not isinstance(name, yaml.ScalarNode):
            where = f"{file}:{name.start_mark.line + 1}"
            raise ConfigError(Words(f"{where}：键应为单个值", f"{where}: a key is a single value"))
        path = f"{key}.{name.value}".lstrip(".")
        if name.value in entries:
            raise ConfigError(
                Words(
                    f"{file}:{name.start_mark.line + 1}：{path}：键重复",
                    f"{file}:{name.start_mark.line + 1}: {path}: the key stands twice",
                )
            )
        entries[name.value] = _node(child, file, path, left - 1)
    return Node(entries, file, line, key)


@dataclass(frozen=True)
class Config:
    """A configuration directory, with the directories it falls back to (nearest first)."""

    directories: tuple[Path, ...]

    def path(self, name: str) -> Path:
        """Where the file or folder is, in the nearest directory that has it.

        Raises ConfigError when no directory has it.
        """
        for directory in self.directories:
            if (directory / name).exists():
                return directory / name
        raise ConfigError(
            Words(f"{self.directories[0] / name}：没有这个文件", f"{self.directories[0] / name}: there is no such file")
        )

    def load(self, name: str) -> Node:
        """The file as nodes."""
        return load(self.path(name))

    def folder(self, name: str, suffix: str = ".yaml") -> dict[str, Path]:
        """The files of a folder by their stem; a nearer directory's file hides a farther one's."""
        found: dict[str, Path] = {}
        for directory in reversed(self.directories):
            found |= {path.stem: path for path in sorted((directory / name).glob(f"*{suffix}"))}
        return dict(sorted(found.items()))

    def layers(self, name: str, suffix: str = ".yaml") -> tuple[tuple[Path, ...], ...]:
        """All files of a folder in every directory, farthest directory first; a file of any name hides none."""
        return tuple(tuple(sorted((one / name).glob(f"*{suffix}"))) for one in reversed(self.directories))

    @cached_property
    def main(self) -> Node:
        """hedang.yaml."""
        return self.load("hedang.yaml")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over names and contents of all YAML files, for the run's row."""
        sums = hashlib.sha256()
        for directory in self.directories:
            for path in sorted(directory.rglob("*.yaml")):
                sums.update(str(path.relative_to(directory)).encode() + b"\0" + path.read_bytes() + b"\0")
        return sums.hexdigest()


def read(directory: Path) -> Config:
    """The configuration in a directory, following `extends` in its hedang.yaml.

    Raises ConfigError when the directory or its hedang.yaml is missing, or when `extends` goes in a circle.
    """
    if not directory.is_dir():
        raise ConfigError(
            Words(
                f"{directory}：没有这个目录；用 --config 指定",
                f"{directory}: there is no such directory; name one with --config",
            )
        )
    chain = [directory.resolve()]
    while True:
        base = load(chain[-1] / "hedang.yaml").get("extends")
        if base is None:
            return Config(tuple(chain))
        following = (chain[-1] / base.text()).resolve()
        if following in chain:
            raise base.wrong(Words("目录之间循环引用（extends）", "the directories extend each other in a circle"))
        if not following.is_dir():
            raise base.wrong(Words(f"没有目录 {base.text()}", f"there is no directory {base.text()}"))
        chain.append(following)
