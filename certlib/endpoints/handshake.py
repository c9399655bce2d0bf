"""Handshake: TLS in memory (pyOpenSSL) on a TCP connection of asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from OpenSSL import SSL

from certlib import names
from certlib.bundles import Bundle
from certlib.endpoints import failures, proxies
from certlib.errors import EndpointError

if TYPE_CHECKING:
    from certlib.endpoints import Endpoint

_HANDSHAKE, _ALERT = 0x16, 0x15  # TLS record types, RFC 8446 section 5.1
_READ_SIZE = 64 * 1024


FOR_ANY, FOR_RSA, FOR_ECDSA = b"ALL", b"aRSA", b"aECDSA"
"""OpenSSL's names for the cipher suites of all, or of one kind of key."""


@dataclass(frozen=True)
class Offer:
    """What a server is offered in one handshake.

    Attributes:
        ciphers: which cipher suites up to TLS 1.2, in OpenSSL's words.
        newest: the newest version of TLS, by OpenSSL's number; 0 for any.
        legacy: to go on if the server does not know RFC 5746.
        client: certificate and key, if it asks for one.
    """

    ciphers: bytes = FOR_ANY
    newest: int = 0
    legacy: bool = False
    client: Bundle | None = None


_LEGACY_SERVER_CONNECT = 0x4
"""OpenSSL's option; the library has it, and its types do not."""


@lru_cache(maxsize=8)
def _context(offer: Offer) -> SSL.Context:
    """Return settings that verify nothing: old servers are to be seen, not trusted."""
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_verify(SSL.VERIFY_NONE)
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_max_proto_version(offer.newest)
    context.set_cipher_list(offer.ciphers + b":@SECLEVEL=0")
    if offer.legacy:
        context.set_options(_LEGACY_SERVER_CONNECT)
    if offer.client is not None and offer.client.private_key is not None:
        # The library's types speak of its own objects, which it wants no more.
        context.use_certificate(offer.client.leaf)  # type: ignore[arg-type]
        context.use_privatekey(offer.client.private_key)  # type: ignore[arg-type]
        for issuer in offer.client.chain:
            context.add_extra_chain_cert(issuer)  # type: ignore[arg-type]
    context.set_info_callback(_notice)
    context.set_ocsp_client_callback(_keep_stapled)
    return context


@dataclass
class _Noticed:
    """What was seen in a handshake, beside the certificates."""

    asks_client: bool = False
    stapled: bytes = b""


def _notice(connection: SSL.Connection, where: int, value: int) -> None:
    if connection.get_state_string().endswith(b"read server certificate request"):
        connection.get_app_data().asks_client = True


def _keep_stapled(connection: SSL.Connection, answer: bytes, _: object) -> bool:
    connection.get_app_data().stapled = answer
    return True  # judged later


def asks_client(connection: SSL.Connection) -> bool:
    """Tell whether the server asked for a certificate of its client."""
    return bool(connection.get_app_data().asks_client)


def stapled(connection: SSL.Connection) -> bytes:
    """Return what the server brought along about its revocation (OCSP), or nothing."""
    return bytes(connection.get_app_data().stapled)


def connection_to(endpoint: Endpoint, offer: Offer) -> SSL.Connection:
    """Return a TLS connection in memory that verifies nothing."""
    connection = SSL.Connection(_context(offer), None)
    connection.set_app_data(_Noticed())
    connection.request_ocsp()
    connection.set_connect_state()
    if not names.is_ip_address(endpoint.server_name):  # RFC 6066 section 3
        connection.set_tlsext_host_name(endpoint.server_name.encode())
    return connection


async def connect(
    endpoint: Endpoint, until: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open the TCP connection, by a proxy if there is one.

    Args:
        endpoint: the server.
        until: the moment of the loop at which the caller waits no more.

    Raises:
        EndpointError: the name does not resolve, or the proxy does not lead there.
        OSError: nobody answers there.
    """
    if endpoint.proxy is not None:
        seconds = until - asyncio.get_running_loop().time()
        return await proxies.connect(endpoint.proxy, endpoint, max(seconds, 0.1))
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
