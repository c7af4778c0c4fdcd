"""`run.py rules`: the rules that the archive is checked by."""

from typing import Annotated

import typer

from core.words import language
from doors import output, wiring
from doors.options import CONFIG, AsJson, ConfigDir, _

commands = typer.Typer()


@commands.command()
def rules(
    config: ConfigDir = CONFIG, as_json: AsJson = False,
    markdown: Annotated[bool, typer.Option("--markdown", help=_("docs/rules.md 的全文", "the text of docs/rules.md"))] = False,
) -> None:  # fmt: skip
    """列出全部规则。 List the rules.

    Example: run.py rules --markdown
    """
    from console.render import rules as drawing
    from core import settings
    from matchers.rules import known

    layers = wiring.config_of(config).layers("rules")
    configured, off = known(*([settings.load(path) for path in layer] for layer in layers))
    if markdown:
        print(drawing.markdown(configured, off), end="")
        return
    output.listing(drawing.rows(configured, language(), off), as_json, "rules")
