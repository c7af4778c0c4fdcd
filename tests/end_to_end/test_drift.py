"""Promises of `enter` on a page that was relabelled: what a fallback found is entered, and it is told where the map drifts."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.practice import ROOT

pytestmark = pytest.mark.browser

FORM = '<meta charset="utf-8"><form method="post"><p>编号 <b id="no">12</b></p><label>附注<input name="note" value="{}"></label><button>保存</button></form>'
MAP = """schema: 1
target: {url}
key: {{id: 编号, shown: [{{css: "#no"}}]}}
record: "/{{key}}"
timeout: 3
fields: {{备注: {field}}}
save: {{press: 保存, success: 已保存}}
quiet: 0
"""


@pytest.fixture
def url() -> Iterator[str]:
    """One record, whose note has another label than the maps say."""
    notes = ["旧"]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(FORM.format(notes[-1]))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            notes.append(parse_qs(body)["note"][0])
            self._say('<meta charset="utf-8">已保存')

        def _say(self, text: str) -> None:
            content = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Keep the test's output quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}/"
    http.shutdown()
    thread.join()
    http.server_close()


def _enter(folder: Path, url: str, field: str, *more: str) -> subprocess.CompletedProcess[str]:
    (folder / "map.yaml").write_text(MAP.format(url=url, field=field), "utf-8")
    (folder / "rows.csv").write_text("编号,备注\n12,新\n", "utf-8")
    words = ["enter", str(folder / "map.yaml"), str(folder / "rows.csv"), "--data", str(folder / "data"), *more]
    return subprocess.run(
        [sys.executable, "run.py", *words], cwd=ROOT, env=os.environ | {"HEDANG_LANG": "zh"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_control_that_only_a_fallback_found_is_told_everywhere(url: str, tmp_path: Path) -> None:
    done = _enter(tmp_path, url, "{label: 备注, name: note}", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["verified"]) == (0, 1)
    assert told["drift"] == [{"place": "map.备注", "code": "drift", "lost": "label '备注'"}]
    assert "map.备注: 第一种定位不再应答" in done.stderr
    (log,) = (tmp_path / "data").rglob("hedang-*.log")
    assert "map.备注" in log.read_text("utf-8")


def test_nothing_is_told_where_the_map_holds(url: str, tmp_path: Path) -> None:
    done = _enter(tmp_path, url, "{label: 附注, name: note}", "--json")
    assert (json.loads(done.stdout)["drift"], done.stderr) == ([], "")
