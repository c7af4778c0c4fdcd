"""Who lives in the practice world, how its archive got dirty, and what surveyors make of it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date
from typing import Any

import pytest

from sandbox import __main__ as door
from sandbox import anomalies, answers, people, skins

TODAY = date(2026, 3, 16)
WANTED = {
    "ID01", "ID02", "ID03", "ID07", "ID08", "ID09", "ID10", "ID11", "ID16", "ID20",
    "NM01", "NM02", "NM03", "NM04", "NM05", "NM06", "NM09", "NM10", "NM12",
    "PH01", "PH02", "PH03", "PH05", "PH06", "PH07",
    "AD01", "AD02", "AD10", "AD12", "AD17", "AD18",
    "AM05", "AM08", "AM10", "AM11", "AM12",
    "MT11", "MT12",
}  # fmt: skip


@pytest.fixture(scope="module")
def made() -> door.Made:
    return door.make(300, 1, skins.load("a"), TODAY)


def test_is_the_same_under_the_same_seed(made: door.Made) -> None:
    again, other = door.make(300, 1, skins.load("a"), TODAY), door.make(300, 2, skins.load("a"), TODAY)
    assert (again.world, again.archive, again.results) == (made.world, made.archive, made.results)
    assert other.world != made.world


@pytest.mark.parametrize("seed", range(1, 6))
def test_holds_nobody_who_could_be_real(seed: int) -> None:
    made = door.make(120, seed, skins.load("a"), TODAY)
    owners = [o for account in made.world.accounts for o in account.owner]
    for person in (*made.world.people, *owners):
        assert re.fullmatch(r"13990[1-5]\d{11}[\dX]", person.ident)
        assert people.check_digit(person.ident[:17]) == person.ident[17]
        assert date(int(person.ident[6:10]), int(person.ident[10:12]), int(person.ident[12:14])) < TODAY
        assert re.fullmatch(r"194\d{8}", person.mobile)
    every = [row["mobile"] for rows in made.archive.contacts for row in rows] + _answers(made, "contact.mobile")
    mobiles = [number for text in every for number in re.findall(r"1[3-9]\d{9}", re.sub(r"[ -]|\+86", "", text))]
    assert {number[:3] for number in mobiles} == {"194"}


@pytest.mark.parametrize(("skin", "digits"), [("a", 10), ("b", 13)])
def test_numbers_accounts_as_the_province_does(skin: str, digits: int) -> None:
    numbers = [a.row["cons_no"] for a in door.make(200, 1, skins.load(skin), TODAY).world.accounts]
    assert len(set(numbers)) == 200
    assert {len(number) for number in numbers} == {digits}


def test_gives_some_customers_several_accounts_and_every_account_contacts(made: door.Made) -> None:
    held = Counter(a.customer for a in made.world.accounts)
    assert len([n for n in held.values() if n > 1]) / len(held) >= 0.10
    assert max(held.values()) <= 5
    assert {len(a.contacts) for a in made.world.accounts} == {1, 2, 3}


def test_writes_an_address_from_the_province_down_to_the_room(made: door.Made) -> None:
    tree = re.compile(r"河北省\D+市\D+[区市]\D+\d+号.+小区(.期)?\d+号楼\d单元\d{3,4}室?")
    rows = [account.row for account in made.world.accounts]
    assert all(tree.fullmatch(row["elec_addr"]) for row in rows)
    assert all(f"{row['building']}号楼{row['unit']}单元{row['room']}" in row["elec_addr"] for row in rows)
    assert len({row["elec_addr"] for row in rows}) == len(rows)


def test_dirties_by_every_rule_and_leaves_most_accounts_alone(made: door.Made) -> None:
    archive = made.archive
    assert {rule for rule, _, _ in archive.injected} >= WANTED
    differs = [
        place
        for place, row in enumerate(archive.accounts)
        if row != archive.truth_accounts[place]
        or archive.contacts[place] != archive.truth_contacts[place]
        or archive.customers[archive.customer_of[place]] != archive.truth_customers[archive.customer_of[place]]
    ]
    assert 0.35 <= len(differs) / 300 <= 0.60


def test_writes_down_a_customers_anomaly_for_each_of_his_accounts(made: door.Made) -> None:
    archive = made.archive
    numbers = [row["cons_no"] for row in archive.accounts]
    at: dict[tuple[str, int], set[str]] = defaultdict(set)
    for rule, number, column in archive.injected:
        if column.startswith("customer."):
            at[rule, archive.customer_of[numbers.index(number)]].add(number)
    for (_, customer), found in at.items():
        assert found == {numbers[place] for place in archive.accounts_of[customer]}


def test_has_a_truth_that_differs_wherever_an_anomaly_was_injected(made: door.Made) -> None:
    archive = made.archive
    places = {row["cons_no"]: place for place, row in enumerate(archive.accounts)}
    shared = {"ID16", "AD10", "NM13"}  # one of the pair is right
    for rule, number, column in archive.injected:
        place, (table, _, name) = places[number], column.partition(".")
        customer = archive.customer_of[place]
        pairs: dict[str, tuple[Any, Any]] = {
            "customer": (archive.customers[customer], archive.truth_customers[customer]),
            "account": (archive.accounts[place], archive.truth_accounts[place]),
        }
        have, right = pairs[table]
        if name in ("mobile", "home_phone"):
            assert archive.contacts[place] != archive.truth_contacts[place], (rule, number)
        elif rule not in shared:
            assert have[name] != right[name] or have != right, (rule, number)


def test_asks_at_least_108_questions_about_columns_that_exist() -> None:
    items = answers.questionnaire()
    assert len(items) >= 108
    assert [item.code for item in items] == [f"JZ{n:03d}" for n in range(1, len(items) + 1)]
    assert {item.column.partition(".")[0] for item in items} == {"", "customer", "account", "contact", "meter"}


def test_surveys_about_half_and_never_lets_a_surveyor_audit_himself(made: door.Made) -> None:
    known = {row["cons_no"] for row in made.archive.accounts}
    houses = {r.house for r in made.results}
    assert 0.45 <= len(houses & known) / 300 <= 0.65
    assert len(houses - known) == 3
    assert all(r.auditor is None or r.auditor[0] != r.surveyor[0] for r in made.results)
    assert all((r.auditor is not None) == (r.audited_at is not None) for r in made.results)
    complete = [r for r in made.results if len(r.photos) == 4 and r.signature]
    assert len(complete) / len(made.results) > 0.95


@pytest.mark.parametrize("seed", range(1, 6))
def test_lets_an_audited_answer_be_wrong_only_where_a_witness_can_tell(seed: int) -> None:
    made = door.make(300, seed, skins.load("a"), TODAY)
    columns = {item.code: item.column for item in answers.questionnaire()}
    newest = {r.house: r for r in made.results if r.audit == "PASS"}  # a later revision comes later
    wrong: Counter[str] = Counter()
    told = 0
    for place, row in enumerate(made.archive.accounts):
        result = newest.get(row["cons_no"])
        for answer in result.answers if result else ():
            if answer["ans"] == "1" and columns[answer["item"]]:
                told += 1
                wrong[columns[answer["item"]]] += not _right(made, place, columns[answer["item"]], answer["val"])
    assert told > 60
    assert {column for column, count in wrong.items() if count} <= set(answers.TYPED)
    assert wrong.total() / told < 0.04


def test_gives_a_whole_contact_where_the_archive_has_none(made: door.Made) -> None:
    columns = {item.code: item.column for item in answers.questionnaire()}
    empty = {row["cons_no"] for row, mine in zip(made.archive.accounts, made.archive.contacts, strict=True) if not mine}
    surveyed = [r for r in made.results if r.house in empty]
    assert surveyed
    for result in surveyed:
        given = {columns[a["item"]]: a for a in result.answers}
        for column in ("contact.name", "contact.relation", "contact.mobile"):
            assert given[column]["ans"] == "1"
            assert given[column]["val"]


def test_reads_its_rates_from_the_committed_file() -> None:
    assert set(anomalies.RATES["archive"]) == set(anomalies.KINDS)


def test_tolerates_a_strange_owner_only_where_name_or_flat_is_somebody_elses(made: door.Made) -> None:
    archive = made.archive
    exported = [r | archive.customers[archive.customer_of[p]] for p, r in enumerate(archive.accounts)]
    tolerated = {row["cons_no"] for row in door._strangers(archive, exported)}
    by_rule = defaultdict(set)
    for rule, number, _ in archive.injected:
        by_rule[rule].add(number)
    house = {
        row["cons_no"]
        for row, true in zip(archive.accounts, archive.truth_accounts, strict=True)
        if any(row[column] != true[column] for column in door.FLAT)
    }
    assert by_rule["NM03"] <= tolerated
    assert house <= tolerated
    assert not (by_rule["AD12"] | by_rule["NM05"] | by_rule["NM09"]) - house & tolerated


def _answers(made: door.Made, column: str) -> list[str]:
    codes = {item.code for item in answers.questionnaire() if item.column == column}
    return [a["val"] for r in made.results for a in r.answers if a["item"] in codes]


def _right(made: door.Made, place: int, column: str, value: str) -> bool:
    archive = made.archive
    table, _, name = column.partition(".")
    row = {
        "customer": archive.truth_customers[archive.customer_of[place]],
        "account": archive.truth_accounts[place],
        "contact": archive.truth_contacts[place][0],
    }[table]
    return made.skin.key(name, value) == row[name]
