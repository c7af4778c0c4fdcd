"""What surveyors answer: the questionnaire's items for a share of the accounts, with late, corrected, unaudited and mistyped results."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sandbox import anomalies
from sandbox.anomalies import Archive
from sandbox.skins import Skin
from sandbox.world import World

UNCHANGED, WRONG, CANNOT, NOT_APPLICABLE = "0", "1", "2", "3"
CODED = {
    "cert_type",
    "sort_code",
    "elec_type",
    "price_code",
    "volt_code",
    "pay_mode",
    "notify_mode",
    "note_type",
    "urban_rural",
    "relation",
}
TYPED = ("customer.name", "customer.cert_no", "contact.mobile")
HOUSE = ("account.building", "account.unit", "account.room", "account.pay_mode")


@dataclass(frozen=True, slots=True)
class Item:
    """One question: where its answer stands in the legacy system, if anywhere."""

    code: str
    title: str
    kind: str
    column: str


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
    published: date
    by_folder: bool


def questionnaire() -> tuple[Item, ...]:
    """The items in the order of the file."""
    with (Path(__file__).parent / "questionnaire.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Item(row["code"], row["title"], row["kind"], row["column"]) for row in csv.DictReader(file))


def draw(world: World, archive: Archive, skin: Skin, seed: int) -> list[Result]:
    """All results of the last days, in the order in which the platform got them."""
    rng, rates = Random(f"survey {seed}"), anomalies.RATES["survey"]
    items = questionnaire()
    results: list[Result] = []
    for place in range(len(archive.accounts)):
        if rng.random() < float(rates["surveyed"]):
            results += _house(rng, world, archive, skin, items, place, rates, len(results))
    for n in range(int(rates["unknown_houses"])):
        template = results[n]
        results.append(replace(template, task=f"T9{n:07d}", house="9" * (skin.digits - 1) + str(n), by_folder=False))
    return results


def _house(
    rng: Random,
    world: World,
    archive: Archive,
    skin: Skin,
    items: tuple[Item, ...],
    place: int,
    rates: dict[str, Any],
    serial: int,
) -> Iterator[Result]:
    org = archive.accounts[place]["org_no"]
    day = world.today - timedelta(days=rng.randint(0, 2))
    at = datetime.combine(day, time(rng.randint(8, 17), rng.randint(0, 59), rng.randint(0, 59)))
    answers = [_answer(rng, archive, skin, item, place, float(rates["finds"])) for item in items]
    complete = rng.random() < float(rates["evidence"])
    audited = rng.random() >= float(rates["unaudited"])
    if audited:
        answers = [_typo(rng, item, a, float(rates["typo"])) for item, a in zip(items, answers, strict=True)]
    elif rng.random() < float(rates["wrong_unaudited"]):
        answers = _slip(rng, items, answers)
    late = rng.random() < float(rates["late"])
    result = Result(
        task=f"T{serial + 1:08d}", rev=1, house=archive.accounts[place]["cons_no"], county=org[:7], at=f"{at:%Y-%m-%d %H:%M:%S}",
        surveyor=(f"PC{org[-6:]}{place % 3 + 1}", f"普查员{org[-4:]}{place % 3 + 1}"), auditor=(f"SH{org[-6:]}", f"审核员{org[-4:]}") if audited else None,
        audited_at=f"{at + timedelta(hours=3):%Y-%m-%d %H:%M:%S}" if audited else None, audit="PASS" if audited else rng.choice(("WAIT", "BACK")),
        answers=tuple(answers), photos=_photos(archive.accounts[place]["cons_no"], complete), signature=complete or rng.random() < 0.5,
        published=world.today + timedelta(days=1) if late else world.today, by_folder=rng.random() < float(rates["by_folder"]) and not late,
    )  # fmt: skip
    if audited and rng.random() < float(rates["corrected"]):
        first = _slip(rng, items, answers)
        yield replace(result, answers=tuple(first))
        yield replace(result, rev=2)
    else:
        yield result


def _photos(house: str, complete: bool) -> tuple[dict[str, str], ...]:
    kinds = ("ID_CARD", "METER", "DOOR", "BOX") if complete else ("METER",)
    return tuple({"kind": kind, "sha256": hashlib.sha256(f"{house}{kind}".encode()).hexdigest()} for kind in kinds)


def _answer(rng: Random, archive: Archive, skin: Skin, item: Item, place: int, finds: float) -> dict[str, str]:
    if not item.column:
        return {"item": item.code, "ans": rng.choice((UNCHANGED, UNCHANGED, UNCHANGED, NOT_APPLICABLE)), "val": ""}
    have, right = _pair(archive, item.column, place)
    if have is None or right is None:
        return {"item": item.code, "ans": NOT_APPLICABLE if right is None else CANNOT, "val": ""}
    if have == right or rng.random() > finds:
        return {"item": item.code, "ans": UNCHANGED if right or have else NOT_APPLICABLE, "val": ""}
    column = item.column.partition(".")[2]
    shown = skin.label(column, right) if column in CODED else right
    return {"item": item.code, "ans": WRONG, "val": shown}


def _pair(archive: Archive, column: str, place: int) -> tuple[str | None, str | None]:
    """What the archive holds and what is true; None where there is nothing to look at."""
    table, _, name = column.partition(".")
    if table == "customer":
        customer = archive.customer_of[place]
        return archive.customers[customer][name], archive.truth_customers[customer][name]
    if table == "account":
        return archive.accounts[place][name], archive.truth_accounts[place][name]
    if table == "contact":
        have, right = archive.contacts[place], archive.truth_contacts[place]
        return have[0][name] if have else "", right[0][name]
    return "", ""


def _typo(rng: Random, item: Item, answer: dict[str, str], rate: float) -> dict[str, str]:
    """An audited slip of the pen, where a witness can catch it."""
    if item.column in TYPED and answer["ans"] == WRONG and rng.random() < rate:
        return answer | {"val": anomalies.typo(rng, answer["val"])}
    return answer


def _slip(rng: Random, items: tuple[Item, ...], answers: list[dict[str, str]]) -> list[dict[str, str]]:
    """One wrong answer about the house, as a first revision or an unaudited result may have it."""
    chosen = rng.choice(HOUSE[:3])
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
        "photos": list(result.photos), "signature": result.signature, "updatedAt": result.audited_at or result.at,
    }  # fmt: skip
