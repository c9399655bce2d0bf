"""Handshake: TLS in memory (pyOpenSSL) on a TCP connection of asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

from OpenSSL import SSL

from certlib import names
from certlib.endpoints import failures
from certlib.errors import EndpointError

if TYPE_CHECKING:
    from certlib.endpoints import Endpoint

_HANDSHAKE, _ALERT = 0x16, 0x15  # TLS record types, RFC 8446 section 5.1
_READ_SIZE = 64 * 1024


def connection_to(endpoint: Endpoint) -> SSL.Connection:
    """Return a TLS connection in memory that verifies nothing."""
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_verify(SSL.VERIFY_NONE)
    # Old servers are to be seen, not to be trusted.
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    context.set_ocsp_client_callback(_keep_stapled)
    connection = SSL.Connection(context, None)
    connection.request_ocsp()
    connection.set_connect_state()
    if not names.is_ip_address(endpoint.server_name):  # RFC 6066 section 3
        connection.set_tlsext_host_name(endpoint.server_name.encode())
    return connection


def _keep_stapled(connection: SSL.Connection, answer: bytes, _: object) -> bool:
    connection.set_app_data(answer)
    return True  # judged later


def stapled(connection: SSL.Connection) -> bytes:
    """Return what the server brought along about its revocation, or nothing."""
    return connection.get_app_data() or b""


async def connect(
    endpoint: Endpoint,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open the TCP connection.

    Raises:
        EndpointError: the name does not resolve.
        OSError: nobody answers there.
    """
    try:
        # A name may have an IPv6 address on which nobody listens.
        return await asyncio.open_connection(
            endpoint.host, endpoint.port, happy_eyeballs_delay=0.25
        )
    except socket.gaierror:
        raise EndpointError(
            f"the host {endpoint.host} is unknown: its name does not resolve",
            fix="check the spelling, and the name in DNS (nslookup)",
        ) from None


async def shake(
    connection: SSL.Connection,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    endpoint: Endpoint,
) -> None:
    """Go through the handshake, up to the goodbye.

    Raises:
        EndpointError: the server does not speak TLS, or ends it.
        OSError: the TCP connection broke.
    """
    answered = False
    while True:
        failure = _advance(connection, endpoint)
        await _send(connection, writer)
        if isinstance(failure, EndpointError):
            raise failure
        if failure is None:
            connection.shutdown()  # says goodbye, so that no server complains
            return await _send(connection, writer)
        data = await reader.read(_READ_SIZE)
        if not data:
            raise failures.closed(endpoint)
        if not answered and data[0] not in (_HANDSHAKE, _ALERT):
            raise failures.not_tls(endpoint, data)
        answered = True
        connection.bio_write(data)


def _advance(
    connection: SSL.Connection, endpoint: Endpoint
) -> EndpointError | SSL.WantReadError | None:
    try:
        connection.do_handshake()
    except SSL.WantReadError as more:
        return more
    except SSL.Error as error:
        return failures.refused(endpoint, error)
    return None


async def _send(connection: SSL.Connection, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(SSL.WantReadError):  # nothing to send
        while data := connection.bio_read(_READ_SIZE):
            writer.write(data)
    await writer.drain()
