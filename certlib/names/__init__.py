"""Names: text to DNS names and IP addresses.

A name is checked once, where it comes in, and is then plain text in its
canonical form: a DNS name in lower case as A-labels (``xn--…``), an IP
address as `ipaddress` writes it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import cache

import idna
from cryptography import x509
from cryptography.x509.oid import NameOID
from publicsuffixlist import PublicSuffixList

from certlib import texts
from certlib.errors import InputError

MAX_DNS_NAME = 253
"""Characters in a DNS name without its root dot (RFC 1035 section 2.3.4)."""

MAX_COMMON_NAME = 64
"""Characters in a common name (RFC 5280 appendix A.1, ub-common-name)."""

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
"""What `ip_address` returns."""


def account(name: str) -> str:
    """Return a Windows account in the form in which two are compared.

    Windows tells accounts apart without regard to upper and lower case.
    """
    return name.strip().casefold()


class DnsNameError(InputError):
    """A text is not a DNS name.

    Args:
        text: what was given.
        reason: why it is none.
        fix: what to do next.
    """

    def __init__(self, text: str, reason: str, fix: str) -> None:
        super().__init__(f"{text!r} is not a DNS name: {reason}", fix=fix)
        self.reason = reason


def server_name(text: str) -> str:
    """Return the canonical form of a server's name: DNS name or IP address.

    Of a URL its host is meant.

    Raises:
        InputError: the text is neither.
    """
    text = _meant(text)
    if (address := ip_address(text)) is None:
        return dns_name(text)
    if "%" in str(address):
        raise InputError(
            f"{text!r} is an address with a zone, which only this computer knows",
            fix="give the address without the % and what follows it",
        )
    return str(address)


def host(text: str) -> str:
    """Return the canonical name of a server that is there, to ask or look for it.

    As `server_name`, but an underscore is allowed: some computers have such
    names, although no certificate should be ordered for one.

    Raises:
        InputError: the text is neither a DNS name nor an address.
    """
    text = _meant(text)
    if "_" not in text:
        return server_name(text)
    checked = dns_name(text.replace("_", "x"))  # a letter of the same length
    return text.lower() if text.isascii() else checked


_URL = re.compile(
    r"[a-z][a-z0-9+.-]*://(\[[^\]]*\]|[^/:?#@\s]+)(:\d*)?([/?#].*)?", re.IGNORECASE
)


def _meant(text: str) -> str:
    text = texts.pasted(text)
    found = _URL.fullmatch(text)
    return found[1] if found else text


def server_names(given: Iterable[str]) -> tuple[str, ...]:
    """Return the canonical names in their order, each once.

    Raises:
        InputError: one of them is neither a DNS name nor an IP address.
    """
    return tuple(
        dict.fromkeys(server_name(text) for text in given if texts.pasted(text))
    )


def dns_name(text: str) -> str:
    """Return a DNS name in lower case, with international labels as A-labels.

    A leading ``*.`` is allowed (RFC 9525 section 6.3: the whole left-most
    label), an underscore and a trailing dot are not.

    Raises:
        InputError: the text is not a DNS name (`DnsNameError`), or is empty.
    """
    name = text.strip()
    if not name:
        raise InputError(
            "the server name is empty",
            fix="give the DNS name of the server on which the service runs",
        )
    prefix, host = ("*.", name[2:]) if name.startswith("*.") else ("", name)
    if reason := _why_not_a_host(host):
        raise DnsNameError(text, *reason)
    try:
        ascii_host = host.lower() if host.isascii() else _to_a_labels(host)
    except idna.IDNAError as error:
        raise InputError(
            f"{text!r} is not an international DNS name: {error}",
            fix="write it the way the DNS zone does, as A-labels (xn--...)",
        ) from None
    return _checked(prefix + ascii_host, text)


def _why_not_a_host(host: str) -> tuple[str, str] | None:
    if "://" in host or "/" in host:
        return "it is a URL", "give only the host name, without https:// and path"
    if re.fullmatch(r"[^:]+:\d+", host):
        return "it has a port", "give only the host name, without the port"
    if "*" in host:
        return (
            "a wildcard stands for the whole left-most label only",
            "write *.example.com, or list the names one by one",
        )
    if "_" in host:
        return (
            "an underscore is not allowed in a host name",
            "use the server's DNS name; Windows shows it in 'Full device name'",
        )
    if host.endswith("."):
        return "it ends with a dot", "leave the last dot out"
    if any(c.isspace() for c in host):
        return "it contains a space", "give one name at a time"
    return None


def _to_a_labels(host: str) -> str:
    return idna.encode(host, uts46=True, transitional=False).decode("ascii")


def _checked(name: str, text: str) -> str:
    if len(name) > MAX_DNS_NAME:
        long = f"it has {len(name)} characters, {MAX_DNS_NAME} are allowed"
        raise DnsNameError(text, long, "use a shorter name")
    labels = name.removeprefix("*.").split(".")
    for label in labels:
        if not _LABEL.fullmatch(label):
            raise DnsNameError(
                text,
                f"the label {label!r} is not made of 1 to 63 letters, digits and "
                "inner hyphens",
                "check the spelling with nslookup",
            )
    if labels[-1].isdigit():
        raise DnsNameError(
            text,
            "it ends in a number",
            "an IPv4 address has four numbers from 0 to 255",
        )
    return name


_ADDRESS = re.compile(r":|\d[\]\s]*$")
"""In each IP address is a colon, or a digit at its end."""


def ip_address(text: str) -> Address | None:
    """Return the IP address that a text is, or None."""
    if not _ADDRESS.search(text):  # thousands of names are quickly none
        return None
    try:
        return ipaddress.ip_address(text.strip().strip("[]"))
    except ValueError:
        return None


def is_ip_address(name: str) -> bool:
    """Tell whether a canonical server name is an IP address."""
    return ip_address(name) is not None


def matches(presented: str, reference: str) -> bool:
    """Tell whether a name in a certificate stands for a server name.

    RFC 9525 section 6.3: without regard to case; a wildcard is the complete
    left-most label and stands for exactly one label. IP addresses match only
    themselves.
    """
    presented, reference = presented.lower(), reference.lower()
    if presented == reference:
        return True
    if not presented.startswith("*.") or is_ip_address(reference):
        return False
    first, _, rest = reference.partition(".")
    return bool(first and rest) and presented[2:] == rest


def agree(common_name: str, name: str) -> bool:
    """Tell whether a common name means a name of the SubjectAlternativeName.

    It may be one that a wildcard stands for, or be written in Unicode.
    """
    if not common_name.isascii():
        try:
            common_name = dns_name(common_name)
        except InputError:
            return False
    return matches(name, common_name) or matches(common_name, name)


def quoted(name: str) -> str:
    """Return a name for a sentence: in quotes if it is not plainly one.

    Blanks and characters that do not show are seen then, and do no harm.
    """
    return name if _PLAINLY_SHOWN.fullmatch(name) else repr(name)


_PLAINLY_SHOWN = re.compile(r"[A-Za-z0-9._:*/-]+")


def is_short(name: str) -> bool:
    """Tell whether a DNS name is a single label, like a NetBIOS name."""
    return "." not in name


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def is_internal(name: str) -> bool:
    """Tell whether no public CA can validate a name.

    That are short names, names under no public suffix (``.local``,
    ``.corp``), those of home networks (RFC 8375) and addresses that are not
    global (CA/Browser Forum TLS Baseline Requirements 4.2.2).
    """
    if (address := ip_address(name)) is not None:
        return not address.is_global
    if name.endswith(".home.arpa"):
        return True
    return _suffixes().privatesuffix(name.removeprefix("*.")) is None


def is_loopback(host: str) -> bool:
    """Tell whether a host is an address that only this computer itself reaches."""
    address = ip_address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def is_public_suffix(name: str) -> bool:
    """Tell whether a registry lets anybody register names directly under a name.

    Only the section of the list that ICANN's registries answer for counts:
    under ``azurewebsites.net`` its owner gives out names, and may have a
    wildcard for them.
    """
    return bool(_suffixes().is_public(name))


def general_name(name: str) -> x509.GeneralName:
    """Return a canonical server name as an entry of a SubjectAlternativeName."""
    address = ip_address(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


def text_entry(name: str) -> str:
    """Return a canonical server name as Windows' ``{text}`` form has it.

    An address is no DNS name there either: ``IPAddress=192.0.2.17``.
    """
    return f"{'IPAddress' if is_ip_address(name) else 'DNS'}={name}"


def common_name(name: str) -> x509.Name:
    """Return an X.500 name that is only a common name.

    Raises:
        InputError: the name is longer than a common name may be.
    """
    if len(name) > MAX_COMMON_NAME:
        raise InputError(
            f"{name} cannot be a common name: it has {len(name)} characters, "
            f"{MAX_COMMON_NAME} are allowed",
            fix="put a shorter DNS name of the server first; long ones may follow it",
        )
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
