"""Summaries: a certificate, request or key, read once into plain values.

A `Summary` is what rules judge, tables show and JSON holds: text, numbers,
moments and tuples of them. Reading never fails. What could not be read is
named in `Summary.problems`, and the rest is there.

A right certificate is read in one go. Only one that the library stumbles over
is read again part by part, see `certlib.salvage`.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import keys, names


class Kind(StrEnum):
    """What a summary is of."""

    __hash__ = str.__hash__  # that of Enum is slow, and this one is in every key

    CERTIFICATE = "certificate"
    REQUEST = "signing request"
    PRIVATE_KEY = "private key"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Problem:
    """A part that could not be read, or only with indulgence.

    Attributes:
        part: its name, as in Windows' Details tab.
        reason: why, in plain words.
    """

    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What only the place of a certificate tells, and not the certificate.

    Texts and tuples are empty and the rest is None where nobody looked.

    Attributes:
        store: the address of the certificate store that it lies in.
        key_readers: the accounts that may read its private key.
        server_name: the name under which the server was asked for it.
        protocol: the TLS version in which the server presented it.
        chain_complete: its issuers are there up to a root.
        root_known: that root is one that this machine or the public trusts.
        chain_in_order: each certificate that was sent is issued by the next.
        root_sent: subject of the root that the server sent along.
        strangers: subjects of certificates sent that are not in the chain.
        issuer_ends: subjects of its issuers and their ends, the nearest first.
        signature_valid: its signature was made with its issuer's key.
        same_key: places of other certificates with the same key.
    """

    store: str = ""
    key_readers: tuple[str, ...] | None = None
    server_name: str = ""
    protocol: str = ""
    chain_complete: bool | None = None
    root_known: bool | None = None
    chain_in_order: bool | None = None
    root_sent: str = ""
    strangers: tuple[str, ...] = ()
    issuer_ends: tuple[tuple[str, datetime], ...] = ()
    signature_valid: bool | None = None
    same_key: tuple[str, ...] = ()


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
    """Entries of the SubjectAlternativeName of another kind, ``URI=…``."""
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
    remarks: tuple[Problem, ...] = ()
    """What was read with indulgence: it breaks the encoding rules."""
    surroundings: Surroundings | None = None
    """What its place tells; None when only the certificate was looked at."""

    @property
    def server_names(self) -> tuple[str, ...]:
        """Names in the SubjectAlternativeName that a client can ask for."""
        return self.dns_names + self.ip_addresses

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON knows them; moments as ISO 8601 with zone."""
        values = {name: _plain(value) for name, value in self._asdict().items()}
        if values["surroundings"] is None:
            del values["surroundings"]
        return values


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(inner) for name, inner in asdict(value).items()}
    return value


SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1"
ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0"

# Windows' names for signature algorithms.
_SIGNATURES = {
    "1.2.840.113549.1.1.4": "md5RSA",
    "1.2.840.113549.1.1.5": "sha1RSA",
    "1.2.840.113549.1.1.10": "RSASSA-PSS",
    "1.2.840.113549.1.1.11": "sha256RSA",
    "1.2.840.113549.1.1.12": "sha384RSA",
    "1.2.840.113549.1.1.13": "sha512RSA",
    "1.2.840.10040.4.3": "sha1DSA",
    "1.2.840.10045.4.1": "sha1ECDSA",
    "1.2.840.10045.4.3.2": "sha256ECDSA",
    "1.2.840.10045.4.3.3": "sha384ECDSA",
    "1.2.840.10045.4.3.4": "sha512ECDSA",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
}

_KEY_USAGES = (
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
)

Values = dict[str, Any]


def of_certificate(
    certificate: x509.Certificate, *, private_key: bool | None = None
) -> Summary:
    """Return the summary of a certificate.

    Args:
        certificate: any that `cryptography` has accepted, however odd.
        private_key: whether its private key is there with it.
    """
    der = certificate.public_bytes(Encoding.DER)
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
    with warnings.catch_warnings(record=True) as log:
        warnings.simplefilter("always")
        load = x509.load_der_x509_certificate
        return [_read(der, load, log, private_key) for der in ders]


def of_request(request: x509.CertificateSigningRequest) -> Summary:
    """Return the summary of a signing request."""
    reader = Reader()
    der = request.public_bytes(Encoding.DER)
    values: Values = {"sha256": hashlib.sha256(der).hexdigest()}
    values["signature_algorithm"] = signature_name(request.signature_algorithm_oid)
    with reader.part("Subject"):
        values["subject"], values["common_names"] = names.described(request.subject)
    with reader.part("Public key"):
        _read_key(request.public_key(), values)
    with reader.part("Extensions"):
        read_extensions(request.extensions, values)
    with reader.part("Signature"):
        if not request.is_signature_valid:
            raise ValueError("it was not made with the key in the request")
    return Summary(Kind.REQUEST, problems=tuple(reader.problems), **values)


def of_private_key(key: keys.PrivateKey) -> Summary:
    """Return the summary of a private key: what its public half says."""
    values: Values = {"private_key": True}
    _read_key(key.public_key(), values)
    return Summary(Kind.PRIVATE_KEY, **values)


def unreadable(reason: str) -> Summary:
    """Return the summary of something that could not be read at all."""
    return Summary(Kind.UNREADABLE, problems=(Problem("File", reason),))


def plain_reason(error: BaseException) -> str:
    """Return why a library could not read something, on one line."""
    if type(error).__name__ == "PanicException":  # it may quote the input
        return "the library that reads it broke down over it"
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:200]


def raise_if_meant(error: BaseException) -> None:
    """Raise again what stops the program; a panic of Rust code does not.

    pyo3's PanicException is a BaseException that nobody should have to know.
    """
    if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit | MemoryError):
        raise error


class Reader:
    """Reads part after part and notes those that cannot be read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Note it as a problem of this part when something is raised inside."""
        try:
            yield
        # The libraries raise many kinds for odd input.
        except BaseException as error:
            raise_if_meant(error)
            self.problems.append(Problem(name, plain_reason(error)))


Load = Callable[[bytes], x509.Certificate]


def _read(
    der: bytes, load: Load, log: list[warnings.WarningMessage], private_key: bool | None
) -> Summary:
    values: Values = {
        "sha256": hashlib.sha256(der).hexdigest(),
        "thumbprint": hashlib.sha1(der).hexdigest().upper(),  # noqa: S324
        "private_key": private_key,
    }
    problems: tuple[Problem, ...] = ()
    try:
        _read_all(load(der), values)
    except BaseException as error:
        from certlib import salvage  # it reads with this module's readers

        raise_if_meant(error)
        problems = salvage.read(der, load, values)
    if log or _GENERALIZED_TIME in der:
        values["remarks"] = _remarks(der, log)
    kind = Kind.CERTIFICATE if "serial_number" in values else Kind.UNREADABLE
    return Summary(kind, self_signed=_names_itself(values), problems=problems, **values)


def _read_all(certificate: x509.Certificate, values: Values) -> None:
    """Read everything, or raise whatever the library raises."""
    values["version"] = certificate.version.value + 1
    values["serial_number"] = serial_number(certificate.serial_number)
    values["signature_algorithm"] = signature_name(certificate.signature_algorithm_oid)
    values["subject"], values["common_names"] = names.described(certificate.subject)
    values["issuer"] = names.described(certificate.issuer)[0]
    values["not_before"] = certificate.not_valid_before_utc
    values["not_after"] = certificate.not_valid_after_utc
    read_public_key(certificate, values)
    read_extensions(certificate.extensions, values)


_GENERALIZED_TIME = b"\x18\x0f"
"""Tag and length. Where it stands there may be a time before 2050 in it."""


def _remarks(der: bytes, log: list[warnings.WarningMessage]) -> tuple[Problem, ...]:
    from certlib import salvage

    texts = dict.fromkeys(plain_reason(Warning(w.message)) for w in log)
    log.clear()
    return (
        *(Problem("Encoding", text) for text in texts),
        *(Problem("Validity", text) for text in salvage.wrong_time_types(der)),
    )


def _names_itself(values: Values) -> bool:
    authority = values.get("authority_key_identifier")
    return (
        values.get("subject") is not None
        and values["subject"] == values.get("issuer")
        and authority in (None, "", values.get("subject_key_identifier"))
    )


def serial_number(number: int) -> str:
    """Return a serial number in hexadecimal, of even length, as Windows does."""
    digits = f"{abs(number):x}"
    padded = digits if len(digits) % 2 == 0 else f"0{digits}"
    return f"-{padded}" if number < 0 else padded


def signature_name(oid: x509.ObjectIdentifier) -> str:
    """Return a signature algorithm in Windows' words, or its identifier."""
    return _signature_name(oid.dotted_string)


def _signature_name(dotted: str) -> str:
    return _SIGNATURES.get(dotted, dotted)


# Reading a Diffie-Hellman key checks its parameters, which takes 0.1 s, and no
# TLS server can use one.
_UNUSABLE_KEYS = {"1.2.840.113549.1.3.1": "DH", "1.2.840.10046.2.1": "DH"}


def read_public_key(certificate: x509.Certificate, values: Values) -> None:
    """Read what is said about the public key of a certificate."""
    unusable = _UNUSABLE_KEYS.get(certificate.public_key_algorithm_oid.dotted_string)
    if unusable is not None:
        values["key"] = values["key_algorithm"] = unusable
    else:
        _read_key(certificate.public_key(), values)


def _read_key(key: keys.PublicKey, values: Values) -> None:
    if isinstance(key, ec.EllipticCurvePublicKey):
        values["key_bits"], values["curve"] = key.key_size, keys.curve_name(key)
    else:
        values["key_bits"] = getattr(key, "key_size", None)
    values["key"] = described = keys.describe(key)
    values["key_algorithm"] = described.partition(" ")[0]
    values["key_sha256"] = keys.key_sha256(key)


def read_extensions(extensions: Iterable[x509.Extension[Any]], values: Values) -> None:
    """Read what the extensions of a certificate or request say."""
    present: list[str] = []
    unknown: list[str] = []
    for extension in extensions:
        value = extension.value
        kind: Any = type(value)
        name, read = _reader_of(kind)
        if read is not None:
            read(values, value, extension.critical)
        elif name == "unrecognizedExtension":
            name = extension.oid.dotted_string
            if extension.critical:
                unknown.append(name)
        present.append(name)
    values["extensions"] = tuple(present)
    values["unknown_critical_extensions"] = tuple(unknown)


@cache
def _reader_of(
    kind: Any,
) -> tuple[str, Callable[[Values, Any, bool], None] | None]:
    """Return RFC 5280's name of an extension, and who reads it."""
    name = _EXTENSION_NAMES.get(kind) or kind.__name__[0].lower() + kind.__name__[1:]
    return name, _EXTENSIONS.get(kind)


_EXTENSION_NAMES: dict[type[x509.ExtensionType], str] = {
    x509.AuthorityInformationAccess: "authorityInfoAccess",
    x509.CRLDistributionPoints: "cRLDistributionPoints",
    x509.ExtendedKeyUsage: "extKeyUsage",
    x509.IssuerAlternativeName: "issuerAltName",
    x509.OCSPNoCheck: "id-pkix-ocsp-nocheck",
    x509.PrecertificateSignedCertificateTimestamps: "signedCertificateTimestamps",
    x509.SubjectAlternativeName: "subjectAltName",
    x509.SubjectInformationAccess: "subjectInfoAccess",
    x509.TLSFeature: "tlsfeature",
}


def _read_san(values: Values, san: x509.SubjectAlternativeName, critical: bool) -> None:
    dns, addresses, others = [], [], []
    for name in san:
        kind = type(name)
        if kind is x509.DNSName:
            dns.append(name.value.lower())
        elif kind is x509.IPAddress:
            addresses.append(str(name.value))
        else:
            others.append(other_name(name))
    values["dns_names"], values["ip_addresses"] = tuple(dns), tuple(addresses)
    values["other_names"], values["san_critical"] = tuple(others), critical


def other_name(name: x509.GeneralName) -> str:
    """Return an alternative name that is neither DNS nor IP, in Windows' words."""
    match name:
        case x509.UniformResourceIdentifier():
            return f"URL={name.value}"
        case x509.RFC822Name():
            return f"RFC822 Name={name.value}"
        case x509.DirectoryName():
            return f"Directory Address={names.x500(name.value)}"
        case x509.RegisteredID():
            return f"Registered ID={name.value.dotted_string}"
        case x509.OtherName():
            return f"Other Name={name.type_id.dotted_string}"
        case _:
            return str(name.value)


def _read_key_usage(values: Values, usage: x509.KeyUsage, critical: bool) -> None:
    flags = (
        usage.digital_signature,
        usage.content_commitment,
        usage.key_encipherment,
        usage.data_encipherment,
        usage.key_agreement,
        usage.key_cert_sign,
        usage.crl_sign,
    )
    allowed = usages(flags)
    if usage.key_agreement:  # the two say something only beside it
        allowed += ("encipherOnly",) * usage.encipher_only
        allowed += ("decipherOnly",) * usage.decipher_only
    values["key_usage"], values["key_usage_critical"] = allowed, critical


@cache
def usages(flags: tuple[bool, ...]) -> tuple[str, ...]:
    """Return RFC 5280's names of the bits that are set in a key usage."""
    return tuple(name for flag, name in zip(flags, _KEY_USAGES, strict=True) if flag)


def _read_eku(values: Values, usage: x509.ExtendedKeyUsage, critical: bool) -> None:
    values["extended_key_usage"] = tuple([oid.dotted_string for oid in usage])


def _read_basic_constraints(
    values: Values, constraints: x509.BasicConstraints, critical: bool
) -> None:
    values["is_ca"], values["path_length"] = constraints.ca, constraints.path_length
    values["basic_constraints_critical"] = critical


def _read_ski(values: Values, ski: x509.SubjectKeyIdentifier, critical: bool) -> None:
    values["subject_key_identifier"] = ski.digest.hex()


def _read_aki(values: Values, aki: x509.AuthorityKeyIdentifier, critical: bool) -> None:
    values["authority_key_identifier"] = (aki.key_identifier or b"").hex()


_EXTENSIONS: dict[type[x509.ExtensionType], Callable[[Values, Any, bool], None]] = {
    x509.SubjectAlternativeName: _read_san,
    x509.KeyUsage: _read_key_usage,
    x509.ExtendedKeyUsage: _read_eku,
    x509.BasicConstraints: _read_basic_constraints,
    x509.SubjectKeyIdentifier: _read_ski,
    x509.AuthorityKeyIdentifier: _read_aki,
}
