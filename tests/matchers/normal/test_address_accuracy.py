"""The parser is held to labelled addresses of all provinces, in 45 styles of writing, that were frozen before it was tuned."""

import csv
import io
from collections import Counter

from core.reference import Reference
from matchers.normal import addresses
from tests.data.addresses import evaluate, second, writer


def test_the_frozen_lines_are_the_ones_that_the_writer_writes() -> None:
    drawn = writer.lines(28, writer.Draw(20260316))
    lines = [(name, text, *(parts.get(part, "") for part in writer.PARTS)) for name, text, parts in drawn]
    frozen = list(csv.reader(io.StringIO(evaluate.FROZEN.read_text(encoding="utf-8"))))
    assert [tuple(row) for row in frozen[1:]] == lines


def test_98_of_100_lines_are_read_right_in_every_part_and_no_flat_is_read_wrong(reference: Reference) -> None:
    lines = evaluate.labelled(evaluate.FROZEN)
    judged = list(evaluate.judged(lines, reference))
    assert len(lines) >= 1000
    assert len({line["style"] for line in lines}) >= 25
    assert sum(not one.differs for one in judged) / len(judged) >= 0.98
    assert [one.text for one in judged if one.wrong] == []


def test_no_style_of_writing_is_left_behind(reference: Reference) -> None:
    right = Counter(
        one.style for one in evaluate.judged(evaluate.labelled(evaluate.FROZEN), reference) if not one.differs
    )
    assert all(right[style] >= 0.9 * 28 for style in writer.STYLES)


def test_new_names_are_read_as_well_as_the_frozen_ones(reference: Reference) -> None:
    judged = list(evaluate.judged(second.second(), reference))
    assert sum(not one.differs for one in judged) / len(judged) >= 0.98
    assert [one.text for one in judged if one.wrong] == []


def test_addresses_as_they_stand_on_letters_of_all_provinces(reference: Reference) -> None:
    judged = list(evaluate.judged(evaluate.labelled(evaluate.HERE / "real_places.csv"), reference))
    assert sum(not one.differs for one in judged) / len(judged) >= 0.98
    assert [one.text for one in judged if one.wrong] == []


def test_lines_written_by_hand_from_other_provinces_are_read_and_no_flat_is_read_wrong(reference: Reference) -> None:
    """Only the parts that a line's label names are judged; an empty one must be read as none."""
    lines = (evaluate.HERE / "other_provinces.txt").read_text(encoding="utf-8").splitlines()
    right, wrong = 0, list[str]()
    for text, label in (line.split("|") for line in lines):
        read = addresses.read(text, reference)
        differs = [name for name, value in _parts(label) if (getattr(read, name) or "") != value]
        right += not differs
        wrong += [text for name in differs if name in {"building", "unit", "room"} and getattr(read, name)]
    assert right / len(lines) >= 0.95
    assert wrong == []


def test_habits_of_writing_of_all_of_china_are_read_and_no_flat_is_read_wrong(reference: Reference) -> None:
    files = sorted([*evaluate.HERE.glob("hand_written*.txt"), *evaluate.HERE.glob("real_lines*.txt")])
    lines = [line for file in files for line in evaluate.by_hand(file)]
    judged = list(evaluate.judged(lines, reference))
    assert len(lines) >= 1594 + 70 + 234 + 202 + 83 + 189 + 193 + 44 + 85 + 105
    assert sum(not one.differs for one in judged) / len(judged) >= 0.98
    assert [one.text for one in judged if one.wrong] == []


def _parts(label: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (part.partition("=") for part in label.split())]
