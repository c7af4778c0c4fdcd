"""Take a holder's name apart: the name in its source spelling, the key that comparisons use, and the remark beside it.

The key folds traditional and variant characters; it is never written. The normal form keeps the source's characters.
"""

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from functools import cache, lru_cache

from core.reference import Reference
from matchers import masks
from matchers.columns import Coded
from matchers.normal import text as texts

DOT = "·"

_HAN = r"\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_DOT = r"`´•‧・･∙⋅⸱⸳․。.．﹒ㆍᐧ᛫●﹑·"
_ANY_HAN = re.compile(f"[{_HAN}]")
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}*])\s*[{_DOT}](?:\s*[{_DOT}])*\s*(?=[{_HAN}*])")
_BRACKETS = re.compile(r"[(\[{【〔<《（「『](?P<inside>[^)\]}】〕>》）」』]*)[)\]}】〕>》）」』]?")
_OPENING = frozenset("([{【〔<《（「『")
_PLACE = r"[东西南北中]城|[东西南北](?:院|屋|房|户|厢|头|街|门|库)"
_USE = (
    r"照明|动力|商铺|门市|门脸|门面|底商|车库|车位|地下室|储藏室|小房|机井|水井|水泵|冷库|大棚|养殖|养鸡|养猪|空调|取暖|采暖|电采暖|煤改电|"
    r"充电桩|光伏|发电|路灯|老宅|新宅|[旧老新]房|楼上|楼下|前院|后院|平房"
)
_STATE = r"临时|代缴|代交|已故|去世|租户?|出租|过户|拆迁|空置|本人|[先女][生士]|同志|师傅"
_COUNT = r"第?[0-9一二三四五六七八九十]{1,6}号?(?:表|户|房|屋)|[新老旧分总]表|1\d{10}|0\d{2,3}-?\d{7,8}|\d{17}[0-9Xx]|\d{15}|\d{1,3}[组队]"
_TAIL = re.compile(rf"(?P<tail>[-_/]?(?:{_COUNT}|{_PLACE}|{_USE}|{_STATE})|[-_](?:[\u4e00-\u9fff]{{1,4}}|[0-9#]+号?))$")
_BEHIND_A_BLANK = re.compile(rf"(?:{_COUNT}|{_PLACE}|{_USE}|{_STATE}|故|[男女]|.*[0-9].*)")
_IN_LATIN_TOO = re.compile(
    rf"(?P<name>[{_HAN}]{{2,4}}) (?P<behind>[A-Za-z]{{2,}}(?:[ ,]+[A-Za-z]+)*)|(?P<before>[A-Za-z]{{2,}}(?:[ ,]+[A-Za-z]+)*) (?P<same>[{_HAN}]{{2,4}})"
)
"""张晓明 ZHANG XIAOMING"""
_LISTED = re.compile(rf"(?P<label>\(?\d{{1,3}}\)?\s*[.、)])\s*(?=[{_HAN}*·]{{2,4}}$)")
"""1. before a name: where it stood in a list."""
_LABEL = re.compile(
    r"(?P<label>(?:[五低]保户?|[特贫]困户|困难户)[\s:：-]*(?=[\u4e00-\u9fff]{2,4}$)|(?:原|现)?(?:户主|户名|姓名|业主|用户名?|客户名?称?|房主|房东|联系人|产权人|租户|承租人|持有人)\s*[:：]\s*|(?:户主|业主(?!委员会|大会)|房主|已故|原户主)(?=[\u4e00-\u9fff*·]{2,}$)|(?:已故|[待已]过户|拆迁户?|空置|出租|租户|临时)\s*[-_:：/]+\s*)"
)
_UNPRINTED = re.compile(rf"(?<=[{_HAN}])[?□■▇█]|[?□■▇█](?=[{_HAN}])")
_DESCRIBED = re.compile(
    r"[上左外][\u4e00-\u9fff][下右内里][\u4e00-\u9fff]|[\u4e00-\u9fff][加+][\u4e00-\u9fff]|[\u4e00-\u9fff]{1,2}旁[\u4e00-\u9fff]?"
)
_TITLE = re.compile(r"(?<=^[\u4e00-\u9fff])(?P<title>先生|女士|小姐|师傅|同志|老板|经理|老师)$")
_KIN = re.compile(
    r"之(?:妻|夫|子|女|父|母|媳|孙)|(?:配偶|遗属|遗孀|家属|夫妇|夫妻)$"
    r"|(?:妻子|丈夫|儿子|女儿|父亲|母亲|爱人|儿媳|老公|老婆)(?:$|[\u4e00-\u9fff]{2})|.{2}代[^\W\d_]{2}"
)
"""王五之妻, 王建国代李明: whose name stands there is not whose account it is."""
_ENDS = " .,，。、;；:：·-_/~!'\""
_TOGETHER = re.compile(r"(?P<one>[\u4e00-\u9fff]{2,4})[和与及](?P<two>[\u4e00-\u9fff]{2,4})")
_SEVERAL = re.compile(rf"等(?:\d{{1,2}}|[二三四五六七八九十两几多])人$|(?<=[{_HAN}])\s*[、,，;；/|&]\s*(?=[{_HAN}])")
_ORGANISATION = re.compile(
    r"公司|集团|有限|厂$|厂(?=\W)|商店|商行|商场|小卖[部铺店]|个体工?商?户|供销社|作坊|商贸|超市|市场|百货|批发|专卖|饭店|饭馆|餐饮|餐厅|酒店|酒楼|宾馆|旅馆|烧烤|小吃|面馆|网吧|浴池|洗浴|美容|美发|理发店|"
    r"药店|药房|大药|学校|小学|中学|大学|学院|幼儿园|医院|卫生院|卫生室|卫生站|诊所|敬老院|养老院|福利院|银行|信用社|保险|"
    r"村委|居委|委员会|物业|小区|社区|政府|派出所|公安|交警|消防|法院|检察院|部队|[^\s]局$|支队|大队|支部|"
    r"合作社|工作室|服务部|经营部|门市部|经销处|修理部|维修部|服务站|加油站|加气站|充电站|换热站|变电站|泵站|生产队|生产大队|收费站|基站|机房|路灯|楼道|公厕|养殖场|饲养场|农场|林场|煤矿|铁矿|"
    r"矿业|煤业|中心$|协会|基金会|商会|教堂|[\u4e00-\u9fff]{2}店$|村民小组|业主|项目部|工程部|工程队|铁塔|联通|移动通信|电信|事务所|研究[所院]|分[公局行]|驿站|快递|物流|"
    r"[铺馆坊站部所社厅]$(?<=[\u4e00-\u9fff]{4})|[寺庙]$(?<=.{3})|会$(?<=.[协商工学教事合]会)|伙$(?<=.合伙)|体$(?<=.个体)"
)
_NEVER_GIVEN = re.compile(
    r"公司|超市|商店|商行|饭店|宾馆|旅馆|药店|药房|诊所|网吧|浴池|医院|学校|物业|村委|居委|政府|银行|快递|驿站|烧烤|面馆|餐厅|小卖|作坊|[真地隍帝王]庙|真寺"
)
"""Words of organisations that are nobody's given name: 王超市 is a shop, 王商贸 may be a person."""
_GIVEN = 2
"""A given name has no more characters than this."""
_PLACEHOLDER_WORDS = (
    "户主 住户 用户 业主 客户 本人 测试 测试户 测试用户 未知 无名 无名氏 临时 临时户 临时用电 空房 空户 空置 空表 待定 待查 待核 待核实 待过户 拆迁 拆迁户 "
    "某某 某某某 姓名 户名 用户名 用户名称 客户名 客户名称 新户 新装 新装户 房主 房东 租户 业主方 开发商 无户名 无户主 无人 无主 未登记 户名不详 不知道 同户主 用电户 居民 居民户 公用 共用 "
    "低保户 五保户 贫困户 特困户 困难户 管理员 张三李四 XXX xxx XX xx X x AAA aaa abc test TEST Test 测试1 NONAME noname"
)
_PLACEHOLDERS = frozenset(_PLACEHOLDER_WORDS.split())
_PLACEHOLDER_SHAPE = re.compile(
    r"\d{1,10}|(?:测试|住户|户主|用户|业主|房主|房东|租户|客户|居民|新户|空户|姓名|临时|空房|待定|未知|某某)[0-9A-Za-z]*"
)
_ADDRESS = re.compile(r"\d\s?(?:号楼|栋|幢|单元|室)|号楼|单元|[一二三四五六七八九十\d](?:楼|门)\d{2,4}|\d-\d{1,4}-\d")
_LATIN = re.compile(r"[A-Za-z]+(?:[ ·]*[A-Za-z]+)*")
_TONES = re.compile(r"[\u0300-\u036f]")
_PERSON = re.compile(rf"[{_HAN}*·]+")
_ILLEGAL = re.compile(rf"[^{_HAN}·*]")
_NO_BRACKETS = str.maketrans("", "", "（）")
_DESCRIPTION = re.compile(r"[\u2ff0-\u2ffb\ue000-\uf8ff]")

_ELSE = re.compile("|".join(
    [p.pattern for p in (_ORGANISATION, _TAIL, _KIN, _LABEL, _TITLE, _ADDRESS, _PLACEHOLDER_SHAPE)] + ["[某〇和与及]|锟斤拷|烫烫|屯屯屯"]
))  # fmt: skip
_NO_NAMES = _PLACEHOLDERS | texts.WORDS
_TELLING = frozenset(_ELSE.pattern).union(*_NO_NAMES)
"""Characters that stand in some word that is no name; a name without them needs no second look."""


DOUBT = "[^\u4e00-\u9fff]|^.$|^.{5,}|[" + "".join(sorted(filter(_ANY_HAN.match, _TELLING))) + "]"
"""What a text matches (RE2) that may be something else than a plain name; many a plain one does as well."""

REASONS = (
    "placeholder", "not_given", "none", "ditto", "elsewhere", "missing", "organisation", "address", "remark", "masked", "dot", "blank", "width",
    "invisible", "kin", "several", "illegal", "lost", "rare", "short", "long", "private_use", "mojibake", "entity",
)  # fmt: skip
"""What may be said of a name. not_given, none, ditto and elsewhere: a word that means that; kin: somebody's wife, son …"""


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
    # of REASONS
    reasons: tuple[str, ...]

    def has(self, reason: str) -> bool:
        """Whether this was found."""
        return reason in self.reasons

    @property
    def person(self) -> bool:
        """A name that a person could have."""
        return bool(self.normal) and not {"placeholder", "organisation", "missing", "kin"} & set(self.reasons)

    def as_row(self) -> dict[str, object]:
        """For `run.py parse name`."""
        return {"normal": self.normal, "key": self.key, "remark": self.remark or None, "reasons": list(self.reasons)}


def read(text: str, reference: Reference) -> Name:
    """What a holder's or contact's name says."""
    if _everyday(text, reference):
        return Name(
            original=text, normal=text, key=text, remark="", surname=_surname(text, reference.surnames), reasons=()
        )
    repaired = texts.repair(text)
    reasons = [reason for reason in repaired.reasons if reason != "blank"]
    written = _masked(repaired.normal)
    bare, remark = _split(written)
    name = _dots(bare, reasons)
    name, behind = _blanks(name, repaired.reasons, reasons, reference)
    reasons = [reason for reason in reasons if reason != "width" or name != text]
    remark = f"{remark} {behind}".strip()
    if _everyday(name, reference):
        reasons += _beside(name, written, remark)
        return Name(
            original=text, normal=name, key=name, remark=remark, surname=_surname(name, reference.surnames),
            reasons=tuple(dict.fromkeys(reasons)),
        )  # fmt: skip
    reasons += _judge(name, written, remark, reference)
    name = name if "placeholder" in reasons else name.strip(_ENDS)
    return Name(
        original=text, normal=name, key=key(name, reference), remark=remark, surname=surname(name, reference),
        reasons=tuple(dict.fromkeys(reasons)),
    )  # fmt: skip


def _everyday(text: str, reference: Reference) -> bool:
    """Whether a text is a short name of everyday characters, and nothing else."""
    plain = 1 < len(text) < 5 and _plain(reference).issuperset(text)
    return plain and (_TELLING.isdisjoint(text) or not _telling(text))


@lru_cache(maxsize=8)
def _plain(reference: Reference) -> frozenset[str]:
    """Everyday characters (GB 2312) without a variant: a short name of them is its own normal form and key."""
    return frozenset(c for c in texts.EVERYDAY_HAN if ord(c) not in reference.variants)


def _telling(text: str) -> bool:
    """Whether a short name of everyday characters may be something else than a name."""
    telling = [c for c in text if c in _TELLING]
    if len(telling) == 1 and telling[0] not in _telling_alone():
        return False
    return text in _NO_NAMES or bool(_ELSE.search(text))


@cache
def _telling_alone() -> frozenset[str]:
    """Telling characters of which one is enough for a short name to be something else (店, 厂), whatever stands beside it."""
    other = next(c for c in texts.EVERYDAY_HAN if c not in _TELLING)
    places = [(other * before, other * (length - 1 - before)) for length in (2, 3, 4) for before in range(length)]
    return frozenset(c for c in _TELLING if any(_ELSE.search(before + c + after) for before, after in places))


def _masked(written: str) -> str:
    """The name with `*` for characters that a source hides, however it hides them; 〇 and X alone hide nothing."""
    if written in _PLACEHOLDERS:
        return written
    starred = masks.in_name(written)
    if starred == written:
        return written
    return starred if _ANY_HAN.search(starred.replace("*", "")) or "*" in written else written


def key(name: str, reference: Reference) -> str:
    """The match key of a normal form: variants folded, dots dropped, Latin in capitals."""
    return name.translate(reference.variants).replace(DOT, "").upper()


def surname(name: str, reference: Reference) -> str:
    """The surname (two characters where such a surname exists and something follows), in key characters; '' for none."""
    folded = name.translate(reference.variants)
    if DOT in folded or not folded or folded[0] == "*" or not _PERSON.fullmatch(folded[0]):
        return ""
    return _surname(folded, reference.surnames)


def _surname(folded: str, surnames: Container[str]) -> str:
    return folded[:2] if len(folded) > 2 and folded[:2] in surnames else folded[0]


def column(names: Coded, reference: Reference) -> Coded:
    """The match keys of a column."""
    return names.map(lambda text: read(text, reference).key)


def _split(written: str) -> tuple[str, str]:
    """The name and its remark: what stands in brackets, a label before the name, and known words behind it."""
    remarks, bare = list[str](), written
    if not _OPENING.isdisjoint(written):
        remarks = [found["inside"].strip() for found in _BRACKETS.finditer(written) if not _own(found)]
        bare = _BRACKETS.sub(_without_remark, written).strip()
    if not bare:
        return written, ""
    label = _LABEL.match(bare) or _LISTED.match(bare)
    if label and len(bare) > label.end():
        remarks.insert(0, label["label"].strip(" -_/:："))
        bare = bare[label.end() :].strip()
    title = _TITLE.search(bare)
    if title:
        return bare[0], " ".join([*remarks, title["title"]])
    tail = _TAIL.search(bare, 2)
    if tail and not _ORGANISATION.search(bare) and not _ADDRESS.search(bare):
        remarks.append(tail["tail"].strip("-_/ "))
        bare = bare[: tail.start()].strip()
    return bare, " ".join(filter(None, remarks))


def _own(bracket: re.Match[str]) -> bool:
    """Whether a bracket belongs to an organisation's name, which goes on behind it: 宏达（唐山）商贸有限公司."""
    return bracket.start() > 0 and bool(_ORGANISATION.search(bracket.string, bracket.end()))


def _without_remark(bracket: re.Match[str]) -> str:
    """Nothing for a remark; the bracket as registers write it where it belongs to the name."""
    return f"（{bracket['inside']}）" if _own(bracket) else ""


def _dots(name: str, reasons: list[str]) -> str:
    dotted = _BETWEEN_HAN.sub(DOT, name)
    if dotted != name:
        reasons.append("dot")
    return dotted


def _blanks(name: str, found: tuple[str, ...], reasons: list[str], reference: Reference) -> tuple[str, str]:
    """The name without the blanks inside it, and the remark behind one.

    A minority name in two long parts gets its dot back; two people stay two.
    """
    if " " not in name:
        reasons += ["blank"] if "blank" in found else []
        return name, ""
    parts = name.split(" ")
    reasons.append("blank")
    if not _ANY_HAN.search(name):
        return name, ""
    if len(parts[0]) > 1 and _BEHIND_A_BLANK.fullmatch(" ".join(parts[1:])):
        return parts[0], " ".join(parts[1:])
    if latin := _IN_LATIN_TOO.fullmatch(name):
        spelt = latin["behind"] or latin["before"]
        if spelt.lower() not in reference.syllables:  # 张晓 ming: pinyin in place of a character
            return latin["name"] or latin["same"], spelt
    if all(len(part) > 1 and _called(part, reference) for part in parts):
        reasons.append("several")
        return name, ""
    if len(parts) == 2 and all(len(part) >= 3 for part in parts) and len(name) >= 7:
        reasons.append("dot")
        return DOT.join(parts), ""
    return "".join(parts), ""


def _called(part: str, reference: Reference) -> bool:
    """Whether a whole name of somebody starts with its surname here; a compound surname alone is no name."""
    return part not in reference.surnames and surname(part, reference) in reference.surnames


def _beside(name: str, written: str, remark: str) -> list[str]:
    """What is to be said of an everyday name with something beside it."""
    if written == name:
        return []
    around = {"remark": remark, "address": _ADDRESS.search(written), "rare": _DESCRIBED.fullmatch(remark)}
    return [fact for fact, found in around.items() if found]


def _judge(name: str, written: str, remark: str, reference: Reference) -> list[str]:
    if not name:
        return ["missing", "not_given"]
    meaning = texts.meaning(name)
    address = bool(_ADDRESS.search(written))
    filler = name in _PLACEHOLDERS or bool(meaning or _PLACEHOLDER_SHAPE.fullmatch(name)) or not name.strip(_ENDS)
    organisation = not filler and _is_organisation(name, reference)
    facts = {
        "remark": bool(remark),
        "placeholder": filler,
        meaning: bool(meaning),
        "organisation": organisation,
        "address": address,
        "masked": "*" in name,
        "lost": bool(_UNPRINTED.search(name)),
        "kin": bool(_KIN.search(name, 1)) and not organisation,
        "several": _several(name, reference) and not organisation and not address,
        "illegal": bool(_ILLEGAL.search(name.translate(_NO_BRACKETS) if organisation else name)),
        "rare": _rare(name, reference) or bool(_DESCRIBED.fullmatch(remark)),
    }
    return [fact for fact, found in facts.items() if found] + ([] if organisation or address else _length(name))


def _several(name: str, reference: Reference) -> bool:
    """Whether the cell names more than one person."""
    pair = _TOGETHER.fullmatch(name)
    return bool(_SEVERAL.search(name)) or bool(pair and all(_called(part, reference) for part in pair.groups()))


def _is_organisation(name: str, reference: Reference) -> bool:
    found = surname(name, reference)
    person = (
        found in reference.surnames and len(name) - len(found) <= _GIVEN and not _NEVER_GIVEN.search(name, len(found))
    )
    return bool(_ORGANISATION.search(name)) and not person


def _length(name: str) -> list[str]:
    if len(name.replace(DOT, "")) == 1:
        return ["short"]
    return ["long"] if len(name) > (25 if DOT in name else 6) else []


def _rare(name: str, reference: Reference) -> bool:
    """Private-use code points, described characters, or one syllable of pinyin in place of a character."""
    if _DESCRIPTION.search(name):
        return True
    latin = _LATIN.findall(_TONES.sub("", unicodedata.normalize("NFD", name)))
    return (
        len(latin) == 1
        and latin[0].lower() in reference.syllables
        and bool(_ANY_HAN.search(name))
        and len(latin[0]) > 1
    )
