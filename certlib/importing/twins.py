r"""Twins: the same by hand, in PowerShell, with certutil and in the MMC.

Texts to read and to copy; nothing here is ever run. certutil is called from
PowerShell, so that both are quoted alike. Its stores of Local Machine need no
option, those of Current User ``-user``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PureWindowsPath

from cryptography.hazmat.primitives.asymmetric import ec

from certlib import powershell, stores
from certlib.bundles import endings
from certlib.keys import PublicKey
from certlib.powershell import Raw, quote
from certlib.stores import StoreAddress, StoreEntry, StoreLocation


@dataclass(frozen=True)
class Twin:
    """How to do a thing without certlib.

    Attributes:
        powershell: commands for an elevated PowerShell.
        certutil: the same with Windows' own certutil, empty where it cannot.
        mmc: where to click.
        trap: what goes wrong easily, or empty.
    """

    powershell: str
    certutil: str
    mmc: str
    trap: str = ""

    def __str__(self) -> str:
        parts = {
            "PowerShell": self.powershell,
            "certutil": self.certutil,
            "MMC": self.mmc,
            "Trap": self.trap,
        }
        return "\n\n".join(f"{name}:\n{text}" for name, text in parts.items() if text)


def joined(parts: Iterable[Twin]) -> Twin:
    """Return several steps as one."""
    columns = zip(
        *((t.powershell, t.certutil, t.mmc, t.trap) for t in parts), strict=True
    )
    return Twin(*("\n".join(filter(None, column)) for column in columns))


def import_certificate(address: StoreAddress, file_name: str) -> Twin:
    """Return how a certificate without a key comes into a store."""
    return Twin(
        powershell.command(
            "Import-Certificate", FilePath=file_name, CertStoreLocation=str(address)
        ),
        _certutil(address, "-addstore", address.name, file_name),
        f"{_folder(address)} > All Tasks > Import… > {file_name}, into this store",
    )


def import_pfx(address: StoreAddress, file_name: str, *, exportable: bool) -> Twin:
    """Return how a PFX file comes into a store; the passphrase is asked for."""
    modifiers = "AT_KEYEXCHANGE" if exportable else "AT_KEYEXCHANGE,NoExport"
    tick = "" if exportable else " not"
    return Twin(
        powershell.command(
            "Import-PfxCertificate",
            FilePath=file_name,
            CertStoreLocation=str(address),
            Exportable=exportable,
            Password=powershell.ASK_PASSPHRASE,
        ),
        _certutil(address, "-importpfx", address.name, file_name, modifiers),
        f"{_folder(address)} > All Tasks > Import… > {file_name}, its passphrase; do"
        f"{tick} tick 'Mark this key as exportable'; into this store",
        "Windows Server 2016 and older say 'The password you entered is incorrect' "
        "of a PFX file that is protected by AES-256, too. Have it exported again with "
        "TripleDES-SHA1.",
    )


def listing(address: StoreAddress) -> Twin:
    """Return how a store is listed."""
    entries = powershell.command("Get-ChildItem", Path=str(address))
    columns = powershell.command(
        "Select-Object",
        Property=("Thumbprint", "Subject", "NotAfter", "HasPrivateKey"),
    )
    return Twin(
        f"{entries} |\n    {columns}",
        _certutil(address, "-store", address.name),
        _folder(address),
    )


def removal(entry: StoreEntry, *, with_key: bool) -> Twin:
    """Return how a certificate is removed.

    certutil and the MMC leave the private key behind.
    """
    path = f"{entry.address}\\{entry.thumbprint}"
    behind = "; the private key stays on the disk" if with_key else ""
    return Twin(
        powershell.command("Remove-Item", Path=path, DeleteKey=with_key),
        _certutil(entry.address, "-delstore", entry.address.name, entry.thumbprint),
        f"{_folder(entry.address)} > the certificate > Delete{behind}",
    )


def grant(entry: StoreEntry, account: str) -> Twin:
    """Return how an account is let read a private key."""
    return _rights(
        entry, f"/grant {quote(f'{account}:(R)')}", f"Add… > {account}: Read"
    )


def revoke(entry: StoreEntry, account: str) -> Twin:
    """Return how this right is taken away."""
    return _rights(entry, f"/remove:g {quote(account)}", f"{account} > Remove")


def readers(entry: StoreEntry) -> Twin:
    """Return how the accounts are listed that may read a private key."""
    return _rights(entry, "", "the list at the top")


def export(entry: StoreEntry, file_name: str, *, protection: str = "") -> Twin:
    """Return how a certificate is exported, into a file of its ending.

    Args:
        entry: the certificate.
        file_name: ``.pfx`` takes the private key along; ``.cer``, ``.p7b`` not.
            ``.pem`` takes it along, too, which Windows can only do by way of a
            PFX file that OpenSSL turns into one.
        protection: of a PFX file, as Export-PfxCertificate calls it.
    """
    path = f"{entry.address}\\{entry.thumbprint}"
    kind = endings.format_of(PureWindowsPath(file_name))
    clicks = f"{_folder(entry.address)} > the certificate > All Tasks > Export…"
    if kind in (endings.PFX, endings.PEM):
        as_pem = kind == endings.PEM
        pfx = f"{file_name[:-4]}.pfx" if as_pem else file_name
        command = powershell.command(
            "Export-PfxCertificate",
            Cert=path,
            FilePath=pfx,
            Password=powershell.ASK_PASSPHRASE,
            CryptoAlgorithmOption=protection,
        )
        convert = f"\nopenssl.exe pkcs12 -in {quote(pfx)} -out {quote(file_name)}"
        return Twin(
            command + (convert if as_pem else ""),
            _certutil(
                entry.address,
                *("-exportpfx", entry.address.name, entry.thumbprint, pfx),
            ),
            f"{clicks} > Yes, export the private key",
        )
    return Twin(
        powershell.command(
            "Export-Certificate",
            Cert=path,
            FilePath=file_name,
            Type=Raw("P7B" if kind == endings.P7B else "CERT"),
        ),
        "",
        f"{clicks} > No, do not export the private key",
    )


def _rights(entry: StoreEntry, change: str, clicks: str) -> Twin:
    file = _KEY_FILE.format(
        path=quote(f"{entry.address}\\{entry.thumbprint}"),
        kind=_algorithm(entry.certificate.public_key()),
        root="APPDATA"
        if entry.address.location is StoreLocation.CURRENT_USER
        else "ProgramData",
    )
    return Twin(
        f"{file}\nicacls.exe $file.FullName {change}".rstrip(),
        "",
        f"{_folder(entry.address)} > the certificate > All Tasks > Manage Private "
        f"Keys… > {clicks}; look for accounts on this computer, not in the domain",
    )


# RSACng names its file in another place than the older RSACryptoServiceProvider;
# the file lies in one of several folders below Crypto.
_KEY_FILE = """\
$certificate = Get-Item -Path {path}
$kind = [System.Security.Cryptography.X509Certificates.{kind}CertificateExtensions]
$key = $kind::Get{kind}PrivateKey($certificate)
$name = $key.Key.UniqueName
if (-not $name) {{ $name = $key.CspKeyContainerInfo.UniqueKeyContainerName }}
$crypto = Join-Path -Path $env:{root} -ChildPath 'Microsoft\\Crypto'
$file = Get-ChildItem -Path $crypto -Filter $name -Recurse -Force |
    Select-Object -First 1"""


def _algorithm(key: PublicKey) -> str:
    return "ECDsa" if isinstance(key, ec.EllipticCurvePublicKey) else "RSA"


def _certutil(address: StoreAddress, verb: str, *arguments: str) -> str:
    user = ["-user"] if address.location is StoreLocation.CURRENT_USER else []
    return " ".join(["certutil.exe", *user, verb, *map(quote, arguments)])


def _folder(address: StoreAddress) -> str:
    console = {
        StoreLocation.LOCAL_MACHINE: "certlm.msc",
        StoreLocation.CURRENT_USER: "certmgr.msc",
    }[address.location]
    title = stores.TITLES.get(address.name, address.name)
    return f"{console} > {title} > Certificates"
