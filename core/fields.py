"""Every field of the archive: what it is called, whose it is, how it is kept secret, who may say what it holds.

    fields = Fields.load(config)              # config/fields.yaml
    fields["mobile"].label.say("zh")          # 手机
    fields.of("contacts")                     # the fields of an entity, in the file's order
    fields.sealed                             # ids of fields that hold personal data

`ceiling` is the laxest class under which a field may be written (core.model.Class); whether an audited survey entry (S) is
enough for it is the policy's to say. `authority` names kinds of sources, best first; the policy says which source is which.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as factory
from functools import cached_property
from types import MappingProxyType

from core.errors import ConfigError, choices
from core.model import Class
from core.privacy import MASKS
from core.settings import Config, Node
from core.words import Words

ENTITIES = ("customer", "account", "contacts", "meter", "flat", "household")
KINDS = (
    "text",
    "name",
    "id",
    "phone",
    "address",
    "phase",
    "building",
    "unit",
    "room",
    "code",
    "date",
    "number",
    "flag",
)
GROUPS = ("core", "basic")
CEILINGS = ("A", "B", "C", "N")
AUTHORITIES = (
    "police",
    "carrier",
    "real_estate",
    "market_registry",
    "survey",
    "scan",  # a barcode read on site
    "quarter_ledger",
    "gazetteer",
    "statistics",
    "organisation",
    "civil_affairs",
    "payment",
    "pms",
    "collection",
    "marketing",
)
PERSONAL = ("name", "id", "phone")
"""Kinds that name a person: they need corroboration (class B) and are always sealed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the archive."""

    id: str
    label: Words
    entity: str  # one of ENTITIES
    kind: str  # one of KINDS
    group: str  # core | basic: which pass rate its findings count in
    codes: str | None  # the table in config/codes.yaml, for kind code
    authority: tuple[str, ...]  # of AUTHORITIES, best first
    sealed: bool
    mask: str  # one of core.privacy.MASKS
    screen: str | None  # the one screen that writes it
    ceiling: Class
    meanings: Mapping[str, Words] = factory(default_factory=dict)  # code → what it means, for kind code

    def worded(self, value: str) -> Words:
        """A value as people read it: a code with its meaning, any other value as it is."""
        known = self.meanings.get(value)
        return Words(f"{value} {known.zh}", f"{value} {known.en}") if known else Words(value, value)


class Fields(Mapping[str, Field]):
    """The fields by id, in the order of the file."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._fields = MappingProxyType(dict(fields))

    @classmethod
    def load(cls, config: Config) -> "Fields":
        """The fields of config/fields.yaml. Raises ConfigError with file, line, key and the choices."""
        root = config.load("fields.yaml").only("schema", "fields")
        fields = {id_: _field(id_, node) for id_, node in root["fields"].items()}
        tables = _meanings(config) if any(field.codes for field in fields.values()) else {}
        _tables_agree(config, root["fields"], fields, tables)
        return cls({id_: replace(f, meanings=tables.get(f.codes or "", {})) for id_, f in fields.items()})

    def __getitem__(self, id_: str) -> Field:
        return self._fields[id_]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def named(self, node: Node) -> Field:
        """The field that a configuration file names. Raises ConfigError with the choices."""
        if node.text() not in self._fields:
            raise node.wrong(
                Words(
                    f"没有字段 '{node.text()}'；现有：{choices(self._fields)}",
                    f"no field '{node.text()}'; there are: {choices(self._fields)}",
                )
            )
        return self._fields[node.text()]

    def of(self, entity: str) -> tuple[Field, ...]:
        """The fields of an entity. Raises ConfigError on an entity that is none."""
        if entity not in ENTITIES:
            raise ConfigError(
                Words(
                    f"没有对象 '{entity}'；可选：{choices(ENTITIES)}",
                    f"no entity '{entity}'; there are: {choices(ENTITIES)}",
                )
            )
        return tuple(field for field in self._fields.values() if field.entity == entity)

    def on(self, screen: str) -> tuple[Field, ...]:
        """The fields that a screen owns."""
        return tuple(field for field in self._fields.values() if field.screen == screen)

    @cached_property
    def sealed(self) -> frozenset[str]:
        """The ids of fields that hold personal data."""
        return frozenset(field.id for field in self._fields.values() if field.sealed)


_KEYS = ("label", "entity", "kind", "group", "codes", "authority", "sealed", "mask", "screen", "ceiling")


def _field(id_: str, node: Node) -> Field:
    node.only(*_KEYS)
    kind = node["kind"].choice(*KINDS)
    field = Field(
        id=id_,
        label=words(node["label"]),
        entity=node["entity"].choice(*ENTITIES),
        kind=kind,
        group=node["group"].choice(*GROUPS),
        codes=_codes(node, kind),
        authority=tuple(one.choice(*AUTHORITIES) for one in _listed(node, "authority")),
        sealed=node["sealed"].flag() if node.has("sealed") else kind in PERSONAL,
        mask=node["mask"].choice(*MASKS) if node.has("mask") else _MASK.get(kind, "none"),
        screen=node["screen"].text() if node.has("screen") else None,
        ceiling=Class(node["ceiling"].choice(*CEILINGS)),
    )
    if kind in PERSONAL and not field.sealed:
        raise node["sealed"].wrong(Words(f"{kind} 类字段总是加密", f"a field of kind {kind} is always sealed"))
    if kind in PERSONAL and field.mask == "none":
        raise node["mask"].wrong(Words(f"{kind} 类字段总是脱敏", f"a field of kind {kind} is always masked"))
    if field.ceiling is Class.N and field.screen:
        raise node["screen"].wrong(
            Words("从不写入的字段没有界面", "a field that is never written has no owning screen")
        )
    return field


_MASK = {"name": "name", "id": "id", "phone": "phone", "address": "address"}


def _codes(node: Node, kind: str) -> str | None:
    if kind == "code":
        return node["codes"].text()
    if node.has("codes"):
        raise node["codes"].wrong(
            Words(
                f"只有 code 类字段才有代码表，这一个是 {kind}",
                f"only a field of kind code has a code table, this one is {kind}",
            )
        )
    return None


def _tables_agree(config: Config, node: Node, fields: Mapping[str, Field], tables: Mapping[str, object]) -> None:
    """See that fields name tables that there are, and that codes.yaml names fields with these tables: else their codes are never held to any."""
    coded = {id_: field.codes for id_, field in fields.items() if field.codes}
    for id_ in coded:
        node[id_]["codes"].choice(*tables)
    for id_, entry in config.load("codes.yaml")["fields"].items() if coded else ():
        if id_ not in coded:
            there = choices(coded)
            raise entry.wrong(
                Words(f"没有 code 类字段 '{id_}'；现有：{there}", f"no field '{id_}' of kind code; there are: {there}")
            )
        entry.choice(coded[id_])


def _meanings(config: Config) -> dict[str, Mapping[str, Words]]:
    """Code table → code → what it means (codes.yaml)."""
    return {
        name: MappingProxyType({code: Words(entry["zh"].text(), entry["en"].text()) for code, entry in table.items()})
        for name, table in config.load("codes.yaml")["tables"].items()
    }


def _listed(node: Node, key: str) -> tuple[Node, ...]:
    return node[key].list() if node.has(key) else ()


def words(node: Node) -> Words:
    """A label `{zh: …, en: …}` of a configuration file."""
    node.only("zh", "en")
    return Words(zh=node["zh"].text(), en=node["en"].text())
