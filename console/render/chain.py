"""A link of `run.py explain` as a sentence for people: who said, decided or typed what."""

from collections.abc import Mapping
from typing import Any, Protocol

from console.render.tables import LIFE
from console.render.texts import CLASSES, DISPOSITIONS, SOURCES, STATES, VERDICTS, said, told
from core.model import Link as Found
from core.words import Language, Words
from matchers import gate
from matchers.link import told as linked


class Link(Protocol):
    """What is asked of a link; no value in it is unmasked."""

    @property
    def what(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def detail(self) -> Mapping[str, Any]: ...


SENTENCES = {
    "finding": Words("规则 {who} 报异常（{severity} 级，{class}）", "rule {who} found something ({severity}, {class})"),
    "source": Words("{who}给出 {value}", "{who} says {value}"),
    "verdict": Words("{who}核验：{verdict}", "{who} answers: {verdict}"),
    "proposal": Words(
        "建议 {who}：{before} → {after}，{class}，{disposition}，现{state}",
        "proposal {who}: {before} → {after}, {class}, {disposition}, now {state}",
    ),
    "decision": Words("{who} 决定：{verdict}（{via}）", "{who} decided: {verdict} ({via})"),
    "item": Words("工单 {who}（{screen}）：{state}", "item {who} ({screen}): {state}"),
    "intent": Words(
        "工单 {who} 写入 {before} → {typed}，回读 {after}：{outcome}（批次 {run}）",
        "item {who} typed {before} → {typed}, read back {after}: {outcome} (run {run})",
    ),
}
TAILS = {
    "closed": Words("，{closed} 消除", ", closed on {closed}"),
    "batch": Words("（{batch} 第 {row} 行 {column} 列）", " ({batch}, row {row}, column {column})"),
    "note": Words(" {note}", " {note}"),
    "linked": Words("（{linked}）", " ({linked})"),
    "subcode": Words("（{subcode}）", " ({subcode})"),
    "reasons": Words("；未满足：{reasons}", "; failed: {reasons}"),
    "reason": Words("，{reason}", ", {reason}"),
    "order": Words("，变更工单 {order}", ", order {order}"),
}
"""What is added where there is something to say, in this order."""
ANSWERS = {
    "consistent": Words("一致", "consistent"),
    "inconsistent": Words("不一致", "inconsistent"),
    "no_record": Words("查无记录", "no record"),
    "not_in_service": Words("不在服务中", "not in service"),
    "reassigned": Words("已二次放号", "reassigned"),
    "unsupported": Words("不支持", "unsupported"),
    "error_retry": Words("出错，可重试", "error, to be asked again"),
    "error_final": Words("出错", "error"),
    "listed": Words("列有此处，未说明属于哪一户", "listed, whose it is is not said"),
}
OUTCOMES = {
    "open": Words("尚未回读", "not read back yet"),
    "nothing": Words("未存入", "nothing was stored"),
    "partial": Words("只存入一部分", "stored in part"),
    "foreign": Words("他人同时修改", "somebody else saved as well"),
    "truncated": Words("被截断", "cut off"),
    "doubled": Words("重复", "doubled"),
    "undecided": Words("无法判定", "cannot be decided"),
    "refused": Words("系统拒绝", "refused"),
    "order open": Words("已提交变更工单", "a change order is open"),
}


def sentence(link: Link, language: Language) -> str:
    """The link in words, with only what there is to say."""
    words = {
        "state": STATES | LIFE, "class": CLASSES, "disposition": DISPOSITIONS, "outcome": OUTCOMES | STATES,
        "verdict": VERDICTS | ANSWERS,
    }  # fmt: skip
    shown = {name: _shown(words.get(name, {}), value, language) for name, value in link.detail.items()}
    if "link" in link.detail:
        found = linked.link(Found(**link.detail["link"], account="", record=""))
        shown |= {"note": "", "linked": found.zh if language == "zh" else found.en}
    shown |= {"who": said(SOURCES, link.who, language), "reasons": _failed(link.detail, language)}
    tails = (TAILS[name] for name in TAILS if shown.get(name) not in (None, "", "–") and name != "state")
    return SENTENCES[link.what].say(language, shown) + "".join(tail.say(language, shown) for tail in tails)


def _failed(detail: Mapping[str, Any], language: Language) -> str:
    between = "、" if language == "zh" else "; "
    return between.join(
        told(gate.CONDITIONS[c["code"]], c["params"], language) for c in detail.get("conditions", ()) if not c["held"]
    )


def _shown(words: Mapping[str, Words], value: object, language: Language) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "–" if value in (None, "") else said(words, str(value), language)
