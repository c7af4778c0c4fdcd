"""The old system as one WSGI application: its addresses, its door keeper and its GBK forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import Flask, Response, request

from sandbox import store
from sandbox.faults import Faults
from sandbox.legacy import archive, forms, frames, workflow
from sandbox.legacy.state import State
from sandbox.legacy.visit import Cut, Visit, expired, failure
from sandbox.skins import Skin

View = Callable[[Visit], Response]
CLERK, APPROVER = "clerk", "approver"
EVERYBODY = (CLERK, APPROVER)

# method, path, view, roles
ROUTES: tuple[tuple[str, str, View, tuple[str, ...]], ...] = (
    ("GET", "main.do", frames.main, EVERYBODY),
    ("GET", "top.do", frames.top, EVERYBODY),
    ("GET", "menu.do", frames.menu, EVERYBODY),
    ("GET", "welcome.do", frames.welcome, EVERYBODY),
    ("GET", "logout.do", frames.logout, EVERYBODY),
    ("GET", "arch/query.do", archive.query, (CLERK,)),
    ("POST", "arch/list.do", archive.found, (CLERK,)),
    ("GET", "arch/detail.do", archive.detail, (CLERK,)),
    ("GET", "arch/basic.do", archive.basic, (CLERK,)),
    ("GET", "arch/print.do", archive.printed, (CLERK,)),
    ("POST", "arch/save.do", archive.save, (CLERK,)),
    ("GET", "contact/list.do", archive.contacts, (CLERK,)),
    ("GET", "contact/edit.do", archive.contact_form, (CLERK,)),
    ("POST", "contact/save.do", archive.contact_save, (CLERK,)),
    ("GET", "wf/apply.do", workflow.apply, (CLERK,)),
    ("POST", "wf/apply.do", workflow.apply_form, (CLERK,)),
    ("POST", "wf/save.do", workflow.apply_save, (CLERK,)),
    ("GET", "wf/orders.do", workflow.search, EVERYBODY),
    ("POST", "wf/orders.do", workflow.found, EVERYBODY),
    ("GET", "wf/review.do", workflow.review, (APPROVER,)),
    ("POST", "wf/review.do", workflow.decide, (APPROVER,)),
)


def create(world_dir: Path, skin: Skin, faults: Faults, *, clock: Callable[[], datetime] = datetime.now) -> Flask:
    """The application over `world_dir`'s legacy database; its `State` is `app.extensions["legacy"]`."""
    app = Flask(__name__)
    state = State(world_dir / store.FILE, skin, faults, clock)
    app.extensions["legacy"] = state
    for method, path, view, roles in ROUTES:
        app.add_url_rule(f"{skin.prefix}/{path}", f"{method} {path}", _guarded(state, view, roles), methods=[method])
    for path in ("/", skin.prefix, f"{skin.prefix}/"):
        app.add_url_rule(path, f"door {path}", lambda: _door(state), strict_slashes=False)
    app.add_url_rule(f"{skin.prefix}/login.do", "login", lambda: _login(state), methods=["GET", "POST"])
    return app


def _guarded(state: State, view: View, roles: tuple[str, ...]) -> Callable[[], Response]:
    def answer() -> Response:
        body = request.get_data()
        session = state.sessions.find(request.cookies.get(frames.COOKIE, ""))
        if session is None:
            return expired(state)
        if session.role not in roles:
            return failure(state, 403, "server_error")
        try:
            form = forms.parse(body)
        except ValueError:
            return failure(state, 400, "server_error")
        try:
            return view(Visit(state=state, session=session, args=request.args, form=form, environ=request.environ))
        except Cut as end:
            return end.response

    return answer


def _login(state: State) -> Response:
    if request.method == "GET":
        return frames.login_form(state)
    return frames.login(state, forms.parse(request.get_data()))


def _door(state: State) -> Response:
    return Response(status=302, headers={"Location": f"{state.skin.prefix}/login.do"})
