"""The oracle: hold what was claimed against what the legacy database holds, what the effect log says, and what is true."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import cells, figures, skins, store, truth
from sandbox.cells import Archive, Family, Place
from sandbox.figures import CLASSES, Said, Write
from sandbox.skins import Skin

WAITING = {
    "verified",
    "unchanged",
    "conflict",
    "awaiting_approval",
    "business_error",
    "unknown",
    "parked",
    "waiting",
    "ready",
    "working",
    "held",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Legacy:
    """The legacy system's contents, by what people call them."""

    cells: Mapping[tuple[str, str], Mapping[str, str]]  # (kind, number) → column → value
    contacts: Mapping[str, Sequence[Mapping[str, str]]]  # cons_no → rows
    effects: Sequence[Mapping[str, Any]]
    family: Family


def meta(directory: Path) -> dict[str, str]:
    """What a world was made from."""
    with closing(sqlite3.connect(directory / truth.TRUTH)) as db:
        return dict(db.execute("SELECT key, value FROM meta"))


def score(directory: Path, claims: Mapping[str, Any]) -> dict[str, Any]:
    """The five figures, the effects' count, precision and recall of every injected rule (of those that were never evaluated only how many were injected), and what became of every spoilt cell."""
    skin = skins.load(meta(directory)["skin"])
    legacy, unasked = _legacy(directory), frozenset(claims.get("not_evaluated", ()))
    with closing(sqlite3.connect(directory / truth.TRUTH)) as db:
        right = _by_place(db.execute("SELECT kind, object, column, value FROM truth_cell"))
        initial = _by_place(db.execute("SELECT kind, object, column, value FROM initial_cell"))
        people = _by_account(db.execute("SELECT cons_no, name, relation, mobile, home_phone FROM truth_contact"))
        before = _by_account(db.execute("SELECT cons_no, name, relation, mobile, home_phone FROM initial_contact"))
        injected = {tuple(row) for row in db.execute("SELECT rule, cons_no FROM injected")}
        tolerated = {tuple(row) for row in db.execute("SELECT rule, cons_no FROM tolerated")}
        was, should, now = (
            Archive(cells=c, contacts=rows)
            for c, rows in ((initial, before), (right, people), (legacy.cells, legacy.contacts))
        )
        said = _said(skin, should, claims)
        witness = cells.evidence(directory, db, legacy.family, skin, claims.get("day") or meta(directory)["date"])
        spoilt = cells.spoilt(db, legacy.family, was, should)
    fates = figures.fates(spoilt, now, said, lambda cell: witness.decides(cell, legacy.family, was, should))
    silent, wrong = _cells(skin, legacy, right, claims.get("cells", ()))
    more_silent, more_wrong = _rows(skin, legacy, people, claims.get("contacts", ()))
    doubled = _doubled(legacy, before)
    lost = _lost(legacy, claims.get("items", ()))
    return {
        "silent_wrong": len(silent) + len(more_silent), "wrong_automatic": len(wrong) + len(more_wrong), "lost": len(lost), "doubled": len(doubled),
        "accuracy_before": _accuracy(initial, before, right, people), "accuracy_after": _accuracy(legacy.cells, legacy.contacts, right, people),
        "effects": len([e for e in legacy.effects if e["kind"] in ("insert", "apply") or (e["kind"] == "update" and e["detail"])]),
        "rules": _rules({place for place in injected if place[0] not in unasked}, tolerated, claims.get("findings", ())),
        "not_evaluated": dict(sorted(Counter(rule for rule, _ in injected if rule in unasked).items())),
        "cells": figures.told(fates, said, was, now, should) | {"left": _left(legacy.effects, said, now, should)},
        "details": {"silent_wrong": silent + more_silent, "wrong_automatic": wrong + more_wrong, "lost": lost, "doubled": doubled},
    }  # fmt: skip


def _legacy(directory: Path) -> Legacy:
    with closing(store.connect(directory / store.FILE)) as db:
        found: dict[tuple[str, str], dict[str, str]] = {
            ("customer", r["cust_no"]): dict(r) for r in db.execute("SELECT * FROM customer")
        }
        for row in db.execute("SELECT a.*, c.name, c.cust_no FROM account a JOIN customer c USING(cust_id)"):
            found["account", row["cons_no"]] = dict(row)
        contacts = defaultdict(list)
        for row in db.execute(
            "SELECT a.cons_no, c.* FROM contact c JOIN account a USING(acct_id) ORDER BY c.contact_id"
        ):
            contacts[row["cons_no"]].append(dict(row))
        return Legacy(cells=found, contacts=contacts, effects=store.effects(db), family=_family(db))


def _family(db: sqlite3.Connection) -> Family:
    rows = db.execute("SELECT acct_id, cons_no, cust_no FROM account JOIN customer USING(cust_id) ORDER BY acct_id")
    customer, serial, accounts = {}, {}, defaultdict[str, list[str]](list)
    for acct_id, cons_no, cust_no in rows:
        customer[cons_no], serial[cons_no] = cust_no, acct_id - 1
        accounts[cust_no].append(cons_no)
    return Family(customer=customer, accounts={c: tuple(a) for c, a in accounts.items()}, serial=serial)


def _by_place(rows: Any) -> dict[tuple[str, str], dict[str, str]]:
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for kind, number, column, value in rows:
        found[kind, number][column] = value
    return found


def _by_account(rows: Any) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for cons_no, name, relation, mobile, home_phone in rows:
        found[cons_no].append({"name": name, "relation": relation, "mobile": mobile, "home_phone": home_phone})
    return found


# -- what a person sees, and what is stored


def _column(skin: Skin, kind: str, label: str) -> str:
    """The legacy column behind a label; a name that no screen shows is an error of the claim."""
    for screen in {"customer": ("apply",), "account": ("basic",), "contacts": ("contacts",)}[kind]:
        for field in skin.screens[screen]:
            if field.label == label:
                return field.column.removeprefix("new_")
    raise KeyError(f"no label '{label}' on the screens of {kind}")


def _cells(
    skin: Skin, legacy: Legacy, right: Mapping[tuple[str, str], Mapping[str, str]], claims: Any
) -> tuple[list[str], list[str]]:
    silent, wrong = [], []
    for claim in claims:
        column = _column(skin, claim["kind"], claim["label"])
        value, place = cells.stored(skin, column, claim["value"]), (claim["kind"], claim["object"])
        if legacy.cells.get(place, {}).get(column) != value:
            silent.append(f"{claim['item']} {column}")
        if claim["automatic"] and column in right.get(place, {}) and right[place][column] != value:
            wrong.append(f"{claim['item']} {column}")
    return silent, wrong


def _rows(
    skin: Skin, legacy: Legacy, people: Mapping[str, Sequence[Mapping[str, str]]], claims: Any
) -> tuple[list[str], list[str]]:
    silent, wrong = [], []
    for claim in claims:
        row = {
            c: cells.stored(skin, c, v) for label, v in claim["row"].items() for c in [_column(skin, "contacts", label)]
        }
        standing = [r for r in legacy.contacts.get(claim["object"], ()) if all(r[c] == v for c, v in row.items())]
        if len(standing) != 1:
            silent.append(f"{claim['item']} contact")
        typed = {_column(skin, "contacts", label): value for label, value in claim.get("typed", claim["row"]).items()}
        numbers = {c: v for c, v in typed.items() if c in ("mobile", "home_phone") and v}
        true = [r for r in people.get(claim["object"], ()) if all(r[c] == v for c, v in numbers.items())]
        if claim["automatic"] and numbers and not true:
            wrong.append(f"{claim['item']} contact")
    return silent, wrong


def _said(skin: Skin, right: Archive, claims: Mapping[str, Any]) -> Said:
    """The claims by place."""
    best: dict[Place, tuple[str, str]] = {}
    for p in claims.get("proposals", ()):
        place = (p["kind"], p["object"], _column(skin, p["kind"], p["label"]))
        one = (p["cls"], p.get("why", ""))
        best[place] = min(best.get(place, one), one, key=lambda found: CLASSES.index(found[0]))
    return Said(
        writes=[*_written(skin, right, claims.get("cells", ())), *_typed(skin, right, claims.get("contacts", ()))],
        findings={(f["rule"], f["cons_no"]) for f in claims.get("findings", ())},
        proposals={place: cls for place, (cls, _) in best.items()},
        severities=claims.get("severities", {}),
        reasons={place: why for place, (_, why) in best.items()},
    )


def _written(skin: Skin, right: Archive, claims: Any) -> Iterator[Write]:
    for claim in claims:
        place = (claim["kind"], claim["object"], _column(skin, claim["kind"], claim["label"]))
        known = place[2] in right.cells.get(place[:2], {})
        wrong = right.at(place) != (cells.stored(skin, place[2], claim["value"]),)
        yield Write(item=claim["item"], place=place, automatic=claim["automatic"], wrong=wrong if known else None)


def _typed(skin: Skin, right: Archive, claims: Any) -> Iterator[Write]:
    """Cells typed into contact rows: a number is right when it is one of the account's, a name or relation when the likest row has it."""
    for claim in claims:
        row, typed = ({c: cells.stored(skin, c, v) for label, v in claim.get(side, claim["row"]).items()
                       for c in [_column(skin, "contacts", label)] if c != "priority"} for side in ("row", "typed"))  # fmt: skip
        true = max(
            right.contacts.get(claim["object"], ()), key=lambda r: sum(r[c] == v for c, v in row.items()), default={}
        )
        for column, value in typed.items():
            place = ("contacts", claim["object"], column)
            right_here = value in right.at(place) if column in cells.PHONES and value else true.get(column) == value
            yield Write(item=claim["item"], place=place, automatic=claim["automatic"], wrong=not right_here)


SCREENS = {"account": "account", "contact": "contacts", "workflow": "customer"}
SAVED = ("update", "insert", "archive")


def _left(effects: Sequence[Mapping[str, Any]], said: Said, now: Archive, right: Archive) -> list[str]:
    """Places where a value stands that a save of ours left there, that is not true, and that no claim covers."""
    last = {
        (SCREENS[e["screen"]], e["object"], column): (e["kind"], value)
        for e in effects if e["kind"] in (*SAVED, "foreign") for column, value in e["detail"].items()
    }  # fmt: skip
    claimed = {write.place for write in said.writes}
    ours = {place: value for place, (kind, value) in last.items() if kind in SAVED and value and place not in claimed}
    known = {
        p: v
        for p, v in ours.items()
        if (p[0] == "contacts" and p[2] in cells.PHONES) or p[2] in right.cells.get(p[:2], ())
    }
    return [
        " ".join(place) for place, value in known.items() if value in now.at(place) and value not in right.at(place)
    ]


def _doubled(legacy: Legacy, before: Mapping[str, Sequence[Mapping[str, str]]]) -> list[str]:
    """Contact rows that stand there more often than the night found them, and rows and orders that were sent twice."""
    found = [f"contact of {number}" for (number, _), count in _sent(legacy, "insert").items() if count > 1]
    for cons_no, rows in legacy.contacts.items():
        now, then = Counter(map(_row, rows)), Counter(map(_row, before.get(cons_no, ())))
        found += [f"contact of {cons_no}" for row, count in now.items() if count > max(1, then[row])]
    found = list(dict.fromkeys(found))  # a row that was sent twice mostly stands there twice as well
    returned = Counter(e["object"] for e in legacy.effects if e["kind"] == "return")
    return found + [
        f"order of {number}" for (number, _), count in _sent(legacy, "apply").items() if count > 1 + returned[number]
    ]


def _sent(legacy: Legacy, kind: str) -> Counter[tuple[str, str]]:
    """How often the same was sent for the same object."""
    return Counter((e["object"], json.dumps(e["detail"], sort_keys=True)) for e in legacy.effects if e["kind"] == kind)


def _row(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row[c] for c in ("name", "relation", "mobile", "home_phone"))


def _lost(legacy: Legacy, items: Any) -> list[str]:
    """Items in no named state; and verified ones of which the effect log knows nothing."""
    seen = {(e["object"]) for e in legacy.effects}
    return [
        i["item"] for i in items if i["state"] not in WAITING or (i["state"] == "verified" and i["object"] not in seen)
    ]


def _accuracy(
    cells: Mapping[tuple[str, str], Mapping[str, str]], contacts: Mapping[str, Sequence[Mapping[str, str]]],
    right: Mapping[tuple[str, str], Mapping[str, str]], people: Mapping[str, Sequence[Mapping[str, str]]],
) -> float:  # fmt: skip
    """The share of cells equal to the truth; an account's set of mobile numbers counts as one cell."""
    good = total = 0
    for place, columns in right.items():
        good += sum(cells.get(place, {}).get(column) == value for column, value in columns.items())
        total += len(columns)
    for cons_no, rows in people.items():
        good += {r["mobile"] for r in contacts.get(cons_no, ())} == {r["mobile"] for r in rows}
        total += 1
    return round(good / total, 5)


def _rules(
    injected: Set[tuple[str, ...]], tolerated: Set[tuple[str, ...]], findings: Any
) -> dict[str, dict[str, float | int]]:
    """What each rule found of what it should; a tolerated finding is right without having been asked for."""
    found = {(f["rule"], f["cons_no"]) for f in findings}
    result: dict[str, dict[str, float | int]] = {}
    for rule in sorted({rule for rule, _ in injected}):
        want = {place for place in injected if place[0] == rule}
        have = {place for place in found if place[0] == rule}
        right, hits = len(have & (want | tolerated)), len(want & have)
        result[rule] = {
            "injected": len(want), "found": len(have), "precision": round(right / len(have), 3) if have else 1.0, "recall": round(hits / len(want), 3),
        }  # fmt: skip
    return result
