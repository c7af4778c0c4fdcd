"""Take a holder's name apart: the name in its source spelling, the key that comparisons use, and the remark beside it.

The key folds traditional and variant characters; it is never written. The normal form keeps the source's characters.
"""

import re
from dataclasses import dataclass

from core.reference import Reference
from matchers.columns import Coded
from matchers.normal import text as texts

DOT = "·"

_DOTS = re.compile(r"[•‧・･∙⋅⸱․。.．﹒ㆍᐧ●﹑]")
_HAN = r"\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}*])\s*[•‧・･∙⋅⸱․.。．﹒ㆍᐧ●﹑·]\s*(?=[{_HAN}*])")
_BRACKETS = re.compile(r"[(\[{【〔<《（](?P<inside>[^)\]}】〕>》）]*)[)\]}】〕>》）]?")
_TAIL = re.compile(
    r"(?P<tail>(?:[-_/]?(?:第?[0-9一二三四五六七八九十]+号?(?:表|户|房|屋)|[新老旧]表|临时|代缴|已故|故|租户?|东屋|西屋|东户|西户|门市)))$"
)
_MASKS = str.maketrans("＊×✱●〇○", "******")
_ORGANISATION = re.compile(
    r"公司|集团|厂$|厂(?=\W)|商店|商行|超市|饭店|酒店|宾馆|饭馆|药店|药房|学校|小学|中学|幼儿园|医院|卫生院|卫生室|诊所|银行|信用社|村委|居委|委员会|物业|小区|"
    r"社区|政府|派出所|[^\s]局$|合作社|工作室|服务部|经营部|门市部|经销处|加油站|中心$|协会|基金会|有限|农场|林场|[\u4e00-\u9fff]{2}店$|村民小组|业主|大队|项目部|工程部|铁塔|联通|移动通信|电信|事务所"
)
_PLACEHOLDERS = frozenset(
    [
        "户主",
        "住户",
        "用户",
        "业主",
        "客户",
        "测试",
        "测试户",
        "未知",
        "无名",
        "无名氏",
        "临时",
        "临时户",
        "空房",
        "空户",
        "空置",
        "待定",
        "待查",
        "某某",
        "某某某",
        "姓名",
        "户名",
        "新户",
        "新装",
        "房主",
        "无",
        "不详",
        "空",
        "同上",
        "-",
        "--",
        "/",
        "\\N",
        "NULL",
        "null",
        "无户名",
        "无人",
        "未登记",
        "暂无",
        "用电户",
    ]
)
_PLACEHOLDER_SHAPE = re.compile(r"(?:测试|住户|户主|用户|临时|空房|待定|未知|某某)[0-9A-Za-z]*")
_ADDRESS = re.compile(r"\d+\s*(?:号楼|栋|幢|单元|室)|号楼|单元|[一二三四五六七八九十\d]+(?:楼|门)\d{2,4}|\d+-\d+-\d+")
_LATIN = re.compile(r"[A-Za-z]+(?:[ ·]*[A-Za-z]+)*")
_PERSON = re.compile(rf"[{_HAN}*·]+")
_ILLEGAL = re.compile(rf"[^{_HAN}·*]")
_DESCRIPTION = re.compile(r"[\u2ff0-\u2ffb\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name with what stood around it."""

    original: str
    # the name in the source's characters, without blanks and remarks, dots as U+00B7
    normal: str
    # the form that comparisons use: variants folded; never written
    key: str
    # what was in brackets or behind the name
    remark: str
    surname: str
    # placeholder, organisation, address, remark, masked, dot, blank, width, illegal, lost, rare, short, long, private_use, mojibake,
    # pinyin, missing
    reasons: tuple[str, ...]

    def has(self, reason: str) -> bool:
        """Whether this was found."""
        return reason in self.reasons

    @property
    def person(self) -> bool:
        """A name that a person could have."""
        return bool(self.normal) and not {"placeholder", "organisation", "missing"} & set(self.reasons)

    def as_row(self) -> dict[str, object]:
        """For `run.py parse name`."""
        return {"normal": self.normal, "key": self.key, "remark": self.remark or None, "reasons": list(self.reasons)}


def read(text: str, reference: Reference) -> Name:
    """What a holder's or contact's name says."""
    repaired = texts.repair(text)
    reasons = [reason for reason in repaired.reasons if reason != "blank"]
    written = repaired.normal.translate(_MASKS) if "*" in repaired.normal.translate(_MASKS) else repaired.normal
    bare, remark = _split(written)
    name = _dots(bare, reasons)
    name = _blanks(name, repaired.reasons, reasons, reference)
    if remark:
        reasons.append("remark")
    reasons += _judge(name, written, reference)
    return Name(
        original=text, normal=name, key=key(name, reference), remark=remark, surname=surname(name, reference),
        reasons=tuple(dict.fromkeys(reasons)),
    )  # fmt: skip


def key(name: str, reference: Reference) -> str:
    """The match key of a normal form: variants folded, dots dropped, Latin in capitals."""
    return name.translate(reference.variants).replace(DOT, "").upper()


def surname(name: str, reference: Reference) -> str:
    """The surname (two characters where such a surname exists and something follows), in key characters; '' for none."""
    folded = name.translate(reference.variants)
    if DOT in folded or not folded or folded[0] == "*":
        return ""
    if len(folded) > 2 and folded[:2] in reference.surnames:
        return folded[:2]
    return folded[0] if _PERSON.fullmatch(folded[0]) else ""


def column(names: Coded, reference: Reference) -> Coded:
    """The match keys of a column."""
    return names.map(lambda text: read(text, reference).key)


def _split(written: str) -> tuple[str, str]:
    """The name and its remark: what stands in brackets, and known words behind the name."""
    inside = " ".join(found["inside"].strip() for found in _BRACKETS.finditer(written)).strip()
    bare = _BRACKETS.sub("", written).strip()
    if not bare:
        return written, ""
    tail = _TAIL.search(bare)
    if tail and len(bare) - len(tail["tail"]) >= 2 and not _ORGANISATION.search(bare):
        return bare[: tail.start()].strip(), f"{inside} {tail['tail']}".strip()
    return bare, inside


def _dots(name: str, reasons: list[str]) -> str:
    dotted = _BETWEEN_HAN.sub(DOT, name)
    if dotted != name:
        reasons.append("dot")
    return dotted


def _blanks(name: str, found: tuple[str, ...], reasons: list[str], reference: Reference) -> str:
    """Blanks go inside Chinese names; a minority name in two long parts gets its dot back; two people stay two."""
    if " " not in name:
        if "blank" in found:
            reasons.append("blank")
        return name
    parts = name.split(" ")
    reasons.append("blank")
    if not re.search(rf"[{_HAN}]", name):
        return name
    if all(len(part) > 1 and surname(part, reference) in reference.surnames for part in parts):
        return name
    if len(parts) == 2 and all(len(part) >= 3 for part in parts) and len(name) >= 7:
        reasons.append("dot")
        return DOT.join(parts)
    return "".join(parts)


def _judge(name: str, written: str, reference: Reference) -> list[str]:
    if not name:
        return ["missing"]
    organisation = bool(_ORGANISATION.search(name)) and not (
        len(name) <= 3 and surname(name, reference) in reference.surnames
    )
    address = bool(_ADDRESS.search(written))
    facts = {
        "placeholder": name in _PLACEHOLDERS or bool(_PLACEHOLDER_SHAPE.fullmatch(name)),
        "organisation": organisation,
        "address": address,
        "masked": "*" in name,
        "illegal": bool(_ILLEGAL.search(name)),
        "rare": _rare(name, reference),
    }
    return [fact for fact, found in facts.items() if found] + ([] if organisation or address else _length(name))


def _length(name: str) -> list[str]:
    if len(name.replace(DOT, "")) == 1:
        return ["short"]
    return ["long"] if len(name) > (25 if DOT in name else 6) else []


def _rare(name: str, reference: Reference) -> bool:
    """Private-use code points, described characters, or one syllable of pinyin in place of a character."""
    if _DESCRIPTION.search(name):
        return True
    latin = _LATIN.findall(name)
    return (
        len(latin) == 1
        and latin[0].lower() in reference.syllables
        and bool(re.search(rf"[{_HAN}]", name))
        and len(latin[0]) > 1
    )
