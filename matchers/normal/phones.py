"""Split a cell into telephone numbers and judge each one; nothing that stood in the cell is dropped."""

import re
from dataclasses import dataclass

from core.reference import Reference
from matchers.columns import Coded
from matchers.normal import text as texts

_MASKS = str.maketrans("＊×✱●•", "*****")
_CHUNK = re.compile(
    r"(?:\+?(?:00)?86[\s-]?)?\(?(?P<area>0\d{2,3})\)?[\s-]?(?P<local>[2-9]\d{6,7})(?!\d)"
    r"|(?:\+?(?:00)?86[\s-]?)?(?P<mobile>1[\s-]?(?:\d[\s-]?){9}\d)(?!\d)"
    r"|(?P<masked>[\d*]{3,13}\*+[\d*]{0,8})"
    r"|(?P<digits>\d[\d-]*\d|\d)"
)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_SEPARATORS = re.compile(r"[\s/、,，;；|:：()（）\\-]+")
_SERVICE = re.compile(r"95\d{3,6}|1[01]\d{1,3}|12\d{3}|1[02]0\d{2}|[48]00\d{7}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One telephone number."""

    # mobile: 11 digits; landline: area-number; otherwise the digits as they stood
    normal: str
    # mobile | landline | local (no area code) | service | masked | bad
    kind: str
    # why the number is not valid: placeholder, length, unallocated, area_code; empty when it is
    problem: str = ""
    # for a local number, the number with the area code of its account
    completed: str = ""

    @property
    def valid(self) -> bool:
        """A mobile or landline number that can exist."""
        return not self.problem and self.kind in {"mobile", "landline"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phones:
    """A cell with all its numbers and whatever else stood there."""

    original: str
    numbers: tuple[Number, ...]
    # what is no number: names, relations, remarks
    rest: str
    # several, width, separator, country_code, masked, and the problems of the numbers
    reasons: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """There is a number, and every number is valid."""
        return bool(self.numbers) and all(number.valid for number in self.numbers)

    def as_row(self) -> dict[str, object]:
        """For `run.py parse phone`."""
        return {
            "numbers": [number.completed or number.normal for number in self.numbers],
            "valid": self.valid or (bool(self.numbers) and all(n.valid or n.completed for n in self.numbers)),
            "rest": self.rest,
            "reasons": list(self.reasons),
        }


def read(text: str, reference: Reference, area_code: str | None = None) -> Phones:
    """The numbers of one cell; `area_code` (of the account's city) completes a landline that has none."""
    repaired = texts.repair(text)
    cell = repaired.normal.translate(_MASKS)
    found = list(_CHUNK.finditer(cell))
    numbers = tuple(_number(chunk, reference, area_code) for chunk in found)
    rest = _SEPARATORS.sub(" ", _CHUNK.sub(" ", cell)).strip(" +")
    reasons = [reason for reason in repaired.reasons if reason in {"width", "invisible"}]
    if len(numbers) > 1:
        reasons.append("several")
    if any(chunk["mobile"] and chunk[0] != number.normal for chunk, number in zip(found, numbers, strict=True)):
        reasons.append("country_code" if re.match(r"\+?(00)?86", found[0][0]) else "separator")
    if rest:
        reasons.append("rest")
    reasons += [n.problem or n.kind for n in numbers if n.problem or n.kind in {"masked", "local", "service"}]
    if not numbers:
        reasons.append("none")
    return Phones(original=text, numbers=numbers, rest=rest, reasons=tuple(dict.fromkeys(reasons)))


def column(cells: Coded, reference: Reference) -> Coded:
    """The first valid number of each cell, for keys; cells without one are missing."""
    return cells.map(lambda cell: next((n.normal for n in read(cell, reference).numbers if n.valid), None))


def dummy(digits: str) -> bool:
    """Whether digits were typed to fill the cell: 0, one digit over and over, 12345678901, or a block's number all of zeros."""
    tail = digits[3:] if len(digits) == 11 else digits[-7:]
    return (
        len(set(digits)) == 1
        or digits in {"12345678901", "12345678910", "01234567890"}
        or (len(digits) >= 7 and (len(set(tail)) == 1 or digits.startswith("1234567")))
    )


def _number(chunk: re.Match[str], reference: Reference, area_code: str | None) -> Number:
    if chunk["masked"]:
        return Number(normal=chunk["masked"], kind="masked", problem="masked")
    if chunk["area"]:
        return _landline(chunk["area"], chunk["local"], reference)
    digits = re.sub(r"\D", "", chunk["mobile"] or chunk["digits"])
    if dummy(digits):
        return Number(normal=digits, kind="bad", problem="placeholder")
    if _MOBILE.fullmatch(digits):
        return Number(
            normal=digits, kind="mobile", problem="unallocated" if digits[:3] in reference.unallocated else ""
        )
    if _SERVICE.fullmatch(digits):
        return Number(normal=digits, kind="service", problem="service")
    if re.fullmatch(r"[2-9]\d{6,7}", digits):
        return Number(
            normal=digits, kind="local", problem="no_area_code", completed=f"{area_code}-{digits}" if area_code else ""
        )
    return Number(normal=digits, kind="bad", problem="length")


def _landline(area: str, local: str, reference: Reference) -> Number:
    normal = f"{area}-{local}"
    if dummy(local):
        return Number(normal=normal, kind="bad", problem="placeholder")
    known = area in reference.area_codes
    return Number(normal=normal, kind="landline", problem="" if known else "area_code")
