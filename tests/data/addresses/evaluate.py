"""How well labelled addresses are read, by style of writing: `python -m tests.data.addresses.evaluate [FILE.csv|FILE.txt]` prints it.

Counted per line: right (every part as labelled), wrong (a building, unit or room that the line does not say; leaving it out is no wrong).
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.reference import Reference
from matchers.normal import addresses

HERE = Path(__file__).parent
FROZEN = HERE / "frozen.csv"
FLAT = ("building", "unit", "room")
REGION = ("province", "city", "county")


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled line as it was read: part → (labelled, read), for the parts that differ."""

    style: str
    text: str
    differs: dict[str, tuple[str, str]]

    @property
    def wrong(self) -> bool:
        """A building, unit or room was read that the line does not say."""
        return any(part in self.differs and self.differs[part][1] for part in FLAT)


def labelled(path: Path) -> list[dict[str, str]]:
    """The lines of a labelled file."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def by_hand(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a file `text|part=value …` under `# style`: parts that a line does not name are empty, `?` and an unnamed region are open."""
    style = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            style = line.removeprefix("# ")
            continue
        text, _, label = line.partition("|")
        said = dict.fromkeys(addresses.PARTS, "") | dict.fromkeys(REGION, "?")
        said |= {name: value for name, _, value in (part.partition("=") for part in label.split())}
        yield {"style": style, "text": text} | {name: value for name, value in said.items() if value != "?"}


def judged(lines: Iterable[dict[str, str]], reference: Reference) -> Iterator[Judged]:
    """Every line beside what the parser reads, in the parts that its label tells."""
    for line in lines:
        row = addresses.read(line["text"], reference).as_row()
        pairs = {part: (line[part], str(row[part] or "")) for part in addresses.PARTS if part in line}
        yield Judged(line["style"], line["text"], {part: pair for part, pair in pairs.items() if pair[0] != pair[1]})


def main() -> None:
    """Print accuracy per style, then all lines that are not right."""
    path = Path(sys.argv[1]) if sys.argv[1:] else FROZEN
    lines_of = by_hand if path.suffix == ".txt" else labelled
    found = list(judged(lines_of(path), Reference.load(HERE.parents[2] / "config" / "reference")))
    lines: Counter[str] = Counter(one.style for one in found)
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for one in found:
        right[one.style] += not one.differs
        wrong[one.style] += one.wrong
    for style, count in lines.items():
        print(f"{style:28}{count:5}{right[style] / count:8.1%}{wrong[style]:5}")
    print(f"{'all':28}{len(found):5}{right.total() / len(found):8.1%}{wrong.total():5}")
    for one in found:
        if one.differs:
            print(one.style, one.text, *(f"{part}:{said}→{got}" for part, (said, got) in one.differs.items()))


if __name__ == "__main__":
    main()
