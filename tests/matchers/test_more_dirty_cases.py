"""More cases of the classes of dirty data, written down before the parsers saw them: one a line in tests/data/dirty_more*.jsonl and compared*.jsonl."""

import json
from datetime import date
from pathlib import Path

import pytest

from core.reference import Reference
from matchers import reading
from matchers.comparators import load
from matchers.reading import Setting

NAMES = ("dirty_more.jsonl", "dirty_more_2.jsonl", "compared.jsonl", "compared_2.jsonl")
FILES = [Path(__file__).parents[1] / "data" / name for name in NAMES]
CASES = [json.loads(line) for file in FILES for line in file.read_text(encoding="utf-8").splitlines()]
PARSED = [case for case in CASES if "parse" in case]
COMPARED = [case for case in CASES if "compare" in case]


@pytest.mark.parametrize("case", PARSED, ids=lambda case: f"{case['class']} {case['parse']} {case['before']!a}")
def test_a_value_is_read_as_a_person_reads_it(case: dict[str, object], marked: Reference) -> None:
    """What a case does not name is open; of the reasons those that are named must be among the ones given."""
    setting = Setting(reference=marked, as_of=date(2026, 3, 16))
    row = reading.read(str(case["parse"]), str(case["before"]).encode(), setting)
    expects = dict(case["expects"])  # type: ignore[call-overload]
    reasons = set(expects.pop("reasons", []))
    assert {key: row[key] for key in expects} == expects
    assert reasons <= set(row["reasons"])  # type: ignore[call-overload]


@pytest.mark.parametrize("case", COMPARED, ids=lambda case: f"{case['compare']} {case['one']!a} {case['other']!a}")
def test_two_values_compare_as_a_person_judges_them(case: dict[str, str], marked: Reference) -> None:
    comparator = load(case["compare"])
    for one, other in ((case["one"], case["other"]), (case["other"], case["one"])):
        assert comparator.called(int(comparator.compare([one], [other], marked)[0])) == case["level"]
