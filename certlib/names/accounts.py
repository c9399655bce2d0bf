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
    "S-1-5-2": ("NT AUTHORITY\\NETWORK", "Netzwerk", "Réseau"),
    "S-1-5-4": ("NT AUTHORITY\\INTERACTIVE", "Interaktiv", "Interactif"),
    "S-1-5-7": ("NT AUTHORITY\\ANONYMOUS LOGON", "Anonymous-Anmeldung"),
}
"""Names of built-in accounts, that of English Windows first."""

_EVERYBODY = {
    "S-1-1-0": "every account, those of guests too",
    "S-1-5-2": "everybody who comes over the network",
    "S-1-5-4": "everybody who is logged on at this machine",
    "S-1-5-7": "everybody, without logging on",
    "S-1-5-11": "everybody who has logged on, with any account of the domain",
    "S-1-5-32-545": "every user of this machine, with any account of the domain",
    "S-1-5-32-546": "guests, who need no password",
    "513": "every user of the domain",
    "514": "every guest of the domain",
    "515": "every computer of the domain",
}
"""Whom groups let in that are nearly everybody: by security identifier, those of a
domain by the last number of theirs (Microsoft, "Well-known SIDs")."""

_OF_A_DOMAIN = {
    **dict.fromkeys(
        ("domain users", "domänen-benutzer", "utilisateurs du domaine"), "513"
    ),
    **dict.fromkeys(("utilisa. du domaine", "usuarios del dominio"), "513"),
    **dict.fromkeys(("domain guests", "domänen-gäste", "invités du domaine"), "514"),
    **dict.fromkeys(("domain computers", "domänencomputer"), "515"),
}
_DOMAIN_SID = re.compile(r"S-1-5-21(?:-\d+){3}-(51[345])")

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


def everybody_in(account: str) -> str:
    """Return whom a group lets in if that is nearly everybody, else an empty text.

    Args:
        account: its name in any language of Windows, or its security identifier.
    """
    account = account_meant(account)
    if found := _DOMAIN_SID.fullmatch(account):
        return _EVERYBODY[found[1]]
    name = account.rpartition("\\")[2].casefold()
    return _EVERYBODY.get(_OF_A_DOMAIN.get(name) or sid_of(account) or "", "")


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
