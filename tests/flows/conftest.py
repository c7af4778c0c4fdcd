"""A real ledger for every flow: a fresh SQLite file, copied from one that was made once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.ledger import Ledger, store


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("made")
    store.create(directory)
    return directory


@pytest.fixture
def ledger(template: Path, tmp_path: Path) -> Iterator[Ledger]:
    shutil.copytree(template, tmp_path / "site")
    ledger = store.open(tmp_path / "site")
    yield ledger
    ledger.close()
