"""One field of a screen: how its values are spelt there, and what it cannot hold."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from bots.driver import BETWEEN, Shown, Target
from core.words import Words

NUMBER = re.compile(r"-?\d+(\.\d+)?")
CHOSEN = ("select", "radio")
MANY_LINES = ("textarea", "editable", "auto")
TRUTH = {
    **dict.fromkeys(("true", "yes", "y", "1", "on", "是", "√", "✓", "有", "勾选"), "true"),
    **dict.fromkeys(("false", "no", "n", "0", "off", "否", "×", "无", "不勾选"), "false"),
}
"""How people write that a box is checked."""

FORMS = {
    "number": re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "time": re.compile(r"\d\d:\d\d(:\d\d(\.\d+)?)?"),
    "moment": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?"),
}
"""What a browser's own controls hold (HTML, common microsyntaxes)."""

CLOCK = r"(?:[ T]+(?P<h>\d{1,2}):(?P<min>\d{1,2})(?::\d{1,2}(?:\.\d+)?)?)?"
DAYS = (
    re.compile(rf"(?P<y>\d{{4}})[-/.年](?P<m>\d{{1,2}})[-/.月](?P<d>\d{{1,2}})日?{CLOCK}"),
    re.compile(rf"(?P<d>\d{{1,2}})[-/.](?P<m>\d{{1,2}})[-/.](?P<y>\d{{4}}){CLOCK}"),
    re.compile(rf"(?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})[-/.](?P<y>\d{{4}}){CLOCK}"),
)
"""What looks like a day."""
DATED = re.compile(r"日期|\bdate\b|birthday", re.IGNORECASE)
"""A label of a field that holds days."""
SOUGHT = ("cascade", "suggest", "lookup", "tree")
"""Widgets whose choices show only on the way to one."""


LISTED = 20
"""So many choices of a list are named."""


def is_day(text: str) -> bool | None:
    """Whether there is such a day, in any order that it may be meant in; None: it does not look like one."""
    found = [match for form in DAYS if (match := form.fullmatch(text.strip()))]
    return any(_exists(match) for match in found) if found else None


def _exists(match: re.Match[str]) -> bool:
    try:
        date(int(match["y"]), int(match["m"]), int(match["d"]))
        time(int(match["h"] or 0), int(match["min"] or 0))
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """One code table of the province beside ours."""

    options: Mapping[str, str]  # our code → the value that is chosen on the screen
    shown: Mapping[str, str]  # value, label, or `value label` as the screen shows it → our code

    def says(self, value: str, words: str) -> str | None:
        """Our code of a choice by its value and its words; None where neither is known, or where they mean two codes."""
        known = self.shown.get(value)
        read = self.shown.get(words) or self.shown.get(words.removeprefix(value).strip())
        return None if known and read and known != read else known or read

    def choice(self, code: str, shown: Shown) -> str | None:
        """What is chosen for our code among the choices that are shown; None where no choice, or several, mean it."""
        pairs = zip(shown.options, shown.labels, strict=True)
        meant = [value for value, words in pairs if self.says(value, words) == code]
        return meant[0] if len(meant) == 1 else None

    def missing(self, shown: Shown) -> list[str]:
        """The mapped values whose code cannot be chosen in the control that is shown."""
        return sorted(value for code, value in self.options.items() if self.choice(code, shown) is None)

    def moved(self, shown: Shown) -> list[str]:
        """The mapped values whose code is now sent as another value."""
        found = {value: self.choice(code, shown) for code, value in self.options.items()}
        return sorted(value for value, now in found.items() if now not in (value, None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a screen, and how its values are spelt there."""

    id: str
    label: str
    show: Target
    entry: Target | None  # where it is typed; None: the screen only shows it
    codes: Codes | None = None
    date: str = ""  # strftime format
    number: bool = False
    bytes: int = 0  # what the column holds, in the target encoding; 0 = not known
    length: int = 0  # … in characters
    derived: bool = False  # the legacy system itself sets it on a save
    required: bool = False  # a new row is refused without it
    mask: str = "none"  # how a person may see its values; one of core.privacy.MASKS

    def canonical(self, shown: Shown) -> str:
        """Our value of what the screen shows; a code that is not mapped is `?` and the words beside it."""
        if shown.kind == "several":  # which stand in the order in which they were chosen
            return BETWEEN.join(sorted(filter(None, shown.value.split(BETWEEN))))
        if self.codes is None:
            return self._plain(_words(shown))
        if not shown.value:  # nothing chosen, whatever words the empty choice has
            return ""
        return self.codes.says(shown.value, shown.text) or f"?{shown.text or shown.value}"

    def typed(self, value: str) -> str:
        """What is typed or chosen for our value.

        Raises KeyError for a code that is not mapped, ValueError for a date that is not ISO; `refuse` tells beforehand.
        """
        if self.codes is not None:
            return self.codes.options[value]
        return _dated(datetime.fromisoformat(value), self.date) if self.date and value else value

    def refuse(self, value: str, encoding: str) -> str | None:
        """Why the screen cannot hold our value: readonly, code, format, day, charset or length; None when it can."""
        if self.entry is None or self.derived:
            return "readonly"
        try:
            typed = self.typed(value)
            size = len(typed.encode(encoding))
        except KeyError:
            return "code"
        except UnicodeEncodeError:
            return "charset"
        except ValueError:
            return "day" if is_day(value) is False else "format"
        if self.date and self._plain(typed) != value:  # another spelling, or a time of day that the screen drops
            return "format"
        if not (value.replace("\n", "") if self.entry.widget in MANY_LINES else value).isprintable():
            return "charset"
        if self.number and value and not NUMBER.fullmatch(value):
            return "format"
        return "length" if self._longer(size, len(value)) else None

    def meant(self, text: str, shown: Shown, *, days: bool = False) -> tuple[str, str]:
        """Our value of what a person wrote for the control that is shown, and why it cannot take it (a code, or empty).

        `days`: the field is known to hold days, whatever it shows here.
        """
        if self.codes is not None or shown.count != 1:
            return text, ""
        if shown.kind == "checkbox":
            value = TRUTH.get(text.strip().lower(), "")
            return value or text, "" if value else "tick"
        if shown.kind in CHOSEN and text and not self._sought:
            return text, _choosable(text, shown)
        if shown.kind == "several":
            return BETWEEN.join(sorted({part for part in text.split(BETWEEN) if part})), ""
        if shown.kind == "multiselect":
            parts = {part for part in text.split(BETWEEN) if part}
            said = BETWEEN.join(label for label in shown.labels if label in parts)  # in the order of the screen
            return (said, "") if parts <= set(shown.labels) else (text, "code")
        days = days or shown.kind in ("date", "moment") or bool(is_day(shown.value) or DATED.search(self.label))
        if days and is_day(text) is False:
            return text, "day"
        if shown.kind in FORMS and text and not FORMS[shown.kind].fullmatch(text):
            return text, "format"
        if "\n" in text and shown.kind not in MANY_LINES:
            return text, "charset"
        return text, "length" if shown.longest and len(self.typed(text)) > shown.longest else ""

    def hint(self, reason: str, text: str, shown: Shown, encoding: str) -> Words:
        """What the field takes, for the person who wrote a text that it does not take; empty where nothing is known.

        It may hold a page's choices, which may be people: it is for the result, and never for a log.
        """
        if reason in ("code", "crossed"):
            return _choices(self._offered(shown))
        if reason != "length":
            return Words("", "")
        size, letters = len(text.encode(encoding, "replace")), len(text)
        if self.bytes and size > self.bytes:
            return Words(f"最多 {self.bytes} 字节，这里有 {size} 字节", f"at most {self.bytes} bytes, this has {size}")
        most = min(filter(None, (self.length, shown.longest)), default=0)
        if not most:
            return Words("", "")
        return Words(f"最多 {most} 个字符，这里有 {letters} 个", f"at most {most} characters, this has {letters}")

    def _offered(self, shown: Shown) -> list[str]:
        if self.codes is not None:
            return list(self.codes.options)
        return [words for value, words in zip(shown.options, _said(shown), strict=True) if value and words]

    def sent(self, value: str, shown: Shown) -> str:
        """What is typed or chosen for our value in the control that is shown; raises as `typed` does."""
        if self.codes is None and shown.kind in CHOSEN and value in _said(shown) and not self._sought:
            return shown.options[_said(shown).index(value)]
        typed = self.typed(value)
        found = self.codes.choice(value, shown) if self.codes is not None else typed
        if found is None and typed in shown.options:  # its words mean another code, or another choice means the same
            raise KeyError(value)
        return found or typed

    def holds(self, held: str, wanted: str) -> bool:
        """Whether the control has taken what was typed; it may write a number otherwise (12.5 as 12.50)."""
        return held == wanted or (self.number and self._plain(held) == self._plain(wanted))

    @property
    def _sought(self) -> bool:
        return self.entry is not None and self.entry.widget in SOUGHT

    def _longer(self, size: int, letters: int) -> bool:
        return bool(self.bytes and size > self.bytes) or bool(self.length and letters > self.length)

    def _plain(self, text: str) -> str:
        text = text.replace("\r\n", "\n")
        if self.number and NUMBER.fullmatch(text):
            whole, _, part = text.removeprefix("-").partition(".")
            size = ".".join(filter(None, (whole.lstrip("0") or "0", part.rstrip("0"))))
            return f"-{size}" if text.startswith("-") and size != "0" else size
        if not self.date:
            return text
        try:
            at = datetime.strptime(text, self.date.replace("%-", "%"))  # noqa: DTZ007  the screen's wall clock, as the screen shows it
        except ValueError:
            return text  # not a date to the screen either: shown as it stands
        return at.isoformat(sep=" ") if "%H" in self.date else at.date().isoformat()


def _dated(at: datetime, form: str) -> str:
    """A date as strftime writes it; `%-d`, `%-m` and `%-H` without a zero in front, on every system."""
    for letter, number in (("d", at.day), ("m", at.month), ("H", at.hour)):
        form = form.replace(f"%-{letter}", str(number))
    return at.strftime(form)


def _said(shown: Shown) -> tuple[str, ...]:
    """What a person calls the choices: their words, and only where none has any, what they are sent as."""
    return shown.labels if any(shown.labels) else shown.options


def _choosable(text: str, shown: Shown) -> str:
    """Why the choice that a person wrote cannot be chosen; empty when it can.

    The page is told what it is sent as, and chooses by that or by words: what is the one here and the other there is not guessed.
    """
    meant = [value for value, words in zip(shown.options, _said(shown), strict=True) if words == text]
    if len(meant) != 1:
        return "code"
    answering = [pair for pair in zip(shown.options, shown.labels, strict=True) if meant[0] in pair]
    return "" if len(answering) == 1 else "crossed"


def _choices(known: Sequence[str]) -> Words:
    """The first of some choices, and how many there are."""
    some, more = known[:LISTED], len(known) > LISTED
    if not some:
        return Words("", "")
    zh = f"可选：{'、'.join(some)}" + (f"……共 {len(known)} 项" if more else "")
    return Words(zh, f"there are: {', '.join(some)}" + (f" … {len(known)} in all" if more else ""))


def _words(shown: Shown) -> str:
    """What a person reads as the control's value: of a choice its words, and nothing where the empty one is chosen."""
    return (shown.text or shown.value) if shown.kind in CHOSEN and shown.value else shown.value
