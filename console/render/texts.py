"""The words that all renderings share."""

from collections.abc import Mapping

from core.words import Language, Words

TITLE = Words("核档日报", "Hedang daily report")
COMPANY = Words("全部单位", "all organisations")
STRAY = Words("（无供电单位）", "(no organisation)")
LEAD = Words(
    "本夜新发现异常 {opened} 处，消除 {closed} 处，尚有 {open} 处未结；{automatic} 条建议值自动准入，"
    "{verified} 项工单写入后回读核实，{unknown} 项结果未知或挂起。",
    "{opened} findings were opened and {closed} closed; {open} are open. {automatic} proposals were admitted without a person; "
    "{verified} items were written and read back; {unknown} are unknown or parked.",
)
ACCOUNTS = Words("用电户", "accounts")
EVALUATED = Words("评估规则 {rules} 条", "{rules} rules evaluated")
GAIN = Words("前 {before}，{points} 点", "before {before}, {points} points")
WRITTEN = Words("写入并核实", "written and verified")
OF_ITEMS = Words("共 {items} 项工单", "of {items} items")
WAITING = Words("待人工审核", "for a person")
AND_ANOMALIES = Words("另 {count} 处异常无建议值", "and {count} findings without a value")
CALLS = Words("付费核验", "paid calls")
FEE = Words("费用 {yuan} 元", "{yuan} yuan")
RATES = {"core": Words("核心合格率", "core pass rate"), "basic": Words("基础合格率", "basic pass rate")}
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
    "working": Words("执行中", "working"),
    "ready": Words("待执行", "ready"),
    "waiting": Words("排队", "waiting"),
    "conflict": Words("冲突", "conflict"),
    "business_error": Words("业务异常", "business error"),
    "unknown": Words("结果未知", "unknown"),
    "parked": Words("挂起", "parked"),
}
STYLES = {
    **dict.fromkeys(("verified", "unchanged"), "good"),
    **dict.fromkeys(("conflict", "business_error", "unknown", "parked"), "person"),
}
"""Which states are a good end, and which want a person; the others wait for the system."""
LEVELS = {
    "province": Words("省", "province"),
    "city": Words("市", "city"),
    "county": Words("县", "county"),
    "station": Words("所", "station"),
    "whole": Words("全部", "whole"),
}
GROUPS = {"core": Words("核心", "core"), "basic": Words("基础", "basic")}
MOMENTS = {"before": Words("前", "before"), "after": Words("后", "after")}
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

TOKENS = {
    **SOURCES,
    "shadow": Words("影子级", "shadow"),
    "attended": Words("值守级", "attended"),
    "surveyor": Words("普查员", "the surveyor"),
    "auditor": Words("审核人", "the auditor"),
    "other_auditor": Words("他人审核", "an auditor other than the surveyor"),
    "item_evidence": Words("照片或签名", "photo or signature"),
    "charset": Words("字符集", "character set"),
    "length": Words("超长", "too long"),
    "code": Words("代码未映射", "code is not mapped"),
    "format": Words("格式", "format"),
    "readonly": Words("界面只读", "read-only"),
    "required": Words("缺必填项", "a required field is empty"),
    "empty": Words("为空", "empty"),
    "no_screen": Words("没有对应界面", "no screen"),
    "no_field": Words("界面上没有该字段", "not on the screen"),
}
"""Names and codes that stand as parameters in sentences."""
NEEDS = {
    "open_orders": Words("在途工单", "open work orders"),
    "real_estate_owners": Words("不动产产权人", "owners in the registry"),
    "real_estate_address": Words("不动产坐落", "addresses in the registry"),
    "staff_numbers": Words("内部人员号码", "numbers of staff"),
    "number_status": Words("号码状态", "status of numbers"),
    "reassigned": Words("二次放号核验", "reassigned numbers"),
    "price_table": Words("电价对照表", "price table"),
    "orgs": Words("供电单位表", "organisations"),
    "org_counties": Words("供电单位服务区县", "service areas"),
    "org_city": Words("供电单位所在市", "cities of organisations"),
    "person_status": Words("人口状态", "status of persons"),
    "photos": Words("普查照片", "survey photos"),
    "segments": Words("号段表", "number segments"),
    "quarters": Words("小区台账", "quarter ledger"),
}
"""Inputs that some rules need; a column of the archive is named by its field."""


def told(sentence: Words, params: Mapping[str, object], language: Language) -> str:
    """The sentence with its parameters; names of sources and codes among them are put into words."""
    return sentence.say(language, {name: _worded(value, language) for name, value in params.items()})


def _worded(value: object, language: Language) -> str:
    between = "、" if language == "zh" else ", "
    return between.join(said(TOKENS, part, language) for part in str(value).split(" "))


def said(table: Mapping[str, Words], key: str, language: Language) -> str:
    """The word for a key; a key that has none is shown as it is."""
    return table[key].say(language) if key in table else key


def company(name: str, language: Language) -> str:
    """The company's name, where its tree has one top."""
    return name or COMPANY.say(language)


def unit(name: str, language: Language) -> str:
    """An organisation's name; accounts that name none have a line of their own."""
    return name or STRAY.say(language)


def width(text: str) -> int:
    """Columns that a text takes: a Chinese character takes two."""
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


def percent(share: float | None) -> str:
    """A share as 12.3%, a dash where there is none."""
    return "–" if share is None else f"{share * 100:.1f}%"


def number(value: float) -> str:
    """A count with thousands set apart."""
    return f"{value:,.0f}"
