"""Server: hands the board to one browser on this computer, by a token.

It listens on the loopback interface, answers to its own names only, and takes
orders from its own page only. The page may load nothing from elsewhere.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import tornado.httpserver
import tornado.netutil
import tornado.web

from certlib import clock, texts
from certlib.errors import CertlibError, InputError
from certlib.products import PRODUCTS, Environment
from certlib.reports import FORMATS
from certlib.reports.board.listing import GROUPS, ORDERS, Query
from certlib.reports.board.session import Session, Wish

_HERE = Path(__file__).parent
# DataTables, as itables brings it: a clone needs no other package manager.
# It is found without being imported, as it would load pandas for a second.
_ITABLES = find_spec("itables")
_LIBRARY = Path((_ITABLES and _ITABLES.origin) or "").parent / "html"
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'self' http://localhost:* "
    "http://127.0.0.1:*; form-action 'self'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
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
                fix="choose another one with --port",
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
                (r"/", _Page),
                (r"/api/(\w+)", _Api),
                (r"/report/(\w+)", _Report),
                (r"/static/(.*)", _Files, {"path": str(_HERE / "static")}),
                (r"/library/(dt_bundle\.js)", _Files, {"path": str(_LIBRARY)}),
            ],
            server=self,
        )


class _Handler(tornado.web.RequestHandler):
    """Answers its own page only."""

    @property
    def _server(self) -> BoardServer:
        server: BoardServer = self.application.settings["server"]
        return server

    @property
    def session(self) -> Session:
        return self._server.session

    def set_default_headers(self) -> None:
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        port = self._server.port
        hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        if self.request.host not in hosts:  # a name that somebody else has made up
            raise tornado.web.HTTPError(403)
        given = self.get_query_argument("token", "") or self.get_cookie(
            self._cookie, ""
        )
        if not hmac.compare_digest((given or "").encode(), self._server.token.encode()):
            self.set_status(403)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish("Open the address with the token that certlib has printed.")

    @property
    def _cookie(self) -> str:
        return f"certlib-{self._server.port}"


class _Page(_Handler):
    def get(self) -> None:
        if self.get_query_argument("token", ""):  # not to stay in the address bar
            self.set_cookie(
                self._cookie, self._server.token, httponly=True, samesite="Strict"
            )
            self.redirect("/")
            return
        machine = self.session.machine
        self.write(
            texts.rendered(
                "board.html.j2",
                wish=self.session.wish,
                stores=[(str(a), a.display_name) for a in machine.addresses()],
                machine=machine.display_name,
                products=PRODUCTS.values(),
                environments=[e.value for e in Environment],
                formats=[f for f in FORMATS if f != "xml"],
                groups=GROUPS,
                accepted=str(self.session.accepted),
            )
        )


class _Files(_Handler, tornado.web.StaticFileHandler):
    """The page's own files, and those of the library of tables."""


class _Report(_Handler):
    def get(self, format_: str) -> None:
        try:
            data = self.session.report(format_)
        except CertlibError as error:
            raise tornado.web.HTTPError(404, reason=error.message) from None
        name = f"audit.{format_ if format_ != 'junit' else 'xml'}"
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(data)


class _Api(_Handler):
    """Questions and orders of the page, as JSON."""

    async def get(self, name: str) -> None:
        await self._tried(
            {"state": self._state, "rows": self._rows, "detail": self._detail}.get(name)
        )

    async def post(self, name: str) -> None:
        # Another page can send neither this header nor a cookie from elsewhere.
        if self.request.headers.get("X-Certlib") != "board":
            raise tornado.web.HTTPError(403)
        await self._tried(
            {
                "audit": self._audit,
                "stop": self._stop,
                "accept": self._accept,
                "select": self._select,
                "upload": self._upload,
                "forget": self._forget,
                "compare": self._compare,
            }.get(name)
        )

    async def _tried(self, act: Callable[[], dict[str, Any]] | None) -> None:
        if act is None:
            raise tornado.web.HTTPError(404)
        try:
            self.finish(json.dumps(act(), default=str))
        except CertlibError as error:
            self.set_status(400)
            self.finish({"error": error.message, "fix": error.fix})
        except (KeyError, TypeError, ValueError, IndexError):
            self.set_status(400)
            self.finish(
                {"error": "the page asked for something odd", "fix": "reload it"}
            )

    def _state(self) -> dict[str, Any]:
        session, listing = self.session, self.session.listing
        error = session.error
        return {
            "running": session.running,
            "found": session.found,
            "error": error and {"error": error.message, "fix": error.fix},
            "total": len(listing.results),
            "places": sum(len(one.places) for one in listing.results),
            "counts": listing.counts,
            "uploads": list(session.uploads),
            "passphrases": len(session.passphrases),
            "at": clock.minute(session.context.at),
            "selected": len(session.selected),
        }

    def _rows(self) -> dict[str, Any]:
        listing, query = self.session.listing, self._query()
        rows = listing.rows(query)
        start = int(self.get_query_argument("start", "0"))
        length = min(int(self.get_query_argument("length", "50")), 500)
        shown = rows[start : start + length]
        return {
            "total": len(listing.results),
            "found": len(rows),
            "rows": [self._row(number, group) for number, group in shown],
            "bars": [asdict(bar) for bar in listing.bars(query)],
        }

    def _row(self, number: int, group: str) -> dict[str, Any]:
        listing = self.session.listing
        one = listing.results[number]
        name = listing.names[number]
        others = [n for n in one.summary.server_names or () if n != name]
        return {
            "number": number,
            "group": group,
            "selected": number in self.session.selected,
            "severity": listing.severities[number],
            "name": name,
            "others": list(map(texts.shown, others[:4])),
            "places": list(map(texts.shown, one.places[:3])),
            "more": max(0, len(one.places) - 3),
            "ends": listing.end(number),
            "days": listing.days_left(number),
            "findings": list(map(texts.shown, listing.sentences(number))),
        }

    def _detail(self) -> dict[str, Any]:
        number = int(self.get_query_argument("number"))
        if number < 0:
            raise IndexError
        listing = self.session.listing
        html = texts.rendered(
            "board-detail.html.j2",
            one=listing.results[number],
            number=number,
            name=listing.names[number],
            end=listing.end(number),
            days=listing.days_left(number),
        )
        return {"html": html}

    def _query(self) -> Query:
        def asked(name: str) -> str:
            return self.get_query_argument(name, "")

        def day(name: str) -> date | None:
            return date.fromisoformat(asked(name)) if asked(name) else None

        order = asked("order") if asked("order") in ORDERS else "severity"
        group = asked("group") if asked("group") in GROUPS else ""
        return Query(
            asked("words"),
            asked("severity"),
            day("begin"),
            day("end"),
            group,
            order,
            asked("descending") == "true",
        )

    @property
    def _sent(self) -> dict[str, Any]:
        sent = json.loads(self.request.body)
        if not isinstance(sent, dict):
            raise TypeError
        return sent

    def _audit(self) -> dict[str, Any]:
        sent = self._sent
        if sent["passphrases"]:
            lines = str(sent["passphrases"]).splitlines()
            self.session.passphrases = tuple(filter(None, lines))
        self.session.start(
            Wish(
                tuple(str(sent["paths"]).splitlines()),
                str(sent["store"]),
                str(sent["servers"]),
                str(sent["server_name"]),
                str(sent["product"]),
                str(sent["environment"]),
                int(sent["days"]),
            )
        )
        return self._state()

    def _stop(self) -> dict[str, Any]:
        self.session.stop()
        return self._state()

    def _accept(self) -> dict[str, Any]:
        sent = self._sent
        until = date.fromisoformat(sent["until"])
        self.session.accept(
            int(sent["number"]),
            str(sent["rule"]),
            str(sent["reason"]),
            until,
            str(sent.get("place", "")),
        )
        return self._state()

    def _select(self) -> dict[str, Any]:
        sent, selected = self._sent, self.session.selected
        if sent.get("none"):
            selected.clear()
        elif sent["on"]:
            selected.add(range(len(self.session.listing.results))[int(sent["number"])])
        else:
            selected.discard(int(sent["number"]))
        return self._state()

    def _upload(self) -> dict[str, Any]:
        for file in self.request.files.get("file", ()):
            self.session.uploads[str(file["filename"])] = bytes(file["body"])
        return self._state()

    def _forget(self) -> dict[str, Any]:
        sent = self._sent
        self.session.uploads.pop(str(sent.get("name", "")), None)
        if sent.get("passphrases"):
            self.session.passphrases = ()
        return self._state()

    def _compare(self) -> dict[str, Any]:
        changes = self.session.compare(Path(texts.pasted(self._sent["path"])))
        return {
            "changes": [
                [str(c.change), *map(texts.shown, (c.subject, c.place, c.detail))]
                for c in changes
            ]
        }
