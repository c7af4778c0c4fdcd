"""What one site sets: where the other systems answer, how patient Hedang is, how much it may spend in a night.

    site = Site.load(config)                                   # config/hedang.yaml, one file per directory of `extends`
    survey = site.connect("survey", environment())             # Connection(url, directory, user, secret)

A key is taken from the nearest hedang.yaml that has it, so a site's own file holds only what differs. Secrets never stand in
a file: `secret: SURVEY` means the environment's HEDANG_SECRET_SURVEY; `connect` is handed
whoever looks them up.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import ConfigError, MissingPart, choices
from core.settings import Config, Node, load
from core.words import Language, Words

Secrets = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where another system answers, and as whom Hedang speaks to it."""

    url: str = ""
    directory: Path | None = None  # a drop folder instead of a URL
    user: str = ""  # a login, or an application id
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A connection as configured: with the secret's name instead of the secret."""

    url: str = ""
    directory: Path | None = None
    user: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often a failed call or item is tried, and how long Hedang waits before each further try."""

    attempts: int
    backoff: tuple[float, ...]  # seconds before the 2nd, 3rd … attempt; the last one repeats

    def pause(self, attempt: int) -> float:
        """Seconds to wait after the attempt with this number (the first is 1)."""
        return self.backoff[min(attempt, len(self.backoff)) - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The settings of a site."""

    timezone: ZoneInfo  # of the business calendar
    language: Language | None  # None: the reader's own
    practice: bool  # the marked identities of the practice world are accepted
    digits: tuple[int, ...]  # lengths of an account number
    connections: Mapping[str, Address]
    budget_cents: int  # for verification calls, per night
    page_size: int  # rows of one page of a source
    pages: int  # of one pull; more is a fault
    retry: Retry
    circuit: int  # application errors in a row that open the circuit
    canary: int  # items that must be verified before the rest of a night may start
    lease_seconds: float  # a worker that is silent longer has lost its item

    @classmethod
    def load(cls, config: Config) -> "Site":
        """The site's settings. Raises ConfigError with file, line, key and the choices."""
        layers = [load(path / "hedang.yaml").only(*_KEYS) for path in config.directories]
        language = _nearest(layers, "language").choice("zh", "en", "reader")
        paging = _nearest(layers, "paging").only("size", "pages")
        return cls(
            timezone=_timezone(_nearest(layers, "timezone")),
            language="zh" if language == "zh" else "en" if language == "en" else None,
            practice=_nearest(layers, "practice").flag(),
            digits=_digits(_nearest(layers, "cons_no_digits")),
            connections=_connections(layers),
            budget_cents=_nearest(layers, "verification").only("budget_cents")["budget_cents"].integer(0),
            page_size=paging["size"].integer(1, 1000),
            pages=paging["pages"].integer(1),
            retry=_retry(_nearest(layers, "retry")),
            circuit=_nearest(layers, "circuit").only("errors_in_a_row")["errors_in_a_row"].integer(1),
            canary=_nearest(layers, "canary").only("items")["items"].integer(1),
            lease_seconds=_nearest(layers, "worker").only("lease_seconds")["lease_seconds"].number(10),
        )

    def connect(self, name: str, secrets: Secrets) -> Connection:
        """The connection with its secret. Raises ConfigError where it is not configured, MissingPart where its secret is missing."""
        address = self.connections.get(name)
        if address is None:
            raise ConfigError(
                Words(
                    f"hedang.yaml：connections：没有连接 '{name}'；现有：{choices(self.connections)}",
                    f"hedang.yaml: connections: no connection '{name}'; there are: {choices(self.connections)}",
                )
            )
        if not address.url and address.directory is None:
            raise ConfigError(
                Words(
                    f"hedang.yaml：connections.{name}：url 与 directory 都是空的；须填一个，说明它在哪里",
                    f"hedang.yaml: connections.{name}: url and directory are empty; one of them says where it is",
                )
            )
        secret = secrets(address.secret) if address.secret else ""
        if secret is None:
            raise MissingPart(
                Words(
                    f"连接 {name}：没有设置口令 {address.secret}；请放进环境变量 HEDANG_SECRET_{address.secret}",
                    f"connection {name}: its secret {address.secret} is not set;"
                    f" put it into the environment as HEDANG_SECRET_{address.secret}",
                )
            )
        return Connection(url=address.url, directory=address.directory, user=address.user, secret=secret)


def environment(environ: Mapping[str, str] = os.environ) -> Secrets:
    """Looks secrets up in the environment."""
    return lambda name: environ.get(f"HEDANG_SECRET_{name}")


_KEYS = (
    "schema",
    "extends",
    "timezone",
    "language",
    "practice",
    "cons_no_digits",
    "connections",
    "verification",
    "paging",
    "retry",
    "circuit",
    "canary",
    "worker",
)


def _nearest(layers: list[Node], key: str) -> Node:
    return next((layer for layer in layers if layer.has(key)), layers[0])[key]


def _timezone(node: Node) -> ZoneInfo:
    try:
        return ZoneInfo(node.text())
    except (ZoneInfoNotFoundError, ValueError):
        raise node.wrong(
            Words(
                f"没有时区 '{node.text()}'，例如 Asia/Shanghai",
                f"no time zone '{node.text()}', for example Asia/Shanghai",
            )
        ) from None


def _digits(node: Node) -> tuple[int, ...]:
    if isinstance(node.raw, str):
        return (node.integer(1, 16),)
    return tuple(one.integer(1, 16) for one in node.list())


def _retry(node: Node) -> Retry:
    node.only("attempts", "backoff_seconds")
    backoff = tuple(one.number(0) for one in node["backoff_seconds"].list())
    if not backoff:
        raise node["backoff_seconds"].wrong(Words("至少要有一个停顿", "at least one pause is needed"))
    return Retry(attempts=node["attempts"].integer(1, 10), backoff=backoff)


def _connections(layers: list[Node]) -> dict[str, Address]:
    found: dict[str, Address] = {}
    for layer in reversed(layers):
        if layer.has("connections"):
            found |= {name: _address(node) for name, node in layer["connections"].items()}
    return found


def _address(node: Node) -> Address:
    node.only("url", "directory", "user", "secret")
    if node.has("url") and node.has("directory"):
        raise node["directory"].wrong(
            Words("一个连接写 url 或 directory，不能两个都写", "a connection has a url or a directory, not both")
        )
    url = node["url"].text("") if node.has("url") else ""
    if url and not url.startswith(("http://", "https://")):
        raise node["url"].wrong(
            Words(f"'{url}' 不以 http:// 或 https:// 开头", f"'{url}' does not start with http:// or https://")
        )
    return Address(
        url=url,
        directory=Path(node["directory"].text()).expanduser() if node.has("directory") else None,
        user=node["user"].text() if node.has("user") else "",
        secret=_secret(node["secret"]) if node.has("secret") else "",
    )


def _secret(node: Node) -> str:
    if not node.text().replace("_", "").isalnum() or node.text() != node.text().upper():
        raise node.wrong(
            Words(
                "此处应为口令的名称（大写字母、数字、_），从不写口令本身",
                "the name of a secret is expected (capitals, digits, _), never the secret itself",
            )
        )
    return node.text()
