"""What the rules say of a new value before it is written: on every account that it concerns, and never by silence."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, cast

import numpy as np
import pytest

from core.ledger import Ledger, entities
from core.model import Class, Disposition, Draft, Kind, Operation, Ref, ValueEvidence
from flows import reconcile
from flows.book import Book, Candidate
from flows.surveys import Answer
from matchers.checks import Check, Detail, Function, Hits, judged, judged_contacts
from matchers.rules import UNEVALUATED, Rule
from matchers.scene import Scene
from tests.flows.desk import ACCOUNT, CONTACT, DAY, FLAT, MOBILE, YESTERDAY, candidate, failed, materials
from tests.flows.desk import judged as judge


def _stumbling(scene: Scene) -> list[Hits]:
    """A check that cannot bear one name."""
    if "张三峰" in scene.archive.column("cons_name").decode():
        raise ValueError("stumbled")
    return []


def _second_only(scene: Scene) -> list[Hits]:
    """Breaks on the customer's other account, whatever its name."""
    second = scene.archive.keys.decode() == "2"
    return judged("cons_name", scene.archive.column("cons_name"), lambda _: Detail(), only=np.asarray(second))


def _bad_landline(scene: Scene) -> list[Hits]:
    return judged_contacts(scene, "home_phone", lambda text: Detail() if len(text) < 9 else None)


def _silent(_scene: Scene) -> list[Hits]:
    return []


def _rule(run: Callable[[Scene], list[Hits]], field: str, *extra: str, severity: str = "S2") -> Rule:
    check = Check("test.it", cast("Function", run), (field,), extra, {})
    return replace(UNEVALUATED, code="T1", severity=severity, field=field, check=check)


def _judged(
    ledger: Ledger, rule: Rule, *candidates: Candidate, accounts: Sequence[dict[str, str]] = (ACCOUNT,)
) -> Draft:
    found = materials(ledger, accounts, [CONTACT], configured=[rule])
    return judge(ledger, found, *candidates)[0]


def _rules(draft: Draft) -> dict[str, object]:
    (condition,) = (c for c in draft.conditions if c.code == "rules")
    return dict(condition.params)


NAME = candidate("cons_name", "张三丰", "张三峰")


def test_a_rule_that_fails_on_the_new_value_is_not_passed(ledger: Ledger) -> None:
    draft = _judged(ledger, _rule(_stumbling, "cons_name"), NAME)
    assert "rules" in failed(draft)
    assert _rules(draft)["rules"] == "T1"


def test_a_rule_that_fails_says_nothing_of_fields_that_it_does_not_read(ledger: Ledger) -> None:
    other = candidate("cert_no", None, ACCOUNT["cert_no"])
    assert "rules" not in failed(_judged(ledger, _rule(_stumbling, "cons_name"), other, NAME))


def test_a_customers_value_is_tried_on_all_of_his_accounts(ledger: Ledger) -> None:
    two = [ACCOUNT, ACCOUNT | {"cons_no": "2"}]
    assert "rules" in failed(_judged(ledger, _rule(_second_only, "cons_name"), NAME, accounts=two))
    assert "rules" not in failed(_judged(ledger, _rule(_second_only, "cons_name"), NAME))


def test_a_new_row_is_tried_with_all_that_it_holds(ledger: Ledger) -> None:
    row = {"mobile": "19400000001", "home_phone": "03", "contact_name": "张三丰"}
    one = candidate("mobile", None, "19400000001")
    added = replace(one, contact=None, draft=replace(one.draft, operation=Operation.ADD, row=row))
    assert "rules" in failed(_judged(ledger, _rule(_bad_landline, "mobile"), added))
    assert "rules" not in failed(_judged(ledger, _rule(_bad_landline, "mobile"), one))


def test_a_rule_without_its_input_is_told_beside_the_passed_ones(ledger: Ledger) -> None:
    rule = _rule(_silent, "cons_name", "staff_numbers")
    assert _rules(_judged(ledger, rule, NAME)) == {"rules": "", "unjudged": "T1"}
    other = candidate("cert_no", None, ACCOUNT["cert_no"])
    assert _rules(_judged(ledger, rule, other)) == {"rules": "", "unjudged": ""}
    assert _rules(_judged(ledger, replace(rule, severity="S4"), NAME)) == {"rules": "", "unjudged": ""}


# -- what a value does to other cells


def _of_another_sex(scene: Scene) -> list[Hits]:
    """Breaks on the number where the name is no man's."""
    wrong = np.array([name == "张三峰" for name in scene.archive.column("cons_name").decode()])
    return judged("cert_no", scene.archive.column("cert_no"), lambda _: Detail(), only=wrong)


def _both(run: Callable[[Scene], list[Hits]], *fields: str, extra: tuple[str, ...] = ()) -> Rule:
    check = Check("test.both", cast("Function", run), fields, extra, {})
    return replace(UNEVALUATED, code="T2", severity="S2", field="cert_no", check=check)


def test_a_name_that_makes_the_number_break_a_rule_counts(ledger: Ledger) -> None:
    draft = _judged(ledger, _both(_of_another_sex, "cert_no", "cons_name"), NAME)
    assert _rules(draft)["rules"] == "T2"


def test_what_was_broken_before_is_not_the_new_values_doing(ledger: Ledger) -> None:
    """The number is wrong with either name: that is its own finding, and the name may be put right."""

    def always(scene: Scene) -> list[Hits]:
        return judged("cert_no", scene.archive.column("cert_no"), lambda _: Detail())

    assert _rules(_judged(ledger, _both(always, "cert_no", "cons_name"), NAME))["rules"] == ""


def test_a_value_that_the_rule_does_not_read_is_not_blamed_for_another(ledger: Ledger) -> None:
    number = candidate("mobile", CONTACT["mobile"], "19400000001")
    rule = _both(_of_another_sex, "cert_no", "cons_name")
    assert _rules(_judged(ledger, rule, number, NAME))["rules"] == ""
    undeclared = _both(
        _of_another_sex, "cert_no"
    )  # nobody says that it reads the name: all new values of the account are blamed
    assert _rules(_judged(ledger, undeclared, number, NAME))["rules"] == "T2"


def test_what_a_carrier_answered_of_the_number_is_no_rule_on_the_name(ledger: Ledger) -> None:
    """Answers speak of three factors at once; which of them they refute is weighed as evidence."""
    rule = _both(_of_another_sex, "cert_no", "cons_name", extra=("verdicts",))
    found = materials(ledger, [ACCOUNT], [CONTACT], configured=[rule], extra={"verdicts": {}})
    assert _rules(judge(ledger, found, NAME)[0])["rules"] == ""


@pytest.mark.parametrize(("told", "failing"), [("rural", {"rules"}), ("urban", set())])
def test_the_statistical_class_speaks_against_a_surveyed_flag_however_light_its_rule_is(
    ledger: Ledger, told: str, failing: set[str]
) -> None:
    """Of the flag the statistics are the first authority: what contradicts them is a person's."""
    classes = {"130203/机场路街道/": told}
    account = ACCOUNT | {"elec_addr": "河北省唐山市路北区机场路街道" + FLAT.removeprefix("河北省唐山市路北区")}
    found = materials(ledger, [account], [CONTACT], extra={"urban_codes": classes})
    flag = _surveyed("urban_rural_flag", "rural", "urban", Kind.ACCOUNT)
    assert failed(judge(ledger, found, flag)[0]) == failing


@pytest.mark.parametrize(("severity", "failing"), [("S2", {"rules"}), ("S3", set())])
def test_a_new_address_does_not_answer_for_a_position_in_another_coordinate_system(
    ledger: Ledger, severity: str, failing: set[str]
) -> None:
    """That a position lies far off speaks against the address (AD14, S2); what is odd about the position itself does not (AD15, S3)."""

    def shifted(scene: Scene) -> list[Hits]:
        new = np.array([text == FLAT for text in scene.archive.column("elec_addr").decode()])
        return judged("lng", scene.archive.column("cons_no"), lambda _: Detail(), only=new)

    rule = replace(_both(shifted, "elec_addr"), severity=severity, field="lng")
    found = materials(ledger, [ACCOUNT | {"elec_addr": "旧"}], [CONTACT], configured=[rule])
    assert failed(judge(ledger, found, _place(0, FLAT, Class.A))[0]) == failing


# -- what is not written with it


def _place(row: int, after: str, cls: Class) -> Candidate:
    draft = Draft(
        kind=Kind.ACCOUNT, key=str(row + 1), org="0131", field="elec_addr", operation=Operation.SET, before="旧", after=after, cls=cls,
        disposition=Disposition.REVIEW,
    )  # fmt: skip
    return Candidate(draft=draft, row=row)


def test_a_flat_is_not_free_because_somebody_might_move_out_of_it(ledger: Ledger) -> None:
    """The other account's new address waits for a person: until he has spoken it stands where it stands."""
    accounts = [ACCOUNT | {"elec_addr": "旧"}, ACCOUNT | {"cons_no": "2", "cust_no": "C2"}]
    found = materials(ledger, accounts, [CONTACT])
    elsewhere = FLAT.replace("1102", "1101")
    going, staying = _place(1, elsewhere, Class.A), _place(1, elsewhere, Class.C)
    assert "rules" not in failed(judge(ledger, found, _place(0, FLAT, Class.A), going)[0])
    assert failed(judge(ledger, found, _place(0, FLAT, Class.A), staying)[0]) == {"rules"}


def _surveyed(field: str, before: str, after: str, kind: Kind, cls: Class = Class.S, **more: object) -> Candidate:
    said = ValueEvidence(field=field, value=after, source="survey", as_of=YESTERDAY)
    listed = kind is Kind.CONTACTS
    draft = Draft(
        kind=kind, key="1", org="0131", field=field, operation=Operation.CHANGE if listed else Operation.SET, before=before, after=after,
        cls=cls, disposition=Disposition.REVIEW, row=dict(CONTACT) if listed else {},
    )  # fmt: skip
    return replace(
        Candidate(draft=draft, row=0, contact=0 if listed else None, evidence=(said,)), **cast("dict[str, Any]", more)
    )


def test_the_parts_of_a_flat_are_written_together_or_not_at_all(ledger: Ledger) -> None:
    """The room of another building in the old one is a flat that nobody has seen."""
    found = materials(ledger, [ACCOUNT], [CONTACT])
    room, building = (_surveyed(name, "3", "5", Kind.ACCOUNT) for name in ("room_no", "building_no"))
    assert [failed(d) for d in judge(ledger, found, room, building)] == [set(), set()]
    unaudited = replace(building, lacks=("auditor",))
    assert [failed(d) for d in judge(ledger, found, room, unaudited)] == [{"together"}, {"audited"}]


def test_what_is_torn_apart_is_tried_no_more(ledger: Ledger) -> None:
    """Each trial judges the whole archive: one with every value, and one with those that are left."""
    tried: list[list[str | None]] = []

    def counting(scene: Scene) -> list[Hits]:
        tried.append(scene.archive.column("room_no").decode().tolist())
        return []

    found = materials(ledger, [ACCOUNT], [CONTACT], configured=[_rule(counting, "cons_name")])
    tried.clear()
    room, building = (_surveyed(name, "3", "5", Kind.ACCOUNT) for name in ("room_no", "building_no"))
    grid = _surveyed("mgr_grid", "3", "5", Kind.ACCOUNT)
    drafts = judge(ledger, found, room, replace(building, lacks=("auditor",)), grid)
    assert [failed(draft) for draft in drafts] == [{"together"}, {"audited"}, set()]
    assert tried == [["5"], [None]]


def test_a_relation_waits_for_the_person_that_it_is_about(ledger: Ledger) -> None:
    """The survey found somebody else there: as long as his name is not written, the relation would be the other one's."""
    found = materials(ledger, [ACCOUNT], [CONTACT | {"contact_relation": ""}])
    relation = _surveyed("contact_relation", "", "self", Kind.CONTACTS)
    assert failed(judge(ledger, found, relation)[0]) == set()
    for name, before, after in (("contact_name", "张三丰", "李四"), ("mobile", MOBILE, "19400000001")):
        waiting = _surveyed(name, before, after, Kind.CONTACTS, Class.B)
        assert failed(judge(ledger, found, relation, waiting)[0]) == {"together"}


@pytest.mark.parametrize("half", ["cons_name", "cert_no"])
@pytest.mark.parametrize(("changed", "stale"), [(YESTERDAY, True), (date(2026, 3, 14), False)])
def test_what_was_seen_of_the_former_holder_is_not_written_to_the_new_one(
    ledger: Ledger, half: str, changed: date, stale: bool
) -> None:
    """The account was transferred after the visit: relation and number are those of who lived there then."""
    with ledger.begin() as tx:
        rows = [(Kind.CUSTOMER, "C1", "0131", half, "新")]
        assert entities.changed(tx, rows, date(2026, 3, 1), changed) == 1
    found = materials(ledger, [ACCOUNT], [CONTACT])
    relation = _surveyed("contact_relation", "other", "self", Kind.CONTACTS)
    number = _surveyed("mobile", MOBILE, "19400000001", Kind.CONTACTS, Class.B)
    room = _surveyed("room_no", "3", "5", Kind.ACCOUNT)
    told = [failed(draft) for draft in judge(ledger, found, relation, room, number)]
    assert ["fresh" in one for one in told] == [stale, False, stale]


def test_our_own_correction_of_the_name_is_no_transfer(ledger: Ledger) -> None:
    with ledger.begin() as tx:
        entities.written(tx, Kind.CUSTOMER, "C1", "0131", "cons_name", "张三丰", DAY, 1)
    relation = _surveyed("contact_relation", "other", "self", Kind.CONTACTS)
    assert failed(judge(ledger, materials(ledger, [ACCOUNT], [CONTACT]), relation)[0]) == set()


@pytest.mark.parametrize(
    ("name", "relation", "failing"),
    [
        ("张三丰", "self", set()),
        ("张 三丰", "self", set()),
        ("李四", "self", {"together"}),  # somebody else is not the holder himself
        ("李四", "spouse", set()),
        ("张三丰", "spouse", {"together"}),  # and the holder is not his own wife
        ("", "self", set()),
        ("", "spouse", set()),
    ],
)
def test_a_relation_that_the_contacts_name_contradicts_is_a_persons(
    ledger: Ledger, name: str, relation: str, failing: set[str]
) -> None:
    """The survey speaks of the first contact of the list, and the surveyor may have met another."""
    row = CONTACT | {"contact_name": name}
    one = _surveyed("contact_relation", "other", relation, Kind.CONTACTS)
    met = replace(one, draft=replace(one.draft, row=row))
    assert failed(judge(ledger, materials(ledger, [ACCOUNT], [row]), met)[0]) == failing


# -- what a person must choose between


def _repair(after: str, rule: str) -> Candidate:
    one = candidate("cons_name", " 张", after)
    return replace(one, draft=replace(one.draft, cls=Class.A, rules=(rule,)))


def test_two_repairs_of_one_cell_that_differ_are_a_persons(ledger: Ledger) -> None:
    apart = reconcile._unique([_repair("张三", "T1"), _repair("张四", "T2")])
    assert [(c.draft.after, c.draft.cls, c.draft.rules) for c in apart] == [("张三", Class.C, ("T1", "T2"))]
    alike = reconcile._unique([_repair("张三", "T1"), _repair("张三", "T2")])
    assert [c.draft.cls for c in alike] == [Class.A]


def test_a_number_of_another_holder_waits_with_him(ledger: Ledger) -> None:
    """Survey and carrier agree on somebody who is not the holder yet: whether he is, a person decides first."""
    said = ValueEvidence(field="mobile", value="19400000001", source="survey", as_of=YESTERDAY)
    mobile = candidate("mobile", CONTACT["mobile"], "19400000001", evidence=(said,))
    other = [candidate("cons_name", "张三丰", "李四光"), candidate("cert_no", ACCOUNT["cert_no"], "139901197001010011")]
    book = Book.of(materials(ledger, [ACCOUNT], [CONTACT]))
    assert "holder" not in failed(reconcile.judge(ledger, book, [mobile])[0])
    assert "holder" in failed(reconcile.judge(ledger, book, [mobile, *other])[0])


# -- what a new contact brings with it


def _answers(**said: str) -> dict[str, Answer]:
    return {
        name: Answer(
            field=name, wrong=True, value=value, lacks=(), origin="T1/1",
            evidence=ValueEvidence(field=name, value=value, source="survey", as_of=YESTERDAY, ref=Ref(batch=1, row=1, column="value")),
        )
        for name, value in said.items()
    }  # fmt: skip


def _added(ledger: Ledger, **said: str) -> dict[str, str]:
    """The row that an account without contacts would get."""
    book = Book.of(materials(ledger, [ACCOUNT], [], answers={"1": _answers(**said)}))
    (one,) = [c for c in reconcile.candidates(book) if c.draft.operation is Operation.ADD]
    return dict(one.draft.row)


def test_a_second_number_of_a_new_contact_waits_for_witnesses_of_its_own(ledger: Ledger) -> None:
    """The carrier confirms the mobile; nobody but the survey has said a word on the landline beside it."""
    said = {"mobile": "19400000001", "home_phone": "0315-2812345", "contact_name": "张三丰", "contact_relation": "self"}
    assert _added(ledger, **said) == {name: value for name, value in said.items() if name != "home_phone"}


def test_a_new_contact_is_not_called_by_a_name_that_the_survey_found_wrong(ledger: Ledger) -> None:
    said = {"mobile": "19400000001", "contact_relation": "self"}
    assert _added(ledger, **said) == said | {"contact_name": "张三丰"}
    assert _added(ledger, **said, cons_name="张三峰") == said
