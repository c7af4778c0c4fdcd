"""What the quarter ledger and the registry say of a new address: in which pass they are heard, and of which flats they say nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.ledger import Ledger, entities
from core.model import Class, Disposition, Draft, Kind, Operation, Ref, ValueEvidence, Verdict, VerdictEvidence
from core.quarters import Alias, Building, Quarter
from flows.book import Candidate
from flows.evidence import Estate, Owner
from flows.flats import BY_OWNER, LISTED
from matchers.checks import registry
from matchers.quarters import Quarters
from matchers.rules import UNEVALUATED
from tests.flows.desk import ACCOUNT, CONTACT, DAY, FLAT, MASKED, OTHER, YESTERDAY, failed, judged, materials

OLD = "河北省唐山市路北区建设路1号凤城国贸小区"
SHORT = OLD + "3号楼1102"  # of all listed flats only one can be meant
MASKED_OTHER = OTHER[:6] + "*" * 8 + OTHER[-4:]
PLACE = (Kind.ACCOUNT, "1", "elec_addr")
OWNER = Owner(name="张三丰", ident=MASKED, as_of=YESTERDAY, ref=Ref(batch=80, row=1, column="owner_name"))
TOWER = Building(name="3", units=("2",), rooms=frozenset({("2", "1101"), ("2", "1102")}), whole=True)
QUARTER = Quarter(id="Q1", county="130203", name="凤城国贸", buildings=(TOWER,), whole=True)


def _candidate(field: str, after: str, before: str | None = OLD, cls: Class = Class.B, **more: Any) -> Candidate:
    said = ValueEvidence(
        field=field, value=after, source="survey", as_of=YESTERDAY, ref=Ref(batch=90, row=1, column="value")
    )
    draft = Draft(
        kind=Kind.ACCOUNT, key="1", org="0131", field=field, operation=Operation.SET, before=before, after=after, cls=cls,
        disposition=Disposition.REVIEW,
    )  # fmt: skip
    return Candidate(draft=draft, row=0, **({"evidence": (said,)} | more))


def _judge(
    ledger: Ledger, *candidates: Candidate, second: bool, quarters: Quarter | tuple[Quarter, ...] = (), estates: tuple[Estate, ...] = (),
    account: Mapping[str, str] = ACCOUNT, here: str = OLD,
) -> Draft:  # fmt: skip
    """The first candidate after the gate, in the second pass or in the first; `here` is the address that the archive holds."""
    known = (quarters,) if isinstance(quarters, Quarter) else quarters
    extra = {"quarters": Quarters.of(known)} if known else {}
    wider = frozenset((c.draft.kind, c.draft.key, c.draft.field) for c in candidates) if second else frozenset()
    found = materials(
        ledger, [dict(account) | {"elec_addr": here}], [CONTACT], extra=extra, estates=estates, wider=wider
    )
    return judged(ledger, found, *candidates)[0]


def _estate(address: str, *owners: Owner) -> Estate:
    return Estate(number="E1", address=address, owners=owners, source="real_estate")


def _notes(draft: Draft) -> set[str]:
    return {v.note for v in draft.values} | {v.note for v in draft.verdicts} - {""}


ALONE = {"corroborated", "authoritative", "probable"}
NEW = _candidate("elec_addr", FLAT)
WRITTEN_SHORT = "唐山市路北区建设路1号凤城国贸3-2-1102"


# -- the registry


def test_the_holders_own_flat_confirms_a_surveyed_address_in_the_second_pass(ledger: Ledger) -> None:
    estates = (_estate(WRITTEN_SHORT, OWNER),)
    first = _judge(ledger, NEW, second=False, estates=estates)
    assert (failed(first), BY_OWNER in _notes(first)) == (ALONE, False)
    second = _judge(ledger, NEW, second=True, estates=estates)
    assert (failed(second), second.disposition, BY_OWNER in _notes(second)) == (set(), Disposition.AUTOMATIC, True)


@pytest.mark.parametrize(
    "owner",
    [
        replace(OWNER, ident=MASKED_OTHER),  # a namesake
        replace(OWNER, name="李四"),
        replace(OWNER, ident=MASKED[:6] + "*" * 12),  # too little of the number to tell people apart
        replace(OWNER, ident=""),
    ],
)
def test_an_owner_who_need_not_be_the_holder_confirms_nothing(ledger: Ledger, owner: Owner) -> None:
    found = _judge(ledger, NEW, second=True, estates=(_estate(FLAT, owner),))
    assert failed(found) >= ALONE
    assert BY_OWNER not in _notes(found)


def test_another_flat_of_the_holder_is_no_contradiction(ledger: Ledger) -> None:
    other = FLAT.replace("1102", "1101")
    assert failed(_judge(ledger, NEW, second=True, estates=(_estate(other, OWNER),))) == ALONE


@pytest.mark.parametrize("second", [False, True])
def test_a_flat_under_somebody_elses_name_refutes_the_address_in_either_pass(ledger: Ledger, second: bool) -> None:
    stranger = replace(OWNER, name="李四", ident=MASKED_OTHER)
    assert "unopposed" in failed(_judge(ledger, NEW, second=second, estates=(_estate(FLAT, stranger),)))
    both = (_estate(FLAT, stranger, OWNER),)
    assert "unopposed" not in failed(_judge(ledger, NEW, second=second, estates=both))


def test_an_entry_that_the_first_pass_used_is_refused(ledger: Ledger) -> None:
    """The registry's row stands beside the value already: read by another way it is the same witness, not a second one."""
    used = ValueEvidence(field="elec_addr", value=FLAT, source="real_estate", as_of=YESTERDAY, ref=OWNER.ref)
    one = _candidate("elec_addr", FLAT, evidence=(used,))
    assert BY_OWNER not in _notes(_judge(ledger, one, second=True, estates=(_estate(FLAT, OWNER),)))
    unused = replace(used, ref=Ref(batch=80, row=2, column="owner_name"))
    other = _candidate("elec_addr", FLAT, evidence=(unused,))
    assert BY_OWNER in _notes(_judge(ledger, other, second=True, estates=(_estate(FLAT, OWNER),)))


# -- the quarter ledger


@pytest.mark.parametrize("room", ["1102", "1101"])
def test_a_flat_that_is_merely_listed_is_nobodys_second_witness(ledger: Ledger, room: str) -> None:
    """A surveyor who reads the door of 1102 as 1101, listed and free, would have the ledger on his side: it knows no account."""
    second = _judge(ledger, _candidate("elec_addr", FLAT.replace("1102", room)), second=True, quarters=QUARTER)
    assert (failed(second), second.disposition) == (ALONE, Disposition.REVIEW)
    assert _verdict(second).verdict is Verdict.LISTED
    assert second.posterior == pytest.approx(0.9), "the surveyor's word alone"
    owned = _judge(ledger, NEW, second=True, quarters=QUARTER, estates=(_estate(FLAT, OWNER),))
    assert failed(owned) == set(), "the registry names the holder"


@pytest.mark.parametrize(
    ("here", "confirmed"),
    [
        (SHORT, True),
        (SHORT.replace("1102", "1101"), False),  # another room than the surveyed one
        (SHORT.replace("3号楼", "5号楼"), False),
        (OLD + "1102", False),  # in any building
        (OLD + "3号楼", False),
        (OLD + "3号楼****", False),
    ],
)
def test_a_flat_that_the_archive_names_already_is_confirmed_in_the_second_pass(
    ledger: Ledger, here: str, confirmed: bool
) -> None:
    found = [_judge(ledger, NEW, second=second, quarters=QUARTER, here=here) for second in (False, True)]
    assert [failed(draft) == set() for draft in found] == [False, confirmed]
    assert found[1].disposition is (Disposition.AUTOMATIC if confirmed else Disposition.REVIEW)


@pytest.mark.parametrize(
    "quarter",
    [
        replace(QUARTER, whole=False),
        replace(QUARTER, buildings=(replace(TOWER, whole=False),)),
        replace(QUARTER, buildings=(replace(TOWER, units=("1", "2"), rooms=TOWER.rooms | {("1", "1102")}),)),
        replace(QUARTER, buildings=(TOWER, replace(TOWER, phase="二期", whole=False))),
    ],
    ids=["buildings", "rooms", "units", "phases"],
)
def test_what_the_archive_says_may_mean_several_flats_where_not_all_are_known_or_several_are(
    ledger: Ledger, quarter: Quarter
) -> None:
    assert failed(_judge(ledger, NEW, second=True, quarters=quarter, here=SHORT)) == ALONE


@pytest.mark.parametrize(("name", "confirmed"), [("凤城国贸", True), ("祥荣里", False)])
def test_a_part_is_confirmed_where_the_archives_address_names_the_flat(
    ledger: Ledger, name: str, confirmed: bool
) -> None:
    """Where a site asks for a second witness of quarters and rooms as well."""
    other = replace(QUARTER, id="Q2", name="祥荣里")
    parts = {"quarter_name": name, "building_no": "3", "unit_no": "2", "room_no": "1102"}
    drafts = [_candidate(field, value, None) for field, value in parts.items()]
    for first in range(len(drafts)):
        turned = drafts[first:] + drafts[:first]
        found = _judge(ledger, *turned, second=True, quarters=(QUARTER, other), here=SHORT)
        assert ("corroborated" not in failed(found)) is confirmed


def _verdict(draft: Draft) -> VerdictEvidence:
    (found,) = draft.verdicts
    return found


def test_the_ledger_answers_with_the_day_of_the_entry_that_it_rests_on(ledger: Ledger) -> None:
    """And never with a later one than the archive's, beside which it was read."""
    for stated, told in ((date(2024, 5, 6), date(2024, 5, 6)), (date(2027, 1, 1), DAY), (None, None)):
        dated = replace(QUARTER, as_of=date(2020, 1, 1), buildings=(replace(TOWER, as_of=stated),))
        assert _verdict(_judge(ledger, NEW, second=True, quarters=dated)).as_of == told


@pytest.mark.parametrize(("stated", "heard"), [(date(2026, 1, 1), False), (date(2026, 3, 1), True)])
def test_an_entry_from_before_the_addresss_last_change_confirms_nothing(
    ledger: Ledger, stated: date, heard: bool
) -> None:
    with ledger.begin() as tx:
        rows = [(Kind.ACCOUNT, "1", "0131", "elec_addr", SHORT)]
        assert entities.changed(tx, rows, date(2026, 2, 1), date(2026, 2, 2)) == 1
    dated = replace(QUARTER, buildings=(replace(TOWER, as_of=stated),))
    found = _judge(ledger, NEW, second=True, quarters=dated, here=SHORT)
    assert (failed(found) == set()) is heard


def test_a_flat_that_stands_in_two_phases_is_not_told_by_an_address_without_one(ledger: Ledger) -> None:
    phases = replace(QUARTER, buildings=tuple(replace(TOWER, phase=phase) for phase in ("一期", "二期")))
    second = SHORT.replace("3号楼", "二期3号楼")
    assert failed(_judge(ledger, NEW, second=True, quarters=phases, here=SHORT)) == ALONE
    assert failed(_judge(ledger, NEW, second=True, quarters=phases, here=second)) == ALONE
    named = _candidate("elec_addr", FLAT.replace("3号楼", "二期3号楼"))
    assert failed(_judge(ledger, named, second=True, quarters=phases, here=SHORT)) == ALONE
    assert failed(_judge(ledger, named, second=True, quarters=phases, here=second)) == set()


@pytest.mark.parametrize("grave", [True, False])
def test_no_rule_of_a_site_lets_a_second_account_into_a_flat(ledger: Ledger, grave: bool) -> None:
    """Who lives there speaks against the address, whatever the site makes of rule AD10: it is what the ledger's word rests on."""
    there = ACCOUNT | {"cons_no": "2", "cust_no": "C2", "elec_addr": FLAT}
    rule = replace(
        UNEVALUATED, code="AD10", severity="S4", field="elec_addr", check=registry()["address.several_accounts"]
    )
    extra = {"quarters": Quarters.of((QUARTER,))}
    accounts = [ACCOUNT | {"elec_addr": SHORT}, there]
    configured = () if grave else (rule,)
    found = materials(ledger, accounts, [CONTACT], extra=extra, wider=frozenset({PLACE}), configured=configured)
    assert failed(judged(ledger, found, NEW)[0]) == {"rules"}


@pytest.mark.parametrize("last", [None, date(2020, 12, 31)])
def test_a_standard_name_is_not_replaced_by_another_name_of_the_same_quarter(ledger: Ledger, last: date | None) -> None:
    named = replace(QUARTER, aliases=(Alias(name="矿务局家属院", kind="old", last=last),))
    back = _candidate("quarter_name", "矿务局家属院", "凤城国贸", Class.S)
    assert failed(_judge(ledger, back, second=False, quarters=named)) == {"unopposed"}
    first = replace(back, draft=replace(back.draft, before=None))
    assert failed(_judge(ledger, first, second=False, quarters=named)) == set()


def test_a_ledger_that_was_made_out_of_addresses_confirms_none(ledger: Ledger) -> None:
    """What was proposed from surveys and the archive repeats them: it would be its own witness."""
    derived = replace(QUARTER, buildings=(replace(TOWER, derived=True),))
    assert failed(_judge(ledger, NEW, second=True, quarters=derived, here=SHORT)) == ALONE


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize(
    "flat", [FLAT.replace("1102", "1103"), FLAT.replace("2单元", "5单元"), FLAT.replace("3号楼", "9号楼")]
)
def test_a_flat_that_a_whole_list_lacks_is_refuted_in_either_pass(ledger: Ledger, second: bool, flat: str) -> None:
    assert "unopposed" in failed(_judge(ledger, _candidate("elec_addr", flat), second=second, quarters=QUARTER))


def test_a_list_that_is_not_whole_denies_nothing(ledger: Ledger) -> None:
    part = replace(QUARTER, whole=False, buildings=(replace(TOWER, whole=False),))
    for flat in (FLAT.replace("1102", "1103"), FLAT.replace("3号楼", "9号楼")):
        assert failed(_judge(ledger, _candidate("elec_addr", flat), second=True, quarters=part)) == ALONE


@pytest.mark.parametrize(("last", "listed"), [(None, True), (date(2020, 12, 31), False)])
def test_another_name_of_the_quarter_counts_while_it_is_in_use(ledger: Ledger, last: date | None, listed: bool) -> None:
    named = replace(QUARTER, aliases=(Alias(name="矿务局家属院", kind="old", last=last),))
    flat = FLAT.replace("凤城国贸小区", "矿务局家属院")
    found = _judge(ledger, _candidate("elec_addr", flat), second=True, quarters=named)
    assert (LISTED in _notes(found)) is listed


@pytest.mark.parametrize(
    ("field", "after", "said"),
    [
        ("building_no", "9", False),
        ("building_no", "3", True),
        ("unit_no", "5", False),
        ("room_no", "1103", False),
        ("room_no", "1102", True),
    ],
)
def test_a_part_of_the_flat_is_held_against_the_ledger(ledger: Ledger, field: str, after: str, said: bool) -> None:
    """A surveyed building that the ledger cannot have is a person's, audited or not."""
    flat = {"quarter_name": "凤城国贸", "building_no": "3", "unit_no": "2", "room_no": "1102"} | {field: after}
    parts = [_candidate(name, value, None, Class.S) for name, value in flat.items()]
    parts.sort(key=lambda c: c.draft.field != field)
    found = _judge(ledger, *parts, second=True, quarters=QUARTER)
    assert (failed(found), LISTED in _notes(found)) == (set() if said else {"unopposed"}, True)


def test_the_standard_name_is_confirmed_and_another_one_is_not(ledger: Ledger) -> None:
    named = replace(QUARTER, aliases=(Alias(name="凤城公馆", kind="developer"),))
    for name, listed in (("凤城国贸", True), ("凤城公馆", False), ("祥荣里", False)):
        found = _judge(ledger, _candidate("quarter_name", name, None, Class.S), second=True, quarters=named)
        assert (LISTED in _notes(found), failed(found)) == (listed, set())
