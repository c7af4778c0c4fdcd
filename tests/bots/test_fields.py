"""Promises of a field's spelling: what a screen writes is read as ours, and ours is written as the screen writes it."""

from dataclasses import replace

import pytest

from bots.driver import Shown, Target
from bots.fields import Codes, Field, is_day


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("%Y/%m/%d", "2020/02/03"),
        ("%B %-d, %Y", "February 3, 2020"),
        ("%Y年%-m月%-d日", "2020年2月3日"),
        ("", "2020-02-03"),
    ],
)
def test_a_date_is_spelt_as_the_screen_spells_it_and_read_back(form: str, written: str) -> None:
    field = Field(id="bought", label="Bought", show=Target(label="Bought"), entry=Target(label="Bought"), date=form)
    assert field.typed("2020-02-03") == written
    assert field.canonical(Shown(count=1, value=written)) == "2020-02-03"


@pytest.mark.parametrize(
    ("form", "value", "reason"),
    [
        ("%Y/%m/%d", "2026-04-03", None),
        ("%Y/%m/%d", "20260403", "format"),  # would be typed, and read back as another spelling for ever
        ("%Y/%m/%d", "2026-W14-5", "format"),
        ("%Y/%m/%d", "2026-04-03 13:05", "format"),  # the time of day would be lost
        ("%Y/%m/%d", "2026-02-30", "day"),
        ("%Y/%m/%d %H:%M:%S", "2026-04-03 13:05:00", None),
        ("%Y/%m/%d %H:%M", "2026-04-03 13:05:30", "format"),
        ("%B %-d, %Y", "2026-04-03", None),
        ("%Y/%m/%d", "", None),
    ],
)
def test_a_date_that_would_not_be_read_back_as_it_is_written_is_refused(
    form: str, value: str, reason: str | None
) -> None:
    field = Field(id="due", label="预约", show=Target(), entry=Target(), date=form)
    assert field.refuse(value, "utf-8") == reason


def test_an_x_says_nothing_of_a_box() -> None:
    field = Field(id="on", label="On", show=Target(label="On"), entry=Target(label="On"))
    box = Shown(count=1, value="false", kind="checkbox")
    assert [field.meant(text, box) for text in ("√", "×", "x")] == [("true", ""), ("false", ""), ("x", "tick")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2024-02-29", True), ("2023-02-30", False), ("2023/2/28", True), ("2023年2月30日", False), ("31/12/2023", True), ("12/31/2023", True),
        ("02/30/2023", False), ("2023-01-31 09:30", True), ("2023-01-31 25:00", False), ("2023-0001", None), ("1234-56-7890", None), ("甲", None),
    ],
)  # fmt: skip
def test_a_day_that_does_not_exist_is_known(text: str, told: bool | None) -> None:
    assert is_day(text) is told


@pytest.mark.parametrize(
    ("label", "kind", "now", "days", "reason"),
    [
        ("备注", "text", "", False, ""),  # nothing says that it is a field of days
        ("备注", "text", "2020-01-01", False, "day"),
        ("备注", "text", "", True, "day"),
        ("开户日期", "text", "", False, "day"),
        ("Installed", "date", "", False, "day"),
    ],
)
def test_a_day_that_does_not_exist_is_refused_where_days_stand(
    label: str, kind: str, now: str, days: bool, reason: str
) -> None:
    field = Field(id="f", label=label, show=Target(label=label), entry=Target(label=label))
    assert field.meant("2023-02-30", Shown(count=1, value=now, kind=kind), days=days) == ("2023-02-30", reason)


def test_a_list_that_loads_its_choices_is_asked_only_on_the_way() -> None:
    target = Target(label="班组", widget="suggest")
    field = Field(id="team", label="班组", show=target, entry=target)
    shown = Shown(count=1, value="1", text="一班", kind="select", options=("1",), labels=("一班",))
    assert (field.meant("二班", shown), field.sent("一班", shown)) == (("二班", ""), "一班")


@pytest.mark.parametrize("kind", ["select", "radio"])
def test_a_choice_is_meant_by_its_words_and_never_by_what_it_is_sent_as(kind: str) -> None:
    field = Field(id="kind", label="类型", show=Target(), entry=Target())
    page = Shown(
        count=1, value="04", text="05", kind=kind, options=("1", "a", "03", "04"), labels=("03号", "06", "02", "05")
    )
    assert [field.meant(text, page) for text in ("04", "1", "05", "02")] == [
        ("04", "code"), ("1", "code"), ("05", ""), ("02", ""),
    ]  # fmt: skip
    assert [field.sent("05", page), field.canonical(page)] == ["04", "05"]


@pytest.mark.parametrize("kind", ["select", "radio"])
def test_choices_without_any_words_are_meant_and_read_by_what_they_are_sent_as(kind: str) -> None:
    field = Field(id="kind", label="类型", show=Target(), entry=Target())
    page = Shown(count=1, value="2", text="", kind=kind, options=("1", "2"), labels=("", ""))
    assert [field.meant(text, page) for text in ("2", "3")] == [("2", ""), ("3", "code")]
    assert [field.sent("2", page), field.canonical(page)] == ["2", "2"]


def test_words_that_another_choice_is_sent_as_are_not_guessed() -> None:
    field = Field(id="kind", label="类型", show=Target(), entry=Target())
    page = Shown(count=1, value="", kind="select", options=("1", "2"), labels=("甲", "1"))
    assert [field.meant(text, page)[1] for text in ("甲", "1", "2")] == ["crossed", "", "code"]


def test_several_choices_are_the_same_in_any_order() -> None:
    field = Field(id="pay", label="缴费", show=Target(), entry=Target())
    drawn = Shown(count=1, value="微信；现金", kind="several")
    native = Shown(
        count=1, kind="multiselect", value="微信；现金", labels=("微信", "现金", "银行"), options=("1", "2", "3")
    )
    assert [field.canonical(drawn), field.meant("现金；微信；现金", drawn)] == ["微信；现金", ("微信；现金", "")]
    assert field.meant("现金；微信", native) == (field.canonical(native), "")
    assert field.meant("现金；支票", native)[1] == "code"


def test_a_number_may_be_below_nothing_and_is_the_same_however_it_is_written() -> None:
    balance = Field(id="balance", label="余额", show=Target(), entry=Target(), number=True)
    told = {"-08.50": "-8.5", "-0.0": "0", "12.00": "12", "1-2": "1-2"}
    assert {text: balance.canonical(Shown(count=1, value=text)) for text in told} == told
    assert [balance.refuse(v, "utf-8") for v in ("-8.5", "--8", "8-")] == [None, "format", "format"]
    assert [balance.holds(v, "-8.5") for v in ("-8.50", "8.50", "")] == [True, False, False]
    assert not replace(balance, number=False).holds("8.50", "8.5")


def test_a_refusal_says_what_the_field_takes() -> None:
    plain = Field(id="kind", label="类型", show=Target(), entry=Target(), bytes=20)
    drawn = Shown(count=1, kind="select", options=("", "1", "2"), labels=("--请选择--", "甲", "乙"))
    many = Shown(count=1, kind="radio", options=tuple(map(str, range(30))), labels=tuple(f"第{n}项" for n in range(30)))
    coded = replace(plain, codes=Codes(options={"是": "Y", "否": "N"}, shown={}))
    nowhere = Shown(count=0)

    def said(field: Field, reason: str, text: str, shown: Shown) -> str:
        return field.hint(reason, text, shown, "gbk").zh

    assert said(plain, "code", "丙", drawn) == "可选：甲、乙"
    assert said(plain, "code", "丙", many) == "可选：" + "、".join(f"第{n}项" for n in range(20)) + "……共 30 项"
    assert said(coded, "code", "也许", nowhere) == "可选：是、否"
    assert said(plain, "length", "一" * 12, nowhere) == "最多 20 字节，这里有 24 字节"
    assert said(replace(plain, bytes=0, length=8), "length", "一" * 9, nowhere) == "最多 8 个字符，这里有 9 个"
    boxed = Shown(count=1, kind="text", longest=8)
    assert said(plain, "length", "一" * 9, boxed) == "最多 8 个字符，这里有 9 个"
    assert said(replace(plain, bytes=0), "length", "x", nowhere) == ""
    assert said(plain, "format", "x", nowhere) == ""
    assert said(plain, "code", "x", nowhere) == ""
