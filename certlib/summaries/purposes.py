"""Purposes: extended key usages, by the names that Windows shows."""

from __future__ import annotations

from certlib.summaries.parts import ANY_EXTENDED_KEY_USAGE, SERVER_AUTHENTICATION

NAMES = {
    SERVER_AUTHENTICATION: "Server Authentication",
    "1.3.6.1.5.5.7.3.2": "Client Authentication",
    "1.3.6.1.5.5.7.3.3": "Code Signing",
    "1.3.6.1.5.5.7.3.4": "Secure Email",
    "1.3.6.1.5.5.7.3.8": "Time Stamping",
    "1.3.6.1.5.5.7.3.9": "OCSP Signing",
    "1.3.6.1.5.2.3.5": "KDC Authentication",
    "1.3.6.1.4.1.311.20.2.2": "Smart Card Logon",
    "1.3.6.1.4.1.311.10.3.4": "Encrypting File System",
    "1.3.6.1.4.1.311.54.1.2": "Remote Desktop Authentication",
    ANY_EXTENDED_KEY_USAGE: "Any Purpose",
}
"""By object identifier."""


def named(oid: str) -> str:
    """Return a purpose with its number behind: ``Server Authentication (1.3.6…)``."""
    return f"{NAMES.get(oid, 'Unknown Key Usage')} ({oid})"
