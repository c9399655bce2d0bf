"""PFX: what is in a PKCS #12 file (RFC 7292): every certificate, and every key."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from asn1crypto import cms
from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_private_key, pkcs12

from certlib import keys
from certlib.bundles import sealed
from certlib.errors import EncodingError, PassphraseError
from certlib.keys import passphrases
from certlib.parsers import ASN1_ERRORS, UNREADABLE, panics_as_errors, plain_reason


@dataclass(frozen=True)
class Opened:
    """What was in a file.

    Attributes:
        certificates: in the file's order, each with its friendly name or "".
        keys: of whatever kind.
        protected: a passphrase that is not empty protects all of them.
        unsure: there may be more keys than these.
    """

    certificates: tuple[tuple[x509.Certificate, str], ...]
    keys: tuple[PrivateKeyTypes, ...] = field(default=(), repr=False)
    protected: bool = True
    unsure: bool = False


def read(data: bytes, passphrase: str | None, origin: str) -> Opened:
    """Return what is in a PFX file.

    Raises:
        PassphraseError: the passphrase is missing or wrong.
        EncodingError: the file is protected in a way that nobody can read, or
            its opening would not end.
    """
    bags = _bags(data, origin)
    spellings = passphrases.of_pfx(passphrase) if passphrase else ()
    try:
        pfx, secret = _load(data, passphrases.bearable(spellings, bags.rounds))
    except UnsupportedAlgorithm as error:
        raise EncodingError(
            f"{origin} is protected in a way that cannot be read: "
            f"{plain_reason(error)}",
            fix="export it again with AES256-SHA256 or TripleDES-SHA1",
        ) from None
    except (ValueError, TypeError, x509.InvalidVersion):
        raise _not_opened(passphrase, origin) from None
    own = [pfx.cert] if pfx.cert is not None else []
    found, unsure = _keys(pfx, bags, secret, origin)
    return Opened(
        tuple(
            (one.certificate, (one.friendly_name or b"").decode("utf-8", "replace"))
            for one in (*own, *pfx.additional_certs)
        ),
        found,
        protected=bool(secret) and not bags.plain,
        unsure=unsure,
    )


def _not_opened(passphrase: str | None, origin: str) -> PassphraseError:
    if not passphrase:
        return PassphraseError(
            f"{origin} is protected by a passphrase, or the file is damaged",
            fix="give the passphrase that was set at its export; if there was "
            "none, ask for the file again",
        )
    return PassphraseError(
        f"the passphrase does not open {origin}, or the file is damaged",
        fix="ask whoever exported the file for the passphrase, which cannot be "
        f"recovered, or for the file again{passphrases.doubt(passphrase)}",
    )


def _load(
    data: bytes, spellings: tuple[bytes, ...]
) -> tuple[pkcs12.PKCS12KeyAndCertificates, bytes | None]:
    # Without protection a needless passphrase is passed over; and a file can be
    # protected by the empty text.
    *tried, last = (*spellings, None, b"")
    with warnings.catch_warnings(), panics_as_errors():
        warnings.simplefilter("ignore")  # NSS writes BER; the library warns of it
        for secret in tried:
            with contextlib.suppress(ValueError):
                return pkcs12.load_pkcs12(data, secret), secret
        return pkcs12.load_pkcs12(data, last), last


@dataclass
class _Bags:
    """What a file shows without its passphrase.

    Attributes:
        keys: the private keys in DER, most of them encrypted.
        rounds: of the derivations that opening it takes.
        plain: some of the keys are not encrypted.
        sealed: the parts that are encrypted as a whole, each by itself.
    """

    keys: list[bytes] = field(default_factory=list)
    rounds: int = 0
    plain: bool = False
    sealed: list[cms.ContentInfo] = field(default_factory=list)


def _bags(data: bytes, origin: str) -> _Bags:
    """Return the keys' bags, before anything is derived.

    Raises:
        EncodingError: deriving would not end.
        InputError: there are too many.
    """
    found = _Bags()
    with contextlib.suppress(*ASN1_ERRORS):
        pfx = asn1_pkcs12.Pfx.load(data)
        if pfx["mac_data"].native is not None:
            found.rounds = max(_numbers(pfx["mac_data"].native))
            passphrases.refuse_iterations(found.rounds, origin)
        for part in pfx.authenticated_safe:
            if part["content_type"].native == "encrypted_data":
                found.sealed.append(part)
            for algorithm, key in _parts(part):
                if algorithm is not None:
                    found.rounds += passphrases.check_iterations(algorithm, origin)
                if key is not None:
                    found.keys.append(key)
                    found.plain |= algorithm is None
    passphrases.refuse_total(found.rounds, origin)
    if len(found.keys) > keys.MAX_IN_FILE:
        raise keys.too_many(origin)
    return found


def _numbers(value: object) -> Iterator[int]:
    """Yield the numbers in a MAC, one of which is that of its rounds.

    PBMAC1 (RFC 9579) has it among the parameters of its algorithm.
    """
    if isinstance(value, int):
        yield value
    for inner in value.values() if isinstance(value, dict) else ():
        yield from _numbers(inner)


def _alone(part: cms.ContentInfo) -> bytes:
    content = asn1_pkcs12.AuthenticatedSafe([part]).dump()
    safe = {"content_type": "data", "content": content}
    return bytes(asn1_pkcs12.Pfx({"version": "v3", "auth_safe": safe}).dump())


def _parts(part: cms.ContentInfo) -> Iterator[tuple[object, bytes | None]]:
    """Yield how the parts of a file are encrypted, and those that are keys."""
    if part["content_type"].native == "encrypted_data":
        inner = part["content"]["encrypted_content_info"]
        yield inner["content_encryption_algorithm"], None
    elif part["content_type"].native == "data":
        yield from _keys_in(asn1_pkcs12.SafeContents.load(part["content"].native))


def _keys_in(contents: asn1_pkcs12.SafeContents) -> Iterator[tuple[object, bytes]]:
    for bag in contents:
        if bag["bag_id"].native == "pkcs8_shrouded_key_bag":
            key = bag["bag_value"].untag()
            yield key["encryption_algorithm"], key.dump()
        elif bag["bag_id"].native == "key_bag":
            yield None, bag["bag_value"].untag().dump()
        elif bag["bag_id"].native == "safe_contents":
            yield from _keys_in(bag["bag_value"].untag())


def _keys(
    pfx: pkcs12.PKCS12KeyAndCertificates,
    bags: _Bags,
    secret: bytes | None,
    origin: str,
) -> tuple[tuple[PrivateKeyTypes, ...], bool]:
    """Return all keys, and whether there may be more; the library gives one a part."""
    unsure = False
    found: list[PrivateKeyTypes] = []
    for part in bags.sealed:
        inside = sealed.opened(part, secret)
        if inside is not None:
            found += _opened_keys(inside, secret, origin)
        elif len(bags.sealed) > 1 or not bags.keys:
            # Most files have one such part, with the certificates.
            key = _load(_alone(part), () if secret is None else (secret,))[0].key
            unsure |= key is not None
            found += [] if key is None else [key]
    if found or len(bags.keys) > 1:
        found = [*(_key(der, secret, origin) for der in bags.keys), *found]
    return tuple(found or ([] if pfx.key is None else [pfx.key])), unsure


def _opened_keys(
    inside: asn1_pkcs12.SafeContents, secret: bytes | None, origin: str
) -> list[PrivateKeyTypes]:
    rounds, ders = 0, []
    for algorithm, der in _keys_in(inside):
        if algorithm is not None:
            rounds += passphrases.check_iterations(algorithm, origin)
        ders.append(der)
    passphrases.refuse_total(rounds, origin)
    if len(ders) > keys.MAX_IN_FILE:
        raise keys.too_many(origin)
    return [_key(der, secret, origin) for der in ders]


def _key(der: bytes, secret: bytes | None, origin: str) -> PrivateKeyTypes:
    try:
        with panics_as_errors():
            try:
                return load_der_private_key(der, secret)
            except TypeError:  # a plain one beside encrypted ones
                return load_der_private_key(der, None)
    except UNREADABLE:
        raise EncodingError(
            f"{origin} holds several private keys, one of which cannot be read",
            fix="export each certificate with its key into a file of its own",
        ) from None
