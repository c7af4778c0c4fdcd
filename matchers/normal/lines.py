"""Bring a line that holds an address into one spelling: what stands around it goes aside, and what was mistyped in it is put right.

What is taken out is never lost: it is returned beside the line.
"""

import re
from itertools import pairwise
from typing import NamedTuple

from core.reference import Reference
from matchers.normal import houses, numerals, spreadsheets
from matchers.normal import text as texts

_HAN = "[\u4e00-\u9fff]"
_OPENING = re.compile(r"[(\[【<]")
_STRAY = re.compile(r"[)\]】]")
_KIND_ASIDE = re.compile(r"(?<=[\u4e00-\u9fff])\((?:居村委|村居委?|居委会?|村委会?)\)")
"""汇龙(居村委): what a name is the name of, in brackets behind it."""
_BRACKETS = re.compile(r"[(\[【<]([^)\]】>]*)[)\]】>]?")
_INSIDE = re.compile(
    r"(?:\d{1,2}|[一二三四五六七八九十]{1,3}|[A-Z]|[东西南北])(?:期|区)|\d{1,3}(?:号楼|栋|幢|单元|层|室)"
)
_PHONE = re.compile(
    r"[\s,，、;；/]*(?:(?:联系)?(?:电话|手机|方式|TEL|PHONE)号?码?[:：]?\s*[\d-]{7,14}|(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)0\d{2,3}-?[2-8]\d{6,7}(?!\d))"
)
_LABEL = re.compile(
    r"^\s*(?:[\u4e00-\u9fff]{0,4}(?:地址|住址|厂址|店址)|(?:房屋|房产|不动产)?[坐座]落[于在]?)(?:[:：]|\s|(?=[\u4e00-\u9fff]))[\s:：]*"
)
"""收货地址：, 用电地址: what the text is, before it begins."""
_WHOSE = re.compile(
    rf"\s*(?P<whose>{_HAN}{{2,10}}(?:站|部|店|位置|基地|中心|公司|厂|仓库|校区|院区|门诊))[:：]\s*(?={_HAN})"
)
"""浏阳河配送站：, 营销总部：: whose address it is."""
_SPAN = re.compile(
    r"(?P<minus>-?)(?P<first>\d{1,5})(?P<word>[层室号]?)[至到](?=\d{1,5}(?P=word))|(?<=\d)[至到](?=\d{1,5}[层室号])"
)
_FOLDED = re.compile("[縣區號樓層棟門鎮鄉廣灣單莊園]")
"""Characters that show a text in traditional writing; names in such a text are folded as a whole."""
_FREE_TRADE = re.compile(r"^中国\(([\u4e00-\u9fff]{2,3})\)自由贸易(?:试验区|港)")
_LONG = re.compile(r"[\d-]{7}")
_APART = re.compile(r"[\s_/\\.、,，;；:：|·。'\"“”>&~～—–－‐−-]+")
_ANY_DASH = frozenset("—–－‐−-")
_LISTING = frozenset("、,，/&")
_SIGNS_OF_A_LIST = frozenset("、,，/")
_LISTED = r"\d{1,4}(?:-\d{1,3})?号?"
_LISTED_BEFORE = re.compile(rf"(?<![\d-])(?:{_LISTED}[、,，/])*{_LISTED}\Z")
_LISTED_BEHIND = re.compile(rf"{_LISTED}(?:[、,，/]{_LISTED})*(?![\d-])")
_LISTED_NUMBER = re.compile(r"\d+(-\d+)?")
"""4、5、6号, 182-2、188-202号: numbers one beside the other, and no parts of one house."""
_PHASE_NEXT = re.compile(r"\d{1,2}期")
_AND = re.compile(r"(?<=[\dA-Z])[和及与](?=[\dA-Z]\d?(?:号楼|栋|幢|座))")
_MASKS = str.maketrans("＊×✱●#＃╱∕⁄→➔《》〈〉「」", "****##///" + " " * 8)
_LAST_HASH = re.compile(
    r"(?<=\d-\d)#$|(?<=\d-\d\d)#$|(?<=[-元]\d{3})#$|(?<=[-元]\d{4})#$|(?<=户\d{3})#$|(?<=户\d{4})#$|(?<=[元层楼栋幢座室])#(?=\d{2,5}$)"
)
_BELOW = re.compile(
    r"(?:地下|负|吊|B|(?<=[\u4e00-\u9fff])(?<!-\d单元)(?<!-\d\d单元)-(?![1-9](?:层|楼|F)-))(?P<level>[1-9])(?=层|楼|F)"
)
_ORDINAL = re.compile(
    r"(?<![名府宅])(?<!香门)第(?=[A-Z]\d{1,4}(?:号?(?:铺|商铺|档|摊)|栋|幢|座|号楼)|\d{1,4}(?:[层楼栋幢座室期排户]|单元|号楼))"
)
_ONE_FOR_A_DASH = re.compile(r"(?<=\d)一(?=\d)")
"""19一1一803: the numeral one in place of a dash."""
_FLOOR_FIRST = re.compile(r"(\d{1,2}层)(\d{1,2}单元)(?=\d|底商|底店|商铺|商网|门[市面])")
"""15层1单元1507: some write the floor before the unit."""
_LOWEST = re.compile(r"(?<!\d)[首底]层")
_SPELT = re.compile(r"(?<=[元门楼层栋幢座])(?P<number>[零〇一二三四五六七八九]{2,4})(?=$|室|号)")
_SPELT_TIDY = re.compile(r"[\u4e00-\u9fff\dA-Z]+")
_SPELT_DASHES = re.compile(r"[零〇一二三四五六七八九十]{1,4}(?:-[零〇一二三四五六七八九十]{1,4}){1,3}$")
_TIDY = re.compile(r"[\u4e00-\u9fff\dA-Z]+")
_EVEN = re.compile(rf"[{texts.EVERYDAY_HAN}\dA-Za-z]+", re.ASCII)
_DATED = re.compile(r"(?:19|20)\d\d[-/.年]\d|[A-Za-z]{3}-\d|\d-[A-Za-z]{3}|\d月\d")
_MISREAD = re.compile("烫烫|屯屯|锟斤拷")
"""Signs of bytes that were read in a wrong encoding."""
_NUMERALS = re.compile("[零〇一二三四五六七八九十两第]")
_WAY = re.compile(r"(?:[往向再]?[东西南北]{1,2}(?:方向|[行走侧角])?|[往向]前)约?\d{1,4}米(?:处|路[东西南北]侧?)?")
"""How to get there from a corner; its number is no house's."""
_KILOMETRE = re.compile(
    r"(?:K\d{1,4}\+\d{1,3}|\d{1,4}(?:\.\d{1,3})?(?:公里|千米|KM)(?:[+加]\d{1,3}米?)?)(?:里程碑|路段)?处?(?:路?[东西南北]侧?)?"
)
_GRID = re.compile(
    r"(?:\d{1,3}(?:\.\d)?(?:KV|千伏)[\u4e00-\u9fff]{1,8}?(?:线路?|站|变))?(?:[\u4e00-\u9fff]{0,3}支线)?(?:[低高]压)?\d{1,4}[号#]?-?(?:电?杆塔?|台[变区]|[配公专箱]变|变台|变压器|表箱|号箱|分支箱|环网[柜箱]|开闭所|表位)(?![厂包涵])(?:台[变区])?(?:[上下旁]|处)?"
    r"|\d{1,3}(?:\.\d)?(?:KV|千伏)[\u4e00-\u9fff]{1,8}?(?:线路?|变电站|站|台[变区])|[低高]压(?=\d)"
)
"""Where on the grid a meter hangs; its number is no house's."""
_ASIDE = re.compile("[米杆变箱柜公表台Kk伏]")
"""Without one of these characters a text tells no way, kilometre or pole."""
_ASIDES = (_WAY, _KILOMETRE, _GRID)

_TYPOS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=\d)(号?)搂"), r"\1楼"),
    (re.compile(r"(?<=\d)[憧撞橦](?=\d|[东西南北]|$)"), "幢"),
    (re.compile(r"(?<=\d)[懂冻拣](?=\d|[东西南北]|$)"), "栋"),
    (re.compile(r"(?<=[栋幢座楼]\d)单位(?=\d{3,4}(?:室|号|$)|\d{1,2}[楼层])"), "单元"),
    (re.compile(r"(?<=[\u4e00-\u9fff\d])付(?=\d{1,4}(?:号|栋|幢))"), "附"),
    (re.compile(r"(?<=[\d东西南北中甲乙])单[园员圆源](?=\d|[一二三四五六七八九]|[东西南北中]|$)"), "单元"),
)
"""Words of a house as keyboards mistype them: another character of the same sound or shape, behind a number."""
_NUMBER_SIGN = re.compile(r"(?<![A-Z])NO\s?[.:]?\s?(?P<number>\d{1,5}(?:-\d{1,3})?)号?(?=\D|$)")
_POSTCODE = re.compile(
    rf"邮(?:政编码|编|码)\s*[:：]?\s*\d{{6}}(?!\d)|^\s*[(\[]?\d{{6}}[)\]]?\s*(?={_HAN}{{2}})|(?:(?<=\d\d)|(?<=[室号户])|(?<=-\d))(?:\s*[,，]\s*|\s+)\d{{6}}\s*$"
)
_MEASURED = re.compile(
    r"(?:建筑|套内|使用|房屋)?面积[约为是]?\s*[:：]?\s*\d+(?:\.\d+)?\s*(?:平方米|平米|平|M2)?|(?<![\d.])[\d一二三四五六]室[\d一二三]厅(?:[\d一二]厨)?(?:[\d一二三]卫)?|(?<![\d.])\d+(?:\.\d+)?(?:平方米|平米|M2|平(?=$|[),，\s]))"
)
_DEED = re.compile(r"(?:不动产权?|房产|房屋|产权|房权|土地)证(?:书)?(?:编?号)?[:：第字]*\s*[A-Z\d]{4,}号?")
_ANNEX = re.compile(
    r"(?<=[室号户\d])[、,，;及和含附带\s]+(?:地下)?(?:车[库位]|储[藏物][室间]|小房|阁楼|露台|地下室)(?:[A-Z]?-?\d{1,4})?号?$"
)
"""A cellar or a garage that goes with the flat: 502室、车库15号."""
_AROUND = (_DEED, _MEASURED, _ANNEX)
_MEASURES = re.compile("[证积米平厅M车储阁露房下]")
"""Without one of these characters there is no deed, measure or annex."""
_STOREY_TWICE = re.compile(r"(?<=\d)F(?=层)")
_PLUS = re.compile(r"(?<=\d{3})\+(?=\d{3})")
_OWN_NUMBER = re.compile(r"自编号?(?=[\dA-Z之])|门牌号?码?(?=\d)")
_BOXED = re.compile(
    r"[(\[【<](?P<number>\d{1,5}|[A-Z]\d{0,2}|[东西南北中甲乙丙丁])[)\]】>](?=号?[楼栋幢座]|单元|号[院楼]|门|层)"
    r"|(?<=[元\]) ])[(\[【<](?P<room>\d{2,5}[A-Z]?)[)\]】>](?=[室号户]|$)"
)
"""（12）号楼（3）单元（502）室, 2单元[601]: brackets around the numbers themselves."""
_REST_OF_A_HOUSE = re.compile(
    r"(?<=[楼栋幢座])\s*\((?P<rest>[\d一二三四五六七八九]{1,2}单元(?:[\d一二三四五六七八九十]{1,3}[楼层])?(?:[东西南北中]{1,2}户|\d{1,4}[室号]?)?)\)"
)
"""27号楼(3单元4楼西户): what follows a building, set off from it."""
_SHOWN = re.compile(
    rf"(?<={_HAN})[\[【](?P<shown>{_HAN}{{2,12}}[\dA-Z][\dA-Z{_HAN[1:-1]}-]*)[\]】](?=\s*(?:[(\[][^\d]*)?$)"
)
"""金宇路【杨柳国际新城K8栋2单元1102】: the house itself, set off from its road."""
_SPACED_SIGN = re.compile(r"(?<=[\dA-Z])\s+#|#\s+(?=楼|单元|[\dA-Z])")
_TWO_FLOORS = re.compile(r"(?<![\d+])(?P<first>\d{1,2})\+(?P<last>\d{1,2})(?=层|复式|跃|$)(?P<word>层?)")
_STARRED = re.compile(r"^\*(?!\*)(.*[^*])\*$")
_STARRED_NAME = re.compile(rf"(?<=[室号户\d])\s*\*+{_HAN}{{2,4}}\*+$")
"""1103室*李先生*: stars around a name hide nothing."""
_BETWEEN_NAMES = re.compile(rf"-(?={_HAN}|\d{{1,5}}号)")
"""A dash that may only separate levels; between numerals it may be a range or a house."""
_SPELT_DIGITS = "零〇一二三四五六七八九十"
_FIELDS = r"所在地区?|所在区域|省份?|城市|地市|市|区县|县区|区|县|街道|乡镇|镇|社区|村|路名|道路|街路|详细地址|地址|小区(?:名称?)?|楼盘(?:名称?)?|楼栋号?|楼号|栋号|幢号|单元号?|楼层|房间号?|房号|室号|门牌号?|户室号?"
_FORM = re.compile(rf"(?P<field>{_FIELDS})\s*[:：=]\s*(?P<value>[^:：=]*?)[\s,，;；、|]*(?=(?:{_FIELDS})\s*[:：=]|$)")
"""小区：锦绣家园 楼号：7 单元：2: an address told field by field."""
_FORM_WORDS = {"楼": "号楼", "栋": "号楼", "幢": "号楼", "单": "单元", "房": "室", "室": "室", "户": "室", "门": "号"}
_BARE = re.compile(r"[\dA-Z-]+|[零〇一二三四五六七八九十]+|[甲乙丙丁]")
_PIECES = re.compile(r"[\s,，;；]+")
_ENDS_WITH_REGION = re.compile(rf"{_HAN}{{2,8}}(?:省|市|自治区|[区县])")
_SLIPS = re.compile(
    r"搂|付\d|\d单位\d|室[\d一二三]厅|\d[憧撞橦懂冻拣]|单[园员圆源]|[IVX]期|I[期区栋幢单号]|VI|IV|NO\s?[.:]?\s?\d|邮|面积|平方米|平米|M2|[产权]证|自编|门牌号?码?\d|^\d{6}[\u4e00-\u9fff]",
    re.IGNORECASE,
)
"""What a line of nothing but characters, letters and digits may need beyond a glance."""
_TELLING = re.compile("[厅米杆变箱柜公表台Kk伏月年搂付位憧撞橦懂冻拣员圆源邮积证编牌IVNivn]")
"""One of these characters stands in all that must be looked for: ways, poles, days, codes, mistyped words."""


class Line(NamedTuple):
    """A line in one spelling."""

    # capitals, digits for numerals that count, no blanks, dashes between the numbers of a house
    written: str
    # lost, traditional, masked, typo, date
    reasons: list[str]
    # what stood in brackets or around the address: telephone numbers, days, ways, poles, postal codes, areas
    remarks: list[str]


def clean(text: str, reference: Reference) -> Line:
    """The address of a line in one spelling, what was found on the way, and what stood around it."""
    if (":" in text or "：" in text) and (whose := _WHOSE.match(text)):
        line = clean(text[whose.end() :], reference)
        return line._replace(remarks=[whose["whose"], *line.remarks])
    text = _LABEL.sub("", text, count=1) if "址" in text[:7] or "落" in text[:5] else text
    glance = not (_TELLING.search(text) or "单园" in text or text[:6].isdigit())
    if glance and _EVEN.fullmatch(text) and not _MISREAD.search(text):
        return Line(_digits(text.upper()), [], [])
    if _DATED.search(text) and (days := [day[0] for day in spreadsheets.DAY.finditer(text.upper())]):
        line = _undated(spreadsheets.DAY.sub(" ", text.upper()), reference, glance=False)
        return Line(line.written, ["date", *line.reasons], [*days, *line.remarks])
    return _undated(text, reference, glance=glance)


def _undated(text: str, reference: Reference, *, glance: bool) -> Line:
    """As `clean`, for a text without a day; `glance`: a glance has shown that there are no ways and no slips."""
    way = not glance and any(aside.search(text.upper()) for aside in _ASIDES)
    slips = not glance and bool(_SLIPS.search(text))
    plain = not (way or slips)
    if plain and not glance and _EVEN.fullmatch(text) and not _MISREAD.search(text):
        return Line(_digits(text.upper()), [], [])
    repaired = texts.repair(text)
    reasons = ["lost"] if repaired.lost else []
    written = repaired.normal.upper()
    if plain and _TIDY.fullmatch(written) and not (_FOLDED.search(written) or _may_slip(written)):
        return Line(_digits(written), reasons, [])
    if _FOLDED.search(written):
        written = written.translate(reference.variants)
        reasons.append("traditional")
    written = written.translate(_MASKS)
    written = _STARRED.sub(r"\1", written) if written[:1] == "*" else written
    written = _FREE_TRADE.sub(r"\1", written)
    called: list[str] = []
    written = _taken(_STARRED_NAME, written, called) if written[-1:] == "*" else written
    if "*" in written:
        reasons.append("masked")
    written, remarks = _without_remarks(_in_order(_filled_in(written)))
    if slips or _may_slip(written):
        right = _put_right(written)
        reasons += ["typo"] if right != written else []
        written = right
    joined = _AND.sub("-", _APART.sub(_apart, _signs(written)))
    joined = _BETWEEN_NAMES.sub(_closed, joined) if "-" in joined else joined
    return Line(_digits(_LAST_HASH.sub("", joined)), reasons, [*remarks, *called])


def _may_have_a_postcode(written: str) -> bool:
    """Whether there is a word for it, or six digits at an end."""
    return "邮" in written or written.lstrip(" ([")[:6].isdigit() or written.rstrip()[-6:].isdigit()


def _may_slip(written: str) -> bool:
    """Whether a repaired text holds slips, or a sign that its repair has spelt out (Ⅱ, №, ㎡)."""
    return bool(_TELLING.search(written) and _SLIPS.search(written))


def _apart(run: re.Match[str]) -> str:
    """What stays of blanks and signs: a dash where there is one, or where numbers would become one; else nothing."""
    signs, text, end = run[0], run.string, run.end()
    if signs in _SIGNS_OF_A_LIST and text[end : end + 1].isdigit() and _is_listed(run):
        return "、"
    if not _ANY_DASH.isdisjoint(signs):
        return "-"
    before, behind = text[run.start() - 1 : run.start()], text[end : end + 1]
    if behind.isdigit() and (before.isdigit() or "A" <= before <= "Z") and not _PHASE_NEXT.match(text, end):
        return "-"
    if before.isdigit() and behind and behind in "ABCDEGHIJKLMNOPQRSTUVWXYZ甲乙丙丁戊":
        return "-"
    if "A" <= before <= "Z" and "A" <= behind <= "Z" and not "A" <= text[end + 1 : end + 2] <= "Z":
        return "" if _LISTING.isdisjoint(signs) else "-"
    return "." if signs == "." else ""


def _is_listed(run: re.Match[str]) -> bool:
    """Whether a sign stands between numbers of a list: three or more that rise by little, or one that has a dash itself."""
    before, behind = _LISTED_BEFORE.search(run.string, 0, run.start()), _LISTED_BEHIND.match(run.string, run.end())
    if before is None or behind is None:
        return False
    numbers = [*_LISTED_NUMBER.finditer(before[0]), *_LISTED_NUMBER.finditer(behind[0])]
    if any(number[1] for number in numbers):
        return behind[0].endswith("号") or before[0].endswith("号")
    values = [int(number[0]) for number in numbers]
    return len(values) > 2 and all(0 < last - first <= 10 for first, last in pairwise(values))


def _closed(dash: re.Match[str]) -> str:
    """Nothing for a dash between two names, or between a road and its number."""
    before, behind = dash.string[dash.start() - 1 : dash.start()], dash.string[dash.end()]
    if behind.isdigit():
        return "" if before and before in "路街道巷弄" else "-"
    if behind in "放请送":
        return ""  # 203-放门口: what the courier shall do
    named = "\u4e00" <= before <= "\u9fff" and not (before in _SPELT_DIGITS and behind in _SPELT_DIGITS)
    return "" if named else "-"


def _filled_in(written: str) -> str:
    """The address of a form, its fields one behind the other; other texts as they are."""
    fields = list(_FORM.finditer(written)) if ":" in written or "=" in written else []
    if len(fields) < 2 or fields[0].start() > 0:
        return written
    return "".join(_worded(field["field"], field["value"].strip(), number) for number, field in enumerate(fields))


def _worded(field: str, value: str, number: int) -> str:
    """A field's value with the word that its label stands for."""
    word = _FORM_WORDS.get(field[0], "")
    word = "层" if field == "楼层" else "" if field.startswith("楼盘") else word
    word = "室" if word == "号" and number and _BARE.fullmatch(value) else word
    return value + word if word and _BARE.fullmatch(value) else value


def _in_order(written: str) -> str:
    """The pieces of a line that begins with the flat and ends with the city, turned round."""
    if not written[-1:] or written[-1] not in "省市区县":
        return written
    pieces = [piece for piece in _PIECES.split(written) if piece]
    if len(pieces) < 3 or not _ENDS_WITH_REGION.fullmatch(pieces[-1]) or _ENDS_WITH_REGION.fullmatch(pieces[0]):
        return written
    (quarter, phase, aside), house = houses.read(_digits(pieces[0]))
    alone = not (quarter or phase or aside or house.rest) and bool(house.room)
    return "".join(reversed(pieces)) if alone else written


def _put_right(written: str) -> str:
    """The text with the words of a house that were mistyped."""
    for typo, right in _TYPOS:
        written = typo.sub(right, written)
    return written


def _signs(written: str) -> str:
    """The text with numbers as numbers: No.26 is 26号, Ⅱ期 is 二期, ( 12 )号楼 is 12号楼, 5+6层 is 5-6层."""
    written = numerals.without_romans(written)
    written = _NUMBER_SIGN.sub(r"\g<number>号", written) if "NO" in written else written
    written = _SPACED_SIGN.sub("#", written) if "#" in written else written
    written = _PLUS.sub("、", written) if "+" in written else written
    written = _OWN_NUMBER.sub("", written) if "自编" in written or "门牌" in written else written
    return _TWO_FLOORS.sub(r"\g<first>-\g<last>层", written) if "+" in written else written


def _without_remarks(written: str) -> tuple[str, list[str]]:
    """The text without brackets and telephone numbers; a phase or a building in brackets belongs to it."""
    remarks: list[str] = []
    written = _taken(_POSTCODE, written, remarks) if _may_have_a_postcode(written) else written
    if _OPENING.search(written):
        written = _SHOWN.sub(r" \g<shown> ", written)
        written = _KIND_ASIDE.sub(_kind_named, written) if "委" in written else written
        written = _REST_OF_A_HOUSE.sub(r"\g<rest>", written) if "单元" in written else written
        written = _BOXED.sub(lambda boxed: " " + (boxed["number"] or boxed["room"]), written)
        remarks += [found[1] for found in _BRACKETS.finditer(written) if not _INSIDE.fullmatch(found[1])]
        written = _BRACKETS.sub(lambda found: f" {found[1]} " if _INSIDE.fullmatch(found[1]) else " ", written)
    elif _STRAY.search(written):
        written = _STRAY.sub(" ", written)
    for around in _AROUND if _MEASURES.search(written) else ():
        written = _taken(around, written, remarks)
    phones = [phone[0].strip() for phone in _PHONE.finditer(written)] if _LONG.search(written) else []
    written = _PHONE.sub(" ", written) if phones else written
    remarks += phones
    for aside in _ASIDES if _ASIDE.search(written) else ():
        found = [one[0] for one in aside.finditer(written)]
        remarks += found
        written = aside.sub(" ", written) if found else written
    return written, remarks


def _kind_named(kind: re.Match[str]) -> str:
    """The kind of a name, where the name does not end with it."""
    return "" if kind.string[: kind.start()].endswith(("委会", "村", "社区")) else "居委会"


def _taken(pattern: re.Pattern[str], written: str, remarks: list[str]) -> str:
    """The text without what the pattern finds, which goes to the remarks."""
    found = [one[0].strip(" ,，、()[]*") for one in pattern.finditer(written)]
    remarks += found
    return pattern.sub(" ", written) if found else written


def _digits(written: str) -> str:
    """Chinese numerals in front of unit words, or between dashes, in digits; levels below the ground as 负1层."""
    if _NUMERALS.search(written):
        written = _ONE_FOR_A_DASH.sub("-", written) if "一" in written else written
        written = numerals.arabic(written)
        written = _SPELT.sub(lambda spelt: str(numerals.number(spelt["number"])), written)
    if "至" in written or "到" in written:
        written = _SPAN.sub(_spanned, written)
    if "第" in written:
        written = _ORDINAL.sub("", written)
    if "层" in written:
        written = _STOREY_TWICE.sub("", written) if "F层" in written else written
        written = _FLOOR_FIRST.sub(r"\2\1", written) if "单元" in written else written
        written = _LOWEST.sub("1层", written)
    if "-" in written:
        written = _SPELT_DASHES.sub(_spelt_dashes, written)
    elif not ("负" in written or "地下" in written or "B" in written or "吊" in written):
        return written
    return _BELOW.sub(r"负\g<level>", written)


def _spanned(found: re.Match[str]) -> str:
    return f"{'负' if found['minus'] else ''}{found['first'] or ''}-"


def _spelt_dashes(found: re.Match[str]) -> str:
    return "-".join(str(numerals.number(piece)) for piece in found[0].split("-"))
