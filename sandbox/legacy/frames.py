"""The door and the frames: login, the frameset with top and menu, and the way out."""

from __future__ import annotations

from flask import Response

from sandbox.legacy.state import State
from sandbox.legacy.visit import Visit, page

COOKIE = "JSESSIONID"


def login_form(state: State, failed: str = "") -> Response:
    """The login page, with the reason of a failed attempt."""
    return page(state, "login.html", failed=failed)


def login(state: State, form: dict[str, str]) -> Response:
    """Open a session and go to the frameset, or show the login page with the reason."""
    with state.db() as db:
        row = db.execute(
            "SELECT * FROM login WHERE user_id = ? AND password = ?", (form.get("userId", ""), form.get("pwd", ""))
        ).fetchone()
    if row is None:
        return login_form(state, state.skin.texts["login_failed"])
    session = state.sessions.open(row["user_id"], row["name"], row["role"])
    response = _go(f"{state.skin.prefix}/main.do")
    response.set_cookie(COOKIE, session.token, path="/", httponly=True)
    return response


def main(visit: Visit) -> Response:
    """The frameset."""
    return visit.page("main.html")


def top(visit: Visit) -> Response:
    """The operator's name and the way out."""
    return visit.page("top.html")


def menu(visit: Visit) -> Response:
    """Headings that open on a click."""
    texts = visit.state.skin.texts
    records = (texts["menu_archive"], [("arch/query.do", texts["menu_query"])])
    orders = ("wf/orders.do", texts["menu_orders"])
    if visit.session.role == "approver":
        review = ("wf/review.do", texts["menu_review"])
        return visit.page("menu.html", headings=[(texts["menu_service"], [orders, review])])
    apply = ("wf/apply.do", texts["menu_apply"])
    return visit.page("menu.html", headings=[records, (texts["menu_service"], [apply, orders])])


def welcome(visit: Visit) -> Response:
    """What the main frame shows at first."""
    return visit.page("welcome.html")


def logout(visit: Visit) -> Response:
    """End the session."""
    visit.state.sessions.end(visit.session.token)
    return _go(f"{visit.state.skin.prefix}/login.do")


def _go(path: str) -> Response:
    return Response(status=302, headers={"Location": path})
