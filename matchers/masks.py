"""Find what is masked, say whether a masked value and another one can be the same, and how often two strangers' values would be.

What a star stands for is a property of the source: `one` star for one character, or a run of stars for `many`, one at least; where
the source's style is not known, `either`.
"""

import re
from typing import Literal, get_args

from core.reference import Reference

Stars = Literal["one", "many", "either"]
STYLES: tuple[Stars, ...] = get_args(Stars)

GIVEN = 0.02
"""No character is in more than about one given name of fifty; there is no openly licensed table of them to carry over."""

RARE = 0.0005
"""The share of a surname that is in no table."""

STARS, BOXES = "＊×✱✳﹡●○◦", "□■▇█"
"""Characters that stand for a hidden one, as * does; a box may also be what could not be printed."""

HIDDEN = re.compile(f"[*{STARS}{BOXES}]")
"""The characters by which sources and screens write that one is hidden."""

_IN_NAMES = re.compile(rf"[{STARS}〇]+|(?<=[\u4e00-\u9fff])[Xx]{{1,3}}(?=[\u4e00-\u9fff]|$)|(?<=[\u4e00-\u9fff])某")
IN_NUMBERS = re.compile(rf"[{STARS}{BOXES}•…]|[Xx]{{3,}}|#{{3,}}|_{{3,}}|\?{{3,}}|~{{3,}}|\.{{3,}}")
"""What hides characters of a number or code (RE2 as well): letters and signs that numbers also hold do from three on (xxx, ###)."""
_RUN = re.compile(r"\*+")


def stars(style: str) -> Stars:
    """The style of that name; `either` for a source that declares none."""
    return "one" if style == "one" else "many" if style == "many" else "either"


def in_name(name: str) -> str:
    """The name with a star for each hidden character, however a source hides it (张×明, 张某某, 张XX; 〇 is no numeral in a name)."""
    return _IN_NAMES.sub(_stars, name)


def in_number(number: str) -> str:
    """The number or code with a star for each hidden character."""
    return IN_NUMBERS.sub(_stars, number)


def _stars(found: re.Match[str]) -> str:
    return "*" * len(found[0])


def fits(one: str, other: str, style: Stars = "either") -> bool | None:
    """Whether both can be the same text; None where a mask shows nothing, or only what the other hides."""
    if not (one.strip("*") and other.strip("*")):
        return None
    exact = style == "one" or (style == "either" and len(one) == len(other))
    mask, whole = (one, other) if "*" in one else (other, one)
    head, star, tail = mask.partition("*")
    tail = tail.lstrip("*")
    if star and "*" not in tail and "*" not in whole:  # nearly all masks: one run of stars against no star
        room = len(mask) == len(whole) if exact else len(whole) > len(head) + len(tail)
        return room and whole.startswith(head) and whole.endswith(tail)
    return _place_by_place(one, other) if exact else _by_runs(one, other)


def _place_by_place(one: str, other: str) -> bool | None:
    if len(one) != len(other):
        return False
    known = [(a, b) for a, b in zip(one, other, strict=True) if "*" not in (a, b)]
    return all(a == b for a, b in known) if known else None


def _by_runs(one: str, other: str) -> bool:
    if "*" in one and "*" in other:
        return _ends(one, other)
    mask, whole = (one, other) if "*" in one else (other, one)
    return bool(re.fullmatch(".+".join(map(re.escape, _RUN.split(mask))), whole, re.DOTALL))


def _ends(one: str, other: str) -> bool:
    """What both masks show at their ends must agree; the middle says nothing."""
    heads = [mask[: mask.index("*")] for mask in (one, other)]
    tails = [mask[mask.rindex("*") + 1 :] for mask in (one, other)]
    short_head, short_tail = min(heads, key=len), min(tails, key=len)
    return all(head.startswith(short_head) for head in heads) and all(tail.endswith(short_tail) for tail in tails)


def known(one: str, other: str) -> int:
    """How many characters the less telling side shows."""
    return min(len(one.replace("*", "")), len(other.replace("*", "")))


def name_chance(mask: str, reference: Reference) -> float:
    """The share of people whose name would fit a masked name by chance: its surname's share times that of each character shown."""
    shown = mask.replace("*", "")
    if not shown or mask.startswith("*"):
        return float(GIVEN ** len(shown))
    surname = mask[:2] if mask[:2] in reference.surnames else mask[0]
    return float(reference.surnames.get(surname, RARE) * GIVEN ** (len(shown) - len(surname)))


def magnitude(chance: float) -> str:
    """A chance by its order of magnitude only (1/10, 1/100 …): the exact share of a surname would name it."""
    power = max(0, len(str(round(1 / max(chance, 1e-12)))) - 1)
    return "1" if power == 0 else f"1/{10**power:,}"
