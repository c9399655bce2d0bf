"""Public names: what a public certification authority can release.

It is said in plain words before anything is sent. Source: CA/Browser Forum,
TLS Baseline Requirements 4.2.2 and 7.1.4.2; RFC 8555 section 8 for wildcards.
"""

from __future__ import annotations

from certlib import names
from certlib.errors import InputError
from certlib.issuers.challenges import Solver


def refuse(server_names: tuple[str, ...], solver: Solver | None = None) -> None:
    """Let names pass that a public CA can release, before anything is sent.

    Args:
        server_names: canonical names.
        solver: that has to prove them, if that is known already.

    Raises:
        InputError: a public CA cannot validate one of them, or this solver
            cannot prove it.
    """
    for name in server_names:
        if reason := why_not_public(name):
            raise InputError(
                f"no public CA will release a certificate for {name}: {reason}",
                fix="ask with the full DNS name in a domain that you own; for this "
                "name take a certificate of your internal CA",
            )
        if name.startswith("*.") and solver is not None and solver.kind != "dns-01":
            raise InputError(
                f"{name} cannot be proven by {solver.kind}: a wildcard is proven in "
                "the DNS only",
                fix="use dns-01, or list the server names one by one",
            )


def why_not_public(name: str) -> str:
    """Return why a public CA cannot release a name, or an empty text."""
    if names.is_ip_address(name):
        if names.is_internal(name):
            return "it is an address of a private network, which anybody may use"
        return "it is an address, and certlib asks public CAs for DNS names only"
    if names.is_short(name):
        return "it is a short name, which every network may have"
    if names.is_internal(name):
        return "its ending is no public domain, so nobody can prove to own it"
    return ""
