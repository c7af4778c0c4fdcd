"""Promises of the page: one file that needs nothing else, both languages, no value without a mask."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from console.render import html
from core.figures import Report, Trouble, Unit, whole
from core.ledger.entities import Organisation
from core.words import Language, Words
from tests.night import Night


class Page(HTMLParser):
    """What a page asks for, its tags left open, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.asked += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "action", "srcset", "data")]
        if tag not in ("meta", "br", "col", "line", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("line", "rect"):
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_data(self, data: str) -> None:
        self.text.append(data.strip())


LANGUAGES: tuple[Language, ...] = ("zh", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_for_nothing(drawn: Report, language: Language) -> None:
    text = html.render(drawn, language)
    page = Page(text)
    assert (page.asked, page.open) == ([], [])
    assert not re.search(r"https?:|@import|url\(|fetch\(|XMLHttp", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_value_is_seen_without_a_mask(drawn: Report, night: Night, language: Language) -> None:
    text = html.render(drawn, language)
    assert [secret for secret in night.secrets if secret in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_parameter_is_left_open(drawn: Report, language: Language) -> None:
    shown = " ".join(Page(html.render(drawn, language)).text[:-12])
    assert not re.search(r"\{[a-z_]+\}", shown.split("for (const")[0].split("@media print")[-1])


def test_a_page_in_english_holds_no_chinese_of_ours(drawn: Report) -> None:
    plain = replace(drawn, units=(), mismatches=(), anomalies=(), problems=(), whole=whole({}, "Company"))
    assert not re.search(
        r"[\u4e00-\u9fff]", " ".join(t for t in Page(html.render(plain, "en")).text if "font" not in t)
    )


def test_every_unit_and_every_rule_has_its_line(drawn: Report) -> None:
    text = Page(html.render(drawn, "zh")).text
    assert {unit.org.name for unit in drawn.units} <= set(text)
    assert {rule.code for rule in drawn.rules} <= set(text)
    assert {rule.name.zh for rule in drawn.rules} <= set(text)


def test_figures_on_the_page_are_those_of_the_report(drawn: Report) -> None:
    text = " ".join(Page(html.render(drawn, "zh")).text)
    assert f"尚有 {drawn.whole.total('findings.open.'):.0f} 处未结" in text
    assert f"{drawn.whole.get('items.verified'):.0f} 项工单写入后回读核实" in text


def test_text_of_a_source_is_never_markup(drawn: Report) -> None:
    trouble = Trouble(
        place="<script>x</script>.xlsx", row=1, code="bad", sentence=Words("<b>{a}", ""), params={"a": "<i>"}
    )
    text = html.render(replace(drawn, problems=(trouble,)), "zh")
    assert "<script>x" not in text
    assert "<b>" not in text.replace("<b>{{", "").split("输入中的问题")[1]


def test_a_night_without_anything_is_a_page_too(drawn: Report) -> None:
    empty = replace(drawn, units=(), rules=(), mismatches=(), anomalies=(), problems=(), whole=whole({}, ""))
    assert "没有待审的不一致" in html.render(empty, "zh")


def test_many_mismatches_are_left_to_the_workbook(drawn: Report) -> None:
    many = replace(drawn, mismatches=drawn.mismatches[:1] * (html.SHOWN + 7))
    assert "其余 7 条" in html.render(many, "zh")


def test_a_large_tree_begins_folded(drawn: Report) -> None:
    station = Unit(org=Organisation("9", "某所", "station", None), depth=3, metrics={"accounts": 1})
    assert 'data-folded="no"' in html.render(drawn, "zh")
    assert 'data-folded="yes"' in html.render(replace(drawn, units=drawn.units + (station,) * html.FOLDED), "zh")


def test_the_file_is_utf_8(drawn: Report, tmp_path: Path) -> None:
    html.write(drawn, tmp_path / "new" / "page.html", "zh")
    assert "核档日报" in (tmp_path / "new" / "page.html").read_text(encoding="utf-8")
