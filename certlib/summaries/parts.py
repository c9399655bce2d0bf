"""Parts: what a certificate or request says, one by one, as plain values.

Each function fills in values of a `certlib.summaries.Summary` from an object of
`cryptography`, or raises whatever the library raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from certlib import keys, x500
from certlib.parsers import attempt

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """A part that could not be read, or only with indulgence.

    Attributes:
        part: its name, as in Windows' Details tab.
        reason: why, in plain words.
    """

    part: str
    reason: str


ACCESS = "Access"
"""The part that is named where nobody could look into a file, store or server."""

SERVER_AUTHENTICATION = ExtendedKeyUsageOID.SERVER_AUTH.dotted_string
ANY_EXTENDED_KEY_USAGE = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string

PSS = "RSASSA-PSS"

# Windows' names for signature algorithms.
_SIGNATURES = {
    "1.2.840.113549.1.1.4": "md5RSA",
    "1.2.840.113549.1.1.5": "sha1RSA",
    "1.2.840.113549.1.1.10": PSS,
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

KEY_USAGES = {
    "digital_signature": "digitalSignature",
    "content_commitment": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
}
"""RFC 5280's names of key usages by the library's, from bit 0 on (4.2.1.3)."""

_key_usage_flags = attrgetter(*KEY_USAGES)


class Reader:
    """Reads part after part and notes those that cannot be read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Note it as a problem of this part when something is raised inside."""
        with attempt() as reading:
            yield
        if reading.failed:
            self.problems.append(Problem(name, reading.reason))


def serial_number(number: int) -> str:
    """Return a serial number in hexadecimal, of even length, as Windows does."""
    if number < 0:
        return f"-{serial_number(-number)}"
    digits = f"{number:x}"
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def signature_name(oid: x509.ObjectIdentifier) -> str:
    """Return a signature algorithm in Windows' words, or its identifier."""
    return _SIGNATURES.get(dotted := _dotted(oid), dotted)


@lru_cache(maxsize=1000)
def _dotted(oid: x509.ObjectIdentifier) -> str:
    """Return an object identifier as text, which takes the library a while."""
    return oid.dotted_string


# Reading a Diffie-Hellman key checks its parameters, which takes 0.1 s, and no
# TLS server can use one.
_UNUSABLE_KEYS = {
    x509.ObjectIdentifier("1.2.840.113549.1.3.1"): "DH",
    x509.ObjectIdentifier("1.2.840.10046.2.1"): "DH",
}


def _take_key(certificate: x509.Certificate) -> keys.PublicKey | str:
    unusable = _UNUSABLE_KEYS.get(certificate.public_key_algorithm_oid)
    return certificate.public_key() if unusable is None else unusable


def _tell_key(key: keys.PublicKey | str, values: Values) -> None:
    if isinstance(key, str):
        values["key"] = values["key_algorithm"] = key
    else:
        read_key(key, values)


def read_key(key: keys.PublicKey, values: Values) -> None:
    """Read what is said about a public key."""
    curve, bits = keys.curve_name(key), getattr(key, "key_size", None)
    words = (type(key), bits, curve)
    described = _DESCRIBED.get(words)
    if described is None:
        text = keys.describe(key)
        described = _DESCRIBED[words] = text, text.partition(" ")[0]
    values["key"], values["key_algorithm"] = described
    values["key_bits"], values["curve"] = bits, curve
    values["key_sha256"] = keys.key_sha256(key)


_DESCRIBED: dict[tuple[type, int | None, str], tuple[str, str]] = {}
"""What a kind and size of key is called; there are few."""


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
    names = list(san)
    dns = [name.value.lower() for name in names if type(name) is x509.DNSName]
    values["dns_names"], values["san_critical"] = tuple(dns), critical
    if len(dns) == len(names):
        return
    rest = [name for name in names if type(name) is not x509.DNSName]
    addresses = [str(name.value) for name in rest if isinstance(name, x509.IPAddress)]
    others = [other_name(name) for name in rest if not isinstance(name, x509.IPAddress)]
    values["ip_addresses"], values["other_names"] = tuple(addresses), tuple(others)


def other_name(name: x509.GeneralName) -> str:
    """Return an alternative name that is neither DNS nor IP, in Windows' words."""
    match name:
        case x509.UniformResourceIdentifier():
            return worded("uniform_resource_identifier", name.value)
        case x509.RFC822Name():
            return worded("rfc822_name", name.value)
        case x509.DirectoryName():
            return worded("directory_name", x500.x500(name.value))
        case x509.RegisteredID():
            return worded("registered_id", name.value.dotted_string)
        case x509.OtherName():
            return worded("other_name", name.type_id.dotted_string)
        case _:
            return str(name.value)


def worded(form: str, value: str) -> str:
    """Return a name in Windows' words: ``URL=https://server.example.com``.

    Args:
        form: as `asn1crypto` calls it, after RFC 5280 section 4.2.1.6.
        value: the name itself.
    """
    return f"{_FORMS.get(form, form)}={value}"


_FORMS = {
    "uniform_resource_identifier": "URL",
    "rfc822_name": "RFC822 Name",
    "directory_name": "Directory Address",
    "registered_id": "Registered ID",
    "other_name": "Other Name",
}


def _read_key_usage(values: Values, usage: x509.KeyUsage, critical: bool) -> None:
    allowed = usages(_key_usage_flags(usage))
    if usage.key_agreement:  # the two say something only beside it
        allowed += ("encipherOnly",) * usage.encipher_only
        allowed += ("decipherOnly",) * usage.decipher_only
    values["key_usage"], values["key_usage_critical"] = allowed, critical


@cache
def usages(flags: tuple[bool, ...]) -> tuple[str, ...]:
    """Return RFC 5280's names of the bits that are set in a key usage.

    Args:
        flags: one for each of `KEY_USAGES`.
    """
    names = KEY_USAGES.values()
    return tuple(name for flag, name in zip(flags, names, strict=True) if flag)


def _read_eku(values: Values, usage: x509.ExtendedKeyUsage, critical: bool) -> None:
    values["extended_key_usage"] = tuple([_dotted(oid) for oid in usage])


def _read_basic_constraints(
    values: Values, constraints: x509.BasicConstraints, critical: bool
) -> None:
    values["is_ca"], values["path_length"] = constraints.ca, constraints.path_length
    values["basic_constraints_critical"] = critical


def _read_timestamps(
    values: Values,
    timestamps: x509.PrecertificateSignedCertificateTimestamps,
    critical: bool,
) -> None:
    values["timestamps"] = len(timestamps)


def _read_ski(values: Values, ski: x509.SubjectKeyIdentifier, critical: bool) -> None:
    values["subject_key_identifier"] = ski.digest.hex()


def _read_aki(values: Values, aki: x509.AuthorityKeyIdentifier, critical: bool) -> None:
    values["authority_key_identifier"] = (aki.key_identifier or b"").hex()


def _read_policies(
    values: Values, policies: x509.CertificatePolicies, critical: bool
) -> None:
    tell_policies(values, [_dotted(one.policy_identifier) for one in policies])


def tell_policies(values: Values, policies: list[str]) -> None:
    """Remark policies that are there more than once (RFC 5280 section 4.2.1.4)."""
    if len(set(policies)) < len(policies):
        repeated = dict.fromkeys(one for one in policies if policies.count(one) > 1)
        values["remarks"] += tuple(Problem("Policies", one) for one in repeated)


def _read_points(
    values: Values, points: x509.CRLDistributionPoints, critical: bool
) -> None:
    names = (name for point in points for name in point.full_name or ())
    values["addresses"] += tuple([f"CRL={_address(name)}" for name in names])


def _read_access(
    values: Values, access: x509.AuthorityInformationAccess, critical: bool
) -> None:
    values["addresses"] += tuple(
        [
            f"{LIES_THERE[_dotted(one.access_method)]}={_address(one.access_location)}"
            for one in access
            if _dotted(one.access_method) in LIES_THERE
        ]
    )


LIES_THERE = {"1.3.6.1.5.5.7.48.1": "OCSP", "1.3.6.1.5.5.7.48.2": "Issuer"}
"""What lies at an address of the AuthorityInfoAccess (RFC 5280 section 4.2.2.1)."""


def _address(name: x509.GeneralName) -> str:
    is_url = type(name) is x509.UniformResourceIdentifier
    return str(name.value) if is_url else other_name(name)


_EXTENSIONS: dict[type[x509.ExtensionType], Callable[[Values, Any, bool], None]] = {
    x509.SubjectAlternativeName: _read_san,
    x509.KeyUsage: _read_key_usage,
    x509.ExtendedKeyUsage: _read_eku,
    x509.BasicConstraints: _read_basic_constraints,
    x509.SubjectKeyIdentifier: _read_ski,
    x509.AuthorityKeyIdentifier: _read_aki,
    x509.PrecertificateSignedCertificateTimestamps: _read_timestamps,
    x509.CRLDistributionPoints: _read_points,
    x509.CertificatePolicies: _read_policies,
    x509.AuthorityInformationAccess: _read_access,
}


class Part(NamedTuple):
    """A part of a certificate, and how it is read."""

    take: Callable[[x509.Certificate], Any]
    """Asks the library for it, or raises whatever the library raises."""
    tell: Callable[[Any, Values], None]
    """Fills in values with what was taken."""


def _tell_version(version: x509.Version, values: Values) -> None:
    values["version"] = version.value + 1


def _tell_serial_number(number: int, values: Values) -> None:
    values["serial_number"] = serial_number(number)


def _tell_signature(oid: x509.ObjectIdentifier, values: Values) -> None:
    values["signature_algorithm"] = signature_name(oid)


def _tell_issuer(issuer: x509.Name, values: Values) -> None:
    values["issuer"] = x500.x500(issuer)


def _tell_subject(subject: x509.Name, values: Values) -> None:
    values["subject"], values["common_names"] = x500.described(subject)


def _tell_validity(ends: tuple[datetime, datetime], values: Values) -> None:
    values["not_before"], values["not_after"] = ends


PARTS = {
    "Version": Part(attrgetter("version"), _tell_version),
    "Serial number": Part(attrgetter("serial_number"), _tell_serial_number),
    "Signature algorithm": Part(attrgetter("signature_algorithm_oid"), _tell_signature),
    "Issuer": Part(attrgetter("issuer"), _tell_issuer),
    "Subject": Part(attrgetter("subject"), _tell_subject),
    "Validity": Part(
        attrgetter("not_valid_before_utc", "not_valid_after_utc"), _tell_validity
    ),
    "Public key": Part(_take_key, _tell_key),
    "Extensions": Part(attrgetter("extensions"), read_extensions),
}
"""What a certificate says, part by part, by the names of Windows' Details tab."""
