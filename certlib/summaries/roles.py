"""Roles: what a certificate is, from what it says and from where it is used.

A certificate that a server presents, that lies in Personal, that has its key
beside it or that is wanted for a server is a server's, whatever else it is:
OpenSSL's most frequent self-signed one says that it is an authority.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from certlib.summaries.parts import ANY_EXTENDED_KEY_USAGE, SERVER_AUTHENTICATION

if TYPE_CHECKING:
    from certlib.summaries import Summary


class Kind(StrEnum):
    """What a summary is of."""

    __hash__ = str.__hash__  # that of Enum is slow, and this one is in every key

    CERTIFICATE = "certificate"
    REQUEST = "signing request"
    PRIVATE_KEY = "private key"
    UNREADABLE = "unreadable"


class Role(StrEnum):
    """What a certificate or a request is for."""

    __hash__ = str.__hash__  # see Kind

    SERVER = "server"
    CA = "authority"
    CLIENT = "client or smart card"
    MAIL = "person (mail)"
    CODE = "code signing"
    REMOTE_DESKTOP = "remote desktop"
    OTHER = "other"


_BY_USAGE = {
    "1.3.6.1.4.1.311.20.2.2": Role.CLIENT,  # smart card logon
    "1.3.6.1.5.5.7.3.3": Role.CODE,
    "1.3.6.1.4.1.311.54.1.2": Role.REMOTE_DESKTOP,
    "1.3.6.1.5.5.7.3.4": Role.MAIL,
}
"""Extended key usages that no server has, the most telling first."""

_CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2"

# Names about which no rule on spelling has anything to say. Some that are right
# are not among them; they only get a closer look.
PLAIN_NAME = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}")


def names_a_host(text: str) -> bool:
    """Tell whether a common name looks like the DNS name of a server."""
    return PLAIN_NAME.fullmatch(text.lower().removeprefix("*.")) is not None


def role_of(summary: Summary) -> Role:
    """Return what a certificate or a request is for."""
    if summary.kind not in (Kind.CERTIFICATE, Kind.REQUEST):
        return Role.OTHER
    usage = summary.extended_key_usage
    serves = usage is None or bool(
        {SERVER_AUTHENTICATION, ANY_EXTENDED_KEY_USAGE}.intersection(usage)
    )
    if _is_used_by_a_server(summary) or (serves and summary.server_names):
        return Role.SERVER
    if usage is not None and SERVER_AUTHENTICATION in usage and not summary.is_ca:
        return Role.SERVER
    if summary.is_ca and "keyCertSign" in (summary.key_usage or ()):
        return Role.CA
    if not serves and (role := _by_usage(usage or ())) is not None:
        return role
    if summary.server_names or any(map(names_a_host, summary.common_names)):
        return Role.SERVER
    if summary.is_ca or (summary.version == 1 and summary.self_signed):
        return Role.CA
    if serves:
        return Role.SERVER
    return Role.CLIENT if _CLIENT_AUTHENTICATION in (usage or ()) else Role.OTHER


def _is_used_by_a_server(summary: Summary) -> bool:
    around = summary.surroundings
    if around.server_name or around.wanted_for:
        return True
    if around.store is None:
        return summary.private_key is True
    return around.store.is_named("My")


def _by_usage(usage: tuple[str, ...]) -> Role | None:
    return next((role for oid, role in _BY_USAGE.items() if oid in usage), None)
