"""Compare phases and sections of quarters: 1期, 一期, Ⅰ期 and 1 are one phase, 一期 and 二期 are two, A区 and 一期 are not comparable."""

from core.words import Words
from matchers.doors import DISAGREE, EXACT_NORM, OTHERWISE, PARTLY, comparator
from matchers.normal import doors
from matchers.normal.doors import Door


def _level(one: Door, other: Door) -> int:
    """Phases differ only where both name the same kind of section in the same way: 一期 and A区, or 一期 and A期, may be one place."""
    a, b = doors.sections(one), doors.sections(other)
    a, b = _called(a, b), _called(b, a)
    if a == b:
        return EXACT_NORM
    if "" in a or "" in b:
        alone, named = (a, b) if "" in a else (b, a)
        return PARTLY if any(alone[""] & labels for labels in named.values()) else OTHERWISE
    told = [_differing(a[word], b[word]) for word in a.keys() & b.keys()]
    return DISAGREE if DISAGREE in told else PARTLY if told and OTHERWISE not in told else OTHERWISE


def _called(one: dict[str, frozenset[str]], other: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """A number alone is of the one kind that the other side names."""
    return dict.fromkeys(other, one[""]) if one.keys() == {""} and len(other) == 1 else one


def _differing(one: frozenset[str], other: frozenset[str]) -> int:
    if one & other:
        return PARTLY
    return DISAGREE if {_sort(label) for label in one} == {_sort(label) for label in other} else OTHERWISE


def _sort(label: str) -> str:
    """How a section is named: by number, letter, stem, side or age."""
    first = label[0]
    return next((sort for sort in ("0123456789", "甲乙丙丁戊", "新老", "东西南北中左右") if first in sort), "A")


COMPARATOR = comparator("phase", Words("期区", "phase"), "期、区", _level)
