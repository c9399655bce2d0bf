"""Contents: what is in a file beside certificates that can be loaded, as summaries."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from certlib import keys, summaries
from certlib.bundles.reading import Content
from certlib.errors import PassphraseError
from certlib.summaries import Summary


def others(content: Content) -> Iterator[Summary]:
    """Yield a summary of each but the private keys, see `lone_keys`."""
    for der, _ in content.odd_certificates:
        yield summaries.of_der(der)
    for request in content.requests:
        yield summaries.of_request(request)
    for error in (*content.refused, *content.remarked):
        if isinstance(error, PassphraseError):
            yield summaries.not_opened(error)
        else:
            yield summaries.unreadable(error.sentence)


def lone_keys(content: Content, used: Collection[str]) -> Iterator[Summary]:
    """Yield a summary of each private key that belongs to no certificate there.

    Args:
        content: of the file.
        used: fingerprints of the keys that belong to one.
    """
    told = set(used)
    for key in content.private_keys:
        summary = summaries.of_private_key(key)
        fingerprint = keys.key_sha256(key.public_key())
        if fingerprint not in told:
            told.add(fingerprint)
            yield summary._replace(key_sha256=fingerprint)


def fingerprints(content: Content) -> set[str]:
    """Return those of the private keys: SHA-256 of their public halves."""
    return {keys.key_sha256(key.public_key()) for key in content.private_keys}
