"""People who can belong to nobody: names, marked resident IDs (GB 11643 check digit, division codes never assigned), 194 mobiles, service landlines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
DOUBLE = ("欧阳", "司马", "上官", "诸葛")
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国志海玉兰红梅春生永文新立晓东宁鹏辉宇佳欣怡俊峰雪婷浩然子轩雨涵梓萱嘉诚思远"
MARK, PREFIX = "13990", "194"  # how numbers begin that nobody has: of resident IDs, and of mobiles
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DAYS = 22_000  # of birth, sixty years; 7919 shares no factor with it
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the practice world."""

    name: str
    ident: str
    mobile: str


def name(rng: Random) -> str:
    """A Han name of two or three characters; now and then a double surname or a name with a middle dot."""
    chance = rng.random()
    if chance < 0.006:
        return (
            rng.choice(("阿卜杜拉", "古丽", "买买提", "巴特尔"))
            + "·"
            + rng.choice(("艾合买提", "吐尔逊", "其木格", "买买提"))
        )
    # early surnames are the common ones: the square pulls the draw to the front
    surname = rng.choice(DOUBLE) if chance < 0.016 else SURNAMES[int(rng.random() ** 2 * len(SURNAMES))]
    return surname + "".join(rng.choice(GIVEN) for _ in range(1 if rng.random() < 0.2 else 2))


def check_digit(body: str) -> str:
    """The 18th character from the first seventeen (GB 11643-1999)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def company(rng: Random) -> str:
    """A credit code of no company: a marked division, and a check character that is wrong (GB 32100-2015)."""
    body = f"91{MARK}{rng.randint(1, 5)}MA0" + "".join(rng.choice(CREDIT[:10]) for _ in range(6))
    right = (31 - sum(CREDIT.index(c) * pow(3, i, 31) for i, c in enumerate(body)) % 31) % 31
    return body + rng.choice([c for c in CREDIT if c != CREDIT[right]])


def passport(rng: Random) -> str:
    """A passport number of nobody: real ones have a digit less behind two letters."""
    return f"EH{rng.randint(10000000, 99999999)}"


def landline(rng: Random) -> str:
    """A local number of nobody: subscribers' numbers do not begin with 9."""
    return f"98{rng.randint(10000, 99999)}"


def ident(rng: Random, county: int, today: date) -> str:
    """A marked resident ID of somebody between 22 and 85; `county` is 1 to 5."""
    born = today - timedelta(days=rng.randint(22 * 366, 85 * 365))
    body = f"{MARK}{county}{born:%Y%m%d}{rng.randint(1, 999):03d}"
    return body + check_digit(body)


def nth_ident(number: int, county: int, today: date) -> str:
    """The marked resident ID of the n-th holder of a large world: no two have the same, which chance would give a thousand of them."""
    born = today - timedelta(days=22 * 366 + number * 7919 % DAYS)
    body = f"{MARK}{county}{born:%Y%m%d}{number // DAYS + 1:03d}"
    return body + check_digit(body)


def mobile(rng: Random) -> str:
    """A mobile number of a prefix that was never allocated; its tail does not look like a filler."""
    return (
        PREFIX + str(rng.randint(1, 9)) + "".join(str(rng.randint(0, 9)) for _ in range(5)) + str(rng.randint(12, 98))
    )


def person(rng: Random, county: int, today: date) -> Person:
    """A new person."""
    return Person(name(rng), ident(rng, county, today), mobile(rng))
