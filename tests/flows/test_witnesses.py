"""Who speaks for a new name, certificate or number: registers, payers, the cell itself and paid answers; and who does not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.errors import ApplicationError
from core.ledger import Ledger, calls
from core.ledger import tables as t
from core.model import Disposition, Draft, Kind, Ref, ValueEvidence, Verdict, VerdictEvidence
from core.ports import Answer as Reply
from core.reference import Reference
from flows import recheck, reconcile, registers, witnesses
from flows.book import Book
from flows.evidence import Estate, Owner
from flows.surveys import Answer
from flows.witnesses import asked, unused
from tests.flows.desk import (
    ACCOUNT,
    CONTACT,
    DAY,
    FLAT,
    MASKED,
    MOBILE,
    OTHER,
    RIGHT,
    YESTERDAY,
    candidate,
    failed,
    judged,
    keep,
    materials,
)  # fmt: skip

SURVEYED = ValueEvidence(
    field="cert_no", value=RIGHT, source="survey", as_of=YESTERDAY, ref=Ref(batch=90, row=1, column="value")
)
PERSON = {
    "person_no": "P1",
    "name": "张*丰",
    "cert_no": MASKED,
    "address": FLAT,
    "state": "valid",
    "updated_at": "2026-03-01",
}
BLANK_ID = ACCOUNT | {"cert_no": ""}
FACTORS = {"cons_name": "张三丰", "cert_no": RIGHT, "mobile": MOBILE}
STYLES = {"population": {"name": "one", "cert_no": "one"}, "wechat": {"payer_name": "many", "payer_mobile": "one"}}


def _number(ledger: Ledger, **more: Any) -> Draft:
    """A surveyed number for a holder who has none, judged."""
    found = materials(ledger, [BLANK_ID], [CONTACT], masks=STYLES, **more)
    (draft,) = judged(ledger, found, candidate("cert_no", None, RIGHT, evidence=(SURVEYED,)))
    return draft


def _sources(draft: Draft) -> set[str]:
    return {v.source for v in draft.values} | {v.source for v in draft.verdicts}


def test_a_surveyed_number_alone_is_a_persons(ledger: Ledger) -> None:
    draft = _number(ledger)
    assert failed(draft) == {"corroborated", "authoritative", "probable"}
    assert draft.disposition is Disposition.REVIEW


def test_the_population_register_confirms_a_number_that_it_shows_masked(ledger: Ledger) -> None:
    keep(ledger, "population", "population", [PERSON])
    draft = _number(ledger)
    assert (failed(draft), draft.disposition) == (set(), Disposition.AUTOMATIC)
    assert draft.posterior is not None
    assert draft.posterior > 0.98
    (condition,) = (c for c in draft.conditions if c.code == "probable")
    assert "population +" in str(condition.params["weights"])


@pytest.mark.parametrize("state", ["moved", "dead", "cancelled", "locked"])
def test_a_person_who_is_no_longer_there_confirms_nothing(ledger: Ledger, state: str) -> None:
    keep(ledger, "population", "population", [PERSON | {"state": state}])
    assert _sources(_number(ledger)) == {"survey"}


def test_the_newest_entry_of_a_person_counts(ledger: Ledger) -> None:
    keep(
        ledger,
        "population",
        "population",
        [PERSON | {"cert_no": OTHER[:6] + "*" * 8 + OTHER[-4:]}, PERSON | {"updated_at": "2025-01-01"}],
    )
    assert "unopposed" in failed(_number(ledger))


def test_somebody_else_in_the_flat_is_no_contradiction(ledger: Ledger) -> None:
    lodger = PERSON | {"person_no": "P2", "name": "李*", "cert_no": OTHER[:6] + "*" * 8 + OTHER[-4:]}
    keep(ledger, "population", "population", [PERSON, lodger])
    assert failed(_number(ledger)) == set()


def test_an_owner_whose_number_is_another_opposes(ledger: Ledger) -> None:
    keep(ledger, "population", "population", [PERSON])
    owner = Owner(
        name="李四",
        ident=OTHER[:6] + "*" * 8 + OTHER[-4:],
        as_of=YESTERDAY,
        ref=Ref(batch=80, row=1, column="owner_name"),
    )
    estate = Estate(number="E1", address=FLAT, owners=(owner,), source="real_estate")
    assert failed(_number(ledger, estates=[estate])) >= {"unopposed"}


def test_a_batch_of_a_carrier_confirms_the_three_factors(ledger: Ledger) -> None:
    row = {
        "cons_no": "1",
        "name": "张三丰",
        "cert_no": RIGHT,
        "mobile": MOBILE,
        "result": "consistent",
        "answered_at": "2026-03-14",
    }
    keep(ledger, "carrier", "carrier", [row])
    draft = _number(ledger)
    assert failed(draft) == set()
    (verdict,) = draft.verdicts
    assert (verdict.verdict, verdict.as_of, verdict.ref is not None) == (Verdict.CONSISTENT, date(2026, 3, 14), True)


@pytest.mark.parametrize(
    ("result", "which", "field", "held"),
    [
        ("inconsistent", "id", "cert_no", False),
        ("inconsistent", "name id", "cert_no", True),
        ("inconsistent", "name", "cert_no", True),
        ("no_record", "", "cert_no", True),
        ("error", "", "cert_no", True),
    ],
)
def test_a_carriers_answer_speaks_of_the_factor_that_it_names(
    ledger: Ledger, result: str, which: str, field: str, held: bool
) -> None:
    row = {
        "name": "张三丰",
        "cert_no": RIGHT,
        "mobile": MOBILE,
        "result": result,
        "which": which,
        "answered_at": "2026-03-14",
    }
    keep(ledger, "carrier", "carrier", [row])
    assert ("unopposed" not in failed(_number(ledger))) is held
    assert field == "cert_no"


def test_an_old_number_with_fifteen_digits_supports_its_new_form(ledger: Ledger) -> None:
    old = RIGHT[:6] + RIGHT[8:17]
    found = materials(ledger, [ACCOUNT | {"cert_no": old}], [CONTACT])
    (draft,) = judged(ledger, found, candidate("cert_no", old, RIGHT))
    assert _sources(draft) == {"archive"}
    assert failed(draft) == {"corroborated", "authoritative", "probable"}


def test_a_payer_under_the_holders_name_supports_his_number(ledger: Ledger) -> None:
    said = replace(SURVEYED, field="mobile", value=MOBILE)
    keep(
        ledger,
        "wechat",
        "payment",
        [{"cons_no": "1", "payer_name": "张**", "payer_mobile": "194****5678", "bound_at": "2026-02-01"}],
    )
    found = materials(ledger, [ACCOUNT], [CONTACT | {"mobile": ""}], masks=STYLES)
    (draft,) = judged(ledger, found, candidate("mobile", None, MOBILE, evidence=(said,)))
    assert _sources(draft) == {"survey", "wechat"}
    assert failed(draft) == {"authoritative"}


@pytest.mark.parametrize(("name", "number"), [("李*", "194****5678"), ("张**", "194****9999")])
def test_another_payer_or_another_number_says_nothing(ledger: Ledger, name: str, number: str) -> None:
    said = replace(SURVEYED, field="mobile", value=MOBILE)
    keep(
        ledger,
        "wechat",
        "payment",
        [{"cons_no": "1", "payer_name": name, "payer_mobile": number, "bound_at": "2026-02-01"}],
    )
    found = materials(ledger, [ACCOUNT], [CONTACT | {"mobile": ""}], masks=STYLES)
    (draft,) = judged(ledger, found, candidate("mobile", None, MOBILE, evidence=(said,)))
    assert _sources(draft) == {"survey"}


@pytest.mark.parametrize("wrong", [True, False])
def test_a_surveyor_who_found_the_cell_right_elsewhere_opposes_one_who_found_it_wrong(
    ledger: Ledger, wrong: bool
) -> None:
    """One holder, two flats: both surveys are of the same source, and nobody outvotes himself."""
    keep(ledger, "population", "population", [PERSON | {"name": "张三丰"}])
    told = ValueEvidence(
        field="cons_name", value="张三丰" if wrong else None, source="survey", as_of=YESTERDAY, ref=Ref(batch=90, row=2, column="value")
    )  # fmt: skip
    answer = Answer(field="cons_name", wrong=wrong, value=told.value, evidence=told, lacks=(), origin="T2/1")
    accounts = [ACCOUNT | {"cons_name": "张三峰", "cons_no": number} for number in ("1", "2")]
    found = materials(ledger, accounts, [CONTACT], masks=STYLES, answers={"2": {"cons_name": answer}})
    said = replace(SURVEYED, field="cons_name", value="张三丰")
    (draft,) = judged(ledger, found, candidate("cons_name", "张三峰", "张三丰", evidence=(said,)))
    assert ("unopposed" not in failed(draft)) is wrong


def _other_number(ledger: Ledger, *people: Mapping[str, str]) -> set[str]:
    """What fails of another number for a holder whose own is a whole one."""
    there = PERSON | {"cert_no": OTHER[:6] + "*" * 8 + OTHER[-4:]}
    keep(ledger, "population", "population", [there, *people])
    found = materials(ledger, [ACCOUNT], [CONTACT], masks=STYLES)
    said = replace(SURVEYED, value=OTHER)
    (draft,) = judged(ledger, found, candidate("cert_no", RIGHT, OTHER, evidence=(said,)))
    return failed(draft)


ELSEWHERE = PERSON | {"person_no": "P2", "name": "张三丰", "address": "河北省唐山市路北区他处1号楼1单元101"}


@pytest.mark.parametrize(
    ("people", "failing"),
    [
        ([], set()),
        ([ELSEWHERE], {"unopposed", "probable"}),  # the holder lives elsewhere, and somebody of his name lives here
        ([ELSEWHERE | {"name": "李四"}], set()),  # the number was somebody else's
        ([ELSEWHERE | {"state": "cancelled"}], set()),  # his own, before it was put right
    ],
)
def test_a_namesake_does_not_become_the_holder(ledger: Ledger, people: list[dict[str, str]], failing: set[str]) -> None:
    """The register knows a person of this name and the archive's number: whose account it is, a person decides."""
    assert _other_number(ledger, *people) == failing


# -- what is asked


def _asked(ledger: Ledger, field: str, after: str, **contact: str) -> dict[str, str] | None:
    book = Book.of(materials(ledger, [BLANK_ID], [CONTACT | contact]))
    one = candidate(field, None, after)
    return asked(book, one, reconcile.wanted_values([one]))


def test_the_new_value_is_asked_about_with_the_others_as_they_stand(ledger: Ledger) -> None:
    assert _asked(ledger, "cert_no", RIGHT) == FACTORS


@pytest.mark.parametrize(
    "contact", [{"contact_relation": "spouse"}, {"contact_name": "李四"}, {"mobile": "142"}, {"mobile": ""}]
)
def test_nothing_is_asked_with_somebody_elses_number_or_a_bad_one(ledger: Ledger, contact: dict[str, str]) -> None:
    assert _asked(ledger, "cert_no", RIGHT, **contact) is None


def test_nothing_is_asked_about_a_number_that_cannot_be_right(ledger: Ledger) -> None:
    assert _asked(ledger, "cert_no", RIGHT[:-1] + ("0" if RIGHT[-1] != "0" else "1")) is None


# -- the second pass


def test_a_row_that_was_used_is_never_counted_again() -> None:
    again = replace(SURVEYED, note="person")
    other = replace(SURVEYED, ref=Ref(batch=90, row=2, column="value"))
    assert unused([again, other, replace(SURVEYED, ref=None)], [SURVEYED]) == [other]


AWAY = PERSON | {"name": "张三丰", "address": "河北省唐山市路北区他处1号楼1单元101"}
PLACES = frozenset(
    {(Kind.CUSTOMER, "C1", "cert_no"), (Kind.CUSTOMER, "C1", "cons_name"), (Kind.CONTACTS, "1", "mobile")}
)


def test_the_second_pass_finds_the_holder_where_he_lives_now(ledger: Ledger) -> None:
    keep(ledger, "population", "population", [AWAY])
    assert _sources(_number(ledger)) == {"survey"}
    draft = _number(ledger, wider=PLACES)
    assert (_sources(draft), failed(draft)) == ({"survey", "population"}, set())


@pytest.mark.parametrize(
    "people",
    [
        [AWAY, AWAY | {"person_no": "P2"}],
        [AWAY, AWAY | {"person_no": "P2", "cert_no": OTHER[:6] + "*" * 8 + OTHER[-4:]}],
        [AWAY | {"name": "张*丰"}],
    ],
)
def test_a_number_is_not_heard_of_whom_the_number_itself_picks_out(
    ledger: Ledger, people: list[dict[str, str]]
) -> None:
    """By his name alone he is not found, and of a county's people some have the ends of any number."""
    keep(ledger, "population", "population", people)
    assert _sources(_number(ledger, wider=PLACES)) == {"survey"}


@pytest.mark.parametrize(("others", "heard"), [([], True), ([AWAY | {"person_no": "P2", "name": "李四"}], False)])
def test_a_name_is_not_heard_of_whom_the_name_itself_picks_out(
    ledger: Ledger, others: list[dict[str, str]], heard: bool
) -> None:
    keep(ledger, "population", "population", [AWAY, *others])
    found = materials(ledger, [ACCOUNT | {"cons_name": ""}], [CONTACT], masks=STYLES, wider=PLACES)
    said = replace(SURVEYED, field="cons_name", value="张三丰")
    (draft,) = judged(ledger, found, candidate("cons_name", None, "张三丰", evidence=(said,)))
    assert ("population" in _sources(draft)) is heard


@pytest.mark.parametrize(("customer", "heard"), [("C1", True), ("C2", False), ("", False)])
def test_who_pays_with_a_number_is_heard_on_the_holders_other_accounts_only(
    ledger: Ledger, customer: str, heard: bool
) -> None:
    """In a province, somebody whose masked name and number fit pays some account."""
    payer = {"cons_no": "2", "payer_name": "张**", "payer_mobile": "194****5678", "bound_at": "2026-02-01"}
    keep(ledger, "wechat", "payment", [payer])
    own = ACCOUNT | {"cust_no": customer and "C1"}
    accounts = [own, own | {"cons_no": "2", "cust_no": customer}]
    found = materials(ledger, accounts, [CONTACT | {"mobile": ""}], masks=STYLES, wider=PLACES)
    said = replace(SURVEYED, field="mobile", value=MOBILE)
    (draft,) = judged(ledger, found, candidate("mobile", None, MOBILE, evidence=(said,)))
    assert ("wechat" in _sources(draft)) is heard


@pytest.mark.parametrize(("former", "heard"), [("", True), ("1", False)])
def test_who_pays_a_number_that_was_another_accounts_before_is_nobodys_witness(
    ledger: Ledger, former: str, heard: bool
) -> None:
    """The binding may be of the time when 1 was the account that is 2 today."""
    payer = {"cons_no": "1", "payer_name": "张**", "payer_mobile": "194****5678", "bound_at": "2026-02-01"}
    keep(ledger, "wechat", "payment", [payer])
    accounts = [ACCOUNT, ACCOUNT | {"cons_no": "2", "cust_no": "C2", "orgn_cons_no": former}]
    found = materials(ledger, accounts, [CONTACT | {"mobile": ""}], masks=STYLES)
    said = replace(SURVEYED, field="mobile", value=MOBILE)
    (draft,) = judged(ledger, found, candidate("mobile", None, MOBILE, evidence=(said,)))
    assert ("wechat" in _sources(draft)) is heard


@pytest.mark.parametrize("shown", ["{}****{}", "{}{}****"])
def test_a_payer_of_another_account_is_found_whatever_his_mask_hides(ledger: Ledger, shown: str) -> None:
    number = shown.format(MOBILE[:3], MOBILE[-4:] if shown.endswith("{}") else MOBILE[3:7])
    keep(
        ledger,
        "wechat",
        "payment",
        [{"cons_no": "2", "payer_name": "张**", "payer_mobile": number, "bound_at": "2026-02-01"}],
    )
    found = materials(
        ledger, [ACCOUNT, ACCOUNT | {"cons_no": "2"}], [CONTACT | {"mobile": ""}], masks=STYLES, wider=PLACES
    )
    said = replace(SURVEYED, field="mobile", value=MOBILE)
    (draft,) = judged(ledger, found, candidate("mobile", None, MOBILE, evidence=(said,)))
    assert "wechat" in _sources(draft)


def _compared(ledger: Ledger, accounts: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many payers are held against new numbers where each of a customer's accounts has one of both."""
    numbers = [f"194{place:08d}" for place in range(accounts)]
    told = {"payer_name": "张**", "bound_at": "2026-02-01"}
    rows = [told | {"cons_no": str(place), "payer_mobile": f"194****{n[-4:]}"} for place, n in enumerate(numbers)]
    keep(ledger, "wechat", "payment", rows)
    places = frozenset((Kind.CONTACTS, str(place), "mobile") for place in range(accounts))
    found = materials(
        ledger, [ACCOUNT | {"cons_no": str(place)} for place in range(accounts)], [CONTACT | {"cons_no": str(place)} for place in range(accounts)],
        masks=STYLES, wider=places,
    )  # fmt: skip
    one, calls = candidate("mobile", None, MOBILE), list[str]()
    asked_for = [
        replace(one, row=place, contact=place, draft=replace(one.draft, key=str(place), after=number, row={}))
        for place, number in enumerate(numbers)
    ]

    def counted(said: ValueEvidence, value: str, reference: Reference) -> bool:
        calls.append(said.source)
        return registers.fits(said, value, reference)

    monkeypatch.setattr(witnesses, "fits", counted)
    judged(ledger, found, *asked_for)
    return len(calls)


def test_a_customer_of_many_accounts_costs_no_more_for_each_of_them(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A housing company has thousands: every new number was held against every payer of all of them."""
    few = _compared(ledger, 10, monkeypatch)
    assert 0 < _compared(ledger, 40, monkeypatch) <= 5 * few


class Carrier:
    """A service that answers `consistent`, or nothing at all."""

    name = "carrier"

    def __init__(self, *, silent: bool = False) -> None:
        self.silent, self.heard = silent, 0

    def price(self, question: str) -> int:
        return {"three_factor": 30}[question]

    def ask(self, question: str, values: Mapping[str, str], key: str, subject: str) -> Reply:
        assert question == "three_factor"
        assert key
        self.heard += 1
        if self.silent:
            raise ApplicationError("no answer")
        verdict = VerdictEvidence(
            fields=tuple(values), subject=subject, verdict=Verdict.CONSISTENT, source="carrier", as_of=DAY
        )
        return Reply(evidence=verdict, fee_cents=30)


QUESTIONS = {str(number): FACTORS for number in range(5)}


def _ask(ledger: Ledger, service: Carrier, budget: int) -> recheck.Asked:
    with ledger.begin() as tx:
        run = tx.insert(t.run, flow="nightly", business_date=DAY.isoformat(), state="running")
    return recheck.recheck(ledger, service, QUESTIONS, DAY, run, budget)


def test_the_budget_ends_the_questions(ledger: Ledger) -> None:
    service = Carrier()
    asked_now = _ask(ledger, service, 100)
    assert (asked_now.calls, asked_now.fee_cents, asked_now.left) == (3, 90, 2)


def test_questions_without_an_answer_use_the_budget_up_too(ledger: Ledger) -> None:
    service = Carrier(silent=True)
    asked_now = _ask(ledger, service, 100)
    assert (asked_now.failed, asked_now.left, service.heard) == (3, 2, 3)
    assert calls.spent(ledger, "carrier", DAY) == 90


def test_an_answer_decides_what_was_undecided(ledger: Ledger) -> None:
    about = reconcile.ledger_subject(ledger)(FACTORS)
    call = calls.intend(ledger, "carrier", "three_factor", about, DAY, None)
    said = VerdictEvidence(
        fields=tuple(FACTORS), subject=about, verdict=Verdict.CONSISTENT, source="carrier", as_of=DAY
    )
    calls.answer(ledger, call, said, 30, DAY, 30)
    assert (failed(_number(ledger)), registers.answers(ledger, lambda _: "")) == (set(), {})
