"""Older: a handshake by what OpenSSL has dropped: SSL 3.0, RC4, 3DES and the like.

tlslite-ng still speaks it. It is slow, so only servers are asked from which OpenSSL
got no certificate.
"""

from __future__ import annotations

import asyncio
import errno
from dataclasses import dataclass
from typing import Any

from certlib.endpoints.endpoint import Endpoint

_READ_SIZE = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What such a server agreed on, and its certificates in DER."""

    protocol: str
    cipher: str
    der: tuple[bytes, ...]


_NAMES = {(3, 0): "SSLv3", (3, 1): "TLSv1", (3, 2): "TLSv1.1", (3, 3): "TLSv1.2"}


class _Pipe:
    """A socket in memory, as the library wants one that never waits."""

    def __init__(self) -> None:
        self.received, self.to_send = bytearray(), bytearray()

    def send(self, data: bytes) -> int:
        self.to_send += data
        return len(data)

    def sendall(self, data: bytes) -> None:
        self.to_send += data

    def recv(self, size: int) -> bytes:
        if not self.received:
            raise BlockingIOError(errno.EWOULDBLOCK, "nothing there yet")
        data = bytes(self.received[:size])
        del self.received[:size]
        return data

    def close(self) -> None:
        """Do nothing: the connection is closed by who opened it."""


async def shake(
    endpoint: Endpoint, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Answer | None:
    """Go through a handshake and return what came of it; None if nothing did.

    Raises:
        OSError: the TCP connection broke.
    """
    try:
        from tlslite.constants import CipherSuite
        from tlslite.tlsconnection import TLSConnection
    except ModuleNotFoundError:  # the light installation: OpenSSL's word stands
        return None
    pipe = _Pipe()
    connection = TLSConnection(pipe)
    try:
        for _ in connection.handshakeClientCert(
            settings=_settings(), serverName=endpoint.server_name, async_=True
        ):
            writer.write(bytes(pipe.to_send))
            pipe.to_send.clear()
            await writer.drain()
            if not pipe.received:
                data = await reader.read(_READ_SIZE)
                if not data:
                    return None
                pipe.received += data
    except OSError:
        raise
    except Exception:  # it breaks down over odd answers, too
        return None
    session: Any = connection.session
    return Answer(
        _NAMES[connection.version],
        CipherSuite.ietfNames.get(session.cipherSuite, session.getCipherName()),
        tuple(bytes(one.bytes) for one in session.serverCertChain.x509List),
    )


def _settings() -> Any:
    from tlslite.handshakesettings import HandshakeSettings

    settings = HandshakeSettings()
    settings.minVersion, settings.maxVersion = (3, 0), (3, 3)
    settings.minKeySize = 512
    settings.cipherNames = [*settings.cipherNames, "rc4", "null"]
    settings.macNames = [*settings.macNames, "md5"]
    return settings
