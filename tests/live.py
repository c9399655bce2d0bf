"""Live: chains of the path judge's tests, served on loopback to real clients."""

from __future__ import annotations

import contextlib
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pki import Chain, private_key_of

from certlib.endpoints import Endpoint

ANSWER = b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@contextlib.contextmanager
def served(
    chain: Chain, host: str, tune: Callable[[ssl.SSLContext], None] | None = None
) -> Iterator[Endpoint]:
    """Serve a chain as it is, whatever is wrong with it, while the block runs.

    Args:
        chain: the certificates, and the roots of the clients.
        host: the name that it is called by.
        tune: sets what is odd about the server itself.

    Raises:
        ssl.SSLError: OpenSSL does not serve it.
    """
    context = _context(chain)
    if tune is not None:
        tune(context)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_serve, args=(listening, context), daemon=True)
        thread.start()
        yield Endpoint("127.0.0.1", listening.getsockname()[1], host)


def _context(chain: Chain) -> ssl.SSLContext:
    leaf, sent, _ = chain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT@SECLEVEL=0")  # weak ones are wanted here
    key = private_key_of(leaf).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    certificates = b"".join(one.public_bytes(Encoding.PEM) for one in (leaf, *sent))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "served.pem"
        path.write_bytes(key + certificates)
        context.load_cert_chain(path)
    return context


def _serve(listening: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # the block is left
            return
        threading.Thread(
            target=_answer, args=(connection, context), daemon=True
        ).start()


def _answer(connection: socket.socket, context: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError), connection:
        connection.settimeout(10)
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(4096)
            secured.sendall(ANSWER)
            secured.unwrap()
