"""Who is found in a register though no key finds him, how sure that is, and what it may and may not decide."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from console.render import chain
from core import settings
from core.errors import ConfigError
from core.ledger import Ledger, proposals, queue, runs
from core.model import Decision, Disposition, Draft, Link, Ref, ValueEvidence
from flows import counterparts, explain, report, witnesses
from flows.book import Book, Materials, Profile
from flows.evidence import Estate, Owner
from flows.witnesses import BY_LINK
from matchers import fuse
from matchers.link import read
from tests.flows.desk import (
    ACCOUNT,
    CONFIG,
    CONTACT,
    DAY,
    OTHER,
    RIGHT,
    YESTERDAY,
    candidate,
    config,
    failed,
    judged,
    keep,
    materials,
)

STYLES = {"population": {"cert_no": "one"}, "real_estate": {"owner_id": "one"}}
SURVEYED = ValueEvidence(
    field="cert_no", value=RIGHT, source="survey", as_of=YESTERDAY, ref=Ref(batch=90, row=1, column="value")
)
MANY = 90
FAMILY, GIVEN = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜",
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲芬文辉力",
)
QUARTERS = ("凤城国贸小区", "翠湖花园", "东方家园", "阳光里小区", "世纪名都")


def _number(rng: Random) -> str:
    return f"139901{rng.randint(1950, 2000)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{rng.randrange(10000):04}"


def _masked(number: str) -> str:
    return number[:6] + "*" * 8 + number[-4:]


def _world() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Accounts, and where each holder lives as a register writes it; the first is account 1, whose own address is misspelt below."""
    rng, accounts, homes = Random(7), [], []
    for place in range(MANY):
        where = f"河北省唐山市路北区建设路{place % 5 + 1}号{QUARTERS[place % 5]}{place // 30 + 1}号楼{place % 3 + 1}单元{place // 2 % 15 + 1}0{place % 2 + 1}"
        who = rng.choice(FAMILY) + rng.choice(GIVEN) + rng.choice(GIVEN)
        number = _number(rng)
        accounts.append(
            ACCOUNT
            | {
                "cons_no": str(place + 2),
                "cust_no": f"C{place + 2}",
                "cons_name": who,
                "cert_no": number,
                "elec_addr": where,
            }
        )
        homes.append({"name": who, "cert_no": _masked(number), "address": where})
    return accounts, homes


OTHERS, HOMES = _world()
HOME = "河北省唐山市路北区建设路1号凤城国贸小区9号楼2单元1102"
MISSPELT = "路北区建设路1号凤成国贸9号楼2单元1102"
LOST = ACCOUNT | {"cert_no": "", "elec_addr": MISSPELT}
"""An account without a number, at an address that no key finds."""


def _profile(name: str, tolerated: float = 0.001) -> Profile:
    return Profile(name=name, spec=read(settings.load(CONFIG / "linking" / f"{name}.yaml")), tolerated=tolerated)


def _population(ledger: Ledger, *first: Mapping[str, str]) -> None:
    rows = [*first, *HOMES]
    told = [{"person_no": f"P{n}", "state": "valid", "updated_at": "2026-03-01", **row} for n, row in enumerate(rows)]
    keep(ledger, "population", "population", told)


HIMSELF = {"name": "张三丰", "cert_no": _masked(RIGHT), "address": HOME}


def _materials(ledger: Ledger, first: Mapping[str, str] = LOST, tolerated: float = 0.001, **more: Any) -> Materials:
    contacts = more.pop("contacts", [CONTACT])
    linking = {"population": _profile("people", tolerated), "real_estate": _profile("owners", tolerated)}
    return materials(ledger, [first, *OTHERS], contacts, masks=STYLES, linking=linking, **more)


def _judged(ledger: Ledger, **more: Any) -> Draft:
    (draft,) = judged(ledger, _materials(ledger, **more), candidate("cert_no", None, RIGHT, evidence=(SURVEYED,)))
    return draft


def _linked(draft: Draft) -> list[ValueEvidence]:
    return [v for v in draft.values if v.link is not None]


def test_a_person_whom_no_key_finds_confirms_a_number_when_the_link_is_sure(ledger: Ledger) -> None:
    _population(ledger, HIMSELF)
    draft = _judged(ledger)
    (said,) = _linked(draft)
    assert said.link is not None
    assert (said.source, said.note, said.link.sure, said.link.relation) == ("population", BY_LINK, True, "holder")
    assert said.link.probability >= 0.999
    assert (failed(draft), draft.disposition) == (set(), Disposition.AUTOMATIC)


def test_without_linking_the_same_number_waits_for_a_person(ledger: Ledger) -> None:
    _population(ledger, HIMSELF)
    found = replace(_materials(ledger), linking={})
    (draft,) = judged(ledger, found, candidate("cert_no", None, RIGHT, evidence=(SURVEYED,)))
    assert failed(draft) == {"corroborated", "authoritative", "probable"}


def test_below_the_tolerated_error_a_person_sees_it_and_nothing_is_written(ledger: Ledger) -> None:
    _population(ledger, HIMSELF)
    draft = _judged(ledger, tolerated=1e-12)
    (said,) = _linked(draft)
    assert said.link is not None
    assert (said.link.sure, said.counts) == (False, False)
    assert draft.disposition is Disposition.REVIEW
    assert failed(draft) == {"corroborated", "authoritative", "probable"}


def test_an_uncertain_link_that_contradicts_opposes_nothing(ledger: Ledger) -> None:
    _population(ledger, HIMSELF | {"cert_no": _masked(OTHER)})
    assert "unopposed" not in failed(_judged(ledger, tolerated=1e-12))


def test_a_sure_link_that_contradicts_opposes(ledger: Ledger) -> None:
    _population(ledger, HIMSELF | {"cert_no": _masked(OTHER)})
    assert "unopposed" in failed(_judged(ledger))


def test_of_a_few_accounts_nothing_is_learned_and_no_link_is_sure(ledger: Ledger) -> None:
    keep(ledger, "population", "population", [HIMSELF | {"person_no": "P", "state": "valid"}])
    linking = {"population": _profile("people")}
    seen = materials(ledger, [LOST, *OTHERS[:3]], [CONTACT], masks=STYLES, linking=linking)
    (draft,) = judged(ledger, seen, candidate("cert_no", None, RIGHT, evidence=(SURVEYED,)))
    assert [v.link.sure for v in _linked(draft) if v.link] == [False]
    assert draft.disposition is Disposition.REVIEW


@pytest.mark.parametrize(
    "stranger",
    [
        HIMSELF | {"address": "河北省唐山市路北区建设路2号翠湖花园9号楼1单元302"},
        HIMSELF | {"name": "李小梅"},
        {"name": "李小梅", "cert_no": _masked(OTHER), "address": HOME.replace("1102", "1103")},
    ],
)
def test_somebody_of_another_name_or_place_is_no_evidence(ledger: Ledger, stranger: Mapping[str, str]) -> None:
    _population(ledger, stranger)
    assert not any(v.counts for v in _linked(_judged(ledger)))


@pytest.mark.parametrize("field", ["cons_name", "cert_no"])
def test_a_record_is_linked_without_the_field_that_it_is_asked_about(ledger: Ledger, field: str) -> None:
    _population(ledger, HIMSELF)
    book = Book.of(_materials(ledger, LOST | {"cert_no": RIGHT}))
    (linkage,) = counterparts.linkages(book, frozenset([0]), witnesses.Linked.of(book).all)
    found = linkage.of(0, field)
    assert [one.record.says("name") for one in found] == ["张三丰"]
    assert all(field not in one.link.by and one.link.witnesses(field) for one in found)


LINK = Link(
    probability=1.0, sure=True, agreed=(("cons_name", "name", 6), ("mobile", "phone", 4)), relation="holder", spec="payers", account="1", record="R"
)  # fmt: skip


@pytest.mark.parametrize(
    ("field", "kind", "value", "speaks"), [("mobile", "phone", "19412345678", False), ("cert_no", "ident", RIGHT, True)]
)
def test_what_was_linked_by_the_phone_is_no_evidence_for_the_phone(
    field: str, kind: str, value: str, speaks: bool
) -> None:
    _, policy, reference = config()
    piece = ValueEvidence(field=field, value=value, source="population", as_of=YESTERDAY, link=LINK)
    question = fuse.Question(kind=kind, field=field, value=value, evidence=(piece,))
    (weighed,) = fuse.weigh([question], reference, fuse.Belief(policy=policy))
    assert (bool(weighed.supporting), bool(weighed.neutral)) == (speaks, not speaks)


def test_a_record_at_another_accounts_address_is_not_taken_from_it(ledger: Ledger) -> None:
    neighbour = OTHERS[0] | {"cons_name": "张三丰"}
    found = [HOMES[0] | {"name": "张三丰"}, *HOMES[1:]]
    keep(
        ledger,
        "population",
        "population",
        [{"person_no": f"P{n}", "state": "valid", **row} for n, row in enumerate(found)],
    )
    linking = {"population": _profile("people")}
    seen = materials(ledger, [LOST, neighbour, *OTHERS[1:]], [CONTACT], masks=STYLES, linking=linking)
    (draft,) = judged(ledger, seen, candidate("cert_no", None, RIGHT, evidence=(SURVEYED,)))
    assert not any(v.link.sure for v in _linked(draft) if v.link is not None)


# -- the household


def _estates(*owners: tuple[str, str]) -> list[Estate]:
    def owner(n: int, name: str, ident: str) -> Owner:
        return Owner(name=name, ident=ident, as_of=YESTERDAY, ref=Ref(batch=80, row=n, column="owner_name"))

    here = Estate(
        number="E", address=HOME, source="real_estate", owners=tuple(owner(n, *one) for n, one in enumerate(owners))
    )
    return [
        here,
        *(
            Estate(
                number=f"E{n}",
                address=h["address"],
                source="real_estate",
                owners=(owner(100 + n, h["name"], h["cert_no"]),),
            )
            for n, h in enumerate(HOMES)
        ),
    ]


def test_with_the_holder_his_flats_co_owner_is_found(ledger: Ledger) -> None:
    draft = _judged(ledger, estates=_estates(("张三丰", _masked(RIGHT)), ("李小梅", _masked(OTHER))))
    assert [(v.value, v.link.relation) for v in _linked(draft) if v.link] == [
        (_masked(RIGHT), "holder"),
        (_masked(OTHER), "co_owner"),
    ]
    assert "unopposed" not in failed(draft)


def test_a_contact_who_owns_the_flat_finds_it_for_the_holder(ledger: Ledger) -> None:
    spouse = CONTACT | {"contact_name": "李小梅", "contact_relation": "spouse"}
    draft = _judged(ledger, contacts=[spouse], estates=_estates(("李小梅", _masked(OTHER))))
    assert [v.link.relation for v in _linked(draft) if v.link] == ["contact"]


def test_who_lives_where_the_holder_was_found_is_no_contradiction(ledger: Ledger) -> None:
    _population(ledger, HIMSELF, {"name": "李小梅", "cert_no": _masked(OTHER), "address": HOME})
    assert failed(_judged(ledger)) == set()


def test_after_a_write_of_ours_the_same_counterparts_are_heard_once(ledger: Ledger) -> None:
    _population(ledger, HIMSELF)
    before = _materials(ledger)
    one = candidate("cert_no", None, RIGHT, evidence=(SURVEYED,))
    (first,) = judged(ledger, before, one)
    after = _materials(ledger, memory=counterparts.kept(before.memory))
    (second,) = judged(ledger, after, one)
    assert (second.values, len(_linked(second))) == (first.values, 1)
    assert counterparts.kept(after.memory) == counterparts.kept(before.memory)


# -- reviewers


def _refuse(ledger: Ledger, draft: Draft) -> None:
    proposals.record(ledger, [draft], _run(ledger), DAY)
    (kept,) = proposals.find(ledger)
    proposals.decide(
        ledger,
        Decision(
            proposal=kept.id, version=kept.version, verdict="reject", value=None, reviewer="王五", note="", via="test"
        ),
    )


def _run(ledger: Ledger) -> int:
    worker = queue.enlist(ledger, "test", "here", 1, 1.0)
    return runs.begin(ledger, "nightly", DAY, worker, "", {}, lambda *_: True).id


def test_a_reviewers_word_is_a_label_in_the_next_nights_linking(ledger: Ledger) -> None:
    _population(ledger, HIMSELF)
    _refuse(ledger, _judged(ledger, tolerated=1e-12))
    seen = _materials(ledger)
    (draft,) = judged(ledger, seen, candidate("cert_no", None, RIGHT, evidence=(SURVEYED,)))
    assert _linked(draft) == []
    labels = counterparts.told(seen.memory)["people"]["labels"]
    assert {name: labels[name] for name in ("yes", "no", "otherwise")} == {"yes": 0, "no": 1, "otherwise": 1}


def test_what_a_reviewer_refused_is_not_proposed_again_because_the_link_went(ledger: Ledger) -> None:
    _population(ledger, HIMSELF)
    before = _judged(ledger)
    _refuse(ledger, before)
    after = _judged(ledger)
    assert (len(_linked(before)), len(_linked(after))) == (1, 0)
    assert proposals.identity(ledger, before) == proposals.identity(ledger, after)


# -- words, cost, configuration


def test_a_reviewer_reads_how_likely_the_link_is_and_what_agreed(ledger: Ledger) -> None:
    _population(ledger, HIMSELF)
    draft = _judged(ledger, tolerated=1e-12)
    proposals.record(ledger, [draft], _run(ledger), DAY)
    (kept,) = proposals.find(ledger)
    assert kept.values == draft.values
    fields, _, _ = config()
    told = [words.zh for source, words in report.evidence(kept, fields["cert_no"]) if source == "population"]
    assert len(told) == 1
    assert "疑似，概率 " in told[0]
    assert "户主本人：姓名一致、地址" in told[0]


def test_explain_tells_the_link_and_names_nobody(ledger: Ledger) -> None:
    _population(ledger, HIMSELF)
    proposals.record(ledger, [_judged(ledger)], _run(ledger), DAY)
    (said,) = (one for one in explain.chain(ledger, "C1", config()[0]) if one.who == "population")
    assert (said.detail["link"]["sure"], said.detail["link"]["relation"]) == (True, "holder")
    assert "张三丰" not in str(said.detail)
    sentence = chain.sentence(said, "zh")
    assert "关联概率 0.999" in sentence or "关联概率 1.0000" in sentence
    assert "户主本人：姓名一致、地址" in sentence


def test_nothing_is_linked_where_keys_found_everything(ledger: Ledger) -> None:
    _population(ledger, HIMSELF | {"address": ACCOUNT["elec_addr"]})
    seen = _materials(ledger, ACCOUNT | {"cert_no": ""}, estates=_estates())
    judged(ledger, seen, candidate("cert_no", None, RIGHT, evidence=(SURVEYED,)))
    estates = [replace(_estates(("张三丰", _masked(RIGHT)))[0], address=ACCOUNT["elec_addr"])]
    seen = _materials(ledger, ACCOUNT | {"cert_no": ""}, estates=estates)
    judged(ledger, seen, candidate("cert_no", None, RIGHT, evidence=(SURVEYED,)))
    assert counterparts.told(seen.memory) == {}


def test_a_column_that_a_source_does_not_deliver_is_named_with_the_choices() -> None:
    _, policy, _ = config()
    with pytest.raises(
        ConfigError,
        match=r"config/linking/people.yaml: fields.cons_name: .*no column 'name'; there are: address, person_no",
    ):
        counterparts.load(
            settings.read(CONFIG), {"population": ("people", frozenset({"address", "person_no"}))}, policy
        )
