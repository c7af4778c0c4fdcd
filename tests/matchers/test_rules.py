"""Rules: their examples hold, configuration errors name their place, causes explain consequences away, figures follow."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core import codes
from core.errors import ConfigError
from core.reference import Reference
from core.settings import load, read
from matchers import examples, rules
from matchers.archive import Archive
from matchers.checks import Hits
from matchers.columns import encode
from matchers.examples import Samples
from matchers.rules import Rule
from matchers.scene import Scene

CONFIG = Path(__file__).parents[2] / "config"
SEVERITIES = {"core": {"S1", "S2"}, "basic": {"S1", "S2", "S3"}}


def test_every_example_fires_exactly_the_codes_it_names(
    configured: Sequence[Rule], samples: Samples, staged: Reference
) -> None:
    wrong = {}
    for rule in configured:
        for number, example in enumerate(rule.examples):
            fired = examples.fires(example, samples, configured, staged)
            if fired != frozenset(example["fires"]):
                wrong[rule.code, number] = sorted(fired)
    assert wrong == {}


def test_every_rule_has_an_example_in_which_it_fires(configured: Sequence[Rule]) -> None:
    assert [r.code for r in configured if not any(r.code in e["fires"] for e in r.examples)] == []


def test_the_clean_accounts_break_no_rule(configured: Sequence[Rule], samples: Samples, staged: Reference) -> None:
    assert examples.fires({"accounts": [{}] * 8}, samples, configured, staged) == frozenset()


def test_a_rule_without_its_input_is_not_evaluated(
    configured: Sequence[Rule], samples: Samples, marked: Reference
) -> None:
    found = rules.evaluate(examples.archive({"given": {}}, samples), configured, marked)
    assert found.not_evaluated["NM13"] == ("real_estate_owners",)


def test_a_column_the_export_lacks_leaves_its_rules_unevaluated(
    configured: Sequence[Rule], samples: Samples, marked: Reference
) -> None:
    bare = Archive.from_tables(
        pa.table({"cons_no": ["0130000001"]}), pa.table({"cons_no": pa.array([], pa.string())}), samples.as_of
    )
    found = rules.evaluate(bare, configured, marked)
    assert "cons_name" in found.not_evaluated["NM01"]
    assert not found.codes_of(0) - {"AM01"}


def test_a_mark_of_the_practice_world_is_refused_on_a_site(
    configured: Sequence[Rule], samples: Samples, reference: Reference
) -> None:
    assert {"ID05", "PH04"} <= rules.evaluate(examples.archive({"given": {}}, samples), configured, reference).codes_of(
        0
    )


def test_the_class_is_the_findings_and_never_laxer_than_the_ceiling(
    configured: Sequence[Rule], samples: Samples, marked: Reference
) -> None:
    dirty = examples.archive({"given": {"cert_no": "'" + samples.accounts[0]["cert_no"]}}, samples)
    one = rules.evaluate(dirty, configured, marked).one(0)
    assert (one.cls, one.repair) == ("A", samples.accounts[0]["cert_no"])
    assert rules.stricter("A", "N") == "N"


def test_a_contact_finding_names_its_row(configured: Sequence[Rule], samples: Samples, marked: Reference) -> None:
    two = examples.archive({"given": {}, "contacts": [{"mobile": "19431512345"}, {"mobile": "123"}]}, samples)
    one = rules.evaluate(two, configured, marked).one(0)
    assert (one.rule.code, one.contact, one.field) == ("PH03", 1, "mobile")


def test_pass_rates_count_severities_per_group(configured: Sequence[Rule], samples: Samples, marked: Reference) -> None:
    three = examples.archive({"accounts": [{"cons_name": ""}, {"pay_mode": ""}, {}]}, samples)
    passes = rules.pass_rates(3, rules.evaluate(three, configured, marked), SEVERITIES)
    assert passes["core"].tolist() == [False, True, True]
    assert passes["basic"].tolist() == [True, False, True]


BASE = """schema: 1
rules:
  - code: X1
    name: {zh: 名, en: name}
    group: core
    severity: S1
    field: cons_name
    check: names.missing
    ceiling: C
    message: {zh: 句, en: sentence}
    reason: why
"""


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("check: names.absent", "no check 'names.absent'; there are:"),
        ("needs: [moon]", "no input 'moon'; there are:"),
        ("after: [ID99]", "no rule 'ID99'; there are: X1"),
        ("params: {limit: 3}", "unknown key"),
        ("colour: red", "unknown key"),
        ("severity: S9", "no such choice 'S9'"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_choices(tmp_path: Path, line: str, message: str) -> None:
    key = line.split(":", maxsplit=1)[0]
    kept = [row for row in BASE.splitlines() if not row.strip().startswith(key + ":")]
    path = tmp_path / "mine.yaml"
    path.write_text("\n".join([*kept, "    " + line]) + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mine\.yaml:\d+: .*" + message):
        rules.build([load(path)])


@pytest.mark.parametrize(
    ("check", "params", "message"),
    [
        ("names.has", "{reason: placeholdr}", r"params.reason: no such choice 'placeholdr'; there are: address, "),
        ("address.has", "{reason: mask}", r"params.reason: no such choice 'mask'; there are: .*masked"),
        ("phones.has", "{problems: [maskd]}", r"params.problems: no such choice 'maskd'; there are: .*masked"),
        ("names.has", "{reason: masked, cls: Q}", r"params.cls: no such choice 'Q'; there are: B, C, N"),
        (
            "identity.wrong",
            "{facts: [birthdate]}",
            r"params.facts: no such choice 'birthdate'; there are: .*birth_date",
        ),
        ("identity.of_kind", "{kinds: exel}", r"params.kinds: no such choice 'exel'; there are: excel, "),
        ("identity.person_gone", "{states: [dead]}", r"params.states: no such choice 'dead'; there are: 1, 2, 8, 9"),
        ("names.against_register", "{levels: [SAME]}", r"params.levels: no such choice 'SAME'; there are: .*VARIANT"),
        ("address.unknown_house", "{parts: [house]}", r"params.parts: no such choice 'house'; there are: building, "),
        ("archive.empty", "{field: paymode}", r"params.field: no such choice 'paymode'; there are: .*pay_mode"),
        ("meters.collected_otherwise", "{field: tgno}", r"params.field: no such choice 'tgno'; there are: .*tg_no"),
        ("phones.other_number", "{fields: [consno]}", r"params.fields: no such choice 'consno'; there are: .*cons_no"),
        ("phones.not_in_service", "{states: [gone]}", r"params.states: no such choice 'gone'; there are: cancelled, "),
        ("archive.benefit_ended", "{benefit: poor}", r"params.benefit: no such choice 'poor'; there are: low_income, "),
        (
            "phones.of_a_relative",
            "{relations: [wife]}",
            r"params.relations: no such choice 'wife'; there are: .*spouse",
        ),
        ("names.other_contact", "{explained: [wife]}", r"params.explained: no such choice 'wife'; there are: .*spouse"),
        ("meters.voltage", "{allowed: [v22]}", r"params.allowed: no such choice 'v22'; there are: kv10, .*v220"),
        (
            "meters.shop_at_home_price",
            "{prices: [flat], uses: []}",
            r"params.prices: no such choice 'flat'; there are: ",
        ),
        ("meters.shop_at_home_price", "{prices: [], uses: [shop]}", r"params.uses: no such choice 'shop'; there are: "),
        ("archive.account_number", "{lengths: [ten]}", r"params.lengths: 'ten' is not a whole number"),
        ("phones.too_many_accounts", "{limit: -1}", r"params.limit: -1 is outside 0"),
    ],
)
def test_a_setting_that_would_never_find_anything_is_named(
    tmp_path: Path, check: str, params: str, message: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(BASE.replace("names.missing", check) + f"    params: {params}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mine\.yaml:\d+: rules.0." + message):
        rules.build([load(path)], codes=codes.tables(read(CONFIG)))


def test_a_sites_setting_is_held_to_the_same_choices(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"site.yaml:3: .*params.reason: no such choice 'rest'"):
        _site(tmp_path, "  - {code: NM04, params: {reason: rest}}")


@pytest.mark.parametrize(
    ("decorator", "message"),
    [
        ('@check("unknownfield")', r"no field 'unknownfield'; there are: box_asset_no, "),
        ('@check("lng")', "no field 'lng'"),
        ('@check("cons_name", extra=("moon",))', r"no input 'moon'; there are: benefits, "),
    ],
)
def test_a_check_that_reads_what_there_is_not_is_named_with_its_file(decorator: str, message: str) -> None:
    """It would be counted as not evaluated for ever, on every site."""
    lines = ["from matchers.checks import check", "", decorator, "def odd(scene):", "    return []"]
    space: dict[str, object] = {"__name__": "matchers.checks.remarks"}
    with pytest.raises(ConfigError, match=r"matchers/checks/remarks\.py:\d+: @check: " + message):
        exec(compile("\n".join(lines), "remarks.py", "exec"), space)


def test_a_code_cannot_stand_twice(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(BASE, encoding="utf-8")
    with pytest.raises(ConfigError, match="X1 stands twice"):
        rules.build([load(path), load(path)])


def test_a_rule_that_fails_on_one_account_is_a_finding_there_and_the_others_go_on(
    configured: Sequence[Rule], samples: Samples, marked: Reference
) -> None:
    three = examples.archive({"accounts": [{}, {"cert_no": ""}, {"cons_name": ""}]}, samples)

    def stumbling(scene: Scene, **_: object) -> Sequence[Hits]:
        if scene.archive.columns["cons_no"].isin(("0130000002",)).any():
            raise ValueError
        return missing_name.check.run(scene)

    missing_name = next(rule for rule in configured if rule.code == "NM01")
    broken = replace(missing_name, check=replace(missing_name.check, run=stumbling))
    found = rules.evaluate(three, [broken], marked)
    assert [found.codes_of(row) for row in range(3)] == [frozenset(), {"RULE"}, {"NM01"}]
    assert found.one(len(found) - 1).params == {"rule": "NM01"}


def test_rules_that_somebody_else_judges_find_the_same(
    configured: Sequence[Rule], samples: Samples, marked: Reference
) -> None:
    dirty = examples.archive({"accounts": [{}, {"cert_no": "1"}, {"cons_name": "无", "elec_addr": "测试"}]}, samples)
    people = rules.without_places(dirty, configured, marked)
    together = rules.evaluate(dirty, configured, marked, Scene(dirty, marked), lambda: people)
    in_turn = rules.evaluate(dirty, configured, marked)
    assert len(together) == len(in_turn) == 3
    assert any(run.hits for run in people)
    assert [together.one(place) for place in range(len(together))] == [in_turn.one(i) for i in range(len(in_turn))]
    assert together.not_evaluated == in_turn.not_evaluated


def test_what_was_read_of_certificates_is_let_go_before_numbers_are_read(
    configured: Sequence[Rule], samples: Samples, marked: Reference
) -> None:
    two, seen = examples.archive({"accounts": [{}, {"cert_no": "1"}]}, samples), set[frozenset[str]]()

    def watched(rule: Rule) -> Rule:
        def run(scene: Scene, **settings: object) -> Sequence[Hits]:
            found = rule.check.run(scene, **settings)
            seen.add(frozenset({"certs", "_phones"} & scene.__dict__.keys()))
            return found

        return replace(rule, check=replace(rule.check, run=run))

    rules.without_places(two, [watched(rule) for rule in configured], marked)
    assert seen == {frozenset(), frozenset({"certs"}), frozenset({"_phones"})}


def test_an_address_that_is_known_to_be_the_registered_one_is_not_compared(
    configured: Sequence[Rule], samples: Samples, marked: Reference
) -> None:
    other = {"real_estate_address": encode(["唐山市路北区荣庆里3号楼2单元1103室"] * 2)}
    two = examples.archive({"accounts": [{"elec_addr": "河北省唐山市路北区荣庆里3号楼2单元1102室"}] * 2}, samples)
    known = {**two.extra, **other, "real_estate_same": np.array([True, False])}
    found = rules.evaluate(replace(two, extra=known), configured, marked)
    assert ["AD16" in found.codes_of(row) for row in range(2)] == [False, True]


# -- what a site changes without Python


def _site(tmp_path: Path, entries: str) -> tuple[Rule, ...]:
    changes = tmp_path / "site.yaml"
    changes.write_text(f"schema: 1\nrules:\n{entries}\n", encoding="utf-8")
    return rules.build((load(path) for path in sorted((CONFIG / "rules").glob("*.yaml"))), [load(changes)])


def test_a_site_sets_a_rule_anew_and_keeps_the_rest_of_it(configured: Sequence[Rule], tmp_path: Path) -> None:
    shipped = next(rule for rule in configured if rule.code == "PH07")
    name = next(iter(shipped.params))
    found = {
        rule.code: rule
        for rule in _site(tmp_path, f"  - {{code: PH07, params: {{{name}: 9}}, severity: S3, ceiling: N}}")
    }
    assert (found["PH07"].params[name], found["PH07"].severity, found["PH07"].ceiling) == (9, "S3", "N")
    assert {**shipped.params, name: 9} == found["PH07"].params
    assert (found["PH07"].check, found["PH07"].examples) == (shipped.check, shipped.examples)


def test_a_site_switches_a_rule_off(configured: Sequence[Rule], tmp_path: Path) -> None:
    found = {rule.code for rule in _site(tmp_path, "  - {code: NM14, off: true}\n  - {code: ID02, off: true}")}
    assert found == {rule.code for rule in configured} - {"NM14", "ID02"}


def test_a_rule_that_is_switched_off_is_still_known(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("schema: 1\nrules:\n  - {code: NM14, off: true}\n", encoding="utf-8")
    shipped = [load(path) for path in sorted((CONFIG / "rules").glob("*.yaml"))]
    found, off = rules.known(shipped, [load(tmp_path / "site.yaml")])
    assert ("NM14" in {rule.code for rule in found}, sorted(off)) == (True, ["NM14"])


def test_a_mistake_is_said_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        _site(tmp_path, "  - {code: ZZ99, off: true}")
    assert "没有可改的规则 'ZZ99'" in raised.value.args[0].zh
    with pytest.raises(ConfigError) as raised:
        _site(tmp_path, "  - {code: ID03, off: true}\n  - {code: ID03, severity: S2}")
    assert "规则 ID03 写了两次" in raised.value.args[0].zh


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ("  - {code: ZZ99, off: true}", "site.yaml:3: rules.0.code: no rule 'ZZ99' to change; there are: AD01"),
        ("  - {code: PH07, params: {most: 3, colour: red}}", "unknown key; there are:"),
        ("  - {code: ID03, ceiling: A}", "no such choice 'A'; there are: C, N"),
        ("  - {code: ID03, fields: x}", "rules.0.fields: unknown key; there are: ceiling, code, message"),
        ("  - {code: ID03, off: true}\n  - {code: ID03, severity: S2}", "the rule ID03 stands twice"),
    ],
    ids=["unknown rule", "unknown setting", "laxer", "unknown key", "twice"],
)
def test_a_wrong_change_names_its_place(tmp_path: Path, entries: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(reason)):
        _site(tmp_path, entries)


OURS = """schema: 1
rules:
  - code: XX01
    name: {{zh: 资产号不是二十位, en: asset number is not of twenty digits}}
    group: core
    severity: S3
    field: meter_asset_no
    check: meters.asset_number
    params: {{digits: "20"}}
    ceiling: C
    message: {{zh: 句, en: sentence}}
    reason: why
    examples:
      - {{given: {{meter_asset_no: "12345678901234567890"}}, fires: [MT04]}}
      - {first}
  - code: XX02
    name: {{zh: 备注, en: remark}}
    group: basic
    severity: S3
    field: remark
    check: archive.empty
    params: {{field: remark}}
    ceiling: C
    message: {{zh: 句, en: sentence}}
    reason: why
    examples:
      - {second}
"""
FITS = '{given: {meter_asset_no: "1"}, fires: [MT04, XX01, XX02]}'


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (FITS, "{given: {pay_mode: ''}, fires: [AM05, XX02]}", []),
        ("{given: {}, fires: []}", "{given: {}, fires: [XX02]}", ["15: rules.0.examples.1.fires: the example of rule XX01 should fire none, and fires XX01"]),
        (FITS, "{given: {remark: 有}, fires: [XX02]}", ["27: rules.1.examples.0.fires: the example of rule XX02 should fire XX02, and fires none"]),
        (FITS, "{given: {}, fires: [XX02], extra: {positions: 3}}", ["27: rules.1.examples.0: the example of rule XX02 cannot be made into accounts"]),
    ],
    ids=["as written", "fires more", "fires less", "no accounts"],
)  # fmt: skip
def test_a_sites_own_examples_are_held_against_its_rules(
    samples: Samples, staged: Reference, tmp_path: Path, first: str, second: str, said: list[str]
) -> None:
    """A site whose meters carry twenty digits finds its rule in every clean account: other rules' examples need not name it."""
    path = tmp_path / "ours.yaml"
    path.write_text(OURS.format(first=first, second=second), encoding="utf-8")
    shipped = [load(one) for one in sorted((CONFIG / "rules").glob("*.yaml"))]
    wrong = examples.misfires([load(path)], samples, rules.build(shipped, [load(path)]), staged)
    assert [str(one) for one in wrong] == [f"{path}:{one}" for one in said]


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ("{given: {meter: '1'}, fires: []}", "examples.0.given.meter: unknown key; there are: box_asset_no, "),
        ("{accounts: [{}, {name: 张}], fires: []}", "examples.0.accounts.1.name: unknown key"),
        (
            "{contacts: [{phone: '1'}], fires: []}",
            "examples.0.contacts.0.phone: unknown key; there are: contact_name, ",
        ),
        ("{extra: {moon: []}, fires: []}", "examples.0.extra.moon: unknown key; there are: benefits, "),
    ],
)
def test_an_example_that_describes_what_no_account_has_is_named(tmp_path: Path, example: str, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(BASE + f"    examples: [{example}]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mine\.yaml:\d+: rules.0." + message):
        rules.build([load(path)], codes=codes.tables(read(CONFIG)))


def test_accounts_of_which_a_rule_can_say_nothing_are_counted_and_not_passed(
    configured: Sequence[Rule], samples: Samples, marked: Reference
) -> None:
    """A photo without a hash may be anybody's: neither a breakage nor a pass; one that is known to be used twice is a breakage."""
    given = {"accounts": [{}] * 5, "extra": {"photos": [["a1"], ["a1", ""], [""], [], ["b2"]]}}
    found = rules.evaluate(examples.archive(given, samples), configured, marked)
    assert found.unjudged == {"SV03": 1}
    assert [("SV03" in found.codes_of(row)) for row in range(5)] == [True, True, False, True, False]
