"""Places for certificates: which store each kind belongs into, and where it may not.

Whatever lies in Trusted Root is trusted by every program for every name, so nothing
else than a root goes there unless somebody says that it is meant.
"""

from __future__ import annotations

from certlib import summaries
from certlib.bundles import Bundle, choosing
from certlib.errors import InputError
from certlib.importing.wish import Wish
from certlib.stores import INTERMEDIATE, PERSONAL, TRUSTED_ROOT, StoreAddress
from certlib.trust import chains


def refuse(bundle: Bundle, wish: Wish) -> None:
    """Refuse what is not to go into a store.

    Args:
        bundle: what is imported.
        wish: the store for it, and what is meant although it looks odd.

    Raises:
        InputError: it has no private key and is for Personal, it is an authority's
            with its key, or it belongs into another store.
    """
    to = wish.to
    authority = choosing.is_authority(summaries.of_certificate(bundle.leaf))
    if bundle.private_key is not None and authority and not wish.ca_key:
        raise InputError(
            f"{bundle.subject} is a certification authority, and its private key "
            "would come onto this machine with it",
            fix="give the file of the server's certificate; or say that the key of "
            "the authority is meant",
            parameter="ca-key",
        )
    is_root = chains.is_self_signed(bundle.leaf)
    if to.name == PERSONAL.name and bundle.private_key is None:
        raise _without_key(bundle, to, authority=authority, is_root=is_root)
    if wish.anyway:
        return
    if to.name == TRUSTED_ROOT.name and bundle.private_key is not None:
        raise _belongs(bundle, PERSONAL, to, "with its private key it is a server's")
    if to.name == TRUSTED_ROOT.name and not is_root:
        meant = INTERMEDIATE if authority else PERSONAL
        raise _belongs(bundle, meant, to, "it is no root: another authority signed it")
    if to.name == INTERMEDIATE.name and is_root:
        raise _belongs(bundle, TRUSTED_ROOT, to, "it is a root, and untrusted there")


def _without_key(
    bundle: Bundle, to: StoreAddress, *, authority: bool, is_root: bool
) -> InputError:
    if authority:
        meant = _at(to, TRUSTED_ROOT if is_root else INTERMEDIATE)
        return InputError(
            f"{bundle.subject} is a certification authority, and no server's "
            "certificate for Personal",
            fix=f"it goes to {meant.display_name}: --to '{meant}'",
        )
    return InputError(
        f"{bundle.subject} comes without its private key, so no server can use it",
        fix="import the PFX file; for the answer to a signing request, join it "
        "with its key first (2-requesting), or run `certreq -accept`",
    )


def _belongs(
    bundle: Bundle, meant: StoreAddress, to: StoreAddress, why: str
) -> InputError:
    meant = _at(to, meant)
    return InputError(
        f"{bundle.subject} does not belong into {to.display_name}: {why}",
        fix=f"import it into {meant.display_name} (--to '{meant}'); or say that it "
        "goes there all the same",
        parameter="anyway",
    )


def _at(to: StoreAddress, meant: StoreAddress) -> StoreAddress:
    return StoreAddress(to.location, meant.name)
