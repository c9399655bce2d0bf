"""Contents: what an audit finds in a file, readable or not."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cryptography import x509

from certlib import keys, summaries
from certlib.auditing.found import Found
from certlib.bundles.content import Content
from certlib.errors import PassphraseError
from certlib.parsers import der_of
from certlib.summaries import Summary
from certlib.trust import chains
from certlib.trust.places import Placed
from certlib.trust.roots import Trust


def found(held: Content, trust: Trust) -> Iterator[Found]:
    """Yield the leaves among certificates, and what is no certificate."""
    of_others = list(_others(held))
    for summary in of_others:
        yield Found("", summary)
    read = _each_read(held.certificates)
    loaded = list(read)
    with_key = _fingerprints(held)
    mine = {c for c in loaded if _has_key(c, with_key)}
    leaves = set(chains.leaves(loaded))
    chosen = [c for c in loaded if c in mine or c in leaves]
    if mine and len(leaves) == 1:
        chosen = [c for c in loaded if c in mine]
    issuers = chains.by_subject(c for c in loaded if c not in leaves)
    # Most files hold one certificate: nothing else is to be read for it.
    others = loaded if len(loaded) > 1 else []
    trust = trust.including(c for c in others if c not in leaves or read[c].is_ca)
    used = {read[one].key_sha256 for one in mine}
    for summary in _lone_keys(held, used):
        yield Found("", summary)
    strange = with_key - used - {one.key_sha256 for one in of_others}
    for leaf in chosen:
        key = True if leaf in mine else False if held.is_pfx else None
        placed = Placed(leaf, read[leaf]._replace(private_key=key), trust)
        if strange and leaf not in mine:
            placed = placed.beside_key_of_another()
        path = map(der_of, (leaf, *chains.order(leaf, issuers)))
        yield Found.of("", placed, tuple(path))


def _has_key(certificate: x509.Certificate, fingerprints: set[str]) -> bool:
    key = keys.public_key(certificate) if fingerprints else None
    return key is not None and keys.key_sha256(key) in fingerprints


def _each_read(
    certificates: list[x509.Certificate],
) -> dict[x509.Certificate, Summary]:
    """Return each once with what it says, in their order."""
    loaded = list(dict.fromkeys(certificates))
    return dict(zip(loaded, summaries.of_certificates(loaded), strict=True))


def beside_key(found: Found, held: Content, readers: tuple[str, ...]) -> Found:
    """Return it with how safely its private key lies, if that is there with it.

    Args:
        found: of the file.
        held: what is in the file.
        readers: others than the owner who may read the file.
    """
    key = found.summary.key_sha256
    if not found.summary.private_key or key not in _fingerprints(held):
        return found
    noted = found.summary.noting(
        key_protected=key not in held.unprotected, key_file_readers=readers
    )
    return found._replace(summary=noted)


def _others(content: Content) -> Iterator[Summary]:
    """Yield a summary of each but the private keys, see `_lone_keys`."""
    for der, _ in content.odd_certificates:
        yield summaries.of_der(der)
    for request in content.requests:
        yield summaries.of_request(request)
    for error in (*content.refused, *content.remarked):
        if isinstance(error, PassphraseError):
            yield summaries.not_opened(error)
        else:
            yield summaries.unreadable(error.sentence)


def _lone_keys(content: Content, used: Collection[str]) -> Iterator[Summary]:
    """Yield a summary of each private key whose fingerprint is not a used one."""
    told = set(used)
    for key in content.private_keys:
        summary = summaries.of_private_key(key)
        fingerprint = keys.key_sha256(key.public_key())
        if fingerprint not in told:
            told.add(fingerprint)
            yield summary._replace(key_sha256=fingerprint)


def _fingerprints(content: Content) -> set[str]:
    """Return those of the private keys: SHA-256 of their public halves."""
    return {keys.key_sha256(key.public_key()) for key in content.private_keys}
