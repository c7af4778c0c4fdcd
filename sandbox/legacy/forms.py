"""What a browser of that time posts: GBK bytes in, the text that the database keeps out."""

from __future__ import annotations

import codecs
import re
from urllib.parse import unquote_to_bytes

from sandbox.skins import Field, Skin

NUMBER = re.compile(r"\d+(\.\d+)?")
MOBILE = re.compile(r"[0-9]{11}")
ID_CARD_LENGTH = 18
# GBK of browsers is the part of GB18030 with two bytes a character; Python's own table lacks a few of those,
# and the single byte that browsers post for the euro sign
LIKE_BROWSERS, PAIR, EURO = "like-browsers", 2, 0x80
PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def parse(body: bytes) -> dict[str, str]:
    """The fields of a posted form; `&#NNNN;` stays text. ValueError for bad percent signs or bytes outside GBK."""
    if PERCENT.search(body):
        raise ValueError("a percent sign without two hexadecimal digits")
    pairs = (part.partition(b"=") for part in body.split(b"&") if part)
    return {_text(name): _text(value) for name, _, value in pairs}


def cut(text: str, size: int) -> str:
    """What a column of `size` bytes keeps: a character that would be halved is lost whole."""
    return gbk(text)[:size].decode("gb18030", errors="ignore")


def gbk(text: str) -> bytes:
    """Text as GBK; what GBK lacks becomes a character reference, as browsers do it."""
    return text.encode("gbk", errors=LIKE_BROWSERS)


def value(skin: Skin, field: Field, posted: str) -> str:
    """The posted text as the database keeps it: code → semantic key, date → ISO, long text cut."""
    if field.table:
        return skin.key(field.table, posted)
    if field.rule == "date":
        return skin.iso(posted) or posted
    return cut(posted, field.bytes)


def problem(skin: Skin, field: Field, posted: str, stored: str = "") -> str:
    """Why the server refuses a posted value, empty when it does not; `stored` is accepted even outside the codes."""
    if not posted:
        return field.label + skin.texts["bad_required"] if field.required else ""
    if field.table and posted != stored and posted not in {c.code for c in skin.codes[field.table]}:
        return field.label + skin.texts["bad_code"]
    bad = {
        "number": not NUMBER.fullmatch(posted),
        "mobile": not MOBILE.fullmatch(posted),
        "date": skin.iso(posted) is None,
    }
    return field.label + skin.texts[f"bad_{field.rule}"] if bad.get(field.rule) else ""


def _text(quoted: bytes) -> str:
    return unquote_to_bytes(quoted.replace(b"+", b" ")).decode("gb18030", errors=LIKE_BROWSERS)


def _like_browsers(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeEncodeError):
        return b"".join(map(_character, error.object[error.start : error.end])), error.end
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == EURO:
        return "€", error.start + 1
    raise error


def _character(char: str) -> bytes:
    raw = char.encode("gb18030")
    return raw if len(raw) == PAIR else f"&#{ord(char)};".encode()


codecs.register_error(LIKE_BROWSERS, _like_browsers)
