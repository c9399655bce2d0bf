"""SNC: the certificate for encrypted connections to SAP, as a PSE file.

SAP's own program ``sapgenpse`` makes the PSE; no other one does. What is made
here is what it needs: a PFX, the issuers, and the commands for this bundle.
None of these commands was run here: the program comes from SAP.

Source: Theobald Software's knowledge base, "Enable SNC using PSE file"; SAP's
help page of sapgenpse.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from certlib import files, powershell, x500
from certlib.bundles import Bundle, PfxProtection
from certlib.errors import CertlibError, InputError
from certlib.integrating import service_accounts
from certlib.stores import StoreAddress, StoreLocation

USER_STORE = StoreAddress(StoreLocation.CURRENT_USER, "My")
"""Where the certificate of SNC goes: unlike that of the web server."""


@dataclass(frozen=True)
class SncFiles:
    """What was written for ``sapgenpse``.

    Attributes:
        pfx: leaf, key and chain.
        issuers: the chain as PEM; None if the certificate is self-signed.
        snc_name: how SAP names the owner, ``p:CN=...``.
        commands: for an ordinary prompt, under the account of the service.
    """

    pfx: Path
    issuers: Path | None
    snc_name: str
    commands: tuple[str, ...]


def snc_name(bundle: Bundle) -> str:
    """Return the SNC name of a certificate's owner: ``p:`` and its subject."""
    return f"p:{x500.x500(bundle.leaf.subject)}"


def write(
    bundle: Bundle,
    folder: Path,
    *,
    passphrase: str,
    account: str,
    name: str = "snc",
    protection: PfxProtection = PfxProtection.TRIPLE_DES,
) -> SncFiles:
    """Write what ``sapgenpse`` needs, and return the commands for it.

    Args:
        bundle: certificate, private key and chain.
        folder: for the files.
        passphrase: of the PFX, plain ASCII: the program reads it from a
            console, whose character set nobody knows.
        account: under which the service runs; it opens the PSE without a PIN.
        name: of the files.
        protection: 3DES unless told otherwise: every reader that was tried
            reads it, and how old a ``sapgenpse`` may be is not documented.

    Raises:
        InputError: the key is missing, the passphrase is empty or not ASCII,
            the account or the name cannot stand in a command, or a file
            exists already. Nothing is written then.
    """
    if bundle.private_key is None:
        raise InputError(
            f"{bundle.subject} comes without its private key, and a PSE needs it",
            fix="give the PFX file",
        )
    if not passphrase or not passphrase.isascii():
        raise InputError(
            "the passphrase for the PFX is empty or has characters beyond ASCII",
            fix="take letters, digits and signs of an English keyboard",
        )
    pfx = folder / f"{name}.p12"
    issuers = folder / f"{name}-issuers.pem" if bundle.chain else None
    asked = commands(f"{name}.p12", issuers.name if issuers else None, account)
    files.check_free(pfx)
    if issuers is not None:
        chain = b"".join(c.public_bytes(Encoding.PEM) for c in bundle.chain)
        # The same issuers are there if it was cut off before the PFX was written.
        if not issuers.exists() or files.read(issuers) != chain:
            files.write(issuers, chain)
    try:
        replace(bundle, friendly_name=name).write(
            pfx, passphrase=passphrase, protection=protection
        )
    except CertlibError:
        if issuers is not None:  # no half a result
            with contextlib.suppress(OSError):
                issuers.unlink(missing_ok=True)
        raise
    return SncFiles(pfx, issuers, snc_name(bundle), asked)


def commands(pfx: str, issuers: str | None, account: str) -> tuple[str, ...]:
    """Return the commands that make a PSE of a PFX; they ask for passphrases.

    Args:
        pfx: name of the PFX file.
        issuers: name of the file with its issuers, if there is one.
        account: of the service.

    Raises:
        InputError: the account is none, or a name cannot stand in a command.
    """
    stem = Path(pfx).stem
    pse = _word(f"{stem}.pse")
    root = f" -r {_word(issuers)}" if issuers else ""
    owner = _word(service_accounts.checked(account))
    return (
        f"sapgenpse.exe import_p12 -p {pse}{root} {_word(pfx)}",
        f"sapgenpse.exe seclogin -p {pse} -O {owner}",
        f"sapgenpse.exe export_own_cert -v -p {pse} -o {_word(f'{stem}.crt')}",
    )


def _word(text: str) -> str:
    """Return a text as one word for Windows' command prompt.

    Raises:
        InputError: no quotes help there against a character in it.
    """
    if not re.fullmatch(r'[^"%/\x00-\x1f\x7f]+', text) or text.startswith("-"):
        raise InputError(
            f"{text!r} cannot stand in a command for Windows' prompt",
            fix="take a name without quotes, % and /, which begins with no hyphen",
        )
    return text if re.fullmatch(r"[\w.\\-]+", text, re.ASCII) else f'"{text}"'


def user_store_twin(pfx: str) -> str:
    """Return the PowerShell that puts the PFX into the store of the user."""
    return powershell.command(
        "Import-PfxCertificate",
        FilePath=pfx,
        CertStoreLocation=str(USER_STORE),
        Password=powershell.ASK_PASSPHRASE,
    )
