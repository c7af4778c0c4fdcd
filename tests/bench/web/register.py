"""A register of meters on GBK pages of forty fields: search, list, form. `python -m tests.bench.web.register` serves it and prints where.

It answers as fast as it can, and keeps what it is sent; any number is the number of a meter.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from subprocess import PIPE, Popen

from flask import Flask, Response, request

from bots import legacy as hands
from bots import maps
from sandbox.legacy import forms
from sandbox.serving import Server

HERE = Path(__file__).parent
TEXTS = tuple(f"栏目{n:02}" for n in range(1, 33))
CHOICES = tuple(f"类别{n}" for n in range(1, 9))
OPTIONS = ("", "甲", "乙", "丙")
FILLED = (*TEXTS[:8], *CHOICES[:2])
"""Ten fields, which change with every record."""
HEAD = '<!doctype html><meta charset="gbk"><title>登记</title>'


def values(number: int) -> dict[str, str]:
    """What is filled into the ten fields in the round of this number."""
    return {f: OPTIONS[number % 3 + 1] if f in CHOICES else f"值{number % 89 + 10}" for f in FILLED}


def create() -> Flask:
    """The register as a WSGI application."""
    app, rows, saves = Flask(__name__), dict[str, dict[str, str]](), count(1)

    def page(body: str) -> Response:
        return Response(forms.gbk(HEAD + body), content_type="text/html; charset=GBK")

    def search() -> Response:
        return page(
            '<form action="/list"><table><tr><td>表号</td><td><input name="q"></td></tr></table><button>查询</button></form>'
        )

    def found() -> Response:
        key = request.args.get("q", "")
        return page(
            f'<table><tr><th>表号</th><th>操作</th></tr><tr><td>{key}</td><td><a href="/meters/{key}">修改</a></td></tr></table>'
        )

    def form(key: str) -> Response:
        if request.method == "POST":
            rows[key] = {**forms.parse(request.get_data()), "保存时间": str(next(saves))}
        held = rows.get(key, {})
        boxes = "".join(
            f'<tr><td>{f}：</td><td><input type="text" name="{f}" value="{held.get(f, "")}"></td></tr>' for f in TEXTS
        )
        lists = "".join(
            f'<tr><td>{f}：</td><td><select name="{f}">{_options(held.get(f, ""))}</select></td></tr>' for f in CHOICES
        )
        done = "<p>保存成功</p>" if request.method == "POST" else ""
        shown = f"<tr><td>表号</td><td>{key}</td></tr><tr><td>保存时间</td><td>{held.get('保存时间', '0')}</td></tr>"
        return page(
            f'{done}<form method="post"><table>{shown}{boxes}{lists}</table><input type="submit" value="保存"></form>'
        )

    app.add_url_rule("/", view_func=search)
    app.add_url_rule("/list", view_func=found)
    app.add_url_rule("/meters/<key>", view_func=form, methods=["GET", "POST"])
    return app


def _options(chosen: str) -> str:
    return "".join(f"<option{' selected' if o == chosen else ''}>{o}</option>" for o in OPTIONS)


@contextmanager
def served() -> Iterator[str]:
    """Where the register stands, in a process of its own."""
    with Popen([sys.executable, "-m", "tests.bench.web.register"], stdout=PIPE, stdin=PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def connect(url: str) -> tuple[hands.Legacy, str]:
    """Our hand on it, and how keys begin in the ledger."""
    found = maps.read(HERE / "register.yaml")
    screen = maps.at(found, url)
    return hands.hand(found.system, {screen.name: screen}, url, None), screen.scope


if __name__ == "__main__":
    print(Server(create()).url, flush=True)
    while True:
        time.sleep(3600)
