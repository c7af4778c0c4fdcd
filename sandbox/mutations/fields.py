"""Changes that the system means: labels, names, order, codes and widgets of a screen's fields, with what they store."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from sandbox.mutations import SkinChange
from sandbox.skins import Code, Field, Skin

SCREEN = "basic"


def changed(column: str, *, on: str = SCREEN, **values: str) -> SkinChange:
    """The field of a column with other values of its `Field`: label, name, widget, unit, required."""
    return lambda skin: _with(skin, [replace(f, **values) if f.column == column else f for f in skin.screens[on]], on)  # type: ignore[arg-type]


def swapped(one: str, other: str, *what: str, on: str = SCREEN) -> SkinChange:
    """Two fields exchange what is named: `label`, `name`, or both."""

    def swap(skin: Skin) -> Skin:
        a, b = field(skin, one, on), field(skin, other, on)
        there = {one: _taken(a, b, what), other: _taken(b, a, what)}
        return _with(skin, [there.get(f.column, f) for f in skin.screens[on]], on)

    return swap


def shuffled(seed: int, on: str = SCREEN) -> SkinChange:
    """All fields in another order."""

    def shuffle(skin: Skin) -> Skin:
        fields = list(skin.screens[on])
        random.Random(seed).shuffle(fields)
        return _with(skin, fields, on)

    return shuffle


def dropped(column: str, on: str = SCREEN) -> SkinChange:
    """The field is gone, and the form does not store it any more."""
    return lambda skin: _with(skin, [f for f in skin.screens[on] if f.column != column], on)


def succeeded(column: str, heir: str) -> SkinChange:
    """The field is gone, and another one now bears its label."""

    def succeed(skin: Skin) -> Skin:
        return changed(heir, label=field(skin, column).label)(dropped(column)(skin))

    return succeed


def recoded(table: str, change: Callable[[tuple[Code, ...]], tuple[Code, ...]]) -> SkinChange:
    """A code table after a change."""
    return lambda skin: replace(skin, codes={**skin.codes, table: change(skin.codes[table])})


def field(skin: Skin, column: str, on: str = SCREEN) -> Field:
    """The field of a column."""
    return next(f for f in skin.screens[on] if f.column == column)


# -- changes of a code table


def retexted(key: str, label: str) -> Callable[[tuple[Code, ...]], tuple[Code, ...]]:
    """One choice has other words."""
    return lambda codes: tuple(replace(c, label=label) if c.key == key else c for c in codes)


def renumbered(key: str, code: str) -> Callable[[tuple[Code, ...]], tuple[Code, ...]]:
    """One choice is sent as another value."""
    return lambda codes: tuple(replace(c, code=code) if c.key == key else c for c in codes)


def rotated(codes: tuple[Code, ...]) -> tuple[Code, ...]:
    """Every choice has the value of the next one."""
    values = [c.code for c in codes]
    return tuple(replace(c, code=v) for c, v in zip(codes, values[1:] + values[:1], strict=True))


def without(key: str) -> Callable[[tuple[Code, ...]], tuple[Code, ...]]:
    """One choice is gone."""
    return lambda codes: tuple(c for c in codes if c.key != key)


def also(key: str, code: str, label: str) -> Callable[[tuple[Code, ...]], tuple[Code, ...]]:
    """There is one more choice."""
    return lambda codes: (*codes, Code(key=key, code=code, label=label))


def reordered(codes: tuple[Code, ...]) -> tuple[Code, ...]:
    """The choices stand in reverse."""
    return codes[::-1]


def _with(skin: Skin, fields: list[Field], on: str) -> Skin:
    return replace(skin, screens={**skin.screens, on: tuple(fields)})


def _taken(of: Field, other: Field, what: tuple[str, ...]) -> Field:
    return replace(of, **{name: getattr(other, name) for name in what})
