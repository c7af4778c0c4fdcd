"""Judge a whole archive by the configured rules: which accounts break which rule, how certain a repair is, and who passes.

    rules = build(settings.folder…)                        # root nodes of config/rules/*.yaml, any order
    breakages = evaluate(archive, rules, reference)
    breakages.rule[i], .row[i], .contact[i], .field[i]     # columns: place in `rules`, account row, contact row or −1, place in `fields`
    breakages.one(i)                                       # the same as one frozen value, with class, repair and parameters
    breakages.not_evaluated["NM13"]                        # what was missing: ("real_estate_owners",)
    breakages.unjudged["SV03"]                             # of how many accounts the rule could say nothing, beside those it judged
    passes = pass_rates(len(archive), breakages, {"core": {"S1", "S2"}, "basic": {"S1", "S2", "S3"}})
    passes["core"].mean()                                  # boolean arrays over accounts, so figures can group by organisation

A rule's file says which check it uses and how it is set; unknown keys, checks and settings are errors that name their place.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as default
from itertools import groupby
from types import MappingProxyType
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from core.errors import ConfigError, choices
from core.reference import Reference
from core.words import Words
from matchers.archive import ACCOUNT_FIELDS, CONTACT_FIELDS, EXTRAS, FLAT_FIELDS, Archive
from matchers.checks import UNJUDGED, Check, Detail, Hits, flagged, registry
from matchers.columns import MISSING, Codes, Flags
from matchers.scene import Scene

CLASSES = "SABCN"
"""Classes from the laxest to the strictest."""

GROUPS = ("core", "basic")
SEVERITIES = ("S1", "S2", "S3", "S4")
REFERENCE_NEEDS = ("segments",)
"""Needs that the reference answers: the table is there or not."""

_KEYS = (
    "code", "name", "group", "severity", "field", "check", "params", "ceiling", "needs", "after", "message", "reason", "examples",
    "off",
)  # fmt: skip


class Node(Protocol):
    """What is asked of a configuration value: it knows its place and complains about itself."""

    def wrong(self, reason: str | Words) -> ConfigError: ...
    def items(self) -> "Iterable[tuple[str, Node]]": ...
    def only(self, *known: str) -> "Node": ...
    def get(self, key: str) -> "Node | None": ...
    def __getitem__(self, key: str) -> "Node": ...
    def list(self) -> "Sequence[Node]": ...
    def texts(self) -> tuple[str, ...]: ...
    def text(self, default: str = ...) -> str: ...
    def choice(self, *known: str) -> str: ...
    def number(self, low: float | None = ..., high: float | None = ...) -> float: ...
    def integer(self, low: int | None = ..., high: int | None = ...) -> int: ...
    def flag(self) -> bool: ...
    def plain(self) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One configured line: a check, how it is set, and what its findings mean."""

    code: str
    name: Words
    group: str
    severity: str
    # the field that stands for the rule in lists; a finding names its own
    field: str
    check: Check
    params: Mapping[str, object]
    # the laxest class that a finding of this rule may have
    ceiling: str
    # inputs without which the rule is not evaluated
    needs: tuple[str, ...]
    # codes whose finding on the same field explains this one away
    after: tuple[str, ...]
    message: Words
    reason: str
    # raw examples, for matchers.examples
    examples: tuple[Mapping[str, Any], ...]

    def missing(self, archive: Archive, reference: Reference) -> tuple[str, ...]:
        """The inputs that are not there; the rule can only be evaluated when this is empty."""
        fields = tuple(name for name in self.check.fields if not archive.has(name))
        extra = dict.fromkeys((*self.check.extra, *self.needs))
        return (*fields, *(need for need in extra if not _there(need, archive, reference)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakage:
    """One breakage, for what one person looks at."""

    rule: Rule
    row: int
    contact: int | None
    field: str
    value: str
    cls: str
    repair: str | None
    target: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Breakages:
    """All breakages of one evaluation as parallel columns."""

    rules: tuple[Rule, ...]
    fields: tuple[str, ...]
    details: tuple[Detail, ...]
    # place in `rules`
    rule: Codes
    # account row
    row: Codes
    # contact row, −1 for fields of the account
    contact: Codes
    # place in `fields`
    field: Codes
    # place in `details`
    detail: Codes
    # rule code → the inputs that were missing
    not_evaluated: Mapping[str, tuple[str, ...]] = default(default_factory=dict)
    # rule code → accounts of which its check could say nothing for want of an input
    unjudged: Mapping[str, int] = default(default_factory=dict)
    # how many breakages were explained away by another rule on the same field
    suppressed: int = 0

    def __len__(self) -> int:
        return len(self.rule)

    def one(self, index: int) -> Breakage:
        """One breakage as a frozen value; its class is the stricter one of the check's and the rule's ceiling."""
        rule, detail, contact = self.rules[self.rule[index]], self.details[self.detail[index]], int(self.contact[index])
        return Breakage(
            rule=rule,
            row=int(self.row[index]),
            contact=None if contact == MISSING else contact,
            field=self.fields[self.field[index]],
            value=detail.value,
            cls=stricter(detail.cls, rule.ceiling),
            repair=detail.repair,
            target=detail.target or self.fields[self.field[index]],
            params=detail.params,
        )

    def counts(self) -> dict[str, int]:
        """Breakages of each rule, by code."""
        found = np.bincount(self.rule, minlength=len(self.rules))
        return {rule.code: int(count) for rule, count in zip(self.rules, found, strict=True)}

    def codes_of(self, row: int) -> frozenset[str]:
        """The codes of the rules that one account breaks."""
        return frozenset(self.rules[place].code for place in self.rule[self.row == row])


def stricter(one: str, other: str) -> str:
    """The stricter of two classes."""
    return max(one, other, key=CLASSES.index)


# -- reading rules


Tables = Mapping[str, Collection[str]]
"""Code table → its codes, as the site has them (codes.yaml)."""


def build(roots: Iterable[Node], *sites: Iterable[Node], codes: Tables = MappingProxyType({})) -> tuple[Rule, ...]:
    """The rules that count, by code: all `known` ones that no site has switched off."""
    found, off = known(roots, *sites, codes=codes)
    return tuple(rule for rule in found if rule.code not in off)


def known(
    roots: Iterable[Node], *sites: Iterable[Node], codes: Tables = MappingProxyType({})
) -> tuple[tuple[Rule, ...], frozenset[str]]:
    """The rules of these files, by code, after what each nearer site says of them; and the codes that are switched off.

    An entry of a site is a whole rule (with `check`), or a known code with what it changes: `params` (those that it names),
    `severity`, a stricter `ceiling`, `message`, `reason`, or `off: true`.

    Raises ConfigError for an unknown key, check, setting, need, field or code in `after`, for a code that stands twice in one
    layer, for a change of a rule that there is not, for a laxer ceiling, and for a setting that is no code of its table in `codes`
    (without the table nothing is held against it).
    """
    rules: dict[str, Rule] = {}
    places: dict[str, Node] = {}
    off: set[str] = set()
    for layer in (roots, *sites):
        for code, node in _entries(layer).items():
            if node.get("check") is not None:
                rules[code], places[code] = _rule(node, codes), node
            elif code not in rules:
                raise node["code"].wrong(
                    Words(
                        f"没有可改的规则 '{code}'；现有：{choices(rules)}",
                        f"no rule '{code}' to change; there are: {choices(rules)}",
                    )
                )
            else:
                rules[code] = _changed(rules[code], node, codes)
            off = off - {code} | ({code} if _off(node) else set())
    for code, node in places.items():
        for cause in rules[code].after:
            if cause not in rules:
                raise node["after"].wrong(
                    Words(
                        f"没有规则 '{cause}'；现有：{choices(rules)}", f"no rule '{cause}'; there are: {choices(rules)}"
                    )
                )
    return tuple(rules[code] for code in sorted(rules)), frozenset(off)


def _entries(roots: Iterable[Node]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for root in roots:
        for node in root.only("schema", "rules")["rules"].list():
            code = node["code"].text()
            if code in found:
                raise node["code"].wrong(Words(f"规则 {code} 写了两次", f"the rule {code} stands twice"))
            found[code] = node
    return found


def _off(node: Node) -> bool:
    entry = node.get("off")
    return entry is not None and entry.flag()


def _changed(rule: Rule, node: Node, codes: Tables) -> Rule:
    """The rule as a site wants it."""
    node.only("code", "params", "severity", "ceiling", "message", "reason", "off")
    params, ceiling, message = node.get("params"), node.get("ceiling"), node.get("message")
    severity, reason = node.get("severity"), node.get("reason")
    stricter = "ABCN"["ABCN".index(rule.ceiling) :]
    given = {} if params is None else dict(params.only(*rule.check.settings).items())
    return replace(
        rule,
        params=MappingProxyType({**rule.params, **{n: _setting(e, rule.check, n, codes) for n, e in given.items()}}),
        ceiling=rule.ceiling if ceiling is None else ceiling.choice(*stricter),
        severity=rule.severity if severity is None else severity.choice(*SEVERITIES),
        message=rule.message if message is None else _words(message),
        reason=rule.reason if reason is None else reason.text(),
    )


def _rule(node: Node, codes: Tables) -> Rule:
    node.only(*_KEYS)
    check = registry().get(node["check"].text())
    if check is None:
        name = node["check"].text()
        raise node["check"].wrong(
            Words(
                f"没有校验 '{name}'；现有：{choices(registry())}",
                f"no check '{name}'; there are: {choices(registry())}",
            )
        )
    return Rule(
        code=node["code"].text(),
        name=_words(node["name"]),
        group=node["group"].choice(*GROUPS),
        severity=node["severity"].choice(*SEVERITIES),
        field=node["field"].choice(*ACCOUNT_FIELDS, *CONTACT_FIELDS, *FLAT_FIELDS),
        check=check,
        params=_params(node, check, codes),
        ceiling=node["ceiling"].choice("A", "B", "C", "N"),
        needs=_needs(node),
        after=_texts(node, "after"),
        message=_words(node["message"]),
        reason=node["reason"].text(),
        examples=tuple(_example(example) for example in _list(node, "examples")),
    )


def _example(node: Node) -> Mapping[str, Any]:
    """What it describes; a misspelled name would describe a clean account."""
    node.only("given", "contacts", "accounts", "extra", "fires")["fires"].texts()
    changes = [*_list(node, "accounts"), *([] if (given := node.get("given")) is None else [given])]
    for account in changes:
        account.only(*ACCOUNT_FIELDS, *CONTACT_FIELDS)
    for contact in _list(node, "contacts"):
        contact.only(*CONTACT_FIELDS)
    if (extra := node.get("extra")) is not None:
        extra.only(*EXTRAS)
    return cast("Mapping[str, Any]", node.plain())


def _params(node: Node, check: Check, codes: Tables) -> Mapping[str, object]:
    given = node.get("params")
    values = (
        {}
        if given is None
        else {name: _setting(entry, check, name, codes) for name, entry in given.only(*check.settings).items()}
    )
    absent = [name for name, setting in check.settings.items() if setting.required and name not in values]
    if absent:
        raise node.wrong(
            Words(
                f"校验 '{check.name}' 须在 params 下写明参数 '{absent[0]}'",
                f"the check '{check.name}' needs the setting '{absent[0]}' under params",
            )
        )
    return MappingProxyType(values)


def _setting(node: Node, check: Check, name: str, codes: Tables) -> object:
    setting = check.settings[name]
    kind, known = setting.kind, setting.choices or codes.get(setting.table, ())
    if kind is int:
        return node.integer(0)
    if kind is float:
        return node.number()
    if kind is bool:
        return node.flag()
    if kind == tuple[int, ...]:
        return tuple(_whole(node, one) for one in node.texts())
    given = node.text() if kind is str else node.texts()
    for one in (given,) if isinstance(given, str) else given:
        if known and one not in known:
            there = choices(known)
            raise node.wrong(Words(f"没有选项 '{one}'；可选：{there}", f"no such choice '{one}'; there are: {there}"))
    return given


def _whole(node: Node, text: str) -> int:
    if not text.isdecimal() or len(text) > LONGEST:
        raise node.wrong(Words(f"'{text}' 不是整数", f"'{text}' is not a whole number"))
    return int(text)


LONGEST = 9
"""Digits of a whole number in a list."""


def _needs(node: Node) -> tuple[str, ...]:
    found = _texts(node, "needs")
    for need in found:
        if need not in EXTRAS and need not in REFERENCE_NEEDS:
            inputs = choices((*EXTRAS, *REFERENCE_NEEDS))
            raise node["needs"].wrong(
                Words(f"没有输入 '{need}'；现有：{inputs}", f"no input '{need}'; there are: {inputs}")
            )
    return found


def _there(need: str, archive: Archive, reference: Reference) -> bool:
    return bool(getattr(reference, need)) if need in REFERENCE_NEEDS else need in archive.extra


def _texts(node: Node, key: str) -> tuple[str, ...]:
    found = node.get(key)
    return () if found is None else found.texts()


def _list(node: Node, key: str) -> Sequence[Node]:
    found = node.get(key)
    return () if found is None else found.list()


def _words(node: Node) -> Words:
    node.only("zh", "en")
    return Words(node["zh"].text(), node["en"].text())


# -- evaluating


@dataclass(frozen=True, slots=True)
class Run:
    """What a rule found: its place among the rules, its hits, and the account rows on which its check failed."""

    place: int
    hits: Sequence[Hits]
    failed: npt.NDArray[np.intp]


Runs = Sequence[Run]


def evaluate(
    archive: Archive,
    rules: Sequence[Rule],
    reference: Reference,
    read: Scene | None = None,
    others: Callable[[], Runs] | None = None,
) -> Breakages:
    """Every breakage that no other rule on the same field explains away; rules whose inputs are absent are only counted.

    `read` is a scene of the same accounts of which somebody has read the addresses already. `others` answers what `without_places`
    does, for who lets another process judge them: each half of the rules reads columns of its own.
    """
    configured = _configured(rules)
    absent = {rule.code: needs for rule in configured if (needs := rule.missing(archive, reference))}
    scene = Scene(archive, reference) if read is None else read.over(archive)
    ready = [(place, rule) for place, rule in enumerate(configured) if rule.code not in absent]
    places = _runs([one for one in ready if not one[1].check.last and _about_places(one[1].check)], scene)
    runs = others() if others else without_places(archive, rules, reference, scene)
    found = sorted((*runs, *places), key=lambda run: run.place)
    scene.found += [(configured[run.place].code, hit) for run in found for hit in _breaking(run.hits)]
    found += _runs([one for one in ready if one[1].check.last], scene)
    hits = [hit for run in found for hit in _kept(run, configured, archive)]
    known = (*configured, UNEVALUATED) if any(len(run.failed) for run in found) else configured
    silent = {configured[run.place].code: count for run in found if (count := _unjudged(run.hits))}
    return replace(_suppress(_joined(hits, known, absent)), unjudged=MappingProxyType(silent))


def without_places(
    archive: Archive, rules: Sequence[Rule], reference: Reference, read: Scene | None = None
) -> list[Run]:
    """The runs of the rules that ask for no address and no owner of a flat: half of the work of `evaluate`."""
    scene = Scene(archive, reference) if read is None else read.over(archive)
    ready = [(p, rule) for p, rule in enumerate(_configured(rules)) if not rule.missing(archive, reference)]
    return _runs([one for one in ready if not one[1].check.last and not _about_places(one[1].check)], scene)


def _configured(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule is not UNEVALUATED)


def _about_places(check: Check) -> bool:
    """Whether the check belongs to the half about places: owners of flats are judged with the flats."""
    return "elec_addr" in check.fields or "real_estate_owners" in check.extra


def _runs(rules: Sequence[tuple[int, Rule]], scene: Scene) -> list[Run]:
    """The rules of one batch after the other; what one has found, checks that ask for it see afterwards.

    Readings live as long as their batch, columns as long as a later rule names them.
    """
    found, failed = list[Run](), np.empty(0, dtype=np.intp)
    for batch, some in groupby(sorted(rules, key=_batch), _batch):
        for place, rule in some:
            hits, guilty = _run(rule, scene, failed)
            failed = np.union1d(failed, guilty)
            found.append(Run(place, hits, guilty))
            if rule.check.last:
                scene.found += [(rule.code, hit) for hit in _breaking(hits)]
        scene.keep({name for one in rules if _batch(one) > batch for name in one[1].check.fields})
    return found


def _batch(one: tuple[int, Rule]) -> int:
    """What a rule reads: 0 addresses, 1 certificates and names, 2 numbers (and keys of certificates, which are there by then), 3 none.

    In this order rules are run, so that each kind of text is read for one batch only.
    """
    fields = one[1].check.fields
    return 0 if "elec_addr" in fields else 2 if "mobile" in fields else 1 if _PERSONAL.intersection(fields) else 3


_PERSONAL = frozenset(("cons_name", "cert_no", "contact_name"))


def _kept(run: Run, rules: Sequence[Rule], archive: Archive) -> list[tuple[int, Hits]]:
    """A rule's hits, and a finding of its own on each account on which it failed."""
    hits = [(run.place, hit) for hit in _breaking(run.hits) if len(hit.rows)]
    if len(run.failed):
        hits += [(len(rules), hit) for hit in _unevaluated(rules[run.place], archive, run.failed)]
    return hits


def _breaking(hits: Iterable[Hits]) -> list[Hits]:
    return [hit for hit in hits if hit.field != UNJUDGED]


def _unjudged(hits: Iterable[Hits]) -> int:
    return sum(len(hit.rows) for hit in hits if hit.field == UNJUDGED)


# -- accounts on which a rule fails


def _run(rule: Rule, scene: Scene, suspects: npt.NDArray[np.intp]) -> tuple[Sequence[Hits], npt.NDArray[np.intp]]:
    """The rule's hits, and the account rows on which its check fails; the other accounts are judged without them."""
    try:
        return rule.check.run(scene, **rule.params), np.empty(0, dtype=np.intp)
    except Exception:  # noqa: BLE001 - whatever a check stumbles over, the other accounts go on
        everyone = np.arange(len(scene.archive))
        guilty = suspects
        if not len(suspects) or _fails(rule, scene, np.setdiff1d(everyone, suspects)):
            guilty = _guilty(rule, scene, everyone)
        kept = np.setdiff1d(everyone, guilty)
        return _judged_alone(rule, scene, kept), guilty


def _guilty(rule: Rule, scene: Scene, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The rows on which the check fails, by halving; where both halves hold and the whole fails, all of them."""
    if len(rows) < 2:
        return rows
    halves = [half for half in np.array_split(rows, 2) if _fails(rule, scene, half)]
    if not halves:
        return rows
    return np.concatenate([_guilty(rule, scene, half) for half in halves])


def _fails(rule: Rule, scene: Scene, rows: npt.NDArray[np.intp]) -> bool:
    try:
        _judged_alone(rule, scene, rows)
    except Exception:  # noqa: BLE001 - the answer is that it fails
        return True
    return False


def _judged_alone(rule: Rule, scene: Scene, rows: npt.NDArray[np.intp]) -> list[Hits]:
    """The check's hits on these rows only, in the numbering of the whole archive."""
    archive = scene.archive
    part = archive.subset(rows)
    mine = np.flatnonzero(np.isin(archive.contact_of, rows))
    found = rule.check.run(Scene(part, scene.reference), **rule.params)
    return [
        replace(
            hit,
            rows=rows[hit.rows].astype(np.int32),
            contacts=np.where(hit.contacts == MISSING, MISSING, mine[hit.contacts] if len(mine) else MISSING).astype(
                np.int32
            ),
        )
        for hit in found
    ]


def _unevaluated(rule: Rule, archive: Archive, rows: npt.NDArray[np.intp]) -> list[Hits]:
    failing = np.zeros(len(archive), dtype=np.bool_)
    failing[rows] = True
    return flagged("cons_no", archive.column("cons_no"), failing, Detail(params={"rule": rule.code}))


def _nothing(scene: Scene, **settings: object) -> list[Hits]:  # noqa: ARG001 - the shape of a check
    return []


UNEVALUATED = Rule(
    code="RULE",
    name=Words("规则无法判定", "a rule could not be evaluated"),
    group="basic",
    severity="S4",
    field="cons_no",
    check=Check("rules.unevaluated", _nothing, (), (), {}),
    params={},
    ceiling="C",
    needs=(),
    after=(),
    message=Words("规则 {rule} 在该户上无法判定", "the rule {rule} could not be evaluated on this account"),
    reason="A check that fails on an account is a finding of its own; the other accounts go on.",
    examples=(),
)
"""Stands for accounts on which some rule's check failed; it is no configured rule and has no file."""


def _joined(
    hits: Sequence[tuple[int, Hits]], rules: tuple[Rule, ...], absent: Mapping[str, tuple[str, ...]]
) -> Breakages:
    fields = tuple(dict.fromkeys(hit.field for _, hit in hits))
    starts = np.cumsum([0, *(len(hit.details) for _, hit in hits)])
    return Breakages(
        rules=rules,
        fields=fields,
        details=tuple(detail for _, hit in hits for detail in hit.details),
        rule=_column([np.full(len(hit.rows), place) for place, hit in hits]),
        row=_column([hit.rows for _, hit in hits]),
        contact=_column([hit.contacts for _, hit in hits]),
        field=_column([np.full(len(hit.rows), fields.index(hit.field)) for _, hit in hits]),
        detail=_column([hit.codes + start for (_, hit), start in zip(hits, starts, strict=False)]),
        not_evaluated=MappingProxyType(dict(absent)),
    )


def _column(pieces: Sequence[npt.NDArray[np.integer]]) -> Codes:
    return np.concatenate(pieces).astype(np.int32) if pieces else np.empty(0, dtype=np.int32)


def _suppress(found: Breakages) -> Breakages:
    """Drop what another rule's breakage on the same cell explains; a cause counts even where it was itself explained away."""
    cell = found.row.astype(np.int64) * max(len(found.fields), 1) + found.field
    place_of = {rule.code: place for place, rule in enumerate(found.rules)}
    explained = np.zeros(len(found), dtype=np.bool_)
    for place, rule in enumerate(found.rules):
        mine = np.flatnonzero(found.rule == place)
        causes = np.flatnonzero(np.isin(found.rule, [place_of[code] for code in rule.after if code in place_of]))
        if len(mine) and len(causes):
            explained[mine] = _same_cell(cell, found.contact, mine, causes)
    kept = ~explained
    return replace(
        found,
        rule=found.rule[kept],
        row=found.row[kept],
        contact=found.contact[kept],
        field=found.field[kept],
        detail=found.detail[kept],
        suppressed=int(explained.sum()),
    )


def _same_cell(
    cell: npt.NDArray[np.int64], contact: Codes, mine: npt.NDArray[np.intp], causes: npt.NDArray[np.intp]
) -> Flags:
    """Which of `mine` share account, field and contact row with a cause; a cause without a contact row covers all of them."""
    width = int(contact.max(initial=0)) + 2
    exact = np.isin(cell[mine] * width + contact[mine], cell[causes] * width + contact[causes])
    return exact | np.isin(cell[mine], cell[causes[contact[causes] == MISSING]])


# -- passing


def pass_rates(size: int, breakages: Breakages, severities: Mapping[str, Iterable[str]]) -> dict[str, Flags]:
    """Which of `size` accounts have no open finding of a counted severity, for each group: group → boolean array."""
    found = {}
    for group, counted in severities.items():
        wanted = frozenset(counted)
        failing = np.array(
            [rule.group == group and rule.severity in wanted for rule in breakages.rules], dtype=np.bool_
        )
        passes = np.ones(size, dtype=np.bool_)
        passes[breakages.row[failing[breakages.rule]]] = False
        found[group] = passes
    return found
