"""Put the files back into a form that passes through our hands: the browser tells their names only."""

import re
from collections.abc import Sequence
from pathlib import Path

NAME = re.compile(rb'filename="([^"]+)"[^\0]*?\r\n\r\n(?=\r\n--)')  # a file's part that came without its contents


def whole(body: bytes | None, files: Sequence[Path]) -> bytes | None:
    """The body with each file's contents in the empty part that bears its name; names are UTF-8 or GBK (RFC 7578, 4.2)."""
    if body is None or not files:
        return body
    by_name = {file.name.encode(charset, "replace"): file for file in files for charset in ("utf-8", "gb18030")}

    def filled(part: re.Match[bytes]) -> bytes:
        file = by_name.get(part[1])
        return part[0] + file.read_bytes() if file else part[0]

    return NAME.sub(filled, body)
