"""Promises of the rules' document: it says what is configured, and every rule stands in it."""

from pathlib import Path

from console.render import rules as drawing
from core.settings import load, read
from matchers import rules

ROOT = Path(__file__).parents[3]


def test_the_document_is_that_of_the_shipped_rules() -> None:
    """`.venv/bin/python run.py rules --markdown > docs/rules.md` puts it right."""
    configured = rules.build(load(path) for path in read(ROOT / "config").folder("rules").values())
    text = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert text == drawing.markdown(configured)
    assert [rule.code for rule in configured if f"- **{rule.code}**" not in text] == []


def test_a_row_speaks_the_readers_language() -> None:
    configured = rules.build(load(path) for path in read(ROOT / "config").folder("rules").values())
    zh, en = (drawing.rows(configured, language)[0] for language in ("zh", "en"))
    assert (zh["code"], zh["name"] != en["name"]) == (en["code"], True)
