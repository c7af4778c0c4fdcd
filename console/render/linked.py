"""What linking found, as figures, as a few lines, and as one offline page: weights, keys, probabilities, pairs step by step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.words import Language, Words, language
from matchers.link import Linked, asked, score
from matchers.link.calibrate import NONE
from matchers.link.engine import LEAST
from matchers.link.judge import Outcome, Quality
from matchers.link.labels import SURE
from matchers.link.spec import Field

SHOWN = 8
"""Pairs that are shown of each sort."""
CLIP = 1e-9
"""Probabilities nearer to 0 or 1 than this say no more of their rivals."""
EACH = 2
"""Pairs of values that are shown of each level of a field."""

WARNINGS = {
    "recall": Words(
        "分块键估计只找到 {recall} 的真实配对；请增加键，或不写 keys 让程序从数据中选择",
        "the keys are estimated to find only {recall} of the true pairs; add keys, or leave `keys` out to have them proposed",
    ),
    "recall_proposed": Words(
        "程序选出的键估计只找到 {recall} 的真实配对；请加能找到其余的字段，或自己写 keys",
        "the keys that were proposed are estimated to find only {recall} of the true pairs; add fields that bring the others, or write `keys`",
    ),
    "repeated": Words(
        "{share} 的记录有几个同样可信、彼此也相同的对应，而 SPEC 写的是 assign: {assign}；请改为 assign: {better}",
        "{share} of the records have several counterparts, equally sure and the same thing, but the spec says assign: {assign};"
        " write assign: {better}",
    ),
    "dropped": Words(
        "键 {keys} 有 {values} 个过于常见的值，{dropped} 对被舍去，估计其中含全部真配对的 {share}，别的键找不到；请给这些键再加一个字段，或调高 max_block",
        "{values} values of the keys {keys} are shared by too many records: {dropped} pairs were dropped, and with them an estimated {share}"
        " of all true pairs, which no other key finds; add a field to those keys, or raise max_block",
    ),
    "follows": Words(
        "字段 {coarse} 由 {fine} 决定（{share}）：两栏不是两件证据，{coarse} 相同在 {fine} 相同之外几乎不再说明什么；程序已合起来算",
        "field {coarse} follows from {fine} ({share}): the two are one piece of evidence, and were reckoned together",
    ),
    "cut": Words(
        "可能的对太多，内存放不下：只留下概率高于 {probability} 的 {pairs} 对，其余的不在结果里，也没有交给人；刚过界限的对，对手可能已舍去，概率会偏高；请给更多 --memory，或加能分清的字段",
        "too many pairs are possible for the memory that was given: only the {pairs} pairs above {probability} are kept, the others are in no result;"
        " of pairs just above that, rivals may be gone, so that they claim too much; give more --memory, or add fields that tell them apart",
    ),
    "alike": Words(
        "{records} 条记录（{crowds} 批）所比的字段全都相同，但凭这些字段说不准是不是同一对象，没有算作配对；请加能分清的字段",
        "{records} records ({crowds} crowds) are equal in all fields that are compared, which say too little to make one thing of them: they were not"
        " matched; add fields that tell them apart",
    ),
    "beside_first": Words(
        "{crowds} 批记录两边所比的字段全都相同，每批的对超过 {limit}（max_block）：每条只与另一边的第一条成对",
        "{crowds} crowds of records are equal in all fields on both sides, with more than {limit} pairs each (max_block): each record is paired with the"
        " other file's first one only",
    ),
    "tangled": Words(
        "太多记录连成一片，内存放不下：成组时没有看其中最弱的 {pairs} 对；请给更多 --memory，或加能分清的字段",
        "too many records hang together for the memory that was given: clusters were made without the {pairs} weakest pairs between them;"
        " give more --memory, or add fields that tell them apart",
    ),
    "crowded": Words(
        "{clusters} 组的记录多于 {size} 条，组内的对太多，内存放不下：这些组只写出每条与组里第一条的对，同组的看 cluster 列",
        "{clusters} clusters have more than {size} records, and memory has no room for all their pairs: of these, each record is written with the"
        " cluster's first one only; the column cluster tells who belongs together",
    ),
    "few": Words(
        "估计只有 {matches} 对真配对，太少，学不出可信的概率；请人核对结果，或给出 --labels",
        "only about {matches} true pairs are expected: too few to learn from; have the result checked, or give --labels",
    ),
    "alone": Words(
        "几乎只有字段 {field} 说明问题，没有别的字段来验证它；概率只是次序，不是准确率",
        "hardly any field but {field} tells anything, so nothing confirms it; probabilities are an order, no precision",
    ),
    "astray": Words(
        "学到的“同一对象”中 {share} 的 {field} 完全不同：学习可能走偏，概率不可信；请检查该列与 kind，或给出 --labels",
        "of what was learned to be matches {share} differ altogether in {field}: learning has probably gone astray, do not trust the"
        " probabilities; check the column and its kind, or give --labels",
    ),
    "bound": Words(
        "学到的配对数（{matches}）到了上限：几乎每条记录都被认为有对应，概率不可信；请检查字段与 assign",
        "the number of matches that was learned ({matches}) ran to its bound: do not trust the probabilities; check the fields and assign",
    ),
    "unsure": Words(
        "这些字段分不清：自己估计的准确率只有 {precision}，实际可能更低；请加字段，或写 tolerated_error: 0.01 只留有把握的",
        "the fields tell too little apart: the expected precision is only {precision}, and the real one may be lower; add fields, or write"
        " tolerated_error: 0.01 to keep what is sure",
    ),
    "missed": Words(
        "估计共有约 {matches} 对真配对，只找到其中 {recall}：其余的没有键找到，或与别人分不清",
        "about {matches} true pairs are expected, and only {recall} of them are matched: no key finds the others, or they cannot be told from others",
    ),
    "no_pairs": Words("没有一个键找到配对；请检查各列与键", "no key found a pair; check the columns and the keys"),
    "unknown": Words(
        "{file} 的 {rows} 条记录中有 {unknown} 条的编号不在文件里，没有算：请检查 left_id、right_id 是否写反，编号是否少了前面的零，或是别的文件的",
        "{unknown} of the {rows} records of {file} name ids that are in no file, and do not count: see whether left_id and right_id are"
        " exchanged, or the ids lack their leading zeros or are another file's",
    ),
    "overruled": Words(
        "人判为“是”的有 {pairs} 对没有成立（第一对：左表第 {left} 条、右表第 {right} 条记录）：同一条记录有几个“是”，而 assign: {assign} 只许一个对应；"
        "都要留下就写 assign: {better}",
        "{pairs} pairs that people called a match do not stand (the first: record {left} of the left file, {right} of the right one): a record is in several"
        " of them, and assign: {assign} allows it one counterpart; to keep them all write assign: {better}",
    ),
    "unassigned": Words(
        "SPEC 写了 assign，而只有一个文件：查重时同一对象有几条就归几条，assign 不起作用，可以删去",
        "the spec says assign, but there is one file: duplicates of a thing are as many as there are, and assign has no effect; leave it out",
    ),
    "contrary": Words(
        "人判为“是”的有 {pairs} 对没有成立（第一对：第 {left} 条与第 {right} 条记录）：连起来会把判为“否”的两条放进同一组，以“否”为准；请改正其中的判定",
        "{pairs} pairs that people called a match do not stand (the first: records {left} and {right}): they would join two records that people called no"
        " match, and the no stands; correct one of these decisions",
    ),
    "sheets": Words(
        "{file} 只读了第一张工作表，没有读：{sheets}；要用别的工作表，请把它移到最前或另存",
        "of {file} only the first sheet was read, not: {sheets}; to use another, move it to the front",
    ),
    "twins": Words(
        "{file} 有几列都叫 {column}：用的是第一列；要用第二列就写 {column} (2)",
        "{file} has several columns {column}: the first was used; the second one is called {column} (2)",
    ),
    "idle": Words(
        "学到的“同一对象”中 {share} 的 {field} 完全不同，陌生人也一样：它不说明问题；请看左右两列是不是同一样东西",
        "of what was learned to be matches {share} differ altogether in {field}, as strangers do: it tells nothing; see whether"
        " its two columns hold the same thing",
    ),
    "bare": Words("{file} 没有记录（只有表头）", "{file} has no record (a header alone)"),
    "empty": Words(
        "字段 {field} 有一方没有任何值，不说明任何问题", "field {field} has no value at all on a side, and says nothing"
    ),
}
MISSING = Words("至少一方为空", "missing")
REASONS = {
    "linked": Words("已配对", "linked"),
    "possible": Words("待人工确认", "possible, for a person"),
    "lost": Words("候选与更可信的一方配对", "its candidate went to a likelier record"),
    "unlikely": Words("有候选，但可能性太低", "candidates, but too unlikely"),
    "none": Words("没有任何候选：没有键找到", "no candidate at all: no key found one"),
}

VERDICTS = {
    "linked": Words("配对", "a match"),
    "joined": Words("配对：由同组的其他记录连起来", "a match: other records of the cluster join the two"),
    "possible": Words("待人工确认", "possible, for a person"),
    "unfound": Words(
        "不是配对：没有键找到它（概率未计竞争者）", "no match: no key found it (rivals not reckoned with)"
    ),
    "lost": Words("不是配对：输给更可信者", "no match: it lost to a likelier pair"),
    "denied": Words("不是配对：人的判定", "no match: a person said so"),
    "unlikely": Words("不是配对：可能性太低", "no match: too unlikely"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a pair's waterfall, in bits (log₂ odds)."""

    name: str
    left: str
    right: str
    words: str
    bits: float
    start: float


@dataclass(frozen=True, slots=True)
class Shown:
    """One pair on the page."""

    ids: tuple[str, str]
    probability: float
    verdict: str
    steps: tuple[Step, ...]

    @property
    def bits(self) -> float:
        """What the steps come to."""
        return sum(step.bits for step in self.steps)


def figures(outcome: Outcome) -> dict[str, Any]:
    """The run's figures, by the names that programs rely on."""
    found = outcome.found
    told: dict[str, Any] = {
        "left": outcome.sizes[0],
        "right": outcome.sizes[1],
        "candidates": found.candidates if found else 0,
        "matches": outcome.count("match"),
        "possible": outcome.count("possible"),
        "seconds": round(outcome.seconds, 2),
    }
    if found:
        told |= {
            "threshold": round(found.threshold, 4),
            "keys": ["+".join(map(str, b.key)) for b in found.blocks],
            "dropped": sum(b.dropped for b in found.blocks),
            "recall_of_keys": round(found.model.recall, 4),
        }
        if found.taught:
            told["labels"] = {"yes": found.taught.yes, "no": found.taught.no, "otherwise": found.taught.otherwise,
                              "moved_bits": {name: round(bits, 2) for name, bits in found.taught.moved}}  # fmt: skip
    if outcome.one_file:
        groups = found.clusters if found else None
        told["clusters"] = 0 if groups is None else len(np.unique(groups))
    told["warnings"] = [sentence(w.code, w.params, language()) for w in outcome.warnings]
    if outcome.expected:
        told |= {f"estimated_{name}": value for name, value in _quality(outcome.expected).items()}
    if outcome.quality:
        told |= _quality(outcome.quality)
    return told


def _quality(quality: Quality) -> dict[str, float]:
    return {"precision": round(quality.precision, 5), "recall": round(quality.recall, 5), "f1": round(quality.f1, 5)}


def sentence(code: str, params: Mapping[str, object], to: Language) -> str:
    """A warning in words; large numbers in groups of three digits."""
    return WARNINGS[code].say(to, {k: f"{v:,}" if isinstance(v, int) else v for k, v in params.items()})


def told(figures: Mapping[str, Any], to: Language) -> str:
    """A few lines for people."""
    say = (lambda zh, _: zh) if to == "zh" else (lambda _, en: en)
    left, right = f"{figures['left']:,}", f"{figures['right']:,}"
    records = (
        say(f"{left} 条记录", f"{left} records")
        if "clusters" in figures
        else say(f"左 {left} 条，右 {right} 条", f"{left} left and {right} right records")
    )
    lines = [
        records + say(f"，候选 {figures['candidates']:,} 对", f", {figures['candidates']:,} candidates"),
        say(
            f"配对 {figures['matches']:,}，待确认 {figures['possible']:,}（{figures['seconds']} 秒，内存峰值 {figures['peak_mb']} MB）",
            f"{figures['matches']:,} matches, {figures['possible']:,} possible ({figures['seconds']} s, {figures['peak_mb']} MB)",
        ),
    ]
    if judged := shares(figures, to):
        source, some = judged
        lines.append(
            say(f"{source}：", f"{source}: ") + say("，", ", ").join(f"{name} {share}" for name, share in some)
        )
    if labels := figures.get("labels"):
        lines.append(
            say(
                f"人的判定：是 {labels['yes']}，否 {labels['no']}；其中 {labels['otherwise']} 对程序原会另作判断",
                f"decided by people: {labels['yes']} yes, {labels['no']} no; {labels['otherwise']} of them the model alone would hold for the contrary",
            )
        )
    lines += [f"{say('注意：', 'note: ')}{warning}" for warning in figures.get("warnings", ())]
    lines.append(say(f"结果：{figures['out']}", f"pairs: {figures['out']}"))
    if "report" in figures:
        lines.append(say(f"说明页：{figures['report']}", f"report: {figures['report']}"))
    if "beside" in figures:
        lines.append(say(f"并排对照：{figures['beside']}", f"side by side: {figures['beside']}"))
    return "\n".join(lines)


def shares(figures: Mapping[str, Any], to: Language) -> tuple[str, list[tuple[str, str]]] | None:
    """Where they come from, and precision, recall and F1 in words and digits; None where nothing was judged.

    Where nothing was matched there is no precision.
    """
    say = (lambda zh, _: zh) if to == "zh" else (lambda _, en: en)
    source, before = say("对照真值", "against the truth"), ""
    if "f1" not in figures:
        source, before = say("估计", "estimated"), "estimated_"
    if f"{before}f1" not in figures:
        return None
    precision = f"{figures[f'{before}precision']:.4f}" if figures["matches"] else "—"
    some = [(say("准确率", "precision"), precision), (say("召回率", "recall"), f"{figures[f'{before}recall']:.4f}")]
    return source, some if before else [*some, ("F1", f"{figures['f1']:.4f}")]


def write(
    path: Path, outcome: Outcome, left: Any, right: Any, fields: Sequence[Field], files: Sequence[str] = ()
) -> None:
    """The page on these `files`; it shows values of single records, because it was asked for by name."""
    to = language()
    env = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["say"] = lambda zh, en: zh if to == "zh" else en
    found = outcome.found
    told = figures(outcome)
    page = env.get_template("linked.html").render(
        found=found,
        files=files,
        figures=told,
        judged=shares(told, to),
        histogram=_histogram(found) if found else [],
        correction=_correction(found) if found else [],
        reasons=_reasons(found, to) if found else [],
        language=to,
        **(_shown(found, outcome, left, right, fields, to) if found else {}),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def _shown(
    found: Linked, outcome: Outcome, left: Any, right: Any, fields: Sequence[Field], to: Language
) -> dict[str, Any]:
    """What shows single records: fields with examples of each level, pairs asked for, samples; each column is read once."""
    examples = [_examples(found, place) for place in range(len(found.fields))]
    sorts = _sorts(found, to)
    kept, wanted = len(found.left), np.zeros(0, dtype=np.int32)
    if outcome.asked:
        found, wanted = asked.among(found, *outcome.asked)
    places = np.concatenate([*(some for levels in examples for some in levels), *(some for _, some in sorts), wanted])
    sides = tuple(
        {one.name: _values(given[column], rows[places]) for one, column in zip(fields, columns, strict=True)}
        for given, rows, columns in (
            (left, found.left, [one.left for one in fields]),
            (left, found.right, [one.left for one in fields])
            if right is None
            else (right, found.right, [one.right for one in fields]),
        )
    )

    def shown(some: Any) -> list[Shown]:
        return [pair(found, outcome, int(place), sides, to, kept=place < kept) for place in some]

    return {
        "fields": _fields(found, examples, sides, to),
        "asked": shown(wanted),
        "samples": [(title, shown(some)) for title, some in sorts],
    }


Sides = tuple[Mapping[str, Mapping[int, str]], ...]
"""Left and right: field → row → the value as it stands there."""


def _values(column: Any, rows: Any) -> dict[int, str]:
    known = np.unique(rows)
    return dict(zip(known.tolist(), (v or "" for v in column.take(pa.array(known)).to_pylist()), strict=True))


def _examples(found: Linked, place: int) -> list[Any]:
    """Of each level of a field, the likeliest pairs that have it and were not told apart by another: their places."""
    order = np.argsort(-found.probability, kind="stable")
    levels = found.levels[order, place]
    return [order[np.flatnonzero(levels == n)[:EACH]] for n in range(len(found.fields[place].kind.levels))]


def _fields(found: Linked, examples: Sequence[Sequence[Any]], sides: Sides, to: Language) -> list[dict[str, Any]]:
    """Each field's levels, best first: words, m, u and weight, and values that are on it."""
    rows = []
    for place, one in enumerate(found.fields):
        weights = found.model.weights(place)
        m, u = found.model.m[place], found.model.u[place]
        levels = [
            {
                "words": one.kind.levels[n].say(to), "m": float(m[n]), "u": float(u[n]), "bits": float(weights[n]),
                "examples": [tuple(side[one.name][int(rows[p])] for side, rows in zip(sides, (found.left, found.right), strict=True))
                             for p in examples[place][n]],
            }
            for n in reversed(range(len(weights)))
            if m[n] > 1e-4 or n in (0, len(weights) - 1)
        ]  # fmt: skip
        rows.append({"name": one.name, "levels": levels, "absent": one.absent})
    return rows


def _histogram(found: Linked) -> list[dict[str, float]]:
    """Pairs that stand, by probability: how many, and how many of them are expected to be right."""
    edges = (0.01, 0.05, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0001)
    rows = []
    for low, high in pairwise(edges):
        some = found.probability[(found.probability >= low) & (found.probability < high)]
        rows.append(
            {"low": low, "high": min(high, 1.0), "count": len(some), "mean": float(some.mean()) if len(some) else 0.0}
        )
    return rows


def _correction(found: Linked) -> list[tuple[float, float]]:
    """Evidence in bits and what is made of it, where losers corrected it."""
    held = found.correction
    return (
        [(place, place + bits) for place, bits in zip(held.places.tolist(), held.bits.tolist(), strict=True)]
        if held is not NONE
        else []
    )


def _reasons(found: Linked, to: Language) -> list[tuple[str, list[int]]]:
    """What became of the records of each side; of one file there is one side."""
    likely = (
        (2, (found.decision == 0) & (found.bits > 0)),
        (3, found.decision == 1),
        (4, found.decision == 2),
    )
    states = [met.astype(np.int8) for met in found.met]
    for value, pairs in likely:
        for state, rows in zip(states, (found.left, found.right), strict=True):
            state[rows[pairs]] = np.maximum(state[rows[pairs]], value)
    if found.one_file:
        states = [np.maximum(*states)]
    counts = [np.bincount(state, minlength=5) for state in states]
    order = ((4, "linked"), (3, "possible"), (2, "lost"), (1, "unlikely"), (0, "none"))
    return [(REASONS[name].say(to), [int(count[n]) for count in counts]) for n, name in order]


def _sorts(found: Linked, to: Language) -> list[tuple[str, Any]]:
    """Sorts of pairs, and the places of some of each."""
    say = (lambda zh, _: zh) if to == "zh" else (lambda _, en: en)
    margin = np.abs(found.probability - found.threshold)
    sorts = (
        (say("刚好成立的配对", "matches that only just stand"), found.decision == 2, margin),
        (say("差一点的配对", "pairs that only just fail"), (found.decision < 2) & (found.bits < 60), margin),
        (
            say("输给更可信者", "pairs that lost to a likelier one"),
            (found.decision < 2) & (found.bits > 3),
            -found.bits,
        ),
        (say("最有把握的配对", "the surest matches"), found.decision == 2, -found.bits),
    )
    chosen = []
    for title, which, rank in sorts:
        places = np.flatnonzero(which)
        chosen.append((title, places[np.argsort(rank[places], kind="stable")][:SHOWN]))
    return chosen


def _decided(found: Linked, place: int) -> bool:
    """Whether a person decided the pair."""
    return found.taught is not None and abs(found.bits[place]) == SURE


def _verdict(found: Linked, place: int, *, kept: bool) -> str:
    """What became of a pair; `kept`: whether linking itself kept it. A key of VERDICTS."""
    if found.decision[place] == 2:
        return "linked" if found.probability[place] >= found.threshold else "joined"
    if found.decision[place] == 1:
        return "possible"
    if _decided(found, place):
        return "denied"
    if not kept and found.probability[place] >= LEAST:
        return "unfound"
    return "lost" if found.bits[place] > 0 else "unlikely"


def pair(found: Linked, outcome: Outcome, place: int, sides: Sides, to: Language, *, kept: bool = True) -> Shown:
    """One pair's waterfall: the prior, each field, how rare the values are, what goes together or people decided, and rivals."""
    say = (lambda zh, _: zh) if to == "zh" else (lambda _, en: en)
    a, b = int(found.left[place]), int(found.right[place])
    levels = found.levels[place]
    rows: list[tuple[str, str, str, str, float]] = [
        (say("起点", "to begin with"), "", "", say("任意两条记录", "any two records"), found.model.prior)
    ]
    for n, one in enumerate(found.fields):
        level = int(levels[n])
        values = [side[one.name][row] for side, row in zip(sides, (a, b), strict=True)]
        bits = float(found.model.weights(n)[level]) if level >= 0 else 0.0
        words = one.kind.levels[level].say(to) if level >= 0 else MISSING.say(to)
        if level == one.kind.top:
            rare = float(score.rarity(one, float(found.model.u[n][-1]), sum(found.sizes))[one.left[a]])
            words += say(f"（值的稀有度 {rare:+.1f}）", f" (rarity {rare:+.1f})")
            bits += rare
        rows.append((one.name, values[0], values[1], words, bits))
    rest = float(found.bits[place]) - sum(row[4] for row in rows)
    if _decided(found, place):
        rows.append((say("人的判定", "a person"), "", "", say("见 --labels", "see --labels"), rest))
    elif abs(rest) > 0.05:
        rows.append(
            (
                say("合起来", "together"),
                "",
                "",
                say(
                    "同住者、双胞胎，一同相同的字段，或多处同时变更",
                    "relatives, fields that agree together, or several changes at once",
                ),
                rest,
            )
        )
    chance = float(np.clip(found.probability[place], CLIP, 1 - CLIP))
    held = float(found.correction.at(found.bits[place : place + 1])[0])
    if abs(held) > 0.05 and not _decided(found, place):
        words = say("这样相像、却确知不是同一对象的对有多少", "how many pairs that are alike so are known to be wrong")
        rows.append((say("校正", "correction"), "", "", words, held))
    rivals = float(np.log2(chance / (1 - chance))) - float(found.bits[place]) - held
    sure = not CLIP < chance < 1 - CLIP and (chance > 0.5) == (found.bits[place] > 0)
    if abs(rivals) > 0.05 and not sure:
        rows.append(
            (say("竞争者", "rivals"), "", "", say("同一记录的其他候选", "other candidates of the same records"), rivals)
        )
    steps, start = [], 0.0
    for name, x, y, words, bits in rows:
        steps.append(Step(name, x, y, words, bits, start))
        start += bits
    ids = (str(outcome.left_ids[a].as_py()), str(outcome.right_ids[b].as_py()))
    verdict = VERDICTS[_verdict(found, place, kept=kept)].say(to)
    return Shown(ids, float(found.probability[place]), verdict, tuple(steps))
