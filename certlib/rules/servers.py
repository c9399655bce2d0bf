"""Servers: how do they answer, whatever the certificate is like?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from certlib.rules.citations import rfc
from certlib.rules.model import Context, rule, told
from certlib.rules.remedies import Doer
from certlib.rules.severity import Severity
from certlib.summaries import Summary


# https://learn.microsoft.com/en-us/windows/win32/secauthn/protocols-in-tls-ssl--schannel-ssp-
@rule(
    Severity.ERROR,
    **rfc(8996, "2"),
    remedy="Switch TLS 1.2 on for Schannel and the older versions off; TLS 1.3 it has "
    "from Windows Server 2022 and Windows 11 on.",
    by=Doer.SERVER,
    applies=told("protocol"),
)
def tls_version_old(summary: Summary, context: Context) -> Iterator[str]:
    """The server speaks only versions of TLS that most clients refuse today."""
    if summary.surroundings.protocol in ("SSLv3", "TLSv1", "TLSv1.1"):
        yield f"version: {summary.surroundings.protocol}"


@rule(
    Severity.WARNING,
    **rfc(8996, "2"),
    remedy="Switch the older versions off in Schannel, once no client needs them.",
    by=Doer.SERVER,
    applies=told("older_protocols"),
)
def old_tls_version_offered(summary: Summary, context: Context) -> Iterator[str]:
    """The server speaks a version of TLS, too, that is not allowed any more."""
    for version in summary.surroundings.older_protocols:
        yield f"version: {version}, beside {summary.surroundings.protocol}"


_OLD = re.compile("NULL|EXP|RC4|RC2|DES|IDEA|SEED|MD5|^ADH|^AECDH", re.IGNORECASE)


@rule(
    Severity.ERROR,
    **rfc(9325, "4.1"),
    remedy="Switch on suites with AES-GCM, first of all ECDHE; on Windows by "
    "Enable-TlsCipherSuite or the group policy SSL Cipher Suite Order.",
    by=Doer.SERVER,
    applies=told("cipher"),
)
def cipher_suite_old(summary: Summary, context: Context) -> Iterator[str]:
    """The server has no better cipher suite than one that today's clients refuse."""
    if _OLD.search(cipher := summary.surroundings.cipher):
        yield f"cipher suite: {cipher}"


@rule(
    Severity.WARNING,
    **rfc(5746, "4.4"),
    remedy="Update the server; clients with OpenSSL 3 refuse it, and others can be "
    "given foreign text at the begin of a connection.",
    by=Doer.SERVER,
    applies=told("renegotiates_safely"),
)
def renegotiation_unsafe(summary: Summary, context: Context) -> Iterator[str]:
    """The server does not know secure renegotiation, which came in 2010."""
    if summary.surroundings.renegotiates_safely is False:
        yield "its answer has no renegotiation_info"


@rule(
    Severity.WARNING,
    source="RFC 7633",
    url="https://www.rfc-editor.org/rfc/rfc7633",
    remedy="Let the server fetch the answer of the responder and staple it, or get a "
    "certificate without this demand.",
    by=Doer.SERVER,
    applies=lambda traits, context: (
        "stapled" in traits.told and "tlsfeature" in traits.extensions
    ),
)
def stapled_answer_missing(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate demands a stapled answer (OCSP), and the server brings none."""
    if summary.surroundings.stapled is False:
        yield "TLS feature: status_request; stapled: nothing"


@rule(
    Severity.NOTICE,
    **rfc(8446, "4.3.2"),
    remedy="Nothing, if that is meant; each client needs a certificate then.",
    by=Doer.SERVER,
    applies=told("asks_client"),
)
def client_certificate_asked(summary: Summary, context: Context) -> Iterator[str]:
    """The server asks its clients for a certificate of their own."""
    if summary.surroundings.asks_client:
        yield f"asked in: {summary.surroundings.protocol}"
