"""Read identity numbers: which kind, whether they can be right, and the one spelling that keys use."""

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from core.reference import Reference
from matchers import masks
from matchers.columns import Coded
from matchers.normal import text as texts

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

_RESIDENT = re.compile(r"\d{17}[\dX]", re.ASCII)
_OLD = re.compile(r"\d{15}", re.ASCII)
_EXCEL = re.compile(r"\d(\.\d+)?E\+?0?1[4-9]|\d{17,18}\.0+|#{3,}", re.ASCII)
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_USCC_SHAPE = re.compile(r"[1-9ANY][1-69]\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
_OLD_PERMANENT = re.compile(r"[A-Z]{3}\d{12}", re.ASCII)
_PASSPORT = re.compile(r"(E[A-HJ-NP-Z]?\d{7,8}|[DGPS]\d{7,8}|1[45]\d{7})", re.ASCII)
_HOME_RETURN = re.compile(r"[HM]\d{8}(\d{2})?", re.ASCII)
_TAIWAN = re.compile(r"\d{8}", re.ASCII)
_OFFICER = re.compile(r".?字第?\d{4,8}号?")
_PERMIT_REGIONS = {"81": "hong_kong", "82": "macau", "83": "taiwan"}
_MASKED = re.compile(rf"[*{masks.STARS}{masks.BOXES}•#?~…]|([X_])(?=\1)|(?<=X)X|(?<=_)_|\.(?=\.)|(?<=\.)\.")
_DASHES = re.compile(r"[\s\-–—‐_.·]+")
_QUOTES = "'‘’`′´\"“”=;,，；/、|"
_LABEL = re.compile(
    r"[(\[【<]?(?:居民)?(?:身份证|证件|公民身份|统一社会信用代码|信用代码|护照|军官证|士官证|回乡证|(?:港澳|台湾)?(?:居民来往内地)?通行证|台胞证|营业执照|ID)(?:证?号码?|NO)?[)\]】>]?[:：.]*|NO[:：.]+"
)
_NUMBER = re.compile(r"(?<![0-9A-Z*])(?:\d{17}[\dX]|\d{15})(?![0-9A-Z*])", re.ASCII)
_CODE = re.compile(
    r"(?<![0-9A-Z*])(?=\d*[A-Z])[1-9ANY][1-69]\d{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Z*])(?<!\d{17}X)", re.ASCII
)
"""A credit code with a letter inside: one of digits alone cannot be told from a resident ID here."""
_DECIMAL = re.compile(r"(?<=^\d{15})\.0+$", re.ASCII)
_LAST_X = re.compile(r"(?<=^\d{17})[ΧХ×╳✕✖]$", re.ASCII)
_LOOKALIKE = str.maketrans("OQDIL|ZSB", "000111258")
_NOT_IN_CODES = str.maketrans("OISZ", "0152")
_IN_BRACKETS = re.compile(r"[(\[【〔<]([^()\[\]【】〔〕<>]+)[)\]】〕>]")
_FEW = 4
_WORDS = frozenset(["无证", "无证件", "没有证件", "身份证", "无身份证", "丢失", "本人"])

_OLDEST = 120
"""Years; nobody is older. (A glance counts calendar years only: who is 120 and not yet 121 is looked at again.)"""

CERT_TYPE_OF = {"uscc": "07", "permit": "02", "permanent": "03"}
"""The canonical certificate type of the kinds that shape and check character prove."""

FACTS = ("birth_date", "division", "division_abolished", "check_digit", "inner_code")
"""What the characters of a number may contradict."""

KINDS = (
    "resident", "resident15", "permit", "permanent", "uscc", "passport", "home_return", "taiwan_pass", "officer", "masked", "excel", "placeholder",
    "unknown",
)  # fmt: skip
"""What a number may be."""

REASONS = (
    "width", "blank", "apostrophe", "case", "separator", "label", "shape", "lookalike", "several", "extra", "fifteen", "excel", "placeholder",
    "masked", *FACTS,
)  # fmt: skip
"""What may be said of one: what was cleaned, then what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ident:
    """One identity number with everything its characters say."""

    original: str
    # of KINDS
    kind: str
    # the spelling for keys: width, case, blanks and apostrophe gone; a 15-digit number as its 18-digit form
    normal: str
    # nothing speaks against the number
    valid: bool
    # of REASONS
    reasons: tuple[str, ...]

    @property
    def person(self) -> bool:
        """A number that is made of a division, a date of birth, a sequence and a check character."""
        return self.kind in {"resident", "resident15", "permit", "permanent"}

    @property
    def division(self) -> str:
        """The six digits that name a county; '' where the number has none."""
        return self.normal[2:8] if self.kind == "uscc" else self.normal[:6] if self.person or self.usable else ""

    @property
    def birth(self) -> date | None:
        """The date of birth of a person's number, where it is a day that can be."""
        found = _born(self.normal[6:14]) if self.person and not self.wrong("birth_date") else None
        return found[1] if found else None

    @property
    def male(self) -> bool | None:
        """The sex of a person's number."""
        return self.normal[16] in "13579" if self.person else None

    @property
    def usable(self) -> str:
        """The characters of a masked, damaged or 15-digit number that can be compared."""
        if self.kind == "resident15":
            return self.normal[:6] + self.normal[8:17]
        digits = self.normal.partition("E")[0].replace(".", "")
        kept = digits[:15] if self.kind == "excel" and digits[:15].isdigit() and len(digits) >= 15 else ""
        return self.normal if self.kind == "masked" else kept

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
    return _clean_resident(text, reference, as_of) or _judge(text, *_clean(text), reference, as_of)


def _judge(text: str, number: str, cleaned: tuple[str, ...], reference: Reference, as_of: date) -> Ident:
    number = text if number == text else number  # a number that needs no cleaning is kept once
    if _EXCEL.fullmatch(number):
        return Ident(original=text, kind="excel", normal=number, valid=False, reasons=(*cleaned, "excel"))
    if "*" in number:
        return Ident(original=text, kind="masked", normal=number, valid=False, reasons=(*cleaned, "masked"))
    if _placeholder(number):
        return Ident(original=text, kind="placeholder", normal=number, valid=False, reasons=(*cleaned, "placeholder"))
    if _RESIDENT.fullmatch(number):
        return _resident(text, number, cleaned, reference, as_of)
    if _OLD.fullmatch(number):
        return _fifteen(text, number, cleaned, reference, as_of)
    if _USCC.fullmatch(number) and _USCC_SHAPE.fullmatch(number):
        code = _uscc(text, number, cleaned)
        return code if code.valid or not _disguised(number) else _other(text, number, cleaned)
    return _among_others(text, number, cleaned, reference, as_of) or _other(text, number, cleaned)


def _among_others(text: str, number: str, cleaned: tuple[str, ...], reference: Reference, as_of: date) -> Ident | None:
    """A cell with a number and something else (a name, a remark), or with several numbers; none of it is silently dropped."""
    inside = sorted((*_NUMBER.finditer(number), *_CODE.finditer(number)), key=lambda one: one.start())
    found = list(dict.fromkeys(one[0] for one in inside))
    if len(found) > 1:
        joined = "/".join(found)
        return Ident(original=text, kind="unknown", normal=joined, valid=False, reasons=(*cleaned, "several"))
    if len(found) == 1:
        judged = _judge(text, found[0], cleaned, reference, as_of)
        return replace(judged, valid=False, reasons=(*judged.reasons, "extra"))
    return None


def _clean_resident(text: str, reference: Reference, as_of: date) -> Ident | None:
    """The common case at a glance: a right number of 18 characters, its parts looked up; None for anything else."""
    if len(text) != 18 or not text.isascii():
        return None
    division, born, order = _known(reference).get(text[:6]), _born(text[6:14]), _ORDER.get(text[14:17])
    if not division or not born or not order or not born[1] <= as_of or as_of.year - born[1].year > _OLDEST:
        return None
    if _CHECK[(division[0] + born[0] + order) % 11] != text[17] or born[1].year > division[1]:
        return None
    return Ident(original=text, kind="resident", normal=text, valid=True, reasons=())


@lru_cache(maxsize=8)
def _known(reference: Reference) -> dict[str, tuple[int, int]]:
    """Division code → its part of the weighted sum, and the last year in which it was valid."""
    codes = (code for code in reference.divisions if reference.division_ever(code))
    return {code: (_weighed(code, 0), reference.division_last(code)) for code in codes}


@lru_cache(maxsize=1 << 16)
def _born(digits: str) -> tuple[int, date] | None:
    """The part of the weighted sum of a date of birth, and the day, where it is a real one."""
    try:
        return _weighed(digits, 6), date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _weighed(digits: str, place: int) -> int:
    return sum(int(d) * w for d, w in zip(digits, _WEIGHTS[place:], strict=False))


_ORDER = {f"{number:03d}": _weighed(f"{number:03d}", 14) for number in range(1000)}


def column(numbers: Coded, reference: Reference, as_of: date) -> Coded:
    """The key spellings of a column."""
    return numbers.map(lambda text: read(text, reference, as_of).normal)


def _clean(text: str) -> tuple[str, tuple[str, ...]]:
    """The number without what writing and spreadsheets put around it, in capitals and with `*` for what is masked."""
    repaired = texts.repair(text)
    reasons = ["width"] if "width" in repaired.reasons else []
    number = repaired.normal.strip(_QUOTES + " ")
    if number != repaired.normal:
        reasons.append("apostrophe")
    number, label = _unlabelled(number.upper())
    reasons += ["label"] if label else []
    bracketed = _IN_BRACKETS.fullmatch(number)
    number = bracketed[1].strip() if bracketed else number
    reasons += ["separator"] if bracketed else []
    number = number if _EXCEL.fullmatch(number) else _unmarked(number)
    bare = number if _EXCEL.fullmatch(number) or len(_NUMBER.findall(number)) > 1 else _DASHES.sub("", number)
    bare = _DECIMAL.sub("", number) if _DECIMAL.search(number) else bare
    if bare != number or {"blank", "invisible"} & set(repaired.reasons):
        reasons.append("separator" if bare != number.replace(" ", "") else "blank")
    upper = _LAST_X.sub("X", bare)
    if upper != bare or repaired.normal.upper() != repaired.normal:
        reasons.append("case")
    return upper, tuple(dict.fromkeys(reasons))


def _unlabelled(number: str) -> tuple[str, bool]:
    label = _LABEL.match(number)
    return (
        (number[label.end() :].strip(_QUOTES + " "), True) if label and label.end() < len(number) else (number, False)
    )


def _unmarked(number: str) -> str:
    """The number with `*` for every character of a mask; a cross behind 17 digits is an X, not a mask."""
    code = _USCC_SHAPE.fullmatch(number) and ("XXX" not in number or uscc_check(number[:17]) == number[17])
    return number if code or _LAST_X.search(number) else _MASKED.sub("*", number)


def _placeholder(number: str) -> bool:
    if not (number.isascii() and number.isdigit()):
        return number in _WORDS or bool(texts.meaning(number))
    counted = number.startswith(("123456", "987654321")) or "123456".startswith(
        number
    )  # no division begins with 123456
    return counted or len(set(number)) == 1 or set(number[6:]) == {"0"}


def _resident(text: str, number: str, cleaned: tuple[str, ...], reference: Reference, as_of: date) -> Ident:
    wrong_check = check_digit(number[:17]) != number[17]
    if number.endswith("000") and (wrong_check or number[14:17] == "000"):  # no sequence starts before 001
        return Ident(original=text, kind="excel", normal=number, valid=False, reasons=(*cleaned, "excel"))
    if wrong_check and _digits_only_uscc(number, as_of):
        return _uscc(text, number, cleaned)
    kind = "permit" if number[:2] in _PERMIT_REGIONS else "permanent" if number[0] == "9" else "resident"
    birth = _day(number[6:14], as_of)
    facts = ["check_digit"] if wrong_check else []
    facts += [] if birth else ["birth_date"]
    facts += _division_facts(kind, number[:6], birth, reference)
    return Ident(
        original=text, kind=kind, normal=number, valid=not [f for f in facts if f != "division_abolished"],
        reasons=(*cleaned, *facts),
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
    )  # fmt: skip


def _division_facts(kind: str, code: str, birth: date | None, reference: Reference) -> list[str]:
    if kind == "permit":
        return [] if code in {"810000", "820000", "830000"} else ["division"]
    if kind == "permanent":  # 9, the province, the country
        return [] if f"{code[1:3]}0000" in reference.divisions else ["division"]
    if not reference.division_ever(code):
        return ["division"]
    return ["division_abolished"] if birth and birth.year > reference.division_last(code) else []


def _day(digits: str, as_of: date) -> date | None:
    """The date of birth, where it is a real day, not in the future and not more than 120 years ago."""
    try:
        found = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    age = as_of.year - found.year - ((as_of.month, as_of.day) < (found.month, found.day))
    return found if found <= as_of and age <= _OLDEST else None


def _uscc(text: str, number: str, cleaned: tuple[str, ...]) -> Ident:
    facts = [] if uscc_check(number[:17]) == number[17] else ["check_digit"]
    facts += [] if organisation_check(number[8:16]) == number[16] else ["inner_code"]
    return Ident(original=text, kind="uscc", normal=number, valid=not facts, reasons=(*cleaned, *facts))


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
    facts = () if kind != "unknown" else ("shape", "lookalike") if _looks_like(number) else ("shape",)
    return Ident(original=text, kind=kind, normal=number, valid=not facts, reasons=(*cleaned, *facts))


def _disguised(number: str) -> bool:
    """Whether a right number of a person comes out when lookalike letters are read as digits."""
    digits = number.translate(_LOOKALIKE)
    return bool(_RESIDENT.fullmatch(digits)) and check_digit(digits[:17]) == digits[17]


def _looks_like(number: str) -> bool:
    """Whether letters stand where their lookalike digits would make an ID or a code; which was meant is for a person to say."""
    digits, code = number.translate(_LOOKALIKE), number.translate(_NOT_IN_CODES)
    if sum(one != other for one, other in zip(number, digits, strict=True)) <= _FEW and (
        _RESIDENT.fullmatch(digits) or _OLD.fullmatch(digits)
    ):
        return True
    return code != number and bool(_USCC.fullmatch(code) and _USCC_SHAPE.fullmatch(code))
