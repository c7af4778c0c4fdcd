"""The gallery as one WSGI application: GBK pages in a frameset, whose ids are numbered anew on each load."""

from __future__ import annotations

import itertools
import random
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote_to_bytes

from flask import Flask, Response, render_template, request

from sandbox.legacy import forms

PAGES = tuple(sorted(path.stem for path in (Path(__file__).parent / "templates").glob("[!_]*.html")))
CITIES = {"浙江": ("杭州", "宁波"), "江苏": ("南京", "苏州", "宁波")}
TOWNS = {"杭州": ("西湖", "余杭"), "宁波": ("海曙",), "南京": ("玄武",), "苏州": ("姑苏",)}
QUARTERS = tuple(f"{name}{kind}" for name in ("阳光", "锦绣", "金桂", "阳光") for kind in ("小区", "花园", "公寓"))[:11]
ROWS_A_PAGE = 3
LATE = 0.12  # seconds that a list takes to come
CODE = "7K3P"


@dataclass
class Store:
    """What was sent, in order: fields by name, files as name and bytes."""

    saved: list[dict[str, list[str]]] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)


def create() -> Flask:
    """The application; its store stands in `extensions["gallery"]`."""
    app = Flask(__name__)
    app.extensions["gallery"] = Store()
    for rule, view in (
        ("/", _frames), ("/menu.do", _menu), ("/<name>.do", _page), ("/cities.do", _cities), ("/hints.do", _suggest),
        ("/pick.do", _pick), ("/captcha.do", _captcha), ("/export.do", _export),
    ):  # fmt: skip
        app.add_url_rule(rule, view_func=view)
    app.add_url_rule("/save.do", view_func=lambda: _save(app.extensions["gallery"]), methods=["POST"])
    return app


def _html(name: str, **values: object) -> Response:
    ids = itertools.count(random.randrange(10_000, 90_000))
    page = render_template(f"{name}.html", ctl=lambda: f"ctl{next(ids)}", **values)
    return Response(forms.gbk(page), content_type="text/html; charset=GBK")


def _frames() -> Response:
    return _html("_frames", first=request.args.get("page", PAGES[0]))


def _menu() -> Response:
    return _html("_menu", pages=PAGES)


def _page(name: str) -> Response | tuple[str, int]:
    if name not in PAGES:
        return "", 404
    order = random.sample(range(4), 4)
    return _html(name, provinces=CITIES, order=order)


def _asked(name: str) -> str:
    """A word of the query: a form of a GBK page sends GBK, a script UTF-8."""
    raw = unquote_to_bytes(
        dict(pair.partition(b"=")[::2] for pair in request.query_string.split(b"&")).get(name.encode(), b"")
    )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _cities() -> Response:
    time.sleep(LATE)
    of = CITIES | TOWNS
    return Response("|".join(of.get(_asked("of"), ())), content_type="text/plain; charset=utf-8")


def _suggest() -> Response:
    time.sleep(LATE)
    asked = _asked("q")
    found = [name for name in QUARTERS if asked and name.startswith(asked[:2])]
    return Response("|".join(found), content_type="text/plain; charset=utf-8")


def _pick() -> Response:
    asked, page = _asked("q"), request.args.get("page", 0, int)
    found = [(f"{at:04}", name) for at, name in enumerate(QUARTERS) if asked in name]
    shown = found[page * ROWS_A_PAGE : (page + 1) * ROWS_A_PAGE]
    more = len(found) > (page + 1) * ROWS_A_PAGE
    how = "_layer" if request.args.get("layer") else "_pick"
    return _html(how, rows=shown, asked=asked, page=page, more=more)


def _captcha() -> Response:
    """A picture of the code; the sandbox keeps to one, so that a test can play the person."""
    drawn = "".join(f'<text x="{10 + 22 * i}" y="{28 + i % 2 * 4}">{c}</text>' for i, c in enumerate(CODE))
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" width="110" height="40" font-size="26">{drawn}</svg>'
    return Response(picture, content_type="image/svg+xml")


def _export() -> Response:
    table = "户号,姓名\r\n" + "".join(f"{at:010},用户{at}\r\n" for at in range(3))
    return Response(
        table.encode("gbk"),
        content_type="text/csv; charset=GBK",
        headers={"Content-Disposition": 'attachment; filename="export.csv"'},
    )


def _save(store: Store) -> Response:
    body = request.get_data()
    if request.mimetype == "multipart/form-data":
        _parts(store, body, request.mimetype_params["boundary"].encode())
    else:
        store.saved.append(parse_qs(body.decode("ascii"), keep_blank_values=True, encoding="gb18030"))
    return _html("_saved")


def _parts(store: Store, body: bytes, boundary: bytes) -> None:
    """Take a form apart as it came, bytes outside of UTF-8 in names and values included."""
    sent: dict[str, list[str]] = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.removesuffix(b"\r\n").partition(b"\r\n\r\n")
        names = dict(re.findall(r'(\w+)="([^"]*)"', head.decode("gb18030")))
        if "filename" in names:
            store.files.append((names["filename"], content))
        else:
            sent.setdefault(names["name"], []).append(content.decode("gb18030"))
    store.saved.append(sent)
