"""Promises of the way's single steps, on a hand that only notes what it is asked: the key is filled in wherever it may stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from bots.driver import Driver, Target
from bots.walk import Step, Way, same, walk

END = Target(label="备注")
NONE = Target(text="没有 {key}")


@dataclass
class Hand:
    """Answers every wait with the mark of this index, and notes what it was asked."""

    answers: list[int] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)
    pressed: list[tuple[Target, tuple[Target, ...]]] = field(default_factory=list)
    marks: list[list[Target]] = field(default_factory=list)

    def visit(self, address: str) -> None:
        self.visited.append(address)

    def arrive(self, marks: Sequence[Target], *, within: bool = True) -> int:
        self.marks.append(list(marks))
        return self.answers.pop(0) if self.answers else 0

    def follow(self, target: Target, marks: Sequence[Target], *, entries: object = (), through: Sequence[Target] = ()) -> int:  # fmt: skip
        self.pressed.append((target, tuple(through)))
        return self.arrive(marks)


def _walk(hand: Hand, way: Way) -> bool:
    return walk(cast("Driver", cast("Any", hand)), way, "1 001", END, "http://host/app/")


def test_the_key_is_filled_into_every_part_of_a_step() -> None:
    hand = Hand()
    step = Step(
        do="press",
        target=Target(name="edit_{key}"),
        through=(Target(text="户 {key}"),),
        wait=Target(css="#r-x", text="第 {key} 条"),
    )
    assert _walk(hand, Way(steps=(Step(do="open", text="/p/{key}"), step), none=NONE))
    assert hand.visited == ["http://host/p/1%20001"]
    assert [(t.name, [o.text for o in through]) for t, through in hand.pressed] == [("edit_1 001", ["户 1 001"])]
    assert [[mark.text for mark in marks] for marks in hand.marks] == [
        ["", "户 1 001", "没有 1 001"],  # a menu that hides what is pressed is a sign that it can be pressed
        ["第 1 001 条", "没有 1 001"],
    ]


def test_the_key_is_filled_into_what_turns_a_lists_pages() -> None:
    """Words that stay as they stand in the map are found nowhere, and a list whose page nothing turns has one page."""
    turned: list[str] = []

    class Lists(Hand):
        def table(self, target: Target) -> Sequence[Sequence[str]]:
            return [("1 001",)]

        def turn(self, target: Target, mark: Target) -> bool:
            turned.append(target.css)
            return False

    row = Step(do="row", target=Target(columns=("编号",), text="改"), next=Target(css="[data-of='{key}'] .on"), pages=9)
    assert _walk(Lists(), Way(steps=(Step(do="open", text="/list"), row)))
    assert turned == ["[data-of='1 001'] .on"]


def test_where_records_are_made_only_a_page_at_rest_says_that_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("bots.walk.time.sleep", waited.append)
    hand = Hand(answers=[0, 0])
    assert not _walk(hand, Way(steps=(Step(do="open", text="/p/{key}"),), none=NONE, strict=True))
    assert [[mark.settled for mark in marks] for marks in hand.marks] == [[True, False]] * 2  # looked at twice
    assert waited == [1.0]
    late = Hand(answers=[0, 1])
    assert _walk(late, Way(steps=(Step(do="open", text="/p/{key}"),), none=NONE, strict=True))


@pytest.mark.parametrize(
    ("one", "other", "asked", "told"),
    [
        ("http://a/p/1/", "http://a/p/1", False, True),
        ("http://a/p/1", "http://b/p/1", False, False),
        ("http://a/p?q=%E7%8E%8B", "http://a/p?q=王", False, True),
        ("http://a/p#/x/1", "http://a/p#/x/2", False, False),
        ("http://a/p#tab", "http://a/p", False, True),
        ("http://a/p#/x/1", "http://a/p", False, False),
        ("http://a/p#/x/1", "http://a/p", True, True),
    ],
)
def test_addresses_of_one_page_are_the_same_and_others_are_not(one: str, other: str, asked: bool, told: bool) -> None:
    assert same(one, other, asked=asked) is told
