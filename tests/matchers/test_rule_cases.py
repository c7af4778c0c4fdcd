"""Small archives and the exact set of rules that must fire on them, written down before the rules saw them: tests/data/rule_cases.jsonl."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.reference import Reference
from matchers import examples, rules
from matchers.examples import Samples
from matchers.rules import Rule

FILE = Path(__file__).parents[1] / "data" / "rule_cases.jsonl"
CASES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['why']} {'+'.join(case['fires']) or '-'}")
def test_the_rules_that_fire_are_those_that_a_person_names(
    case: Mapping[str, Any], configured: Sequence[Rule], samples: Samples, staged: Reference
) -> None:
    """The form is that of the rules' own examples (matchers/examples.py); `unevaluated` names rules of which nothing may be said."""
    found = rules.evaluate(examples.archive(case, samples), configured, staged)
    assert {code for code, count in found.counts().items() if count} == set(case["fires"])
    assert set(case.get("unevaluated", ())) <= found.not_evaluated.keys()
