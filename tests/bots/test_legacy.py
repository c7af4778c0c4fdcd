"""Promises of the walk through the legacy screens, kept against the practice system in both provinces' skins."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from bots.door import Login
from bots.driver import Target
from bots.legacy import Legacy, connect
from core import settings
from core.errors import ApplicationError, BusinessError, ConfigError, MissingPart, OutcomeUnknown
from core.model import Change, Kind, Operation
from sandbox import skins, store
from sandbox.faults import Faults
from sandbox.legacy import app, orders, visit
from sandbox.legacy.state import State
from sandbox.serving import Server

pytestmark = pytest.mark.browser

CONFIG = Path(__file__).parents[2] / "config"
SITES = {"a": CONFIG, "b": CONFIG / "sites" / "province_b"}
ADA, BEN, PREFIX = "C0001", "C0002", "1000000001"
CUSTOMERS = (
    {"cust_id": 1, "cust_no": ADA, "name": "艾达", "cert_type": "id_card", "cert_no": "139901199001011230"},
    {"cust_id": 2, "cust_no": BEN, "name": "本", "cert_type": "seaman_book", "cert_valid_to": "2030-01-02"},
)
HOME = {
    "acct_id": 1, "cust_id": 1, "org_no": "1", "elec_addr": "某路1号", "quarter": "花园", "room": "301", "run_cap": "8",
    "sort_code": "lv_resident", "status_code": "normal", "elec_type": "resident", "price_code": "resident_step",
    "volt_code": "v220", "contract_cap": "8.50", "pay_mode": "barter", "notify_mode": "sms", "note_type": "vat",
    "urban_rural": "urban", "build_date": "2010-01-02", "remark": "旧", "update_time": "2026-01-01 10:00:00",
}  # fmt: skip
CONTACTS = (
    {"acct_id": 1, "name": "艾达", "relation": "self", "mobile": "19400000001", "priority": "1"},
    {"acct_id": 1, "name": "租客", "relation": "tenant", "mobile": "19400000002", "priority": "2"},
)


@dataclass
class World:
    """The practice system of one skin, and Hedang's hand on it."""

    legacy: Legacy
    faults: Faults
    state: State
    digits: int

    @property
    def home(self) -> str:
        """An account in order, whose number is the beginning of another's."""
        return PREFIX.rjust(self.digits, "1")[: self.digits - 1]

    @property
    def closed(self) -> str:
        """An account that may not be changed."""
        return "2".rjust(self.digits, "9")

    @property
    def twice(self) -> str:
        """A number that two accounts have."""
        return "3".rjust(self.digits, "9")

    def reset(self) -> None:
        """The same records as before every test; the session stays."""
        self.faults.switch("none")
        with self.state.db() as db, store.transaction(db):
            for table in ("customer", "account", "contact", "change_order"):
                db.execute(f"DELETE FROM {table}")
            store.insert(db, "customer", CUSTOMERS)
            rest: Mapping[str, object] = {"cust_id": 2, "org_no": "1", "status_code": "normal"}
            store.insert(
                db,
                "account",
                [
                    {**HOME, "cons_no": self.home},
                    {**rest, "acct_id": 2, "cons_no": self.home + "7"},
                    {**rest, "acct_id": 3, "cons_no": self.closed, "status_code": "closed"},
                    {**rest, "acct_id": 4, "cons_no": self.twice},
                    {**rest, "acct_id": 5, "cons_no": self.twice},
                    {**rest, "acct_id": 6, "cons_no": "777", "orgn_cons_no": self.home},
                ],
            )
            store.insert(db, "contact", CONTACTS)
            self.mark = len(store.effects(db))

    def effects(self) -> list[tuple[object, object]]:
        """What was stored since the test began: kind and columns."""
        with self.state.db() as db:
            return [(e["kind"], e["detail"]) for e in store.effects(db)[self.mark :]]


@pytest.fixture(scope="module", params=["a", "b"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    skin, directory, faults = skins.load(request.param), tmp_path_factory.mktemp("world"), Faults(1)
    db = store.create(directory / store.FILE)
    store.insert(db, "login", [{"user_id": "1001", "password": "sesame", "name": "甲", "role": "clerk"}])
    db.close()
    application = app.create(directory, skin, faults)
    server = Server(application)
    login = Login("1001", "sesame")
    legacy = connect(settings.read(SITES[request.param]), server.url, login)
    assert isinstance(legacy, Legacy)
    yield World(legacy=legacy, faults=faults, state=application.extensions["legacy"], digits=skin.digits)
    legacy.close()
    server.stop()


@pytest.fixture
def world(shared: World) -> World:
    shared.reset()
    return shared


def to(field: str, after: str) -> Change:
    """A change, as a step has it."""
    return Change(field=field, before=None, after=after, proposal=1)


# -- reading


def test_an_account_is_read_in_our_values(world: World) -> None:
    cells = dict(world.legacy.read("account", world.home).cells)
    expected = {
        "cons_no": world.home, "cust_no": ADA, "cons_name": "艾达", "cons_status_code": "normal", "elec_addr": "某路1号",
        "quarter_name": "花园", "room_no": "301", "cons_sort_code": "03", "elec_type_code": "200", "volt_code": "v220",
        "price_code": "resident_step", "contract_cap": "8.5", "run_cap": "8", "notify_mode": "sms", "note_type": "vat",
        "pay_mode": "?barter", "urban_rural_flag": "urban", "build_date": "2010-01-02", "ps_date": "", "remark": "旧",
    }  # fmt: skip
    assert {name: cells[name] for name in expected} == expected
    assert len(cells) == 28
    assert world.legacy.derived("account") == {"update_time", "operator"}


def test_a_contact_list_is_read_row_by_row(world: World) -> None:
    first, second = world.legacy.read("contacts", world.home).rows
    assert first == {
        "contact_name": "艾达", "contact_relation": "self", "mobile": "19400000001", "home_phone": "", "priority": "1",
    }  # fmt: skip
    assert second["contact_relation"] == "tenant"


def test_a_customer_is_read_with_unknown_codes_marked(world: World) -> None:
    cells = world.legacy.read("customer", BEN).cells
    assert cells == {"cons_name": "本", "cert_type_code": "?seaman_book", "cert_no": "", "cert_valid_to": "2030-01-02"}


@pytest.mark.parametrize("screen", ["account", "contacts", "customer"])
def test_an_object_that_is_not_there_is_a_matter_for_people(world: World, screen: str) -> None:
    with pytest.raises(BusinessError) as caught:
        world.legacy.read(screen, world.home[:-1])
    assert caught.value.code == "no_such_object"


def test_two_objects_of_one_number_are_never_chosen_between(world: World) -> None:
    with pytest.raises(BusinessError) as caught:
        world.legacy.read("account", world.twice)
    assert caught.value.code == "ambiguous"


# -- typing


def test_only_what_was_asked_for_changes(world: World) -> None:
    before = world.legacy.read("account", world.home)
    wanted = {"elec_addr": "某路2号", "cons_sort_code": "02", "urban_rural_flag": "rural", "contract_cap": "10"}
    world.legacy.enter("account", world.home, Operation.SET, [to(f, v) for f, v in wanted.items()], {})
    assert world.legacy.fetch("account", world.home).cells == {**before.cells, **wanted}
    stored = {"elec_addr": "某路2号", "sort_code": "lv_business", "urban_rural": "rural", "contract_cap": "10"}
    assert world.effects() == [("update", stored)]


def test_a_fetch_within_the_session_shows_what_opening_shows(world: World) -> None:
    before = world.legacy.read("account", world.home)
    assert world.legacy.glance("account", world.home) == before
    world.legacy.enter("account", world.home, Operation.SET, [to("remark", "新"), to("urban_rural_flag", "rural")], {})
    quick = world.legacy.glance("account", world.home)
    assert quick is not None
    assert quick.cells == {**before.cells, "remark": "新", "urban_rural_flag": "rural"}
    assert quick.stamp > before.stamp
    assert world.legacy.fetch("account", world.home) == quick


def test_a_fetch_needs_one_record_and_a_map_that_names_it(world: World) -> None:
    read = world.legacy.read("account", world.closed)
    world.legacy.renew()
    assert world.legacy.glance("account", world.closed) == read
    assert world.legacy.glance("account", world.twice) is None
    assert world.legacy.glance("contacts", world.home) is None
    assert world.legacy.glances("account") != ""
    assert world.legacy.glances("contacts") == ""


def test_a_session_that_has_ended_fetches_nothing_and_can_be_gone_on_with(world: World) -> None:
    world.legacy.read("account", world.home)
    world.state.sessions.end_all()
    assert world.legacy.glance("account", world.home) is None
    world.legacy.renew()
    assert world.legacy.read("account", world.home).key == world.home


def test_a_refusal_keeps_the_systems_own_words_when_they_are_mapped(world: World) -> None:
    world.legacy.read("account", world.closed)
    with pytest.raises(BusinessError, match=r"用户当前状态不允许修改|客户不在正常用电状态") as caught:
        world.legacy.enter("account", world.closed, Operation.SET, [to("remark", "新")], {})
    assert caught.value.code == "refused"
    assert world.effects() == []


def test_a_row_is_added(world: World) -> None:
    row = {"contact_name": "房东", "contact_relation": "landlord", "mobile": "19400000003", "priority": "3"}
    before = world.legacy.read("contacts", world.home).rows
    world.legacy.enter("contacts", world.home, Operation.ADD, [], row)
    assert world.legacy.fetch("contacts", world.home).rows == (*before, {**row, "home_phone": ""})
    assert [kind for kind, _ in world.effects()] == ["insert"]


def test_a_row_is_changed_where_it_stands(world: World) -> None:
    first, second = world.legacy.read("contacts", world.home).rows
    changes = [to("mobile", "19400000009"), to("contact_relation", "spouse")]
    world.legacy.enter("contacts", world.home, Operation.CHANGE, changes, second)
    changed = {**second, "mobile": "19400000009", "contact_relation": "spouse"}
    assert world.legacy.fetch("contacts", world.home).rows == (first, changed)


@pytest.mark.parametrize("row", [{"mobile": "19400000008"}, {"home_phone": ""}, {}])
def test_a_row_that_is_not_the_only_one_is_left_alone(world: World, row: dict[str, str]) -> None:
    world.legacy.read("contacts", world.home)
    with pytest.raises(BusinessError) as caught:
        world.legacy.enter("contacts", world.home, Operation.CHANGE, [to("priority", "5")], row)
    assert caught.value.code == "row"
    assert world.effects() == []


def test_a_change_order_is_opened_and_followed_by_its_number(world: World) -> None:
    wanted = {"cons_name": "艾达；新", "cert_type_code": "04", "cert_valid_to": "2031-02-03"}
    world.legacy.read("customer", ADA)
    changes = [to(f, v) for f, v in wanted.items()]
    receipt = world.legacy.enter("customer", ADA, Operation.APPLY, changes, {})
    (order,) = world.legacy.orders("customer", ADA)
    assert (order.number, order.state, order.cells) == (receipt.order, "pending", wanted)
    orders.handle(world.state)
    (order,) = world.legacy.orders("customer", ADA)
    assert order.state in ("archived", "returned")
    assert world.legacy.orders("customer", BEN) == ()


# -- what goes wrong


ROW = {"contact_name": "秘密", "contact_relation": "other", "mobile": "19400000004", "priority": "4"}


ONE_SKIN = pytest.mark.parametrize("shared", ["a"], indirect=True)
"""What the words of a province have no part in is tried once."""


@ONE_SKIN
@pytest.mark.parametrize(
    ("screen", "fault", "code", "stored"),
    [
        ("account", "error_500", "http", 0),
        ("account", "expired", "session", 0),
        ("contacts", "reset", "closed", 0),
        ("account", "lost_answer", "closed", 1),
        ("contacts", "lost_answer", "closed", 1),
        ("customer", "lost_answer", "closed", 1),
        ("customer", "late_commit", "http", 0),
    ],
)
def test_a_save_that_is_not_answered_is_unknown_and_sent_once(
    world: World, monkeypatch: pytest.MonkeyPatch, screen: str, fault: str, code: str, stored: int
) -> None:
    monkeypatch.setattr(visit, "LATE_SECONDS", 3600)
    key, operation, changes, row = {
        "account": (world.home, Operation.SET, [to("remark", "秘密")], {}),
        "contacts": (world.home, Operation.ADD, [], ROW),
        "customer": (ADA, Operation.APPLY, [to("cons_name", "秘密")], {}),
    }[screen]
    world.legacy.read(screen, key)
    world.faults.switch(fault)
    if screen == "contacts":
        world.faults.next("contact", world.home, "load")  # only the save shall fail
    with pytest.raises(OutcomeUnknown) as caught:
        world.legacy.enter(screen, key, operation, changes, row)
    assert (caught.value.code, len(world.effects())) == (code, stored)
    assert "秘密" not in str(caught.value)
    assert caught.value.__cause__ is None


@ONE_SKIN
@pytest.mark.parametrize(
    ("fault", "code"), [("error_500", "http"), ("expired", "session"), ("wrong_record", "wrong_record")]
)
def test_a_read_that_fails_is_told_and_the_next_one_starts_anew(world: World, fault: str, code: str) -> None:
    world.faults.switch(fault)
    with pytest.raises(ApplicationError) as caught:
        world.legacy.read("account", world.home)
    assert caught.value.code == code
    world.faults.switch("none")
    assert world.legacy.read("account", world.home).cells["cons_no"] == world.home


def test_a_known_notice_does_not_stop_the_work(world: World) -> None:
    world.faults.switch("popup")
    world.legacy.read("account", world.home)
    world.legacy.enter("account", world.home, Operation.SET, [to("remark", "新")], {})
    assert world.effects() == [("update", {"remark": "新"})]


@ONE_SKIN
def test_an_open_record_that_is_another_is_not_typed_into(world: World) -> None:
    world.legacy.read("account", world.home)
    with pytest.raises(OutcomeUnknown) as caught:
        world.legacy.enter("account", world.closed, Operation.SET, [to("remark", "新")], {})
    assert caught.value.code == "wrong_record"
    assert world.effects() == []


def test_a_question_that_nobody_expected_is_answered_with_no(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = world.legacy._maps["account"]
    other = replace(screen, save=replace(screen.save, confirm=("要保存？",)))
    monkeypatch.setattr(world.legacy, "_maps", {"account": other})
    world.legacy.read("account", world.home)
    with pytest.raises(OutcomeUnknown) as caught:
        world.legacy.enter("account", world.home, Operation.SET, [to("remark", "新")], {})
    assert (caught.value.code, world.effects()) == ("dialog", [])


@ONE_SKIN
def test_a_field_that_ignores_its_value_is_not_saved(world: World) -> None:
    world.legacy.read("account", world.home)
    frame = world.legacy._driver._page.frame("detail")  # type: ignore[attr-defined]
    frame.evaluate("document.querySelector('[name=remark]').onkeyup = function () { this.value = '' }")
    with pytest.raises(BusinessError) as caught:
        world.legacy.enter("account", world.home, Operation.SET, [to("remark", "新")], {})
    assert (caught.value.reason, world.effects()) == ("ignored remark", [])


@ONE_SKIN
def test_a_renewed_session_ends_the_old_one(world: World) -> None:
    world.legacy.read("account", world.home)
    world.state.sessions.end_all()
    world.legacy.renew()
    assert world.legacy.read("account", world.home).key == world.home


# -- before the night


def test_the_preflight_finds_nothing_where_the_maps_fit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = {"account": (world.home,), "contacts": ("0", world.home), "customer": (ADA,)}
    monkeypatch.setattr(world.legacy, "_samples", samples)
    assert world.legacy.preflight(["account", "contacts", "customer"]) == []
    assert world.effects() == []


def test_the_preflight_names_the_field_that_does_not_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = world.legacy._maps["account"]
    lost = replace(screen.fields["remark"], show=Target(place=screen.place, label="没有", widget="text"))
    codes = replace(lost.codes or screen.fields["volt_code"].codes, options={"kv35": "99"})  # type: ignore[type-var]
    volt = replace(screen.fields["volt_code"], codes=codes)
    fields = {**screen.fields, "remark": lost, "volt_code": volt}
    monkeypatch.setattr(world.legacy, "_maps", {"account": replace(screen, fields=fields)})
    monkeypatch.setattr(world.legacy, "_samples", {"account": [world.home]})
    problems = world.legacy.preflight(["account"])
    assert [(p.code, p.place) for p in problems] == [("absent", "account.remark"), ("option", "account.volt_code")]
    with pytest.raises(ApplicationError, match="account: label '没有' answers 0 controls"):
        world.legacy.read("account", world.home)


def test_a_record_that_does_not_open_is_told_only_where_no_other_does(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.legacy, "_samples", {"account": ["0", world.home]})
    assert world.legacy.preflight(["account"]) == []
    monkeypatch.setattr(world.legacy, "_samples", {"account": ["0"]})
    assert [p.place for p in world.legacy.preflight(["account"])] == ["account"]


def test_a_screen_without_a_sample_is_a_problem(world: World) -> None:
    assert [(p.code, p.place) for p in world.legacy.preflight(["account"])] == [("no_sample", "account")]


def test_limits_are_known_without_a_screen(world: World) -> None:
    refuse = world.legacy.refuse
    asked = [
        ("account", "elec_addr", "某路1号"), ("account", "elec_addr", "区" * 129), ("account", "room_no", "䶮"),
        ("account", "volt_code", "v380"), ("account", "volt_code", "kv35"), ("account", "cons_no", "1"),
        ("account", "lng", "1"), ("customer", "cert_no", ""), ("customer", "cert_valid_to", "长期"),
    ]  # fmt: skip
    reasons = [None, "length", "charset", None, "code", "readonly", "no_field", "empty", "format"]
    assert [refuse(*question) for question in asked] == reasons


def test_screens_are_found_by_what_they_edit(world: World) -> None:
    assert [list(world.legacy.screens(kind)) for kind in (Kind.ACCOUNT, Kind.CONTACTS, Kind.CUSTOMER, Kind.METER)] == [
        ["account"], ["contacts"], ["customer"], [],
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="no screen 'meters'; there are: account, contacts, customer"):
        world.legacy.read("meters", "1")


@ONE_SKIN
def test_a_wrong_password_says_what_to_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.legacy, "_login", Login("1001", "wrong"))
    with pytest.raises(MissingPart, match="refuses the login; check its user and its secret"):
        world.legacy.renew()


def test_connecting_starts_nothing() -> None:
    processes = set(psutil.Process().children(recursive=True))
    legacy = connect(settings.read(CONFIG), "http://127.0.0.1:9", Login("1", "sesame"))
    assert set(psutil.Process().children(recursive=True)) == processes
    assert "sesame" not in json.dumps(repr(Login("1", "sesame")))
    legacy.close()
