"""Opening: what is said before TLS, by services that begin without it.

The few words of each protocol that lead to TLS, and no more of it: SMTP (RFC 3207),
IMAP (RFC 9051), POP3 (RFC 2595), LDAP (RFC 4511) and RDP (MS-RDPBCGR 2.2.1.1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from asn1crypto import parser

from certlib.endpoints import failures
from certlib.endpoints.endpoint import Endpoint

_MOST_LINES = 100
"""Lines of a greeting; a server could talk for ever."""

_LINES: dict[str, tuple[tuple[bytes, bytes], ...]] = {
    "smtp": ((b"", b"220 "), (b"EHLO certlib\r\n", b"250 "), (b"STARTTLS\r\n", b"220")),
    "imap": ((b"", b"* OK"), (b"a STARTTLS\r\n", b"a OK")),
    "pop3": ((b"", b"+OK"), (b"STLS\r\n", b"+OK")),
}
"""What a client says, and how the answer begins that lets it go on."""
# Not smtplib, imaplib and poplib: each holds a thread for as long as a server goes on
# talking (hundreds are asked at once), two have the command in a private method only,
# and a library for LDAP would be one dependency for one message.

# An ExtendedRequest with the number of StartTLS.
_LDAP = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"
_LDAP_SUCCESS = b"\x0a\x01\x00"
# A connection request (X.224) that offers TLS and CredSSP.
_RDP = bytes.fromhex("030000130ee000000000000100080003000000")
_RDP_ANSWER, _RDP_RESPONSE = 19, 2


async def say(
    endpoint: Endpoint, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Bring a connection to where TLS begins; a server of TLS is there at once.

    Raises:
        EndpointError: the server does not offer TLS, or speaks something else.
        OSError: the connection broke.
    """
    if endpoint.before in _LINES:
        for said, expected in _LINES[endpoint.before]:
            writer.write(said)
            await _line(endpoint, reader, expected)
    elif endpoint.before:
        await _BINARY[endpoint.before](endpoint, reader, writer)


async def _line(
    endpoint: Endpoint, reader: asyncio.StreamReader, expected: bytes
) -> None:
    line = b""
    for _ in range(_MOST_LINES):
        try:
            line = await reader.readline()
        except ValueError:  # longer than any line may be
            break
        if line.upper().startswith(expected.upper()):
            return
        more = line[3:4] == b"-" or line.startswith(b"* ")
        if not more:
            break
    raise failures.no_tls(endpoint, line)


async def _ldap(
    endpoint: Endpoint, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.write(_LDAP)
    answer = await reader.read(4096)
    try:
        content = parser.parse(answer)[4]
    except ValueError:
        content = b""
    if _LDAP_SUCCESS not in content:
        raise failures.no_tls(endpoint, answer)


async def _rdp(
    endpoint: Endpoint, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.write(_RDP)
    answer = await reader.read(_RDP_ANSWER)
    chosen = answer[15:16]  # 0 is RDP's own encryption, without TLS
    if answer[11:12] != bytes([_RDP_RESPONSE]) or chosen in (b"", b"\0"):
        raise failures.no_tls(endpoint, answer)


_BINARY: dict[
    str,
    Callable[[Endpoint, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
] = {"ldap": _ldap, "rdp": _rdp}
