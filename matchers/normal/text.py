"""Repair what encodings did to a text, and bring its characters to one width, without guessing."""

import codecs
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from core.errors import InputError
from core.words import Words
from matchers.columns import Coded

REPLACEMENT = "\ufffd"

_PUA_FIRST = 0xE815
# What the bytes FE50–FE7E and FE80–FEA0 mean since GB18030-2005/2022; Windows' GBK gave them U+E815–E864 instead.
_PUA = (
    "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺龻"
    "䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮𤇾"
)
_FROM_PUA = {_PUA_FIRST + index: character for index, character in enumerate(_PUA)}

_LINE_ENDS = dict.fromkeys((*range(0x09, 0x0E), 0x85, 0x2028, 0x2029), " ")
_INVISIBLE = dict.fromkeys(
    (
        *range(0x20), 0x7F, *range(0x80, 0xA0), 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
        *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0, *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE01F0),
    )
)  # fmt: skip
# Radicals that copying from a PDF leaves in place of characters, and that NFKC does not fold.
_RADICALS = str.maketrans(
    "⺠⺟⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
    "民母虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
)
_UNSEEN = re.compile(f"[{''.join(chr(c) for c in (*_LINE_ENDS, *_INVISIBLE) if c < 0xE0000)}\U000e0000-\U000e01ef]")
_RADICAL = re.compile("[" + "".join(map(chr, _RADICALS)) + "]")
_ODD = re.compile(r"[ -~]?[^ -~\u4e00-\u9fff]+")
"""Runs that NFKC may change, with the letter an accent may belong to: nothing composes with an ideograph."""
_BLANKS = re.compile(r"\s+")
_WIDE_BLANKS = str.maketrans("", "", " \u3000\u00a0")
_IDEOGRAPH = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN = re.compile(rf"[{_IDEOGRAPH}]")
_DOTS = re.compile(rf"(?<=[{_IDEOGRAPH}])[•‧・∙⋅⸱⸳ㆍᐧ᛫](?=[{_IDEOGRAPH}])")
_DOS_FRAMES = re.compile(r"[\u2500-\u2587\u2589-\u259f]")
"""Without the full block: with nothing else it is a mask (████), no Chinese in the wrong code page."""
_ACCENTED = re.compile(r"[^\W\d_A-Za-z]|[\u00a1-\u00b6\u00b8-\u00bf\u2500-\u259f]")
_WIDE = re.compile(r"[^\x00-\x7f]")
_LETTERS = re.compile(r"[A-Za-z]")
_LOST = re.compile(r"\ufffd|\?{2,}|锟斤拷|烫烫|屯屯屯")
_PRIVATE = re.compile(r"[\ue000-\uf8ff]")
EVERYDAY_HAN = "".join(
    bytes([row, cell]).decode("gb2312", "ignore") for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)
)
"""The ideographs of the national standard for everyday text (GB 2312)."""
_TRADITIONAL = frozenset(
    bytes([row, cell]).decode("big5", "ignore")
    for row in range(0xA4, 0xC7)
    for cell in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
)
"""The ideographs that are in everyday use where traditional characters are written (the first level of Big5)."""
_UNLIKE_UTF8 = frozenset(
    c for c in EVERYDAY_HAN if not (c.encode("gb2312")[0] >= 0xC2 and c.encode("gb2312")[1] <= 0xBF)
)
"""Ideographs whose two bytes cannot begin a text in UTF-8: they are no lead byte, or no byte that goes on follows it."""
_TIDY_HAN = re.compile(f"[{EVERYDAY_HAN}]+")
_TIDY_MIXED = re.compile(f"[!-~{EVERYDAY_HAN}]+(?: [!-~{EVERYDAY_HAN}]+)*")
_ENTITY = re.compile(r"&(?:#(?P<number>\d{2,7}|[xX][0-9a-fA-F]{2,6})|(?P<name>amp|lt|gt|quot|apos|nbsp|middot));")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " ", "middot": "·"}
# Windows' cp1252 has characters for most bytes 80–9F; a program that read bytes with it left the others as controls.
_TO_LATIN = {ord(c): byte for byte in range(0x80, 0xA0) if (c := bytes([byte]).decode("cp1252", "ignore"))}
_MARK_AS_LATIN = codecs.BOM_UTF8.decode("latin-1")
"""A byte order mark that was read as three letters, before a text that was read rightly or not."""
_MANY = 6
"""So many characters hardly ever make sense as UTF-8 by chance, even if all of them are everyday ones."""
_TIMES = 3
"""A text that was damaged twice is put right twice."""

Meaning = Literal["", "not_given", "none", "ditto", "elsewhere"]

_MEANT: Mapping[Meaning, str] = {
    "not_given": r"\N \\N NULL NONE NAN NAT NIL N/A #N/A #N/A! #NAME? #REF! #VALUE! NA UNKNOWN 空 空白 空值 不详 未知 不明 不清楚 待查 待定 待补 待核实 未登记 "
    "未填 未填写 未提供 未采集 暂缺 缺失 缺 - -- --- ---- — —— ——— – _ __ / // \\ . .. ... 。 ? * ** *** ~ X XX XXX",
    "none": "无 没有 无此项 暂无 0无 无(没有) 不存在 本户无 未安装 免",
    "ditto": '同上 同前 同左 同右 同户主 同上行 〃 " 々 ″ 〞',
    "elsewhere": "见附件 见备注 详见附件 详见备注 见附表 另附 附后 见合同 见档案 见图",
}
_MEANINGS: Mapping[str, Meaning] = {word: said for said, words in _MEANT.items() for word in words.split()}
WORDS = frozenset(_MEANINGS)
"""The words that stand for no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text with what was repaired in it."""

    original: str
    # repaired, one width, blanks collapsed; what cannot be repaired stays as it is
    normal: str
    # what was done or found: mojibake, entity, private_use, lost, invisible, width, blank
    reasons: tuple[str, ...]

    @property
    def lost(self) -> bool:
        """Characters are gone for good: only the source can say what stood there."""
        return "lost" in self.reasons

    def as_row(self) -> dict[str, object]:
        """For `run.py parse text`."""
        return {"normal": self.normal, "reasons": list(self.reasons)}


def repair(text: str) -> Text:
    """The text with reversible damage undone and its width normalised (NFKC, UAX #15)."""
    if tidy(text):
        return Text(original=text, normal=text, reasons=())
    decoded, reasons = _undone(text)
    if _PRIVATE.search(decoded):
        reasons.append("private_use")
        decoded = decoded.translate(_FROM_PUA)
    if _LOST.search(decoded) or _half(decoded):
        reasons.append("lost")
    normal = _even(decoded, reasons)
    dotted = _DOTS.sub("·", normal)
    if dotted != normal:
        reasons.append("dot")
    return Text(original=text, normal=dotted, reasons=tuple(reasons))


def tidy(text: str) -> bool:
    """Whether a glance shows that there is nothing to repair."""
    if not _TIDY_MIXED.fullmatch(text) or "&" in text or _LOST.search(text):
        return False
    return text.isascii() or (len(text) < _MANY and bool(_TIDY_HAN.fullmatch(text))) or not _may_be_utf8(text)


def _may_be_utf8(text: str) -> bool:
    """Whether the everyday characters of a text are bytes of UTF-8 as well, so that somebody may have read it wrongly."""
    if _begins_unlike_utf8(text):
        return False
    try:
        text.encode("gb2312").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _begins_unlike_utf8(text: str) -> bool:
    """Whether the bytes of the first character that is not ASCII show that the text's bytes are no UTF-8."""
    first = _WIDE.search(text)
    return first is not None and first[0] in _UNLIKE_UTF8


def _even(text: str, reasons: list[str]) -> str:
    """One width, single blanks, nothing invisible."""
    lines = visible = text
    if _UNSEEN.search(text):
        lines = text.translate(_LINE_ENDS)
        visible = lines.translate(_INVISIBLE)
        if visible != lines:
            reasons.append("invisible")
    narrow = _ODD.sub(_narrow, visible)
    narrow = narrow.translate(_RADICALS) if _RADICAL.search(narrow) else narrow
    if narrow != visible and narrow.translate(_WIDE_BLANKS) != visible.translate(_WIDE_BLANKS):
        reasons.append("width")
    normal = _BLANKS.sub(" ", narrow).strip()
    if normal != narrow or lines != text or "\u3000" in visible or "\u00a0" in visible:
        reasons.append("blank")
    return normal


def _narrow(run: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", run[0])


def read(text: str) -> Text:
    """The repaired text, and among the reasons what it means where it is a word that stands for no value (see `meaning`)."""
    found = repair(text)
    said = meaning(found.normal)
    return replace(found, reasons=(*found.reasons, said)) if said else found


def meaning(normal: str) -> Meaning:
    """What a repaired text means that is no value: not_given (nobody said), none (there is none), ditto (as above), elsewhere."""
    word = normal.replace(" ", "").strip("()[]<>").upper()
    return _MEANINGS.get(word, "") if word else "not_given"


def plain(text: str) -> str:
    """Only the repaired text."""
    return repair(text).normal


def compact(text: str) -> str:
    """The repaired text without any blank, for keys of Chinese texts."""
    return plain(text).replace(" ", "")


def column(texts: Coded) -> Coded:
    """The repaired texts of a column."""
    return texts.map(plain)


def read_bytes(content: bytes) -> tuple[str, str]:
    """Text and encoding of a file: by its byte order mark, else strict UTF-8, else strict GB18030; never guessed.

    Raises InputError, naming the byte, when none of them fits.
    """
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    for mark, encoding in marks:
        if content.startswith(mark):
            return _strict(content, encoding), encoding
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _strict(content, "gb18030"), "gb18030"


def read_line(line: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a line whatever its bytes are, and how it was read: bom, gb18030, undecodable (some characters became U+FFFD).

    Strict UTF-8 before strict GB18030, but a line that is UTF-8 up to a last character cut in two is UTF-8; where neither fits,
    the one that loses fewer characters.
    """
    how = ("bom",) if line.startswith(codecs.BOM_UTF8) else ()
    line = line.removeprefix(codecs.BOM_UTF8)
    try:
        return line.decode(), how
    except UnicodeDecodeError as error:
        if error.end == len(line) and len(_HAN.findall(line[: error.start].decode())) > 1:
            return line.decode("utf-8", "replace"), (*how, "undecodable")
    try:
        return line.decode("gb18030"), (*how, "gb18030")
    except UnicodeDecodeError:
        readings = [line.decode(encoding, "replace") for encoding in ("utf-8", "gb18030")]
        return min(readings, key=lambda text: text.count(REPLACEMENT)), (*how, "undecodable")


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            Words(
                f"第 {error.start} 字节起不是 {encoding}：请重新导出为 UTF-8 或 GB18030",
                f"not {encoding} at byte {error.start}: export it again as UTF-8 or GB18030",
            )
        ) from None


def _undone(text: str) -> tuple[str, list[str]]:
    """The text as it was before it was read wrongly, at most three times over."""
    reasons: list[str] = []
    if text.startswith(_MARK_AS_LATIN):
        text, reasons = text.removeprefix(_MARK_AS_LATIN), ["mojibake"]
    for _ in range(_TIMES):
        text, how = _undo(text)
        if not how:
            break
        reasons += [how] if how not in reasons else []
    return text, reasons


def _undo(text: str) -> tuple[str, str]:
    """Bytes that were read with the wrong encoding, read with the right one; only where every byte then makes sense."""
    if "&" in text:
        replaced = _ENTITY.sub(_character, text)
        if replaced != text:
            return replaced, "entity"
    found = next(filter(None, (_again(content, right) for content, right in _bytes(text))), None)
    return (found, "mojibake") if found else (text, "")


def _bytes(text: str) -> Iterator[tuple[bytes, str]]:
    """The bytes that a wrong reading may have come from, each with the encoding that may be right."""
    if text.isascii():
        return
    if _HAN.search(text):
        if not _begins_unlike_utf8(text) and (not _is_gb2312(text) or len(_WIDE.findall(text)) >= _MANY):
            yield from _encoded(text, "gb18030", "utf-8")
        return
    western = text.translate(_TO_LATIN)
    yield from _encoded(western, "latin-1", "utf-8")
    if " " in western:  # copied from a page, the byte A0 became a blank
        yield from _encoded(western.replace(" ", "\u00a0"), "latin-1", "utf-8")
    yield from _encoded(text, "cp437", "utf-8")
    if _dense(text):
        yield from _encoded(western, "latin-1", "gb18030")
        yield from _encoded(text, "cp437", "gb18030") if _DOS_FRAMES.search(text) else ()


def _encoded(text: str, wrong: str, right: str) -> Iterator[tuple[bytes, str]]:
    with suppress(UnicodeEncodeError):
        yield text.encode(wrong), right


def _dense(text: str) -> bool:
    """Hardly any ASCII letters between other ones: a name like Conceição is no Chinese read wrongly, and ×××× is a mask."""
    return bool(_ACCENTED.search(text)) and 2 * len(_LETTERS.findall(text)) <= sum(not c.isascii() for c in text)


def _again(content: bytes, right: str) -> str | None:
    try:
        found = content.removeprefix(codecs.BOM_UTF8).decode(right)
    except UnicodeDecodeError:
        return None
    if not found.isprintable() or not _HAN.search(found):
        deeper, how = _undo(found) if right == "utf-8" else (found, "")
        return deeper if how == "mojibake" else None
    return found if right == "utf-8" or _everyday(found) else None


def _everyday(text: str) -> bool:
    """Characters that a standard for everyday text knows (GB 2312, Big5's first level); in a longer text a rare one may stand between."""
    han = _HAN.findall(text)
    known, rest = sum(map(_is_common, han)), _HAN.sub("", text).replace("·", "")
    enough = known * 3 >= len(han) * 2 or (known * 2 >= len(han) and not re.search("[A-Za-z]", rest))
    return len(han) > 1 and enough and _is_gb2312(rest)


def _half(text: str) -> bool:
    """Whether UTF-8 was read as GBK and a byte was lost: most of it can be read again, but not all."""
    if not _HAN.search(text) or _is_gb2312(text):
        return False
    content = text.rstrip("?").encode("gb18030", "replace")
    found = content.decode("utf-8", "replace")
    good = len(_HAN.findall(found))
    return good > 1 and good >= 2 * found.count(REPLACEMENT) and REPLACEMENT in found


def _is_common(character: str) -> bool:
    return _is_gb2312(character) or character in _TRADITIONAL


def _is_gb2312(text: str) -> bool:
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _character(entity: re.Match[str]) -> str:
    if entity["name"]:
        return _ENTITIES[entity["name"]]
    digits = entity["number"]
    number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    return entity[0] if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF else chr(number)
