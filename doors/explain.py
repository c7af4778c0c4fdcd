"""`run.py explain`: where a value came from."""

from typing import Annotated

import typer

from core.errors import InputError, choices
from core.words import Words, language
from doors import output, wiring
from doors.options import CONFIG, DATA, AsJson, ConfigDir, DataDir, _

commands = typer.Typer()


@commands.command()
def explain(
    number: Annotated[str, typer.Argument(help=_("户号或客户编号", "an account or customer number"))],
    field: Annotated[str, typer.Argument(help=_("字段", "a field"))] = "",
    config: ConfigDir = CONFIG, data: DataDir = DATA, as_json: AsJson = False,
) -> None:  # fmt: skip
    """一个值从哪里来：回溯到原始数据行与决定的人。 Where a value came from, back to the source row and the person.

    Example: run.py explain 1000079190 mobile
    """
    from console.render.chain import sentence as said
    from flows import explain as explaining

    _settings, _where, fields = wiring.site_of(config)
    if field and field not in fields:
        raise InputError(
            Words(
                f"{field}：没有这个字段；可选：{choices(fields)}",
                f"{field}: there is no such field; there are: {choices(fields)}",
            )
        )
    links = explaining.chain(wiring.ledger_of(data), number, fields, field or None)
    if as_json:
        rows = [{"at": x.at, "what": x.what, "field": x.field, "who": x.who, "detail": dict(x.detail)} for x in links]
    else:
        rows = [
            {"at": x.at, "field": fields[x.field].label.say(language()), "what": said(x, language())} for x in links
        ]
    output.listing(rows, as_json, "chain")
