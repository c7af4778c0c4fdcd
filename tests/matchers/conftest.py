"""What the tests of judgement share: the reference, loaded once, plain and with the practice world's marks."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from core.reference import Reference
from core.settings import load
from matchers import examples, rules
from matchers.examples import Samples
from matchers.rules import Rule

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="session")
def reference() -> Reference:
    return Reference.load(CONFIG / "reference")


@pytest.fixture(scope="session")
def marked() -> Reference:
    return Reference.load(CONFIG / "reference", marked=True)


@pytest.fixture(scope="session")
def staged(marked: Reference) -> Reference:
    """The reference as the rules' examples see it."""
    return examples.world(marked)


@pytest.fixture(scope="session")
def configured() -> Sequence[Rule]:
    return rules.build(load(path) for path in sorted((CONFIG / "rules").glob("*.yaml")))


@pytest.fixture(scope="session")
def samples() -> Samples:
    return Samples.read(load(CONFIG / "reference" / "example_accounts.yaml"))
