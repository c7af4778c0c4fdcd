"""One source as a site describes it: config/sources/<name>.yaml.

Only columns that a profile names pass the door; purpose, legal basis and retention are stated for every source.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core import codes, tables
from core.errors import choices
from core.fields import Fields
from core.settings import Config, Node
from core.words import Words

STARS = ("one", "many")
"""What one mask character stands for in this source: exactly one character, or any number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of a source: where it comes from, and what each of its columns is called here."""

    name: str
    columns: Mapping[str, str]  # the source's header → column; several headers may name one column (spellings)
    kinds: Mapping[str, str]  # column → kind
    required: tuple[str, ...]  # columns without which nothing of the file is used, and no row
    pattern: str = ""  # files of a folder, relative to the connection's directory
    sheet: str = ""  # of a workbook; empty = the first
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # column → {source value: canonical}
    sentinels: frozenset[str] = frozenset()  # ISO dates that mean: none
    export: Node | None = field(default=None, hash=False)  # of a portal: bots.exports reads it


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A source's name, kind, tables and legal ground."""

    name: str
    kind: str  # one of core.tables.KINDS
    reader: str
    connection: str
    tables: tuple[Table, ...]
    as_of: str  # name: the date in the file's name; modified: the file's time
    masks: Mapping[str, str]  # column → one of STARS
    linking: str  # the file of config/linking/ by which records find their accounts; empty: by keys only
    batch_pages: int  # pages of a service that make one delivery
    purpose: str
    legal_basis: str
    retention_days: int
    portal: Node | None = field(default=None, hash=False)  # bots.sources.portal reads it


_KEYS = (
    "schema",
    "kind",
    "reader",
    "connection",
    "purpose",
    "legal_basis",
    "retention_days",
    "as_of",
    "batch_pages",
    "portal",
    "masks",
    "linking",
    "tables",
)


def profile(name: str, root: Node, fields: Fields, config: Config) -> Profile:
    """The profile in a file's root. Raises ConfigError with file, line, key and the choices."""
    root.only(*_KEYS)
    kind = root["kind"].choice(*tables.KINDS)
    found = tuple(_table(table, kind, node, fields, config) for table, node in root["tables"].items())
    columns = {column for table in found for column in table.kinds}
    masks = root["masks"].only(*columns).items() if root.has("masks") else ()
    return Profile(
        name=name,
        kind=kind,
        reader=root["reader"].text(),
        connection=root["connection"].text(),
        tables=found,
        as_of=root["as_of"].choice("name", "modified") if root.has("as_of") else "name",
        masks={column: node.choice(*STARS) for column, node in masks},
        linking=root["linking"].choice(*config.folder("linking")) if root.has("linking") else "",
        batch_pages=root["batch_pages"].integer(1) if root.has("batch_pages") else 100,
        purpose=root["purpose"].text(),
        legal_basis=root["legal_basis"].text(),
        retention_days=root["retention_days"].integer(1),
        portal=root.get("portal"),
    )


def _table(name: str, kind: str, node: Node, fields: Fields, config: Config) -> Table:
    node.only("pattern", "export", "sheet", "required", "columns", "codes", "codes_from", "sentinels")
    if name not in tables.tables(kind):
        raise node.wrong(
            Words(
                f"{kind} 类数据源没有这张表；可选：{choices(tables.tables(kind))}",
                f"a source of kind {kind} has no such table; there are: {', '.join(tables.tables(kind))}",
            )
        )
    kinds = tables.columns(kind, name, fields)
    columns = {header: entry.choice(*kinds) for header, entry in node["columns"].items()}
    known = set(columns.values())
    return Table(
        name=name,
        columns=MappingProxyType(columns),
        kinds=MappingProxyType({column: kinds[column] for column in columns.values()}),
        required=tuple(one.choice(*known) for one in node["required"].list()),
        pattern=node["pattern"].text() if node.has("pattern") else "",
        sheet=node["sheet"].text() if node.has("sheet") else "",
        codes=_codes(node, kind, known, fields, config),
        sentinels=frozenset(node["sentinels"].texts()) if node.has("sentinels") else frozenset(),
        export=node.get("export"),
    )


def _codes(node: Node, kind: str, columns: set[str], fields: Fields, config: Config) -> dict[str, Mapping[str, str]]:
    """Column → {source value: ours}: the values of the system that wrote the file, and what the profile itself says."""
    known = codes.tables(config) if node.has("codes") else {}
    system = codes.by_value(config, node["codes_from"]) if node.has("codes_from") else {}
    coded = {column: fields[column].codes or "" for column in columns & set(fields)}
    found: dict[str, Mapping[str, str]] = {column: system[table] for column, table in coded.items() if table in system}
    for column, entry in node["codes"].only(*columns).items() if node.has("codes") else ():
        there = tables.MEANINGS.get((kind, column)) or known.get(coded.get(column, ""), ())
        found[column] = {value: _meant(ours, there) for value, ours in entry.items()}
    return found


def _meant(node: Node, there: Collection[str]) -> str:
    """Our word, or several joined by blanks, for a value of the source; nothing is meant by an empty one."""
    given = node.text("")
    for one in given.split() if there else ():
        if one not in there:
            known = choices(there)
            raise node.wrong(Words(f"没有代码 '{one}'；可选：{known}", f"no code '{one}'; there are: {known}"))
    return given
