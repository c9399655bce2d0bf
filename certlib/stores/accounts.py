r"""Accounts: those that Windows knows, by any of the names that they have.

Built-in accounts are called otherwise in each language of Windows; their security
identifiers are the same everywhere (Microsoft, "Well-known SIDs").
"""

from __future__ import annotations

import re
from enum import StrEnum

from certlib import texts


class AccountKind(StrEnum):
    """What an account is, which decides what has to be done for it."""

    BUILT_IN = "built-in account"
    VIRTUAL = "virtual account"
    """Of one service, or of one application pool; without a password."""
    MANAGED = "managed service account"
    """Of a domain (gMSA); its name ends in $, and nobody knows its password."""
    DOMAIN = "domain account"
    LOCAL = "local account"


_SYSTEM = "NT AUTHORITY\\SYSTEM"

_NAMES = {
    "S-1-5-18": (_SYSTEM, "LocalSystem", "Système", "Sistema"),
    "S-1-5-19": (
        "NT AUTHORITY\\LOCAL SERVICE",
        *("LocalService", "Lokaler Dienst", "Service local", "Servicio local"),
        "Servizio locale",
    ),
    "S-1-5-20": (
        "NT AUTHORITY\\NETWORK SERVICE",
        *("NetworkService", "Netzwerkdienst", "Service réseau", "Servicio de red"),
        "Servizio di rete",
    ),
    "S-1-5-11": (
        "NT AUTHORITY\\Authenticated Users",
        *("Authentifizierte Benutzer", "Utilisateurs authentifiés"),
        "Usuarios autentificados",
    ),
    "S-1-5-32-544": (
        "BUILTIN\\Administrators",
        *("Administratoren", "Administrateurs", "Administradores"),
    ),
    "S-1-5-32-545": ("BUILTIN\\Users", "Benutzer", "Utilisateurs", "Usuarios"),
    "S-1-5-32-546": ("BUILTIN\\Guests", "Gäste", "Invités", "Invitados"),
    "S-1-1-0": ("Everyone", "Jeder", "Tout le monde", "Todos"),
}
"""Names of built-in accounts, that of English Windows first."""

_AUTHORITIES = (
    *("nt authority", "nt-autorität", "autorite nt", "autorité nt"),
    *("builtin", "vordefiniert", "."),
)
_SID = re.compile(r"S-1-\d+(-\d+){1,14}", re.IGNORECASE)

_BY_NAME = {
    name.rpartition("\\")[2].casefold(): sid
    for sid, names in _NAMES.items()
    for name in names
}


def account_meant(text: str) -> str:
    """Return the account that somebody means: a built-in one by its English name.

    It may be pasted with invisible marks or quotes, as a security identifier
    (``S-1-5-20``, with icacls' ``*`` in front) or in the system's own language.
    """
    account = texts.pasted(text)
    if _SID.fullmatch(account.removeprefix("*")):
        account = account.removeprefix("*").upper()
    sid = sid_of(account)
    return _NAMES[sid][0] if sid in _NAMES else account


def sid_of(account: str) -> str | None:
    """Return the security identifier of a built-in account, or that it is one."""
    if _SID.fullmatch(account):
        return account.upper()
    authority, _, name = account.rpartition("\\")
    if authority and authority.casefold() not in _AUTHORITIES:
        return None
    return _BY_NAME.get(name.casefold())


def for_icacls(account: str) -> str:
    """Return how icacls takes an account, in any language of Windows."""
    sid = sid_of(account)
    return account if sid is None else f"*{sid}"


def kind_of(account: str) -> AccountKind:
    """Return what an account is, as far as its name tells."""
    authority, _, name = account.casefold().rpartition("\\")
    if authority in ("nt service", "iis apppool") or account.startswith(
        ("S-1-5-80-", "S-1-5-82-")
    ):
        return AccountKind.VIRTUAL
    if name.endswith("$"):
        return AccountKind.MANAGED
    if account.startswith("S-1-5-21-") or "@" in name:
        return AccountKind.DOMAIN
    if sid_of(account) or authority in _AUTHORITIES[:-1]:
        return AccountKind.BUILT_IN
    return AccountKind.DOMAIN if authority not in ("", ".") else AccountKind.LOCAL
