"""Promises of the chain: from the source row to the read-back, with the person who decided, and nothing unmasked."""

import json
from collections.abc import Sequence

import pytest

from console.render import chain
from core.errors import InputError
from core.ledger import Ledger, entities, proposals, queue
from core.ledger.queue import StepPlan
from core.model import Change, Decision, Kind, Operation, Proposal, State
from core.words import Language
from flows import explain
from flows.explain import Link
from tests.night import Night, write

REVIEWER = "审核员丁"


@pytest.fixture
def written(dark: Ledger, night: Night) -> Proposal:
    """A proposal that a person has accepted and the legacy system has taken."""
    p = next(p for p in night.waiting if p.field == "mobile" and p.after is not None and p.state == "open")
    decision = Decision(
        proposal=p.id, version=p.version, verdict="accept", value=None, reviewer=REVIEWER, note=f"电话 {p.after} 已回访", via="log.xlsx row 7"
    )  # fmt: skip
    proposals.decide(dark, decision)
    assert p.after is not None
    change = Change(field=p.field, before=p.before, after=p.after, proposal=p.id)
    step = StepPlan(screen="contacts", operation=Operation.CHANGE, changes=(change,), row=p.row)
    with dark.begin() as tx:
        number = queue.plan(tx, p.kind, p.key, p.org, "test", 1, (step,), night.run.id)
    assert number is not None
    item = queue.claim(dark, night.worker, 60, lambda *_: False, only=[number])
    assert item is not None
    write(dark, item, night.worker, night.run)
    queue.finish(dark, item, State.VERIFIED)
    return p


def _of(links: Sequence[Link], what: str) -> Link:
    return next(link for link in reversed(links) if link.what == what)


def test_a_chain_goes_from_the_source_row_to_the_read_back(dark: Ledger, night: Night, written: Proposal) -> None:
    links = explain.chain(dark, written.key, night.fields, "mobile")
    assert [x.what for x in links if x.what != "finding"] == [
        "source",
        "verdict",
        "proposal",
        "decision",
        "item",
        "intent",
    ]
    source, decision, intent = (_of(links, what) for what in ("source", "decision", "intent"))
    assert {name: source.detail[name] for name in ("batch", "row", "column", "note")} == {
        "batch": "survey: 普查-0316.csv", "row": 7, "column": "value", "note": "普查员甲/审核员乙",
    }  # fmt: skip
    assert (decision.who, decision.detail["verdict"], decision.detail["via"]) == (REVIEWER, "accept", "log.xlsx row 7")
    assert (intent.detail["outcome"], intent.detail["run"]) == ("verified", night.run.id)
    assert intent.detail["typed"] == intent.detail["after"] != intent.detail["before"]
    assert intent.detail["read_back"] >= intent.detail["submitted"] >= decision.at


def test_a_proposal_names_every_condition_of_the_gate(dark: Ledger, night: Night, written: Proposal) -> None:
    detail = _of(explain.chain(dark, written.key, night.fields), "proposal").detail
    assert [c["code"] for c in detail["conditions"]] == [c.code for c in written.conditions]
    assert detail["failed"] == [c.code for c in written.conditions if not c.held]
    assert (detail["class"], detail["state"]) == (written.cls, "settled")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_seen_without_a_mask(dark: Ledger, night: Night, written: Proposal, language: Language) -> None:
    links = [link for p in (*night.waiting, written) for link in explain.chain(dark, p.key, night.fields)]
    shown = json.dumps([dict(link.detail) for link in links], ensure_ascii=False, default=str)
    said = " ".join(chain.sentence(link, language) for link in links)
    assert written.after is not None
    assert [secret for secret in (*night.secrets, written.after) if secret in shown or secret in said] == []


def test_every_link_says_itself(dark: Ledger, night: Night, written: Proposal) -> None:
    said = [
        chain.sentence(link, language)
        for link in explain.chain(dark, written.key, night.fields)
        for language in ("zh", "en")
    ]
    assert not [sentence for sentence in said if "{" in sentence]
    assert any(f"{REVIEWER} 决定：采纳" in sentence for sentence in said)


def test_closed_findings_belong_to_the_chain(dark: Ledger, night: Night) -> None:
    from core.ledger import findings

    closed = next(f for f in findings.first_seen(dark) if f.closed is not None)
    links = explain.chain(dark, closed.key, night.fields, closed.field)
    assert closed.closed is not None
    assert closed.closed.isoformat() in {link.detail["closed"] for link in links if link.what == "finding"}


def test_old_and_new_numbers_lead_to_the_same_chain(dark: Ledger, night: Night, written: Proposal) -> None:
    with dark.begin() as tx:
        entities.import_numbers(tx, [{"old": "0009", "new": written.key, "changed": "2025-01-01"}])
    assert explain.chain(dark, "0009", night.fields) == explain.chain(dark, written.key, night.fields)


def test_an_accounts_chain_holds_what_hangs_on_its_customer(dark: Ledger, night: Night) -> None:
    with dark.begin() as tx:
        families = entities.families(tx)
    p = next(p for p in night.waiting if p.kind is Kind.CUSTOMER and p.key in families)
    (account,) = families[p.key]
    assert f"P{p.id}" in {link.who for link in explain.chain(dark, account, night.fields, p.field)}


def test_links_are_in_the_order_of_time(dark: Ledger, night: Night, written: Proposal) -> None:
    moments = [link.at for link in explain.chain(dark, written.key, night.fields)]
    assert moments == sorted(moments)


@pytest.mark.parametrize(("number", "field"), [("4711", None), ("4711", "mobile")])
def test_a_number_that_nobody_knows_is_refused_by_name(
    dark: Ledger, night: Night, number: str, field: str | None
) -> None:
    with pytest.raises(InputError, match="4711"):
        explain.chain(dark, number, night.fields, field)
