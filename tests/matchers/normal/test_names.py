"""Names: dirt comes off and is said, remarks stand beside, and no name is turned into another."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from core.reference import Reference
from matchers.columns import encode
from matchers.normal import names
from matchers.normal import text as texts

SURNAMES = st.sampled_from("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗")
GIVEN = st.text(st.sampled_from("建国明秀英丽华伟芳军强磊洋艳勇杰娟涛敏静霞刚红玉兰桂海文春梅"), min_size=1, max_size=2)
PEOPLE = st.builds("{}{}".format, SURNAMES, GIVEN)
COMPOUND = st.builds("{}{}".format, st.sampled_from(["欧阳", "司马", "诸葛", "上官", "皇甫", "令狐"]), GIVEN)
PART = st.builds(
    "{}{}".format,
    st.sampled_from("阿吐"),
    st.text(st.sampled_from("卜杜拉买提丽娜扎尔拜合亚逊力"), min_size=2, max_size=4),
)
PARTS = st.lists(PART, min_size=2, max_size=3)
DOTS = "•‧・･∙⋅.．。﹒·"


@given(name=PEOPLE | COMPOUND)
def test_a_tidy_name_is_its_own_normal_form(reference: Reference, name: str) -> None:
    found = names.read(name, reference)
    assert (found.normal, found.remark, found.reasons, found.person) == (name, "", (), True)
    assert found.surname == name[: 2 if name[:2] in {"欧阳", "司马", "诸葛", "上官", "皇甫", "令狐"} else 1]


@given(name=PEOPLE, dirt=st.sampled_from(["\u3000", " ", "\u00a0", "\t", "\u200b", "\ufeff"]))
def test_blanks_and_invisible_characters_inside_a_name_go(reference: Reference, name: str, dirt: str) -> None:
    found = names.read(dirt.join(name), reference)
    assert found.normal == name
    assert {"blank", "invisible"} & set(found.reasons)


@given(parts=PARTS, dot=st.sampled_from([*DOTS, " · ", " ", "··"]))
def test_every_dot_of_a_minority_name_becomes_the_one_that_the_legacy_system_knows(
    reference: Reference, parts: list[str], dot: str
) -> None:
    assume(dot != " " or len(parts) == 2)
    found = names.read(dot.join(parts), reference)
    assert found.normal == "·".join(parts)
    assert found.key == names.key("".join(parts), reference)
    assert ("dot" in found.reasons) == (dot != "·")


REMARKS = ["东城", "2号表", "已故", "租户", "临时", "煤改电", "老宅", "车库", "李四", "13812345678", "户主", "故"]


@given(
    name=PEOPLE,
    remark=st.sampled_from(REMARKS),
    way=st.sampled_from(["{}({})", "{}（{}）", "{}【{}】", "{}({}", "{} ({})", "({1}){0}"]),
)
def test_what_stands_in_brackets_is_a_remark(reference: Reference, name: str, remark: str, way: str) -> None:
    found = names.read(way.format(name, remark), reference)
    assert (found.normal, found.remark) == (name, remark)
    assert "remark" in found.reasons


@given(
    name=PEOPLE,
    remark=st.sampled_from(["2号表", "二号表", "新表", "临时", "煤改电", "光伏", "车库", "先生", "租户", "东屋"]),
    mark=st.sampled_from(["", "-", " ", "_"]),
)
def test_known_words_behind_a_name_are_a_remark(reference: Reference, name: str, remark: str, mark: str) -> None:
    found = names.read(name + mark + remark, reference)
    assert (found.normal, found.remark) == (name, remark)


@given(name=PEOPLE, label=st.sampled_from(["户主:", "户名：", "姓名:", "户主", "业主:", "产权人："]))
def test_a_label_before_a_name_is_a_remark(reference: Reference, name: str, label: str) -> None:
    found = names.read(label + name, reference)
    assert (found.normal, found.remark) == (name, label.rstrip(":："))


@given(
    name=PEOPLE.filter(lambda name: len(name) == 3),
    star=st.sampled_from("*＊×●○某Xx〇"),
    place=st.sampled_from([(0, 1), (1, 2), (1, 3), (2, 3)]),
)
def test_every_style_of_mask_is_a_mask(reference: Reference, name: str, star: str, place: tuple[int, int]) -> None:
    first, last = place
    assume(first > 0 or star in "*＊×●○")
    found = names.read(name[:first] + star * (last - first) + name[last:], reference)
    assert found.normal == name[:first] + "*" * (last - first) + name[last:]
    assert found.reasons == ("masked",) or found.reasons == ("width", "masked")


@given(one=PEOPLE, other=PEOPLE, mark=st.sampled_from(["、", "，", "/", ";", ","]))
def test_two_people_stay_two(reference: Reference, one: str, other: str, mark: str) -> None:
    found = names.read(one + mark + other, reference)
    assert "several" in found.reasons
    assert one in found.normal
    assert other in found.normal


@given(name=PEOPLE)
def test_traditional_forms_have_the_same_key_and_keep_their_characters(reference: Reference, name: str) -> None:
    table = str.maketrans("张刘陈杨赵黄吴孙马罗国丽华伟军强红兰艳", "張劉陳楊趙黃吳孫馬羅國麗華偉軍強紅蘭艷")
    found = names.read(name.translate(table), reference)
    assert found.normal == name.translate(table)
    assert found.key == names.read(name, reference).key


@given(name=PEOPLE, code=st.sampled_from(["\ue863", "\ue82f", "&#19886;"]))
def test_private_code_points_become_the_character_that_windows_meant(
    reference: Reference, name: str, code: str
) -> None:
    found = names.read(name + code, reference)
    assert not any("\ue000" <= c <= "\uf8ff" for c in found.normal)
    assert {"private_use", "entity"} & set(found.reasons)


@pytest.mark.parametrize(
    ("text", "normal", "key"),
    [
        ("李乾", "李乾", "李乾"),
        ("王昇", "王昇", "王升"),
        ("王升", "王升", "王升"),
        ("于䶮", "于䶮", "于䶮"),
        ("萧峰", "萧峰", "萧峰"),
    ],
)
def test_keys_fold_variants_and_normal_forms_do_not(text: str, normal: str, key: str, reference: Reference) -> None:
    found = names.read(text, reference)
    assert (found.normal, found.key) == (normal, key)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("户主", "placeholder"), ("测试", "placeholder"), ("某某某", "placeholder"), ("空房", "placeholder"), ("用户123", "placeholder"),
        ("无", "none"), ("不详", "not_given"), ("同上", "ditto"), ("\\N", "not_given"), ("", "missing"),
        ("荣庆里物业有限公司", "organisation"), ("张家庄村委会", "organisation"), ("荣庆里小区业主委员会", "organisation"), ("李记饭店", "organisation"),
        ("路北区换热站", "organisation"), ("中国移动通信基站", "organisation"), ("新华书店", "organisation"),
        ("于yan", "rare"), ("张xiao明", "rare"), ("于(上龙下天)", "rare"), ("于⿱龙天", "rare"), ("于?", "lost"), ("于□", "lost"), ("于\ufffd", "lost"),
        ("陈佳禾3号楼2单元", "address"), ("陈佳禾1", "illegal"), ("陈佳禾。", "illegal"), ("陈", "short"), ("陈佳禾刘思远王沐阳", "long"),
        ("张先生", "short"), ("张三和李四", "several"), ("张晓明 李建国", "several"),
    ],
)  # fmt: skip
def test_what_is_odd_about_a_name_is_said(text: str, reason: str, reference: Reference) -> None:
    assert reason in names.read(text, reference).reasons


@pytest.mark.parametrize(
    "text",
    ["张局", "李广厂", "王新", "高业", "安定", "张和平", "李中心", "林场", "史测", "司空曙", "方圆", "同安", "苏无名"],
)
def test_people_whose_names_look_like_words_stay_people(text: str, reference: Reference) -> None:
    assert names.read(text, reference).normal == text
    assert not names.read(text, reference).remark


def test_a_column_has_one_key_for_every_spelling(reference: Reference) -> None:
    column = names.column(encode(["张晓明", "张　晓　明", "張曉明", None, "张晓明（东城）"]), reference)
    assert column.codes.tolist() == [0, 0, 0, -1, 0]


@given(name=PEOPLE)
def test_the_glance_and_the_long_look_agree(reference: Reference, name: str) -> None:
    glance, look = names.read(name, reference), names.read(name + "\u200b", reference)
    assert (glance.normal, glance.key, glance.surname) == (look.normal, look.key, look.surname)
    assert look.reasons == ("invisible",)


@example(text="·")
@given(text=st.text(max_size=40))
def test_any_text_is_a_name_or_says_why_not(reference: Reference, text: str) -> None:
    found = names.read(text, reference)
    assert found.original == text
    assert found.normal or found.reasons


@pytest.mark.parametrize(
    ("text", "normal", "remark"),
    [
        ("王建国13812345678", "王建国", "13812345678"),
        ("王建国1组", "王建国", "1组"),
        ("待过户-王建国", "王建国", "待过户"),
        ("拆迁户：李秀英", "李秀英", "拆迁户"),
    ],
)
def test_numbers_behind_a_name_and_states_before_it_are_remarks(
    reference: Reference, text: str, normal: str, remark: str
) -> None:
    found = names.read(text, reference)
    assert (found.normal, found.remark, found.person) == (normal, remark, True)


@pytest.mark.parametrize("text", ["王五之妻", "王建国之子", "王五配偶", "王建国代李明"])
def test_somebodys_kin_is_not_that_somebody(reference: Reference, text: str) -> None:
    found = names.read(text, reference)
    assert (found.normal, found.person, "kin" in found.reasons) == (text, False, True)


@given(
    st.text(st.sampled_from(texts.EVERYDAY_HAN[:600]), min_size=2, max_size=4), st.sampled_from(sorted(names._TELLING))
)
def test_one_telling_character_is_no_word_unless_it_is_enough_by_itself(name: str, telling: str) -> None:
    """The glance that spares most names the search for words gives the answer of the search."""
    for text in (telling + name[1:], name[:-1] + telling):
        assert names._telling(text) == (text in names._NO_NAMES or bool(names._ELSE.search(text)))
