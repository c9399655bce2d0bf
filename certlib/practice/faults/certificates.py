"""Faults of the certificate itself: its names, its days, its purpose, its key."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from certlib.bundles import Bundle
from certlib.practice.faults.catalogue import fault
from certlib.practice.material import DAY
from certlib.practice.service import Service


@fault("certificate")
def expired(service: Service) -> None:
    """The certificate has expired.

    It worked for a year, and since this morning nobody gets in.
    """
    service.use(service.release(age=366 * DAY))


@fault("certificate", level=2)
def revoked(service: Service) -> None:
    """The authority has revoked the certificate.

    Some browsers stop in front of it, others and all programs notice nothing. Last
    week a backup of the server was lost.
    """
    service.use(service.release())
    service.revoke()


@fault("certificate")
def not_yet_valid(service: Service) -> None:
    """The certificate is not valid yet.

    The new certificate is in, and the browser warns of it.
    """
    service.use(service.release(age=-3 * DAY))


@fault("certificate")
def wrong_name(service: Service) -> None:
    """The certificate is for another server.

    The server moved last week; the certificate moved with it. The browser says
    that this is not the server it pretends to be.
    """
    service.use(service.release(service.material.host()))


@fault("certificate", level=2)
def misspelled_name(service: Service) -> None:
    """The name in the certificate is misspelled.

    The certificate is brand-new and names the server, they say. Clients refuse it.
    """
    first, _, rest = service.host.partition(".")
    service.use(service.release(f"{first[:-1]}.{rest}", common_name=service.host))


@fault("certificate", level=2)
def only_a_common_name(service: Service) -> None:
    """The certificate has no Subject Alternative Name.

    Some programs get in, browsers do not.
    """
    service.use(service.release(common_name=service.host))


@fault("certificate", level=2)
def only_an_address(service: Service) -> None:
    """The certificate names the server's IP address only.

    By its address the server answers well; nobody calls it so.
    """
    san = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address("192.0.2.7"))]
    )
    service.use(service.release(service.host, extra=[san]))


@fault("certificate", level=2)
def wildcard_too_short(service: Service) -> None:
    """The wildcard does not reach down to the server's name.

    The wildcard certificate works on all other servers.
    """
    service.host = f"{service.material.word()}.{service.host}"
    service.called = service.host
    service.use(service.release("*.example.com"))


@fault("certificate")
def self_signed(service: Service) -> None:
    """The certificate is self-signed.

    It was only for the test, they said; now it is production.
    """
    service.use(service.release(issuer=None))


@fault("certificate", level=2)
def signed_with_sha_1(service: Service) -> None:
    """The certificate is signed with SHA-1.

    An old authority in the cellar released it. Nobody takes it any more.
    """

    def edit(certificate: Any) -> None:
        certificate["tbs_certificate"]["signature"] = {"algorithm": "sha1_ecdsa"}
        certificate["signature_algorithm"] = {"algorithm": "sha1_ecdsa"}

    service.use(_signed_again(service, service.release(), edit, hashes.SHA1()))  # noqa: S303


@fault("certificate", level=2)
def key_of_1024_bits(service: Service) -> None:
    """The key has 1024 bits.

    The certificate was made from a template of 2009. Programs refuse it, browsers do
    not.
    """
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 # that is the fault
    service.use(service.release(key=weak))


@fault("certificate", level=3)
def key_for_pss_only(service: Service) -> None:
    """The key is for RSASSA-PSS only, which neither Windows nor browsers take.

    The authority has a new template with "the latest algorithms". Nobody gets in.
    """

    def edit(certificate: Any) -> None:
        info = certificate["tbs_certificate"]["subject_public_key_info"]
        info["algorithm"] = {"algorithm": "rsassa_pss"}

    key = rsa.generate_private_key(65537, 2048)
    service.use(_signed_again(service, service.release(key=key), edit))


@fault("certificate", level=3)
def curve_in_numbers(service: Service) -> None:
    """The key writes its curve out in numbers, where clients want its name.

    The request came from a device with a library of its own. No client takes it.
    """

    def edit(certificate: Any) -> None:
        info = certificate["tbs_certificate"]["subject_public_key_info"]
        info["algorithm"]["parameters"] = asn1_keys.ECDomainParameters(
            "specified", _p_256_in_numbers()
        )

    service.use(_signed_again(service, service.release(), edit))


@fault("certificate", level=2)
def for_clients_only(service: Service) -> None:
    """The certificate may be used by clients only.

    It was taken over from the VPN, where it works.
    """
    service.use(service.release(usage=ExtendedKeyUsageOID.CLIENT_AUTH))


@fault("certificate", level=2)
def authority_as_server(service: Service) -> None:
    """The server uses the certificate of a certification authority.

    Firefox refuses, and other browsers get in. It was made with "the usual options".
    """
    mark = x509.BasicConstraints(ca=True, path_length=None)
    service.use(service.release(service.host, extra=[mark]))


@fault("certificate", level=3)
def unknown_critical_extension(service: Service) -> None:
    """The certificate has a critical extension that no client knows.

    The authority's new template has a mark of the company's own.
    """
    mark = x509.UnrecognizedExtension(
        x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00"
    )
    service.use(service.release(service.host, extra=[mark]))


@fault("certificate", level=3)
def precertificate(service: Service) -> None:
    """A precertificate was installed, which is for logs only.

    It was downloaded from a site that lists certificates.
    """
    service.use(service.release(service.host, extra=[x509.PrecertPoison()]))


def _signed_again(
    service: Service,
    bundle: Bundle,
    edit: Callable[[Any], None],
    digest: hashes.HashAlgorithm | None = None,
) -> Bundle:
    """Sign a certificate again as nobody does any more: the library refuses to."""
    signer = service.issuing.key
    assert isinstance(signer, ec.EllipticCurvePrivateKey)  # noqa: S101
    made = asn1_x509.Certificate.load(bundle.leaf.public_bytes(Encoding.DER))
    edit(made)
    signed = made["tbs_certificate"].dump(force=True)
    made["signature_value"] = signer.sign(signed, ec.ECDSA(digest or hashes.SHA256()))
    leaf = x509.load_der_x509_certificate(made.dump(force=True))
    return replace(bundle, leaf=leaf)


def _p_256_in_numbers() -> asn1_keys.SpecifiedECDomain:
    """Return the curve's parameters (SEC 2, section 2.4.2)."""
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    b = "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"
    n = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
    base = ec.derive_private_key(1, ec.SECP256R1()).public_key()
    return asn1_keys.SpecifiedECDomain(
        {
            "version": 1,
            "field_id": {"field_type": "prime_field", "parameters": p},
            "curve": {"a": (p - 3).to_bytes(32), "b": bytes.fromhex(b)},
            "base": base.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
            "order": int(n, 16),
            "cofactor": 1,
        }
    )
