"""The portal as one WSGI application: GBK pages in a frameset, a session that ends, and exports that come at once or once prepared."""

from __future__ import annotations

import itertools
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flask import Flask, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.legacy import forms

USER, PASSWORD, CODE = "reader", "portal-1", "7K3P"
HEADER = "任务号,版本,户号,普查员工号,普查员,普查时间,审核状态,审核人工号,审核人,审核时间,项目编码,结果,新值,照片,签名,经度,纬度"
LINE = "T{0:04},1,{0:010},S1,甲,{1} 10:20:30,通过,A1,乙,{1} 18:00:00,JZ001,0,,DOOR,是,118.181234,39.63"
STALL = 8.0  # seconds
FAULTS = ("", "lost", "stalled", "short", "page", "expired", "error")
"""What may come of a download: broken off, standing still, a file cut off that arrives whole, an error page, the login page, a server error."""


@dataclass
class Portal:
    """What the portal holds, and what was asked of it."""

    days: Sequence[str] = ("2026-03-14", "2026-03-15", "2026-03-16")  # one result each
    life: float = 600  # seconds without a request after which a session ends
    looks: int = 2  # at the list of tasks, until an export is prepared
    fault: str = ""  # one of FAULTS, for every download until it is taken back
    sessions: dict[str, float] = field(default_factory=dict)
    tasks: dict[str, tuple[str, str]] = field(default_factory=dict)  # number → first and last day
    seen: Counter[str] = field(default_factory=Counter)  # how often each stood in a list that was looked at
    asked: list[str] = field(default_factory=list)  # the pages that were asked for, in order

    def alive(self) -> bool:
        """Whether the request belongs to a session, which then lives on."""
        sid = request.cookies.get("sid", "")
        living = time.monotonic() - self.sessions.get(sid, -self.life) < self.life
        if living:
            self.sessions[sid] = time.monotonic()
        return living

    def lines(self, first: str, last: str) -> list[str]:
        """The results of a span of days."""
        return [LINE.format(number, day) for number, day in enumerate(self.days, 1) if first <= day <= last]


def create(portal: Portal | None = None) -> Flask:
    """The application; its `Portal` stands in `extensions["portal"]`."""
    app, held = Flask(__name__), portal or Portal()
    app.extensions["portal"] = held
    app.before_request(lambda: _guard(held))
    for rule, view in (
        ("/portal/login.do", lambda: _html("login", wrong="", name="")), ("/portal/account.do", lambda: _html("account", wrong="")),
        ("/portal/checked.do", lambda: _html("login", wrong="", name="", checked=True)), ("/portal/captcha.do", _captcha),
        ("/portal/", lambda: _html("frames")), ("/portal/menu.do", lambda: _html("menu")), ("/portal/home.do", lambda: _html("home")),
        ("/portal/results.do", lambda: _results(held)), ("/portal/tasks.do", lambda: _tasks(held)),
        ("/portal/export.do", lambda: _export(held, request.args["from"], request.args["to"])), ("/portal/file.do", lambda: _file(held)),
    ):  # fmt: skip
        app.add_url_rule(rule, endpoint=rule, view_func=view)
    for rule, view in (
        ("/portal/in.do", lambda: _enter(held)), ("/portal/secret.do", _secret), ("/portal/submit.do", lambda: _submit(held)),
        ("/portal/out.do", lambda: _leave(held)),
    ):  # fmt: skip
        app.add_url_rule(rule, endpoint=rule, view_func=view, methods=["POST"])
    return app


OPEN = ("login", "account", "checked", "captcha", "in", "secret")


def _guard(portal: Portal) -> ResponseReturnValue | None:
    page = request.path.removeprefix("/portal/").removesuffix(".do")
    portal.asked.append(page)
    return None if page in OPEN or portal.alive() else redirect("/portal/login.do")


def _html(page: str, **values: object) -> Response:
    ids = itertools.count(secrets.randbelow(80_000) + 10_000)
    text = render_template(f"{page}.html", ctl=lambda: f"ctl{next(ids)}", **values)
    return Response(forms.gbk(text), content_type="text/html; charset=GBK")


# -- getting in


def _captcha() -> Response:
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40"><text x="9" y="28">{CODE}</text></svg>'
    return Response(drawn, content_type="image/svg+xml")


def _secret() -> Response:
    return _html("login", wrong="", name=_sent("user"))


def _enter(portal: Portal) -> ResponseReturnValue:
    right = (_sent("user"), _sent("word")) == (USER, PASSWORD) and _sent("code") in ("", CODE)
    if not right:
        return _html("account" if _sent("pages") else "login", wrong="账号或口令错误", name="")
    sid = secrets.token_hex(16)
    portal.sessions[sid] = time.monotonic()
    answer = redirect("/portal/")
    answer.set_cookie("sid", sid, httponly=True)  # gone with the browser, as such cookies are
    return answer


def _leave(portal: Portal) -> ResponseReturnValue:
    portal.sessions.pop(request.cookies.get("sid", ""), None)
    return redirect("/portal/login.do")


def _sent(name: str) -> str:
    return request.form.get(name, "")


# -- results


def _results(portal: Portal) -> Response:
    first, last = request.args.get("from", ""), request.args.get("to", "")
    found = portal.lines(first, last) if first else None
    return _html("results", first=first, last=last, count=None if found is None else len(found))


def _export(portal: Portal, first: str, last: str) -> ResponseReturnValue:
    lines = portal.lines(first, last)
    body = "\r\n".join([HEADER, *lines, ""]).encode("gbk")
    match portal.fault:
        case "page":
            return _html("error")
        case "error":
            return _html("error"), 500
        case "expired":
            portal.sessions.clear()
            return redirect("/portal/login.do")
        case "short":
            body = "\r\n".join([HEADER, *lines[:-1], ""]).encode("gbk")
    headers = {"Content-Disposition": f'attachment; filename="results_{last}.csv"', "Content-Length": str(len(body))}
    sent = _cut(body, portal.fault) if portal.fault in ("lost", "stalled") else iter([body])
    return Response(sent, content_type="text/csv; charset=GBK", headers=headers)


def _cut(body: bytes, fault: str) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    time.sleep(STALL if fault == "stalled" else 0)
    raise ConnectionAbortedError  # werkzeug drops the connection in the middle of the file


def _submit(portal: Portal) -> Response:
    number = f"{len(portal.tasks) + 1:04}"
    portal.tasks[number] = (_sent("from"), _sent("to"))
    return _html("submitted", number=number)


def _tasks(portal: Portal) -> Response:
    portal.seen.update(list(portal.tasks))
    rows = [(no, f"{first} 至 {last}", portal.seen[no] > portal.looks) for no, (first, last) in portal.tasks.items()]
    return _html("tasks", rows=rows[::-1])


def _file(portal: Portal) -> ResponseReturnValue:
    return _export(portal, *portal.tasks[request.args["no"]])
