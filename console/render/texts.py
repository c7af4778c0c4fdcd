"""The words that all renderings share."""

from core.words import Language, Words

TITLE = Words("核档日报", "Hedang daily report")
CLASSES = {
    "S": Words("S 普查录入", "S survey entry"),
    "A": Words("A 确定性修复", "A repair"),
    "B": Words("B 多源印证", "B corroborated"),
    "C": Words("C 人工判断", "C a person decides"),
    "N": Words("N 不写入", "N never written"),
}
DISPOSITIONS = {
    "automatic": Words("自动", "automatic"),
    "for_review": Words("待审", "for review"),
    "never": Words("不写入", "never"),
}
STATES = {
    "verified": Words("已核实", "verified"),
    "unchanged": Words("原已一致", "already right"),
    "awaiting_approval": Words("待审批", "awaiting approval"),
    "conflict": Words("冲突", "conflict"),
    "business_error": Words("业务异常", "business error"),
    "unknown": Words("结果未知", "unknown"),
    "parked": Words("挂起", "parked"),
    "ready": Words("待执行", "ready"),
    "working": Words("执行中", "working"),
    "waiting": Words("排队", "waiting"),
}
LEVELS = {
    "province": Words("省", "province"),
    "city": Words("市", "city"),
    "county": Words("县", "county"),
    "station": Words("所", "station"),
}
GROUPS = {"core": Words("核心", "core"), "basic": Words("基础", "basic")}
VERDICTS = {
    "accept": Words("采纳", "accept"),
    "other": Words("改为", "other value"),
    "reject": Words("驳回", "reject"),
    "defer": Words("暂缓", "defer"),
}
SOURCES = {
    "survey": Words("普查", "survey"),
    "survey_drop": Words("普查（文件）", "survey (file)"),
    "real_estate": Words("不动产", "real estate"),
    "carrier": Words("运营商", "carrier"),
}


def said(table: dict[str, Words], key: str, language: Language) -> str:
    """The word for a key; a key that has none is shown as it is."""
    return table[key].say(language) if key in table else key


def percent(share: float | None) -> str:
    """A share as 12.3 %, a dash where there is none."""
    return "–" if share is None else f"{share * 100:.1f} %"
