"""A world of people whose truth is known: households with one address, couples, twins, common names; and what became of them a few years later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

HERE = Path(__file__).parent
REFERENCE = HERE.parents[2] / "config" / "reference"
SIZES = (0.26, 0.31, 0.20, 0.15, 0.08)  # of households with one to five people
HEAD, SPOUSE, TWIN = 0, 1, 3  # places in a household; a twin is the second child
MALE, FEMALE = 0, 1
TODAY = np.datetime64("2025-06-30")
SAME_NAME, HOUSE_PHONE, OWN_NAME = (
    0.03,
    0.25,
    0.15,
)  # son named as his father; phone of the household; wives who keep their name
WEDDING = (20, 35)  # years of age
LATEST = "2024-12-31"
Column = np.ndarray[Any, Any]
Columns = dict[str, Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How many people move, change their number or marry between the two files, and how many second children are twins."""

    move: float
    phone: float
    marriage: float
    twins: float


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """People as columns: household number, place in it, sex, day of birth, and codes into the names; `home` and `number` are seeds of texts."""

    house: Column
    sex: Column
    born: Column
    surname: Column
    given: Column
    home: Column
    phone: Column


@cache
def words() -> dict[str, Any]:
    """words.yaml."""
    read: dict[str, Any] = yaml.safe_load((HERE / "words.yaml").read_text(encoding="utf-8"))
    return read


@cache
def surnames(language: str) -> tuple[Column, Column]:
    """Surnames and their shares."""
    if language == "chinese":
        table = pd.read_csv(REFERENCE / "surnames.csv")
        return table.surname.to_numpy(object), _shares(table.percent.to_numpy())
    known: dict[str, float] = words()["latin"]["surnames"]
    tail = [one + end for one in words()["latin"]["stems"] for end in words()["latin"]["endings"]]
    order = np.random.default_rng(0).permutation(len(tail))
    fall = 0.06 * (120 / (120 + np.arange(len(tail)))) ** 0.85
    return np.array([*known, *(tail[place] for place in order)], object), _shares(
        np.concatenate([list(known.values()), fall])
    )


@cache
def given_names(language: str, sex: int) -> tuple[Column, Column]:
    """Given names of one sex and their shares; Chinese ones of one or two characters."""
    part = words()[language]
    if language == "chinese":
        letters = list(dict.fromkeys(part["female" if sex else "male"]))
        shares = 1 / (np.arange(len(letters)) + 12.0)
        doubles = np.outer(shares, np.roll(shares, 7)).ravel()
        names = letters + [a + b for a in letters for b in letters]
        return np.array(names, object), _shares(np.concatenate([0.2 * _shares(shares), 0.8 * _shares(doubles)]))
    known = part["female" if sex else "male"]
    tail = [one + end for one in part["given_stems"] for end in part["female_endings" if sex else "male_endings"]]
    shares = np.concatenate([0.85 * _shares(1 / (np.arange(len(known)) + 10.0)), np.full(len(tail), 0.15 / len(tail))])
    return np.array(known + tail, object), shares


def _shares(weights: Column) -> Column:
    return np.asarray(weights / weights.sum())


def world(size: int, language: str, life: Life, rng: np.random.Generator) -> World:
    """So many people, in households."""
    sizes = rng.choice(np.arange(1, 6), p=SIZES, size=size)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), size)) + 1]
    house = np.repeat(np.arange(len(sizes)), sizes)[:size]
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])[house]
    place = np.arange(size) - first
    sex = rng.integers(0, 2, size)
    sex = np.where(place == SPOUSE, 1 - sex[first], sex)
    born = _births(place, first, rng, life)
    name = _surnames(house, place, language, rng)
    given = _given(sex, place, first, language, rng)
    phone = rng.integers(0, 2**40, size)
    shared = rng.random(size) < HOUSE_PHONE
    phone = np.where(shared, phone[first], phone)
    home = rng.integers(0, 2**60, len(sizes))[house]
    return World(house=house, sex=sex, born=born, surname=name, given=given, home=home, phone=phone)


def _births(place: Column, first: Column, rng: np.random.Generator, life: Life) -> Column:
    size = len(place)
    ages = 25 + 60 * rng.beta(1.3, 1.6, size)
    head = ages[first]
    ages = np.where(place == SPOUSE, head + rng.normal(0, 3.5, size), ages)
    ages = np.where(place > SPOUSE, np.clip(head - rng.uniform(20, 38, size), 0.5, 60), ages)
    born = (TODAY - (ages * 365.25).astype("timedelta64[D]")).astype("datetime64[D]")
    twin = (place == TWIN) & (rng.random(size) < life.twins)
    return np.minimum(np.where(twin, np.roll(born, 1), born), np.datetime64(LATEST))


def _surnames(house: Column, place: Column, language: str, rng: np.random.Generator) -> Column:
    names, shares = surnames(language)
    family = rng.choice(len(names), p=shares, size=int(house[-1]) + 1)[house]
    own = rng.choice(len(names), p=shares, size=len(house))
    keeps = (place == SPOUSE) & ((language == "chinese") | (rng.random(len(house)) < OWN_NAME))
    return np.where(keeps, own, family)


def _given(sex: Column, place: Column, first: Column, language: str, rng: np.random.Generator) -> Column:
    drawn = [
        rng.choice(len(shares), p=shares, size=len(sex)) for _, shares in (given_names(language, s) for s in (0, 1))
    ]
    given = np.where(sex == FEMALE, drawn[1], drawn[0])
    if language == "chinese":
        return given
    named = (place > SPOUSE) & (sex == sex[first]) & (rng.random(len(sex)) < SAME_NAME)
    return np.where(named, given[first], given)


def years_later(world: World, language: str, life: Life, rng: np.random.Generator) -> World:
    """The same people, row by row, after moves of whole households, new numbers, and weddings."""
    size = len(world.house)
    moved = (rng.random(int(world.house[-1]) + 1) < life.move)[world.house]
    homes = rng.integers(0, 2**60, int(world.house[-1]) + 1)[world.house]
    age = (TODAY - world.born).astype(int) / 365.25
    wed = (age > WEDDING[0]) & (age < WEDDING[1]) & (rng.random(size) < life.marriage * 4)
    renumbered = rng.random(size) < np.where(moved, 3 * life.phone, life.phone)
    names, shares = surnames(language)
    renamed = wed & (world.sex == FEMALE) & (language != "chinese")
    return replace(
        world,
        home=np.where(wed, rng.integers(0, 2**60, size), np.where(moved, homes, world.home)),
        phone=np.where(renumbered | wed, rng.integers(0, 2**40, size), world.phone),
        surname=np.where(renamed, rng.choice(len(names), p=shares, size=size), world.surname),
    )


def texts(world: World, rows: Column, language: str) -> Columns:
    """What a faultless record of each of these people says, column by column."""
    sex = world.sex[rows]
    given = np.where(
        sex == FEMALE,
        _taken(given_names(language, FEMALE)[0], world.given[rows], sex == FEMALE),
        _taken(given_names(language, MALE)[0], world.given[rows], sex == MALE),
    )
    surname = surnames(language)[0][world.surname[rows]]
    born = np.datetime_as_string(world.born[rows]).astype(object)
    phone = world.phone[rows]
    shared: Columns = {"sex": np.array(["男", "女"] if language == "chinese" else ["M", "F"], object)[sex], "dob": born}
    if language == "chinese":
        district, address = _chinese_homes(world.home[rows])
        return {"name": surname + given, **shared, "phone": _mobiles(phone), "district": district, "address": address}
    postcode, city, address = _latin_homes(world.home[rows])
    return {
        "given": given, "surname": surname, **shared, "phone": _numbers(phone),
        "postcode": postcode, "city": city, "address": address,
    }  # fmt: skip


def _taken(names: Column, codes: Column, where: Column) -> Column:
    return names[np.where(where, codes, 0)]


def _mobiles(codes: Column) -> Column:
    return np.array([f"194{code % 100_000_000:08d}" for code in codes.tolist()], object)


def _numbers(codes: Column) -> Column:
    return np.array([f"0{code // 10_000_000 % 700 + 201}{code % 10_000_000:07d}" for code in codes.tolist()], object)


@cache
def _streets() -> tuple[Sequence[str], Sequence[str], Column]:
    """Street names, city names, and the cities' running shares."""
    part = words()["latin"]
    roads = [
        f"{one}{end} {kind}" for one in part["stems"] for end in part["endings"][:8] for kind in part["streets"][:5]
    ]
    cities = [one + end for one in part["stems"] for end in ("ville", " City", "port")]
    return roads, cities, np.cumsum(_shares(1 / (np.arange(len(cities)) + 4.0)))


def _latin_homes(homes: Column) -> tuple[Column, Column, Column]:
    """(postcode, city, address) of each home; a postcode has about five hundred households of a million."""
    roads, cities, running = _streets()
    city = np.minimum(np.searchsorted(running, (homes % 1_000_003) / 1_000_003), len(cities) - 1)
    postcode = np.array([f"{10000 + 97 * place + code:05d}" for place, code in zip(city.tolist(), (homes // 11 % 13).tolist(), strict=True)], object)  # fmt: skip
    address = [
        (f"Flat {seed // 7 % 24 + 1}, " if seed % 4 == 0 else "") + f"{seed // 169 % 180 + 1} {roads[seed // 31_000 % len(roads)]}"
        for seed in homes.tolist()
    ]  # fmt: skip
    return postcode, np.array(cities, object)[city], np.array(address, object)


@cache
def _districts() -> Sequence[tuple[str, str]]:
    """(city, county) of Hebei."""
    table = pd.read_csv(REFERENCE / "divisions.csv", dtype=str, keep_default_na=False)
    table = table[table.code.str.startswith("13") & (table.last_year == "")]
    cities: Mapping[str, str] = {code[:4]: name for code, name in zip(table.code, table.name, strict=True) if code.endswith("00")}  # fmt: skip
    counties = table[~table.code.str.endswith("00") & (table.name != "市辖区")]
    return [
        (cities[code[:4]], name)
        for code, name in zip(counties.code, counties.name, strict=True)
        if code[:4] in cities and not code.startswith("139")
    ]


@cache
def _quarters() -> Sequence[str]:
    part = words()["chinese"]
    drawn = np.random.default_rng(0)
    letters, kinds = np.array(list(part["quarters"])), np.array(part["kinds"])
    return list(dict.fromkeys("".join(drawn.choice(letters, drawn.integers(2, 4))) + drawn.choice(kinds) for _ in range(4000)))  # fmt: skip


def _chinese_homes(homes: Column) -> tuple[Column, Column]:
    """(district, address) of each home: about forty quarters in a county."""
    districts, quarters = _districts(), _quarters()
    place = (homes % 1_000_003) % len(districts)
    address = [
        f"河北省{districts[where][0]}{districts[where][1]}{quarters[(where * 41 + seed // 13 % 40) % len(quarters)]}"
        f"{seed // 600 % 24 + 1}号楼{seed // 17_000 % 4 + 1}单元{seed // 70_000 % 18 + 1}0{seed // 1_300_000 % 4 + 1}室"
        for where, seed in zip(place.tolist(), homes.tolist(), strict=True)
    ]
    return np.array([name for _, name in districts], object)[place], np.array(address, object)
