"""Content: what is in a file, kind by kind, before somebody makes a bundle of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography import x509

from certlib.errors import CertlibError, EncodingError
from certlib.keys import PrivateKey


@dataclass
class Content:
    """What is in a file, in its own order.

    Attributes:
        certificates: those that can be loaded.
        odd_certificates: certificates in DER that the library refuses, with why.
        private_keys: those that a Windows server can use.
        unprotected: fingerprints of those that no passphrase protects.
        requests: signing requests.
        friendly_names: of certificates in a PFX file that have one.
        others: what else there is, in words: a list of revoked certificates.
        refused: what could not be read, and why.
        remarked: what stands beside something that could be read, and is no reason
            to refuse it.
        is_pfx: whether it is a PFX file, which is made to hold private keys.
    """

    certificates: list[x509.Certificate] = field(default_factory=list)
    odd_certificates: list[tuple[bytes, EncodingError]] = field(default_factory=list)
    private_keys: list[PrivateKey] = field(default_factory=list, repr=False)
    unprotected: set[str] = field(default_factory=set)
    requests: list[x509.CertificateSigningRequest] = field(default_factory=list)
    friendly_names: dict[x509.Certificate, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    refused: list[CertlibError] = field(default_factory=list)
    remarked: list[CertlibError] = field(default_factory=list)
    is_pfx: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that could be used, or told about."""
        return not (
            self.certificates
            or self.odd_certificates
            or self.private_keys
            or self.requests
            or self.refused
        )

    @property
    def is_one_certificate(self) -> bool:
        """Whether it is a certificate that can be loaded, and nothing beside it."""
        return len(self.certificates) == 1 and not (
            self.odd_certificates
            or self.private_keys
            or self.requests
            or self.others
            or self.refused
            or self.remarked
            or self.is_pfx
        )
