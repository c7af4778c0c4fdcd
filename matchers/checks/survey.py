"""Checks of the survey's own material."""

from collections import Counter
from collections.abc import Mapping
from typing import cast

import numpy as np
import numpy.typing as npt

from matchers.checks import Detail, Hits, check, flagged, unjudged
from matchers.columns import Coded, equal
from matchers.normal.positions import Positions
from matchers.normal.positions import metres as distance
from matchers.scene import Scene

_FOREVER = 1 << 36
"""More minutes than any clock will show: keeps the surveyors' clocks apart in one number."""


@check("cons_no", extra=("photos",))
def photos(scene: Scene) -> list[Hits]:
    """A surveyed account without a photo, or with one that was handed in for another account too.

    Of a photo that came without a hash (an empty text) nobody can tell whether it was: its account is not judged.
    """
    handed = cast("tuple[tuple[str, ...] | None, ...]", scene.archive.extra["photos"])
    uses = Counter(sha for photos in handed if photos for sha in set(photos) - {""})
    without = np.array([found is not None and not found for found in handed], dtype=np.bool_)
    again = np.array([any(uses[sha] > 1 for sha in found or ()) for found in handed], dtype=np.bool_)
    unknown = np.array([found is not None and "" in found for found in handed], dtype=np.bool_)
    column = scene.archive.column("cons_no")
    return [
        *flagged("cons_no", column, without, Detail(params={"why": "missing"})),
        *flagged("cons_no", column, again, Detail(params={"why": "repeated"})),
        unjudged(unknown & ~again),
    ]


@check(extra=("survey_answers", "survey_values"))
def blank(scene: Scene) -> list[Hits]:
    """An answer that calls the archive's value wrong and states nothing instead: it would only wipe the value out."""
    hits = []
    for field, answers in _answers(scene):
        column = scene.archive.column(field)
        wiped = answers.isin(("wrong",)) & ~scene.surveyed(field).present() & column.present()
        hits += flagged(field, column, wiped, Detail(cls="N"))
    return hits


@check(extra=("survey_answers", "survey_values", "survey_before"))
def wrong_but_equal(scene: Scene) -> list[Hits]:
    """An answer that calls the archive's value wrong and states the value that stood there already."""
    before = cast("Mapping[str, Coded]", scene.archive.extra["survey_before"])
    hits = []
    for field, answers in _answers(scene):
        column, stated = scene.archive.column(field), scene.surveyed(field)
        same = equal(column, stated) & equal(before[field], stated) if field in before else equal(column, stated)
        hits += flagged(field, column, answers.isin(("wrong",)) & same, Detail())
    return hits


def _answers(scene: Scene) -> list[tuple[str, Coded]]:
    """The answers on fields of the account that the archive has."""
    given = cast("Mapping[str, Coded]", scene.archive.extra["survey_answers"])
    return [(field, answers) for field, answers in given.items() if field in scene.archive.columns]


@check("cons_no", extra=("positions", "survey_positions"))
def far_from_the_box(scene: Scene, *, metres: float) -> list[Hits]:
    """The surveyor stood farther from the account's meter box than this."""
    kept = cast("Positions", scene.archive.extra["positions"])
    stood = cast("Positions", scene.archive.extra["survey_positions"])
    both = kept.present() & stood.present()
    far = np.zeros(len(both), dtype=np.bool_)
    (a, b), (c, d) = kept.wgs84(), stood.wgs84()
    far[both] = distance(a[both], b[both], c[both], d[both]) > metres
    return flagged("cons_no", scene.archive.column("cons_no"), far, Detail(params={"metres": f"{metres:g}"}))


@check("cons_no", extra=("survey_log",))
def too_fast(scene: Scene, *, per_hour: int) -> list[Hits]:
    """Visits of one surveyor of whom more than this number fall into one hour."""
    surveyor, minute = cast("tuple[Coded, npt.NDArray[np.int64]]", scene.archive.extra["survey_log"])
    rows = np.flatnonzero(surveyor.present() & (minute >= 0))
    clock = surveyor.codes[rows].astype(np.int64) * _FOREVER + minute[rows]
    order = np.argsort(clock, kind="stable")
    ends = np.searchsorted(clock[order], clock[order] + 60, side="left")
    starts = np.arange(len(order))
    crowded = ends - starts > per_hour
    edges = np.zeros(len(order) + 1, dtype=np.int64)
    np.add.at(edges, starts[crowded], 1)
    np.add.at(edges, ends[crowded], -1)
    hurried = np.zeros(len(minute), dtype=np.bool_)
    hurried[rows[order[np.cumsum(edges[:-1]) > 0]]] = True
    return flagged("cons_no", scene.archive.column("cons_no"), hurried, Detail(params={"limit": per_hour}))


@check("cons_no", extra=("readbacks",))
def read_back(scene: Scene) -> list[Hits]:
    """Cells that showed something else after they were written."""
    cells = cast("frozenset[tuple[str, str]]", scene.archive.extra["readbacks"])
    return [hit for field in sorted({field for _, field in cells}) for hit in _cells(scene, field, cells)]


def _cells(scene: Scene, field: str, cells: frozenset[tuple[str, str]]) -> list[Hits]:
    accounts = scene.archive.keys.isin(number for number, name in cells if name == field)
    return flagged(field, scene.archive.column(field), accounts, Detail(cls="N"))


@check("cons_no", extra=("rewritten",), last=True)
def not_healed(scene: Scene) -> list[Hits]:
    """Cells that were filled in because of a rule that breaks on them still."""
    cells = cast("frozenset[tuple[str, str, str]]", scene.archive.extra["rewritten"])
    hits = []
    for code, found in scene.found:
        again = scene.archive.keys.isin(number for number, name, rule in cells if (name, rule) == (found.field, code))
        still = np.zeros(len(again), dtype=np.bool_)
        still[found.rows] = True
        hits += flagged(found.field, scene.archive.column(found.field), again & still, Detail(params={"rule": code}))
    return hits


@check("cons_no", extra=("evidence_dates",))
def stale_evidence(scene: Scene) -> list[Hits]:
    """Cells that changed after the day of the newest evidence on them."""
    known = cast("Mapping[str, tuple[Coded, Coded]]", scene.archive.extra["evidence_dates"])
    hits = []
    for field, (told, changed) in known.items():
        day = scene.ordinals(told)
        hits += flagged(
            field, scene.archive.column(field), (day > 0) & (day < scene.ordinals(changed)), Detail(cls="N")
        )
    return hits
