"""What tests of several rooms share: a made-up night with its report, made once, and a copy of its ledger for each test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core.figures import Report
from core.ledger import Ledger, store
from tests.night import Night
from tests.night import night as fill

# the sentences that tests quote are English ones, whatever the machine's locale is; commands inherit it
os.environ["HEDANG_LANG"] = "en"

# how long an example takes says something of the machine, not of the promise; who goes on looking does it at his desk
settings.register_profile(
    "hedang", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("hedang")


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Night, Report]:
    directory = tmp_path_factory.mktemp("night")
    store.create(directory)
    ledger = store.open(directory)
    night = fill(ledger, accounts=150)
    drawn = night.gather(ledger)
    ledger.close()
    return directory, night, drawn


@pytest.fixture
def night(_made: tuple[Path, Night, Report]) -> Night:
    return _made[1]


@pytest.fixture
def drawn(_made: tuple[Path, Night, Report]) -> Report:
    """The night's report."""
    return _made[2]


@pytest.fixture
def dark(_made: tuple[Path, Night, Report], tmp_path: Path) -> Iterator[Ledger]:
    """The ledger of the night."""
    shutil.copytree(_made[0], tmp_path / "night")
    ledger = store.open(tmp_path / "night")
    yield ledger
    ledger.close()
