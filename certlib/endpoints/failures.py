"""Failures: what a server did instead of a TLS handshake, in plain words."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from OpenSSL import SSL

from certlib.errors import EndpointError

if TYPE_CHECKING:
    from certlib.endpoints import Endpoint


class EndedError(EndpointError):
    """The server ended the handshake, perhaps as it knows older things only."""


def unexpected(endpoint: Endpoint, error: Exception) -> EndpointError:
    """Return the error for an answer over which a library broke down."""
    return EndpointError(
        f"{endpoint} answers in a way that cannot be read: {error}",
        fix="look at it with `openssl s_client`, and check what runs on this port",
    )


def too_slow(endpoint: Endpoint, deadline: float, state: bytes) -> EndpointError:
    """Return the error for a server that did not get ready in time."""
    within = f"within {deadline:g} s"
    if state.startswith(b"before"):
        return EndpointError(
            f"{endpoint} does not answer {within}",
            fix="check the address, and the firewalls on the way to this port",
        )
    what = "does not answer" if b"write client hello" in state else "does not finish"
    return EndpointError(
        f"{endpoint} accepts the connection and {what} the TLS handshake {within}",
        fix="check that the service on this port speaks HTTPS; restart it if it hangs",
    )


def unreachable(endpoint: Endpoint, error: OSError) -> EndpointError:
    """Return the error for a connection that did not come about."""
    # With several addresses asyncio joins the errors to one without a number.
    refused = (f"Errno {errno.ECONNREFUSED}", "Errno 10061", "WinError 1225")
    if isinstance(error, ConnectionRefusedError) or any(
        code in str(error) for code in refused
    ):
        return EndpointError(
            f"{endpoint} refuses the connection: nothing listens on this port",
            fix="start the service, and compare the port with its settings",
        )
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return closed(endpoint)
    return EndpointError(
        f"{endpoint} cannot be reached: {error.strerror or error}",
        fix="check the address and the network",
    )


def closed(endpoint: Endpoint) -> EndpointError:
    """Return the error for a connection that ended in the handshake."""
    return EndedError(
        f"{endpoint} closes the connection in the TLS handshake",
        fix="let the service account read the private key of the certificate, and "
        "look into Windows' event log (System, source Schannel)",
    )


def not_tls(endpoint: Endpoint, data: bytes) -> EndpointError:
    """Return the error for a server that answers in another language."""
    line = data[:40].split(b"\r")[0].decode("ascii", "replace")
    spoken = next((name for mark, name in _OTHERS if data.startswith(mark)), "")
    says = spoken or "".join(c if c.isprintable() else "." for c in line)
    return EndpointError(
        f"{endpoint} does not speak TLS: it answers with {says}",
        fix=_BY_URL.get(data[:3].upper())
        or "compare the port with the service's settings, and choose an HTTPS "
        "protocol there",
    )


_BY_URL = {
    b"220": "name a mail server as smtp://HOST:PORT, which asks for TLS first",
    b"* O": "name a mail server as imap://HOST:PORT, which asks for TLS first",
    b"+OK": "name a mail server as pop3://HOST:PORT, which asks for TLS first",
}


def no_tls(endpoint: Endpoint, answer: bytes) -> EndpointError:
    """Return the error for a service that does not go over to TLS."""
    said = answer[:60].split(b"\r")[0].decode("ascii", "replace")
    shown = "".join(c if c.isprintable() else "." for c in said)
    return EndpointError(
        f"{endpoint} does not go over to TLS: it answers with {shown or 'nothing'}",
        fix="compare protocol and port, and switch TLS on in the service's settings",
    )


_OTHERS = (
    (b"HTTP/", "plain HTTP"),
    (b"SSH-", "SSH"),
    (b"220 ", "a greeting as mail and FTP servers send it"),
    (b"+OK", "a greeting as POP3 servers send it"),
)


def is_without_rfc_5746(error: Exception | None) -> bool:
    """Tell whether OpenSSL went no further as the server does not know RFC 5746."""
    return "unsafe legacy renegotiation" in str(error)


def client_refused(endpoint: Endpoint) -> EndpointError:
    """Return the error for a server that does not take a client's certificate."""
    return EndpointError(
        f"{endpoint} refuses the certificate of the client that was given",
        fix="give one that the server's administrator has issued or let in",
    )


def refused(endpoint: Endpoint, error: SSL.Error) -> EndpointError:
    """Return the error for a handshake that TLS itself ended."""
    details = error.args[0] if error.args and isinstance(error.args[0], list) else []
    reason = ", ".join(detail[-1] for detail in details) or "no reason given"
    fix = next((fix for mark, fix in _FIXES.items() if mark in reason), _NO_CERTIFICATE)
    return EndedError(
        f"{endpoint} speaks TLS, and the handshake fails: {reason}", fix=fix
    )


_NO_CERTIFICATE = (
    "check that a certificate is selected and that the service account may read its "
    "private key"
)
_FIXES = {
    "unrecognized name": "call the server by a name that it knows (--server); it has "
    "no certificate for this one",
    "protocol version": "switch TLS 1.2 on at the server; it has no version in common "
    "with clients of today",
}
