"""The configured rules as a document for people: what each checks, how it is set, and what it takes for a finding."""

import json
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any, Protocol

from core.words import Language, Words

FAMILIES = {
    "ID": Words("证件", "certificates"),
    "NM": Words("户名", "names"),
    "PH": Words("电话", "phones"),
    "AD": Words("地址", "addresses"),
    "MT": Words("计量与电价", "metering and prices"),
    "AM": Words("档案", "the archive"),
    "SV": Words("普查与回填", "surveys and back-filling"),
}
HEAD = """# 规则 · Rules

由 `run.py rules --markdown` 从 `config/rules/` 生成，不要手改。 Generated from `config/rules/`; do not edit it by hand.

级别 S1 最重。上限：该规则的异常最宽可到哪一类（A 确定性修复、B 多源印证、C 人工、N 不写入）。缺输入的规则计为“未评估”，绝不算通过。
S1 is the gravest. Ceiling: the laxest class that a finding may have. A rule whose inputs are absent is *not evaluated*, never a pass.
"""


class Rule(Protocol):
    """What is asked of a rule."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> Words: ...
    @property
    def group(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def ceiling(self) -> str: ...
    @property
    def needs(self) -> tuple[str, ...]: ...
    @property
    def after(self) -> tuple[str, ...]: ...
    @property
    def params(self) -> Mapping[str, object]: ...
    @property
    def message(self) -> Words: ...
    @property
    def reason(self) -> str: ...
    @property
    def examples(self) -> tuple[Mapping[str, Any], ...]: ...


def rows(rules: Sequence[Rule], language: Language, off: Collection[str] = ()) -> list[dict[str, object]]:
    """One row per rule, for a table or for JSON; `off` are the codes that a site has switched off."""
    return [
        {"code": r.code, "state": "off" if r.code in off else "on", "name": r.name.say(language), "group": r.group, "severity": r.severity, "field": r.field,
         "ceiling": r.ceiling, "needs": " ".join(r.needs), "after": " ".join(r.after)}
        for r in sorted(rules, key=lambda r: r.code)
    ]  # fmt: skip


def markdown(rules: Sequence[Rule], off: Collection[str] = ()) -> str:
    """The whole document: per family a table, then what each rule says, how it is set and its examples."""
    known = list(FAMILIES)
    ordered = sorted(rules, key=lambda r: (known.index(r.code[:2]) if r.code[:2] in known else len(known), r.code))
    parts = [HEAD]
    for family, members in groupby(ordered, key=lambda r: r.code[:2]):
        title = FAMILIES.get(family, Words(family, family))
        parts.append(_family(title, list(members), off))
    return "\n".join(parts)


def _family(title: Words, rules: Sequence[Rule], off: Collection[str]) -> str:
    lines = [
        f"## {title.zh} · {title.en}",
        "",
        "| 编码 | 状态 | 名称 | 组 | 级 | 字段 | 上限 | 需要 | 先因 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.code} | {'停用 off' if r.code in off else '启用 on'} | {r.name.zh}<br>{r.name.en} | {r.group} | {r.severity} | `{r.field}` | {r.ceiling} |"
        f" {' '.join(r.needs)} | {' '.join(r.after)} |"
        for r in rules
    ]
    return "\n".join([*lines, "", *(line for r in rules for line in _details(r)), ""])


def _details(rule: Rule) -> list[str]:
    settings = "；".join(f"`{name}` = {_shown(value)}" for name, value in rule.params.items())
    return [
        f"- **{rule.code}** {rule.message.zh} — {rule.message.en}"
        + (f"  参数 settings：{settings}" if settings else ""),
        f"  {rule.reason}",
        *(f"  - {_example(example)}" for example in rule.examples),
    ]


def _example(example: Mapping[str, Any]) -> str:
    """What the example gives, as one line of JSON, and the exact set of codes that fires."""
    given = {name: value for name, value in example.items() if name != "fires"}
    codes = " ".join(example.get("fires", ())) or "– (无 none)"
    return f"`{json.dumps(given, ensure_ascii=False)}` → {codes}"


def _shown(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else str(value)
