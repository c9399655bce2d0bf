"""Addresses of certificate stores, as PowerShell writes and Windows shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from certlib import texts
from certlib.errors import InputError


class StoreLocation(StrEnum):
    """Whose stores: those of the computer, or those of the user logged on."""

    LOCAL_MACHINE = "LocalMachine"
    CURRENT_USER = "CurrentUser"

    @property
    def display_name(self) -> str:
        """The name that Windows' dialogs show."""
        return "Local Machine" if self is self.LOCAL_MACHINE else "Current User"


TITLES = {
    "My": "Personal",
    "Root": "Trusted Root Certification Authorities",
    "Trust": "Enterprise Trust",
    "CA": "Intermediate Certification Authorities",
    "TrustedPublisher": "Trusted Publishers",
    "Disallowed": "Untrusted Certificates",
    "AuthRoot": "Third-Party Root Certification Authorities",
    "TrustedPeople": "Trusted People",
    "AddressBook": "Other People",
    "REQUEST": "Certificate Enrollment Requests",
}
"""Names of stores, and what the certificate manager calls them."""


@dataclass(frozen=True, order=True)
class StoreAddress:
    """Which store is meant, for example Local Machine > Personal."""

    location: StoreLocation
    name: str

    def __str__(self) -> str:
        return f"Cert:\\{self.location}\\{self.name}"

    @property
    def display_name(self) -> str:
        """The address as Windows' dialogs show it."""
        return f"{self.location.display_name} > {TITLES.get(self.name, self.name)}"

    def is_named(self, *names: str) -> bool:
        """Tell whether the store has one of these names, whosever it is."""
        return self.name.casefold() in map(str.casefold, names)

    @classmethod
    def parse(cls, text: str) -> StoreAddress:
        r"""Return the address that a text means.

        ``Cert:\LocalMachine\My``, ``LocalMachine/My`` and
        ``Local Machine > Personal`` are the same; case does not count.

        Raises:
            InputError: the text is none of these.
        """
        # As PowerShell shows it: Microsoft.PowerShell.Security\Certificate::…
        plain = re.sub(
            r"^(cert:[\\/]*|.*certificate::)",
            "",
            texts.pasted(text),
            flags=re.IGNORECASE,
        )
        parts = [part.strip() for part in re.split(r"[\\/>]+", plain) if part.strip()]
        locations = {
            w: loc for loc in StoreLocation for w in _spellings(loc, loc.display_name)
        }
        if len(parts) == 2 and (location := locations.get(parts[0].casefold())):
            known = {w: n for n, t in TITLES.items() for w in _spellings(n, t)}
            return cls(location, known.get(parts[1].casefold(), parts[1]))
        raise InputError(
            f"{text!r} is not the address of a certificate store",
            fix=r"write it as Cert:\LocalMachine\My",
        )


def entry_address(text: str) -> tuple[StoreAddress | None, str]:
    r"""Return the store in a certificate's path, and its thumbprint.

    ``Cert:\LocalMachine\My\2F3C…`` is such a path; a thumbprint alone has no store.

    Raises:
        InputError: it is the path of no store.
    """
    path, _, thumbprint = texts.pasted(text).replace("/", "\\").rpartition("\\")
    return (StoreAddress.parse(path) if path else None), thumbprint


def _spellings(*words: str) -> set[str]:
    return {word.casefold() for word in words}


PERSONAL = StoreAddress(StoreLocation.LOCAL_MACHINE, "My")
"""Local Machine > Personal, where the documents want the certificate."""

INTERMEDIATE = StoreAddress(StoreLocation.LOCAL_MACHINE, "CA")
"""Local Machine > Intermediate Certification Authorities."""

TRUSTED_ROOT = StoreAddress(StoreLocation.LOCAL_MACHINE, "Root")
"""Local Machine > Trusted Root Certification Authorities."""
