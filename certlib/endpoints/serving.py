"""Serving: a bundle answers on HTTPS on this computer, by a real server.

For exercises and checks: the standard library's HTTP server on a loopback
port, with OpenSSL below it. Nobody outside this computer reaches it.
"""

from __future__ import annotations

import contextlib
import secrets
import socketserver
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from certlib import files, names, summaries, texts
from certlib.bundles import Bundle
from certlib.endpoints import Endpoint
from certlib.errors import EndpointError, InputError
from certlib.trust import chains

LOOPBACK = "127.0.0.1"


@contextlib.contextmanager
def serve(
    bundle: Bundle,
    *,
    server_name: str = "",
    host: str = LOOPBACK,
    port: int = 0,
    adjust: Callable[[ssl.SSLContext], None] = lambda context: None,
) -> Iterator[Endpoint]:
    """Serve a page over HTTPS while the block runs; yield where.

    A client gets the leaf and its issuers, without the root, as servers do.

    Args:
        bundle: certificate, private key and chain.
        server_name: what clients shall ask for; the leaf's first DNS name, as
            the products do it, if left out.
        host: a loopback address.
        port: TCP port; a free one if 0.
        adjust: is given the TLS settings before the server starts.

    Raises:
        InputError: the bundle has no private key, OpenSSL refuses it, or the
            host is no loopback address: nobody else shall reach the server.
        EndpointError: the port is taken.
    """
    if not names.is_loopback(host):
        raise InputError(
            f"{host} is no loopback address, and a practice server is for this "
            "computer only",
            fix=f"take {LOOPBACK}",
        )
    context = _context(bundle, adjust)
    page = texts.rendered(
        "answer.html.j2", subject=bundle.subject, thumbprint=bundle.thumbprint
    )
    with _server(host, port, _handler(page.encode())) as server:
        # The handshake belongs into the thread of the connection: a client that
        # says nothing must not keep the others waiting.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        with _answering(server) as at:
            name = server_name or _first_name(bundle) or host
            yield Endpoint(host, at, name.removeprefix("*."))


@contextlib.contextmanager
def serve_plain() -> Iterator[int]:
    """Serve a page over HTTP, without TLS, while the block runs; yield the port."""
    with (
        _server(LOOPBACK, 0, _handler(b"This is plain HTTP.")) as server,
        _answering(server) as port,
    ):
        yield port


@contextlib.contextmanager
def _answering(server: ThreadingHTTPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()


def _first_name(bundle: Bundle) -> str:
    found = summaries.of_certificate(bundle.leaf).server_names
    return found[0] if found else ""


def _context(
    bundle: Bundle, adjust: Callable[[ssl.SSLContext], None]
) -> ssl.SSLContext:
    if bundle.private_key is None:
        raise InputError(
            f"{bundle.subject} comes without its private key, so it cannot be served",
            fix="give the PFX file, or check the service itself by its host:port",
        )
    sent = tuple(c for c in bundle.chain if not chains.is_self_signed(c))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    adjust(context)
    passphrase = secrets.token_hex(32)
    with tempfile.TemporaryDirectory(prefix="certlib-") as folder:
        # The library takes files only: the key touches the disk encrypted.
        path = Path(folder) / "served.pem"
        pem = replace(bundle, chain=sent).to_pem(passphrase)
        files.write(path, pem, secret=True)
        try:
            context.load_cert_chain(path, password=passphrase)
        except ssl.SSLError as error:
            raise InputError(
                f"the TLS server refuses {bundle.subject}: {error.reason or error}",
                fix="get a certificate with a key and a signature of today",
            ) from None
    return context


def _server(
    host: str, port: int, handler: type[BaseHTTPRequestHandler]
) -> ThreadingHTTPServer:
    try:
        return _QuietServer((host, port), handler)
    except (OSError, OverflowError) as error:
        raise EndpointError(
            f"the port {port} on {host} cannot be used: "
            f"{getattr(error, 'strerror', None) or error}",
            fix="stop the program that uses it, or take another port (0: a free one)",
        ) from None


class _QuietServer(ThreadingHTTPServer):
    # On Windows two programs would share the port with it.
    allow_reuse_address = sys.platform != "win32"
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        """Bind without looking up the computer's name, which may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that refuses the certificate is what we want."""


def _handler(page: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler
