"""What a night made of every spoilt cell, counted by class of dirt, by class of the gate and by field."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from sandbox.cells import PHONES, Archive, Cell, Place

CLASSES = ("S", "A", "B", "C", "N")
GRAVE = ("S1", "S2")
BLIND = {"name": "S1", "cert_no": "S1", "mobile": "S1", "home_phone": "S2", "elec_addr": "S2", "quarter": "S2", "phase": "S2",
         "building": "S2", "unit": "S2", "room": "S2", "cert_type": "S2"}  # fmt: skip
"""Severity of a wrong cell that no rule can see; of other columns S3."""
CLEAN = "(clean)"
"""The class of dirt of a cell that was right before somebody wrote to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One cell that was written and claimed as verified."""

    item: str
    place: Place
    automatic: bool
    wrong: bool | None  # None: nobody knows the truth of this column


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a night claims, by place."""

    writes: Sequence[Write]
    findings: Set[tuple[str, str]]  # rule, cons_no
    proposals: Mapping[Place, str]  # the class of the best proposal
    severities: Mapping[str, str]  # of rules
    reasons: Mapping[Place, str] = field(
        default_factory=dict
    )  # why the best proposal was not written, in the claim's words


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one spoilt cell."""

    cell: Cell
    cls: str  # of the proposal on it; empty when there is none
    severity: str
    detected: bool
    solved: bool
    wrong: bool  # written automatically, and not the truth
    decided: str  # what could decide it; empty = nothing

    @property
    def asked(self) -> bool:
        """Whether it counts for the share of grave anomalies that evidence decides."""
        return bool(self.decided) and self.severity in GRAVE


def fates(cells: Iterable[Cell], after: Archive, said: Said, decides: Callable[[Cell], str]) -> list[Fate]:
    """One fate for each spoilt cell."""
    automatic: dict[Place, list[Write]] = defaultdict(list)
    for write in said.writes:
        if write.automatic:
            automatic[write.place].append(write)
    return [_fate(cell, after, said, automatic.get(cell.place, []), decides(cell)) for cell in cells]


def _fate(cell: Cell, after: Archive, said: Said, ours: Sequence[Write], decided: str) -> Fate:
    found = any((rule, account) in said.findings for rule in cell.rules for account in cell.accounts)
    cls = said.proposals.get(cell.place, "")
    severity = min(
        (said.severities[r] for r in cell.rules if r in said.severities), default=BLIND.get(cell.place[2], "S3")
    )
    return Fate(
        cell=cell, cls=cls, severity=severity, detected=found or bool(cls),
        solved=cell.wrong and bool(ours) and cls not in ("C", "N") and cell.put_right(after.at(cell.place)),
        wrong=any(write.wrong for write in ours), decided=decided,
    )  # fmt: skip


def by(fates: Iterable[Fate], key: Callable[[Fate], str]) -> dict[str, dict[str, int]]:
    """Key → counts: `injected` anomalies, of which `cells` hold a wrong value; `asked` are grave and decidable."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for f in fates:
        counts = {
            "injected": 1, "cells": f.cell.wrong, "detected": f.detected, "solved": f.solved, "wrong": f.wrong,
            "decidable": bool(f.decided), "asked": f.asked, "answered": f.asked and f.solved,
        }  # fmt: skip
        found[key(f)].update({name: int(count) for name, count in counts.items()})
    return {name: dict(found[name]) for name in sorted(found)}


def told(fates: Sequence[Fate], said: Said, before: Archive, after: Archive, right: Archive) -> dict[str, Any]:
    """The tables of a night: `dirt`, `classes`, `evidence`, `target`, `open` (column / class / reason), `writes` and `fields`."""
    dirty = {f.cell.place: f.cell.dirt for f in fates}
    ours = [w for w in said.writes if w.automatic]
    known = [w for w in ours if w.wrong is not None]
    bad = [w for w in known if w.wrong]
    asked = [f for f in fates if f.asked]
    return {
        "dirt": by(fates, lambda f: f.cell.dirt), "classes": by(fates, lambda f: f.cls or "-"), "evidence": by(fates, lambda f: f.decided or "-"),
        "target": {"asked": len(asked), "answered": sum(f.solved for f in asked)},
        "open": by((f for f in asked if not f.solved), lambda f: " / ".join((f.cell.place[2], f.cls or "-", said.reasons.get(f.cell.place, "-")))),
        "writes": {
            "automatic": len(ours), "judged": len(known), "wrong": len(bad),
            "by_dirt": dict(Counter(dirty.get(w.place, CLEAN) for w in bad)), "places": [f"{w.item} {' '.join(w.place)}" for w in bad],
        },
        "fields": {column: {"before": one, "after": other} for column, one, other in _fields(before, after, right)},
    }  # fmt: skip


def _fields(before: Archive, after: Archive, right: Archive) -> Iterable[tuple[str, float, float]]:
    """Column, and the share of its cells that are true before and after; of phones an account's numbers are one cell."""
    total: Counter[str] = Counter()
    good: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    for kind, number, column in _every(right):
        place = (kind, number, column)
        total[column] += 1
        for later, archive in ((False, before), (True, after)):
            good[later][column] += sorted(archive.at(place)) == sorted(right.at(place))
    for column, count in total.items():
        yield column, round(good[False][column] / count, 5), round(good[True][column] / count, 5)


def _every(right: Archive) -> Iterable[Place]:
    for (kind, number), columns in right.cells.items():
        yield from ((kind, number, column) for column in columns)
    for number in right.contacts:
        yield from (("contacts", number, column) for column in PHONES)
