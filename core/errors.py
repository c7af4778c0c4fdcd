"""What can go wrong, by who must act.

HedangError
├── ConfigError        the operator: a file, key or value is wrong; names file, line, key and the choices        (exit 2)
├── InputError         the operator: a file that was handed in cannot be used; names file, place and reason      (exit 2)
├── MissingPart        the operator: browser, display, database or key is not there; says what to do             (exit 2)
├── BusinessError      a reviewer: the legacy system or a rule refuses the value; the item is held
├── ConflictError      a reviewer: the record is not what it was when the write was planned; nothing was written
├── ApplicationError   nobody at first: the system failed before anything was sent; tried again with backoff
│   └── SessionOver    a person: the session that he handed over has ended, and nobody else can begin it anew
└── OutcomeUnknown     nobody until the screen was read: something was sent and the answer is missing or strange

No message carries personal data: things are named by field, place and code, never by value.
"""

from collections.abc import Iterable

from core.words import Words, language


class HedangError(Exception):
    """Hedang cannot go on with this."""

    def __init__(
        self,
        message: str | Words | None = None,
        *,
        code: str = "",
        about: str = "",
        sent: bool = True,
        hint: Words | None = None,
    ) -> None:
        super().__init__(message or (type(self).__doc__ or "").split("\n")[0])
        self.code = code
        self.about = about  # the field that it is about, where it is one
        self.hint = hint  # what would be right, for the result only: a screen's choices may be people
        self.sent = sent  # False: it came while typing, before anything was pressed to send it

    @property
    def reason(self) -> str:
        """The code, and behind a blank what it is about: as work items keep it."""
        return f"{self.code} {self.about}".strip()

    @property
    def words(self) -> Words:
        """The sentence in both languages; in one, where it is known in no other."""
        message = self.args[0]
        return message if isinstance(message, Words) else Words(str(message), str(message))

    def __str__(self) -> str:
        """The sentence in the reader's language, where it is known in both."""
        return str(getattr(self.words, language()))


class ConfigError(HedangError):
    """The configuration is wrong."""


class InputError(HedangError):
    """The file cannot be used."""


class MissingPart(HedangError):
    """Something that is needed is not installed or not running."""


class BusinessError(HedangError):
    """The legacy system refuses the value."""


class ConflictError(HedangError):
    """The record was changed since the write was planned."""


class ApplicationError(HedangError):
    """The legacy system failed before anything was sent."""


class SessionOver(ApplicationError):
    """The session that a person handed over has ended."""


class OutcomeUnknown(HedangError):
    """Something was sent, and nobody knows yet what became of it."""


def unread(path: object, error: OSError) -> Words:
    """That a file cannot be read, and why."""
    known = {FileNotFoundError: "没有这个文件", PermissionError: "没有读取的权限", IsADirectoryError: "这是文件夹"}
    why = known.get(type(error), error.strerror)
    return Words(f"{path}：读不了：{why}", f"{path}: cannot be read: {error.strerror}")


def choices(names: Iterable[str]) -> str:
    """The known names, sorted, for the end of a message."""
    return ", ".join(sorted(names)) or "none"
