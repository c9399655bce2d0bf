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
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import keys, x500
from certlib.errors import CertlibError
from certlib.names.addresses import StoreAddress
from certlib.parsers import attempt, der_of, plain_reason
from certlib.summaries import lenient, parts
from certlib.summaries.parts import (
    ACCESS,
    ANY_EXTENDED_KEY_USAGE,
    SERVER_AUTHENTICATION,
    Problem,
    Values,
    other_name,
)
from certlib.summaries.roles import Kind, Role, names_a_host, role_of

__all__ = [
    "ACCESS",
    "ANY_EXTENDED_KEY_USAGE",
    "NOWHERE",
    "SERVER_AUTHENTICATION",
    "Kind",
    "PathFault",
    "Problem",
    "Role",
    "Summary",
    "Surroundings",
    "names_a_host",
    "not_opened",
    "of_certificate",
    "of_der",
    "of_many",
    "of_private_key",
    "of_request",
    "other_name",
    "unreadable",
]


class PathFault(NamedTuple):
    """What is wrong on the path from a certificate to a root."""

    rule: str
    subject: str
    """Of the issuer that it is about; empty for the certificate itself."""
    detail: str
    wrong: bool
    """Whether clients refuse; otherwise it could not be checked."""
    extension: str = ""
    """The object identifier of the extension that it is about."""

    def __str__(self) -> str:
        return f"{self.subject}: {self.detail}" if self.subject else self.detail


@dataclass(frozen=True, slots=True)
class Revocation:
    """What is known of the revocation of one certificate of a path.

    Attributes:
        subject: of the issuer that it is about; empty for the certificate itself.
        state: ``good``, ``revoked``, ``cannot be checked`` or ``not looked up``.
        detail: who says so, or why nothing is known.
        until: to which moment a good answer counts, in UTC.
        remark: what is irregular about who says so; empty for nothing.
    """

    subject: str
    state: str
    detail: str
    until: datetime | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What only the place of a certificate tells, and not the certificate.

    Texts and tuples are empty and the rest is None where nobody looked.

    Attributes:
        store: the address of the certificate store that it lies in.
        key_readers: the accounts that may read its private key.
        key_controllers: those that may also change who may.
        exportable: whether that key may leave the store.
        key_protected: whether a passphrase protects the key in its file.
        key_file_readers: who may read that file, too, and is not its owner.
        server_name: the name under which the server was asked for it.
        wanted_for: the name of the server that it is asked about for.
        protocol: the TLS version in which the server presented it.
        older_protocols: those that it speaks, too, and nobody should.
        cipher: the cipher suite, by OpenSSL's name.
        asks_client: the server asks its clients for a certificate, too.
        stapled: the server brought along an answer about its revocation (OCSP).
        renegotiates_safely: the server knows RFC 5746.
        chain_complete: its issuers are there up to a root.
        root_known: that root is one that this machine or the public trusts.
        chain_in_order: each certificate that was sent is issued by the next.
        root_sent: subject of the root that the server sent along.
        strangers: subjects of certificates sent that are not in the chain.
        issuer_ends: subjects of its issuers and their ends, the nearest first.
        issuer_elsewhere: subject and end of its issuer, found at another place.
        path_faults: what is wrong on its path to a root, or could not be checked.
        irregular_issuers: where one on its path is not as the standard wants it.
        other_path_fails: a path that simple clients try first is not good.
        trusted: a path to a trusted root is good; None when nobody can tell.
        trust: who trusts it, why nobody does, or why nobody can tell.
        revocation: what is known of its revocation and that of its issuers.
        key_of_another: the private key beside it belongs to another certificate.
        same_key: the place of another certificate with the same key.
        same_key_more: how many others there are beside that one.
        key_weaknesses: what is publicly known against its key.
    """

    store: StoreAddress | None = None
    key_readers: tuple[str, ...] | None = None
    key_controllers: tuple[str, ...] | None = None
    exportable: bool | None = None
    key_protected: bool | None = None
    key_file_readers: tuple[str, ...] = ()
    server_name: str = ""
    wanted_for: str = ""
    protocol: str = ""
    older_protocols: tuple[str, ...] = ()
    cipher: str = ""
    asks_client: bool | None = None
    stapled: bool | None = None
    renegotiates_safely: bool | None = None
    chain_complete: bool | None = None
    root_known: bool | None = None
    chain_in_order: bool | None = None
    root_sent: str = ""
    strangers: tuple[str, ...] = ()
    issuer_ends: tuple[tuple[str, datetime], ...] = ()
    issuer_elsewhere: tuple[str, datetime] | None = None
    path_faults: tuple[PathFault, ...] = ()
    irregular_issuers: tuple[str, ...] = ()
    other_path_fails: bool = False
    trusted: bool | None = None
    trust: str = ""
    revocation: tuple[Revocation, ...] = ()
    key_of_another: bool = False
    same_key: str = ""
    same_key_more: int = 0
    key_weaknesses: tuple[str, ...] = ()


NOWHERE = Surroundings()
"""Of what was looked at by itself."""


class Summary(NamedTuple):
    """What a certificate, signing request or private key says.

    Texts are empty, tuples are empty and the rest is None where the thing
    does not say it. Moments are in UTC. Key and extended key usage are None
    when the extension is absent, and empty when it allows nothing.
    """

    kind: Kind
    sha256: str = ""
    """Fingerprint of the whole, lower-case hexadecimal."""
    thumbprint: str = ""
    """Windows' name for a certificate: SHA-1, upper-case hexadecimal."""
    version: int | None = None
    serial_number: str = ""
    """Hexadecimal in lower case, of even length, as Windows shows it."""
    signature_algorithm: str = ""
    """In Windows' words, ``sha256RSA``."""
    issuer: str = ""
    subject: str = ""
    common_names: tuple[str, ...] = ()
    not_before: datetime | None = None
    not_after: datetime | None = None
    key: str = ""
    """Kind of the public key in Windows' words, ``RSA (2048 Bits)``."""
    key_algorithm: str = ""
    """``RSA``, ``ECC``, ``Ed25519``, ..."""
    key_bits: int | None = None
    curve: str = ""
    key_sha256: str = ""
    """Fingerprint of the public key (its SubjectPublicKeyInfo)."""
    dns_names: tuple[str, ...] = ()
    ip_addresses: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    """Entries of the SubjectAlternativeName of another kind, ``URL=…``."""
    san_critical: bool | None = None
    key_usage: tuple[str, ...] | None = None
    """RFC 5280's names, ``digitalSignature``."""
    key_usage_critical: bool | None = None
    extended_key_usage: tuple[str, ...] | None = None
    """Object identifiers."""
    is_ca: bool | None = None
    path_length: int | None = None
    basic_constraints_critical: bool | None = None
    subject_key_identifier: str = ""
    authority_key_identifier: str = ""
    unknown_critical_extensions: tuple[str, ...] = ()
    self_signed: bool = False
    """It names itself as its issuer, and its key identifiers do not deny it."""
    private_key: bool | None = None
    """Whether the private key is there with it; None when nobody can know."""
    publicly_trusted: bool | None = None
    """Whether its chain ends at a public trust anchor; None when not looked at."""
    problems: tuple[Problem, ...] = ()
    extensions: tuple[str, ...] = ()
    """RFC 5280's names of those that are there; others by object identifier."""
    timestamps: int | None = None
    """How many logs of certificates have signed it; None without such a list."""
    addresses: tuple[str, ...] = ()
    """Where its revocation and its issuer are: ``CRL=…``, ``OCSP=…``, ``Issuer=…``."""
    remarks: tuple[Problem, ...] = ()
    """What was read with indulgence: it breaks the encoding rules."""
    surroundings: Surroundings = NOWHERE
    """What its place tells; `NOWHERE` when only the certificate was looked at."""

    @property
    def server_names(self) -> tuple[str, ...]:
        """Names in the SubjectAlternativeName that a client can ask for."""
        return self.dns_names + self.ip_addresses

    @property
    def role(self) -> Role:
        """What it is for, told by its place, too."""
        return role_of(self)

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON knows them; moments as ISO 8601 with zone."""
        values = {name: _plain(value) for name, value in self._asdict().items()}
        values["role"] = str(self.role)
        if self.surroundings == NOWHERE:
            del values["surroundings"]
        return values


def _plain(value: Any) -> Any:
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, StoreAddress):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value


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
        return _read(der, lambda _: certificate, log, private_key)


def of_der(der: bytes, *, private_key: bool | None = None) -> Summary:
    """Return the summary of a certificate in DER, readable or not."""
    return of_many([der], private_key=private_key)[0]


def of_many(ders: Iterable[bytes], *, private_key: bool | None = None) -> list[Summary]:
    """Return the summaries of certificates in DER, readable or not.

    The library warns of what it reads with indulgence. The warnings become
    `Summary.remarks`; they are caught once for all, as catching costs time.
    """
    found: list[Summary] = []
    stream = iter(ders)
    with warnings.catch_warnings(record=True) as log:
        warnings.simplefilter("always")
        while batch := list(itertools.islice(stream, _BATCH)):
            found += _read_batch(batch, log, private_key)
    return found


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
    reason = f"{error.message}; {error.fix}"
    return Summary(Kind.UNREADABLE, problems=(Problem(ACCESS, reason),))


Load = Callable[[bytes], x509.Certificate]

_BATCH = 32
"""Certificates read together; more of them do not fit into a processor's cache."""


def _read_batch(
    ders: list[bytes], log: list[warnings.WarningMessage], private_key: bool | None
) -> list[Summary]:
    """Read one part of all of them, then the next, which is faster than in rows.

    Those that the library stumbles over are read each by itself.
    """
    load = x509.load_der_x509_certificate
    plain: dict[int, x509.Certificate] = {}
    for number, der in enumerate(ders):
        with attempt():
            plain[number] = load(der)
        if log:
            log.clear()
            plain.pop(number, None)
    values = {number: _begun(ders[number], private_key) for number in plain}
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
        else _read(der, load, log, private_key)
        for number, der in enumerate(ders)
    ]


def _read(
    der: bytes, load: Load, log: list[warnings.WarningMessage], private_key: bool | None
) -> Summary:
    values = _begun(der, private_key)
    with attempt() as reading:
        certificate = load(der)
        for part in parts.PARTS.values():
            part.tell(part.take(certificate), values)
    if reading.failed:
        values["problems"] = lenient.read(der, load, values)
        if not values["serial_number"]:
            values["kind"] = Kind.UNREADABLE
    return _finished(der, values, log)


def _begun(der: bytes, private_key: bool | None) -> Values:
    values = _NOTHING.copy()
    values["sha256"] = hashlib.sha256(der).hexdigest()
    values["thumbprint"] = hashlib.sha1(der).hexdigest().upper()  # noqa: S324
    values["private_key"] = private_key
    return values


def _finished(
    der: bytes, values: Values, log: list[warnings.WarningMessage]
) -> Summary:
    if (
        log
        or _GENERALIZED_TIME.search(der) is not None
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
