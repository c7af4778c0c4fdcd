"""`run.py parse` and `run.py compare`: how a single value is read, and whether two mean the same."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from core.errors import InputError, choices, unread
from core.words import Words, language
from doors import output, wiring
from doors.options import CONFIG, AsJson, ConfigDir, _, choice

commands = typer.Typer()


@commands.command()
def parse(
    kind: Annotated[str, typer.Argument(help="address | name | id | phone | text | date")],
    file: Annotated[str, typer.Argument(help=_("每行一个值；- 为标准输入", "one value a line; - is standard input"))] = "-",
    city: Annotated[str, typer.Option("--city", help=_("所在地市：定县名、补区号", "the city: settles counties and area codes"))] = "",
    config: ConfigDir = CONFIG,
) -> None:  # fmt: skip
    """读懂每行一个值，逐行输出一个 JSON 对象；任何字节都有答复。 Read one value a line into one JSON object a line.

    Example: run.py parse address addresses.txt --city 唐山市
    """
    from matchers import reading

    if kind not in reading.KINDS:
        raise InputError(
            Words(
                f"parse {kind}：没有这个种类；可选：{choices(reading.KINDS)}",
                f"parse {kind}: there is no such kind; there are: {choices(reading.KINDS)}",
            )
        )
    settings, site, _fields = wiring.site_of(config)
    reference = wiring.reference_of(settings, site)
    setting = reading.Setting(
        reference=reference,
        as_of=datetime.now(site.timezone).date(),
        city=reading.city(city, reference) if city else None,
    )
    with _lines(file) as lines:
        _say_all(reading.answers(kind, lines, setting))


@contextmanager
def _lines(file: str) -> "Iterator[Iterator[bytes]]":
    """The lines of a file or of standard input as bytes; UTF-16 (Notepad's "Unicode") as UTF-8, since its line ends are no bytes."""
    import codecs
    import io

    try:
        handle = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115  (closed below)
    except OSError as error:
        raise InputError(unread(file, error)) from None
    with handle:
        wide = getattr(handle, "peek", lambda _: b"")(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        if not wide:
            yield iter(handle)
            return
        with io.TextIOWrapper(handle, encoding="utf-16", errors="replace", newline="\n") as texts:
            yield (text.encode("utf-8", "replace") for text in texts)


def _say_all(answers: "Iterator[str]") -> None:
    """One answer a line, as UTF-8 whatever the terminal's encoding; a reader that has seen enough ends it."""
    try:
        for answer in answers:
            sys.stdout.buffer.write(answer.encode("utf-8", "replace") + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@commands.command()
def compare(
    field: Annotated[str, typer.Argument(help=_("字段名，或值的种类", "a field, or a kind of value"))],
    left: Annotated[str, typer.Argument(metavar="A")],
    right: Annotated[str, typer.Argument(metavar="B")],
    stars: Annotated[str, typer.Option("--stars", help=_("脱敏星号：one 一星一字，many 一星多字，either 不确定", "a star is one character, or many, or either"))] = "either",
    config: ConfigDir = CONFIG,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """比较两个值：等级与说明。 The level of two values, and what it means.

    Example: run.py compare cons_name 张晓明 张小明
    """
    from matchers import comparators, masks

    settings, site, fields = wiring.site_of(config)
    kinds = {name: name for name in comparators.KINDS} | {name: found.kind for name, found in fields.items()}
    if field not in kinds:
        raise InputError(
            Words(
                f"compare {field}：没有这个字段或种类；可选：{choices(kinds)}",
                f"compare {field}: there is no such field or kind; there are: {choices(kinds)}",
            )
        )
    reference = wiring.reference_of(settings, site)
    table = fields[field].codes if field in fields else None
    one, other = (reference.coded(table, value) if table else value for value in (left, right))
    comparator = comparators.load(kinds[field])
    choice("--stars", stars, *masks.STYLES)
    level = int(comparator.compare([one], [other], reference, masks.stars(stars))[0])
    words, params = comparator.explain(level, one, other, reference)
    output.show({"level": comparator.called(level), "explanation": words.say(language(), params)}, as_json)
