"""What a survey asks, and what its answers mean for the archive.

    theme = Theme.load(config, fields, "residential")      # config/survey/residential.yaml
    theme.answer("1")                                      # wrong
    theme.value(theme.items["JZ024"], "短信")               # sms; with no exact mapping ?短信
    theme.lacks(item, photos, signature)                   # what evidence is missing

An item without a field is kept and counted, and never written. A code is understood in every spelling of config/codes.yaml
(code, label, synonyms), in the words of the system that surveyors look at (`codes_from`), and in what the theme's `codes` add.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.codes import by_label
from core.errors import choices
from core.fields import KINDS, Fields, words
from core.settings import Config, Node, load
from core.tables import UNMAPPED
from core.words import Words

ANSWERS = ("unchanged", "wrong", "cannot_verify", "not_applicable")
PHOTOS = ("ID_CARD", "METER", "DOOR", "BOX")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question of a survey."""

    code: str
    title: Words
    field: str | None  # where the answer belongs in the archive
    kind: str  # one of core.fields.KINDS
    answers: tuple[str, ...]  # of ANSWERS: what may be answered
    photos: frozenset[str]  # of PHOTOS: what an answer must carry to be written
    signature: bool
    codes: Mapping[str, str]  # the platform's text or code → canonical code


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One survey: its items, and how its platform codes the answers."""

    name: str
    title: Words
    answers: Mapping[str, str]  # the platform's answer → one of ANSWERS
    items: Mapping[str, Item]

    @classmethod
    def load(cls, config: Config, fields: Fields, name: str) -> "Theme":
        """The theme in config/survey/<name>.yaml. Raises ConfigError with file, line, key and the choices."""
        root = load(config.path(f"survey/{name}.yaml")).only(
            "schema", "title", "answers", "codes", "codes_from", "items"
        )
        tables = _tables(config, root)
        return cls(
            name=name,
            title=words(root["title"]),
            answers={key: node.choice(*ANSWERS) for key, node in root["answers"].items()},
            items={code: _item(code, node, fields, tables) for code, node in root["items"].items()},
        )

    def answer(self, given: str | None) -> str | None:
        """What the platform's answer means; None where it means nothing that is known."""
        return self.answers.get((given or "").strip())

    def value(self, item: Item, given: str | None) -> str | None:
        """The value in canonical spelling where the item is a code, else as it was typed; None where none was given."""
        if given is None or not given.strip():
            return None
        if item.kind != "code":
            return given
        return item.codes.get(given.strip(), UNMAPPED + given.strip())

    def lacks(self, item: Item, photos: Iterable[str], signature: bool) -> tuple[str, ...]:
        """The evidence that the item asks for and the answer does not carry, by name."""
        missing = sorted(item.photos - set(photos))
        return (*missing, "signature") if item.signature and not signature else tuple(missing)


def themes(config: Config, fields: Fields) -> dict[str, Theme]:
    """All themes of config/survey/, by name."""
    return {name: Theme.load(config, fields, name) for name in config.folder("survey")}


_KEYS = ("title", "field", "kind", "answers", "photos", "signature", "codes")


def _item(code: str, node: Node, fields: Fields, tables: Mapping[str, Mapping[str, str]]) -> Item:
    node.only(*_KEYS)
    field = fields.named(node["field"]) if node.has("field") else None
    kind = node["kind"].choice(*KINDS) if node.has("kind") or field is None else field.kind
    if field and field.kind != kind:
        raise node["kind"].wrong(
            Words(f"字段 {field.id} 的种类是 {field.kind}", f"the field {field.id} is of kind {field.kind}")
        )
    return Item(
        code=code,
        title=words(node["title"]),
        field=field.id if field else None,
        kind=kind,
        answers=tuple(one.choice(*ANSWERS) for one in node["answers"].list()) if node.has("answers") else ANSWERS,
        photos=frozenset(one.choice(*PHOTOS) for one in node["photos"].list()) if node.has("photos") else frozenset(),
        signature=node["signature"].flag() if node.has("signature") else False,
        codes=_codes(node, kind, field.codes if field else None, tables),
    )


def _codes(node: Node, kind: str, own: str | None, tables: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    if kind != "code":
        if node.has("codes"):
            raise node["codes"].wrong(
                Words(
                    f"只有 code 类项目才有 codes，这一个是 {kind}",
                    f"only an item of kind code has codes, this one is {kind}",
                )
            )
        return {}
    if node.has("codes"):
        return tables[node["codes"].choice(*tables)]
    if own is None:
        raise node.wrong(
            Words(
                f"没有字段的 code 类项目须写 `codes`；可选：{choices(tables)}",
                f"an item of kind code without a field needs `codes`; there are: {choices(tables)}",
            )
        )
    return tables[own]


def _tables(config: Config, root: Node) -> dict[str, Mapping[str, str]]:
    """Table → {spelling: code}, of config/codes.yaml, of the system and of the theme; every code is one of codes.yaml."""
    shared = config.load("codes.yaml")["tables"]
    found: dict[str, Mapping[str, str]] = {
        table: {spelling: code for code, entry in node.items() for spelling in _spellings(code, entry)}
        for table, node in shared.items()
    }
    for table, labels in by_label(config, root["codes_from"]).items() if root.has("codes_from") else ():
        found[table] = {**found.get(table, {}), **labels}
    for table, node in root["codes"].only(*shared.mapping()).items() if root.has("codes") else ():
        known = shared[table].mapping()
        found[table] = {**found.get(table, {}), **{key: value.choice(*known) for key, value in node.items()}}
    return found


def _spellings(code: str, entry: Node) -> tuple[str, ...]:
    return code, entry["zh"].text(), *(entry["synonyms"].texts() if entry.has("synonyms") else ())
