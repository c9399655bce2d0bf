"""Endpoints: where a TLS server should be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from certlib import names, texts
from certlib.errors import InputError

DEFAULT_PORT = 443
"""Of HTTPS, where no port is given."""

PORTS = {
    "tls": DEFAULT_PORT,
    "https": DEFAULT_PORT,
    "smtps": 465,
    "imaps": 993,
    "pop3s": 995,
    "ldaps": 636,
    "smtp": 25,
    "imap": 143,
    "pop3": 110,
    "ldap": 389,
    "rdp": 3389,
}
"""How a URL may begin, and the port that it means without one."""

_BEFORE = ("smtp", "imap", "pop3", "ldap", "rdp")


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy.

    Attributes:
        host: a DNS name or an IP address.
        port: the TCP port.
        login: name and password as the proxy wants them; never shown.
    """

    host: str
    port: int
    login: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{in_brackets(self.host)}:{self.port}"


@dataclass(frozen=True, order=True)
class Endpoint:
    """A TCP port that should speak TLS.

    Attributes:
        host: where to connect to: a DNS name or an IP address.
        port: the TCP port.
        server_name: the name that a client asks for (SNI) and that the
            certificate has to contain; the host if left out.
        before: the protocol that leads to TLS, for example ``smtp`` (STARTTLS); empty
            where TLS is there at once.
        proxy: by which it is reached; that of this computer's settings if left out.

    Raises:
        InputError: the port is none, or a name is not one.
    """

    host: str
    port: int
    server_name: str = ""
    before: str = ""
    proxy: Proxy | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.port < 65536:
            raise InputError(
                f"{self.port} is not a TCP port", fix="give a number from 1 to 65535"
            )
        object.__setattr__(self, "host", names.host(self.host))
        wanted = names.host(self.server_name or self.host)
        object.__setattr__(self, "server_name", wanted)

    def __str__(self) -> str:
        asked = "" if self.server_name == self.host else f" ({self.server_name})"
        scheme = f"{self.before}://" if self.before else ""
        return f"{scheme}{self.address}{asked}"

    @property
    def address(self) -> str:
        """Host and port, as programs take them: ``[::1]:443``."""
        return f"{in_brackets(self.host)}:{self.port}"

    @property
    def url(self) -> str:
        """The address that a client of the service types."""
        return (
            f"{self.before or 'https'}://{in_brackets(self.server_name)}:{self.port}/"
        )


def in_brackets(host: str) -> str:
    """Return a host as it stands before a port: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host else host


def is_url(text: str) -> bool:
    """Tell whether a text is a URL that `parse` takes."""
    scheme, separator, _ = text.partition("://")
    return bool(separator) and scheme.lower() in PORTS


def parse(text: str) -> Endpoint:
    """Return the endpoint that a text means.

    ``host:port``, ``host port``, ``tls://host``, ``tls://host:port``, a URL with
    ``https://`` or another of `PORTS`; without a port it is that of the protocol. An
    IPv6 address before a port stands in brackets.

    Raises:
        InputError: the text is none of these.
    """
    host, port, before = split(text)
    return Endpoint(host, DEFAULT_PORT if port is None else port, before=before)


def split(text: str) -> tuple[str, int | None, str]:
    """Return host, port and what comes before TLS, of a text that `parse` takes.

    Raises:
        InputError: the text is none of these.
    """
    text = texts.pasted(text)
    if names.is_ip_address(text):
        return text.strip("[]"), None, ""
    found = re.fullmatch(
        rf"(?:(?P<scheme>{'|'.join(PORTS)})://)?(?P<host>\[[^\]]*\]|[^/:?#\s]+)"
        r"(?:(?:\s*:\s*|\s+)(?P<port>\d{1,6}))?\s*(?P<rest>[/?#].*)?",
        text,
        re.IGNORECASE,
    )
    if found is None or not _is_clear(found):
        raise InputError(
            f"{text!r} is not the address of a TLS server",
            fix="write it as host:port, for example server.example.com:8165",
        )
    scheme = (found["scheme"] or "").lower()
    port = int(found["port"]) if found["port"] else PORTS.get(scheme)
    if scheme in ("", "tls", "https") and not found["port"]:
        port = None
    return found["host"].strip("[]"), port, scheme if scheme in _BEFORE else ""


def _is_clear(found: re.Match[str]) -> bool:
    """Tell whether brackets hold an address, and no port or mask follows a slash."""
    if found["host"].startswith("[") and not names.is_ip_address(found["host"]):
        return False
    return bool(found["scheme"]) or not (found["rest"] or "").strip("/ ").isdecimal()
