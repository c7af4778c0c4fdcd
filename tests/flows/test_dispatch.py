"""The dispatch list ranks whom to visit by what can be read beside it, and shows nobody's name."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from core import settings
from core.dispatch import PARTS, Dispatch
from core.errors import ConfigError, InputError
from core.ledger import Ledger, batches, entities, findings, proposals, queue, runs
from core.ledger.entities import Organisation
from core.ledger.findings import Breakage
from core.model import Class, Condition, Disposition, Draft, Kind, Operation, Ref, ValueEvidence
from core.ports import Delivery
from flows import dispatch
from flows.dispatch import Weights
from matchers import rules
from matchers.rules import Rule

CONFIG = Path(__file__).parents[2] / "config"
DAY = date(2026, 3, 16)
COLUMNS = ("cons_no", "cust_no", "org_no", "cons_name", "elec_addr", "tg_no", "line_no", "cons_status_code")
ACCOUNTS = (
    ("1", "C1", "0101", "张三丰", "河北省唐山市路北区凤城国贸3号楼2单元1102室", "TQ1", "XL1", "normal"),
    ("2", "C2", "0101", "李四光", "河北省唐山市路北区凤城国贸3号楼2单元1103室", "TQ1", "XL1", "normal"),
    ("3", "C3", "0101", "王五一", "河北省唐山市路北区凤城国贸5号楼2单元1103室", "TQ2", "XL1", "normal"),
    ("4", "C4", "0102", "赵六合", "河北省唐山市路北区学府花园5号楼1单元101室", "TQ9", "XL2", "normal"),
    ("5", "C5", "0102", "钱七弦", "河北省唐山市路北区学府花园5号楼1单元102室", "TQ9", "XL2", "closed"),
    ("6", "C6", "0102", "孙八方", "河北省唐山市路北区学府花园5号楼1单元103室", "TQ9", "XL2", "normal"),
)
UNITS = (
    Organisation("01", "唐山供电公司", "city", None),
    Organisation("0101", "河西供电所", "station", "01"),
    Organisation("0102", "河东供电所", "station", "01"),
)


@pytest.fixture(scope="module")
def config() -> settings.Config:
    return settings.read(CONFIG)


@pytest.fixture(scope="module")
def known(config: settings.Config) -> tuple[Rule, ...]:
    return rules.build(settings.load(path) for path in config.folder("rules").values())


@pytest.fixture
def weights() -> Weights:
    return Weights(
        severities={"S1": 10.0, "S2": 4.0, "S3": 1.0, "S4": 0.25}, high_risk=("ID", "PH"), risk=20.0, per_year=1.0, most_years=5.0,
        neighbour=0.5, most_neighbours=10,
    )  # fmt: skip


@pytest.fixture
def site(ledger: Ledger) -> Ledger:
    """An archive of six accounts, of which four have open findings; account 1 was surveyed two years ago."""
    with ledger.begin() as tx:
        entities.import_organisations(tx, UNITS)
    columns: dict[str, list[str | None]] = {
        name: [row[place] for row in ACCOUNTS] for place, name in enumerate(COLUMNS)
    }
    keep(ledger, "archive", "accounts", columns)
    keep(ledger, "archive", "contacts", {"cons_no": ["1"], "mobile": ["19400000001"]})
    moments: list[str | None] = ["2020-01-05 09:00:00", "2024-03-16 10:00:00", "2024-03-16 10:00:00", "unknown"]
    keep(ledger, "survey", "rows", {"task_no": ["T"] * 4, "cons_no": ["1", "1", "1", "2"], "survey_at": moments})
    opened = (("1", "PH01", "S1"), ("2", "AD01", "S1"), ("3", "AD05", "S3"), ("4", "ID02", "S1"), ("4", "NM01", "S1"), ("5", "PH01", "S1"))  # fmt: skip
    findings.settle(ledger, [breakage(*one) for one in opened], DAY, "1")
    return ledger


def keep(ledger: Ledger, kind: str, table: str, columns: Mapping[str, list[str | None]]) -> None:
    delivery = Delivery(name=f"{table}.csv", raw=repr(columns).encode(), as_of=DAY, columns=columns, table=table)
    assert batches.keep(ledger, kind, kind, delivery, DAY, None)


def breakage(account: str, rule: str, severity: str) -> Breakage:
    return Breakage(
        kind=Kind.ACCOUNT, key=account, org="", rule=rule, field="mobile", value=rule, group="core", severity=severity, cls=Class.C,
        params={},
    )  # fmt: skip


def run(site: Ledger) -> int:
    worker = queue.enlist(site, "night", "here", 1, 0.0)
    return runs.begin(site, "nightly", DAY, worker, "digest", {}, lambda *_: True).id


def draw(site: Ledger, known: tuple[Rule, ...], weights: Weights, *, org: str = "", limit: int = 0) -> Dispatch:
    return dispatch.dispatch(site, known, weights, DAY, org=org, limit=limit)


def test_a_score_is_the_sum_of_its_parts(site: Ledger, known: tuple[Rule, ...], weights: Weights) -> None:
    found = {v.account: v for v in draw(site, known, weights).visits}
    assert {account: dict(v.parts) for account, v in found.items()} == {
        "1": {"findings": 10, "risk": 20, "age": 2.0, "neighbours": 0.5},
        "2": {"findings": 10, "risk": 0, "age": 5.0, "neighbours": 0.5},
        "3": {"findings": 1, "risk": 0, "age": 5.0, "neighbours": 0},
        "4": {"findings": 20, "risk": 20, "age": 5.0, "neighbours": 0},
    }
    assert all(v.score == sum(v.parts[part] for part in PARTS) for v in found.values())


def test_the_riskiest_come_first_and_closed_accounts_not_at_all(
    site: Ledger, known: tuple[Rule, ...], weights: Weights
) -> None:
    found = draw(site, known, weights)
    assert [(v.rank, v.account, v.high_risk) for v in found.visits] == [
        (1, "4", True), (2, "1", True), (3, "2", False), (4, "3", False),
    ]  # fmt: skip
    assert (found.accounts, found.high_risk) == (4, 2)
    assert [r.rule for r in found.visits[0].reasons] == ["ID02", "NM01"]


def test_transformer_areas_are_ranked_as_trips(site: Ledger, known: tuple[Rule, ...], weights: Weights) -> None:
    trips = draw(site, known, weights).trips
    assert [(t.rank, t.area, t.line, t.station, t.visits, t.high_risk) for t in trips] == [
        (1, "TQ1", "XL1", "河西供电所", 2, 1), (2, "TQ9", "XL2", "河东供电所", 1, 1), (3, "TQ2", "XL1", "河西供电所", 1, 0),
    ]  # fmt: skip


def test_neither_name_nor_room_is_shown(site: Ledger, known: tuple[Rule, ...], weights: Weights) -> None:
    shown = repr(draw(site, known, weights))
    assert not any(row[3] in shown or row[4][-5:] in shown for row in ACCOUNTS)
    assert "凤城国贸3号楼" in shown


def test_an_organisation_has_all_below_it(site: Ledger, known: tuple[Rule, ...], weights: Weights) -> None:
    assert [v.account for v in draw(site, known, weights, org="0102").visits] == ["4"]
    assert len(draw(site, known, weights, org="01").visits) == 4
    with pytest.raises(InputError, match="--org 77"):
        draw(site, known, weights, org="77")


def test_a_limit_shortens_the_list_and_not_the_counts(site: Ledger, known: tuple[Rule, ...], weights: Weights) -> None:
    found = draw(site, known, weights, limit=1)
    assert (len(found.visits), found.accounts, len(found.trips)) == (1, 4, 3)


def test_what_a_proposal_settles_without_a_person_needs_no_visit(
    site: Ledger, known: tuple[Rule, ...], weights: Weights
) -> None:
    told = ValueEvidence(field="mobile", value="1", source="survey", as_of=DAY, ref=Ref(batch=1, row=1, column="value"))
    draft = Draft(
        kind=Kind.CONTACTS, key="1", org="0101", field="mobile", operation=Operation.ADD, before=None, after="19400000009", row={},
        cls=Class.B, disposition=Disposition.AUTOMATIC, conditions=(Condition(code="value", held=True),), values=(told,), verdicts=(),
        rules=("PH01",),
    )  # fmt: skip
    proposals.record(site, [draft], run(site), DAY)
    assert "1" not in {v.account for v in draw(site, known, weights).visits}


def test_the_delivered_weights_can_be_read(config: settings.Config, known: tuple[Rule, ...]) -> None:
    weights = Weights.load(config, known)
    assert weights.severities["S1"] > weights.severities["S2"] > weights.severities["S3"] > weights.severities["S4"]
    assert set(weights.high_risk) == {"NM", "ID", "PH", "MT"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("risk: 20", "risk: -1", r"dispatch\.yaml:\d+: risk"),
        ("[NM, ID", "[NMM, ID", r"dispatch\.yaml:\d+: high_risk: no rule begins with 'NMM'; there are: AD, AM, ID, "),
    ],
)
def test_a_wrong_weight_is_named_with_its_place(
    tmp_path: Path, known: tuple[Rule, ...], old: str, new: str, says: str
) -> None:
    text = (CONFIG / "dispatch.yaml").read_text(encoding="utf-8")
    (tmp_path / "hedang.yaml").write_text(f"schema: 1\nextends: {CONFIG}\n", encoding="utf-8")
    (tmp_path / "dispatch.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        Weights.load(settings.read(tmp_path), known)
