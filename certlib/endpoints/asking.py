"""Asking: what one server presents, in as many handshakes as that takes.

A client of today is answered first. An old server is asked again as it wants to be
asked, and one that has a certificate with another kind of key for that one, too.
"""

from __future__ import annotations

import asyncio
import warnings
from dataclasses import dataclass, field, fields, replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from OpenSSL import SSL, crypto

from certlib import keys
from certlib.bundles import Bundle, formats
from certlib.endpoints import failures, handshake, older, opening, proxies
from certlib.endpoints.endpoint import Endpoint
from certlib.endpoints.handshake import Offer
from certlib.errors import CertlibError, EncodingError
from certlib.parsers import der_of
from certlib.summaries import Surroundings
from certlib.trust import places
from certlib.trust.roots import Trust


@dataclass(frozen=True)
class Presented:
    """What a server presented in a handshake, or why there was none.

    Attributes:
        endpoint: who was asked.
        chain: the certificates that it sent, in its order, its own first.
        protocol: ``TLSv1.3`` for example; empty if it is not known.
        cipher: the cipher suite; empty if it is not known.
        error: why the handshake failed or a certificate cannot be read. The
            chain may be there nevertheless.
        der: the certificates as bytes, those too that cannot be read.
        asks_client: it asked for a certificate of its client, too.
        renegotiates_safely: it knows RFC 5746, as servers do since 2010.
        old_versions: versions of TLS that it speaks, too, and nobody should: ``TLSv1``.
        another: what it presents to clients that want the other kind of key, RSA
            or ECDSA; None if it has one certificate only.
        stapled: what it brought along about its revocation (OCSP), or empty;
            None where nobody asked for it.
    """

    endpoint: Endpoint
    chain: tuple[x509.Certificate, ...] = ()
    protocol: str = ""
    cipher: str = ""
    error: CertlibError | None = None
    der: tuple[bytes, ...] = field(default=(), repr=False)
    asks_client: bool = False
    renegotiates_safely: bool = True
    old_versions: tuple[str, ...] = ()
    another: Presented | None = None
    stapled: bytes | None = field(default=None, repr=False)

    def __reduce__(self) -> tuple[object, ...]:
        # Certificates go to another process as bytes; the library's cannot.
        said = {f.name: getattr(self, f.name) for f in fields(self)}
        return _rebuilt, (said | {"chain": tuple(map(der_of, self.chain))},)

    @property
    def leaf(self) -> x509.Certificate | None:
        """The server's own certificate, if it could be read."""
        return self.chain[0] if self.chain else None

    def placed(self, trust: Trust) -> places.Placed:
        """Return its certificate at its place, to be judged; there has to be one."""
        return places.presented(
            self.chain,
            trust,
            Surroundings(
                server_name=self.endpoint.server_name,
                protocol=self.protocol,
                cipher=self.cipher,
                asks_client=self.asks_client,
                renegotiates_safely=self.renegotiates_safely,
                older_protocols=self.old_versions,
                stapled=None if self.stapled is None else self.stapled != b"",
            ),
            self.stapled or b"",
        )


def _rebuilt(said: dict[str, Any]) -> Presented:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they were read before
        chain = tuple(map(x509.load_der_x509_certificate, said["chain"]))
    return Presented(**said | {"chain": chain})


async def ask(endpoint: Endpoint, deadline: float, client: Bundle | None) -> Presented:
    """Return what a server presents.

    Args:
        endpoint: the server.
        deadline: seconds for everything together.
        client: certificate and key for a server that asks its clients for one.
    """
    until = asyncio.get_running_loop().time() + deadline
    if endpoint.proxy is None:
        try:
            found = proxies.of_environment(endpoint)
        except CertlibError as error:
            return Presented(endpoint, error=error)
        endpoint = replace(endpoint, proxy=found)

    async def shaken(offer: Offer) -> Presented:
        return await _shaken(endpoint, replace(offer, client=client), until, deadline)

    first, legacy = await shaken(Offer()), False
    if failures.is_without_rfc_5746(first.error):
        legacy = True
        first = await shaken(Offer(legacy=True))
        first = replace(first, renegotiates_safely=False)
    if not first.der and isinstance(first.error, failures.EndedError):
        return await _older(endpoint, until) or first
    if first.error is not None or (leaf := first.leaf) is None:
        return first
    other = await shaken(
        Offer(_other_kind(leaf), newest=SSL.TLS1_2_VERSION, legacy=legacy)
    )
    seen: list[str] = []
    for newest in (SSL.TLS1_1_VERSION, SSL.TLS1_VERSION):
        if first.protocol in _OLD:
            break
        # Who takes none of both needs no second question.
        spoken = (await shaken(Offer(newest=newest, legacy=legacy))).protocol
        if spoken not in _OLD:
            break
        seen.append(spoken)
    first = replace(first, old_versions=tuple(dict.fromkeys(seen)))
    if not other.chain or other.leaf == leaf:
        return first
    another = replace(other, renegotiates_safely=first.renegotiates_safely)
    return replace(first, another=another)


_OLD = ("TLSv1", "TLSv1.1")
"""Versions that nobody is to speak any more (RFC 8996)."""


async def _older(endpoint: Endpoint, until: float) -> Presented | None:
    """Ask a server as one that knows nothing of what OpenSSL offers."""
    try:
        async with asyncio.timeout_at(until):
            reader, writer = await handshake.connect(endpoint, until)
            try:
                await opening.say(endpoint, reader, writer)
                answer = await older.shake(endpoint, reader, writer)
            finally:
                writer.close()
    except (TimeoutError, CertlibError, OSError):
        return None
    if answer is None or not answer.der:
        return None
    chain, error = _read(endpoint, answer.der)
    return Presented(endpoint, chain, answer.protocol, answer.cipher, error, answer.der)


def _other_kind(leaf: x509.Certificate) -> bytes:
    """Return the cipher suites for the other kind of key, which TLS 1.2 has."""
    is_rsa = isinstance(keys.public_key(leaf), rsa.RSAPublicKey)
    return handshake.FOR_ECDSA if is_rsa else handshake.FOR_RSA


async def _shaken(
    endpoint: Endpoint, offer: Offer, until: float, deadline: float
) -> Presented:
    """Go through one handshake and return what was there when it ended."""
    connection = handshake.connection_to(endpoint, offer)
    error: CertlibError | None = None
    try:
        async with asyncio.timeout_at(until):
            reader, writer = await handshake.connect(endpoint, until)
            try:
                await opening.say(endpoint, reader, writer)
                await handshake.shake(connection, reader, writer, endpoint)
            finally:
                writer.close()
    except TimeoutError:
        state = connection.get_state_string()
        error = failures.too_slow(endpoint, deadline, state)
    except CertlibError as refused:
        error = refused
    except OSError as broken:
        error = failures.unreachable(endpoint, broken)
    return _presented(endpoint, connection, offer, error)


def _presented(
    endpoint: Endpoint,
    connection: SSL.Connection,
    offer: Offer,
    error: CertlibError | None,
) -> Presented:
    chain = connection.get_peer_cert_chain() or []
    der = tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, one) for one in chain)
    asks_client = handshake.asks_client(connection)
    if error is not None and der and asks_client:
        # What it presents is there; what it refuses is the client.
        error = None if offer.client is None else failures.client_refused(endpoint)
    certificates, unread = _read(endpoint, der)
    return Presented(
        endpoint,
        certificates,
        connection.get_protocol_version_name() if der else "",
        (connection.get_cipher_name() or "") if der else "",
        error or unread,
        der,
        asks_client,
        stapled=handshake.stapled(connection),
    )


def _read(
    endpoint: Endpoint, ders: tuple[bytes, ...]
) -> tuple[tuple[x509.Certificate, ...], EncodingError | None]:
    """Return certificates up to one that cannot be read, and why it cannot."""
    certificates: list[x509.Certificate] = []
    for data in ders:
        try:
            certificates.append(formats.read_der(data, origin=str(endpoint)))
        except EncodingError as reason:
            return tuple(certificates), reason  # the order would be wrong without it
    return tuple(certificates), None
