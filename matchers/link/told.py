"""Say in words how a record was found: how likely it is, of whom it speaks, and how each field agrees."""

from core.model import Link
from core.words import Words
from matchers.link.kinds import KINDS

RELATIONS = {
    "holder": Words("户主本人", "the holder"),
    "contact": Words("联系人", "a contact"),
    "co_owner": Words("同一户的共有人", "a co-owner of the same flat"),
    "resident": Words("同一户的居住人", "a resident of the same flat"),
}
SAID = {
    "name": Words("姓名", "name"),
    "id": Words("证件", "certificate"),
    "address": Words("地址", "address"),
    "flat": Words("地址", "address"),
    "phone": Words("电话", "phone"),
}
"""What the kinds of comparison are called where two people are compared; another kind goes by its field."""

SURE = Words("关联概率 {chance}", "linked, probability {chance}")
UNSURE = Words("疑似，概率 {chance}，只供人判断", "possible, probability {chance}, for a person to judge")


def link(of: Link) -> Words:
    """The sentence; it holds no value of anybody."""
    levels = [
        (SAID.get(kind, Words(name, name)), KINDS[kind].levels[level]) for name, kind, level in of.agreed if level >= 0
    ]
    chance = f"{of.probability:.4f}"
    who, how = RELATIONS[of.relation], SURE if of.sure else UNSURE
    zh = "、".join(f"{name.zh}{level.zh}" for name, level in levels)
    en = ", ".join(f"{name.en} {level.en}" for name, level in levels)
    return Words(f"{how.zh.format(chance=chance)}，{who.zh}：{zh}", f"{how.en.format(chance=chance)}; {who.en}: {en}")
