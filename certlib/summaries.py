"""Summaries: a certificate, request or key, read once into plain values.

A `Summary` is what rules judge, tables show and JSON holds: text, numbers,
moments and tuples of them. Reading never fails. What could not be read is
named in `Summary.problems`, and the rest is there.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID

from certlib import keys, names
from certlib.errors import panics_as_errors


class Kind(StrEnum):
    """What a summary is of."""

    CERTIFICATE = "certificate"
    REQUEST = "signing request"
    PRIVATE_KEY = "private key"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Problem:
    """A part that could not be read.

    Attributes:
        part: its name, as in Windows' Details tab.
        reason: why, in plain words.
    """

    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
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

    @property
    def server_names(self) -> tuple[str, ...]:
        """Names in the SubjectAlternativeName that a client can ask for."""
        return self.dns_names + self.ip_addresses

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON knows them; moments as ISO 8601 with zone."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }


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
    ("digital_signature", "digitalSignature"),
    ("content_commitment", "nonRepudiation"),
    ("key_encipherment", "keyEncipherment"),
    ("data_encipherment", "dataEncipherment"),
    ("key_agreement", "keyAgreement"),
    ("key_cert_sign", "keyCertSign"),
    ("crl_sign", "cRLSign"),
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd values are for the rules to judge
        return _read_certificate(certificate, der, private_key)


def of_der(der: bytes, *, private_key: bool | None = None) -> Summary:
    """Return the summary of a certificate in DER, readable or not."""
    try:
        with warnings.catch_warnings(), panics_as_errors():
            warnings.simplefilter("ignore")
            certificate = x509.load_der_x509_certificate(der)
    except (ValueError, TypeError, x509.InvalidVersion) as error:
        return Summary(
            Kind.UNREADABLE,
            sha256=hashlib.sha256(der).hexdigest(),
            thumbprint=hashlib.sha1(der).hexdigest().upper(),  # noqa: S324
            problems=(Problem("Certificate", plain_reason(error)),),
        )
    return of_certificate(certificate, private_key=private_key)


def of_request(request: x509.CertificateSigningRequest) -> Summary:
    """Return the summary of a signing request."""
    reader = _Reader()
    der = request.public_bytes(Encoding.DER)
    values: Values = {"sha256": hashlib.sha256(der).hexdigest()}
    values["signature_algorithm"] = _signature_name(request)
    values |= reader.read("Subject", lambda: _subject(request.subject))
    values |= reader.read("Public key", lambda: _public_key(request.public_key()))
    values |= reader.read("Extensions", lambda: _extensions(request.extensions))
    if not reader.read("Signature", lambda: {"valid": request.is_signature_valid}).get(
        "valid"
    ):
        reader.problems.append(
            Problem("Signature", "it was not made with the key in the request")
        )
    return Summary(Kind.REQUEST, problems=tuple(reader.problems), **values)


def of_private_key(key: keys.PrivateKey) -> Summary:
    """Return the summary of a private key: what its public half says."""
    return Summary(Kind.PRIVATE_KEY, private_key=True, **_public_key(key.public_key()))


def unreadable(reason: str) -> Summary:
    """Return the summary of something that could not be read at all."""
    return Summary(Kind.UNREADABLE, problems=(Problem("File", reason),))


def plain_reason(error: BaseException) -> str:
    """Return why a library could not read something, on one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:200]


class _Reader:
    """Reads part after part and notes those that cannot be read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def read(self, part: str, read: Callable[[], Values]) -> Values:
        try:
            with panics_as_errors():
                return read()
        except Exception as error:  # the libraries raise many kinds for odd input
            self.problems.append(Problem(part, plain_reason(error)))
            return {}


def _read_certificate(
    certificate: x509.Certificate, der: bytes, private_key: bool | None
) -> Summary:
    reader = _Reader()
    values: Values = {
        "sha256": hashlib.sha256(der).hexdigest(),
        "thumbprint": hashlib.sha1(der).hexdigest().upper(),  # noqa: S324
        "private_key": private_key,
        "version": certificate.version.value + 1,
        "serial_number": _hex(certificate.serial_number),
        "signature_algorithm": _signature_name(certificate),
    }
    values |= reader.read("Subject", lambda: _subject(certificate.subject))
    values |= reader.read("Issuer", lambda: {"issuer": names.x500(certificate.issuer)})
    values |= reader.read("Validity", lambda: _validity(certificate))
    values |= reader.read("Public key", lambda: _public_key(certificate.public_key()))
    values |= reader.read("Extensions", lambda: _extensions(certificate.extensions))
    return Summary(
        Kind.CERTIFICATE,
        self_signed=_names_itself(values),
        problems=tuple(reader.problems),
        **values,
    )


def _names_itself(values: Values) -> bool:
    authority = values.get("authority_key_identifier")
    return (
        values.get("subject") is not None
        and values.get("subject") == values.get("issuer")
        and authority in (None, "", values.get("subject_key_identifier"))
    )


def _hex(number: int) -> str:
    digits = f"{abs(number):x}"
    padded = digits.zfill(len(digits) + len(digits) % 2)
    return f"-{padded}" if number < 0 else padded


def _signature_name(signed: x509.Certificate | x509.CertificateSigningRequest) -> str:
    oid = signed.signature_algorithm_oid.dotted_string
    return _SIGNATURES.get(oid, oid)


def _subject(name: x509.Name) -> Values:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return {
        "subject": names.x500(name),
        "common_names": tuple(str(attribute.value) for attribute in found),
    }


def _validity(certificate: x509.Certificate) -> Values:
    return {
        "not_before": certificate.not_valid_before_utc,
        "not_after": certificate.not_valid_after_utc,
    }


def _public_key(key: keys.PublicKey) -> Values:
    return {
        "key": (described := keys.describe(key)),
        "key_algorithm": described.partition(" ")[0],
        "key_bits": key.curve.key_size
        if isinstance(key, ec.EllipticCurvePublicKey)
        else getattr(key, "key_size", None),
        "curve": keys.curve_name(key),
        "key_sha256": keys.key_sha256(key),
    }


def _extensions(extensions: x509.Extensions) -> Values:
    values: Values = {}
    unknown = []
    for extension in extensions:
        read = _EXTENSIONS.get(extension.oid)
        if read is not None:
            read(values, extension.value, extension.critical)
        elif extension.critical and isinstance(
            extension.value, x509.UnrecognizedExtension
        ):
            unknown.append(extension.oid.dotted_string)
    values["unknown_critical_extensions"] = tuple(unknown)
    return values


def _read_san(values: Values, san: x509.SubjectAlternativeName, critical: bool) -> None:
    dns, addresses, others = [], [], []
    for name in san:
        match name:
            case x509.DNSName():
                dns.append(name.value.lower())
            case x509.IPAddress():
                addresses.append(str(name.value))
            case _:
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
    allowed = [name for flag, name in _KEY_USAGES if getattr(usage, flag)]
    if usage.key_agreement:
        allowed += ["encipherOnly"] * usage.encipher_only
        allowed += ["decipherOnly"] * usage.decipher_only
    values["key_usage"], values["key_usage_critical"] = tuple(allowed), critical


def _read_eku(values: Values, usage: x509.ExtendedKeyUsage, critical: bool) -> None:
    values["extended_key_usage"] = tuple(oid.dotted_string for oid in usage)


def _read_basic_constraints(
    values: Values, constraints: x509.BasicConstraints, critical: bool
) -> None:
    values["is_ca"], values["path_length"] = constraints.ca, constraints.path_length
    values["basic_constraints_critical"] = critical


def _read_ski(values: Values, ski: x509.SubjectKeyIdentifier, critical: bool) -> None:
    values["subject_key_identifier"] = ski.digest.hex()


def _read_aki(values: Values, aki: x509.AuthorityKeyIdentifier, critical: bool) -> None:
    values["authority_key_identifier"] = (aki.key_identifier or b"").hex()


_EXTENSIONS: dict[x509.ObjectIdentifier, Callable[[Values, Any, bool], None]] = {
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME: _read_san,
    ExtensionOID.KEY_USAGE: _read_key_usage,
    ExtensionOID.EXTENDED_KEY_USAGE: _read_eku,
    ExtensionOID.BASIC_CONSTRAINTS: _read_basic_constraints,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER: _read_ski,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER: _read_aki,
}
