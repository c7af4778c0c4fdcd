"""Mutations of the screens on which something is made: a contact's form, and a customer's application; fewer of each kind than of the account's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sandbox.mutations import Mutation, PageChange, catalogue, fields, markup
from sandbox.skins import Skin


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One screen, and what its fields may be called one day."""

    screen: str  # in the skin
    template: str
    answer: str  # the template that tells how it was saved
    labels: Mapping[str, str]
    names: Mapping[str, str]
    swapped: tuple[str, str]
    coded: str
    table: str
    choice: str  # of the code table; then its new words
    words: str
    save: str  # texts of the skin: the button, the question, the answer
    confirm: str
    saved: str


CONTACT = Form(
    screen="contacts",
    template="contact.html",
    answer="contacts.html",
    labels={
        "name": "姓名",
        "relation": "与户主关系",
        "mobile": "手机号码",
        "home_phone": "座机",
        "priority": "联系顺序",
    },
    names={"name": "contactName", "relation": "relCode", "mobile": "mobileNo", "home_phone": "tel", "priority": "seq"},
    swapped=("mobile", "home_phone"),
    coded="relation",
    table="relation",
    choice="landlord",
    words="出租人",
    save="save",
    confirm="confirm_save",
    saved="saved",
)
CUSTOMER = Form(
    screen="apply",
    template="apply.html",
    answer="apply.html",
    labels={
        "new_name": "新客户名称",
        "new_cert_type": "新证件类型",
        "new_cert_no": "新证件号码",
        "new_cert_valid_to": "新证件有效期",
    },
    names={
        "new_name": "custNameNew",
        "new_cert_type": "certTypeNew",
        "new_cert_no": "certNoNew",
        "new_cert_valid_to": "validNew",
    },
    swapped=("new_name", "new_cert_no"),
    coded="new_cert_type",
    table="cert_type",
    choice="passport",
    words="护照或通行证",
    save="submit",
    confirm="confirm_submit",
    saved="applied",
)


def cases(skin: Skin, form: Form) -> list[Mutation]:
    """Every mutation of one form, each with a name of its own."""
    parts = (_whole(), _words(skin, form), _choices(form), _meanings(skin, form), _saving(skin, form))
    found = [mutation for part in parts for mutation in part]
    shuffles = [Mutation(kind="shuffle", detail=str(n), skin=fields.shuffled(n, form.screen)) for n in range(1, 5)]
    made = [*found, *shuffles]
    return [
        replace(m, template=m.template if m.template == form.answer else form.template, page=_there(m.page))
        for m in made
    ]


def _there(change: PageChange) -> PageChange:
    """Only where the form is open: a search is answered by the same template."""
    return lambda page: change(page) if 'name="rid"' in page or 'id="msg"' in page else page


def _whole() -> Iterator[Mutation]:
    for shape in ("x-{n}", "ext-gen{n}"):
        yield Mutation(kind="ids", detail=shape, page=markup.ids(shape))
    shapes = {
        "no-colon": ("：", ""), "ascii-colon": ("：", ":"), "nbsp": ("：", "&nbsp;:&nbsp;"), "bold": (r"^(.*)$", r"<b>\1</b>"),
        "star": (r"^(.*)$", r'<font color="red">*</font>\1'),
    }  # fmt: skip
    for detail, (pattern, into) in shapes.items():
        yield Mutation(kind="labels", detail=detail, page=markup.labels(pattern, into))
    yield Mutation(kind="layer", detail="known", page=markup.over(catalogue.KNOWN_LAYER))
    yield Mutation(kind="layer", detail="unknown", page=markup.over(catalogue.UNKNOWN_LAYER))
    yield Mutation(kind="layer", detail="corner", page=markup.over(catalogue.CORNER))
    yield Mutation(kind="around", detail="heading", page=markup.before_form("<h3>信息维护</h3><hr>"))


def _words(skin: Skin, form: Form) -> Iterator[Mutation]:
    """Fields that lost one of the two ways in which a map finds them, or stand in other markup."""
    for column, label in form.labels.items():
        old = fields.field(skin, column, form.screen)
        head, other = (
            f'<{tag} class="lbl" width="15%">{words}：</{tag}>' for tag, words in (("th", old.label), ("td", label))
        )
        yield Mutation(kind="relabel", columns=(column,), page=markup.relabelled(old.label, other))
        yield Mutation(
            kind="rename", columns=(column,), skin=fields.changed(column, on=form.screen, name=form.names[column])
        )
        yield Mutation(kind="label-head", columns=(column,), page=markup.relabelled(old.label, head))
        yield Mutation(kind="hint", columns=(column,), page=markup.attribute(old.name, f'title="请填写{old.label}"'))
        yield Mutation(kind="unit", columns=(column,), skin=fields.changed(column, on=form.screen, unit="（必填）"))
        yield Mutation(kind="wrapped", columns=(column,), page=markup.inside(old.label, "<div><span>", "</span></div>"))


def _choices(form: Form) -> Iterator[Mutation]:
    changes = {
        "retext": fields.retexted(form.choice, form.words), "renumber": fields.renumbered(form.choice, "77"),
        "reorder": fields.reordered, "more": fields.also("new", "88", "新增类别"), "gone": fields.without(form.choice),
    }  # fmt: skip
    for detail, change in changes.items():
        yield Mutation(kind="option", columns=(form.coded,), detail=detail, skin=fields.recoded(form.table, change))


def _meanings(skin: Skin, form: Form) -> Iterator[Mutation]:
    """Labels and names that no longer belong to the same field; fields that are gone or take less."""
    one, other = form.swapped
    control = fields.field(skin, other, form.screen).name
    yield Mutation(kind="swap-labels", columns=form.swapped, skin=fields.swapped(one, other, "label", on=form.screen))
    yield Mutation(kind="swap-names", columns=form.swapped, skin=fields.swapped(one, other, "name", on=form.screen))
    yield Mutation(kind="drop", columns=(other,), skin=fields.dropped(other, form.screen))
    yield Mutation(kind="read-only", columns=(other,), page=markup.attribute(control, "readonly"))
    yield Mutation(kind="shorten", columns=(other,), detail="fits", page=markup.attribute(control, 'maxlength="20"'))
    yield Mutation(
        kind="shorten", columns=(other,), detail="too-short", page=markup.attribute(control, 'maxlength="2"')
    )


def _saving(skin: Skin, form: Form) -> Iterator[Mutation]:
    words = skin.texts
    save = f'value="{words[form.save]}"'
    yield Mutation(kind="save", detail="words", page=markup.replaced(save, 'value="确认修改"'))
    yield Mutation(kind="save", detail="looks", page=markup.replaced('class="btn"', 'class="x-btn x-primary"'))
    yield Mutation(kind="question", page=markup.replaced(words[form.confirm], "修改将立即生效，是否继续？"))
    answer = markup.replaced(f'"msg">{words[form.saved]}', '"msg">操作成功')
    yield Mutation(kind="answer", detail="words", template=form.answer, page=answer)
