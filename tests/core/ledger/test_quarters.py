"""The ledger of quarters: a person's word stands, and what was proposed anew never overrides it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from core.errors import InputError
from core.ledger import Ledger, quarters, store
from core.ledger import tables as t
from core.quarters import Alias, Building, Draft, Entry, Quarter, Settlement

COUNTY = "130203"
TOWER = Building(name="3", units=("1", "2"), floors=18, rooms=frozenset({("1", "101"), ("2", "1102")}), whole=True)
QUARTER = Quarter(
    id="", county=COUNTY, name="凤城国贸", whole=True, lng=118.18, lat=39.63, buildings=(TOWER, Building(name="5", phase="二期")),
    aliases=(Alias(name="矿务局家属院", kind="old", last=date(2020, 12, 31)),),
)  # fmt: skip


def draft(name: str, *buildings: str, aliases: tuple[str, ...] = (), accounts: int = 9) -> Draft:
    support = {"accounts": accounts}
    return Draft(
        county=COUNTY, name=name, support=support,
        buildings=tuple((Building(name=b, units=("1",), rooms=frozenset({("1", "101")})), support) for b in buildings),
        aliases=tuple((Alias(name=a, kind="popular"), {"corrected": 4}) for a in aliases),
    )  # fmt: skip


def propose(ledger: Ledger, *drafts: Draft) -> dict[str, int]:
    return quarters.propose(ledger, drafts, lambda *_: None)


def entry(ledger: Ledger, name: str, kind: str = "quarter") -> Entry:
    (found,) = [e for e in quarters.entries(ledger) if e.name == name and e.kind == kind]
    return found


def say(ledger: Ledger, name: str, verdict: str, value: str = "", kind: str = "quarter", beside: str = "") -> bool:
    one = entry(ledger, name, kind)
    said = Settlement(
        entry=one.id, version=one.version, verdict=verdict, value=value, reviewer="审核员甲", via="f row 2"
    )
    return quarters.settle(ledger, said, beside=frozenset({beside} if beside else ()))


def imported(ledger: Ledger, *found: Quarter) -> dict[str, int]:
    with ledger.begin() as tx:
        return quarters.take(tx, found, "操作员")


def test_what_was_imported_comes_back_as_it_was(ledger: Ledger) -> None:
    assert imported(ledger, QUARTER) == {"added": 4, "changed": 0}
    (found,) = quarters.confirmed(ledger)
    buildings = tuple(replace(b, as_of=found.as_of) for b in QUARTER.buildings)
    assert found == replace(QUARTER, id=found.id, buildings=buildings, as_of=found.as_of)
    assert found.as_of == datetime.now(UTC).date()


def _dates(ledger: Ledger) -> set[date | None]:
    (found,) = quarters.confirmed(ledger)
    return {found.as_of, *(b.as_of for b in found.buildings)}


def test_an_entry_is_as_old_as_the_word_that_it_rests_on(ledger: Ledger) -> None:
    """Who hands the same list in again says that it is so today."""
    imported(ledger, QUARTER)
    with ledger.begin() as tx:
        for table in (t.quarter, t.quarter_building):
            tx.update(table.update().values(decided=datetime(2024, 5, 6, 20, tzinfo=UTC).timestamp()))
    assert _dates(ledger) == {date(2024, 5, 6)}
    assert imported(ledger, QUARTER) == {"added": 0, "changed": 0}
    assert _dates(ledger) == {datetime.now(UTC).date()}


def test_rooms_that_only_addresses_have_proposed_stay_so_when_a_list_without_rooms_is_imported(ledger: Ledger) -> None:
    """Surveys put them there: as the site's own list they would confirm the very surveys."""
    propose(ledger, draft("学府花园", "1"))
    imported(ledger, Quarter(id="", county=COUNTY, name="学府花园", buildings=(Building(name="1"),)))
    (found,) = quarters.confirmed(ledger)
    assert [(b.rooms, b.derived) for b in found.buildings] == [(frozenset({("1", "101")}), True)]
    listed = Building(name="1", units=("1",), rooms=frozenset({("1", "102")}))
    imported(ledger, Quarter(id="", county=COUNTY, name="学府花园", buildings=(listed,)))
    (found,) = quarters.confirmed(ledger)
    assert [(b.rooms, b.derived) for b in found.buildings] == [(listed.rooms, False)]


def test_importing_again_changes_nothing_and_a_change_is_counted(ledger: Ledger) -> None:
    imported(ledger, QUARTER)
    assert imported(ledger, QUARTER) == {"added": 0, "changed": 0}
    taller = Quarter(id="", county=COUNTY, name="凤城国贸", buildings=(Building(name="3", floors=20),))
    assert imported(ledger, taller) == {"added": 0, "changed": 1}
    (found,) = quarters.confirmed(ledger)
    assert (found.whole, found.buildings[0].floors, found.buildings[0].units) == (True, 20, ("1", "2"))


def test_rooms_lie_sealed(ledger: Ledger) -> None:
    imported(ledger, QUARTER)
    with ledger.engine.begin() as connection:
        raw = connection.execute(sa.text("SELECT rooms FROM quarter_building")).scalars().all()
    assert not any(b"1102" in bytes(cell) for cell in raw)


def test_a_proposal_counts_only_once_a_person_has_confirmed_it(ledger: Ledger) -> None:
    assert propose(ledger, draft("学府花园", "1", "2", aliases=("学府",))) == {
        "quarters": 1,
        "buildings": 2,
        "aliases": 1,
    }
    assert quarters.confirmed(ledger) == ()
    say(ledger, "学府花园", "confirm")
    (found,) = quarters.confirmed(ledger)
    assert [b.name for b in found.buildings] == ["1", "2"]
    assert found.aliases == ()  # another name needs a word of its own


def test_a_confirmation_says_who_and_leaves_a_trail_row(ledger: Ledger) -> None:
    propose(ledger, draft("学府花园"))
    say(ledger, "学府花园", "confirm")
    one = entry(ledger, "学府花园")
    assert (one.state, one.decided_by, one.version) == ("confirmed", "审核员甲", 2)
    with ledger.begin() as tx:
        (row,) = tx.rows(sa.select(t.trail).where(t.trail.c.action == "quarter confirmed"))
    assert (row.actor, row.object, row.detail["via"]) == ("审核员甲", one.id, "f row 2")
    assert store.verify_trail(ledger) == []


def test_a_refused_quarter_is_not_proposed_again(ledger: Ledger) -> None:
    propose(ledger, draft("测试小区", "1"))
    say(ledger, "测试小区", "refuse")
    assert propose(ledger, draft("测试小区", "1", "2")) == {"quarters": 0, "buildings": 0, "aliases": 0}
    assert {e.state for e in quarters.entries(ledger)} == {"refused"}


def test_a_building_with_a_word_of_its_own_does_not_go_along(ledger: Ledger) -> None:
    propose(ledger, draft("学府花园", "1", "99"))
    odd = entry(ledger, "99", "building")
    say(ledger, "学府花园", "confirm", beside=odd.id)
    assert entry(ledger, "99", "building").state == "proposed"
    say(ledger, "99", "refuse", kind="building")
    assert [b.name for b in quarters.confirmed(ledger)[0].buildings] == ["1"]


def test_new_support_leaves_what_was_confirmed_as_it_is(ledger: Ledger) -> None:
    propose(ledger, draft("学府花园", "1"))
    say(ledger, "学府花园", "confirm")
    before = entry(ledger, "1", "building")
    more = Draft(
        county=COUNTY, name="学府花园", support={"accounts": 30},
        buildings=((Building(name="1", units=("1", "7")), {"accounts": 12}), (Building(name="2"), {"accounts": 3})),
    )  # fmt: skip
    assert propose(ledger, more)["buildings"] == 1
    after = entry(ledger, "1", "building")
    assert (after.support, after.version, after.detail) == ({"accounts": 12}, before.version, before.detail)


def test_a_merged_quarter_becomes_another_name_and_gives_its_buildings(ledger: Ledger) -> None:
    propose(ledger, draft("学府花园", "1", "2"), draft("学府家属院", "2", "3"))
    say(ledger, "学府花园", "confirm")
    say(ledger, "学府家属院", "merge", "学府花园")
    (found,) = quarters.confirmed(ledger)
    assert [a.name for a in found.aliases] == ["学府家属院"]
    assert sorted(b.name for b in found.buildings) == ["1", "2"]  # 3 is still to be confirmed
    assert entry(ledger, "3", "building").state == "proposed"
    with ledger.begin() as tx:
        names = {k.name: k.quarter for k in quarters.known(tx)}
    assert names == {"学府花园": "学府花园", "学府家属院": "学府花园"}


def test_confirming_an_alias_takes_the_quarter_in_that_was_proposed_under_it(ledger: Ledger) -> None:
    propose(ledger, draft("学府花园", "1", aliases=("学府家属院",)), draft("学府家属院", "4"))
    say(ledger, "学府花园", "confirm")
    say(ledger, "学府家属院", "confirm", kind="alias")
    assert entry(ledger, "学府家属院").state == "merged"
    assert entry(ledger, "4", "building").quarter == "学府花园"


def test_another_standard_name_keeps_the_old_one_as_an_alias(ledger: Ledger) -> None:
    propose(ledger, draft("学府花圆"))
    say(ledger, "学府花圆", "confirm", "学府花园")
    (found,) = quarters.confirmed(ledger)
    assert (found.name, [a.name for a in found.aliases]) == ("学府花园", ["学府花圆"])


def test_the_same_word_twice_changes_nothing(ledger: Ledger) -> None:
    propose(ledger, draft("学府花园"))
    one = entry(ledger, "学府花园")
    said = Settlement(entry=one.id, version=one.version, verdict="confirm", reviewer="审核员甲")
    assert [quarters.settle(ledger, said) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("verdict", "value", "version", "code"),
    [("confirm", "", 7, "stale"), ("merge", "没有的小区", 1, "no_target"), ("merge", "学府花园", 1, "no_target"), ("confirm", "碧水家园", 1, "taken")],
)  # fmt: skip
def test_a_word_that_cannot_hold_is_refused_and_changes_nothing(
    verdict: str, value: str, version: int, code: str, ledger: Ledger
) -> None:
    propose(ledger, draft("学府花园"), draft("碧水家园"))
    before = quarters.entries(ledger)
    one = entry(ledger, "学府花园")
    said = Settlement(entry=one.id, version=version, verdict=verdict, value=value, reviewer="甲")
    with pytest.raises(InputError) as refused:
        quarters.settle(ledger, said)
    assert (refused.value.code, quarters.entries(ledger)) == (code, before)


@pytest.mark.parametrize("number", ["Q999999", "X1", "Q", ""])
def test_an_entry_that_there_is_not_is_named(number: str, ledger: Ledger) -> None:
    with pytest.raises(InputError, match=f"no entry {number}") as refused:
        quarters.settle(ledger, Settlement(entry=number, version=1, verdict="confirm", reviewer="甲"))
    assert refused.value.code == "no_entry"


def test_an_alias_is_confirmed_or_refused_and_never_merged(ledger: Ledger) -> None:
    propose(ledger, draft("学府花园", aliases=("学府",)))
    with pytest.raises(InputError) as refused:
        say(ledger, "学府", "merge", "学府花园", kind="alias")
    assert refused.value.code == "no_merge"
