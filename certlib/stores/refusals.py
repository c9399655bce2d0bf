"""Refusals: what a certificate store says when it does not do a thing.

Every kind of store says the same, with Windows' own code.
"""

from __future__ import annotations

from certlib import keys
from certlib.bundles import Bundle
from certlib.errors import StoreError
from certlib.names.addresses import StoreAddress, StoreLocation


def not_in_store(
    thumbprint: str, address: StoreAddress, *, elsewhere: StoreAddress | None = None
) -> StoreError:
    """Return the error for a certificate that is not there.

    Args:
        thumbprint: of the certificate.
        address: of the store.
        elsewhere: where it lies instead.
    """
    if elsewhere is not None and address.location is StoreLocation.LOCAL_MACHINE:
        return StoreError(
            f"the certificate {thumbprint} is not in {address.display_name} but in "
            f"{elsewhere.display_name}, where a Windows service cannot see it",
            fix="import its PFX file again, and choose Local Machine",
            code=0x80092004,  # CRYPT_E_NOT_FOUND
        )
    return StoreError(
        f"there is no certificate {thumbprint} in {address.display_name}",
        fix="look it up in the list of that store; Current User and Local Machine "
        "are different stores",
        code=0x80092004,  # CRYPT_E_NOT_FOUND
    )


def already_in_store(thumbprint: str, address: StoreAddress) -> StoreError:
    """Return the error for a certificate that is there already."""
    return StoreError(
        f"the certificate {thumbprint} is already in {address.display_name}",
        fix="nothing needs to be done; to import it afresh, remove it first",
        code=0x80092005,  # CRYPT_E_EXISTS
    )


def no_private_key(thumbprint: str, address: StoreAddress) -> StoreError:
    """Return the error for a certificate whose private key is not there."""
    return StoreError(
        f"the certificate {thumbprint} in {address.display_name} has no private key",
        fix="import the PFX file, or run `certreq -accept` on the machine that made "
        "the request",
        code=0x8009200B,  # CRYPT_E_NO_KEY_PROPERTY
    )


def not_exportable(thumbprint: str) -> StoreError:
    """Return the error for a private key that may not leave the machine."""
    return StoreError(
        f"the private key of {thumbprint} may not leave this machine",
        fix="use the PFX file that it was imported from, or ask for a new certificate",
        code=0x8009000B,  # NTE_BAD_KEY_STATE
    )


def no_right(thumbprint: str, account: str, readers: list[str]) -> StoreError:
    """Return the error for an account whose right is to be taken, and has none."""
    return StoreError(
        f"{account} has no right of its own on the key of {thumbprint}",
        fix="take one of " + ", ".join(readers),
    )


def needed_by_every_key(account: str) -> StoreError:
    """Return the error for one of the two accounts that no key can be without."""
    return StoreError(
        f"{account} needs its right: without SYSTEM and Administrators nobody could "
        "manage the key any more",
        fix="leave it; take the right of another account",
    )


def read_only(address: StoreAddress, code: int | None = None) -> StoreError:
    """Return the error for a change in a store that was opened for reading."""
    return StoreError(
        f"{address.display_name} was opened for reading only",
        fix="open the machine without read_only to change it",
        code=code,
    )


class ElevationError(StoreError):
    """The account has not the rights that a store demands.

    Args:
        address: of the store.
        code: of Windows.
        twin: the PowerShell that an administrator can run instead.
    """

    def __init__(
        self, address: StoreAddress, code: int | None = None, *, twin: str = ""
    ) -> None:
        fix = "start PowerShell, and Jupyter in it, with 'Run as administrator'"
        if twin:
            fix += f"; or let an administrator run there:\n{twin}"
        super().__init__(
            f"{address.location.display_name} needs an elevated session: Windows "
            f"refused access to {address.display_name}"
            if address.location is StoreLocation.LOCAL_MACHINE
            else f"Windows refused access to {address.display_name}",
            fix=fix,
            code=code,
        )
        self.address = address


def no_such_store(address: StoreAddress, known: list[StoreAddress]) -> StoreError:
    """Return the error for an address at which there is no store."""
    return StoreError(
        f"there is no certificate store {address}",
        fix="take one of " + ", ".join(map(str, known)),
        code=2,  # ERROR_FILE_NOT_FOUND
    )


def refuse_practice_key(bundle: Bundle) -> None:
    """Keep a private key that everybody has out of a real store.

    Raises:
        StoreError: the bundle's key is one of `keys.practice_key`.
    """
    if keys.is_practice_key(bundle.leaf.public_key()):
        raise StoreError(
            f"{bundle.subject} was made with a practice key, which is published "
            "with certlib: everybody has it",
            fix="create the certificate again without a fixed key",
        )
