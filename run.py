#!/usr/bin/env python3
"""The one door: the command line of Hedang (核档). The commands themselves are in doors/.

Nothing heavy is imported before a command needs it, so that `--help` answers at once.
"""

import sys
from collections.abc import Callable

try:
    import typer
    from typer.exceptions import TyperException
except ModuleNotFoundError:
    sys.exit(
        "先执行 make setup，再用 .venv/bin/python run.py。 Run `make setup` first, then `.venv/bin/python run.py`."
    )

from core.errors import HedangError
from doors import (
    demo,
    dispatch,
    doctor,
    explain,
    fill,
    link,
    logs,
    night,
    policy,
    quarters,
    queue,
    review,
    rules,
    screens,
    setup,
    values,
    wiring,
)
from doors.options import ZH, _

app = typer.Typer(
    help=_("核档：普查结果回填与档案核查", "Hedang: fills survey results in and cross-checks archives"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

# In the order of the help: first the commands that stand alone, then the groups.
for _module in (night, fill, screens, setup, queue, rules, dispatch, explain, values, link, doctor, demo):
    app.add_typer(_module.commands)
for _name, _group in {
    "screens": screens.group,
    "db": setup.db,
    "audit": setup.audit,
    "review": review.group,
    "policy": policy.group,
    "queue": queue.group,
    "quarters": quarters.group,
}.items():
    app.add_typer(_group, name=_name)


def main() -> None:
    """The command line; every error becomes one sentence, never a traceback with data in it.

    Exit code 2 where the operator can put it right, 1 for what nobody foresaw.
    """
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except TyperException as error:
        sys.exit(_misused(error))
    except typer.Abort:
        print(_("已中止", "aborted"), file=sys.stderr)
        sys.exit(1)
    except wiring.Told:
        sys.exit(2)
    except HedangError as error:
        print(_("出错：", "error: ") + str(error), file=sys.stderr)
        sys.exit(2)
    except Exception as error:  # noqa: BLE001  (the one place that turns the unforeseen into a sentence)
        print(_("内部错误：", "internal error: ") + logs.unforeseen(error), file=sys.stderr)
        sys.exit(1)


def _misused(error: TyperException) -> int:
    """Say what was typed wrongly, Chinese first, and answer the exit code; a group without a command shows its help."""
    from console.render import misuse

    message = error.format_message()
    if ZH and not message.startswith("Usage:"):
        print(f"出错：{misuse.sentence(message)}", file=sys.stderr)
    show: Callable[[], None] = getattr(error, "show", lambda: print(message, file=sys.stderr))
    show()
    return error.exit_code


if __name__ == "__main__":
    main()
