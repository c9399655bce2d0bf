"""Handlers: the page, its files and its reports, for its own browser only."""

from __future__ import annotations

import hmac

import tornado.web

from certlib import texts
from certlib.errors import CertlibError
from certlib.products import PRODUCTS, Environment
from certlib.reports import FORMATS
from certlib.reports.board.listing import GROUPS
from certlib.reports.board.session import Session

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'self' http://localhost:* "
    "http://127.0.0.1:*; form-action 'self'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Handler(tornado.web.RequestHandler):
    """Answers its own page only."""

    @property
    def session(self) -> Session:
        """What the page works on."""
        session: Session = self.application.settings["session"]
        return session

    def set_default_headers(self) -> None:
        """Let nothing be loaded from elsewhere, nor be kept."""
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        """Refuse whoever has not the token, or calls this computer otherwise."""
        port = self.settings["port"]
        hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        if self.request.host not in hosts:  # a name that somebody else has made up
            raise tornado.web.HTTPError(403)
        given = self.get_query_argument("token", "") or self.get_cookie(
            self._cookie, ""
        )
        if not hmac.compare_digest(
            (given or "").encode(), self.settings["token"].encode()
        ):
            self.set_status(403)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish("Open the address with the token that certlib has printed.")

    @property
    def _cookie(self) -> str:
        return f"certlib-{self.settings['port']}"


class Page(Handler):
    """The page itself, once its browser has shown the token."""

    def get(self) -> None:
        """Answer with the page."""
        if self.get_query_argument("token", ""):  # not to stay in the address bar
            self.set_cookie(
                self._cookie, self.settings["token"], httponly=True, samesite="Strict"
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
                memory=self.session.memory,
            )
        )


class Files(Handler, tornado.web.StaticFileHandler):
    """The page's own files."""


class Report(Handler):
    """A report of what is ticked, to save."""

    def get(self, format_: str) -> None:
        """Answer with the report in a format."""
        try:
            data = self.session.report(format_)
        except CertlibError as error:
            raise tornado.web.HTTPError(404, reason=error.message) from None
        name = f"audit.{format_ if format_ != 'junit' else 'xml'}"
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(data)
