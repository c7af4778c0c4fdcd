"""A site's own file holds only what differs, and no file holds a secret."""

from pathlib import Path

import pytest

from core.errors import ConfigError, MissingPart
from core.settings import read
from core.site import Site, environment

CONFIG = Path(__file__).parents[2] / "config"


def _site(directory: Path, text: str) -> Site:
    (directory / "hedang.yaml").write_text(f"schema: 1\nextends: {CONFIG}\n{text}", encoding="utf-8")
    return Site.load(read(directory))


def test_what_a_site_does_not_say_comes_from_its_base(tmp_path: Path) -> None:
    site = _site(tmp_path, "cons_no_digits: [10, 13]\nconnections:\n  survey: {url: 'https://a', user: u, secret: S}\n")
    assert (site.digits, site.canary, site.connections["survey"].url) == ((10, 13), 3, "https://a")
    assert site.connections["drop"].directory == Path("data/drop")


def test_a_secret_comes_from_the_environment_and_is_never_printed(tmp_path: Path) -> None:
    site = _site(tmp_path, "connections:\n  survey: {url: 'https://a', user: u, secret: SURVEY}\n")
    connection = site.connect("survey", environment({"HEDANG_SECRET_SURVEY": "open sesame"}))
    assert connection.secret == "open sesame"
    assert "sesame" not in repr(connection)


def test_a_missing_secret_says_how_to_set_it(tmp_path: Path) -> None:
    site = _site(tmp_path, "connections:\n  survey: {url: 'https://a', user: u, secret: SURVEY}\n")
    with pytest.raises(MissingPart, match=r"secret SURVEY.*HEDANG_SECRET_SURVEY"):
        site.connect("survey", environment({}))


def test_a_connection_that_nobody_configured_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"connections.legacy: url and directory are empty"):
        _site(tmp_path, "").connect("legacy", environment({}))
    with pytest.raises(ConfigError, match="no connection 'gis'; there are: drop, legacy"):
        _site(tmp_path, "").connect("gis", environment({}))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("timezone: Asia/Tangshan", r"hedang.yaml:3: timezone: no time zone 'Asia/Tangshan'"),
        ("connections: {survey: {url: 'ftp://a'}}", "does not start with http"),
        ("connections: {survey: {url: 'https://a', secret: my-password}}", "never the secret itself"),
        ("connections: {drop: {url: 'https://a', directory: b}}", "a url or a directory, not both"),
        ("retry: {attempts: 3, backoff_seconds: []}", "at least one pause"),
        ("verify_after_write: false", "verify_after_write: unknown key"),
    ],
)
def test_a_wrong_setting_names_its_place(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        _site(tmp_path, text)


def test_pauses_grow_and_the_last_one_repeats(tmp_path: Path) -> None:
    retry = _site(tmp_path, "retry: {attempts: 5, backoff_seconds: [1, 5]}").retry
    assert [retry.pause(attempt) for attempt in (1, 2, 3, 4)] == [1, 5, 5, 5]
