"""Details: the fields of the certificate viewer, in Windows' order and words.

What cannot be read says so in its own field; the other fields are there.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import ClassVar

from asn1crypto import core
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from certlib import clock, keys, x500
from certlib.inspecting import wording
from certlib.parsers import attempt
from certlib.summaries import Summary

Signed = x509.Certificate | x509.CertificateSigningRequest

# Attributes that Windows' own tools put into a request.
_ATTRIBUTES = {
    "1.2.840.113549.1.9.7": "Challenge Password",
    "1.3.6.1.4.1.311.13.2.2": "Enrollment CSP",
    "1.3.6.1.4.1.311.13.2.3": "OS Version",
    "1.3.6.1.4.1.311.21.20": "Client Information",
}
_CHALLENGE_PASSWORD = "1.2.840.113549.1.9.7"  # noqa: S105 # a number, not a password
_EXTENSION_REQUESTS = {"1.2.840.113549.1.9.14", "1.3.6.1.4.1.311.2.1.14"}


class _RawExtension(core.Sequence):  # type: ignore[misc] # asn1crypto has no types
    _fields: ClassVar = [
        ("extn_id", core.ObjectIdentifier),
        ("critical", core.Boolean, {"default": False}),
        ("extn_value", core.OctetString),
    ]


class _RawExtensions(core.SequenceOf):  # type: ignore[misc] # asn1crypto has no types
    _child_spec = _RawExtension


class Group(StrEnum):
    """What kind of field it is."""

    VERSION_1 = "Version 1 field"
    EXTENSION = "extension"
    CRITICAL_EXTENSION = "critical extension"
    PROPERTY = "property"


class Show(StrEnum):
    """The choices of the list 'Show' in the tab Details."""

    ALL = "<All>"
    VERSION_1 = "Version 1 Fields Only"
    EXTENSIONS = "Extensions Only"
    CRITICAL_EXTENSIONS = "Critical Extensions Only"
    PROPERTIES = "Properties Only"

    def includes(self, group: Group) -> bool:
        """Tell whether fields of a group are shown."""
        return group in _SHOWN[self]


_SHOWN = {
    Show.ALL: set(Group),
    Show.VERSION_1: {Group.VERSION_1},
    Show.EXTENSIONS: {Group.EXTENSION, Group.CRITICAL_EXTENSION},
    Show.CRITICAL_EXTENSIONS: {Group.CRITICAL_EXTENSION},
    Show.PROPERTIES: {Group.PROPERTY},
}


@dataclass(frozen=True, slots=True)
class Detail:
    """A line of the tab Details.

    Attributes:
        name: what stands in the column Field.
        short: what stands in the column Value, on one line.
        value: what the box below shows when the field is selected.
        group: what kind of field it is.
    """

    name: str
    short: str
    value: str
    group: Group = Group.VERSION_1


def of_certificate(
    certificate: x509.Certificate, summary: Summary, friendly_name: str = ""
) -> tuple[Detail, ...]:
    """Return the fields of a certificate that `cryptography` has accepted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of odd values, and reads them
        fields = [
            _field("Version", lambda: f"V{certificate.version.value + 1}"),
            _field("Serial number", lambda: summary.serial_number),
            *_signature(certificate, summary),
            _name("Issuer", lambda: certificate.issuer),
            _field(
                "Valid from", lambda: clock.second(certificate.not_valid_before_utc)
            ),
            _field("Valid to", lambda: clock.second(certificate.not_valid_after_utc)),
            _name("Subject", lambda: certificate.subject),
            *_public_key(certificate),
            *_extensions(certificate),
        ]
    properties = {
        "Thumbprint": summary.thumbprint.lower(),
        "Friendly name": friendly_name,
    }
    return (
        *fields,
        *(Detail(n, v, v, Group.PROPERTY) for n, v in properties.items() if v),
    )


def of_request(
    request: x509.CertificateSigningRequest, summary: Summary
) -> tuple[Detail, ...]:
    """Return the fields of a signing request."""
    return (
        _field("Version", lambda: "V1"),
        _name("Subject", lambda: request.subject),
        *_public_key(request),
        *_signature(request, summary),
        *_extensions(request),
        *_attributes(request),
    )


def of_private_key(key: keys.PrivateKey, summary: Summary) -> tuple[Detail, ...]:
    """Return the fields of a private key: only what its public half says."""
    return (
        *_spki_fields(keys.spki(key.public_key()), key.public_key),
        Detail("Public key SHA-256", summary.key_sha256, summary.key_sha256),
    )


def text_field(name: str, value: str, group: Group = Group.VERSION_1) -> Detail:
    """Return the field that shows a text."""
    return Detail(name, _one_line(value), value, group)


def _field(
    name: str, read: Callable[[], str], group: Group = Group.VERSION_1
) -> Detail:
    return text_field(name, _read(read), group)


def _name(name: str, read: Callable[[], x509.Name]) -> Detail:
    return Detail(
        name,
        _read(lambda: x500.x500_values(read())),
        _read(lambda: x500.x500_lines(read())),
    )


def _read(read: Callable[[], str]) -> str:
    with attempt() as reading:
        return read()
    return wording.unread(reading)


def _one_line(value: str) -> str:
    line = ", ".join(part.strip() for part in value.splitlines())
    return line if len(line) <= 160 else f"{line[:159]}…"


def _signature(signed: Signed, summary: Summary) -> Iterator[Detail]:
    yield _field("Signature algorithm", lambda: summary.signature_algorithm)

    def digest() -> str:
        algorithm = signed.signature_hash_algorithm
        return algorithm.name if algorithm else "part of the signature algorithm"

    yield _field("Signature hash algorithm", digest)


def _public_key(signed: Signed) -> tuple[Detail, ...]:
    with attempt() as reading:
        return tuple(_spki_fields(_spki(signed), signed.public_key))
    text = wording.unread(reading)
    return (Detail("Public key", text, text),)


def _spki(signed: Signed) -> bytes:
    # Read apart from the key, which may be of a kind that nobody knows.
    if isinstance(signed, x509.Certificate):
        tbs = asn1_x509.TbsCertificate.load(signed.tbs_certificate_bytes)
        return bytes(tbs["subject_public_key_info"].dump())
    return keys.spki(signed.public_key())


def _spki_fields(spki: bytes, read: Callable[[], keys.PublicKey]) -> Iterator[Detail]:
    with attempt() as reading:
        key = read()
        kind = keys.describe(key)

    def parameters() -> str:
        algorithm = asn1_keys.PublicKeyInfo.load(spki)["algorithm"]
        return wording.hex_dump(algorithm["parameters"].dump()) or "none"

    def bits() -> str:
        return wording.hex_dump(
            asn1_keys.PublicKeyInfo.load(spki)["public_key"].contents[1:]
        )

    if reading.failed:  # its bits and parameters are bytes of their own
        yield Detail("Public key", wording.unread(reading), _read(bits))
        yield _field("Public key parameters", parameters)
        return
    named = isinstance(key, ec.EllipticCurvePublicKey)
    yield Detail("Public key", kind, _read(bits))
    yield _field(
        "Public key parameters", (lambda: keys.curve_name(key)) if named else parameters
    )


def _extensions(signed: Signed) -> tuple[Detail, ...]:
    """Return a field for each extension, the critical ones last."""
    with attempt() as reading:
        found = [_extension(extension) for extension in signed.extensions]
    # One extension that cannot be read makes the library refuse all of them.
    if reading.failed:
        text = wording.unread(reading)
        found = [Detail("Extensions", text, text, Group.EXTENSION)]
        if isinstance(signed, x509.Certificate):
            found += _raw_extensions(signed)
    return tuple(sorted(found, key=lambda f: f.group is Group.CRITICAL_EXTENSION))


def _extension(extension: x509.Extension[x509.ExtensionType]) -> Detail:
    return _field(
        wording.title(extension.oid),
        lambda: wording.text(extension.value),
        _group(extension.critical),
    )


def _raw_extensions(certificate: x509.Certificate) -> list[Detail]:
    with attempt():
        tbs = asn1_x509.TbsCertificate.load(certificate.tbs_certificate_bytes)
        raw = _RawExtensions.load(tbs["extensions"].untag().dump())
        return [
            _field(
                wording.title(x509.ObjectIdentifier(one["extn_id"].dotted)),
                partial(wording.hex_dump, one["extn_value"].native),
                _group(one["critical"].native),
            )
            for one in raw
        ]
    return []  # the reason already stands in the field 'Extensions'


def _group(critical: bool) -> Group:
    return Group.CRITICAL_EXTENSION if critical else Group.EXTENSION


def _attributes(request: x509.CertificateSigningRequest) -> tuple[Detail, ...]:
    with attempt() as reading:
        found = list(request.attributes)
    if reading.failed:
        text = wording.unread(reading)
        return (Detail("Attributes", text, text, Group.PROPERTY),)
    return tuple(
        _attribute(attribute)
        for attribute in found
        if attribute.oid.dotted_string not in _EXTENSION_REQUESTS
    )


def _attribute(attribute: x509.Attribute) -> Detail:
    oid = attribute.oid.dotted_string
    value = (
        "is there, and not shown"  # it is a secret between requester and CA
        if oid == _CHALLENGE_PASSWORD
        else wording.hex_dump(attribute.value)
    )
    name = _ATTRIBUTES.get(oid, oid)
    return Detail(name, _one_line(value), value, Group.PROPERTY)
