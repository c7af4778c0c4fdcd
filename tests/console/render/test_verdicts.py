"""What a form offers is what its refusal names."""

from collections.abc import Mapping

import pytest

from console.render import quarters as ledger_form
from console.render import texts
from core.words import Words
from flows import quarters, review


@pytest.mark.parametrize(
    ("offered", "problems"), [(texts.VERDICTS, review.PROBLEMS), (ledger_form.VERDICTS, quarters.PROBLEMS)]
)
def test_an_unknown_decision_is_answered_with_every_decision_that_the_form_offers(
    offered: Mapping[str, Words], problems: Mapping[str, Words]
) -> None:
    refusal = problems["no_verdict"]
    assert refusal.zh.endswith("可选：" + "、".join(word.zh for word in offered.values()))
    assert refusal.en.endswith("there are: " + ", ".join(word.en for word in offered.values()))
