"""Credentials: certificates as the path judge sees them, each part read once."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cached_property, lru_cache

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from certlib.parsers import attempt, der_of
from certlib.trust import distinguished, extensions
from certlib.trust.distinguished import Rdns
from certlib.trust.extensions import Extensions

Identity = tuple[Rdns, bytes]
"""Name and key: what makes two certificates those of the same authority."""


class Credential:
    """A certificate of a path; reading it never raises.

    Args:
        certificate: may be one that the library cannot read as a whole.

    Attributes:
        certificate: the same.
        der: the certificate in DER.
        digest: the SHA-256 of it.
        spki: the public key with its algorithm, in DER.
    """

    def __init__(self, certificate: x509.Certificate) -> None:
        self.certificate = certificate
        self.der = der_of(certificate)
        self.digest = hashlib.sha256(self.der).digest()
        self._outer = distinguished.elements(self.der)
        self._inner = distinguished.elements(self._outer[0])
        if self._inner[0][0] != 0xA0:  # version 1 is not written
            self._inner.insert(0, b"")
        self.spki = self._inner[6]

    def __repr__(self) -> str:
        return f"<Credential {self.subject_text}>"

    @property
    def algorithms_agree(self) -> bool:
        """Whether the signature algorithm inside and outside is the same."""
        return self._outer[1] == self._inner[2]

    @property
    def has_odd_trailer(self) -> bool:
        """Whether its RSASSA-PSS ends otherwise than RFC 4055 section 3.1 allows."""
        end = self._outer[1][-5:]
        return end[:4] == b"\xa3\x03\x02\x01" and end[4] != 1

    @cached_property
    def key_bits(self) -> bytes:
        """The public key without its algorithm, however that is written."""
        with attempt():
            return distinguished.elements(self.spki)[-1]
        return self.spki

    @property
    def names_itself(self) -> bool:
        """Whether subject and issuer are written the same; cheaper than comparing."""
        return self._inner[5] == self._inner[3]

    @property
    def names_its_curve(self) -> bool:
        """Whether the parameters of the key are an object identifier."""
        algorithm = distinguished.elements(distinguished.elements(self.spki)[0])
        return len(algorithm) == 2 and algorithm[1][0] == 0x06

    @property
    def subject_der(self) -> bytes:
        """The subject as it is written."""
        return self._inner[5]

    @property
    def subject_text(self) -> str:
        """The most specific text of the subject."""
        return distinguished.described(self.subject_der)

    @property
    def issuer_text(self) -> str:
        """The most specific text of the issuer's name."""
        return distinguished.described(self._inner[3])

    @cached_property
    def subject(self) -> Rdns:
        """The subject in the form for comparing."""
        return _comparable(self._inner[5])

    @cached_property
    def issuer(self) -> Rdns:
        """The issuer's name in the form for comparing."""
        return _comparable(self._inner[3])

    @property
    def is_self_issued(self) -> bool:
        """Whether subject and issuer are the same name."""
        return self.subject == self.issuer

    @property
    def is_version_1(self) -> bool:
        """Whether the certificate is of a version without extensions."""
        return self._inner[0] == b""

    @property
    def has_extensions(self) -> bool:
        """Whether extensions are there, even empty ones."""
        return self._inner[-1][0] == 0xA3

    @cached_property
    def identity(self) -> Identity:
        """Name and key."""
        return self.subject, self.spki

    def is_same_authority(self, other: Credential) -> bool:
        """Whether name and key are the same; the name of few leaves is needed."""
        return self.spki == other.spki and self.subject == other.subject

    @cached_property
    def extensions(self) -> Extensions:
        """What the extensions say."""
        return extensions.read(self.certificate, self.der)

    @cached_property
    def public_key(self) -> CertificatePublicKeyTypes | None:
        """The public key, or None if the library cannot read it."""
        with attempt():
            return self.certificate.public_key()
        return None

    @cached_property
    def loose_key(self) -> asn1_x509.PublicKeyInfo:
        """The public key as the more lenient library reads it."""
        return asn1_x509.PublicKeyInfo.load(self.spki)

    @cached_property
    def validity(self) -> tuple[datetime, datetime] | None:
        """The first and the last moment, or None if they cannot be read."""
        with attempt():
            return (
                self.certificate.not_valid_before_utc,
                self.certificate.not_valid_after_utc,
            )
        return _loose_validity(self._inner[4])

    def is_valid_at(self, at: datetime) -> bool:
        """Tell whether a moment lies within the validity, both ends included."""
        return self.validity is not None and (
            self.validity[0] <= at <= self.validity[1]
        )

    @property
    def last_moment(self) -> float:
        """The end of the validity in seconds; 0 if it cannot be read."""
        return self.validity[1].timestamp() if self.validity is not None else 0.0


@lru_cache(maxsize=1024)
def _comparable(der: bytes) -> Rdns:
    """Return a name in the form for comparing; thousands have the same issuer."""
    with attempt():
        return distinguished.normalised(der)
    return (((b"", der),),)


def _loose_validity(der: bytes) -> tuple[datetime, datetime] | None:
    with attempt():
        validity = asn1_x509.Validity.load(der)
        first, last = validity["not_before"].native, validity["not_after"].native
        return (first, last) if isinstance(last, datetime) else None
    return None
