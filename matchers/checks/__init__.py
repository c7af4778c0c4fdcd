"""Let a rule name its check: every check function registers here under `family.name`, with what it reads and how it is set.

A check takes the scene (columns, judged once per distinct text) and its own settings as keyword arguments, and answers hits:

    @check("cert_no", "cons_sort_code")
    def too_many(scene: Scene, *, limit: int) -> list[Hits]: ...

The fields named in the decorator must be in the archive, the `extra` names must have been handed in; else the rule that uses the
check is not evaluated. A setting that takes one of a closed list says so, and a rule that names another one is a mistake:

    def has(scene: Scene, *, reason: Annotated[str, OneOf(names.REASONS)]) -> list[Hits]: ...
    def voltage(scene: Scene, *, allowed: Annotated[tuple[str, ...], CodeOf("volt")]) -> list[Hits]: ...      # a table of codes.yaml

A new file here is a new family: nothing else names it.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Any, Protocol, get_args, get_origin, get_type_hints

import numpy as np

from core.errors import ConfigError, choices
from core.words import Words
from matchers.archive import ACCOUNT_FIELDS, CONTACT_FIELDS, EXTRAS
from matchers.columns import MISSING, Coded, Codes, Flags, Texts, spread
from matchers.comparators import Levels
from matchers.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What a check says of one offending value."""

    # the value as it stands in the archive; it identifies the finding and never enters a message
    value: str = ""
    # A: `repair` follows from the value alone; else how far the finding may go at best
    cls: str = "C"
    # the value that would settle the finding; certain with class A, a candidate otherwise
    repair: str | None = None
    # the field the repair belongs to, where it is another one than the finding's
    target: str = ""
    # named parts of the message; no personal data
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Where one field breaks a rule: parallel columns, one entry for each breakage."""

    field: str
    # account rows, int32
    rows: Codes
    # contact rows, −1 for fields of the account, int32
    contacts: Codes
    # places in `details`, int32
    codes: Codes
    details: tuple[Detail, ...]

    def __reduce__(self) -> tuple[object, ...]:
        """For a process that sends its hits to another: a million details go as plain values."""
        shared: dict[int, dict[str, object]] = {}
        plain = [(d.value, d.cls, d.repair, d.target, _once(d.params, shared)) for d in self.details]
        return _received, (self.field, self.rows, self.contacts, self.codes, plain)


_NOTHING: dict[str, object] = {}


def _once(params: Mapping[str, object], shared: dict[int, dict[str, object]]) -> dict[str, object]:
    """The parameters as a dictionary, the same one for all details that say the same."""
    if not params:
        return _NOTHING
    if id(params) not in shared:
        shared[id(params)] = dict(params)
    return shared[id(params)]


def _received(field: str, rows: Codes, contacts: Codes, codes: Codes, plain: Sequence[tuple[Any, ...]]) -> Hits:
    details = (Detail(value=v, cls=c, repair=r, target=t, params=p) for v, c, r, t, p in plain)
    return Hits(field, rows, contacts, codes, tuple(details))


class Function(Protocol):
    """A check as it is written."""

    __name__: str
    __module__: str

    def __call__(self, scene: Scene, **settings: object) -> Sequence[Hits]:
        """The breakages."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter that a rule may give to its check."""

    name: str
    kind: object
    required: bool
    # what may be given; empty: anything of its kind
    choices: tuple[str, ...] = ()
    # the code table of the site whose codes it takes
    table: str = ""


@dataclass(frozen=True, slots=True)
class OneOf:
    """Beside a setting's type: the texts that it, or each of its texts, may be."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeOf:
    """Beside a setting's type: the code table (codes.yaml) of which it, or each of its texts, is a code."""

    table: str


Ceiling = Annotated[str, OneOf(("B", "C", "N"))]
"""How far findings without a sure repair may go."""


@dataclass(frozen=True, slots=True)
class Check:
    """A registered check."""

    name: str
    run: Function
    # field ids that the archive must have
    fields: tuple[str, ...]
    # names in Archive.extra that must be there
    extra: tuple[str, ...]
    settings: Mapping[str, Setting]
    # runs after the others, for it reads `scene.found`
    last: bool = False


_CHECKS: dict[str, Check] = {}


def check(
    *fields: str, extra: Sequence[str] = (), last: bool = False
) -> Callable[[Callable[..., Sequence[Hits]]], Callable[..., Sequence[Hits]]]:
    """Register a check function that reads these fields and extra inputs; `last`: it asks what the other rules found.

    Raises ConfigError, naming the check's file and line and the choices, for a field that no export can have, or an input that there
    is not: its rules would be told as not evaluated for ever.
    """

    def register(run: Callable[..., Sequence[Hits]]) -> Callable[..., Sequence[Hits]]:
        name = f"{run.__module__.rpartition('.')[2]}.{run.__name__}"
        _there(run, "字段", "field", fields, (*ACCOUNT_FIELDS, *CONTACT_FIELDS))
        _there(run, "输入", "input", extra, EXTRAS)
        hints = get_type_hints(run, include_extras=True)
        keywords = [p for p in inspect.signature(run).parameters.values() if p.kind is p.KEYWORD_ONLY]
        settings = {p.name: _setting(p, hints[p.name]) for p in keywords}
        _CHECKS[name] = Check(name, run, fields, tuple(extra), settings, last)
        return run

    return register


def _there(run: Callable[..., object], zh: str, en: str, named: Sequence[str], known: Sequence[str]) -> None:
    wrong = next((name for name in named if name not in known), None)
    if wrong is not None:
        code = inspect.unwrap(run).__code__
        file = code.co_filename.replace("\\", "/").rpartition("/")[2]
        place = f"matchers/checks/{file}:{code.co_firstlineno}: @check: "
        there = choices(known)
        raise ConfigError(
            Words(f"{place}没有{zh} '{wrong}'；现有：{there}", f"{place}no {en} '{wrong}'; there are: {there}")
        )


def _setting(parameter: inspect.Parameter, hint: object) -> Setting:
    kind, *beside = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    names = next((one.names for one in beside if isinstance(one, OneOf)), ())
    table = next((one.table for one in beside if isinstance(one, CodeOf)), "")
    return Setting(parameter.name, kind, parameter.default is parameter.empty, names, table)


@cache
def registry() -> Mapping[str, Check]:
    """Every check of every file in this folder, by its name."""
    for family in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{family.name}")
    return dict(sorted(_CHECKS.items()))


# -- how checks turn what they found into hits


UNJUDGED = ""
"""The field of hits that are no breakages: accounts of which a check can say nothing for want of an input."""


def unjudged(rows: Flags) -> Hits:
    """Accounts that a check has not judged: they are counted beside the rule, never as passed."""
    chosen = np.flatnonzero(rows).astype(np.int32)
    nowhere = np.full(len(chosen), MISSING, dtype=np.int32)
    return Hits(UNJUDGED, chosen, nowhere, np.zeros(len(chosen), dtype=np.int32), (Detail(),))


def judged(name: str, column: Coded, judge: Callable[[str], Detail | None], *, only: Flags | None = None) -> list[Hits]:
    """Hits on a field of the account: `judge` sees each distinct text once; `only` says which account rows count."""
    return [_hits(name, column, column.each(judge), only, None)]


def judged_contacts(
    scene: Scene, name: str, judge: Callable[[str], Detail | None], *, only: Flags | None = None
) -> list[Hits]:
    """Hits on a field of the contacts: as `judged`; `only` says which contact rows count."""
    column = scene.archive.contacts[name]
    return [_hits(name, column, column.each(judge), only, scene.archive.contact_of)]


def placed_contacts(scene: Scene, name: str, details: Sequence[Detail | None]) -> list[Hits]:
    """Hits on a field of the contacts from one detail (or None) for each distinct text."""
    return [_hits(name, scene.archive.contacts[name], details, None, scene.archive.contact_of)]


def placed(name: str, column: Coded, details: Sequence[Detail | None], *, only: Flags | None = None) -> list[Hits]:
    """Hits on a field of the account from one detail (or None) for each distinct text."""
    return [_hits(name, column, details, only, None)]


def flagged(name: str, column: Coded, rows: Flags, detail: Detail, *, contact_of: Codes | None = None) -> list[Hits]:
    """Hits on the flagged rows, present or missing, all saying the same; the finding's value is the row's own text."""
    chosen = np.flatnonzero(rows).astype(np.int32)
    codes = column.codes[chosen]
    used, places = np.unique(codes, return_inverse=True)
    texts = ["" if code == MISSING else str(column.values[code]) for code in used]
    details = tuple(
        Detail(value=t, cls=detail.cls, repair=detail.repair, target=detail.target, params=detail.params) for t in texts
    )
    return [_located(name, chosen, places.astype(np.int32), details, contact_of)]


def each_row(name: str, column: Coded, rows: Flags, judge: Callable[[int], Detail]) -> list[Hits]:
    """Hits on the flagged account rows, each with a word of its own: `judge` sees the row; the finding's value is the row's text."""
    chosen = np.flatnonzero(rows).astype(np.int32)
    details = tuple(replace(judge(row), value=column.at(row) or "") for row in chosen.tolist())
    return [_located(name, chosen, np.arange(len(chosen), dtype=np.int32), details, None)]


def compared(left: Coded, right: Coded, compare: Callable[[Texts, Texts], Levels]) -> Levels:
    """The levels of two columns over accounts, −1 where either is missing; some thousands of rows at a time, for their texts' sake."""
    levels = np.full(len(left), MISSING, dtype=np.int8)
    both = np.flatnonzero(left.present() & right.present())
    for rows in np.array_split(both, -(-len(both) // _AT_ONCE) or 1):
        levels[rows] = compare(left.take(rows).decode(), right.take(rows).decode())
    return levels


_AT_ONCE = 50_000


def _hits(
    name: str, column: Coded, found: Sequence[Detail | None], only: Flags | None, contact_of: Codes | None
) -> Hits:
    kept = [detail for detail in found if detail is not None]
    place = np.full(len(found), MISSING, dtype=np.int32)
    place[[index for index, detail in enumerate(found) if detail is not None]] = np.arange(len(kept))
    per_row = spread(column.codes, place, MISSING)
    hit = per_row != MISSING if only is None else (per_row != MISSING) & only
    rows = np.flatnonzero(hit).astype(np.int32)
    return _located(name, rows, per_row[rows], tuple(kept), contact_of)


def _located(name: str, rows: Codes, codes: Codes, details: tuple[Detail, ...], contact_of: Codes | None) -> Hits:
    if contact_of is None:
        return Hits(name, rows, np.full(len(rows), MISSING, dtype=np.int32), codes, details)
    owned = contact_of[rows] != MISSING
    return Hits(name, contact_of[rows][owned], rows[owned], codes[owned], details)
