"""Whether last night is done: of a date of which only some steps were run it is not, whatever its run says."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from core.ledger import Ledger, queue, runs
from flows import doctor

DAY = date(2026, 1, 5)


@pytest.mark.parametrize(
    ("steps", "state", "ok", "says"),
    [
        ((*runs.STEPS, runs.REPORT), "done", True, "夜间批次已完成"),
        (runs.STEPS, "done", True, "夜间批次已完成"),
        (("pull", "check"), "done", False, "只执行了夜间批次的几个步骤；可补跑"),
        (runs.STEPS, "failed", False, "夜间批次失败 (undone report)；可补跑"),
        (runs.STEPS, "incomplete", False, "夜间批次缺数据源 (undone report)；可补跑"),
    ],
)
def test_a_night_is_done_that_has_done_all_its_steps(
    ledger: Ledger, steps: Sequence[str], state: str, ok: bool, says: str
) -> None:
    worker = queue.enlist(ledger, "night", "here", 1, 0.0)
    run = runs.begin(ledger, "nightly", DAY, worker, "", {}, lambda *_: True, steps=steps)
    for name in steps:
        with runs.step(ledger, run, name, {}):
            pass
    runs.end(ledger, run, state, {}, "" if state == "done" else "undone report")
    found = doctor.last_night(ledger, DAY + timedelta(1), expected=True)
    assert (found.ok, says in found.sentence.zh) == (ok, True)
