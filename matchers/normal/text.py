"""Repair what encodings did to a text, and bring its characters to one width, without guessing."""

import codecs
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from core.errors import InputError
from matchers.columns import Coded

REPLACEMENT = "\ufffd"

_PUA_FIRST = 0xE815
# What the bytes FE50–FE7E and FE80–FEA0 mean since GB18030-2005/2022; Windows' GBK gave them U+E815–E864 instead.
_PUA = (
    "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺龻"
    "䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮𤇾"
)
_FROM_PUA = {_PUA_FIRST + index: character for index, character in enumerate(_PUA)}

_INVISIBLE = dict.fromkeys(
    (
        *range(0x20), 0x7F, *range(0x80, 0xA0), 0xAD, 0x34F, 0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F),
        *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0, *range(0xFFF9, 0xFFFC),
    )
)  # fmt: skip
_BLANKS = re.compile(r"\s+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LATIN_BYTES = re.compile(
    r"[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
)
_LOST = re.compile(r"\ufffd|\?{2,}|锟斤拷|烫烫|屯屯")
_PRIVATE = re.compile(r"[\ue000-\uf8ff]")
_TIDY_ASCII = re.compile(r"[!-~]+(?: [!-~]+)*")
_ENTITY = re.compile(r"&#(\d{2,7}|x[0-9a-fA-F]{2,6});")


Meaning = Literal["", "not_given", "none", "ditto", "elsewhere"]

_MEANT: Mapping[Meaning, str] = {
    "not_given": r"\N \\N NULL NONE NAN NIL N/A #N/A #N/A! #NAME? #REF! #VALUE! NA UNKNOWN 空 空白 空值 不详 未知 不明 不清楚 待查 待定 待补 待核实 未登记 "
    "未填 未填写 未提供 未采集 暂缺 缺失 缺 - -- --- ---- — —— ——— – _ __ / // \\ . .. ... 。 ? * ** *** ~ X XX XXX",
    "none": "无 没有 无此项 暂无 0无 无(没有) 不存在 本户无 未安装 免",
    "ditto": '同上 同前 同左 同右 同户主 同上行 〃 " 々 ″ 〞',
    "elsewhere": "见附件 见备注 详见附件 详见备注 见附表 另附 附后 见合同 见档案 见图",
}
_MEANINGS: Mapping[str, Meaning] = {word: said for said, words in _MEANT.items() for word in words.split()}


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
    if _TIDY_ASCII.fullmatch(text) and "&#" not in text and "??" not in text:
        return Text(original=text, normal=text, reasons=())
    reasons = []
    decoded, how = _undo(text)
    if how:
        reasons.append(how)
    if _PRIVATE.search(decoded):
        reasons.append("private_use")
        decoded = decoded.translate(_FROM_PUA)
    if _LOST.search(decoded):
        reasons.append("lost")
    visible = decoded.translate(_INVISIBLE)
    if visible != decoded:
        reasons.append("invisible")
    narrow = unicodedata.normalize("NFKC", visible)
    if narrow.replace(" ", "") != visible.replace("\u3000", "").replace("\u00a0", "").replace(" ", ""):
        reasons.append("width")
    normal = _BLANKS.sub(" ", narrow).strip()
    if normal != narrow or "\u3000" in visible or "\u00a0" in visible:
        reasons.append("blank")
    return Text(original=text, normal=normal, reasons=tuple(reasons))


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
        raise InputError(f"not {encoding} at byte {error.start}: export it again as UTF-8 or GB18030") from None


def _undo(text: str) -> tuple[str, str]:
    """Bytes that were read with the wrong encoding, read with the right one; only where every byte then makes sense."""
    if "&#" in text:
        replaced = _ENTITY.sub(_character, text)
        if replaced != text:
            return replaced, "entity"
    if _LATIN_BYTES.search(text) and not _HAN.search(text):
        found = _again(text, ("latin-1", "cp1252"), ("utf-8", "gb18030"))
        return (found, "mojibake") if found else (text, "")
    if _HAN.search(text) and not _is_gb2312(text):
        found = _again(text, ("gb18030",), ("utf-8",))
        return (found, "mojibake") if found else (text, "")
    return text, ""


def _again(text: str, wrong: tuple[str, ...], right: tuple[str, ...]) -> str | None:
    for first in wrong:
        for second in right:
            try:
                found = text.encode(first).decode(second)
            except UnicodeError:
                continue
            if _HAN.search(found) and _sensible(found):
                return found
    return None


def _sensible(text: str) -> bool:
    """Only characters that the national standard for everyday text knows (GB 2312), or ASCII."""
    return text.isprintable() and _is_gb2312(text.replace("·", ""))


def _is_gb2312(text: str) -> bool:
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _character(entity: re.Match[str]) -> str:
    number = int("0" + entity[1] if entity[1].startswith("x") else entity[1], 16 if entity[1].startswith("x") else 10)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        return entity[0]
    return chr(number)
