"""A system's codes beside ours, as its screens show them: `codes` of config/systems/<name>.yaml.

    by_value(config, node)["cert_type"]["02"]         # 06: what an export of that system holds
    by_label(config, node)["cert_type"]["户口簿"]       # 06: what people who look at that system say

`node` is where a file names the system (`codes_from: legacy`).
"""

from collections.abc import Mapping

from core.settings import Config, Node


def tables(config: Config) -> dict[str, tuple[str, ...]]:
    """Our codes: table of config/codes.yaml → its codes."""
    return {name: tuple(table.mapping()) for name, table in config.load("codes.yaml")["tables"].items()}


Meanings = Mapping[str, Mapping[str, str]]
"""Code table → {the system's spelling: our code}."""


def by_value(config: Config, node: Node) -> Meanings:
    """The system's values. Raises ConfigError when there is no such system."""
    return _spelt(config, node, 0)


def by_label(config: Config, node: Node) -> Meanings:
    """The system's words. Raises ConfigError when there is no such system."""
    return _spelt(config, node, 1)


def _spelt(config: Config, node: Node, place: int) -> Meanings:
    tables = config.load(f"systems/{node.choice(*config.folder('systems'))}.yaml")["codes"]
    return {table: {pair.list()[place].text(): ours for ours, pair in known.items()} for table, known in tables.items()}
