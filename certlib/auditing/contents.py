"""Contents: what is in a file, piece by piece, when one piece may be bad.

`bundles` reads a file that somebody wants to use, and refuses it as a whole.
Here each piece counts for itself: an audit has to say something about all.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import keys, summaries
from certlib.bundles import formats, pem
from certlib.errors import CertlibError, EncodingError, PassphraseError
from certlib.keys import PrivateKey
from certlib.parsers import panics_as_errors, plain_reason
from certlib.summaries import Kind, Summary, lenient


@dataclass
class Contents:
    """What is in a file.

    Attributes:
        certificates: those that can be loaded.
        key_fingerprints: of the private keys (SHA-256 of the public half).
        others: summaries of everything else, readable or not.
    """

    certificates: list[x509.Certificate] = field(default_factory=list)
    key_fingerprints: set[str] = field(default_factory=set)
    others: list[Summary] = field(default_factory=list)

    def add_certificate(self, der: bytes) -> None:
        """Add a certificate in DER, whatever can be read of it."""
        try:
            with panics_as_errors():
                self.certificates.append(x509.load_der_x509_certificate(der))
        except Exception:  # the library raises many kinds
            self.others.append(summaries.of_der(der))

    def add_bundle(self, content: formats.Content) -> None:
        """Add what was read in one go."""
        self.certificates.extend(content.certificates)
        if content.private_key is not None:
            self.add_key(content.private_key)

    def add_key(self, key: PrivateKey) -> None:
        """Add a private key."""
        self.key_fingerprints.add(keys.key_sha256(key.public_key()))

    def add_request(self, request: x509.CertificateSigningRequest) -> None:
        """Add a signing request."""
        self.others.append(summaries.of_request(request))

    def add_unreadable(self, reason: str) -> None:
        """Add something that cannot be read."""
        self.others.append(summaries.unreadable(reason))


def contents(data: bytes, passphrases: tuple[str, ...], origin: str) -> Contents:
    """Return what is in a file. Never raises for what is in it.

    Args:
        data: PEM, DER, PKCS #7 or PKCS #12.
        passphrases: to try on what is protected, one after the other.
        origin: what to call it in a reason.
    """
    held = Contents()
    read = _read_pem if pem.is_pem(data) else _read_binary
    with _noting(held):
        read(held, data, passphrases, origin)
    if not held.certificates and not held.others:
        _only_keys(held)
    return held


@contextmanager
def _noting(held: Contents, what: str = "") -> Iterator[None]:
    """Note it when something inside cannot be read or opened."""
    try:
        with panics_as_errors():
            yield
    except PassphraseError as error:
        held.others.append(summaries.not_opened(error))
    except CertlibError as error:
        held.add_unreadable(f"{what}{error.message}; {error.fix}")
    except Exception as error:  # the libraries raise many kinds
        held.add_unreadable(f"{what}{plain_reason(error)}")


def _only_keys(held: Contents) -> None:
    for fingerprint in sorted(held.key_fingerprints):
        held.others.append(
            Summary(Kind.PRIVATE_KEY, key_sha256=fingerprint, private_key=True)
        )
    if not held.others:
        held.add_unreadable("it holds no certificate")


def _read_pem(
    held: Contents, data: bytes, passphrases: tuple[str, ...], origin: str
) -> None:
    blocks = list(pem.blocks(data))
    if not blocks:
        held.add_unreadable("a PEM block begins and does not end; ask for it again")
    for block in blocks:
        label = block.label.decode()
        with _noting(held, f"{label}: "):
            _read_block(held, label, block, passphrases, origin)


def _read_block(
    held: Contents,
    label: str,
    block: pem.Block,
    passphrases: tuple[str, ...],
    origin: str,
) -> None:
    match label:
        case "CERTIFICATE" | "X509 CERTIFICATE":
            held.add_certificate(_decoded(block.text))
        case "TRUSTED CERTIFICATE":  # OpenSSL's; its settings follow
            held.add_certificate(lenient.first_element(_decoded(block.text)))
        case "PKCS7" | "CMS":
            _read_p7b(held, _decoded(block.text))
        case "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST":
            held.add_request(x509.load_der_x509_csr(_decoded(block.text)))
        case _ if label.endswith("PRIVATE KEY"):
            held.add_bundle(_opened(block.whole, passphrases, origin))
        case "DH PARAMETERS" | "EC PARAMETERS":
            pass  # servers keep them in the same file
        case _:
            held.add_unreadable(f"it holds no certificate but {label}")


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        raise EncodingError(
            f"the text is not base64: {error}", fix="ask for the file again"
        ) from None


def _read_binary(
    held: Contents, data: bytes, passphrases: tuple[str, ...], origin: str
) -> None:
    try:
        held.add_bundle(_opened(data, passphrases, origin))
    except PassphraseError:
        raise
    except CertlibError as refused:
        for other in (_read_p7b, _read_request, _read_odd_certificate):
            if _succeeds(other, held, data):
                return
        raise refused from None


def _succeeds(
    read: Callable[[Contents, bytes], None], held: Contents, data: bytes
) -> bool:
    try:
        with panics_as_errors():
            read(held, data)
    except Exception:  # the libraries raise many kinds
        return False
    return True


def _read_p7b(held: Contents, data: bytes) -> None:
    for der in lenient.certificates_in_p7b(data):
        held.add_certificate(der)


def _read_request(held: Contents, data: bytes) -> None:
    held.add_request(x509.load_der_x509_csr(data))


def _read_odd_certificate(held: Contents, data: bytes) -> None:
    summary = summaries.of_der(lenient.first_element(data))
    if summary.kind is not Kind.CERTIFICATE:
        raise ValueError(data[:8].hex())
    held.others.append(summary)


def _opened(data: bytes, passphrases: tuple[str, ...], origin: str) -> formats.Content:
    for passphrase in (None, *passphrases):
        try:
            return formats.read(data, passphrase=passphrase, origin=origin)
        except PassphraseError:
            continue
    given = f"none of the {len(passphrases)} passphrases that were given opens it"
    raise PassphraseError(
        f"{origin} is protected, and "
        f"{given if passphrases else 'no passphrase was given'}",
        fix="give its passphrase to read it too",
    )


def to_der(certificate: x509.Certificate) -> bytes:
    """Return a certificate in DER."""
    return certificate.public_bytes(Encoding.DER)
