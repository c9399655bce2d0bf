"""Server: hands the board to one browser on this computer, by a token.

It listens on the loopback interface, answers to its own names only, and takes
orders from its own page only. The page may load nothing from elsewhere.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

import tornado.httpserver
import tornado.netutil
import tornado.web

from certlib.errors import InputError
from certlib.reports.board.api import Api
from certlib.reports.board.handlers import Files, Page, Report
from certlib.reports.board.session import Session

_HERE = Path(__file__).parent
_MOST = 100 * 1024 * 1024
"""Bytes of all files that are dropped at once."""


class BoardServer:
    """A board that is being served.

    Attributes:
        session: what its page works on.
        token: what a browser has to show.
        port: on which it listens.
        url: its address, with the token.
    """

    def __init__(self, session: Session, port: int = 0) -> None:
        """Listen, without answering yet.

        Args:
            session: what the page works on.
            port: a free one if it is 0.

        Raises:
            InputError: the port is taken.
        """
        self.session, self.token = session, secrets.token_urlsafe(24)
        try:
            self._sockets = tornado.netutil.bind_sockets(port, "127.0.0.1")
        except OSError as error:
            raise InputError(
                f"port {port} cannot be used: {error.strerror}",
                fix="choose another one",
                parameter="port",
            ) from None
        self.port = self._sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/?token={self.token}"

    def run(self, started: Callable[[], object] = lambda: None) -> None:
        """Answer until the program ends.

        Args:
            started: is called once the page can be opened.
        """
        asyncio.run(self._answer(started))

    def start(self) -> None:
        """Answer in the background."""
        up = threading.Event()
        threading.Thread(target=self.run, args=(up.set,), daemon=True).start()
        up.wait()

    async def _answer(self, started: Callable[[], object]) -> None:
        server = tornado.httpserver.HTTPServer(self._application(), max_body_size=_MOST)
        server.add_sockets(self._sockets)
        started()
        await asyncio.Event().wait()

    def _application(self) -> tornado.web.Application:
        return tornado.web.Application(
            [
                (r"/", Page),
                (r"/api/(\w+)", Api),
                (r"/report/(\w+)", Report),
                (r"/static/([\w.-]+)", Files, {"path": str(_HERE / "static")}),
            ],
            session=self.session,
            token=self.token,
            port=self.port,
        )
