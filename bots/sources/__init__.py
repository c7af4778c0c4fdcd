"""Bring in what other systems know: one file per kind of source, one YAML per source.

    sources = load(config, {"drop": Connection(directory=…), "survey": Connection(url=…, user=…, secret=…)})
    verifiers(config, {"verify": Connection(url=…, user=…, secret=…)})["carrier"].ask("status", {"mobile": …}, key, subject)

A source whose connection was not handed in is left out: who needs it by name gets the list of those that are there.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial

from bots.sources import verify
from bots.sources.folder import Folder
from bots.sources.portal import Phrase, Portal
from bots.sources.profile import Profile, profile
from bots.sources.survey_api import SurveyApi
from bots.sources.web import Sleep
from core.errors import ConfigError
from core.fields import Fields
from core.ports import Source, Verifier
from core.settings import Config, Node
from core.settings import load as read
from core.site import Connection, Site
from core.words import Words

Build = Callable[[Profile, Connection, Site, Sleep], Source]


def _folder(found: Profile, connection: Connection, site: Site, sleep: Sleep) -> Source:  # noqa: ARG001  (one shape for all)
    if connection.directory is None:
        raise ConfigError(
            Words(
                f"hedang.yaml：connections.{found.connection}：数据源 {found.name} 须写 directory",
                f"hedang.yaml: connections.{found.connection}: source {found.name} needs a directory",
            )
        )
    return Folder(found, connection.directory, site.timezone)


READERS: Mapping[str, Build] = {"folder": _folder, "portal": Portal, "survey_api": SurveyApi}
VERIFICATION = "verification"
"""The kind of those files in config/sources/ that describe a service that is asked and states nothing."""


def load(
    config: Config, connections: Mapping[str, Connection], sleep: Sleep = time.sleep, *, phrase: Phrase = lambda _: ""
) -> dict[str, Source]:
    """The sources of config/sources/ by name; `phrase` opens the certificates that portals ask for.

    Raises ConfigError with file, line, key and the choices, MissingPart where a passphrase is not set.
    """
    readers: Mapping[str, Build] = {**READERS, "portal": partial(Portal, phrase=phrase)}
    fields, site = Fields.load(config), Site.load(config)
    found: dict[str, Source] = {}
    for name, root in _files(config).items():
        if root["kind"].text() == VERIFICATION:
            continue
        build = readers[root["reader"].choice(*readers)]
        described = profile(name, root, fields, config)
        if (there := _connection(root, site, connections)) is not None:
            found[name] = build(described, there, site, sleep)
    return found


def masks(config: Config) -> dict[str, Mapping[str, str]]:
    """Source → column → what a star stands for in it: one character, or many. Raises ConfigError."""
    fields = Fields.load(config)
    described = {name: root for name, root in _files(config).items() if root["kind"].text() != VERIFICATION}
    return {name: profile(name, root, fields, config).masks for name, root in described.items()}


def linking(config: Config) -> dict[str, tuple[str, frozenset[str]]]:
    """Source → the file of config/linking/ by which its records find accounts where no key does, and its columns. Raises ConfigError."""
    fields = Fields.load(config)
    described = {name: root for name, root in _files(config).items() if root["kind"].text() != VERIFICATION}
    profiles = {name: profile(name, root, fields, config) for name, root in described.items()}
    return {
        name: (one.linking, frozenset(column for table in one.tables for column in table.kinds))
        for name, one in profiles.items()
        if one.linking
    }


def verifiers(config: Config, connections: Mapping[str, Connection], sleep: Sleep = time.sleep) -> dict[str, Verifier]:
    """The verification services of config/sources/ by name. Raises ConfigError with file, line, key and the choices."""
    site = Site.load(config)
    found: dict[str, Verifier] = {}
    for name, root in _files(config).items():
        if root["kind"].text() != VERIFICATION:
            continue
        root["reader"].choice("verify")
        described = verify.profile(name, root)
        if (there := _connection(root, site, connections)) is not None:
            found[name] = verify.Service(described, there, site, sleep)
    return found


def _connection(root: Node, site: Site, connections: Mapping[str, Connection]) -> Connection | None:
    """What was handed in for the source. Raises ConfigError for a name that the site has not got: it would never be pulled."""
    return connections.get(root["connection"].choice(*site.connections))


def _files(config: Config) -> dict[str, Node]:
    return {name: read(path) for name, path in config.folder("sources").items()}
