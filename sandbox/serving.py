"""A WSGI application on a loopback port of its own, quiet on the console and stoppable."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    """Logs nothing: a cut connection is part of the play.

    werkzeug closes the connection after each answer; that is wanted here, because a browser silently posts again
    when a reused connection breaks. (Chromium also does so on a connection that it had opened ahead of need.)
    """

    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        """Keep the console to the one line that `serve` prints."""


class Server:
    """A running server: `url` while it runs, `stop` when it is over."""

    def __init__(self, app: Callable[..., Any], port: int = 0) -> None:
        self._server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop accepting and wait for the accepting thread."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
