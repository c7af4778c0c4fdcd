"""Promises of what checks share: columns compared piece by piece, hits that go from one process to another."""

import pickle

import numpy as np
import pytest

from matchers import checks
from matchers.checks import Detail, Hits
from matchers.columns import Texts, encode
from matchers.comparators import Levels


def _same(left: Texts, right: Texts) -> Levels:
    assert None not in [*left, *right]
    return np.array([one == two for one, two in zip(left, right, strict=True)], dtype=np.int8)


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_columns_compared_piece_by_piece_are_compared_whole(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(checks, "_AT_ONCE", at_once)
    left, right = encode(["a", None, "b", "c", "d"]), encode(["a", "b", None, "x", "d"])
    assert checks.compared(left, right, _same).tolist() == [1, -1, -1, 0, 1]


def test_columns_without_a_pair_have_no_levels() -> None:
    assert checks.compared(encode([None, "a"]), encode(["b", None]), _same).tolist() == [-1, -1]


def test_hits_come_out_of_another_process_as_they_went_in() -> None:
    numbers = np.array([0, 1, 2], dtype=np.int32)
    why = {"why": "format"}
    details = (
        Detail(value="1", cls="A", repair="2", target="cert_no", params=why),
        Detail(params=why),
        Detail(value="3"),
    )
    sent = Hits("cons_no", numbers, numbers - 1, numbers, details)
    came = pickle.loads(pickle.dumps(sent))
    assert (came.field, came.details) == ("cons_no", details)
    for name in ("rows", "contacts", "codes"):
        assert getattr(came, name).tolist() == getattr(sent, name).tolist()
    assert came.details[0].params is came.details[1].params
