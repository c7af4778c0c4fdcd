"""Recognise what a spreadsheet makes of a house's number: 3-2 becomes 3月2日, 2023-03-02 or 45047, and nobody can tell it back."""

import re

_MONTH = "(?:JAN|FEB|MAR|APR|MAY|JUNE?|JULY?|AUG|SEPT?|OCT|NOV|DEC)"
_YEAR = r"(?:19[5-9]\d|20[0-4]\d)"
_CLOCK = r"(?:[ T]*\d{1,2}:\d{2}(?::\d{2})?)?"

DAY = re.compile(
    rf"(?<![\dA-Z])(?:{_YEAR}(?P<mark>[-/.])(?:0?[1-9]|1[0-2])(?P=mark)(?:0?[1-9]|[12]\d|3[01])(?![\d-]){_CLOCK}"
    rf"|{_YEAR}年(?:0?[1-9]|1[0-2])月(?:(?:0?[1-9]|[12]\d|3[01])[日号]?)?{_CLOCK}"
    rf"|(?:0?[1-9]|1[0-2])月(?:0?[1-9]|[12]\d|3[01])日?(?!\d)"
    rf"|(?:0?[1-9]|[12]\d|3[01])-{_MONTH}(?:-\d{{2,4}})?(?![A-Z])|{_MONTH}-\d{{1,4}}(?!\d))"
)
"""A day as a spreadsheet shows it (2023-05-01, 2023年5月1日, 5月1日, 2-MAR, MAR-02), in a text in capitals."""

_SERIAL = re.compile(r"3[6-9]\d{3}|4\d{4}|5[0-4]\d{3}", re.ASCII)
"""Days since 1900 that fall into the years from 1998 to 2049."""

_TALLEST = 40
_WIDEST = 12


def is_day(text: str) -> bool:
    """Whether the whole text (in capitals) is a day as a spreadsheet shows it."""
    return DAY.fullmatch(text) is not None


def is_serial(digits: str) -> bool:
    """Whether a number is the count of days that stands behind a date, and no number of a flat.

    A flat of five digits is a unit, a floor of at most 40 and one of at most 12 flats (21902, 10803).
    """
    if not _SERIAL.fullmatch(digits):
        return False
    return not (0 < int(digits[1:3]) <= _TALLEST and 0 < int(digits[3:]) <= _WIDEST)
