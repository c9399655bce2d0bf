"""Requesting: how do I get a certificate released by a certification authority?

The private key is made here and stays here. What travels is the signing
request; what comes back is joined with the key. Between the two may lie days
and a restart, so everything about a request lies in a folder of its own:

    <folder>/<name>/key.pem         the private key: 0600, encrypted if asked
    <folder>/<name>/request.csr     what the certification authority gets
    <folder>/<name>/request.json    what was asked for, and who has it
    <folder>/<name>/answer.pem      what came back: leaf and chain
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509

from certlib import clock, files, keys, rules, summaries
from certlib.bundles import Bundle
from certlib.errors import InputError
from certlib.issuers import Issuer, profiles
from certlib.keys import KeyKind, PrivateKey
from certlib.requesting import answers, signing_requests
from certlib.requesting.signing_requests import Renewal, SigningRequest, Submission
from certlib.rules import Context, Finding
from certlib.specs import CertificateSpec


def prepare(
    spec: CertificateSpec,
    folder: Path,
    *,
    at: datetime,
    passphrase: str | None = None,
    private_key: PrivateKey | None = None,
    again: bool = False,
    renewal: Renewal | None = None,
    issuer: Issuer | None = None,
) -> SigningRequest:
    """Make a private key and a signing request for it, and keep both.

    Args:
        spec: what the certificate shall say.
        folder: for all requests; this one gets a folder of its own in it.
        at: the moment, with a time zone.
        passphrase: to encrypt the key with.
        private_key: an existing one, to renew a certificate with the same key;
            a fresh one of the spec's kind when left out.
        again: there may be another request for this server, which stays.
        renewal: the unattended one that it is for.
        issuer: who is to sign it, if that is known; what it never releases leaves
            nothing behind.

    Raises:
        InputError: there is a request for this server already and `again` is
            not set, it cannot be written, `at` has no time zone, or a published
            practice key was to go into it beside a name of the real world, or the
            issuer cannot release it.
        IssuerError: the issuer says so itself, or did not answer.
    """
    moment = clock.moment(at)
    if issuer is not None:
        issuer.refuse(spec.server_names)
    with files.locked(files.private_folder(folder)):
        existing = folder / signing_requests.folder_name(spec)
        if existing.exists() and not again:
            raise InputError(
                f"there is a request for {spec.common_name} already: {existing}",
                fix="go on with that one (`pending`), or ask for another one (again)",
            )
        key = private_key or keys.generate(spec.key_kind)
        _refuse_practice_key(key, spec)
        kind = keys.kind_of(key.public_key()) or spec.key_kind
        spec = replace(spec, key_kind=kind)
        return signing_requests.store(
            folder, spec, key, passphrase=passphrase, at=moment, renewal=renewal
        )


def _refuse_practice_key(key: PrivateKey, spec: CertificateSpec) -> None:
    real = [n for n in spec.server_names if not profiles.is_harmless(n)]
    if real and keys.is_practice_key(key.public_key()):
        raise InputError(
            "the private key is a practice key, which is published with certlib: "
            f"everybody has it, and could be {', '.join(real)}",
            fix="leave the key out, and a fresh one is made",
        )


def pending(folder: Path) -> list[SigningRequest]:
    """Return the requests that have no answer yet, the oldest first.

    One whose files are damaged is left out with a warning.
    """
    return [one for one in every(folder) if not one.answer_path.is_file()]


def every(folder: Path) -> list[SigningRequest]:
    """Return all requests, also the answered ones. See `pending`."""
    return list(signing_requests.load_all(folder))


def check(request: SigningRequest, context: Context) -> tuple[Finding, ...]:
    """Return which documented requirements the certificate would break.

    To be asked before the request is sent: afterwards it costs a new one.
    """
    return rules.judge(request.summary, context)


def submit(request: SigningRequest, issuer: Issuer, *, at: datetime) -> SigningRequest:
    """Hand a request in and return it with where it is now.

    Args:
        request: that was prepared.
        issuer: who shall sign it.
        at: the moment, with a time zone.

    Raises:
        InputError: it was handed in before, or asks for something that this
            issuer cannot release.
        EncodingError: it was changed after it was signed.
        IssuerError: the issuer refused it or did not answer.
    """
    moment = clock.moment(at)
    with files.locked(request.folder.parent):
        request = signing_requests.load(request.folder)  # another one may have sent it
        if request.answer_path.is_file() or request.submission is not None:
            raise InputError(
                f"the request {request.name} was submitted already: {request.state}",
                fix="collect it; for another certificate prepare a new request (again)",
            )
        answers.refuse_altered(request)
        order = issuer.submit(request.csr)
        sent = Submission(order.issuer, order.reference, moment)
        return signing_requests.keep(replace(request, submission=sent))


def withdraw(request: SigningRequest) -> SigningRequest:
    """Forget where a request was handed in, so that it can be submitted again.

    For an order that the issuer has closed. The issuer is not told.

    Raises:
        InputError: the answer has come already.
    """
    with files.locked(request.folder.parent):
        request = signing_requests.load(request.folder)
        if request.answer_path.is_file():
            raise InputError(
                f"the request {request.name} is answered already",
                fix="use its answer, or prepare a new request (again)",
            )
        return signing_requests.keep(replace(request, submission=None))


def collect(
    request: SigningRequest,
    issuer: Issuer,
    *,
    at: datetime,
    passphrase: str | None = None,
) -> Bundle | None:
    """Fetch the answer to a request and join it with its key.

    After an error nothing is lost: call it again.

    Args:
        request: that was submitted.
        issuer: to whom.
        at: the moment, with a time zone.
        passphrase: of the private key.

    Returns:
        The bundle, or None while the issuer has not decided.

    Raises:
        InputError: it was not submitted, or to another issuer.
        PassphraseError: the passphrase of the key is missing or wrong; the
            answer is kept, see `SigningRequest.bundle`.
        IssuerError: the issuer refused it, did not answer, or its answer does
            not fulfil the request.
    """
    request = signing_requests.load(request.folder)
    order = request.order
    if order is None or order.issuer != issuer.name:
        raise InputError(
            f"the request {request.name} is not at {issuer.name}: {request.state}",
            fix="submit it first, or ask the issuer that has it",
        )
    certificates = issuer.collect(order)
    if certificates is None:
        return None
    origin = f"the answer of {issuer.name}"
    answers.accept(request, certificates, clock.moment(at), origin)
    return request.bundle(passphrase)


def join(
    request: SigningRequest,
    *answer: bytes,
    at: datetime,
    passphrase: str | None = None,
) -> Bundle:
    """Join what a certification authority sent with the private key.

    Args:
        request: that was answered.
        answer: the content of one or more files, PEM, DER or P7B: the leaf,
            and its chain in any order.
        at: the moment, with a time zone.
        passphrase: of the private key.

    Raises:
        InputError: the answer is for another key.
        PassphraseError: the passphrase of the key is missing or wrong; the
            answer is kept, see `SigningRequest.bundle`.
        EncodingError: the answer or the request is damaged.
        IssuerError: the answer does not fulfil the request: without the
            server's certificate, without its names, or expired.
    """
    answers.refuse_altered(request)
    found = answers.read(answer)
    answers.accept(request, found, clock.moment(at), "the answer")
    return request.bundle(passphrase)


def for_answer(folder: Path, *answer: bytes) -> SigningRequest:
    """Return the request to which an answer belongs: the one with its key.

    Of several with the same key, as after a renewal, the newest that waits.

    Raises:
        EncodingError: the answer is damaged.
        InputError: no request in the folder has such a key.
    """
    certificates = answers.read(answer)
    found = [
        request
        for request in signing_requests.load_all(folder)
        for key in [keys.public_key(request.csr)]
        if any(keys.has_key(certificate, key) for certificate in certificates)
    ]
    waiting = [r for r in found if not r.answer_path.is_file()]
    if found:
        return (waiting or found)[-1]
    raise InputError(
        f"the answer belongs to none of the requests in {folder}",
        fix="look for the machine on which the request was made: its key is there",
    )


class RenewalKey(StrEnum):
    """With which private key a certificate is renewed."""

    NEW = "new key"
    SAME = "same key"

    @property
    def meaning(self) -> str:
        """What it means for the service account's right to read the key."""
        if self is RenewalKey.NEW:
            return (
                "A new key has an access list of its own, on which the service "
                "account does not stand: grant it Read again after the import. The "
                "old certificate keeps working until it is taken away."
            )
        return (
            "The certificate is exchanged and the key stays. The access list belongs "
            "to the key where it lies: where Windows itself renews it stays, after "
            "the import of a PFX file look at it again. Whoever has a copy of the "
            "old key can use the new certificate, too."
        )


def renewal_spec(
    certificate: x509.Certificate, *, friendly_name: str = ""
) -> CertificateSpec:
    """Return the spec of a certificate that shall take the place of another.

    With the same names, its common name first, the same kind of key as far
    as it is still offered, and the same validity.

    Args:
        certificate: from a file (`Bundle.leaf`) or a store
            (`StoreEntry.certificate`).
        friendly_name: for Windows' lists.

    Raises:
        InputError: it names no server, or one that cannot be asked for.
    """
    summary = summaries.of_certificate(certificate)
    present = [name.lower() for name in summary.common_names]
    wanted = summary.server_names or tuple(present)
    first = tuple(name for name in wanted if name in present)
    validity = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return CertificateSpec(
        first + wanted,
        keys.kind_of(keys.public_key(certificate)) or KeyKind.RSA_3072,
        max(validity + timedelta(seconds=1), timedelta(days=1)),
        friendly_name,
    )
