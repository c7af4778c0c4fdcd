"""Promises of the inputs: what was delivered becomes a column over accounts, and what was not leaves its rules unevaluated."""

from datetime import date
from typing import cast

import pyarrow as pa
import pytest

from core.ledger import Ledger, batches
from core.model import Ref, ValueEvidence
from core.ports import Delivery
from flows import inputs
from flows.surveys import Answer
from matchers.archive import Archive
from matchers.columns import Coded
from matchers.normal.positions import Positions
from tests.flows.desk import surveyed

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)
NOTHING = surveyed({})
Column = list[str | None]


def _archive() -> Archive:
    accounts = pa.table({"cons_no": ["1", "2", "3"], "tg_no": ["T1", "T1", "T2"]})
    return Archive.from_tables(accounts, pa.table({"cons_no": pa.array([], pa.string())}), TUESDAY)


def _keep(ledger: Ledger, kind: str, day: date, columns: dict[str, Column]) -> None:
    delivery = Delivery(name=f"{kind}-{day}", raw=repr(columns).encode(), as_of=day, columns=columns, table="rows")
    assert batches.keep(ledger, kind, kind, delivery, day, None) is not None


def _delivered(ledger: Ledger) -> dict[str, object]:
    return inputs.delivered(ledger, _archive(), NOTHING)


def test_what_was_not_delivered_is_left_out(ledger: Ledger) -> None:
    assert _delivered(ledger) == {}


def test_a_register_counts_by_its_newest_delivery(ledger: Ledger) -> None:
    _keep(ledger, "collection", MONDAY, {"cons_no": ["1", "2"], "tg_no": ["T7", "T1"]})
    _keep(ledger, "collection", TUESDAY, {"cons_no": ["3", "1"], "tg_no": ["T9", "T1"]})
    found = cast("dict[str, Coded]", _delivered(ledger)["collection"])
    assert found["tg_no"].decode().tolist() == ["T1", None, "T9"]
    assert found["known"].present().tolist() == [True, False, True]
    assert "reading" not in found


def test_what_other_systems_say_of_a_number_that_was_given_away_again_is_nobodys(ledger: Ledger) -> None:
    """Today's account 1 has nothing of what the collection system still has under the number of before, which is 2's today."""
    told = pa.table({"cons_no": ["1", "2"], "orgn_cons_no": [None, "1"]})
    view = Archive.from_tables(told, pa.table({"cons_no": pa.array([], pa.string())}), TUESDAY)
    _keep(ledger, "collection", MONDAY, {"cons_no": ["1", "2"], "tg_no": ["T7", "T8"]})
    found = cast("dict[str, Coded]", inputs.delivered(ledger, view, NOTHING)["collection"])
    assert found["tg_no"].decode().tolist() == [None, "T8"]


def test_lists_become_look_ups(ledger: Ledger) -> None:
    _keep(ledger, "pms", MONDAY, {"tg_no": ["T1", "T1"], "line_no": ["L1", "L2"]})
    _keep(ledger, "staff", MONDAY, {"number": ["19400000001"]})
    found = _delivered(ledger)
    assert found["pms"] == {"T1": frozenset({"L1", "L2"})}
    assert found["staff_numbers"] == frozenset({"19400000001"})


def test_a_masked_id_names_nobody_and_the_last_update_counts(ledger: Ledger) -> None:
    columns: dict[str, Column] = {
        "cert_no": ["13****11", "139901197001100316", "139901197001100316"],
        "name": ["安", "旧名", "新名"],
        "state": ["valid", "valid", "dead"],
        "updated_at": ["2025-01-01", "2024-01-01", "2025-01-01"],
    }
    _keep(ledger, "population", MONDAY, columns)
    found = _delivered(ledger)
    assert found["population"] == {"139901197001100316": ("新名",)}
    assert found["person_status"] == {"139901197001100316": "9"}


NUMBER, MASKED = "139901197001100316", "139901********0316"


def _status(ledger: Ledger, *rows: tuple[str, str, str, str], name: str = "安娜") -> object:
    """What the register's rows (person, number, name, state) say of the one holder."""
    person, number, called, state = (list[str | None](column) for column in zip(*rows, strict=True))
    columns = {"person_no": person, "cert_no": number, "name": called, "state": state, "updated_at": list(person)}
    _keep(ledger, "population", MONDAY, columns)
    accounts = pa.table({"cons_no": ["1", "2"], "cert_no": [NUMBER, None], "cons_name": [name, "安娜"]})
    archive = Archive.from_tables(accounts, pa.table({"cons_no": pa.array([], pa.string())}), TUESDAY)
    return inputs.delivered(ledger, archive, NOTHING)["person_status"]


def test_a_masked_entry_tells_that_the_holder_is_gone(ledger: Ledger) -> None:
    assert _status(ledger, ("P1", MASKED, "安娜", "dead")) == {NUMBER: "9"}


@pytest.mark.parametrize(
    "rows",
    [
        [("P1", MASKED, "博文", "dead")],  # somebody else with such a number
        [("P1", MASKED, "安娜", "dead"), ("P2", MASKED, "安娜", "valid")],  # it may be either
        [("P1", "1399************16", "安娜", "dead")],  # a mask that hides too much
        [("P1", MASKED, "安娜", "valid")],
    ],
)
def test_an_entry_that_need_not_be_the_holders_tells_nothing(
    ledger: Ledger, rows: list[tuple[str, str, str, str]]
) -> None:
    assert _status(ledger, *rows) == {}


def test_a_masked_entry_tells_that_the_person_whom_a_survey_found_is_gone(ledger: Ledger) -> None:
    """The archive has no number yet: whoever would be entered is looked up before he is."""
    _status(ledger, ("P1", MASKED, "安娜", "dead"))
    accounts = pa.table(
        {"cons_no": ["1", "2"], "cert_no": pa.array([None, None], pa.string()), "cons_name": ["安娜", "博文"]}
    )
    archive = Archive.from_tables(accounts, pa.table({"cons_no": pa.array([], pa.string())}), TUESDAY)
    for account, said, told in (("1", {"cert_no": NUMBER}, {NUMBER: "9"}), ("2", {"cert_no": NUMBER}, {}),
                                ("2", {"cert_no": NUMBER, "cons_name": "安娜"}, {NUMBER: "9"})):  # fmt: skip
        answers = {
            name: Answer(
                field=name, wrong=True, value=value, lacks=(), origin="T1/1",
                evidence=ValueEvidence(field=name, value=value, source="survey", as_of=MONDAY, ref=Ref(batch=1, row=1, column="value")),
            )
            for name, value in said.items()
        }  # fmt: skip
        surveys = surveyed({account: answers})
        assert inputs.delivered(ledger, archive, surveys)["person_status"] == told


def test_a_masked_entry_names_the_holder_where_only_one_fits_his_number(ledger: Ledger) -> None:
    """A traditional spelling is found by it (NM07), whatever the archive calls him."""
    _status(ledger, ("P1", MASKED, "郑安", "valid"), name="鄭安")
    accounts = pa.table({"cons_no": ["1"], "cert_no": [NUMBER], "cons_name": ["鄭安"]})
    archive = Archive.from_tables(accounts, pa.table({"cons_no": pa.array([], pa.string())}), TUESDAY)
    assert inputs.delivered(ledger, archive, NOTHING)["population"] == {NUMBER: ("郑安",)}
    _status(ledger, ("P2", MASKED, "博文", "valid"))
    assert inputs.delivered(ledger, archive, NOTHING)["population"] == {}


def test_the_newest_answer_of_a_carrier_counts(ledger: Ledger) -> None:
    columns: dict[str, Column] = {
        "cons_no": ["2", "2"], "name": ["安", "安"], "cert_no": ["x", "x"], "mobile": ["19400000001", "19400000001"],
        "result": ["consistent", "inconsistent"], "answered_at": ["2026-01-02", "2025-01-02"], "operator": ["电信", "联通"],
    }  # fmt: skip
    _keep(ledger, "carrier", MONDAY, columns)
    found = _delivered(ledger)
    assert cast("dict[str, Coded]", found["verdicts"])["result"].decode().tolist() == [None, "consistent", None]
    assert found["operators"] == {"19400000001": "电信"}
    assert found["verified_at"] == {"19400000001": "2026-01-02"}


def test_an_answer_without_an_account_number_is_one_on_every_account_of_its_person(ledger: Ledger) -> None:
    accounts = pa.table(
        {"cons_no": ["1", "2", "3", "4"], "cons_name": ["安", "安", "安", "李"], "cert_no": ["x", "x", "y", "x"]}
    )
    archive = Archive.from_tables(accounts, pa.table({"cons_no": pa.array([], pa.string())}), TUESDAY)
    columns: dict[str, Column] = {
        "cons_no": [None, "2"], "name": ["安", "安"], "cert_no": ["x", "x"], "mobile": ["19400000001", "19400000002"],
        "result": ["consistent", "inconsistent"], "answered_at": ["2026-01-02", "2025-01-02"],
    }  # fmt: skip
    _keep(ledger, "carrier", MONDAY, columns)
    found = cast("dict[str, Coded]", inputs.delivered(ledger, archive, NOTHING)["verdicts"])
    assert found["result"].decode().tolist() == ["consistent", "inconsistent", None, None]


def test_a_town_has_a_class_where_all_its_communities_agree(ledger: Ledger) -> None:
    columns: dict[str, Column] = {
        "division_code": ["130203001001", "130203001002", "130203002001"],
        "town": ["甲镇", "甲镇", "乙镇"],
        "community": ["一村", "二村", "三村"],
        "class_code": ["111", "220", "220"],
    }
    _keep(ledger, "statistics", MONDAY, columns)
    found = cast("dict[str, str]", _delivered(ledger)["urban_codes"])
    assert found["130203/甲镇/一村"] == "urban"
    assert "130203/甲镇/" not in found
    assert found["130203/乙镇/"] == "rural"


def test_positions_and_visits_lie_beside_their_accounts(ledger: Ledger) -> None:
    _keep(ledger, "positions", MONDAY, {"cons_no": ["2"], "lng": ["118.2"], "lat": ["39.6"]})
    visit: dict[str, Column] = {
        "cons_no": ["3", "1"],
        "surveyor": ["甲", "乙"],
        "survey_at": ["2026-01-05T08:30:00", "2026-01-05"],
    }
    _keep(ledger, "survey", MONDAY, visit)
    found = _delivered(ledger)
    assert cast("Positions", found["positions"]).present().tolist() == [False, True, False]
    surveyor, minute = cast("tuple[Coded, list[int]]", found["survey_log"])
    assert surveyor.decode().tolist() == ["乙", None, "甲"]
    assert [value >= 0 for value in minute] == [False, False, True]


def test_photos_of_the_newest_visit_are_known_by_their_hashes(ledger: Ledger) -> None:
    columns: dict[str, Column] = {
        "cons_no": ["1", "1", "2", "3"],
        "survey_at": ["2026-01-02", "2026-01-03", "2026-01-03", "2026-01-03"],
        "photos": ["DOOR", "DOOR;BOX", None, "DOOR"],
        "photo_hashes": ["aa", "bb;cc", None, None],
    }
    _keep(ledger, "survey", MONDAY, columns)
    assert _delivered(ledger)["photos"] == (("bb", "cc"), (), ("",))


def test_a_photo_without_a_hash_is_known_to_be_one(ledger: Ledger) -> None:
    columns: dict[str, Column] = {
        "cons_no": ["1", "2"], "survey_at": ["2026-01-03", "2026-01-03"], "photos": ["DOOR;BOX", "DOOR"], "photo_hashes": ["aa", "bb"],
    }  # fmt: skip
    _keep(ledger, "survey", MONDAY, columns)
    assert _delivered(ledger)["photos"] == (("aa", ""), ("bb",), None)


@pytest.mark.parametrize("hashes", [{"photo_hashes": [None, None]}, {}])
def test_photos_of_which_none_has_a_hash_are_no_input(ledger: Ledger, hashes: dict[str, Column]) -> None:
    columns: dict[str, Column] = {"cons_no": ["1", "2"], "survey_at": ["2026-01-03"] * 2, "photos": ["DOOR", "DOOR"]}
    _keep(ledger, "survey", MONDAY, columns | hashes)
    assert "photos" not in _delivered(ledger)
