"""What every command takes in the same words: options, places and the reader's language."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import InputError, choices
from core.words import Words, language

ROOT = Path(__file__).resolve().parents[1]
CONFIG, DATA, LOGS = ROOT / "config", ROOT / "data", ROOT / "logs"

ZH = language() == "zh"


def _(zh: str, en: str) -> str:
    return Words(zh, en).say("zh" if ZH else "en")


ConfigDir = Annotated[Path, typer.Option("--config", help=_("配置目录", "the configuration directory"))]
DataDir = Annotated[Path, typer.Option("--data", help=_("台账目录", "the ledger's directory"))]
AsJson = Annotated[bool, typer.Option("--json", help=_("输出一个 JSON 对象", "print one JSON object"))]
Attended = Annotated[
    bool,
    typer.Option(
        "--attended",
        help=_("有人值守：“值守”级也写入", "a person watches: what is on the rung `attended` is written too"),
    ),
]
Headed = Annotated[bool, typer.Option("--headed", help=_("显示浏览器", "show the browser"))]
Day = Annotated[
    str, typer.Option("--date", help=_("业务日期 YYYY-MM-DD，默认今天", "the business date YYYY-MM-DD, default today"))
]


def choice(option: str, given: str, *known: str) -> str:
    if given not in known:
        raise InputError(
            Words(
                f"{option} {given}：没有这个选项；可选：{choices(known)}",
                f"{option} {given}: there is no such choice; there are: {choices(known)}",
            )
        )
    return given
