"""A quarter ledger grows out of addresses, a person settles it, and then it and the archive show each other's gaps."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from core.ledger import Ledger
from core.ledger import quarters as kept
from core.ledger.batches import Batch
from core.model import Ref, ValueEvidence
from core.quarters import Building, Entry, Quarter, Validation
from core.reference import Reference
from flows import quarters
from flows.archive import Current
from flows.evidence import Estate
from flows.quarters import PROBLEMS, Proposed, Row
from flows.surveys import Answer, Surveys
from matchers.quarters import Quarters
from tests.flows.desk import surveyed

DAY = date(2026, 3, 16)
WHERE = "河北省唐山市路北区"
CITIES = {"1340101": "唐山市"}


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference.load(Path(__file__).parents[2] / "config" / "reference")


def current(*addresses: str, fields: Mapping[int, Mapping[str, str]] | None = None) -> Current:
    names = ("quarter_name", "building_no", "unit_no", "room_no")
    rows = [(fields or {}).get(row, {}) for row in range(len(addresses))]
    accounts = pa.table(
        {
            "cons_no": pa.array([f"010{row:07}" for row in range(len(addresses))]),
            "org_no": pa.array(["1340101"] * len(addresses)),
            "elec_addr": pa.array(list(addresses)),
            **{name: pa.array([row.get(name) for row in rows], pa.string()) for name in names},
        }
    )
    batch = Batch(1, "archive", "archive", "a.csv", DAY, "accounts", "", len(addresses), DAY, False)
    return Current(
        accounts=accounts, contacts=pa.table({"cons_no": pa.array([], pa.string())}), exported=DAY, batch=batch, contacts_batch=batch
    )  # fmt: skip


def surveys(said: Mapping[int, Mapping[str, str | None]]) -> Surveys:
    """Account → field → the new value, None = as it stands."""
    answers = {f"010{row:07}": {f: answer(f, value) for f, value in cells.items()} for row, cells in said.items()}
    return surveyed(answers)


def answer(field: str, value: str | None) -> Answer:
    told = ValueEvidence(field=field, value=value, source="survey", as_of=DAY, ref=Ref(batch=1, row=1, column="value"))
    return Answer(field=field, wrong=value is not None, value=value, evidence=told, lacks=(), origin="T/1")


def houses(quarter: str, *rooms: str) -> list[str]:
    return [f"{WHERE}{quarter}{room}" for room in rooms]


def propose(ledger: Ledger, reference: Reference, now: Current, said: Surveys | None = None, *estates: str) -> Proposed:
    found = [Estate(number=f"E{n}", address=text, owners=(), source="real_estate") for n, text in enumerate(estates)]
    return quarters.propose(
        ledger, now, said or surveys({}), found, reference, CITIES, least=3, say=lambda *_: None
    )  # fmt: skip


def row(entry: Entry, verdict: str, value: str = "", **more: str) -> Row:
    cells = {"whole": "", "reviewer": "审核员甲", "note": "", "version": str(entry.version), **more}
    return Row(number=2, entry=entry.id, verdict=verdict, value=value, **cells)


def by_name(ledger: Ledger) -> dict[str, Entry]:
    return {f"{e.kind} {e.name}": e for e in kept.entries(ledger)}


FLATS = ("3号楼1单元101室", "3号楼1单元102室", "3号楼2单元1102室", "5号楼1单元201室")


def test_archive_surveys_and_registry_speak_for_a_quarter(ledger: Ledger, reference: Reference) -> None:
    now = current(*houses("凤城国贸小区", *FLATS), f"{WHERE}建设北路12号", "不详")
    told = surveys({0: {"building_no": "6号楼", "room_no": None}, 4: {"remark": "x"}})
    done = propose(ledger, reference, now, told, f"{WHERE}凤城国贸7号楼1单元301室", "看不懂")
    assert (done.read, done.sightings, done.quarters, done.buildings) == (9, 6, 1, 4)
    quarter = by_name(ledger)["quarter 凤城国贸小区"]
    assert quarter.support == {"accounts": 4, "surveys": 1, "registry": 1}
    assert by_name(ledger)["building 3"].support == {"accounts": 3}
    assert by_name(ledger)["building 6"].support == {"surveys": 1}


def test_a_quarter_is_named_as_the_archives_own_field_spells_it(ledger: Ledger, reference: Reference) -> None:
    kept_so = {row: {"quarter_name": "凤城国贸"} for row in range(4)}
    propose(ledger, reference, current(*houses("凤城国贸小区", *FLATS), fields=kept_so))
    assert "quarter 凤城国贸" in by_name(ledger)


def test_proposing_again_adds_nothing(ledger: Ledger, reference: Reference) -> None:
    now = current(*houses("凤城国贸小区", *FLATS))
    propose(ledger, reference, now)
    again = propose(ledger, reference, now)
    assert (again.quarters, again.buildings, again.aliases) == (0, 0, 0)


def test_what_surveys_put_right_becomes_another_name_once_confirmed(ledger: Ledger, reference: Reference) -> None:
    old = houses("矿务局家属院", *FLATS)
    now = current(*old, *houses("凤城国贸", *FLATS), fields={0: {"quarter_name": "矿务局家属院"}})
    told = surveys({number: {"quarter_name": "凤城国贸"} for number in range(3)})
    propose(ledger, reference, now, told)
    found = by_name(ledger)
    assert found["alias 矿务局家属院"].support == {"corrected": 3, "surveyed": 3}
    assert found["alias 矿务局家属院"].quarter == "凤城国贸"
    rows = [row(found["quarter 凤城国贸"], "confirm", whole="yes"), row(found["alias 矿务局家属院"], "confirm")]
    taken = quarters.take(ledger, "f.xlsx", rows)
    assert (taken.decided, taken.problems) == (2, ())
    (quarter,) = kept.confirmed(ledger)
    assert (quarter.whole, [a.name for a in quarter.aliases]) == (True, ["矿务局家属院"])
    assert [b.name for b in quarter.buildings] == ["3", "5"]


def test_a_building_with_a_decision_of_its_own_does_not_go_with_its_quarter(
    ledger: Ledger, reference: Reference
) -> None:
    propose(ledger, reference, current(*houses("凤城国贸", *FLATS)))
    found = by_name(ledger)
    taken = quarters.take(
        ledger, "f.xlsx", [row(found["quarter 凤城国贸"], "confirm"), row(found["building 5"], "refuse")]
    )
    assert taken.problems == ()
    assert [b.name for b in kept.confirmed(ledger)[0].buildings] == ["3"]


def test_the_same_file_twice_changes_nothing(ledger: Ledger, reference: Reference) -> None:
    propose(ledger, reference, current(*houses("凤城国贸", *FLATS)))
    rows = [row(by_name(ledger)["quarter 凤城国贸"], "confirm")]
    first, second = (quarters.take(ledger, "f.xlsx", rows) for _ in range(2))
    assert ((first.decided, first.same), (second.decided, second.same)) == ((1, 0), (0, 1))


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"verdict": "maybe"}, "no_verdict"),
        ({"version": "x"}, "no_version"),
        ({"version": "9"}, "stale"),
        ({"entry": "Q999"}, "no_entry"),
        ({"verdict": "merge", "value": "没有的小区"}, "no_target"),
        ({"verdict": "", "value": "凤城国贸"}, "stray"),
        ({"reviewer": ""}, "no_reviewer"),
        ({"whole": "也许"}, "no_flag"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_changes_nothing(
    cells: Mapping[str, str], code: str, ledger: Ledger, reference: Reference
) -> None:
    propose(ledger, reference, current(*houses("凤城国贸", *FLATS)))
    before = kept.entries(ledger)
    given = {"verdict": "confirm", "value": "", "entry": before[0].id, "version": "1", "whole": "", "reviewer": "甲"}
    taken = quarters.take(ledger, "f.xlsx", [Row(number=7, note="", **{**given, **cells})])
    assert [(p.place, p.row, p.code) for p in taken.problems] == [("f.xlsx", 7, code)]
    assert "{" not in PROBLEMS[code].say("zh", taken.problems[0].params)
    assert kept.entries(ledger) == before


def test_contradicting_rows_are_both_left_out(ledger: Ledger, reference: Reference) -> None:
    propose(ledger, reference, current(*houses("凤城国贸", *FLATS)))
    one = by_name(ledger)["quarter 凤城国贸"]
    taken = quarters.take(ledger, "f.xlsx", [row(one, "confirm"), row(one, "refuse")])
    assert [p.code for p in taken.problems] == ["double", "double"]
    assert by_name(ledger)["quarter 凤城国贸"].state == "proposed"


# -- two-way validation

LEDGER = Quarters.of((
    Quarter(
        id="Q1", county="130203", name="凤城国贸", whole=True,
        buildings=(
            Building(name="3", units=("1", "2"), rooms=frozenset({("1", "101"), ("1", "102"), ("2", "201")})),
            Building(name="5", units=("1",), rooms=frozenset({("1", "101")})),
            Building(name="6"),
        ),
    ),
))  # fmt: skip


def validated(reference: Reference, *addresses: str) -> Validation:
    return quarters.validate(current(*addresses), LEDGER, reference, CITIES, DAY, lambda *_: None)


def test_flats_that_one_side_lacks_are_named_both_ways(reference: Reference) -> None:
    rooms = ("3号楼1单元101室", "3-1-0102", "3号楼1单元909室", "8号楼1单元101室", "6号楼1单元101室", "3号楼")
    found = validated(reference, *houses("凤城国贸小区", *rooms))
    told = {c.building: (c.listed, c.accounts, c.only_ledger, c.only_archive) for c in found.coverage}
    assert told == {
        "3": (True, 4, (("2", "201"),), (("1", "909"),)),
        "5": (True, 0, (("1", "101"),), ()),
        "6": (True, 1, (), ()),  # the ledger lists no rooms of it: nothing can be compared
        "8": (False, 1, (), (("1", "101"),)),
    }


def test_every_account_is_counted_once(reference: Reference) -> None:
    texts = (
        *houses("凤城国贸", "3号楼1单元101室", ""),
        *houses("凤诚国贸", "1号楼"),
        *houses("桃花源", "1号楼"),
        "不详",
    )
    found = validated(reference, *texts)
    assert (found.accounts, dict(found.placed), found.no_building) == (
        5, {"exact": 2, "fuzzy": 1, "none": 1, "unread": 1}, 1,
    )  # fmt: skip
    assert [(s.name, s.accounts, s.near) for s in found.strangers] == [
        ("凤诚国贸", 1, ("凤城国贸",)),
        ("桃花源", 1, ()),
    ]
