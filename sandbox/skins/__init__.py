"""A skin: the words, codes, field order and formats in which one province's legacy system shows the same records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One cell of a screen."""

    column: str
    label: str
    name: str = ""
    # readonly | text | textarea | select | radio
    widget: str = "readonly"
    # length of the database column in bytes of GBK; 0 = not stored by this screen
    bytes: int = 0
    # the code table, empty for free text
    table: str = ""
    # number | mobile | date
    rule: str = ""
    required: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One row of a code table: the semantic key that is stored, and what the screen shows."""

    key: str
    code: str
    label: str

    @property
    def option(self) -> str:
        """The text of the choice in a select."""
        return f"{self.code} {self.label}"


@dataclass(frozen=True)
class Skin:
    """Everything that differs between two provinces' screens."""

    name: str
    prefix: str
    digits: int
    date_format: str
    time_format: str
    encoding: str
    texts: dict[str, str]
    codes: dict[str, tuple[Code, ...]]
    screens: dict[str, tuple[Field, ...]]
    # table → (column, header) in the order of the file
    export: dict[str, tuple[tuple[str, str], ...]]

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], Code]:
        return {(table, c.key): c for table, codes in self.codes.items() for c in codes}

    @cached_property
    def _by_shown(self) -> dict[tuple[str, str], str]:
        return {
            (table, shown): c.key
            for table, codes in self.codes.items()
            for c in codes
            for shown in (c.label, c.option, c.code)
        }

    def code(self, table: str, key: str) -> str:
        """The province's code value of a semantic key; an unknown key is its own code."""
        found = self._by_key.get((table, key))
        return found.code if found else key

    def label(self, table: str, key: str) -> str:
        """The words for a semantic key; an unknown key is shown as it is."""
        found = self._by_key.get((table, key))
        return found.label if found else key

    def key(self, table: str, shown: str) -> str:
        """The semantic key behind a code, a label or `code label`; anything else is its own key."""
        return self._by_shown.get((table, shown), shown)

    def show(self, field: Field, value: str) -> str:
        """A stored value as a read-only cell shows it."""
        if field.table:
            return self.label(field.table, value)
        return self.date(value) if field.rule == "date" else value

    def date(self, iso: str) -> str:
        """An ISO date or date and time in the skin's format; anything else as it is."""
        for shape, wanted in (("%Y-%m-%d", self.date_format), ("%Y-%m-%d %H:%M:%S", self.time_format)):
            if (at := _parse(iso, shape)) is not None:
                return at.strftime(wanted)
        return iso

    def iso(self, shown: str) -> str | None:
        """The ISO date behind a date in the skin's format; None when it is not one."""
        at = _parse(shown, self.date_format)
        return at.strftime("%Y-%m-%d") if at else None


def load(name: str) -> Skin:
    """The skin `name` (a file beside this module)."""
    path = HERE / f"{name}.yaml"
    if not path.exists():
        raise ValueError(f"no skin '{name}'; there are: {', '.join(sorted(p.stem for p in HERE.glob('*.yaml')))}")
    # BaseLoader keeps every scalar a string, so code 01 and key `none` stay what they are.
    raw: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes strings only
    return Skin(
        name=name,
        prefix=raw["prefix"],
        digits=int(raw["digits"]),
        encoding=raw["encoding"],
        texts=raw["texts"],
        date_format=raw["date_format"],
        time_format=raw["time_format"],
        codes={
            table: tuple(Code(key=key, code=pair[0], label=pair[1]) for key, pair in codes.items())
            for table, codes in raw["codes"].items()
        },
        screens={screen: tuple(_field(f) for f in body["fields"]) for screen, body in raw["screens"].items()},
        export={table: tuple((c["column"], c["header"]) for c in columns) for table, columns in raw["export"].items()},
    )


def _field(raw: dict[str, str]) -> Field:
    return Field(**{key: int(value) if key == "bytes" else value for key, value in raw.items()})  # type: ignore[arg-type]


def _parse(text: str, shape: str) -> datetime | None:
    try:
        return datetime.strptime(text, shape)  # noqa: DTZ007 - a date on a form has no zone
    except ValueError:
        return None
