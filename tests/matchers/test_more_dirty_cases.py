"""More cases of the classes of dirty data, written down before the parsers saw them: one a line in tests/data/dirty_more*.jsonl and compared*.jsonl."""

import json
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from core.reference import Reference
from matchers import reading
from matchers.columns import MISSING
from matchers.comparators import load
from matchers.reading import Setting

NAMES = (
    *("dirty_more.jsonl", "dirty_more_2.jsonl", "dirty_more_3.jsonl"),
    *("compared.jsonl", "compared_2.jsonl", "compared_3.jsonl"),
)
FILES = [Path(__file__).parents[1] / "data" / name for name in NAMES]
CASES = [json.loads(line) for file in FILES for line in file.read_text(encoding="utf-8").splitlines()]
PARSED = [case for case in CASES if "parse" in case]
COMPARED = [case for case in CASES if "compare" in case]


@pytest.mark.parametrize(
    "case", PARSED, ids=lambda case: f"{case['class']} {case['parse']} {case.get('before', case.get('hex'))!a}"
)
def test_a_value_is_read_as_a_person_reads_it(case: dict[str, Any], marked: Reference) -> None:
    """What a case does not name is open; of the reasons those that are named must be among the ones given, those `without` not."""
    setting = Setting(reference=marked, as_of=date(2026, 3, 16), city=case.get("city"))
    value = bytes.fromhex(case["hex"]) if "hex" in case else str(case["before"]).encode()
    row = reading.read(case["parse"], value, setting)
    expects = dict(case["expects"])
    reasons, given = set(expects.pop("reasons", [])), set(cast("list[str]", row["reasons"]))
    assert {key: row[key] for key in expects} == expects
    assert reasons <= given
    assert given.isdisjoint(case.get("without", []))


@pytest.mark.parametrize("case", COMPARED, ids=lambda case: f"{case['compare']} {case['one']!a} {case['other']!a}")
def test_two_values_compare_as_a_person_judges_them(case: dict[str, Any], marked: Reference) -> None:
    """An empty side is MISSING, which is no level of a comparator's own."""
    comparator, stars = load(case["compare"]), case.get("stars", "either")
    for one, other in ((case["one"], case["other"]), (case["other"], case["one"])):
        level = int(comparator.compare([one], [other], marked, stars)[0])
        assert ("MISSING" if level == MISSING else comparator.called(level)) == case["level"]
