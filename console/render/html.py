"""The night's report as one page that needs nothing else: no network, no font, no script to be read; it prints on A4."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from console.render import texts
from core.figures import Report, Unit
from core.words import Language, Words

SHOWN = 200
"""So many mismatches stand on the page; the workbook has all of them."""

FOLDED = 60
"""A tree of more units shows its stations only when they are asked for."""

ROOM = 25
"""Columns of text beside a chart."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a line: it begins and ends at shares (0 … 1) of the chart's width."""

    start: float
    end: float
    style: str  # before | after | open | closed | good | wait | person


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: its name, bars one under the other (`stacked`: one behind the other), and the figures beside them."""

    label: str
    bars: tuple[Bar, ...]
    captions: tuple[str, ...]
    stacked: bool = False

    @property
    def short(self) -> str:
        """The name as far as there is room for it; the whole of it shows under the pointer."""
        for end in range(len(self.label) + 1):
            if texts.width(self.label[:end]) > ROOM:
                return self.label[: end - 1] + "…"
        return self.label


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
        told=lambda text, params: texts.told(text, params, language),
        percent=texts.percent,
        number=texts.number,
    )
    return environment.get_template("report.html").render(
        report=report,
        language=language,
        company=texts.company(report.whole.org.name, language),
        cards=_cards(report, language),
        lead=_lead(report, language),
        rates=_rates(report.units, language),
        rules=_rules(report, language),
        states=_states(report.whole, language),
        shown=report.mismatches[:SHOWN],
        folded=len(report.units) > FOLDED,
    )


def write(report: Report, path: Path, language: Language) -> None:
    """The page as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(report, language), encoding="utf-8")


# -- what is read first


def _cards(report: Report, language: Language) -> list[tuple[str, str, str]]:
    """(name, figure, remark)"""
    top = report.whole
    return [
        (
            texts.ACCOUNTS.say(language),
            texts.number(top.get("accounts")),
            texts.EVALUATED.say(language, {"rules": texts.number(top.get("coverage.after.evaluated"))}),
        ),
        *((_rate_name(group, language), texts.percent(top.rate(group, "after")), _gain(top, group, language)) for group in texts.GROUPS),
        (
            texts.WRITTEN.say(language),
            texts.number(top.get("items.verified")),
            texts.OF_ITEMS.say(language, {"items": texts.number(top.total("items."))}),
        ),
        (
            texts.WAITING.say(language),
            texts.number(top.get("waiting")),
            texts.AND_ANOMALIES.say(language, {"count": texts.number(len(report.anomalies))}),
        ),
        (
            texts.CALLS.say(language),
            texts.number(top.get("calls.sent")),
            texts.FEE.say(language, {"yuan": f"{top.get('calls.fee_cents') / 100:,.2f}"}),
        ),
    ]  # fmt: skip


def _rate_name(group: str, language: Language) -> str:
    return texts.RATES[group].say(language)


def _gain(unit: Unit, group: str, language: Language) -> str:
    before, after = unit.rate(group, "before"), unit.rate(group, "after")
    if before is None or after is None:
        return ""
    return texts.GAIN.say(language, {"before": texts.percent(before), "points": f"{(after - before) * 100:+.1f}"})


def _lead(report: Report, language: Language) -> str:
    """The night in one sentence."""
    top = report.whole
    figures = {
        "opened": top.total("findings.opened."),
        "closed": top.total("findings.closed."),
        "open": top.total("findings.open."),
        "automatic": sum(n for name, n in top.under("proposals.").items() if name.endswith(".automatic")),
        "verified": top.get("items.verified"),
        "unknown": top.get("items.unknown") + top.get("items.parked"),
    }
    return texts.LEAD.say(language, {name: texts.number(value) for name, value in figures.items()})


# -- charts


def _rates(units: Sequence[Unit], language: Language) -> dict[str, list[Line]]:
    """Per group: for each county the share that passed before and after."""
    counties = [unit for unit in units if unit.org.level == "county"] or list(units[:1])
    return {_rate_name(group, language): [_rate(unit, group) for unit in counties] for group in texts.GROUPS}


def _rate(unit: Unit, group: str) -> Line:
    shares = {moment: unit.rate(group, moment) for moment in ("before", "after")}
    bars = tuple(Bar(0, share or 0.0, moment) for moment, share in shares.items())
    return Line(unit.org.name, bars, tuple(texts.percent(share) for share in shares.values()))


def _rules(report: Report, language: Language) -> list[Line]:
    """The rules with most findings: what is still open, and behind it what the night closed."""
    busiest = sorted((r for r in report.rules if r.open or r.closed), key=lambda r: (-(r.open + r.closed), r.code))[:15]
    most = max((r.open + r.closed for r in busiest), default=1)
    return [
        Line(
            f"{r.code} {r.name.say(language)}",
            (Bar(0, r.open / most, "open"), Bar(r.open / most, (r.open + r.closed) / most, "closed")),
            (f"{r.open} / {r.closed}",),
            stacked=True,
        )
        for r in busiest
    ]


def _states(whole: Unit, language: Language) -> list[Line]:
    """What became of the items, in the order of `texts.STATES`."""
    found = whole.under("items.")
    most = max(found.values(), default=1) or 1
    return [
        Line(
            texts.said(texts.STATES, state, language),
            (Bar(0, found[state] / most, texts.STYLES.get(state, "wait")),),
            (texts.number(found[state]),),
        )
        for state in _ordered(found)
    ]


def _ordered(found: Iterable[str]) -> list[str]:
    known = list(texts.STATES)
    return sorted(found, key=lambda state: (known.index(state) if state in known else len(known), state))
