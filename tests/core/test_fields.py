"""fields.yaml says everything about a field once, and a wrong entry is named by its place."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from core.fields import Fields
from core.model import Class
from core.settings import Config, read

CONFIG = Path(__file__).parents[2] / "config"
GOOD = "label: {zh: 手机, en: mobile}, entity: contacts, kind: phone, group: core, ceiling: B"


@pytest.fixture(scope="module")
def fields() -> Fields:
    return Fields.load(read(CONFIG))


def _load(directory: Path, entry: str) -> Fields:
    (directory / "fields.yaml").write_text(f"schema: 1\nfields:\n  mobile: {{{entry}}}\n", encoding="utf-8")
    return Fields.load(Config((directory,)))


def test_a_field_says_where_it_belongs(fields: Fields) -> None:
    mobile = fields["mobile"]
    assert (mobile.label.zh, mobile.entity, mobile.mask, mobile.ceiling) == ("移动电话", "contacts", "phone", Class.B)


def test_all_that_names_a_person_is_sealed_and_masked(fields: Fields) -> None:
    assert not [f.id for f in fields.values() if f.kind in ("name", "id", "phone", "address") and not f.sealed]
    assert not [f.id for f in fields.values() if f.sealed and f.mask == "none"]


def test_code_fields_and_code_tables_agree(fields: Fields) -> None:
    codes = read(CONFIG).load("codes.yaml")
    said = {id_: node.text() for id_, node in codes["fields"].items()}
    assert {field.id: field.codes for field in fields.values() if field.codes} == said
    assert set(said.values()) <= set(codes["tables"].mapping())


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("fields.yaml", "codes: relation", "codes: relatoin", r"contact_relation.codes: no such choice 'relatoin'; there are: cert_"),
        ("codes.yaml", "  volt_code: volt", "  voltcode: volt", r"codes.yaml:12: fields.voltcode: no field 'voltcode' of kind code; there are: "),
        ("codes.yaml", "volt_code: volt", "volt_code: vlt", r"codes.yaml:12: fields.volt_code: no such choice 'vlt'; there are: volt"),
    ],
)  # fmt: skip
def test_a_code_table_that_nobody_has_is_named(tmp_path: Path, name: str, old: str, new: str, reason: str) -> None:
    for file in ("fields.yaml", "codes.yaml"):
        text = (CONFIG / file).read_text(encoding="utf-8")
        assert old in text or file != name
        (tmp_path / file).write_text(text.replace(old, new, 1) if file == name else text, encoding="utf-8")
    with pytest.raises(ConfigError, match=reason):
        Fields.load(Config((tmp_path,)))


def test_a_field_on_two_screens_cannot_be_said(fields: Fields) -> None:
    owners = [field.id for screen in ("account", "contacts", "customer") for field in fields.on(screen)]
    assert len(owners) == len(set(owners)) > 25


def test_an_unknown_entity_lists_the_entities(fields: Fields) -> None:
    with pytest.raises(ConfigError, match="no entity 'person'; there are: account, contacts, customer"):
        fields.of("person")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (
            GOOD.replace("ceiling: B", "ceiling: D"),
            r"fields.yaml:3: fields.mobile.ceiling: no such choice 'D'; there are: A, B, C, N",
        ),
        (GOOD.replace("kind: phone", "kind: tel"), r"fields.mobile.kind: no such choice 'tel'"),
        (GOOD + ", maks: phone", r"fields.mobile.maks: unknown key; there are: authority, ceiling"),
        (GOOD + ", sealed: false", r"fields.mobile.sealed: a field of kind phone is always sealed"),
        (GOOD + ", mask: none", r"fields.mobile.mask: a field of kind phone is always masked"),
        (GOOD + ", codes: relation", r"fields.mobile.codes: only a field of kind code has a code table"),
        (GOOD.replace("kind: phone", "kind: code"), r"fields.mobile: the key 'codes' is missing"),
        (GOOD.replace("ceiling: B", "ceiling: N") + ", screen: contacts", r"never written has no owning screen"),
        (GOOD + ", authority: [gossip]", r"fields.mobile.authority.0: no such choice 'gossip'; there are: carrier"),
    ],
)
def test_a_wrong_entry_names_its_place(tmp_path: Path, entry: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        _load(tmp_path, entry)


def test_a_code_is_read_with_its_meaning(fields: Fields) -> None:
    assert fields["cert_type_code"].worded("06").zh == "06 户口簿"
    assert fields["cert_type_code"].worded("?Z").zh == "?Z"
    assert fields["cons_name"].worded("06").en == "06"
