"""Changes of the page alone: what a clerk sees and a browser posts differs, what the system stores does not."""

from __future__ import annotations

import html as entities
import re

from sandbox.mutations import PageChange

ID = re.compile(r'id="ctl_\d+"')
LABEL = r'<td class="lbl" width="15%">{label}[：]?(?:<font color="red">\*</font>)?</td>'
FORM = re.compile(r"<form .*?</form>", re.DOTALL)


def both(*changes: PageChange) -> PageChange:
    """One change after the other."""

    def change(page: str) -> str:
        for one in changes:
            page = one(page)
        return page

    return change


def ids(shape: str) -> PageChange:
    """Every id is made in another way; `{n}` is its number on the page."""

    def renamed(page: str) -> str:
        numbers = iter(range(10**6))
        return ID.sub(lambda _: f'id="{shape.format(n=next(numbers))}"', page)

    return renamed


def attribute(name: str, words: str) -> PageChange:
    """The control of this name (each of its buttons) has more attributes."""
    control = re.compile(rf'(<(?:input|select|textarea) [^>]*?name="{name}")')
    return lambda page: _done(control.subn(rf"\1 {words}", page))


def relabelled(label: str, cell: str) -> PageChange:
    """The cell with a label is another piece of markup."""
    return lambda page: _done(re.subn(LABEL.format(label=re.escape(label)), lambda _: cell, page))


def labels(pattern: str, into: str) -> PageChange:
    """The text of every label cell, changed by a pattern."""
    cell = re.compile(r'(<td class="lbl" width="15%">)(.*?)(</td>)')
    return lambda page: _done(cell.subn(lambda m: m[1] + re.sub(pattern, into, m[2]) + m[3], page))


def inside(label: str, before: str, after: str) -> PageChange:
    """What stands in the cell beside a label is wrapped."""
    pair = re.compile(rf"({LABEL.format(label=re.escape(label))}<td[^>]*>)(.*?)(</td>)", re.DOTALL)
    return lambda page: _done(pair.subn(lambda m: m[1] + before + m[2] + after + m[3], page))


def moved_in(label: str) -> PageChange:
    """The label stands in the control's own cell, and its cell is empty."""
    pair = re.compile(rf"{LABEL.format(label=re.escape(label))}(<td[^>]*>)(.*?)(</td>)", re.DOTALL)
    return lambda page: _done(pair.subn(lambda m: f"<td></td>{m[1]}{label}：<br>{m[2]}{m[3]}", page))


def one_more(row: str) -> PageChange:
    """One more row in the form's table, as its first."""
    return lambda page: _done(re.subn(r'(<table class="box" width="100%">)', lambda m: m[1] + row, page, count=1))


def before_form(markup: str) -> PageChange:
    """Something stands before the form."""
    return lambda page: _done(re.subn(r"(<form )", lambda m: markup + m[1], page, count=1))


def in_form(markup: str) -> PageChange:
    """Something stands at the form's end."""
    return lambda page: _done(re.subn(r"(</form>)", lambda m: markup + m[1], page, count=1))


def over(markup: str) -> PageChange:
    """Something is laid over the page."""
    return lambda page: _done(re.subn(r"(</body>)", lambda m: markup + m[1], page, count=1))


def replaced(old: str, new: str) -> PageChange:
    """A piece of markup that not every answer has, wherever it stands."""
    return lambda page: page.replace(old, new)


def framed(page: str) -> str:
    """The form stands in a frame of its own."""
    return _done(FORM.subn(_frame, page))


def tagged(old: str, new: str) -> PageChange:
    """Every element of one kind becomes another, where it begins and where it ends."""
    return lambda page: _done(re.subn(rf"(</?){old}\b", rf"\1{new}", page))


def widget(name: str, markup: str) -> PageChange:
    """The text box of this name is another control; `{value}` is what it held."""
    box = re.compile(rf'<input type="text" [^>]*?name="{name}" value="([^"]*)"[^>]*>')
    return lambda page: _done(box.subn(lambda m: markup.format(name=name, value=m[1]), page))


def _frame(form: re.Match[str]) -> str:
    script = '<script>function ask(w, f) { if (confirm(w)) { f.target = "detail"; f.submit(); } }</script>'
    return f'<iframe name="inner" width="100%" height="500" srcdoc="{entities.escape(script + form[0])}"></iframe>'


def _done(counted: tuple[str, int]) -> str:
    """A change that changes nothing would prove nothing. Raises ValueError."""
    page, count = counted
    if not count:
        raise ValueError("the page has nothing that this mutation changes")
    return page
