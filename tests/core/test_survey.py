"""A survey's items say what an answer means, and what it must carry before it may be written."""

import csv
from pathlib import Path

import pytest

from core.errors import ConfigError
from core.fields import Fields
from core.settings import read
from core.survey import Item, Theme, themes

CONFIG = Path(__file__).parents[2] / "config"
ITEM = "JZ001: {title: {zh: 缴费方式, en: paying}, field: pay_mode, photos: [DOOR], signature: true}"


@pytest.fixture(scope="module")
def fields() -> Fields:
    return Fields.load(read(CONFIG))


def _theme(directory: Path, fields: Fields, item: str = ITEM, more: str = "") -> Theme:
    (directory / "survey").mkdir()
    (directory / "hedang.yaml").write_text(f"schema: 1\nextends: {CONFIG}\n", encoding="utf-8")
    text = f"schema: 1\ntitle: {{zh: 试, en: trial}}\nanswers: {{'0': unchanged, '1': wrong}}\n{more}items:\n  {item}\n"
    (directory / "survey" / "trial.yaml").write_text(text, encoding="utf-8")
    return Theme.load(read(directory), fields, "trial")


def _first(theme: Theme) -> Item:
    return theme.items["JZ001"]


def test_the_residential_survey_asks_at_least_a_hundred_things(fields: Fields) -> None:
    theme = themes(read(CONFIG), fields)["residential"]
    assert len(theme.items) >= 100
    assert theme.answers == {"0": "unchanged", "1": "wrong", "2": "cannot_verify", "3": "not_applicable"}


def test_the_practice_platform_asks_the_same_things(fields: Fields) -> None:
    with (CONFIG.parent / "sandbox" / "questionnaire.csv").open(encoding="utf-8", newline="") as file:
        asked = {row["code"]: row["title"] for row in csv.DictReader(file)}
    items = themes(read(CONFIG), fields)["residential"].items
    assert {code: item.title.zh for code, item in items.items()} == asked


def test_what_a_survey_may_write_carries_evidence(fields: Fields) -> None:
    items = themes(read(CONFIG), fields)["residential"].items.values()
    assert not [item.code for item in items if item.field and not (item.photos or item.signature)]


def test_no_field_is_asked_for_twice(fields: Fields) -> None:
    asked = [item.field for item in themes(read(CONFIG), fields)["residential"].items.values() if item.field]
    assert sorted(asked) == sorted(set(asked))


@pytest.mark.parametrize(
    ("given", "value"), [("坐收", "counter"), (" counter ", "counter"), ("银联", "bank"), ("", None)]
)
def test_a_code_is_understood_in_each_of_its_spellings(
    tmp_path: Path, fields: Fields, given: str, value: str | None
) -> None:
    theme = _theme(tmp_path, fields, more="codes: {pay_mode: {银联: bank}}\n")
    assert theme.value(_first(theme), given) == value


def test_a_code_is_understood_in_the_words_of_the_provinces_screens(fields: Fields) -> None:
    theme = Theme.load(read(CONFIG / "sites" / "province_b"), fields, "residential")
    paying = next(item for item in theme.items.values() if item.field == "pay_mode")
    assert [theme.value(paying, given) for given in ("营业厅柜台", "GT")] == ["counter", "?GT"]


def test_a_code_without_an_exact_meaning_is_marked(tmp_path: Path, fields: Fields) -> None:
    theme = _theme(tmp_path, fields)
    assert theme.value(_first(theme), "坐收吧") == "?坐收吧"


def test_a_text_stays_as_it_was_typed(tmp_path: Path, fields: Fields) -> None:
    theme = _theme(tmp_path, fields, "JZ001: {title: {zh: 楼栋, en: building}, field: building_no}")
    assert theme.value(_first(theme), " 3号楼") == " 3号楼"


def test_an_answer_that_nobody_knows_means_nothing(tmp_path: Path, fields: Fields) -> None:
    theme = _theme(tmp_path, fields)
    assert [theme.answer(given) for given in ("0", "1 ", "7", None)] == ["unchanged", "wrong", None, None]


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        (
            "pay_mode: {银联: bnak}",
            r"trial.yaml:5: codes.pay_mode.银联: no such choice 'bnak'; there are: bank, counter",
        ),
        ("paymode: {银联: bank}", r"trial.yaml:5: codes.paymode: unknown key; there are: .*pay_mode"),
    ],
)
def test_a_platforms_code_must_mean_one_of_ours(tmp_path: Path, fields: Fields, codes: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        _theme(tmp_path, fields, more=f"codes:\n  {codes}\n")


def test_missing_evidence_is_named(tmp_path: Path, fields: Fields) -> None:
    theme = _theme(tmp_path, fields)
    assert theme.lacks(_first(theme), ["METER"], signature=False) == ("DOOR", "signature")
    assert theme.lacks(_first(theme), ["DOOR", "METER"], signature=True) == ()


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (ITEM.replace("pay_mode", "paymode"), r"trial.yaml:5: items.JZ001.field: no field 'paymode'; there are: "),
        (ITEM.replace("[DOOR]", "[SELFIE]"), r"items.JZ001.photos.0: no such choice 'SELFIE'; there are: BOX, DOOR"),
        (ITEM.replace("signature", "signed"), r"items.JZ001.signed: unknown key"),
        (ITEM.replace("field: pay_mode", "kind: code"), r"an item of kind code without a field needs `codes`"),
        (ITEM.replace("photos", "kind: text, photos"), r"items.JZ001.kind: the field pay_mode is of kind code"),
    ],
)
def test_a_wrong_item_names_its_place(tmp_path: Path, fields: Fields, item: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        _theme(tmp_path, fields, item)
