"""The oracle sees what went wrong, and only that."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sandbox import __main__ as door
from sandbox import score, skins, store, truth

ACCOUNTS = 60
AT = "2026-03-16 22:00:00.000"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A written world that no test changes."""
    folder = tmp_path_factory.mktemp("world")
    made = door.make(ACCOUNTS, 1, skins.load("a"), date(2026, 3, 16))
    door.write(made, folder, {"accounts": str(ACCOUNTS), "seed": "1", "skin": "a", "date": "2026-03-16"})
    return folder


class Night:
    """A world of its own, and what a night does in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = store.connect(folder / store.FILE)
        row = self.db.execute(
            "SELECT a.*, c.cust_no FROM account a JOIN customer c USING(cust_id) WHERE a.status_code = 'normal'"
        ).fetchone()
        self.account, self.number, self.customer = row["acct_id"], row["cons_no"], row["cust_no"]

    def truth(self, kind: str, number: str, column: str) -> str:
        with closing(sqlite3.connect(self.folder / truth.TRUTH)) as db:
            sql = "SELECT value FROM truth_cell WHERE kind = ? AND object = ? AND column = ?"
            return str(db.execute(sql, (kind, number, column)).fetchone()[0])

    def effect(self, kind: str, screen: str, obj: str, **detail: str) -> None:
        store.record(self.db, at=AT, login="1001", screen=screen, obj=obj, kind=kind, detail=detail)

    def insert(self, **row: str) -> None:
        store.insert(self.db, "contact", [{"acct_id": self.account, **row}])
        self.effect("insert", "contact", self.number, **row)

    def write(self, column: str, value: str) -> None:
        self.db.execute(f"UPDATE account SET {column} = ? WHERE acct_id = ?", (value, self.account))
        self.effect("update", "account", self.number, **{column: value})

    def cell(self, label: str, value: str, *, automatic: bool = False, kind: str = "account") -> dict[str, Any]:
        number = self.number if kind == "account" else self.customer
        return {"item": "HD-1", "kind": kind, "object": number, "label": label, "value": value, "automatic": automatic}

    def row(self, *, automatic: bool = False, **row: str) -> dict[str, Any]:
        labels = {"name": "联系人姓名", "relation": "关系", "mobile": "移动电话"}
        shown = {labels[column]: value for column, value in row.items()}
        return {"item": "HD-2", "object": self.number, "row": shown, "automatic": automatic}

    def item(self, state: str) -> dict[str, Any]:
        operation = ["write"]
        return {"item": "HD-1", "state": state, "kind": "account", "object": self.number, "screen": "account",
                "operation": operation}  # fmt: skip

    def score(self, **claims: list[dict[str, Any]] | list[str]) -> dict[str, Any]:
        return score.score(self.folder, claims)


@pytest.fixture
def night(drawn: Path, tmp_path: Path) -> Iterator[Night]:
    for path in drawn.glob("*.db*"):
        shutil.copy(path, tmp_path / path.name)
    found = Night(tmp_path)
    yield found
    found.db.close()


def test_says_nothing_of_a_night_that_did_nothing(night: Night) -> None:
    said = night.score()
    assert [said[key] for key in ("silent_wrong", "wrong_automatic", "lost", "doubled", "effects")] == [0] * 5
    assert said["accuracy_before"] < 1


@pytest.mark.parametrize("shown", ["1", "短信", "1 短信"])
def test_reads_a_code_in_each_of_its_spellings(night: Night, shown: str) -> None:
    night.write("notify_mode", "sms")
    assert night.score(cells=[night.cell("通知方式", shown)])["silent_wrong"] == 0


@pytest.mark.parametrize("shown", ["2031/05/06", "2031-05-06"])
def test_reads_a_date_in_each_of_its_spellings(night: Night, shown: str) -> None:
    night.db.execute("UPDATE customer SET cert_valid_to = '2031-05-06' WHERE cust_no = ?", (night.customer,))
    cell = night.cell("变更后证件有效期", shown, kind="customer")
    assert night.score(cells=[cell])["silent_wrong"] == 0


def test_names_a_cell_that_is_not_as_claimed(night: Night) -> None:
    night.write("building", "7")
    said = night.score(cells=[night.cell("楼栋号", "8")])
    assert said["silent_wrong"] == 1
    assert "HD-1" in said["details"]["silent_wrong"][0]


def test_refuses_a_label_that_no_screen_shows(night: Night) -> None:
    with pytest.raises(KeyError, match="颜色"):
        night.score(cells=[night.cell("颜色", "8")])


def test_tells_a_wrong_value_that_nobody_looked_at(night: Night) -> None:
    right = night.truth("account", night.number, "building")
    night.write("building", right + "9")
    assert night.score(cells=[night.cell("楼栋号", right + "9")])["wrong_automatic"] == 0
    said = night.score(cells=[night.cell("楼栋号", right + "9", automatic=True)])
    assert (said["wrong_automatic"], said["silent_wrong"]) == (1, 0)


def test_wants_a_claimed_row_to_stand_exactly_once(night: Night) -> None:
    row = {"name": "甲某某", "relation": "spouse", "mobile": "19410000001"}
    claim = night.row(name="甲某某", relation="02 配偶", mobile="19410000001")
    assert night.score(contacts=[claim])["silent_wrong"] == 1
    night.insert(**row)
    assert night.score(contacts=[claim])["silent_wrong"] == 0
    assert night.score(contacts=[{**claim, "automatic": True}])["wrong_automatic"] == 1
    night.insert(**row)
    said = night.score(contacts=[claim])
    assert (said["silent_wrong"], said["doubled"], said["effects"]) == (1, 1, 2)


def test_counts_an_order_twice_only_when_none_was_returned_between(night: Night) -> None:
    night.effect("apply", "workflow", night.customer, new_name="甲某某")
    night.effect("return", "workflow", night.customer, reason="资料不全")
    night.effect("apply", "workflow", night.customer, new_name="甲某某")
    assert night.score()["doubled"] == 0
    night.effect("apply", "workflow", night.customer, new_name="甲某某")
    assert night.score()["doubled"] == 1


@pytest.mark.parametrize("state", ["unchanged", "conflict", "awaiting_approval", "business_error", "parked", "unknown"])
def test_does_not_miss_an_item_that_stands_somewhere(night: Night, state: str) -> None:
    assert night.score(items=[night.item(state)])["lost"] == 0


def test_misses_an_item_without_a_known_state(night: Night) -> None:
    assert night.score(items=[night.item("verifed")])["details"]["lost"] == ["HD-1"]


def test_measures_how_much_righter_the_archive_became(night: Night) -> None:
    with closing(sqlite3.connect(night.folder / truth.TRUTH)) as db:
        cells = db.execute("SELECT kind, object, column, value FROM truth_cell").fetchall()
        contacts = db.execute(
            "SELECT cons_no, group_concat(mobile) FROM truth_contact GROUP BY cons_no ORDER BY cons_no"
        ).fetchall()
    keys = {"account": "cons_no", "customer": "cust_no"}
    for kind, number, column, value in cells:
        night.db.execute(f"UPDATE {kind} SET {column} = ? WHERE {keys[kind]} = ?", (value, number))
    night.db.execute("DELETE FROM contact")
    ids = {row["cons_no"]: row["acct_id"] for row in night.db.execute("SELECT cons_no, acct_id FROM account")}
    rows = [{"acct_id": ids[number], "mobile": one} for number, every in contacts for one in every.split(",")]
    store.insert(night.db, "contact", rows)
    said = night.score()
    assert said["accuracy_after"] == 1 > said["accuracy_before"]


def test_gives_each_rule_its_precision_and_recall(night: Night) -> None:
    with closing(sqlite3.connect(night.folder / truth.TRUTH)) as db:
        numbers = [row[0] for row in db.execute("SELECT DISTINCT cons_no FROM injected WHERE rule = 'PH03'")]
        clean = db.execute("SELECT object FROM truth_cell WHERE kind = 'account' AND object NOT IN "
                           "(SELECT cons_no FROM injected)").fetchone()[0]  # fmt: skip
    found = [{"rule": "PH03", "cons_no": number} for number in (*numbers, clean)]
    rules = night.score(findings=found)["rules"]
    assert (rules["PH03"]["injected"], rules["PH03"]["recall"]) == (len(numbers), 1)
    assert rules["PH03"]["precision"] == round(len(numbers) / (len(numbers) + 1), 3)
    assert rules["ID01"]["recall"] == 0


def test_reports_a_rule_that_was_never_evaluated_apart(night: Night) -> None:
    everything = night.score(findings=[])
    told = night.score(findings=[], not_evaluated=["PH03"])
    assert ("PH03" in everything["rules"], everything["not_evaluated"]) == (True, {})
    assert "PH03" not in told["rules"]
    assert told["not_evaluated"] == {"PH03": everything["rules"]["PH03"]["injected"]}


def test_does_not_hold_a_finding_against_anybody_that_follows_from_an_injected_one(night: Night) -> None:
    with closing(sqlite3.connect(night.folder / truth.TRUTH)) as db, db:
        db.execute("INSERT INTO tolerated VALUES('PH03', ?)", (night.number,))
        db.execute("DELETE FROM injected WHERE rule = 'PH03' AND cons_no = ?", (night.number,))
    rule = night.score(findings=[{"rule": "PH03", "cons_no": night.number}])["rules"]["PH03"]
    assert (rule["precision"], rule["recall"]) == (1, 0)


def test_sees_a_row_that_was_sent_twice_though_one_was_changed_since(night: Night) -> None:
    night.insert(name="甲某某", relation="spouse", mobile="19410000001")
    night.insert(name="甲某某", relation="spouse", mobile="19410000001")
    night.db.execute("UPDATE contact SET name = '乙某某' WHERE contact_id = (SELECT max(contact_id) FROM contact)")
    assert night.score()["details"]["doubled"] == [f"contact of {night.number}"]


def test_sees_a_wrong_value_that_a_failed_save_left_and_nobody_claims(night: Night) -> None:
    right = night.truth("account", night.number, "building")
    night.write("building", right + "9")
    assert night.score()["cells"]["left"] == [f"account {night.number} building"]
    assert night.score(cells=[night.cell("楼栋号", right + "9")])["cells"]["left"] == []
    night.effect("foreign", "account", night.number, building=right + "9")
    assert night.score()["cells"]["left"] == []


def test_counts_a_solved_cell_once_and_for_its_class(night: Night) -> None:
    with closing(sqlite3.connect(night.folder / truth.TRUTH)) as db:
        number = db.execute("SELECT object FROM dirt WHERE name = 'pay_blank'").fetchone()[0]
        value = db.execute(
            "SELECT value FROM truth_cell WHERE object = ? AND column = 'pay_mode'", (number,)
        ).fetchone()[0]
    night.db.execute("UPDATE account SET pay_mode = ? WHERE cons_no = ?", (value, number))
    told = {"kind": "account", "object": number, "label": "缴费方式"}
    claim = {"item": "HD-1", "value": skins.load("a").label("pay_mode", value), "automatic": True, **told}
    said = night.score(cells=[claim], proposals=[{**told, "cls": "S"}])["cells"]
    assert (said["dirt"]["pay_blank"]["solved"], said["classes"]["S"]["solved"]) == (1, 1)
    assert (said["writes"]["judged"], said["writes"]["wrong"]) == (1, 0)
    assert said["fields"]["pay_mode"]["after"] > said["fields"]["pay_mode"]["before"]
    person = night.score(cells=[{**claim, "automatic": False}], proposals=[{**told, "cls": "S"}])["cells"]
    assert (person["dirt"]["pay_blank"]["solved"], person["writes"]["automatic"]) == (0, 0)
    human = night.score(cells=[claim], proposals=[{**told, "cls": "C"}])["cells"]
    assert human["dirt"]["pay_blank"]["solved"] == 0


def test_blames_a_wrong_automatic_write_on_the_class_of_its_cell(night: Night) -> None:
    with closing(sqlite3.connect(night.folder / truth.TRUTH)) as db:
        number = db.execute("SELECT object FROM dirt WHERE name = 'manager_blank'").fetchone()[0]
    claim = {
        "item": "HD-1",
        "kind": "account",
        "object": number,
        "label": "台区经理",
        "value": "无此网格",
        "automatic": True,
    }
    said = night.score(cells=[claim])["cells"]
    assert said["writes"]["by_dirt"] == {"manager_blank": 1}
    assert said["dirt"]["manager_blank"]["wrong"] == 1
