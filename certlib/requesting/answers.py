"""Answers: what a certification authority sent, held against its request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509

from certlib import clock, files, keys, summaries, x500
from certlib.bundles import Bundle, csr, formats
from certlib.errors import CertlibError, EncodingError, InputError, IssuerError
from certlib.requesting.signing_requests import ANSWER, SigningRequest
from certlib.trust import chains


def read(answers: Iterable[bytes]) -> list[x509.Certificate]:
    """Return the certificates in one or more files: PEM, DER or P7B.

    Raises:
        EncodingError: one of them is damaged, or no certificate file.
    """
    return [
        certificate
        for number, data in enumerate(answers, start=1)
        for certificate in formats.read(data, origin=f"answer {number}").certificates
    ]


def refuse_altered(request: SigningRequest) -> None:
    """Let a request pass that is as it was signed.

    Raises:
        EncodingError: its signature is wrong.
    """
    if not csr.is_signed_by_its_key(request.csr):
        raise EncodingError(
            f"the signature of {request.path} is wrong: it was changed after it was "
            "made",
            fix="bring the file back from a backup, or prepare a new request (again)",
        )


def accept(
    request: SigningRequest,
    certificates: Sequence[x509.Certificate],
    at: datetime,
    origin: str,
) -> None:
    """Keep an answer with its request if it fulfils that.

    Raises:
        InputError: it is for another key.
        EncodingError: it lacks the server's certificate.
        IssuerError: it lacks names that were asked for, has expired, or is
            what an earlier request got.
    """
    public = keys.public_key(request.csr)
    own = [c for c in certificates if keys.has_key(c, public)]
    if not own:
        raise _not_for_this_key(request, certificates, origin)
    leaf = max(own, key=lambda c: c.not_valid_before_utc)  # a CA may send older ones
    _refuse_other_names(request, leaf, origin)
    if leaf.not_valid_after_utc < at:
        raise IssuerError(
            f"{origin} expired on {clock.day(leaf.not_valid_after_utc)}",
            fix="check this computer's clock; otherwise prepare a new request",
        )
    _refuse_old_answer(request, leaf, origin)
    bundle = Bundle(leaf, chain=chains.order(leaf, certificates))
    files.write(request.answer_path, bundle.to_pem(), replace=True)


def _refuse_old_answer(
    request: SigningRequest, leaf: x509.Certificate, origin: str
) -> None:
    """Let a certificate pass that no other request got: a renewal is a new one."""
    for answer in sorted(request.folder.parent.glob(f"[!.]*/{ANSWER}")):
        if answer != request.answer_path and leaf in _kept(answer):
            raise IssuerError(
                f"{origin} is the certificate that the request {answer.parent.name} "
                "got already",
                fix="wait for the new certificate, and put the old answer elsewhere",
            )


def _kept(answer: Path) -> tuple[x509.Certificate, ...]:
    try:
        return formats.read_certificates(answer)
    except CertlibError:  # the damaged answer of another request
        return ()


def _not_for_this_key(
    request: SigningRequest, certificates: Iterable[x509.Certificate], origin: str
) -> EncodingError | InputError:
    found = [
        (x500.x500(c.subject), summaries.of_certificate(c).is_ca) for c in certificates
    ]
    if all(is_ca for _, is_ca in found):
        held = "; ".join(subject for subject, _ in found) or "nothing"
        return EncodingError(
            f"{origin} has certificates of certification authorities only ({held}), "
            f"not that of {request.spec.common_name}",
            fix="ask for the server's certificate itself; this file is its chain and "
            "can be joined together with it",
        )
    others = "; ".join(subject for subject, is_ca in found if not is_ca)
    return InputError(
        f"{origin} is for another key than that of the request {request.name}: "
        f"{others}",
        fix="look with `for_answer` which request it belongs to",
    )


def _refuse_other_names(
    request: SigningRequest, leaf: x509.Certificate, origin: str
) -> None:
    present = summaries.of_certificate(leaf).server_names
    missing = [name for name in request.spec.server_names if name not in present]
    if not present:
        raise IssuerError(
            f"{origin} names no server in its SubjectAlternativeName, so no client "
            "will accept it",
            fix="ask the CA to take the SubjectAlternativeName over from the request "
            "(AD CS: template with 'Supply in the request'; OpenSSL: copy_extensions)",
        )
    if missing:
        raise IssuerError(
            f"{origin} lacks names that were asked for: {', '.join(missing)}; it has "
            f"{', '.join(present)}",
            fix="ask the CA to release it with all names of the request, or prepare a "
            "new request without these",
        )
