"""Converting: what was read, written in another format."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from certlib import files, keys
from certlib.bundles import Bundle, PfxProtection, endings
from certlib.errors import InputError
from certlib.keys import PrivateKey

Readable = Bundle | x509.CertificateSigningRequest | PrivateKey
"""What can be read, and so be converted."""


@dataclass(frozen=True)
class Wish:
    """How something shall be written.

    Attributes:
        chain: with its issuers.
        as_text: certificates as PEM where Windows writes DER, for nginx or Apache.
        protection: of a PFX file.
        replace: a file that is there may be replaced.
    """

    chain: bool = True
    as_text: bool = False
    protection: PfxProtection = PfxProtection.AES_256
    replace: bool = False


def takes_key(thing: Readable, path: Path) -> bool:
    """Tell whether a private key would be written into a file of this name."""
    if isinstance(thing, Bundle):
        has_key = thing.private_key is not None
        return has_key and (
            endings.holds_key(path) or endings.format_of(path) == endings.PRIVATE_KEY
        )
    return isinstance(thing, PrivateKey)


def write(
    thing: Readable, path: Path, passphrase: str | None = None, wish: Wish | None = None
) -> None:
    """Write something in the format that a name ends in.

    ``.pfx`` and ``.pem`` hold everything, ``.cer`` the leaf, ``.p7b`` the
    certificates, ``.key`` the private key alone, ``.csr`` a signing request.

    Args:
        thing: a bundle, a signing request or a private key.
        path: where to.
        passphrase: for the private key; None leaves it unprotected.
        wish: how.

    Raises:
        InputError: this format cannot hold it, the private key is missing, or
            the file is there already or cannot be written.
        PassphraseError: no file can have this passphrase.
    """
    wish = wish or Wish()
    kind = endings.format_of(path)
    secret = takes_key(thing, path)
    match thing:
        case Bundle():
            bundle = thing if wish.chain else replace(thing, chain=())
            data = _of_bundle(bundle, path, kind, passphrase, wish)
        case x509.CertificateSigningRequest() if kind in (
            endings.REQUEST,
            endings.PEM,
        ):
            data = thing.public_bytes(Encoding.PEM)
        case x509.CertificateSigningRequest():
            raise _does_not_fit(path, "a signing request", ".csr, .req or .pem")
        case _ if kind in (endings.PRIVATE_KEY, endings.PEM):
            data = keys.write_private_key(thing, passphrase)
        case _:
            raise _does_not_fit(path, "a private key without certificate", ".key, .pem")
    files.write(path, data, secret=secret, replace=wish.replace)


def _of_bundle(
    bundle: Bundle,
    path: Path,
    kind: endings.Format | None,
    passphrase: str | None,
    wish: Wish,
) -> bytes:
    if kind in (endings.PFX, endings.PRIVATE_KEY) and bundle.private_key is None:
        raise InputError(
            f"{path} would hold no private key: none is there with {bundle.subject}",
            fix="give the file of the private key, too (key)",
        )
    if kind == endings.PRIVATE_KEY and bundle.private_key is not None:
        return keys.write_private_key(bundle.private_key, passphrase)
    if wish.as_text and kind == endings.CERTIFICATE:
        return replace(bundle, private_key=None).to_pem()
    if wish.as_text and kind == endings.P7B:
        return pkcs7.serialize_certificates(list(bundle.certificates), Encoding.PEM)
    if kind is None or kind.write is None:
        raise _does_not_fit(path, "a certificate", ".pfx, .pem, .cer, .p7b or .key")
    return kind.write(bundle, passphrase, wish.protection)


def _does_not_fit(path: Path, what: str, fitting: str) -> InputError:
    return InputError(
        f"{path}: a file with this ending does not hold {what}",
        fix=f"end the name in {fitting}",
    )
