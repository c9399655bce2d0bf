r"""Twins: the same by hand, in PowerShell, with certutil and in the MMC.

Texts to read and to copy; nothing here is ever run. certutil is called from
PowerShell, so that both are quoted alike. Its stores of Local Machine need no
option, those of Current User ``-user``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PureWindowsPath

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import bundles, powershell, stores, texts, x500
from certlib.bundles import endings
from certlib.keys import PublicKey
from certlib.powershell import Raw, Value, quote
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
        _of_file("Import-Certificate", file_name, CertStoreLocation=str(address)),
        _certutil(address, "-addstore", address.name, _as_file(file_name)),
        f"{_folder(address)} > All Tasks > Import… > {file_name}, into this store",
    )


def import_pfx(
    address: StoreAddress,
    file_name: str,
    key: PublicKey,
    *,
    exportable: bool,
    include_root: bool = False,
) -> Twin:
    """Return how a file with a private key comes into a store.

    The passphrase is asked for. A file in PEM, which Windows does not import, is
    made a PFX file first.

    Args:
        address: the store.
        file_name: of the PFX or PEM file.
        key: the public half, on which the key's provider depends.
        exportable: whether it may be exported again.
        include_root: whether the root of its chain is to be trusted.
    """
    pfx, convert = _as_pfx(file_name)
    tick = "" if exportable else " not"
    return Twin(
        convert
        + _of_file(
            "Import-PfxCertificate",
            pfx,
            CertStoreLocation=str(address),
            Exportable=exportable,
            Password=powershell.ASK_PASSPHRASE,
        ),
        convert
        + _certutil(
            address,
            *("-importpfx", address.name, _as_file(pfx)),
            *_modifiers(key, exportable, include_root),
            provider=stores.key_provider(key),
        ),
        f"{_folder(address)} > All Tasks > Import… > {pfx}, its passphrase; do"
        f"{tick} tick 'Mark this key as exportable'; into this store",
        "Windows Server 2016 and older say 'The password you entered is incorrect' "
        "of a PFX file that is protected by AES-256, too. Have it exported again with "
        "TripleDES-SHA1.",
    )


def _of_file(cmdlet: str, file_name: str, **parameters: Value) -> str:
    """Return a command that reads a file, of exactly this name."""
    if not _WILD.intersection(file_name):
        return powershell.command(cmdlet, FilePath=file_name, **parameters)
    item = powershell.command("Get-Item", LiteralPath=file_name)
    return f"{item} | {powershell.command(cmdlet, **parameters)}"


_WILD = frozenset("[]*?`")
"""What PowerShell reads as a pattern where it takes some."""


def _modifiers(key: PublicKey, exportable: bool, include_root: bool) -> list[str]:
    """Return the modifiers of certutil -importpfx.

    AT_KEYEXCHANGE is a word of the older interface, which takes no EC keys.
    """
    wanted = {
        "AT_KEYEXCHANGE": not isinstance(key, ec.EllipticCurvePublicKey),
        "NoExport": not exportable,
        "NoRoot": not include_root,
    }
    said = ",".join(word for word, applies in wanted.items() if applies)
    return [said] if said else []


def _as_pfx(file_name: str) -> tuple[str, str]:
    """Return the PFX file to import, and the line that makes it if need be."""
    path = PureWindowsPath(file_name)
    if endings.format_of(path) == endings.PFX:
        return file_name, ""
    pfx = file_name.removesuffix(path.suffix) + ".pfx"
    made = f"openssl.exe pkcs12 -export -in {quote(_as_file(file_name))}"
    return pfx, f"{made} -out {quote(_as_file(pfx))}\n"


def import_issuer(address: StoreAddress, issuer: x509.Certificate) -> Twin:
    """Return how an issuer that comes along with another certificate is imported.

    It is written to a file first: the one that it came in holds others, too.
    """
    name = f"{bundles.thumbprint(issuer)}.cer"
    written = "\n".join(
        [
            "$issuer = "
            + powershell.command("Join-Path", Path=Raw("$env:TEMP"), ChildPath=name),
            powershell.command(
                "Set-Content",
                LiteralPath=Raw("$issuer"),
                Value=issuer.public_bytes(Encoding.PEM).decode().strip(),
            ),
        ]
    )
    command = powershell.command(
        "Import-Certificate",
        FilePath=Raw("$issuer"),
        CertStoreLocation=str(address),
    )
    subject = texts.shown(x500.x500(issuer.subject))
    return Twin(
        f"{written}\n{command}",
        f"{written}\n{_certutil(address, '-addstore', address.name)} $issuer",
        f"{_folder(address)}: drag {subject} here from where the import has put it",
    )


def listing(address: StoreAddress) -> Twin:
    """Return how a store is listed."""
    entries = powershell.command("Get-ChildItem", LiteralPath=str(address))
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
        powershell.command("Remove-Item", LiteralPath=path, DeleteKey=with_key),
        _certutil(entry.address, "-delstore", entry.address.name, entry.thumbprint),
        f"{_folder(entry.address)} > the certificate > Delete{behind}",
    )


def naming(entry: StoreEntry, name: str) -> Twin:
    """Return how a certificate is given another friendly name."""
    path = quote(f"{entry.address}\\{entry.thumbprint}")
    return Twin(
        f"(Get-Item -LiteralPath {path}).FriendlyName = {quote(name)}",
        "",
        f"{_folder(entry.address)} > the certificate > Properties > Friendly name",
    )


def grant(entry: StoreEntry, account: str) -> Twin:
    """Return how an account is let read a private key."""
    right = quote(f"{stores.for_icacls(account)}:(R)")
    return _rights(
        entry, f"/grant {right}", f"Add… > {account}: Read; {_where(account)}"
    )


def _where(account: str) -> str:
    """Return where Windows' dialog finds an account."""
    return {
        stores.AccountKind.VIRTUAL: "look for it on this computer (Locations…), and "
        "type its whole name",
        stores.AccountKind.MANAGED: "look for it in the domain, with Service Accounts "
        "among the Object Types…",
        stores.AccountKind.DOMAIN: "look for it in the domain (Locations…)",
    }.get(stores.kind_of(account), "look for it on this computer (Locations…)")


def revoke(entry: StoreEntry, account: str) -> Twin:
    """Return how this right is taken away."""
    name = quote(stores.for_icacls(account))
    return _rights(entry, f"/remove:g {name}", f"{account} > Remove")


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
        source, target = quote(_as_file(pfx)), quote(_as_file(file_name))
        convert = f"\nopenssl.exe pkcs12 -in {source} -out {target}"
        return Twin(
            command + (convert if as_pem else ""),
            _certutil(
                entry.address,
                *("-exportpfx", entry.address.name, entry.thumbprint, _as_file(pfx)),
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
    script = _KEY_FILE.format(
        path=quote(f"{entry.address}\\{entry.thumbprint}"),
        kind=_algorithm(entry.certificate.public_key()),
        root="APPDATA"
        if entry.address.location is StoreLocation.CURRENT_USER
        else "ProgramData",
        icacls=f"icacls.exe $file.FullName {change}".rstrip(),
    )
    return Twin(
        script,
        "",
        f"{_folder(entry.address)} > the certificate > All Tasks > Manage Private "
        f"Keys… > {clicks}",
    )


# RSACng names its file in another place than the older RSACryptoServiceProvider;
# the file lies in one of several folders below Crypto. Without a name every file
# would be found, so nothing is searched for then.
_KEY_FILE = """\
$certificate = Get-Item -LiteralPath {path}
$kind = [System.Security.Cryptography.X509Certificates.{kind}CertificateExtensions]
$key = if ($certificate) {{ $kind::Get{kind}PrivateKey($certificate) }}
$name = $key.Key.UniqueName
if (-not $name) {{ $name = $key.CspKeyContainerInfo.UniqueKeyContainerName }}
$crypto = Join-Path -Path $env:{root} -ChildPath 'Microsoft\\Crypto'
$file = if ($name) {{
    Get-ChildItem -LiteralPath $crypto -Filter $name -Recurse -Force
}}
if ($file -and @($file).Count -eq 1) {{
    {icacls}
}} else {{
    throw 'The file of the private key was not found; nothing has been changed.'
}}"""


def _as_file(name: str) -> str:
    r"""Return a file's name that a program does not take for an option."""
    return f".\\{name}" if name.startswith(("-", "/")) else name


def _algorithm(key: PublicKey) -> str:
    return "ECDsa" if isinstance(key, ec.EllipticCurvePublicKey) else "RSA"


def _certutil(
    address: StoreAddress, verb: str, *arguments: str, provider: str = ""
) -> str:
    user = ["-user"] if address.location is StoreLocation.CURRENT_USER else []
    csp = ["-csp", quote(provider)] if provider else []
    return " ".join(["certutil.exe", *user, *csp, verb, *map(quote, arguments)])


def _folder(address: StoreAddress) -> str:
    console = {
        StoreLocation.LOCAL_MACHINE: "certlm.msc",
        StoreLocation.CURRENT_USER: "certmgr.msc",
    }[address.location]
    title = stores.TITLES.get(address.name, address.name)
    return f"{console} > {title} > Certificates"
