"""The reference: what it knows, what only a practice site adds, and how it complains."""

import shutil
from pathlib import Path

import pytest

from core.errors import ConfigError
from core.reference import MARKED_DIVISIONS, Reference

REFERENCE = Path(__file__).parents[2] / "config" / "reference"


@pytest.fixture(scope="module")
def site() -> Reference:
    return Reference.load(REFERENCE)


def test_a_code_that_existed_at_some_time_is_known_with_its_last_year(site: Reference) -> None:
    assert site.division_ever("130230")
    assert site.division_last("130230") == 2011
    assert not site.division_ever("139999")


@pytest.mark.parametrize(
    ("code", "stands"),
    [("441900", True), ("442000", True), ("460400", True), ("420400", True), ("130200", False), ("130000", False)],
)
def test_a_city_without_counties_stands_on_its_peoples_ids_and_no_other(
    site: Reference, code: str, stands: bool
) -> None:
    assert site.division_ever(code) is stands


def test_only_a_practice_site_knows_the_marks(site: Reference) -> None:
    practice = Reference.load(REFERENCE, marked=True)
    assert not any(site.division_ever(code) for code in MARKED_DIVISIONS)
    assert all(practice.division_ever(code) for code in MARKED_DIVISIONS)
    assert ("194" in site.unallocated, "194" in practice.unallocated) == (True, False)


def test_a_label_or_synonym_means_its_code_only_where_it_means_one(site: Reference) -> None:
    assert site.canonical("cert_type", "身份证") == "01"
    assert site.canonical("pay_mode", "坐收") == "counter"
    assert site.canonical("pay_mode", "88") is None


def test_area_codes_by_city_with_and_without_suffix(site: Reference) -> None:
    assert {site.area_code_of[name] for name in ("唐山", "唐山市")} == {"0315"}


def test_a_missing_column_is_named_with_its_file(tmp_path: Path) -> None:
    folder = shutil.copytree(REFERENCE, tmp_path / "reference")
    shutil.copy(REFERENCE.parent / "codes.yaml", tmp_path)
    (folder / "surnames.csv").write_text("name,percent\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"surnames\.csv:1: the column 'surname' is missing"):
        Reference.load(folder)
