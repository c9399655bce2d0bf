"""Foreign: files of kinds that are not read, by name, and what converts them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

from certlib.errors import EncodingError


@dataclass(frozen=True)
class Foreign:
    """A kind of file that is not read.

    Attributes:
        name: what it is called.
        fix: what turns it into one that is read; ``{file}`` is its name.
    """

    name: str
    fix: str


_KEYTOOL = (
    "convert it: keytool -importkeystore -srckeystore {file}%s "
    "-destkeystore new.p12 -deststoretype PKCS12"
)
_ATTACHMENT = "open it, and save what is attached as a file of its own"
_UNPACK = "unpack it first; in PowerShell: Expand-Archive -LiteralPath {file}"

JKS = Foreign("a Java keystore (JKS)", _KEYTOOL % "")
OPENSSH_KEY = Foreign(
    "a private key of OpenSSH, in its own format",
    "convert a copy of it: ssh-keygen -p -m PKCS8 -f {file}",
)
_SSH_PUBLIC_KEY = Foreign(
    "a public key of OpenSSH, which is no certificate",
    "give the certificate; the key alone converts with: "
    "ssh-keygen -e -m PKCS8 -f {file}",
)
_PUTTY_KEY = Foreign(
    "a private key of PuTTY (PPK)",
    "convert it: puttygen {file} -O private-openssh -o new.key, or in PuTTYgen: "
    "Conversions > Export OpenSSH key",
)
_PVK = Foreign(
    "a private key of Microsoft's old tools (PVK)",
    "convert it: openssl rsa -inform PVK -in {file} -out new.key",
)
_BLOB = Foreign(
    "a private key as a blob of CryptoAPI",
    "convert it: openssl rsa -inform MSBLOB -in {file} -out new.key",
)
_PGP = Foreign(
    "a text or key of PGP, which no TLS server can use",
    "decrypt it first if a certificate is in it: gpg --decrypt {file}; otherwise ask "
    "for an X.509 certificate",
)
_HTML = Foreign(
    "a web page (HTML)",
    "open it in a browser: often it is the page of a login; then download the "
    "certificate once more",
)
_NSS = Foreign(
    "a database (SQLite), such as NSS keeps certificates in",
    "export from it: pk12util -d sql:FOLDER -o new.p12 -n NICKNAME",
)
_SERIALIZED_STORE = Foreign(
    "a serialized certificate store of Windows (SST)",
    "take it apart: certutil -split -dump {file}",
)
_BKS = Foreign(
    "a keystore of Bouncy Castle (BKS)",
    _KEYTOOL % " -srcstoretype BKS -providerpath bcprov.jar "
    "-providerclass org.bouncycastle.jce.provider.BouncyCastleProvider",
)

_SHORTCUT = Foreign("a shortcut", "copy the file that it leads to")
_PICTURE = Foreign("a picture", "ask for the file itself, or copy its text")
_HEX = Foreign(
    "a certificate or key in hexadecimal digits",
    "convert it: certutil -decodehex {file} new.cer",
)

_BEGINNINGS = (
    (b"\xfe\xed\xfe\xed", JKS),
    (
        b"\xce\xce\xce\xce",
        Foreign("a Java keystore (JCEKS)", _KEYTOOL % " -srcstoretype JCEKS"),
    ),
    (b"\0\0\0\x01\0\0\0\x14", _BKS),
    (b"\0\0\0\x02\0\0\0\x14", _BKS),
    (b"\x1e\xf1\xb5\xb0", _PVK),
    (b"\x07\x02\0\0\0\xa4\0\0RSA2", _BLOB),
    (b"\x07\x02\0\0\0\x24\0\0RSA2", _BLOB),
    (b"SQLite format 3\0", _NSS),
    (b"\0\0\0\0CERT", _SERIALIZED_STORE),
    (b"PK\x03\x04", Foreign("a ZIP archive", _UNPACK)),
    (b"PK\x05\x06", Foreign("an empty ZIP archive", _UNPACK)),
    (
        b"\x1f\x8b",
        Foreign(
            "a file packed with gzip",
            "unpack it first: 7z x {file}, or gzip -dk {file}",
        ),
    ),
    (b"7z\xbc\xaf\x27\x1c", Foreign("an archive of 7-Zip", "unpack it first")),
    (b"Rar!\x1a\x07", Foreign("an archive of RAR", "unpack it first")),
    (b"\xd0\xcf\x11\xe0", Foreign("a mail of Outlook or an old document", _ATTACHMENT)),
    (b"MSCF", Foreign("a cabinet (CAB)", "unpack it first: expand {file} -F:* .")),
    (b"MZ", Foreign("a program", "ask for the certificate as a file of its own")),
    (b"\x4c\0\0\0\x01\x14\x02\0", _SHORTCUT),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"%PDF", Foreign("a document (PDF)", _ATTACHMENT)),
    (b"{\\rtf", Foreign("a document (RTF)", "save it as plain text")),
)

_TEXTS: tuple[tuple[re.Pattern[str], Foreign], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"(?:<!--[^>]{0,2000}-->\s*)?<(?:!doctype html|html|head|body)\b", _HTML),
        (r"PuTTY-User-Key-File-", _PUTTY_KEY),
        (r"(?:ssh-|ecdsa-sha2-|sk-)\S{3,40} AAAA", _SSH_PUBLIC_KEY),
        (
            r"(?:Return-Path|Received|Delivered-To|MIME-Version|From|Date|Subject): ",
            Foreign("a mail", _ATTACHMENT),
        ),
        (r"(?:[0-9a-f]{4,8}:?\s+)?30[ :-]?8[0-4](?:[ :-]{0,2}[0-9a-f]{2}){8}", _HEX),
        (
            r"apiVersion:",
            Foreign(
                "an object of Kubernetes",
                "take the certificate out: kubectl get secret NAME -o "
                "jsonpath='{.data.tls\\.crt}', and save what that says as a file",
            ),
        ),
        (
            r"[\[{][\s\"]",
            Foreign(
                "a text in JSON", "save the certificate in it as a file of its own"
            ),
        ),
        (r"\[InternetShortcut\]", _SHORTCUT),
        (
            r"<\?xml|<\w+(?:Key|KeyValue)>|<(?:\w+:)?X509",
            Foreign(
                "a text in XML",
                "save the certificate or key in it, such as stands behind "
                "<X509Certificate>, as a file of its own",
            ),
        ),
        (
            r"(?:dn|version|userCertificate(?:;binary)?)::? ",
            Foreign(
                "an excerpt of a directory (LDIF)",
                "save what stands behind userCertificate:: as a file of its own",
            ),
        ),
    )
)


def of_bytes(data: bytes) -> Foreign | None:
    """Return the kind of a file that is told by its first bytes."""
    if _is_pgp(data):
        return _PGP
    return next((kind for begin, kind in _BEGINNINGS if data.startswith(begin)), None)


def _is_pgp(data: bytes) -> bool:
    """Tell a key packet of RFC 4880, of old form and version 4, or its armour."""
    return data[:1] in (b"\x95", b"\x99") and data[3:4] == b"\x04"


def of_text(text: str) -> Foreign | None:
    """Return the kind of a text that has no PEM in it."""
    start = text[:5000].lstrip()
    return next((kind for pattern, kind in _TEXTS if pattern.match(start)), None)


def of_label(label: str) -> Foreign | None:
    """Return the kind of a block by what stands after its BEGIN."""
    known: tuple[tuple[Callable[[str], bool], Foreign], ...] = (
        (lambda one: one == "OPENSSH PRIVATE KEY", OPENSSH_KEY),
        (lambda one: one.startswith("SSH2 ENCRYPTED PRIVATE"), OPENSSH_KEY),
        (lambda one: one.startswith("SSH2 "), _SSH_PUBLIC_KEY),
        (lambda one: one.startswith("PGP "), _PGP),
    )
    return next((kind for is_it, kind in known if is_it(label)), None)


def refused(kind: Foreign, origin: str, data: bytes = b"") -> EncodingError:
    """Return the error for a file of a kind that is not read."""
    plain = re.fullmatch(r"\w[\w.-]*", origin) is not None
    return EncodingError(
        f"{origin} is {kind.name}{_members(data)}, which is not read here",
        fix=kind.fix.replace("{file}", origin if plain else "FILE"),
    )


def _members(data: bytes) -> str:
    """Return what an archive says about what is in it; nothing is unpacked."""
    if not data.startswith(b"PK"):
        return ""
    import zipfile  # loaded only where there is one

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return ""
    more = ", …" if len(names) > _SHOWN else ""
    return f" with {', '.join(name[:60] for name in names[:_SHOWN])}{more}"


_SHOWN = 5
"""Names of an archive's files that are told."""
