"""Summaries: a certificate, request or key, read once into plain values.

A `Summary` is what rules judge, tables show and JSON holds: text, numbers,
moments and tuples of them. Reading never fails. What could not be read is
named in `Summary.problems`, and the rest is there.

A right certificate is read in one go. Only one that the library stumbles over
is read again part by part, see `certlib.summaries.lenient`.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import warnings
from collections.abc import Callable, Iterable

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import keys, x500
from certlib.errors import CertlibError
from certlib.parsers import attempt, der_of, plain_reason
from certlib.summaries import lenient, parts
from certlib.summaries.model import NOWHERE as NOWHERE
from certlib.summaries.model import PathFault as PathFault
from certlib.summaries.model import Revocation as Revocation
from certlib.summaries.model import Summary as Summary
from certlib.summaries.model import Surroundings as Surroundings
from certlib.summaries.parts import ACCESS as ACCESS
from certlib.summaries.parts import ANY_EXTENDED_KEY_USAGE as ANY_EXTENDED_KEY_USAGE
from certlib.summaries.parts import SERVER_AUTHENTICATION as SERVER_AUTHENTICATION
from certlib.summaries.parts import Problem as Problem
from certlib.summaries.parts import Values
from certlib.summaries.roles import Kind as Kind
from certlib.summaries.roles import Role as Role
from certlib.summaries.roles import names_a_host as names_a_host


def of_certificate(
    certificate: x509.Certificate, *, private_key: bool | None = None
) -> Summary:
    """Return the summary of a certificate.

    Args:
        certificate: any that `cryptography` has accepted, however odd.
        private_key: whether its private key is there with it.
    """
    der = der_of(certificate)
    with warnings.catch_warnings(record=True) as log:
        warnings.simplefilter("always")
        read = _read(der, lambda _: certificate, log)
    return read._replace(private_key=private_key)


def of_certificates(certificates: Iterable[x509.Certificate]) -> list[Summary]:
    """Return the same for several; nobody knows whether their keys are there."""
    return _read_all(map(der_of, certificates), _load_again)


def of_der(der: bytes) -> Summary:
    """Return the summary of a certificate in DER, readable or not."""
    return of_many([der])[0]


def of_many(ders: Iterable[bytes]) -> list[Summary]:
    """Return the summaries of certificates in DER, readable or not.

    The library warns of what it reads with indulgence. The warnings become
    `Summary.remarks`; they are caught once for all, as catching costs time.
    """
    return _read_all(ders, x509.load_der_x509_certificate)


def of_request(request: x509.CertificateSigningRequest) -> Summary:
    """Return the summary of a signing request."""
    reader = parts.Reader()
    der = request.public_bytes(Encoding.DER)
    values: Values = {"sha256": hashlib.sha256(der).hexdigest()}
    values["signature_algorithm"] = parts.signature_name(
        request.signature_algorithm_oid
    )
    with reader.part("Subject"):
        values["subject"], values["common_names"] = x500.described(request.subject)
    with reader.part("Public key"):
        parts.read_key(request.public_key(), values)
    with reader.part("Extensions"):
        parts.read_extensions(request.extensions, values)
    with reader.part("Signature"):
        if not request.is_signature_valid:
            raise ValueError("it was not made with the key in the request")
    return Summary(Kind.REQUEST, problems=tuple(reader.problems), **values)


def of_private_key(key: keys.PrivateKey) -> Summary:
    """Return the summary of a private key: what its public half says."""
    values: Values = {"private_key": True}
    parts.read_key(key.public_key(), values)
    return Summary(Kind.PRIVATE_KEY, **values)


def unreadable(reason: str) -> Summary:
    """Return the summary of something that could not be read at all."""
    return Summary(Kind.UNREADABLE, problems=(Problem("File", reason),))


def not_opened(error: CertlibError) -> Summary:
    """Return the summary of something that nobody could look into."""
    problem = Problem(ACCESS, error.sentence)
    return Summary(Kind.UNREADABLE, problems=(problem,))


Load = Callable[[bytes], x509.Certificate]


def _load_again(der: bytes) -> x509.Certificate:
    """Load what was loaded before, as the library keeps what it reads with it.

    So those at hand stay small, and it warns of what it has not yet warned of.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whoever loaded it first was told
        return x509.load_der_x509_certificate(der)


BATCH = 32
"""Certificates read together; more of them do not fit into a processor's cache."""


def _read_all(ders: Iterable[bytes], load: Load) -> list[Summary]:
    found: list[Summary] = []
    stream = iter(ders)
    with warnings.catch_warnings(record=True) as log:
        warnings.simplefilter("always")
        while batch := list(itertools.islice(stream, BATCH)):
            found += _read_batch(batch, load, log)
    return found


def _read_batch(
    ders: list[bytes], load: Load, log: list[warnings.WarningMessage]
) -> list[Summary]:
    """Read one part of all of them, then the next, which is faster than in rows.

    Those that the library stumbles over are read each by itself.
    """
    plain: dict[int, x509.Certificate] = {}
    for number, der in enumerate(ders):
        with attempt():
            plain[number] = load(der)
        if log:
            log.clear()
            plain.pop(number, None)
    values = {number: _begun(ders[number]) for number in plain}
    with attempt() as reading:
        for part in parts.PARTS.values():
            taken = list(map(part.take, plain.values()))
            for said, of_one in zip(taken, values.values(), strict=True):
                part.tell(said, of_one)
    if log or reading.failed:  # nobody can tell which of them it was about
        log.clear()
        values.clear()
    return [
        _finished(der, values[number], log)
        if number in values
        else _read(der, load, log)
        for number, der in enumerate(ders)
    ]


def _read(der: bytes, load: Load, log: list[warnings.WarningMessage]) -> Summary:
    values = _begun(der)
    with attempt() as reading:
        certificate = load(der)
        for part in parts.PARTS.values():
            part.tell(part.take(certificate), values)
    if reading.failed:
        values["problems"] = lenient.read(der, load, values)
        if not values["serial_number"]:
            values["kind"] = Kind.UNREADABLE
    return _finished(der, values, log)


def _begun(der: bytes) -> Values:
    values = _NOTHING.copy()
    values["sha256"] = hashlib.sha256(der).hexdigest()
    values["thumbprint"] = hashlib.sha1(der).hexdigest().upper()  # noqa: S324
    return values


def _finished(
    der: bytes, values: Values, log: list[warnings.WarningMessage]
) -> Summary:
    if (
        log
        or _GENERALIZED_TIME.search(der) is not None
        or values["signature_algorithm"] == parts.PSS
        or lenient.RSA_WITHOUT_NULL.search(der) is not None
        or lenient.BEHIND_THE_KEY.search(der) is not None
    ):
        values["remarks"] += _remarks(der, log)
    values["self_signed"] = _names_itself(values)
    return Summary._make(values.values())


_CERTIFICATE = Kind.CERTIFICATE
_NOTHING: Values = {"kind": _CERTIFICATE, **Summary._field_defaults}
"""The values of a `Summary` in its order, before anything is read."""

_GENERALIZED_TIME = re.compile(rb"\x18\x0f20")
"""Tag, length and century. Where it stands there may be a time before 2050 in it."""


def _remarks(der: bytes, log: list[warnings.WarningMessage]) -> tuple[Problem, ...]:
    texts = dict.fromkeys(plain_reason(Warning(w.message)) for w in log)
    log.clear()
    return (
        *(Problem("Encoding", text) for text in texts),
        *(Problem("Validity", text) for text in lenient.wrong_time_types(der)),
        *(Problem("Algorithm", text) for text in lenient.algorithms_without_null(der)),
        *(Problem("Padding", text) for text in lenient.unusual_padding(der)),
        *(Problem("Unique identifier", one) for one in lenient.unique_identifiers(der)),
    )


def _names_itself(values: Values) -> bool:
    return (
        values["subject"] == values["issuer"]
        and (
            values["authority_key_identifier"] in ("", values["subject_key_identifier"])
        )
        and values["kind"] is _CERTIFICATE
    )
