"""`run.py enter` and `run.py screens …`: a spreadsheet into a screen, and the maps of screens; enter.py, handover.py and record.py do the work."""

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.words import language
from doors import logs, output, wiring
from doors.options import CONFIG, DATA, AsJson, ConfigDir, DataDir, Headed, _

if TYPE_CHECKING:
    from doors.enter import Hall

commands = typer.Typer()
group = typer.Typer(help=_("界面映射", "the maps of screens"), no_args_is_help=True)
Target = Annotated[
    str, typer.Option("--target", help=_("系统地址，默认取配置", "the system's address, default: as configured"))
]


@commands.command()
def enter(
    screen: Annotated[str, typer.Argument(help=_("界面名（见 screens list），或一份映射的路径", "a screen of `screens list`, or the path of a map"))],
    rows: Annotated[Path, typer.Argument(help=_("表格 xlsx 或 csv", "the spreadsheet, xlsx or csv"))],
    config: ConfigDir = CONFIG, data: DataDir = DATA, target: Target = "", headed: Headed = False, as_json: AsJson = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("只读取并对比，不录入", "read and compare, type nothing"))] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help=_("最多几行，0 = 全部", "at most so many rows, 0 = all"))] = 0,
    attended: Annotated[bool, typer.Option("--attended", help=_("有人值守：缺口令时询问", "a person is there: a missing secret is asked for"))] = False,
    resume: Annotated[bool, typer.Option("--resume", help=_("接着上次，只做未结束的行", "go on with the rows that have not ended"))] = False,
    remake: Annotated[bool, typer.Option("--remake", help=_("重做建后查不到的记录（先到系统里看过，确未建成）", "make records again that could not be found after they were made; look into the system first"))] = False,
) -> None:  # fmt: skip
    """把表格逐行录入界面并回读；结果文件在表格旁边。 Enter a spreadsheet's rows into a screen and read them back.

    Example: run.py enter account rows.xlsx --dry-run
    """
    from console.render import entered
    from doors import enter as door

    logs.begin(data)
    wish = door.Wish(
        screen=screen,
        rows=rows,
        target=target,
        dry_run=dry_run,
        limit=limit,
        headed=headed,
        resume=resume,
        remake=remake,
    )
    with output.progress() as say:
        done = door.enter(_hall(config, data, say, attended=attended), wish)
    if not as_json:
        entered.table(done.rows, language())
    output.why(done.figures[door.ENDED])
    for one in done.figures[door.DRIFT]:
        print(door.sentence(one, language()), file=sys.stderr)
    hidden = () if as_json else (door.DRIFT,)
    figures = {name: value for name, value in done.figures.items() if name not in hidden}
    output.show(figures, as_json, _("录入", "enter"))
    raise typer.Exit(0 if done.ok else 1)


@group.command("list")
def screens_list(config: ConfigDir = CONFIG, as_json: AsJson = False) -> None:
    """有哪些界面映射。 The screens that are mapped.

    Example: run.py screens list
    """
    from doors import enter as door

    output.listing(door.listing(wiring.config_of(config)), as_json, "screens")


@group.command("check")
def screens_check(
    screen: Annotated[str, typer.Argument(help=_("界面名，或一份映射的路径", "a screen of `screens list`, or the path of a map"))],
    config: ConfigDir = CONFIG, data: DataDir = DATA, target: Target = "", headed: Headed = False, as_json: AsJson = False,
    key: Annotated[list[str] | None, typer.Option("--key", help=_("用来打开的样本记录", "a record to open, as a sample"))] = None,
    attended: Annotated[bool, typer.Option("--attended", help=_("有人值守：缺口令时询问", "a person is there: a missing secret is asked for"))] = False,
    picture: Annotated[Path | None, typer.Option("--picture", help=_("标出控件的图片放在哪里，默认在 --data 里", "where the picture with the controls goes, default: in --data"))] = None,
) -> None:  # fmt: skip
    """预检一个界面：逐个找到控件，比对选项，不录入。 Find every control of a screen and compare its options; types nothing.

    Example: run.py screens check account --key 1301000000001
    """
    from doors import enter as door

    logs.begin(data)
    with output.progress() as say:
        found = door.check(
            _hall(config, data, say, attended=attended), screen, target, key or [], headed=headed, picture=picture
        )
    if as_json:
        output.show(found, as_json)
    else:
        output.show({"ok": found["ok"], "fields": found["fields"]}, as_json, Path(screen).stem)
        output.listing([_told(problem) for problem in (*found["problems"], *found["drift"])], as_json, "problems")
        if found["fetch"]:
            known = {
                "open": ("尚未证明", "not proven yet"),
                "proven": ("已证明", "proven"),
                "refuted": ("已推翻，不再使用", "refuted, not used"),
            }
            print(_(f"取回（fetch）：{known[found['fetch']][0]}", f"fetch: {known[found['fetch']][1]}"))
        if found["next"]:
            known = {
                "seen": ("列表上见到了", "seen on the list"),
                "unseen": (
                    "没有见到；列表只有一页时如此，否则是写错了，请用一条要翻页的记录再查",
                    "not seen; so it is where the list has one page, else it is misspelt: check a record of a longer list",
                ),
            }
            print(_(f"翻页（next）：{known[found['next']][0]}", f"next: {known[found['next']][1]}"))
        if found["picture"]:
            print(_(f"图片：{found['picture']}", f"picture: {found['picture']}"))
    raise typer.Exit(0 if found["ok"] else 1)


def _told(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem of a screen as a row of a table: whatever it says beside its place and code stands in one column."""
    rest = {name: value for name, value in problem.items() if name not in ("place", "code")}
    from doors.enter import PREFLIGHT, details
    from flows.refusals import REFUSALS

    said = PREFLIGHT.get(problem["code"]) or REFUSALS.get(problem["code"])
    return {
        "place": problem["place"],
        "problem": said.say(language()) if said else problem["code"],
        "why": details(rest, language()),
    }


@group.command("login")
def screens_login(
    screen: Annotated[str, typer.Argument(help=_("界面名或映射", "a screen of `screens list`, or a map"))],
    config: ConfigDir = CONFIG, data: DataDir = DATA, target: Target = "", as_json: AsJson = False,
    leave: Annotated[bool, typer.Option("--leave", help=_("登录后即退出，不保持会话", "end once logged in; nothing keeps the session alive"))] = False,
    keep: Annotated[bool, typer.Option("--keep", help=_("不再登录，只保持已交接的会话", "no new login: keep the session that was handed over alive"))] = False,
) -> None:  # fmt: skip
    """人先登录（验证码、U 盾、短信），会话交给夜里用，并一直保持到 Ctrl-C。 A person logs in, and the session is kept alive for the night until Ctrl-C.

    Example: run.py screens login account
    """
    from doors import handover

    logs.begin(data)
    with output.progress() as say:
        done = handover.hand_over(
            _hall(config, data, say, attended=True), screen, target, login=not keep, stay=not leave
        )
    output.why(str(done["ended"]))
    output.show(done, as_json, _("会话", "session"))
    raise typer.Exit(0 if done["ended"] == "stopped" else 1)


@group.command("record")
def screens_record(
    url: Annotated[str, typer.Argument(help=_("从哪个地址开始", "the address to begin at"))],
    key: Annotated[str, typer.Option("--key", help=_("将要打开的那条记录的主键", "the key of the record that you will open"))],
    out: Annotated[Path, typer.Option("--out", help=_("写到哪里", "where the map goes"))] = Path("screen.yaml"),
    rows: Annotated[Path | None, typer.Option("--rows", help=_("将要录入的表格，列名由它来", "the spreadsheet that will be entered; names the columns"))] = None,
    yes: Annotated[bool, typer.Option("--yes", help=_("不问列名，界面上怎么叫就怎么叫", "ask for no columns: they are called as on the page"))] = False,
    data: DataDir = DATA, as_json: AsJson = False,
) -> None:  # fmt: skip
    """录制：人做一遍，得到映射。 Record: you fill one record, and its map is written.

    Example: run.py screens record http://127.0.0.1:8000/admin/ --key 1001 --out meter.yaml
    """
    from doors import record as door

    logs.begin(data)
    wish = door.Wish(url=url, key=key, out=out, columns=_columns(rows))
    door.allowed(wish)
    terminal = _Terminal()
    print(
        _(
            "请在打开的窗口里：登录，打开这条记录，改要录的每个字段，保存；看到成功之后回到这里按回车。",
            "In the window that opens: log in, open the record, change every field that will be entered, save; when it says so, press Enter here.",
        ),
        file=sys.stderr,
    )
    done = door.record(
        wish, terminal.ended, terminal.agrees, lambda words, likely: likely if yes else terminal.column(words, likely)
    )
    if as_json:
        print(door.told(done))
        return
    output.listing(done.rows(), as_json, "fields")
    for about, words in done.problems:
        print(f"! {about} {words.say(language())}".replace("  ", " "))
    print(_("映射", "map") + f": {done.path}")
    print(f"run.py screens check {done.path} --key {key}")


def _columns(rows: Path | None) -> list[str]:
    from bots.sources import entries

    return entries.columns(rows) if rows else []


class _Terminal:
    """Questions and the Enter key at one terminal: a single reader takes every line, whoever waits for it."""

    def __init__(self) -> None:
        self._lines: Queue[str | None] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            self._lines.put(line.strip())
        self._lines.put(None)  # nobody is there any more

    def _line(self) -> str:
        line = self._lines.get()
        if line is None:
            self._lines.put(None)
        return line or ""

    def ended(self) -> bool:
        """Whether Enter was pressed since the last question, whatever was typed before it."""
        if self._lines.empty() or self._lines.queue[0] is None:
            return False
        self._line()
        return True

    def agrees(self, text: str) -> bool:
        """A question of the page, answered here."""
        print(_(f"页面问：{text}  回答“是”吗？[y/N]", f"the page asks: {text}  Answer yes? [y/N]"), file=sys.stderr)
        return self._line().lower() in ("y", "yes", "是")

    def column(self, words: str, likely: str) -> str:
        """The column that a field is filled from; empty: none."""
        print(
            _(
                f"“{words}”来自表格的哪一列（- = 不要）[{likely}]：",
                f"which column fills '{words}' (- = none) [{likely}]:",
            ),
            file=sys.stderr,
        )
        told = self._line() or likely
        return "" if told == "-" else told


def _hall(directory: Path, data: Path, say: "Callable[[str, int, int], None]", *, attended: bool) -> "Hall":
    """What `enter` and the commands of `screens` work with."""
    from core.site import environment
    from doors.enter import Hall

    config, site, fields = wiring.site_of(directory)
    stopping = wiring.stop_flag()
    data.mkdir(parents=True, exist_ok=True)
    return Hall(
        config=config, site=site, fields=fields, data=data, database=os.environ.get("HEDANG_DATABASE"), language=language(),
        secrets=_asked if attended else environment(), say=say, worker=wiring.worker_of, gone=wiring.gone, login=lambda: wiring.login(data, site),
        stop=lambda: bool(stopping), clock=wiring.Clock(), day=wiring.day_of("", site), person=_reader(data) if attended else None,
    )  # fmt: skip


def _asked(name: str) -> str | None:
    """A secret of the environment, or what the person at the terminal types for it."""
    from getpass import getpass

    from core.site import environment

    found = environment()(name)
    if found is not None or not sys.stdin.isatty():
        return found
    return getpass(_(f"口令 {name}：", f"secret {name}: "))


def _reader(data: Path) -> "Callable[[bytes], str] | None":
    """Shows the person at the terminal where a picture lies, and takes what he reads in it; the picture is removed."""
    if not sys.stdin.isatty():
        return None

    def read(picture: bytes) -> str:
        path = data / "captcha.png"
        try:
            path.write_bytes(picture)
            return input(_(f"请看 {path}，验证码：", f"look at {path}; what does it say: "))
        finally:
            path.unlink(missing_ok=True)

    return read
