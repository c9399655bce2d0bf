"""Name constraints: which names an authority may issue for (RFC 5280 4.2.1.10).

Both the critical and the others count, as clients have it. A permitted
subtree of a form limits names of that form only; an excluded one wins.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from certlib.names import is_ip_address
from certlib.parsers import attempt
from certlib.trust import distinguished
from certlib.trust.credentials import Credential
from certlib.trust.extensions import Extensions, Name
from certlib.trust.faults import Fault

MAX_COMPARISONS = 250_000
"""Names times subtrees that are compared at most for one certificate."""

_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9-]+", re.IGNORECASE
)


def names_of(certificate: Credential, *, leaf: bool) -> list[Name]:
    """Return all names of a certificate to which constraints apply.

    The common name of a leaf counts as a DNS name if it has no other one and
    looks like one; e-mail addresses of the subject count always.
    """
    names = list(certificate.extensions.names)
    if certificate.subject:
        names.append(Name("dn", certificate.subject))
        names += _emails(certificate)
    if leaf and not any(name.form == "dns" for name in names):
        names += [
            Name("dns", text)
            for text in _texts(certificate, distinguished.COMMON_NAME)
            if _HOST.fullmatch(text)
        ]
    return names


def _emails(certificate: Credential) -> list[Name]:
    return [
        Name("email", text) for text in _texts(certificate, distinguished.EMAIL_ADDRESS)
    ]


def _texts(certificate: Credential, oid: bytes) -> list[str]:
    try:
        return distinguished.values(certificate.subject_der, oid)
    except (ValueError, IndexError):
        return []


def faults(
    certificate: Credential, limits: Sequence[Extensions], depth: int
) -> Iterator[Fault]:
    """Yield which names of a certificate its issuers may not issue for.

    Args:
        certificate: the one whose names are in question.
        limits: the extensions of those issuers that have name constraints.
        depth: where the certificate stands in its path.
    """
    if not limits:
        return
    names = names_of(certificate, leaf=depth == 0)
    subtrees = sum(len(limit.permitted) + len(limit.excluded) for limit in limits)
    if len(names) * subtrees > MAX_COMPARISONS:
        detail = f"{len(names)} names are limited by {subtrees} name constraints"
        yield Fault("name-not-checked", depth, detail, wrong=False)
        return
    if certificate.extensions.unreadable:
        detail = "name constraints apply to names that cannot be read"
        yield Fault("name-not-checked", depth, detail, wrong=False)
    for limit in limits:
        for name in names:
            if (fault := _fault(name, limit, depth)) is not None:
                yield fault


def _fault(name: Name, limit: Extensions, depth: int) -> Fault | None:
    permitted = [tree.value for tree in limit.permitted if tree.form == name.form]
    excluded = [tree.value for tree in limit.excluded if tree.form == name.form]
    if not permitted and not excluded:
        return None
    if (matches := _MATCHES.get(name.form)) is None:
        detail = f"a name of the form {name.form} is limited, which is not checked here"
        return Fault("name-not-checked", depth, detail, wrong=False)
    shown = _shown(name)
    if name.form == "uri" and not _uri_host(name.value):
        detail = f"{shown} names no host, and an issuer limits hosts"
        return Fault("name-not-permitted", depth, detail)
    if any(matches(name.value, tree) for tree in excluded):
        return Fault("name-not-permitted", depth, f"{shown} is excluded by an issuer")
    if permitted and not any(matches(name.value, tree) for tree in permitted):
        detail = f"{shown} is not among the names that an issuer may issue for"
        return Fault("name-not-permitted", depth, detail)
    if name.form == "dns" and any(map(_is_odd, (*permitted, *excluded))):
        detail = f"{shown} is limited by what is no DNS name, which clients read apart"
        return Fault("name-not-checked", depth, detail, wrong=False)
    if name.form == "dns" and any(_reaches(name.value, tree) for tree in excluded):
        detail = f"{shown} stands for names too that are excluded by an issuer"
        return Fault("name-not-checked", depth, detail, wrong=False)
    return None


def _shown(name: Name) -> str:
    if name.form != "dn":
        return str(name.value)
    return ", ".join(str(value) for rdn in reversed(name.value) for _, value in rdn)


def _dns_matches(name: str, tree: str) -> bool:
    name, tree = name.lower().removesuffix("."), tree.lower().removesuffix(".")
    if not tree or name == tree:
        return True
    return name.endswith(tree if tree.startswith(".") else f".{tree}")


def _is_odd(tree: str) -> bool:
    """Tell whether clients read a subtree of DNS names in different ways."""
    return tree.endswith(".") or "*" in tree


def _reaches(name: str, tree: str) -> bool:
    """Tell whether a wildcard stands for names in a subtree, among others."""
    return name.startswith("*.") and _dns_matches(tree.lstrip("."), name[2:])


def _ip_matches(address: Any, tree: Any) -> bool:
    single = isinstance(address, ipaddress.IPv4Address | ipaddress.IPv6Address)
    return single and address in tree


def _email_matches(address: str, tree: str) -> bool:
    local, _, host = address.rpartition("@")
    if "@" in tree:
        wanted, _, at = tree.rpartition("@")
        return local == wanted and host.lower() == at.lower()
    return _host_matches(host, tree)


def _uri_matches(uri: str, tree: str) -> bool:
    return _host_matches(_uri_host(uri), tree)


def _uri_host(uri: str) -> str:
    """Return the host name of a URI; empty if it has none, or an address."""
    with attempt():
        host = urlsplit(uri).hostname or ""
        return "" if is_ip_address(host) else host
    return ""


def _host_matches(host: str, tree: str) -> bool:
    host, tree = host.lower(), tree.lower()
    if not tree:
        return True
    return host.endswith(tree) if tree.startswith(".") else host == tree


_MATCHES: dict[str, Callable[[Any, Any], bool]] = {
    "dns": _dns_matches,
    "ip": _ip_matches,
    "email": _email_matches,
    "uri": _uri_matches,
    "dn": distinguished.starts_with,
}
