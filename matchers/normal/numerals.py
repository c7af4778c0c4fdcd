"""Turn Chinese numerals into digits where they count something, and leave them alone in names.

Only in front of unit words: 三号楼二单元 becomes 3号楼2单元, while 三河市, 七里海, 八达岭路 and 五一道 stay as they are.
"""

import re

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "○": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9, "幺": 1,
}  # fmt: skip
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_NUMERAL = "[" + "".join({**_DIGITS, **_UNITS}) + "]"

_PLAIN = "".join(_DIGITS) + "十百"
_COUNTED = re.compile(
    rf"(?P<prefix>第|(?<!{_NUMERAL}))(?P<number>{_NUMERAL}+)"
    r"(?=号楼|(?<![壹贰叁肆伍陆柒捌玖])号院|(?<![壹贰叁肆伍陆柒捌玖])号(?![路街道巷线桥井村营屯公府城庄墅宫])|栋(?!大楼|小区|大院|社区)|幢|#|梯(?=\d)|座(?!落)|单元|层|楼(?![村镇庄店乡])|室|期(?![刊])"
    rf"|门(?=\d|\b|[{_PLAIN}]|[东西中]户|$)|[排弄](?=\d|[{_PLAIN}]|[东西]|$)|区(?=$|\d|[{_PLAIN}]+[号栋幢楼]))"
    rf"|(?<=[路街道巷村弄组队排段])(?P<plate>{_NUMERAL}+)(?=号(?![路街道巷线]))|(?<=排[东西])(?P<row>{_NUMERAL}+)(?=户)"
)

_ROMAN = re.compile(r"(?<![A-Z])(?:(?P<number>I{2,3}|IV|VI{1,3}|IX)(?=[期区栋幢]|单元|号楼)|(?P<letter>[IVX])(?=期))")
_ROMANS = dict(zip(("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"), "一二三四五六七八九十", strict=True))


def number(numeral: str) -> int | None:
    """The number a Chinese numeral means, positional (一一零二) or with units (一百零二); None when it is none."""
    if not numeral or any(c not in _DIGITS and c not in _UNITS for c in numeral):
        return None
    if not any(c in _UNITS for c in numeral):
        return int("".join(str(_DIGITS[c]) for c in numeral))
    total = pending = 0
    for c in numeral:
        if c in _DIGITS:
            pending = _DIGITS[c]
            continue
        total += (pending or 1) * _UNITS[c]
        pending = 0
    return total + pending


def chinese(value: int) -> str:
    """The Chinese numeral of 1 … 99; larger numbers digit by digit."""
    digits = "〇一二三四五六七八九"
    if not 0 < value < 100:
        return "".join(digits[int(d)] for d in str(value))
    tens, ones = divmod(value, 10)
    return ("" if tens == 0 else "十" if tens == 1 else digits[tens] + "十") + (digits[ones] if ones else "")


def without_romans(text: str) -> str:
    """The text (in capitals) with Roman numerals in front of unit words as Chinese ones: II期 is 二期."""
    return _ROMAN.sub(lambda roman: _ROMANS[roman[0]], text) if "I" in text or "V" in text or "X" in text else text


def arabic(text: str) -> str:
    """The text with numerals in front of unit words written in digits; 第 in front of them is dropped."""
    return _COUNTED.sub(_digits, text)


def _digits(found: re.Match[str]) -> str:
    numeral = found["number"] or found["plate"] or found["row"]
    apart = "-" if found.string[found.start() - 1 : found.start()].isdecimal() else ""
    return apart + _value(found, numeral)


def _value(found: re.Match[str], numeral: str) -> str:
    """What a numeral means, in digits."""
    if not any(c in _UNITS for c in numeral):
        return "".join(str(_DIGITS[c]) for c in numeral)
    value = number(numeral)
    return found[0] if value is None else str(value)
