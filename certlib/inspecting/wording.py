"""Wording: what an extension says, in the words of Windows' certificate viewer.

One line an entry, parts of an entry indented below it. Windows formats these
texts in its function ``CryptFormatObject``; here each extension that a server
certificate usually has is worded alike, and every other one as its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from asn1crypto import core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from certlib import clock, x500
from certlib.parsers import attempt
from certlib.summaries import purposes
from certlib.summaries.parts import KEY_USAGES, other_name

INDENT = "     "

TITLES = {
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS: "Authority Information Access",
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER: "Authority Key Identifier",
    ExtensionOID.BASIC_CONSTRAINTS: "Basic Constraints",
    ExtensionOID.CERTIFICATE_POLICIES: "Certificate Policies",
    ExtensionOID.CRL_DISTRIBUTION_POINTS: "CRL Distribution Points",
    ExtensionOID.EXTENDED_KEY_USAGE: "Enhanced Key Usage",
    ExtensionOID.FRESHEST_CRL: "Freshest CRL",
    ExtensionOID.ISSUER_ALTERNATIVE_NAME: "Issuer Alternative Name",
    ExtensionOID.KEY_USAGE: "Key Usage",
    ExtensionOID.MS_CERTIFICATE_TEMPLATE: "Certificate Template Information",
    ExtensionOID.NAME_CONSTRAINTS: "Name Constraints",
    ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS: "SCT List",
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME: "Subject Alternative Name",
    ExtensionOID.SUBJECT_KEY_IDENTIFIER: "Subject Key Identifier",
    x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2"): "Certificate Template Name",
    x509.ObjectIdentifier("1.3.6.1.4.1.311.21.10"): "Application Policies",
}
"""The viewer's names of extensions; any other is shown by its number."""

_ACCESS_METHODS = {
    "1.3.6.1.5.5.7.48.1": "On-line Certificate Status Protocol",
    "1.3.6.1.5.5.7.48.2": "Certification Authority Issuer",
}
_PRINCIPAL_NAME = "1.3.6.1.4.1.311.20.2.3"

# In the order of `KEY_USAGES`.
_KEY_USAGES = (
    "Digital Signature",
    "Non-Repudiation",
    "Key Encipherment",
    "Data Encipherment",
    "Key Agreement",
    "Certificate Signing",
    "Off-line CRL Signing, CRL Signing",
)


def title(oid: x509.ObjectIdentifier) -> str:
    """Return the viewer's name of an extension."""
    return TITLES.get(oid, oid.dotted_string)


def usage(oid: x509.ObjectIdentifier) -> str:
    """Return an extended key usage: ``Server Authentication (1.3.6…)``."""
    return purposes.named(oid.dotted_string)


def text(value: x509.ExtensionType) -> str:
    """Return what an extension says, one or more lines.

    An extension without words of its own is shown as its bytes; one whose
    content cannot be read says so above them.
    """
    word = _WORDS.get(value.oid)
    with attempt() as reading:
        if word is not None:
            return "\n".join(word(value))
        return hex_dump(value.public_bytes())
    return f"{unread(reading)}\n{_raw(value)}".rstrip()


def unread(reading: attempt) -> str:
    """Return what stands in the place of something that cannot be read."""
    return f"cannot be read: {reading.reason}"


def hex_dump(data: bytes) -> str:
    """Return bytes as the viewer shows them: ``30 0d 06 09``."""
    return data.hex(" ")


def _raw(value: x509.ExtensionType) -> str:
    with attempt():
        return hex_dump(value.public_bytes())
    return ""


def _san(value: Iterable[x509.GeneralName]) -> Iterator[str]:
    for name in value:
        yield from general_name(name)


def general_name(name: x509.GeneralName) -> list[str]:
    """Return an alternative name: ``DNS Name=server.example.com``."""
    match name:
        case x509.DNSName():
            return [f"DNS Name={name.value}"]
        case x509.IPAddress():
            return [f"IP Address={name.value}"]
        case x509.DirectoryName():
            parts = x500.x500_lines(name.value).replace(" = ", "=").splitlines()
            return ["Directory Address:", *_indented(parts)]
        case x509.OtherName():
            return ["Other Name:", *_indented([_other_name(name)])]
        case _:
            return [other_name(name)]


def _other_name(name: x509.OtherName) -> str:
    if name.type_id.dotted_string == _PRINCIPAL_NAME:
        return f"Principal Name={core.load(name.value).native}"
    return f"{name.type_id.dotted_string}={hex_dump(name.value)}"


def _key_usage(value: x509.KeyUsage) -> Iterator[str]:
    words, bits = [], [0]
    for number, (name, word) in enumerate(zip(KEY_USAGES, _KEY_USAGES, strict=True)):
        if getattr(value, name):
            words.append(word)
            bits[0] |= 0x80 >> number
    if value.key_agreement and value.encipher_only:
        words.append("Encipher Only")
        bits[0] |= 0x01
    if value.key_agreement and value.decipher_only:
        words.append("Decipher Only")
        bits.append(0x80)
    yield f"{', '.join(words) or 'None'} ({bytes(bits).hex(' ')})"


def _extended_key_usage(value: x509.ExtendedKeyUsage) -> Iterator[str]:
    yield from map(usage, value)


def _basic_constraints(value: x509.BasicConstraints) -> Iterator[str]:
    yield f"Subject Type={'CA' if value.ca else 'End Entity'}"
    length = value.path_length
    yield f"Path Length Constraint={'None' if length is None else length}"


def _subject_key(value: x509.SubjectKeyIdentifier) -> Iterator[str]:
    yield value.digest.hex()


def _authority_key(value: x509.AuthorityKeyIdentifier) -> Iterator[str]:
    if value.key_identifier is not None:
        yield f"KeyID={value.key_identifier.hex()}"
    if value.authority_cert_issuer:
        yield "Certificate Issuer:"
        yield from _indented(_san(value.authority_cert_issuer))
    if (serial := value.authority_cert_serial_number) is not None:
        yield f"Certificate SerialNumber={serial:02x}"


def _access(value: x509.AuthorityInformationAccess) -> Iterator[str]:
    for number, access in enumerate(value, 1):
        oid = access.access_method.dotted_string
        method = _ACCESS_METHODS.get(oid, "Unknown Access Method")
        yield f"[{number}]Authority Info Access"
        yield f"{INDENT}Access Method={method} ({oid})"
        yield f"{INDENT}Alternative Name:"
        yield from _indented(general_name(access.access_location), 2)


def _crl_points(value: Iterable[x509.DistributionPoint]) -> Iterator[str]:
    for number, point in enumerate(value, 1):
        yield f"[{number}]CRL Distribution Point"
        if point.full_name:
            yield f"{INDENT}Distribution Point Name:"
            yield f"{INDENT * 2}Full Name:"
            yield from _indented(_san(point.full_name), 3)
        if point.relative_name is not None:
            yield f"{INDENT}Distribution Point Name:"
            yield f"{INDENT * 2}RDN Name:"
            yield f"{INDENT * 3}{point.relative_name.rfc4514_string()}"
        if point.reasons:
            yield f"{INDENT}Reason={', '.join(sorted(r.value for r in point.reasons))}"
        if point.crl_issuer:
            yield f"{INDENT}CRL Issuer:"
            yield from _indented(_san(point.crl_issuer), 2)


def _policies(value: x509.CertificatePolicies) -> Iterator[str]:
    for number, policy in enumerate(value, 1):
        oid = policy.policy_identifier.dotted_string
        yield f"[{number}]Certificate Policy:"
        every = "All issuance policies" if oid == "2.5.29.32.0" else oid
        yield f"{INDENT}Policy Identifier={every}"
        for inner, qualifier in enumerate(policy.policy_qualifiers or (), 1):
            yield f"{INDENT}[{number},{inner}]Policy Qualifier Info:"
            yield from _indented(_qualifier(qualifier), 2)


def _qualifier(qualifier: str | x509.UserNotice) -> Iterator[str]:
    if isinstance(qualifier, str):
        yield "Policy Qualifier Id=CPS"
        yield "Qualifier:"
        yield f"{INDENT}{qualifier}"
    else:
        yield "Policy Qualifier Id=User Notice"
        yield "Qualifier:"
        yield f"{INDENT}Notice Text={qualifier.explicit_text or ''}"


def _name_constraints(value: x509.NameConstraints) -> Iterator[str]:
    for heading, subtrees in (
        ("Permitted", value.permitted_subtrees),
        ("Excluded", value.excluded_subtrees),
    ):
        yield heading if subtrees else f"{heading}=None"
        for number, name in enumerate(subtrees or (), 1):
            yield f"{INDENT}[{number}]Subtrees (0..Max):"
            yield from _indented(general_name(name), 2)


def _timestamps(value: x509.PrecertificateSignedCertificateTimestamps) -> Iterator[str]:
    for stamp in value:
        yield stamp.version.name
        yield stamp.log_id.hex()
        yield clock.second(stamp.timestamp)


def _template(value: x509.MSCertificateTemplate) -> Iterator[str]:
    yield f"Template={value.template_id.dotted_string}"
    yield f"Major Version Number={value.major_version or 0}"
    yield f"Minor Version Number={value.minor_version or 0}"


def _template_name(value: x509.UnrecognizedExtension) -> Iterator[str]:
    yield str(core.load(value.value).native)


def _application_policies(value: x509.UnrecognizedExtension) -> Iterator[str]:
    policies = asn1_x509.CertificatePolicies.load(value.value)
    for number, policy in enumerate(policies, 1):
        oid = policy["policy_identifier"].dotted
        yield f"[{number}]Application Certificate Policy:"
        yield f"{INDENT}Policy Identifier={purposes.NAMES.get(oid, oid)}"


def _indented(lines: Iterable[str], depth: int = 1) -> Iterator[str]:
    return (INDENT * depth + line for line in lines)


_WORDS: dict[x509.ObjectIdentifier, Callable[[Any], Iterable[str]]] = {
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS: _access,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER: _authority_key,
    ExtensionOID.BASIC_CONSTRAINTS: _basic_constraints,
    ExtensionOID.CERTIFICATE_POLICIES: _policies,
    ExtensionOID.CRL_DISTRIBUTION_POINTS: _crl_points,
    ExtensionOID.EXTENDED_KEY_USAGE: _extended_key_usage,
    ExtensionOID.FRESHEST_CRL: _crl_points,
    ExtensionOID.ISSUER_ALTERNATIVE_NAME: _san,
    ExtensionOID.KEY_USAGE: _key_usage,
    ExtensionOID.MS_CERTIFICATE_TEMPLATE: _template,
    ExtensionOID.NAME_CONSTRAINTS: _name_constraints,
    ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS: _timestamps,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME: _san,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER: _subject_key,
    x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2"): _template_name,
    x509.ObjectIdentifier("1.3.6.1.4.1.311.21.10"): _application_policies,
}
