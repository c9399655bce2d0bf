"""Contents: what is in a file beside certificates that can be loaded, as summaries."""

from __future__ import annotations

from collections.abc import Iterator

from certlib import keys, summaries
from certlib.bundles.reading import Content
from certlib.errors import PassphraseError
from certlib.summaries import Kind, Summary


def others(content: Content) -> Iterator[Summary]:
    """Yield a summary of each: an audit has something to say about all.

    Private keys only where nothing else is in the file.
    """
    for der, _ in content.odd_certificates:
        yield summaries.of_der(der)
    for request in content.requests:
        yield summaries.of_request(request)
    for error in content.refused:
        if isinstance(error, PassphraseError):
            yield summaries.not_opened(error)
        else:
            yield summaries.unreadable(f"{error.message}; {error.fix}")
    if not (content.certificates or content.odd_certificates or content.requests):
        for fingerprint in sorted(fingerprints(content)):
            yield Summary(Kind.PRIVATE_KEY, key_sha256=fingerprint, private_key=True)


def fingerprints(content: Content) -> set[str]:
    """Return those of the private keys: SHA-256 of their public halves."""
    return {keys.key_sha256(key.public_key()) for key in content.private_keys}
