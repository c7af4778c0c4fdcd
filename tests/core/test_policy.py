"""The policy can be loosened only where a person's identity is not at stake."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from core.errors import ConfigError
from core.fields import Fields
from core.model import Class
from core.policy import Policy
from core.settings import Config, read

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def fields() -> Fields:
    return Fields.load(read(CONFIG))


@pytest.fixture(scope="module")
def policy(fields: Fields) -> Policy:
    return Policy.load(read(CONFIG), fields)


def _changed(directory: Path, old: str, new: str, fields: Fields) -> Policy:
    text = (CONFIG / "policy.yaml").read_text(encoding="utf-8")
    assert old in text
    (directory / "policy.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    shutil.copy(CONFIG / "fields.yaml", directory)
    return Policy.load(Config((directory,)), fields)


@pytest.mark.parametrize("field", ["cons_name", "cert_no", "mobile", "home_phone", "contact_name"])
def test_a_survey_entry_alone_never_writes_an_identity(tmp_path: Path, fields: Fields, field: str) -> None:
    with pytest.raises(ConfigError, match=r"policy.yaml:\d+: survey_authority.0: .* needs corroboration"):
        _changed(tmp_path, "  - quarter_name", f"  - {field}", fields)


def test_a_field_that_is_never_written_cannot_be_listed(tmp_path: Path, fields: Fields) -> None:
    with pytest.raises(ConfigError, match="cons_no is never written"):
        _changed(tmp_path, "  - quarter_name", "  - cons_no", fields)


def test_a_misspelled_field_lists_the_fields(tmp_path: Path, fields: Fields) -> None:
    with pytest.raises(ConfigError, match="no field 'quater_name'; there are: addr_canonical"):
        _changed(tmp_path, "  - quarter_name", "  - quater_name", fields)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("tolerated_rate: 0.001", "tolerated_rate: 0.2", r"error_budget.tolerated_rate: 0.2 is outside"),
        ("core: [S1, S2]", "core: []", "at least one severity is needed"),
        ("start: {S: automatic", "start: {C: automatic", r"start.C: unknown key; there are: A, B, S"),
        ("breaker: {conflicts: 0.2, mismatches", "breaker: {mismatches", "the key 'conflicts' is missing"),
        (
            "  survey_drop: [survey]",
            "  survey_dorp: [survey]",
            r"copies.survey_dorp: no such source 'survey_dorp'.*there are: alipay",
        ),
        ("  survey_drop: [survey]", "  survey_drop: [surwey]", r"copies.survey_drop: no such source 'surwey'"),
        ("  survey_drop: 365", "  survey_dorp: 365", r"freshness_days.survey_dorp: no such source 'survey_dorp'"),
        ("survey_evidence: [surveyor,", "read_back: false\nsurvey_evidence: [surveyor,", "read_back: unknown key"),
    ],
)
def test_a_policy_out_of_bounds_is_refused(tmp_path: Path, fields: Fields, old: str, new: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        _changed(tmp_path, old, new, fields)


def test_address_parts_are_settled_by_an_audited_survey(policy: Policy) -> None:
    assert policy.survey_suffices("building_no")
    assert not policy.survey_suffices("elec_addr")


def test_a_source_that_copies_another_is_no_second_witness(policy: Policy) -> None:
    assert not policy.independent("survey", "survey_drop")
    assert not policy.independent("collection", "archive")
    assert not policy.independent("survey", "survey")
    assert policy.independent("survey", "carrier")


def test_a_source_of_which_the_policy_says_nothing_is_nobodys_second_witness(policy: Policy) -> None:
    """A second platform that nobody has told of may be fed by the first one."""
    assert not policy.independent("survey", "survey_of_the_contractor")


def test_a_copy_of_a_copy_is_no_second_source(policy: Policy) -> None:
    copies = {"c": frozenset({"b"}), "b": frozenset({"a"}), "d": frozenset({"b", "d"}), "e": frozenset({"x"})}
    chained = replace(policy, copies=copies, roles=dict.fromkeys("abcde", "survey"))
    assert not any(chained.independent(one, other) for one, other in (("a", "c"), ("c", "d"), ("d", "a")))
    assert chained.independent("c", "e")


def test_authority_follows_the_field(policy: Policy, fields: Fields) -> None:
    assert policy.authoritative(fields["mobile"], "carrier")
    assert not policy.authoritative(fields["mobile"], "survey")
    assert policy.authoritative(fields["cert_no"], "population")


def test_evidence_grows_old_by_source(policy: Policy) -> None:
    assert policy.fresh("carrier", 30)
    assert not policy.fresh("carrier", 31)
    assert policy.fresh("archive", 10_000)


def test_corroborated_writes_start_under_a_persons_eyes(policy: Policy) -> None:
    assert policy.start[Class.B] == "shadow"


def test_the_practice_site_differs_only_in_what_it_writes_at_once() -> None:
    ours, practice = (
        yaml.safe_load((place / "policy.yaml").read_text(encoding="utf-8"))
        for place in (CONFIG, CONFIG / "sites" / "practice")
    )
    assert (ours["error_budget"].pop("start")["B"], practice["error_budget"].pop("start")["B"]) == (
        "shadow",
        "automatic",
    )
    assert practice == ours
