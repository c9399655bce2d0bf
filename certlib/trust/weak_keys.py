"""Weak keys: what is publicly known against a key.

The library `badkeys` finds keys that strangers can compute the private half of:
primes too close together, primes that devices share, the flaw of Infineon's
chips (ROCA) and the like. Private keys that were published, Debian's of 2008
among them, it knows from a list, which `badkeys --update-bl` fetches; without
the list they are not looked for.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from functools import cache, lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certlib.keys import MAX_RSA_BITS, PublicKey, public_key
from certlib.parsers import attempt


def weaknesses(key: PublicKey) -> tuple[str, ...]:
    """Return what is publicly known against a public key; empty is fine.

    An RSA key over `MAX_RSA_BITS` is not looked at; the rule rsa-key-too-large says so.
    """
    if isinstance(key, rsa.RSAPublicKey) and key.key_size > MAX_RSA_BITS:
        return ()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return _weaknesses(pem.decode())


@lru_cache(maxsize=1024)
def _weaknesses(pem: str) -> tuple[str, ...]:
    import badkeys  # here, as it loads its primes

    return tuple(
        " ".join(filter(None, (badkeys.allchecks[name]["desc"], said.get("subtest"))))
        for name, said in _found(pem).items()
    )


def _found(pem: str) -> dict[str, Any]:
    """Return what each check says that has something to say."""
    import badkeys

    with attempt():
        return dict(badkeys.checkpubkey(pem, checks=_checks())["results"])
    # A check broke down over an odd key; the others count.
    found: dict[str, Any] = {}
    for check in _checks():
        with attempt():
            found |= badkeys.checkpubkey(pem, checks=(check,))["results"]
    return found


def of_certificate(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the same for the key of a certificate; empty if it cannot be read."""
    with attempt(), warnings.catch_warnings(action="ignore"):  # said elsewhere
        if (key := public_key(certificate)) is not None:
            return weaknesses(key)
    return ()


@cache
def _checks() -> tuple[str, ...]:
    """Return the checks that can be made here."""
    import badkeys

    every = tuple(badkeys.defaultchecks)
    without = tuple(name for name in every if name != "blocklist")
    # Where its list was not fetched, the library prints so and ends the program.
    with contextlib.redirect_stderr(io.StringIO()):
        try:
            badkeys.checkrsa(1, checks=("blocklist",))
        except (SystemExit, OSError, ValueError):
            return without
    return every
