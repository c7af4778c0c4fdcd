"""Say in ten lines which columns of two files mean the same, how they are compared, and what may link to what.

schema: 1
id: {left: rec_id, right: cons_no}       # one name when both files use it
fields:
  given: given                           # a kind: the column has the name of the field
  family: {kind: family, left: surname, right: 姓}
  born: {kind: birth, left: dob, right: 出生日期}
  phone: phone
keys: [[family, born], [phone]]          # left out: proposed from the data
assign: one_to_one                       # one_to_many, many_to_one, many_to_many
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from core.errors import ConfigError, choices
from core.words import Words
from matchers.link import kinds

ASSIGNMENTS = ("one_to_one", "one_to_many", "many_to_one", "many_to_many")
"""How many records of the other file one record may mean: of the right file, of the left one."""


ROWS = "#"
"""In the place of an id column: the number of the row, from 1."""


class Node(Protocol):
    """A value of a configuration file that knows where it stands; `core.settings.Node` is one."""

    @property
    def raw(self) -> object:
        """Text, tuple of nodes, or mapping of nodes."""
        ...

    def only(self, *known: str) -> "Node":
        """Itself, unless it has another key."""
        ...

    def has(self, key: str) -> bool:
        """Whether the mapping has the key with a value."""
        ...

    def get(self, key: str) -> "Node | None":
        """The entry or None."""
        ...

    def __getitem__(self, key: str) -> "Node":
        """The entry; an error where it is missing."""
        ...

    def mapping(self) -> "Mapping[str, Node]":
        """The entries."""
        ...

    def list(self) -> "tuple[Node, ...]":
        """The elements."""
        ...

    def text(self) -> str:
        """The text."""
        ...

    def texts(self) -> tuple[str, ...]:
        """The texts of a list."""
        ...

    def number(self, low: float | None = None, high: float | None = None) -> float:
        """The number."""
        ...

    def integer(self, low: int | None = None, high: int | None = None) -> int:
        """The whole number."""
        ...

    def choice(self, *known: str) -> str:
        """The text, one of these."""
        ...

    def wrong(self, reason: Words | str) -> ConfigError:
        """An error that names file, line and key."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that both files say of a record."""

    name: str
    kind: str  # one of kinds.KINDS
    left: str  # its column there
    right: str


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """What two records must have in common: a field, or a part of it."""

    field: str
    part: str = ""  # one of kinds.PARTS of the field's kind; empty = the whole value

    def __str__(self) -> str:
        return f"{self.field}:{self.part}" if self.part else self.field


Key = tuple[Part, ...]
"""Records that agree in all of these are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What is linked, and how."""

    left_id: str
    right_id: str
    fields: tuple[Field, ...]
    keys: tuple[Key, ...] = ()  # none: proposed from the data
    assign: str = "one_to_one"
    assigned: bool = False  # whether the file says so
    tolerated: float | None = (
        None  # share of wrong matches that is acceptable; None: a match is what is likelier than not
    )
    possible: float = 0.05  # from this probability on, a pair goes to a person
    block: int = 250_000  # pairs of one key value above which it is dropped, and counted
    seed: int = 1

    def named(self, name: str) -> Field:
        """The field of that name."""
        return next(f for f in self.fields if f.name == name)


def read(root: Node) -> Spec:
    """The spec of a file. Raises ConfigError with file, line, key and the choices."""
    root.only("schema", "id", "fields", "keys", "assign", "tolerated_error", "possible", "max_block", "seed")
    left, right = _columns(root["id"], "")
    fields = tuple(_field(name, node) for name, node in root["fields"].mapping().items())
    if not fields:
        raise root["fields"].wrong(
            Words("没有写任何字段；至少要比较一列", "there is no field; at least one column has to be compared")
        )
    for n, one in enumerate(fields):
        for other in fields[:n]:
            if (one.left, one.right) == (other.left, other.right):
                raise root["fields"][one.name].wrong(
                    Words(
                        f"与字段 {other.name} 是同样的列（{one.left}、{one.right}）：同一件证据会算两遍；只留一个",
                        f"it has the columns of field {other.name} ({one.left}, {one.right}): one piece of evidence would count twice; keep one",
                    )
                )
    known = {f.name: f for f in fields}
    keys = root.get("keys")
    assign = root.get("assign")
    return Spec(
        left_id=left,
        right_id=right,
        fields=fields,
        keys=tuple(_key(node, known) for node in keys.list()) if keys else (),
        assign=assign.choice(*ASSIGNMENTS) if assign else "one_to_one",
        assigned=assign is not None,
        tolerated=node.number(1e-6, 0.5) if (node := root.get("tolerated_error")) else None,
        possible=node.number(0, 1) if (node := root.get("possible")) else 0.05,
        block=node.integer(1) if (node := root.get("max_block")) else 250_000,
        seed=node.integer(0) if (node := root.get("seed")) else 1,
    )


def _field(name: str, node: Node) -> Field:
    if isinstance(node.raw, str):
        return Field(name=name, kind=_kind(node), left=name, right=name)
    node.only("kind", "column", "left", "right")
    column = node["column"].text() if node.has("column") else name
    left, right = (node[side].text() if node.has(side) else column for side in ("left", "right"))
    return Field(name=name, kind=_kind(node["kind"]), left=left, right=right)


def _kind(node: Node) -> str:
    if (asked := node.text()) not in kinds.KINDS:
        there = choices(kinds.KINDS)
        raise node.wrong(
            Words(
                f"没有 kind '{asked}'；字段的值是一种 kind（列名即字段名），或 {{kind: …, column: {asked}}}；kind 有：{there}",
                f"no kind '{asked}'; a field is a kind (its column has its name) or {{kind: …, column: {asked}}}; kinds: {there}",
            )
        )
    return asked


def _columns(node: Node, default: str) -> tuple[str, str]:
    if isinstance(node.raw, str):
        return node.text(), node.text()
    node.only("left", "right")
    return node["left"].text(), node["right"].text() or default


def _key(node: Node, known: Mapping[str, Field]) -> Key:
    texts = node.text().replace("+", " ").split() if isinstance(node.raw, str) else node.texts()
    if not texts:
        raise node.wrong(
            Words("空的键：至少写一个字段", "an empty key: name one field at least; without `keys` they are proposed")
        )
    return tuple(sorted(_part(text, node, known) for text in texts))


def _part(text: str, node: Node, known: Mapping[str, Field]) -> Part:
    name, _, part = text.partition(":")
    if name not in known:
        raise node.wrong(
            Words(f"没有字段 '{name}'；可用：{choices(known)}", f"no field '{name}'; there are: {choices(known)}")
        )
    parts = kinds.KINDS[known[name].kind].parts
    if part and part not in parts:
        there = choices(parts) or "-"
        raise node.wrong(
            Words(f"{name} 没有部分 '{part}'；可用：{there}", f"{name} has no part '{part}'; there are: {there}")
        )
    return Part(name, part)
