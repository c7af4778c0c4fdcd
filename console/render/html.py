"""The night's report as one page that needs nothing else: no network, no script, no font; it prints on A4."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from console.render import texts
from core.figures import Report, Unit
from core.words import Language, Words


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart; shares are of the chart's full width."""

    label: str
    shares: tuple[float, ...]
    captions: tuple[str, ...]


def render(report: Report, language: Language) -> str:
    """The page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=select_autoescape(["html"]), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(
        say=lambda zh, en: Words(zh, en).say(language),
        words=lambda text, params=None: text.say(language, params),
        said=lambda table, key: texts.said(getattr(texts, table), key, language),
        percent=texts.percent,
    )
    return environment.get_template("report.html").render(
        report=report,
        language=language,
        top=report.top,
        rates=_rates(report.units, language),
        rules=_rules(report, language),
        states=_states(report, language),
        cards=_cards(report, language),
    )


def write(report: Report, path: Path, language: Language) -> None:
    """The page as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(report, language), encoding="utf-8")


def _rates(units: Sequence[Unit], language: Language) -> dict[str, list[Bar]]:
    """Per group: for each county the share that passed before and after."""
    counties = [unit for unit in units if unit.org.level == "county"]
    return {texts.GROUPS[group].say(language): [_rate(unit, group) for unit in counties] for group in ("core", "basic")}


def _rate(unit: Unit, group: str) -> Bar:
    before, after = unit.rate(group, "before") or 0.0, unit.rate(group, "after") or 0.0
    return Bar(unit.org.name, (before, after), (texts.percent(before), texts.percent(after)))


def _rules(report: Report, language: Language) -> list[Bar]:
    """The dozen rules with most open findings."""
    lines = sorted(
        (line for line in report.rules if line.open or line.closed),
        key=lambda line: (-(line.open + line.closed), line.code),
    )[:14]
    most = max((line.open + line.closed for line in lines), default=1)
    return [
        Bar(
            f"{line.code} {line.name.say(language)}",
            (line.open / most, line.closed / most),
            (str(line.open), str(line.closed)),
        )
        for line in lines
    ]


def _states(report: Report, language: Language) -> list[Bar]:
    total = sum(report.states.values()) or 1
    known = [*texts.STATES, *(state for state in report.states if state not in texts.STATES)]
    return [
        Bar(texts.said(texts.STATES, s, language), (report.states[s] / total,), (str(report.states[s]),))
        for s in known
        if report.states.get(s)
    ]


def _cards(report: Report, language: Language) -> list[tuple[str, str, str]]:
    """The figures that one reads first: (name, value, remark)."""
    top = report.top
    say = {"zh": 0, "en": 1}[language]
    core = (top.rate("core", "before"), top.rate("core", "after")) if top else (None, None)
    basic = (top.rate("basic", "before"), top.rate("basic", "after")) if top else (None, None)
    verified = report.states.get("verified", 0)
    return [
        (("用电户", "accounts")[say], f"{int(top.get('accounts')):,}" if top else "0", ""),
        (
            ("核心合格率", "core pass rate")[say],
            texts.percent(core[1]),
            ("前 ", "before ")[say] + texts.percent(core[0]),
        ),
        (
            ("基础合格率", "basic pass rate")[say],
            texts.percent(basic[1]),
            ("前 ", "before ")[say] + texts.percent(basic[0]),
        ),
        (
            ("已核实写入", "verified items")[say],
            str(verified),
            ("共 {} 项工单", "of {} items")[say].format(sum(report.states.values())),
        ),
        (("待人工审核", "for a person")[say], str(len(report.mismatches)), ""),
        (("付费核验", "paid calls")[say], str(report.calls), f"{report.fee_cents / 100:.2f} ¥"),
    ]
