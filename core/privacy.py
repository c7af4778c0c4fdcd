"""Keep personal data unreadable: sealed texts and files, keyed hashes for joins, masks for eyes, and the log filter.

One key file per site (32 random bytes, base64). From it two keys are derived (HKDF-SHA-256, RFC 5869): one seals (AES-256-GCM,
NIST SP 800-38D, a random 96-bit nonce per sealing), one hashes (HMAC-SHA-256, RFC 2104).
"""

import base64
import hashlib
import hmac
import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import InputError, MissingPart
from core.words import Words

_MAGIC = b"HDSEAL1\n"
_CHUNK = 4 << 20
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Keys:
    """The two derived keys; never printed."""

    sealing: bytes
    hashing: bytes

    def __repr__(self) -> str:
        return "Keys(…)"

    # -- short values

    def seal(self, text: str) -> bytes:
        """The text sealed: nonce, ciphertext and tag."""
        nonce = os.urandom(_NONCE)
        return nonce + _cipher(self.sealing).encrypt(nonce, text.encode(), None)

    def open(self, sealed: bytes) -> str:
        """The text again. Raises InputError when it was sealed with another key or was changed."""
        try:
            return _cipher(self.sealing).decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()
        except (InvalidTag, ValueError):  # ValueError: shorter than a nonce
            raise InputError(
                Words(
                    "密封值打不开：密钥不对，或已被改动",
                    "a sealed value cannot be opened: another key, or it was changed",
                )
            ) from None

    def digest(self, *parts: object) -> str:
        """A keyed hash of the parts (32 hex digits), equal for equal parts; joins without showing the value."""
        message = ", ".join("null" if part is None else encode_basestring(str(part)) for part in parts)  # a JSON list
        return hmac.digest(self.hashing, f"[{message}]".encode(), "sha256").hex()[:32]

    # -- files

    def seal_file(self, source: BinaryIO, target: BinaryIO) -> str:
        """Copy a stream sealed, in chunks of 4 MiB, and answer the SHA-256 (hex) of what was read.

        Each chunk's tag covers its number and whether it is the last, so that chunks cannot be moved or cut off.
        """
        sums, cipher, number = hashlib.sha256(), AESGCM(self.sealing), 0
        target.write(_MAGIC)
        block = source.read(_CHUNK)
        while True:
            following = source.read(_CHUNK)
            nonce = os.urandom(_NONCE)
            sealed = cipher.encrypt(nonce, block, _place(number, not following))
            target.write(len(sealed).to_bytes(4, "big") + nonce + sealed)
            sums.update(block)
            if not following:
                return sums.hexdigest()
            block, number = following, number + 1

    def open_file(self, path: Path) -> Iterator[bytes]:
        """The chunks of a sealed file. Raises InputError when it is damaged or sealed with another key."""
        with path.open("rb") as stream:
            if stream.read(len(_MAGIC)) != _MAGIC:
                raise InputError(Words(f"{path.name}：不是密封文件", f"{path.name}: not a sealed file"))
            number, head = 0, stream.read(4)
            while head or number == 0:  # even an empty file has one chunk, whose seal says that it is the last
                nonce, sealed = stream.read(_NONCE), stream.read(int.from_bytes(head, "big"))
                head = stream.read(4)
                try:
                    yield AESGCM(self.sealing).decrypt(nonce, sealed, _place(number, not head))
                except (InvalidTag, ValueError):
                    raise InputError(
                        Words(
                            f"{path.name}：用另一把密钥密封，或已损坏",
                            f"{path.name}: sealed with another key, or damaged",
                        )
                    ) from None
                number += 1

    def seal_bytes(self, content: bytes, path: Path) -> str:
        """Write the content sealed to a path, whole or not at all; answers its SHA-256."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".part")
        with partial.open("wb") as target:
            digest = self.seal_file(io.BytesIO(content), target)
            target.flush()
            os.fsync(target.fileno())
        partial.replace(path)
        return digest

    def open_bytes(self, path: Path) -> bytes:
        """The whole content of a sealed file."""
        return b"".join(self.open_file(path))


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESGCM:
    """The cipher of a key, made once: a night seals and opens millions of short values."""
    return AESGCM(key)


def _place(number: int, last: bool) -> bytes:
    return number.to_bytes(8, "big") + (b"\1" if last else b"\0")


def create(path: Path) -> None:
    """Write a new key file that only its owner may read; an existing one is left alone."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(base64.b64encode(os.urandom(32)) + b"\n")


def load(path: Path) -> Keys:
    """The keys of a site. Raises MissingPart when the key file is not there or is not one."""
    try:
        master = base64.b64decode(path.read_bytes(), validate=False)
    except FileNotFoundError:
        raise MissingPart(
            Words(
                f"缺少密钥文件 {path}；`run.py init` 可新建，旧的须从备份恢复",
                f"the key file {path} is missing; `run.py init` makes one, a backup brings the old one back",
            )
        ) from None
    except ValueError:  # not base64 at all
        master = b""
    if len(master) != 32:
        raise MissingPart(
            Words(
                f"密钥文件 {path} 已损坏；请从备份恢复", f"the key file {path} is damaged; bring it back from a backup"
            )
        )
    return Keys(_derive(master, b"hedang seal"), _derive(master, b"hedang hash"))


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(master)


# -- masks for eyes


def mask_name(name: str) -> str:
    """张*明, 张*, and only the first character of an organisation's name."""
    if len(name) <= 1:
        return "*" * len(name)
    return name[0] + "*" * (len(name) - 2) + name[-1] if 2 < len(name) <= 4 else name[0] + "*" * (len(name) - 1)


def mask_ident(number: str) -> str:
    """The first six and the last four characters."""
    return number[:6] + "*" * max(len(number) - 10, 0) + number[-4:] if len(number) > 10 else "*" * len(number)


def mask_phone(number: str) -> str:
    """The first three and the last four digits."""
    return number[:3] + "*" * max(len(number) - 7, 0) + number[-4:] if len(number) > 7 else "*" * len(number)


def mask_address(address: str) -> str:
    """The address down to the building; unit and room are hidden, and half of an address that names no building."""
    building = re.search(r"^.*?\d+\s*(?:号楼|栋|幢|座|#|-)", address)
    return (building.group() if building else address[: min(12, len(address) // 2)]) + "***"


_MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "id": mask_ident,
    "phone": mask_phone,
    "address": mask_address,
    "none": str,
}
MASKS = tuple(_MASKS)


def mask(kind: str, value: str | None) -> str:
    """The value as a person may see it without a reason; `kind` is one of MASKS."""
    return "" if value is None else _MASKS[kind](value)


def mask_pair(kind: str, one: str | None, other: str | None) -> tuple[str, str]:
    """Two values of which only the differing characters are shown, so that a reviewer sees what is at stake.

    Values of different length, or masked already, are masked each by itself: aligning them would show too much. A star that
    stands in the value itself is shown as ＊, so that a masked archive and its full value do not look the same.
    """
    if "*" in (one or "") + (other or ""):
        return _own_stars(kind, one), _own_stars(kind, other)
    if one is None or other is None or len(one) != len(other) or one == other or kind == "none":
        return mask(kind, one), mask(kind, other)
    pairs = list(zip(one, other, strict=True))
    if sum(a != b for a, b in pairs) > len(pairs) // 2:
        return mask(kind, one), mask(kind, other)
    return "".join(a if a != b else "*" for a, b in pairs), "".join(b if a != b else "*" for a, b in pairs)


def _own_stars(kind: str, value: str | None) -> str:
    """A value after its mask, with the stars that it came with told apart from ours."""
    shown = mask(kind, value)
    if value is None or "*" not in value or len(shown) != len(value):
        return shown
    return "".join("＊" if own == "*" else ours for own, ours in zip(value, shown, strict=True))


# -- the log

_PERSONAL = re.compile(r"(?<![0-9A-Za-z])(\d{17}[0-9Xx]|\d{15}|1[3-9]\d{9})(?![0-9A-Za-z])")


def scrub(text: str) -> str:
    """A log line in which anything shaped like a resident ID or a mobile number is starred: the last line of defence."""
    return _PERSONAL.sub(lambda found: found.group()[:3] + "*" * (len(found.group()) - 3), text)
