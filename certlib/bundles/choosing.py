"""Choosing: which certificate of several in a file is the server's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from certlib import keys, summaries
from certlib.errors import EncodingError, InputError
from certlib.keys import PrivateKey
from certlib.summaries import Summary
from certlib.trust import chains


def choose(
    found: Sequence[x509.Certificate],
    private_keys: Iterable[PrivateKey],
    thumbprint: str,
    origin: str,
) -> tuple[x509.Certificate, PrivateKey | None]:
    """Return the server's certificate, and its key if that is there.

    With keys it is one of those that have theirs; without, one that issued none
    of the others. A certification authority's comes last. Of several for the same
    names the newest is meant, as after a renewal.

    Args:
        found: certificates without doubles; there is one at least.
        private_keys: those that came with them.
        thumbprint: of the one that is meant; or empty.
        origin: what to call the input in an error.

    Raises:
        InputError: none of them has this key or thumbprint, or several with
            their keys could be meant.
        EncodingError: without a key, several could be meant.
    """
    owners = {keys.key_sha256(key.public_key()): key for key in private_keys}
    keyed = {one: key for one in found if (key := _key_of(one, owners)) is not None}
    if thumbprint:
        leaf = _named(found, thumbprint, origin)
        return leaf, keyed.get(leaf)
    if owners and not keyed:
        raise InputError(
            f"the private key does not belong to any certificate in {origin}",
            fix="look for the key that was made together with the request",
        )
    leaves = set(chains.leaves(found))
    candidates = list(keyed) or [one for one in found if one in leaves]
    said = {one: summaries.of_certificate(one) for one in candidates}
    servers = [
        one
        for one in candidates
        if not is_authority(said[one]) and (one in leaves or not said[one].is_ca)
    ]
    chosen = servers or candidates
    newest = max(chosen, key=_validity, default=None)
    if newest is None or not all(_renews(said[newest], said[one]) for one in chosen):
        raise _unclear(chosen, said, origin, with_keys=bool(keyed))
    if not keyed and len(chosen) > 1:
        raise _unclear(chosen, said, origin, with_keys=False)
    return newest, keyed.get(newest)


def _validity(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def is_authority(summary: Summary) -> bool:
    """Tell whether a certificate is a certification authority's, and no server's.

    What OpenSSL signs itself says that it is one, and names a server.
    """
    return summary.is_ca is True and not summary.server_names


def _key_of(
    certificate: x509.Certificate, owners: dict[str, PrivateKey]
) -> PrivateKey | None:
    public = keys.public_key(certificate) if owners else None
    return None if public is None else owners.get(keys.key_sha256(public))


def _named(
    found: Iterable[x509.Certificate], thumbprint: str, origin: str
) -> x509.Certificate:
    for one in found:
        if one.fingerprint(hashes.SHA1()).hex().upper() == thumbprint:  # noqa: S303
            return one
    there = [_called(summaries.of_certificate(one)) for one in list(found)[:_TOLD]]
    raise InputError(
        f"no certificate in {origin} has the thumbprint {thumbprint}",
        fix=f"take one of {'; '.join(there)}",
    )


def _renews(one: Summary, other: Summary) -> bool:
    """Tell whether a certificate may take the place of another."""
    return one.subject == other.subject or bool(
        one.server_names and set(one.server_names) == set(other.server_names)
    )


def _unclear(
    chosen: Sequence[x509.Certificate],
    said: dict[x509.Certificate, Summary],
    origin: str,
    *,
    with_keys: bool,
) -> InputError | EncodingError:
    held = "; ".join(_called(said[one]) for one in chosen[:_TOLD])
    more = "; …" if len(chosen) > _TOLD else ""
    if with_keys:
        return InputError(
            f"{origin} holds {len(chosen)} certificates with their private keys: "
            f"{held}{more}",
            fix="say which one is meant, by its thumbprint (--certificate)",
        )
    return EncodingError(
        f"{origin} holds {len(chosen)} certificates that could be the server's: "
        f"{held}{more}",
        fix="say which one is meant, by its thumbprint (--certificate); an audit reads "
        "them all",
    )


_TOLD = 8
"""Certificates that an error names."""


def _called(summary: Summary) -> str:
    return f"{summary.subject or 'one without a subject'} ({summary.thumbprint})"
