"""What surveyors answer: the questionnaire's items for a share of the accounts, with late, corrected, unaudited and mistyped results."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from pathlib import Path
from random import Random
from typing import Any

from sandbox import anomalies
from sandbox.anomalies import Archive
from sandbox.semantics import KEYS
from sandbox.skins import Skin
from sandbox.world import World

UNCHANGED, WRONG, CANNOT, NOT_APPLICABLE = "0", "1", "2", "3"
TYPED = ("customer.name", "customer.cert_no", "contact.mobile")
HOUSE = ("account.building", "account.unit", "account.room")
SURVEYORS, HOUSES = 3, 500  # of a station, at least; accounts of the world for one more
DELAY = 6  # days that a late result is older than the others
PHOTOS = ("ID_CARD", "METER", "DOOR", "BOX")
SKIPPED = 0.25  # of the answers to questions without a column: not applicable


@dataclass(frozen=True)
class Item:
    """One question: where its answer stands in the legacy system, if anywhere."""

    code: str
    title: str
    kind: str
    column: str

    @cached_property
    def table(self) -> str:
        """customer | account | contact | meter, or nothing."""
        return self.column.partition(".")[0]

    @cached_property
    def name(self) -> str:
        """The column's name in its table."""
        return self.column.partition(".")[2]


@dataclass(frozen=True, slots=True)
class Desk:
    """What surveyors work from."""

    today: date
    archive: Archive
    skin: Skin
    items: tuple[Item, ...]
    rates: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One surveyed house, as the platform keeps it."""

    task: str
    rev: int
    house: str
    county: str
    surveyor: tuple[str, str]
    auditor: tuple[str, str] | None
    at: str
    audited_at: str | None
    audit: str
    answers: tuple[dict[str, str], ...]
    photos: tuple[dict[str, str], ...]
    signature: bool
    spot: tuple[float, float]  # where the surveyor stood, degrees (WGS84)
    published: date
    by_folder: bool


def questionnaire() -> tuple[Item, ...]:
    """The items in the order of the file."""
    with (Path(__file__).parent / "questionnaire.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Item(row["code"], row["title"], row["kind"], row["column"]) for row in csv.DictReader(file))


def draw(world: World, archive: Archive, skin: Skin, seed: int) -> list[Result]:
    """All results of the last days and the next, in the order in which the platform gets them."""
    rng, rates = Random(f"survey {seed}"), anomalies.RATES["survey"]
    desk = Desk(world.today, archive, skin, questionnaire(), {k: float(v) for k, v in rates.items()})
    results: list[Result] = []
    for place in range(len(archive.accounts)):
        if rng.random() < desk.rates["surveyed"] or ("survey", place) in archive.sources:
            results += _house(rng, desk, place, f"T{place + 1:08d}")
    filed = [n for n, result in enumerate(results) if result.by_folder]
    for n in filed[int(rates["folder_most"]) :]:
        results[n] = replace(results[n], by_folder=False)
    for n, template in enumerate(results[: int(rates["unknown_houses"])]):
        results.append(replace(template, task=f"T9{n:07d}", house="9" * (skin.digits - 1) + str(n), by_folder=False))
    return results


def _house(rng: Random, desk: Desk, place: int, task: str) -> Iterator[Result]:
    """The results of one house: one, or a first one and its correction."""
    row, rates = desk.archive.accounts[place], desk.rates
    strange = desk.archive.sources.get(("survey", place), {})
    org, who = row["org_no"], int(strange.get("by", place)) % max(SURVEYORS, len(desk.archive.accounts) // HOUSES) + 1
    late = rng.random() < rates["late"]
    day = desk.today - timedelta(days=rng.randint(0, 3) + (DELAY if late else 0))
    at = datetime.combine(day, time(rng.randint(8, 17), rng.randint(0, 59), rng.randint(0, 59)))
    at = datetime.fromisoformat(strange["at"]) if "at" in strange else at
    answers = [_answer(rng, desk, item, place) for item in desk.items]
    complete = rng.random() < rates["evidence"]
    tomorrow = desk.today + timedelta(days=1)
    right = Result(
        task=task, rev=1, house=row["cons_no"], county=org[:7], at=f"{at:%Y-%m-%d %H:%M:%S}",
        surveyor=(f"PC{org[-6:]}{who}", f"普查员{org[-4:]}{who}"), auditor=(f"SH{org[-6:]}", f"审核员{org[-4:]}"),
        audited_at=f"{at + timedelta(hours=3):%Y-%m-%d %H:%M:%S}", audit="PASS", answers=tuple(answers),
        photos=_photos(strange.get("photos_of", row["cons_no"]), complete), signature=complete or rng.random() < 0.5,
        spot=(desk.archive.spots[place][0] + float(strange.get("east", "0")), desk.archive.spots[place][1]),
        published=tomorrow if late else desk.today, by_folder=not late and rng.random() < rates["by_folder"],
    )  # fmt: skip
    if rng.random() < rates["unaudited"] and not late:
        said = _slip(rng, desk.items, answers) if rng.random() < rates["wrong_unaudited"] else answers
        yield replace(right, answers=tuple(said), audit=rng.choice(("WAIT", "BACK")), auditor=None, audited_at=None)
        audited = f"{datetime.combine(tomorrow, time(9)):%Y-%m-%d %H:%M:%S}"
        yield replace(right, rev=2, audited_at=audited, published=tomorrow)
    elif rng.random() < rates["corrected"]:
        yield replace(right, answers=tuple(_slip(rng, desk.items, answers)))
        yield replace(right, rev=2)
    else:
        typed = [_typo(rng, desk, place, item, a) for item, a in zip(desk.items, answers, strict=True)]
        yield replace(right, answers=tuple(typed))


def _photos(house: str, complete: bool) -> tuple[dict[str, str], ...]:
    kinds = PHOTOS if complete else ("METER",)
    return tuple({"kind": kind, "sha256": hashlib.sha256(f"{house}{kind}".encode()).hexdigest()} for kind in kinds)


@cache
def _said(item: str, ans: str) -> dict[str, str]:
    """An answer without a value; one object for all houses, since a hundred thousand of them say the same."""
    return {"item": item, "ans": ans, "val": ""}


def _answer(rng: Random, desk: Desk, item: Item, place: int) -> dict[str, str]:
    strange = desk.archive.sources.get(("survey", place), {})
    if item.code in strange:
        return {"item": item.code, "ans": WRONG, "val": strange[item.code]}
    if not item.column:
        return _said(item.code, NOT_APPLICABLE if rng.random() < SKIPPED else UNCHANGED)
    if item.table == "meter":
        return _said(item.code, UNCHANGED)  # meters are right in the archive
    have, right = _pair(desk.archive, item, place)
    # a person who was missing is written down whole: half a contact is of no use
    missing = item.table == "contact" and not desk.archive.contacts[place] and right
    if have == right or (rng.random() > desk.rates["finds"] and not missing):
        return _said(item.code, UNCHANGED if right or have else NOT_APPLICABLE)
    return {"item": item.code, "ans": WRONG, "val": desk.skin.label(item.name, right) if item.name in KEYS else right}


def _pair(archive: Archive, item: Item, place: int) -> tuple[str, str]:
    """What the archive holds and what is true; nothing where there is nothing to look at."""
    if item.table == "customer":
        customer = archive.customer_of[place]
        return archive.customers[customer][item.name], archive.truth_customers[customer][item.name]
    if item.table == "account":
        return archive.accounts[place][item.name], archive.truth_accounts[place][item.name]
    if item.table == "contact":
        have = archive.contacts[place]
        return have[0][item.name] if have else "", archive.truth_contacts[place][0][item.name]
    return "", ""


def _typo(rng: Random, desk: Desk, place: int, item: Item, answer: dict[str, str]) -> dict[str, str]:
    """An audited slip, where a witness can catch it: one character, or the neighbour's number."""
    if item.column not in TYPED or answer["ans"] != WRONG or rng.random() >= desk.rates["typo"]:
        return answer
    neighbour = desk.archive.truth_contacts[place - 1][0]["mobile"]
    theirs = item.table == "contact" and neighbour != answer["val"] and rng.random() < 0.5
    return answer | {"val": neighbour if theirs else anomalies.typo(rng, answer["val"])}


def _slip(rng: Random, items: tuple[Item, ...], answers: list[dict[str, str]]) -> list[dict[str, str]]:
    """One wrong answer about the house, as a first revision or an unaudited result may have it."""
    chosen = rng.choice(HOUSE)
    return [
        a | {"ans": WRONG, "val": str(rng.randint(20, 29))} if item.column == chosen else a
        for item, a in zip(items, answers, strict=True)
    ]


def as_json(result: Result) -> dict[str, Any]:
    """A result as the platform's interface gives it."""

    def who(pair: tuple[str, str] | None) -> dict[str, str] | None:
        return None if pair is None else {"id": pair[0], "name": pair[1]}

    return {
        "taskNo": result.task, "rev": result.rev, "houseNo": result.house, "surveyor": who(result.surveyor), "surveyTime": result.at,
        "auditState": result.audit, "auditor": who(result.auditor), "auditTime": result.audited_at, "answers": list(result.answers),
        "photos": list(result.photos), "signature": result.signature,
        "position": {"lng": result.spot[0], "lat": result.spot[1]}, "updatedAt": result.audited_at or result.at,
    }  # fmt: skip
