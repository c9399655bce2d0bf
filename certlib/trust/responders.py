"""Responders (OCSP, RFC 6960): what a signed answer says of a certificate.

The library reads questions and answers and verifies nothing; who may answer, and
whether the signature is theirs, is looked at here.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from certlib import clock
from certlib.parsers import attempt
from certlib.trust.answers import Answer, State
from certlib.trust.credentials import Credential
from certlib.trust.signatures import Link, made_with, verify, weak_digest_of_answer

OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"

CLOCKS_DIFFER = timedelta(minutes=5)
"""By how much the clock of a responder may be ahead or behind."""

MAX_SENT = 8
"""Certificates sent along that are tried as the responder's."""

WITHOUT_END = timedelta(days=1)
"""How old an answer may be that does not say when the next one comes."""


def question(
    certificate: Credential, issuer: Credential
) -> tuple[bytes, ocsp.OCSPRequest]:
    """Return what to ask a responder about a certificate, with a nonce.

    Raises:
        ValueError: of one of the certificates it cannot be told.
    """
    builder = _asking(certificate, issuer, hashes.SHA1())  # noqa: S303 - names, no proof
    nonce = x509.OCSPNonce(secrets.token_bytes(16))
    request = builder.add_extension(nonce, critical=False).build()
    return request.public_bytes(Encoding.DER), request


def answer(
    der: bytes,
    certificate: Credential,
    issuer: Credential,
    *,
    at: datetime,
    request: ocsp.OCSPRequest | None = None,
    whose: str = "the responder",
) -> Answer:
    """Return what an answer says of a certificate at a moment.

    Args:
        der: the answer.
        certificate: whom it should be about.
        issuer: its issuer, who answers or lets somebody answer.
        at: the moment, with a time zone.
        request: what was asked; None for an answer that a server brought along.
        whose: what to call it.
    """
    with attempt() as reading:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            status = response.response_status.name.lower().replace("_", " ")
            return Answer(State.UNKNOWN, f"{whose} gives no answer: {status}")
        if why := _not_authorised(response, issuer, at) or _replayed(response, request):
            return Answer(State.UNKNOWN, f"{whose} {why}")
        for single in _about(response, certificate, issuer):
            return _said(single, whose, at)
        return Answer(State.UNKNOWN, f"{whose} answers about another certificate")
    told = f"{whose} gives an answer that cannot be read: {reading.reason}"
    return Answer(State.UNKNOWN, told)


def _asking(
    certificate: Credential, issuer: Credential, digest: hashes.HashAlgorithm
) -> ocsp.OCSPRequestBuilder:
    return ocsp.OCSPRequestBuilder().add_certificate(
        certificate.certificate, issuer.certificate, digest
    )


def _about(
    response: ocsp.OCSPResponse, certificate: Credential, issuer: Credential
) -> Iterator[ocsp.OCSPSingleResponse]:
    """Yield what is said of this certificate of this issuer."""
    for single in response.responses:
        wanted = _asking(certificate, issuer, single.hash_algorithm).build()
        if (
            single.serial_number == wanted.serial_number
            and single.issuer_name_hash == wanted.issuer_name_hash
            and single.issuer_key_hash == wanted.issuer_key_hash
        ):
            yield single


def _not_authorised(
    response: ocsp.OCSPResponse, issuer: Credential, at: datetime
) -> str:
    """Return why nobody who may answer has signed an answer, or an empty text."""
    if (digest := weak_digest_of_answer(response)) is not None:
        return f"signs with {digest.upper()}"
    content = response.tbs_response_bytes
    link = made_with(issuer, response, content)
    if link is Link.CONFIRMED:
        return ""
    unknown = link is Link.NOT_CHECKED
    for sent in map(Credential, response.certificates[:MAX_SENT]):
        link = made_with(sent, response, content)
        if link is Link.CONFIRMED:
            return _not_delegated(sent, issuer, at)
        unknown |= link is Link.NOT_CHECKED
    if unknown:
        return "gives a signature that cannot be checked here"
    return "gives an answer that was not signed with its key"


def _not_delegated(sent: Credential, issuer: Credential, at: datetime) -> str:
    """Return why a responder may not answer for an issuer (section 4.2.2.2)."""
    if sent.issuer != issuer.subject or verify(issuer, sent) is not Link.CONFIRMED:
        return f"is {sent.subject_text}, whom this issuer did not let answer"
    if OCSP_SIGNING not in (sent.extensions.purposes or ()):
        return f"is {sent.subject_text}, which may not answer (no OCSP signing)"
    if not sent.is_valid_at(at):
        return f"is {sent.subject_text}, whose certificate is not valid now"
    return ""


def _replayed(response: ocsp.OCSPResponse, request: ocsp.OCSPRequest | None) -> str:
    """Return that it is the answer to another question; many bear no nonce."""
    if request is None:
        return ""
    (asked,) = (e.value.nonce for e in request.extensions if _is_nonce(e))
    said = [e.value.nonce for e in response.extensions if _is_nonce(e)]
    return "answers another question (nonce)" if said and asked not in said else ""


def _is_nonce(extension: x509.Extension[x509.ExtensionType]) -> bool:
    return isinstance(extension.value, x509.OCSPNonce)


def _said(single: ocsp.OCSPSingleResponse, whose: str, at: datetime) -> Answer:
    match single.certificate_status:
        case ocsp.OCSPCertStatus.UNKNOWN:
            return Answer(State.UNKNOWN, f"{whose} does not know the certificate")
        case ocsp.OCSPCertStatus.REVOKED:
            since, flag = single.revocation_time_utc, single.revocation_reason
            assert since is not None  # noqa: S101 # it belongs to the status
            return Answer.revoked(since, flag.value if flag is not None else "", whose)
    begin, end = single.this_update_utc, single.next_update_utc
    last = begin + WITHOUT_END if end is None else end
    if at < begin - CLOCKS_DIFFER:
        why = f"gives an answer that is not valid before {clock.minute(begin)}"
        return Answer(State.UNKNOWN, f"{whose} {why}")
    if at > last + CLOCKS_DIFFER:
        why = f"gives an old answer, of {clock.minute(begin)}"
        return Answer(State.UNKNOWN, f"{whose} {why}")
    return Answer(State.GOOD, whose, last)
