"""Read identity numbers: which kind, whether they can be right, and the one spelling that keys use."""

import re
from dataclasses import dataclass
from datetime import date

from core.reference import Reference
from matchers.columns import Coded
from matchers.normal import text as texts

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

_RESIDENT = re.compile(r"\d{17}[\dX]")
_OLD = re.compile(r"\d{15}")
_EXCEL = re.compile(r"\d(\.\d+)?E\+?1[4678]")
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_USCC_SHAPE = re.compile(r"[159ANY][1239]\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
_OLD_PERMANENT = re.compile(r"[A-Z]{3}\d{12}")
_PASSPORT = re.compile(r"(E[A-HJ-NP-Z]?\d{7,8}|[DGPS]\d{7,8}|1[45]\d{7})")
_HOME_RETURN = re.compile(r"[HM]\d{8}(\d{2})?")
_TAIWAN = re.compile(r"\d{8}")
_OFFICER = re.compile(r".?字第?\d{4,8}号?")
_PERMIT_REGIONS = {"81": "hong_kong", "82": "macau", "83": "taiwan"}
_MASKS = str.maketrans("＊×✱●•", "*****")
_DASHES = re.compile(r"[\s\-–—‐]+")

CERT_TYPE_OF = {"uscc": "07", "permit": "02", "permanent": "03"}
"""The canonical certificate type of the kinds that shape and check character prove."""

FACTS = ("birth_date", "division", "division_abolished", "check_digit", "inner_code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ident:
    """One identity number with everything its characters say."""

    original: str
    # resident | resident15 | permit | permanent | uscc | passport | home_return | taiwan_pass | officer |
    # masked | excel | placeholder | unknown
    kind: str
    # the spelling for keys: width, case, blanks and apostrophe gone; a 15-digit number as its 18-digit form
    normal: str
    # nothing speaks against the number
    valid: bool
    # what was cleaned (width, blank, apostrophe, case, separator) and what is wrong (shape, check_digit, birth_date, division,
    # division_abolished, inner_code, fifteen, excel, placeholder, masked)
    reasons: tuple[str, ...]
    division: str = ""
    birth: date | None = None
    male: bool | None = None
    # the characters that are usable for comparison where the number is damaged
    usable: str = ""

    @property
    def cleaned(self) -> str:
        """The number as written, only in its right width and case: what a repair may write."""
        return self.usable or self.normal

    def wrong(self, reason: str) -> bool:
        """Whether this speaks against the number."""
        return reason in self.reasons

    def as_row(self) -> dict[str, object]:
        """For `run.py parse id`."""
        return {"valid": self.valid, "kind": self.kind, "normal": self.normal, "reasons": list(self.reasons)}


def check_digit(body: str) -> str:
    """The 18th character of a resident ID, from its first 17 digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return _CHECK[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


def lengthen(old: str) -> str:
    """The 18-character form of a 15-digit number: 19 after the sixth digit, then the check character."""
    body = f"{old[:6]}19{old[6:]}"
    return body + check_digit(body)


def uscc_check(body: str) -> str:
    """The 18th character of a unified social credit code, from its first 17 (GB 32100-2015)."""
    total = sum(_USCC_ALPHABET.index(c) * w for c, w in zip(body, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_check(body: str) -> str:
    """The ninth character of an organisation code, from its first eight (GB 11714-1997)."""
    value = 11 - sum(int(c, 36) * w for c, w in zip(body, _ORG_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(value, str(value))


def read(text: str, reference: Reference, as_of: date) -> Ident:
    """What an identity number says; `as_of` is the day against which a date of birth is in the future."""
    number, cleaned = _clean(text)
    if "*" in number:
        return Ident(
            original=text, kind="masked", normal=number, valid=False, reasons=(*cleaned, "masked"), usable=number
        )
    if _EXCEL.fullmatch(number):
        return Ident(original=text, kind="excel", normal=number, valid=False, reasons=(*cleaned, "excel"))
    if _placeholder(number):
        return Ident(original=text, kind="placeholder", normal=number, valid=False, reasons=(*cleaned, "placeholder"))
    if _RESIDENT.fullmatch(number):
        return _resident(text, number, cleaned, reference, as_of)
    if _OLD.fullmatch(number):
        return _fifteen(text, number, cleaned, reference, as_of)
    if _USCC.fullmatch(number) and _USCC_SHAPE.fullmatch(number):
        return _uscc(text, number, cleaned)
    return _other(text, number, cleaned)


def column(numbers: Coded, reference: Reference, as_of: date) -> Coded:
    """The key spellings of a column."""
    return numbers.map(lambda text: read(text, reference, as_of).normal)


def _clean(text: str) -> tuple[str, tuple[str, ...]]:
    reasons = []
    repaired = texts.repair(text)
    if "width" in repaired.reasons:
        reasons.append("width")
    number = repaired.normal
    if number.lstrip("'‘’`′\"") != number or number.rstrip("'’\"") != number:
        reasons.append("apostrophe")
        number = number.strip("'‘’`′\"")
    bare = _DASHES.sub("", number)
    if bare != number or "blank" in repaired.reasons or "invisible" in repaired.reasons:
        reasons.append("separator" if _DASHES.sub("", number) != number.replace(" ", "") else "blank")
    upper = bare.upper().translate(_MASKS)
    if upper != bare:
        reasons.append("case")
    return upper, tuple(reasons)


def _placeholder(number: str) -> bool:
    if not number.isascii() or not number.isdigit() or len(number) < 6:
        return number in {"", "无", "不详", "0", "-", "/"}
    return len(set(number)) == 1 or number.startswith(("123456789", "987654321")) or set(number[6:]) == {"0"}


def _resident(text: str, number: str, cleaned: tuple[str, ...], reference: Reference, as_of: date) -> Ident:
    wrong_check = check_digit(number[:17]) != number[17]
    if wrong_check and number.endswith("000"):
        return Ident(
            original=text, kind="excel", normal=number, valid=False, reasons=(*cleaned, "excel"), usable=number[:15],
            division=number[:6],
        )  # fmt: skip
    if wrong_check and _digits_only_uscc(number, as_of):
        return _uscc(text, number, cleaned)
    kind = "permit" if number[:2] in _PERMIT_REGIONS else "permanent" if number[0] == "9" else "resident"
    birth = _day(number[6:14], as_of)
    facts = ["check_digit"] if wrong_check else []
    facts += [] if birth else ["birth_date"]
    facts += _division_facts(kind, number[:6], birth, reference)
    return Ident(
        original=text, kind=kind, normal=number, valid=not [f for f in facts if f != "division_abolished"],
        reasons=(*cleaned, *facts), division=number[:6], birth=birth, male=int(number[16]) % 2 == 1,
    )  # fmt: skip


def _digits_only_uscc(number: str, as_of: date) -> bool:
    """Whether digits that fail as a resident ID are a credit code: a business's (9…), both checks right, no date of birth inside.

    Anything less would turn one mistyped digit of a person's ID into an organisation.
    """
    shaped = number[0] == "9" and bool(_USCC_SHAPE.fullmatch(number)) and _day(number[6:14], as_of) is None
    return shaped and uscc_check(number[:17]) == number[17] and organisation_check(number[8:16]) == number[16]


def _fifteen(text: str, number: str, cleaned: tuple[str, ...], reference: Reference, as_of: date) -> Ident:
    birth = _day("19" + number[6:12], as_of)
    facts = ["fifteen"] + ([] if birth else ["birth_date"]) + _division_facts("resident", number[:6], birth, reference)
    return Ident(
        original=text, kind="resident15", normal=lengthen(number), valid=facts == ["fifteen"], reasons=(*cleaned, *facts),
        division=number[:6], birth=birth, male=int(number[14]) % 2 == 1, usable=number,
    )  # fmt: skip


def _division_facts(kind: str, code: str, birth: date | None, reference: Reference) -> list[str]:
    if kind == "permit":
        return [] if code in {"810000", "820000", "830000"} else ["division"]
    if kind == "permanent":
        return []
    if not reference.division_ever(code):
        return ["division"]
    return ["division_abolished"] if birth and birth.year > reference.division_last(code) else []


def _day(digits: str, as_of: date) -> date | None:
    """The date of birth, where it is a real day, not in the future and not more than 120 years ago."""
    try:
        found = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return found if found <= as_of and as_of.year - found.year <= 120 else None


def _uscc(text: str, number: str, cleaned: tuple[str, ...]) -> Ident:
    facts = [] if uscc_check(number[:17]) == number[17] else ["check_digit"]
    facts += [] if organisation_check(number[8:16]) == number[16] else ["inner_code"]
    return Ident(
        original=text, kind="uscc", normal=number, valid=not facts, reasons=(*cleaned, *facts), division=number[2:8]
    )


def _other(text: str, number: str, cleaned: tuple[str, ...]) -> Ident:
    shapes = (
        ("permanent", _OLD_PERMANENT),
        ("passport", _PASSPORT),
        ("home_return", _HOME_RETURN),
        ("taiwan_pass", _TAIWAN),
    )
    kind = next((name for name, shape in shapes if shape.fullmatch(number)), "unknown")
    if kind == "unknown" and _OFFICER.search(number):
        kind = "officer"
    facts = () if kind != "unknown" else ("shape",)
    return Ident(original=text, kind=kind, normal=number, valid=not facts, reasons=(*cleaned, *facts))
