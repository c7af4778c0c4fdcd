"""Promises of dialogs: one that the map does not know stops the record, and those that it knows are passed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from bots import maps
from bots.legacy import Legacy, hand
from core.errors import ApplicationError, OutcomeUnknown
from core.model import Change, Operation
from sandbox.serving import Server

pytestmark = pytest.mark.browser

DEBT, LATE = "该用户有欠费记录！ 请核对", "已超期， 仍要保存？"
MAP = """schema: 1
key: 户号
record: /meters/{key}
fields:
  户号: {label: 户号, widget: readonly}
  备注: {label: 备注}
save: {press: 保存, confirm: %s, success: 保存成功}
quiet: 0
interruptions: [%s]
"""
PAGE = """<!doctype html><table><tr><td>户号</td><td>%s</td></tr><tr><td>备注</td><td><input name="note" value="旧"></td></tr></table>
<button onclick="if (confirm('保存？') && confirm('已超期， 仍要保存？')) told.textContent = '保存成功'">保存</button>
<p id="told"></p><script>%s</script>"""
OPENS = {"alert": f"alert('{DEBT}')", "confirm": f"confirm('{DEBT}')", "prompt": f"prompt('{DEBT}')"}
KNOWN = f"{{alert: {DEBT}}}"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    app = Flask(__name__)
    app.add_url_rule("/meters/<key>", "show", lambda key: PAGE % (key, OPENS.get(key, "")))
    server = Server(app)
    yield server.url
    server.stop()


def _hand(url: str, place: Path, *, known: str = "", confirm: str = "保存？") -> tuple[Legacy, str, str]:
    """The hand, the screen, and how keys begin."""
    file = place / "meters.yaml"
    file.write_text(MAP % (confirm, known), encoding="utf-8")
    found = maps.read(file)
    screen = maps.at(found, url)
    return hand(found.system, {screen.name: screen}, url, None), screen.name, screen.scope


@pytest.mark.parametrize("kind", OPENS)
def test_what_a_page_says_as_it_opens_stops_the_record_unless_the_map_knows_it(
    url: str, tmp_path: Path, kind: str
) -> None:
    legacy, screen, scope = _hand(url, tmp_path)
    try:
        assert legacy.read(screen, f"{scope}quiet").cells["备注"] == "旧"
        with pytest.raises(ApplicationError) as caught:
            legacy.read(screen, f"{scope}{kind}")
        assert (caught.value.code, DEBT in str(caught.value)) == ("dialog", False)
        assert legacy.read(screen, f"{scope}quiet").cells["备注"] == "旧"
    finally:
        legacy.close()


def test_a_notice_that_the_map_knows_stops_nobody(url: str, tmp_path: Path) -> None:
    legacy, screen, scope = _hand(url, tmp_path, known=KNOWN)
    try:
        assert legacy.read(screen, f"{scope}alert").cells["备注"] == "旧"
        with pytest.raises(ApplicationError):  # as a question it is another matter
            legacy.read(screen, f"{scope}confirm")
    finally:
        legacy.close()


@pytest.mark.parametrize("both", [True, False])
def test_a_save_that_asks_twice_is_answered_twice(url: str, tmp_path: Path, both: bool) -> None:
    legacy, screen, scope = _hand(url, tmp_path, confirm=f"[保存？, '{LATE}']" if both else "保存？")
    change = Change(field="备注", before="旧", after="新", proposal=0)
    try:
        legacy.read(screen, f"{scope}quiet")
        if both:
            assert legacy.enter(screen, f"{scope}quiet", Operation.SET, [change], {}).order == ""
        else:
            with pytest.raises(OutcomeUnknown) as caught:
                legacy.enter(screen, f"{scope}quiet", Operation.SET, [change], {})
            assert caught.value.code == "dialog"
    finally:
        legacy.close()
